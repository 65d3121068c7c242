//! JSON: one object per line, or objects one after the other or in an array, over as many lines as
//! they like. The array may stand in an object, as services answer.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{BufRead, Read};

use encoding_rs::UTF_8;
use memchr::memmem;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::super::decode;
use super::super::error::SkipReason;
use super::super::fields::{self, FieldNames};
use super::super::find::Format;
use super::super::repair::repaired;
use super::stream::{self, PASS_OVER, Stream};
use super::{Failed, Parts, Record};

/// The objects of a file, in order.
pub(super) struct Values {
    /// `None` after the end and after an error that leaves nothing to read.
    stream: Option<Stream<'static>>,
    layout: Layout,
    max_bytes: u64,
    /// Number of the line or value read last, from 1.
    number: usize,
    /// Whether the file may hold one object, which stands for the file or has the records in it.
    may_be_alone: bool,
    names: FieldNames,
    /// The records of an object that are still to be given, and the name of their encoding.
    waiting: VecDeque<Value>,
    encoding: &'static str,
}

enum Layout {
    /// JSON lines: a record is a line, and a bad line costs nothing but itself.
    Lines,
    /// A record is a value, or a member of an array on the outside.
    Values,
}

impl Values {
    pub(super) fn new(
        stream: Stream<'static>,
        format: Format,
        max_bytes: u64,
        names: &FieldNames,
    ) -> Self {
        let layout = match format {
            Format::JsonLines => layout(&stream.head),
            _ => Layout::Values,
        };
        Self {
            stream: Some(stream),
            layout,
            max_bytes,
            number: 0,
            may_be_alone: format == Format::Json,
            names: names.clone(),
            waiting: VecDeque::new(),
            encoding: "UTF-8",
        }
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, Failed>> {
        loop {
            if let Some(value) = self.waiting.pop_front() {
                self.number += 1;
                return Some(member(value, self.number, self.encoding));
            }
            let stream = self.stream.as_mut()?;
            let read = match self.layout {
                Layout::Lines => line(stream, self.max_bytes),
                Layout::Values => value(stream, self.max_bytes),
            };
            self.number += 1;
            let failed = |reason| Failed {
                number: Some(self.number),
                reason,
            };
            return Some(match read {
                Ok(Some(raw)) if raw.trim_ascii().is_empty() => continue,
                Ok(Some(raw)) => match object(&raw, stream.utf16) {
                    Ok((mut fields, encoding)) => {
                        if self.may_be_alone
                            && let Some(records) =
                                records_in(&mut fields, &self.names, MOST_WRAPPERS)
                        {
                            (self.waiting, self.encoding) = (records, encoding);
                            self.number -= 1;
                            continue;
                        }
                        let number = match self.may_be_alone && self.number == 1 {
                            true => (!is_at_end(stream)).then_some(1),
                            false => Some(self.number),
                        };
                        Ok(Record {
                            number,
                            digest: blake3::hash(&raw),
                            encoding,
                            parts: Parts::Fields(fields),
                        })
                    }
                    Err(reason) => Err(failed(reason)),
                },
                Ok(None) => {
                    self.stream = None;
                    return None;
                }
                Err(Broken { reason, is_last }) => {
                    let failed = failed(reason);
                    if is_last {
                        self.stream = None;
                    }
                    Err(failed)
                }
            });
        }
    }
}

/// Objects in objects that are looked into for records.
const MOST_WRAPPERS: usize = 3;

/// The records in an object that is none itself, as services answer: `{"articles": [{…}, {…}]}`.
fn records_in(
    fields: &mut Map<String, Value>,
    names: &FieldNames,
    depth: usize,
) -> Option<VecDeque<Value>> {
    let has_text = |fields: &Map<String, Value>| {
        fields::has_text_column(fields.keys().map(String::as_str), names)
    };
    if depth == 0 || has_text(fields) {
        return None;
    }
    let lists = fields.values_mut().filter_map(Value::as_array_mut);
    let records = lists.filter(|list| {
        let first = list.first().and_then(Value::as_object);
        first.is_some_and(has_text)
    });
    let records: VecDeque<Value> = records.flat_map(std::mem::take).collect();
    if !records.is_empty() {
        return Some(records);
    }
    let mut inner = fields.values_mut().filter_map(Value::as_object_mut);
    inner.find_map(|inner| records_in(inner, names, depth - 1))
}

/// A record of an object that holds several.
fn member(value: Value, number: usize, encoding: &'static str) -> Result<Record, Failed> {
    let digest = blake3::hash(value.to_string().as_bytes());
    let number = Some(number);
    match value {
        Value::Object(fields) => Ok(Record {
            number,
            digest,
            encoding,
            parts: Parts::Fields(fields),
        }),
        _ => Err(Failed {
            number,
            reason: SkipReason::BadRow("no JSON object".to_owned()),
        }),
    }
}

/// A record that could not be got from its stream.
struct Broken {
    reason: SkipReason,
    /// Whether nothing can be read after it.
    is_last: bool,
}

impl Broken {
    fn last(reason: SkipReason) -> Self {
        Self {
            reason,
            is_last: true,
        }
    }
}

/// Files that are called JSON lines are now and then an array, or printed over several lines.
fn layout(head: &[u8]) -> Layout {
    let text = head.trim_ascii_start();
    let mut lines = text.split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    if first.len() == text.len() {
        return match text.first() {
            Some(b'[') => Layout::Values,
            _ => Layout::Lines,
        };
    }
    let error = match serde_json::from_slice::<IgnoredAny>(first) {
        Ok(_) if first.starts_with(b"[") => return Layout::Values,
        Ok(_) => return Layout::Lines,
        Err(error) => error,
    };
    let next = lines.find(|line| !line.trim_ascii().is_empty());
    let goes_on = next.is_none_or(|next| next.first() != Some(&b'{'));
    match first.first() {
        Some(b'[') => Layout::Values,
        Some(b'{') if error.is_eof() && goes_on => Layout::Values,
        _ => Layout::Lines,
    }
}

/// Bytes that most lines have room in.
const USUAL: usize = 4 << 10;

/// The next line, without its end.
fn line(stream: &mut Stream<'_>, max_bytes: u64) -> Result<Option<Vec<u8>>, Broken> {
    let compressed = stream.compressed;
    let failed = |error| Broken::last(stream::failed(error, compressed));
    let mut row = Vec::with_capacity(USUAL);
    let limit = max_bytes.saturating_add(1);
    let reader = &mut stream.reader;
    let mut limited = reader.by_ref().take(limit);
    limited.read_until(b'\n', &mut row).map_err(failed)?;
    if row.is_empty() {
        return Ok(None);
    }
    if row.pop_if(|byte| *byte == b'\n').is_none() && row.len() as u64 > max_bytes {
        let rest = reader.by_ref().take(max_bytes.saturating_mul(PASS_OVER));
        let ended = pass_line(rest).map_err(failed)?;
        return Err(Broken {
            reason: SkipReason::TooLarge { max_bytes },
            is_last: !ended,
        });
    }
    Ok(Some(row))
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

/// The next value, told by its brackets.
fn value(stream: &mut Stream<'_>, max_bytes: u64) -> Result<Option<Vec<u8>>, Broken> {
    let compressed = stream.compressed;
    let mut value = Vec::new();
    let mut scan = Scan::default();
    let mut length = 0;
    loop {
        let buffer = match stream.reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::last(stream::failed(error, compressed))),
        };
        if buffer.is_empty() {
            return match (scan.begun, scan.depth) {
                (false, _) => Ok(None),
                (true, 0) if !scan.in_string => Ok(Some(value)),
                _ if length > max_bytes => Err(Broken::last(SkipReason::TooLarge { max_bytes })),
                _ => Err(Broken::last(SkipReason::BadRow(
                    "the file ends in the middle of it".to_owned(),
                ))),
            };
        }
        let mut read = 0;
        let mut from = 0;
        let mut ended = false;
        for &byte in buffer {
            if !scan.begun {
                // An array on the outside is no value, its members are.
                let between = byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',');
                if between {
                    read += 1;
                    from = read;
                    continue;
                }
                scan.begun = true;
            }
            if scan.ends_before(byte) {
                ended = true;
                break;
            }
            read += 1;
            if scan.take(byte) {
                ended = true;
                break;
            }
        }
        let part = &buffer[from..read];
        length += part.len() as u64;
        if length <= max_bytes {
            value.extend_from_slice(part);
        }
        stream.reader.consume(read);
        let too_large = SkipReason::TooLarge { max_bytes };
        if ended && length > max_bytes {
            return Err(Broken {
                reason: too_large,
                is_last: false,
            });
        }
        if ended {
            return Ok(Some(value));
        }
        if length > max_bytes.saturating_mul(PASS_OVER) {
            return Err(Broken::last(too_large));
        }
    }
}

