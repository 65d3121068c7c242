//! Words without accents and case, as annotations and readings are compared by them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// `text` in lower case, without accents and ligatures.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
        .replace('œ', "oe")
        .nfkd()
        .filter(|&character| canonical_combining_class(character) == 0)
        .collect()
}

/// The words of `text`, folded.
pub(crate) fn words(text: &str) -> Vec<String> {
    folded(text)
        .split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether the words of `short` stand in `long`, side by side.
pub(crate) fn contains(long: &str, short: &str) -> bool {
    let (long, short) = (words(long), words(short));
    !short.is_empty() && long.windows(short.len()).any(|window| window == short)
}

/// Whether one contains the other.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    contains(one, other) || contains(other, one)
}

/// How many words two texts have in common, counting repeated ones as often as both have them.
pub(crate) fn common_words(one: &[String], other: &[String]) -> usize {
    let mut rest: Vec<&String> = other.iter().collect();
    one.iter()
        .filter(|word| {
            let place = rest.iter().position(|candidate| candidate == word);
            place.map(|place| rest.swap_remove(place)).is_some()
        })
        .count()
}
