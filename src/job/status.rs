//! The state of an output folder: its last run, and how far it is behind its corpus.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::lock::{Holder, OutputLock};
use super::orphans::orphans;
use super::plan::{Articles, Header, Outputs};
use super::report::{Report, Status};
use super::shard::own;
use super::{Doubtful, JobError, history};
use crate::article;

/// The state of an output folder.
#[derive(Debug, Serialize)]
pub struct State {
    /// Whether a run is in progress.
    pub running: bool,
    /// The process that holds the folder, or held it last.
    pub holder: Option<Holder>,
    /// The report of the last run that wrote one.
    pub last: Option<Report>,
    /// When the last successful run ended.
    pub last_done: Option<String>,
    /// Whether a later run was killed before it could report.
    pub killed: bool,
    /// The summaries compared with the corpus of the last run, if that was requested.
    pub corpus: Option<Corpus>,
    /// The summaries that can be trusted least, if they were asked for.
    pub worst: Option<Vec<Doubtful>>,
    /// Problems, in words.
    pub problems: Vec<String>,
}

/// Numbers of articles by the state of their summaries.
#[derive(Debug, Default, Serialize)]
pub struct Corpus {
    /// Articles that have not changed since they were summarised.
    pub current: usize,
    /// Articles without a summary.
    pub new: usize,
    /// Articles that have changed since they were summarised.
    pub changed: usize,
    /// Summaries whose articles are gone.
    pub orphaned: usize,
    /// Inputs that cannot be read, or that the last run skipped because of their content.
    pub skipped: usize,
}

impl State {
    /// Reads the state of the output folder `out`.
    ///
    /// # Errors
    /// If it cannot be read, or its report is damaged.
    pub fn read(out: &Path) -> io::Result<Self> {
        std::fs::read_dir(out)?;
        // The lock is read before the report: a run that ends in between has reported by then.
        let lock = OutputLock::look(out)?;
        let last = Report::read(out)?;
        let (running, holder) = lock.map_or((false, None), |lock| (lock.held, lock.by));
        let finished = last.as_ref().and_then(|report| time(&report.finished));
        let is_later = |holder: &Holder| finished.is_none_or(|finished| holder.since > finished);
        let last_done = match &last {
            Some(report) if report.status == Status::Done => Some(report.finished.clone()),
            _ => history::last_done(out).map(|report| report.finished),
        };
        Ok(Self {
            killed: !running && holder.as_ref().is_some_and(is_later),
            running,
            holder,
            last,
            last_done,
            corpus: None,
            worst: None,
            problems: Vec::new(),
        })
    }

    /// Returns the seconds since the last successful run ended, or `None` if there was none.
    pub fn age(&self) -> Option<i64> {
        let done = time(self.last_done.as_ref()?)?;
        Some(Timestamp::now().as_second() - done.as_second())
    }
}

impl Corpus {
    /// Compares the summaries in `out` with the corpus of the run of `report`. The working folder
    /// has to be the run's, because relative paths start from it.
    ///
    /// # Errors
    /// If `out` cannot be read.
    pub fn compare(out: &Path, report: &Report) -> Result<Self, JobError> {
        let found = article::find(&report.paths, super::is_output_folder);
        let mut corpus = Self {
            skipped: own(&found.skipped, report.shard).count(),
            ..Self::default()
        };
        let skipped: HashSet<&str> = report.skipped.iter().map(|s| s.path.as_str()).collect();
        let options = report.read.clone().unwrap_or_default();
        let mut articles = Articles::new(&found.files, &options, None, report.shard);
        for article in articles.by_ref() {
            match article {
                Ok(article) if skipped.contains(article.path.as_str()) => corpus.skipped += 1,
                Ok(article) => match digest_in(&Outputs::new(out, &article.id).json) {
                    None => corpus.new += 1,
                    Some(digest) if digest == format!("blake3:{}", article.digest) => {
                        corpus.current += 1;
                    }
                    Some(_) => corpus.changed += 1,
                },
                Err(_) => corpus.skipped += 1,
            }
        }
        let seen = articles.into_seen();
        corpus.orphaned = orphans(out, &report.paths, &found.files, &seen)?.len();
        Ok(corpus)
    }

    /// Whether there are articles without an up-to-date summary, or summaries without an article.
    pub fn is_behind(&self) -> bool {
        self.new + self.changed + self.orphaned > 0
    }
}

/// Returns the digest of the source that a summary was made from.
fn digest_in(summary: &Path) -> Option<String> {
    Some(Header::read(summary)?.source?.digest)
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
