//! A corpus in parts: shards and what merges them again.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};

use crate::common::{FLOOD, Sandbox, wait_for};

const SHARDS: usize = 4;

/// A corpus with all that may go wrong between shards: names that collide, records without ids and
/// without texts, files that cannot be read, articles in another language.
fn write_corpus(sandbox: &Sandbox) {
    sandbox.write_floods(12);
    for name in [
        "news/3.md",
        "news/a/3.txt",
        "news/a-3.html",
        "news/dix.html",
        "news/Dix.txt",
    ] {
        let text = FLOOD.replace("Loire", name);
        sandbox.write(name, text.replace('«', "&laquo;"));
    }
    let rows = (0..20).map(|n| match n {
        4 => "no JSON\n".to_owned(),
        5 => "{\"id\": \"empty\", \"text\": \"\"}\n".to_owned(),
        6 => format!(
            "{}\n",
            json!({"text": format!("Il pleut à Brest depuis {n} jours.")})
        ),
        // The same id as another record, and as a file.
        7 | 8 => format!(
            "{}\n",
            json!({"id": "7", "text": format!("Il neige depuis {n} jours.")})
        ),
        n => format!(
            "{}\n",
            json!({"id": format!("r{n}"), "text": format!("Il pleut depuis {n} jours.")})
        ),
    });
    sandbox.write("news/rows.jsonl", rows.collect::<String>());
    let english = "The mayor of Lyon said yesterday that three schools will close. ";
    sandbox.write("news/english.txt", english.repeat(5));
    sandbox.write("news/binary.txt", b"a\0b\0");
    sandbox.write("news/report.pdf", b"%PDF");
    sandbox.write("news/picture.jpg", b"");
    std::os::unix::fs::symlink("nowhere", sandbox.path("news/gone.txt")).expect("a link");
}

/// The files in `folder`, except for those that differ between two runs.
fn outputs(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut outputs = Vec::new();
    for part in ["", "run"] {
        for entry in fs::read_dir(folder.join(part)).expect("a folder") {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a name").to_str().expect("UTF-8");
            if path.is_file() && !matches!(name, "run.json" | ".precis.lock") {
                outputs.push((format!("{part}/{name}"), fs::read(&path).expect("a file")));
            }
        }
    }
    outputs.sort();
    outputs
}

#[track_caller]
fn assert_same(some: &[(String, Vec<u8>)], others: &[(String, Vec<u8>)]) {
    let name = |output: &(String, Vec<u8>)| output.0.clone();
    let differing = some.iter().filter(|output| !others.contains(output));
    let missing = others.iter().filter(|output| !some.contains(output));
    let differing: Vec<String> = differing.chain(missing).map(name).collect();
    assert_eq!(differing, [""; 0]);
}

/// What of a report does not depend on speed and on how often a sentence was translated.
fn lasting(mut report: Value) -> Value {
    let fields = report.as_object_mut().expect("an object");
    for name in [
        "run",
        "started",
        "finished",
        "seconds",
        "workers",
        "work",
        "peak_memory_bytes",
    ] {
        fields.shift_remove(name).expect(name);
    }
    report
}

fn run_shards(sandbox: &Sandbox) -> Vec<String> {
    let shard = |n: usize| {
        let (shard, out) = (format!("{n}/{SHARDS}"), format!("parts/{n}"));
        let run = [
            "run",
            "news",
            "--shard",
            &shard,
            "--out",
            &out,
            "--skipped-ok",
        ];
        sandbox.precis(&run).assert().code(0);
        out
    };
    // Counted from 1.
    (1..=SHARDS).map(shard).collect()
}

fn merge(sandbox: &Sandbox, parts: &[String], more: &[&str]) -> assert_cmd::assert::Assert {
    let mut arguments = vec!["merge"];
    arguments.extend(parts.iter().map(String::as_str));
    arguments.extend(more);
    sandbox.precis(&arguments).assert()
}

