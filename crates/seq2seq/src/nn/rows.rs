//! The computations between matrix products, row by row: normalisation, activation, softmax.
//!
//! The order of sums depends only on the row, and fused multiply–adds are explicit, so that all vector
//! extensions give the same bits, and the rows of a batch do not affect each other.

use super::Cpu;
#[cfg(target_arch = "x86_64")]
use super::cpu::Level;
use super::cpu::vectorised;

/// Number of partial sums: one register of AVX-512, two of AVX2, four of SSE or NEON.
pub(super) const LANES: usize = 16;

/// Combines the lanes in a binary tree.
#[inline(always)]
fn fold(mut lanes: [f32; LANES], combine: impl Fn(f32, f32) -> f32) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] = combine(lanes[i], lanes[i + width]);
        }
        width /= 2;
    }
    lanes[0]
}

/// The sum of the lanes, combined as by [`fold`]. The compiler must not see that it is one, or it splits the
/// lanes into halves or quarters in the loop before, which makes them go through memory.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn total(lanes: [f32; LANES]) -> f32 {
    use std::arch::x86_64::*;
    // SAFETY: x86-64 has SSE, the lanes are four vectors, and there is no instruction in the assembly.
    unsafe {
        let [mut a, mut b, mut c, mut d] =
            std::array::from_fn(|i| _mm_loadu_ps(lanes.as_ptr().add(4 * i)));
        std::arch::asm!(
            "/* {0} {1} {2} {3} */",
            inout(xmm_reg) a,
            inout(xmm_reg) b,
            inout(xmm_reg) c,
            inout(xmm_reg) d,
            options(nomem, nostack, preserves_flags)
        );
        let quarter = _mm_add_ps(_mm_add_ps(a, c), _mm_add_ps(b, d));
        let half = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
        _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps::<1>(half, half)))
    }
}

/// The sum of the lanes. Without `black_box` the compiler splits the lanes into halves or quarters in the
/// loop before, which makes them go through memory and costs more than the sum itself.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn total(lanes: [f32; LANES]) -> f32 {
    fold(std::hint::black_box(lanes), |a, b| a + b)
}

/// The larger of two numbers, `b` if they cannot be compared. Compiles to one instruction, unlike
/// [`f32::max`].
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
pub(super) fn sum_with(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
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
    total(lanes)
}

#[inline(always)]
pub(super) fn maximum(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] = larger(chunk[i], lanes[i]);
        }
    }
    let mut largest = fold(lanes, larger);
    for &value in rest {
        largest = larger(value, largest);
    }
    largest
}

/// eˣ with an error of at most 2 units in the last place, without calls or branches, so that loops
/// vectorise. The method is that of `expf` in Cephes: x = n·ln 2 + r with |r| ≤ ln 2 / 2, a polynomial for
/// eʳ, and n added to the exponent. `x` is clamped to −87 … 88.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts, the first with few significant bits, so that n·LN2_HIGH is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5·2²³ leaves the nearest integer in the low bits; subtracting it again gives that integer.
    const ROUND: f32 = 12_582_912.0;

    let x = if x > -87.0 { x } else { -87.0 };
    let x = if x < 88.0 { x } else { 88.0 };
    let rounded = x.mul_add(LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let mut p = 1.987_569_1e-4f32;
    p = p.mul_add(r, 1.398_199_9e-3);
    p = p.mul_add(r, 8.333_452e-3);
    p = p.mul_add(r, 4.166_579_6e-2);
    p = p.mul_add(r, 0.166_666_65);
    p = p.mul_add(r, 0.5);
    let value = p.mul_add(r * r, r) + 1.0;
    // The shift moves n into the exponent and drops all higher bits.
    f32::from_bits(value.to_bits().wrapping_add(rounded.to_bits() << 23))
}

/// The error function with an error of at most 1.5·10⁻⁷ (Abramowitz and Stegun 1964, 7.1.26).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let magnitude = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * magnitude);
    let mut p = 1.061_405_4;
    p = p * t - 1.453_152;
    p = p * t + 1.421_413_7;
    p = p * t - 0.284_496_74;
    p = p * t + 0.254_829_6;
    (1.0 - p * t * exp(-magnitude * magnitude)).copysign(x)
}

