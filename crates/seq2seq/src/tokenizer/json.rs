//! `tokenizer.json`, and BART's `vocab.json` with `merges.txt`, with the `tokenizers` crate, which
//! `transformers` uses too.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tokenizers::decoders::byte_level::ByteLevel;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::{AddedToken, ModelWrapper, Tokenizer as Inner};

use super::files::{Config, Spaces, read_vocabulary};
use super::languages::{Languages, has_form_of_language};
use super::pieces::Ends;
use super::{TokenizerError, read_file};

/// About four times the size of the largest known file, NLLB's.
const MAX_FILE_BYTES: u64 = 128 << 20;

/// A noncharacter, which is in no vocabulary.
const UNKNOWN_CHARACTER: &str = "\u{10FFFD}";

pub(super) struct JsonTokenizer {
    inner: Inner,
    /// Special tokens, except the unknown token.
    special: HashSet<u32>,
    /// Spellings of the special tokens and of the unknown token.
    spellings: Vec<String>,
    pub bos: Option<u32>,
    pub ends: Ends,
    pub languages: Languages,
    /// One more than the highest id that encoding can give, language tokens included. `<mask>` does not
    /// count, because some networks have no embedding for it.
    pub vocab_size: usize,
    spaces: Spaces,
}

impl JsonTokenizer {
    /// Reads the `tokenizer.json` at `path`. The language tokens are those of `languages` that it has, and
    /// its special tokens that have the form of a language.
    pub(super) fn load(
        path: PathBuf,
        languages: &[String],
        spaces: Spaces,
    ) -> Result<Self, TokenizerError> {
        let bytes = read_file(&path, MAX_FILE_BYTES)?;
        match Inner::from_bytes(bytes) {
            Ok(inner) => Self::new(inner, path, languages, spaces),
            Err(reason) => Err(refused(&path, &reason)),
        }
    }

    /// Reads `vocab.json` and `merges.txt` of the BART folder `dir`.
    pub(super) fn byte_level(dir: &Path, config: &Config) -> Result<Self, TokenizerError> {
        let path = dir.join("vocab.json");
        let ids = read_vocabulary(&path)?;
        let merges_path = dir.join("merges.txt");
        let merges = read_merges(&merges_path)?;
        let vocabulary: Vocab = ids
            .iter()
            .map(|(piece, &id)| (piece.to_string(), id))
            .collect();
        let model = BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .build()
            .map_err(|reason| refused(&merges_path, &reason))?;
        let mut inner = Inner::new(model);
        inner.with_pre_tokenizer(Some(ByteLevel::new(config.add_prefix_space, true, true)));
        inner.with_decoder(Some(ByteLevel::default()));
        let known = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
            .into_iter()
            .filter(|&token| ids.contains_key(token));
        inner
            .add_special_tokens(known.map(|token| AddedToken::from(token, true)))
            .map_err(|reason| refused(&path, &reason))?;
        Self::new(inner, path, &[], Spaces::Keep)
    }

    fn new(
        mut inner: Inner,
        path: PathBuf,
        languages: &[String],
        spaces: Spaces,
    ) -> Result<Self, TokenizerError> {
        // The caller limits lengths, and batches are not padded here.
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|reason| refused(&path, &reason))?;
        // The spelling of a special token in a text is ordinary text.
        inner.set_encode_special_tokens(true);

        let required = |token: &str| {
            inner
                .token_to_id(token)
                .ok_or_else(|| TokenizerError::Vocabulary {
                    path: path.clone(),
                    reason: format!("it has no {token}"),
                })
        };
        let ends = Ends {
            eos: required("</s>")?,
            pad: required("<pad>")?,
            unk: required("<unk>")?,
        };
        let bos = inner.token_to_id("<s>");
        let added = inner.get_added_tokens_decoder();
        let added_special = || added.iter().filter(|(_, token)| token.special);
        let named = languages
            .iter()
            .filter_map(|name| Some((name.as_str(), inner.token_to_id(name)?)));
        let formed = added_special()
            .filter(|(_, token)| has_form_of_language(&token.content))
            .map(|(&id, token)| (token.content.as_str(), id));
        let languages = Languages::new(named.chain(formed));

