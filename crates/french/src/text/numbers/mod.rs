//! Numbers in French and English: in digits ([`numerals`]), in words ([`french_number`],
//! [`english_number`]) and in Roman numerals ([`roman_numeral`]), and which of them a translation
//! lost ([`lost`]).
//!
//! [`lexer`] decides which digits and marks belong together, [`words`] has the tables of number
//! words and scales. Units, currencies and counted things belong to `facts`.

mod added;
mod decimal;
mod lexer;
mod lost;
mod roman;
mod spelled;
mod words;

use std::ops::Range;

pub use added::added;
pub use decimal::Decimal;
pub(crate) use lexer::{length_in_reading, quantity};
pub use lost::{lost, lost_digits};
pub(crate) use roman::roman;
pub use roman::roman_numeral;
pub(crate) use spelled::french_cardinal;
pub use spelled::{english_number, french_number};
pub use words::{english_scale, french_scale_stems};
pub(crate) use words::{french_approximation, french_scale};

use lexer::{Digits, Notation};

/// The language whose conventions a number follows: `1 200,5` or `1,200.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// `1 200,5`
    French,
    /// `1,200.5`
    English,
}

/// A number written in digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numeral {
    /// Byte range of the digits with their separators, without sign and unit.
    pub range: Range<usize>,
    /// Its value.
    pub value: Decimal,
}

/// All numerals of `text`, in order. Each part of a date, a time or a score is a numeral of its
/// own, and so are digits within words (`A320`, `Covid-19`, `1er`, `14h30`).
pub fn numerals(text: &str, locale: Locale) -> Vec<Numeral> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let start = at + offset;
        let digits = Digits::at(text, start, Notation::of(locale));
        at = start + digits.text.len();
        found.push(Numeral {
            range: start..at,
            value: digits.value(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, locale: Locale, values: &[&str]) {
        let found = numerals(text, locale);
        let found: Vec<&str> = found.iter().map(|numeral| numeral.value.as_str()).collect();
        assert_eq!(found, values, "{text}");
    }

    #[test]
    fn groups_and_decimals_follow_the_language() {
        use Locale::{English, French};
        check(
            "1 200 ou 1\u{202f}200 ou 1.200 ou 1'200",
            French,
            &["1200", "1200", "1200", "1200"],
        );
        check(
            "2,5 puis 1 425,67 puis 1.250.000,50 puis 4.53",
            French,
            &["2.5", "1425.67", "1250000.5", "4.53"],
        );
        check(
            "1,200 then 2.5 then 1,250,000.50",
            English,
            &["1200", "2.5", "1250000.5"],
        );
        check("en 2019 200 personnes", French, &["2019", "200"]);
        check("100 20", French, &["100", "20"]);
        check("007 et 0,50", French, &["7", "0.5"]);
    }

    #[test]
    fn dates_times_and_words_keep_their_numbers() {
        use Locale::{English, French};
        check(
            "le 12.04.2020 à 14h30, 20:15",
            French,
            &["12", "4", "2020", "14", "30", "20", "15"],
        );
        check(
            "le 1er, la 2nde, l'A320, le Covid-19, la COP21",
            French,
            &["1", "2", "320", "19", "21"],
        );
        check(
            "at 8.30pm, 8.30 a.m. and 192.168.1.1",
            English,
            &["8", "30", "8", "30", "192", "168", "1", "1"],
        );
        check(
            "6-4, 7/6 et 1,2,3",
            French,
            &["6", "4", "7", "6", "1", "2", "3"],
        );
    }

    proptest! {
        #[test]
        fn every_digit_is_in_one_numeral(text in "([0-9]{1,4}|[ .,:h'\u{a0}–a-z]|\\PC){0,60}") {
            for locale in [Locale::French, Locale::English] {
                let mut end = 0;
                for Numeral { range, value } in numerals(&text, locale) {
                    prop_assert!(!text[end..range.start].contains(|c: char| c.is_ascii_digit()));
                    prop_assert!(value.to_f64().is_finite());
                    end = range.end;
                }
                prop_assert!(!text[end..].contains(|c: char| c.is_ascii_digit()));
            }
        }
    }
}
