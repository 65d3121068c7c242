//! What a number counts: the unit or the noun after it, or what the rest of the sentence implies.

use super::super::classes::Class;
use super::super::dates::tense;
use super::super::lexicon::is_function_word;
use super::super::names::is_demonym;
use super::super::tokens::{Token, TokenKind};
use super::super::types::FigureMention;
use super::super::units::{Unit, unit};
use super::{Number, Reader};
use crate::text::numbers::quantity;

/// What follows a number.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub unit: Option<Unit>,
    pub noun: Option<String>,
    /// The token after the last.
    pub end: usize,
}

impl<'a> Reader<'a> {
    /// The unit at the token `at` and the token after it, by the longest form: `kilomètres par heure`.
    pub(super) fn unit_at(&self, at: usize) -> Option<(Unit, usize)> {
        let start = self.tokens.get(at)?.start;
        (1..=4).rev().find_map(|length| {
            let last = self.tokens.get(at + length - 1)?;
            let text = &self.sentence.text[start..last.end()];
            // `12 M` are no metres.
            let folded = || (text != "M").then(|| unit(&text.to_lowercase())).flatten();
            Some((unit(text).or_else(folded)?, at + length))
        })
    }

    /// Returns what is counted, from the words that begin at the token `at`, behind a number.
    pub(super) fn counted(&self, at: usize) -> Counted {
        let number = self.value_before(at);
        let mut at = self.past_mark(at);
        let mut of = false;
        if matches!(self.word(at), "de" | "d'") {
            at = self.past_mark(at + 1);
            of = true;
        }
        if let Some((unit, end)) = self.unit_at(at) {
            return Counted {
                unit: Some(unit),
                noun: None,
                end,
            };
        }
        if of && let Some(unit) = self.sum_of_money(at) {
            return Counted {
                unit: Some(unit),
                noun: None,
                end: at - 1,
            };
        }
        let mut noun = at;
        while PREPOSED.contains(&self.word(noun)) {
            noun += 1;
        }
        // `les 60 dernières années`
        if noun > at
            && let Some((unit, end)) = self.unit_at(noun)
        {
            return Counted {
                unit: Some(unit),
                noun: None,
                end,
            };
        }
        // `3 300 nouveaux`, `les deux autres`: the noun is left out.
        self.counted_noun(at, noun, number)
            .unwrap_or_else(|| Counted {
                end: if of { at - 1 } else { at },
                ..Counted::default()
            })
    }

    /// The currency of `17 milliards d'économies`, whose noun is at the token `at`, if the sentence names one.
    fn sum_of_money(&self, at: usize) -> Option<Unit> {
        const SUMS: [&str; 26] = [
            "économies",
            "dette",
            "dettes",
            "pertes",
            "recettes",
            "dépenses",
            "bénéfice",
            "bénéfices",
            "déficit",
            "aides",
            "aide",
            "subventions",
            "investissements",
            "investissement",
            "crédits",
            "dommages",
            "amende",
            "amendes",
            "dons",
            "impôts",
            "intérêts",
            "budget",
            "ventes",
            "profits",
            "trésorerie",
            "prêts",
        ];
        let scale = self.word(at.checked_sub(2)?);
        let large = matches!(scale, "million" | "millions" | "milliard" | "milliards");
        if !large || !SUMS.contains(&self.word(at)) {
            return None;
        }
        let mut units = self.tokens.iter().filter_map(|token| unit(token.text));
        units.find(|unit| matches!(unit, Unit::Currency(_)))
    }

    /// The value of the number that ends before the token `at`; of a number in words only whether it is one.
    fn value_before(&self, at: usize) -> f64 {
        let Some(last) = at.checked_sub(1).and_then(|at| self.tokens.get(at)) else {
            return 2.0;
        };
        match last.kind {
            TokenKind::Number => quantity(last.text).unwrap_or(2.0),
            _ if matches!(
                last.text,
                "un" | "une" | "Un" | "Une" | "million" | "milliard"
            ) =>
            {
                1.0
            }
            _ => 2.0,
        }
    }

