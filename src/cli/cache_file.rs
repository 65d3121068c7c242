//! Options that choose the cache of translations, shared by several commands.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::BoolishValueParser;

use super::console::Console;
use crate::cache::Store;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cache options")]
pub(super) struct CacheFileArgs {
    /// Cache of translations, shared by all runs. Default: precis/cache.sqlite in the user's cache
    /// folder
    #[arg(long, value_name = "FILE", env = "PRECIS_CACHE")]
    pub cache: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cache options")]
pub(super) struct UseCacheArgs {
    #[command(flatten)]
    pub file: CacheFileArgs,
    /// Translate everything anew and store nothing
    #[arg(long, env = "PRECIS_NO_CACHE", value_parser = BoolishValueParser::new())]
    pub no_cache: bool,
}

impl CacheFileArgs {
    /// Returns the given file, or the default one in the user's cache folder.
    pub(super) fn path(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = &self.cache {
            return Ok(path.clone());
        }
        let folder = |variable| {
            std::env::var_os(variable)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        let base = folder("XDG_CACHE_HOME")
            .or_else(|| Some(folder("HOME")?.join(".cache")))
            .or_else(|| folder("LOCALAPPDATA"))
            .context("there is no home folder for the cache: name a file with --cache, or use --no-cache")?;
        Ok(base.join("precis").join("cache.sqlite"))
    }

    /// Opens the cache, which has to exist.
    pub(super) fn open_existing(&self, console: &Console) -> anyhow::Result<Store> {
        let path = self.path()?;
        if !path.is_file() {
            bail!("there is no cache at {}; a run creates it", path.display());
        }
        self.open(console)
    }

    pub(super) fn open(&self, console: &Console) -> anyhow::Result<Store> {
        let opened = Store::open(&self.path()?)?;
        if let Some(notice) = opened.notice {
            console.warn(notice);
        }
        Ok(opened.store)
    }
}

impl UseCacheArgs {
    /// Opens the cache. If none was named and there can be none in the user's folder, the work goes on
    /// without one.
    pub(super) fn open(&self, console: &Console) -> anyhow::Result<Option<Store>> {
        if self.no_cache {
            return Ok(None);
        }
        match self.file.open(console) {
            Ok(cache) => Ok(Some(cache)),
            Err(error) if self.file.cache.is_none() => {
                console.warn(format_args!("{error:#}; going on without a cache"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Opens the cache if one was named. A cache only saves time: if it cannot be opened, there is none.
    pub(super) fn open_if_named(&self, console: &Console) -> Option<Store> {
        self.file.cache.as_ref()?;
        let cache = self.open(console);
        cache.unwrap_or_else(|error| {
            console.warn(format_args!("{error:#}; going on without a cache"));
            None
        })
    }

    /// Opens the cache if it exists.
    pub(super) fn open_if_there(&self, console: &Console) -> anyhow::Result<Option<Store>> {
        match self.no_cache || !self.file.path().is_ok_and(|path| path.is_file()) {
            true => Ok(None),
            false => self.open(console),
        }
    }
}
