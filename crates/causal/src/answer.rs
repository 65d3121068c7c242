//! The most likely answer that a grammar allows.

use std::sync::atomic::{AtomicBool, Ordering};

use llguidance::Matcher;
use llguidance::api::{StopReason, TopLevelGrammar};

use crate::network::{Network, blocks};
use crate::tokens::Tokens;

/// What a model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Of JSON, or the beginning of it.
    pub text: String,
    /// Why it ends.
    pub end: End,
    /// Length of the answer.
    pub tokens: usize,
}

/// Why an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is whole.
    Whole,
    /// It would have been longer than allowed.
    Length,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The work was stopped.
    #[error("stopped")]
    Stopped,
    /// The schema is not one that answers can be bound by.
    #[error("the grammar cannot be used: {0}")]
    Grammar(String),
    /// Prompt and answer do not fit the model.
    #[error("a prompt of {tokens} tokens leaves no room for an answer in {context}")]
    TooLong {
        /// Length of the prompt.
        tokens: usize,
        /// Of the model, for prompt and answer.
        context: usize,
    },
    /// The network fails.
    #[error("the network fails: {0}")]
    Network(String),
}

/// Has `network` answer `prompt` in at most `longest` tokens.
pub(crate) fn answer(
    network: &mut Network,
    tokens: &Tokens,
    prompt: &[u32],
    schema: &serde_json::Value,
    longest: usize,
    stop: &AtomicBool,
) -> Result<Answer, AnswerError> {
    let grammar = |error: String| AnswerError::Grammar(error);
    let failed = |error: candle_core::Error| AnswerError::Network(error.to_string());
    let go_on = || match stop.load(Ordering::Relaxed) {
        true => Err(AnswerError::Stopped),
        false => Ok(()),
    };
    let schema = TopLevelGrammar::from_json_schema(schema.clone());
    let mut matcher = Matcher::new(tokens.grammars.create_parser(schema));
    if let Some(error) = matcher.get_error() {
        return Err(grammar(error));
    }
    network.clear();
    let mut logits = Vec::new();
    for block in blocks(prompt) {
        go_on()?;
        logits = network.read(block).map_err(failed)?;
    }
    let mut ids = Vec::new();
    let end = loop {
        go_on()?;
        let mask = matcher.compute_mask_or_eos();
        let mask = mask.map_err(|error| grammar(error.to_string()))?;
        let mut best: Option<(u32, f32)> = None;
        mask.iter_set_entries(|id| {
            // Of equals the first; what is no number is greater than nothing.
            if let Some(&logit) = logits.get(id)
                && !logit.is_nan()
                && best.is_none_or(|(_, best)| logit > best)
            {
                best = Some((id as u32, logit));
            }
        });
        let Some((id, _)) = best else {
            return Err(AnswerError::Network("it gives no numbers".to_owned()));
        };
        let consumed = matcher.consume_token(id);
        consumed.map_err(|error| grammar(error.to_string()))?;
        ids.push(id);
        match matcher.is_stopped().then(|| matcher.stop_reason()) {
            None if ids.len() < longest => logits = network.read(&[id]).map_err(failed)?,
            None => break End::Length,
            Some(
                StopReason::NoExtension | StopReason::NoExtensionBias | StopReason::EndOfSentence,
            ) => break End::Whole,
            Some(reason) => return Err(grammar(format!("{reason:?}"))),
        }
    };
    let trie = tokens.grammars.tok_env().tok_trie();
    Ok(Answer {
        text: String::from_utf8_lossy(&trie.decode_ext(&ids, false)).into_owned(),
        tokens: ids.len(),
        end,
    })
}
