//! A run over the example corpus: every output is valid, nothing is lost, and every statement
//! refers to sentences that exist.

use std::path::{Path, PathBuf};

use crate::common::{Sandbox, repository};
use serde_json::Value;

/// Names an output folder to check instead of one that the test makes. `.ci/run` uses it to check
/// what the first command of the README wrote.
const OUTPUTS: &str = "PRECIS_TEST_OUTPUTS";

fn summaries(folder: &Path) -> Vec<(PathBuf, Value)> {
    let entries = std::fs::read_dir(folder).expect("the run made the folder");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).expect("readable");
            let json = serde_json::from_slice(&bytes).expect("valid JSON");
            (path, json)
        })
        .collect()
}

/// Collects the sentence ids anywhere below `value`.
fn evidence(value: &Value, found: &mut Vec<u64>) {
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                match (key.as_str(), value) {
                    ("sentence", id) => found.extend(id.as_u64()),
                    ("sentences" | "evidence", Value::Array(ids)) => {
                        found.extend(ids.iter().filter_map(Value::as_u64));
                    }
                    _ => {}
                }
                evidence(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| evidence(value, found)),
        _ => {}
    }
}

#[test]
fn every_article_of_the_example_corpus_gets_a_valid_summary() {
    let sandbox = Sandbox::new();
    let folder = std::env::var_os(OUTPUTS)
        .map(PathBuf::from)
        .unwrap_or_else(|| {
            let corpus = repository().join("corpus").display().to_string();
            sandbox.precis(&["run", &corpus]).assert().code(0);
            sandbox.path("out")
        });
    let schema = std::fs::read(repository().join("schema/summary.schema.json")).expect("committed");
    let schema: Value = serde_json::from_slice(&schema).expect("valid JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");

    let summaries = summaries(&folder);
    assert_eq!(summaries.len(), 14, "articles of corpus/");
    for (path, summary) in &summaries {
        let path = path.display();
        if let Some(error) = validator.iter_errors(summary).next() {
            panic!("{path}: {error} at {}", error.instance_path());
        }
        let count = summary["translation"]["sentences"]
            .as_array()
            .expect("a list")
            .len() as u64;
        let mut ids = Vec::new();
        evidence(summary, &mut ids);
        assert!(
            ids.iter().all(|id| *id < count),
            "{path}: evidence outside of the article"
        );
        assert!(
            !summary["headline"].as_str().expect("text").is_empty(),
            "{path}"
        );
        let text = summary["abstract"]["text"].as_str().expect("text");
        assert!(!text.is_empty(), "{path}: no abstract");
        // An extract says nothing that its evidence does not say.
        for id in summary["abstract"]["evidence"].as_array().expect("a list") {
            let id = id.as_u64().expect("an id") as usize;
            let sentence = summary["translation"]["sentences"][id]["text"]
                .as_str()
                .expect("text");
            // Without its dateline, and the mark that joins a point of a list to the next.
            let (_, said) = sentence.rsplit_once(" - ").unwrap_or_default();
            let said = if said.is_empty() { sentence } else { said };
            let said = said.trim_end_matches([';', ',']).to_lowercase();
            assert!(
                text.to_lowercase().contains(&said),
                "{path}: sentence {id} is not in the abstract"
            );
        }
    }
}
