//! The state of an output folder as metrics in the text format of Prometheus, for the textfile collector of
//! its node exporter and whatever else reads it.

use std::fmt::Write;
use std::path::Path;

use jiff::Timestamp;

use super::report::{Report, Status, Work};
use super::status::State;
use crate::summarize::Grade;

/// The text of all metrics of the output folder `out`, which each of them has as a label.
pub fn metrics(out: &Path, state: &State) -> String {
    let mut text = Text {
        lines: String::new(),
        out: out.display().to_string(),
    };
    text.gauge(
        "precis_running",
        "Whether a run is in progress.",
        f64::from(state.running),
    );
    text.gauge(
        "precis_killed",
        "Whether the last run was killed before it could report.",
        f64::from(state.killed),
    );
    if let Some(done) = state.last_done.as_deref().and_then(seconds) {
        text.gauge(
            "precis_last_success_timestamp_seconds",
            "When the last run that was complete ended.",
            done,
        );
    }
    if let Some(last) = &state.last {
        text.of_run(last);
        text.of_articles(last);
        text.of_work(&last.work);
    }
    if let Some(corpus) = &state.corpus {
        text.gauges(
            "precis_corpus_articles",
            "Articles of the corpus as it is now, by the state of their summaries.",
            "state",
            [
                ("current", corpus.current),
                ("new", corpus.new),
                ("changed", corpus.changed),
                ("gone", corpus.orphaned),
                ("skipped", corpus.skipped),
            ],
        );
    }
    text.lines
}

struct Text {
    lines: String,
    /// Value of the label that all samples have.
    out: String,
}

impl Text {
    /// What the last run was.
    fn of_run(&mut self, last: &Report) {
        self.head("precis_info", "The program and the model of the last run.");
        let labels = [("tool", &*last.tool), ("model", &last.model)];
        self.sample("precis_info", &labels, 1.0);
        let is = |status: Status| (status.as_str(), usize::from(last.status == status));
        self.gauges(
            "precis_run_status",
            "How the last run ended.",
            "status",
            [Status::Done, Status::Interrupted, Status::Failed].map(is),
        );
        let times = [
            ("precis_run_start_timestamp_seconds", "began", &last.started),
            ("precis_run_end_timestamp_seconds", "ended", &last.finished),
        ];
        for (name, what, time) in times {
            if let Some(seconds) = seconds(time) {
                self.gauge(name, &format!("When the last run {what}."), seconds);
            }
        }
        self.gauge(
            "precis_run_duration_seconds",
            "How long the last run took.",
            last.seconds,
        );
        if let Some(bytes) = last.peak_memory_bytes {
            self.gauge(
                "precis_run_peak_memory_bytes",
                "Peak of the resident memory of the last run.",
                bytes as f64,
            );
        }
    }

    /// What became of the articles.
    fn of_articles(&mut self, last: &Report) {
        let articles = &last.articles;
        self.gauges(
            "precis_run_articles",
            "Articles of the last run by what became of them.",
            "state",
            [
                ("written", articles.written),
                ("unchanged", articles.unchanged),
                ("skipped", articles.skipped),
            ],
        );
        self.gauge(
            "precis_run_flagged_articles",
            "Summaries that the last run wrote and whose checks flag a sentence.",
            articles.flagged as f64,
        );
        let left = articles.orphaned.saturating_sub(articles.removed);
        self.gauges(
            "precis_run_gone_articles",
            "Summaries whose articles are gone, by whether the last run removed them.",
            "removed",
            [("true", articles.removed), ("false", left)],
        );
        if let Some(summaries) = &last.summaries {
            let count = |grade: Grade| {
                let count = summaries.get(&grade).copied().unwrap_or_default();
                (grade.word(), count)
            };
            self.gauges(
                "precis_summaries",
                "Summaries in the output folder by how far they can be trusted.",
                "grade",
                [Grade::Good, Grade::Check, Grade::Bad].map(count),
            );
        }
    }

    /// What was translated.
    fn of_work(&mut self, work: &Work) {
        self.gauges(
            "precis_run_sentences",
            "Sentences and phrases of the last run, by where their English is from; failed: the network panicked over them.",
            "origin",
            [
                ("model", work.translated),
                ("cache", work.cached),
                ("failed", work.failed),
            ],
        );
        self.gauge(
            "precis_run_retried_sentences",
            "Sentences that the last run translated once more, because the first translation failed its checks.",
            work.retried as f64,
        );
        self.gauge(
            "precis_run_source_tokens",
            "Tokens that the network read in the last run.",
            work.source_tokens as f64,
        );
        self.gauge(
            "precis_run_translation_seconds",
            "How long the last run translated.",
            work.seconds,
        );
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.head(name, help);
        self.sample(name, &[], value);
    }

    /// One sample for each value of a label.
    fn gauges<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: [(&str, usize); N],
    ) {
        self.head(name, help);
        for (of, value) in values {
            self.sample(name, &[(label, of)], value as f64);
        }
    }

    fn head(&mut self, name: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.lines, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let out = [("out", &*self.out)];
        let labels = out.iter().chain(labels);
        let labels: Vec<String> = labels
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
            .collect();
        let _ = writeln!(self.lines, "{name}{{{}}} {value}", labels.join(","));
    }
}

/// A label's value as it stands between quotation marks.
fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\");
    value.replace('"', "\\\"").replace('\n', "\\n")
}

/// Seconds since 1970 of a time in RFC 3339.
fn seconds(time: &str) -> Option<f64> {
    let time: Timestamp = time.parse().ok()?;
    Some(time.as_millisecond() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_labels_are_escaped() {
        assert_eq!(escaped("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
    }
}
