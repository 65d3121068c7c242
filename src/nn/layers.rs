//! The parts of a transformer layer: linear maps, layer normalisation, feed-forward blocks.

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{CpuStorage, InplaceOp1, Layout, Module, Result, Storage, Tensor};

use super::{Numeric, kernels};
use crate::model::{Activation, ModelError, Weights};

/// `Q8_0` quantises blocks of this many values of a row.
const BLOCK: usize = 32;
/// candle's fast `Q8_0` kernels take only multiples of this many output columns; others fall to a
/// loop ten times slower.
const COLUMNS: usize = 16;

/// A linear map `y = x·Wᵀ`, without its bias: that is added by the kernel that comes next.
pub(super) struct Linear {
    weight: Weight,
    pub bias: Vec<f32>,
}

enum Weight {
    /// `[in, out]`, a transposed view of the stored `[out, in]`.
    F32(Tensor),
    Int8(QMatMul),
}

impl Linear {
    /// Reads `name.weight`, `[out, in]`, and `name.bias`, `[out]`.
    pub fn load(
        weights: &Weights,
        name: &str,
        (input, output): (usize, usize),
        numeric: Numeric,
    ) -> std::result::Result<Self, ModelError> {
        let weight = weights.tensor(&format!("{name}.weight"), &[output, input])?;
        let bias = vector(weights, &format!("{name}.bias"), output)?;
        Ok(Self::new(weight, bias, numeric).expect("shapes have been checked"))
    }

    /// `weight`: `[out, in]`. With `Int8` the output is padded to whole blocks of columns.
    pub fn new(weight: Tensor, bias: Vec<f32>, numeric: Numeric) -> Result<Self> {
        let (output, input) = weight.dims2()?;
        let weight = if numeric == Numeric::F32 || !input.is_multiple_of(BLOCK) {
            Weight::F32(weight.t()?)
        } else {
            let padding = output.next_multiple_of(COLUMNS) - output;
            let weight = weight.pad_with_zeros(0, 0, padding)?;
            let quantized = QTensor::quantize(&weight, GgmlDType::Q8_0)?;
            Weight::Int8(QMatMul::from_qtensor(quantized)?)
        };
        Ok(Self { weight, bias })
    }

    /// `x·Wᵀ` for contiguous `x`: `[rows, in]` → `[rows, columns]`, where `columns` is `out`, or
    /// more where the output was padded.
    pub fn product(&self, x: &Tensor) -> Result<Tensor> {
        match &self.weight {
            Weight::F32(weight) => {
                // One row alone would take another path through the product, with another order
                // of summation.
                if x.dim(0)? == 1 {
                    x.repeat((2, 1))?.matmul(weight)?.narrow(0, 0, 1)
                } else {
                    x.matmul(weight)
                }
            }
            Weight::Int8(weight) => weight.forward(x),
        }
    }

    /// `x·Wᵀ + b`: `[rows, in]` → `[rows, out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.product(x)?;
        update(&y, |y| kernels::add_bias(y, &self.bias))?;
        Ok(y)
    }
}

/// Layer normalisation after a residual connection (Vaswani et al. 2017).
pub(super) struct AddNorm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl AddNorm {
    const EPSILON: f32 = 1e-5;

    pub fn load(
        weights: &Weights,
        name: &str,
        width: usize,
    ) -> std::result::Result<Self, ModelError> {
        Ok(Self {
            weight: vector(weights, &format!("{name}.weight"), width)?,
            bias: vector(weights, &format!("{name}.bias"), width)?,
        })
    }

    /// Replaces `x` by norm(x + branch); both `[rows, width]`.
    pub fn apply(&self, x: &Tensor, branch: &Tensor) -> Result<()> {
        read(branch, |branch| {
            update(x, |x| {
                kernels::add_layer_norm(x, branch, &self.weight, &self.bias, Self::EPSILON);
            })
        })?
    }
}

/// Two linear maps with an activation between them.
pub(super) struct FeedForward {
    first: Linear,
    activation: Activation,
    second: Linear,
}

impl FeedForward {
    pub fn load(
        weights: &Weights,
        prefix: &str,
        width: usize,
        inner: usize,
        activation: Activation,
        numeric: Numeric,
    ) -> std::result::Result<Self, ModelError> {
        Ok(Self {
            first: Linear::load(weights, &format!("{prefix}.fc1"), (width, inner), numeric)?,
            activation,
            second: Linear::load(weights, &format!("{prefix}.fc2"), (inner, width), numeric)?,
        })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let inner = self.first.product(x)?;
        let activate: fn(&mut [f32], &[f32]) = match self.activation {
            Activation::Silu => kernels::add_bias_silu,
            Activation::Relu => kernels::add_bias_relu,
            Activation::Gelu => kernels::add_bias_gelu,
        };
        update(&inner, |inner| activate(inner, &self.first.bias))?;
        self.second.forward(&inner)
    }
}

/// A one-dimensional tensor as plain numbers.
pub(super) fn vector(
    weights: &Weights,
    name: &str,
    length: usize,
) -> std::result::Result<Vec<f32>, ModelError> {
    let tensor = weights.tensor(name, &[length])?;
    Ok(tensor.to_vec1().expect("read as F32 with one dimension"))
}

/// Gives `kernel` the values of a contiguous F32 tensor.
pub(super) fn read<R>(tensor: &Tensor, kernel: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else {
        candle_core::bail!("this kernel runs on the CPU alone");
    };
    let values = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(kernel(&values[start..end])),
        None => candle_core::bail!("tensor is not contiguous: {layout:?}"),
    }
}

/// [`read`] for two tensors at once.
pub(super) fn read_both<R>(
    (first, second): (&Tensor, &Tensor),
    kernel: impl FnOnce(&[f32], &[f32]) -> Result<R>,
) -> Result<R> {
    read(first, |first| read(second, |second| kernel(first, second)))??
}

/// Lets `kernel` change the values of a contiguous F32 tensor in place.
pub(super) fn update(tensor: &Tensor, kernel: impl Fn(&mut [f32])) -> Result<()> {
    struct InPlace<K>(K);

    impl<K: Fn(&mut [f32])> InplaceOp1 for InPlace<K> {
        fn name(&self) -> &'static str {
            "precis-kernel"
        }

        fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
            let (CpuStorage::F32(values), Some((start, end))) =
                (storage, layout.contiguous_offsets())
            else {
                candle_core::bail!("tensor is not contiguous F32: {layout:?}");
            };
            (self.0)(&mut values[start..end]);
            Ok(())
        }
    }

    tensor.inplace_op1(&InPlace(kernel))
}
