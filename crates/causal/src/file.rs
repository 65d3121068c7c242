//! What a GGUF file says of its model, and which models can be run.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Content, Value};

/// Longest prompt and answer together, in tokens. candle's Llama and Qwen3 hold no more.
pub(crate) const LONGEST_CONTEXT: usize = 4096;

/// Networks that candle-transformers computes as they were trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Llama and those built like it, such as SmolLM2.
    Llama,
    /// Qwen2 and Qwen2.5.
    Qwen2,
    /// Qwen3.
    Qwen3,
}

impl Architecture {
    /// All that can be run.
    pub const ALL: [Self; 3] = [Self::Llama, Self::Qwen2, Self::Qwen3];

    /// The name in GGUF files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
        }
    }
}

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file or folder cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder does not have one GGUF file.
    #[error("{} has {found} files that end in .gguf; name one file", .dir.display())]
    NotOne {
        /// The folder.
        dir: PathBuf,
        /// Number of its GGUF files.
        found: usize,
    },
    /// The file is damaged, or not a GGUF file.
    #[error("{}: {reason}; fetch the file again", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The model is whole, but its outputs would be wrong.
    #[error("{}: {reason}", .path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported, and what is.
        reason: String,
    },
}

/// An open GGUF file whose network can be run.
pub(crate) struct Gguf {
    pub path: PathBuf,
    pub architecture: Architecture,
    /// Longest prompt and answer together, in tokens.
    pub context: usize,
    /// Number of rows of the table of embeddings: of logits, too.
    pub width: usize,
    file: File,
    /// Without tensors: candle takes them when it loads a network.
    pub metadata: HashMap<String, Value>,
}

/// The GGUF file of `path`, which is one or a folder with one.
pub(crate) fn find(path: &Path) -> Result<PathBuf, ModelError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let io = |source| ModelError::Io {
        path: path.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(io)? {
        let file = entry.map_err(io)?.path();
        let extension = file.extension().unwrap_or_default();
        if extension.eq_ignore_ascii_case("gguf") {
            found.push(file);
        }
    }
    match <[PathBuf; 1]>::try_from(found) {
        Ok([file]) => Ok(file),
        Err(found) => Err(ModelError::NotOne {
            dir: path.to_owned(),
            found: found.len(),
        }),
    }
}

impl Gguf {
    /// Opens a file and checks all that candle relies on without checking it.
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let io = |source| ModelError::Io {
            path: path.to_owned(),
            source,
        };
        let damaged = |reason: String| ModelError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let mut file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let content = Content::read(&mut file).map_err(|error| damaged(first_line(&error)))?;
        for (name, tensor) in &content.tensor_infos {
            let dims = tensor.shape.dims().iter();
            let count = dims.copied().try_fold(1, usize::checked_mul);
            let blocks = count.map(|count| count / tensor.ggml_dtype.block_size());
            let bytes = blocks.and_then(|blocks| blocks.checked_mul(tensor.ggml_dtype.type_size()));
            let start = content.tensor_data_offset.checked_add(tensor.offset);
            let end = start
                .zip(bytes)
                .and_then(|(start, bytes)| start.checked_add(bytes as u64));
            if end.is_none_or(|end| end > length) {
                return Err(damaged(format!(
                    "the file ends before its tensor {name} does"
                )));
            }
        }
        let unsupported = |reason| ModelError::Unsupported {
            path: path.to_owned(),
            reason,
        };
        let architecture = architecture(&content).map_err(unsupported)?;
        let header = Header {
            content: &content,
            architecture,
        };
        header.check_shape().map_err(damaged)?;
        header.check_kind().map_err(unsupported)?;
        let context = header.number("context_length").map_err(damaged)?;
        let width = header.width().map_err(damaged)?;
        Ok(Self {
            path: path.to_owned(),
            architecture,
            context: context.min(LONGEST_CONTEXT),
            width,
            metadata: content.metadata,
            file,
        })
    }

    /// The file from its beginning, and its content as candle's networks have to see it.
    pub(crate) fn content(&mut self) -> Result<(Content, &mut File), ModelError> {
        self.rewind()?;
        let content = Content::read(&mut self.file);
        let mut content = content.map_err(|error| self.damaged(first_line(&error)))?;
        let name = self.architecture.name();
        let mut set = |key: String, value: usize| {
            let value = u32::try_from(value).unwrap_or(u32::MAX);
            content.metadata.insert(key, Value::U32(value));
        };
        // Tables of positions are made for all that the file allows.
        set(format!("{name}.context_length"), self.context);
        // Without it, Qwen3's tables of positions are in half precision.
        set("general.dtype".to_owned(), 0);
        Ok((content, &mut self.file))
    }

    /// The bytes of the file from its beginning.
    pub(crate) fn bytes(&mut self) -> Result<&mut File, ModelError> {
        self.rewind()?;
        Ok(&mut self.file)
    }

    fn rewind(&mut self) -> Result<(), ModelError> {
        let start = self.file.seek(SeekFrom::Start(0));
        start.map(|_| ()).map_err(|source| ModelError::Io {
            path: self.path.clone(),
            source,
        })
    }

    pub(crate) fn damaged(&self, reason: String) -> ModelError {
        ModelError::Damaged {
            path: self.path.clone(),
            reason,
        }
    }

    pub(crate) fn unsupported(&self, reason: String) -> ModelError {
        ModelError::Unsupported {
            path: self.path.clone(),
            reason,
        }
    }

    pub(crate) fn string(&self, key: &str) -> Option<&str> {
        string(&self.metadata, key)
    }
}

