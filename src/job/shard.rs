//! One of several parts of a corpus, each of which is a run of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::article::Skipped;

/// The part of a corpus that a run is about. Which part an article belongs to depends on its id and
/// the number of parts alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// Below `count`.
    index: usize,
    count: usize,
}

impl Shard {
    /// The part `number` of `count`. Parts may be counted from 0 or from 1: the last number, `count`,
    /// is another name of 0.
    ///
    /// # Errors
    /// If there is no such part.
    pub fn new(number: usize, count: usize) -> Result<Self, String> {
        match (number, count) {
            (_, 0) => Err("a corpus has at least one shard".to_owned()),
            _ if number > count => Err(format!("there is no shard {number} of {count}")),
            _ => Ok(Self {
                index: number % count,
                count,
            }),
        }
    }

    /// From 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many shards there are.
    pub fn count(self) -> usize {
        self.count
    }

    /// Whether what has this id, or this path if it has no id, belongs to the part.
    pub(super) fn has(self, id: &str) -> bool {
        let digest = blake3::hash(id.as_bytes());
        let number = digest.as_bytes().first_chunk().expect("of 32 bytes");
        u64::from_le_bytes(*number) % self.count as u64 == self.index as u64
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse().ok();
        let parts = text.split_once('/');
        let parts = parts.and_then(|(index, count)| Some((number(index)?, number(count)?)));
        let (number, count) = parts.ok_or("not a number and a count such as 3/32")?;
        Self::new(number, count)
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

/// Those of `skipped` that the run over `shard` reports, and no other shard's.
pub(super) fn own(skipped: &[Skipped], shard: Option<Shard>) -> impl Iterator<Item = &Skipped> {
    let is_own = move |it: &&Skipped| shard.is_none_or(|shard| shard.has(&it.path));
    skipped.iter().filter(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_zero_or_one() {
        let shard = |text: &str| text.parse::<Shard>();
        assert_eq!(shard("0/4"), shard("4/4"));
        assert_ne!(shard("1/4"), shard("3/4"));
        assert_eq!(shard("3/4").unwrap().to_string(), "3/4");
        assert_eq!(shard("1/1"), shard("0/1"));
        for text in ["5/4", "0/0", "1", "1/", "/2", "-1/2", "a/b", "1/2/3", ""] {
            assert!(shard(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_id_belongs_to_one_shard() {
        let mut sizes = [0; 7];
        for id in (0..7000).map(|n| format!("article-{n}")) {
            let of: Vec<usize> = (0..7)
                .filter(|&index| Shard::new(index, 7).unwrap().has(&id))
                .collect();
            assert_eq!(of.len(), 1);
            sizes[of[0]] += 1;
        }
        assert!(
            sizes.iter().all(|size| (850..1150).contains(size)),
            "{sizes:?}"
        );
    }

    /// The shards of a corpus may be run by different releases.
    #[test]
    fn shards_stay_the_same_from_release_to_release() {
        let of = |id| (0..32).find(|&index| Shard::new(index, 32).unwrap().has(id));
        assert_eq!(
            ["belarus", "canicule-lyon", "2041"].map(of),
            [Some(8), Some(23), Some(5)]
        );
    }
}
