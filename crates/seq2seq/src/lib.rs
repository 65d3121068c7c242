//! Encoder–decoder transformers from folders of the Hugging Face hub: translation and summarisation with
//! the same bits on every processor.
//!
//! ```
//! use seq2seq::Model;
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/fr-en-tiny");
//! let model = Model::load(folder)?;
//! let english = model.generate(&["Le train est parti hier soir."])?;
//! assert_eq!(english, ["The train left last night."]);
//! # Ok::<(), seq2seq::Error>(())
//! ```
//!
//! [`Model`] is the short way. Its parts, for batches across threads, caches and GPUs:
//!
//! - [`model`] opens a folder: configuration, weights, digest.
//! - [`tokenizer`] turns text into token ids and back.
//! - [`nn`] computes the network, on processors or on GPUs.
//! - [`decode`] searches for the best output, over a stream of sentences.
//!
//! An output depends on its own input only: not on the rest of the batch, the number of threads or the
//! vector instructions of the processor. This makes outputs cacheable and runs comparable.

#![warn(missing_docs)]

pub mod decode;
pub mod model;
pub mod nn;
pub mod tokenizer;

pub use decode::{Error, Model};
