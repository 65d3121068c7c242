//! `precis worker`: records on standard input to answers on standard output, for engines.

use std::io::{stdin, stdout};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::console::Console;
use super::pipeline::PipelineArgs;
use super::units::parse_seconds;
use super::{Exit, signals};
use crate::worker::{self, Options, WorkerError};

const AFTER_HELP: &str = "\
Examples:
  precis worker < news.jsonl > summaries.jsonl
  precis worker --model /srv/models/opus-mt-fr-en --time-limit-per-article 60 < rows.jsonl
  parallel --pipe -k precis worker < news.jsonl > summaries.jsonl

Each line in is an article as in a .jsonl file, with an id if it has one; each gives one line out, in
the same order: {\"id\", \"status\": \"ok\" | \"skipped\" | \"failed\", \"reason\", \"seconds\", \"summary\"}.
A record that is bad costs itself alone. The summary is that of `precis run --field-path` for the same
line and field; without that option it names the id as its source.

A worker has one thread unless --workers says otherwise, because engines start one for each core, and
keeps translations only in a cache that --cache names. Write and read at the same time: a worker holds
only a few records (--in-flight) until its answers are read.

Exit codes: 0 all lines are answered, whatever the answers; 1 another worker may do better (no model,
standard input or output failed); 2 wrong usage; 130 stopped by a signal: what was begun is answered.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct WorkerArgs {
    /// Give an article up that takes longer than this by itself, in seconds
    #[arg(long, value_name = "SECONDS", env = "PRECIS_TIME_LIMIT_PER_ARTICLE", value_parser = parse_seconds)]
    time_limit_per_article: Option<Duration>,
    /// Most records in memory. More share batches better, fewer are answered sooner [default: 32
    /// for each thread]
    #[arg(long, value_name = "N", env = "PRECIS_IN_FLIGHT", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    in_flight: Option<usize>,
    #[command(flatten)]
    pipeline: PipelineArgs,
}

pub(super) fn run(arguments: &WorkerArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal(console)?;
    let mut pipeline_arguments = arguments.pipeline.clone();
    pipeline_arguments.engine.workers.get_or_insert(1);
    let pipeline =
        pipeline_arguments.load(console, |cache, console| Ok(cache.open_if_named(console)))?;
    let pipeline = Arc::new(pipeline);
    let options = Options {
        read: arguments.pipeline.read.options(),
        in_flight: arguments.in_flight,
        time_limit: arguments.time_limit_per_article,
    };
    let mut output = stdout().lock();
    let result = worker::run(stdin(), &mut output, Arc::clone(&pipeline), &options, stop);
    if let Some(error) = pipeline.cache_error() {
        console.warn_of(error, error);
    }
    let counts = result.map_err(|error| match error {
        // Told apart from other errors where the reader closed the pipe.
        WorkerError::Output(error) => {
            anyhow::Error::new(error).context("cannot write the summaries")
        }
        WorkerError::Input(_) | WorkerError::Translate(_) => error.into(),
    })?;
    console.detail(format_args!(
        "records: {} ok, {} skipped, {} failed",
        counts.ok, counts.skipped, counts.failed
    ));
    Ok(match stop.load(std::sync::atomic::Ordering::Relaxed) {
        true => Exit::Interrupted,
        false => Exit::Done,
    })
}
