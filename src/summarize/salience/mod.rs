//! Salience: how much each sentence matters, and which sentences represent the article.
//!
//! What a human abstract would contain is estimated twice: for each word, the probability that it
//! would be in the abstract, and for each sentence, the share of it that would be. Sentences are
//! then chosen so that together they have the best F1 against that expectation. So long sentences
//! are penalised for superfluous words, and repetition gains nothing. Both estimates are linear in
//! the [`features`]; their weights were fitted on human abstracts (`scripts/train/salience.py`).

mod features;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::document::Document;
use super::schema::SentenceId;
pub use features::{Features, SENTENCE, WORD};
use french::text::ParagraphKind;

/// Expected length of the abstract, in words for each chosen sentence.
const WORDS_PER_SENTENCE: f64 = 12.5;
/// Weight of the estimate for the sentence relative to those for its words.
const SENTENCE_SHARE: f64 = 0.5;

/// The weights of the features, and statistics of words.
struct Weights {
    word_bias: f64,
    word: [f64; WORD.len()],
    sentence_bias: f64,
    sentence: [f64; SENTENCE.len()],
    /// For each word, the logarithm of how often an abstract has it if the article does.
    habits: HashMap<&'static str, f64>,
    /// The same for words that are not in `habits`.
    unknown: f64,
}

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let rows = |table: &'static str| {
        table
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('\t'))
            .filter_map(|(name, weight)| Some((name, weight.parse::<f64>().ok()?)))
    };
    let weights: HashMap<&str, f64> = rows(include_str!("weights.tsv")).collect();
    let habits: HashMap<&str, f64> = rows(include_str!("words.tsv")).collect();
    let weight = |kind: &str, name: &str| weights[format!("{kind}.{name}").as_str()];
    Weights {
        word_bias: weight("word", "bias"),
        word: WORD.map(|name| weight("word", name)),
        sentence_bias: weight("sentence", "bias"),
        sentence: SENTENCE.map(|name| weight("sentence", name)),
        habits,
        unknown: weight("word", "unknown"),
    }
});

/// What a human abstract would take from each sentence of an article.
pub struct Salience {
    /// For each distinct word, the probability that the abstract has it.
    words: Vec<f64>,
    sentences: Vec<Candidate>,
}

struct Candidate {
    /// Indices of its distinct words.
    words: Vec<usize>,
    length: f64,
    /// Expected number of words and pairs of words in common with the abstract.
    shared: f64,
    heading: bool,
}

/// Returns the features of `document`.
pub fn features(document: &Document) -> Features {
    let weights = &*WEIGHTS;
    features::read(document, |word| {
        weights.habits.get(word).copied().unwrap_or(weights.unknown)
    })
}

impl Salience {
    pub fn new(document: &Document) -> Self {
        let weights = &*WEIGHTS;
        let features = features(document);
        let dot = |weights: &[f64], values: &[f64]| -> f64 {
            weights.iter().zip(values).map(|(a, b)| a * b).sum()
        };
        let words = features.words.iter().map(|word| {
            let log_odds = weights.word_bias + dot(&weights.word, &word.values);
            1.0 / (1.0 + libm::exp(-log_odds))
        });
        let sentences = features.sentences.iter().zip(&document.sentences);
        Self {
            words: words.collect(),
            sentences: sentences
                .map(|(sentence, source)| {
                    let share = weights.sentence_bias + dot(&weights.sentence, &sentence.values);
                    Candidate {
                        words: sentence.words.clone(),
                        length: sentence.length.max(1) as f64,
                        shared: share.max(0.0) * sentence.length as f64,
                        heading: source.kind == ParagraphKind::Heading,
                    }
                })
                .collect(),
        }
    }

    /// Returns how much of an abstract the sentence contains, between 0 and 1.
    pub fn of(&self, sentence: SentenceId) -> f64 {
        let sentence = &self.sentences[sentence.0];
        if sentence.heading {
            return 0.0;
        }
        let words: f64 = sentence.words.iter().map(|&word| self.words[word]).sum();
        f1(
            words + SENTENCE_SHARE * sentence.shared,
            sentence.length,
            WORDS_PER_SENTENCE,
        )
        .min(1.0)
    }

