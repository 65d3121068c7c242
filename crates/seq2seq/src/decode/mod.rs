//! Greedy and beam search with the semantics of Hugging Face's `generate`.
//!
//! [`Model`] reads a model folder and turns text into text. [`decode`] and [`decode_stream`] work on
//! token ids with any [`Backend`].

mod beam;
mod constraints;
mod engine;
mod greedy;
mod model;
mod scores;
mod search;

use beam::Beam;
pub use engine::Engine;
use greedy::Greedy;
pub use model::{Error, Model};

use std::sync::Arc;

use crate::model::{EarlyStopping, GenerationConfig, ModelConfig, Shortlist};
use crate::nn::{Backend, NetworkError};

/// How to search. Names and meanings are those of Hugging Face's `GenerationConfig`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Beams of the search; 1 is greedy search.
    pub num_beams: usize,
    /// Exponent of the length by which a hypothesis's log-probability is divided.
    pub length_penalty: f32,
    /// When beam search stops.
    pub early_stopping: EarlyStopping,
    /// Length of the n-grams that may not occur twice in an output; 0 allows all.
    pub no_repeat_ngram_size: usize,
    /// Penalty of tokens that the output already has (Keskar et al. 2019); 1 is none.
    pub repetition_penalty: f32,
    /// Token sequences that may not occur in an output.
    pub bad_words_ids: Vec<Vec<u32>>,
    /// The token that has to follow the start token.
    pub forced_bos_token_id: Option<u32>,
    /// The token that has to end an output of the greatest length.
    pub forced_eos_token_id: Option<u32>,
    /// Shortest output in tokens, the start token included; the end token is not allowed before.
    pub min_length: usize,
    /// Whether scores are normalised again after the constraints have changed them.
    pub renormalize_logits: bool,
    /// The tokens that an output may have, given its source; `None` allows all.
    pub shortlist: Option<Arc<Shortlist>>,
    /// The token that begins every output.
    pub start: u32,
    /// The token that ends an output.
    pub eos: u32,
    /// The padding token, which is never generated.
    pub pad: u32,
}

impl Settings {
    /// The settings that the model's authors chose, without a shortlist. The default number of beams
    /// is 4.
    pub fn from_config(generation: &GenerationConfig, config: &ModelConfig) -> Self {
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
    /// Returns the tokens that the output of `source` may have, in ascending order, or `None` if there
    /// is no shortlist.
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
    /// Identifies the input to the caller.
    pub key: usize,
    /// Token ids of the source, at least one.
    pub ids: &'a [u32],
    /// Longest output in tokens, start and end tokens included (`max_length`).
    pub max_length: usize,
}

/// The result of decoding an [`Input`].
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Token ids without the start token. The last one is the end token unless the output reached
    /// `max_length`.
    pub ids: Vec<u32>,
    /// Log-probability divided by the length to the power of the length penalty (`sequences_scores`).
    pub score: f32,
}

/// Decodes a stream of inputs. `next` is called whenever there is space for another input, until it
/// returns `None`. `done` receives the key of each input with its output, in the order in which they are
/// completed. `keep_going` is called before every step; once it returns `false`, the function returns and
/// drops unfinished inputs.
///
/// Outputs do not depend on which inputs are decoded together: on the CPU they are bit-identical, on GPUs
/// identical up to rounding.
///
/// # Errors
/// If the device that the network runs on fails. Never on the CPU.
pub fn decode_stream<'i, B: Backend>(
    network: &B,
    settings: &Settings,
    next: impl FnMut() -> Option<Input<'i>>,
    done: impl FnMut(usize, Output),
    keep_going: impl Fn() -> bool,
) -> Result<(), NetworkError> {
    if settings.num_beams > 1 {
        search::search::<Beam, B>(network, settings, next, done, keep_going)
    } else {
        search::search::<Greedy, B>(network, settings, next, done, keep_going)
    }
}

/// Decodes sequences of token ids to outputs of at most `max_length` tokens. Returns one output for each
/// sequence, in their order.
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

/// A partial or complete output.
#[derive(Clone, Debug)]
struct Hypothesis {
    /// Starts with the start token.
    tokens: Vec<u32>,
    /// What it measures depends on the search.
    score: f32,
}

impl Hypothesis {
    fn last(&self) -> u32 {
        self.tokens[self.tokens.len() - 1]
    }
}
