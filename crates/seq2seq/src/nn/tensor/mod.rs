//! The network on candle's tensors, for GPUs. Tests run it on the CPU.
//!
//! The sequences of a batch are padded to the longest, and padding is masked. Weights, keys and values
//! have the requested arithmetic; everything between the products is in F32.

mod decoding;
mod layers;

use std::sync::Arc;

pub use candle_core::Device;
use candle_core::{DType, Result};

pub use decoding::Decoding;
use layers::{KeyValues, Tensors, bias, mask, merge};

use super::parts::Parts;
use super::{Backend, Cpu, Limits, NetworkError, Numeric};
use crate::model::{ModelError, ModelFolder};

/// An encoder–decoder transformer on a device of candle. The counterpart of [`super::Network`].
pub struct Network {
    parts: Parts<Tensors>,
    cpu: Cpu,
    device: Device,
}

/// An encoded sequence.
pub struct Source {
    batch: Arc<Batch>,
    /// Index in the batch.
    index: usize,
    /// Number of tokens.
    length: usize,
}

/// The keys and values for each decoder layer of sequences that were encoded together,
/// `[sequences, heads, tokens, head_width]`.
type Batch = Vec<KeyValues>;

impl Network {
    /// Loads the network of `folder` to `device`. `cpu` are the kernels for the work on logits.
    ///
    /// # Errors
    /// If a tensor is missing, unreadable or of the wrong shape, if `numeric` is for the CPU only, or if
    /// the device fails.
    pub fn load(
        folder: &ModelFolder,
        numeric: Numeric,
        device: Device,
        cpu: Cpu,
    ) -> std::result::Result<Self, ModelError> {
        let dtype = match numeric {
            Numeric::F32 => DType::F32,
            Numeric::F16 => DType::F16,
            Numeric::Bf16 => DType::BF16,
            Numeric::Int8 => {
                return Err(ModelError::Numeric {
                    numeric: numeric.as_str(),
                    device: "GPUs".to_owned(),
                });
            }
        };
        let build = Tensors { device, dtype };
        Ok(Self {
            parts: Parts::load(folder, &build)?,
            cpu,
            device: build.device,
        })
    }

    /// Runs the encoder over one batch.
    fn encode_together(&self, sequences: &[&[u32]]) -> Result<Vec<Source>> {
        let count = sequences.len();
        let longest = sequences.iter().map(|s| s.len()).max().unwrap_or(0);
        let lengths = sequences.iter().map(|sequence| 0..sequence.len());
        let mask = mask(lengths, longest, &self.device)?;
        let padded = sequences.iter().flat_map(|sequence| {
            let padding = std::iter::repeat_n(0, longest - sequence.len());
            let tokens = sequence.iter().copied().chain(padding);
            tokens.zip(0..longest as u32)
        });
        let (tokens, positions): (Vec<u32>, Vec<u32>) = padded.unzip();
        let mut x = self.parts.encoder_embedding.forward(tokens, positions)?;
        let relative = self.parts.encoder_bias.as_ref();
        let bias = relative.map(|relative| bias(relative, 0..longest, longest, &self.device));
        let bias = bias.transpose()?;
        for layer in &self.parts.encoder {
            let attention = &layer.attention;
            x = attention.run(&x, |projected| {
                let parts = attention.split(projected, 3, (count, longest))?;
                let key_values = KeyValues {
                    keys: parts.get(1)?,
                    values: parts.get(2)?,
                };
                let added = [mask.as_ref(), bias.as_ref()];
                merge(&attention.attend(&parts.get(0)?, &key_values, &added)?)
            })?;
            x = layer.feed_forward.run(&x)?;
        }
        if let Some(norm) = &self.parts.encoder_norm {
            x = norm.forward(&x)?;
        }
        let batch = self.parts.decoder.iter().map(|layer| {
            let projected = layer.cross_key_value.forward(&x)?;
            let parts = layer
                .cross_attention
                .split(&projected, 2, (count, longest))?;
            Ok(KeyValues {
                keys: parts.get(0)?,
                values: parts.get(1)?,
            })
        });
        let batch = Arc::new(batch.collect::<Result<Batch>>()?);
        let sources = sequences.iter().enumerate();
        Ok(sources
            .map(|(index, sequence)| Source {
                batch: batch.clone(),
                index,
                length: sequence.len(),
            })
            .collect())
    }
}

/// Large, because a GPU takes about as long for one row as for hundreds. The values are not tuned.
const LIMITS: Limits = Limits {
    running_tokens: 8192,
    running_rows: 256,
    encoded_tokens: 8192,
};

impl Backend for Network {
    type Source = Source;
    type Decoder<'n> = Decoding<'n>;

    fn limits(&self, _: usize) -> Limits {
        LIMITS
    }

    fn cpu(&self) -> Cpu {
        self.cpu
    }

    fn encode(&self, sequences: &[&[u32]]) -> std::result::Result<Vec<Source>, NetworkError> {
        let mut sources = Vec::with_capacity(sequences.len());
        let mut rest = sequences;
        while !rest.is_empty() {
            // The limit includes padding.
            let mut longest = 0;
            let fitting = rest.iter().zip(1..).take_while(|(sequence, count)| {
                longest = longest.max(sequence.len());
                longest * count <= LIMITS.encoded_tokens
            });
            let count = fitting.count().max(1);
            sources.extend(self.encode_together(&rest[..count])?);
            rest = &rest[count..];
        }
        Ok(sources)
    }

    fn decoder(&self, _: Option<&[u32]>) -> Decoding<'_> {
        Decoding::new(self)
    }
}
