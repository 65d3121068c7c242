//! Products in 8-bit integers with 32-bit sums.
//!
//! Weights have one scale for each output, activations one for each row. Activations are stored as
//! `value + 128`, which is what the instructions take (unsigned by signed); the 128 times the sum of
//! an output's weights that this adds is taken away again at the end. Sums of integers are exact, so
//! every kernel gives the same.

use super::super::cpu::vectorised;
use super::{Cpu, PANEL, TILE_ROWS, with_whole_panel};
#[cfg(target_arch = "x86_64")]
use crate::nn::cpu::Level;

/// Inputs that one instruction sums up.
const GROUP: usize = 4;
/// What is added to activations to make them unsigned.
const OFFSET: i32 = 128;

/// Weights in panels: for each panel of 64 outputs, for each group of 4 inputs, 64 × 4 values.
pub(super) struct PackedInt8 {
    panels: Vec<i8>,
    /// `[outputs]`, filled up to whole panels, as is the next.
    scales: Vec<f32>,
    /// 128 times the sum of each output's weights.
    offsets: Vec<i32>,
    /// Groups of inputs.
    groups: usize,
}

/// Rows of activations in 8-bit integers.
#[derive(Default)]
pub struct QuantizedRows {
    /// `[rows, groups·4]`, each value + 128.
    values: Vec<u8>,
    /// `[rows]`
    scales: Vec<f32>,
    /// Length of a row.
    width: usize,
}

impl QuantizedRows {
    /// Quantises `x`, `[rows, inputs]`, the largest value of each row at ±127.
    pub fn fill(&mut self, cpu: Cpu, x: &[f32], inputs: usize) {
        self.width = inputs.next_multiple_of(GROUP);
        let rows = x.len() / inputs;
        self.values.resize(rows * self.width, OFFSET as u8);
        self.scales.resize(rows, 0.0);
        if self.width != inputs {
            self.values.fill(OFFSET as u8);
        }
        quantize_rows(
            cpu,
            x,
            inputs,
            &mut self.values,
            self.width,
            &mut self.scales,
        );
    }
}

vectorised! {
    fn quantize_rows(x: &[f32], inputs: usize, values: &mut [u8], width: usize, scales: &mut [f32]) {
        /// Adding 1.5·2²³ leaves the nearest integer, ties to even, in the low bits.
        const ROUND: f32 = 12_582_912.0;
        let rows = x.chunks_exact(inputs).zip(values.chunks_exact_mut(width));
        for ((row, values), scale) in rows.zip(scales) {
            let largest = crate::nn::rows::largest_magnitude(row);
            let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
            *scale = largest / 127.0;
            for (value, quantized) in row.iter().zip(values) {
                let rounded = (value * inverse + ROUND).to_bits();
                *quantized = rounded.wrapping_add(OFFSET as u32) as u8;
            }
        }
    }
}

impl PackedInt8 {
    /// `weight`: `[outputs, inputs]`, `scales`: `[outputs]`.
    pub fn new(weight: &[i8], scales: &[f32], inputs: usize) -> Self {
        let groups = inputs.div_ceil(GROUP);
        let outputs = scales.len().next_multiple_of(PANEL);
        let mut panels = vec![0i8; outputs * groups * GROUP];
        let mut offsets = vec![0; outputs];
        // −128 has no counterpart: kernels that change signs would not know it.
        let weight: Vec<i8> = weight.iter().map(|&value| value.max(-127)).collect();
        for (output, row) in weight.chunks_exact(inputs).enumerate() {
            let panel = &mut panels[output / PANEL * PANEL * groups * GROUP..];
            for (group, values) in row.chunks(GROUP).enumerate() {
                let start = (group * PANEL + output % PANEL) * GROUP;
                panel[start..start + values.len()].copy_from_slice(values);
            }
            offsets[output] = OFFSET * row.iter().map(|&value| i32::from(value)).sum::<i32>();
        }
        let mut scales = scales.to_vec();
        scales.resize(outputs, 0.0);
        Self {
            panels,
            scales,
            offsets,
            groups,
        }
    }

