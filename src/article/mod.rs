//! From files to articles: finding them, decoding their bytes, reading their formats.
//! Knows nothing of models, and nothing of the language of the text.
//!
//! [`find`] says which files there are, [`read`] gives the articles of one of them. What gives no
//! article is a [`Skipped`] with its reason; nothing here ends a run.

mod block;
mod date;
mod decode;
mod error;
mod find;
mod html;
mod id;
mod jsonl;
mod markdown;
mod plain;
mod source;

use jiff::civil::Date;

use crate::text::ByteSpan;
use block::Content;

pub use error::{SkipReason, Skipped};
pub use find::{Compression, Format, Found, SourceFile, find};
pub use id::distinct_id;

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

/// How files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Most bytes of one article's source, decompressed: of a file, or of a row of a collection.
    pub max_bytes: u64,
    pub fields: JsonlFields,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_bytes: 16 << 20,
            fields: JsonlFields::default(),
        }
    }
}

/// Names of the fields of a row of JSON lines. Only `text` must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonlFields {
    /// A string or a number.
    pub id: String,
    pub title: String,
    /// An ISO 8601 date or date-time; anything else is passed over.
    pub date: String,
    pub text: String,
}

impl Default for JsonlFields {
    fn default() -> Self {
        Self {
            id: "id".to_owned(),
            title: "title".to_owned(),
            date: "date".to_owned(),
            text: "text".to_owned(),
        }
    }
}

/// The articles of `file`: one, or one per row, read as they are asked for.
pub fn read<'a>(
    file: &'a SourceFile,
    options: &'a ReadOptions,
) -> Box<dyn Iterator<Item = Result<Article, Skipped>> + Send + 'a> {
    let one = |result: Result<Article, SkipReason>| result.map_err(|reason| file.skipped(reason));
    if file.format != Format::JsonLines {
        return Box::new(std::iter::once_with(move || one(read_one(file, options))));
    }
    match jsonl::Rows::open(file, options) {
        Ok(rows) => Box::new(rows),
        Err(reason) => Box::new(std::iter::once(one(Err(reason)))),
    }
}

fn read_one(file: &SourceFile, options: &ReadOptions) -> Result<Article, SkipReason> {
    let max = options.max_bytes;
    let raw = source::read_all(source::open(&file.path)?, max, SkipReason::Unreadable)?;
    let unpacked = source::decompress(&raw[..], file.compression);
    let bytes = source::read_all(unpacked, max, SkipReason::Damaged)?;
    let declared = match file.format {
        Format::Html | Format::Xhtml => decode::declared_in_html(&bytes),
        _ => None,
    };
    let decoded = decode::decode(&bytes, declared)?;
    let Content {
        title,
        date,
        body,
        paragraphs,
    } = match file.format {
        Format::Html => html::read(&decoded.text),
        Format::Xhtml => html::read_xhtml(&decoded.text),
        Format::Markdown => markdown::read(&decoded.text),
        Format::Plain | Format::JsonLines => plain::read(&decoded.text),
    };
    if paragraphs.is_empty() {
        return Err(SkipReason::Empty);
    }
    Ok(Article {
        id: file.id.clone(),
        path: file.path.display().to_string(),
        digest: blake3::hash(&raw).to_hex().to_string(),
        media_type: file.format.media_type(),
        encoding: decoded.encoding,
        title,
        date,
        body,
        paragraphs,
    })
}
