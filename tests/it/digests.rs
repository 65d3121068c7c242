//! `precis digest`: what is new, as Markdown, as a page for mail, and as a feed.

use std::fs;

use crate::common::{FLOOD, HOSTILE, Sandbox, summary};
use crate::feed::check_feed;
use assert_cmd::assert::Assert;
use dom_query::Document;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};

fn stdout(assert: Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn digest(sandbox: &Sandbox, more: &[&str]) -> String {
    let arguments = [&["digest", "out"], more].concat();
    stdout(sandbox.precis(&arguments).assert().code(0))
}

fn run(sandbox: &Sandbox) {
    let run = ["run", "news", "--prune", "--skipped-ok"];
    sandbox.precis(&run).assert().code(0);
}

/// Three nights: three articles, two of them the same story; a change, a new one, and one that is
/// gone; nothing.
fn three_nights(sandbox: &Sandbox) {
    let crue = |figure: &str| FLOOD.replace("120 communes", &format!("{figure} communes"));
    sandbox.write("news/crue.txt", crue("120"));
    sandbox.write("news/paper/crue.txt", crue("120"));
    sandbox.write(
        "news/loi.txt",
        "Les députés ont adopté la loi mardi soir à Paris. Le texte entre en vigueur demain.\n",
    );
    sandbox.write("news/vide.txt", "");
    run(sandbox);
    sandbox.write("news/crue.txt", crue("150"));
    sandbox.write(
        "news/neuf.txt",
        "Il neige à Lille depuis lundi, et le préfet a fermé 12 écoles.\n",
    );
    fs::remove_file(sandbox.path("news/loi.txt")).expect("removed");
    run(sandbox);
}

/// The last line of a file of a past night with another time.
fn move_back(sandbox: &Sandbox, days: i64) {
    for entry in fs::read_dir(sandbox.path("out/.precis.runs")).expect("a history") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|it| it == "changes") {
            let json = fs::read(&path).expect("readable");
            let mut night: Value = serde_json::from_slice(&json).expect("JSON");
            let time: jiff::Timestamp = night["finished"]
                .as_str()
                .expect("text")
                .parse()
                .expect("a time");
            let time = time - jiff::Span::new().hours(24 * days);
            night["finished"] = time.to_string().into();
            fs::write(&path, night.to_string()).expect("written");
        }
    }
}

#[test]
fn each_night_is_told_and_several_together() {
    let sandbox = Sandbox::new();
    three_nights(&sandbox);
    let night = digest(&sandbox, &[]);
    assert!(night.starts_with("# What is new: "), "{night}");
    assert!(
        night.contains("\n1 new article, 1 changed, 1 gone.\n"),
        "{night}"
    );
    // Its only sentence is said once.
    assert!(night.contains("](neuf.html)**  \n  news"), "{night}");
    assert_eq!(night.matches("(neuf.html").count(), 1, "{night}");
    assert!(night.contains("\n## Changed\n\n- **["), "{night}");
    let change = "120 communes is now 150 communes";
    assert!(
        night.contains(change) && night.contains("](crue.html#s0)"),
        "{night}"
    );
    assert!(night.contains("\nGone: "), "{night}");
    assert!(
        night.contains("\nSkipped: 1 input: news/vide.txt ("),
        "{night}"
    );
    assert!(!night.contains("paper-crue"), "{night}");

    // All nights: what changed after it came is new.
    let all = digest(&sandbox, &["--since", "1d"]);
    assert!(all.contains("\n3 new articles.\n"), "{all}");
    // The first night alone is longer ago.
    move_back(&sandbox, 3);
    run(&sandbox);
    let quiet = digest(&sandbox, &[]);
    assert!(quiet.contains("\nNothing is new.\n"), "{quiet}");
    assert!(quiet.contains("\nSkipped: 1 input"), "{quiet}");
    let quiet = digest(&sandbox, &["--since", "26h"]);
    assert!(quiet.contains("\nNothing is new.\n"), "{quiet}");
    assert_eq!(
        digest(&sandbox, &["--since", "7d"])
            .matches("- **[")
            .count(),
        all.matches("- **[").count()
    );
    for since in ["2020-01-01", "2020-01-01T06:30", "2020-01-01T06:30:00Z"] {
        assert!(digest(&sandbox, &["--since", since]).contains("3 new articles"));
    }
    let refused = sandbox
        .precis(&["digest", "out", "--since", "lately"])
        .assert();
    refused.code(2).stderr(contains("36h"));
}

