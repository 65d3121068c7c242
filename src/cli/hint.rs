//! Remedies in terms of options, for errors of modules that know no command line.

use std::collections::BTreeSet;
use std::error::Error;

use crate::article;
use crate::cache::CacheError;
use crate::job::{JobError, LockError, SkipReason, SkippedArticle};
use crate::models::RegistryError;
use crate::pipeline::Refusal;
use crate::summarize::WriterError;
use crate::translate::TranslateError;
use seq2seq::model::ModelError;

const OTHER_OUTPUT_FOLDER: &str = "choose another output folder with --out DIR";

/// Returns the option that helps against `error`, or `None` if no option does.
pub(super) fn of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(of_cause)
}

/// [`of`] for one error without its causes.
pub(super) fn of_cause(error: &(dyn Error + 'static)) -> Option<String> {
    None.or_else(|| error.downcast_ref().and_then(of_job))
        .or_else(|| error.downcast_ref().and_then(of_lock))
        .or_else(|| error.downcast_ref().and_then(of_cache))
        .or_else(|| error.downcast_ref().and_then(of_translate))
        .or_else(|| error.downcast_ref().and_then(of_writer))
        .or_else(|| error.downcast_ref().and_then(of_registry))
        .or_else(|| of_fetch(error))
        .or_else(|| error.downcast_ref().and_then(of_model))
}

/// Returns the option that lets in an article skipped for the reason `code`, or `None` if none
/// does.
pub(super) fn of_skipped(code: &str) -> Option<&'static str> {
    Some(match code {
        article::SkipReason::TOO_LARGE => "raise the limit of bytes with --max-bytes N",
        Refusal::TOO_LONG => "raise the limit of sentences with --max-sentences N",
        article::SkipReason::MISSING_FIELD => {
            "name the field that holds the text with --field-text NAME"
        }
        SkipReason::OUTPUT_TAKEN => OTHER_OUTPUT_FOLDER,
        _ => return None,
    })
}

/// [`of_skipped`] for many articles, each option once.
pub(super) fn of_all_skipped(skipped: &[SkippedArticle]) -> BTreeSet<&'static str> {
    skipped
        .iter()
        .filter_map(|skipped| of_skipped(&skipped.code))
        .collect()
}

// The matches are exhaustive: a new error does not compile until its hint is decided.

fn of_job(error: &JobError) -> Option<String> {
    match error {
        JobError::Write { .. }
        | JobError::OutputIsCorpus { .. }
        | JobError::OtherShard { .. }
        | JobError::Foreign { .. } => Some(OTHER_OUTPUT_FOLDER.to_owned()),
        JobError::Lock(error) => of_lock(error),
        JobError::Translate(error) => of_translate(error),
        JobError::Cache(error) => of_cache(error),
        JobError::NoArticles { .. } | JobError::Read { .. } | JobError::Merge { .. } => None,
    }
}

fn of_lock(error: &LockError) -> Option<String> {
    match error {
        LockError::Held { .. } | LockError::Io { .. } => Some(OTHER_OUTPUT_FOLDER.to_owned()),
    }
}

fn of_cache(error: &CacheError) -> Option<String> {
    let hint = match error {
        CacheError::InUse { .. } => return None,
        CacheError::Full { .. } => {
            "choose a file on another disk with --cache FILE, or run with --no-cache"
        }
        CacheError::Unavailable { .. }
        | CacheError::ReadOnly { .. }
        | CacheError::Busy { .. }
        | CacheError::NoCache { .. }
        | CacheError::RejectedInUse { .. }
        | CacheError::Damaged { .. }
        | CacheError::Sqlite { .. } => {
            "choose another file with --cache FILE, or run with --no-cache"
        }
    };
    Some(hint.to_owned())
}

