//! What a run does if system calls fail, at each fault point (`src/fault.rs`):
//! `cargo test --features faults --test faults`.

#![cfg(unix)]

#[path = "it/common/mod.rs"]
mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::{Sandbox, copy_model, wait_for};
use serde_json::Value;

const NO_SPACE: i32 = 28;
const TOO_MANY_FILES: i32 = 24;
const IO: i32 = 5;
const NOT_PERMITTED: i32 = 13;

const ARTICLES: usize = 12;

struct Ended {
    code: Option<i32>,
    stderr: String,
}

struct Run<'a> {
    sandbox: &'a Sandbox,
    name: String,
}

impl<'a> Run<'a> {
    fn new(sandbox: &'a Sandbox, name: impl Into<String>) -> Self {
        Self {
            sandbox,
            name: name.into(),
        }
    }

    fn command(&self, faults: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
        command
            .current_dir(self.sandbox.path(""))
            .env("PRECIS_BEAM", "1")
            .env("PRECIS_MODEL", "fr-en-tiny")
            .env("FAILPOINTS", faults)
            .args([
                "run",
                "news",
                "--model",
                "model",
                "--workers",
                "2",
                "--out",
                &self.name,
            ])
            .args(["--cache", &format!("{}.sqlite", self.name)])
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, faults: &str) -> Ended {
        let output = self.command(faults).output().expect("started");
        Ended {
            code: output.status.code(),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    fn report(&self) -> Value {
        self.sandbox.json(&format!("{}/run/run.json", self.name))
    }

    /// The files of articles. Panics if there are temporary files.
    fn outputs(&self) -> Vec<(String, Vec<u8>)> {
        let folder = self.sandbox.path(&self.name);
        let mut outputs = Vec::new();
        for entry in fs::read_dir(&folder).expect("the folder was made") {
            let name = entry.expect("readable").file_name();
            let name = name.into_string().expect("UTF-8");
            match name.as_str() {
                "run" | ".precis.lock" | ".precis.runs" | ".precis.night" => {}
                name if name.starts_with('.') => panic!("{}: {name} was left", self.name),
                // Those of all articles together depend on which night brought what.
                name if !name.starts_with(|c: char| c.is_ascii_digit()) => {}
                _ => outputs.push((name.clone(), fs::read(folder.join(&name)).expect("a file"))),
            }
        }
        outputs.sort();
        outputs
    }

    /// Runs again without faults and asserts that the result is as if there had been none.
    fn recovers(&self, expected: &[(String, Vec<u8>)]) {
        let again = self.run("");
        assert_eq!(again.code, Some(0), "{}: {}", self.name, again.stderr);
        assert!(self.outputs() == expected, "{} differs", self.name);
        self.sandbox
            .precis(&[
                "cache",
                "verify",
                "--cache",
                &format!("{}.sqlite", self.name),
            ])
            .assert()
            .code(0);
    }
}

/// A corpus and a model, and the outputs of an undisturbed run.
fn set_up() -> (Sandbox, Vec<(String, Vec<u8>)>) {
    let sandbox = Sandbox::new();
    copy_model(&sandbox.path("model"));
    sandbox.write_floods(ARTICLES);
    let undisturbed = Run::new(&sandbox, "undisturbed");
    let ended = undisturbed.run("");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let expected = undisturbed.outputs();
    assert_eq!(expected.len(), 3 * ARTICLES);
    (sandbox, expected)
}

#[test]
fn run_goes_on_without_a_failing_cache() {
    let (sandbox, expected) = set_up();
    for point in ["cache-read", "cache-write", "cache-commit"] {
        for error in [NO_SPACE, IO, NOT_PERMITTED] {
            let run = Run::new(&sandbox, format!("{point}-{error}"));
            let ended = run.run(&format!("{point}=return({error})"));
            assert_eq!(ended.code, Some(0), "{point} {error}: {}", ended.stderr);
            assert!(
                ended.stderr.contains("goes on without it"),
                "{}",
                ended.stderr
            );
            assert_eq!(
                ended.stderr.matches("warning:").count(),
                1,
                "{}",
                ended.stderr
            );
            assert!(run.outputs() == expected, "{point} {error}");
            run.recovers(&expected);
        }
    }
}

#[test]
fn unwritable_output_ends_the_run_with_a_hint_and_loses_nothing_else() {
    let (sandbox, expected) = set_up();
    let points = ["create", "write", "sync", "rename", "sync-folder"];
    for point in points.map(|point| format!("output-{point}")) {
        for error in [NO_SPACE, TOO_MANY_FILES, IO] {
            // From the fifth write on, or only the fifth.
            for times in ["", "1*"] {
                let run = Run::new(&sandbox, format!("{point}-{error}-{}", times.len()));
                let ended = run.run(&format!("{point}=4*off->{times}return({error})"));
                assert_eq!(ended.code, Some(1), "{point}: {}", ended.stderr);
                let lines: Vec<&str> = ended.stderr.lines().collect();
                let [.., message, hint] = &lines[..] else {
                    panic!("{point}: {}", ended.stderr);
                };
                assert!(message.contains("cannot write"), "{message}");
                assert!(hint.contains("hint: ") && hint.contains("--out"), "{hint}");
                // Only whole files.
                for output in run.outputs() {
                    assert!(expected.contains(&output), "{point}: {}", output.0);
                }
                if times == "1*" {
                    let report = run.report();
                    assert_eq!(report["status"], "failed");
                    let written = report["articles"]["written"].as_u64().expect("a number");
                    assert!(
                        (1..ARTICLES as u64).contains(&written),
                        "{point}: {written}"
                    );
                    assert!(
                        report["error"]
                            .as_str()
                            .expect("text")
                            .contains("cannot write")
                    );
                }
                run.recovers(&expected);
            }
        }
    }
}

#[test]
fn unreadable_article_is_skipped() {
    let (sandbox, expected) = set_up();
    for (point, errors) in [
        ("article-open", [TOO_MANY_FILES, NOT_PERMITTED]),
        ("article-read", [IO, TOO_MANY_FILES]),
    ] {
        for error in errors {
            let run = Run::new(&sandbox, format!("{point}-{error}"));
            let ended = run.run(&format!("{point}=6*off->1*return({error})"));
            assert_eq!(ended.code, Some(3), "{}", ended.stderr);
            let report = run.report();
            assert_eq!(report["articles"]["written"], ARTICLES - 1);
            assert_eq!(report["skipped"][0]["code"], "unreadable");
            run.recovers(&expected);
        }
    }
}

#[test]
fn unreadable_model_is_named_before_anything_is_written() {
    let (sandbox, _) = set_up();
    let run = Run::new(&sandbox, "model");
    let ended = run.run(&format!("model-read=return({IO})"));
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("model.safetensors"),
        "{}",
        ended.stderr
    );
    assert!(
        !sandbox.path("model/run/run.json").exists()
            && !sandbox.path(&run.name).join("0.json").exists()
    );
}

#[test]
fn model_is_not_needed_once_a_run_has_started() {
    let (sandbox, expected) = set_up();
    let run = Run::new(&sandbox, "vanished");
    let mut child = run
        .command("cache-read=sleep(500)")
        .spawn()
        .expect("started");
    let lock = sandbox.path("vanished/.precis.lock");
    wait_for("a lock", || lock.exists());
    fs::rename(sandbox.path("model"), sandbox.path("gone")).expect("renamed");
    assert!(child.wait().expect("ended").success());
    assert!(run.outputs() == expected);
    fs::rename(sandbox.path("gone"), sandbox.path("model")).expect("renamed");
    run.recovers(&expected);
}

#[test]
fn single_panic_of_a_worker_loses_nothing() {
    let (sandbox, expected) = set_up();
    let run = Run::new(&sandbox, "once");
    let ended = run.run("decode=1*panic");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert!(run.outputs() == expected);
    assert_eq!(run.report()["work"]["failed"], 0);
    run.recovers(&expected);
}

#[test]
fn sentence_that_always_fails_is_flagged_and_affects_no_other() {
    let (sandbox, expected) = set_up();
    let run = Run::new(&sandbox, "always");
    let ended = run.run("decode=return(7 communes)");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("could not be translated: 1;"),
        "{}",
        ended.stderr
    );
    let outputs = run.outputs();
    assert_eq!(outputs.len(), expected.len());
    let differ: Vec<&str> = outputs
        .iter()
        .zip(&expected)
        .filter(|(found, expected)| found != expected)
        .map(|(found, _)| found.0.as_str())
        .collect();
    assert_eq!(differ, ["7.html", "7.json", "7.md"]);
    let summary = sandbox.json("always/7.json");
    let flagged = summary["checks"]["flagged"].as_array().expect("a list");
    assert!(
        flagged.iter().any(|flagged| flagged["flag"] == "failed"),
        "{flagged:?}"
    );
    let sentences = summary["translation"]["sentences"]
        .as_array()
        .expect("a list");
    assert_eq!(sentences.len(), 5);
    assert_eq!(sentences[0]["text"], "");
    assert_eq!(run.report()["work"]["failed"], 1);
    // It is neither cached nor up to date, so the next run tries again.
    run.recovers(&expected);
}