#[test]
fn shards_together_are_one_run_byte_for_byte() {
    let sandbox = Sandbox::new();
    write_corpus(&sandbox);
    sandbox.write("names.tsv", "Loire\tRiver Loire\n");
    sandbox.write("precis.toml", "glossary = \"names.tsv\"\n");
    sandbox
        .precis(&["run", "news", "--out", "one"])
        .assert()
        .code(3);
    let parts = run_shards(&sandbox);
    let jsonl = sandbox.path("all.jsonl");
    let jsonl = jsonl.to_str().expect("UTF-8");
    merge(&sandbox, &parts, &["--into", "all", "--jsonl", jsonl]).code(0);

    let one = outputs(&sandbox.path("one"));
    let names = |outputs: &[(String, Vec<u8>)]| -> Vec<String> {
        outputs.iter().map(|(name, _)| name.clone()).collect()
    };
    let all = outputs(&sandbox.path("all"));
    assert_eq!(names(&one), names(&all));
    assert_same(&one, &all);
    assert!(one.len() > 60, "{} files", one.len());
    let (report, merged) = (
        sandbox.json("one/run/run.json"),
        sandbox.json("all/run/run.json"),
    );
    assert_eq!(lasting(report), lasting(merged));
    // Every shard has a part of the articles and of the skipped inputs.
    for part in &parts {
        let articles = &sandbox.json(&format!("{part}/run/run.json"))["articles"];
        let written = articles["written"].as_u64().expect("a number");
        assert!((2..20).contains(&written), "{articles}");
    }

    let lines = sandbox.read("all.jsonl");
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let summaries: Vec<Value> = (one.iter())
        .filter(|(name, _)| name.starts_with('/') && name.ends_with(".json"))
        .map(|(_, bytes)| serde_json::from_slice(bytes).expect("JSON"))
        .collect();
    let ids = |summaries: &[Value]| -> Vec<String> {
        summaries.iter().map(|it| it["id"].to_string()).collect()
    };
    let mut by_id = summaries.clone();
    by_id.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
    assert_eq!(ids(&lines), ids(&by_id));
    assert!(lines == by_id);

    // Nothing is left to do, for the shards and for the merge; status knows both.
    run_shards(&sandbox);
    for (folder, summaries) in parts.iter().map(String::as_str).chain(["all"]).zip(1..) {
        let status = sandbox
            .precis(&["status", folder, "--json"])
            .assert()
            .code(3);
        let status: Value = serde_json::from_slice(&status.get_output().stdout).expect("JSON");
        let corpus = &status["corpus"];
        assert_eq!(
            (&corpus["new"], &corpus["changed"], &corpus["orphaned"]),
            (&json!(0), &json!(0), &json!(0)),
            "{folder} {summaries}: {corpus}"
        );
        let plan = match status["last"]["shard"].as_str() {
            Some(shard) => sandbox.precis(&[
                "run",
                "news",
                "--out",
                folder,
                "--dry-run",
                "--shard",
                shard,
            ]),
            None => sandbox.precis(&["run", "news", "--out", folder, "--dry-run"]),
        }
        .assert();
        plan.stdout(contains("articles to do: 0\n"));
    }
    merge(&sandbox, &parts, &["--into", "all"]).code(0);
    assert!(outputs(&sandbox.path("all")) == one);
}

