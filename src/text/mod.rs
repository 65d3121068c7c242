//! Plain text before any model sees it: normalisation, language identification and sentence
//! segmentation, all with byte spans into the text they were given. Knows no model and no file.

mod capitals;
mod language;
mod normalize;
mod numbers;
mod paragraph;
mod segment;
mod span;
mod split;
mod words;

pub use language::{Language, identify};
pub use normalize::{NORMALIZER_VERSION, Normalized};
pub use numbers::{Locale, Numeral, lost as lost_numerals, numerals};
pub use paragraph::{Paragraph, ParagraphKind};
pub use segment::{Segment, segment, sentences};
pub use span::ByteSpan;
pub use split::split_long;
pub use words::{folded_words, without_accents, words};

/// `source` as a translation network reads it: normalised, and in ordinary case where it is set in
/// capitals throughout.
pub fn for_network(source: &str) -> String {
    let normalized = Normalized::for_model(source);
    capitals::without_all_capitals(normalized.text()).into_owned()
}
