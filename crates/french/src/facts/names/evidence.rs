//! Extracts the features of a name, from itself and from the words around it, for the model in
//! `weights`.

use super::super::classes::{Class, classes};
use super::super::lexicon;
use super::super::tokens::{Token, TokenKind, TokenizedSentence};
use super::clues::Clue;
use super::context::NameContext;
use super::roles::{Role, is_adjectival};
use super::spot::{Form, Spot};
use super::weights::{Feature, Features};

/// The features of one mention, and the role or description beside it.
#[derive(Default)]
pub(super) struct Evidence {
    /// `None` if a table or the form of the phrase decides the kind of the name.
    pub features: Option<Features>,
    /// What the words beside the name decide.
    pub clue: Option<&'static Clue>,
    /// The role of the person, or what the organisation is.
    pub role: Option<Role>,
}

/// Whether the name is the place of a dateline: `LYON (Reuters) -`.
pub(super) fn is_dateline(sentence: &TokenizedSentence, spot: &Spot) -> bool {
    let context = NameContext {
        text: sentence.text,
        tokens: &sentence.tokens,
        spot: spot.tokens.clone(),
    };
    context.is_dateline()
}

pub(super) fn gather(sentence: &TokenizedSentence, spot: &Spot) -> Evidence {
    let context = NameContext {
        text: sentence.text,
        tokens: &sentence.tokens,
        spot: spot.tokens.clone(),
    };
    let role = context.role();
    let features = (spot.form == Form::Run).then(|| {
        let before = role
            .as_ref()
            .map(|role| role.rule.name == "before the name");
        let mut features = Features::default();
        features.flag(Feature::Always, true);
        features.flag(Feature::RoleBefore, before == Some(true));
        features.flag(Feature::Apposition, before == Some(false));
        features.flag(Feature::Quoted, context.is_quoted());
        context.form(spot, &mut features);
        context.around(&mut features);
        features
    });
    let clue = (spot.form == Form::Run).then(|| context.clue()).flatten();
    Evidence {
        features,
        clue,
        role,
    }
}

impl<'a> NameContext<'a> {
    /// The noun before the name that says what it is, skipping articles and adjectives: `compagnie`
    /// in `la compagnie aérienne nationale, X`.
    fn noun_before(&self) -> &'a str {
        let mut back = 1;
        let comma = self.before(1) == ",";
        while back < 6
            && (self.is_before(back, Class::Of)
                || self.is_before(back, Class::Definite)
                || matches!(self.before(back), "«" | "\"" | ","))
        {
            back += 1;
        }
        let (nearest, articles) = (self.before(back), back);
        let announces = |word: &str| {
            let word = word.to_lowercase();
            classes(&word).has(Class::OrganisationNoun) || DISTRICTS.contains(&word.as_str())
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
        // A noun right before a comma ends its own phrase; with adjectives it announces the name.
        match (announces(word), comma) {
            (true, false) => word,
            (true, true) if back > articles => word,
            (_, true) => "",
            (false, false) => nearest,
        }
    }

    /// Adds the features of the name itself.
    fn form(&self, spot: &Spot, features: &mut Features) {
        let name = self.name();
        let (Some(first), Some(last)) = (name.first(), name.last()) else {
            return;
        };
        let text = &self.text[first.start..last.end()];
        features.add(Feature::Name, &[&text.to_lowercase()]);
        features.add(Feature::FirstWord, &[first.text]);
        features.add(Feature::LastWord, &[last.text]);
        for token in name {
            features.add(Feature::Word, &[token.text]);
            features.add(Feature::Ending, &[ending(token.text, 3)]);
        }
        features.add(
            Feature::Endings,
            &[ending(first.text, 2), ending(last.text, 4)],
        );
        let count = match name.len() {
            0..=3 => name.len(),
            _ => 4,
        };
        let shapes: Vec<&str> = name.iter().take(4).map(shape).collect();
        features.add(Feature::Shape, &shapes);
        features.add(Feature::WordCount, &[&count.to_string()]);
        let several = name.len() > 1;
        let is = |table: fn(&str) -> bool| name.iter().any(|token| table(token.text));
        let first_name = lexicon::is_first_name(first.text);
        for (holds, feature) in [
            (first_name && several, Feature::FirstNameAndMore),
            (first_name && !several, Feature::FirstNameAlone),
            (spot.initial, Feature::OpensSentence),
            (spot.initial && several, Feature::SeveralOpenSentence),
            (
                several && is(lexicon::is_org_suffix),
                Feature::OrganisationSuffix,
            ),
            (
                several && is(|word| lexicon::organisation(word).is_some()),
                Feature::OrganisationWithin,
            ),
            (is(|word| word.contains(char::is_numeric)), Feature::Digits),
            (first.text.split('-').count() >= 3, Feature::Hyphens),
            (self.is_shouted(), Feature::Shouted),
        ] {
            features.flag(feature, holds);
        }
    }

