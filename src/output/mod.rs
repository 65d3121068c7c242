//! Written forms of a summary: JSON for programs with its JSON Schema, and Markdown for people.
//! Depends on the summary type alone, not on files or models.

mod escape;
mod json;
mod markdown;
mod marker;
mod schema;

pub use json::{JsonError, to_json};
pub use markdown::to_markdown;
pub use marker::{is_our_page, is_our_tool};
pub use schema::summary_schema;
