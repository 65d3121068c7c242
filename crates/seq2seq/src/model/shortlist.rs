//! Lexical shortlists (Schwenk et al. 2007, and Marian): the tokens that an output may have, given the
//! tokens of its source.
//!
//! Most of the time of a decoding step goes into the projection to the vocabulary, and of 16,000 tokens
//! a sentence needs about a thousand. `scripts/make_shortlist.py` learns the list from parallel text.

use std::fmt;
use std::path::Path;

use super::ModelError;
use super::safetensors::SafeTensors;

/// Name of the file in a model folder.
pub(super) const FILE: &str = "shortlist.safetensors";

/// For each source token the target tokens that may translate it.
#[derive(PartialEq)]
pub struct Shortlist {
    /// Tokens that any output may have, in ascending order.
    common: Vec<u32>,
    /// The targets of source token `t` are `targets[offsets[t]..offsets[t + 1]]`.
    offsets: Vec<u32>,
    targets: Vec<u32>,
    /// Number of tokens of the target vocabulary.
    vocabulary: usize,
}

impl Shortlist {
    /// Whether the model folder `dir` has a shortlist.
    pub fn is_in(dir: &Path) -> bool {
        dir.join(FILE).is_file()
    }

    /// Reads the shortlist of the model folder `dir`, whose target vocabulary has `vocabulary` tokens.
    ///
    /// # Errors
    /// If the file is missing, damaged, or made for another vocabulary.
    pub fn read(dir: &Path, vocabulary: usize) -> Result<Self, ModelError> {
        let path = dir.join(FILE);
        let invalid = |reason: &str| ModelError::Shortlist {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        if !Self::is_in(dir) {
            return Err(invalid("it is missing"));
        }
        let file = SafeTensors::open(&path)?;
        let list = Self {
            common: file.indices("common")?,
            offsets: file.indices("offsets")?,
            targets: file.indices("targets")?,
            vocabulary,
        };
        let rising = list.offsets.is_sorted() && list.offsets.first() == Some(&0);
        if !rising || list.offsets.last().map(|&end| end as usize) != Some(list.targets.len()) {
            return Err(invalid("its offsets do not match its targets"));
        }
        let mut tokens = list.common.iter().chain(&list.targets);
        if tokens.any(|&token| token as usize >= vocabulary) {
            return Err(invalid("it has tokens that are not in the vocabulary"));
        }
        Ok(list)
    }

    /// Returns the tokens that any output may have, and `needed`, in ascending order.
    pub fn common(&self, needed: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut tokens = self.common.clone();
        tokens.extend(needed);
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// Returns the tokens that the output of `source` may have besides those of `common`, in ascending
    /// order.
    ///
    /// # Panics
    /// If a token of `common` is not in the vocabulary.
    pub fn own(&self, source: &[u32], common: &[u32]) -> Vec<u32> {
        let mut listed = vec![0u64; self.vocabulary.div_ceil(64)];
        for &token in source {
            let token = token as usize;
            if let Some(&[start, end]) = self.offsets.get(token..token + 2) {
                for &target in &self.targets[start as usize..end as usize] {
                    listed[target as usize / 64] |= 1 << (target % 64);
                }
            }
        }
        for &token in common {
            listed[token as usize / 64] &= !(1 << (token % 64));
        }
        let mut tokens = Vec::new();
        for (index, mut word) in listed.into_iter().enumerate() {
            while word != 0 {
                tokens.push(64 * index as u32 + word.trailing_zeros());
                word &= word - 1;
            }
        }
        tokens
    }
}

impl fmt::Debug for Shortlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shortlist({} targets)", self.targets.len())
    }
}
