//! What unattended runs rely on: status, pruning, forecasts, logs, upkeep of the cache, and that a
//! run may be killed or stopped at any moment.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{FLOOD, Sandbox, wait_for};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

const LAW: &str =
    "Les députés ont adopté la loi mardi soir à Paris. Le texte entre en vigueur demain.\n";

fn stdout(assert: assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

/// The files that a run writes into `folder`, except for those that differ between two runs.
fn outputs(sandbox: &Sandbox, folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut names = sandbox.names(folder);
    names.retain(|name| name != "run");
    if sandbox.path(folder).join("run").exists() {
        let run = sandbox.names(&format!("{folder}/run")).into_iter();
        names.extend(run.map(|name| format!("run/{name}")));
    }
    names.retain(|name| name != "run/run.json");
    for entry in fs::read_dir(sandbox.path(folder)).expect("the folder was made") {
        let name = entry.expect("readable").file_name();
        let name = name.to_string_lossy();
        assert!(!name.ends_with(".tmp"), "{name} was left");
    }
    let read = |name: String| {
        let bytes = fs::read(sandbox.path(folder).join(&name)).expect("a file");
        (name, bytes)
    };
    names.into_iter().map(read).collect()
}

/// Of [`outputs`] those of articles: of each its JSON, its Markdown and its page.
fn article_outputs(sandbox: &Sandbox, folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut outputs = outputs(sandbox, folder);
    outputs.retain(|(name, _)| {
        let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
        let json = format!("{stem}.json");
        !name.starts_with("run/") && sandbox.path(folder).join(json).exists()
    });
    outputs
}

#[test]
fn status_tells_how_the_last_run_ended_and_what_has_changed() {
    let sandbox = Sandbox::new();
    let status = |code: i32| {
        let status = sandbox
            .precis(&["status", "out", "--json"])
            .assert()
            .code(code);
        serde_json::from_str::<Value>(&stdout(status)).expect("JSON")
    };
    sandbox
        .precis(&["status", "nowhere"])
        .assert()
        .code(1)
        .stderr(contains("nowhere"));
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/loi.txt", LAW);
    sandbox.precis(&["run", "news"]).assert().code(0);
    let state = status(0);
    assert_eq!(state["last"]["articles"]["written"], 2);
    assert_eq!(state["corpus"]["current"], 2);
    assert_eq!(state["running"], false);
    sandbox
        .precis(&["status", "out", "--max-age", "1h"])
        .assert()
        .code(0)
        .stdout(contains("2 written").and(contains("2 as they were")));

    sandbox.write("news/neuf.txt", LAW);
    sandbox.write("news/crue.txt", format!("{FLOOD} Il a plu."));
    fs::remove_file(sandbox.path("news/loi.txt")).expect("removed");
    let state = status(3);
    let corpus = &state["corpus"];
    assert_eq!(
        (&corpus["new"], &corpus["changed"], &corpus["orphaned"]),
        (&1.into(), &1.into(), &1.into())
    );
    // With `--quick`, it does not look at the corpus.
    sandbox
        .precis(&["status", "out", "--quick"])
        .assert()
        .code(0);

    // A run that ended long ago.
    let mut report = sandbox.json("out/run/run.json");
    report["finished"] = "2020-01-01T00:00:00Z".into();
    sandbox.write("out/run/run.json", report.to_string());
    sandbox
        .precis(&["status", "out", "--quick", "--max-age", "2d"])
        .assert()
        .code(1);
}

#[test]
fn status_does_not_depend_on_the_working_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", LAW);
    // Two articles with one name, and one that is not in French.
    sandbox.write("news/a.md", LAW);
    sandbox.write(
        "news/b.txt",
        "The mayor of Lyon said yesterday that three schools will close.\n".repeat(4),
    );
    sandbox.write(
        "news/rows.jsonl",
        "{\"id\":\"r1\",\"body\":\"Il pleut à Brest depuis hier.\"}\n",
    );
    sandbox
        .precis(&["run", "news", "--field-text", "body"])
        .assert()
        .code(3);
    let out = sandbox.path("out");
    let out = out.to_str().expect("UTF-8");
    for folder in ["", "news", "/"] {
        let mut status = sandbox.precis(&["status", out]);
        status.current_dir(sandbox.path(folder));
        let status = status.assert().code(3);
        status.stdout(contains(
            "3 as they were, 0 new, 0 changed, 0 gone, 1 skipped",
        ));
    }
    // An interrupted run does not hide the good one before it.
    let mut report = sandbox.json("out/run/run.json");
    report["status"] = "interrupted".into();
    sandbox.write("out/run/run.json", report.to_string());
    sandbox
        .precis(&["status", "out", "--max-age", "1h"])
        .assert()
        .code(3)
        .stdout(contains("problem: the last run was interrupted"));
    sandbox.write("precis.toml", "out = \"out\"\n");
    sandbox.precis(&["status", "--quick"]).assert().code(3);
}

