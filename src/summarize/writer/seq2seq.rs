//! Abstracts by an English summarisation model: BART, PEGASUS or T5.
//!
//! An article that is too long for the model is split into parts of about equal length at the ends
//! of sentences. The parts are summarised, and then as much of their summaries as fits the model.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Draft, MOST_SENTENCES, Material, Statement, Stopped, Writer};
use crate::cache::KeyBuilder;
use crate::summarize::schema::{SentenceId, WriterProvenance};
use french::text::ParagraphKind;
use french::text::{sentences, split_long, words};
use seq2seq::decode::{Input, Settings, decode_stream};
use seq2seq::model::{ModelError, ModelFolder};
use seq2seq::nn::{Cpu, Network, Numeric};
use seq2seq::tokenizer::{Tokenizer, TokenizerError};

/// Maximal number of tokens of an abstract if the model's folder gives none.
const LONGEST_OUTPUT: usize = 142;
/// Maximal number of source sentences that support one sentence of the abstract.
const MOST_EVIDENCE: usize = 3;

/// An encoder–decoder network that summarises English text.
pub struct Seq2Seq {
    name: String,
    digest: String,
    identity: String,
    tokenizer: Tokenizer,
    network: Network,
    settings: Settings,
    /// Text before every input.
    prefix: String,
    /// In tokens, without the prefix.
    longest_input: usize,
    longest_output: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error(transparent)]
    LanguageModel(#[from] causal::ModelError),
    #[error(
        "{dir}: a {family} model translates; abstracts are written by English summarisation models (BART, PEGASUS, T5)"
    )]
    Translates { dir: String, family: String },
}

impl Seq2Seq {
    /// Loads the model of `folder`, to be run on the processor.
    ///
    /// # Errors
    /// If the folder is incomplete or damaged, or holds a model that does not summarise.
    pub fn load(folder: &ModelFolder, numeric: Numeric, cpu: Cpu) -> Result<Self, WriterError> {
        let config = &folder.config;
        if !config.architecture.summarizes() {
            return Err(WriterError::Translates {
                dir: folder.dir.display().to_string(),
                family: config.architecture.to_string(),
            });
        }
        let tokenizer = Tokenizer::load(&folder.dir, config.architecture.tokenizer())?;
        config.check_vocabulary(&folder.dir, tokenizer.vocab_size())?;
        let network = Network::load_for(folder, numeric, cpu)?;
        let digest = ModelFolder::digest(&folder.dir)?;
        let (generation, prefix) = folder.summarization()?;
        let settings = Settings::from_config(&generation, config);
        config.check_target_tokens(&folder.dir, settings.bounds())?;
        let positions = config.max_position_embeddings;
        let prefix_length = match prefix.trim() {
            "" => 0,
            prefix => tokenizer.encode(prefix, None).len(),
        };
        let longest_input = positions.saturating_sub(prefix_length).max(positions / 2);
        let longest_output = generation.max_length.unwrap_or(LONGEST_OUTPUT);
        let longest_output = longest_output.min(positions);
        let identity = KeyBuilder::new()
            .part("kind", b"abstract")
            .part("model", digest.as_bytes())
            .part("arithmetic", numeric.as_str().as_bytes())
            .part("prefix", prefix.as_bytes())
            .part("longest_input", longest_input.to_string().as_bytes())
            .part("longest_output", longest_output.to_string().as_bytes());
        let identity = identity.fields("search", &settings.fields()).finish();
        Ok(Self {
            identity: identity.to_string(),
            name: folder.name.clone(),
            digest,
            tokenizer,
            network,
            settings,
            prefix,
            longest_input,
            longest_output,
        })
    }

    /// Summarises each of `parts`, which have to fit the model.
    fn summarize(&self, parts: &[Vec<&str>], stop: &AtomicBool) -> Result<Vec<String>, Stopped> {
        let ids: Vec<Vec<u32>> = parts
            .iter()
            .map(|part| {
                let text = format!("{}{}", self.prefix, part.join(" "));
                self.tokenizer.encode(&text, None)
            })
            .collect();
        let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
        let mut inputs = ids.iter().enumerate().map(|(key, &ids)| Input {
            key,
            ids,
            max_length: self.longest_output,
        });
        let mut outputs = vec![String::new(); ids.len()];
        let stopped = || stop.load(Ordering::Relaxed);
        // Only GPUs fail, and this runs on the processor.
        let _ = decode_stream(
            &self.network,
            &self.settings,
            || inputs.next(),
            |key, found| outputs[key] = tidy(&self.tokenizer.decode(&found[0].ids)),
            || !stopped(),
        );
        if stopped() {
            return Err(Stopped);
        }
        Ok(outputs)
    }

    /// Splits consecutive sentences into as few parts as fit the model, of about equal length. A
    /// sentence that is too long by itself is split at its clauses.
    fn parts<'a>(&self, sentences: &[&'a str]) -> Vec<Vec<&'a str>> {
        let length = |text: &str| self.tokenizer.encode(text, None).len();
        let fits = |text: &str| length(text) <= self.longest_input;
        let all: Vec<&str> = (sentences.iter())
            .flat_map(|sentence| match fits(sentence) {
                true => vec![*sentence],
                false => {
                    let spans = split_long(sentence, fits).into_iter();
                    spans.map(|span| span.slice(sentence).trim()).collect()
                }
            })
            .collect();
        let lengths: Vec<usize> = all.iter().map(|text| length(text)).collect();
        split_evenly(&lengths, self.longest_input)
            .into_iter()
            .map(|range| all[range].to_vec())
            .collect()
    }
}

