//! How far a run is, and when it will be over.

use std::time::Duration;

use crate::translate::Progress;

/// What a run has to have worked before it says how long the rest takes.
const SHORTEST: Duration = Duration::from_secs(3);

/// What a summary takes besides what its text takes, in bytes of text.
const FOR_ANY_SUMMARY: usize = 2000;

/// Tokens, for each worker, after which what they took counts a third: a machine may become slower or
/// faster, while sentences that are translated again come in bursts.
const REMEMBERED_TOKENS: f64 = 10_000.0;

/// How far a run is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// Articles that have their summary, or were skipped.
    pub over: usize,
    pub skipped: usize,
    /// Articles in all, and whether that is certain.
    pub total: usize,
    pub is_total_certain: bool,
    pub work: Progress,
    /// Since the run began.
    pub elapsed: Duration,
    /// Until it is over. `None` as long as nothing can be said.
    pub left: Option<Duration>,
}

/// Numbers of articles.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amount {
    pub articles: usize,
    /// Those without an up-to-date summary.
    pub to_do: usize,
    /// Bytes of their text.
    pub bytes: usize,
}

impl Amount {
    /// Counts an article; `bytes` are those of its text if it is to be done.
    pub(super) fn add(&mut self, bytes: Option<usize>) {
        self.articles += 1;
        self.to_do += usize::from(bytes.is_some());
        self.bytes += bytes.unwrap_or_default();
    }

    /// How long summaries take, compared with others.
    fn of_summaries(self) -> usize {
        self.bytes + FOR_ANY_SUMMARY * self.to_do
    }
}

/// What is known of the articles that a run has not taken up.
#[derive(Clone, Copy, Debug)]
enum Ahead {
    /// There are about so many in all.
    Guessed { articles: usize },
    /// Somebody looks ahead.
    LookedAt {
        /// What had been taken up when that was begun.
        before: Amount,
        seen: Amount,
        /// How much of what was left then has been looked at, from 0 to 1.
        share: f64,
    },
    /// There are none.
    Nothing,
}

/// What a run has done so far, and what it knows of the rest. `now` is the time since it began.
///
/// What is left is said in source tokens, as far as it has been looked up in the cache which of them have
/// to be translated; of other articles the bytes are known, or a part of them, and it is assumed that
/// they have as many tokens to translate for each byte as those before. Tokens take as long as of late,
/// and summaries, which are measured apart, as long as so far.
pub(super) struct Outlook {
    workers: usize,
    /// Most articles that are to be done.
    limit: usize,
    taken_up: Amount,
    over: usize,
    skipped: usize,
    ahead: Ahead,
    /// When the first text was translated.
    begun: Option<Duration>,
    work: Progress,
    /// Bytes of the articles whose tokens are known.
    counted_bytes: usize,
    /// Articles whose summaries were written.
    done: Amount,
    /// Time of all workers that went into summaries, not into translations.
    writing: Duration,
    pace: Pace,
}

/// What translating takes.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    /// Tokens that were settled, those of late above all.
    tokens: f64,
    /// Seconds of all workers that these took.
    seconds: f64,
    /// Seconds that all tokens so far took.
    until: f64,
}

impl Pace {
    /// So many tokens were settled since the last time, and all of them took so many seconds; `kept` is how
    /// much those before still count.
    fn settle(&mut self, tokens: usize, until: f64, kept: f64) {
        self.tokens = kept * self.tokens + tokens as f64;
        self.seconds = (kept * self.seconds + until - self.until).max(0.0);
        self.until = until;
    }

    /// Seconds of all workers for a token.
    fn for_token(self) -> Option<f64> {
        (self.tokens > 0.0).then(|| self.seconds / self.tokens)
    }
}

impl Outlook {
    pub(super) fn new(workers: usize, limit: usize) -> Self {
        Self {
            workers,
            limit,
            taken_up: Amount::default(),
            over: 0,
            skipped: 0,
            ahead: Ahead::Guessed { articles: 0 },
            begun: None,
            work: Progress::default(),
            counted_bytes: 0,
            done: Amount::default(),
            writing: Duration::ZERO,
            pace: Pace::default(),
        }
    }

    /// There may be so many articles.
    pub(super) fn guess(&mut self, articles: usize) {
        self.ahead = Ahead::Guessed { articles };
    }

    /// An article was taken up; `bytes` are those of its text if it is to be done.
    pub(super) fn take_up(&mut self, bytes: Option<usize>) {
        self.taken_up.add(bytes);
    }

