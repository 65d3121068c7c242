//! Numerals in French and English text, and which of them a translation lost. Reads digits; units,
//! currencies and counted things belong to `summarize`. [`lost`] guards translations: it knows the
//! other ways in which a good translation writes a number, and reports nothing in case of doubt.

use std::ops::Range;

/// How numbers are written: `1 200,5` or `1,200.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    French,
    English,
}

/// A number written in digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numeral {
    /// Byte range of the digits with their separators, without sign and unit.
    pub range: Range<usize>,
    /// Canonical decimal: a point, no grouping, no leading or trailing zeros (`1200`, `2.5`).
    pub value: String,
}

/// All numerals of `text`, in order. Each part of a date, a time or a score is a numeral of its
/// own, and so are digits within words (`A320`, `Covid-19`, `1er`, `14h30`).
pub fn numerals(text: &str, locale: Locale) -> Vec<Numeral> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let numeral = numeral_at(text, at + offset, locale);
        at = numeral.range.end;
        found.push(numeral);
    }
    found
}

fn numeral_at(text: &str, start: usize, locale: Locale) -> Numeral {
    let first = digits(&text[start..]);
    let mut integer = first.to_owned();
    let mut end = start + first.len();
    let mut separator = None;
    while let Some((mark, group)) = separated_digits(&text[end..]) {
        let groups =
            (mark.is_whitespace() || matches!(mark, '\'' | '’') || mark == grouping(locale))
                && separator.is_none_or(|s| s == mark)
                && first.len() <= 3
                && !first.starts_with('0')
                && group.len() == 3;
        if !groups {
            break;
        }
        separator = Some(mark);
        integer.push_str(group);
        end += mark.len_utf8() + group.len();
    }
    let mut fraction = "";
    if let Some((mark, decimals)) = separated_digits(&text[end..]) {
        let after = &text[end + mark.len_utf8() + decimals.len()..];
        // French news also uses a decimal point; three digits after it are a group.
        let decimal = mark == decimal_mark(locale)
            || mark == '.'
                && locale == Locale::French
                && separator.is_none()
                && decimals.len() != 3;
        let list = separated_digits(after).is_some_and(|(m, _)| m == mark)
            || text[..start]
                .strip_suffix(mark)
                .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
        let time = mark == '.' && decimals.len() == 2 && is_half_day(after);
        if decimal && !list && !time {
            fraction = decimals;
            end += 1 + decimals.len();
        }
    }
    Numeral {
        range: start..end,
        value: canonical(&integer, fraction),
    }
}

fn grouping(locale: Locale) -> char {
    match locale {
        Locale::French => '.',
        Locale::English => ',',
    }
}

fn decimal_mark(locale: Locale) -> char {
    match locale {
        Locale::French => ',',
        Locale::English => '.',
    }
}

fn digits(text: &str) -> &str {
    &text[..text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len())]
}

/// A single character and the digits after it.
fn separated_digits(text: &str) -> Option<(char, &str)> {
    let mark = text.chars().next()?;
    let run = digits(&text[mark.len_utf8()..]);
    (!run.is_empty()).then_some((mark, run))
}

fn canonical(integer: &str, fraction: &str) -> String {
    let integer = integer.trim_start_matches('0');
    let integer = if integer.is_empty() { "0" } else { integer };
    match fraction.trim_end_matches('0') {
        "" => integer.to_owned(),
        fraction => format!("{integer}.{fraction}"),
    }
}

/// Whether `after`, the text after a time, begins with `am` or `pm`.
fn is_half_day(after: &str) -> bool {
    let after = after.trim_start().as_bytes();
    ["am", "pm", "a.m", "p.m"].iter().any(|mark| {
        after
            .get(..mark.len())
            .is_some_and(|a| a.eq_ignore_ascii_case(mark.as_bytes()))
    })
}

