//! Times, spans and sizes, as options take them and messages show them.

use std::time::{Duration, SystemTime};

/// Parses a date, whose day begins in UTC, a date and time, which are of UTC if they state no other
/// offset, or a span back from now.
pub(super) fn parse_since(text: &str) -> Result<SystemTime, String> {
    let time = |text: &str| {
        let seconds = text.parse::<jiff::Timestamp>().ok()?.as_second();
        let seconds = Duration::from_secs(seconds.try_into().ok()?);
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    };
    let back = |span| SystemTime::now().checked_sub(span);
    time(text)
        .or_else(|| time(&format!("{text}T00:00:00Z")))
        .or_else(|| time(&format!("{text}Z")))
        .or_else(|| parse_span(text).ok().and_then(back))
        .ok_or_else(|| {
            "neither a date (2026-11-24), nor a time (2026-11-24T02:00:00Z), nor a span (2d, 36h)"
                .to_owned()
        })
}

/// Parses a span of minutes, hours, days or weeks: `90m`, `36h`, `2d`, `1w`.
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    let parse = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "m" => 60,
            "h" => 3600,
            "d" => 24 * 3600,
            "w" => 7 * 24 * 3600,
            _ => return None,
        };
        let number: u64 = number.parse().ok()?;
        Some(Duration::from_secs(number.checked_mul(seconds)?))
    };
    parse().ok_or_else(|| "not a span such as 90m, 26h, 180d or 2w".to_owned())
}

/// Parses a number of seconds above zero: `90`, `0.5`.
pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok();
    let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let seconds = seconds.filter(|seconds| !seconds.is_zero());
    seconds.ok_or_else(|| "not a number of seconds such as 60 or 0.5".to_owned())
}

/// `12.3 s`, `4 min 5 s`, `2 h 30 min`
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// `12 s`, `4 min`, `2 h 30 min`: how long something will take.
pub(super) fn roughly(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    let minutes = (seconds + 30) / 60;
    match (seconds, minutes) {
        (0..100, _) => format!("{seconds} s"),
        (_, 0..100) => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// `12 kB`, `3.4 MB`, `5.6 GB`
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit() {
        assert_eq!(parse_span("90m"), Ok(Duration::from_secs(90 * 60)));
        assert_eq!(parse_span("2w"), Ok(Duration::from_secs(14 * 24 * 3600)));
        for text in ["", "d", "2", "2y", "-1d", "é", "99999999999999999999w"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_are_a_number_above_zero() {
        assert_eq!(parse_seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["0", "-1", "1e99", "NaN", "2m", ""] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_date_a_time_or_a_span() {
        let at = |seconds| Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(parse_since("1970-01-02"), at(24 * 3600));
        for text in [
            "1970-01-01T00:01:00Z",
            "1970-01-01T00:01",
            "1970-01-01 00:01:00",
        ] {
            assert_eq!(parse_since(text), at(60), "{text}");
        }
        assert_eq!(parse_since("1970-01-01T01:01+01:00"), at(60));
        assert!(parse_since("1d").is_ok());
        assert!(parse_since("yesterday").is_err());
    }

    #[test]
    fn durations_and_sizes_have_a_fitting_unit() {
        assert_eq!(duration(59.94), "59.9 s");
        assert_eq!(duration(245.4), "4 min 5 s");
        assert_eq!(duration(9000.0), "2 h 30 min");
        let roughly = |seconds| roughly(Duration::from_secs(seconds));
        assert_eq!(roughly(99), "99 s");
        assert_eq!(roughly(185), "3 min");
        assert_eq!(roughly(9000), "2 h 30 min");
        assert_eq!(size(1), "1 kB");
        assert_eq!(size(3_400_000), "3.4 MB");
        assert_eq!(size(5_600_000_000), "5.6 GB");
    }
}
