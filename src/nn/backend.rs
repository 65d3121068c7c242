//! What a search needs of a network, whatever the network runs on.

use super::{Cpu, Decoding, Network, Source};

/// A network that encodes sequences and decodes them step by step.
pub trait Backend {
    /// A sequence that has been through the encoder.
    type Source;
    type Decoder<'n>: Decoder<Source = Self::Source>
    where
        Self: 'n;

    /// How much it works on at the same time.
    fn limits(&self) -> Limits;

    /// Kernels for the work on logits, which is done on the processor.
    fn cpu(&self) -> Cpu;

    /// Runs the encoder over sequences of token ids, each not empty and at most
    /// `max_position_embeddings` long; the result stands in their order.
    ///
    /// # Errors
    /// If the device fails.
    fn encode(&self, sequences: &[&[u32]]) -> Result<Vec<Self::Source>, NetworkError>;

    /// A decoder without hypotheses.
    fn decoder(&self) -> Self::Decoder<'_>;
}

/// Hypotheses that grow by one token per step; sentences join and leave as they like.
pub trait Decoder {
    type Source;

    /// Adds one empty hypothesis for `source`, behind the others. `shortlist`: the tokens, in
    /// ascending order, that its outputs may have; processors alone know it.
    fn add(&mut self, source: Self::Source, shortlist: Option<Vec<u32>>);

    /// Appends `tokens[i]` to hypothesis `i` and gives `logits` the index of each hypothesis with
    /// the scores of its next token: as many as the vocabulary has, or as the list of tokens that
    /// comes with them.
    ///
    /// # Errors
    /// If the device fails.
    fn step(
        &mut self,
        tokens: &[u32],
        logits: impl FnMut(usize, &mut [f32], Option<&[u32]>),
    ) -> Result<(), NetworkError>;

    /// Keeps, in this order, continuations of the hypotheses `parents`; one may be continued more
    /// than once, or not at all. To be called after a step and before anything is added.
    ///
    /// # Errors
    /// If the device fails.
    fn select(&mut self, parents: &[usize]) -> Result<(), NetworkError>;
}

/// How much goes through a network at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Source tokens of the sentences that are decoded together: what bounds memory.
    pub running_tokens: usize,
    /// Hypotheses that are decoded together, unless one sentence alone has more.
    pub running_rows: usize,
    /// Source tokens that go through the encoder together.
    pub encoded_tokens: usize,
}

/// The device on which the network runs has failed.
#[derive(Debug, thiserror::Error)]
#[error("the GPU failed: {0}")]
pub struct NetworkError(Box<candle_core::Error>);

impl From<candle_core::Error> for NetworkError {
    fn from(error: candle_core::Error) -> Self {
        Self(Box::new(error))
    }
}

/// Processors do not fail.
impl Backend for Network {
    type Source = Source;
    type Decoder<'n> = Decoding<'n>;

    /// Each step reads the keys and values of all sentences that run. Where those of several fit into a
    /// core's own cache, more sentences only push each other out; where they do not, they come from further
    /// away whatever their number, and more sentences share the reading of the weights.
    fn limits(&self) -> Limits {
        const CACHE: usize = 1 << 20;
        const SEVERAL: usize = 128;
        const MOST: usize = 1024;
        let layers = self.parts.decoder.iter();
        let token = layers.map(|layer| 2 * layer.cross_attention.width * size_of::<f32>());
        let cached = CACHE / token.sum::<usize>();
        Limits {
            running_tokens: if cached < SEVERAL {
                MOST
            } else {
                cached.min(MOST)
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

    fn decoder(&self) -> Decoding<'_> {
        Decoding::new(self)
    }
}

impl Decoder for Decoding<'_> {
    type Source = Source;

    fn add(&mut self, source: Source, shortlist: Option<Vec<u32>>) {
        self.add(source, shortlist);
    }

    fn step(
        &mut self,
        tokens: &[u32],
        logits: impl FnMut(usize, &mut [f32], Option<&[u32]>),
    ) -> Result<(), NetworkError> {
        self.step(tokens, logits);
        Ok(())
    }

    fn select(&mut self, parents: &[usize]) -> Result<(), NetworkError> {
        self.select(parents);
        Ok(())
    }
}
