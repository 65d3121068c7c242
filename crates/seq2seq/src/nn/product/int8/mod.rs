//! Products in 8-bit integers with 32-bit sums.
//!
//! Weights have a scale for each output, activations a scale for each row. Weights are within ±127. The
//! largest and the smallest activation of a row, or 0, are 126 apart: with so many values, seven bits, the
//! byte products of AVX2 do not saturate, and translations are as good as with eight. Activations are
//! stored as `value + 128`, because VNNI multiplies unsigned by signed bytes. Its kernels subtract 128
//! times the sum of an output's weights from the result; those for Arm subtract the 128 from the
//! activations. AVX2 takes signed activations, [`Centred`], and adds the 128 to the weights. Integer sums
//! are exact, so all kernels give the same result.

use std::ops::Range;

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::super::cpu::vectorised;
use super::{Cpu, PANEL, TILE_ROWS, with_whole_panel};
use crate::nn::cpu::Level;

/// Inputs that one instruction multiplies and sums.
const GROUP: usize = 4;
/// Added to activations to make them unsigned.
const OFFSET: i32 = 128;
/// The difference between the largest and the smallest activation of a row, or 0.
const SPAN: f32 = 126.0;
/// Groups of inputs whose products AVX2 adds up in 16 bits.
const RUN: usize = 4;
/// The magnitudes that the weights of a lane of 16 bits may have in a run, added up, so that no sum of
/// products leaves the lane: 64 · 511 < 2¹⁵.
const NARROW: u32 = 511;

/// Weights in panels, `[outputs / PANEL, groups, PANEL, GROUP]`.
pub(super) struct PackedInt8 {
    panels: Vec<i8>,
    /// `[outputs]`, padded to whole panels.
    scales: Vec<f32>,
    /// `[outputs]`, padded to whole panels: 128 times the sum of each output's weights.
    offsets: Vec<i32>,
    /// `[outputs, words]`, padded to whole panels: the runs of each output, a bit for each, in which a
    /// lane's weights are larger than [`NARROW`].
    wide_runs: Vec<u64>,
    /// Number of groups of inputs.
    groups: usize,
}

/// The weights of one panel.
#[derive(Clone, Copy)]
struct Panel<'a> {
    /// `[groups, PANEL, GROUP]`
    weights: &'a [i8],
    /// `[PANEL, words]`
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code))]
    wide_runs: &'a [u64],
}

/// Rows of activations as 8-bit integers.
#[derive(Default)]
pub(super) struct QuantizedRows {
    /// `[rows, groups·GROUP]`, each value + 128; for AVX2 less the row's centre.
    values: Vec<u8>,
    /// See [`Centred::centres`]; empty but for AVX2.
    #[cfg(target_arch = "x86_64")]
    centres: Vec<i32>,
    /// See [`Centred::starts`]; empty but for AVX2.
    #[cfg(target_arch = "x86_64")]
    starts: Vec<[i16; 2]>,
    /// `[rows]`
    scales: Vec<f32>,
    /// Length of a row.
    width: usize,
}

/// Activations for AVX2.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Centred<'a> {
    /// `[rows, groups·GROUP]`, signed: each value minus its row's centre, within ±64.
    values: &'a [u8],
    /// `[rows]`: the middle of a row's values.
    centres: &'a [i32],
    /// `[rows, runs]`: what takes the 128 off the weights again. A run has sums of two lanes, that of the
    /// first two and that of the last two inputs of its groups. The sum of a lane's products is to start
    /// at −128 times the sum of its activations, modulo 2¹⁶.
    starts: &'a [[i16; 2]],
}

/// A range of [`QuantizedRows`].
#[derive(Clone)]
struct Block<'a> {
    all: &'a QuantizedRows,
    rows: Range<usize>,
}

