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

/// The numbers of `source`, in whatever language, whose digits `english` does not have. Separators
/// differ from language to language and are not compared. Numbers of one digit, which may be spelt
/// out, dates and times of day, and digits with a Chinese, Japanese or Korean scale are left out.
pub fn lost_digits(source: &str, english: &str) -> Vec<String> {
    let said: Vec<String> = digit_runs(english)
        .into_iter()
        .map(|range| digits(&english[range]))
        .chain(
            english_runs(english)
                .into_iter()
                .map(|value| value.to_string()),
        )
        .collect();
    let is_scaled =
        |at: usize| source[at..].starts_with(['万', '萬', '億', '亿', '兆', '만', '억', '조']);
    digit_runs(source)
        .into_iter()
        .filter(|range| !is_scaled(range.end))
        .map(|range| &source[range])
        .filter(|run| {
            let parts = run.split(|c: char| !c.is_ascii_digit()).count();
            let is_date = run.contains(['/', '-', ':']) || parts == 3 && run.len() <= 10;
            digits(run).len() > 1 && !is_date && !said.contains(&digits(run))
        })
        .map(str::to_owned)
        .collect()
}

fn digits(run: &str) -> String {
    run.chars().filter(char::is_ascii_digit).collect()
}

/// Digits with single marks and blanks between them: `1.234,5`, `12/05/2024`.
fn digit_runs(text: &str) -> Vec<Range<usize>> {
    let is_joint = |c: char| ".,'’/-: \u{a0}\u{202f}".contains(c);
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        let end = at + c.len_utf8();
        let last = runs.last_mut().filter(|last| {
            let mut between = text[last.end..at].chars();
            match (between.next(), between.next()) {
                (None, _) => true,
                // A blank separates groups of three digits.
                (Some(' '), None) => {
                    let group = text[at..].chars().take_while(char::is_ascii_digit);
                    group.count() == 3
                }
                (Some(joint), None) => is_joint(joint),
                _ => false,
            }
        });
        match last {
            Some(last) => last.end = end,
            None => runs.push(at..end),
        }
    }
    runs
}

/// Whether the numeral is the minutes of a full hour: `11 h 00` is `11 am`.
fn may_be_left_out(french: &str, range: &Range<usize>) -> bool {
    let before = french[..range.start].trim_end();
    &french[range.clone()] == "00" && before.ends_with(['h', 'H', ':'])
}

/// For each numeral, the values that it may stand for; first the one that is written.
pub(super) fn readings(text: &str, locale: Locale) -> Vec<Vec<Decimal>> {
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
        all.push(readings);
        previous = Some(numeral);
        // `10.000` in French has groups of thousands, and nothing else.
        if locale == Locale::French && has_groups(&text[range.clone()]) {
            continue;
        }
        // A number written as in the other language.
        let other = match locale {
            Locale::French => Notation::English,
            Locale::English => Notation::French,
        };
        if let Some(readings) = all.last_mut() {
            readings.push(Digits::at(text, range.start, other).value());
        }
    }
    all
}

/// Whether a numeral has points before groups of three digits.
fn has_groups(numeral: &str) -> bool {
    let mut groups = numeral.split('.').skip(1).peekable();
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
    groups.peek().is_some() && groups.all(is_group)
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
    fn digits_are_compared_in_any_language() {
        for (source, english, lost) in [
            ("Es kamen 1.234,5 Tonnen.", "1,234.5 tonnes came.", &[][..]),
            ("10 000 personas en 2024", "10,000 people in 2024", &[]),
            ("Am 12.5.2024 um 15:30", "On 12 May 2024 at 3.30 p.m.", &[]),
            ("12 Menschen", "twelve people", &[]),
            ("3万人", "30,000 people", &[]),
            ("Es kamen 250 Menschen.", "People came.", &["250"]),
            ("1 500 euro", "1,600 euros", &["1 500"]),
        ] {
            assert_eq!(lost_digits(source, english), lost, "{source}");
        }
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