#[test]
fn missing_corpus_fails() {
    let sandbox = Sandbox::new();
    sandbox.write("news/loi.txt", LAW);
    sandbox.precis(&["run", "news"]).assert().code(0);
    fs::rename(sandbox.path("news"), sandbox.path("elsewhere")).expect("renamed");
    let gone = sandbox.precis(&["status", "out"]).assert().code(1);
    gone.stdout(contains("problem: no article of the corpus is there"));
    let run = sandbox.precis(&["run", "news", "--prune"]).assert().code(1);
    run.stderr(contains("no article in news"));
    fs::create_dir(sandbox.path("news")).expect("a folder");
    sandbox.precis(&["run", "news", "--prune"]).assert().code(1);
    assert!(sandbox.path("out/loi.json").exists());
    let failed = sandbox
        .precis(&["status", "out", "--quick"])
        .assert()
        .code(1);
    failed.stdout(contains("problem: the last run failed").and(contains("error: there is no")));
}

#[test]
fn foreign_files_are_never_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.write("news/loi.md", LAW);
    sandbox.write("news/deep/crue.txt", FLOOD);
    for arguments in [
        &["run", "news", "--out", "news"][..],
        &["run", "news/loi.md", "--out", "news"],
        &["run", "news", "--out", "news/deep"],
    ] {
        let refused = sandbox.precis(arguments).assert().code(1);
        refused.stderr(contains("belongs to the corpus").and(contains("--out")));
    }
    assert_eq!(sandbox.read("news/loi.md"), LAW);
    assert!(!sandbox.path("news/.precis.lock").exists());

    sandbox.write("out/loi.md", "My own notes.");
    sandbox.write("other/run/run.json", "{\"tool\": \"another\"}");
    sandbox
        .precis(&["run", "news"])
        .assert()
        .code(3)
        .stderr(contains("not written by precis").and(contains("--out")));
    assert_eq!(sandbox.read("out/loi.md"), "My own notes.");
    assert!(!sandbox.path("out/loi.json").exists());
    assert!(sandbox.path("out/deep-crue.json").exists());
    sandbox
        .precis(&["run", "news", "--out", "other"])
        .assert()
        .code(1)
        .stderr(contains("other/run/run.json").and(contains("--out")));
}

#[test]
fn files_of_other_types_are_counted_and_skipped_ones_can_be_accepted() {
    let sandbox = Sandbox::new();
    sandbox.write("news/loi.txt", LAW);
    for name in ["a.xml", "b.xml", "c.jpg", "d"] {
        sandbox.write(&format!("news/{name}"), "x");
    }
    let run = sandbox.precis(&["run", "news"]).assert().code(0);
    run.stderr(contains(".jpg 1, .xml 2, no extension 1"));
    assert_eq!(sandbox.json("out/run/run.json")["passed_over"][".xml"], 2);
    sandbox.write("news/rien.txt", "");
    sandbox.precis(&["run", "news"]).assert().code(3);
    sandbox
        .precis(&["run", "news", "--skipped-ok"])
        .assert()
        .code(0);
}

