//! The interface between a network and the search, independent of the device.

use super::{Cpu, Decoding, Network, Source};

/// A loaded network: encodes sequences, and makes decoders that work step by step.
pub trait Backend {
    /// An encoded sequence.
    type Source;
    /// The decoder, which borrows the network.
    type Decoder<'n>: Decoder<Source = Self::Source>
    where
        Self: 'n;

    /// How many tokens and hypotheses should be processed together if a sentence has `beams` hypotheses.
    fn limits(&self, beams: usize) -> Limits;

    /// The kernels for the search's work on logits, which is done on the CPU.
    fn cpu(&self) -> Cpu;

    /// Runs the encoder over sequences of token ids, each of 1 to `max_position_embeddings` tokens.
    /// Returns one source for each sequence, in their order.
    ///
    /// # Errors
    /// If the device fails.
    fn encode(&self, sequences: &[&[u32]]) -> Result<Vec<Self::Source>, NetworkError>;

    /// Returns a decoder without hypotheses. `common` are the tokens that every output may have, in
    /// ascending order; `None` allows the whole vocabulary. GPUs always do.
    fn decoder(&self, common: Option<&[u32]>) -> Self::Decoder<'_>;
}

/// A batch of hypotheses that grow by one token per step. Sentences can join and leave at any step.
pub trait Decoder {
    /// An encoded sequence.
    type Source;

    /// Appends an empty hypothesis for `source` to the batch. `own` are the tokens that its outputs may
    /// have besides the common ones, in ascending order.
    fn add(&mut self, source: Self::Source, own: Vec<u32>);

    /// Appends `tokens[i]` to hypothesis `i`, for all hypotheses of the batch. Then calls
    /// `logits(i, scores, listed)` for each hypothesis with the scores of its next token: of the tokens
    /// that are listed, or of the whole vocabulary.
    ///
    /// # Errors
    /// If the device fails.
    fn step(
        &mut self,
        tokens: &[u32],
        logits: impl FnMut(usize, &mut [f32], Option<Listed<'_>>),
    ) -> Result<(), NetworkError>;

    /// Replaces the batch by the hypotheses with the indices `parents`, in this order. An index may
    /// occur several times or not at all; a sentence without hypotheses leaves the batch. To be called
    /// after [`step`](Self::step) and before [`add`](Self::add).
    ///
    /// # Errors
    /// If the device fails.
    fn select(&mut self, parents: &[usize]) -> Result<(), NetworkError>;
}

/// The tokens that the outputs of a sentence may have. Their scores are in the same order.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// Those that every output may have, in ascending order.
    pub common: &'a [u32],
    /// Those of the sentence, in ascending order.
    pub own: &'a [u32],
}

impl Listed<'_> {
    /// The token of the score `index`.
    pub fn token(self, index: usize) -> u32 {
        match self.common.get(index) {
            Some(&token) => token,
            None => self.own[index - self.common.len()],
        }
    }

    /// Index of the score of `token`, or `None` if it is not listed.
    pub fn index(self, token: u32) -> Option<usize> {
        let own = || Some(self.common.len() + self.own.binary_search(&token).ok()?);
        self.common.binary_search(&token).ok().or_else(own)
    }
}

/// How much goes through a network at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Source tokens of the sentences that are decoded together. This bounds memory.
    pub running_tokens: usize,
    /// Hypotheses that are decoded together, unless a single sentence has more.
    pub running_rows: usize,
    /// Source tokens that are encoded together.
    pub encoded_tokens: usize,
}

/// A failure of the device that the network runs on. Never returned on the CPU.
#[derive(Debug, thiserror::Error)]
#[error("the GPU failed: {0}")]
pub struct NetworkError(Box<candle_core::Error>);

impl From<candle_core::Error> for NetworkError {
    fn from(error: candle_core::Error) -> Self {
        Self(Box::new(error))
    }
}

/// The CPU backend. It is infallible: the `Result`s exist for GPUs.
impl Backend for Network {
    type Source = Source;
    type Decoder<'n> = Decoding<'n>;

    /// Each step reads the keys and values of all running sentences and of their hypotheses. If those of
    /// several sentences fit into the caches of a core, the batch is kept small enough to stay there. If
    /// not, they come from memory anyway, and a large batch shares the cost of reading the weights.
    fn limits(&self, beams: usize) -> Limits {
        /// Assumed size of the caches in bytes.
        const CACHE: usize = 3 << 19;
        /// Source tokens of several sentences.
        const SMALLEST_BATCH: usize = 128;
        const LARGEST_BATCH: usize = 1024;
        let numbers = self.parts.decoder.iter().map(|layer| {
            // An output is about as long as its source, and halfway there on average.
            let history = beams * layer.self_attention.width;
            2 * layer.cross_attention.width + history
        });
        let cached = CACHE / (numbers.sum::<usize>() * self.storage.size());
        Limits {
            running_tokens: if cached < SMALLEST_BATCH {
                LARGEST_BATCH
            } else {
                cached.min(LARGEST_BATCH)
            },
            running_rows: 96,
            encoded_tokens: 512,
        }
    }

    fn cpu(&self) -> Cpu {
        self.cpu
    }

    fn encode(&self, sequences: &[&[u32]]) -> Result<Vec<Source>, NetworkError> {
        Ok(self.encode(sequences))
    }

    fn decoder(&self, common: Option<&[u32]>) -> Decoding<'_> {
        Decoding::new(self, common)
    }
}

impl Decoder for Decoding<'_> {
    type Source = Source;

    fn add(&mut self, source: Source, own: Vec<u32>) {
        self.add(source, own);
    }

    fn step(
        &mut self,
        tokens: &[u32],
        logits: impl FnMut(usize, &mut [f32], Option<Listed<'_>>),
    ) -> Result<(), NetworkError> {
        self.step(tokens, logits);
        Ok(())
    }

    fn select(&mut self, parents: &[usize]) -> Result<(), NetworkError> {
        self.select(parents);
        Ok(())
    }
}
