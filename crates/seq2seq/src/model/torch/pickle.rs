//! The part of Python's pickle format that checkpoints of tensors need. Nothing in a pickle is run: it
//! can name a few known classes and functions, and what calls of these mean is worked out here.
//!
//! All containers lie in lists of [`Pickle`] and refer to each other by index, so that nothing recurses,
//! and memory is in proportion to the bytes read.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use super::{Element, Problem, damaged};

/// The most bytes that the pickles of a file may have. Real ones have about 150 for each tensor.
const MAX_BYTES: u64 = 16 << 20;

/// The most instructions of one pickle: about 28 for each tensor.
const MAX_INSTRUCTIONS: usize = 1 << 21;

/// The longest text, in bytes; keys and names of tensors are far below.
const MAX_TEXT: usize = 1 << 12;

/// The most dimensions of a tensor.
const MAX_RANK: usize = 8;

/// A value of a pickle. Containers are indices into the lists of [`Pickle`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// A number that no tensor needs.
    Float,
    Text(usize),
    Tuple(usize),
    List(usize),
    Dict(usize),
    Global(Global),
    Storage(usize),
    Tensor(usize),
}

/// The classes and functions that a checkpoint may name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Global {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    StorageOf(Element),
}

impl Global {
    fn named(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Self::RebuildTensor,
            ("torch._utils", "_rebuild_parameter") => Self::RebuildParameter,
            ("torch", storage) => {
                Self::StorageOf(Element::named(storage.strip_suffix("Storage")?)?)
            }
            _ => return None,
        })
    }
}

/// A reference to a storage, or to a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StorageRef {
    pub key: String,
    pub element: Element,
    /// Number of elements of the whole storage.
    pub count: u64,
    /// The part, in elements: where it begins in the storage and how long it is.
    pub start: u64,
    pub length: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TensorRef {
    /// Index in [`Pickle::storages`].
    pub storage: usize,
    /// In elements, from the beginning of the part of the storage.
    pub offset: u64,
    pub shape: Vec<usize>,
    /// In elements.
    pub strides: Vec<u64>,
}

/// What a pickle holds.
#[derive(Debug, Default)]
pub(super) struct Pickle {
    pub texts: Vec<String>,
    /// Tuples and lists.
    sequences: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
    pub storages: Vec<StorageRef>,
    pub tensors: Vec<TensorRef>,
    stack: Vec<Value>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
}

/// Bytes of the pickles of a file, counted.
pub(super) struct Source<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Source<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            left: MAX_BYTES,
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Problem> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            return damaged("its description of the tensors is too long");
        };
        self.left = left;
        Ok(self.reader.read_exact(bytes)?)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8, Problem> {
        Ok(self.bytes::<1>()?[0])
    }

    fn u32(&mut self) -> Result<u32, Problem> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn text(&mut self, length: usize) -> Result<String, Problem> {
        if length > MAX_TEXT {
            return damaged("it has a text that is too long to be a name");
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        String::from_utf8(bytes).or_else(|_| damaged("it has a text that is not UTF-8"))
    }

    fn line(&mut self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => break,
                byte if bytes.len() < MAX_TEXT => bytes.push(byte),
                _ => return damaged("it has a name that is too long"),
            }
        }
        String::from_utf8(bytes).or_else(|_| damaged("it has a name that is not UTF-8"))
    }

    /// A little-endian integer in two's complement.
    fn long(&mut self) -> Result<i64, Problem> {
        let length = usize::from(self.byte()?);
        let mut bytes = [0; 8];
        let Some(filled) = bytes.get_mut(..length) else {
            return damaged("it has a number of more than 64 bits");
        };
        self.fill(filled)?;
        let unused = 64 - 8 * length as u32;
        let value = i64::from_le_bytes(bytes);
        Ok(value.checked_shl(unused).map_or(0, |value| value >> unused))
    }
}

impl<R: Read + Seek> Source<R> {
    /// Position in the file, in bytes.
    pub(super) fn position(&mut self) -> Result<u64, Problem> {
        Ok(self.reader.stream_position()?)
    }

