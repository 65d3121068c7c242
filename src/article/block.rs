//! Text as its reader sees it, before and after it is one string: what is blank, and how blocks of
//! marked-up formats become a body with paragraphs.

use jiff::civil::Date;

use super::date::date_line;
use crate::text::{ByteSpan, Paragraph, ParagraphKind};

/// What a format's reader makes of a source.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub title: Option<String>,
    pub date: Option<Date>,
    pub body: String,
    pub paragraphs: Vec<Paragraph>,
}

/// One paragraph of a marked-up format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Not blank; white space collapsed, no-break spaces kept.
    pub text: String,
    pub kind: ParagraphKind,
    /// Level of a heading.
    pub level: u8,
}

impl Block {
    /// `None` when `raw` is blank.
    pub fn new(raw: &str, kind: ParagraphKind, level: u8) -> Option<Self> {
        let text = collapse(raw);
        (!text.is_empty()).then_some(Self { text, kind, level })
    }
}

/// White space and characters without width: what leaves a line empty to the eye.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
        )
}

/// Runs of breakable white space as one space, blank ends cut off.
pub(super) fn collapse(text: &str) -> String {
    let words: Vec<_> = text.split_ascii_whitespace().collect();
    words.join(" ").trim_matches(is_blank).to_owned()
}

/// Joins blocks to a body. Leading blocks that only say the title again or the date are left out;
/// the date is taken where none is known yet.
pub(super) fn assemble(title: Option<String>, date: Option<Date>, blocks: Vec<Block>) -> Content {
    let mut content = Content {
        title,
        date,
        ..Content::default()
    };
    let mut in_head = true;
    for block in blocks {
        if in_head {
            if content.title.as_ref() == Some(&block.text) {
                continue;
            }
            if let Some(date) = date_line(&block.text) {
                content.date.get_or_insert(date);
                continue;
            }
            in_head = false;
        }
        if !content.body.is_empty() {
            content.body.push('\n');
        }
        let start = content.body.len();
        content.body.push_str(&block.text);
        content.paragraphs.push(Paragraph {
            span: ByteSpan::new(start, content.body.len()),
            kind: block.kind,
        });
    }
    content
}
