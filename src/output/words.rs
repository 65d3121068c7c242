//! What pages say in words, whatever they are written in.

use french::calendar;
use french::edtf::Edtf;

use crate::archive::Changed;
use crate::summarize::{Figure, Flag, Part, Qualifier, Replaced, Source, Summary, Unit, Unwritten};

/// A figure as English writes it: `about 1,200 people`, `EUR 30 million`, `10–15%`
pub(super) fn quantity(figure: &Figure) -> String {
    let number = number(figure);
    let quantity = match figure.unit.as_deref() {
        None => number,
        Some(unit) if is_price(figure) => format!("{unit} {:.2}", figure.value),
        Some(unit) => match Unit::from_code(unit) {
            Some(Unit::Percent) => format!("{number}%"),
            Some(Unit::Currency(code)) => format!("{code} {number}"),
            _ => format!("{number} {unit}"),
        },
    };
    qualified(figure, quantity)
}

/// Whether it is a sum with cents: `EUR 9.90`.
fn is_price(figure: &Figure) -> bool {
    let currency = figure.unit.as_deref().and_then(Unit::from_code);
    matches!(currency, Some(Unit::Currency(_)))
        && figure.upper.is_none()
        && figure.value.fract() != 0.0
        && (0.0..1000.0).contains(&figure.value)
}

/// A figure with what it counts: `about 1,200 political prisoners`
pub(super) fn count_words(figure: &Figure, what: &str) -> String {
    qualified(figure, format!("{} {what}", number(figure)))
}

fn number(figure: &Figure) -> String {
    let value = scaled(figure.value);
    match figure.upper.map(scaled) {
        None => value,
        Some(upper) => {
            // `EUR 10–15 million`
            let split = |text: &'_ str| match text.split_once(' ') {
                Some((number, scale)) => (number.to_owned(), scale.to_owned()),
                None => (text.to_owned(), String::new()),
            };
            let ((low, low_scale), (_, high_scale)) = (split(&value), split(&upper));
            let low = if low_scale == high_scale { low } else { value };
            let dash = if upper.starts_with('−') || low.contains(' ') {
                " to "
            } else {
                "–"
            };
            format!("{low}{dash}{upper}")
        }
    }
}

fn qualified(figure: &Figure, quantity: String) -> String {
    match figure.qualifier {
        // A range says it itself.
        Some(qualifier) if figure.upper.is_none() => {
            format!("{} {quantity}", qualifier_words(qualifier))
        }
        _ => quantity,
    }
}

/// [`grouped`], with `million` and the like where that is shorter and says as much: `1.3 billion`.
fn scaled(value: f64) -> String {
    const SCALES: [(f64, &str); 3] = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")];
    let scale = SCALES.iter().find(|(scale, _)| value.abs() >= *scale);
    let Some((scale, word)) = scale else {
        return grouped(value);
    };
    let part = value / scale;
    let rounded = (part * 1000.0).round() / 1000.0;
    match rounded * scale == value || (rounded * scale - value).abs() < value.abs() * 1e-12 {
        true => format!("{} {word}", grouped(rounded)),
        false => grouped(value),
    }
}

fn qualifier_words(qualifier: Qualifier) -> &'static str {
    match qualifier {
        Qualifier::About => "about",
        Qualifier::MoreThan => "more than",
        Qualifier::LessThan => "less than",
        Qualifier::AtLeast => "at least",
        Qualifier::AtMost => "at most",
        Qualifier::Nearly => "nearly",
    }
}

/// Formats `value` with commas between thousands.
fn grouped(value: f64) -> String {
    let plain = value.abs().to_string();
    let (whole, fraction) = match plain.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (plain.as_str(), String::new()),
    };
    let mut number = if value < 0.0 { "−" } else { "" }.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            number.push(',');
        }
        number.push(digit);
    }
    number + &fraction
}

/// What is wrong with a translation that has this flag.
pub(super) fn flag_words(flag: Flag) -> &'static str {
    match flag {
        Flag::Repeated => "the translation repeats itself",
        Flag::Untranslated => "it was left in French",
        Flag::TooShort => {
            "the translation is much shorter than the source; something may be missing"
        }
        Flag::TooLong => "the translation is much longer than the source; something may be added",
        Flag::UnknownWord => "the model had no word for something and left it out",
        Flag::NumberLost => "a number is missing from the translation, or is another one",
        Flag::TokenLost => {
            "an address, code or other token is missing from the translation or altered in it"
        }
        Flag::SignLost => "a sign is missing from the translation",
        Flag::DateLost => "a date is missing from the translation",
        Flag::NameLost => "a name is missing from the translation",
        Flag::Unsupported => "the translation says what the source does not",
        Flag::NegationChanged => "the translation may say the opposite",
        Flag::OtherLanguage => "it is neither in French nor in English",
        Flag::Failed => "it could not be translated",
    }
}

/// The part of a summary that something was left out of.
pub(super) fn part_words(part: Part) -> &'static str {
    match part {
        Part::Headline => "headline",
        Part::Abstract => "abstract",
        Part::KeyPoints => "key points",
    }
}

