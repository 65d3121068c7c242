//! What a network consists of, and under which names a checkpoint keeps it, whatever it is computed
//! with.

use std::sync::Arc;

use crate::model::{
    Activation, Matrix, ModelConfig, ModelError, ModelFolder, NormPlacement, Positions, Weights,
};

/// Makes parts of a network of the values in a checkpoint, in the form that an implementation
/// computes with.
pub(super) trait Build {
    /// A linear map, `x·Wᵀ + b`.
    type Linear;
    /// A layer normalisation (Ba et al. 2016).
    type LayerNorm;
    /// A table of positions.
    type Positions;

    /// `parts`: matrices whose outputs stand side by side, `[bias.len(), inputs]` together.
    fn linear(
        &self,
        parts: Vec<Matrix>,
        bias: &[f32],
        inputs: usize,
    ) -> Result<Self::Linear, ModelError>;

    /// `weight`, `bias`: `[d_model]`.
    fn layer_norm(&self, weight: Vec<f32>, bias: Vec<f32>) -> Result<Self::LayerNorm, ModelError>;

    /// `values`: `[positions, width]`.
    fn positions(&self, values: Vec<f32>, width: usize) -> Result<Self::Positions, ModelError>;
}

/// An encoder–decoder of the BART family.
pub(super) struct Parts<B: Build> {
    pub encoder_embedding: Embedding<B>,
    pub encoder: Vec<EncoderLayer<B>>,
    pub encoder_norm: Option<B::LayerNorm>,
    pub decoder_embedding: Embedding<B>,
    pub decoder: Vec<DecoderLayer<B>>,
    pub decoder_norm: Option<B::LayerNorm>,
    /// Hidden state to logits; the bias is `final_logits_bias`.
    pub projection: Arc<B::Linear>,
}

/// Scaled token embeddings plus positions.
pub(super) struct Embedding<B: Build> {
    /// Its rows are the embeddings.
    pub table: Arc<B::Linear>,
    pub scale: f32,
    pub positions: Arc<B::Positions>,
    /// Row of the first position.
    pub offset: usize,
    pub norm: Option<B::LayerNorm>,
}

pub(super) struct EncoderLayer<B: Build> {
    pub attention: Attention<B>,
    pub feed_forward: FeedForward<B>,
}

pub(super) struct DecoderLayer<B: Build> {
    pub self_attention: Attention<B>,
    pub cross_attention: Attention<B>,
    /// Encoder states to the keys and values of `cross_attention`.
    pub cross_key_value: B::Linear,
    pub feed_forward: FeedForward<B>,
}

/// An attention block.
pub(super) struct Attention<B: Build> {
    pub heads: usize,
    /// To queries, keys and values side by side, or to queries alone where keys and values come
    /// from elsewhere.
    pub input: B::Linear,
    pub output: B::Linear,
    pub sublayer: Sublayer<B>,
}

/// Two linear maps with an activation between them.
pub(super) struct FeedForward<B: Build> {
    pub first: B::Linear,
    pub activation: Activation,
    pub second: B::Linear,
    pub sublayer: Sublayer<B>,
}

/// How a block joins the residual stream.
pub(super) struct Sublayer<B: Build> {
    pub norm: B::LayerNorm,
    pub placement: NormPlacement,
}

/// Added to the variance by every layer normalisation.
pub(super) const NORM_EPSILON: f32 = 1e-5;

const QUERY_KEY_VALUE: [&str; 3] = ["q_proj", "k_proj", "v_proj"];

