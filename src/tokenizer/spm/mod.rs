//! SentencePiece models, read from their `.spm` file: Unigram and BPE, with the normaliser that each
//! model carries. The reference is Google's `sentencepiece`, piece for piece; the tests compare.
//!
//! Not here: training, sampling, n-best segmentation, WORD and CHAR models, and the byte offsets of
//! pieces in the text before normalisation.

mod bpe;
mod charsmap;
mod decode;
mod normalizer;
mod proto;
mod trie;
mod unigram;
mod vocabulary;

use std::path::Path;

use prost::Message;

use bpe::Bpe;
use normalizer::Normalizer;
use proto::{ModelProto, ModelType, PieceKind};
use trie::Trie;
use unigram::Unigram;
use vocabulary::Vocabulary;

use super::{TokenizerError, read_file};

/// No model file known is half as large (XLM-V, of a million pieces: 18 MB). It also bounds the
/// memory that a hostile file can ask for.
const MAX_FILE_BYTES: u64 = 32 << 20;

/// Why the bytes of a `.spm` file are not a usable model.
#[derive(Debug, thiserror::Error)]
pub enum SpmError {
    #[error("it is no SentencePiece model, or it is damaged: {0}")]
    Proto(#[from] prost::DecodeError),
    #[error("it is cut short: it has no {0}")]
    Missing(&'static str),
    #[error("only UNIGRAM and BPE models are supported, and it is a {0} model")]
    ModelType(&'static str),
    #[error("its piece {index} {problem}")]
    Piece { index: usize, problem: &'static str },
    #[error("none of its pieces is the unknown piece")]
    NoUnknown,
    #[error("it falls back to bytes but lacks some of the 256 byte pieces")]
    MissingBytes,
    #[error("its table of character rules is damaged: {0}")]
    Charsmap(&'static str),
}

impl SpmError {
    /// What the user can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::ModelType(_) => "choose another model",
            _ => "download the whole model folder again",
        }
    }
}

/// A SentencePiece model. Immutable: one is shared by all threads.
pub struct SentencePiece {
    normalizer: Normalizer,
    denormalizer: Option<Normalizer>,
    model: Model,
    vocabulary: Vocabulary,
    /// What the unknown piece reads as.
    unknown_surface: String,
    /// Whether leading space marks are the model's own rather than the text's.
    add_dummy_prefix: bool,
    remove_extra_whitespaces: bool,
}

enum Model {
    Unigram(Unigram),
    Bpe(Bpe),
}

/// A piece of a normalised text: bytes `start..end` of it. Of several pieces that spell one
/// character in bytes, each has the range of the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token {
    id: u32,
    start: usize,
    end: usize,
}

/// A text cut into pieces.
pub struct Encoding<'m> {
    model: &'m SentencePiece,
    normalized: String,
    tokens: Vec<Token>,
}

/// One piece of an [`Encoding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Its id in the `.spm` file, which is seldom the one that a network was trained with.
    pub id: u32,
    /// For unknown pieces, the part of the normalised text that they stand for.
    pub text: &'a str,
}

impl SentencePiece {
    /// Reads the `.spm` file at `path`.
    ///
    /// # Errors
    /// If the file cannot be read, is not a SentencePiece model of a supported type, or is damaged
    /// in a way that can be seen: no input makes this panic or ask for memory without bound.
    pub fn load(path: &Path) -> Result<Self, TokenizerError> {
        Self::from_bytes(&read_file(path, MAX_FILE_BYTES)?).map_err(|reason| TokenizerError::Spm {
            path: path.to_owned(),
            reason,
        })
    }

    /// Reads a model from the bytes of its file.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SpmError> {
        let proto = ModelProto::decode(bytes)?;
        let trainer = proto
            .trainer_spec
            .ok_or(SpmError::Missing("trainer settings"))?;
        let rules = proto
            .normalizer_spec
            .ok_or(SpmError::Missing("normaliser settings"))?;

