//! `precis summarize`: the articles of one file, or of standard input, to standard output.

use std::fs::File;
use std::io::{self, Read, Write, stdin, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use tempfile::TempDir;

use super::cache_file::UseCacheArgs;
use super::console::Console;
use super::pipeline::PipelineArgs;
use super::{Exit, signals};
use crate::job::{SkippedArticle, is_output_folder};
use crate::pipeline::{Pipeline, PipelineError};
use crate::summarize::Summary;
use crate::{article, output};

/// Bytes in which standard input shows its type.
const HEAD: u64 = 1024;

const AFTER_HELP: &str = "\
Examples:
  precis summarize article.html | jq .headline
  precis summarize article.html --format md
  curl -s https://example.org/article | precis summarize - --format md
  precis summarize news.jsonl --field-text body > summaries.json

Each article gives one JSON document as described in schema/summary.schema.json, or what a run writes to
read: Markdown, or a page.

Exit codes: 0 done; 1 failed, or no article could be read; 2 wrong usage; 3 done, but some articles were
skipped; 130 interrupted.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SummarizeArgs {
    /// File with one article, or with many (.jsonl, .csv, .parquet, .warc, …); `-` is standard input
    file: PathBuf,
    /// What to write
    #[arg(
        long,
        value_name = "FORMAT",
        env = "PRECIS_FORMAT",
        default_value = "json"
    )]
    format: Format,
    /// Type of standard input: the extension that a file of it would have, such as `md` or `csv`
    ///
    /// Default: html, xml, json, jsonl or txt, by how it begins
    #[arg(long = "type", value_name = "EXTENSION", env = "PRECIS_TYPE")]
    kind: Option<String>,
    #[command(flatten)]
    pipeline: PipelineArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    /// Markdown
    Md,
    /// A page for browsers
    Html,
}

impl Format {
    /// Writes the summary of another article after `before` ones.
    fn write(self, summary: &Summary, before: usize) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        match self {
            Self::Json => out.write_all(&output::to_json(summary)?)?,
            Self::Md => {
                if before > 0 {
                    writeln!(out, "\n---\n")?;
                }
                out.write_all(output::to_markdown(summary).as_bytes())?;
            }
            Self::Html if before > 0 => bail!(
                "there are several articles, and a page is about one: take --format md or json, or `precis run`"
            ),
            Self::Html => out.write_all(output::to_html(summary).as_bytes())?,
        }
        Ok(())
    }
}

/// Standard input as a file, since files are what articles are read from.
struct Input {
    file: PathBuf,
    /// Removed with what is in it.
    _folder: TempDir,
}

impl Input {
    fn read(extension: Option<&str>) -> anyhow::Result<Self> {
        let mut input = stdin().lock();
        let mut head = Vec::new();
        let mut read_head = || input.by_ref().take(HEAD).read_to_end(&mut head);
        signals::while_waiting(&mut read_head).context("cannot read standard input")?;
        let extension = extension.unwrap_or_else(|| extension_of(&head));
        let folder = tempfile::tempdir().context("cannot keep standard input in a file")?;
        let file = folder.path().join(format!("stdin.{extension}"));
        let copy = || io::copy(&mut head.chain(input), &mut File::create(&file)?);
        signals::while_waiting(copy).context("cannot keep standard input in a file")?;
        Ok(Self {
            file,
            _folder: folder,
        })
    }

    /// `path` as its user knows it: `-`, or `-#2` for a record.
    fn known(&self, path: &str) -> String {
        let file = self.file.display().to_string();
        path.replace(&file, "-")
    }
}

/// The extension that suits what begins like this.
fn extension_of(head: &[u8]) -> &'static str {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let head = head.trim_ascii_start();
    match head.first() {
        _ if head.starts_with(b"<?xml") || head.starts_with(b"<rss") => "xml",
        Some(b'<') => "html",
        Some(b'{') => "jsonl",
        Some(b'[') => "json",
        _ => "txt",
    }
}

pub(super) fn run(arguments: &SummarizeArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal(console)?;
    let input = match arguments.file == Path::new("-") {
        true => Some(Input::read(arguments.kind.as_deref())?),
        false => None,
    };
    let known = |path: String| match &input {
        Some(input) => input.known(&path),
        None => path,
    };
    let file = input.as_ref().map_or(&arguments.file, |input| &input.file);
    let found = article::find(std::slice::from_ref(file), is_output_folder);
    let options = arguments.pipeline.read.options();
    let mut skipped: Vec<SkippedArticle> = found.skipped.into_iter().map(Into::into).collect();
    let mut pipeline = None;
    let mut written = 0;
    let files = found.files.iter();
    for article in files.flat_map(|file| article::read(file, &options)) {
        let mut article = match article {
            Ok(article) => article,
            Err(reason) => {
                skipped.push(reason.into());
                continue;
            }
        };
        article.path = known(article.path);
        // A file that cannot be read needs no model.
        let pipeline = match &mut pipeline {
            Some(pipeline) => pipeline,
            None => pipeline.insert(arguments.pipeline.load(console, UseCacheArgs::open)?),
        };
        match pipeline.summarize(&article, stop) {
            Ok(summary) => {
                arguments.format.write(&summary, written)?;
                written += 1;
            }
            Err(PipelineError::Refused(refusal)) => {
                skipped.push(SkippedArticle::new(article.path, refusal));
            }
            Err(PipelineError::Translate(error)) => return Err(error.into()),
        }
    }
    if let Some(error) = pipeline.as_ref().and_then(Pipeline::cache_error) {
        console.warn_of(error, error);
    }
    for mut skipped in skipped.iter().cloned() {
        skipped.path = known(skipped.path);
        console.skipped_error(&skipped);
    }
    Ok(match (written, skipped.is_empty()) {
        (_, true) => Exit::Done,
        (0, false) => Exit::Failed,
        (_, false) => Exit::Skipped,
    })
}
