//! Any bytes are a table with articles or give a reason. The first byte chooses the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use precis::article::{Compression, Format};

#[path = "../read.rs"]
mod read;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let format = [Format::Csv, Format::Tsv][*first as usize % 2];
    read::all(format, Compression::None, bytes);
});
