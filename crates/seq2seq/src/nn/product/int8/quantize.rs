//! Rows of activations as 8-bit integers.

#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

use super::super::fit;
use super::{OFFSET, RUN_INPUTS, takes_centred_rows};
use crate::nn::Cpu;
#[cfg(target_arch = "x86_64")]
use crate::nn::cpu::Level;

/// The difference between the largest and the smallest activation of a row, or 0.
const SPAN: f32 = 126.0;

/// Rows of activations as 8-bit integers, as the kernels of one processor take them. There may be more from
/// earlier uses.
#[derive(Default)]
pub(in super::super) struct QuantizedRows {
    /// `[rows, width]`, each value + 128, or [`Centred::values`].
    values: Vec<u8>,
    /// [`Centred::centres`]; empty but for AVX2.
    centres: Vec<i32>,
    /// [`Centred::starts`]; empty but for AVX2.
    starts: Vec<Start>,
    /// `[rows]`
    scales: Vec<f32>,
    /// Number of rows.
    rows: usize,
    /// Length of a row: whole runs.
    width: usize,
}

/// The two lanes of 16 bits of a run: that of the first two and that of the last two inputs of its groups.
type Lanes = [i16; 2];
/// Where the sums of a run's products start, and those of its second half.
pub(super) type Start = [Lanes; 2];

/// Activations for AVX2.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(super) struct Centred<'a> {
    /// `[rows, runs·RUN_INPUTS]`, signed: each value minus its row's centre, within ±64.
    pub values: &'a [u8],
    /// `[rows]`: the middle between a row's largest and its smallest value, or 0.
    pub centres: &'a [i32],
    /// `[rows, runs]`: what takes the 128 off the weights again: −128 times the sum of a lane's activations,
    /// modulo 2¹⁶.
    pub starts: &'a [Start],
    /// Number of runs in a row.
    pub runs: usize,
}

/// A range of [`QuantizedRows`].
#[derive(Clone)]
pub(super) struct Block<'a> {
    all: &'a QuantizedRows,
    rows: Range<usize>,
}

impl QuantizedRows {
    pub(super) fn block(&self) -> Block<'_> {
        Block {
            all: self,
            rows: 0..self.rows,
        }
    }

    /// Quantises `x`, `[rows, inputs]`, by the span of each row.
    pub(in super::super) fn fill(&mut self, cpu: Cpu, x: &[f32], inputs: usize) {
        self.width = inputs.next_multiple_of(RUN_INPUTS);
        self.rows = x.len() / inputs;
        let rows = self.rows;
        fit(&mut self.values, rows * self.width);
        fit(&mut self.scales, rows);
        if takes_centred_rows(cpu) {
            fit(&mut self.centres, rows);
            fit(&mut self.starts, rows * self.width / RUN_INPUTS);
        }
        let x = x.chunks_exact(inputs);
        let values = self.values.chunks_exact_mut(self.width);
        let rows = x.zip(values).zip(&mut self.scales);
        match cpu.0 {
            // SAFETY: a `Cpu` names only extensions that this processor has reported.
            #[cfg(target_arch = "x86_64")]
            Level::Amx | Level::Avx512 => unsafe {
                for ((x, values), scale) in rows {
                    *scale = x86::quantize_avx512(x, values);
                }
            },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::AvxVnni => unsafe {
                for ((x, values), scale) in rows {
                    *scale = x86::quantize_avx2(x, values);
                }
            },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe {
                let starts = self.starts.chunks_exact_mut(self.width / RUN_INPUTS);
                let centred = rows.zip(&mut self.centres).zip(starts);
                for ((((x, values), scale), centre), starts) in centred {
                    (*scale, *centre) = x86::quantize_centred_avx2(x, values);
                    x86::starts_avx2(values, starts);
                }
            },
            _ => {
                for ((x, values), scale) in rows {
                    *scale = quantize_portable(x, values);
                }
            }
        }
    }
}

