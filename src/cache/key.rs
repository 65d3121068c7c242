//! Keys of values: digests of everything that a value depends on.

use std::fmt;

/// Separates these digests from other uses of blake3. A change empties every cache.
const CONTEXT: &str = "precis cache key 1";

/// Address of a value: a blake3 digest of named parts.
///
/// Names and contents are hashed with their lengths, so different lists of parts give different
/// keys, even if their concatenations are equal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(super) [u8; 32]);

impl Key {
    /// The key of `(name, content)` parts; their order matters.
    pub fn new(parts: &[(&str, &[u8])]) -> Self {
        let mut builder = KeyBuilder::new();
        for (name, content) in parts {
            builder = builder.part(name, content);
        }
        builder.finish()
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checksum that detects a damaged value and a value stored under the wrong key.
    pub(super) fn checksum(&self, value: &[u8]) -> [u8; 16] {
        let digest = blake3::keyed_hash(&self.0, value);
        *digest
            .as_bytes()
            .first_chunk()
            .expect("a blake3 digest has 32 bytes")
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// Builds keys that share their first parts: parts that are constant for a run are hashed once, and
/// the builder is cloned for each value.
#[derive(Clone)]
pub struct KeyBuilder(blake3::Hasher);

impl KeyBuilder {
    /// Creates a builder without parts.
    #[expect(
        clippy::new_without_default,
        reason = "a key without parts is meaningless"
    )]
    pub fn new() -> Self {
        Self(blake3::Hasher::new_derive_key(CONTEXT))
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, name: &str, content: &[u8]) -> Self {
        for field in [name.as_bytes(), content] {
            self.0.update(&(field.len() as u64).to_le_bytes());
            self.0.update(field);
        }
        self
    }

    /// Adds a part for each field, under its name after `prefix` and a dot.
    #[must_use]
    pub fn fields(self, prefix: &str, fields: &[(&str, String)]) -> Self {
        fields.iter().fold(self, |key, (name, value)| {
            key.part(&format!("{prefix}.{name}"), value.as_bytes())
        })
    }

    /// Returns the key of the parts so far.
    pub fn finish(&self) -> Key {
        Key(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moving_a_border_between_parts_changes_the_key() {
        assert_ne!(
            Key::new(&[("a", b"bc"), ("d", b"")]),
            Key::new(&[("a", b"b"), ("cd", b"")])
        );
        assert_ne!(Key::new(&[("ab", b"c")]), Key::new(&[("a", b"bc")]));
        assert_ne!(Key::new(&[("a", b"")]), Key::new(&[("a", b""), ("", b"")]));
    }

    #[test]
    fn a_shared_prefix_gives_the_key_of_the_whole_list() {
        let prefix = KeyBuilder::new().part("model", b"m");
        assert_eq!(
            prefix.clone().part("text", b"Bonjour").finish(),
            Key::new(&[("model", b"m"), ("text", b"Bonjour")])
        );
        assert_ne!(
            prefix.clone().part("text", b"Bonsoir").finish(),
            prefix.part("text", b"Bonjour").finish()
        );
    }

    /// Caches outlive the program that wrote them, so keys must not change by accident.
    #[test]
    fn keys_stay_the_same_from_release_to_release() {
        assert_eq!(
            Key::new(&[("model", b"m"), ("text", b"Bonjour")]).to_string(),
            "635a7521b217c376b29b47adafe1b5e2af3fd5d0773b0a019e28370f5c9055cd"
        );
    }

    type Parts = Vec<(String, Vec<u8>)>;

    fn key(parts: &Parts) -> Key {
        let parts: Vec<_> = parts
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_slice()))
            .collect();
        Key::new(&parts)
    }

    fn parts() -> impl Strategy<Value = Parts> {
        prop::collection::vec(("[ab]{0,2}", prop::collection::vec(0u8..2, 0..3)), 0..3)
    }

    proptest! {
        #[test]
        fn different_parts_never_share_a_key(a in parts(), b in parts()) {
            prop_assert_eq!(a == b, key(&a) == key(&b));
        }

        #[test]
        fn a_changed_value_or_key_changes_the_checksum(
            value in prop::collection::vec(any::<u8>(), 1..64),
            at in any::<prop::sample::Index>(),
            flip in 1u8..,
        ) {
            let (key, other) = (Key::new(&[("k", b"1")]), Key::new(&[("k", b"2")]));
            let mut changed = value.clone();
            changed[at.index(value.len())] ^= flip;
            prop_assert_ne!(key.checksum(&value), key.checksum(&changed));
            prop_assert_ne!(key.checksum(&value), other.checksum(&value));
        }
    }
}
