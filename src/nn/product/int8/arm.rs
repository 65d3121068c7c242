//! The kernel of Arm's dot products (Armv8.2 `dotprod`, and all of Apple's M series).

// Sums are indexed by row and vector as the registers they stand for.
#![allow(clippy::needless_range_loop)]

use std::arch::aarch64::*;
use std::arch::asm;

use super::{Finish, GROUP, PANEL, Rows, for_rows};

/// Columns whose sums fit into registers for six rows, four of them in each.
const COLUMNS: usize = 16;

#[target_feature(enable = "neon,dotprod")]
pub(super) fn tile(
    x: &[u8],
    scales: &[f32],
    weights: &[i8],
    finish: &Finish<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for start in (0..PANEL).step_by(COLUMNS) {
        for_rows!(
            scales.len(),
            rows(x, scales, weights, start, finish, out, stride)
        )
    }
}

#[target_feature(enable = "neon,dotprod")]
fn rows<const ROWS: usize>(
    x: &[u8],
    scales: &[f32],
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
        // SAFETY: `Rows::new` bounds `group`, and `start` lies in a panel.
        let panel = unsafe { weights.as_ptr().add((group * PANEL + start) * GROUP) };
        // SAFETY: 16 columns of a group are 4 vectors of 16 bytes.
        let vectors: [int8x16_t; VECTORS] =
            std::array::from_fn(|i| unsafe { vld1q_s8(panel.add(i * 16)) });
        for row in 0..ROWS {
            let x = vreinterpretq_s8_s32(vdupq_n_s32(rows.group(row, group)));
            // Takes the 128 away again.
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
        finish.write(start, scales[row], &columns, out);
    }
}

/// To each of four sums, the products of four bytes with four others. What the compiler offers for it
/// is not stable yet.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(mut sums: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    // SAFETY: registers in, a register out; the caller has the extension.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {a:v}.16b, {b:v}.16b",
            sums = inout(vreg) sums,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}
