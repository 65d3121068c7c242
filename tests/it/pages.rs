//! Pages for browsers and what holds across articles: `precis report`, and the end of a run.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use crate::common::{FLOOD, HOSTILE, Sandbox, repository, sentences, summary};
use dom_query::Document;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};

fn report(sandbox: &Sandbox) -> assert_cmd::assert::Assert {
    sandbox.precis(&["report", "out"]).assert()
}

fn html_names(sandbox: &Sandbox) -> Vec<String> {
    let names = sandbox.names("out").into_iter();
    names.filter(|name| name.ends_with(".html")).collect()
}

/// Asserts that everything on the pages of `out` leads to something that is there, and nothing leads
/// out of the folder.
fn check_pages(sandbox: &Sandbox) {
    let pages: BTreeMap<String, String> = html_names(sandbox)
        .into_iter()
        .map(|name| (name.clone(), sandbox.read(&format!("out/{name}"))))
        .collect();
    for (name, html) in &pages {
        let page = Document::from(html.as_str());
        assert_eq!(
            page.select("html").attr("lang").as_deref(),
            Some("en"),
            "{name}"
        );
        let policy = page.select("meta[http-equiv=Content-Security-Policy]");
        let policy = policy.attr("content").expect("a policy");
        assert!(policy.starts_with("default-src 'none';"), "{name}");
        let scripts: Vec<_> = page
            .select("script")
            .iter()
            .map(|it| it.attr("src"))
            .collect();
        match name.as_str() {
            "index.html" => assert_eq!(scripts, [Some("index.js".into())]),
            _ => assert!(
                scripts.is_empty() && !policy.contains("script-src"),
                "{name}"
            ),
        }
        assert_eq!(
            page.select("img, iframe, object, link, base, meta[http-equiv=refresh]")
                .length(),
            0
        );
        let mut ids = page
            .select("[id]")
            .iter()
            .filter_map(|it| it.attr("id"))
            .collect::<Vec<_>>();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: ids are distinct");
        assert_eq!(page.select("h1").length(), 1, "{name}");
        for link in &page.select("a") {
            let href = link.attr("href").expect("a link leads somewhere");
            let (file, part) = href.split_once('#').unwrap_or((&href, ""));
            let file = if file.is_empty() {
                name
            } else {
                &decoded(file)
            };
            assert!(sandbox.path("out").join(file).exists(), "{name}: {href}");
            if !part.is_empty() {
                let target = Document::from(pages[file].as_str());
                assert_eq!(
                    target.select(&format!("[id=\"{part}\"]")).length(),
                    1,
                    "{name}: {href}"
                );
            }
        }
    }
}

/// An address without its percent signs.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = std::str::from_utf8(&digits).expect("digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("digits"));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// When each file of `out` was last written, and what it holds.
fn state(folder: &Path) -> BTreeMap<String, (SystemTime, Vec<u8>)> {
    let mut state = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_file() && !name.starts_with('.') {
            let time = path
                .metadata()
                .and_then(|it| it.modified())
                .expect("a time");
            state.insert(name, (time, std::fs::read(&path).expect("readable")));
        }
    }
    state
}

#[test]
fn a_run_leaves_pages_whose_links_all_lead_somewhere() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/été à Nîmes.txt", FLOOD.replace("crue", "tempête"));
    sandbox.write("news/index.txt", FLOOD.replace("crue", "avalanche"));
    sandbox.write("news/vide.txt", "");
    sandbox
        .precis(&["run", "news"])
        .assert()
        .code(3)
        .stderr(contains("out/index.html"));
    check_pages(&sandbox);
    let index = sandbox.read("out/index.html");
    let index = Document::from(index.as_str());
    assert_eq!(index.select("#rows tr").length(), 3);
    // Where all are new, none stands out.
    assert_eq!(index.select("#rows .tag").length(), 0);
    assert!(
        index
            .select("section .plain")
            .text()
            .contains("news/vide.txt")
    );
    // Every sentence in both languages, the French as it was printed.
    let page = sandbox.read("out/crue.html");
    let page = Document::from(page.as_str());
    let summary = sandbox.json("out/crue.json");
    for sentence in summary["translation"]["sentences"]
        .as_array()
        .expect("a list")
    {
        let row = format!("#s{}", sentence["id"]);
        for (language, key) in [("fr", "source"), ("en", "text")] {
            let text = page.select(&format!("{row} p[lang={language}]")).text();
            assert_eq!(&*text, sentence[key].as_str().expect("text"));
        }
    }
    let points = summary["key_points"].as_array().expect("a list").len();
    assert_eq!(
        page.select(".points > li .evidence .pair [lang=fr]")
            .length(),
        points
    );
    let lines = sandbox.read("out/summaries.jsonl");
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.contains(&summary));
    // Nothing but summaries is `*.json`.
    let names = sandbox.names("out");
    let json = names.iter().filter(|name| name.ends_with(".json"));
    assert_eq!(json.count(), 3);
}

