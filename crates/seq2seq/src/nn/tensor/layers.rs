//! The parts of a transformer layer on tensors. `x` is always `[rows, d_model]` in F32.

use std::ops::Range;

use candle_core::{D, DType, Device, Result, Tensor};

use crate::model::{Activation, Matrix, ModelError, NormPlacement};
use crate::nn::parts::{Attention, Build, Embedding, FeedForward, Sublayer};
use crate::nn::relative::RelativeBias;

/// Builds the network's parts as tensors on a device, with matrices of one type of number.
pub(super) struct Tensors {
    pub device: Device,
    pub dtype: DType,
}

impl Tensors {
    fn tensor(
        &self,
        values: Vec<f32>,
        shape: &[usize],
        dtype: DType,
    ) -> std::result::Result<Tensor, ModelError> {
        // Rounded before the transfer, which halves its size and needs no second copy on the device.
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu)
            .and_then(|tensor| tensor.to_dtype(dtype)?.to_device(&self.device));
        tensor.map_err(|error| ModelError::Device {
            reason: error.to_string(),
        })
    }
}

impl Build for Tensors {
    type Linear = Linear;
    type Norm = Norm;
    type Positions = Tensor;

    fn linear(
        &self,
        parts: Vec<Matrix>,
        bias: &[f32],
        inputs: usize,
    ) -> std::result::Result<Linear, ModelError> {
        let outputs = bias.len();
        let mut weight = Vec::new();
        for part in parts {
            let part = part.into_f32(inputs);
            if weight.is_empty() {
                weight = part;
            } else {
                weight.extend(part);
            }
        }
        Ok(Linear {
            weight: self.tensor(weight, &[outputs, inputs], self.dtype)?,
            bias: self.tensor(bias.to_vec(), &[outputs], DType::F32)?,
        })
    }

    fn norm(
        &self,
        weight: Vec<f32>,
        bias: Option<Vec<f32>>,
        epsilon: f32,
    ) -> std::result::Result<Norm, ModelError> {
        let width = [weight.len()];
        let bias = bias.map(|bias| self.tensor(bias, &width, DType::F32));
        Ok(Norm {
            weight: self.tensor(weight, &width, DType::F32)?,
            bias: bias.transpose()?,
            epsilon: f64::from(epsilon),
        })
    }

    fn positions(&self, values: Vec<f32>, width: usize) -> std::result::Result<Tensor, ModelError> {
        let rows = values.len() / width;
        self.tensor(values, &[rows, width], DType::F32)
    }
}

/// A linear map whose product has the type of its weights.
pub(super) struct Linear {
    /// `[outputs, inputs]`
    weight: Tensor,
    /// `[outputs]`, F32
    bias: Tensor,
}

impl Linear {
    /// Computes `x·Wᵀ + b`: `[rows, inputs]` of any type to `[rows, outputs]` of F32.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.to_dtype(self.weight.dtype())?
            .matmul(&self.weight.t()?)?
            .to_dtype(DType::F32)?
            .broadcast_add(&self.bias)
    }

    pub(super) fn outputs(&self) -> Result<usize> {
        self.weight.dim(0)
    }
}

pub(super) struct Norm {
    weight: Tensor,
    bias: Option<Tensor>,
    epsilon: f64,
}

impl Norm {
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let Some(bias) = &self.bias else {
            return self.scaled(x);
        };
        let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        self.scaled(&centred)?.broadcast_add(bias)
    }

    fn scaled(&self, x: &Tensor) -> Result<Tensor> {
        let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
        x.broadcast_div(&(mean + self.epsilon)?.sqrt()?)?
            .broadcast_mul(&self.weight)
    }
}

impl Embedding<Tensors> {
    /// Embeddings of tokens at positions, `[tokens, d_model]`.
    pub(crate) fn forward(&self, tokens: Vec<u32>, positions: Vec<u32>) -> Result<Tensor> {
        let device = self.table.weight.device();
        let tokens = Tensor::from_iter(tokens, device)?;
        let embedded = self.table.weight.index_select(&tokens, 0)?;
        let mut x = (embedded.to_dtype(DType::F32)? * f64::from(self.scale))?;
        if let Some(table) = &self.positions {
            let offset = self.offset as u32;
            let rows = positions.into_iter().map(|position| position + offset);
            x = (x + table.index_select(&Tensor::from_iter(rows, device)?, 0)?)?;
        }
        match &self.norm {
            Some(norm) => norm.forward(&x),
            None => Ok(x),
        }
    }
}

impl Sublayer<Tensors> {
    /// `x + block(norm(x))` or `norm(x + block(x))`.
    fn run(&self, x: &Tensor, block: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        match self.placement {
            NormPlacement::Pre => x + block(&self.norm.forward(x)?)?,
            NormPlacement::Post => self.norm.forward(&(x + block(x)?)?),
        }
    }
}

