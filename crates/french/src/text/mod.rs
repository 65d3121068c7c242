//! Plain text before it is given to a model: normalisation, language identification and sentence
//! segmentation, with byte spans into the given text. Depends on no models or files.

mod capitals;
mod language;
mod normalize;
pub(crate) mod numbers;
mod paragraph;
mod segment;
mod span;
mod split;
mod verbatim;
mod words;

pub use capitals::capitalised;
pub use language::{Language, foreign_language, identify, is_english};
pub use normalize::{NORMALIZER_VERSION, Normalized};
pub use numbers::{
    Decimal, Locale, Numeral, added as added_numerals, english_number, english_scale,
    french_number, french_scale_stems, lost as lost_numerals, lost_digits, numerals, roman_numeral,
};
pub use paragraph::{Paragraph, ParagraphKind};
pub use segment::{Segment, segment, sentences};
pub use span::ByteSpan;
pub use split::split_long;
pub use verbatim::{Verbatim, VerbatimKind, verbatim};
pub use words::{folded_words, whole_places, without_accents, word_ranges, word_slices, words};

/// Prepares `source` for a translation network: normalised, and in ordinary case if all of it is in
/// capitals.
pub fn for_network(source: &str) -> String {
    let normalized = Normalized::for_model(source);
    capitals::without_all_capitals(normalized.text()).into_owned()
}
