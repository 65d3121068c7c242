//! The tokenizers other than Marian's against the output of `transformers` and Google's
//! `sentencepiece` (`scripts/make_family_tokenizers.py`).

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use seq2seq::model::Architecture;
use seq2seq::tokenizer::{Tokenizer, TokenizerKind};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

#[derive(Deserialize)]
struct Line {
    text: String,
    /// Set if `tokenizer.json` and the other files give the same result.
    both: Option<Made>,
    json: Option<Made>,
    files: Option<Made>,
}

#[derive(Deserialize)]
struct Made {
    ids: Vec<u32>,
    decoded: String,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/family-tokenizers")
        .join(name)
}

fn lines(name: &str) -> Vec<Line> {
    let text = fs::read_to_string(fixture(name).join("lines.jsonl")).unwrap();
    text.split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A copy of the fixture without the files `without`.
fn folder(name: &str, without: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for entry in fs::read_dir(fixture(name)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap();
        if !without.iter().any(|name| file == *name) {
            fs::copy(&path, folder.path().join(file)).unwrap();
        }
    }
    folder
}

fn kind(model_type: &str) -> TokenizerKind {
    let architecture: Architecture = model_type.parse().expect("it is supported");
    architecture.tokenizer()
}

fn by_json(name: &str, model_type: &str) -> Tokenizer {
    Tokenizer::load(&fixture(name), kind(model_type)).unwrap()
}

fn by_files(name: &str, model_type: &str) -> Tokenizer {
    let folder = folder(name, &["tokenizer.json"]);
    Tokenizer::load(folder.path(), kind(model_type)).unwrap()
}

fn refusal(folder: &Path, model_type: &str) -> String {
    Tokenizer::load(folder, kind(model_type))
        .err()
        .expect("accepted")
        .to_string()
}

fn agrees(tokenizer: &Tokenizer, name: &str, made: fn(&Line) -> Option<&Made>) {
    let source = tokenizer
        .source_is_needed()
        .then(|| tokenizer.language("fr").expect("a supported language"));
    let lines = lines(name);
    assert!(lines.len() > 60);
    for line in &lines {
        let expected = made(line).or(line.both.as_ref()).expect("it was made");
        let ids = tokenizer.encode(&line.text, source);
        assert_eq!(ids, expected.ids, "{name}: ids of {:?}", line.text);
        assert_eq!(
            tokenizer.decode(&ids),
            expected.decoded,
            "{name}: {:?} decoded",
            line.text
        );
        assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
    }
}

#[test]
fn tokenizer_json_encodes_and_decodes_like_transformers() {
    for (name, model_type) in [
        ("bart", "bart"),
        ("mbart50", "mbart"),
        ("nllb", "m2m_100"),
        ("pegasus", "pegasus"),
        ("t5", "t5"),
    ] {
        agrees(&by_json(name, model_type), name, |line| line.json.as_ref());
    }
}

#[test]
fn other_files_encode_and_decode_like_transformers() {
    for (name, model_type) in [
        ("bart", "bart"),
        ("mbart50", "mbart"),
        ("nllb", "m2m_100"),
        ("pegasus", "pegasus"),
        ("t5", "t5"),
        ("m2m100", "m2m_100"),
    ] {
        agrees(&by_files(name, model_type), name, |line| {
            line.files.as_ref()
        });
    }
}

#[test]
fn tokenizer_json_and_other_files_agree_on_languages_special_tokens_and_size() {
    for (name, model_type, languages) in [
        ("bart", "bart", 0),
        ("mbart50", "mbart", 52),
        ("nllb", "m2m_100", 202),
        ("pegasus", "pegasus", 0),
        ("t5", "t5", 0),
    ] {
        let (json, files) = (by_json(name, model_type), by_files(name, model_type));
        assert_eq!(json.languages().len(), languages, "{name}");
        assert!(json.languages().eq(files.languages()), "{name}");
        assert_eq!(json.eos(), files.eos(), "{name}");
        assert_eq!(json.pad(), files.pad(), "{name}");
        assert_eq!(json.unk(), files.unk(), "{name}");
        assert_eq!(json.vocab_size(), files.vocab_size(), "{name}");
        assert_eq!(json.source_is_needed(), languages > 0, "{name}");
        assert_eq!(files.source_is_needed(), languages > 0, "{name}");
    }
}

#[test]
fn languages_are_found_in_any_notation() {
    for (name, model_type, french, english) in [
        ("mbart50", "mbart", "fr_XX", "en_XX"),
        ("nllb", "m2m_100", "fra_Latn", "eng_Latn"),
        ("m2m100", "m2m_100", "__fr__", "__en__"),
    ] {
        let tokenizer = by_json(name, model_type);
        let spelt = |code: &str| {
            let id = tokenizer.language(code)?;
            tokenizer
                .languages()
                .find_map(|(token, own)| (own == id).then(|| token.to_owned()))
        };
        for code in ["fr", "fr_XX", "__fr__", "fra_Latn"] {
            assert_eq!(spelt(code).as_deref(), Some(french), "{name}: {code}");
        }
        assert_eq!(spelt("en").as_deref(), Some(english), "{name}");
        assert_eq!(spelt("tlh"), None, "{name}");
    }
    assert_eq!(by_json("pegasus", "pegasus").language("fr"), None);
}

#[test]
fn spellings_of_special_tokens_are_ordinary_text() {
    for (name, model_type) in [
        ("bart", "bart"),
        ("mbart50", "mbart"),
        ("nllb", "m2m_100"),
        ("pegasus", "pegasus"),
        ("t5", "t5"),
        ("m2m100", "m2m_100"),
    ] {
        for tokenizer in [by_json(name, model_type), by_files(name, model_type)] {
            let special: Vec<u32> = [tokenizer.eos(), tokenizer.pad()]
                .into_iter()
                .chain(tokenizer.languages().map(|(_, id)| id))
                .collect();
            let spellings = "<s> </s> <pad> <mask> <unk> <mask_1> <unk_2> fr_XX __fr__ fra_Latn";
            for spelling in spellings.split(' ') {
                let text = format!("avant {spelling} puis{spelling}");
                let ids = tokenizer.encode(&text, None);
                let (&end, body) = ids.split_last().unwrap();
                assert_eq!(end, tokenizer.eos());
                assert!(
                    body.iter().all(|id| !special.contains(id)),
                    "{name}: {text:?}: {body:?}"
                );
                assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
                let back = tokenizer.decode(&ids);
                assert!(back.contains("avant") && back.contains("puis"), "{back}");
            }
        }
    }
}

#[test]
fn a_mask_without_embedding_does_not_count() {
    // As in bart-large-cnn, `<mask>` is the last token, and the network has no embedding for it.
    let vocabulary = fs::read_to_string(fixture("bart").join("vocab.json")).unwrap();
    let vocabulary: Value = serde_json::from_str(&vocabulary).unwrap();
    let mask = vocabulary["<mask>"].as_u64().unwrap() as usize;
    assert_eq!(by_json("bart", "bart").vocab_size(), mask);
    assert_eq!(by_files("bart", "bart").vocab_size(), mask);
}

#[test]
fn marian_folders_use_their_sentencepiece_models() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/fr-en-tiny");
    let tokenizer = Tokenizer::load(&dir, TokenizerKind::Marian).unwrap();
    assert_eq!((tokenizer.eos(), tokenizer.unk()), (0, 1));
    assert_eq!(tokenizer.pad(), 15_999);
    assert_eq!(tokenizer.vocab_size(), 16_000);
    assert!(!tokenizer.source_is_needed());
    let ids = tokenizer.encode("Le président a reçu la délégation.", None);
    assert_eq!(ids.last(), Some(&0));
    assert_eq!(tokenizer.decode(&ids), "Le président a reçu la délégation.");
}

