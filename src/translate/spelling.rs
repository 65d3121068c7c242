//! Names that a translation misspells, spelt as the French has them or as their English is known.
//!
//! The network writes rare names piece by piece, and now and then another piece: `Monteburg`,
//! `Buches-du-Rhône`. It translates a part of compounds: `Two-Sèvres`. A capitalised word that neither the
//! French nor the word translations know, and that is nearly a name of the sentence, is that name.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::ops::Range;

use french::text::word_ranges;

use super::terms::{Found, folded, lost};
use crate::lexicon;

/// Letters from which on a word may be spelt wrong by one, and by two.
const LONG: usize = 5;
const LONGER: usize = 8;

/// A word of a name, as it should be spelt.
struct Right<'a> {
    word: &'a str,
    key: String,
    /// Whether the English lacks the name, so that even a known word may be a misspelling of it.
    is_lost: bool,
}

/// Returns `english`, a translation of `source` with the terms `found`, with its misspelt names put right.
pub(super) fn spelt(found: &[Found], source: &str, english: String) -> String {
    let names = names(found, source, &english);
    if names.is_empty() {
        return english;
    }
    let said = LazyCell::new(|| -> HashSet<String> {
        let words = compounds(source);
        words.map(|range| folded(&source[range])).collect()
    });
    let mut text = english;
    let ranges: Vec<Range<usize>> = compounds(&text).collect();
    for range in ranges.into_iter().rev() {
        let word = &text[range.clone()];
        if !word.starts_with(char::is_uppercase) {
            continue;
        }
        let wrong = folded(word);
        if said.contains(&wrong) || names.iter().any(|name| name.key == wrong) {
            continue;
        }
        let is_known =
            word_ranges(word).all(|part| lexicon::is_english(&word[part].to_lowercase()));
        let candidates = names.iter().filter(|name| {
            let is_misspelt = (name.is_lost || !is_known) && is_misspelt(&wrong, &name.key);
            is_misspelt || is_half_translated(&wrong, &name.key)
        });
        let nearest =
            candidates.min_by_key(|name| (distance(&wrong, &name.key, usize::MAX), !name.is_lost));
        if let Some(name) = nearest {
            text.replace_range(range, name.word);
        }
    }
    text
}

/// The words of the names of a sentence: of the terms their English, and what else has a capital in the French.
fn names<'a>(found: &'a [Found], source: &'a str, english: &str) -> Vec<Right<'a>> {
    let right = |word: &'a str, is_lost| Right {
        word,
        key: folded(word),
        is_lost,
    };
    let lost = lost(found, english);
    let of_terms = found.iter().flat_map(|term| {
        let is_lost = lost.contains(&term);
        let english = term.term.english.as_str();
        compounds(english).map(move |range| right(&english[range], is_lost))
    });
    let is_free = |range: &Range<usize>| {
        let mut terms = found.iter();
        !terms.any(|term| term.range.start < range.end && range.start < term.range.end)
    };
    let others = compounds(source).filter(is_free);
    let others = others.map(|range| right(&source[range], false));
    of_terms
        .chain(others)
        .filter(|name| name.word.starts_with(char::is_uppercase))
        .collect()
}

/// Whether `wrong` is the name `right` but for some letters, and not as English writes it.
fn is_misspelt(wrong: &str, right: &str) -> bool {
    let most = match right.chars().count() {
        LONGER.. => 2,
        LONG.. => 1,
        _ => return false,
    };
    let is_cognate = COGNATES.iter().any(|(english, french)| {
        let stem = wrong.strip_suffix(english);
        stem.is_some() && stem == right.strip_suffix(french)
    });
    !is_cognate && distance(wrong, right, most) <= most
}

/// Endings of names and peoples in English, with the French ones.
const COGNATES: [(&str, &str); 12] = [
    ("a", "e"),
    ("an", "ain"),
    ("ans", "ains"),
    ("ean", "een"),
    ("eans", "eens"),
    ("er", "re"),
    ("ian", "ien"),
    ("ians", "iens"),
    ("ic", "ique"),
    ("ist", "iste"),
    ("ists", "istes"),
    ("y", "ie"),
];

/// `upper-de-france` for `hauts-de-france`: all parts but the first are the same.
fn is_half_translated(wrong: &str, right: &str) -> bool {
    match (wrong.split_once('-'), right.split_once('-')) {
        (Some((_, wrong)), Some((_, right))) => wrong == right && right.len() >= LONG,
        _ => false,
    }
}

/// The words of `text`, those that hyphens join as one.
fn compounds(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut words = word_ranges(text).peekable();
    std::iter::from_fn(move || {
        let mut whole = words.next()?;
        while let Some(next) = words.next_if(|next| text[whole.end..next.start] == *"-") {
            whole.end = next.end;
        }
        Some(whole)
    })
}

/// Letters that have to be inserted, removed or changed to make `b` of `a`; more than `most` if that
/// is not enough.
fn distance(a: &str, b: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_right(source: &str, english: &str) -> String {
        spelt(&[], source, english.to_owned())
    }

    #[test]
    fn names_are_spelt_as_the_french_has_them() {
        for (source, english, wanted) in [
            (
                "Lundi, Arnaud Montebourg a vu Paul Touttée.",
                "On Monday, Arnaud Monteburg saw Paul Toutée.",
                "On Monday, Arnaud Montebourg saw Paul Touttée.",
            ),
            (
                "les bars des Bouches-du-Rhône et des Champs-Elysées",
                "the bars of Buches-du-Rhône and the Champs-Élysés",
                "the bars of Bouches-du-Rhône and the Champs-Elysées",
            ),
            (
                "un élevage des Deux-Sèvres, dans les Hauts-de-France",
                "a farm in the Two-Sèvres, in Upper-de-France",
                "a farm in the Deux-Sèvres, in Hauts-de-France",
            ),
        ] {
            assert_eq!(put_right(source, english), wanted);
        }
    }

    #[test]
    fn english_forms_are_no_misspellings() {
        for (source, english) in [
            (
                "Les Algériens et les Syriens d'Europe, en Algérie.",
                "The Algerians and the Syrians of Europe, in Algeria.",
            ),
            ("Le Parlement catalan.", "The Catalan Parliament."),
            ("La Colombie et l'Arménie.", "Colombia and Armenia."),
            (
                "Il a vu Alexandre à Londres.",
                "He saw Alexander in London.",
            ),
        ] {
            assert_eq!(put_right(source, english), english);
        }
    }

    #[test]
    fn distances_are_counted_up_to_a_limit() {
        assert_eq!(distance("nicole", "nicolle", 2), 1);
        assert_eq!(distance("lukashenka", "lukashenko", 2), 1);
        assert_eq!(distance("abc", "abc", 2), 0);
        assert!(distance("paris", "madrid", 2) > 2);
    }
}
