//! `precis status`: how an output folder stands.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use clap::builder::BoolishValueParser;
use jiff::Timestamp;

use super::Exit;
use super::run::{ReadArgs, duration, parse_span};
use crate::job::{Corpus, Report, State};

const AFTER_HELP: &str = "\
Examples:
  precis status out
  precis status out --max-age 26h --json | jq .last.articles

Exit codes: 0 the last run was well, and nothing has changed since; 1 no run has ended well, or none
within --max-age; 2 wrong usage; 3 something was skipped, or articles have changed since.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct StatusArgs {
    /// Output folder
    #[arg(value_name = "DIR", env = "PRECIS_OUT", default_value = "out")]
    out: PathBuf,
    /// Print everything as JSON
    #[arg(long, env = "PRECIS_JSON", value_parser = BoolishValueParser::new())]
    json: bool,
    /// Longest time since the last run that ended well, such as `26h` or `8d`
    #[arg(long, value_name = "SPAN", env = "PRECIS_MAX_AGE", value_parser = parse_max_age)]
    max_age: Option<Duration>,
    /// Look at the reports alone, not at the corpus
    #[arg(long, env = "PRECIS_QUICK", value_parser = BoolishValueParser::new())]
    quick: bool,
    #[command(flatten)]
    read: ReadArgs,
}

fn parse_max_age(text: &str) -> Result<Duration, String> {
    parse_span(text).ok_or_else(|| "not a span such as 90m, 26h, 8d or 2w".to_owned())
}

pub fn run(arguments: &StatusArgs) -> anyhow::Result<Exit> {
    let out = &arguments.out;
    let cannot = || {
        format!(
            "cannot read {}: name the output folder of a run",
            out.display()
        )
    };
    let mut state = State::read(out).with_context(cannot)?;
    if !arguments.quick
        && let Some(last) = &state.last
    {
        let paths: Vec<PathBuf> = last.paths.iter().map(PathBuf::from).collect();
        let corpus = Corpus::compare(out, &paths, &arguments.read.options());
        state.corpus = Some(corpus.with_context(cannot)?);
    }
    let exit = exit_of(&state, arguments.max_age);
    if arguments.json {
        let mut json = serde_json::to_vec_pretty(&state)?;
        json.push(b'\n');
        stdout().write_all(&json)?;
    } else {
        write(&state, out)?;
    }
    Ok(exit)
}

fn exit_of(state: &State, max_age: Option<Duration>) -> Exit {
    let age = |time: Timestamp| Timestamp::now().as_second() - time.as_second();
    let well = state.last_success().is_some_and(|time| {
        max_age.is_none_or(|max| age(time) <= i64::try_from(max.as_secs()).unwrap_or(i64::MAX))
    });
    if !well || state.killed.is_some() {
        return Exit::Failed;
    }
    let skipped = (state.last.as_ref()).is_some_and(|last| last.articles.skipped > 0);
    let behind = state.corpus.as_ref().is_some_and(Corpus::is_behind);
    if skipped || behind {
        Exit::Skipped
    } else {
        Exit::Done
    }
}

fn write(state: &State, out: &Path) -> std::io::Result<()> {
    let mut to = stdout().lock();
    if let Some(holder) = &state.running {
        writeln!(to, "running: {holder}")?;
    }
    if let Some(since) = &state.killed {
        writeln!(
            to,
            "killed: the run of {since} ended without a report; the next one goes on from there"
        )?;
    }
    match &state.last {
        Some(last) => write_report(last, &mut to)?,
        None => writeln!(to, "no run has reported in {}", out.display())?,
    }
    if let Some(corpus) = &state.corpus {
        writeln!(
            to,
            "corpus now: {} as they were, {} new, {} changed, {} gone, {} unreadable",
            corpus.current, corpus.new, corpus.changed, corpus.orphaned, corpus.unreadable
        )?;
    }
    Ok(())
}

fn write_report(last: &Report, to: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        to,
        "last run: {}, {} after {}",
        last.started,
        last.status.as_str(),
        duration(last.seconds)
    )?;
    if let Some(error) = &last.error {
        writeln!(to, "error: {error}")?;
    }
    let articles = &last.articles;
    writeln!(
        to,
        "articles: {} found, {} written, {} unchanged, {} skipped, {} flagged, {} removed",
        articles.found,
        articles.written,
        articles.unchanged,
        articles.skipped,
        articles.flagged,
        articles.removed
    )?;
    for skipped in last.skipped.iter().take(10) {
        writeln!(to, "  skipped {}: {}", skipped.path, skipped.reason)?;
    }
    if last.skipped.len() > 10 {
        writeln!(to, "  … and {} more", last.skipped.len() - 10)?;
    }
    Ok(())
}
