//! The loops between the matrix products, on plain slices.
//!
//! Every kernel is written once, over lanes of fixed width, and compiled several times for
//! different vector extensions; the widest one that the CPU has is chosen at run time. Sums are
//! taken in an order that depends on the row alone and multiplication and addition are never
//! fused, so all versions agree bit for bit, and so does a row alone with the same row in any batch.

use std::ops::Range;
use std::sync::LazyLock;

/// Partial sums kept side by side: one AVX-512 register, two of AVX2, four of SSE or NEON.
const LANES: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

static LEVEL: LazyLock<Level> = LazyLock::new(|| {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
            return Level::Avx512;
        }
        if is_x86_feature_detected!("avx2") {
            return Level::Avx2;
        }
    }
    Level::Portable
});

/// Name of the widest vector extension in use.
pub(super) fn level() -> &'static str {
    match *LEVEL {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => "avx512",
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => "avx2",
        Level::Portable => "portable",
    }
}

/// Defines a function whose body is compiled for each vector extension. The body may call only
/// `#[inline(always)]` functions, or the extension is lost at the call.
macro_rules! vectorised {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $output:ty)? $body:block) => {
        $(#[$attribute])*
        #[allow(clippy::too_many_arguments)]
        $visibility fn $name($($arg: $type),*) $(-> $output)? {
            #[inline(always)]
            fn portable($($arg: $type),*) $(-> $output)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl")]
            fn avx512($($arg: $type),*) $(-> $output)? { portable($($arg),*) }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($arg: $type),*) $(-> $output)? { portable($($arg),*) }

            match *LEVEL {
                // SAFETY: `LEVEL` names only extensions that this CPU has reported.
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => unsafe { avx512($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => unsafe { avx2($($arg),*) },
                Level::Portable => portable($($arg),*),
            }
        }
    };
}

#[inline(always)]
fn fold(lanes: [f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    let mut lanes = lanes;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

#[inline(always)]
fn sum_with(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += f(value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane += f(value);
    }
    fold(lanes)
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i];
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane += a * b;
    }
    fold(lanes)
}

#[inline(always)]
fn maximum(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] = if chunk[i] > lanes[i] {
                chunk[i]
            } else {
                lanes[i]
            };
        }
    }
    lanes
        .iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |max, &value| max.max(value))
}

/// eˣ to within 2 units in the last place, without a call or a branch, so that it vectorises:
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2, a polynomial for eʳ (Cephes, `expf`), 2ⁿ by the exponent bits.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts, the first with few digits, so that n·LN2_HIGH is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding and taking away 1.5·2²³ rounds to the nearest integer.
    const ROUND: f32 = 12_582_912.0;

    let clamped = if x < -87.0 { -87.0 } else { x };
    let clamped = if clamped > 88.0 { 88.0 } else { clamped };
    let n = (clamped * LOG2_E + ROUND) - ROUND;
    let r = clamped - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 0.166_666_65;
    p = p * r + 0.5;
    let value = p * r * r + r + 1.0;
    // n lies in −126..=127, far inside i32, so the bits are those of 2ⁿ.
    let scale = f32::from_bits(((n as i32 + 127) << 23) as u32);
    if x < -87.0 { 0.0 } else { value * scale }
}

vectorised! {
    /// `row = (row + addend − mean) / √(variance + ε) · weight + bias`, for each row of width `weight.len()`.
    pub fn add_layer_norm(rows: &mut [f32], addend: &[f32], weight: &[f32], bias: &[f32], epsilon: f32) {
        let width = weight.len();
        for (row, addend) in rows.chunks_exact_mut(width).zip(addend.chunks_exact(width)) {
            for (value, add) in row.iter_mut().zip(addend) {
                *value += add;
            }
            let mean = sum_with(row, |value| value) / width as f32;
            let variance = sum_with(row, |value| (value - mean) * (value - mean)) / width as f32;
            let scale = 1.0 / (variance + epsilon).sqrt();
            for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
                *value = (*value - mean) * scale * weight + bias;
            }
        }
    }
}

vectorised! {
    /// Adds `bias` to each row.
    pub fn add_bias(rows: &mut [f32], bias: &[f32]) {
        for row in rows.chunks_exact_mut(bias.len()) {
            for (value, bias) in row.iter_mut().zip(bias) {
                *value += bias;
            }
        }
    }
}

vectorised! {
    /// Adds `bias` to each row and applies x·σ(x).
    pub fn add_bias_silu(rows: &mut [f32], bias: &[f32]) {
        for row in rows.chunks_exact_mut(bias.len()) {
            for (value, bias) in row.iter_mut().zip(bias) {
                let x = *value + bias;
                *value = x / (1.0 + exp(-x));
            }
        }
    }
}

vectorised! {
    /// Adds `bias` to each row and applies max(x, 0).
    pub fn add_bias_relu(rows: &mut [f32], bias: &[f32]) {
        for row in rows.chunks_exact_mut(bias.len()) {
            for (value, bias) in row.iter_mut().zip(bias) {
                let x = *value + bias;
                *value = if x > 0.0 { x } else { 0.0 };
            }
        }
    }
}

