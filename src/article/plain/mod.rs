//! Plain text: title, date and paragraphs, told by the layout of the lines. The body is a part of the
//! text, unchanged but for what a typesetter did to it.

mod head;
mod typeset;
mod verse;

use std::sync::LazyLock;

use regex::Regex;

use super::block::{Content, collapse, is_blank};
use super::date::dateline;
use super::glued::parted;
use super::scan::{self, is, within};
use french::text::{ByteSpan, Paragraph, ParagraphKind};
use head::Head;
use verse::{Verse, verse};

/// All line ends; CRLF is one.
static BREAK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\r\n|[\n\r\x0B\x0C\u{85}\u{2028}\u{2029}]").expect("the pattern is valid")
});

/// Columns at which people and mail programs wrap text.
const WRAP_COLUMNS: std::ops::RangeInclusive<usize> = 25..=100;
/// Columns left free by people who wrap by hand.
const RAGGED: usize = 4;
/// Maximal length of titles and headings in characters. In a sample of 600 articles, the longest
/// news title has 137.
const TITLE_MAX: usize = 160;
const HEADING_MAX: usize = 80;

/// Reads a text file: the first lines may be title and date, the rest is the body.
pub(super) fn read(text: &str) -> Content {
    let text = &*typeset::undone(text);
    let text = &*parted(text);
    let mut lines = lines(text);
    let wrapped = wrap_column(text, &lines);
    let head = Head::read(text, &lines, wrapped);
    let mut body_lines = lines.split_off(head.lines);
    let (Some(first), Some(last)) = (body_lines.first(), body_lines.last()) else {
        return Content::default();
    };
    let start = first.span.start;
    let body = &text[start..last.span.end];
    for line in &mut body_lines {
        line.span = ByteSpan::new(line.span.start - start, line.span.end - start);
    }
    (body_lines[0].indented, body_lines[0].after_blank) = (false, false);
    let mut content = Content {
        title: head.title.as_deref().map(collapse),
        date: head.date.map(|(date, _)| date),
        about: head.about,
        ..of_lines(body, &body_lines)
    };
    if content.date.is_none() {
        content.date = content
            .paragraphs
            .first()
            .and_then(|p| dateline(p.span.slice(&content.body))?.date);
        content.about.date_from = content.date.map(|_| "dateline");
    }
    content
}

/// Takes all of `text` as body, without title and date.
pub(super) fn body_of(text: &str) -> Content {
    let text = &*parted(text);
    of_lines(text, &lines(text))
}

fn of_lines(text: &str, lines: &[Line]) -> Content {
    let wrapped = wrap_column(text, lines);
    let verse = verse(text, lines);
    let spans = detach_headings(text, paragraph_spans(text, lines, wrapped, &verse));
    let texts: Vec<&str> = spans.iter().map(|span| span.slice(text)).collect();
    let mut stanzas = lines
        .iter()
        .zip(&verse)
        .filter_map(|(line, verse)| verse.map(|_| line.span.start))
        .peekable();
    let paragraphs = spans
        .iter()
        .enumerate()
        .map(|(i, &span)| {
            while stanzas.next_if(|start| *start < span.start).is_some() {}
            let kind = match stanzas.next_if_eq(&span.start) {
                Some(_) => ParagraphKind::Text,
                None => kind(&texts, i),
            };
            Paragraph { span, kind }
        })
        .collect();
    Content {
        body: text.to_owned(),
        paragraphs,
        ..Content::default()
    }
}

/// A line that is not blank, trimmed.
struct Line {
    span: ByteSpan,
    /// Length in characters.
    width: usize,
    indented: bool,
    after_blank: bool,
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut after_blank = false;
    for end in line_ends(text) {
        let (begin, piece) = (start, &text[start..end]);
        start = end;
        let content = piece.trim_start_matches(is_blank);
        let indent = piece.len() - content.len();
        let content = content.trim_end_matches(is_blank);
        if content.is_empty() {
            after_blank = true;
            continue;
        }
        lines.push(Line {
            span: ByteSpan::new(begin + indent, begin + indent + content.len()),
            width: content.chars().count(),
            indented: indent > 0,
            after_blank: std::mem::take(&mut after_blank),
        });
    }
    lines
}

/// Where the lines of `text` end, each with its break.
fn line_ends(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut ends: Vec<usize> = match has_rare_breaks(bytes) {
        true => BREAK.find_iter(text).map(|found| found.end()).collect(),
        false => {
            let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).map(|at| at + 1);
            let is_whole = |end: &usize| bytes[end - 1] != b'\r' || bytes.get(*end) != Some(&b'\n');
            ends.filter(is_whole).collect()
        }
    };
    ends.push(text.len());
    ends
}