    /// The outputs `ids` alone, in that order.
    pub fn select(&self, ids: &[u32]) -> Self {
        let outputs = ids.len().next_multiple_of(PANEL);
        let length = PANEL * self.groups * GROUP;
        let mut panels = vec![0i8; outputs * self.groups * GROUP];
        let (mut scales, mut offsets) = (vec![0.0; outputs], vec![0; outputs]);
        for (to, &id) in ids.iter().enumerate() {
            let from = id as usize;
            scales[to] = self.scales[from];
            offsets[to] = self.offsets[from];
            let source = &self.panels[from / PANEL * length..][..length];
            let target = &mut panels[to / PANEL * length..][..length];
            for start in (0..length).step_by(PANEL * GROUP) {
                let (source, target) = (&source[start..], &mut target[start..]);
                let (from, to) = (from % PANEL * GROUP, to % PANEL * GROUP);
                target[to..to + GROUP].copy_from_slice(&source[from..from + GROUP]);
            }
        }
        Self {
            panels,
            scales,
            offsets,
            groups: self.groups,
        }
    }

    pub fn copy_row(&self, output: usize, row: &mut [f32]) {
        let panel = &self.panels[output / PANEL * PANEL * self.groups * GROUP..];
        for (group, values) in row.chunks_mut(GROUP).enumerate() {
            let start = (group * PANEL + output % PANEL) * GROUP;
            for (value, &weight) in values.iter_mut().zip(&panel[start..]) {
                *value = f32::from(weight) * self.scales[output];
            }
        }
    }

    /// `out`: `[rows, width]`.
    pub fn product(
        &self,
        cpu: Cpu,
        x: &QuantizedRows,
        bias: &[f32],
        width: usize,
        out: &mut [f32],
    ) {
        let panels = self.panels.chunks_exact(PANEL * self.groups * GROUP);
        for (panel, weights) in panels.enumerate() {
            let column = panel * PANEL;
            let finish = Finish {
                scales: columns(&self.scales, column),
                offsets: columns(&self.offsets, column),
                bias: columns(bias, column),
            };
            let tiles = x
                .values
                .chunks(TILE_ROWS * x.width)
                .zip(x.scales.chunks(TILE_ROWS))
                .zip(out.chunks_mut(TILE_ROWS * width));
            for ((values, scales), out) in tiles {
                with_whole_panel(out, (scales.len(), width), column, |out, stride| {
                    tile(cpu, values, scales, weights, &finish, out, stride);
                });
            }
        }
    }
}

fn columns<T>(values: &[T], start: usize) -> &[T; PANEL] {
    values[start..start + PANEL]
        .try_into()
        .expect("panels are whole")
}

/// From the integer sums of a panel to its outputs.
struct Finish<'a> {
    scales: &'a [f32; PANEL],
    offsets: &'a [i32; PANEL],
    bias: &'a [f32; PANEL],
}

impl Finish<'_> {
    /// `sums` of one row, columns from `start`, into `out`.
    #[inline(always)]
    fn write<const N: usize>(
        &self,
        start: usize,
        row_scale: f32,
        sums: &[i32; N],
        out: &mut [f32],
    ) {
        for (i, (out, sum)) in out[..N].iter_mut().zip(sums).enumerate() {
            let column = start + i;
            let scale = row_scale * self.scales[column];
            *out = (sum - self.offsets[column]) as f32 * scale + self.bias[column];
        }
    }
}

/// Up to [`TILE_ROWS`] rows by one panel; row `i` goes to `out[i·stride..]`.
fn tile(
    cpu: Cpu,
    x: &[u8],
    scales: &[f32],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    match cpu.0 {
        // SAFETY: a `Cpu` names only extensions that this processor has reported.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { x86::tile_avx512(x, scales, weights, finish, out, stride) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { x86::tile_avx2(x, scales, weights, finish, out, stride) },
        _ => tile_portable(x, scales, weights, finish, out, stride),
    }
}

