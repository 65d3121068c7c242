//! The parts of a transformer layer: normalisation, attention, feed-forward blocks, and how they
//! join the residual stream.

use super::attention::{Context, attend};
use super::product::{BLOCK_ROWS, Linear, Scratch, fit};
use super::{Cpu, Numeric, rows};
use crate::model::{Activation, ModelError, NormPlacement, Weights};

/// Where parts are read from, and in which arithmetic they run.
#[derive(Clone, Copy)]
pub(super) struct Loader<'w> {
    pub weights: &'w Weights,
    pub numeric: Numeric,
    pub placement: NormPlacement,
    pub width: usize,
}

impl Loader<'_> {
    /// `name.weight`, `[outputs, inputs]`, and `name.bias`, `[outputs]`, of several maps of the
    /// same input, as one map with their outputs side by side.
    fn linear(
        &self,
        names: &[String],
        inputs: usize,
        outputs: usize,
    ) -> Result<Linear, ModelError> {
        let mut bias = Vec::with_capacity(names.len() * outputs);
        let mut parts = Vec::with_capacity(names.len());
        for name in names {
            bias.extend(self.weights.values(&format!("{name}.bias"), &[outputs])?);
            parts.push(
                self.weights
                    .matrix(&format!("{name}.weight"), outputs, inputs)?,
            );
        }
        Ok(Linear::new(parts, &bias, inputs, self.numeric))
    }

    pub fn norm(&self, name: &str) -> Result<LayerNorm, ModelError> {
        Ok(LayerNorm {
            weight: self
                .weights
                .values(&format!("{name}.weight"), &[self.width])?,
            bias: self
                .weights
                .values(&format!("{name}.bias"), &[self.width])?,
        })
    }

    fn sublayer(&self, norm: &str) -> Result<Sublayer, ModelError> {
        Ok(Sublayer {
            norm: self.norm(norm)?,
            placement: self.placement,
        })
    }

    /// The attention block `name`, whose first map gives, side by side, what `parts` name.
    pub fn attention(
        &self,
        name: &str,
        parts: &[&str],
        heads: usize,
    ) -> Result<Attention, ModelError> {
        let names: Vec<String> = parts.iter().map(|part| format!("{name}.{part}")).collect();
        let width = self.width;
        Ok(Attention {
            heads,
            input: self.linear(&names, width, width)?,
            output: self.linear(&[format!("{name}.out_proj")], width, width)?,
            sublayer: self.sublayer(&format!("{name}_layer_norm"))?,
        })
    }

    pub fn key_value(&self, name: &str) -> Result<Linear, ModelError> {
        let names = ["k_proj", "v_proj"].map(|part| format!("{name}.{part}"));
        self.linear(&names, self.width, self.width)
    }

    pub fn feed_forward(
        &self,
        layer: &str,
        inner: usize,
        activation: Activation,
    ) -> Result<FeedForward, ModelError> {
        Ok(FeedForward {
            first: self.linear(&[format!("{layer}.fc1")], self.width, inner)?,
            activation,
            second: self.linear(&[format!("{layer}.fc2")], inner, self.width)?,
            sublayer: self.sublayer(&format!("{layer}.final_layer_norm"))?,
        })
    }
}

/// Buffers of one worker, kept from layer to layer and step to step so that none is allocated.
#[derive(Default)]
pub(super) struct Workspace {
    pub scratch: Scratch,
    normed: Vec<f32>,
    branch: Vec<f32>,
    projected: Vec<f32>,
    attended: Vec<f32>,
    inner: Vec<f32>,
    scores: Vec<f32>,
}

/// Layer normalisation (Ba et al. 2016).
pub(super) struct LayerNorm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl LayerNorm {
    const EPSILON: f32 = 1e-5;

    pub fn apply(&self, cpu: Cpu, rows: &mut [f32]) {
        rows::layer_norm(cpu, rows, &self.weight, &self.bias, Self::EPSILON);
    }
}

/// How a block joins the residual stream.
struct Sublayer {
    norm: LayerNorm,
    placement: NormPlacement,
}

