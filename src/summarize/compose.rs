//! Composes a summary from a document and its translations.

use std::sync::atomic::AtomicBool;

use super::clauses;
use super::document::{Document, English};
use super::headline::headline;
use super::length::Length;
use super::phrases;
use super::salience::Salience;
use super::schema::*;
use super::speech;
use super::topics::topics;
use super::trim::trim;
use super::trust;
use super::verify::{self, Evidence};
use super::writer::{
    Draft, EXTRACTIVE, MOST_SENTENCES, Material, Rejected, Statement, Stopped, Writer,
};
use crate::cache::Session;
use crate::rounded;
use crate::translate::Translation;
use french::facts::{FigureMention, Mention};
use french::text::{ParagraphKind, whole_places};

/// Who writes a summary, and how much.
#[derive(Clone, Copy)]
pub struct Brief<'a> {
    pub writer: &'a dyn Writer,
    pub length: Length,
}

/// Composes the summary of `document` from the translations of [`Document::texts`]. `answers` keeps
/// what a writer takes long to write.
///
/// # Errors
/// If `stop` was set before the writer was done.
pub fn compose(
    document: &Document,
    translations: &[Translation],
    brief: Brief<'_>,
    provenance: Provenance,
    answers: &Session<'_>,
    stop: &AtomicBool,
) -> Result<Summary, Stopped> {
    let Brief { writer, length } = brief;
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
    let points = length.points(document.sentences.len());
    let wanted = Wanted {
        sentences: points.min(length.sentences()),
        points,
    };
    let judged = Judged {
        sentences,
        unsupported: &unsupported,
        grades: &grades,
    };
    let ranked = rank(document, &judged, &salience, wanted, &mut checks);
    let material = Material {
        document,
        english: sentences,
        ranked: &ranked,
        salience: &salience,
        sentences: wanted.sentences,
        points,
        answers,
    };
    let draft = writer.write(&material, stop)?;
    checks.unwritten = draft.unwritten;
    let mut edit = Edit {
        material: &material,
        source: &source,
        checks: &mut checks,
    };
    edit.record(&draft.rejected);
    let written_headline = edit.headline(draft.headline.as_ref());
    let abstract_ = edit.abstract_(&draft, &writer.provenance().model);
    let key_points = edit.key_points(&draft, &abstract_);
    let lead = ranked.iter().take(wanted.sentences).min();
    let lead = lead.map(|&id| clauses::without_dateline(&sentences[id.0].text));
    let title = supported_title(document, &english, &source, &mut checks);
    let rests_on = key_points.iter().flat_map(|point| &point.evidence);
    let trust = trust::of_article(&grades, abstract_.evidence.iter().chain(rests_on));
    let headline_of = |title| headline(title, lead, document.source.title.as_deref());
    Ok(Summary {
        schema_version: SCHEMA_VERSION.to_owned(),
        id: document.id.clone(),
        headline: headline_of(written_headline.as_deref().or(title)),
        abstract_,
        key_points,
        people: people(document, &english),
        organisations: organisations(document, &english),
        places: places(document),
        events: events(document, &english),
        figures: figures(document, &english),
        quotes: quotes(document, &english),
        topics: topics(english.sentences.iter().map(|it| it.text.as_str()), title),
        translation: translation(document, &english, title, &checks, &grades),
        trust,
        checks,
        source: document.source.clone(),
        provenance,
    })
}

/// Sentences of the abstract, and most key points.
#[derive(Clone, Copy)]
struct Wanted {
    sentences: usize,
    points: usize,
}

/// The translations of the sentences, what they state that the French does not, and their grades.
struct Judged<'a> {
    sentences: &'a [Translation],
    unsupported: &'a [Vec<String>],
    grades: &'a [(Grade, f64)],
}

