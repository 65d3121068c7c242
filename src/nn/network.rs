//! The network as loaded from a model folder, and its encoder.

use std::ops::Range;
use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor};

use super::Numeric;
use super::kernels::{Context, attend};
use super::layers::{AddNorm, FeedForward, Linear, read, read_both};
use crate::model::{ModelConfig, ModelError, ModelFolder, Weights};

/// A Marian encoder–decoder (Junczys-Dowmunt et al. 2018): post-norm layers, sinusoidal positions.
/// Weights are shared by all threads.
pub struct Network {
    pub(super) config: ModelConfig,
    encoder_embedding: Embedding,
    encoder: Vec<EncoderLayer>,
    pub(super) decoder_embedding: Embedding,
    pub(super) decoder: Vec<DecoderLayer>,
    /// Hidden state to logits; the bias is `final_logits_bias`.
    pub(super) projection: Linear,
}

/// The encoder's output for a batch of sequences.
pub struct Encoded {
    /// `[tokens, d_model]`, sequences one after the other.
    pub states: Tensor,
    /// Rows of each sequence.
    pub rows: Vec<Range<usize>>,
}

impl Encoded {
    /// Mean of each sequence's states, scaled to length 1: a sentence vector, `[d_model]` each.
    pub fn sentence_vectors(&self) -> Result<Vec<Vec<f32>>> {
        let width = self.states.dim(1)?;
        read(&self.states, |states| {
            let mean = |rows: &Range<usize>| {
                let mut sum = vec![0.0f32; width];
                for row in states[rows.start * width..rows.end * width].chunks_exact(width) {
                    for (sum, value) in sum.iter_mut().zip(row) {
                        *sum += value;
                    }
                }
                let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
                sum.iter_mut()
                    .for_each(|value| *value /= norm.max(f32::MIN_POSITIVE));
                sum
            };
            self.rows.iter().map(mean).collect()
        })
    }
}

pub(super) struct Embedding {
    /// `[vocabulary, d_model]`
    table: Tensor,
    scale: f32,
    /// `[max_position_embeddings, d_model]`
    positions: Arc<Tensor>,
}

impl Embedding {
    /// Scaled embeddings plus positions, `[tokens, d_model]`; `positions[i]` is the place of
    /// `tokens[i]` in its own sequence.
    pub fn forward(&self, tokens: &[u32], positions: &[u32]) -> Result<Tensor> {
        let tokens = Tensor::new(tokens, &Device::Cpu)?;
        let positions = Tensor::new(positions, &Device::Cpu)?;
        let embedded = (self.table.index_select(&tokens, 0)? * f64::from(self.scale))?;
        embedded + self.positions.index_select(&positions, 0)?
    }
}

/// Query, key, value and output projections of an attention block.
pub(super) struct Attention {
    pub heads: usize,
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    pub output: Linear,
    pub norm: AddNorm,
}

impl Attention {
    /// `name` is the block, `norm` the layer normalisation that follows it.
    fn load(
        weights: &Weights,
        name: &str,
        width: usize,
        heads: usize,
        numeric: Numeric,
    ) -> std::result::Result<Self, ModelError> {
        let linear =
            |part| Linear::load(weights, &format!("{name}.{part}"), (width, width), numeric);
        Ok(Self {
            heads,
            query: linear("q_proj")?,
            key: linear("k_proj")?,
            value: linear("v_proj")?,
            output: linear("out_proj")?,
            norm: AddNorm::load(weights, &format!("{name}_layer_norm"), width)?,
        })
    }

    /// Attention of every query row over `context(row)`, projected, added to `x` and normalised.
    pub fn finish<'a>(
        &self,
        x: &Tensor,
        queries: &Tensor,
        context: impl Fn(usize) -> Context<'a>,
    ) -> Result<()> {
        let (rows, width) = queries.dims2()?;
        let mut attended = vec![0.0f32; rows * width];
        read(queries, |queries| {
            let mut scores = Vec::new();
            let pairs = queries
                .chunks_exact(width)
                .zip(attended.chunks_exact_mut(width));
            for (row, (query, out)) in pairs.enumerate() {
                attend(query, &context(row), self.heads, &mut scores, out);
            }
        })?;
        let attended = Tensor::from_vec(attended, (rows, width), &Device::Cpu)?;
        self.norm.apply(x, &self.output.forward(&attended)?)
    }
}

struct EncoderLayer {
    attention: Attention,
    feed_forward: FeedForward,
    norm: AddNorm,
}

pub(super) struct DecoderLayer {
    pub self_attention: Attention,
    pub cross_attention: Attention,
    pub feed_forward: FeedForward,
    pub norm: AddNorm,
}

