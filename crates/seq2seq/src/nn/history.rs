//! Attention of a query to the tokens before it, which are anywhere in a matrix.

use super::Cpu;
use super::attention::Scratch;
#[cfg(target_arch = "x86_64")]
use super::cpu::Level;
use super::cpu::vectorised;
use super::element::{Bf16, Element, Storage};
use super::product::fit;
use super::relative::Biases;
use super::rows::{self, LANES, total};

/// The keys and values of tokens, a row of both for each, `[rows, 2·width]`.
pub(super) enum Rows {
    F32(Vec<f32>),
    Bf16(Vec<Bf16>),
}

impl Rows {
    /// Without rows.
    pub(super) fn new(storage: Storage) -> Self {
        match storage {
            Storage::F32 => Self::F32(Vec::new()),
            Storage::Bf16 => Self::Bf16(Vec::new()),
        }
    }

    /// Grows to `length` numbers, unless there are as many.
    pub(super) fn grow(&mut self, length: usize) {
        match self {
            Self::F32(rows) => rows.resize(length.max(rows.len()), f32::default()),
            Self::Bf16(rows) => rows.resize(length.max(rows.len()), Bf16::default()),
        }
    }

    /// Sets row `index`, whose width is that of `values`.
    pub(super) fn set(&mut self, index: u32, values: &[f32]) {
        fn set<T: Element>(rows: &mut [T], index: u32, values: &[f32]) {
            let row = &mut rows[index as usize * values.len()..][..values.len()];
            for (element, &value) in row.iter_mut().zip(values) {
                *element = T::from_f32(value);
            }
        }
        match self {
            Self::F32(rows) => set(rows, index, values),
            Self::Bf16(rows) => set(rows, index, values),
        }
    }
}

/// The keys and values that one query attends to, in arbitrary rows.
#[derive(Clone, Copy)]
pub(super) struct History<'a> {
    pub rows: &'a Rows,
    /// The row of each position.
    pub path: &'a [u32],
    /// Biases added to the scores.
    pub biases: Option<Biases<'a>>,
}

/// A row of queries.
#[derive(Clone, Copy)]
pub(super) struct Query<'a> {
    /// Those of all heads side by side, `[width]`.
    pub row: &'a [f32],
    pub heads: usize,
    /// Factor of the products with the keys.
    pub scale: f32,
}

/// Attention of one query over its history, for all heads, into `out`, `[width]`.
pub(super) fn attend(
    cpu: Cpu,
    query: Query<'_>,
    history: History<'_>,
    scratch: &mut Scratch,
    out: &mut [f32],
) {
    match history.rows {
        Rows::F32(rows) => attend_to(cpu, query, rows, history, scratch, out),
        Rows::Bf16(rows) => attend_to(cpu, query, rows, history, scratch, out),
    }
}

/// [`attend`] to rows of one type.
fn attend_to<T: Element>(
    cpu: Cpu,
    query: Query<'_>,
    rows: &[T],
    history: History<'_>,
    scratch: &mut Scratch,
    out: &mut [f32],
) {
    let Query { row, heads, scale } = query;
    let width = row.len();
    let (head_width, length) = (width / heads, history.path.len());
    let scores = fit(&mut scratch.scores, length.next_multiple_of(LANES));
    let heads = row
        .chunks_exact(head_width)
        .zip(out.chunks_exact_mut(head_width));
    for (head, (query, out)) in heads.enumerate() {
        // Where each row has the keys of this head.
        let keys = Columns {
            rows,
            path: history.path,
            stride: 2 * width,
            first: head * head_width,
        };
        dots(cpu, query, keys, scale, scores);
        if let Some(biases) = history.biases {
            rows::add(cpu, &mut scores[..length], biases.head(head, length));
        }
        rows::softmax(cpu, scores, length);
        let values = Columns {
            first: keys.first + width,
            ..keys
        };
        match head_width {
            64 => sum::<T, 64>(cpu, &scores[..length], values, out),
            width if width.is_multiple_of(16) => sum::<T, 16>(cpu, &scores[..length], values, out),
            width if width.is_multiple_of(4) => sum::<T, 4>(cpu, &scores[..length], values, out),
            _ => sum::<T, 1>(cpu, &scores[..length], values, out),
        }
    }
}

/// Some columns of rows.
#[derive(Clone, Copy)]
struct Columns<'a, T> {
    rows: &'a [T],
    /// The row of each position.
    path: &'a [u32],
    /// Width of a row.
    stride: usize,
    /// The first of the columns.
    first: usize,
}

impl<'a, T> Columns<'a, T> {
    /// `width` columns of the row of a position, from column `start` on.
    #[inline(always)]
    fn at(&self, position: usize, start: usize, width: usize) -> &'a [T] {
        let start = self.path[position] as usize * self.stride + self.first + start;
        &self.rows[start..start + width]
    }
}

/// The products of the query with the keys of all positions, times `scale`. There is room for a multiple of
/// [`LANES`] in `scores`; those beyond the last position are undefined.
fn dots<T: Element>(cpu: Cpu, query: &[f32], keys: Columns<'_, T>, scale: f32, scores: &mut [f32]) {
    match cpu.0 {
        // SAFETY: a `Cpu` names only extensions that this processor has reported.
        #[cfg(target_arch = "x86_64")]
        Level::Amx | Level::Avx512 if query.len().is_multiple_of(LANES) => unsafe {
            x86::dots_avx512(query, keys, scale, scores);
        },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::AvxVnni | Level::Avx2 if query.len().is_multiple_of(LANES) => unsafe {
            x86::dots_avx2(query, keys, scale, scores);
        },
        _ => dots_portable(query, keys, scale, scores),
    }
}

