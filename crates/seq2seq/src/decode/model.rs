//! A model folder ready to use: text in, text out.

use std::path::Path;

use super::{Settings, decode};
use crate::model::{ModelError, ModelFolder};
use crate::nn::{Cpu, Network, NetworkError, Numeric};
use crate::tokenizer::{Tokenizer, TokenizerError};

/// A tokenizer, a network on the processor, and the settings that the model's authors chose.
///
/// For batching across threads, caching or GPUs, use the parts: [`Tokenizer`], [`Network`] and
/// [`decode_stream`](super::decode_stream).
pub struct Model {
    /// Text to token ids and back.
    pub tokenizer: Tokenizer,
    /// The encoder–decoder network.
    pub network: Network,
    /// How to search for the output; may be changed between calls.
    pub settings: Settings,
    /// Longest output in tokens, start and end tokens included.
    pub max_length: usize,
    /// Text put before every input, such as T5's `summarize: `.
    pub prefix: String,
    /// Language token put before every input.
    source: Option<u32>,
}

/// Why a [`Model`] cannot be loaded or cannot process a text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration or the weights cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tokenizer's files cannot be used.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The network failed.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The model has no token for a language.
    #[error("the model does not know the language `{0}`")]
    Language(String),
    /// The model was trained on several languages and has to be told which to translate.
    #[error("the model needs the language of its input: call `with_languages` first")]
    NoLanguage,
    /// A text has more tokens than the network has positions.
    #[error("text {index} has {tokens} tokens, more than the {limit} that the model takes")]
    TooLong {
        /// Index of the text in the slice given to [`Model::generate`].
        index: usize,
        /// Its length in tokens.
        tokens: usize,
        /// The most tokens that an input may have.
        limit: usize,
    },
}

impl Model {
    /// Loads the model folder `dir` with 8-bit weights on the fastest kernels of this processor.
    ///
    /// # Errors
    /// If a file is missing or damaged, or the architecture is not supported.
    pub fn load(dir: impl AsRef<Path>) -> Result<Self, Error> {
        Self::load_with(dir, Numeric::Int8, Cpu::best())
    }

    /// Loads the model folder `dir` with the given arithmetic and kernels. Outputs depend on the
    /// arithmetic, but not on the kernels.
    ///
    /// # Errors
    /// As [`Self::load`], or if `numeric` is for GPUs only.
    pub fn load_with(dir: impl AsRef<Path>, numeric: Numeric, cpu: Cpu) -> Result<Self, Error> {
        let folder = ModelFolder::open(dir.as_ref())?;
        let config = &folder.config;
        let tokenizer = Tokenizer::load(&folder.dir, config.architecture.tokenizer())?;
        config.check_vocabulary(&folder.dir, tokenizer.vocab_size())?;
        let (generation, prefix) = if config.architecture.summarizes() {
            folder.summarization()?
        } else {
            (folder.generation.clone(), String::new())
        };
        let settings = Settings::from_config(&generation, config);
        config.check_target_tokens(&folder.dir, settings.bounds())?;
        let positions = config.max_position_embeddings;
        Ok(Self {
            network: Network::load_for(&folder, numeric, cpu)?,
            max_length: generation.max_length.unwrap_or(positions).min(positions),
            tokenizer,
            settings,
            prefix,
            source: None,
        })
    }

    /// Sets the languages of a model that translates between several. A language may be given in any
    /// notation: `fr`, `fr_XX`, `__fr__` and `fra_Latn` mean the same.
    ///
    /// # Errors
    /// [`Error::Language`] if the model has no token for one of them.
    pub fn with_languages(mut self, source: &str, target: &str) -> Result<Self, Error> {
        let token = |language: &str| {
            let token = self.tokenizer.language(language);
            token.ok_or_else(|| Error::Language(language.to_owned()))
        };
        let (source, target) = (token(source)?, token(target)?);
        self.source = Some(source);
        self.settings.forced_bos_token_id = Some(target);
        Ok(self)
    }

    /// Translates or summarises `texts`, as the model was trained to. Returns one output for each
    /// text, in their order. An output depends on its own text only, not on the others, and is the
    /// same on every processor.
    ///
    /// Networks that translate are usually trained on single sentences: split longer texts first.
    ///
    /// # Errors
    /// [`Error::TooLong`] if a text is longer than the network's positions, [`Error::NoLanguage`] if
    /// [`with_languages`](Self::with_languages) has to be called first.
    pub fn generate(&self, texts: &[&str]) -> Result<Vec<String>, Error> {
        if self.tokenizer.source_is_needed() && self.source.is_none() {
            return Err(Error::NoLanguage);
        }
        let limit = self.network.config().max_position_embeddings;
        let mut sequences = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            let text = format!("{}{text}", self.prefix);
            let ids = self.tokenizer.encode(&text, self.source);
            if ids.len() > limit {
                return Err(Error::TooLong {
                    index,
                    tokens: ids.len(),
                    limit,
                });
            }
            sequences.push(ids);
        }
        let sequences: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
        let outputs = decode(&self.network, &sequences, self.max_length, &self.settings)?;
        let texts = outputs
            .iter()
            .map(|output| self.tokenizer.decode(&output.ids));
        Ok(texts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(dir: &str) -> Model {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
        Model::load(dir).expect("the model is committed")
    }

    #[test]
    fn texts_are_translated_in_order() {
        let model = load("../../models/fr-en-tiny");
        let texts = ["Le président est arrivé.", "Le train est parti hier soir."];
        let together = model.generate(&texts).expect("short texts");
        let single = texts.map(|text| model.generate(&[text]).expect("a short text").remove(0));
        assert_eq!(together, single);
        assert_eq!(
            together,
            ["The President has arrived.", "The train left last night."]
        );
    }

    #[test]
    fn a_text_without_positions_is_refused() {
        let model = load("../../models/fr-en-tiny");
        let limit = model.network.config().max_position_embeddings;
        let long = "oui ".repeat(limit + 1);
        let error = model
            .generate(&["Oui.", &long])
            .expect_err("it is too long");
        assert!(matches!(error, Error::TooLong { index: 1, .. }), "{error}");
    }
}
