//! From translated sentences to a structured summary: facts, salience, headline, key points,
//! abstract, checks. Knows neither files nor how the text was translated.

pub mod facts;
mod schema;

pub use schema::*;
