//! What an operator watches and sets up: progress, logs, metrics, options files, units.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use crate::common::{FLOOD, Sandbox, copy_model, repository, wait_for};
use assert_cmd::assert::Assert;
use precis::job::{self, Observer, RunOptions, SkippedArticle, Standing, Written};
use precis::pipeline::Pipeline;
use precis::translate::{Options, Translator};
use predicates::prelude::*;
use predicates::str::contains;
use seq2seq::model::ModelFolder;
use serde_json::{Value, json};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn stderr(assert: &Assert) -> String {
    text(&assert.get_output().stderr)
}

/// The events of a log in JSON.
fn events(log: &str) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    log.lines().map(read).collect()
}

fn written(sandbox: &Sandbox, out: &str) -> u64 {
    let report = sandbox.json(&format!("{out}/run/run.json"));
    report["articles"]["written"].as_u64().expect("a number")
}

/// Writes articles that have nothing in common, of a few hundred tokens each.
fn write_reports(sandbox: &Sandbox, count: usize) {
    for n in 0..count {
        let sentence = |k: usize| {
            format!(
                "Le maire de la commune numéro {n} a ouvert {k} écoles le {} mars. ",
                k + 1
            )
        };
        let article: String = (0..12).map(sentence).collect();
        sandbox.write(&format!("news/{n}.txt"), article);
    }
}

#[test]
fn an_article_is_written_when_its_last_sentence_is_done() {
    let sandbox = Sandbox::new();
    // Less than a window.
    write_reports(&sandbox, 24);
    let arguments = [
        "run",
        "news",
        "--workers",
        "1",
        "--no-cache",
        "--log-format",
        "json",
    ];
    let run = sandbox.precis(&arguments).assert().code(0);
    let events = events(&stderr(&run));
    let time = |event: &Value| -> jiff::Timestamp {
        let time = event["time"].as_str().expect("a time");
        time.parse().expect("RFC 3339")
    };
    let of =
        |name: &str| -> Vec<&Value> { events.iter().filter(|it| it["event"] == name).collect() };
    let (started, finished) = (time(of("started")[0]), time(of("finished")[0]));
    let written = of("written");
    assert_eq!(written.len(), 24);
    let share = |at: jiff::Timestamp| {
        at.duration_since(started).as_secs_f64() / finished.duration_since(started).as_secs_f64()
    };
    let (first, half) = (share(time(written[0])), share(time(written[12])));
    assert!(first < 0.5 && half < 0.85, "{first} {half}");
    // About in their order.
    assert!(["0", "1", "10", "11", "12"].contains(&written[0]["id"].as_str().expect("an id")));
}

#[test]
fn every_line_of_a_log_names_the_run() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/rien.txt", "");
    let run = |sandbox: &Sandbox| {
        let arguments = ["run", "news", "--log-format", "json", "--workers", "1"];
        let run = sandbox.precis(&arguments).assert().code(3);
        events(&stderr(&run))
    };
    let first = run(&sandbox);
    let names: Vec<&str> = first.iter().filter_map(|it| it["event"].as_str()).collect();
    assert_eq!(names, ["started", "skipped", "written", "finished"]);
    let report = sandbox.json("out/run/run.json");
    let id = report["run"].as_str().expect("an id");
    assert!(first.iter().all(|it| it["run"] == id), "{first:?}");
    assert_eq!(
        (&first[0]["paths"], &first[0]["workers"]),
        (&json!(["news"]), &json!(1))
    );
    let written = &first[2];
    assert_eq!(
        (&written["id"], &written["path"], &written["file"]),
        (
            &json!("crue"),
            &json!("news/crue.txt"),
            &json!("out/crue.json")
        )
    );
    assert_eq!(written["trust"], sandbox.json("out/crue.json")["trust"]);
    let second = run(&sandbox);
    assert_ne!(second[0]["run"], id);
    // A run that fails says so.
    let failed = ["run", "nowhere", "--log-format", "json"];
    let failed = events(&stderr(&sandbox.precis(&failed).assert().code(1)));
    let last = &failed[failed.len() - 2..];
    assert_eq!(
        (&last[0]["event"], &last[0]["status"]),
        (&json!("finished"), &json!("failed"))
    );
    assert_eq!(last[1]["level"], "error");
    assert_eq!(last[0]["run"], last[1]["run"]);
}

