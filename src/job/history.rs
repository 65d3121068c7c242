//! The reports of past runs, and what each brought, in a hidden folder of the output folder.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::Header;
use super::report::{OLD_REPORT_FILE, REPORT_FILE, RUN_FOLDER, Report, Status};
use super::{JobError, write};
use crate::archive::Changes;

/// Folder of the reports, one file each, named after the time at which the run began.
pub const HISTORY_FOLDER: &str = ".precis.runs";

/// What the name of a file in that folder ends with that says what a run brought, beside its report.
const CHANGES: &str = "changes";
/// What the name of a report ends with.
const REPORT: &str = "json";

/// A past run that was complete and brought something.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PastNight {
    /// When it ended: RFC 3339.
    pub finished: String,
    pub changes: Changes,
}

/// Writes `report` as the newest of `out`, with the `changes` that its run brought, and deletes all but
/// the last `keep` reports of the history.
///
/// # Errors
/// If a file cannot be written. Reports that cannot be deleted are left.
pub(super) fn record(
    out: &Path,
    report: &Report,
    changes: Changes,
    keep: usize,
) -> Result<(), JobError> {
    let mut bytes = serde_json::to_vec_pretty(report).expect("a report is JSON");
    bytes.push(b'\n');
    let folder = out.join(HISTORY_FOLDER);
    if keep > 0 {
        std::fs::create_dir_all(&folder).map_err(|error| JobError::write(&folder, error))?;
        let path = folder.join(file_name(report));
        // Shards that are merged again are the same night.
        let changes = match read_night(&path) {
            Some(earlier) => earlier.changes.then(changes),
            None => changes,
        };
        if !changes.is_empty() {
            let finished = report.finished.clone();
            let night = PastNight { finished, changes };
            let night = serde_json::to_vec(&night).expect("changes are JSON");
            write(&path.with_extension(CHANGES), &night)?;
        }
        write(&path, &bytes)?;
    }
    let run = out.join(RUN_FOLDER);
    std::fs::create_dir_all(&run).map_err(|error| JobError::write(&run, error))?;
    write(&out.join(REPORT_FILE), &bytes)?;
    let old = out.join(OLD_REPORT_FILE);
    if Header::read(&old).is_some_and(|header| header.is_report()) {
        let _ = std::fs::remove_file(old);
    }
    let reports = reports(&folder);
    for old in &reports[..reports.len().saturating_sub(keep)] {
        let _ = std::fs::remove_file(old);
    }
    // Also what a run that was killed wrote before its report.
    for changes in files(&folder, CHANGES) {
        if !changes.with_extension(REPORT).exists() {
            let _ = std::fs::remove_file(changes);
        }
    }
    Ok(())
}

/// The name of a report in the history.
fn file_name(report: &Report) -> String {
    format!("{}.json", report.started.replace([':', '-'], ""))
}

/// Returns the past runs that brought something and ended at `since` or later, the oldest first.
pub(super) fn nights(out: &Path, since: Timestamp) -> Vec<(Timestamp, Changes)> {
    let reports = reports(&out.join(HISTORY_FOLDER));
    let nights = reports.iter().filter_map(|path| read_night(path));
    let nights = nights.filter_map(|night| Some((night.finished.parse().ok()?, night.changes)));
    nights.filter(|(finished, _)| *finished >= since).collect()
}

/// What the run of `report` brought, if it was complete and the history has it.
pub(super) fn changes_of(out: &Path, report: &Report) -> Option<Changes> {
    let path = out.join(HISTORY_FOLDER).join(file_name(report));
    match read_night(&path) {
        Some(night) => Some(night.changes),
        // It is known that it brought nothing.
        None => path.is_file().then(Changes::default),
    }
}

fn read_night(report: &Path) -> Option<PastNight> {
    let json = std::fs::read(report.with_extension(CHANGES)).ok()?;
    serde_json::from_slice(&json).ok()
}

/// Returns the report of the last successful run of the history, or `None` if there is none.
pub(super) fn last_done(out: &Path) -> Option<Report> {
    let reports = reports(&out.join(HISTORY_FOLDER));
    let read = |path: &PathBuf| serde_json::from_slice(&std::fs::read(path).ok()?).ok();
    let mut reports = reports.iter().rev().filter_map(read);
    reports.find(|report: &Report| report.status == Status::Done)
}

/// Returns the files of the reports, the oldest first.
fn reports(folder: &Path) -> Vec<PathBuf> {
    files(folder, REPORT)
}

/// Returns the files whose names end like this, in their order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    files.sort();
    files
}
