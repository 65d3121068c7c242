//! Written forms of a summary: JSON for programs, Markdown for people, and the JSON Schema of the
//! former. Knows nothing but the summary type: no files, no models.

mod escape;
mod json;
mod markdown;
mod schema;
mod timeline;

pub use json::{JsonError, to_json};
pub use markdown::to_markdown;
pub use schema::summary_schema;
