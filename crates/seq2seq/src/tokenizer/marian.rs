//! The tokenizer of a Marian folder, like Hugging Face's `MarianTokenizer`: two SentencePiece models
//! split and join text, and `vocab.json` has the network's ids of the pieces. Punctuation is not
//! normalised; that is left to the caller.
//!
//! It deliberately differs from the Hugging Face class in two cases where that class loses text: `</s>`,
//! `<unk>` and `<pad>` in a text are ordinary characters, and a leading `>>…<<` is a language token only if
//! it is in the vocabulary.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::TokenizerError;
use super::files::{Config, Spaces, pieces_by_id, read_vocabulary, required, size, strip};
use super::spm::SentencePiece;

const EOS: &str = "</s>";
const PAD: &str = "<pad>";
const UNKNOWN: &str = "<unk>";

/// The tokenizer of a Marian folder. It is immutable and can be shared by all threads.
pub struct MarianTokenizer {
    source: Arc<SentencePiece>,
    target: Arc<SentencePiece>,
    /// Ids of the source language's pieces.
    ids: FxHashMap<Box<str>, u32>,
    /// Network id of each piece of `source`, indexed by its id in the model.
    source_ids: Vec<u32>,
    /// Target-language piece of each id, with its id in `target`, or `None` if an id is not used.
    pieces: Vec<Option<(u32, Box<str>)>>,
    /// One more than the highest source id.
    vocab_size: usize,
    eos: u32,
    pad: u32,
    unk: u32,
    spaces: Spaces,
}

impl MarianTokenizer {
    /// Reads `source.spm`, `target.spm`, `vocab.json` and, if it exists, `tokenizer_config.json` of the
    /// folder `dir`, and `target_vocab.json` if the languages have separate vocabularies.
    ///
    /// # Errors
    /// If a file is missing or damaged, or if the vocabulary lacks `</s>`, `<pad>` or `<unk>`.
    pub fn load(dir: &Path) -> Result<Self, TokenizerError> {
        let config = Config::read(dir)?;
        let files = ["source.spm", "target.spm"].map(|name| dir.join(name));
        let [source, target] = SentencePiece::load_pair(&files[0], &files[1])?;
        let vocab_path = dir.join("vocab.json");
        let ids = read_vocabulary(&vocab_path)?;
        let pieces = if config.separate_vocabs {
            pieces_by_id(&read_vocabulary(&dir.join("target_vocab.json"))?)
        } else {
            pieces_by_id(&ids)
        };
        let pieces = pieces.into_iter();
        let pieces = pieces
            .map(|piece| piece.map(|piece| (target.piece_to_id(&piece), piece)))
            .collect();

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

    /// Returns the ids of `text`, followed by the end token. Pieces that are not in the vocabulary become
    /// the unknown token. Long texts are not truncated; the caller has to check the network's limit.
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
                // The vocabulary also has the target language's pieces.
                self.ids.get(piece.text).copied().unwrap_or(self.unk)
            } else {
                self.source_ids[piece.id as usize]
            }
        }));
        ids.push(self.eos);
        ids
    }

    /// Returns the text of `ids`. End, padding and unknown tokens and ids that are not in the vocabulary
    /// are skipped.
    pub fn decode(&self, ids: &[u32]) -> String {
        let pieces = ids
            .iter()
            .filter(|id| ![self.eos, self.pad, self.unk].contains(id))
            .filter_map(|&id| self.pieces.get(id as usize)?.as_ref())
            .map(|(id, piece)| (*id, &**piece));
        let text = self.target.decode_known(pieces).replace('▁', " ");
        self.spaces.apply(strip(&text).to_owned())
    }

    /// Returns the id of the piece `symbol`, such as `<r1>`.
    pub fn symbol(&self, symbol: &str) -> Option<u32> {
        self.ids.get(symbol).copied()
    }

    /// One more than the highest id that [`encode`](Self::encode) can return.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    /// The end-of-sentence token, `</s>`.
    pub fn eos(&self) -> u32 {
        self.eos
    }

    /// The padding token, `<pad>`, which is also the start token of Marian networks.
    pub fn pad(&self) -> u32 {
        self.pad
    }

    /// The unknown token, `<unk>`.
    pub fn unk(&self) -> u32 {
        self.unk
    }

    /// Returns the tokens of target languages, such as `>>fra<<`, with their ids. Networks with several
    /// target languages need one at the beginning of each text.
    pub fn languages(&self) -> impl Iterator<Item = (&str, u32)> {
        self.ids
            .iter()
            .filter(|(piece, _)| piece.starts_with(">>") && piece.ends_with("<<"))
            .map(|(piece, &id)| (&**piece, id))
    }

    /// Splits a leading language token, such as `>>fra<<`, off `text`. Returns `None` if there is none.
    fn language_token<'t>(&self, text: &'t str) -> Option<(u32, &'t str)> {
        let end = text.strip_prefix(">>")?.find("<<")? + ">><<".len();
        let (token, rest) = text.split_at(end);
        self.ids.get(token).map(|&id| (id, rest))
    }
}
