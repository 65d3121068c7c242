//! `config.json` and `generation_config.json` of a model folder, as the Hugging Face hub writes them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::ModelError;

/// Nothing real has more tokens; a larger value is a damaged or hostile file, refused before it sizes
/// an allocation.
const MAX_VOCABULARY: usize = 1 << 20;

/// Nothing real is wider, deeper or longer, and sums of so many products of bytes fit into 32 bits.
const MAX_DIMENSION: usize = 1 << 16;

/// Beams that a folder may ask for.
const MAX_BEAMS: usize = 64;

/// Values in the table of positions: 256 MB of them.
const MAX_POSITION_TABLE: usize = 1 << 26;

/// Shape of an encoder–decoder network.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ModelConfig {
    pub model_type: String,
    /// What `model_type` implies.
    #[serde(skip)]
    pub family: Family,
    /// Rows of the embedding table, source and target alike.
    pub vocab_size: usize,
    /// Rows of the decoder's own embedding table where it differs.
    #[serde(default)]
    pub decoder_vocab_size: Option<usize>,
    pub d_model: usize,
    pub encoder_layers: usize,
    pub decoder_layers: usize,
    pub encoder_attention_heads: usize,
    pub decoder_attention_heads: usize,
    pub encoder_ffn_dim: usize,
    pub decoder_ffn_dim: usize,
    pub activation_function: Activation,
    /// Longest sequence that has positions, in tokens.
    pub max_position_embeddings: usize,
    /// Multiply embeddings by the square root of `d_model`.
    #[serde(default)]
    pub scale_embedding: bool,
    #[serde(default = "yes")]
    pub share_encoder_decoder_embeddings: bool,
    #[serde(default = "yes")]
    pub tie_word_embeddings: bool,
    pub pad_token_id: u32,
    pub eos_token_id: u32,
    pub decoder_start_token_id: u32,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    #[serde(alias = "swish")]
    Silu,
    Relu,
    Gelu,
}

/// Where layers normalise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlacement {
    /// After the residual connection, as in Vaswani et al. 2017.
    Post,
    /// Before each block (Xiong et al. 2020).
    Pre,
}

/// Where tokens stand, as the network is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// Sines and cosines as in Vaswani et al. 2017, from position 0.
    Sinusoidal,
    /// Those of fairseq, with other wavelengths, from position 2.
    SinusoidalFairseq,
    /// A learned table, from row 2.
    Learned,
}

/// What the members of the family differ in beside their sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    pub norm: NormPlacement,
    /// A layer normalisation at the end of encoder and decoder.
    pub final_norm: bool,
    /// A layer normalisation of the embeddings.
    pub embedding_norm: bool,
    pub positions: Positions,
    /// `final_logits_bias` is added to the logits.
    pub logits_bias: bool,
}

impl Default for Family {
    fn default() -> Self {
        FAMILIES[0].1
    }
}

/// The families by their `model_type`.
const FAMILIES: [(&str, Family); 5] = {
    let marian = Family {
        norm: NormPlacement::Post,
        final_norm: false,
        embedding_norm: false,
        positions: Positions::Sinusoidal,
        logits_bias: true,
    };
    let bart = Family {
        embedding_norm: true,
        positions: Positions::Learned,
        ..marian
    };
    let mbart = Family {
        norm: NormPlacement::Pre,
        final_norm: true,
        ..bart
    };
    let pegasus = Family {
        norm: NormPlacement::Pre,
        final_norm: true,
        ..marian
    };
    let m2m100 = Family {
        positions: Positions::SinusoidalFairseq,
        logits_bias: false,
        ..pegasus
    };
    [
        ("marian", marian),
        ("bart", bart),
        ("mbart", mbart),
        ("pegasus", pegasus),
        ("m2m_100", m2m100),
    ]
};

