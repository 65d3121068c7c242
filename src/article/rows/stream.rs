//! The bytes of a collection, decompressed while they are read: within bounds, and in an encoding
//! in which markup and line ends are ASCII.

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{CoderResult, Decoder, UTF_8};

use super::super::decode;
use super::super::error::SkipReason;
use super::super::find::{Compression, SourceFile};
use super::super::source;

/// Bytes looked at to learn the layout of a file.
const HEAD: u64 = 64 << 10;
/// What a compressed file may unpack to: this much, and this many times its size. Text seldom
/// packs to a twentieth.
const FREE: u64 = 256 << 20;
const TIMES: u64 = 400;
/// A record that is too large is passed over if it is at most this many times the limit. Beyond
/// that, the file is given up as one without records.
pub(super) const PASS_OVER: u64 = 64;

/// An open collection.
pub(super) struct Stream<'a> {
    /// The first bytes; `reader` gives them again.
    pub head: Vec<u8>,
    pub reader: Box<dyn BufRead + Send + 'a>,
    /// WHATWG name of the encoding of the file if it is UTF-16, which `reader` gives as UTF-8.
    pub utf16: Option<&'static str>,
    pub compressed: bool,
    /// How many bytes of the file have been read.
    pub read: Arc<AtomicU64>,
}

impl Stream<'_> {
    /// The first bytes, up to a number of one's own.
    pub(super) fn more_of_head(mut self, max_bytes: u64) -> Result<Vec<u8>, SkipReason> {
        let mut head = Vec::new();
        let read = self.reader.by_ref().take(max_bytes).read_to_end(&mut head);
        read.map_err(|error| failed(error, self.compressed))?;
        Ok(head)
    }
}

pub(super) fn open(file: &SourceFile) -> Result<Stream<'static>, SkipReason> {
    let bytes = BufReader::with_capacity(64 << 10, source::open(&file.path)?);
    of_bytes(bytes, file.compression)
}

/// [`open`] for bytes that come from elsewhere.
pub(super) fn of_bytes<'a>(
    bytes: impl BufRead + Send + 'a,
    compression: Compression,
) -> Result<Stream<'a>, SkipReason> {
    let compressed = compression != Compression::None;
    let read = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner: bytes,
        read: Arc::clone(&read),
    };
    let unpacked: Box<dyn BufRead + Send + 'a> = match compressed {
        false => Box::new(counted),
        true => Box::new(Bounded {
            inner: source::decompress(counted, compression),
            read: Arc::clone(&read),
            given: 0,
        }),
    };
    let mut reader = unpacked;
    let mut head = Vec::new();
    if let Err(error) = reader.by_ref().take(HEAD).read_to_end(&mut head) {
        // What comes before the damage is read all the same.
        reader = Box::new(BufReader::new(Broken(Some(error))));
    }
    let encoding = decode::utf16(&head);
    let mark = match encoding {
        None if head.starts_with(b"\xEF\xBB\xBF") => 3,
        Some(_) if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") => 2,
        _ => 0,
    };
    head.drain(..mark);
    let again = Cursor::new(head.clone()).chain(reader);
    let Some(encoding) = encoding else {
        return Ok(Stream {
            head,
            reader: Box::new(again),
            utf16: None,
            compressed,
            read,
        });
    };
    let (text, _) = encoding.decode_without_bom_handling(&head[..head.len() / 2 * 2]);
    let reader = Transcoded {
        inner: again,
        decoder: encoding.new_decoder_without_bom_handling(),
        waiting: Vec::new(),
        ended: false,
    };
    Ok(Stream {
        head: text.into_owned().into_bytes(),
        reader: Box::new(BufReader::new(reader)),
        utf16: Some(encoding.name()),
        compressed,
        read,
    })
}

/// Why a collection cannot be read on.
pub(super) fn failed(error: io::Error, compressed: bool) -> SkipReason {
    let cause = error.get_ref();
    let expands = cause.and_then(|cause| cause.downcast_ref::<ExpandsTooFar>());
    match compressed {
        _ if expands.is_some() => SkipReason::Expands { times: TIMES },
        true => SkipReason::Damaged(error),
        false => SkipReason::Unreadable(error),
    }
}

