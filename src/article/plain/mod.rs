//! Plain text: title, date and paragraphs, told by the layout of the lines. The body is an
//! unchanged part of the text.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::about::{About, LeftOut};
use super::block::{Content, is_blank};
use super::clutter::{Reason, clutter};
use super::date::{Role, dateline, head_line, is_names};
use french::text::{ByteSpan, Paragraph, ParagraphKind};

/// All line ends; CRLF is one.
const BREAKS: [char; 7] = [
    '\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}',
];
/// Columns at which people and mail programs wrap text.
const WRAP_COLUMNS: std::ops::RangeInclusive<usize> = 40..=100;
/// Columns left free by people who wrap by hand.
const RAGGED: usize = 4;
/// Maximal length of titles and headings in characters. In a sample of 600 articles, the longest
/// news title has 137.
const TITLE_MAX: usize = 160;
const HEADING_MAX: usize = 80;

/// Reads a text file: the first lines may be title and date, the rest is the body.
pub(super) fn read(text: &str) -> Content {
    let lines = lines(text);
    let wrapped = wrap_column(text, &lines);
    let head = Head::read(text, &lines, wrapped);
    let body_lines = &lines[head.lines..];
    let (Some(first), Some(last)) = (body_lines.first(), body_lines.last()) else {
        return Content::default();
    };
    let body = &text[first.span.start..last.span.end];
    let mut content = Content {
        title: head.title,
        date: head.date.map(|(date, _)| date),
        about: head.about,
        ..body_of(body)
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
    let lines = lines(text);
    let wrapped = wrap_column(text, &lines);
    let spans = detach_headings(text, paragraph_spans(text, &lines, wrapped));
    let texts: Vec<&str> = spans.iter().map(|span| span.slice(text)).collect();
    let paragraphs = spans
        .iter()
        .enumerate()
        .map(|(i, &span)| Paragraph {
            span,
            kind: kind(&texts, i),
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
    for piece in text.split_inclusive(BREAKS) {
        let begin = start;
        start += piece.len();
        if piece == "\n" && text[..begin].ends_with('\r') {
            continue;
        }
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

fn paragraph_spans(text: &str, lines: &[Line], wrapped: Option<usize>) -> Vec<ByteSpan> {
    let mut spans: Vec<ByteSpan> = Vec::new();
    let mut in_item = false;
    for (i, line) in lines.iter().enumerate() {
        let item = begins_item(line.span.slice(text));
        let joins = wrapped.is_some_and(|column| {
            i > 0 && !line.after_blank && !item && {
                let previous = &lines[i - 1];
                let by_indent = line.indented && !previous.indented && !in_item;
                !by_indent
                    && (is_full(text, previous, line, column)
                        || !ended(text, previous, line, column))
            }
        });
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
        let alone = !dashed(i + 1) && !i.checked_sub(1).is_some_and(dashed);
        let glued = GLUED.find(span.slice(text)).filter(|_| alone);
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

/// Title, date and author above the body.
#[derive(Default)]
struct Head {
    title: Option<String>,
    date: Option<(Date, Role)>,
    about: About,
    /// Number of lines that it takes.
    lines: usize,
}

/// Words of a line in capitals that may name a section of the site.
const SECTION_WORDS: usize = 4;

impl Head {
    fn read(text: &str, lines: &[Line], wrapped: Option<usize>) -> Self {
        let texts: Vec<&str> = lines.iter().map(|line| line.span.slice(text)).collect();
        let mut head = Self::default();
        head.pass_menu(&texts);
        head.pass_lines(&texts, false);
        let title_lines = title_lines(text, &lines[head.lines..], wrapped);
        if let Some(count) = title_lines {
            head.title = Some(texts[head.lines..head.lines + count].join(" "));
            head.about.title_from = Some("first line");
            head.lines += count;
            head.pass_lines(&texts, true);
        }
        if head.lines >= lines.len() {
            // Nothing is below, so these lines are the text itself.
            return Self::default();
        }
        head.about.date_from = head.date.map(|_| "date line");
        head
    }

    /// Passes over the menu of the site, which some copy with the article.
    fn pass_menu(&mut self, texts: &[&str]) {
        /// Lines of the longest menu, and words of the longest line in it.
        const MENU: (usize, usize) = (12, 6);
        let short = texts
            .iter()
            .take(MENU.0)
            .take_while(|text| text.split_whitespace().count() <= MENU.1 && !ends_sentence(text));
        let is_menu = |text: &str| matches!(clutter(text), Some((Reason::Navigation, _)));
        let is_title =
            |i: usize| (texts.get(i)).is_some_and(|next| can_be_title(next) && !is_apart(next));
        let mut last = None;
        for (i, text) in short.enumerate() {
            let listed = i > 0 && last == Some(i - 1) && names_section(text);
            if (is_menu(text) || listed) && is_title(i + 1) {
                last = Some(i);
            }
        }
        for text in texts.iter().take(last.map_or(0, |last| last + 1)) {
            self.leave_out(text, Reason::Navigation);
        }
        let in_capitals = |i: usize| texts.get(i).is_some_and(|text| names_section(text));
        while let Some(text) = texts.get(self.lines) {
            let i = self.lines;
            // The last line in capitals is the title if there is none below.
            let above_title =
                (texts.get(i + 1)).is_some_and(|next| can_be_title(next) && !is_apart(next));
            let listed = above_title
                && in_capitals(i)
                && (in_capitals(i + 1) || i > 0 && in_capitals(i - 1));
            let reason = match clutter(text) {
                Some((Reason::Live | Reason::Byline | Reason::Copyright | Reason::Related, _)) => {
                    break;
                }
                Some((reason, _)) => reason,
                None if listed => Reason::Navigation,
                None => break,
            };
            self.leave_out(text, reason);
        }
    }

    /// Passes over lines that say who wrote the article and when, and over buttons between them.
    fn pass_lines(&mut self, texts: &[&str], below_title: bool) {
        while let Some(text) = texts.get(self.lines) {
            let next = texts.get(self.lines + 1);
            if let Some(line) = head_line(text) {
                let is_better = |date: (Date, Role)| self.date.is_none_or(|known| date.1 < known.1);
                if let Some(date) = line.date.filter(|date| is_better(*date)) {
                    self.date = Some(date);
                }
                self.about.author = self.about.author.take().or(line.author);
                self.leave_out(text, Reason::Byline);
            } else if below_title
                && clutter(text).is_none()
                && is_names(text)
                && next.is_some_and(|next| is_dated(next))
            {
                self.about.author.get_or_insert_with(|| (*text).to_owned());
                self.leave_out(text, Reason::Byline);
            } else if let Some((reason, _)) = clutter(text).filter(|_| below_title) {
                if matches!(reason, Reason::Live) {
                    break;
                }
                self.leave_out(text, reason);
            } else {
                break;
            }
        }
    }

    fn leave_out(&mut self, text: &str, reason: Reason) {
        let text = text.to_owned();
        self.about.left_out.push(LeftOut { text, reason });
        self.lines += 1;
    }
}

/// Whether a line in capitals is as short as the name of a section of a site.
fn names_section(text: &str) -> bool {
    text.chars().filter(|c| c.is_uppercase()).count() > 2
        && !text.chars().any(|c| c.is_lowercase() || c.is_ascii_digit())
        && text.split_whitespace().count() <= SECTION_WORDS
        && text.ends_with(char::is_alphabetic)
}

fn is_dated(text: &str) -> bool {
    head_line(text).is_some_and(|line| line.date.is_some())
}

/// Whether a line is no part of a title above it.
fn is_apart(text: &str) -> bool {
    head_line(text).is_some() || clutter(text).is_some()
}

/// Number of lines of the title, or `None` if the first lines are not clearly a title.
fn title_lines(text: &str, lines: &[Line], wrapped: Option<usize>) -> Option<usize> {
    let first = lines.first()?;
    let block = 1 + lines[1..]
        .iter()
        .take_while(|line| !line.after_blank)
        .count();
    let stands_alone = |count: usize| {
        let slice = |i: usize| lines.get(i).map(|line: &Line| line.span.slice(text));
        let by_name =
            || slice(count).is_some_and(is_names) && slice(count + 1).is_some_and(is_dated);
        lines
            .get(count)
            .is_some_and(|next| next.after_blank || is_apart(next.span.slice(text)) || by_name())
    };
    if stands_alone(1) {
        return can_be_title(first.span.slice(text)).then_some(1);
    }
    let next = lines.get(1)?;
    match wrapped {
        Some(_) if block <= 3 && stands_alone(block) => {
            let span = ByteSpan::new(first.span.start, lines[block - 1].span.end);
            can_be_title(span.slice(text)).then_some(block)
        }
        Some(column) => (!is_full(text, first, next, column)
            && ended(text, first, next, column)
            && can_be_title(first.span.slice(text)))
        .then_some(1),
        // Without a blank line, only the contrast tells: a short line without a full stop above a
        // long one with a full stop.
        None => (first.width <= TITLE_MAX
            && next.width >= 2 * first.width
            && ends_sentence(next.span.slice(text))
            && can_be_title(first.span.slice(text)))
        .then_some(1),
    }
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
    MARKER.is_match(text)
}

fn begins_with_dash(text: &str) -> bool {
    text.starts_with(['-', '–', '—'])
}

/// Dashes open the turns of a conversation as well as the items of a list, but only in a
/// conversation somebody asks or exclaims.
fn is_dialogue(paragraphs: &[&str], i: usize) -> bool {
    let dashed = |text: &&&str| begins_with_dash(text);
    let before = paragraphs[..i].iter().rev().take_while(dashed);
    let from_here = paragraphs[i..].iter().take_while(dashed);
    before
        .chain(from_here)
        .any(|text| matches!(last_character(text), Some('?' | '!')))
}

/// `- Silence des autorités -`, as agencies write it.
fn is_dashed_heading(text: &str) -> bool {
    text.chars().count() <= HEADING_MAX
        && begins_with_dash(text)
        && text.ends_with(['-', '–', '—'])
        && text.chars().any(char::is_alphabetic)
}

fn can_be_heading(text: &str) -> bool {
    let shouted = !text.chars().any(char::is_lowercase)
        && text.chars().filter(|c| c.is_uppercase()).count() > 3;
    let open_end = match last_character(text) {
        Some('!' | '?') => shouted,
        Some(last) => last.is_alphanumeric() || matches!(last, '%' | '€'),
        None => false,
    };
    open_end
        && text.chars().count() <= HEADING_MAX
        && !text.contains(BREAKS)
        && !text.ends_with(')')
        && text
            .trim_start_matches(['«', '"', '“', '\'', '’', ' ', '\u{a0}', '\u{202f}'])
            .starts_with(|c: char| c.is_uppercase() || c.is_numeric())
        && text.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests;
