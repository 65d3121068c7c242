//! Summaries as pages for a browser. They need no network, no server and, but for searching, no
//! script.
//!
//! Templates are [`maud`]'s, which escapes every value that is put into them; nothing here builds HTML
//! from strings. The article's page allows no script at all.

mod article;
mod lists;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use article::{is_current, to_html};
pub(crate) use lists::{
    IndexPage, PeoplePage, PersonEntry, Reference, Row, RowOrder, Said, TimelineDay, TimelinePage,
    index_data, index_script, is_index_current,
};

use super::marker::MADE_BY;
use crate::TOOL;
use crate::summarize::Grade;

/// Raise it if the same summaries give other pages, so that runs write them again.
const VERSION: u32 = 1;

const BASE_STYLE: &str = include_str!("base.css");

/// Everything but its own style is refused.
pub(super) const NO_SCRIPTS: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'";
/// [`NO_SCRIPTS`], and scripts of the same folder. `'self'` does not cover files in every browser.
const OWN_SCRIPTS: &str = "default-src 'none'; style-src 'unsafe-inline'; \
     script-src 'self' file:; base-uri 'none'; form-action 'none'";

/// A whole page.
struct Page<'a> {
    title: &'a str,
    /// What [`marker`] gives.
    marker: String,
    /// Added to the style that all pages have.
    style: &'static str,
    policy: &'static str,
    body: Markup,
}

impl Page<'_> {
    fn render(self) -> String {
        let style = PreEscaped([BASE_STYLE, self.style].concat());
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="generator" content=(self.marker);
                    meta http-equiv="Content-Security-Policy" content=(self.policy);
                    meta name="referrer" content="no-referrer";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    style { (style) }
                }
                body { (self.body) }
            }
        };
        let mut page = without_controls(&page.into_string());
        page.push('\n');
        page
    }
}

/// Removes characters that no page may have, and those that change the direction of what follows
/// them.
pub(super) fn without_controls(page: &str) -> String {
    let is_refused = |c: char| {
        c != '\n' && c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
    };
    page.chars()
        .map(|c| match c {
            '\t' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            c => c,
        })
        .filter(|&c| !is_refused(c))
        .collect()
}

/// What a page is from, by which runs see that it is theirs and up to date: `content` is the
/// fingerprint of its summary, or nothing for pages of many.
fn marker(content: &str) -> String {
    let content = match content {
        "" => String::new(),
        content => format!(", {content}"),
    };
    format!("{MADE_BY}{TOOL}, pages {VERSION}{content}")
}

/// Whether `page` begins with the [`marker`] of `content`.
fn has_marker(page: &[u8], content: &str) -> bool {
    let head = String::from_utf8_lossy(&page[..page.len().min(1024)]);
    let meta = html! { meta name="generator" content=(marker(content)); };
    head.contains(&meta.into_string())
}

/// The name of a file, as an address.
pub(super) fn address(name: &str) -> String {
    let mut address = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                address.push(byte.into());
            }
            byte => address += &format!("%{byte:02X}"),
        }
    }
    address
}

/// A grade as a sign, which differs in form and not only in colour, and a word.
fn grade_words(grade: Grade) -> Markup {
    html! {
        span class={ "grade " (grade.word()) } {
            span aria-hidden="true" { (sign(grade)) } " " (grade.word())
        }
    }
}

/// A grade beside a statement, where its word would stand too often to be read.
fn grade_sign(grade: Grade) -> Markup {
    html! {
        span class={ "grade " (grade.word()) } title=(grade.word()) {
            span aria-hidden="true" { (sign(grade)) } span.unseen { (grade.word()) }
        }
    }
}

fn sign(grade: Grade) -> &'static str {
    match grade {
        Grade::Good => "●",
        Grade::Check => "◐",
        Grade::Bad => "○",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summarize::Summary;

    fn fixture() -> Summary {
        serde_json::from_str(include_str!("../../../tests/fixtures/summary.json")).unwrap()
    }

    #[test]
    fn pages_change_only_with_their_version() {
        let page = to_html(&fixture());
        let lists = [include_str!("lists.css"), include_str!("index.js")].concat();
        let digest = blake3::hash([page.as_str(), &lists].concat().as_bytes());
        let stated = (VERSION, &digest.to_hex()[..16]);
        assert_eq!(
            stated,
            (1, "096d6a2f8b01a75a"),
            "pages are not what they were: raise VERSION, unless it has been since the last release"
        );
    }

    #[test]
    fn a_page_is_current_for_its_summary_and_version_alone() {
        let mut summary = fixture();
        summary.provenance.fingerprint = "blake3:\"<0>".to_owned();
        let page = to_html(&summary);
        let is_current = |fingerprint: &str| is_current(page.as_bytes(), fingerprint);
        assert!(is_current("blake3:\"<0>"));
        assert!(!is_current("blake3:") && !is_current(""));
        assert!(crate::output::is_our_page(&page));
    }

    #[test]
    fn addresses_lead_to_files_of_any_name() {
        for (name, expected) in [
            ("belarus", "belarus"),
            ("a b", "a%20b"),
            ("javascript:x", "javascript%3Ax"),
            ("été", "%C3%A9t%C3%A9"),
            ("\"><", "%22%3E%3C"),
        ] {
            assert_eq!(address(name), expected);
        }
    }
}
