//! HTML: the article of a page, without menus, banners, related links and scripts.

mod blocks;
mod date;
mod elements;
mod head;
mod json_ld;
mod main_text;
mod markup;
mod names;

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::{Captures, Regex};

use super::about::{About, LeftOut};
use super::block::{Block, Content, assemble, is_blank};
use super::clutter::{Reason, clutter};
use super::date::{Role, found_in, head_line};
use super::error::SkipReason;
use super::plain;
use blocks::{Placed, Walked, walk};
use date::Published;
use elements::Elements;
use json_ld::Articles;

/// Pages that nest deeper are refused: nobody wrote them, and the time to parse grows with the
/// square of the depth (45 ms at 2000, 3.4 s at 20,000).
const MAX_NESTING: usize = 4_000;
/// In pages that nest deeper, the whole text is read, because the time to look for the article also
/// grows with the square of the depth (2 s at 2000).
const MAX_ARTICLE_NESTING: usize = 256;

/// Reads a page.
pub(super) fn read(html: &str) -> Result<Content, SkipReason> {
    let document = parse(html)?;
    let elements = Elements::of(&document);
    let mut articles = Articles::of(&elements);
    let title = head::title(&elements, &articles);
    if let Some((title, _)) = &title {
        articles.prefer(title);
    }
    let mut published = date::published(&elements, &articles);
    let mut about = About {
        author: head::author(&elements, &articles),
        url: head::url(&elements, &articles),
        ..About::default()
    };
    let is_script = has_empty_root(&elements);
    remove_clutter(&document);
    let Walked { blocks, depth } = walk(&document);
    date_of_lines(&blocks, &mut published);
    let article = (depth <= MAX_ARTICLE_NESTING)
        .then(|| main_text::of_article(document, &blocks))
        .flatten();
    let mut kept = Vec::new();
    for (i, Placed { block, .. }) in blocks.into_iter().enumerate() {
        // Above the title, a heading of level 1 is the name of the site.
        let is_site = block.level == 1
            && kept.is_empty()
            && title
                .as_ref()
                .is_some_and(|(title, _)| !title.contains(&block.text));
        if article.as_ref().is_none_or(|kept| kept[i]) && !is_site {
            kept.push(block);
        } else {
            let reason = match block.level {
                1 => Reason::Title,
                _ => Reason::Outside,
            };
            let text = block.text;
            about.left_out.push(LeftOut { text, reason });
        }
    }
    if published.date.is_none() {
        let date = about.url.as_deref().and_then(found_in);
        published.date = date.map(|date| (date, Role::Bare));
        published.from = published.date.map(|_| "address");
    }
    about.date_from = published.from;
    about.unread_date = published.not_understood;
    let date = published.date.map(|(date, _)| date);
    about.title_from = title.as_ref().map(|(_, from)| *from);
    let title = title.map(|(title, _)| title);
    let stated = articles.text("articleBody").map(body_blocks).transpose()?;
    if let Some(stated) = stated.filter(|stated| says_more(stated, &kept)) {
        kept = stated;
    } else if is_script && letters(&kept) < SHORTEST_PAGE || is_only_a_label(&kept) {
        return Err(SkipReason::NoArticle);
    }
    let mut content = assemble(title, date, kept);
    // What was known before the text was read comes first.
    about.date_from = about.date_from.or(content.about.date_from);
    content.about = about;
    Ok(content)
}

/// Letters of the shortest page that is read although a script is to fill it.
const SHORTEST_PAGE: usize = 200;

/// Whether the page has an element that a script fills with the text.
fn has_empty_root(elements: &Elements) -> bool {
    let is_root = |node: &NodeRef| {
        elements::ROOTS.contains(&&*node.attr_or("id", ""))
            || node.has_name("app-root")
            || node.has_attr("data-reactroot")
    };
    let mut roots = elements.all().filter(is_root);
    roots.any(|root| root.text().trim().is_empty())
}

/// The date of a line near the title, if it says more than the rest of the page does: a line that
/// says « publié » counts more than one that says « mis à jour ».
fn date_of_lines(blocks: &[Placed], published: &mut Published) {
    /// Lines in which the date is looked for.
    const LINES: usize = 12;
    let title = blocks.iter().position(|placed| placed.block.level == 1);
    let mut in_text = false;
    for placed in blocks.iter().skip(title.unwrap_or_default()).take(LINES) {
        in_text |= placed.block.text.len() > 160;
        let dated = head_line(&placed.block.text).and_then(|line| line.date);
        let known = published.date.map(|(_, role)| role);
        if let Some((date, role)) =
            dated.filter(|(_, role)| !(placed.apart || in_text && *role == Role::Bare))
            && known.is_none_or(|known| role < known)
        {
            published.date = Some((date, role));
            published.from = Some("date line");
            if role == Role::Published {
                return;
            }
        }
    }
}

/// The paragraphs of a text that the page states beside its markup.
fn body_blocks(text: &str) -> Result<Vec<Block>, SkipReason> {
    let text = unescaped(text);
    if text.contains("</") || text.contains("<br") {
        return blocks(&text);
    }
    let content = plain::body_of(&text);
    let paragraphs = content.paragraphs.iter();
    let blocks = paragraphs.filter_map(|p| Block::new(p.span.slice(&content.body), p.kind, 0));
    Ok(blocks.collect())
}

