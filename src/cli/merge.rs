//! `precis merge`: the output folders of several runs as one.

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use clap::builder::BoolishValueParser;

use super::console::Console;
use super::report::{LinkArgs, warn_of};
use super::{Exit, last_screen, signals};
use crate::job::{self, MergeOptions};

const AFTER_HELP: &str = "\
Examples:
  precis merge out/* --into all                    folders of summaries into one, with one run.json
  precis merge out/* --jsonl all.jsonl             one line of JSON for each summary
  precis merge out/* --jsonl - | zstd > all.jsonl.zst

The folders are outputs of `precis run --shard I/N`, all N of them, or of runs over several corpora.
What is merged from shards is, byte for byte, what one run over the corpus writes; run.json has the
same articles, and the times of all shards together.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct MergeArgs {
    /// Output folders of runs
    #[arg(required = true, value_name = "OUT")]
    folders: Vec<PathBuf>,
    /// Folder that gets the summaries and the report; files are linked where the file system can
    #[arg(long, value_name = "DIR", env = "PRECIS_INTO")]
    into: Option<PathBuf>,
    /// File that gets one line of JSON for each summary, in the order of their ids; `-` is standard
    /// output
    #[arg(long, value_name = "FILE", env = "PRECIS_JSONL")]
    jsonl: Option<PathBuf>,
    /// Merge what there is, even if shards are missing or unfinished
    #[arg(long, env = "PRECIS_PARTIAL", value_parser = BoolishValueParser::new())]
    partial: bool,
    /// Remove summaries from the folder of an earlier merge that are in none of the folders any more
    #[arg(long, env = "PRECIS_PRUNE", value_parser = BoolishValueParser::new())]
    prune: bool,
    /// Reports of past merges to keep in DIR/.precis.runs
    #[arg(
        long,
        value_name = "N",
        env = "PRECIS_KEEP_REPORTS",
        default_value_t = 30
    )]
    keep_reports: usize,
    #[command(flatten)]
    links: LinkArgs,
}

pub(super) fn run(arguments: &MergeArgs, console: &Console) -> anyhow::Result<Exit> {
    if arguments.into.is_none() && arguments.jsonl.is_none() {
        console.error(&anyhow!(
            "say what to make: --into DIR, --jsonl FILE, or both"
        ));
        return Ok(Exit::Usage);
    }
    let stop = signals::stop_on_signal(console)?;
    let mut lines = arguments.jsonl.as_deref().map(lines).transpose()?;
    let options = MergeOptions {
        folders: arguments.folders.clone(),
        into: arguments.into.clone(),
        partial: arguments.partial,
        prune: arguments.prune,
        keep_reports: arguments.keep_reports,
        base_url: arguments.links.base_url.clone(),
    };
    let lines = lines.as_mut().map(|lines| &mut **lines as &mut dyn Write);
    let merged = job::merge(&options, lines, stop)?;
    let notices = merged
        .site
        .as_ref()
        .map_or(0, |site| warn_of(site, console));
    match &arguments.into {
        Some(into) => last_screen::show(&merged.report, into, console),
        None => console.say(format_args!("{} folders merged", arguments.folders.len())),
    }
    Ok(match notices {
        0 => Exit::Done,
        _ => Exit::Skipped,
    })
}

fn lines(path: &Path) -> anyhow::Result<Box<dyn Write>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufWriter::new(stdout())));
    }
    let file = File::create(path).with_context(|| {
        format!(
            "cannot write {}: check its folder and permissions",
            path.display()
        )
    })?;
    Ok(Box::new(BufWriter::new(file)))
}
