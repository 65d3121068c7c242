//! The names that can speak, where they stand in the article.

use std::collections::HashMap;

use super::super::classes::Class;
use super::super::names::{Names, Sex};
use super::super::tokens::{Token, TokenizedSentence};
use super::super::types::SentenceId;
use super::passages::{Passage, Position};

/// Maximal number of names to search before a quotation for its speaker: about half a page.
const REACH: usize = 60;
/// Maximal number of words of a title and its article between a preposition and the name it governs.
const TITLE: usize = 3;
/// Length in bytes of the longest article with its space: `Les `.
const ARTICLE: usize = 4;

/// A name where it stands.
pub(super) struct Named<'a> {
    pub start: Position,
    /// Byte of the sentence.
    pub end: usize,
    pub name: &'a str,
    pub role: Option<&'a str>,
    pub person: bool,
    pub sex: Option<Sex>,
}

impl Named<'_> {
    /// Whether `il` or `elle` can mean them, as far as it is known.
    pub(super) fn fits(&self, sex: Option<Sex>) -> bool {
        sex.is_none() || self.sex.is_none() || sex == self.sex
    }
}

/// The names of people and organisations in the order of the article.
pub(super) struct Mentions<'a> {
    sentences: &'a [TokenizedSentence<'a>],
    all: Vec<Named<'a>>,
    /// The index of the first mention of each name.
    firsts: HashMap<&'a str, usize>,
}