impl Sublayer {
    /// `x ← x + block(norm(x))` or `x ← norm(x + block(x))`; `block` writes its output, as long as
    /// its input, into the rows that it is given.
    fn run(
        &self,
        cpu: Cpu,
        x: &mut [f32],
        workspace: &mut Workspace,
        block: impl FnOnce(&[f32], &mut Workspace, &mut [f32]),
    ) {
        // Taken out, so that the block can use the rest of the workspace.
        let mut buffer = std::mem::take(&mut workspace.branch);
        let branch = fit(&mut buffer, x.len());
        match self.placement {
            NormPlacement::Pre => {
                let mut normed = std::mem::take(&mut workspace.normed);
                normed.clear();
                normed.extend_from_slice(x);
                self.norm.apply(cpu, &mut normed);
                block(&normed, workspace, branch);
                rows::add(cpu, x, branch);
                workspace.normed = normed;
            }
            NormPlacement::Post => {
                block(x, workspace, branch);
                rows::add(cpu, x, branch);
                self.norm.apply(cpu, x);
            }
        }
        workspace.branch = buffer;
    }
}

/// An attention block.
pub(super) struct Attention {
    heads: usize,
    /// To queries, keys and values side by side, or to queries alone where keys and values come
    /// from elsewhere.
    input: Linear,
    output: Linear,
    sublayer: Sublayer,
}

impl Attention {
    /// `x ← x + attention(x)`, normalised. `attend` is given the projected rows and the block that
    /// it calls [`Heads::attend`] of, with what each row attends to.
    pub fn run(
        &self,
        cpu: Cpu,
        x: &mut [f32],
        workspace: &mut Workspace,
        attend: impl FnOnce(&[f32], &mut Heads<'_>),
    ) {
        self.sublayer.run(cpu, x, workspace, |x, workspace, out| {
            let Workspace {
                scratch,
                projected,
                attended,
                scores,
                ..
            } = workspace;
            let projected = &*self.input.forward(cpu, x, scratch, projected);
            let attended = fit(attended, x.len());
            let mut heads = Heads {
                cpu,
                count: self.heads,
                width: self.output.outputs(),
                stride: self.input.outputs(),
                projected,
                attended,
                scores,
            };
            attend(projected, &mut heads);
            self.output.forward_into(cpu, attended, scratch, out);
        });
    }
}

/// The heads of an attention block, over the rows of a batch.
pub(super) struct Heads<'a> {
    cpu: Cpu,
    count: usize,
    width: usize,
    stride: usize,
    projected: &'a [f32],
    attended: &'a mut [f32],
    scores: &'a mut Vec<f32>,
}

impl Heads<'_> {
    /// Attention of every row's query over `context(row)`.
    pub fn attend<'c>(&mut self, context: impl Fn(usize) -> Context<'c>) {
        let queries = self.projected.chunks_exact(self.stride);
        let outputs = self.attended.chunks_exact_mut(self.width);
        for (row, (query, out)) in queries.zip(outputs).enumerate() {
            let query = &query[..self.width];
            attend(self.cpu, query, context(row), self.count, self.scores, out);
        }
    }
}

/// Two linear maps with an activation between them.
pub(super) struct FeedForward {
    first: Linear,
    activation: Activation,
    second: Linear,
    sublayer: Sublayer,
}

impl FeedForward {
    pub fn run(&self, cpu: Cpu, x: &mut [f32], workspace: &mut Workspace) {
        self.sublayer.run(cpu, x, workspace, |x, workspace, out| {
            let width = self.second.outputs();
            // In blocks, so that the wide rows between the two maps stay in the cache.
            let blocks = x
                .chunks(BLOCK_ROWS * width)
                .zip(out.chunks_mut(BLOCK_ROWS * width));
            for (x, out) in blocks {
                let scratch = &mut workspace.scratch;
                let inner = self.first.forward(cpu, x, scratch, &mut workspace.inner);
                match self.activation {
                    Activation::Silu => rows::silu(cpu, inner),
                    Activation::Relu => rows::relu(cpu, inner),
                    Activation::Gelu => rows::gelu(cpu, inner),
                }
                self.second.forward_into(cpu, inner, scratch, out);
            }
        });
    }
}
