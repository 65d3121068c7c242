//! Causal language models from GGUF files, with output bound by a grammar.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use causal::Model;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("tiny.gguf");
//! # causal::tiny::write(&path, causal::Architecture::Qwen2)?;
//! let model = Model::open(&path)?;
//! let prompt = model.prompt("Answer in one word.", "What colour is the sky?");
//! let schema = serde_json::json!({ "enum": ["blue", "grey"] });
//! let answer = model.answer(&prompt, &schema, 64, &AtomicBool::new(false))?;
//! assert!(["\"blue\"", "\"grey\""].contains(&answer.text.as_str()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The networks are those of candle-transformers, as far as they compute what the models were trained
//! for: [`Architecture`] lists these, and [`ModelError`] says what is wrong with others. An answer is
//! the one that a model thinks most likely, token by token, among those that a JSON Schema allows. It
//! depends on the file, the prompt, the schema and the [`kernels`] of the processor, and on nothing
//! else: not on the number of threads, nor on what was answered before.
//!
//! Each answer is computed on one thread, as long as the environment has `CANDLE_NUM_THREADS=1` before
//! the first one. Otherwise candle computes each with all processors, one answer after the other.

#![warn(missing_docs)]

mod answer;
mod file;
mod model;
mod network;
mod template;
pub mod tiny;
mod tokens;

pub use answer::{Answer, AnswerError, End};
pub use file::{Architecture, ModelError};
pub use model::Model;
pub use network::kernels;