    /// Chooses up to `count` sentences that together say most of what an abstract would. Each is
    /// the best addition to those before it. Headings and sentences that are not `fit` are never
    /// chosen.
    pub fn choose(&self, count: usize, fit: impl Fn(SentenceId) -> bool) -> Vec<SentenceId> {
        let mut candidates: Vec<SentenceId> = (0..self.sentences.len())
            .map(SentenceId)
            .filter(|&id| !self.sentences[id.0].heading && fit(id))
            .collect();
        let mut chosen = Vec::new();
        let mut said = vec![false; self.words.len()];
        let (mut gained, mut length) = (0.0, 0.0);
        while chosen.len() < count {
            let reference = WORDS_PER_SENTENCE * (chosen.len() + 1) as f64;
            let with = |id: SentenceId| {
                let sentence = &self.sentences[id.0];
                let new = sentence.words.iter().filter(|&&word| !said[word]);
                let gain: f64 = new.map(|&word| self.words[word]).sum();
                gained + gain + SENTENCE_SHARE * sentence.shared
            };
            let value =
                |id: SentenceId| f1(with(id), length + self.sentences[id.0].length, reference);
            let best = (candidates.iter().copied().enumerate())
                .map(|(at, id)| (at, id, value(id)))
                .reduce(|best, next| if next.2 > best.2 { next } else { best });
            let Some((at, id, _)) = best else {
                break;
            };
            candidates.remove(at);
            gained = with(id);
            length += self.sentences[id.0].length;
            self.sentences[id.0]
                .words
                .iter()
                .for_each(|&word| said[word] = true);
            chosen.push(id);
        }
        chosen
    }
}

/// Returns the F1 of texts of these lengths that share `shared` words.
fn f1(shared: f64, length: f64, reference: f64) -> f64 {
    2.0 * shared / (length + reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salience(sentences: &[(&[usize], usize, f64)], words: &[f64]) -> Salience {
        Salience {
            words: words.to_vec(),
            sentences: sentences
                .iter()
                .map(|(words, length, shared)| Candidate {
                    words: words.to_vec(),
                    length: *length as f64,
                    shared: *shared,
                    heading: false,
                })
                .collect(),
        }
    }

    #[test]
    fn a_repetitive_sentence_is_chosen_last() {
        let words = [0.9, 0.8, 0.6, 0.1];
        let salience = salience(
            &[
                (&[0, 1], 10, 0.0),
                (&[0, 1], 10, 0.0),
                (&[2], 10, 0.0),
                (&[3], 10, 0.0),
            ],
            &words,
        );
        assert_eq!(salience.choose(4, |_| true), [0, 2, 3, 1].map(SentenceId));
        assert_eq!(salience.choose(9, |_| true).len(), 4, "there are only four");
    }

    #[test]
    fn a_long_sentence_is_penalised_for_its_length() {
        let salience = salience(&[(&[0, 1], 60, 0.0), (&[0], 8, 0.0)], &[0.9, 0.3]);
        assert_eq!(salience.choose(1, |_| true), [SentenceId(1)]);
        assert!(salience.of(SentenceId(1)) > salience.of(SentenceId(0)));
    }

    #[test]
    fn headings_and_unfit_sentences_are_never_chosen() {
        let mut salience = salience(
            &[(&[0], 8, 0.0), (&[1], 8, 0.0), (&[2], 8, 0.0)],
            &[0.9, 0.8, 0.1],
        );
        salience.sentences[0].heading = true;
        assert_eq!(
            salience.choose(3, |id| id != SentenceId(1)),
            [SentenceId(2)]
        );
        assert_eq!(salience.of(SentenceId(0)), 0.0);
    }

    #[test]
    fn every_feature_has_a_weight() {
        let weights = &*WEIGHTS;
        assert!(weights.habits.len() > 1000);
        assert!(weights.word.iter().any(|weight| *weight > 1.0));
        assert!(weights.sentence.iter().any(|weight| *weight > 0.1));
    }
}
