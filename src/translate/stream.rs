//! One worker's share of a translation: decoding, second attempts, and recovery from panics.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::cached::CacheSession;
use super::forms::STYLES;
use super::translator::{Piece, Prepared};
use super::{Defect, Progress, Translation, Translator, defect, terms};
use crate::cache::Key;
use crate::fault;
use seq2seq::decode::{Input, Settings};
use seq2seq::nn::NetworkError;

/// Rounds in which lost names are tried again. Tokens have all of [`STYLES`]: they may not be lost.
const ROUNDS_OF_NAMES: usize = 2;

/// Number of translations that are saved together.
const SAVED_TOGETHER: usize = 32;

/// What all workers share. A piece is known by its index in `pieces`, `keys` and `ids`.
pub(super) struct Shared<'a> {
    pub translator: &'a Translator,
    /// Different pieces of text.
    pub pieces: &'a [&'a Piece],
    pub keys: &'a [Key],
    /// Each piece as it goes through the network at first.
    pub prepared: &'a [Prepared],
    pub cache: &'a CacheSession<'a>,
    pub stop: &'a AtomicBool,
    /// Set by `settled` if nothing more is wanted.
    pub halted: &'a AtomicBool,
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Receives each piece with its translation as soon as nothing can better it.
    pub settled: &'a (dyn Fn(usize, Translation) + Sync),
}

impl Shared<'_> {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.halted.load(Ordering::Relaxed)
    }

    /// Maximal number of tokens in the translation of so many. Real translations are shorter; loops
    /// are cut off here, so that they are flagged and tried again.
    fn max_length(&self, tokens: usize) -> usize {
        (2 * tokens + 32).min(self.translator.longest_output)
    }
}

/// Translates shares of the pieces, one after the other, until `next` returns `None`. Settles, saves
/// and reports each piece.
///
/// # Errors
/// If the device that the network runs on fails. What was translated before has been saved.
pub(super) fn translate<'s>(
    shared: &Shared<'_>,
    mut next: impl FnMut() -> Option<&'s [usize]>,
) -> Result<(), NetworkError> {
    let mut stream = Stream::new(shared);
    let mut result = Ok(());
    while result.is_ok()
        && !shared.is_stopped()
        && let Some(share) = next()
    {
        result = stream.translate(share);
        stream.report();
    }
    stream.save();
    result
}

struct Stream<'a> {
    shared: &'a Shared<'a>,
    unsaved: Vec<(usize, Translation)>,
    /// Work that is not yet reported.
    work: Progress,
}

