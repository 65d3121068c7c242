//! What each package may depend on, and where options of the command line may be named.
//!
//! `deny.toml` states the dependency rule for whole dependency trees; these tests need neither
//! `cargo deny` nor a network.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::Table;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The libraries of the workspace, and what each must not depend on.
const FORBIDDEN: [(&str, &[&str]); 3] = [
    (
        "causal",
        &[
            "anyhow",
            "clap",
            "ctrlc",
            "dom_query",
            "dom_smoothie",
            "french",
            "indicatif",
            "jiff",
            "precis",
            "regex",
            "rusqlite",
            "seq2seq",
            "ureq",
            "whatlang",
        ],
    ),
    (
        "seq2seq",
        &[
            "anyhow",
            "candle-transformers",
            "causal",
            "clap",
            "ctrlc",
            "dom_query",
            "dom_smoothie",
            "french",
            "indicatif",
            "jiff",
            "llguidance",
            "minijinja",
            "precis",
            "rayon",
            "regex",
            "rusqlite",
            "ureq",
            "whatlang",
        ],
    ),
    (
        "french",
        &[
            "anyhow",
            "candle-core",
            "candle-nn",
            "candle-transformers",
            "causal",
            "clap",
            "ctrlc",
            "dom_query",
            "dom_smoothie",
            "indicatif",
            "libm",
            "llguidance",
            "minijinja",
            "precis",
            "prost",
            "rayon",
            "rusqlite",
            "seq2seq",
            "tokenizers",
            "ureq",
        ],
    ),
];

/// Cargo's own options, which a library may name.
const CARGO_OPTIONS: [&str; 2] = ["--features", "--release"];

#[test]
fn libraries_depend_on_nothing_they_must_not_know() {
    for (package, forbidden) in FORBIDDEN {
        let path = Path::new(ROOT)
            .join("crates")
            .join(package)
            .join("Cargo.toml");
        let found = dependencies(&manifest(&path));
        assert!(
            !found.is_empty(),
            "{}: no dependencies read",
            path.display()
        );
        for name in forbidden {
            assert!(
                !found.contains(*name),
                "{package} must not depend on {name}"
            );
        }
    }
}

#[test]
fn every_library_has_a_rule() {
    let known: BTreeSet<String> = FORBIDDEN
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let crates = Path::new(ROOT).join("crates");
    let found: BTreeSet<String> = std::fs::read_dir(&crates)
        .unwrap_or_else(|error| panic!("{}: {error}", crates.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        found, known,
        "add the new package to FORBIDDEN and to deny.toml"
    );
}

#[test]
fn only_the_command_line_names_its_options() {
    let mut offences = Vec::new();
    for path in library_sources() {
        let source = std::fs::read_to_string(&path).unwrap();
        for (line, text) in string_literals(without_tests(&source)) {
            let options = options_in(&text).filter(|option| !CARGO_OPTIONS.contains(option));
            for option in options {
                let file = path.strip_prefix(ROOT).unwrap().display();
                offences.push(format!("{file}:{line}: {option}"));
            }
        }
    }
    assert!(
        offences.is_empty(),
        "libraries say what is wrong; src/cli adds which option helps:\n{}",
        offences.join("\n")
    );
}

fn manifest(path: &Path) -> Table {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The packages that `manifest` depends on, optional and platform-specific ones included, those of
/// its tests not.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let targets = manifest
        .get("target")
        .and_then(|targets| targets.as_table());
    let targets = targets.into_iter().flat_map(|targets| targets.values());
    [manifest]
        .into_iter()
        .chain(targets.filter_map(|target| target.as_table()))
        .flat_map(|table| ["dependencies", "build-dependencies"].map(|key| table.get(key)))
        .flatten()
        .filter_map(|dependencies| dependencies.as_table())
        .flatten()
        .map(|(name, entry)| {
            let renamed = entry.get("package").and_then(|package| package.as_str());
            renamed.unwrap_or(name).to_owned()
        })
        .collect()
}

/// The source files of the libraries: everything but the command line and files of tests.
fn library_sources() -> Vec<PathBuf> {
    let root = Path::new(ROOT);
    let mut folders = vec![root.join("src")];
    if let Ok(crates) = std::fs::read_dir(root.join("crates")) {
        folders.extend(crates.map(|entry| entry.unwrap().path().join("src")));
    }
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        if folder == root.join("src/cli") {
            continue;
        }
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 50, "only {} source files found", files.len());
    files.sort();
    files
}

