//! One run over a corpus: plan, translate, summarise, write, report.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

use rayon::prelude::*;

use super::history::{self, HISTORY_FOLDER};
use super::orphans::orphans;
use super::plan::{Articles, Head, Outputs, Seen, changed_before};
use super::report::{self, REPORT_FILE, Report, Status, Work, peak_memory};
use super::{
    ForeignFile, JobError, Observer, OutputLock, SkipReason, SkippedArticle, is_output_folder,
    remove_leftovers, write,
};
use crate::article::{self, Article, Found, ReadOptions, Skipped, SourceFile};
use crate::output::{self, TOOL};
use crate::pipeline::{Pipeline, Refusal, contained};
use crate::summarize::{self, Document, Summary};
use crate::translate::{Progress, Translation};

/// Articles are worked on in windows, so that memory stays bounded whatever the size of the corpus,
/// and sentences of many articles share batches. A window is full at the first of these, each for
/// one worker: enough for several batches each, little enough that summaries appear as work goes on.
const WINDOW_ARTICLES: usize = 32;
const WINDOW_BYTES: usize = 256 << 10;

#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    pub out: PathBuf,
    /// Write summaries that are up to date once more.
    pub force: bool,
    /// Stop after work on this many articles; those whose summary is up to date do not count.
    pub limit: Option<usize>,
    /// Pass over files that were last changed before.
    pub since: Option<SystemTime>,
    /// Remove summaries whose articles are no longer in the corpus.
    pub prune: bool,
    /// Reports of runs that are kept beside the last one.
    pub keep_reports: usize,
    pub read: ReadOptions,
}

impl RunOptions {
    /// All articles below `paths` that are new or have changed.
    pub fn new(paths: Vec<PathBuf>, out: PathBuf) -> Self {
        Self {
            paths,
            out,
            force: false,
            limit: None,
            since: None,
            prune: false,
            keep_reports: 30,
            read: ReadOptions::default(),
        }
    }

    /// Where the summary of an article goes; none where it is there and up to date.
    pub(super) fn outputs_to_make(&self, article: &Article, fingerprint: &str) -> Option<Outputs> {
        let outputs = Outputs::new(&self.out, &article.id);
        (self.force || !outputs.are_up_to_date(fingerprint)).then_some(outputs)
    }
}

