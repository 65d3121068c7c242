//! What the words around a name say it is, as points for a person, an organisation or a place.
//!
//! The points are weights of rules, not probabilities; `ENOUGH` of them make a name.

use std::ops::{AddAssign, Range};

use super::super::Sentence;
use super::super::lexicon;
use super::super::tokens::{Kind, Token};
use super::roles::is_adjectival;
use super::spot::{Form, Spot};

/// Points from which on a name is taken.
pub const ENOUGH: f32 = 2.0;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Points {
    pub person: f32,
    pub organisation: f32,
    pub place: f32,
}

impl AddAssign for Points {
    fn add_assign(&mut self, other: Self) {
        self.person += other.person;
        self.organisation += other.organisation;
        self.place += other.place;
    }
}

/// The points of one mention, and the words that say what is named.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub points: Points,
    /// Role of a person or description of an organisation, in French.
    pub apposition: Option<String>,
}

pub fn weigh(sentence: &Sentence, spot: &Spot) -> Evidence {
    let context = Context {
        text: sentence.text,
        tokens: &sentence.tokens,
        spot: spot.tokens.clone(),
    };
    let mut points = context.own_form(spot);
    if spot.known {
        let apposition = match spot.form {
            Form::Person => context.role_before().or_else(|| context.apposition_after()),
            _ => None,
        };
        return Evidence { points, apposition };
    }
    points += context.around();
    let before = context.role_before();
    let after = context.apposition_after();
    if before.is_some() {
        points.person += if spot.tokens.len() > 1 { 3.0 } else { 2.0 };
    }
    if after.is_some() {
        points.person += 2.5;
    }
    if context.is_quoted_title() {
        points.person -= 3.0;
        points.organisation -= 2.0;
        points.place -= 2.0;
    }
    if sentence.heading {
        points.person *= 0.8;
        points.organisation *= 0.8;
        points.place *= 0.8;
    }
    Evidence {
        points,
        apposition: before.or(after),
    }
}

/// A name among the words of its sentence.
pub(super) struct Context<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token<'a>],
    pub(super) spot: Range<usize>,
}

