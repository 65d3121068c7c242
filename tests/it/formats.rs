//! Formats in which people have articles, through the whole tool. The inputs under
//! `fixtures/reading` were rebuilt from what users of tools like this one reported.

use crate::common::{Sandbox, repository};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

/// Runs over one of the fixtures and returns for each article written its id, title and date, and
/// the codes of what was skipped.
fn read(name: &str, options: &[&str]) -> (Vec<[String; 3]>, Vec<String>) {
    let sandbox = Sandbox::new();
    let fixture = repository().join("tests/fixtures/reading").join(name);
    sandbox.write(name, std::fs::read(fixture).expect("committed"));
    let _ = sandbox.precis(&[&["run", name], options].concat()).assert();
    articles(&sandbox)
}

/// What a run wrote and what it skipped.
fn articles(sandbox: &Sandbox) -> (Vec<[String; 3]>, Vec<String>) {
    let outputs = sandbox.names("out");
    let summaries = outputs.iter().filter_map(|name| name.strip_suffix(".json"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let written = summaries.map(|id| {
        let source = &sandbox.json(&format!("out/{id}.json"))["source"];
        [id.to_owned(), text(&source["title"]), text(&source["date"])]
    });
    let report = sandbox.json("out/run/run.json");
    let skipped = report["skipped"].as_array().expect("a list");
    let skipped = skipped.iter().map(|skipped| text(&skipped["code"]));
    (written.collect(), skipped.collect())
}

fn row(id: &str, title: &str, date: &str) -> [String; 3] {
    [id.to_owned(), title.to_owned(), date.to_owned()]
}

#[test]
fn front_matter_gives_title_and_date_in_every_dialect() {
    for (name, title) in [
        ("17a-fm-colon", "Piscine : la mairie ferme les Tilleuls"),
        ("17b-fm-french-keys", "La piscine des Tilleuls ferme"),
        ("17d-fm-hugo", "La piscine \"des Tilleuls\" ferme"),
        ("17e-fm-json", "La piscine ferme"),
        ("17f-fm-bom", "La piscine ferme"),
        ("17h-setext-tweet", "La piscine ferme"),
    ] {
        let (written, skipped) = read(&format!("{name}.md"), &[]);
        assert_eq!(written, [row(name, title, "2024-03-12")]);
        assert_eq!(skipped, [""; 0]);
    }
}

#[test]
fn json_lines_are_read_as_exports_write_them() {
    let three = [
        row("2", "La navette part", "2024-03-13"),
        row("20240312001", "La piscine ferme", "2024-03-12"),
        row("3", "L'opposition proteste", "2024-03-14"),
    ];
    let (written, skipped) = read("16a-bom-crlf.jsonl", &[]);
    assert_eq!((&written[..], &skipped[..]), (&three[..], &[][..]));

    let (written, _) = read("16b-epoch-dates.jsonl", &[]);
    assert_eq!(written.len(), 7);
    for [id, _, date] in written {
        assert_eq!(date, "2024-03-12", "{id}");
    }

    let (written, skipped) = read("16c-html-in-text.jsonl", &[]);
    let titles: Vec<&str> = written.iter().map(|[_, title, _]| &**title).collect();
    assert_eq!(titles, ["La piscine", "La piscine & la navette", ""]);
    assert_eq!(skipped, ["missing_field"]);
    let options = [
        "--field-text",
        "article.body",
        "--field-title",
        "article.title",
    ];
    let (written, _) = read("16c-html-in-text.jsonl", &options);
    assert_eq!(written, [row("nested", "La piscine", "")]);

    let named = ["--field-text", "maintext", "--field-date", "date_publish"];
    for options in [&named[..], &[]] {
        let (written, skipped) = read("16d-newsplease.jsonl", options);
        assert_eq!(
            written,
            [
                row("16d-newsplease-1", "La piscine ferme", "2024-03-12"),
                row("16d-newsplease-3", "L'opposition proteste", "2024-03-14"),
            ]
        );
        assert_eq!(skipped, ["empty"]);
    }

    for name in ["16e-array.json", "16f-pretty.jsonl", "16g-json-array.jsonl"] {
        let (written, skipped) = read(name, &[]);
        for article in &written {
            assert!(three.contains(article), "{name}: {article:?}");
        }
        assert!(written.len() > 1, "{name}: {written:?}");
        assert_eq!(skipped, [""; 0], "{name}");
    }
}

#[test]
fn html_in_a_field_leaves_no_markup() {
    let sandbox = Sandbox::new();
    let fixture = repository().join("tests/fixtures/reading/16c-html-in-text.jsonl");
    sandbox.write("a.jsonl", std::fs::read(fixture).expect("committed"));
    sandbox.precis(&["run", "a.jsonl"]).assert().code(3);
    let summary = sandbox.json("out/html.json");
    let sentences = summary["translation"]["sentences"]
        .as_array()
        .expect("a list");
    let source: Vec<&str> = sentences
        .iter()
        .filter_map(|s| s["source"].as_str())
        .collect();
    let source = source.join("\n");
    assert!(source.contains("a décidé lundi soir"), "{source}");
    assert!(!source.contains(['<', '>']), "{source}");
    assert!(!source.contains("acute"), "{source}");
}

#[test]
fn records_without_the_text_field_say_what_they_have_and_which_option_helps() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"article\": {\"corps\": \"Du texte.\"}}\n");
    let run = sandbox.precis(&["run", "a.jsonl"]).assert().code(3);
    run.stderr(contains("`article.corps`"))
        .stderr(contains("--field-text"));
}

