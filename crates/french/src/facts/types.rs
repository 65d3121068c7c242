//! What is read from an article: the types that all readers of facts share.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::units::Unit;
use crate::edtf::Edtf;

/// One sentence in its reading form (`Normalized::for_reading`): NFC, every space a plain space,
/// every apostrophe `'`, no soft hyphens or zero-width characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceSentence<'a> {
    pub id: usize,
    /// Index of its paragraph: what is named in one paragraph can be meant in it, not in the next.
    pub paragraph: usize,
    pub text: &'a str,
}

/// Where a name stands: the sentence's id and the bytes of its text.
pub type Mention = (usize, Range<usize>);

/// Everything read from one article. Dates, figures and quotations are in the order of the text,
/// names in the order of their first mention. All ranges are bytes of the sentence's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub dates: Vec<DateMention>,
    pub figures: Vec<FigureMention>,
    pub people: Vec<NamedPerson>,
    pub organisations: Vec<NamedOrganisation>,
    pub places: Vec<NamedPlace>,
    pub quotes: Vec<Quotation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateMention {
    pub sentence: usize,
    pub range: Range<usize>,
    /// `None` for an expression that the text does not fix.
    pub edtf: Option<Edtf>,
    /// Local time of day that goes with it, `HH:MM`.
    pub time: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FigureMention {
    pub sentence: usize,
    /// From the number to the end of what it counts, without the qualifier.
    pub range: Range<usize>,
    pub value: f64,
    pub unit: Option<Unit>,
    pub qualifier: Option<Qualifier>,
    /// The French noun phrase counted, such as `prisonniers politiques`.
    pub counted: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPerson {
    /// In its English form.
    pub name: String,
    /// The longest form in the text, without titles.
    pub source_name: String,
    /// In French, from the title before the name or the apposition after it.
    pub role: Option<String>,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedOrganisation {
    /// In its English form where it has one.
    pub name: String,
    /// The longest form in the text.
    pub source_name: String,
    /// In French, from the word before the name or the apposition after it.
    pub description: Option<String>,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPlace {
    /// In its English form.
    pub name: String,
    pub source_name: String,
    pub kind: PlaceKind,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// The sentence in which it begins.
    pub sentence: usize,
    /// The sentence in which it ends.
    pub last_sentence: usize,
    /// Its part in the first sentence, without the marks.
    pub range: Range<usize>,
    /// The whole quotation without the marks; sentences are joined by one space.
    pub text: String,
    /// As named in the text: a full name where it has one, else the description used.
    pub speaker: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    Continent,
    Country,
    Region,
    City,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub enum Qualifier {
    #[serde(rename = "about")]
    About,
    #[serde(rename = "more than")]
    MoreThan,
    #[serde(rename = "less than")]
    LessThan,
    #[serde(rename = "at least")]
    AtLeast,
    #[serde(rename = "at most")]
    AtMost,
    #[serde(rename = "nearly")]
    Nearly,
}
