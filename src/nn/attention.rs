//! Scaled dot-product attention (Vaswani et al. 2017, section 3.2), one query row at a time.

use std::ops::Range;

use super::cpu::vectorised;
use super::relative::Biases;
use super::rows::{dot, exp, maximum, sum_with};

/// Keys and values that one query attends to.
///
/// Both stand in the rows of one matrix, the values of a row right behind its keys.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub matrix: &'a [f32],
    /// Length of a row of `matrix`.
    pub stride: usize,
    /// Column at which the keys begin.
    pub offset: usize,
    pub rows: Rows<'a>,
    /// Added to the scores.
    pub biases: Option<Biases<'a>>,
}

/// Which rows, in the order of their positions.
#[derive(Clone, Copy)]
pub enum Rows<'a> {
    /// `start..end`
    Range(usize, usize),
    /// The history of one hypothesis in a beam.
    Path(&'a [u32]),
}

impl From<&Range<usize>> for Rows<'_> {
    fn from(range: &Range<usize>) -> Self {
        Self::Range(range.start, range.end)
    }
}

impl<'a> Context<'a> {
    #[inline(always)]
    fn len(&self) -> usize {
        match self.rows {
            Rows::Range(start, end) => end - start,
            Rows::Path(path) => path.len(),
        }
    }

    /// The context's row `index`, from its keys on.
    #[inline(always)]
    fn row(&self, index: usize) -> &'a [f32] {
        let row = match self.rows {
            Rows::Range(start, _) => start + index,
            Rows::Path(path) => path[index] as usize,
        };
        &self.matrix[row * self.stride + self.offset..]
    }
}

vectorised! {
    /// Attention of one query row over its context, all heads, products times `scale`; `scores` is
    /// scratch space.
    pub fn attend(query: &[f32], context: Context<'_>, heads: usize, scale: f32, scores: &mut Vec<f32>, out: &mut [f32]) {
        // Every value is written below.
        scores.resize(context.len(), 0.0);
        match query.len() / heads {
            64 => attend_in_parts::<64>(query, context, heads, scale, scores, out),
            width if width.is_multiple_of(16) => attend_in_parts::<16>(query, context, heads, scale, scores, out),
            width if width.is_multiple_of(4) => attend_in_parts::<4>(query, context, heads, scale, scores, out),
            _ => attend_in_parts::<1>(query, context, heads, scale, scores, out),
        }
    }
}

/// [`attend`] for heads that are a multiple of `PART` wide: so many columns are held in registers.
#[inline(always)]
fn attend_in_parts<const PART: usize>(
    query: &[f32],
    context: Context<'_>,
    heads: usize,
    scale: f32,
    scores: &mut [f32],
    out: &mut [f32],
) {
    let width = query.len();
    let head_width = width / heads;
    for head in 0..heads {
        let columns = head * head_width..(head + 1) * head_width;
        let query = &query[columns.clone()];
        for (index, score) in scores.iter_mut().enumerate() {
            *score = dot(query, &context.row(index)[columns.clone()]) * scale;
        }
        if let Some(biases) = context.biases {
            let biases = biases.of_head(head, scores.len());
            for (score, bias) in scores.iter_mut().zip(biases) {
                *score += bias;
            }
        }
        let max = maximum(scores);
        for score in scores.iter_mut() {
            *score = exp(*score - max);
        }
        let normaliser = 1.0 / sum_with(scores, |value| value);
        let out = out[columns.clone()].as_chunks_mut::<PART>().0;
        for (part, out) in out.iter_mut().enumerate() {
            let mut sum = [0.0; PART];
            let column = width + columns.start + part * PART;
            for (index, score) in scores.iter().enumerate() {
                let values = &context.row(index)[column..column + PART];
                for i in 0..PART {
                    sum[i] = score.mul_add(values[i], sum[i]);
                }
            }
            for i in 0..PART {
                out[i] = sum[i] * normaliser;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::relative::RelativeBias;
    use super::*;
    use crate::model::RelativePositions;
    use crate::nn::Cpu;

    fn fill(seed: usize, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (((i + seed) * 7919 % 1000) as f32 - 500.0) / 300.0)
            .collect()
    }

    #[test]
    fn a_path_of_rows_and_any_vector_extension_give_the_same() {
        let (heads, width, len) = (4, 36, 9);
        let (query, matrix) = (fill(1, width), fill(2, len * 3 * width));
        let mut results = Vec::new();
        let path: Vec<u32> = (2..len as u32).collect();
        let positions = RelativePositions {
            buckets: 4,
            max_distance: 6,
        };
        let relative = RelativeBias::new(&fill(3, 4 * heads), positions, heads, len, false);
        for cpu in Cpu::available() {
            for rows in [Rows::Range(2, len), Rows::Path(&path)] {
                let context = Context {
                    matrix: &matrix,
                    stride: 3 * width,
                    offset: width,
                    rows,
                    biases: Some(relative.of_query(len - 3)),
                };
                let mut out = vec![0.0; width];
                attend(cpu, &query, context, heads, 0.3, &mut Vec::new(), &mut out);
                results.push(out.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
            }
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
