//! Defects of translations.

use serde::{Deserialize, Serialize};

/// A defect of one translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// A phrase is repeated again and again.
    Repeated,
    /// The translation is a copy of the source.
    Untranslated,
    /// It is much shorter than the source.
    TooShort,
    /// It is much longer than the source, or was cut off at the maximal length.
    TooLong,
    /// The model had no word for something and left it out.
    UnknownWord,
    /// A number of the source is missing, another one stands there, or what it measures is another unit.
    NumberLost,
    /// An address, a code or another token that nobody translates is missing or altered.
    TokenLost,
    /// A name whose English is known is missing.
    NameLost,
    /// A sign of the source, such as that of a currency, is missing.
    SignLost,
    /// The network panicked over the text, so there is no translation.
    Failed,
}

/// Returns the sum of the weights of `defects`. Of two translations of a text, the one with the
/// lower sum is kept.
pub(super) fn severity(defects: &[Defect]) -> usize {
    let weight = |defect: &Defect| match defect {
        Defect::NumberLost | Defect::UnknownWord | Defect::SignLost | Defect::NameLost => 1,
        Defect::TokenLost => 2,
        Defect::Repeated
        | Defect::Untranslated
        | Defect::TooShort
        | Defect::TooLong
        | Defect::Failed => 3,
    };
    defects.iter().map(weight).sum()
}

/// Whether all of `defects` concern tokens, names and signs, which come through in another form.
pub(super) fn are_of_form(defects: &[Defect]) -> bool {
    let of_form = [Defect::TokenLost, Defect::NameLost, Defect::SignLost];
    defects.iter().all(|defect| of_form.contains(defect))
}
