//! Numbers that say how much or how many: their value, unit, qualifier and what they count.
//!
//! Numbers inside dates, times, scores, ordinals, names of models and streets are not figures, nor
//! are small spelled-out numbers of things.

mod counted;
mod labels;
mod qualifiers;

use std::ops::Range;

use super::classes::{Class, classes};
use super::tokens::{Token, TokenKind, TokenizedSentence};
use super::types::{DateMention, FigureMention, Mention, Qualifier};
use super::units::{self, TimeUnit, Unit};
use crate::text::Decimal;
use crate::text::numbers::{french_approximation, french_cardinal, french_scale, quantity};
use counted::Counted;

pub(super) fn read(sentences: &[TokenizedSentence], dates: &[DateMention]) -> Vec<FigureMention> {
    let mut dates = dates.iter().peekable();
    let mut figures = Vec::new();
    for sentence in sentences {
        let mut taken: Vec<Range<usize>> = Vec::new();
        while let Some(date) = dates.next_if(|date| date.mention.sentence == sentence.id) {
            taken.push(date.mention.range.clone());
        }
        figures.extend(
            Reader {
                sentence,
                tokens: &sentence.tokens,
            }
            .read(&taken),
        );
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

/// Reads the figures of one sentence.
struct Reader<'a> {
    sentence: &'a TokenizedSentence<'a>,
    tokens: &'a [Token<'a>],
}

impl<'a> Reader<'a> {
    fn read(&self, dates: &[Range<usize>]) -> Vec<FigureMention> {
        let mut figures: Vec<FigureMention> = Vec::new();
        let mut at = 0;
        // The figure just read, with its end, for `jusqu'à 3 ans et 45 000 euros`.
        let mut last: Option<(usize, Option<Qualifier>)> = None;
        while at < self.tokens.len() {
            let Some(number) = self.number(at) else {
                at += 1;
                continue;
            };
            at = number.end;
            let span = self.tokens[number.first].start..self.tokens[number.end - 1].end();
            if dates
                .iter()
                .any(|date| date.start < span.end && span.start < date.end)
                || self.is_label(&number)
            {
                continue;
            }
            if let Some((low, high, end)) = self
                .interval(&number)
                .or_else(|| self.range_of_times(&number))
            {
                figures.extend([low, high]);
                last = None;
                at = end;
                continue;
            }
            let counted = self.counted(number.end);
            let mut qualifier = self.qualifier(&number, &counted);
            if qualifier.is_none()
                && let Some((end, Some(Qualifier::AtMost))) = last
                && number.first > end
                && number.first - end <= 3
                && self.tokens[end..number.first]
                    .iter()
                    .all(|token| token.is_word() && !token.is_capitalised())
                && self.tokens[number.first - 1].text == "et"
            {
                qualifier = Some(Qualifier::AtMost);
            }
            if !self.matters(&number, &counted, qualifier) {
                continue;
            }
            at = number.end.max(counted.end);
            last = Some((at, qualifier));
            figures.push(self.figure(&number, counted, qualifier));
        }
        figures
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
        while let Some(factor) = french_scale(self.word(number.end)) {
            number.value = scaled(number.value, factor);
            number.end += 1;
            number.large = true;
        }
        Some(number)
    }

