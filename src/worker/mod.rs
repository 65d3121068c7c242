//! Articles in, summaries out: lines of JSON on one stream, as many lines on another, in their order.
//! What engines that spread work over machines drive. Knows neither files nor the command line.

mod answer;
mod limit;
mod queue;

use std::io::{BufReader, Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;

pub use answer::Status;
use answer::{Answer, Trouble};
use limit::{until, within};
use queue::{Bounds, Line, Queue};

use crate::article::{self, ReadOptions};
use crate::output;
use crate::pipeline::{Pipeline, PipelineError, Refusal, contained};
use crate::summarize::{Document, Summary};
use crate::translate::{TranslateError, Translation};

/// Records in memory for each thread: half of them share batches, while the others wait.
const IN_FLIGHT: usize = 32;
/// Bytes of records that are worked on together, and that wait, for each thread.
const BYTES: usize = 256 << 10;

/// A record of which nobody learns: it has tables made that are made when they are first needed.
const REHEARSAL: &str = "{\"text\": \"<p>Le 3 mars 2021, une crue a touché 120 communes de la Loire.</p>\
    <p>« La situation est grave », a déclaré le maire d'Orléans, Serge Grouard.</p>\"}";

/// How a worker works.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub read: ReadOptions,
    /// Most records in memory at a time. `None`: 32 for each thread.
    pub in_flight: Option<usize>,
    /// How long one record may take by itself.
    pub time_limit: Option<Duration>,
}

/// Numbers of records by their status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub ok: usize,
    pub skipped: usize,
    pub failed: usize,
}

