//! The encoder–decoder network and its kernels. Knows no text.
//!
//! Sequences of a batch lie one after the other in packed rows, `[tokens, d_model]`, with no
//! padding between them: each query row attends to the rows of its own sequence and to no other,
//! so there is nothing to mask, nothing is computed for padding, and a sequence's numbers do not
//! depend on its neighbours. Nor do they depend on the kernels: every vector extension gives the
//! same, bit for bit.

mod attention;
mod cpu;
mod decoder;
mod layers;
mod network;
mod parts;
mod product;
mod rows;

pub use cpu::Cpu;
pub use decoder::Decoding;
pub use network::{Network, Source};
pub use product::{Linear, Scratch};
pub use rows::{BLOCK, block_maxima, log_sum_exp};

/// Arithmetic of the matrix products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numeric {
    /// 32-bit floating point: the reference.
    F32,
    /// 8-bit integers, weights with one scale for each output, activations with one for each row.
    Int8,
}

impl Numeric {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}