    /// The noun at the token `at`, which is counted with the adjectives after it and those before it
    /// from the token `start` on. Returns `None` if no noun that can be counted stands there.
    fn counted_noun(&self, start: usize, at: usize, number: f64) -> Option<Counted> {
        if self.is_demonym(at) {
            return Some(Counted {
                unit: Some(Unit::People),
                noun: Some(self.word(at).to_owned()),
                end: at + 1,
            });
        }
        let noun = self.tokens.get(at)?;
        let common = noun.text.starts_with(char::is_lowercase)
            && (!is_function_word(noun.text) || noun.text == "cas")
            && noun.text.chars().count() > 1;
        // `cinq dockers`
        let trade = noun.is_lower(Class::Role) && noun.text.ends_with('s');
        let people = noun.is(Class::People) || trade;
        if !noun.is_word() || !(common || people) || !people && !self.is_countable(noun, number) {
            return None;
        }
        let mut end = at + 1;
        while end <= at + MOST_ADJECTIVES && self.is_plural_adjective(end) {
            end += 1;
        }
        // `12 membres d'équipage`
        if people && self.word(end) == "d'équipage" {
            end += 1;
        } else if self.word(end) == "d'" && self.word(end + 1) == "équipage" {
            end += 2;
        }
        let phrase = &self.sentence.text[self.tokens[start].start..self.tokens[end - 1].end()];
        let unit = match people {
            true => Unit::People,
            // English units occur in French texts too: `10 miles`, `3 days`.
            false => Unit::from_code(noun.text).unwrap_or_else(|| Unit::Noun(noun.text.to_owned())),
        };
        Some(Counted {
            unit: Some(unit),
            noun: Some(phrase.to_owned()),
            end,
        })
    }

    /// Whether the word after a number can be the noun counted: no verb and, after more than one, a plural.
    fn is_countable(&self, noun: &Token, number: f64) -> bool {
        let plural = noun.text.ends_with(['s', 'x', 'z'])
            || noun.is_all_caps()
            || Unit::from_code(noun.text).is_some();
        let verb = noun.is_lower(Class::Auxiliary) || tense(noun.text).is_some();
        !verb && (number < 2.0 || plural)
    }

    /// Skips a quotation mark around a number or its noun: `150 "gilets jaunes"`,
    /// `"un millier" de réfugiés`.
    fn past_mark(&self, at: usize) -> usize {
        let marked = matches!(self.word(at), "\"" | "«" | "“" | "”" | "»" | "'");
        let goes_on = self
            .tokens
            .get(at + 1)
            .is_some_and(|next| next.is_lower(Class::People) || matches!(next.text, "de" | "d'"));
        at + usize::from(marked && goes_on)
    }

    /// `15 Français`, `deux Américaines`: a capitalised plural with the ending of a people's name.
    pub(super) fn is_demonym(&self, at: usize) -> bool {
        const ENDINGS: [&str; 7] = ["ites", "otes", "ntins", "bins", "mans", "lans", "yens"];
        self.tokens.get(at).is_some_and(|token| {
            let is_plural = token.text.ends_with('s');
            let ends = || ENDINGS.iter().any(|ending| token.text.ends_with(ending));
            token.is_capitalised() && is_plural && (is_demonym(token.text) || ends())
        })
    }

    /// An adjective after a plural noun, by the ending that agrees with it.
    fn is_plural_adjective(&self, at: usize) -> bool {
        const ENDINGS: [&str; 19] = [
            "iques", "aux", "ales", "els", "elles", "ifs", "ives", "ers", "ères", "ais", "aises",
            "ains", "aines", "iens", "iennes", "ants", "eux", "euses", "aires",
        ];
        self.tokens.get(at).is_some_and(|token| {
            token.is_word()
                && token.text.len() > 4
                && token.text.starts_with(char::is_lowercase)
                && ENDINGS.iter().any(|ending| token.text.ends_with(ending))
                && !is_function_word(token.text)
        })
    }

