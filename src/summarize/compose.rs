//! Composes a summary from a document and its translations.

use std::sync::atomic::AtomicBool;

use super::document::{Document, English};
use super::headline::headline;
use super::salience::Salience;
use super::schema::*;
use super::speech;
use super::topics::topics;
use super::trim::trim;
use super::trust;
use super::verify::{self, Evidence};
use super::writer::{AbstractSentence, EXTRACTIVE, MOST_SENTENCES, Material, Stopped, Writer};
use crate::rounded;
use crate::translate::{Defect, Translation};
use french::facts::Mention;
use french::text::ParagraphKind;

const MOST_KEY_POINTS: usize = 6;
/// Number of sentences of an abstract, if the article is long enough.
const ABSTRACT_SENTENCES: usize = 3;

/// Composes the summary of `document` from the translations of [`Document::texts`].
///
/// # Errors
/// If `stop` was set before the writer was done.
pub fn compose(
    document: &Document,
    translations: &[Translation],
    writer: &dyn Writer,
    provenance: Provenance,
    stop: &AtomicBool,
) -> Result<Summary, Stopped> {
    let english = document.translated(translations);
    let sentences = english.sentences;
    let source = Evidence::new(document);
    let unsupported: Vec<Vec<String>> = (sentences.iter().enumerate())
        .map(|(id, sentence)| match sentence.origin {
            Origin::Model => source.unsupported(&sentence.text, &[SentenceId(id)]),
            Origin::Memory | Origin::Source => Vec::new(),
        })
        .collect();
    let mut checks = verify::check(document, sentences, &unsupported);
    let grades = trust::grades(document, sentences, &checks);

    let salience = Salience::new(document);
    let points = points(document);
    let ranked = rank(
        document,
        sentences,
        &salience,
        &unsupported,
        &grades,
        &mut checks,
    );
    let material = Material {
        document,
        english: sentences,
        ranked: &ranked,
        sentences: points.min(ABSTRACT_SENTENCES),
    };
    let written = writer.write(&material, stop)?;
    let abstract_ = write_abstract(writer, written, &material, &source, &mut checks);
    let lead = ranked.iter().take(ABSTRACT_SENTENCES).min();
    let lead = lead.map(|&id| sentences[id.0].text.as_str());
    let title = supported_title(document, &english, &source, &mut checks);
    let key_points = key_points(&ranked, &abstract_, points);
    let rests_on = abstract_.evidence.iter().chain(&key_points);
    let trust = trust::of_article(&grades, rests_on);
    Ok(Summary {
        schema_version: SCHEMA_VERSION.to_owned(),
        id: document.id.clone(),
        headline: headline(title, lead, document.source.title.as_deref()),
        abstract_,
        key_points: key_points
            .into_iter()
            .map(|id| KeyPoint {
                text: trim(&sentences[id.0].text),
                evidence: vec![id],
                salience: rounded(salience.of(id)),
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
        translation: translation(document, &english, title, &checks, &grades),
        trust,
        checks,
        source: document.source.clone(),
        provenance,
    })
}

/// The number of key points of an article: one for every three sentences.
fn points(document: &Document) -> usize {
    (document.sentences.len().div_ceil(3)).clamp(1, MOST_KEY_POINTS)
}

/// Returns the most telling of the `ranked` sentences that the abstract does not rest on, in the order of the
/// article; of an article that has no others, the most telling one.
fn key_points(ranked: &[SentenceId], abstract_: &Abstract, points: usize) -> Vec<SentenceId> {
    let others = ranked.iter().filter(|id| !abstract_.evidence.contains(id));
    let mut chosen: Vec<SentenceId> = others.take(points).copied().collect();
    if chosen.is_empty() {
        chosen.extend(ranked.first());
    }
    chosen.sort_unstable();
    chosen
}

/// Returns the sentences that key points and abstract can be made of, the most telling first: at
/// least one, and enough for both if there are as many. The first sentence of the article is among those of
/// the abstract. Records those that would have been key points but say what their sources do not.
fn rank(
    document: &Document,
    sentences: &[Translation],
    salience: &Salience,
    unsupported: &[Vec<String>],
    grades: &[(Grade, f64)],
    checks: &mut Checks,
) -> Vec<SentenceId> {
    let points = points(document);
    let readable = |id: SentenceId| {
        let english = &sentences[id.0];
        !is_unfit(english) && speech::stands_alone(document, id, &english.text)
    };
    let preferred = salience.choose(points + ABSTRACT_SENTENCES, readable);
    let sound = |id: SentenceId| {
        readable(id) && unsupported[id.0].is_empty() && grades[id.0].0 != Grade::Bad
    };
    let mut ranked = salience.choose(points + MOST_SENTENCES, sound);
    let lead = first_text(document);
    let in_abstract = points.min(ABSTRACT_SENTENCES);
    if sound(lead) && !ranked.iter().take(in_abstract).any(|id| *id == lead) {
        ranked.retain(|id| *id != lead);
        ranked.insert(ranked.len().min(in_abstract - 1), lead);
    }
    if ranked.is_empty() {
        // If every sentence has unsupported content, use the best one or the first; the checks say what is
        // wrong with it.
        let best = preferred.first().copied();
        ranked.push(best.unwrap_or_else(|| first_text(document)));
    }
    let unsound = preferred
        .iter()
        .filter(|&id| !unsupported[id.0].is_empty() && !ranked.contains(id));
    checks.replaced.extend(unsound.map(|&id| Replaced {
        part: Part::KeyPoints,
        text: sentences[id.0].text.clone(),
        unsupported: unsupported[id.0].clone(),
        lost: Vec::new(),
        evidence: vec![id],
    }));
    ranked
}

/// Returns the translated title, of several the one that the model is surest of, or `None` if there
/// is none, its translation failed its checks, or it says what the title does not or lacks a name of
/// it, which is recorded.
fn supported_title<'a>(
    document: &Document,
    english: &'a English<'_>,
    source: &Evidence,
    checks: &mut Checks,
) -> Option<&'a str> {
    let french = document.source.title.as_deref().unwrap_or_default();
    let titles = english.titles.iter().filter(|title| !is_unfit(title));
    let (sound, unsound): (Vec<_>, Vec<_>) = titles
        .map(|title| {
            let unsupported = source.unsupported_by_title(&title.text);
            (title, unsupported, document.terms.lost(french, &title.text))
        })
        .partition(|(_, unsupported, lost)| unsupported.is_empty() && lost.is_empty());
    let surest = sound
        .into_iter()
        .max_by(|(a, ..), (b, ..)| a.score.total_cmp(&b.score));
    if let Some((title, ..)) = surest {
        return Some(&title.text);
    }
    if let Some((title, unsupported, lost)) = unsound.into_iter().next() {
        checks.replaced.push(Replaced {
            part: Part::Headline,
            text: title.text.clone(),
            unsupported,
            lost,
            evidence: Vec::new(),
        });
    }
    None
}