impl QuantizedRows {
    fn block(&self) -> Block<'_> {
        Block {
            all: self,
            rows: 0..self.scales.len(),
        }
    }

    /// Quantises `x`, `[rows, inputs]`, by the span of each row.
    pub(super) fn fill(&mut self, cpu: Cpu, x: &[f32], inputs: usize) {
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
        #[cfg(target_arch = "x86_64")]
        if cpu.0 == Level::Avx2 {
            let runs = self.width / (RUN * GROUP);
            self.centres.resize(rows, 0);
            self.starts.resize(rows * runs, [0; 2]);
            centre_rows(cpu, &mut self.values, &mut self.centres, &mut self.starts);
        }
    }
}

impl<'a> Block<'a> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    /// `[rows, width]`
    fn values(&self) -> &'a [u8] {
        &self.all.values[self.rows.start * self.all.width..self.rows.end * self.all.width]
    }

    #[cfg(target_arch = "x86_64")]
    fn centred(&self) -> Centred<'a> {
        let runs = self.all.width / (RUN * GROUP);
        Centred {
            values: self.values(),
            centres: &self.all.centres[self.rows.clone()],
            starts: &self.all.starts[self.rows.start * runs..self.rows.end * runs],
        }
    }

    fn scales(&self) -> &'a [f32] {
        &self.all.scales[self.rows.clone()]
    }

    fn part(&self, rows: Range<usize>) -> Self {
        Self {
            all: self.all,
            rows,
        }
    }

    /// Splits into blocks of `rows` rows; the last one may be shorter.
    fn chunks(&self, rows: usize) -> impl Iterator<Item = Self> {
        let Range { start, end } = self.rows;
        let starts = (start..end).step_by(rows);
        starts.map(move |start| self.part(start..end.min(start + rows)))
    }
}

vectorised! {
    /// Makes values + 128, as many in each row, those of [`Centred`].
    #[cfg(target_arch = "x86_64")]
    fn centre_rows(values: &mut [u8], centres: &mut [i32], starts: &mut [[i16; 2]]) {
        let (width, runs) = (values.len() / centres.len(), starts.len() / centres.len());
        for (index, row) in values.chunks_exact_mut(width).enumerate() {
            let (mut least, mut most) = (u8::MAX, u8::MIN);
            for value in &*row {
                least = if *value < least { *value } else { least };
                most = if *value > most { *value } else { most };
            }
            // No value is further from it than 64, since rounding adds 1 to the span at most.
            let centre = (u32::from(least) + u32::from(most)).div_ceil(2) as u8;
            centres[index] = i32::from(centre) - OFFSET;
            for value in row.iter_mut() {
                *value = value.wrapping_sub(centre);
            }
            let (whole, _) = row.as_chunks::<{ RUN * GROUP }>();
            for (run, start) in whole.iter().zip(&mut starts[index * runs..(index + 1) * runs]) {
                let mut sums = [0i16; 2];
                for i in 0..RUN * GROUP {
                    sums[i % GROUP / 2] += i16::from(run[i].cast_signed());
                }
                *start = [sums[0].wrapping_mul(-OFFSET as i16), sums[1].wrapping_mul(-OFFSET as i16)];
            }
        }
    }
}

vectorised! {
    fn quantize_rows(x: &[f32], inputs: usize, values: &mut [u8], width: usize, scales: &mut [f32]) {
        /// Adding 1.5·2²³ rounds to the nearest integer, ties to even, in the low bits.
        const ROUND: f32 = 12_582_912.0;
        let rows = x.chunks_exact(inputs).zip(values.chunks_exact_mut(width));
        for ((row, values), scale) in rows.zip(scales) {
            let span = crate::nn::rows::span(row);
            let inverse = if span > 0.0 { SPAN / span } else { 0.0 };
            *scale = span / SPAN;
            for (value, quantized) in row.iter().zip(values) {
                let rounded = (value * inverse + ROUND).to_bits();
                *quantized = rounded.wrapping_add(OFFSET as u32) as u8;
            }
        }
    }
}

/// Words that have a bit for each run of `groups` groups.
fn words(groups: usize) -> usize {
    (groups / RUN).div_ceil(64)
}