#[test]
fn without_a_history_the_last_night_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    let run = ["run", "news", "--keep-reports", "0"];
    sandbox.precis(&run).assert().code(0);
    assert!(digest(&sandbox, &[]).contains("1 new article."));
    assert!(digest(&sandbox, &["--since", "1h"]).contains("1 new article."));
    assert!(digest(&sandbox, &["--since", "2099-01-01"]).contains("Nothing is new."));
}

#[test]
fn a_night_that_was_interrupted_is_told_when_it_is_over() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(3);
    let limited = ["run", "news", "--limit", "1"];
    sandbox.precis(&limited).assert().code(0);
    sandbox.precis(&["run", "news"]).assert().code(0);
    assert!(digest(&sandbox, &[]).contains("2 new articles."));
    // A run that failed since is said, and what the one before it brought is still told.
    fs::rename(sandbox.path("news"), sandbox.path("elsewhere")).expect("renamed");
    sandbox.precis(&["run", "news"]).assert().code(1);
    let text = digest(&sandbox, &[]);
    assert!(text.contains("2 new articles."), "{text}");
    assert!(
        text.contains("\nNote: the last run failed: there is no article"),
        "{text}"
    );
}

#[test]
fn one_story_in_several_papers_is_told_once() {
    let sandbox = Sandbox::new();
    sandbox.write("news/le-monde/a.txt", FLOOD);
    sandbox.write("news/ouest/b.txt", FLOOD);
    sandbox.write(
        "news/sud/c.txt",
        "Il neige à Lille depuis lundi, et le préfet a fermé 12 écoles.\n",
    );
    run(&sandbox);
    let text = digest(&sandbox, &[]);
    assert!(text.contains("\n3 new articles"), "{text}");
    assert_eq!(text.matches("- **[").count(), 2, "{text}");
    assert!(text.contains("Same story: ["), "{text}");
    assert!(text.contains(" (ouest)](ouest-b.html)"), "{text}");
    // A new article of an old story leads to it.
    sandbox.write("news/zz/d.txt", FLOOD);
    run(&sandbox);
    let text = digest(&sandbox, &[]);
    assert!(text.contains("\n1 new article"), "{text}");
    assert!(
        text.contains("(le-monde)](le-monde-a.html)") && text.contains("(ouest)]"),
        "{text}"
    );
    // Nor does that depend on what the run left beside the summaries.
    fs::remove_file(sandbox.path("out/run/clusters.json")).expect("removed");
    assert_eq!(digest(&sandbox, &[]), text);
}

/// A folder whose last night brought these summaries, each with what is different in it.
fn night_of(sandbox: &Sandbox, articles: &[(&str, Value)]) {
    sandbox.write("news/zz-last.txt", FLOOD);
    run(sandbox);
    let mut new: Vec<&str> = Vec::new();
    for (id, changes) in articles {
        summary(sandbox, id, changes.clone());
        new.push(id);
    }
    for entry in fs::read_dir(sandbox.path("out/.precis.runs")).expect("a history") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|it| it == "changes") {
            let json = fs::read(&path).expect("readable");
            let mut night: Value = serde_json::from_slice(&json).expect("JSON");
            night["changes"]["new"] = json!(new);
            fs::write(&path, night.to_string()).expect("written");
        }
    }
}

#[test]
fn an_article_has_five_lines_and_doubtful_ones_come_last() {
    let sandbox = Sandbox::new();
    let long = "word ".repeat(500);
    let points: Vec<Value> = (0..9)
        .map(|n| json!({ "text": format!("{n} {long}"), "evidence": [0], "salience": 0.5 }))
        .collect();
    let article = |grade: &str, date: Value| {
        json!({ "trust": { "grade": grade }, "headline": format!("{grade} {date}"),
            "abstract": { "text": long }, "key_points": points, "source": { "date": date },
            // Each is a story of its own.
            "translation": { "sentences": [] } })
    };
    night_of(
        &sandbox,
        &[
            ("a", article("bad", json!("2025-03-09"))),
            ("b", article("check", json!("2025-03-09"))),
            ("c", article("good", json!(null))),
            ("d", article("good", json!("2025-03-01"))),
            ("e", article("good", json!("2025-03-02"))),
        ],
    );
    let text = digest(&sandbox, &[]);
    let pages: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("- **["))
        .map(|line| line.rsplit(['(', ')']).nth(1).expect("a page"))
        .collect();
    assert_eq!(pages, ["e.html", "d.html", "c.html", "b.html", "a.html"]);
    assert!(text.contains("5 new articles (1 doubtful)."), "{text}");
    let doubtful = text
        .split("\n## New, but doubtful\n")
        .nth(1)
        .expect("a section");
    assert!(
        doubtful.contains("  \n  Doubtful: of 5 sentences 1 bad, 1 to check: a name is missing"),
        "{doubtful}"
    );
    for item in text.split("\n- ").skip(1) {
        let lines = item.lines().take_while(|line| !line.is_empty());
        let lines: Vec<&str> = lines.collect();
        assert_eq!(lines.len(), 5, "{item}");
        assert!(
            lines.iter().all(|line| line.chars().count() < 700),
            "{item}"
        );
    }
    // The least of them are left out first, and that is said.
    let text = digest(&sandbox, &["--limit", "3"]);
    assert_eq!(text.matches("- **[").count(), 3);
    assert!(text.contains("5 new articles (1 doubtful)."), "{text}");
    assert!(text.contains("\nLeft out: 2 more stories.\n"), "{text}");
}

