//! `precis search`.

use crate::common::{FLOOD, HOSTILE, Sandbox, oldest_summary, summary};
use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty};
use serde_json::{Value, json};

fn stdout(assert: Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

/// The answer in JSON, and the ids of what was found.
fn ids(sandbox: &Sandbox, arguments: &[&str]) -> (Value, Vec<String>) {
    let arguments = [&["search"], arguments, &["--format", "json"]].concat();
    let json = stdout(sandbox.precis(&arguments).assert().code(0));
    let found: Value = serde_json::from_str(&json).expect("JSON");
    let articles = found["articles"].as_array().expect("a list").iter();
    let ids = articles.map(|it| it["id"].as_str().expect("text").to_owned());
    let ids = ids.collect();
    (found, ids)
}

/// Articles that have `canicule` in different places, in the order in which they are to be found.
fn write_articles(sandbox: &Sandbox) {
    let plain = |text: &str| {
        json!({ "headline": "Nothing", "abstract": { "text": "Nothing.", "evidence": [0] },
            "key_points": [{ "text": "Nothing.", "evidence": [0], "salience": 0.5 }],
            "source": { "title": "Rien", "date": "2025-03-04" }, "people": [], "organisations": [],
            "places": [], "translation": { "title": null, "sentences": [{
                "id": 0, "paragraph": 0, "source": text, "span": [0, 0], "text": "Nothing.",
                "score": -0.1, "grade": "good", "flags": [] }] } })
    };
    let mut articles = Vec::new();
    for (id, date, key) in [
        ("d-headline", "2025-03-02", "headline"),
        ("e-headline", "2025-03-01", "headline"),
        ("c-title", "2025-03-09", "title"),
        ("b-abstract", "2025-03-09", "abstract"),
        ("z-point", "2025-03-09", "point"),
        ("a-text", "2025-03-09", "text"),
    ] {
        let mut article = plain(if key == "text" {
            "La CANICULE dure."
        } else {
            "Rien."
        });
        article["source"]["date"] = date.into();
        match key {
            "headline" => article["headline"] = "The Canicule of Lyon".into(),
            "title" => article["source"]["title"] = "Canicule à Lyon".into(),
            "abstract" => article["abstract"]["text"] = "A canicule.".into(),
            "point" => article["key_points"][0]["text"] = "A canicule.".into(),
            _ => {}
        }
        articles.push((id, article));
    }
    let mut undated = plain("La canicule dure.");
    undated["source"]["date"] = Value::Null;
    articles.push(("0-undated", undated));
    articles.push(("other", plain("Il pleut.")));
    for (id, article) in articles {
        summary(sandbox, id, article);
    }
}

#[test]
fn the_best_places_come_first_then_the_newest() {
    let sandbox = Sandbox::new();
    write_articles(&sandbox);
    let (found, order) = ids(&sandbox, &["Canicule"]);
    assert_eq!(
        order,
        [
            "d-headline",
            "e-headline",
            "c-title",
            "b-abstract",
            "z-point",
            "a-text",
            "0-undated"
        ]
    );
    assert_eq!(
        (&found["found"], &found["searched"]),
        (&7.into(), &8.into())
    );
    let last = &found["articles"][5];
    assert_eq!(last["found_in"], "text");
    assert_eq!(
        last["passage"],
        json!({ "sentence": 0, "language": "fr", "text": "La CANICULE dure.", "marks": [[3, 11]] })
    );
    // Every word has to be there, as the beginning of a word.
    assert_eq!(ids(&sandbox, &["lyon canic"]).1.len(), 3);
    assert!(ids(&sandbox, &["lyon anicule"]).1.is_empty());
    // Limits, and times without and with a date.
    let (found, first) = ids(&sandbox, &["canicule", "--limit", "2"]);
    assert_eq!((first.len(), &found["found"]), (2, &7.into()));
    let of = |from: &str, to: &str| {
        ids(&sandbox, &["canicule", "--from", from, "--to", to])
            .1
            .len()
    };
    assert_eq!(
        (of("2025-03-02", "2025-03"), of("2025", "2025-03-01")),
        (5, 1)
    );
    assert_eq!(of("2024", "2024"), 0);
}

#[test]
fn names_and_grades_narrow_a_search() {
    let sandbox = Sandbox::new();
    summary(&sandbox, "a", json!({ "trust": { "grade": "good" } }));
    let people = json!([{ "name": "Agnès Buzyn", "source_name": "Agnès Buzyn", "role": null,
        "sentences": [1] }]);
    summary(
        &sandbox,
        "b",
        json!({ "people": people, "trust": { "grade": "check" } }),
    );
    for (arguments, expected) in [
        (&["", "--person", "BUZYN"][..], &["b"][..]),
        (&["", "--person", "buzyn agnes"], &["b"]),
        (&["", "--person", "Buzyn Claire"], &[]),
        (
            &["port", "--place", "marseille", "--organisation", "fret"],
            &["a", "b"],
        ),
        (&["", "--grade", "good"], &["a"]),
        (&["", "--grade", "check,bad"], &["b"]),
        (&["", "--grade", "good", "--grade", "check"], &["a", "b"]),
    ] {
        assert_eq!(ids(&sandbox, arguments).1, expected, "{arguments:?}");
    }
    // Where there are no words, the sentence with the name is shown.
    let (found, _) = ids(&sandbox, &["", "--person", "Buzyn"]);
    assert_eq!(found["articles"][0]["passage"]["sentence"], 1);
}

#[test]
fn text_fits_the_terminal_and_says_where_it_is_from() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.precis(&["run", "news"]).assert().code(0);
    let text = stdout(sandbox.precis(&["search", "évacués"]).assert().code(0));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0].split("  ").last(), Some("crue"), "{text}");
    assert!(lines[2].contains("*évacués* par les pompiers"), "{text}");
    assert_eq!(lines[3], "  out/crue.html#s1");
    let narrow = sandbox
        .precis(&["search", "évacués", "--color", "always"])
        .env("COLUMNS", "40")
        .assert()
        .code(0);
    let narrow = stdout(narrow);
    assert!(narrow.contains("\x1b[1;33mévacués\x1b[0m"), "{narrow}");
    for line in narrow.lines() {
        let shown = line.replace("\x1b[1;33m", "").replace("\x1b[0m", "");
        assert!(shown.chars().count() <= 40, "{shown}");
    }
    // Without pages, the Markdown is what there is to open.
    let run = ["run", "news", "--out", "bare", "--no-html"];
    sandbox.precis(&run).assert().code(0);
    let bare = sandbox.precis(&["search", "évacués", "bare"]).assert();
    bare.code(0).stdout(contains("bare/crue.md\n"));
}

