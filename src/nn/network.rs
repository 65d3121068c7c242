//! The network as loaded from a model folder, and its encoder.

use std::ops::Range;
use std::sync::Arc;

use super::attention::Context;
use super::layers::{Attention, FeedForward, LayerNorm, Loader, Workspace};
use super::product::Linear;
use super::{Cpu, Numeric};
use crate::model::{Matrix, ModelConfig, ModelError, ModelFolder, Positions, Weights};

/// An encoder–decoder of the BART family (Lewis et al. 2020): what its members differ in is said by
/// [`crate::model::Family`]. Weights are shared by all threads.
pub struct Network {
    pub(super) config: ModelConfig,
    pub(super) cpu: Cpu,
    encoder_embedding: Embedding,
    encoder: Vec<EncoderLayer>,
    encoder_norm: Option<LayerNorm>,
    pub(super) decoder_embedding: Embedding,
    pub(super) decoder: Vec<DecoderLayer>,
    pub(super) decoder_norm: Option<LayerNorm>,
    /// Hidden state to logits; the bias is `final_logits_bias`.
    pub(super) projection: Arc<Linear>,
}

/// A sequence that has been through the encoder.
pub struct Source {
    batch: Arc<Batch>,
    /// Its rows in the matrices of the batch.
    pub(super) rows: Range<usize>,
    /// Mean of the encoder's states, scaled to length 1: a sentence vector, `[d_model]`.
    pub vector: Vec<f32>,
}

/// What the decoder reads of sequences that were encoded together.
struct Batch {
    /// For each decoder layer `[tokens, 2·d_model]`: keys, then values.
    key_values: Vec<Vec<f32>>,
}

impl Source {
    pub(super) fn key_values(&self, layer: usize) -> &[f32] {
        &self.batch.key_values[layer]
    }
}

/// Scaled token embeddings plus positions.
pub(super) struct Embedding {
    /// Its rows are the embeddings.
    table: Arc<Linear>,
    scale: f32,
    positions: Arc<PositionTable>,
    norm: Option<LayerNorm>,
}

struct PositionTable {
    /// `[offset + max_position_embeddings, d_model]`
    values: Vec<f32>,
    /// Row of the first position.
    offset: usize,
}

impl Embedding {
    /// Embeddings of `(token, position)`s, `[tokens, width]`.
    pub fn forward(
        &self,
        cpu: Cpu,
        width: usize,
        tokens: impl ExactSizeIterator<Item = (u32, usize)>,
        out: &mut Vec<f32>,
    ) {
        out.resize(tokens.len() * width, 0.0);
        for ((token, position), row) in tokens.zip(out.chunks_exact_mut(width)) {
            self.table.copy_row(token as usize, row);
            let start = (self.positions.offset + position) * width;
            let positions = &self.positions.values[start..start + width];
            for (value, position) in row.iter_mut().zip(positions) {
                *value = *value * self.scale + position;
            }
        }
        if let Some(norm) = &self.norm {
            norm.apply(cpu, out);
        }
    }
}

struct EncoderLayer {
    attention: Attention,
    feed_forward: FeedForward,
}

pub(super) struct DecoderLayer {
    pub self_attention: Attention,
    pub cross_attention: Attention,
    /// Encoder states to the keys and values of `cross_attention`.
    cross_key_value: Linear,
    pub feed_forward: FeedForward,
}

impl Network {
    /// The network on the fastest kernels of this processor.
    ///
    /// # Errors
    /// If the weights do not fit the configuration.
    pub fn load(folder: &ModelFolder, numeric: Numeric) -> Result<Self, ModelError> {
        Self::load_for(folder, numeric, Cpu::best())
    }

