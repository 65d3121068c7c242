//! Publication dates as fields state them: in French, ISO 8601, RFC 2822 or seconds since 1970.

use std::sync::LazyLock;

use jiff::Span;
use jiff::civil::Date;
use regex::Regex;
use serde_json::Value;

use super::date::{date_line, iso_date};

/// Numbers before this many seconds since 1970 (1980-01-01) are taken for something else.
const FIRST_SECOND: i64 = 315_532_800;
/// The same for the last (2100-01-01).
const LAST_SECOND: i64 = 4_102_444_800;

/// The day that `value` states, as written there: time zones are not applied. Moments that are
/// counted from 1970 give the day in UTC.
pub(super) fn stated_date(value: &Value) -> Option<Date> {
    match value {
        Value::String(text) => date_of_text(text),
        Value::Number(number) => match number.as_i64() {
            Some(number) => date_of_number(number),
            None => date_of_number(number.as_f64()? as i64),
        },
        // MongoDB's export: `{"$date": …}`.
        Value::Object(inner) => ["$date", "$numberLong", "value"]
            .iter()
            .find_map(|name| stated_date(inner.get(*name)?)),
        Value::Array(items) => items.iter().find_map(|item| match item {
            Value::String(text) => date_of_text(text),
            _ => None,
        }),
        _ => None,
    }
}

/// [`stated_date`] of a string.
pub(super) fn date_of_text(text: &str) -> Option<Date> {
    let text = text.trim();
    iso_date(text)
        .or_else(|| date_line(text))
        .or_else(|| text.parse().ok().and_then(date_of_number))
        .or_else(|| year_first(text))
        .or_else(|| english(text))
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, or `20240312`.
fn date_of_number(number: i64) -> Option<Date> {
    if (19_000_101..=21_001_231).contains(&number) {
        let [year, month, day] = [number / 10_000, number / 100 % 100, number % 100];
        return Date::new(year.try_into().ok()?, month as i8, day as i8).ok();
    }
    let mut seconds = number;
    for _ in 0..4 {
        if (FIRST_SECOND..LAST_SECOND).contains(&seconds) {
            return date_of_day(seconds / 86_400);
        }
        seconds /= 1000;
    }
    None
}

/// The day after so many since 1970-01-01.
pub(super) fn date_of_day(days: i64) -> Option<Date> {
    let first = Date::new(1970, 1, 1).ok()?;
    let days = Span::new().try_days(days).ok()?;
    first.checked_add(days).ok()
}

/// `2024/03/12`, `2024.03.12`, `20240312T063000Z`.
fn year_first(text: &str) -> Option<Date> {
    static YEAR_FIRST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(\d{4})(?:([/.])(\d{1,2})[/.](\d{1,2})|(\d{2})(\d{2}))(?:[T\s].*)?$")
            .expect("the pattern is valid")
    });
    let found = YEAR_FIRST.captures(text)?;
    let number = |group: usize| found.get(group)?.as_str().parse::<i8>().ok();
    let year = found[1].parse().ok()?;
    let month = number(3).or_else(|| number(5))?;
    let day = number(4).or_else(|| number(6))?;
    Date::new(year, month, day).ok()
}

/// `Tue, 12 Mar 2024 07:30:00 +0100`, `March 12, 2024`.
fn english(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
        let month = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";
        Regex::new(&format!(
            r"(?i)^(?:[a-z]{{3,9}}\.?,?\s+)?(?:(\d{{1,2}})[\s-]+{month}[\s-]+(\d{{4}})|{month}\s+(\d{{1,2}}),?\s+(\d{{4}}))\b"
        ))
        .expect("the pattern is valid")
    });
    let found = ENGLISH.captures(text)?;
    let group = |a: usize, b: usize| found.get(a).or_else(|| found.get(b)).map(|m| m.as_str());
    let name = group(2, 4)?.to_lowercase();
    let month = MONTHS.iter().position(|month| name.starts_with(month))? + 1;
    let (day, year) = (group(1, 5)?.parse().ok()?, group(3, 6)?.parse().ok()?);
    Date::new(year, month as i8, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    #[test]
    fn one_day_is_read_in_every_form() {
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
            assert_eq!(stated_date(&value), Some(date(2024, 3, 12)), "{value}");
        }
    }

    #[test]
    fn what_is_no_date_gives_none() {
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
            assert_eq!(stated_date(&value), None, "{value}");
        }
    }
}
