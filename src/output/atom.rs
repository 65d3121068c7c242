//! A feed in Atom (RFC 4287).
//!
//! The bytes depend on what is put in alone. An article keeps its id for ever: a UUID made from its file
//! and its name (version 8 of RFC 9562).

use std::io;

use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::html::without_controls;
use super::links::Links;
use super::marker::MADE_BY;
use super::rows;
use super::words::outlet;
use crate::TOOL;
use crate::summarize::{Grade, Summary};

/// What feeds say that has no time of its own.
const NO_TIME: &str = "1970-01-01T00:00:00Z";

/// An article of a feed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FeedEntry {
    id: String,
    title: String,
    /// RFC 3339.
    updated: String,
    published: Option<String>,
    page: String,
    author: Option<String>,
    topics: Vec<String>,
    abstract_: String,
    /// HTML.
    content: String,
}

impl FeedEntry {
    /// An article that has been so since `updated`; `None`: since it was published.
    pub(crate) fn new(summary: &Summary, updated: Option<Timestamp>, links: &Links) -> Self {
        let source = &summary.source;
        let published = source.date.as_deref().and_then(midnight);
        let updated = updated.map(|time| format!("{time:.0}"));
        Self {
            id: urn(&["article", source.file(), &summary.id]),
            title: summary.headline.clone(),
            updated: updated
                .or_else(|| published.clone())
                .unwrap_or_else(|| NO_TIME.to_owned()),
            published,
            page: links.page(&summary.id),
            author: source.author.clone(),
            topics: summary.topics.iter().map(|it| it.label.clone()).collect(),
            abstract_: summary.abstract_.text.clone(),
            content: content(summary, links).into_string(),
        }
    }

    /// Says something before everything else.
    pub(super) fn beginning_with(mut self, news: Markup) -> Self {
        self.content.insert_str(0, &news.into_string());
        self
    }
}

/// The beginning of the feed of a folder, which says by whom it was written and where it is.
pub(crate) fn feed_head(links: &Links) -> String {
    let head = write(|writer| {
        let own = links.feed();
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let made = format!("\n<!-- {MADE_BY}{TOOL} -->\n");
        writer.get_mut().extend(made.as_bytes());
        let open = r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">"#;
        writer.get_mut().extend(open.as_bytes());
        element(writer, "id", &own.clone().unwrap_or_else(|| urn(&["feed"])))?;
        element(writer, "title", "Articles")?;
        element(
            writer,
            "subtitle",
            "Machine translation from French, with its evidence",
        )?;
        if let Some(own) = &own {
            link(writer, "self", own)?;
        }
        if let Some(index) = links.index() {
            link(writer, "alternate", &index)?;
        }
        // Who wrote an article is often not known.
        author(writer, "precis")?;
        element(writer, "generator", TOOL)
    });
    without_controls(&head)
}

/// Writes a feed. Entries stand in the order in which they are given.
pub(crate) fn to_atom(entries: &[FeedEntry], links: &Links) -> String {
    let newest = entries.iter().map(|it| it.updated.as_str()).max();
    let rest = write(|writer| {
        element(writer, "updated", newest.unwrap_or(NO_TIME))?;
        for it in entries {
            writer.get_mut().extend(b"\n");
            entry(writer, it)?;
        }
        writer.get_mut().extend(b"\n</feed>\n");
        Ok(())
    });
    feed_head(links) + &without_controls(&rest)
}

fn write(parts: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> String {
    let mut writer = Writer::new(Vec::new());
    parts(&mut writer).expect("a vector takes all");
    String::from_utf8(writer.into_inner()).expect("texts are UTF-8")
}

fn entry(writer: &mut Writer<Vec<u8>>, it: &FeedEntry) -> io::Result<()> {
    let entry = writer.create_element("entry");
    entry.write_inner_content(|writer| {
        element(writer, "id", &it.id)?;
        element(writer, "title", &it.title)?;
        element(writer, "updated", &it.updated)?;
        if let Some(published) = &it.published {
            element(writer, "published", published)?;
        }
        link(writer, "alternate", &it.page)?;
        if let Some(name) = it.author.as_deref().filter(|name| !name.trim().is_empty()) {
            author(writer, name)?;
        }
        for topic in &it.topics {
            let category = writer.create_element("category");
            category
                .with_attribute(("term", topic.as_str()))
                .write_empty()?;
        }
        element(writer, "summary", &it.abstract_)?;
        let content = writer.create_element("content");
        content
            .with_attribute(("type", "html"))
            .write_text_content(BytesText::new(&it.content))?;
        Ok(())
    })?;
    Ok(())
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    let element = writer.create_element(name);
    element.write_text_content(BytesText::new(text))?;
    Ok(())
}

fn link(writer: &mut Writer<Vec<u8>>, relation: &str, address: &str) -> io::Result<()> {
    let link = writer.create_element("link");
    let link = link.with_attributes([("rel", relation), ("href", address)]);
    link.write_empty()?;
    Ok(())
}

fn author(writer: &mut Writer<Vec<u8>>, name: &str) -> io::Result<()> {
    let author = writer.create_element("author");
    author.write_inner_content(|writer| element(writer, "name", name))?;
    Ok(())
}

/// What a reader shows of an article.
fn content(summary: &Summary, links: &Links) -> Markup {
    let source = &summary.source;
    let outlet = outlet(source);
    html! {
        @if let Some(title) = &source.title { p lang="fr" { i { (title) } } }
        @if !summary.abstract_.text.is_empty() { p { (summary.abstract_.text) } }
        @let points = rows::key_points(summary);
        @if !points.is_empty() {
            ul {
                @for point in points {
                    li {
                        (point.text)
                        @if let Some(&sentence) = point.evidence.first() {
                            " " a href=(links.sentence(&summary.id, sentence)) { "source" }
                        }
                    }
                }
            }
        }
        p {
            @if !outlet.is_empty() { (outlet) ". " }
            "Machine translation: " (summary.trust.grade.word())
            @match summary.trust.grade {
                Grade::Good => ".",
                Grade::Check => ", something may be missing or wrong.",
                Grade::Bad => ", it is likely to say something else.",
            }
        }
    }
}

/// The beginning of a day in UTC.
fn midnight(date: &str) -> Option<String> {
    let day: Date = date.get(..10)?.parse().ok()?;
    (day.year() > 0).then(|| format!("{day}T00:00:00Z"))
}

/// A name in the form of an address, the same for the same parts.
fn urn(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let [a, b, c, d, e] = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}
