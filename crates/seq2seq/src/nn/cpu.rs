//! The sets of kernels, one for each vector extension.

#[cfg(target_arch = "aarch64")]
use std::arch::is_aarch64_feature_detected;
use std::fmt;
use std::str::FromStr;

/// A set of kernels that this processor can run. There is no way to make a value for a processor that
/// lacks the instructions.
///
/// All sets of kernels give the same bits and differ only in speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpu(pub(super) Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// AVX-512 with VNNI, and AMX with INT8.
    #[cfg(target_arch = "x86_64")]
    Amx,
    /// AVX-512 F, BW, VL and VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 with FMA and AVX-VNNI.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// NEON with `i8mm`, products of matrices of bytes, and `dotprod`.
    #[cfg(target_arch = "aarch64")]
    I8mm,
    /// NEON with `dotprod`, dot products of bytes.
    #[cfg(target_arch = "aarch64")]
    Dotprod,
    /// Plain loops, vectorised by the compiler for the target's baseline.
    Portable,
}

impl Cpu {
    /// The fastest kernels of this processor.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// All kernels of this processor, the fastest first.
    pub fn available() -> Vec<Self> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni");
            levels.extend((avx512 && amx::usable()).then_some(Self(Level::Amx)));
            levels.extend(avx512.then_some(Self(Level::Avx512)));
            let avx_vnni = avx2 && is_x86_feature_detected!("avxvnni");
            levels.extend(avx_vnni.then_some(Self(Level::AvxVnni)));
            levels.extend(avx2.then_some(Self(Level::Avx2)));
        }
        #[cfg(target_arch = "aarch64")]
        {
            let dotprod = is_aarch64_feature_detected!("dotprod");
            let i8mm = dotprod && is_aarch64_feature_detected!("i8mm");
            levels.extend(i8mm.then_some(Self(Level::I8mm)));
            levels.extend(dotprod.then_some(Self(Level::Dotprod)));
        }
        levels.push(Self(Level::Portable));
        levels
    }

    /// The name of the kernels, such as `avx512`, which [`FromStr`] parses.
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Amx => "amx",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Level::AvxVnni => "avx-vnni",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Level::I8mm => "i8mm",
            #[cfg(target_arch = "aarch64")]
            Level::Dotprod => "dotprod",
            Level::Portable => "portable",
        }
    }
}

/// Whether this process may use AMX. On Linux it has to request permission, because AMX enlarges the
/// state of its threads. On other systems AMX is not used.
#[cfg(target_arch = "x86_64")]
mod amx {
    /// Bits of leaf 7, register `edx`, of the processor's description.
    const TILE: u32 = 1 << 24;
    const INT8: u32 = 1 << 25;

    pub(super) fn usable() -> bool {
        let features = std::arch::x86_64::__cpuid_count(7, 0).edx;
        features & (TILE | INT8) == TILE | INT8 && granted()
    }

    /// See the Linux documentation, `arch/x86/xstate`, "Using dynamically enabled XSTATE features".
    #[cfg(target_os = "linux")]
    fn granted() -> bool {
        const ARCH_PRCTL: isize = 158;
        const REQUEST_PERMISSION: usize = 0x1023;
        const TILE_DATA: usize = 18;
        let result: isize;
        // SAFETY: the call takes two numbers and does not access our memory; a kernel that does not know
        // it returns an error.
        unsafe {
            std::arch::asm!(
                "syscall",
                inlateout("rax") ARCH_PRCTL => result,
                in("rdi") REQUEST_PERMISSION,
                in("rsi") TILE_DATA,
                out("rcx") _,
                out("r11") _,
                options(nostack),
            );
        }
        result == 0
    }

    #[cfg(not(target_os = "linux"))]
    fn granted() -> bool {
        false
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Cpu {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let available = Self::available();
        let found = available.iter().find(|cpu| cpu.name() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = available.iter().map(|cpu| cpu.name()).collect();
            format!("this processor has: {}", names.join(", "))
        })
    }
}

/// Defines a function that is compiled once for each vector extension; its first argument, a [`Cpu`],
/// selects one of them. The body may call only `#[inline(always)]` functions, and has to use loops
/// instead of closures given to iterators, because a function that is not inlined is compiled for the
/// baseline.
macro_rules! vectorised {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident $(<$generic:ident: $bound:path, const $constant:ident: usize>)? ($($arg:ident: $type:ty),* $(,)?) $(-> $output:ty)? $body:block) => {
        $(#[$attribute])*
        #[allow(clippy::too_many_arguments, reason = "adds `cpu` to those of the body")]
        $visibility fn $name $(<$generic: $bound, const $constant: usize>)? (cpu: $crate::nn::Cpu, $($arg: $type),*) $(-> $output)? {
            #[inline(always)]
            fn portable$(<$generic: $bound, const $constant: usize>)?($($arg: $type),*) $(-> $output)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,fma")]
            fn avx512$(<$generic: $bound, const $constant: usize>)?($($arg: $type),*) $(-> $output)? { portable $(::<$generic, $constant>)? ($($arg),*) }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2$(<$generic: $bound, const $constant: usize>)?($($arg: $type),*) $(-> $output)? { portable $(::<$generic, $constant>)? ($($arg),*) }

            match cpu.0 {
                // SAFETY: a `Cpu` names only extensions that this processor has reported.
                #[cfg(target_arch = "x86_64")]
                $crate::nn::cpu::Level::Amx | $crate::nn::cpu::Level::Avx512 => unsafe { avx512 $(::<$generic, $constant>)? ($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::nn::cpu::Level::AvxVnni | $crate::nn::cpu::Level::Avx2 => unsafe { avx2 $(::<$generic, $constant>)? ($($arg),*) },
                _ => portable $(::<$generic, $constant>)? ($($arg),*),
            }
        }
    };
}
pub(super) use vectorised;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_portable_kernels_are_always_available() {
        for cpu in Cpu::available() {
            assert_eq!(cpu.name().parse(), Ok(cpu));
        }
        assert_eq!(
            Cpu::available().last().map(|cpu| cpu.name()),
            Some("portable")
        );
        assert!("mmx".parse::<Cpu>().unwrap_err().contains("portable"));
    }
}
