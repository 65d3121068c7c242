//! Which blocks of a page are its article.
//!
//! The article finder removes elements by the names of their classes, within sentences too. So it is
//! only asked where the article is: the words are always those of the walk over the whole page.

use std::collections::HashMap;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};
use french::text::ParagraphKind;

use super::blocks::{Placed, walk};

/// A page with more elements is a listing or an attack: its whole text is read, because looking for
/// the article in it takes 1.6 s at this size.
const MAX_ELEMENTS: usize = 50_000;
/// How many blocks further on a part of the article is looked for if it was changed.
const WINDOW: usize = 60;
/// Texts of fewer letters and digits stand in several places of a page.
const TELLING: usize = 25;

/// Elements within sentences, and the blocks whose name says nothing of what they hold.
const UNNAMED: [&str; 43] = [
    "a",
    "abbr",
    "acronym",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "ins",
    "kbd",
    "label",
    "li",
    "mark",
    "p",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "td",
    "th",
    "time",
    "tt",
    "u",
    "var",
];

pub(super) fn is_unnamed(node: &NodeRef) -> bool {
    let element = node.element_ref();
    element.is_some_and(|element| UNNAMED.binary_search(&&*element.name.local).is_ok())
}

/// Whether each of `walked`, the blocks of `document`, is part of its article. `None` if there is
/// none.
pub(super) fn of_article(document: Document, walked: &[Placed]) -> Option<Vec<bool>> {
    let nodes: Vec<NodeRef> = document.root().descendants_it().collect();
    for node in nodes {
        if is_unnamed(&node) {
            node.remove_attrs(&["class", "id", "itemprop", "rel", "role"]);
        } else if node.has_name("aside") {
            node.rename("div");
        }
    }
    let config = Config {
        max_elements_to_parse: MAX_ELEMENTS,
        ..Config::default()
    };
    let article = Readability::with_document(document, None, Some(config))
        .ok()?
        .parse()
        .ok()?;
    let found = walk(&Document::from(article.content)).blocks;
    let mut kept = align(&found, walked);
    let size = |of: &dyn Fn(&Placed) -> bool| -> usize {
        let kept = walked.iter().zip(&kept).filter(|(_, kept)| **kept);
        let of_kind = kept.filter(|(placed, _)| of(placed));
        of_kind.map(|(placed, _)| placed.block.text.len()).sum()
    };
    let is_named_well = size(&|placed| placed.apart) * 3 > size(&|_| true);
    for (kept, placed) in kept.iter_mut().zip(walked) {
        *kept &= !is_link(placed) && (is_named_well || !placed.apart);
    }
    restore(&mut kept, walked);
    kept.contains(&true).then_some(kept)
}

/// Marks those of `walked` that `found` has, whole or in part.
fn align(found: &[Placed], walked: &[Placed]) -> Vec<bool> {
    let letters: Vec<String> = walked.iter().map(|w| compact(&w.block.text)).collect();
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, letters) in letters.iter().enumerate() {
        places.entry(letters).or_default().push(i);
    }
    let mut kept = vec![false; walked.len()];
    let mut next = 0;
    for part in found {
        let part = compact(&part.block.text);
        let window = next..(next + WINDOW).min(letters.len());
        let same = places.get(part.as_str()).and_then(|places| {
            let later = places.iter().find(|&&i| i >= next);
            let any = later.or(places.first()).filter(|_| part.len() >= TELLING);
            any.or(later.filter(|i| window.contains(i))).copied()
        });
        if let Some(i) = same {
            kept[i] = true;
            next = next.max(i + 1);
            continue;
        }
        for i in next.saturating_sub(1)..window.end {
            let within = letters[i].len() >= TELLING && part.contains(&letters[i]);
            if within || is_part(&part, &letters[i]) {
                kept[i] = true;
                next = i + 1;
                if !within {
                    break;
                }
            }
        }
    }
    kept
}

