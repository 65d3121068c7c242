//! Kernels for Arm's dot products (Armv8.2 `dotprod`; all of Apple's M series) and matrix products
//! (Armv8.6 `i8mm`; Apple's M2 and later, servers from Neoverse V1 on).

// Loops index sums by row and vector, so that each sum is a register.
#![allow(clippy::needless_range_loop)]

use std::arch::aarch64::*;
use std::arch::asm;

use super::{Finish, GROUP, PANEL, Rows};

/// Columns whose sums for six rows fit into registers, four to each.
const COLUMNS: usize = 16;

#[target_feature(enable = "neon,dotprod")]
pub(super) fn tile_dotprod(
    x: &[u8],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for start in (0..PANEL).step_by(COLUMNS) {
        for_rows!(
            finish.row_scales.len(),
            rows_dotprod(x, weights, start, finish, out, stride)
        )
    }
}

#[target_feature(enable = "neon,dotprod")]
fn rows_dotprod<const ROWS: usize>(
    x: &[u8],
    weights: &[i8],
    start: usize,
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    const VECTORS: usize = COLUMNS / 4;
    let (rows, groups) = Rows::new(x, ROWS, weights);
    let offset = vdupq_n_s8(i8::MIN);
    let mut sums = [[vdupq_n_s32(0); VECTORS]; ROWS];
    for group in 0..groups {
        // SAFETY: `Rows::new` bounds `group`, and `start` is within a panel.
        let panel = unsafe { weights.as_ptr().add((group * PANEL + start) * GROUP) };
        // SAFETY: 16 columns of a group are 4 vectors of 16 bytes.
        let vectors: [int8x16_t; VECTORS] =
            std::array::from_fn(|i| unsafe { vld1q_s8(panel.add(i * 16)) });
        for row in 0..ROWS {
            let x = vreinterpretq_s8_s32(vdupq_n_s32(rows.group(row, group)));
            // Subtracts the 128.
            let x = veorq_s8(x, offset);
            for i in 0..VECTORS {
                sums[row][i] = dot(sums[row][i], vectors[i], x);
            }
        }
    }
    for row in 0..ROWS {
        let mut columns = [0i32; COLUMNS];
        for (i, columns) in columns.chunks_exact_mut(4).enumerate() {
            // SAFETY: `columns` has 4 values.
            unsafe { vst1q_s32(columns.as_mut_ptr(), sums[row][i]) };
        }
        let out = &mut out[row * stride + start..];
        finish.write(start, finish.row_scales[row], &columns, out);
    }
}

/// Takes rows in pairs. A single row is faster with dot products.
#[target_feature(enable = "neon,dotprod,i8mm")]
pub(super) fn tile_i8mm(
    x: &[u8],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for start in (0..PANEL).step_by(COLUMNS) {
        match finish.row_scales.len() {
            1 => rows_dotprod::<1>(x, weights, start, finish, out, stride),
            2 => pairs_i8mm::<1>(x, weights, start, finish, out, stride),
            3 | 4 => pairs_i8mm::<2>(x, weights, start, finish, out, stride),
            _ => pairs_i8mm::<3>(x, weights, start, finish, out, stride),
        }
    }
}

/// `PAIRS` pairs of rows; the last pair may have only one.
#[target_feature(enable = "neon,dotprod,i8mm")]
fn pairs_i8mm<const PAIRS: usize>(
    x: &[u8],
    weights: &[i8],
    start: usize,
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    /// Two columns each.
    const VECTORS: usize = COLUMNS / 2;
    let (rows, groups) = Rows::new(x, finish.row_scales.len(), weights);
    let last = finish.row_scales.len() - 1;
    let offset = vdupq_n_s8(i8::MIN);
    // Each vector has the sums of two rows and two columns.
    let mut sums = [[vdupq_n_s32(0); VECTORS]; PAIRS];
    for group in (0..groups).step_by(2) {
        let whole = group + 1 < groups;
        let mut pairs = [offset; PAIRS];
        for (pair, x) in pairs.iter_mut().enumerate() {
            let (first, second) = (2 * pair, (2 * pair + 1).min(last));
            let bytes = [
                eight(&rows, first, group, whole),
                eight(&rows, second, group, whole),
            ];
            // SAFETY: `bytes` has 16 of them.
            let bytes = vreinterpretq_s8_u64(unsafe { vld1q_u64(bytes.as_ptr()) });
            // Subtracts the 128.
            *x = veorq_s8(bytes, offset);
        }
        for i in 0..VECTORS / 2 {
            let start = (group * PANEL + start + 4 * i) * GROUP;
            debug_assert!(start + 16 <= weights.len());
            // SAFETY: `Rows::new` bounds `group`; four columns of a group are 16 bytes of a panel.
            let first = vreinterpretq_s32_s8(unsafe { vld1q_s8(weights.as_ptr().add(start)) });
            let second = if whole {
                let start = start + PANEL * GROUP;
                // SAFETY: there is a group more.
                vreinterpretq_s32_s8(unsafe { vld1q_s8(weights.as_ptr().add(start)) })
            } else {
                vdupq_n_s32(0)
            };
            let columns = [vzip1q_s32(first, second), vzip2q_s32(first, second)];
            for pair in 0..PAIRS {
                for (j, columns) in columns.into_iter().enumerate() {
                    let sums = &mut sums[pair][2 * i + j];
                    *sums = matrix_product(*sums, pairs[pair], vreinterpretq_s8_s32(columns));
                }
            }
        }
    }
    for (row, (&scale, out)) in finish
        .row_scales
        .iter()
        .zip(out.chunks_mut(stride))
        .enumerate()
    {
        let mut columns = [0i32; COLUMNS];
        for (sums, columns) in sums[row / 2].into_iter().zip(columns.chunks_exact_mut(2)) {
            let half = match row % 2 {
                0 => vget_low_s32(sums),
                _ => vget_high_s32(sums),
            };
            // SAFETY: `columns` has 2 values.
            unsafe { vst1_s32(columns.as_mut_ptr(), half) };
        }
        finish.write(start, scale, &columns, &mut out[start..]);
    }
}

/// The activations of `row` in `group` and in the next group, or zeros if there is no `next` group.
#[inline(always)]
fn eight(rows: &Rows<'_>, row: usize, group: usize, next: bool) -> u64 {
    let first = rows.group(row, group).cast_unsigned();
    let second = if next { rows.group(row, group + 1) } else { 0 };
    u64::from(first) | u64::from(second.cast_unsigned()) << 32
}

/// Defines a function for an instruction that adds products of the bytes of two vectors to four sums. The
/// intrinsics for these are not stable yet.
macro_rules! instruction {
    ($(#[$attribute:meta])* $name:ident, $features:literal, $instruction:literal) => {
        $(#[$attribute])*
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(mut sums: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
            // SAFETY: registers in, a register out; the caller has the extension.
            unsafe {
                asm!(
                    concat!($instruction, " {sums:v}.4s, {a:v}.16b, {b:v}.16b"),
                    sums = inout(vreg) sums,
                    a = in(vreg) a,
                    b = in(vreg) b,
                    options(pure, nomem, nostack, preserves_flags),
                );
            }
            sums
        }
    };
}

instruction!(
    /// Adds a dot product of four bytes to each of four sums.
    dot,
    "neon,dotprod",
    "sdot"
);
instruction!(
    /// Adds the dot products of eight bytes of two rows and two columns to two by two sums.
    matrix_product,
    "neon,i8mm",
    "smmla"
);
