//! Dates that a field states: a metadata element, a row of a collection, a file name. One reader for
//! all formats.

use std::sync::LazyLock;

use french::calendar;
use jiff::civil::{Date, DateTime};
use jiff::tz;
use jiff::{Span, Timestamp};
use regex::Regex;
use serde_json::Value;

use super::head_line;

/// Years that a publication date can have.
const YEARS: std::ops::RangeInclusive<i16> = 1600..=2199;

/// The day that `text` states in whole: ISO 8601, RFC 2822, seconds or milliseconds since 1970, or
/// French in words or figures. The day is the one that is written: time zones are not applied.
/// Seconds since 1970 are the day in France.
pub(crate) fn stated(text: &str) -> Option<Date> {
    let text = text.trim();
    // Pages without a date state that of an empty field: 1970, or the year 1.
    let is_real =
        |date: &Date| YEARS.contains(&date.year()) && *date != jiff::civil::date(1970, 1, 1);
    iso_date(text)
        .or_else(|| of_digits(text))
        .or_else(|| in_english(text))
        .or_else(|| head_line(text)?.date.map(|(date, _)| date))
        .filter(is_real)
}

/// The day that a JSON value states.
pub(crate) fn stated_in(value: &Value) -> Option<Date> {
    match value {
        Value::String(text) => stated(text),
        Value::Number(number) => stated(&number.to_string()),
        // As databases write dates: `{"$date": "2024-03-12T06:30:00Z"}`.
        Value::Object(inner) => ["$date", "$numberLong", "value"]
            .iter()
            .find_map(|name| stated_in(inner.get(*name)?)),
        Value::Array(values) => values
            .iter()
            .filter(|value| value.is_string())
            .find_map(stated_in),
        _ => None,
    }
}

/// The day after so many since 1970-01-01.
pub(crate) fn date_of_day(days: i64) -> Option<Date> {
    let days = Span::new().try_days(days).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(days).ok()
}

/// The first date in `text`, which may say other things: a file name, a path, an address.
pub(crate) fn found_in(text: &str) -> Option<Date> {
    static DATES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)
            (?:^|\D)(?P<y>(?:1[89]|20)\d\d)[-_./]?(?P<m>0[1-9]|1[0-2])[-_./]?(?P<d>[0-2]\d|3[01])(?:\D|$)
            | (?:^|\D)(?P<d2>[0-2]?\d|3[01])[-_./](?P<m2>0?[1-9]|1[0-2])[-_./](?P<y2>(?:1[89]|20)\d\d)(?:\D|$)",
        )
        .expect("the pattern is valid")
    });
    DATES.captures_iter(text).find_map(|found| {
        let number = |name: &str, other: &str| -> Option<i16> {
            let found = found.name(name).or_else(|| found.name(other))?;
            found.as_str().parse().ok()
        };
        day(number("y", "y2")?, number("m", "m2")?, number("d", "d2")?)
    })
}

/// The day in France at a moment, as summer time is now.
pub(crate) fn day_in_france(seconds: i64) -> Option<Date> {
    let moment = Timestamp::from_second(seconds).ok()?;
    let utc = tz::offset(0).to_datetime(moment);
    let change = |month: i8| -> Option<DateTime> {
        let last = Date::new(utc.year(), month, 31).ok()?;
        let sunday = 31 - last.weekday().to_sunday_zero_offset();
        Some(Date::new(utc.year(), month, sunday).ok()?.at(1, 0, 0, 0))
    };
    let summer = change(3)? <= utc && utc < change(10)?;
    Some(
        tz::offset(if summer { 2 } else { 1 })
            .to_datetime(moment)
            .date(),
    )
}

/// The calendar day of an ISO 8601 date or date-time as written.
fn iso_date(text: &str) -> Option<Date> {
    static ISO: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(\d{4})(?:-(\d{2})-(\d{2})|/(\d{2})/(\d{2})|(\d{2})(\d{2}))(?:$|[Tt ]\d|\s*[,à]?\s+\d{1,2}\s?[h:]|Z$)",
        )
        .expect("the pattern is valid")
    });
    let found = ISO.captures(text)?;
    let numbers: Vec<i16> = found
        .iter()
        .skip(1)
        .flatten()
        .filter_map(|number| number.as_str().parse().ok())
        .collect();
    match numbers[..] {
        [year, month, date] => day(year, month, date),
        _ => None,
    }
}

/// Seconds or milliseconds since 1970, or a moment in figures alone (`20240312073000`).
fn of_digits(text: &str) -> Option<Date> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9..=10 => day_in_france(number),
        12..=13 => day_in_france(number / 1000),
        16 => day_in_france(number / 1_000_000),
        14 if fraction.is_empty() => iso_date(&whole[..8]),
        _ => None,
    }
}

/// A date in the English forms of programs: `Tue, 12 Mar 2024 07:30:00 +0100`, `March 12, 2024`,
/// `Tue Mar 12 07:30:00 2024`.
fn in_english(text: &str) -> Option<Date> {
    static FORMS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?xi)^(?:[a-z]{3,9}\.?,?\s+)??
            (?:
                (?P<d>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<m>[a-z]{3,9})\.?,?[\s-]+(?P<y>\d{4}|\d{2})
                | (?P<m2>[a-z]{3,9})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?
                    (?:,\s*|\s+(?:\d{1,2}:\d{2}(?::\d{2})?\s+(?:(?:[a-z]{3,4}|[+-]\d{4})\s+)?)?)(?P<y2>\d{4})
            )
            (?:$|[\s,].*$)",
        )
        .expect("the pattern is valid")
    });
    let found = FORMS.captures(text)?;
    let part = |name: &str, other: &str| found.name(name).or_else(|| found.name(other));
    let month = calendar::english_month(part("m", "m2")?.as_str())?;
    let year = part("y", "y2")?.as_str();
    let date: i16 = part("d", "d2")?.as_str().parse().ok()?;
    day(full_year(year)?, month.into(), date)
}

