//! Articles that are refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why an article gets no summary although it could be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("is in {language} (confidence {confidence:.2}), not in French")]
    NotFrench {
        /// English name of the language.
        language: &'static str,
        confidence: f64,
    },
    #[error("holds no text")]
    Empty,
    #[error(
        "is as long as {sentences} sentences, more than the limit of {limit}: split it, or raise the \
         limit"
    )]
    TooLong { sentences: usize, limit: usize },
    /// A bug: a panic, or a summary without valid JSON.
    #[error("caused an internal error in precis ({message}); please report it with this file")]
    Internal { message: String },
}

impl Refusal {
    /// [`Self::code`] of [`Self::TooLong`].
    pub const TOO_LONG: &str = "too_long";

    /// Stable name of the reason, for programs that read run reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFrench { .. } => "not_french",
            Self::Empty => "empty",
            Self::TooLong { .. } => Self::TOO_LONG,
            Self::Internal { .. } => "internal_error",
        }
    }
}

/// Runs `work` on one article, so that a panic ends the work on this article but not the run.
///
/// # Errors
/// The errors of `work`, and [`Refusal::Internal`] for a panic.
pub fn contained<T, E: From<Refusal>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<&str>().copied();
        let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(E::from(Refusal::Internal {
            message: message.unwrap_or("no message").to_owned(),
        }))
    })
}
