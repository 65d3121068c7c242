use std::path::Path;

use candle_core::quantized::gguf_file::Value;
use causal::{Architecture, Model, ModelError, tiny};

fn open(bytes: &[u8]) -> Result<Model, ModelError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, bytes).unwrap();
    Model::open(&path)
}

fn error(bytes: &[u8]) -> String {
    let error = open(bytes).err().expect("it is refused").to_string();
    assert!(error.contains("tiny.gguf"), "{error}");
    error
}

#[test]
fn other_architectures_are_refused_with_their_reason() {
    for (name, reason) in [
        ("gemma3", "activation"),
        ("lfm2", "state"),
        ("phi3", "context"),
        ("qwen3moe", "experts"),
        ("smollm3", "weights"),
        ("mamba", "not tried"),
    ] {
        let error = error(&tiny::gguf(name, &[]));
        let known = error.contains(name) && error.contains(reason);
        assert!(known && error.contains("llama, qwen2, qwen3"), "{error}");
    }
}

#[test]
fn what_candle_passes_over_is_refused() {
    let string = |text: &str| Value::String(text.to_owned());
    for (key, value, reason) in [
        ("llama.expert_count", Value::U32(8), "experts"),
        ("llama.rope.scaling.type", string("yarn"), "positions"),
        ("llama.attention.key_length", Value::U32(32), "dimensions"),
        ("llama.rope.dimension_count", Value::U32(8), "dimensions"),
        ("llama.attention.sliding_window", Value::U32(512), "windows"),
        ("tokenizer.ggml.model", string("llama"), "tokenizer.json"),
        ("tokenizer.ggml.pre", string("tekken"), "tokenizer.json"),
    ] {
        let error = error(&tiny::gguf("llama", &[(key, value)]));
        assert!(error.contains(reason), "{key}: {error}");
    }
}

#[test]
fn numbers_that_no_network_has_are_refused() {
    for (key, value) in [
        ("llama.attention.head_count", 0),
        ("llama.attention.head_count_kv", 0),
        ("llama.attention.head_count_kv", 3),
        ("llama.embedding_length", 0),
        ("llama.embedding_length", 65),
        ("llama.embedding_length", 128),
        ("llama.block_count", u32::MAX),
        ("llama.block_count", 3),
        ("llama.context_length", 0),
        ("tokenizer.ggml.eos_token_id", 100_000),
    ] {
        let error = error(&tiny::gguf("llama", &[(key, Value::U32(value))]));
        assert!(!error.contains('\n'), "{key}: {error}");
    }
}

#[test]
fn every_cut_is_noticed() {
    let whole = tiny::gguf("qwen2", &[]);
    let lengths = (0..64).chain((64..whole.len()).step_by(1999));
    for length in lengths.chain([whole.len() - 1]) {
        assert!(
            open(&whole[..length]).is_err(),
            "{length} of {} bytes",
            whole.len()
        );
    }
    assert!(open(&whole).is_ok());
}

/// A changed byte may give another model, but no panic.
#[test]
fn changed_bytes_do_no_harm() {
    for (at, architecture) in Architecture::ALL.into_iter().enumerate() {
        let whole = tiny::gguf(architecture.name(), &[]);
        for position in (at..whole.len() - 100_000).step_by(787) {
            for flip in [0x01, 0x80] {
                let mut changed = whole.clone();
                changed[position] ^= flip;
                let _ = open(&changed);
            }
        }
    }
}

#[test]
fn a_folder_has_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path| Model::open(path).err().map(|error| error.to_string());
    let error = open(folder.path()).unwrap();
    assert!(error.contains("has 0 files"), "{error}");
    for name in ["a.gguf", "b.GGUF"] {
        tiny::write(&folder.path().join(name), Architecture::Llama).unwrap();
    }
    let error = open(folder.path()).unwrap();
    assert!(error.contains("has 2 files"), "{error}");
    assert_eq!(open(&folder.path().join("b.GGUF")), None);
    let error = open(&folder.path().join("c.gguf")).unwrap();
    assert!(error.contains("c.gguf"), "{error}");
}
