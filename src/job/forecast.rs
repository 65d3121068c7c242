//! An estimate of what a run would do.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::orphans::orphans;
use super::plan::{Articles, ToMake};
use super::report::peak_memory;
use super::run::RunOptions;
use super::shard::own;
use super::{JobError, SkippedArticle, is_output_folder};
use crate::article::{self, Article};
use crate::cache::Key;
use crate::pipeline::Pipeline;
use crate::summarize::Document;
use crate::translate::{Text, TranslateError, Translated, Untranslated};

/// Articles that are prepared together.
const WINDOW: usize = 256;
/// Number of sentences that are translated to measure the speed of this machine: enough to fill
/// batches.
const SAMPLE: usize = 192;
/// Bytes of a summary for each byte of its article: 12.2 of JSON and Markdown (measured on 20,000
/// articles, `docs/operations.md`), 5.8 of its line in `summaries.jsonl` (on the example corpus).
const OUTPUT_PER_BYTE: f64 = 18.0;
/// Minimal number of bytes of a summary.
const OUTPUT_LEAST: f64 = 9000.0;
/// Bytes of an article's page for each byte of the article, on the example corpus.
const PAGE_PER_BYTE: f64 = 9.3;
/// Bytes of the style that each page has.
const PAGE_STYLE: f64 = 10_000.0;
/// Bytes of the cache for each of its sentences, measured on the same articles.
const CACHE_PER_SENTENCE: f64 = 242.0;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Forecast {
    /// Articles that are new or have changed.
    pub articles: usize,
    /// Articles whose summaries are up to date.
    pub unchanged: usize,
    /// Inputs that would be skipped.
    pub skipped: usize,
    /// Summaries whose articles are gone; a run with `--prune` removes them.
    pub orphaned: usize,
    /// Distinct sentences and phrases of the new articles.
    pub sentences: usize,
    /// Number of these that the cache has.
    pub cached: usize,
    /// Tokens of those that it does not have.
    pub source_tokens: usize,
    /// Estimated time of the run, from the speed at which a sample was translated.
    pub seconds: f64,
    /// Estimated size of the summaries.
    pub output_bytes: u64,
    /// Estimated growth of a cache.
    pub cache_bytes: u64,
    /// Peak memory of the forecast, which did a run's work on a part of the corpus. A run needs
    /// about as much, whatever the size of the corpus.
    pub memory_bytes: Option<u64>,
}

/// Reads the corpus and looks its sentences up in the cache. Writes nothing. The estimate does not
/// include abstracts written by a model.
///
/// # Errors
/// If the run is stopped, the cache cannot be read, or the device that the network runs on fails.
pub fn forecast(
    options: &RunOptions,
    pipeline: &Pipeline,
    stop: &AtomicBool,
    skipped: &dyn Fn(&SkippedArticle),
) -> Result<Forecast, JobError> {
    let clock = Instant::now();
    let found = article::find(&options.paths, is_output_folder);
    let mut survey = Survey {
        options,
        pipeline,
        stop,
        skipped,
        seen: HashSet::new(),
        sample: Vec::new(),
        output_bytes: 0.0,
        forecast: Forecast::default(),
    };
    for skipped in own(&found.skipped, options.shard) {
        survey.skip(&skipped.into());
    }
    let mut articles = Articles::new(&found.files, &options.read, options.since, options.shard);
    loop {
        let window = survey.gather(&mut articles)?;
        if window.is_empty() {
            break;
        }
        survey.look_at(&window)?;
    }
    if articles.next().is_none() && options.out.is_dir() {
        let seen = articles.into_seen();
        let orphans = orphans(&options.out, &options.paths, &found.files, &seen)?;
        survey.forecast.orphaned = orphans.len();
    }
    let reading = clock.elapsed().as_secs_f64();
    let translating = survey.time_of_translation()?;
    let mut forecast = survey.forecast;
    // The run reads everything again, and writing takes about as long as reading.
    forecast.seconds = (10.0 * (translating + 2.0 * reading)).round() / 10.0;
    forecast.output_bytes = survey.output_bytes as u64;
    let new = forecast.sentences - forecast.cached;
    forecast.cache_bytes = (CACHE_PER_SENTENCE * new as f64) as u64;
    forecast.memory_bytes = peak_memory();
    Ok(forecast)
}

