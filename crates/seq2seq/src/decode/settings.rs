//! How to search.

use std::sync::Arc;

use crate::model::{EarlyStopping, GenerationConfig, ModelConfig, Shortlist};

/// How to search. Names and meanings are those of Hugging Face's `GenerationConfig`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Beams of the search; 1 is greedy search.
    pub num_beams: usize,
    /// Exponent of the length by which a hypothesis's log-probability is divided.
    pub length_penalty: f32,
    /// When beam search stops.
    pub early_stopping: EarlyStopping,
    /// Length of the n-grams that may not occur twice in an output; 0 allows all.
    pub no_repeat_ngram_size: usize,
    /// Penalty of tokens that the output already has (Keskar et al. 2019); 1 is none.
    pub repetition_penalty: f32,
    /// Token sequences that may not occur in an output.
    pub bad_words_ids: Vec<Vec<u32>>,
    /// The token that has to follow the start token.
    pub forced_bos_token_id: Option<u32>,
    /// The token that has to end an output of the greatest length.
    pub forced_eos_token_id: Option<u32>,
    /// Shortest output in tokens, the start token included; the end token is not allowed before.
    pub min_length: usize,
    /// Length of the n-grams of the source that may not occur in an output; 0 allows all.
    pub encoder_no_repeat_ngram_size: usize,
    /// Tokens that may not occur in an output.
    pub suppress_tokens: Vec<u32>,
    /// Tokens with which an output may not begin, after a forced token.
    pub begin_suppress_tokens: Vec<u32>,
    /// Whether scores are normalised again after the constraints have changed them.
    pub renormalize_logits: bool,
    /// The tokens that an output may have, given its source; `None` allows all.
    pub shortlist: Option<Arc<Shortlist>>,
    /// The token that begins every output.
    pub start: u32,
    /// The tokens that end an output, at least one.
    pub eos: Vec<u32>,
    /// The padding token, which is never generated.
    pub pad: u32,
}

impl Settings {
    /// The settings that the model's authors chose, without a shortlist. The default number of beams
    /// is 4.
    pub fn from_config(generation: &GenerationConfig, config: &ModelConfig) -> Self {
        Self {
            num_beams: generation.num_beams.unwrap_or(4),
            length_penalty: generation.length_penalty,
            early_stopping: generation.early_stopping,
            no_repeat_ngram_size: generation.no_repeat_ngram_size,
            repetition_penalty: generation.repetition_penalty,
            bad_words_ids: generation.bad_words_ids.clone(),
            forced_bos_token_id: generation.forced_bos_token_id,
            forced_eos_token_id: generation.forced_eos_token_id,
            min_length: generation.min_length,
            encoder_no_repeat_ngram_size: generation.encoder_no_repeat_ngram_size,
            suppress_tokens: generation.suppress_tokens.clone(),
            begin_suppress_tokens: generation.begin_suppress_tokens.clone(),
            renormalize_logits: generation.renormalize_logits,
            shortlist: None,
            start: generation
                .decoder_start_token_id
                .unwrap_or(config.decoder_start_token_id),
            eos: match &*generation.eos_token_id {
                [] => vec![config.eos_token_id],
                tokens => tokens.to_vec(),
            },
            pad: generation.pad_token_id.unwrap_or(config.pad_token_id),
        }
    }

    /// The tokens that outputs begin and end with.
    pub fn bounds(&self) -> impl Iterator<Item = u32> {
        let forced = [self.forced_bos_token_id, self.forced_eos_token_id];
        let ends = self.eos.iter().copied();
        ends.chain([self.start]).chain(forced.into_iter().flatten())
    }

    /// Whether `token` ends an output.
    pub(super) fn ends(&self, token: u32) -> bool {
        self.eos.contains(&token)
    }

    /// Returns the tokens that every output may have, in ascending order, or `None` if outputs may have
    /// all tokens because there is no shortlist.
    pub(super) fn common_tokens(&self) -> Option<Vec<u32>> {
        let list = self.shortlist.as_ref()?;
        let needed = self.bounds().filter(|&token| token != self.start);
        Some(list.common(needed))
    }

