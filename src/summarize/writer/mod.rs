//! Writers of abstracts.

mod seq2seq;

use std::sync::atomic::AtomicBool;

use super::document::Document;
use super::schema::{SentenceId, WriterProvenance};
use crate::translate::Translation;

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
    /// Number of sentences that the abstract should have.
    pub sentences: usize,
}

/// A sentence of an abstract with the source sentences that support it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbstractSentence {
    pub text: String,
    pub evidence: Vec<SentenceId>,
}

/// Writes abstracts. Each sentence is checked against its evidence afterwards.
pub trait Writer: Send + Sync {
    fn provenance(&self) -> WriterProvenance;

    /// Identifies everything that an abstract depends on except for the article and its
    /// translation.
    fn identity(&self) -> &str;

    /// Writes the sentences of an abstract. There may be none.
    ///
    /// # Errors
    /// If `stop` was set before the abstract was complete.
    fn write(
        &self,
        material: &Material<'_>,
        stop: &AtomicBool,
    ) -> Result<Vec<AbstractSentence>, Stopped>;
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

    fn write(
        &self,
        material: &Material<'_>,
        _: &AtomicBool,
    ) -> Result<Vec<AbstractSentence>, Stopped> {
        let mut chosen: Vec<SentenceId> = material
            .ranked
            .iter()
            .copied()
            .take(material.sentences)
            .collect();
        chosen.sort_unstable();
        Ok(chosen
            .into_iter()
            .map(|id| AbstractSentence::extracted(id, material.english))
            .collect())
    }
}

impl AbstractSentence {
    /// Creates a sentence that is a sentence of the translation.
    pub fn extracted(id: SentenceId, english: &[Translation]) -> Self {
        Self {
            text: english[id.0].text.clone(),
            evidence: vec![id],
        }
    }
}
