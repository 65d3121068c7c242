//! A PyTorch checkpoint is refused, or its tensors are read. The input is `pytorch_model.bin`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use seq2seq::model::ModelFolder;
use tempfile::TempDir;

const CONFIG: &str = include_str!("../../crates/seq2seq/tests/fixtures/families/bart/config.json");

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), CONFIG).unwrap();
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let dir = FOLDER.path();
    std::fs::write(dir.join("pytorch_model.bin"), bytes).unwrap();
    let Ok(folder) = ModelFolder::open(dir) else {
        return;
    };
    for (name, shape) in folder.weights.tensors() {
        // The format since 1.6 is read by candle.
        if !bytes.starts_with(b"PK") {
            assert!(shape.iter().product::<usize>() <= bytes.len());
        }
        let _ = folder.weights.values(&name, &shape);
    }
});
