//! Multi-head scaled dot-product attention to a sequence (Vaswani et al. 2017, section 3.2).

use super::Cpu;
use super::element::{Bf16, Element, Storage};
use super::product::{BLOCK_ROWS, PANEL, PackedFloat, fit};
use super::relative::Biases;
use super::rows::{self, LANES};

/// The keys and values of a sequence, packed head by head as the weights of matrix products.
pub(super) enum KeyValues {
    F32(PackedHeads<f32>),
    Bf16(PackedHeads<Bf16>),
}

/// [`KeyValues`] of one type.
#[derive(Default)]
pub(super) struct PackedHeads<T> {
    heads: Vec<Head<T>>,
    /// Number of keys.
    length: usize,
    /// Width of the keys of all heads together.
    width: usize,
}

/// The keys and values of one head.
#[derive(Default)]
struct Head<T> {
    /// Weights of the product that computes scores from queries.
    keys: PackedFloat<T>,
    /// Weights of the product that sums values by their scores.
    values: PackedFloat<T>,
}

/// Buffers of attention, kept to avoid allocations.
#[derive(Default)]
pub(super) struct Scratch {
    queries: Vec<f32>,
    pub(super) scores: Vec<f32>,
}

/// The queries of a block of attention.
#[derive(Clone, Copy)]
pub(super) struct Queries<'a> {
    /// Rows that begin with the queries of all heads side by side, the next row `stride` values on.
    pub rows: &'a [f32],
    pub stride: usize,
    /// Factor of the products with the keys.
    pub scale: f32,
}

/// Keys or values that a matrix has side by side with others, head by head.
#[derive(Clone, Copy)]
pub(super) struct Sequence<'a> {
    /// The row of each position starts `stride` values after that before, with `width` values of keys, then
    /// `width` of values, each with `heads` heads side by side.
    pub matrix: &'a [f32],
    pub stride: usize,
    pub length: usize,
    pub width: usize,
    pub heads: usize,
}

impl KeyValues {
    /// Without keys.
    pub(super) fn new(storage: Storage) -> Self {
        match storage {
            Storage::F32 => Self::F32(PackedHeads::default()),
            Storage::Bf16 => Self::Bf16(PackedHeads::default()),
        }
    }

    /// Replaces the keys and values.
    pub(super) fn fill(&mut self, sequence: Sequence<'_>) {
        match self {
            Self::F32(heads) => heads.fill(sequence),
            Self::Bf16(heads) => heads.fill(sequence),
        }
    }

    /// Attention of all `queries` to all keys. `biases(row)` are added to the scores of query `row`.
    ///
    /// `out`: `[rows, width]`, one row for each query.
    pub(super) fn attend<'b>(
        &self,
        cpu: Cpu,
        queries: Queries<'_>,
        biases: impl Fn(usize) -> Option<Biases<'b>>,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        match self {
            Self::F32(heads) => heads.attend(cpu, queries, biases, scratch, out),
            Self::Bf16(heads) => heads.attend(cpu, queries, biases, scratch, out),
        }
    }
}

impl<T: Element> PackedHeads<T> {
    fn fill(&mut self, sequence: Sequence<'_>) {
        let Sequence {
            matrix,
            stride,
            length,
            width,
            heads,
        } = sequence;
        (self.length, self.width) = (length, width);
        self.heads.resize_with(heads, Head::default);
        let head_width = width / heads;
        for (index, head) in self.heads.iter_mut().enumerate() {
            let row = |row: usize, column: usize| &matrix[row * stride + column..][..head_width];
            let column = index * head_width;
            head.keys.fill(length, head_width, |key| row(key, column));
            head.values
                .fill_by_inputs(head_width, length, |key| row(key, width + column));
        }
    }

