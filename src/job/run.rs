//! A run over a corpus: plan, translate, summarise, write, report.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use rayon::prelude::*;

use super::atomic::write_if_changed;
use super::history;
use super::night::{self, Night};
use super::orphans::orphans;
use super::plan::{Articles, Header, Outputs, Seen, changed_before};
use super::report::{ArticleCounts, REPORT_FILE, Report, Status, Work, peak_memory};
use super::shard::own;
use super::site::{self, SiteOptions, make_site};
use super::worst::{self, Doubtful};
use super::{
    ForeignFile, JobError, Observer, OutputLock, Shard, SkipReason, SkippedArticle,
    clear_leftovers, is_output_folder, write,
};
use crate::TOOL;
use crate::archive::{Aliases, Archive, Changes};
use crate::article::{self, Article, Found, ReadOptions, Skipped, SourceFile};
use crate::glossary::GlossaryUse;
use crate::output;
use crate::pipeline::{Pipeline, Refusal, contained};
use crate::summarize::{self, Document, Summary};
use crate::translate::{Progress, Translation};

/// Articles of a window, for each worker. Articles are processed in windows, so that memory does
/// not grow with the corpus and sentences of many articles share batches. A window is full when it
/// reaches either limit: enough for several batches per worker, and small enough that summaries
/// appear steadily.
const WINDOW_ARTICLES: usize = 32;
/// Bytes of a window, for each worker.
const WINDOW_BYTES: usize = 256 << 10;

#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    pub out: PathBuf,
    /// Write summaries again even if they are up to date.
    pub force: bool,
    /// Stop after this many articles, not counting those whose summaries are up to date.
    pub limit: Option<usize>,
    /// Pass over files that were last changed before this.
    pub since: Option<SystemTime>,
    /// Remove summaries whose articles are no longer in the corpus.
    pub prune: bool,
    /// Do this part of the corpus. `None`: all of it.
    pub shard: Option<Shard>,
    /// Number of reports of past runs to keep.
    pub keep_reports: usize,
    pub read: ReadOptions,
    /// Whether to write pages for browsers.
    pub html: bool,
    /// Names that are one.
    pub aliases: Option<Aliases>,
    /// Where the output folder is served, as of [`output::folder_address`].
    pub base_url: Option<String>,
}

impl RunOptions {
    /// Options for summarising all articles below `paths` that are new or have changed.
    pub fn new(paths: Vec<PathBuf>, out: PathBuf) -> Self {
        Self {
            paths,
            out,
            force: false,
            limit: None,
            since: None,
            prune: false,
            shard: None,
            keep_reports: 30,
            read: ReadOptions::default(),
            html: true,
            aliases: None,
            base_url: None,
        }
    }

    /// Returns the output files of an article, or `None` if they are up to date.
    pub(super) fn outputs_to_make(&self, article: &Article, fingerprint: &str) -> Option<Outputs> {
        let outputs = Outputs::new(&self.out, &article.id);
        (self.force || !outputs.are_up_to_date(fingerprint)).then_some(outputs)
    }
}