/// Returns what the writer has written. Sentences that say what their evidence does not are
/// replaced by the best extracted ones, and recorded.
fn write_abstract(
    writer: &dyn Writer,
    written: Vec<AbstractSentence>,
    material: &Material<'_>,
    source: &Evidence,
    checks: &mut Checks,
) -> Abstract {
    let mut method = EXTRACTIVE.to_owned();
    let mut kept: Vec<AbstractSentence> = Vec::new();
    let mut replacements = 0;
    for written in written.into_iter().take(MOST_SENTENCES) {
        // A ranked sentence that is used unchanged was checked when it was ranked.
        let extracted = matches!(written.evidence[..], [id]
            if material.ranked.contains(&id) && written.text == material.english[id.0].text);
        let unsupported = match extracted {
            true => Vec::new(),
            false => source.unsupported(&written.text, &written.evidence),
        };
        if unsupported.is_empty() && !written.evidence.is_empty() {
            method = writer.provenance().model;
            kept.push(written);
        } else {
            replacements += 1;
            checks.replaced.push(Replaced {
                part: Part::Abstract,
                text: written.text,
                unsupported,
                lost: Vec::new(),
                evidence: written.evidence,
            });
        }
    }
    let said = |kept: &[AbstractSentence], id: &SentenceId| {
        let mut evidence = kept.iter().flat_map(|written| &written.evidence);
        evidence.any(|other| other == id)
    };
    for _ in 0..replacements.max(usize::from(kept.is_empty())) {
        if let Some(&id) = material.ranked.iter().find(|id| !said(&kept, id)) {
            kept.push(AbstractSentence::extracted(id, material.english));
        }
    }
    // Sentences of the article go in its order.
    if replacements > 0 {
        kept.sort_by_key(|written| written.evidence.first().copied());
    }
    let mut evidence: Vec<SentenceId> = (kept.iter())
        .flat_map(|written| written.evidence.iter().copied())
        .collect();
    evidence.sort_unstable();
    evidence.dedup();
    let texts: Vec<&str> = kept.iter().map(|written| written.text.as_str()).collect();
    Abstract {
        text: texts.join(" "),
        method,
        evidence,
    }
}