    /// Reads the 64-bit count at `position`, outside of the pickles.
    pub(super) fn count_at(&mut self, position: u64) -> Result<u64, Problem> {
        let mut bytes = [0; 8];
        self.reader.seek(SeekFrom::Start(position))?;
        self.reader.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

impl Pickle {
    /// Reads one pickle. Returns what it holds and its value.
    pub(super) fn read(source: &mut Source<impl Read>) -> Result<(Self, Value), Problem> {
        let mut pickle = Self::default();
        for _ in 0..MAX_INSTRUCTIONS {
            let instruction = source.byte()?;
            if instruction == b'.' {
                return match (pickle.stack.as_slice(), pickle.marks.as_slice()) {
                    (&[value], []) => Ok((pickle, value)),
                    _ => damaged("its description of the tensors ends too early"),
                };
            }
            pickle.step(instruction, source)?;
        }
        damaged("it describes too many tensors")
    }

    /// The entries of the dictionary `value`.
    pub(super) fn dict(&self, value: Value) -> Option<&[(Value, Value)]> {
        match value {
            Value::Dict(index) => Some(&self.dicts[index]),
            _ => None,
        }
    }

    /// The items of the list `value`.
    pub(super) fn list(&self, value: Value) -> Option<&[Value]> {
        match value {
            Value::List(index) => Some(&self.sequences[index]),
            _ => None,
        }
    }

    pub(super) fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text(index) => Some(&self.texts[index]),
            _ => None,
        }
    }

    fn tuple(&self, value: Value) -> Result<&[Value], Problem> {
        match value {
            Value::Tuple(index) => Ok(&self.sequences[index]),
            _ => misused(),
        }
    }

    fn step(&mut self, instruction: u8, source: &mut Source<impl Read>) -> Result<(), Problem> {
        match instruction {
            // PROTO
            0x80 => match source.byte()? {
                2 => {}
                other => {
                    return Err(Problem::Unsupported(format!(
                        "it was written in version {other} of Python's pickle format, which"
                    )));
                }
            },
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            // BININT1, BININT2, BININT, LONG1, BINFLOAT
            b'K' => {
                let value = source.byte()?;
                self.stack.push(Value::Int(value.into()));
            }
            b'M' => {
                let value = u16::from_le_bytes(source.bytes()?);
                self.stack.push(Value::Int(value.into()));
            }
            b'J' => {
                let value = i32::from_le_bytes(source.bytes()?);
                self.stack.push(Value::Int(value.into()));
            }
            0x8a => {
                let value = source.long()?;
                self.stack.push(Value::Int(value));
            }
            b'G' => {
                source.bytes::<8>()?;
                self.stack.push(Value::Float);
            }
            // BINUNICODE
            b'X' => {
                let length = source.u32()? as usize;
                let text = source.text(length)?;
                self.texts.push(text);
                self.stack.push(Value::Text(self.texts.len() - 1));
            }
            b'c' => {
                let (module, name) = (source.line()?, source.line()?);
                let Some(global) = Global::named(&module, &name) else {
                    return Err(Problem::Unsupported(format!(
                        "it holds `{module}.{name}` beside tensors, which"
                    )));
                };
                self.stack.push(Value::Global(global));
            }
            _ => return self.step_of_containers(instruction, source),
        }
        Ok(())
    }

    fn step_of_containers(
        &mut self,
        instruction: u8,
        source: &mut Source<impl Read>,
    ) -> Result<(), Problem> {
        match instruction {
            // BINPUT, LONG_BINPUT, BINGET, LONG_BINGET
            b'q' => self.remember(source.byte()?.into())?,
            b'r' => self.remember(source.u32()?)?,
            b'h' => self.recall(source.byte()?.into())?,
            b'j' => self.recall(source.u32()?)?,
            b'(' => self.marks.push(self.stack.len()),
            b')' => self.push_tuple(Vec::new()),
            0x85..=0x87 => {
                let items = self.pop_many(usize::from(instruction - 0x84))?;
                self.push_tuple(items);
            }
            b't' => {
                let items = self.pop_marked()?;
                self.push_tuple(items);
            }
            b']' => {
                self.sequences.push(Vec::new());
                self.stack.push(Value::List(self.sequences.len() - 1));
            }
            b'a' => {
                let item = self.pop()?;
                self.extend_list(vec![item])?;
            }
            b'e' => {
                let items = self.pop_marked()?;
                self.extend_list(items)?;
            }
            b'}' => self.push_dict(),
            b's' => {
                let items = self.pop_many(2)?;
                self.extend_dict(&items)?;
            }
            b'u' => {
                let items = self.pop_marked()?;
                self.extend_dict(&items)?;
            }
            // BUILD: attributes of a dictionary, which hold versions of modules.
            b'b' => {
                self.pop()?;
                match self.stack.last() {
                    Some(Value::Dict(_)) => {}
                    _ => return misused(),
                }
            }
            // BINPERSID
            b'Q' => {
                let value = self.pop()?;
                let storage = self.storage(value)?;
                self.storages.push(storage);
                self.stack.push(Value::Storage(self.storages.len() - 1));
            }
            b'R' => self.call()?,
            other => {
                return damaged(format!(
                    "its description of the tensors has the unknown instruction {other:#04x}"
                ));
            }
        }
        Ok(())
    }

