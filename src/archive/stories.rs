//! Articles that are the same story: a dispatch in several papers, an article and its longer version.
//!
//! The French of an article is cut into overlapping runs of five words (shingles). Pairs that may be
//! alike are found by MinHash in bands (Broder 1997) and, for an article within a longer one, by a fixed
//! sample of their shingles; then all shingles of both are compared. Nothing is random: the same
//! articles give the same stories.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{Archive, Unreadable};
use crate::summarize::Summary;
use french::text::folded_words;

const SHINGLE: usize = 5;
/// Articles with fewer shingles are part of no story.
const LEAST: usize = 8;
const BANDS: usize = 32;
const ROWS: usize = 4;
/// One shingle in so many is in the sample.
const SAMPLED: u64 = 8;
/// A sampled shingle that more articles have than this is taken for boilerplate.
const COMMON: usize = 16;
/// Least share of common shingles, of those that either has.
const JACCARD: f64 = 0.6;
/// Least share of common shingles, of those of the shorter.
const CONTAINMENT: f64 = 0.8;
/// How many times as long the longer may be, so that a review of the day does not join all it quotes.
const LONGER: usize = 3;
/// Articles whose shingles are kept in memory while pairs are compared.
const KEPT: usize = 256;

/// Articles that are the same story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Ids, the earliest article first.
    pub articles: Vec<String>,
}

/// Collects what is needed of each article to find the stories.
#[derive(Default)]
pub struct Stories {
    articles: Vec<Article>,
    /// Articles by what they have in common with others: pairs of a key and an article.
    bands: Vec<(u64, u32)>,
    samples: Vec<(u64, u32)>,
}

struct Article {
    id: String,
    date: Option<String>,
    /// Size of its sample.
    sampled: usize,
}

impl Stories {
    pub fn add(&mut self, summary: &Summary) {
        let shingles = shingles(summary);
        if shingles.len() < LEAST {
            return;
        }
        let index = self.articles.len() as u32;
        let least = (0..(BANDS * ROWS) as u64).map(|n| {
            let multiplier = mixed(2 * n + 1) | 1;
            let offset = mixed(2 * n + 2);
            let hashes = shingles
                .iter()
                .map(|shingle| shingle.wrapping_mul(multiplier).wrapping_add(offset) >> 32);
            hashes.min().unwrap_or_default()
        });
        let least: Vec<u64> = least.collect();
        for (band, rows) in least.chunks(ROWS).enumerate() {
            let key = rows
                .iter()
                .fold(mixed(band as u64), |key, row| mixed(key ^ row));
            self.bands.push((key, index));
        }
        let sample = shingles.iter().filter(|&&shingle| is_sampled(shingle));
        let before = self.samples.len();
        self.samples.extend(sample.map(|&shingle| (shingle, index)));
        self.articles.push(Article {
            id: summary.id.clone(),
            date: summary.source.date.clone(),
            sampled: self.samples.len() - before,
        });
    }

    /// Compares the articles that may be alike, reading them once more from `archive`. Stories come in
    /// the order of their first articles.
    ///
    /// # Errors
    /// If an article can no longer be read.
    pub fn finish(mut self, archive: &Archive) -> Result<Vec<Story>, Unreadable> {
        let candidates = self.candidates();
        let mut parents: Vec<u32> = (0..self.articles.len() as u32).collect();
        let mut kept: HashMap<u32, Rc<Vec<u64>>> = HashMap::new();
        for (a, b) in candidates {
            if root(&mut parents, a) == root(&mut parents, b) {
                continue;
            }
            if kept.len() >= KEPT {
                kept.clear();
            }
            let mut shingles_of = |article: u32| -> Result<Rc<Vec<u64>>, Unreadable> {
                if let Some(shingles) = kept.get(&article) {
                    return Ok(Rc::clone(shingles));
                }
                let summary = archive.read(&self.articles[article as usize].id)?;
                let read = Rc::new(summary.as_ref().map(shingles).unwrap_or_default());
                kept.insert(article, Rc::clone(&read));
                Ok(read)
            };
            if are_alike(&shingles_of(a)?, &shingles_of(b)?) {
                let (a, b) = (root(&mut parents, a), root(&mut parents, b));
                parents[a.max(b) as usize] = a.min(b);
            }
        }
        Ok(self.stories(&mut parents))
    }