    /// The network on the kernels `cpu`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_for(folder: &ModelFolder, numeric: Numeric, cpu: Cpu) -> Result<Self, ModelError> {
        let (config, weights) = (&folder.config, &folder.weights);
        let family = config.family;
        let loader = Loader {
            weights,
            numeric,
            placement: family.norm,
            width: config.d_model,
        };
        let tables = Tables::load(config, weights, numeric)?;
        let encoder = (0..config.encoder_layers).map(|layer| {
            let name = format!("model.encoder.layers.{layer}");
            let heads = config.encoder_attention_heads;
            Ok(EncoderLayer {
                attention: loader.attention(
                    &format!("{name}.self_attn"),
                    &QUERY_KEY_VALUE,
                    heads,
                )?,
                feed_forward: loader.feed_forward(
                    &name,
                    config.encoder_ffn_dim,
                    config.activation_function,
                )?,
            })
        });
        let decoder = (0..config.decoder_layers).map(|layer| {
            let name = format!("model.decoder.layers.{layer}");
            let heads = config.decoder_attention_heads;
            let cross = format!("{name}.encoder_attn");
            Ok(DecoderLayer {
                self_attention: loader.attention(
                    &format!("{name}.self_attn"),
                    &QUERY_KEY_VALUE,
                    heads,
                )?,
                cross_attention: loader.attention(&cross, &QUERY_KEY_VALUE[..1], heads)?,
                cross_key_value: loader.key_value(&cross)?,
                feed_forward: loader.feed_forward(
                    &name,
                    config.decoder_ffn_dim,
                    config.activation_function,
                )?,
            })
        });
        let norm = |wanted: bool, name: &str| wanted.then(|| loader.norm(name)).transpose();
        let embedding = |side: &str, table: &Arc<Linear>| {
            Ok(Embedding {
                table: table.clone(),
                scale: if config.scale_embedding {
                    (config.d_model as f32).sqrt()
                } else {
                    1.0
                },
                positions: tables.positions(config, weights, side)?,
                norm: norm(
                    family.embedding_norm,
                    &format!("model.{side}.layernorm_embedding"),
                )?,
            })
        };
        Ok(Self {
            encoder: encoder.collect::<Result<_, ModelError>>()?,
            decoder: decoder.collect::<Result<_, ModelError>>()?,
            encoder_norm: norm(family.final_norm, "model.encoder.layer_norm")?,
            decoder_norm: norm(family.final_norm, "model.decoder.layer_norm")?,
            encoder_embedding: embedding("encoder", &tables.encoder)?,
            decoder_embedding: embedding("decoder", &tables.decoder)?,
            projection: tables.logits,
            config: config.clone(),
            cpu,
        })
    }

    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The kernels that it runs on.
    pub fn cpu(&self) -> Cpu {
        self.cpu
    }

    /// Runs the encoder over sequences of token ids, each not empty and at most
    /// `max_position_embeddings` long, and prepares them for the decoder.
    pub fn encode(&self, sequences: &[&[u32]]) -> Vec<Source> {
        let (cpu, width) = (self.cpu, self.config.d_model);
        let mut ranges = Vec::with_capacity(sequences.len());
        let (mut tokens, mut sequence_of) = (Vec::new(), Vec::new());
        for (index, sequence) in sequences.iter().enumerate() {
            ranges.push(tokens.len()..tokens.len() + sequence.len());
            tokens.extend(sequence.iter().copied().zip(0..));
            sequence_of.extend(std::iter::repeat_n(index, sequence.len()));
        }
        let mut workspace = Workspace::default();
        let mut x = Vec::new();
        self.encoder_embedding
            .forward(cpu, width, tokens.into_iter(), &mut x);
        for layer in &self.encoder {
            let attention = &layer.attention;
            attention.run(cpu, &mut x, &mut workspace, |projected, heads| {
                heads.attend(|row| Context {
                    matrix: projected,
                    stride: 3 * width,
                    offset: width,
                    rows: (&ranges[sequence_of[row]]).into(),
                });
            });
            layer.feed_forward.run(cpu, &mut x, &mut workspace);
        }
        if let Some(norm) = &self.encoder_norm {
            norm.apply(cpu, &mut x);
        }
        let key_values = self.decoder.iter().map(|layer| {
            let mut out = Vec::new();
            let scratch = &mut workspace.scratch;
            layer.cross_key_value.forward(cpu, &x, scratch, &mut out);
            out
        });
        let batch = Arc::new(Batch {
            key_values: key_values.collect(),
        });
        ranges
            .into_iter()
            .map(|rows| Source {
                vector: mean_direction(&x[rows.start * width..rows.end * width], width),
                batch: batch.clone(),
                rows,
            })
            .collect()
    }
}

const QUERY_KEY_VALUE: [&str; 3] = ["q_proj", "k_proj", "v_proj"];

