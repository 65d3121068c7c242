//! What a figure counts, in the words of its sentence's translation: a noun beside its number says more than
//! one that was translated without its sentence.

use french::text::{Locale, english_number, english_scale, numerals, whole_places, word_ranges};

use crate::lexicon;

/// Words from the number to the noun.
const REACH: usize = 5;
/// Probabilities from which on a word can be the translation of another beside the same number.
const FORWARD: f32 = 0.05;
const BACKWARD: f32 = 0.01;

/// The words behind `value` in `english` that say `french`, a noun with its adjectives. Returns `None` unless
/// one of them is known to mean one of the French.
pub(in crate::summarize) fn counted_beside(
    english: &str,
    value: f64,
    french: &str,
) -> Option<String> {
    let nouns = nouns(french);
    ends_of(english, value)
        .into_iter()
        .find_map(|end| noun_behind(&english[end..], &nouns))
}

/// The words of a phrase, those with hyphens whole and in parts.
fn nouns(french: &str) -> Vec<String> {
    let mut nouns = french::text::words(french);
    let whole = french.split_whitespace().filter(|word| word.contains('-'));
    nouns.extend(whole.map(str::to_lowercase));
    nouns
}

/// The bytes at which the numbers of this value end, with `million` and its like.
fn ends_of(english: &str, value: f64) -> Vec<usize> {
    let is_value = |found: f64| (found - value).abs() <= 1e-6 * value.abs().max(1.0);
    let digits = numerals(english, Locale::English).into_iter();
    let digits = digits.map(|numeral| (numeral.range.end, numeral.value.to_f64()));
    let spelled = word_ranges(english).filter_map(|range| {
        let number = english_number(&english[range.clone()].to_lowercase())?;
        Some((range.end, number as f64))
    });
    let all = digits.chain(spelled);
    let scaled = all.map(|(end, number)| {
        let next = word_ranges(&english[end..]).next();
        let scale = next.and_then(|range| {
            let is_next = english[end..end + range.start].trim().is_empty();
            let scale = english_scale(&english[end..][range.clone()].to_lowercase())?;
            is_next.then_some((end + range.end, scale))
        });
        match scale {
            Some((end, scale)) => (end, number * scale as f64),
            None => (end, number),
        }
    });
    (scaled.filter(|(_, number)| is_value(*number)))
        .map(|(end, _)| end)
        .collect()
}

/// The words that `rest` begins with, up to the last that means one of `nouns`.
fn noun_behind(rest: &str, nouns: &[String]) -> Option<String> {
    let clause = rest.find([',', '.', ';', ':', '(', ')', '"', '!', '?', '–', '—']);
    let clause = &rest[..clause.unwrap_or(rest.len())];
    let words = word_ranges(clause).take(REACH).map(|range| &clause[range]);
    let mut words: Vec<String> = words.map(uncapitalised).collect();
    let skipped = |word: &String| SKIPPED.contains(&word.as_str());
    words.drain(..words.iter().take_while(|word| skipped(word)).count());
    let means = |word: &String| {
        let lower = word.to_lowercase();
        nouns.iter().any(|noun| means(noun, &lower))
    };
    let mut last = words.iter().rposition(means)?;
    // `injured people`
    if matches!(
        words.get(last + 1).map(String::as_str),
        Some("people" | "persons")
    ) {
        last += 1;
    }
    let is_part = |word: &String| {
        let is_name = word.starts_with(char::is_uppercase);
        !GRAMMAR.contains(&word.as_str()) && (is_name || lexicon::is_english(word))
    };
    (words[..last].iter().all(is_part)).then(|| words[..=last].join(" "))
}

/// A common word without its capital.
fn uncapitalised(word: &str) -> String {
    let lower = word.to_lowercase();
    match lexicon::is_common(&lower) && !word.chars().skip(1).any(char::is_uppercase) {
        true => lower,
        false => word.to_owned(),
    }
}

/// Whether the English word can be a translation of the French noun, in singular or plural.
fn means(french: &str, english: &str) -> bool {
    if PREPOSED.contains(&french) || GRAMMAR.contains(&english) || !lexicon::is_english(english) {
        return false;
    }
    let singular = french.strip_suffix(['s', 'x']).unwrap_or(french);
    let one = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    [french, singular].into_iter().any(|french| {
        let mut translations = lexicon::translations(french);
        translations.any(|it| {
            it.forward >= FORWARD && it.backward >= BACKWARD && one(it.english) == one(english)
        })
    })
}

/// Words between a number and the first of the noun.
const SKIPPED: [&str; 8] = [
    "of", "or", "so", "dozen", "hundred", "thousand", "million", "billion",
];

/// French adjectives before a noun, which count nothing.
const PREPOSED: [&str; 16] = [
    "nouveau",
    "nouveaux",
    "nouvelle",
    "nouvelles",
    "autre",
    "autres",
    "premier",
    "premiers",
    "première",
    "premières",
    "petits",
    "petites",
    "grands",
    "grandes",
    "derniers",
    "dernières",
];

/// Words that join phrases or make clauses.
const GRAMMAR: [&str; 47] = [
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has",
    "have", "he", "in", "is", "it", "of", "on", "or", "our", "she", "than", "that", "the", "their",
    "there", "these", "they", "this", "to", "was", "were", "which", "who", "only", "also", "not",
    "no", "more", "less", "about", "will", "with", "would",
];

/// Whether all words of an English phrase that was translated without its sentence can be translations of
/// words of the French.
pub(in crate::summarize) fn is_translation(english: &str, french: &str) -> bool {
    let nouns = nouns(french);
    let mut own = french::text::words(english).into_iter();
    !whole_places(french, english).is_empty()
        || own.any(|word| nouns.iter().any(|noun| means(noun, &word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noun_beside_the_number_is_taken() {
        for (english, value, french, wanted) in [
            ("Two men were injured.", 2.0, "hommes", Some("men")),
            (
                "There were 1,200 political prisoners in May.",
                1200.0,
                "prisonniers politiques",
                Some("political prisoners"),
            ),
            (
                "It has 2.5 million inhabitants.",
                2.5e6,
                "habitants",
                Some("inhabitants"),
            ),
            (
                "In 2020, 300 new jobs.",
                300.0,
                "nouveaux emplois",
                Some("new jobs"),
            ),
            (
                "The 400 injured people left.",
                400.0,
                "blessés",
                Some("injured people"),
            ),
            ("They lost 300 baux homes.", 300.0, "logements", None),
            ("Some 300 of the jobs", 300.0, "emplois", None),
            ("Of 12, it lost jobs", 12.0, "emplois", None),
            ("It has 12 seats.", 13.0, "sièges", None),
        ] {
            assert_eq!(
                counted_beside(english, value, french).as_deref(),
                wanted,
                "{english}"
            );
        }
    }

    #[test]
    fn words_that_mean_something_else_are_no_translation() {
        assert!(is_translation("pupils", "élèves"));
        assert!(!is_translation("car touches", "cartouches"));
    }
}
