//! The structured summary of one article: the type every output is made from, and its JSON Schema.
//!
//! Keys are a contract with the programs that read them: keys may be added, never renamed or removed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::translate::Defect;
pub use crate::translate::Origin;
use french::edtf::Edtf;
pub use french::facts::{PlaceKind, Qualifier, SentenceId, Unit};
use french::text::ByteSpan;

/// Version of the keys below. The minor number grows when keys are added.
pub const SCHEMA_VERSION: &str = "1.6";

/// Structured English summary of one article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    pub schema_version: String,
    /// Name of the article's outputs, unique within an output folder.
    pub id: String,
    pub source: Source,
    /// One English line, without a full stop.
    pub headline: String,
    #[serde(rename = "abstract")]
    pub abstract_: Abstract,
    /// In the order of the article.
    pub key_points: Vec<KeyPoint>,
    pub people: Vec<Person>,
    pub organisations: Vec<Organisation>,
    pub places: Vec<Place>,
    pub events: Vec<Event>,
    pub figures: Vec<Figure>,
    pub quotes: Vec<Quote>,
    pub topics: Vec<Topic>,
    pub translation: ArticleTranslation,
    pub checks: Checks,
    #[serde(default)]
    pub trust: Trust,
    pub provenance: Provenance,
}

/// How far the summary can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trust {
    /// `bad` if a sentence that abstract or key points rest on is bad, or one in three of all;
    /// `good` if all of the former are good, and two in three of all.
    pub grade: Grade,
    /// Numbers of translated sentences by their grade.
    pub good: usize,
    pub check: usize,
    pub bad: usize,
}

