//! Why a model folder cannot be used.

use std::path::PathBuf;

/// Why a model folder was refused. Every message names the file and, if something helps, what.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file that every model folder has is not there.
    #[error(
        "{path} is missing from the model folder: it has to hold {needed}; download the whole folder again"
    )]
    MissingFile {
        /// The file.
        path: PathBuf,
        /// What a model folder holds.
        needed: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {reason}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The lexical shortlist is missing or damaged.
    #[error(
        "{path} cannot be used: {reason}; translate without a shortlist, or make the file anew with scripts/make_shortlist.py"
    )]
    Shortlist {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is damaged, or is not what its name says.
    #[error("{path} is not valid: {reason}; download the whole folder again")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A PyTorch checkpoint is whole, but of a kind that cannot be read.
    #[error(
        "{path}: {what} cannot be read; take model.safetensors of the same model, or save it again with a newer PyTorch (torch.save(torch.load(FILE, weights_only=True), FILE))"
    )]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What of it cannot be read: a clause that ends in "which".
        what: String,
    },
    /// The configuration names an architecture that cannot be run.
    #[error(
        "{path}: model type `{found}` is not supported; precis runs encoder–decoders of these types: {known}"
    )]
    Architecture {
        /// The configuration file.
        path: PathBuf,
        /// The `model_type` that it names.
        found: String,
        /// Those that can be run.
        known: String,
    },
    /// A value of the configuration cannot be used.
    #[error("{path}: {key} = {value} cannot be used: {reason}")]
    Config {
        /// The configuration file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Tokenizer and configuration disagree about the number of tokens.
    #[error(
        "{dir}: the vocabulary has {vocabulary} entries, config.json says {config}: the files belong to different models"
    )]
    Vocabulary {
        /// The model folder.
        dir: PathBuf,
        /// Entries of the tokenizer's vocabulary.
        vocabulary: usize,
        /// Entries by the configuration.
        config: usize,
    },
    /// A tensor that the architecture needs is not in the weights.
    #[error(
        "{path} holds no tensor `{tensor}`, which config.json asks for: the weights are of another model or incomplete"
    )]
    MissingTensor {
        /// The file of weights.
        path: PathBuf,
        /// Name of the tensor.
        tensor: String,
    },
    /// A tensor has another shape than the configuration asks for.
    #[error(
        "{path}: tensor `{tensor}` has shape {found:?}, but config.json asks for {expected:?}: the files belong to different models"
    )]
    Shape {
        /// The file of weights.
        path: PathBuf,
        /// Name of the tensor.
        tensor: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape by the configuration.
        expected: Vec<usize>,
    },
    /// A tensor cannot be read.
    #[error("{path}: tensor `{tensor}` cannot be read: {reason}")]
    Tensor {
        /// The file of weights.
        path: PathBuf,
        /// Name of the tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The device lacks an arithmetic.
    #[error("a network cannot run in {numeric} on {device}")]
    Numeric {
        /// The arithmetic.
        numeric: &'static str,
        /// The device.
        device: String,
    },
    /// The weights do not fit on the GPU, or the GPU cannot be used.
    #[error("the weights cannot be put on the GPU: {reason}")]
    Device {
        /// What candle says.
        reason: String,
    },
}
