//! Annotated articles, one JSON object a line. The conventions are in `gold/README.md`.

use std::path::Path;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Article {
    #[serde(default)]
    pub(crate) id: String,
    /// Each line is a paragraph.
    pub(crate) text: String,
    /// When it was published.
    pub(crate) date: Option<String>,
    #[serde(flatten)]
    pub(crate) items: Items,
    /// Items that count neither when found nor when missed.
    pub(crate) optional: Option<Items>,
    pub(crate) sentences_fr: Option<Vec<String>>,
}

/// The annotated facts of an article. A list that is absent was not annotated.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Items {
    pub(crate) dates: Option<Vec<Date>>,
    pub(crate) figures: Option<Vec<Figure>>,
    pub(crate) people: Option<Vec<Name>>,
    pub(crate) places: Option<Vec<Name>>,
    pub(crate) organisations: Option<Vec<Name>>,
    pub(crate) quotes: Option<Vec<Quote>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Date {
    pub(crate) as_written: String,
    /// `None` accepts any value.
    pub(crate) iso: Option<String>,
    /// Other values that are right.
    #[serde(default)]
    pub(crate) iso_alt: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Figure {
    pub(crate) as_written: String,
    pub(crate) value: f64,
    pub(crate) unit: Option<String>,
    pub(crate) qualifier: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Name {
    pub(crate) fr: String,
    /// Other forms in the text.
    #[serde(default)]
    pub(crate) alt_fr: Vec<String>,
    /// `None` where English was not annotated.
    pub(crate) en: Option<String>,
    #[serde(default)]
    pub(crate) role_fr: Role,
}

/// A person's role in French.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Option<String>")]
pub(crate) enum Role {
    #[default]
    NotAnnotated,
    /// `null`: the text gives no role.
    NotGiven,
    Given(String),
}

impl From<Option<String>> for Role {
    fn from(role: Option<String>) -> Self {
        role.map_or(Self::NotGiven, Self::Given)
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Quote {
    pub(crate) text_fr: String,
    /// `None` where the text names no one.
    pub(crate) speaker_fr: Option<String>,
}

impl Article {
    pub(crate) fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }
}

/// Reads a file of annotated articles.
///
/// # Errors
///
/// If the file cannot be read, or a line is no annotated article.
pub(crate) fn read(path: &Path) -> Result<Vec<Article>, String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
    text.lines()
        .zip(1..)
        .map(|(line, number)| {
            serde_json::from_str(line).map_err(|error| format!("{file}, line {number}: {error}"))
        })
        .collect()
}
