//! Summaries whose articles are no longer in the corpus.

use std::io;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::JobError;
use super::plan::{Header, Outputs, Seen};
use crate::article::{self, SourceFile};

/// Returns the summaries in `out` whose articles are gone, as far as a run over `paths` proves it.
/// `files` are the files that the run found, and `seen` is what it read.
///
/// An article is gone if its source was below one of the paths, as the user wrote it, and either no
/// longer exists or was read to its end without that article. Files that could not be read, were
/// passed over or belong to another corpus prove nothing. Neither does a path without files, which
/// may be a disk that is not mounted.
pub(super) fn orphans(
    out: &Path,
    paths: &[PathBuf],
    files: &[SourceFile],
    seen: &Seen,
) -> Result<Vec<Outputs>, JobError> {
    let has_files = |root: &PathBuf| files.iter().any(|file| file.path.starts_with(root));
    let roots = paths.iter().map(|path| article::tidied(path));
    let roots: Vec<PathBuf> = roots.filter(has_files).collect();
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
        // Some file systems return names in another Unicode normalisation.
        let name: String = id.nfc().collect();
        if seen.names.contains(&name) {
            continue;
        }
        let Some(source) = Header::read(&path).and_then(|header| header.source) else {
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

/// Returns the file of a record, whose path is `file#record`, and the path itself for other
/// sources. No file that is read has a name that ends in `#` and digits: it would lack an extension.
fn file_of(source: &str) -> &str {
    parts_of(source).0
}

/// The file of a record and its number, which is 0 for other sources.
pub(super) fn parts_of(source: &str) -> (&str, u64) {
    match source.rsplit_once('#') {
        Some((file, record)) if record.bytes().all(|byte| byte.is_ascii_digit()) => {
            (file, record.parse().unwrap_or(u64::MAX))
        }
        _ => (source, 0),
    }
}
