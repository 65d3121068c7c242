//! One run over a corpus: plan, translate, summarise, write, report.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use super::plan::{Articles, Outputs};
use super::prepare::{contained, prepare};
use super::report::{self, REPORT_FILE, Report, SkippedArticle, Status, Work, peak_memory};
use super::{JobError, Observer, OutputLock, remove_leftovers, write_atomically};
use crate::article::{self, Article, ReadOptions};
use crate::cache::Store;
use crate::output;
use crate::summarize::{self, Document, Provenance, Summary};
use crate::summarize::{TranslatorProvenance, TranslatorSettings, Writer};
use crate::translate::{Progress, TranslateError, Translator};

/// Articles are worked on in windows, so that memory stays bounded whatever the size of the corpus,
/// and sentences of many articles share batches. A window is full at the first of these, each for
/// one worker: enough for several batches each, little enough that summaries appear as work goes on.
const WINDOW_ARTICLES: usize = 32;
const WINDOW_BYTES: usize = 256 << 10;

pub const TOOL: &str = concat!("precis ", env!("CARGO_PKG_VERSION"));

#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    pub out: PathBuf,
    /// Write summaries that are up to date once more.
    pub force: bool,
    /// Stop after work on this many articles; those whose summary is up to date do not count.
    pub limit: Option<usize>,
    pub read: ReadOptions,
}

/// Translates and summarises the articles of a corpus.
///
/// # Errors
/// If another run holds the output folder, or outputs cannot be written. What is wrong with an
/// article costs that article and stands in the report.
pub fn run(
    options: &RunOptions,
    translator: &Translator,
    writer: &dyn Writer,
    cache: Option<&Store>,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Report, JobError> {
    let started = jiff::Timestamp::now();
    let clock = Instant::now();
    std::fs::create_dir_all(&options.out).map_err(|error| JobError::write(&options.out, error))?;
    let _lock = OutputLock::acquire(&options.out)?;
    remove_leftovers(&options.out).map_err(|error| JobError::write(&options.out, error))?;

    let found = article::find(&options.paths);
    observer.found(found.files.len().min(options.limit.unwrap_or(usize::MAX)));
    let mut job = Job {
        options,
        translator,
        writer,
        cache,
        stop,
        observer,
        articles: report::Articles::default(),
        progress: Mutex::new(Progress::default()),
        translating: 0.0,
        skipped: Vec::new(),
        remaining: options.limit.unwrap_or(usize::MAX),
    };
    for skipped in found.skipped {
        job.skip(skipped.into());
    }
    let mut articles = Articles::new(&found.files, &options.read).peekable();
    let mut status = Status::Done;
    while job.remaining > 0 && articles.peek().is_some() {
        match job.window(&mut articles) {
            Ok(()) => {}
            Err(JobError::Translate(TranslateError::Interrupted)) => {
                status = Status::Interrupted;
                break;
            }
            Err(error) => return Err(error),
        }
    }

    let report = Report {
        schema_version: summarize::SCHEMA_VERSION,
        tool: TOOL.to_owned(),
        status,
        started: started.to_string(),
        finished: jiff::Timestamp::now().to_string(),
        seconds: (clock.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        model: translator.name().to_owned(),
        model_digest: format!("blake3:{}", translator.digest()),
        beam: translator.beam(),
        numeric: translator.numeric_path(),
        workers: translator.workers().current_num_threads(),
        articles: job.articles,
        work: Work::new(
            *job.progress.lock().unwrap_or_else(|p| p.into_inner()),
            job.translating,
        ),
        peak_memory_bytes: peak_memory(),
        skipped: job.skipped,
    };
    let path = options.out.join(REPORT_FILE);
    let mut bytes = serde_json::to_vec_pretty(&report).expect("a report is JSON");
    bytes.push(b'\n');
    write_atomically(&path, &bytes).map_err(|error| JobError::write(&path, error))?;
    Ok(report)
}

struct Job<'a> {
    options: &'a RunOptions,
    translator: &'a Translator,
    writer: &'a dyn Writer,
    cache: Option<&'a Store>,
    stop: &'a AtomicBool,
    observer: &'a dyn Observer,
    articles: report::Articles,
    progress: Mutex<Progress>,
    /// Seconds.
    translating: f64,
    skipped: Vec<SkippedArticle>,
    /// Articles that may still be worked on.
    remaining: usize,
}

impl Job<'_> {
    /// Takes the next window of articles the whole way.
    fn window(
        &mut self,
        articles: &mut dyn Iterator<Item = Result<Article, SkippedArticle>>,
    ) -> Result<(), JobError> {
        let mut window = Vec::new();
        let mut bytes = 0;
        let workers = self.translator.workers().current_num_threads();
        while self.remaining > 0
            && window.len() < WINDOW_ARTICLES * workers
            && bytes < WINDOW_BYTES * workers
        {
            if self.stop.load(Ordering::Relaxed) {
                return Err(TranslateError::Interrupted.into());
            }
            match articles.next() {
                None => break,
                Some(Err(skipped)) => self.skip(skipped),
                Some(Ok(article)) => {
                    let fingerprint = fingerprint(&article, self.translator, self.writer);
                    let outputs = Outputs::new(&self.options.out, &article.id);
                    if !self.options.force && outputs.are_up_to_date(&fingerprint) {
                        self.articles.found += 1;
                        self.articles.unchanged += 1;
                        self.observer.article_done();
                    } else {
                        bytes += article.body.len();
                        self.remaining -= 1;
                        window.push((article, fingerprint, outputs));
                    }
                }
            }
        }

        let prepared: Vec<Result<(Document, String, Outputs), SkippedArticle>> =
            self.translator.workers().install(|| {
                window
                    .into_par_iter()
                    .map(|(article, fingerprint, outputs)| {
                        let document = contained(&article.path, || prepare(&article))?;
                        Ok((document, fingerprint, outputs))
                    })
                    .collect()
            });
        let mut documents = Vec::with_capacity(prepared.len());
        for document in prepared {
            match document {
                Ok(document) => documents.push(document),
                Err(skipped) => self.skip(skipped),
            }
        }

        let texts: Vec<Vec<&str>> = documents
            .iter()
            .map(|(document, ..)| document.texts())
            .collect();
        let clock = Instant::now();
        let translations =
            self.translator
                .translate(&texts.concat(), self.cache, self.stop, &|work| {
                    *self.progress.lock().unwrap_or_else(|p| p.into_inner()) += work;
                    self.observer.translated(work);
                });
        self.translating += clock.elapsed().as_secs_f64();
        let translations = translations?;

        let mut rest = translations.as_slice();
        let mut pairs = Vec::with_capacity(documents.len());
        for (document, texts) in documents.iter().zip(&texts) {
            let (own, others) = rest.split_at(texts.len());
            pairs.push((document, own));
            rest = others;
        }
        // A model takes seconds for an abstract: whoever stops the run does not wait for a window.
        let slow = self.writer.provenance().digest.is_some();
        let written: Vec<Option<Result<bool, SkippedArticle>>> =
            self.translator.workers().install(|| {
                pairs
                    .into_par_iter()
                    .map(|((document, fingerprint, outputs), translations)| {
                        if slow && self.stop.load(Ordering::Relaxed) {
                            return Ok(None);
                        }
                        let path = &document.source.path;
                        let pages = contained(path, || {
                            let provenance =
                                provenance(self.translator, self.writer, fingerprint.clone());
                            let writer = self.writer;
                            Pages::new(&summarize::compose(
                                document,
                                translations,
                                writer,
                                provenance,
                            ))
                        });
                        let pages = match pages {
                            Ok(pages) => pages,
                            Err(skipped) => return Ok(Some(Err(skipped))),
                        };
                        pages.write(outputs)?;
                        self.observer.article_done();
                        Ok(Some(Ok(pages.flagged)))
                    })
                    .collect::<Result<_, JobError>>()
            })?;
        let stopped = written.iter().any(Option::is_none);
        for written in written.into_iter().flatten() {
            match written {
                Ok(flagged) => {
                    self.articles.found += 1;
                    self.articles.written += 1;
                    self.articles.flagged += usize::from(flagged);
                }
                Err(skipped) => self.skip(skipped),
            }
        }
        if stopped {
            return Err(TranslateError::Interrupted.into());
        }
        Ok(())
    }

    fn skip(&mut self, skipped: SkippedArticle) {
        self.articles.found += 1;
        self.articles.skipped += 1;
        self.observer.skipped(&skipped);
        self.skipped.push(skipped);
    }
}