#[test]
fn merge_follows_what_has_changed() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(6);
    let parts = run_shards(&sandbox);
    merge(&sandbox, &parts, &["--into", "all"]).code(0);
    fs::remove_file(sandbox.path("news/2.txt")).expect("removed");
    sandbox.write("news/3.txt", "Il pleut à Brest depuis hier.");
    for n in 0..SHARDS {
        let (shard, out) = (
            format!("{n}/{SHARDS}"),
            parts[(n + SHARDS - 1) % SHARDS].clone(),
        );
        let run = ["run", "news", "--shard", &shard, "--out", &out, "--prune"];
        sandbox.precis(&run).assert().code(0);
    }
    merge(&sandbox, &parts, &["--into", "all"]).code(0);
    assert!(sandbox.path("all/2.json").exists());
    merge(&sandbox, &parts, &["--into", "all", "--prune"]).code(0);
    assert!(!sandbox.path("all/2.json").exists() && !sandbox.path("all/2.md").exists());
    sandbox
        .precis(&["run", "news", "--out", "one"])
        .assert()
        .code(0);
    // For a new folder nothing has changed.
    let lasting = |folder: &str| {
        let mut outputs = outputs(&sandbox.path(folder));
        let of_changes = ["/index.html", "/index-data-0.js", "run/changes.json"];
        outputs.retain(|(name, _)| !of_changes.contains(&name.as_str()));
        outputs
    };
    assert_same(&lasting("all"), &lasting("one"));
    let changes = sandbox.json("all/run/changes.json");
    assert_eq!(
        changes["removed"].as_array().map(Vec::len),
        Some(1),
        "{changes}"
    );
    // What is in the merged folder is not changed by a later run of a shard before the next merge.
    let before = outputs(&sandbox.path("all"));
    sandbox.write("news/4.txt", "Il neige à Lille depuis lundi.");
    run_shards(&sandbox);
    assert!(outputs(&sandbox.path("all")) == before);
}

#[test]
fn what_does_not_belong_together_is_not_merged() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(6);
    sandbox.write("more/neige.txt", "Il neige à Lille depuis lundi.");
    let parts = run_shards(&sandbox);
    let refused = |parts: &[String], message: &str| {
        let refused = merge(&sandbox, parts, &["--into", "all"]).code(1);
        refused.stderr(contains(message));
    };
    refused(&parts[1..3], "of 4 shards these are missing: 0, 1");
    refused(&[&parts[..], &parts[..1]].concat(), "and so is");
    refused(
        &[parts[0].clone(), "news".to_owned()],
        "no run has ended in it",
    );
    merge(&sandbox, &parts[1..3], &["--into", "some", "--partial"]).code(0);
    merge(&sandbox, &parts, &[])
        .code(2)
        .stderr(contains("--into DIR"));
    merge(&sandbox, &parts, &["--into", &parts[0]])
        .code(1)
        .stderr(contains("choose another"));

    sandbox.write("mine/run/run.json", "{}");
    let mine = merge(&sandbox, &parts, &["--into", "mine"]).code(1);
    mine.stderr(contains("not written by precis"));

    let other = |name: &str, arguments: &[&str]| {
        let run = [&["run", "--out", name, "--no-cache"], arguments].concat();
        sandbox.precis(&run).assert().code(0);
        name.to_owned()
    };
    let three = other("three", &["news", "--shard", "1/3"]);
    refused(&[parts[0].clone(), three], "another number of shards");
    let beams = other("beams", &["news", "--shard", "0/4", "--beam", "2"]);
    refused(&[parts[0].clone(), beams], "another number of beams");
    // A shard's folder stays that shard's.
    for shard in [&["--shard", "2/4"][..], &["--shard", "1/8"], &[]] {
        let run = [&["run", "news", "--out", &parts[0]], shard].concat();
        let refused = sandbox.precis(&run).assert().code(1);
        refused.stderr(contains("holds shard 1/4, not").and(contains("--out")));
    }
    // Runs over several corpora are merged too.
    let whole = [other("out-news", &["news"]), other("out-more", &["more"])];
    merge(&sandbox, &whole, &["--into", "both"]).code(0);
    let report = sandbox.json("both/run/run.json");
    assert_eq!(report["articles"]["written"], 7);
    assert_eq!(report["paths"], json!(["news", "more"]));
    // Two summaries of one name are no accident to pass over.
    sandbox.write("again/neige.txt", "Il neige à Brest depuis mardi.");
    let again = [whole[1].clone(), other("out-again", &["again"])];
    merge(&sandbox, &again, &["--jsonl", "-"])
        .code(1)
        .stderr(contains("another summary `neige`"));
}

