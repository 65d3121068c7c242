//! The outputs of several runs, such as those of the shards of a corpus, as if they were of one.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::history;
use super::lock::OutputLock;
use super::night::{self, Night};
use super::plan::{Header, Outputs};
use super::report::{REPORT_FILE, Report, Status};
use super::site::{Site, SiteOptions, make_site};
use super::worst::{self, Doubtful};
use super::{ForeignFile, JobError, Shard, SkippedArticle, clear_leftovers, new_run};
use crate::archive::{Aliases, Archive};
use crate::glossary::GlossaryUse;
use crate::translate::TranslateError;

#[derive(Clone, Debug)]
pub struct MergeOptions {
    /// Output folders of runs.
    pub folders: Vec<PathBuf>,
    /// The folder that gets all summaries and the report. `None`: no folder does.
    pub into: Option<PathBuf>,
    /// Merge what there is, even if shards are missing or were not finished.
    pub partial: bool,
    /// Remove summaries from `into` that are in none of the folders.
    pub prune: bool,
    /// Number of reports of past merges to keep.
    pub keep_reports: usize,
    /// Where `into` is served, as of [`crate::output::folder_address`].
    pub base_url: Option<String>,
}

/// Merges output folders: summaries, byte for byte, and the reports of their last runs; pages and
/// what there is about all articles are made anew. `lines` gets
/// each summary in a line of JSON, in the order of their ids.
///
/// A merge that was killed may be started again, and one into a folder of an earlier merge brings
/// that up to date.
///
/// # Errors
/// If the folders are not of the same corpus, model and settings, if shards are missing or not
/// finished, if two folders have different summaries of one id, or if files cannot be read or written.
pub fn merge(
    options: &MergeOptions,
    lines: Option<&mut dyn Write>,
    stop: &AtomicBool,
) -> Result<Merged, JobError> {
    let runs: Vec<Run> = options
        .folders
        .iter()
        .map(|folder| Run::read(folder))
        .collect::<Result<_, _>>()?;
    if runs.is_empty() {
        let folder = PathBuf::new();
        let reason = "no folder is named".to_owned();
        return Err(JobError::Merge { folder, reason });
    }
    check_alike(&runs)?;
    if !options.partial {
        check_complete(&runs)?;
    }
    let summaries = summaries(&runs)?;
    if let Some(into) = &options.into {
        refuse_foreign(into, &runs)?;
        fs::create_dir_all(into).map_err(|error| JobError::write(into, error))?;
        let _lock = OutputLock::acquire(into)?;
        clear_leftovers(into)?;
        let night = Night::open(into)?;
        for (id, folder) in &summaries {
            if stop.load(Ordering::Relaxed) {
                return Err(TranslateError::Interrupted.into());
            }
            let (from, to) = (Outputs::new(folder, id), Outputs::new(into, id));
            if let Some(path) = to.foreign(true) {
                let path = path.to_owned();
                return Err(ForeignFile { path }.into());
            }
            let json = read(&from.json)?;
            let source = Header::parse(&json).and_then(|header| header.source);
            night.note(id, &to.json, source.map(|source| source.digest).as_deref())?;
            // As in a run, the JSON comes last: where it is, both are.
            place(&from.markdown, &read(&from.markdown)?, &to.markdown)?;
            place(&from.json, &json, &to.json)?;
        }
        if options.prune {
            remove_others(into, &summaries, &night)?;
        }
        let mut report = merged(&runs);
        let archive = Archive::open(into).map_err(|source| JobError::Read {
            path: into.clone(),
            source,
        })?;
        let changes = night.changes(&archive)?;
        let last = night::last_changes(into);
        let site = make_site(&SiteOptions {
            out: into,
            html: true,
            thorough: false,
            aliases: &Aliases::default(),
            skipped: Some(&report.skipped),
            changes: if changes.is_empty() { &last } else { &changes },
            base_url: options.base_url.as_deref(),
        })?;
        write_lines(&summaries, lines, stop)?;
        report.summaries = Some(site.grades.clone());
        history::record(into, &report, changes, options.keep_reports)?;
        night.end();
        return Ok(Merged {
            report,
            site: Some(site),
        });
    }
    write_lines(&summaries, lines, stop)?;
    Ok(Merged {
        report: merged(&runs),
        site: None,
    })
}

/// What was merged.
#[derive(Debug)]
pub struct Merged {
    pub report: Report,
    /// The pages of the folder, if there is one.
    pub site: Option<Site>,
}

