//! Articles that get no summary, and why.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why an article that was read gets no summary.
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
        "is as long as {sentences} sentences, and what has more than {limit} is no article: split it, \
         or raise the limit"
    )]
    TooLong { sentences: usize, limit: usize },
    /// A panic, or a summary that is no valid JSON: a bug that this article has met.
    #[error("brought precis to an error of its own ({message}); please report it with this file")]
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

/// Runs `work` on one article, so that a panic costs this article and not the run.
///
/// # Errors
/// Those of `work`, and [`Refusal::Internal`] for a panic.
pub fn contained<T, E: From<Refusal>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<&str>().copied();
        let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(E::from(Refusal::Internal {
            message: message.unwrap_or("it says nothing").to_owned(),
        }))
    })
}
