//! Products in 8-bit integers with 32-bit sums.
//!
//! Weights have a scale for each output, activations a scale for each row. Weights are within ±127. The
//! largest and the smallest activation of a row, or 0, are 126 apart: with so many values, seven bits, the
//! byte products of AVX2 do not saturate, and translations are as good as with eight. Activations are
//! stored as `value + 128`, because VNNI multiplies unsigned by signed bytes. Its kernels subtract 128
//! times the sum of an output's weights from the result; those for Arm subtract the 128 from the
//! activations. For AVX2 it is the other way round: activations are signed, [`Centred`](quantize::Centred),
//! and weights are stored as `weight + 128`. Integer sums are exact, so all kernels give the same result.

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "aarch64")]
mod arm;
mod quantize;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(super) use quantize::QuantizedRows;

use std::sync::OnceLock;

use super::{Cpu, PANEL, TILE_ROWS, with_whole_panel};
use crate::nn::cpu::Level;
use quantize::Block;

/// Inputs that one instruction multiplies and sums.
const GROUP: usize = 4;
/// Groups whose products AVX2 adds up in 16 bits. Rows are padded to whole runs.
const RUN: usize = 4;
/// Inputs of a run.
const RUN_INPUTS: usize = RUN * GROUP;
/// Added to activations, or for AVX2 to weights, to make them unsigned.
const OFFSET: i32 = 128;
/// Columns that AVX2 computes at once.
const COLUMNS: usize = 16;
/// The magnitudes that the weights of a lane of 16 bits may have in a run, added up, so that no sum of
/// products leaves the lane: 64 · 511 < 2¹⁵. Those of half a run always may: 4 · 127 < 511.
const NARROW: u32 = 511;

/// Weights in panels, `[outputs / PANEL, groups, PANEL, GROUP]`, as the kernels of one processor take
/// them.
pub(super) struct PackedInt8 {
    cpu: Cpu,
    /// For AVX2 each weight + 128, in the bits of an unsigned byte.
    panels: Vec<i8>,
    /// `[outputs]`, padded to whole panels.
    scales: Vec<f32>,
    /// `[outputs]`, padded to whole panels: 128 times the sum of each output's weights.
    offsets: Vec<i32>,
    /// `[outputs / COLUMNS, words]`, padded to whole panels; empty but for AVX2: the runs, a bit for each, in
    /// which a lane's weights are larger than [`NARROW`] for one of the outputs.
    wide_runs: Vec<u64>,
    /// Number of groups of inputs.
    groups: usize,
    /// See [`Self::by_output`].
    by_output: OnceLock<Box<[[i8; GROUP]]>>,
}

/// The weights of one panel.
#[derive(Clone, Copy)]
struct Panel<'a> {
    /// `[groups, PANEL, GROUP]`
    weights: &'a [i8],
    /// `[PANEL / COLUMNS, words]`; empty but for AVX2.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code))]
    wide_runs: &'a [u64],
}

/// Whether the kernels take [`Centred`](quantize::Centred) activations and unsigned weights.
fn takes_centred_rows(cpu: Cpu) -> bool {
    #[cfg(target_arch = "x86_64")]
    return cpu.0 == Level::Avx2;
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = cpu;
        false
    }
}