#[test]
fn errors_name_the_damaged_or_missing_file() {
    for (name, model_type, file) in [
        ("bart", "bart", "tokenizer.json"),
        ("bart", "bart", "vocab.json"),
        ("bart", "bart", "merges.txt"),
        ("mbart50", "mbart", "tokenizer.json"),
        ("mbart50", "mbart", "sentencepiece.bpe.model"),
        ("pegasus", "pegasus", "spiece.model"),
        ("t5", "t5", "spiece.model"),
        ("nllb", "m2m_100", "sentencepiece.bpe.model"),
        ("m2m100", "m2m_100", "sentencepiece.bpe.model"),
        ("m2m100", "m2m_100", "vocab.json"),
    ] {
        let without: &[&str] = if file == "tokenizer.json" {
            &[]
        } else {
            &["tokenizer.json"]
        };
        let folder = folder(name, without);
        fs::write(folder.path().join(file), "version https://").unwrap();
        let damaged = refusal(folder.path(), model_type);
        assert!(
            damaged.contains(file) && damaged.contains("download the whole"),
            "{damaged}"
        );
        // A folder without tokenizer.json is read from its other files.
        if file != "tokenizer.json" && (name, file) != ("m2m100", "vocab.json") {
            fs::remove_file(folder.path().join(file)).unwrap();
            let missing = refusal(folder.path(), model_type);
            assert!(
                missing.contains("cannot read") && missing.contains(file),
                "{missing}"
            );
        }
    }
}

