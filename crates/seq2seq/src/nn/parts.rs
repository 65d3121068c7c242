//! The parts of a network and their names in a checkpoint, independent of how they are computed.

use std::sync::Arc;

use super::relative::{Direction, RelativeBias};
use crate::model::{
    Activation, Matrix, ModelConfig, ModelError, ModelFolder, NormPlacement, Positions,
    TensorNames, Weights,
};

/// Converts the values of a checkpoint into the parts that a backend computes with.
pub(super) trait Build {
    /// A linear map, `x·Wᵀ + b`.
    type Linear;
    /// A layer normalisation (Ba et al. 2016), or RMSNorm (Zhang and Sennrich 2019).
    type Norm;
    /// A table of positions.
    type Positions;

    /// `parts` are matrices whose outputs are concatenated, `[bias.len(), inputs]` in total.
    fn linear(
        &self,
        parts: Vec<Matrix>,
        bias: &[f32],
        inputs: usize,
    ) -> Result<Self::Linear, ModelError>;

    /// `weight` and `bias`: `[d_model]`. Without a bias it is an RMSNorm.
    fn norm(
        &self,
        weight: Vec<f32>,
        bias: Option<Vec<f32>>,
        epsilon: f32,
    ) -> Result<Self::Norm, ModelError>;

    /// `values`: `[positions, width]`.
    fn positions(&self, values: Vec<f32>, width: usize) -> Result<Self::Positions, ModelError>;
}

/// The parts of an encoder–decoder transformer.
pub(super) struct Parts<B: Build> {
    pub encoder_embedding: Embedding<B>,
    pub encoder: Vec<EncoderLayer<B>>,
    /// Added to the scores of self-attention in all layers.
    pub encoder_bias: Option<RelativeBias>,
    pub encoder_norm: Option<B::Norm>,
    pub decoder_embedding: Embedding<B>,
    pub decoder: Vec<DecoderLayer<B>>,
    /// Added to the scores of self-attention in all layers.
    pub decoder_bias: Option<RelativeBias>,
    pub decoder_norm: Option<B::Norm>,
    /// Hidden states to logits; the bias is `final_logits_bias`.
    pub projection: Arc<B::Linear>,
}

/// Scaled token embeddings plus positions.
pub(super) struct Embedding<B: Build> {
    /// The rows of its weights are the embeddings.
    pub table: Arc<B::Linear>,
    pub scale: f32,
    pub positions: Option<Arc<B::Positions>>,
    /// Row of the first position in `positions`.
    pub offset: usize,
    pub norm: Option<B::Norm>,
}

pub(super) struct EncoderLayer<B: Build> {
    pub attention: Attention<B>,
    pub feed_forward: FeedForward<B>,
}

pub(super) struct DecoderLayer<B: Build> {
    pub self_attention: Attention<B>,
    pub cross_attention: Attention<B>,
    /// Encoder outputs to the keys and values of `cross_attention`.
    pub cross_key_value: B::Linear,
    pub feed_forward: FeedForward<B>,
}

/// An attention block.
pub(super) struct Attention<B: Build> {
    pub heads: usize,
    /// Width of the queries of all heads together; that of keys and values is the same.
    pub width: usize,
    /// Factor of the products of queries and keys.
    pub scale: f32,
    /// To queries, keys and values side by side in self-attention, to queries in cross-attention.
    pub input: B::Linear,
    pub output: B::Linear,
    pub sublayer: Sublayer<B>,
}

/// Two linear maps with an activation between them.
pub(super) struct FeedForward<B: Build> {
    pub first: B::Linear,
    pub activation: Activation,
    /// Map of the input whose output multiplies the activated values.
    pub gate: Option<B::Linear>,
    pub second: B::Linear,
    pub sublayer: Sublayer<B>,
}

/// The normalisation of a block, and where it is in relation to the residual connection.
pub(super) struct Sublayer<B: Build> {
    pub norm: B::Norm,
    pub placement: NormPlacement,
}

