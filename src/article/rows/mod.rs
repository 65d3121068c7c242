//! Collections: files that hold many articles, read record by record. A bad record costs that
//! record. Each format has a module that gives records; what their fields say is read in
//! [`super::fields`].

mod elements;
mod europresse;
mod feed;
mod json;
mod parquet;
mod stream;
mod table;
mod warc;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value};

use super::block::Content;
use super::error::{SkipReason, Skipped};
use super::fields::{self, FieldNames};
use super::find::{Compression, Format, SourceFile};
use super::id::safe_id;
use super::{Article, ReadOptions, source};
use stream::Stream;

pub use parquet::is_contained;

/// One record of a collection.
struct Record {
    /// From 1, in the order of the file. `None` if the file holds this record and nothing else.
    number: Option<usize>,
    digest: blake3::Hash,
    /// WHATWG name of its character encoding.
    encoding: &'static str,
    parts: Parts,
}

/// What a format tells of a record, with texts that are put right ([`super::repair`]).
enum Parts {
    /// Values by name.
    Fields(Map<String, Value>),
    /// Values by the first of the usual names, whatever names were given for other formats.
    Own(Map<String, Value>),
    /// What its own reader has read, and the id that it states.
    Content {
        content: Content,
        id: Option<String>,
    },
}

/// A record that cannot be read.
struct Failed {
    /// `None` if the reason is one of the whole file.
    number: Option<usize>,
    reason: SkipReason,
}

impl Failed {
    fn file(reason: SkipReason) -> Self {
        Self {
            number: None,
            reason,
        }
    }
}

/// Bytes of a page in which an export shows itself: style sheets come first.
const HEAD: u64 = 256 << 10;

/// Whether a page is an export of many articles. A page that cannot be read is none.
pub(super) fn is_export(file: &SourceFile) -> bool {
    let head = stream::open(file).and_then(|stream| stream.more_of_head(HEAD));
    head.is_ok_and(|head| europresse::is_export(&head))
}

/// The records of an open file.
enum Records {
    Json(json::Values),
    Table(Box<table::Table>),
    Feed(feed::Feed),
    Warc(Box<warc::Warc>),
    Parquet(Box<parquet::Table>),
    Europresse(Box<europresse::Export>),
}

impl Records {
    fn of(stream: Stream<'static>, file: &SourceFile, options: &ReadOptions) -> Self {
        let max_bytes = options.max_bytes;
        match file.format {
            Format::Csv | Format::Tsv => {
                let table = table::Table::new(stream, max_bytes, &options.fields);
                Self::Table(Box::new(table))
            }
            Format::Feed => Self::Feed(feed::Feed::new(stream, max_bytes)),
            Format::Warc => Self::Warc(Box::new(warc::Warc::new(stream, max_bytes))),
            Format::Html => Self::Europresse(Box::new(europresse::Export::new(stream, max_bytes))),
            _ => {
                let names = &options.fields;
                Self::Json(json::Values::new(stream, file.format, max_bytes, names))
            }
        }
    }

    fn next(&mut self) -> Option<Result<Record, Failed>> {
        match self {
            Self::Json(values) => values.next(),
            Self::Table(table) => table.next(),
            Self::Feed(feed) => feed.next(),
            Self::Warc(archive) => archive.next(),
            Self::Parquet(table) => table.next(),
            Self::Europresse(export) => export.next(),
        }
    }

    /// Number of records that were passed over because of their kind, by kind.
    fn passed_over(&mut self) -> BTreeMap<String, usize> {
        match self {
            Self::Warc(archive) => std::mem::take(&mut archive.passed_over),
            _ => BTreeMap::new(),
        }
    }
}

/// The articles of a collection, in order.
pub(super) struct Rows<'a> {
    file: &'a SourceFile,
    options: &'a ReadOptions,
    records: Records,
    /// See [`super::Reading::bytes_read`]; `None` of a format that is not read from its beginning.
    read: Option<Arc<AtomicU64>>,
    /// Whether there was an article or a reason so far.
    any: bool,
    ended: bool,
    /// What was left out on purpose, by kind.
    pub passed_over: BTreeMap<String, usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn open(file: &'a SourceFile, options: &'a ReadOptions) -> Result<Self, SkipReason> {
        if file.format == Format::Parquet {
            let (opened, max_bytes) = (source::open(&file.path)?, options.max_bytes);
            let table = parquet::Table::open(opened, max_bytes, &options.fields)?;
            return Ok(Self::new(file, options, Records::Parquet(Box::new(table))));
        }
        let stream = stream::open(file)?;
        let read = Some(Arc::clone(&stream.read));
        Ok(Self {
            read,
            ..Self::new(file, options, Records::of(stream, file, options))
        })
    }

    /// See [`super::Reading::bytes_read`].
    pub(super) fn bytes_read(&self) -> Option<u64> {
        Some(self.read.as_ref()?.load(Ordering::Relaxed))
    }

    fn new(file: &'a SourceFile, options: &'a ReadOptions, records: Records) -> Self {
        Self {
            file,
            options,
            records,
            read: None,
            any: false,
            ended: false,
            passed_over: BTreeMap::new(),
        }
    }

    /// Whether a file of a type that may hold anything was met in a folder and turns out, by its
    /// first record, to hold no articles.
    fn holds_other_things(&self, reason: &SkipReason) -> bool {
        let may_hold_anything = matches!(self.file.format, Format::Json | Format::Feed);
        let tells = matches!(
            reason,
            SkipReason::MissingField { .. } | SkipReason::BadRow(_) | SkipReason::Malformed { .. }
        );
        may_hold_anything && !self.file.given && !self.any && tells
    }
}

