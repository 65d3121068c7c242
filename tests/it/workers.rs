//! `precis worker`, as an engine drives it: one line out for each line in, whatever the lines are.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{FLOOD, Sandbox, repository, wait_for};

const ENGLISH: &str = "The mayor of Lyon said yesterday that three schools will close. ";

/// A worker with nothing in its environment, in a folder of its own.
fn worker(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
    command
        .current_dir(sandbox.path(""))
        .env_clear()
        .args(["worker", "--beam", "1"])
        .args([
            "--model".as_ref(),
            repository().join("models/fr-en-tiny").as_os_str(),
        ])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Answered {
    lines: Vec<Value>,
    status: ExitStatus,
    stderr: String,
}

fn answers(mut command: Command, input: impl AsRef<[u8]>) -> Answered {
    let mut child = command.spawn().expect("started");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.as_ref().to_vec();
    // It may end without reading everything.
    let writing = thread::spawn(move || _ = stdin.write_all(&input));
    let output = child.wait_with_output().expect("ended");
    writing.join().expect("written");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'));
    let lines = text.lines();
    Answered {
        lines: lines
            .map(|line| serde_json::from_str(line).expect(line))
            .collect(),
        status: output.status,
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn record(n: usize) -> Value {
    json!({"id": format!("a/{n}"), "text": format!("Une crue a touché {n} communes du Loiret mardi.")})
}

fn lines(records: impl IntoIterator<Item = Value>) -> String {
    records
        .into_iter()
        .map(|record| format!("{record}\n"))
        .collect()
}

fn code(answer: &Value) -> &str {
    let reason = answer["reason"].as_str().unwrap_or_default();
    reason.split(':').next().unwrap_or_default()
}

#[test]
fn summaries_are_byte_for_byte_those_of_a_run() {
    let sandbox = Sandbox::new();
    let articles = [
        json!({"url": "https://example.org/crue", "uid": "crue 1", "titre": "La Loire déborde", "texte": FLOOD, "date": "2021-03-04"}),
        json!({"url": "https://example.org/loi", "uid": 2, "texte": "<p>La loi est adoptée.</p><p>Elle entre en vigueur demain à Lyon.</p>"}),
        json!({"url": "https://example.org/sans", "texte": FLOOD.replace("120", "130")}),
    ];
    let path = sandbox.write("news.jsonl", lines(articles));
    for (field, workers) in [(None, "1"), (Some("url"), "2")] {
        let mut arguments = vec!["--workers", workers];
        arguments.extend(field.iter().flat_map(|field| ["--field-path", field]));
        let answered = answers(
            worker(&sandbox, &arguments),
            fs::read(&path).expect("a file"),
        );
        assert!(answered.status.success(), "{}", answered.stderr);
        let out = format!("out-{workers}");
        let field = field.unwrap_or("uid");
        let run = [
            "run",
            "news.jsonl",
            "--field-path",
            field,
            "--out",
            &out,
            "--no-cache",
        ];
        sandbox.precis(&run).assert().code(0);
        let ids: Vec<&Value> = answered.lines.iter().map(|line| &line["id"]).collect();
        assert_eq!(ids, [&json!("crue 1"), &json!("2"), &Value::Null]);
        for answer in &answered.lines {
            let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
            assert_eq!(keys, ["id", "status", "reason", "seconds", "summary"]);
            assert_eq!(
                (&answer["status"], &answer["reason"]),
                (&json!("ok"), &Value::Null)
            );
            let summary = &answer["summary"];
            if answer["id"].is_null() {
                // Named after its content, not after its place.
                let id = summary["id"].as_str().expect("a name");
                assert!(id.starts_with("article-") && id.len() == 24, "{id}");
                continue;
            }
            let mut bytes = serde_json::to_vec_pretty(summary).expect("JSON");
            bytes.push(b'\n');
            let name = format!("{out}/{}.json", summary["id"].as_str().expect("a name"));
            assert!(
                bytes == fs::read(sandbox.path(&name)).expect("a summary"),
                "{name}"
            );
        }
    }
}

#[test]
fn worker_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    sandbox.write("kept", "");
    let mut command = worker(&sandbox, &[]);
    command.env("HOME", sandbox.path(""));
    let answered = answers(command, lines([record(1)]));
    assert!(answered.status.success(), "{}", answered.stderr);
    assert_eq!(answered.stderr, "");
    let names = fs::read_dir(sandbox.path("")).expect("a folder").count();
    assert_eq!(names, 1, "only what was there before");
    let cached = answers(
        worker(&sandbox, &["--cache", "c.sqlite"]),
        lines([record(1)]),
    );
    assert_eq!(cached.lines[0]["summary"], answered.lines[0]["summary"]);
    assert!(sandbox.path("c.sqlite").exists());
}

#[test]
fn cache_that_cannot_be_used_costs_a_warning() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    let answered = answers(
        worker(&sandbox, &["--cache", "file/c.sqlite"]),
        lines([record(1)]),
    );
    assert!(answered.status.success());
    assert_eq!(answered.lines[0]["status"], "ok");
    assert!(
        answered.stderr.contains("going on without a cache"),
        "{}",
        answered.stderr
    );
}

/// What is poisoned, and the status and code of its answer.
fn poison(kind: usize) -> (Vec<u8>, &'static str, &'static str) {
    let object = |text: Value| json!({"id": "p", "text": text}).to_string().into_bytes();
    let raw = |bytes: &[u8]| bytes.to_vec();
    match kind {
        0 => (raw(b""), "skipped", "empty"),
        1 => (raw(b" \t\r"), "skipped", "empty"),
        2 => (raw(b"no JSON"), "failed", "bad_row"),
        3 => (raw(b"{\"id\":\"p\",\"text\":\"Il pl"), "failed", "bad_row"),
        4 => (raw(b"[1,2]"), "failed", "bad_row"),
        5 => (
            raw(b"{\"text\":\"a\"} {\"text\":\"b\"}"),
            "failed",
            "bad_row",
        ),
        6 => ("[".repeat(9000).into_bytes(), "failed", "bad_row"),
        7 => (raw(b"{\"text\":\"\\ud800\"}"), "failed", "bad_row"),
        8 => (raw(b"{\"text\":\"a\x00b\x00\"}"), "failed", "binary"),
        9 => (raw(b"{\"id\":\"p\"}"), "failed", "missing_field"),
        10 => (object(Value::Null), "skipped", "empty"),
        11 => (object(json!(" \u{200b}\n")), "skipped", "empty"),
        12 => (object(json!(7)), "failed", "bad_row"),
        13 => (object(json!(ENGLISH.repeat(5))), "skipped", "not_french"),
        14 => (
            object(json!("市长昨天说，三所学校将关闭。".repeat(9))),
            "skipped",
            "not_french",
        ),
        15 => (object(json!(FLOOD.repeat(200))), "skipped", "too_large"),
        16 => (
            object(json!("Il pleut à Brest. ".repeat(300))),
            "skipped",
            "too_long",
        ),
        17 => (
            object(json!("<div>".repeat(4500) + "Il pleut.</div>")),
            "failed",
            "too_deep",
        ),
        18 => ("x".repeat(200_000).into_bytes(), "skipped", "too_large"),
        _ => (raw(b"\xff\xfe\x00\x01\x02"), "failed", "binary"),
    }
}

#[test]
fn every_line_has_its_answer_and_memory_stays_flat() {
    const RECORDS: usize = 2000;
    const KINDS: usize = 20;
    let sandbox = Sandbox::new();
    let limits = ["--max-bytes", "40000", "--max-sentences", "200"];
    let mut child = worker(&sandbox, &limits).spawn().expect("started");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A poisoned record in a hundred, each time of another kind.
    let kind = |n: usize| (n % 100 == 50).then_some(n / 100 % KINDS);
    let writing = thread::spawn(move || {
        for n in 0..RECORDS {
            let mut line = match kind(n) {
                Some(kind) => poison(kind).0,
                None => record(n).to_string().into_bytes(),
            };
            line.push(b'\n');
            stdin.write_all(&line).expect("it reads on");
        }
    });
    let memory = |pid: u32| -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        kilobytes.expect("a number").parse().expect("a number")
    };
    let (mut early, mut late) = (0, 0);
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut count = 0;
    for (n, line) in output.lines().enumerate() {
        let answer: Value = serde_json::from_str(&line.expect("UTF-8")).expect("JSON");
        match kind(n) {
            None => {
                assert_eq!(
                    (&answer["id"], &answer["status"]),
                    (&json!(format!("a/{n}")), &json!("ok"))
                );
                assert_eq!(answer["summary"]["id"], format!("a-{n}"));
            }
            Some(kind) => {
                let (_, status, expected) = poison(kind);
                assert_eq!(
                    answer["status"], status,
                    "kind {kind}: {}",
                    answer["reason"]
                );
                assert_eq!(code(&answer), expected, "kind {kind}: {}", answer["reason"]);
                assert_eq!(answer["summary"], Value::Null);
            }
        }
        count += 1;
        match n {
            400..800 => early = early.max(memory(child.id())),
            1500..1900 => late = late.max(memory(child.id())),
            _ => {}
        }
    }
    writing.join().expect("written");
    assert!(child.wait().expect("ended").success());
    assert_eq!(count, RECORDS);
    assert!(
        late < early + early / 10,
        "{early} kB after 400 records, {late} kB after 1,500"
    );
}