#[test]
fn nothing_found_is_no_failure_and_said() {
    let sandbox = Sandbox::new();
    summary(&sandbox, "a", json!({}));
    sandbox
        .precis(&["search", "vaccin"])
        .assert()
        .code(0)
        .stdout(is_empty())
        .stderr(contains("Nothing found in 1 article."));
    for (arguments, problem) in [
        (&["search", "?!"][..], "neither a letter nor a digit"),
        (&["search", "x", "--person", "«»"], "--person"),
        (&["search", "x", "--from", "last year"], "2025-01-31"),
        (&["search", "x", "--limit", "0"], "--limit"),
        (&["search"], "WORDS"),
    ] {
        let refused = sandbox.precis(arguments).assert().code(2);
        refused.stderr(contains(problem));
    }
    let many: Vec<String> = (0..65).map(|n| format!("mot{n}")).collect();
    let refused = sandbox
        .precis(&["search", &many.join(" ")])
        .assert()
        .code(2);
    refused.stderr(contains("at most 64 words"));
}

#[test]
fn folders_without_summaries_are_no_empty_results() {
    let sandbox = Sandbox::new();
    let nowhere = sandbox.precis(&["search", "x", "nowhere"]).assert().code(1);
    nowhere.stderr(contains("nowhere").and(contains("output folder")));
    sandbox.write("empty/notes.json", "{\"mine\": true}");
    let empty = sandbox.precis(&["search", "x", "empty"]).assert().code(1);
    empty.stderr(contains("there is no summary in empty"));
    // A damaged one costs itself, and is named.
    summary(&sandbox, "a", json!({}));
    summary(&sandbox, "b", json!({ "figures": 7 }));
    let damaged = sandbox.precis(&["search", "port"]).assert().code(3);
    damaged
        .stdout(contains("out/a.md"))
        .stderr(contains("out/b.json cannot be read"));
}

#[test]
fn summaries_of_older_versions_are_found() {
    let sandbox = Sandbox::new();
    oldest_summary(&sandbox, "a");
    assert_eq!(ids(&sandbox, &["marseille"]).1, ["a"]);
}

#[test]
fn what_articles_say_does_nothing_to_the_terminal() {
    let sandbox = Sandbox::new();
    let evil = format!("Port\x1b[2J\x1b]0;x\x07 {HOSTILE}\u{202e}\r\nport\0");
    summary(
        &sandbox,
        "a",
        json!({ "headline": evil, "source": { "date": evil } }),
    );
    let text = stdout(sandbox.precis(&["search", "port"]).assert().code(0));
    let is_harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!text.contains(is_harmful), "{text:?}");
    assert!(text.contains(HOSTILE), "{text}");
    assert_eq!(ids(&sandbox, &["port"]).0["articles"][0]["headline"], evil);
}
