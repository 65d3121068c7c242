//! From token ids to token ids: greedy and beam search with the semantics of Hugging Face's
//! `generate`. Does not know which language or task.

mod beam;
mod constraints;
mod greedy;
mod model;
mod scores;
mod search;

use beam::Beam;
use greedy::Greedy;
pub use model::{Error, Model};

use std::sync::Arc;

use crate::model::{EarlyStopping, GenerationConfig, ModelConfig, Shortlist};
use crate::nn::{Backend, NetworkError};

/// How to search, with Hugging Face's names and meanings.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub num_beams: usize,
    pub length_penalty: f32,
    pub early_stopping: EarlyStopping,
    /// 0: off.
    pub no_repeat_ngram_size: usize,
    /// 1: off.
    pub repetition_penalty: f32,
    pub bad_words_ids: Vec<Vec<u32>>,
    pub forced_bos_token_id: Option<u32>,
    pub forced_eos_token_id: Option<u32>,
    /// Shortest output in tokens, the start token counted.
    pub min_length: usize,
    pub renormalize_logits: bool,
    /// Which tokens an output may have, by those of its source; all of them where absent.
    pub shortlist: Option<Arc<Shortlist>>,
    /// Tokens that begin every output.
    pub start: u32,
    pub eos: u32,
    /// Never generated.
    pub pad: u32,
}

impl Settings {
    /// The settings that the model's authors chose.
    pub fn of_model(generation: &GenerationConfig, config: &ModelConfig) -> Self {
        Self {
            num_beams: generation.num_beams.unwrap_or(4),
            length_penalty: generation.length_penalty,
            early_stopping: generation.early_stopping,
            no_repeat_ngram_size: generation.no_repeat_ngram_size,
            repetition_penalty: generation.repetition_penalty,
            bad_words_ids: generation.bad_words_ids.clone(),
            forced_bos_token_id: generation.forced_bos_token_id,
            forced_eos_token_id: generation.forced_eos_token_id,
            min_length: generation.min_length,
            renormalize_logits: generation.renormalize_logits,
            shortlist: None,
            start: config.decoder_start_token_id,
            eos: config.eos_token_id,
            pad: config.pad_token_id,
        }
    }
}

impl Settings {
    /// The tokens that the output of `source` may have, in ascending order, if not all.
    fn shortlist(&self, source: &[u32]) -> Option<Vec<u32>> {
        let needed = [
            Some(self.eos),
            self.forced_bos_token_id,
            self.forced_eos_token_id,
        ];
        let list = self.shortlist.as_ref()?;
        Some(list.tokens(source, needed.into_iter().flatten()))
    }
}

/// A sequence to decode.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What the caller knows it by.
    pub key: usize,
    pub ids: &'a [u32],
    /// Longest output in tokens, start token and end token counted (`max_length`).
    pub max_length: usize,
}

/// What became of an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Without the start token; ends with the end token, unless the limit came first.
    pub ids: Vec<u32>,
    /// Log-probability divided by length to the power of the length penalty
    /// (`sequences_scores`).
    pub score: f32,
}

/// Decodes what `next` gives until it gives no more, or until `goes_on`, which is asked before every
/// step, says no. `done` receives each output with the key of its input, in the order in which they
/// end. An output is what its input alone would give: on processors bit for bit, on GPUs but for
/// rounding.
///
/// # Errors
/// If the device that the network runs on fails; processors do not.
pub fn decode_stream<'i, B: Backend>(
    network: &B,
    settings: &Settings,
    next: impl FnMut() -> Option<Input<'i>>,
    done: impl FnMut(usize, Output),
    goes_on: impl Fn() -> bool,
) -> Result<(), NetworkError> {
    if settings.num_beams > 1 {
        search::search::<Beam, B>(network, settings, next, done, goes_on)
    } else {
        search::search::<Greedy, B>(network, settings, next, done, goes_on)
    }
}

/// Decodes sequences of token ids into outputs of at most `max_length` tokens, in their order.
///
/// # Errors
/// As [`decode_stream`].
pub fn decode<B: Backend>(
    network: &B,
    sequences: &[&[u32]],
    max_length: usize,
    settings: &Settings,
) -> Result<Vec<Output>, NetworkError> {
    let mut outputs: Vec<Option<Output>> = vec![None; sequences.len()];
    let inputs = sequences.iter().enumerate();
    let mut inputs = inputs.map(|(key, &ids)| Input {
        key,
        ids,
        max_length,
    });
    decode_stream(
        network,
        settings,
        || inputs.next(),
        |key, output| outputs[key] = Some(output),
        || true,
    )?;
    Ok(outputs.into_iter().flatten().collect())
}

/// A hypothesis: tokens with the start token, and the score of the search.
#[derive(Clone, Debug)]
struct Scored {
    tokens: Vec<u32>,
    score: f32,
}

impl Scored {
    fn last(&self) -> u32 {
        self.tokens[self.tokens.len() - 1]
    }
}
