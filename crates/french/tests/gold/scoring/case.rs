//! Small articles, each with what has to be read from it and what must not be. The format is in
//! `gold/README.md`.

use std::path::Path;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Its file, without the extension.
    #[serde(skip)]
    pub(super) name: String,
    pub(super) date: Option<String>,
    pub(super) paragraphs: Vec<String>,

    /// How many sentences there are.
    pub(super) sentences: Option<usize>,
    /// Kinds of which nothing else may be found.
    #[serde(default)]
    pub(super) only: Vec<Kind>,
    #[serde(default)]
    pub(super) dates: Vec<Date>,
    #[serde(default)]
    pub(super) figures: Vec<Figure>,
    #[serde(default)]
    pub(super) people: Vec<Person>,
    #[serde(default)]
    pub(super) places: Vec<String>,
    #[serde(default)]
    pub(super) organisations: Vec<String>,
    #[serde(default)]
    pub(super) quotes: Vec<Quote>,
    #[serde(default)]
    pub(super) not: Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Figures,
    People,
}

/// Lists are of alternatives, of which one has to agree. An empty string agrees with no value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Date {
    pub(super) as_written: String,
    pub(super) edtf: Vec<String>,
    pub(super) time: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figure {
    pub(super) value: Vec<f64>,
    /// Any unit if there is no list.
    pub(super) unit: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) name: String,
    /// Any role if there is no list.
    pub(super) role: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quote {
    pub(super) text: String,
    pub(super) speaker: Vec<String>,
}

/// What must not be found.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Not {
    pub(super) dates: Vec<String>,
    pub(super) figures: Vec<f64>,
    pub(super) people: Vec<String>,
    pub(super) places: Vec<String>,
    pub(super) organisations: Vec<String>,
    pub(super) quotes: Vec<String>,
}

/// Reads the cases of a folder, in the order of their names.
///
/// # Errors
///
/// If the folder or one of its files cannot be read, or a file is no case.
pub(crate) fn read(folder: &Path) -> Result<Vec<Case>, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let mut paths = std::fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| Ok(entry.map_err(failed)?.path()))
        .collect::<Result<Vec<_>, String>>()?;
    paths.sort();
    paths.iter().map(|path| read_case(path)).collect()
}

fn read_case(path: &Path) -> Result<Case, String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
    let mut case: Case = toml::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    case.name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(case)
}