/// `source` up to its unit tests, which stand last in every file.
fn without_tests(source: &str) -> &str {
    let end = source.find("#[cfg(test)]\nmod tests {");
    &source[..end.unwrap_or(source.len())]
}

/// Words of `text` such as `--cache`.
fn options_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| {
            word.strip_prefix("--")
                .is_some_and(|name| name.starts_with(char::is_alphabetic))
        })
}

/// The string literals of `source`, as they are spelt there, each with the line it begins in.
/// Comments are skipped.
fn string_literals(source: &str) -> Vec<(usize, String)> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += block_comment(rest);
        } else if bytes[at] == b'"' {
            let length = quoted(rest);
            found.push((line_of(source, at), rest[1..length - 1].to_owned()));
            at += length;
        } else if let Some(hashes) = raw_string(rest).filter(|_| !in_word(bytes, at)) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            let length = rest[open..].find(&close).expect("the end of a raw string");
            found.push((line_of(source, at), rest[open..open + length].to_owned()));
            at += open + length + close.len();
        } else if bytes[at] == b'\'' {
            at += character(rest);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

fn line_of(source: &str, at: usize) -> usize {
    source[..at].matches('\n').count() + 1
}

fn in_word(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    match bytes[before] {
        // The `b` of `br"…"` and the `c` of `cr"…"` belong to the literal, not to a word.
        b'b' | b'c' => in_word(bytes, before),
        byte => byte.is_ascii_alphanumeric() || byte == b'_',
    }
}

/// The number of hashes if `rest` begins with a raw string, which ends with as many.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// The length of the string literal that `rest` begins with, quotation marks included.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    panic!("a string without an end: {rest:.40}");
}

/// The length of the character literal that `rest` begins with; 1 if it is a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(1, |end| end + 4),
        Some(_) => match chars.next() {
            Some((end, '\'')) => end + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// The length of the block comment that `rest` begins with; these nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

#[test]
fn string_literals_are_found_in_every_form() {
    let source = r####"
        // "a comment" with 'quotes
        /* "another /* nested */ one" */
        /// Doc comments name `--options` freely.
        const A: &str = "one \" --cache
            two";
        const B: &str = r##"raw "--quoted"# "##;
        const C: (char, char, &[u8]) = ('"', '\'', br"bytes");
        fn d<'a>(text: &'a str) -> &'a str { "four" }
    "####;
    let texts: Vec<(usize, String)> = string_literals(source);
    let spelt: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        spelt,
        [
            "one \\\" --cache\n            two",
            "raw \"--quoted\"# ",
            "bytes",
            "four"
        ]
    );
    assert_eq!(texts[0].0, 5);
    assert_eq!(options_in(&texts[0].1).collect::<Vec<_>>(), ["--cache"]);
    assert!(options_in("a -- b --- c 2--3").next().is_none());
}

#[test]
fn dependencies_are_read_from_every_table() {
    let manifest: Table = "
        [dependencies]
        one = '1'
        two = { package = 'zwei', version = '1' }
        [dev-dependencies]
        three = '1'
        [build-dependencies]
        four = '1'
        [target.'cfg(unix)'.dependencies]
        five = { version = '1', optional = true }
    "
    .parse()
    .unwrap();
    assert_eq!(
        dependencies(&manifest).into_iter().collect::<Vec<_>>(),
        ["five", "four", "one", "zwei"]
    );
}
