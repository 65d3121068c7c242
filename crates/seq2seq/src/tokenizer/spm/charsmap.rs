//! The `precompiled_charsmap` of a SentencePiece model: rules that rewrite characters, such as NFKC, in the
//! form of a double-array trie of Darts-clone that points into a table of replacements.
//!
//! Layout, little-endian: `u32` size in bytes of the trie, the trie's `u32` units, then the
//! replacements, each ended by a NUL.

use super::SpmError;

pub(super) struct Charsmap {
    units: Vec<Unit>,
    replacements: String,
}

impl Charsmap {
    /// Parses a table and checks all its offsets, so that lookups stay within it.
    pub(super) fn parse(blob: &[u8]) -> Result<Self, SpmError> {
        let (size, rest) = blob
            .split_first_chunk()
            .ok_or(SpmError::Charsmap("it has no size"))?;
        let (trie, replacements) = rest
            .split_at_checked(u32::from_le_bytes(*size) as usize)
            .ok_or(SpmError::Charsmap("it is shorter than its size"))?;
        let (units, []) = trie.as_chunks() else {
            return Err(SpmError::Charsmap("its trie ends within a unit"));
        };
        let units: Vec<Unit> = units
            .iter()
            .map(|&unit| Unit(u32::from_le_bytes(unit)))
            .collect();
        if units.is_empty() {
            return Err(SpmError::Charsmap("its trie is empty"));
        }
        let replacements = str::from_utf8(replacements)
            .map_err(|_| SpmError::Charsmap("its replacements are not UTF-8"))?
            .to_owned();

        for (index, unit) in units.iter().enumerate() {
            if let Some(start) = unit.value() {
                if !replacements
                    .get(start..)
                    .is_some_and(|rest| rest.contains('\0'))
                {
                    return Err(SpmError::Charsmap("a rule points outside its replacements"));
                }
            } else {
                let children = units.get(index ^ unit.offset());
                if !children.is_some_and(|leaf| !unit.has_leaf() || leaf.value().is_some()) {
                    return Err(SpmError::Charsmap("a node points outside its trie"));
                }
            }
        }
        Ok(Self {
            units,
            replacements,
        })
    }

    /// Returns the number of bytes at the start of `text` that the longest matching rule replaces, and the
    /// replacement.
    pub(super) fn longest_match(&self, text: &str) -> Option<(usize, &str)> {
        let mut longest = None;
        let mut node = self.units[0].offset();
        for (index, byte) in text.bytes().enumerate() {
            node ^= usize::from(byte);
            let Some(unit) = self
                .units
                .get(node)
                .filter(|unit| unit.label() == u32::from(byte))
            else {
                break;
            };
            node ^= unit.offset();
            if unit.has_leaf() {
                longest = self.units[node].value().map(|start| (index + 1, start));
            }
        }
        // In a damaged table a key may end within a character.
        let (length, start) = longest.filter(|&(length, _)| text.is_char_boundary(length))?;
        let replacement = &self.replacements[start..];
        replacement
            .split_once('\0')
            .map(|(replacement, _)| (length, replacement))
    }
}

/// A unit of the double array: a node, or a value if the top bit is set.
#[derive(Clone, Copy)]
struct Unit(u32);

impl Unit {
    const IS_VALUE: u32 = 1 << 31;

    /// Position of the replacement, if this unit is a value.
    fn value(self) -> Option<usize> {
        (self.0 & Self::IS_VALUE != 0).then_some((self.0 & !Self::IS_VALUE) as usize)
    }

    /// The byte that leads to this node. Not a byte if the unit is a value.
    fn label(self) -> u32 {
        self.0 & (Self::IS_VALUE | 0xFF)
    }

    /// XORed with this node's index, it is the index of its value; XORed with a byte too, that of a child.
    fn offset(self) -> usize {
        ((self.0 >> 10) << ((self.0 & (1 << 9)) >> 6)) as usize
    }

    fn has_leaf(self) -> bool {
        self.0 & (1 << 8) != 0
    }
}