#[test]
fn shard_can_be_killed_and_started_again() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(24);
    sandbox
        .precis(&["run", "news", "--out", "one"])
        .assert()
        .code(0);
    let mut parts = Vec::new();
    for n in 0..2 {
        let (shard, out) = (format!("{n}/2"), format!("parts/{n}"));
        let run = |signal: Option<&str>| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
            command
                .current_dir(sandbox.path(""))
                .env("PRECIS_BEAM", "1")
                .env("PRECIS_MODEL", "fr-en-tiny")
                .args([
                    "run",
                    "news",
                    "--no-cache",
                    "--workers",
                    "1",
                    "--shard",
                    &shard,
                    "--out",
                    &out,
                ])
                .stderr(Stdio::null());
            let mut child = command.spawn().expect("started");
            if let Some(signal) = signal {
                wait_for("it has begun", || {
                    sandbox.path(&out).join(".precis.lock").exists()
                });
                let pid = child.id().to_string();
                let _ = Command::new("kill").args([signal, &pid]).status();
            }
            child.wait().expect("ended").code()
        };
        assert_eq!(run(Some("-KILL")), None);
        // It may end before the signal, or before it is ready for one.
        run(Some("-TERM"));
        assert_eq!(run(None), Some(0));
        parts.push(out);
    }
    merge(&sandbox, &parts, &["--into", "all"]).code(0);
    assert_same(
        &outputs(&sandbox.path("all")),
        &outputs(&sandbox.path("one")),
    );
}

#[test]
fn engines_name_the_shard() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(4);
    let shard = |variables: &[(&str, &str)], out: &str| {
        let run = ["run", "news", "--shard", "auto", "--out", out];
        sandbox
            .precis(&run)
            .envs(variables.iter().copied())
            .assert()
    };
    shard(
        &[("JOB_COMPLETION_INDEX", "1"), ("PRECIS_SHARDS", "2")],
        "k",
    )
    .code(0);
    assert_eq!(sandbox.json("k/run/run.json")["shard"], "1/2");
    let array = [
        ("SLURM_ARRAY_TASK_ID", "3"),
        ("SLURM_ARRAY_TASK_MIN", "0"),
        ("SLURM_ARRAY_TASK_MAX", "7"),
        ("SLURM_ARRAY_TASK_COUNT", "8"),
    ];
    shard(&array, "s").code(0);
    assert_eq!(sandbox.json("s/run/run.json")["shard"], "3/8");
    shard(&[], "n")
        .code(1)
        .stderr(contains("JOB_COMPLETION_INDEX"));
    for wrong in ["4", "5/4", "x/4"] {
        let run = ["run", "news", "--shard", wrong];
        sandbox.precis(&run).assert().code(2);
    }
}

#[test]
fn caches_are_merged() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(8);
    for shard in ["0/2", "1/2"] {
        let name = &shard[..1];
        let cache = format!("{name}.sqlite");
        let run = [
            "run", "news", "--shard", shard, "--out", name, "--cache", &cache,
        ];
        sandbox.precis(&run).assert().code(0);
    }
    let merge = [
        "cache",
        "merge",
        "0.sqlite",
        "1.sqlite",
        "--cache",
        "all.sqlite",
    ];
    let merged = sandbox.precis(&merge).assert().code(0);
    merged.stdout(contains("1.sqlite: ").and(contains(" 0 damaged")));
    sandbox
        .precis(&["cache", "verify", "--cache", "all.sqlite"])
        .assert()
        .code(0);
    let run = ["run", "news", "--out", "again", "--cache", "all.sqlite"];
    sandbox.precis(&run).assert().code(0);
    let work = &sandbox.json("again/run/run.json")["work"];
    assert_eq!(work["translated"], 0, "{work}");
    sandbox
        .precis(&["cache", "merge", "none.sqlite", "--cache", "all.sqlite"])
        .assert()
        .code(1);
}
