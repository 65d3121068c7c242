//! The tokenizer of a Marian folder, as the Hugging Face `MarianTokenizer` reads it: two
//! SentencePiece models cut and join text, and `vocab.json` says which id the network knows each
//! piece by. The text is taken as it comes: normalising punctuation is the caller's.
//!
//! It differs from the Hugging Face class on purpose in two places, where that one loses text of an
//! article: `</s>`, `<unk>` and `<pad>` spelt out in a text are ordinary characters, and a leading
//! `>>…<<` is a language token only if the vocabulary has it.

use std::collections::HashMap;
use std::path::Path;

use super::TokenizerError;
use super::files::{Config, Spaces, pieces_by_id, read_vocabulary, required, size, strip};
use super::spm::SentencePiece;

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
    spaces: Spaces,
}

impl MarianTokenizer {
    /// Reads `source.spm`, `target.spm`, `vocab.json` and, where there is one,
    /// `tokenizer_config.json` of the folder `dir`; also `target_vocab.json` if the two languages
    /// have vocabularies of their own.
    ///
    /// # Errors
    /// If a file is missing or damaged, or if the vocabulary lacks `</s>`, `<pad>` or `<unk>`.
    pub fn load(dir: &Path) -> Result<Self, TokenizerError> {
        let config = Config::read(dir)?;
        let source = SentencePiece::load(&dir.join("source.spm"))?;
        let target = SentencePiece::load(&dir.join("target.spm"))?;
        let vocab_path = dir.join("vocab.json");
        let ids = read_vocabulary(&vocab_path)?;
        let pieces = if config.separate_vocabs {
            pieces_by_id(&read_vocabulary(&dir.join("target_vocab.json"))?)
        } else {
            pieces_by_id(&ids)
        };

        let special = |piece| required(&ids, piece, &vocab_path);
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
            vocab_size: size(&ids),
            source,
            target,
            ids,
            source_ids,
            pieces,
            eos,
            pad,
            unk,
            spaces: config.spaces(),
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
        self.spaces.apply(strip(&text).to_owned())
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

    /// The tokens of languages, such as `>>fra<<`, with which a text for a network of several target
    /// languages begins.
    pub fn languages(&self) -> impl Iterator<Item = (&str, u32)> {
        self.ids
            .iter()
            .filter(|(piece, _)| piece.starts_with(">>") && piece.ends_with("<<"))
            .map(|(piece, &id)| (&**piece, id))
    }

    /// The language token that `text` starts with, such as `>>fra<<`, and the text after it.
    fn language_token<'t>(&self, text: &'t str) -> Option<(u32, &'t str)> {
        let end = text.strip_prefix(">>")?.find("<<")? + ">><<".len();
        let (token, rest) = text.split_at(end);
        self.ids.get(token).map(|&id| (id, rest))
    }
}
