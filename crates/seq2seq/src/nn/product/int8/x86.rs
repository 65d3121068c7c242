//! Kernels for AVX-512 with VNNI, for AVX-VNNI and for AVX2.

#![expect(
    clippy::needless_range_loop,
    reason = "loops index sums by row and vector, so that each sum is a register"
)]

use std::arch::x86_64::*;

use super::{Finish, GROUP, PANEL, Rows, for_rows};

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn tile_avx512(
    x: &[u8],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for_rows!(
        finish.row_scales.len(),
        rows_avx512(x, weights, finish, out, stride)
    );
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn rows_avx512<const ROWS: usize>(
    x: &[u8],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    const VECTORS: usize = PANEL / 16;
    let (rows, groups) = Rows::new(x, ROWS, weights);
    // Sums start at minus 128 times the sum of the weights.
    // SAFETY: there are 64 offsets, one for each column of a panel.
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
        // SAFETY: each of these arrays has the 64 values of a panel.
        let (scale, bias) = unsafe {
            (
                _mm512_loadu_ps(finish.scales.as_ptr().add(start)),
                _mm512_loadu_ps(finish.bias.as_ptr().add(start)),
            )
        };
        for row in 0..ROWS {
            let sum = _mm512_cvtepi32_ps(sums[row][i]);
            let scale = _mm512_mul_ps(_mm512_set1_ps(finish.row_scales[row]), scale);
            let value = _mm512_add_ps(_mm512_mul_ps(sum, scale), bias);
            let out: &mut [f32; 16] = (&mut out[row * stride + start..][..16])
                .try_into()
                .expect("16 values");
            // SAFETY: `out` has 16 values.
            unsafe { _mm512_storeu_ps(out.as_mut_ptr(), value) };
        }
    }
}

/// Defines a kernel that uses the 256-bit dot product of bytes, whose encoding differs between AVX-VNNI
/// and AVX-512.
macro_rules! kernel_256 {
    ($tile:ident, $rows:ident, $features:literal, $dot:ident) => {
        #[target_feature(enable = $features)]
        pub(super) fn $tile(
            x: &[u8],
            weights: &[i8],
            finish: &Finish<'_>,
            out: &mut [f32],
            stride: usize,
        ) {
            for start in (0..PANEL).step_by(16) {
                for_rows!(
                    finish.row_scales.len(),
                    $rows(x, weights, start, finish, out, stride)
                )
            }
        }

        /// Columns whose sums for six rows fit into registers, eight to each: 16.
        #[target_feature(enable = $features)]
        fn $rows<const ROWS: usize>(
            x: &[u8],
            weights: &[i8],
            start: usize,
            finish: &Finish<'_>,
            out: &mut [f32],
            stride: usize,
        ) {
            let (rows, groups) = Rows::new(x, ROWS, weights);
            let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
            for group in 0..groups {
                // SAFETY: `Rows::new` bounds `group`, and `start` is within a panel.
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
            for i in 0..2 {
                let start = start + i * 8;
                let offsets = &finish.offsets[start..start + 8];
                // SAFETY: there are 8 of them.
                let offsets = unsafe { _mm256_loadu_si256(offsets.as_ptr().cast()) };
                for row in 0..ROWS {
                    let sums = _mm256_sub_epi32(sums[row][i], offsets);
                    write_8(
                        finish,
                        start,
                        finish.row_scales[row],
                        sums,
                        &mut out[row * stride..],
                    );
                }
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
// Lets processors with AVX-512 test the kernel.
#[cfg(test)]
kernel_256!(
    tile_avx512_256,
    rows_avx512_256,
    "avx2,avx512f,avx512vl,avx512vnni",
    _mm256_dpbusd_epi32
);

/// Columns whose sums for six rows fit into registers, two sums of each of four columns to each.
const COLUMNS: usize = 8;

/// `x`: activations as 16-bit integers, without the 128.
#[target_feature(enable = "avx2")]
pub(super) fn tile_avx2(
    x: &[i16],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for start in (0..PANEL).step_by(COLUMNS) {
        for_rows!(
            finish.row_scales.len(),
            rows_avx2(x, weights, start, finish, out, stride)
        );
    }
}

/// AVX2's product of bytes saturates at 16 bits. Its product of 16-bit integers, which adds pairs of
/// products in 32 bits, does not, so the sums are exact.
#[target_feature(enable = "avx2")]
fn rows_avx2<const ROWS: usize>(
    x: &[i16],
    weights: &[i8],
    start: usize,
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    let (rows, groups) = Rows::new(x, ROWS, weights);
    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    for group in 0..groups {
        // SAFETY: `Rows::new` bounds `group`, and `start` is within a panel.
        let panel = unsafe { weights.as_ptr().add((group * PANEL + start) * GROUP) };
        // SAFETY: 8 columns of a group are 2 times 16 bytes.
        let weights: [__m256i; 2] = std::array::from_fn(|i| unsafe {
            _mm256_cvtepi8_epi16(_mm_loadu_si128(panel.add(i * 16).cast()))
        });
        for row in 0..ROWS {
            let four = rows.start(row, group).cast::<i64>();
            // SAFETY: a group has four values.
            let x = _mm256_set1_epi64x(unsafe { four.read_unaligned() });
            for i in 0..2 {
                let products = _mm256_madd_epi16(weights[i], x);
                sums[row][i] = _mm256_add_epi32(sums[row][i], products);
            }
        }
    }
    for row in 0..ROWS {
        // Columns 0, 1, 4, 5, 2, 3, 6, 7, which are put in order.
        let sums = _mm256_hadd_epi32(sums[row][0], sums[row][1]);
        let sums = _mm256_permute4x64_epi64::<0b11_01_10_00>(sums);
        write_8(
            finish,
            start,
            finish.row_scales[row],
            sums,
            &mut out[row * stride..],
        );
    }
}

/// [`Finish::write`] for eight columns.
#[inline]
#[target_feature(enable = "avx2")]
fn write_8(finish: &Finish<'_>, start: usize, row_scale: f32, sums: __m256i, out: &mut [f32]) {
    let columns = start..start + 8;
    let (scales, bias) = (
        &finish.scales[columns.clone()],
        &finish.bias[columns.clone()],
    );
    let out = &mut out[columns];
    // SAFETY: each has eight values.
    unsafe {
        let scale = _mm256_mul_ps(_mm256_set1_ps(row_scale), _mm256_loadu_ps(scales.as_ptr()));
        let products = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scale);
        let values = _mm256_add_ps(products, _mm256_loadu_ps(bias.as_ptr()));
        _mm256_storeu_ps(out.as_mut_ptr(), values);
    }
}
