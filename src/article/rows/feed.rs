//! RSS and Atom: the entries of a feed, with their content or, if there is none, their summary.

use std::sync::LazyLock;

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use regex::bytes::Regex;
use serde_json::{Map, Value};

use super::super::decode;
use super::super::error::SkipReason;
use super::super::repair::repaired;
use super::elements::Elements;
use super::stream::{self, Stream};
use super::{Failed, Parts, Record};

/// The entries of a feed, in order.
pub(super) struct Feed {
    /// `None` after the end.
    elements: Option<Elements>,
    declared: Option<&'static Encoding>,
    /// Whether the file begins as a feed does.
    is_feed: bool,
    /// Number of the entry read last, from 1.
    number: usize,
}

static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]").expect("the pattern is valid")
});
static CLOSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"</(?:\w{1,20}:)?(?:item|entry)\s{0,20}>").expect("the pattern is valid")
});

impl Feed {
    pub(super) fn new(stream: Stream<'static>, max_bytes: u64) -> Self {
        static ROOT: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"<(?:\w{1,20}:)?(?:rss|feed|RDF|channel)[\s>]")
                .expect("the pattern is valid")
        });
        Self {
            is_feed: ROOT.is_match(&stream.head),
            declared: decode::declared_in_html(&stream.head),
            elements: Some(Elements::new(stream, &OPEN, &CLOSE, max_bytes)),
            number: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, Failed>> {
        let elements = self.elements.as_mut()?;
        if !self.is_feed {
            self.elements = None;
            return Some(Err(Failed::file(SkipReason::Malformed {
                format: "feed",
                error: "it has neither <rss> nor <feed>".to_owned(),
            })));
        }
        let utf16 = elements.utf16();
        let Some(element) = elements.next() else {
            self.elements = None;
            return None;
        };
        self.number += 1;
        let number = Some(self.number);
        let record = element.and_then(|bytes| {
            let decoded = stream::decoded(&bytes, utf16, self.declared)?;
            Ok(Record {
                number,
                digest: blake3::hash(&bytes),
                encoding: decoded.encoding,
                parts: Parts::Own(entry(&decoded.text)?),
            })
        });
        Some(record.map_err(|reason| Failed { number, reason }))
    }
}

/// What an entry may say its text, date and id in, the best first. The names are without prefix,
/// but for `content:encoded`, of which `content` is the prefix.
const TEXT: [&str; 5] = ["encoded", "content", "fulltext", "description", "summary"];
const DATE: [&str; 5] = ["pubDate", "published", "issued", "date", "updated"];
const ID: [&str; 3] = ["guid", "id", "link"];
const AUTHOR: [&str; 2] = ["creator", "author"];

/// The fields of an entry under the names that [`super::super::fields`] expects.
fn entry(xml: &str) -> Result<Map<String, Value>, SkipReason> {
    let children = children(xml).map_err(|error| SkipReason::Malformed {
        format: "feed entry",
        error: error.to_string(),
    })?;
    let first = |names: &[&str]| {
        names.iter().find_map(|name| {
            let mut named = children.iter().filter(|(child, _)| child == name);
            named.find_map(|(_, text)| (!text.trim().is_empty()).then(|| text.trim().to_owned()))
        })
    };
    let fields = [
        ("title", first(&["title"])),
        ("text", first(&TEXT)),
        ("date", first(&DATE)),
        ("id", first(&ID)),
        ("author", first(&AUTHOR).as_deref().and_then(name)),
        ("url", first(&["link"])),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| {
        let value = repaired(value?.into()).into_owned();
        Some((name.to_owned(), Value::String(value)))
    });
    Ok(fields.collect())
}

