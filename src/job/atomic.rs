//! Atomic writes: a file is complete or absent, however the process ends.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
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
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.finish()?.replace()
}

/// Writes `bytes` to `path` unless the file has them already. Returns whether it was written.
///
/// The file is complete or absent however the process ends. It is not forced to the disk, because what
/// is written like this can be made again: a power cut may cost it.
pub(super) fn write_if_changed(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    // The length tells most files apart without reading them.
    let is_same = fs::metadata(path).is_ok_and(|it| it.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|old| old == bytes);
    if !is_same {
        let mut file = AtomicFile::create(path)?;
        file.write_all(bytes)?;
        file.finish()?.persist()?;
    }
    Ok(!is_same)
}

/// A file that is written piece by piece and takes its place once it is complete. Dropped before, it
/// leaves nothing.
pub(crate) struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    length: u64,
}

/// A file that is to replace the one at a path. Dropped before, it leaves nothing.
pub(crate) struct Replacement {
    path: PathBuf,
    file: NamedTempFile,
}

impl AtomicFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let Replacement { path, file } = Replacement::create(path)?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            length: 0,
        })
    }

    /// The file with all of its content.
    pub(crate) fn finish(self) -> io::Result<Replacement> {
        fault::point("output-write")?;
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let length = file.as_file().metadata()?.len();
        if length != self.length {
            let message = format!("wrote {} bytes, but the file has {length}", self.length);
            return Err(io::Error::other(message));
        }
        Ok(Replacement {
            path: self.path,
            file,
        })
    }

    /// Replaces the file at the path unless it has the same bytes, with the promises of
    /// [`write_if_changed`].
    pub(super) fn replace_if_changed(self) -> io::Result<()> {
        let mut new = self.finish()?;
        new.file.rewind()?;
        match File::open(&new.path) {
            Ok(old) if have_same_bytes(new.file.as_file(), &old) => Ok(()),
            _ => new.persist(),
        }
    }
}

impl Replacement {
    /// An empty file, which others write by its [`Self::temporary_path`].
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        fault::point("output-create")?;
        Ok(Self {
            path: path.to_owned(),
            file: temporary_file(folder_of(path))?,
        })
    }

    pub(crate) fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Replaces the file, with the promises of [`write_atomically`].
    pub(crate) fn replace(self) -> io::Result<()> {
        self.sync()?;
        let folder = folder_of(&self.path).to_owned();
        self.persist()?;
        fault::point("output-sync-folder")?;
        sync_folder(&folder)
    }

    fn sync(&self) -> io::Result<()> {
        fault::point("output-sync")?;
        self.file.as_file().sync_all()
    }

    fn persist(self) -> io::Result<()> {
        fault::point("output-rename")?;
        self.file.persist(&self.path)?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether two files that stand at their beginnings have the same content, as far as they can be read.
fn have_same_bytes(a: &File, b: &File) -> bool {
    let length = |file: &File| file.metadata().map(|it| it.len()).ok();
    if length(a) != length(b) {
        return false;
    }
    let [mut a, mut b] = [a, b].map(|file| BufReader::with_capacity(1 << 16, file));
    loop {
        let (Ok(x), Ok(y)) = (a.fill_buf(), b.fill_buf()) else {
            return false;
        };
        let common = x.len().min(y.len());
        if common == 0 {
            return x.len() == y.len();
        }
        if x[..common] != y[..common] {
            return false;
        }
        a.consume(common);
        b.consume(common);
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
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
    File::open(folder)?.sync_all()
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
    fn a_file_with_the_same_bytes_is_left_alone() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("a.html");
        assert!(write_if_changed(&path, b"one").unwrap());
        assert!(!write_if_changed(&path, b"one").unwrap());
        assert!(write_if_changed(&path, b"two").unwrap());
        for text in ["two", "three", "tree"] {
            let mut file = AtomicFile::create(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.replace_if_changed().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(names(folder.path()), ["a.html"]);
        }
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
