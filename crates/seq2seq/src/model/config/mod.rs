//! `config.json` and `generation_config.json` of a model folder in the Hugging Face format.

mod t5;

use std::path::{Path, PathBuf};

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::architecture::UnknownArchitecture;
use super::{Architecture, Family, ModelError, Positions, TensorNames};
use t5::T5Config;

/// Larger than any real vocabulary. A larger value means a damaged or hostile file and is refused
/// before memory is allocated for it.
const MAX_VOCABULARY: usize = 1 << 20;

/// Larger than any real width, depth or length, and small enough for 32-bit sums of products of bytes.
const MAX_DIMENSION: usize = 1 << 16;

/// The most beams that a folder may ask for.
const MAX_BEAMS: usize = 64;

/// The most values in the table of positions: 256 MB.
const MAX_POSITION_TABLE: usize = 1 << 26;

/// Architecture and sizes of an encoder–decoder network: the keys of `config.json` that the network
/// needs, under the names that BART's configuration gives them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ModelConfig {
    /// `model_type`.
    #[serde(rename = "model_type")]
    pub architecture: Architecture,
    /// Rows of the encoder's embedding table, and of the decoder's unless `decoder_vocab_size` is set.
    pub vocab_size: usize,
    /// Rows of the decoder's embedding table, if they differ.
    #[serde(default)]
    pub decoder_vocab_size: Option<usize>,
    /// Width of the hidden states.
    pub d_model: usize,
    /// Number of encoder layers.
    pub encoder_layers: usize,
    /// Number of decoder layers.
    pub decoder_layers: usize,
    /// Attention heads of an encoder layer.
    pub encoder_attention_heads: usize,
    /// Attention heads of a decoder layer.
    pub decoder_attention_heads: usize,
    /// Inner width of the encoder's feed-forward blocks.
    pub encoder_ffn_dim: usize,
    /// Inner width of the decoder's feed-forward blocks.
    pub decoder_ffn_dim: usize,
    /// Activation of the feed-forward blocks.
    pub activation_function: Activation,
    /// Whether feed-forward blocks are gated: the activated values are multiplied by the output of a
    /// third linear map (Shazeer 2020).
    #[serde(skip)]
    pub gated: bool,
    /// Width of an attention head, if it is not `d_model` divided by the number of heads.
    #[serde(skip)]
    pub head_width: Option<usize>,
    /// Buckets of the relative positions; zeros for networks without them.
    #[serde(skip)]
    pub relative_positions: RelativePositions,
    /// The ε that normalisations add to the variance.
    #[serde(skip, default = "norm_epsilon")]
    pub norm_epsilon: f32,
    /// Factor of the decoder's final hidden states.
    #[serde(skip, default = "one")]
    pub output_scale: f32,
    /// The longest sequence that the network accepts, in tokens.
    pub max_position_embeddings: usize,
    /// Whether embeddings are multiplied by the square root of `d_model`.
    #[serde(default)]
    pub scale_embedding: bool,
    /// Whether encoder and decoder have the same embedding table.
    #[serde(default = "yes")]
    pub share_encoder_decoder_embeddings: bool,
    /// Whether the output projection is the decoder's embedding table. See also
    /// [`ModelFolder::ties_output`](super::ModelFolder::ties_output).
    #[serde(default = "yes")]
    pub tie_word_embeddings: bool,
    /// The padding token.
    pub pad_token_id: u32,
    /// The token that ends a sequence; of several the first.
    #[serde(deserialize_with = "first_token")]
    pub eos_token_id: u32,
    /// The token that begins every output.
    pub decoder_start_token_id: u32,
}

fn yes() -> bool {
    true
}

fn norm_epsilon() -> f32 {
    1e-5
}

fn one() -> f32 {
    1.0
}

/// The activation function of feed-forward blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// x·σ(x), also called swish.
    #[serde(alias = "swish")]
    Silu,
    /// max(x, 0)
    Relu,
    /// x·Φ(x), where Φ is the distribution function of the normal distribution.
    Gelu,
    /// GELU with Φ approximated by a hyperbolic tangent (Hendrycks and Gimpel 2016).
    #[serde(rename = "gelu_new", alias = "gelu_pytorch_tanh")]
    GeluTanh,
}

/// Buckets of relative positions (Raffel et al. 2020). Attention adds to its scores a learned bias for
/// each head and bucket. Half of the buckets hold a single distance each, the other half
/// logarithmically growing ranges of distances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelativePositions {
    /// Number of buckets.
    pub buckets: usize,
    /// Distance in tokens from which on all distances are in the last bucket.
    pub max_distance: usize,
}

