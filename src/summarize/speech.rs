//! Whether a sentence can stand by itself: what someone says needs its marks and its speaker.

use super::clauses;
use super::document::{Document, DocumentSentence};
use super::schema::SentenceId;
use crate::translate::Translation;
use french::text::ParagraphKind;

/// Words of the first person, which need a speaker.
const FIRST_PERSON: [&str; 14] = [
    "i",
    "me",
    "my",
    "mine",
    "myself",
    "we",
    "us",
    "our",
    "ours",
    "ourselves",
    "i'm",
    "i've",
    "i'll",
    "we're",
];

/// Whether `english`, the translation of the sentence `id`, can stand outside the article: a statement,
/// not part of a quotation that goes on, with all its marks and in no one's first person.
pub(super) fn stands_alone(document: &Document, id: SentenceId, english: &str) -> bool {
    let is_continued = document.facts.quotes.iter().any(|quote| {
        let first = quote.mention.sentence;
        first != quote.last_sentence && (first..=quote.last_sentence).contains(&id)
    });
    document.states(id) && !is_continued && reads_alone(english)
}

/// Tells which sentences of an article are statements: what ends like a sentence, and points of lists that
/// have a verb in `english`. Rows of tables, captions and what announces a list are not. In an article that
/// leaves its full stops out, all are.
pub(super) fn statements(
    document: &Document,
    english: &[Translation],
) -> impl Fn(SentenceId) -> bool {
    const CLOSING: [char; 10] = [
        '"', '”', '»', '’', '\'', ')', ']', ' ', '\u{a0}', '\u{202f}',
    ];
    let ends = |(sentence, english): (&DocumentSentence, &Translation)| {
        let text = sentence.source.trim_end_matches(CLOSING);
        let ends = text.ends_with(['.', '!', '?', '…']);
        match sentence.kind {
            ParagraphKind::ListItem => {
                let is_row = !text.ends_with([';', ',']) && text.contains([':', ';']);
                clauses::asserts(&english.text) && (ends || !is_row)
            }
            ParagraphKind::Text | ParagraphKind::Heading => ends,
        }
    };
    let complete: Vec<bool> = document.sentences.iter().zip(english).map(ends).collect();
    let text = || {
        let sentences = document.sentences.iter().zip(&complete);
        sentences.filter(|(it, _)| it.kind == ParagraphKind::Text)
    };
    let is_punctuated = text().filter(|(_, complete)| **complete).count() * 2 > text().count();
    move |id| !is_punctuated || complete.get(id.0).copied().unwrap_or_default()
}

/// [`stands_alone`] as far as the text itself tells.
fn reads_alone(english: &str) -> bool {
    let is_turn = english.starts_with(['-', '–', '—', '•']);
    let is_question = english.trim_end_matches(['"', '”', ' ']).ends_with('?');
    has_all_marks(english) && !is_turn && !is_question && !is_in_first_person(english)
}

/// Whether quotation marks and brackets come in pairs.
fn has_all_marks(text: &str) -> bool {
    let count = |mark: char| text.matches(mark).count();
    count('"').is_multiple_of(2)
        && [('“', '”'), ('«', '»'), ('(', ')'), ('[', ']')]
            .iter()
            .all(|&(open, close)| count(open) == count(close))
}

/// Whether a text has words of the first person outside quotation marks.
fn is_in_first_person(text: &str) -> bool {
    // The country is not the pronoun.
    let text = text.replace('’', "'").replace("US", "").to_lowercase();
    let outside = text.split(['"', '“', '”']).step_by(2);
    let words = outside.flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '\''));
    let mut words = words.map(|word| word.trim_matches('\''));
    words.any(|word| FIRST_PERSON.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::reads_alone;

    #[test]
    fn statements_stand_alone() {
        for text in [
            "The mayor said: \"We will not give up.\"",
            "Prices rose by 3.5% (more than expected).",
            "He told “I am here” to the US court.",
        ] {
            assert!(reads_alone(text), "{text}");
        }
    }

    #[test]
    fn parts_of_speech_do_not() {
        for text in [
            "\"We will not give up, said the mayor.",
            "We will not give up.",
            "20 years ago, we had discovered the deaths.",
            "What do we do about it?",
            "- Is hell there.",
            "The town (founded in 1900 is old.",
        ] {
            assert!(!reads_alone(text), "{text}");
        }
    }
}
