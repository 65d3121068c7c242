//! The summaries that can be trusted least, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::plan::Header;
use crate::summarize::{Flag, Flagged, Grade, Summary, Trust};

/// Number of summaries in the report of a run.
pub(super) const REPORTED: usize = 20;

/// A summary that has something to be checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doubtful {
    /// Name of its outputs.
    pub id: String,
    /// Path of the article.
    pub path: String,
    pub trust: Trust,
    /// How many sentences have each flag.
    pub flags: BTreeMap<Flag, usize>,
}

impl Doubtful {
    /// Returns `None` for a summary that has nothing to be checked.
    pub(super) fn of(summary: &Summary) -> Option<Self> {
        Self::new(
            &summary.id,
            &summary.source.path,
            summary.trust,
            &summary.checks.flagged,
        )
    }

    fn new(id: &str, path: &str, trust: Trust, flagged: &[Flagged]) -> Option<Self> {
        if trust.grade == Grade::Good {
            return None;
        }
        // A sentence may have a flag several times, with other details.
        let distinct: BTreeSet<_> = flagged.iter().map(|it| (it.sentence, it.flag)).collect();
        let mut flags: BTreeMap<Flag, usize> = BTreeMap::new();
        for (_, flag) in distinct {
            *flags.entry(flag).or_default() += 1;
        }
        Some(Self {
            id: id.to_owned(),
            path: path.to_owned(),
            trust,
            flags,
        })
    }

    /// How little the summary can be trusted: the share of bad sentences, and half of that of doubtful
    /// ones.
    fn weight(&self) -> f64 {
        let Trust {
            good, check, bad, ..
        } = self.trust;
        let all = (good + check + bad).max(1);
        (bad as f64 + 0.5 * check as f64) / all as f64
    }
}

/// The `most` worst of `summaries`, the worst first.
pub(super) fn worst(mut summaries: Vec<Doubtful>, most: usize) -> Vec<Doubtful> {
    summaries.sort_by(|a, b| {
        let grades = b.trust.grade.cmp(&a.trust.grade);
        let weights = b.weight().total_cmp(&a.weight());
        grades.then(weights).then_with(|| a.id.cmp(&b.id))
    });
    summaries.truncate(most);
    summaries
}

/// What is read of a summary.
#[derive(Deserialize)]
struct Excerpt {
    #[serde(flatten)]
    header: Header,
    id: String,
    trust: Trust,
    checks: Checks,
}

#[derive(Deserialize)]
struct Checks {
    flagged: Vec<Flagged>,
}

/// The `most` worst summaries in the folder `out`, the worst first.
///
/// # Errors
/// If the folder cannot be read.
pub fn worst_in(out: &Path, most: usize) -> io::Result<Vec<Doubtful>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(out)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        // Files of others and reports are no summaries.
        let Ok(excerpt) = serde_json::from_slice::<Excerpt>(&std::fs::read(&path)?) else {
            continue;
        };
        let source = excerpt.header.source.as_ref();
        if let Some(source) = source.filter(|_| excerpt.header.is_ours()) {
            let Excerpt {
                id, trust, checks, ..
            } = &excerpt;
            found.extend(Doubtful::new(id, &source.path, *trust, &checks.flagged));
        }
    }
    Ok(worst(found, most))
}
