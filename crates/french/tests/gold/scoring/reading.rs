//! What the package reads from a text, with every place in the text replaced by the words there.

use super::facts::{self, Mention, SentenceId, SourceSentence};
use super::text::{self, Normalized};
use super::{Edtf, Qualifier};

#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) sentences: Vec<String>,
    pub(crate) dates: Vec<Date>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) people: Vec<Name>,
    pub(crate) places: Vec<Name>,
    pub(crate) organisations: Vec<Name>,
    pub(crate) quotes: Vec<Quote>,
}

#[derive(Debug)]
pub(crate) struct Date {
    pub(crate) as_written: String,
    pub(crate) edtf: Option<Edtf>,
    /// `HH:MM`
    pub(crate) time: Option<String>,
    pub(crate) rule: &'static str,
}

#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) as_written: String,
    pub(crate) value: f64,
    pub(crate) unit: Option<String>,
    pub(crate) qualifier: Option<&'static str>,
    /// The noun phrase counted.
    pub(crate) counted: Option<String>,
    pub(crate) rule: &'static str,
}

#[derive(Debug)]
pub(crate) struct Name {
    /// The longest form in the text.
    pub(crate) french: String,
    pub(crate) english: String,
    /// Of a person.
    pub(crate) role: Option<String>,
    pub(crate) role_rule: Option<&'static str>,
    pub(crate) rule: &'static str,
    pub(crate) mentions: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Quote {
    pub(crate) text: String,
    pub(crate) speaker: Option<String>,
    /// How the text describes the speaker.
    pub(crate) description: Option<String>,
    pub(crate) rule: &'static str,
}

impl Reading {
    /// `published`: `YYYY-MM-DD`, with or without a time after it.
    pub(crate) fn of<'a>(
        paragraphs: impl IntoIterator<Item = &'a str>,
        published: Option<&str>,
    ) -> Self {
        let parts = sentences(paragraphs);
        let sentences: Vec<SourceSentence> = parts
            .iter()
            .enumerate()
            .map(|(id, (paragraph, text))| SourceSentence {
                id: SentenceId(id),
                paragraph: *paragraph,
                text,
            })
            .collect();
        let published = published.and_then(|date| date.get(..10)?.parse().ok());
        let facts = facts::read(&sentences, published);

        let slice = |mention: &Mention| mention.slice(&sentences).to_owned();
        let name = |french: &str, english: &str, rule, mentions: &[Mention]| Name {
            french: french.to_owned(),
            english: english.to_owned(),
            role: None,
            role_rule: None,
            rule,
            mentions: mentions.iter().map(slice).collect(),
        };
        let dates = facts.dates.iter().map(|date| Date {
            as_written: slice(&date.mention),
            edtf: date.edtf,
            time: date.time.clone(),
            rule: date.rule,
        });
        let figures = facts.figures.iter().map(|figure| Figure {
            as_written: slice(&figure.mention),
            value: figure.value,
            unit: figure.unit.as_ref().map(ToString::to_string),
            qualifier: figure.qualifier.map(words_of),
            counted: figure.counted.clone(),
            rule: figure.rule,
        });
        let people = facts.people.iter();
        let places = facts.places.iter();
        let organisations = facts.organisations.iter();
        let quotes = facts.quotes.iter().map(|quote| Quote {
            text: quote.text.clone(),
            speaker: quote.speaker.clone(),
            description: quote.description.clone(),
            rule: quote.rule,
        });
        Self {
            dates: dates.collect(),
            figures: figures.collect(),
            people: people
                .map(|it| Name {
                    role: it.role.clone(),
                    role_rule: it.role_rule,
                    ..name(&it.source_name, &it.name, it.rule, &it.mentions)
                })
                .collect(),
            places: places
                .map(|it| name(&it.source_name, &it.name, it.rule, &it.mentions))
                .collect(),
            organisations: organisations
                .map(|it| name(&it.source_name, &it.name, it.rule, &it.mentions))
                .collect(),
            quotes: quotes.collect(),
            sentences: parts.into_iter().map(|(_, text)| text).collect(),
        }
    }
}

/// The sentences in their reading form, each with the index of its paragraph.
fn sentences<'a>(paragraphs: impl IntoIterator<Item = &'a str>) -> Vec<(usize, String)> {
    let mut sentences = Vec::new();
    for (index, paragraph) in paragraphs.into_iter().enumerate() {
        for span in text::sentences(paragraph) {
            let reading = Normalized::for_reading(span.slice(paragraph));
            sentences.push((index, reading.text().to_owned()));
        }
    }
    sentences
}

/// A qualifier as annotations spell it.
fn words_of(qualifier: Qualifier) -> &'static str {
    match qualifier {
        Qualifier::About => "about",
        Qualifier::MoreThan => "more than",
        Qualifier::LessThan => "less than",
        Qualifier::AtLeast => "at least",
        Qualifier::AtMost => "at most",
        Qualifier::Nearly => "nearly",
    }
}
