//! Who said the quoted words: the subject of a verb of speech after or before them, or of `selon`.

use super::super::classes::Class;
use super::super::lexicon::is_role;
use super::super::names::{Names, is_people_ending, is_title};
use super::super::tokens::{Token, TokenizedSentence, inverted, starts_upper, tokenize};
use super::clause::{
    Aside, aside, clause_end, clause_start, is_bare_verb, is_speech, names_source, starts_subject,
    subject_after, subject_before,
};
use super::mentions::{Mentions, ROLE_REACH};
use super::passages::{Passage, Position};

/// Maximal number of tokens between a quotation and its verb of speech: about a long sentence.
const VERB_REACH: usize = 45;
/// Maximal number of tokens between a quotation and a `selon X` that belongs to it. Farther away, only
/// a verb followed by its subject does.
const SOURCE_REACH: usize = 25;
/// Maximal number of tokens from `a-t-il` to its participle: `a-t-il aussi précisé`.
const PARTICIPLE_REACH: usize = 3;
/// Maximal number of tokens from a pronoun to the verb whose subject it is: `il l'a, dit-on, longtemps
/// répété`.
const PRONOUN_REACH: usize = 6;
/// Number of sentences after which `il` or `elle` can still mean the last speaker.
const VOICE_REACH: usize = 8;
/// Number of sentences to search for whom `il` or `elle` means if nobody has spoken, and after which a
/// description such as `le magistrat` can still mean the last speaker.
const SUBJECT_REACH: usize = 3;
/// Maximal number of words of a description that can mean the last speaker: `l'ancien ministre`, not
/// `le porte-parole du gouvernement`.
const SHORT_DESCRIPTION: usize = 3;
/// Maximal number of words from the article of a description to its word for the role.
const ROLE_WORDS: usize = 3;
/// Maximal number of tokens from the comma of an apposition to the name in it: `, M. Gérald Darmanin`.
const APPOSITION: usize = 4;

/// What the text says about who said some words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attribution {
    /// The text attributes the words to nobody.
    Nobody,
    /// Someone said them, but the text does not say who.
    Unnamed,
    /// By name, or as the text describes them.
    Named(String),
}

impl From<Option<String>> for Attribution {
    fn from(speaker: Option<String>) -> Self {
        speaker.map_or(Self::Unnamed, Self::Named)
    }
}

/// Finds the speakers of quotations.
pub(super) struct Speakers<'a> {
    sentences: &'a [TokenizedSentence<'a>],
    mentions: Mentions<'a>,
}

/// The quotation before, and who said it.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    /// The sentence in which it ends, by its index.
    pub sentence: usize,
    pub speaker: Option<String>,
    /// Whether the speaker has a name.
    pub named: bool,
}

/// A quotation whose speaker is looked for.
#[derive(Clone, Copy)]
struct Quoted<'q> {
    passage: &'q Passage,
    last: Option<&'q Spoken>,
}

impl Quoted<'_> {
    /// Who spoke before, if they did so in the same sentence.
    fn spoken_in(&self, sentence: usize) -> Option<&Spoken> {
        self.last.filter(|spoken| spoken.sentence == sentence)
    }
}

/// A strategy for finding the speaker.
type Strategy<'a> = fn(&Speakers<'a>, Quoted<'_>) -> Attribution;

impl<'a> Speakers<'a> {
    /// In order of precedence; the first that succeeds decides.
    const STRATEGIES: [Strategy<'a>; 5] = [
        Self::after,
        Self::before,
        Self::holder_of_opinion,
        Self::sentence_before,
        Self::inside,
    ];

