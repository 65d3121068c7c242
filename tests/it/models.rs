//! Models by name: where they are looked for, and how they are fetched from a hub, which is played here
//! by a server on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::common::{FLOOD, Sandbox, copy_model, repository};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const FOLDER: &str = "data/precis/models/tiny-fr-en";

/// What the hub does wrong, or asks for.
#[derive(Clone, Default)]
struct Manners {
    /// Answers with large files that are left, before they all come whole. Each ends early.
    broken: usize,
    /// Refuses every request for a file after the broken answers.
    gone: bool,
    /// Sends the first large file with a wrong byte.
    corrupt: bool,
    /// The token that is asked for.
    token: Option<&'static str>,
    /// Ignores `Range`.
    whole: bool,
}

/// A request: its path, its range, and whether it had a token.
type Seen = (String, Option<String>, bool);

/// A hub with one repository. Large files are redirected to another host.
struct Hub {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    manners: Arc<Mutex<Manners>>,
}

impl Hub {
    fn new(repository: &str, files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let hub = Self {
            port: listener.local_addr().expect("bound").port(),
            seen: Arc::default(),
            manners: Arc::default(),
        };
        let (seen, manners) = (Arc::clone(&hub.seen), Arc::clone(&hub.manners));
        let (repository, port) = (repository.to_owned(), hub.port);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = Request::read(&stream) else {
                    continue;
                };
                let token = request.token.is_some();
                let entry = (request.path.clone(), request.range.clone(), token);
                seen.lock().unwrap().push(entry);
                let mut manners = manners.lock().unwrap();
                // A client that has left is not the hub's trouble.
                let _ = answer(&stream, &request, (&repository, port), &files, &mut manners);
            }
        });
        hub
    }

    /// A hub with a small translation model.
    fn with_model() -> Self {
        Self::new("someone/tiny-fr-en", model_files())
    }

    fn set(&self, manners: Manners) {
        *self.manners.lock().unwrap() = manners;
    }

    fn seen(&self) -> Vec<(String, Option<String>, bool)> {
        self.seen.lock().unwrap().clone()
    }

    fn asked_for(&self, part: &str) -> usize {
        let seen = self.seen();
        seen.iter().filter(|(path, ..)| path.contains(part)).count()
    }

    fn precis(&self, sandbox: &Sandbox, arguments: &[&str]) -> Command {
        let mut command = sandbox.precis(arguments);
        command.env("HF_ENDPOINT", format!("http://127.0.0.1:{}/", self.port));
        command
    }
}

struct Request {
    path: String,
    range: Option<String>,
    token: Option<String>,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next()?.ok()?;
        let mut request = Self {
            path: first.split(' ').nth(1)?.to_owned(),
            range: None,
            token: None,
        };
        for line in lines {
            let line = line.ok()?;
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("range") => {
                    request.range = Some(value.to_owned());
                }
                Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                    request.token = value.strip_prefix("Bearer ").map(str::to_owned);
                }
                Some(_) => {}
                None => break,
            }
        }
        Some(request)
    }
}

fn answer(
    stream: &TcpStream,
    request: &Request,
    (repository, port): (&str, u16),
    files: &BTreeMap<String, Vec<u8>>,
    manners: &mut Manners,
) -> std::io::Result<()> {
    let path = request.path.as_str();
    if let Some(name) = path.strip_prefix("/storage/") {
        return send_file(stream, request, &files[name], Some(manners));
    }
    if manners.token.is_some() && manners.token != request.token.as_deref() {
        return send(
            stream,
            "401 Unauthorized",
            "x-error-code: RepoNotFound\r\n",
            b"",
        );
    }
    let api = format!("/api/models/{repository}/revision/");
    let resolve = format!("/{repository}/resolve/{COMMIT}/");
    if let Some(revision) = path.strip_prefix(&api) {
        let revision = revision
            .strip_suffix("?blobs=true")
            .expect("sizes are asked for");
        if ![COMMIT, "main", "refs%2Fpr%2F4"].contains(&revision) {
            return send(
                stream,
                "404 Not Found",
                "x-error-code: RevisionNotFound\r\n",
                b"",
            );
        }
        return send(
            stream,
            "200 OK",
            "",
            description(files).to_string().as_bytes(),
        );
    }
    match path.strip_prefix(&resolve) {
        Some(_) if manners.gone && manners.broken == 0 => {
            send(stream, "503 Service Unavailable", "", b"")
        }
        Some(name) if is_large(name) => {
            let header = format!("Location: http://localhost:{port}/storage/{name}\r\n");
            send(stream, "302 Found", &header, b"")
        }
        Some(name) => send_file(stream, request, &files[name], None),
        None => send(
            stream,
            "404 Not Found",
            "x-error-code: RepoNotFound\r\n",
            b"",
        ),
    }
}