/// Adds `bias` to each row and applies the exact GELU, x·Φ(x).
pub fn add_bias_gelu(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        for (value, bias) in row.iter_mut().zip(bias) {
            let x = *value + bias;
            *value = 0.5
                * x
                * (1.0 + candle_core::cpu::erf::erf_f32(x * std::f32::consts::FRAC_1_SQRT_2));
        }
    }
}

vectorised! {
    /// Log-softmax of `logits` into `out` (natural logarithm).
    pub fn log_softmax(logits: &[f32], out: &mut [f32]) {
        let max = maximum(logits);
        let sum = sum_with(logits, |value| exp(value - max));
        let log_sum = sum.ln();
        for (out, value) in out.iter_mut().zip(logits) {
            *out = value - max - log_sum;
        }
    }
}

vectorised! {
    /// Largest value.
    pub fn max(values: &[f32]) -> f32 {
        maximum(values)
    }
}

/// Rows of keys and values that one query attends to.
pub enum Context<'a> {
    /// Consecutive rows of two matrices.
    Rows {
        keys: &'a [f32],
        values: &'a [f32],
        range: Range<usize>,
    },
    /// Row `path[t]` of the `t`-th pair of matrices: the history of one hypothesis in a beam.
    Path {
        steps: &'a [(&'a [f32], &'a [f32])],
        path: &'a [u32],
    },
}

impl<'a> Context<'a> {
    #[inline(always)]
    fn len(&self) -> usize {
        match self {
            Self::Rows { range, .. } => range.len(),
            Self::Path { path, .. } => path.len(),
        }
    }

    #[inline(always)]
    fn key(&self, index: usize, width: usize) -> &'a [f32] {
        match self {
            Self::Rows { keys, range, .. } => row(keys, range.start + index, width),
            Self::Path { steps, path } => row(steps[index].0, path[index] as usize, width),
        }
    }

    #[inline(always)]
    fn value(&self, index: usize, width: usize) -> &'a [f32] {
        match self {
            Self::Rows { values, range, .. } => row(values, range.start + index, width),
            Self::Path { steps, path } => row(steps[index].1, path[index] as usize, width),
        }
    }
}

#[inline(always)]
fn row(matrix: &[f32], index: usize, width: usize) -> &[f32] {
    &matrix[index * width..(index + 1) * width]
}

vectorised! {
    /// Scaled dot-product attention of one query row over its context, all heads; `scores` is
    /// scratch space. Vaswani et al. 2017, section 3.2.
    pub fn attend(query: &[f32], context: &Context<'_>, heads: usize, scores: &mut Vec<f32>, out: &mut [f32]) {
        let width = query.len();
        let head_width = width / heads;
        let scale = 1.0 / (head_width as f32).sqrt();
        let len = context.len();
        scores.clear();
        scores.resize(len, 0.0);
        out.fill(0.0);
        for head in 0..heads {
            let columns = head * head_width..(head + 1) * head_width;
            let query = &query[columns.clone()];
            for (index, score) in scores.iter_mut().enumerate() {
                *score = dot(query, &context.key(index, width)[columns.clone()]) * scale;
            }
            let max = maximum(scores);
            for score in scores.iter_mut() {
                *score = exp(*score - max);
            }
            let normaliser = 1.0 / sum_with(scores, |value| value);
            let out = &mut out[columns.clone()];
            for (index, score) in scores.iter().enumerate() {
                let weight = score * normaliser;
                for (out, value) in out.iter_mut().zip(&context.value(index, width)[columns.clone()]) {
                    *out += weight * value;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        let mut x = -87.0f32;
        while x < 88.0 {
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 2.4e-7, "exp({x}) is off by {error}");
            x += 0.0137;
        }
        assert_eq!(exp(-1000.0), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn sums_do_not_depend_on_the_vector_extension() {
        let values: Vec<f32> = (0..1003)
            .map(|i| ((i * 37 % 101) as f32 - 50.0) / 7.0)
            .collect();
        let mut dispatched = vec![0.0; values.len()];
        log_softmax(&values, &mut dispatched);
        // The same arithmetic, compiled for the baseline of the target.
        let top = maximum(&values);
        let log_sum = sum_with(&values, |value| exp(value - top)).ln();
        for (value, got) in values.iter().zip(dispatched) {
            assert_eq!((value - top - log_sum).to_bits(), got.to_bits());
        }
    }

    #[test]
    fn a_path_of_single_rows_is_the_same_as_consecutive_rows() {
        let (heads, width, len) = (4, 32, 9);
        let fill = |seed: usize, n: usize| -> Vec<f32> {
            (0..n)
                .map(|i| (((i + seed) * 7919 % 1000) as f32 - 500.0) / 300.0)
                .collect()
        };
        let (query, keys, values) = (fill(1, width), fill(2, len * width), fill(3, len * width));
        let mut scores = Vec::new();
        let mut straight = vec![0.0; width];
        let rows = Context::Rows {
            keys: &keys,
            values: &values,
            range: 0..len,
        };
        attend(&query, &rows, heads, &mut scores, &mut straight);

        let steps: Vec<_> = (0..len)
            .map(|t| (row(&keys, t, width), row(&values, t, width)))
            .collect();
        let mut along = vec![0.0; width];
        let path = Context::Path {
            steps: &steps,
            path: &vec![0; len],
        };
        attend(&query, &path, heads, &mut scores, &mut along);
        assert_eq!(straight, along);
    }
}
