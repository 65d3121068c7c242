//! Numbers of one or several words: `soixante et onze`, `two hundred and five`.

use super::Locale;
use super::words::{Form, HUNDRED, THOUSAND, french_approximation, french_cardinal_word};
use super::words::{NumberWord, number_word};
use crate::text::word_slices;

/// Reads the French number that `words`, in lower case, start with. Returns its value and how many
/// words it takes.
pub(crate) fn french_cardinal<'a>(
    words: impl IntoIterator<Item = &'a str>,
) -> Option<(u64, usize)> {
    let mut number = Cardinal::default();
    let mut taken = 0;
    let mut pending_and = false;
    for (index, word) in words.into_iter().enumerate() {
        if word == "et" && number.open_to_one() {
            pending_and = true;
            continue;
        }
        let before = number;
        let fits = word != "et"
            && word
                .split('-')
                .filter(|part| *part != "et")
                .all(|part| number.push(part));
        if !fits || (pending_and && !matches!(word, "un" | "une" | "onze")) {
            number = before;
            break;
        }
        pending_and = false;
        taken = index + 1;
    }
    (taken > 0).then(|| (number.value(), taken))
}

/// The value of the French number that `words`, in lower case, start with: `vingt`, `cinq`;
/// `quarantaine`; `milliers`.
pub fn french_number(words: &[String]) -> Option<u64> {
    french_approximation(words.first()?.trim_end_matches('s'))
        .or_else(|| Some(french_cardinal(words.iter().map(String::as_str))?.0))
}

/// The value of an English cardinal below a hundred, in lower case: `five`, `twenty-five`.
pub fn english_number(word: &str) -> Option<u64> {
    let cardinal = |word: &str| {
        number_word(word, Locale::English)
            .filter(|found| found.form == Form::Cardinal && !found.is_scale())
            .map(|found| found.value)
    };
    let Some((tens, unit)) = word.split_once('-') else {
        return cardinal(word);
    };
    let (tens, unit) = (cardinal(tens)?, cardinal(unit)?);
    (tens >= 20 && (1..10).contains(&unit)).then_some(tens + unit)
}

/// A French number, of which more words may follow.
#[derive(Clone, Copy, Default)]
struct Cardinal {
    /// Thousands and more, closed.
    total: u64,
    /// Below a thousand, still growing.
    current: Option<u64>,
    /// Value of the last word.
    last: u64,
}

impl Cardinal {
    fn value(self) -> u64 {
        self.total.saturating_add(self.current.unwrap_or(0))
    }

    /// Whether `et un` or `et onze` may follow.
    fn open_to_one(self) -> bool {
        matches!(self.last, 20 | 30 | 40 | 50 | 60)
    }

    /// Adds one more word. Returns `false` if it does not continue the number.
    fn push(&mut self, word: &str) -> bool {
        let Some(value) = french_cardinal_word(word) else {
            return false;
        };
        if value >= THOUSAND {
            return self.push_scale(value);
        }
        let current = self.current.unwrap_or(0);
        let below_hundred = current % HUNDRED;
        let score = value == 20 && below_hundred == 4;
        let next = match value {
            HUNDRED if current < 10 => current.max(1) * HUNDRED,
            HUNDRED => return false,
            // quatre-vingts
            _ if score => current + 76,
            _ if below_hundred == 0 => current + value,
            7..=9 if below_hundred == 10 => current + value,
            1..=16 if matches!(below_hundred, 60 | 80) => current + value,
            // soixante-dix-sept, quatre-vingt-dix-neuf
            0..=16 if matches!(below_hundred, 70 | 90) && self.last == 10 => current + value,
            1..=9 if below_hundred >= 20 && below_hundred.is_multiple_of(10) => current + value,
            _ => return false,
        };
        self.last = if score { 80 } else { value };
        self.current = Some(next);
        true
    }

    fn push_scale(&mut self, scale: u64) -> bool {
        let started = self.current.is_some() || self.total > 0;
        if (!started && scale > THOUSAND) || (self.total > 0 && scale > self.total) {
            return false;
        }
        let factor = self.current.take().unwrap_or(1);
        self.total = self.total.saturating_add(factor.saturating_mul(scale));
        self.last = scale;
        true
    }
}

