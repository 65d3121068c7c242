//! SentencePiece models (Kudo and Richardson 2018): Unigram and BPE models and their normalisers. Pieces
//! are those of Google's `sentencepiece`, with which the tests compare.
//!
//! Not supported: training, sampling, n-best segmentation, WORD and CHAR models, and the byte offsets of
//! pieces in the original text.

mod bpe;
mod charsmap;
mod decode;
mod normalizer;
mod proto;
mod trie;
mod unigram;
mod vocabulary;

use std::path::Path;
use std::sync::Arc;

use prost::Message;

use bpe::Bpe;
use normalizer::Normalizer;
use proto::{ModelProto, ModelType, PieceKind};
use trie::Trie;
use unigram::Unigram;
use vocabulary::Vocabulary;

use super::{TokenizerError, read_file};

/// Almost twice the size of the largest known file, that of XLM-V with a million pieces: 18 MB. It also
/// bounds the memory that a hostile file can request.
const MAX_FILE_BYTES: u64 = 32 << 20;

/// Why a `.spm` file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpmError {
    /// The bytes are not a protocol buffer of the right type.
    #[error("it is not a SentencePiece model, or it is damaged: {0}")]
    Proto(#[from] prost::DecodeError),
    /// A required message is missing.
    #[error("it is truncated: it has no {0}")]
    Missing(&'static str),
    /// The model is of an unsupported type.
    #[error("it is a {0} model, but only UNIGRAM and BPE models are supported")]
    ModelType(&'static str),
    /// A piece is not valid.
    #[error("its piece {index} {problem}")]
    Piece {
        /// Index of the piece.
        index: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no unknown piece.
    #[error("none of its pieces is the unknown piece")]
    NoUnknown,
    /// The model has byte fallback but not all byte pieces.
    #[error("it has byte fallback, but not all of the 256 byte pieces")]
    MissingBytes,
    /// The table of normalisation rules is damaged.
    #[error("its table of normalisation rules is damaged: {0}")]
    Charsmap(&'static str),
}

impl SpmError {
    /// Tells the user what to do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::ModelType(_) => "choose another model",
            _ => "download the whole model folder again",
        }
    }
}

/// A SentencePiece model. It is immutable and can be shared by all threads.
pub struct SentencePiece {
    normalizer: Normalizer,
    denormalizer: Option<Normalizer>,
    model: Model,
    vocabulary: Vocabulary,
    /// The text of the unknown piece.
    unknown_surface: String,
    /// Whether normalisation adds a space mark at the beginning of a text.
    add_dummy_prefix: bool,
    remove_extra_whitespaces: bool,
}

enum Model {
    Unigram(Unigram),
    Bpe(Bpe),
}

/// A piece of a normalised text, which is bytes `start..end` of it. The byte pieces of a character all have
/// the range of the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token {
    id: u32,
    start: usize,
    end: usize,
}

/// A text split into pieces.
pub struct Encoding<'m> {
    model: &'m SentencePiece,
    normalized: String,
    tokens: Vec<Token>,
}

/// One piece of an [`Encoding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Id in the `.spm` file, which is usually not the network's id.
    pub id: u32,
    /// The spelling of the piece; that of an unknown piece is a part of the normalised text.
    pub text: &'a str,
}

impl SentencePiece {
    /// Reads the `.spm` file at `path`.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is not a SentencePiece model of a supported type. No input
    /// makes this panic or allocate unbounded memory.
    pub fn load(path: &Path) -> Result<Self, TokenizerError> {
        Self::parse(path, &read_file(path, MAX_FILE_BYTES)?)
    }

    /// Reads two models, which are one in memory if their files are the same.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(super) fn load_pair(first: &Path, second: &Path) -> Result<[Arc<Self>; 2], TokenizerError> {
        let bytes = read_file(first, MAX_FILE_BYTES)?;
        let model = Arc::new(Self::parse(first, &bytes)?);
        let other = read_file(second, MAX_FILE_BYTES)?;
        let other = match other == bytes {
            true => Arc::clone(&model),
            false => Arc::new(Self::parse(second, &other)?),
        };
        Ok([model, other])
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, TokenizerError> {
        Self::from_bytes(bytes).map_err(|reason| TokenizerError::Spm {
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

    /// Number of pieces. Ids are smaller.
    pub fn vocab_size(&self) -> usize {
        self.vocabulary.len()
    }

    /// The id of a piece, or that of the unknown piece.
    pub(super) fn piece_to_id(&self, piece: &str) -> u32 {
        self.vocabulary.id(piece)
    }

    /// Returns the spelling of the piece `id`, or `None` if there is no such piece.
    pub fn id_to_piece(&self, id: u32) -> Option<&str> {
        self.vocabulary.get(id).map(|entry| &*entry.text)
    }

    /// Whether `id` is the unknown piece.
    pub fn is_unknown(&self, id: u32) -> bool {
        id == self.vocabulary.unknown()
    }

    /// Normalises `text` by the model's rules, with `▁` for spaces.
    pub fn normalize(&self, text: &str) -> String {
        self.normalizer.normalize(text)
    }

    /// Splits `text` into pieces. Control symbols are never among them, even if the text has their
    /// spelling. The time is linear in the length n of the text, or O(n log n) for BPE models, even if the
    /// text has no spaces.
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

    /// Replaces unknown characters by byte pieces, or joins adjacent ones if the model has no byte pieces.
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
    /// Number of pieces.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are no pieces.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The normalised text that was split; see [`SentencePiece::normalize`].
    pub fn normalized(&self) -> &str {
        &self.normalized
    }

    /// Ids of the pieces in the `.spm` file.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = u32> {
        self.tokens.iter().map(|token| token.id)
    }

    /// The pieces.
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
