//! WARC: the French pages of a web archive. Records of other types, visits that found nothing new,
//! pictures, scripts and pages in other languages are passed over and counted.

mod http;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};

use french::text::identify;

use super::super::block::Content;
use super::super::error::SkipReason;
use super::super::{decode, html};
use super::stream::{self, Stream};
use super::{Failed, Parts, Record};

/// Longest line of a header.
const MAX_LINE: u64 = 64 << 10;
/// Most lines of a header.
const MAX_LINES: usize = 1000;

/// The pages of a web archive, in order.
pub(super) struct Warc {
    /// `None` after the end and after an error that leaves nothing to read.
    stream: Option<Stream<'static>>,
    max_bytes: u64,
    /// Number of the record read last, from 1, of whatever type.
    number: usize,
    /// Bytes of the record read last that were not read.
    left: u64,
    pub passed_over: BTreeMap<String, usize>,
}

/// What became of a record.
enum Page {
    Read(Box<Record>),
    PassedOver(String),
}

impl Warc {
    pub(super) fn new(stream: Stream<'static>, max_bytes: u64) -> Self {
        Self {
            stream: Some(stream),
            max_bytes,
            number: 0,
            left: 0,
            passed_over: BTreeMap::new(),
        }
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, Failed>> {
        loop {
            let header = match self.header() {
                Ok(Some(header)) => header,
                Ok(None) => {
                    self.stream = None;
                    return None;
                }
                Err(reason) => {
                    self.stream = None;
                    let number = Some(self.number + 1);
                    return Some(Err(Failed { number, reason }));
                }
            };
            self.number += 1;
            self.left = header.length;
            match self.page(&header) {
                Ok(Page::Read(record)) => return Some(Ok(*record)),
                Ok(Page::PassedOver(kind)) => {
                    *self.passed_over.entry(kind).or_default() += 1;
                }
                Err(reason) => {
                    let number = Some(self.number);
                    return Some(Err(Failed { number, reason }));
                }
            }
        }
    }

    /// Reads past the rest of the last record and up to the content of the next.
    fn header(&mut self) -> Result<Option<Header>, SkipReason> {
        let Some(stream) = &mut self.stream else {
            return Ok(None);
        };
        let compressed = stream.compressed;
        let failed = |error| stream::failed(error, compressed);
        let mut rest = stream.reader.by_ref().take(self.left);
        let passed = io::copy(&mut rest, &mut io::sink()).map_err(failed)?;
        if passed < self.left {
            return Err(cut(compressed));
        }
        self.left = 0;
        let mut lines = Vec::new();
        loop {
            let Some(line) = line(&mut stream.reader).map_err(failed)? else {
                return match lines.is_empty() {
                    true => Ok(None),
                    false => Err(malformed("the file ends in its header")),
                };
            };
            match (line.is_empty(), lines.is_empty()) {
                (true, true) => {}
                (true, false) => break,
                (false, true) if !line.starts_with("WARC/") => {
                    return Err(malformed("its header does not begin with WARC/"));
                }
                _ if lines.len() >= MAX_LINES => return Err(malformed("its header has no end")),
                _ => lines.push(line),
            }
        }
        let field = |name: &str| field(&lines[1..], name);
        let length = field("WARC-Type").zip(field("Content-Length"));
        let length = length.and_then(|(_, length)| length.parse().ok());
        Ok(Some(Header {
            kind: field("WARC-Type").unwrap_or_default().to_lowercase(),
            content_type: field("Content-Type").unwrap_or_default().to_lowercase(),
            length: length.ok_or_else(|| malformed("its header has no type or length"))?,
        }))
    }

    fn page(&mut self, header: &Header) -> Result<Page, SkipReason> {
        if !header.is_response() && header.kind != "resource" {
            return Ok(Page::PassedOver(format!("WARC {}", kind(&header.kind))));
        }
        let Some(stream) = &mut self.stream else {
            return Ok(Page::PassedOver("WARC record".to_owned()));
        };
        let (compressed, max_bytes) = (stream.compressed, self.max_bytes);
        let mut content = stream.reader.by_ref().take(header.length);
        let answered = answer(&mut content, header, max_bytes);
        self.left = content.limit();
        let (answer, raw) = match answered {
            Ok(Answered::Page(answer, raw)) if self.left == 0 => (answer, raw),
            Ok(Answered::Page(..)) => {
                self.stream = None;
                return Err(cut(compressed));
            }
            Ok(Answered::Other(kind)) => return Ok(Page::PassedOver(kind.to_owned())),
            Ok(Answered::TooLarge) => return Err(SkipReason::TooLarge { max_bytes }),
            Err(error) => {
                self.stream = None;
                return Err(stream::failed(error, compressed));
            }
        };
        let digest = blake3::hash(&raw);
        let bytes = answer.payload(raw, max_bytes)?;
        let declared = answer
            .charset()
            .or_else(|| decode::declared_in_html(&bytes));
        let decoded = decode::decode(&bytes, declared)?;
        let content = match answer.is_xhtml() {
            true => html::read_xhtml(&decoded.text)?,
            false => html::read(&decoded.text)?,
        };
        if let Some(kind) = passed_over(&content) {
            return Ok(Page::PassedOver(kind.to_owned()));
        }
        Ok(Page::Read(Box::new(Record {
            number: Some(self.number),
            digest,
            encoding: decoded.encoding,
            parts: Parts::Content { content, id: None },
        })))
    }
}

/// Why a page is not one to summarise, which is no fault of the archive.
fn passed_over(content: &Content) -> Option<&'static str> {
    if content.paragraphs.is_empty() {
        return Some("WARC page without text");
    }
    let language = identify(&content.body)?;
    (language.reliable && !language.is_french()).then_some("WARC page in another language")
}

