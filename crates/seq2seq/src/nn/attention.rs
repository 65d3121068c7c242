//! Multi-head scaled dot-product attention (Vaswani et al. 2017, section 3.2).

use super::Cpu;
use super::cpu::vectorised;
use super::product::{BLOCK_ROWS, PANEL, PackedF32, fit};
use super::relative::Biases;
use super::rows::{self, LANES, dot, softmax_of};

/// The keys and values of a sequence, packed head by head as the weights of matrix products.
#[derive(Default)]
pub(super) struct KeyValues {
    heads: Vec<Head>,
    /// Number of keys.
    length: usize,
    /// Width of the keys of all heads together.
    width: usize,
}

/// The keys and values of one head.
#[derive(Default)]
struct Head {
    /// Weights of the product that computes scores from queries.
    keys: PackedF32,
    /// Weights of the product that sums values by their scores.
    values: PackedF32,
}

/// Buffers of attention, kept to avoid allocations.
#[derive(Default)]
pub(super) struct Scratch {
    queries: Vec<f32>,
    scores: Vec<f32>,
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

impl KeyValues {
    /// Packs the keys and values of `length` positions. Row `i` starts at `matrix[i·stride]` and has
    /// `width` values of keys, then `width` of values, each with `heads` heads side by side.
    pub(super) fn fill(
        &mut self,
        matrix: &[f32],
        stride: usize,
        length: usize,
        width: usize,
        heads: usize,
    ) {
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

/// The keys and values that one query attends to, in arbitrary rows of a matrix.
#[derive(Clone, Copy)]
pub(super) struct History<'a> {
    /// `[rows, 2·width]`: the keys of a row, then its values.
    pub matrix: &'a [f32],
    /// The row of each position.
    pub path: &'a [u32],
    /// Biases added to the scores.
    pub biases: Option<Biases<'a>>,
}

impl<'a> History<'a> {
    /// The keys and values at position `index`, `[2·width]`.
    #[inline(always)]
    fn row(&self, index: usize, width: usize) -> &'a [f32] {
        &self.matrix[self.path[index] as usize * 2 * width..][..2 * width]
    }
}

vectorised! {
    /// Attention of one query, `[width]`, over its history, for all heads. `scale` is the factor of the
    /// products with the keys.
    pub(super) fn attend(query: &[f32], history: History<'_>, heads: usize, scale: f32, scratch: &mut Scratch, out: &mut [f32]) {
        let scores = fit(&mut scratch.scores, history.path.len().next_multiple_of(LANES));
        match query.len() / heads {
            64 => attend_in_parts::<64>(query, history, heads, scale, scores, out),
            width if width.is_multiple_of(16) => attend_in_parts::<16>(query, history, heads, scale, scores, out),
            width if width.is_multiple_of(4) => attend_in_parts::<4>(query, history, heads, scale, scores, out),
            _ => attend_in_parts::<1>(query, history, heads, scale, scores, out),
        }
    }
}

/// [`attend`] for heads whose width is a multiple of `PART`, the number of columns held in registers.
#[inline(always)]
fn attend_in_parts<const PART: usize>(
    query: &[f32],
    history: History<'_>,
    heads: usize,
    scale: f32,
    scores: &mut [f32],
    out: &mut [f32],
) {
    let width = query.len();
    let (head_width, length) = (width / heads, history.path.len());
    for head in 0..heads {
        let columns = head * head_width..(head + 1) * head_width;
        let query = &query[columns.clone()];
        for (index, score) in scores[..length].iter_mut().enumerate() {
            *score = dot(query, &history.row(index, width)[columns.clone()]) * scale;
        }
        if let Some(biases) = history.biases {
            let biases = biases.head(head, length);
            for (score, bias) in scores.iter_mut().zip(biases) {
                *score += bias;
            }
        }
        softmax_of(scores, length);
        let out = out[columns.clone()].as_chunks_mut::<PART>().0;
        for (part, out) in out.iter_mut().enumerate() {
            let mut sum = [0.0; PART];
            let column = width + columns.start + part * PART;
            for (index, score) in scores[..length].iter().enumerate() {
                let values = &history.row(index, width)[column..column + PART];
                for i in 0..PART {
                    sum[i] = score.mul_add(values[i], sum[i]);
                }
            }
            *out = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::relative::{Direction, RelativeBias};
    use super::*;
    use crate::model::RelativePositions;
    use crate::nn::Cpu;

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
            let backwards: Vec<f32> = matrix.rchunks_exact(2 * width).flatten().copied().collect();
            let mut key_values = KeyValues::default();
            key_values.fill(&fill(5, 4 * width), 2 * width, 2, width, heads);
            key_values.fill(&matrix, 2 * width, keys, width, heads);
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
                        matrix: &backwards,
                        path: &path,
                        biases: biases_of(row),
                    };
                    attend(cpu, query, history, heads, 0.3, scratch, out);
                    let mut single = vec![0.0; width];
                    let query = Queries { rows: query, ..all };
                    key_values.attend(cpu, query, |_| biases_of(row), scratch, &mut single);
                    assert_eq!(single, together[row * width..][..width], "{cpu}");
                }
                for out in [&together, &one_by_one] {
                    for (value, expected) in out.iter().zip(&expected) {
                        assert!(
                            (f64::from(*value) - expected).abs() < 1e-4,
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