/// Where in a value the scan is.
#[derive(Default)]
struct Scan {
    begun: bool,
    /// Number of open brackets.
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Whether a number or word ends in front of `byte`.
    fn ends_before(&self, byte: u8) -> bool {
        let in_word = self.depth == 0 && !self.in_string;
        in_word && (byte.is_ascii_whitespace() || matches!(byte, b',' | b']'))
    }

    /// Takes the next byte. Returns whether the value ends with it.
    fn take(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    return self.depth == 0;
                }
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

/// Whether only blanks follow. An error counts as something that follows.
fn is_at_end(stream: &mut Stream<'_>) -> bool {
    loop {
        let Ok(buffer) = stream.reader.fill_buf() else {
            return false;
        };
        if buffer.is_empty() {
            return true;
        }
        let blank = buffer.len() - buffer.trim_ascii_start().len();
        let all = blank == buffer.len();
        stream.reader.consume(blank);
        if !all {
            return false;
        }
    }
}

/// Puts right the strings in a value, which nests no deeper than the parser allows.
fn repair(value: &mut Value) {
    match value {
        Value::String(text) => *text = repaired(std::mem::take(text).into()).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(repair),
        Value::Object(fields) => fields.values_mut().for_each(repair),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The fields of a record, and the name of its encoding.
pub(super) fn object(
    raw: &[u8],
    utf16: Option<&'static str>,
) -> Result<(Map<String, Value>, &'static str), SkipReason> {
    // Without a copy of what is as it should be.
    let (text, encoding) = match decode::usual(raw).filter(|_| utf16.is_none()) {
        Some(text) => (Cow::Borrowed(text), UTF_8.name()),
        None => {
            let decoded = stream::decoded(raw, utf16, None)?;
            (Cow::Owned(decoded.text), decoded.encoding)
        }
    };
    let mut fields: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
        // The error counts lines within the row; the line of the file is in the path.
        let message = error
            .to_string()
            .replace(" at line 1 column ", " at column ");
        SkipReason::BadRow(format!("no JSON object: {message}"))
    })?;
    // What was escaped was not seen when the line was decoded.
    if memmem::find(raw, br"\u").is_some() {
        fields.values_mut().for_each(repair);
    }
    Ok((fields, encoding))
}

#[cfg(test)]
mod tests;
