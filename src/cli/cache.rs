//! `precis cache`: the store of translations.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};

use super::Exit;
use super::cache_file::CacheFileArgs;
use super::console::Console;
use super::units::parse_span;
use crate::cache::{Others, Store};

#[derive(Debug, Args)]
pub(super) struct CacheArgs {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    /// Show the number of entries and their size
    Stats {
        #[command(flatten)]
        file: CacheFileArgs,
    },
    /// Check every entry
    Verify {
        #[command(flatten)]
        file: CacheFileArgs,
        /// Remove damaged entries; their sentences are translated again when needed
        #[arg(long, env = "PRECIS_REMOVE", value_parser = BoolishValueParser::new())]
        remove: bool,
    },
    /// Remove old entries. No other process may be using the cache
    Gc {
        #[command(flatten)]
        file: CacheFileArgs,
        /// Remove entries that are older, such as `180d`
        #[arg(long, value_name = "SPAN", env = "PRECIS_OLDER_THAN", value_parser = parse_span)]
        older_than: Option<Duration>,
        /// Remove the oldest entries until the rest has at most this many megabytes
        #[arg(long, value_name = "MB", env = "PRECIS_MAX_MB")]
        max_mb: Option<u64>,
        /// Wait until no other process uses the cache, instead of giving up
        #[arg(long, env = "PRECIS_WAIT", value_parser = BoolishValueParser::new())]
        wait: bool,
    },
    /// Copy the entries of other caches into this one, which is created if there is none
    Merge {
        #[command(flatten)]
        file: CacheFileArgs,
        /// Caches to copy from
        #[arg(required = true, value_name = "FROM")]
        from: Vec<PathBuf>,
    },
    /// Remove every entry. No other process may be using the cache
    Clear {
        #[command(flatten)]
        file: CacheFileArgs,
    },
}

pub(super) fn run(arguments: &CacheArgs, console: &Console) -> anyhow::Result<Exit> {
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
        CacheCommand::Gc {
            file,
            older_than,
            max_mb,
            wait,
        } => {
            if older_than.is_none() && max_mb.is_none() {
                console.error(&anyhow!(
                    "say what to remove: --older-than SPAN, --max-mb MB, or both"
                ));
                return Ok(Exit::Usage);
            }
            let store = file.open_existing(console)?;
            let others = match wait {
                true => {
                    console.detail("waiting until no other process uses the cache");
                    Others::WaitFor
                }
                false => Others::GiveUp,
            };
            let alone = store.alone(others)?;
            let before = alone.stats()?;
            let max_bytes = max_mb.map(|mb| mb.saturating_mul(1_000_000));
            let removed = alone.remove_old(*older_than, max_bytes)?;
            let after = alone.stats()?;
            writeln!(
                out,
                "{removed} of {} entries removed, {} bytes of {} freed",
                before.entries,
                before.file_bytes.saturating_sub(after.file_bytes),
                before.file_bytes
            )?;
            Ok(Exit::Done)
        }
        CacheCommand::Merge { file, from } => merge(&file.open(console)?, from, &mut out),
        CacheCommand::Clear { file } => {
            let store = file.open_existing(console)?.alone(Others::GiveUp)?;
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

fn merge(store: &Store, from: &[PathBuf], out: &mut dyn Write) -> anyhow::Result<Exit> {
    for path in from {
        let merged = store.merge(path)?;
        writeln!(
            out,
            "{}: {} entries, {} of them new, {} damaged and left out",
            path.display(),
            merged.found,
            merged.added,
            merged.damaged
        )?;
    }
    Ok(Exit::Done)
}
