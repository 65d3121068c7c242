//! `precis digest`: what is new, for people.

use std::io::{Write, stdout};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, bail};
use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::console::Console;
use super::report::LinkArgs;
use super::units::parse_since;
use super::{Exit, archive};
use crate::archive::{Archive, Digest};
use crate::job::{self, ForeignFile, News};
use crate::output::{DigestPage, Links, count, is_our_page};

const AFTER_HELP: &str = "\
Examples:
  precis digest out                               what the last night brought, as Markdown
  precis digest out --since 7d --format html --out week.html
  precis digest out --format html --base-url https://news.example/summaries/ |
    mail -a 'Content-Type: text/html; charset=utf-8' -s 'What is new' me@news.example

New is what has come into the output folder, whenever it was published. What the runs before the
last brought is known of as many as have their report in DIR/.precis.runs (--keep-reports).

Exit codes: 0 done, also if nothing is new; 1 failed; 2 wrong usage; 3 done, but some summaries
cannot be read.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct DigestArgs {
    /// Output folder of a run
    #[arg(value_name = "DIR", env = "PRECIS_OUT", default_value = "out")]
    out: PathBuf,
    /// Tell what runs have brought that ended after this: a date, a date and time, or a span back from now
    /// such as `26h` or `7d`. Default: what the last run brought
    #[arg(long, value_name = "WHEN", value_parser = parse_since)]
    since: Option<SystemTime>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "md")]
    format: Format,
    /// File to write; `-`: standard output
    #[arg(
        long = "out",
        short,
        id = "to",
        value_name = "FILE",
        default_value = "-"
    )]
    to: PathBuf,
    /// Tell of at most so many stories, and of as many changed articles
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    limit: usize,
    #[command(flatten)]
    links: LinkArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown, also to be read as it is
    Md,
    /// A page in one piece, for mail
    Html,
    /// A feed
    Atom,
}

pub(super) fn run(arguments: &DigestArgs, console: &Console) -> anyhow::Result<Exit> {
    let out = &arguments.out;
    archive::look(out, console)?;
    let since = arguments.since.map(Timestamp::try_from).transpose();
    let since = since.context("that moment is too long ago")?;
    let news = job::news(out, since).with_context(|| format!("cannot read {}", out.display()))?;
    let Some(news) = news else {
        bail!(
            "no run has reported in {}, so what is new is not known; name the output folder of a run",
            out.display()
        );
    };
    let summaries = Archive::open(out)?;
    let stories = match job::stories(out, &summaries) {
        Ok(stories) => stories,
        Err(unreadable) => {
            console.warn(unreadable);
            Vec::new()
        }
    };
    let digest = Digest::of(&summaries, &news.changes, &stories, arguments.limit);
    let links = links(arguments)?;
    let page = page(&digest, &news, &links);
    let text = match arguments.format {
        Format::Md => page.to_markdown(),
        Format::Html => page.to_html(),
        Format::Atom => page.to_atom(&news.when),
    };
    write(&arguments.to, &text)?;
    console.detail(format_args!(
        "{}, {} changed",
        count(digest.articles, "new article", "new articles"),
        digest.changed.len() + digest.changed_left_out
    ));
    Ok(archive::warn_of(&digest.unreadable, console))
}

fn page<'a>(digest: &'a Digest, news: &'a News, links: &'a Links) -> DigestPage<'a> {
    let skipped = news.skipped.iter();
    DigestPage {
        digest,
        nights: news.nights,
        skipped: skipped
            .map(|it| (it.path.as_str(), it.reason.as_str()))
            .collect(),
        problem: news.problem.as_deref(),
        links,
    }
}

fn write(to: &Path, text: &str) -> anyhow::Result<()> {
    if to == Path::new("-") {
        stdout().write_all(text.as_bytes())?;
        return Ok(());
    }
    match std::fs::read(to) {
        Ok(there) if there.is_empty() || is_our_page(&String::from_utf8_lossy(&there)) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Ok(_) => {
            let path = to.to_owned();
            return Err(ForeignFile { path }.into());
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot write {}", to.display()));
        }
    }
    job::write_atomically(to, text.as_bytes()).with_context(|| {
        format!(
            "cannot write {}: check its folder and permissions",
            to.display()
        )
    })
}

/// Links to the pages: below the address that was given, else from the file that is written. What goes
/// to standard output is as if it were in the output folder.
fn links(arguments: &DigestArgs) -> anyhow::Result<Links> {
    let out = &arguments.out;
    let has_html = out.join("index.html").is_file();
    if let Some(base) = &arguments.links.base_url {
        return Ok(Links::new(base, has_html));
    }
    if arguments.to == Path::new("-") {
        return Ok(Links::new("", has_html));
    }
    let folder = match arguments.to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let real = |path: &Path| {
        path.canonicalize()
            .with_context(|| format!("cannot find the folder {}", path.display()))
    };
    let (from, to) = (real(folder)?, real(out)?);
    let way = way(&from, &to);
    Ok(Links::relative(way.iter().map(String::as_str), has_html))
}

/// The folders from one absolute path to another, with `..` for each that is left.
fn way(from: &Path, to: &Path) -> Vec<String> {
    let parts = |path: &Path| -> Vec<String> {
        let parts = path.components().map(Component::as_os_str);
        parts
            .map(|part| part.to_string_lossy().into_owned())
            .collect()
    };
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    up.chain(to[common..].iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_a_folder_to_another_goes_by_what_they_share() {
        let way = |from: &str, to: &str| way(Path::new(from), Path::new(to)).join("/");
        assert_eq!(way("/a/b", "/a/b"), "");
        assert_eq!(way("/a", "/a/b c"), "b c");
        assert_eq!(way("/a/b/c", "/a/d"), "../../d");
    }
}
