//! Progress of a run: bars on a terminal, else lines now and then.

use std::fmt::Write as _;
use std::io::stderr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::{Value, json};

use super::console::Console;
use super::units::{duration, roughly};
use crate::job::{Observer, SkippedArticle, Standing, Written};

/// Least time between two lines.
const BETWEEN_LINES: Duration = Duration::from_secs(5);
/// Most time.
const BETWEEN_LATE_LINES: Duration = Duration::from_secs(300);
/// Columns of the bar.
const BAR: std::ops::RangeInclusive<usize> = 10..=30;

pub(super) struct Display<'a> {
    console: &'a Console,
    /// Fields of the event with which a run begins.
    begins: Value,
    shown: Arc<Mutex<Shown>>,
    bars: Option<[ProgressBar; 2]>,
}

/// What is shown.
struct Shown {
    standing: Standing,
    /// When it was so.
    at: Instant,
    last_line: Instant,
}

impl<'a> Display<'a> {
    /// `begins` are fields of the event with which the run begins.
    pub(super) fn new(console: &'a Console, begins: Value) -> Self {
        let now = Instant::now();
        let shown = Arc::new(Mutex::new(Shown {
            standing: Standing::default(),
            at: now,
            last_line: now,
        }));
        let bars = console.has_bars().then(|| {
            let line = |of: fn(&Standing, usize) -> String| {
                let shown = Arc::clone(&shown);
                bar(console, move |columns| of(&locked(&shown).now(), columns))
            };
            [line(articles_line), line(sentences_line)]
        });
        Self {
            console,
            begins,
            shown,
            bars,
        }
    }

    pub(super) fn finish(&self) {
        for bar in self.bars.iter().flatten() {
            bar.finish_and_clear();
        }
    }

    fn say(&self, standing: &Standing) {
        let Standing {
            over,
            skipped,
            total,
            is_total_certain,
            work,
            elapsed,
            left,
        } = *standing;
        let (sentences, rate) = (sentences(standing), rate(standing));
        let about = about(standing);
        let left_in_words =
            left.map_or_else(String::new, |left| format!(", {} left", roughly(left)));
        self.console.say_with(
            format_args!(
                "{over}/{about}{total} articles ({skipped} skipped), {sentences} sentences, {} from the cache, {rate:.0} tokens/s, {}{left_in_words}",
                work.cached,
                duration(elapsed.as_secs_f64()),
            ),
            json!({
                "event": "progress",
                "done": over,
                "found": total,
                "found_is_certain": is_total_certain,
                "skipped": skipped,
                "sentences": sentences,
                "cached": work.cached,
                "tokens_per_second": rate.round(),
                "seconds": elapsed.as_secs_f64().round(),
                "seconds_left": left.map(|left| left.as_secs_f64().round()),
            }),
        );
    }
}

impl Shown {
    /// The standing at this moment.
    fn now(&self) -> Standing {
        let since = self.at.elapsed();
        Standing {
            elapsed: self.standing.elapsed + since,
            left: self.standing.left.map(|left| left.saturating_sub(since)),
            ..self.standing
        }
    }
}

fn locked(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a line to the terminal, which `line` makes for so many columns whenever it is drawn.
fn bar(
    console: &Console,
    line: impl Fn(usize) -> String + Clone + Send + Sync + 'static,
) -> ProgressBar {
    let draw = move |_: &ProgressState, to: &mut dyn std::fmt::Write| {
        let columns = terminal_size::terminal_size_of(stderr())
            .map_or(80, |(terminal_size::Width(columns), _)| {
                usize::from(columns)
            });
        // Some terminals begin a new line after the last column.
        let _ = to.write_str(&line(columns.saturating_sub(1)));
    };
    let style = ProgressStyle::with_template("{line}").expect("the template is valid");
    let bar = ProgressBar::new(0).with_style(style.with_key("line", draw));
    let bar = console.bars.add(bar);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// `articles  ██████░░░░  312/~1200  26 %  9 min left  3 min 5 s  2 skipped`, or what of it fits.
fn articles_line(standing: &Standing, columns: usize) -> String {
    let Standing {
        over,
        skipped,
        total,
        elapsed,
        left,
        ..
    } = *standing;
    let part = match left {
        Some(left) => elapsed.as_secs_f64() / (elapsed + left).as_secs_f64().max(1e-3),
        None => over as f64 / total.max(1) as f64,
    };
    let mut parts = vec![format!("{over}/{}{total}", about(standing))];
    if let Some(left) = left {
        parts.push(format!("{:.0} %", (100.0 * part).floor()));
        parts.push(format!("{} left", roughly(left)));
    }
    parts.push(roughly(elapsed));
    if skipped > 0 {
        parts.push(format!("{skipped} skipped"));
    }
    let text = fitting(&parts, columns);
    const NAME: &str = "articles  ";
    let room = columns.saturating_sub(NAME.len() + text.chars().count() + 2);
    match room.min(*BAR.end()) {
        width if BAR.contains(&width) => {
            let full = ((width as f64 * part) as usize).min(width);
            let (full, empty) = ("█".repeat(full), "░".repeat(width - full));
            format!("{NAME}{full}{empty}  {text}")
        }
        _ => text,
    }
}

/// `1234 sentences  1020 tokens/s  88 from the cache`, or what of it fits.
fn sentences_line(standing: &Standing, columns: usize) -> String {
    let parts = [
        format!("{} sentences", sentences(standing)),
        format!("{:.0} tokens/s", rate(standing)),
        format!("{} from the cache", standing.work.cached),
    ];
    fitting(&parts, columns)
}

/// The first of `parts` that fit into a line.
fn fitting(parts: &[String], columns: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let gap = if line.is_empty() { "" } else { "  " };
        if line.chars().count() + gap.len() + part.chars().count() > columns {
            break;
        }
        let _ = write!(line, "{gap}{part}");
    }
    line
}

/// What stands before a number of articles that is not certain.
fn about(standing: &Standing) -> &'static str {
    if standing.is_total_certain { "" } else { "~" }
}

