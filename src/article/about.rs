//! What a source says of an article besides title, date and text, and what was made of it.

use serde::Serialize;

use super::clutter::Reason;

/// What else a source says of an article, and where title and date came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct About {
    /// Names as the source has them.
    pub author: Option<String>,
    /// Address of the article.
    pub url: Option<String>,
    /// Whether the article is cut off, because the rest is for subscribers.
    pub truncated: bool,
    /// What a reader should know, in sentences: such as a date that was not understood.
    pub notes: Vec<String>,
    /// Where the title came from, such as `og:title`.
    pub title_from: Option<&'static str>,
    /// Where the date came from.
    pub date_from: Option<&'static str>,
    /// A date that the source states and that was not understood.
    pub unread_date: Option<String>,
    /// Blocks of the source that are not in the text.
    pub left_out: Vec<LeftOut>,
}

/// A block that is no part of the article.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    pub text: String,
    pub reason: Reason,
}
