//! What may be names in texts, as JSON lines, for `scripts/train/names.py`: for each
//! `{"text"}` of standard input, a list of `[start, end, features]`, where start and end are
//! characters of the text, and features are slots in the table of weights.

use std::io::{BufWriter, Write, stdin, stdout};

use anyhow::Context;
use french::facts::{SentenceId, SourceSentence, name_candidates};
use french::text::{Normalized, sentences};
use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    for (number, line) in stdin().lines().enumerate() {
        let article: Value =
            serde_json::from_str(&line?).with_context(|| format!("line {}", number + 1))?;
        let text = article["text"]
            .as_str()
            .with_context(|| format!("line {}: no text", number + 1))?;
        // Where each sentence starts, its paragraph, and how facts are read from it.
        let mut parts = Vec::new();
        let mut start = 0;
        for (paragraph, line) in text.split('\n').enumerate() {
            for span in sentences(line) {
                let part = span.slice(line);
                parts.push((start + span.start, paragraph, Normalized::for_reading(part)));
            }
            start += line.len() + 1;
        }
        let readings: Vec<SourceSentence> = (parts.iter().enumerate())
            .map(|(id, (_, paragraph, reading))| SourceSentence {
                id: SentenceId(id),
                paragraph: *paragraph,
                text: reading.text(),
            })
            .collect();
        let characters = |end: usize| text[..end].chars().count();
        let found: Vec<Value> = name_candidates(&readings)
            .into_iter()
            .map(|(mention, features)| {
                let (start, _, reading) = &parts[mention.sentence.0];
                let span = reading.source_span(mention.range);
                json!([
                    characters(start + span.start),
                    characters(start + span.end),
                    features.slots()
                ])
            })
            .collect();
        writeln!(out, "{}", json!(found))?;
    }
    Ok(out.flush()?)
}
