use jiff::civil::date;

use super::super::tests::{codes, read_bytes};
use crate::article::{Article, FieldNames, ReadOptions, Skipped};

fn read(rows: &[u8], options: &ReadOptions) -> Vec<Result<Article, Skipped>> {
    read_bytes("in/rows.jsonl", rows, options)
}

fn read_default(rows: &str) -> Vec<Result<Article, Skipped>> {
    read(rows.as_bytes(), &ReadOptions::default())
}

#[test]
fn rows_become_articles() {
    let rows = "\u{FEFF}{\"id\": 7, \"title\": \" Un  titre \", \"date\": \"2021-03-12T08:00:00Z\", \"text\": \"Un.\\nDeux.\"}\r\n\n{\"text\": \"Trois.\"}";
    let articles = read_default(rows);
    let first = articles[0].as_ref().unwrap();
    assert_eq!(
        (first.id.as_str(), first.path.as_str()),
        ("7", "in/rows.jsonl#1")
    );
    assert_eq!(first.title.as_deref(), Some("Un titre"));
    assert_eq!(first.date, Some(date(2021, 3, 12)));
    assert_eq!(first.paragraphs.len(), 2);
    let second = articles[1].as_ref().unwrap();
    assert_eq!(
        (second.id.as_str(), second.path.as_str()),
        ("rows-3", "in/rows.jsonl#3")
    );
    assert_eq!(articles.len(), 2);
}

#[test]
fn bad_row_is_skipped_and_the_rest_is_read() {
    let rows = "{\"text\": \"Un.\"}\n{\"text\": \n[1]\n{\"text\": null}\n{\"corpus\": \"x\", \"n\": 1}\n{\"text\": \" \"}\n{\"text\": \"Deux.\"}\n";
    let found = read_default(rows);
    assert_eq!(
        codes(&found),
        [
            "read",
            "bad_row",
            "bad_row",
            "empty",
            "missing_field",
            "empty",
            "read"
        ]
    );
    let message = |i: usize| found[i].as_ref().unwrap_err().to_string();
    assert!(
        message(1).starts_with("in/rows.jsonl#2: "),
        "{}",
        message(1)
    );
    assert!(message(1).contains("at column"), "{}", message(1));
    assert!(
        message(4).contains("(it has `corpus`, `n`)"),
        "{}",
        message(4)
    );
    assert!(message(4).contains("name the field"), "{}", message(4));
}

#[test]
fn fields_can_have_other_names() {
    let options = ReadOptions {
        fields: FieldNames {
            id: Some("uid".into()),
            text: Some("contenu".into()),
            ..FieldNames::default()
        },
        ..ReadOptions::default()
    };
    let found = read(b"{\"uid\": \"a/b\", \"contenu\": \"Un.\"}", &options);
    assert_eq!(found[0].as_ref().unwrap().id, "a-b");
}

#[test]
fn row_over_the_limit_is_passed_over() {
    let long = format!("{{\"text\": \"{}\"}}", "x".repeat(500));
    let options = ReadOptions {
        max_bytes: 100,
        ..ReadOptions::default()
    };
    let rows = format!("{long}\n{{\"text\": \"Un.\"}}\n{long}");
    let found = read(rows.as_bytes(), &options);
    assert_eq!(found[0].as_ref().unwrap_err().reason.code(), "too_large");
    assert_eq!(found[1].as_ref().unwrap().path, "in/rows.jsonl#2");
    assert_eq!(found[2].as_ref().unwrap_err().reason.code(), "too_large");
    assert_eq!(found.len(), 3);
}

#[test]
fn file_without_rows_is_reported_once() {
    for rows in ["", "\n \n"] {
        let found = read_default(rows);
        assert_eq!(found.len(), 1);
        let skipped = found[0].as_ref().unwrap_err();
        assert_eq!(skipped.reason.code(), "empty");
        assert_eq!(skipped.path, "in/rows.jsonl");
    }
}

fn texts(found: &[Result<Article, Skipped>]) -> Vec<(&str, &str)> {
    let read = found.iter().flatten();
    read.map(|article| (article.path.as_str(), article.body.as_str()))
        .collect()
}

#[test]
fn objects_in_an_array_or_over_several_lines_are_read() {
    let array = r#"[{"text": "Un ] \" }."}, {"text": "Deux."}]"#;
    let pretty = "{\n \"text\": \"Un ] \\\" }.\"\n}\n{\n \"text\":\n \"Deux.\"}\n";
    let spread = "[\n {\n  \"text\": \"Un ] \\\" }.\"\n },\n\n {\"text\": \"Deux.\"}\n]\n";
    for rows in [array, pretty, spread] {
        let found = read_default(rows);
        let expected = [
            ("in/rows.jsonl#1", "Un ] \" }."),
            ("in/rows.jsonl#2", "Deux."),
        ];
        assert_eq!(texts(&found), expected, "{rows}");
        assert_eq!(found.len(), 2, "{found:?}");
    }
}

