//! SentencePiece's normalisation: rules that rewrite characters, white space, and the mark `▁` that
//! represents a space.

use super::SpmError;
use super::charsmap::Charsmap;
use super::proto::NormalizerSpec;
use super::trie::Trie;

/// U+2581, which represents a space in pieces.
pub(super) const SPACE_MARK: char = '▁';

pub(super) struct Normalizer {
    charsmap: Option<Charsmap>,
    /// User-defined symbols, to which no rule is applied. `None` if the model has none.
    user_defined: Option<Trie>,
    /// Replacement of a space.
    space: char,
    add_dummy_prefix: bool,
    remove_extra_whitespaces: bool,
    whitespace_is_suffix: bool,
}

impl Normalizer {
    pub(super) fn new(
        spec: &NormalizerSpec,
        whitespace_is_suffix: bool,
        user_defined: Option<Trie>,
    ) -> Result<Self, SpmError> {
        let charsmap = match spec.precompiled_charsmap.as_slice() {
            [] => None,
            blob => Some(Charsmap::parse(blob)?),
        };
        Ok(Self {
            charsmap,
            user_defined,
            space: if spec.escape_whitespaces() {
                SPACE_MARK
            } else {
                ' '
            },
            add_dummy_prefix: spec.add_dummy_prefix(),
            remove_extra_whitespaces: spec.remove_extra_whitespaces(),
            whitespace_is_suffix,
        })
    }

    pub(super) fn normalize(&self, text: &str) -> String {
        let mut rest = text;
        if self.remove_extra_whitespaces {
            while let Some((" ", length)) = self.rewrite(rest) {
                rest = &rest[length..];
            }
        }
        if rest.is_empty() {
            return String::new();
        }

        let mut normalized = String::with_capacity(rest.len() + rest.len() / 2);
        if self.add_dummy_prefix && !self.whitespace_is_suffix {
            normalized.push(self.space);
        }
        let mut after_space = self.remove_extra_whitespaces;
        while let Some((mut rewritten, length)) = self.rewrite(rest) {
            rest = &rest[length..];
            if after_space {
                rewritten = rewritten.trim_start_matches(' ');
            }
            if rewritten.is_empty() {
                continue;
            }
            for (index, part) in rewritten.split(' ').enumerate() {
                if index > 0 {
                    normalized.push(self.space);
                }
                normalized.push_str(part);
            }
            after_space = self.remove_extra_whitespaces && rewritten.ends_with(' ');
        }
        if self.remove_extra_whitespaces {
            normalized.truncate(normalized.trim_end_matches(self.space).len());
        }
        if self.add_dummy_prefix && self.whitespace_is_suffix {
            normalized.push(self.space);
        }
        normalized
    }

    /// Length in bytes of the longest user-defined symbol at the start of `text`.
    pub(super) fn user_defined_prefix(&self, text: &str) -> Option<usize> {
        let symbols = self.user_defined.as_ref()?;
        symbols
            .prefixes(text.as_bytes())
            .last()
            .map(|(length, _)| length)
    }

    /// Returns the replacement of the start of `text` and the number of bytes that it replaces, or `None` at
    /// the end of the text.
    fn rewrite<'a>(&'a self, text: &'a str) -> Option<(&'a str, usize)> {
        let character = text.chars().next()?;
        if let Some(length) = self.user_defined_prefix(text) {
            return Some((&text[..length], length));
        }
        if let Some((length, replacement)) = self
            .charsmap
            .as_ref()
            .and_then(|charsmap| charsmap.longest_match(text))
        {
            return Some((replacement, length));
        }
        let length = character.len_utf8();
        Some((&text[..length], length))
    }
}