#[test]
fn pages_are_written_only_if_they_change() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/autre.txt", FLOOD.replace("crue", "tempête"));
    sandbox.precis(&["run", "news"]).assert().code(0);
    let before = state(&sandbox.path("out"));
    sandbox.precis(&["run", "news"]).assert().code(0);
    report(&sandbox)
        .code(0)
        .stderr(contains("0 pages written anew"));
    assert!(state(&sandbox.path("out")) == before);
    // What is missing is made again, from the summaries alone, and nothing else is touched.
    let gone = [
        "crue.html",
        "people.html",
        "index-data-1.js",
        "summaries.jsonl",
    ];
    for name in gone {
        std::fs::remove_file(sandbox.path("out").join(name)).expect("removed");
    }
    report(&sandbox)
        .code(0)
        .stderr(contains("1 page written anew"));
    for (name, (time, bytes)) in state(&sandbox.path("out")) {
        let (old_time, old_bytes) = &before[&name];
        assert!(bytes == *old_bytes, "{name}");
        assert_eq!(time == *old_time, !gone.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn an_articles_files_depend_on_nothing_else_in_the_corpus() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox
        .precis(&["run", "news", "--out", "alone"])
        .assert()
        .code(0);
    sandbox.write("news/autre.txt", FLOOD);
    sandbox
        .precis(&["run", "news", "--out", "among"])
        .assert()
        .code(0);
    for name in ["crue.json", "crue.md", "crue.html"] {
        let [alone, among] = ["alone", "among"].map(|out| sandbox.read(&format!("{out}/{name}")));
        assert!(alone == among, "{name}");
    }
}

#[test]
fn an_article_that_means_harm_does_none() {
    let sandbox = Sandbox::new();
    let row = json!({ "id": HOSTILE, "title": HOSTILE, "text": format!("{HOSTILE} {FLOOD}"),
        "author": HOSTILE, "url": "javascript:alert(3)" });
    sandbox.write("news/a.jsonl", row.to_string());
    sandbox.precis(&["run", "news"]).assert().code(0);
    check_pages(&sandbox);
    let id = sandbox
        .names("out")
        .into_iter()
        .find(|name| name.ends_with(".json"))
        .expect("one");
    let mut hostile = sandbox.json(&format!("out/{id}"));
    // All texts at once.
    for key in ["headline", "id"] {
        hostile[key] = HOSTILE.into();
    }
    for list in [
        "people",
        "organisations",
        "places",
        "quotes",
        "figures",
        "key_points",
    ] {
        for item in hostile[list].as_array_mut().expect("a list") {
            for (key, value) in item.as_object_mut().expect("an object") {
                if value.is_string() && !matches!(key.as_str(), "kind" | "qualifier") {
                    *value = format!("{HOSTILE}\u{202e}\u{2028}</style>").into();
                }
            }
        }
    }
    sandbox.write(&format!("out/{id}"), hostile.to_string());
    report(&sandbox).code(0);
    check_pages(&sandbox);
    let page = sandbox.read(&format!("out/{}", id.replace(".json", ".html")));
    assert_eq!(&*Document::from(page.as_str()).select("h1").text(), HOSTILE);
    assert!(!page.contains('\u{202e}'));
    let data = sandbox.read("out/index-data-1.js");
    assert!(!data.contains(['<', '>', '&', '\u{2028}']), "{data}");
}

#[test]
fn one_dispatch_in_several_papers_is_one_story() {
    let sandbox = Sandbox::new();
    let sentence = |n: usize| {
        let words: Vec<String> = (0..14).map(|k| format!("mot{n}x{k}")).collect();
        words.join(" ")
    };
    let text: Vec<String> = (0..12).map(sentence).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    let other: Vec<String> = (100..112).map(sentence).collect();
    let other: Vec<&str> = other.iter().map(String::as_str).collect();
    let review: Vec<&str> = [&text[..4], &other[..], &other[..4], &other[4..]].concat();
    for (id, date, french) in [
        ("a-copy", "2025-03-05", text.clone()),
        ("b-first", "2025-03-04", text.clone()),
        // Two sentences shorter, and twice as long.
        ("c-cut", "2025-03-06", text[..10].to_vec()),
        ("d-longer", "2025-03-07", [&text[..], &other[..6]].concat()),
        ("e-other", "2025-03-04", other.clone()),
        ("f-review", "2025-03-08", review),
    ] {
        let changes = json!({ "source": { "date": date }, "translation": sentences(&french) });
        summary(&sandbox, id, changes);
    }
    report(&sandbox).code(0);
    let clusters = sandbox.json("out/run/clusters.json")["clusters"].clone();
    let articles: Vec<&Value> = clusters
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["articles"])
        .collect();
    assert_eq!(
        articles[0],
        &json!(["b-first", "a-copy", "c-cut", "d-longer"])
    );
    assert_eq!(articles[1], &json!(["e-other", "f-review"]));
    let index = sandbox.read("out/index.html");
    let index = Document::from(index.as_str());
    assert_eq!(index.select("#rows .copies").length(), 6);
}

