//! Visible text: what counts as blank, and how the blocks of marked-up formats are joined into a
//! body with paragraphs.

use jiff::civil::Date;

use super::about::About;
use super::date::date_line;
use french::text::{ByteSpan, Paragraph, ParagraphKind};

/// What the reader of a format extracts from a source.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub title: Option<String>,
    pub date: Option<Date>,
    pub body: String,
    pub paragraphs: Vec<Paragraph>,
    pub about: About,
}

#[cfg(test)]
impl Content {
    /// The paragraphs, each with its kind.
    pub(super) fn parts(&self) -> Vec<(ParagraphKind, &str)> {
        let paragraphs = self.paragraphs.iter();
        paragraphs
            .map(|paragraph| (paragraph.kind, paragraph.span.slice(&self.body)))
            .collect()
    }
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
    /// Returns `None` if `raw` is blank.
    pub(super) fn new(raw: &str, kind: ParagraphKind, level: u8) -> Option<Self> {
        let text = collapse(raw);
        (!text.is_empty()).then_some(Self { text, kind, level })
    }
}

/// Whether `c` is white space or has no width, so that a line of such characters looks empty.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
        )
}

/// Collapses runs of breakable white space into one space, trims both ends, and leaves out soft
/// hyphens.
pub(super) fn collapse(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_ascii_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.contains('\u{AD}') {
        line = line.replace('\u{AD}', "");
    }
    let kept = line.trim_matches(is_blank);
    match kept.len() == line.len() {
        true => line,
        false => kept.to_owned(),
    }
}

/// Joins blocks into a body. Leading blocks that only repeat the title or state the date are left
/// out; the date is used if none is known yet.
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
                if content.date.is_none() {
                    content.date = Some(date);
                    content.about.date_from = Some("date line");
                }
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