fn sentences(standing: &Standing) -> usize {
    standing.work.translated + standing.work.cached
}

/// Tokens per second.
fn rate(standing: &Standing) -> f64 {
    standing.work.source_tokens as f64 / standing.elapsed.as_secs_f64().max(1e-3)
}

impl Observer for Display<'_> {
    fn started(&self) {
        self.console.json_only("run started", self.begins.clone());
    }

    fn written(&self, article: &Written<'_>) {
        let Written {
            id,
            path,
            json,
            trust,
        } = *article;
        self.console.detail_with(
            format_args!("written {}: {}", json.display(), trust.grade.word()),
            json!({
                "event": "written",
                "id": id,
                "path": path,
                "file": json.display().to_string(),
                "trust": trust,
            }),
        );
    }

    fn skipped(&self, skipped: &SkippedArticle) {
        self.console.detail_with(
            format_args!("skipped {}: {}", skipped.path, skipped.reason),
            skipped.event(),
        );
    }

    fn stands(&self, standing: &Standing) {
        let mut shown = locked(&self.shown);
        if standing.elapsed < shown.standing.elapsed {
            // Another thread was faster.
            return;
        }
        shown.standing = *standing;
        shown.at = Instant::now();
        if self.bars.is_some() || !self.console.progress {
            return;
        }
        // A long run need not fill a log.
        let between = (standing.elapsed / 20).clamp(BETWEEN_LINES, BETWEEN_LATE_LINES);
        if shown.last_line.elapsed() >= between {
            shown.last_line = Instant::now();
            drop(shown);
            self.say(standing);
        }
    }

    fn warn(&self, problem: &(dyn std::error::Error + 'static)) {
        self.console.warn_of(
            problem,
            format_args!("{problem}; the run goes on without it"),
        );
    }

    fn looks_ahead(&self) -> bool {
        self.console.progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::Progress;

    fn standing() -> Standing {
        Standing {
            over: 312,
            skipped: 2,
            total: 1200,
            is_total_certain: false,
            work: Progress {
                translated: 1234,
                cached: 88,
                source_tokens: 190_000,
                ..Progress::default()
            },
            elapsed: Duration::from_secs(185),
            left: Some(Duration::from_secs(540)),
        }
    }

    #[test]
    fn lines_have_what_fits_into_the_terminal() {
        let standing = standing();
        assert_eq!(
            articles_line(&standing, 99),
            "articles  ███████░░░░░░░░░░░░░░░░░░░░░░░  312/~1200  25 %  9 min left  3 min  2 skipped"
        );
        assert_eq!(
            articles_line(&standing, 39),
            "312/~1200  25 %  9 min left  3 min"
        );
        assert_eq!(articles_line(&standing, 20), "312/~1200  25 %");
        assert_eq!(articles_line(&standing, 3), "");
        assert_eq!(
            sentences_line(&standing, 39),
            "1322 sentences  1027 tokens/s"
        );
        for columns in 0..200 {
            for line in [articles_line, sentences_line] {
                let line = line(&standing, columns);
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
        }
    }

    #[test]
    fn before_anything_is_known_the_bar_counts_articles() {
        let standing = Standing {
            left: None,
            over: 600,
            is_total_certain: true,
            ..standing()
        };
        let line = articles_line(&standing, 60);
        assert!(line.contains("░  600/1200  3 min  2 skipped"), "{line}");
        let full = line.matches('█').count();
        assert_eq!(full, line.matches('░').count(), "{line}");
    }
}
