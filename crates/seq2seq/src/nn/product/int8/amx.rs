//! The AMX kernel: products of tiles of sixteen rows of 64 bytes.
//!
//! The layout of panels is that of the instruction's second operand: a row of a tile is sixteen outputs
//! with four inputs each, and the next group of inputs is a whole panel's width away. The intrinsics for
//! AMX are not stable yet, so the instructions are written in assembly.

use std::arch::asm;

use super::{Finish, GROUP, PANEL};

/// Rows of activations in a tile.
pub(super) const TILE_ROWS: usize = 16;
/// For fewer rows AVX-512 is as fast, because loading the weights takes most of the time.
pub(super) const FEWEST_ROWS: usize = 3;
/// Groups of inputs in a tile.
const TILE_GROUPS: usize = 16;
/// Bytes from one group of a panel to the next, and from one row of its sums to the next.
const PANEL_STRIDE: usize = PANEL * GROUP;

/// The shape of this thread's tiles. The tiles are released when the value is dropped.
///
/// Tiles 0 to 3 hold the sums of a panel, 4 and 5 activations and weights of sixteen groups of inputs,
/// 6 and 7 those of the last groups, fewer than sixteen.
pub(super) struct Shape {
    rows: usize,
    groups: usize,
}

/// The operand of `ldtilecfg`.
#[repr(C, align(64))]
struct Palette {
    number: u8,
    start_row: u8,
    reserved: [u8; 14],
    /// Bytes of a row of each tile.
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

impl Shape {
    /// Configures the tiles for `rows` rows, at most [`TILE_ROWS`], and `groups` groups of inputs.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) fn set(rows: usize, groups: usize) -> Self {
        assert!((1..=TILE_ROWS).contains(&rows));
        let mut palette = Palette {
            number: 1,
            start_row: 0,
            reserved: [0; 14],
            row_bytes: [0; 16],
            rows: [0; 16],
        };
        let mut tile = |index: usize, rows: usize, groups: usize| {
            palette.rows[index] = rows as u8;
            palette.row_bytes[index] = (groups * GROUP) as u16;
        };
        for sums in 0..4 {
            tile(sums, rows, TILE_GROUPS);
        }
        tile(4, rows, TILE_GROUPS);
        tile(5, TILE_GROUPS, TILE_GROUPS);
        let last = groups % TILE_GROUPS;
        if last > 0 {
            tile(6, rows, last);
            tile(7, last, TILE_GROUPS);
        }
        // SAFETY: callers ensure that the processor has AMX and the process may use it. The palette has
        // the required format, and its shapes are supported by every processor with AMX.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &raw const palette,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, readonly));
        }
        Self { rows, groups }
    }

    /// The product of the configured number of rows and one panel; row `i` goes to `out[i·stride..]`.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) fn tile(
        &self,
        x: &[u8],
        weights: &[i8],
        finish: &Finish<'_>,
        out: &mut [f32],
        stride: usize,
    ) {
        let scales = finish.row_scales;
        let width = self.groups * GROUP;
        assert!(scales.len() == self.rows && x.len() == self.rows * width);
        assert!(weights.len() == self.groups * PANEL_STRIDE);
        let mut sums = [[0i32; PANEL]; TILE_ROWS];
        // SAFETY: the tiles have the shape of `self`, the loads stay within `x` and `weights`, whose
        // lengths were checked, and `sums` has space for a panel of as many rows as a tile can have.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                "test {whole}, {whole}",
                "jz 3f",
                "2:",
                "tileloadd tmm4, [{x} + {width}]",
                "tileloadd tmm5, [{weights} + {panel}]",
                "tdpbusd tmm0, tmm4, tmm5",
                "tileloadd tmm5, [{weights} + {panel} + 64]",
                "tdpbusd tmm1, tmm4, tmm5",
                "tileloadd tmm5, [{weights} + {panel} + 128]",
                "tdpbusd tmm2, tmm4, tmm5",
                "tileloadd tmm5, [{weights} + {panel} + 192]",
                "tdpbusd tmm3, tmm4, tmm5",
                "add {x}, 64",
                "add {weights}, 4096",
                "dec {whole}",
                "jnz 2b",
                "3:",
                "test {last}, {last}",
                "jz 4f",
                "tileloadd tmm6, [{x} + {width}]",
                "tileloadd tmm7, [{weights} + {panel}]",
                "tdpbusd tmm0, tmm6, tmm7",
                "tileloadd tmm7, [{weights} + {panel} + 64]",
                "tdpbusd tmm1, tmm6, tmm7",
                "tileloadd tmm7, [{weights} + {panel} + 128]",
                "tdpbusd tmm2, tmm6, tmm7",
                "tileloadd tmm7, [{weights} + {panel} + 192]",
                "tdpbusd tmm3, tmm6, tmm7",
                "4:",
                "tilestored [{sums} + {panel}], tmm0",
                "tilestored [{sums} + {panel} + 64], tmm1",
                "tilestored [{sums} + {panel} + 128], tmm2",
                "tilestored [{sums} + {panel} + 192], tmm3",
                x = inout(reg) x.as_ptr() => _,
                width = in(reg) width,
                weights = inout(reg) weights.as_ptr() => _,
                panel = in(reg) PANEL_STRIDE,
                whole = inout(reg) self.groups / TILE_GROUPS => _,
                last = in(reg) self.groups % TILE_GROUPS,
                sums = in(reg) sums.as_mut_ptr(),
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
        for ((sums, &scale), out) in sums.iter_mut().zip(scales).zip(out.chunks_mut(stride)) {
            for (sum, offset) in sums.iter_mut().zip(finish.offsets) {
                *sum -= offset;
            }
            finish.write(0, scale, sums, out);
        }
    }
}

impl Drop for Shape {
    fn drop(&mut self) {
        // SAFETY: the tiles were configured, so the processor has them; their contents are not used again.
        unsafe {
            asm!("tilerelease",
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, nomem));
        }
    }
}
