//! Translates a corpus of French articles to English with local transformer models and writes one
//! structured summary per article, every statement traced to the sentence it comes from.
//!
//! Data flows one way, and the modules say so:
//!
//! ```text
//! corpus/ ──▶ article ──▶ text ──▶ translate ──▶ summarize ──▶ output ──▶ out/
//!                                     │  ▲            │
//!                        model, tokenizer, nn, decode │
//!                                     └──── cache ────┘        job drives all of it
//! ```

// Checks that the tests of every implementation share name the crate as tests from outside do.
#[cfg(test)]
extern crate self as precis;

pub mod article;
pub mod cache;
pub mod cli;
pub mod decode;
mod fault;
pub mod job;
pub mod model;
pub mod nn;
pub mod output;
pub mod summarize;
pub mod text;
pub mod tokenizer;
pub mod translate;
