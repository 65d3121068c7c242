//! What the names of elements (`class`, `id`) say that they hold.

use dom_query::NodeRef;

/// Words in the names of containers that hold something else than an article, unless they hold most
/// of the text.
const APART: [&str; 42] = [
    "abonnement",
    "advert",
    "breadcrumb",
    "breadcrumbs",
    "comment",
    "commentaire",
    "commentaires",
    "comments",
    "consent",
    "cookie",
    "cookies",
    "disqus",
    "endnotes",
    "exergue",
    "footnote",
    "footnotes",
    "gdpr",
    "infolettre",
    "mentions",
    "modal",
    "newsletter",
    "newsletters",
    "nl",
    "outbrain",
    "pagination",
    "partner",
    "popup",
    "promo",
    "pub",
    "publicite",
    "pullquote",
    "reactions",
    "recommended",
    "references",
    "related",
    "replies",
    "rgpd",
    "sponsor",
    "sponsored",
    "taboola",
    "teaser",
    "ticker",
];

/// Words in the names of what stands below a picture.
const CAPTION: [&str; 4] = ["caption", "credit", "credits", "legende"];

pub(super) fn is_named_apart(node: &NodeRef) -> bool {
    is_named(node, |word| APART.binary_search(&word).is_ok())
}

pub(super) fn is_named_as_caption(node: &NodeRef) -> bool {
    is_named(node, |word| CAPTION.contains(&word))
}

/// Whether one of the words in the names of an element is such.
pub(super) fn is_named(node: &NodeRef, is_such: impl Fn(&str) -> bool) -> bool {
    let names = [node.attr("class"), node.attr("id")];
    names.iter().flatten().any(|names| {
        let names = names.to_lowercase();
        let mut words = names.split(|c: char| !c.is_alphanumeric());
        words.any(&is_such)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_things_are_in_order() {
        assert!(APART.is_sorted());
    }
}