/// candle's errors have a backtrace below their first line.
pub(crate) fn first_line(error: &candle_core::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

fn string<'a>(metadata: &'a HashMap<String, Value>, key: &str) -> Option<&'a str> {
    let value = metadata.get(key)?.to_string().ok()?;
    Some(value.as_str())
}

/// The architecture, or why it cannot be run.
fn architecture(content: &Content) -> Result<Architecture, String> {
    let name = string(&content.metadata, "general.architecture").unwrap_or("unnamed");
    let known = Architecture::ALL.into_iter().find(|it| it.name() == name);
    known.ok_or_else(|| {
        let reason = match name {
            "gemma3" => "candle computes another activation and other attention for it",
            "lfm2" | "lfm2moe" => "candle loses its state between parts of a prompt",
            "phi3" => "candle keeps memory for its whole context, and its tokenizer is not read",
            "qwen2moe" | "qwen3moe" => "mixtures of experts are too large to be of use here",
            "smollm3" => "candle computes its last layer with other weights",
            _ => "it was not tried",
        };
        format!(
            "models of the architecture {name} are not supported ({reason}); take one of: llama, qwen2, qwen3"
        )
    })
}

/// The hyperparameters of a network.
struct Header<'a> {
    content: &'a Content,
    architecture: Architecture,
}

impl Header<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        let name = self.architecture.name();
        self.content.metadata.get(&format!("{name}.{key}"))
    }

    /// A number that is not zero.
    fn number(&self, key: &str) -> Result<usize, String> {
        let number = self.get(key).and_then(|value| value.to_u32().ok());
        let number = number.filter(|number| *number > 0);
        number.map(|number| number as usize).ok_or_else(|| {
            format!(
                "its {}.{key} is missing or no number",
                self.architecture.name()
            )
        })
    }

    /// candle divides by these, and makes room for as many layers as the file says.
    fn check_shape(&self) -> Result<(), String> {
        let (heads, groups) = (
            self.number("attention.head_count")?,
            self.number("attention.head_count_kv")?,
        );
        let embedding = self.number("embedding_length")?;
        let layers = self.number("block_count")?;
        if heads % groups != 0 || embedding % heads != 0 {
            return Err(format!(
                "{heads} heads, {groups} of them of keys, do not divide {embedding} dimensions"
            ));
        }
        if layers > self.content.tensor_infos.len() {
            return Err(format!("it has fewer than {layers} layers"));
        }
        if self.architecture == Architecture::Llama {
            self.number("rope.dimension_count")?;
        }
        Ok(())
    }

    /// What candle's networks pass over in silence.
    fn check_kind(&self) -> Result<(), String> {
        if self
            .get("expert_count")
            .and_then(|value| value.to_u32().ok())
            > Some(0)
        {
            return Err("mixtures of experts are not supported".to_owned());
        }
        let scaling = self.get("rope.scaling.type");
        let scaling = scaling.and_then(|value| value.to_string().ok());
        let is_scaled = scaling.is_some_and(|kind| kind != "none");
        if is_scaled || self.content.tensor_infos.contains_key("rope_freqs.weight") {
            return Err(
                "candle does not scale positions as this model was trained to (Llama 3.1 and later)"
                    .to_owned(),
            );
        }
        let is_other = |key: &str, expected: usize| {
            let number = self.get(key).and_then(|value| value.to_u32().ok());
            number.is_some_and(|number| number as usize != expected)
        };
        if self.architecture != Architecture::Qwen3 {
            let head = self.number("embedding_length")? / self.number("attention.head_count")?;
            if ["attention.key_length", "rope.dimension_count"]
                .iter()
                .any(|key| is_other(key, head))
            {
                return Err(format!(
                    "candle computes heads of {head} dimensions, not of others"
                ));
            }
        }
        if is_other("attention.sliding_window", 0) {
            let window = self.number("attention.sliding_window")?;
            if window < LONGEST_CONTEXT {
                return Err("sliding windows of attention are not supported".to_owned());
            }
        }
        Ok(())
    }

    fn width(&self) -> Result<usize, String> {
        let embeddings = self.content.tensor_infos.get("token_embd.weight");
        let shape = embeddings.map(|tensor| tensor.shape.dims());
        match shape {
            Some([rows, columns]) if *columns == self.number("embedding_length")? => Ok(*rows),
            _ => Err("its token_embd.weight is missing or of another shape".to_owned()),
        }
    }
}
