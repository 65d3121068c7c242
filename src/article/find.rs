//! Finds the articles below the given paths, in an order that does not depend on the machine.
//! Opens no files.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, FileType};
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::error::{SkipReason, Skipped};
use super::id::safe_id;

/// How the content of a file is read, as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Plain,
    Markdown,
    Html,
    Xhtml,
    Json,
    JsonLines,
    Csv,
    Tsv,
    /// RSS or Atom.
    Feed,
    Warc,
    Parquet,
}

impl Format {
    fn from_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "txt" => Self::Plain,
            "md" | "markdown" => Self::Markdown,
            "html" | "htm" => Self::Html,
            "xhtml" => Self::Xhtml,
            "json" => Self::Json,
            "jsonl" | "ndjson" => Self::JsonLines,
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "warc" => Self::Warc,
            "parquet" => Self::Parquet,
            "rss" | "atom" | "xml" => Self::Feed,
            _ => return None,
        })
    }

    /// IANA media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Plain => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Html => "text/html",
            Self::Xhtml => "application/xhtml+xml",
            Self::Json => "application/json",
            Self::JsonLines => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Feed => "application/xml",
            Self::Warc => "application/warc",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The usual extension, with its dot.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Plain => ".txt",
            Self::Markdown => ".md",
            Self::Html => ".html",
            Self::Xhtml => ".xhtml",
            Self::Json => ".json",
            Self::JsonLines => ".jsonl",
            Self::Csv => ".csv",
            Self::Tsv => ".tsv",
            Self::Feed => ".xml",
            Self::Warc => ".warc",
            Self::Parquet => ".parquet",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

/// A file that holds one article, or one per record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Begins with the path that the user gave, without what makes no difference in it.
    pub path: PathBuf,
    /// Safe as a file name; made from the path below the given folder, without extensions.
    pub id: String,
    pub format: Format,
    pub compression: Compression,
    /// Whether the user named it, so that it has to be taken or reported.
    pub given: bool,
}

impl SourceFile {
    /// Whether its articles have names of their own, so that none is named after the file.
    pub fn holds_rows(&self) -> bool {
        match self.format {
            Format::Plain | Format::Markdown | Format::Html | Format::Xhtml | Format::Json => false,
            Format::JsonLines
            | Format::Csv
            | Format::Tsv
            | Format::Feed
            | Format::Warc
            | Format::Parquet => true,
        }
    }

