//! The types in which keys, values and the weights of f32 products are stored.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

/// A type that stores a number.
pub(super) trait Element: Copy + Default {
    /// The nearest number of this type, of two equally near ones that whose last bit is 0.
    fn from_f32(value: f32) -> Self;

    fn to_f32(self) -> f32;

    /// Loads 16 numbers.
    ///
    /// # Safety
    /// There are so many at `from`, and the processor has AVX-512.
    #[cfg(target_arch = "x86_64")]
    unsafe fn load_avx512(from: *const Self) -> __m512;

    /// Loads 8 numbers.
    ///
    /// # Safety
    /// There are so many at `from`, and the processor has AVX2.
    #[cfg(target_arch = "x86_64")]
    unsafe fn load_avx2(from: *const Self) -> __m256;
}

impl Element for f32 {
    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        value
    }

    #[inline(always)]
    fn to_f32(self) -> f32 {
        self
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn load_avx512(from: *const Self) -> __m512 {
        // SAFETY: callers promise this.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load_avx2(from: *const Self) -> __m256 {
        // SAFETY: callers promise this.
        unsafe { _mm256_loadu_ps(from) }
    }
}

/// The upper half of an f32, bfloat16: its sign, its exponent and 7 bits of its fraction.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub(super) struct Bf16(u16);

impl Element for Bf16 {
    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        let bits = value.to_bits();
        let last = bits >> 16 & 1;
        Self((bits.wrapping_add(0x7FFF + last) >> 16) as u16)
    }

    #[inline(always)]
    fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn load_avx512(from: *const Self) -> __m512 {
        // SAFETY: callers promise this.
        let halves = unsafe { _mm256_loadu_si256(from.cast()) };
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(halves)))
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load_avx2(from: *const Self) -> __m256 {
        // SAFETY: callers promise this.
        let halves = unsafe { _mm_loadu_si128(from.cast()) };
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(halves)))
    }
}

/// Which [`Element`] keys and values are stored in.
#[derive(Clone, Copy)]
pub(super) enum Storage {
    F32,
    Bf16,
}

impl Storage {
    /// Bytes of a number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::F32 => size_of::<f32>(),
            Self::Bf16 => size_of::<Bf16>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_becomes_the_nearest_of_its_upper_half() {
        // 7 bits of fraction: 1/128 above 1 and 1/64 above 2.
        let step = 1.0 / 128.0;
        for (value, expected) in [
            (0.0, 0.0),
            (-1.5, -1.5),
            (1.0 + 0.4 * step, 1.0),
            (1.0 + 0.6 * step, 1.0 + step),
            (1.0 + 0.5 * step, 1.0),
            (1.0 + 1.5 * step, 1.0 + 2.0 * step),
            (-3.999, -4.0),
            (f32::MAX, f32::INFINITY),
            (f32::NEG_INFINITY, f32::NEG_INFINITY),
        ] {
            assert_eq!(Bf16::from_f32(value).to_f32(), expected, "{value}");
        }
        assert!(Bf16::from_f32(f32::NAN).to_f32().is_nan());
    }
}
