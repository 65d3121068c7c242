//! Greedy translation with candle's own Marian model, in the way its `marian-mt` example goes about
//! it: one sentence at a time, token by token, with the decoder's cache of keys and values.
//!
//! usage: candle-marian MODEL_DIR
//!
//! Each line of standard input holds the token ids of a sentence, end token included; each line of
//! standard output the ids of its translation. Besides what the example does, `<pad>` is never
//! chosen, and `min_length` and `max_length` of generation_config.json are kept.

use std::io::{BufRead, Write, stdin, stdout};
use std::path::{Path, PathBuf};

use anyhow::Context;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::generation::LogitsProcessor;
use candle_transformers::models::marian::{Config, MTModel};
use serde_json::Value;

struct Translator {
    network: MTModel,
    config: Config,
    sampler: LogitsProcessor,
    /// Lengths count the start token, as in `generate` of transformers.
    min_length: usize,
    max_length: usize,
    no_pad: Tensor,
    no_pad_no_end: Tensor,
}

fn main() -> anyhow::Result<()> {
    let dir = std::env::args_os()
        .nth(1)
        .context("usage: candle-marian MODEL_DIR")?;
    let mut translator = Translator::load(&PathBuf::from(dir))?;
    let mut output = stdout().lock();
    for line in stdin().lock().lines() {
        let ids = line?
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<Vec<u32>, _>>()?;
        let found: Vec<String> = translator
            .translate(&ids)?
            .iter()
            .map(u32::to_string)
            .collect();
        writeln!(output, "{}", found.join(" "))?;
        output.flush()?;
    }
    Ok(())
}

impl Translator {
    fn load(dir: &Path) -> anyhow::Result<Self> {
        let config: Config = serde_json::from_value(read_json(&dir.join("config.json"))?)?;
        let generation = read_json(&dir.join("generation_config.json"))?;
        let length = |key: &str| generation[key].as_u64().map(|length| length as usize);
        let vocabulary = config.decoder_vocab_size.unwrap_or(config.vocab_size);
        let device = Device::Cpu;
        // SAFETY: the file is not written to while this process runs.
        let weights = unsafe {
            VarBuilder::from_mmaped_safetensors(
                &[dir.join("model.safetensors")],
                DType::F32,
                &device,
            )?
        };
        Ok(Self {
            network: MTModel::new(&config, weights)?,
            sampler: LogitsProcessor::new(0, None, None),
            min_length: length("min_length").unwrap_or(0),
            max_length: length("max_length").unwrap_or(config.max_position_embeddings),
            no_pad: forbid(vocabulary, &[config.pad_token_id])?,
            no_pad_no_end: forbid(vocabulary, &[config.pad_token_id, config.eos_token_id])?,
            config,
        })
    }

    fn translate(&mut self, source: &[u32]) -> candle_core::Result<Vec<u32>> {
        self.network.reset_kv_cache();
        let input = Tensor::new(source, &Device::Cpu)?.unsqueeze(0)?;
        let encoded = self.network.encoder().forward(&input, 0)?;
        let mut tokens = vec![self.config.decoder_start_token_id];
        // No engine goes on beyond twice the source and 32 tokens.
        let longest = self.max_length.min(2 * source.len() + 33);
        while tokens.len() < longest {
            let position = tokens.len() - 1;
            let last = Tensor::new(&tokens[position..], &Device::Cpu)?.unsqueeze(0)?;
            let logits = self.network.decode(&last, &encoded, position)?;
            let allowed = if tokens.len() < self.min_length {
                &self.no_pad_no_end
            } else {
                &self.no_pad
            };
            let logits = (logits.flatten_all()? + allowed)?;
            let token = self.sampler.sample(&logits)?;
            tokens.push(token);
            if token == self.config.eos_token_id {
                break;
            }
        }
        tokens.remove(0);
        Ok(tokens)
    }
}

/// What to add to the logits so that `tokens` are not chosen.
fn forbid(vocabulary: usize, tokens: &[u32]) -> candle_core::Result<Tensor> {
    let mut bias = vec![0f32; vocabulary];
    for &token in tokens {
        bias[token as usize] = f32::NEG_INFINITY;
    }
    Tensor::new(bias, &Device::Cpu)
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}
