//! Hugging Face's logits processors, in the order in which `generate` applies them.

use super::Settings;
use super::scores::Scores;
use super::search::Bounds;

impl Settings {
    /// Applies all constraints to the `scores` of the token after `tokens`, which start with the start
    /// token.
    pub(super) fn constrain(&self, tokens: &[u32], bounds: Bounds<'_>, scores: &mut Scores<'_>) {
        self.penalise_repetition(tokens, scores);
        ban_ngrams(tokens, self.no_repeat_ngram_size, tokens, scores);
        ban_ngrams(
            bounds.source,
            self.encoder_no_repeat_ngram_size,
            tokens,
            scores,
        );
        self.ban_bad_words(tokens, scores);
        if tokens.len() < self.min_length {
            self.eos.iter().for_each(|&end| scores.ban(end));
        }
        if tokens.len() == 1
            && let Some(forced) = self.forced_bos_token_id
        {
            scores.force(forced);
        }
        if tokens.len() + 1 == bounds.max_length
            && let Some(forced) = self.forced_eos_token_id
        {
            scores.force(forced);
        }
        self.suppress_tokens
            .iter()
            .for_each(|&token| scores.ban(token));
        let begin = 1 + usize::from(self.forced_bos_token_id.is_some());
        if tokens.len() == begin {
            let banned = &self.begin_suppress_tokens;
            banned.iter().for_each(|&token| scores.ban(token));
        }
        if self.renormalize_logits {
            scores.normalize();
        }
    }

    /// Bans the padding token. Not one of the logits processors, and so not renormalised.
    pub(super) fn ban_padding(&self, scores: &mut Scores<'_>) {
        if !self.ends(self.pad) {
            scores.ban(self.pad);
        }
    }

    fn penalise_repetition(&self, tokens: &[u32], scores: &mut Scores<'_>) {
        let penalty = self.repetition_penalty;
        if penalty != 1.0 {
            scores.change(tokens, |score| {
                score * if score < 0.0 { penalty } else { 1.0 / penalty }
            });
        }
    }

    fn ban_bad_words(&self, tokens: &[u32], scores: &mut Scores<'_>) {
        for word in &self.bad_words_ids {
            // Like `generate`, ignore a bad word that is an end token.
            if let Some((last, before)) = word.split_last()
                && !(before.is_empty() && self.ends(*last))
                && tokens.ends_with(before)
            {
                scores.ban(*last);
            }
        }
    }
}