fn write_record(stdin: &mut ChildStdin, n: usize) {
    stdin
        .write_all(lines([record(n)]).as_bytes())
        .expect("it reads on");
    stdin.flush().expect("written");
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(kill.expect("kill runs").success());
}

#[test]
fn answers_come_as_soon_as_they_are_there() {
    let sandbox = Sandbox::new();
    let mut child = worker(&sandbox, &[]).spawn().expect("started");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    // No end of the input, and no other record, is needed for an answer.
    for n in 0..3 {
        write_record(&mut stdin, n);
        let answer = answers.next().expect("an answer").expect("UTF-8");
        assert!(answer.contains(&format!("\"a/{n}\"")), "{answer}");
    }
    // While it waits for records, a signal ends it at once.
    signal(&child, "-TERM");
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    assert!(answers.next().is_none());
}

#[test]
fn signal_lets_it_finish_what_is_in_hand() {
    let sandbox = Sandbox::new();
    for name in ["-TERM", "-INT"] {
        let mut child = worker(&sandbox, &["--in-flight", "8"])
            .spawn()
            .expect("started");
        let mut stdin = child.stdin.take().expect("a pipe");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let writing = thread::spawn(move || {
            // It does not read all of them.
            (0..500).all(|n| stdin.write_all(lines([record(n)]).as_bytes()).is_ok())
        });
        let mut first = String::new();
        output.read_line(&mut first).expect("UTF-8");
        signal(&child, name);
        let mut rest = String::new();
        output.read_to_string(&mut rest).expect("UTF-8");
        assert_eq!(child.wait().expect("ended").code(), Some(130), "{name}");
        writing.join().expect("written");
        assert!(
            rest.is_empty() || rest.ends_with('\n'),
            "the last line is whole"
        );
        let answers = first.lines().chain(rest.lines());
        let mut count = 0;
        for (n, line) in answers.enumerate() {
            let answer: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(answer["id"], format!("a/{n}"));
            count += 1;
        }
        assert!(count < 400, "{count} records were answered after {name}");
    }
}

