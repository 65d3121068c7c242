//! An article cut into sentences with its facts read: all that is known before translation.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::article::Article;
use crate::glossary::Glossary;
use crate::lexicon;
use crate::summarize::phrases;
use crate::summarize::schema::{SentenceId, Source};
use crate::translate::{Term, TermKind, Terms, Translation};
use french::facts::{self, Facts, Mention, SentenceKind};
use french::text::{ByteSpan, Language, Normalized, ParagraphKind, Segment, whole_places};

/// Offices and institutions, which small models get wrong.
static OFFICES: LazyLock<Terms> = LazyLock::new(|| {
    let rows = include_str!("offices.tsv").lines();
    let rows = rows.filter_map(|row| row.split_once('\t'));
    let named = rows.map(|(french, english)| (french.to_owned(), english.to_owned()));
    let all = named.chain(phrases::ministries());
    Terms::new(all.map(|(french, english)| Term {
        french,
        english,
        kind: TermKind::Office,
    }))
});

/// Longest source phrase that is translated by itself, in bytes: a role, not a paragraph.
const LONGEST_PHRASE: usize = 400;

pub struct Document {
    pub id: String,
    pub source: Source,
    pub sentences: Vec<DocumentSentence>,
    pub facts: Facts,
    /// The names of the article, with their English.
    pub terms: Terms,
    /// What a model has to translate beside title and sentences, each once.
    phrases: Vec<String>,
}

pub struct DocumentSentence {
    /// Index of its paragraph.
    pub paragraph: usize,
    pub kind: ParagraphKind,
    /// Bytes of the article's body.
    pub span: ByteSpan,
    /// As written in the body.
    pub source: String,
    /// What facts are read from.
    pub reading: Normalized,
}

/// The English of a document.
pub struct English<'a> {
    /// The title as it may be said: of one that has two sides, these apart, then together.
    pub titles: Vec<Translation>,
    /// One for each sentence.
    pub sentences: &'a [Translation],
    /// Of other phrases in the source, such as roles.
    pub phrases: HashMap<&'a str, &'a Translation>,
}

impl Document {
    /// `segments`: the article's sentences. Names that the `glossary` has get its English.
    pub fn new(
        article: &Article,
        segments: &[Segment],
        language: &Language,
        glossary: &Glossary,
    ) -> Self {
        let sentences: Vec<DocumentSentence> = segments
            .iter()
            .map(|segment| {
                let source = segment.span.slice(&article.body);
                DocumentSentence {
                    paragraph: segment.paragraph,
                    kind: article.paragraphs[segment.paragraph].kind,
                    span: segment.span,
                    reading: Normalized::for_reading(source),
                    source: source.to_owned(),
                }
            })
            .collect();
        let readings: Vec<facts::SourceSentence<'_>> = sentences
            .iter()
            .enumerate()
            .map(|(id, sentence)| facts::SourceSentence {
                id: SentenceId(id),
                paragraph: sentence.paragraph,
                text: sentence.reading.text(),
            })
            .collect();
        let mut facts = facts::read(&readings, article.date);
        name_by(glossary, &mut facts);
        let terms = terms(&facts, &readings, article.title.as_deref());
        let terms = Terms::new(glossary.terms().iter().cloned().chain(terms)).with(&OFFICES);
        Self {
            id: article.id.clone(),
            source: Source {
                path: article.path.clone(),
                digest: format!("blake3:{}", article.digest),
                media_type: article.media_type.to_owned(),
                encoding: article.encoding.to_owned(),
                language: language.code.to_owned(),
                language_confidence: crate::rounded(language.confidence),
                characters: article.body.chars().count(),
                sentences: sentences.len(),
                title: article.title.clone(),
                date: article.date.map(|date| date.to_string()),
                author: article.about.author.clone(),
                url: article.about.url.clone(),
                truncated: article.about.truncated,
                notes: article.about.notes.clone(),
            },
            phrases: phrases_to_translate(&facts, &terms),
            terms,
            facts,
            sentences,
        }
    }

    /// Whether the article states something with the sentence, rather than ask, greet or speak of itself.
    pub fn states(&self, id: SentenceId) -> bool {
        self.facts.kinds[id.0] == SentenceKind::Statement
    }

    /// The words of a mention as facts are read from them.
    pub fn reading(&self, mention: &Mention) -> &str {
        &self.sentences[mention.sentence.0].reading.text()[mention.range.clone()]
    }

    /// The words of a mention as the body has them.
    pub fn as_written(&self, mention: &Mention) -> &str {
        let sentence = &self.sentences[mention.sentence.0];
        let span = sentence.reading.source_span(mention.range.clone());
        span.slice(&sentence.source)
    }

