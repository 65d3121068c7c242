//! Products of activations with weights: `y = x·Wᵀ + b`.
//!
//! Weights are packed at load time into panels of [`PANEL`] output columns, which kernels read
//! sequentially. Each output is computed from its row of `x` and its column in an order that depends on
//! neither the number of rows nor the kernel, so that results are bit-identical. Attention uses the same
//! kernels with keys and values as weights.

/// Calls the instance of a kernel for a number of rows and its other generic parameters.
macro_rules! for_rows {
    ($count:expr, $kernel:ident $([$($parameter:tt),*])? ($($argument:expr),*)) => {
        match $count {
            6 => $kernel::<6 $($(, $parameter)*)?>($($argument),*),
            5 => $kernel::<5 $($(, $parameter)*)?>($($argument),*),
            4 => $kernel::<4 $($(, $parameter)*)?>($($argument),*),
            3 => $kernel::<3 $($(, $parameter)*)?>($($argument),*),
            2 => $kernel::<2 $($(, $parameter)*)?>($($argument),*),
            _ => $kernel::<1 $($(, $parameter)*)?>($($argument),*),
        }
    };
}

mod float;
mod int8;

use super::{Cpu, Numeric};
use crate::model::Matrix;
pub(super) use float::PackedFloat;
use int8::{PackedInt8, QuantizedRows};

/// Output columns that are computed at once.
pub(super) const PANEL: usize = 64;
/// Rows that are computed at once. With a whole panel, their sums fill the 32 registers of AVX-512.
pub(super) const TILE_ROWS: usize = 6;
/// The most rows that any kernel computes at once: those of an AMX tile.
const MOST_TILE_ROWS: usize = 16;
/// Rows that are multiplied by all weights before the next block of rows, so that they stay in the cache.
pub(super) const BLOCK_ROWS: usize = 96;

/// A linear map, `x·Wᵀ + b`, with its weights packed for the kernels of one processor.
pub struct Linear {
    cpu: Cpu,
    weight: Weight,
    /// `[outputs]`, padded to whole panels.
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

enum Weight {
    F32(PackedFloat<f32>),
    Int8(PackedInt8),
}

/// Returns the first `length` values of a buffer, which grows if necessary but never shrinks.
pub(super) fn fit<T: Clone + Default>(buffer: &mut Vec<T>, length: usize) -> &mut [T] {
    if buffer.len() < length {
        buffer.resize(length, T::default());
    }
    &mut buffer[..length]
}

/// Buffers of products, kept to avoid allocations.
#[derive(Default)]
pub struct Scratch {
    quantized: QuantizedRows,
}

impl Linear {
    /// Packs a linear map for `cpu`. `parts` are matrices whose outputs are concatenated, `[bias.len(), inputs]` in
    /// total. Products are computed in F32 unless `numeric` is [`Numeric::Int8`].
    pub fn new(
        cpu: Cpu,
        parts: Vec<Matrix>,
        bias: &[f32],
        inputs: usize,
        numeric: Numeric,
    ) -> Self {
        let outputs = bias.len();
        let mut padded = bias.to_vec();
        padded.resize(outputs.next_multiple_of(PANEL), 0.0);
        let weight = match numeric {
            Numeric::F32 | Numeric::F16 | Numeric::Bf16 => {
                let rows = parts.into_iter().map(|part| part.into_f32(inputs));
                Weight::F32(PackedFloat::new(&rows.collect::<Vec<_>>().concat(), inputs))
            }
            Numeric::Int8 => {
                let (values, scales): (Vec<_>, Vec<_>) =
                    parts.into_iter().map(|part| part.quantize(inputs)).unzip();
                let (values, scales) = (values.concat(), scales.concat());
                Weight::Int8(PackedInt8::new(cpu, &values, &scales, inputs))
            }
        };
        Self {
            cpu,
            weight,
            bias: padded,
            inputs,
            outputs,
        }
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Computes `x·Wᵀ + b` for `x` of shape `[rows, inputs]`. The result, `[rows, outputs]`, is at the
    /// beginning of `buffer`.
    pub fn forward<'b>(
        &self,
        x: &[f32],
        scratch: &mut Scratch,
        buffer: &'b mut Vec<f32>,
    ) -> &'b mut [f32] {
        let out = fit(buffer, x.len() / self.inputs * self.outputs);
        self.forward_into(x, scratch, out);
        out
    }

    /// Like [`Self::forward`], with the result in `out`, `[rows, outputs]`.
    pub fn forward_into(&self, x: &[f32], scratch: &mut Scratch, out: &mut [f32]) {
        self.forward_to_columns(x, scratch, self.outputs, out);
    }

