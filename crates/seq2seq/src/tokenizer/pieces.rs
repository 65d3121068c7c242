//! Tokenizers with one SentencePiece model and another numbering of its pieces: fairseq's for mBART-50
//! and NLLB, one after a block of special tokens for PEGASUS, the model's own for T5, and that of a
//! `vocab.json` for M2M100. The reference are the Python tokenizers of `transformers` 4.

use std::collections::HashSet;
use std::path::Path;

use rustc_hash::FxHashMap;

use super::TokenizerError;
use super::files::{pieces_by_id, read_vocabulary, required, size, strip};
use super::languages::{self, Languages};
use super::spm::SentencePiece;

const SPM: &str = "sentencepiece.bpe.model";

/// Number of ids before the pieces of a PEGASUS model. They are used only in pretraining.
const PEGASUS_OFFSET: u32 = 103;

/// A SentencePiece model and the network's ids of its pieces.
pub(super) struct Pieces {
    model: SentencePiece,
    /// Network id of each piece of `model`, indexed by its id in the model.
    network_ids: Vec<u32>,
    /// Piece of each network id, or `None` if an id is not used.
    pieces: Vec<Option<Box<str>>>,
    /// Network ids by piece, for vocabularies with pieces that the model does not have; otherwise empty.
    ids: FxHashMap<Box<str>, u32>,
    special: HashSet<u32>,
    pub ends: Ends,
    pub languages: Languages,
    /// One more than the highest id that encoding can give, language tokens included.
    pub vocab_size: usize,
}

/// Ids of the special tokens that every network has.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub eos: u32,
    pub pad: u32,
    pub unk: u32,
}

impl Pieces {
    /// Reads an mBART-50 or NLLB folder: `<s>`, `<pad>`, `</s>`, `<unk>`, then the model's pieces without
    /// its three special ones, then the languages and `<mask>`.
    pub(super) fn fairseq(dir: &Path, languages: &[&str]) -> Result<Self, TokenizerError> {
        let path = dir.join(SPM);
        let model = SentencePiece::load(&path)?;
        expect_pieces(&model, &path, &["<unk>", "<s>", "</s>"])?;
        let ends = Ends {
            eos: 2,
            pad: 1,
            unk: 3,
        };
        let count = model.vocab_size() as u32;
        let network_ids = (0..count)
            .map(|id| if id == 0 { ends.unk } else { id + 1 })
            .collect();
        let first_language = count + 1;
        let languages = Languages::new(languages.iter().copied().zip(first_language..));
        let mut special = HashSet::from([0, 1, 2, 3]);
        special.extend(languages.iter().map(|(_, id)| id));
        let vocab_size = first_language as usize + languages.len();
        Ok(Self {
            vocab_size,
            pieces: shifted(&model, 1),
            network_ids,
            ids: FxHashMap::default(),
            special,
            ends,
            languages,
            model,
        })
    }

    /// Reads a PEGASUS folder: padding, end and pretraining tokens, then, from [`PEGASUS_OFFSET`] on, the
    /// model's pieces.
    pub(super) fn pegasus(dir: &Path) -> Result<Self, TokenizerError> {
        Self::shifted_by(PEGASUS_OFFSET, dir)
    }

    /// Reads a T5 folder: the model's ids, followed by pretraining tokens.
    pub(super) fn t5(dir: &Path) -> Result<Self, TokenizerError> {
        Self::shifted_by(0, dir)
    }

    /// Reads a folder whose ids are the model's plus `offset`, except for padding and end.
    fn shifted_by(offset: u32, dir: &Path) -> Result<Self, TokenizerError> {
        let path = dir.join("spiece.model");
        let model = SentencePiece::load(&path)?;
        expect_pieces(&model, &path, &["<pad>", "</s>", "<unk>"])?;
        let ends = Ends {
            eos: 1,
            pad: 0,
            unk: offset + 2,
        };
        let count = model.vocab_size() as u32;
        Ok(Self {
            network_ids: (0..count).map(|id| id + offset).collect(),
            pieces: shifted(&model, offset),
            ids: FxHashMap::default(),
            special: (0..=ends.unk).collect(),
            ends,
            languages: Languages::default(),
            vocab_size: (count + offset) as usize,
            model,
        })
    }

