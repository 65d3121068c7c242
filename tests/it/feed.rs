//! `out/feed.xml` against the rules of Atom (RFC 4287), read by a strict XML parser.

use std::collections::BTreeSet;
use std::fs;

use crate::common::{FLOOD, HOSTILE, Sandbox, summary};
use dom_query::Document;
use predicates::str::contains;
use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use serde_json::json;

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// An element of a feed. All are Atom's, in the one namespace.
#[derive(Debug, Default)]
pub(crate) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn all(&self, name: &str) -> Vec<&Element> {
        self.children.iter().filter(|it| it.name == name).collect()
    }

    #[track_caller]
    fn one(&self, name: &str) -> &Element {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "one {name} in {self:?}");
        all[0]
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        let mut named = self.attributes.iter().filter(|it| it.0 == name);
        named.next().map(|it| it.1.as_str())
    }
}

/// Reads well-formed XML of the characters that XML 1.0 has.
fn parse(xml: &str) -> Element {
    let is_character = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(is_character), "not XML 1.0: {xml:?}");
    let mut reader = NsReader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = true;
    config.check_comments = true;
    config.allow_dangling_amp = false;
    let mut open = vec![Element::default()];
    loop {
        let (namespace, event) = reader.read_resolved_event().expect("well-formed");
        let is_atom = matches!(namespace, ResolveResult::Bound(it) if it.0 == ATOM);
        match event {
            Event::Start(tag) | Event::Empty(tag) if !is_atom => panic!("{tag:?} is not Atom's"),
            Event::Start(tag) => open.push(element(&tag)),
            Event::Empty(tag) => open.last_mut().expect("open").children.push(element(&tag)),
            Event::End(_) => {
                let closed = open.pop().expect("open");
                open.last_mut().expect("open").children.push(closed);
            }
            Event::Text(text) => open.last_mut().expect("open").text += &text.into_inner(),
            Event::GeneralRef(entity) => {
                let known = quick_xml::escape::resolve_predefined_entity(&entity);
                let text = known.map(str::to_owned).unwrap_or_else(|| {
                    let c = entity.resolve_char_ref().expect("a number");
                    c.expect("no entity but XML's own").to_string()
                });
                open.last_mut().expect("open").text += &text;
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => break,
            other => panic!("{other:?} has no place in a feed"),
        }
    }
    let mut document = open.pop().expect("the document");
    assert!(open.is_empty() && document.text.trim().is_empty());
    assert_eq!(document.children.len(), 1, "one root");
    document.children.remove(0)
}

fn element(tag: &quick_xml::events::BytesStart<'_>) -> Element {
    let attributes = tag.attributes().map(|attribute| {
        let attribute = attribute.expect("well-formed");
        let value = quick_xml::escape::unescape(&attribute.value).expect("escaped");
        let key: &str = attribute.key.as_ref();
        (key.to_owned(), value.into_owned())
    });
    let name: &str = tag.local_name().into_inner();
    Element {
        name: name.to_owned(),
        attributes: attributes.collect(),
        ..Element::default()
    }
}

/// Section 3.3: `date-time` of RFC 3339, with capital `T` and `Z`.
#[track_caller]
fn check_date(text: &str) {
    let bytes = text.as_bytes();
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00T00:00:00Z");
    assert_eq!((bytes[10], bytes[19]), (b'T', b'Z'));
    text.parse::<jiff::Timestamp>()
        .expect("a time that there is");
}

/// Section 4.2.6: an absolute IRI.
#[track_caller]
fn check_id(text: &str) {
    match text.strip_prefix("urn:uuid:") {
        Some(uuid) => {
            let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{text}");
            let is_digit = |c: char| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(uuid.chars().all(is_digit), "{text}");
            // Version 8 of RFC 9562.
            assert_eq!(&uuid[14..15], "8", "{text}");
            assert!("89ab".contains(&uuid[19..20]), "{text}");
        }
        None => assert!(text.starts_with("https://"), "{text}"),
    }
}