#[test]
fn file_that_is_something_else_gives_one_reason() {
    for rows in [
        "{\n \"text\": \"Un.\",\n \"b\":",
        "[\n{\"text\": \"Un.\n",
        "{\n\"a\": \"\n\n\n",
    ] {
        let found = read_default(rows);
        assert_eq!(codes(&found), ["bad_row"], "{rows}");
    }
    let found = read_default("[1, \"x\", [2], {\"text\": \"Un.\"}, nul]");
    assert_eq!(
        codes(&found),
        ["bad_row", "bad_row", "bad_row", "read", "bad_row"]
    );
}

#[test]
fn a_cut_first_line_costs_only_itself() {
    let found = read_default("{\"text\": \"Un\n{\"text\": \"Deux.\"}\n");
    assert_eq!(codes(&found), ["bad_row", "read"]);
}

#[test]
fn value_over_the_limit_is_passed_over() {
    let long = format!("{{\"text\":\n \"{}\"}}", "x".repeat(500));
    let options = ReadOptions {
        max_bytes: 100,
        ..ReadOptions::default()
    };
    let rows = format!("[\n{long},\n{{\"text\": \"Un.\"}}, {long}]");
    let found = read(rows.as_bytes(), &options);
    assert_eq!(codes(&found), ["too_large", "read", "too_large"]);
}

#[test]
fn json_file_with_one_object_is_one_article() {
    let options = ReadOptions::default();
    let one = b"{\"title\": \"A\",\n \"maintext\": \"Un.\"}\n";
    let found = read_bytes("in/a.json", one, &options);
    let article = found[0].as_ref().unwrap();
    assert_eq!(
        (article.path.as_str(), article.id.as_str()),
        ("in/a.json", "a")
    );
    assert_eq!(article.media_type, "application/json");
    let two = [&one[..], one].concat();
    let found = read_bytes("in/a.json", &two, &options);
    let ids: Vec<_> = found.iter().flatten().map(|a| a.id.as_str()).collect();
    assert_eq!(ids, ["a-1", "a-2"]);
}

#[test]
fn what_was_escaped_is_put_right_too() {
    let row =
        br#"{"titre": "L\u00e2\u20ac\u2122\u00c3\u00a9t\u00c3\u00a9", "texte": ["L\u0092eau."]}"#;
    let found = read_bytes("in/a.jsonl", row, &ReadOptions::default());
    let article = found[0].as_ref().unwrap();
    assert_eq!(article.title.as_deref(), Some("L’été"));
    assert_eq!(article.body, "L’eau.");
}

#[test]
fn records_are_found_in_the_answers_of_services() {
    for answer in [
        r#"{"status": "ok", "articles": [{"title": "A", "content": "Un."}, {"content": "Deux."}, 5]}"#,
        r#"{"data": {"total": 3, "items": [{"content_html": "<p>Un.</p>"}, {"content_text": "Deux."}, {}]}}"#,
    ] {
        let found = read_bytes("in/a.json", answer.as_bytes(), &ReadOptions::default());
        assert_eq!(codes(&found)[..2], ["read", "read"], "{answer}");
        assert_eq!(found.len(), 3);
        let (first, last) = (found[0].as_ref().unwrap(), found[2].as_ref().unwrap_err());
        assert_eq!((&*first.path, &*first.body), ("in/a.json#1", "Un."));
        assert_eq!(last.path, "in/a.json#3");
    }
    let whole = br#"{"texte": "Un.", "images": [{"text": "Une photo."}]}"#;
    let found = read_bytes("in/a.json", whole, &ReadOptions::default());
    assert_eq!(found[0].as_ref().unwrap().body, "Un.");
    assert_eq!(found.len(), 1);
}

#[test]
fn utf16_rows_are_read() {
    let rows = "{\"text\": \"Un été.\"}\r\n{\"text\": \"Deux étés.\"}\r\n";
    let bytes: Vec<u8> = rows.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = read(
        &[&b"\xFF\xFE"[..], &bytes].concat(),
        &ReadOptions::default(),
    );
    assert_eq!(
        texts(&found),
        [
            ("in/rows.jsonl#1", "Un été."),
            ("in/rows.jsonl#2", "Deux étés.")
        ]
    );
    assert_eq!(found[0].as_ref().unwrap().encoding, "UTF-16LE");
}
