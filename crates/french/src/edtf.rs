//! Dates in the Extended Date/Time Format (EDTF, ISO 8601-2): the part of levels 1 and 2 that dates in
//! French texts need.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day, month, season, year, decade or century, or an interval between two of them. The year of a
/// day or a month can be unspecified: `XXXX-09-10`.
///
/// ```
/// use french::edtf::Edtf;
///
/// let date: Edtf = "2020-04/2020-06".parse().unwrap();
/// assert_eq!(date, Edtf::month(2020, 4).unwrap().until(Edtf::month(2020, 6).unwrap()).unwrap());
/// assert_eq!(date.to_string(), "2020-04/2020-06");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edtf(Value);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Value {
    Point(Point),
    /// `None` for an open end, `..`. Not both ends are open.
    Interval(Option<Point>, Option<Point>),
}

/// One date without an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Point(Precision);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Precision {
    /// The first two digits of its years: `18XX`. Years before the year 0 are `negative`, which
    /// tells `-00XX` from `00XX`.
    Century {
        negative: bool,
        hundreds: u8,
    },
    /// The first three digits of its years: `199X`.
    Decade(u16),
    Year(i16),
    Season(i16, Season),
    Month(i16, i8),
    Day(Date),
    /// A month of a year that is not given: `XXXX-09`.
    MonthOfAYear(i8),
    /// Month and day of a year that is not given: `XXXX-09-10`.
    DayOfAYear(i8, i8),
}