/// What feeds and entries have in common: sections 4.1.1 and 4.1.2.
#[track_caller]
fn check_common(it: &Element) {
    check_id(&it.one("id").text);
    check_date(&it.one("updated").text);
    assert!(it.one("title").children.is_empty());
    for author in it.all("author") {
        assert!(!author.one("name").text.trim().is_empty());
    }
    let alternates: Vec<_> = it
        .all("link")
        .into_iter()
        .filter(|link| link.attribute("rel").is_none_or(|rel| rel == "alternate"))
        .collect();
    assert!(
        alternates.len() <= 1,
        "they differ in neither type nor language"
    );
    for link in it.all("link") {
        let address = link.attribute("href").expect("links lead somewhere");
        assert!(!address.is_empty() && address.is_ascii() && !address.contains([' ', '"', '<']));
        assert!(!address.contains("script:"), "{address}");
    }
}

/// Checks `xml` against RFC 4287, and returns it.
#[track_caller]
pub(crate) fn check_feed(xml: &str) -> Element {
    let feed = parse(xml);
    assert_eq!(feed.name, "feed");
    assert_eq!(feed.attribute("xml:lang"), Some("en"));
    check_common(&feed);
    assert!(!feed.all("author").is_empty(), "not each entry has one");
    let once = ["generator", "subtitle", "icon", "logo", "rights"];
    assert!(once.iter().all(|name| feed.all(name).len() <= 1));
    let mut ids: BTreeSet<&str> = BTreeSet::from([feed.one("id").text.as_str()]);
    let mut newest = String::new();
    for entry in feed.all("entry") {
        check_common(entry);
        assert!(ids.insert(&entry.one("id").text), "ids are distinct");
        newest = newest.max(entry.one("updated").text.clone());
        for published in entry.all("published") {
            check_date(&published.text);
        }
        for name in ["content", "published", "rights", "source", "summary"] {
            assert!(entry.all(name).len() <= 1, "{name}");
        }
        for category in entry.all("category") {
            assert!(category.attribute("term").is_some());
        }
        let content = entry.one("content");
        assert_eq!(content.attribute("type"), Some("html"));
        let html = Document::from(content.text.as_str());
        assert_eq!(
            html.select("script, img, iframe, style, [onerror]")
                .length(),
            0
        );
    }
    if !newest.is_empty() {
        assert_eq!(feed.one("updated").text, newest);
    }
    let known = [
        "author",
        "entry",
        "generator",
        "id",
        "link",
        "subtitle",
        "title",
        "updated",
    ];
    assert!(
        feed.children
            .iter()
            .all(|it| known.contains(&it.name.as_str()))
    );
    feed
}

fn report(sandbox: &Sandbox, more: &[&str]) -> Element {
    sandbox
        .precis(&[&["report", "out"], more].concat())
        .assert()
        .code(0);
    check_feed(&sandbox.read("out/feed.xml"))
}

#[test]
fn a_run_leaves_a_feed_that_changes_only_with_its_articles() {
    let sandbox = Sandbox::new();
    sandbox.write("news/2025-03-04-crue.txt", FLOOD);
    sandbox.write("news/loi.txt", FLOOD.replace("crue", "tempête"));
    sandbox.precis(&["run", "news"]).assert().code(0);
    let xml = sandbox.read("out/feed.xml");
    let feed = check_feed(&xml);
    assert_eq!(feed.all("entry").len(), 2);
    let entry = feed.all("entry")[0];
    let page = entry.one("link").attribute("href").expect("an address");
    assert!(sandbox.path("out").join(page).exists(), "{page}");
    // Another run over the same articles, and the pages alone, give the same bytes.
    sandbox
        .precis(&["run", "news", "--out", "other"])
        .assert()
        .code(0);
    assert_eq!(sandbox.read("other/feed.xml"), xml);
    fs::remove_file(sandbox.path("out/feed.xml")).expect("it was there");
    sandbox.precis(&["run", "news"]).assert().code(0);
    assert_eq!(
        sandbox.read("out/feed.xml"),
        xml,
        "a run that does nothing else"
    );

    // Where it is served decides what it leads to, even if nothing else has changed.
    let base = ["--base-url", "https://news.example/s"];
    sandbox
        .precis(&[&["run", "news"][..], &base].concat())
        .assert()
        .code(0);
    let feed = check_feed(&sandbox.read("out/feed.xml"));
    assert_eq!(feed.one("id").text, "https://news.example/s/feed.xml");
    let links = feed.all("link").into_iter();
    let links: Vec<_> = links.map(|it| it.attribute("href").expect("one")).collect();
    assert_eq!(
        links,
        [
            "https://news.example/s/feed.xml",
            "https://news.example/s/index.html"
        ]
    );
    let wrong = sandbox
        .precis(&["run", "news", "--base-url", "javascript://x"])
        .assert();
    wrong.code(2).stderr(contains("https://news.example/"));
    // Without pages, there is nothing to lead to.
    sandbox
        .precis(&["run", "news", "--out", "bare", "--no-html"])
        .assert()
        .code(0);
    assert!(!sandbox.path("bare/feed.xml").exists());
}

