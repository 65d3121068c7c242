//! `models.toml`: the known models and which one is the default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Why the list of models, or a model of it, cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("there is no model folder at {path}; installed models: {known}")]
    NotFound { path: PathBuf, known: String },
    #[error("{path} is not installed: get it as the README says (models.toml: {description})")]
    NotFetched { path: PathBuf, description: String },
    #[error(
        "there is no list of models: models/models.toml is looked for in the working folder, beside the program, and in the folders above the program and their share/precis; put the models folder into one of these, or name a model by its folder"
    )]
    NoRegistry,
    #[error("cannot read {path}: {source}")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is not a valid list of models: {reason}")]
    Invalid { path: PathBuf, reason: String },
}

const FILE: &str = "models.toml";

/// The list of known models beside their folders.
#[derive(Debug)]
pub struct Registry {
    /// Folder of `models.toml`. A known model is in the folder of its name below it.
    pub dir: PathBuf,
    /// Name of the model that is used if none is given.
    pub default: String,
    pub models: BTreeMap<String, KnownModel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownModel {
    pub description: String,
    pub licence: String,
    /// ISO 639-1 codes.
    pub source: String,
    pub target: String,
    /// The folder's [`seq2seq::model::ModelFolder::digest`]. `None` if releases differ.
    pub digest: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default: String,
    models: BTreeMap<String, KnownModel>,
}

impl Registry {
    /// Finds the registry: `models/models.toml` below the working folder, otherwise below a folder
    /// above the executable or its `share/precis`.
    pub fn find() -> Result<Self, RegistryError> {
        let executable = std::env::current_exe().unwrap_or_default();
        let above = executable.ancestors().skip(1);
        let mut candidates = vec![PathBuf::from("models")];
        candidates
            .extend(above.flat_map(|dir| [dir.join("models"), dir.join("share/precis/models")]));
        match candidates.iter().find(|dir| dir.join(FILE).is_file()) {
            Some(dir) => Self::read(dir),
            None => Err(RegistryError::NoRegistry),
        }
    }

    /// Returns the folder of `model`, which is the folder itself or a name to [`Self::resolve`].
    pub fn locate(model: Option<&str>) -> Result<PathBuf, RegistryError> {
        match model.map(PathBuf::from) {
            Some(dir) if dir.join("config.json").is_file() => Ok(dir),
            _ => Self::find()?.resolve(model),
        }
    }

    pub fn read(dir: &Path) -> Result<Self, RegistryError> {
        let path = dir.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| RegistryError::Io {
            path: path.clone(),
            source,
        })?;
        let file: File = toml::from_str(&text).map_err(|error| RegistryError::Invalid {
            path,
            reason: error.to_string(),
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            default: file.default,
            models: file.models,
        })
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Returns the folder of `model`, which is a known name or a path. `None` means the default
    /// model.
    pub fn resolve(&self, model: Option<&str>) -> Result<PathBuf, RegistryError> {
        let model = model.unwrap_or(&self.default);
        let dir = if self.models.contains_key(model) {
            self.folder(model)
        } else {
            PathBuf::from(model)
        };
        if dir.is_dir() {
            return Ok(dir);
        }
        if let Some(known) = self.models.get(model) {
            return Err(RegistryError::NotFetched {
                path: dir,
                description: known.description.clone(),
            });
        }
        let here = self.models.keys().filter(|name| self.folder(name).is_dir());
        Err(RegistryError::NotFound {
            path: dir,
            known: here.cloned().collect::<Vec<_>>().join(", "),
        })
    }
}