    /// Names the file, or one of its records: `file#number`.
    pub(super) fn record_path(&self, number: Option<usize>) -> String {
        match number {
            Some(number) => format!("{}#{number}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }

    /// The file at `path` as [`find`] gives it, if its name says what it is.
    #[cfg(test)]
    pub(super) fn named(path: &Path) -> Option<Self> {
        let named = Named::from_path(path)?;
        Some(Self {
            path: path.to_owned(),
            id: safe_id(&named.stem.file_name()?.to_string_lossy()),
            format: named.format,
            compression: named.compression,
            given: false,
        })
    }

    pub(super) fn skipped(&self, reason: SkipReason) -> Skipped {
        Skipped {
            path: self.path.display().to_string(),
            reason,
        }
    }
}

/// What [`find`] found, each list in the byte order of its paths.
#[derive(Debug, Default)]
pub struct Found {
    pub files: Vec<SourceFile>,
    pub skipped: Vec<Skipped>,
    /// Number of files in folders that were passed over because of their type, by extension with
    /// its dot, or `no extension`.
    pub passed_over: BTreeMap<String, usize>,
}

/// Finds the articles in `paths`: files, and folders with everything below them.
///
/// A file given by name is either taken or reported. In folders, hidden files, files that describe
/// the folder (`README`, `LICENSE`, `NOTICE`, …), types that are not documents (images, archives, …)
/// and subfolders for which `is_excluded` holds are silently passed over; documents of a type that
/// cannot be read (PDF, Word, …) are reported.
/// Symbolic links are followed. A file that is reached twice is taken once, under the first path.
pub fn find(paths: &[PathBuf], is_excluded: fn(&Path) -> bool) -> Found {
    let mut search = Search {
        is_excluded,
        found: Found::default(),
        seen: HashSet::new(),
    };
    for path in paths {
        let path = &tidied(path);
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => search.folder(path),
            Ok(metadata) => search.named_file(path, metadata.file_type()),
            Err(error) => search.skip(path, error.into()),
        }
    }
    let mut found = search.found;
    found
        .files
        .sort_by(|a, b| bytes(&a.path).cmp(bytes(&b.path)));
    found.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// `path` without what makes no difference in it: `./corpus/` is `corpus`.
pub(crate) fn tidied(path: &Path) -> PathBuf {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let tidied: PathBuf = parts.collect();
    match tidied.as_os_str().is_empty() {
        true => path.to_owned(),
        false => tidied,
    }
}

struct Search {
    is_excluded: fn(&Path) -> bool,
    found: Found,
    /// Real folder and name of each file taken. A link keeps its own name, so that one content
    /// under two names is two articles.
    seen: HashSet<PathBuf>,
}

impl Search {
    fn folder(&mut self, root: &Path) {
        let is_excluded = self.is_excluded;
        let walk = WalkDir::new(root)
            .follow_links(true)
            .sort_by(|a, b| a.file_name().cmp(b.file_name()))
            .into_iter()
            .filter_entry(|entry| {
                entry.depth() == 0 || !(is_hidden(entry.path()) || is_excluded(entry.path()))
            });
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => self.entry(root, &entry),
                Err(error) => self.walk_error(root, error),
            }
        }
    }

    fn entry(&mut self, root: &Path, entry: &DirEntry) {
        let path = entry.path();
        if let Some(what) = special(entry.file_type()) {
            self.skip(path, SkipReason::NotAFile(what));
        } else if let Some(named) = Named::from_path(path) {
            if !describes_its_folder(&named.stem) {
                self.take(
                    path,
                    named.stem.strip_prefix(root).unwrap_or(&named.stem),
                    &named,
                    false,
                );
            }
        } else if let Some(extension) = extension(path).filter(|e| is_unreadable_document(e)) {
            let what = format!(".{extension}");
            self.skip(path, SkipReason::UnsupportedType { what });
        } else {
            let what = extension(path).map(|extension| format!(".{extension}"));
            let what = what.unwrap_or_else(|| "no extension".to_owned());
            *self.found.passed_over.entry(what).or_default() += 1;
        }
    }

    fn named_file(&mut self, path: &Path, file_type: FileType) {
        if let Some(what) = special(file_type) {
            self.skip(path, SkipReason::NotAFile(what));
        } else if let Some(named) = Named::from_path(path) {
            let stem = named.stem.file_name().map_or(&*named.stem, Path::new);
            self.take(path, stem, &named, true);
        } else {
            let what = match extension(path) {
                Some(extension) => format!(".{extension}"),
                None => "a name without extension".to_owned(),
            };
            self.skip(path, SkipReason::UnsupportedType { what });
        }
    }

    fn take(&mut self, path: &Path, stem: &Path, named: &Named, given: bool) {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let real = fs::canonicalize(folder.unwrap_or(Path::new("."))).unwrap_or_default();
        if !self
            .seen
            .insert(real.join(path.file_name().unwrap_or_default()))
        {
            return;
        }
        self.found.files.push(SourceFile {
            path: path.to_owned(),
            id: safe_id(&stem.to_string_lossy()),
            format: named.format,
            compression: named.compression,
            given,
        });
    }

    fn walk_error(&mut self, root: &Path, error: walkdir::Error) {
        let path = error.path().unwrap_or(root).to_owned();
        // Editors leave hidden broken links as locks.
        if path != root && is_hidden(&path) {
            return;
        }
        let reason = if error.loop_ancestor().is_some() {
            SkipReason::LinkLoop
        } else {
            SkipReason::Unreadable(error.into())
        };
        self.skip(&path, reason);
    }

    fn skip(&mut self, path: &Path, reason: SkipReason) {
        self.found.skipped.push(Skipped {
            path: path.display().to_string(),
            reason,
        });
    }
}

/// What the name of a readable file says about it.
struct Named {
    /// The path without the extensions.
    stem: PathBuf,
    format: Format,
    compression: Compression,
}

impl Named {
    fn from_path(path: &Path) -> Option<Self> {
        let (inner, compression) = match extension(path)?.as_str() {
            "gz" => (path.with_extension(""), Compression::Gzip),
            "zst" => (path.with_extension(""), Compression::Zstd),
            _ => (path.to_owned(), Compression::None),
        };
        let format = Format::from_extension(&extension(&inner)?)?;
        // It is packed within, and has to be read from its end.
        if format == Format::Parquet && compression != Compression::None {
            return None;
        }
        Some(Self {
            format,
            stem: inner.with_extension(""),
            compression,
        })
    }
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_string_lossy().to_lowercase())
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn is_unreadable_document(extension: &str) -> bool {
    matches!(extension, "pdf" | "doc" | "docx" | "odt" | "rtf" | "epub")
}

fn describes_its_folder(stem: &Path) -> bool {
    let name = stem.file_name().unwrap_or_default().to_string_lossy();
    matches!(
        name.to_uppercase().as_str(),
        "README" | "LISEZMOI" | "LICENSE" | "LICENCE" | "COPYING" | "NOTICE"
    )
}

/// Names the kind of a special file, which must not be opened because reading it may never end.
/// Returns `None` for other files.
fn special(file_type: FileType) -> Option<&'static str> {
    if file_type.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return Some("named pipe");
        }
        if file_type.is_socket() {
            return Some("socket");
        }
        if file_type.is_char_device() || file_type.is_block_device() {
            return Some("device");
        }
    }
    Some("special file")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "Un texte.").unwrap();
        }
        root
    }

    fn ids(found: &Found) -> Vec<&str> {
        found.files.iter().map(|f| f.id.as_str()).collect()
    }

    fn codes(found: &Found) -> Vec<&str> {
        found.skipped.iter().map(|s| s.reason.code()).collect()
    }

    #[test]
    fn files_come_in_byte_order_with_ids_from_their_paths() {
        let root = folder(&[
            "z.txt",
            "B/été 1.md.gz",
            "a/b.HTML",
            "a.jsonl.zst",
            "a/c.ndjson",
        ]);
        let found = find(&[root.path().to_owned()], |_| false);
        assert_eq!(ids(&found), ["B-été-1", "a", "a-b", "a-c", "z"]);
        assert_eq!(found.files[0].compression, Compression::Gzip);
        assert_eq!(found.files[1].format, Format::JsonLines);
        assert!(found.skipped.is_empty());
    }

    #[test]
    fn unsupported_documents_are_reported_and_other_files_passed_over() {
        let root = folder(&[
            "a.txt",
            "b.pdf",
            "photo.jpg",
            ".cache/x.txt",
            ".y.txt",
            "README.md",
        ]);
        let found = find(&[root.path().to_owned()], |_| false);
        assert_eq!(ids(&found), ["a"]);
        assert_eq!(codes(&found), ["unsupported_type"]);
        assert!(found.skipped[0].path.ends_with("b.pdf"));
    }

    #[test]
    fn file_given_by_name_is_taken_or_reported() {
        let root = folder(&["README.md", ".hidden.txt", "notes", "photo.jpg"]);
        let given = [
            "README.md",
            ".hidden.txt",
            "notes",
            "photo.jpg",
            "absent.txt",
        ];
        let paths: Vec<_> = given.iter().map(|name| root.path().join(name)).collect();
        let found = find(&paths, |_| false);
        assert_eq!(ids(&found), ["hidden", "README"]);
        assert_eq!(
            codes(&found),
            ["not_found", "unsupported_type", "unsupported_type"]
        );
    }

    #[test]
    fn a_path_is_the_same_however_it_is_written() {
        let tidied = |path: &str| tidied(Path::new(path)).display().to_string();
        for path in [
            "corpus",
            "./corpus",
            "corpus/",
            ".//./corpus/.",
            "corpus/./",
        ] {
            assert_eq!(tidied(path), "corpus");
        }
        assert_eq!(tidied("/srv//news/"), "/srv/news");
        assert_eq!(tidied("../news/."), "../news");
        assert_eq!(tidied("."), ".");
    }

    #[test]
    fn file_reached_twice_is_taken_once() {
        let root = folder(&["a.txt", "x/b.txt"]);
        let again = root.path().join("x/../x");
        let found = find(
            &[root.path().to_owned(), again, root.path().join("a.txt")],
            |_| false,
        );
        assert_eq!(ids(&found), ["a", "x-b"]);
    }

    #[cfg(unix)]
    #[test]
    fn loops_pipes_and_broken_links_are_reported_and_never_opened() {
        use std::os::unix::fs::symlink;
        let root = folder(&["x/a.txt"]);
        symlink(root.path(), root.path().join("x/loop")).unwrap();
        symlink("nowhere.txt", root.path().join("broken.txt")).unwrap();
        symlink("nowhere", root.path().join(".#lock.txt")).unwrap();
        symlink("x/a.txt", root.path().join("second.txt")).unwrap();
        let _socket =
            std::os::unix::net::UnixListener::bind(root.path().join("socket.txt")).unwrap();
        let found = find(&[root.path().to_owned()], |_| false);
        assert_eq!(ids(&found), ["second", "x-a"]);
        assert_eq!(codes(&found), ["unreadable", "not_a_file", "link_loop"]);
    }
}
