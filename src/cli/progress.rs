//! Progress of a run: bars on a terminal, else a line every few seconds.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::console::Console;
use crate::job::{Observer, SkippedArticle};
use crate::translate::Progress;

const BETWEEN_LINES: Duration = Duration::from_secs(5);

pub(super) struct Display<'a> {
    console: &'a Console,
    state: Mutex<State>,
    bars: Option<Bars>,
}

struct State {
    started: Instant,
    last_line: Instant,
    found: u64,
    done: u64,
    skipped: u64,
    work: Progress,
}

struct Bars {
    articles: ProgressBar,
    sentences: ProgressBar,
}

impl<'a> Display<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        let now = Instant::now();
        let bars = console.has_bars().then(|| Bars {
            articles: bar(
                console,
                "articles  {bar:30} {pos}/{len}  {elapsed}  ETA {eta}  {msg}",
            ),
            sentences: bar(console, "sentences {pos}  {msg}"),
        });
        Self {
            console,
            state: Mutex::new(State {
                started: now,
                last_line: now,
                found: 0,
                done: 0,
                skipped: 0,
                work: Progress::default(),
            }),
            bars,
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bars) = &self.bars {
            bars.sentences.finish_and_clear();
            bars.articles.finish_and_clear();
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let over = state.done + state.skipped;
        // A collection holds several articles but counts as one file.
        let total = state.found.max(over);
        let rate =
            state.work.source_tokens as f64 / state.started.elapsed().as_secs_f64().max(0.001);
        if let Some(bars) = &self.bars {
            bars.articles.set_length(total);
            bars.articles.set_position(over);
            if state.skipped > 0 {
                bars.articles
                    .set_message(format!("{} skipped", state.skipped));
            }
            let work = &state.work;
            bars.sentences
                .set_position((work.translated + work.cached) as u64);
            bars.sentences.set_message(format!(
                "{rate:.0} tokens/s  {} from the cache",
                work.cached
            ));
        } else if self.console.progress && state.last_line.elapsed() >= BETWEEN_LINES {
            state.last_line = Instant::now();
            let work = state.work;
            let sentences = work.translated + work.cached;
            let seconds = state.started.elapsed().as_secs_f64();
            self.console.say_with(
                format_args!(
                    "{over}/{total} articles ({} skipped), {sentences} sentences, {} from the cache, {rate:.0} tokens/s, {seconds:.0} s",
                    state.skipped,
                    work.cached,
                ),
                json!({
                    "event": "progress",
                    "done": over,
                    "found": total,
                    "skipped": state.skipped,
                    "sentences": sentences,
                    "cached": work.cached,
                    "tokens_per_second": rate.round(),
                    "seconds": seconds.round(),
                }),
            );
        }
    }
}

fn bar(console: &Console, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    let bar = console.bars.add(ProgressBar::new(0).with_style(style));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

impl Observer for Display<'_> {
    fn found(&self, files: usize) {
        self.change(|state| state.found = files as u64);
    }

    fn article_done(&self) {
        self.change(|state| state.done += 1);
    }

    fn skipped(&self, skipped: &SkippedArticle) {
        self.console.detail_with(
            format_args!("skipped {}: {}", skipped.path, skipped.reason),
            skipped.event(),
        );
        self.change(|state| state.skipped += 1);
    }

    fn warn(&self, problem: &(dyn std::error::Error + 'static)) {
        self.console.warn_of(
            problem,
            format_args!("{problem}; the run goes on without it"),
        );
    }

    fn translated(&self, work: Progress) {
        self.change(|state| state.work += work);
    }
}
