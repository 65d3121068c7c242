//! What a French news text states: sentences, dates, figures, names and quotations, each with its place
//! in the text.
//!
//! ```
//! use french::facts::{self, SentenceId, SourceSentence};
//! use french::text::{Normalized, sentences};
//!
//! let text = "Le 3 mars 2021, Lyon a reçu 1,2 million d'euros. « C'est bien peu », a dit Jean Roy.";
//! let readings: Vec<Normalized> = sentences(text)
//!     .into_iter()
//!     .map(|span| Normalized::for_reading(span.slice(text)))
//!     .collect();
//! let sentences: Vec<SourceSentence> = readings
//!     .iter()
//!     .enumerate()
//!     .map(|(id, reading)| SourceSentence { id: SentenceId(id), paragraph: 0, text: reading.text() })
//!     .collect();
//! let facts = facts::read(&sentences, None);
//!
//! assert_eq!(facts.dates[0].edtf.unwrap().to_string(), "2021-03-03");
//! assert_eq!(facts.figures[0].value, 1_200_000.0);
//! assert_eq!(facts.places[0].name, "Lyon");
//! assert_eq!(facts.quotes[0].speaker.as_deref(), Some("Jean Roy"));
//! ```
//!
//! [`text`] cuts and normalises, [`facts`] reads. Nothing here opens a file or runs a network, and the same
//! text gives the same facts everywhere.

#![warn(missing_docs)]

pub mod calendar;
pub mod edtf;
pub mod facts;
pub mod text;