/// The letters and digits of `text`.
fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether `part` is `whole` without some of its words: its letters stand in `whole` in their order,
/// in a few pieces.
fn is_part(part: &str, whole: &str) -> bool {
    const PIECES: usize = 12;
    if part.len() * 3 < whole.len() || part.is_empty() || part.len() > whole.len() {
        return part.len() >= TELLING && whole.contains(part);
    }
    let (mut part, mut whole) = (part, whole);
    for _ in 0..PIECES {
        let same = common_prefix(part, whole);
        (part, whole) = (&part[same..], &whole[same..]);
        if part.is_empty() {
            return true;
        }
        // What follows the cut has to be found again by its first letters.
        let mark: String = part.chars().take(6).collect();
        let Some(at) = whole.find(&mark) else {
            return false;
        };
        whole = &whole[at..];
    }
    false
}

/// Bytes of the longest common beginning.
fn common_prefix(a: &str, b: &str) -> usize {
    a.chars()
        .zip(b.chars())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum()
}

/// Adds the text that the finder has left out of the article for a name or for its shape.
fn restore(kept: &mut [bool], walked: &[Placed]) {
    let (Some(first), Some(last)) = (
        kept.iter().position(|&kept| kept),
        kept.iter().rposition(|&kept| kept),
    ) else {
        return;
    };
    let article = most_of(kept, walked);
    let title = walked[..first]
        .iter()
        .rposition(|placed| placed.block.level == 1);
    // From the end, because a heading is kept for what it stands above.
    for i in (0..walked.len()).rev() {
        let placed = &walked[i];
        let inside = (first..last).contains(&i)
            || article != 0 && placed.article == article
            || i < first && title.is_some_and(|title| i > title);
        if kept[i] || !inside || placed.apart || placed.linked {
            continue;
        }
        kept[i] = match placed.block.kind {
            ParagraphKind::Heading => {
                placed.block.level > 1 && kept.get(i + 1).copied().unwrap_or_default()
            }
            ParagraphKind::ListItem => (first..last).contains(&i) || placed.in_aside,
            ParagraphKind::Text => placed.in_aside || is_prose(&placed.block.text),
        };
    }
}

/// The number of the `article` element that holds most of the text.
fn most_of(kept: &[bool], walked: &[Placed]) -> usize {
    let mut sizes: HashMap<usize, usize> = HashMap::new();
    for (placed, _) in walked.iter().zip(kept).filter(|(_, kept)| **kept) {
        *sizes.entry(placed.article).or_default() += placed.block.text.len();
    }
    let largest = sizes
        .into_iter()
        .max_by_key(|&(article, size)| (size, article));
    largest.map_or(0, |(article, _)| article)
}

/// Whether a block is only a link to somewhere else.
fn is_link(placed: &Placed) -> bool {
    placed.linked
        && placed.block.kind != ParagraphKind::Heading
        && !ends_sentence(&placed.block.text)
}

/// Whether `text` reads as a sentence and not as a label.
fn is_prose(text: &str) -> bool {
    let length = text.chars().count();
    length > 140 || ends_sentence(text) && length > 50
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['»', '"', '”', ')', ' ', '\u{a0}', '\u{202f}'])
        .ends_with(['.', '!', '?', '…', ':', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_its_letters() {
        let whole = compact("Les travaux coûteront 4,3 millions d'euros, dont 1,8 million payé.");
        for part in [
            "Les travaux d'euros, dont 1,8 million payé.",
            "es travaux coûteront 4,3 millions d'euros",
            "Les travaux coûteront 4,3 millions d'euros, dont 1,8 million payé.",
        ] {
            assert!(is_part(&compact(part), &whole), "{part}");
        }
        for part in [
            "Le pont ferme.",
            "Les clubs de natation devront s'entraîner ailleurs.",
            "",
        ] {
            assert!(!is_part(&compact(part), &whole), "{part}");
        }
    }
}
