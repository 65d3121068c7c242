//! `precis cache`: the store of translations.

use std::io::{Write, stdout};

use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};

use super::Exit;
use super::console::Console;
use super::engine::CacheFileArgs;

#[derive(Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    /// Show how much it holds
    Stats {
        #[command(flatten)]
        file: CacheFileArgs,
    },
    /// Check every entry
    Verify {
        #[command(flatten)]
        file: CacheFileArgs,
        /// Remove damaged entries; their sentences are translated again when they are met
        #[arg(long, env = "PRECIS_REMOVE", value_parser = BoolishValueParser::new())]
        remove: bool,
    },
    /// Remove every entry
    Clear {
        #[command(flatten)]
        file: CacheFileArgs,
    },
}

pub fn run(arguments: &CacheArgs, console: &Console) -> anyhow::Result<Exit> {
    let mut out = stdout().lock();
    match &arguments.command {
        CacheCommand::Stats { file } => {
            let stats = file.open_existing(console)?.stats()?;
            writeln!(out, "file: {}", file.path()?.display())?;
            writeln!(out, "entries: {}", stats.entries)?;
            writeln!(out, "bytes of values: {}", stats.bytes_of_values)?;
            writeln!(out, "bytes of file: {}", stats.file_bytes)?;
            if let (Some(oldest), Some(newest)) = (stats.oldest, stats.newest) {
                writeln!(out, "written: {oldest} to {newest}")?;
            }
            Ok(Exit::Done)
        }
        CacheCommand::Verify { file, remove } => {
            let store = file.open_existing(console)?;
            let found = if *remove {
                store.remove_corrupt()?
            } else {
                store.verify()?
            };
            let damaged = found.corrupt.len();
            let verb = if *remove { "removed" } else { "damaged" };
            writeln!(out, "{} entries checked, {damaged} {verb}", found.checked)?;
            if damaged > 0 && !remove {
                console.warn("damaged entries are never used; `--remove` removes them");
                return Ok(Exit::Failed);
            }
            Ok(Exit::Done)
        }
        CacheCommand::Clear { file } => {
            let store = file.open_existing(console)?;
            let entries = store.stats()?.entries;
            store.clear()?;
            writeln!(
                out,
                "{entries} entries removed from {}",
                file.path()?.display()
            )?;
            Ok(Exit::Done)
        }
    }
}
