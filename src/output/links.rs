//! Addresses of the pages of an output folder.

use std::fmt;

use super::html::address;
use crate::summarize::SentenceId;

/// Where the pages of an output folder are, as seen from what leads to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Empty, or with a `/` at its end.
    base: String,
    /// Whether there are pages for browsers, and not Markdown alone.
    has_html: bool,
}

/// An address that cannot be that of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAddress;

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an address of a folder, such as https://news.example/summaries/")
    }
}

impl std::error::Error for NoAddress {}

/// The address of a folder on a server or a disk, with a `/` at its end.
///
/// # Errors
/// If `text` is none, or has characters that no address has.
pub fn folder_address(text: &str) -> Result<String, NoAddress> {
    let (scheme, rest) = text.split_once("://").ok_or(NoAddress)?;
    let is_known = ["http", "https", "file"].contains(&scheme.to_ascii_lowercase().as_str());
    let is_refused = |c: char| {
        !c.is_ascii_graphic()
            || matches!(
                c,
                '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '?' | '#'
            )
    };
    match is_known && !rest.is_empty() && !text.contains(is_refused) {
        true => Ok(format!("{}/", text.trim_end_matches('/'))),
        false => Err(NoAddress),
    }
}

impl Links {
    /// `base` is an address as of [`folder_address`], or nothing for links from within the folder.
    pub fn new(base: &str, has_html: bool) -> Self {
        Self {
            base: base.to_owned(),
            has_html,
        }
    }

    /// Links from a file to the folder at `parts`, such as `..` and `out`, relative to its own folder.
    pub fn relative<'a>(parts: impl IntoIterator<Item = &'a str>, has_html: bool) -> Self {
        let parts = parts.into_iter();
        Self {
            base: parts.map(|part| address(part) + "/").collect(),
            has_html,
        }
    }

    /// The page of an article.
    pub(super) fn page(&self, id: &str) -> String {
        let extension = if self.has_html { "html" } else { "md" };
        format!("{}{}.{extension}", self.base, address(id))
    }

    /// The place of a sentence on the page of an article.
    pub(super) fn sentence(&self, id: &str, sentence: SentenceId) -> String {
        match self.has_html {
            true => format!("{}#s{sentence}", self.page(id)),
            false => self.page(id),
        }
    }

    /// The page of all articles, if there is one.
    pub(super) fn index(&self) -> Option<String> {
        self.has_html.then(|| format!("{}index.html", self.base))
    }

    /// The feed, if it can be said where it is from everywhere.
    pub(super) fn feed(&self) -> Option<String> {
        let is_whole = self.base.contains("://");
        is_whole.then(|| format!("{}feed.xml", self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_folders_are_taken() {
        for (text, expected) in [
            ("https://a.example", "https://a.example/"),
            ("http://a.example:8080/x//", "http://a.example:8080/x/"),
            ("file:///srv/out", "file:///srv/out/"),
        ] {
            assert_eq!(folder_address(text).as_deref(), Ok(expected));
        }
        for text in [
            "",
            "out",
            "javascript://%0aalert(1)",
            "https://",
            "https://a.example/?q",
            "https://a.example/\"><script>",
            "https://a.example/a b",
            "https://é.example",
        ] {
            assert_eq!(folder_address(text), Err(NoAddress), "{text}");
        }
    }

    #[test]
    fn links_lead_to_any_folder_and_name() {
        let links = Links::relative(["..", "a b"], true);
        assert_eq!(
            links.sentence("\"x", SentenceId(3)),
            "../a%20b/%22x.html#s3"
        );
        assert_eq!(links.feed(), None);
        let links = Links::new("https://a.example/", false);
        assert_eq!(links.sentence("x", SentenceId(3)), "https://a.example/x.md");
        assert_eq!(links.feed().as_deref(), Some("https://a.example/feed.xml"));
        assert_eq!(links.index(), None);
    }
}