/// The name of an author: of Atom in an element of its own, in RSS behind an address.
fn name(author: &str) -> Option<String> {
    let inner = author
        .split_once("<name>")
        .and_then(|(_, rest)| rest.split_once("</name>"));
    let name = inner.map_or(author, |(name, _)| name);
    let behind = name
        .split_once(" (")
        .filter(|(address, _)| address.contains('@'));
    let name = behind.map_or(name, |(_, name)| name.trim_end_matches(')'));
    Some(name.trim().to_owned()).filter(|name| !name.is_empty() && !name.contains(['<', '@']))
}

/// The names, without prefixes, and the texts of the children of an entry.
fn children(xml: &str) -> Result<Vec<(String, String)>, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    // Feeds are written by templates; what is not quite XML is read as far as it goes.
    config.allow_dangling_amp = true;
    config.check_end_names = false;
    let mut children = Vec::new();
    let mut depth = 0_usize;
    loop {
        match reader.read_event()? {
            Event::Start(tag) if depth == 1 => {
                let name = tag.local_name().as_ref().to_owned();
                let text = match is_markup(&tag) {
                    true => reader.read_text(tag.name())?.into_inner().into_owned(),
                    false => text(&mut reader)?,
                };
                // Media of an entry have titles and descriptions of their own.
                if !tag.name().as_ref().starts_with("media:") {
                    children.push((name, text));
                }
            }
            Event::Empty(tag) if depth == 1 => {
                // Atom: `<link rel="alternate" href="…"/>`.
                let attribute = |name: &str| {
                    let attribute = tag.try_get_attribute(name).ok().flatten()?;
                    Some(attribute.value.into_owned())
                };
                let is_page = attribute("rel").is_none_or(|rel| rel == "alternate");
                if let Some(link) = attribute("href").filter(|_| is_page) {
                    children.push((tag.local_name().as_ref().to_owned(), link));
                }
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof => return Ok(children),
            _ => {}
        }
    }
}

/// Whether the content of an element is markup as it stands and not escaped.
fn is_markup(tag: &BytesStart<'_>) -> bool {
    let kind = tag.try_get_attribute("type").ok().flatten();
    kind.is_some_and(|kind| matches!(&*kind.value, "xhtml" | "application/xhtml+xml"))
}

