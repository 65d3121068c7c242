//! A GGUF file is refused, or its network answers. The input is changes to a tiny model: its
//! architecture in the first byte, then for each change its place in three bytes and the new byte.
#![no_main]

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use causal::{Architecture, Model, tiny};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|bytes: &[u8]| {
    let Some((first, changes)) = bytes.split_first() else {
        return;
    };
    let architecture = Architecture::ALL[usize::from(*first) % Architecture::ALL.len()];
    let mut file = tiny::gguf(architecture.name(), &[]);
    for change in changes.chunks_exact(4) {
        let place = u32::from_le_bytes([change[0], change[1], change[2], 0]) as usize;
        let place = place % file.len();
        file[place] = change[3];
    }
    let path = FOLDER.path().join("tiny.gguf");
    std::fs::write(&path, file).unwrap();
    let Ok(model) = Model::open(&path) else {
        return;
    };
    let prompt = model.prompt("You are brief.", "What happened?");
    let schema = serde_json::json!({ "enum": ["yes", "no"] });
    let _ = model.answer(&prompt, &schema, 16, &AtomicBool::new(false));
});
