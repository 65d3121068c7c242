//! candle's networks, behind the few calls that give right results.

use candle_core::{Device, Result, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen2, quantized_qwen3};

use crate::file::{Architecture, Gguf, ModelError, first_line};

/// Version of candle-transformers, whose rounding is part of every answer.
const CANDLE: &str = "0.11.1";

/// Tokens of a prompt that go through a network at once. A stop is heeded between blocks.
const LONGEST_BLOCK: usize = 32;

/// A network and what it has read so far.
pub(crate) struct Network {
    weights: Weights,
    read: usize,
}

enum Weights {
    Llama(quantized_llama::ModelWeights),
    Qwen2(quantized_qwen2::ModelWeights),
    Qwen3(Box<quantized_qwen3::ModelWeights>),
}

impl Network {
    pub(crate) fn load(gguf: &mut Gguf) -> std::result::Result<Self, ModelError> {
        let architecture = gguf.architecture;
        let (content, file) = gguf.content()?;
        let cpu = &Device::Cpu;
        let weights = match architecture {
            Architecture::Llama => {
                quantized_llama::ModelWeights::from_gguf(content, file, cpu).map(Weights::Llama)
            }
            Architecture::Qwen2 => {
                quantized_qwen2::ModelWeights::from_gguf(content, file, cpu).map(Weights::Qwen2)
            }
            Architecture::Qwen3 => quantized_qwen3::ModelWeights::from_gguf(content, file, cpu)
                .map(|weights| Weights::Qwen3(Box::new(weights))),
        };
        let tried = weights.and_then(|weights| {
            let mut network = Self { weights, read: 0 };
            // Tensors whose shapes disagree are found out by use.
            network.read(&[0, 0])?;
            let logits = network.read(&[0])?;
            network.clear();
            Ok((network, logits.len()))
        });
        match tried {
            Ok((network, width)) if width == gguf.width => Ok(network),
            Ok((_, width)) => {
                Err(gguf.damaged(format!("it has {width} logits for {} tokens", gguf.width)))
            }
            Err(error) => Err(gguf.damaged(first_line(&error))),
        }
    }

    /// A second network with the same weights in memory, which has read nothing. Only candle's Llama
    /// has that: Qwen2 cannot be copied, and a copy of Qwen3 has another gigabyte of room for keys.
    pub(crate) fn share(&self) -> Option<Self> {
        match &self.weights {
            Weights::Llama(weights) => {
                let mut weights = weights.clone();
                weights.clear_kv_cache();
                Some(Self {
                    weights: Weights::Llama(weights),
                    read: 0,
                })
            }
            Weights::Qwen2(_) | Weights::Qwen3(_) => None,
        }
    }

    /// Forgets what was read. Qwen3 gives wrong results in silence without it.
    pub(crate) fn clear(&mut self) {
        match &mut self.weights {
            Weights::Llama(weights) => weights.clear_kv_cache(),
            Weights::Qwen2(weights) => weights.clear_kv_cache(),
            Weights::Qwen3(weights) => weights.clear_kv_cache(),
        }
        self.read = 0;
    }

    /// Reads the next tokens: of a prompt in blocks from [`blocks`], after it one by one, since Qwen3
    /// would pass over what it has read before. Returns the logits of the token after them.
    pub(crate) fn read(&mut self, ids: &[u32]) -> Result<Vec<f32>> {
        let input = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
        let logits = match &mut self.weights {
            Weights::Llama(weights) => weights.forward(&input, self.read)?,
            Weights::Qwen2(weights) => weights.forward(&input, self.read)?,
            Weights::Qwen3(weights) => weights.forward(&input, self.read)?,
        };
        self.read += ids.len();
        logits.flatten_all()?.to_vec1()
    }
}

/// Cuts a prompt into blocks whose lengths are powers of two. candle keeps a mask for every length at
/// every place for ever, so there must be few.
pub(crate) fn blocks(mut ids: &[u32]) -> impl Iterator<Item = &[u32]> {
    std::iter::from_fn(move || {
        let length = LONGEST_BLOCK.min(1 << ids.len().checked_ilog2()?);
        let (block, rest) = ids.split_at(length);
        ids = rest;
        Some(block)
    })
}

/// Names what decides how this processor rounds: candle's version and the instructions that it uses.
/// Answers are the same wherever this is.
pub fn kernels() -> String {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| value == "1");
    let forced = ["MISTRALRS_FORCE_AVX2", "MISTRALRS_FORCE_AVXVNNI"].map(set);
    let instructions = instructions();
    let found = instructions
        .iter()
        .filter(|(_, has)| *has)
        .map(|(name, _)| *name);
    let forced = forced.iter().zip(["avx2 forced", "avxvnni forced"]);
    let forced = forced.filter(|(set, _)| **set).map(|(_, name)| name);
    let names: Vec<&str> = found.chain(forced).collect();
    format!(
        "candle {CANDLE} {} {}",
        std::env::consts::ARCH,
        names.join(" ")
    )
}

#[cfg(target_arch = "x86_64")]
fn instructions() -> Vec<(&'static str, bool)> {
    use std::arch::is_x86_feature_detected as has;
    // Detection of AMX is not stable; its bits are in this leaf.
    let leaf = std::arch::x86_64::__cpuid_count(7, 0);
    vec![
        ("avx", has!("avx")),
        ("avx2", has!("avx2")),
        ("fma", has!("fma")),
        ("f16c", has!("f16c")),
        ("avxvnni", has!("avxvnni")),
        ("avx512f", has!("avx512f")),
        ("avx512vnni", has!("avx512vnni")),
        (
            "amx",
            leaf.edx & (1 << 24) != 0 && leaf.edx & (1 << 25) != 0,
        ),
    ]
}

#[cfg(target_arch = "aarch64")]
fn instructions() -> Vec<(&'static str, bool)> {
    use std::arch::is_aarch64_feature_detected as has;
    vec![
        ("neon", has!("neon")),
        ("dotprod", has!("dotprod")),
        ("i8mm", has!("i8mm")),
        ("fp16", has!("fp16")),
    ]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn instructions() -> Vec<(&'static str, bool)> {
    Vec::new()
}
