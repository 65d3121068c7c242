//! Numbers that say how much or how many: their value, unit, qualifier and what they count.
//!
//! Numbers inside dates, times, scores, ordinals, names of models and streets are not figures, nor
//! are small spelled-out numbers of things. `rules` has the table of what is read as figures, `labels`
//! that of what is not.

mod counted;
mod labels;
mod qualifiers;
mod rules;

use std::ops::Range;

use super::classes::Class;
use super::tokens::{Token, TokenKind, TokenizedSentence};
use super::types::{DateMention, FigureMention, Mention, Qualifier};
use super::units::{self, Unit};
use crate::text::Decimal;
use crate::text::numbers::{french_approximation, french_cardinal, french_scale, quantity};
use counted::Counted;

/// Tokens of a sentence over which what was counted before it is still meant.
const SHORT_ANSWER: usize = 3;

pub(super) fn read(sentences: &[TokenizedSentence], dates: &[DateMention]) -> Vec<FigureMention> {
    let mut dates = dates.iter().peekable();
    let mut figures: Vec<FigureMention> = Vec::new();
    let mut counted: Option<FigureMention> = None;
    for sentence in sentences {
        let mut taken: Vec<Range<usize>> = Vec::new();
        while let Some(date) = dates.next_if(|date| date.mention.sentence == sentence.id) {
            taken.push(date.mention.range.clone());
        }
        let reader = Reader {
            sentence,
            tokens: &sentence.tokens,
            found: &[],
            counted: counted.as_ref(),
        };
        let found = reader.read(&taken);
        // What the sentence before counts, `Elles étaient 545` counts too.
        let own = found.iter().rev().find(|figure| figure.counted.is_some());
        // `Non.` stands between question and answer.
        if own.is_some() || sentence.tokens.len() > SHORT_ANSWER {
            counted = own.cloned();
        }
        figures.extend(found);
    }
    figures
}

/// A number, before it is known whether it is a figure.
#[derive(Debug)]
struct Number {
    value: f64,
    /// Its first token.
    first: usize,
    /// The token after its last.
    end: usize,
    /// Whether it is written in digits.
    digits: bool,
    /// Whether it is a round number by its word: `une quarantaine`.
    approximate: bool,
    /// Whether a word such as `millions` stands in it.
    large: bool,
}

fn scaled(value: f64, scale: u64) -> f64 {
    Decimal::from(value).times(scale).to_f64()
}

/// Figures as a rule reads them, and the token after them.
#[derive(Debug)]
struct Reading {
    figures: Vec<FigureMention>,
    end: usize,
}

/// Reads the figures of one sentence.
struct Reader<'a> {
    sentence: &'a TokenizedSentence<'a>,
    tokens: &'a [Token<'a>],
    /// The figures of this sentence so far.
    found: &'a [FigureMention],
    /// The last figure of the sentence before that counts something.
    counted: Option<&'a FigureMention>,
}