    /// Adds the features of the words around it.
    fn around(&self, features: &mut Features) {
        let several = if self.spot.len() > 1 {
            "several"
        } else {
            "one"
        };
        let lower = |word: &str| word.to_lowercase();
        let (b1, b2) = (lower(self.before(1)), lower(self.before(2)));
        let (a1, a2) = (lower(self.after(1)), lower(self.after(2)));
        features.add(Feature::Before, &[&b1]);
        features.add(Feature::Before, &[&b1, several]);
        features.add(Feature::SecondBefore, &[&b2]);
        features.add(Feature::TwoBefore, &[&b2, &b1]);
        features.add(Feature::After, &[&a1]);
        features.add(Feature::After, &[&a1, several]);
        features.add(Feature::SecondAfter, &[&a2]);
        features.add(Feature::TwoAfter, &[&a1, &a2]);
        features.add(Feature::Sides, &[&b1, &a1]);
        let noun = lower(self.noun_before());
        let near = (1..=3).find(|&n| lower(self.before(n)) == noun);
        let nearness = match (near, self.before(1)) {
            (Some(1), _) | (_, ",") => "next",
            _ if self.is_before(1, Class::Of) || self.is_before(1, Class::Definite) => "of",
            _ => "near",
        };
        features.add(Feature::NounBefore, &[&noun]);
        let next = match self.after(1) {
            "a" | "avait" | "s'" => 2,
            _ => 1,
        };
        let bracket = self.in_brackets();
        let place = bracket.and_then(lexicon::place);
        let inner = self.tokens.get(self.spot.end + 1);
        let number = inner.is_some_and(|token| token.kind == TokenKind::Number);
        if classes(&noun).has(Class::OrganisationNoun) {
            features.add(Feature::OrganisationAnnounced, &[nearness]);
        }
        for (holds, feature) in [
            (
                self.is_before(2, Class::OrganisationNoun) && is_adjectival(self.before(1)),
                Feature::OrganisationAnnounced,
            ),
            (lexicon::is_role(&noun), Feature::RoleAnnounced),
            (self.is_before(1, Class::Speech), Feature::SpeechBefore),
            (self.is_after(next, Class::Speech), Feature::SpeechAfter),
            (place.is_some(), Feature::PlaceInBrackets),
            (
                bracket.is_some_and(|inside| inside.parse::<u8>().is_ok()),
                Feature::NumberInBrackets,
            ),
            (
                place.is_none() && bracket.is_some() && inner.is_some_and(Token::is_all_caps),
                Feature::AcronymInBrackets,
            ),
            (number && self.after(3).starts_with("an"), Feature::Age),
        ] {
            features.flag(feature, holds);
        }
    }

    /// Whether a word beside it is in capitals.
    fn is_shouted(&self) -> bool {
        let beside = [self.spot.start.checked_sub(1), Some(self.spot.end)];
        let mut beside = beside.into_iter().flatten();
        beside.any(|at| {
            let token = self.tokens.get(at);
            token.is_some_and(|token| token.is_all_caps() && token.text.len() > 3)
        })
    }

    /// Whether quotation marks enclose the name and nothing else.
    fn is_quoted(&self) -> bool {
        let opening = matches!(self.before(1), "\"" | "«" | "“" | "'")
            || matches!(self.before(2), "\"" | "«" | "“") && self.before(1).ends_with('\'');
        opening && matches!(self.after(1), "\"" | "»" | "”")
    }
}

/// Nouns that stand before the name of a place.
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

/// The last `count` letters.
fn ending(word: &str, count: usize) -> &str {
    let start = word.char_indices().rev().nth(count - 1);
    start.map_or(word, |(start, _)| &word[start..])
}

/// A code for the capitals of a word.
fn shape(token: &Token) -> &'static str {
    let letters = || token.text.chars().filter(|c| c.is_alphabetic());
    if token.kind == TokenKind::Number {
        "1"
    } else if !token.is_word() {
        "."
    } else if letters().count() == 1 {
        "X"
    } else if token.is_all_caps() {
        "XX"
    } else if !token.is_capitalised() {
        "x"
    } else if token.text.contains('-') {
        "X-x"
    } else if letters().skip(1).any(char::is_uppercase) {
        "xX"
    } else {
        "Xx"
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tokens::tokenize;
    use super::*;

    /// Reads the context of the word `X` in `text`.
    fn around<T>(text: &str, read: impl Fn(&NameContext) -> T) -> T {
        let tokens = tokenize(text);
        let at = tokens.iter().position(|token| token.text == "X").unwrap();
        read(&NameContext {
            text,
            tokens: &tokens,
            spot: at..at + 1,
        })
    }

    #[test]
    fn a_noun_before_the_name_says_what_it_is() {
        for (text, noun) in [
            ("la compagnie aérienne nationale, X", "compagnie"),
            ("dans la ville de X", "ville"),
            ("le groupe X", "groupe"),
            ("la compagnie, X", ""),
            ("X", ""),
        ] {
            let found = around(text, |context| context.noun_before().to_owned());
            assert_eq!(found, noun, "{text}");
        }
    }

    #[test]
    fn a_quoted_name_stands_alone_between_the_marks() {
        fn is_quoted(context: &NameContext) -> bool {
            context.is_quoted()
        }
        assert!(around("le film « X »", is_quoted));
        assert!(around("« L'X »", is_quoted));
        assert!(!around("« X arrive »", is_quoted));
    }

    #[test]
    fn brackets_belong_to_the_name_right_before_them() {
        let inside = |text| around(text, |context| context.in_brackets().map(str::to_owned));
        assert_eq!(
            inside("à X (Haute-Saône), il").as_deref(),
            Some("Haute-Saône")
        );
        assert_eq!(inside("à X, il (Jean)"), None);
        assert_eq!(inside("à X (sans fin"), None);
    }

    #[test]
    fn shapes_tell_how_a_word_is_written() {
        for (word, code) in [
            ("3", "1"),
            ("&", "."),
            ("X", "X"),
            ("ONU", "XX"),
            ("de", "x"),
            ("Val-Roy", "X-x"),
            ("LeMonde", "xX"),
            ("Paris", "Xx"),
        ] {
            assert_eq!(shape(&tokenize(word)[0]), code, "{word}");
        }
        assert_eq!(ending("été", 2), "té");
        assert_eq!(ending("a", 3), "a");
    }
}
