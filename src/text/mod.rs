//! Plain text before any model sees it: normalisation, language identification and sentence
//! segmentation, all with byte spans into the text they were given. Knows no model and no file.

mod normalize;
mod span;

pub use normalize::{NORMALIZER_VERSION, Normalized};
pub use span::ByteSpan;