#[test]
fn an_interruption_is_answered() {
    let sandbox = Sandbox::new();
    write_reports(&sandbox, 150);
    let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
    let child = command
        .current_dir(sandbox.path(""))
        .args(["run", "news", "--no-cache", "--beam", "1", "--workers", "1"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    wait_for("a summary", || sandbox.path("out/0.json").exists());
    let signalled = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signalled.expect("kill runs").success());
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(130));
    let said = text(&output.stderr);
    assert!(said.contains("Stopping; again to end at once."), "{said}");
    assert!(
        said.contains("The same command goes on from here."),
        "{said}"
    );
}

/// Notes how a run stands.
#[derive(Default)]
struct Noted(Mutex<Vec<Standing>>);

impl Observer for Noted {
    fn started(&self) {}
    fn written(&self, _: &Written<'_>) {}
    fn skipped(&self, _: &SkippedArticle) {}
    fn stands(&self, standing: &Standing) {
        self.0.lock().expect("no panic").push(*standing);
    }
    fn warn(&self, problem: &(dyn std::error::Error + 'static)) {
        panic!("{problem}");
    }
    fn looks_ahead(&self) -> bool {
        true
    }
}

#[test]
fn articles_are_counted_ahead_of_the_work() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(60);
    let rows = |n: usize| {
        let text =
            format!("Il pleut à Brest depuis {n} jours. La route est fermée depuis {n} heures.");
        format!("{}\n", json!({ "id": format!("r{n}"), "text": text }))
    };
    sandbox.write("news/rows.jsonl", (0..40).map(rows).collect::<String>());
    sandbox.write("news/rien.txt", "");
    let folder = ModelFolder::open(&repository().join("models/fr-en-tiny")).expect("committed");
    let run = |limit: Option<usize>, out: &str| {
        let settings = Options {
            beam: Some(1),
            workers: 1,
            ..Options::default()
        };
        let translator = Translator::load(&folder, &settings).expect("it loads");
        let options = RunOptions {
            limit,
            ..RunOptions::new(vec![sandbox.path("news")], sandbox.path(out))
        };
        let noted = Noted::default();
        let stop = AtomicBool::new(false);
        let report = job::run(&options, &Pipeline::new(translator), &stop, &noted);
        let standings = noted.0.into_inner().expect("no panic");
        (report.expect("a run"), standings)
    };
    let (report, standings) = run(Some(45), "out");
    assert_eq!(report.articles.written, 45);
    // An input that was skipped comes before some of them.
    let counted = |total: usize, over: usize| {
        let mut standings = standings.iter();
        standings.any(|it| it.is_total_certain && it.total == total && it.over <= over)
    };
    assert!(counted(45, 30) || counted(46, 30), "{standings:?}");

    // Of a run that goes on, what is done counts too.
    let (report, standings) = run(None, "out");
    let articles = report.articles;
    assert_eq!(
        (articles.unchanged, articles.written, articles.skipped),
        (45, 55, 1)
    );
    let early = standings
        .iter()
        .find(|it| it.is_total_certain)
        .expect("one");
    assert!(early.total == 101 && early.over < 101, "{early:?}");
    let last = standings.last().expect("one");
    assert_eq!((last.over, last.total, last.skipped), (101, 101, 1));
    assert!(
        standings
            .windows(2)
            .all(|pair| pair[0].over <= pair[1].over)
    );
    assert_eq!(last.work.expected_tokens, last.work.settled_tokens);
}

/// The samples of a file of metrics by name and labels. Panics where it breaks the rules of the text
/// format: each metric has its help, then its type, then its samples, which differ in their labels.
fn samples(metrics: &str) -> BTreeMap<String, f64> {
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let mut samples = BTreeMap::new();
    let mut seen = Vec::new();
    let mut current = "";
    let mut lines = metrics.lines();
    assert!(metrics.ends_with('\n'));
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').expect("a name and its help");
            assert!(
                is_name(name) && !help.is_empty() && !seen.contains(&name),
                "{line}"
            );
            assert_eq!(lines.next(), Some(&*format!("# TYPE {name} gauge")));
            seen.push(name);
            current = name;
            continue;
        }
        let (name, rest) = line.split_once('{').expect("labels");
        let (labels, value) = rest.rsplit_once("} ").expect("a value");
        assert_eq!(name, current, "{line}");
        for label in labels.split("\",").map(|label| label.trim_end_matches('"')) {
            let (label, value) = label
                .split_once("=\"")
                .expect("a value between quotation marks");
            assert!(is_name(label) && !value.is_empty(), "{line}");
        }
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let before = samples.insert(format!("{name}{{{labels}}}"), value);
        assert_eq!(before, None, "{line}");
    }
    samples
}