#[test]
fn prune_removes_the_summaries_of_removed_articles() {
    let sandbox = Sandbox::new();
    for name in ["a.txt", "b.txt", "c.txt", "deep/d.txt"] {
        sandbox.write(&format!("news/{name}"), LAW);
    }
    sandbox.write(
        "news/rows.jsonl",
        "{\"id\":\"r1\",\"text\":\"Il pleut à Brest depuis hier.\"}\n{\"id\":\"r2\",\"text\":\"Il neige à Lille depuis lundi.\"}\n",
    );
    sandbox.write("out/mine.json", "{\"source\": {\"path\": \"news/x\"}}");
    sandbox.precis(&["run", "news"]).assert().code(0);
    fs::remove_file(sandbox.path("news/a.txt")).expect("removed");
    sandbox.write(
        "news/rows.jsonl",
        "{\"id\":\"r2\",\"text\":\"Il neige à Lille depuis lundi.\"}\n",
    );
    sandbox
        .precis(&["run", "news"])
        .assert()
        .code(0)
        .stderr(contains("--prune"));
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["orphaned"], 2);
    let plan = sandbox
        .precis(&["run", "news", "--dry-run", "--prune"])
        .assert()
        .code(0);
    plan.stdout(contains("summaries whose articles are gone: 2, to remove"));
    assert!(sandbox.path("out/a.json").exists());

    // The summary of an unreadable article is kept.
    fs::remove_file(sandbox.path("news/c.txt")).expect("removed");
    std::os::unix::fs::symlink("nowhere", sandbox.path("news/c.txt")).expect("a link");
    sandbox.precis(&["run", "news", "--prune"]).assert().code(3);
    let report = sandbox.json("out/run/run.json");
    assert_eq!(report["articles"]["removed"], 2, "{report}");
    for (name, stays) in [
        ("a.json", false),
        ("a.md", false),
        ("r1.json", false),
        ("r2.json", true),
        ("b.json", true),
        ("c.json", true),
        ("deep-d.json", true),
        ("mine.json", true),
    ] {
        assert_eq!(sandbox.path("out").join(name).exists(), stays, "{name}");
    }

    // Nothing is removed if the corpus is missing or only a part of it was seen.
    let prune = |paths: &[&str]| {
        sandbox
            .precis(&[&["run", "--prune"], paths].concat())
            .assert()
            .code(predicate::in_iter([0, 1, 3]));
        sandbox.json("out/run/run.json")["articles"]["removed"].clone()
    };
    fs::create_dir(sandbox.path("empty")).expect("a folder");
    assert_eq!(prune(&["elsewhere"]), 0);
    assert_eq!(prune(&["empty", "news/b.txt"]), 0);
    assert_eq!(
        prune(&["news/b.txt", "news/deep", "--limit", "1", "--force"]),
        0
    );
    // Nor for another corpus, or the same under another name.
    sandbox.write("other/e.txt", FLOOD);
    assert_eq!(prune(&["other"]), 0);
    fs::remove_file(sandbox.path("news/b.txt")).expect("removed");
    let absolute = sandbox.path("news");
    assert_eq!(prune(&[absolute.to_str().expect("UTF-8")]), 0);
    assert_eq!(prune(&["news"]), 1);
    assert!(!sandbox.path("out/b.json").exists());
}

#[test]
fn summaries_of_unreadable_rows_are_kept() {
    let sandbox = Sandbox::new();
    let row = |id: usize| {
        format!("{{\"id\":\"r{id}\",\"text\":\"Il pleut à Brest depuis {id} jours.\"}}\n")
    };
    let rows: String = (2..8).map(row).collect();
    sandbox.write("news/rows.jsonl", &rows);
    sandbox.precis(&["run", "news", "--prune"]).assert().code(0);
    let summaries = || {
        let names = sandbox.names("out").into_iter();
        names.filter(|name| name.ends_with(".json")).count()
    };
    assert_eq!(summaries(), 6);
    // With a bad row, it is not certain which rows are gone.
    let bad = format!("{}{{\"id\":\n{}", row(2), row(5));
    sandbox.write("news/rows.jsonl", bad);
    sandbox.precis(&["run", "news", "--prune"]).assert().code(3);
    assert_eq!(
        sandbox.json("out/run/run.json")["skipped"][0]["path"],
        "news/rows.jsonl#2"
    );
    assert_eq!(summaries(), 6);
    sandbox.write("news/rows.jsonl", format!("{}{}", row(2), row(5)));
    sandbox.precis(&["run", "news", "--prune"]).assert().code(0);
    assert_eq!(summaries(), 2);
}

