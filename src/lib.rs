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

pub mod article;
pub mod cache;
pub mod cli;
mod fault;
pub mod job;
pub mod models;
pub mod output;
pub mod pipeline;
pub mod summarize;
pub mod translate;