impl Network {
    /// # Errors
    /// If the weights do not fit the configuration.
    pub fn load(folder: &ModelFolder, numeric: Numeric) -> std::result::Result<Self, ModelError> {
        let (config, weights) = (&folder.config, &folder.weights);
        let width = config.d_model;
        let scale = if config.scale_embedding {
            (width as f32).sqrt()
        } else {
            1.0
        };
        let positions = Arc::new(
            sinusoidal_positions(config.max_position_embeddings, width)
                .expect("sizes have been checked"),
        );
        let embedding = |table: &Tensor| Embedding {
            table: table.clone(),
            scale,
            positions: positions.clone(),
        };

        let encoder_name = if config.share_encoder_decoder_embeddings {
            "model.shared.weight"
        } else {
            "model.encoder.embed_tokens.weight"
        };
        let encoder_table = table(weights, encoder_name, config.vocab_size, width)?;
        let decoder_table = if config.share_encoder_decoder_embeddings {
            encoder_table.clone()
        } else {
            let name = "model.decoder.embed_tokens.weight";
            table(weights, name, config.target_vocab_size(), width)?
        };
        let logits_table = if config.tie_word_embeddings {
            decoder_table.clone()
        } else {
            weights.tensor("lm_head.weight", &[config.target_vocab_size(), width])?
        };
        let logits_bias = weights
            .tensor("final_logits_bias", &[1, config.target_vocab_size()])?
            .flatten_all()
            .and_then(|bias| bias.to_vec1())
            .expect("read as F32");

        let feed_forward = |prefix: &str, inner| {
            let activation = config.activation_function;
            FeedForward::load(weights, prefix, width, inner, activation, numeric)
        };
        let encoder = (0..config.encoder_layers).map(|layer| {
            let prefix = format!("model.encoder.layers.{layer}");
            let heads = config.encoder_attention_heads;
            Ok(EncoderLayer {
                attention: Attention::load(
                    weights,
                    &format!("{prefix}.self_attn"),
                    width,
                    heads,
                    numeric,
                )?,
                feed_forward: feed_forward(&prefix, config.encoder_ffn_dim)?,
                norm: AddNorm::load(weights, &format!("{prefix}.final_layer_norm"), width)?,
            })
        });
        let decoder = (0..config.decoder_layers).map(|layer| {
            let prefix = format!("model.decoder.layers.{layer}");
            let heads = config.decoder_attention_heads;
            let attention =
                |name| Attention::load(weights, &format!("{prefix}.{name}"), width, heads, numeric);
            Ok(DecoderLayer {
                self_attention: attention("self_attn")?,
                cross_attention: attention("encoder_attn")?,
                feed_forward: feed_forward(&prefix, config.decoder_ffn_dim)?,
                norm: AddNorm::load(weights, &format!("{prefix}.final_layer_norm"), width)?,
            })
        });
        Ok(Self {
            encoder: encoder.collect::<std::result::Result<_, ModelError>>()?,
            decoder: decoder.collect::<std::result::Result<_, ModelError>>()?,
            encoder_embedding: embedding(&encoder_table),
            decoder_embedding: embedding(&decoder_table),
            projection: Linear::new(logits_table, logits_bias, numeric)
                .expect("shapes have been checked"),
            config: config.clone(),
        })
    }

    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Runs the encoder over sequences of token ids, each not empty and at most
    /// `max_position_embeddings` long.
    pub fn encode(&self, sequences: &[&[u32]]) -> Result<Encoded> {
        let mut rows = Vec::with_capacity(sequences.len());
        let (mut tokens, mut positions, mut sequence_of) = (Vec::new(), Vec::new(), Vec::new());
        for (index, sequence) in sequences.iter().enumerate() {
            rows.push(tokens.len()..tokens.len() + sequence.len());
            tokens.extend_from_slice(sequence);
            positions.extend(0..sequence.len() as u32);
            sequence_of.extend(std::iter::repeat_n(index, sequence.len()));
        }
        let x = self.encoder_embedding.forward(&tokens, &positions)?;
        for layer in &self.encoder {
            let attention = &layer.attention;
            let queries = attention.query.forward(&x)?;
            let keys = attention.key.forward(&x)?;
            let values = attention.value.forward(&x)?;
            read_both((&keys, &values), |keys, values| {
                attention.finish(&x, &queries, |row| Context::Rows {
                    keys,
                    values,
                    range: rows[sequence_of[row]].clone(),
                })
            })?;
            layer.norm.apply(&x, &layer.feed_forward.forward(&x)?)?;
        }
        Ok(Encoded { states: x, rows })
    }
}

/// An embedding table under its own name or, in folders that store tied tables once, another's.
fn table(
    weights: &Weights,
    name: &str,
    rows: usize,
    width: usize,
) -> std::result::Result<Tensor, ModelError> {
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
    weights.tensor(stored, &[rows, width])
}

/// Sines in the first half of the columns, cosines in the second, `[length, width]`.
fn sinusoidal_positions(length: usize, width: usize) -> Result<Tensor> {
    let half = width.div_ceil(2);
    let value = |position: usize, column: usize| {
        let index = if column < half { column } else { column - half };
        let angle = position as f64 / 10000f64.powf(2.0 * index as f64 / width as f64);
        (if column < half {
            angle.sin()
        } else {
            angle.cos()
        }) as f32
    };
    let table: Vec<f32> = (0..length)
        .flat_map(|position| (0..width).map(move |column| value(position, column)))
        .collect();
    Tensor::from_vec(table, (length, width), &Device::Cpu)?.to_dtype(DType::F32)
}
