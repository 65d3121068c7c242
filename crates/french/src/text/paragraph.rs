//! What a text is cut into before its sentences are.

use super::ByteSpan;

/// A run of text between paragraph breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// Bytes of the body.
    pub span: ByteSpan,
    pub kind: ParagraphKind,
}

/// What the layout says a paragraph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParagraphKind {
    Text,
    Heading,
    ListItem,
}
