//! Puts a summary together from a document and its English.

use super::checks;
use super::document::{Document, Translated};
use super::headline::headline;
use super::salience::{choose, is_unfit, salience};
use super::schema::*;
use super::topics::topics;
use crate::article::ParagraphKind;
use crate::translate::{Flag, Translation};

/// Name of the abstract writer that joins whole sentences of the translation.
pub const EXTRACTIVE: &str = "extractive";

const MOST_KEY_POINTS: usize = 6;
const ABSTRACT_SENTENCES: usize = 3;

/// The summary of `document`, given the translations of [`Document::texts`].
pub fn compose(
    document: &Document,
    translations: &[Translation],
    provenance: Provenance,
) -> Summary {
    let english = document.translated(translations);
    let saliences = salience(document, english.sentences);
    let checks = checks::check(document, english.sentences);

    // A point for every third sentence; an article of a line or two has one.
    let points = (document.sentences.len().div_ceil(3)).clamp(1, MOST_KEY_POINTS);
    let mut ranked = choose(&saliences, english.sentences, points);
    if ranked.is_empty() {
        // Nothing is fit to stand for the article: its beginning, with what the checks say of it.
        ranked.push(first_text(document));
    }
    let mut lead: Vec<usize> = ranked.iter().copied().take(ABSTRACT_SENTENCES).collect();
    lead.sort_unstable();

    let text = |id: usize| english.sentences[id].text.clone();
    let first = lead.first().map(|&id| english.sentences[id].text.as_str());
    let title = english.title.map(|title| title.text.clone());
    let fit_title = english.title.filter(|title| !is_unfit(title));
    Summary {
        schema_version: SCHEMA_VERSION.to_owned(),
        id: document.id.clone(),
        headline: headline(fit_title.map(|title| title.text.as_str()), first),
        abstract_: Abstract {
            text: lead
                .iter()
                .map(|&id| text(id))
                .collect::<Vec<_>>()
                .join(" "),
            method: EXTRACTIVE.to_owned(),
            evidence: lead,
        },
        key_points: ranked
            .iter()
            .map(|&id| KeyPoint {
                text: text(id),
                evidence: vec![id],
                salience: rounded(saliences[id]),
            })
            .collect(),
        people: people(document, &english),
        organisations: organisations(document, &english),
        places: places(document),
        events: events(document, &english),
        figures: figures(document, &english),
        quotes: quotes(document, &english),
        topics: topics(
            english
                .sentences
                .iter()
                .map(|sentence| sentence.text.as_str()),
        ),
        translation: translation(document, &english, title, &checks),
        checks,
        source: document.source.clone(),
        provenance,
    }
}

/// The first sentence that is no heading, else the first.
fn first_text(document: &Document) -> usize {
    let mut sentences = document.sentences.iter();
    let text = sentences.position(|sentence| sentence.kind != ParagraphKind::Heading);
    text.unwrap_or(0)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn sentences_of(mentions: &[(usize, std::ops::Range<usize>)]) -> Vec<SentenceId> {
    let mut sentences: Vec<SentenceId> = mentions.iter().map(|(sentence, _)| *sentence).collect();
    sentences.sort_unstable();
    sentences.dedup();
    sentences
}

fn people(document: &Document, english: &Translated<'_>) -> Vec<Person> {
    let people = document.facts.people.iter();
    people
        .map(|person| Person {
            name: person.name.clone(),
            source_name: person.source_name.clone(),
            role: person.role.as_deref().and_then(|role| english.phrase(role)),
            sentences: sentences_of(&person.mentions),
        })
        .collect()
}

fn organisations(document: &Document, english: &Translated<'_>) -> Vec<Organisation> {
    let organisations = document.facts.organisations.iter();
    organisations
        .map(|organisation| Organisation {
            name: organisation.name.clone(),
            source_name: organisation.source_name.clone(),
            description: organisation
                .description
                .as_deref()
                .and_then(|description| english.phrase(description)),
            sentences: sentences_of(&organisation.mentions),
        })
        .collect()
}

fn places(document: &Document) -> Vec<Place> {
    let places = document.facts.places.iter();
    places
        .map(|place| Place {
            name: place.name.clone(),
            source_name: place.source_name.clone(),
            kind: place.kind,
            sentences: sentences_of(&place.mentions),
        })
        .collect()
}

/// The words of a range of a sentence's reading form as they stand in the source.
fn as_written(document: &Document, sentence: usize, range: &std::ops::Range<usize>) -> String {
    let sentence = &document.sentences[sentence];
    sentence
        .reading
        .source_span(range.clone())
        .slice(&sentence.source)
        .to_owned()
}

fn events(document: &Document, english: &Translated<'_>) -> Vec<Event> {
    let dates = document.facts.dates.iter();
    dates
        .map(|date| Event {
            date: date.edtf.clone(),
            as_written: as_written(document, date.sentence, &date.range),
            text: english.sentences[date.sentence].text.clone(),
            sentence: date.sentence,
        })
        .collect()
}

fn figures(document: &Document, english: &Translated<'_>) -> Vec<Figure> {
    let figures = document.facts.figures.iter();
    figures
        .map(|figure| Figure {
            value: figure.value,
            unit: figure
                .unit
                .as_deref()
                .map(|unit| english.phrase(unit).unwrap_or_else(|| unit.to_owned())),
            qualifier: figure.qualifier,
            as_written: as_written(document, figure.sentence, &figure.range),
            what: figure
                .counted
                .as_deref()
                .and_then(|counted| english.phrase(counted)),
            sentence: figure.sentence,
        })
        .collect()
}

fn quotes(document: &Document, english: &Translated<'_>) -> Vec<Quote> {
    let quotes = document.facts.quotes.iter();
    quotes
        .map(|quote| Quote {
            speaker: quote.speaker.clone(),
            text: english
                .phrases
                .get(quote.text.as_str())
                .map(|translation| translation.text.clone())
                .unwrap_or_default(),
            source_text: quote.text.clone(),
            sentence: quote.sentence,
        })
        .collect()
}

fn translation(
    document: &Document,
    english: &Translated<'_>,
    title: Option<String>,
    checks: &Checks,
) -> super::schema::Translation {
    let flags = |id: usize| {
        let mut flags: Vec<Flag> = (checks.flagged.iter())
            .filter(|flagged| flagged.sentence == id)
            .map(|flagged| flagged.flag)
            .collect();
        flags.dedup();
        flags
    };
    let sentences = document.sentences.iter().zip(english.sentences);
    super::schema::Translation {
        title,
        sentences: sentences
            .enumerate()
            .map(|(id, (french, english))| TranslatedSentence {
                id,
                paragraph: french.paragraph,
                source: french.source.clone(),
                span: french.span,
                text: english.text.clone(),
                score: rounded(f64::from(english.score)),
                flags: flags(id),
            })
            .collect(),
    }
}