fn tile_portable(
    x: &[u8],
    scales: &[f32],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    let width = x.len() / scales.len();
    for (row, (x, &scale)) in x.chunks_exact(width).zip(scales).enumerate() {
        let mut sums = [0i32; PANEL];
        for (x, weights) in x
            .chunks_exact(GROUP)
            .zip(weights.chunks_exact(PANEL * GROUP))
        {
            for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(GROUP)) {
                for (&x, &weight) in x.iter().zip(weights) {
                    *sum += i32::from(x) * i32::from(weight);
                }
            }
        }
        finish.write(0, scale, &sums, &mut out[row * stride..]);
    }
}

#[cfg(target_arch = "x86_64")]
// Sums are indexed by row and vector as the registers they stand for.
#[allow(clippy::needless_range_loop)]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Finish, GROUP, PANEL};

    /// One row of activations after another, as the instructions take them.
    struct Rows<'a> {
        x: &'a [u8],
        width: usize,
    }

    impl Rows<'_> {
        /// The four activations of `row` in `group`.
        #[inline(always)]
        fn group(&self, row: usize, group: usize) -> i32 {
            let start = row * self.width + group * GROUP;
            debug_assert!(start + GROUP <= self.x.len());
            // SAFETY: callers count rows and groups by the length of `x`.
            unsafe { self.x.as_ptr().add(start).cast::<i32>().read_unaligned() }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) fn tile_avx512(
        x: &[u8],
        scales: &[f32],
        weights: &[i8],
        finish: &Finish<'_>,
        out: &mut [f32],
        stride: usize,
    ) {
        match scales.len() {
            6 => rows_avx512::<6>(x, scales, weights, finish, out, stride),
            5 => rows_avx512::<5>(x, scales, weights, finish, out, stride),
            4 => rows_avx512::<4>(x, scales, weights, finish, out, stride),
            3 => rows_avx512::<3>(x, scales, weights, finish, out, stride),
            2 => rows_avx512::<2>(x, scales, weights, finish, out, stride),
            _ => rows_avx512::<1>(x, scales, weights, finish, out, stride),
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    fn rows_avx512<const ROWS: usize>(
        x: &[u8],
        scales: &[f32],
        weights: &[i8],
        finish: &Finish<'_>,
        out: &mut [f32],
        stride: usize,
    ) {
        const VECTORS: usize = PANEL / 16;
        let rows = Rows {
            x,
            width: x.len() / ROWS,
        };
        let mut sums = [[_mm512_setzero_si512(); VECTORS]; ROWS];
        let groups = rows.width / GROUP;
        assert!(weights.len() == groups * PANEL * GROUP && x.len() == ROWS * groups * GROUP);
        for group in 0..groups {
            // SAFETY: the assertion above bounds `group`.
            let panel = unsafe { weights.as_ptr().add(group * PANEL * GROUP) };
            // SAFETY: a group of a panel is 4 vectors.
            let vectors: [__m512i; VECTORS] =
                std::array::from_fn(|i| unsafe { _mm512_loadu_si512(panel.add(i * 64).cast()) });
            for row in 0..ROWS {
                let x = _mm512_set1_epi32(rows.group(row, group));
                for i in 0..VECTORS {
                    sums[row][i] = _mm512_dpbusd_epi32(sums[row][i], x, vectors[i]);
                }
            }
        }
        for i in 0..VECTORS {
            let start = i * 16;
            // SAFETY: panels have 64 columns, and so many values stand in each of these arrays.
            let (offset, scale, bias) = unsafe {
                (
                    _mm512_loadu_si512(finish.offsets.as_ptr().add(start).cast()),
                    _mm512_loadu_ps(finish.scales.as_ptr().add(start)),
                    _mm512_loadu_ps(finish.bias.as_ptr().add(start)),
                )
            };
            for row in 0..ROWS {
                let sum = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[row][i], offset));
                let scale = _mm512_mul_ps(_mm512_set1_ps(scales[row]), scale);
                let value = _mm512_add_ps(_mm512_mul_ps(sum, scale), bias);
                let out: &mut [f32; 16] = (&mut out[row * stride + start..][..16])
                    .try_into()
                    .expect("16 values");
                // SAFETY: `out` has 16 values.
                unsafe { _mm512_storeu_ps(out.as_mut_ptr(), value) };
            }
        }
    }

    /// Columns whose sums fit into registers for two rows, eight of them in each.
    const COLUMNS: usize = 32;

    #[target_feature(enable = "avx2")]
    pub(super) fn tile_avx2(
        x: &[u8],
        scales: &[f32],
        weights: &[i8],
        finish: &Finish<'_>,
        out: &mut [f32],
        stride: usize,
    ) {
        let width = x.len() / scales.len();
        assert!(weights.len() == width * PANEL);
        for start in (0..PANEL).step_by(COLUMNS) {
            let pairs = x.chunks(2 * width).zip(scales.chunks(2));
            for ((x, scales), out) in pairs.zip(out.chunks_mut(2 * stride)) {
                match scales.len() {
                    2 => rows_avx2::<2>(x, scales, weights, start, finish, out, stride),
                    _ => rows_avx2::<1>(x, scales, weights, start, finish, out, stride),
                }
            }
        }
    }

    /// The instruction that multiplies bytes, unsigned by signed, adds pairs of products in 16 bits
    /// and saturates. Magnitudes of activations by weights that have taken over their signs stay
    /// below: 2 · 127 · 127 < 2¹⁵. So the sums are exact.
    #[target_feature(enable = "avx2")]
    fn rows_avx2<const ROWS: usize>(
        x: &[u8],
        scales: &[f32],
        weights: &[i8],
        start: usize,
        finish: &Finish<'_>,
        out: &mut [f32],
        stride: usize,
    ) {
        const VECTORS: usize = COLUMNS / 8;
        let rows = Rows {
            x,
            width: x.len() / ROWS,
        };
        let groups = rows.width / GROUP;
        assert!(weights.len() == groups * PANEL * GROUP && x.len() == ROWS * groups * GROUP);
        let ones = _mm256_set1_epi16(1);
        let mut sums = [[_mm256_setzero_si256(); VECTORS]; ROWS];
        for group in 0..groups {
            // SAFETY: the assertion above bounds `group`, and `start` lies in a panel.
            let panel = unsafe { weights.as_ptr().add((group * PANEL + start) * GROUP) };
            let x: [__m256i; ROWS] = std::array::from_fn(|row| {
                // Takes the 128 away again.
                _mm256_set1_epi32(rows.group(row, group) ^ 0x8080_8080_u32.cast_signed())
            });
            let magnitudes: [__m256i; ROWS] = std::array::from_fn(|row| _mm256_abs_epi8(x[row]));
            for i in 0..VECTORS {
                // SAFETY: 32 columns of a group are 4 vectors of 32 bytes.
                let weights = unsafe { _mm256_loadu_si256(panel.add(i * 32).cast()) };
                for row in 0..ROWS {
                    let signed = _mm256_sign_epi8(weights, x[row]);
                    let pairs = _mm256_maddubs_epi16(magnitudes[row], signed);
                    let products = _mm256_madd_epi16(pairs, ones);
                    sums[row][i] = _mm256_add_epi32(sums[row][i], products);
                }
            }
        }
        for row in 0..ROWS {
            let mut columns = [0i32; COLUMNS];
            for (i, columns) in columns.chunks_exact_mut(8).enumerate() {
                // SAFETY: `columns` has 8 values.
                unsafe { _mm256_storeu_si256(columns.as_mut_ptr().cast(), sums[row][i]) };
            }
            for (column, offset) in columns.iter_mut().zip(&finish.offsets[start..]) {
                *column += offset;
            }
            finish.write(
                start,
                scales[row],
                &columns,
                &mut out[row * stride + start..],
            );
        }
    }
}