/// Translates and summarises the articles of a corpus.
///
/// # Errors
/// If another run holds the output folder, or outputs cannot be written. What is wrong with an
/// article costs that article and stands in the report, and so does what ended a run that had begun.
pub fn run(
    options: &RunOptions,
    pipeline: &Pipeline,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Report, JobError> {
    let started = jiff::Timestamp::now();
    let clock = Instant::now();
    let found = article::find(&options.paths, is_output_folder);
    refuse_foreign(options, &found)?;
    std::fs::create_dir_all(&options.out).map_err(|error| JobError::write(&options.out, error))?;
    let _lock = OutputLock::acquire(&options.out)?;
    for folder in [&options.out, &options.out.join(HISTORY_FOLDER)] {
        match remove_leftovers(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(JobError::write(folder, error));
            }
            _ => {}
        }
    }

    let mut job = Job {
        options,
        pipeline,
        stop,
        observer,
        articles: report::Articles::default(),
        progress: Mutex::new(Progress::default()),
        translating: 0.0,
        skipped: Vec::new(),
        remaining: options.limit.unwrap_or(usize::MAX),
    };
    let (status, error) = match job.run(&found) {
        Ok(status) => (status, None),
        Err(error) => (Status::Failed, Some(error)),
    };
    let translator = pipeline.translator();
    let report = Report {
        schema_version: summarize::SCHEMA_VERSION.to_owned(),
        tool: TOOL.to_owned(),
        status,
        error: error.as_ref().map(ToString::to_string),
        folder: std::env::current_dir().ok(),
        paths: options.paths.clone(),
        read: Some(options.read.clone()),
        started: started.to_string(),
        finished: jiff::Timestamp::now().to_string(),
        seconds: (clock.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        model: translator.name().to_owned(),
        model_digest: format!("blake3:{}", translator.digest()),
        beam: translator.beam(),
        numeric: translator.numeric_path(),
        workers: translator.workers().current_num_threads(),
        articles: job.articles,
        passed_over: found.passed_over,
        work: Work::new(
            *job.progress.lock().unwrap_or_else(|p| p.into_inner()),
            job.translating,
        ),
        peak_memory_bytes: peak_memory(),
        skipped: job.skipped,
    };
    let recorded = history::record(&options.out, &report, options.keep_reports);
    match error {
        // What went wrong first is what the user has to hear of.
        Some(error) => Err(error),
        None => recorded.map(|()| report),
    }
}

/// Refuses to write among articles, and over the report of somebody else.
fn refuse_foreign(options: &RunOptions, found: &Found) -> Result<(), JobError> {
    let Ok(out) = options.out.canonicalize() else {
        // What is not there holds nothing.
        return Ok(());
    };
    let is_out = |path: &&PathBuf| path.canonicalize().is_ok_and(|path| path == out);
    if let Some(path) = options.paths.iter().find(is_out) {
        return Err(JobError::OutputIsCorpus {
            out: options.out.clone(),
            file: path.clone(),
        });
    }
    let mut folders: HashSet<&Path> = HashSet::new();
    for file in &found.files {
        let folder = file
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let is_out = || folder.canonicalize().is_ok_and(|folder| folder == out);
        if folders.insert(folder) && is_out() {
            return Err(JobError::OutputIsCorpus {
                out: options.out.clone(),
                file: file.path.clone(),
            });
        }
    }
    let path = options.out.join(REPORT_FILE);
    match std::fs::read(&path) {
        Ok(json) if Head::parse(&json).is_none() => Err(ForeignFile { path }.into()),
        _ => Ok(()),
    }
}

struct Job<'a> {
    options: &'a RunOptions,
    pipeline: &'a Pipeline,
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

/// An article on its way.
struct Prepared {
    document: Document,
    fingerprint: String,
    outputs: Outputs,
}

/// What became of a document.
enum Written {
    Whole {
        flagged: bool,
    },
    Not(SkippedArticle),
    /// Not yet: the run was stopped.
    Later,
}

impl Job<'_> {
    fn run(&mut self, found: &Found) -> Result<Status, JobError> {
        let options = self.options;
        let files = &found.files;
        let is_read = |file: &&SourceFile| {
            let since = options.since;
            !since.is_some_and(|since| changed_before(file, since))
        };
        let limit = options.limit.unwrap_or(usize::MAX);
        let count = files.iter().filter(is_read).count();
        self.observer.found(count.min(limit));
        for skipped in &found.skipped {
            self.skip(skipped.into());
        }
        let is_missing =
            |skipped: &Skipped| matches!(skipped.reason, article::SkipReason::NotFound);
        if files.is_empty() && found.skipped.iter().all(is_missing) {
            let paths = options.paths.iter().map(|path| path.display().to_string());
            let paths = paths.collect::<Vec<_>>().join(", ");
            return Err(JobError::NoArticles { paths });
        }
        let mut articles = Articles::new(files, &options.read, options.since);
        loop {
            let Some(window) = self.gather(&mut articles) else {
                return Ok(Status::Interrupted);
            };
            if window.is_empty() {
                break;
            }
            let documents = self.prepare(window);
            let translations = self.translate(&documents)?;
            if self.write(&documents, &translations)? == Status::Interrupted {
                return Ok(Status::Interrupted);
            }
        }
        // A limit leaves articles unseen.
        if articles.next().is_none() {
            self.prune(files, &articles.into_seen())?;
        }
        Ok(Status::Done)
    }

    /// Counts summaries whose articles are gone, and removes them if that is wanted.
    fn prune(&mut self, files: &[SourceFile], seen: &Seen) -> Result<(), JobError> {
        let orphans = orphans(&self.options.out, &self.options.paths, files, seen)?;
        self.articles.orphaned = orphans.len();
        if self.options.prune {
            for outputs in orphans {
                let removed = outputs.remove();
                removed.map_err(|error| JobError::write(&outputs.json, error))?;
                self.articles.removed += 1;
            }
        }
        Ok(())
    }

    fn prepare(&mut self, window: Vec<(Article, String, Outputs)>) -> Vec<Prepared> {
        let pipeline = self.pipeline;
        let prepare = |(article, fingerprint, outputs): (Article, String, Outputs)| {
            let document = pipeline.prepare(&article);
            let document =
                document.map_err(|refusal| SkippedArticle::new(article.path, refusal))?;
            Ok(Prepared {
                document,
                fingerprint,
                outputs,
            })
        };
        let workers = pipeline.translator().workers();
        let prepared: Vec<Result<Prepared, SkippedArticle>> =
            workers.install(|| window.into_par_iter().map(prepare).collect());
        let mut documents = Vec::with_capacity(prepared.len());
        for document in prepared {
            match document {
                Ok(document) => documents.push(document),
                Err(skipped) => self.skip(skipped),
            }
        }
        documents
    }

    /// The next window of articles without a summary, empty after the last; none once the run is to
    /// stop.
    fn gather(&mut self, articles: &mut Articles<'_>) -> Option<Vec<(Article, String, Outputs)>> {
        let mut window = Vec::new();
        let mut bytes = 0;
        let workers = self.pipeline.translator().workers().current_num_threads();
        while self.remaining > 0
            && window.len() < WINDOW_ARTICLES * workers
            && bytes < WINDOW_BYTES * workers
        {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            match articles.next() {
                None => break,
                Some(Err(skipped)) => self.skip(skipped),
                Some(Ok(article)) => {
                    let fingerprint = self.pipeline.fingerprint(&article);
                    match self.options.outputs_to_make(&article, &fingerprint) {
                        Some(outputs) => {
                            bytes += article.body.len();
                            self.remaining -= 1;
                            window.push((article, fingerprint, outputs));
                        }
                        None => {
                            self.articles.found += 1;
                            self.articles.unchanged += 1;
                            self.observer.article_done();
                        }
                    }
                }
            }
        }
        Some(window)
    }

    /// The translations of each document; none where a stop kept some from coming.
    fn translate(
        &mut self,
        documents: &[Prepared],
    ) -> Result<Vec<Option<Vec<Translation>>>, JobError> {
        let documents: Vec<&Document> = documents.iter().map(|it| &it.document).collect();
        let clock = Instant::now();
        let worked = self.pipeline.cache_error().is_none();
        let translated = self.pipeline.translate(&documents, self.stop, &|work| {
            *self.progress.lock().unwrap_or_else(|p| p.into_inner()) += work;
            self.observer.translated(work);
        });
        self.translating += clock.elapsed().as_secs_f64();
        if worked && let Some(error) = self.pipeline.cache_error() {
            self.observer.warn(error);
        }
        Ok(translated?)
    }

    /// Writes the summaries of all documents that have all of their translations; where a stop kept
    /// some from having them, the run is interrupted.
    fn write(
        &mut self,
        documents: &[Prepared],
        translations: &[Option<Vec<Translation>>],
    ) -> Result<Status, JobError> {
        let written: Vec<Result<Written, JobError>> =
            self.pipeline.translator().workers().install(|| {
                let pairs = documents.par_iter().zip(translations);
                pairs
                    .map(|(prepared, translations)| match translations {
                        Some(translations) => self.write_one(prepared, translations),
                        None => Ok(Written::Later),
                    })
                    .collect()
            });
        let mut status = Ok(Status::Done);
        for written in written {
            match written {
                Ok(Written::Whole { flagged }) => {
                    self.articles.found += 1;
                    self.articles.written += 1;
                    self.articles.flagged += usize::from(flagged);
                }
                Ok(Written::Not(skipped)) => self.skip(skipped),
                Ok(Written::Later) => {
                    status = status.map(|_| Status::Interrupted);
                }
                Err(error) => status = status.and(Err(error)),
            }
        }
        status
    }

    fn write_one(
        &self,
        prepared: &Prepared,
        translations: &[Translation],
    ) -> Result<Written, JobError> {
        let document = &prepared.document;
        let skipped = |reason| {
            let path = document.source.path.clone();
            Ok(Written::Not(SkippedArticle::new(path, reason)))
        };
        let fingerprint = &prepared.fingerprint;
        let summary = self
            .pipeline
            .compose(document, translations, fingerprint, self.stop);
        let pages = match summary {
            Ok(Some(summary)) => contained(|| Pages::new(&summary)),
            Ok(None) => return Ok(Written::Later),
            Err(refusal) => Err(refusal),
        };
        let pages = match pages {
            Ok(pages) => pages,
            Err(refusal) => return skipped(SkipReason::from(refusal)),
        };
        if let Some(path) = prepared.outputs.foreign() {
            let path = path.to_owned();
            return skipped(ForeignFile { path }.into());
        }
        pages.write(&prepared.outputs)?;
        self.observer.article_done();
        Ok(Written::Whole {
            flagged: pages.flagged,
        })
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
    fn new(summary: &Summary) -> Result<Self, Refusal> {
        let json = output::to_json(summary).map_err(|error| Refusal::Internal {
            message: error.to_string(),
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
            write(path, bytes)?;
        }
        Ok(())
    }
}