#[test]
fn hostile_articles_leave_a_feed_valid() {
    let sandbox = Sandbox::new();
    let evil = format!("{HOSTILE}]]>&amp;&bogus;<!--\0\u{1}\u{fffe}\u{202e}\u{2028}\t\r\n end");
    let topics = json!([{ "label": evil, "weight": 0.5 }]);
    let points = json!([{ "text": evil, "evidence": [0], "salience": 0.5 }]);
    summary(
        &sandbox,
        "a\"b&c<d é",
        json!({
            "headline": evil, "abstract": { "text": evil }, "topics": topics, "key_points": points,
            "source": { "title": evil, "author": evil, "date": evil, "path": evil, "url": evil },
        }),
    );
    for (id, date) in [
        ("none", json!(null)),
        ("time", json!("2025-03-04T10:30:00+01:00")),
        ("ancient", json!("-000044-03-15")),
        ("impossible", json!("2025-02-30")),
        ("empty", json!("")),
    ] {
        let source = json!({ "date": date, "author": "  " });
        summary(&sandbox, id, json!({ "source": source, "headline": "" }));
    }
    let feed = report(&sandbox, &[]);
    let entries = feed.all("entry");
    assert_eq!(entries.len(), 6);
    let dated: Vec<&str> = entries
        .iter()
        .flat_map(|it| it.all("published"))
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(dated, ["2025-03-04T00:00:00Z"]);
    let hostile = entries
        .iter()
        .find(|it| it.one("title").text.contains("alert"));
    let hostile = hostile.expect("it is there");
    assert!(hostile.one("title").text.starts_with(HOSTILE));
    assert_eq!(
        hostile.one("link").attribute("href"),
        Some("a%22b%26c%3Cd%20%C3%A9.html")
    );
}

#[test]
fn an_empty_folder_has_an_empty_feed() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("out")).expect("a folder");
    let feed = report(&sandbox, &[]);
    assert!(feed.all("entry").is_empty());
    assert_eq!(feed.one("updated").text, "1970-01-01T00:00:00Z");
}

#[test]
fn the_feed_has_the_newest_and_what_the_last_night_brought() {
    let sandbox = Sandbox::new();
    for n in 0..130 {
        let source = json!({ "date": format!("2025-{:02}-{:02}", n / 28 + 1, n % 28 + 1) });
        summary(&sandbox, &format!("a{n:03}"), json!({ "source": source }));
    }
    // An old article that came last night.
    let changes = json!({ "tool": "precis 0.1.0", "new": ["a000"], "changed": [], "removed": [] });
    sandbox.write("out/run/changes.json", changes.to_string());
    let feed = report(&sandbox, &[]);
    let pages: Vec<_> = feed
        .all("entry")
        .into_iter()
        .map(|it| it.one("link").attribute("href").expect("one"))
        .collect();
    assert_eq!(pages.len(), 100);
    assert_eq!(&pages[..3], ["a000.html", "a129.html", "a128.html"]);
    assert_eq!(pages[99], "a031.html");
}

#[test]
fn an_article_keeps_its_id_while_it_changes_and_its_record_moves() {
    let sandbox = Sandbox::new();
    let id = |headline: &str, path: &str| {
        let source = json!({ "path": path });
        summary(
            &sandbox,
            "a",
            json!({ "headline": headline, "source": source }),
        );
        report(&sandbox, &[]).one("entry").one("id").text.clone()
    };
    let first = id("One", "news/flux.xml#3");
    assert_eq!(id("Another", "news/flux.xml#12"), first);
    assert_ne!(id("One", "news/other.xml#3"), first);
}

#[test]
fn the_feed_of_somebody_else_stays() {
    let sandbox = Sandbox::new();
    summary(&sandbox, "a", json!({}));
    sandbox.write("out/feed.xml", "<rss/>");
    sandbox
        .precis(&["report", "out"])
        .assert()
        .code(3)
        .stderr(contains(
            "out/feed.xml exists and was not written by precis",
        ));
    assert_eq!(sandbox.read("out/feed.xml"), "<rss/>");
}
