//! Who writes the abstract.

mod seq2seq;

use std::sync::atomic::AtomicBool;

use super::document::Document;
use super::schema::{SentenceId, WriterProvenance};
use crate::translate::Translation;

pub use seq2seq::{Seq2Seq, WriterError};

/// Name of the writer that joins whole sentences of the translation.
pub const EXTRACTIVE: &str = "extractive";

/// Sentences of an abstract, at most.
pub(super) const MOST_SENTENCES: usize = 4;

/// What there is to write from.
pub struct Material<'a> {
    pub document: &'a Document,
    /// One for each sentence of the document.
    pub english: &'a [Translation],
    /// Sentences that may stand in a summary as they are, the most telling first.
    pub ranked: &'a [SentenceId],
    /// Sentences that the abstract should have.
    pub sentences: usize,
}

/// A sentence of an abstract with the sentences of the source that it is drawn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    pub evidence: Vec<SentenceId>,
}

/// Writes abstracts. What it writes is checked against its evidence afterwards.
pub trait Writer: Send + Sync {
    fn provenance(&self) -> WriterProvenance;

    /// Names all that an abstract depends on beside the article and its translation.
    fn identity(&self) -> &str;

    /// The sentences of an abstract; none if it has nothing to say.
    ///
    /// # Errors
    /// If `stop` was set before it was done.
    fn write(&self, material: &Material<'_>, stop: &AtomicBool) -> Result<Vec<Written>, Stopped>;
}

/// The work was to stop before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Takes the most telling sentences as they are, in the order of the article.
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

    fn write(&self, material: &Material<'_>, _: &AtomicBool) -> Result<Vec<Written>, Stopped> {
        let mut chosen: Vec<SentenceId> = material
            .ranked
            .iter()
            .copied()
            .take(material.sentences)
            .collect();
        chosen.sort_unstable();
        Ok(chosen
            .into_iter()
            .map(|id| Written::extracted(id, material.english))
            .collect())
    }
}

impl Written {
    /// A sentence of the translation as it is.
    pub fn extracted(id: SentenceId, english: &[Translation]) -> Self {
        Self {
            text: english[id.0].text.clone(),
            evidence: vec![id],
        }
    }
}