/// Days of the longest February to those of December.
const DAYS: [i8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A season, with its code in EDTF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Season {
    /// `21`
    Spring = 21,
    /// `22`
    Summer = 22,
    /// `23`
    Autumn = 23,
    /// `24`
    Winter = 24,
}

impl Season {
    /// The month in which it begins in the northern hemisphere, 3, 6, 9 or 12.
    pub fn first_month(self) -> i8 {
        (self as i8 - 20) * 3
    }

    fn from_code(code: i8) -> Option<Self> {
        [Self::Spring, Self::Summer, Self::Autumn, Self::Winter]
            .into_iter()
            .find(|season| *season as i8 == code)
    }
}

/// Years that EDTF writes with four digits.
fn is_year(year: i16) -> bool {
    (-9999..=9999).contains(&year)
}

/// Constructors return `None` if the year has more than four digits or a part of the date is out
/// of range. There is a year 0: 1 BC.
impl Edtf {
    /// The century whose years begin with the digits `hundreds`: 18 for `18XX`, the 19th century.
    pub fn century(hundreds: u8) -> Option<Self> {
        Point::century(false, hundreds).map(Self::from)
    }

    /// The century before the year 0 whose years begin with the digits `hundreds`: 2 for `-02XX`.
    pub fn century_before_christ(hundreds: u8) -> Option<Self> {
        Point::century(true, hundreds).map(Self::from)
    }

    /// The decade whose years begin with the digits `tens`: 199 for `199X`.
    pub fn decade(tens: u16) -> Option<Self> {
        Point::decade(tens).map(Self::from)
    }

    /// A year. Returns `None` if it does not have at most four digits.
    pub fn year(year: i16) -> Option<Self> {
        Point::year(year).map(Self::from)
    }

    /// A season of a year. Returns `None` if the year does not have at most four digits.
    pub fn season(year: i16, season: Season) -> Option<Self> {
        Point::season(year, season).map(Self::from)
    }

    /// The month with this number, January being 1.
    pub fn month(year: i16, month: i8) -> Option<Self> {
        Point::month(year, month).map(Self::from)
    }

    /// The month of `date`.
    pub fn month_of(date: Date) -> Self {
        Point(Precision::Month(date.year(), date.month())).into()
    }

    /// A day.
    pub fn day(date: Date) -> Self {
        Point(Precision::Day(date)).into()
    }

    /// A month of a year that is not given, January being 1.
    pub fn month_of_a_year(month: i8) -> Option<Self> {
        Point::month_of_a_year(month).map(Self::from)
    }

    /// A day of a year that is not given. 29 February is one.
    pub fn day_of_a_year(month: i8, day: i8) -> Option<Self> {
        Point::day_of_a_year(month, day).map(Self::from)
    }

    /// The interval from this date to `end`; `None` if one of them is an interval.
    pub fn until(self, end: Self) -> Option<Self> {
        match (self.0, end.0) {
            (Value::Point(start), Value::Point(end)) => {
                Some(Self(Value::Interval(Some(start), Some(end))))
            }
            _ => None,
        }
    }

    /// The date itself, or the known ends of the interval.
    pub fn points(self) -> impl Iterator<Item = Point> {
        let (first, second) = match self.0 {
            Value::Point(point) => (Some(point), None),
            Value::Interval(start, end) => (start, end),
        };
        first.into_iter().chain(second)
    }

    /// The day, if it is one.
    pub fn as_day(self) -> Option<Date> {
        match self.0 {
            Value::Point(Point(Precision::Day(date))) => Some(date),
            _ => None,
        }
    }

    /// The year, if the date is in one that is given, or begins in it.
    pub fn first_year(self) -> Option<i16> {
        self.points().next()?.known_year()
    }

    /// Whether it is a day or month of a year that is not given, which has no place among other dates.
    pub fn is_of_no_year(self) -> bool {
        self.sort_key().0 == i16::MAX
    }

    /// Year, month and day to sort dates by; 0 for what is not given, so a year comes before its
    /// months and a month before its days. A season is sorted as its first month, an interval by
    /// its beginning, or by its end if the beginning is open. Dates of no year come last.
    pub fn sort_key(self) -> (i16, i8, i8) {
        let first = self.points().next();
        first.map_or((i16::MAX, 0, 0), Point::sort_key)
    }

    /// The first day that the date may be, or that the interval has. Returns `None` if the beginning is
    /// open.
    pub fn first_day(self) -> Option<Date> {
        match self.0 {
            Value::Point(point) => point.days().map(|(first, _)| first),
            Value::Interval(start, _) => start?.days().map(|(first, _)| first),
        }
    }

    /// The last day that the date may be, or that the interval has. Returns `None` if the end is open.
    pub fn last_day(self) -> Option<Date> {
        match self.0 {
            Value::Point(point) => point.days().map(|(_, last)| last),
            Value::Interval(_, end) => end?.days().map(|(_, last)| last),
        }
    }
}

impl From<Point> for Edtf {
    fn from(point: Point) -> Self {
        Self(Value::Point(point))
    }
}

impl Point {
    fn century(negative: bool, hundreds: u8) -> Option<Self> {
        (hundreds < 100).then_some(Self(Precision::Century { negative, hundreds }))
    }

    fn decade(tens: u16) -> Option<Self> {
        (tens < 1000).then_some(Self(Precision::Decade(tens)))
    }

    fn year(year: i16) -> Option<Self> {
        is_year(year).then_some(Self(Precision::Year(year)))
    }

    fn season(year: i16, season: Season) -> Option<Self> {
        is_year(year).then_some(Self(Precision::Season(year, season)))
    }

    fn month(year: i16, month: i8) -> Option<Self> {
        (is_year(year) && (1..=12).contains(&month)).then_some(Self(Precision::Month(year, month)))
    }

    fn month_of_a_year(month: i8) -> Option<Self> {
        (1..=12)
            .contains(&month)
            .then_some(Self(Precision::MonthOfAYear(month)))
    }

    fn day_of_a_year(month: i8, day: i8) -> Option<Self> {
        let days = DAYS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
        (1..=*days)
            .contains(&day)
            .then_some(Self(Precision::DayOfAYear(month, day)))
    }

    /// The year, if all its digits are given.
    pub fn known_year(self) -> Option<i16> {
        match self.0 {
            Precision::Century { .. }
            | Precision::Decade(_)
            | Precision::MonthOfAYear(_)
            | Precision::DayOfAYear(..) => None,
            Precision::Year(year) | Precision::Season(year, _) | Precision::Month(year, _) => {
                Some(year)
            }
            Precision::Day(date) => Some(date.year()),
        }
    }

    /// The month of a month or a day, January being 1.
    pub fn known_month(self) -> Option<i8> {
        match self.0 {
            Precision::Month(_, month)
            | Precision::MonthOfAYear(month)
            | Precision::DayOfAYear(month, _) => Some(month),
            Precision::Day(date) => Some(date.month()),
            _ => None,
        }
    }

    /// The day of the month, from 1.
    pub fn known_day(self) -> Option<i8> {
        match self.0 {
            Precision::Day(date) => Some(date.day()),
            Precision::DayOfAYear(_, day) => Some(day),
            _ => None,
        }
    }

    /// The first and the last day that it may be, if its year is known. A season has three whole months; the winter of a year
    /// begins in its December.
    fn days(self) -> Option<(Date, Date)> {
        let months = |(first_year, first): (i16, i8), (last_year, last): (i16, i8)| {
            let first = Date::new(first_year, first, 1).ok()?;
            let last = Date::new(last_year, last, 1).ok()?.last_of_month();
            Some((first, last))
        };
        let years = |first: i16, last: i16| months((first, 1), (last, 12));
        match self.0 {
            Precision::Century { negative, hundreds } => match 100 * i16::from(hundreds) {
                first if negative => years(-first - 99, -first),
                first => years(first, first + 99),
            },
            Precision::Decade(tens) => years(10 * tens as i16, 10 * tens as i16 + 9),
            Precision::Year(year) => years(year, year),
            Precision::Season(year, Season::Winter) => months((year, 12), (year + 1, 2)),
            Precision::Season(year, season) => {
                let first = season.first_month();
                months((year, first), (year, first + 2))
            }
            Precision::Month(year, month) => months((year, month), (year, month)),
            Precision::Day(date) => Some((date, date)),
            Precision::MonthOfAYear(_) | Precision::DayOfAYear(..) => None,
        }
    }

    fn sort_key(self) -> (i16, i8, i8) {
        match self.0 {
            Precision::Century { negative, hundreds } => {
                let year = 100 * i16::from(hundreds);
                (if negative { -year } else { year }, 0, 0)
            }
            Precision::Decade(tens) => (10 * tens as i16, 0, 0),
            Precision::Year(year) => (year, 0, 0),
            Precision::Season(year, season) => (year, season.first_month(), 0),
            Precision::Month(year, month) => (year, month, 0),
            Precision::Day(date) => (date.year(), date.month(), date.day()),
            Precision::MonthOfAYear(month) => (i16::MAX, month, 0),
            Precision::DayOfAYear(month, day) => (i16::MAX, month, day),
        }
    }
}

impl fmt::Display for Edtf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |end: Option<Point>| end.map_or_else(|| "..".to_owned(), |end| end.to_string());
        match self.0 {
            Value::Point(point) => point.fmt(f),
            Value::Interval(first, last) => write!(f, "{}/{}", end(first), end(last)),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.known_year() {
            let sign = if year < 0 { "-" } else { "" };
            write!(f, "{sign}{:04}", year.unsigned_abs())?;
        }
        match self.0 {
            Precision::Century { negative, hundreds } => {
                let sign = if negative { "-" } else { "" };
                write!(f, "{sign}{hundreds:02}XX")
            }
            Precision::Decade(tens) => write!(f, "{tens:03}X"),
            Precision::Year(_) => Ok(()),
            Precision::Season(_, season) => write!(f, "-{}", season as i8),
            Precision::Month(_, month) => write!(f, "-{month:02}"),
            Precision::Day(date) => write!(f, "-{:02}-{:02}", date.month(), date.day()),
            Precision::MonthOfAYear(month) => write!(f, "XXXX-{month:02}"),
            Precision::DayOfAYear(month, day) => write!(f, "XXXX-{month:02}-{day:02}"),
        }
    }
}