/// Why a worker cannot go on. Another may be able to.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("cannot read the records: {0}")]
    Input(#[source] std::io::Error),
    #[error("cannot write the summaries: {0}")]
    Output(#[source] std::io::Error),
    #[error(transparent)]
    Translate(#[from] TranslateError),
}

/// Answers each line of `input` with one line in `output`, in order, until the input ends. A record
/// that is bad in whatever way costs itself alone. Once `stop` is set, the records that are being
/// worked on are answered, and no others.
///
/// # Errors
/// If `input` cannot be read, `output` cannot be written, or the device that the network runs on
/// fails.
pub fn run(
    input: impl Read + Send + 'static,
    output: &mut dyn Write,
    pipeline: Arc<Pipeline>,
    options: &Options,
    stop: &AtomicBool,
) -> Result<Counts, WorkerError> {
    let threads = pipeline.translator().workers().current_num_threads();
    let in_flight = options.in_flight.unwrap_or(IN_FLIGHT * threads);
    let together = in_flight.div_ceil(2);
    let bytes = BYTES * threads;
    let queue = Arc::new(Queue::new(Bounds {
        lines: in_flight - together,
        bytes,
    }));
    let (filled, max_bytes) = (Arc::clone(&queue), options.read.max_bytes);
    // Not waited for: after a stop, it may wait for input that never comes.
    thread::spawn(move || filled.fill(BufReader::with_capacity(64 << 10, input), max_bytes));
    let mut worker = Worker {
        pipeline,
        read: Arc::new(options.read.clone()),
        time_limit: options.time_limit,
        most: together,
        together,
    };
    if options.time_limit.is_some() {
        // Or the first record would be the slowest.
        worker.time_limit = None;
        worker.answer(vec![Ok(REHEARSAL.into())])?;
        worker.time_limit = options.time_limit;
    }
    let mut counts = Counts::default();
    loop {
        let bounds = Bounds {
            lines: worker.together,
            bytes,
        };
        let lines = queue.take(bounds, stop).map_err(WorkerError::Input)?;
        if lines.is_empty() {
            return Ok(counts);
        }
        for answer in worker.answer(lines)? {
            answer.write(output).map_err(WorkerError::Output)?;
            *match answer.status() {
                Status::Ok => &mut counts.ok,
                Status::Skipped => &mut counts.skipped,
                Status::Failed => &mut counts.failed,
            } += 1;
        }
    }
}

struct Worker {
    pipeline: Arc<Pipeline>,
    read: Arc<ReadOptions>,
    time_limit: Option<Duration>,
    /// Most records that are worked on together.
    most: usize,
    /// How many are, so that they take no longer together than one may.
    together: usize,
}

/// A record, how long it took so far, and what has become of it.
struct Record<T> {
    id: Option<String>,
    spent: Duration,
    result: Result<T, Trouble>,
}

/// A record that is ready to be translated.
struct Prepared {
    document: Document,
    fingerprint: String,
}

/// A document with its translations.
struct Translated {
    document: Document,
    fingerprint: String,
    translations: Vec<Translation>,
}

/// What became of a document in one attempt to translate it; `None` if the time was over.
type Attempt = Result<Option<Vec<Translation>>, Refusal>;

impl Worker {
    fn answer(&mut self, lines: Vec<Line>) -> Result<Vec<Answer>, TranslateError> {
        let pipeline = Arc::clone(&self.pipeline);
        let workers = pipeline.translator().workers();
        let prepared: Vec<Record<Prepared>> = workers.install(|| {
            let lines = lines.into_par_iter();
            lines.map(|line| self.prepare(line)).collect()
        });
        let translated = self.translate(prepared)?;
        Ok(workers.install(|| {
            let translated = translated.into_par_iter();
            translated.map(|record| self.compose(record)).collect()
        }))
    }

    fn prepare(&self, line: Line) -> Record<Prepared> {
        let clock = Instant::now();
        let options = Arc::clone(&self.read);
        let read = self.limited(Duration::ZERO, move |_| {
            let line = article::read_line(&line?, &options);
            Ok((line.id, line.article))
        });
        let (id, article) = match read {
            Ok((id, article)) => (id, article.map_err(Trouble::Unread)),
            Err(trouble) => (None, Err(trouble)),
        };
        let pipeline = Arc::clone(&self.pipeline);
        let result = article.and_then(|article| {
            self.limited(clock.elapsed(), move |_| {
                Ok(Prepared {
                    document: pipeline.prepare(&article)?,
                    fingerprint: pipeline.fingerprint(&article),
                })
            })
        });
        Record {
            id,
            spent: clock.elapsed(),
            result,
        }
    }

    /// Translates all records together, and those alone that took too long together or made the
    /// others fail.
    fn translate(
        &mut self,
        records: Vec<Record<Prepared>>,
    ) -> Result<Vec<Record<Translated>>, TranslateError> {
        let documents: Vec<&Document> = records.iter().filter_map(document).collect();
        let weights: Vec<usize> = documents.iter().map(|document| weight(document)).collect();
        let clock = Instant::now();
        let attempts = self.attempt(&documents, self.time_limit)?;
        let elapsed = clock.elapsed();
        self.adapt(documents.len(), &attempts, elapsed);
        let is_alone = documents.len() == 1;
        let all = weights.iter().sum::<usize>().max(1);
        let mut attempts = attempts.into_iter().zip(weights);
        let mut translated = Vec::with_capacity(records.len());
        for mut record in records {
            let result = match record.result {
                Err(trouble) => Err(trouble),
                Ok(prepared) => {
                    let (mut attempt, weight) = attempts.next().expect("one for each document");
                    let mut share = elapsed.mul_f64(weight as f64 / all as f64);
                    if !matches!(attempt, Ok(Some(_))) && !is_alone {
                        let clock = Instant::now();
                        let left = self.left(record.spent);
                        let alone = self.attempt(&[&prepared.document], left)?;
                        attempt = alone.into_iter().next().expect("one for one document");
                        share = clock.elapsed();
                    }
                    record.spent += share;
                    match attempt {
                        Ok(Some(translations)) => Ok(Translated {
                            document: prepared.document,
                            fingerprint: prepared.fingerprint,
                            translations,
                        }),
                        Ok(None) => Err(self.too_slow()),
                        Err(refusal) => Err(refusal.into()),
                    }
                }
            };
            translated.push(Record {
                id: record.id,
                spent: record.spent,
                result,
            });
        }
        Ok(translated)
    }

    /// Translates documents together, for `limit` at most. A panic is the result of all of them.
    fn attempt(
        &self,
        documents: &[&Document],
        limit: Option<Duration>,
    ) -> Result<Vec<Attempt>, TranslateError> {
        let translated = contained(|| {
            until(limit, |late| {
                let translated = self.pipeline.translate(documents, late, &|_| {});
                translated.map_err(PipelineError::from)
            })
        });
        match translated {
            Ok(translated) => Ok(translated.into_iter().map(Ok).collect()),
            Err(PipelineError::Refused(refusal)) => Ok(vec![Err(refusal); documents.len()]),
            Err(PipelineError::Translate(error)) => Err(error),
        }
    }

    /// Halves the number of records that are worked on together if they took too long, and doubles
    /// it again if they took less than half of the time.
    fn adapt(&mut self, documents: usize, attempts: &[Attempt], elapsed: Duration) {
        let Some(limit) = self.time_limit else {
            return;
        };
        if attempts.iter().any(|attempt| matches!(attempt, Ok(None))) {
            self.together = (documents / 2).max(1);
        } else if elapsed < limit / 2 {
            self.together = (self.together * 2).min(self.most);
        }
    }

    fn compose(&self, record: Record<Translated>) -> Answer {
        let Record { id, spent, result } = record;
        let clock = Instant::now();
        let pipeline = Arc::clone(&self.pipeline);
        let summary = result.and_then(|translated| {
            let late = self.too_slow();
            self.limited(spent, move |stop| {
                let Translated {
                    document,
                    fingerprint,
                    translations,
                } = translated;
                let summary = pipeline.compose(&document, &translations, &fingerprint, stop)?;
                checked(summary.ok_or(late)?)
            })
        });
        Answer::new(id, spent + clock.elapsed(), summary)
    }

    /// Runs `work` on a record that has taken `spent` so far, within its time. A panic is a trouble
    /// of the record alone.
    fn limited<T: Send + 'static>(
        &self,
        spent: Duration,
        work: impl FnOnce(&AtomicBool) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let done = within(self.left(spent), |late| contained(|| work(late)));
        done.unwrap_or_else(|| Err(self.too_slow()))
    }

    /// What is left of a record's time.
    fn left(&self, spent: Duration) -> Option<Duration> {
        self.time_limit.map(|limit| limit.saturating_sub(spent))
    }

    fn too_slow(&self) -> Trouble {
        Trouble::TimeLimit(self.time_limit.unwrap_or_default())
    }
}

fn document(record: &Record<Prepared>) -> Option<&Document> {
    record.result.as_ref().ok().map(|it| &it.document)
}

/// How much of the work together a document is.
fn weight(document: &Document) -> usize {
    document.texts().iter().map(|text| text.len()).sum()
}

/// Refuses a summary that does not read back from its JSON, as a run does.
fn checked(summary: Summary) -> Result<Box<Summary>, Trouble> {
    match output::to_json(&summary) {
        Ok(_) => Ok(Box::new(summary)),
        Err(error) => Err(Trouble::Refused(Refusal::Internal {
            message: error.to_string(),
        })),
    }
}