impl ModelConfig {
    pub(super) fn read(dir: &Path) -> Result<Self, ModelError> {
        let path = dir.join("config.json");
        let json = read_json(&path)?;
        let model_type = json
            .get("model_type")
            .and_then(Value::as_str)
            .unwrap_or("none");
        let Some(&(_, family)) = FAMILIES.iter().find(|(name, _)| *name == model_type) else {
            return Err(ModelError::Architecture {
                found: model_type.to_owned(),
                known: FAMILIES.map(|(name, _)| name).join(", "),
                path,
            });
        };
        let mut config: Self =
            serde_json::from_value(json).map_err(|error| ModelError::Invalid {
                path: path.clone(),
                reason: error.to_string(),
            })?;
        config.family = family;
        config.check(&path)?;
        Ok(config)
    }

    /// # Errors
    /// If the tokenizer of the folder `dir`, of `vocabulary` entries, has some that the network lacks.
    pub fn check_vocabulary(&self, dir: &Path, vocabulary: usize) -> Result<(), ModelError> {
        if vocabulary > self.vocab_size {
            return Err(ModelError::Vocabulary {
                dir: dir.to_owned(),
                vocabulary,
                config: self.vocab_size,
            });
        }
        Ok(())
    }

    /// # Errors
    /// If `id`, which the folder `dir` forces into outputs, is no token of theirs.
    pub fn check_target_token(&self, dir: &Path, id: Option<u32>) -> Result<(), ModelError> {
        match id {
            Some(id) if id as usize >= self.target_vocab_size() => Err(ModelError::Config {
                path: dir.join("generation_config.json"),
                key: "forced token",
                value: id.to_string(),
                reason: "it lies outside the vocabulary",
            }),
            _ => Ok(()),
        }
    }

    /// Rows of the decoder's embedding table and columns of the logits.
    pub fn target_vocab_size(&self) -> usize {
        self.decoder_vocab_size.unwrap_or(self.vocab_size)
    }

    fn check(&self, path: &Path) -> Result<(), ModelError> {
        let refuse = |key, value: String, reason| {
            Err(ModelError::Config {
                path: path.to_owned(),
                key,
                value,
                reason,
            })
        };
        for (key, value) in [
            ("vocab_size", self.vocab_size),
            ("decoder_vocab_size", self.target_vocab_size()),
            ("d_model", self.d_model),
            ("encoder_layers", self.encoder_layers),
            ("decoder_layers", self.decoder_layers),
            ("encoder_attention_heads", self.encoder_attention_heads),
            ("decoder_attention_heads", self.decoder_attention_heads),
            ("encoder_ffn_dim", self.encoder_ffn_dim),
            ("decoder_ffn_dim", self.decoder_ffn_dim),
            ("max_position_embeddings", self.max_position_embeddings),
        ] {
            let (largest, reason) = if key.ends_with("vocab_size") {
                (MAX_VOCABULARY, "it has to lie between 1 and 1048576")
            } else {
                (MAX_DIMENSION, "it has to lie between 1 and 65536")
            };
            if value == 0 || value > largest {
                return refuse(key, value.to_string(), reason);
            }
        }
        if self.max_position_embeddings * self.d_model > MAX_POSITION_TABLE {
            return refuse(
                "max_position_embeddings",
                self.max_position_embeddings.to_string(),
                "its table of positions would not fit into memory",
            );
        }
        if self.max_position_embeddings < 32 {
            return refuse(
                "max_position_embeddings",
                self.max_position_embeddings.to_string(),
                "too short for any sentence",
            );
        }
        for (key, heads) in [
            ("encoder_attention_heads", self.encoder_attention_heads),
            ("decoder_attention_heads", self.decoder_attention_heads),
        ] {
            if !self.d_model.is_multiple_of(heads) {
                return refuse(key, heads.to_string(), "it has to divide d_model");
            }
        }
        if self.d_model < 4 || !self.d_model.is_multiple_of(2) {
            return refuse(
                "d_model",
                self.d_model.to_string(),
                "it has to be even, at least 4",
            );
        }
        if self.share_encoder_decoder_embeddings && self.target_vocab_size() != self.vocab_size {
            return refuse(
                "decoder_vocab_size",
                self.target_vocab_size().to_string(),
                "a table that both sides share has to be as large as vocab_size",
            );
        }
        for (key, id, size) in [
            ("pad_token_id", self.pad_token_id, self.vocab_size),
            ("eos_token_id", self.eos_token_id, self.target_vocab_size()),
            (
                "decoder_start_token_id",
                self.decoder_start_token_id,
                self.target_vocab_size(),
            ),
        ] {
            if id as usize >= size {
                return refuse(key, id.to_string(), "it lies outside the vocabulary");
            }
        }
        Ok(())
    }
}

