//! From files to articles: finding them, decoding their bytes, reading their formats.
//! Knows nothing of models.

use jiff::civil::Date;

use crate::text::ByteSpan;

/// One article as read from its source, before any language processing.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    /// Name of its outputs: unique within a run, safe as a file name.
    pub id: String,
    /// Where it was read from, as the user wrote the path; for a row of a collection `file#line`.
    pub path: String,
    /// blake3 of the source's bytes (of the row's bytes in a collection), in hexadecimal.
    pub digest: String,
    /// IANA media type of the format it was read as, such as `text/html`.
    pub media_type: &'static str,
    /// WHATWG name of the character encoding it was decoded from, such as `UTF-8`.
    pub encoding: &'static str,
    pub title: Option<String>,
    /// Publication date, where the source states one.
    pub date: Option<Date>,
    /// The text without title and markup. All spans are into this string.
    pub body: String,
    /// In order, not overlapping; together they hold every non-blank character of `body`.
    pub paragraphs: Vec<Paragraph>,
}

/// A run of text between paragraph breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paragraph {
    pub span: ByteSpan,
    pub kind: ParagraphKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParagraphKind {
    Text,
    Heading,
    ListItem,
}