/// A block of a layer.
#[derive(Clone, Copy)]
enum Block {
    SelfAttention,
    CrossAttention,
    FeedForward,
}

impl TensorNames {
    /// The prefix of all names.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Bart => "model.",
            Self::T5 => "",
        }
    }

    /// The common prefix of the names of a block's linear maps, and the name of its normalisation.
    fn block(self, side: &str, layer: usize, block: Block) -> (String, String) {
        match self {
            Self::Bart => {
                let layer = format!("model.{side}.layers.{layer}");
                match block {
                    Block::SelfAttention => (
                        format!("{layer}.self_attn."),
                        format!("{layer}.self_attn_layer_norm"),
                    ),
                    Block::CrossAttention => (
                        format!("{layer}.encoder_attn."),
                        format!("{layer}.encoder_attn_layer_norm"),
                    ),
                    Block::FeedForward => {
                        (format!("{layer}."), format!("{layer}.final_layer_norm"))
                    }
                }
            }
            Self::T5 => {
                let (index, module) = match block {
                    Block::SelfAttention => (0, "SelfAttention"),
                    Block::CrossAttention => (1, "EncDecAttention"),
                    Block::FeedForward if side == "encoder" => (1, "DenseReluDense"),
                    Block::FeedForward => (2, "DenseReluDense"),
                };
                let block = format!("{side}.block.{layer}.layer.{index}");
                (format!("{block}.{module}."), format!("{block}.layer_norm"))
            }
        }
    }

    /// The maps to queries, keys and values, and the output map.
    fn attention(self) -> ([&'static str; 3], &'static str) {
        match self {
            Self::Bart => (["q_proj", "k_proj", "v_proj"], "out_proj"),
            Self::T5 => (["q", "k", "v"], "o"),
        }
    }

    /// The first map of a feed-forward block, its gate (empty if there is none) and its second map.
    fn feed_forward(self, gated: bool) -> [&'static str; 3] {
        match self {
            Self::Bart => ["fc1", "", "fc2"],
            Self::T5 if gated => ["wi_0", "wi_1", "wo"],
            Self::T5 => ["wi", "", "wo"],
        }
    }

    fn final_norm(self) -> &'static str {
        match self {
            Self::Bart => "layer_norm",
            Self::T5 => "final_layer_norm",
        }
    }
}

impl<B: Build> Parts<B> {
    /// Loads the parts from `folder`.
    ///
    /// # Errors
    /// If a tensor is missing, unreadable or of the wrong shape, or `build` fails.
    pub(super) fn load(folder: &ModelFolder, build: &B) -> Result<Self, ModelError> {
        let config = &folder.config;
        let loader = Loader {
            config,
            weights: &folder.weights,
            build,
        };
        let tables = Tables::load(&loader, folder)?;
        let encoder = (0..config.encoder_layers).map(|layer| {
            let side = loader.side("encoder", config.encoder_attention_heads);
            Ok(EncoderLayer {
                attention: side.attention(layer, Block::SelfAttention)?,
                feed_forward: side.feed_forward(layer, config.encoder_ffn_dim)?,
            })
        });
        let decoder = (0..config.decoder_layers).map(|layer| {
            let side = loader.side("decoder", config.decoder_attention_heads);
            Ok(DecoderLayer {
                self_attention: side.attention(layer, Block::SelfAttention)?,
                cross_attention: side.attention(layer, Block::CrossAttention)?,
                cross_key_value: side.key_value(layer)?,
                feed_forward: side.feed_forward(layer, config.decoder_ffn_dim)?,
            })
        });
        let final_norm = |side, scale| {
            let (prefix, name) = (loader.names().prefix(), loader.names().final_norm());
            let norm = || loader.scaled_norm(&format!("{prefix}{side}.{name}"), scale);
            config.family().final_norm.then(norm).transpose()
        };
        Ok(Self {
            encoder: encoder.collect::<Result<_, ModelError>>()?,
            decoder: decoder.collect::<Result<_, ModelError>>()?,
            encoder_bias: loader.relative_bias("encoder", config.encoder_attention_heads)?,
            decoder_bias: loader.relative_bias("decoder", config.decoder_attention_heads)?,
            encoder_norm: final_norm("encoder", 1.0)?,
            decoder_norm: final_norm("decoder", config.output_scale)?,
            encoder_embedding: loader.embedding("encoder", &tables.encoder, &tables)?,
            decoder_embedding: loader.embedding("decoder", &tables.decoder, &tables)?,
            projection: tables.logits,
        })
    }
}