/// Translates and summarises the articles of a corpus.
///
/// # Errors
/// If another run holds the output folder, or outputs cannot be written. An article that causes an
/// error is skipped, and the report says why. An error that ends the run is in the report too.
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
    clear_leftovers(&options.out)?;
    let night = Night::open(&options.out)?;
    let mut job = Job {
        options,
        pipeline,
        stop,
        observer,
        articles: ArticleCounts::default(),
        progress: Mutex::new(Progress::default()),
        translating: 0.0,
        skipped: Vec::new(),
        passed_over: found.passed_over.clone(),
        glossary: pipeline.glossary().uses(),
        doubtful: Vec::new(),
        cache_failed: false,
        remaining: options.limit.unwrap_or(usize::MAX),
        night: &night,
    };
    let processed = job.process(&found);
    SkippedArticle::sort(&mut job.skipped);
    let made = match processed {
        Ok(Status::Done) => job.make_site().map(|changes| (Status::Done, changes)),
        ended => ended.map(|status| (status, Changes::default())),
    };
    let (status, changes, error) = match made {
        Ok((status, changes)) => (status, changes, None),
        Err(error) => (Status::Failed, Changes::default(), Some(error)),
    };
    let translator = pipeline.translator();
    let report = Report {
        schema_version: summarize::SCHEMA_VERSION.to_owned(),
        tool: TOOL.to_owned(),
        status,
        error: error.as_ref().map(ToString::to_string),
        folder: std::env::current_dir().ok(),
        paths: options.paths.clone(),
        shard: options.shard,
        read: Some(options.read.clone()),
        started: started.to_string(),
        finished: jiff::Timestamp::now().to_string(),
        seconds: crate::rounded(clock.elapsed().as_secs_f64()),
        model: translator.name().to_owned(),
        model_digest: format!("blake3:{}", translator.digest()),
        beam: translator.beam(),
        numeric: translator.numeric_path(),
        workers: translator.workers().current_num_threads(),
        articles: job.articles,
        passed_over: job.passed_over,
        work: Work::new(
            *job.progress.lock().unwrap_or_else(PoisonError::into_inner),
            job.translating,
        ),
        peak_memory_bytes: peak_memory(),
        skipped: job.skipped,
        glossary: job.glossary,
        worst: worst::worst(job.doubtful, worst::REPORTED),
    };
    let recorded = history::record(&options.out, &report, changes, options.keep_reports);
    if let Some(error) = error {
        // The first error is the one to report.
        return Err(error);
    }
    recorded?;
    if status == Status::Done {
        night.end();
    }
    Ok(report)
}

/// Refuses an output folder that holds articles of the corpus, a report that precis did not write, or
/// another shard.
fn refuse_foreign(options: &RunOptions, found: &Found) -> Result<(), JobError> {
    let Ok(out) = options.out.canonicalize() else {
        // The folder does not exist yet.
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
    let Ok(json) = std::fs::read(&path) else {
        return Ok(());
    };
    if Header::parse(&json).is_none() {
        return Err(ForeignFile { path }.into());
    }
    // Summaries of another shard would stay in the folder for ever.
    match serde_json::from_slice::<Report>(&json) {
        Ok(report) if report.shard != options.shard => Err(JobError::OtherShard {
            out: options.out.clone(),
            holds: report.shard,
            wanted: options.shard,
        }),
        _ => Ok(()),
    }
}

struct Job<'a> {
    options: &'a RunOptions,
    pipeline: &'a Pipeline,
    stop: &'a AtomicBool,
    observer: &'a dyn Observer,
    articles: ArticleCounts,
    progress: Mutex<Progress>,
    /// Seconds spent translating.
    translating: f64,
    skipped: Vec<SkippedArticle>,
    passed_over: BTreeMap<String, usize>,
    glossary: Vec<GlossaryUse>,
    doubtful: Vec<Doubtful>,
    cache_failed: bool,
    /// Number of articles until the limit is reached.
    remaining: usize,
    night: &'a Night,
}

/// An article that is ready to be translated.
struct Prepared {
    document: Document,
    fingerprint: String,
    outputs: Outputs,
}

/// The result of writing one summary.
enum Outcome {
    Written {
        flagged: bool,
        doubtful: Option<Doubtful>,
    },
    Skipped(SkippedArticle),
    /// The run was stopped before.
    Stopped,
}

