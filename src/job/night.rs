//! What a night changes, noted before a summary is written over, so that it is known however often the
//! night is interrupted.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::JobError;
use super::report::RUN_FOLDER;
use crate::TOOL;
use crate::archive::{Archive, Changes};
use crate::summarize::Summary;

/// One line for each article that was written or removed since the last complete run: what was there
/// before.
const FILE_NAME: &str = ".precis.night";
/// What the last night that changed anything brought.
const CHANGES_FILE: &str = "changes.json";

/// The notes of a night, which ends with the first run that is complete.
pub(super) struct Night {
    path: PathBuf,
    file: Mutex<File>,
}

#[derive(Serialize)]
struct Note<'a> {
    id: &'a str,
    before: Option<&'a Summary>,
}

#[derive(Deserialize)]
struct ReadNote {
    id: String,
    before: Option<Summary>,
}

impl Night {
    /// Goes on with the notes in `out`, if the last run was not complete, or begins new ones.
    pub(super) fn open(out: &Path) -> Result<Self, JobError> {
        let path = out.join(FILE_NAME);
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            // A line that a killed run left incomplete is no part of the next.
            if file.metadata()?.len() > 0 {
                file.write_all(b"\n")?;
            }
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(Self {
                file: Mutex::new(file),
                path,
            }),
            Err(error) => Err(JobError::write(&path, error)),
        }
    }

    /// Notes what is there of the article `id`, which is about to be replaced by a summary of a source
    /// with this digest, or removed. Nothing is noted if the source is the same.
    pub(super) fn note(&self, id: &str, json: &Path, digest: Option<&str>) -> Result<(), JobError> {
        let before: Option<Summary> = fs::read(json)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        let is_same = before
            .as_ref()
            .is_some_and(|before| Some(before.source.digest.as_str()) == digest);
        if is_same {
            return Ok(());
        }
        let note = Note {
            id,
            before: before.as_ref(),
        };
        let mut line = serde_json::to_vec(&note).expect("a summary is JSON");
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(&line);
        written.map_err(|error| JobError::write(&self.path, error))
    }

    /// What has changed since the last complete run.
    pub(super) fn changes(&self, archive: &Archive) -> Result<Changes, JobError> {
        let cannot = |source| JobError::Read {
            path: self.path.clone(),
            source,
        };
        let file = File::open(&self.path).map_err(cannot)?;
        let mut changes = Changes {
            tool: TOOL.to_owned(),
            ..Changes::default()
        };
        let mut seen = HashSet::new();
        for line in BufReader::new(file).split(b'\n') {
            let Ok(note) = serde_json::from_slice::<ReadNote>(&line.map_err(cannot)?) else {
                continue;
            };
            // The first note has the state before the night.
            if seen.insert(note.id.clone()) {
                let after = archive.read(&note.id).ok().flatten();
                changes.add(&note.id, note.before.as_ref(), after.as_ref());
            }
        }
        changes.sort();
        Ok(changes)
    }

    /// Forgets the notes: the run is complete.
    pub(super) fn end(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Where the changes of the last night stand.
pub(super) fn changes_path(out: &Path) -> PathBuf {
    out.join(RUN_FOLDER).join(CHANGES_FILE)
}

/// Reads the changes of the last night that brought any. There are none where they cannot be read.
pub fn last_changes(out: &Path) -> Changes {
    let json = fs::read(changes_path(out)).unwrap_or_default();
    serde_json::from_slice(&json).unwrap_or_default()
}
