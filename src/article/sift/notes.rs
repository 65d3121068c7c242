//! Numbered notes at the end of an article (`[1] Voir l'enquête du 12 mai.`), and the numbers in the text
//! that lead to them.

use std::sync::LazyLock;

use regex::Regex;

use super::super::clutter::folded;
use super::super::repair::takes_exponent;

/// Notes at the end of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notes {
    /// The first of their paragraphs, which may be their heading.
    pub from: usize,
    /// How many there are.
    count: usize,
}

/// How a note is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `[1]`
    Square,
    /// `(1)`
    Round,
    /// `1.`, `1)`, `1 –`
    Plain,
    /// `¹`
    Raised,
    /// `*`, `**`
    Star,
}

/// The notes at the end of `texts`, all of which were read; some are items of a list. Numbers in square
/// brackets and raised ones say enough by themselves; others may be those of a list, unless the text has
/// the numbers too, a heading says what they are, or they cite.
pub(super) fn notes(texts: &[&str], is_item: impl Fn(usize) -> bool) -> Option<Notes> {
    let numbered = |text: &str| number(text).map(|(style, number, _)| (style, number));
    let Some((style, count)) = numbered(texts.last()?) else {
        return below_heading(texts, is_item);
    };
    let first = texts.len().checked_sub(count)?;
    let is_next = |(i, text): (usize, &&str)| numbered(text) == Some((style, i + 1));
    if first == 0 || count == 0 || !texts[first..].iter().enumerate().all(is_next) {
        return None;
    }
    let has_heading = is_heading(texts[first - 1]);
    let above = &texts[..first - usize::from(has_heading)];
    let cites = |text: &&&str| number(text).is_some_and(|(_, _, rest)| is_citation(rest));
    let leads = || above.iter().any(|text| has_reference(text, style));
    let says = match style {
        Style::Square | Style::Raised => true,
        Style::Star => leads(),
        Style::Round | Style::Plain => {
            has_heading || leads() || texts[first..].iter().filter(cites).count() * 2 > count
        }
    };
    (says && !above.is_empty()).then_some(Notes {
        from: above.len(),
        count,
    })
}

/// The items below a heading that says that they are notes, which may have lost their numbers, and the
/// heading that has lost its notes.
fn below_heading(texts: &[&str], is_item: impl Fn(usize) -> bool) -> Option<Notes> {
    let last = texts.len() - 1;
    let items = (0..texts.len()).rev().take_while(|&i| is_item(i)).count();
    let from = last.checked_sub(items).filter(|&from| from > 0)?;
    is_heading(texts[from]).then_some(Notes { from, count: items })
}

impl Notes {
    /// `text` without the numbers that lead to the notes.
    pub(super) fn without_references(&self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut from = 0;
        for found in REFERENCE.captures_iter(text) {
            let number = |name| found.name(name).and_then(|number| value(number.as_str()));
            let (number, at) = match found.name("raised") {
                Some(raised) if takes_exponent(&text[..raised.start()]) => continue,
                Some(raised) => (value(raised.as_str()), raised.range()),
                None => match found.name("stars") {
                    Some(stars) => (Some(stars.len()), stars.range()),
                    None => (
                        number("square").or(number("round")),
                        found.get(0).map_or(0..0, |found| found.range()),
                    ),
                },
            };
            if number.is_some_and(|number| (1..=self.count).contains(&number)) {
                plain.push_str(&text[from..at.start]);
                from = at.end;
            }
        }
        plain + &text[from..]
    }
}

/// The number of a note in the text, with the blanks before it.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\s*(?:\[(?P<square>[0-9]{1,3})\]|\((?P<round>[0-9]{1,3})\))|[\p{L}»”\x22)](?:(?P<raised>[¹²³⁰⁴-⁹]{1,3})|(?P<stars>\*{1,4}))",
    )
    .expect("the pattern is valid")
});

fn has_reference(text: &str, style: Style) -> bool {
    let mut found = REFERENCE.captures_iter(text);
    match style {
        Style::Round => found.any(|found| found.name("round").is_some()),
        Style::Star => found.any(|found| found.name("stars").is_some()),
        _ => found.any(|found| found.name("stars").is_none()),
    }
}

/// The value of digits, raised or not.
fn value(digits: &str) -> Option<usize> {
    let raised = |c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|other| other == c);
    let digit = |c: char| c.to_digit(10).map(|digit| digit as usize).or(raised(c));
    digits
        .chars()
        .try_fold(0, |number, c| Some(10 * number + digit(c)?))
}

