//! Any bytes are a web archive, a feed or an export of Europresse, or give a reason. The first byte
//! chooses which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use precis::article::{Compression, Format};

#[path = "../read.rs"]
mod read;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let format = [Format::Warc, Format::Feed, Format::Html][*first as usize % 3];
    let compression = match first / 3 % 4 {
        1 => Compression::Gzip,
        2 => Compression::Zstd,
        _ => Compression::None,
    };
    read::all(format, compression, bytes);
});
