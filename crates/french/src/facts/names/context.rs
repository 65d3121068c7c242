//! The view of a sentence that `roles` and `evidence` have: a name and the words around it.

use std::ops::Range;

use super::super::tokens::Token;

/// A name among the words of its sentence.
pub(super) struct NameContext<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token<'a>],
    pub spot: Range<usize>,
}

impl<'a> NameContext<'a> {
    /// The word `n` places before the name; empty past the start.
    pub(super) fn before(&self, n: usize) -> &'a str {
        self.spot
            .start
            .checked_sub(n)
            .map_or("", |index| self.tokens[index].text)
    }

    /// The word `n` places after the name; empty past the end.
    pub(super) fn after(&self, n: usize) -> &'a str {
        self.word(self.spot.end + n - 1)
    }

    /// The word at `index`; empty past the end.
    pub(super) fn word(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| token.text)
    }

    pub(super) fn name(&self) -> &'a [Token<'a>] {
        &self.tokens[self.spot.clone()]
    }
}