/// The number that `text` begins with, and what comes after it.
fn number(text: &str) -> Option<(Style, usize, &str)> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(?:\[(?P<square>[0-9]{1,3})\]|\((?P<round>[0-9]{1,3})\)|(?P<plain>[0-9]{1,3})\s?[.)–-]|(?P<raised>[¹²³⁰⁴-⁹]{1,3})|(?P<stars>\*{1,4}))\s*(?P<rest>[^\s*][^\n]*)",
        )
        .expect("the pattern is valid")
    });
    if !text.starts_with(|c: char| c.is_ascii_digit() || "[(*¹²³".contains(c)) {
        return None;
    }
    let found = NUMBER.captures(text)?;
    let rest = found.name("rest")?.as_str();
    if let Some(stars) = found.name("stars") {
        return Some((Style::Star, stars.len(), rest));
    }
    let styles = [
        ("square", Style::Square),
        ("round", Style::Round),
        ("plain", Style::Plain),
        ("raised", Style::Raised),
    ];
    styles
        .into_iter()
        .find_map(|(name, style)| Some((style, value(found.name(name)?.as_str())?, rest)))
}

fn is_heading(text: &str) -> bool {
    /// Bytes of the longest, with room for blanks.
    const LONGEST: usize = 40;
    if text.len() > LONGEST {
        return false;
    }
    let text = folded(text);
    let text = text.trim_end_matches([' ', ':', '.']);
    matches!(
        text,
        "note"
            | "notes"
            | "notes et references"
            | "notes de bas de page"
            | "references"
            | "bibliographie"
            | "sources"
            | "renvois"
    )
}

/// Whether a note says where something was said.
fn is_citation(note: &str) -> bool {
    static CITES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)^(?:voir\s|cf\b|ibid|id\.|idem\b|op\.\s?cit|loc\.\s?cit|lire\s|source\s?:|in\s|d'après\s|selon\s|https?://)|\bp{1,2}\.\s?[0-9]|https?://",
        )
        .expect("the pattern is valid")
    });
    CITES.is_match(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Le tribunal a suspendu l'arrêté qui interdisait la pêche à pied.";

    fn from(texts: &[&str]) -> Option<usize> {
        notes(texts, |i| texts[i].starts_with('•')).map(|notes| notes.from)
    }

    #[test]
    fn notes_are_told_from_lists() {
        assert_eq!(
            from(&[TEXT, "[1] Ordonnance du 7 juin.", "[2] Ibid."]),
            Some(1)
        );
        assert_eq!(
            from(&[TEXT, "Notes :", "1. Un entretien.", "2. Un autre."]),
            Some(1)
        );
        assert_eq!(
            from(&[TEXT, "1. Voir Le Courrier, p. 12.", "2. Cf. Morel."]),
            Some(1)
        );
        assert_eq!(from(&["Le tribunal (1) a tranché.", "(1) Lundi."]), Some(1));
        assert_eq!(from(&[TEXT, "¹ Lundi."]), Some(1));
        assert_eq!(from(&["Le tribunal* a tranché.", "* Lundi."]), Some(1));
        assert_eq!(from(&[TEXT, "Références", "• Morel", "• Roux"]), Some(1));
        assert_eq!(from(&[TEXT, "Notes et références"]), Some(1));
        for other in [
            &[TEXT, "1. Publier les analyses.", "2. Voter un arrêté."][..],
            &[
                TEXT,
                "1. Le traité de Rome, en 1957.",
                "2. L'Acte unique, 1986.",
            ],
            &[TEXT, "(1) Lundi."],
            &["[1] Lundi."],
            &[TEXT, "[2] Mardi."],
            &[TEXT, "[1] Lundi.", TEXT],
            &["Notes", "1. Lundi."],
            &[TEXT, "2024 – une année de pêche"],
            &[TEXT, "0. Rien."],
            &[TEXT, "* Un bac", "* Un pont"],
            &[TEXT, "* Un bac"],
            &[TEXT, "Les faits", "• Lundi", "• Mardi"],
            &["Notes"],
        ] {
            assert_eq!(from(other), None, "{other:?}");
        }
    }

    #[test]
    fn numbers_of_the_notes_leave_the_text() {
        let notes = Notes { from: 1, count: 2 };
        assert_eq!(
            notes.without_references(
                "Rennes[1] a suspendu [2], (3) et (2024), fermés¹ 3 m² et 4**."
            ),
            "Rennes a suspendu, (3) et (2024), fermés 3 m² et 4**."
        );
    }
}