/// Returns the sentences that key points and abstract can be made of, the most telling first: at
/// least one, and enough for both if there are as many. The first sentence of the article is among those of
/// the abstract. Records those that would have been key points but say what their sources do not.
fn rank(
    document: &Document,
    judged: &Judged<'_>,
    salience: &Salience,
    wanted: Wanted,
    checks: &mut Checks,
) -> Vec<SentenceId> {
    let Judged {
        sentences,
        unsupported,
        grades,
    } = *judged;
    let is_statement = speech::statements(document, sentences);
    let readable = |id: SentenceId| {
        let english = &sentences[id.0];
        !english.is_unfit() && is_statement(id) && speech::stands_alone(document, id, &english.text)
    };
    let preferred = salience.choose(wanted.points + wanted.sentences, readable);
    let sound = |id: SentenceId| {
        readable(id) && unsupported[id.0].is_empty() && grades[id.0].0 != Grade::Bad
    };
    let mut ranked = salience.choose(wanted.points + wanted.sentences + 1, sound);
    let lead = first_text(document);
    if sound(lead) && !ranked.iter().take(wanted.sentences).any(|id| *id == lead) {
        ranked.retain(|id| *id != lead);
        ranked.insert(ranked.len().min(wanted.sentences - 1), lead);
    }
    if ranked.is_empty() {
        // If every sentence has unsupported content, use the best one or the first; the checks say what is
        // wrong with it.
        let best = preferred.first().copied();
        ranked.push(best.unwrap_or(lead));
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
    let titles = english.titles.iter().filter(|title| !title.is_unfit());
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

/// Puts what a writer has written into the summary, as far as the French says it.
struct Edit<'a> {
    material: &'a Material<'a>,
    source: &'a Evidence,
    checks: &'a mut Checks,
}

impl Edit<'_> {
    /// Records what the writer has rejected itself.
    fn record(&mut self, rejected: &[Rejected]) {
        for Rejected {
            part,
            statement,
            unsupported,
        } in rejected
        {
            self.replace(*part, statement.clone(), unsupported.clone());
        }
    }

    fn replace(&mut self, part: Part, statement: Statement, unsupported: Vec<String>) {
        self.checks.replaced.push(Replaced {
            part,
            text: statement.text,
            unsupported,
            lost: Vec::new(),
            evidence: statement.evidence,
        });
    }

    fn headline(&mut self, written: Option<&Statement>) -> Option<String> {
        let written = vec![written?.clone()];
        let sound = self.sound(Part::Headline, written).pop()?;
        Some(sound.text)
    }

    /// The statements that say no more than their evidence, and rest on what the article states. The others
    /// are recorded.
    fn sound(&mut self, part: Part, written: Vec<Statement>) -> Vec<Statement> {
        let Material {
            ranked, english, ..
        } = *self.material;
        let mut sound = Vec::with_capacity(written.len());
        for written in written {
            // A ranked sentence that is used unchanged was checked when it was ranked.
            let extracted = matches!(written.evidence[..], [id]
                if ranked.contains(&id) && written == Statement::extracted(id, english));
            let unsupported = match extracted {
                true => Vec::new(),
                false => self.source.unsupported(&written.text, &written.evidence),
            };
            let states = |&id: &SentenceId| self.material.document.states(id);
            if unsupported.is_empty() && written.evidence.iter().any(states) {
                sound.push(written);
            } else {
                self.replace(part, written, unsupported);
            }
        }
        sound
    }

    /// [`Self::sound`], with extracts in place of those that are not and of the `rejected`.
    fn mended(
        &mut self,
        part: Part,
        written: Vec<Statement>,
        rejected: &[Rejected],
        elsewhere: &[SentenceId],
    ) -> Vec<Statement> {
        let own = rejected.iter().filter(|rejected| rejected.part == part);
        let wanted = written.len() + own.count();
        let sound = self.sound(part, written);
        self.filled(sound, wanted, elsewhere)
    }

    /// `kept`, and up to `wanted` statements in all the most telling sentences on which neither it nor what
    /// is said `elsewhere` rests. At least one statement.
    fn filled(
        &self,
        mut kept: Vec<Statement>,
        wanted: usize,
        elsewhere: &[SentenceId],
    ) -> Vec<Statement> {
        let Material {
            ranked, english, ..
        } = *self.material;
        let said = kept.iter().flat_map(|written| &written.evidence);
        let said: Vec<SentenceId> = said.chain(elsewhere).copied().collect();
        let others = ranked.iter().filter(|id| !said.contains(id));
        let others = others.take(wanted.saturating_sub(kept.len()));
        kept.extend(others.map(|&id| Statement::extracted(id, english)));
        if kept.is_empty() {
            kept.push(Statement::extracted(ranked[0], english));
        }
        kept
    }

    fn abstract_(&mut self, draft: &Draft, writer: &str) -> Abstract {
        let before = self.checks.replaced.len();
        let written = draft
            .abstract_
            .iter()
            .take(self.material.sentences.max(MOST_SENTENCES));
        let own: Vec<Statement> = written.cloned().collect();
        let rejected = &draft.rejected;
        let mut kept = self.mended(Part::Abstract, own.clone(), rejected, &[]);
        let is_mended = self.checks.replaced.len() > before
            || rejected
                .iter()
                .any(|rejected| rejected.part == Part::Abstract);
        let is_written = draft.unwritten.is_none() && kept.iter().any(|text| own.contains(text));
        // Sentences of the article go in its order.
        if is_mended {
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
            method: if is_written { writer } else { EXTRACTIVE }.to_owned(),
            evidence,
        }
    }

    /// The key points in the order of the article. Extracts are of sentences that the abstract does not
    /// rest on, unless there are no others.
    fn key_points(&mut self, draft: &Draft, abstract_: &Abstract) -> Vec<KeyPoint> {
        let Material {
            salience, points, ..
        } = *self.material;
        let elsewhere = &abstract_.evidence;
        let mut statements = match &draft.key_points {
            None => self.filled(Vec::new(), points, elsewhere),
            Some(written) => {
                let written = written.iter().take(points).cloned().collect();
                self.mended(Part::KeyPoints, written, &draft.rejected, elsewhere)
            }
        };
        statements.truncate(points);
        statements.sort_by_key(|statement| statement.evidence.first().copied());
        let key_point = |Statement { text, evidence }: Statement| {
            let salience = evidence.iter().map(|&id| salience.of(id));
            KeyPoint {
                text: trim(&text),
                salience: rounded(salience.fold(0.0, f64::max)),
                evidence,
            }
        };
        statements.into_iter().map(key_point).collect()
    }
}