    /// What has been taken up so far.
    pub(super) fn taken_up(&self) -> Amount {
        self.taken_up
    }

    /// After the articles `before`, somebody who looks ahead has `seen` these, in a `share` of what
    /// there was.
    pub(super) fn look_ahead(&mut self, before: Amount, seen: Amount, share: f64) {
        if !matches!(self.ahead, Ahead::Nothing) {
            self.ahead = Ahead::LookedAt {
                before,
                seen,
                share,
            };
        }
    }

    /// All articles have been taken up.
    pub(super) fn see_the_end(&mut self) {
        self.ahead = Ahead::Nothing;
    }

    /// Articles with so many bytes of text are about to be translated.
    pub(super) fn begin(&mut self, bytes: usize, now: Duration) {
        self.begun.get_or_insert(now);
        self.counted_bytes += bytes;
    }

    pub(super) fn work(&mut self, work: Progress, now: Duration) {
        self.work += work;
        if let (Some(begun), 1..) = (self.begun, work.settled_tokens) {
            let workers = self.workers as f64;
            let spent = now.saturating_sub(begun).as_secs_f64() * workers;
            let tokens = work.settled_tokens;
            let kept = (-(tokens as f64) / (REMEMBERED_TOKENS * workers)).exp();
            let until = (spent - self.writing.as_secs_f64()).max(0.0);
            self.pace.settle(tokens, until, kept);
        }
    }

    /// What has been translated so far.
    pub(super) fn worked(&self) -> Progress {
        self.work
    }

    /// An article is up to date.
    pub(super) fn pass(&mut self) {
        self.over += 1;
    }

    /// An article was skipped that was not to be done.
    pub(super) fn skip(&mut self) {
        self.over += 1;
        self.skipped += 1;
    }

    /// An article with so many bytes of text was skipped that was about to be translated.
    pub(super) fn refuse(&mut self, bytes: usize) {
        self.counted_bytes += bytes;
        self.give_up(bytes);
    }

    /// An article with so many bytes of text was skipped although it was translated.
    pub(super) fn give_up(&mut self, bytes: usize) {
        self.skip();
        self.done.add(Some(bytes));
    }

    /// The summary of an article with so many bytes of text was written, which took a worker so long.
    pub(super) fn write(&mut self, bytes: usize, took: Duration) {
        self.over += 1;
        self.done.add(Some(bytes));
        self.writing += took;
    }

    /// Time of all workers that went into summaries.
    pub(super) fn writing(&self) -> Duration {
        self.writing
    }

    pub(super) fn standing(&self, now: Duration) -> Standing {
        let (all, is_total_certain) = self.all();
        Standing {
            over: self.over,
            skipped: self.skipped,
            total: all.articles.max(self.over),
            is_total_certain,
            work: self.work,
            elapsed: now,
            left: self.left(all, now),
        }
    }

    /// All articles as far as can be told, and whether that is certain.
    fn all(&self) -> (Amount, bool) {
        let taken_up = self.taken_up;
        let (all, is_certain) = match self.ahead {
            Ahead::Nothing => (taken_up, true),
            Ahead::Guessed { articles } => {
                let articles = articles.max(taken_up.articles);
                (
                    Amount {
                        articles,
                        ..taken_up
                    },
                    false,
                )
            }
            Ahead::LookedAt {
                before,
                seen,
                share,
            } => {
                let in_all = |before: usize, seen: usize, taken_up: usize| {
                    let seen = seen as f64 / share.clamp(1e-6, 1.0);
                    (before + seen as usize).max(taken_up)
                };
                let all = Amount {
                    articles: in_all(before.articles, seen.articles, taken_up.articles),
                    to_do: in_all(before.to_do, seen.to_do, taken_up.to_do),
                    bytes: in_all(before.bytes, seen.bytes, taken_up.bytes),
                };
                (all, share >= 1.0)
            }
        };
        let beyond = all.to_do.saturating_sub(self.limit);
        if beyond == 0 {
            return (all, is_certain);
        }
        let part = self.limit as f64 / all.to_do as f64;
        let within = Amount {
            articles: all.articles - beyond,
            to_do: self.limit,
            bytes: (all.bytes as f64 * part) as usize,
        };
        (within, is_certain)
    }

