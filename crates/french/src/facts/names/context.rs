//! The view of a sentence that `roles` and `evidence` have: a name and the words around it.

use std::ops::Range;

use super::super::classes::Class;
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

    /// Whether the word at `index` is in the class and in lower case.
    pub(super) fn is(&self, index: usize, class: Class) -> bool {
        (self.tokens.get(index)).is_some_and(|token| token.is_lower(class))
    }

    /// [`is`](Self::is), of the word `n` places before the name.
    pub(super) fn is_before(&self, n: usize, class: Class) -> bool {
        (self.spot.start.checked_sub(n)).is_some_and(|index| self.is(index, class))
    }

    /// [`is`](Self::is), of the word `n` places after the name.
    pub(super) fn is_after(&self, n: usize, class: Class) -> bool {
        self.is(self.spot.end + n - 1, class)
    }

    pub(super) fn name(&self) -> &'a [Token<'a>] {
        &self.tokens[self.spot.clone()]
    }

    /// The text in brackets right after the name.
    pub(super) fn in_brackets(&self) -> Option<&'a str> {
        let open = self
            .tokens
            .get(self.spot.end)
            .filter(|token| token.text == "(")?;
        let close = self.tokens[self.spot.end..]
            .iter()
            .take(12)
            .find(|token| token.text == ")")?;
        Some(&self.text[open.end()..close.start])
    }
}
