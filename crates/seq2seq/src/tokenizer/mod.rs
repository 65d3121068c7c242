//! Text to token ids and back.
//!
//! [`Tokenizer`] is the tokenizer of a model folder of any [`TokenizerKind`]. [`SentencePiece`] reads a
//! `.spm` file and gives the pieces that Google's `sentencepiece` gives. [`MarianTokenizer`] combines two
//! of them with the vocabulary of a Marian folder.

mod family;
mod files;
mod json;
mod languages;
mod marian;
mod pieces;
mod spm;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use family::{Tokenizer, TokenizerKind};
pub use marian::MarianTokenizer;
pub use spm::{Encoding, Piece, SentencePiece, SpmError};

/// Why a tokenizer's files cannot be used. The message includes the cause, so there is no
/// [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    #[error("cannot read {}: {reason}; download the whole model folder again", .path.display())]
    /// A file is missing or cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        reason: io::Error,
    },
    /// A file is larger than any valid one.
    #[error(
        "{} is larger than {limit} bytes, which no tokenizer file is; download the whole model \
         folder again", .path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest size allowed, in bytes.
        limit: u64,
    },
    /// A SentencePiece model is damaged or not supported.
    #[error("cannot use {}: {reason}; {}", .path.display(), .reason.remedy())]
    Spm {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: SpmError,
    },
    /// A file is not valid JSON, or lacks required keys.
    #[error(
        "{} is not the JSON it should be: {reason}; download the whole model folder again",
        .path.display()
    )]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: serde_json::Error,
    },
    /// A vocabulary is damaged or contradicts the other files.
    #[error("cannot use {}: {reason}; download the whole model folder again", .path.display())]
    Vocabulary {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The files are valid, but their variant of the format is not supported.
    #[error("cannot use {}: {reason}; choose another model", .path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported.
        reason: String,
    },
}

/// Reads the file `path`, which may not be larger than `limit` bytes.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, TokenizerError> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|reason| TokenizerError::Read {
        path: path.to_owned(),
        reason,
    })?;
    if bytes.len() as u64 > limit {
        return Err(TokenizerError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}