#[test]
fn unreadable_article_keeps_its_output_name() {
    let sandbox = Sandbox::new();
    sandbox.write("news/x/index.txt", LAW);
    sandbox.write("news/y/index.txt", FLOOD);
    sandbox
        .precis(&["run", "news/x", "news/y"])
        .assert()
        .code(0);
    let before = article_outputs(&sandbox, "out");
    assert_eq!(before.len(), 6);
    // The first of the two is damaged for one run.
    sandbox.write("news/x/index.txt", [0u8; 100]);
    sandbox
        .precis(&["run", "news/x", "news/y", "--prune"])
        .assert()
        .code(3);
    assert!(article_outputs(&sandbox, "out") == before);
}

#[test]
fn since_passes_over_files_changed_before() {
    let sandbox = Sandbox::new();
    let old = sandbox.write("news/old.txt", LAW);
    let changed = |file: &Path| fs::metadata(file).expect("a file").ctime();
    // Times are compared by the second, and by the clock of the file system, which may lag behind.
    let new = sandbox.path("news/new.txt");
    wait_for("a file of the next second", || {
        sandbox.write("news/new.txt", FLOOD);
        changed(&new) > changed(&old)
    });
    let now = jiff::Timestamp::from_second(changed(&new))
        .expect("a time")
        .to_string();
    let since = |when: &str| {
        let arguments = ["run", "news", "--prune", "--since", when];
        sandbox.precis(&arguments).assert()
    };
    since(&now).code(0);
    assert!(sandbox.path("out/new.json").exists());
    assert!(!sandbox.path("out/old.json").exists());
    since("2d").code(0);
    assert!(sandbox.path("out/old.json").exists());
    // The summary of a file that is passed over is kept.
    since(&now).code(0);
    assert!(sandbox.path("out/old.json").exists());
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["found"], 1);
    // A renamed file has changed, although its content keeps its time.
    fs::rename(sandbox.path("news/old.txt"), sandbox.path("news/other.txt")).expect("renamed");
    since(&now).code(0);
    assert!(sandbox.path("out/other.json").exists());
    assert!(!sandbox.path("out/old.json").exists());
    since("lately").code(2).stderr(contains("2d, 36h"));
}

#[test]
fn dry_run_foretells_the_run_and_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/loi.txt", LAW);
    sandbox.write("news/rien.txt", "");
    let plan = sandbox
        .precis(&["run", "news", "--dry-run"])
        .assert()
        .code(3);
    let plan = stdout(plan);
    assert!(plan.contains("articles to do: 2\n"), "{plan}");
    assert!(plan.contains("inputs skipped: 1\n"), "{plan}");
    for estimate in ["time", "disk", "memory"] {
        assert!(plan.contains(&format!("estimated {estimate}: ")), "{plan}");
    }
    assert!(!sandbox.path("out").exists() && !sandbox.path("cache").exists());

    sandbox.precis(&["run", "news"]).assert().code(3);
    let translated = &sandbox.json("out/run/run.json")["work"]["translated"];
    let line = format!("to translate: {translated} sentences");
    assert!(plan.contains(&line), "{plan} {line}");

    sandbox.write("news/crue.txt", format!("{FLOOD} Il a plu."));
    let plan = stdout(
        sandbox
            .precis(&["run", "news", "--dry-run"])
            .assert()
            .code(3),
    );
    for line in [
        "articles to do: 1\n",
        "articles up to date: 1\n",
        "to translate: 1 sentences",
    ] {
        assert!(plan.contains(line), "{plan}");
    }
}

