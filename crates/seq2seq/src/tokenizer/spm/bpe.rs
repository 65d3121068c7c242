//! BPE segmentation (Sennrich et al. 2016) as in sentencepiece: of all adjacent pairs that form a piece,
//! the one with the highest score, or the leftmost of equals, is merged, until no pair is left.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

use super::Token;
use super::normalizer::Normalizer;
use super::proto::PieceKind;
use super::trie::Trie;
use super::vocabulary::Vocabulary;

pub(super) struct Bpe {
    trie: Trie,
    scores: Vec<f32>,
    unused: Vec<bool>,
    unknown: u32,
}

/// A part of the text, in a doubly linked list.
struct Symbol {
    start: usize,
    /// Equal to `start` once the symbol has been merged into its left neighbour.
    end: usize,
    previous: Option<usize>,
    next: Option<usize>,
    /// A user-defined symbol, which is never merged.
    frozen: bool,
}

/// Two adjacent symbols that may be merged. The greatest is merged first.
struct Merge {
    score: f32,
    left: usize,
    right: usize,
    /// Length in bytes of the piece they form. If their lengths have changed, the merge is obsolete.
    length: usize,
}

impl Ord for Merge {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |merge: &Self| Reverse((merge.left, merge.length));
        self.score
            .total_cmp(&other.score)
            .then_with(|| key(self).cmp(&key(other)))
    }
}

impl PartialOrd for Merge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Merge {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Merge {}

impl Bpe {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let entries = || vocabulary.entries();
        let textual = entries().filter(|(_, entry)| entry.is_textual());
        Self {
            trie: Trie::new(textual.map(|(id, entry)| (&*entry.text, id))),
            scores: entries().map(|(_, entry)| entry.score).collect(),
            unused: entries()
                .map(|(_, entry)| entry.kind == PieceKind::Unused)
                .collect(),
            unknown: vocabulary.unknown(),
        }
    }

    /// Splits `text`, the output of `normalizer`, into pieces. A character that is in no piece is an unknown
    /// piece.
    pub(super) fn segment(&self, text: &str, normalizer: &Normalizer) -> Vec<Token> {
        let mut merging = Merging {
            model: self,
            text: text.as_bytes(),
            symbols: split(text, normalizer),
            agenda: BinaryHeap::new(),
            halves: HashMap::new(),
        };
        for right in 1..merging.symbols.len() {
            merging.propose(right - 1, right);
        }
        while let Some(merge) = merging.agenda.pop() {
            merging.apply(&merge);
        }
        merging.into_tokens()
    }
}

/// The symbols that merging starts from: characters and user-defined symbols.
fn split(text: &str, normalizer: &Normalizer) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len());
    let mut start = 0;
    while let Some(character) = text[start..].chars().next() {
        let user_defined = normalizer.user_defined_prefix(&text[start..]);
        let end = start + user_defined.unwrap_or(character.len_utf8());
        symbols.push(Symbol {
            start,
            end,
            previous: symbols.len().checked_sub(1),
            next: (end < text.len()).then_some(symbols.len() + 1),
            frozen: user_defined.is_some(),
        });
        start = end;
    }
    symbols
}

struct Merging<'a> {
    model: &'a Bpe,
    text: &'a [u8],
    symbols: Vec<Symbol>,
    agenda: BinaryHeap<Merge>,
    /// Where to split each unused piece again. As in sentencepiece, the pair proposed last applies to the
    /// whole text.
    halves: HashMap<u32, usize>,
}

impl Merging<'_> {
    fn propose(&mut self, left: usize, right: usize) {
        let (first, second) = (&self.symbols[left], &self.symbols[right]);
        if first.frozen || second.frozen {
            return;
        }
        let Some(id) = self.model.trie.get(&self.text[first.start..second.end]) else {
            return;
        };
        if self.model.unused[id as usize] {
            self.halves.insert(id, first.end - first.start);
        }
        self.agenda.push(Merge {
            score: self.model.scores[id as usize],
            left,
            right,
            length: second.end - first.start,
        });
    }

    fn apply(&mut self, merge: &Merge) {
        let (first, second) = (&self.symbols[merge.left], &self.symbols[merge.right]);
        let is_gone = |symbol: &Symbol| symbol.start == symbol.end;
        if is_gone(first) || is_gone(second) || second.end - first.start != merge.length {
            return;
        }
        let (end, next) = (second.end, second.next);
        self.symbols[merge.right].end = second.start;
        let merged = &mut self.symbols[merge.left];
        (merged.end, merged.next) = (end, next);
        if let Some(previous) = merged.previous {
            self.propose(previous, merge.left);
        }
        if let Some(next) = next {
            self.symbols[next].previous = Some(merge.left);
            self.propose(merge.left, next);
        }
    }

    fn into_tokens(self) -> Vec<Token> {
        let mut tokens = Vec::new();
        // Stack of parts that are still to be output, the leftmost on top.
        let mut parts = Vec::new();
        for symbol in self
            .symbols
            .iter()
            .filter(|symbol| symbol.start < symbol.end)
        {
            parts.push((symbol.start, symbol.end));
            while let Some((start, end)) = parts.pop() {
                let found = self.model.trie.get(&self.text[start..end]);
                if let Some(&half) = found.and_then(|id| self.halves.get(&id)) {
                    parts.extend([(start + half, end), (start, start + half)]);
                } else {
                    let usable = found.filter(|&id| !self.model.unused[id as usize]);
                    let id = usable.unwrap_or(self.model.unknown);
                    tokens.push(Token { id, start, end });
                }
            }
        }
        tokens
    }
}