/// The numerals of `french`, as written there, that `english` has in no form. Each numeral or
/// number word of the English matches one of the French.
pub fn lost(french: &str, english: &str) -> Vec<String> {
    let mut written = readings(english, Locale::English);
    written.extend(number_words(english));
    let mut wanted: Vec<(Range<usize>, Vec<String>)> = numerals(french, Locale::French)
        .into_iter()
        .zip(readings(french, Locale::French))
        .map(|(numeral, readings)| (numeral.range, readings))
        .filter(|(range, _)| !may_be_left_out(french, range))
        .collect();
    // Equal values first, so that another reading of one number does not use up the match of
    // another.
    let mut answered = |same: fn(&[String], &[String]) -> bool| {
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
fn readings(text: &str, locale: Locale) -> Vec<Vec<String>> {
    let numerals = numerals(text, locale);
    let mut all: Vec<Vec<String>> = Vec::with_capacity(numerals.len());
    for (i, Numeral { range, value }) in numerals.iter().enumerate() {
        let mut readings = vec![value.clone()];
        let (before, after) = (&text[..range.start], &text[range.end..]);
        if let Some(zeros) = scale(after, locale) {
            readings.push(shifted(value, zeros));
        }
        if let Ok(number) = value.parse::<u32>() {
            if is_hour(after, locale) && (13..=24).contains(&number) {
                readings.push((number - 12).to_string());
            }
            // "1995-96" and "2008-2009", "années 90" and "1990s".
            let previous = i.checked_sub(1).map(|i| &numerals[i]);
            let century = previous
                .filter(|p| {
                    p.value.len() == 4 && matches!(&text[p.range.end..range.start], "-" | "–" | "/")
                })
                .map(|p| p.value[..2].to_owned())
                .or_else(|| {
                    before
                        .trim_end()
                        .ends_with("années")
                        .then(|| "19".to_owned())
                });
            match century {
                Some(century) if range.len() == 2 => readings.push(format!("{century}{number:02}")),
                _ if value.len() == 4 && (previous.is_some() || after.starts_with('s')) => {
                    readings.push((number % 100).to_string());
                }
                _ => {}
            }
        }
        // A number written as in the other language.
        let other = match locale {
            Locale::French => numeral_at(text, range.start, Locale::English),
            Locale::English => numeral_at(text, range.start, Locale::French),
        };
        readings.push(other.value);
        all.push(readings);
    }
    all
}

/// Number of zeros that the word or letters after a numeral add to it.
fn scale(after: &str, locale: Locale) -> Option<usize> {
    let word = after.trim_start_matches(|c: char| c.is_whitespace() || c == '-');
    let word = &word[..word
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(word.len())];
    match (locale, word.to_lowercase().as_str()) {
        (Locale::French, "mille" | "milliers" | "k") => Some(3),
        (Locale::French, "million" | "millions" | "m") => Some(6),
        (Locale::French, "milliard" | "milliards" | "md" | "mds" | "mrd") => Some(9),
        (Locale::French, "billion" | "billions") => Some(12),
        (Locale::English, "hundred") => Some(2),
        (Locale::English, "thousand" | "k") => Some(3),
        (Locale::English, "million" | "millions" | "m" | "mn") => Some(6),
        (Locale::English, "billion" | "billions" | "b" | "bn") => Some(9),
        (Locale::English, "trillion" | "trillions" | "tn") => Some(12),
        _ => None,
    }
}

/// `value` times ten to the power of `zeros`.
fn shifted(value: &str, zeros: usize) -> String {
    let (integer, fraction) = value.split_once('.').unwrap_or((value, ""));
    let moved = fraction.len().min(zeros);
    let padding = "0".repeat(zeros - moved);
    canonical(
        &format!("{integer}{}{padding}", &fraction[..moved]),
        &fraction[moved..],
    )
}

/// Whether `after`, the text after a numeral, makes it an hour of the day.
fn is_hour(after: &str, locale: Locale) -> bool {
    let unit = after.trim_start();
    let unit = &unit[..unit
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(unit.len())];
    let minutes = matches!(separated_digits(after), Some((':', minutes)) if minutes.len() == 2);
    minutes || locale == Locale::French && matches!(unit, "h" | "H" | "heure" | "heures")
}

/// The values of English number words, each run of them one number: `two hundred and five`.
fn number_words(english: &str) -> Vec<Vec<String>> {
    let mut values = Vec::new();
    // Value of the run up to now, and of its part below the last thousand, million or billion.
    let mut run: Option<(u64, u64)> = None;
    let mut end = |run: &mut Option<(u64, u64)>| {
        if let Some((above, below)) = run.take() {
            values.push(vec![above.saturating_add(below).to_string()]);
        }
    };
    let lower = english.to_lowercase();
    for word in lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        match (number_word(word), run) {
            (Some(Word::Scale(100)), Some((above, below))) => {
                run = Some((above, below.max(1).saturating_mul(100)));
            }
            (Some(Word::Scale(scale)), Some((above, below))) => {
                run = Some((above.saturating_add(below.max(1).saturating_mul(scale)), 0));
            }
            (Some(Word::Scale(scale)), None) => run = Some((0, scale)),
            (Some(Word::Unit(unit)), Some((above, below))) if fits(below, unit) => {
                run = Some((above, below + unit));
            }
            (Some(Word::Unit(unit)), _) => {
                end(&mut run);
                run = Some((0, unit));
            }
            (None, Some(_)) if word == "and" => {}
            (None, _) => end(&mut run),
        }
    }
    end(&mut run);
    values
}

/// Whether `unit` may follow a number that ends in `below`: `twenty` and `five`, `hundred` and
/// `twelve`, but not `two` and `three`.
fn fits(below: u64, unit: u64) -> bool {
    match unit {
        0 => false,
        1..10 => below == 0 || below.is_multiple_of(10) && below % 100 != 10,
        _ => below.is_multiple_of(100),
    }
}

enum Word {
    Unit(u64),
    Scale(u64),
}

fn number_word(word: &str) -> Option<Word> {
    Some(match word {
        "zero" | "nil" | "midnight" => Word::Unit(0),
        "one" | "first" | "once" | "single" => Word::Unit(1),
        "two" | "second" | "twice" | "both" | "double" | "pair" | "couple" => Word::Unit(2),
        "three" | "third" | "thirds" | "triple" => Word::Unit(3),
        "four" | "fourth" => Word::Unit(4),
        "five" | "fifth" => Word::Unit(5),
        "six" | "sixth" => Word::Unit(6),
        "seven" | "seventh" => Word::Unit(7),
        "eight" | "eighth" => Word::Unit(8),
        "nine" | "ninth" => Word::Unit(9),
        "ten" | "tenth" => Word::Unit(10),
        "eleven" | "eleventh" => Word::Unit(11),
        "twelve" | "twelfth" | "dozen" | "noon" => Word::Unit(12),
        "thirteen" | "thirteenth" => Word::Unit(13),
        "fourteen" | "fourteenth" => Word::Unit(14),
        "fifteen" | "fifteenth" => Word::Unit(15),
        "sixteen" | "sixteenth" => Word::Unit(16),
        "seventeen" | "seventeenth" => Word::Unit(17),
        "eighteen" | "eighteenth" => Word::Unit(18),
        "nineteen" | "nineteenth" => Word::Unit(19),
        "twenty" | "twentieth" | "twenties" => Word::Unit(20),
        "thirty" | "thirtieth" | "thirties" => Word::Unit(30),
        "forty" | "fortieth" | "forties" => Word::Unit(40),
        "fifty" | "fiftieth" | "fifties" | "half" => Word::Unit(50),
        "sixty" | "sixtieth" | "sixties" => Word::Unit(60),
        "seventy" | "seventieth" | "seventies" => Word::Unit(70),
        "eighty" | "eightieth" | "eighties" => Word::Unit(80),
        "ninety" | "ninetieth" | "nineties" => Word::Unit(90),
        "hundred" | "hundredth" => Word::Scale(100),
        "thousand" | "thousandth" => Word::Scale(1_000),
        "million" | "millionth" => Word::Scale(1_000_000),
        "billion" => Word::Scale(1_000_000_000),
        "trillion" => Word::Scale(1_000_000_000_000),
        _ => return None,
    })
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
        fn every_digit_is_in_one_numeral(text in "([0-9]{1,4}|[ .,:h'\u{a0}–a-z]|\\PC){0,60}") {
            for locale in [Locale::French, Locale::English] {
                let mut end = 0;
                for Numeral { range, value } in numerals(&text, locale) {
                    prop_assert!(!text[end..range.start].contains(|c: char| c.is_ascii_digit()));
                    prop_assert!(value.parse::<f64>().is_ok());
                    end = range.end;
                }
                prop_assert!(!text[end..].contains(|c: char| c.is_ascii_digit()));
            }
        }

        #[test]
        fn text_without_marks_loses_nothing_to_itself(text in "([0-9]{1,4}|[ :h'\u{a0}–a-z]| thousand| million){0,60}") {
            prop_assert_eq!(lost(&text, &text), Vec::<String>::new());
        }
    }
}
