//! The scores of a hypothesis's next token: logits or log-probabilities.

use crate::nn::{BLOCK, Cpu, Listed, block_maxima, log_sum_exp};

/// Scores over the vocabulary or a shortlist. A score is `value − shift.0 − shift.1`. The subtraction is
/// done when a score is read, because most scores never are.
pub(super) struct Scores<'a> {
    cpu: Cpu,
    values: &'a mut [f32],
    /// The tokens of the values; `None` if there is a value for each token.
    listed: Option<Listed<'a>>,
    /// An upper bound of each block of values, once the scores have been normalised.
    maxima: &'a mut Vec<f32>,
    /// The largest value m, and the logarithm of the sum of eˣ⁻ᵐ over all values x.
    shift: (f32, f32),
}

impl<'a> Scores<'a> {
    /// Scores that are logits, of all tokens or of those that are `listed`. `maxima` is a buffer. They
    /// have to be normalised before they are searched.
    pub(super) fn from_logits(
        cpu: Cpu,
        logits: &'a mut [f32],
        listed: Option<Listed<'a>>,
        maxima: &'a mut Vec<f32>,
    ) -> Self {
        maxima.clear();
        Self {
            cpu,
            values: logits,
            listed,
            maxima,
            shift: (0.0, 0.0),
        }
    }

    /// Turns the scores into log-probabilities (log-softmax).
    pub(super) fn normalize(&mut self) {
        block_maxima(self.cpu, self.values, self.maxima);
        let max = self
            .maxima
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        self.shift = (max, log_sum_exp(self.cpu, self.values, max));
    }

    fn score(&self, value: f32) -> f32 {
        value - self.shift.0 - self.shift.1
    }

    /// Index of the value of `token`.
    fn index(&self, token: u32) -> Option<usize> {
        match self.listed {
            Some(listed) => listed.index(token),
            None => Some(token as usize),
        }
    }

    fn value(&mut self, token: u32) -> Option<&mut f32> {
        let index = self.index(token)?;
        self.values.get_mut(index)
    }

    /// The score of `token`, or `None` if it is not in the vocabulary.
    #[cfg(test)]
    pub(super) fn get(&self, token: u32) -> Option<f32> {
        self.values
            .get(token as usize)
            .map(|&value| self.score(value))
    }

    /// Sets the score of `token` to −∞.
    pub(super) fn ban(&mut self, token: u32) {
        if let Some(value) = self.value(token) {
            *value = f32::NEG_INFINITY;
        }
    }

    /// Sets the score of `token` to 0 and all others to −∞.
    pub(super) fn force(&mut self, token: u32) {
        self.values.fill(f32::NEG_INFINITY);
        self.shift = (0.0, 0.0);
        if let Some(value) = self.value(token) {
            *value = 0.0;
        }
        block_maxima(self.cpu, self.values, self.maxima);
    }

    /// Applies `change` to the scores of `tokens`, once for each distinct token.
    pub(super) fn change(&mut self, tokens: &[u32], change: impl Fn(f32) -> f32) {
        let (max, log_sum) = std::mem::take(&mut self.shift);
        for value in &mut *self.values {
            *value = *value - max - log_sum;
        }
        for (index, &token) in tokens.iter().enumerate() {
            if !tokens[..index].contains(&token)
                && let Some(value) = self.value(token)
            {
                *value = change(*value);
            }
        }
        block_maxima(self.cpu, self.values, self.maxima);
    }

    /// Returns the token with the highest score and the score. Of equals it is the one that comes first.
    pub(super) fn best(&self) -> (u32, f32) {
        let mut best = (0, f32::NEG_INFINITY);
        self.each_above(f32::NEG_INFINITY, |token, score| {
            best = (token, score);
            score
        });
        best
    }

    /// Calls `take(token, score)` for each score above the threshold, in the order of the values. `take`
    /// returns the new threshold.
    pub(super) fn each_above(&self, mut threshold: f32, mut take: impl FnMut(u32, f32) -> f32) {
        debug_assert_eq!(self.maxima.len(), self.values.len().div_ceil(BLOCK));
        // Most blocks have no score above the threshold and are skipped with one comparison.
        for (block, (values, &max)) in self.values.chunks(BLOCK).zip(&*self.maxima).enumerate() {
            if self.score(max) <= threshold {
                continue;
            }
            for (offset, &value) in values.iter().enumerate() {
                let score = self.score(value);
                if score > threshold {
                    let index = block * BLOCK + offset;
                    let token = self
                        .listed
                        .map_or(index as u32, |listed| listed.token(index));
                    threshold = take(token, score);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalized_scores_are_log_probabilities_and_the_best_is_found() {
        let logits: Vec<f32> = (0..300).map(|i| (i * 131 % 97) as f32 / 10.0).collect();
        for cpu in Cpu::available() {
            let (mut values, mut maxima) = (logits.clone(), Vec::new());
            let mut scores = Scores::from_logits(cpu, &mut values, None, &mut maxima);
            scores.normalize();
            let total: f64 = (0..300)
                .map(|t| f64::from(scores.get(t).unwrap()).exp())
                .sum();
            assert!((total - 1.0).abs() < 1e-5, "{total}");
            let (token, score) = scores.best();
            let highest = (0..300)
                .map(|t| scores.get(t).unwrap())
                .fold(f32::MIN, f32::max);
            assert_eq!(score, highest);
            assert_eq!(
                token as usize,
                logits.iter().position(|&l| l == 9.6).unwrap()
            );
            scores.ban(token);
            assert!(scores.best().0 > token, "the next of equals");
            scores.force(7);
            assert_eq!(scores.best(), (7, 0.0));
            assert_eq!(scores.get(300), None);
        }
    }

    #[test]
    fn scores_of_a_shortlist_are_found_by_token() {
        let (mut values, mut maxima) = (vec![1.0, 3.0, 2.0], Vec::new());
        let listed = Listed {
            common: &[70, 900],
            own: &[4],
        };
        let mut scores = Scores::from_logits(Cpu::best(), &mut values, Some(listed), &mut maxima);
        scores.normalize();
        let score = |logit: f32| logit - 3.0 - (1.0 + (-1f32).exp() + (-2f32).exp()).ln();
        let is_best = |scores: &Scores<'_>, token, logit| {
            let best = scores.best();
            assert_eq!(best.0, token);
            assert!((best.1 - score(logit)).abs() < 1e-6, "{best:?}");
        };
        is_best(&scores, 900, 3.0);
        scores.ban(900);
        scores.ban(5);
        is_best(&scores, 4, 2.0);
        scores.force(4);
        assert_eq!(scores.best(), (4, 0.0));
    }
}