    pub(super) fn new(sentences: &'a [TokenizedSentence<'a>], names: &'a Names) -> Self {
        Self {
            sentences,
            mentions: Mentions::new(sentences, names),
        }
    }

    fn tokens(&self, sentence: usize) -> &'a [Token<'a>] {
        &self.sentences[sentence].tokens
    }

    /// Returns whom the text names as the speaker of `passage`. `last` is the quotation before.
    pub(super) fn of(&self, passage: &Passage, last: Option<&Spoken>) -> Attribution {
        let quoted = Quoted { passage, last };
        Self::STRATEGIES
            .iter()
            .map(|strategy| strategy(self, quoted))
            .find(|attribution| *attribution != Attribution::Nobody)
            .unwrap_or(Attribution::Nobody)
    }

    /// `», a déclaré X`, `», explique-t-il`, `», selon X`.
    fn after(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.last;
        let tokens = self.tokens(sentence);
        let start = tokens.partition_point(|token| token.start <= at);
        if tokens.get(start).is_some_and(|token| token.text == ".") {
            return Attribution::Nobody;
        }
        let mut inside_marks = false;
        for (index, token) in tokens.iter().enumerate().skip(start).take(VERB_REACH) {
            if matches!(token.text, "\"" | "«" | "»" | "“" | "”") {
                inside_marks = !inside_marks;
            }
            if inside_marks {
                continue;
            }
            if let Some((verb, pronoun)) = inverted(token.text) {
                let participle = || {
                    let mut next = tokens[index + 1..].iter().take(PARTICIPLE_REACH);
                    next.any(Token::says)
                };
                if is_speech(verb) || matches!(verb, "a" | "ont" | "avait" | "est") && participle()
                {
                    let at = token.start;
                    return self
                        .pronoun(pronoun, Position { sentence, at }, quoted)
                        .into();
                }
            }
            if names_source(tokens, index) && index - start <= SOURCE_REACH {
                return self.subject(sentence, index + 1, quoted).into();
            }
            if !token.says()
                || matches!(token.text, "appelé" | "demande")
                || !is_bare_verb(tokens, start, index)
            {
                continue;
            }
            let name_end = |at| self.mentions.name_end(sentence, at);
            if let Some(subject) = subject_after(tokens, index, name_end) {
                return self.subject(sentence, subject, quoted).into();
            }
        }
        Attribution::Nobody
    }

    /// `X a déclaré : «`, `Selon X, «`, `Soulignant que «`.
    fn before(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.first;
        let tokens = self.tokens(sentence);
        let end = tokens.partition_point(|token| token.start < at);
        for index in (0..end).rev() {
            let token = &tokens[index];
            if names_source(tokens, index) {
                return self.subject(sentence, index + 1, quoted).into();
            }
            if let Some((verb, pronoun)) = inverted(token.text)
                && is_speech(verb)
            {
                let at = token.start;
                return self
                    .pronoun(pronoun, Position { sentence, at }, quoted)
                    .into();
            }
            if token.is(Class::SpeechParticiple) {
                return self.subject_of_participle(sentence, index, quoted).into();
            }
            // `estimés par X « … »`
            if token.says()
                && tokens.get(index + 1).is_some_and(|next| next.text == "par")
                && tokens.get(index + 2).is_some_and(starts_subject)
            {
                return self.subject(sentence, index + 2, quoted).into();
            }
            // `X, accusé de « … »` has not said it, `X a accusé « … »` has.
            let accused = token.text.starts_with("accusé")
                && index > 0
                && !matches!(tokens[index - 1].text, "a" | "ont" | "avait" | "avaient");
            if (token.says() || token.is_lower(Class::Announcing)) && !accused {
                return self.subject_of(sentence, index, quoted).into();
            }
        }
        Attribution::Nobody
    }

    /// X in `Pour X, « … »`: the person named before the first comma.
    fn holder_of_opinion(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.first;
        let tokens = self.tokens(sentence);
        let mut before = tokens.iter().take_while(|token| token.start < at);
        let holds = tokens.first().is_some_and(|first| first.text == "Pour")
            && tokens.get(1).is_some_and(starts_subject);
        before
            .find(|token| token.text == ",")
            .filter(|_| holds)
            .and_then(|comma| self.mentions.person_within(sentence, 0, comma.start))
            .map_or(Attribution::Nobody, |name| {
                Attribution::Named(name.to_owned())
            })
    }

    /// The sentence before announces the quotation: `Il a réagi :`
    fn sentence_before(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.first;
        let before = self.tokens(sentence).iter();
        // Nothing but the opening mark.
        let opens = before.take_while(|token| token.start < at).count() <= 1;
        let Some(previous) = sentence.checked_sub(1).filter(|_| opens) else {
            return Attribution::Nobody;
        };
        let previous_sentence = &self.sentences[previous];
        if !previous_sentence.text.trim_end().ends_with(':') {
            return Attribution::Nobody;
        }
        let mut tokens = previous_sentence.tokens.iter();
        match tokens.rposition(Token::says) {
            Some(verb) => self.subject_of(previous, verb, quoted),
            None => self.last_person(Position { sentence, at: 0 }, quoted),
        }
        .into()
    }

    /// An aside within the marks: `« Nous voulions, explique X, le montrer. »`
    fn inside(&self, quoted: Quoted) -> Attribution {
        let Some((sentence, aside)) = self.aside(quoted.passage) else {
            return Attribution::Nobody;
        };
        let verb = &self.tokens(sentence)[aside.verb];
        match inverted(verb.text) {
            Some((_, pronoun)) => {
                let at = verb.start;
                self.pronoun(pronoun, Position { sentence, at }, quoted)
            }
            None => self.subject(sentence, aside.verb + 1, quoted),
        }
        .into()
    }

    /// The parts of a quotation before and after an aside in which its speaker is named. If nothing
    /// closes the quotation, the aside ends it. Returns `None` if it has no aside.
    pub(super) fn parts(&self, passage: &Passage) -> Option<Vec<Passage>> {
        let (sentence, aside) = self.aside(passage)?;
        let tokens = self.tokens(sentence);
        // Not the comma before an apposition: `, explique X, la maire du village.`
        let opens_apposition = |at: usize| {
            let mut next = tokens[at + 1..].iter().take(2);
            next.any(|token| token.is(Class::Role))
        };
        let end = (aside.verb..tokens.len()).find(|&at| match tokens[at].text {
            "," => !opens_apposition(at),
            "." => !is_title(&tokens[at - 1]),
            mark => matches!(mark, "!" | "?" | ":"),
        });
        let rest = match end.map(|at| &tokens[at]) {
            Some(token) if token.text == "," => Position {
                sentence,
                at: token.end(),
            },
            _ => Position {
                sentence: sentence + 1,
                at: 0,
            },
        };
        let first = Passage {
            first: passage.first,
            last: Position {
                sentence,
                at: aside.end_of_words(tokens),
            },
        };
        let second = Passage {
            first: rest,
            last: passage.last,
        };
        let closed = self.sentences[passage.last.sentence].text.len() > passage.last.at;
        let goes_on = rest < passage.last && (closed || rest.sentence == sentence);
        Some(if goes_on {
            vec![first, second]
        } else {
            vec![first]
        })
    }

    /// The aside in the sentence where the quotation begins, and the index of the sentence.
    fn aside(&self, passage: &Passage) -> Option<(usize, Aside)> {
        let sentence = passage.first.sentence;
        let tokens = self.tokens(sentence);
        let start = tokens.partition_point(|token| token.start < passage.first.at);
        let end = match passage.last.sentence == sentence {
            true => tokens.partition_point(|token| token.start < passage.last.at),
            false => tokens.len(),
        };
        Some((sentence, aside(tokens, start, end)?))
    }

    /// The subject that begins at the token `from`: the person named there, a name, or whom the
    /// description means.
    fn subject(&self, sentence: usize, from: usize, quoted: Quoted) -> Option<String> {
        let tokens = self.tokens(sentence);
        let first = tokens.get(from)?;
        let position = Position {
            sentence,
            at: first.start,
        };
        if matches!(first.text, "lui" | "elle" | "eux" | "il" | "elles" | "ils") {
            return self.pronoun(first.text, position, quoted);
        }
        // `ce dernier`
        let latter = (tokens.get(from + 1)).is_some_and(|next| next.text.starts_with("derni"));
        if latter && first.text.starts_with("ce") {
            return self.last_person(position, quoted);
        }
        if first.text.starts_with("celui") || first.text.starts_with("celle") {
            return self.pronoun("il", position, quoted);
        }
        let end = clause_end(tokens, from);
        let range = first.start..tokens[end - 1].end();
        // `le ministre de l'Intérieur, Gérald Darmanin`
        let apposition_end = match tokens.get(end) {
            Some(token) if token.text == "," => {
                tokens[(end + APPOSITION).min(tokens.len() - 1)].end()
            }
            _ => range.end,
        };
        let description = &self.sentences[sentence].text[range.clone()];
        // `l'ancien ministre de François Hollande` is not François Hollande.
        let own = || {
            let mut people = self.mentions.ungoverned(sentence, range.start, range.end);
            people.next().map(|mention| mention.name.to_owned())
        };
        let in_apposition = || {
            let person = self
                .mentions
                .person_within(sentence, range.end, apposition_end);
            person.map(str::to_owned)
        };
        let name = || {
            let name = self.mentions.name_at(sentence, range.start, range.end);
            name.map(str::to_owned)
        };
        own()
            .or_else(in_apposition)
            .or_else(|| self.described(description, position, quoted.last))
            .or_else(name)
            .or_else(|| Some(description.to_owned()))
    }

    /// The subject of the verb at the token `verb`, which stands before it.
    fn subject_of(&self, sentence: usize, verb: usize, quoted: Quoted) -> Option<String> {
        let tokens = self.tokens(sentence);
        let position = |at| Position { sentence, at };
        let from = clause_start(tokens, verb);
        let start = tokens[from].start;
        let named = self
            .mentions
            .nearest_before(sentence, start, tokens[verb].start);
        let mut before = tokens[from..verb].iter().rev().take(PRONOUN_REACH);
        let pronoun = before.find(|token| {
            matches!(
                token.text.to_lowercase().as_str(),
                "il" | "elle" | "ils" | "elles" | "qui"
            )
        });
        if let Some(pronoun) = pronoun
            && named.is_none_or(|named| pronoun.start > named.start.at)
        {
            if pronoun.text != "qui" {
                return self.pronoun(pronoun.text, position(pronoun.start), quoted);
            }
            // `selon le préfet, qui ajoute`: whoever has just been said to speak.
            if named.is_none()
                && let Some(spoken) = quoted.spoken_in(sentence)
            {
                return spoken.speaker.clone();
            }
        }
        let described = || {
            let subject = subject_before(tokens, from, verb)?;
            let at = position(subject.start);
            let description = &self.sentences[sentence].text[subject];
            self.described(description, at, quoted.last)
                .or_else(|| Some(description.to_owned()))
        };
        // `Il a dénoncé « … » et évoqué « … »`: the subject stands before the first quotation.
        let further = || {
            let first = tokens.first().filter(|_| from > 0)?;
            if is_opening_pronoun(first) {
                return self.pronoun(first.text, position(0), quoted);
            }
            let named = self.mentions.nearest_before(sentence, 0, start);
            named.map(|named| named.name.to_owned())
        };
        named
            .map(|named| named.name.to_owned())
            .or_else(described)
            .or_else(further)
            .or_else(|| self.last_person(position(start), quoted))
    }

    /// The subject of a participle is that of its sentence: `X a salué le geste, ajoutant que « … »`,
    /// `Soulignant que « … », X a remercié`.
    fn subject_of_participle(
        &self,
        sentence: usize,
        participle: usize,
        quoted: Quoted,
    ) -> Option<String> {
        let tokens = self.tokens(sentence);
        let words_before = tokens[..participle].iter().filter(|token| token.is_word());
        // `Tout` may stand before it.
        if words_before.count() <= 1 {
            let Position { sentence, at } = quoted.passage.last;
            let person = self.mentions.person_within(sentence, at, usize::MAX);
            return person.map(str::to_owned);
        }
        let opening = Position { sentence, at: 0 };
        if let Some(pronoun) = tokens.first().filter(|first| is_opening_pronoun(first)) {
            return self.pronoun(pronoun.text, opening, quoted);
        }
        let named = || {
            let at = tokens[participle].start;
            let mut people = self.mentions.ungoverned(sentence, 0, at);
            people.next().map(|mention| mention.name.to_owned())
        };
        let described = || {
            let verb = tokens[1..].iter().position(|token| {
                matches!(token.text, "a" | "ont" | "est" | "avait" | "se" | "s'")
            });
            let end = clause_end(tokens, 0).min(verb.map_or(usize::MAX, |verb| verb + 1));
            let description =
                &self.sentences[sentence].text[tokens[0].start..tokens[end - 1].end()];
            self.described(description, opening, quoted.last)
                .or_else(|| starts_subject(&tokens[0]).then(|| description.to_owned()))
        };
        quoted
            .spoken_in(sentence)
            .and_then(|spoken| spoken.speaker.clone())
            .or_else(named)
            .or_else(described)
            .or_else(|| self.subject_of(sentence, participle, quoted))
    }

    /// Resolves `il`, `elle` or `on`: to the subject of a sentence since the last speech, else the last
    /// speaker, else the last person named.
    fn pronoun(&self, pronoun: &str, position: Position, quoted: Quoted) -> Option<String> {
        let last = quoted.last.filter(|spoken| {
            spoken.speaker.is_some()
                && position.sentence.saturating_sub(spoken.sentence) <= VOICE_REACH
        });
        let voice = || last.and_then(|spoken| spoken.speaker.clone());
        // Several people, or anyone: not someone who has just been named.
        if pronoun.ends_with("on") || pronoun.ends_with('s') {
            return voice();
        }
        let since = match last {
            Some(spoken) => spoken.sentence + 1,
            None => position.sentence.saturating_sub(SUBJECT_REACH),
        };
        let subject = (since..=position.sentence).rev().find_map(|sentence| {
            let subject = self.mentions.opening_subject(sentence)?;
            (subject.start < position && !quoted.passage.contains(subject.start))
                .then(|| subject.name.to_owned())
        });
        subject
            .or_else(voice)
            .or_else(|| self.last_person(position, quoted))
    }

    fn last_person(&self, position: Position, quoted: Quoted) -> Option<String> {
        let person = self.mentions.last_person(position, quoted.passage);
        person.map(str::to_owned)
    }

    /// Resolves a description such as `le secrétaire d'État`: to the person with that role, else the
    /// last speaker. Returns `None` if the description is not definite or says no role.
    fn described(
        &self,
        description: &str,
        position: Position,
        last: Option<&Spoken>,
    ) -> Option<String> {
        const DEFINITE: [&str; 6] = ["le", "la", "l'", "ce", "cet", "cette"];
        let description = &one_name_for_each_office(description);
        let words = lowered(description);
        if !DEFINITE.contains(&words.first()?.as_str()) {
            return None;
        }
        let last = last.filter(|spoken| spoken.named);
        // `le Français`, said of whoever is speaking or was named last.
        let noun = description.rsplit([' ', '\'']).next();
        if noun.is_some_and(|noun| words.len() == 2 && starts_upper(noun) && is_people_ending(noun))
        {
            return match last {
                Some(spoken) => spoken.speaker.clone(),
                None => {
                    let person = self.mentions.before(position).find(|named| named.person)?;
                    Some(person.name.to_owned())
                }
            };
        }
        let head = words[1..]
            .iter()
            .take(ROLE_WORDS)
            .find(|word| is_role(word))?;
        // All that the description says about the role has to be said of the person, too.
        let fits = |role: &str| {
            let role = lowered(role);
            let mut telling = words[1..].iter().filter(|word| {
                word.chars().count() > 3 && !matches!(word.as_str(), "ancien" | "ancienne")
            });
            role.contains(head) && telling.all(|word| role.contains(word))
        };
        let by_role = self
            .mentions
            .before(position)
            .take(ROLE_REACH)
            .find(|mention| mention.role.is_some_and(fits));
        let going_on = last.filter(|spoken| {
            words.len() <= SHORT_DESCRIPTION
                && position.sentence.saturating_sub(spoken.sentence) <= SUBJECT_REACH
        });
        by_role
            .map(|mention| mention.name.to_owned())
            .or_else(|| going_on.and_then(|spoken| spoken.speaker.clone()))
    }

    /// Returns the likely speaker of words without attribution: whoever spoke in the same sentence, else
    /// the person whom the sentence begins with.
    pub(super) fn likely(&self, passage: &Passage, last: Option<&Spoken>) -> Option<String> {
        let sentence = passage.first.sentence;
        let opening = || {
            let subject = self.mentions.opening_subject(sentence)?;
            (subject.start < passage.first).then(|| subject.name.to_owned())
        };
        Quoted { passage, last }
            .spoken_in(sentence)
            .and_then(|spoken| spoken.speaker.clone())
            .or_else(opening)
    }

    /// Whether the name is that of a person or organisation of the article.
    pub(super) fn is_named(&self, speaker: &str) -> bool {
        self.mentions.has_name(speaker)
    }
}

