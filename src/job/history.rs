//! The reports of past runs, in a hidden folder of the output folder.

use std::path::{Path, PathBuf};

use super::plan::Header;
use super::report::{OLD_REPORT_FILE, REPORT_FILE, RUN_FOLDER, Report, Status};
use super::{JobError, write};

/// Folder of the reports, one file each, named after the time at which the run began.
pub const HISTORY_FOLDER: &str = ".precis.runs";

/// Writes `report` as the newest of `out`, and deletes all but the last `keep` reports of the
/// history.
///
/// # Errors
/// If a file cannot be written. Reports that cannot be deleted are left.
pub(super) fn record(out: &Path, report: &Report, keep: usize) -> Result<(), JobError> {
    let mut bytes = serde_json::to_vec_pretty(report).expect("a report is JSON");
    bytes.push(b'\n');
    let folder = out.join(HISTORY_FOLDER);
    if keep > 0 {
        std::fs::create_dir_all(&folder).map_err(|error| JobError::write(&folder, error))?;
        let name = report.started.replace([':', '-'], "");
        write(&folder.join(format!("{name}.json")), &bytes)?;
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
    Ok(())
}

/// Returns when the last successful run of the history ended, or `None` if there is none.
pub(super) fn last_done(out: &Path) -> Option<String> {
    let reports = reports(&out.join(HISTORY_FOLDER));
    let read = |path: &PathBuf| serde_json::from_slice(&std::fs::read(path).ok()?).ok();
    let mut reports = reports.iter().rev().filter_map(read);
    let done = reports.find(|report: &Report| report.status == Status::Done);
    done.map(|report| report.finished)
}

/// Returns the files of the reports, the oldest first.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut reports: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    reports.sort();
    reports
}
