//! The weights of a model folder, read one tensor at a time from `model.safetensors`,
//! `pytorch_model.bin` or `model.gguf`.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use candle_core::pickle::PthTensors;
use candle_core::quantized::gguf_file;
use candle_core::{DType, Device, Tensor};

use super::safetensors::{Element, SafeTensors};
use super::{Matrix, ModelError};

/// Appended to the name of an 8-bit matrix, this is the name of its scales.
pub(super) const SCALE_SUFFIX: &str = "_scale";

/// The weights file of a model folder.
pub struct Weights {
    path: PathBuf,
    format: Format,
}

enum Format {
    SafeTensors(SafeTensors),
    Pickle(PthTensors),
    Gguf {
        content: gguf_file::Content,
        file: Mutex<BufReader<File>>,
    },
}

impl Weights {
    /// Returns the path of the weights in `dir`: `model.safetensors`, or else `pytorch_model.bin`, or
    /// else `model.gguf`. If there is none, `model.safetensors`.
    pub fn file(dir: &Path) -> PathBuf {
        let names = ["model.safetensors", "pytorch_model.bin", "model.gguf"];
        let paths = names.map(|name| dir.join(name));
        let found = paths.iter().find(|path| path.exists());
        found.unwrap_or(&paths[0]).clone()
    }

    pub(super) fn open(dir: &Path) -> Result<Self, ModelError> {
        let path = Self::file(dir);
        let extension = path.extension().unwrap_or_default();
        let format = if extension == "bin" {
            Format::Pickle(open_pickle(&path)?)
        } else if extension == "gguf" {
            open_gguf(&path)?
        } else {
            Format::SafeTensors(SafeTensors::open(&path)?)
        };
        Ok(Self { path, format })
    }

    /// Whether there is a tensor `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        match &self.format {
            Format::SafeTensors(tensors) => tensors.entry(name).map(|entry| entry.shape.clone()),
            Format::Pickle(tensors) => {
                let info = tensors.tensor_infos().get(name)?;
                Some(info.layout.shape().dims().to_vec())
            }
            Format::Gguf { content, .. } => {
                Some(content.tensor_infos.get(name)?.shape.dims().to_vec())
            }
        }
    }

    /// Names and shapes of all tensors, sorted by name.
    pub(super) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let names: Vec<String> = match &self.format {
            Format::SafeTensors(tensors) => tensors.names().map(str::to_owned).collect(),
            Format::Pickle(tensors) => tensors.tensor_infos().keys().cloned().collect(),
            Format::Gguf { content, .. } => content.tensor_infos.keys().cloned().collect(),
        };
        let with_shape = names.into_iter().filter_map(|name| {
            let shape = self.shape(&name)?;
            Some((name, shape))
        });
        let mut tensors: Vec<_> = with_shape.collect();
        tensors.sort();
        tensors
    }

    /// Reads the tensor `name` as 32-bit floating point, in row-major order.
    ///
    /// # Errors
    /// If it is missing or unreadable, or does not have the given shape.
    pub fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        self.check_shape(name, shape)?;
        let values = self
            .read(name)
            .and_then(|tensor| tensor.flatten_all()?.to_vec1());
        values.map_err(|error| self.unreadable(name, &error))
    }

    /// Reads the matrix `name`, `[outputs, inputs]`.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn matrix(&self, name: &str, outputs: usize, inputs: usize) -> Result<Matrix, ModelError> {
        let shape = [outputs, inputs];
        if let Format::SafeTensors(tensors) = &self.format
            && tensors
                .entry(name)
                .is_some_and(|entry| entry.element == Element::Int8)
        {
            self.check_shape(name, &shape)?;
            let values = tensors
                .int8(name)
                .map_err(|error| self.unreadable(name, &error))?;
            let scales = self.values(&format!("{name}{SCALE_SUFFIX}"), &[outputs])?;
            return Ok(Matrix::Int8 { values, scales });
        }
        Ok(Matrix::F32(self.values(name, &shape)?))
    }

    fn check_shape(&self, name: &str, expected: &[usize]) -> Result<(), ModelError> {
        match self.shape(name) {
            None => Err(ModelError::MissingTensor {
                path: self.path.clone(),
                tensor: name.to_owned(),
            }),
            Some(found) if found != expected => Err(ModelError::Shape {
                path: self.path.clone(),
                tensor: name.to_owned(),
                found,
                expected: expected.to_vec(),
            }),
            Some(_) => Ok(()),
        }
    }

    fn unreadable(&self, name: &str, error: &candle_core::Error) -> ModelError {
        ModelError::Tensor {
            path: self.path.clone(),
            tensor: name.to_owned(),
            reason: error.to_string(),
        }
    }

    fn read(&self, name: &str) -> candle_core::Result<Tensor> {
        let tensor = match &self.format {
            Format::SafeTensors(tensors) => tensors.tensor(name)?,
            Format::Pickle(tensors) => tensors
                .get(name)?
                .ok_or_else(|| candle_core::Error::Msg("it is missing".to_owned()))?,
            Format::Gguf { content, file } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let tensor = content.tensor(&mut *file, name, &Device::Cpu)?;
                tensor.dequantize(&Device::Cpu)?
            }
        };
        tensor.to_dtype(DType::F32)?.contiguous()
    }
}

