//! The elements of a page that say something of its article, found in one walk over the page.

use dom_query::{Document, NodeRef};

/// Names of such elements, and attributes that others have.
const NAMES: [&str; 9] = [
    "app-root", "article", "h1", "h2", "link", "meta", "script", "time", "title",
];
const ATTRIBUTES: [&str; 3] = ["data-reactroot", "itemprop", "rel"];
/// Ids of elements that scripts fill.
pub(super) const ROOTS: [&str; 5] = ["__next", "__nuxt", "app", "main-app", "root"];

/// In the order of the page.
pub(super) struct Elements<'a>(Vec<NodeRef<'a>>);

impl<'a> Elements<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let tells = |node: &NodeRef| {
            let Some(element) = node.element_ref() else {
                return false;
            };
            let mut attributes = element.attrs.iter();
            NAMES.contains(&&*element.name.local)
                || attributes.any(|attribute| match &*attribute.name.local {
                    "id" => ROOTS.contains(&&*attribute.value),
                    name => ATTRIBUTES.contains(&name),
                })
        };
        let root = document.root();
        Self(root.descendants_it().filter(tells).collect())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = NodeRef<'a>> {
        self.0.iter().copied()
    }

    /// The elements with one of `names`.
    pub(super) fn named(&self, names: &[&str]) -> impl Iterator<Item = NodeRef<'a>> {
        self.all()
            .filter(|node| names.iter().any(|name| node.has_name(name)))
    }

    /// The first element of a name whose attribute has a value.
    pub(super) fn first(&self, name: &str, attribute: &str, value: &str) -> Option<NodeRef<'a>> {
        self.named(&[name]).find(|node| {
            let found = node.attr(attribute);
            found.is_some_and(|found| found.eq_ignore_ascii_case(value))
        })
    }
}

/// Whether one of the words in an attribute is `word`.
pub(super) fn has_word(node: &NodeRef, attribute: &str, word: &str) -> bool {
    let words = node.attr(attribute);
    words.is_some_and(|words| words.split_ascii_whitespace().any(|other| other == word))
}
