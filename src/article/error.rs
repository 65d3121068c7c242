//! Why an input gave no article. Such an input is skipped and the run goes on.

use std::io;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use thiserror::Error;

/// An input that gave no article.
#[derive(Debug, Error)]
#[error("{path}: {reason}")]
pub struct Skipped {
    /// The path as the user wrote it; for a record of a collection `file#record`.
    pub path: String,
    #[source]
    pub reason: SkipReason,
}

/// Why an input gave no article. Serialised as `{"code", "message"}`.
#[derive(Debug, Error)]
pub enum SkipReason {
    #[error("no such file or folder: check the path")]
    NotFound,
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    #[error("is a {0}, not a regular file, and is never opened")]
    NotAFile(&'static str),
    #[error("a symbolic link leads back to a folder that holds it: remove the link")]
    LinkLoop,
    #[error(
        "{what} is not a type that can be read: convert it to .txt, .md, .html or .jsonl \
         (each also as .gz or .zst)"
    )]
    UnsupportedType {
        /// The extension with its dot, or a phrase that says there is none.
        what: String,
    },
    #[error("more than {max_bytes} bytes (uncompressed): split it, or raise the limit")]
    TooLarge { max_bytes: u64 },
    #[error("does not decompress: {0}; write the file again")]
    Damaged(#[source] io::Error),
    #[error("is not text: it holds {0}")]
    Binary(&'static str),
    #[error("nests elements more than {limit} deep: it is not a page that a person can read")]
    TooDeep { limit: usize },
    #[error("holds no text")]
    Empty,
    #[error(
        "unpacks to more than {times} times its size: unpack it first if that is as it should be"
    )]
    Expands { times: u64 },
    #[error(
        "holds no article: what text there is belongs to the site, such as menus and notices; if a \
         script fills the page, save it from a browser"
    )]
    NoArticle,
    #[error("is no record that can be read ({0}): correct it, or leave it out")]
    BadRow(String),
    #[error("is no {format} that can be read ({error}): write it again, or convert it to .jsonl")]
    Malformed {
        /// The name of the format.
        format: &'static str,
        error: String,
    },
    #[error("has no field `{field}` (it has {present}): name the field that holds the text")]
    MissingField {
        field: String,
        /// The names of the fields that the row has, for the message.
        present: String,
    },
}

impl SkipReason {
    /// [`Self::code`] of [`Self::TooLarge`].
    pub const TOO_LARGE: &str = "too_large";
    /// [`Self::code`] of [`Self::MissingField`].
    pub const MISSING_FIELD: &str = "missing_field";

    /// Stable name of the reason, for programs that read the report of a run.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Unreadable(_) => "unreadable",
            Self::NotAFile(_) => "not_a_file",
            Self::LinkLoop => "link_loop",
            Self::UnsupportedType { .. } => "unsupported_type",
            Self::TooLarge { .. } => Self::TOO_LARGE,
            Self::Damaged(_) => "damaged",
            Self::Binary(_) => "binary",
            Self::TooDeep { .. } => "too_deep",
            Self::Empty => "empty",
            Self::Expands { .. } => "expands",
            Self::NoArticle => "no_article",
            Self::BadRow(_) => "bad_row",
            Self::Malformed { .. } => "malformed",
            Self::MissingField { .. } => Self::MISSING_FIELD,
        }
    }
}

impl From<io::Error> for SkipReason {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Unreadable(error),
        }
    }
}

impl Serialize for SkipReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("SkipReason", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("message", &self.to_string())?;
        fields.end()
    }
}

impl Serialize for Skipped {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Skipped", 3)?;
        fields.serialize_field("path", &self.path)?;
        fields.serialize_field("code", self.reason.code())?;
        fields.serialize_field("message", &self.reason.to_string())?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_gets_path_code_and_remedy() {
        let skipped = Skipped {
            path: "corpus/a.pdf".into(),
            reason: SkipReason::UnsupportedType {
                what: ".pdf".into(),
            },
        };
        let json = serde_json::to_value(&skipped).unwrap();
        assert_eq!(json["path"], "corpus/a.pdf");
        assert_eq!(json["code"], "unsupported_type");
        assert!(json["message"].as_str().unwrap().contains("convert it"));
        assert!(
            skipped
                .to_string()
                .starts_with("corpus/a.pdf: .pdf is not a type")
        );
    }
}