/// Asserts that a page can be sent: it needs nothing from elsewhere. Returns the addresses that it leads to.
fn check_mail(html: &str) -> Vec<String> {
    let page = Document::from(html);
    let refused = "script, style, link, img, iframe, object, form, base, meta[http-equiv=refresh]";
    assert_eq!(page.select(refused).length(), 0, "{html}");
    for attribute in ["src", "class", "onclick", "onerror", "background"] {
        assert_eq!(
            page.select(&format!("[{attribute}]")).length(),
            0,
            "{attribute}"
        );
    }
    for element in &page.select("body, p, h1, h2, h3, a") {
        assert!(element.attr("style").is_some(), "{:?}", element.html());
    }
    assert!(
        !html.contains("url(") && !html.contains("@import"),
        "{html}"
    );
    assert_eq!(page.select("html").attr("lang").as_deref(), Some("en"));
    let links = page.select("a");
    let links = links
        .iter()
        .map(|it| it.attr("href").expect("it leads somewhere"));
    links.map(|it| it.to_string()).collect()
}

#[test]
fn the_page_for_mail_needs_nothing_from_elsewhere() {
    let sandbox = Sandbox::new();
    three_nights(&sandbox);
    let html = digest(&sandbox, &["--format", "html"]);
    let links = check_mail(&html);
    assert!(links.contains(&"crue.html#s0".to_owned()), "{links:?}");
    assert!(html.contains("120 communes is now 150 communes"), "{html}");
    // From another folder, links lead to the one with the pages.
    fs::create_dir(sandbox.path("été")).expect("a folder");
    let to = [
        "--format",
        "html",
        "--since",
        "1d",
        "--out",
        "été/mail.html",
    ];
    assert_eq!(digest(&sandbox, &to), "");
    let links = check_mail(&sandbox.read("été/mail.html"));
    for link in &links {
        let file = link.split('#').next().expect("a file");
        assert!(sandbox.path("été").join(file).exists(), "{link}");
    }
    assert!(
        links.iter().any(|link| link.starts_with("../out/")),
        "{links:?}"
    );
    // Written again, it takes the place of itself, and of nothing else.
    digest(&sandbox, &to);
    sandbox.write("mine.html", "<p>Mine</p>");
    sandbox
        .precis(&["digest", "out", "--out", "mine.html"])
        .assert()
        .code(1)
        .stderr(contains("mine.html exists and was not written by precis"));
    let base = ["--format", "html", "--base-url", "https://news.example/s"];
    let links = check_mail(&digest(&sandbox, &base));
    let is_below = |link: &String| link.starts_with("https://news.example/s/");
    assert!(!links.is_empty() && links.iter().all(is_below), "{links:?}");
    // Where there are no pages, there is Markdown.
    sandbox
        .precis(&["run", "news", "--out", "bare", "--no-html", "--skipped-ok"])
        .assert()
        .code(0);
    let bare = sandbox.precis(&["digest", "bare"]).assert().code(0);
    bare.stdout(contains("](crue.md)").and(contains("index.html").not()));
}

#[test]
fn a_digest_is_a_feed_whose_articles_are_of_their_nights() {
    let sandbox = Sandbox::new();
    three_nights(&sandbox);
    let feed = digest(&sandbox, &["--format", "atom", "--since", "1d"]);
    check_feed(&feed);
    let changed = digest(&sandbox, &["--format", "atom"]);
    check_feed(&changed);
    assert!(
        changed.contains("120 communes is now 150 communes"),
        "{changed}"
    );
    let report = sandbox.json("out/run/run.json");
    let finished = &report["finished"].as_str().expect("a time")[..16];
    assert!(
        changed.contains(&format!("<updated>{finished}")),
        "{changed}"
    );
    // The same article is the same entry in both feeds.
    let id = |feed: &str| -> Vec<String> {
        let ids = feed.split("<id>").skip(2);
        ids.map(|it| it[..45].to_owned()).collect()
    };
    let all = id(&sandbox.read("out/feed.xml"));
    assert!(id(&feed).iter().all(|it| all.contains(it)));
}

