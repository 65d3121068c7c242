//! Scores reached now: a lower score fails, and a higher one until its floor is raised.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::scoring::check::Outcome;
use crate::scoring::measure::{Measure, Tally};
use crate::scoring::score::Scores;

/// The file `gold/floors.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Floors {
    /// By the name of the file of articles and the name of the measure, rounded down to thousandths.
    scores: BTreeMap<String, BTreeMap<String, f64>>,
    cases: Cases,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// The expectations that do not hold.
    unmet: BTreeSet<String>,
}

impl Floors {
    /// The measures of the articles `file` whose score is not their floor, each with what to do
    /// about it.
    pub(crate) fn breaches(&self, file: &str, scores: &Scores) -> Vec<(Measure, String)> {
        let floors = self.scores.get(file);
        let breach = |measure: Measure| {
            let floor = floors.and_then(|floors| floors.get(measure.name()));
            let score = scores.tallies.get(&measure);
            let what = breach(floor.copied(), score.copied())?;
            Some((measure, format!("{}: {what}", measure.name())))
        };
        Measure::ALL.into_iter().filter_map(breach).collect()
    }

    /// The expectations that are met or not, other than `unmet` says.
    pub(crate) fn surprises(&self, outcomes: &[Outcome]) -> Vec<String> {
        let unmet = &self.cases.unmet;
        let failed: BTreeMap<&str, &str> = outcomes
            .iter()
            .filter_map(|it| Some((it.expectation.as_str(), it.failure.as_deref()?)))
            .collect();
        let fell = failed
            .iter()
            .filter(|(expectation, _)| !unmet.contains(**expectation))
            .map(|(expectation, found)| format!("{expectation}: found {found}"));
        let rose = unmet
            .iter()
            .filter(|expectation| !failed.contains_key(expectation.as_str()))
            .map(|it| format!("{it}: holds now, take it from `unmet` in floors.toml"));
        fell.chain(rose).collect()
    }
}

fn breach(floor: Option<f64>, score: Option<Tally>) -> Option<String> {
    let floor = floor.map(thousandths);
    let score = score.map(|tally| thousandths(tally.f1()));
    let decimal = |thousandths: u32| f64::from(thousandths) / 1000.0;
    match (floor, score) {
        (Some(floor), Some(score)) if score < floor => Some(format!(
            "fell to {:.3}, below its floor of {:.3}",
            decimal(score),
            decimal(floor)
        )),
        (Some(_), None) => Some("is no longer annotated".to_owned()),
        (_, score) if score == floor => None,
        (_, score) => Some(format!(
            "rose, raise its floor in floors.toml to {:.3}",
            decimal(score?)
        )),
    }
}

/// Rounded down, but for the error of floating point.
fn thousandths(score: f64) -> u32 {
    (score * 1000.0 + 1e-6) as u32
}