fn person(name: &str, sentences: &[usize]) -> Value {
    json!({ "name": name, "source_name": name, "role": null, "sentences": sentences })
}

fn organisation(name: &str) -> Value {
    json!({ "name": name, "source_name": name, "description": null, "sentences": [0] })
}

/// The entity called `name` in `run/entities.json`.
fn entity(sandbox: &Sandbox, name: &str) -> Option<Value> {
    let entities = sandbox.json("out/run/entities.json")["entities"].clone();
    let mut all = entities.as_array().expect("a list").iter();
    all.find(|it| it["name"] == name).cloned()
}

#[test]
fn names_are_joined_where_an_article_says_that_they_are_one() {
    let sandbox = Sandbox::new();
    let people = |people: &[Value]| json!({ "people": people, "organisations": [] });
    summary(
        &sandbox,
        "a",
        people(&[person("Émile Macron", &[0]), person("Macron", &[2, 3])]),
    );
    summary(&sandbox, "b", people(&[person("EMILE MACRON", &[1])]));
    // Which of them is meant is not known, so it is neither.
    summary(
        &sandbox,
        "c",
        people(&[
            person("Émile Macron", &[0]),
            person("Brigitte Macron", &[1]),
            person("Macron", &[2]),
        ]),
    );
    // Alone, a surname is nobody's.
    summary(&sandbox, "d", people(&[person("Macron", &[0])]));
    let organisations = |names: &[&str]| {
        let all: Vec<Value> = names.iter().map(|name| organisation(name)).collect();
        json!({ "people": [], "organisations": all })
    };
    summary(
        &sandbox,
        "e",
        organisations(&["Union nationale des ports", "UNP"]),
    );
    summary(&sandbox, "f", organisations(&["UNP"]));
    summary(&sandbox, "g", organisations(&["Comité des pêches"]));
    report(&sandbox).code(0);
    let macron = entity(&sandbox, "Émile Macron").expect("joined");
    assert_eq!(
        macron["statements"],
        json!([
            { "article": "a", "sentences": [0, 2, 3], "role": null },
            { "article": "b", "sentences": [1], "role": null },
            { "article": "c", "sentences": [0], "role": null },
        ])
    );
    assert_eq!(macron["aliases"], json!(["EMILE MACRON", "Macron"]));
    let surname = entity(&sandbox, "Macron").expect("an entry of its own");
    assert_eq!(surname["statements"].as_array().map(Vec::len), Some(2));
    let union = entity(&sandbox, "Union nationale des ports").expect("joined");
    assert_eq!(union["statements"].as_array().map(Vec::len), Some(2));
    assert_eq!(entity(&sandbox, "UNP"), None);
    check_pages(&sandbox);
    let page = sandbox.read("out/people.html");
    let page = Document::from(page.as_str());
    assert!(
        page.select(".entry summary")
            .text()
            .contains("Émile Macron3 articles")
    );

    // A user knows better.
    sandbox.write(
        "names.tsv",
        "# ours\nPorts and fisheries\tUNP\tComité des pêches\n",
    );
    sandbox
        .precis(&["report", "out", "--aliases", "names.tsv"])
        .assert()
        .code(0);
    let ours = entity(&sandbox, "Ports and fisheries").expect("named by the user");
    assert_eq!(ours["statements"].as_array().map(Vec::len), Some(3));
    assert!(entity(&sandbox, "Union nationale des ports").is_some());
    sandbox.write("names.tsv", "Macron\tEmmanuel\nAutre\tMACRON\n");
    sandbox
        .precis(&["report", "out", "--aliases", "names.tsv"])
        .assert()
        .code(1)
        .stderr(contains("names.tsv:2").and(contains("already belongs to `Macron`")));
}

