//! What is read from an article: the types that all readers of facts share.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::units::Unit;
use crate::edtf::Edtf;

/// The number of a sentence in its article, counted from 0.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SentenceId(pub usize);

/// The schema of the number. A derived one would repeat the description above wherever an id stands.
#[cfg(feature = "schemars")]
impl schemars::JsonSchema for SentenceId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        usize::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        usize::json_schema(generator)
    }
}

impl fmt::Display for SentenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One sentence in its reading form (`Normalized::for_reading`): NFC, every space a plain space,
/// every apostrophe `'`, no soft hyphens or zero-width characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceSentence<'a> {
    /// Higher than that of the sentence before.
    pub id: SentenceId,
    /// Index of its paragraph: what is named in one paragraph can be meant in it, not in the next.
    pub paragraph: usize,
    /// In its reading form.
    pub text: &'a str,
}

/// Where something stands in an article.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mention {
    /// The sentence that it stands in.
    pub sentence: SentenceId,
    /// Its bytes in the sentence's text.
    pub range: Range<usize>,
}

impl Mention {
    /// The words themselves, from the sentences that were read.
    ///
    /// # Panics
    ///
    /// Panics if the mention is of another article.
    pub fn slice<'a>(&self, sentences: &[SourceSentence<'a>]) -> &'a str {
        let index = sentences.binary_search_by_key(&self.sentence, |sentence| sentence.id);
        &sentences[index.expect("a sentence of the article")].text[self.range.clone()]
    }

    /// Where it begins: mentions in this order are in the order of the article.
    pub(super) fn start(&self) -> (SentenceId, usize) {
        (self.sentence, self.range.start)
    }
}

/// What an article does with a sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SentenceKind {
    /// States something.
    #[default]
    Statement,
    /// Asks, and is nobody's words.
    Question,
    /// What an interviewer says to whoever answers.
    Interviewer,
    /// About the article itself: corrections, updates.
    Note,
    /// Leads to another article.
    Link,
    /// Speaks to the readers: greetings, thanks.
    Greeting,
}

/// Everything read from one article. Dates, figures and quotations are in the order of the text,
/// names in the order of their first mention. There are no dates, figures and quotations of sentences
/// that state nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The kind of each sentence, in their order.
    pub kinds: Vec<SentenceKind>,
    /// Dates and times of day.
    pub dates: Vec<DateMention>,
    /// Numbers that say how much or how many.
    pub figures: Vec<FigureMention>,
    /// People, each once.
    pub people: Vec<NamedPerson>,
    /// Organisations, each once.
    pub organisations: Vec<NamedOrganisation>,
    /// Places, each once.
    pub places: Vec<NamedPlace>,
    /// What someone is reported to have said or written.
    pub quotes: Vec<Quotation>,
}

/// A date, a period or a relative expression such as `hier`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateMention {
    /// The expression.
    pub mention: Mention,
    /// `None` for an expression that the text does not fix.
    pub edtf: Option<Edtf>,
    /// Local time of day that goes with it, `HH:MM`.
    pub time: Option<String>,
    /// The rule that read it, for scores of rules.
    pub rule: &'static str,
}

/// A number with what it counts or measures.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureMention {
    /// From the number to the end of what it counts, without the qualifier.
    pub mention: Mention,
    /// In the unit: `2,5 milliards d'euros` is 2.5e9.
    pub value: f64,
    /// `None` if the text does not tell.
    pub unit: Option<Unit>,
    /// `None` if the number is stated as exact.
    pub qualifier: Option<Qualifier>,
    /// The French noun phrase counted, such as `prisonniers politiques`.
    pub counted: Option<String>,
    /// The rule that read it, for scores of rules.
    pub rule: &'static str,
}

/// A person whom the article names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPerson {
    /// In its English form.
    pub name: String,
    /// The longest form in the text, without titles.
    pub source_name: String,
    /// In French, from the words before the name or behind it.
    pub role: Option<String>,
    /// The rule that read the role, for scores of rules.
    pub role_rule: Option<&'static str>,
    /// What says that it is a person, for scores of rules.
    pub rule: &'static str,
    /// In the order of the text.
    pub mentions: Vec<Mention>,
}

/// A company, party, institution or other body that the article names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedOrganisation {
    /// In its English form where it has one.
    pub name: String,
    /// The longest form in the text.
    pub source_name: String,
    /// In French, from the word before the name or the apposition after it.
    pub description: Option<String>,
    /// What says that it is an organisation, for scores of rules.
    pub rule: &'static str,
    /// In the order of the text.
    pub mentions: Vec<Mention>,
}

/// A place that the article names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPlace {
    /// In its English form.
    pub name: String,
    /// The longest form in the text.
    pub source_name: String,
    /// What sort of place it is.
    pub kind: PlaceKind,
    /// What says that it is a place, for scores of rules.
    pub rule: &'static str,
    /// In the order of the text.
    pub mentions: Vec<Mention>,
}

/// Words that someone is reported to have said or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// Its part in the sentence in which it begins, without the marks.
    pub mention: Mention,
    /// The sentence in which it ends.
    pub last_sentence: SentenceId,
    /// The whole quotation without the marks; sentences are joined by one space.
    pub text: String,
    /// As named in the text: a full name where it has one, else the description used.
    pub speaker: Option<String>,
    /// The description by which the text names the speaker here: `l'avocat`.
    pub description: Option<String>,
    /// The rule that found the speaker, for scores of rules.
    pub rule: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the names say it, and docs are part of the JSON Schema"
)]
pub enum PlaceKind {
    Continent,
    Country,
    Region,
    City,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[expect(
    missing_docs,
    reason = "the names say it, and docs are part of the JSON Schema"
)]
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