        let vocabulary = Vocabulary::new(proto.pieces, trainer.byte_fallback())?;
        let model = match trainer.model_type() {
            ModelType::Unigram => Model::Unigram(Unigram::new(&vocabulary)),
            ModelType::Bpe => Model::Bpe(Bpe::new(&vocabulary)),
            ModelType::Word => return Err(SpmError::ModelType("WORD")),
            ModelType::Char => return Err(SpmError::ModelType("CHAR")),
        };
        let user_defined: Vec<_> = vocabulary
            .entries()
            .filter(|(_, entry)| entry.kind == PieceKind::UserDefined)
            .map(|(id, entry)| (&*entry.text, id))
            .collect();
        let user_defined = (!user_defined.is_empty()).then(|| Trie::new(user_defined));
        let denormalizer = proto
            .denormalizer_spec
            .filter(|spec| !spec.precompiled_charsmap.is_empty())
            .map(|spec| Normalizer::new(&spec, false, None))
            .transpose()?;
        Ok(Self {
            normalizer: Normalizer::new(
                &rules,
                trainer.treat_whitespace_as_suffix(),
                user_defined,
            )?,
            denormalizer,
            model,
            vocabulary,
            unknown_surface: trainer.unk_surface().to_owned(),
            add_dummy_prefix: rules.add_dummy_prefix(),
            remove_extra_whitespaces: rules.remove_extra_whitespaces(),
        })
    }

    /// Number of pieces; ids are below it.
    pub fn vocab_size(&self) -> usize {
        self.vocabulary.len()
    }

    /// The id of `piece`, the unknown piece's if there is no such piece.
    pub fn piece_to_id(&self, piece: &str) -> u32 {
        self.vocabulary.id(piece)
    }

    /// The piece `id`, if there is one.
    pub fn id_to_piece(&self, id: u32) -> Option<&str> {
        self.vocabulary.get(id).map(|entry| &*entry.text)
    }

    /// Whether `id` is the unknown piece.
    pub fn is_unknown(&self, id: u32) -> bool {
        id == self.vocabulary.unknown()
    }

    /// `text` as the model's pieces see it: after its rules, with `▁` for spaces.
    pub fn normalize(&self, text: &str) -> String {
        self.normalizer.normalize(text)
    }

    /// Cuts `text` into the pieces that the model gives it. Control symbols are never among them,
    /// even where the text has their spelling. Takes time linear in the text (BPE: times its
    /// logarithm), whether it has spaces or not.
    pub fn encode(&self, text: &str) -> Encoding<'_> {
        let normalized = self.normalizer.normalize(text);
        let tokens = match &self.model {
            Model::Unigram(unigram) => unigram.segment(&normalized),
            Model::Bpe(bpe) => bpe.segment(&normalized, &self.normalizer),
        };
        let tokens = self.replace_unknown(tokens, &normalized);
        Encoding {
            model: self,
            normalized,
            tokens,
        }
    }

    /// Spells unknown characters in bytes if the model can; else joins them where they are
    /// neighbours.
    fn replace_unknown(&self, tokens: Vec<Token>, normalized: &str) -> Vec<Token> {
        if !tokens.iter().any(|token| self.is_unknown(token.id)) {
            return tokens;
        }
        let mut replaced: Vec<Token> = Vec::with_capacity(tokens.len());
        for token in tokens {
            let Token { id, start, end } = token;
            if !self.is_unknown(id) {
                replaced.push(token);
            } else if let Some(bytes) = self.vocabulary.spell(&normalized[start..end]) {
                replaced.extend(bytes.map(|id| Token { id, start, end }));
            } else {
                match replaced.last_mut() {
                    Some(last) if last.id == id => last.end = end,
                    _ => replaced.push(token),
                }
            }
        }
        replaced
    }
}

impl Encoding<'_> {
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The text that was cut, as [`SentencePiece::normalize`] gives it.
    pub fn normalized(&self) -> &str {
        &self.normalized
    }

    pub fn ids(&self) -> impl ExactSizeIterator<Item = u32> {
        self.tokens.iter().map(|token| token.id)
    }

    pub fn pieces(&self) -> impl ExactSizeIterator<Item = Piece<'_>> {
        self.tokens.iter().map(|&Token { id, start, end }| {
            let text = match self.model.vocabulary.get(id) {
                Some(entry) if entry.kind == PieceKind::Byte => &entry.text,
                _ => &self.normalized[start..end],
            };
            Piece { id, text }
        })
    }
}

#[cfg(test)]
mod tests;
