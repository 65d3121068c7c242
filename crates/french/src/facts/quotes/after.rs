//! Speakers that the text names behind their words: `», a déclaré X`, `» (X)`.

use super::super::classes::Class;
use super::super::tokens::{Token, inverted};
use super::clause::{
    is_bare_verb, is_inverted_speech, names_source, says, starts_subject, subject_after,
};
use super::passages::Position;
use super::speaker::{Attribution, Quoted, Speaker, Speakers};

/// Maximal number of tokens between a quotation and its verb of saying: about a long sentence.
const VERB_REACH: usize = 45;
/// Maximal number of tokens between a quotation and a `selon X` that belongs to it. Farther away, only
/// a verb followed by its subject does.
const SOURCE_REACH: usize = 25;

/// Verbs of saying that are nouns unless they follow the quotation.
const NOUNS_TOO: [&str; 13] = [
    "image",
    "titre",
    "loue",
    "demande",
    "tonne",
    "tempête",
    "juge",
    "critique",
    "note",
    "pointe",
    "réplique",
    "doute",
    "twitte",
];

impl Speakers<'_> {
    /// `», a déclaré X`, `», explique-t-il`, `», selon X`.
    pub(super) fn after(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.last;
        let tokens = self.tokens(sentence);
        let start = tokens.partition_point(|token| token.start <= at);
        if tokens.get(start).is_some_and(|token| token.text == ".") {
            return Attribution::Nobody;
        }
        for index in start..tokens.len().min(start + VERB_REACH) {
            let token = &tokens[index];
            if self.is_quoted(sentence, index) {
                continue;
            }
            // Another sentence, or the words before the next quotation.
            if matches!(token.text, ";" | ":") {
                return Attribution::Nobody;
            }
            if let Some(end) = reading_end(tokens, index) {
                return self.of_place(sentence, end, quoted).into();
            }
            // `», commence-t-il`, whatever the verb means
            let bare = index == start + 1 && tokens[start].text == ",";
            let inverts = || {
                inverted(token.text).is_some_and(|(verb, _)| {
                    verb.len() > 3 && token.text.starts_with(char::is_lowercase)
                })
            };
            if is_inverted_speech(tokens, index, tokens.len()) || bare && inverts() {
                let (_, pronoun) = inverted(token.text).unwrap_or_default();
                if pronoun.ends_with("on") {
                    let end = speech_end(tokens, index);
                    return self.of_place(sentence, end, quoted).into();
                }
                let position = Position {
                    sentence,
                    at: token.start,
                };
                return self.pronoun(pronoun, position, quoted).into();
            }
            if names_source(tokens, index) && index - start <= SOURCE_REACH {
                // `X a demandé de « … », selon un journal`: X has said it.
                if self.is_announced(quoted)
                    && let said @ Attribution::Named(_) = self.before(quoted)
                {
                    return said;
                }
                return self.subject_at(sentence, index + 1, quoted).into();
            }
            // `», s'est contentée de dire X`, `», a tenu à préciser X`
            if token.is_lower(Class::SpeechInfinitive)
                && index - start <= 6
                && matches!(tokens[index - 1].text, "de" | "d'" | "à" | "par")
                && tokens[start + 1..index].iter().all(Token::is_word)
            {
                let name_end = |at| self.mentions.name_end(sentence, at);
                if let Some(subject) = subject_after(tokens, index, name_end) {
                    return self.subject_at(sentence, subject, quoted).into();
                }
            }
            // `», tonne X`, but not `une tonne`
            let said = says(tokens, index) || bare && NOUNS_TOO.contains(&token.text);
            if !said
                || matches!(token.text, "appelé" | "demande")
                || !is_bare_verb(tokens, start, index)
            {
                continue;
            }
            let name_end = |at| self.mentions.name_end(sentence, at);
            if let Some(subject) = subject_after(tokens, index, name_end) {
                return self.subject_at(sentence, subject, quoted).into();
            }
        }
        self.inverted(sentence, start, quoted)
    }

    /// Whoever stands behind the verb that follows the words at once, whatever it means: `», calcule X`, `»,
    /// s'amuse X`.
    fn inverted(&self, sentence: usize, start: usize, quoted: Quoted) -> Attribution {
        let tokens = self.tokens(sentence);
        let lead = |at: usize| {
            (tokens.get(at)).is_some_and(|token| {
                token.is_lower(Class::BeforeInverted) && !token.is(Class::Preposition)
            })
        };
        let verb = (start + 1..start + 6)
            .find(|&at| !lead(at))
            .unwrap_or(start + 1);
        let (Some(token), Some(next)) = (tokens.get(verb), tokens.get(verb + 1)) else {
            return Attribution::Nobody;
        };
        let composed = (start + 1..verb).any(|at| tokens[at].is_lower(Class::Auxiliary));
        let endings: &[&str] = match composed {
            true => &["é", "ée", "és", "i", "u", "it", "is"],
            false => &["e", "it", "ent"],
        };
        let finite = endings.iter().any(|it| token.text.ends_with(it))
            && token.text.starts_with(char::is_lowercase)
            && token.text.chars().count() > 3
            && !token.is(Class::Function)
            && !token.is(Class::Role);
        let comma = tokens.get(start).is_some_and(|it| it.text == ",");
        // `X, qui promet de « … », a appelé les électeurs`
        let announced = self.is_announced(quoted);
        if !comma || !finite || !starts_subject(next) || next.is(Class::Of) || announced {
            return Attribution::Nobody;
        }
        // `« Anora », a remporté la Palme`: nobody.
        let someone = |speaker: &Speaker| {
            let described = || {
                let first = tokens[verb + 1..].iter().find(|it| !it.is(Class::Article));
                first.is_some_and(|noun| {
                    noun.is_lower(Class::Role)
                        || noun.is_lower(Class::People)
                        || noun.is_lower(Class::Speaking)
                })
            };
            self.mentions.is_person(&speaker.name) || described()
        };
        let speaker = self.subject_at(sentence, verb + 1, quoted);
        let speaker = speaker.filter(someone);
        speaker.map_or(Attribution::Nobody, Attribution::Named)
    }

    /// `« … » – X`, `« … » (X)`
    pub(super) fn signature(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.last;
        let tokens = self.tokens(sentence);
        let mut from = tokens.partition_point(|token| token.start <= at);
        if tokens.get(from).is_some_and(|token| token.text == ".") {
            from += 1;
        }
        let (sentence, from) = match tokens.get(from) {
            Some(_) => (sentence, from),
            None if sentence + 1 < self.sentences.len() => (sentence + 1, 0),
            None => return Attribution::Nobody,
        };
        let tokens = self.tokens(sentence);
        let signs = |token: &Token| matches!(token.text, "–" | "—" | "-" | "(");
        let Some(name) = tokens.get(from + 1).filter(|_| signs(&tokens[from])) else {
            return Attribution::Nobody;
        };
        match self
            .mentions
            .within(sentence, name.start, name.start + 1)
            .next()
        {
            // `« L'Impôt juste » (Seuil)`
            Some(mention) if mention.person || tokens[from].text != "(" => {
                Attribution::Named(Speaker::named(mention))
            }
            _ => Attribution::Nobody,
        }
    }

    /// Whether the name at the token `at` stands in `La voix de X`.
    fn is_voice_of(&self, sentence: usize, at: usize) -> bool {
        let noun = at
            .checked_sub(2)
            .map_or("", |at| self.tokens(sentence)[at].text);
        matches!(
            noun,
            "voix" | "regard" | "visage" | "colère" | "témoignage" | "message" | "cri" | "mots"
        )
    }

    /// Words that open a paragraph by themselves are those of whoever the next sentence names for the first
    /// time.
    pub(super) fn sentence_after(&self, quoted: Quoted) -> Attribution {
        let passage = quoted.passage;
        let next = passage.last.sentence + 1;
        let paragraph = |sentence: usize| self.sentences.get(sentence).map(|it| it.paragraph);
        let first = passage.first.sentence;
        let opens = first == 0 || paragraph(first - 1) != paragraph(first);
        let alone = passage.opens_sentence(self.sentences)
            && !self.sentences[passage.last.sentence].text[passage.last.at..]
                .contains(char::is_alphanumeric);
        if !opens || !alone || paragraph(next) != paragraph(first) {
            return Attribution::Nobody;
        }
        let Some(named) = self.mentions.person_within(next, 0, usize::MAX) else {
            return Attribution::Nobody;
        };
        let first = self.mentions.first(named.name);
        let known = first.is_some_and(|first| first.start < named.start);
        let at = self
            .tokens(next)
            .partition_point(|it| it.start < named.start.at);
        let fits = !known
            && !self.is_quoted(next, at)
            && (!self.mentions.is_governed(named) || self.is_voice_of(next, at));
        match fits {
            true => Attribution::Named(Speaker::named(named)),
            false => Attribution::Nobody,
        }
    }
}

/// The end of `lit-on`, `peut-on lire` at the token `at`.
fn reading_end(tokens: &[Token], at: usize) -> Option<usize> {
    let next = || tokens.get(at + 1).map_or("", |next| next.text);
    match tokens[at].text {
        "lit-on" => Some(at + 1),
        "peut-on" | "pouvait-on" | "pourra-t-on" if matches!(next(), "lire" | "y") => {
            Some(at + 2 + usize::from(next() == "y"))
        }
        _ => None,
    }
}

/// The end of the words of saying that begin with the inverted verb at `at`: `indique-t-on`, `a-t-on appris`,
/// `fait-on savoir`.
fn speech_end(tokens: &[Token], at: usize) -> usize {
    let goes_on = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            token.says() || matches!(token.text, "savoir" | "valoir" | "appris" | "encore")
        })
    };
    (at + 1..).find(|&at| !goes_on(at)).unwrap_or(at + 1)
}
