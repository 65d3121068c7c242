//! Unigram segmentation (Kudo 2018): the most probable segmentation of a text, found by one Viterbi pass
//! over byte positions.

use super::Token;
use super::proto::PieceKind;
use super::trie::Trie;
use super::vocabulary::Vocabulary;

/// Difference of log-probability between the rarest piece and an unknown character.
const UNKNOWN_PENALTY: f32 = 10.0;

pub(super) struct Unigram {
    trie: Trie,
    /// Score of each piece. Sums are in single precision as in sentencepiece, because rounding decides
    /// between paths of equal score.
    scores: Vec<f32>,
    unknown: u32,
    unknown_score: f32,
}

/// The best path to a position: its score and its last piece.
#[derive(Clone, Copy)]
struct Best {
    score: f32,
    id: u32,
    start: usize,
}

/// Below this, sums are rebased to zero, because in very long texts single precision would lose the
/// difference between paths. The limit is that of sentencepiece.
const LOWEST_SUM: f32 = -100_000.0;

/// The score of a user-defined symbol, which replaces the one in the model file. It is higher than that of
/// any other segmentation of its text, because trained pieces have negative scores, and grows with the
/// length. The formula is that of sentencepiece 0.2.3; earlier versions use −0.1.
fn user_defined_score(text: &str) -> f32 {
    ((text.len() - 1) as f64 * 0.1) as f32
}

/// Marks a position to which no path has been found yet.
const UNREACHED: usize = usize::MAX;

impl Best {
    #[inline]
    fn improve(&mut self, score: f32, id: u32, start: usize) {
        if self.start == UNREACHED || score > self.score {
            *self = Self { score, id, start };
        }
    }
}

impl Unigram {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let lowest = vocabulary
            .entries()
            .filter(|(_, entry)| entry.kind == PieceKind::Normal)
            .fold(f32::MAX, |lowest, (_, entry)| lowest.min(entry.score));
        let scores = vocabulary.entries().map(|(_, entry)| match entry.kind {
            PieceKind::UserDefined => user_defined_score(&entry.text),
            _ => entry.score,
        });
        let usable = vocabulary
            .entries()
            .filter(|(_, entry)| entry.is_textual() && entry.kind != PieceKind::Unused);
        Self {
            scores: scores.collect(),
            trie: Trie::new(usable.map(|(id, entry)| (&*entry.text, id))),
            unknown: vocabulary.unknown(),
            unknown_score: lowest - UNKNOWN_PENALTY,
        }
    }

    /// Splits `text` into pieces. A character that is in no piece is an unknown piece.
    pub(super) fn segment(&self, text: &str) -> Vec<Token> {
        let unreached = Best {
            score: 0.0,
            id: self.unknown,
            start: UNREACHED,
        };
        let mut best = vec![unreached; text.len() + 1];
        // The farthest end of the pieces found so far.
        let mut reached = 0;
        for (start, character) in text.char_indices() {
            let mut so_far = best[start].score;
            if so_far < LOWEST_SUM {
                for best in &mut best[start..=reached] {
                    best.score -= so_far;
                }
                so_far = 0.0;
            }
            let single = character.len_utf8();
            let mut has_single = false;
            for (length, id) in self.trie.prefixes(&text.as_bytes()[start..]) {
                let score = self.scores[id as usize] + so_far;
                best[start + length].improve(score, id, start);
                has_single |= length == single;
                reached = reached.max(start + length);
            }
            if !has_single {
                reached = reached.max(start + single);
                let score = self.unknown_score + so_far;
                best[start + single].improve(score, self.unknown, start);
            }
        }

        let mut tokens = Vec::with_capacity(text.len() / 3);
        let mut end = text.len();
        while end > 0 {
            let Best { id, start, .. } = best[end];
            tokens.push(Token { id, start, end });
            end = start;
        }
        tokens.reverse();
        tokens
    }
}