impl ModelConfig {
    pub(super) fn read(dir: &Path) -> Result<Self, ModelError> {
        let path = dir.join("config.json");
        let json = read_json(&path)?;
        let model_type = json
            .get("model_type")
            .and_then(Value::as_str)
            .unwrap_or("none");
        let architecture = match model_type.parse::<Architecture>() {
            Ok(architecture) => architecture,
            Err(UnknownArchitecture { found }) => {
                let known = Architecture::all().map(Architecture::as_str);
                return Err(ModelError::Architecture {
                    found,
                    known: known.collect::<Vec<_>>().join(", "),
                    path,
                });
            }
        };
        let config = match architecture.family().names {
            TensorNames::Bart => serde_json::from_value(json),
            TensorNames::T5 => serde_json::from_value(json).map(T5Config::into_config),
        };
        let config: Self = config.map_err(|error| ModelError::Invalid {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        config.check(&path)?;
        Ok(config)
    }

    /// What the architecture implies.
    pub fn family(&self) -> &'static Family {
        self.architecture.family()
    }

    /// Checks that the network has an embedding for each of the tokenizer's `vocabulary` tokens.
    /// `dir` is the folder that the error names.
    ///
    /// # Errors
    /// [`ModelError::Vocabulary`] if the tokenizer has more tokens than the network.
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

    /// Checks that `ids`, tokens that outputs begin or end with, are in the target vocabulary. `dir`
    /// is the folder that the error names.
    ///
    /// # Errors
    /// [`ModelError::Config`] if one is not.
    pub fn check_target_tokens(
        &self,
        dir: &Path,
        mut ids: impl Iterator<Item = u32>,
    ) -> Result<(), ModelError> {
        match ids.find(|&id| id as usize >= self.target_vocab_size()) {
            Some(id) => Err(ModelError::Config {
                path: dir.join("generation_config.json"),
                key: "token",
                value: id.to_string(),
                reason: "it is not in the vocabulary",
            }),
            None => Ok(()),
        }
    }

    /// Rows of the decoder's embedding table and columns of the logits.
    pub fn target_vocab_size(&self) -> usize {
        self.decoder_vocab_size.unwrap_or(self.vocab_size)
    }

    /// Total width of `heads` attention heads: that of the queries, the keys and the values.
    pub fn attention_width(&self, heads: usize) -> usize {
        self.head_width.map_or(self.d_model, |width| width * heads)
    }

    fn check(&self, path: &Path) -> Result<(), ModelError> {
        let checks = [
            Self::check_sizes,
            Self::check_position_table,
            Self::check_heads,
            Self::check_relative_positions,
            Self::check_embeddings,
            Self::check_tokens,
        ];
        checks
            .iter()
            .try_for_each(|check| check(self))
            .map_err(|Refused { key, value, reason }| ModelError::Config {
                path: path.to_owned(),
                key,
                value,
                reason,
            })
    }

    fn check_sizes(&self) -> Result<(), Refused> {
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
            ("d_kv", self.head_width.unwrap_or(1)),
        ] {
            let (largest, reason) = if key.ends_with("vocab_size") {
                (MAX_VOCABULARY, "it has to be between 1 and 1048576")
            } else {
                (MAX_DIMENSION, "it has to be between 1 and 65536")
            };
            if value == 0 || value > largest {
                return refuse(key, value, reason);
            }
        }
        Ok(())
    }

    fn check_position_table(&self) -> Result<(), Refused> {
        let (key, positions) = ("max_position_embeddings", self.max_position_embeddings);
        let heads = self
            .encoder_attention_heads
            .max(self.decoder_attention_heads);
        if positions * self.d_model.max(heads) > MAX_POSITION_TABLE {
            let reason = "the table of positions would be too large";
            return refuse(key, positions, reason);
        }
        if positions < 32 {
            return refuse(key, positions, "it is too small, the minimum is 32");
        }
        Ok(())
    }

    fn check_heads(&self) -> Result<(), Refused> {
        for (key, heads) in [
            ("encoder_attention_heads", self.encoder_attention_heads),
            ("decoder_attention_heads", self.decoder_attention_heads),
        ] {
            if self.head_width.is_none() && !self.d_model.is_multiple_of(heads) {
                return refuse(key, heads, "it has to divide d_model");
            }
            if self.attention_width(heads) > MAX_DIMENSION {
                return refuse(key, heads, "the heads are too wide in total");
            }
        }
        Ok(())
    }