impl<'a> Reader<'a> {
    fn read(&self, dates: &[Range<usize>]) -> Vec<FigureMention> {
        let mut figures: Vec<FigureMention> = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let reader = Reader {
                found: &figures,
                ..*self
            };
            match reader.read_at(at, dates) {
                Some(reading) => {
                    figures.extend(reading.figures);
                    at = reading.end.max(at + 1);
                }
                None => at += 1,
            }
        }
        figures
    }

    /// What begins at the token `at`. Returns `None` if no number does.
    fn read_at(&self, at: usize, dates: &[Range<usize>]) -> Option<Reading> {
        let number = self.number(at);
        if let Some(number) = &number {
            let span = self.tokens[number.first].start..self.tokens[number.end - 1].end();
            let dated = dates
                .iter()
                .any(|date| date.start < span.end && span.start < date.end);
            if dated || self.is_label(number) {
                return Some(Reading {
                    figures: Vec::new(),
                    end: number.end,
                });
            }
        }
        let read = rules::RULES.iter().find_map(|rule| {
            let mut reading = (rule.read)(self, at, number.as_ref())?;
            reading
                .figures
                .iter_mut()
                .for_each(|figure| figure.rule = rule.name);
            Some(reading)
        });
        read.or_else(|| {
            number.map(|number| Reading {
                figures: Vec::new(),
                end: number.end,
            })
        })
    }

    /// The tokens from `first` to before `end`.
    fn mention(&self, first: usize, end: usize) -> Mention {
        Mention {
            sentence: self.sentence.id,
            range: self.tokens[first].start..self.tokens[end - 1].end(),
        }
    }

    fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    fn is(&self, at: usize, class: Class) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.is_lower(class))
    }

    /// The word `back` places before the token `at`, in lower case.
    fn before(&self, at: usize, back: usize) -> String {
        at.checked_sub(back)
            .map_or(String::new(), |index| self.word(index).to_lowercase())
    }

    fn token_before(&self, number: &Number) -> Option<&'a Token<'a>> {
        Some(&self.tokens[number.first.checked_sub(1)?])
    }

    /// The number that begins at the token `at`.
    fn number(&self, at: usize) -> Option<Number> {
        let token = self.tokens.get(at)?;
        let mut number = match token.kind {
            TokenKind::Number => Number {
                value: quantity(token.text)?,
                first: at,
                end: at + 1,
                digits: true,
                approximate: false,
                large: false,
            },
            TokenKind::Word => self.spelled_number(at)?,
            TokenKind::Mark => return None,
        };
        let mut scale = french_scale(self.word(number.end - 1)).unwrap_or(1);
        // `60 Millions de consommateurs` is a name.
        while let Some(factor) = french_scale(self.word(number.end))
            .filter(|_| self.word(number.end).starts_with(char::is_lowercase))
        {
            number.value = scaled(number.value, factor);
            scale = factor;
            number.end += 1;
            number.large = true;
        }
        if let Some(factor) = self.scale_symbol(number.end) {
            number.value = scaled(number.value, factor);
            number.end += 1;
            number.large = true;
        }
        // `deux millions et demi`
        if scale > 1 && self.is_half(number.end) {
            number.value += scale as f64 / 2.0;
            number.end += 2;
        }
        Some(number)
    }

    /// Whether `et demi` stands at the token `at`.
    fn is_half(&self, at: usize) -> bool {
        self.word(at) == "et" && matches!(self.word(at + 1), "demi" | "demie")
    }

    /// What the symbol at `at` multiplies an amount of money by: `M` in `3 M€`, `15 M d'euros`, `2 Md de
    /// dollars`.
    fn scale_symbol(&self, at: usize) -> Option<u64> {
        const SYMBOLS: [(&str, u64); 10] = [
            ("k", 1_000),
            ("K", 1_000),
            ("M", 1_000_000),
            ("Mio", 1_000_000),
            ("Md", 1_000_000_000),
            ("Mds", 1_000_000_000),
            ("md", 1_000_000_000),
            ("mds", 1_000_000_000),
            ("Mrd", 1_000_000_000),
            ("Mrds", 1_000_000_000),
        ];
        let (_, scale) = SYMBOLS
            .iter()
            .find(|(symbol, _)| *symbol == self.word(at))?;
        // `12 M de chiens`
        let of = matches!(self.word(at + 1), "de" | "d'");
        if of
            && scale > &1_000
            && self
                .tokens
                .get(at + 2)
                .is_some_and(|noun| noun.text.ends_with(['s', 'x']))
        {
            return Some(*scale);
        }
        let money = at + 1 + usize::from(matches!(self.word(at + 1), "d'" | "de"));
        let (unit, _) = self.unit_at(money)?;
        matches!(unit, Unit::Currency(_)).then_some(*scale)
    }

    fn spelled_number(&self, at: usize) -> Option<Number> {
        let lower: Vec<String> = self.tokens[at..]
            .iter()
            .take(8)
            .take_while(|token| token.is_word())
            .map(|token| token.text.to_lowercase())
            .collect();
        // `un demi-million`
        let half = |word: &str| french_scale(word.strip_prefix("demi-")?);
        if let (Some("un"), Some(scale)) = (
            lower.first().map(String::as_str),
            lower.get(1).and_then(|word| half(word)),
        ) {
            return Some(Number {
                value: scale as f64 / 2.0,
                first: at,
                end: at + 2,
                digits: false,
                approximate: false,
                large: true,
            });
        }
        // `une petite centaine`
        let sized = lower.get(1).is_some_and(|word| {
            matches!(
                &**word,
                "bon" | "bonne" | "petit" | "petite" | "gros" | "grosse" | "demi"
            )
        });
        let at_noun = 1 + usize::from(sized);
        if let (Some(article), Some(noun)) = (lower.first(), lower.get(at_noun))
            && matches!(&**article, "un" | "une")
            && let Some(value) = french_approximation(noun)
        {
            return Some(Number {
                value: value as f64,
                first: at,
                end: at + at_noun + 1,
                digits: false,
                approximate: true,
                large: false,
            });
        }
        let (value, taken) = french_cardinal(lower.iter().map(String::as_str))?;
        let large = lower[..taken]
            .iter()
            .any(|word| french_scale(word).is_some_and(|scale| scale > 1000));
        let number = Number {
            value: value as f64,
            first: at,
            end: at + taken,
            digits: false,
            approximate: false,
            large,
        };
        Some(number)
    }

    /// Makes a figure of the number, including its currency, its sign and a half after its unit.
    fn figure(
        &self,
        number: &Number,
        counted: Counted,
        qualifier: Option<Qualifier>,
    ) -> FigureMention {
        let mut unit = counted.unit;
        let mut end = counted.end.max(number.end);
        let mut start = number.first;
        let mut counted = counted.noun;
        let mut value = number.value;
        // `trois ans et demi`
        if unit.is_some() && end > number.end && self.is_half(end) {
            value += 0.5;
            end += 2;
        }
        if unit.is_none() {
            (unit, counted) = self.understood(number);
        }
        // `$300`
        if let Some(symbol) = start.checked_sub(1).map(|index| &self.tokens[index])
            && matches!(symbol.text, "$" | "£" | "€")
            && symbol.end() == self.tokens[start].start
        {
            start -= 1;
            unit = units::unit(symbol.text);
        }
        if let Some((sign, first)) = self.sign(number, unit.as_ref()) {
            value *= sign;
            start = first;
        }
        FigureMention {
            mention: self.mention(start, end),
            value,
            unit,
            qualifier,
            counted,
            rule: "",
        }
    }

    /// The sign before the number, as -1 or 1, and its first token: `-5 %`, `moins dix-huit degrés`.
    fn sign(&self, number: &Number, unit: Option<&Unit>) -> Option<(f64, usize)> {
        let signed = matches!(
            unit,
            Some(Unit::Percent | Unit::Measure("°C" | "°" | "points") | Unit::Currency(_))
        );
        let at = number.first.checked_sub(1).filter(|_| signed)?;
        let sign = &self.tokens[at];
        let glued = sign.end() == self.tokens[number.first].start;
        let leads = at > 0
            && matches!(
                self.word(at - 1),
                "à" | "de" | "(" | "entre" | "et" | ":" | "soit" | "par"
            );
        match sign.text {
            "-" | "−" | "–" if sign.spaced && (glued || leads) => Some((-1.0, at)),
            "+" if glued || leads => Some((1.0, at)),
            "-" | "−" | "–" if glued && leads => Some((-1.0, at)),
            // `moins dix-huit degrés`, but not `10 % de moins`
            "moins"
                if matches!(unit, Some(Unit::Measure("°C" | "°")))
                    && !matches!(
                        self.before(at, 1).as_str(),
                        "au" | "du" | "ou" | "pas" | "non" | "les" | "d'au"
                    ) =>
            {
                Some((-1.0, at))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
impl<'a> Reader<'a> {
    /// Reads a sentence by itself.
    fn of(sentence: &'a TokenizedSentence<'a>) -> Self {
        Self {
            sentence,
            tokens: &sentence.tokens,
            found: &[],
            counted: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(text: &str) -> Vec<FigureMention> {
        let sentences = [TokenizedSentence::alone(text)];
        let dates = super::super::dates::read(&sentences, None);
        read(&sentences, &dates)
    }

    fn only(text: &str) -> (f64, String, Option<Qualifier>) {
        let mut found = figures(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let figure = found.remove(0);
        (
            figure.value,
            figure.unit.map_or(String::new(), |unit| unit.to_string()),
            figure.qualifier,
        )
    }

    #[test]
    fn figures_have_value_unit_and_qualifier() {
        use Qualifier::*;
        for (text, value, unit, qualifier) in [
            ("52 prisonniers politiques", 52.0, "people", None),
            ("plus d'un milliard de dollars", 1e9, "USD", Some(MoreThan)),
            ("2,5 milliards d'euros", 2.5e9, "EUR", None),
            ("17 milliards d'économies en euros", 17e9, "EUR", None),
            ("2,9 millions de dollars australiens", 2.9e6, "AUD", None),
            ("300 $ canadiens", 300.0, "CAD", None),
            ("3 days", 3.0, "days", None),
            ("8,2 millions d'euros", 8.2e6, "EUR", None),
            ("1 425,67 euros", 1425.67, "EUR", None),
            ("1.250.000,50 euros", 1_250_000.5, "EUR", None),
            ("une perte de 318 M€", 318e6, "EUR", None),
            ("4,07 Mds€", 4.07e9, "EUR", None),
            ("870 k€", 870_000.0, "EUR", None),
            ("870k€", 870_000.0, "EUR", None),
            ("15 M d'euros", 15e6, "EUR", None),
            ("1,2 Md de dollars", 1.2e9, "USD", None),
            ("deux millions et demi d'euros", 2.5e6, "EUR", None),
            ("un milliard et demi de dollars", 1.5e9, "USD", None),
            ("trois ans et demi", 3.5, "years", None),
            ("de 3,5 %", 3.5, "%", None),
            ("90% du budget", 90.0, "%", None),
            ("une baisse de -5 %", -5.0, "%", None),
            ("une baisse de - 5 %", -5.0, "%", None),
            ("limité à +1,5 °C", 1.5, "°C", None),
            ("à moins dix-huit degrés", -18.0, "°C", None),
            ("moins de 7 euros", 7.0, "EUR", Some(LessThan)),
            (
                "près de 45.000 contraventions",
                45000.0,
                "contraventions",
                Some(About),
            ),
            (
                "Au moins une quarantaine de personnes",
                40.0,
                "people",
                Some(AtLeast),
            ),
            ("une vingtaine de kilomètres", 20.0, "km", Some(About)),
            ("Seize personnes", 16.0, "people", None),
            ("on dépasse les 10 kg", 10.0, "kg", Some(MoreThan)),
            ("une température de 56,7°C", 56.7, "°C", None),
            ("15 Français", 15.0, "people", None),
            ("un mort", 1.0, "people", None),
        ] {
            assert_eq!(only(text), (value, unit.to_owned(), qualifier), "{text}");
        }
    }

    #[test]
    fn an_upper_limit_holds_for_both_sides_of_and() {
        let found = figures("jusqu'à 3 ans de prison et 45 000 euros d'amende");
        assert!(
            found
                .iter()
                .all(|figure| figure.qualifier == Some(Qualifier::AtMost)),
            "{found:?}"
        );
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_number_alone_counts_what_the_sentence_counts() {
        let found = figures("Le nombre de prisonniers était estimé à environ 1 200");
        assert_eq!(found[0].counted.as_deref(), Some("prisonniers"));
        assert_eq!(found[0].qualifier, Some(Qualifier::About));
        let found = figures("Le nombre d'accouchements est tombé de 402 à 187");
        let counted: Vec<_> = found
            .iter()
            .map(|it| (it.value, it.counted.as_deref()))
            .collect();
        assert_eq!(
            counted,
            [
                (402.0, Some("accouchements")),
                (187.0, Some("accouchements"))
            ]
        );
    }

    #[test]
    fn a_change_from_one_value_to_another_is_no_range() {
        for text in [
            "est passée de 900 à 3 400 euros",
            "est passée en un an de 900 à 3 400 euros",
        ] {
            let found = figures(text);
            let read: Vec<_> = found.iter().map(|it| (it.value, it.qualifier)).collect();
            assert!(
                read.ends_with(&[(900.0, None), (3400.0, None)]),
                "{text}: {read:?}"
            );
        }
        let range = figures("des passagers de 20 à 30 ans");
        assert_eq!(range[0].qualifier, Some(Qualifier::AtLeast));
    }

    #[test]
    fn a_number_that_is_compared_counts_what_the_one_before_counts() {
        for text in [
            "4 800 visiteurs, contre 3 900 avant",
            "4 800 visiteurs et 3 900 en plus",
        ] {
            let found = figures(text);
            let units: Vec<_> = found.iter().map(|figure| &figure.unit).collect();
            assert_eq!(units, [&Some(Unit::People), &Some(Unit::People)], "{text}");
        }
    }

    #[test]
    fn numbers_that_name_or_order_are_no_figures() {
        for text in [
            "à 15H41 (18H41 GMT)",
            "vers 5h du matin",
            "le 11e arrondissement",
            "un KC-130 et un MD-83",
            "la radio Europe 1",
            "le site 20 Minutes",
            "l'article 49",
            "numéro 2 du parti",
            "le 3 mai 2012",
            "battu 6-4, 7-5",
            "12 rue de Nemours",
            "une Audi R8 sur la Rd6",
            "neuf traversées seraient 10 seraient",
        ] {
            let found = figures(text);
            let unexpected = found
                .iter()
                .filter(|it| it.unit != Some(Unit::Noun("traversées".to_owned())));
            assert_eq!(unexpected.count(), 0, "{text}");
        }
    }

    #[test]
    fn small_spelled_numbers_count_where_they_are_new() {
        assert_eq!(figures("les deux moteurs ont été vus à trois reprises"), []);
        let found = figures("trois voitures sur vingt-sept départements");
        let values: Vec<f64> = found.iter().map(|figure| figure.value).collect();
        assert_eq!(values, [3.0, 27.0]);
    }

    #[test]
    fn people_are_counted_within_marks_and_without_their_noun() {
        let units = |text: &str| -> Vec<Option<Unit>> {
            figures(text)
                .into_iter()
                .map(|figure| figure.unit)
                .collect()
        };
        let people = Some(Unit::People);
        assert_eq!(
            units("150 \"gilets jaunes\""),
            std::slice::from_ref(&people)
        );
        assert_eq!(
            units("Ils étaient 300 à Lyon"),
            std::slice::from_ref(&people)
        );
        assert_eq!(
            units("sept blessés et six autres"),
            [people.clone(), people]
        );
    }
}
