//! Any bytes are a table of Parquet with articles or give a reason.
#![no_main]

use std::panic;
use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use precis::article::{Compression, Format, is_contained};

#[path = "../read.rs"]
mod read;

/// The fuzzer ends at any panic, those that are caught included.
fn pass_over_contained_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !is_contained() {
                hook(panic);
            }
        }));
    });
}

fuzz_target!(|bytes: &[u8]| {
    pass_over_contained_panics();
    read::all(Format::Parquet, Compression::None, bytes);
});