    /// What a number without a noun counts: `le nombre de détenus était estimé à 1 200`, what the figure
    /// before counts if the two are compared, or money where the sentence speaks of money.
    pub(super) fn understood(&self, number: &Number) -> (Option<Unit>, Option<String>) {
        let before = &self.tokens[..number.first];
        if let Some(noun) = self.quantity_before(number) {
            return (Some(Unit::Noun(noun.to_owned())), Some(noun.to_owned()));
        }
        if let Some(noun) = self.number_of(number.end).or_else(|| self.numbered(before)) {
            let people = noun.is_lower(Class::People);
            let unit = match people {
                true => Unit::People,
                false => Unit::Noun(noun.text.to_owned()),
            };
            return (Some(unit), Some(noun.text.to_owned()));
        }
        // `Ils étaient 300 à Lyon`, `sept blessés et six autres`.
        let others = self.word(number.end) == "autres"
            && before.iter().any(|token| token.is_lower(Class::People));
        if self.were(number) {
            return match self.counted {
                Some(counted) => (counted.unit.clone(), counted.counted.clone()),
                None => (Some(Unit::People), None),
            };
        }
        if others {
            return (Some(Unit::People), None);
        }
        // What is compared, or takes up what has been counted: `dont 13 500 ont été reçus`.
        if self.takes_up(number)
            && let Some(last) = self.found.last().or(self.counted)
        {
            return (last.unit.clone(), last.counted.clone());
        }
        if let Some(noun) = self.in_number_of(number) {
            let unit = match noun.is_lower(Class::People) {
                true => Unit::People,
                false => Unit::Noun(noun.text.to_owned()),
            };
            return (Some(unit), Some(noun.text.to_owned()));
        }
        let taken_up = number.approximate
            || self.is_of_whole(number)
            || self.is_other_source(number)
            || self.is_compared(number)
            || self.word(number.end).ends_with("ont")
            || self.word(number.end).ends_with("aient");
        if taken_up && let Some(last) = self.comparable() {
            return (last.unit.clone(), last.counted.clone());
        }
        // `130 jours, contre 27`
        let against =
            self.before(number.first, 1) == "contre" && self.before(number.first, 2) == ",";
        if let Some(last) = self.found.last().filter(|_| against) {
            return (last.unit.clone(), last.counted.clone());
        }
        let money = number.large.then(|| {
            self.tokens
                .iter()
                .filter_map(|token| unit(token.text))
                .find(|unit| matches!(unit, Unit::Currency(_)))
        });
        (money.flatten(), None)
    }

    /// Whether the number says how many they were: `Ils étaient 300 à Lyon`, `elles sont plus de 300`.
    pub(super) fn were(&self, number: &Number) -> bool {
        const QUALIFYING: [&str; 12] = [
            "plus",
            "de",
            "d'",
            "près",
            "environ",
            "quelque",
            "à",
            "peine",
            "au",
            "moins",
            "encore",
            "seulement",
        ];
        let back = (1..=4).find(|&back| !QUALIFYING.contains(&&*self.before(number.first, back)));
        let Some(back) = back else {
            return false;
        };
        let be = self.before(number.first, back);
        let who = self.before(number.first, back + 1);
        matches!(&*be, "étaient" | "sont" | "seront" | "étions" | "sommes")
            && matches!(&*who, "ils" | "elles" | "nous")
    }

    /// Whether the sentence says of people that this is their number: `Le nombre de morts s'élève à 45.`
    pub(super) fn is_number_of_people(&self, number: &Number) -> bool {
        let noun = self.numbered(&self.tokens[..number.first]);
        let ends = self
            .tokens
            .get(number.end)
            .is_none_or(|next| !next.is_word());
        ends && noun.is_some_and(|noun| noun.is_lower(Class::People))
    }

