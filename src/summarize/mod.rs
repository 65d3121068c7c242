//! From translated sentences to a structured summary: facts, salience, headline, key points,
//! abstract, checks. Knows neither files nor how the text was translated.

mod clauses;
mod compose;
mod document;
mod headline;
mod length;
mod phrases;
pub mod salience;
mod schema;
mod speech;
mod topics;
mod trim;
pub mod trust;
mod verify;
mod writer;

pub use compose::{Brief, compose};
pub use document::{Document, DocumentSentence, English};
pub use length::Length;
pub use schema::*;
pub use writer::{
    Draft, EXTRACTIVE, Extractive, LanguageModel, Material, Rejected, Seq2Seq, Statement, Stopped,
    Writer, WriterError,
};

/// Part of every summary's fingerprint. Raise it when the same translations give another summary.
pub const VERSION: u32 = 7;
