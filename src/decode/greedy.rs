//! Greedy search: the likeliest token at each step.

use candle_core::Result;

use super::{Scored, Settings};
use crate::nn::{Decoding, log_softmax};

/// The greedy output for each sentence of `decoding`; `limits[i]` is its longest length.
pub(super) fn search(
    mut decoding: Decoding<'_>,
    limits: &[usize],
    settings: &Settings,
) -> Result<Vec<Scored>> {
    let mut outputs: Vec<Scored> = limits
        .iter()
        .map(|_| Scored {
            tokens: vec![settings.start],
            score: 0.0,
        })
        .collect();
    // Sentence of each hypothesis that still grows.
    let mut growing: Vec<usize> = (0..limits.len()).collect();
    let (mut constrained, mut scores) = (Vec::new(), Vec::new());
    while !growing.is_empty() {
        let last: Vec<u32> = growing
            .iter()
            .map(|&sentence| outputs[sentence].tokens[outputs[sentence].tokens.len() - 1])
            .collect();
        decoding.step(&last, |row, logits| {
            let sentence = growing[row];
            let output = &mut outputs[sentence];
            // As in `generate`, constraints act on logits here and on log-probabilities in beams.
            constrained.clear();
            constrained.extend_from_slice(logits);
            settings.constrain(&output.tokens, limits[sentence], &mut constrained);
            scores.resize(logits.len(), 0.0);
            log_softmax(&constrained, &mut scores);
            let (token, score) = likeliest(&scores);
            output.tokens.push(token);
            output.score += score;
        })?;
        let goes_on: Vec<usize> = (0..growing.len())
            .filter(|&row| {
                let tokens = &outputs[growing[row]].tokens;
                tokens.last() != Some(&settings.eos) && tokens.len() < limits[growing[row]]
            })
            .collect();
        if goes_on.len() < growing.len() {
            decoding.select(&goes_on);
            growing = goes_on.iter().map(|&row| growing[row]).collect();
        }
    }
    for output in &mut outputs {
        let length = (output.tokens.len() - 1) as f32;
        output.score /= length.powf(settings.length_penalty);
    }
    Ok(outputs)
}

/// The token with the highest score, the first of equals.
fn likeliest(scores: &[f32]) -> (u32, f32) {
    let max = crate::nn::max(scores);
    let token = scores.iter().position(|&score| score == max).unwrap_or(0);
    (token as u32, max)
}
