//! A model folder on disk: configuration, weights, digests.
//!
//! This module reads files only. How a network computes is in [`nn`](crate::nn).

mod architecture;
mod config;
mod error;
mod matrix;
mod quantize;
mod safetensors;
mod shortlist;
mod torch;
mod weights;

use std::path::{Path, PathBuf};

pub use architecture::{
    Architecture, Family, NormPlacement, Positions, TensorNames, UnknownArchitecture,
};
pub use config::{Activation, EarlyStopping, GenerationConfig, ModelConfig, RelativePositions};
pub use error::ModelError;
pub use matrix::Matrix;
pub use quantize::quantize;
pub use shortlist::Shortlist;
pub use weights::Weights;

/// The files of a model folder, for error messages.
const NEEDED: &str = "config.json, model.safetensors, pytorch_model.bin or model.gguf, and the files of its tokenizer";

/// An opened model folder in the Hugging Face format. The configuration has been read and checked;
/// weights are read on demand.
pub struct ModelFolder {
    /// The last component of the folder's canonical path.
    pub name: String,
    /// The folder's path as given.
    pub dir: PathBuf,
    /// Architecture and sizes of the network.
    pub config: ModelConfig,
    /// Decoding settings that the model's authors chose.
    pub generation: GenerationConfig,
    /// The tensors.
    pub weights: Weights,
}

impl ModelFolder {
    /// The file with what a folder says about its model to precis. It is not read here.
    pub const HINTS: &str = "precis.json";

    /// Opens the model folder `dir`.
    ///
    /// # Errors
    /// If a file is missing or damaged, or the architecture is not supported.
    pub fn open(dir: &Path) -> Result<Self, ModelError> {
        let config = ModelConfig::read(dir)?;
        let generation = GenerationConfig::read(dir)?;
        let weights = Weights::open(dir)?;
        let name = dir.canonicalize().ok().and_then(|path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        });
        Ok(Self {
            name: name.unwrap_or_else(|| dir.display().to_string()),
            dir: dir.to_owned(),
            config,
            generation,
            weights,
        })
    }

    /// Whether the decoder's embedding table is also the output projection.
    pub fn ties_output(&self) -> bool {
        // Some T5 folders say that it is and yet have a projection of their own.
        let own = self.config.family().names == TensorNames::T5
            && self.weights.contains("lm_head.weight");
        self.config.tie_word_embeddings && !own
    }

    /// Returns the decoding settings for summarising, and the prefix of every input.
    ///
    /// # Errors
    /// If `config.json` or `generation_config.json` is damaged.
    pub fn summarization(&self) -> Result<(GenerationConfig, String), ModelError> {
        GenerationConfig::read_for(&self.dir, "summarization")
    }

    /// Returns the files of `dir` that outputs depend on, in the order in which they are hashed.
    pub fn files(dir: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = [
            "config.json",
            "generation_config.json",
            "merges.txt",
            Self::HINTS,
            "sentencepiece.bpe.model",
            shortlist::FILE,
            "source.spm",
            "spiece.model",
            "target.spm",
            "target_vocab.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "vocab.json",
        ]
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| path.is_file())
        .collect();
        files.push(Weights::file(dir));
        files
    }

    /// Returns the blake3 digest of the names and contents of [`Self::files`], in hexadecimal.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn digest(dir: &Path) -> Result<String, ModelError> {
        let mut hasher = blake3::Hasher::new();
        for path in Self::files(dir) {
            let mut file =
                std::fs::File::open(&path).map_err(|source| file_error(&path, source))?;
            let mut content = blake3::Hasher::new();
            content
                .update_reader(&mut file)
                .map_err(|source| file_error(&path, source))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
            hasher.update(content.finalize().as_bytes());
        }
        Ok(hasher.finalize().to_hex().to_string())
    }
}

fn file_error(path: &Path, source: std::io::Error) -> ModelError {
    if source.kind() == std::io::ErrorKind::NotFound {
        ModelError::MissingFile {
            path: path.to_owned(),
            needed: NEEDED,
        }
    } else {
        ModelError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