#[test]
fn record_that_panics_or_hangs_costs_itself_alone() {
    let sandbox = Sandbox::new();
    let records = (0..20).map(|n| {
        let text = format!("Une crue a touché {n} communes du Loiret mardi.");
        format!(
            "{}\n",
            serde_json::json!({"id": n.to_string(), "text": text})
        )
    });
    let answers = |faults: &str| {
        let arguments = ["worker", "--time-limit-per-article", "5", "--workers", "2"];
        let mut worker = sandbox.precis(&arguments);
        let worker = worker
            .env("FAILPOINTS", faults)
            .write_stdin(records.clone().collect::<String>())
            .assert()
            .code(0);
        let output = String::from_utf8(worker.get_output().stdout.clone()).expect("UTF-8");
        let answers = output.lines().map(|line| {
            let mut answer: Value = serde_json::from_str(line).expect("JSON");
            answer["seconds"] = Value::Null;
            answer
        });
        answers.collect::<Vec<Value>>()
    };
    let expected = answers("");
    assert!(expected.iter().all(|answer| answer["status"] == "ok"));
    assert_eq!(expected.len(), 20);
    for (fault, code) in [
        ("prepare=return(touché 7 communes)", "internal_error"),
        ("translate=return(touché 7 communes)", "internal_error"),
        ("compose=return(touché 7 communes)", "internal_error"),
        ("prepare=return(touché 7 communes=3600)", "time_limit"),
        ("compose=return(touché 7 communes=3600)", "time_limit"),
    ] {
        let found = answers(fault);
        let differ: Vec<&Value> = (found.iter().zip(&expected))
            .filter_map(|(found, expected)| (found != expected).then_some(found))
            .collect();
        assert_eq!((found.len(), differ.len()), (20, 1), "{fault}");
        assert_eq!(
            (&differ[0]["id"], &differ[0]["status"]),
            (&"7".into(), &"failed".into())
        );
        let reason = differ[0]["reason"].as_str().expect("words");
        assert!(reason.starts_with(code), "{fault}: {reason}");
    }
}

#[test]
fn run_can_be_killed_at_every_step_of_a_write() {
    let (sandbox, expected) = set_up();
    for point in [
        "cache-read",
        "cache-write",
        "cache-commit",
        "output-create",
        "output-write",
        "output-sync",
        "output-rename",
        "output-sync-folder",
    ] {
        let run = Run::new(&sandbox, format!("killed-{point}"));
        // The run passes the point a few times and then stops there.
        let passes = if point.starts_with("cache") { 0 } else { 3 };
        let mut child = run
            .command(&format!("{point}={passes}*off->pause"))
            .env("FAULT_TRACE", "1")
            .spawn()
            .expect("started");
        let reached = format!("fault point {point}");
        let mut messages = BufReader::new(child.stderr.take().expect("piped"))
            .lines()
            .map(|line| line.expect("UTF-8"));
        let stopped = messages
            .by_ref()
            .filter(|line| *line == reached)
            .nth(passes);
        assert!(stopped.is_some(), "{point}: the run ended before it");
        child.kill().expect("killed");
        child.wait().expect("ended");
        run.recovers(&expected);
    }
}