impl<'a> Block<'a> {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// `[rows, width]`
    pub(super) fn values(&self) -> &'a [u8] {
        &self.all.values[self.rows.start * self.all.width..self.rows.end * self.all.width]
    }

    #[cfg(target_arch = "x86_64")]
    pub(super) fn centred(&self) -> Centred<'a> {
        let runs = self.all.width / RUN_INPUTS;
        Centred {
            values: self.values(),
            centres: &self.all.centres[self.rows.clone()],
            starts: &self.all.starts[self.rows.start * runs..self.rows.end * runs],
            runs,
        }
    }

    pub(super) fn scales(&self) -> &'a [f32] {
        &self.all.scales[self.rows.clone()]
    }

    pub(super) fn part(&self, rows: Range<usize>) -> Self {
        Self {
            all: self.all,
            rows,
        }
    }

    /// Splits into blocks of `rows` rows; the last one may be shorter.
    pub(super) fn chunks(&self, rows: usize) -> impl Iterator<Item = Self> {
        let Range { start, end } = self.rows;
        let starts = (start..end).step_by(rows);
        starts.map(move |start| self.part(start..end.min(start + rows)))
    }
}

/// The factor that takes a row with this largest and this smallest value, or 0, to integers, and the scale
/// that takes it back.
fn factor_and_scale(most: f32, least: f32) -> (f32, f32) {
    let span = most - least;
    let factor = if span > 0.0 { SPAN / span } else { 0.0 };
    (factor, span / SPAN)
}

/// Quantises a row and returns its scale. Inputs that `x` lacks are 0.
fn quantize_portable(x: &[f32], values: &mut [u8]) -> f32 {
    /// Adding 1.5·2²³ rounds to the nearest integer, ties to even, in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let (mut most, mut least) = (0.0f32, 0.0f32);
    for &value in x {
        most = most.max(value);
        least = least.min(value);
    }
    let (factor, scale) = factor_and_scale(most, least);
    values[x.len()..].fill(OFFSET as u8);
    for (value, quantized) in x.iter().zip(values) {
        let rounded = (value * factor + ROUND).to_bits();
        *quantized = rounded.wrapping_add(OFFSET as u32) as u8;
    }
    scale
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn every_processor_quantises_to_the_same_values() {
        for inputs in [1, 5, 16, 31, 64, 100, 256, 300] {
            let sample = |seed: usize| -> Vec<f32> {
                let mixed =
                    (0..inputs).map(|i| (i + seed).wrapping_mul(2_654_435_761) >> 12 & 0xFFFF);
                mixed
                    .map(|value| (value as f32 - 20_000.0 * seed as f32) / 1000.0)
                    .collect()
            };
            let rows: Vec<Vec<f32>> = vec![sample(0), sample(1), sample(3), vec![0.0; inputs]];
            let x = rows.concat();
            let mut expected = QuantizedRows::default();
            expected.fill(Cpu(Level::Portable), &x, inputs);
            for cpu in Cpu::available() {
                let mut got = QuantizedRows::default();
                // What an earlier use has left.
                got.fill(cpu, &vec![7.0; 600], 300);
                got.fill(cpu, &x, inputs);
                assert_eq!(got.block().scales(), expected.scales, "{cpu}");
                if !takes_centred_rows(cpu) {
                    assert_eq!(got.block().values(), expected.values, "{cpu}");
                    continue;
                }
                let block = got.block();
                let Centred {
                    values,
                    centres,
                    starts,
                    runs,
                } = block.centred();
                for (index, (values, plain)) in values.iter().zip(&expected.values).enumerate() {
                    let value = i32::from(values.cast_signed());
                    let plain = i32::from(*plain) - OFFSET;
                    assert_eq!(
                        value + centres[index / got.width],
                        plain,
                        "{inputs} {index}"
                    );
                    assert!((-64..=64).contains(&value));
                }
                for (index, start) in starts.iter().enumerate() {
                    let run = &values[index * RUN_INPUTS..][..RUN_INPUTS];
                    let sum = |inputs: Range<usize>, lane: usize| -> i16 {
                        let of_lane = inputs.filter(|i| i % 4 / 2 == lane);
                        let sum: i32 = of_lane.map(|i| i32::from(run[i].cast_signed())).sum();
                        (-OFFSET * sum) as i16
                    };
                    let half = RUN_INPUTS / 2;
                    let whole = [sum(0..RUN_INPUTS, 0), sum(0..RUN_INPUTS, 1)];
                    let second = [sum(half..RUN_INPUTS, 0), sum(half..RUN_INPUTS, 1)];
                    assert_eq!(*start, [whole, second], "{inputs} {index} of {runs}");
                }
            }
        }
    }
}