/// Replaces the second name of an office by its first.
fn one_name_for_each_office(description: &str) -> String {
    description
        .replace("chef du gouvernement", "Premier ministre")
        .replace("chef de l'Etat", "président")
        .replace("chef de l'État", "président")
}

/// The tokens of a text in lower case.
fn lowered(text: &str) -> Vec<String> {
    let tokens = tokenize(text).into_iter();
    tokens.map(|token| token.text.to_lowercase()).collect()
}

/// Whether the token is the pronoun that opens a sentence as its subject.
fn is_opening_pronoun(token: &Token) -> bool {
    matches!(token.text, "Il" | "Elle" | "Ils" | "Elles")
}

#[cfg(test)]
mod tests {
    use super::super::super::names;
    use super::super::super::tokens::tokenized;
    use super::super::super::types::{SentenceId, SourceSentence};
    use super::super::passages::marked;
    use super::*;

    /// Who the text says has said the first words in quotation marks.
    fn attribution(text: &str) -> Attribution {
        let sentence = SourceSentence {
            id: SentenceId(0),
            paragraph: 0,
            text,
        };
        let sentences = tokenized(&[sentence]);
        let names = names::read(&sentences, &[]);
        Speakers::new(&sentences, &names).of(&marked(&sentences)[0], None)
    }

    #[test]
    fn each_strategy_finds_the_speaker() {
        for text in [
            "« La route est fermée », a déclaré Anne Morel.",
            "« La route est fermée », selon Anne Morel.",
            "Selon Anne Morel, « la route est fermée ».",
            "Anne Morel a déclaré : « La route est fermée. »",
            "Pour Anne Morel, « la route est fermée ».",
            "« La route, explique Anne Morel, est fermée. »",
        ] {
            let named = Attribution::Named("Anne Morel".to_owned());
            assert_eq!(attribution(text), named, "{text}");
        }
    }

    #[test]
    fn nobody_is_not_the_same_as_someone_without_a_name() {
        assert_eq!(
            attribution("« La route est fermée », dit-on."),
            Attribution::Unnamed
        );
        assert_eq!(
            attribution("Un panneau « route fermée » barre la rue."),
            Attribution::Nobody
        );
    }
}
