//! `precis run`: a corpus into an output folder.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use clap::Args;
use clap::builder::{BoolishValueParser, RangedU64ValueParser};
use serde_json::{Value, json};

use super::cache_file::UseCacheArgs;
use super::console::Console;
use super::pipeline::PipelineArgs;
use super::progress::Display;
use super::report::SiteArgs;
use super::shard::ShardArgs;
use super::status::write_metrics;
use super::units::{duration, parse_since, size};
use super::{Exit, last_screen, signals};
use crate::TOOL;
use crate::job::{self, JobError, LockError, RunOptions, SkippedArticle, State, Status};
use crate::pipeline::Pipeline;

const AFTER_HELP: &str = "\
Examples:
  precis run corpus
  precis run archive news.jsonl.zst --out summaries --workers 8
  precis run rows.jsonl --field-text article.body --field-id url
  precis run export.csv crawl.warc.gz feed.xml
  precis run corpus --model ./opus-mt-fr-en --numeric f32
  precis run corpus --writer ./distilbart-cnn-12-6
  precis run corpus --shard 3/32 --out out/3
  precis run corpus --dry-run              what it would do, how long it would take
  precis run /srv/news --prune --log-format json --no-progress     every night

Every article gets OUT/ID.json (schema/summary.schema.json), OUT/ID.md and OUT/ID.html; OUT/index.html
searches them; OUT/run/run.json says what was done, skipped and why. A second run does only what is
new or has changed.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some articles were skipped;
4 another run holds the output folder; 130 interrupted (run it again to go on).";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct RunArgs {
    /// Files and folders of articles
    ///
    /// .txt, .md, .html, and collections of many: .jsonl, .json, .csv, .tsv, .parquet, .warc, .rss,
    /// .atom, .xml; all but .parquet also as .gz or .zst
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
    /// Pass over files last changed before this, such as `2026-11-24` or `36h`
    ///
    /// A date, a time (RFC 3339), or a span back from now in minutes, hours, days or weeks. The
    /// summaries of what is passed over stay
    #[arg(long, value_name = "WHEN", env = "PRECIS_SINCE", value_parser = parse_since)]
    since: Option<SystemTime>,
    /// Remove the summaries of articles that no longer exist
    ///
    /// Articles that cannot be read keep their summaries
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
    /// File that gets metrics for Prometheus at the end
    ///
    /// What the last run did, when the last one was well, how far the summaries can be trusted: in the
    /// text format of Prometheus, for the folder of the node exporter's textfile collector, under a name
    /// that ends in .prom
    #[arg(long, value_name = "FILE", env = "PRECIS_METRICS")]
    metrics: Option<PathBuf>,
    #[command(flatten)]
    shard: ShardArgs,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    pipeline: PipelineArgs,
}

pub(super) fn run(arguments: &RunArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal(console)?;
    let shard = arguments.shard.shard()?;
    let aliases = arguments.site.aliases()?;
    let mut options = RunOptions {
        force: arguments.force,
        limit: arguments.limit,
        since: arguments.since,
        prune: arguments.prune,
        shard,
        keep_reports: arguments.keep_reports,
        read: arguments.pipeline.read.options(),
        html: !arguments.site.no_html,
        aliases,
        base_url: arguments.site.links.base_url.clone(),
        ..RunOptions::new(arguments.paths.clone(), arguments.out.clone())
    };
    if arguments.dry_run {
        let pipeline = arguments
            .pipeline
            .load(console, UseCacheArgs::open_if_there)?;
        let caching = match arguments.pipeline.cache.no_cache {
            true => Caching::Off,
            false => Caching::On,
        };
        return dry_run(&options, &pipeline, caching, stop, console);
    }
    console.begin_run(&options.run);
    let pipeline = arguments.pipeline.load(console, UseCacheArgs::open)?;
    options.models = arguments.pipeline.models(&pipeline)?;
    let display = Display::new(console, started(&options, &pipeline));
    let report = job::run(&options, &pipeline, stop, &display);
    display.finish();
    let is_locked = matches!(report, Err(JobError::Lock(LockError::Held { .. })));
    // Then they are the other run's to write.
    if let Some(file) = arguments.metrics.as_deref().filter(|_| !is_locked) {
        let out = std::path::absolute(&options.out)?;
        match State::read(&out) {
            Ok(state) => write_metrics(file, &out, &state, console),
            Err(error) => console.warn(format_args!("no metrics: {error}")),
        }
    }
    let report = report.inspect_err(|_| {
        let fields = json!({ "event": "finished", "status": Status::Failed });
        console.json_only("run failed", fields);
    })?;
    last_screen::show(&report, &options.out, console);
    Ok(match report.status {
        Status::Interrupted => Exit::Interrupted,
        Status::Failed => Exit::Failed,
        Status::Done if report.articles.skipped > 0 && !arguments.skipped_ok => Exit::Skipped,
        Status::Done => Exit::Done,
    })
}

/// Fields of the event with which a run begins.
fn started(options: &RunOptions, pipeline: &Pipeline) -> Value {
    let translator = pipeline.translator();
    json!({
        "event": "started",
        "tool": TOOL,
        "pid": std::process::id(),
        "paths": options.paths,
        "out": options.out,
        "shard": options.shard,
        "model": translator.name(),
        "writer": pipeline.writer().provenance().model,
        "workers": translator.workers().current_num_threads(),
    })
}

/// Whether the run would keep translations in a cache.
#[derive(Clone, Copy)]
enum Caching {
    On,
    Off,
}

/// Prints the forecast to standard output.
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