/// An output folder, and the report of its last run.
struct Run {
    folder: PathBuf,
    report: Report,
}

impl Run {
    fn read(folder: &Path) -> Result<Self, JobError> {
        let cannot = |reason: String| JobError::Merge {
            folder: folder.to_owned(),
            reason,
        };
        let lock = OutputLock::look(folder).map_err(|error| cannot(error.to_string()))?;
        if lock.is_some_and(|lock| lock.held) {
            let reason = "a run is writing to it; wait for that to end";
            return Err(cannot(reason.to_owned()));
        }
        let report = Report::read(folder)
            .map_err(|error| cannot(format!("its report cannot be read: {error}; run it again")))?;
        let report = report.ok_or_else(|| {
            cannot(
                "no run has ended in it; name output folders of runs that have been finished"
                    .to_owned(),
            )
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            report,
        })
    }

    fn refused(&self, reason: impl Into<String>) -> JobError {
        JobError::Merge {
            folder: self.folder.clone(),
            reason: reason.into(),
        }
    }
}

/// Refuses folders whose summaries one run could not have made.
fn check_alike(runs: &[Run]) -> Result<(), JobError> {
    let Some((first, others)) = runs.split_first() else {
        return Ok(());
    };
    for other in others {
        let (a, b) = (&first.report, &other.report);
        let differs = [
            ("version of precis", a.tool != b.tool),
            ("model", a.model_digest != b.model_digest),
            (
                "glossary",
                !a.glossary
                    .iter()
                    .map(GlossaryUse::entry)
                    .eq(b.glossary.iter().map(GlossaryUse::entry)),
            ),
            ("number of beams", a.beam != b.beam),
            ("way of reading articles", a.read != b.read),
            (
                "number of shards",
                a.shard.map(Shard::count) != b.shard.map(Shard::count),
            ),
            ("corpus", a.shard.is_some() && a.paths != b.paths),
        ];
        if let Some((what, _)) = differs.iter().find(|(_, differs)| *differs) {
            return Err(other.refused(format!(
                "it has another {what} than {}; run one of them again",
                first.folder.display()
            )));
        }
    }
    Ok(())
}

/// Refuses shards of which some are missing, twice there or not finished.
fn check_complete(runs: &[Run]) -> Result<(), JobError> {
    let mut of: BTreeMap<usize, &Run> = BTreeMap::new();
    for run in runs {
        if run.report.status != Status::Done {
            let status = run.report.status.as_str();
            return Err(run.refused(format!("its last run was {status}; run it again")));
        }
        let Some(shard) = run.report.shard else {
            continue;
        };
        if let Some(other) = of.insert(shard.index(), run) {
            let other = other.folder.display();
            return Err(run.refused(format!("it is shard {shard}, and so is {other}")));
        }
    }
    if let Some(run) = runs.first()
        && let Some(shard) = run.report.shard
    {
        let missing = (0..shard.count()).filter(|index| !of.contains_key(index));
        let missing: Vec<String> = missing.map(|index| index.to_string()).collect();
        if !missing.is_empty() {
            let (count, missing) = (shard.count(), missing.join(", "));
            let reason = format!("of {count} shards these are missing: {missing}");
            return Err(run.refused(reason));
        }
    }
    Ok(())
}

/// The folder of each summary, by id.
fn summaries(runs: &[Run]) -> Result<BTreeMap<String, &Path>, JobError> {
    let mut summaries: BTreeMap<String, &Path> = BTreeMap::new();
    for run in runs {
        for id in ids(&run.folder)? {
            let outputs = Outputs::new(&run.folder, &id);
            let Some(other) = summaries.insert(id.clone(), &run.folder) else {
                continue;
            };
            let same = |a: &Path, b: &Path| Ok::<_, JobError>(read(a)? == read(b)?);
            let others = Outputs::new(other, &id);
            if !same(&outputs.json, &others.json)? || !same(&outputs.markdown, &others.markdown)? {
                return Err(run.refused(format!(
                    "it has another summary `{id}` than {}; remove the older one",
                    other.display()
                )));
            }
        }
    }
    Ok(summaries)
}

