//! Files that several tokenizers have, and what Python does to a text after joining its pieces.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{TokenizerError, read_file};

/// About twenty times the largest `vocab.json` known.
const MAX_JSON_BYTES: u64 = 64 << 20;

/// Ids are below this; no vocabulary has as many pieces, and it bounds the table of them.
const MAX_VOCABULARY: u32 = 1 << 22;

/// What `tokenizer_config.json` says, of what matters here.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    pub separate_vocabs: bool,
    pub clean_up_tokenization_spaces: Option<bool>,
    pub tokenizer_class: Option<String>,
    /// Which list of languages an M2M100 folder has.
    pub language_codes: Option<String>,
    pub add_prefix_space: bool,
}

impl Config {
    /// The file of the folder `dir`, which may lack it.
    pub fn read(dir: &Path) -> Result<Self, TokenizerError> {
        let path = dir.join("tokenizer_config.json");
        if path.exists() {
            read_json(&path)
        } else {
            Ok(Self::default())
        }
    }

    pub fn spaces(&self) -> Spaces {
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
    pub fn apply(self, text: String) -> String {
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

/// A `vocab.json`: piece to id, one id for each.
pub(super) fn read_vocabulary(path: &Path) -> Result<HashMap<Box<str>, u32>, TokenizerError> {
    let refuse = |reason: String| {
        Err(TokenizerError::Vocabulary {
            path: path.to_owned(),
            reason,
        })
    };
    let ids: HashMap<Box<str>, u32> = read_json(path)?;
    if let Some((piece, id)) = ids.iter().find(|&(_, &id)| id >= MAX_VOCABULARY) {
        return refuse(format!("the id {id} of {piece:?} is out of all proportion"));
    }
    let distinct: HashSet<u32> = ids.values().copied().collect();
    if distinct.len() < ids.len() {
        return refuse("two pieces have the same id".to_owned());
    }
    Ok(ids)
}

/// The id of `piece`, without which the vocabulary at `path` is of no use.
pub(super) fn required(
    ids: &HashMap<Box<str>, u32>,
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

/// Highest id plus one.
pub(super) fn size(ids: &HashMap<Box<str>, u32>) -> usize {
    ids.values()
        .max()
        .map_or(0, |&highest| highest as usize + 1)
}

/// The piece of each id; `None` where an id is not used.
pub(super) fn pieces_by_id(ids: &HashMap<Box<str>, u32>) -> Vec<Option<Box<str>>> {
    let mut pieces = vec![None; size(ids)];
    for (piece, &id) in ids {
        pieces[id as usize] = Some(piece.clone());
    }
    pieces
}

/// Python's `str.strip`, which also strips the information separators.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
}

/// What `clean_up_tokenization` of `transformers` does, in its order, for folders that ask for it.
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