/// Returns the first sentence of the text that states something, else the first that is not a heading, or
/// sentence 0 if all are.
fn first_text(document: &Document) -> SentenceId {
    let ids = (0..document.sentences.len()).map(SentenceId);
    let mut text = ids.filter(|id| document.sentences[id.0].kind != ParagraphKind::Heading);
    let stated = text.clone().find(|&id| document.states(id));
    stated.or_else(|| text.next()).unwrap_or_default()
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

/// The dated statements. A day that a sentence states twice (`mercredi 6 mars`, `mercredi`) is one.
fn events(document: &Document, english: &English<'_>) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::with_capacity(document.facts.dates.len());
    for date in &document.facts.dates {
        let sentence = date.mention.sentence;
        let as_written = document.as_written(&date.mention);
        let same = events.iter_mut().rev().find(|event| {
            event.sentence == sentence
                && event.date.is_some()
                && event.date == date.edtf
                && (event.time.is_none() || date.time.is_none() || event.time == date.time)
        });
        if let Some(same) = same {
            same.time = same.time.take().or_else(|| date.time.clone());
            continue;
        }
        let text = &english.sentences[sentence.0].text;
        events.push(Event {
            date: date.edtf,
            time: date.time.clone(),
            as_written: as_written.to_owned(),
            text: clauses::of_date(as_written, text).unwrap_or_else(|| trim(text)),
            sentence,
        });
    }
    events
}

fn figures(document: &Document, english: &English<'_>) -> Vec<Figure> {
    let mentions = &document.facts.figures;
    let figures = mentions.iter().map(|it| figure(document, english, it));
    let mut figures: Vec<Figure> = figures.collect();
    // `entre 10 et 15 %`
    for (at, pair) in mentions.windows(2).enumerate() {
        if is_range(&pair[0], &pair[1]) && figures[at].unit == figures[at + 1].unit {
            figures[at].upper = Some(figures[at + 1].value);
        }
    }
    figures
}

/// Whether two figures are the ends of a range: the first is written with the second in it.
fn is_range(lower: &FigureMention, upper: &FigureMention) -> bool {
    lower.mention.sentence == upper.mention.sentence
        && lower.qualifier == Some(Qualifier::AtLeast)
        && upper.qualifier == Some(Qualifier::AtMost)
        && upper.mention.range.start < lower.mention.range.end
}

fn figure(document: &Document, english: &English<'_>, figure: &FigureMention) -> Figure {
    let sentence = figure.mention.sentence;
    let as_written = document.as_written(&figure.mention);
    let text = &english.sentences[sentence.0].text;
    let beside = |french| phrases::counted_beside(text, figure.value, french);
    let counted = |french| english.counted(document, french, is_many(figure), text);
    // The noun without its adjectives.
    let noun = |it: String| it.rsplit(' ').next().map(str::to_owned);
    Figure {
        value: figure.value,
        upper: None,
        unit: figure.unit.as_ref().map(|unit| {
            let english = unit.french_noun().and_then(|french| {
                let said = || counted(french).filter(|noun| !whole_places(text, noun).is_empty());
                (beside(french).and_then(noun))
                    .or_else(said)
                    .or_else(|| clauses::noun_of_figure(as_written, text))
                    .or_else(|| counted(french))
            });
            english.unwrap_or_else(|| unit.to_string())
        }),
        qualifier: figure.qualifier,
        as_written: as_written.to_owned(),
        what: (figure.counted.as_deref()).and_then(|it| beside(it).or_else(|| counted(it))),
        text: clauses::of_figure(as_written, text),
        sentence,
    }
}

/// Whether a figure counts several things.
fn is_many(figure: &FigureMention) -> bool {
    figure.value >= 2.0
}

fn quotes(document: &Document, english: &English<'_>) -> Vec<Quote> {
    let quotes = document.facts.quotes.iter();
    quotes
        .map(|quote| Quote {
            speaker: quote
                .speaker
                .as_deref()
                .map(|speaker| english.speaker(document, speaker)),
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
