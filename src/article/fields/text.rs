//! The text of a record, which may be plain or HTML, whatever its field is called.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::super::block::{Block, Content, assemble, collapse};
use super::super::error::SkipReason;
use super::super::repair::in_windows_1252;
use super::super::{html, plain};

/// Tags that no plain text has by chance and that make paragraphs.
static BLOCK_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        </(?:p|div|li|ul|ol|h[1-6]|blockquote|section|article|figure|table|tr|td|body|html)\s*>
        | <br\s*/?> | <p(?:\s[^<>]*)?>",
    )
    .expect("the pattern is valid")
});
/// Tags that make none.
static INLINE_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)</?(?:a|abbr|b|cite|code|em|font|i|img|mark|q|s|small|span|strong|sub|sup|time|u)(?:\s[^<>]*)?/?>")
        .expect("the pattern is valid")
});

/// Title, date and text of an article whose text may be plain or HTML, whatever it is called.
pub(super) fn text_content(
    title: Option<String>,
    date: Option<Date>,
    text: &str,
) -> Result<Content, SkipReason> {
    static PAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)(?-u:\b)")
            .expect("the pattern is valid")
    });
    let is_plain = memchr::memchr2(b'<', b'&', text.as_bytes()).is_none();
    // HTML that was escaped once more.
    let unescaped = (!is_plain && !BLOCK_TAG.is_match(text) && text.contains("&lt;"))
        .then(|| decode_entities(text))
        .filter(|text| BLOCK_TAG.is_match(text));
    let text = unescaped.as_deref().unwrap_or(text);
    let content = if is_plain {
        Content {
            title,
            date,
            ..plain::body_of(text)
        }
    } else if PAGE.is_match(text) {
        let page = html::read(text)?;
        Content {
            title: title.or(page.title),
            date: date.or(page.date),
            ..page
        }
    } else if BLOCK_TAG.is_match(text) {
        assemble(title, date, html_blocks(text)?)
    } else {
        let text = INLINE_TAG.replace_all(text, "");
        let content = plain::body_of(&decode_entities(&text));
        Content {
            title,
            date,
            ..content
        }
    };
    match content.paragraphs.is_empty() {
        true => Err(SkipReason::Empty),
        false => Ok(content),
    }
}

/// The blocks of HTML in which paragraphs may also be told by blank lines.
fn html_blocks(text: &str) -> Result<Vec<Block>, SkipReason> {
    static PARAGRAPH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)<(?:p|br|div)(?-u:\b)").expect("the pattern is valid"));
    static BLANK_LINE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\r?\n[ \t]*\r?\n").expect("the pattern is valid"));
    match PARAGRAPH.is_match(text) {
        true => html::blocks(text),
        false => html::blocks(&BLANK_LINE.replace_all(text, "<p>")),
    }
}

/// A title or another single line: entities decoded, tags removed.
pub(in super::super) fn clean_line(text: &str) -> Option<String> {
    static TAG: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"</?[a-zA-Z][^<>]*>").expect("the pattern is valid"));
    // Twice, because feeds and exports escape titles that were escaped already.
    let text = decode_entities(text);
    let text = decode_entities(&text);
    let line = collapse(&TAG.replace_all(&text, ""));
    (!line.is_empty()).then_some(line)
}

/// Replaces the entities of HTML; what is none stays as it is.
fn decode_entities(text: &str) -> Cow<'_, str> {
    static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
            .expect("the pattern is valid")
    });
    ENTITY.replace_all(text, |found: &Captures<'_>| {
        let code =
            |group: usize, radix| u32::from_str_radix(found.get(group)?.as_str(), radix).ok();
        let number = code(1, 10).or_else(|| code(2, 16));
        let character = match number {
            // As browsers read it.
            Some(byte @ 0x80..=0x9F) => u8::try_from(byte).ok().map(in_windows_1252),
            number => number.and_then(char::from_u32).filter(|&c| c != '\0'),
        };
        let named = found.get(3).map(|name| name.as_str());
        let named = named.and_then(quick_xml::escape::resolve_html5_entity);
        match (character, named) {
            (Some(c), _) => c.to_string(),
            (None, Some(text)) => text.to_owned(),
            (None, None) => found[0].to_owned(),
        }
    })
}

/// Joins paragraphs so that each stays one, also if only some of them are HTML.
pub(super) fn join(parts: Vec<String>) -> String {
    if !parts.iter().any(|part| BLOCK_TAG.is_match(part)) {
        return parts.join("\n\n");
    }
    let parts = parts.iter().map(|part| match BLOCK_TAG.is_match(part) {
        true => part.clone(),
        false => format!("<p>{part}</p>"),
    });
    parts.collect()
}
