//! The package against the implementations that it has to agree with.

/// Tiny checkpoints of every family, with reference outputs.
mod fixture;

/// Networks of every family on the CPU.
mod families;
/// Tokenizers of every family.
mod family_tokenizers;
/// Trained and converted Marian models.
mod parity;
/// Networks of every family on candle's tensors.
mod tensor;
/// SentencePiece.
mod tokenizer;
