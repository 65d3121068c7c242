//! The parts of a transformer layer on the CPU: normalisation, attention, feed-forward blocks, and
//! residual connections.

use std::ops::Range;

use super::attention::{self, KeyValues, Queries};
use super::history::{History, Query, attend};
use super::parts::{Attention, Build, FeedForward, Sublayer};
use super::product::{BLOCK_ROWS, Linear, Scratch, fit};
use super::relative::Biases;
use super::{Cpu, Numeric, rows};
use crate::model::{Activation, Matrix, ModelError, NormPlacement};

/// Builds the network's parts for the kernels of this crate.
pub(super) struct Kernels {
    pub cpu: Cpu,
    pub numeric: Numeric,
}

impl Build for Kernels {
    type Linear = Linear;
    type Norm = Norm;
    type Positions = Vec<f32>;

    fn linear(
        &self,
        parts: Vec<Matrix>,
        bias: &[f32],
        inputs: usize,
    ) -> Result<Linear, ModelError> {
        Ok(Linear::new(self.cpu, parts, bias, inputs, self.numeric))
    }

    fn norm(
        &self,
        weight: Vec<f32>,
        bias: Option<Vec<f32>>,
        epsilon: f32,
    ) -> Result<Norm, ModelError> {
        Ok(Norm {
            weight,
            bias,
            epsilon,
        })
    }

    fn positions(&self, values: Vec<f32>, _: usize) -> Result<Vec<f32>, ModelError> {
        Ok(values)
    }
}

/// Buffers shared by layers and steps to avoid allocations.
#[derive(Default)]
pub(super) struct Workspace {
    pub scratch: Scratch,
    normed: Vec<f32>,
    branch: Vec<f32>,
    pub projected: Vec<f32>,
    attended: Vec<f32>,
    inner: Vec<f32>,
    gate: Vec<f32>,
    attention: attention::Scratch,
}

pub(super) struct Norm {
    weight: Vec<f32>,
    bias: Option<Vec<f32>>,
    epsilon: f32,
}

impl Norm {
    pub(super) fn apply(&self, cpu: Cpu, rows: &mut [f32]) {
        match &self.bias {
            Some(bias) => rows::layer_norm(cpu, rows, &self.weight, bias, self.epsilon),
            None => rows::rms_norm(cpu, rows, &self.weight, self.epsilon),
        }
    }
}

impl Sublayer<Kernels> {
    /// `x ← x + block(norm(x))` or `x ← norm(x + block(x))`. `block(input, workspace, output)` writes an
    /// output of the shape of its input.
    fn run(
        &self,
        cpu: Cpu,
        x: &mut [f32],
        workspace: &mut Workspace,
        block: impl FnOnce(&[f32], &mut Workspace, &mut [f32]),
    ) {
        // Taken out because `block` borrows the workspace.
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

impl Attention<Kernels> {
    /// `x ← x + attention(x)`, normalised. `attend` receives the projected rows and the heads, of which it
    /// calls [`Heads::attend`] or [`Heads::attend_to`].
    pub(super) fn run(
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
                attention,
                ..
            } = workspace;
            let projected = &*self.input.forward(x, scratch, projected);
            let attended = fit(attended, x.len() / self.output.outputs() * self.width);
            let mut heads = Heads {
                cpu,
                count: self.heads,
                width: self.width,
                scale: self.scale,
                stride: self.input.outputs(),
                projected,
                attended,
                scratch: attention,
            };
            attend(projected, &mut heads);
            self.output.forward_into(attended, scratch, out);
        });
    }
}

/// The heads of an attention block, for the rows of a batch.
pub(super) struct Heads<'a> {
    cpu: Cpu,
    count: usize,
    width: usize,
    scale: f32,
    stride: usize,
    projected: &'a [f32],
    attended: &'a mut [f32],
    scratch: &'a mut attention::Scratch,
}

impl Heads<'_> {
    /// Attention of each row's query to `history(row)`.
    pub(super) fn attend<'c>(&mut self, history: impl Fn(usize) -> History<'c>) {
        let queries = self.projected.chunks_exact(self.stride);
        let outputs = self.attended.chunks_exact_mut(self.width);
        for (row, (query, out)) in queries.zip(outputs).enumerate() {
            let query = Query {
                row: &query[..self.width],
                heads: self.count,
                scale: self.scale,
            };
            attend(self.cpu, query, history(row), self.scratch, out);
        }
    }

    /// Attention of the queries of `rows` to all of `key_values`. `biases` takes the index of a row within
    /// `rows`.
    pub(super) fn attend_to<'b>(
        &mut self,
        key_values: &KeyValues,
        rows: Range<usize>,
        biases: impl Fn(usize) -> Option<Biases<'b>>,
    ) {
        let queries = Queries {
            rows: &self.projected[rows.start * self.stride..rows.end * self.stride],
            stride: self.stride,
            scale: self.scale,
        };
        let out = &mut self.attended[rows.start * self.width..rows.end * self.width];
        key_values.attend(self.cpu, queries, biases, self.scratch, out);
    }
}

impl FeedForward<Kernels> {
    pub(super) fn run(&self, cpu: Cpu, x: &mut [f32], workspace: &mut Workspace) {
        self.sublayer.run(cpu, x, workspace, |x, workspace, out| {
            let width = self.second.outputs();
            // In blocks, so that the inner values stay in the cache.
            let blocks = x
                .chunks(BLOCK_ROWS * width)
                .zip(out.chunks_mut(BLOCK_ROWS * width));
            for (x, out) in blocks {
                let scratch = &mut workspace.scratch;
                let inner = self.first.forward(x, scratch, &mut workspace.inner);
                match self.activation {
                    Activation::Silu => rows::silu(cpu, inner),
                    Activation::Relu => rows::relu(cpu, inner),
                    Activation::Gelu => rows::gelu(cpu, inner),
                    Activation::GeluTanh => rows::gelu_tanh(cpu, inner),
                }
                if let Some(gate) = &self.gate {
                    let gate = gate.forward(x, scratch, &mut workspace.gate);
                    rows::multiply(cpu, inner, gate);
                }
                self.second.forward_into(inner, scratch, out);
            }
        });
    }
}