    /// Like [`Self::forward`], with rows of [`Self::padded_outputs`], which saves copying the last panel.
    /// Those beyond the last output are undefined.
    pub fn forward_padded<'b>(
        &self,
        x: &[f32],
        scratch: &mut Scratch,
        buffer: &'b mut Vec<f32>,
    ) -> &'b mut [f32] {
        let width = self.padded_outputs();
        let out = fit(buffer, x.len() / self.inputs * width);
        self.forward_to_columns(x, scratch, width, out);
        out
    }

    /// Number of outputs of whole panels.
    pub fn padded_outputs(&self) -> usize {
        self.bias.len()
    }

    /// Computes the first `width` outputs, into `[rows, width]`.
    fn forward_to_columns(&self, x: &[f32], scratch: &mut Scratch, width: usize, out: &mut [f32]) {
        debug_assert_eq!(x.len() / self.inputs * width, out.len());
        // No outputs are selected.
        if width == 0 {
            return;
        }
        let blocks = x
            .chunks(BLOCK_ROWS * self.inputs)
            .zip(out.chunks_mut(BLOCK_ROWS * width));
        for (x, out) in blocks {
            match &self.weight {
                Weight::F32(weight) => {
                    let x = (x, self.inputs);
                    weight.product(self.cpu, x, Some(&self.bias), (width, width), out);
                }
                Weight::Int8(weight) => {
                    scratch.quantized.fill(self.cpu, x, self.inputs);
                    weight.product(&scratch.quantized, &self.bias, width, out);
                }
            }
        }
    }

    /// Returns the map to the outputs `ids` only, in that order.
    pub fn select(&self, ids: &[u32]) -> Self {
        let mut bias: Vec<f32> = ids.iter().map(|&id| self.bias[id as usize]).collect();
        bias.resize(ids.len().next_multiple_of(PANEL), 0.0);
        Self {
            cpu: self.cpu,
            weight: match &self.weight {
                Weight::F32(weight) => Weight::F32(weight.select(ids)),
                Weight::Int8(weight) => Weight::Int8(weight.select(ids)),
            },
            bias,
            inputs: self.inputs,
            outputs: ids.len(),
        }
    }

    /// Copies row `output` of the weights, `[inputs]`, to `row`. If the embedding table is tied to the
    /// output projection, this is the embedding of a token.
    pub fn copy_row(&self, output: usize, row: &mut [f32]) {
        match &self.weight {
            Weight::F32(weight) => weight.copy_row(output, row),
            Weight::Int8(weight) => weight.copy_row(output, row),
        }
    }
}

/// Calls `kernel(out, stride)`, which writes all [`PANEL`] columns of a panel to rows `stride` values
/// apart. If the last panel is only partly within `width`, `kernel` writes to a buffer that is copied.
fn with_whole_panel(
    out: &mut [f32],
    rows: usize,
    (width, stride): (usize, usize),
    column: usize,
    kernel: impl FnOnce(&mut [f32], usize),
) {
    if column + PANEL <= width {
        kernel(&mut out[column..], stride);
    } else {
        through_buffer(out, rows, (width, stride), column, kernel);
    }
}