impl Writer for Seq2Seq {
    fn provenance(&self) -> WriterProvenance {
        WriterProvenance {
            model: self.name.clone(),
            digest: Some(format!("blake3:{}", self.digest)),
        }
    }

    fn identity(&self) -> &str {
        &self.identity
    }

    fn write(&self, material: &Material<'_>, stop: &AtomicBool) -> Result<Draft, Stopped> {
        let body: Vec<&str> = (material.document.sentences.iter())
            .zip(material.english)
            .filter(|(source, _)| source.kind != ParagraphKind::Heading)
            .map(|(_, english)| english.text.as_str())
            .filter(|text| !text.is_empty())
            .collect();
        let mut outputs = self.summarize(&self.parts(&body), stop)?;
        if outputs.len() > 1 {
            let mut room = self.longest_input;
            let all = outputs.iter().flat_map(|text| split(text));
            let fitting: Vec<&str> = all
                .take_while(|text| {
                    let length = self.tokenizer.encode(text, None).len();
                    let fits = length <= room;
                    room = room.saturating_sub(length);
                    fits
                })
                .collect();
            outputs = self.summarize(&[fitting], stop)?;
        }
        let sentences = outputs.iter().flat_map(|text| split(text));
        let english: Vec<HashSet<String>> = (material.english.iter())
            .map(|english| stems(&english.text))
            .collect();
        let written = sentences.take(MOST_SENTENCES).map(|text| Statement {
            text: text.to_owned(),
            evidence: evidence(text, &english),
        });
        Ok(Draft::of_abstract(written.collect()))
    }
}

/// Returns ranges of consecutive sentences of `lengths` tokens. None is longer than `longest`
/// tokens, unless it is a single sentence.
fn split_evenly(lengths: &[usize], longest: usize) -> Vec<std::ops::Range<usize>> {
    let total: usize = lengths.iter().sum();
    let parts = total.div_ceil(longest.max(1)).max(1);
    let mut goal = total.div_ceil(parts);
    loop {
        let mut ranges = Vec::new();
        let (mut start, mut sum) = (0, 0);
        for (index, length) in lengths.iter().enumerate() {
            let over = sum + length > longest || sum >= goal;
            if over && index > start {
                ranges.push(start..index);
                (start, sum) = (index, 0);
            }
            sum += length;
        }
        if start < lengths.len() {
            ranges.push(start..lengths.len());
        }
        // A short last part says little: make the other parts longer until they include it.
        let short = ranges.len() > 1
            && ranges
                .last()
                .is_some_and(|last| 4 * lengths[last.clone()].iter().sum::<usize>() < goal);
        if !short || goal >= longest {
            return ranges;
        }
        goal = (goal + goal / 8 + 1).min(longest);
    }
}

/// Returns a model's output as running text, without the `<n>` that PEGASUS writes between
/// sentences.
fn tidy(text: &str) -> String {
    let text = text.replace("<n>", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    sentences(text)
        .into_iter()
        .map(|span| span.slice(text).trim())
        .filter(|text| text.chars().any(char::is_alphanumeric))
}

/// Returns the beginnings of the words of a text, so that different forms of a word are equal.
pub(super) fn stems(text: &str) -> HashSet<String> {
    let words = words(text).into_iter();
    words
        .filter(|word| word.chars().count() > 2)
        .map(|word| word.chars().take(5).collect())
        .collect()
}

/// Returns the sentences of `all`, given by their stems, that cover the words of `text` best, in
/// the order of the article.
fn evidence(text: &str, all: &[HashSet<String>]) -> Vec<SentenceId> {
    let mut open = stems(text);
    let mut chosen = Vec::new();
    while chosen.len() < MOST_EVIDENCE && !open.is_empty() {
        let gain = |id: &usize| all[*id].intersection(&open).count();
        // Of equally good sentences, the first.
        let Some(best) = (0..all.len())
            .rev()
            .max_by_key(gain)
            .filter(|id| gain(id) > 0)
        else {
            break;
        };
        open.retain(|stem| !all[best].contains(stem));
        chosen.push(best);
    }
    chosen.sort_unstable();
    chosen.into_iter().map(SentenceId).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_few_and_of_similar_length() {
        let lengths = [40, 40, 40, 40, 40, 10];
        let ranges = split_evenly(&lengths, 100);
        assert_eq!(ranges.last().unwrap().end, lengths.len());
        for range in &ranges {
            assert!(lengths[range.clone()].iter().sum::<usize>() <= 100);
        }
        assert_eq!(ranges.len(), 3);
        assert_eq!(split_evenly(&[50, 30], 100).len(), 1);
        assert_eq!(
            split_evenly(&[500], 100).len(),
            1,
            "a sentence is not cut here"
        );
        assert!(split_evenly(&[], 100).is_empty());
    }

    #[test]
    fn evidence_covers_the_words() {
        let english = [
            stems("The court sentenced the former minister."),
            stems("It rained in Paris."),
            stems("He will appeal on Monday."),
        ];
        assert_eq!(
            evidence("The minister was sentenced and will appeal.", &english),
            [0, 2].map(SentenceId)
        );
        assert_eq!(evidence("Nothing.", &english), []);
    }
}