/// Mean of rows, scaled to length 1.
fn mean_direction(states: &[f32], width: usize) -> Vec<f32> {
    let mut sum = vec![0.0f32; width];
    for row in states.chunks_exact(width) {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    sum.iter_mut()
        .for_each(|value| *value /= norm.max(f32::MIN_POSITIVE));
    sum
}

/// The tables over the vocabulary, each in memory once however many uses share it.
struct Tables {
    encoder: Arc<Linear>,
    decoder: Arc<Linear>,
    logits: Arc<Linear>,
    sinusoids: Option<Arc<PositionTable>>,
}

impl Tables {
    fn load(config: &ModelConfig, weights: &Weights, numeric: Numeric) -> Result<Self, ModelError> {
        let width = config.d_model;
        let target = config.target_vocab_size();
        let bias = if config.family.logits_bias {
            weights.values("final_logits_bias", &[1, target])?
        } else {
            vec![0.0; target]
        };
        let linear = |matrix: Matrix, bias: &[f32]| {
            Arc::new(Linear::new(vec![matrix], bias, width, numeric))
        };
        let shared = config.share_encoder_decoder_embeddings;
        let decoder_name = if shared {
            "model.shared.weight"
        } else {
            "model.decoder.embed_tokens.weight"
        };
        let decoder_table = table(weights, decoder_name, target, width)?;
        let (decoder, logits) = if config.tie_word_embeddings {
            let both = linear(decoder_table, &bias);
            (both.clone(), both)
        } else {
            let logits = weights.matrix("lm_head.weight", target, width)?;
            (
                linear(decoder_table, &vec![0.0; target]),
                linear(logits, &bias),
            )
        };
        let encoder = if shared {
            decoder.clone()
        } else {
            let name = "model.encoder.embed_tokens.weight";
            let matrix = table(weights, name, config.vocab_size, width)?;
            linear(matrix, &vec![0.0; config.vocab_size])
        };
        let sinusoids = config
            .family
            .positions
            .sinusoids(config.max_position_embeddings, width);
        Ok(Self {
            encoder,
            decoder,
            logits,
            sinusoids: sinusoids.map(Arc::new),
        })
    }

    /// The positions of the encoder or the decoder.
    fn positions(
        &self,
        config: &ModelConfig,
        weights: &Weights,
        side: &str,
    ) -> Result<Arc<PositionTable>, ModelError> {
        if let Some(sinusoids) = &self.sinusoids {
            return Ok(sinusoids.clone());
        }
        let offset = config.family.positions.offset();
        let rows = offset + config.max_position_embeddings;
        let name = format!("model.{side}.embed_positions.weight");
        Ok(Arc::new(PositionTable {
            values: weights.values(&name, &[rows, config.d_model])?,
            offset,
        }))
    }
}

/// An embedding table under its own name or, in folders that store tied tables once, another's.
fn table(weights: &Weights, name: &str, rows: usize, width: usize) -> Result<Matrix, ModelError> {
    let shared = [
        "model.shared.weight",
        "model.encoder.embed_tokens.weight",
        "model.decoder.embed_tokens.weight",
        "lm_head.weight",
    ];
    let stored = if weights.contains(name) || name != shared[0] {
        name
    } else {
        shared
            .into_iter()
            .find(|name| weights.contains(name))
            .unwrap_or(name)
    };
    weights.matrix(stored, rows, width)
}

impl Positions {
    /// Rows of the table before the first position's.
    const fn offset(self) -> usize {
        match self {
            Self::Sinusoidal => 0,
            Self::SinusoidalFairseq | Self::Learned => 2,
        }
    }

    /// The table of positions where it is computed and not learned: sines in the first half of the
    /// columns, cosines in the second.
    fn sinusoids(self, length: usize, width: usize) -> Option<PositionTable> {
        let half = width / 2;
        let angle = |position: usize, index: usize| match self {
            Self::Sinusoidal => {
                Some(position as f64 / 10000f64.powf(2.0 * index as f64 / width as f64))
            }
            // Rounded to f32 at every step, as the reference has it.
            Self::SinusoidalFairseq => {
                let step = (10000f64.ln() / (half as f64 - 1.0)) as f32;
                Some((position as f32 * (index as f32 * -step).exp()).into())
            }
            Self::Learned => None,
        };
        let rows = length + self.offset();
        let mut values = vec![0.0; rows * width];
        for (position, row) in values.chunks_exact_mut(width).enumerate() {
            for index in 0..half {
                let angle: f64 = angle(position, index)?;
                row[index] = angle.sin() as f32;
                row[half + index] = angle.cos() as f32;
            }
        }
        Some(PositionTable {
            values,
            offset: self.offset(),
        })
    }
}