/// Why a sentence is not in the summary.
pub(super) fn why_replaced(replaced: &Replaced) -> String {
    let said = |what: &str, names: &[String]| match names.is_empty() {
        true => None,
        false => Some(format!("{what} {}", names.join(", "))),
    };
    let reasons = [
        said("the source does not say", &replaced.unsupported),
        said("it lacks", &replaced.lost),
    ];
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    match reasons.is_empty() {
        true if replaced.evidence.is_empty() => "nothing in the source says it".to_owned(),
        true => "it was said before".to_owned(),
        false => reasons.join("; "),
    }
}

/// Why nothing of what the writer wrote is in the summary, as a sentence. `None` if something is.
pub(super) fn why_unwritten(summary: &Summary) -> Option<String> {
    let why = match summary.checks.unwritten? {
        Unwritten::Length => "it did not come to an end",
        Unwritten::Invalid => "it is not what was asked for",
        Unwritten::PromptRepeated => "it repeats what it was told to do",
        Unwritten::NoRoom => "the sentences are too long for it",
        Unwritten::Failed => "the network broke down",
    };
    Some(format!(
        "{} wrote nothing of use ({why}), so abstract and key points are extracts.",
        summary.provenance.writer.model
    ))
}

/// What became of the sentences of an article that changed: `sentences: 2 edited, 1 added`. Where that is
/// nothing, it is the title that changed.
pub(super) fn changed_sentences(it: &Changed) -> String {
    let counts = [
        (it.edited.len(), "edited"),
        (it.added.len(), "added"),
        (it.removed.len(), "removed"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match counts.is_empty() {
        true => "the title".to_owned(),
        false => format!("sentences: {}", counts.join(", ")),
    }
}

/// `1 summary`, `2 summaries`
pub(crate) fn count(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// The beginning of a digest, enough for people; the JSON has all of it.
pub(super) fn short(digest: &str) -> String {
    let end = digest.find(':').map_or(0, |colon| colon + 1) + 12;
    match digest.get(..end) {
        Some(start) if start.len() < digest.len() => format!("{start}…"),
        _ => digest.to_owned(),
    }
}

/// A date as English writes it: `3 March 2025`, `spring 2021`, `the 1990s`, `June 2020 – July 2021`, `3–7
/// March 2025`.
pub(crate) fn date_words(date: Edtf) -> String {
    let text = date.to_string();
    match text.split_once('/') {
        None => point_words(&text),
        Some(("..", end)) => format!("until {}", point_words(end)),
        Some((start, "..")) => format!("since {}", point_words(start)),
        Some((start, end)) => {
            let (start, end) = (point_words(start), point_words(end));
            // What both ends say is said once, with the second.
            let shared = |start: &str| {
                let (own, rest) = start.split_once(' ')?;
                end.strip_suffix(rest)?
                    .ends_with(' ')
                    .then(|| own.to_owned())
            };
            match shared(&start) {
                Some(own) => format!("{own}–{end}"),
                None => format!("{start} – {end}"),
            }
        }
    }
}

/// [`date_words`] of a date as articles state it, in ISO 8601; other texts come back as they are.
pub(crate) fn iso_date_words(date: &str) -> String {
    let day = date.get(..10).unwrap_or(date);
    day.parse()
        .map_or_else(|_| date.to_owned(), |date: Edtf| date_words(date))
}

fn point_words(point: &str) -> String {
    if let Some(decade) = point
        .strip_suffix('X')
        .filter(|decade| !decade.ends_with('X'))
    {
        return format!("the {decade}0s");
    }
    if let Some(hundreds) = point.strip_suffix("XX")
        && let Ok(hundreds @ 0..) = hundreds.parse::<i32>()
    {
        return format!("{} century", ordinal(hundreds + 1));
    }
    // There is no year 0: -39 is 40 BC.
    if let Some(before) = point.strip_prefix('-')
        && let Ok(year) = before.parse::<i32>()
    {
        return format!("{} BC", year + 1);
    }
    if point.ends_with('X') || point.starts_with('-') {
        return point.to_owned();
    }
    let parts: Vec<&str> = point.split('-').collect();
    let month = |month: &str| -> Option<&'static str> {
        Some(match month.parse().ok()? {
            21 => "spring",
            22 => "summer",
            23 => "autumn",
            24 => "winter",
            month => calendar::Name::of_month(month)?.english,
        })
    };
    match parts[..] {
        ["XXXX", part] => month(part).map(str::to_owned),
        ["XXXX", part, day] => {
            month(part).map(|part| format!("{} {part}", day.trim_start_matches('0')))
        }
        [year, part] => month(part).map(|part| format!("{part} {year}")),
        [year, part, day] => {
            month(part).map(|part| format!("{} {part} {year}", day.trim_start_matches('0')))
        }
        _ => None,
    }
    .unwrap_or_else(|| point.to_owned())
}

/// `1st`, `19th`
fn ordinal(number: i32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// Where an article is from, in a word or two: the site of its address, else the collection or the
/// folder that holds it.
pub(crate) fn outlet(source: &Source) -> String {
    let site = source.url.as_deref().and_then(|url| {
        let (_, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#', ':']).next()?;
        let host = host.strip_prefix("www.").unwrap_or(host);
        (host.contains('.') && !host.contains('@')).then(|| host.to_lowercase())
    });
    site.unwrap_or_else(|| {
        let path = source.file();
        let is_record = path.len() < source.path.len();
        let mut parts = path.rsplit(['/', '\\']).filter(|part| !part.is_empty());
        let file = parts.next().unwrap_or_default();
        let part = if is_record { Some(file) } else { parts.next() };
        part.filter(|part| !matches!(*part, "." | ".."))
            .unwrap_or_default()
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summarize::Summary;

    fn fixture() -> Summary {
        serde_json::from_str(include_str!("../../tests/fixtures/summary.json")).unwrap()
    }

    #[test]
    fn only_codes_of_currencies_stand_before_the_number() {
        let mut figure = fixture().figures.remove(0);
        (figure.value, figure.qualifier) = (5.0, None);
        for (unit, expected) in [
            ("EUR", "EUR 5"),
            ("%", "5%"),
            ("km", "5 km"),
            ("SUV", "5 SUV"),
        ] {
            figure.unit = Some(unit.to_owned());
            assert_eq!(quantity(&figure), expected);
        }
    }

    #[test]
    fn ranges_and_large_numbers_are_short() {
        let mut figure = fixture().figures.remove(0);
        figure.qualifier = Some(Qualifier::AtLeast);
        for (value, upper, unit, expected) in [
            (15.0, 25.0, "%", "15–25%"),
            (480.0, 560.0, "EUR", "EUR 480–560"),
            (4e6, 5e6, "EUR", "EUR 4–5 million"),
            (500_000.0, 1.5e6, "EUR", "EUR 500,000–1.5 million"),
            (8e8, 1.2e9, "EUR", "EUR 800 million to 1.2 billion"),
            (-8.0, -3.0, "°C", "−8 to −3 °C"),
        ] {
            (figure.value, figure.upper) = (value, Some(upper));
            figure.unit = Some(unit.to_owned());
            assert_eq!(quantity(&figure), expected);
        }
        (figure.value, figure.upper) = (9.9, None);
        (figure.unit, figure.qualifier) = (Some("EUR".to_owned()), None);
        assert_eq!(quantity(&figure), "EUR 9.90");
        for (value, expected) in [
            (310e6, "310 million"),
            (4.07e9, "4.07 billion"),
            (1_250_000.5, "1,250,000.5"),
            (999_999.0, "999,999"),
            (-2.4e6, "−2.4 million"),
        ] {
            assert_eq!(scaled(value), expected);
        }
    }

    #[test]
    fn numbers_are_grouped_in_thousands() {
        for (value, expected) in [
            (0.0, "0"),
            (999.0, "999"),
            (1000.0, "1,000"),
            (1_234_567.891, "1,234,567.891"),
            (-45_000.5, "−45,000.5"),
            (0.001, "0.001"),
        ] {
            assert_eq!(grouped(value), expected);
        }
    }

    #[test]
    fn dates_are_written_as_english_writes_them() {
        for (edtf, expected) in [
            ("2025-03-03", "3 March 2025"),
            ("2025-03", "March 2025"),
            ("2021-21", "spring 2021"),
            ("2010", "2010"),
            ("199X", "the 1990s"),
            ("18XX", "19th century"),
            ("20XX", "21st century"),
            ("-0043", "44 BC"),
            ("2025-03-03/2025-03-07", "3–7 March 2025"),
            ("2025-03-30/2025-04-02", "30 March 2025 – 2 April 2025"),
            ("2024-01/2024-06", "January–June 2024"),
            ("2019/2021", "2019 – 2021"),
            ("2019-12/2020-01", "December 2019 – January 2020"),
            ("2019/..", "since 2019"),
            ("XXXX-09-03", "3 September"),
            ("XXXX-05/XXXX-10", "May – October"),
            ("XXXX-05-03/XXXX-05-07", "3–7 May"),
        ] {
            assert_eq!(date_words(edtf.parse().unwrap()), expected);
        }
        assert_eq!(iso_date_words("2025-03-03T14:30:00Z"), "3 March 2025");
        assert_eq!(iso_date_words("mardi"), "mardi");
    }

    #[test]
    fn an_article_is_from_its_site_or_its_folder() {
        let mut source = fixture().source;
        for (path, url, expected) in [
            ("corpus/a.txt", None, "corpus"),
            ("a.txt", None, ""),
            ("./a.txt", None, ""),
            ("x/news.jsonl#12", None, "news.jsonl"),
            (
                "x/a.txt",
                Some("https://www.Verzac.example/a?b"),
                "verzac.example",
            ),
            ("x/a.txt", Some("javascript:alert(1)"), "x"),
        ] {
            source.path = path.to_owned();
            source.url = url.map(str::to_owned);
            assert_eq!(outlet(&source), expected);
        }
    }
}
