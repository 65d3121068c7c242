//! The report of a run, `run/run.json` in the output folder: what was done, what was skipped and why.
//! Whatever differs between two runs over the same corpus is here and not in the summaries.

use std::collections::BTreeMap;
use std::io;
use std::iter::Sum;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Doubtful, Shard, SkippedArticle};
use crate::article::ReadOptions;
use crate::glossary::GlossaryUse;
use crate::models::Credit;
use crate::summarize::Grade;
use crate::translate::Progress;

/// Folder for what is said of all articles together, so that `*.json` of the output folder are
/// summaries.
pub const RUN_FOLDER: &str = "run";
/// The report in the output folder.
pub const REPORT_FILE: &str = "run/run.json";
/// Where versions up to 0.1.0 left the report.
pub(super) const OLD_REPORT_FILE: &str = "run.json";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    pub schema_version: String,
    /// Name and version of the tool.
    pub tool: String,
    /// Id of the run, which each line of its log has too.
    #[serde(default)]
    pub run: String,
    pub status: Status,
    /// The error that ended the run, if it failed.
    #[serde(default)]
    pub error: Option<String>,
    /// Working folder, which relative paths start from.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Files and folders of articles, as given.
    #[serde(default)]
    pub paths: Vec<PathBuf>,
    /// The part of the corpus that the run was about. `None` if it was the whole.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// How the articles were read.
    #[serde(default)]
    pub read: Option<ReadOptions>,
    /// RFC 3339, UTC.
    pub started: String,
    pub finished: String,
    pub seconds: f64,
    pub model: String,
    /// `blake3:` and the digest of the model's files.
    pub model_digest: String,
    /// The models that were used, with their licences.
    #[serde(default)]
    pub models: Vec<ModelUse>,
    pub beam: usize,
    /// Arithmetic and the kernels that this CPU ran it on; `f16-cuda` and the like on a GPU.
    pub numeric: String,
    pub workers: usize,
    pub articles: ArticleCounts,
    /// Summaries in the output folder by their grade, of the last run that was complete.
    #[serde(default)]
    pub summaries: Option<BTreeMap<Grade, usize>>,
    /// Number of files of other types, by their extension, and of records of other kinds.
    #[serde(default)]
    pub passed_over: BTreeMap<String, usize>,
    pub work: Work,
    /// Peak of the process's memory. `None` if the system does not report it.
    pub peak_memory_bytes: Option<u64>,
    /// In the order of files and records.
    pub skipped: Vec<SkippedArticle>,
    /// Each entry of the glossary: how often it was found in the articles that were summarised, and
    /// what became of it in the translations.
    #[serde(default)]
    pub glossary: Vec<GlossaryUse>,
    /// Of the summaries that were written those that can be trusted least, the worst first.
    #[serde(default)]
    pub worst: Vec<Doubtful>,
}

/// A model, and whom it is owed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// What it was used for.
    pub task: ModelTask,
    pub name: String,
    /// `blake3:` and the digest of its files.
    pub digest: Option<String>,
    #[serde(flatten)]
    pub credit: Credit,
}

/// What a model is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelTask {
    Translation,
    Summary,
}

/// How a run ended, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Done,
    /// Ended by a signal.
    Interrupted,
    /// Ended by an error that concerned more than one article.
    Failed,
}

impl Report {
    /// Reads the report of the last run over the output folder `out`. Returns `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read or is damaged.
    pub fn read(out: &Path) -> io::Result<Option<Self>> {
        for name in [REPORT_FILE, OLD_REPORT_FILE] {
            let path = out.join(name);
            match std::fs::read(&path) {
                Ok(json) => {
                    return serde_json::from_slice(&json).map(Some).map_err(|error| {
                        io::Error::other(format!("{} is damaged: {error}", path.display()))
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

impl Status {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArticleCounts {
    /// Articles seen, whether summarised, unchanged or skipped.
    pub found: usize,
    /// Summaries written.
    pub written: usize,
    /// Summaries that were up to date.
    pub unchanged: usize,
    /// Of these the ones whose articles have another path than before, which they name now.
    pub moved: usize,
    pub skipped: usize,
    /// Written summaries whose checks flag at least one sentence.
    pub flagged: usize,
    /// Summaries whose articles are no longer in the corpus, including removed ones. Only runs that
    /// saw the whole corpus count them.
    pub orphaned: usize,
    /// Number of these that were removed (`--prune`).
    pub removed: usize,
}

impl Sum for ArticleCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, next| Self {
            found: all.found + next.found,
            written: all.written + next.written,
            unchanged: all.unchanged + next.unchanged,
            moved: all.moved + next.moved,
            skipped: all.skipped + next.skipped,
            flagged: all.flagged + next.flagged,
            orphaned: all.orphaned + next.orphaned,
            removed: all.removed + next.removed,
        })
    }
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    /// Sentences and phrases translated by the network.
    pub translated: usize,
    /// Sentences and phrases found in the cache.
    pub cached: usize,
    /// Translated a second time because the first translation failed its checks.
    pub retried: usize,
    /// Sentences over which the network panicked. Their summaries flag them.
    pub failed: usize,
    pub source_tokens: usize,
    pub target_tokens: usize,
    /// Seconds spent translating.
    pub seconds: f64,
    /// Source tokens read by the network per second of translating.
    pub tokens_per_second: f64,
}

impl Work {
    pub fn new(progress: Progress, seconds: f64) -> Self {
        Self {
            translated: progress.translated,
            cached: progress.cached,
            retried: progress.retried,
            failed: progress.failed,
            source_tokens: progress.source_tokens,
            target_tokens: progress.target_tokens,
            seconds: crate::rounded(seconds),
            tokens_per_second: (progress.source_tokens as f64 / seconds.max(1e-3)).round(),
        }
    }
}

impl Sum for Work {
    fn sum<I: Iterator<Item = Self>>(work: I) -> Self {
        let (progress, seconds) =
            work.fold((Progress::default(), 0.0), |(mut all, seconds), it| {
                all += Progress {
                    translated: it.translated,
                    cached: it.cached,
                    source_tokens: it.source_tokens,
                    target_tokens: it.target_tokens,
                    retried: it.retried,
                    failed: it.failed,
                    ..Progress::default()
                };
                (all, seconds + it.seconds)
            });
        Self::new(progress, seconds)
    }
}

/// Returns the peak of this process's resident memory in bytes, or `None` if the system does not
/// report it.
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
