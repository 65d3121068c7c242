//! Any page gives an article or the reason why not. The first byte chooses the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use precis::article::{Compression, Format};

#[path = "../read.rs"]
mod read;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let format =
        [Format::Html, Format::Xhtml, Format::Markdown, Format::Plain][*first as usize % 4];
    read::all(format, Compression::None, bytes);
});
