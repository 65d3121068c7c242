//! Writers of summaries.

mod language_model;
mod seq2seq;

use std::sync::atomic::AtomicBool;

use super::clauses;
use super::document::Document;
use super::salience::Salience;
use super::schema::{Part, SentenceId, Unwritten, WriterProvenance};
use crate::cache::Session;
use crate::translate::Translation;
use french::text::capitalised;

pub use language_model::LanguageModel;
pub use seq2seq::{Seq2Seq, WriterError};

/// Name of [`Extractive`].
pub const EXTRACTIVE: &str = "extractive";

/// Maximal number of sentences of an abstract.
pub(super) const MOST_SENTENCES: usize = 4;

/// What a writer writes from.
pub struct Material<'a> {
    pub document: &'a Document,
    /// The translations of the document's sentences.
    pub english: &'a [Translation],
    /// Sentences that can be used unchanged, the most telling first.
    pub ranked: &'a [SentenceId],
    pub salience: &'a Salience,
    /// Number of sentences that the abstract should have.
    pub sentences: usize,
    /// Number of key points that the summary has at most.
    pub points: usize,
    /// What was written before.
    pub answers: &'a Session<'a>,
}

/// A statement with the source sentences that support it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub text: String,
    pub evidence: Vec<SentenceId>,
}

/// What a writer has written. What it has not is extracted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub headline: Option<Statement>,
    /// Sentences.
    pub abstract_: Vec<Statement>,
    /// `None` from a writer that writes abstracts only.
    pub key_points: Option<Vec<Statement>>,
    /// What the writer itself has found wrong.
    pub rejected: Vec<Rejected>,
    /// Why the writer has extracted all this.
    pub unwritten: Option<Unwritten>,
}

/// A statement that is not to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub part: Part,
    pub statement: Statement,
    /// Words that its evidence does not have.
    pub unsupported: Vec<String>,
}

impl Draft {
    /// An abstract only.
    pub fn of_abstract(sentences: Vec<Statement>) -> Self {
        Self {
            abstract_: sentences,
            ..Self::default()
        }
    }
}

/// Writes summaries, or abstracts. Each statement is checked against its evidence afterwards.
pub trait Writer: Send + Sync {
    fn provenance(&self) -> WriterProvenance;

    /// Identifies everything that a summary depends on except for the article and its translation.
    fn identity(&self) -> &str;

    /// Writes what it can.
    ///
    /// # Errors
    /// If `stop` was set before all was written.
    fn write(&self, material: &Material<'_>, stop: &AtomicBool) -> Result<Draft, Stopped>;
}

/// The work was stopped before it was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Uses the most telling sentences unchanged, in the order of the article.
pub struct Extractive;

impl Writer for Extractive {
    fn provenance(&self) -> WriterProvenance {
        WriterProvenance {
            model: EXTRACTIVE.to_owned(),
            digest: None,
        }
    }

    fn identity(&self) -> &str {
        EXTRACTIVE
    }

    fn write(&self, material: &Material<'_>, _: &AtomicBool) -> Result<Draft, Stopped> {
        Ok(Draft::of_abstract(extracts(material)))
    }
}

/// The most telling sentences, in the order of the article.
fn extracts(material: &Material<'_>) -> Vec<Statement> {
    let ranked = material.ranked.iter().copied();
    let mut chosen: Vec<SentenceId> = ranked.take(material.sentences).collect();
    chosen.sort_unstable();
    let chosen = chosen.into_iter();
    chosen
        .map(|id| Statement::extracted(id, material.english))
        .collect()
}

/// A sentence as it stands by itself: without the dateline before it; a point of a list with a capital, and a
/// full stop in place of what joins it to the next.
fn sentence(text: &str) -> String {
    let text = clauses::without_dateline(text.trim());
    let stem = text.trim_end_matches([';', ',']).trim_end();
    match stem.len() < text.len() {
        true => format!("{}.", capitalised(stem)),
        false => capitalised(text),
    }
}

impl Statement {
    /// A sentence of the translation.
    pub fn extracted(id: SentenceId, english: &[Translation]) -> Self {
        Self {
            text: sentence(&english[id.0].text),
            evidence: vec![id],
        }
    }
}
