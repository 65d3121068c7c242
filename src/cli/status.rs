//! `precis status`: the state of an output folder.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use clap::builder::BoolishValueParser;

use super::console::Console;
use super::units::{duration, parse_span};
use super::{Exit, hint};
use crate::job::{self, Corpus, Doubtful, Report, State, Status, worst_in};

const AFTER_HELP: &str = "\
Examples:
  precis status out
  precis status out --quick --worst 20
  precis status out --max-age 26h --json | jq .last.articles

Exit codes: 0 the last run ended well, and nothing has changed since; 1 the last run failed or was
killed, or skipped everything, no run ended well (within --max-age), or the corpus is missing; 2 wrong usage; 3 something
was skipped, the last run was interrupted, or articles have changed since.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct StatusArgs {
    /// Output folder
    #[arg(value_name = "DIR", env = "PRECIS_OUT", default_value = "out")]
    out: PathBuf,
    /// Print everything as JSON
    #[arg(long, env = "PRECIS_JSON", value_parser = BoolishValueParser::new())]
    json: bool,
    /// Maximal time since the last run that ended well, such as `26h` or `8d`
    #[arg(long, value_name = "SPAN", env = "PRECIS_MAX_AGE", value_parser = parse_span)]
    max_age: Option<Duration>,
    /// List so many of the summaries that can be trusted least, and why
    #[arg(long, value_name = "N", env = "PRECIS_WORST")]
    worst: Option<usize>,
    /// File that gets the same as metrics for Prometheus
    ///
    /// As `precis run --metrics` writes it, and, unless `--quick`, how the corpus is now
    #[arg(long, value_name = "FILE", env = "PRECIS_METRICS")]
    metrics: Option<PathBuf>,
    /// Look only at the reports, not at the corpus
    #[arg(long, env = "PRECIS_QUICK", value_parser = BoolishValueParser::new())]
    quick: bool,
}

pub(super) fn run(arguments: &StatusArgs, console: &Console) -> anyhow::Result<Exit> {
    let out = &arguments.out;
    let cannot = || {
        format!(
            "cannot read {}: name the output folder of a run",
            out.display()
        )
    };
    let out = std::path::absolute(out).with_context(cannot)?;
    let metrics = arguments.metrics.as_ref().map(std::path::absolute);
    let metrics = metrics.transpose()?;
    let mut state = State::read(&out).with_context(cannot)?;
    if !arguments.quick
        && let Some(last) = &state.last
        && !last.paths.is_empty()
    {
        if let Some(folder) = &last.folder {
            // Relative paths begin there; if the folder is gone, so are they.
            let _ = std::env::set_current_dir(folder);
        }
        state.corpus = Some(Corpus::compare(&out, last)?);
    }
    if let Some(most) = arguments.worst {
        state.worst = Some(worst_in(&out, most).with_context(cannot)?);
    }
    let exit = judge(&mut state, arguments.max_age);
    if let Some(file) = metrics {
        write_metrics(&file, &out, &state, console);
    }
    if arguments.json {
        let mut json = serde_json::to_vec_pretty(&state)?;
        json.push(b'\n');
        stdout().write_all(&json)?;
    } else {
        write(&state, &arguments.out)?;
    }
    Ok(exit)
}

/// Writes the state of the output folder `out` as metrics. A file that cannot be written is no reason
/// for anything else to fail.
pub(super) fn write_metrics(file: &Path, out: &Path, state: &State, console: &Console) {
    let text = job::metrics(out, state);
    if let Err(error) = job::write_atomically(file, text.as_bytes()) {
        console.warn(format_args!(
            "cannot write the metrics to {}: {error}; check its folder and permissions",
            file.display()
        ));
    }
}

/// Lists in `state` what is wrong. Returns how bad that is.
fn judge(state: &mut State, max_age: Option<Duration>) -> Exit {
    let (mut failures, mut doubts) = (Vec::new(), Vec::new());
    let first_is_running = state.running && state.last.is_none();
    match (state.age(), max_age) {
        _ if first_is_running => {}
        (None, _) => failures.push("no run has ended well".to_owned()),
        (Some(age), Some(max)) if age > i64::try_from(max.as_secs()).unwrap_or(i64::MAX) => {
            let hours = age / 3600;
            failures.push(format!("the last run that ended well is {hours} hours old"));
        }
        _ => {}
    }
    if state.killed {
        failures.push("a run was killed before it could report".to_owned());
    }
    if let Some(last) = &state.last {
        match last.status {
            Status::Failed => failures.push("the last run failed".to_owned()),
            Status::Interrupted => doubts.push("the last run was interrupted".to_owned()),
            Status::Done => {}
        }
        if last.articles.skipped > 0 && last.articles.skipped == last.articles.found {
            failures.push("the last run skipped everything".to_owned());
        } else if last.articles.skipped > 0 {
            doubts.push(format!("{} inputs were skipped", last.articles.skipped));
        }
    }
    match &state.corpus {
        Some(corpus) if corpus.current + corpus.new + corpus.changed == 0 => {
            failures.push("no article of the corpus is there".to_owned());
        }
        Some(corpus) if corpus.is_behind() => {
            doubts.push("articles have come, changed or gone since".to_owned());
        }
        _ => {}
    }
    let exit = match (failures.is_empty(), doubts.is_empty()) {
        (false, _) => Exit::Failed,
        (true, false) => Exit::Skipped,
        (true, true) => Exit::Done,
    };
    state.problems = [failures, doubts].concat();
    exit
}

fn write(state: &State, out: &Path) -> std::io::Result<()> {
    let mut to = stdout().lock();
    let holder = match &state.holder {
        Some(holder) => holder.to_string(),
        None => "its process is not known yet".to_owned(),
    };
    if state.running {
        writeln!(to, "running: {holder}")?;
    }
    if state.killed {
        writeln!(to, "killed: {holder}; the next run goes on from there")?;
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
    for problem in &state.problems {
        writeln!(to, "problem: {problem}")?;
    }
    for doubtful in state.worst.iter().flatten() {
        write_doubtful(doubtful, &mut to)?;
    }
    Ok(())
}

/// `bad: article.txt (article.json): of 12 sentences 3 bad, 5 to check; name lost 2`
fn write_doubtful(doubtful: &Doubtful, to: &mut impl Write) -> std::io::Result<()> {
    let trust = &doubtful.trust;
    let sentences = trust.good + trust.check + trust.bad;
    let flags = doubtful.flags.iter().map(|(flag, count)| {
        let name = flag.name().replace('_', " ");
        format!("{name} {count}")
    });
    let flags: Vec<String> = flags.collect();
    let reasons = match flags.is_empty() {
        true => String::new(),
        false => format!("; {}", flags.join(", ")),
    };
    writeln!(
        to,
        "{}: {} ({}.json): of {sentences} sentences {} bad, {} to check{reasons}",
        trust.grade.word(),
        doubtful.path,
        doubtful.id,
        trust.bad,
        trust.check,
    )
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
    for hint in hint::of_all_skipped(&last.skipped) {
        writeln!(to, "  hint: {hint}")?;
    }
    Ok(())
}
