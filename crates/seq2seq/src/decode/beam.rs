//! Beam search as in Hugging Face's `generate`: of the `(1 + ends)·beams` best continuations, those that end
//! compete with the at most `beams` finished hypotheses, and the best `beams` others continue.

use super::scores::Scores;
use super::search::{Bounds, Search};
use super::{Certainty, Hypothesis, Settings};
use crate::model::EarlyStopping;

/// The search for one sentence.
pub(super) struct Beam {
    /// Longest output in tokens, start token included.
    limit: usize,
    /// Unfinished hypotheses, best first, scored by the sum of their log-probabilities.
    running: Vec<Hypothesis>,
    /// Finished hypotheses, best first, at most `num_beams`, scored by that sum divided by the length to the
    /// power of the length penalty.
    finished: Vec<Hypothesis>,
    /// The best continuations of this step, best first.
    candidates: Vec<Candidate>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    score: f32,
    /// Index in `running`.
    parent: usize,
    token: u32,
}

impl Search for Beam {
    fn new(limit: usize, settings: &Settings) -> Self {
        Self {
            limit,
            running: vec![Hypothesis {
                tokens: vec![settings.start],
                score: 0.0,
                certainty: Certainty::default(),
            }],
            finished: Vec::new(),
            candidates: Vec::new(),
        }
    }

    fn running(&self) -> &[Hypothesis] {
        &self.running
    }

    fn consider(
        &mut self,
        parent: usize,
        source: &[u32],
        scores: &mut Scores<'_>,
        settings: &Settings,
    ) {
        let hypothesis = &self.running[parent];
        // As in `generate`, constraints change log-probabilities here, but logits in greedy search.
        scores.normalize();
        let bounds = Bounds {
            source,
            max_length: self.limit,
        };
        settings.constrain(&hypothesis.tokens, bounds, scores);
        settings.ban_padding(scores);
        // So many that `num_beams` remain if each hypothesis ends with every end token.
        let wanted = (1 + settings.eos.len()).max(2) * settings.num_beams;
        let candidates = &mut self.candidates;
        let threshold = |candidates: &[Candidate]| match candidates.get(wanted - 1) {
            Some(worst) => worst.score,
            None => f32::NEG_INFINITY,
        };
        // The token score from which on the sum with the hypothesis's score can be among the best, minus a
        // margin for rounding.
        let bound = |threshold: f32| (threshold - hypothesis.score) * (1.0 + 1e-6) - 1e-6;
        scores.each_above(bound(threshold(candidates)), |token, score| {
            let candidate = Candidate {
                score: score + hypothesis.score,
                parent,
                token,
            };
            if candidate.score > threshold(candidates) {
                let index = candidates.partition_point(|other| other.score >= candidate.score);
                candidates.truncate(wanted - 1);
                candidates.insert(index, candidate);
            }
            bound(threshold(candidates))
        });
    }

    fn advance(&mut self, settings: &Settings) -> Vec<usize> {
        let beams = settings.num_beams;
        let length = self.running[0].tokens.len() + 1;
        let penalty = libm::powf((length - 1) as f32, settings.length_penalty);
        if self.candidates.is_empty() {
            // All tokens are banned, or all scores are NaN: return what there is.
            let tokens = self.running[0].tokens.clone();
            self.finish(
                Hypothesis {
                    tokens,
                    score: f32::MIN,
                    certainty: self.running[0].certainty,
                },
                beams,
            );
        }
        let mut running = Vec::with_capacity(beams);
        let mut parents = Vec::with_capacity(beams);
        let candidates = std::mem::take(&mut self.candidates);
        for (rank, candidate) in candidates.into_iter().enumerate() {
            let ends = settings.ends(candidate.token) || length >= self.limit;
            // Only the best `beams` candidates may finish; ends among the others are dropped.
            if (ends && rank >= beams) || (!ends && running.len() == beams) {
                continue;
            }
            let mut tokens = Vec::with_capacity(self.limit.min(2 * length));
            tokens.extend_from_slice(&self.running[candidate.parent].tokens);
            tokens.push(candidate.token);
            let parent = &self.running[candidate.parent];
            let certainty = parent.certainty.and(candidate.score - parent.score);
            if ends {
                let finished = Hypothesis {
                    tokens,
                    score: candidate.score / penalty,
                    certainty,
                };
                self.finish(finished, beams);
            } else {
                parents.push(candidate.parent);
                running.push(Hypothesis {
                    tokens,
                    score: candidate.score,
                    certainty,
                });
            }
        }
        self.running = running;
        if self.is_over(settings) {
            self.running.clear();
            return Vec::new();
        }
        parents
    }

    fn found(self) -> Vec<Hypothesis> {
        self.finished
    }
}

impl Beam {
    fn finish(&mut self, hypothesis: Hypothesis, beams: usize) {
        let index = self
            .finished
            .partition_point(|other| other.score >= hypothesis.score);
        self.finished.insert(index, hypothesis);
        self.finished.truncate(beams);
    }

    fn is_over(&self, settings: &Settings) -> bool {
        let Some(best) = self.running.first() else {
            return true;
        };
        if self.finished.len() < settings.num_beams {
            return false;
        }
        let hypothetical_length = match settings.early_stopping {
            EarlyStopping::FirstFinished => return true,
            EarlyStopping::Never if settings.length_penalty > 0.0 => self.limit - 1,
            EarlyStopping::Never | EarlyStopping::Heuristic => best.tokens.len() - 1,
        };
        let attainable =
            best.score / libm::powf(hypothetical_length as f32, settings.length_penalty);
        attainable <= self.finished[self.finished.len() - 1].score
    }
}
