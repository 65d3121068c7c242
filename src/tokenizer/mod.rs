//! Text to model ids and back. Knows no network.
//!
//! [`SentencePiece`] reads a `.spm` file and does what Google's `sentencepiece` does with it, piece
//! for piece. [`MarianTokenizer`] puts the vocabulary of a Marian folder on top of two of them,
//! [`Tokenizer`] is that or what another family's folder has.

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

/// A tokenizer's file that cannot be used. The message is complete: causes are part of it rather than
/// a chain of sources, so that no report says them twice.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    #[error("cannot read {}: {reason}; download the whole model folder again", .path.display())]
    Read { path: PathBuf, reason: io::Error },
    #[error(
        "{} is larger than {limit} bytes, which no tokenizer file is; download the whole model \
         folder again", .path.display()
    )]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("cannot use {}: {reason}; {}", .path.display(), .reason.remedy())]
    Spm { path: PathBuf, reason: SpmError },
    #[error(
        "{} is not the JSON it should be: {reason}; download the whole model folder again",
        .path.display()
    )]
    Json {
        path: PathBuf,
        reason: serde_json::Error,
    },
    #[error("cannot use {}: {reason}; download the whole model folder again", .path.display())]
    Vocabulary { path: PathBuf, reason: String },
    #[error("cannot use {}: {reason}; choose another model", .path.display())]
    Unsupported { path: PathBuf, reason: String },
}

/// The bytes of `path`, never more than `limit` of them in memory.
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
