//! `precis summarize`: the articles of one file to standard output, as JSON.

use std::io::{Write, stdout};
use std::path::PathBuf;

use clap::Args;

use super::cache_file::UseCacheArgs;
use super::console::Console;
use super::engine::EngineArgs;
use super::reading::ReadArgs;
use super::writer::WriterArgs;
use super::{Exit, signals};
use crate::job::{SkippedArticle, is_output_folder};
use crate::pipeline::{Pipeline, PipelineError};
use crate::{article, output};

const AFTER_HELP: &str = "\
Examples:
  precis summarize article.html | jq .headline
  precis summarize news.jsonl --field-text body > summaries.json

Each article gives one JSON document as described in schema/summary.schema.json.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SummarizeArgs {
    /// File with one article, or with many (.jsonl, .csv, .parquet, .warc, …)
    file: PathBuf,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    writer: WriterArgs,
    #[command(flatten)]
    cache: UseCacheArgs,
}

impl SummarizeArgs {
    fn pipeline(&self, console: &Console) -> anyhow::Result<Pipeline> {
        let pipeline = self.engine.pipeline(&self.writer, console)?;
        let cache = self.cache.open(console)?;
        Ok(pipeline.with_cache(cache).with_limits(self.read.limits()))
    }
}

pub(super) fn run(arguments: &SummarizeArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal()?;
    let found = article::find(std::slice::from_ref(&arguments.file), is_output_folder);
    let options = arguments.read.options();
    let mut skipped: Vec<SkippedArticle> = found.skipped.into_iter().map(Into::into).collect();
    let mut pipeline = None;
    let mut written = 0;
    let files = found.files.iter();
    for article in files.flat_map(|file| article::read(file, &options)) {
        let article = match article {
            Ok(article) => article,
            Err(reason) => {
                skipped.push(reason.into());
                continue;
            }
        };
        // A file that cannot be read needs no model.
        let pipeline = match &mut pipeline {
            Some(pipeline) => pipeline,
            None => pipeline.insert(arguments.pipeline(console)?),
        };
        match pipeline.summarize(&article, stop) {
            Ok(summary) => {
                stdout().write_all(&output::to_json(&summary)?)?;
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
    for skipped in &skipped {
        console.skipped_error(skipped);
    }
    Ok(match (written, skipped.is_empty()) {
        (_, true) => Exit::Done,
        (0, false) => Exit::Failed,
        (_, false) => Exit::Skipped,
    })
}
