//! The names that can speak, where they stand in the article.

use std::collections::{HashMap, HashSet};

use super::super::classes::Class;
use super::super::names::Names;
use super::super::tokens::{Token, TokenizedSentence};
use super::super::types::SentenceId;
use super::passages::{Passage, Position};

/// Maximal number of names to search before a quotation for its speaker: about half a page.
const REACH: usize = 60;
/// Maximal number of names to search before a description for the person with that role: about an
/// article.
pub(super) const ROLE_REACH: usize = 10 * REACH;
/// Maximal number of words before a person with whom a sentence begins: `Interrogé mardi soir sur la
/// question, X`.
const OPENING: usize = 10;
/// Maximal number of words of a title and its article between a preposition and the name it governs.
const TITLE: usize = 3;
/// Maximal distance in bytes between a name and its verb if the name is not a person's or follows a
/// preposition: room for an auxiliary and an adverb.
const BESIDE: usize = 12;
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
}

/// The names of people and organisations in the order of the article.
pub(super) struct Mentions<'a> {
    sentences: &'a [TokenizedSentence<'a>],
    all: Vec<Named<'a>>,
    names: HashSet<&'a str>,
}

impl<'a> Mentions<'a> {
    pub(super) fn new(sentences: &'a [TokenizedSentence<'a>], names: &'a Names) -> Self {
        let indices: HashMap<SentenceId, usize> = sentences
            .iter()
            .enumerate()
            .map(|(index, sentence)| (sentence.id, index))
            .collect();
        let people = names.people.iter().map(|person| {
            let role = Some(person.role.as_deref());
            (&person.source_name, &person.mentions, role)
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
                    role: person.flatten(),
                    person: person.is_some(),
                })
            }));
        }
        all.sort_by_key(|mention| mention.start);
        Self {
            sentences,
            names: all.iter().map(|mention| mention.name).collect(),
            all,
        }
    }

    fn tokens(&self, sentence: usize) -> &'a [Token<'a>] {
        &self.sentences[sentence].tokens
    }

    /// Whether a person or an organisation of the article has the name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.contains(name)
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
        let tokens = self.tokens(sentence);
        self.within(sentence, start, end).filter(move |mention| {
            let at = tokens.partition_point(|token| token.start < mention.start.at);
            // A title stands between: `de M. Untel`, `du président Untel`.
            let mut before = tokens[..at].iter().rev().take(TITLE).take_while(|token| {
                token.text == "."
                    || token.is(Class::Preposition)
                    || matches!(token.text, "M" | "Mme" | "Dr" | "l'" | "le" | "la")
                    || token.is_lower(Class::Role)
            });
            mention.person && !before.any(|token| token.is(Class::Preposition))
        })
    }

    /// The person who is the subject of a sentence that begins with them.
    pub(super) fn opening_subject(&self, sentence: usize) -> Option<&Named<'a>> {
        let first = self.ungoverned(sentence, 0, usize::MAX).next()?;
        let tokens = self.tokens(sentence);
        let before = tokens.partition_point(|token| token.start < first.start.at);
        let begins = before <= OPENING
            && !tokens[..before]
                .iter()
                .any(|token| matches!(token.text, "\"" | "«" | "»" | ":" | "que" | "qu'"));
        begins.then_some(first)
    }

    /// The first person named in the range of a sentence.
    pub(super) fn person_within(
        &self,
        sentence: usize,
        start: usize,
        end: usize,
    ) -> Option<&'a str> {
        self.within(sentence, start, end)
            .find(|mention| mention.person)
            .map(|mention| mention.name)
    }

    /// The name that the words begin with, after an article or none: `le Medef`, not `un élu du Medef`.
    pub(super) fn name_at(&self, sentence: usize, start: usize, end: usize) -> Option<&'a str> {
        self.within(sentence, start, end)
            .find(|mention| mention.start.at <= start + ARTICLE)
            .map(|mention| mention.name)
    }

    /// The token after the name that begins at the token `at`.
    pub(super) fn name_end(&self, sentence: usize, at: usize) -> Option<usize> {
        let tokens = self.tokens(sentence);
        let start = tokens.get(at)?.start;
        let mention = self.within(sentence, start, start + 1).next()?;
        Some(tokens.partition_point(|token| token.start < mention.end))
    }

    /// The last person named between the bytes `start` and `verb` who can be the verb's subject, else
    /// the name right before it.
    pub(super) fn nearest_before(
        &self,
        sentence: usize,
        start: usize,
        verb: usize,
    ) -> Option<&Named<'a>> {
        let beside = || {
            self.within(sentence, start, verb)
                .filter(|mention| verb.saturating_sub(mention.end) <= BESIDE)
                .last()
        };
        self.ungoverned(sentence, start, verb)
            .last()
            .or_else(beside)
    }

    /// The person named last before the position and outside the quotation. If no person is among the
    /// names in reach, the first name of the sentence that has the last of them.
    pub(super) fn last_person(&self, position: Position, quoted: &Passage) -> Option<&'a str> {
        let near = self
            .before(position)
            .take(REACH)
            .filter(|mention| !quoted.contains(mention.start));
        let last_sentence = near.clone().next().map(|last| last.start.sentence);
        let first_of_sentence = || {
            near.clone()
                .take_while(|mention| Some(mention.start.sentence) == last_sentence)
                .last()
        };
        near.clone()
            .find(|mention| mention.person)
            .or_else(first_of_sentence)
            .map(|mention| mention.name)
    }
}
