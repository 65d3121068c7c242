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
mod settings;

use beam::Beam;
pub use engine::Engine;
use greedy::Greedy;
pub use model::{Error, Model};
pub use settings::Settings;

use crate::nn::{Backend, NetworkError};

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

/// A result of decoding an [`Input`].
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Token ids without the start token. The last one is the end token unless the output reached
    /// `max_length`.
    pub ids: Vec<u32>,
    /// Log-probability divided by the length to the power of the length penalty (`sequences_scores`).
    pub score: f32,
    /// How sure the network was of its tokens.
    pub certainty: Certainty,
}

/// How sure a network was of the tokens of an output.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Certainty {
    /// Log-probability of the token that it was least sure of, at most 0.
    pub least: f32,
    /// Number of tokens that it thought less likely than [`Self::DOUBTFUL`].
    pub doubtful: u32,
}

impl Certainty {
    /// Log-probability below which a token is doubtful: that of one in five.
    pub const DOUBTFUL: f32 = -1.609_438;

    fn and(self, score: f32) -> Self {
        Self {
            least: self.least.min(score),
            doubtful: self.doubtful + u32::from(score < Self::DOUBTFUL),
        }
    }
}

/// Decodes a stream of inputs. `next` is called whenever there is space for another input, until it
/// returns `None`. `done` receives the key of each input with its outputs, in the order in which they are
/// completed: at most [`Settings::num_beams`], the best first, at least one. `keep_going` is called before every step; once it returns `false`, the function returns and
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
    done: impl FnMut(usize, Vec<Output>),
    keep_going: impl Fn() -> bool,
) -> Result<(), NetworkError> {
    if settings.num_beams > 1 {
        search::search::<Beam, B>(network, settings, next, done, keep_going)
    } else {
        search::search::<Greedy, B>(network, settings, next, done, keep_going)
    }
}

/// Decodes sequences of token ids to outputs of at most `max_length` tokens. Returns the best output for
/// each sequence, in their order.
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
        |key, found| outputs[key] = found.into_iter().next(),
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
    certainty: Certainty,
}

impl Hypothesis {
    fn last(&self) -> u32 {
        self.tokens[self.tokens.len() - 1]
    }
}
