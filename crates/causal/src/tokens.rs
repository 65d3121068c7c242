//! Text and tokens of a model, both ways.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use llguidance::ParserFactory;
use tokenizers::Tokenizer;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie};

use crate::file::{Gguf, ModelError, first_line};
use crate::template::{Part, Template};

/// The file beside a GGUF file that says more of its tokens.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

pub(crate) struct Tokens {
    /// Reads control tokens.
    control: Tokenizer,
    /// Does not.
    plain: Tokenizer,
    /// Control tokens, by their ids.
    reserved: HashSet<u32>,
    template: Template,
    /// Before everything, if it is not in the template.
    bos: Option<u32>,
    pub grammars: ParserFactory,
}

impl Tokens {
    /// Reads the tokens of a model: from a [`TOKENIZER`] beside it, otherwise from its own file.
    pub(crate) fn new(gguf: &mut Gguf) -> Result<Self, ModelError> {
        let (content, _) = gguf.content()?;
        let beside = gguf.path.with_file_name(TOKENIZER);
        let control = match beside.is_file() {
            true => beside_it(&beside)?,
            false => own(gguf, content)?,
        };
        let reserved: HashSet<u32> = control.get_added_tokens_decoder().into_keys().collect();
        let words = words(&control, &reserved, gguf.width);
        let words = words.map_err(|reason| gguf.unsupported(reason))?;
        let id = |key: &str| gguf.metadata.get(key)?.to_u32().ok();
        let name = |id: Option<u32>| id.and_then(|id| control.id_to_token(id));
        let bos = id("tokenizer.ggml.bos_token_id");
        let Some((eos, eos_name)) =
            id("tokenizer.ggml.eos_token_id").and_then(|id| Some((id, control.id_to_token(id)?)))
        else {
            return Err(gguf.damaged("it names no token that ends an answer".to_owned()));
        };
        let bos_name = name(bos).unwrap_or_default();
        let has_chatml = ["<|im_start|>", "<|im_end|>"]
            .iter()
            .all(|token| control.token_to_id(token).is_some());
        let template = match gguf.string("tokenizer.chat_template") {
            Some(source) => Template::new(source, &bos_name, &eos_name),
            None => Err("it is missing".to_owned()),
        };
        let template = match template {
            Ok(template) => template,
            Err(_) if has_chatml => Template::chatml(),
            Err(reason) => {
                return Err(gguf.unsupported(format!(
                    "its chat template cannot be used: {reason}; take a model that was tuned to follow instructions"
                )));
            }
        };
        let trie = TokTrie::from(&TokRxInfo::new(words.len() as u32, eos), &words);
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        let grammars = ParserFactory::new_simple(&environment);
        let mut grammars = grammars.map_err(|error| gguf.unsupported(error.to_string()))?;
        grammars.quiet();
        let add_bos = gguf.metadata.get("tokenizer.ggml.add_bos_token");
        let add_bos = add_bos.is_some_and(|value| value.to_bool().unwrap_or(false));
        Ok(Self {
            plain: without_control(&control),
            control,
            reserved,
            template,
            bos: bos.filter(|_| add_bos),
            grammars,
        })
    }

    /// The tokens of a system and a user message, ready to be answered.
    pub(crate) fn prompt(&self, system: &str, user: &str) -> Vec<u32> {
        let contents = [system, user];
        let mut ids: Vec<u32> = Vec::new();
        for part in self.template.parts() {
            ids.extend(match part {
                Part::Template(text) => encode(&self.control, text),
                Part::Content(at) => self.encode(contents[at]),
            });
        }
        match self.bos {
            Some(bos) if ids.first() != Some(&bos) => ids.insert(0, bos),
            _ => {}
        }
        ids
    }

    /// The tokens of a text, none of which is a control token.
    pub(crate) fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = encode(&self.plain, text);
        ids.retain(|id| !self.reserved.contains(id));
        ids
    }
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    // Nothing fails on whole strings: byte-level tokenizers have a token for each byte.
    let encoding = tokenizer.encode_fast(text, false);
    encoding.map_or_else(|_| Vec::new(), |encoding| encoding.get_ids().to_vec())
}

