//! A model folder is refused, or its network translates. The input is `config.json`, a NUL byte,
//! and `model.safetensors`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use seq2seq::model::ModelFolder;
use seq2seq::nn::{Backend, Decoder, Network, Numeric};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(end) = bytes.iter().position(|&byte| byte == 0) else {
        return Corpus::Reject;
    };
    let (config, weights) = (&bytes[..end], &bytes[end + 1..]);
    let dir = FOLDER.path();
    std::fs::write(dir.join("config.json"), config).unwrap();
    std::fs::write(dir.join("model.safetensors"), weights).unwrap();
    let Ok(folder) = ModelFolder::open(dir) else {
        return Corpus::Keep;
    };
    let Ok(network) = Network::load(&folder, Numeric::Int8) else {
        return Corpus::Keep;
    };
    let sources = Backend::encode(&network, &[&[0, 0]]).unwrap();
    let mut decoder = network.decoder(None);
    for source in sources {
        decoder.add(source, Vec::new());
    }
    Decoder::step(&mut decoder, &[0], |_, _, _| ()).unwrap();
    Corpus::Keep
});