/// Sets a bit for each run of a row of weights in which those of a lane are larger than [`NARROW`].
fn mark_wide_runs(row: &[i8], words: &mut [u64]) {
    for (index, run) in row.chunks_exact(RUN_INPUTS).enumerate() {
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
    /// `weight`: `[outputs, inputs]`, `scales`: `[outputs]`. The weights can be multiplied on `cpu` only.
    pub(super) fn new(cpu: Cpu, weight: &[i8], scales: &[f32], inputs: usize) -> Self {
        let groups = inputs.div_ceil(RUN_INPUTS) * RUN;
        let mut packed = Self::zeros(cpu, scales.len(), groups);
        let mut row = vec![0; groups * GROUP];
        for (output, (weight, &scale)) in weight.chunks_exact(inputs).zip(scales).enumerate() {
            // −128 cannot be negated in 8 bits, which some kernels do.
            for (value, &weight) in row.iter_mut().zip(weight) {
                *value = weight.max(-127);
            }
            packed.set_row(output, &row, scale);
        }
        packed
    }

    fn zeros(cpu: Cpu, outputs: usize, groups: usize) -> Self {
        let outputs = outputs.next_multiple_of(PANEL);
        let centred = takes_centred_rows(cpu);
        let words = (groups / RUN).div_ceil(64);
        Self {
            cpu,
            panels: vec![if centred { i8::MIN } else { 0 }; outputs * groups * GROUP],
            scales: vec![0.0; outputs],
            offsets: vec![0; outputs],
            wide_runs: vec![
                0;
                if centred {
                    outputs / COLUMNS * words
                } else {
                    0
                }
            ],
            groups,
            by_output: OnceLock::new(),
        }
    }

    /// The stored weights output by output, `[outputs, groups]`, made when they are first asked for. Here those
    /// of an output are in few lines of the cache, in the panels in as many as there are groups.
    fn by_output(&self) -> &[[i8; GROUP]] {
        self.by_output.get_or_init(|| {
            let (panels, _) = self.panels.as_chunks::<GROUP>();
            let mut rows = vec![[0; GROUP]; panels.len()];
            let size = PANEL * self.groups;
            for (rows, panel) in rows.chunks_exact_mut(size).zip(panels.chunks_exact(size)) {
                for (group, columns) in panel.chunks_exact(PANEL).enumerate() {
                    for (row, weights) in rows.chunks_exact_mut(self.groups).zip(columns) {
                        row[group] = *weights;
                    }
                }
            }
            rows.into_boxed_slice()
        })
    }

    /// Number of words of a group of columns in `wide_runs`.
    fn words(&self) -> usize {
        self.wide_runs.len() / (self.scales.len() / COLUMNS).max(1)
    }

    /// What turns weights into stored bytes, and back, by exclusive or.
    fn flip(&self) -> i8 {
        if takes_centred_rows(self.cpu) {
            i8::MIN
        } else {
            0
        }
    }

    /// Sets the weights of an output that had none, `[groups·GROUP]`.
    fn set_row(&mut self, output: usize, row: &[i8], scale: f32) {
        let (flip, words) = (self.flip(), self.words());
        let first = self.first_group(output);
        let (groups, _) = self.panels.as_chunks_mut::<GROUP>();
        let groups = groups[first..].chunks_mut(PANEL);
        for (group, weights) in groups.zip(row.as_chunks::<GROUP>().0) {
            group[0] = weights.map(|weight| weight ^ flip);
        }
        self.scales[output] = scale;
        self.offsets[output] = OFFSET * row.iter().map(|&weight| i32::from(weight)).sum::<i32>();
        if words > 0 {
            mark_wide_runs(
                row,
                &mut self.wide_runs[output / COLUMNS * words..][..words],
            );
        }
    }

    /// Where the stored weights of an output are, in groups: the first one, the next ones a panel apart.
    fn first_group(&self, output: usize) -> usize {
        output / PANEL * PANEL * self.groups + output % PANEL
    }

    /// Returns the weights of the outputs `ids` only, in that order.
    pub(super) fn select(&self, ids: &[u32]) -> Self {
        let mut selected = Self::zeros(self.cpu, ids.len(), self.groups);
        let words = self.words();
        for (to, &from) in ids.iter().enumerate() {
            let from = from as usize;
            selected.scales[to] = self.scales[from];
            selected.offsets[to] = self.offsets[from];
            // More runs than need be: also those of the columns that were computed with this one.
            let wide = &self.wide_runs[from / COLUMNS * words..][..words];
            let marked = &mut selected.wide_runs[to / COLUMNS * words..][..words];
            marked
                .iter_mut()
                .zip(wide)
                .for_each(|(marked, wide)| *marked |= wide);
        }
        let rows = self.by_output();
        let (panels, _) = selected.panels.as_chunks_mut::<GROUP>();
        let panels = panels.chunks_exact_mut(PANEL * self.groups);
        let mut columns = Vec::with_capacity(PANEL);
        for (panel, ids) in panels.zip(ids.chunks(PANEL)) {
            columns.clear();
            columns.extend(ids.iter().map(|&id| {
                let first = id as usize * self.groups;
                &rows[first..first + self.groups]
            }));
            for (index, group) in panel.chunks_exact_mut(PANEL).enumerate() {
                for (weights, column) in group.iter_mut().zip(&columns) {
                    *weights = column[index];
                }
            }
        }
        selected
    }

    /// Copies the weights of an output, as many as `row` has, to `row`.
    pub(super) fn copy_row(&self, output: usize, row: &mut [f32]) {
        let flip = self.flip();
        let scale = self.scales[output];
        let (stored, first, step) = match self.by_output.get() {
            Some(rows) => (&**rows, output * self.groups, 1),
            None => {
                let (panels, _) = self.panels.as_chunks::<GROUP>();
                (panels, self.first_group(output), PANEL)
            }
        };
        let groups = stored[first..].iter().step_by(step);
        for (values, group) in row.chunks_mut(GROUP).zip(groups) {
            for (value, &weight) in values.iter_mut().zip(group) {
                *value = f32::from(weight ^ flip) * scale;
            }
        }
    }

    /// Computes `x·Wᵀ + bias` into `out`, `[rows, width]`.
    pub(super) fn product(&self, x: &QuantizedRows, bias: &[f32], width: usize, out: &mut [f32]) {
        let x = x.block();
        #[cfg(target_arch = "x86_64")]
        if self.cpu.0 == Level::Amx {
            // The shape of the tiles is set once for all whole tiles and once for the last one.
            let whole = x.len() - x.len() % amx::TILE_ROWS;
            let (whole, last) = (x.part(0..whole), x.part(whole..x.len()));
            let (whole_out, last_out) = out.split_at_mut(whole.len() * width);
            self.product_in_amx(&whole, bias, width, whole_out);
            if last.len() < amx::FEWEST_ROWS {
                self.product_in_registers(&last, bias, width, last_out);
            } else {
                self.product_in_amx(&last, bias, width, last_out);
            }
            return;
        }
        self.product_in_registers(&x, bias, width, out);
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
    fn product_in_registers(&self, x: &Block<'_>, bias: &[f32], width: usize, out: &mut [f32]) {
        self.product_in_tiles(
            (x, TILE_ROWS),
            bias,
            width,
            out,
            |x, panel, finish, out, stride| {
                tile(self.cpu, x, panel, finish, out, stride);
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
        let words = PANEL / COLUMNS * self.words();
        for (panel, weights) in panels.enumerate() {
            let column = panel * PANEL;
            let panel = Panel {
                weights,
                wide_runs: &self.wide_runs[panel * words..][..words],
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