/// Whether `stated` is a text of which the page shows less than half.
fn says_more(stated: &[Block], shown: &[Block]) -> bool {
    let shown = shown.iter().filter(|block| clutter(&block.text).is_none());
    let shown: usize = shown.map(|block| block.text.len()).sum();
    letters(stated) > 140.max(2 * shown)
}

/// Whether there is hardly any text and no sentence: « Page introuvable ».
fn is_only_a_label(blocks: &[Block]) -> bool {
    const LABEL: usize = 60;
    let is_sentence = |block: &Block| block.text.ends_with(['.', '!', '?', '…', ':', '»', '"']);
    !blocks.is_empty() && letters(blocks) < LABEL && !blocks.iter().any(is_sentence)
}

fn letters(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| block.text.len()).sum()
}

/// `text` with its entities read once more, as often as it was escaped.
pub(super) fn unescaped(text: &str) -> String {
    static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|[a-zA-Z]{2,8}\d?);")
            .expect("the pattern is valid")
    });
    let mut text = text.to_owned();
    for _ in 0..3 {
        if !text.contains('&') || !ENTITY.is_match(&text) {
            break;
        }
        let read = ENTITY.replace_all(&text, |entity: &Captures<'_>| {
            Document::fragment(&entity[0]).text().to_string()
        });
        text = read.into_owned();
    }
    text.trim_matches(is_blank).to_owned()
}

/// Removes elements that are never part of an article unless they hold one (some pages mark their
/// whole body as `cookie-consent-shown`), and what stands beside the article unless it is text.
fn remove_clutter(document: &Document) {
    let root = document.root();
    let clutter: Vec<NodeRef> = root.descendants_it().filter(is_clutter).collect();
    for element in clutter {
        if !holds_article(&element) && !is_words(&element) {
            element.remove_from_parent();
        }
    }
    let mut budget = MAX_ASIDE_NODES;
    let is_aside = |node: &NodeRef| {
        node.has_name("aside") || node.attr("role").as_deref() == Some("complementary")
    };
    let asides: Vec<NodeRef> = root.descendants_it().filter(is_aside).collect();
    for element in asides {
        if !is_text(&element, &mut budget) {
            element.remove_from_parent();
        }
    }
}

/// Whether an element is never part of an article, by its name and role.
fn is_clutter(node: &NodeRef) -> bool {
    let Some(element) = node.element_ref() else {
        return false;
    };
    let mut attributes = element.attrs.iter();
    matches!(&*element.name.local, "nav" | "footer" | "dialog")
        || attributes.any(|attribute| {
            let value = &*attribute.value;
            match &*attribute.name.local {
                "role" => matches!(value, "navigation" | "banner" | "dialog" | "contentinfo"),
                "aria-modal" => value == "true",
                "id" | "class" => value.contains("cookie") || value.contains("consent"),
                _ => false,
            }
        })
}

/// Whether an element is an article or the like, or holds one.
fn holds_article(element: &NodeRef) -> bool {
    let is_article = |node: &NodeRef| {
        let names = ["html", "body", "main", "article", "h1"];
        names.iter().any(|name| node.has_name(name))
    };
    is_article(element) || element.descendants_it().any(|node| is_article(&node))
}

/// Whether an element is part of a text, and goes only with what holds it.
fn is_words(element: &NodeRef) -> bool {
    let mut around = element.ancestors_it(Some(6));
    main_text::is_unnamed(element) || around.any(|around| around.has_name("p"))
}

/// Nodes within asides that are looked at: those of asides in asides count again.
const MAX_ASIDE_NODES: usize = 200_000;

/// Whether an element beside the article holds text and not a list of links or a form.
fn is_text(element: &NodeRef, budget: &mut usize) -> bool {
    let (mut letters, mut linked) = (0, 0);
    let mut has_form = false;
    for node in element.descendants_it() {
        match budget.checked_sub(1) {
            Some(rest) => *budget = rest,
            None => return true,
        }
        match node.node_name().as_deref() {
            Some("form" | "input") => has_form = true,
            Some("a") => linked += node.text().trim().len(),
            None if node.is_text() => letters += node.text().trim().len(),
            _ => {}
        }
    }
    let is_long = letters > 400 && linked * 4 < letters;
    is_long || !has_form && linked * 5 < letters * 2 && !names::is_named_apart(element)
}

fn parse(html: &str) -> Result<Document, SkipReason> {
    if markup::nesting(html) > MAX_NESTING {
        return Err(SkipReason::TooDeep { limit: MAX_NESTING });
    }
    Ok(Document::from(&*markup::without_noscript(html)))
}

/// Reads a page that is XML. Self-closing elements are expanded first: the HTML parser takes them
/// for opening tags that swallow what follows.
pub(super) fn read_xhtml(xhtml: &str) -> Result<Content, SkipReason> {
    static CLOSED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"<(script|style|title|iframe|textarea|noscript|a|b|i|em|p|div|span)(\s[^<>]*)?/>",
        )
        .expect("the pattern is valid")
    });
    read(&CLOSED.replace_all(xhtml, "<$1$2></$1>"))
}

/// All blocks of a fragment.
pub(super) fn blocks(html: &str) -> Result<Vec<Block>, SkipReason> {
    let blocks = walk(&parse(html)?).blocks.into_iter();
    Ok(blocks.map(|placed| placed.block).collect())
}

#[cfg(test)]
mod tests;
