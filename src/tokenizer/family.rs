//! The tokenizer of a model folder, whatever its family.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::files::{Config, clean_up_spaces, read_json};
use super::json::JsonTokenizer;
use super::languages::{self, Languages};
use super::pieces::{Ends, Pieces};
use super::{MarianTokenizer, TokenizerError};

/// Text to the ids of a network and back, by the files of its folder. Immutable: one is shared by all
/// threads.
///
/// Special tokens spelt out in a text are ordinary characters, unlike in `transformers`.
pub struct Tokenizer {
    cut: Cut,
    languages: Languages,
    /// Token before every text, where no language token is.
    bos: Option<u32>,
    ends: Ends,
    vocab_size: usize,
    source_is_needed: bool,
    clean_up_spaces: bool,
}

enum Cut {
    Marian(Box<MarianTokenizer>),
    Pieces(Box<Pieces>),
    Json(Box<JsonTokenizer>),
}

/// What `config.json` may say of the tokenizer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ModelConfig {
    tokenizer_class: Option<String>,
    vocab_size: Option<usize>,
}

impl Tokenizer {
    /// Reads the tokenizer of the folder `dir`, whose `config.json` names `model_type`: a Marian
    /// folder's two SentencePiece models; else `tokenizer.json`; else the family's own files.
    ///
    /// # Errors
    /// If a file is missing or damaged, or the family is not known.
    pub fn load(dir: &Path, model_type: &str) -> Result<Self, TokenizerError> {
        let json = dir.join("tokenizer.json");
        let config = Config::read(dir)?;
        let by_json = |languages: &[String]| {
            JsonTokenizer::load(json.clone(), languages, config.clean_up_spaces())
        };
        let has = |name: &str| dir.join(name).exists();
        let owned = |codes: &[&str]| {
            codes
                .iter()
                .map(|&code| code.to_owned())
                .collect::<Vec<_>>()
        };
        match model_type {
            "marian" => Ok(Self::marian(MarianTokenizer::load(dir)?)),
            "bart" => {
                let tokenizer = if json.exists() {
                    by_json(&[])?
                } else {
                    JsonTokenizer::byte_level(dir, config.add_prefix_space)?
                };
                let path = if json.exists() {
                    json
                } else {
                    dir.join("vocab.json")
                };
                let bos = tokenizer.bos.ok_or_else(|| TokenizerError::Vocabulary {
                    path,
                    reason: "it has no <s>".to_owned(),
                })?;
                Ok(Self {
                    bos: Some(bos),
                    ..Self::json(tokenizer, false)
                })
            }
            "mbart" => {
                refuse_older_mbart(dir, &config)?;
                if !json.exists() {
                    let pieces = Pieces::fairseq(dir, &languages::MBART50)?;
                    refuse_vocabulary_of_older_mbart(dir, &pieces)?;
                    return Ok(Self::pieces(pieces, true, &config));
                }
                let tokenizer = by_json(&owned(&languages::MBART50))?;
                let last = languages::MBART50[languages::MBART50.len() - 1];
                if tokenizer.languages.iter().any(|(token, _)| token == last) {
                    Ok(Self::json(tokenizer, true))
                } else {
                    Err(older_mbart(json))
                }
            }
            "pegasus" if json.exists() => Ok(Self::json(by_json(&[])?, false)),
            "pegasus" => Ok(Self::pieces(Pieces::pegasus(dir)?, false, &config)),
            "t5" if json.exists() => Ok(Self::json(by_json(&[])?, false)),
            "t5" => Ok(Self::pieces(Pieces::t5(dir)?, false, &config)),
            "m2m_100" if json.exists() => {
                let mut languages = owned(&languages::NLLB);
                languages.extend(languages::M2M100.iter().map(|code| format!("__{code}__")));
                Ok(Self::json(by_json(&languages)?, true))
            }
            // NLLB's pieces are numbered by fairseq's rule, M2M100's by a file.
            "m2m_100" if has("vocab.json") => {
                let languages = Pieces::m2m100_languages(config.language_codes.as_deref(), dir)?;
                Ok(Self::pieces(Pieces::m2m100(dir, languages)?, true, &config))
            }
            "m2m_100" => {
                if config.tokenizer_class.as_deref() == Some("M2M100Tokenizer") {
                    // It is this file that is missed, not the one that NLLB would have.
                    Pieces::m2m100(dir, &languages::M2M100)?;
                }
                let pieces = Pieces::fairseq(dir, &languages::NLLB)?;
                Ok(Self::pieces(pieces, true, &config))
            }
            _ => Err(TokenizerError::Unsupported {
                path: dir.join("config.json"),
                reason: format!(
                    "no tokenizer is known for the model type {model_type:?}; known are marian, bart, \
                     mbart, pegasus, m2m_100 and t5"
                ),
            }),
        }
    }

