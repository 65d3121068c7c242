//! What is new in an output folder since a moment, by what the history says of its nights.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use super::SkippedArticle;
use super::history;
use super::night::last_changes;
use super::report::{RUN_FOLDER, Status};
use super::site::STORIES_FILE;
use super::status::State;
use crate::archive::{Archive, Changes, Stories, Story, Unreadable};

/// What the nights since a moment brought.
#[derive(Debug)]
pub struct News {
    pub changes: Changes,
    /// When the first and the last of the nights ended.
    pub nights: Option<(Timestamp, Timestamp)>,
    /// When the night ended that brought each article that is new or has changed.
    pub when: HashMap<String, Timestamp>,
    /// What the last run skipped.
    pub skipped: Vec<SkippedArticle>,
    /// How the last run ended, if not well.
    pub problem: Option<String>,
}

/// Tells what is new in `out` since a moment, or else what the last night brought. Returns `None` if
/// no run has reported there.
///
/// # Errors
/// If the report of the last run is damaged.
pub fn news(out: &Path, since: Option<Timestamp>) -> io::Result<Option<News>> {
    let state = State::read(out)?;
    let Some(last) = state.last else {
        return Ok(None);
    };
    let problem = match (last.status, &last.error) {
        _ if state.killed => Some("a run was killed before it could report".to_owned()),
        (Status::Done, _) => None,
        (status, Some(error)) => Some(format!("the last run {}: {error}", status.as_str())),
        (status, None) => Some(format!("the last run was {}", status.as_str())),
    };
    let skipped = last.skipped.clone();
    let done = match last.status {
        Status::Done => Some(last),
        _ => history::last_done(out),
    };
    let mut nights = Vec::new();
    if let Some(since) = since {
        nights = history::nights(out, since);
    }
    if let Some(done) = &done
        && let Ok(finished) = done.finished.parse::<Timestamp>()
    {
        let changes = history::changes_of(out, done);
        let is_meant = match since {
            None => true,
            // It is among the nights already, unless there is no history.
            Some(since) => changes.is_none() && finished >= since,
        };
        if is_meant {
            nights.push((finished, changes.unwrap_or_else(|| last_changes(out))));
        }
    }
    let times = nights
        .first()
        .map(|it| it.0)
        .zip(nights.last().map(|it| it.0));
    let mut when = HashMap::new();
    let mut all = Changes::default();
    for (finished, changes) in nights {
        when.extend(changes.ids().map(|id| (id.to_owned(), finished)));
        all = all.then(changes);
    }
    Ok(Some(News {
        changes: all,
        nights: times,
        when,
        skipped,
        problem,
    }))
}

/// The stories of the output folder `out`, as its last run found them; if it did not, as they are found
/// now in `archive`, which is its own.
///
/// # Errors
/// If an article can no longer be read.
pub fn stories(out: &Path, archive: &Archive) -> Result<Vec<Story>, Unreadable> {
    #[derive(Deserialize)]
    struct Found {
        clusters: Vec<Story>,
    }
    let json = std::fs::read(out.join(RUN_FOLDER).join(STORIES_FILE)).unwrap_or_default();
    if let Ok(found) = serde_json::from_slice::<Found>(&json) {
        return Ok(found.clusters);
    }
    let mut stories = Stories::default();
    archive.each(
        |summary| summary,
        |summary| {
            if let Ok(summary) = summary {
                stories.add(&summary);
            }
        },
    );
    stories.finish(archive)
}