fn dots_portable<T: Element>(query: &[f32], keys: Columns<'_, T>, scale: f32, scores: &mut [f32]) {
    for (position, score) in scores[..keys.path.len()].iter_mut().enumerate() {
        *score = dot(query, keys.at(position, 0, query.len())) * scale;
    }
}

#[inline(always)]
fn dot<T: Element>(a: &[f32], b: &[T]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] = a[i].mul_add(b[i].to_f32(), lanes[i]);
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane = a.mul_add(b.to_f32(), *lane);
    }
    total(lanes)
}

vectorised! {
    /// The sum of the values of all positions, each times its score. `PART` is the number of columns held in
    /// registers, of which the width is a multiple.
    fn sum<T: Element, const PART: usize>(scores: &[f32], values: Columns<'_, T>, out: &mut [f32]) {
        for (part, out) in out.as_chunks_mut::<PART>().0.iter_mut().enumerate() {
            let mut sum = [0.0; PART];
            for (position, score) in scores.iter().enumerate() {
                let values = values.at(position, part * PART, PART);
                for i in 0..PART {
                    sum[i] = score.mul_add(values[i].to_f32(), sum[i]);
                }
            }
            *out = sum;
        }
    }
}

/// Reductions that the compiler takes through memory.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Columns, Element, LANES};

    /// Products that are added up together.
    const TOGETHER: usize = 4;

    /// Defines [`dots`](super::dots) for queries of whole groups of [`LANES`]. `$lanes` gives the sums of a
    /// product's lanes, each with the lane that is eight on.
    macro_rules! kernel {
        ($name:ident, $features:literal, $lanes:ident) => {
            #[target_feature(enable = $features)]
            pub(super) fn $name<T: Element>(
                query: &[f32],
                keys: Columns<'_, T>,
                scale: f32,
                scores: &mut [f32],
            ) {
                let positions = keys.path.len();
                for first in (0..positions).step_by(TOGETHER) {
                    let lanes = std::array::from_fn(|i| {
                        // The last products may be of the last position again.
                        let position = (first + i).min(positions - 1);
                        $lanes(query, keys.at(position, 0, query.len()))
                    });
                    let sums = _mm_mul_ps(totals(lanes), _mm_set1_ps(scale));
                    let scores: &mut [f32; TOGETHER] = (&mut scores[first..first + TOGETHER])
                        .try_into()
                        .expect("so many scores");
                    // SAFETY: there are four scores.
                    unsafe { _mm_storeu_ps(scores.as_mut_ptr(), sums) };
                }
            }
        };
    }

    kernel!(dots_avx512, "avx512f,avx2", lanes_avx512);
    kernel!(dots_avx2, "avx2,fma", lanes_avx2);

    #[inline]
    #[target_feature(enable = "avx512f,avx2")]
    fn lanes_avx512<T: Element>(query: &[f32], key: &[T]) -> __m256 {
        let mut lanes = _mm512_setzero_ps();
        for (query, key) in query
            .as_chunks::<LANES>()
            .0
            .iter()
            .zip(key.as_chunks::<LANES>().0)
        {
            // SAFETY: there are 16 numbers in each.
            let (query, key) = unsafe {
                (
                    _mm512_loadu_ps(query.as_ptr()),
                    T::load_avx512(key.as_ptr()),
                )
            };
            lanes = _mm512_fmadd_ps(query, key, lanes);
        }
        let upper = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(lanes));
        _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm256_castpd_ps(upper))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn lanes_avx2<T: Element>(query: &[f32], key: &[T]) -> __m256 {
        let (mut lower, mut upper) = (_mm256_setzero_ps(), _mm256_setzero_ps());
        for (query, key) in query
            .as_chunks::<LANES>()
            .0
            .iter()
            .zip(key.as_chunks::<LANES>().0)
        {
            let (query, key) = (query.as_ptr(), key.as_ptr());
            // SAFETY: there are 16 numbers in each.
            unsafe {
                lower = _mm256_fmadd_ps(_mm256_loadu_ps(query), T::load_avx2(key), lower);
                let (query, key) = (query.add(8), key.add(8));
                upper = _mm256_fmadd_ps(_mm256_loadu_ps(query), T::load_avx2(key), upper);
            }
        }
        _mm256_add_ps(lower, upper)
    }

    /// The sum of each one's lanes, combined in a binary tree as [`fold`](super::rows::fold) does.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn totals([a, b, c, d]: [__m256; TOGETHER]) -> __m128 {
        // Four lanes of `a`, then of `b`.
        let halves = |a, b| {
            let (lower, upper) = (
                _mm256_permute2f128_ps::<0x20>(a, b),
                _mm256_permute2f128_ps::<0x31>(a, b),
            );
            _mm256_add_ps(lower, upper)
        };
        let (ab, cd) = (halves(a, b), halves(c, d));
        // Two lanes of `a` and of `c`, then of `b` and of `d`.
        let quarters = _mm256_add_ps(
            _mm256_shuffle_ps::<0x44>(ab, cd),
            _mm256_shuffle_ps::<0xEE>(ab, cd),
        );
        let ac_bd = _mm256_hadd_ps(quarters, quarters);
        _mm_unpacklo_ps(
            _mm256_castps256_ps128(ac_bd),
            _mm256_extractf128_ps::<1>(ac_bd),
        )
    }
}