fn of_translate(error: &TranslateError) -> Option<String> {
    let hint = match error {
        TranslateError::Language { .. } => "name the language of the texts with --source",
        TranslateError::Summarizes { .. } => {
            "name it with --writer, and a model that translates with --model"
        }
        TranslateError::ShortlistOnGpu => "leave --shortlist out, or run with --device cpu",
        TranslateError::OneLanguage { .. } => {
            "leave --source out, or choose a model of several languages with --model"
        }
        TranslateError::Numeric { known, device, .. } => {
            return Some(format!(
                "for --device {device}, --numeric takes one of: {known}"
            ));
        }
        TranslateError::NoCuda { .. } => {
            "run with --device cpu, or build precis on a machine that has the CUDA toolkit, with \
             `cargo build --release --features cuda`"
        }
        TranslateError::Workers { .. } => "start fewer with --workers N",
        TranslateError::Model(error) => return of_model(error),
        TranslateError::Hints { .. }
        | TranslateError::Tokenizer(_)
        | TranslateError::Network(_)
        | TranslateError::Interrupted => {
            return None;
        }
    };
    Some(hint.to_owned())
}

fn of_writer(error: &WriterError) -> Option<String> {
    match error {
        WriterError::Translates { .. } => Some(
            "name a model that summarises with --writer, and one that translates with --model"
                .to_owned(),
        ),
        WriterError::Model(error) => of_model(error),
        WriterError::Tokenizer(_) | WriterError::LanguageModel(_) => None,
    }
}

fn of_registry(error: &RegistryError) -> Option<String> {
    match error {
        RegistryError::NotFetched { on_hub: false, .. } => Some(
            "put the released models into one of these folders, or take another model: \
             `precis models get opus-mt-fr-en`, then --model opus-mt-fr-en"
                .to_owned(),
        ),
        RegistryError::NotFetched { model, .. } => {
            Some(format!("fetch it with `precis models get {model}`"))
        }
        RegistryError::NotFound { .. } => Some(
            "`precis models list` lists what --model can be, `precis models get OWNER/NAME` fetches others \
             from the Hugging Face hub; a folder is named by its path"
                .to_owned(),
        ),
        RegistryError::NoHome => None,
    }
}

#[cfg(feature = "fetch")]
fn of_fetch(error: &(dyn Error + 'static)) -> Option<String> {
    use crate::models::FetchError;

    let hint = match error.downcast_ref()? {
        FetchError::SeveralWeights { .. } => "choose one with --weights FILE",
        FetchError::Taken { .. } => "choose another name with --as NAME",
        FetchError::NoSpace { .. } => "set PRECIS_MODELS to a folder on another disk",
        FetchError::Unreachable { .. }
        | FetchError::NoRepository { .. }
        | FetchError::NoRevision { .. }
        | FetchError::Refused { .. }
        | FetchError::Status { .. }
        | FetchError::Unexpected { .. }
        | FetchError::NoModel { .. }
        | FetchError::Broken { .. }
        | FetchError::Interrupted
        | FetchError::Damaged { .. }
        | FetchError::OtherFile { .. }
        | FetchError::Busy { .. }
        | FetchError::Write { .. }
        | FetchError::Unusable(_) => return None,
    };
    Some(hint.to_owned())
}

#[cfg(not(feature = "fetch"))]
fn of_fetch(_: &(dyn Error + 'static)) -> Option<String> {
    None
}

fn of_model(error: &ModelError) -> Option<String> {
    let hint = match error {
        ModelError::Shortlist { .. } => "search all words, with --shortlist=false",
        ModelError::Numeric { .. } => "choose another arithmetic with --numeric",
        ModelError::Device { .. } => "run on the processor with --device cpu",
        ModelError::MissingFile { .. }
        | ModelError::Io { .. }
        | ModelError::Write { .. }
        | ModelError::Invalid { .. }
        | ModelError::Unsupported { .. }
        | ModelError::Architecture { .. }
        | ModelError::Config { .. }
        | ModelError::Vocabulary { .. }
        | ModelError::MissingTensor { .. }
        | ModelError::Shape { .. }
        | ModelError::Tensor { .. } => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn cause_below_context_and_wrapper_gives_its_hint() {
        let full = CacheError::Full {
            path: "cache.sqlite".into(),
        };
        let error = Err::<(), _>(JobError::Cache(full)).context("the night failed");
        let hint = of(&error.unwrap_err()).unwrap();
        assert!(hint.contains("--cache FILE"), "{hint}");
        assert!(hint.contains("--no-cache"), "{hint}");
    }

    #[test]
    fn error_without_an_option_has_no_hint() {
        assert_eq!(of(&anyhow::anyhow!("something else")), None);
        assert_eq!(of(&TranslateError::Interrupted.into()), None);
    }
}
