//! Written forms of a summary: JSON for programs with its JSON Schema, Markdown and pages for people;
//! and pages of many. Depends on their types alone, not on files or models.

pub(crate) mod atom;
mod digest;
mod escape;
pub(crate) mod html;
mod json;
mod links;
mod markdown;
mod marker;
mod rows;
mod schema;
mod words;

pub use digest::DigestPage;
pub(crate) use escape::one_line;
pub use html::{is_current, to_html};
pub use json::{JsonError, to_json};
pub use links::{Links, NoAddress, folder_address};
pub use markdown::to_markdown;
pub use marker::{is_our_page, is_our_tool};
pub use schema::summary_schema;
pub(crate) use words::{count, outlet};