/// Where the article came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub path: String,
    /// `blake3:` and the digest of the source's bytes in hexadecimal.
    pub digest: String,
    /// IANA media type.
    pub media_type: String,
    /// WHATWG name of the character encoding.
    pub encoding: String,
    /// ISO 639-1 code of the identified language.
    pub language: String,
    /// Between 0 and 1.
    pub language_confidence: f64,
    /// Unicode characters in the body.
    pub characters: usize,
    pub sentences: usize,
    /// As written in the source.
    pub title: Option<String>,
    /// Publication date, ISO 8601.
    pub date: Option<String>,
    /// Who wrote it, as the source names them.
    #[serde(default)]
    pub author: Option<String>,
    /// Address that the source states for itself.
    #[serde(default)]
    pub url: Option<String>,
    /// Whether the text is cut off because the rest is for subscribers.
    #[serde(default)]
    pub truncated: bool,
    /// What a reader of the summary should know of how the source was read.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Source {
    /// The file that the article is in: `path` without the number of its record. No file that is read has
    /// a name that ends in `#` and digits: it would lack an extension.
    pub fn file(&self) -> &str {
        match self.path.rsplit_once('#') {
            Some((file, record)) if record.bytes().all(|byte| byte.is_ascii_digit()) => file,
            _ => &self.path,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Abstract {
    pub text: String,
    /// `extractive`, or the model that wrote it.
    pub method: String,
    pub evidence: Vec<SentenceId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyPoint {
    pub text: String,
    pub evidence: Vec<SentenceId>,
    /// Between 0 and 1, comparable within one article only.
    pub salience: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// In its English form.
    pub name: String,
    /// Longest form in the source.
    pub source_name: String,
    /// In English, from the text.
    pub role: Option<String>,
    pub sentences: Vec<SentenceId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Organisation {
    pub name: String,
    pub source_name: String,
    pub description: Option<String>,
    pub sentences: Vec<SentenceId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    pub name: String,
    pub source_name: String,
    pub kind: PlaceKind,
    pub sentences: Vec<SentenceId>,
}

/// A dated statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// EDTF (ISO 8601-2) date or interval; null when the text does not fix it. The year of a day or a month is
    /// `XXXX` if neither the text nor the date of publication gives it.
    pub date: Option<Edtf>,
    /// Local time of day that the text gives with it, `HH:MM`.
    pub time: Option<String>,
    /// The expression in the source.
    pub as_written: String,
    /// What happened, in English: the clause of the sentence that states it, or all of the sentence.
    pub text: String,
    pub sentence: SentenceId,
}

impl Summary {
    /// The figures, a range as one: without upper ends, which the lower ends have.
    pub fn quantities(&self) -> impl Iterator<Item = &Figure> {
        let mut upper = None;
        self.figures.iter().filter(move |figure| {
            let is_upper = upper == Some(figure.value);
            upper = figure.upper;
            !is_upper
        })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    pub value: f64,
    /// If it is the lower end of a range, with the qualifier `at least`, the upper end, which is the next
    /// figure.
    #[serde(default)]
    pub upper: Option<f64>,
    /// ISO 4217 code, `%`, a unit symbol, `people`, or the English noun counted.
    pub unit: Option<String>,
    pub qualifier: Option<Qualifier>,
    /// The expression in the source.
    pub as_written: String,
    /// What is counted, in English where known.
    pub what: Option<String>,
    /// The clause that states it, in English; null where the translation lacks the number.
    #[serde(default)]
    pub text: Option<String>,
    pub sentence: SentenceId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// As named in the text, a description in English; null when it names no one.
    pub speaker: Option<String>,
    /// The quoted words in English.
    pub text: String,
    /// The quoted words in the source, without the marks.
    pub source_text: String,
    /// The sentence in which the quotation begins.
    pub sentence: SentenceId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Topic {
    pub label: String,
    /// Between 0 and 1.
    pub weight: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Translation")]
pub struct ArticleTranslation {
    /// The title in English.
    pub title: Option<String>,
    pub sentences: Vec<TranslatedSentence>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TranslatedSentence {
    pub id: SentenceId,
    /// Index of its paragraph.
    pub paragraph: usize,
    /// As written in the body.
    pub source: String,
    /// Byte range of `source` in the decoded UTF-8 body.
    pub span: ByteSpan,
    /// In English.
    pub text: String,
    /// Where the English comes from.
    #[serde(default)]
    pub origin: Origin,
    /// Length-normalised log-probability of the translation; 0 if the model did not translate it.
    pub score: f64,
    /// Log-probability of the token that the model was least sure of.
    #[serde(default)]
    pub least_score: f64,
    /// Number of tokens that the model thought less likely than one in five.
    #[serde(default)]
    pub doubtful_tokens: u32,
    #[serde(default)]
    pub grade: Grade,
    /// Estimated probability that the grade is `good`, between 0 and 1.
    #[serde(default)]
    pub trust: f64,
    pub flags: Vec<Flag>,
}

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
    /// A number of the source is missing, or the translation has one that the source lacks.
    NumberLost,
    /// An address, a code or another token that nobody translates is missing or altered.
    TokenLost,
    /// A sign of the source, such as that of a currency, is missing.
    SignLost,
    /// A date of the source is missing.
    DateLost,
    /// A name of the source is missing.
    NameLost,
    /// A number, date or name that the source does not have.
    Unsupported,
    /// A negation is missing, or a rise became a fall.
    NegationChanged,
    /// The source is neither in French nor in English.
    OtherLanguage,
    /// The network broke down over it, so that there is no translation.
    Failed,
}

impl Flag {
    /// The name in JSON.
    pub fn name(self) -> String {
        let json = serde_json::to_value(self).expect("a string");
        json.as_str().unwrap_or_default().to_owned()
    }
}

impl From<Defect> for Flag {
    fn from(defect: Defect) -> Self {
        match defect {
            Defect::Repeated => Self::Repeated,
            Defect::Untranslated => Self::Untranslated,
            Defect::TooShort => Self::TooShort,
            Defect::TooLong => Self::TooLong,
            Defect::UnknownWord => Self::UnknownWord,
            Defect::NumberLost => Self::NumberLost,
            Defect::TokenLost => Self::TokenLost,
            Defect::NameLost => Self::NameLost,
            Defect::SignLost => Self::SignLost,
            Defect::Failed => Self::Failed,
        }
    }
}

/// How far a translation can be trusted.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    #[default]
    Good,
    /// Something of the meaning may be missing or wrong.
    Check,
    /// It is likely to say something else.
    Bad,
}

impl Grade {
    /// As pages and terminals say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Check => "check",
            Self::Bad => "bad",
        }
    }
}

/// What was compared between source and translation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Checks {
    pub numbers: Kept,
    pub dates: Kept,
    pub names: Kept,
    pub flagged: Vec<Flagged>,
    /// Sentences that would have stood in the summary, but say what their evidence does not.
    #[serde(default)]
    pub replaced: Vec<Replaced>,
    /// Why nothing of what a language model wrote could be used, so that the summary is extracted.
    #[serde(default)]
    pub unwritten: Option<Unwritten>,
}

impl Checks {
    /// The flags of a sentence, each once.
    pub(super) fn flags(&self, sentence: SentenceId) -> Vec<Flag> {
        let all = &self.flagged;
        let start = all.partition_point(|flagged| flagged.sentence < sentence);
        let own = all[start..].iter();
        let own = own.take_while(|flagged| flagged.sentence == sentence);
        let mut flags: Vec<Flag> = own.map(|flagged| flagged.flag).collect();
        flags.dedup();
        flags
    }
}

/// A sentence that something else stands in place of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replaced {
    pub part: Part,
    pub text: String,
    /// The numbers, dates and names that its evidence lacks.
    pub unsupported: Vec<String>,
    /// The names of its evidence that it lacks.
    #[serde(default)]
    pub lost: Vec<String>,
    pub evidence: Vec<SentenceId>,
}

/// Why an answer of a language model is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unwritten {
    /// It was not at its end when there was no more room.
    Length,
    /// It is not what was asked for.
    Invalid,
    /// It says what the model was told to do.
    PromptRepeated,
    /// The model takes no text as long as its shortest sentence.
    NoRoom,
    /// The network broke down.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Headline,
    Abstract,
    KeyPoints,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    pub kept: usize,
    pub of: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flagged {
    pub sentence: SentenceId,
    pub flag: Flag,
    pub detail: String,
}

/// What made this summary. Nothing here depends on the run: timings are in the run report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Name and version of the tool.
    pub tool: String,
    /// Digest of all that the summary depends on; while it stands, the article need not be done again.
    pub fingerprint: String,
    pub translator: TranslatorProvenance,
    pub writer: WriterProvenance,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TranslatorProvenance {
    pub model: String,
    /// `blake3:` and the digest of the model's files.
    pub digest: String,
    pub settings: TranslatorSettings,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TranslatorSettings {
    pub beam: usize,
    /// `f32` or `int8`; on GPUs `f16-cuda`, `bf16-cuda` or `f32-cuda`.
    pub numeric: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WriterProvenance {
    /// `extractive`, or the model's name.
    pub model: String,
    pub digest: Option<String>,
}
