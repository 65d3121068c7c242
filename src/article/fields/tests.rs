use jiff::civil::date;
use serde_json::json;

use super::*;

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}

fn read(value: Value) -> Result<Content, SkipReason> {
    content(&fields(value), &FieldNames::default())
}

fn texts(content: &Content) -> Vec<&str> {
    let paragraphs = content.paragraphs.iter();
    paragraphs.map(|p| p.span.slice(&content.body)).collect()
}

#[test]
fn usual_names_are_found_whatever_their_spelling() {
    let content = read(json!({
        "Titre": "Un titre", "Date de publication": "12/03/2024", "TEXTE": "Du texte.",
    }))
    .unwrap();
    assert_eq!(content.title.as_deref(), Some("Un titre"));
    assert_eq!(content.date, Some(date(2024, 3, 12)));
    assert_eq!(content.body, "Du texte.");
    let rendered = read(json!({
        "title": {"rendered": "L&#8217;eau"}, "content": {"rendered": "<p>Un.</p><p>Deux.</p>"},
        "date": "hier", "published": "2024-03-12",
    }))
    .unwrap();
    assert_eq!(rendered.title.as_deref(), Some("L’eau"));
    assert_eq!(rendered.date, Some(date(2024, 3, 12)));
    assert_eq!(texts(&rendered), ["Un.", "Deux."]);
}

#[test]
fn given_names_lead_into_objects_and_exclude_others() {
    let names = FieldNames {
        text: Some("article.parts.1".to_owned()),
        ..FieldNames::default()
    };
    let row = fields(json!({"text": "Non.", "article": {"parts": ["Un.", "Deux."]}}));
    assert_eq!(content(&row, &names).unwrap().body, "Deux.");
    let other = fields(json!({"text": "Non.", "article": {"body": "Oui."}}));
    let message = content(&other, &names).unwrap_err().to_string();
    assert!(message.contains("`article.parts.1`"), "{message}");
    assert!(message.contains("`article.body`"), "{message}");
    let dotted = fields(json!({"article.parts.1": "Oui."}));
    assert_eq!(content(&dotted, &names).unwrap().body, "Oui.");
}

#[test]
fn paths_lead_through_arrays_and_say_where_they_end() {
    let names = FieldNames {
        text: Some("article.pages.corps".to_owned()),
        title: Some("article.titre".to_owned()),
        ..FieldNames::default()
    };
    let of = |row: Value| content(&fields(row), &names);
    for row in [
        json!({"article": {"titre": "T", "pages": [{"corps": "Un."}, {}, {"corps": "Deux."}]}}),
        json!({"article": {"titre": "T", "pages": {"corps": ["Un.", null, "Deux."]}}}),
        json!({"article": [
            {"titre": "T", "pages": [{"corps": ["Un."]}]}, {"pages": [{"corps": "Deux."}]},
        ]}),
    ] {
        let content = of(row).unwrap();
        assert_eq!(content.title.as_deref(), Some("T"));
        assert_eq!(texts(&content), ["Un.", "Deux."]);
    }
    for (row, code, reason) in [
        (json!({"article": {"pages": []}}), "empty", "no text"),
        (
            json!({"article": {"titre": "T"}}),
            "missing_field",
            "`article.titre`",
        ),
        (
            json!({"article": null}),
            "missing_field",
            "`article`, which is null",
        ),
        (
            json!({"article": "T"}),
            "missing_field",
            "`article`, which is a string",
        ),
        (
            json!({"article": {"pages": [{"texte": "Un."}]}}),
            "missing_field",
            "`article.pages`, an array whose members lack `corps`",
        ),
        (
            json!({"article": {"pages": [{"corps": 1}, {"corps": "Un."}]}}),
            "bad_row",
            "is an array that holds a number",
        ),
        (
            json!({"article": {"pages": {"corps": 12}}}),
            "bad_row",
            "is a number",
        ),
        (json!({"autre": 1}), "missing_field", "(it has `autre`)"),
    ] {
        let skipped = of(row.clone()).unwrap_err();
        assert_eq!(skipped.code(), code, "{row}");
        assert!(skipped.to_string().contains(reason), "{row}: {skipped}");
    }
}

#[test]
fn blocks_without_words_leave_the_text_and_others_do_not() {
    let blocks = json!([
        {"type": "paragraph", "content": "Un."}, {"type": "image", "url": "a.jpg"}, {"text": "Deux."},
    ]);
    assert_eq!(
        texts(&read(json!({"body": blocks})).unwrap()),
        ["Un.", "Deux."]
    );
    let unknown = json!([{"text": "Un."}, {"phrase": "Le pont a fermé hier."}]);
    let reason = read(json!({"body": unknown})).unwrap_err().to_string();
    assert!(reason.contains("an array that holds an object"), "{reason}");
}

#[test]
fn authors_are_named_one_by_one() {
    for authors in [
        json!("A. Roux, B. Morel"),
        json!(["A. Roux", {"name": "B. Morel"}]),
        json!([{"name": "A. Roux"}, {"name": "B. Morel"}]),
    ] {
        let content = read(json!({"text": "Un.", "authors": authors})).unwrap();
        assert_eq!(content.about.author.as_deref(), Some("A. Roux, B. Morel"));
    }
}

#[test]
fn paragraphs_of_an_array_are_joined() {
    let plain = read(json!({"text": ["Un.", "", {"text": "Deux."}]})).unwrap();
    assert_eq!(texts(&plain), ["Un.", "Deux."]);
    let mixed = read(json!({"text": ["Un &amp; deux.", "<p>Trois.</p>"]})).unwrap();
    assert_eq!(texts(&mixed), ["Un & deux.", "Trois."]);
    let odd = read(json!({"text": [1, 2]})).unwrap_err();
    assert_eq!(odd.code(), "bad_row");
}

#[test]
fn html_is_recognised_and_text_that_only_looks_like_it_is_kept() {
    let html = "<h2>A</h2>\n\nUn <b>mot</b>.\n\nDeux&nbsp;!";
    assert_eq!(
        texts(&read(json!({"text": html})).unwrap()),
        ["A", "Un mot.", "Deux\u{a0}!"]
    );
    let twice = "&lt;p&gt;Un &amp;amp; deux.&lt;/p&gt;&lt;p&gt;Trois.&lt;/p&gt;";
    assert_eq!(
        texts(&read(json!({"text": twice})).unwrap()),
        ["Un & deux.", "Trois."]
    );
    let inline = "Un <em>mot</em>.\nDeux &eacute;t&eacute;s.";
    assert_eq!(
        texts(&read(json!({"text": inline})).unwrap()),
        ["Un mot.", "Deux étés."]
    );
    let plain = "Si a < b et b > c, R&D et &inconnu; restent.";
    assert_eq!(read(json!({"text": plain})).unwrap().body, plain);
    let page =
        "<!DOCTYPE html><html><head><title>Avis</title></head><body><p>Fermé.</p></body></html>";
    assert_eq!(
        read(json!({"text": page})).unwrap().title.as_deref(),
        Some("Avis")
    );
}

#[test]
fn a_record_without_text_says_so() {
    for blank in [json!(null), json!("  "), json!([]), json!("<p> </p>")] {
        assert_eq!(read(json!({"text": blank})).unwrap_err().code(), "empty");
    }
    assert_eq!(read(json!({})).unwrap_err().code(), "missing_field");
    assert_eq!(
        read(json!({"text": null, "body": "Un."})).unwrap().body,
        "Un."
    );
}