const RAIN: &str = "Il pleut sur la ville de Brest depuis hier soir, et la rivière monte toujours.";
const SNOW: &str =
    "La neige est tombée toute la nuit sur les hauteurs de Lille et de ses environs.";

#[test]
fn tables_are_read_with_the_columns_that_options_name() {
    let sandbox = Sandbox::new();
    let table = format!("ref;chapeau;dit\n7;Pluie;\"{RAIN}\"\n8;Neige;\"{SNOW}\"\n9;Rien;\n");
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&table);
    sandbox.write("news/export.csv", bytes);
    let run = sandbox.precis(&["run", "news"]).assert().code(3);
    run.stderr(contains("`chapeau`").and(contains("--field-text")));
    let options = [
        "--field-text",
        "dit",
        "--field-title",
        "chapeau",
        "--field-id",
        "ref",
    ];
    let run = sandbox
        .precis(&[&["run", "news"][..], &options].concat())
        .assert();
    run.code(3)
        .stderr(contains("news/export.csv#3: holds no text"));
    let (written, _) = articles(&sandbox);
    assert_eq!(written, [row("7", "Pluie", ""), row("8", "Neige", "")]);
}

#[test]
fn entry_of_a_feed_has_one_summary_however_often_it_is_fetched() {
    let sandbox = Sandbox::new();
    let item = |id: &str, text: &str| {
        format!(
            "<item><title>T</title><guid>{id}</guid><pubDate>Tue, 12 Mar 2024 07:30:00 +0100</pubDate><description>{text}</description></item>"
        )
    };
    let feed =
        |items: &str| format!("<?xml version=\"1.0\"?><rss><channel>{items}</channel></rss>");
    sandbox.write("news/flux.xml", feed(&item("a", RAIN)));
    sandbox.precis(&["run", "news"]).assert().code(0);
    sandbox.write("news/flux.xml", feed(&(item("b", SNOW) + &item("a", RAIN))));
    sandbox.precis(&["run", "news"]).assert().code(0);
    let (written, _) = articles(&sandbox);
    assert_eq!(
        written,
        [row("a", "T", "2024-03-12"), row("b", "T", "2024-03-12")]
    );
    sandbox.write("news/flux.xml", feed(&item("b", SNOW)));
    sandbox.precis(&["run", "news", "--prune"]).assert().code(0);
    assert_eq!(articles(&sandbox).0, [row("b", "T", "2024-03-12")]);
}

#[test]
fn pages_of_a_web_archive_are_summarised_and_the_rest_is_counted() {
    let sandbox = Sandbox::new();
    let record = |kind: &str, content: &str| {
        format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Type: application/http\r\nContent-Length: {}\r\n\r\n{content}\r\n\r\n",
            content.len()
        )
    };
    let page = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Pluie</title><p>{RAIN}</p>"
    );
    let image = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG";
    let archive = [
        record("request", "GET /"),
        record("response", &page),
        record("response", image),
    ];
    sandbox.write("news/crawl.warc", archive.concat());
    sandbox.write("news/package.json", "{\"name\": \"x\"}");
    sandbox.write("news/plan.xml", "<urlset><url/></urlset>");
    let run = sandbox.precis(&["run", "news"]).assert().code(0);
    run.stderr(contains("WARC request 1"));
    assert_eq!(articles(&sandbox).0, [row("crawl-2", "Pluie", "")]);
    let passed_over = &sandbox.json("out/run/run.json")["passed_over"];
    for kind in [
        "WARC request",
        "WARC response of another type",
        ".json",
        ".xml",
    ] {
        assert_eq!(passed_over[kind], 1, "{kind}");
    }
}

#[test]
fn tables_of_parquet_and_exports_of_europresse_are_read() {
    let (written, skipped) = read("table.parquet", &[]);
    let titled = |id: &str, title: &str| row(id, title, "2024-03-12");
    assert_eq!(written, [titled("100", "Un titre"), titled("101", "")]);
    assert_eq!(skipped, ["empty"; 2]);
    // Written by pyarrow.
    for name in ["table-brotli.parquet", "table-lz4.parquet"] {
        let (written, skipped) = read(name, &[]);
        let rows = [
            row("7", "La pêche reprend", "2024-06-07"),
            row("8", "Le préfet fait appel", "2024-06-08"),
        ];
        assert_eq!((written, skipped), (rows.to_vec(), vec![]), "{name}");
    }
    let (written, skipped) = read("europresse.html", &[]);
    assert_eq!(
        written,
        [
            titled("news-20240312-LC-1", "Pluie"),
            titled("news-20240312-LC-2", "Neige")
        ]
    );
    assert_eq!(skipped, [""; 0]);
}

#[test]
fn a_damaged_table_gives_a_reason_and_no_report_of_a_bug() {
    let sandbox = Sandbox::new();
    let fixture = repository().join("tests/fixtures/reading/table-damaged.parquet");
    sandbox.write("a.parquet", std::fs::read(fixture).expect("committed"));
    let run = sandbox.precis(&["read", "a.parquet"]).assert().code(1);
    run.stderr(contains("it is damaged").and(contains("a bug in precis").not()));
}