#[test]
fn a_night_says_what_it_changed_and_figures_first() {
    let sandbox = Sandbox::new();
    let crue = |figure: &str| FLOOD.replace("120 communes", &format!("{figure} communes"));
    sandbox.write("news/crue.txt", crue("120"));
    sandbox.write("news/loi.txt", FLOOD.replace("crue", "tempête"));
    sandbox.write("news/port.txt", FLOOD.replace("crue", "avalanche"));
    let run = |arguments: &[&str]| {
        let arguments = [&["run", "news", "--prune"], arguments].concat();
        sandbox.precis(&arguments).assert().code(0);
    };
    let changes = || sandbox.json("out/run/changes.json");
    run(&[]);
    assert_eq!(changes()["new"], json!(["crue", "loi", "port"]));

    sandbox.write(
        "news/crue.txt",
        crue("150") + "\nUne phrase de plus a été ajoutée hier soir.\n",
    );
    sandbox.write("news/neuf.txt", FLOOD.replace("crue", "éruption"));
    std::fs::remove_file(sandbox.path("news/port.txt")).expect("removed");
    run(&[]);
    let night = changes();
    assert_eq!(night["new"], json!(["neuf"]));
    assert_eq!(night["removed"][0]["id"], "port");
    let changed = &night["changed"][0];
    assert_eq!(changed["id"], "crue");
    let figure = &changed["figures"][0];
    assert!(
        figure["before"].as_str().expect("text").contains("120"),
        "{changed}"
    );
    assert!(
        figure["after"].as_str().expect("text").contains("150"),
        "{changed}"
    );
    assert_eq!(changed["edited"].as_array().map(Vec::len), Some(1));
    assert_eq!(changed["added"].as_array().map(Vec::len), Some(1));
    assert_eq!(changed["removed"], json!([]));
    assert!(!sandbox.path("out/port.html").exists());
    check_pages(&sandbox);
    let index = sandbox.read("out/index.html");
    let index = Document::from(index.as_str());
    assert!(index.select(".changes .figures").text().contains("150"));
    assert_eq!(index.select("#rows .tag").length(), 2);

    // Nights without news, and other settings for the same articles, change nothing of that.
    run(&[]);
    run(&["--no-retry"]);
    assert_eq!(changes(), night);
}

