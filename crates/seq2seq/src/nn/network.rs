//! The network on the CPU, and its encoder.

use std::ops::Range;

use super::attention::{KeyValues, Sequence};
use super::element::Storage;
use super::layers::{Kernels, Workspace};
use super::parts::{Embedding, Parts};
use super::product::BLOCK_ROWS;
use super::{Cpu, Device, Numeric};
use crate::model::{ModelConfig, ModelError, ModelFolder};

/// An encoder–decoder transformer of any supported [`Architecture`](crate::model::Architecture) on the
/// CPU. It is immutable and can be shared by all threads.
pub struct Network {
    pub(super) config: ModelConfig,
    pub(super) cpu: Cpu,
    /// Of the keys and values of the decoder.
    pub(super) storage: Storage,
    pub(super) parts: Parts<Kernels>,
}

/// An encoded sequence.
pub struct Source {
    /// Keys and values for the cross-attention of each decoder layer.
    pub(super) layers: Vec<KeyValues>,
}

/// Sequences that go through a layer of the encoder together, as many as fit into a block of products, so that
/// what is computed between them stays in the cache. The weights of the layer do until all groups have passed.
#[derive(Default)]
struct Group {
    /// The rows of each sequence.
    sequences: Vec<Range<usize>>,
}

impl Group {
    fn of(sequence: &[u32]) -> Self {
        let mut group = Self::default();
        group.add(sequence);
        group
    }

    fn add(&mut self, sequence: &[u32]) {
        let start = self.tokens();
        self.sequences.push(start..start + sequence.len());
    }

    fn tokens(&self) -> usize {
        self.sequences.last().map_or(0, |rows| rows.end)
    }
}

impl Embedding<Kernels> {
    /// Computes the embeddings of pairs of token and position, `[tokens, width]`.
    pub(super) fn forward(
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
    /// Loads the network of `folder` for the fastest kernels of this processor.
    ///
    /// # Errors
    /// If a tensor is missing, unreadable or of the wrong shape, or `numeric` is for GPUs only.
    pub fn load(folder: &ModelFolder, numeric: Numeric) -> Result<Self, ModelError> {
        Self::load_for(folder, numeric, Cpu::best())
    }

    /// Loads the network of `folder` for the kernels `cpu`.
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
            storage: match numeric {
                Numeric::Int8 => Storage::Bf16,
                Numeric::F32 | Numeric::F16 | Numeric::Bf16 => Storage::F32,
            },
            parts: Parts::load(folder, &Kernels { cpu, numeric })?,
        })
    }

    /// Architecture and sizes.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The kernels that the network runs on.
    pub fn cpu(&self) -> Cpu {
        self.cpu
    }

    /// Runs the encoder over sequences of token ids, each of 1 to `max_position_embeddings` tokens.
    /// Returns one source for each sequence, in their order.
    pub fn encode(&self, sequences: &[&[u32]]) -> Vec<Source> {
        let (cpu, width) = (self.cpu, self.config.d_model);
        let mut groups: Vec<Group> = Vec::new();
        for sequence in sequences {
            let fits = |group: &Group| group.tokens() + sequence.len() <= BLOCK_ROWS;
            match groups.last_mut().filter(|group| fits(group)) {
                Some(group) => group.add(sequence),
                None => groups.push(Group::of(sequence)),
            }
        }
        let mut workspace = Workspace::default();
        let mut x = Vec::new();
        let parts = &self.parts;
        let mut key_values = KeyValues::new(Storage::F32);
        let tokens: Vec<(u32, usize)> = sequences
            .iter()
            .flat_map(|sequence| sequence.iter().copied().zip(0..))
            .collect();
        parts
            .encoder_embedding
            .forward(cpu, width, tokens.into_iter(), &mut x);
        for layer in &parts.encoder {
            let attention = &layer.attention;
            let mut rest = x.as_mut_slice();
            for group in &groups {
                let (x, after) = rest.split_at_mut(group.tokens() * width);
                rest = after;
                attention.run(cpu, x, &mut workspace, |projected, heads| {
                    let (width, stride) = (attention.width, 3 * attention.width);
                    for rows in &group.sequences {
                        key_values.fill(Sequence {
                            matrix: &projected[rows.start * stride + width..],
                            stride,
                            length: rows.len(),
                            width,
                            heads: attention.heads,
                        });
                        heads.attend_to(&key_values, rows.clone(), |row| {
                            let biases = parts.encoder_bias.as_ref();
                            biases.map(|biases| biases.query(row))
                        });
                    }
                });
                layer.feed_forward.run(cpu, x, &mut workspace);
            }
        }
        if let Some(norm) = &parts.encoder_norm {
            norm.apply(cpu, &mut x);
        }
        let mut sources = Vec::with_capacity(sequences.len());
        let mut rest = x.as_slice();
        for group in &groups {
            let (x, after) = rest.split_at(group.tokens() * width);
            rest = after;
            sources.extend(self.sources(group, x, &mut workspace));
        }
        sources
    }

    /// The keys and values of a group, whose final hidden states are `x`.
    fn sources(&self, group: &Group, x: &[f32], workspace: &mut Workspace) -> Vec<Source> {
        let Workspace {
            scratch, projected, ..
        } = workspace;
        let source = |_| Source { layers: Vec::new() };
        let mut sources: Vec<Source> = group.sequences.iter().map(source).collect();
        for layer in &self.parts.decoder {
            let attention = &layer.cross_attention;
            let (width, stride) = (attention.width, 2 * attention.width);
            let matrix = layer.cross_key_value.forward(x, scratch, projected);
            for (source, rows) in sources.iter_mut().zip(&group.sequences) {
                let mut key_values = KeyValues::new(self.storage);
                key_values.fill(Sequence {
                    matrix: &matrix[rows.start * stride..],
                    stride,
                    length: rows.len(),
                    width,
                    heads: attention.heads,
                });
                source.layers.push(key_values);
            }
        }
        sources
    }
}
