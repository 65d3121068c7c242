//! The encoder–decoder network and its kernels, on candle tensors. Knows no text.
//!
//! Sequences of a batch lie one after the other in packed rows, `[tokens, d_model]`, with no
//! padding between them: each query row attends to the rows of its own sequence and to no other,
//! so there is nothing to mask, nothing is computed for padding, and a sequence's numbers do not
//! depend on its neighbours.

mod decoder;
mod kernels;
mod layers;
mod network;

pub use decoder::Decoding;
pub use kernels::{log_softmax, max};
pub use network::{Encoded, Network};

/// Arithmetic of the matrix products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numeric {
    /// 32-bit floating point: the reference.
    F32,
    /// 8-bit integers in blocks of 32 with a common scale (`Q8_0`), weights and activations.
    Int8,
}

impl Numeric {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }

    /// The arithmetic together with the kernels that this CPU runs it on. Results are the same on
    /// every run of one path; across paths they may differ in the last bits.
    pub fn path(self) -> String {
        format!("{}-{}", self.as_str(), kernels::level())
    }
}