#[test]
fn metrics_tell_of_the_last_run() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write("news/rien.txt", "");
    let out = sandbox.path("out").display().to_string();
    let run = |paths: &str, code: i32| {
        let arguments = ["run", paths, "--metrics", "precis.prom"];
        sandbox.precis(&arguments).assert().code(code);
        samples(&sandbox.read("precis.prom"))
    };
    let get = |samples: &BTreeMap<String, f64>, name: &str, labels: &str| {
        let key = format!("{name}{{out=\"{out}\"{labels}}}");
        *samples
            .get(&key)
            .unwrap_or_else(|| panic!("{key} is not in {samples:?}"))
    };
    let first = run("news", 3);
    assert_eq!(
        get(&first, "precis_run_articles", ",state=\"written\""),
        1.0
    );
    assert_eq!(
        get(&first, "precis_run_articles", ",state=\"skipped\""),
        1.0
    );
    assert_eq!(get(&first, "precis_run_status", ",status=\"done\""), 1.0);
    assert_eq!(get(&first, "precis_running", ""), 0.0);
    let model = get(&first, "precis_run_sentences", ",origin=\"model\"");
    assert!(model >= 5.0);
    let success = get(&first, "precis_last_success_timestamp_seconds", "");
    let now = jiff::Timestamp::now().as_second() as f64;
    assert!((-1.0..600.0).contains(&(now - success)), "{success}");
    let grades = |samples: &BTreeMap<String, f64>| -> f64 {
        let grades = ["good", "check", "bad"].map(|it| format!(",grade=\"{it}\""));
        grades
            .iter()
            .map(|it| get(samples, "precis_summaries", it))
            .sum()
    };
    assert_eq!(grades(&first), 1.0);

    // They are of the whole folder, even if nothing is written.
    let second = run("news", 3);
    assert_eq!(
        get(&second, "precis_run_articles", ",state=\"unchanged\""),
        1.0
    );
    assert_eq!(
        get(&second, "precis_run_sentences", ",origin=\"model\""),
        0.0
    );
    assert_eq!(grades(&second), 1.0);
    assert!(get(&second, "precis_last_success_timestamp_seconds", "") >= success);

    // A failure does not change when all was well.
    let well = get(&second, "precis_last_success_timestamp_seconds", "");
    let failed = run("nowhere", 1);
    assert_eq!(get(&failed, "precis_run_status", ",status=\"failed\""), 1.0);
    assert_eq!(
        get(&failed, "precis_last_success_timestamp_seconds", ""),
        well
    );

    // `status` knows the corpus too.
    run("news", 3);
    sandbox.write(
        "news/loi.txt",
        "Les députés ont adopté la loi mardi soir à Paris.",
    );
    let status = ["status", "out", "--metrics", "status.prom"];
    sandbox.precis(&status).assert().code(3);
    let status = samples(&sandbox.read("status.prom"));
    assert_eq!(
        get(&status, "precis_corpus_articles", ",state=\"new\""),
        1.0
    );
    assert_eq!(
        get(&status, "precis_corpus_articles", ",state=\"current\""),
        1.0
    );

    // A run does not fail for them.
    let nowhere = ["run", "news", "--metrics", "nowhere/precis.prom"];
    let run = sandbox.precis(&nowhere).assert().code(3);
    run.stderr(contains(
        "warning: cannot write the metrics to nowhere/precis.prom",
    ));
}