struct Survey<'a> {
    options: &'a RunOptions,
    pipeline: &'a Pipeline,
    stop: &'a AtomicBool,
    skipped: &'a dyn Fn(&SkippedArticle),
    /// Sentences seen so far.
    seen: HashSet<Key>,
    /// Some of the sentences to translate.
    sample: Vec<Untranslated>,
    output_bytes: f64,
    forecast: Forecast,
}

impl Survey<'_> {
    fn skip(&mut self, skipped: &SkippedArticle) {
        self.forecast.skipped += 1;
        (self.skipped)(skipped);
    }

    /// Returns the next articles without an up-to-date summary. After the last there are none.
    fn gather(&mut self, articles: &mut Articles<'_>) -> Result<Vec<Article>, JobError> {
        let mut window = Vec::new();
        let limit = self.options.limit.unwrap_or(usize::MAX);
        while self.forecast.articles + window.len() < limit && window.len() < WINDOW {
            if self.stop.load(Ordering::Relaxed) {
                return Err(TranslateError::Interrupted.into());
            }
            match articles.next() {
                None => break,
                Some(Err(reason)) => self.skip(&reason),
                Some(Ok(article)) => {
                    let fingerprint = |path: &str| self.pipeline.fingerprint_at(&article, path);
                    match self.options.to_make(&article, &fingerprint) {
                        ToMake::All(_) => window.push(article),
                        ToMake::Path(_) | ToMake::Nothing => self.forecast.unchanged += 1,
                    }
                }
            }
        }
        Ok(window)
    }

    fn look_at(&mut self, window: &[Article]) -> Result<(), JobError> {
        let pipeline = self.pipeline;
        let prepare = |article: &Article| {
            let bytes = article.body.len() as f64;
            let document = pipeline.prepare(article);
            let skipped = |refusal| SkippedArticle::new(&article.path, refusal);
            Ok((document.map_err(skipped)?, bytes))
        };
        let workers = pipeline.translator().workers();
        let documents: Vec<Result<_, SkippedArticle>> =
            workers.install(|| window.par_iter().map(prepare).collect());
        for document in documents {
            match document {
                Ok((document, bytes)) => {
                    self.forecast.articles += 1;
                    self.output_bytes += (OUTPUT_PER_BYTE * bytes).max(OUTPUT_LEAST);
                    if self.options.html {
                        self.output_bytes += PAGE_PER_BYTE * bytes + PAGE_STYLE;
                    }
                    self.count(&document)?;
                }
                Err(reason) => self.skip(&reason),
            }
        }
        Ok(())
    }

    fn count(&mut self, document: &Document) -> Result<(), JobError> {
        for piece in self.pipeline.look_up(document)? {
            if !self.seen.insert(piece.key) {
                continue;
            }
            self.forecast.sentences += 1;
            if piece.is_cached {
                self.forecast.cached += 1;
            } else {
                self.forecast.source_tokens += piece.tokens;
                self.sample.push(piece);
            }
        }
        if self.sample.len() > 16 * SAMPLE {
            self.shrink_sample();
        }
        Ok(())
    }

    /// Keeps the sentences with the smallest keys. Keys are hashes, so this is a uniform sample.
    fn shrink_sample(&mut self) {
        self.sample.sort_unstable_by_key(|piece| piece.key);
        self.sample.truncate(SAMPLE);
    }

    /// Translates the sample. Returns the seconds that translating everything would take at that
    /// speed.
    fn time_of_translation(&mut self) -> Result<f64, JobError> {
        self.shrink_sample();
        let texts: Vec<Text<'_>> = self
            .sample
            .iter()
            .map(|piece| piece.text.as_str().into())
            .collect();
        let tokens: usize = self.sample.iter().map(|piece| piece.tokens).sum();
        if tokens == 0 {
            return Ok(0.0);
        }
        let clock = Instant::now();
        let translator = self.pipeline.translator();
        let translated = translator.translate(&texts, None, self.stop, &|_| {});
        translated.and_then(Translated::all)?;
        let seconds = clock.elapsed().as_secs_f64() / tokens as f64;
        Ok(seconds * self.forecast.source_tokens as f64)
    }
}
