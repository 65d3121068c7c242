//! Atomic writes: a file is complete or absent, however the process ends.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::fault;

const PREFIX: &str = ".precis-";
const SUFFIX: &str = ".tmp";

/// Writes `bytes` to `path` and replaces any existing file.
///
/// `path` always has the old content or the new one, even after a power cut. Once this returns
/// without an error, the new content is on the disk.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fault::point("output-create")?;
    // Dropping it on an error deletes the file.
    let mut file = temporary_file(folder)?;
    fault::point("output-write")?;
    file.write_all(bytes)?;
    let length = file.as_file().metadata()?.len();
    if length != bytes.len() as u64 {
        let message = format!("wrote {} bytes, but the file has {length}", bytes.len());
        return Err(io::Error::other(message));
    }
    fault::point("output-sync")?;
    file.as_file().sync_all()?;
    fault::point("output-rename")?;
    file.persist(path)?;
    fault::point("output-sync-folder")?;
    sync_folder(folder)
}

/// A name beside `path` for what becomes `path` by a rename.
pub(super) fn temporary_name(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{PREFIX}{name}{SUFFIX}"))
}

fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // Temporary files are private by default, and a rename keeps that. Outputs follow the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Makes a rename durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Only Unix can open a folder as a file.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Deletes the temporary files that killed runs left in `folder`. Returns their number.
///
/// The caller must hold the folder's [`OutputLock`](super::lock::OutputLock): files of a living run
/// look the same.
pub fn remove_leftovers(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use tempfile::tempdir;

    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn writing_replaces_a_file_and_leaves_no_other() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_atomically(&path, b"a longer first version").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let folder = tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("by a folder")).unwrap();
        write_atomically(&taken, b"x").unwrap_err();
        assert_eq!(names(folder.path()), ["taken"]);

        let error = write_atomically(&folder.path().join("none/a.json"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn outputs_have_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempdir().unwrap();
        let mode = |name: &str| {
            let metadata = fs::metadata(folder.path().join(name)).unwrap();
            metadata.permissions().mode()
        };
        write_atomically(&folder.path().join("ours"), b"").unwrap();
        fs::write(folder.path().join("plain"), b"").unwrap();
        assert_eq!(mode("ours"), mode("plain"));
    }

    #[test]
    fn only_leftovers_are_removed() {
        let folder = tempdir().unwrap();
        let (_, leftover) = temporary_file(folder.path()).unwrap().keep().unwrap();
        for name in ["a.json", "b.tmp", ".precis.lock"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        fs::create_dir(folder.path().join(".precis-folder.tmp")).unwrap();
        assert_eq!(remove_leftovers(folder.path()).unwrap(), 1);
        assert!(!leftover.exists());
        assert_eq!(
            names(folder.path()),
            [".precis-folder.tmp", ".precis.lock", "a.json", "b.tmp"]
        );
    }
}
