//! How much each sentence matters, and which ones stand for the article.

use super::document::Document;
use crate::article::ParagraphKind;
use crate::translate::{Flag, Translation};

/// Shares of what makes a sentence matter; they add up to 1.
const POSITION: f64 = 0.45;
const CENTRALITY: f64 = 0.35;
const FACTS: f64 = 0.20;
/// Facts beyond this number add nothing.
const MANY_FACTS: f64 = 4.0;
/// Sentences of fewer words rarely stand by themselves.
const SHORT: usize = 7;
const LONG: usize = 60;

/// The salience of each sentence, between 0 and 1; 0 for what must not stand in a summary.
pub fn salience(document: &Document, translations: &[Translation]) -> Vec<f64> {
    let centrality = centrality(translations);
    let facts = facts_carried(document);
    let mut body_rank = 0;
    document
        .sentences
        .iter()
        .enumerate()
        .map(|(id, sentence)| {
            if sentence.kind == ParagraphKind::Heading || is_unfit(&translations[id]) {
                return 0.0;
            }
            let position = 1.0 / (1.0 + 0.5 * f64::from(body_rank));
            body_rank += 1;
            let weight = POSITION * position
                + CENTRALITY * centrality[id]
                + FACTS * (facts[id] / MANY_FACTS).min(1.0);
            weight * form(sentence.reading.text())
        })
        .collect()
}

/// Sentences by salience, without those that say what a chosen one has said, at most `count`.
pub fn choose(saliences: &[f64], translations: &[Translation], count: usize) -> Vec<usize> {
    /// Cosine from which two sentences say the same.
    const SAME: f64 = 0.92;
    let mut order: Vec<usize> = (0..saliences.len())
        .filter(|&id| saliences[id] > 0.0)
        .collect();
    order.sort_by(|&a, &b| saliences[b].total_cmp(&saliences[a]).then(a.cmp(&b)));
    let mut chosen: Vec<usize> = Vec::new();
    for id in order {
        if chosen.len() == count {
            break;
        }
        let repeats = chosen
            .iter()
            .any(|&other| cosine(&translations[id].vector, &translations[other].vector) > SAME);
        if !repeats {
            chosen.push(id);
        }
    }
    chosen
}

/// A translation that failed its checks says nothing reliable.
pub fn is_unfit(translation: &Translation) -> bool {
    let fatal = [
        Flag::Repeated,
        Flag::Untranslated,
        Flag::TooShort,
        Flag::TooLong,
    ];
    translation.text.is_empty() || translation.flags.iter().any(|flag| fatal.contains(flag))
}

/// Mean similarity to all sentences, scaled so that the most central sentence has 1 and the least
/// central 0 (degree centrality; Erkan and Radev 2004).
fn centrality(translations: &[Translation]) -> Vec<f64> {
    let units: Vec<Vec<f64>> = translations.iter().map(|t| unit(&t.vector)).collect();
    // The sum of the similarities to all is the similarity to the sum of all.
    let mut sum = vec![0.0; units.first().map_or(0, Vec::len)];
    for unit in &units {
        sum.iter_mut()
            .zip(unit)
            .for_each(|(sum, value)| *sum += value);
    }
    let degree = |unit: &Vec<f64>| unit.iter().zip(&sum).map(|(a, b)| a * b).sum::<f64>();
    let degrees: Vec<f64> = units.iter().map(degree).collect();
    let low = degrees.iter().copied().fold(f64::MAX, f64::min);
    let high = degrees.iter().copied().fold(f64::MIN, f64::max);
    degrees
        .iter()
        .map(|degree| (degree - low) / (high - low).max(f64::EPSILON))
        .collect()
}

/// `vector` at length 1.
fn unit(vector: &[i8]) -> Vec<f64> {
    let values = || vector.iter().map(|value| f64::from(*value));
    let norm = values().map(|value| value * value).sum::<f64>().sqrt();
    values().map(|value| value / norm.max(1.0)).collect()
}

fn cosine(a: &[i8], b: &[i8]) -> f64 {
    unit(a).iter().zip(unit(b)).map(|(a, b)| a * b).sum()
}

/// Distinct facts that each sentence states.
fn facts_carried(document: &Document) -> Vec<f64> {
    let facts = &document.facts;
    let mut carried = vec![0.0; document.sentences.len()];
    let names = (facts.people.iter().map(|person| &person.mentions))
        .chain(
            facts
                .organisations
                .iter()
                .map(|organisation| &organisation.mentions),
        )
        .chain(facts.places.iter().map(|place| &place.mentions));
    for mentions in names {
        let mut sentences: Vec<usize> = mentions.iter().map(|(sentence, _)| *sentence).collect();
        sentences.dedup();
        sentences
            .iter()
            .for_each(|&sentence| carried[sentence] += 1.0);
    }
    facts
        .dates
        .iter()
        .for_each(|date| carried[date.sentence] += 1.0);
    facts
        .figures
        .iter()
        .for_each(|figure| carried[figure.sentence] += 1.0);
    carried
}

/// How well a sentence stands by itself: fragments, questions and bare quotations do not.
fn form(text: &str) -> f64 {
    let words = text.split_whitespace().count();
    let mut form = 1.0;
    if !(SHORT..=LONG).contains(&words) {
        form *= 0.5;
    }
    if text.ends_with('?') || text.starts_with(['"', '«', '“', '-', '–', '—']) {
        form *= 0.5;
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translation(vector: &[i8]) -> Translation {
        Translation {
            text: "Something.".to_owned(),
            score: -0.5,
            flags: Vec::new(),
            vector: vector.to_vec(),
        }
    }

    #[test]
    fn a_sentence_that_repeats_a_better_one_is_not_chosen() {
        let translations = [
            translation(&[100, 0, 0]),
            translation(&[0, 100, 0]),
            translation(&[99, 1, 0]),
            translation(&[0, 0, 100]),
        ];
        assert_eq!(choose(&[0.9, 0.2, 0.8, 0.5], &translations, 3), [0, 3, 1]);
    }

    #[test]
    fn sentences_without_salience_are_never_chosen() {
        let translations = [translation(&[1, 0]), translation(&[0, 1])];
        assert_eq!(choose(&[0.0, 0.3], &translations, 2), [1]);
    }

    #[test]
    fn the_sentence_nearest_to_all_others_is_the_most_central() {
        let translations = [
            translation(&[100, 10, 0]),
            translation(&[70, 70, 0]),
            translation(&[10, 100, 0]),
        ];
        let centrality = centrality(&translations);
        assert_eq!(centrality[1], 1.0);
        assert!(centrality[0] < 0.5 && centrality[2] < 0.5);
    }
}