#[test]
fn unsupported_folders_are_refused() {
    for tokenizer_json in [true, false] {
        let without: &[&str] = if tokenizer_json {
            &[]
        } else {
            &["tokenizer.json"]
        };
        let older = folder("mbart50", without);
        let config = json!({ "tokenizer_class": "MBartTokenizer" });
        fs::write(
            older.path().join("tokenizer_config.json"),
            config.to_string(),
        )
        .unwrap();
        let refused = refusal(older.path(), "mbart");
        assert!(refused.contains("25 languages"), "{refused}");
    }
    let older = folder("mbart50", &["tokenizer.json", "tokenizer_config.json"]);
    let config = json!({ "vocab_size": 300 + 1 + 25 + 1 });
    fs::write(older.path().join("config.json"), config.to_string()).unwrap();
    let refused = refusal(older.path(), "mbart");
    assert!(
        refused.contains("config.json") && refused.contains("25 languages"),
        "{refused}"
    );

    // A model with another numbering would silently give wrong ids.
    let other = folder("pegasus", &["tokenizer.json", "spiece.model"]);
    let spm = fixture("mbart50").join("sentencepiece.bpe.model");
    fs::copy(spm, other.path().join("spiece.model")).unwrap();
    let refused = refusal(other.path(), "pegasus");
    assert!(refused.contains("not <pad>"), "{refused}");

    let wmt21 = folder("m2m100", &[]);
    for (codes, languages) in [("wmt21", Some(8)), ("m2m100", Some(100)), ("other", None)] {
        let config = json!({ "language_codes": codes });
        fs::write(
            wmt21.path().join("tokenizer_config.json"),
            config.to_string(),
        )
        .unwrap();
        match languages {
            Some(count) => {
                let tokenizer = Tokenizer::load(wmt21.path(), TokenizerKind::M2m100).unwrap();
                assert_eq!(tokenizer.languages().len(), count);
            }
            None => {
                let refused = refusal(wmt21.path(), "m2m_100");
                assert!(refused.contains("language_codes"), "{refused}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_and_any_ids_are_accepted(text in any::<String>(), ids in prop::collection::vec(any::<u32>(), 0..20)) {
        for (name, model_type) in [("bart", "bart"), ("mbart50", "mbart"), ("nllb", "m2m_100"), ("m2m100", "m2m_100")] {
            let tokenizer = by_json(name, model_type);
            let encoded = tokenizer.encode(&text, None);
            prop_assert_eq!(encoded.last(), Some(&tokenizer.eos()));
            tokenizer.decode(&encoded);
            tokenizer.decode(&ids);
        }
    }

    #[test]
    fn byte_level_bpe_is_lossless(text in any::<String>()) {
        let tokenizer = by_files("bart", "bart");
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode(&text, None)), text);
    }
}

#[test]
fn tokenizers_are_shared_between_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    is_shared(&by_json("nllb", "m2m_100"));
}