fn beside_it(path: &Path) -> Result<Tokenizer, ModelError> {
    Tokenizer::from_file(path).map_err(|error| ModelError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

/// The tokenizer that a GGUF file describes. candle reads those of which it knows how they split text
/// into words; others it would split like GPT-2.
fn own(gguf: &Gguf, mut content: Content) -> Result<Tokenizer, ModelError> {
    let pre = gguf.string("tokenizer.ggml.pre").unwrap_or("missing");
    let model = gguf.string("tokenizer.ggml.model").unwrap_or("missing");
    let named = match (model, pre) {
        ("gpt2", "qwen2") => "qwen2",
        ("gpt2", "llama-bpe" | "llama3") => "llama3",
        ("gpt2", "gpt-2" | "smollm") => "gpt2",
        _ => {
            return Err(gguf.unsupported(format!(
                "tokens of the kind {model}/{pre} are not read from GGUF files; put the model's {TOKENIZER} beside it"
            )));
        }
    };
    let key = "tokenizer.ggml.pre".to_owned();
    content
        .metadata
        .insert(key, Value::String(named.to_owned()));
    let tokenizer = Tokenizer::from_gguf(&content);
    let mut tokenizer = tokenizer.map_err(|error| gguf.damaged(first_line(&error)))?;
    let words = ByteLevel::new(false, true, true);
    match pre {
        "gpt-2" => {
            tokenizer.with_pre_tokenizer(Some(words));
        }
        "smollm" => {
            let digits = PreTokenizerWrapper::from(Digits::new(true));
            tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![digits, words.into()])));
        }
        _ => {}
    }
    Ok(tokenizer)
}

/// The same tokenizer without its control tokens.
fn without_control(tokenizer: &Tokenizer) -> Tokenizer {
    let mut plain = Tokenizer::new(tokenizer.get_model().clone());
    plain.with_pre_tokenizer(tokenizer.get_pre_tokenizer().cloned());
    if let Some(normalizer) = tokenizer.get_normalizer() {
        let _ = plain.with_normalizer(Some(normalizer.clone()));
    }
    plain
}

/// The bytes of each token, as grammars see them; control tokens are marked.
fn words(
    tokenizer: &Tokenizer,
    reserved: &HashSet<u32>,
    width: usize,
) -> Result<Vec<Vec<u8>>, String> {
    let bytes = bytes_of_characters();
    let mut words = vec![Vec::new(); width];
    for (name, id) in tokenizer.get_vocab(true) {
        let Some(word) = words.get_mut(id as usize) else {
            return Err(format!(
                "its tokenizer has more than the {width} tokens of its network"
            ));
        };
        let plain = || {
            name.chars()
                .map(|c| bytes.get(c as usize).copied().flatten())
        };
        *word = match plain().collect::<Option<Vec<u8>>>() {
            Some(word) if !reserved.contains(&id) => word,
            _ => [&[TokTrie::SPECIAL_TOKEN_MARKER], name.as_bytes()].concat(),
        };
    }
    let single: HashSet<u8> = (words.iter())
        .filter_map(|word| <[u8; 1]>::try_from(word.as_slice()).ok())
        .map(|[byte]| byte)
        .collect();
    // Bytes that are in no text have no token in some vocabularies.
    match (b' '..=b'~').all(|byte| single.contains(&byte)) {
        true => Ok(words),
        false => Err(
            "its tokens are not made of bytes (byte-level BPE, as Qwen and SmolLM2 have it)"
                .to_owned(),
        ),
    }
}

/// Byte-level tokenizers spell each byte as a character. This is the way back, by code point.
fn bytes_of_characters() -> Vec<Option<u8>> {
    let mut bytes = vec![None; 512];
    for byte in 0..=u8::MAX {
        bytes[spelt(byte) as usize] = Some(byte);
    }
    bytes
}

/// The character that stands for `byte`.
pub(crate) fn spelt(byte: u8) -> char {
    let is_printed = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    match is_printed(byte) {
        true => char::from(byte),
        false => {
            let before = (0..byte).filter(|byte| !is_printed(*byte)).count() as u32;
            char::from_u32(256 + before).expect("a Latin letter")
        }
    }
}