#[test]
fn how_a_path_is_written_changes_no_summary() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.write(
        "news/rows.jsonl",
        "{\"id\":\"r1\",\"text\":\"Il pleut à Brest depuis hier.\"}\n",
    );
    let bytes = |out: &str| {
        let names = ["crue.json", "crue.md", "crue.html", "r1.json", "r1.md"];
        names.map(|name| sandbox.read(&format!("{out}/{name}")))
    };
    let absolute = sandbox.path("news").display().to_string();
    let run = |path: &str, out: &str| {
        sandbox
            .precis(&["run", path, "--out", out])
            .assert()
            .code(0);
        sandbox.json(&format!("{out}/run/run.json"))["articles"].clone()
    };
    run("news", "out");
    let first = bytes("out");
    for path in ["./news", "news/", ".//news/."] {
        let articles = run(path, "out");
        assert_eq!(
            (&articles["unchanged"], &articles["moved"]),
            (&json!(2), &json!(0)),
            "{path}"
        );
        assert!(bytes("out") == first, "{path}");
    }
    // Another path is named, and nothing else is done.
    let plan = ["run", &absolute, "--dry-run"];
    let plan = sandbox.precis(&plan).assert().code(0);
    plan.stdout(contains("articles to do: 0\n"));
    let articles = run(&absolute, "out");
    assert_eq!(
        (&articles["unchanged"], &articles["moved"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(articles["written"], 0);
    assert_eq!(
        sandbox.json("out/crue.json")["source"]["path"],
        format!("{absolute}/crue.txt")
    );
    assert_eq!(
        sandbox.json("out/r1.json")["source"]["path"],
        format!("{absolute}/rows.jsonl#1")
    );
    run(&absolute, "fresh");
    assert!(bytes("out") == bytes("fresh"));
    assert!(sandbox.read("out/index-data-0.js") == sandbox.read("fresh/index-data-0.js"));
    // What is gone is known under the new path.
    fs::remove_file(sandbox.path("news/crue.txt")).expect("removed");
    let prune = ["run", &absolute, "--prune"];
    sandbox.precis(&prune).assert().code(0);
    assert!(!sandbox.path("out/crue.json").exists());
    run("news", "out");
    assert_eq!(
        sandbox.json("out/r1.json")["source"]["path"],
        "news/rows.jsonl#1"
    );
    // A corpus that was moved is the same.
    fs::rename(sandbox.path("news"), sandbox.path("archive")).expect("renamed");
    assert_eq!(run("archive", "out")["moved"], 1);
    assert_eq!(sandbox.json("out/run/run.json")["work"]["translated"], 0);
}

#[test]
fn slips_in_the_options_file_are_named_with_their_lines() {
    let sandbox = Sandbox::new();
    sandbox.write("precis.toml", "beam = 1\nbeem = 8\n\n[run]\nout = \"x\"\n");
    let run = sandbox.precis(&["run"]).assert().code(2);
    run.stderr(
        contains("precis.toml:2: there is no option `beem`; did you mean `beam`?")
            .and(contains("precis.toml:4: `run` is a section")),
    );
    sandbox.write("other.toml", "quiet = true\nworkers = \"many\"\n");
    let run = ["run", "--config", "other.toml"];
    let run = sandbox.precis(&run).assert().code(2);
    run.stderr(contains("'many'").and(contains("it is in other.toml:2.")));
    let mut run = sandbox.precis(&["run", "--config", "other.toml"]);
    let run = run.env("PRECIS_WORKERS", "few").assert().code(2);
    run.stderr(contains("'few'").and(contains("PRECIS_WORKERS")));
}

#[test]
fn the_example_of_an_options_file_works() {
    let sandbox = Sandbox::new();
    sandbox.write("corpus/crue.txt", FLOOD);
    let example = fs::read_to_string(repository().join("docs/precis.toml")).expect("it is there");
    sandbox.write("precis.toml", &example);
    sandbox.precis(&["run"]).assert().code(0);
    assert_eq!(written(&sandbox, "out"), 1);
    let set = example
        .replace("# out = \"out\"", "out = \"mine\"")
        .replace("# no-html = true", "no-html = true");
    sandbox.write("precis.toml", &set);
    sandbox.precis(&["run"]).assert().code(0);
    assert!(sandbox.path("mine/crue.json").exists() && !sandbox.path("mine/crue.html").exists());
}

#[test]
fn without_a_home_the_cache_is_missing_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    sandbox.write("file", "");
    let run = |home: Option<&str>, out: &str| {
        let mut run = sandbox.precis(&["run", "crue.txt", "--out", out]);
        run.env_remove("XDG_CACHE_HOME")
            .env_remove("HOME")
            .env_remove("LOCALAPPDATA");
        if let Some(home) = home {
            run.env("HOME", sandbox.path(home));
        }
        let run = run.assert().code(0);
        assert_eq!(written(&sandbox, out), 1);
        stderr(&run)
    };
    let none = run(None, "none");
    assert!(
        none.contains("warning: there is no home folder for the cache"),
        "{none}"
    );
    assert!(none.contains("going on without a cache"), "{none}");
    let file = run(Some("file"), "file-as-home");
    assert!(file.contains("warning: cannot use the cache"), "{file}");
    assert!(file.contains("going on without a cache"), "{file}");
    let home = run(Some(""), "home");
    assert!(!home.contains("warning:"), "{home}");
    assert!(sandbox.path(".cache/precis/cache.sqlite").exists());
    // A cache that was asked for has to be there.
    let cache = sandbox.path("file").join("cache.sqlite");
    let named = sandbox
        .precis(&["run", "crue.txt", "--cache"])
        .arg(cache)
        .assert();
    named.code(1);
}

#[test]
fn more_workers_than_cores_are_warned_about() {
    let sandbox = Sandbox::new();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let translate = |workers: usize| {
        let mut command = sandbox.precis(&["translate", "--workers", &workers.to_string()]);
        stderr(&command.write_stdin("Bonjour.\n").assert().code(0))
    };
    let said = translate(cores + 1);
    assert!(
        said.contains(&format!("warning: {} workers share {cores}", cores + 1)),
        "{said}"
    );
    assert_eq!(translate(cores), "");
}

#[test]
fn summarize_reads_standard_input_and_writes_what_people_read() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    sandbox.precis(&["run", "crue.txt"]).assert().code(0);
    let summarize = |arguments: &[&str], input: &str| {
        let mut command = sandbox.precis(&[&["summarize"], arguments].concat());
        command.write_stdin(input).assert()
    };
    let stdout = |assert: Assert| text(&assert.get_output().stdout);
    for (format, file) in [
        ("md", "crue.md"),
        ("html", "crue.html"),
        ("json", "crue.json"),
    ] {
        let written = stdout(summarize(&["crue.txt", "--format", format], "").code(0));
        assert!(written == sandbox.read(&format!("out/{file}")), "{format}");
    }
    let summary = |input: &str| -> Value {
        let json = stdout(summarize(&["-"], input).code(0));
        serde_json::from_str(&json).expect("one summary")
    };
    let plain = summary(FLOOD);
    assert_eq!(
        (&plain["id"], &plain["source"]["path"]),
        (&json!("stdin"), &json!("-"))
    );
    assert_eq!(plain["source"]["sentences"], 5);
    let page = "<html><head><title>La crue</title></head><body><article><p>Une crue a touché 120 \
                communes de la Loire mardi.</p><p>Les écoles sont fermées.</p></article></body></html>";
    assert_eq!(summary(page)["source"]["title"], "La crue");
    let rows = "{\"id\": \"a\", \"text\": \"Il pleut à Brest depuis hier.\"}\n\
                {\"id\": \"b\", \"text\": \"Il neige à Lille depuis lundi.\"}\n";
    let both = stdout(summarize(&["-", "--format", "md"], rows).code(0));
    assert_eq!(both.matches("\n## Abstract\n").count(), 2, "{both}");
    assert!(
        both.contains(r"\-\#1 ·") && both.contains(r"\-\#2 ·"),
        "{both}"
    );
    summarize(&["-", "--format", "html"], rows)
        .code(1)
        .stderr(contains("--format md"));
    let empty = summarize(&["-"], " \n").code(1);
    empty.stderr(contains("error: -: ").and(contains("stdin.txt").not()));
    summarize(&["-", "--type", "pdf"], "%PDF")
        .code(1)
        .stderr(contains("pdf"));
}

