//! What the words of a translation leave out of the French and add to it, as far as the word
//! translations of [`lexicon`] tell.

use std::collections::HashSet;

use french::facts::is_function_word;
use french::text::{folded_words, without_accents, words};

use super::Translation;
use super::defect::severity;
use crate::lexicon;

/// Letters of a word that says something.
const FEWEST_LETTERS: usize = 4;
/// Likeliness, in either direction, from which on two words may translate each other.
const LIKELY: f32 = 0.04;
/// Words of content of which a single stray one is a large share.
const FEW_WORDS: f64 = 4.0;

/// Length-normalised log-probability that a translation has to have more if all its words are stray.
const WEIGHT_OF_STRAYS: f64 = 1.0;

/// A French text, ready to be compared with its translations.
pub(crate) struct French {
    content: Vec<Word>,
    /// All its words, in lower case and without accents.
    said: Vec<String>,
    /// The stems of what any of its words may mean.
    meant: HashSet<String>,
}

struct Word {
    word: String,
    /// Without accents.
    folded: String,
    /// The stems of its likely translations.
    translations: Vec<String>,
}

/// Which words of content of two texts have nothing on the other side that may translate them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strays {
    /// Words of content.
    pub french: usize,
    pub english: usize,
    /// Of the French ones, those whose translations are known and missing.
    pub lost: usize,
    /// Of the English ones, those that translate nothing.
    pub added: usize,
    /// Of those, the ones that nobody writes.
    pub made_up: usize,
    /// French words that stand in the English.
    pub left: usize,
}

impl Strays {
    /// The share of the words of content that is lost, added or left in French. A word that nobody writes
    /// counts twice.
    pub(crate) fn share(&self) -> f64 {
        let strays = self.lost + self.added + self.made_up + self.left;
        strays as f64 / ((self.french + self.english) as f64).max(FEW_WORDS)
    }
}

impl French {
    pub(crate) fn of(text: &str) -> Self {
        let likely = |word: &str| {
            let translations = lexicon::translations(word);
            let likely = translations.filter(|it| it.forward.max(it.backward) >= LIKELY);
            likely.map(|it| stem(it.english)).collect()
        };
        let words = content_words(text, |word| !is_function_word(word)).into_iter();
        let content: Vec<Word> = words
            .map(|word| Word {
                translations: likely(&word),
                folded: without_accents(&word),
                word,
            })
            .collect();
        let meant = content.iter().flat_map(|word| word.translations.iter());
        Self {
            meant: meant.cloned().collect(),
            said: folded_words(text),
            content,
        }
    }

    /// How far a translation is from the best: by the severity of its defects, then by the log-probability
    /// that it lacks, with the share of its stray words.
    pub(super) fn rank(&self, translation: &Translation) -> (usize, f64) {
        let strays = self.compare(&translation.text).share();
        (
            severity(&translation.defects),
            WEIGHT_OF_STRAYS * strays - f64::from(translation.score),
        )
    }

    pub(crate) fn compare(&self, english: &str) -> Strays {
        let english = content_words(english, |word| !ENGLISH_FUNCTION_WORDS.contains(&word));
        let folded: Vec<String> = english.iter().map(|word| without_accents(word)).collect();
        let stems: HashSet<&str> = folded.iter().map(|word| stem_of(word)).collect();
        let is_lost = |word: &&Word| {
            let mut translations = word.translations.iter();
            !word.translations.is_empty()
                && !translations.any(|word| stems.contains(word.as_str()))
                && !folded.iter().any(|other| are_alike(&word.folded, other))
        };
        let has_source = |word: &str| {
            self.meant.contains(stem_of(word))
                || self.said.iter().any(|other| are_alike(other, word))
        };
        let is_left = |word: &&String| {
            self.content
                .iter()
                .any(|french| french.word == **word && !french.translations.is_empty())
                && !lexicon::is_english(word)
        };
        let with_folded = english.iter().zip(&folded);
        let added = with_folded.filter(|(_, folded)| !has_source(folded));
        let added: Vec<&String> = added.map(|(word, _)| word).collect();
        Strays {
            french: self.content.len(),
            english: english.len(),
            lost: self.content.iter().filter(is_lost).count(),
            added: added.len(),
            left: english.iter().filter(is_left).count(),
            made_up: (added.iter().filter(|word| !lexicon::is_english(word))).count(),
        }
    }
}

