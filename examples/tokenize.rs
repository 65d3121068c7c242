//! The Rust side of `scripts/check_tokenizer.py`: reads texts as JSON strings, one a line, and
//! writes for each what the tokenizer makes of it, as a JSON object a line.
//!
//! `tokenize FILE.spm` works as a SentencePiece model, `tokenize FOLDER` as a Marian tokenizer.

use std::env;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use precis::tokenizer::{MarianTokenizer, SentencePiece};
use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    let path: PathBuf = env::args_os()
        .nth(1)
        .context("no .spm file or model folder given")?
        .into();
    let describe: Box<dyn Fn(&str) -> Value> = if path.is_dir() {
        let tokenizer = MarianTokenizer::load(&path)?;
        Box::new(move |text| {
            let ids = tokenizer.encode(text);
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