/// The source of the parts and their builder.
struct Loader<'a, B> {
    config: &'a ModelConfig,
    weights: &'a Weights,
    build: &'a B,
}

/// The layers of the encoder or of the decoder.
struct Side<'l, 'a, B> {
    loader: &'l Loader<'a, B>,
    name: &'static str,
    heads: usize,
    /// Width of all heads together.
    width: usize,
}

impl<B: Build> Side<'_, '_, B> {
    fn names(&self, layer: usize, block: Block) -> (String, String) {
        self.loader.names().block(self.name, layer, block)
    }

    /// An attention block. The input map gives queries, keys and values in self-attention, but only
    /// queries in cross-attention.
    fn attention(&self, layer: usize, block: Block) -> Result<Attention<B>, ModelError> {
        let Self { loader, width, .. } = *self;
        let (name, norm) = self.names(layer, block);
        let (inputs, output) = loader.names().attention();
        let inputs = match block {
            Block::CrossAttention => &inputs[..1],
            _ => &inputs,
        };
        let d_model = loader.config.d_model;
        Ok(Attention {
            heads: self.heads,
            width,
            scale: if loader.config.family().scaled_attention {
                1.0 / ((width / self.heads) as f32).sqrt()
            } else {
                1.0
            },
            input: loader.linear(&name, inputs, d_model, width)?,
            output: loader.linear(&name, &[output], width, d_model)?,
            sublayer: loader.sublayer(&norm)?,
        })
    }

    /// The map of encoder outputs to the keys and values of cross-attention.
    fn key_value(&self, layer: usize) -> Result<B::Linear, ModelError> {
        let (name, _) = self.names(layer, Block::CrossAttention);
        let (inputs, _) = self.loader.names().attention();
        let d_model = self.loader.config.d_model;
        self.loader.linear(&name, &inputs[1..], d_model, self.width)
    }

    fn feed_forward(&self, layer: usize, inner: usize) -> Result<FeedForward<B>, ModelError> {
        let loader = self.loader;
        let (name, norm) = self.names(layer, Block::FeedForward);
        let (d_model, gated) = (loader.config.d_model, loader.config.gated);
        let [first, gate, second] = loader.names().feed_forward(gated);
        let gate = gated.then(|| loader.linear(&name, &[gate], d_model, inner));
        Ok(FeedForward {
            first: loader.linear(&name, &[first], d_model, inner)?,
            activation: loader.config.activation_function,
            gate: gate.transpose()?,
            second: loader.linear(&name, &[second], inner, d_model)?,
            sublayer: loader.sublayer(&norm)?,
        })
    }
}