        let mut special: HashSet<u32> = added_special().map(|(&id, _)| id).collect();
        special.extend(languages.iter().map(|(_, id)| id));
        special.extend(bos.into_iter().chain([ends.eos, ends.pad]));
        let used = |id: &u32| {
            !special.contains(id)
                || Some(*id) == bos
                || [ends.eos, ends.pad, ends.unk].contains(id)
                || languages.iter().any(|(_, language)| language == *id)
        };
        let highest = inner.get_vocab(true).into_values().filter(used).max();
        special.remove(&ends.unk);
        let mut spellings: Vec<String> = special
            .iter()
            .chain([&ends.unk])
            .filter_map(|&id| inner.id_to_token(id))
            .filter(|token| token.chars().count() > 1)
            .collect();
        spellings.sort_unstable();
        let is_bpe = matches!(inner.get_model(), ModelWrapper::BPE(_));
        let tokenizer = Self {
            vocab_size: highest.map_or(0, |highest| highest as usize + 1),
            special,
            spellings,
            bos,
            ends,
            languages,
            // transformers 5 ignores the setting for BPE, whose pieces carry their spaces.
            spaces: if is_bpe { Spaces::Keep } else { spaces },
            inner,
        };
        // A tokenizer without an unknown token fails on characters that are not in its vocabulary.
        match tokenizer.inner.encode_fast(UNKNOWN_CHARACTER, false) {
            Ok(_) => Ok(tokenizer),
            Err(reason) => Err(refused(&path, &reason)),
        }
    }

    /// Returns the ids of `text` without start, language and end tokens.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let ids = self.encode_once(text);
        let unk = self.ends.unk;
        let has_special = ids.iter().any(|id| self.special.contains(id))
            || (ids.contains(&unk) && self.spellings.iter().any(|token| text.contains(token)));
        if !has_special {
            return ids;
        }
        // A Unigram vocabulary has the special tokens among its pieces, with the highest scores. A space
        // inserted into their spelling keeps them from being found.
        let mut separated = text.to_owned();
        for token in &self.spellings {
            let first = token.chars().next().map_or(0, char::len_utf8);
            let (head, tail) = token.split_at(first);
            separated = separated.replace(token, &format!("{head} {tail}"));
        }
        let mut ids = self.encode_once(&separated);
        // The tokenizer's normalisation may have removed the space again.
        for id in &mut ids {
            if self.special.contains(id) {
                *id = unk;
            }
        }
        ids
    }

    fn encode_once(&self, text: &str) -> Vec<u32> {
        match self.inner.encode_fast(text, false) {
            Ok(encoding) => encoding.get_ids().to_vec(),
            // Not expected, because loading has tested that unknown characters do not fail.
            Err(_) => vec![self.ends.unk],
        }
    }

    /// Returns the text of `ids` without special tokens.
    pub(super) fn decode(&self, ids: &[u32]) -> String {
        let ids: Vec<u32> = ids
            .iter()
            .copied()
            .filter(|id| *id != self.ends.unk && !self.special.contains(id))
            .collect();
        let text = self.inner.decode(&ids, true).unwrap_or_default();
        self.spaces.apply(text)
    }
}

/// Reads the pairs of a `merges.txt`, in the order in which they are merged.
fn read_merges(path: &Path) -> Result<Vec<(String, String)>, TokenizerError> {
    let damaged = |reason: String| TokenizerError::Vocabulary {
        path: path.to_owned(),
        reason,
    };
    let bytes = read_file(path, MAX_FILE_BYTES)?;
    let text = str::from_utf8(&bytes).map_err(|_| damaged("it is not UTF-8".to_owned()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with("#version") && !line.is_empty())
        .map(|(index, line)| match line.split_once(' ') {
            Some((left, right)) if !right.contains(' ') => Ok((left.to_owned(), right.to_owned())),
            _ => Err(damaged(format!("line {} is not a pair", index + 1))),
        })
        .collect()
}

fn refused(path: &Path, reason: &dyn std::fmt::Display) -> TokenizerError {
    TokenizerError::Vocabulary {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
