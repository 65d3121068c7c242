//! `tokenizer.json`, and BART's `vocab.json` with `merges.txt`, through the `tokenizers` crate, which
//! is also what `transformers` runs them by.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tokenizers::decoders::byte_level::ByteLevel;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::{AddedToken, ModelWrapper, Tokenizer as Inner};

use super::files::{Config, Spaces, read_vocabulary};
use super::languages::{Languages, has_form_of_language};
use super::pieces::Ends;
use super::{TokenizerError, read_file};

/// About four times the largest known, NLLB's.
const MAX_FILE_BYTES: u64 = 128 << 20;

/// A character that no vocabulary has.
const UNKNOWN_CHARACTER: &str = "\u{10FFFD}";

pub(super) struct JsonTokenizer {
    inner: Inner,
    /// All special tokens but the unknown one.
    special: HashSet<u32>,
    spellings: Vec<String>,
    pub bos: Option<u32>,
    pub ends: Ends,
    pub languages: Languages,
    /// Highest id that encoding can give, language tokens included, plus one: `<mask>` is often one
    /// more than the network has rows.
    pub vocab_size: usize,
    spaces: Spaces,
}

impl JsonTokenizer {
    /// Reads `tokenizer.json` at `path`. Languages are those of its special tokens that look like one,
    /// and those of `languages` that it has.
    pub fn load(
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

    /// Reads BART's `vocab.json` and `merges.txt` of the folder `dir`.
    pub fn byte_level(dir: &Path, config: &Config) -> Result<Self, TokenizerError> {
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
        // Length is the translator's care, and a batch needs no padding here.
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|reason| refused(&path, &reason))?;
        // Special tokens spelt out in an article are its text.
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
        // A tokenizer without an unknown token fails on the first character that it lacks.
        match tokenizer.inner.encode_fast(UNKNOWN_CHARACTER, false) {
            Ok(_) => Ok(tokenizer),
            Err(reason) => Err(refused(&path, &reason)),
        }
    }

    /// The ids of `text`, without tokens before and after it.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let ids = self.cut(text);
        let unk = self.ends.unk;
        let has_special = ids.iter().any(|id| self.special.contains(id))
            || (ids.contains(&unk) && self.spellings.iter().any(|token| text.contains(token)));
        if !has_special {
            return ids;
        }
        // A Unigram vocabulary has special tokens among its pieces, at the best of scores. A space
        // within their spelling keeps the text, and the token out of it.
        let mut apart = text.to_owned();
        for token in &self.spellings {
            let first = token.chars().next().map_or(0, char::len_utf8);
            let (head, tail) = token.split_at(first);
            apart = apart.replace(token, &format!("{head} {tail}"));
        }
        let mut ids = self.cut(&apart);
        // The tokenizer's own normalisation may spell one again.
        for id in &mut ids {
            if self.special.contains(id) {
                *id = unk;
            }
        }
        ids
    }

    fn cut(&self, text: &str) -> Vec<u32> {
        match self.inner.encode_fast(text, false) {
            Ok(encoding) => encoding.get_ids().to_vec(),
            // Loading has tried the one way to fail; were there another, the translation is flagged.
            Err(_) => vec![self.ends.unk],
        }
    }

    pub fn decode(&self, ids: &[u32]) -> String {
        let ids: Vec<u32> = ids
            .iter()
            .copied()
            .filter(|id| *id != self.ends.unk && !self.special.contains(id))
            .collect();
        let text = self.inner.decode(&ids, true).unwrap_or_default();
        self.spaces.apply(text)
    }
}

/// The pairs of a `merges.txt`, best first.
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
            _ => Err(damaged(format!("its line {} is no pair", index + 1))),
        })
        .collect()
}

fn refused(path: &Path, reason: &dyn std::fmt::Display) -> TokenizerError {
    TokenizerError::Vocabulary {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
