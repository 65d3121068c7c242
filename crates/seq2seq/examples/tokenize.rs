//! Tokenizes texts, which are read as JSON strings, one on each line. Writes a JSON object for each line.
//! `scripts/check_tokenizer.py` compares the output with that of `transformers`.
//!
//! `tokenize FILE.spm` uses a SentencePiece model. `tokenize FOLDER [MODEL_TYPE [LANGUAGE]]` uses the
//! tokenizer of a model folder; the default `MODEL_TYPE` is `marian`.

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