    /// How long it takes to do what is left of `all` articles.
    fn left(&self, all: Amount, now: Duration) -> Option<Duration> {
        if let Ahead::Guessed { .. } = self.ahead {
            return None;
        }
        let spent = now.checked_sub(self.begun?)?;
        if spent < SHORTEST {
            return None;
        }
        let workers = self.workers as f64;
        let spent = spent.as_secs_f64() * workers;
        let (summaries, done) = (all.of_summaries(), self.done.of_summaries());
        let summaries_left = summaries.saturating_sub(done) as f64;
        let (expected, settled) = (self.work.expected_tokens, self.work.settled_tokens);
        let seconds = if expected == 0 {
            // Everything comes from the cache.
            summaries_left * spent / per(done)?
        } else {
            let per_byte = expected as f64 / per(self.counted_bytes)?;
            let uncounted = all.bytes.saturating_sub(self.counted_bytes) as f64;
            let tokens_left = expected.saturating_sub(settled) as f64 + per_byte * uncounted;
            let writing = self.writing.as_secs_f64().min(spent);
            let for_summaries = per(done).map_or(0.0, |done| summaries_left * writing / done);
            tokens_left * self.pace.for_token()? + for_summaries
        };
        Duration::try_from_secs_f64(seconds / workers).ok()
    }
}

