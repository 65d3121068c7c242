//! From token ids to token ids: greedy and beam search with the semantics of Hugging Face's
//! `generate`. Does not know which language or task.

mod batch;
mod beam;
mod constraints;
mod greedy;

use candle_core::Result;

pub use batch::batches;

use crate::model::{EarlyStopping, GenerationConfig};
use crate::nn::{Decoding, Network};

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
    pub renormalize_logits: bool,
    /// Tokens that begin every output.
    pub start: u32,
    pub eos: u32,
    /// Never generated.
    pub pad: u32,
}

impl Settings {
    /// The settings that the model's authors chose.
    pub fn of_model(generation: &GenerationConfig, network: &Network) -> Self {
        let config = network.config();
        Self {
            num_beams: generation.num_beams.unwrap_or(4),
            length_penalty: generation.length_penalty,
            early_stopping: generation.early_stopping,
            no_repeat_ngram_size: generation.no_repeat_ngram_size,
            repetition_penalty: generation.repetition_penalty,
            bad_words_ids: generation.bad_words_ids.clone(),
            forced_bos_token_id: generation.forced_bos_token_id,
            forced_eos_token_id: generation.forced_eos_token_id,
            renormalize_logits: generation.renormalize_logits,
            start: config.decoder_start_token_id,
            eos: config.eos_token_id,
            pad: config.pad_token_id,
        }
    }
}

/// A sequence to decode.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
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
    /// Sentence vector of the input (see [`crate::nn::Encoded::sentence_vectors`]).
    pub vector: Vec<f32>,
}

/// Decodes a batch; outputs stand in the order of the inputs, and each is what its input alone
/// would give.
pub fn decode(network: &Network, inputs: &[Input<'_>], settings: &Settings) -> Result<Vec<Output>> {
    let sequences: Vec<&[u32]> = inputs.iter().map(|input| input.ids).collect();
    let encoded = network.encode(&sequences)?;
    let vectors = encoded.sentence_vectors()?;
    let decoding = Decoding::new(network, encoded)?;
    let limits: Vec<usize> = inputs.iter().map(|input| input.max_length).collect();
    let found = if settings.num_beams > 1 {
        beam::search(decoding, &limits, settings)?
    } else {
        greedy::search(decoding, &limits, settings)?
    };
    Ok(found
        .into_iter()
        .zip(vectors)
        .map(|(found, vector)| Output {
            ids: found.tokens[1..].to_vec(),
            score: found.score,
            vector,
        })
        .collect())
}

/// A hypothesis: tokens with the start token, and the score of the search.
#[derive(Clone, Debug)]
struct Scored {
    tokens: Vec<u32>,
    score: f32,
}