/// The header of a record.
struct Header {
    kind: String,
    content_type: String,
    length: u64,
}

impl Header {
    /// Whether the content is the answer of a web server.
    fn is_response(&self) -> bool {
        self.kind == "response" && self.content_type.contains("http")
    }
}

/// What the content of a record is.
enum Answered {
    Page(http::Answer, Vec<u8>),
    /// Something else, which is counted under this name.
    Other(&'static str),
    TooLarge,
}

/// Reads the content of a record, if it is a page.
fn answer(
    content: &mut io::Take<impl BufRead>,
    header: &Header,
    max_bytes: u64,
) -> io::Result<Answered> {
    let answer = match header.is_response() {
        true => http::Answer::read(content)?,
        false => http::Answer::of_resource(&header.content_type),
    };
    if answer.status != 200 {
        return Ok(Answered::Other("WARC response without a page"));
    }
    if !answer.is_page() {
        return Ok(Answered::Other("WARC response of another type"));
    }
    if content.limit() > max_bytes {
        return Ok(Answered::TooLarge);
    }
    let mut raw = Vec::new();
    content.read_to_end(&mut raw)?;
    Ok(Answered::Page(answer, raw))
}

/// The reason for the last record of a file that was cut off.
fn cut(compressed: bool) -> SkipReason {
    match compressed {
        true => SkipReason::Damaged(io::ErrorKind::UnexpectedEof.into()),
        false => malformed("the file ends in the middle of it"),
    }
}

fn malformed(error: &str) -> SkipReason {
    SkipReason::Malformed {
        format: "WARC record",
        error: error.to_owned(),
    }
}

/// The type of a record as counts name it.
fn kind(kind: &str) -> &str {
    match kind {
        "warcinfo" | "request" | "response" | "metadata" | "revisit" | "conversion"
        | "continuation" => kind,
        _ => "record of another type",
    }
}

/// The next line of a header, without its end, or `None` at the end of the file.
fn line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    reader.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&line);
    Ok(Some(line.trim_end().to_owned()))
}

/// The value of a field of a header.
fn field<'a>(lines: &'a [String], name: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests;
