//! Cuts markup into the elements that hold one article each, so that a bad one costs only itself
//! and memory holds one at a time.

use std::io::Read;

use regex::bytes::Regex;

use super::super::error::SkipReason;
use super::stream::{self, PASS_OVER, Stream};

/// Bytes read at a time.
const CHUNK: u64 = 64 << 10;
/// Bytes kept in case a tag goes on in the next chunk.
const TAG: usize = 64;

/// The elements of a stream, in order, each with its tags.
pub(super) struct Elements {
    stream: Stream<'static>,
    open: Regex,
    close: Regex,
    max_bytes: u64,
    buffer: Vec<u8>,
    ended: bool,
}

impl Elements {
    /// `open` and `close` match the tags of an element, each in at most [`TAG`] bytes.
    pub(super) fn new(
        stream: Stream<'static>,
        open: &Regex,
        close: &Regex,
        max_bytes: u64,
    ) -> Self {
        Self {
            stream,
            open: open.clone(),
            close: close.clone(),
            max_bytes,
            buffer: Vec::new(),
            ended: false,
        }
    }

    /// WHATWG name of the encoding of the file if it is UTF-16.
    pub(super) fn utf16(&self) -> Option<&'static str> {
        self.stream.utf16
    }

    /// The next element.
    pub(super) fn next(&mut self) -> Option<Result<Vec<u8>, SkipReason>> {
        loop {
            if let Some(found) = self.open.find(&self.buffer) {
                let start = found.start();
                self.buffer.drain(..start);
                return Some(self.element());
            }
            let kept = self.buffer.len().min(TAG);
            self.buffer.drain(..self.buffer.len() - kept);
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(reason) => return Some(Err(reason)),
            }
        }
    }

    /// The element that the buffer begins with.
    fn element(&mut self) -> Result<Vec<u8>, SkipReason> {
        let max_bytes = self.max_bytes;
        let too_large = SkipReason::TooLarge { max_bytes };
        let mut searched = 0;
        let mut passed = 0;
        loop {
            if let Some(found) = self.close.find_at(&self.buffer, searched) {
                let end = found.end();
                let element: Vec<u8> = self.buffer.drain(..end).collect();
                return match passed + end as u64 > max_bytes {
                    true => Err(too_large),
                    false => Ok(element),
                };
            }
            searched = self.buffer.len().saturating_sub(TAG);
            if passed + self.buffer.len() as u64 > max_bytes {
                passed += searched as u64;
                self.buffer.drain(..searched);
                searched = 0;
            }
            if passed > max_bytes.saturating_mul(PASS_OVER) {
                self.ended = true;
                self.buffer.clear();
                return Err(too_large);
            }
            match self.fill() {
                Ok(true) => {}
                Ok(false) if passed > 0 => {
                    self.buffer.clear();
                    return Err(too_large);
                }
                // Cut off: what there is may still be an article.
                Ok(false) => return Ok(std::mem::take(&mut self.buffer)),
                Err(reason) => {
                    self.buffer.clear();
                    return Err(reason);
                }
            }
        }
    }

    /// Reads on. Returns whether there was anything.
    fn fill(&mut self) -> Result<bool, SkipReason> {
        if self.ended {
            return Ok(false);
        }
        let chunk = self.stream.reader.by_ref().take(CHUNK);
        let read = { chunk }.read_to_end(&mut self.buffer).map_err(|error| {
            self.ended = true;
            stream::failed(error, self.stream.compressed)
        })?;
        self.ended = read == 0;
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::super::find::Compression;
    use super::*;

    fn elements(bytes: &[u8], max_bytes: u64) -> Vec<Result<String, &'static str>> {
        let stream = stream::of_bytes(Cursor::new(bytes.to_vec()), Compression::None).unwrap();
        let open = Regex::new(r"<item[\s>]").unwrap();
        let close = Regex::new(r"</item\s*>").unwrap();
        let mut elements = Elements::new(stream, &open, &close, max_bytes);
        std::iter::from_fn(|| elements.next())
            .map(|element| match element {
                Ok(bytes) => Ok(String::from_utf8(bytes).unwrap()),
                Err(reason) => Err(reason.code()),
            })
            .collect()
    }

    #[test]
    fn elements_are_found_wherever_chunks_end() {
        for before in [0, 1, CHUNK as usize - 3, CHUNK as usize, 3 * CHUNK as usize] {
            let filler = "x".repeat(before);
            let text = format!("<a>{filler}<items/><item>un</item>\n<item x='y'>{filler}</item >");
            let expected = [
                "<item>un</item>".to_owned(),
                format!("<item x='y'>{filler}</item >"),
            ];
            assert_eq!(elements(text.as_bytes(), 1 << 20), expected.map(Ok));
        }
    }

    #[test]
    fn long_and_cut_elements_cost_only_themselves() {
        let long = format!("<item>{}</item>", "x".repeat(50_000));
        let text = format!("{long}<item>un</item><item>de");
        let found = elements(text.as_bytes(), 1000);
        assert_eq!(
            found,
            [
                Err("too_large"),
                Ok("<item>un</item>".into()),
                Ok("<item>de".into())
            ]
        );
        let endless = format!("<item>{}", "x".repeat(200_000));
        assert_eq!(elements(endless.as_bytes(), 1000), [Err("too_large")]);
        assert_eq!(elements(b"", 1000), []);
    }
}
