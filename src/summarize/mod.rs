//! From translated sentences to a structured summary: facts, salience, headline, key points,
//! abstract, checks. Knows neither files nor how the text was translated.

mod checks;
mod compose;
mod document;
pub mod facts;
mod headline;
mod salience;
mod schema;
mod topics;

pub use compose::{EXTRACTIVE, compose};
pub use document::{Document, Sentence, Translated};
pub use schema::*;

/// Part of every summary's fingerprint: raised when the same translations give another summary.
pub const VERSION: u32 = 1;
