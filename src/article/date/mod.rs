//! Publication dates that a source states: machine-readable ones, date lines and datelines. Dates
//! in running text are facts of the article and are read elsewhere.

mod head_line;
mod stated;

use std::borrow::Cow;
use std::sync::LazyLock;

use french::calendar;
use french::text::french_number;
use jiff::civil::Date;
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use super::scan::{self, is, within};

pub(super) use head_line::{HeadLine, Role, head_line, is_names, is_sign};
pub(super) use stated::{date_of_day, day_in_france, found_in, stated, stated_in};

/// A full date: `2021-03-12`, `12 mars 2021`, `12/03/2021`, `12.3.2021`, `12/03/21`.
static DATE: LazyLock<String> = LazyLock::new(|| {
    let month = month_pattern();
    format!(
        r"(?x:
            (?P<y>\d{{4}})[-/.](?P<m>\d{{2}})[-/.](?P<d>\d{{2}})
            | (?P<d2>\d{{1,2}})(?:er)?(?:\s+|-)(?P<month>{month})(?:\s+|-)(?P<y2>\d{{4}})
            | (?P<d3>\d{{1,2}})[-/.](?P<m3>\d{{1,2}})[-/.](?P<y3>\d{{4}}|\d{{2}})
        )"
    )
});

/// A month whose abbreviation may lack its dot.
fn month_pattern() -> String {
    calendar::french_month_pattern(r"\.?")
}

/// The date of a line that only says when the article was published, such as
/// `Publié le 12 mars 2021 à 10h00, mis à jour le 13 mars 2021` or `2021-03-12`. If there are
/// several dates, the one of publication, else the first.
pub(super) fn date_line(line: &str) -> Option<Date> {
    let said = head_line(line)?;
    let (date, _) = said
        .date
        .filter(|_| said.author.is_none() && !said.agency)?;
    Some(date)
}

/// A line that opens with a place and a day, as agencies open their reports
/// (`PARIS, 12 mars 2021 (AFP) –`). It has a date only if it has a year.
pub(super) struct Dateline {
    pub date: Option<Date>,
}

pub(super) fn dateline(paragraph: &str) -> Option<Dateline> {
    static OPENING: LazyLock<Regex> = LazyLock::new(|| {
        let (date, month) = (&*DATE, month_pattern());
        Regex::new(&format!(
            r"(?x)
            ^[\p{{L}}'\x20-]{{2,40}}                # the place: PARIS
            (?:\([^)]{{1,30}}\))?                   # in its region: (Rhône)
            \s?,\s+(?:le\s+)?
            (?:
                {date}
                | \d{{1,2}}(?:er)?\s+{month}        # a day without a year
            )
            \s*(?:\((?:[^)]{{1,30}})\)\s*)?         # the agency: (AFP)
            (?:[-–—:.]\s|[-–—:.]?$)"
        ))
        .expect("the pattern is valid")
    });
    let end = paragraph.char_indices().nth(160).map(|(at, _)| at);
    let opening = &paragraph[..end.unwrap_or(paragraph.len())];
    let (_, after_place) = opening.split_once(',')?;
    let has_day = after_place.bytes().any(|b| b.is_ascii_digit()) || may_be_in_words(after_place);
    if !opening.starts_with(char::is_uppercase) || !has_day {
        return None;
    }
    let found = OPENING
        .captures(&in_figures(&folded(opening)))
        .map(|c| date_of(&c))?;
    Some(Dateline { date: found })
}

