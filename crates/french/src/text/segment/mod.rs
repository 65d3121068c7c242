//! Sentence segmentation of French news.
//!
//! A sentence ends at `. ! ? …` and the closing marks after it, also inside quotations, if another
//! sentence opens there; at bullets; and where a heading is glued to the text after it (`Enquête en
//! coursLes enquêteurs`, `- Tensions -Le président`). The rules use characters and closed lists of
//! words only, without a model or state between paragraphs. A line break is a blank, since the
//! paragraphs reflect the layout. Only blanks lie outside the segments.

mod abbreviations;
mod glue;
#[cfg(test)]
mod tests;

use self::abbreviations::Stop;
use super::{ByteSpan, Paragraph};

/// A sentence and its paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Index of the paragraph.
    pub paragraph: usize,
    /// Span in the body, without blanks at its ends.
    pub span: ByteSpan,
}

/// Splits all paragraphs into sentences, in order.
pub fn segment(body: &str, paragraphs: &[Paragraph]) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (paragraph, Paragraph { span, .. }) in paragraphs.iter().enumerate() {
        segments.extend(
            sentences(span.slice(body))
                .into_iter()
                .map(|sentence| Segment {
                    paragraph,
                    span: ByteSpan::new(span.start + sentence.start, span.start + sentence.end),
                }),
        );
    }
    segments
}

/// Splits one paragraph into sentences, in order and without blanks at their ends.
pub fn sentences(text: &str) -> Vec<ByteSpan> {
    let mut found = Vec::new();
    let mut scan = Scan {
        text,
        start: 0,
        quoted: false,
        enclosed_to: 0,
    };
    while let Some(end) = scan.next_end() {
        found.extend(trimmed(text, scan.start, end));
        scan.start = end;
    }
    found.extend(trimmed(text, scan.start, text.len()));
    found
}

/// The span without the blanks at its ends. Returns `None` if it is blank.
pub(super) fn trimmed(text: &str, start: usize, end: usize) -> Option<ByteSpan> {
    let part = text[start..end].trim_end();
    let blanks = part.len() - part.trim_start().len();
    (blanks < part.len()).then(|| ByteSpan::new(start + blanks, start + part.len()))
}

/// Maximal length in bytes of a parenthesis that is kept whole; a longer one was never closed.
const LONGEST_ASIDE: usize = 600;
/// Maximal length of a heading in bytes.
const LONGEST_HEADING: usize = 120;
/// How far rules look to either side, in bytes; bounded so that the time stays linear.
const REACH: usize = 1_000;

/// Marks before the first word of a sentence.
const OPENING: &str = "«\"“„‘'’-–—*¿¡";
/// Marks that never begin a sentence.
const CONTINUING: &str = ",;:.!?)]}»”/%=<>|&";

struct Scan<'a> {
    text: &'a str,
    /// Where the current sentence begins.
    start: usize,
    /// Whether the last straight quotation mark opened a quotation.
    quoted: bool,
    /// End of the parenthesis that is being read.
    enclosed_to: usize,
}

impl<'a> Scan<'a> {
    /// The end of the sentence that begins at `start`. Returns `None` for the last one.
    fn next_end(&mut self) -> Option<usize> {
        let mut at = self.start;
        let mut begun = false;
        while let Some(c) = self.after(at).chars().next() {
            let next = at + c.len_utf8();
            let end = match c {
                '.' | '!' | '?' | '…' => {
                    let (run, end) = self.terminator(at);
                    if end.is_none() || at < self.enclosed_to {
                        at = run;
                        continue;
                    }
                    end
                }
                '"' => {
                    self.see_quotation_mark(at);
                    None
                }
                '(' | '[' => {
                    if begun && at >= self.enclosed_to {
                        self.enclosed_to = self.closing_bracket(at);
                    }
                    None
                }
                '•' | '‣' | '▪' | '■' | '●' | '♦' | '►' | '▶' => {
                    begun.then_some(at)
                }
                '-' => self.heading_end(at),
                '\n' | '\r' => self.capitals_end(at),
                _ if begun && c.is_uppercase() => self.glued_start(at).then_some(at),
                _ => None,
            };
            if let Some(end) = end.filter(|_| at >= self.enclosed_to) {
                self.step_over_marks(at, end);
                return Some(end);
            }
            begun |= c.is_alphanumeric();
            at = next;
        }
        None
    }

