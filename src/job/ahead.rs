//! A look at the articles that a run has yet to read, so that it can say when it will be over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::outlook::{Amount, Outlook};
use super::plan::{Articles, Place, ToMake};
use super::run::RunOptions;
use crate::article::SourceFile;
use crate::pipeline::Pipeline;

/// The articles of a run from a place on.
pub(super) struct LookAhead<'a> {
    pub files: &'a [SourceFile],
    pub options: &'a RunOptions,
    pub pipeline: &'a Pipeline,
    /// Where the run is.
    pub from: Place,
    /// What it has taken up until there.
    pub before: Amount,
}

impl LookAhead<'_> {
    /// Reads the articles and says how many there are and how much of them is to be done, until they or
    /// the run are `over`. Reading is a small part of the work, and what was read is at hand when the run
    /// reads it again.
    pub(super) fn run(&self, outlook: &Mutex<Outlook>, over: &AtomicBool) {
        let Self {
            files,
            options,
            pipeline,
            from,
            before,
        } = *self;
        let sizes: Vec<u64> = (files[from.file..].iter())
            .map(|file| std::fs::metadata(&file.path).map_or(0, |it| it.len()))
            .collect();
        let all: u64 = sizes.iter().sum();
        let mut articles = Articles::new(
            &files[from.file..],
            &options.read,
            options.since,
            options.shard,
        );
        articles.pass(from.articles);
        let (_, start) = articles.files_and_bytes();
        let (mut files_over, mut bytes_over) = (0, 0);
        let mut seen = Amount::default();
        let limit = options.limit.unwrap_or(usize::MAX);
        while before.to_do + seen.to_do < limit
            && let Some(article) = articles.next_unkept()
        {
            if over.load(Ordering::Relaxed) {
                return;
            }
            let bytes = article.ok().and_then(|article| {
                let fingerprint = |path: &str| pipeline.fingerprint_at(&article, path);
                match options.to_make(&article, &fingerprint) {
                    ToMake::All(_) => Some(article.body.len()),
                    ToMake::Path(_) | ToMake::Nothing => None,
                }
            });
            seen.add(bytes);
            let (files, bytes) = articles.files_and_bytes();
            bytes_over += sizes[files_over..files].iter().sum::<u64>();
            files_over = files;
            let part = (bytes_over + bytes).saturating_sub(start);
            // Nothing can be said before the first file is over if it is not read in order.
            if part > 0 {
                let share = part as f64 / all.saturating_sub(start).max(1) as f64;
                locked(outlook).look_ahead(before, seen, share.min(0.999));
            }
        }
        locked(outlook).look_ahead(before, seen, 1.0);
    }
}

fn locked(outlook: &Mutex<Outlook>) -> MutexGuard<'_, Outlook> {
    outlook.lock().unwrap_or_else(PoisonError::into_inner)
}