/// There are too many unpacked bytes for the packed ones.
#[derive(Debug)]
struct ExpandsTooFar;

impl fmt::Display for ExpandsTooFar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("unpacks to too much")
    }
}

impl std::error::Error for ExpandsTooFar {}

/// Counts the packed bytes.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        self.inner.consume(count);
    }
}

/// Fails as soon as there are too many unpacked bytes for the packed ones.
struct Bounded<R> {
    inner: R,
    read: Arc<AtomicU64>,
    given: u64,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let packed = self.read.load(Ordering::Relaxed);
        if self.given > FREE && self.given / TIMES > packed {
            return Err(io::Error::other(ExpandsTooFar));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.given += count as u64;
        self.inner.consume(count);
    }
}

/// The place at which a file is damaged: gives its error once.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// UTF-16 as UTF-8.
struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    /// Decoded bytes that did not fit.
    waiting: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.waiting.is_empty() && !self.ended {
            let input = self.inner.fill_buf()?;
            let last = input.is_empty();
            let mut text = [0; 4096];
            let (result, read, written, _) = self.decoder.decode_to_utf8(input, &mut text, last);
            self.inner.consume(read);
            self.waiting.extend_from_slice(&text[..written]);
            self.ended = last && matches!(result, CoderResult::InputEmpty);
        }
        let count = self.waiting.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.waiting[..count]);
        self.waiting.drain(..count);
        Ok(count)
    }
}

/// Text of one record, decoded on its own: exports are often pasted together from several sources.
pub(super) fn decoded(
    bytes: &[u8],
    utf16: Option<&'static str>,
    declared: Option<&'static encoding_rs::Encoding>,
) -> Result<decode::Decoded, SkipReason> {
    match utf16 {
        Some(encoding) => Ok(decode::Decoded {
            encoding,
            ..decode::decode(bytes, Some(UTF_8))?
        }),
        None => decode::decode(bytes, declared),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use encoding_rs::{UTF_16BE, UTF_16LE};
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn utf16_is_given_as_utf8() {
        let text = "Une ligne, é.\n".repeat(10_000);
        for (encoding, mark, to) in [
            (
                UTF_16LE,
                &b"\xFF\xFE"[..],
                u16::to_le_bytes as fn(u16) -> [u8; 2],
            ),
            (UTF_16BE, b"\xFE\xFF", u16::to_be_bytes),
            (UTF_16LE, b"", u16::to_le_bytes),
        ] {
            let units = text.encode_utf16().flat_map(to);
            let bytes: Vec<u8> = mark.iter().copied().chain(units).collect();
            let mut stream = of_bytes(&bytes[..], Compression::None).unwrap();
            assert_eq!(stream.utf16, Some(encoding.name()));
            let mut read = String::new();
            stream.reader.read_to_string(&mut read).unwrap();
            assert!(read == text);
        }
    }

    #[test]
    fn head_is_given_again_without_its_mark() {
        let mut stream = of_bytes(&b"\xEF\xBB\xBFabc"[..], Compression::None).unwrap();
        assert_eq!(stream.head, b"abc");
        let mut read = String::new();
        stream.reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, "abc");
    }

    #[test]
    fn file_that_unpacks_to_too_much_is_given_up() {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let zeros = vec![0; 1 << 20];
        // `fast` packs zeros to a two-hundredth; twice packed, they are nearly nothing.
        for _ in 0..64 {
            encoder.write_all(&zeros).unwrap();
        }
        let packed = encoder.finish().unwrap();
        let read = Arc::new(AtomicU64::new(packed.len() as u64 / 1000));
        let mut bounded = Bounded {
            inner: source::decompress(&packed[..], Compression::Gzip),
            read,
            given: FREE,
        };
        let error = io::copy(&mut bounded, &mut io::sink()).unwrap_err();
        assert_eq!(failed(error, true).code(), "expands");
    }
}
