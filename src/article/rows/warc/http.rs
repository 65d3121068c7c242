//! The answer of a web server: its header, and its content as a browser would get it.

use std::io::{self, BufRead, Read};

use encoding_rs::Encoding;

use super::super::super::decode;
use super::super::super::error::SkipReason;
use super::super::super::find::Compression;
use super::super::super::source;
use super::{MAX_LINES, field, line};

/// Bytes that are unpacked at a time.
const BUFFER: usize = 8 << 10;

/// The header of an answer.
pub(super) struct Answer {
    pub status: u16,
    content_type: String,
    content_encoding: String,
    chunked: bool,
}

impl Answer {
    /// Reads the header of an answer and leaves `content` at what follows.
    pub(super) fn read(content: &mut impl BufRead) -> io::Result<Self> {
        let mut lines = Vec::new();
        while lines.len() < MAX_LINES {
            match line(content)? {
                Some(line) if !line.is_empty() => lines.push(line),
                _ => break,
            }
        }
        let status = lines
            .first()
            .and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        let value = |name: &str| field(&lines, name).unwrap_or_default().to_lowercase();
        Ok(Self {
            status: status.unwrap_or(0),
            content_type: value("Content-Type"),
            content_encoding: value("Content-Encoding"),
            chunked: value("Transfer-Encoding").contains("chunked"),
        })
    }

    /// What stands for the header of a record that has none.
    pub(super) fn of_resource(content_type: &str) -> Self {
        Self {
            status: 200,
            content_type: content_type.to_owned(),
            content_encoding: String::new(),
            chunked: false,
        }
    }

    pub(super) fn is_page(&self) -> bool {
        self.content_type.starts_with("text/html") || self.is_xhtml()
    }

    pub(super) fn is_xhtml(&self) -> bool {
        self.content_type.starts_with("application/xhtml+xml")
    }

    /// The encoding that the server names.
    pub(super) fn charset(&self) -> Option<&'static Encoding> {
        let (_, label) = self.content_type.split_once("charset=")?;
        let label = label.split(';').next()?;
        Encoding::for_label(label.trim_matches(['"', '\'', ' ']).as_bytes())
    }

    /// The content, unpacked. Archives keep it as it came or unpacked, and the header as it came.
    pub(super) fn payload(&self, raw: Vec<u8>, max_bytes: u64) -> Result<Vec<u8>, SkipReason> {
        let bytes = match self.chunked {
            true => joined(&raw).unwrap_or(raw),
            false => raw,
        };
        let packed = self.content_encoding.as_str();
        let compression = match &bytes[..] {
            [0x1F, 0x8B, ..] => Compression::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Compression::Zstd,
            [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] if packed == "deflate" => {
                let unpacked = flate2::read::ZlibDecoder::new(&bytes[..]);
                return source::read_all(unpacked, max_bytes, SkipReason::Damaged);
            }
            // Brotli has no mark: it may be text that the archive has unpacked.
            _ if packed == "br" && std::str::from_utf8(&bytes).is_err() => {
                let unpacked = brotli::Decompressor::new(&bytes[..], BUFFER);
                return match source::read_all(unpacked, max_bytes, SkipReason::Damaged) {
                    Err(SkipReason::Damaged(_)) if decode::decode(&bytes, None).is_ok() => {
                        Ok(bytes)
                    }
                    unpacked => unpacked,
                };
            }
            _ => return Ok(bytes),
        };
        let unpacked = source::decompress(&bytes[..], compression);
        source::read_all(unpacked, max_bytes, SkipReason::Damaged)
    }
}

/// Joins the chunks of a chunked transfer. Returns `None` if `raw` is not in chunks.
fn joined(raw: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        let mut head = Vec::new();
        rest.by_ref().take(100).read_until(b'\n', &mut head).ok()?;
        let size = std::str::from_utf8(&head).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(joined);
        }
        joined.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}
