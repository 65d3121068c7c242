//! The encoder–decoder network and its kernels. Knows no text.
//!
//! There is one network, described in `parts`, and two implementations of what a search needs of it
//! ([`Backend`]): [`Network`], on kernels of our own for processors, and `tensor`, on candle's
//! tensors for GPUs, which is built with the feature `cuda` alone.
//!
//! On processors the sequences of a batch lie one after the other in packed rows,
//! `[tokens, d_model]`, with no padding between them: each query row attends to the rows of its own
//! sequence and to no other, so there is nothing to mask, nothing is computed for padding, and a
//! sequence's numbers do not depend on its neighbours. Nor do they depend on the kernels: every
//! vector extension gives the same, bit for bit.

mod attention;
mod backend;
mod cpu;
mod decoder;
mod device;
mod layers;
mod network;
mod parts;
mod product;
mod relative;
mod rows;
#[cfg(any(feature = "cuda", test))]
pub mod tensor;

pub use backend::{Backend, Decoder, Limits, NetworkError};
pub use cpu::Cpu;
pub use decoder::Decoding;
pub use device::{Device, Numeric};
pub use network::{Network, Source};
pub use product::{Linear, Scratch};
pub use rows::{BLOCK, block_maxima, log_sum_exp};