#[test]
fn a_merge_says_what_is_in_the_way_of_its_pages() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.precis(&["run", "news"]).assert().code(0);
    sandbox.write("all/people.html", "<p>Mine</p>");
    let merge = ["merge", "out", "--into", "all"];
    let merge = sandbox.precis(&merge).assert().code(3);
    merge.stderr(contains(
        "warning: all/people.html exists and was not written by precis",
    ));
    assert_eq!(sandbox.read("all/people.html"), "<p>Mine</p>");
    assert!(sandbox.path("all/index.html").exists());
    let status: Value = sandbox.json("all/run/run.json");
    assert_ne!(status["run"], sandbox.json("out/run/run.json")["run"]);
}

#[test]
fn a_report_names_the_licences_of_its_models() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    let models = |arguments: &[&str]| {
        let run = [&["run", "crue.txt"], arguments].concat();
        sandbox.precis(&run).assert().code(0);
        sandbox.json("out/run/run.json")["models"].clone()
    };
    let shipped = models(&[]);
    assert_eq!(shipped.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (
            &shipped[0]["task"],
            &shipped[0]["name"],
            &shipped[0]["licence"]
        ),
        (
            &json!("translation"),
            &json!("fr-en-tiny"),
            &json!("see fr-en-tiny/README.md")
        )
    );
    // Another model says it in its card, or in what was written down when it was fetched.
    copy_model(&sandbox.path("own"));
    sandbox.write("own/generation_config.json", "{\"num_beams\": 2}");
    sandbox.write("own/README.md", "No card.\n");
    assert_eq!(models(&["--model", "own"])[0]["licence"], Value::Null);
    sandbox.write("own/README.md", "---\nlicense: apache-2.0\n---\n# Own\n");
    assert_eq!(models(&["--model", "own"])[0]["licence"], "apache-2.0");
    let lock = json!({
        "repository": "somebody/own", "commit": "abc", "licence": "CC-BY-4.0",
        "attribution": "Somebody", "files": [],
    });
    sandbox.write("own/precis-lock.json", lock.to_string());
    let fetched = &models(&["--model", "own"])[0];
    assert_eq!(
        (
            &fetched["licence"],
            &fetched["attribution"],
            &fetched["origin"]
        ),
        (
            &json!("CC-BY-4.0"),
            &json!("Somebody"),
            &json!("somebody/own at abc")
        )
    );
}