    fn before(&self, at: usize) -> &'a str {
        &self.text[..at]
    }

    /// The text after `at`, as far as any rule looks.
    fn after(&self, at: usize) -> &'a str {
        let mut end = self.text.len().min(at + REACH);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        &self.text[at..end]
    }

    /// The current sentence up to `at`, as far back as any rule looks.
    fn sentence_to(&self, at: usize) -> &'a str {
        let mut start = self.start.max(at.saturating_sub(REACH));
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        &self.text[start..at]
    }

    /// Updates the state at a straight quotation mark. After a blank it opens, before a blank it
    /// closes; otherwise it is the opposite of the last one. So an unbalanced mark causes one
    /// mistake and does not affect all that follow.
    fn see_quotation_mark(&mut self, at: usize) {
        let opens = self
            .before(at)
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || matches!(c, '\'' | '’' | '(' | '[' | '«'));
        let closes = self
            .after(at + 1)
            .chars()
            .next()
            .is_none_or(|c| c.is_whitespace() || c.is_ascii_punctuation() || c == '»');
        self.quoted = if opens == closes { !self.quoted } else { opens };
    }

    fn step_over_marks(&mut self, from: usize, to: usize) {
        for (offset, _) in self.text[from..to].match_indices('"') {
            self.see_quotation_mark(from + offset);
        }
    }

    /// The position after the bracket that closes the one at `open`, or `open` if there is none
    /// nearby.
    fn closing_bracket(&self, open: usize) -> usize {
        let mut depth = 0;
        for (offset, c) in self.text[open..]
            .char_indices()
            .take_while(|&(o, _)| o < LONGEST_ASIDE)
        {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return open + offset + 1;
            }
        }
        open
    }

    /// For the terminator at `at`: the end of its run, and the end of the sentence if one ends
    /// there.
    fn terminator(&self, at: usize) -> (usize, Option<usize>) {
        let run = self.run_of_terminators(at);
        let marks = &self.text[at..run];
        let dots = marks.chars().all(|c| matches!(c, '.' | '…'));
        let bracketed =
            self.before(at).ends_with(['(', '[']) && self.after(run).starts_with([')', ']']);
        if dots && bracketed {
            return (run + 1, None);
        }
        let (end, closed) = self.closing_marks(run);
        let follows = if end > run && self.closes_heading(end) {
            true
        } else if self.after(end).starts_with(char::is_whitespace) {
            let stop = match marks {
                "." if !closed => abbreviations::stop_after(self.sentence_to(at)),
                _ => Stop::Word,
            };
            opens(self.after(end)).is_some_and(|start| match (start, marks) {
                (Start::Capital(word, after), ".") => {
                    let goes_on = stop == Stop::Prefix
                        || stop == Stop::Reference && is_number_of_law(word, after);
                    !goes_on && (stop != Stop::Initials || abbreviations::is_opener(word, after))
                }
                (Start::Capital(..), _) => true,
                (Start::Other, ".") => matches!(stop, Stop::Word | Stop::Last),
                (Start::Other, _) => !dots,
                (Start::Lower, _) => marks == "." && stop == Stop::Word && !closed,
            })
        } else {
            self.follows_without_blank(at, end, marks, closed)
        };
        (run, follows.then_some(end))
    }

    /// The end of a run such as `?!`, `...` or `! !`; a blank before a full stop ends the run.
    fn run_of_terminators(&self, at: usize) -> usize {
        let mut end = at;
        loop {
            let rest = self.after(end);
            let run = rest.trim_start_matches(['.', '!', '?', '…']);
            end += rest.len() - run.len();
            let blanks = run.len() - run.trim_start().len();
            if blanks == 0 || !run.trim_start().starts_with(['!', '?']) {
                return end;
            }
            end += blanks;
        }
    }

    /// The end of the closing marks after a terminator, and whether one of them closes a quotation.
    fn closing_marks(&self, run: usize) -> (usize, bool) {
        let mut end = run;
        let mut closed = false;
        let mut quoted = self.quoted;
        loop {
            let rest = self.after(end);
            let mark = rest.trim_start();
            let blanks = rest.len() - mark.len();
            let mut chars = mark.chars();
            let Some(c) = chars.next() else { break };
            let next = chars.next();
            let open_end = next.is_none_or(|n| !n.is_alphanumeric());
            let len = match c {
                '»' | '”' => c.len_utf8(),
                '"' if blanks == 0 && (open_end || quoted) || quoted && open_end => {
                    quoted = false;
                    1
                }
                '’' | '\'' if blanks == 0 && open_end => c.len_utf8(),
                ')' | ']' if blanks == 0 => 1,
                '[' if blanks == 0 => match footnote_mark(mark) {
                    Some(len) => len,
                    None => break,
                },
                '-' if blanks > 0
                    && self.starts_with_dash()
                    && next.is_some_and(|n| !n.is_whitespace() && n != '-') =>
                {
                    end += blanks + 1;
                    break;
                }
                _ => break,
            };
            closed |= !matches!(c, ')' | ']' | '[');
            end += blanks + len;
        }
        (end, closed)
    }

    fn starts_with_dash(&self) -> bool {
        self.after(self.start).trim_start().starts_with("- ")
    }

    /// Whether the closing marks before `end` include the dash that ends a heading.
    fn closes_heading(&self, end: usize) -> bool {
        self.before(end).ends_with('-')
    }

    /// The end of a line of capitals before a line of text, which is a heading even if both are in
    /// one paragraph.
    fn capitals_end(&self, at: usize) -> Option<usize> {
        let in_capitals = |line: &str| {
            line.chars().filter(|c| c.is_uppercase()).count() > 3
                && !line.contains(char::is_lowercase)
        };
        let line = self.sentence_to(at).trim_start();
        if line.len() > LONGEST_HEADING || !in_capitals(line) {
            return None;
        }
        let next = self.after(at).trim_start().lines().next()?;
        let opens = next.starts_with(|c: char| c.is_uppercase() || !c.is_alphanumeric());
        (opens && !in_capitals(next)).then_some(at)
    }
}