    /// The last figure of the sentence that is no length of time.
    fn comparable(&self) -> Option<&FigureMention> {
        let mut found = self.found.iter().rev();
        found.find(|figure| !matches!(figure.unit, None | Some(Unit::Time(_))))
    }

    /// Whether the words before set the number beside the one before: `contre 4 500`, `et 71 pour`,
    /// `dont près de 250`.
    pub(super) fn is_compared(&self, number: &Number) -> bool {
        const QUALIFYING: [&str; 9] = [
            "près",
            "de",
            "plus",
            "moins",
            "environ",
            "quelque",
            "d'",
            "seulement",
            "à",
        ];
        let back = (1..=4).find(|&back| !QUALIFYING.contains(&&*self.before(number.first, back)));
        let before = self.before(number.first, back.unwrap_or(1));
        matches!(
            before.as_str(),
            "contre" | "et" | "puis" | "dont" | "soit" | "ou" | "lieu"
        )
    }

    /// The noun before `au nombre de 85`: `Les pompiers, au nombre de 85, …`
    pub(super) fn in_number_of(&self, number: &Number) -> Option<&'a Token<'a>> {
        let at = number.first;
        let in_number = self.before(at, 1) == "de"
            && self.before(at, 2) == "nombre"
            && self.before(at, 3) == "au";
        let noun = self.tokens.get(at.checked_sub(5)?)?;
        let noun = match self.before(at, 4).as_str() {
            "," => noun,
            _ => self.tokens.get(at - 4)?,
        };
        (in_number && noun.text.ends_with(['s', 'x'])).then_some(noun)
    }

    /// `400 manifestants, selon la police, 1 500 selon la CGT`
    fn is_other_source(&self, number: &Number) -> bool {
        matches!(self.word(number.end), "selon" | "d'") && self.before(number.first, 1) == ","
    }

    /// `Sur 40 arbres, 12 seraient malades`
    pub(super) fn is_of_whole(&self, number: &Number) -> bool {
        let Some(whole) = self.comparable() else {
            return false;
        };
        let at = |byte: usize| self.tokens.partition_point(|token| token.start < byte);
        let first = at(whole.mention.range.start);
        let on = (1..=3).any(|back| self.before(first, back) == "sur");
        on && self.word(number.end).ends_with("nt")
            && number.first <= at(whole.mention.range.end) + 6
    }

    /// Whether `en` stands for what was counted before: `Nous en avons perdu 15`.
    pub(super) fn takes_up(&self, number: &Number) -> bool {
        let is_verb = |back: usize| {
            let token = number.first.checked_sub(back).map(|at| &self.tokens[at]);
            token.is_some_and(|token| {
                token.is_word()
                    && token.text.starts_with(char::is_lowercase)
                    && !token.is(Class::Function)
                    && !token.is(Class::Month)
            })
        };
        let has = |back: usize| {
            matches!(
                self.before(number.first, back).as_str(),
                "ai" | "as" | "a" | "avons" | "avez" | "ont" | "avait" | "avaient" | "avions"
            )
        };
        let en = |back: usize| matches!(self.before(number.first, back).as_str(), "en");
        let counts = self.word(number.end).is_empty()
            || !self.tokens[number.end].is_word()
            || self.is(number.end, Class::Preposition)
            || self.is(number.end, Class::Conjunction);
        counts
            && (en(2)
                && (has(1) || is_verb(1) && tense_or_infinitive(&self.before(number.first, 1)))
                || en(3) && has(2) && is_verb(1))
    }

    /// `22 passagers ont été blessés, dont huit grièvement`
    pub(super) fn is_part(&self, number: &Number) -> bool {
        self.before(number.first, 1) == "dont"
            && self
                .comparable()
                .is_some_and(|last| last.unit == Some(Unit::People))
    }

