//! How far a translated sentence can be trusted: good, to be checked, or bad. A logistic regression
//! over what the model thought of it and what checks found, fitted by `scripts/train/trust.py` on
//! sentences that people have judged.

use std::collections::HashSet;

use french::facts::is_function_word;
use french::text::{folded_words, without_accents, words};

use super::document::{Document, DocumentSentence};
use super::schema::{Checks, Flag, Grade, SentenceId, Trust};
use crate::lexicon;
use crate::translate::{Origin, Translation};

/// Number of features.
pub const FEATURES: usize = 17;

/// Letters of a word that says something.
const FEWEST_LETTERS: usize = 4;
/// Likeliness, in either direction, from which on two words may translate each other.
const LIKELY: f32 = 0.04;

/// What the model thought of its translation.
#[derive(Clone, Copy, Debug)]
pub struct Confidence {
    /// Length-normalised log-probability.
    pub score: f64,
    /// Log-probability of the token that it was least sure of.
    pub least: f64,
    /// Number of doubtful tokens.
    pub doubtful: u32,
}

/// What is known of a translated sentence.
pub fn features(
    source: &str,
    english: &str,
    confidence: Confidence,
    flags: &[Flag],
) -> [f64; FEATURES] {
    let has = |wanted: &[Flag]| f64::from(u8::from(flags.iter().any(|flag| wanted.contains(flag))));
    let (french_words, english_words) = (words(source), words(english));
    let (french_count, english_count) = (french_words.len() as f64, english_words.len() as f64);
    let lengths = ((english_count + 1.0) / (french_count + 1.0)).ln();
    let content = Comparison::new(source, english);
    let share = |count: usize, of: usize| count as f64 / (of as f64).max(4.0);
    [
        1.0,
        confidence.score.max(-3.0),
        confidence.least.max(-8.0),
        (f64::from(confidence.doubtful) + 1.0).ln(),
        f64::from(confidence.doubtful) / (english_count + 1.0),
        (french_count + 1.0).ln(),
        lengths.max(0.0),
        (-lengths).max(0.0),
        has(&[
            Flag::Repeated,
            Flag::Untranslated,
            Flag::TooShort,
            Flag::TooLong,
            Flag::Failed,
            Flag::OtherLanguage,
        ]),
        has(&[
            Flag::NumberLost,
            Flag::DateLost,
            Flag::TokenLost,
            Flag::SignLost,
        ]),
        has(&[Flag::NameLost]),
        has(&[Flag::Unsupported]),
        has(&[Flag::NegationChanged]),
        share(content.lost, content.french),
        share(content.added, content.english),
        share(content.made_up, content.english),
        (content.lost as f64).min(4.0),
    ]
}

/// Weights of the two decisions: not good, and bad.
const NOT_GOOD: [f64; FEATURES] = [
    -1.074, -0.261, -0.408, 1.171, 0.342, -0.171, -0.096, 0.071, 0.000, 0.847, 0.659, 0.551, 0.020,
    -0.163, -0.154, 0.619, 0.203,
];
const BAD: [f64; FEATURES] = [
    -3.505, -0.682, -0.661, 0.578, 0.903, -0.311, -0.561, 1.154, 0.000, -0.726, -0.696, 0.120,
    0.405, 0.111, 0.984, 0.346, 0.072,
];
/// Probabilities from which on a sentence is not good, and bad.
const LEAST_NOT_GOOD: f64 = 0.5;
const LEAST_BAD: f64 = 0.4;

/// The grades of the sentences of `document`, each with the probability that it is good.
pub(super) fn grades(
    document: &Document,
    translations: &[Translation],
    checks: &Checks,
) -> Vec<(Grade, f64)> {
    let sentences = document.sentences.iter().zip(translations).enumerate();
    let sentence = |(id, (french, english)): (usize, (&DocumentSentence, &Translation))| {
        match english.origin {
            Origin::Memory | Origin::Source => (Grade::Good, 1.0),
            Origin::Model => grade(&features(
                &french.source,
                &english.text,
                Confidence {
                    score: f64::from(english.score),
                    least: f64::from(english.certainty.least),
                    doubtful: english.certainty.doubtful,
                },
                &checks.flags(SentenceId(id)),
            )),
        }
    };
    sentences.map(sentence).collect()
}

