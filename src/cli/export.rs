//! `precis export`: the summaries of an output folder as tables.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console::Console;
use super::{Exit, archive, signals};
use crate::archive::Aliases;
use crate::export::{CsvStyle, ExportFormat, export};
use crate::output::count;

const AFTER_HELP: &str = "\
Examples:
  precis export sqlite out --out news.sqlite
  precis export csv out --out tables --bom          for Excel
  precis export parquet out --out tables

Tables are articles, key_points, sentences, events, figures, quotes, topics, checks, replaced,
entities, mentions and stories; each row has the id of its article and the sentence that is its
evidence. docs/data.md describes each column and has examples for jq, SQLite, DuckDB and pandas.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some summaries cannot be read; 130
interrupted.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ExportArgs {
    /// What to export to
    #[arg(value_name = "FORMAT")]
    format: Format,
    /// Output folder of a run
    #[arg(value_name = "DIR", env = "PRECIS_OUT", default_value = "out")]
    out: PathBuf,
    /// File of the database, or folder of the tables. Files of an earlier export are replaced, no others
    #[arg(long = "out", short, id = "to", value_name = "PATH")]
    to: PathBuf,
    /// CSV: write texts as they are, even those that spreadsheets take for formulas. Without it these get
    /// a ' before them
    #[arg(long)]
    raw: bool,
    /// CSV: begin files with a byte order mark, by which Excel sees that they are UTF-8
    #[arg(long)]
    bom: bool,
    /// Names that are one: a line for each, with its aliases after tabs
    #[arg(long, value_name = "FILE", env = "PRECIS_ALIASES")]
    aliases: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A database with indexes and full-text search
    Sqlite,
    /// A file for each table, for spreadsheets
    Csv,
    /// A file for each table, for data frames and engines
    Parquet,
}

pub(super) fn run(arguments: &ExportArgs, console: &Console) -> anyhow::Result<Exit> {
    if arguments.format != Format::Csv && (arguments.raw || arguments.bom) {
        console.error(&anyhow::anyhow!("--raw and --bom are for CSV alone"));
        return Ok(Exit::Usage);
    }
    archive::look(&arguments.out, console)?;
    let aliases = arguments.aliases.as_deref().map(Aliases::read).transpose();
    let aliases = aliases?.unwrap_or_default();
    let format = match arguments.format {
        Format::Sqlite => ExportFormat::Sqlite,
        Format::Csv => ExportFormat::Csv(CsvStyle {
            guarded: !arguments.raw,
            byte_order_mark: arguments.bom,
        }),
        Format::Parquet => ExportFormat::Parquet,
    };
    let stop = signals::stop_on_signal(console)?;
    let exported = export(&arguments.out, &arguments.to, format, &aliases, stop)?;
    let rows = exported
        .rows
        .iter()
        .map(|(name, rows)| format!("{name} {rows}"));
    let rows: Vec<String> = rows.collect();
    console.say(format_args!(
        "{} in {}. Rows: {}.",
        count(exported.articles, "article", "articles"),
        arguments.to.display(),
        rows.join(", ")
    ));
    Ok(archive::warn_of(&exported.unreadable, console))
}