/// Bans the tokens that would end an n-gram of `size` tokens that `from` has.
fn ban_ngrams(from: &[u32], size: usize, tokens: &[u32], scores: &mut Scores<'_>) {
    if size == 0 || tokens.len() + 1 < size {
        return;
    }
    let prefix = &tokens[tokens.len() + 1 - size..];
    for window in from.windows(size) {
        if &window[..size - 1] == prefix {
            scores.ban(window[size - 1]);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::EarlyStopping;
    use crate::nn::Cpu;

    pub(crate) fn settings() -> Settings {
        Settings {
            num_beams: 1,
            length_penalty: 1.0,
            early_stopping: EarlyStopping::Heuristic,
            no_repeat_ngram_size: 0,
            repetition_penalty: 1.0,
            bad_words_ids: Vec::new(),
            forced_bos_token_id: None,
            forced_eos_token_id: None,
            min_length: 0,
            encoder_no_repeat_ngram_size: 0,
            suppress_tokens: Vec::new(),
            begin_suppress_tokens: Vec::new(),
            renormalize_logits: false,
            shortlist: None,
            start: 9,
            eos: vec![0],
            pad: 9,
        }
    }

    /// The scores of ten tokens, each −`all` before constraints are applied.
    fn constrained(settings: &Settings, tokens: &[u32], max_length: usize, all: f32) -> Vec<f32> {
        let (mut values, mut maxima) = (vec![-all; 10], Vec::new());
        let mut scores = Scores::from_logits(Cpu::best(), &mut values, None, &mut maxima);
        let bounds = Bounds {
            source: &[4, 5, 6, 7, 0],
            max_length,
        };
        settings.constrain(tokens, bounds, &mut scores);
        settings.ban_padding(&mut scores);
        (0..10).filter_map(|token| scores.get(token)).collect()
    }

    fn banned(settings: &Settings, tokens: &[u32], max_length: usize) -> Vec<usize> {
        let scores = constrained(settings, tokens, max_length, 1.0);
        (0..10)
            .filter(|&token| scores[token] == f32::NEG_INFINITY)
            .collect()
    }

    #[test]
    fn an_output_does_not_end_before_its_shortest_length() {
        let settings = Settings {
            min_length: 3,
            ..settings()
        };
        assert_eq!(banned(&settings, &[9, 1], 100), [0, 9]);
        assert_eq!(banned(&settings, &[9, 1, 2], 100), [9]);
    }

    #[test]
    fn padding_is_never_generated() {
        assert_eq!(banned(&settings(), &[9], 100), [9]);
    }

    #[test]
    fn only_the_last_token_of_a_repeated_ngram_is_banned() {
        let settings = Settings {
            no_repeat_ngram_size: 2,
            ..settings()
        };
        assert_eq!(banned(&settings, &[9, 3, 4, 3], 100), [4, 9]);
        assert_eq!(banned(&settings, &[9, 3, 4], 100), [9]);
    }

    #[test]
    fn the_last_token_of_a_bad_word_is_banned_after_the_others() {
        let settings = Settings {
            bad_words_ids: vec![vec![5], vec![1, 2]],
            ..settings()
        };
        assert_eq!(banned(&settings, &[9, 7], 100), [5, 9]);
        assert_eq!(banned(&settings, &[9, 1], 100), [2, 5, 9]);
    }

    #[test]
    fn the_last_token_of_an_ngram_of_the_source_is_banned() {
        let settings = Settings {
            encoder_no_repeat_ngram_size: 3,
            ..settings()
        };
        assert_eq!(banned(&settings, &[9, 4, 5], 100), [6, 9]);
        assert_eq!(
            banned(&settings, &[9, 6, 7], 100),
            [0, 9],
            "the end as well"
        );
        assert_eq!(banned(&settings, &[9, 5], 100), [9]);
        assert_eq!(banned(&settings, &[9], 100), [9]);
    }

    #[test]
    fn tokens_are_suppressed_always_or_at_the_beginning() {
        let settings = Settings {
            suppress_tokens: vec![3],
            begin_suppress_tokens: vec![5, 0],
            ..settings()
        };
        assert_eq!(banned(&settings, &[9], 100), [0, 3, 5, 9]);
        assert_eq!(banned(&settings, &[9, 1], 100), [3, 9]);
        // The beginning is then after the forced token.
        let settings = Settings {
            forced_bos_token_id: Some(2),
            ..settings
        };
        let but_two = [0, 1, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(banned(&settings, &[9], 100), but_two);
        assert_eq!(banned(&settings, &[9, 2], 100), [0, 3, 5, 9]);
    }

    #[test]
    fn no_end_token_comes_before_the_shortest_length() {
        let settings = Settings {
            min_length: 3,
            eos: vec![0, 6],
            ..settings()
        };
        assert_eq!(banned(&settings, &[9, 1], 100), [0, 6, 9]);
        assert_eq!(banned(&settings, &[9, 1, 2], 100), [9]);
    }

    #[test]
    fn the_end_token_is_forced_at_the_greatest_length() {
        let settings = Settings {
            forced_eos_token_id: Some(0),
            ..settings()
        };
        assert_eq!(
            banned(&settings, &[9, 1, 2], 4),
            (1..10).collect::<Vec<_>>()
        );
        assert_eq!(banned(&settings, &[9, 1], 4), [9]);
    }

    #[test]
    fn a_repeated_token_is_penalised_once() {
        let settings = Settings {
            repetition_penalty: 2.0,
            ..settings()
        };
        let scores = constrained(&settings, &[9, 3, 3], 100, 1.0);
        assert_eq!(scores[3], -2.0);
        assert_eq!(scores[4], -1.0);
    }

    #[test]
    fn renormalised_scores_are_log_probabilities() {
        let settings = Settings {
            renormalize_logits: true,
            pad: 0,
            ..settings()
        };
        let scores = constrained(&settings, &[9], 100, 3.0);
        let total: f32 = scores.iter().map(|score| score.exp()).sum();
        assert!((total - 1.0).abs() < 1e-6, "{total}");
    }
}
