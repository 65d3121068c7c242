//! Compares the English of a summary with the French that it stands on, in both directions: which
//! numbers, dates and names of the French a translation kept ([`kept`]), and what an English text
//! states that the French does not ([`unsupported`]). Nothing is repaired here: what is wrong is
//! counted, flagged and said.
//!
//! The comparison is with the French, not with its translation, so it holds for sentences that were
//! translated wrongly as for sentences that a model wrote.

mod content;
mod english;
mod kept;
mod polarity;
mod unsupported;

use super::document::{Document, DocumentSentence};
use super::schema::{Checks, Flag, Flagged, SentenceId};
use crate::translate::{Origin, Translation};
use content::{Content, contents};
use french::text::foreign_language;

/// What the sentences of an article and its title say.
pub(super) struct Evidence {
    sentences: Vec<Content>,
    title: Content,
}

impl Evidence {
    pub(super) fn new(document: &Document) -> Self {
        let (sentences, title) = contents(document);
        Self { sentences, title }
    }

    /// What `english` states that the sentences `evidence` do not.
    pub(super) fn unsupported(&self, english: &str, evidence: &[SentenceId]) -> Vec<String> {
        let contents: Vec<&Content> = evidence.iter().map(|id| &self.sentences[id.0]).collect();
        unsupported::unsupported(english, &contents)
    }

    /// What the translated title states that the title does not.
    pub(super) fn unsupported_by_title(&self, english: &str) -> Vec<String> {
        unsupported::unsupported(english, &[&self.title])
    }
}

/// Compares each sentence with its translation. `unsupported` has, for each sentence, what its
/// translation states and the sentence does not.
pub(super) fn check(
    document: &Document,
    translations: &[Translation],
    unsupported: &[Vec<String>],
) -> Checks {
    let mut flagged = Vec::new();
    let numbers = kept::numbers(&document.sentences, translations, &mut flagged);
    let dates = kept::dates(document, translations, &mut flagged);
    let names = kept::named(document, translations, &mut flagged);
    let says_more = unsupported.iter().enumerate();
    let says_more = says_more.filter(|(_, unsupported)| !unsupported.is_empty());
    flagged.extend(says_more.map(|(sentence, unsupported)| Flagged {
        sentence: SentenceId(sentence),
        flag: Flag::Unsupported,
        detail: unsupported.join(", "),
    }));
    let language = |french: &DocumentSentence, _: &str| {
        foreign_language(&french.source).map(|language| language.name.to_owned())
    };
    flagged.extend(found(document, translations, Flag::OtherLanguage, language));
    let polarity = |french: &DocumentSentence, english: &str| {
        polarity::changed(french.reading.text(), english)
    };
    flagged.extend(found(
        document,
        translations,
        Flag::NegationChanged,
        polarity,
    ));
    sort(&mut flagged);
    Checks {
        numbers,
        dates,
        names,
        flagged,
        replaced: Vec::new(),
        unwritten: None,
    }
}

/// Flags the sentences that the model translated and in which `fault` finds something, which it names.
fn found<'a>(
    document: &'a Document,
    translations: &'a [Translation],
    flag: Flag,
    fault: impl Fn(&DocumentSentence, &str) -> Option<String> + 'a,
) -> impl Iterator<Item = Flagged> + 'a {
    let sentences = document.sentences.iter().zip(translations).enumerate();
    let sentences = sentences.filter(|(_, (_, english))| english.origin == Origin::Model);
    sentences.filter_map(move |(id, (sentence, english))| {
        Some(Flagged {
            sentence: SentenceId(id),
            flag,
            detail: fault(sentence, &english.text)?,
        })
    })
}

/// By sentence, each flag once.
fn sort(flagged: &mut Vec<Flagged>) {
    flagged.sort_by(|a, b| (a.sentence, a.flag, &a.detail).cmp(&(b.sentence, b.flag, &b.detail)));
    flagged.dedup();
}
