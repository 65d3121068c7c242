//! T5 (Raffel et al. 2020), whose `config.json` has keys of its own.

use serde::Deserialize;

use super::{Activation, Architecture, ModelConfig, RelativePositions, first_token, yes};

/// `config.json` of a T5 model.
#[derive(Deserialize)]
pub(super) struct T5Config {
    #[serde(rename = "model_type")]
    architecture: Architecture,
    vocab_size: usize,
    d_model: usize,
    d_kv: usize,
    d_ff: usize,
    num_layers: usize,
    num_decoder_layers: Option<usize>,
    num_heads: usize,
    relative_attention_num_buckets: usize,
    #[serde(default = "relative_attention_max_distance")]
    relative_attention_max_distance: usize,
    #[serde(default)]
    feed_forward_proj: FeedForwardKind,
    #[serde(default = "layer_norm_epsilon")]
    layer_norm_epsilon: f32,
    /// Length of the training sequences. The network itself accepts any length.
    #[serde(default = "n_positions")]
    n_positions: usize,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
    /// Defaults to `tie_word_embeddings`.
    scale_decoder_outputs: Option<bool>,
    pad_token_id: u32,
    #[serde(deserialize_with = "first_token")]
    eos_token_id: u32,
    decoder_start_token_id: Option<u32>,
}

fn relative_attention_max_distance() -> usize {
    128
}

fn layer_norm_epsilon() -> f32 {
    1e-6
}

fn n_positions() -> usize {
    512
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FeedForwardKind {
    #[default]
    Relu,
    GatedGelu,
    GatedSilu,
}

impl T5Config {
    pub(super) fn into_config(self) -> ModelConfig {
        use FeedForwardKind::{GatedGelu, GatedSilu, Relu};
        let scaled = self
            .scale_decoder_outputs
            .unwrap_or(self.tie_word_embeddings);
        ModelConfig {
            architecture: self.architecture,
            vocab_size: self.vocab_size,
            decoder_vocab_size: None,
            d_model: self.d_model,
            encoder_layers: self.num_layers,
            decoder_layers: self.num_decoder_layers.unwrap_or(self.num_layers),
            encoder_attention_heads: self.num_heads,
            decoder_attention_heads: self.num_heads,
            encoder_ffn_dim: self.d_ff,
            decoder_ffn_dim: self.d_ff,
            activation_function: match self.feed_forward_proj {
                Relu => Activation::Relu,
                GatedGelu => Activation::GeluTanh,
                GatedSilu => Activation::Silu,
            },
            gated: !matches!(self.feed_forward_proj, Relu),
            head_width: Some(self.d_kv),
            relative_positions: RelativePositions {
                buckets: self.relative_attention_num_buckets,
                max_distance: self.relative_attention_max_distance,
            },
            norm_epsilon: self.layer_norm_epsilon,
            output_scale: if scaled {
                1.0 / (self.d_model as f32).sqrt()
            } else {
                1.0
            },
            max_position_embeddings: self.n_positions,
            scale_embedding: false,
            share_encoder_decoder_embeddings: true,
            tie_word_embeddings: self.tie_word_embeddings,
            pad_token_id: self.pad_token_id,
            eos_token_id: self.eos_token_id,
            decoder_start_token_id: self.decoder_start_token_id.unwrap_or(self.pad_token_id),
        }
    }
}