impl<B: Build> Parts<B> {
    /// # Errors
    /// If the weights do not fit the configuration, or `build` cannot take them.
    pub fn load(folder: &ModelFolder, build: &B) -> Result<Self, ModelError> {
        let config = &folder.config;
        let loader = Loader {
            config,
            weights: &folder.weights,
            build,
        };
        let tables = Tables::load(&loader)?;
        let encoder = (0..config.encoder_layers).map(|layer| {
            let name = format!("model.encoder.layers.{layer}");
            let heads = config.encoder_attention_heads;
            Ok(EncoderLayer {
                attention: loader.attention(
                    &format!("{name}.self_attn"),
                    &QUERY_KEY_VALUE,
                    heads,
                )?,
                feed_forward: loader.feed_forward(&name, config.encoder_ffn_dim)?,
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
                feed_forward: loader.feed_forward(&name, config.decoder_ffn_dim)?,
            })
        });
        let final_norm = |side| {
            loader.norm_if(
                config.family.final_norm,
                &format!("model.{side}.layer_norm"),
            )
        };
        Ok(Self {
            encoder: encoder.collect::<Result<_, ModelError>>()?,
            decoder: decoder.collect::<Result<_, ModelError>>()?,
            encoder_norm: final_norm("encoder")?,
            decoder_norm: final_norm("decoder")?,
            encoder_embedding: loader.embedding("encoder", &tables.encoder, &tables)?,
            decoder_embedding: loader.embedding("decoder", &tables.decoder, &tables)?,
            projection: tables.logits,
        })
    }
}

/// Where parts are read from, and what makes them.
struct Loader<'a, B> {
    config: &'a ModelConfig,
    weights: &'a Weights,
    build: &'a B,
}

impl<B: Build> Loader<'_, B> {
    /// `name.weight`, `[outputs, inputs]`, and `name.bias`, `[outputs]`, of several maps of the
    /// same input, as one map with their outputs side by side.
    fn linear(
        &self,
        names: &[String],
        inputs: usize,
        outputs: usize,
    ) -> Result<B::Linear, ModelError> {
        let mut bias = Vec::with_capacity(names.len() * outputs);
        let mut parts = Vec::with_capacity(names.len());
        for name in names {
            bias.extend(self.weights.values(&format!("{name}.bias"), &[outputs])?);
            parts.push(
                self.weights
                    .matrix(&format!("{name}.weight"), outputs, inputs)?,
            );
        }
        self.build.linear(parts, &bias, inputs)
    }

    fn norm(&self, name: &str) -> Result<B::LayerNorm, ModelError> {
        let values = |part| {
            self.weights
                .values(&format!("{name}.{part}"), &[self.config.d_model])
        };
        self.build.layer_norm(values("weight")?, values("bias")?)
    }

    fn norm_if(&self, wanted: bool, name: &str) -> Result<Option<B::LayerNorm>, ModelError> {
        wanted.then(|| self.norm(name)).transpose()
    }

    fn sublayer(&self, norm: &str) -> Result<Sublayer<B>, ModelError> {
        Ok(Sublayer {
            norm: self.norm(norm)?,
            placement: self.config.family.norm,
        })
    }

    /// The attention block `name`, whose first map gives, side by side, what `parts` name.
    fn attention(
        &self,
        name: &str,
        parts: &[&str],
        heads: usize,
    ) -> Result<Attention<B>, ModelError> {
        let names: Vec<String> = parts.iter().map(|part| format!("{name}.{part}")).collect();
        let width = self.config.d_model;
        Ok(Attention {
            heads,
            input: self.linear(&names, width, width)?,
            output: self.linear(&[format!("{name}.out_proj")], width, width)?,
            sublayer: self.sublayer(&format!("{name}_layer_norm"))?,
        })
    }

    fn key_value(&self, name: &str) -> Result<B::Linear, ModelError> {
        let names = ["k_proj", "v_proj"].map(|part| format!("{name}.{part}"));
        self.linear(&names, self.config.d_model, self.config.d_model)
    }

    fn feed_forward(&self, layer: &str, inner: usize) -> Result<FeedForward<B>, ModelError> {
        let width = self.config.d_model;
        Ok(FeedForward {
            first: self.linear(&[format!("{layer}.fc1")], width, inner)?,
            activation: self.config.activation_function,
            second: self.linear(&[format!("{layer}.fc2")], inner, width)?,
            sublayer: self.sublayer(&format!("{layer}.final_layer_norm"))?,
        })
    }

    /// The embedding of the encoder or the decoder, as `side` says.
    fn embedding(
        &self,
        side: &str,
        table: &Arc<B::Linear>,
        tables: &Tables<B>,
    ) -> Result<Embedding<B>, ModelError> {
        let config = self.config;
        let offset = config.family.positions.offset();
        let positions = match &tables.sinusoids {
            Some(sinusoids) => sinusoids.clone(),
            None => {
                let name = format!("model.{side}.embed_positions.weight");
                let rows = offset + config.max_position_embeddings;
                let values = self.weights.values(&name, &[rows, config.d_model])?;
                Arc::new(self.build.positions(values, config.d_model)?)
            }
        };
        Ok(Embedding {
            table: table.clone(),
            scale: if config.scale_embedding {
                (config.d_model as f32).sqrt()
            } else {
                1.0
            },
            positions,
            offset,
            norm: self.norm_if(
                config.family.embedding_norm,
                &format!("model.{side}.layernorm_embedding"),
            )?,
        })
    }

    /// An embedding table under its own name or, in folders that store tied tables once, another's.
    fn table(&self, name: &str, rows: usize) -> Result<Matrix, ModelError> {
        let shared = [
            "model.shared.weight",
            "model.encoder.embed_tokens.weight",
            "model.decoder.embed_tokens.weight",
            "lm_head.weight",
        ];
        let weights = self.weights;
        let stored = if weights.contains(name) || name != shared[0] {
            name
        } else {
            shared
                .into_iter()
                .find(|name| weights.contains(name))
                .unwrap_or(name)
        };
        weights.matrix(stored, rows, self.config.d_model)
    }
}