    /// See [`KeyValues::attend`].
    fn attend<'b>(
        &self,
        cpu: Cpu,
        queries: Queries<'_>,
        biases: impl Fn(usize) -> Option<Biases<'b>>,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let Queries {
            rows: queries,
            stride,
            scale,
        } = queries;
        let head_width = self.width / self.heads.len();
        // Products compute whole panels of scores, and the softmax takes whole vectors.
        let panels = self.length.next_multiple_of(PANEL);
        let vectors = self.length.next_multiple_of(LANES);
        let blocks = queries
            .chunks(BLOCK_ROWS * stride)
            .zip(out.chunks_mut(BLOCK_ROWS * self.width));
        for (block, (queries, out)) in blocks.enumerate() {
            let rows = out.len() / self.width;
            let scores = fit(&mut scratch.scores, rows * panels);
            let scaled = fit(&mut scratch.queries, rows * head_width);
            for (index, head) in self.heads.iter().enumerate() {
                let column = index * head_width;
                let queries = queries.chunks(stride);
                for (query, scaled) in queries.zip(scaled.chunks_exact_mut(head_width)) {
                    for (scaled, value) in scaled.iter_mut().zip(&query[column..]) {
                        *scaled = value * scale;
                    }
                }
                let (x, shape) = ((&*scaled, head_width), (panels, panels));
                head.keys.product(cpu, x, None, shape, scores);
                for (row, scores) in scores.chunks_exact_mut(panels).enumerate() {
                    if let Some(biases) = biases(block * BLOCK_ROWS + row) {
                        let biases = biases.head(index, self.length);
                        rows::add(cpu, &mut scores[..self.length], biases);
                    }
                    rows::softmax(cpu, &mut scores[..vectors], self.length);
                }
                let (x, shape) = ((&*scores, panels), (head_width, self.width));
                head.values.product(cpu, x, None, shape, &mut out[column..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::relative::{Direction, RelativeBias};
    use super::*;
    use crate::model::RelativePositions;
    use crate::nn::history::{History, Query, Rows, attend};

    fn fill(seed: usize, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (((i + seed) * 7919 % 1000) as f32 - 500.0) / 300.0)
            .collect()
    }

    /// Attention of `queries`, `[rows, width]`, as defined.
    fn exact(
        queries: &[f32],
        matrix: &[f32],
        (heads, width): (usize, usize),
        scale: f32,
        biases: &RelativeBias,
    ) -> Vec<f64> {
        let head_width = width / heads;
        let mut out = Vec::new();
        for (row, query) in queries.chunks_exact(width).enumerate() {
            for column in (0..width).step_by(head_width) {
                let keys = matrix.len() / (2 * width);
                let biases = biases.query(row).head(column / head_width, keys);
                let weights = matrix
                    .chunks_exact(2 * width)
                    .zip(biases)
                    .map(|(key, &bias)| {
                        let columns = column..column + head_width;
                        let dot: f64 = columns.map(|i| f64::from(query[i] * key[i])).sum();
                        (dot * f64::from(scale) + f64::from(bias)).exp()
                    });
                let weights: Vec<f64> = weights.collect();
                let total: f64 = weights.iter().sum();
                out.extend((column..column + head_width).map(|i| {
                    let values = matrix
                        .chunks_exact(2 * width)
                        .map(|row| f64::from(row[width + i]));
                    values
                        .zip(&weights)
                        .map(|(value, weight)| value * weight)
                        .sum::<f64>()
                        / total
                }));
            }
        }
        out
    }

    fn relative(heads: usize, length: usize) -> RelativeBias {
        let positions = RelativePositions {
            buckets: 4,
            max_distance: 6,
        };
        RelativeBias::new(
            &fill(3, 4 * heads),
            positions,
            heads,
            length,
            Direction::Both,
        )
    }

    #[test]
    fn packed_and_scattered_attention_match_the_definition_on_every_kernel() {
        for (heads, width, keys, rows) in [
            (4, 36, 7, 3),
            (2, 128, 70, 100),
            (1, 80, 1, 1),
            (4, 256, 64, 7),
        ] {
            let (queries, matrix) = (fill(1, rows * width), fill(2, keys * 2 * width));
            let biases = relative(heads, keys.max(rows));
            let expected = exact(&queries, &matrix, (heads, width), 0.3, &biases);
            // The rows of the history are in reverse order.
            let path: Vec<u32> = (0..keys as u32).rev().collect();
            for (storage, tolerance) in [(Storage::F32, 1e-4), (Storage::Bf16, 0.02)] {
                let mut history_rows = Rows::new(storage);
                history_rows.grow(matrix.len());
                for (&row, values) in path.iter().zip(matrix.chunks_exact(2 * width)) {
                    history_rows.set(row, values);
                }
                let sequence = |matrix, length| Sequence {
                    matrix,
                    stride: 2 * width,
                    length,
                    width,
                    heads,
                };
                let mut key_values = KeyValues::new(storage);
                let others = fill(5, 4 * width);
                key_values.fill(sequence(&others, 2));
                key_values.fill(sequence(&matrix, keys));
                let mut results = Vec::new();
                for cpu in Cpu::available() {
                    let biases_of = |row| Some(biases.query(row));
                    let (mut together, mut one_by_one) =
                        (vec![0.0; rows * width], vec![0.0; rows * width]);
                    let scratch = &mut Scratch::default();
                    let all = Queries {
                        rows: &queries,
                        stride: width,
                        scale: 0.3,
                    };
                    key_values.attend(cpu, all, biases_of, scratch, &mut together);
                    let rows = queries
                        .chunks_exact(width)
                        .zip(one_by_one.chunks_exact_mut(width));
                    for (row, (query, out)) in rows.enumerate() {
                        let history = History {
                            rows: &history_rows,
                            path: &path,
                            biases: biases_of(row),
                        };
                        let scattered = Query {
                            row: query,
                            heads,
                            scale: 0.3,
                        };
                        attend(cpu, scattered, history, scratch, out);
                        let mut single = vec![0.0; width];
                        let query = Queries { rows: query, ..all };
                        key_values.attend(cpu, query, |_| biases_of(row), scratch, &mut single);
                        assert_eq!(single, together[row * width..][..width], "{cpu}");
                    }
                    for out in [&together, &one_by_one] {
                        for (value, expected) in out.iter().zip(&expected) {
                            assert!(
                                (f64::from(*value) - expected).abs() < tolerance,
                                "{cpu}: {value} {expected}"
                            );
                        }
                    }
                    results.push((together, one_by_one));
                }
                assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
            }
        }
    }
}
