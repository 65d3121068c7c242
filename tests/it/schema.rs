//! The JSON Schema in the repository is generated from the summary type and keeps its contract.

use std::path::Path;
use std::{env, fs};

use precis::output::summary_schema;
use serde_json::{Value, json};

const RENEW: &str = "PRECIS_UPDATE_SCHEMA";

/// Keys that other programs read; none of them may be renamed or removed.
const CONTRACT: &[&str] = &[
    "schema_version",
    "id",
    "source.path",
    "source.digest",
    "source.media_type",
    "source.encoding",
    "source.language",
    "source.language_confidence",
    "source.characters",
    "source.sentences",
    "source.title",
    "source.date",
    "headline",
    "abstract.text",
    "abstract.method",
    "abstract.evidence",
    "key_points[].text",
    "key_points[].evidence",
    "key_points[].salience",
    "people[].name",
    "people[].source_name",
    "people[].role",
    "people[].sentences",
    "organisations[].name",
    "organisations[].source_name",
    "organisations[].description",
    "organisations[].sentences",
    "places[].name",
    "places[].source_name",
    "places[].kind",
    "places[].sentences",
    "events[].date",
    "events[].time",
    "events[].as_written",
    "events[].text",
    "events[].sentence",
    "figures[].value",
    "figures[].unit",
    "figures[].qualifier",
    "figures[].as_written",
    "figures[].what",
    "figures[].sentence",
    "quotes[].speaker",
    "quotes[].text",
    "quotes[].source_text",
    "quotes[].sentence",
    "topics[].label",
    "topics[].weight",
    "translation.title",
    "translation.sentences[].id",
    "translation.sentences[].paragraph",
    "translation.sentences[].source",
    "translation.sentences[].span",
    "translation.sentences[].text",
    "translation.sentences[].score",
    "translation.sentences[].flags",
    "checks.numbers.kept",
    "checks.numbers.of",
    "checks.dates.kept",
    "checks.dates.of",
    "checks.names.kept",
    "checks.names.of",
    "checks.flagged[].sentence",
    "checks.flagged[].flag",
    "checks.flagged[].detail",
    "checks.replaced[].part",
    "checks.replaced[].text",
    "checks.replaced[].unsupported",
    "checks.replaced[].evidence",
    "checks.unwritten",
    "provenance.tool",
    "provenance.translator.model",
    "provenance.translator.digest",
    "provenance.translator.settings.beam",
    "provenance.translator.settings.numeric",
    "provenance.writer.model",
    "provenance.writer.digest",
];

fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn fixture() -> Value {
    let json = fs::read(repository("tests/fixtures/summary.json")).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn is_valid(summary: &Value) -> bool {
    jsonschema::draft202012::is_valid(&summary_schema(), summary)
}

/// The schema at a path such as `people[].name`, and whether every key on the way is required.
fn follow(path: &str) -> Option<Value> {
    let root = summary_schema();
    let mut at = root.clone();
    for step in path.split('.') {
        let (key, is_list) = match step.strip_suffix("[]") {
            Some(key) => (key, true),
            None => (step, false),
        };
        if !at["required"].as_array()?.contains(&json!(key)) {
            return None;
        }
        at = at["properties"].get(key)?.clone();
        if is_list {
            at = at.get("items")?.clone();
        }
        if let Some(definition) = at.get("$ref") {
            let pointer = definition.as_str()?.strip_prefix('#')?;
            at = root.pointer(pointer)?.clone();
        }
    }
    Some(at)
}

#[test]
fn committed_schema_is_that_of_the_type() {
    let path = repository("schema/summary.schema.json");
    let generated = format!("{:#}\n", summary_schema());
    if env::var_os(RENEW).is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "{} is not the schema of the summary type; if the change of the type is intended, renew it:\n  \
         {RENEW}=1 cargo test --test schema",
        path.display()
    );
}

#[test]
fn schema_is_valid() {
    jsonschema::meta::validate(&summary_schema()).unwrap();
}

#[test]
fn no_key_of_the_contract_is_missing_or_optional() {
    let missing: Vec<_> = CONTRACT
        .iter()
        .filter(|path| follow(path).is_none())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(follow("people[].nickname"), None);
}

#[test]
fn summary_is_accepted_with_and_without_unknown_keys() {
    let mut summary = fixture();
    let schema = summary_schema();
    jsonschema::draft202012::validate(&schema, &summary).unwrap();
    summary["mood"] = json!("cheerful");
    summary["people"][0]["born"] = json!(1970);
    jsonschema::draft202012::validate(&schema, &summary).unwrap();
}

#[test]
fn broken_summary_is_rejected() {
    let breakages: &[(&str, Value)] = &[
        ("/headline", json!(null)),
        ("/source/characters", json!(-1)),
        ("/source/title", json!(7)),
        ("/key_points", json!({})),
        ("/places/0/kind", json!("planet")),
        ("/figures/0/qualifier", json!("more_than")),
        ("/figures/0/value", json!(null)),
        ("/translation/sentences/0/span", json!([0])),
        ("/translation/sentences/0/span", json!([0, 1, 2])),
        ("/translation/sentences/0/flags", json!(["bad"])),
    ];
    for (pointer, value) in breakages {
        let mut summary = fixture();
        *summary.pointer_mut(pointer).unwrap() = value.clone();
        assert!(!is_valid(&summary), "{pointer} = {value}");
    }
}

#[test]
fn missing_key_is_rejected_even_if_null_is_allowed() {
    for (parent, key) in [
        ("", "headline"),
        ("/source", "date"),
        ("/people/0", "role"),
        ("/figures/0", "qualifier"),
        ("/provenance/writer", "digest"),
    ] {
        let mut summary = fixture();
        let parent = summary.pointer_mut(parent).unwrap();
        parent.as_object_mut().unwrap().remove(key).unwrap();
        assert!(!is_valid(&summary), "{key}");
    }
}
