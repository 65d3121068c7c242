//! A run over a corpus: plan, progress, lock, outputs, report. Knows neither formats nor networks.

mod ahead;
mod atomic;
mod forecast;
mod history;
mod lock;
mod merge;
mod metrics;
mod news;
mod night;
mod orphans;
mod outlook;
mod plan;
mod report;
mod run;
mod shard;
mod site;
mod skip;
mod status;
mod worst;

use std::io;
use std::path::{Path, PathBuf};

pub(crate) use atomic::{AtomicFile, Replacement};
pub use atomic::{remove_leftovers, write_atomically};
pub use forecast::{Forecast, forecast};
pub use history::HISTORY_FOLDER;
pub use lock::{Holder, LockError, LockState, OutputLock, is_output_folder};
pub use merge::{MergeOptions, Merged, merge};
pub use metrics::metrics;
pub use news::{News, news, stories};
pub use night::last_changes;
pub use outlook::Standing;
pub use report::{
    ArticleCounts, ModelTask, ModelUse, REPORT_FILE, RUN_FOLDER, Report, Status, Work,
};
pub use run::{RunOptions, run};
pub use shard::Shard;
pub use site::{Site, SiteOptions, make_site};
pub use skip::{ForeignFile, SkipReason, SkippedArticle};
pub use status::{Corpus, State};
pub use worst::{Doubtful, worst_in};

use crate::cache::CacheError;
use crate::summarize::Trust;
use crate::translate::TranslateError;

/// Receives what a run does, from several threads.
pub trait Observer: Sync {
    /// The run has the output folder for itself and begins.
    fn started(&self);
    /// An article has a new summary.
    fn written(&self, article: &Written<'_>);
    /// An input was skipped.
    fn skipped(&self, skipped: &SkippedArticle);
    /// Something has been done.
    fn stands(&self, standing: &Standing);
    /// Something failed that the run goes on without.
    fn warn(&self, problem: &(dyn std::error::Error + 'static));
    /// Whether [`Self::stands`] is to be told what is left, for which articles are read ahead.
    fn looks_ahead(&self) -> bool;
}

/// A summary that was written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    pub id: &'a str,
    /// Path of the article.
    pub path: &'a str,
    /// The file of the summary.
    pub json: &'a Path,
    pub trust: Trust,
}

/// Returns an id for a run: when it was made, and a few digits that tell apart what runs at the same time.
pub fn new_run() -> String {
    let now = jiff::Timestamp::now();
    let seed = format!("{now} {} {}", std::process::id(), lock::host());
    let digits = blake3::hash(seed.as_bytes()).to_hex();
    format!("{}-{}", now.strftime("%Y%m%dT%H%M%SZ"), &digits[..8])
}

/// Why a run ends early.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("cannot write to {}: {source}; {}", .path.display(), remedy(.source))]
    Write { path: PathBuf, source: io::Error },
    #[error(
        "the output folder {} belongs to the corpus ({} is in it), so summaries could overwrite articles; choose another",
        .out.display(), .file.display()
    )]
    OutputIsCorpus { out: PathBuf, file: PathBuf },
    #[error(
        "the output folder {} holds {}, not {}; choose another",
        .out.display(), part(*.holds), part(*.wanted)
    )]
    OtherShard {
        out: PathBuf,
        holds: Option<Shard>,
        wanted: Option<Shard>,
    },
    #[error("cannot merge {}: {reason}", .folder.display())]
    Merge { folder: PathBuf, reason: String },
    #[error(transparent)]
    Foreign(#[from] ForeignFile),
    #[error("there is no article in {paths}: check the path, and that its disk is mounted")]
    NoArticles { paths: String },
    #[error("cannot read {}: {source}; check the disk and the permissions", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Translate(#[from] TranslateError),
    #[error(transparent)]
    Cache(#[from] CacheError),
}

impl JobError {
    fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

fn part(shard: Option<Shard>) -> String {
    shard.map_or("a whole corpus".to_owned(), |shard| {
        format!("shard {shard}")
    })
}

/// Deletes what killed runs left in the output folder `out`, which the caller has locked.
fn clear_leftovers(out: &Path) -> Result<(), JobError> {
    for folder in ["", HISTORY_FOLDER, RUN_FOLDER].map(|name| out.join(name)) {
        match remove_leftovers(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(JobError::write(&folder, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// [`write_atomically`] with an error that names the file.
fn write(path: &Path, bytes: &[u8]) -> Result<(), JobError> {
    write_atomically(path, bytes).map_err(|error| JobError::write(path, error))
}

/// Returns what to do about an error of the file system.
fn remedy(error: &io::Error) -> &'static str {
    /// `EMFILE` on all Unixes.
    const TOO_MANY_FILES: i32 = 24;
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or choose another output folder"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "change the folder's owner, or choose another output folder"
        }
        _ if error.raw_os_error() == Some(TOO_MANY_FILES) => {
            "allow more open files (ulimit -n), or choose another output folder"
        }
        _ => "check the disk, or choose another output folder",
    }
}
