//! The line that answers a record.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::article::SkipReason;
use crate::pipeline::Refusal;
use crate::summarize::Summary;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has a summary.
    Ok,
    /// It holds nothing to summarise, or more than the limits allow.
    Skipped,
    /// It is damaged, took too long, or caused an error.
    Failed,
}

/// Why a record has no summary.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Unread(#[from] SkipReason),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("took longer than {} s: raise the limit of time, or split it", .0.as_secs_f64())]
    TimeLimit(Duration),
}

impl Trouble {
    fn code(&self) -> &'static str {
        match self {
            Self::Unread(reason) => reason.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::TimeLimit(_) => "time_limit",
        }
    }

    fn status(&self) -> Status {
        match self {
            Self::Unread(
                SkipReason::Empty | SkipReason::NoArticle | SkipReason::TooLarge { .. },
            )
            | Self::Refused(Refusal::NotFrench { .. } | Refusal::Empty | Refusal::TooLong { .. }) => {
                Status::Skipped
            }
            Self::Unread(_) | Self::Refused(Refusal::Internal { .. }) | Self::TimeLimit(_) => {
                Status::Failed
            }
        }
    }
}

/// The answer to one record, in the order of its keys.
#[derive(Serialize)]
pub(super) struct Answer {
    /// The id that the record states, as it is written there.
    id: Option<String>,
    status: Status,
    /// Why there is no summary: a stable code, a colon, and words.
    reason: Option<String>,
    /// How long it took: alone, or its share of what it shared.
    seconds: f64,
    summary: Option<Box<Summary>>,
}

impl Answer {
    pub(super) fn new(
        id: Option<String>,
        spent: Duration,
        summary: Result<Box<Summary>, Trouble>,
    ) -> Self {
        let seconds = crate::rounded(spent.as_secs_f64());
        let (status, reason, summary) = match summary {
            Ok(summary) => (Status::Ok, None, Some(summary)),
            Err(trouble) => {
                let reason = format!("{}: {trouble}", trouble.code());
                (trouble.status(), Some(reason), None)
            }
        };
        Self {
            id,
            status,
            reason,
            seconds,
            summary,
        }
    }

    pub(super) fn status(&self) -> Status {
        self.status
    }

    /// Writes the answer as a line of its own, and flushes.
    pub(super) fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        output.write_all(&line)?;
        output.flush()
    }
}
