//! `precis status`: how an output folder stands.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use clap::builder::BoolishValueParser;

use super::Exit;
use super::run::{duration, parse_span};
use crate::job::{Corpus, Report, State, Status};

const AFTER_HELP: &str = "\
Examples:
  precis status out
  precis status out --max-age 26h --json | jq .last.articles

Exit codes: 0 the last run was well, and nothing has changed since; 1 the last run failed or was
killed, or none has ended well, or none within --max-age; 2 wrong usage; 3 something was skipped, or
articles have changed since.";

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
    let out = std::path::absolute(out).with_context(cannot)?;
    let mut state = State::read(&out).with_context(cannot)?;
    if !arguments.quick
        && let Some(last) = &state.last
        && !last.paths.is_empty()
    {
        if let Some(folder) = &last.folder {
            // Its paths begin there; where it is gone, so are they.
            let _ = std::env::set_current_dir(folder);
        }
        state.corpus = Some(Corpus::compare(&out, last)?);
    }
    let exit = exit_of(&state, arguments.max_age);
    if arguments.json {
        let mut json = serde_json::to_vec_pretty(&state)?;
        json.push(b'\n');
        stdout().write_all(&json)?;
    } else {
        write(&state, &arguments.out)?;
    }
    Ok(exit)
}

fn exit_of(state: &State, max_age: Option<Duration>) -> Exit {
    let is_recent = |age: i64| {
        max_age.is_none_or(|max| age <= i64::try_from(max.as_secs()).unwrap_or(i64::MAX))
    };
    let failed = (state.last.as_ref()).is_none_or(|last| last.status == Status::Failed);
    if failed || state.killed || !state.age().is_some_and(is_recent) {
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
    let holder = match &state.holder {
        Some(holder) => holder.to_string(),
        None => "it has not said which process".to_owned(),
    };
    if state.running {
        writeln!(to, "running: {holder}")?;
    }
    if state.killed {
        writeln!(
            to,
            "killed: {holder}, ended without a report; the next run goes on from there"
        )?;
    }
    match &state.last {
        Some(last) => write_report(last, &mut to)?,
        None => writeln!(to, "no run has reported in {}", out.display())?,
    }
    if let Some(corpus) = &state.corpus {
        writeln!(
            to,
            "corpus now: {} as they were, {} new, {} changed, {} gone, {} skipped",
            corpus.current, corpus.new, corpus.changed, corpus.orphaned, corpus.skipped
        )?;
    }
    Ok(())
}

fn to_the_second(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => format!("{time:.0}"),
        Err(_) => time.to_owned(),
    }
}

fn write_report(last: &Report, to: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        to,
        "last run: {}, {} after {}",
        to_the_second(&last.started),
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
