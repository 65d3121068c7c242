//! The tokenizer of a model folder of any kind.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::files::{Config, Spaces, read_json};
use super::json::JsonTokenizer;
use super::languages::{self, Languages};
use super::pieces::{Ends, Pieces};
use super::{MarianTokenizer, TokenizerError};

/// The tokenizer of a model folder. It is immutable and can be shared by all threads.
///
/// Unlike in `transformers`, the spelling of a special token in a text is ordinary text.
pub struct Tokenizer {
    files: Files,
    languages: Languages,
    /// Token before every text that has no language token.
    bos: Option<u32>,
    ends: Ends,
    vocab_size: usize,
    source: SourceToken,
    spaces: Spaces,
}

/// Which files a model folder has its tokenizer in, and how they number the pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenizerKind {
    /// `source.spm`, `target.spm` and `vocab.json`.
    Marian,
    /// `tokenizer.json`, or `vocab.json` and `merges.txt` of a byte-level BPE.
    ByteLevelBpe,
    /// `tokenizer.json`, or `sentencepiece.bpe.model` with fairseq's numbering and 52 languages.
    MBart50,
    /// `tokenizer.json`, or `spiece.model` with PEGASUS's special tokens.
    Pegasus,
    /// `tokenizer.json`, or `sentencepiece.bpe.model`: with `vocab.json` M2M-100's, without it NLLB's.
    M2m100,
    /// `tokenizer.json`, or `spiece.model` with T5's numbering.
    T5,
}

/// Whether every text has to begin with the token of its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SourceToken {
    Required,
    Optional,
}

enum Files {
    Marian(Box<MarianTokenizer>),
    Pieces(Box<Pieces>),
    Json(Box<JsonTokenizer>),
}

/// A folder that is not a Marian model's.
struct Folder<'a> {
    dir: &'a Path,
    /// Path of `tokenizer.json`, which may not exist.
    json: PathBuf,
    config: Config,
}

/// The keys of `config.json` that concern the tokenizer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct NetworkConfig {
    tokenizer_class: Option<String>,
    vocab_size: Option<usize>,
}

impl Tokenizer {
    /// Reads the tokenizer of the folder `dir`: a Marian folder's two SentencePiece models; for the
    /// other kinds `tokenizer.json`, or the kind's own files if there is no `tokenizer.json`.
    ///
    /// # Errors
    /// If a file is missing or damaged, or in a variant of the format that is not supported.
    pub fn load(dir: &Path, kind: TokenizerKind) -> Result<Self, TokenizerError> {
        let folder = Folder {
            dir,
            json: dir.join("tokenizer.json"),
            config: Config::read(dir)?,
        };
        match kind {
            TokenizerKind::Marian => Ok(Self::marian(MarianTokenizer::load(dir)?)),
            TokenizerKind::ByteLevelBpe => folder.byte_level_bpe(),
            TokenizerKind::MBart50 => folder.mbart50(),
            TokenizerKind::M2m100 => folder.m2m100(),
            TokenizerKind::Pegasus => folder.monolingual(Pieces::pegasus),
            TokenizerKind::T5 => folder.monolingual(Pieces::t5),
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
            source: SourceToken::Optional,
            // `MarianTokenizer` cleans up itself.
            spaces: Spaces::Keep,
            files: Files::Marian(Box::new(tokenizer)),
        }
    }

    fn pieces(mut pieces: Pieces, source: SourceToken, config: &Config) -> Self {
        Self {
            languages: std::mem::take(&mut pieces.languages),
            bos: None,
            ends: pieces.ends,
            vocab_size: pieces.vocab_size,
            source,
            spaces: config.spaces(),
            files: Files::Pieces(Box::new(pieces)),
        }
    }

    fn json(mut tokenizer: JsonTokenizer, source: SourceToken) -> Self {
        Self {
            languages: std::mem::take(&mut tokenizer.languages),
            bos: None,
            ends: tokenizer.ends,
            vocab_size: tokenizer.vocab_size,
            source,
            // `JsonTokenizer` cleans up itself.
            spaces: Spaces::Keep,
            files: Files::Json(Box::new(tokenizer)),
        }
    }

    /// Returns the ids of `text` in the form that the network was trained on: `source` or, in BART
    /// models, `<s>`, then the pieces, then the end token. Pieces that are not in the vocabulary become
    /// the unknown token. Long texts are not truncated; the caller has to check the network's limit.
    ///
    /// `source` is the token of the language of `text`, for tokenizers with
    /// [`source_is_needed`](Self::source_is_needed). For Marian networks with several target languages it
    /// is the token of the target language.
    pub fn encode(&self, text: &str, source: Option<u32>) -> Vec<u32> {
        let mut ids: Vec<u32> = source.or(self.bos).into_iter().collect();
        match &self.files {
            Files::Marian(tokenizer) => {
                ids.extend(tokenizer.encode(text));
                return ids;
            }
            Files::Pieces(tokenizer) => ids.extend(tokenizer.encode(text)),
            Files::Json(tokenizer) => ids.extend(tokenizer.encode(text)),
        }
        ids.push(self.ends.eos);
        ids
    }

    /// Returns the text of `ids`. Special tokens and ids that are not in the vocabulary are skipped.
    pub fn decode(&self, ids: &[u32]) -> String {
        let text = match &self.files {
            Files::Marian(tokenizer) => tokenizer.decode(ids),
            Files::Pieces(tokenizer) => tokenizer.decode(ids),
            Files::Json(tokenizer) => tokenizer.decode(ids),
        };
        self.spaces.apply(text)
    }

