//! The network as loaded from a model folder, and its encoder.

use std::ops::Range;
use std::sync::Arc;

use super::attention::Context;
use super::layers::{Kernels, Workspace};
use super::parts::{Embedding, Parts};
use super::{Cpu, Device, Numeric};
use crate::model::{ModelConfig, ModelError, ModelFolder};

/// An encoder–decoder transformer, of the BART family (Lewis et al. 2020) or T5 (Raffel et al. 2020),
/// on processors: what its members differ in is said by [`crate::model::Family`]. Weights are shared by all threads.
pub struct Network {
    pub(super) config: ModelConfig,
    pub(super) cpu: Cpu,
    pub(super) parts: Parts<Kernels>,
}

/// A sequence that has been through the encoder.
pub struct Source {
    batch: Arc<Batch>,
    /// Its rows in the matrices of the batch.
    pub(super) rows: Range<usize>,
}

/// What the decoder reads of sequences that were encoded together.
struct Batch {
    /// For each decoder layer `[tokens, 2·width]`: keys, then values.
    key_values: Vec<Vec<f32>>,
}

impl Source {
    pub(super) fn key_values(&self, layer: usize) -> &[f32] {
        &self.batch.key_values[layer]
    }
}

impl Embedding<Kernels> {
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
            if let Some(positions) = &self.positions {
                let start = (self.offset + position) * width;
                let positions = &positions[start..start + width];
                for (value, position) in row.iter_mut().zip(positions) {
                    *value = *value * self.scale + position;
                }
            }
        }
        if let Some(norm) = &self.norm {
            norm.apply(cpu, out);
        }
    }
}

impl Network {
    /// The network on the fastest kernels of this processor.
    ///
    /// # Errors
    /// If the weights do not fit the configuration, or the arithmetic is not for processors.
    pub fn load(folder: &ModelFolder, numeric: Numeric) -> Result<Self, ModelError> {
        Self::load_for(folder, numeric, Cpu::best())
    }

    /// The network on the kernels `cpu`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_for(folder: &ModelFolder, numeric: Numeric, cpu: Cpu) -> Result<Self, ModelError> {
        if !Device::Cpu.numerics().contains(&numeric) {
            return Err(ModelError::Numeric {
                numeric: numeric.as_str(),
                device: Device::Cpu.to_string(),
            });
        }
        Ok(Self {
            config: folder.config.clone(),
            cpu,
            parts: Parts::load(folder, &Kernels { numeric })?,
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
        let parts = &self.parts;
        parts
            .encoder_embedding
            .forward(cpu, width, tokens.into_iter(), &mut x);
        for layer in &parts.encoder {
            let attention = &layer.attention;
            attention.run(cpu, &mut x, &mut workspace, |projected, heads| {
                heads.attend(|row| {
                    let rows = &ranges[sequence_of[row]];
                    let biases = parts.encoder_bias.as_ref();
                    Context {
                        matrix: projected,
                        stride: 3 * attention.width,
                        offset: attention.width,
                        rows: rows.into(),
                        biases: biases.map(|biases| biases.of_query(row - rows.start)),
                    }
                });
            });
            layer.feed_forward.run(cpu, &mut x, &mut workspace);
        }
        if let Some(norm) = &parts.encoder_norm {
            norm.apply(cpu, &mut x);
        }
        let key_values = parts.decoder.iter().map(|layer| {
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
                batch: batch.clone(),
                rows,
            })
            .collect()
    }
}
