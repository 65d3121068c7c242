//! Markdown: the text of the rendered page, without code and images.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::about::{About, LeftOut};
use super::block::{Block, Content, assemble};
use super::clutter::Reason;
use super::error::SkipReason;
use super::front_matter::{self, FrontMatter};
use super::html;
use french::text::ParagraphKind;

/// Reads a Markdown file. The title is that of the front matter, else the first heading of level 1,
/// else the heading that the text begins with.
pub(super) fn read(text: &str) -> Result<Content, SkipReason> {
    // The parser does not end a line at a lone CR.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (front, text) = front_matter::split(&text);
    let FrontMatter {
        mut title,
        date,
        about,
    } = front;
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, options()) {
        reader.event(event)?;
    }
    reader.flush();
    let notes = std::mem::take(&mut reader.notes);
    let mut blocks = reader.blocks;
    if title.is_none() {
        let heading = blocks
            .iter()
            .position(|block| block.level == 1)
            .or_else(|| (blocks.first()?.level > 0).then_some(0));
        title = heading.map(|i| blocks.remove(i).text);
    }
    let mut content = assemble(title, date, blocks);
    content.about = About {
        date_from: content.about.date_from,
        unread_date: about.unread_date.filter(|_| content.date.is_none()),
        left_out: notes,
        ..about
    };
    Ok(content)
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    /// Text of the block being read.
    text: String,
    /// Level of the heading being read, or 0.
    level: u8,
    /// Number of open list items.
    items: usize,
    /// Cells of the current row so far.
    cells: usize,
    /// Number of open code blocks and images.
    dropped: usize,
    in_note: bool,
    /// The notes of the text.
    notes: Vec<LeftOut>,
    html: String,
}

impl Reader {
    fn event(&mut self, event: Event) -> Result<(), SkipReason> {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(TagEnd::HtmlBlock) => {
                self.flush();
                let html = std::mem::take(&mut self.html);
                self.blocks.extend(html::blocks(&html)?);
            }
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.push(&text),
            Event::SoftBreak | Event::HardBreak => self.push(" "),
            Event::Rule => self.flush(),
            Event::Html(html) => self.html.push_str(&html),
            // Only tags: their content comes as text.
            Event::InlineHtml(html) if html.starts_with("<br") => self.push(" "),
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::CodeBlock(_) => {
                self.flush();
                self.dropped += 1;
            }
            Tag::Image { .. } => self.dropped += 1,
            Tag::Heading { level, .. } => {
                self.flush();
                self.level = level_number(level);
            }
            Tag::Item => {
                self.flush();
                self.items += 1;
            }
            Tag::FootnoteDefinition(_) => {
                self.flush();
                self.in_note = true;
            }
            Tag::TableCell => {
                // A row reads as one line: `Rennes : 222 485 ; 3,5 %`.
                match self.cells {
                    0 => {}
                    1 => self.push(" : "),
                    _ => self.push(" ; "),
                }
                self.cells += 1;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } => {}
            _ => self.flush(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {}
            TagEnd::TableCell => {}
            TagEnd::Image => self.dropped -= 1,
            TagEnd::CodeBlock => self.dropped -= 1,
            TagEnd::Item => {
                self.flush();
                self.items -= 1;
            }
            TagEnd::FootnoteDefinition => {
                self.flush();
                self.in_note = false;
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                self.items += 1;
                self.flush();
                self.items -= 1;
                self.cells = 0;
            }
            _ => self.flush(),
        }
    }

    fn push(&mut self, text: &str) {
        if self.dropped == 0 {
            self.text.push_str(text);
        }
    }

    fn flush(&mut self) {
        let level = std::mem::take(&mut self.level);
        let kind = match (level, self.items) {
            (0, 0) => ParagraphKind::Text,
            (0, _) => ParagraphKind::ListItem,
            _ => ParagraphKind::Heading,
        };
        let block = Block::new(&self.text, kind, level);
        self.text.clear();
        match self.in_note {
            true => self.notes.extend(block.map(|block| LeftOut {
                text: block.text,
                reason: Reason::Note,
            })),
            false => self.blocks.extend(block),
        }
    }
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use ParagraphKind::{Heading, ListItem, Text};

    fn page(text: &str) -> Content {
        read(text).unwrap()
    }

    #[test]
    fn front_matter_gives_title_and_date() {
        let content = page(
            "---\ntitle: \"Vélo : la ville accélère\"\ndate: 2021-03-12T10:00:00+01:00\ntags: [x]\n---\n\nDu texte.\n",
        );
        assert_eq!(content.title.as_deref(), Some("Vélo : la ville accélère"));
        assert_eq!(content.date, Some(date(2021, 3, 12)));
        assert_eq!(content.body, "Du texte.");
        let page_of =
            |key: &str| page(&format!("---\nauteur: Jeanne Morel\n{key}: hier\n---\nUn."));
        let about = page_of("Mis en ligne le").about;
        assert_eq!(about.author.as_deref(), Some("Jeanne Morel"));
        assert_eq!(about.unread_date.as_deref(), Some("hier"));
        let toml = page("+++\ntitle = 'Vélo'\n+++\nDu texte.");
        assert_eq!(toml.title.as_deref(), Some("Vélo"));
    }

    #[test]
    fn rules_in_the_text_hide_nothing() {
        let content = page("Un.\n\n---\nDeux.\n---\n\nTrois.");
        assert_eq!(content.title, None);
        for part in ["Un.", "Deux.", "Trois."] {
            assert!(content.body.contains(part), "{part}");
        }
    }

    #[test]
    fn the_first_heading_is_the_title_and_the_date_below_is_the_date() {
        let content = page(
            "# Le *vieux* pont\r\n\r\n*Publié le 12 mars 2021*\r\n\r\nDu texte\r\nsur deux lignes.\r\n",
        );
        assert_eq!(content.title.as_deref(), Some("Le vieux pont"));
        assert_eq!(content.date, Some(date(2021, 3, 12)));
        assert_eq!(content.body, "Du texte sur deux lignes.");
    }

    #[test]
    fn markup_is_removed_and_words_are_kept() {
        let content = page(
            "# T\n\nLe [maire](http://a.fr \"x\") **a dit**\u{a0}: `non` ![photo](p.jpg)&nbsp;!\n\n\
             ## Les faits\n\n- un\n- deux\n  - trois\n\n1. Un\n\n   suite\n\n\
             > « Cité »\n\n```rust\nfn main() {}\n```\n\n\
             | Ville | Habitants | Part |\n|---|---|---|\n| Rennes | 222 485 | 3,5 % |\n\n\
             <div><p>Un encadré</p><script>x()</script></div>\n\nFin[^1].\n\n[^1]: Une note.\n",
        );
        assert_eq!(
            content.parts(),
            [
                (Text, "Le maire a dit\u{a0}: non \u{a0}!"),
                (Heading, "Les faits"),
                (ListItem, "un"),
                (ListItem, "deux"),
                (ListItem, "trois"),
                (ListItem, "Un"),
                (ListItem, "suite"),
                (Text, "« Cité »"),
                (ListItem, "Ville : Habitants ; Part"),
                (ListItem, "Rennes : 222 485 ; 3,5 %"),
                (Text, "Un encadré"),
                (Text, "Fin."),
            ]
        );
        assert_eq!(content.about.left_out[0].text, "Une note.");
    }
}