/// Sets a bit for each run of an output in which the weights of a lane are larger than [`NARROW`].
fn mark_wide_runs(row: &[i8], words: &mut [u64]) {
    let runs = row.len().div_ceil(GROUP) / RUN;
    for (index, run) in row.chunks(RUN * GROUP).take(runs).enumerate() {
        let mut sums = [0u32; 2];
        for (i, weight) in run.iter().enumerate() {
            sums[i % GROUP / 2] += u32::from(weight.unsigned_abs());
        }
        if sums[0].max(sums[1]) > NARROW {
            words[index / 64] |= 1 << (index % 64);
        }
    }
}

impl PackedInt8 {
    /// `weight`: `[outputs, inputs]`, `scales`: `[outputs]`.
    pub(super) fn new(weight: &[i8], scales: &[f32], inputs: usize) -> Self {
        let groups = inputs.div_ceil(GROUP);
        let outputs = scales.len().next_multiple_of(PANEL);
        let mut panels = vec![0i8; outputs * groups * GROUP];
        let mut offsets = vec![0; outputs];
        let words = words(groups);
        let mut wide_runs = vec![0; outputs * words];
        // −128 cannot be negated in 8 bits, which some kernels do.
        let weight: Vec<i8> = weight.iter().map(|&value| value.max(-127)).collect();
        for (output, row) in weight.chunks_exact(inputs).enumerate() {
            let panel = &mut panels[output / PANEL * PANEL * groups * GROUP..];
            for (group, values) in row.chunks(GROUP).enumerate() {
                let start = (group * PANEL + output % PANEL) * GROUP;
                panel[start..start + values.len()].copy_from_slice(values);
            }
            offsets[output] = OFFSET * row.iter().map(|&value| i32::from(value)).sum::<i32>();
            mark_wide_runs(row, &mut wide_runs[output * words..][..words]);
        }
        let mut scales = scales.to_vec();
        scales.resize(outputs, 0.0);
        Self {
            panels,
            scales,
            offsets,
            wide_runs,
            groups,
        }
    }

    /// Returns the weights of the outputs `ids` only, in that order.
    pub(super) fn select(&self, ids: &[u32]) -> Self {
        let outputs = ids.len().next_multiple_of(PANEL);
        let length = PANEL * self.groups * GROUP;
        let mut panels = vec![0i8; outputs * self.groups * GROUP];
        let (mut scales, mut offsets) = (vec![0.0; outputs], vec![0; outputs]);
        let words = words(self.groups);
        let mut wide_runs = vec![0; outputs * words];
        for (to, &id) in ids.iter().enumerate() {
            let from = id as usize;
            scales[to] = self.scales[from];
            offsets[to] = self.offsets[from];
            wide_runs[to * words..][..words]
                .copy_from_slice(&self.wide_runs[from * words..][..words]);
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
            wide_runs,
            groups: self.groups,
        }
    }

    pub(super) fn copy_row(&self, output: usize, row: &mut [f32]) {
        let panel = &self.panels[output / PANEL * PANEL * self.groups * GROUP..];
        for (group, values) in row.chunks_mut(GROUP).enumerate() {
            let start = (group * PANEL + output % PANEL) * GROUP;
            for (value, &weight) in values.iter_mut().zip(&panel[start..]) {
                *value = f32::from(weight) * self.scales[output];
            }
        }
    }

    /// Computes `x·Wᵀ + bias` into `out`, `[rows, width]`.
    pub(super) fn product(
        &self,
        cpu: Cpu,
        x: &QuantizedRows,
        bias: &[f32],
        width: usize,
        out: &mut [f32],
    ) {
        let x = x.block();
        #[cfg(target_arch = "x86_64")]
        if cpu.0 == Level::Amx {
            // The shape of the tiles is set once for all whole tiles and once for the last one.
            let whole = x.len() - x.len() % amx::TILE_ROWS;
            let (whole, last) = (x.part(0..whole), x.part(whole..x.len()));
            let (whole_out, last_out) = out.split_at_mut(whole.len() * width);
            self.product_in_amx(&whole, bias, width, whole_out);
            if last.len() < amx::FEWEST_ROWS {
                self.product_in_registers(cpu, &last, bias, width, last_out);
            } else {
                self.product_in_amx(&last, bias, width, last_out);
            }
            return;
        }
        self.product_in_registers(cpu, &x, bias, width, out);
    }

