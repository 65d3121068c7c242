//! Beam search as in Hugging Face's `generate`: of the `2·beams` best continuations those that end
//! compete for the `beams` places among the finished, and the best `beams` others go on.

use candle_core::Result;

use super::{Scored, Settings};
use crate::model::EarlyStopping;
use crate::nn::{Decoding, log_softmax};

/// The best hypothesis for each sentence of `decoding`; `limits[i]` is its longest length.
pub(super) fn search(
    mut decoding: Decoding<'_>,
    limits: &[usize],
    settings: &Settings,
) -> Result<Vec<Scored>> {
    let mut beams: Vec<Beam> = limits
        .iter()
        .map(|&limit| Beam::new(limit, settings))
        .collect();
    // (sentence, index among its running hypotheses) of each row.
    let mut rows: Vec<(usize, usize)> = (0..limits.len()).map(|sentence| (sentence, 0)).collect();
    let mut scores = Vec::new();
    while !rows.is_empty() {
        let last: Vec<u32> = rows
            .iter()
            .map(|&(sentence, index)| beams[sentence].running[index].last())
            .collect();
        decoding.step(&last, |row, logits| {
            let (sentence, index) = rows[row];
            scores.resize(logits.len(), 0.0);
            log_softmax(logits, &mut scores);
            beams[sentence].consider(index, &mut scores, settings);
        })?;

        let mut parents = Vec::with_capacity(rows.len());
        let mut next = Vec::with_capacity(rows.len());
        let mut row = 0;
        while row < rows.len() {
            let sentence = rows[row].0;
            let before = beams[sentence].running.len();
            for (index, parent) in beams[sentence].advance(settings).into_iter().enumerate() {
                parents.push(row + parent);
                next.push((sentence, index));
            }
            row += before;
        }
        decoding.select(&parents);
        rows = next;
    }
    Ok(beams.into_iter().map(Beam::best).collect())
}

/// The search for one sentence.
struct Beam {
    /// Longest output, start token counted.
    limit: usize,
    /// Hypotheses that grow, best first, scored by the sum of their log-probabilities.
    running: Vec<Scored>,
    /// Hypotheses that have ended, best first, at most one for each beam, scored by that sum
    /// divided by the length penalty.
    finished: Vec<Scored>,
    /// The best continuations seen in this step, best first.
    candidates: Vec<Candidate>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    score: f32,
    /// Index in `running`.
    parent: usize,
    token: u32,
}

impl Beam {
    fn new(limit: usize, settings: &Settings) -> Self {
        Self {
            limit,
            running: vec![Scored {
                tokens: vec![settings.start],
                score: 0.0,
            }],
            finished: Vec::new(),
            candidates: Vec::new(),
        }
    }

    /// Takes the continuations of `running[parent]` into account, given the log-probabilities of
    /// the next token.
    fn consider(&mut self, parent: usize, scores: &mut [f32], settings: &Settings) {
        let hypothesis = &self.running[parent];
        settings.constrain(&hypothesis.tokens, self.limit, scores);
        let wanted = 2 * settings.num_beams;
        let mut threshold = match self.candidates.get(wanted - 1) {
            Some(worst) => worst.score,
            None => f32::NEG_INFINITY,
        };
        // Most blocks of tokens hold nothing good enough: one comparison passes over each.
        const BLOCK: usize = 64;
        for (block, values) in scores.chunks(BLOCK).enumerate() {
            if crate::nn::max(values) + hypothesis.score <= threshold {
                continue;
            }
            for (offset, value) in values.iter().enumerate() {
                let score = value + hypothesis.score;
                if score <= threshold || score.is_nan() {
                    continue;
                }
                let place = self
                    .candidates
                    .partition_point(|other| other.score >= score);
                self.candidates.insert(
                    place,
                    Candidate {
                        score,
                        parent,
                        token: (block * BLOCK + offset) as u32,
                    },
                );
                self.candidates.truncate(wanted);
                if self.candidates.len() == wanted {
                    threshold = self.candidates[wanted - 1].score;
                }
            }
        }
    }

    /// Ends the step. Returns the parent of each new running hypothesis; none if the search is over.
    fn advance(&mut self, settings: &Settings) -> Vec<usize> {
        let beams = settings.num_beams;
        let length = self.running[0].tokens.len() + 1;
        let penalty = ((length - 1) as f32).powf(settings.length_penalty);
        if self.candidates.is_empty() {
            // Everything is forbidden, or the weights give no numbers: what there is has to do.
            let tokens = self.running[0].tokens.clone();
            self.finish(
                Scored {
                    tokens,
                    score: f32::MIN,
                },
                beams,
            );
        }
        let mut running = Vec::with_capacity(beams);
        let mut parents = Vec::with_capacity(beams);
        for (rank, candidate) in std::mem::take(&mut self.candidates).into_iter().enumerate() {
            let ends = candidate.token == settings.eos || length >= self.limit;
            // Only the best `beams` candidates may finish; an end among the others is dropped.
            if (ends && rank >= beams) || (!ends && running.len() == beams) {
                continue;
            }
            let mut tokens = Vec::with_capacity(self.limit.min(2 * length));
            tokens.extend_from_slice(&self.running[candidate.parent].tokens);
            tokens.push(candidate.token);
            if ends {
                let score = candidate.score / penalty;
                self.finish(Scored { tokens, score }, beams);
            } else {
                parents.push(candidate.parent);
                running.push(Scored {
                    tokens,
                    score: candidate.score,
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

    fn finish(&mut self, hypothesis: Scored, beams: usize) {
        let place = self
            .finished
            .partition_point(|other| other.score >= hypothesis.score);
        self.finished.insert(place, hypothesis);
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
        let attainable = best.score / (hypothetical_length as f32).powf(settings.length_penalty);
        attainable <= self.finished[self.finished.len() - 1].score
    }

    fn best(self) -> Scored {
        self.finished
            .into_iter()
            .next()
            .expect("a search ends only with a finished hypothesis")
    }
}

impl Scored {
    fn last(&self) -> u32 {
        self.tokens[self.tokens.len() - 1]
    }
}