/// The text up to the end of the element whose start was read last.
fn text(reader: &mut Reader<&[u8]>) -> Result<String, quick_xml::Error> {
    let mut text = String::new();
    let mut depth = 0_usize;
    loop {
        match reader.read_event()? {
            Event::Text(part) => text.push_str(&part.into_inner()),
            Event::CData(part) => text.push_str(&part.into_inner()),
            Event::GeneralRef(entity) => {
                let name: &str = &entity;
                let character = entity.resolve_char_ref().ok().flatten();
                match quick_xml::escape::resolve_html5_entity(name) {
                    _ if character.is_some() => text.extend(character),
                    Some(known) => text.push_str(known),
                    None => text.extend(["&", name, ";"]),
                }
            }
            Event::Start(tag) => {
                depth += 1;
                text.extend(["<", &tag, ">"]);
            }
            Event::Empty(tag) => text.extend(["<", &tag, "/>"]),
            Event::End(_) if depth == 0 => return Ok(text),
            Event::End(tag) => {
                depth -= 1;
                text.extend(["</", &tag, ">"]);
            }
            Event::Eof => return Ok(text),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::tests::{codes, read_bytes};
    use crate::article::{Article, ReadOptions, Skipped};

    fn read(feed: &str) -> Vec<Result<Article, Skipped>> {
        read_bytes("in/flux.xml", feed.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn authors_and_addresses_are_kept() {
        let rss = "<rss><channel><item><title>A</title><link>https://verzac.example/1</link>\
                   <dc:creator>Jeanne Morel</dc:creator><description>Il pleut.</description></item>\
                   <item><author>jm@verzac.example (Jeanne Morel)</author><description>Il neige.</description></item>\
                   </channel></rss>";
        let atom = "<feed><entry><author><name>Jeanne Morel</name><uri>x</uri></author>\
                    <link href='https://verzac.example/1'/><content>Il pleut.</content></entry></feed>";
        for feed in [rss, atom] {
            for article in read(feed).into_iter().map(Result::unwrap) {
                assert_eq!(article.about.author.as_deref(), Some("Jeanne Morel"));
                let is_rain = article.body == "Il pleut.";
                let url = is_rain.then_some("https://verzac.example/1");
                assert_eq!(article.about.url.as_deref(), url);
            }
        }
    }

    #[test]
    fn items_of_rss_are_read() {
        let found = read(
            r#"<?xml version="1.0"?><rss version="2.0" xmlns:content="x"><channel><title>Le Courrier</title>
            <item><title>L&#8217;&amp;eacute;t&amp;eacute;</title><link>https://ex.fr/1</link>
              <guid isPermaLink="false">ex-1</guid><pubDate>Tue, 12 Mar 2024 07:30:00 +0100</pubDate>
              <description>Court.</description><media:description>Photo</media:description>
              <content:encoded><![CDATA[<p>Un &amp; deux.</p><p>Trois.</p>]]></content:encoded></item>
            <item><title>B</title><description>&lt;p&gt;Seul.&lt;/p&gt;</description><link>https://ex.fr/2</link></item>
            <item><title>Vide</title><description/></item>
            <item><title>C</title><description>Un & deux &nbsp;! <b>Trois</description></item>
            </channel></rss>"#,
        );
        let first = found[0].as_ref().unwrap();
        assert_eq!(first.title.as_deref(), Some("L’été"));
        assert_eq!((&*first.id, first.date), ("ex-1", Some(date(2024, 3, 12))));
        assert_eq!(
            (&*first.body, &*first.path),
            ("Un & deux.\nTrois.", "in/flux.xml#1")
        );
        let second = found[1].as_ref().unwrap();
        assert_eq!((&*second.body, &*second.id), ("Seul.", "https-ex.fr-2"));
        assert_eq!(codes(&found)[..3], ["read", "read", "missing_field"]);
        assert!(found[3].as_ref().unwrap().body.starts_with("Un & deux"));
    }

    #[test]
    fn entries_of_atom_are_read() {
        let found = read(
            r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>
            <entry><title type="html">&lt;b&gt;Un&lt;/b&gt; titre</title><id>tag:ex.fr,2024:1</id>
              <link rel="self" href="https://ex.fr/self"/><link href="https://ex.fr/1"/>
              <published>2024-03-12T07:30:00Z</published><updated>2024-03-14T00:00:00Z</updated>
              <content type="xhtml"><div xmlns="x"><p>Un <em>mot</em>.</p><p>Deux.</p></div></content></entry>
            <entry><title>B</title><updated>2024-03-13T00:00:00Z</updated><summary>Résumé seul.</summary></entry>
            </feed>"#,
        );
        let first = found[0].as_ref().unwrap();
        assert_eq!(first.title.as_deref(), Some("Un titre"));
        assert_eq!(
            (&*first.id, first.date),
            ("tag-ex.fr-2024-1", Some(date(2024, 3, 12)))
        );
        assert_eq!(first.body, "Un mot.\nDeux.");
        let second = found[1].as_ref().unwrap();
        assert_eq!(
            (&*second.body, second.date),
            ("Résumé seul.", Some(date(2024, 3, 13)))
        );
        assert_eq!(&*second.id, "flux-2");
    }

    #[test]
    fn other_xml_is_passed_over_in_folders() {
        assert!(read("<?xml version='1.0'?><urlset><item>x</item></urlset>").is_empty());
        assert_eq!(codes(&read("<rss><channel></channel></rss>")), ["empty"]);
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><rss><item><description>Un \xe9t\xe9.</description></item></rss>";
        let found = read_bytes("in/a.rss", latin, &ReadOptions::default());
        assert_eq!(found[0].as_ref().unwrap().body, "Un été.");
    }
}
