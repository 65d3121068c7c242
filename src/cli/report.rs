//! `precis report`: the pages of an output folder, from the summaries in it.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap::builder::BoolishValueParser;

use super::Exit;
use super::console::Console;
use crate::archive::Aliases;
use crate::job::{OutputLock, Report, Site, SiteOptions, last_changes, make_site};
use crate::output::{count, folder_address};

const AFTER_HELP: &str = "\
Examples:
  precis report out
  precis report out --aliases names.tsv
  precis report out --base-url https://news.example/summaries/

Writes DIR/index.html with the search, DIR/ID.html for each article, people.html, timeline.html,
feed.xml, summaries.jsonl and run/*.json, from the DIR/ID.json that are there. A run does the same
at its end.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some summaries cannot be read, or files that
precis did not write are in the way; 4 a run holds the folder.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ReportArgs {
    /// Output folder
    #[arg(value_name = "DIR", env = "PRECIS_OUT", default_value = "out")]
    out: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Options for pages")]
pub(super) struct SiteArgs {
    /// Write no pages and no feed (.html, .js, feed.xml), only data
    #[arg(long, env = "PRECIS_NO_HTML", value_parser = BoolishValueParser::new())]
    pub no_html: bool,
    /// Names that are one: a line for each, with its aliases after tabs
    #[arg(long, value_name = "FILE", env = "PRECIS_ALIASES")]
    aliases: Option<PathBuf>,
    #[command(flatten)]
    pub links: LinkArgs,
}

#[derive(Debug, Args)]
pub(super) struct LinkArgs {
    /// Address at which the output folder is served, for the links of feed and digest. Without it they
    /// are relative
    #[arg(long, value_name = "URL", env = "PRECIS_BASE_URL", value_parser = folder_address)]
    pub base_url: Option<String>,
}

impl SiteArgs {
    pub(super) fn aliases(&self) -> anyhow::Result<Option<Aliases>> {
        let aliases = self.aliases.as_deref().map(Aliases::read).transpose();
        Ok(aliases?)
    }
}

/// Says what could not be read for a site, and what could not be written of it. Returns how much that is.
pub(super) fn warn_of(site: &Site, console: &Console) -> usize {
    site.notices().map(|notice| console.warn(notice)).count()
}

pub(super) fn run(arguments: &ReportArgs, console: &Console) -> anyhow::Result<Exit> {
    let out = &arguments.out;
    let cannot = || {
        format!(
            "cannot read {}: name the output folder of a run",
            out.display()
        )
    };
    std::fs::read_dir(out).with_context(cannot)?;
    let aliases = arguments.site.aliases()?.unwrap_or_default();
    let _lock = OutputLock::acquire(out)?;
    let last = Report::read(out)?;
    let site = make_site(&SiteOptions {
        out,
        html: !arguments.site.no_html,
        thorough: true,
        aliases: &aliases,
        skipped: last.as_ref().map(|last| last.skipped.as_slice()),
        changes: &last_changes(out),
        base_url: arguments.site.links.base_url.as_deref(),
    })?;
    let notices = warn_of(&site, console);
    console.text_only(format_args!(
        "{}, {} written anew.",
        count(site.articles, "article", "articles"),
        count(site.written, "page", "pages"),
    ));
    if !arguments.site.no_html {
        console.text_only(format_args!("Open {}", out.join("index.html").display()));
    }
    Ok(match notices {
        0 => Exit::Done,
        _ => Exit::Skipped,
    })
}
