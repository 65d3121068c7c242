//! From translated sentences to a structured summary: facts, salience, headline, key points,
//! abstract, checks. Knows neither files nor how the text was translated.

mod schema;

pub use schema::*;