    fn check_relative_positions(&self) -> Result<(), Refused> {
        let RelativePositions {
            buckets,
            max_distance,
        } = self.relative_positions;
        if self.family().positions != Positions::Relative {
            return Ok(());
        }
        if !buckets.is_multiple_of(4) || buckets == 0 || buckets > max_distance {
            return refuse(
                "relative_attention_num_buckets",
                buckets,
                "it has to be a multiple of 4 and at most relative_attention_max_distance",
            );
        }
        if max_distance > MAX_DIMENSION {
            return refuse(
                "relative_attention_max_distance",
                max_distance,
                "it has to be between 1 and 65536",
            );
        }
        Ok(())
    }

    fn check_embeddings(&self) -> Result<(), Refused> {
        if self.d_model < 4 || !self.d_model.is_multiple_of(2) {
            return refuse("d_model", self.d_model, "it has to be even and at least 4");
        }
        if self.share_encoder_decoder_embeddings && self.target_vocab_size() != self.vocab_size {
            return refuse(
                "decoder_vocab_size",
                self.target_vocab_size(),
                "a shared embedding table has to have vocab_size rows",
            );
        }
        Ok(())
    }

    fn check_tokens(&self) -> Result<(), Refused> {
        let target = self.target_vocab_size();
        for (key, id, size) in [
            ("pad_token_id", self.pad_token_id, self.vocab_size),
            ("eos_token_id", self.eos_token_id, target),
            (
                "decoder_start_token_id",
                self.decoder_start_token_id,
                target,
            ),
        ] {
            if id as usize >= size {
                return refuse(key, id as usize, "it is not in the vocabulary");
            }
        }
        Ok(())
    }
}

/// A value in `config.json` that cannot be used.
struct Refused {
    key: &'static str,
    value: String,
    reason: &'static str,
}

fn refuse(key: &'static str, value: usize, reason: &'static str) -> Result<(), Refused> {
    Err(Refused {
        key,
        value: value.to_string(),
        reason,
    })
}

/// The decoding settings that the model's authors chose: the supported keys of
/// `generation_config.json` or, in older folders, `config.json`. Keys that are missing have Hugging
/// Face's default, except for `num_beams` and `max_length`, whose defaults are left to the caller.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct GenerationConfig {
    /// Beams of the search; 1 is greedy search.
    pub num_beams: Option<usize>,
    /// Longest output in tokens, start and end tokens included. `max_new_tokens`, which does not count
    /// the start token, goes before `max_length`.
    pub max_length: Option<usize>,
    /// Exponent of the length by which a hypothesis's log-probability is divided.
    pub length_penalty: f32,
    /// When beam search stops.
    pub early_stopping: EarlyStopping,
    /// Length of the n-grams that may not occur twice in an output; 0 allows all.
    pub no_repeat_ngram_size: usize,
    /// Penalty of tokens that the output already has (Keskar et al. 2019); 1 is none.
    pub repetition_penalty: f32,
    /// Token sequences that may not occur in an output.
    pub bad_words_ids: Vec<Vec<u32>>,
    /// The token that has to follow the start token.
    pub forced_bos_token_id: Option<u32>,
    /// The token that has to end an output of the greatest length.
    pub forced_eos_token_id: Option<u32>,
    /// Shortest output in tokens, the start token included; the end token is not allowed before.
    /// `min_new_tokens`, which does not count the start token, goes before `min_length`.
    pub min_length: usize,
    /// Length of the n-grams of the source that may not occur in an output; 0 allows all.
    pub encoder_no_repeat_ngram_size: usize,
    /// Tokens that may not occur in an output.
    pub suppress_tokens: Vec<u32>,
    /// Tokens with which an output may not begin, after a forced token.
    pub begin_suppress_tokens: Vec<u32>,
    /// The tokens that end an output. Empty: that of `config.json`.
    #[serde(deserialize_with = "tokens")]
    pub eos_token_id: Vec<u32>,
    /// The padding token, if it is another than that of `config.json`.
    pub pad_token_id: Option<u32>,
    /// The token that begins every output, if it is another than that of `config.json`.
    pub decoder_start_token_id: Option<u32>,
    /// Whether scores are normalised again after the constraints have changed them.
    pub renormalize_logits: bool,
    /// Keys of settings that the folder asks for and that are not supported.
    #[serde(skip)]
    pub ignored: Vec<&'static str>,
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
            encoder_no_repeat_ngram_size: 0,
            suppress_tokens: Vec::new(),
            begin_suppress_tokens: Vec::new(),
            eos_token_id: Vec::new(),
            pad_token_id: None,
            decoder_start_token_id: None,
            renormalize_logits: false,
            ignored: Vec::new(),
        }
    }
}

