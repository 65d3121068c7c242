//! When a fact read is the annotated one.

use super::Edtf;
use super::annotation;
use super::reading::{Date, Figure, Name, Quote};
use super::words::{common_words, contains, overlap, words};

/// Units that are symbols; every other unit is a noun.
const SYMBOLS: [&str; 11] = [
    "%", "people", "years", "km", "km/h", "kg", "°C", "ha", "tonnes", "hours", "m",
];

/// Names are the same if one form contains the other, word for word, or a mention contains an
/// annotated form.
pub(crate) fn name(found: &Name, gold: &annotation::Name) -> bool {
    has_form(found, &gold.fr) || gold.alt_fr.iter().any(|form| has_form(found, form))
}

/// As [`name`]; a surname by itself is enough.
pub(crate) fn person(found: &Name, gold: &annotation::Name) -> bool {
    let words = words(&gold.fr);
    name(found, gold) || matches!(&words[..], [_, .., surname] if has_form(found, surname))
}

fn has_form(found: &Name, form: &str) -> bool {
    overlap(&found.french, form) || found.mentions.iter().any(|it| contains(it, form))
}

/// Dates are the same if their expressions overlap and their values are equal. An interval is also
/// each of its ends.
pub(crate) fn date(found: &Date, gold: &annotation::Date) -> bool {
    let Some(iso) = &gold.iso else {
        return overlap(&found.as_written, &gold.as_written);
    };
    let accepted = |value: Edtf| {
        let mut values = std::iter::once(iso).chain(&gold.iso_alt);
        values.any(|it| it.parse() == Ok(value))
    };
    let or_end = |edtf: Edtf| accepted(edtf) || edtf.points().map(Edtf::from).any(accepted);
    overlap(&found.as_written, &gold.as_written) && found.edtf.is_some_and(or_end)
}

/// Figures are the same if value and unit agree. Any noun agrees with any noun or with none,
/// because the noun may be worded in many ways.
pub(crate) fn figure(found: &Figure, gold: &annotation::Figure) -> bool {
    let units = found.unit == gold.unit
        || !(is_symbol(found.unit.as_deref()) || is_symbol(gold.unit.as_deref()));
    units && (found.value - gold.value).abs() < 1e-6
}

fn is_symbol(unit: Option<&str>) -> bool {
    unit.is_some_and(|unit| {
        let currency = unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
        currency || SYMBOLS.contains(&unit)
    })
}

/// Quotations are the same if three quarters of their words are.
pub(crate) fn quote(found: &Quote, gold: &annotation::Quote) -> bool {
    let (found, gold) = (words(&found.text), words(&gold.text_fr));
    let longer = found.len().max(gold.len()).max(1);
    4 * common_words(&found, &gold) >= 3 * longer
}

/// Roles are the same if they share a word of more than three letters, or both have none.
pub(crate) fn role(found: Option<&str>, gold: Option<&str>) -> bool {
    share_words(found, gold, |word| word.chars().count() > 3)
}

/// Speakers are the same if they share a word, or the text names neither.
pub(crate) fn speaker(found: Option<&str>, gold: Option<&str>) -> bool {
    share_words(found, gold, |word| {
        !["le", "la", "l", "m", "de"].contains(&word)
    })
}

fn share_words(found: Option<&str>, gold: Option<&str>, counts: fn(&str) -> bool) -> bool {
    let counted = |text: Option<&str>| {
        let mut words = words(text.unwrap_or_default());
        words.retain(|word| counts(word));
        words
    };
    let (found, gold) = (counted(found), counted(gold));
    found.iter().any(|word| gold.contains(word)) || (found.is_empty() && gold.is_empty())
}