/// How the model's authors want it decoded: the keys of `generation_config.json` that bear on
/// translation. What is not said has Hugging Face's default, but for beams and the longest output,
/// where the callers have their own. Older folders keep them in `config.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct GenerationConfig {
    pub num_beams: Option<usize>,
    /// Longest output in tokens, the start token counted.
    pub max_length: Option<usize>,
    pub length_penalty: f32,
    pub early_stopping: EarlyStopping,
    pub no_repeat_ngram_size: usize,
    pub repetition_penalty: f32,
    pub bad_words_ids: Vec<Vec<u32>>,
    pub forced_bos_token_id: Option<u32>,
    pub forced_eos_token_id: Option<u32>,
    /// Shortest output in tokens, the start token counted: no end token before.
    pub min_length: usize,
    pub renormalize_logits: bool,
}

impl Default for GenerationConfig {
    fn default() -> Self {
        Self {
            num_beams: None,
            max_length: None,
            length_penalty: 1.0,
            early_stopping: EarlyStopping::Heuristic,
            no_repeat_ngram_size: 0,
            repetition_penalty: 1.0,
            bad_words_ids: Vec::new(),
            forced_bos_token_id: None,
            forced_eos_token_id: None,
            min_length: 0,
            renormalize_logits: false,
        }
    }
}

/// When beam search stops looking for better hypotheses (`early_stopping`: `false`, `true`, `"never"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum EarlyStopping {
    /// When the best running hypothesis, scored at its present length, is worse than the worst finished one.
    Heuristic,
    /// As soon as there are as many finished hypotheses as beams.
    FirstFinished,
    /// When no running hypothesis can become better any more.
    Never,
}

impl TryFrom<Value> for EarlyStopping {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::Bool(false) => Ok(Self::Heuristic),
            Value::Bool(true) => Ok(Self::FirstFinished),
            Value::String(word) if word == "never" => Ok(Self::Never),
            other => Err(format!(
                "early_stopping is {other}, not true, false or \"never\""
            )),
        }
    }
}

impl GenerationConfig {
    pub(super) fn read(dir: &Path) -> Result<Self, ModelError> {
        let own = dir.join("generation_config.json");
        let path = if own.exists() {
            own
        } else {
            dir.join("config.json")
        };
        let Value::Object(mut keys) = read_json(&path)? else {
            return Err(ModelError::Invalid {
                path,
                reason: "it is not a JSON object".to_owned(),
            });
        };
        // A null stands for the default.
        keys.retain(|_, value| !value.is_null());
        let config: Self =
            serde_json::from_value(Value::Object(keys)).map_err(|error| ModelError::Invalid {
                path: path.clone(),
                reason: error.to_string(),
            })?;
        match config.num_beams {
            Some(beams) if beams == 0 || beams > MAX_BEAMS => Err(ModelError::Config {
                path,
                key: "num_beams",
                value: beams.to_string(),
                reason: "it has to lie between 1 and 64",
            }),
            _ => Ok(config),
        }
    }
}

fn read_json(path: &PathBuf) -> Result<Value, ModelError> {
    let text = std::fs::read_to_string(path).map_err(|source| super::file_error(path, source))?;
    serde_json::from_str(&text).map_err(|error| ModelError::Invalid {
        path: path.clone(),
        reason: error.to_string(),
    })
}