#[test]
fn ten_thousand_articles_have_a_small_start_page() {
    let sandbox = Sandbox::new();
    let fixture = repository().join("tests/fixtures/summary.json");
    let mut one: Value =
        serde_json::from_slice(&std::fs::read(fixture).expect("committed")).expect("JSON");
    std::fs::create_dir(sandbox.path("out")).expect("a folder");
    for n in 0..10_000 {
        one["headline"] =
            format!("Headline number {n} of a length that headlines often have").into();
        one["source"]["title"] = format!("Titre numéro {n} d'une longueur habituelle").into();
        one["source"]["date"] = format!("2025-{:02}-{:02}", n % 12 + 1, n % 28 + 1).into();
        one["translation"]["sentences"] = json!([]);
        std::fs::write(sandbox.path(&format!("out/{n}.json")), one.to_string()).expect("a file");
    }
    sandbox
        .precis(&["report", "out", "--no-progress"])
        .assert()
        .code(0);
    let index = sandbox.read("out/index.html");
    assert!(index.len() < 3_000_000, "{} bytes", index.len());
    let page = Document::from(index.as_str());
    assert_eq!(page.select("#rows tr").length(), 500);
    let dates: Vec<_> = page
        .select("#rows time")
        .iter()
        .map(|it| it.text())
        .collect();
    assert!(
        dates.windows(2).all(|pair| pair[0] >= pair[1]),
        "the newest first"
    );
    let shards: usize = page
        .select("form")
        .attr("data-shards")
        .and_then(|n| n.parse().ok())
        .expect("a number");
    let rows: usize = (1..=shards)
        .map(|n| {
            let script = sandbox.read(&format!("out/index-data-{n}.js"));
            assert!(script.len() < 1 << 20);
            script.matches("Headline number").count()
        })
        .sum();
    assert_eq!(rows, 10_000);
    assert!(
        !sandbox
            .path(&format!("out/index-data-{}.js", shards + 1))
            .exists()
    );
}

#[test]
fn files_of_others_stay_and_are_told_of() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("out/index.html", "<p>Mine</p>");
    let run = sandbox.precis(&["run", "news"]).assert().code(0);
    run.stderr(contains(
        "out/index.html exists and was not written by precis",
    ));
    assert_eq!(sandbox.read("out/index.html"), "<p>Mine</p>");
    assert!(sandbox.path("out/people.html").exists());

    sandbox.write("more/crue.html", "<p>Mine</p>");
    let run = sandbox
        .precis(&["run", "news", "--out", "more"])
        .assert()
        .code(3);
    run.stderr(contains(
        "more/crue.html exists and was not written by precis",
    ));
    assert!(!sandbox.path("more/crue.json").exists());
    // Without pages, it is in nobody's way.
    sandbox.write("bare/crue.html", "<p>Mine</p>");
    sandbox
        .precis(&["run", "news", "--out", "bare", "--no-html"])
        .assert()
        .code(0);
    let names = sandbox.names("bare");
    assert_eq!(
        names,
        [
            "crue.html",
            "crue.json",
            "crue.md",
            "run",
            "summaries.jsonl"
        ]
    );
}

#[test]
fn a_damaged_summary_is_named_and_costs_only_itself() {
    let sandbox = Sandbox::new();
    summary(&sandbox, "a", json!({}));
    summary(&sandbox, "b", json!({ "figures": 7 }));
    sandbox.write("out/notes.json", "{\"mine\": true}");
    report(&sandbox)
        .code(3)
        .stderr(contains("out/b.json cannot be read"));
    check_pages(&sandbox);
    assert!(sandbox.path("out/a.html").exists() && !sandbox.path("out/b.html").exists());
    sandbox
        .precis(&["report", "nowhere"])
        .assert()
        .code(1)
        .stderr(contains("nowhere"));
    assert!(!sandbox.path("nowhere").exists());
}

#[test]
fn a_report_of_an_older_version_is_read_and_makes_room() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.precis(&["run", "news"]).assert().code(0);
    std::fs::rename(
        sandbox.path("out/run/run.json"),
        sandbox.path("out/run.json"),
    )
    .expect("moved");
    let status = sandbox.precis(&["status", "out"]).assert().code(0);
    status.stdout(contains("1 written"));
    sandbox.precis(&["run", "news"]).assert().code(0);
    assert!(sandbox.path("out/run/run.json").exists());
    assert!(!sandbox.path("out/run.json").exists());
}
