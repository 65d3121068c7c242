//! The facts of any text lie where their spans say.
#![no_main]

use std::ops::Range;

use french::facts::{self, SourceSentence};
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
            id,
            paragraph: id / 3,
            text: reading.text(),
        })
        .collect();
    let facts = facts::read(&read, Some(date(2024, 2, 29)));
    let stands = |sentence: usize, range: &Range<usize>| {
        assert!(read[sentence].text.get(range.clone()).is_some());
    };
    for date in &facts.dates {
        stands(date.sentence, &date.range);
    }
    for figure in &facts.figures {
        assert!(figure.value.is_finite());
        stands(figure.sentence, &figure.range);
    }
    for quote in &facts.quotes {
        assert!(quote.last_sentence >= quote.sentence);
        stands(quote.sentence, &quote.range);
    }
    let people = facts.people.iter().flat_map(|name| &name.mentions);
    let organisations = facts.organisations.iter().flat_map(|name| &name.mentions);
    let places = facts.places.iter().flat_map(|name| &name.mentions);
    for (sentence, range) in people.chain(organisations).chain(places) {
        stands(*sentence, range);
    }
});
