//! One worker's share of a translation: decoding, second attempts, and recovery from panics.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::cached::CacheSession;
use super::{Progress, Translation, Translator, defect};
use crate::cache::Key;
use crate::fault;
use seq2seq::decode::{Input, Settings};
use seq2seq::nn::NetworkError;

/// Number of translations that are saved together.
const SAVED_TOGETHER: usize = 32;

/// What all workers share. A piece is known by its index in `pieces`, `keys` and `ids`.
pub(super) struct Shared<'a> {
    pub translator: &'a Translator,
    /// Different pieces of text.
    pub pieces: &'a [&'a str],
    pub keys: &'a [Key],
    /// Tokens of each piece.
    pub ids: &'a [Vec<u32>],
    pub cache: &'a CacheSession<'a>,
    pub stop: &'a AtomicBool,
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

impl Shared<'_> {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Maximal number of tokens in the translation of a piece. Real translations are shorter; loops
    /// are cut off here, so that they are flagged and tried again.
    fn max_length(&self, index: usize) -> usize {
        (2 * self.ids[index].len() + 32).min(self.translator.longest_output)
    }
}

/// Translates the pieces that `next` names until it returns `None`, and saves and reports them.
/// Returns each translation with the index of its piece.
///
/// # Errors
/// If the device that the network runs on fails. What was translated before has been saved.
pub(super) fn translate(
    shared: &Shared<'_>,
    mut next: impl FnMut() -> Option<usize>,
) -> Result<Vec<(usize, Translation)>, NetworkError> {
    let mut stream = Stream {
        shared,
        translated: Vec::new(),
        saved: 0,
        work: Progress::default(),
    };
    let result = stream.translate(&mut next);
    stream.save();
    result.map(|()| stream.translated)
}

struct Stream<'a> {
    shared: &'a Shared<'a>,
    translated: Vec<(usize, Translation)>,
    /// How many of `translated` are saved.
    saved: usize,
    /// Work that is not yet reported.
    work: Progress,
}

impl Stream<'_> {
    /// Decodes the pieces that `next` names, then decodes those whose translations fail their
    /// checks once more with other settings, and keeps the better translation of each.
    fn translate(&mut self, next: &mut dyn FnMut() -> Option<usize>) -> Result<(), NetworkError> {
        let shared = self.shared;
        let retry = shared.translator.retry.as_ref();
        let mut doubtful = HashMap::new();
        self.decode(
            next,
            &shared.translator.settings,
            &mut |stream, index, first| {
                let is_doubtful = !first.defects.is_empty() && !first.has_failed();
                if retry.is_some() && is_doubtful {
                    doubtful.insert(index, first);
                } else {
                    stream.keep(index, first);
                }
            },
        )?;
        let Some(retry) = retry else { return Ok(()) };
        let mut again: Vec<usize> = doubtful.keys().copied().collect();
        again.sort_by_key(|&index| (Reverse(shared.ids[index].len()), index));
        self.work.retried = again.len();
        let mut again = again.into_iter();
        self.decode(&mut || again.next(), retry, &mut |stream, index, second| {
            let first = &doubtful[&index];
            let is_better = !second.has_failed()
                && defect::severity(&second.defects) < defect::severity(&first.defects);
            stream.keep(index, if is_better { second } else { first.clone() });
        })
    }

    /// Decodes the pieces that `next` names and hands their translations to `take`. If the network
    /// panics, the pieces it was working on are decoded one by one, and those over which it panics
    /// alone get [`Translation::failed`].
    fn decode(
        &mut self,
        next: &mut dyn FnMut() -> Option<usize>,
        settings: &Settings,
        take: &mut dyn FnMut(&mut Self, usize, Translation),
    ) -> Result<(), NetworkError> {
        while let Some(unfinished) = self.decode_until_panic(next, settings, take)? {
            for index in unfinished {
                let mut alone = std::iter::once(index);
                let panicked = self.decode_until_panic(&mut || alone.next(), settings, take)?;
                if panicked.is_some() {
                    take(self, index, Translation::failed());
                }
            }
        }
        Ok(())
    }

    /// Decodes the pieces that `next` names. Returns the pieces that were being decoded when the
    /// network panicked, or `None` if it did not panic.
    fn decode_until_panic(
        &mut self,
        next: &mut dyn FnMut() -> Option<usize>,
        settings: &Settings,
        take: &mut dyn FnMut(&mut Self, usize, Translation),
    ) -> Result<Option<BTreeSet<usize>>, NetworkError> {
        let shared = self.shared;
        let unfinished = RefCell::new(BTreeSet::new());
        let decode = || {
            shared.translator.engine.decode_stream(
                settings,
                || {
                    let index = if shared.is_stopped() { None } else { next() }?;
                    unfinished.borrow_mut().insert(index);
                    Some(Input {
                        key: index,
                        ids: &shared.ids[index],
                        max_length: shared.max_length(index),
                    })
                },
                |index, output| {
                    let piece = shared.pieces[index];
                    fault::panic_at("decode", piece);
                    self.work.source_tokens += shared.ids[index].len();
                    self.work.target_tokens += output.ids.len();
                    let max_length = shared.max_length(index);
                    let translation = shared.translator.read_output(piece, max_length, output);
                    take(self, index, translation);
                    unfinished.borrow_mut().remove(&index);
                },
                || !shared.is_stopped(),
            )
        };
        match catch_unwind(AssertUnwindSafe(decode)) {
            Ok(decoded) => decoded.map(|()| None),
            Err(_) => Ok(Some(unfinished.into_inner())),
        }
    }

    fn keep(&mut self, index: usize, translation: Translation) {
        if translation.has_failed() {
            self.work.failed += 1;
        } else {
            self.work.translated += 1;
        }
        self.translated.push((index, translation));
        if self.translated.len() - self.saved >= SAVED_TOGETHER {
            self.save();
        }
    }

    /// Saves and reports what is new.
    fn save(&mut self) {
        let (shared, new) = (self.shared, self.translated[self.saved..].iter());
        (shared.cache).put(new.map(|(index, translation)| (shared.keys[*index], translation)));
        self.saved = self.translated.len();
        (shared.progress)(std::mem::take(&mut self.work));
    }
}
