//! The order of events. Dates are EDTF (ISO 8601-2) level 1, as in the summary.

/// Sort key of a date: year, month and day; for an interval its beginning, or its end if the
/// beginning is open. A year comes before its months; dates that cannot be read come last.
pub(super) fn sort_key(date: &str) -> (i64, u8, u8) {
    let (start, end) = date.split_once('/').unwrap_or((date, ""));
    let point = if matches!(start, "" | "..") {
        end
    } else {
        start
    };
    parse(point).unwrap_or((i64::MAX, 0, 0))
}

fn parse(point: &str) -> Option<(i64, u8, u8)> {
    let day = point.split('T').next()?;
    let day = day.trim_end_matches(['?', '~', '%']);
    let (sign, digits) = match day.strip_prefix('Y').unwrap_or(day) {
        day if day.starts_with('-') => (-1, &day[1..]),
        day => (1, day),
    };
    let digits = digits.replace('X', "0");
    let mut parts = digits.split('-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    let day = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    Some((sign * year, first_month(month), day))
}

/// 21 to 24 are the seasons from spring to winter, 25 and above other parts of a year.
fn first_month(month: u8) -> u8 {
    match month {
        0..=12 => month,
        21..=24 => (month - 20) * 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_kind_stand_in_order() {
        let ordered = [
            "Y-17000",
            "-0044-03-15",
            "19XX",
            "198X",
            "1984?",
            "../2010",
            "2019-12/2020-01",
            "2020",
            "2020-XX",
            "2020-01-31~",
            "2020-21",
            "2020-04-02T10:00:00Z",
            "2020-22/..",
            "2020-07-01",
            "Y17000",
            "some day",
        ];
        let keys: Vec<_> = ordered.iter().map(|date| sort_key(date)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert!(keys[0] < keys[1] && keys[9] < keys[10] && keys[14] < keys[15]);
    }

    #[test]
    fn unreadable_dates_come_last() {
        for date in [
            "",
            "/",
            "..",
            "-",
            "é",
            "2020-é",
            "99999999999999999999",
            "X",
            "-/-",
        ] {
            sort_key(date);
        }
        assert_eq!(sort_key("2020-é"), sort_key(""));
    }
}