/// A summary as its files will hold it.
struct Pages {
    json: Vec<u8>,
    markdown: String,
    /// Whether its checks flag a sentence.
    flagged: bool,
}

impl Pages {
    fn new(summary: &Summary) -> Result<Self, SkippedArticle> {
        let json = output::to_json(summary).map_err(|error| SkippedArticle {
            path: summary.source.path.clone(),
            code: "internal_error",
            reason: error.to_string(),
        })?;
        Ok(Self {
            json,
            markdown: output::to_markdown(summary),
            flagged: !summary.checks.flagged.is_empty(),
        })
    }

    /// The Markdown first: once the JSON is there, both are.
    fn write(&self, outputs: &Outputs) -> Result<(), JobError> {
        for (path, bytes) in [
            (&outputs.markdown, self.markdown.as_bytes()),
            (&outputs.json, &self.json),
        ] {
            write_atomically(path, bytes).map_err(|error| JobError::write(path, error))?;
        }
        Ok(())
    }
}

/// Everything that the summary of an article depends on.
pub fn fingerprint(article: &Article, translator: &Translator, writer: &dyn Writer) -> String {
    let parts = [
        TOOL,
        summarize::SCHEMA_VERSION,
        &article.id,
        &article.path,
        &article.digest,
        article.title.as_deref().unwrap_or_default(),
        &article
            .date
            .map(|date| date.to_string())
            .unwrap_or_default(),
        &article.body,
        translator.identity(),
        writer.identity(),
    ];
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.update(&summarize::VERSION.to_le_bytes());
    format!("blake3:{}", hasher.finalize().to_hex())
}

pub fn provenance(translator: &Translator, writer: &dyn Writer, fingerprint: String) -> Provenance {
    Provenance {
        tool: TOOL.to_owned(),
        fingerprint,
        translator: TranslatorProvenance {
            model: translator.name().to_owned(),
            digest: format!("blake3:{}", translator.digest()),
            settings: TranslatorSettings {
                beam: translator.beam(),
                numeric: translator.arithmetic().to_owned(),
            },
        },
        writer: writer.provenance(),
    }
}

impl JobError {
    fn write(path: &Path, source: std::io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}
