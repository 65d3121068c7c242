//! JSON lines: a collection with one article per row, read row by row. A bad row is skipped.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::about::About;
use super::block::{Content, collapse};
use super::date::stated_in;
use super::decode::decode;
use super::error::{SkipReason, Skipped};
use super::find::{Compression, SourceFile};
use super::id::safe_id;
use super::{Article, ReadOptions, plain, source};

/// A row that is too long is passed over if it is at most this many times the limit. Beyond that,
/// the file is given up as one without rows.
const PASS_OVER: u64 = 64;

/// The articles of a file, in order.
pub(super) struct Rows<'a> {
    file: &'a SourceFile,
    options: &'a ReadOptions,
    /// `None` after the end and after an error that leaves nothing to read.
    source: Option<Box<dyn BufRead + Send + 'a>>,
    /// Number of the row read last, from 1.
    line: usize,
    any: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn open(file: &'a SourceFile, options: &'a ReadOptions) -> Result<Self, SkipReason> {
        let source = BufReader::new(source::open(&file.path)?);
        Ok(Self::new(file, options, source))
    }

    fn new(
        file: &'a SourceFile,
        options: &'a ReadOptions,
        bytes: impl BufRead + Send + 'a,
    ) -> Self {
        Self {
            file,
            options,
            source: Some(source::decompress(bytes, file.compression)),
            line: 0,
            any: false,
        }
    }

    /// The next line's bytes, without its end.
    fn line(&mut self) -> Result<Option<Vec<u8>>, SkipReason> {
        let max_bytes = self.options.max_bytes;
        let Some(source) = &mut self.source else {
            return Ok(None);
        };
        let compressed = self.file.compression != Compression::None;
        let failed = |error| match compressed {
            true => SkipReason::Damaged(error),
            false => SkipReason::Unreadable(error),
        };
        self.line += 1;
        let mut row = Vec::new();
        let limit = max_bytes.saturating_add(1);
        let read = source.by_ref().take(limit).read_until(b'\n', &mut row);
        if let Err(error) = read {
            self.source = None;
            return Err(failed(error));
        }
        if row.is_empty() {
            self.source = None;
            return Ok(None);
        }
        if row.pop_if(|byte| *byte == b'\n').is_none() && row.len() as u64 > max_bytes {
            let rest = source.by_ref().take(max_bytes.saturating_mul(PASS_OVER));
            match pass_line(rest) {
                Ok(true) => {}
                Ok(false) => self.source = None,
                Err(error) => {
                    self.source = None;
                    return Err(failed(error));
                }
            }
            return Err(SkipReason::TooLarge { max_bytes });
        }
        if self.line == 1 && row.starts_with(b"\xEF\xBB\xBF") {
            row.drain(..3);
        }
        Ok(Some(row))
    }

    /// Names the row: `file#line`.
    fn path_of_row(&self) -> String {
        format!("{}#{}", self.file.path.display(), self.line)
    }

    fn article(&self, row: &[u8]) -> Result<Article, SkipReason> {
        let decoded = decode(row, None)?;
        let row_object: Map<String, Value> =
            serde_json::from_str(&decoded.text).map_err(|error| {
                // The error counts lines within the row; the line of the file is in the path.
                let message = error
                    .to_string()
                    .replace(" at line 1 column ", " at column ");
                SkipReason::BadRow(message)
            })?;
        let fields = &self.options.fields;
        let text = match row_object.get(&fields.text) {
            Some(Value::String(text)) => text,
            Some(other) => {
                let kind = kind_of(other);
                return Err(SkipReason::BadRow(format!(
                    "its field `{}` is {kind}, not a string",
                    fields.text
                )));
            }
            None => {
                let present: Vec<_> = row_object
                    .keys()
                    .take(20)
                    .map(|k| format!("`{k}`"))
                    .collect();
                return Err(SkipReason::MissingField {
                    field: fields.text.clone(),
                    present: match present.is_empty() {
                        true => "no fields".to_owned(),
                        false => present.join(", "),
                    },
                });
            }
        };
        let string = |field: &str| row_object.get(field).and_then(Value::as_str);
        let Content {
            body, paragraphs, ..
        } = plain::body_of(text);
        if paragraphs.is_empty() {
            return Err(SkipReason::Empty);
        }
        let stated = row_object
            .get(&fields.date)
            .filter(|value| is_stated(value));
        let date = stated.and_then(stated_in);
        let mut about = About::default();
        if let (None, Some(value)) = (date, stated) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            about.unread_date = Some(text);
        }
        let id = match row_object.get(&fields.id) {
            Some(Value::String(id)) if !id.trim().is_empty() => safe_id(id),
            Some(Value::Number(id)) => safe_id(&id.to_string()),
            _ => safe_id(&format!("{}-{}", self.file.id, self.line)),
        };
        Ok(Article {
            id,
            path: self.path_of_row(),
            digest: blake3::hash(row).to_hex().to_string(),
            media_type: self.file.format.media_type(),
            encoding: decoded.encoding,
            title: string(&fields.title)
                .map(collapse)
                .filter(|title| !title.is_empty()),
            date,
            body,
            paragraphs,
            about,
        })
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Article, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let result = match self.line() {
                Ok(Some(row)) if row.trim_ascii().is_empty() => continue,
                Ok(Some(row)) => self.article(&row),
                Ok(None) if self.any => return None,
                Ok(None) => {
                    self.any = true;
                    return Some(Err(self.file.skipped(SkipReason::Empty)));
                }
                Err(reason) => Err(reason),
            };
            self.any = true;
            return Some(result.map_err(|reason| Skipped {
                path: self.path_of_row(),
                reason,
            }));
        }
    }
}

