//! The summaries of an output folder as tables, for databases, spreadsheets and data frames. Every row
//! has the id of its article, and the sentence that is its evidence.
//!
//! Summaries are read one after the other; what is kept of all of them are their names, and what finds
//! the stories. Equal summaries give equal bytes, and a file is whole or not there.

mod csv;
mod parquet;
mod sqlite;
mod tables;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::archive::{Aliases, Archive, Entities, Stories, Unreadable};
use crate::summarize::Summary;
use tables::{Row, TABLES, TableId, entity_rows, rows, story_rows};

/// What an archive is exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A database in one file.
    Sqlite,
    /// A folder with a file for each table.
    Csv(CsvStyle),
    /// A folder with a file for each table.
    Parquet,
}

/// For whom CSV is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvStyle {
    /// Whether texts that spreadsheets would take for formulas get a `'` before them.
    pub guarded: bool,
    /// Whether files begin with the mark by which Excel sees that they are UTF-8.
    pub byte_order_mark: bool,
}

/// What was exported.
#[derive(Debug, Default)]
pub struct Exported {
    pub articles: usize,
    /// Names of tables with their numbers of rows.
    pub rows: Vec<(&'static str, usize)>,
    pub unreadable: Vec<Unreadable>,
}

/// Why there is no export. What was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("cannot read {}: {source}; name the output folder of a run", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}; check the disk, its folder and the permissions", .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is not replaced: {reason}; move it away, or choose another name", .path.display())]
    Taken { path: PathBuf, reason: String },
    #[error("there is no summary in {}; name the output folder of a run", .folder.display())]
    NoSummaries { folder: PathBuf },
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("interrupted")]
    Interrupted,
}

impl ExportError {
    fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

/// Takes the rows of all tables. Until it is finished, nothing is where it is to be.
trait Sink {
    fn write(&mut self, rows: &[(TableId, Row)]) -> Result<(), ExportError>;
    fn finish(self: Box<Self>) -> Result<(), ExportError>;
}

/// Exports the summaries in the folder `from` to `to`, which is a file for a database and a folder for
/// everything else.
///
/// # Errors
/// If the folder cannot be read or has no summaries, `to` cannot be written or has files of others, or
/// `stop` is set.
pub fn export(
    from: &Path,
    to: &Path,
    format: ExportFormat,
    aliases: &Aliases,
    stop: &AtomicBool,
) -> Result<Exported, ExportError> {
    let archive = Archive::open(from).map_err(|source| ExportError::Read {
        path: from.to_owned(),
        source,
    })?;
    let mut writer = Writer {
        sink: sink(to, format)?,
        counts: [0; TABLES.len()],
    };
    let mut exported = Exported::default();
    let mut entities = Entities::new(aliases);
    let mut stories = Stories::default();
    let make = |summary: Summary| (rows(&summary), summary);
    archive.try_each(make, |made| {
        if stop.load(Ordering::Relaxed) {
            return Err(ExportError::Interrupted);
        }
        let (rows, summary) = match made {
            Ok(made) => made,
            Err(unreadable) => {
                exported.unreadable.push(unreadable);
                return Ok(());
            }
        };
        writer.write(&rows)?;
        exported.articles += 1;
        entities.add(&summary);
        stories.add(&summary);
        Ok(())
    })?;
    if exported.articles == 0 {
        let folder = from.to_owned();
        let first = exported.unreadable.into_iter().next();
        return Err(first.map_or(ExportError::NoSummaries { folder }, Into::into));
    }
    for (n, entity) in entities.finish().iter().enumerate() {
        writer.write(&entity_rows(n + 1, entity))?;
    }
    match stories.finish(&archive) {
        Ok(stories) => {
            for (n, story) in stories.iter().enumerate() {
                writer.write(&story_rows(n + 1, story))?;
            }
        }
        Err(unreadable) => exported.unreadable.push(unreadable),
    }
    writer.sink.finish()?;
    let names = TABLES.iter().map(|table| table.name);
    exported.rows = names.zip(writer.counts).collect();
    Ok(exported)
}

struct Writer {
    sink: Box<dyn Sink>,
    /// Rows of each table.
    counts: [usize; TABLES.len()],
}

impl Writer {
    fn write(&mut self, rows: &[(TableId, Row)]) -> Result<(), ExportError> {
        for (table, _) in rows {
            self.counts[*table as usize] += 1;
        }
        self.sink.write(rows)
    }
}

fn sink(to: &Path, format: ExportFormat) -> Result<Box<dyn Sink>, ExportError> {
    let folder = || {
        let made = fs::create_dir_all(to);
        made.map_err(|error| ExportError::write(to, error))
    };
    Ok(match format {
        ExportFormat::Sqlite => {
            refuse_foreign(to, Part::Head, sqlite::is_ours)?;
            Box::new(sqlite::Sqlite::create(to)?)
        }
        ExportFormat::Csv(style) => {
            folder()?;
            for table in &TABLES {
                refuse_foreign(&csv::path(to, table), Part::Head, csv::is_ours)?;
            }
            Box::new(csv::Csv::create(to, style)?)
        }
        ExportFormat::Parquet => {
            folder()?;
            for table in &TABLES {
                refuse_foreign(&parquet::path(to, table), Part::Tail, parquet::is_ours)?;
            }
            Box::new(parquet::Parquet::create(to)?)
        }
    })
}

/// The part of a file that says who wrote it.
#[derive(Clone, Copy)]
enum Part {
    Head,
    Tail,
}

/// Refuses to replace a file that is no export. One that is empty holds nothing to lose.
fn refuse_foreign(path: &Path, part: Part, is_ours: fn(&[u8]) -> bool) -> Result<(), ExportError> {
    const BYTES: u64 = 4096;
    let taken = |reason: &str| {
        let (path, reason) = (path.to_owned(), reason.to_owned());
        Err(ExportError::Taken { path, reason })
    };
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if matches!(part, Part::Tail) {
            file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
        }
        let mut bytes = Vec::new();
        file.take(BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    if path.is_dir() {
        return taken("it is a folder");
    }
    match read() {
        Ok(bytes) if bytes.is_empty() || is_ours(&bytes) => Ok(()),
        Ok(_) => taken("precis did not write it"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ExportError::write(path, error)),
    }
}
