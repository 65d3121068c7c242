//! Kernels for AVX-512 with VNNI, for AVX-VNNI and for AVX2.

#![expect(
    clippy::needless_range_loop,
    reason = "loops index sums by row and vector, so that each sum is a register"
)]

use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;

use super::{Centred, Finish, GROUP, PANEL, Panel, RUN, Rows};

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

/// Rows and columns whose sums fit into registers, in 16 and in 32 bits: two vectors of eight columns.
const ROWS: usize = 3;
const COLUMNS: usize = 16;
const VECTORS: usize = COLUMNS / 8;

#[target_feature(enable = "avx2")]
pub(super) fn tile_avx2(
    x: Centred<'_>,
    panel: Panel<'_>,
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    let rows = finish.row_scales.len();
    for start in (0..PANEL).step_by(COLUMNS) {
        for first in (0..rows).step_by(ROWS) {
            match rows - first {
                ROWS.. => rows_avx2::<ROWS>(x, panel, (first, start), finish, out, stride),
                2 => rows_avx2::<2>(x, panel, (first, start), finish, out, stride),
                _ => rows_avx2::<1>(x, panel, (first, start), finish, out, stride),
            }
        }
    }
}

/// AVX2 multiplies unsigned by signed bytes and adds pairs of products in lanes of 16 bits: two for each
/// column. The weights become unsigned by adding 128, which no pair of products with activations within
/// ±64 overflows: 2 · 255 · 64 < 2¹⁵. The four pairs of a run are added modulo 2¹⁶, from the start
/// that takes the 128 off again. What comes out is exact wherever the sum without the 128 fits into the
/// lane, which [`mark_wide_runs`](super::mark_wide_runs) tells from the weights. Where it might not, each pair is put
/// right and widened by itself. Last comes what the centre of a row adds to each of its sums.
#[target_feature(enable = "avx2")]
fn rows_avx2<const ROWS: usize>(
    x: Centred<'_>,
    panel: Panel<'_>,
    (first_row, start): (usize, usize),
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    let all_rows = finish.row_scales.len();
    let (rows, groups) = Rows::new(x.values, all_rows, panel.weights);
    let runs = groups / RUN;
    assert!(x.starts.len() == all_rows * runs && first_row + ROWS <= all_rows);
    let words = panel.wide_runs.len() / PANEL;
    let offset = _mm256_set1_epi8(i8::MIN);
    let ones = _mm256_set1_epi16(1);
    let weights = |group: usize| -> [__m256i; VECTORS] {
        debug_assert!(group < groups);
        std::array::from_fn(|i| {
            // SAFETY: `group` is within bounds, and 16 columns of a group are 2 vectors of 32 bytes.
            let weights = unsafe {
                let group = panel.weights.as_ptr().add((group * PANEL + start) * GROUP);
                _mm256_loadu_si256(group.add(i * 32).cast())
            };
            _mm256_xor_si256(weights, offset)
        })
    };
    let mut sums = [[_mm256_setzero_si256(); VECTORS]; ROWS];
    for word in 0..words {
        let columns = panel.wide_runs.chunks_exact(words).skip(start);
        let wide = columns.take(COLUMNS).fold(0, |all, runs| all | runs[word]);
        for run in word * 64..runs.min((word + 1) * 64) {
            let first = run * RUN;
            if wide >> (run % 64) & 1 == 1 {
                add_pairs(&mut sums, (&rows, first_row), first..first + RUN, weights);
                continue;
            }
            let mut narrow: [[__m256i; VECTORS]; ROWS] = std::array::from_fn(|row| {
                // SAFETY: `row` and `run` are within bounds.
                let start = unsafe { x.starts.as_ptr().add((first_row + row) * runs + run) };
                // SAFETY: two values of 16 bits are one of 32.
                [_mm256_set1_epi32(unsafe { start.cast::<i32>().read_unaligned() }); VECTORS]
            });
            for group in first..first + RUN {
                let weights = weights(group);
                for row in 0..ROWS {
                    let x = _mm256_set1_epi32(rows.group(first_row + row, group));
                    for i in 0..VECTORS {
                        let pairs = _mm256_maddubs_epi16(weights[i], x);
                        narrow[row][i] = _mm256_add_epi16(narrow[row][i], pairs);
                    }
                }
                in_order(&mut narrow);
            }
            for row in 0..ROWS {
                for i in 0..VECTORS {
                    let lanes = _mm256_madd_epi16(narrow[row][i], ones);
                    sums[row][i] = _mm256_add_epi32(sums[row][i], lanes);
                }
            }
        }
    }
    add_pairs(&mut sums, (&rows, first_row), runs * RUN..groups, weights);
    for row in 0..ROWS {
        let row_of_tile = first_row + row;
        let (scale, out) = (
            finish.row_scales[row_of_tile],
            &mut out[row_of_tile * stride..],
        );
        let centre = _mm256_set1_epi32(x.centres[row_of_tile]);
        for i in 0..VECTORS {
            let start = start + i * 8;
            let offsets = &finish.offsets[start..start + 8];
            // SAFETY: there are 8 of them.
            let offsets = unsafe { _mm256_loadu_si256(offsets.as_ptr().cast()) };
            // 128 times the sum of the weights.
            let weights = _mm256_srai_epi32::<7>(offsets);
            let of_centre = _mm256_mullo_epi32(weights, centre);
            let sums = _mm256_add_epi32(sums[row][i], of_centre);
            write_8(finish, start, scale, sums, out);
        }
    }
}

/// Keeps the compiler from computing what comes before and after together: the groups of a run at once
/// need more registers than there are.
#[inline]
#[target_feature(enable = "avx2")]
fn in_order<const ROWS: usize>(sums: &mut [[__m256i; VECTORS]; ROWS]) {
    for sum in sums.as_flattened_mut() {
        // SAFETY: there is no instruction.
        unsafe {
            asm!(
                "/* {0} */",
                inout(ymm_reg) * sum,
                options(nostack, preserves_flags)
            );
        }
    }
}

/// Adds the products of some groups to `sums`, each pair in 32 bits. `weights` are those of a group, plus
/// 128.
#[inline]
#[target_feature(enable = "avx2")]
fn add_pairs<const ROWS: usize>(
    sums: &mut [[__m256i; VECTORS]; ROWS],
    (rows, first_row): (&Rows<'_>, usize),
    groups: Range<usize>,
    weights: impl Fn(usize) -> [__m256i; VECTORS],
) {
    let (offset, ones) = (_mm256_set1_epi8(i8::MIN), _mm256_set1_epi16(1));
    for group in groups {
        let weights = weights(group);
        for row in 0..ROWS {
            let x = _mm256_set1_epi32(rows.group(first_row + row, group));
            let offsets = _mm256_maddubs_epi16(offset, x);
            for i in 0..VECTORS {
                let pairs = _mm256_sub_epi16(_mm256_maddubs_epi16(weights[i], x), offsets);
                let lanes = _mm256_madd_epi16(pairs, ones);
                sums[row][i] = _mm256_add_epi32(sums[row][i], lanes);
            }
        }
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