/// Reads past the next line end. Returns whether there was one.
fn pass_line(mut source: impl BufRead) -> std::io::Result<bool> {
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let read = end.map_or(buffer.len(), |end| end + 1);
        source.consume(read);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// Whether a field says anything.
fn is_stated(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(_))
        && value.as_str().is_none_or(|text| !text.trim().is_empty())
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jiff::civil::date;

    use super::*;
    use crate::article::{Format, JsonlFields};

    fn file() -> SourceFile {
        SourceFile {
            path: PathBuf::from("in/rows.jsonl"),
            id: "rows".into(),
            format: Format::JsonLines,
            compression: Compression::None,
        }
    }

    fn read(rows: &[u8], options: &ReadOptions) -> Vec<Result<Article, Skipped>> {
        Rows::new(&file(), options, rows).collect()
    }

    fn read_default(rows: &str) -> Vec<Result<Article, Skipped>> {
        read(rows.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn rows_become_articles() {
        let rows = "\u{FEFF}{\"id\": 7, \"title\": \" Un  titre \", \"date\": \"2021-03-12T08:00:00Z\", \"text\": \"Un.\\nDeux.\"}\r\n\n{\"text\": \"Trois.\"}";
        let articles = read_default(rows);
        let first = articles[0].as_ref().unwrap();
        assert_eq!(
            (first.id.as_str(), first.path.as_str()),
            ("7", "in/rows.jsonl#1")
        );
        assert_eq!(first.title.as_deref(), Some("Un titre"));
        assert_eq!(first.date, Some(date(2021, 3, 12)));
        assert_eq!(first.paragraphs.len(), 2);
        let second = articles[1].as_ref().unwrap();
        assert_eq!(
            (second.id.as_str(), second.path.as_str()),
            ("rows-3", "in/rows.jsonl#3")
        );
        assert_eq!(articles.len(), 2);
    }

    #[test]
    fn bad_row_is_skipped_and_the_rest_is_read() {
        let rows = "{\"text\": \"Un.\"}\n{\"text\": \n[1]\n{\"text\": null}\n{\"body\": \"x\", \"n\": 1}\n{\"text\": \" \"}\n{\"text\": \"Deux.\"}\n";
        let found = read_default(rows);
        let codes: Vec<_> = found
            .iter()
            .map(|row| row.as_ref().map_or_else(|s| s.reason.code(), |_| "read"))
            .collect();
        assert_eq!(
            codes,
            [
                "read",
                "bad_row",
                "bad_row",
                "bad_row",
                "missing_field",
                "empty",
                "read"
            ]
        );
        let message = |i: usize| found[i].as_ref().unwrap_err().to_string();
        assert!(
            message(1).starts_with("in/rows.jsonl#2: "),
            "{}",
            message(1)
        );
        assert!(message(1).contains("at column"), "{}", message(1));
        assert!(
            message(4).contains("(it has `body`, `n`)"),
            "{}",
            message(4)
        );
        assert!(message(4).contains("name the field"), "{}", message(4));
    }

    #[test]
    fn fields_can_have_other_names() {
        let options = ReadOptions {
            fields: JsonlFields {
                id: "uid".into(),
                text: "contenu".into(),
                ..JsonlFields::default()
            },
            ..ReadOptions::default()
        };
        let found = read(b"{\"uid\": \"a/b\", \"contenu\": \"Un.\"}", &options);
        assert_eq!(found[0].as_ref().unwrap().id, "a-b");
    }

    #[test]
    fn row_over_the_limit_is_passed_over() {
        let long = format!("{{\"text\": \"{}\"}}", "x".repeat(500));
        let options = ReadOptions {
            max_bytes: 100,
            ..ReadOptions::default()
        };
        let rows = format!("{long}\n{{\"text\": \"Un.\"}}\n{long}");
        let found = read(rows.as_bytes(), &options);
        assert_eq!(found[0].as_ref().unwrap_err().reason.code(), "too_large");
        assert_eq!(found[1].as_ref().unwrap().path, "in/rows.jsonl#2");
        assert_eq!(found[2].as_ref().unwrap_err().reason.code(), "too_large");
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn file_without_rows_is_reported_once() {
        for rows in ["", "\n \n"] {
            let found = read_default(rows);
            assert_eq!(found.len(), 1);
            let skipped = found[0].as_ref().unwrap_err();
            assert_eq!(skipped.reason.code(), "empty");
            assert_eq!(skipped.path, "in/rows.jsonl");
        }
    }
}