impl<'a> Stream<'a> {
    fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            unsaved: Vec::new(),
            work: Progress::default(),
        }
    }

    /// Decodes the pieces of a share, then decodes those whose translations fail their checks once
    /// more with other settings, those that lost a name or a token again in other forms, and long
    /// ones that still fail in parts. Keeps the best translation of each.
    fn translate(&mut self, share: &[usize]) -> Result<(), NetworkError> {
        let shared = self.shared;
        let translator = shared.translator;
        let mut doubtful = BTreeMap::new();
        let first = |index: usize| &shared.prepared[index];
        let mut pieces = share.iter().copied();
        self.decode(
            &mut || pieces.next(),
            &first,
            &translator.settings,
            &mut |stream, index, first| {
                let is_doubtful = !first.defects.is_empty() && !first.has_failed();
                if translator.retry.is_some() && is_doubtful {
                    stream.work.settled_tokens += stream.tokens_before_retry(index);
                    stream.work.retried += 1;
                    stream.report();
                    doubtful.insert(index, first);
                } else {
                    stream.work.settled_tokens += shared.prepared[index].ids.len();
                    stream.keep(index, first);
                }
            },
        )?;
        let Some(retry) = &translator.retry else {
            return Ok(());
        };
        let mut long = BTreeMap::new();
        for round in 0..STYLES {
            // What only lacks a name or a token wants another form, not another search.
            let (of_form, other): (Vec<usize>, Vec<usize>) = doubtful
                .keys()
                .partition(|index| defect::are_of_form(&doubtful[index].defects));
            self.again(&other, round, retry, &mut doubtful)?;
            self.again(&of_form, round, &translator.settings, &mut doubtful)?;
            // What the stop left out is not kept: a run that goes on may find something better.
            if shared.is_stopped() {
                return Ok(());
            }
            let wants_more =
                |_: &usize, best: &mut Translation| wants_another_form(best, round + 1);
            let more: BTreeMap<usize, Translation> = doubtful.extract_if(.., wants_more).collect();
            for (index, best) in std::mem::replace(&mut doubtful, more) {
                match best.defects.is_empty() || !shared.pieces[index].is_long() {
                    true => self.keep_retried(index, best),
                    false => _ = long.insert(index, best),
                }
            }
        }
        self.in_parts(long)
    }

    /// Translates long pieces in parts. Keeps the result where it is better than the one in `whole`.
    fn in_parts(&mut self, whole: BTreeMap<usize, Translation>) -> Result<(), NetworkError> {
        let translator = self.shared.translator;
        let parts: Vec<Vec<Piece>> = (whole.keys())
            .map(|&index| translator.parts(self.shared.pieces[index]))
            .collect();
        let pieces: Vec<&Piece> = parts.iter().flatten().collect();
        let prepared: Vec<Prepared> = pieces.iter().map(|part| translator.prepare(part)).collect();
        // A stream of its own, of which nothing is kept.
        let shared = Shared {
            pieces: &pieces,
            keys: &[],
            prepared: &prepared,
            ..*self.shared
        };
        let mut stream = Stream::new(&shared);
        let mut translated: Vec<Option<Translation>> = vec![None; pieces.len()];
        let mut next = 0..pieces.len();
        stream.decode(
            &mut || next.next(),
            &|index| &prepared[index],
            &translator.settings,
            &mut |_, index, translation| translated[index] = Some(translation),
        )?;
        self.work += stream.work;
        if self.shared.is_stopped() {
            return Ok(());
        }
        let mut translated = translated.into_iter();
        for ((index, whole), parts) in whole.into_iter().zip(&parts) {
            let own: Option<Vec<Translation>> = translated.by_ref().take(parts.len()).collect();
            let own = own.expect("all were decoded, because nothing has stopped");
            let joined = translator.joined(self.shared.pieces[index], own);
            let is_better = !joined.has_failed()
                && defect::severity(&joined.defects) < defect::severity(&whole.defects);
            self.keep_retried(index, if is_better { joined } else { whole });
        }
        Ok(())
    }

    /// Translates pieces once more, in the form of the `round`, and replaces their translations in
    /// `best` by better ones.
    fn again(
        &mut self,
        pieces: &[usize],
        round: usize,
        settings: &Settings,
        best: &mut BTreeMap<usize, Translation>,
    ) -> Result<(), NetworkError> {
        let shared = self.shared;
        let prepare = |&index: &usize| {
            let piece = shared.pieces[index];
            let again = shared.translator.prepare_again(piece, &best[&index], round);
            (index, again)
        };
        let prepared: BTreeMap<usize, Prepared> = pieces.iter().map(prepare).collect();
        let mut order = pieces.to_vec();
        order.sort_by_key(|index| (Reverse(prepared[index].ids.len()), *index));
        let mut order = order.into_iter();
        let given = |index: usize| &prepared[&index];
        self.decode(
            &mut || order.next(),
            &given,
            settings,
            &mut |_, index, new| {
                let old = best.get_mut(&index).expect("one of the pieces");
                let is_better = !new.has_failed()
                    && defect::severity(&new.defects) < defect::severity(&old.defects);
                if is_better {
                    let terms = &shared.pieces[index].terms;
                    let mut better = new;
                    (better.repaired).extend(terms::put_right(terms, &old.text, &better.text));
                    *old = better;
                }
            },
        )
    }

    /// Decodes the pieces that `next` names, as they are `prepared`, and hands their translations to
    /// `take`. If the network panics, the pieces it was working on are decoded one by one, and those
    /// over which it panics alone get [`Translation::failed`].
    fn decode<'p>(
        &mut self,
        next: &mut dyn FnMut() -> Option<usize>,
        prepared: &dyn Fn(usize) -> &'p Prepared,
        settings: &Settings,
        take: &mut dyn FnMut(&mut Self, usize, Translation),
    ) -> Result<(), NetworkError> {
        while let Some(unfinished) = self.decode_until_panic(next, prepared, settings, take)? {
            for index in unfinished {
                let mut alone = std::iter::once(index);
                let panicked =
                    self.decode_until_panic(&mut || alone.next(), prepared, settings, take)?;
                if panicked.is_some() {
                    take(self, index, Translation::failed());
                }
            }
        }
        Ok(())
    }

    /// Decodes the pieces that `next` names. Returns the pieces that were being decoded when the
    /// network panicked, or `None` if it did not panic.
    fn decode_until_panic<'p>(
        &mut self,
        next: &mut dyn FnMut() -> Option<usize>,
        prepared: &dyn Fn(usize) -> &'p Prepared,
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
                    let ids = &prepared(index).ids;
                    Some(Input {
                        key: index,
                        ids,
                        max_length: shared.max_length(ids.len()),
                    })
                },
                |index, outputs| {
                    let (piece, prepared) = (shared.pieces[index], prepared(index));
                    fault::strike("decode", &piece.text);
                    self.work.source_tokens += prepared.ids.len();
                    self.work.target_tokens += outputs.first().map_or(0, |best| best.ids.len());
                    let max_length = shared.max_length(prepared.ids.len());
                    let translation =
                        (shared.translator).choose(piece, &prepared.given, max_length, &outputs);
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

    /// Of the tokens of a piece those that count as settled before it is translated again: about as
    /// much work is left then.
    fn tokens_before_retry(&self, index: usize) -> usize {
        self.shared.prepared[index].ids.len() / 2
    }

    fn keep_retried(&mut self, index: usize, translation: Translation) {
        let tokens = self.shared.prepared[index].ids.len();
        self.work.settled_tokens += tokens - self.tokens_before_retry(index);
        self.keep(index, translation);
    }

    fn keep(&mut self, index: usize, translation: Translation) {
        if translation.has_failed() {
            self.work.failed += 1;
        } else {
            self.work.translated += 1;
        }
        self.report();
        self.unsaved.push((index, translation.clone()));
        if self.unsaved.len() >= SAVED_TOGETHER {
            self.save();
        }
        (self.shared.settled)(index, translation);
    }

    fn save(&mut self) {
        let shared = self.shared;
        let new = self.unsaved.iter();
        (shared.cache).put(new.map(|(index, translation)| (shared.keys[*index], translation)));
        self.unsaved.clear();
    }

    /// Reports what is new.
    fn report(&mut self) {
        (self.shared.progress)(std::mem::take(&mut self.work));
    }
}

/// Whether a piece whose best translation so far is `best` is translated in a form of the `round`.
fn wants_another_form(best: &Translation, round: usize) -> bool {
    let rounds = |defect| match defect {
        Defect::TokenLost => STYLES,
        Defect::NameLost => ROUNDS_OF_NAMES,
        _ => 0,
    };
    best.defects.iter().any(|&defect| round < rounds(defect))
}