impl<'a> Context<'a> {
    /// The word `n` places before the name, and after it; empty past the ends.
    pub(super) fn before(&self, n: usize) -> &'a str {
        self.spot
            .start
            .checked_sub(n)
            .map_or("", |index| self.tokens[index].text)
    }

    pub(super) fn after(&self, n: usize) -> &'a str {
        self.tokens
            .get(self.spot.end + n - 1)
            .map_or("", |token| token.text)
    }

    fn name(&self) -> &'a [Token<'a>] {
        &self.tokens[self.spot.clone()]
    }

    /// The noun that announces the name, over articles and adjectives: `compagnie` in `la
    /// compagnie aérienne nationale, X`.
    fn noun_before(&self) -> &'a str {
        let mut back = 1;
        let comma = self.before(1) == ",";
        while back < 6
            && matches!(
                self.before(back),
                "le" | "la" | "l'" | "les" | "de" | "d'" | "du" | "des" | "«" | "\"" | ","
            )
        {
            back += 1;
        }
        let (nearest, articles) = (self.before(back), back);
        let announces = |word: &str| {
            let word = word.to_lowercase();
            lexicon::is_org_word(&word) || DISTRICTS.contains(&word.as_str())
        };
        for _ in 0..3 {
            let word = self.before(back);
            if announces(word)
                || !(is_adjectival(word)
                    || word.ends_with(['é', 'e'])
                        && word.starts_with(char::is_lowercase)
                        && !lexicon::is_function_word(word))
            {
                break;
            }
            back += 1;
            if self.before(back) == "très" {
                back += 1;
            }
        }
        let word = self.before(back);
        // After a comma only a noun with its adjectives announces; else it ends its own phrase.
        match (announces(word), comma) {
            (true, false) => word,
            (true, true) if back > articles => word,
            (_, true) => "",
            (false, false) => nearest,
        }
    }

    fn own_form(&self, spot: &Spot) -> Points {
        let mut points = Points::default();
        match spot.form {
            Form::Organisation => points.organisation += if spot.known { 6.0 } else { 4.0 },
            Form::Place => points.place += if spot.known { 6.0 } else { 4.0 },
            Form::Person => points.person += 6.0,
            Form::Run => {}
        }
        let name = self.name();
        if spot.form != Form::Run || name.is_empty() {
            return points;
        }
        let several = name.len() > 1;
        let first = name[0].text;
        if lexicon::is_first_name(first) {
            points.person += match (several, spot.initial) {
                (true, _) => 4.0,
                (false, false) => 2.0,
                (false, true) => 1.0,
            };
        }
        if several && name.iter().any(|token| lexicon::is_org_suffix(token.text)) {
            points.organisation += 4.5;
        }
        if name
            .iter()
            .any(|token| matches!(token.text, "of" | "and" | "the" | "&" | "The" | "against"))
        {
            points.organisation += 2.5;
            points.person -= 1.0;
        }
        // `Renault Clio`, `Fox Business`
        if several
            && name
                .iter()
                .any(|token| lexicon::organisation(token.text).is_some())
        {
            points.person -= 2.0;
        }
        let all_caps = name.iter().all(Token::is_all_caps);
        // Not in a line of capitals.
        let shouted = [self.spot.start.checked_sub(1), Some(self.spot.end)]
            .into_iter()
            .flatten()
            .any(|at| {
                self.tokens
                    .get(at)
                    .is_some_and(|token| token.is_all_caps() && token.text.len() > 3)
            });
        if first == "Miss" {
            points.person -= 4.0;
        }
        if !several && all_caps && !shouted && !first.contains(char::is_numeric) {
            points.organisation += if first.chars().count() <= 7 { 3.0 } else { 1.0 };
        }
        let camel = !all_caps
            && name.iter().any(|token| {
                let mut chars = token.text.chars().skip(1);
                !token.text.contains(['-', '\''])
                    && !token.text.starts_with("Mc")
                    && chars.any(char::is_uppercase)
            });
        if camel {
            points.organisation += 2.0;
        }
        let letters = name
            .iter()
            .all(|token| token.kind != Kind::Number && !token.text.contains(char::is_numeric));
        if several && !all_caps && letters {
            // Two or three capitalised words without an article are mostly a person.
            points.person += if spot.initial { 1.0 } else { 2.0 };
        }
        let hyphens = first.split('-').count();
        if !several && hyphens >= 3 || first.starts_with("Saint-") || first.starts_with("Sainte-") {
            points.place += 1.5;
        }
        if !several && !spot.initial && !all_caps {
            points.organisation += 0.4;
        }
        points
    }

    fn around(&self) -> Points {
        let mut points = Points::default();
        let several = self.spot.len() > 1;
        let previous = self.before(1);
        let lowered = previous.to_lowercase();
        let title = if previous == "." {
            self.before(2)
        } else {
            previous
        };
        if TITLES.contains(&title)
            && (previous == "."
                || matches!(
                    title,
                    "Mme"
                        | "Mlle"
                        | "M"
                        | "Me"
                        | "Mgr"
                        | "Pr"
                        | "Dr"
                        | "MM"
                        | "Monsieur"
                        | "Madame"
                        | "maître"
                        | "Maître"
                ))
        {
            points.person += 6.0;
        }
        let noun = self.noun_before();
        if lexicon::is_org_word(&noun.to_lowercase())
            || lexicon::is_org_word(self.before(2)) && is_adjectival(previous)
        {
            points.organisation += 3.5;
        }
        if matches!(
            noun,
            "gouvernement"
                | "affaire"
                | "famille"
                | "clan"
                | "administration"
                | "procès"
                | "frères"
                | "soeurs"
                | "époux"
                | "couple"
                | "prénommé"
                | "prénommée"
                | "baptisé"
                | "nommé"
                | "surnommé"
                | "loi"
        ) && !matches!(previous, "l'" | "de" | "du" | "la")
        {
            points.person += 2.5;
        }
        let determined = matches!(
            lowered.as_str(),
            "le" | "la" | "l'" | "les" | "du" | "au" | "aux" | "des"
        );
        if determined {
            if several {
                points.person -= 1.5;
            } else {
                points.person -= 1.0;
            }
            points.organisation += if several { 1.5 } else { 0.7 };
        }
        points += self.position(noun);
        match self.after(1) {
            "(" => {
                let inner = self.tokens.get(self.spot.end + 1);
                let text = inner.map_or("", |token| token.text);
                if self.in_brackets().is_some_and(|inside| {
                    matches!(lexicon::place(inside), Some((_, kind)) if kind != super::PlaceKind::City)
                        || inside.parse::<u8>().is_ok()
                }) {
                    points.place += 4.0;
                } else if inner.is_some_and(Token::is_all_caps) && lexicon::place(text).is_none() {
                    points.organisation += 2.5;
                } else if inner.is_some_and(|token| token.kind == Kind::Number)
                    && self.after(3).starts_with("an")
                {
                    points.person += 3.0;
                }
            }
            "," if self.after(3).starts_with("ans")
                && self
                    .tokens
                    .get(self.spot.end + 1)
                    .is_some_and(|token| token.kind == Kind::Number) =>
            {
                points.person += 4.0;
            }
            _ => {}
        }
        points += self.speech(several);
        points
    }

    /// Prepositions and nouns that places stand after.
    fn position(&self, noun: &str) -> Points {
        const NOT_TO: [&str; 14] = [
            "face",
            "grâce",
            "quant",
            "rapport",
            "appartient",
            "appartenant",
            "imposé",
            "imputé",
            "attribué",
            "confié",
            "opposé",
            "opposait",
            "contre",
            "déclaré",
        ];
        let mut points = Points::default();
        let previous = self.before(1).to_lowercase();
        let before = self.before(2);
        match previous.as_str() {
            "en" => points.place += 2.5,
            "à" if !NOT_TO.contains(&before) => {
                points.place += if self.spot.len() == 1 { 2.0 } else { 1.2 }
            }
            "près" => {}
            "chez" => points.organisation += 1.5,
            "d'" | "de"
                if matches!(
                    before,
                    "près" | "loin" | "originaire" | "hors" | "autour" | "large"
                ) =>
            {
                points.place += 2.0;
            }
            "le" | "la" | "l'" if before == "dans" => points.place += 1.2,
            "au" if self.spot.len() == 1 => points.place += 0.5,
            "par" | "contre" | "avec" | "selon" => points.person += 0.3,
            _ => {}
        }
        if DISTRICTS.contains(&noun.to_lowercase().as_str()) && noun != self.before(1)
            || matches!(noun, "quartier" | "lieu-dit" | "fleuve" | "rivière" | "île")
        {
            points.place += 2.5;
        }
        points
    }

    /// `a déclaré X`, `X affirme`, `selon X`.
    fn speech(&self, several: bool) -> Points {
        let mut points = Points::default();
        let next = match self.after(1) {
            "a" | "avait" | "s'" => self.after(2),
            next => next,
        };
        let verb_before = lexicon::is_attribution(self.before(1));
        if verb_before || lexicon::is_attribution(next) {
            points.person += if several { 1.5 } else { 0.8 };
        }
        points
    }

    /// The text in brackets right after the name.
    fn in_brackets(&self) -> Option<&'a str> {
        let open = self
            .tokens
            .get(self.spot.end)
            .filter(|token| token.text == "(")?;
        let close = self.tokens[self.spot.end..]
            .iter()
            .take(12)
            .find(|token| token.text == ")")?;
        Some(&self.text[open.end()..close.start])
    }

    /// A name that is all there is between quotation marks is a title or a nickname.
    fn is_quoted_title(&self) -> bool {
        let opening = matches!(self.before(1), "\"" | "«" | "“" | "'")
            || matches!(self.before(2), "\"" | "«" | "“") && self.before(1).ends_with('\'');
        opening && matches!(self.after(1), "\"" | "»" | "”")
    }
}

/// Nouns that places stand after.
const DISTRICTS: [&str; 30] = [
    "ville",
    "commune",
    "village",
    "région",
    "quartier",
    "province",
    "district",
    "état",
    "etat",
    "département",
    "banlieue",
    "localité",
    "capitale",
    "port",
    "nord",
    "sud",
    "est",
    "ouest",
    "maire",
    "habitants",
    "préfet",
    "procureur",
    "centre",
    "périphérie",
    "comté",
    "îles",
    "île",
    "station",
    "cité",
    "bourgade",
];

const TITLES: [&str; 16] = [
    "M", "MM", "Mme", "Mmes", "Mlle", "Dr", "Pr", "Me", "Mgr", "Sir", "Lady", "Lord", "Monsieur",
    "Madame", "maître", "Maître",
];