/// Whether a translation has a defect that makes it unreliable.
fn is_unfit(translation: &Translation) -> bool {
    let fatal = [
        Defect::Repeated,
        Defect::Untranslated,
        Defect::TooShort,
        Defect::TooLong,
        Defect::Failed,
    ];
    let mut defects = translation.defects.iter();
    translation.text.is_empty() || defects.any(|defect| fatal.contains(defect))
}

/// Returns the first sentence that is not a heading, or sentence 0 if all are.
fn first_text(document: &Document) -> SentenceId {
    let mut sentences = document.sentences.iter();
    let text = sentences.position(|sentence| sentence.kind != ParagraphKind::Heading);
    SentenceId(text.unwrap_or(0))
}

fn sentences_of(mentions: &[Mention]) -> Vec<SentenceId> {
    let mut sentences: Vec<SentenceId> = mentions.iter().map(|mention| mention.sentence).collect();
    sentences.sort_unstable();
    sentences.dedup();
    sentences
}

fn people(document: &Document, english: &English<'_>) -> Vec<Person> {
    let people = document.facts.people.iter();
    people
        .map(|person| Person {
            name: person.name.clone(),
            source_name: person.source_name.clone(),
            role: person
                .role
                .as_deref()
                .and_then(|role| english.phrase(document, role, false)),
            sentences: sentences_of(&person.mentions),
        })
        .collect()
}

fn organisations(document: &Document, english: &English<'_>) -> Vec<Organisation> {
    let organisations = document.facts.organisations.iter();
    organisations
        .map(|organisation| Organisation {
            name: organisation.name.clone(),
            source_name: organisation.source_name.clone(),
            description: organisation
                .description
                .as_deref()
                .and_then(|description| english.phrase(document, description, false)),
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

fn events(document: &Document, english: &English<'_>) -> Vec<Event> {
    let dates = document.facts.dates.iter();
    dates
        .map(|date| Event {
            date: date.edtf,
            time: date.time.clone(),
            as_written: document.as_written(&date.mention).to_owned(),
            text: trim(&english.sentences[date.mention.sentence.0].text),
            sentence: date.mention.sentence,
        })
        .collect()
}

fn figures(document: &Document, english: &English<'_>) -> Vec<Figure> {
    let figures = document.facts.figures.iter();
    figures
        .map(|figure| Figure {
            value: figure.value,
            unit: figure.unit.as_ref().map(|unit| {
                let noun = unit.french_noun();
                let english = noun.and_then(|noun| english.phrase(document, noun, is_many(figure)));
                english.unwrap_or_else(|| unit.to_string())
            }),
            qualifier: figure.qualifier,
            as_written: document.as_written(&figure.mention).to_owned(),
            what: figure
                .counted
                .as_deref()
                .and_then(|counted| english.phrase(document, counted, is_many(figure))),
            sentence: figure.mention.sentence,
        })
        .collect()
}

/// Whether a figure counts several things.
fn is_many(figure: &french::facts::FigureMention) -> bool {
    figure.value >= 2.0
}

fn quotes(document: &Document, english: &English<'_>) -> Vec<Quote> {
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
            sentence: quote.mention.sentence,
        })
        .collect()
}

fn translation(
    document: &Document,
    english: &English<'_>,
    title: Option<&str>,
    checks: &Checks,
    grades: &[(Grade, f64)],
) -> ArticleTranslation {
    let sentences = document.sentences.iter().zip(english.sentences);
    ArticleTranslation {
        title: title
            .or_else(|| english.titles.first().map(|title| title.text.as_str()))
            .map(str::to_owned),
        sentences: sentences
            .enumerate()
            .map(|(id, (french, english))| TranslatedSentence {
                id: SentenceId(id),
                paragraph: french.paragraph,
                source: french.source.clone(),
                span: french.span,
                text: english.text.clone(),
                origin: english.origin,
                score: rounded(f64::from(english.score)),
                least_score: rounded(f64::from(english.certainty.least)),
                doubtful_tokens: english.certainty.doubtful,
                grade: grades[id].0,
                trust: rounded(grades[id].1),
                flags: checks.flags(SentenceId(id)),
            })
            .collect(),
    }
}
