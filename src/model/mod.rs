//! A model folder on disk: configuration, weights, digests, and the list of known models.
//! Does not know how a network computes.

mod architecture;
mod config;
mod error;
mod matrix;
mod quantize;
mod registry;
mod safetensors;
mod shortlist;
mod weights;

use std::path::{Path, PathBuf};

pub use architecture::{
    Architecture, Family, Names, NormPlacement, Positions, UnknownArchitecture,
};
pub use config::{Activation, EarlyStopping, GenerationConfig, ModelConfig, RelativePositions};
pub use error::ModelError;
pub use matrix::Matrix;
pub use quantize::quantize;
pub use registry::{KnownModel, Registry};
pub use shortlist::Shortlist;
pub use weights::Weights;

/// What a folder has to hold.
const NEEDED: &str = "config.json, model.safetensors, pytorch_model.bin or model.gguf, and the files of its tokenizer";

/// An opened model folder. The configuration has been read and checked, the weights not yet.
pub struct ModelFolder {
    pub name: String,
    pub dir: PathBuf,
    pub config: ModelConfig,
    pub generation: GenerationConfig,
    pub weights: Weights,
}

impl ModelFolder {
    /// # Errors
    /// If a file is missing, damaged, or of an architecture that cannot be run.
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

    /// Whether the table of the decoder's embeddings is the output matrix as well.
    pub fn ties_output(&self) -> bool {
        // Of T5 there are folders that say so and have another.
        let own = self.config.family().names == Names::T5 && self.weights.contains("lm_head.weight");
        self.config.tie_word_embeddings && !own
    }

    /// How the model's authors want it to summarise, and the text that goes before every input.
    ///
    /// # Errors
    /// If a file that says so is damaged.
    pub fn summarization(&self) -> Result<(GenerationConfig, String), ModelError> {
        GenerationConfig::read_for(&self.dir, "summarization")
    }

    /// The files that decide what the model says, in the order in which they are hashed.
    pub fn files(dir: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = [
            "config.json",
            "generation_config.json",
            "merges.txt",
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

    /// blake3 over the names and contents of [`Self::files`], in hexadecimal.
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
