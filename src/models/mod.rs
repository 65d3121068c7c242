//! Models: which ones are known, and in which folders they are looked for.

mod credit;
#[cfg(feature = "fetch")]
mod fetch;
#[cfg(feature = "fetch")]
mod hub;
mod lock;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use seq2seq::model::{ModelError, ModelFolder};
use serde::Deserialize;

pub use credit::Credit;
#[cfg(feature = "fetch")]
pub use fetch::{FetchError, Fetched, Request, Watch, fetch};
pub use lock::{Lock, LockError, LockedFile};

/// Why a model cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error(
        "there is no model `{model}`{}; {}",
        similar.as_ref().map_or_else(String::new, |name| format!(" (did you mean `{name}`?)")),
        looked_for(here, places)
    )]
    NotFound {
        model: String,
        /// A known or installed model of a similar name.
        similar: Option<String>,
        /// Names of the installed models.
        here: Vec<String>,
        /// Where models were looked for.
        places: Vec<PathBuf>,
    },
    #[error("{model} is not here ({description}); {}", looked_for(here, places))]
    NotFetched {
        model: String,
        description: String,
        /// Whether the hub has it; otherwise precis is released with it.
        on_hub: bool,
        here: Vec<String>,
        places: Vec<PathBuf>,
    },
    #[error("there is no home folder to put models into: set PRECIS_MODELS to a folder for them")]
    NoHome,
}

fn looked_for(here: &[String], places: &[PathBuf]) -> String {
    let here = match here {
        [] => "no model is installed".to_owned(),
        names => format!("installed: {}", names.join(", ")),
    };
    format!("{here}; looked for in: {}", listed(places))
}

fn listed(places: &[PathBuf]) -> String {
    let places: Vec<String> = places.iter().map(|dir| dir.display().to_string()).collect();
    places.join(", ")
}

/// What a model does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Task {
    /// Translates: source and target as ISO 639-1 codes, `fr-en`.
    Translation(String),
    /// Writes summaries of English text.
    Summary,
}

impl From<String> for Task {
    fn from(task: String) -> Self {
        match &*task {
            "summary" => Self::Summary,
            _ => Self::Translation(task),
        }
    }
}

/// A model of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownModel {
    pub description: String,
    pub task: Task,
    pub licence: String,
    /// Whom the licence asks to name.
    pub attribution: Option<String>,
    /// Size of the folder in 10⁶ bytes, rounded.
    pub megabytes: u64,
    /// The folder's [`seq2seq::model::ModelFolder::digest`], if precis is released with the model.
    pub digest: Option<String>,
    /// `OWNER/NAME` on the Hugging Face hub. `None` if precis is released with the model.
    pub repository: Option<String>,
    /// The commit that is fetched.
    pub revision: Option<String>,
    /// The file of weights, where the repository has several.
    pub weights: Option<String>,
    /// What is known of the files.
    #[serde(default)]
    pub files: BTreeMap<String, KnownFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFile {
    pub bytes: Option<u64>,
    /// In hexadecimal.
    pub sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    default: String,
    models: BTreeMap<String, KnownModel>,
}

/// The known models, and the folders in which models are looked for.
#[derive(Debug)]
pub struct Registry {
    /// Name of the model that is used if none is given.
    pub default: String,
    pub known: BTreeMap<String, KnownModel>,
    /// Folders whose subfolders may be models, in the order in which they are searched.
    pub places: Vec<PathBuf>,
}

/// Where this program lies. A root without `/proc` has to be told by how it was called.
fn executable() -> PathBuf {
    let called = || {
        let name = PathBuf::from(std::env::args_os().next()?);
        let is_path = name.components().count() > 1;
        is_path.then(|| name.canonicalize().ok()).flatten()
    };
    std::env::current_exe()
        .ok()
        .or_else(called)
        .unwrap_or_default()
}

impl Registry {
    /// The known models, and the places: those of `$PRECIS_MODELS`; `models` in the working folder; the user's
    /// data folder; and, in each folder above the executable, `models` and `share/precis/models`.
    pub fn find() -> Self {
        let list: List = toml::from_str(include_str!("../../models/models.toml"))
            .expect("the list is checked by a test");
        let executable = executable();
        let above = executable.ancestors().skip(1);
        let mut places: Vec<PathBuf> = own_places().collect();
        places.push(PathBuf::from("models"));
        places.extend(data_folder());
        let mut here: Vec<PathBuf> = places
            .iter()
            .filter_map(|dir| dir.canonicalize().ok())
            .collect();
        for dir in above.flat_map(|dir| [dir.join("models"), dir.join("share/precis/models")]) {
            if let Ok(canonical) = dir.canonicalize()
                && !here.contains(&canonical)
            {
                here.push(canonical);
                places.push(dir);
            }
        }
        Self {
            default: list.default,
            known: list.models,
            places,
        }
    }

    /// [`Self::resolve`] in [`Self::find`].
    pub fn locate(model: Option<&str>) -> Result<PathBuf, RegistryError> {
        Self::find().resolve(model)
    }

    /// The folder that fetched models are put into: the first of `$PRECIS_MODELS`, else one in the
    /// user's data folder.
    pub fn home() -> Result<PathBuf, RegistryError> {
        own_places()
            .next()
            .or_else(data_folder)
            .ok_or(RegistryError::NoHome)
    }

