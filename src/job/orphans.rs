//! Summaries whose articles are no longer in the corpus.

use std::io;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::JobError;
use super::plan::{Head, Outputs, Seen};
use crate::article::SourceFile;

/// The summaries in `out` whose article a run over `paths`, in which it found `files` and saw all
/// that `seen` says, proves to be gone: their source lay below one of the paths, as the user wrote
/// it, and either is no more or was read to its end without such an article. What could not be read,
/// was passed over, or is of another corpus is no proof, and a path without any file is rather one
/// that is not there.
pub(super) fn orphans(
    out: &Path,
    paths: &[PathBuf],
    files: &[SourceFile],
    seen: &Seen,
) -> Result<Vec<Outputs>, JobError> {
    let has_files = |root: &&PathBuf| files.iter().any(|file| file.path.starts_with(root));
    let roots: Vec<&PathBuf> = paths.iter().filter(has_files).collect();
    let cannot = |source| JobError::Read {
        path: out.to_owned(),
        source,
    };
    let mut orphans = Vec::new();
    for entry in std::fs::read_dir(out).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let Some(id) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        // Some file systems give names back otherwise composed.
        let name: String = id.nfc().collect();
        if seen.names.contains(&name.to_lowercase()) {
            continue;
        }
        let Some(source) = Head::read(&path).and_then(|head| head.source) else {
            continue;
        };
        let file = Path::new(file_of(&source.path));
        let is_gone = || {
            seen.whole.contains(file_of(&source.path))
                || file
                    .symlink_metadata()
                    .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        if roots.iter().any(|root| file.starts_with(root)) && is_gone() {
            orphans.push(Outputs::new(out, id));
        }
    }
    orphans.sort_by(|a, b| a.json.cmp(&b.json));
    Ok(orphans)
}

/// The file of `file#line`, as rows of collections are called.
fn file_of(source: &str) -> &str {
    match source.rsplit_once('#') {
        Some((file, line)) if file.contains(".jsonl") || file.contains(".ndjson") => {
            match line.bytes().all(|byte| byte.is_ascii_digit()) {
                true => file,
                false => source,
            }
        }
        _ => source,
    }
}
