//! What a run would do, before it does it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::plan::{Articles, Outputs};
use super::prepare::{contained, prepare};
use super::run::{RunOptions, fingerprint};
use super::{JobError, SkippedArticle};
use crate::article::{self, Article};
use crate::cache::{Key, Store};
use crate::summarize::Writer;
use crate::translate::{TranslateError, Translator, Untranslated};

/// Articles that are prepared together.
const WINDOW: usize = 256;
/// Sentences that are translated to learn how fast this machine is: enough to fill batches.
const SAMPLE: usize = 192;
/// Bytes of a summary, JSON and Markdown together, for each byte of its article: measured on 20,000
/// articles (`docs/operations.md`).
const OUTPUT_PER_BYTE: f64 = 12.2;
/// Least bytes of a summary.
const OUTPUT_LEAST: f64 = 6000.0;
/// Bytes of the cache for each sentence in it, measured alike.
const CACHE_PER_SENTENCE: f64 = 242.0;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Forecast {
    /// Articles that are new or have changed.
    pub articles: usize,
    /// Articles whose summaries are up to date.
    pub unchanged: usize,
    /// Inputs that would be skipped.
    pub skipped: usize,
    /// Different sentences and phrases of the new articles.
    pub sentences: usize,
    /// Of these, in the cache.
    pub cached: usize,
    /// Tokens of those that are not.
    pub source_tokens: usize,
    /// Estimated from the speed at which a sample of them was translated.
    pub seconds: f64,
    /// Estimated, of the summaries.
    pub output_bytes: u64,
    /// Estimated, of what a cache would grow by.
    pub cache_bytes: u64,
}

/// Reads the corpus and looks its sentences up in the cache; keeps nothing. Abstracts of a model are
/// not in the estimate.
///
/// # Errors
/// If the run is stopped, the cache cannot be read, or the device that the network runs on fails.
pub fn forecast(
    options: &RunOptions,
    translator: &Translator,
    writer: &dyn Writer,
    cache: Option<&Store>,
    stop: &AtomicBool,
    skipped: &dyn Fn(&SkippedArticle),
) -> Result<Forecast, JobError> {
    let mut forecast = Forecast::default();
    let skip = |forecast: &mut Forecast, reason: SkippedArticle| {
        forecast.skipped += 1;
        skipped(&reason);
    };
    let found = article::find(&options.paths);
    for reason in found.skipped {
        skip(&mut forecast, reason.into());
    }
    let mut articles = Articles::new(&found.files, &options.read, options.since);
    let limit = options.limit.unwrap_or(usize::MAX);
    let mut seen: HashSet<Key> = HashSet::new();
    let mut sample: Vec<Untranslated> = Vec::new();
    let mut output_bytes = 0.0;
    let clock = Instant::now();
    loop {
        let mut window: Vec<Article> = Vec::new();
        while forecast.articles + window.len() < limit && window.len() < WINDOW {
            if stop.load(Ordering::Relaxed) {
                return Err(TranslateError::Interrupted.into());
            }
            match articles.next() {
                None => break,
                Some(Err(reason)) => skip(&mut forecast, reason),
                Some(Ok(article)) => {
                    let fingerprint = fingerprint(&article, translator, writer);
                    let outputs = Outputs::new(&options.out, &article.id);
                    if !options.force && outputs.are_up_to_date(&fingerprint) {
                        forecast.unchanged += 1;
                    } else {
                        window.push(article);
                    }
                }
            }
        }
        if window.is_empty() {
            break;
        }
        let prepare = |article: &Article| {
            contained(&article.path, || prepare(article, options.max_sentences))
        };
        let documents: Vec<_> = translator
            .workers()
            .install(|| window.par_iter().map(prepare).collect());
        for (article, document) in window.iter().zip(documents) {
            let document = match document {
                Ok(document) => document,
                Err(reason) => {
                    skip(&mut forecast, reason);
                    continue;
                }
            };
            forecast.articles += 1;
            output_bytes += (OUTPUT_PER_BYTE * article.body.len() as f64).max(OUTPUT_LEAST);
            let pieces = translator.look_up(&document.texts(), cache)?;
            for piece in pieces {
                if !seen.insert(piece.key) {
                    continue;
                }
                forecast.sentences += 1;
                if piece.is_cached {
                    forecast.cached += 1;
                } else {
                    forecast.source_tokens += piece.tokens;
                    sample.push(piece);
                }
            }
            // Keys are as good as random: the smallest ones are of sentences from everywhere.
            if sample.len() > 16 * SAMPLE {
                shrink(&mut sample);
            }
        }
    }
    let prepared = clock.elapsed().as_secs_f64();
    shrink(&mut sample);
    if !sample.is_empty() {
        let texts: Vec<&str> = sample.iter().map(|piece| piece.text.as_str()).collect();
        let tokens: usize = sample.iter().map(|piece| piece.tokens).sum();
        let clock = Instant::now();
        translator.translate(&texts, None, stop, &|_| {})?.all()?;
        let seconds = clock.elapsed().as_secs_f64();
        forecast.seconds = forecast.source_tokens as f64 * seconds / tokens.max(1) as f64;
    }
    // Reading is done once more, and writing costs about as much.
    forecast.seconds = (10.0 * (forecast.seconds + 2.0 * prepared)).round() / 10.0;
    forecast.output_bytes = output_bytes as u64;
    let new = forecast.sentences - forecast.cached;
    forecast.cache_bytes = (CACHE_PER_SENTENCE * new as f64) as u64;
    Ok(forecast)
}

fn shrink(sample: &mut Vec<Untranslated>) {
    sample.sort_unstable_by_key(|piece| piece.key);
    sample.truncate(SAMPLE);
}