    /// Returns the language tokens in the model's spelling, with their ids.
    pub fn languages(&self) -> impl ExactSizeIterator<Item = (&str, u32)> {
        self.languages.iter()
    }

    /// Returns the token of the language `code`, or `None` if the model has none. All notations work with
    /// all models: `fr`, `fr_XX`, `__fr__` and `fra_Latn` all mean French.
    pub fn language(&self, code: &str) -> Option<u32> {
        self.languages.id(code)
    }

    /// Whether every text has to begin with the token of its language.
    pub fn source_is_needed(&self) -> bool {
        self.source == SourceToken::Required
    }

    /// Returns the id of a control symbol of a Marian vocabulary, such as `<r1>`, which no text is encoded
    /// to. `None` if there is none.
    pub fn symbol(&self, piece: &str) -> Option<u32> {
        match &self.files {
            Files::Marian(tokenizer) => tokenizer.symbol(piece),
            Files::Pieces(_) | Files::Json(_) => None,
        }
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

    /// One more than the highest id that [`encode`](Self::encode) can return. Tokens used only in
    /// pretraining, such as `<mask>`, may be above: bart-large-cnn has one token more than its network
    /// has embeddings.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }
}

impl Folder<'_> {
    fn has_json(&self) -> bool {
        self.json.exists()
    }

    fn read_json(&self, languages: &[String]) -> Result<JsonTokenizer, TokenizerError> {
        JsonTokenizer::load(self.json.clone(), languages, self.config.spaces())
    }

    fn with_pieces(&self, pieces: Pieces, source: SourceToken) -> Tokenizer {
        Tokenizer::pieces(pieces, source, &self.config)
    }

    fn byte_level_bpe(self) -> Result<Tokenizer, TokenizerError> {
        let (tokenizer, path) = if self.has_json() {
            (self.read_json(&[])?, self.json)
        } else {
            let tokenizer = JsonTokenizer::byte_level(self.dir, &self.config)?;
            (tokenizer, self.dir.join("vocab.json"))
        };
        let bos = tokenizer.bos.ok_or_else(|| TokenizerError::Vocabulary {
            path,
            reason: "it has no <s>".to_owned(),
        })?;
        Ok(Tokenizer {
            bos: Some(bos),
            ..Tokenizer::json(tokenizer, SourceToken::Optional)
        })
    }

    fn mbart50(self) -> Result<Tokenizer, TokenizerError> {
        refuse_older_mbart(self.dir, &self.config)?;
        if !self.has_json() {
            let pieces = Pieces::fairseq(self.dir, &languages::MBART50)?;
            refuse_vocabulary_of_older_mbart(self.dir, &pieces)?;
            return Ok(self.with_pieces(pieces, SourceToken::Required));
        }
        let tokenizer = self.read_json(&owned(&languages::MBART50))?;
        let last = languages::MBART50[languages::MBART50.len() - 1];
        if tokenizer.languages.iter().any(|(token, _)| token == last) {
            Ok(Tokenizer::json(tokenizer, SourceToken::Required))
        } else {
            Err(older_mbart(self.json))
        }
    }

    /// M2M-100 numbers its pieces by `vocab.json`, NLLB by fairseq's rule.
    fn m2m100(self) -> Result<Tokenizer, TokenizerError> {
        if self.has_json() {
            let mut languages = owned(&languages::NLLB);
            languages.extend(languages::M2M100.iter().map(|code| format!("__{code}__")));
            let tokenizer = self.read_json(&languages)?;
            return Ok(Tokenizer::json(tokenizer, SourceToken::Required));
        }
        let pieces = if self.dir.join("vocab.json").exists() {
            let codes = self.config.language_codes.as_deref();
            Pieces::m2m100(self.dir, Pieces::m2m100_languages(codes, self.dir)?)?
        } else {
            if self.config.tokenizer_class.as_deref() == Some("M2M100Tokenizer") {
                // Reports `vocab.json` as missing rather than the file that NLLB would need.
                Pieces::m2m100(self.dir, &languages::M2M100)?;
            }
            Pieces::fairseq(self.dir, &languages::NLLB)?
        };
        Ok(self.with_pieces(pieces, SourceToken::Required))
    }

    /// A tokenizer without language tokens; `read` reads the SentencePiece model of a folder that has
    /// no `tokenizer.json`.
    fn monolingual(
        self,
        read: fn(&Path) -> Result<Pieces, TokenizerError>,
    ) -> Result<Tokenizer, TokenizerError> {
        if self.has_json() {
            Ok(Tokenizer::json(self.read_json(&[])?, SourceToken::Optional))
        } else {
            Ok(self.with_pieces(read(self.dir)?, SourceToken::Optional))
        }
    }
}

fn owned(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|&code| code.to_owned()).collect()
}

/// Refuses the first mBART, of 25 languages, which has the language token after the text and another
/// vocabulary.
fn refuse_older_mbart(dir: &Path, config: &Config) -> Result<(), TokenizerError> {
    let path = dir.join("tokenizer_config.json");
    match config.tokenizer_class.as_deref() {
        Some("MBartTokenizer" | "MBartTokenizerFast") => Err(older_mbart(path)),
        _ => Ok(()),
    }
}

/// Refuses the first mBART by its number of embeddings, for folders that do not name their tokenizer.
fn refuse_vocabulary_of_older_mbart(dir: &Path, pieces: &Pieces) -> Result<(), TokenizerError> {
    let path = dir.join("config.json");
    if !path.exists() {
        return Ok(());
    }
    let config: NetworkConfig = read_json(&path)?;
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
