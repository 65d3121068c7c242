//! The tensors of a model folder, from `model.safetensors` or `pytorch_model.bin`, read one at a
//! time as F32 so that no second copy of the whole file is ever in memory.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use candle_core::pickle::PthTensors;
use candle_core::{DType, Device, Tensor};
use serde::Deserialize;

use super::{Matrix, ModelError};

/// Safetensors headers of real models are below 1 MB.
const MAX_HEADER: u64 = 64 << 20;

pub struct Weights {
    path: PathBuf,
    format: Format,
}

enum Format {
    Safetensors {
        file: Mutex<File>,
        entries: HashMap<String, Entry>,
    },
    Pickle(PthTensors),
}

struct Entry {
    dtype: DType,
    shape: Vec<usize>,
    /// In the file.
    offset: u64,
    bytes: usize,
}

/// One tensor in a safetensors header.
#[derive(Deserialize)]
struct HeaderEntry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

impl Weights {
    /// The weights file of `dir`: safetensors where there is one, else PyTorch's.
    pub fn file(dir: &Path) -> PathBuf {
        let pickle = dir.join("pytorch_model.bin");
        let safetensors = dir.join("model.safetensors");
        if pickle.exists() && !safetensors.exists() {
            pickle
        } else {
            safetensors
        }
    }

    pub(super) fn open(dir: &Path) -> Result<Self, ModelError> {
        let path = Self::file(dir);
        let format = if path.extension().is_some_and(|extension| extension == "bin") {
            // Only tensor descriptions are interpreted; a pickle that asks for code is an error.
            Format::Pickle(open_pickle(&path)?)
        } else {
            let mut file = File::open(&path).map_err(|error| super::file_error(&path, error))?;
            let entries = read_header(&path, &mut file)?;
            Format::Safetensors {
                file: Mutex::new(file),
                entries,
            }
        };
        Ok(Self { path, format })
    }

    pub fn contains(&self, name: &str) -> bool {
        match &self.format {
            Format::Safetensors { entries, .. } => entries.contains_key(name),
            Format::Pickle(tensors) => tensors.tensor_infos().contains_key(name),
        }
    }

    /// The values of the tensor `name` in 32-bit floating point.
    ///
    /// # Errors
    /// If it is missing, unreadable, or of another shape.
    pub fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let tensor = self.tensor(name, shape)?;
        let values = tensor.flatten_all().and_then(|tensor| tensor.to_vec1());
        values.map_err(|error| self.unreadable(name, &error))
    }

    /// The matrix `name`, `[outputs, inputs]`.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn matrix(&self, name: &str, outputs: usize, inputs: usize) -> Result<Matrix, ModelError> {
        Ok(Matrix::F32(self.values(name, &[outputs, inputs])?))
    }

    /// The tensor `name` as contiguous F32.
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor, ModelError> {
        let found = match &self.format {
            Format::Safetensors { entries, .. } => entries.get(name).map(|e| e.shape.clone()),
            Format::Pickle(tensors) => tensors
                .tensor_infos()
                .get(name)
                .map(|info| info.layout.shape().dims().to_vec()),
        }
        .ok_or_else(|| ModelError::MissingTensor {
            path: self.path.clone(),
            tensor: name.to_owned(),
        })?;
        if found != shape {
            return Err(ModelError::Shape {
                path: self.path.clone(),
                tensor: name.to_owned(),
                found,
                expected: shape.to_vec(),
            });
        }
        self.read(name)
            .map_err(|error| self.unreadable(name, &error))
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
            Format::Pickle(tensors) => tensors
                .get(name)?
                .ok_or_else(|| candle_core::Error::Msg("it is gone".to_owned()))?,
            Format::Safetensors { file, entries } => {
                let entry = &entries[name];
                let mut bytes = vec![0; entry.bytes];
                let mut file = file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                file.seek(SeekFrom::Start(entry.offset))?;
                file.read_exact(&mut bytes)?;
                Tensor::from_raw_buffer(&bytes, entry.dtype, &entry.shape, &Device::Cpu)?
            }
        };
        tensor.to_dtype(DType::F32)?.contiguous()
    }
}

fn read_header(path: &Path, file: &mut File) -> Result<HashMap<String, Entry>, ModelError> {
    let io = |source| super::file_error(path, source);
    let bad = |reason: String| ModelError::Invalid {
        path: path.to_owned(),
        reason,
    };
    let length = file.metadata().map_err(io)?.len();
    let mut size = [0; 8];
    if length < 8 {
        return Err(bad(format!("it is only {length} bytes long")));
    }
    file.read_exact(&mut size).map_err(io)?;
    let size = u64::from_le_bytes(size);
    if size > MAX_HEADER || size + 8 > length {
        return Err(bad(
            "it is cut off or no safetensors file (its header is longer than the file)".to_owned(),
        ));
    }
    let mut header = vec![0; size as usize];
    file.read_exact(&mut header).map_err(io)?;
    let header: HashMap<String, serde_json::Value> = serde_json::from_slice(&header)
        .map_err(|error| bad(format!("its header is not JSON ({error})")))?;

    let mut entries = HashMap::with_capacity(header.len());
    for (name, value) in header {
        if name == "__metadata__" {
            continue;
        }
        let entry: HeaderEntry = serde_json::from_value(value)
            .map_err(|error| bad(format!("tensor `{name}`: {error}")))?;
        let dtype = match entry.dtype.as_str() {
            "F32" => DType::F32,
            "F16" => DType::F16,
            "BF16" => DType::BF16,
            "F64" => DType::F64,
            // Integer tensors, such as position ids, are of no use to the network.
            _ => continue,
        };
        let [start, end] = entry.data_offsets;
        let bytes = entry
            .shape
            .iter()
            .try_fold(dtype.size_in_bytes(), |product, &n| product.checked_mul(n));
        if end < start || bytes.map(|bytes| bytes as u64) != Some(end - start) {
            return Err(bad(format!(
                "tensor `{name}`: its bytes do not fit its shape {:?}",
                entry.shape
            )));
        }
        if end > length - 8 - size {
            return Err(bad(format!(
                "it is cut off: tensor `{name}` ends at byte {}, the file at {length}",
                end.saturating_add(8 + size)
            )));
        }
        entries.insert(
            name,
            Entry {
                dtype,
                shape: entry.shape,
                offset: 8 + size + start,
                bytes: (end - start) as usize,
            },
        );
    }
    Ok(entries)
}

/// Only tensor descriptions are interpreted; a pickle that asks for code is an error.
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
            "it is cut off, or in the format of PyTorch before 1.6, which cannot be read; \
             take model.safetensors of the same model, or save it again with a newer PyTorch \
             (torch.save(torch.load(FILE, weights_only=True), FILE))",
        ));
    }
    // The reader takes the file's word for how many values a description has.
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
