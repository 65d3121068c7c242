//! CSV and TSV: tables with a row of names first. Separator and encoding are found out.

use std::io::{BufRead, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::super::error::SkipReason;
use super::super::fields::{self, FieldNames};
use super::stream::{self, PASS_OVER, Stream};
use super::{Failed, Parts, Record};

/// Separators that programs write, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows looked at to find the separator.
const SAMPLE: usize = 20;
/// A row with more columns than this is not one of a table.
const MAX_COLUMNS: usize = 10_000;
/// Stands between the columns of a row while its encoding is looked for.
const BETWEEN: char = '\u{B}';

/// The rows of a table, in order.
pub(super) struct Table {
    /// `None` after the end and after an error that leaves nothing to read.
    stream: Option<Stream<'static>>,
    parser: Parser,
    max_bytes: u64,
    names: FieldNames,
    /// `None` before the first row was read.
    columns: Option<Vec<String>>,
    /// Number of the row read last, from 1, without the row of names.
    number: usize,
}

impl Table {
    pub(super) fn new(mut stream: Stream<'static>, max_bytes: u64, names: &FieldNames) -> Self {
        let stated = stated_separator(&mut stream);
        let separator = stated.unwrap_or_else(|| separator(&stream.head, names));
        Self {
            parser: Parser::new(separator),
            stream: Some(stream),
            max_bytes,
            names: names.clone(),
            columns: None,
            number: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, Failed>> {
        if self.columns.is_none() {
            match self.read_columns()? {
                Ok(columns) => self.columns = Some(columns),
                Err(reason) => {
                    self.stream = None;
                    return Some(Err(Failed::file(reason)));
                }
            }
        }
        let stream = self.stream.as_mut()?;
        let row = self.parser.next(stream, self.max_bytes);
        self.number += 1;
        let number = Some(self.number);
        let failed = |reason| Some(Err(Failed { number, reason }));
        let row = match row {
            Ok(Some(row)) => row,
            Ok(None) => {
                self.stream = None;
                return None;
            }
            Err(Broken { reason, is_last }) => {
                if is_last {
                    self.stream = None;
                }
                return failed(reason);
            }
        };
        let (values, encoding) = match row.decoded(stream.utf16) {
            Ok(decoded) => decoded,
            Err(reason) => return failed(reason),
        };
        let columns = self.columns.as_deref().unwrap_or_default();
        // What a row has beyond the named columns has no name by which it could be asked for.
        let fields = columns
            .iter()
            .cloned()
            .zip(values.into_iter().map(Value::String));
        Some(Ok(Record {
            number,
            digest: row.digest(),
            encoding,
            parts: Parts::Fields(fields.collect()),
        }))
    }

    /// Reads the row of names, of which one has to be that of the text.
    fn read_columns(&mut self) -> Option<Result<Vec<String>, SkipReason>> {
        let stream = self.stream.as_mut()?;
        let row = match self.parser.next(stream, self.max_bytes) {
            Ok(row) => row?,
            Err(broken) => return Some(Err(broken.reason)),
        };
        let columns = row.decoded(stream.utf16).map(|(columns, _)| {
            let columns = columns.into_iter();
            columns
                .map(|name| name.trim().to_owned())
                .collect::<Vec<_>>()
        });
        Some(columns.and_then(|columns| {
            let present = || columns.iter().map(String::as_str);
            match fields::has_text_column(present(), &self.names) {
                true => Ok(columns),
                false => Err(fields::missing_text(present(), &Map::new(), &self.names)),
            }
        }))
    }
}

/// The separator that a line above the names states, as spreadsheets write it (`sep=;`). The line is
/// passed over.
fn stated_separator(stream: &mut Stream<'_>) -> Option<u8> {
    let first = stream.head.split(|&byte| byte == b'\n').next()?;
    let stated = match first.trim_ascii_end() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => *separator,
        // A tab was trimmed.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] if first.contains(&b'\t') => b'\t',
        _ => return None,
    };
    let length = (first.len() + 1).min(stream.head.len());
    stream.head.drain(..length);
    // It was read before, so that reading it again cannot fail.
    let mut line = stream.reader.by_ref().take(length as u64);
    std::io::copy(&mut line, &mut std::io::sink()).ok()?;
    Some(stated)
}

/// The separator that gives a column for the text and rows of one length.
fn separator(head: &[u8], names: &FieldNames) -> u8 {
    let score = |separator: u8| {
        let mut parser = Parser::new(separator);
        let mut rest = head;
        let mut rows = Vec::new();
        while rows.len() < SAMPLE {
            match parser.take(&mut rest, u64::MAX) {
                Taken::Row(row) => rows.push(row),
                Taken::Nothing | Taken::TooLong => break,
            }
        }
        let Some(first) = rows.first() else {
            return (false, 0);
        };
        let columns = first.columns();
        let columns: Vec<_> = columns.map(String::from_utf8_lossy).collect();
        let has_text = fields::has_text_column(columns.iter().map(|name| name.trim()), names);
        let regular = rows.iter().filter(|row| row.ends.len() == columns.len());
        let share = 100 * regular.count() / rows.len();
        (has_text, share * usize::from(columns.len() > 1))
    };
    let scored = SEPARATORS.iter().rev().max_by_key(|&&s| score(s));
    *scored.unwrap_or(&b',')
}

/// One row, as it is written.
struct Row {
    bytes: Vec<u8>,
    /// Where each column ends.
    ends: Vec<usize>,
}

impl Row {
    fn columns(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| self.bytes.get(start..end).unwrap_or_default())
    }

    /// The columns as text, and the name of their encoding.
    fn decoded(
        &self,
        utf16: Option<&'static str>,
    ) -> Result<(Vec<String>, &'static str), SkipReason> {
        let separator = BETWEEN.to_string();
        let columns: Vec<&[u8]> = self.columns().collect();
        let decoded = stream::decoded(&columns.join(separator.as_bytes()), utf16, None)?;
        let texts: Vec<String> = decoded.text.split(BETWEEN).map(str::to_owned).collect();
        if texts.len() == columns.len() {
            return Ok((texts, decoded.encoding));
        }
        let texts = columns
            .iter()
            .map(|column| Ok(stream::decoded(column, utf16, None)?.text));
        Ok((texts.collect::<Result<_, SkipReason>>()?, decoded.encoding))
    }

    fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for column in self.columns() {
            hasher.update(&(column.len() as u64).to_le_bytes());
            hasher.update(column);
        }
        hasher.finalize()
    }
}

