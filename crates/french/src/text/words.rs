//! Words of a text.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The runs of letters and digits in `text`, as written.
pub fn word_slices(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The runs of letters and digits in `text`, in lower case.
pub fn words(text: &str) -> Vec<String> {
    word_slices(text).map(str::to_lowercase).collect()
}

/// `text` without accents, in its own case.
pub fn without_accents(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// The words of `text` in lower case and without accents, for comparing names.
pub fn folded_words(text: &str) -> Vec<String> {
    words(&without_accents(text))
}
