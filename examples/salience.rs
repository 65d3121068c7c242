//! What the choice of sentences is learnt from and judged by, as JSON lines: for each article of
//! `FILE.jsonl`, its sentences, those chosen first (the best first), and with `--features` all that
//! the choice is made by. Input of `scripts/train/salience.py` and `scripts/eval_salience.py`.
//!
//! `cargo run --release --example salience -- FILE.jsonl[.zst] [--features]`

use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;

use anyhow::Context;
use precis::article::{FieldNames, ReadOptions, find, read};
use precis::glossary::Glossary;
use precis::pipeline::{Limits, prepare};
use precis::summarize::salience::{SENTENCE, Salience, WORD, features};
use serde_json::json;

/// Sentences chosen of each article.
const CHOSEN: usize = 2;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let path = PathBuf::from(arguments.next().context("name a file of articles")?);
    let with_features = arguments
        .next()
        .is_some_and(|option| option == "--features");
    let options = ReadOptions {
        fields: FieldNames {
            text: Some("document".to_owned()),
            ..FieldNames::default()
        },
        ..ReadOptions::default()
    };
    let mut out = BufWriter::new(stdout().lock());
    if with_features {
        writeln!(out, "{}", json!({"word": WORD, "sentence": SENTENCE}))?;
    }
    for file in find(&[path], |_| false).files {
        for article in read(&file, &options).flatten() {
            let Ok(document) = prepare(&article, &Limits::default(), &Glossary::default()) else {
                continue;
            };
            let sentences = document.sentences.iter();
            let mut line = json!({
                "id": article.id,
                "sentences": sentences.map(|sentence| &sentence.source).collect::<Vec<_>>(),
                "chosen": Salience::new(&document).choose(CHOSEN, |_| true),
            });
            if with_features {
                let features = features(&document);
                let words = features.words.iter();
                let sentences = features.sentences.iter();
                line["words"] = words.map(|word| json!([word.text, word.values])).collect();
                line["features"] = sentences
                    .map(|sentence| json!([sentence.words, sentence.length, sentence.values]))
                    .collect();
            }
            writeln!(out, "{line}")?;
        }
    }
    Ok(out.flush()?)
}