/// The ids of the summaries in a folder.
fn ids(folder: &Path) -> Result<Vec<String>, JobError> {
    let cannot = |source| JobError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let id = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(id) = id.filter(|_| is_json)
            && Header::read(&path).is_some_and(|header| header.source.is_some())
        {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

fn read(path: &Path) -> Result<Vec<u8>, JobError> {
    fs::read(path).map_err(|source| JobError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Refuses a folder that is one of those to merge, or has a report that precis did not write.
fn refuse_foreign(into: &Path, runs: &[Run]) -> Result<(), JobError> {
    let path = into.join(REPORT_FILE);
    if path.exists() && Header::read(&path).is_none() {
        return Err(ForeignFile { path }.into());
    }
    let Ok(real) = into.canonicalize() else {
        // The folder does not exist yet.
        return Ok(());
    };
    let is_into = |run: &&Run| run.folder.canonicalize().is_ok_and(|it| it == real);
    match runs.iter().find(is_into) {
        Some(run) => Err(run.refused("it is the folder to merge into; choose another for that")),
        None => Ok(()),
    }
}

/// Puts the file `from`, which has these `bytes`, at `to`, as a link where the file system allows it: outputs are never
/// written in place.
fn place(from: &Path, bytes: &[u8], to: &Path) -> Result<(), JobError> {
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let link = super::atomic::temporary_name(to);
    match fs::hard_link(from, &link).and_then(|()| fs::rename(&link, to)) {
        Ok(()) => Ok(()),
        Err(_) => super::write(to, bytes),
    }
}

/// Removes summaries that are none of `summaries`.
fn remove_others(
    into: &Path,
    summaries: &BTreeMap<String, &Path>,
    night: &Night,
) -> Result<(), JobError> {
    for id in ids(into)? {
        if !summaries.contains_key(&id) {
            let outputs = Outputs::new(into, &id);
            night.note(&id, &outputs.json, None)?;
            let removed = outputs.remove();
            removed.map_err(|error| JobError::write(&outputs.json, error))?;
        }
    }
    Ok(())
}

fn write_lines(
    summaries: &BTreeMap<String, &Path>,
    lines: Option<&mut dyn Write>,
    stop: &AtomicBool,
) -> Result<(), JobError> {
    let Some(lines) = lines else {
        return Ok(());
    };
    let cannot = |source| JobError::write(Path::new("the lines of summaries"), source);
    for (id, folder) in summaries {
        if stop.load(Ordering::Relaxed) {
            return Err(TranslateError::Interrupted.into());
        }
        let path = Outputs::new(folder, id).json;
        let summary: Value =
            serde_json::from_slice(&read(&path)?).map_err(|error| JobError::Read {
                path,
                source: error.into(),
            })?;
        let mut line = serde_json::to_vec(&summary).expect("a value is JSON");
        line.push(b'\n');
        lines.write_all(&line).map_err(cannot)?;
    }
    lines.flush().map_err(cannot)
}

/// The reports as one. Times of work are added up; what every shard sees of the whole corpus counts
/// once.
fn merged(runs: &[Run]) -> Report {
    let reports = runs.iter().map(|run| &run.report);
    let mut merged = runs[0].report.clone();
    merged.run = new_run();
    merged.shard = None;
    merged.summaries = None;
    merged.finished = jiff::Timestamp::now().to_string();
    merged.articles = reports.clone().map(|report| report.articles).sum();
    merged.work = reports.clone().map(|report| report.work).sum();
    merged.seconds = crate::rounded(reports.clone().map(|report| report.seconds).sum());
    merged.workers = reports.clone().map(|report| report.workers).sum();
    for (run, report) in runs.iter().zip(reports).skip(1) {
        merged.status = merged.status.max(report.status);
        let error = || {
            Some(format!(
                "{}: {}",
                run.folder.display(),
                report.error.as_ref()?
            ))
        };
        merged.error = merged.error.take().or_else(error);
        if merged.paths != report.paths {
            merged.paths.extend(report.paths.iter().cloned());
        }
        merged.started = merged.started.min(report.started.clone());
        for (kind, &count) in &report.passed_over {
            let all = merged.passed_over.entry(kind.clone()).or_default();
            *all = match report.shard {
                Some(_) => count.max(*all),
                None => *all + count,
            };
        }
        merged.peak_memory_bytes = merged.peak_memory_bytes.max(report.peak_memory_bytes);
        for (all, uses) in merged.glossary.iter_mut().zip(&report.glossary) {
            all.add(uses);
        }
    }
    let skipped = runs
        .iter()
        .flat_map(|run| run.report.skipped.iter().cloned());
    merged.skipped = skipped.collect();
    SkippedArticle::sort(&mut merged.skipped);
    let doubtful = runs.iter().flat_map(|run| run.report.worst.iter().cloned());
    let doubtful: Vec<Doubtful> = doubtful.collect();
    merged.worst = worst::worst(doubtful, worst::REPORTED);
    merged
}
