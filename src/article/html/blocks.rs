//! From a tree of elements to paragraphs as a browser would show them.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::Regex;

use super::super::block::Block;
use french::text::ParagraphKind;

/// Result of a walk over a page.
#[derive(Default)]
pub(super) struct Walked {
    pub blocks: Vec<Block>,
    /// Depth of the deepest element.
    pub depth: usize,
}

pub(super) fn walk(document: &Document) -> Walked {
    let mut walk = Walk::default();
    walk.run(document.body().unwrap_or_else(|| document.root()));
    walk.found
}

/// Context of the node that the walk is at.
#[derive(Clone, Copy, Default)]
struct Nesting {
    depth: usize,
    /// Level of the heading around it, or 0.
    level: u8,
    in_item: bool,
    in_link: bool,
}

enum Step<'a> {
    Enter(NodeRef<'a>, Nesting),
    /// The end of a block.
    Leave(Nesting),
    Text(&'static str, Nesting),
}

#[derive(Default)]
struct Walk {
    found: Walked,
    text: String,
    /// Bytes of `text` that are not within a link.
    unlinked: usize,
    /// Cells of the current row so far.
    cells: usize,
}

impl Walk {
    /// Walks depth first with an explicit stack: pages nest deeper than the thread's stack allows.
    fn run(&mut self, root: NodeRef) {
        let mut steps = vec![Step::Enter(root, Nesting::default())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(node, place) if node.is_text() => self.push(&node.text(), place),
                Step::Enter(node, place) => self.enter(node, place, &mut steps),
                Step::Leave(place) => self.flush(place),
                Step::Text(text, place) => self.push(text, place),
            }
        }
        self.flush(Nesting::default());
    }

    fn enter<'a>(&mut self, node: NodeRef<'a>, place: Nesting, steps: &mut Vec<Step<'a>>) {
        let name = node.node_name().unwrap_or_default();
        let name: &str = &name;
        if is_never_read(name)
            || node.has_attr("hidden")
            || node.attr("aria-hidden").as_deref() == Some("true")
        {
            return;
        }
        let mut inner = place;
        inner.depth += 1;
        self.found.depth = self.found.depth.max(inner.depth);
        match name {
            "br" => return self.line_break(place),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => inner.level = name.as_bytes()[1] - b'0',
            "li" | "dd" | "dt" | "tr" => inner.in_item = true,
            "a" => inner.in_link = true,
            "td" | "th" => {
                // A row reads as one line: `Rennes : 222 485 ; 3,5 %`.
                match self.cells {
                    0 => {}
                    1 => self.push(" : ", place),
                    _ => self.push(" ; ", place),
                }
                self.cells += 1;
            }
            "q" => {
                self.push("« ", place);
                steps.push(Step::Text(" »", place));
            }
            _ => {}
        }
        if is_block(name) {
            self.flush(place);
            self.cells = 0;
            steps.push(Step::Leave(inner));
        }
        steps.extend(
            node.children_it(true)
                .map(|child| Step::Enter(child, inner)),
        );
    }

    fn push(&mut self, text: &str, place: Nesting) {
        self.text.push_str(text);
        if !place.in_link {
            self.unlinked += text.trim().len();
        }
    }

    /// Pages break lines between paragraphs, and within addresses and poems.
    fn line_break(&mut self, place: Nesting) {
        if self
            .text
            .trim_end()
            .ends_with(['.', '!', '?', '…', '»', ':'])
        {
            self.flush(place);
        } else {
            self.text.push(' ');
        }
    }

    fn flush(&mut self, place: Nesting) {
        let linked = match std::mem::take(&mut self.unlinked) {
            0..3 => Linked::Whole,
            _ => Linked::Partly,
        };
        let kind = match place {
            Nesting { level: 1.., .. } => ParagraphKind::Heading,
            Nesting { in_item: true, .. } => ParagraphKind::ListItem,
            _ => ParagraphKind::Text,
        };
        let block = Block::new(&self.text, kind, place.level);
        self.text.clear();
        self.found
            .blocks
            .extend(block.filter(|block| !is_teaser(&block.text, linked)));
    }
}

/// How much of a block is within links.
#[derive(PartialEq, Eq)]
enum Linked {
    /// All of it, but for a mark or two.
    Whole,
    Partly,
}

/// Whether `text` leads to another article: `À lire aussi : Le pont ferme`.
fn is_teaser(text: &str, linked: Linked) -> bool {
    static TEASER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?i:\W*(?:à\s+)?(?:re)?(?:lire|voir|écouter)\s*(?:aussi|également|:))")
            .expect("the pattern is valid")
    });
    let label = text.len() < 200 && !text.ends_with('.');
    (linked == Linked::Whole || label) && TEASER.is_match(text)
}

fn is_never_read(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "title"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "canvas"
            | "audio"
            | "video"
            | "button"
            | "select"
            | "textarea"
            | "input"
            | "nav"
            | "figcaption"
            | "rp"
            | "rt"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "aside"
            | "body"
            | "html"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "blockquote"
            | "pre"
            | "figure"
            | "table"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "hr"
            | "address"
            | "details"
            | "summary"
            | "form"
            | "fieldset"
            | "center"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks_of(html: &str) -> Vec<Block> {
        walk(&Document::from(html)).blocks
    }

    #[test]
    fn inline_markup_entities_and_quotes_make_one_text() {
        let found = blocks_of(
            "<p>L&rsquo;<b>élu</b>e a <q>dit</q>\n non&nbsp;: 1&#8239;200&euro;<script>x</script></p>",
        );
        assert_eq!(found[0].text, "L’élue a « dit » non\u{a0}: 1\u{202f}200€");
    }

    #[test]
    fn table_rows_and_line_breaks_are_read_as_lines() {
        let found = blocks_of(
            "<table><tr><th>Ville</th><th>Habitants</th></tr><tr><td>Rennes</td><td>222 485</td></tr></table>\
             <p>Un.<br>Deux<br/>trois.<br><br>Quatre</p>",
        );
        let texts: Vec<_> = found.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Ville : Habitants",
                "Rennes : 222 485",
                "Un.",
                "Deux trois.",
                "Quatre"
            ]
        );
    }

    #[test]
    fn teasers_go_and_sentences_that_begin_alike_stay() {
        let found = blocks_of(
            "<p><a>▶ À lire aussi : le bac.</a></p><p>Lire également : le bac</p>\
             <p>Lire aussi les notes prend du temps.</p><p>Voir Naples</p>",
        );
        let texts: Vec<_> = found.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(
            texts,
            ["Lire aussi les notes prend du temps.", "Voir Naples"]
        );
    }
}
