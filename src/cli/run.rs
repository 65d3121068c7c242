//! `precis run`: a corpus into an output folder.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use clap::Args;
use clap::builder::{BoolishValueParser, RangedU64ValueParser};
use serde_json::json;

use super::console::Console;
use super::engine::{EngineArgs, UseCacheArgs, WriterArgs};
use super::progress::Display;
use super::{Exit, signals};
use crate::article::{JsonlFields, ReadOptions};
use crate::job::{self, Report, RunOptions, SkippedArticle, Status};
use crate::pipeline::{Limits, Pipeline};

const AFTER_HELP: &str = "\
Examples:
  precis run corpus
  precis run archive news.jsonl.zst --out summaries --workers 8
  precis run rows.jsonl --field-text body --field-id url
  precis run corpus --model ./opus-mt-fr-en --numeric f32
  precis run corpus --writer ./distilbart-cnn-12-6
  precis run corpus --dry-run              what it would do, how long it would take
  precis run /srv/news --prune --log-format json --no-progress     every night

Every article gets OUT/ID.json (schema/summary.schema.json) and OUT/ID.md; OUT/run.json says what
was done, skipped and why. A second run does only what is new or has changed.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some articles were skipped;
4 another run holds the output folder; 130 interrupted (run it again to go on).";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct RunArgs {
    /// Files and folders of articles: .txt, .md, .html, .jsonl, each also as .gz or .zst
    #[arg(value_name = "PATH", env = "PRECIS_PATHS", value_delimiter = None, default_value = "corpus")]
    paths: Vec<PathBuf>,
    /// Output folder
    #[arg(
        long,
        short,
        value_name = "DIR",
        env = "PRECIS_OUT",
        default_value = "out"
    )]
    out: PathBuf,
    /// Summarise articles again whose summaries are up to date (translations still come from the
    /// cache)
    #[arg(long, env = "PRECIS_FORCE", value_parser = BoolishValueParser::new())]
    force: bool,
    /// Stop after this many articles that are new or have changed
    #[arg(long, value_name = "N", env = "PRECIS_LIMIT", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    limit: Option<usize>,
    /// Pass over files that were last changed before: a date, a time (RFC 3339), or a span back
    /// from now such as `2d` or `36h`. Their summaries stay
    #[arg(long, value_name = "WHEN", env = "PRECIS_SINCE", value_parser = parse_since)]
    since: Option<SystemTime>,
    /// Remove the summaries of articles that are no longer there. What could not be read this time
    /// keeps its summary
    #[arg(long, env = "PRECIS_PRUNE", value_parser = BoolishValueParser::new())]
    prune: bool,
    /// End with exit code 0 even if articles were skipped
    #[arg(long, env = "PRECIS_SKIPPED_OK", value_parser = BoolishValueParser::new())]
    skipped_ok: bool,
    /// Say what a run would do, how long it would take and how much it would write; do nothing
    #[arg(long, env = "PRECIS_DRY_RUN", value_parser = BoolishValueParser::new())]
    dry_run: bool,
    /// Reports of past runs to keep in OUT/.precis.runs
    #[arg(
        long,
        value_name = "N",
        env = "PRECIS_KEEP_REPORTS",
        default_value_t = 30
    )]
    keep_reports: usize,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    writer: WriterArgs,
    #[command(flatten)]
    cache: UseCacheArgs,
}

/// How articles are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading options")]
pub(super) struct ReadArgs {
    /// Skip articles of more bytes than this, uncompressed
    #[arg(long, value_name = "N", env = "PRECIS_MAX_BYTES", default_value_t = 10 << 20)]
    max_bytes: u64,
    /// Skip articles of more sentences than this
    #[arg(long, value_name = "N", env = "PRECIS_MAX_SENTENCES", default_value_t = 10_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    max_sentences: usize,
    /// Field of .jsonl rows that holds the id
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_ID",
        default_value = "id"
    )]
    field_id: String,
    /// Field of .jsonl rows that holds the title
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_TITLE",
        default_value = "title"
    )]
    field_title: String,
    /// Field of .jsonl rows that holds the date
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_DATE",
        default_value = "date"
    )]
    field_date: String,
    /// Field of .jsonl rows that holds the text
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_TEXT",
        default_value = "text"
    )]
    field_text: String,
}

impl ReadArgs {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            max_sentences: self.max_sentences,
        }
    }

    pub(super) fn options(&self) -> ReadOptions {
        ReadOptions {
            max_bytes: self.max_bytes,
            fields: JsonlFields {
                id: self.field_id.clone(),
                title: self.field_title.clone(),
                date: self.field_date.clone(),
                text: self.field_text.clone(),
            },
        }
    }
}

pub(super) fn run(arguments: &RunArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal()?;
    let cache = match arguments.dry_run {
        true => arguments.cache.open_if_there(console)?,
        false => arguments.cache.open(console)?,
    };
    let pipeline = arguments.engine.pipeline(&arguments.writer, console)?;
    let pipeline = pipeline
        .with_cache(cache)
        .with_limits(arguments.read.limits());
    let options = RunOptions {
        paths: arguments.paths.clone(),
        out: arguments.out.clone(),
        force: arguments.force,
        limit: arguments.limit,
        since: arguments.since,
        prune: arguments.prune,
        keep_reports: arguments.keep_reports,
        read: arguments.read.options(),
    };
    if arguments.dry_run {
        let caching = match arguments.cache.no_cache {
            true => Caching::Off,
            false => Caching::On,
        };
        return dry_run(&options, &pipeline, caching, stop, console);
    }
    let display = Display::new(console);
    let report = job::run(&options, &pipeline, stop, &display);
    display.finish();
    let report = report?;
    last_screen(&report, &options, console);
    Ok(match report.status {
        Status::Interrupted => Exit::Interrupted,
        Status::Failed => Exit::Failed,
        Status::Done if report.articles.skipped > 0 && !arguments.skipped_ok => Exit::Skipped,
        Status::Done => Exit::Done,
    })
}

