//! Which numbers a translation lost. Knows the other ways in which a good translation writes a
//! number, and reports nothing in case of doubt.

use std::ops::Range;

use super::lexer::{Digits, Notation, separated_digits};
use super::spelled::english_runs;
use super::words::{Form, MILLION, THOUSAND, number_word};
use super::{Decimal, Locale, Numeral, numerals};

/// The numerals of `french`, as written there, that `english` has in no form. Each numeral or
/// number word of the English matches one of the French.
pub fn lost(french: &str, english: &str) -> Vec<String> {
    let mut written = readings(english, Locale::English);
    written.extend(
        english_runs(english)
            .into_iter()
            .map(|value| vec![value.into()]),
    );
    let mut wanted: Vec<(Range<usize>, Vec<Decimal>)> = numerals(french, Locale::French)
        .into_iter()
        .zip(readings(french, Locale::French))
        .map(|(numeral, readings)| (numeral.range, readings))
        .filter(|(range, _)| !may_be_left_out(french, range))
        .collect();
    // Equal values first, so that another reading of one number does not use up the match of
    // another.
    let mut answered = |same: fn(&[Decimal], &[Decimal]) -> bool| {
        wanted.retain(|(_, wanted)| {
            let answer = written.iter().position(|written| same(wanted, written));
            answer.map(|at| written.swap_remove(at)).is_none()
        });
    };
    answered(|wanted, written| wanted.first() == written.first());
    answered(|wanted, written| written.iter().any(|value| wanted.contains(value)));
    wanted
        .into_iter()
        .map(|(range, _)| french[range].to_owned())
        .collect()
}

/// Whether the numeral is the minutes of a full hour: `11 h 00` is `11 am`.
fn may_be_left_out(french: &str, range: &Range<usize>) -> bool {
    let before = french[..range.start].trim_end();
    &french[range.clone()] == "00" && before.ends_with(['h', 'H', ':'])
}

/// For each numeral, the values that it may stand for; first the one that is written.
fn readings(text: &str, locale: Locale) -> Vec<Vec<Decimal>> {
    let numerals = numerals(text, locale);
    let mut all = Vec::with_capacity(numerals.len());
    let mut previous = None;
    for numeral in &numerals {
        let Numeral { range, value } = numeral;
        let after = &text[range.end..];
        let mut readings = vec![value.clone()];
        readings.extend(scale(after, locale).map(|scale| value.times(scale)));
        if let Some(number) = value.to_u32() {
            if is_hour(after, locale) && (13..=24).contains(&number) {
                readings.push(Decimal::from(u64::from(number - 12)));
            }
            readings.extend(other_year(text, previous, numeral).map(Decimal::from));
        }
        // A number written as in the other language.
        let other = match locale {
            Locale::French => Notation::English,
            Locale::English => Notation::French,
        };
        readings.push(Digits::at(text, range.start, other).value());
        all.push(readings);
        previous = Some(numeral);
    }
    all
}

/// The year that a numeral of two digits may stand for, and the two digits that may stand for a
/// year: `1995-96` and `2008-2009`, `années 90` and `1990s`.
fn other_year(text: &str, previous: Option<&Numeral>, numeral: &Numeral) -> Option<u64> {
    let year = |numeral: &Numeral| {
        numeral
            .value
            .to_u32()
            .filter(|it| (1000..=9999).contains(it))
    };
    let Numeral { range, value } = numeral;
    let number = u64::from(value.to_u32()?);
    let begun = previous
        .filter(|previous| matches!(&text[previous.range.end..range.start], "-" | "–" | "/"));
    let twenties = text[..range.start].trim_end().ends_with("années");
    let century =
        (begun.and_then(year).map(|year| u64::from(year) / 100)).or_else(|| twenties.then_some(19));
    match century {
        Some(century) if range.len() == 2 => Some(100 * century + number),
        _ if year(numeral).is_some()
            && (previous.is_some() || text[range.end..].starts_with('s')) =>
        {
            Some(number % 100)
        }
        _ => None,
    }
}

/// What the word or letters after a numeral multiply it by.
fn scale(after: &str, locale: Locale) -> Option<u64> {
    let word = first_word(after.trim_start_matches(|c: char| c.is_whitespace() || c == '-'));
    let scale = number_word(&word.to_lowercase(), locale).filter(|word| word.is_scale())?;
    let follows_digits = match (locale, scale.form) {
        (_, Form::Ordinal) => false,
        (Locale::French, _) => scale.value >= THOUSAND,
        (Locale::English, Form::Plural) => scale.value >= MILLION,
        (Locale::English, _) => true,
    };
    follows_digits.then_some(scale.value)
}

/// The letters that `text` starts with.
fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic());
    &text[..end.unwrap_or(text.len())]
}

/// Whether `after`, the text after a numeral, makes it an hour of the day.
fn is_hour(after: &str, locale: Locale) -> bool {
    let unit = first_word(after.trim_start());
    let minutes = matches!(separated_digits(after), Some((':', minutes)) if minutes.len() == 2);
    minutes || locale == Locale::French && matches!(unit, "h" | "H" | "heure" | "heures")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_lost(french: &str, english: &str, expected: &[&str]) {
        assert_eq!(lost(french, english), expected, "{french} = {english}");
    }

    #[test]
    fn numbers_in_other_forms_are_not_lost() {
        check_lost(
            "1 200 prisonniers et 2,5 milliards",
            "1,200 prisoners and 2.5 billion",
            &[],
        );
        check_lost("1 200 prisonniers", "1200 prisoners, or 1 200", &[]);
        check_lost("2,3 millions d'euros", "2,300,000 euros", &[]);
        check_lost(
            "3 des 25 et 125 000 euros",
            "three of the twenty-five and one hundred and twenty-five thousand euros",
            &[],
        );
        check_lost(
            "le 1er, la 2e et la 21e",
            "the first, the second and the twenty-first",
            &[],
        );
        check_lost("à 14h, 20h30 et 11 h 00", "at 2pm, 8.30pm and 11 am", &[]);
        check_lost("à 20h30", "at 20:30", &[]);
        check_lost("les années 90 et 2008-2009", "the 1990s and 2008-09", &[]);
        check_lost("au XIXe siècle", "in the 19th century", &[]);
        check_lost("100 personnes", "a hundred people", &[]);
    }

    #[test]
    fn lost_numbers_are_reported_as_written() {
        check_lost(
            "1 200 prisonniers, dont 14 libérés",
            "1,200 prisoners were freed",
            &["14"],
        );
        check_lost("1 200 prisonniers", "12,000 prisoners", &["1 200"]);
        check_lost("de 5 à 5", "from 5", &["5"]);
        check_lost("2,5 milliards", "25 billion", &["2,5"]);
        check_lost("20 habitants", "8 inhabitants", &["20"]);
        check_lost("12 et 3", "one, two and thirteen", &["12", "3"]);
    }

    proptest! {
        #[test]
        fn text_without_marks_loses_nothing_to_itself(text in "([0-9]{1,4}|[ :h'\u{a0}–a-z]| thousand| million){0,60}") {
            prop_assert_eq!(lost(&text, &text), Vec::<String>::new());
        }
    }
}
