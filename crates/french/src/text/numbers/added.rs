//! Numbers that a translation has and its source lacks.

use super::lost::readings;
use super::spelled::french_number;
use super::words::number_word;
use super::{Decimal, Locale, numerals, roman_numeral};
use crate::text::words;

/// Numbers from which on one in digits is compared; smaller ones are often said in other ways.
const LEAST: f64 = 10.0;

/// Words of people's ages by tens.
const AGES: [(&str, u64); 10] = [
    ("trentenaire", 30),
    ("quadragénaire", 40),
    ("quarantenaire", 40),
    ("quinquagénaire", 50),
    ("cinquantenaire", 50),
    ("sexagénaire", 60),
    ("septuagénaire", 70),
    ("octogénaire", 80),
    ("nonagénaire", 90),
    ("centenaire", 100),
];

/// The numerals of `english`, as written there, that `french` has in no form: in digits, words or Roman
/// numerals. Only numbers from 10 on are compared.
pub fn added(french: &str, english: &str) -> Vec<String> {
    let written = numerals(english, Locale::English);
    let is_compared = |value: &Decimal| value.to_f64() >= LEAST;
    if !written.iter().any(|numeral| is_compared(&numeral.value)) {
        return Vec::new();
    }
    let said = said(french);
    let candidates = written.into_iter().zip(readings(english, Locale::English));
    let added = candidates.filter(|(numeral, readings)| {
        is_compared(&numeral.value) && !readings.iter().any(|value| said.contains(value))
    });
    added
        .map(|(numeral, _)| english[numeral.range].to_owned())
        .collect()
}

/// The values that the French may be meant to say.
fn said(french: &str) -> Vec<Decimal> {
    let mut said = readings(french, Locale::French).concat();
    let words = words(french);
    let cardinals: Vec<String> = words
        .iter()
        .map(|word| cardinal(word).unwrap_or_else(|| word.clone()))
        .collect();
    for (at, word) in words.iter().enumerate() {
        let singular = word.trim_end_matches('s');
        let single = number_word(word, Locale::French).map(|found| found.value);
        let age = AGES.iter().find(|(age, _)| *age == singular);
        let values = [
            single,
            french_number(&cardinals[at..]),
            age.map(|(_, value)| *value),
        ];
        said.extend(values.into_iter().flatten().map(Decimal::from));
    }
    said.extend(roman_numerals(french).map(Decimal::from));
    let clock: &[u64] = match words
        .iter()
        .any(|word| word.starts_with("heure") || *word == "midi" || *word == "minuit")
    {
        true => &[12, 15, 30, 45],
        false => &[],
    };
    said.extend(clock.iter().copied().map(Decimal::from));
    // `0h30` is half past twelve; `les années soixante` are the 1960s, `1950` the '50s.
    let whole: Vec<u64> = said
        .iter()
        .filter_map(Decimal::to_u32)
        .map(u64::from)
        .collect();
    for value in whole {
        match value {
            0..100 => said.extend([value + 12, value + 1900, value + 2000].map(Decimal::from)),
            1900..2100 => said.push(Decimal::from(value % 100)),
            _ => {}
        }
    }
    said
}

/// The cardinal of a French ordinal, in lower case: `quinze` for `quinzième`.
fn cardinal(word: &str) -> Option<String> {
    let stem = word.trim_end_matches('s').strip_suffix("ième")?;
    let irregular = |ending, cardinal| Some(stem.strip_suffix(ending)?.to_owned() + cardinal);
    let whole = irregular("cinqu", "cinq").or_else(|| irregular("neuv", "neuf"));
    whole.or_else(|| {
        // `deux`, `quinz`
        let cardinals = [stem.to_owned(), format!("{stem}e")];
        let mut known = cardinals.into_iter();
        known.find(|word| french_number(std::slice::from_ref(word)).is_some())
    })
}

/// The values of the Roman numerals of a text. One of a single letter is a word, `L'` or `Ce`, unless it is
/// an `X`.
fn roman_numerals(text: &str) -> impl Iterator<Item = u64> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let letters = |word: &str| word.chars().filter(|c| c.is_uppercase()).count();
    let numerals = words.filter(move |word| letters(word) > 1 || word.starts_with('X'));
    numerals.filter_map(|word| roman_numeral(word).map(u64::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_the_french_lacks_are_found() {
        for (french, english) in [
            (
                "Ils ont détourné plus d'un quart de million d'euros.",
                "They diverted over EUR 15 million.",
            ),
            ("Il a parlé longtemps.", "He spoke for 20 minutes."),
            (
                "Le maire d'ici, c'est l'ami de M. Roy.",
                "He has 50 friends.",
            ),
        ] {
            assert_eq!(added(french, english).len(), 1, "{english}");
        }
        for (french, english) in [
            (
                "Il en a 1.467, dont douze neufs.",
                "He has 1,467, of which 12 are new.",
            ),
            (
                "Une trentaine de cas, dix mille morts",
                "About 30 cases, 10,000 dead",
            ),
            ("Dans le XIIIe arrondissement", "In the 13th arrondissement"),
            (
                "Au XIIème siècle, au Xe",
                "In the 12th century, in the 10th",
            ),
            (
                "À 0H30, à 14 h 45, à une heure et demie",
                "At 12:30 a.m., 2:45 p.m., 1:30",
            ),
            ("Les années soixante-dix", "The 1970s"),
            ("Au début des années 1950", "In the early '50s"),
            ("Un quinquagénaire", "A 50-year-old man"),
            (
                "1,5 million, deux millions et demi",
                "1.5 million, 2.5 million",
            ),
            ("Vingt-cinq jours, le quinzième", "25 days, the 15th"),
            (
                "Le vingt-cinquième, le dix-neuvième, le trentième",
                "The 25th, the 19th, the 30th",
            ),
        ] {
            assert!(
                added(french, english).is_empty(),
                "{english}: {:?}",
                added(french, english)
            );
        }
    }
}
