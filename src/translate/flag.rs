use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a check found wrong with a translation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
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
    /// A date of the source is missing.
    DateLost,
    /// A name of the source is missing.
    NameLost,
    /// A number, date or name that the source does not have.
    Unsupported,
    /// The network broke down over it, so that there is no translation.
    Failed,
}

/// A lost number or word is better than a translation that is none.
pub(super) fn severity(flags: &[Flag]) -> usize {
    let weight = |flag: &Flag| match flag {
        Flag::NumberLost | Flag::UnknownWord => 1,
        _ => 3,
    };
    flags.iter().map(weight).sum()
}