    /// [`Self::product`] with AMX. The rows are whole tiles, or a single tile that is not whole.
    #[cfg(target_arch = "x86_64")]
    fn product_in_amx(&self, x: &Block<'_>, bias: &[f32], width: usize, out: &mut [f32]) {
        let rows = x.len().min(amx::TILE_ROWS);
        if rows == 0 {
            return;
        }
        // SAFETY: a `Cpu` names only extensions that this processor has reported.
        let shape = unsafe { amx::Shape::set(rows, self.groups) };
        self.product_in_tiles(
            (x, amx::TILE_ROWS),
            bias,
            width,
            out,
            |x, panel, finish, out, stride| {
                // SAFETY: as above.
                unsafe { shape.tile(x.values(), panel.weights, finish, out, stride) };
            },
        );
    }

    /// [`Self::product`] with sums in vector registers.
    fn product_in_registers(
        &self,
        cpu: Cpu,
        x: &Block<'_>,
        bias: &[f32],
        width: usize,
        out: &mut [f32],
    ) {
        self.product_in_tiles(
            (x, TILE_ROWS),
            bias,
            width,
            out,
            |x, panel, finish, out, stride| {
                tile(cpu, x, panel, finish, out, stride);
            },
        );
    }

    /// [`Self::product`] with `kernel`, which takes up to `rows` rows and one panel.
    fn product_in_tiles(
        &self,
        (x, rows): (&Block<'_>, usize),
        bias: &[f32],
        width: usize,
        out: &mut [f32],
        kernel: impl Fn(&Block<'_>, Panel<'_>, &Finish<'_>, &mut [f32], usize),
    ) {
        let panels = self.panels.chunks_exact(PANEL * self.groups * GROUP);
        let words = words(self.groups);
        for (panel, weights) in panels.enumerate() {
            let column = panel * PANEL;
            let panel = Panel {
                weights,
                wide_runs: &self.wide_runs[column * words..][..PANEL * words],
            };
            let (scales, offsets) = (
                columns(&self.scales, column),
                columns(&self.offsets, column),
            );
            let bias = columns(bias, column);
            for (x, out) in x.chunks(rows).zip(out.chunks_mut(rows * width)) {
                let finish = Finish {
                    row_scales: x.scales(),
                    scales,
                    offsets,
                    bias,
                };
                with_whole_panel(out, x.len(), (width, width), column, |out, stride| {
                    kernel(&x, panel, &finish, out, stride);
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

/// Converts the integer sums of a panel to its outputs.
struct Finish<'a> {
    /// Scale of each row of the tile.
    row_scales: &'a [f32],
    /// Scale of each output.
    scales: &'a [f32; PANEL],
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code))]
    offsets: &'a [i32; PANEL],
    bias: &'a [f32; PANEL],
}

impl Finish<'_> {
    /// Writes the outputs of one row for the columns from `start` on. `sums` are those of the activations
    /// without the 128.
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
            *out = *sum as f32 * scale + self.bias[column];
        }
    }
}

/// The product of up to [`TILE_ROWS`] rows and one panel; row `i` goes to `out[i·stride..]`.
fn tile(
    cpu: Cpu,
    x: &Block<'_>,
    panel: Panel<'_>,
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    let (values, weights) = (x.values(), panel.weights);
    match cpu.0 {
        // SAFETY: a `Cpu` names only extensions that this processor has reported.
        #[cfg(target_arch = "x86_64")]
        Level::Amx | Level::Avx512 => unsafe {
            x86::tile_avx512(values, weights, finish, out, stride);
        },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::AvxVnni => unsafe {
            x86::tile_avx_vnni(values, weights, finish, out, stride);
        },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe {
            x86::tile_avx2(x.centred(), panel, finish, out, stride);
        },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Level::I8mm => unsafe { arm::tile_i8mm(values, weights, finish, out, stride) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Level::Dotprod => unsafe { arm::tile_dotprod(values, weights, finish, out, stride) },
        Level::Portable => tile_portable(values, weights, finish, out, stride),
    }
}

fn tile_portable(x: &[u8], weights: &[i8], finish: &Finish<'_>, out: &mut [f32], stride: usize) {
    let width = x.len() / finish.row_scales.len();
    for (row, (x, &scale)) in x.chunks_exact(width).zip(finish.row_scales).enumerate() {
        let mut sums = [0i32; PANEL];
        for (x, weights) in x
            .chunks_exact(GROUP)
            .zip(weights.chunks_exact(PANEL * GROUP))
        {
            for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(GROUP)) {
                for (&x, &weight) in x.iter().zip(weights) {
                    *sum += (i32::from(x) - OFFSET) * i32::from(weight);
                }
            }
        }
        finish.write(0, scale, &sums, &mut out[row * stride..]);
    }
}

/// The activations of a tile, read in groups as the instructions take them.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
struct Rows<'a> {
    x: &'a [u8],
    width: usize,
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl<'a> Rows<'a> {
    /// Returns the `rows` rows of a tile, and the number of groups of inputs in a row and in the panel.
    #[inline(always)]
    fn new(x: &'a [u8], rows: usize, weights: &[i8]) -> (Self, usize) {
        let width = x.len() / rows;
        let groups = width / GROUP;
        assert!(weights.len() == groups * PANEL * GROUP && x.len() == rows * groups * GROUP);
        (Self { x, width }, groups)
    }

    /// The four activations of `row` in `group`.
    #[inline(always)]
    fn group(&self, row: usize, group: usize) -> i32 {
        let start = row * self.width + group * GROUP;
        debug_assert!(start + GROUP <= self.x.len());
        // SAFETY: `row` and `group` are within bounds, which `new` has checked to fit the length of `x`.
        unsafe { self.x.as_ptr().add(start).cast::<i32>().read_unaligned() }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn the_256_bit_dot_product_gives_the_same_sums() {
        if !Cpu::available().contains(&Cpu(Level::Avx512)) {
            return;
        }
        let groups = 37;
        let bytes = |seed: usize, count: usize| -> Vec<u8> {
            let mixed = (0..count).map(|i| (i + seed).wrapping_mul(2_654_435_761) >> 16);
            mixed.map(|value| value as u8).collect()
        };
        let weights = bytes(1, groups * PANEL * GROUP);
        let weights: Vec<i8> = weights.iter().map(|&w| w.cast_signed().max(-127)).collect();
        let floats = |seed| -> Vec<f32> { bytes(seed, PANEL).into_iter().map(f32::from).collect() };
        let (scales, bias) = (floats(2), floats(3));
        let offsets: Vec<i32> = (0..PANEL as i32).map(|i| i * 1000 - 30_000).collect();
        for rows in 1..=TILE_ROWS {
            let x = bytes(4, rows * groups * GROUP);
            let row_scales: Vec<f32> = (1..=rows).map(|row| row as f32 / 64.0).collect();
            let (mut expected, mut got) = (vec![0.0; rows * PANEL], vec![0.0; rows * PANEL]);
            let finish = &Finish {
                row_scales: &row_scales,
                scales: columns(&scales, 0),
                offsets: columns(&offsets, 0),
                bias: columns(&bias, 0),
            };
            // SAFETY: this processor has AVX-512 with VNNI.
            unsafe {
                x86::tile_avx512(&x, &weights, finish, &mut expected, PANEL);
                x86::tile_avx512_256(&x, &weights, finish, &mut got, PANEL);
            }
            assert_eq!(got, expected, "{rows}");
        }
    }
}