impl Job<'_> {
    fn process(&mut self, found: &Found) -> Result<Status, JobError> {
        let options = self.options;
        let files = &found.files;
        let is_read = |file: &&SourceFile| {
            let since = options.since;
            !since.is_some_and(|since| changed_before(file, since))
        };
        let limit = options.limit.unwrap_or(usize::MAX);
        let count = files.iter().filter(is_read).count();
        // Nobody knows yet how many of them belong to a shard.
        let count = count.div_ceil(options.shard.map_or(1, Shard::count));
        self.observer.found(count.min(limit));
        for skipped in own(&found.skipped, options.shard) {
            self.skip(skipped.into());
        }
        let is_missing =
            |skipped: &Skipped| matches!(skipped.reason, article::SkipReason::NotFound);
        if files.is_empty() && found.skipped.iter().all(is_missing) {
            let paths = options.paths.iter().map(|path| path.display().to_string());
            let paths = paths.collect::<Vec<_>>().join(", ");
            return Err(JobError::NoArticles { paths });
        }
        let mut articles = Articles::new(files, &options.read, options.since, options.shard);
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
        // With a limit, there may be articles that were not seen.
        let is_whole = articles.next().is_none();
        let seen = articles.into_seen();
        for (kind, count) in &seen.passed_over {
            *self.passed_over.entry(kind.clone()).or_default() += count;
        }
        if is_whole {
            self.prune(files, &seen)?;
        }
        Ok(Status::Done)
    }

    /// Makes the pages and data of the whole folder, unless they are there and nothing has changed.
    /// Returns what the night brought.
    fn make_site(&self) -> Result<Changes, JobError> {
        let options = self.options;
        let out = &options.out;
        let cannot = |source| JobError::Read {
            path: out.clone(),
            source,
        };
        let changes = self.night.changes(&Archive::open(out).map_err(cannot)?)?;
        let is_quiet = self.articles.written + self.articles.removed == 0
            && changes.is_empty()
            && options.aliases.is_none();
        let has_skipped_as_before = || {
            let last = Report::read(out).ok().flatten();
            last.is_some_and(|last| last.status == Status::Done && last.skipped == self.skipped)
        };
        let base_url = options.base_url.as_deref();
        if is_quiet && site::is_there(out, options.html, base_url) && has_skipped_as_before() {
            return Ok(changes);
        }
        let last = night::last_changes(out);
        let site = make_site(&SiteOptions {
            out,
            html: options.html,
            thorough: false,
            aliases: options.aliases.as_ref().unwrap_or(&Aliases::default()),
            skipped: Some(&self.skipped),
            changes: if changes.is_empty() { &last } else { &changes },
            base_url,
        })?;
        for unreadable in &site.unreadable {
            self.observer.warn(unreadable);
        }
        for foreign in &site.foreign {
            self.observer.warn(foreign);
        }
        Ok(changes)
    }

    /// Counts the summaries whose articles are gone, and removes them if requested.
    fn prune(&mut self, files: &[SourceFile], seen: &Seen) -> Result<(), JobError> {
        let orphans = orphans(&self.options.out, &self.options.paths, files, seen)?;
        self.articles.orphaned = orphans.len();
        if self.options.prune {
            for outputs in orphans {
                let id = outputs
                    .json
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy();
                self.night.note(&id, &outputs.json, None)?;
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

    /// Returns the next window of articles without an up-to-date summary, which is empty after the
    /// last article, or `None` if the run was stopped.
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

    /// Returns the translations of each document, or `None` for a document that the stop left
    /// incomplete.
    fn translate(
        &mut self,
        documents: &[Prepared],
    ) -> Result<Vec<Option<Vec<Translation>>>, JobError> {
        let documents: Vec<&Document> = documents.iter().map(|it| &it.document).collect();
        let clock = Instant::now();
        let translated = self.pipeline.translate(&documents, self.stop, &|work| {
            *self.progress.lock().unwrap_or_else(PoisonError::into_inner) += work;
            self.observer.translated(work);
        });
        self.translating += clock.elapsed().as_secs_f64();
        self.warn_of_cache();
        Ok(translated?)
    }

    /// Says once that the cache is no longer used.
    fn warn_of_cache(&mut self) {
        if !self.cache_failed
            && let Some(error) = self.pipeline.cache_error()
        {
            self.cache_failed = true;
            self.observer.warn(error);
        }
    }

    /// Writes the summaries of all documents that have their translations. Returns
    /// [`Status::Interrupted`] if some do not.
    fn write(
        &mut self,
        documents: &[Prepared],
        translations: &[Option<Vec<Translation>>],
    ) -> Result<Status, JobError> {
        let written: Vec<Result<Outcome, JobError>> =
            self.pipeline.translator().workers().install(|| {
                let pairs = documents.par_iter().zip(translations);
                pairs
                    .map(|(prepared, translations)| match translations {
                        Some(translations) => self.write_one(prepared, translations),
                        None => Ok(Outcome::Stopped),
                    })
                    .collect()
            });
        self.warn_of_cache();
        for (prepared, translations) in documents.iter().zip(translations) {
            if let Some(translations) = translations {
                self.count_glossary(&prepared.document, translations);
            }
        }
        let mut status = Ok(Status::Done);
        for written in written {
            match written {
                Ok(Outcome::Written { flagged, doubtful }) => {
                    self.articles.found += 1;
                    self.articles.written += 1;
                    self.articles.flagged += usize::from(flagged);
                    self.doubtful.extend(doubtful);
                }
                Ok(Outcome::Skipped(skipped)) => self.skip(skipped),
                Ok(Outcome::Stopped) => {
                    status = status.map(|_| Status::Interrupted);
                }
                Err(error) => status = status.and(Err(error)),
            }
        }
        status
    }

    fn count_glossary(&mut self, document: &Document, translations: &[Translation]) {
        if self.glossary.is_empty() {
            return;
        }
        let glossary = self.pipeline.glossary();
        for (text, translation) in document.texts().into_iter().zip(translations) {
            glossary.count(text, translation, &mut self.glossary);
        }
    }

    fn write_one(
        &self,
        prepared: &Prepared,
        translations: &[Translation],
    ) -> Result<Outcome, JobError> {
        let document = &prepared.document;
        let skipped = |reason| {
            let path = document.source.path.clone();
            Ok(Outcome::Skipped(SkippedArticle::new(path, reason)))
        };
        let fingerprint = &prepared.fingerprint;
        let summary = self
            .pipeline
            .compose(document, translations, fingerprint, self.stop);
        let pages = match summary {
            Ok(Some(summary)) => contained(|| Pages::new(&summary, self.options.html)),
            Ok(None) => return Ok(Outcome::Stopped),
            Err(refusal) => Err(refusal),
        };
        let pages = match pages {
            Ok(pages) => pages,
            Err(refusal) => return skipped(SkipReason::from(refusal)),
        };
        let outputs = &prepared.outputs;
        if let Some(path) = outputs.foreign(self.options.html) {
            let path = path.to_owned();
            return skipped(ForeignFile { path }.into());
        }
        let digest = Some(document.source.digest.as_str());
        self.night.note(&pages.id, &outputs.json, digest)?;
        pages.write(outputs)?;
        self.observer.article_done();
        Ok(Outcome::Written {
            flagged: pages.flagged,
            doubtful: pages.doubtful,
        })
    }

    fn skip(&mut self, skipped: SkippedArticle) {
        self.articles.found += 1;
        self.articles.skipped += 1;
        self.observer.skipped(&skipped);
        self.skipped.push(skipped);
    }
}

/// The contents of a summary's files.
struct Pages {
    id: String,
    json: Vec<u8>,
    markdown: String,
    html: Option<String>,
    /// Whether its checks flag a sentence or its writer.
    flagged: bool,
    doubtful: Option<Doubtful>,
}

impl Pages {
    fn new(summary: &Summary, html: bool) -> Result<Self, Refusal> {
        let json = output::to_json(summary).map_err(|error| Refusal::Internal {
            message: error.to_string(),
        })?;
        Ok(Self {
            id: summary.id.clone(),
            json,
            markdown: output::to_markdown(summary),
            html: html.then(|| output::to_html(summary)),
            flagged: !summary.checks.flagged.is_empty() || summary.checks.unwritten.is_some(),
            doubtful: Doubtful::of(summary),
        })
    }

    /// Writes the JSON last: once it exists, all files do.
    fn write(&self, outputs: &Outputs) -> Result<(), JobError> {
        if let Some(html) = &self.html {
            let written = write_if_changed(&outputs.html, html.as_bytes());
            written.map_err(|error| JobError::write(&outputs.html, error))?;
        }
        write(&outputs.markdown, self.markdown.as_bytes())?;
        write(&outputs.json, &self.json)
    }
}