#[test]
fn few_records_are_held_if_nobody_reads_the_answers() {
    let sandbox = Sandbox::new();
    let mut child = worker(&sandbox, &["--in-flight", "4"])
        .spawn()
        .expect("started");
    let mut stdin = child.stdin.take().expect("a pipe");
    let written = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&written);
    let writing = thread::spawn(move || {
        for n in 0..2000 {
            let mut record = record(n);
            record["ignored"] = "x".repeat(4000).into();
            if stdin.write_all(lines([record]).as_bytes()).is_err() {
                return;
            }
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let count = || written.load(Ordering::Relaxed);
    wait_for("it stops to read", || {
        let before = count();
        thread::sleep(Duration::from_secs(1));
        before > 0 && before == count()
    });
    let before = count();
    // Two pipes and a buffer of 64 KiB each, besides the records in flight.
    assert!(before < 120, "{before} records were taken");
    child.kill().expect("killed");
    child.wait().expect("ended");
    writing.join().expect("ended");
}

#[test]
fn exit_code_says_whether_another_try_may_help() {
    let sandbox = Sandbox::new();
    let input = lines((0..3).map(record));
    let mut no_model = worker(&sandbox, &[]);
    no_model.env("PRECIS_WRITER", "nowhere");
    let no_model = answers(no_model, &input);
    assert_eq!(no_model.status.code(), Some(1));
    assert!(no_model.stderr.contains("nowhere"), "{}", no_model.stderr);
    let usage = answers(worker(&sandbox, &["--in-flight", "0"]), &input);
    assert_eq!(usage.status.code(), Some(2));
    let empty = answers(worker(&sandbox, &[]), "");
    assert_eq!((empty.status.code(), empty.lines.len()), (Some(0), 0));
    let no_end = answers(worker(&sandbox, &[]), input.trim_end());
    assert_eq!((no_end.status.code(), no_end.lines.len()), (Some(0), 3));
    let marked = answers(worker(&sandbox, &[]), format!("\u{feff}{input}"));
    assert_eq!(marked.lines[0]["status"], "ok");

    let run = |command: &mut Command| command.output().expect("ended");
    let folder = File::open(sandbox.path("")).expect("a folder");
    let unreadable = run(worker(&sandbox, &[]).stdin(folder));
    assert_eq!(unreadable.status.code(), Some(1));
    let records = sandbox.write("records.jsonl", &input);
    let records = || File::open(&records).expect("a file");
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let full = run(worker(&sandbox, &[]).stdin(records()).stdout(full));
    assert_eq!(full.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&full.stderr).contains("cannot write the summaries"));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let closed = run(worker(&sandbox, &[]).stdin(records()).stdout(writer));
    assert_eq!((closed.status.code(), &*closed.stderr), (Some(0), &b""[..]));
}

#[test]
fn record_that_takes_too_long_costs_itself_alone() {
    let sandbox = Sandbox::new();
    let long: String = (0..4000)
        .map(|n| format!("Le {n} mars, la commune numéro {n} a reçu {n} habitants de la vallée. "))
        .collect();
    let records = (0..6).map(|n| match n {
        2 => json!({"id": "long", "text": long}),
        n => record(n),
    });
    let limit = ["--time-limit-per-article", "3", "--max-bytes", "9999999"];
    let answered = answers(worker(&sandbox, &limit), lines(records));
    assert!(answered.status.success(), "{}", answered.stderr);
    for (n, answer) in answered.lines.iter().enumerate() {
        match n {
            2 => assert_eq!(
                (&answer["id"], &answer["status"], code(answer)),
                (&json!("long"), &json!("failed"), "time_limit")
            ),
            _ => assert_eq!(answer["status"], "ok", "{answer}"),
        }
    }
    assert_eq!(answered.lines.len(), 6);
}

#[test]
fn file_system_may_be_read_only() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("empty");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("set");
    let mut command = worker(&sandbox, &[]);
    command
        .current_dir(&folder)
        .env("TMPDIR", "/nowhere")
        .env("HOME", "/nowhere");
    let answered = answers(command, lines([record(1)]));
    assert!(answered.status.success(), "{}", answered.stderr);
    assert_eq!(answered.lines[0]["status"], "ok");
}
