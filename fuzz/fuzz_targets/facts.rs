//! The facts of any text lie where their spans say.
#![no_main]

use french::facts::{self, Mention, SentenceId, SourceSentence};
use french::text::{Normalized, sentences};
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let readings: Vec<Normalized> = sentences(text)
        .into_iter()
        .map(|span| Normalized::for_reading(span.slice(text)))
        .collect();
    let read: Vec<SourceSentence> = readings
        .iter()
        .enumerate()
        .map(|(id, reading)| SourceSentence {
            id: SentenceId(id),
            paragraph: id / 3,
            text: reading.text(),
        })
        .collect();
    let facts = facts::read(&read, Some(date(2024, 2, 29)));
    let stands = |mention: &Mention| {
        let text = read[mention.sentence.0].text;
        assert!(text.get(mention.range.clone()).is_some());
    };
    for date in &facts.dates {
        stands(&date.mention);
    }
    for figure in &facts.figures {
        assert!(figure.value.is_finite());
        stands(&figure.mention);
    }
    for quote in &facts.quotes {
        assert!(quote.last_sentence >= quote.mention.sentence);
        stands(&quote.mention);
    }
    let people = facts.people.iter().flat_map(|name| &name.mentions);
    let organisations = facts.organisations.iter().flat_map(|name| &name.mentions);
    let places = facts.places.iter().flat_map(|name| &name.mentions);
    people.chain(organisations).chain(places).for_each(stands);
});