    /// The title; before it the two sides of one such as `Mali : un convoi arrive`.
    fn title_parts(&self) -> Vec<&str> {
        let Some(title) = self.source.title.as_deref() else {
            return Vec::new();
        };
        let sides = title.split_once(':').filter(|(subject, statement)| {
            let is_statement = statement.starts_with(char::is_whitespace);
            let is_whole = !subject.contains(['"', '«', '“', '(']);
            is_statement && is_whole && !subject.trim().is_empty() && !statement.trim().is_empty()
        });
        match sides {
            Some((subject, statement)) => vec![subject.trim(), statement.trim(), title],
            None => vec![title],
        }
    }

    /// Everything to translate: the title if there is one, the sentences, then the phrases.
    pub fn texts(&self) -> Vec<&str> {
        let title = self.title_parts();
        let sentences = self
            .sentences
            .iter()
            .map(|sentence| sentence.source.as_str());
        title
            .into_iter()
            .chain(sentences)
            .chain(self.phrases.iter().map(String::as_str))
            .collect()
    }

    /// `translations` of [`Self::texts`], by what they are.
    pub fn translated<'a>(&'a self, translations: &'a [Translation]) -> English<'a> {
        let (titles, rest) = translations.split_at(self.title_parts().len());
        let (sentences, phrases) = rest.split_at(self.sentences.len());
        English {
            titles: match titles {
                [sides @ .., title] if !sides.is_empty() => {
                    vec![Translation::join(sides.to_vec(), ": "), title.clone()]
                }
                _ => titles.to_vec(),
            },
            sentences,
            phrases: (self.phrases.iter().map(String::as_str))
                .zip(phrases)
                .collect(),
        }
    }
}

impl English<'_> {
    /// The English of a phrase of `document`, of which there may be several, if it is sure.
    pub(super) fn phrase(
        &self,
        document: &Document,
        french: &str,
        is_many: bool,
    ) -> Option<String> {
        if let Some(english) = phrases::english(french, is_many, &document.terms) {
            return Some(english);
        }
        let english = self.by_itself(french)?;
        phrases::is_english(english, french).then(|| uncapitalised(english, french))
    }

    /// What a model has made of the phrase without its sentence.
    fn by_itself(&self, french: &str) -> Option<&str> {
        let english = self.phrases.get(french)?.text.trim_end_matches('.').trim();
        (!english.is_empty()).then_some(english)
    }

    /// The English of what a figure counts, as `said` in its sentence. Of a word or two by themselves a
    /// network may make anything: it has to be said there, or be a likely translation.
    pub(super) fn counted(
        &self,
        document: &Document,
        french: &str,
        is_many: bool,
        said: &str,
    ) -> Option<String> {
        let is_said =
            |noun: &String| !whole_places(&said.to_lowercase(), &noun.to_lowercase()).is_empty();
        let known = phrases::english(french, is_many, &document.terms);
        let is_likely = |noun: &String| is_said(noun) || phrases::is_translation(noun, french);
        known.or_else(|| self.phrase(document, french, is_many).filter(is_likely))
    }

    /// A speaker's name as the lists of people and organisations have it, or the English of a description, if
    /// it is sure.
    pub(super) fn speaker(&self, document: &Document, speaker: &str) -> String {
        let people = document.facts.people.iter();
        let people = people.map(|it| (&it.source_name, &it.name));
        let organisations = document.facts.organisations.iter();
        let organisations = organisations.map(|it| (&it.source_name, &it.name));
        let mut named = people.chain(organisations);
        if let Some((_, english)) = named.find(|(french, _)| *french == speaker) {
            return english.clone();
        }
        let is_many = ["les ", "des "]
            .iter()
            .any(|many| speaker.starts_with(many));
        let described = is_description(speaker).then(|| self.phrase(document, speaker, is_many));
        described.flatten().unwrap_or_else(|| speaker.to_owned())
    }
}

/// Without the capital that a model begins every text with, where the French has none and the word is
/// ordinary.
fn uncapitalised(english: &str, french: &str) -> String {
    let first = english.split(' ').next().unwrap_or_default();
    let lower = first.to_lowercase();
    let is_title = || {
        let mut words = english.split(' ').skip(1);
        words.any(|word| {
            word.starts_with(char::is_uppercase) && lexicon::is_common(&word.to_lowercase())
        })
    };
    let is_due = !french.starts_with(char::is_lowercase)
        || is_title()
        || !lower.split('-').all(lexicon::is_common)
        || first.chars().skip(1).any(char::is_uppercase);
    if is_due {
        return english.to_owned();
    }
    lower + &english[first.len()..]
}

/// Whether a speaker is described, not named: `un riverain`.
fn is_description(speaker: &str) -> bool {
    speaker.starts_with(char::is_lowercase)
}

