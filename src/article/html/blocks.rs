//! From a tree of elements to paragraphs as a browser would show them.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::Regex;

use super::super::block::Block;
use super::super::glued::is_lost_between;
use super::super::repair::takes_exponent;
use super::names::{is_named_apart, is_named_as_caption};
use french::text::ParagraphKind;

/// Headings of more characters that end as a sentence does are standfirsts.
const HEADING_MAX: usize = 90;

/// Result of a walk over a page.
#[derive(Default)]
pub(super) struct Walked {
    pub blocks: Vec<Placed>,
    /// Depth of the deepest element.
    pub depth: usize,
}

/// A block and where on the page it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub block: Block,
    /// Number of the innermost `article` around it, or 0.
    pub article: usize,
    pub in_aside: bool,
    /// Whether a container around it is named after something else than an article.
    pub apart: bool,
    /// Whether all of it, but for a mark or two, is within links.
    pub linked: bool,
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
    article: usize,
    in_item: bool,
    in_link: bool,
    in_paragraph: bool,
    in_aside: bool,
    apart: bool,
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
    /// Number of `article` elements so far.
    articles: usize,
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
        let is_block = is_block(name);
        // A button within a paragraph is one of its words, explained when it is pressed.
        let is_word = place.in_paragraph && name == "button";
        if is_never_read(name) && !is_word
            || node.has_attr("hidden")
            || node.attr("aria-hidden").as_deref() == Some("true")
                && !(place.in_paragraph && !is_block && is_drop_cap(&node))
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
            "a" if self.is_note_number(&node) => return,
            "a" => inner.in_link = true,
            "p" => inner.in_paragraph = true,
            "article" => {
                self.articles += 1;
                inner.article = self.articles;
            }
            "aside" => inner.in_aside = true,
            // A page laid out as a table: what stands in the cell is no row.
            "td" | "th" if holds_blocks(&node) => {
                inner.in_item = false;
                self.flush(place);
                steps.push(Step::Leave(inner));
            }
            "td" | "th" => {
                // A row reads as one line: `Rennes : 222 485 ; 3,5 %`.
                match self.cells {
                    0 => {}
                    1 => self.push(" : ", place),
                    _ => self.push(" ; ", place),
                }
                self.cells += 1;
            }
            "sup" if let Some(raised) = self.raised(&node) => return self.push(&raised, place),
            "q" => {
                self.push("« ", place);
                steps.push(Step::Text(" »", place));
            }
            _ => {}
        }
        if is_container(name) {
            inner.apart |= is_named_apart(&node);
        }
        if matches!(name, "p" | "div") {
            inner.apart |= is_named_as_caption(&node);
        }
        if is_block {
            self.flush(place);
            self.cells = 0;
            steps.push(Step::Leave(inner));
        }
        steps.extend(
            node.children_it(true)
                .map(|child| Step::Enter(child, inner)),
        );
    }

    /// What an element above the line says if that is a number: an exponent in raised digits, nothing
    /// for the number of a note.
    fn raised(&self, node: &NodeRef) -> Option<String> {
        let text = node.text();
        let number = text.trim().trim_matches(['(', ')', '[', ']']);
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let raise = |byte: u8| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(usize::from(byte - b'0'));
        let is_exponent = number.len() == 1 && takes_exponent(&self.text);
        let raised = is_exponent.then(|| number.bytes().filter_map(raise).collect());
        Some(raised.unwrap_or_default())
    }

    /// Whether a link within a sentence is the number of a note: `<a href="#note1">[1]</a>`.
    fn is_note_number(&self, node: &NodeRef) -> bool {
        let href = node.attr_or("href", "").to_lowercase();
        let Some((_, place)) = href.split_once('#') else {
            return false;
        };
        let text = node.text();
        let text = text.trim();
        let number = text.trim_matches(['(', ')', '[', ']']);
        let is_number =
            (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let is_note = ["note", "fn", "ref", "cite"]
            .iter()
            .any(|name| place.contains(name));
        !self.text.trim().is_empty() && is_number && (is_note || number.len() < text.len())
    }

    fn push(&mut self, text: &str, place: Nesting) {
        if is_lost_between(&self.text, text) {
            self.text.push(' ');
        }
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
        let linked = std::mem::take(&mut self.unlinked) < 3;
        let is_standfirst = place.level > 1
            && self.text.trim_end().ends_with(['.', '!', '?', '…'])
            && self.text.chars().count() > HEADING_MAX;
        let (kind, level) = match place {
            _ if is_standfirst => (ParagraphKind::Text, 0),
            Nesting { level: 1.., .. } => (ParagraphKind::Heading, place.level),
            Nesting { in_item: true, .. } => (ParagraphKind::ListItem, 0),
            _ => (ParagraphKind::Text, 0),
        };
        let block = Block::new(&self.text, kind, level);
        self.text.clear();
        let placed = block.map(|block| Placed {
            block,
            article: place.article,
            in_aside: place.in_aside,
            apart: place.apart,
            linked,
        });
        self.found
            .blocks
            .extend(placed.filter(|placed| !is_teaser(&placed.block.text, linked)));
    }
}

