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

/// Raise it if the same summaries give other pages, so that runs write them again.
pub const VERSION: u32 = 1;

const BASE_STYLE: &str = include_str!("base.css");

/// Everything but its own style is refused.
const NO_SCRIPTS: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
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
fn without_controls(page: &str) -> String {
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
fn address(name: &str) -> String {
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
fn grade_words(grade: crate::summarize::Grade) -> Markup {
    use crate::summarize::Grade;
    let sign = match grade {
        Grade::Good => "●",
        Grade::Check => "◐",
        Grade::Bad => "○",
    };
    html! {
        span class={ "grade " (grade.word()) } {
            span aria-hidden="true" { (sign) } " " (grade.word())
        }
    }
}