/// Whether the run would keep translations in a cache.
#[derive(Clone, Copy)]
enum Caching {
    On,
    Off,
}

/// The plan, to standard output.
fn dry_run(
    options: &RunOptions,
    pipeline: &Pipeline,
    caching: Caching,
    stop: &AtomicBool,
    console: &Console,
) -> anyhow::Result<Exit> {
    let skipped = |skipped: &SkippedArticle| {
        console.say_with(
            format_args!("skipped {}: {}", skipped.path, skipped.reason),
            skipped.event(),
        );
    };
    let plan = job::forecast(options, pipeline, stop, &skipped)?;
    let mut out = stdout().lock();
    writeln!(out, "articles to do: {}", plan.articles)?;
    writeln!(out, "articles up to date: {}", plan.unchanged)?;
    writeln!(out, "inputs skipped: {}", plan.skipped)?;
    if plan.orphaned > 0 {
        let fate = if options.prune {
            "to remove"
        } else {
            "left alone"
        };
        writeln!(
            out,
            "summaries whose articles are gone: {}, {fate}",
            plan.orphaned
        )?;
    }
    writeln!(
        out,
        "sentences: {}, {} of them in the cache",
        plan.sentences, plan.cached
    )?;
    writeln!(
        out,
        "to translate: {} sentences, {} tokens",
        plan.sentences - plan.cached,
        plan.source_tokens
    )?;
    writeln!(out, "estimated time: {}", duration(plan.seconds))?;
    writeln!(
        out,
        "estimated disk: {} of summaries{}",
        size(plan.output_bytes),
        match caching {
            Caching::On => format!(", {} more in the cache", size(plan.cache_bytes)),
            Caching::Off => String::new(),
        }
    )?;
    if let Some(bytes) = plan.memory_bytes {
        writeln!(out, "estimated memory: {}", size(bytes))?;
    }
    Ok(match plan.skipped {
        0 => Exit::Done,
        _ => Exit::Skipped,
    })
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// What was done, what was skipped and why, where the results are.
fn last_screen(report: &Report, options: &RunOptions, console: &Console) {
    /// Reasons shown; all are in the report.
    const SHOWN: usize = 10;
    let (articles, work) = (&report.articles, &report.work);
    console.json_only(
        format_args!("run {}", report.status.as_str()),
        json!({
            "event": "finished",
            "status": report.status,
            "seconds": report.seconds,
            "articles": articles,
            "work": work,
            "report": options.out.join(job::REPORT_FILE).display().to_string(),
        }),
    );
    let end = match report.status {
        Status::Done => "Done",
        Status::Interrupted => "Interrupted",
        Status::Failed => "Failed",
    };
    console.text_only(format_args!(
        "{} in {}: {} {} written, {} unchanged, {} skipped.",
        console.bold(end),
        duration(report.seconds),
        articles.written,
        if articles.written == 1 {
            "summary"
        } else {
            "summaries"
        },
        articles.unchanged,
        articles.skipped,
    ));
    if work.translated + work.cached > 0 {
        let speed = match work.translated {
            0 => String::new(),
            _ => format!(" ({} tokens/s)", work.tokens_per_second),
        };
        console.text_only(format_args!(
            "{} sentences translated{speed}, {} from the cache, {} tried twice; {} {} with warnings.",
            work.translated,
            work.cached,
            work.retried,
            articles.flagged,
            if articles.flagged == 1 { "summary" } else { "summaries" },
        ));
    }
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
    if work.failed > 0 {
        console.warn(format_args!(
            "sentences or phrases that could not be translated: {}; their summaries say so, and the next run tries again",
            work.failed
        ));
    }
    if !report.skipped.is_empty() && !console.is_verbose() {
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
    if report.status == Status::Interrupted {
        console.text_only("The same command goes on from here.");
    }
    console.text_only(format_args!(
        "Results: {0}/*.md and {0}/*.json; report: {0}/{1}",
        options.out.display(),
        job::REPORT_FILE,
    ));
}

/// A moment given as a date, whose day begins in UTC, a time, or a span back from now.
fn parse_since(text: &str) -> Result<SystemTime, String> {
    let time = |text: &str| {
        let seconds = text.parse::<jiff::Timestamp>().ok()?.as_second();
        let seconds = Duration::from_secs(seconds.try_into().ok()?);
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    };
    let back = |span| SystemTime::now().checked_sub(span);
    time(text)
        .or_else(|| time(&format!("{text}T00:00:00Z")))
        .or_else(|| parse_span(text).ok().and_then(back))
        .ok_or_else(|| {
            "neither a date (2026-11-24), nor a time (2026-11-24T02:00:00Z), nor a span (2d, 36h)"
                .to_owned()
        })
}

/// `90m`, `36h`, `2d`, `1w`.
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    let parse = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "m" => 60,
            "h" => 3600,
            "d" => 24 * 3600,
            "w" => 7 * 24 * 3600,
            _ => return None,
        };
        let number: u64 = number.parse().ok()?;
        Some(Duration::from_secs(number.checked_mul(seconds)?))
    };
    parse().ok_or_else(|| "not a span such as 90m, 26h, 180d or 2w".to_owned())
}

pub(super) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
