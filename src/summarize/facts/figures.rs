//! Numbers that say how much or how many: their value, unit, qualifier and what they count.
//!
//! Numbers inside dates, times, scores, ordinals, names of models and streets are not figures, nor
//! are small spelled-out numbers of things.

use std::ops::Range;

use super::lexicon::{is_function_word, is_people_noun, unit};
use super::numerals::{approximate, digits, scale, spelled};
use super::tokens::{Kind, Token};
use super::{DateMention, FigureMention, Qualifier, Sentence};

/// Whether a number before this word or symbol is a quantity and not a year.
pub fn is_unit(word: &str) -> bool {
    unit(word).is_some() || scale(word).is_some() || is_people_noun(word)
}

pub fn read(sentences: &[Sentence], dates: &[DateMention]) -> Vec<FigureMention> {
    let mut dates = dates.iter().peekable();
    let mut figures = Vec::new();
    for sentence in sentences {
        let mut taken: Vec<Range<usize>> = Vec::new();
        while let Some(date) = dates.next_if(|date| date.sentence == sentence.id) {
            taken.push(date.range.clone());
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
    /// First token, and the one after the last.
    first: usize,
    end: usize,
    /// Written in digits.
    digits: bool,
    /// `une quarantaine`.
    approximate: bool,
    /// `millions` or more stands in it.
    large: bool,
}

/// What follows a number.
#[derive(Debug, Default)]
struct Counted {
    unit: Option<String>,
    noun: Option<String>,
    /// The token after the last.
    end: usize,
}

struct Reader<'a> {
    sentence: &'a Sentence<'a>,
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
            if let Some((low, high, end)) = self.interval(&number) {
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

    fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    /// The word `back` places before the token `at`, in lower case.
    fn before(&self, at: usize, back: usize) -> String {
        at.checked_sub(back)
            .map_or(String::new(), |index| self.word(index).to_lowercase())
    }

    /// The number that begins at the token `at`.
    fn number(&self, at: usize) -> Option<Number> {
        let token = self.tokens.get(at)?;
        let mut number = match token.kind {
            Kind::Number => Number {
                value: digits(token.text)?,
                first: at,
                end: at + 1,
                digits: true,
                approximate: false,
                large: false,
            },
            Kind::Word => self.spelled_number(at)?,
            Kind::Mark => return None,
        };
        while let Some(factor) = scale(self.word(number.end)) {
            number.value *= factor;
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
            && let Some(value) = approximate(noun)
        {
            return Some(Number {
                value,
                first: at,
                end: at + 2,
                digits: false,
                approximate: true,
                large: false,
            });
        }
        let (value, taken) = spelled(lower.iter().map(String::as_str))?;
        let large = lower[..taken]
            .iter()
            .any(|word| scale(word).is_some_and(|scale| scale > 1e3));
        let number = Number {
            value,
            first: at,
            end: at + taken,
            digits: false,
            approximate: false,
            large,
        };
        Some(number)
    }

    /// Whether the number names or orders something instead of measuring it.
    fn is_label(&self, number: &Number) -> bool {
        const LABELS: [&str; 33] = [
            "article",
            "articles",
            "numéro",
            "n°",
            "no",
            "page",
            "pages",
            "chapitre",
            "tome",
            "volume",
            "vol",
            "classe",
            "niveau",
            "groupe",
            "phase",
            "étape",
            "catégorie",
            "chaîne",
            "ligne",
            "route",
            "rn",
            "rd",
            "a",
            "porte",
            "acte",
            "épisode",
            "saison",
            "chambre",
            "terminal",
            "mach",
            "top",
            "covid",
            "matricule",
        ];
        const STREETS: [&str; 7] = [
            "rue",
            "avenue",
            "boulevard",
            "place",
            "quai",
            "allée",
            "impasse",
        ];
        if !number.digits {
            return false;
        }
        let token = &self.tokens[number.first];
        let next = self.tokens.get(number.end);
        let glued_after = next.filter(|next| !next.spaced);
        // `15H41`, `11e`, `20h`, `3-0`, `8/10`, `A4`, and a unit is no label.
        if let Some(next) = glued_after {
            let symbol = self.unit_at(number.end).is_some();
            let separates = matches!(next.text, "-" | "–" | "/" | ":" | "'" | "’" | "+" | "*")
                && self
                    .tokens
                    .get(number.end + 1)
                    .is_some_and(|after| !after.spaced);
            if (next.is_word() && !symbol) || (separates && self.interval(number).is_none()) {
                return true;
            }
        }
        let previous = number.first.checked_sub(1).map(|index| &self.tokens[index]);
        let before = self.before(number.first, 1);
        if let Some(previous) = previous {
            let joined =
                !token.spaced && !matches!(previous.text, "(" | "«" | "\"" | "“" | "'" | "[");
            let elided = previous.text.ends_with('\'');
            if joined && !elided && !matches!(previous.text, "$" | "£" | "€" | "-" | "–" | ".")
            {
                return true;
            }
            // `Europe 1`, `Falcon 9`, but not `Les 400 kg` or `Samsung 5 %`.
            let name = previous.is_capitalised()
                && !is_function_word(previous.text)
                && previous.end() + 1 == token.start;
            let measured = self.counted(number.end);
            if name
                && (measured.unit.is_none()
                    || self.word(number.end).starts_with(char::is_uppercase))
            {
                return true;
            }
            if matches!(before.as_str(), "°" | "º" | "#" | "no.")
                || LABELS.contains(&before.as_str())
                || (before == "." && self.before(number.first, 2) == "art")
            {
                return true;
            }
        }
        let after = self.word(number.end).to_lowercase();
        // Times of day, street numbers, `20 Minutes`.
        let time = matches!(after.as_str(), "h" | "heures" | "heure")
            && number.value <= 24.0
            && (matches!(
                before.as_str(),
                "à" | "vers" | "dès" | "avant" | "après" | "depuis" | "jusqu'à" | "jusqu'" | "de"
            ) || self
                .tokens
                .get(number.end + 1)
                .is_some_and(|next| next.kind == Kind::Number)
                || after == "h");
        let street = STREETS.contains(&after.as_str())
            || (after == "," && STREETS.contains(&self.word(number.end + 1)));
        let name = next.is_some_and(|next| next.is_capitalised() && unit(next.text).is_none())
            && !self.is_demonym(number.end);
        time || street || name
    }

    /// `15 Français`, `deux Américaines`: a capitalised plural with the ending of a people's name.
    fn is_demonym(&self, at: usize) -> bool {
        const ENDINGS: [&str; 13] = [
            "ais", "aises", "ains", "aines", "iens", "iennes", "éens", "ois", "oises", "ands",
            "ols", "ques", "Russes",
        ];
        self.tokens.get(at).is_some_and(|token| {
            token.is_capitalised() && ENDINGS.iter().any(|ending| token.text.ends_with(ending))
        })
    }

    /// The unit at the token `at`, its symbol and the token after it. Longest form first.
    fn unit_at(&self, at: usize) -> Option<(&'static str, usize)> {
        let start = self.tokens.get(at)?.start;
        (1..=4)
            .rev()
            .filter_map(|length| {
                let last = self.tokens.get(at + length - 1)?;
                let text = &self.sentence.text[start..last.end()];
                Some((
                    unit(text).or_else(|| unit(&text.to_lowercase()))?,
                    at + length,
                ))
            })
            .next()
    }

    /// What the words from the token `at` on say is counted.
    fn counted(&self, at: usize) -> Counted {
        let mut at = at;
        let mut of = false;
        if matches!(self.word(at), "de" | "d'") {
            at += 1;
            of = true;
        }
        if let Some((symbol, mut end)) = self.unit_at(at) {
            let mut symbol = symbol;
            if symbol == "USD" {
                let (code, length) = match self.word(end) {
                    "australiens" => ("AUD", 1),
                    "canadiens" => ("CAD", 1),
                    "américains" => ("USD", 1),
                    "néo-zélandais" => ("NZD", 1),
                    _ => ("USD", 0),
                };
                symbol = code;
                end += length;
            }
            return Counted {
                unit: Some(symbol.to_owned()),
                noun: None,
                end,
            };
        }
        if self.is_demonym(at) {
            return Counted {
                unit: Some("people".to_owned()),
                noun: Some(self.word(at).to_owned()),
                end: at + 1,
            };
        }
        let start = at;
        while PREPOSED.contains(&self.word(at)) {
            at += 1;
        }
        let Some(noun) = self.tokens.get(at).filter(|token| {
            token.is_word()
                && token.text.starts_with(char::is_lowercase)
                && (!is_function_word(token.text) || is_people_noun(token.text))
                && token.text.chars().count() > 1
        }) else {
            // `3 300 nouveaux`, `les deux autres`: the noun is left out.
            return Counted {
                end: if of { start - 1 } else { start },
                ..Counted::default()
            };
        };
        let mut end = at + 1;
        let people = is_people_noun(noun.text);
        while end < at + 3 && self.is_plural_adjective(end) {
            end += 1;
        }
        if people && self.word(end) == "d'équipage" {
            end += 1;
        } else if matches!(self.word(end), "d'") && self.word(end + 1) == "équipage" {
            end += 2;
        }
        let phrase = &self.sentence.text[self.tokens[start].start..self.tokens[end - 1].end()];
        let unit = if people { "people" } else { noun.text };
        Counted {
            unit: Some(unit.to_owned()),
            noun: Some(phrase.to_owned()),
            end,
        }
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

    /// `entre 50 et 70 personnes`, `de 26 à 40 ans`, `12-13 ans`: two figures and the end.
    fn interval(&self, low: &Number) -> Option<(FigureMention, FigureMention, usize)> {
        // The first number may have its own unit: `de 10 % à 20 %`.
        let own = self.unit_at(low.end);
        let joint = own.map_or(low.end, |(_, end)| end);
        let before = self.before(low.first, 1);
        let range = match self.word(joint) {
            "et" => before == "entre",
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
        let own_differs = own.is_some_and(|(symbol, _)| symbol != unit);
        // `4 à 5 millions`: the scale is of both.
        let value = match low.value < 1000.0 && high.large && !low.large {
            true => low.value * self.scale_of(&high),
            false => low.value,
        };
        if own_differs
            || value >= high.value
            || matches!(unit.as_str(), "h" | "hours") && before == "de"
        {
            return None;
        }
        // A rise from one value to another is no range.
        let moved = low.first >= 2
            && before == "de"
            && [
                "pass", "augment", "baiss", "grimp", "bond", "chut", "mont", "recul", "tomb",
            ]
            .iter()
            .any(|stem| {
                self.before(low.first, 2).starts_with(stem)
                    || self.before(low.first, 3).starts_with(stem)
            });
        let (at_least, at_most) = match moved || self.word(joint) == "ou" {
            true => (None, None),
            false => (Some(Qualifier::AtLeast), Some(Qualifier::AtMost)),
        };
        let end = counted.end;
        let first = FigureMention {
            sentence: self.sentence.id,
            range: self.tokens[low.first].start..self.tokens[end - 1].end(),
            value,
            unit: Some(unit),
            qualifier: at_least,
            counted: counted.noun.clone(),
        };
        counted.end = end;
        Some((first, self.figure(&high, counted, at_most), end))
    }

    fn scale_of(&self, number: &Number) -> f64 {
        self.tokens[number.first..number.end]
            .iter()
            .filter_map(|token| scale(token.text))
            .product()
    }

    fn qualifier(&self, number: &Number, counted: &Counted) -> Option<Qualifier> {
        let mut start = number.first;
        // Articles and determiners stand between: `dépasse les 10 kg`.
        if matches!(self.before(start, 1).as_str(), "les" | "des" | "la" | "ces") {
            start -= 1;
        }
        // The words before, no further than a qualifier is long.
        let from = self.tokens[start.saturating_sub(5)].start;
        let text = self.sentence.text[from..self.tokens[start].start]
            .trim_end()
            .to_lowercase();
        let after = self.word(counted.end.max(number.end)).to_lowercase();
        let stated = QUALIFIERS
            .iter()
            .find(|(words, _)| {
                text.strip_suffix(words)
                    .is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
            })
            .map(|(_, qualifier)| *qualifier);
        stated
            .or_else(|| (after == "environ").then_some(Qualifier::About))
            .or_else(|| number.approximate.then_some(Qualifier::About))
    }

    fn matters(&self, number: &Number, counted: &Counted, qualifier: Option<Qualifier>) -> bool {
        let unit = counted.unit.as_deref();
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
            is_people_noun(noun)
                && ["mort", "bless", "tué", "disparu"]
                    .iter()
                    .any(|stem| noun.starts_with(stem))
        };
        if number.value <= 1.0 {
            return counted.noun.as_deref().is_some_and(casualty);
        }
        // `les deux hommes` were counted before.
        let known = matches!(
            before.as_str(),
            "les"
                | "ces"
                | "ses"
                | "leurs"
                | "nos"
                | "mes"
                | "des"
                | "aux"
                | "l'"
                | "tous"
                | "toutes"
        ) && number.value < 10.0;
        let lapse = matches!(
            unit,
            Some("months" | "weeks" | "days" | "hours" | "minutes" | "seconds")
        );
        unit == Some("people") && !known
            || measured && !lapse
            || measured && qualifier.is_some()
            || number.value > 10.0 && unit.is_some() && !known
    }

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
            unit = super::lexicon::unit(symbol.text).map(str::to_owned);
        }
        FigureMention {
            sentence: self.sentence.id,
            range: self.tokens[start].start..self.tokens[end - 1].end(),
            value: number.value,
            unit,
            qualifier,
            counted,
        }
    }

    /// What a number without a noun counts: `le nombre de détenus était estimé à 1 200`, or money
    /// where the sentence speaks of money.
    fn understood(&self, number: &Number) -> (Option<String>, Option<String>) {
        let before = &self.tokens[..number.first];
        let noun = before.windows(3).rev().find_map(|window| match window {
            [head, of, noun]
                if matches!(
                    head.text.to_lowercase().as_str(),
                    "nombre" | "total" | "bilan" | "millions"
                ) && matches!(of.text, "de" | "d'" | "des")
                    && is_people_noun(noun.text) =>
            {
                Some(noun.text.to_owned())
            }
            _ => None,
        });
        if noun.is_some() {
            return (Some("people".to_owned()), noun);
        }
        let money = number.large.then(|| {
            self.tokens
                .iter()
                .filter_map(|token| unit(token.text))
                .find(|symbol| symbol.len() == 3 && symbol.chars().all(|c| c.is_ascii_uppercase()))
        });
        (money.flatten().map(str::to_owned), None)
    }
}

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

/// Longest first where one ends in another.
const QUALIFIERS: [(&str, Qualifier); 47] = [
    ("pas moins de", Qualifier::AtLeast),
    ("pas moins d'", Qualifier::AtLeast),
    ("au moins", Qualifier::AtLeast),
    ("au minimum", Qualifier::AtLeast),
    ("minimum", Qualifier::AtLeast),
    ("à partir de", Qualifier::AtLeast),
    ("au plus", Qualifier::AtMost),
    ("au maximum", Qualifier::AtMost),
    ("maximum", Qualifier::AtMost),
    ("jusqu'à", Qualifier::AtMost),
    ("plafonné à", Qualifier::AtMost),
    ("plafonnée à", Qualifier::AtMost),
    ("limité à", Qualifier::AtMost),
    ("limitée à", Qualifier::AtMost),
    ("plus de", Qualifier::MoreThan),
    ("plus d'", Qualifier::MoreThan),
    ("au-delà de", Qualifier::MoreThan),
    ("au-dessus de", Qualifier::MoreThan),
    ("supérieur à", Qualifier::MoreThan),
    ("supérieure à", Qualifier::MoreThan),
    ("supérieurs à", Qualifier::MoreThan),
    ("dépasse", Qualifier::MoreThan),
    ("dépassent", Qualifier::MoreThan),
    ("dépassé", Qualifier::MoreThan),
    ("dépasser", Qualifier::MoreThan),
    ("dépassait", Qualifier::MoreThan),
    ("dépassant", Qualifier::MoreThan),
    ("moins de", Qualifier::LessThan),
    ("moins d'", Qualifier::LessThan),
    ("en dessous de", Qualifier::LessThan),
    ("au-dessous de", Qualifier::LessThan),
    ("inférieur à", Qualifier::LessThan),
    ("inférieure à", Qualifier::LessThan),
    ("inférieurs à", Qualifier::LessThan),
    ("environ", Qualifier::About),
    ("quelque", Qualifier::About),
    ("quelques", Qualifier::About),
    ("près de", Qualifier::About),
    ("près d'", Qualifier::About),
    ("autour de", Qualifier::About),
    ("aux alentours de", Qualifier::About),
    ("à peu près", Qualifier::About),
    ("approximativement", Qualifier::About),
    ("à peine", Qualifier::LessThan),
    ("presque", Qualifier::Nearly),
    ("quasiment", Qualifier::Nearly),
    ("quasi", Qualifier::Nearly),
];
