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

// The package under test, and where its annotations are.
use french::edtf::Edtf;
use french::facts::{self, Qualifier};
use french::text;
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/gold");
