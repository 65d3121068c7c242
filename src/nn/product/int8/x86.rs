//! Kernels of AVX-512 with VNNI, of AVX-VNNI and of AVX2.

// Sums are indexed by row and vector as the registers they stand for.
#![allow(clippy::needless_range_loop)]

use std::arch::x86_64::*;

use super::{Finish, GROUP, PANEL, Rows, for_rows};

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn tile_avx512(
    x: &[u8],
    scales: &[f32],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for_rows!(
        scales.len(),
        rows_avx512(x, scales, weights, finish, out, stride)
    )
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
    let (rows, groups) = Rows::new(x, ROWS, weights);
    // The 128 of the activations times the weights is taken away beforehand.
    // SAFETY: panels have 64 columns, and so many offsets.
    let start: [__m512i; VECTORS] = std::array::from_fn(|i| unsafe {
        let offset = _mm512_loadu_si512(finish.offsets.as_ptr().add(i * 16).cast());
        _mm512_sub_epi32(_mm512_setzero_si512(), offset)
    });
    let mut sums = [start; ROWS];
    for group in 0..groups {
        // SAFETY: `Rows::new` bounds `group`.
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
        let (scale, bias) = unsafe {
            (
                _mm512_loadu_ps(finish.scales.as_ptr().add(start)),
                _mm512_loadu_ps(finish.bias.as_ptr().add(start)),
            )
        };
        for row in 0..ROWS {
            let sum = _mm512_cvtepi32_ps(sums[row][i]);
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

/// Defines a kernel of the 256-bit dot product of bytes, which has one encoding in AVX-VNNI and another
/// in AVX-512.
macro_rules! kernel_256 {
    ($tile:ident, $rows:ident, $features:literal, $dot:ident) => {
        #[target_feature(enable = $features)]
        pub(super) fn $tile(
            x: &[u8],
            scales: &[f32],
            weights: &[i8],
            finish: &Finish<'_>,
            out: &mut [f32],
            stride: usize,
        ) {
            for start in (0..PANEL).step_by(16) {
                for_rows!(
                    scales.len(),
                    $rows(x, scales, weights, start, finish, out, stride)
                )
            }
        }

        /// 16 columns, whose sums fit into registers for six rows, eight of them in each.
        #[target_feature(enable = $features)]
        fn $rows<const ROWS: usize>(
            x: &[u8],
            scales: &[f32],
            weights: &[i8],
            start: usize,
            finish: &Finish<'_>,
            out: &mut [f32],
            stride: usize,
        ) {
            let (rows, groups) = Rows::new(x, ROWS, weights);
            let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
            for group in 0..groups {
                // SAFETY: `Rows::new` bounds `group`, and `start` lies in a panel.
                let panel = unsafe { weights.as_ptr().add((group * PANEL + start) * GROUP) };
                // SAFETY: 16 columns of a group are 2 vectors of 32 bytes.
                let vectors: [__m256i; 2] = std::array::from_fn(|i| unsafe {
                    _mm256_loadu_si256(panel.add(i * 32).cast())
                });
                for row in 0..ROWS {
                    let x = _mm256_set1_epi32(rows.group(row, group));
                    for i in 0..2 {
                        sums[row][i] = $dot(sums[row][i], x, vectors[i]);
                    }
                }
            }
            for row in 0..ROWS {
                let mut columns = [0i32; 16];
                for (i, columns) in columns.chunks_exact_mut(8).enumerate() {
                    // SAFETY: `columns` has 8 values.
                    unsafe { _mm256_storeu_si256(columns.as_mut_ptr().cast(), sums[row][i]) };
                }
                for (column, offset) in columns.iter_mut().zip(&finish.offsets[start..]) {
                    *column -= offset;
                }
                let out = &mut out[row * stride + start..];
                finish.write(start, scales[row], &columns, out);
            }
        }
    };
}

kernel_256!(
    tile_avx_vnni,
    rows_avx_vnni,
    "avx2,avxvnni",
    _mm256_dpbusd_avx_epi32
);
// So that processors with AVX-512 test it as well.
#[cfg(test)]
kernel_256!(
    tile_avx512_256,
    rows_avx512_256,
    "avx512f,avx512vl,avx512vnni",
    _mm256_dpbusd_epi32
);

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
    let (rows, groups) = Rows::new(x, ROWS, weights);
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); VECTORS]; ROWS];
    for group in 0..groups {
        // SAFETY: `Rows::new` bounds `group`, and `start` lies in a panel.
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
        finish.write(
            start,
            scales[row],
            &columns,
            &mut out[row * stride + start..],
        );
    }
}
