//! Products in 32-bit floating point, the reference arithmetic. The weights may be stored in less.
//!
//! Each output is a chain of fused multiply–adds over the inputs in order, with every vector extension.

#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "x86_64")]
use super::super::cpu::Level;
use super::super::element::Element;
use super::{Cpu, PANEL, TILE_ROWS, with_whole_panel};

/// Columns are computed in groups of so many.
const COLUMNS: usize = 16;

/// Weights in panels, `[outputs / PANEL, inputs, PANEL]`.
#[derive(Default)]
pub(crate) struct PackedFloat<T> {
    panels: Vec<T>,
    inputs: usize,
    outputs: usize,
}

/// The bias of a panel if there is none.
static NO_BIAS: [f32; PANEL] = [0.0; PANEL];

impl<T: Element> PackedFloat<T> {
    /// `weight`: `[outputs, inputs]`.
    pub(super) fn new(weight: &[f32], inputs: usize) -> Self {
        let mut packed = Self::default();
        packed.fill(weight.len() / inputs, inputs, |output| {
            &weight[output * inputs..(output + 1) * inputs]
        });
        packed
    }

    /// The columns beyond the last output are left as they are.
    fn resize(&mut self, outputs: usize, inputs: usize) {
        (self.inputs, self.outputs) = (inputs, outputs);
        let outputs = outputs.next_multiple_of(PANEL);
        self.panels.resize(outputs * inputs, T::default());
    }

    /// Replaces the weights. `row(output)` are the weights of an output, `[inputs]`.
    pub(crate) fn fill<'w>(
        &mut self,
        outputs: usize,
        inputs: usize,
        row: impl Fn(usize) -> &'w [f32],
    ) {
        self.resize(outputs, inputs);
        let mut first = 0;
        while first < outputs {
            // Four outputs at a time, the last ones perhaps the same.
            let rows: [&[f32]; 4] = std::array::from_fn(|i| row((first + i).min(outputs - 1)));
            let panel = &mut self.panels[first / PANEL * PANEL * inputs..][..PANEL * inputs];
            interleave(rows, first % PANEL, panel);
            first += 4;
        }
    }

    /// Like [`Self::fill`] by columns: `column(input)` are the weights of an input, `[outputs]`.
    pub(crate) fn fill_by_inputs<'w>(
        &mut self,
        outputs: usize,
        inputs: usize,
        column: impl Fn(usize) -> &'w [f32],
    ) {
        self.resize(outputs, inputs);
        for input in 0..inputs {
            for (panel, values) in column(input).chunks(PANEL).enumerate() {
                let start = (panel * inputs + input) * PANEL;
                let weights = &mut self.panels[start..start + values.len()];
                for (weight, &value) in weights.iter_mut().zip(values) {
                    *weight = T::from_f32(value);
                }
            }
        }
    }

    /// Returns the weights of the outputs `ids` only, in that order.
    pub(super) fn select(&self, ids: &[u32]) -> Self {
        let mut weight = vec![0.0; ids.len() * self.inputs];
        for (&id, row) in ids.iter().zip(weight.chunks_exact_mut(self.inputs)) {
            self.copy_row(id as usize, row);
        }
        Self::new(&weight, self.inputs)
    }

    pub(super) fn copy_row(&self, output: usize, row: &mut [f32]) {
        let panel = &self.panels[output / PANEL * PANEL * self.inputs..];
        for (input, value) in row.iter_mut().enumerate() {
            *value = panel[input * PANEL + output % PANEL].to_f32();
        }
    }

    /// Computes `x·Wᵀ + bias`. `x` are rows of inputs, `x_stride` values apart; `out` are as many rows of
    /// `width` outputs, `stride` values apart. Beyond the last output they are undefined.
    pub(crate) fn product(
        &self,
        cpu: Cpu,
        (x, x_stride): (&[f32], usize),
        bias: Option<&[f32]>,
        (width, stride): (usize, usize),
        out: &mut [f32],
    ) {
        let panels = self.panels.chunks_exact(PANEL * self.inputs);
        for (panel, weights) in panels.enumerate() {
            let column = panel * PANEL;
            let bias = bias.map_or(&NO_BIAS[..], |bias| &bias[column..column + PANEL]);
            let tiles = x
                .chunks(TILE_ROWS * x_stride)
                .zip(out.chunks_mut(TILE_ROWS * stride));
            for (x, out) in tiles {
                let rows = x.len().div_ceil(x_stride);
                let tile = Tile {
                    x,
                    x_stride,
                    weights,
                    bias,
                    columns: PANEL.min((self.outputs - column).next_multiple_of(COLUMNS)),
                };
                with_whole_panel(out, rows, (width, stride), column, |out, stride| {
                    tile.product(cpu, out, stride);
                });
            }
        }
    }
}

