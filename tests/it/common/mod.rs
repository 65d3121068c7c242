//! A sandbox for each test: a folder, a cache, and the binary to run in it.

#![allow(
    dead_code,
    reason = "`faults.rs` includes this file and uses a part of it"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Sandbox {
    dir: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and creates its folders. Returns its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("below the sandbox")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Sorted names of the entries of a folder, without hidden ones.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).expect("the folder was made");
        let names = entries.map(|entry| entry.expect("readable").file_name());
        let mut names: Vec<String> = names
            .map(|name| name.into_string().expect("UTF-8"))
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    /// Writes `count` articles, `news/0.txt` and so on, that share some of their sentences.
    pub(crate) fn write_floods(&self, count: usize) {
        for n in 0..count {
            let text = FLOOD
                .replace("120 communes", &format!("{n} communes"))
                .replace("Orléans", &format!("la ville numéro {n}"));
            self.write(&format!("news/{n}.txt"), text);
        }
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// `precis` in this folder, with greedy search for speed and without the user's settings.
    pub(crate) fn precis(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precis"));
        let own: Vec<String> = std::env::vars()
            .map(|(name, _)| name)
            .filter(|name| {
                let other = ["HF_TOKEN", "HF_ENDPOINT"].contains(&&**name);
                let proxy = name.to_lowercase().ends_with("_proxy");
                name.starts_with("PRECIS_") || other || proxy
            })
            .collect();
        own.iter().for_each(|name| {
            command.env_remove(name);
        });
        command
            .current_dir(self.dir.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("PRECIS_BEAM", "1")
            .env("PRECIS_MODEL", "fr-en-tiny")
            .args(arguments);
        // Models are found above an executable in the repository's own target folder only.
        if !Path::new(env!("CARGO_BIN_EXE_precis")).starts_with(repository()) {
            let places = [self.path("data/precis/models"), repository().join("models")];
            command.env(
                "PRECIS_MODELS",
                std::env::join_paths(places).expect("no colons"),
            );
        }
        command
    }
}

/// Waits until `condition` holds, for a minute at most.
pub(crate) fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Copies the shipped test model into `to`.
pub(crate) fn copy_model(to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    let from = repository().join("models/fr-en-tiny");
    for entry in std::fs::read_dir(from).expect("the model is committed") {
        let entry = entry.expect("a readable folder");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// Writes an NLLB model with random weights into `to`.
pub(crate) fn random_nllb(to: &Path) {
    random_model(to, "nllb", 1024);
}

/// Writes a BART model with random weights into `to`.
pub(crate) fn random_bart(to: &Path) {
    random_model(to, "bart", 512);
}

/// Writes a T5 model with random weights into `to`.
pub(crate) fn random_t5(to: &Path) {
    random_model(to, "t5", 512);
}

/// Writes a model of `family` into `to`: the tokenizer of one fixture, the random weights of
/// another, and a table of embeddings with a row for each of `tokens`.
fn random_model(to: &Path, family: &str, tokens: usize) {
    std::fs::create_dir_all(to).expect("a folder");
    let fixtures = repository().join("crates/seq2seq/tests/fixtures");
    let tokenizer = fixtures.join("family-tokenizers").join(family);
    for name in ["tokenizer.json", "tokenizer_config.json"] {
        if tokenizer.join(name).exists() {
            std::fs::copy(tokenizer.join(name), to.join(name)).expect("a copy");
        }
    }
    let network = fixtures.join("families").join(family);
    let config = std::fs::read_to_string(network.join("config.json")).expect("committed");
    let mut config: Value = serde_json::from_str(&config).expect("JSON");
    config["vocab_size"] = tokens.into();
    if family == "t5" {
        config["task_specific_params"] = serde_json::json!({
            "summarization": { "prefix": "summarize: ", "min_length": 20, "max_length": 60 }
        });
    }
    std::fs::write(to.join("config.json"), config.to_string()).expect("a file");
    let generation = network.join("generation_config.json");
    if family == "bart" {
        std::fs::copy(generation, to.join("generation_config.json")).expect("a copy");
    }
    let width = config["d_model"].as_u64().expect("a number") as usize;
    // Pseudorandom numbers, the same each time.
    let numbers = (0..tokens * width).map(|n| ((n * n % 7919) as f32 * 12.9898).sin());
    let shared = match family {
        "t5" => "shared.weight",
        _ => "model.shared.weight",
    };
    let mut weights = read_safetensors(&network.join("model.safetensors"));
    weights.insert(shared.to_owned(), tensor(&[tokens, width], numbers));
    if weights.contains_key("final_logits_bias") {
        let zeros = std::iter::repeat_n(0.0, tokens);
        weights.insert("final_logits_bias".to_owned(), tensor(&[1, tokens], zeros));
    }
    write_safetensors(&to.join("model.safetensors"), &weights);
}

/// The header's entry of a tensor, and its bytes.
type Tensor = (Value, Vec<u8>);

fn tensor(shape: &[usize], numbers: impl Iterator<Item = f32>) -> Tensor {
    let entry = serde_json::json!({ "dtype": "F32", "shape": shape });
    (entry, numbers.flat_map(f32::to_le_bytes).collect())
}

fn read_safetensors(path: &Path) -> BTreeMap<String, Tensor> {
    let file = std::fs::read(path).expect("committed");
    let (length, rest) = file.split_at(8);
    let length = u64::from_le_bytes(length.try_into().expect("eight bytes")) as usize;
    let (header, data) = rest.split_at(length);
    let header: serde_json::Map<String, Value> = serde_json::from_slice(header).expect("a header");
    let tensors = header
        .into_iter()
        .filter(|(name, _)| name != "__metadata__");
    let tensors = tensors.map(|(name, entry)| {
        let offset = |n: usize| entry["data_offsets"][n].as_u64().expect("an offset") as usize;
        let bytes = data[offset(0)..offset(1)].to_vec();
        (name, (entry, bytes))
    });
    tensors.collect()
}

fn write_safetensors(path: &Path, tensors: &BTreeMap<String, Tensor>) {
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    for (name, (entry, bytes)) in tensors {
        let mut entry = entry.clone();
        entry["data_offsets"] = serde_json::json!([data.len(), data.len() + bytes.len()]);
        header.insert(name.clone(), entry);
        data.extend_from_slice(bytes);
    }
    let mut header = serde_json::to_vec(&header).expect("JSON");
    // Data begins at a multiple of eight bytes.
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = (header.len() as u64).to_le_bytes();
    std::fs::write(path, [&length[..], &header, &data].concat()).expect("a file");
}

/// Text that does harm where it is taken for markup.
pub(crate) const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>";

/// A summary as a run would have left it, with `changes` in place of some of its keys.
pub(crate) fn summary(sandbox: &Sandbox, id: &str, changes: Value) {
    let fixture = repository().join("tests/fixtures/summary.json");
    let fixture = std::fs::read(fixture).expect("committed");
    let mut summary: Value = serde_json::from_slice(&fixture).expect("JSON");
    summary["id"] = id.into();
    merge(&mut summary, changes);
    sandbox.write(&format!("out/{id}.json"), summary.to_string());
}

/// Writes [`summary`] as version 1.0 of the schema had it, without what came later.
pub(crate) fn oldest_summary(sandbox: &Sandbox, id: &str) {
    summary(sandbox, id, json!({ "schema_version": "1.0" }));
    let name = format!("out/{id}.json");
    let mut old = sandbox.json(&name);
    let mut remove = |part: &str, key: &str| {
        let part = old.pointer_mut(part).and_then(Value::as_object_mut);
        let removed = part.and_then(|part| part.remove(key));
        assert!(removed.is_some(), "the summary has {key}");
    };
    remove("", "trust");
    for key in ["author", "url", "truncated", "notes"] {
        remove("/source", key);
    }
    remove("/checks", "replaced");
    sandbox.write(&name, old.to_string());
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(into.entry(key).or_insert(Value::Null), change);
            }
        }
        (into, changes) => *into = changes,
    }
}

/// `translation` with these French sentences.
pub(crate) fn sentences(french: &[&str]) -> Value {
    let sentence = |(n, text): (usize, &&str)| {
        json!({
            "id": n, "paragraph": 0, "source": text, "span": [0, 0], "text": "English.",
            "score": -0.1, "grade": "good", "flags": [],
        })
    };
    let sentences: Vec<Value> = french.iter().enumerate().map(sentence).collect();
    json!({ "title": null, "sentences": sentences })
}

pub(crate) const FLOOD: &str = "\
Le 3 mars 2021, une crue a touché 120 communes de la vallée de la Loire. Environ 1 200 habitants \
ont été évacués par les pompiers. « La situation est grave », a déclaré le maire d'Orléans, Serge \
Grouard.

L'eau est montée de 2,5 mètres en une nuit. Les écoles resteront fermées jusqu'à lundi.
";
