//! Kernels for AVX-512 with VNNI, for AVX-VNNI and for AVX2.

#![expect(
    clippy::needless_range_loop,
    reason = "loops index sums by row and vector, so that each sum is a register"
)]

use std::arch::asm;
use std::arch::x86_64::*;
use std::ops::Range;

use super::quantize::Centred;
use super::{COLUMNS, Finish, GROUP, PANEL, Panel, RUN, RUN_INPUTS, Rows};

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

/// Rows whose sums fit into registers, in 16 and in 32 bits, with two vectors of eight columns.
const ROWS: usize = 3;
const VECTORS: usize = COLUMNS / 8;

#[target_feature(enable = "avx2")]
pub(super) fn tile_avx2(
    x: Centred<'_>,
    panel: Panel<'_>,
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    align_frame();
    let rows = finish.row_scales.len();
    let words = x.runs.div_ceil(64);
    assert!(
        x.values.len() == rows * x.runs * RUN_INPUTS
            && x.starts.len() == rows * x.runs
            && x.centres.len() == rows
            && panel.weights.len() == x.runs * RUN * PANEL * GROUP
            && panel.wide_runs.len() == PANEL / COLUMNS * words
    );
    for part in 0..PANEL / COLUMNS {
        let start = part * COLUMNS;
        let wide_runs = &panel.wide_runs[part * words..(part + 1) * words];
        for first in (0..rows).step_by(ROWS) {
            // SAFETY: the lengths were checked.
            let sums = |rows: usize| unsafe {
                let weights = panel.weights.as_ptr().add(start * GROUP);
                match rows {
                    ROWS.. => sums_avx2::<ROWS>(x, first, weights, wide_runs),
                    2 => widened(sums_avx2::<2>(x, first, weights, wide_runs)),
                    _ => widened(sums_avx2::<1>(x, first, weights, wide_runs)),
                }
            };
            let sums = sums(rows - first);
            for (row, sums) in (first..rows).zip(sums) {
                let centre = _mm256_set1_epi32(x.centres[row]);
                for i in 0..VECTORS {
                    let start = start + i * 8;
                    let offsets = &finish.offsets[start..start + 8];
                    // SAFETY: there are 8 of them.
                    let offsets = unsafe { _mm256_loadu_si256(offsets.as_ptr().cast()) };
                    // What the centre adds to each sum: the offsets are 128 times the sum of the weights.
                    let of_centre = _mm256_mullo_epi32(_mm256_srai_epi32::<7>(offsets), centre);
                    let sums = _mm256_add_epi32(sums[i], of_centre);
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
    }
}

/// The sums of `ROWS` rows from `first` on, for [`COLUMNS`] columns.
///
/// AVX2 multiplies unsigned by signed bytes and adds pairs of products in lanes of 16 bits: two for each
/// column. The weights are unsigned because 128 was added to them, which no pair of products with
/// activations within ±64 overflows: 2 · 255 · 64 < 2¹⁵. The four pairs of a run are added modulo 2¹⁶,
/// from the start that takes the 128 off again. What comes out is exact wherever the sum without the 128
/// fits into the lane, which [`mark_wide_runs`](super::mark_wide_runs) tells from the weights. Where it
/// might not, each half of the run is added up by itself.
///
/// # Safety
/// `x` has the rows; `weights` are those of a panel, as many runs as a row has, from the first of the
/// columns on; there is a bit of `wide_runs` for each run.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn sums_avx2<const ROWS: usize>(
    x: Centred<'_>,
    first: usize,
    weights: *const i8,
    wide_runs: &[u64],
) -> [[__m256i; VECTORS]; ROWS] {
    let width = x.runs * RUN_INPUTS;
    let values = x.values[first * width..].as_ptr();
    let starts = x.starts[first * x.runs..].as_ptr();
    // The start of a whole run or, the second, of its second half.
    let start = |row: usize, run: usize, part: usize| {
        debug_assert!(row < ROWS && run < x.runs && part < 2);
        // SAFETY: these are within bounds, and two lanes of 16 bits are one of 32.
        let lanes = unsafe { starts.add(row * x.runs + run).cast::<i32>().add(part) };
        // SAFETY: as above.
        _mm256_set1_epi32(unsafe { lanes.read_unaligned() })
    };
    // SAFETY: callers give groups within bounds.
    let add_products = |lanes: &mut _, groups: Range<usize>| unsafe {
        for group in groups {
            let weights = weights.add(group * PANEL * GROUP);
            add_group::<ROWS>(lanes, values.add(group * GROUP), width, weights);
        }
    };
    let mut sums = [[_mm256_setzero_si256(); VECTORS]; ROWS];
    for (word, &wide) in wide_runs.iter().enumerate() {
        for run in word * 64..x.runs.min((word + 1) * 64) {
            let (first, middle, end) = (run * RUN, run * RUN + RUN / 2, run * RUN + RUN);
            let mut lanes: [[__m256i; VECTORS]; ROWS];
            if wide >> (run % 64) & 1 == 0 {
                lanes = std::array::from_fn(|row| [start(row, run, 0); VECTORS]);
                add_products(&mut lanes, first..end);
            } else {
                lanes = std::array::from_fn(|row| {
                    [_mm256_sub_epi16(start(row, run, 0), start(row, run, 1)); VECTORS]
                });
                add_products(&mut lanes, first..middle);
                add_lanes(&mut sums, &lanes);
                lanes = std::array::from_fn(|row| [start(row, run, 1); VECTORS]);
                add_products(&mut lanes, middle..end);
            }
            add_lanes(&mut sums, &lanes);
        }
    }
    sums
}

/// Adds the products of a group of inputs, those of each row `width` bytes after those of the row before.
///
/// # Safety
/// There are four `values` of each row, and weights for [`COLUMNS`] columns.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn add_group<const ROWS: usize>(
    lanes: &mut [[__m256i; VECTORS]; ROWS],
    values: *const u8,
    width: usize,
    weights: *const i8,
) {
    // SAFETY: 16 columns of a group are 2 vectors of 32 bytes.
    let weights: [__m256i; VECTORS] =
        std::array::from_fn(|i| unsafe { _mm256_loadu_si256(weights.add(i * 32).cast()) });
    for row in 0..ROWS {
        // SAFETY: see above.
        let x = unsafe { values.add(row * width).cast::<i32>().read_unaligned() };
        let x = _mm256_set1_epi32(x);
        for i in 0..VECTORS {
            let pairs = _mm256_maddubs_epi16(weights[i], x);
            lanes[row][i] = _mm256_add_epi16(lanes[row][i], pairs);
        }
    }
    in_order(lanes);
}

/// Aligns the stack frame of the calling function, and with it the vectors that the compiler keeps there
/// because the registers are too few. It does not do so for those alone, and one that straddles two pages
/// costs a fifth of the kernel's time.
#[inline(always)]
fn align_frame() {
    #[repr(align(32))]
    struct Aligned;
    let aligned = Aligned;
    // SAFETY: there is no instruction.
    unsafe { asm!("/* {0} */", in(reg) &raw const aligned, options(nostack, preserves_flags)) };
}

/// Adds the two lanes of each column to its sum.
#[inline]
#[target_feature(enable = "avx2")]
fn add_lanes<const ROWS: usize>(
    sums: &mut [[__m256i; VECTORS]; ROWS],
    lanes: &[[__m256i; VECTORS]; ROWS],
) {
    let ones = _mm256_set1_epi16(1);
    for (sum, lanes) in sums.as_flattened_mut().iter_mut().zip(lanes.as_flattened()) {
        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(*lanes, ones));
    }
}

/// The sums of fewer rows.
#[inline]
#[target_feature(enable = "avx2")]
fn widened<const N: usize>(sums: [[__m256i; VECTORS]; N]) -> [[__m256i; VECTORS]; ROWS] {
    let mut all = [[_mm256_setzero_si256(); VECTORS]; ROWS];
    all[..N].copy_from_slice(&sums);
    all
}

/// Keeps the compiler from computing what comes before and after together: the groups of a run at once
/// need more registers than there are.
#[inline]
#[target_feature(enable = "avx2")]
fn in_order<const ROWS: usize>(lanes: &mut [[__m256i; VECTORS]; ROWS]) {
    for lanes in lanes.as_flattened_mut() {
        // SAFETY: there is no instruction.
        unsafe {
            asm!(
                "/* {0} */",
                inout(ymm_reg) * lanes,
                options(nostack, preserves_flags)
            );
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