/// A row that could not be got from its stream.
struct Broken {
    reason: SkipReason,
    /// Whether nothing can be read after it.
    is_last: bool,
}

/// Cuts bytes into rows.
struct Parser {
    reader: Reader,
    bytes: Vec<u8>,
    length: usize,
    ends: Vec<usize>,
    columns: usize,
    /// Bytes of the row so far, kept or not.
    seen: u64,
}

enum Taken {
    Row(Row),
    /// The bytes are used up within a row.
    Nothing,
    /// The row is longer than the limit and has ended.
    TooLong,
}

impl Parser {
    fn new(separator: u8) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(separator).build(),
            bytes: vec![0; 4096],
            length: 0,
            ends: vec![0; 64],
            columns: 0,
            seen: 0,
        }
    }

    fn next(&mut self, stream: &mut Stream<'_>, max_bytes: u64) -> Result<Option<Row>, Broken> {
        let too_large = |is_last| Broken {
            reason: SkipReason::TooLarge { max_bytes },
            is_last,
        };
        loop {
            let buffer = match stream.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(Broken {
                        reason: stream::failed(error, stream.compressed),
                        is_last: true,
                    });
                }
            };
            let is_end = buffer.is_empty();
            let mut rest = buffer;
            let taken = self.take(&mut rest, max_bytes);
            let read = buffer.len() - rest.len();
            stream.reader.consume(read);
            match taken {
                Taken::Row(row) => return Ok(Some(row)),
                Taken::TooLong => return Err(too_large(false)),
                Taken::Nothing if self.seen > max_bytes.saturating_mul(PASS_OVER) => {
                    return Err(too_large(true));
                }
                Taken::Nothing if is_end => return Ok(None),
                Taken::Nothing => {}
            }
        }
    }

    /// Takes what belongs to the row from `rest`. An empty `rest` is the end of the file.
    fn take(&mut self, rest: &mut &[u8], max_bytes: u64) -> Taken {
        let is_end = rest.is_empty();
        loop {
            if rest.is_empty() && !is_end {
                return Taken::Nothing;
            }
            let (result, read, written, ends) = self.reader.read_record(
                rest,
                &mut self.bytes[self.length..],
                &mut self.ends[self.columns..],
            );
            *rest = &rest[read..];
            self.seen += read as u64;
            self.length += written;
            self.columns += ends;
            let is_too_long = self.seen > max_bytes;
            match result {
                ReadRecordResult::OutputFull if is_too_long => self.length = 0,
                ReadRecordResult::OutputFull => self.bytes.resize(2 * self.bytes.len(), 0),
                ReadRecordResult::OutputEndsFull if is_too_long || self.columns >= MAX_COLUMNS => {
                    self.columns = 0;
                    self.seen = self.seen.max(max_bytes.saturating_add(1));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Taken::Nothing,
                ReadRecordResult::Record => {
                    let (length, columns) = (self.length, self.columns);
                    (self.length, self.columns, self.seen) = (0, 0, 0);
                    if is_too_long {
                        return Taken::TooLong;
                    }
                    return Taken::Row(Row {
                        bytes: self.bytes[..length].to_vec(),
                        ends: self.ends[..columns].to_vec(),
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;
    use jiff::civil::date;

    use super::super::tests::{codes, read_bytes};
    use crate::article::{Article, FieldNames, ReadOptions, Skipped};

    fn read(table: impl AsRef<[u8]>) -> Vec<Result<Article, Skipped>> {
        read_bytes("in/a.csv", table.as_ref(), &ReadOptions::default())
    }

    fn bodies(found: &[Result<Article, Skipped>]) -> Vec<&str> {
        found
            .iter()
            .flatten()
            .map(|article| article.body.as_str())
            .collect()
    }

    #[test]
    fn rows_become_articles_whatever_separates_them() {
        for separator in [",", ";", "\t", "|"] {
            let rows = [
                ["Titre", "Texte", "Date", "id"],
                [
                    "\"Un, deux ; trois\"",
                    "\"Du \"\"texte\"\".\nSuite, et fin ; oui.\"",
                    "12/03/2024",
                    "a/1",
                ],
                ["", "Autre.", "", ""],
            ];
            let table = rows.map(|row| row.join(separator)).join("\r\n");
            let found = read(format!("\u{FEFF}{table}\r\n"));
            let first = found[0].as_ref().unwrap();
            assert_eq!(
                first.title.as_deref(),
                Some("Un, deux ; trois"),
                "{separator:?}"
            );
            assert_eq!(first.body, "Du \"texte\".\nSuite, et fin ; oui.");
            assert_eq!((first.date, &*first.id), (Some(date(2024, 3, 12)), "a-1"));
            let second = found[1].as_ref().unwrap();
            assert_eq!((&*second.path, &*second.id), ("in/a.csv#2", "a-2"));
            assert_eq!((second.title.as_ref(), found.len()), (None, 2));
        }
    }

    #[test]
    fn tables_of_spreadsheets_are_decoded() {
        let text =
            "titre;texte\nL’été;Le cœur de la ville s’est arrêté à l’été, a déclaré l’élue.\n";
        let (bytes, _, _) = WINDOWS_1252.encode(text);
        let found = read(&bytes);
        assert_eq!(
            bodies(&found),
            ["Le cœur de la ville s’est arrêté à l’été, a déclaré l’élue."]
        );
        assert_eq!(found[0].as_ref().unwrap().encoding, "windows-1252");
        let units = text.replace(';', "\t");
        let bytes: Vec<u8> = units.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bytes = [&b"\xFF\xFE"[..], &bytes].concat();
        let found = read_bytes("in/a.tsv", &bytes, &ReadOptions::default());
        assert_eq!(found[0].as_ref().unwrap().title.as_deref(), Some("L’été"));
        assert_eq!(
            found[0].as_ref().unwrap().media_type,
            "text/tab-separated-values"
        );
    }

    #[test]
    fn bad_row_costs_that_row() {
        let found = read("id,text\n1,Un.\n2\n3,\n4,Quatre.,de trop\n5,\0\n6,Six.");
        assert_eq!(
            codes(&found),
            ["read", "missing_field", "empty", "read", "binary", "read"]
        );
        let options = ReadOptions {
            max_bytes: 100,
            ..ReadOptions::default()
        };
        let long = "x".repeat(10_000);
        let table = format!(
            "id,text\n1,{long}\n2,Deux.\n3,{}\n4,Quatre.\n",
            ",".repeat(5_000)
        );
        let found = read_bytes("in/a.csv", table.as_bytes(), &options);
        assert_eq!(codes(&found), ["too_large", "read", "too_large", "read"]);
        let open = format!("id,text\n1,\"{}", "x\n".repeat(10_000));
        let found = read_bytes("in/a.csv", open.as_bytes(), &options);
        assert_eq!(codes(&found), ["too_large"]);
    }

    #[test]
    fn a_line_that_states_the_separator_is_no_row() {
        for (name, text) in [
            ("in/a.csv", "sep=;\r\nid;texte\r\n7;Un, deux.\r\n"),
            ("in/a.csv", "\u{FEFF}SEP=|\nid|texte\n7|Un, deux.\n"),
            ("in/a.csv", "sep=\t\nid\ttexte\n7\tUn, deux.\n"),
        ] {
            let found = read_bytes(name, text.as_bytes(), &ReadOptions::default());
            assert_eq!(codes(&found), ["read"], "{text}");
            let article = found[0].as_ref().unwrap();
            assert_eq!((&*article.id, &*article.body), ("7", "Un, deux."));
        }
    }

    #[test]
    fn table_without_a_text_column_gives_one_reason() {
        let found = read("a;b\n1;2\n3;4\n");
        assert_eq!(codes(&found), ["missing_field"]);
        let skipped = found[0].as_ref().unwrap_err();
        assert_eq!(skipped.path, "in/a.csv");
        assert!(skipped.to_string().contains("`a`, `b`"), "{skipped}");
        let options = ReadOptions {
            fields: FieldNames {
                text: Some("b".to_owned()),
                ..FieldNames::default()
            },
            ..ReadOptions::default()
        };
        let found = read_bytes("in/a.csv", b"a;b\n1;Un.\n", &options);
        assert_eq!(bodies(&found), ["Un."]);
        assert_eq!(codes(&read("")), ["empty"]);
        assert_eq!(codes(&read("texte\nUn, deux ; trois.\n")), ["read"]);
    }
}
