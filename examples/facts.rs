//! Facts of articles as JSON lines: `{"text", "date"}` in, dates, figures, names and quotations
//! out. What `scripts/eval_facts.py` scores.

use std::io::{BufRead, Write, stdin, stdout};

use anyhow::Context;
use precis::summarize::facts::{self, Mention, SourceSentence};
use precis::text::Normalized;
use serde_json::{Value, json};

fn main() -> anyhow::Result<()> {
    let mut out = stdout().lock();
    for (number, line) in stdin().lock().lines().enumerate() {
        let line = line?;
        let article: Value =
            serde_json::from_str(&line).with_context(|| format!("line {}", number + 1))?;
        let text = article["text"]
            .as_str()
            .with_context(|| format!("line {}: no text", number + 1))?;
        let date = article["date"]
            .as_str()
            .and_then(|date| date.get(..10)?.parse().ok());
        let parts = sentences(text);
        let sentences: Vec<SourceSentence> = parts
            .iter()
            .enumerate()
            .map(|(id, (paragraph, text))| SourceSentence {
                id,
                paragraph: *paragraph,
                text,
            })
            .collect();
        let facts = facts::read(&sentences, date);
        let slice =
            |(sentence, range): &Mention| sentences[*sentence].text[range.clone()].to_owned();
        let mentions = |mentions: &[Mention]| mentions.iter().map(slice).collect::<Vec<_>>();
        let value = json!({
            "sentences": sentences.iter().map(|sentence| sentence.text).collect::<Vec<_>>(),
            "dates": facts.dates.iter().map(|date| json!({
                "as_written": slice(&(date.sentence, date.range.clone())),
                "iso": date.edtf,
            })).collect::<Vec<_>>(),
            "figures": facts.figures.iter().map(|figure| json!({
                "as_written": slice(&(figure.sentence, figure.range.clone())),
                "value": figure.value,
                "unit": figure.unit,
                "qualifier": figure.qualifier,
                "counted": figure.counted,
            })).collect::<Vec<_>>(),
            "people": facts.people.iter().map(|person| json!({
                "fr": person.source_name,
                "en": person.name,
                "role": person.role,
                "mentions": mentions(&person.mentions),
            })).collect::<Vec<_>>(),
            "organisations": facts.organisations.iter().map(|organisation| json!({
                "fr": organisation.source_name,
                "en": organisation.name,
                "role": organisation.description,
                "mentions": mentions(&organisation.mentions),
            })).collect::<Vec<_>>(),
            "places": facts.places.iter().map(|place| json!({
                "fr": place.source_name,
                "en": place.name,
                "kind": place.kind,
                "mentions": mentions(&place.mentions),
            })).collect::<Vec<_>>(),
            "quotes": facts.quotes.iter().map(|quote| json!({
                "text_fr": quote.text,
                "speaker_fr": quote.speaker,
            })).collect::<Vec<_>>(),
        });
        writeln!(out, "{value}")?;
    }
    Ok(())
}

/// The sentences of each line, with the line's number, in their reading form.
fn sentences(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(number, line)| {
            let spans = precis::text::sentences(line);
            spans.into_iter().map(move |span| {
                let reading = Normalized::for_reading(span.slice(line));
                (number, reading.text().to_owned())
            })
        })
        .collect()
}
