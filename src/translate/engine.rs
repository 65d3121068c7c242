//! The network of a translator on the device that was asked for.

use super::{Options, TranslateError};
use crate::decode::{Input, Output, Settings, decode_stream};
use crate::fault;
use crate::model::{ModelError, ModelFolder, Weights};
#[cfg(any(feature = "cuda", test))]
use crate::nn::tensor;
use crate::nn::{Device, Network, NetworkError, Numeric};

pub(super) enum Engine {
    Cpu(Box<Network>),
    /// On a GPU; tests run it on the processor.
    #[cfg(any(feature = "cuda", test))]
    Tensor(Box<tensor::Network>),
}

impl Engine {
    /// # Errors
    /// If the weights do not fit the configuration or the device, or the device cannot be used.
    pub fn load(
        folder: &ModelFolder,
        options: &Options,
        numeric: Numeric,
    ) -> Result<Self, TranslateError> {
        fault::point("model-read").map_err(|source| ModelError::Io {
            path: Weights::file(&folder.dir),
            source,
        })?;
        match options.device {
            Device::Cpu => Ok(Self::Cpu(Box::new(Network::load_for(
                folder,
                numeric,
                options.cpu,
            )?))),
            #[cfg(feature = "cuda")]
            Device::Cuda(index) => {
                let device = candle_core::Device::new_cuda(index).map_err(NetworkError::from)?;
                let network = tensor::Network::load(folder, numeric, device, options.cpu)?;
                Ok(Self::Tensor(Box::new(network)))
            }
            #[cfg(not(feature = "cuda"))]
            device @ Device::Cuda(_) => Err(TranslateError::NoCuda { device }),
        }
    }

    /// Names the arithmetic `numeric` on this device, as far as results depend on it.
    pub fn arithmetic(&self, numeric: Numeric) -> String {
        match self {
            Self::Cpu(_) => numeric.as_str().to_owned(),
            #[cfg(any(feature = "cuda", test))]
            Self::Tensor(_) => format!("{}-cuda", numeric.as_str()),
        }
    }

    /// The kernels that it runs on, where results do not depend on them.
    pub fn kernels(&self) -> Option<&'static str> {
        match self {
            Self::Cpu(network) => Some(network.cpu().name()),
            #[cfg(any(feature = "cuda", test))]
            Self::Tensor(_) => None,
        }
    }

    /// Whether one stream of batches keeps it busy; a processor wants one for each worker.
    pub fn wants_one_stream(&self) -> bool {
        match self {
            Self::Cpu(_) => false,
            #[cfg(any(feature = "cuda", test))]
            Self::Tensor(_) => true,
        }
    }

    /// As [`decode_stream`].
    pub fn decode_stream<'i>(
        &self,
        settings: &Settings,
        next: impl FnMut() -> Option<Input<'i>>,
        done: impl FnMut(usize, Output),
        goes_on: impl Fn() -> bool,
    ) -> Result<(), NetworkError> {
        match self {
            Self::Cpu(network) => decode_stream(&**network, settings, next, done, goes_on),
            #[cfg(any(feature = "cuda", test))]
            Self::Tensor(network) => decode_stream(&**network, settings, next, done, goes_on),
        }
    }
}

impl Options {
    /// The arithmetic asked for, or the device's default.
    ///
    /// # Errors
    /// If the device has no such arithmetic, or is a GPU and this build has no code for one.
    pub fn numeric(&self) -> Result<Numeric, TranslateError> {
        let device = self.device;
        if device != Device::Cpu && !cfg!(feature = "cuda") {
            return Err(TranslateError::NoCuda { device });
        }
        let numerics = device.numerics();
        let numeric = self.numeric.unwrap_or(numerics[0]);
        if !numerics.contains(&numeric) {
            let names: Vec<&str> = numerics.iter().map(|numeric| numeric.as_str()).collect();
            return Err(TranslateError::Numeric {
                device,
                numeric: numeric.as_str(),
                known: names.join(", "),
            });
        }
        Ok(numeric)
    }
}
