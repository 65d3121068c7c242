//! A read-only byte trie from keys to numbers, for matching the pieces of a vocabulary.
//!
//! Nodes are in breadth-first order, so the children of a node are adjacent, and a node consists of an
//! offset, a label and a value. A double array is faster by a small factor, but this trie is always built
//! in one pass, in time and memory linear in the size of the keys.

use std::collections::VecDeque;

/// Value of a node at which no key ends.
const NONE: u32 = u32::MAX;

/// Up to this number of children are searched linearly.
const LINEAR: usize = 8;

pub(super) struct Trie {
    /// The children of node `n` are the nodes `first[n]..first[n + 1]`.
    first: Vec<u32>,
    /// Byte that leads to each node, ascending among siblings.
    labels: Vec<u8>,
    values: Vec<u32>,
}

impl Trie {
    /// Builds the trie of `entries`, whose keys have to be distinct and not empty.
    pub(super) fn new<'a>(entries: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let mut entries: Vec<(&[u8], u32)> = entries
            .into_iter()
            .map(|(key, value)| (key.as_bytes(), value))
            .collect();
        entries.sort_unstable();

        let mut trie = Self {
            first: Vec::new(),
            labels: vec![0],
            values: Vec::new(),
        };
        // For each node whose children are still to be added: its entries and the length of their prefix.
        let mut pending = VecDeque::from([(&entries[..], 0)]);
        while let Some((mut below, depth)) = pending.pop_front() {
            trie.first.push(trie.labels.len() as u32);
            trie.values.push(match below.first() {
                Some(&(key, value)) if key.len() == depth => {
                    below = &below[1..];
                    value
                }
                _ => NONE,
            });
            while let Some(&(key, _)) = below.first() {
                let label = key[depth];
                let (child, rest) =
                    below.split_at(below.partition_point(|(key, _)| key[depth] == label));
                trie.labels.push(label);
                pending.push_back((child, depth + 1));
                below = rest;
            }
        }
        trie.first.push(trie.labels.len() as u32);
        trie
    }

    /// Returns the length in bytes and the value of each key that is a prefix of `text`, shortest first.
    pub(super) fn prefixes<'a>(
        &'a self,
        text: &'a [u8],
    ) -> impl Iterator<Item = (usize, u32)> + 'a {
        let mut node = 0;
        text.iter()
            .map_while(move |&byte| {
                node = self.child(node, byte)?;
                Some(self.values[node])
            })
            .enumerate()
            .filter(|&(_, value)| value != NONE)
            .map(|(index, value)| (index + 1, value))
    }

    /// The value of `key`.
    pub(super) fn get(&self, key: &[u8]) -> Option<u32> {
        let node = key
            .iter()
            .try_fold(0, |node, &byte| self.child(node, byte))?;
        Some(self.values[node]).filter(|&value| value != NONE)
    }

    #[inline]
    fn child(&self, node: usize, label: u8) -> Option<usize> {
        let first = self.first[node] as usize;
        let labels = &self.labels[first..self.first[node + 1] as usize];
        let index = if labels.len() <= LINEAR {
            labels.iter().position(|&other| other == label)
        } else {
            labels.binary_search(&label).ok()
        };
        index.map(|index| first + index)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::Trie;

    #[test]
    fn an_empty_trie_matches_nothing() {
        let trie = Trie::new([]);
        assert_eq!(trie.prefixes(b"abc").next(), None);
        assert_eq!(trie.get(b""), None);
    }

    proptest! {
        #[test]
        fn finds_exactly_the_keys_that_the_text_starts_with(
            keys in prop::collection::btree_set("[a-cé▁]{1,5}|\\PC", 0..60),
            text in "[a-cé▁]{0,8}",
        ) {
            let keys: BTreeMap<String, u32> = keys.into_iter().zip(0..).collect();
            let trie = Trie::new(keys.iter().map(|(key, &value)| (key.as_str(), value)));
            let found: Vec<_> = trie.prefixes(text.as_bytes()).collect();
            let expected: Vec<_> = (1..=text.len())
                .filter_map(|end| Some((end, *keys.get(text.get(..end)?)?)))
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(trie.get(text.as_bytes()), keys.get(&text).copied());
            for (key, &value) in &keys {
                prop_assert_eq!(trie.get(key.as_bytes()), Some(value));
            }
        }
    }
}