/// The distinct words of content of a text, in lower case.
fn content_words(text: &str, is_content: impl Fn(&str) -> bool) -> Vec<String> {
    let mut seen = HashSet::new();
    let long = words(text).into_iter().filter(|word| {
        word.chars().count() >= FEWEST_LETTERS && word.chars().all(char::is_alphabetic)
    });
    long.filter(|word| is_content(word) && seen.insert(word.clone()))
        .collect()
}

/// A word without the endings of numbers, tenses and the like.
pub(crate) fn stem(word: &str) -> String {
    stem_of(&without_accents(word)).to_owned()
}

/// [`stem`] of a word without accents.
fn stem_of(word: &str) -> &str {
    const ENDINGS: [&str; 16] = [
        "ations", "ation", "ments", "ment", "ings", "ing", "ers", "ies", "ied", "ed", "er", "es",
        "ly", "s", "e", "y",
    ];
    let ending = ENDINGS.iter().find(|ending| {
        word.strip_suffix(**ending)
            .is_some_and(|stem| stem.len() >= 4)
    });
    let length = word.len() - ending.map_or(0, |ending| ending.len());
    &word[..length]
}

/// English words of [`FEWEST_LETTERS`] or more that say nothing of what a sentence is about.
#[rustfmt::skip]
const ENGLISH_FUNCTION_WORDS: &[&str] = &[
    "that", "this", "with", "from", "have", "been", "were", "will", "would", "could", "should", "which",
    "their", "there", "they", "them", "then", "than", "when", "where", "what", "whom", "whose", "into",
    "about", "after", "before", "over", "under", "also", "more", "most", "some", "such", "only", "other",
    "these", "those", "being", "because", "while", "during", "between", "against", "through", "very",
    "just", "still", "even", "both", "each", "much", "many", "must", "might", "does", "doing", "done",
    "having", "upon", "until", "since", "here", "your", "ours", "itself", "himself", "herself",
    "themselves", "within", "without", "among", "towards", "though", "although", "however", "whether",
    "according", "well", "back", "like", "made", "make", "take", "taken", "took", "said", "told", "says",
];

/// Whether two words without accents begin alike, as names and words of Latin origin do in both languages.
fn are_alike(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    common >= FEWEST_LETTERS && 10 * common >= 6 * a.len().max(b.len())
}

#[cfg(test)]
mod tests {
    use seq2seq::decode::Certainty;

    use super::*;
    use crate::translate::{Defect, Origin};

    fn translation(text: &str, score: f32, defects: &[Defect]) -> Translation {
        Translation {
            text: text.to_owned(),
            score,
            certainty: Certainty::default(),
            defects: defects.to_vec(),
            repaired: Vec::new(),
            origin: Origin::Model,
        }
    }

    #[test]
    fn what_is_lost_added_made_up_and_left_is_counted() {
        let french = French::of("Les ministres ont annoncé un allègement des sanctions.");
        let strays = |english| french.compare(english);
        let whole = strays("The ministers have announced a relief of sanctions.");
        assert_eq!(
            (whole.lost, whole.added, whole.made_up),
            (0, 0, 0),
            "{whole:?}"
        );
        assert_eq!(strays("The ministers have announced sanctions.").lost, 1);
        let more = strays("The ministers have announced a relief of sanctions on airports.");
        assert_eq!((more.added, more.made_up), (1, 0));
        let made_up = strays("The ministers have announced an alleaguing of sanctions.");
        assert_eq!(made_up.made_up, 1);
        assert_eq!(
            strays("The ministres have announced a relief of sanctions.").left,
            1
        );
    }

    #[test]
    fn the_likelier_translation_is_better_unless_it_loses_something() {
        let french = French::of("Les ministres ont annoncé un allègement des sanctions.");
        let rank = |text, score, defects| french.rank(&translation(text, score, defects));
        let whole = "The ministers have announced a relief of sanctions.";
        let other = "The ministers announced a relief of the sanctions.";
        let less = "The ministers have announced sanctions.";
        assert!(rank(whole, -0.3, &[]) < rank(other, -0.4, &[]));
        assert!(rank(whole, -0.4, &[]) < rank(less, -0.3, &[]));
        assert!(rank(less, -0.3, &[]) < rank(whole, -1.5, &[]));
        assert!(rank(less, -1.5, &[]) < rank(whole, -0.3, &[Defect::NumberLost]));
    }
}