/// The article of a record of `file`.
fn article(
    record: Record,
    file: &SourceFile,
    options: &ReadOptions,
) -> Result<Article, SkipReason> {
    let names = &options.fields;
    let usual = FieldNames::default();
    let (content, id, path) = match record.parts {
        Parts::Content { content, id } => (content, id, None),
        Parts::Own(fields) => (
            fields::content(&fields, &usual)?,
            fields::id(&fields, &usual),
            None,
        ),
        Parts::Fields(fields) => (
            fields::content(&fields, names)?,
            fields::id(&fields, names),
            fields::path(&fields, names),
        ),
    };
    let number = record.number;
    let mut article = Article::new(content, file, number, record.digest, record.encoding)?;
    article.id = match (id, number) {
        (Some(id), _) => safe_id(&id),
        (None, Some(number)) => safe_id(&format!("{}-{number}", article.id)),
        (None, None) => article.id,
    };
    article.path = path.unwrap_or(article.path);
    Ok(article)
}

/// A record in a line of JSON that is in no file.
pub struct Line {
    /// The id that it states, as it is written there.
    pub id: Option<String>,
    pub article: Result<Article, SkipReason>,
}

impl Line {
    /// Reads `line`, which has no line end. If it states no id, its digest is the article's name.
    pub(super) fn read(line: &[u8], options: &ReadOptions) -> Self {
        if line.trim_ascii().is_empty() {
            return Self::bad(SkipReason::Empty);
        }
        let (fields, encoding) = match json::object(line, None) {
            Ok(read) => read,
            Err(reason) => return Self::bad(reason),
        };
        let digest = blake3::hash(line);
        let id = fields::id(&fields, &options.fields);
        let name = id.clone();
        let name = name.unwrap_or_else(|| format!("article-{}", &digest.to_hex()[..16]));
        let file = SourceFile {
            id: safe_id(&name),
            path: name.into(),
            format: Format::JsonLines,
            compression: Compression::None,
            given: true,
        };
        let record = Record {
            number: None,
            digest,
            encoding,
            parts: Parts::Fields(fields),
        };
        Self {
            id,
            article: article(record, &file, options),
        }
    }

    fn bad(reason: SkipReason) -> Self {
        Self {
            id: None,
            article: Err(reason),
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Article, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let (number, result) = match self.records.next() {
            Some(Ok(record)) => (record.number, article(record, self.file, self.options)),
            Some(Err(Failed { number, reason })) => (number, Err(reason)),
            None => {
                self.ended = true;
                self.passed_over.append(&mut self.records.passed_over());
                // An archive of pictures is as it should be.
                if self.any || !self.passed_over.is_empty() {
                    return None;
                }
                (None, Err(SkipReason::Empty))
            }
        };
        let article = match result {
            Ok(article) => Ok(article),
            Err(reason) if self.holds_other_things(&reason) => {
                self.ended = true;
                let extension = self.file.format.extension();
                *self.passed_over.entry(extension.to_owned()).or_default() += 1;
                return None;
            }
            Err(reason) => Err(Skipped {
                path: self.file.record_path(number),
                reason,
            }),
        };
        self.any = true;
        Some(article)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use super::*;

    /// The articles of a file of this name with these bytes, met in a folder.
    pub(super) fn read_bytes(
        name: &str,
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Vec<Result<Article, Skipped>> {
        read_counting(name, bytes, options).0
    }

    /// [`read_bytes`], and what was passed over.
    pub(super) fn read_counting(
        name: &str,
        bytes: &[u8],
        options: &ReadOptions,
    ) -> (Vec<Result<Article, Skipped>>, BTreeMap<String, usize>) {
        let file = SourceFile::named(Path::new(name)).unwrap();
        let stream = stream::of_bytes(Cursor::new(bytes.to_vec()), file.compression).unwrap();
        let records = Records::of(stream, &file, options);
        let mut rows = Rows::new(&file, options, records);
        (rows.by_ref().collect(), rows.passed_over)
    }

    /// What became of each record.
    pub(super) fn codes(found: &[Result<Article, Skipped>]) -> Vec<&str> {
        let code = |row: &'_ Result<Article, Skipped>| match row {
            Ok(_) => "read",
            Err(skipped) => skipped.reason.code(),
        };
        found.iter().map(code).collect()
    }

    #[test]
    fn json_without_articles_is_passed_over_in_folders_and_reported_by_name() {
        let bytes = br#"{"name": "paquet", "version": "1.0"}"#;
        let mut file = SourceFile::named(Path::new("in/package.json")).unwrap();
        for (given, expected) in [(false, 0), (true, 1)] {
            file.given = given;
            let options = ReadOptions::default();
            let stream = stream::of_bytes(&bytes[..], file.compression).unwrap();
            let mut rows = Rows::new(&file, &options, Records::of(stream, &file, &options));
            assert_eq!(rows.by_ref().count(), expected);
            assert_eq!(
                rows.passed_over.get(".json").copied(),
                (!given).then_some(1)
            );
        }
    }
}
