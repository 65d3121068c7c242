//! Checkpoints in PyTorch's format before version 1.6, which has no name there: five pickles (magic
//! number, version, machine, tensors, keys of the storages), then the storages.
//!
//! A storage is a sequence of elements that tensors may share; a tensor has a place, a shape and strides
//! in one. Storages follow one another without padding, each after its number of elements in 64 bits.

mod pickle;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};

use super::ModelError;
use pickle::{Pickle, Source, StorageRef, TensorRef, Value};

/// The first two pickles: the magic number and the version, 1001.
pub(super) const MAGIC: [u8; 21] = [
    0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
    b'.', // Magic.
    0x80, 2, b'M', 0xe9, 3, b'.', // Version.
];

/// The most elements of a tensor.
const MAX_ELEMENTS: u64 = 1 << 40;

/// An opened checkpoint. Its description has been read and checked against the file; tensors are read
/// one at a time.
pub(super) struct LegacyTorch {
    file: Mutex<File>,
    tensors: HashMap<String, TorchTensor>,
}

/// A floating-point tensor. All its elements lie in the file.
struct TorchTensor {
    dtype: DType,
    /// Position of the first element in the file, in bytes.
    position: u64,
    shape: Vec<usize>,
    /// In elements.
    strides: Vec<u64>,
    /// Number of elements from the first to the last in the file.
    span: u64,
}

/// The type of a storage's elements.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Element {
    Float(DType),
    /// Not a floating-point number; of so many bytes.
    Other(u64),
}

impl Element {
    /// The element of the class that is named `NAMEStorage`.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Double" => Self::Float(DType::F64),
            "Float" => Self::Float(DType::F32),
            "Half" => Self::Float(DType::F16),
            "BFloat16" => Self::Float(DType::BF16),
            "Long" => Self::Other(8),
            "Int" => Self::Other(4),
            "Short" => Self::Other(2),
            "Char" | "Byte" | "Bool" => Self::Other(1),
            _ => return None,
        })
    }

    fn bytes(self) -> u64 {
        match self {
            Self::Float(dtype) => dtype.size_in_bytes() as u64,
            Self::Other(bytes) => bytes,
        }
    }
}

/// Why a checkpoint cannot be used.
#[derive(Debug)]
enum Problem {
    Io(std::io::Error),
    Damaged(String),
    /// Whole, but holds something that cannot be read: a clause that ends in "which".
    Unsupported(String),
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            Self::Damaged("it is truncated".to_owned())
        } else {
            Self::Io(error)
        }
    }
}

fn damaged<T>(reason: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Damaged(reason.into()))
}

impl LegacyTorch {
    /// Opens the file and checks its description.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or holds something else than tensors.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let read = || {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            let mut reader = BufReader::new(file);
            let tensors = read_tensors(&mut reader, length)?;
            Ok(Self {
                file: Mutex::new(reader.into_inner()),
                tensors,
            })
        };
        read().map_err(|problem| match problem {
            Problem::Io(source) => super::file_error(path, source),
            Problem::Damaged(reason) => ModelError::Invalid {
                path: path.to_owned(),
                reason,
            },
            Problem::Unsupported(what) => ModelError::Unsupported {
                path: path.to_owned(),
                what,
            },
        })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    pub(super) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|tensor| &*tensor.shape)
    }

    /// Reads the tensor `name`, converted to F32.
    pub(super) fn tensor(&self, name: &str) -> candle_core::Result<Tensor> {
        let Some(tensor) = self.tensors.get(name) else {
            candle_core::bail!("it is missing");
        };
        let span = tensor.span as usize;
        let mut bytes = vec![0; span * tensor.dtype.size_in_bytes()];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(tensor.position))?;
        file.read_exact(&mut bytes)?;
        drop(file);
        let flat = Tensor::from_raw_buffer(&bytes, tensor.dtype, &[span], &Device::Cpu)?;
        let flat = flat.to_dtype(DType::F32)?;
        if tensor.is_contiguous() {
            return flat.reshape(&*tensor.shape);
        }
        let values = flat.to_vec1::<f32>()?;
        Tensor::from_vec(tensor.gather(&values), &*tensor.shape, &Device::Cpu)
    }
}