/// When beam search stops looking for better hypotheses (`early_stopping`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum EarlyStopping {
    /// `false`: when the best running hypothesis, scored at its current length, is worse than the
    /// worst finished one.
    Heuristic,
    /// `true`: as soon as there are as many finished hypotheses as beams.
    FirstFinished,
    /// `"never"`: when no running hypothesis can become better than the worst finished one.
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
        let keys = read_object(&path)?;
        Self::from_keys(keys, path)
    }

    /// Like [`Self::read`], but the `task_specific_params` of `config.json` for `task` take precedence.
    /// Also returns the prefix that these put before every input.
    pub(super) fn read_for(dir: &Path, task: &str) -> Result<(Self, String), ModelError> {
        let path = dir.join("config.json");
        let mut keys = read_object(&path)?;
        let own = dir.join("generation_config.json");
        let special = keys
            .remove("task_specific_params")
            .and_then(|mut tasks| tasks.get_mut(task).map(Value::take));
        if own.exists() {
            keys = read_object(&own)?;
        }
        let mut prefix = String::new();
        if let Some(Value::Object(mut special)) = special {
            if let Some(Value::String(text)) = special.remove("prefix") {
                prefix = text;
            }
            keys.extend(special);
        }
        Ok((Self::from_keys(keys, path)?, prefix))
    }

    /// `path` is the file that errors name.
    fn from_keys(mut keys: Map<String, Value>, path: PathBuf) -> Result<Self, ModelError> {
        // `null` means the default.
        keys.retain(|_, value| !value.is_null());
        for (new, all) in [
            ("max_new_tokens", "max_length"),
            ("min_new_tokens", "min_length"),
        ] {
            if let Some(count) = keys.remove(new).and_then(|count| count.as_u64()) {
                keys.insert(all.to_owned(), count.saturating_add(1).into());
            }
        }
        let ignored = UNSUPPORTED.iter().filter(|(key, neutral)| {
            let asked = keys
                .get(*key)
                .filter(|value| **value != Value::Array(Vec::new()));
            asked.is_some_and(|value| match neutral {
                Some(neutral) => value.as_f64() != Some(*neutral),
                None => *value != Value::Bool(false),
            })
        });
        let ignored = ignored.map(|(key, _)| *key).collect();
        let read: Self =
            serde_json::from_value(Value::Object(keys)).map_err(|error| ModelError::Invalid {
                path: path.clone(),
                reason: error.to_string(),
            })?;
        let config = Self { ignored, ..read };
        match config.num_beams {
            Some(beams) if beams == 0 || beams > MAX_BEAMS => Err(ModelError::Config {
                path,
                key: "num_beams",
                value: beams.to_string(),
                reason: "it has to be between 1 and 64",
            }),
            _ => Ok(config),
        }
    }
}

/// Settings that change outputs and are not supported, each with the number that changes nothing. `None`:
/// any value but `false` changes something.
const UNSUPPORTED: [(&str, Option<f64>); 11] = [
    ("constraints", None),
    ("diversity_penalty", Some(0.0)),
    ("do_sample", None),
    ("encoder_repetition_penalty", Some(1.0)),
    ("exponential_decay_length_penalty", None),
    ("force_words_ids", None),
    ("forced_decoder_ids", None),
    ("guidance_scale", Some(1.0)),
    ("num_beam_groups", Some(1.0)),
    ("penalty_alpha", Some(0.0)),
    ("sequence_bias", None),
];

/// A token, or several.
fn tokens<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Tokens {
        One(u32),
        Several(Vec<u32>),
    }
    Ok(match Tokens::deserialize(deserializer)? {
        Tokens::One(token) => vec![token],
        Tokens::Several(tokens) => tokens,
    })
}

fn first_token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let tokens = tokens(deserializer)?;
    tokens
        .first()
        .copied()
        .ok_or_else(|| D::Error::custom("there is no token"))
}

fn read_object(path: &PathBuf) -> Result<Map<String, Value>, ModelError> {
    match read_json(path)? {
        Value::Object(keys) => Ok(keys),
        _ => Err(ModelError::Invalid {
            path: path.clone(),
            reason: "it is not a JSON object".to_owned(),
        }),
    }
}

fn read_json(path: &PathBuf) -> Result<Value, ModelError> {
    let text = std::fs::read_to_string(path).map_err(|source| super::file_error(path, source))?;
    serde_json::from_str(&text).map_err(|error| ModelError::Invalid {
        path: path.clone(),
        reason: error.to_string(),
    })
}
