//! A `.spm` file is refused, or is a tokenizer that accepts any text and any of its own ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seq2seq::tokenizer::SentencePiece;

const TEXTS: [&str; 4] = [
    "L’été, à Nîmes : « 1 200 élèves »… ﬁn\u{301}\u{200b}漢\u{10ffff} ▁x",
    "aaaaaaaaaaaaaaaa",
    "  ",
    "",
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = SentencePiece::from_bytes(bytes) else {
        return;
    };
    for text in TEXTS {
        let ids: Vec<u32> = model.encode(text).ids().collect();
        assert!(ids.iter().all(|&id| (id as usize) < model.vocab_size()));
        model.decode(&ids);
    }
});
