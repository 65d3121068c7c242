//! What a translator is loaded with.

use super::TranslateError;
use seq2seq::nn::{Cpu, Device, Numeric};

#[derive(Clone, Debug)]
pub struct Options {
    /// Number of beams. `None` means what the model's authors chose.
    pub beam: Option<usize>,
    /// Device that the network runs on.
    pub device: Device,
    /// Arithmetic of the network. `None` means the device's default.
    pub numeric: Option<Numeric>,
    /// Kernels for what runs on the processor.
    pub cpu: Cpu,
    /// Language of the texts, for models that read several. `None` means French.
    pub source: Option<String>,
    /// Choose the words of each translation from the model's lexical shortlist only. `None` means where
    /// the model has one and the network runs on the processor.
    pub shortlist: Option<bool>,
    /// Number of threads. On the processor, each translates a batch of its own.
    pub workers: usize,
    /// Decode translations that fail their checks a second time, with other settings.
    pub retry: bool,
}

impl Default for Options {
    /// What the model's authors chose, on all cores of the processor.
    fn default() -> Self {
        Self {
            beam: None,
            device: Device::Cpu,
            numeric: None,
            cpu: Cpu::best(),
            source: None,
            shortlist: None,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            retry: true,
        }
    }
}

impl Options {
    /// Returns the requested arithmetic, or the device's default.
    ///
    /// # Errors
    /// If the device does not support the arithmetic, or is a GPU and this build has no GPU code.
    pub fn numeric(&self) -> Result<Numeric, TranslateError> {
        let device = self.device;
        if !device.is_supported() {
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
