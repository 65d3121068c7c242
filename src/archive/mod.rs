//! An output folder as a whole: its summaries one after the other, and what holds across them. All of
//! it is made from the JSON of the summaries.

mod aliases;
mod changes;
mod digest;
mod entities;
mod search;
mod stories;

use std::collections::HashSet;
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use crate::output::is_our_tool;
use crate::summarize::Summary;

pub use aliases::{AliasError, Aliases};
pub use changes::{Changed, Changes, Edited, FigureChange, Removed};
pub use digest::{ChangedArticle, Digest, Named, NewStory};
pub use entities::{Entities, Entity, EntityKind, Statement};
pub use search::{Found, FoundIn, Hit, MOST_WORDS, Passage, Query, search};
pub use stories::{Stories, Story};

/// Number of summaries that are in memory at the same time.
const WINDOW: usize = 128;
/// Bytes of their JSON, unless one alone has more.
const WINDOW_BYTES: u64 = 16 << 20;

/// The summaries in an output folder.
#[derive(Clone)]
pub struct Archive {
    folder: PathBuf,
    files: Vec<JsonFile>,
}

#[derive(Clone)]
struct JsonFile {
    id: String,
    bytes: u64,
}

/// A file that should hold a summary and does not.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be read: {source}; delete it, and the next run makes it again", .path.display())]
pub struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

/// The fields by which a file is recognised that cannot be read as a summary.
#[derive(Deserialize)]
struct Header {
    provenance: Option<ProvenanceHeader>,
}

#[derive(Deserialize)]
struct ProvenanceHeader {
    tool: String,
}

impl Archive {
    /// Lists the summaries in `folder`.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let is_json = path
                .extension()
                .is_some_and(|extension| extension == "json");
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(id) = stem.filter(|_| is_json) {
                files.push(JsonFile {
                    id: id.to_owned(),
                    bytes: entry.metadata().map_or(0, |it| it.len()),
                });
            }
        }
        files.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(Self {
            folder: folder.to_owned(),
            files,
        })
    }

    /// Leaves only the summaries with these ids, as far as they are there.
    pub fn retain(&mut self, ids: &HashSet<&str>) {
        self.files.retain(|file| ids.contains(file.id.as_str()));
    }

    /// Passes what `make` makes of each summary to `take`, in the order of their ids, with few summaries
    /// in memory at a time. `make` runs in several threads. Files that are no summaries of precis are
    /// passed over.
    pub fn each<T: Send>(
        &self,
        make: impl Fn(Summary) -> T + Sync,
        mut take: impl FnMut(Result<T, Unreadable>),
    ) {
        let all = self.try_each(make, |made| {
            take(made);
            Ok::<_, Infallible>(())
        });
        let Ok(()) = all;
    }

    /// [`Self::each`], as long as `take` succeeds.
    ///
    /// # Errors
    /// The first of `take`.
    pub fn try_each<T: Send, E>(
        &self,
        make: impl Fn(Summary) -> T + Sync,
        mut take: impl FnMut(Result<T, Unreadable>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = &self.files[..];
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |file: &&JsonFile| {
                bytes += file.bytes;
                bytes <= WINDOW_BYTES
            };
            let count = rest.iter().take(WINDOW).take_while(fits).count();
            let (window, later) = rest.split_at(count.max(1));
            rest = later;
            let read = |file: &JsonFile| {
                let read = self.read(&file.id).transpose();
                read.map(|read| read.map(&make))
            };
            let made: Vec<_> = window.par_iter().map(read).collect();
            made.into_iter().flatten().try_for_each(&mut take)?;
        }
        Ok(())
    }

    /// Reads the summary `id`. Returns `None` if there is none, or the file is another's.
    ///
    /// # Errors
    /// If it is damaged, or cannot be read.
    pub fn read(&self, id: &str) -> Result<Option<Summary>, Unreadable> {
        let path = self.folder.join(format!("{id}.json"));
        let unreadable = |source| {
            let path = path.clone();
            Err(Unreadable { path, source })
        };
        let json = match std::fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return unreadable(error),
        };
        match serde_json::from_slice::<Summary>(&json) {
            Ok(mut summary) if is_our_tool(&summary.provenance.tool) => {
                // Pages link to files.
                id.clone_into(&mut summary.id);
                Ok(Some(summary))
            }
            Ok(_) => Ok(None),
            Err(error) => match serde_json::from_slice::<Header>(&json) {
                Ok(header) if !header.is_ours() => Ok(None),
                _ => unreadable(error.into()),
            },
        }
    }
}

impl Header {
    fn is_ours(&self) -> bool {
        let made = self.provenance.as_ref();
        made.is_some_and(|made| is_our_tool(&made.tool))
    }
}
