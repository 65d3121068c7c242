//! The sentences of any text hold all of its non-blank characters, in order.
#![no_main]

use french::text::{Normalized, for_network, sentences, split_long};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for span in sentences(text) {
        assert!(text[end..span.start].trim().is_empty());
        assert!(!span.slice(text).trim().is_empty());
        end = span.end;
        for_network(span.slice(text));
        Normalized::for_reading(span.slice(text));
    }
    assert!(text[end..].trim().is_empty());
    // No piece is empty when long sentences are cut.
    let parts = split_long(text, |part| part.len() <= 40);
    assert!(parts.iter().all(|part| !part.slice(text).is_empty()));
});
