//! How much a summary says.

use std::fmt;

/// How many sentences the abstract has, and how many key points there are at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Length {
    Short,
    #[default]
    Medium,
    Long,
}

impl Length {
    pub const ALL: [Self; 3] = [Self::Short, Self::Medium, Self::Long];

    /// As options and summaries name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
        }
    }

    /// Sentences of an abstract, if the article is long enough.
    pub(super) fn sentences(self) -> usize {
        match self {
            Self::Short => 2,
            Self::Medium => 3,
            Self::Long => 5,
        }
    }

    /// Key points of an article of so many sentences: one for every three, for a long summary two.
    pub(super) fn points(self, sentences: usize) -> usize {
        let (share, most) = match self {
            Self::Short => (3, 3),
            Self::Medium => (3, 6),
            Self::Long => (2, 12),
        };
        sentences.div_ceil(share).clamp(1, most)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