/// The error for text that is not a supported EDTF date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    text: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a date in EDTF", self.text)
    }
}

impl std::error::Error for ParseError {}

impl FromStr for Edtf {
    type Err = ParseError;

    /// # Errors
    ///
    /// If `text` is not EDTF, or uses something [`Edtf`] does not support: a time, a qualifier (`?`, `~`,
    /// `%`), or a year of more than four digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = match text.split_once('/') {
            None => parse_point(text).map(Value::Point),
            Some((start, end)) => parse_interval(start, end),
        };
        value.map(Self).ok_or_else(|| ParseError {
            text: text.to_owned(),
        })
    }
}

fn parse_interval(start: &str, end: &str) -> Option<Value> {
    let parse = |end: &str| match end {
        ".." => Some(None),
        end => parse_point(end).map(Some),
    };
    let (start, end) = (parse(start)?, parse(end)?);
    (start.is_some() || end.is_some()).then_some(Value::Interval(start, end))
}

fn parse_point(text: &str) -> Option<Point> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if let Some(rest) = text.strip_prefix("XXXX-").filter(|_| !negative) {
        return match rest.split_once('-') {
            None => Point::month_of_a_year(digits(rest, 2)? as i8),
            Some((month, day)) => {
                Point::day_of_a_year(digits(month, 2)? as i8, digits(day, 2)? as i8)
            }
        };
    }
    if let Some(leading) = text.strip_suffix("XX") {
        return Point::century(negative, digits(leading, 2)?.try_into().ok()?);
    }
    if let Some(leading) = text.strip_suffix('X').filter(|_| !negative) {
        return Point::decade(digits(leading, 3)?.try_into().ok()?);
    }
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    if negative && year == 0 {
        return None;
    }
    let year = if negative { -year } else { year };
    let mut part = || match parts.next() {
        None => Some(None),
        Some(part) => Some(Some(digits(part, 2)? as i8)),
    };
    match (part()?, part()?, part()?) {
        (None, ..) => Point::year(year),
        (Some(month), None, _) => match Season::from_code(month) {
            Some(season) => Point::season(year, season),
            None => Point::month(year, month),
        },
        (Some(month), Some(day), None) => {
            let date = Date::new(year, month, day).ok()?;
            Some(Point(Precision::Day(date)))
        }
        _ => None,
    }
}

