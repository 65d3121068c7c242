//! Devices and arithmetics.

use std::fmt;
use std::str::FromStr;

/// The arithmetic of matrix products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numeric {
    /// 32-bit floating point: the reference.
    F32,
    /// 8-bit integers with 32-bit sums. Weights have a scale for each output, activations a scale for
    /// each row. On the CPU only.
    Int8,
    /// IEEE 16-bit floating point. On GPUs only.
    F16,
    /// bfloat16: 16-bit floating point with the range of 32 bits and less precision. On GPUs only.
    Bf16,
}

impl Numeric {
    /// All arithmetics.
    pub const ALL: [Self; 4] = [Self::F32, Self::Int8, Self::F16, Self::Bf16];

    /// The name: `f32`, `int8`, `f16` or `bf16`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }
}

impl FromStr for Numeric {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|numeric| numeric.as_str() == name)
            .ok_or("an arithmetic is `f32`, `int8`, `f16` or `bf16`")
    }
}

/// The device that a network runs on: `cpu`, or `cuda:0`, `cuda:1` and so on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// The CPU.
    #[default]
    Cpu,
    /// The NVIDIA GPU with this index.
    Cuda(usize),
}

impl Device {
    /// Whether this build can use the device: GPUs take the feature `cuda`.
    pub const fn is_supported(self) -> bool {
        matches!(self, Self::Cpu) || cfg!(feature = "cuda")
    }

    /// The arithmetics that the device supports, the default first.
    pub const fn numerics(self) -> &'static [Numeric] {
        match self {
            Self::Cpu => &[Numeric::Int8, Numeric::F32],
            Self::Cuda(_) => &[Numeric::F16, Numeric::Bf16, Numeric::F32],
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

impl FromStr for Device {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let index = |name: &str| name.strip_prefix("cuda:")?.parse().ok();
        match name {
            "cpu" => Ok(Self::Cpu),
            _ => index(name)
                .map(Self::Cuda)
                .ok_or("a device is `cpu`, or a GPU by its number, such as `cuda:0`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for device in [Device::Cpu, Device::Cuda(0), Device::Cuda(12)] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        for name in ["cuda", "cuda:", "cuda:-1", "gpu", ""] {
            assert!(name.parse::<Device>().is_err(), "{name}");
        }
        for numeric in Numeric::ALL {
            assert_eq!(numeric.as_str().parse(), Ok(numeric));
        }
        for name in ["f64", "F32", ""] {
            assert!(name.parse::<Numeric>().is_err(), "{name}");
        }
    }
}
