//! Facts of articles as JSON lines: `{"text", "date"}` in, dates, figures, names and quotations
//! out. What `scripts/eval_facts.py` scores.

use std::io::{BufRead, Write, stdin, stdout};

use anyhow::Context;
use precis::summarize::facts::{self, Mention, SourceSentence};
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
        let reading = reading_form(text);
        let parts = sentences(&reading);
        let sentences: Vec<SourceSentence> = parts
            .iter()
            .enumerate()
            .map(|(id, (paragraph, text))| SourceSentence {
                id,
                paragraph: *paragraph,
                heading: false,
                text,
            })
            .collect();
        let facts = facts::read(&sentences, date);
        let slice =
            |(sentence, range): &Mention| sentences[*sentence].text[range.clone()].to_owned();
        let mentions = |mentions: &[Mention]| mentions.iter().map(slice).collect::<Vec<_>>();
        let value = json!({
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

/// One apostrophe, one space.
fn reading_form(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '’' | 'ʼ' => '\'',
            '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
            c => c,
        })
        .collect()
}

/// Splits at line breaks and where a full stop, a space and a capital meet: enough to measure
/// facts with, not a segmenter.
fn sentences(text: &str) -> Vec<(usize, &str)> {
    const ABBREVIATIONS: [&str; 7] = ["M", "MM", "Dr", "Pr", "Me", "St", "av"];
    let mut parts = Vec::new();
    for (paragraph, line) in text.lines().enumerate() {
        let mut start = 0;
        for (at, mark) in line
            .char_indices()
            .filter(|(_, c)| matches!(c, '.' | '!' | '?'))
        {
            let after = &line[at + 1..];
            let next = after.trim_start_matches(['"', '»', ' ']);
            let gap = after.len() - next.len();
            let word = line[start..at]
                .rsplit([' ', '\'', '.', '-'])
                .next()
                .unwrap_or_default();
            let short = mark == '.' && (ABBREVIATIONS.contains(&word) || word.chars().count() == 1);
            if gap > 0
                && !short
                && next.starts_with(|c: char| c.is_uppercase() || matches!(c, '"' | '«'))
            {
                // Closing marks stay with the sentence before them.
                let close = after.find(' ').filter(|space| *space <= gap).unwrap_or(0);
                let french = after.strip_prefix(" »").map_or(close, |_| " »".len());
                let end = at + 1 + french;
                parts.push((paragraph, line[start..end].trim()));
                start = end;
            }
        }
        parts.push((paragraph, line[start..].trim()));
    }
    parts.retain(|(_, part)| !part.is_empty());
    parts
}