    fn spelled_number(&self, at: usize) -> Option<Number> {
        let lower: Vec<String> = self.tokens[at..]
            .iter()
            .take(8)
            .take_while(|token| token.is_word())
            .map(|token| token.text.to_lowercase())
            .collect();
        if let [article, noun, ..] = &lower[..]
            && matches!(article.as_str(), "un" | "une")
            && let Some(value) = french_approximation(noun)
        {
            return Some(Number {
                value: value as f64,
                first: at,
                end: at + 2,
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

    /// `trois semaines à un mois`, `de 6 mois à 1 an`: a range of times, each in its own unit. Returns
    /// both figures and the token after them.
    fn range_of_times(&self, low: &Number) -> Option<(FigureMention, FigureMention, usize)> {
        let is_time = |unit: &Option<Unit>| matches!(unit, Some(Unit::Time(_)));
        let short = self.counted(low.end);
        let joins = matches!(self.word(short.end), "à" | "et")
            && (self.word(short.end) == "à" || self.before(low.first, 1) == "entre");
        if !joins || !is_time(&short.unit) {
            return None;
        }
        let article = matches!(self.word(short.end + 1), "un" | "une");
        let high = match article {
            true => Number {
                value: 1.0,
                first: short.end + 1,
                end: short.end + 2,
                digits: false,
                approximate: false,
                large: false,
            },
            false => self.number(short.end + 1)?,
        };
        let long = self.counted(high.end);
        if long.unit == short.unit || !is_time(&long.unit) {
            return None;
        }
        let end = long.end;
        Some((
            self.figure(low, short, Some(Qualifier::AtLeast)),
            self.figure(&high, long, Some(Qualifier::AtMost)),
            end,
        ))
    }

    /// `entre 50 et 70 personnes`, `de 26 à 40 ans`, `12-13 ans`: a range in one unit. Returns both
    /// figures and the token after them.
    fn interval(&self, low: &Number) -> Option<(FigureMention, FigureMention, usize)> {
        // The first number may have its own unit: `de 10 % à 20 %`.
        let own = self.unit_at(low.end);
        let joint = own.as_ref().map_or(low.end, |(_, end)| *end);
        let before = self.before(low.first, 1);
        let range = match self.word(joint) {
            // `âgés de 22 et 23 ans`
            "et" => before == "entre" || own.is_none(),
            "à" | "-" | "–" => true,
            "ou" => low.digits && own.is_none(),
            _ => false,
        };
        let high = range.then(|| self.number(joint + 1)).flatten()?;
        if high.digits != low.digits || high.approximate {
            return None;
        }
        let mut counted = self.counted(high.end);
        let unit = counted.unit.clone()?;
        let own_differs = own.is_some_and(|(own, _)| own != unit);
        // `4 à 5 millions`: the scale is of both.
        let value = match low.value < 1000.0 && high.large && !low.large {
            true => scaled(low.value, self.scale_of(&high)),
            false => low.value,
        };
        // `abaissée de 70 à 50 km/h`
        let each = self.word(joint) == "et" && before != "entre";
        if each && !unit.measures() {
            return None;
        }
        let falls = value > high.value && before == "de" && unit.measures();
        if own_differs
            || value >= high.value && !falls
            || unit == Unit::Time(TimeUnit::Hours) && before == "de"
        {
            return None;
        }
        // A rise from one value to another is no range.
        let moved = low.first >= 2
            && before == "de"
            && MOVES.iter().any(|stem| {
                self.before(low.first, 2).starts_with(stem)
                    || self.before(low.first, 3).starts_with(stem)
            });
        let (at_least, at_most) = match moved || falls || each || self.word(joint) == "ou" {
            true => (None, None),
            false => (Some(Qualifier::AtLeast), Some(Qualifier::AtMost)),
        };
        let end = counted.end;
        let first = FigureMention {
            mention: self.mention(low.first, end),
            value,
            unit: Some(unit),
            qualifier: at_least,
            counted: counted.noun.clone(),
        };
        counted.end = end;
        Some((first, self.figure(&high, counted, at_most), end))
    }

    /// The product of the `milliers` and `millions` in the number.
    fn scale_of(&self, number: &Number) -> u64 {
        self.tokens[number.first..number.end]
            .iter()
            .filter_map(|token| french_scale(token.text))
            .fold(1, u64::saturating_mul)
    }

    /// Whether the number is worth reporting.
    fn matters(&self, number: &Number, counted: &Counted, qualifier: Option<Qualifier>) -> bool {
        let unit = counted.unit.as_ref();
        let before = self.before(number.first, 1);
        if number.digits {
            let bare = unit.is_none();
            // A bare year was not found to be a date; a small bare number says nothing.
            return !bare
                || number.large
                || qualifier.is_some()
                || number.value.fract() != 0.0
                || (number.value >= 100.0 && !(1500.0..2100.0).contains(&number.value));
        }
        if number.approximate || number.large {
            return true;
        }
        let measured = counted.noun.is_none() && unit.is_some();
        let casualty = |noun: &str| {
            classes(noun).has(Class::People) && CASUALTIES.iter().any(|stem| noun.starts_with(stem))
        };
        if number.value <= 1.0 {
            return counted.noun.as_deref().is_some_and(casualty);
        }
        // `les deux hommes` were counted before.
        let known = DEFINITE.contains(&before.as_str()) && number.value < 10.0;
        // Years are mostly ages.
        let duration = matches!(unit, Some(Unit::Time(unit)) if *unit != TimeUnit::Years);
        if unit
            .and_then(Unit::french_noun)
            .is_some_and(|noun| COUNTING_NOTHING.contains(&noun))
        {
            return false;
        }
        let others = self.word(number.end) == "autres";
        unit == Some(&Unit::People) && !known
            || others && self.understood(number).0.is_some()
            || measured && !duration
            || measured && qualifier.is_some()
            || number.value >= 2.0 && unit.is_some() && !known && !duration
    }

    /// Makes a figure of the number, including its currency and minus signs.
    fn figure(
        &self,
        number: &Number,
        counted: Counted,
        qualifier: Option<Qualifier>,
    ) -> FigureMention {
        let mut unit = counted.unit;
        let end = counted.end.max(number.end);
        let mut start = number.first;
        let mut counted = counted.noun;
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
        // `une croissance de -5 %`
        let mut value = number.value;
        let signed = matches!(
            unit,
            Some(Unit::Percent | Unit::Measure("°C" | "°" | "points"))
        );
        if let Some(index @ 1..) = start.checked_sub(1)
            && let sign = &self.tokens[index]
            && signed
            && matches!(sign.text, "-" | "−" | "–")
            && sign.spaced
            && sign.end() == self.tokens[start].start
        {
            start -= 1;
            value = -value;
        }
        FigureMention {
            mention: self.mention(start, end),
            value,
            unit,
            qualifier,
            counted,
        }
    }
}

/// Prefixes of verbs for a change from one value to another: `passé de 2 à 3 millions`.
const MOVES: [&str; 9] = [
    "pass", "augment", "baiss", "grimp", "bond", "chut", "mont", "recul", "tomb",
];

/// Prefixes of nouns for victims, whose number is reported even if it is 1.
const CASUALTIES: [&str; 4] = ["mort", "bless", "tué", "disparu"];

/// Words before a number of things that the text has counted already.
const DEFINITE: [&str; 11] = [
    "les", "ces", "ses", "leurs", "nos", "mes", "des", "aux", "l'", "tous", "toutes",
];

/// Nouns after a number that count nothing: `deux fois`, `à trois reprises`.
const COUNTING_NOTHING: [&str; 5] = ["fois", "reprises", "côtés", "choses", "titres"];

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(text: &str) -> Vec<FigureMention> {
        let sentence = TokenizedSentence::alone(text);
        let sentences = [sentence];
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
            ("2,9 millions de dollars australiens", 2.9e6, "AUD", None),
            ("300 $ canadiens", 300.0, "CAD", None),
            ("3 days", 3.0, "days", None),
            ("8,2 millions d'euros", 8.2e6, "EUR", None),
            ("1 425,67 euros", 1425.67, "EUR", None),
            ("de 3,5 %", 3.5, "%", None),
            ("90% du budget", 90.0, "%", None),
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
    fn a_range_is_two_figures() {
        let found = figures("entre 50 et 70 personnes");
        let parts: Vec<_> = found.iter().map(|f| (f.value, f.qualifier)).collect();
        assert_eq!(
            parts,
            [
                (50.0, Some(Qualifier::AtLeast)),
                (70.0, Some(Qualifier::AtMost))
            ]
        );
        assert!(found.iter().all(|figure| figure.unit == Some(Unit::People)));
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
        ] {
            assert_eq!(figures(text), [], "{text}");
        }
    }

    #[test]
    fn small_spelled_numbers_count_where_they_are_new() {
        assert_eq!(figures("les deux moteurs ont été vus à trois reprises"), []);
        let found = figures("trois voitures sur sept départements");
        let values: Vec<f64> = found.iter().map(|figure| figure.value).collect();
        assert_eq!(values, [3.0, 7.0]);
    }

    #[test]
    fn times_in_two_units_are_a_range_and_a_sign_is_part_of_the_value() {
        let found = figures("de trois semaines à un mois, soit -5 % puis de 70 à 50 km/h");
        let read: Vec<_> = found
            .iter()
            .map(|figure| {
                let unit = figure.unit.as_ref().map(Unit::as_str);
                (figure.value, unit, figure.qualifier)
            })
            .collect();
        assert_eq!(
            read,
            [
                (3.0, Some("weeks"), Some(Qualifier::AtLeast)),
                (1.0, Some("months"), Some(Qualifier::AtMost)),
                (-5.0, Some("%"), None),
                (70.0, Some("km/h"), None),
                (50.0, Some("km/h"), None),
            ]
        );
    }

    #[test]
    fn people_are_counted_within_marks_and_without_their_noun() {
        let units = |text: &str| -> Vec<Option<Unit>> {
            figures(text)
                .into_iter()
                .map(|figure| figure.unit)
                .collect()
        };
        for text in [
            "près de 150 \"gilets jaunes\" ont défilé",
            "\"près d'un millier\" de SDF",
            "Ils étaient 300 à Lyon",
        ] {
            assert_eq!(units(text), [Some(Unit::People)], "{text}");
        }
    }
}
