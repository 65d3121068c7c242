//! What `causal` relies on in candle-transformers, and what keeps it from relying on more. A test that
//! fails after an upgrade says which limit of `network.rs` or `file.rs` is to be looked at again.

use std::io::Cursor;

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::{Device, Result, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen2, quantized_qwen3};
use causal::{Architecture, tiny};

/// Logits are between -8 and 8. What is computed in another order differs by less than this,
const ROUNDING: f32 = 1e-3;
/// and what is wrong by more than this.
const WRONG: f32 = 0.5;

enum Network {
    Llama(quantized_llama::ModelWeights),
    Qwen2(quantized_qwen2::ModelWeights),
    Qwen3(quantized_qwen3::ModelWeights),
}

impl Network {
    fn load(architecture: Architecture) -> Self {
        // As `causal` loads them.
        Self::with(architecture, &[("general.dtype", Value::U32(0))])
    }

    fn with(architecture: Architecture, changes: &[(&str, Value)]) -> Self {
        let mut file = Cursor::new(tiny::gguf(architecture.name(), changes));
        let content = Content::read(&mut file).unwrap();
        let cpu = &Device::Cpu;
        match architecture {
            Architecture::Llama => Self::Llama(
                quantized_llama::ModelWeights::from_gguf(content, &mut file, cpu).unwrap(),
            ),
            Architecture::Qwen2 => Self::Qwen2(
                quantized_qwen2::ModelWeights::from_gguf(content, &mut file, cpu).unwrap(),
            ),
            Architecture::Qwen3 => Self::Qwen3(
                quantized_qwen3::ModelWeights::from_gguf(content, &mut file, cpu).unwrap(),
            ),
        }
    }

    fn forward(&mut self, input: &Tensor, at: usize) -> Result<Tensor> {
        match self {
            Self::Llama(weights) => weights.forward(input, at),
            Self::Qwen2(weights) => weights.forward(input, at),
            Self::Qwen3(weights) => weights.forward(input, at),
        }
    }

    fn read(&mut self, ids: &[u32], at: usize) -> Result<Vec<f32>> {
        let input = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
        self.forward(&input, at)?.flatten_all()?.to_vec1()
    }

    fn clear(&mut self) {
        match self {
            Self::Llama(weights) => weights.clear_kv_cache(),
            Self::Qwen2(weights) => weights.clear_kv_cache(),
            Self::Qwen3(weights) => weights.clear_kv_cache(),
        }
    }
}

fn ids() -> Vec<u32> {
    (0..40).map(|n| (n * 37 + 11) % 262).collect()
}

fn difference(a: &[f32], b: &[f32]) -> f32 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f32::max)
}

/// A network with what it says after [`ids`], which it has forgotten again.
fn network(architecture: Architecture) -> (Network, Vec<f32>) {
    let mut network = Network::load(architecture);
    let whole = network.read(&ids(), 0).unwrap();
    network.clear();
    (network, whole)
}

#[test]
fn a_prompt_may_be_read_in_blocks_or_token_by_token() {
    let ids = ids();
    for architecture in Architecture::ALL {
        let (mut network, whole) = network(architecture);
        let mut last = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            last = network.read(&[*id], at).unwrap();
        }
        let name = architecture.name();
        assert!(
            difference(&whole, &last) < ROUNDING,
            "{name}: token by token"
        );
        network.clear();
        for at in [0, 16, 32] {
            let end = (at + 16).min(ids.len());
            last = network.read(&ids[at..end], at).unwrap();
        }
        assert!(difference(&whole, &last) < ROUNDING, "{name}: in blocks");
        network.clear();
        assert_eq!(whole, network.read(&ids, 0).unwrap(), "{name}: once more");
    }
}

#[test]
fn qwen3_forgets_single_tokens_when_a_block_follows() {
    let ids = ids();
    for architecture in Architecture::ALL {
        let (mut network, whole) = network(architecture);
        network.read(&ids[..20], 0).unwrap();
        for (at, id) in ids.iter().enumerate().take(30).skip(20) {
            network.read(&[*id], at).unwrap();
        }
        let last = network.read(&ids[30..], 30).unwrap();
        let is_wrong = difference(&whole, &last) > WRONG;
        assert_eq!(is_wrong, architecture == Architecture::Qwen3);
    }
}

#[test]
fn qwen3_reads_on_unless_it_is_told_to_forget() {
    let ids = ids();
    for architecture in Architecture::ALL {
        let (mut network, whole) = network(architecture);
        network.read(&ids[..7], 0).unwrap();
        let second = network.read(&ids, 0).unwrap();
        let is_wrong = difference(&whole, &second) > WRONG;
        assert_eq!(is_wrong, architecture == Architecture::Qwen3);
    }
}

#[test]
fn no_network_reads_two_prompts_at_once() {
    let ids = ids();
    let two = Tensor::from_vec([ids.clone(), ids].concat(), (2, 40), &Device::Cpu).unwrap();
    for architecture in Architecture::ALL {
        let (mut network, _) = network(architecture);
        let read = || network.forward(&two, 0).is_ok();
        let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
        assert!(!read.unwrap_or(false), "{}", architecture.name());
    }
}

#[test]
fn llama_has_4096_positions_whatever_its_file_says() {
    let longer = [("llama.context_length", Value::U32(8192))];
    let mut network = Network::with(Architecture::Llama, &longer);
    assert!(network.read(&[1], 4095).is_ok());
    network.clear();
    assert!(network.read(&[1], 4096).is_err());
    let longer = [("qwen2.context_length", Value::U32(8192))];
    let mut network = Network::with(Architecture::Qwen2, &longer);
    assert!(network.read(&[1], 4096).is_ok());
}

#[test]
fn qwen3_rounds_positions_unless_it_is_told_not_to() {
    let ids = ids();
    let (_, exact) = network(Architecture::Qwen3);
    let mut rounded = Network::with(Architecture::Qwen3, &[]);
    let rounded = rounded.read(&ids, 0).unwrap();
    assert!(difference(&exact, &rounded) > 10.0 * ROUNDING);
}

/// Its rounding is part of what answers depend on, and so of keys under which they are kept.
#[test]
fn the_version_of_candle_is_that_of_the_lock_file() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let (_, entry) = lock
        .split_once("name = \"candle-transformers\"\nversion = \"")
        .unwrap();
    let (version, _) = entry.split_once('"').unwrap();
    assert!(
        causal::kernels().contains(version),
        "set `CANDLE` in network.rs to {version}"
    );
}
