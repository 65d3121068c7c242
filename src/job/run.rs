//! A run over a corpus: plan, translate, summarise, write, report.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use rayon::prelude::*;

use super::ahead::LookAhead;
use super::atomic::write_if_changed;
use super::history;
use super::night::{self, Night};
use super::orphans::orphans;
use super::outlook::Outlook;
use super::plan::{Articles, Header, Outputs, Place, Seen, ToMake, changed_before};
use super::report::{ArticleCounts, ModelUse, REPORT_FILE, Report, Status, Work, peak_memory};
use super::shard::own;
use super::site::{self, SiteOptions, make_site};
use super::worst::{self, Doubtful};
use super::{
    ForeignFile, JobError, Observer, OutputLock, Shard, SkipReason, SkippedArticle, Written,
    clear_leftovers, is_output_folder, new_run, write,
};
use crate::TOOL;
use crate::archive::{Aliases, Archive, Changes};
use crate::article::{self, Article, Found, ReadOptions, Skipped, SourceFile};
use crate::glossary::GlossaryUse;
use crate::output;
use crate::pipeline::{Pipeline, Refusal, contained};
use crate::summarize::{self, Document, Grade, Summary, Trust};
use crate::translate::{Follow, Translation};

/// Articles of a window, for each worker. Articles are processed in windows, so that memory does
/// not grow with the corpus and sentences of many articles share batches. A window is full when it
/// reaches either limit: enough for several batches per worker.
const WINDOW_ARTICLES: usize = 32;
/// Bytes of a window, for each worker.
const WINDOW_BYTES: usize = 256 << 10;

#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Id of the run, another for each ([`new_run`]).
    pub run: String,
    /// The models that are used, as far as the report is to name them.
    pub models: Vec<ModelUse>,
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
            run: new_run(),
            models: Vec::new(),
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

    /// What has to be made for an article; `fingerprint` is its fingerprint at a path.
    pub(super) fn to_make(
        &self,
        article: &Article,
        fingerprint: &dyn Fn(&str) -> String,
    ) -> ToMake {
        let outputs = Outputs::new(&self.out, &article.id);
        match self.force {
            true => ToMake::All(outputs),
            false => outputs.missing(&article.path, fingerprint),
        }
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
    let (started, clock) = (jiff::Timestamp::now(), Instant::now());
    let found = article::find(&options.paths, is_output_folder);
    refuse_foreign(options, &found)?;
    std::fs::create_dir_all(&options.out).map_err(|error| JobError::write(&options.out, error))?;
    let _lock = OutputLock::acquire(&options.out)?;
    clear_leftovers(&options.out)?;
    let night = Night::open(&options.out)?;
    let last = Report::read(&options.out).ok().flatten();
    let job = Job {
        clock,
        ..Job::new(options, pipeline, stop, observer, &night)
    };
    job.tally().summaries = last.as_ref().and_then(|last| last.summaries.clone());
    observer.started();
    let processed = job.process(&found);
    SkippedArticle::sort(&mut job.tally().skipped);
    let made = match processed {
        Ok(Status::Done) => {
            let changes = job.make_site(last.as_ref());
            changes.map(|changes| (Status::Done, changes))
        }
        ended => ended.map(|status| (status, Changes::default())),
    };
    let (status, changes, error) = match made {
        Ok((status, changes)) => (status, changes, None),
        Err(error) => (Status::Failed, Changes::default(), Some(error)),
    };
    let report = job.into_report(started, status, error.as_ref());
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
    night: &'a Night,
    clock: Instant,
    tally: Mutex<Tally>,
    outlook: Mutex<Outlook>,
}

/// What the report says of the articles.
#[derive(Default)]
struct Tally {
    articles: ArticleCounts,
    /// Seconds spent translating.
    translating: f64,
    skipped: Vec<SkippedArticle>,
    passed_over: BTreeMap<String, usize>,
    glossary: Vec<GlossaryUse>,
    doubtful: Vec<Doubtful>,
    summaries: Option<BTreeMap<Grade, usize>>,
    has_warned_of_cache: bool,
    /// The first error, which ends the run.
    error: Option<JobError>,
}

