//! Tiny models with random weights, for tests of programs that use this crate.

use std::io::Cursor;
use std::path::Path;

use candle_core::quantized::gguf_file;
pub use candle_core::quantized::gguf_file::Value;
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Result, Tensor};
use tokenizers::Tokenizer;

use crate::file::Architecture;
use crate::tokens::spelt;

const WIDTH: usize = 64;
const HEADS: usize = 4;
const GROUPS: usize = 2;
const HEAD: usize = 16;
const INNER: usize = 128;
const LAYERS: usize = 2;
const MERGES: [&str; 6] = ["t h", "th e", "a n", "i n", "e r", "o n"];
const CONTROL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const TEMPLATE: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Writes a GGUF file of about 125 kB to `path`: two layers of 64 dimensions, one token for each byte,
/// a context of 4,096.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, architecture: Architecture) -> std::io::Result<()> {
    std::fs::write(path, gguf(architecture.name(), &[]))
}

/// The bytes of a model whose file says that its architecture is `name`, with `changes` to what else
/// it says.
pub fn gguf(name: &str, changes: &[(&str, Value)]) -> Vec<u8> {
    let mut metadata = metadata(name);
    for (key, value) in changes {
        metadata.retain(|(other, _)| other != key);
        metadata.push(((*key).to_owned(), value.clone()));
    }
    let tensors = tensors().expect("shapes that agree");
    let metadata: Vec<(&str, &Value)> = (metadata.iter())
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let tensors: Vec<(&str, &QTensor)> = (tensors.iter())
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    let mut bytes = Cursor::new(Vec::new());
    gguf_file::write(&mut bytes, &metadata, &tensors).expect("memory takes it");
    bytes.into_inner()
}

/// The `tokenizer.json` of these models.
pub fn tokenizer() -> String {
    let mut file = Cursor::new(gguf(Architecture::Qwen2.name(), &[]));
    let content = gguf_file::Content::read(&mut file).expect("just written");
    let tokenizer = Tokenizer::from_gguf(&content).expect("all that it takes");
    tokenizer.to_string(false).expect("it is JSON")
}

fn metadata(name: &str) -> Vec<(String, Value)> {
    let bytes = (0..=u8::MAX).map(|byte| spelt(byte).to_string());
    let merged = MERGES.iter().map(|merge| merge.replace(' ', ""));
    let tokens: Vec<String> = (bytes.chain(merged))
        .chain(CONTROL.map(str::to_owned))
        .collect();
    let last = tokens.len() as u32 - 1;
    let kind = |id: usize| {
        Value::I32(if id + CONTROL.len() < tokens.len() {
            1
        } else {
            3
        })
    };
    let kinds = (0..tokens.len()).map(kind).collect();
    let strings =
        |strings: &[String]| Value::Array(strings.iter().cloned().map(Value::String).collect());
    let own = [
        ("context_length", Value::U32(4096)),
        ("embedding_length", Value::U32(WIDTH as u32)),
        ("block_count", Value::U32(LAYERS as u32)),
        ("feed_forward_length", Value::U32(INNER as u32)),
        ("attention.head_count", Value::U32(HEADS as u32)),
        ("attention.head_count_kv", Value::U32(GROUPS as u32)),
        ("attention.key_length", Value::U32(HEAD as u32)),
        ("attention.value_length", Value::U32(HEAD as u32)),
        ("attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("rope.dimension_count", Value::U32(HEAD as u32)),
        ("rope.freq_base", Value::F32(10_000.0)),
    ];
    let own = own.map(|(key, value)| (format!("{name}.{key}"), value));
    let shared = [
        ("general.architecture", Value::String(name.to_owned())),
        ("tokenizer.ggml.model", Value::String("gpt2".to_owned())),
        ("tokenizer.ggml.pre", Value::String("qwen2".to_owned())),
        ("tokenizer.ggml.token_type", Value::Array(kinds)),
        ("tokenizer.ggml.merges", strings(&MERGES.map(str::to_owned))),
        ("tokenizer.ggml.tokens", strings(&tokens)),
        ("tokenizer.ggml.eos_token_id", Value::U32(last)),
        ("tokenizer.ggml.bos_token_id", Value::U32(last - 2)),
        (
            "tokenizer.chat_template",
            Value::String(TEMPLATE.to_owned()),
        ),
    ];
    let shared = shared.map(|(key, value)| (key.to_owned(), value));
    own.into_iter().chain(shared).collect()
}

/// The tensors of every architecture. Networks pass over those of others.
fn tensors() -> Result<Vec<(String, QTensor)>> {
    let mut random = Random(88_172_645_463_325_252);
    let mut tensors = Vec::new();
    let mut add = |name: String, shape: &[usize], range: Range| -> Result<()> {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| range.of(random.next())).collect();
        let kind = match shape {
            [_] => GgmlDType::F32,
            _ => GgmlDType::Q8_0,
        };
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu)?;
        tensors.push((name, QTensor::quantize(&tensor, kind)?));
        Ok(())
    };
    let rows = 256 + MERGES.len() + CONTROL.len();
    let weights = |spread| Range {
        middle: 0.0,
        spread,
    };
    let norm = Range {
        middle: 1.0,
        spread: 0.1,
    };
    add("token_embd.weight".to_owned(), &[rows, WIDTH], weights(2.0))?;
    add("output_norm.weight".to_owned(), &[WIDTH], norm)?;
    add("output.weight".to_owned(), &[rows, WIDTH], weights(1.0))?;
    let (queries, keys) = (HEADS * HEAD, GROUPS * HEAD);
    for layer in 0..LAYERS {
        let name = |name: &str| format!("blk.{layer}.{name}");
        for (part, shape) in [
            ("attn_q.weight", [queries, WIDTH]),
            ("attn_k.weight", [keys, WIDTH]),
            ("attn_v.weight", [keys, WIDTH]),
            ("attn_output.weight", [WIDTH, queries]),
            ("ffn_gate.weight", [INNER, WIDTH]),
            ("ffn_up.weight", [INNER, WIDTH]),
            ("ffn_down.weight", [WIDTH, INNER]),
        ] {
            add(name(part), &shape, weights(0.7))?;
        }
        for (part, length) in [
            ("attn_norm.weight", WIDTH),
            ("ffn_norm.weight", WIDTH),
            ("attn_q_norm.weight", HEAD),
            ("attn_k_norm.weight", HEAD),
        ] {
            add(name(part), &[length], norm)?;
        }
        for (part, length) in [
            ("attn_q.bias", queries),
            ("attn_k.bias", keys),
            ("attn_v.bias", keys),
        ] {
            add(name(part), &[length], weights(0.3))?;
        }
    }
    Ok(tensors)
}

#[derive(Clone, Copy)]
struct Range {
    middle: f32,
    spread: f32,
}

impl Range {
    /// `random` is between -0.5 and 0.5.
    fn of(self, random: f32) -> f32 {
        self.middle + self.spread * random
    }
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }
}
