//! The Rust side of `scripts/check_tokenizer.py`: reads texts as JSON strings, one a line, and
//! writes for each what the tokenizer makes of it, as a JSON object a line.
//!
//! `tokenize FILE.spm` works as a SentencePiece model, `tokenize FOLDER [MODEL_TYPE [LANGUAGE]]` as the
//! tokenizer of a model folder: of a Marian model, or of the `model_type` and source language given.

use std::env;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use seq2seq::model::Architecture;
use seq2seq::tokenizer::{SentencePiece, Tokenizer};
use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    let path: PathBuf = env::args_os()
        .nth(1)
        .context("no .spm file or model folder given")?
        .into();
    let describe: Box<dyn Fn(&str) -> Value> = if path.is_dir() {
        let model_type = env::args().nth(2).unwrap_or_else(|| "marian".to_owned());
        let architecture: Architecture = model_type.parse()?;
        let tokenizer = Tokenizer::load(&path, architecture.tokenizer())?;
        let language = env::args().nth(3);
        let language = language
            .map(|code| tokenizer.language(&code).context("no such language"))
            .transpose()?;
        Box::new(move |text| {
            let ids = tokenizer.encode(text, language);
            json!({ "decoded": tokenizer.decode(&ids), "ids": ids })
        })
    } else {
        let model = SentencePiece::load(&path)?;
        Box::new(move |text| {
            let encoding = model.encode(text);
            let ids: Vec<u32> = encoding.ids().collect();
            let pieces: Vec<&str> = encoding.pieces().map(|piece| piece.text).collect();
            json!({
                "normalized": encoding.normalized(),
                "pieces": pieces,
                "decoded_pieces": model.decode_pieces(pieces.iter().copied()),
                "decoded": model.decode(&ids),
                "ids": ids,
            })
        })
    };
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?).context("a line is not a JSON string")?;
        writeln!(out, "{}", describe(&text))?;
    }
    Ok(out.flush()?)
}
