//! Quantisation with AVX-512 and with AVX2.

use std::arch::x86_64::*;

use super::{Start, factor_and_scale};
use crate::nn::product::int8::RUN_INPUTS;

/// As [`quantize_portable`](super::quantize_portable).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn quantize_avx512(x: &[f32], values: &mut [u8]) -> f32 {
    const N: usize = 64;
    let (chunks, rest) = x.as_chunks::<N>();
    let last = padded::<N>(rest);
    let (mut most, mut least) = ([_mm512_setzero_ps(); 4], [_mm512_setzero_ps(); 4]);
    for chunk in chunks.iter().chain(&last) {
        for i in 0..4 {
            // SAFETY: a chunk is 4 vectors.
            let value = unsafe { _mm512_loadu_ps(chunk.as_ptr().add(i * 16)) };
            most[i] = _mm512_max_ps(value, most[i]);
            least[i] = _mm512_min_ps(value, least[i]);
        }
    }
    let [a, b, c, d] = most;
    let most = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(a, b), _mm512_max_ps(c, d)));
    let [a, b, c, d] = least;
    let least = _mm512_reduce_min_ps(_mm512_min_ps(_mm512_min_ps(a, b), _mm512_min_ps(c, d)));
    let (factor, scale) = factor_and_scale(most, least);

    let factor = _mm512_set1_ps(factor);
    let offset = _mm512_set1_epi8(i8::MIN);
    // Packing works in each 128 bits of a register.
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    let quantize = |chunk: &[f32; N]| -> [u8; N] {
        let [a, b, c, d] = std::array::from_fn(|i| {
            // SAFETY: a chunk is 4 vectors.
            let value = unsafe { _mm512_loadu_ps(chunk.as_ptr().add(i * 16)) };
            _mm512_cvtps_epi32(_mm512_mul_ps(value, factor))
        });
        let packed = _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
        let ordered = _mm512_permutexvar_epi32(order, packed);
        let mut bytes = [0; N];
        // SAFETY: there are 64 bytes.
        unsafe {
            _mm512_storeu_si512(bytes.as_mut_ptr().cast(), _mm512_xor_si512(ordered, offset));
        };
        bytes
    };
    let (whole, rest) = values.split_at_mut(chunks.len() * N);
    for (chunk, values) in chunks.iter().zip(whole.as_chunks_mut::<N>().0) {
        *values = quantize(chunk);
    }
    if let Some(last) = &last {
        rest.copy_from_slice(&quantize(last)[..rest.len()]);
    }
    scale
}

/// As [`quantize_portable`](super::quantize_portable).
#[target_feature(enable = "avx2,fma")]
pub(super) fn quantize_avx2(x: &[f32], values: &mut [u8]) -> f32 {
    let (most, least) = extremes_avx2(x);
    let (factor, scale) = factor_and_scale(most, least);
    quantize_bytes_avx2(x, factor, -128, values);
    scale
}

/// Quantises a row to [`Centred::values`](super::Centred::values) and returns its scale and its centre.
#[target_feature(enable = "avx2,fma")]
pub(super) fn quantize_centred_avx2(x: &[f32], values: &mut [u8]) -> (f32, i32) {
    let (most, least) = extremes_avx2(x);
    let (factor, scale) = factor_and_scale(most, least);
    let round = |value: f32| _mm_cvtss_si32(_mm_set_ss(value * factor));
    // No value is further from it than 64, since rounding adds 1 to the span at most.
    let centre = (round(most) + round(least) + 1) >> 1;
    quantize_bytes_avx2(x, factor, centre as i8, values);
    (scale, centre)
}

/// Values that AVX2 quantises at once.
const N: usize = 32;