/// A number to divide by.
fn per(number: usize) -> Option<f64> {
    (number > 0).then_some(number as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run over articles of the same kind on a clock of its own.
    struct Simulation {
        /// Bytes of text of each article.
        articles: Vec<usize>,
        /// Leading articles that are up to date.
        up_to_date: usize,
        /// Of the articles to do the first so many have all of their tokens in the cache.
        cached: usize,
        workers: usize,
        window: usize,
        tokens_per_second: f64,
        twice_as_fast_from: Option<f64>,
        /// Of the tokens of an article these are translated once more, after the others.
        again: f64,
        seconds_per_summary: f64,
        articles_looked_at_per_second: f64,
    }

    const BYTES_PER_TOKEN: usize = 3;

    impl Simulation {
        fn new(articles: usize) -> Self {
            // From 300 to 6,300 bytes, in no order.
            let bytes = |n: usize| 300 + (n * 7919) % 6000;
            Self {
                articles: (0..articles).map(bytes).collect(),
                up_to_date: 0,
                cached: 0,
                workers: 2,
                window: 64,
                tokens_per_second: 400.0,
                twice_as_fast_from: None,
                again: 0.2,
                seconds_per_summary: 0.02,
                articles_looked_at_per_second: 2000.0,
            }
        }

        /// Tokens per second of a worker.
        fn speed(&self, now: f64) -> f64 {
            match self.twice_as_fast_from {
                Some(from) if now > from => 2.0 * self.tokens_per_second,
                _ => self.tokens_per_second,
            }
        }

        /// Runs. Returns the end, and at each moment what was thought to be left.
        fn run(&self) -> (f64, Vec<(f64, Option<f64>)>) {
            let mut outlook = Outlook::new(self.workers, usize::MAX);
            outlook.guess(self.articles.len());
            let mut said = Vec::new();
            let mut now = 0.0_f64;
            for _ in 0..self.up_to_date {
                now += 0.001;
                outlook.take_up(None);
                outlook.pass();
            }
            let mut before = None;
            let to_do = &self.articles[self.up_to_date..];
            for (n, window) in to_do.chunks(self.window).enumerate() {
                window
                    .iter()
                    .for_each(|&bytes| outlook.take_up(Some(bytes)));
                let taken_up = self.window * n + window.len();
                if taken_up == to_do.len() {
                    outlook.see_the_end();
                }
                let (amount, began) = *before.get_or_insert((outlook.taken_up(), now));
                let first = self.window.min(to_do.len());
                let time = |seconds: f64| Duration::from_secs_f64(seconds);
                let mut say = |outlook: &mut Outlook, now: f64| {
                    let rest = &to_do[first..];
                    let count = ((now - began) * self.articles_looked_at_per_second) as usize;
                    let count = count.min(rest.len());
                    let mut seen = Amount::default();
                    rest[..count].iter().for_each(|&it| seen.add(Some(it)));
                    let share = match rest.len() {
                        0 => 1.0,
                        len => count as f64 / len as f64,
                    };
                    outlook.look_ahead(amount, seen, share);
                    let left = outlook.standing(time(now)).left;
                    said.push((now, left.map(|left| left.as_secs_f64())));
                };
                outlook.begin(window.iter().sum(), time(now));
                let tokens = |n: usize, bytes: usize| match n < self.cached {
                    true => 0,
                    false => bytes / BYTES_PER_TOKEN,
                };
                let place = |index: usize| self.window * n + index;
                let expected = window.iter().enumerate();
                let expected = Progress {
                    expected_tokens: expected.map(|(i, &it)| tokens(place(i), it)).sum(),
                    ..Progress::default()
                };
                outlook.work(expected, time(now));
                // The workers are as fast as one that is as fast as all of them together.
                let together = self.workers as f64;
                for (index, &bytes) in window.iter().enumerate() {
                    let tokens = tokens(place(index), bytes);
                    let again = (tokens as f64 * self.again) as usize;
                    let steps = [
                        (tokens - again, tokens - again),
                        (again, again / 2),
                        (2 * again, again - again / 2),
                    ];
                    for (read, settled) in steps {
                        now += read as f64 / self.speed(now) / together;
                        let settled = Progress {
                            settled_tokens: settled,
                            ..Progress::default()
                        };
                        outlook.work(settled, time(now));
                        say(&mut outlook, now);
                    }
                    now += self.seconds_per_summary / together;
                    outlook.write(bytes, time(self.seconds_per_summary));
                    say(&mut outlook, now);
                }
            }
            (now, said)
        }

        /// Asserts that from `first` seconds on what was said to be left was right within a fifth.
        fn is_right(&self, first: f64) {
            let (end, said) = self.run();
            assert!(end > 60.0, "{end}");
            for (now, left) in said {
                let really = end - now;
                if now < first || really < 5.0 {
                    continue;
                }
                let left = left.unwrap_or_else(|| panic!("nothing was said after {now} s"));
                let off = (left - really).abs() / really;
                assert!(off < 0.2, "after {now:.1} of {end:.1} s: {left:.1} s left");
            }
        }
    }

    #[test]
    fn what_is_left_is_right_after_fifteen_seconds() {
        for articles in [60, 200, 3000] {
            Simulation::new(articles).is_right(15.0);
        }
    }

    #[test]
    fn a_machine_that_becomes_faster_is_noticed() {
        let mut simulation = Simulation::new(400);
        simulation.twice_as_fast_from = Some(120.0);
        simulation.is_right(165.0);
    }

    #[test]
    fn a_run_that_goes_on_knows_what_is_left_of_it() {
        let mut simulation = Simulation::new(1000);
        simulation.up_to_date = 700;
        simulation.is_right(15.7);
    }

    #[test]
    fn what_a_writer_takes_counts() {
        let mut simulation = Simulation::new(200);
        simulation.seconds_per_summary = 2.0;
        simulation.is_right(15.0);
    }

    #[test]
    fn a_run_from_the_cache_knows_what_is_left_of_it() {
        let mut simulation = Simulation::new(1000);
        simulation.cached = 1000;
        simulation.seconds_per_summary = 0.5;
        simulation.is_right(15.0);
    }

    #[test]
    fn a_slow_look_ahead_is_extrapolated() {
        let mut simulation = Simulation::new(3000);
        simulation.articles_looked_at_per_second = 20.0;
        simulation.is_right(15.0);
    }

    #[test]
    fn the_limit_ends_what_is_left() {
        let mut outlook = Outlook::new(1, 10);
        for _ in 0..10 {
            outlook.take_up(Some(100));
        }
        let before = outlook.taken_up();
        let seen = Amount {
            articles: 90,
            to_do: 90,
            bytes: 9000,
        };
        outlook.look_ahead(before, seen, 1.0);
        outlook.begin(1000, Duration::ZERO);
        let work = Progress {
            expected_tokens: 100,
            settled_tokens: 50,
            ..Progress::default()
        };
        outlook.work(work, Duration::from_secs(10));
        let standing = outlook.standing(Duration::from_secs(10));
        assert_eq!(standing.total, 10);
        assert_eq!(standing.left, Some(Duration::from_secs(10)));
    }

    #[test]
    fn nothing_is_said_before_there_is_anything_to_say() {
        let mut outlook = Outlook::new(2, usize::MAX);
        outlook.guess(12);
        let standing = outlook.standing(Duration::from_secs(60));
        assert_eq!((standing.total, standing.left), (12, None));
        assert!(!standing.is_total_certain);
        outlook.begin(100, Duration::from_secs(60));
        outlook.see_the_end();
        assert_eq!(outlook.standing(Duration::from_secs(70)).left, None);
    }
}