    fn pop(&mut self) -> Result<Value, Problem> {
        // What lies below a mark belongs to somebody else.
        let bottom = self.marks.last().copied().unwrap_or(0);
        match self.stack.pop() {
            Some(value) if self.stack.len() >= bottom => Ok(value),
            _ => misused(),
        }
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value>, Problem> {
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(self.pop()?);
        }
        values.reverse();
        Ok(values)
    }

    fn pop_marked(&mut self) -> Result<Vec<Value>, Problem> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => misused(),
        }
    }

    fn push_tuple(&mut self, items: Vec<Value>) {
        self.sequences.push(items);
        self.stack.push(Value::Tuple(self.sequences.len() - 1));
    }

    fn push_dict(&mut self) {
        self.dicts.push(Vec::new());
        self.stack.push(Value::Dict(self.dicts.len() - 1));
    }

    fn extend_list(&mut self, items: Vec<Value>) -> Result<(), Problem> {
        match self.stack.last() {
            Some(&Value::List(index)) => self.sequences[index].extend(items),
            _ => return misused(),
        }
        Ok(())
    }

    /// `items` are keys and values by turns.
    fn extend_dict(&mut self, items: &[Value]) -> Result<(), Problem> {
        let (pairs, rest) = items.as_chunks::<2>();
        match self.stack.last() {
            Some(&Value::Dict(index)) if rest.is_empty() => {
                self.dicts[index].extend(pairs.iter().map(|&[key, value]| (key, value)));
                Ok(())
            }
            _ => misused(),
        }
    }

    fn remember(&mut self, slot: u32) -> Result<(), Problem> {
        match self.stack.last() {
            Some(&value) => {
                self.memo.insert(slot, value);
                Ok(())
            }
            None => misused(),
        }
    }

    fn recall(&mut self, slot: u32) -> Result<(), Problem> {
        match self.memo.get(&slot) {
            Some(&value) => {
                self.stack.push(value);
                Ok(())
            }
            None => misused(),
        }
    }

    /// REDUCE: a call of a known function.
    fn call(&mut self) -> Result<(), Problem> {
        let arguments = self.pop()?;
        let function = self.pop()?;
        let arguments = self.tuple(arguments)?;
        match (function, arguments) {
            (Value::Global(Global::OrderedDict), []) => self.push_dict(),
            (
                Value::Global(Global::RebuildTensor),
                &[
                    Value::Storage(storage),
                    Value::Int(offset),
                    shape,
                    strides,
                    ..,
                ],
            ) => {
                let tensor = TensorRef {
                    storage,
                    offset: natural(offset)?,
                    shape: self.dimensions(shape)?,
                    strides: self.dimensions(strides)?,
                };
                self.tensors.push(tensor);
                self.stack.push(Value::Tensor(self.tensors.len() - 1));
            }
            (Value::Global(Global::RebuildParameter), &[tensor @ Value::Tensor(_), ..]) => {
                self.stack.push(tensor);
            }
            _ => return misused(),
        }
        Ok(())
    }

    fn dimensions<T: TryFrom<i64>>(&self, tuple: Value) -> Result<Vec<T>, Problem> {
        let items = self.tuple(tuple)?;
        if items.len() > MAX_RANK {
            return damaged("it has a tensor of too many dimensions");
        }
        let natural = |item: &Value| match *item {
            Value::Int(value) if value >= 0 => T::try_from(value).ok(),
            _ => None,
        };
        let dimensions: Option<Vec<T>> = items.iter().map(natural).collect();
        dimensions.map_or_else(misused, Ok)
    }

    /// `('storage', class, key, device, count, view)`, where `view` is `None` or
    /// `(key, start, length)`.
    fn storage(&self, value: Value) -> Result<StorageRef, Problem> {
        let &[
            kind,
            Value::Global(Global::StorageOf(element)),
            key,
            _,
            Value::Int(count),
            view,
        ] = self.tuple(value)?
        else {
            return misused();
        };
        let (Some("storage"), Some(key)) = (self.text(kind), self.text(key)) else {
            return misused();
        };
        let count = natural(count)?;
        let (start, length) = match view {
            Value::None => (0, count),
            view => match self.tuple(view)? {
                &[_, Value::Int(start), Value::Int(length)] => (natural(start)?, natural(length)?),
                _ => return misused(),
            },
        };
        if start.checked_add(length).is_none_or(|end| end > count) {
            return damaged(format!("storage {key} has a part that ends after its end"));
        }
        Ok(StorageRef {
            key: key.to_owned(),
            element,
            count,
            start,
            length,
        })
    }
}

fn natural(value: i64) -> Result<u64, Problem> {
    u64::try_from(value).or_else(|_| misused())
}

fn misused<T>() -> Result<T, Problem> {
    damaged("its description of the tensors is damaged")
}