fn send(mut stream: &TcpStream, status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    )?;
    stream.write_all(body)
}

fn send_file(
    mut stream: &TcpStream,
    request: &Request,
    content: &[u8],
    manners: Option<&mut Manners>,
) -> std::io::Result<()> {
    let mut content = content.to_vec();
    let mut cut = false;
    let mut whole = false;
    if let Some(manners) = manners {
        if std::mem::take(&mut manners.corrupt) {
            content[1000] ^= 1;
        }
        cut = manners.broken > 0;
        manners.broken = manners.broken.saturating_sub(1);
        whole = manners.whole;
    }
    let range = request.range.as_ref().filter(|_| !whole);
    let start = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let start: usize = start.map_or(0, |start| start.parse().expect("a number"));
    let (status, length) = match range {
        Some(_) => ("206 Partial Content", content.len()),
        None => ("200 OK", content.len()),
    };
    let rest = &content[start..];
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Range: bytes {start}-{}/{length}\r\n\r\n",
        rest.len(),
        length - 1
    )?;
    stream.write_all(&rest[..if cut { rest.len() / 2 } else { rest.len() }])
}

fn is_large(name: &str) -> bool {
    [".bin", ".spm", ".gguf"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn description(files: &BTreeMap<String, Vec<u8>>) -> serde_json::Value {
    let siblings = files.iter().map(|(name, content)| {
        let mut git = Sha1::new();
        git.update(format!("blob {}\0", content.len()));
        git.update(content);
        let mut file = json!({
            "rfilename": name,
            "size": content.len(),
            "blobId": format!("{:x}", git.finalize()),
        });
        if is_large(name) {
            let sha256 = format!("{:x}", Sha256::digest(content));
            file["lfs"] = json!({ "sha256": sha256, "size": content.len(), "pointerSize": 134 });
        }
        file
    });
    let siblings: Vec<_> = siblings.collect();
    json!({ "sha": COMMIT, "tags": ["marian", "license:apache-2.0"], "siblings": siblings })
}

fn model_files() -> BTreeMap<String, Vec<u8>> {
    let dir = repository().join("crates/seq2seq/tests/fixtures/marian-bin");
    let mut files = read_folder(&dir);
    files.remove("reference.jsonl");
    files.insert("README.md".to_owned(), b"# A card\n".to_vec());
    // What is of no use here.
    files.insert("tf_model.h5".to_owned(), vec![1; 100]);
    files.insert("onnx/model.onnx".to_owned(), vec![1; 100]);
    files
}

fn read_folder(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).expect("a folder");
    let entries = entries.map(|entry| {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_str().expect("UTF-8");
        (name.to_owned(), std::fs::read(&path).expect("a file"))
    });
    entries.collect()
}

#[test]
fn a_model_is_fetched_whole_and_called_by_its_name() {
    let (hub, sandbox) = (Hub::with_model(), Sandbox::new());
    let get = ["models", "get", "someone/tiny-fr-en"];
    hub.precis(&sandbox, &get)
        .env("HF_TOKEN", "secret")
        .assert()
        .code(0)
        .stdout(contains(FOLDER))
        .stderr(contains("licence apache-2.0, by someone"));
    let mut fetched = read_folder(&sandbox.path(FOLDER));
    let card = String::from_utf8(fetched.remove("README.md").expect("a card")).expect("text");
    assert!(card.starts_with("# A card\n"), "{card}");
    assert!(
        card.contains("Model by someone, licence: apache-2.0"),
        "{card}"
    );
    assert!(card.contains(COMMIT), "{card}");
    assert!(fetched.remove("precis-lock.json").is_some());
    let mut published = model_files();
    for name in ["README.md", "tf_model.h5", "onnx/model.onnx"] {
        published.remove(name);
    }
    assert!(fetched == published, "the files are those of the hub");
    for (path, _, token) in hub.seen() {
        let own = !path.starts_with("/storage/");
        assert_eq!(token, own, "{path}: the token is for the hub alone");
    }
    assert_eq!(
        hub.asked_for("/storage/"),
        3,
        "weights and two vocabularies"
    );

    hub.precis(&sandbox, &get)
        .assert()
        .code(0)
        .stderr(contains("there already"));
    sandbox
        .precis(&["models", "list"])
        .assert()
        .code(0)
        .stdout(contains("tiny-fr-en\t-\there").and(contains(COMMIT)));
    sandbox
        .precis(&["models", "verify"])
        .assert()
        .code(0)
        .stdout(contains(
            "tiny-fr-en: whole, 6 files as fetched from someone/tiny-fr-en",
        ));
    for name in ["tiny-fr-en", "someone/tiny-fr-en", FOLDER] {
        let translate = ["translate", "--no-cache", "--model", name];
        sandbox
            .precis(&translate)
            .write_stdin("a b\n")
            .assert()
            .code(0);
    }
    sandbox
        .precis(&["models", "quantize", "tiny-fr-en", "small"])
        .assert()
        .code(0);
    assert!(
        sandbox
            .read("small/README.md")
            .contains("licence: apache-2.0")
    );
    sandbox
        .precis(&["models", "verify", "small"])
        .assert()
        .code(0)
        .stdout(contains("small: whole (no digest"));

    let spm = format!("{FOLDER}/source.spm");
    let mut changed = std::fs::read(sandbox.path(&spm)).expect("a file");
    *changed.last_mut().expect("bytes") ^= 1;
    sandbox.write(&spm, changed);
    sandbox
        .precis(&["models", "verify", FOLDER])
        .assert()
        .code(1)
        .stderr(contains("source.spm has been changed"));
}

#[test]
fn revisions_and_names_may_be_chosen() {
    let (hub, sandbox) = (Hub::with_model(), Sandbox::new());
    let get = [
        "models",
        "get",
        "someone/tiny-fr-en@refs/pr/4",
        "--as",
        "mine",
    ];
    hub.precis(&sandbox, &get)
        .env("PRECIS_MODELS", sandbox.path("shelf"))
        .assert()
        .code(0);
    assert!(sandbox.read("shelf/mine/precis-lock.json").contains(COMMIT));
    sandbox
        .precis(&["models", "verify", "mine"])
        .env("PRECIS_MODELS", sandbox.path("shelf"))
        .assert()
        .code(0);
    // Somebody else's folder is left alone.
    sandbox.write(&format!("{FOLDER}/config.json"), "{}");
    hub.precis(&sandbox, &get[..3])
        .assert()
        .code(1)
        .stderr(contains("is there already, from elsewhere"));
    assert_eq!(sandbox.read(&format!("{FOLDER}/config.json")), "{}");
}

#[test]
fn a_broken_connection_goes_on_where_it_stopped() {
    let (hub, sandbox) = (Hub::with_model(), Sandbox::new());
    let get = ["models", "get", "someone/tiny-fr-en"];
    hub.set(Manners {
        broken: 2,
        ..Manners::default()
    });
    hub.precis(&sandbox, &get)
        .assert()
        .code(0)
        .stderr(contains("trying again"));
    let ranges: Vec<String> = hub
        .seen()
        .into_iter()
        .filter_map(|(_, range, _)| range)
        .collect();
    // Once to the hub and once to the storage, for each break.
    assert_eq!(ranges.len(), 4, "{ranges:?}");
    sandbox.precis(&["models", "verify"]).assert().code(0);
}

#[test]
fn an_ended_command_goes_on_where_it_stopped_and_leaves_no_model() {
    let (hub, sandbox) = (Hub::with_model(), Sandbox::new());
    let get = ["models", "get", "someone/tiny-fr-en"];
    for whole in [false, true] {
        let sandbox = if whole { &Sandbox::new() } else { &sandbox };
        hub.set(Manners {
            broken: 1,
            gone: true,
            ..Manners::default()
        });
        hub.precis(sandbox, &get)
            .assert()
            .code(1)
            .stderr(contains("the same command goes on from there").and(contains("status 503")));
        sandbox
            .precis(&["models", "list"])
            .assert()
            .code(0)
            .stdout(contains("tiny-fr-en").not());
        sandbox
            .precis(&["translate", "--model", "tiny-fr-en"])
            .write_stdin("a\n")
            .assert()
            .code(1);
        hub.set(Manners {
            whole,
            ..Manners::default()
        });
        let before = hub.seen().len();
        hub.precis(sandbox, &get).assert().code(0);
        let seen = &hub.seen()[before..];
        let resumed = seen.iter().filter(|(_, range, _)| range.is_some()).count();
        assert_eq!(
            resumed, 2,
            "one file, at the hub and in its storage: {seen:?}"
        );
        let again = seen
            .iter()
            .filter(|(path, ..)| path.contains("config.json"));
        assert_eq!(again.count(), 0, "what was whole is not fetched again");
        sandbox
            .precis(&["models", "verify", "tiny-fr-en"])
            .assert()
            .code(0);
    }
}

#[test]
fn a_damaged_file_is_removed_and_fetched_anew() {
    let (hub, sandbox) = (Hub::with_model(), Sandbox::new());
    let get = ["models", "get", "someone/tiny-fr-en"];
    hub.set(Manners {
        corrupt: true,
        ..Manners::default()
    });
    hub.precis(&sandbox, &get)
        .assert()
        .code(1)
        .stderr(contains("has arrived damaged and was removed"));
    assert!(!sandbox.path(FOLDER).exists());
    hub.precis(&sandbox, &get).assert().code(0);
    sandbox
        .precis(&["models", "verify", "tiny-fr-en"])
        .assert()
        .code(0);
}

#[test]
fn refusals_say_what_to_do() {
    let (hub, sandbox) = (Hub::with_model(), Sandbox::new());
    let refused = |model: &str, token: &str, expected: &str| {
        hub.precis(&sandbox, &["models", "get", model])
            .env("HF_TOKEN", token)
            .assert()
            .code(1)
            .stderr(contains(expected));
    };
    refused("someone/else", "", "the hub has no model someone/else");
    refused("someone/tiny-fr-en@v9", "", "has no revision v9");
    refused("opus-fr-en", "", "did you mean `opus-mt-fr-en`?");
    refused("fr-en-tiny", "", "is released with precis");
    refused("../up", "", "there is no model `../up`");
    hub.set(Manners {
        token: Some("good"),
        ..Manners::default()
    });
    refused("someone/tiny-fr-en", "", "set HF_TOKEN");
    refused(
        "someone/tiny-fr-en",
        "bad",
        "the account of HF_TOKEN may not read it",
    );
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = closed.local_addr().expect("bound").port();
    drop(closed);
    sandbox
        .precis(&["models", "get", "someone/tiny-fr-en"])
        .env("HF_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .assert()
        .code(1)
        .stderr(contains("cannot reach http://127.0.0.1"));
    assert!(!sandbox.path("data").exists(), "nothing is left behind");
}

#[test]
fn a_model_that_cannot_be_run_is_refused_before_its_weights_are_fetched() {
    let sandbox = Sandbox::new();
    let mut files = model_files();
    files.insert(
        "config.json".to_owned(),
        br#"{"model_type": "llama"}"#.to_vec(),
    );
    let hub = Hub::new("someone/tiny-fr-en", files);
    hub.precis(&sandbox, &["models", "get", "someone/tiny-fr-en"])
        .assert()
        .code(1)
        .stderr(contains("is of type `llama`"));
    assert_eq!(hub.asked_for("pytorch_model.bin"), 0);
}

#[test]
fn of_several_weights_one_has_to_be_named() {
    let sandbox = Sandbox::new();
    let weights = ["small.gguf", "large.gguf"].map(|name| (name.to_owned(), vec![7; 2000]));
    let mut files = BTreeMap::from(weights);
    files.insert(
        "config.json".to_owned(),
        br#"{"model_type": "qwen2"}"#.to_vec(),
    );
    let hub = Hub::new("someone/language", files);
    let get = [
        "models",
        "get",
        "someone/language",
        "--weights",
        "small.gguf",
    ];
    hub.precis(&sandbox, &get[..3])
        .assert()
        .code(1)
        .stderr(contains("large.gguf, small.gguf").and(contains("--weights FILE")));
    hub.precis(&sandbox, &get).assert().code(0);
    assert_eq!(
        sandbox.names("data/precis/models/language"),
        ["README.md", "config.json", "precis-lock.json", "small.gguf"]
    );
    sandbox
        .precis(&["models", "verify", "language"])
        .assert()
        .code(1)
        .stderr(contains("small.gguf: unknown magic").and(contains("fetch the file again")));
}

#[test]
fn a_known_model_has_to_be_the_one_that_is_known() {
    let sandbox = Sandbox::new();
    let hub = Hub::new("Helsinki-NLP/opus-mt-fr-en", model_files());
    // The hub has this repository, but not the commit of the list.
    hub.precis(&sandbox, &["models", "get", "opus-mt-fr-en"])
        .assert()
        .code(1)
        .stderr(contains(
            "no revision c4aed37b318c763fd177aa449b44e3b783cc6c02",
        ));
    hub.precis(&sandbox, &["models", "get", "opus-mt-fr-en@main"])
        .assert()
        .code(0);
    sandbox
        .precis(&["models", "list"])
        .assert()
        .code(0)
        .stdout(contains("opus-mt-fr-en\tfr-en\there"));
}

#[cfg(feature = "faults")]
#[test]
fn a_full_disk_is_said_and_costs_nothing_that_is_there() {
    let (hub, sandbox) = (Hub::with_model(), Sandbox::new());
    let get = ["models", "get", "someone/tiny-fr-en"];
    hub.precis(&sandbox, &get)
        .env("FAILPOINTS", "model-write=5*off->return(28)")
        .assert()
        .code(1)
        .stderr(contains("no space left").and(contains("bytes more are needed")));
    hub.precis(&sandbox, &get).assert().code(0);
}

#[test]
fn a_proxy_is_asked_instead_of_the_hub() {
    let sandbox = Sandbox::new();
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", proxy.local_addr().expect("bound"));
    let asked = std::thread::spawn(move || {
        let (stream, _) = proxy.accept().expect("a connection");
        let mut line = String::new();
        BufReader::new(&stream)
            .read_line(&mut line)
            .expect("a request");
        let _ = send(&stream, "502 Bad Gateway", "", b"");
        line
    });
    sandbox
        .precis(&["models", "get", "someone/tiny-fr-en"])
        .env("HF_ENDPOINT", "http://hub.invalid")
        .env("HTTP_PROXY", address)
        .assert()
        .code(1);
    let line = asked.join().expect("it was asked");
    assert!(line.contains("hub.invalid"), "{line}");
}

#[test]
fn a_wrong_name_is_answered_with_what_there_is() {
    let sandbox = Sandbox::new();
    copy_model(&sandbox.path("models/my-model"));
    let translate = |name: &str| {
        let mut command = sandbox.precis(&["translate", "--model", name]);
        command.write_stdin("a\n").assert().code(1)
    };
    translate("my-modle").stderr(
        contains("did you mean `my-model`?")
            .and(contains("installed: "))
            .and(contains("looked for in: models, "))
            .and(contains("precis models list")),
    );
    translate("opus-mt-fr-en").stderr(contains("precis models get opus-mt-fr-en"));
    sandbox.write("crue.txt", FLOOD);
    sandbox
        .precis(&["run", "crue.txt", "--writer", "distilbart"])
        .assert()
        .code(1)
        .stderr(
            contains("--writer distilbart").and(contains("did you mean `distilbart-cnn-12-6`?")),
        );
    sandbox
        .precis(&["models", "verify", "my-model"])
        .assert()
        .code(0)
        .stdout(contains("my-model: whole (no digest"));
}

#[test]
fn a_program_without_models_says_how_to_get_one() {
    let sandbox = Sandbox::new();
    let program = sandbox.path("bin/precis");
    std::fs::create_dir(sandbox.path("bin")).expect("a folder");
    let built = env!("CARGO_BIN_EXE_precis");
    std::fs::hard_link(built, &program)
        .or_else(|_| std::fs::copy(built, &program).map(drop))
        .expect("a copy");
    let precis = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(sandbox.path(""));
        command
            .env("XDG_DATA_HOME", sandbox.path("data"))
            .env_remove("PRECIS_MODELS");
        command.env_remove("PRECIS_MODEL").write_stdin("a\n");
        command.assert()
    };
    precis(&["translate"]).code(1).stderr(
        contains("fr-en-small is not here")
            .and(contains("no model is installed; looked for in: models, "))
            .and(contains("`precis models get opus-mt-fr-en`")),
    );
    precis(&["models", "verify"])
        .code(1)
        .stderr(contains("there is no model in models, "));
    precis(&["models", "list"])
        .code(0)
        .stdout(contains("opus-mt-fr-en\tfr-en\tabsent\t304 MB\tApache-2.0"))
        .stderr(contains("Models are looked for in: models, ").and(contains("precis models get ")));
    // In a place of its own, wherever the program is called.
    copy_model(&sandbox.path("share/precis/models/fr-en-tiny"));
    precis(&["models", "verify"])
        .code(0)
        .stdout(contains("fr-en-tiny: whole, digest as listed"));
}

#[test]
fn nothing_but_get_opens_a_connection() {
    let sandbox = Sandbox::new();
    sandbox.write("crue.txt", FLOOD);
    let model = repository().join("models/fr-en-tiny");
    let model = model.to_str().expect("UTF-8");
    let commands: [&[&str]; 5] = [
        &["run", "crue.txt", "--model", model],
        &["summarize", "crue.txt", "--model", model],
        &["status"],
        &["models", "list"],
        &["models", "verify", model],
    ];
    // Whoever would be asked.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a setting");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let tracer = ["/usr/bin/strace", "/usr/local/bin/strace"];
    let tracer = tracer.iter().find(|path| Path::new(path).exists());
    if tracer.is_none() {
        eprintln!("strace is not installed: calls of the system are not looked at");
    }
    for arguments in commands {
        let mut command = sandbox.precis(arguments);
        if let Some(tracer) = tracer {
            let mut traced = Command::new(tracer);
            traced.args(["-f", "-qq", "-e", "trace=socket,connect", "-o", "trace"]);
            traced.arg(env!("CARGO_BIN_EXE_precis")).args(arguments);
            traced.current_dir(sandbox.path(""));
            traced.env("XDG_CACHE_HOME", sandbox.path("cache"));
            traced.env("PRECIS_BEAM", "1");
            command = traced;
        }
        for name in ["HF_ENDPOINT", "ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
            command.env(name, &address);
        }
        command.assert().code(0);
        if tracer.is_some() {
            let trace = sandbox.read("trace");
            assert!(!trace.contains("AF_INET"), "{arguments:?}: {trace}");
        }
    }
    let error = listener.accept().expect_err("nobody may come");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}