/// Whether lines may end in another way than at `\n` and `\r`.
fn has_rare_breaks(bytes: &[u8]) -> bool {
    scan::has(bytes, |[first, second, third, _]| {
        // U+0085 is C2 85, U+2028 and U+2029 are E2 80 A8 and A9.
        let is_next_line = is(first, 0xC2) & is(second, 0x85);
        let is_separator = is(first, 0xE2) & is(second, 0x80) & within(third, 0xA8, 0xA9);
        within(first, 0x0B, 0x0C) | is_next_line | is_separator
    })
}

/// The column at which the text is wrapped, or `None` if each line is a paragraph.
///
/// Wrapped lines end in the middle of a sentence, where the next word no longer fits; lines that
/// are paragraphs do neither.
fn wrap_column(text: &str, lines: &[Line]) -> Option<usize> {
    let too_wide = lines
        .iter()
        .filter(|line| line.width > *WRAP_COLUMNS.end())
        .count();
    if too_wide * 10 > lines.len() {
        return None;
    }
    let column = lines
        .iter()
        .map(|line| line.width)
        .filter(|width| WRAP_COLUMNS.contains(width))
        .max()?;
    let (mut pairs, mut cut, mut within_sentence) = (0, 0, 0);
    for pair in lines.windows(2) {
        let (line, next) = (&pair[0], &pair[1]);
        if next.after_blank || begins_item(next.span.slice(text)) {
            continue;
        }
        pairs += 1;
        if is_full(text, line, next, column - RAGGED) && !ends_sentence(line.span.slice(text)) {
            cut += 1;
            within_sentence += usize::from(
                next.span
                    .slice(text)
                    .starts_with(|c: char| c.is_lowercase() || c.is_numeric()),
            );
        }
    }
    (pairs > 0 && cut * 2 >= pairs && within_sentence > 0).then_some(column)
}

/// Whether `line` has no room for the first word of `next`.
fn is_full(text: &str, line: &Line, next: &Line, column: usize) -> bool {
    let next = next.span.slice(text);
    let word = next.split(char::is_whitespace).next().unwrap_or(next);
    line.width + 1 + word.chars().count() > column
}

fn paragraph_spans(
    text: &str,
    lines: &[Line],
    wrapped: Option<usize>,
    verse: &[Option<Verse>],
) -> Vec<ByteSpan> {
    let mut spans: Vec<ByteSpan> = Vec::new();
    let mut in_item = false;
    for (i, line) in lines.iter().enumerate() {
        let item = begins_item(line.span.slice(text));
        let joins_wrapped = |column| {
            i > 0 && !line.after_blank && !item && {
                let previous = &lines[i - 1];
                let by_indent = line.indented && !previous.indented && !in_item;
                !by_indent
                    && (is_full(text, previous, line, column)
                        || !ended(text, previous, line, column))
            }
        };
        let joins = match verse[i] {
            Some(verse) => verse == Verse::Continues,
            // What comes right below verse is something else.
            None => wrapped.is_some_and(joins_wrapped) && verse[i - 1].is_none(),
        };
        match spans.last_mut() {
            Some(span) if joins => span.end = line.span.end,
            _ => {
                spans.push(line.span);
                in_item = item;
            }
        }
    }
    spans
}

/// Whether a line with room for more ends its paragraph.
fn ended(text: &str, line: &Line, next: &Line, column: usize) -> bool {
    let next_begins = next.span.slice(text).chars().next();
    ends_sentence(line.span.slice(text))
        || line.width * 2 < column && next_begins.is_some_and(|c| !c.is_lowercase())
}

/// Makes a paragraph of a heading whose line break a site has lost
/// (`- Silence des autorités -La branche locale accuse`), except in lists, where dashes separate
/// other things.
fn detach_headings(text: &str, spans: Vec<ByteSpan>) -> Vec<ByteSpan> {
    static GLUED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"^[-–—]\s[^\n]{2,70}?\s[-–—]\s?(?:\p{Lu}|["«“(\d])"#)
            .expect("the pattern is valid")
    });
    let dashed = |i: usize| {
        spans
            .get(i)
            .is_some_and(|s| begins_with_dash(s.slice(text)))
    };
    let detach = |(i, &span): (usize, &ByteSpan)| {
        let alone = || !dashed(i + 1) && !i.checked_sub(1).is_some_and(dashed);
        let glued = (dashed(i) && alone()).then(|| GLUED.find(span.slice(text)));
        let glued = glued.flatten();
        let parts = match glued {
            Some(found) => {
                let heading = found
                    .as_str()
                    .trim_end_matches(|c| !matches!(c, '-' | '–' | '—'));
                let end = span.start + heading.len();
                let rest = text[end..span.end].trim_start_matches(is_blank);
                [
                    Some(ByteSpan::new(span.start, end)),
                    Some(ByteSpan::new(span.end - rest.len(), span.end)),
                ]
            }
            None => [Some(span), None],
        };
        parts.into_iter().flatten()
    };
    spans.iter().enumerate().flat_map(detach).collect()
}