/// How far an article can be trusted whose abstract and key points rest on the sentences `rests_on`.
pub(super) fn of_article<'a>(
    grades: &[(Grade, f64)],
    rests_on: impl IntoIterator<Item = &'a SentenceId>,
) -> Trust {
    let count = |wanted: Grade| grades.iter().filter(|(grade, _)| *grade == wanted).count();
    let [good, check, bad] = [Grade::Good, Grade::Check, Grade::Bad].map(count);
    let worst = rests_on.into_iter().map(|id| grades[id.0].0).max();
    let all = grades.len();
    let grade = match worst.unwrap_or_default() {
        _ if 3 * bad > all => Grade::Bad,
        Grade::Good if 3 * good < 2 * all => Grade::Check,
        worst => worst,
    };
    Trust {
        grade,
        good,
        check,
        bad,
    }
}

/// Returns the grade of a sentence, and the probability that it is good.
fn grade(features: &[f64; FEATURES]) -> (Grade, f64) {
    let chance = |weights: &[f64; FEATURES]| {
        let sum: f64 = features.iter().zip(weights).map(|(x, w)| x * w).sum();
        1.0 / (1.0 + libm::exp(-sum))
    };
    let (not_good, bad) = (chance(&NOT_GOOD), chance(&BAD));
    let grade = match () {
        () if bad >= LEAST_BAD => Grade::Bad,
        () if not_good >= LEAST_NOT_GOOD => Grade::Check,
        () => Grade::Good,
    };
    (grade, 1.0 - not_good)
}

/// Which words of content of two texts have nothing on the other side that may translate them.
struct Comparison {
    /// Words of content.
    french: usize,
    english: usize,
    lost: usize,
    added: usize,
    /// English words that nobody writes and the French does not have.
    made_up: usize,
}

impl Comparison {
    fn new(source: &str, english: &str) -> Self {
        let french = content_words(source, |word| !is_function_word(word));
        let english = content_words(english, |word| !ENGLISH_FUNCTION_WORDS.contains(&word));
        let stems: HashSet<String> = english.iter().map(|word| stem(word)).collect();
        // What any French word may mean, by stems.
        let mut meant: HashSet<String> = HashSet::new();
        let mut lost = 0;
        for word in &french {
            let translations = lexicon::translations(word);
            let likely = translations
                .iter()
                .filter(|it| it.forward.max(it.backward) >= LIKELY);
            let likely: Vec<String> = likely.map(|it| stem(it.english)).collect();
            let is_known = !likely.is_empty();
            let is_there = likely.iter().any(|word| stems.contains(word))
                || english.iter().any(|other| are_alike(word, other));
            lost += usize::from(is_known && !is_there);
            meant.extend(likely);
        }
        let said = folded_words(source);
        let has_source = |word: &String| {
            meant.contains(&stem(word)) || said.iter().any(|other| are_alike(other, word))
        };
        let added: Vec<&String> = (english.iter().filter(|word| !has_source(word))).collect();
        let made_up = added
            .iter()
            .filter(|word| !lexicon::is_english(word))
            .count();
        Self {
            french: french.len(),
            english: english.len(),
            lost,
            added: added.len(),
            made_up,
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
fn stem(word: &str) -> String {
    const ENDINGS: [&str; 16] = [
        "ations", "ation", "ments", "ment", "ings", "ing", "ers", "ies", "ied", "ed", "er", "es",
        "ly", "s", "e", "y",
    ];
    let word = without_accents(word);
    let ending = ENDINGS.iter().find(|ending| {
        word.strip_suffix(**ending)
            .is_some_and(|stem| stem.len() >= 4)
    });
    let length = word.len() - ending.map_or(0, |ending| ending.len());
    word[..length].to_owned()
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

/// Whether two words begin alike, as names and words of Latin origin do in both languages.
fn are_alike(french: &str, english: &str) -> bool {
    let (a, b) = (without_accents(french), without_accents(english));
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    common >= FEWEST_LETTERS && 10 * common >= 6 * a.len().max(b.len())
}
