//! Safetensors files. The header is checked against the file when it is opened, and tensors are read
//! one at a time, so that the whole file is never in memory twice.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use candle_core::{DType, Device, Tensor};
use serde::Deserialize;

use super::ModelError;

/// Size limit of the header in bytes; real ones are below 1 MB.
const MAX_HEADER: u64 = 64 << 20;

pub(super) struct SafeTensors {
    path: PathBuf,
    file: Mutex<File>,
    entries: HashMap<String, Entry>,
}

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Float(DType),
    Int32,
    Int8,
}

pub(super) struct Entry {
    pub element: Element,
    pub shape: Vec<usize>,
    /// Position in the file, in bytes.
    offset: u64,
    bytes: usize,
}

/// One tensor in the header.
#[derive(Deserialize)]
struct HeaderEntry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

impl SafeTensors {
    /// Opens the file and checks its header.
    ///
    /// # Errors
    /// If the file cannot be read or is truncated, or the header contradicts it.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let mut file = File::open(path).map_err(|error| super::file_error(path, error))?;
        let entries = read_header(path, &mut file)?;
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            entries,
        })
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Reads the values of the floating-point tensor `name`, converted to F32, part by part, so that a large
    /// one is in memory once.
    pub(super) fn values(&self, name: &str) -> candle_core::Result<Vec<f32>> {
        const PART: usize = 1 << 20;
        let (entry, mut file) = self.open_at(name)?;
        let Element::Float(dtype) = entry.element else {
            candle_core::bail!("it holds integers");
        };
        let size = dtype.size_in_bytes();
        let mut values = Vec::with_capacity(entry.bytes / size);
        let mut part = vec![0; PART.min(entry.bytes)];
        let mut left = entry.bytes;
        while left > 0 {
            let part = &mut part[..PART.min(left)];
            file.read_exact(part)?;
            let converted =
                Tensor::from_raw_buffer(part, dtype, &[part.len() / size], &Device::Cpu)?;
            values.extend(converted.to_dtype(DType::F32)?.to_vec1::<f32>()?);
            left -= part.len();
        }
        Ok(values)
    }

    /// Reads the tensor `name` of 8-bit integers.
    pub(super) fn int8(&self, name: &str) -> candle_core::Result<Vec<i8>> {
        let (entry, bytes) = self.bytes(name)?;
        if entry.element != Element::Int8 {
            candle_core::bail!("it does not hold 8-bit integers");
        }
        Ok(bytes.into_iter().map(u8::cast_signed).collect())
    }

    /// Reads the one-dimensional tensor `name` of 32-bit integers.
    ///
    /// # Errors
    /// If it is missing, of another type or shape, or has a negative value.
    pub(super) fn indices(&self, name: &str) -> Result<Vec<u32>, ModelError> {
        let unreadable = |reason: String| ModelError::Tensor {
            path: self.path.clone(),
            tensor: name.to_owned(),
            reason,
        };
        let (entry, bytes) = self
            .bytes(name)
            .map_err(|error| unreadable(error.to_string()))?;
        if entry.element != Element::Int32 || entry.shape.len() != 1 {
            return Err(unreadable("it is not a list of 32-bit integers".to_owned()));
        }
        let values = bytes
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| i32::from_le_bytes(bytes));
        values
            .map(|value| u32::try_from(value).map_err(|_| unreadable(format!("it holds {value}"))))
            .collect()
    }

    fn bytes(&self, name: &str) -> candle_core::Result<(&Entry, Vec<u8>)> {
        let (entry, mut file) = self.open_at(name)?;
        let mut bytes = vec![0; entry.bytes];
        file.read_exact(&mut bytes)?;
        Ok((entry, bytes))
    }

    /// The entry of a tensor, and the file at its first byte.
    fn open_at(&self, name: &str) -> candle_core::Result<(&Entry, MutexGuard<'_, File>)> {
        let Some(entry) = self.entries.get(name) else {
            candle_core::bail!("it is missing");
        };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(entry.offset))?;
        Ok((entry, file))
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
            "it is truncated or not a safetensors file (the header is longer than the file)"
                .to_owned(),
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
        let (element, element_size) = match entry.dtype.as_str() {
            "F64" => (Element::Float(DType::F64), 8),
            "F32" => (Element::Float(DType::F32), 4),
            "F16" => (Element::Float(DType::F16), 2),
            "BF16" => (Element::Float(DType::BF16), 2),
            "I32" => (Element::Int32, 4),
            "I8" => (Element::Int8, 1),
            // The network does not need tensors of other types, such as position ids.
            _ => continue,
        };
        let [start, end] = entry.data_offsets;
        let bytes = entry
            .shape
            .iter()
            .try_fold(element_size, |product: usize, &n| product.checked_mul(n));
        if end < start || bytes.map(|bytes| bytes as u64) != Some(end - start) {
            return Err(bad(format!(
                "tensor `{name}`: its size does not match its shape {:?}",
                entry.shape
            )));
        }
        if end > length - 8 - size {
            return Err(bad(format!(
                "it is truncated: tensor `{name}` ends at byte {}, but the file has {length} bytes",
                end.saturating_add(8 + size)
            )));
        }
        entries.insert(
            name,
            Entry {
                element,
                shape: entry.shape,
                offset: 8 + size + start,
                bytes: (end - start) as usize,
            },
        );
    }
    Ok(entries)
}