impl<B: Build> Loader<'_, B> {
    fn names(&self) -> TensorNames {
        self.config.family().names
    }

    fn side(&self, name: &'static str, heads: usize) -> Side<'_, '_, B> {
        Side {
            loader: self,
            name,
            heads,
            width: self.config.attention_width(heads),
        }
    }

    /// Concatenates the linear maps `maps` of the block `name`, each with weights `[outputs, inputs]` and
    /// bias `[outputs]`.
    fn linear(
        &self,
        name: &str,
        maps: &[&str],
        inputs: usize,
        outputs: usize,
    ) -> Result<B::Linear, ModelError> {
        let mut bias = Vec::with_capacity(maps.len() * outputs);
        let mut parts = Vec::with_capacity(maps.len());
        for map in maps {
            let name = format!("{name}{map}");
            if self.config.family().biases {
                bias.extend(self.weights.values(&format!("{name}.bias"), &[outputs])?);
            } else {
                bias.resize(bias.len() + outputs, 0.0);
            }
            parts.push(
                self.weights
                    .matrix(&format!("{name}.weight"), outputs, inputs)?,
            );
        }
        self.build.linear(parts, &bias, inputs)
    }

    fn norm(&self, name: &str) -> Result<B::Norm, ModelError> {
        self.scaled_norm(name, 1.0)
    }

    /// A normalisation whose output is multiplied by `scale`.
    fn scaled_norm(&self, name: &str, scale: f32) -> Result<B::Norm, ModelError> {
        let values = |part| {
            let width = [self.config.d_model];
            let values = self.weights.values(&format!("{name}.{part}"), &width)?;
            Ok::<_, ModelError>(values.into_iter().map(|value| value * scale).collect())
        };
        let bias = self.config.family().biases.then(|| values("bias"));
        self.build.norm(
            values("weight")?,
            bias.transpose()?,
            self.config.norm_epsilon,
        )
    }

    fn sublayer(&self, norm: &str) -> Result<Sublayer<B>, ModelError> {
        Ok(Sublayer {
            norm: self.norm(norm)?,
            placement: self.config.family().norm,
        })
    }

    /// The relative biases of the encoder or decoder. The checkpoint keeps them in the first layer.
    fn relative_bias(&self, side: &str, heads: usize) -> Result<Option<RelativeBias>, ModelError> {
        let config = self.config;
        if config.family().positions != Positions::Relative {
            return Ok(None);
        }
        let (block, _) = self.names().block(side, 0, Block::SelfAttention);
        let name = format!("{block}relative_attention_bias.weight");
        let buckets = config.relative_positions;
        let table = self.weights.values(&name, &[buckets.buckets, heads])?;
        let length = config.max_position_embeddings;
        let direction = if side == "encoder" {
            Direction::Both
        } else {
            Direction::Backward
        };
        Ok(Some(RelativeBias::new(
            &table, buckets, heads, length, direction,
        )))
    }

    /// The embedding of the encoder or the decoder (`side`).
    fn embedding(
        &self,
        side: &str,
        table: &Arc<B::Linear>,
        tables: &Tables<B>,
    ) -> Result<Embedding<B>, ModelError> {
        let config = self.config;
        let offset = config.family().positions.offset();
        let positions = match &tables.sinusoids {
            None if config.family().positions == Positions::Learned => {
                let name = format!("model.{side}.embed_positions.weight");
                let rows = offset + config.max_position_embeddings;
                let values = self.weights.values(&name, &[rows, config.d_model])?;
                Some(Arc::new(self.build.positions(values, config.d_model)?))
            }
            computed => computed.clone(),
        };
        let norm = || self.norm(&format!("model.{side}.layernorm_embedding"));
        Ok(Embedding {
            table: table.clone(),
            scale: if config.scale_embedding {
                (config.d_model as f32).sqrt()
            } else {
                1.0
            },
            positions,
            offset,
            norm: config.family().embedding_norm.then(norm).transpose()?,
        })
    }

    /// Reads the embedding table `name`. Folders that store tied tables once may have it under another
    /// table's name.
    fn table(&self, name: &str, rows: usize) -> Result<Matrix, ModelError> {
        let prefix = self.names().prefix();
        let own = format!("{prefix}{name}");
        let others = [
            format!("{prefix}{ENCODER_TABLE}"),
            format!("{prefix}{DECODER_TABLE}"),
            LOGITS_TABLE.to_owned(),
        ];
        let weights = self.weights;
        let stored = if weights.contains(&own) || name != SHARED_TABLE {
            &own
        } else {
            let mut others = others.iter();
            others.find(|name| weights.contains(name)).unwrap_or(&own)
        };
        weights.matrix(stored, rows, self.config.d_model)
    }
}