/// How the text after a blank begins.
enum Start<'a> {
    /// A capitalised word, or one with a capital inside (`iPhone`), and the text after it.
    Capital(&'a str, &'a str),
    Lower,
    /// A number or a sign.
    Other,
}

/// How `rest` begins after blanks and opening marks. Returns `None` if it does not open a sentence.
fn opens(rest: &str) -> Option<Start<'_>> {
    let mut rest = rest;
    // Marks of omission do not open a sentence; more than two in a row are not text.
    for _ in 0..3 {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || OPENING.contains(c));
        let after = ["(...)", "[...]", "(…)", "[…]", "...", "…", "(", "["]
            .iter()
            .find_map(|mark| rest.strip_prefix(mark));
        rest = after.unwrap_or(rest);
    }
    let first = rest.chars().next()?;
    if first.is_alphabetic() {
        let (word, after) = first_word(rest);
        return Some(match word.chars().find(|c| c.is_uppercase()) {
            Some(_) => Start::Capital(word, after),
            None if first.is_lowercase() => Start::Lower,
            None => Start::Other,
        });
    }
    (!CONTINUING.contains(first)).then_some(Start::Other)
}

/// Whether an article of a law is named: `art. L. 121-3`.
fn is_number_of_law(word: &str, after: &str) -> bool {
    let number = after.trim_start_matches(['.', ' ', '\u{a0}', '*']);
    matches!(word, "L" | "R" | "D" | "A" | "LO") && number.starts_with(|c: char| c.is_ascii_digit())
}

/// The letters and digits at the start of `rest`, and the text after them.
fn first_word(rest: &str) -> (&str, &str) {
    let after = rest.trim_start_matches(char::is_alphanumeric);
    (&rest[..rest.len() - after.len()], after)
}

/// Length of a footnote mark, such as `[12]`, at the start of `text`.
fn footnote_mark(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('[')?;
    let close = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (close.len() < digits.len() && close.starts_with(']')).then(|| text.len() - close.len() + 1)
}
