//! Times of day: `mardi à 14h30`, `vers 20 heures, le 3 mai`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::DateMention;
use crate::edtf::Edtf;
use crate::text::numbers::french_cardinal;

/// Maximal distance in bytes between a day and its time.
const REACH: usize = 40;

/// The minutes that words add to the hour.
const QUARTERS: [(&str, i32); 9] = [
    ("et quart", 15),
    ("et demie", 30),
    ("et demi", 30),
    ("moins le quart", -15),
    ("moins vingt-cinq", -25),
    ("moins vingt", -20),
    ("moins dix", -10),
    ("moins cinq", -5),
    ("trois quarts", 45),
];

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let lead = r"(?:à|vers|dès|avant|après|depuis|jusqu'à|jusque|de)";
    let clock = r"(?P<h>[01]?\d|2[0-4]) ?(?:heures?|h|:)(?: ?(?P<m>[0-5]\d))?";
    let words = r"(?P<words>(?:vingt-(?:et-une|deux|trois))|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix(?:-sept|-huit|-neuf)?|onze|douze|treize|quatorze|quinze|seize|vingt) heures?";
    let quarter = QUARTERS.map(|(words, _)| words).join("|");
    let part = r"(?P<part>du matin|de l'après-midi|du soir)";
    Regex::new(&format!(
        r"(?i)\b{lead} (?:(?:{clock}|{words}|(?P<noon>midi)|(?P<midnight>minuit))(?: (?P<quarter>{quarter}))?(?: {part})?)\b(?P<of> d[e'u])?"
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

/// The time, as `14:30`. Returns `None` for a length of time: `après trois heures de débats`.
fn time(captures: &Captures) -> Option<String> {
    let hour: i32 = if captures.name("noon").is_some() {
        12
    } else if captures.name("midnight").is_some() {
        0
    } else {
        if captures.name("of").is_some() {
            return None;
        }
        match (captures.name("h"), captures.name("words")) {
            (Some(hour), _) => hour.as_str().parse().ok()?,
            (None, Some(words)) => {
                let words = words.as_str().to_lowercase();
                i32::try_from(french_cardinal([words.as_str()])?.0).ok()?
            }
            (None, None) => return None,
        }
    };
    let afternoon = captures
        .name("part")
        .is_some_and(|part| !part.as_str().ends_with("matin"));
    let hour = hour + if afternoon && hour < 12 { 12 } else { 0 };
    let minute: i32 = match captures.name("m") {
        Some(minute) => minute.as_str().parse().ok()?,
        None => 0,
    };
    let quarter = captures.name("quarter").map_or(0, |written| {
        let written = written.as_str().to_lowercase();
        let quarter = QUARTERS.iter().find(|(words, _)| *words == written);
        quarter.map_or(0, |(_, minutes)| *minutes)
    });
    let minutes = (hour * 60 + minute + quarter).rem_euclid(24 * 60);
    (hour < 24).then(|| format!("{:02}:{:02}", minutes / 60, minutes % 60))
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
            (
                "Le 29 juin à huit heures et demie, il est parti.",
                "2020-06-29",
                "08:30",
            ),
            ("Le 29 juin vers midi et demi.", "2020-06-29", "12:30"),
            ("Le 29 juin à dix heures du soir.", "2020-06-29", "22:00"),
            ("Le 29 juin à vingt-et-une heures.", "2020-06-29", "21:00"),
            ("Le 29 juin à minuit moins le quart.", "2020-06-29", "23:45"),
        ] {
            assert_eq!(times(text), [(some(day), some(time))], "{text}");
        }
    }

    #[test]
    fn a_length_of_time_and_a_month_have_no_time() {
        for text in [
            "La grève a duré 24 heures le 29 juin.",
            "Le 29 juin, après trois heures de débats, il est parti.",
            "Le 29 juin, après 3 heures de débats, il est parti.",
            "En juin 2020, il se levait à 6 heures.",
        ] {
            assert!(times(text).iter().all(|found| found.1.is_none()), "{text}");
        }
    }
}