/// The largest and the smallest value, or 0.
#[target_feature(enable = "avx2,fma")]
fn extremes_avx2(x: &[f32]) -> (f32, f32) {
    let (chunks, rest) = x.as_chunks::<N>();
    let last = padded::<N>(rest);
    let (mut most, mut least) = ([_mm256_setzero_ps(); 4], [_mm256_setzero_ps(); 4]);
    for chunk in chunks.iter().chain(&last) {
        for i in 0..4 {
            // SAFETY: a chunk is 4 vectors.
            let value = unsafe { _mm256_loadu_ps(chunk.as_ptr().add(i * 8)) };
            most[i] = _mm256_max_ps(value, most[i]);
            least[i] = _mm256_min_ps(value, least[i]);
        }
    }
    let [a, b, c, d] = most;
    let most = _mm256_max_ps(_mm256_max_ps(a, b), _mm256_max_ps(c, d));
    let most = _mm_max_ps(
        _mm256_castps256_ps128(most),
        _mm256_extractf128_ps::<1>(most),
    );
    let most = _mm_max_ps(most, _mm_movehl_ps(most, most));
    let most = _mm_max_ss(most, _mm_movehdup_ps(most));
    let [a, b, c, d] = least;
    let least = _mm256_min_ps(_mm256_min_ps(a, b), _mm256_min_ps(c, d));
    let least = _mm_min_ps(
        _mm256_castps256_ps128(least),
        _mm256_extractf128_ps::<1>(least),
    );
    let least = _mm_min_ps(least, _mm_movehl_ps(least, least));
    let least = _mm_min_ss(least, _mm_movehdup_ps(least));
    (_mm_cvtss_f32(most), _mm_cvtss_f32(least))
}

/// Writes `round(x · factor) − centre`, modulo 2⁸. Inputs that `x` lacks are 0.
#[target_feature(enable = "avx2,fma")]
fn quantize_bytes_avx2(x: &[f32], factor: f32, centre: i8, values: &mut [u8]) {
    let factor = _mm256_set1_ps(factor);
    let centre = _mm256_set1_epi8(centre);
    // Packing works in each 128 bits of a register.
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    let quantize = |chunk: &[f32; N]| -> [u8; N] {
        let [a, b, c, d] = std::array::from_fn(|i| {
            // SAFETY: a chunk is 4 vectors.
            let value = unsafe { _mm256_loadu_ps(chunk.as_ptr().add(i * 8)) };
            _mm256_cvtps_epi32(_mm256_mul_ps(value, factor))
        });
        let packed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
        let ordered = _mm256_permutevar8x32_epi32(packed, order);
        let mut bytes = [0; N];
        // SAFETY: there are 32 bytes.
        unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), _mm256_sub_epi8(ordered, centre)) };
        bytes
    };
    let (chunks, rest) = x.as_chunks::<N>();
    let last = padded::<N>(rest);
    let (whole, rest) = values.split_at_mut(chunks.len() * N);
    for (chunk, values) in chunks.iter().zip(whole.as_chunks_mut::<N>().0) {
        *values = quantize(chunk);
    }
    if let Some(last) = &last {
        rest.copy_from_slice(&quantize(last)[..rest.len()]);
    }
}

/// Computes [`Centred::starts`](super::Centred::starts) of a row.
#[target_feature(enable = "avx2,fma")]
pub(super) fn starts_avx2(values: &[u8], starts: &mut [Start]) {
    for (run, start) in values.as_chunks::<RUN_INPUTS>().0.iter().zip(starts) {
        // SAFETY: a run is 16 bytes.
        let values = unsafe { _mm_loadu_si128(run.as_ptr().cast()) };
        // 32 bits for each group: the sums of its two lanes.
        let groups = _mm_maddubs_epi16(_mm_set1_epi8(1), values);
        let halves = _mm_add_epi16(groups, _mm_shuffle_epi32::<0b10_11_00_01>(groups));
        let whole = _mm_add_epi16(halves, _mm_shuffle_epi32::<0b01_00_11_10>(halves));
        // The first two are the whole run and its second half.
        let sums = _mm_unpackhi_epi32(whole, halves);
        let products = _mm_slli_epi16::<7>(_mm_sub_epi16(_mm_setzero_si128(), sums));
        // SAFETY: `start` is 8 bytes.
        unsafe { _mm_storel_epi64((&raw mut *start).cast(), products) };
    }
}

/// The values of a chunk that is not whole, followed by zeros.
#[inline(always)]
fn padded<const N: usize>(rest: &[f32]) -> Option<[f32; N]> {
    (!rest.is_empty()).then(|| {
        let mut chunk = [0.0; N];
        chunk[..rest.len()].copy_from_slice(rest);
        chunk
    })
}