/// The values of the English numbers in words, each run of words one number: `two hundred and
/// five`. Knows ordinals and nouns too.
pub(super) fn english_runs(english: &str) -> Vec<u64> {
    let mut values = Vec::new();
    let mut run: Option<Run> = None;
    let lower = english.to_lowercase();
    for word in word_slices(&lower) {
        // `hundreds of thousands` are no certain number.
        let found = number_word(word, Locale::English).filter(|found| {
            !found.is_scale() || matches!(found.form, Form::Cardinal | Form::Ordinal)
        });
        run = match (found, run) {
            (Some(word), Some(run)) if run.takes(word) => Some(run.with(word)),
            (Some(word), last) => {
                values.extend(last.map(Run::value));
                Some(Run::starting(word))
            }
            (None, Some(run)) if word == "and" => Some(run),
            (None, last) => {
                values.extend(last.map(Run::value));
                None
            }
        };
    }
    values.extend(run.map(Run::value));
    values
}

/// English number words one after another.
#[derive(Clone, Copy)]
struct Run {
    /// The part that is multiplied by a thousand, a million or more.
    above: u64,
    below: u64,
}

impl Run {
    fn starting(word: NumberWord) -> Self {
        Self {
            above: 0,
            below: word.value,
        }
    }

    fn value(self) -> u64 {
        self.above.saturating_add(self.below)
    }

    /// Whether `word` may follow: `twenty` and `five`, `hundred` and `twelve`, but not `two` and
    /// `three`. A scale always may.
    fn takes(self, word: NumberWord) -> bool {
        match word.value {
            _ if word.is_scale() => true,
            0 => false,
            1..10 => self.below == 0 || self.below.is_multiple_of(10) && self.below % HUNDRED != 10,
            _ => self.below.is_multiple_of(HUNDRED),
        }
    }

    fn with(self, word: NumberWord) -> Self {
        let multiplied = self.below.max(1).saturating_mul(word.value);
        let (above, below) = match word.value {
            HUNDRED => (self.above, multiplied),
            _ if word.is_scale() => (self.above.saturating_add(multiplied), 0),
            unit => (self.above, self.below + unit),
        };
        Self { above, below }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<(u64, usize)> {
        french_cardinal(text.split(' '))
    }

    #[test]
    fn spelled_numbers_have_their_value() {
        for (text, expected) in [
            ("seize", 16),
            ("vingt et un", 21),
            ("vingt-deux", 22),
            ("dix-sept", 17),
            ("soixante et onze", 71),
            ("soixante-dix-sept", 77),
            ("quatre-vingts", 80),
            ("quatre-vingt-dix-neuf", 99),
            ("cent vingt", 120),
            ("deux cents", 200),
            ("mille", 1000),
            ("trois mille deux cent cinquante", 3250),
            ("deux millions", 2_000_000),
            ("un milliard", 1_000_000_000),
        ] {
            assert_eq!(
                value(text),
                Some((expected, text.split(' ').count())),
                "{text}"
            );
        }
    }

    #[test]
    fn a_number_ends_where_the_next_one_begins() {
        assert_eq!(value("deux trois"), Some((2, 1)));
        assert_eq!(value("vingt et des"), Some((20, 1)));
        assert_eq!(value("millions de"), None);
        assert_eq!(value("personnes"), None);
    }

    #[test]
    fn an_english_cardinal_is_one_word() {
        assert_eq!(english_number("five"), Some(5));
        assert_eq!(english_number("twenty-five"), Some(25));
        for word in ["five-five", "twenty-ten", "fifth", "hundred", "dozen", ""] {
            assert_eq!(english_number(word), None, "{word}");
        }
    }

    #[test]
    fn english_numbers_in_words_are_read_run_by_run() {
        assert_eq!(
            english_runs("two hundred and five, three thousand and twenty-one; two three"),
            [205, 3021, 2, 3]
        );
        assert_eq!(english_runs("the second of a dozen hundreds"), [2, 12]);
    }
}