    /// The noun before the number that says what it measures: `un séisme de magnitude 4,1`.
    pub(super) fn quantity_before(&self, number: &Number) -> Option<&'a str> {
        let of = usize::from(self.before(number.first, 1) == "de");
        let noun = self.word(number.first.checked_sub(1 + of)?);
        matches!(noun, "magnitude" | "intensité").then_some(noun)
    }

    /// `demandes` in `évalue à 26 000 le nombre de demandes`, of which `le` stands at the token `at`.
    fn number_of(&self, at: usize) -> Option<&'a Token<'a>> {
        let number = self.word(at) == "le" && self.word(at + 1) == "nombre";
        (number && self.is(at + 2, Class::Of)).then(|| self.tokens.get(at + 3))?
    }

    /// The noun whose number the sentence states: `accouchements` in `le nombre d'accouchements, lui, est
    /// tombé de 402`.
    fn numbered<'t>(&self, before: &'t [Token<'t>]) -> Option<&'t Token<'t>> {
        before.windows(3).rev().find_map(|window| match window {
            [head, of, noun]
                if matches!(
                    head.text.to_lowercase().as_str(),
                    "nombre" | "total" | "bilan" | "millions" | "taux"
                ) && of.is_lower(Class::Of)
                    && noun.is_word()
                    && (noun.is_lower(Class::People)
                        || matches!(
                            head.text.to_lowercase().as_str(),
                            "nombre" | "total" | "taux"
                        ) && noun.text.ends_with(['s', 'x'])
                            && !noun.is(Class::Function)) =>
            {
                Some(noun)
            }
            _ => None,
        })
    }
}

/// Whether the word looks like a verb with `en` before it: `en compte`, `en embaucher`.
fn tense_or_infinitive(word: &str) -> bool {
    tense(word).is_some()
        || word.ends_with("er")
        || matches!(
            word,
            "compte" | "comptent" | "faut" | "reste" | "restent" | "manque"
        )
}

/// Adjectives after a noun that are counted with it: `membres présumés actifs`.
const MOST_ADJECTIVES: usize = 2;

/// Adjectives that stand between a number and its noun.
const PREPOSED: [&str; 22] = [
    "nouveaux",
    "nouvelles",
    "nouveau",
    "nouvelle",
    "autres",
    "jeunes",
    "petits",
    "petites",
    "grands",
    "grandes",
    "gros",
    "grosses",
    "anciens",
    "anciennes",
    "premiers",
    "premières",
    "derniers",
    "dernières",
    "longs",
    "longues",
    "vieux",
    "principaux",
];

#[cfg(test)]
mod tests {
    use super::super::super::tokens::TokenizedSentence;
    use super::*;

    #[test]
    fn words_after_a_number_say_what_it_counts() {
        for (text, unit, noun, end) in [
            ("kilomètres par heure et", "km/h", None, 3),
            ("d'euros", "EUR", None, 2),
            ("dollars canadiens", "CAD", None, 2),
            (
                "jeunes détenus politiques à",
                "people",
                Some("jeunes détenus politiques"),
                3,
            ),
            ("Américaines", "people", Some("Américaines"), 1),
            ("\"gilets jaunes\"", "people", Some("gilets"), 2),
            (
                "membres d'équipage",
                "people",
                Some("membres d'équipage"),
                3,
            ),
            (
                "voitures électriques",
                "voitures",
                Some("voitures électriques"),
                2,
            ),
            ("nouveaux", "", None, 0),
            ("de plus", "", None, 0),
        ] {
            let sentence = TokenizedSentence::alone(text);
            let reader = Reader::of(&sentence);
            let counted = reader.counted(0);
            assert_eq!(
                counted.unit.as_ref().map_or("", Unit::as_str),
                unit,
                "{text}"
            );
            assert_eq!(counted.noun.as_deref(), noun, "{text}");
            assert_eq!(counted.end, end, "{text}");
        }
    }
}
