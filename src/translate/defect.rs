//! What the guard finds wrong with a translation.

use serde::{Deserialize, Serialize};

/// A defect of one translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// The same words again and again.
    Repeated,
    /// The source came back as it was.
    Untranslated,
    /// Far shorter than the source.
    TooShort,
    /// Far longer than the source, or cut off at the longest output.
    TooLong,
    /// The model had no word for something and left it out.
    UnknownWord,
    /// A number of the source is missing.
    NumberLost,
    /// The network broke down over it, so that there is no translation.
    Failed,
}

/// Sum of the weights of `defects`: of two translations of one text, the one with the lower sum is kept.
pub(super) fn severity(defects: &[Defect]) -> usize {
    let weight = |defect: &Defect| match defect {
        Defect::NumberLost | Defect::UnknownWord => 1,
        Defect::Repeated
        | Defect::Untranslated
        | Defect::TooShort
        | Defect::TooLong
        | Defect::Failed => 3,
    };
    defects.iter().map(weight).sum()
}
