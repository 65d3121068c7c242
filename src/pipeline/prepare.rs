//! From an article to a document that can be translated.

use super::{Limits, Refusal};
use crate::article::Article;
use crate::glossary::Glossary;
use crate::summarize::Document;
use french::text::{Language, Segment, identify, segment};

/// Language of the articles, ISO 639-1.
const FRENCH: &str = "fr";

/// Bytes of a long sentence. Longer text without the end of a sentence counts as several.
const LONG_SENTENCE: usize = 400;

/// Splits an article into sentences and reads its facts. Names that the `glossary` has get the English
/// that it gives.
///
/// # Errors
/// If the article is clearly in another language, is empty, or exceeds the limits.
pub fn prepare(
    article: &Article,
    limits: &Limits,
    glossary: &Glossary,
) -> Result<Document, Refusal> {
    // Text that is too short to identify is taken for French.
    let language = identify(&article.body).filter(|language| language.reliable);
    let language = language.unwrap_or(Language {
        code: FRENCH,
        name: "French",
        confidence: 0.0,
        reliable: false,
    });
    if !language.is_french() {
        return Err(Refusal::NotFrench {
            language: language.name,
            confidence: language.confidence,
        });
    }
    let segments = segment(&article.body, &article.paragraphs);
    let sentences = |segment: &Segment| (segment.span.len() / LONG_SENTENCE).max(1);
    match segments.iter().map(sentences).sum() {
        0 => Err(Refusal::Empty),
        sentences if sentences > limits.max_sentences => Err(Refusal::TooLong {
            sentences,
            limit: limits.max_sentences,
        }),
        _ => Ok(Document::new(article, &segments, &language, glossary)),
    }
}
