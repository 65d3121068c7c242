//! Compares what the package reads from annotated French news with the annotations. The test
//! `gold` and the example `gold` share it.

pub(crate) mod annotation;
pub(crate) mod case;
pub(crate) mod check;
mod compare;
pub(crate) mod measure;
mod reading;
mod same;
pub(crate) mod score;
pub(crate) mod table;
mod words;

use std::path::{Path, PathBuf};

// The package under test.
use french::edtf::Edtf;
use french::facts::{self, Qualifier};
use french::text;

/// Where the annotations are.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/gold");

/// The files of annotated articles.
pub(crate) const ARTICLES: [&str; 3] = ["articles", "written", HELD_OUT];

/// The articles that no rule may be made from: only their scores are looked at.
pub(crate) const HELD_OUT: &str = "held";

/// The path of a file of annotated articles.
pub(crate) fn path(articles: &str) -> PathBuf {
    Path::new(FOLDER).join(articles).with_extension("jsonl")
}
