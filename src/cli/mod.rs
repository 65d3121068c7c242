//! The command line: turns arguments into ready objects, with one file per command. Nothing in this
//! module knows how the work is done, and nothing outside of it prints or exits.

mod archive;
mod cache;
mod cache_file;
mod config;
mod console;
mod digest;
mod engine;
mod export;
mod get;
mod help;
mod hint;
mod last_screen;
mod man;
mod merge;
mod models;
mod pipeline;
mod progress;
mod read;
mod reading;
mod report;
mod run;
mod search;
mod shard;
mod signals;
mod status;
mod summarize;
mod translate;
mod units;
mod worker;
mod writer;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use config::OptionsFile;
use console::{ColorChoice, Console, LogFormat};

use crate::export::ExportError;
use crate::fault;
use crate::job::{JobError, LockError};
use crate::translate::TranslateError;

/// Exit codes, as `precis --help` documents them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Skipped = 3,
    Locked = 4,
    Interrupted = 130,
}

const AFTER_HELP: &str = "\
Examples:
  precis run corpus                       every article below corpus/ into out/
  precis run news.jsonl --out summaries   one article per line
  precis translate < text.fr > text.en    line by line
  precis summarize article.html | jq .headline

Every option can also stand in precis.toml (`keep-reports = 7`) and in the environment
(PRECIS_KEEP_REPORTS=7); the command line wins over the environment, the environment over the file.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some articles were skipped;
4 another run holds the output folder; 130 interrupted.";

/// Translates French articles to English with local models and writes one structured, sourced
/// summary per article. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "precis", version, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// Print only errors
    #[arg(long, short, global = true, env = "PRECIS_QUIET", value_parser = clap::builder::BoolishValueParser::new(), conflicts_with = "verbose")]
    quiet: bool,
    /// Print more: each skipped article at once, and where the time went
    #[arg(long, short, global = true, env = "PRECIS_VERBOSE", value_parser = clap::builder::BoolishValueParser::new())]
    verbose: bool,
    /// Do not show progress
    #[arg(long, global = true, env = "PRECIS_NO_PROGRESS", value_parser = clap::builder::BoolishValueParser::new())]
    no_progress: bool,
    /// When to use colour; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        env = "PRECIS_COLOR",
        default_value = "auto"
    )]
    color: ColorChoice,
    /// Format of messages on standard error; `json`: one object per line, for log collectors
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "PRECIS_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,
    /// Options file. Default: `precis.toml` in the working folder, if there is one
    #[arg(long, global = true, value_name = "FILE", env = "PRECIS_CONFIG")]
    config: Option<std::path::PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Translate and summarise every article of a corpus
    Run(run::RunArgs),
    /// Join the output folders of several runs, such as shards of a corpus
    Merge(merge::MergeArgs),
    /// Answer records on standard input with summaries on standard output, driven by an engine
    Worker(worker::WorkerArgs),
    /// Show when the last run was, what it did, and what has changed since
    Status(status::StatusArgs),
    /// Make the pages of an output folder from its summaries
    Report(report::ReportArgs),
    /// Tell what is new in an output folder, for reading and for mail
    Digest(digest::DigestArgs),
    /// Find articles of an output folder
    Search(search::SearchArgs),
    /// Write the summaries of an output folder as a database, CSV or Parquet
    Export(export::ExportArgs),
    /// Translate standard input to standard output, line by line
    Translate(translate::TranslateArgs),
    /// Summarise one file, or standard input, to standard output
    Summarize(summarize::SummarizeArgs),
    /// Show what is read from files, and what is left out of them and why
    Read(read::ReadCommandArgs),
    /// List, fetch, inspect and verify models
    Models(models::ModelsArgs),
    /// Inspect, verify, trim and clear the cache of translations
    Cache(cache::CacheArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Write manual pages and completion scripts, for packages
    #[command(hide = true)]
    Man(man::ManArgs),
}

#[derive(Debug, Args)]
struct CompletionsArgs {
    shell: clap_complete::Shell,
}