    fn marian(tokenizer: MarianTokenizer) -> Self {
        Self {
            languages: Languages::new(tokenizer.languages()),
            bos: None,
            ends: Ends {
                eos: tokenizer.eos(),
                pad: tokenizer.pad(),
                unk: tokenizer.unk(),
            },
            vocab_size: tokenizer.vocab_size(),
            source_is_needed: false,
            // It does so itself.
            clean_up_spaces: false,
            cut: Cut::Marian(Box::new(tokenizer)),
        }
    }

    fn pieces(mut pieces: Pieces, source_is_needed: bool, config: &Config) -> Self {
        Self {
            languages: std::mem::take(&mut pieces.languages),
            bos: None,
            ends: pieces.ends,
            vocab_size: pieces.vocab_size,
            source_is_needed,
            clean_up_spaces: config.clean_up_spaces(),
            cut: Cut::Pieces(Box::new(pieces)),
        }
    }

    fn json(mut tokenizer: JsonTokenizer, source_is_needed: bool) -> Self {
        Self {
            languages: std::mem::take(&mut tokenizer.languages),
            bos: None,
            ends: tokenizer.ends,
            vocab_size: tokenizer.vocab_size,
            source_is_needed,
            clean_up_spaces: false,
            cut: Cut::Json(Box::new(tokenizer)),
        }
    }

    /// The ids of `text` in the form that the network was trained on: `source` or else BART's `<s>`,
    /// the pieces, the end token. A piece that the vocabulary lacks is the unknown token. Nothing is
    /// cut off: whether the network takes that many is the caller's care.
    ///
    /// `source` is the language that `text` is in, for families of which
    /// [`source_is_needed`](Self::source_is_needed). In a Marian network it is the language to
    /// translate to, which those of several target languages read there.
    pub fn encode(&self, text: &str, source: Option<u32>) -> Vec<u32> {
        let mut ids: Vec<u32> = source.or(self.bos).into_iter().collect();
        match &self.cut {
            Cut::Marian(tokenizer) => {
                ids.extend(tokenizer.encode(text));
                return ids;
            }
            Cut::Pieces(tokenizer) => ids.extend(tokenizer.encode(text)),
            Cut::Json(tokenizer) => ids.extend(tokenizer.encode(text)),
        }
        ids.push(self.ends.eos);
        ids
    }

    /// The text of `ids`, without special tokens and ids that the vocabulary does not use.
    pub fn decode(&self, ids: &[u32]) -> String {
        let text = match &self.cut {
            Cut::Marian(tokenizer) => tokenizer.decode(ids),
            Cut::Pieces(tokenizer) => tokenizer.decode(ids),
            Cut::Json(tokenizer) => tokenizer.decode(ids),
        };
        if self.clean_up_spaces {
            clean_up_spaces(&text)
        } else {
            text
        }
    }

    /// The language tokens as the model spells them, with their ids.
    pub fn languages(&self) -> impl ExactSizeIterator<Item = (&str, u32)> {
        self.languages.iter()
    }

    /// The language token that `code` means: `fr`, `fr_XX`, `__fr__` and `fra_Latn` are all French, in
    /// every family. `None` where the model has no such token.
    pub fn language(&self, code: &str) -> Option<u32> {
        self.languages.id(code)
    }

    /// Whether every text has to begin with the token of its language.
    pub fn source_is_needed(&self) -> bool {
        self.source_is_needed
    }

    /// The end-of-sentence token, `</s>`.
    pub fn eos(&self) -> u32 {
        self.ends.eos
    }

    /// The padding token, `<pad>`.
    pub fn pad(&self) -> u32 {
        self.ends.pad
    }

    /// The unknown token, `<unk>`.
    pub fn unk(&self) -> u32 {
        self.ends.unk
    }

    /// Ids that [`encode`](Self::encode) gives are below this. Tokens of pretraining, such as
    /// `<mask>`, may be above: bart-large-cnn has a row less than its vocabulary has tokens.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }
}

/// The first mBART, of 25 languages, writes the language after the text and has another vocabulary.
fn refuse_older_mbart(dir: &Path, config: &Config) -> Result<(), TokenizerError> {
    let path = dir.join("tokenizer_config.json");
    match config.tokenizer_class.as_deref() {
        Some("MBartTokenizer" | "MBartTokenizerFast") => Err(older_mbart(path)),
        _ => Ok(()),
    }
}

/// The same where no file names the tokenizer: the number of rows gives it away.
fn refuse_vocabulary_of_older_mbart(dir: &Path, pieces: &Pieces) -> Result<(), TokenizerError> {
    let path = dir.join("config.json");
    if !path.exists() {
        return Ok(());
    }
    let config: ModelConfig = read_json(&path)?;
    let is_50 = config
        .tokenizer_class
        .is_some_and(|class| class.starts_with("MBart50"));
    match config.vocab_size {
        Some(rows) if !is_50 && rows < pieces.vocab_size => Err(older_mbart(path)),
        _ => Ok(()),
    }
}

fn older_mbart(path: PathBuf) -> TokenizerError {
    TokenizerError::Unsupported {
        path,
        reason: "this is an mBART of 25 languages, and only mBART-50 is supported".to_owned(),
    }
}