    /// Returns every setting with its name and value as text, for keys of caches and reports. Numbers are
    /// decimal, a floating-point number with as few digits as identify it; a shortlist is only there or not.
    /// Settings that most models do not have are left out where they change nothing.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        // Every field by its name: a new one does not compile until it is added here.
        let Settings {
            num_beams,
            length_penalty,
            early_stopping,
            no_repeat_ngram_size,
            repetition_penalty,
            bad_words_ids,
            forced_bos_token_id,
            forced_eos_token_id,
            min_length,
            encoder_no_repeat_ngram_size,
            suppress_tokens,
            begin_suppress_tokens,
            renormalize_logits,
            shortlist,
            start,
            eos,
            pad,
        } = self;
        let early_stopping = match early_stopping {
            EarlyStopping::Heuristic => "heuristic",
            EarlyStopping::FirstFinished => "first_finished",
            EarlyStopping::Never => "never",
        };
        let mut fields = vec![
            ("num_beams", num_beams.to_string()),
            ("length_penalty", length_penalty.to_string()),
            ("early_stopping", early_stopping.to_owned()),
            ("no_repeat_ngram_size", no_repeat_ngram_size.to_string()),
            ("repetition_penalty", repetition_penalty.to_string()),
            ("bad_words_ids", sequences(bad_words_ids)),
            ("forced_bos_token_id", optional(*forced_bos_token_id)),
            ("forced_eos_token_id", optional(*forced_eos_token_id)),
            ("min_length", min_length.to_string()),
            ("renormalize_logits", renormalize_logits.to_string()),
            // Its content is part of the model's digest.
            ("shortlist", shortlist.is_some().to_string()),
            ("start", start.to_string()),
            ("eos", sequence(eos)),
            ("pad", pad.to_string()),
        ];
        if *encoder_no_repeat_ngram_size > 0 {
            let size = encoder_no_repeat_ngram_size.to_string();
            fields.push(("encoder_no_repeat_ngram_size", size));
        }
        for (name, tokens) in [
            ("suppress_tokens", suppress_tokens),
            ("begin_suppress_tokens", begin_suppress_tokens),
        ] {
            if !tokens.is_empty() {
                fields.push((name, sequence(tokens)));
            }
        }
        fields
    }
}

/// `1 2,3`: spaces between the tokens of a sequence, commas between sequences.
fn sequences(sequences: &[Vec<u32>]) -> String {
    let sequences: Vec<String> = sequences.iter().map(|tokens| sequence(tokens)).collect();
    sequences.join(",")
}

fn sequence(tokens: &[u32]) -> String {
    let tokens: Vec<String> = tokens.iter().map(u32::to_string).collect();
    tokens.join(" ")
}

fn optional(token: Option<u32>) -> String {
    token.map_or_else(|| "none".to_owned(), |token| token.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_and_values_of_the_settings() {
        let settings = Settings {
            num_beams: 4,
            length_penalty: 1.0,
            early_stopping: EarlyStopping::Heuristic,
            no_repeat_ngram_size: 0,
            repetition_penalty: 1.1,
            bad_words_ids: vec![vec![1, 2], vec![3]],
            forced_bos_token_id: None,
            forced_eos_token_id: Some(0),
            min_length: 0,
            encoder_no_repeat_ngram_size: 0,
            suppress_tokens: Vec::new(),
            begin_suppress_tokens: vec![7, 8],
            renormalize_logits: true,
            shortlist: None,
            start: 3,
            eos: vec![0],
            pad: 3,
        };
        let lines: Vec<String> = settings
            .fields()
            .into_iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        assert_eq!(
            lines,
            [
                "num_beams = 4",
                "length_penalty = 1",
                "early_stopping = heuristic",
                "no_repeat_ngram_size = 0",
                "repetition_penalty = 1.1",
                "bad_words_ids = 1 2,3",
                "forced_bos_token_id = none",
                "forced_eos_token_id = 0",
                "min_length = 0",
                "renormalize_logits = true",
                "shortlist = false",
                "start = 3",
                "eos = 0",
                "pad = 3",
                "begin_suppress_tokens = 7 8",
            ]
        );
    }
}
