//! Times of day: `mardi à 14h30`, `vers 20 heures, le 3 mai`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::DateMention;
use crate::edtf::Edtf;

/// Maximal distance in bytes between a day and its time.
const REACH: usize = 40;

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let lead = r"(?:à|vers|dès|avant|après|depuis|jusqu'à|jusque|de)";
    let clock = r"(?P<h>[01]?\d|2[0-4]) ?(?:h|heures?|:) ?(?P<m>[0-5]\d)?";
    Regex::new(&format!(
        r"(?i)\b{lead} (?:{clock}|(?P<noon>midi)|(?P<midnight>minuit))\b"
    ))
    .expect("a pattern of this file")
});

/// Adds each time of day in `text` to the nearest day among the `dates` of this sentence.
pub(super) fn add(text: &str, dates: &mut [DateMention]) {
    for captures in TIME.captures_iter(text) {
        let whole = captures.get(0).expect("the whole match");
        let gap = |date: &DateMention| {
            let (start, end) = (date.mention.range.start, date.mention.range.end);
            if start >= whole.end() {
                start - whole.end()
            } else {
                whole.start().saturating_sub(end)
            }
        };
        let days = dates
            .iter_mut()
            .filter(|date| date.time.is_none() && date.edtf.and_then(Edtf::as_day).is_some());
        if let Some(day) = days.min_by_key(|date| gap(date))
            && gap(day) <= REACH
        {
            day.time = time(&captures);
        }
    }
}

fn time(captures: &Captures) -> Option<String> {
    if captures.name("noon").is_some() {
        return Some("12:00".to_owned());
    }
    if captures.name("midnight").is_some() {
        return Some("00:00".to_owned());
    }
    let hour: u8 = captures.name("h")?.as_str().parse().ok()?;
    let minute = captures.name("m").map_or("00", |minute| minute.as_str());
    (hour < 24).then(|| format!("{hour:02}:{minute}"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::super::tests::facts_of;

    fn times(text: &str) -> Vec<(Option<String>, Option<String>)> {
        let found = facts_of(&[text], Some(date(2020, 6, 30)));
        let dates = found.dates.into_iter();
        dates
            .map(|date| (date.edtf.map(|edtf| edtf.to_string()), date.time))
            .collect()
    }

    #[test]
    fn a_time_belongs_to_the_day_beside_it() {
        let some = |text: &str| Some(text.to_owned());
        for (text, day, time) in [
            (
                "Il est arrivé mardi 30 juin à 14h30.",
                "2020-06-30",
                "14:30",
            ),
            (
                "Vers 20 heures, le 29 juin, il pleuvait.",
                "2020-06-29",
                "20:00",
            ),
            (
                "Le 29 juin, peu avant minuit, il est parti.",
                "2020-06-29",
                "00:00",
            ),
        ] {
            assert_eq!(times(text), [(some(day), some(time))], "{text}");
        }
    }

    #[test]
    fn a_length_of_time_and_a_month_have_no_time() {
        for text in [
            "La grève a duré 24 heures le 29 juin.",
            "En juin 2020, il se levait à 6 heures.",
        ] {
            assert!(times(text).iter().all(|found| found.1.is_none()), "{text}");
        }
    }
}
