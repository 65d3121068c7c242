//! An output folder as a whole: its summaries one after the other, and what holds across them. All of
//! it is made from the JSON of the summaries.

mod aliases;
mod changes;
mod entities;
mod stories;

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use crate::output::is_our_tool;
use crate::summarize::Summary;

pub use aliases::{AliasError, Aliases};
pub use changes::{Changed, Changes, Edited, FigureChange, Removed};
pub use entities::{Entities, Entity, EntityKind, Statement};
pub use stories::{Stories, Story};

/// Number of summaries that are in memory at the same time.
const WINDOW: usize = 128;

/// The summaries in an output folder.
pub struct Archive {
    folder: PathBuf,
    ids: Vec<String>,
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
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let is_json = path
                .extension()
                .is_some_and(|extension| extension == "json");
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            ids.extend(stem.filter(|_| is_json).map(str::to_owned));
        }
        ids.sort_unstable();
        Ok(Self {
            folder: folder.to_owned(),
            ids,
        })
    }

    /// Passes what `make` makes of each summary to `take`, in the order of their ids, with few summaries
    /// in memory at a time. `make` runs in several threads. Files that are no summaries of precis are
    /// passed over.
    pub fn each<T: Send>(
        &self,
        make: impl Fn(Summary) -> T + Sync,
        mut take: impl FnMut(Result<T, Unreadable>),
    ) {
        for window in self.ids.chunks(WINDOW) {
            let read = |id: &String| self.read(id).transpose().map(|read| read.map(&make));
            let made: Vec<_> = window.par_iter().map(read).collect();
            made.into_iter().flatten().for_each(&mut take);
        }
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