/// A function of its own, because inlined it would clear the buffer for whole panels too.
#[cold]
#[inline(never)]
fn through_buffer(
    out: &mut [f32],
    rows: usize,
    (width, stride): (usize, usize),
    column: usize,
    kernel: impl FnOnce(&mut [f32], usize),
) {
    let mut buffer = [0.0; MOST_TILE_ROWS * PANEL];
    kernel(&mut buffer, PANEL);
    for (row, values) in buffer.chunks_exact(PANEL).take(rows).enumerate() {
        out[row * stride + column..row * stride + width].copy_from_slice(&values[..width - column]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(seed: u64, count: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .take(count)
        .collect()
    }

    fn linear(cpu: Cpu, inputs: usize, outputs: usize, numeric: Numeric) -> Linear {
        let weight = values(3, inputs * outputs);
        Linear::new(
            cpu,
            vec![Matrix::F32(weight)],
            &values(4, outputs),
            inputs,
            numeric,
        )
    }

    fn product(linear: &Linear, x: &[f32]) -> Vec<f32> {
        let mut out = Vec::new();
        linear.forward(x, &mut Scratch::default(), &mut out);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_row_does_not_depend_on_the_other_rows_or_the_kernel(
            rows in 1usize..40,
            inputs in 1usize..150,
            outputs in 1usize..150,
            int8: bool,
        ) {
            let numeric = if int8 { Numeric::Int8 } else { Numeric::F32 };
            let x = values(rows as u64, rows * inputs);
            let together = product(&linear(Cpu::best(), inputs, outputs, numeric), &x);
            for cpu in Cpu::available() {
                let linear = linear(cpu, inputs, outputs, numeric);
                for (x, expected) in x.chunks_exact(inputs).zip(together.chunks_exact(outputs)) {
                    let single = product(&linear, x);
                    prop_assert!(single.iter().map(|v| v.to_bits()).eq(expected.iter().map(|v| v.to_bits())), "{cpu}");
                }
            }
        }
    }

    #[test]
    fn products_match_the_definition() {
        for numeric in [Numeric::F32, Numeric::Int8] {
            let (rows, inputs, outputs) = (101, 90, 130);
            let (weight, bias, x) = (
                values(3, inputs * outputs),
                values(4, outputs),
                values(9, rows * inputs),
            );
            // Rounding errors of 1/254 and 1/126 in the factors, over 90 terms of either sign.
            let tolerance = if numeric == Numeric::F32 { 1e-5 } else { 0.1 };
            for cpu in Cpu::available() {
                let out = product(&linear(cpu, inputs, outputs, numeric), &x);
                for (row, column) in [(0, 0), (5, 63), (6, 64), (95, 129), (96, 1), (100, 128)] {
                    let exact: f64 = (0..inputs)
                        .map(|k| {
                            f64::from(x[row * inputs + k]) * f64::from(weight[column * inputs + k])
                        })
                        .sum::<f64>()
                        + f64::from(bias[column]);
                    let got = f64::from(out[row * outputs + column]);
                    assert!(
                        (got - exact).abs() < tolerance,
                        "{cpu} {numeric:?} ({row}, {column}): {got} {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        // All activations and weights at their maximum, in longer rows than those of any real model.
        let inputs = 16384;
        for cpu in Cpu::available() {
            let weight = vec![Matrix::F32(vec![1.0; inputs * 2])];
            let linear = Linear::new(cpu, weight, &[0.0, 0.0], inputs, Numeric::Int8);
            let out = product(&linear, &vec![1.0; inputs]);
            assert!((out[0] - 16384.0).abs() < 1.0, "{cpu}: {}", out[0]);
        }
    }

    #[test]
    fn runs_of_large_weights_give_the_same_sums() {
        // All magnitudes the largest, of either sign, so that no run fits into lanes of 16 bits, beside
        // outputs all of whose runs do.
        let (inputs, outputs) = (16 * 70 - 1, 24);
        let weight = (0..inputs * outputs).map(|i| match i / inputs % 3 {
            0 => 1.0,
            1 => {
                if i % 5 < 2 {
                    -1.0
                } else {
                    1.0
                }
            }
            _ => {
                if i % inputs == 0 {
                    1.0
                } else {
                    0.05
                }
            }
        });
        let weight: Vec<f32> = weight.collect();
        let linear = |cpu| {
            let weight = vec![Matrix::F32(weight.clone())];
            Linear::new(cpu, weight, &vec![0.0; outputs], inputs, Numeric::Int8)
        };
        for row in [vec![1.0; inputs], vec![-1.0; inputs], values(7, inputs)] {
            let x = row.repeat(7);
            let expected = product(&linear(Cpu(crate::nn::cpu::Level::Portable)), &x);
            for cpu in Cpu::available() {
                assert_eq!(product(&linear(cpu), &x), expected, "{cpu}");
            }
        }
    }

    #[test]
    fn selected_outputs_equal_those_of_the_whole_map() {
        for (numeric, cpu) in numerics_and_processors() {
            let linear = linear(cpu, 90, 200, numeric);
            let ids: Vec<u32> = (0..200).filter(|id| id % 3 == 1).collect();
            let x = values(5, 7 * 90);
            assert!(product(&linear.select(&[]), &x).is_empty());
            let (whole, some) = (product(&linear, &x), product(&linear.select(&ids), &x));
            for (whole, some) in whole.chunks_exact(200).zip(some.chunks_exact(ids.len())) {
                for (&id, some) in ids.iter().zip(some) {
                    assert_eq!(whole[id as usize].to_bits(), some.to_bits());
                }
            }
        }
    }

    #[test]
    fn a_row_of_the_weights_can_be_read_back() {
        let weight = values(3, 90 * 70);
        for (numeric, cpu) in numerics_and_processors() {
            let tolerance = if numeric == Numeric::F32 { 0.0 } else { 0.005 };
            let linear = linear(cpu, 90, 70, numeric);
            let mut row = vec![0.0; 90];
            linear.copy_row(66, &mut row);
            for (value, expected) in row.iter().zip(&weight[66 * 90..]) {
                assert!((value - expected).abs() <= tolerance);
            }
        }
    }

    fn numerics_and_processors() -> impl Iterator<Item = (Numeric, Cpu)> {
        let numerics = [Numeric::F32, Numeric::Int8].into_iter();
        numerics.flat_map(|numeric| Cpu::available().into_iter().map(move |cpu| (numeric, cpu)))
    }
}
