//! Summaries by a language model, through the binary. Models are tiny and random: what they write is
//! nonsense in the right form, so that none of it may get into a summary.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use causal::Architecture;
use causal::tiny::{self, Value};
use predicates::prelude::*;
use serde_json::Value as Json;

use crate::common::{FLOOD, Sandbox, wait_for};

fn with_model(architecture: Architecture) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("flood.txt", FLOOD);
    tiny::write(&sandbox.path("tiny.gguf"), architecture).expect("a file");
    sandbox
}

const RUN: [&str; 4] = ["run", "flood.txt", "--writer", "tiny.gguf"];

#[test]
fn nonsense_of_a_language_model_is_kept_out() {
    for architecture in Architecture::ALL {
        let sandbox = with_model(architecture);
        sandbox.precis(&RUN).assert().code(0);
        let summary = sandbox.json("out/flood.json");
        let schema = precis::output::summary_schema();
        assert!(jsonschema::draft202012::is_valid(&schema, &summary));
        let writer = &summary["provenance"]["writer"];
        assert_eq!(writer["model"], "tiny");
        let digest = writer["digest"].as_str().expect("a digest");
        assert!(digest.starts_with("blake3:"), "{digest}");
        // All that is said is a sentence of the translation.
        let sentences = summary["translation"]["sentences"]
            .as_array()
            .expect("a list");
        let translated = |text: &Json| {
            let text = text.as_str().expect("text").trim_end_matches('.');
            let mut texts = sentences.iter().map(|sentence| &sentence["text"]);
            texts.any(|sentence| sentence.as_str().is_some_and(|it| it.contains(text)))
        };
        let points = summary["key_points"].as_array().expect("a list");
        assert!(!points.is_empty());
        for point in points {
            assert!(translated(&point["text"]), "{point}");
            assert!(!point["evidence"].as_array().expect("a list").is_empty());
        }
        assert_eq!(summary["abstract"]["method"], "extractive");
        assert!(
            !summary["abstract"]["evidence"]
                .as_array()
                .expect("a list")
                .is_empty()
        );
        // And the summary says what is missing.
        if summary["checks"]["unwritten"].is_string() {
            continue;
        }
        let replaced = summary["checks"]["replaced"].as_array().expect("a list");
        let parts: Vec<&Json> = replaced.iter().map(|replaced| &replaced["part"]).collect();
        for part in ["headline", "abstract", "key_points"] {
            assert!(parts.iter().any(|it| *it == part), "{part}: {replaced:?}");
        }
        assert!(
            sandbox
                .read("out/flood.md")
                .contains("Left out of the headline")
        );
    }
}

#[test]
fn answers_are_kept_and_summaries_stay_up_to_date() {
    let sandbox = with_model(Architecture::Qwen2);
    let entries = || {
        let stats = sandbox
            .precis(&["cache", "stats"])
            .output()
            .expect("it runs");
        let text = String::from_utf8(stats.stdout).expect("UTF-8");
        let line = text.lines().find(|line| line.contains("entries"));
        line.expect("a number of entries").to_owned()
    };
    sandbox.precis(&["run", "flood.txt"]).assert().code(0);
    let extracted = entries();
    sandbox.precis(&RUN).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["written"], 1);
    let (first, kept) = (sandbox.read("out/flood.json"), entries());
    assert_ne!(
        kept, extracted,
        "the answer is kept beside the translations"
    );
    sandbox.precis(&RUN).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["unchanged"], 1);
    sandbox
        .precis(&[&RUN[..], &["--force"]].concat())
        .assert()
        .code(0);
    assert_eq!(sandbox.read("out/flood.json"), first);
    assert_eq!(entries(), kept);
    // Another model writes another summary.
    tiny::write(&sandbox.path("tiny.gguf"), Architecture::Llama).expect("a file");
    sandbox.precis(&RUN).assert().code(0);
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["written"], 1);
    assert_ne!(entries(), kept);
}

#[test]
fn summaries_do_not_depend_on_the_number_of_workers() {
    let sandbox = with_model(Architecture::Llama);
    sandbox.write_floods(3);
    for workers in ["1", "3"] {
        let own = [
            "run",
            "news",
            "--writer",
            "tiny.gguf",
            "--no-cache",
            "--out",
            workers,
        ];
        let run = [&own[..], &["--workers", workers]].concat();
        sandbox.precis(&run).assert().code(0);
    }
    for name in ["0.json", "0.md", "1.json", "1.md", "2.json", "2.md"] {
        assert_eq!(
            sandbox.read(&format!("1/{name}")),
            sandbox.read(&format!("3/{name}"))
        );
    }
}

#[test]
fn an_article_longer_than_the_model_is_summarised_from_its_most_telling_sentences() {
    let sandbox = with_model(Architecture::Qwen3);
    let long: String = (0..60)
        .map(|n| FLOOD.replace("120 communes", &format!("{n} communes")) + "\n\n")
        .collect();
    sandbox.write("flood.txt", long);
    sandbox.precis(&RUN).assert().code(0);
    let summary = sandbox.json("out/flood.json");
    let unwritten = &summary["checks"]["unwritten"];
    assert!(
        *unwritten != "no_room" && *unwritten != "failed",
        "{unwritten}"
    );
}