/// Phrases of the source that stand in the summary by themselves and that a model has to translate, each
/// once.
fn phrases_to_translate(facts: &Facts, terms: &Terms) -> Vec<String> {
    let people = facts
        .people
        .iter()
        .filter_map(|person| person.role.as_deref());
    let organisations = facts
        .organisations
        .iter()
        .filter_map(|organisation| organisation.description.as_deref());
    let counted = facts
        .figures
        .iter()
        .filter_map(|figure| figure.counted.as_deref());
    let units = facts
        .figures
        .iter()
        .filter_map(|figure| figure.unit.as_ref()?.french_noun());
    let speakers = facts.quotes.iter().filter_map(|quote| {
        let speaker = quote.speaker.as_deref();
        speaker.filter(|speaker| is_description(speaker))
    });
    let quotes = facts.quotes.iter().map(|quote| quote.text.as_str());
    let mut seen = std::collections::HashSet::new();
    people
        .chain(organisations)
        .chain(counted)
        .chain(units)
        .chain(speakers)
        .filter(|phrase| phrase.len() <= LONGEST_PHRASE)
        .filter(|phrase| phrases::english(phrase, false, terms).is_none())
        .chain(quotes)
        .filter(|phrase| seen.insert(*phrase))
        .map(str::to_owned)
        .collect()
}

/// A name that the French has.
pub(super) struct Name<'a> {
    pub english: &'a str,
    pub french: &'a str,
    pub kind: TermKind,
    pub mentions: &'a [Mention],
}

/// The people, organisations and places of an article.
pub(super) fn names(facts: &Facts) -> impl Iterator<Item = Name<'_>> {
    let people = facts.people.iter();
    let people = people.map(|n| (TermKind::Person, &n.name, &n.source_name, &n.mentions));
    let organisations = facts.organisations.iter();
    let organisations =
        organisations.map(|n| (TermKind::Organisation, &n.name, &n.source_name, &n.mentions));
    let places = facts.places.iter();
    let places = places.map(|n| (TermKind::Place, &n.name, &n.source_name, &n.mentions));
    let all = people.chain(organisations).chain(places);
    all.map(|(kind, english, french, mentions)| Name {
        english,
        french,
        kind,
        mentions,
    })
}

/// The names of an article and of its title in all their forms.
fn terms(facts: &Facts, sentences: &[facts::SourceSentence<'_>], title: Option<&str>) -> Vec<Term> {
    let title = Normalized::for_reading(title.unwrap_or_default());
    let title = [facts::SourceSentence {
        id: SentenceId(0),
        paragraph: 0,
        text: title.text(),
    }];
    let of_title = facts::read(&title, None);
    let mut terms = forms(facts, sentences);
    terms.extend(forms(&of_title, &title));
    terms
}

/// Gives names the English that the glossary has for them.
fn name_by(glossary: &Glossary, facts: &mut Facts) {
    let people = facts
        .people
        .iter_mut()
        .map(|n| (&mut n.name, &n.source_name));
    let organisations = (facts.organisations.iter_mut()).map(|n| (&mut n.name, &n.source_name));
    let places = facts
        .places
        .iter_mut()
        .map(|n| (&mut n.name, &n.source_name));
    for (name, source_name) in people.chain(organisations).chain(places) {
        if let Some(english) = glossary.english(source_name) {
            english.clone_into(name);
        }
    }
}

/// The names of some sentences in all their forms.
fn forms(facts: &Facts, sentences: &[facts::SourceSentence<'_>]) -> Vec<Term> {
    let mut terms = Vec::new();
    for name in names(facts) {
        let mentions = name.mentions.iter();
        let mentions = mentions.map(|mention| mention.slice(sentences));
        for french in std::iter::once(name.french).chain(mentions) {
            let english = match name.kind {
                _ if french == name.french => Some(name.english.to_owned()),
                TermKind::Person => english_of_person(french, name.french, name.english),
                _ => None,
            };
            terms.extend(english.map(|english| Term {
                french: french.to_owned(),
                english,
                kind: name.kind,
            }));
        }
    }
    terms
}

/// The English of a shorter form of a person's name: the English words in the places of the French.
fn english_of_person(form: &str, source_name: &str, english: &str) -> Option<String> {
    let (french, english): (Vec<&str>, Vec<&str>) = (
        source_name.split(' ').collect(),
        english.split(' ').collect(),
    );
    let in_place = |word: &str| {
        let place = french.iter().position(|other| *other == word)?;
        english.get(place).copied()
    };
    let words: Option<Vec<&str>> = form.split(' ').map(in_place).collect();
    words
        .filter(|_| french.len() == english.len())
        .map(|words| words.join(" "))
}
