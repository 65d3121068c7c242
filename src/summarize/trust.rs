//! How far a translated sentence can be trusted: good, to be checked, or bad. A logistic regression
//! over what the model thought of it and what checks found, fitted by `scripts/train/trust.py` on
//! sentences that people have judged.

use french::text::words;

use super::document::{Document, DocumentSentence};
use super::schema::{Checks, Flag, Grade, SentenceId, Trust};
use crate::translate::{French, Origin, Translation};

/// Number of features.
pub const FEATURES: usize = 18;

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
    let content = French::of(source).compare(english);
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
        (content.left as f64).min(1.0),
    ]
}

/// Weights of the two decisions: not good, and bad. The last ones were set by hand: a sentence in which a
/// French word is left is not good.
const NOT_GOOD: [f64; FEATURES] = [
    -1.074, -0.261, -0.408, 1.171, 0.342, -0.171, -0.096, 0.071, 0.000, 0.847, 0.659, 0.551, 0.020,
    -0.163, -0.154, 0.619, 0.203, 3.0,
];
const BAD: [f64; FEATURES] = [
    -3.505, -0.682, -0.661, 0.578, 0.903, -0.311, -0.561, 1.154, 0.000, -0.726, -0.696, 0.120,
    0.405, 0.111, 0.984, 0.346, 0.072, 0.0,
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
