//! Kernels for AVX-512 and for AVX2. Compilers do not keep the sums of [`rows_of_tile`](super::rows_of_tile)
//! in AVX2's registers.

use std::arch::x86_64::*;

use super::super::super::element::Element;
use super::{COLUMNS, PANEL, Tile};

/// Defines a kernel for vectors of `$lanes` values.
macro_rules! kernel {
    ($rows:ident, $features:literal, $lanes:literal, $set:ident, $load:ident, $multiply_add:ident, $add:ident, $store:ident) => {
        /// `VECTORS` vectors of columns from `start` on.
        #[target_feature(enable = $features)]
        fn $rows<const ROWS: usize, const VECTORS: usize, T: Element>(
            tile: Tile<'_, T>,
            start: usize,
            out: &mut [f32],
            stride: usize,
        ) {
            let inputs = tile.weights.len() / PANEL;
            let last = start + VECTORS * $lanes;
            assert!(last <= PANEL && tile.bias.len() == PANEL);
            assert!(tile.x.len() >= (ROWS - 1) * tile.x_stride + inputs);
            assert!(out.len() >= (ROWS - 1) * stride + last);
            let mut sums = [[$set(0.0); VECTORS]; ROWS];
            for input in 0..inputs {
                // SAFETY: there are `inputs` times `PANEL` weights, and `start` is checked above.
                let weights: [_; VECTORS] = std::array::from_fn(|i| unsafe {
                    T::$load(
                        tile.weights
                            .as_ptr()
                            .add(input * PANEL + start + i * $lanes),
                    )
                });
                for row in 0..ROWS {
                    // SAFETY: the length of `x` is checked above.
                    let x = $set(unsafe { *tile.x.as_ptr().add(row * tile.x_stride + input) });
                    for i in 0..VECTORS {
                        sums[row][i] = $multiply_add(x, weights[i], sums[row][i]);
                    }
                }
            }
            for i in 0..VECTORS {
                let column = start + i * $lanes;
                // SAFETY: `bias` and `column` are checked above.
                let bias = unsafe { f32::$load(tile.bias.as_ptr().add(column)) };
                for row in 0..ROWS {
                    // SAFETY: the length of `out` is checked above.
                    unsafe {
                        let out = out.as_mut_ptr().add(row * stride + column);
                        $store(out, $add(sums[row][i], bias));
                    }
                }
            }
        }
    };
}

kernel!(
    rows_avx512,
    "avx512f",
    16,
    _mm512_set1_ps,
    load_avx512,
    _mm512_fmadd_ps,
    _mm512_add_ps,
    _mm512_storeu_ps
);
kernel!(
    rows_avx2,
    "avx2,fma",
    8,
    _mm256_set1_ps,
    load_avx2,
    _mm256_fmadd_ps,
    _mm256_add_ps,
    _mm256_storeu_ps
);

#[target_feature(enable = "avx512f")]
pub(super) fn tile_avx512<T: Element>(tile: Tile<'_, T>, out: &mut [f32], stride: usize) {
    match tile.columns {
        0..=16 => for_rows!(tile.rows(), rows_avx512[1, _](tile, 0, out, stride)),
        17..=32 => for_rows!(tile.rows(), rows_avx512[2, _](tile, 0, out, stride)),
        _ => for_rows!(tile.rows(), rows_avx512[4, _](tile, 0, out, stride)),
    }
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn tile_avx2<T: Element>(tile: Tile<'_, T>, out: &mut [f32], stride: usize) {
    for start in (0..tile.columns).step_by(COLUMNS) {
        for_rows!(tile.rows(), rows_avx2[2, _](tile, start, out, stride));
    }
}
