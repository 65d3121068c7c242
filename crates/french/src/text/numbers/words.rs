//! Number words and scales of French and English, with their values.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Locale;

/// How a word says its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `five`, `hundred`, `million`
    Cardinal,
    /// `twenties`, `hundreds`, `quatre-vingts`, `millions`
    Plural,
    /// `fifth`, `hundredth`
    Ordinal,
    /// A noun, adjective or adverb: `dozen`, `single`, `twice`, `noon`, `quarantaine`, `milliers`
    Noun,
    /// Letters after digits: `k`, `bn`, `Md`
    Symbol,
}

use Form::{Cardinal, Noun, Ordinal, Plural, Symbol};

/// A word for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumberWord {
    pub value: u64,
    pub form: Form,
}

impl NumberWord {
    /// Whether the word multiplies the number before it.
    pub(super) fn is_scale(self) -> bool {
        self.value >= HUNDRED
    }
}

pub(super) const HUNDRED: u64 = 100;
pub(super) const THOUSAND: u64 = 1_000;
pub(super) const MILLION: u64 = 1_000_000;
const MILLIARD: u64 = 1_000_000_000;
const MILLION_MILLIONS: u64 = 1_000_000_000_000;

type Table = [(u64, Form, &'static str)];

const FRENCH: &Table = &[
    (0, Cardinal, "zéro"),
    (1, Cardinal, "un une"),
    (2, Cardinal, "deux"),
    (3, Cardinal, "trois"),
    (4, Cardinal, "quatre"),
    (5, Cardinal, "cinq"),
    (6, Cardinal, "six"),
    (7, Cardinal, "sept"),
    (8, Cardinal, "huit"),
    (9, Cardinal, "neuf"),
    (10, Cardinal, "dix"),
    (10, Noun, "dizaine"),
    (11, Cardinal, "onze"),
    (12, Cardinal, "douze"),
    (12, Noun, "douzaine"),
    (13, Cardinal, "treize"),
    (14, Cardinal, "quatorze"),
    (15, Cardinal, "quinze"),
    (15, Noun, "quinzaine"),
    (16, Cardinal, "seize"),
    (20, Cardinal, "vingt"),
    (20, Plural, "vingts"),
    (20, Noun, "vingtaine"),
    (30, Cardinal, "trente"),
    (30, Noun, "trentaine"),
    (40, Cardinal, "quarante"),
    (40, Noun, "quarantaine"),
    (50, Cardinal, "cinquante"),
    (50, Noun, "cinquantaine"),
    (60, Cardinal, "soixante"),
    (60, Noun, "soixantaine"),
    (70, Cardinal, "septante"),
    (80, Cardinal, "huitante octante"),
    (90, Cardinal, "nonante"),
    (HUNDRED, Cardinal, "cent"),
    (HUNDRED, Plural, "cents"),
    (HUNDRED, Noun, "centaine"),
    (THOUSAND, Cardinal, "mille"),
    (THOUSAND, Noun, "millier milliers"),
    (THOUSAND, Symbol, "k"),
    (MILLION, Cardinal, "million"),
    (MILLION, Plural, "millions"),
    (MILLION, Symbol, "m"),
    (MILLIARD, Cardinal, "milliard"),
    (MILLIARD, Plural, "milliards"),
    (MILLIARD, Symbol, "md mds mrd"),
    (MILLION_MILLIONS, Cardinal, "billion"),
    (MILLION_MILLIONS, Plural, "billions"),
];

const ENGLISH: &Table = &[
    (0, Cardinal, "zero"),
    (0, Noun, "nil midnight"),
    (1, Cardinal, "one"),
    (1, Ordinal, "first"),
    (1, Noun, "once single"),
    (2, Cardinal, "two"),
    (2, Ordinal, "second"),
    (2, Noun, "twice both double pair couple"),
    (3, Cardinal, "three"),
    (3, Ordinal, "third thirds"),
    (3, Noun, "triple"),
    (4, Cardinal, "four"),
    (4, Ordinal, "fourth"),
    (5, Cardinal, "five"),
    (5, Ordinal, "fifth"),
    (6, Cardinal, "six"),
    (6, Ordinal, "sixth"),
    (7, Cardinal, "seven"),
    (7, Ordinal, "seventh"),
    (8, Cardinal, "eight"),
    (8, Ordinal, "eighth"),
    (9, Cardinal, "nine"),
    (9, Ordinal, "ninth"),
    (10, Cardinal, "ten"),
    (10, Ordinal, "tenth"),
    (11, Cardinal, "eleven"),
    (11, Ordinal, "eleventh"),
    (12, Cardinal, "twelve"),
    (12, Ordinal, "twelfth"),
    (12, Noun, "dozen noon"),
    (13, Cardinal, "thirteen"),
    (13, Ordinal, "thirteenth"),
    (14, Cardinal, "fourteen"),
    (14, Ordinal, "fourteenth"),
    (15, Cardinal, "fifteen"),
    (15, Ordinal, "fifteenth"),
    (16, Cardinal, "sixteen"),
    (16, Ordinal, "sixteenth"),
    (17, Cardinal, "seventeen"),
    (17, Ordinal, "seventeenth"),
    (18, Cardinal, "eighteen"),
    (18, Ordinal, "eighteenth"),
    (19, Cardinal, "nineteen"),
    (19, Ordinal, "nineteenth"),
    (20, Cardinal, "twenty"),
    (20, Ordinal, "twentieth"),
    (20, Plural, "twenties"),
    (30, Cardinal, "thirty"),
    (30, Ordinal, "thirtieth"),
    (30, Plural, "thirties"),
    (40, Cardinal, "forty"),
    (40, Ordinal, "fortieth"),
    (40, Plural, "forties"),
    (50, Cardinal, "fifty"),
    (50, Ordinal, "fiftieth"),
    (50, Plural, "fifties"),
    // Of a hundred per cent.
    (50, Noun, "half"),
    (60, Cardinal, "sixty"),
    (60, Ordinal, "sixtieth"),
    (60, Plural, "sixties"),
    (70, Cardinal, "seventy"),
    (70, Ordinal, "seventieth"),
    (70, Plural, "seventies"),
    (80, Cardinal, "eighty"),
    (80, Ordinal, "eightieth"),
    (80, Plural, "eighties"),
    (90, Cardinal, "ninety"),
    (90, Ordinal, "ninetieth"),
    (90, Plural, "nineties"),
    (HUNDRED, Cardinal, "hundred"),
    (HUNDRED, Plural, "hundreds"),
    (HUNDRED, Ordinal, "hundredth"),
    (THOUSAND, Cardinal, "thousand"),
    (THOUSAND, Plural, "thousands"),
    (THOUSAND, Ordinal, "thousandth"),
    (THOUSAND, Symbol, "k"),
    (MILLION, Cardinal, "million"),
    (MILLION, Plural, "millions"),
    (MILLION, Ordinal, "millionth"),
    (MILLION, Symbol, "m mn"),
    (MILLIARD, Cardinal, "billion"),
    (MILLIARD, Plural, "billions"),
    (MILLIARD, Symbol, "b bn"),
    (MILLION_MILLIONS, Cardinal, "trillion"),
    (MILLION_MILLIONS, Plural, "trillions"),
    (MILLION_MILLIONS, Symbol, "tn"),
];

type NumberWords = LazyLock<HashMap<&'static str, NumberWord>>;

static FRENCH_WORDS: NumberWords = LazyLock::new(|| by_word(FRENCH));
static ENGLISH_WORDS: NumberWords = LazyLock::new(|| by_word(ENGLISH));

fn by_word(table: &Table) -> HashMap<&'static str, NumberWord> {
    let rows = table.iter().copied();
    rows.flat_map(|(value, form, words)| {
        words
            .split(' ')
            .map(move |word| (word, NumberWord { value, form }))
    })
    .collect()
}

/// Looks up `word`, which is in lower case.
pub(super) fn number_word(word: &str, locale: Locale) -> Option<NumberWord> {
    let words = match locale {
        Locale::French => &FRENCH_WORDS,
        Locale::English => &ENGLISH_WORDS,
    };
    words.get(word).copied()
}

/// The value of a French cardinal of one word, in lower case; also of its plural: `vingts`,
/// `millions`.
pub(super) fn french_cardinal_word(word: &str) -> Option<u64> {
    let found = number_word(word, Locale::French)?;
    matches!(found.form, Cardinal | Plural).then_some(found.value)
}

/// What the French `word`, in lower case, multiplies the number before it by; from `mille` on.
pub(crate) fn french_scale(word: &str) -> Option<u64> {
    french_cardinal_word(word).filter(|value| *value >= THOUSAND)
}

/// The value of a French noun for about so many: `dizaine`, `quarantaine`, `millier`.
pub(crate) fn french_approximation(word: &str) -> Option<u64> {
    let found = number_word(word, Locale::French)?;
    (found.form == Noun).then_some(found.value)
}

/// What the English `word`, in lower case, multiplies the number before it by: `hundred`,
/// `millions`.
pub fn english_scale(word: &str) -> Option<u64> {
    let found = number_word(word, Locale::English).filter(|found| found.is_scale())?;
    matches!(found.form, Cardinal | Plural).then_some(found.value)
}

/// What the French words that an English scale translates begin with, without accents: `cent` for
/// `cents`, `centaine` and `centième`.
pub fn french_scale_stems(scale: u64) -> &'static [&'static str] {
    match scale {
        HUNDRED => &["cent"],
        THOUSAND => &["mill"],
        MILLION => &["million"],
        MILLIARD => &["milliard", "mds", "md", "mrd"],
        // Also `mille milliards`.
        MILLION_MILLIONS => &["billion", "milliard"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_stands_once_in_its_table() {
        for table in [FRENCH, ENGLISH] {
            let words = table.iter().flat_map(|(_, _, words)| words.split(' '));
            assert_eq!(words.count(), by_word(table).len());
        }
    }

    #[test]
    fn scales_differ_between_the_languages() {
        assert_eq!(french_scale("billion"), Some(MILLION_MILLIONS));
        assert_eq!(english_scale("billion"), Some(MILLIARD));
        assert_eq!(french_scale("cent"), None);
        assert_eq!(english_scale("hundred"), Some(HUNDRED));
    }
}