#[test]
fn json_log_has_one_object_per_line() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/rien.txt", "");
    let run = sandbox
        .precis(&["run", "news", "--log-format", "json"])
        .assert()
        .code(3);
    let log = String::from_utf8(run.get_output().stderr.clone()).expect("UTF-8");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    for line in &lines {
        assert!(
            line["time"].is_string() && line["level"].is_string() && line["message"].is_string()
        );
    }
    let event = |name: &str| lines.iter().find(|line| line["event"] == name);
    assert_eq!(event("skipped").expect("an event")["code"], "empty");
    assert_eq!(
        event("finished").expect("an event")["articles"]["written"],
        1
    );
    let wrong = sandbox
        .precis(&["run", "--model", "nowhere", "--log-format", "json"])
        .assert()
        .code(1);
    let log = String::from_utf8(wrong.get_output().stderr.clone()).expect("UTF-8");
    let line: Value = serde_json::from_str(&log).expect("JSON");
    assert_eq!(line["level"], "error");
    assert!(line["hint"].as_str().expect("a hint").contains("--model"));
}

#[test]
fn limited_number_of_reports_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write("news/loi.txt", LAW);
    for _ in 0..4 {
        sandbox
            .precis(&["run", "news", "--keep-reports", "2"])
            .assert()
            .code(0);
    }
    let kept = || {
        fs::read_dir(sandbox.path("out/.precis.runs"))
            .expect("a folder")
            .count()
    };
    assert_eq!(kept(), 2);
    sandbox.precis(&["run", "news"]).assert().code(0);
    assert_eq!(kept(), 3);
}

#[test]
fn article_with_too_many_sentences_is_skipped_with_a_hint() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/loi.txt", LAW);
    sandbox
        .precis(&["run", "news", "--max-sentences", "4"])
        .assert()
        .code(3)
        .stderr(contains("as long as 5 sentences").and(contains("--max-sentences")));
    assert_eq!(
        sandbox.json("out/run/run.json")["skipped"][0]["code"],
        "too_long"
    );
    let summarize = ["summarize", "news/crue.txt", "--max-sentences", "4"];
    let run = sandbox.precis(&summarize).assert().code(1);
    run.stderr(contains("\nhint: ").and(contains("--max-sentences")));
    let status = sandbox.precis(&["status", "out"]).assert().code(3);
    status.stdout(contains("hint: ").and(contains("--max-sentences")));
    assert!(sandbox.path("out/loi.json").exists());
}

#[test]
fn cache_is_trimmed_but_not_during_a_run() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.precis(&["run", "news"]).assert().code(0);
    let gc = |arguments: &[&str]| {
        sandbox
            .precis(&[&["cache", "gc"], arguments].concat())
            .assert()
    };
    gc(&[]).code(2).stderr(contains("--older-than"));
    gc(&["--older-than", "1d"])
        .code(0)
        .stdout(contains("0 of "));

    let lock = File::open(sandbox.path("cache/precis/cache.sqlite.lock")).expect("a file");
    lock.lock_shared().expect("as in a run");
    gc(&["--max-mb", "0"]).code(1).stderr(contains("in use"));
    let arguments = ["cache", "gc", "--max-mb", "0", "--wait", "--verbose"];
    let mut waiting = command(&sandbox, &arguments)
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut messages = BufReader::new(waiting.stderr.take().expect("piped")).lines();
    let message = messages.next().expect("a message").expect("UTF-8");
    assert!(message.contains("waiting"), "{message}");
    assert!(waiting.try_wait().expect("a child").is_none());
    drop(lock);
    assert!(waiting.wait().expect("ended").success());
    gc(&["--max-mb", "1"]).code(0).stdout(contains("0 of 0"));
}

fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
    command
        .current_dir(sandbox.path(""))
        .env("XDG_CACHE_HOME", sandbox.path("cache"))
        .env("PRECIS_BEAM", "1")
        .env("PRECIS_MODEL", "fr-en-tiny")
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Pseudorandom numbers, the same each time.
fn random(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn run_can_be_killed_at_any_moment() {
    const KILLS: usize = 50;
    let sandbox = Sandbox::new();
    sandbox.write_floods(40);
    let run = |out: &str, cache: &str| {
        let options = ["--out", out, "--cache", cache, "--workers", "2"];
        command(&sandbox, &[&["run", "news"], &options[..]].concat())
    };
    let clock = Instant::now();
    let undisturbed = run("undisturbed", "undisturbed.sqlite").status();
    assert!(undisturbed.expect("ran").success());
    let whole = clock.elapsed().as_millis() as u64;
    let expected = outputs(&sandbox, "undisturbed");
    let (mut seed, mut killed, mut series) = (6, 0, 0);
    while killed < KILLS {
        series += 1;
        let (out, cache) = (format!("out{series}"), format!("{series}.sqlite"));
        // Restarted until it ends before it is killed.
        loop {
            let mut child = run(&out, &cache).spawn().expect("started");
            std::thread::sleep(Duration::from_millis(random(&mut seed) % whole));
            if child.try_wait().expect("a child").is_some() {
                break;
            }
            child.kill().expect("killed");
            child.wait().expect("ended");
            killed += 1;
        }
        assert!(run(&out, &cache).status().expect("ran").success(), "{out}");
        assert!(outputs(&sandbox, &out) == expected, "{out} differs");
        let reports = fs::read_dir(sandbox.path(&out).join(".precis.runs"));
        let mut reports = reports
            .expect("a folder")
            .map(|entry| entry.expect("readable").path());
        // Reports, and what each brought.
        assert!(reports.all(|path| {
            let extension = path.extension().unwrap_or_default();
            let is_beside = extension == "changes" && path.with_extension("json").exists();
            extension == "json" || is_beside
        }));
        sandbox
            .precis(&["cache", "verify", "--cache", &cache])
            .assert()
            .code(0)
            .stdout(contains("0 damaged"));
    }
    let status = sandbox.precis(&["status", "out1"]).assert().code(0);
    status.stdout(contains("killed").not());
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn status_reports_running_and_killed_runs() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(100);
    let mut child = command(&sandbox, &["run", "news"])
        .spawn()
        .expect("started");
    let lock = sandbox.path("out/.precis.lock");
    wait_for("a signed lock", || {
        fs::read(&lock).is_ok_and(|content| !content.is_empty())
    });
    sandbox
        .precis(&["status", "out"])
        .assert()
        .code(0)
        .stdout(contains("running: process"));
    child.kill().expect("killed");
    child.wait().expect("ended");
    let status = sandbox.precis(&["status", "out"]).assert().code(1);
    status.stdout(contains("killed: process"));
}

/// Starts a run of many articles and waits for its first summary.
fn start_long_run(sandbox: &Sandbox, out: &str) -> Child {
    let arguments = ["run", "news", "--out", out, "--workers", "1", "--no-cache"];
    let child = command(sandbox, &arguments).spawn().expect("started");
    wait_for("a summary", || sandbox.path(out).join("0.json").exists());
    child
}

#[test]
fn interrupted_run_writes_complete_summaries_and_ends_soon() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(300);
    sandbox
        .precis(&["run", "news", "--out", "undisturbed", "--no-cache"])
        .assert()
        .code(0);
    let expected = outputs(&sandbox, "undisturbed");
    for (name, out, wait) in [
        ("-INT", "int", 0),
        ("-TERM", "term", 120),
        ("-HUP", "hup", 240),
    ] {
        let mut child = start_long_run(&sandbox, out);
        std::thread::sleep(Duration::from_millis(wait));
        let clock = Instant::now();
        signal(&child, name);
        assert_eq!(child.wait().expect("ended").code(), Some(130), "{name}");
        assert!(clock.elapsed() < Duration::from_secs(5));
        let report = sandbox.json(&format!("{out}/run/run.json"));
        assert_eq!(report["status"], "interrupted");
        let written = outputs(&sandbox, out);
        assert!(!written.is_empty() && written.len() < expected.len());
        // Of each its JSON, its Markdown and its page.
        assert_eq!(report["articles"]["written"], written.len() / 3);
        for output in &written {
            assert!(expected.contains(output), "{name}: {} differs", output.0);
        }
    }
    sandbox
        .precis(&["run", "news", "--out", "term", "--no-cache"])
        .assert()
        .code(0);
    assert!(outputs(&sandbox, "term") == expected);
    // A second signal ends the run at once.
    let mut child = start_long_run(&sandbox, "twice");
    signal(&child, "-INT");
    signal(&child, "-INT");
    let code = child.wait().expect("ended").code();
    assert!(code.is_none_or(|code| code == 130));
}