impl TorchTensor {
    /// Places `tensor` in the file, where its storage begins at byte `start`.
    fn new(
        name: &str,
        tensor: &TensorRef,
        storage: &StorageRef,
        start: u64,
    ) -> Result<Option<Self>, Problem> {
        let Element::Float(dtype) = storage.element else {
            // The network does not need tensors of other types, such as position ids.
            return Ok(None);
        };
        let TensorRef {
            offset,
            shape,
            strides,
            ..
        } = tensor;
        if shape.len() != strides.len() {
            return damaged(format!("tensor `{name}` has more sizes than strides"));
        }
        // Sizes of a tensor without elements have nothing in the file that bounds them.
        let bounds = shape.iter().map(|&size| size.max(1) as u64);
        if bounds.fold(1, u64::saturating_mul) > MAX_ELEMENTS {
            return damaged(format!("tensor `{name}` is too large"));
        }
        let mut count = 1u64;
        let mut last = 0u64;
        for (&size, &stride) in shape.iter().zip(strides) {
            let steps = (size as u64).saturating_sub(1);
            count = count.saturating_mul(size as u64);
            last = last.saturating_add(steps.saturating_mul(stride));
        }
        let span = if count == 0 {
            0
        } else {
            last.saturating_add(1)
        };
        if offset.saturating_add(span) > storage.length {
            return damaged(format!("tensor `{name}` ends after the end of its storage"));
        }
        if count > span {
            return Err(Problem::Unsupported(format!(
                "elements of tensor `{name}` share a place, which"
            )));
        }
        Ok(Some(Self {
            dtype,
            position: start + (storage.start + offset) * storage.element.bytes(),
            shape: shape.clone(),
            strides: strides.clone(),
            span,
        }))
    }

    fn is_contiguous(&self) -> bool {
        if self.span == 0 {
            return true;
        }
        let mut expected = 1;
        self.shape
            .iter()
            .zip(&self.strides)
            .rev()
            .all(|(&size, &stride)| {
                let fits = size == 1 || stride == expected;
                expected *= size as u64;
                fits
            })
    }

    /// Returns the elements in row-major order. `values` are those from the first to the last.
    fn gather(&self, values: &[f32]) -> Vec<f32> {
        let mut places = vec![0];
        for (&size, &stride) in self.shape.iter().zip(&self.strides) {
            places = places
                .iter()
                .flat_map(|place| (0..size).map(move |index| place + index * stride as usize))
                .collect();
        }
        places.iter().map(|&place| values[place]).collect()
    }
}

/// Reads everything but the storages, of a file of `length` bytes.
fn read_tensors(
    reader: &mut (impl Read + Seek),
    length: u64,
) -> Result<HashMap<String, TorchTensor>, Problem> {
    let mut magic = [0; MAGIC.len()];
    reader.read_exact(&mut magic)?;
    if magic != MAGIC {
        return damaged("its first bytes are not those of a PyTorch file");
    }
    let mut source = Source::new(reader);
    check_machine(&Pickle::read(&mut source)?)?;
    let (pickle, root) = Pickle::read(&mut source)?;
    let starts = read_storages(&pickle, &mut source, length)?;

    let mut tensors = HashMap::new();
    for &(name, value) in pickle.dict(root).unwrap_or_default() {
        let (Some(name), Value::Tensor(index)) = (pickle.text(name), value) else {
            continue;
        };
        let tensor = &pickle.tensors[index];
        let storage = &pickle.storages[tensor.storage];
        let start = starts[&*storage.key];
        if let Some(tensor) = TorchTensor::new(name, tensor, storage, start)? {
            tensors.insert(name.to_owned(), tensor);
        }
    }
    if tensors.is_empty() {
        return Err(Problem::Unsupported(
            "it is not a table of named tensors, which".to_owned(),
        ));
    }
    Ok(tensors)
}

