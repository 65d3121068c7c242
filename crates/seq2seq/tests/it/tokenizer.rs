//! The SentencePiece and Marian tokenizers against the output of Google's sentencepiece
//! (`scripts/make_tokenizer_fixtures.py`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use seq2seq::tokenizer::{MarianTokenizer, SentencePiece};
use serde_json::{Value, json};
use tempfile::TempDir;

const MODELS: [&str; 4] = ["fr-en-tiny", "bpe", "bpe-suffix", "unigram-bytes"];

static SHIPPED: LazyLock<SentencePiece> = LazyLock::new(|| load("fr-en-tiny"));
static WITH_BYTES: LazyLock<SentencePiece> = LazyLock::new(|| load("unigram-bytes"));

fn path_in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn fixture(name: &str) -> PathBuf {
    path_in_package("tests/fixtures/tokenizer").join(name)
}

fn load(model: &str) -> SentencePiece {
    let path = match model {
        "fr-en-tiny" => path_in_package("../../models/fr-en-tiny/source.spm"),
        _ => fixture(&format!("{model}.spm")),
    };
    SentencePiece::load(&path).unwrap()
}

#[test]
fn every_line_is_split_and_joined_like_sentencepiece() {
    let lines = fs::read_to_string(fixture("lines.jsonl")).unwrap();
    let lines: Vec<Value> = lines
        .split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 250);
    for name in MODELS {
        let model = load(name);
        for line in &lines {
            let text = line["text"].as_str().unwrap();
            let expected = &line[name];
            let encoding = model.encode(text);
            let ids: Vec<u32> = encoding.ids().collect();
            assert_eq!(json!(ids), expected["ids"], "{name}: ids of {text:?}");
            assert_eq!(
                model.decode(&ids),
                expected["decoded"],
                "{name}: {text:?} joined again"
            );
            if let Some(pieces) = expected.get("pieces") {
                let found: Vec<&str> = encoding.pieces().map(|piece| piece.text).collect();
                assert_eq!(json!(found), *pieces, "{name}: pieces of {text:?}");
            }
        }
    }
}

/// The decoded form of a normalised text without unknown characters.
fn as_decoded(normalized: &str) -> String {
    normalized
        .strip_prefix('▁')
        .unwrap_or(normalized)
        .replace('▁', " ")
}

proptest! {
    #[test]
    fn decoding_restores_a_text_without_unknown_characters(text in "[a-zA-Zéèàçô0-9 ,.'?\u{a0}\u{3000}²ﬁ…-]{0,80}") {
        let encoding = SHIPPED.encode(&text);
        prop_assume!(!encoding.ids().any(|id| SHIPPED.is_unknown(id)));
        let ids: Vec<u32> = encoding.ids().collect();
        prop_assert_eq!(SHIPPED.decode(&ids), as_decoded(&SHIPPED.normalize(&text)));
    }

    #[test]
    fn decoding_restores_every_text_with_byte_fallback(text in "[^▁]{0,60}") {
        let ids: Vec<u32> = WITH_BYTES.encode(&text).ids().collect();
        prop_assert_eq!(WITH_BYTES.decode(&ids), as_decoded(&WITH_BYTES.normalize(&text)));
    }

    #[test]
    fn pieces_join_to_the_normalised_text(text in any::<String>()) {
        for model in [&*SHIPPED, &load("bpe")] {
            let encoding = model.encode(&text);
            let joined: String = encoding.pieces().map(|piece| piece.text).collect();
            prop_assert_eq!(joined, encoding.normalized());
        }
    }

    #[test]
    fn any_ids_decode(ids in prop::collection::vec(any::<u32>(), 0..20)) {
        SHIPPED.decode(&ids);
        WITH_BYTES.decode(&ids.iter().map(|id| id % 700).collect::<Vec<_>>());
    }
}

#[test]
fn the_included_model_loads_and_adds_the_end_token() {
    let tokenizer = MarianTokenizer::load(&path_in_package("../../models/fr-en-tiny")).unwrap();
    assert_eq!(tokenizer.vocab_size(), 16_000);
    assert_eq!(
        (tokenizer.eos(), tokenizer.unk(), tokenizer.pad()),
        (0, 1, 15_999)
    );
    assert_eq!(tokenizer.encode(""), [0]);
    assert_eq!(tokenizer.decode(&[0, 1, 15_999, u32::MAX]), "");
    let ids = tokenizer.encode("Le président a reçu la délégation.");
    assert_eq!(ids.last(), Some(&0));
    assert_eq!(tokenizer.decode(&ids), "Le président a reçu la délégation.");
}

/// A Marian folder of the fixture models, with the given `vocab.json`.
fn folder(vocabulary: &Value) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::copy(fixture("bpe.spm"), folder.path().join("source.spm")).unwrap();
    fs::copy(
        fixture("unigram-bytes.spm"),
        folder.path().join("target.spm"),
    )
    .unwrap();
    fs::write(folder.path().join("vocab.json"), vocabulary.to_string()).unwrap();
    folder
}

