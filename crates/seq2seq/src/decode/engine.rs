//! A network on the device that was asked for.

use super::{Input, Output, Settings, decode_stream};
use crate::model::{ModelError, ModelFolder};
use crate::nn::{Backend, Cpu, Device, Network, NetworkError, Numeric, tensor};

/// A network on a processor or on a GPU.
pub enum Engine {
    /// On kernels of our own.
    Cpu(Box<Network>),
    /// On candle's tensors: on a GPU, or, for tests, on the processor.
    Tensor(Box<tensor::Network>),
}

impl Engine {
    /// Loads the weights of `folder` onto `device`. `cpu` names the kernels for what runs on the
    /// processor.
    ///
    /// # Errors
    /// If the weights do not fit the configuration or the device, if the device cannot be used, or if
    /// it is a GPU and this build lacks the feature `cuda`.
    pub fn load(
        folder: &ModelFolder,
        device: Device,
        numeric: Numeric,
        cpu: Cpu,
    ) -> Result<Self, ModelError> {
        Ok(match device {
            Device::Cpu => Self::Cpu(Box::new(Network::load_for(folder, numeric, cpu)?)),
            Device::Cuda(index) => {
                let device =
                    candle_core::Device::new_cuda(index).map_err(|error| ModelError::Device {
                        reason: error.to_string(),
                    })?;
                let network = tensor::Network::load(folder, numeric, device, cpu)?;
                Self::Tensor(Box::new(network))
            }
        })
    }

    /// Names the arithmetic `numeric` on this device, as far as results depend on it: `int8`, or
    /// `f16-cuda`.
    pub fn arithmetic(&self, numeric: Numeric) -> String {
        match self {
            // Activations have seven bits, keys and values of the decoder are in bfloat16.
            Self::Cpu(_) if numeric == Numeric::Int8 => "int8-a7-kv16".to_owned(),
            Self::Cpu(_) => numeric.as_str().to_owned(),
            Self::Tensor(_) => format!("{}-cuda", numeric.as_str()),
        }
    }

    /// Names the kernels that a network on the processor runs on. Results do not depend on them.
    pub fn kernels(&self) -> Option<&'static str> {
        match self {
            Self::Cpu(network) => Some(network.cpu().name()),
            Self::Tensor(_) => None,
        }
    }

    /// Whether one stream of batches keeps the device busy; a processor wants one for each core.
    pub fn wants_one_stream(&self) -> bool {
        matches!(self, Self::Tensor(_))
    }

    /// Source tokens that it decodes together if a sentence has `beams` hypotheses.
    pub fn running_tokens(&self, beams: usize) -> usize {
        match self {
            Self::Cpu(network) => network.limits(beams).running_tokens,
            Self::Tensor(network) => network.limits(beams).running_tokens,
        }
    }

    /// As [`decode_stream`].
    ///
    /// # Errors
    /// If the device fails.
    pub fn decode_stream<'i>(
        &self,
        settings: &Settings,
        next: impl FnMut() -> Option<Input<'i>>,
        done: impl FnMut(usize, Vec<Output>),
        goes_on: impl Fn() -> bool,
    ) -> Result<(), NetworkError> {
        match self {
            Self::Cpu(network) => decode_stream(&**network, settings, next, done, goes_on),
            Self::Tensor(network) => decode_stream(&**network, settings, next, done, goes_on),
        }
    }
}
