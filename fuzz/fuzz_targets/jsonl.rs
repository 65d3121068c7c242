//! Every row of a collection gives an article or the reason why not. The first byte chooses the
//! compression, and whether a row is a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use precis::article::{Compression, Format};

#[path = "../read.rs"]
mod read;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let compression = match first % 4 {
        1 => Compression::Gzip,
        2 => Compression::Zstd,
        _ => Compression::None,
    };
    let format = [Format::JsonLines, Format::Json][*first as usize / 4 % 2];
    read::all(format, compression, bytes);
});
