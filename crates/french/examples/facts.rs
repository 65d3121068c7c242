//! Prints what is read from articles: JSON Lines of `{"text", "date"}` from standard input, one
//! paragraph a line of the text.
//!
//! ```text
//! cargo run -p french --example facts < articles.jsonl
//! cargo run --release -p french --example facts -- --repeat 20 < articles.jsonl    # to time it
//! ```

use std::io::stdin;

use anyhow::{Context, bail};
use french::facts::{self, Facts, SentenceId, SourceSentence};
use french::text::{Normalized, sentences};
use jiff::civil::Date;
use serde_json::Value;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let repeat: Option<usize> = match &arguments[..] {
        [] => None,
        [option, count] if option == "--repeat" => Some(count.parse()?),
        _ => bail!("usage: facts [--repeat N] < articles.jsonl"),
    };
    let mut articles = Vec::new();
    for (number, line) in stdin().lines().enumerate() {
        let article: Value =
            serde_json::from_str(&line?).with_context(|| format!("line {}", number + 1))?;
        let text = article["text"].as_str();
        let text = text.with_context(|| format!("line {}: no text", number + 1))?;
        let date = article["date"].as_str().and_then(|date| date.get(..10));
        let date = date.and_then(|date| date.parse::<Date>().ok());
        articles.push((reading(text), date));
    }
    if let Some(count) = repeat {
        let start = std::time::Instant::now();
        for _ in 0..count {
            for (sentences, date) in &articles {
                std::hint::black_box(facts::read(&source(sentences), *date));
            }
        }
        let reads = count * articles.len();
        println!(
            "{:.1} µs an article",
            start.elapsed().as_secs_f64() * 1e6 / reads as f64
        );
        return Ok(());
    }
    for (sentences, date) in &articles {
        let source = source(sentences);
        print(&source, &facts::read(&source, *date));
    }
    Ok(())
}

/// The sentences in their reading form, each with the index of its paragraph.
fn reading(text: &str) -> Vec<(usize, Normalized)> {
    let mut all = Vec::new();
    for (paragraph, line) in text.lines().enumerate() {
        let spans = sentences(line).into_iter();
        all.extend(spans.map(|span| (paragraph, Normalized::for_reading(span.slice(line)))));
    }
    all
}

fn source(sentences: &[(usize, Normalized)]) -> Vec<SourceSentence<'_>> {
    let sentences = sentences.iter().enumerate();
    sentences
        .map(|(id, (paragraph, reading))| SourceSentence {
            id: SentenceId(id),
            paragraph: *paragraph,
            text: reading.text(),
        })
        .collect()
}

fn print(sentences: &[SourceSentence], facts: &Facts) {
    for sentence in sentences {
        println!("{:3} {}", sentence.id, sentence.text);
    }
    for date in &facts.dates {
        let edtf = date.edtf.map_or("?".to_owned(), |edtf| edtf.to_string());
        let time = date.time.as_deref().unwrap_or_default();
        println!("date    {} = {edtf} {time}", date.mention.slice(sentences));
    }
    for figure in &facts.figures {
        let unit = figure.unit.as_ref().map_or("", |unit| unit.as_str());
        println!(
            "figure  {} = {} {unit} {:?} {}",
            figure.mention.slice(sentences),
            figure.value,
            figure.qualifier,
            figure.counted.as_deref().unwrap_or_default()
        );
    }
    for person in &facts.people {
        let role = person.role.as_deref().unwrap_or_default();
        println!("person  {} = {}: {role}", person.source_name, person.name);
    }
    for found in &facts.organisations {
        println!("org     {} = {}", found.source_name, found.name);
    }
    for place in &facts.places {
        println!("place   {} = {}", place.source_name, place.name);
    }
    for quote in &facts.quotes {
        let speaker = quote.speaker.as_deref().unwrap_or("?");
        println!("quote   {speaker}: {}", quote.text);
    }
    println!();
}
