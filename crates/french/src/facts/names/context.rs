//! A name among the words of its sentence: what `roles` and `evidence` look at.

use std::ops::Range;

use super::super::tokens::Token;

/// A name among the words of its sentence.
pub(super) struct Context<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token<'a>],
    pub spot: Range<usize>,
}

impl<'a> Context<'a> {
    /// The word `n` places before the name, and after it; empty past the ends.
    pub(super) fn before(&self, n: usize) -> &'a str {
        self.spot
            .start
            .checked_sub(n)
            .map_or("", |index| self.tokens[index].text)
    }

    pub(super) fn after(&self, n: usize) -> &'a str {
        self.tokens
            .get(self.spot.end + n - 1)
            .map_or("", |token| token.text)
    }

    pub(super) fn name(&self) -> &'a [Token<'a>] {
        &self.tokens[self.spot.clone()]
    }
}