/// Whether an element that is hidden from screen readers is the large first letter of a paragraph,
/// which is not written out for them in the next element.
fn is_drop_cap(node: &NodeRef) -> bool {
    let text = node.text();
    let mut letters = text.trim().chars();
    let spoken = node.next_element_sibling().is_some_and(|next| {
        let class = next.attr_or("class", "").to_lowercase();
        ["sr-only", "visually-hidden", "screen-reader"]
            .iter()
            .any(|name| class.contains(name))
    });
    letters.next().is_some_and(char::is_uppercase) && letters.count() < 3 && !spoken
}

fn holds_blocks(cell: &NodeRef) -> bool {
    cell.element_children().iter().any(|child| {
        let name = child.node_name().unwrap_or_default();
        is_block(&name)
    })
}

/// Whether an element holds other blocks, so that its name says what all of them are.
fn is_container(name: &str) -> bool {
    matches!(
        name,
        "div" | "section" | "article" | "aside" | "ul" | "ol" | "dl" | "form" | "table" | "details"
    )
}

/// Whether `text` leads to another article: `À lire aussi : Le pont ferme`.
fn is_teaser(text: &str, linked: bool) -> bool {
    static TEASER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?i:\W*(?:à\s+)?(?:re)?(?:lire|voir|écouter)\s*(?:aussi|également|:))")
            .expect("the pattern is valid")
    });
    let label = text.len() < 200 && !text.ends_with('.');
    (linked || label) && TEASER.is_match(text)
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
        let found = walk(&Document::from(html)).blocks;
        found.into_iter().map(|placed| placed.block).collect()
    }

    #[test]
    fn words_of_a_paragraph_stay_whatever_element_holds_them() {
        let found = blocks_of(
            "<p><span aria-hidden=true>L</span>e pont <button>ferme</button> <i aria-hidden=true>→</i></p>\
             <p><span aria-hidden=true>L</span><span class=sr-only>Le</span> bac ouvre</p>",
        );
        let texts: Vec<_> = found.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, ["Le pont ferme", "Le bac ouvre"]);
    }

    #[test]
    fn cells_of_a_layout_are_no_rows() {
        let found = blocks_of(
            "<table><tr><td><a>Accueil</a></td><td><h1>Titre</h1><p>Un.<p>Deux<b>Trois</b></td></tr></table>",
        );
        let seen: Vec<_> = found.iter().map(|b| (b.kind, b.text.as_str())).collect();
        assert_eq!(
            seen,
            [
                (ParagraphKind::ListItem, "Accueil"),
                (ParagraphKind::Heading, "Titre"),
                (ParagraphKind::Text, "Un."),
                (ParagraphKind::Text, "Deux Trois"),
            ]
        );
    }

    #[test]
    fn a_sentence_marked_as_a_heading_is_text() {
        let long = "Trois cents enfants sont privés de cours : la ville assume une décision qu'elle juge sans appel et promet des navettes.";
        let found = blocks_of(&format!("<h2>{long}</h2><h2>Le chantier</h2>"));
        let kinds: Vec<_> = found.iter().map(|block| block.kind).collect();
        assert_eq!(kinds, [ParagraphKind::Text, ParagraphKind::Heading]);
    }

    #[test]
    fn inline_markup_entities_and_quotes_make_one_text() {
        let found = blocks_of(
            "<p>L&rsquo;<b>élu</b>e a <q>dit</q>\n non&nbsp;: 1&#8239;200&euro;<script>x</script></p>",
        );
        assert_eq!(found[0].text, "L’élue a « dit » non\u{a0}: 1\u{202f}200€");
    }

    #[test]
    fn raised_numbers_are_exponents_or_notes() {
        let found = blocks_of(
            "<p>14 200<sup>1</sup> nageurs<sup>[2]</sup> sur 12 m<sup>2</sup>, 10<sup>3</sup> fois au XX<sup>e</sup> siècle.</p>",
        );
        assert_eq!(
            found[0].text,
            "14 200 nageurs sur 12 m², 10³ fois au XXe siècle."
        );
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
