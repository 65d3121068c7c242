//! Files that several tokenizers share, and the clean-up of decoded text.

use std::collections::HashSet;
use std::path::Path;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{TokenizerError, read_file};

/// About twenty times the size of the largest known `vocab.json`.
const MAX_JSON_BYTES: u64 = 64 << 20;

/// Upper bound of ids, larger than any real vocabulary. Bounds the size of tables by id.
const MAX_VOCABULARY: u32 = 1 << 22;

/// The keys of `tokenizer_config.json` that are used.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    pub separate_vocabs: bool,
    pub clean_up_tokenization_spaces: Option<bool>,
    pub tokenizer_class: Option<String>,
    /// Name of the list of languages of an M2M100 folder.
    pub language_codes: Option<String>,
    pub add_prefix_space: bool,
}

impl Config {
    /// Reads the file in the folder `dir`. Returns the default if there is none.
    pub(super) fn read(dir: &Path) -> Result<Self, TokenizerError> {
        let path = dir.join("tokenizer_config.json");
        if path.exists() {
            read_json(&path)
        } else {
            Ok(Self::default())
        }
    }

    pub(super) fn spaces(&self) -> Spaces {
        match self.clean_up_tokenization_spaces {
            Some(true) => Spaces::CleanUp,
            _ => Spaces::Keep,
        }
    }
}

/// What happens to spaces before punctuation in decoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spaces {
    Keep,
    /// [`clean_up_spaces`] removes them.
    CleanUp,
}

impl Spaces {
    pub(super) fn apply(self, text: String) -> String {
        match self {
            Self::Keep => text,
            Self::CleanUp => clean_up_spaces(&text),
        }
    }
}

pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, TokenizerError> {
    serde_json::from_slice(&read_file(path, MAX_JSON_BYTES)?).map_err(|reason| {
        TokenizerError::Json {
            path: path.to_owned(),
            reason,
        }
    })
}

/// Reads a `vocab.json`: pieces and their ids, which are distinct.
pub(super) fn read_vocabulary(path: &Path) -> Result<FxHashMap<Box<str>, u32>, TokenizerError> {
    let refuse = |reason: String| {
        Err(TokenizerError::Vocabulary {
            path: path.to_owned(),
            reason,
        })
    };
    let ids: FxHashMap<Box<str>, u32> = read_json(path)?;
    if let Some((piece, id)) = ids.iter().find(|&(_, &id)| id >= MAX_VOCABULARY) {
        return refuse(format!("the id {id} of {piece:?} is too large"));
    }
    let distinct: HashSet<u32> = ids.values().copied().collect();
    if distinct.len() < ids.len() {
        return refuse("two pieces have the same id".to_owned());
    }
    Ok(ids)
}

/// Returns the id of `piece`. It is an error if the vocabulary at `path` does not have it.
pub(super) fn required(
    ids: &FxHashMap<Box<str>, u32>,
    piece: &str,
    path: &Path,
) -> Result<u32, TokenizerError> {
    ids.get(piece)
        .copied()
        .ok_or_else(|| TokenizerError::Vocabulary {
            path: path.to_owned(),
            reason: format!("it has no {piece}"),
        })
}

/// One more than the highest id.
pub(super) fn size(ids: &FxHashMap<Box<str>, u32>) -> usize {
    ids.values()
        .max()
        .map_or(0, |&highest| highest as usize + 1)
}

/// The piece of each id, or `None` if an id is not used.
pub(super) fn pieces_by_id(ids: &FxHashMap<Box<str>, u32>) -> Vec<Option<Box<str>>> {
    let mut pieces = vec![None; size(ids)];
    for (piece, &id) in ids {
        pieces[id as usize] = Some(piece.clone());
    }
    pieces
}

/// Python's `str.strip`, which, unlike [`str::trim`], also strips U+001C to U+001F.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
}

/// `clean_up_tokenization` of `transformers`.
fn clean_up_spaces(text: &str) -> String {
    const JOINS: [(&str, &str); 10] = [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];
    JOINS.iter().fold(text.to_owned(), |text, (apart, joined)| {
        text.replace(apart, joined)
    })
}
