//! From an article to a document that can be translated, or the reason why not.

use super::SkippedArticle;
use crate::article::{Article, Skipped};
use crate::summarize::Document;
use crate::text::{Language, Segment, identify, segment};

/// Language of the corpora that the shipped models read, ISO 639-1.
const FRENCH: &str = "fr";

/// Bytes of a long sentence: what has no end counts as so many of these.
const LONG_SENTENCE: usize = 400;

/// # Errors
/// If the article is plainly in another language, or holds no sentence, or more than `max_sentences`.
pub fn prepare(article: &Article, max_sentences: usize) -> Result<Document, SkippedArticle> {
    let skip = |code: &'static str, reason| SkippedArticle {
        path: article.path.clone(),
        code: code.into(),
        reason,
    };
    // A text too short to tell is taken for what the user says it is.
    let language = identify(&article.body).filter(|language| language.reliable);
    let language = language.unwrap_or(Language {
        code: FRENCH,
        name: "French",
        confidence: 0.0,
        reliable: false,
    });
    if !language.is_french() {
        return Err(skip(
            "not_french",
            format!(
                "is in {} (confidence {:.2}), not in French",
                language.name, language.confidence
            ),
        ));
    }
    let segments = segment(&article.body, &article.paragraphs);
    let bytes = |segment: &Segment| segment.span.len();
    let long = segments
        .iter()
        .map(|segment| (bytes(segment) / LONG_SENTENCE).max(1));
    match long.sum() {
        0 => Err(skip("empty", "holds no text".to_owned())),
        count if count > max_sentences => Err(skip(
            "too_long",
            format!(
                "is as long as {count} sentences, and what has more than {max_sentences} is no article: \
                 split it, or raise the limit"
            ),
        )),
        _ => Ok(Document::new(article, &segments, &language)),
    }
}

/// Runs `work` on an article so that a panic, a bug that this article has met, costs this article
/// and not the run.
///
/// # Errors
/// Those of `work`, and a panic as `internal_error`.
pub fn contained<T>(
    path: &str,
    work: impl FnOnce() -> Result<T, SkippedArticle>,
) -> Result<T, SkippedArticle> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(SkippedArticle {
            path: path.to_owned(),
            code: "internal_error".into(),
            reason: format!(
                "brought precis to an error of its own ({}); please report it with this file",
                said.unwrap_or("it says nothing")
            ),
        })
    })
}

impl From<Skipped> for SkippedArticle {
    fn from(skipped: Skipped) -> Self {
        Self::from(&skipped)
    }
}

impl From<&Skipped> for SkippedArticle {
    fn from(skipped: &Skipped) -> Self {
        Self {
            path: skipped.path.clone(),
            code: skipped.reason.code().into(),
            reason: skipped.reason.to_string(),
        }
    }
}