#[test]
fn hostile_articles_do_nothing_to_a_digest() {
    let sandbox = Sandbox::new();
    let evil = format!("{HOSTILE} [x](javascript:alert(3)) **b** \0\u{202e}\u{1b}[2J\r\n# h\n- l");
    let points = json!([{ "text": format!("More: {evil}"), "evidence": [0], "salience": 0.5 }]);
    night_of(
        &sandbox,
        &[(
            "a\"b<c",
            json!({ "headline": evil, "abstract": { "text": evil }, "key_points": points,
                "source": { "title": evil, "date": evil, "url": evil, "path": evil } }),
        )],
    );
    let links = check_mail(&digest(&sandbox, &["--format", "html"]));
    assert!(links.contains(&"a%22b%3Cc.html#s0".to_owned()), "{links:?}");
    check_feed(&digest(&sandbox, &["--format", "atom"]));
    let text = digest(&sandbox, &[]);
    let is_harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!text.contains(is_harmful), "{text:?}");
    assert_eq!(
        text.lines().filter(|line| line.starts_with("# ")).count(),
        1
    );
    let mut shown = String::new();
    for event in pulldown_cmark::Parser::new(&text) {
        match event {
            pulldown_cmark::Event::Text(text) => shown += &text,
            pulldown_cmark::Event::Html(_) | pulldown_cmark::Event::InlineHtml(_) => {
                panic!("{event:?}")
            }
            pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { dest_url, .. }) => {
                assert!(!dest_url.contains(':'), "{dest_url}");
            }
            _ => {}
        }
    }
    assert!(shown.contains(HOSTILE), "{shown}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let sandbox = Sandbox::new();
    night_of(
        &sandbox,
        &[("a", json!({})), ("b", json!({ "figures": 7 }))],
    );
    sandbox
        .precis(&["digest", "out"])
        .assert()
        .code(3)
        .stdout(contains("1 new article"))
        .stderr(contains("out/b.json cannot be read"));
    // The first of a story cannot be read: the others are told of all the same.
    let stories = json!({ "tool": "precis 0.1.0", "clusters": [{ "articles": ["b", "a"] }] });
    sandbox.write("out/run/clusters.json", stories.to_string());
    let told = sandbox.precis(&["digest", "out"]).assert().code(3);
    told.stdout(contains("](a.html)**"));
    for (folder, problem) in [
        ("nowhere", "cannot read nowhere"),
        ("news", "no run has reported in news"),
    ] {
        let refused = sandbox.precis(&["digest", folder]).assert().code(1);
        refused.stderr(contains(problem).and(contains("output folder of a run")));
    }
    sandbox.write("out/run/run.json", "{");
    let damaged = sandbox.precis(&["digest", "out"]).assert().code(1);
    damaged.stderr(contains("run.json is damaged"));
}

#[test]
fn merged_shards_have_a_digest_and_a_feed() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(4);
    for shard in ["1/2", "2/2"] {
        let out = format!("parts/{}", &shard[..1]);
        let run = ["run", "news", "--shard", shard, "--out", &out];
        sandbox.precis(&run).assert().code(0);
    }
    let merge = ["merge", "parts/1", "parts/2", "--into", "out"];
    let base = ["--base-url", "https://news.example/"];
    sandbox
        .precis(&[&merge[..], &base].concat())
        .assert()
        .code(0);
    assert!(digest(&sandbox, &[]).contains("4 new articles"));
    let feed = check_feed(&sandbox.read("out/feed.xml"));
    assert!(format!("{feed:?}").contains("https://news.example/0.html"));
    // The same night merged again.
    sandbox.precis(&merge).assert().code(0);
    assert!(digest(&sandbox, &[]).contains("4 new articles"));
}

#[test]
fn a_file_of_options_says_where_pages_are_and_nothing_that_differs_each_time() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write(
        "precis.toml",
        "out = \"out\"\nlimit = 1\nperson = \"Roux\"\nbase-url = \"https://news.example/\"\n",
    );
    let refused = sandbox.precis(&["digest"]).assert().code(2);
    refused.stderr(contains("`person`"));
    sandbox.write(
        "precis.toml",
        "out = \"out\"\nlimit = 1\nbase-url = \"https://news.example/\"\n",
    );
    sandbox.precis(&["run", "news"]).assert().code(0);
    let text = stdout(sandbox.precis(&["digest"]).assert().code(0));
    assert!(text.contains("](https://news.example/crue.html)"), "{text}");
    sandbox.precis(&["search", "crue"]).assert().code(0);
}
