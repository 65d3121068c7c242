//! Groups of texts whose pieces are translated in any order: which are complete.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::translator::{Follow, Piece};
use super::{Text, Translation};

/// The translations of groups of texts, as they come in. A piece is known by its index among the
/// different pieces of all groups.
pub(super) struct Gathering<'a> {
    groups: &'a [&'a [Text<'a>]],
    /// For each group and text its pieces.
    pieces_of: Vec<Vec<Vec<usize>>>,
    translations: Vec<OnceLock<Translation>>,
    /// For each piece the groups that wait for it.
    waiting: Vec<Vec<usize>>,
    /// For each group the number of pieces that it waits for.
    missing: Vec<AtomicUsize>,
    /// Whether nothing more is wanted.
    pub halted: AtomicBool,
    follow: &'a Follow<'a>,
}

impl<'a> Gathering<'a> {
    /// `found` are the translations that are there already, by piece.
    pub(super) fn new(
        groups: &'a [&'a [Text<'a>]],
        pieces_of: &[Vec<Vec<Piece>>],
        index_of: &dyn Fn(&Piece) -> usize,
        found: Vec<Option<Translation>>,
        follow: &'a Follow<'a>,
    ) -> Self {
        let pieces_of: Vec<Vec<Vec<usize>>> = (pieces_of.iter())
            .map(|texts| {
                let texts = texts.iter();
                texts
                    .map(|pieces| pieces.iter().map(index_of).collect())
                    .collect()
            })
            .collect();
        let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); found.len()];
        let mut missing = Vec::with_capacity(groups.len());
        for (group, texts) in pieces_of.iter().enumerate() {
            let absent = texts
                .iter()
                .flatten()
                .filter(|&&piece| found[piece].is_none());
            let absent: HashSet<usize> = absent.copied().collect();
            missing.push(AtomicUsize::new(absent.len()));
            for piece in absent {
                waiting[piece].push(group);
            }
        }
        let translations = found.into_iter();
        Self {
            groups,
            pieces_of,
            translations: translations
                .map(|found| found.map_or_else(OnceLock::new, OnceLock::from))
                .collect(),
            waiting,
            missing,
            halted: AtomicBool::new(false),
            follow,
        }
    }

    /// The groups that wait for nothing.
    pub(super) fn complete(&self) -> Vec<usize> {
        let groups = 0..self.groups.len();
        groups
            .filter(|&group| self.missing[group].load(Ordering::Relaxed) == 0)
            .collect()
    }

    /// Takes the translation of a piece. Returns the groups that are complete with it.
    pub(super) fn settle(&self, piece: usize, translation: Translation) -> Vec<usize> {
        if self.translations[piece].set(translation).is_err() {
            return Vec::new();
        }
        let groups = self.waiting[piece].iter().copied();
        groups
            .filter(|&group| self.missing[group].fetch_sub(1, Ordering::AcqRel) == 1)
            .collect()
    }

    /// Hands a complete group over.
    pub(super) fn hand_over(&self, group: usize) {
        let piece = |&piece: &usize| {
            let translation = self.translations[piece].get();
            translation.expect("the group is complete").clone()
        };
        let text = |(text, pieces): (&Text<'_>, &Vec<usize>)| match text.known {
            Some(known) => Translation::known(known),
            None => Translation::join(pieces.iter().map(piece).collect(), " "),
        };
        let texts = self.groups[group].iter().zip(&self.pieces_of[group]);
        if let ControlFlow::Break(()) = (self.follow.done)(group, texts.map(text).collect()) {
            self.halted.store(true, Ordering::Relaxed);
        }
    }
}
