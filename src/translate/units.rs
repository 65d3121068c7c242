//! Whether a translation measures its numbers in what the French does: kilometres, euros, years.

use std::collections::HashMap;
use std::sync::LazyLock;

use french::text::{
    Decimal, Locale, english_number, english_scale, french_number, french_scale_stems, numerals,
};

/// A unit: its kind and its name.
type Unit = (&'static str, &'static str);

/// The units that a word in lower case may stand for.
type Forms = HashMap<&'static str, Vec<Unit>>;

struct Table {
    french: Forms,
    english: Forms,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        french: HashMap::new(),
        english: HashMap::new(),
    };
    let rows = include_str!("units.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    for row in rows {
        let columns: Vec<&str> = row.split('\t').collect();
        let [kind, unit, french, english] = columns[..] else {
            panic!("{row}")
        };
        for (forms, words) in [(&mut table.french, french), (&mut table.english, english)] {
            for word in words.split(' ') {
                forms.entry(word).or_default().push((kind, unit));
            }
        }
    }
    table
});

/// Units of this kind change with their number only: `quinze jours` are two weeks.
const TIME: &str = "time";

/// Words between a rate and its number: `1 200 euros net en moyenne par mois`.
const WORDS_BEFORE_RATE: usize = 6;

/// Returns the units of `french`, by name, that `english` has another one of the same kind for, and
/// the periods of its rates (`par jour`) that `english` does not say.
pub(super) fn changed_units(french: &str, english: &str) -> Vec<&'static str> {
    let (french, english) = (
        Measures::of(french, Locale::French),
        Measures::of(english, Locale::English),
    );
    let is_changed = |(value, unit): &&(Decimal, Unit)| {
        let (kind, _) = *unit;
        let mut others = english.measured.iter().filter(|(other_value, other)| {
            other.0 == kind
                && (kind != TIME || other_value == value)
                && !french.said.contains(other)
        });
        !english.said.contains(unit) && others.next().is_some()
    };
    let changed = french
        .measured
        .iter()
        .filter(is_changed)
        .map(|(_, unit)| unit.1);
    let lost = french
        .rates
        .iter()
        .filter(|unit| !english.said.contains(unit))
        .map(|unit| unit.1);
    let mut names: Vec<&str> = changed.chain(lost).collect();
    names.dedup();
    names
}

/// What a text measures.
struct Measures {
    /// Numbers with their units.
    measured: Vec<(Decimal, Unit)>,
    /// All units, with a number or without.
    said: Vec<Unit>,
    /// The periods of rates, of French texts.
    rates: Vec<Unit>,
}

/// A word in lower case, or a sign of a unit, or a number.
enum Token {
    Word(String),
    Number(Decimal),
}

impl Measures {
    fn of(text: &str, locale: Locale) -> Self {
        let forms = match locale {
            Locale::French => &TABLE.french,
            Locale::English => &TABLE.english,
        };
        let tokens = tokens(text, locale);
        let units = |token: Option<&Token>| match token {
            Some(Token::Word(word)) => forms.get(word.as_str()).map_or(&[][..], Vec::as_slice),
            _ => &[],
        };
        let mut found = Self {
            measured: Vec::new(),
            said: Vec::new(),
            rates: Vec::new(),
        };
        let mut since_number = usize::MAX;
        for (at, token) in tokens.iter().enumerate() {
            found.said.extend(units(Some(token)));
            since_number = since_number.saturating_add(1);
            match token {
                Token::Number(value) => {
                    since_number = 0;
                    let is_passed = |token: &&Token| matches!(token, Token::Word(word) if is_scale(word, locale));
                    let passed = tokens[at + 1..].iter().take_while(is_passed).count();
                    let before = units(at.checked_sub(1).map(|before| &tokens[before])).iter();
                    // `€12`
                    let sign = before.filter(|_| matches!(&tokens[at - 1], Token::Word(word) if !word.starts_with(char::is_alphabetic)));
                    let after = units(tokens.get(at + 1 + passed)).iter();
                    found
                        .measured
                        .extend(sign.chain(after).map(|unit| (value.clone(), *unit)));
                }
                Token::Word(word) if word == "par" && since_number <= WORDS_BEFORE_RATE => {
                    let periods = units(tokens.get(at + 1)).iter();
                    found
                        .rates
                        .extend(periods.filter(|(kind, _)| *kind == TIME));
                }
                Token::Word(_) => {}
            }
        }
        found
    }
}

