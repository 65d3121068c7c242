//! The families that number the pieces of one SentencePiece model in a way of their own: mBART-50 and
//! NLLB as fairseq does, PEGASUS after a block of tokens of its own, T5 as the model does, M2M100 by a
//! `vocab.json`. What
//! `transformers` 4 has as their tokenizers in Python is the reference.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::TokenizerError;
use super::files::{pieces_by_id, read_vocabulary, required, size, strip};
use super::languages::{self, Languages};
use super::spm::SentencePiece;

const SPM: &str = "sentencepiece.bpe.model";

/// Ids before the pieces of a PEGASUS model, which are those of tokens used in pretraining only.
const PEGASUS_OFFSET: u32 = 103;

/// A SentencePiece model with a network's ids for its pieces.
pub(super) struct Pieces {
    model: SentencePiece,
    /// Network id of each piece of `model`, by its id there.
    network_ids: Vec<u32>,
    /// Piece of each network id.
    pieces: Vec<Option<Box<str>>>,
    /// Ids of pieces that the vocabulary may have and the model lacks; empty where that cannot be.
    ids: HashMap<Box<str>, u32>,
    special: HashSet<u32>,
    pub ends: Ends,
    pub languages: Languages,
    /// Highest id that encoding can give, language tokens included, plus one.
    pub vocab_size: usize,
}

/// Ids of the tokens that every network has.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub eos: u32,
    pub pad: u32,
    pub unk: u32,
}

impl Pieces {
    /// mBART-50, and NLLB where its folder has no `tokenizer.json`: `<s>`, `<pad>`, `</s>`, `<unk>`,
    /// then the pieces after the model's own three, then the languages, and `<mask>`.
    pub fn fairseq(dir: &Path, languages: &[&str]) -> Result<Self, TokenizerError> {
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
            ids: HashMap::new(),
            special,
            ends,
            languages,
            model,
        })
    }

    /// PEGASUS: padding, end, and tokens of pretraining up to [`PEGASUS_OFFSET`], then the pieces.
    pub fn pegasus(dir: &Path) -> Result<Self, TokenizerError> {
        Self::shifted_by(PEGASUS_OFFSET, dir)
    }

    /// T5: the pieces as they are numbered; tokens of pretraining come after them.
    pub fn t5(dir: &Path) -> Result<Self, TokenizerError> {
        Self::shifted_by(0, dir)
    }

    /// Padding and end, then, `offset` on, the pieces.
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
            ids: HashMap::new(),
            special: (0..=ends.unk).collect(),
            ends,
            languages: Languages::default(),
            vocab_size: (count + offset) as usize,
            model,
        })
    }

    /// M2M100: the ids of `vocab.json`, and those of the languages after them.
    pub fn m2m100(dir: &Path, languages: &[&str]) -> Result<Self, TokenizerError> {
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
                reason: "its ids are not numbered through, and the languages' follow them"
                    .to_owned(),
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

    /// The list of languages that an M2M100 folder means by `language_codes`.
    pub fn m2m100_languages(
        language_codes: Option<&str>,
        dir: &Path,
    ) -> Result<&'static [&'static str], TokenizerError> {
        match language_codes {
            None | Some("m2m100") => Ok(&languages::M2M100),
            Some("wmt21") => Ok(&languages::WMT21),
            Some(other) => Err(TokenizerError::Unsupported {
                path: dir.join("tokenizer_config.json"),
                reason: format!(
                    "its language_codes are {other:?}; known are \"m2m100\" and \"wmt21\""
                ),
            }),
        }
    }

    /// The ids of `text`, without tokens before and after it.
    pub fn encode(&self, text: &str) -> Vec<u32> {
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

    /// Unknown instead of a special token, which no text spells: a `vocab.json` says what it likes.
    fn as_text(&self, id: u32) -> u32 {
        if self.special.contains(&id) {
            self.ends.unk
        } else {
            id
        }
    }

    pub fn decode(&self, ids: &[u32]) -> String {
        let pieces = ids
            .iter()
            .filter(|id| !self.special.contains(id))
            .filter_map(|&id| self.pieces.get(id as usize)?.as_deref());
        strip(&self.model.decode_pieces(pieces)).to_owned()
    }
}

/// The pieces of `model` from the network id `offset` on.
fn shifted(model: &SentencePiece, offset: u32) -> Vec<Option<Box<str>>> {
    let pieces = (0..model.vocab_size() as u32).map(|id| model.id_to_piece(id).map(Box::from));
    std::iter::repeat_n(None, offset as usize)
        .chain(pieces)
        .collect()
}

/// Refuses a model that does not begin with `expected`: its numbering would be another one.
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
                    "its piece {id} is {} and not {piece}, as in models of this type",
                    found.unwrap_or("missing")
                ),
            });
        }
    }
    Ok(())
}
