//! What a finished run prints: what was done, what was skipped and why, where the results are.

use std::path::Path;

use serde_json::json;

use super::console::Console;
use super::units::duration;
use crate::job::{self, Report, Status};
use crate::output::count;

/// Maximal number of skipped articles that are listed. The report has all of them.
const SHOWN: usize = 10;

pub(super) fn show(report: &Report, out: &Path, console: &Console) {
    console.json_only(
        format_args!("run {}", report.status.as_str()),
        json!({
            "event": "finished",
            "status": report.status,
            "seconds": report.seconds,
            "articles": report.articles,
            "work": report.work,
            "report": out.join(job::REPORT_FILE).display().to_string(),
        }),
    );
    show_counts(report, console);
    show_leftovers(report, console);
    if report.work.failed > 0 {
        console.warn(format_args!(
            "sentences or phrases that could not be translated: {}; their summaries say so, and the next run tries again",
            report.work.failed
        ));
    }
    // With `--verbose`, they have been listed as they were skipped.
    if !report.skipped.is_empty() && !console.is_verbose() {
        show_skipped(report, console);
    }
    if report.status == Status::Interrupted {
        console.text_only("The same command goes on from here.");
    }
    let index = out.join("index.html");
    console.text_only(match index.is_file() {
        true => format!("Results: {}", index.display()),
        false => format!("Results: {0}/*.md and {0}/*.json", out.display()),
    });
    console.text_only(format_args!(
        "Report: {}",
        out.join(job::REPORT_FILE).display()
    ));
}

fn show_counts(report: &Report, console: &Console) {
    let (articles, work) = (&report.articles, &report.work);
    let end = match report.status {
        Status::Done => "Done",
        Status::Interrupted => "Interrupted",
        Status::Failed => "Failed",
    };
    console.text_only(format_args!(
        "{} in {}: {} written, {} unchanged, {} skipped.",
        console.bold(end),
        duration(report.seconds),
        count(articles.written, "summary", "summaries"),
        articles.unchanged,
        articles.skipped,
    ));
    if work.translated + work.cached > 0 {
        let speed = match work.translated {
            0 => String::new(),
            _ => format!(" ({} tokens/s)", work.tokens_per_second),
        };
        console.text_only(format_args!(
            "{} translated{speed}, {} from the cache, {} tried twice; {} with warnings.",
            count(work.translated, "sentence", "sentences"),
            work.cached,
            work.retried,
            count(articles.flagged, "summary", "summaries"),
        ));
    }
}

/// Summaries without an article, and files that are no articles.
fn show_leftovers(report: &Report, console: &Console) {
    let articles = &report.articles;
    if articles.removed > 0 {
        console.text_only(format_args!(
            "Summaries removed whose articles are gone: {}.",
            articles.removed
        ));
    } else if articles.orphaned > 0 {
        console.text_only(format_args!(
            "Summaries whose articles are gone: {}; --prune removes them.",
            articles.orphaned
        ));
    }
    if !report.passed_over.is_empty() {
        let types = report.passed_over.iter();
        let types: Vec<String> = types.map(|(name, n)| format!("{name} {n}")).collect();
        console.text_only(format_args!(
            "Passed over, of no type that is read: {}.",
            types.join(", ")
        ));
    }
}

fn show_skipped(report: &Report, console: &Console) {
    console.text_only("Skipped:");
    for skipped in report.skipped.iter().take(SHOWN) {
        console.text_only(format_args!("  {}: {}", skipped.path, skipped.reason));
    }
    if report.skipped.len() > SHOWN {
        console.text_only(format_args!(
            "  … and {} more",
            report.skipped.len() - SHOWN
        ));
    }
    console.skip_hints(&report.skipped);
}