/// Writes the weights of four outputs, `[inputs]` each, to the columns from `column` on of a panel,
/// `[inputs, PANEL]`.
fn interleave<T: Element>(outputs: [&[f32]; 4], column: usize, panel: &mut [T]) {
    let [(a, a_rest), (b, b_rest), (c, c_rest), (d, d_rest)] =
        outputs.map(|output| output.as_chunks::<4>());
    let whole = 4 * a.len();
    let (blocks, rest) = panel.split_at_mut(whole * PANEL);
    for ((((block, a), b), c), d) in blocks
        .chunks_exact_mut(4 * PANEL)
        .zip(a)
        .zip(b)
        .zip(c)
        .zip(d)
    {
        for i in 0..4 {
            let to = &mut block[i * PANEL + column..][..4];
            to.copy_from_slice(&[a[i], b[i], c[i], d[i]].map(T::from_f32));
        }
    }
    let rest = rest.chunks_exact_mut(PANEL);
    for ((((to, a), b), c), d) in rest.zip(a_rest).zip(b_rest).zip(c_rest).zip(d_rest) {
        to[column..column + 4].copy_from_slice(&[*a, *b, *c, *d].map(T::from_f32));
    }
}

/// Up to [`TILE_ROWS`] rows and one panel.
#[derive(Clone, Copy)]
struct Tile<'a, T> {
    /// Rows of inputs, the next row `x_stride` values on.
    x: &'a [f32],
    x_stride: usize,
    /// `[inputs, PANEL]`
    weights: &'a [T],
    /// `[PANEL]`
    bias: &'a [f32],
    /// Number of columns that are wanted, a multiple of [`COLUMNS`].
    columns: usize,
}

impl<T: Element> Tile<'_, T> {
    fn rows(&self) -> usize {
        self.x.len().div_ceil(self.x_stride)
    }

    /// Computes the product; row `i` goes to `out[i·stride..]`.
    fn product(self, cpu: Cpu, out: &mut [f32], stride: usize) {
        match cpu.0 {
            // SAFETY: a `Cpu` names only extensions that this processor has reported.
            #[cfg(target_arch = "x86_64")]
            Level::Amx | Level::Avx512 => unsafe { x86::tile_avx512(self, out, stride) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::AvxVnni | Level::Avx2 => unsafe { x86::tile_avx2(self, out, stride) },
            _ => tile_portable(self, out, stride),
        }
    }
}

fn tile_portable<T: Element>(tile: Tile<'_, T>, out: &mut [f32], stride: usize) {
    for_rows!(tile.rows(), rows_of_tile[COLUMNS, _](tile, out, stride));
}

fn rows_of_tile<const ROWS: usize, const COLUMNS: usize, T: Element>(
    tile: Tile<'_, T>,
    out: &mut [f32],
    stride: usize,
) {
    let Tile {
        x,
        x_stride,
        weights,
        bias,
        columns,
    } = tile;
    let inputs = weights.len() / PANEL;
    let x: [&[f32]; ROWS] = std::array::from_fn(|row| &x[row * x_stride..][..inputs]);
    for start in (0..columns).step_by(COLUMNS) {
        let mut sums = [[0.0f32; COLUMNS]; ROWS];
        for (input, weights) in weights.chunks_exact(PANEL).enumerate() {
            let weights: &[T; COLUMNS] = weights[start..start + COLUMNS]
                .try_into()
                .expect("a panel is whole groups of columns");
            for row in 0..ROWS {
                let value = x[row][input];
                for lane in 0..COLUMNS {
                    sums[row][lane] = value.mul_add(weights[lane].to_f32(), sums[row][lane]);
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            let out = &mut out[row * stride + start..][..COLUMNS];
            let bias = &bias[start..start + COLUMNS];
            for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
                *out = sum + bias;
            }
        }
    }
}