/// The tables over the vocabulary, each in memory once however many uses share it.
struct Tables<B: Build> {
    encoder: Arc<B::Linear>,
    decoder: Arc<B::Linear>,
    logits: Arc<B::Linear>,
    sinusoids: Option<Arc<B::Positions>>,
}

impl<B: Build> Tables<B> {
    fn load(loader: &Loader<'_, B>) -> Result<Self, ModelError> {
        let (config, weights) = (loader.config, loader.weights);
        let width = config.d_model;
        let target = config.target_vocab_size();
        let bias = if config.family.logits_bias {
            weights.values("final_logits_bias", &[1, target])?
        } else {
            vec![0.0; target]
        };
        let linear = |matrix: Matrix, bias: &[f32]| {
            let built = loader.build.linear(vec![matrix], bias, width)?;
            Ok::<_, ModelError>(Arc::new(built))
        };
        let shared = config.share_encoder_decoder_embeddings;
        let decoder_name = if shared {
            "model.shared.weight"
        } else {
            "model.decoder.embed_tokens.weight"
        };
        let decoder_table = loader.table(decoder_name, target)?;
        let (decoder, logits) = if config.tie_word_embeddings {
            let both = linear(decoder_table, &bias)?;
            (both.clone(), both)
        } else {
            let logits = weights.matrix("lm_head.weight", target, width)?;
            (
                linear(decoder_table, &vec![0.0; target])?,
                linear(logits, &bias)?,
            )
        };
        let encoder = if shared {
            decoder.clone()
        } else {
            let name = "model.encoder.embed_tokens.weight";
            let matrix = loader.table(name, config.vocab_size)?;
            linear(matrix, &vec![0.0; config.vocab_size])?
        };
        let sinusoids = config
            .family
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
    /// Rows of the table before the first position's.
    const fn offset(self) -> usize {
        match self {
            Self::Sinusoidal => 0,
            Self::SinusoidalFairseq | Self::Learned => 2,
        }
    }

    /// The table of positions, `[offset + length, width]`, where it is computed and not learned:
    /// sines in the first half of the columns, cosines in the second.
    fn sinusoids(self, length: usize, width: usize) -> Option<Vec<f32>> {
        let half = width / 2;
        let angle = |position: usize, index: usize| match self {
            Self::Sinusoidal => {
                Some(position as f64 / libm::pow(10000.0, 2.0 * index as f64 / width as f64))
            }
            // Rounded to f32 at every step, as the reference has it.
            Self::SinusoidalFairseq => {
                let step = (libm::log(10000.0) / (half as f64 - 1.0)) as f32;
                Some((position as f32 * libm::expf(index as f32 * -step)).into())
            }
            Self::Learned => None,
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
