//! Greedy search: the most probable token at each step.

use super::scores::Scores;
use super::search::{Bounds, Search};
use super::{Certainty, Hypothesis, Settings};

/// The search for one sentence.
pub(super) struct Greedy {
    /// Longest output in tokens, start token included.
    limit: usize,
    output: Hypothesis,
    over: bool,
}

impl Search for Greedy {
    fn new(limit: usize, settings: &Settings) -> Self {
        Self {
            limit,
            output: Hypothesis {
                tokens: vec![settings.start],
                score: 0.0,
                certainty: Certainty::default(),
            },
            over: false,
        }
    }

    fn running(&self) -> &[Hypothesis] {
        if self.over {
            &[]
        } else {
            std::slice::from_ref(&self.output)
        }
    }

    fn consider(&mut self, _: usize, source: &[u32], scores: &mut Scores<'_>, settings: &Settings) {
        let bounds = Bounds {
            source,
            max_length: self.limit,
        };
        settings.constrain(&self.output.tokens, bounds, scores);
        scores.normalize();
        settings.ban_padding(scores);
        let (token, score) = scores.best();
        self.output.tokens.push(token);
        self.output.score += score;
        self.output.certainty = self.output.certainty.and(score);
    }

    fn advance(&mut self, settings: &Settings) -> Vec<usize> {
        self.over = settings.ends(self.output.last()) || self.output.tokens.len() >= self.limit;
        if self.over {
            let length = (self.output.tokens.len() - 1) as f32;
            self.output.score /= libm::powf(length, settings.length_penalty);
            return Vec::new();
        }
        vec![0]
    }

    fn found(self) -> Vec<Hypothesis> {
        vec![self.output]
    }
}