fn can_be_title(text: &str) -> bool {
    static GREETING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?i:(?:bonjour|bonsoir|salut|ch[eè]re?s?|mesdames|madame|messieurs|monsieur)\b.*!|madame, monsieur|mesdames et messieurs)$")
            .expect("the pattern is valid")
    });
    let abbreviated = text
        .rsplit(char::is_whitespace)
        .next()
        .is_some_and(|word| word.matches('.').count() > 1);
    let last = last_character(text);
    text.chars().count() <= TITLE_MAX
        && text.chars().any(char::is_alphabetic)
        && (!matches!(last, Some('.' | ',' | ';' | ':')) || last == Some('.') && abbreviated)
        && !begins_item(text)
        && !text.starts_with(char::is_lowercase)
        && dateline(text).is_none()
        && !GREETING.is_match(text)
}

/// The last character that is not a closing mark.
fn last_character(text: &str) -> Option<char> {
    text.trim_end_matches(|c: char| is_blank(c) || matches!(c, '»' | '"' | '”' | '\'' | '’' | ')'))
        .chars()
        .next_back()
}

fn ends_sentence(text: &str) -> bool {
    matches!(
        last_character(text),
        Some('.' | '!' | '?' | '…' | ':' | ';')
    )
}

fn kind(paragraphs: &[&str], i: usize) -> ParagraphKind {
    let text = paragraphs[i];
    if is_dashed_heading(text) {
        ParagraphKind::Heading
    } else if begins_item(text) {
        if begins_with_dash(text) && is_dialogue(paragraphs, i) {
            ParagraphKind::Text
        } else {
            ParagraphKind::ListItem
        }
    } else if can_be_heading(text)
        && paragraphs[i + 1..]
            .iter()
            .take(2)
            .any(|next| !can_be_heading(next))
    {
        ParagraphKind::Heading
    } else {
        ParagraphKind::Text
    }
}

fn begins_item(text: &str) -> bool {
    static MARKER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[-–—*•◦▪‣·●■►→]\s+|\d{1,2}(?:[.)]|°)\s+|[a-z]\)\s+)\S")
            .expect("the pattern is valid")
    });
    let may_be = match text.as_bytes() {
        [b'a'..=b'z', next, ..] => *next == b')',
        // Letters with accents begin with C3.
        [first, ..] => *first < b'A' || *first >= 0x80 && *first != 0xC3,
        [] => false,
    };
    may_be && MARKER.is_match(text)
}

fn begins_with_dash(text: &str) -> bool {
    text.starts_with(['-', '–', '—'])
}

/// Dashes open the turns of a conversation as well as the items of a list, but only in a
/// conversation somebody asks or exclaims, or it says who speaks (`demanda-t-il`).
fn is_dialogue(paragraphs: &[&str], i: usize) -> bool {
    let dashed = |text: &&&str| begins_with_dash(text);
    let before = paragraphs[..i].iter().rev().take_while(dashed);
    let from_here = paragraphs[i..].iter().take_while(dashed);
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[,?!…»]\s+\p{Ll}+-(?:t-)?(?:je|il|elle|on|ils|elles)(?-u:\b)|[?!]\s+\p{Ll}")
            .expect("the pattern is valid")
    });
    before
        .chain(from_here)
        .any(|text| matches!(last_character(text), Some('?' | '!')) || SAID.is_match(text))
}

/// `- Silence des autorités -`, as agencies write it.
fn is_dashed_heading(text: &str) -> bool {
    begins_with_dash(text)
        && text.ends_with(['-', '–', '—'])
        && text.chars().count() <= HEADING_MAX
        && text.chars().any(char::is_alphabetic)
}

fn can_be_heading(text: &str) -> bool {
    let shouted = || {
        !text.chars().any(char::is_lowercase)
            && text.chars().filter(|c| c.is_uppercase()).count() > 3
    };
    let open_end = match last_character(text) {
        Some('!' | '?') => shouted(),
        Some(last) => last.is_alphanumeric() || matches!(last, '%' | '€'),
        None => false,
    };
    open_end
        && text.chars().count() <= HEADING_MAX
        && !BREAK.is_match(text)
        && !text.ends_with(')')
        && text
            .trim_start_matches(['«', '"', '“', '\'', '’', ' ', '\u{a0}', '\u{202f}'])
            .starts_with(|c: char| c.is_uppercase() || c.is_numeric())
        && text.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests;