/// The next articles of a run.
#[derive(Default)]
struct Window {
    /// Those that need a summary, each with its outputs.
    articles: Vec<(Article, Outputs)>,
    /// Those whose summary has to name another path.
    moved: Vec<(Article, Outputs)>,
    /// Whether there are no more.
    is_last: bool,
}

/// An article that is ready to be translated.
struct Prepared {
    document: Document,
    fingerprint: String,
    outputs: Outputs,
    /// Bytes of its text.
    bytes: usize,
}

/// The result of writing one summary.
enum Outcome {
    Written(Pages),
    Skipped(SkippedArticle),
    /// The run was stopped before.
    Stopped,
}

impl<'a> Job<'a> {
    fn new(
        options: &'a RunOptions,
        pipeline: &'a Pipeline,
        stop: &'a AtomicBool,
        observer: &'a dyn Observer,
        night: &'a Night,
    ) -> Self {
        let workers = pipeline.translator().workers().current_num_threads();
        let limit = options.limit.unwrap_or(usize::MAX);
        Self {
            options,
            pipeline,
            stop,
            observer,
            night,
            clock: Instant::now(),
            tally: Mutex::new(Tally {
                glossary: pipeline.glossary().uses(),
                ..Tally::default()
            }),
            outlook: Mutex::new(Outlook::new(workers, limit)),
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outlook(&self) -> MutexGuard<'_, Outlook> {
        self.outlook.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the outlook, and tells the observer.
    fn look_out(&self, change: impl FnOnce(&mut Outlook)) {
        let mut outlook = self.outlook();
        change(&mut outlook);
        let standing = outlook.standing(self.clock.elapsed());
        drop(outlook);
        self.observer.stands(&standing);
    }

    fn process(&self, found: &Found) -> Result<Status, JobError> {
        let options = self.options;
        let files = &found.files;
        self.tally().passed_over = found.passed_over.clone();
        self.look_out(|outlook| outlook.guess(self.count(files)));
        for skipped in own(&found.skipped, options.shard) {
            self.outlook().take_up(None);
            self.skip(skipped.into(), Outlook::skip);
        }
        let is_missing =
            |skipped: &Skipped| matches!(skipped.reason, article::SkipReason::NotFound);
        if files.is_empty() && found.skipped.iter().all(is_missing) {
            let paths = options.paths.iter().map(|path| path.display().to_string());
            let paths = paths.collect::<Vec<_>>().join(", ");
            return Err(JobError::NoArticles { paths });
        }
        let mut articles = Articles::new(files, &options.read, options.since, options.shard);
        let over = AtomicBool::new(false);
        let status = std::thread::scope(|scope| {
            let status = self.work_through(&mut articles, |from| {
                let ahead = LookAhead {
                    files,
                    options,
                    pipeline: self.pipeline,
                    from,
                    before: self.outlook().taken_up(),
                };
                let over = &over;
                scope.spawn(move || ahead.run(&self.outlook, over));
            });
            over.store(true, Ordering::Relaxed);
            status
        })?;
        if status != Status::Done {
            return Ok(status);
        }
        // With a limit, there may be articles that were not seen.
        let is_whole = articles.next().is_none();
        let seen = articles.into_seen();
        for (kind, count) in &seen.passed_over {
            *self.tally().passed_over.entry(kind.clone()).or_default() += count;
        }
        if is_whole {
            self.prune(files, &seen)?;
        }
        Ok(Status::Done)
    }

    /// A first guess at the number of articles: collections count as one.
    fn count(&self, files: &[SourceFile]) -> usize {
        let options = self.options;
        let is_read = |file: &&SourceFile| {
            let since = options.since;
            !since.is_some_and(|since| changed_before(file, since))
        };
        let count = files.iter().filter(is_read).count();
        // Nobody knows yet how many of them belong to a shard.
        let count = count.div_ceil(options.shard.map_or(1, Shard::count));
        count.min(options.limit.unwrap_or(usize::MAX))
    }

    /// Works on all articles, window by window. Calls `look_ahead` with the place where it is once there
    /// turn out to be more than those of a window, and somebody wants to know how many.
    fn work_through(
        &self,
        articles: &mut Articles<'_>,
        look_ahead: impl FnOnce(Place),
    ) -> Result<Status, JobError> {
        let mut look_ahead = Some(look_ahead).filter(|_| self.observer.looks_ahead());
        loop {
            let Some(window) = self.gather(articles) else {
                return Ok(Status::Interrupted);
            };
            let is_last = window.is_last;
            if is_last {
                self.look_out(Outlook::see_the_end);
            } else if let Some(look_ahead) = look_ahead.take() {
                look_ahead(articles.place());
            }
            let status = self.work_on(window)?;
            if is_last || status != Status::Done {
                return Ok(status);
            }
        }
    }

    /// Returns the next window of articles without an up-to-date summary, or `None` if the run was
    /// stopped.
    fn gather(&self, articles: &mut Articles<'_>) -> Option<Window> {
        let mut window = Window::default();
        let mut bytes = 0;
        let workers = self.pipeline.translator().workers().current_num_threads();
        let limit = self.options.limit.unwrap_or(usize::MAX);
        while window.articles.len() + window.moved.len() < WINDOW_ARTICLES * workers
            && bytes < WINDOW_BYTES * workers
        {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            if self.outlook().taken_up().to_do >= limit {
                window.is_last = true;
                break;
            }
            match articles.next() {
                None => {
                    window.is_last = true;
                    break;
                }
                Some(Err(skipped)) => {
                    self.outlook().take_up(None);
                    self.skip(skipped, Outlook::skip);
                }
                Some(Ok(article)) => {
                    let fingerprint = |path: &str| self.pipeline.fingerprint_at(&article, path);
                    let to_make = self.options.to_make(&article, &fingerprint);
                    let length = article.body.len();
                    match to_make {
                        ToMake::All(outputs) => {
                            self.outlook().take_up(Some(length));
                            bytes += length;
                            window.articles.push((article, outputs));
                        }
                        ToMake::Path(outputs) => {
                            self.outlook().take_up(None);
                            bytes += length;
                            window.moved.push((article, outputs));
                        }
                        ToMake::Nothing => {
                            self.outlook().take_up(None);
                            self.pass();
                        }
                    }
                }
            }
        }
        Some(window)
    }

    fn work_on(&self, window: Window) -> Result<Status, JobError> {
        let workers = self.pipeline.translator().workers();
        let moved = window.moved.into_par_iter();
        let left: Result<Vec<_>, JobError> = workers.install(|| {
            moved
                .filter_map(|(article, outputs)| self.move_one(article, outputs).transpose())
                .collect()
        });
        let mut articles = window.articles;
        articles.extend(left?);
        match articles.is_empty() {
            true => Ok(Status::Done),
            false => self.translate(&self.prepare(articles)),
        }
    }

    /// Has the summary of an article that was moved name its path. Returns the article with its outputs
    /// if there is more to do.
    fn move_one(
        &self,
        article: Article,
        outputs: Outputs,
    ) -> Result<Option<(Article, Outputs)>, JobError> {
        let summary = std::fs::read(&outputs.json).ok();
        let summary: Option<Summary> = summary.and_then(|json| serde_json::from_slice(&json).ok());
        let pages = summary.map(|mut summary| {
            summary.source.path.clone_from(&article.path);
            summary.provenance.fingerprint = self.pipeline.fingerprint(&article);
            contained(|| Pages::new(&summary, self.options.html))
        });
        match pages {
            Some(Ok(pages)) if outputs.foreign(self.options.html).is_none() => {
                pages.write(&outputs)?;
                self.tally().articles.moved += 1;
                self.pass();
                Ok(None)
            }
            // It is made anew, or skipped with the reason.
            _ => Ok(Some((article, outputs))),
        }
    }

    fn prepare(&self, articles: Vec<(Article, Outputs)>) -> Vec<Prepared> {
        let pipeline = self.pipeline;
        let prepare = |(article, outputs): (Article, Outputs)| {
            let bytes = article.body.len();
            let fingerprint = pipeline.fingerprint(&article);
            let document = pipeline.prepare(&article);
            let skipped = |refusal| (SkippedArticle::new(article.path, refusal), bytes);
            Ok(Prepared {
                document: document.map_err(skipped)?,
                fingerprint,
                outputs,
                bytes,
            })
        };
        let workers = pipeline.translator().workers();
        let prepared: Vec<Result<Prepared, _>> =
            workers.install(|| articles.into_par_iter().map(prepare).collect());
        let mut documents = Vec::with_capacity(prepared.len());
        for document in prepared {
            match document {
                Ok(document) => documents.push(document),
                Err((skipped, bytes)) => self.skip(skipped, |outlook| outlook.refuse(bytes)),
            }
        }
        documents
    }

    /// Translates articles, and writes the summary of each as soon as its last sentence is done. Returns
    /// [`Status::Interrupted`] if the stop left some of them incomplete.
    fn translate(&self, articles: &[Prepared]) -> Result<Status, JobError> {
        let documents: Vec<&Document> = articles.iter().map(|it| &it.document).collect();
        let bytes = articles.iter().map(|it| it.bytes).sum();
        let clock = Instant::now();
        let writing = {
            let mut outlook = self.outlook();
            outlook.begin(bytes, self.clock.elapsed());
            outlook.writing()
        };
        let unfinished = AtomicUsize::new(articles.len());
        let done = |index: usize, translations: Vec<Translation>| {
            match self.finish(&articles[index], &translations) {
                Ok(true) => _ = unfinished.fetch_sub(1, Ordering::Relaxed),
                Ok(false) => {}
                Err(error) => {
                    self.tally().error.get_or_insert(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        let translated = self.pipeline.translate_each(
            &documents,
            &Follow {
                stop: self.stop,
                progress: &|work| {
                    let now = self.clock.elapsed();
                    self.look_out(|outlook| outlook.work(work, now));
                },
                done: &done,
            },
        );
        let workers = self.pipeline.translator().workers().current_num_threads();
        let writing = (self.outlook().writing() - writing).as_secs_f64() / workers as f64;
        self.tally().translating += (clock.elapsed().as_secs_f64() - writing).max(0.0);
        self.warn_of_cache();
        if let Some(error) = self.tally().error.take() {
            return Err(error);
        }
        translated?;
        Ok(match unfinished.into_inner() {
            0 => Status::Done,
            _ => Status::Interrupted,
        })
    }

    /// Says once that the cache is no longer used.
    fn warn_of_cache(&self) {
        if let Some(error) = self.pipeline.cache_error()
            && !std::mem::replace(&mut self.tally().has_warned_of_cache, true)
        {
            self.observer.warn(error);
        }
    }

    /// Writes the summary of an article. Returns `false` if the run was stopped before it was there.
    fn finish(&self, article: &Prepared, translations: &[Translation]) -> Result<bool, JobError> {
        let clock = Instant::now();
        let document = &article.document;
        // A panic would be taken for one of the network, which it is called from.
        let outcome = contained(|| Ok(self.write_one(article, translations)));
        let outcome = outcome.unwrap_or_else(|panicked: Refusal| {
            let path = document.source.path.clone();
            Ok(Outcome::Skipped(SkippedArticle::new(path, panicked)))
        });
        let pages = match outcome? {
            Outcome::Stopped => return Ok(false),
            Outcome::Skipped(skipped) => {
                self.skip(skipped, |outlook| outlook.give_up(article.bytes));
                return Ok(true);
            }
            Outcome::Written(pages) => pages,
        };
        let mut tally = self.tally();
        tally.articles.found += 1;
        tally.articles.written += 1;
        tally.articles.flagged += usize::from(pages.flagged);
        tally.doubtful.extend(pages.doubtful);
        if !tally.glossary.is_empty() {
            let glossary = self.pipeline.glossary();
            for (text, translation) in document.texts().into_iter().zip(translations) {
                glossary.count(text, translation, &mut tally.glossary);
            }
        }
        drop(tally);
        self.observer.written(&Written {
            id: &pages.id,
            path: &document.source.path,
            json: &article.outputs.json,
            trust: pages.trust,
        });
        self.look_out(|outlook| outlook.write(article.bytes, clock.elapsed()));
        Ok(true)
    }

    fn write_one(
        &self,
        article: &Prepared,
        translations: &[Translation],
    ) -> Result<Outcome, JobError> {
        let document = &article.document;
        let skipped = |reason| {
            let path = document.source.path.clone();
            Ok(Outcome::Skipped(SkippedArticle::new(path, reason)))
        };
        let fingerprint = &article.fingerprint;
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
        let outputs = &article.outputs;
        if let Some(path) = outputs.foreign(self.options.html) {
            let path = path.to_owned();
            return skipped(ForeignFile { path }.into());
        }
        let digest = Some(document.source.digest.as_str());
        self.night.note(&pages.id, &outputs.json, digest)?;
        pages.write(outputs)?;
        Ok(Outcome::Written(pages))
    }

    /// Counts an article whose summary is up to date.
    fn pass(&self) {
        let mut tally = self.tally();
        tally.articles.found += 1;
        tally.articles.unchanged += 1;
        drop(tally);
        self.look_out(Outlook::pass);
    }

    /// Counts an article that gets no summary, which `change` says of the outlook.
    fn skip(&self, skipped: SkippedArticle, change: impl FnOnce(&mut Outlook)) {
        self.observer.skipped(&skipped);
        let mut tally = self.tally();
        tally.articles.found += 1;
        tally.articles.skipped += 1;
        tally.skipped.push(skipped);
        drop(tally);
        self.look_out(change);
    }

    /// Counts the summaries whose articles are gone, and removes them if requested.
    fn prune(&self, files: &[SourceFile], seen: &Seen) -> Result<(), JobError> {
        let orphans = orphans(&self.options.out, &self.options.paths, files, seen)?;
        self.tally().articles.orphaned = orphans.len();
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
                self.tally().articles.removed += 1;
            }
        }
        Ok(())
    }

    /// Makes the pages and data of the whole folder, unless they are there and nothing has changed since
    /// the `last` run. Returns what the night brought.
    fn make_site(&self, last: Option<&Report>) -> Result<Changes, JobError> {
        let options = self.options;
        let out = &options.out;
        let cannot = |source| JobError::Read {
            path: out.clone(),
            source,
        };
        let changes = self.night.changes(&Archive::open(out).map_err(cannot)?)?;
        let mut tally = self.tally();
        let is_as_before = |last: &Report| {
            last.status == Status::Done && last.skipped == tally.skipped && last.summaries.is_some()
        };
        let articles = tally.articles;
        let is_quiet = articles.written + articles.removed + articles.moved == 0
            && changes.is_empty()
            && options.aliases.is_none()
            && last.is_some_and(is_as_before);
        let base_url = options.base_url.as_deref();
        if is_quiet && site::is_there(out, options.html, base_url) {
            return Ok(changes);
        }
        let before = night::last_changes(out);
        let site = make_site(&SiteOptions {
            out,
            html: options.html,
            thorough: false,
            aliases: options.aliases.as_ref().unwrap_or(&Aliases::default()),
            skipped: Some(&tally.skipped),
            changes: if changes.is_empty() {
                &before
            } else {
                &changes
            },
            base_url,
        })?;
        tally.summaries = Some(site.grades.clone());
        drop(tally);
        site.notices().for_each(|notice| self.observer.warn(notice));
        Ok(changes)
    }

    /// The report of a run that `started` then and ended like this.
    fn into_report(
        self,
        started: jiff::Timestamp,
        status: Status,
        error: Option<&JobError>,
    ) -> Report {
        let (options, translator) = (self.options, self.pipeline.translator());
        let work = self.outlook().worked();
        let tally = self.tally.into_inner();
        let tally = tally.unwrap_or_else(PoisonError::into_inner);
        Report {
            schema_version: summarize::SCHEMA_VERSION.to_owned(),
            tool: TOOL.to_owned(),
            run: options.run.clone(),
            status,
            error: error.map(ToString::to_string),
            folder: std::env::current_dir().ok(),
            paths: options.paths.clone(),
            shard: options.shard,
            read: Some(options.read.clone()),
            started: started.to_string(),
            finished: jiff::Timestamp::now().to_string(),
            seconds: crate::rounded(self.clock.elapsed().as_secs_f64()),
            model: translator.name().to_owned(),
            model_digest: format!("blake3:{}", translator.digest()),
            models: options.models.clone(),
            beam: translator.beam(),
            numeric: translator.numeric_path(),
            workers: translator.workers().current_num_threads(),
            articles: tally.articles,
            summaries: tally.summaries,
            passed_over: tally.passed_over,
            work: Work::new(work, tally.translating),
            peak_memory_bytes: peak_memory(),
            skipped: tally.skipped,
            glossary: tally.glossary,
            worst: worst::worst(tally.doubtful, worst::REPORTED),
        }
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
    trust: Trust,
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
            trust: summary.trust,
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