const SHARED_TABLE: &str = "shared.weight";
const ENCODER_TABLE: &str = "encoder.embed_tokens.weight";
const DECODER_TABLE: &str = "decoder.embed_tokens.weight";
const LOGITS_TABLE: &str = "lm_head.weight";

/// The embedding tables and the output projection. Tables that are tied are in memory once.
struct Tables<B: Build> {
    encoder: Arc<B::Linear>,
    decoder: Arc<B::Linear>,
    logits: Arc<B::Linear>,
    sinusoids: Option<Arc<B::Positions>>,
}

impl<B: Build> Tables<B> {
    fn load(loader: &Loader<'_, B>, folder: &ModelFolder) -> Result<Self, ModelError> {
        let (config, weights) = (loader.config, loader.weights);
        let width = config.d_model;
        let target = config.target_vocab_size();
        let bias = if config.family().logits_bias {
            weights.values("final_logits_bias", &[1, target])?
        } else {
            vec![0.0; target]
        };
        let linear = |matrix: Matrix, bias: &[f32]| {
            let built = loader.build.linear(vec![matrix], bias, width)?;
            Ok::<_, ModelError>(Arc::new(built))
        };
        let shared = config.share_encoder_decoder_embeddings;
        let decoder_name = if shared { SHARED_TABLE } else { DECODER_TABLE };
        let decoder_table = loader.table(decoder_name, target)?;
        let (decoder, logits) = if folder.ties_output() {
            let both = linear(decoder_table, &bias)?;
            (both.clone(), both)
        } else {
            let logits = weights.matrix(LOGITS_TABLE, target, width)?;
            (
                linear(decoder_table, &vec![0.0; target])?,
                linear(logits, &bias)?,
            )
        };
        let encoder = if shared {
            decoder.clone()
        } else {
            let matrix = loader.table(ENCODER_TABLE, config.vocab_size)?;
            linear(matrix, &vec![0.0; config.vocab_size])?
        };
        let sinusoids = config
            .family()
            .positions
            .sinusoids(config.max_position_embeddings, width)
            .map(|values| loader.build.positions(values, width))
            .transpose()?;
        Ok(Self {
            encoder,
            decoder,
            logits,
            sinusoids: sinusoids.map(Arc::new),
        })
    }
}

impl Positions {
    /// Row of the first position in the table.
    const fn offset(self) -> usize {
        match self {
            Self::Sinusoidal | Self::Relative => 0,
            Self::SinusoidalFairseq | Self::Learned => 2,
        }
    }

    /// Computes the table of positions, `[offset + length, width]`, with sines in the first half of the
    /// columns and cosines in the second. Returns `None` if positions are learned or relative.
    fn sinusoids(self, length: usize, width: usize) -> Option<Vec<f32>> {
        let half = width / 2;
        let angle = |position: usize, index: usize| match self {
            Self::Sinusoidal => {
                Some(position as f64 / libm::pow(10000.0, 2.0 * index as f64 / width as f64))
            }
            // Rounded to f32 at every step, like the reference implementation.
            Self::SinusoidalFairseq => {
                let step = (libm::log(10000.0) / (half as f64 - 1.0)) as f32;
                Some((position as f32 * libm::expf(index as f32 * -step)).into())
            }
            Self::Learned | Self::Relative => None,
        };
        let rows = length + self.offset();
        let mut values = vec![0.0; rows * width];
        for (position, row) in values.chunks_exact_mut(width).enumerate() {
            for index in 0..half {
                let angle: f64 = angle(position, index)?;
                row[index] = libm::sin(angle) as f32;
                row[half + index] = libm::cos(angle) as f32;
            }
        }
        Some(values)
    }
}
