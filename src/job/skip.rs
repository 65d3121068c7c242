//! Inputs that get no summary.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::orphans::parts_of;
use crate::article::{self, Skipped};
use crate::pipeline::Refusal;

/// An input that gets no summary, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedArticle {
    pub path: String,
    /// Stable name of the reason.
    pub code: Cow<'static, str>,
    pub reason: String,
}

/// Why an input gets no summary.
#[derive(Debug, thiserror::Error)]
pub enum SkipReason {
    /// It could not be read.
    #[error(transparent)]
    Unread(#[from] article::SkipReason),
    /// It cannot be summarised.
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("has the same id `{id}` as an article before it")]
    Duplicate { id: String },
    /// A file that precis did not write is where the summary would go.
    #[error(transparent)]
    OutputTaken(#[from] ForeignFile),
}

/// A file in the output folder that precis did not write, so that it must not be overwritten.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} exists and was not written by precis; move it away, or choose another output folder",
    .path.display()
)]
pub struct ForeignFile {
    pub path: PathBuf,
}

impl SkipReason {
    /// Code of [`Self::OutputTaken`].
    pub const OUTPUT_TAKEN: &str = "output_taken";

    /// Stable name of the reason, for programs that read run reports.
    fn code(&self) -> &'static str {
        match self {
            Self::Unread(reason) => reason.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Duplicate { .. } => "duplicate",
            Self::OutputTaken(_) => Self::OUTPUT_TAKEN,
        }
    }
}

impl SkippedArticle {
    /// Puts reasons into the order of files and records.
    pub(super) fn sort(skipped: &mut [Self]) {
        skipped.sort_by(|a, b| parts_of(&a.path).cmp(&parts_of(&b.path)));
    }

    pub fn new(path: impl Into<String>, reason: impl Into<SkipReason>) -> Self {
        let reason = reason.into();
        Self {
            path: path.into(),
            code: reason.code().into(),
            reason: reason.to_string(),
        }
    }
}

impl From<&Skipped> for SkippedArticle {
    fn from(skipped: &Skipped) -> Self {
        Self {
            path: skipped.path.clone(),
            code: skipped.reason.code().into(),
            reason: skipped.reason.to_string(),
        }
    }
}

impl From<Skipped> for SkippedArticle {
    fn from(skipped: Skipped) -> Self {
        Self::from(&skipped)
    }
}
