//! An article cut into sentences with its facts read: all that is known before translation.

use std::collections::HashMap;

use crate::article::Article;
use crate::summarize::schema::{SentenceId, Source};
use crate::translate::Translation;
use french::facts::{self, Facts, Mention};
use french::text::{ByteSpan, Language, Normalized, ParagraphKind, Segment};

/// Longest source phrase that is translated by itself, in bytes: a role, not a paragraph.
const LONGEST_PHRASE: usize = 400;

pub struct Document {
    pub id: String,
    pub source: Source,
    pub sentences: Vec<DocumentSentence>,
    pub facts: Facts,
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
    pub title: Option<&'a Translation>,
    /// One for each sentence.
    pub sentences: &'a [Translation],
    /// Of other phrases in the source, such as roles.
    pub phrases: HashMap<&'a str, &'a Translation>,
}

impl Document {
    /// `segments`: the article's sentences.
    pub fn new(article: &Article, segments: &[Segment], language: &Language) -> Self {
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
        let facts = facts::read(&readings, article.date);
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
            },
            sentences,
            facts,
        }
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

    /// Everything to translate: the title if there is one, the sentences, then the phrases.
    pub fn texts(&self) -> Vec<&str> {
        let title = self.source.title.as_deref();
        let sentences = self
            .sentences
            .iter()
            .map(|sentence| sentence.source.as_str());
        title
            .into_iter()
            .chain(sentences)
            .chain(self.phrases())
            .collect()
    }

    /// `translations` of [`Self::texts`], by what they are.
    pub fn translated<'a>(&'a self, translations: &'a [Translation]) -> English<'a> {
        let (title, rest) = translations.split_at(usize::from(self.source.title.is_some()));
        let (sentences, phrases) = rest.split_at(self.sentences.len());
        English {
            title: title.first(),
            sentences,
            phrases: self.phrases().into_iter().zip(phrases).collect(),
        }
    }

    /// Phrases of the source that stand in the summary by themselves, each once.
    fn phrases(&self) -> Vec<&str> {
        let facts = &self.facts;
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
        let quotes = facts.quotes.iter().map(|quote| quote.text.as_str());
        let mut seen = std::collections::HashSet::new();
        people
            .chain(organisations)
            .chain(counted)
            .chain(units)
            .filter(|phrase| phrase.len() <= LONGEST_PHRASE)
            .chain(quotes)
            .filter(|phrase| seen.insert(*phrase))
            .collect()
    }
}

impl English<'_> {
    pub fn phrase(&self, french: &str) -> Option<String> {
        let english = self.phrases.get(french)?.text.trim_end_matches('.').trim();
        (!english.is_empty()).then(|| english.to_owned())
    }
}
