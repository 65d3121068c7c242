//! Any bytes are a table of Parquet with articles or give a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use precis::article::{Compression, Format};

#[path = "../read.rs"]
mod read;

fuzz_target!(|bytes: &[u8]| read::all(Format::Parquet, Compression::None, bytes));