impl<'a> Mentions<'a> {
    pub(super) fn new(sentences: &'a [TokenizedSentence<'a>], names: &'a Names) -> Self {
        let indices: HashMap<SentenceId, usize> = sentences
            .iter()
            .enumerate()
            .map(|(index, sentence)| (sentence.id, index))
            .collect();
        let people = names.people.iter().zip(&names.sexes).map(|(person, sex)| {
            let role = person.role.as_deref();
            (&person.source_name, &person.mentions, Some((role, *sex)))
        });
        let organisations = names
            .organisations
            .iter()
            .map(|organisation| (&organisation.source_name, &organisation.mentions, None));
        let mut all = Vec::new();
        for (name, mentions, person) in people.chain(organisations) {
            all.extend(mentions.iter().filter_map(|mention| {
                Some(Named {
                    start: Position {
                        sentence: *indices.get(&mention.sentence)?,
                        at: mention.range.start,
                    },
                    end: mention.range.end,
                    name,
                    role: person.and_then(|(role, _)| role),
                    person: person.is_some(),
                    sex: person.and_then(|(_, sex)| sex),
                })
            }));
        }
        all.sort_by_key(|mention| mention.start);
        let mut firsts = HashMap::new();
        for (at, mention) in all.iter().enumerate() {
            firsts.entry(mention.name).or_insert(at);
        }
        Self {
            sentences,
            all,
            firsts,
        }
    }

    fn tokens(&self, sentence: usize) -> &'a [Token<'a>] {
        &self.sentences[sentence].tokens
    }

    /// The names that begin in a range of a sentence's bytes.
    pub(super) fn within(
        &self,
        sentence: usize,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = &Named<'a>> {
        let start = Position {
            sentence,
            at: start,
        };
        let end = Position { sentence, at: end };
        let from = self.all.partition_point(|mention| mention.start < start);
        self.all[from..]
            .iter()
            .take_while(move |mention| mention.start < end)
    }

    /// The names before a position, the nearest first.
    pub(super) fn before(&self, position: Position) -> impl Iterator<Item = &Named<'a>> + Clone {
        let end = self.all.partition_point(|mention| mention.start < position);
        self.all[..end].iter().rev()
    }

    /// People named in the range of a sentence whom no preposition governs.
    pub(super) fn ungoverned(
        &self,
        sentence: usize,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = &Named<'a>> {
        self.within(sentence, start, end)
            .filter(move |mention| mention.person && !self.is_governed_from(mention, start))
    }

    /// Whether a preposition governs the name: `de M. Roy`, `du président Roy`.
    pub(super) fn is_governed(&self, mention: &Named) -> bool {
        self.is_governed_from(mention, 0)
    }

    /// Whether a preposition from the byte `start` on governs the name.
    fn is_governed_from(&self, mention: &Named, start: usize) -> bool {
        let tokens = self.tokens(mention.start.sentence);
        let from = tokens.partition_point(|token| token.start < start);
        let at = tokens.partition_point(|token| token.start < mention.start.at);
        // A title stands between: `de M. Untel`, `du président Untel`.
        let mut before = tokens[from..at]
            .iter()
            .rev()
            .take(TITLE)
            .take_while(|token| {
                token.text == "."
                    || token.is(Class::Preposition)
                    || matches!(token.text, "M" | "Mme" | "Dr" | "l'" | "le" | "la")
                    || token.is_lower(Class::Role)
            });
        before.any(|token| token.is(Class::Preposition))
    }

    /// The first person named in the range of a sentence.
    pub(super) fn person_within(
        &self,
        sentence: usize,
        start: usize,
        end: usize,
    ) -> Option<&Named<'a>> {
        self.within(sentence, start, end)
            .find(|mention| mention.person)
    }

    /// The name that the words begin with, after an article or none: `le Medef`, not `un élu du Medef`.
    pub(super) fn name_at(&self, sentence: usize, start: usize, end: usize) -> Option<&Named<'a>> {
        self.within(sentence, start, end)
            .find(|mention| mention.start.at <= start + ARTICLE)
    }

    /// Whether a name begins at the byte.
    pub(super) fn begins_at(&self, sentence: usize, at: usize) -> bool {
        self.within(sentence, at, at + 1).next().is_some()
    }

    /// The token after the name that begins at the token `at`.
    pub(super) fn name_end(&self, sentence: usize, at: usize) -> Option<usize> {
        let tokens = self.tokens(sentence);
        let start = tokens.get(at)?.start;
        let mention = self.within(sentence, start, start + 1).next()?;
        Some(tokens.partition_point(|token| token.start < mention.end))
    }

    /// The name that ends before the byte `at`, with nothing but a comma between.
    pub(super) fn ending_before(&self, position: Position) -> Option<&Named<'a>> {
        let text = self.sentences[position.sentence].text;
        self.before(position)
            .take_while(|mention| mention.start.sentence == position.sentence)
            .find(|mention| {
                mention.end <= position.at
                    && (text[mention.end..position.at].chars())
                        .all(|c| c == ',' || c.is_whitespace())
            })
    }

    /// The person named last before the position and outside the quotation whom the sex fits.
    pub(super) fn last_person(
        &self,
        position: Position,
        quoted: &Passage,
        sex: Option<Sex>,
    ) -> Option<&Named<'a>> {
        self.before(position)
            .take(REACH)
            .filter(|mention| !quoted.contains(mention.start))
            .find(|mention| mention.person && mention.fits(sex))
    }

    /// The first mention of the name.
    pub(super) fn first(&self, name: &str) -> Option<&Named<'a>> {
        Some(&self.all[*self.firsts.get(name)?])
    }

    /// Whether the name is that of a person.
    pub(super) fn is_person(&self, name: &str) -> bool {
        self.first(name).is_some_and(|mention| mention.person)
    }

    /// The role of the person with this name.
    pub(super) fn role_of(&self, name: &str) -> Option<&'a str> {
        self.first(name)?.role
    }

    /// The only person of this sex whose role is one that `fits`, if there is only one.
    pub(super) fn only_with_role(
        &self,
        fits: impl Fn(&str) -> bool,
        sex: Option<Sex>,
    ) -> Option<&Named<'a>> {
        let mut with_role = self
            .all
            .iter()
            .filter(|mention| mention.fits(sex) && mention.role.is_some_and(&fits));
        let first = with_role.next()?;
        with_role
            .all(|other| other.name == first.name)
            .then_some(first)
    }
}