#[test]
fn packages_get_manual_pages_and_completions() {
    let sandbox = Sandbox::new();
    sandbox.precis(&["man", "--out", "share"]).assert().code(0);
    let page = sandbox.read("share/man/man1/precis-run.1");
    // Also what `-h` leaves out.
    for said in [
        "keep\\-reports",
        "Reports of past runs",
        "Exit codes",
        "precis run corpus",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("PRECIS_BEAM"), "{page}");
    assert!(
        sandbox
            .read("share/man/man1/precis.1")
            .contains("PRECIS_KEEP_REPORTS")
    );
    assert!(!sandbox.path("share/man/man1/precis-man.1").exists());
    for file in [
        "bash-completion/completions/precis",
        "fish/vendor_completions.d/precis.fish",
        "zsh/site-functions/_precis",
    ] {
        assert!(
            sandbox.read(&format!("share/{file}")).contains("dry-run"),
            "{file}"
        );
    }
}

#[test]
fn short_help_is_short_and_long_help_has_everything() {
    let sandbox = Sandbox::new();
    let help = |arguments: &[&str]| {
        text(
            &sandbox
                .precis(arguments)
                .assert()
                .code(0)
                .get_output()
                .stdout,
        )
    };
    let (short, long) = (help(&["run", "-h"]), help(&["run", "--help"]));
    assert!(short.lines().count() < 60, "{short}");
    assert!(
        short.contains("--model") && !short.contains("--field-title"),
        "{short}"
    );
    assert!(
        long.contains("--field-title") && long.contains("Exit codes"),
        "{long}"
    );
    assert!(!long.contains("[env:"), "{long}");
    assert!(help(&["--help"]).contains("PRECIS_KEEP_REPORTS"));
}

