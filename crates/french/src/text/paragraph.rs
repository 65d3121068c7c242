//! What a text is cut into before its sentences are.

use super::ByteSpan;

/// A run of text between paragraph breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// Bytes of the body.
    pub span: ByteSpan,
    /// What the layout says it is.
    pub kind: ParagraphKind,
}

/// What the layout says a paragraph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParagraphKind {
    /// Running text.
    Text,
    /// A title of what follows.
    Heading,
    /// One point of a list.
    ListItem,
}
