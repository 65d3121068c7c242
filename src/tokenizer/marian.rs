//! The tokenizer of a Marian folder, as the Hugging Face `MarianTokenizer` reads it: two
//! SentencePiece models cut and join text, and `vocab.json` says which id the network knows each
//! piece by. The text is taken as it comes: normalising punctuation is the caller's.
//!
//! It differs from the Hugging Face class on purpose in two places, where that one loses text of an
//! article: `</s>`, `<unk>` and `<pad>` spelt out in a text are ordinary characters, and a leading
//! `>>…<<` is a language token only if the vocabulary has it.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::spm::SentencePiece;
use super::{TokenizerError, read_file};

/// About twenty times the largest `vocab.json` known.
const MAX_JSON_BYTES: u64 = 64 << 20;

/// Ids are below this; no vocabulary has as many pieces, and it bounds the table of them.
const MAX_VOCABULARY: u32 = 1 << 22;

const EOS: &str = "</s>";
const PAD: &str = "<pad>";
const UNKNOWN: &str = "<unk>";

/// Text to the ids of a Marian network and back. Immutable: one is shared by all threads.
pub struct MarianTokenizer {
    source: SentencePiece,
    target: SentencePiece,
    /// Piece to id, of the source language.
    ids: HashMap<Box<str>, u32>,
    /// Network id of each piece of `source`, by its id there.
    source_ids: Vec<u32>,
    /// Piece of each id, of the target language; `None` where an id is not used.
    pieces: Vec<Option<Box<str>>>,
    /// Highest source id plus one.
    vocab_size: usize,
    eos: u32,
    pad: u32,
    unk: u32,
    clean_up_spaces: bool,
}

/// What `tokenizer_config.json` says, of what matters here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    separate_vocabs: bool,
    clean_up_tokenization_spaces: Option<bool>,
}

impl MarianTokenizer {
    /// Reads `source.spm`, `target.spm`, `vocab.json` and, where there is one,
    /// `tokenizer_config.json` of the folder `dir`; also `target_vocab.json` if the two languages
    /// have vocabularies of their own.
    ///
    /// # Errors
    /// If a file is missing or damaged, or if the vocabulary lacks `</s>`, `<pad>` or `<unk>`.
    pub fn load(dir: &Path) -> Result<Self, TokenizerError> {
        let config_path = dir.join("tokenizer_config.json");
        let config: Config = if config_path.exists() {
            read_json(&config_path)?
        } else {
            Config::default()
        };
        let source = SentencePiece::load(&dir.join("source.spm"))?;
        let target = SentencePiece::load(&dir.join("target.spm"))?;
        let vocab_path = dir.join("vocab.json");
        let ids = read_vocabulary(&vocab_path)?;
        let pieces = if config.separate_vocabs {
            pieces_by_id(&read_vocabulary(&dir.join("target_vocab.json"))?)
        } else {
            pieces_by_id(&ids)
        };

        let special = |piece: &str| {
            ids.get(piece)
                .copied()
                .ok_or_else(|| TokenizerError::Vocabulary {
                    path: vocab_path.clone(),
                    reason: format!("it has no {piece}"),
                })
        };
        let (eos, pad, unk) = (special(EOS)?, special(PAD)?, special(UNKNOWN)?);
        let source_ids = (0..source.vocab_size() as u32)
            .map(|id| {
                source
                    .id_to_piece(id)
                    .and_then(|piece| ids.get(piece))
                    .copied()
            })
            .map(|id| id.unwrap_or(unk))
            .collect();
        Ok(Self {
            vocab_size: ids
                .values()
                .max()
                .map_or(0, |&highest| highest as usize + 1),
            source,
            target,
            ids,
            source_ids,
            pieces,
            eos,
            pad,
            unk,
            clean_up_spaces: config.clean_up_tokenization_spaces.unwrap_or(false),
        })
    }

    /// The ids of `text`, and the end-of-sentence token. A piece that the vocabulary lacks is the
    /// unknown token. Nothing is cut off: whether the network takes that many is the caller's care.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let (language, text) = match self.language_token(text) {
            Some((id, rest)) => (Some(id), rest),
            None => (None, text),
        };
        let encoding = self.source.encode(text);
        let mut ids = Vec::with_capacity(encoding.len() + 2);
        ids.extend(language);
        ids.extend(encoding.pieces().map(|piece| {
            if self.source.is_unknown(piece.id) {
                // The target language's pieces may have what the source's lack.
                self.ids.get(piece.text).copied().unwrap_or(self.unk)
            } else {
                self.source_ids[piece.id as usize]
            }
        }));
        ids.push(self.eos);
        ids
    }

    /// The text of `ids`. End, padding and unknown tokens are left out, as are ids that the
    /// vocabulary does not use.
    pub fn decode(&self, ids: &[u32]) -> String {
        let pieces = ids
            .iter()
            .filter(|id| ![self.eos, self.pad, self.unk].contains(id))
            .filter_map(|&id| self.pieces.get(id as usize)?.as_deref());
        let text = self.target.decode_pieces(pieces).replace('▁', " ");
        // Python's `str.strip` also strips the information separators.
        let text = text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c));
        if self.clean_up_spaces {
            clean_up_spaces(text)
        } else {
            text.to_owned()
        }
    }

    /// Ids that [`encode`](Self::encode) gives are below this.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    /// The end-of-sentence token, `</s>`.
    pub fn eos(&self) -> u32 {
        self.eos
    }

    /// The padding token, `<pad>`, with which Marian networks also start decoding.
    pub fn pad(&self) -> u32 {
        self.pad
    }

    /// The unknown token, `<unk>`.
    pub fn unk(&self) -> u32 {
        self.unk
    }

    /// The language token that `text` starts with, such as `>>fra<<`, and the text after it.
    fn language_token<'t>(&self, text: &'t str) -> Option<(u32, &'t str)> {
        let end = text.strip_prefix(">>")?.find("<<")? + ">><<".len();
        let (token, rest) = text.split_at(end);
        self.ids.get(token).map(|&id| (id, rest))
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, TokenizerError> {
    serde_json::from_slice(&read_file(path, MAX_JSON_BYTES)?).map_err(|reason| {
        TokenizerError::Json {
            path: path.to_owned(),
            reason,
        }
    })
}

fn read_vocabulary(path: &Path) -> Result<HashMap<Box<str>, u32>, TokenizerError> {
    let ids: HashMap<Box<str>, u32> = read_json(path)?;
    match ids.iter().find(|&(_, &id)| id >= MAX_VOCABULARY) {
        Some((piece, id)) => Err(TokenizerError::Vocabulary {
            path: path.to_owned(),
            reason: format!("the id {id} of {piece:?} is out of all proportion"),
        }),
        None => {
            let distinct: std::collections::HashSet<u32> = ids.values().copied().collect();
            if distinct.len() < ids.len() {
                return Err(TokenizerError::Vocabulary {
                    path: path.to_owned(),
                    reason: "two pieces have the same id".to_owned(),
                });
            }
            Ok(ids)
        }
    }
}

fn pieces_by_id(ids: &HashMap<Box<str>, u32>) -> Vec<Option<Box<str>>> {
    let size = ids
        .values()
        .max()
        .map_or(0, |&highest| highest as usize + 1);
    let mut pieces = vec![None; size];
    for (piece, &id) in ids {
        pieces[id as usize] = Some(piece.clone());
    }
    pieces
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