#[test]
fn a_summary_that_the_model_could_not_write_is_extracted_and_flagged() {
    let sandbox = with_model(Architecture::Llama);
    sandbox.precis(&["run", "flood.txt"]).assert().code(0);
    let extracted = sandbox.json("out/flood.json");
    let small = [("llama.context_length", Value::U32(1100))];
    sandbox.write("tiny.gguf", tiny::gguf("llama", &small));
    sandbox.precis(&RUN).assert().code(0);
    let summary = sandbox.json("out/flood.json");
    for part in ["headline", "abstract", "key_points"] {
        assert_eq!(summary[part], extracted[part]);
    }
    assert_eq!(summary["checks"]["unwritten"], "no_room");
    assert!(
        sandbox
            .read("out/flood.md")
            .contains("the sentences are too long for it")
    );
    assert_eq!(sandbox.json("out/run/run.json")["articles"]["flagged"], 1);
}

#[test]
fn models_that_cannot_be_run_are_refused() {
    let sandbox = with_model(Architecture::Qwen2);
    let refused = |name: &str, bytes: &[u8], reason: &str| {
        sandbox.write(name, bytes);
        sandbox
            .precis(&["run", "flood.txt", "--writer", name])
            .assert()
            .code(1)
            .stderr(predicate::str::contains(name).and(predicate::str::contains(reason)));
    };
    refused(
        "gemma.gguf",
        &tiny::gguf("gemma3", &[]),
        "llama, qwen2, qwen3",
    );
    let whole = tiny::gguf("qwen2", &[]);
    refused(
        "half.gguf",
        &whole[..whole.len() / 2],
        "fetch the file again",
    );
    refused("text.gguf", FLOOD.as_bytes(), "fetch the file again");
    sandbox
        .precis(&["run", "flood.txt", "--writer", "nosuch.gguf"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("nosuch.gguf").and(predicate::str::contains("GGUF")));
}

#[test]
fn a_folder_with_a_model_names_it() {
    let sandbox = with_model(Architecture::Qwen2);
    std::fs::create_dir(sandbox.path("small-instruct")).expect("a folder");
    let file = sandbox.path("small-instruct/model-q8_0.gguf");
    std::fs::rename(sandbox.path("tiny.gguf"), file).expect("moved");
    // As the hub has it beside some GGUF files.
    sandbox.write("small-instruct/config.json", r#"{ "model_type": "qwen2" }"#);
    let summarize = ["summarize", "flood.txt", "--writer", "small-instruct"];
    let output = sandbox.precis(&summarize).output().expect("it runs");
    let summary: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(summary["provenance"]["writer"]["model"], "small-instruct");
}

#[test]
fn a_model_among_the_installed_ones_goes_by_its_name() {
    let sandbox = with_model(Architecture::Llama);
    std::fs::create_dir_all(sandbox.path("home/tiny-instruct")).expect("a folder");
    let file = sandbox.path("home/tiny-instruct/model.gguf");
    std::fs::rename(sandbox.path("tiny.gguf"), &file).expect("moved");
    let precis = |arguments: &[&str]| {
        let mut command = sandbox.precis(arguments);
        command.env("PRECIS_MODELS", sandbox.path("home")).assert()
    };
    precis(&["run", "flood.txt", "--writer", "tiny-instruct"]).code(0);
    let summary = sandbox.json("out/flood.json");
    assert_eq!(summary["provenance"]["writer"]["model"], "tiny-instruct");
    precis(&["models", "verify", "tiny-instruct"])
        .code(0)
        .stdout(predicate::str::contains("tiny-instruct: whole"));
    sandbox.write("home/tiny-instruct/model.gguf", tiny::gguf("gemma3", &[]));
    precis(&["models", "verify", "tiny-instruct"])
        .code(1)
        .stderr(predicate::str::contains("llama, qwen2, qwen3"));
    precis(&["run", "flood.txt", "--writer", "tiny-instrukt"])
        .code(1)
        .stderr(predicate::str::contains("did you mean `tiny-instruct`?"));
}

#[cfg(unix)]
#[test]
fn a_run_stops_within_seconds() {
    let sandbox = with_model(Architecture::Llama);
    sandbox.write_floods(40);
    let run = |workers: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
        let own = ["run", "news", "--writer", "tiny.gguf", "--beam", "1"];
        let rest = ["--cache", "cache.sqlite", "--workers", workers];
        command.current_dir(sandbox.path("")).args(own).args(rest);
        command.stderr(Stdio::null());
        command
    };
    let mut child = run("1").spawn().expect("started");
    wait_for("a summary", || sandbox.path("out/0.json").exists());
    let begun = Instant::now();
    let signalled = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(signalled.expect("kill runs").success());
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let done = sandbox.json("out/run/run.json");
    assert_eq!(done["status"], "interrupted");
    let written = done["articles"]["written"].as_u64().expect("a number");
    assert!((1..40).contains(&written), "{written}");
}