#[test]
fn a_night_in_which_everything_was_skipped_is_a_failure() {
    let sandbox = Sandbox::new();
    sandbox.write("news/rien.txt", "");
    sandbox.precis(&["run", "news"]).assert().code(3);
    let status = sandbox.precis(&["status", "out"]).assert().code(1);
    status.stdout(contains("problem: the last run skipped everything"));
}

/// The lines of a shipped unit that are no comments.
fn unit(name: &str) -> Vec<String> {
    let path = repository().join("scripts/systemd").join(name);
    let unit = fs::read_to_string(path).expect("it is shipped");
    let lines = unit
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn units_of_one_and_of_several_corpora_are_alike() {
    let differing = |name: &str, other: &str| -> Vec<String> {
        let other = unit(other);
        let mut lines = unit(name);
        lines.retain(|line| !other.contains(line));
        let keys = lines
            .iter()
            .map(|line| line.split('=').next().unwrap_or(line).to_owned());
        keys.collect()
    };
    let one = differing("precis.service", "precis@.service");
    assert_eq!(
        one,
        [
            "Description",
            "RequiresMountsFor",
            "ExecStart",
            "BindReadOnlyPaths"
        ]
    );
    let several = differing("precis@.service", "precis.service");
    assert_eq!(several, ["Description", "RequiresMountsFor", "ExecStart"]);
    for name in ["precis.service", "precis@.service", "precis-status.service"] {
        let unit = unit(name);
        let has = |start: &str| unit.iter().any(|line| line.starts_with(start));
        assert!(
            has("OnFailure=precis-notify@%n.service") && has("TimeoutStartSec="),
            "{name}"
        );
    }
}

#[test]
fn the_shipped_check_fails_for_the_folder_that_failed() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox
        .precis(&["run", "news", "--out", "all/good"])
        .assert()
        .code(0);
    let command = unit("precis-status.service");
    let mut commands = command
        .iter()
        .filter_map(|line| line.strip_prefix("ExecStart=/bin/sh -c "));
    let script = commands.next().expect("a command").trim_matches('\'');
    // As systemd reads it.
    let all = sandbox.path("all").display().to_string();
    let script = script.replace("$$", "$").replace("/var/lib/precis", &all);
    let check = || {
        let folder = repository().join(env!("CARGO_BIN_EXE_precis"));
        let folder = folder.parent().expect("a folder").display().to_string();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
        let mut sh = Command::new("/bin/sh");
        let output = sh
            .args(["-c", &script])
            .env("PATH", path)
            .output()
            .expect("a shell");
        (output.status.code(), text(&output.stdout))
    };
    let (code, said) = check();
    assert_eq!(code, Some(0), "{said}");
    sandbox
        .precis(&["run", "nowhere", "--out", "all/bad"])
        .assert()
        .code(1);
    let (code, said) = check();
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("all/bad/") && said.contains("problem: the last run failed"),
        "{said}"
    );
}
