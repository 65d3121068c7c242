//! Translates French articles to English with local transformer models and writes one structured summary
//! per article, every statement traced to the sentence it comes from.
//!
//! ```
//! use std::path::Path;
//! use std::sync::atomic::AtomicBool;
//!
//! use precis::article::{self, ReadOptions};
//! use precis::pipeline::Pipeline;
//! use precis::translate::{Options, Translator};
//! use seq2seq::model::ModelFolder;
//!
//! # std::env::set_current_dir(env!("CARGO_MANIFEST_DIR"))?;
//! let folder = ModelFolder::open(Path::new("models/fr-en-tiny"))?;
//! let pipeline = Pipeline::new(Translator::load(&folder, &Options::default())?);
//! let stop = AtomicBool::new(false);
//! for file in article::find(&["corpus/belarus.txt".into()], |_| false).files {
//!     for article in article::read(&file, &ReadOptions::default()) {
//!         let summary = pipeline.summarize(&article?, &stop)?;
//!         println!("{}\n{}", summary.headline, summary.abstract_.text);
//!         # assert_eq!(summary.figures[0].value, 52.0);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Data flows one way, and the modules say so:
//!
//! ```text
//! corpus/ ──▶ article ──▶ prepare ──▶ translate ──▶ compose ──▶ output ──▶ out/
//!                         └────────── pipeline ───────────┘
//!                                       cache                   job drives all of it
//! ```
//!
//! - [`article`] finds files and reads them.
//! - [`pipeline`] takes an article to its summary; [`translate`] and [`summarize`] are its steps, [`cache`]
//!   keeps translations.
//! - [`glossary`] reads names and words whose English is given, [`memory`] sentences that people have
//!   translated.
//! - [`output`] writes a summary as JSON, Markdown and a page for a browser.
//! - [`archive`] reads the summaries of an output folder, and finds what holds across them.
//! - [`export`] writes them as tables, for databases, spreadsheets and data frames.
//! - [`job`] runs over a corpus, night after night.
//! - [`worker`] answers records one by one, for engines of many machines.
//!
//! What a French text states is read by the package [`french`], networks are run by [`seq2seq`], language
//! models by [`causal`].

pub mod archive;
pub mod article;
pub mod cache;
#[doc(hidden)]
pub mod cli;
pub mod export;
mod fault;
pub mod glossary;
pub mod job;
mod lexicon;
pub mod memory;
pub mod models;
pub mod output;
pub mod pipeline;
pub mod summarize;
pub mod translate;
pub mod worker;

/// Name and version of the tool, as outputs state it.
pub const TOOL: &str = concat!("precis ", env!("CARGO_PKG_VERSION"));

/// `value` with three decimals, as outputs state shares, scores and seconds.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