vectorised! {
    /// Layer normalisation: `row = (row − mean) / √(variance + ε) · weight + bias`, for each row of
    /// `weight.len()` values.
    pub(super) fn layer_norm(rows: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
        let width = weight.len();
        for row in rows.chunks_exact_mut(width) {
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
    /// RMSNorm: `row = row / √(mean of squares + ε) · weight`, for each row of `weight.len()` values.
    pub(super) fn rms_norm(rows: &mut [f32], weight: &[f32], epsilon: f32) {
        let width = weight.len();
        for row in rows.chunks_exact_mut(width) {
            let mean = sum_with(row, |value| value * value) / width as f32;
            let scale = 1.0 / (mean + epsilon).sqrt();
            for (value, weight) in row.iter_mut().zip(weight) {
                *value = *value * scale * weight;
            }
        }
    }
}

vectorised! {
    /// `values += addends`
    pub(super) fn add(values: &mut [f32], addends: &[f32]) {
        for (value, addend) in values.iter_mut().zip(addends) {
            *value += addend;
        }
    }
}

vectorised! {
    /// `values *= factors`
    pub(super) fn multiply(values: &mut [f32], factors: &[f32]) {
        for (value, factor) in values.iter_mut().zip(factors) {
            *value *= factor;
        }
    }
}

vectorised! {
    /// x·σ(x), in place.
    pub(super) fn silu(values: &mut [f32]) {
        for value in values {
            *value /= 1.0 + exp(-*value);
        }
    }
}

vectorised! {
    /// max(x, 0), in place.
    pub(super) fn relu(values: &mut [f32]) {
        for value in values {
            *value = if *value > 0.0 { *value } else { 0.0 };
        }
    }
}

vectorised! {
    /// The exact GELU, x·Φ(x), in place.
    pub(super) fn gelu(values: &mut [f32]) {
        for value in values {
            *value *= 0.5 * (1.0 + erf(*value * std::f32::consts::FRAC_1_SQRT_2));
        }
    }
}

vectorised! {
    /// The GELU with Φ(x) approximated by (1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2, in place.
    pub(super) fn gelu_tanh(values: &mut [f32]) {
        // (1 + tanh u) / 2 is the logistic function of 2u.
        const TWICE_ROOT: f32 = 1.595_769;
        for value in values {
            let u = TWICE_ROOT * (0.044_715 * *value * *value).mul_add(*value, *value);
            *value /= 1.0 + exp(-u);
        }
    }
}

vectorised! {
    /// Returns the logarithm of the sum of eˣ⁻ᵐ, where m is the largest value, `max`.
    pub fn log_sum_exp(values: &[f32], max: f32) -> f32 {
        // The logarithm of C libraries differs between systems.
        libm::logf(sum_with(values, |value| exp(value - max)))
    }
}

/// Number of values in a block of [`block_maxima`].
pub const BLOCK: usize = 64;

/// Replaces `maxima` by the largest value of each block of [`BLOCK`] values.
pub fn block_maxima(cpu: Cpu, values: &[f32], maxima: &mut Vec<f32>) {
    maxima.clear();
    let (blocks, rest) = values.as_chunks::<BLOCK>();
    match cpu.0 {
        // SAFETY: a `Cpu` names only extensions that this processor has reported.
        #[cfg(target_arch = "x86_64")]
        Level::Amx | Level::Avx512 => unsafe { x86::maxima_avx512(blocks, maxima) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::AvxVnni | Level::Avx2 => unsafe { x86::maxima_avx2(blocks, maxima) },
        _ => maxima.extend(blocks.iter().map(|block| maximum(block))),
    }
    if !rest.is_empty() {
        maxima.push(maximum(rest));
    }
}

/// Reductions that the compiler takes through memory.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::BLOCK;

    #[target_feature(enable = "avx512f")]
    pub(super) fn maxima_avx512(blocks: &[[f32; BLOCK]], maxima: &mut Vec<f32>) {
        for block in blocks {
            // SAFETY: a block is 4 vectors of 16 values.
            let [a, b, c, d] =
                std::array::from_fn(|i| unsafe { _mm512_loadu_ps(block.as_ptr().add(i * 16)) });
            let most = _mm512_max_ps(_mm512_max_ps(a, b), _mm512_max_ps(c, d));
            maxima.push(_mm512_reduce_max_ps(most));
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn maxima_avx2(blocks: &[[f32; BLOCK]], maxima: &mut Vec<f32>) {
        for block in blocks {
            // SAFETY: a block is 8 vectors of 8 values.
            let [a, b, c, d, e, f, g, h] =
                std::array::from_fn(|i| unsafe { _mm256_loadu_ps(block.as_ptr().add(i * 8)) });
            let (low, high) = (
                _mm256_max_ps(_mm256_max_ps(a, b), _mm256_max_ps(c, d)),
                _mm256_max_ps(_mm256_max_ps(e, f), _mm256_max_ps(g, h)),
            );
            let most = _mm256_max_ps(low, high);
            let most = _mm_max_ps(
                _mm256_castps256_ps128(most),
                _mm256_extractf128_ps::<1>(most),
            );
            let most = _mm_max_ps(most, _mm_movehl_ps(most, most));
            let most = _mm_max_ss(most, _mm_movehdup_ps(most));
            maxima.push(_mm_cvtss_f32(most));
        }
    }
}

vectorised! {
    /// The softmax of the first `length` values, in place. The remaining values become smaller than 10⁻³⁷. The
    /// number of values has to be a multiple of [`LANES`].
    pub(super) fn softmax(values: &mut [f32], length: usize) {
        values[length..].fill(f32::NEG_INFINITY);
        let max = maximum(values);
        for value in values.iter_mut() {
            *value = exp(*value - max);
        }
        let normaliser = 1.0 / sum_with(values, |value| value);
        for value in values.iter_mut() {
            *value *= normaliser;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Cpu;

    #[test]
    fn the_total_is_combined_in_a_tree() {
        for seed in 0..100u32 {
            let lane = |i: usize| {
                let mixed = (seed * 16 + i as u32).wrapping_mul(2_654_435_761);
                (mixed as f32 - 2e9) / 3e5
            };
            let lanes: [f32; LANES] = std::array::from_fn(lane);
            assert_eq!(total(lanes), fold(lanes, |a, b| a + b));
        }
    }

    #[test]
    fn exp_has_an_error_of_at_most_two_units_in_the_last_place() {
        let mut x = -87.0f32;
        while x < 88.0 {
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 2.4e-7, "exp({x}) is off by {error}");
            x += 0.0137;
        }
        assert!(exp(-1000.0) < 2e-38);
        assert!(exp(f32::NEG_INFINITY) < 2e-38);
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn erf_matches_the_tables() {
        for (x, expected) in [
            (0.0, 0.0),
            (0.5, 0.520_499_9),
            (-1.0, -0.842_700_8),
            (2.0, 0.995_322_3),
            (9.0, 1.0),
        ] {
            assert!((erf(x) - expected).abs() < 3e-7, "erf({x}) = {}", erf(x));
        }
    }

    #[test]
    fn every_vector_extension_gives_the_same_bits() {
        let values: Vec<f32> = (0..1003)
            .map(|i| ((i * 37 % 101) as f32 - 50.0) / 7.0)
            .collect();
        let log_softmax = |cpu, values: &mut [f32]| {
            let mut maxima = Vec::new();
            block_maxima(cpu, values, &mut maxima);
            let log_sum = log_sum_exp(cpu, values, maxima[3]);
            values.iter_mut().for_each(|value| *value -= log_sum);
        };
        let norm = |cpu, values: &mut [f32]| {
            layer_norm(cpu, values, &[1.5; 17], &[0.25; 17], 1e-5);
        };
        let rms = |cpu, values: &mut [f32]| rms_norm(cpu, values, &[1.5; 17], 1e-6);
        let kernels: [fn(Cpu, &mut [f32]); 7] =
            [log_softmax, silu, relu, gelu, gelu_tanh, norm, rms];
        for kernel in kernels {
            let results: Vec<Vec<u32>> = Cpu::available()
                .into_iter()
                .map(|cpu| {
                    let mut values = values.clone();
                    kernel(cpu, &mut values);
                    values.iter().map(|value| value.to_bits()).collect()
                })
                .collect();
            assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }
}
