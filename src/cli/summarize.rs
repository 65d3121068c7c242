//! `precis summarize`: the articles of one file to standard output, as JSON.

use std::io::{Write, stdout};
use std::path::PathBuf;

use clap::Args;

use super::console::Console;
use super::engine::{EngineArgs, UseCacheArgs, WriterArgs};
use super::run::ReadArgs;
use super::{Exit, signals};
use crate::job::{SkippedArticle, contained, fingerprint, is_output_folder, prepare, provenance};
use crate::summarize::{self, Stopped};
use crate::{article, output};

const AFTER_HELP: &str = "\
Examples:
  precis summarize article.html | jq .headline
  precis summarize news.jsonl --field-text body > summaries.json

Each article gives one JSON document as described in schema/summary.schema.json.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct SummarizeArgs {
    /// File with one article, or one per line (.jsonl)
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

pub fn run(arguments: &SummarizeArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal()?;
    let found = article::find(std::slice::from_ref(&arguments.file), is_output_folder);
    let options = arguments.read.options();
    let max_sentences = arguments.read.max_sentences;
    let mut skipped: Vec<SkippedArticle> = found.skipped.into_iter().map(Into::into).collect();
    let mut engine = None;
    let mut written = 0;
    for article in found
        .files
        .iter()
        .flat_map(|file| article::read(file, &options))
    {
        let prepared = article.map_err(SkippedArticle::from).and_then(|article| {
            Ok((
                contained(&article.path, || prepare(&article, max_sentences))?,
                article,
            ))
        });
        let (document, article) = match prepared {
            Ok(prepared) => prepared,
            Err(reason) => {
                skipped.push(reason);
                continue;
            }
        };
        // A file that cannot be read needs no model.
        let (translator, writer, cache) = match &mut engine {
            Some(engine) => engine,
            None => engine.insert((
                arguments.engine.load_for_summaries(console)?,
                arguments.writer.load(&arguments.engine, console)?,
                arguments.cache.open(console)?,
            )),
        };
        let translated = translator.translate(&document.texts(), cache.as_ref(), stop, &|_| {})?;
        if let Some(error) = &translated.cache_error {
            console.warn_of(error, error);
            *cache = None;
        }
        let translations = translated.all()?;
        let fingerprint = fingerprint(&article, translator, &**writer);
        let provenance = provenance(translator, &**writer, fingerprint);
        let summary = contained(&article.path, || {
            let writer = &**writer;
            Ok(summarize::compose(
                &document,
                &translations,
                writer,
                provenance,
                stop,
            ))
        });
        match summary {
            Ok(Err(Stopped)) => return Ok(Exit::Interrupted),
            Ok(Ok(summary)) => {
                stdout().write_all(&output::to_json(&summary)?)?;
                written += 1;
            }
            Err(reason) => skipped.push(reason),
        }
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