#[test]
fn closed_pipe_is_not_a_failure() {
    let sandbox = Sandbox::new();
    let lines = LAW.repeat(3000);
    sandbox.write("lines.txt", lines);
    let mut child = command(&sandbox, &["translate", "--no-split", "--no-cache"])
        .stdin(File::open(sandbox.path("lines.txt")).expect("a file"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{:?}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn four_runs_share_a_cache() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(40);
    let run = |out: &str| {
        let arguments = [
            "run",
            "news",
            "--out",
            out,
            "--cache",
            "shared.sqlite",
            "--workers",
            "1",
        ];
        command(&sandbox, &arguments)
    };
    let outs = ["a", "b", "c", "d"];
    let children: Vec<Child> = outs.map(|out| run(out).spawn().expect("started")).into();
    for mut child in children {
        assert!(child.wait().expect("ended").success());
    }
    let expected = outputs(&sandbox, "a");
    assert_eq!(article_outputs(&sandbox, "a").len(), 3 * 40);
    for out in &outs[1..] {
        assert!(outputs(&sandbox, out) == expected, "{out} differs");
    }
    sandbox
        .precis(&["cache", "verify", "--cache", "shared.sqlite"])
        .assert()
        .code(0)
        .stdout(contains("0 damaged"));
    assert!(run("e").status().expect("ran").success());
    assert_eq!(sandbox.json("e/run/run.json")["work"]["translated"], 0);
}

#[test]
fn second_run_into_a_locked_folder_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(200);
    let mut child = start_long_run(&sandbox, "out");
    sandbox
        .precis(&["run", "news"])
        .assert()
        .code(4)
        .stderr(contains(format!("process {}", child.id())));
    child.kill().expect("killed");
    child.wait().expect("ended");
}

/// The arguments of `precis` in a shipped file: on one line or, in YAML, as a list with one
/// argument per line.
fn scheduled(file: &str) -> Vec<String> {
    let text = fs::read_to_string(crate::common::repository().join("scripts").join(file));
    let text = text.expect("it is shipped");
    let mut lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    if file.ends_with(".yaml") {
        let list = lines.skip_while(|line| line.trim() != "args:").skip(1);
        let words = list.map_while(|line| line.trim().strip_prefix("- "));
        return words.map(str::to_owned).collect();
    }
    let command = lines.find_map(|line| line.split_once("precis run "));
    let (_, options) = command.expect("a command");
    let words = options.split_whitespace().map(str::to_owned);
    std::iter::once("run".to_owned()).chain(words).collect()
}

#[test]
fn shipped_scheduler_files_have_valid_arguments() {
    let sandbox = Sandbox::new();
    for file in [
        "systemd/precis.service",
        "systemd/precis@.service",
        "crontab",
        "kubernetes/cronjob.yaml",
    ] {
        let words = scheduled(file);
        assert_eq!(words[0], "run", "{file}: {words:?}");
        assert!(words.contains(&"--prune".to_owned()), "{file}: {words:?}");
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if file.contains('@') {
            sandbox.write("options.toml", "paths = [\"news\"]\n");
            let config = words.iter_mut().find(|it| it.ends_with("%i.toml"));
            *config.expect("an options file") = "options.toml";
        }
        // All arguments before it are parsed first.
        words.push("--help");
        sandbox.precis(&words).assert().code(0);
        words.insert(1, "--no-such-option");
        sandbox.precis(&words).assert().code(2);
    }
}
