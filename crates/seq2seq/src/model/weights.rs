//! The weights of a model folder, read one tensor at a time from `model.safetensors`,
//! `pytorch_model.bin` or `model.gguf`.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use candle_core::pickle::PthTensors;
use candle_core::quantized::gguf_file;
use candle_core::{DType, Device};

use super::safetensors::{Element, SafeTensors};
use super::torch::{self, LegacyTorch};
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
    /// PyTorch since 1.6: a zip archive.
    Zip(PthTensors),
    /// PyTorch before.
    Legacy(LegacyTorch),
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
        check_pointer(&path)?;
        let extension = path.extension().unwrap_or_default();
        let format = if extension == "bin" {
            open_torch(&path)?
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
            Format::Legacy(tensors) => tensors.shape(name).map(<[usize]>::to_vec),
            Format::Zip(tensors) => {
                let info = tensors.tensor_infos().get(name)?;
                Some(info.layout.shape().dims().to_vec())
            }
            Format::Gguf { content, .. } => {
                Some(content.tensor_infos.get(name)?.shape.dims().to_vec())
            }
        }
    }

    /// Names and shapes of all tensors, sorted by name.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let names: Vec<String> = match &self.format {
            Format::SafeTensors(tensors) => tensors.names().map(str::to_owned).collect(),
            Format::Zip(tensors) => tensors.tensor_infos().keys().cloned().collect(),
            Format::Legacy(tensors) => tensors.names().map(str::to_owned).collect(),
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
        let values = self.read(name);
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

    fn read(&self, name: &str) -> candle_core::Result<Vec<f32>> {
        let tensor = match &self.format {
            Format::SafeTensors(tensors) => return tensors.values(name),
            Format::Legacy(tensors) => tensors.tensor(name)?,
            Format::Zip(tensors) => tensors
                .get(name)?
                .ok_or_else(|| candle_core::Error::Msg("it is missing".to_owned()))?,
            Format::Gguf { content, file } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let tensor = content.tensor(&mut *file, name, &Device::Cpu)?;
                tensor.dequantize(&Device::Cpu)?
            }
        };
        tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
    }
}

/// Refuses what a clone of a repository holds in place of a large file.
fn check_pointer(path: &Path) -> Result<(), ModelError> {
    const START: &[u8] = b"version https://git-lfs";
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(START.len() as u64).read_to_end(&mut start))
        .map_err(|error| super::file_error(path, error))?;
    if start == START {
        return Err(ModelError::Invalid {
            path: path.to_owned(),
            reason: "it is a pointer of Git LFS and not the file itself (`git lfs pull` gets it)"
                .to_owned(),
        });
    }
    Ok(())
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
fn open_torch(path: &Path) -> Result<Format, ModelError> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(TAR_MARK.end as u64).read_to_end(&mut start))
        .map_err(|error| super::file_error(path, error))?;
    if start.starts_with(b"PK") {
        return Ok(Format::Zip(open_zip(path)?));
    }
    if start.starts_with(&torch::MAGIC) {
        return Ok(Format::Legacy(LegacyTorch::open(path)?));
    }
    if start.get(TAR_MARK).is_some_and(|mark| mark == b"ustar") {
        return Err(ModelError::Unsupported {
            path: path.to_owned(),
            what: "it is in the format of PyTorch 0.1, a tar archive, which".to_owned(),
        });
    }
    Err(ModelError::Invalid {
        path: path.to_owned(),
        reason: "it is truncated, or not a PyTorch file".to_owned(),
    })
}

/// Where a tar archive says that it is one.
const TAR_MARK: Range<usize> = 257..262;

fn open_zip(path: &Path) -> Result<PthTensors, ModelError> {
    let bad = |reason: &str| ModelError::Invalid {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
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
    use candle_core::Tensor;
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
