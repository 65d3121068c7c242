//! Summaries whose articles are no longer in the corpus.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::plan::Outputs;

/// What an output says of itself.
#[derive(Deserialize)]
struct Summary {
    source: Source,
    provenance: Provenance,
}

#[derive(Deserialize)]
struct Source {
    path: String,
}

#[derive(Deserialize)]
struct Provenance {
    tool: String,
}

/// The summaries in `out` that are of none of the articles `names` (in lower case), and of no file
/// that is, or lies below, one of `unread`: what could not be read this time may be there still.
pub(super) fn orphans(
    out: &Path,
    names: &HashSet<String>,
    unread: &[PathBuf],
) -> io::Result<Vec<Outputs>> {
    let mut orphans = Vec::new();
    for entry in std::fs::read_dir(out)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let Some(id) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        if !names.contains(&id.to_lowercase())
            && source_of(&path).is_some_and(|source| !unread.iter().any(|u| source.starts_with(u)))
        {
            orphans.push(Outputs::new(out, id));
        }
    }
    orphans.sort_by(|a, b| a.json.cmp(&b.json));
    Ok(orphans)
}

/// The file that a summary was made from; none for files that are no summaries of ours.
fn source_of(path: &Path) -> Option<PathBuf> {
    let json = std::fs::read(path).ok()?;
    let summary: Summary = serde_json::from_slice(&json).ok()?;
    let is_ours = summary.provenance.tool.starts_with("precis ");
    is_ours.then(|| file_of(&summary.source.path).into())
}

/// The file of `file#line`, as rows of collections are called.
pub(super) fn file_of(source: &str) -> &str {
    match source.rsplit_once('#') {
        Some((file, line)) if !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()) => file,
        _ => source,
    }
}
