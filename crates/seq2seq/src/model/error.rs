use std::path::PathBuf;

/// Why a model folder was refused. Every message names the file and, where something helps, what.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error(
        "{path} is missing from the model folder: it has to hold {needed}; download the whole folder again"
    )]
    MissingFile { path: PathBuf, needed: &'static str },
    #[error("cannot read {path}: {source}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot write {path}: {reason}")]
    Write {
        path: PathBuf,
        reason: std::io::Error,
    },
    #[error(
        "{path} cannot be used: {reason}; translate without a shortlist, or make the file anew with scripts/make_shortlist.py"
    )]
    Shortlist { path: PathBuf, reason: String },
    #[error("{path} is not valid: {reason}; download the whole folder again")]
    Invalid { path: PathBuf, reason: String },
    #[error(
        "{path}: model type `{found}` is not supported; precis runs encoder–decoders of these types: {known}"
    )]
    Architecture {
        path: PathBuf,
        found: String,
        known: String,
    },
    #[error("{path}: {key} = {value} cannot be used: {reason}")]
    Config {
        path: PathBuf,
        key: &'static str,
        value: String,
        reason: &'static str,
    },
    #[error(
        "{dir}: the vocabulary has {vocabulary} entries, config.json says {config}: the files belong to different models"
    )]
    Vocabulary {
        dir: PathBuf,
        vocabulary: usize,
        config: usize,
    },
    #[error(
        "{path} holds no tensor `{tensor}`, which config.json asks for: the weights are of another model or incomplete"
    )]
    MissingTensor { path: PathBuf, tensor: String },
    #[error(
        "{path}: tensor `{tensor}` has shape {found:?}, but config.json asks for {expected:?}: the files belong to different models"
    )]
    Shape {
        path: PathBuf,
        tensor: String,
        found: Vec<usize>,
        expected: Vec<usize>,
    },
    #[error("{path}: tensor `{tensor}` cannot be read: {reason}")]
    Tensor {
        path: PathBuf,
        tensor: String,
        reason: String,
    },
    #[error("a network cannot run in {numeric} on {device}")]
    Numeric {
        numeric: &'static str,
        device: String,
    },
    #[error("the weights cannot be put on the GPU: {reason}")]
    Device { reason: String },
}
