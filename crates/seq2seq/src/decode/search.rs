//! The loop of all searches: sentences join the running batch as others leave it.

use std::collections::VecDeque;

use super::scores::Scores;
use super::{Hypothesis, Input, Output, Settings};
use crate::nn::{Backend, Decoder, NetworkError};

/// The search for one sentence.
pub(super) trait Search {
    /// `limit` is the longest output in tokens, start token included.
    fn new(limit: usize, settings: &Settings) -> Self;

    /// The unfinished hypotheses, best first. Empty once the search is over.
    fn running(&self) -> &[Hypothesis];

    /// Adds the continuations of `running()[parent]` to the candidates of this step. `scores` are the
    /// logits of the next token, `source` the ids of the sentence.
    fn consider(
        &mut self,
        parent: usize,
        source: &[u32],
        scores: &mut Scores<'_>,
        settings: &Settings,
    );

    /// Ends the step. Returns the index of each new hypothesis's parent among the hypotheses before, or
    /// nothing if the search is over.
    fn advance(&mut self, settings: &Settings) -> Vec<usize>;

    /// Returns the finished hypotheses once the search is over, best first, at least one.
    fn found(self) -> Vec<Hypothesis>;
}

/// What bounds an output besides the settings.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// Token ids of the source.
    pub source: &'a [u32],
    /// The longest output in tokens, start token included.
    pub max_length: usize,
}

/// See [`super::decode_stream`].
pub(super) fn search<'i, S: Search, B: Backend>(
    network: &B,
    settings: &Settings,
    next: impl FnMut() -> Option<Input<'i>>,
    mut done: impl FnMut(usize, Vec<Output>),
    keep_going: impl Fn() -> bool,
) -> Result<(), NetworkError> {
    let limits = network.limits(settings.num_beams);
    let common = settings.common_tokens();
    let mut decoding = network.decoder(common.as_deref());
    let mut running: Vec<Running<'_, S>> = Vec::new();
    let mut waiting: VecDeque<Waiting<'_, B::Source>> = VecDeque::new();
    let mut inputs = std::iter::from_fn(next);
    let mut held = None;
    let (mut tokens, mut parents, mut maxima) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        // Let waiting sentences join.
        loop {
            if waiting.is_empty() {
                waiting.extend(encode(
                    network,
                    limits.encoded_tokens,
                    &mut inputs,
                    &mut held,
                )?);
            }
            let Some(first) = waiting.front() else { break };
            let load: usize = running.iter().map(|running| running.ids.len()).sum();
            let rows = (running.len() + 1) * settings.num_beams;
            let full = load + first.ids.len() > limits.running_tokens || rows > limits.running_rows;
            if !running.is_empty() && full {
                break;
            }
            if let Some(waiting) = waiting.pop_front() {
                running.push(Running {
                    key: waiting.key,
                    ids: waiting.ids,
                    search: S::new(waiting.max_length, settings),
                });
                let own = match (&settings.shortlist, &common) {
                    (Some(list), Some(common)) => list.own(waiting.ids, common),
                    _ => Vec::new(),
                };
                decoding.add(waiting.source, own);
            }
        }
        if running.is_empty() || !keep_going() {
            return Ok(());
        }

        tokens.clear();
        let rows = running.iter().enumerate().flat_map(|(sentence, running)| {
            let hypotheses = running.search.running().iter().enumerate();
            hypotheses.map(move |(index, hypothesis)| (sentence, index, hypothesis.last()))
        });
        let rows: Vec<(usize, usize, u32)> = rows.collect();
        tokens.extend(rows.iter().map(|&(_, _, token)| token));
        decoding.step(&tokens, |row, logits, listed| {
            let (sentence, index, _) = rows[row];
            let mut scores = Scores::from_logits(network.cpu(), logits, listed, &mut maxima);
            let Running { ids, search, .. } = &mut running[sentence];
            search.consider(index, ids, &mut scores, settings);
        })?;

        parents.clear();
        let mut row = 0;
        for running in &mut running {
            let before = running.search.running().len();
            let advanced = running.search.advance(settings);
            parents.extend(advanced.into_iter().map(|parent| row + parent));
            row += before;
        }
        decoding.select(&parents)?;
        for ended in running.extract_if(.., |running| running.search.running().is_empty()) {
            let found = ended.search.found().into_iter();
            let outputs = found.map(|found| Output {
                ids: found.tokens[1..].to_vec(),
                score: found.score,
                certainty: found.certainty,
            });
            done(ended.key, outputs.collect());
        }
    }
}

struct Running<'i, S> {
    key: usize,
    ids: &'i [u32],
    search: S,
}

/// A sentence that has been encoded and waits to join the batch.
struct Waiting<'i, Source> {
    key: usize,
    ids: &'i [u32],
    max_length: usize,
    source: Source,
}

/// Encodes the next inputs, `most` tokens at the most. `held` is the input that did not fit last time.
fn encode<'i, B: Backend>(
    network: &B,
    most: usize,
    inputs: &mut impl Iterator<Item = Input<'i>>,
    held: &mut Option<Input<'i>>,
) -> Result<Vec<Waiting<'i, B::Source>>, NetworkError> {
    let mut batch: Vec<Input<'i>> = Vec::new();
    let mut load = 0;
    while let Some(input) = held.take().or_else(|| inputs.next()) {
        load += input.ids.len();
        if load > most && !batch.is_empty() {
            *held = Some(input);
            break;
        }
        batch.push(input);
    }
    let sequences: Vec<&[u32]> = batch.iter().map(|input| input.ids).collect();
    let sources = network.encode(&sequences)?;
    let waiting = batch.into_iter().zip(sources);
    Ok(waiting
        .map(|(input, source)| Waiting {
            key: input.key,
            ids: input.ids,
            max_length: input.max_length,
            source,
        })
        .collect())
}