/// The command line.
fn command() -> clap::Command {
    help::shortened(help::without_variables(Cli::command()))
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    fault::set_up();
    ExitCode::from(run_with(std::env::args_os().collect()) as u8)
}

fn run_with(arguments: Vec<OsString>) -> Exit {
    let (command, file) = match OptionsFile::apply(command(), &arguments) {
        Ok(applied) => applied,
        Err(error) => {
            Console::plain().error(&error);
            return Exit::Usage;
        }
    };
    let parsed = command
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version were asked for; everything else is a mistake.
            let _ = error.print();
            if !error.use_stderr() {
                return Exit::Done;
            }
            if let Some(place) = place_of(&error, &arguments, file.as_ref()) {
                Console::plain().say(format_args!(
                    "\nThe value is not on the command line: it is in {place}."
                ));
            }
            return Exit::Usage;
        }
    };
    let console = Console::new(&cli.global);
    console.report_panics();
    let result = match &cli.command {
        Command::Run(arguments) => run::run(arguments, &console),
        Command::Merge(arguments) => merge::run(arguments, &console),
        Command::Worker(arguments) => worker::run(arguments, &console),
        Command::Status(arguments) => status::run(arguments, &console),
        Command::Report(arguments) => report::run(arguments, &console),
        Command::Digest(arguments) => digest::run(arguments, &console),
        Command::Search(arguments) => search::run(arguments, &console),
        Command::Export(arguments) => export::run(arguments, &console),
        Command::Translate(arguments) => translate::run(arguments, &console),
        Command::Summarize(arguments) => summarize::run(arguments, &console),
        Command::Read(arguments) => read::run(arguments, &console),
        Command::Models(arguments) => models::run(arguments, &console),
        Command::Cache(arguments) => cache::run(arguments, &console),
        Command::Completions(arguments) => completions(arguments),
        Command::Man(arguments) => man::run(arguments),
    };
    result.unwrap_or_else(|error| {
        let exit = exit_of(&error);
        if is_broken_pipe(&error) {
            // The reader closed the pipe.
            return Exit::Done;
        }
        console.error(&error);
        exit
    })
}

/// Where the value stands that `error` refuses, if it is in none of the arguments.
fn place_of(
    error: &clap::Error,
    arguments: &[OsString],
    file: Option<&OptionsFile>,
) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let value = text(ContextKind::InvalidValue).filter(|value| !value.is_empty())?;
    let mut arguments = arguments.iter().map(|argument| argument.to_string_lossy());
    if arguments.any(|argument| argument.contains(value)) {
        return None;
    }
    // `--beam <N>`
    let option = text(ContextKind::InvalidArg)?.split([' ', '=']).next()?;
    let option = option.trim_start_matches('-');
    let variable = format!("PRECIS_{}", option.to_uppercase().replace('-', "_"));
    match std::env::var_os(&variable) {
        Some(_) => Some(format!("the variable {variable} of the environment")),
        None => file?.place(option),
    }
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(JobError::Lock(LockError::Held { .. })) = error.downcast_ref() {
        return Exit::Locked;
    }
    if let Some(ExportError::Interrupted) = error.downcast_ref() {
        return Exit::Interrupted;
    }
    let translate = match error.downcast_ref() {
        Some(JobError::Translate(error)) => Some(error),
        _ => error.downcast_ref::<TranslateError>(),
    };
    match translate {
        Some(TranslateError::Interrupted) => Exit::Interrupted,
        _ => Exit::Failed,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn completions(arguments: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "precis", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_named_after_their_options() {
        fn check(command: &clap::Command) {
            for arg in command.get_arguments() {
                let Some(variable) = arg.get_env() else {
                    continue;
                };
                let name = arg.get_long().unwrap_or(arg.get_id().as_str());
                let expected = format!("PRECIS_{}", name.to_uppercase().replace('-', "_"));
                assert_eq!(variable, &*expected);
            }
            command.get_subcommands().for_each(check);
        }
        check(&command());
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }
}