/// A year of two figures is one of this century, or of the last if that would be far ahead.
pub(super) fn full_year(year: &str) -> Option<i16> {
    let number: i16 = year.parse().ok()?;
    Some(match year.len() {
        2 if number < 70 => 2000 + number,
        2 => 1900 + number,
        _ => number,
    })
}

fn day(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    #[test]
    fn one_day_is_read_in_every_form_of_records() {
        for value in [
            json!(1_710_225_000),
            json!(1_710_225_000_000_i64),
            json!(1_710_225_000.5),
            json!("1710225000"),
            json!(20_240_312),
            json!("20240312"),
            json!("20240312T063000Z"),
            json!("2024-03-12 06:30:00+00:00"),
            json!("2024/03/12 06:30"),
            json!("Tue, 12 Mar 2024 07:30:00 +0100"),
            json!("12 Mar 2024"),
            json!("March 12, 2024"),
            json!("12 mars 2024 à 07h30"),
            json!("12/03/2024"),
            json!({"$date": "2024-03-12T06:30:00Z"}),
            json!({"$date": {"$numberLong": "1710225000000"}}),
            json!(["2024-03-12"]),
        ] {
            assert_eq!(stated_in(&value), Some(date(2024, 3, 12)), "{value}");
        }
    }

    #[test]
    fn what_is_no_date_of_a_record_gives_none() {
        for value in [
            json!(null),
            json!(2024),
            json!(0),
            json!(-1),
            json!(i64::MIN),
            json!(1e300),
            json!("hier"),
            json!("20241399"),
            json!("2024/13/01"),
            json!("12 marbles 2024"),
            json!(true),
        ] {
            assert_eq!(stated_in(&value), None, "{value}");
        }
    }

    #[test]
    fn one_day_in_all_its_forms() {
        for text in [
            "2024-03-12",
            "2024-03-12T23:50:00-05:00",
            " 2024-03-12 06:30:00+00:00 ",
            "2024/03/12",
            "20240312",
            "20240312T073000Z",
            "20240312073000",
            "1710225000",
            "1710225000000",
            "1710225000.25",
            "Tue, 12 Mar 2024 07:30:00 +0100",
            "12 Mar 2024",
            "12-Mar-2024",
            "March 12, 2024 7:30 AM",
            "Tue Mar 12 2024 07:30:00 GMT+0100",
            "Tue Mar 12 07:30:00 CET 2024",
            "Tue Mar 12 07:30:00 +0100 2024",
            "12-mars-2024",
            "mar. 12/03/2024",
            "12 mars 2024",
            "mardi 12 mars 2024 à 07h30",
            "12/03/2024",
            "12/03/2024 07:30:00",
            "12/03/24",
            "12.03.2024",
            "12-03-2024",
            "Publié le 12 mars 2024, mis à jour le 15 mars 2024",
            "Mis à jour le 15/03/2024 - Publié le 12/03/2024",
        ] {
            assert_eq!(stated(text), Some(date(2024, 3, 12)), "{text}");
        }
        for text in [
            "",
            "2024",
            "2024-02-30",
            "2024-03-123",
            "2024-03-é2",
            "x",
            "hier",
            "1970-01-01",
            "0001-01-01T00:00:00",
            "12 mars",
            "12345",
            "Le 12 mars 2024, il pleut.",
        ] {
            assert_eq!(stated(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_the_day_in_france() {
        // Midnight in Paris, in winter and in summer.
        assert_eq!(day_in_france(1_710_198_000), Some(date(2024, 3, 12)));
        assert_eq!(day_in_france(1_720_735_200), Some(date(2024, 7, 12)));
        assert_eq!(day_in_france(1_720_735_199), Some(date(2024, 7, 11)));
    }

    #[test]
    fn json_values_state_dates_too() {
        for value in [
            json!(1_710_225_000),
            json!(1_710_225_000_000_i64),
            json!(1_710_225_000.5),
            json!(20_240_312),
            json!({"$date": "2024-03-12T06:30:00Z"}),
            json!(["2024-03-12"]),
        ] {
            assert_eq!(stated_in(&value), Some(date(2024, 3, 12)), "{value}");
        }
        assert_eq!(stated_in(&json!(null)), None);
        assert_eq!(stated_in(&json!(12)), None);
    }

    #[test]
    fn dates_are_found_in_names_of_files() {
        for name in [
            "2024-03-12-piscine",
            "piscine_20240312",
            "archives/2024/03/12/piscine",
            "lm.12-03-2024",
            "LF240001 20240312",
        ] {
            assert_eq!(found_in(name), Some(date(2024, 3, 12)), "{name}");
        }
        for name in ["piscine", "article-1204567890", "2024", "20241312"] {
            assert_eq!(found_in(name), None, "{name}");
        }
    }
}