    /// Names and folders of the models in the places. Of several with one name, that of the first place.
    pub fn installed(&self) -> BTreeMap<String, PathBuf> {
        let mut installed = BTreeMap::new();
        for place in &self.places {
            let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
            for entry in entries {
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                // Hidden folders are unfinished.
                if !name.starts_with('.') && is_model(&entry.path()) {
                    installed.entry(name).or_insert_with(|| entry.path());
                }
            }
        }
        installed
    }

    /// Returns the folder of `model`: a path, a name, or `OWNER/NAME` of the hub. `None` means the
    /// default model.
    pub fn resolve(&self, model: Option<&str>) -> Result<PathBuf, RegistryError> {
        let model = model.unwrap_or(&self.default);
        let path = Path::new(model);
        if is_model(path) {
            return Ok(path.to_owned());
        }
        let installed = self.installed();
        if let Some(dir) = installed.get(model) {
            return Ok(dir.clone());
        }
        let of_repository = installed.values().find(|dir| {
            Lock::read(dir).is_ok_and(|lock| lock.is_some_and(|lock| lock.repository == model))
        });
        if let Some(dir) = of_repository {
            return Ok(dir.clone());
        }
        if path.is_dir() {
            // Whoever opens it says what is missing.
            return Ok(path.to_owned());
        }
        let here: Vec<String> = installed.into_keys().collect();
        let places = self.places.clone();
        Err(match self.known(model) {
            Some((name, known)) => RegistryError::NotFetched {
                model: name.to_owned(),
                description: known.description.clone(),
                on_hub: known.repository.is_some(),
                here,
                places,
            },
            None => RegistryError::NotFound {
                model: model.to_owned(),
                similar: self.similar(model, &here),
                here,
                places,
            },
        })
    }

    /// The places, for messages.
    pub fn places(&self) -> String {
        listed(&self.places)
    }

    /// Returns the known model of this name or repository, with its name.
    pub fn known(&self, model: &str) -> Option<(&str, &KnownModel)> {
        let found = self
            .known
            .iter()
            .find(|(name, known)| *name == model || known.repository.as_deref() == Some(model));
        found.map(|(name, known)| (name.as_str(), known))
    }

    /// Returns the known or installed model whose name is most like `model`, if one is.
    pub fn similar(&self, model: &str, installed: &[String]) -> Option<String> {
        let name = Path::new(model).file_name()?.to_str()?.to_lowercase();
        let names = self.known.keys().chain(installed);
        let scored = names.map(|known| (strsim::jaro(&name, &known.to_lowercase()), known));
        let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (best.0 > 0.75).then(|| best.1.clone())
    }
}

/// Whether `dir` holds a model: `config.json`, or weights in GGUF that are described in themselves.
pub fn is_model(dir: &Path) -> bool {
    dir.join("config.json").is_file() || !gguf_files(dir).is_empty()
}

/// Whether `dir` has files in GGUF, and they are not those of an encoder–decoder.
pub fn is_language_model(dir: &Path) -> bool {
    let is_of_another_kind = || match ModelFolder::open(dir) {
        Err(ModelError::Architecture { .. }) => true,
        Err(ModelError::MissingFile { path, .. }) => path.ends_with("config.json"),
        _ => false,
    };
    !gguf_files(dir).is_empty() && is_of_another_kind()
}

/// The files in GGUF of `dir`.
pub fn gguf_files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"))
        })
        .collect();
    files.sort();
    files
}

/// Whether `name` is that of a folder, and no path.
pub fn is_folder_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    let first = components.next();
    matches!(first, Some(Component::Normal(_)))
        && components.next().is_none()
        && !name.starts_with('.')
}

fn variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

/// The folders of `$PRECIS_MODELS`, which are separated as in `$PATH`.
fn own_places() -> impl Iterator<Item = PathBuf> {
    let value = std::env::var_os("PRECIS_MODELS").unwrap_or_default();
    let places: Vec<PathBuf> = std::env::split_paths(&value).collect();
    let is_given = |place: &PathBuf| !place.as_os_str().is_empty();
    places.into_iter().filter(is_given)
}

fn data_folder() -> Option<PathBuf> {
    let base = variable("XDG_DATA_HOME")
        .or_else(|| Some(variable("HOME")?.join(".local/share")))
        .or_else(|| variable("LOCALAPPDATA"))?;
    Some(base.join("precis/models"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_pinned() {
        let registry = Registry::find();
        assert!(registry.known.contains_key(&registry.default));
        let hexadecimal = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        for (name, model) in &registry.known {
            assert!(is_folder_name(name), "{name}");
            assert_eq!(
                model.repository.is_some(),
                model.revision.is_some(),
                "{name}"
            );
            assert_eq!(model.repository.is_none(), model.digest.is_some(), "{name}");
            let revisions = model.revision.iter();
            assert!(
                revisions.clone().all(|commit| hexadecimal(commit, 40)),
                "{name}"
            );
            assert!(
                model
                    .files
                    .values()
                    .all(|file| hexadecimal(&file.sha256, 64)),
                "{name}"
            );
        }
    }

    #[test]
    fn similar_names_are_found_and_others_are_not() {
        let registry = Registry::find();
        let similar = |name| registry.similar(name, &["my-own".to_owned()]);
        assert_eq!(similar("opus-fr-en").as_deref(), Some("opus-mt-fr-en"));
        assert_eq!(
            similar("Helsinki/Opus-MT-fr-en").as_deref(),
            Some("opus-mt-fr-en")
        );
        assert_eq!(similar("my-ovn").as_deref(), Some("my-own"));
        assert_eq!(similar("zzz"), None);
    }
}
