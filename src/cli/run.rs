//! `precis run`: a corpus into an output folder.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{BoolishValueParser, RangedU64ValueParser};

use super::console::Console;
use super::engine::{EngineArgs, UseCacheArgs, WriterArgs};
use super::progress::Display;
use super::{Exit, signals};
use crate::article::{JsonlFields, ReadOptions};
use crate::job::{self, Report, RunOptions, Status};

const AFTER_HELP: &str = "\
Examples:
  precis run corpus
  precis run archive news.jsonl.zst --out summaries --workers 8
  precis run rows.jsonl --field-text body --field-id url
  precis run corpus --model ./opus-mt-fr-en --numeric f32
  precis run corpus --writer ./distilbart-cnn-12-6

Every article gets OUT/ID.json (schema/summary.schema.json) and OUT/ID.md; OUT/run.json says what
was done, skipped and why. A second run does only what is new or has changed.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some articles were skipped;
4 another run holds the output folder; 130 interrupted (run it again to go on).";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct RunArgs {
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
pub struct ReadArgs {
    /// Skip articles of more bytes than this, uncompressed
    #[arg(long, value_name = "N", env = "PRECIS_MAX_BYTES", default_value_t = 10 << 20)]
    max_bytes: u64,
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
    pub fn options(&self) -> ReadOptions {
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

pub fn run(arguments: &RunArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal()?;
    let translator = arguments.engine.load_for_summaries(console)?;
    let writer = arguments.writer.load(&arguments.engine, console)?;
    let cache = arguments.cache.open(console)?;
    let options = RunOptions {
        paths: arguments.paths.clone(),
        out: arguments.out.clone(),
        force: arguments.force,
        limit: arguments.limit,
        read: arguments.read.options(),
    };
    let display = Display::new(console);
    let report = job::run(
        &options,
        &translator,
        &*writer,
        cache.as_ref(),
        stop,
        &display,
    );
    display.finish();
    let report = report?;
    last_screen(&report, &options, console);
    Ok(match report.status {
        Status::Interrupted => Exit::Interrupted,
        Status::Done if report.articles.skipped > 0 => Exit::Skipped,
        Status::Done => Exit::Done,
    })
}

/// What was done, what was skipped and why, where the results are.
fn last_screen(report: &Report, options: &RunOptions, console: &Console) {
    /// Reasons shown; all are in the report.
    const SHOWN: usize = 10;
    let (articles, work) = (&report.articles, &report.work);
    let end = match report.status {
        Status::Done => "Done",
        Status::Interrupted => "Interrupted",
    };
    console.say(format_args!(
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
        console.say(format_args!(
            "{} sentences translated ({} tokens/s), {} from the cache, {} tried twice; {} {} with warnings.",
            work.translated,
            work.tokens_per_second,
            work.cached,
            work.retried,
            articles.flagged,
            if articles.flagged == 1 { "summary" } else { "summaries" },
        ));
    }
    if !report.skipped.is_empty() && !console.is_verbose() {
        console.say("Skipped:");
        for skipped in report.skipped.iter().take(SHOWN) {
            console.say(format_args!("  {}: {}", skipped.path, skipped.reason));
        }
        if report.skipped.len() > SHOWN {
            console.say(format_args!(
                "  … and {} more",
                report.skipped.len() - SHOWN
            ));
        }
    }
    console.say(format_args!(
        "Results: {0}/*.md and {0}/*.json; report: {0}/{1}",
        options.out.display(),
        job::REPORT_FILE,
    ));
}

fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
