//! The encoder–decoder network and its kernels, from token ids to logits.
//!
//! The network is described once, in `parts`. Two implementations compute it, both behind the trait
//! [`Backend`]: [`Network`] on the CPU with the kernels of this crate, and `tensor::Network` on GPUs with
//! candle's tensors, compiled only with the feature `cuda`.
//!
//! On the CPU the sequences of a batch are packed into rows, `[tokens, d_model]`, without padding. Each
//! query attends to the rows of its own sequence only, so no masks are needed, nothing is computed for
//! padding, and the numbers of a sequence do not depend on the rest of the batch. Nor do they depend on
//! the kernels: all vector extensions give the same bits.

mod attention;
mod backend;
mod cpu;
mod decoder;
mod device;
mod element;
mod history;
mod layers;
mod network;
mod parts;
mod product;
mod relative;
mod rows;
pub mod tensor;

pub use backend::{Backend, Decoder, Limits, Listed, NetworkError};
pub use cpu::Cpu;
pub use decoder::Decoding;
pub use device::{Device, Numeric};
pub use network::{Network, Source};
pub use product::{Linear, Scratch};
pub use rows::{BLOCK, block_maxima, log_sum_exp};