/// The value of a text of exactly `count` digits, at most four.
fn digits(text: &str, count: usize) -> Option<i16> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

impl Serialize for Edtf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Edtf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Edtf {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Edtf".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Edtf {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn dates_of_every_kind_stand_in_order() {
        let ordered = [
            "-02XX",
            "-0044-03-15",
            "0000",
            "19XX",
            "198X",
            "1984",
            "../2010",
            "2019-12/2020-01",
            "2020",
            "2020-01",
            "2020-01-31",
            "2020-21",
            "2020-04-02",
            "2020-22/..",
            "2020-07-01",
            "XXXX-02",
            "XXXX-02-29",
        ];
        let keys: Vec<_> = ordered.iter().map(|text| parse(text).sort_key()).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }

    #[test]
    fn a_date_has_a_first_and_a_last_day() {
        for (text, first, last) in [
            ("2020-02-03", Some("2020-02-03"), Some("2020-02-03")),
            ("2020-02", Some("2020-02-01"), Some("2020-02-29")),
            ("2020-22", Some("2020-06-01"), Some("2020-08-31")),
            ("2020-24", Some("2020-12-01"), Some("2021-02-28")),
            ("2020", Some("2020-01-01"), Some("2020-12-31")),
            ("199X", Some("1990-01-01"), Some("1999-12-31")),
            ("18XX", Some("1800-01-01"), Some("1899-12-31")),
            ("2019-12/2020-01", Some("2019-12-01"), Some("2020-01-31")),
            ("2019/..", Some("2019-01-01"), None),
            ("../2019-05", None, Some("2019-05-31")),
            // There is no such winter's end.
            ("9999-24", None, None),
        ] {
            let day = |day: Option<Date>| day.map(|day| day.to_string());
            let days = (day(parse(text).first_day()), day(parse(text).last_day()));
            assert_eq!(
                days,
                (first.map(str::to_owned), last.map(str::to_owned)),
                "{text}"
            );
        }
        let years = |text: &str| {
            let date = parse(text);
            [date.first_day(), date.last_day()].map(|day| day.map(Date::year))
        };
        assert_eq!(years("-02XX"), [Some(-299), Some(-200)]);
        assert_eq!(years("-99XX"), [Some(-9999), Some(-9900)]);
    }

    #[test]
    fn what_is_no_date_is_rejected() {
        for text in [
            "",
            "/",
            "..",
            "../..",
            "-",
            "é",
            "20é",
            "X",
            "XX",
            "-/-",
            "201",
            "20100",
            "+201",
            "-0000",
            "-004X",
            "2020-é",
            "2020-13",
            "2020-25",
            "2020-1",
            "2020-XX",
            "XXXX",
            "XXXX-00",
            "XXXX-02-30",
            "-XXXX-02",
            "2021-02-29",
            "2020-21-01",
            "2020-01-01-01",
            "2020?",
            "Y17000",
            "2020/2021/2022",
            "2020/",
            "2020-01-01T10:00:00Z",
        ] {
            assert_eq!(text.parse::<Edtf>().ok(), None, "{text}");
        }
        assert_eq!(
            "2020-13".parse::<Edtf>().unwrap_err().to_string(),
            "`2020-13` is not a date in EDTF"
        );
    }

    #[test]
    fn parts_out_of_range_make_no_date() {
        assert_eq!(Edtf::year(10_000), None);
        assert_eq!(Edtf::month(2020, 13), None);
        assert_eq!(Edtf::decade(1000), None);
        assert_eq!(Edtf::century(100), None);
        let years = parse("2015/2018");
        assert_eq!(years.until(parse("2020")), None);
    }

    #[test]
    fn points_have_the_parts_that_are_given() {
        let parts = |text| -> Vec<_> {
            (parse(text).points())
                .map(|point| (point.known_year(), point.known_month(), point.known_day()))
                .collect()
        };
        assert_eq!(parts("2020-06-30"), [(Some(2020), Some(6), Some(30))]);
        assert_eq!(parts("2020-22/.."), [(Some(2020), None, None)]);
        assert_eq!(
            parts("199X/2020-04"),
            [(None, None, None), (Some(2020), Some(4), None)]
        );
    }

    #[test]
    fn json_has_the_text() {
        let date = parse("2020-06-30");
        assert_eq!(serde_json::to_string(&date).unwrap(), r#""2020-06-30""#);
        assert_eq!(
            serde_json::from_str::<Edtf>(r#""2020-06-30""#).unwrap(),
            date
        );
        assert!(serde_json::from_str::<Edtf>(r#""some day""#).is_err());
    }

    fn points() -> impl Strategy<Value = Point> {
        let year = || -9999..=9999i16;
        let season = prop_oneof![
            Just(Season::Spring),
            Just(Season::Summer),
            Just(Season::Autumn),
            Just(Season::Winter),
        ];
        prop_oneof![
            (any::<bool>(), 0..100u8).prop_filter_map("a century", |(negative, hundreds)| {
                Point::century(negative, hundreds)
            }),
            (0..1000u16).prop_filter_map("a decade", Point::decade),
            year().prop_filter_map("a year", Point::year),
            (year(), season).prop_filter_map("a season", |(year, it)| Point::season(year, it)),
            (year(), 1..=12i8).prop_filter_map("a month", |(year, it)| Point::month(year, it)),
            (1..=12i8).prop_filter_map("a month", Point::month_of_a_year),
            (1..=12i8, 1..=31i8)
                .prop_filter_map("a day", |(month, day)| Point::day_of_a_year(month, day)),
            (year(), 1..=12i8, 1..=31i8).prop_filter_map("a day", |(year, month, day)| {
                let date = Date::new(year, month, day).ok()?;
                Some(Point(Precision::Day(date)))
            }),
        ]
    }

    fn dates() -> impl Strategy<Value = Edtf> {
        let end = || proptest::option::of(points());
        prop_oneof![
            points().prop_map(Edtf::from),
            (end(), end()).prop_filter_map("an end", |ends| match ends {
                (None, None) => None,
                (start, end) => Some(Edtf(Value::Interval(start, end))),
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_date_is_read_as_it_is_written(date in dates()) {
            prop_assert_eq!(date.to_string().parse(), Ok(date));
        }

        #[test]
        fn a_text_is_written_as_it_is_read(text in "-?([0-9X]{4}|XXXX)(-[0-9]{2}){0,2}(/(\\.\\.|-?[0-9]{3}[0-9X]))?") {
            if let Ok(date) = text.parse::<Edtf>() {
                prop_assert_eq!(date.to_string(), text);
            }
        }
    }
}