/// Checks what the file says about the machine that wrote it.
fn check_machine((pickle, root): &(Pickle, Value)) -> Result<(), Problem> {
    let entries = pickle.dict(*root).unwrap_or_default();
    let little_endian = entries
        .iter()
        .find(|(name, _)| pickle.text(*name) == Some("little_endian"));
    match little_endian {
        Some((_, Value::Bool(true))) => Ok(()),
        Some((_, Value::Bool(false))) => Err(Problem::Unsupported(
            "it has the byte order of a big-endian machine, which".to_owned(),
        )),
        _ => damaged("it does not say in which byte order it was written"),
    }
}

/// Reads the keys of the storages and their sizes. Returns where the elements of each begin, in bytes.
fn read_storages<'p>(
    pickle: &'p Pickle,
    source: &mut Source<&mut (impl Read + Seek)>,
    length: u64,
) -> Result<HashMap<&'p str, u64>, Problem> {
    let mut expected: HashMap<&str, &StorageRef> = HashMap::new();
    for storage in &pickle.storages {
        let first = *expected.entry(&storage.key).or_insert(storage);
        if (first.element, first.count) != (storage.element, storage.count) {
            return damaged(format!("storage {} is described twice", storage.key));
        }
    }
    let (keys, list) = Pickle::read(source)?;
    let listed = keys.list(list).unwrap_or_default();
    let listed: Option<Vec<&str>> = listed.iter().map(|&key| keys.text(key)).collect();
    let listed = listed.unwrap_or_default();
    let distinct: HashSet<&str> = listed.iter().copied().collect();
    if distinct.len() != listed.len() || distinct != expected.keys().copied().collect() {
        return damaged("its list of storages does not match its tensors");
    }
    let mut starts = HashMap::new();
    let mut position = source.position()?;
    for key in listed {
        let (&key, storage) = expected.get_key_value(key).expect("the same keys");
        let count = source.count_at(position)?;
        if count != storage.count {
            return damaged(format!(
                "storage {key} has {count} elements, but its description says {}",
                storage.count
            ));
        }
        let start = position + 8;
        let end = count
            .checked_mul(storage.element.bytes())
            .and_then(|bytes| start.checked_add(bytes))
            .filter(|&end| end <= length);
        let Some(end) = end else {
            return damaged(format!(
                "it is truncated: storage {key} ends after the end of the file"
            ));
        };
        starts.insert(key, start);
        position = end;
    }
    if position != length {
        return damaged(format!(
            "it goes on for {} bytes after its last storage",
            length - position
        ));
    }
    Ok(starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Weights;

    fn fixture() -> (std::path::PathBuf, Vec<u8>) {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/legacy-torch");
        let bytes = std::fs::read(dir.join("pytorch_model.bin")).expect("committed");
        (dir, bytes)
    }

    /// Opens `bytes` as `pytorch_model.bin`.
    fn open(bytes: &[u8]) -> Result<Weights, ModelError> {
        thread_local! {
            static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a folder");
        }
        FOLDER.with(|folder| {
            std::fs::write(folder.path().join("pytorch_model.bin"), bytes).expect("written");
            Weights::open(folder.path())
        })
    }

    fn refusal(bytes: &[u8]) -> String {
        match open(bytes) {
            Ok(_) => panic!("a damaged file was taken for a whole one"),
            Err(error) => error.to_string(),
        }
    }

    /// `bytes` with every `from`, of which there is at least one, replaced by `to`.
    fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
        let mut result = Vec::new();
        let mut rest = bytes;
        while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
            result.extend_from_slice(&rest[..at]);
            result.extend_from_slice(to);
            rest = &rest[at + from.len()..];
        }
        assert!(!result.is_empty(), "nothing to replace");
        result.extend_from_slice(rest);
        result
    }

    #[test]
    fn legacy_files_hold_what_safetensors_hold() {
        let (dir, bytes) = fixture();
        let safe = Weights::open(&dir).expect("committed");
        let legacy = open(&bytes).expect("it is whole");
        let floats = |weights: &Weights| {
            let mut tensors = weights.tensors();
            tensors.retain(|(name, _)| name != "position_ids");
            tensors
        };
        assert_eq!(floats(&legacy), floats(&safe));
        assert_eq!(floats(&legacy).len(), 12);
        for (name, shape) in floats(&safe) {
            let values = |weights: &Weights| weights.values(&name, &shape).expect("readable");
            assert_eq!(values(&legacy), values(&safe), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_cut_or_longer_is_refused() {
        let (_, bytes) = fixture();
        for length in 0..bytes.len() {
            let error = refusal(&bytes[..length]);
            assert!(error.contains("pytorch_model.bin"), "{length}: {error}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(refusal(&longer).contains("goes on for 1 bytes"));
    }

    #[test]
    fn any_byte_may_be_wrong() {
        let (_, bytes) = fixture();
        let mut opened = 0;
        for at in 0..bytes.len() {
            for change in [0x01, 0x80] {
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                let Ok(weights) = open(&bytes) else { continue };
                opened += 1;
                for (name, shape) in weights.tensors() {
                    let elements: usize = shape.iter().product();
                    assert!(
                        elements * 2 <= bytes.len(),
                        "{name} is larger than its file"
                    );
                    let _ = weights.values(&name, &shape);
                }
            }
        }
        assert!(opened > 100, "changed values and names leave a whole file");
    }

    #[test]
    fn a_long_text_is_refused_before_there_is_memory_for_it() {
        let (_, bytes) = fixture();
        let bytes = replaced(&bytes, b"X\x05\0\0\0whole", b"X\xff\xff\xff\xffwhole");
        assert!(refusal(&bytes).contains("too long"));
    }

    #[test]
    fn a_description_without_an_end_is_refused() {
        let (_, bytes) = fixture();
        let start = bytes
            .iter()
            .skip(MAGIC.len())
            .position(|&byte| byte == b'.');
        let start = MAGIC.len() + start.expect("the end of the third pickle") + 1;
        let endless = [&bytes[..start], &vec![b')'; 20 << 20]].concat();
        assert!(refusal(&endless).contains("too many"));
        let nested = [&bytes[..start], &vec![b'('; 20 << 20]].concat();
        assert!(refusal(&nested).contains("too many"));
    }

    #[test]
    fn a_tensor_without_elements_takes_no_memory() {
        let (_, bytes) = fixture();
        let of_shape = |shape: &[u8]| replaced(&bytes, b"K\0K\x03\x86", shape);
        let wide = open(&of_shape(b"J\0\0\0\x40K\0\x86")).expect("it is whole");
        let values = wide.values("empty", &[1 << 30, 0]);
        assert_eq!(values.expect("readable"), [0.0; 0]);
        let absurd = of_shape(b"K\0J\0\0\0\x40J\0\0\0\x40\x87");
        assert!(refusal(&absurd).contains("more sizes than strides"));
        let absurd = replaced(&absurd, b"K\x03K\x01\x86qi", b"K\x03K\x01K\x01\x87qi");
        assert!(refusal(&absurd).contains("too large"));
    }

    #[test]
    fn code_is_named_and_never_run() {
        let (_, bytes) = fixture();
        let bytes = replaced(&bytes, b"ccollections\nOrderedDict\n", b"cposix\nsystem\n");
        let error = refusal(&bytes);
        assert!(
            error.contains("it holds `posix.system` beside tensors"),
            "{error}"
        );
        assert!(error.contains("model.safetensors"), "{error}");
    }

    #[test]
    fn other_byte_orders_and_ages_are_refused_with_the_reason() {
        let (_, bytes) = fixture();
        let big = replaced(&bytes, b"little_endianq\x02\x88", b"little_endianq\x02\x89");
        assert!(refusal(&big).contains("big-endian"));
        let mut tar = vec![0; 1024];
        tar[257..262].copy_from_slice(b"ustar");
        assert!(refusal(&tar).contains("PyTorch 0.1"));
    }

    #[test]
    fn a_view_of_a_storage_is_read_where_it_lies() {
        let (_, bytes) = fixture();
        // Twelve elements, and no view; then a view of the storage's second and third row.
        let view = b"K\x0c(X\x01\0\0\0vK\x03K\x06tt";
        let bytes = replaced(&bytes, b"K\x0cNt", view);
        let error = refusal(&bytes);
        assert!(
            error.contains("ends after the end of its storage"),
            "{error}"
        );
    }
}