impl Attention<Tensors> {
    /// `x + attention(x)`, normalised. `attend` computes the attended rows, `[rows, width]`, from the
    /// projected ones.
    pub(crate) fn run(
        &self,
        x: &Tensor,
        attend: impl FnOnce(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        self.sublayer.run(x, |x| {
            let attended = attend(&self.input.forward(x)?)?;
            self.output.forward(&attended)
        })
    }

    /// Attention of `queries`, `[batch, heads, rows, head_width]`; the result has the same shape. `added`
    /// are masks and biases that are added to the scores.
    pub(crate) fn attend(
        &self,
        queries: &Tensor,
        context: &KeyValues,
        added: &[Option<&Tensor>],
    ) -> Result<Tensor> {
        // Scaled before the product, which could overflow in 16 bits.
        let queries = (queries * f64::from(self.scale))?;
        let mut scores = queries.matmul(&context.keys.t()?)?.to_dtype(DType::F32)?;
        for added in added.iter().flatten() {
            scores = scores.broadcast_add(added)?;
        }
        let weights = scores
            .broadcast_sub(&scores.max_keepdim(D::Minus1)?)?
            .exp()?;
        let weights = weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?;
        weights.to_dtype(queries.dtype())?.matmul(&context.values)
    }

    /// The type of the products.
    fn dtype(&self) -> DType {
        self.output.weight.dtype()
    }

    /// Reshapes rows, `[batch·length, parts·width]`, to `[parts, batch, heads, length, head_width]` in the
    /// type of the products.
    pub(crate) fn split(
        &self,
        rows: &Tensor,
        parts: usize,
        (batch, length): (usize, usize),
    ) -> Result<Tensor> {
        let head_width = rows.dim(1)? / parts / self.heads;
        rows.to_dtype(self.dtype())?
            .reshape((batch, length, parts, self.heads, head_width))?
            .permute((2, 0, 3, 1, 4))?
            .contiguous()
    }
}

impl FeedForward<Tensors> {
    pub(crate) fn run(&self, x: &Tensor) -> Result<Tensor> {
        self.sublayer.run(x, |x| {
            let inner = self.first.forward(x)?;
            let inner = match self.activation {
                Activation::Silu => inner.silu(),
                Activation::Relu => inner.relu(),
                Activation::Gelu => inner.gelu_erf(),
                Activation::GeluTanh => inner.gelu(),
            }?;
            let inner = match &self.gate {
                Some(gate) => (inner * gate.forward(x)?)?,
                None => inner,
            };
            self.second.forward(&inner)
        })
    }
}

/// Keys and values, each `[batch, heads, columns, head_width]` and contiguous.
pub(super) struct KeyValues {
    pub keys: Tensor,
    pub values: Tensor,
}

impl KeyValues {
    pub(super) fn map(&self, change: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(Self {
            keys: change(&self.keys)?,
            values: change(&self.values)?,
        })
    }

    /// Concatenates along dimension `dim`.
    pub(super) fn cat(parts: &[Self], dim: usize) -> Result<Self> {
        let cat = |of: fn(&Self) -> &Tensor| {
            let parts: Vec<&Tensor> = parts.iter().map(of).collect();
            Tensor::cat(&parts, dim)
        };
        Ok(Self {
            keys: cat(|part| &part.keys)?,
            values: cat(|part| &part.values)?,
        })
    }

    /// Truncates to `columns` columns, or pads with zeros.
    pub(super) fn with_columns(&self, columns: usize) -> Result<Self> {
        self.map(|tensor| match tensor.dim(2)? {
            more if more > columns => tensor.narrow(2, 0, columns)?.contiguous(),
            fewer => tensor.pad_with_zeros(2, 0, columns - fewer),
        })
    }
}

/// Relative biases of queries at the positions `queries` and keys at positions below `keys`,
/// `[1, heads, queries, keys]`.
pub(super) fn bias(
    relative: &RelativeBias,
    queries: Range<usize>,
    keys: usize,
    device: &Device,
) -> Result<Tensor> {
    let count = queries.len();
    let values = (0..relative.heads()).flat_map(|head| {
        let biases = move |query| relative.query(query).head(head, keys).iter().copied();
        queries.clone().flat_map(biases)
    });
    let values: Vec<f32> = values.collect();
    Tensor::from_vec(values, (1, relative.heads(), count, keys), device)
}

/// Reshapes `[batch, heads, length, head_width]` to rows, `[batch·length, width]`.
pub(super) fn merge(attended: &Tensor) -> Result<Tensor> {
    let (batch, heads, length, head_width) = attended.dims4()?;
    attended
        .transpose(1, 2)?
        .reshape((batch * length, heads * head_width))
}

/// A mask of shape `[batch, 1, 1, columns]`: 0 in the columns that `valid` gives for an element of the
/// batch, −∞ elsewhere. Returns `None` if all columns are valid.
pub(super) fn mask(
    valid: impl ExactSizeIterator<Item = Range<usize>> + Clone,
    columns: usize,
    device: &Device,
) -> Result<Option<Tensor>> {
    if valid.clone().all(|valid| valid == (0..columns)) {
        return Ok(None);
    }
    let batch = valid.len();
    let values = valid.flat_map(|valid| {
        (0..columns).map(move |column| {
            if valid.contains(&column) {
                0.0
            } else {
                f32::NEG_INFINITY
            }
        })
    });
    let mask = Tensor::from_iter(values, device)?.reshape((batch, 1, 1, columns))?;
    Ok(Some(mask))
}