fn vocabulary() -> Value {
    json!({
        "<pad>": 9, "</s>": 5, "<unk>": 3, ">>fra<<": 0, "▁": 1, "▁a": 2, "e": 4, "漢": 6, "▁le": 7, ".": 8
    })
}

#[test]
fn ids_are_those_of_the_vocabulary_not_of_the_spm_file() {
    let folder = folder(&vocabulary());
    let tokenizer = MarianTokenizer::load(folder.path()).unwrap();
    assert_eq!(tokenizer.vocab_size(), 10);
    // 漢 is in the vocabulary but not in the source model; x is in the source model only.
    assert_eq!(tokenizer.encode("a漢x."), [2, 6, 3, 8, 5]);
    assert_eq!(tokenizer.decode(&[7, 2, 8, 5, 9]), "le a.");
}

#[test]
fn a_leading_language_token_is_one_id_and_other_angle_brackets_are_text() {
    let folder = folder(&vocabulary());
    let tokenizer = MarianTokenizer::load(folder.path()).unwrap();
    assert_eq!(tokenizer.encode(">>fra<< a"), [0, 2, 5]);
    assert_eq!(tokenizer.encode("a >>fra<<").first(), Some(&2));
    let quoted = tokenizer.encode(">> a a a a<<");
    assert_eq!(quoted.iter().filter(|&&id| id == 2).count(), 4);
}

#[test]
fn spellings_of_special_tokens_are_ordinary_text() {
    let tokenizer = MarianTokenizer::load(&path_in_package("../../models/fr-en-tiny")).unwrap();
    for special in ["</s>", "<pad>", "<hl>", "<sum>"] {
        let ids = tokenizer.encode(&format!("avant {special} après"));
        let (end, body) = ids.split_last().unwrap();
        assert_eq!(*end, tokenizer.eos());
        assert!(!body.contains(&tokenizer.eos()) && !body.contains(&tokenizer.pad()));
        assert!((2..8).all(|control| !body.contains(&control)), "{special}");
    }
}

#[test]
fn separate_vocabularies_are_used_if_configured() {
    let folder = folder(&vocabulary());
    let config = json!({ "separate_vocabs": true, "clean_up_tokenization_spaces": true });
    fs::write(
        folder.path().join("tokenizer_config.json"),
        config.to_string(),
    )
    .unwrap();
    let error = MarianTokenizer::load(folder.path()).err().unwrap();
    assert!(error.to_string().contains("target_vocab.json"), "{error}");

    let target = json!({ "</s>": 5, "<unk>": 3, "<pad>": 9, "▁": 2, "▁a": 1, ".": 0 });
    fs::write(folder.path().join("target_vocab.json"), target.to_string()).unwrap();
    let tokenizer = MarianTokenizer::load(folder.path()).unwrap();
    assert_eq!(tokenizer.encode("a"), [2, 5]);
    // Pieces of the source vocabulary only are skipped, and spaces are cleaned up as configured.
    assert_eq!(tokenizer.decode(&[1, 7, 2, 0, 5]), "a.");
}

#[test]
fn errors_name_the_damaged_or_missing_file() {
    let refusal = |change: &dyn Fn(&Path)| {
        let folder = folder(&vocabulary());
        change(folder.path());
        MarianTokenizer::load(folder.path())
            .err()
            .expect("accepted")
            .to_string()
    };
    for name in ["source.spm", "target.spm", "vocab.json"] {
        let missing = refusal(&|folder| fs::remove_file(folder.join(name)).unwrap());
        assert!(
            missing.contains("cannot read") && missing.contains(name),
            "{missing}"
        );
        let damaged = refusal(&|folder| fs::write(folder.join(name), "version https://").unwrap());
        assert!(
            damaged.contains(name) && damaged.contains("download"),
            "{damaged}"
        );
    }
    for (vocabulary, reason) in [
        (json!({ "<unk>": 0, "<pad>": 1 }), "it has no </s>"),
        (
            json!({ "<unk>": 0, "</s>": 4_000_000_000_u32, "<pad>": 1 }),
            "too large",
        ),
        (json!(["<unk>"]), "not the JSON"),
    ] {
        let refused = refusal(&|folder| {
            fs::write(folder.join("vocab.json"), vocabulary.to_string()).unwrap();
        });
        assert!(
            refused.contains(reason) && refused.contains("vocab.json"),
            "{refused}"
        );
    }
}

#[cfg(unix)]
#[test]
fn an_endless_file_is_refused() {
    let error = SentencePiece::load(Path::new("/dev/zero")).err().unwrap();
    assert!(error.to_string().contains("is larger than"), "{error}");
}

#[test]
fn tokenizers_are_shared_between_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    is_shared(&*SHIPPED);
    is_shared(&MarianTokenizer::load(&path_in_package("../../models/fr-en-tiny")).unwrap());
}