/// Whether a word stands between a number and its unit: `12 millions d'euros`, `12 million euros`.
fn is_scale(word: &str, locale: Locale) -> bool {
    match locale {
        Locale::French => {
            let scales = [1_000, 1_000_000, 1_000_000_000];
            let mut stems = scales.into_iter().flat_map(french_scale_stems);
            ["de", "d"].contains(&word) || stems.any(|stem| word.starts_with(stem))
        }
        Locale::English => ["us", "of"].contains(&word) || english_scale(word).is_some(),
    }
}

fn tokens(text: &str, locale: Locale) -> Vec<Token> {
    let mut numerals = numerals(text, locale).into_iter().peekable();
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if let Some(numeral) = numerals.next_if(|numeral| numeral.range.start <= at) {
            at = numeral.range.end.max(at);
            tokens.push(Token::Number(numeral.value));
        } else if c.is_alphabetic() {
            let end = text[at..]
                .find(|c: char| !c.is_alphabetic())
                .map_or(text.len(), |end| at + end);
            let word = text[at..end].to_lowercase();
            let number = match locale {
                Locale::French => french_number(std::slice::from_ref(&word)),
                Locale::English => english_number(&word),
            };
            let is_number =
                !is_scale(&word, locale) && !["un", "une", "one"].contains(&word.as_str());
            tokens.push(match number.filter(|_| is_number) {
                Some(value) => Token::Number(Decimal::from(value)),
                None => Token::Word(word),
            });
            at = end;
        } else {
            if "€$£¥%".contains(c) {
                tokens.push(Token::Word(c.to_string()));
            }
            at += c.len_utf8();
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_units_and_lost_rates_are_found() {
        for (french, english, changed) in [
            (
                "à 12 km de Paris",
                "12 miles from Paris",
                &["kilometre"][..],
            ),
            (
                "trois kilomètres plus loin",
                "three miles further on",
                &["kilometre"],
            ),
            ("12 millions d'euros", "$12 million", &["euro"]),
            ("500 livres", "500 euros", &["pound"]),
            ("il y a 5 ans", "5 months ago", &["year"]),
            ("huit jours plus tard", "eight weeks later", &["day"]),
            ("une hausse de 5 points", "a rise of 5%", &["point"]),
            ("50 tonnes de riz", "50 kilos of rice", &["tonne"]),
            ("1 200 euros par mois", "€1,200", &["month"]),
            ("300 cas par jour", "300 cases a week", &["day"]),
            ("90 km par heure", "90 kilometres", &["hour"]),
        ] {
            assert_eq!(changed_units(french, english), changed, "{french}");
        }
    }

    #[test]
    fn the_same_in_other_words_is_not() {
        for (french, english) in [
            ("à 12 km de Paris", "12 kilometres from Paris"),
            ("12 M€ d'aides", "€12 million in aid"),
            ("12 millions de dollars", "US$12 million"),
            ("quinze jours plus tard", "two weeks later"),
            ("à 8 heures", "at 8 a.m."),
            ("âgé de 12 ans", "a 12-year-old"),
            ("300 cas par jour", "300 daily cases"),
            ("2 % par an", "2% annually"),
            ("500 livres de poche", "500 paperback books"),
            ("une livre, 10 euros", "one pound, €10"),
            ("90 km/h", "90 kph"),
            ("par an", "Rain"),
            (
                "la hausse de 5 points, à 12 %",
                "the five-point rise to 12%",
            ),
        ] {
            assert_eq!(changed_units(french, english), [""; 0], "{french}");
        }
    }
}