fn open_gguf(path: &Path) -> Result<Format, ModelError> {
    let file = File::open(path).map_err(|error| super::file_error(path, error))?;
    let length = file
        .metadata()
        .map_err(|error| super::file_error(path, error))?
        .len();
    let bad = |reason: String| ModelError::Invalid {
        path: path.to_owned(),
        reason,
    };
    let mut file = BufReader::new(file);
    // candle trusts the counts in the file and panics over absurd ones.
    let read = std::panic::AssertUnwindSafe(|| gguf_file::Content::read(&mut file));
    let content = match std::panic::catch_unwind(read) {
        Ok(Ok(content)) => content,
        Ok(Err(error)) => {
            let error = error.to_string();
            return Err(bad(error.lines().next().unwrap_or("unreadable").to_owned()));
        }
        Err(_) => return Err(bad("its description of the tensors is damaged".to_owned())),
    };
    for (name, info) in &content.tensor_infos {
        // The densest quantisation stores 256 values in 66 bytes.
        let mut dims = info.shape.dims().iter();
        let count = dims.try_fold(1u64, |count, &n| count.checked_mul(n as u64));
        let smallest = count.unwrap_or(u64::MAX) / 4;
        let start = content.tensor_data_offset.saturating_add(info.offset);
        if start.saturating_add(smallest) > length {
            return Err(bad(format!(
                "it is truncated: tensor `{name}` ends after the end of the file"
            )));
        }
    }
    Ok(Format::Gguf {
        content,
        file: Mutex::new(file),
    })
}

/// Opens a PyTorch checkpoint. Pickle code is never run: only tensor descriptions are interpreted, and
/// anything else is an error.
fn open_pickle(path: &Path) -> Result<PthTensors, ModelError> {
    let bad = |reason: &str| ModelError::Invalid {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let mut magic = [0; 4];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut magic))
        .map_err(|source| super::file_error(path, source))?;
    if &magic[..2] != b"PK" {
        return Err(bad(
            "it is truncated or in the format of PyTorch before 1.6, which cannot be read; \
             take model.safetensors of the same model, or save it again with a newer PyTorch \
             (torch.save(torch.load(FILE, weights_only=True), FILE))",
        ));
    }
    // candle trusts the counts in the file and panics over absurd ones.
    let opened = std::panic::catch_unwind(|| PthTensors::new(path, None));
    match opened {
        Ok(Ok(tensors)) => Ok(tensors),
        Ok(Err(error)) => {
            let error = error.to_string();
            Err(bad(error.lines().next().unwrap_or("unreadable")))
        }
        Err(_) => Err(bad("its description of the tensors is damaged")),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::{GgmlDType, QTensor};

    use super::*;

    #[test]
    fn gguf_holds_what_safetensors_hold() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families/bart");
        let original = Weights::open(&dir).expect("the fixture is committed");
        let scratch = tempfile::tempdir().expect("a folder");
        let path = scratch.path().join("model.gguf");
        let tensors: Vec<(String, QTensor)> = original
            .tensors()
            .into_iter()
            .map(|(name, shape)| {
                let values = original.values(&name, &shape).expect("readable");
                let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("it fits");
                let tensor = QTensor::quantize(&tensor, GgmlDType::F32).expect("as it is");
                (name, tensor)
            })
            .collect();
        let named: Vec<(&str, &QTensor)> = tensors.iter().map(|(n, t)| (n.as_str(), t)).collect();
        let mut file = File::create(&path).expect("a file");
        gguf_file::write(&mut file, &[], &named).expect("written");

        let copy = Weights::open(scratch.path()).expect("it is whole");
        for (name, shape) in original.tensors() {
            assert!(copy.contains(&name));
            let values = |weights: &Weights| weights.values(&name, &shape).expect("readable");
            assert_eq!(values(&copy), values(&original), "{name}");
        }

        let whole = std::fs::read(&path).expect("readable");
        std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
        let Err(error) = Weights::open(scratch.path()) else {
            panic!("half a file was taken for a whole one");
        };
        assert!(error.to_string().contains("model.gguf"), "{error}");
    }
}
