//! What a network runs on, and in which arithmetic.

use std::fmt;
use std::str::FromStr;

/// Arithmetic of the matrix products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numeric {
    /// 32-bit floating point: the reference.
    F32,
    /// 8-bit integers, weights with one scale for each output, activations with one for each row.
    /// For processors alone.
    Int8,
    /// 16-bit floating point. For GPUs alone.
    F16,
    /// 16-bit floating point with the range of 32 bits, and less precise. For GPUs alone.
    Bf16,
}

impl Numeric {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }
}

/// What a network runs on: `cpu`, or `cuda:0`, `cuda:1` and so on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    #[default]
    Cpu,
    /// The NVIDIA GPU of this number.
    Cuda(usize),
}

impl Device {
    /// The arithmetics that run on it, the default first.
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
    fn devices_are_named_and_read_back() {
        for device in [Device::Cpu, Device::Cuda(0), Device::Cuda(12)] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        for name in ["cuda", "cuda:", "cuda:-1", "gpu", ""] {
            assert!(name.parse::<Device>().is_err(), "{name}");
        }
    }
}