    /// Pairs of articles that are worth comparing.
    fn candidates(&mut self) -> BTreeSet<(u32, u32)> {
        let mut candidates = BTreeSet::new();
        self.bands.sort_unstable();
        for group in self.bands.chunk_by(|a, b| a.0 == b.0) {
            // Alike is nearly transitive: each is compared with some of those before it.
            for (n, &(_, b)) in group.iter().enumerate() {
                let before = group[n.saturating_sub(3)..n].iter();
                candidates.extend(before.map(|&(_, a)| (a, b)));
            }
        }
        let mut shared: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        self.samples.sort_unstable();
        for group in self.samples.chunk_by(|a, b| a.0 == b.0) {
            if group.len() > COMMON {
                continue;
            }
            for (n, &(_, b)) in group.iter().enumerate() {
                for &(_, a) in &group[..n] {
                    *shared.entry((a, b)).or_default() += 1;
                }
            }
        }
        let enough = shared.into_iter().filter(|&((a, b), shared)| {
            let sampled = |article: u32| self.articles[article as usize].sampled;
            2 * shared >= sampled(a).min(sampled(b))
        });
        candidates.extend(enough.map(|(pair, _)| pair));
        candidates
    }

    fn stories(&self, parents: &mut [u32]) -> Vec<Story> {
        let mut groups: BTreeMap<u32, Vec<&Article>> = BTreeMap::new();
        for (n, article) in self.articles.iter().enumerate() {
            let root = root(parents, n as u32);
            groups.entry(root).or_default().push(article);
        }
        let mut stories: Vec<Vec<&Article>> = groups
            .into_values()
            .filter(|articles| articles.len() > 1)
            .collect();
        // Those without a date come last.
        let when = |it: &Article| (it.date.is_none(), it.date.clone(), it.id.clone());
        for articles in &mut stories {
            articles.sort_by_cached_key(|it| when(it));
        }
        stories.sort_by_cached_key(|articles| when(articles[0]));
        let story = |articles: Vec<&Article>| Story {
            articles: articles.into_iter().map(|it| it.id.clone()).collect(),
        };
        stories.into_iter().map(story).collect()
    }
}

/// The distinct shingles of the French text as hashes, in ascending order.
fn shingles(summary: &Summary) -> Vec<u64> {
    let sentences = summary.translation.sentences.iter();
    let words: Vec<u64> = sentences
        .flat_map(|sentence| folded_words(&sentence.source))
        .map(|word| hash(&word))
        .collect();
    let mut shingles: Vec<u64> = words
        .windows(SHINGLE)
        .map(|words| words.iter().fold(0, |hash, word| mixed(hash ^ word)))
        .collect();
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

fn is_sampled(shingle: u64) -> bool {
    shingle.is_multiple_of(SAMPLED)
}

/// FNV-1a.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The last step of SplitMix64.
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The least article that is joined with `article`.
fn root(parents: &mut [u32], mut article: u32) -> u32 {
    while parents[article as usize] != article {
        let parent = parents[article as usize];
        parents[article as usize] = parents[parent as usize];
        article = parent;
    }
    article
}

fn are_alike(a: &[u64], b: &[u64]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < LEAST {
        return false;
    }
    let common = short
        .iter()
        .filter(|shingle| long.binary_search(shingle).is_ok())
        .count();
    let jaccard = common as f64 / (a.len() + b.len() - common) as f64;
    let containment = common as f64 / short.len() as f64;
    jaccard >= JACCARD || containment >= CONTAINMENT && long.len() <= LONGER * short.len()
}
