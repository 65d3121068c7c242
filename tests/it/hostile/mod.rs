//! In a corpus of hostile files, only the bad ones are skipped.

mod files;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::common::{FLOOD, Sandbox};
use files::Fate;
use serde_json::Value;

#[test]
fn hostile_files_cost_only_themselves() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("news");
    let fates = files::write(&folder);
    assert!(fates.len() >= 60);
    for n in 0..5 {
        sandbox.write(
            &format!("news/good-{n}.txt"),
            format!("{FLOOD} Il y a {n} blessés."),
        );
    }
    let clock = Instant::now();
    sandbox.precis(&["run", "news"]).assert().code(3);
    assert!(
        clock.elapsed() < Duration::from_secs(150),
        "{:?}",
        clock.elapsed()
    );

    let report = sandbox.json("out/run/run.json");
    check_report(&report);
    let written = summaries_by_source(&sandbox);
    assert_eq!(report["articles"]["written"], written.len());
    check_fates(&fates, &report, &written);
    for n in 0..5 {
        assert!(sandbox.path(&format!("out/good-{n}.json")).exists());
    }
    // Good rows are read, however bad their neighbours are.
    let rows = written
        .keys()
        .filter(|path| path.starts_with("news/rows.jsonl#"))
        .count();
    assert!(rows >= 20, "{rows}");
    assert!(
        written
            .keys()
            .any(|path| path.starts_with("news/huge-row.jsonl#2"))
    );
    check_that_nothing_is_written_elsewhere(&sandbox);

    // A second run has nothing to do.
    sandbox.precis(&["run", "news"]).assert().code(3);
    let again = sandbox.json("out/run/run.json");
    assert_eq!(again["articles"]["written"], 0);
    assert_eq!(
        again["articles"]["unchanged"],
        report["articles"]["written"]
    );
}

/// The run ended well within its memory, and each article is accounted for.
fn check_report(report: &Value) {
    assert_eq!(report["status"], "done");
    let peak = report["peak_memory_bytes"].as_u64().unwrap_or(0);
    assert!(peak < 700 << 20, "{peak} bytes of memory");
    let articles = &report["articles"];
    let count = |key: &str| articles[key].as_u64().expect("a number");
    assert_eq!(
        count("found"),
        count("written") + count("skipped"),
        "{articles}"
    );
    for skipped in report["skipped"].as_array().expect("a list") {
        assert!(
            skipped["reason"]
                .as_str()
                .is_some_and(|reason| reason.len() > 5),
            "{skipped}"
        );
        assert_ne!(skipped["code"], "internal_error", "{skipped}");
    }
}

/// The file name of each summary, by the path of its source.
fn summaries_by_source(sandbox: &Sandbox) -> HashMap<String, String> {
    let mut written: HashMap<String, String> = HashMap::new();
    for name in sandbox.names("out") {
        if name.ends_with(".json") {
            let summary = sandbox.json(&format!("out/{name}"));
            let path = summary["source"]["path"].as_str().expect("text").to_owned();
            assert_eq!(written.insert(path, name), None);
        }
    }
    written
}

fn check_fates(fates: &[(String, Fate)], report: &Value, written: &HashMap<String, String>) {
    let code_of: HashMap<&str, &str> = report["skipped"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|skipped| {
            (
                skipped["path"].as_str().expect("text"),
                skipped["code"].as_str().expect("text"),
            )
        })
        .collect();
    for (name, fate) in fates {
        let path = format!("news/{name}");
        let code = code_of.get(path.as_str()).copied();
        let is_collection = name.contains(".jsonl");
        let has_summary = written.contains_key(&path);
        match fate {
            Fate::Written => assert!(has_summary, "{name}: {code:?}"),
            Fate::Skipped(expected) => assert_eq!(code, Some(*expected), "{name}"),
            Fate::Hidden => assert!(!has_summary && code.is_none(), "{name}: {code:?}"),
            Fate::Either if is_collection => {}
            Fate::Either => assert!(has_summary != code.is_some(), "{name}: {code:?}"),
        }
    }
    for (path, code) in [
        ("news/pipe.txt", "not_a_file"),
        ("news/zero.txt", "not_a_file"),
        ("news/loop", "link_loop"),
    ] {
        assert_eq!(code_of.get(path), Some(&code), "{path}");
    }
}

fn check_that_nothing_is_written_elsewhere(sandbox: &Sandbox) {
    let around: Vec<String> = std::fs::read_dir(sandbox.path(""))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    assert!(
        around
            .iter()
            .all(|name| ["news", "out", "cache"].contains(&name.as_str())),
        "{around:?}"
    );
}
