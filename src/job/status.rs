//! What an output folder tells of its runs, and how far it is behind its corpus.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lock::{Holder, OutputLock};
use super::orphans::{file_of, orphans};
use super::plan::{Articles, Outputs};
use super::report::{REPORT_FILE, Report};
use crate::article::{self, ReadOptions};

/// The state of an output folder.
#[derive(Debug, Serialize)]
pub struct State {
    /// A run is going on.
    pub running: Option<Holder>,
    /// The last run that has reported.
    pub last: Option<Report>,
    /// A later run began then and was killed before it could report.
    pub killed: Option<String>,
    /// How the summaries stand to the corpus of the last run, where it was looked at.
    pub corpus: Option<Corpus>,
}

/// Articles by what the next run would do about them.
#[derive(Debug, Default, Serialize)]
pub struct Corpus {
    /// Summaries of articles that are as they were.
    pub current: usize,
    /// Articles without a summary.
    pub new: usize,
    /// Articles that have changed since.
    pub changed: usize,
    /// Summaries whose articles are gone.
    pub orphaned: usize,
    /// Inputs that cannot be read.
    pub unreadable: usize,
}

impl State {
    /// Reads what `out` says of itself.
    ///
    /// # Errors
    /// If it cannot be read, or its report is damaged.
    pub fn read(out: &Path) -> io::Result<Self> {
        std::fs::read_dir(out)?;
        let last: Option<Report> = match std::fs::read(out.join(REPORT_FILE)) {
            Ok(json) => Some(serde_json::from_slice(&json)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let lock = OutputLock::look(out)?;
        let (held, by) = lock.map_or((false, None), |lock| (lock.held, lock.by));
        let finished = last.as_ref().and_then(|report| time(&report.finished));
        // The lock is dated to the second.
        let is_later = |holder: &Holder| {
            finished.is_none_or(|finished| holder.since.as_second() > finished.as_second() + 1)
        };
        Ok(Self {
            killed: by
                .as_ref()
                .filter(|holder| !held && is_later(holder))
                .map(|holder| holder.since.to_string()),
            running: by.filter(|_| held),
            last,
            corpus: None,
        })
    }

    /// When the last run that ended well did so.
    pub fn last_success(&self) -> Option<Timestamp> {
        let last = self.last.as_ref()?;
        match last.status {
            super::Status::Done => time(&last.finished),
            _ => None,
        }
    }
}

impl Corpus {
    /// Compares the summaries in `out` with the articles below `paths`.
    ///
    /// # Errors
    /// If `out` cannot be read.
    pub fn compare(out: &Path, paths: &[PathBuf], options: &ReadOptions) -> io::Result<Self> {
        let found = article::find(paths);
        let mut corpus = Self {
            unreadable: found.skipped.len(),
            ..Self::default()
        };
        let mut unread: Vec<PathBuf> = found
            .skipped
            .iter()
            .map(|skipped| PathBuf::from(file_of(&skipped.path)))
            .collect();
        let mut articles = Articles::new(&found.files, options);
        for article in articles.by_ref() {
            match article {
                Ok(article) => match digest_in(&Outputs::new(out, &article.id).json) {
                    None => corpus.new += 1,
                    Some(digest) if digest == format!("blake3:{}", article.digest) => {
                        corpus.current += 1;
                    }
                    Some(_) => corpus.changed += 1,
                },
                Err(skipped) => {
                    corpus.unreadable += 1;
                    unread.push(file_of(&skipped.path).into());
                }
            }
        }
        corpus.orphaned = orphans(out, &articles.into_names(), &unread)?.len();
        Ok(corpus)
    }

    /// Whether a run would write or remove something.
    pub fn is_behind(&self) -> bool {
        self.new + self.changed + self.orphaned > 0
    }
}

/// The digest of the source that a summary was made from.
fn digest_in(summary: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Summary {
        source: Source,
    }
    #[derive(Deserialize)]
    struct Source {
        digest: String,
    }
    let json = std::fs::read(summary).ok()?;
    let summary: Summary = serde_json::from_slice(&json).ok()?;
    Some(summary.source.digest)
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