    /// Reads an M2M100 folder: the ids of `vocab.json`, followed by those of the languages.
    pub(super) fn m2m100(dir: &Path, languages: &[&str]) -> Result<Self, TokenizerError> {
        let model = SentencePiece::load(&dir.join(SPM))?;
        let path = dir.join("vocab.json");
        let ids = read_vocabulary(&path)?;
        let special = |piece| required(&ids, piece, &path);
        let ends = Ends {
            eos: special("</s>")?,
            pad: special("<pad>")?,
            unk: special("<unk>")?,
        };
        let mut special = HashSet::from([special("<s>")?, ends.eos, ends.pad, ends.unk]);
        let network_ids = (0..model.vocab_size() as u32)
            .map(|id| model.id_to_piece(id).and_then(|piece| ids.get(piece)))
            .map(|id| id.copied().unwrap_or(ends.unk))
            .collect();
        let count = ids.len() as u32;
        if size(&ids) != ids.len() {
            return Err(TokenizerError::Vocabulary {
                path,
                reason: "its ids are not consecutive".to_owned(),
            });
        }
        let names: Vec<String> = languages.iter().map(|code| format!("__{code}__")).collect();
        let languages = Languages::new(names.iter().map(String::as_str).zip(count..));
        special.extend(languages.iter().map(|(_, id)| id));
        let vocab_size = ids.len() + languages.len();
        Ok(Self {
            vocab_size,
            pieces: pieces_by_id(&ids),
            network_ids,
            ids,
            special,
            ends,
            languages,
            model,
        })
    }

    /// Returns the list of languages that an M2M100 folder names by `language_codes`.
    pub(super) fn m2m100_languages(
        language_codes: Option<&str>,
        dir: &Path,
    ) -> Result<&'static [&'static str], TokenizerError> {
        match language_codes {
            None | Some("m2m100") => Ok(&languages::M2M100),
            Some("wmt21") => Ok(&languages::WMT21),
            Some(other) => Err(TokenizerError::Unsupported {
                path: dir.join("tokenizer_config.json"),
                reason: format!(
                    "language_codes is {other:?}, but only \"m2m100\" and \"wmt21\" are supported"
                ),
            }),
        }
    }

    /// Returns the ids of `text` without language and end tokens.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let encoding = self.model.encode(text);
        encoding
            .pieces()
            .map(|piece| match self.ids.get(piece.text) {
                Some(&id) if self.model.is_unknown(piece.id) => id,
                _ => self.network_ids[piece.id as usize],
            })
            .map(|id| self.as_text(id))
            .collect()
    }

    /// Replaces special tokens by the unknown token. A `vocab.json` may give a piece a special id.
    fn as_text(&self, id: u32) -> u32 {
        if self.special.contains(&id) {
            self.ends.unk
        } else {
            id
        }
    }

    /// Returns the text of `ids` without special tokens.
    pub(super) fn decode(&self, ids: &[u32]) -> String {
        let pieces = ids
            .iter()
            .filter(|id| !self.special.contains(id))
            .filter_map(|&id| self.pieces.get(id as usize)?.as_deref());
        strip(&self.model.decode_pieces(pieces)).to_owned()
    }
}

/// The pieces of `model`, preceded by `offset` unused ids.
fn shifted(model: &SentencePiece, offset: u32) -> Vec<Option<Box<str>>> {
    let pieces = (0..model.vocab_size() as u32).map(|id| model.id_to_piece(id).map(Box::from));
    std::iter::repeat_n(None, offset as usize)
        .chain(pieces)
        .collect()
}

/// Refuses a model whose first pieces are not `expected`, because its numbering would be different.
fn expect_pieces(
    model: &SentencePiece,
    path: &Path,
    expected: &[&str],
) -> Result<(), TokenizerError> {
    for (id, &piece) in (0..).zip(expected) {
        let found = model.id_to_piece(id);
        if found != Some(piece) || model.is_unknown(id) != (piece == "<unk>") {
            return Err(TokenizerError::Vocabulary {
                path: path.to_owned(),
                reason: format!(
                    "its piece {id} is {} and not {piece} as in other models of this type",
                    found.unwrap_or("missing")
                ),
            });
        }
    }
    Ok(())
}
