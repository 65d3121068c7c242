//! Sentences to English: cache look-up, batching, checks of translations, second attempts. Knows
//! neither files nor summaries.

mod cached;
mod content;
mod defect;
mod entry;
mod forms;
mod gather;
mod guard;
mod identity;
mod options;
mod spelling;
mod stream;
mod terms;
#[cfg(test)]
mod tests;
mod translator;
mod units;

pub(crate) use content::{French, stem};
pub use defect::Defect;
pub(crate) use forms::{lost_signs, lost_tokens};
pub use options::Options;
pub(crate) use terms::Named;
pub use terms::{Term, TermKind, Terms};
pub use translator::{Follow, Translated, Translator, Untranslated};

use schemars::JsonSchema;
use seq2seq::decode::Certainty;
use seq2seq::model::ModelError;
use seq2seq::nn::{Device, NetworkError};
use seq2seq::tokenizer::TokenizerError;
use serde::{Deserialize, Serialize};

/// A text to translate, with the terms of the article that it is from.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    pub text: &'a str,
    pub terms: Option<&'a Terms>,
    /// Its English if nothing has to translate it.
    pub known: Option<Known<'a>>,
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self {
            text,
            terms: None,
            known: None,
        }
    }
}

/// English that is there without a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<'a> {
    pub english: &'a str,
    pub origin: Origin,
}

/// Where an English text comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The model translated it.
    #[default]
    Model,
    /// People translated it: it is in the translation memory.
    Memory,
    /// The source is in English.
    Source,
}

/// A text in English, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    pub text: String,
    /// Length-normalised log-probability (see [`seq2seq::decode::Output::score`]).
    pub score: f32,
    pub certainty: Certainty,
    pub defects: Vec<Defect>,
    /// Terms that the network had wrong and that were put right, by their French.
    pub repaired: Vec<String>,
    pub origin: Origin,
}

impl Translation {
    /// The translation of a text over which the network panicked.
    fn failed() -> Self {
        Self {
            text: String::new(),
            score: 0.0,
            certainty: Certainty::default(),
            defects: vec![Defect::Failed],
            repaired: Vec::new(),
            origin: Origin::Model,
        }
    }

    fn known(known: Known<'_>) -> Self {
        Self {
            text: known.english.to_owned(),
            score: 0.0,
            certainty: Certainty::default(),
            defects: Vec::new(),
            repaired: Vec::new(),
            origin: known.origin,
        }
    }

    /// Whether it has a defect that makes it unreliable.
    pub(crate) fn is_unfit(&self) -> bool {
        let fatal = [
            Defect::Repeated,
            Defect::Untranslated,
            Defect::TooShort,
            Defect::TooLong,
            Defect::Failed,
        ];
        let mut defects = self.defects.iter();
        self.text.is_empty() || defects.any(|defect| fatal.contains(defect))
    }

    /// Whether the network panicked over the text or a piece of it.
    pub fn has_failed(&self) -> bool {
        self.defects.contains(&Defect::Failed)
    }

    /// Joins the translations of consecutive pieces.
    pub(crate) fn join(mut pieces: Vec<Self>, separator: &str) -> Self {
        if pieces.len() == 1
            && let Some(only) = pieces.pop()
        {
            return only;
        }
        let count = pieces.len().max(1) as f32;
        let mut defects: Vec<Defect> = pieces
            .iter()
            .flat_map(|piece| piece.defects.clone())
            .collect();
        defects.sort_unstable();
        defects.dedup();
        let texts: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let first = pieces.first().map_or(Origin::Model, |piece| piece.origin);
        let is_same = pieces.iter().all(|piece| piece.origin == first);
        Self {
            text: texts.join(separator),
            score: pieces.iter().map(|piece| piece.score).sum::<f32>() / count,
            certainty: Certainty {
                least: (pieces.iter().map(|piece| piece.certainty.least)).fold(0.0, f32::min),
                doubtful: pieces.iter().map(|piece| piece.certainty.doubtful).sum(),
            },
            defects,
            repaired: (pieces.iter())
                .flat_map(|piece| piece.repaired.clone())
                .collect(),
            origin: if is_same { first } else { Origin::Model },
        }
    }
}

/// The language of the texts, as far as anything depends on it: rules for numbers and capitals are
/// rules for French.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SourceLanguage {
    French,
    Other,
}

/// Work done since the last report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Sentences translated by the network.
    pub translated: usize,
    /// Sentences found in the cache.
    pub cached: usize,
    /// Source tokens that the network has read.
    pub source_tokens: usize,
    /// Tokens that the network has written.
    pub target_tokens: usize,
    /// Sentences decoded a second time.
    pub retried: usize,
    /// Sentences over which the network panicked, even alone.
    pub failed: usize,
    /// Source tokens of the sentences that have to be translated, as far as that is known yet.
    pub expected_tokens: usize,
    /// Of these the ones whose sentences are done, or half done. Each is counted once, however often
    /// the network reads it.
    pub settled_tokens: usize,
}

impl std::ops::AddAssign for Progress {
    fn add_assign(&mut self, other: Self) {
        self.translated += other.translated;
        self.cached += other.cached;
        self.source_tokens += other.source_tokens;
        self.target_tokens += other.target_tokens;
        self.retried += other.retried;
        self.failed += other.failed;
        self.expected_tokens += other.expected_tokens;
        self.settled_tokens += other.settled_tokens;
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TranslateError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error("{model} has no language `{code}`; it has {known}")]
    Language {
        model: String,
        code: String,
        known: String,
    },
    #[error(
        "{model} is a {family} model, which summarises English; models that translate are MarianMT, NLLB, M2M100 and mBART-50"
    )]
    Summarizes { model: String, family: String },
    #[error("shortlists work on processors only, and the network is to run on a GPU")]
    ShortlistOnGpu,
    #[error(
        "{model} translates from one language only and cannot be told to read `{code}`; models of several languages are NLLB, M2M100 and mBART-50"
    )]
    OneLanguage { model: String, code: String },
    #[error("{device} does not compute in {numeric}, but in one of: {known}")]
    Numeric {
        device: Device,
        numeric: &'static str,
        known: String,
    },
    #[error("{device} cannot be used: this precis was built without GPU code (the feature `cuda`)")]
    NoCuda { device: Device },
    #[error(transparent)]
    Network(#[from] NetworkError),
    #[error("cannot start {workers} workers: {source}")]
    Workers {
        workers: usize,
        source: rayon::ThreadPoolBuildError,
    },
    #[error("cannot use {}: {reason}; correct or delete the file", .path.display())]
    Hints {
        path: std::path::PathBuf,
        reason: String,
    },
    #[error("interrupted")]
    Interrupted,
}
