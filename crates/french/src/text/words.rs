//! Words of a text.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The byte ranges of the runs of letters and digits in `text`.
pub fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(char::is_alphanumeric)?;
        let length = text[start..].find(|c: char| !c.is_alphanumeric());
        at = length.map_or(text.len(), |length| start + length);
        Some(start..at)
    })
}

/// The runs of letters and digits in `text`, as written.
pub fn word_slices(text: &str) -> impl Iterator<Item = &str> {
    word_ranges(text).map(|range| &text[range])
}

/// Where `part` stands in `text`, not within a longer word or number.
pub fn whole_places(text: &str, part: &str) -> Vec<usize> {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let starts_word = part.starts_with(char::is_alphanumeric);
    let ends_word = part.ends_with(char::is_alphanumeric);
    text.match_indices(part)
        .map(|(place, _)| place)
        .filter(|&place| {
            let before = text[..place].chars().next_back();
            let after = text[place + part.len()..].chars().next();
            !(starts_word && joins(before) || ends_word && joins(after))
        })
        .collect()
}

/// The runs of letters and digits in `text`, in lower case.
pub fn words(text: &str) -> Vec<String> {
    word_slices(text).map(str::to_lowercase).collect()
}

/// `text` without accents, in its own case.
pub fn without_accents(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// The words of `text` in lower case and without accents, for comparing names.
pub fn folded_words(text: &str) -> Vec<String> {
    words(&without_accents(text))
}