fn date_of(found: &Captures) -> Option<Date> {
    let number = |name: &str| found.name(name)?.as_str().parse::<i16>().ok();
    let (year, month, day) = if let Some(name) = found.name("month") {
        (
            number("y2")?,
            calendar::french_month(name.as_str())?.into(),
            number("d2")?,
        )
    } else if let Some(year) = number("y") {
        (year, number("m")?, number("d")?)
    } else {
        let year = stated::full_year(found.name("y3")?.as_str())?;
        (year, number("m3")?, number("d3")?)
    };
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// Whether a text may say a year in words: `deux mille vingt-quatre`, `mil neuf cent`.
fn may_be_in_words(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric();
    let is_word = |(at, word): (usize, &str)| {
        let after = &text[at + word.len()..];
        let is_whole = !after.starts_with(is_part) || after.starts_with(['l', 'L']);
        is_whole && !text[..at].ends_with(is_part)
    };
    ["mil", "Mil", "MIL"]
        .iter()
        .any(|word| text.match_indices(word).any(is_word))
}

/// `text` with the dates that it says in words in figures: `le premier mars deux mille vingt-quatre`.
fn in_figures(text: &str) -> Cow<'_, str> {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        let number = "(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze\
                      |seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|octante|nonante\
                      |cents?|mille|mil|et)";
        Regex::new(&format!(
            r"(?i)(?P<day>premier|\d{{1,2}}(?:er)?|{number}(?:[\s-]+{number}){{0,3}})\s+(?P<month>{})\s+(?P<year>(?:deux[\s-]+)?mil(?:le)?(?:[\s-]+{number})*)",
            month_pattern()
        ))
        .expect("the pattern is valid")
    });
    let number = |words: &str| {
        let words = words.to_lowercase();
        let words = words
            .split([' ', '-', '\u{a0}'])
            .filter(|word| !word.is_empty());
        // An old spelling of years.
        let words = words.map(|word| if word == "mil" { "mille" } else { word }.to_owned());
        french_number(&words.collect::<Vec<_>>())
    };
    if !may_be_in_words(text) {
        return Cow::Borrowed(text);
    }
    DATE.replace_all(text, |found: &Captures| {
        let day = match &found["day"].to_lowercase()[..] {
            "premier" => Some(1),
            day if day.starts_with(|c: char| c.is_ascii_digit()) => {
                day.trim_end_matches("er").parse().ok()
            }
            words => number(words),
        };
        match (day, number(&found["year"])) {
            (Some(day @ 1..=31), Some(year @ 1600..=2199)) => {
                format!("{day} {} {year}", &found["month"])
            }
            _ => found[0].to_owned(),
        }
    })
}

/// `text` in NFC and lower case, with plain spaces and apostrophes.
fn folded(text: &str) -> String {
    plain(text.trim()).to_lowercase()
}

/// `text` in NFC, with plain spaces and apostrophes.
fn plain(text: &str) -> Cow<'_, str> {
    let plain = |c| match c {
        '\u{2019}' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    // Blanks, the apostrophe and combining marks begin with one of these bytes.
    let is_other = |[byte, ..]: [u8; 4]| {
        let is_blank = within(byte, 0, 0x1F) | is(byte, 0xC2) | within(byte, 0xE1, 0xE3);
        is_blank | within(byte, 0xCC, 0xCD)
    };
    if !scan::has(text.as_bytes(), is_other) {
        return Cow::Borrowed(text);
    }
    // Hardly any text has combining marks, which begin with one of these bytes.
    Cow::Owned(match text.bytes().any(|byte| matches!(byte, 0xCC | 0xCD)) {
        true => text.nfc().map(plain).collect(),
        false => text.chars().map(plain).collect(),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn date_lines_are_recognised() {
        for line in [
            "2021-03-12",
            "2021-03-12T10:05:00+01:00",
            "Le douze mars deux mille vingt et un",
            "Publié le vendredi douze mars deux mille vingt-et-un",
            "12/03/2021",
            "12 mars 2021",
            "Le vendredi 12 mars 2021",
            "Publié le 12 mars 2021 à 10h",
            "Publie\u{301} le\u{a0}12\u{a0}mars 2021 a\u{300} 10\u{202f}h\u{202f}30",
            "Publié le 12/03/2021 à 10:30, mis à jour le 13/03/2021 à 08:00",
            "Mis en ligne le 12 mars 2021 | 18:04 (mis à jour le 14 mars 2021)",
            "*Publié : 12 mars 2021*",
            "(12.03.2021)",
            "Mis à jour le 14 mars 2021, publié le 12 mars 2021",
            "Publié le 12 mars 2021 à 07h30, modifié à 11h02",
        ] {
            assert_eq!(date_line(line), Some(date(2021, 3, 12)), "{line}");
        }
        assert_eq!(date_line("1er févr. 2020"), Some(date(2020, 2, 1)));
        assert_eq!(
            date_line("Mis à jour le 1er août 2020"),
            Some(date(2020, 8, 1))
        );
    }

    #[test]
    fn a_line_that_says_more_than_a_date_is_text() {
        for line in [
            "Le 12 mars 2021, le maire a démissionné.",
            "Publié le 12 mars 2021 par Jeanne Morel",
            "12 mars",
            "Mars 2021",
            "31 février 2021",
            "12 marins 2021",
        ] {
            assert_eq!(date_line(line), None, "{line}");
        }
    }

    #[test]
    fn datelines_give_the_date_if_they_have_a_year() {
        let afp = dateline("PARIS, 12 mars 2021 (AFP) - Le gouvernement a annoncé.").unwrap();
        assert_eq!(afp.date, Some(date(2021, 3, 12)));
        let no_year = dateline("Saint-Étienne, le 12 mars (Reuters) – Une grève.").unwrap();
        assert_eq!(no_year.date, None);
        assert!(dateline("Paris, le 12 mars 2021").unwrap().date.is_some());
        assert!(dateline("À Paris, 12 personnes ont été blessées.").is_none());
        assert!(dateline("Hier, le 12 mars 2021, il a plu.").is_none());
    }
}
