//! Topics: repeated phrases of content words in the English text (after Rose et al. 2010,
//! "Automatic keyword extraction from individual documents").

use std::collections::HashMap;

use super::schema::Topic;
use crate::lexicon;
use french::calendar;

const MOST_TOPICS: usize = 6;
/// Maximal number of words of a topic.
const LONGEST: usize = 3;

/// Returns the topics with the share of each, in descending order.
pub(super) fn topics<'a>(sentences: impl Iterator<Item = &'a str>) -> Vec<Topic> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    // Words that are always written with a capital, as they are written.
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    for sentence in sentences {
        for run in content_runs(sentence) {
            for written in &run {
                let name = names.entry(written.to_lowercase());
                let name = name.or_insert_with(|| Some(written.clone()));
                if !written.starts_with(char::is_uppercase) {
                    *name = None;
                }
            }
            let run: Vec<String> = run.iter().map(|word| word.to_lowercase()).collect();
            for size in 1..=LONGEST.min(run.len()) {
                for phrase in run.windows(size) {
                    *counts.entry(phrase.join(" ")).or_default() += 1;
                }
            }
        }
    }
    // A phrase weighs its number of words times its number of occurrences.
    let weight = |phrase: &str, count: usize| count * (1 + phrase.matches(' ').count());
    let mut repeated: Vec<(String, usize)> = counts
        .into_iter()
        .filter(|(phrase, count)| *count >= least(phrase))
        .map(|(phrase, count)| {
            let weight = weight(&phrase, count);
            (phrase, weight)
        })
        .collect();
    repeated.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));

    let mut chosen: Vec<(String, usize)> = Vec::new();
    for (phrase, weight) in repeated {
        let overlaps = |other: &str| {
            other
                .split(' ')
                .any(|word| phrase.split(' ').any(|w| w == word))
        };
        if !chosen.iter().any(|(other, _)| overlaps(other)) {
            chosen.push((phrase, weight));
        }
        if chosen.len() == MOST_TOPICS {
            break;
        }
    }
    let total: usize = chosen.iter().map(|(_, weight)| weight).sum();
    chosen
        .into_iter()
        .map(|(phrase, weight)| Topic {
            label: as_written(&phrase, &names),
            weight: crate::rounded(weight as f64 / total as f64),
        })
        .collect()
}

/// How often a phrase has to occur: a single word says less.
fn least(phrase: &str) -> usize {
    if phrase.contains(' ') { 2 } else { 3 }
}

fn as_written(phrase: &str, names: &HashMap<String, Option<String>>) -> String {
    let word = |word| {
        names
            .get(word)
            .cloned()
            .flatten()
            .unwrap_or(String::from(word))
    };
    phrase.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Returns the longest runs of content words that are English or names, as written.
fn content_runs(sentence: &str) -> Vec<Vec<String>> {
    let mut runs = vec![Vec::new()];
    for token in sentence.split_whitespace() {
        let word = token
            .trim_matches(|c: char| !c.is_alphanumeric())
            .trim_end_matches("'s");
        let lower = word.to_lowercase();
        let is_content = word.chars().count() > 2
            && word.chars().all(|c| c.is_alphabetic() || c == '-')
            && !STOP_WORDS.contains(&lower.as_str())
            && (word.starts_with(char::is_uppercase) || lexicon::is_english(&lower))
            && calendar::Name::from_english(&lower).is_none();
        if is_content && let Some(run) = runs.last_mut() {
            run.push(word.to_owned());
        }
        if !is_content || token.ends_with([',', '.', ';', ':', '!', '?', ')', '"']) {
            runs.push(Vec::new());
        }
    }
    runs
}

#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "about", "above", "according", "added", "after", "again", "against", "ago", "all", "almost",
    "along", "already", "also", "although", "always", "among", "and", "announced", "another", "any",
    "are", "around", "asked", "away", "back", "became", "because", "become", "been", "before",
    "began", "being", "believe", "best", "better", "between", "both", "but", "called", "came",
    "can", "cannot", "come", "coming", "could", "day", "days", "did", "does", "doing", "done",
    "down", "due", "during", "each", "early", "eight", "either", "end", "even", "ever", "every",
    "explained", "few", "first", "five", "for", "former", "found", "four", "from", "further",
    "gave", "get", "give", "given", "good", "got", "great", "had", "half", "has", "have", "having",
    "her", "here", "him", "himself", "his", "how", "however", "hundred", "including", "indeed",
    "instead", "into", "its", "itself", "just", "know", "known", "large", "last", "late", "later",
    "least", "less", "let", "like", "little", "long", "made", "main", "make", "making", "man",
    "many", "might", "million", "month", "months", "more", "most", "much", "must", "nearly", "need",
    "never", "new", "next", "nine", "non", "nor", "not", "nothing", "now", "off", "often", "old",
    "once", "one", "ones", "only", "other", "others", "our", "out", "over", "own", "part",
    "particular", "people", "per", "place", "put", "rather", "really", "said", "same", "say",
    "says", "second", "see", "seen", "set", "seven", "several", "she", "should", "show", "since",
    "six", "small", "some", "something", "soon", "still", "such", "take", "taken", "taking", "ten",
    "than", "that", "the", "their", "them", "themselves", "then", "there", "therefore", "these",
    "they", "thing", "things", "think", "third", "this", "those", "though", "thousand", "three",
    "through", "thus", "time", "times", "today", "together", "told", "too", "took", "two", "under",
    "until", "upon", "use", "used", "using", "very", "want", "wanted", "was", "way", "week",
    "weeks", "well", "went", "were", "what", "when", "where", "whether", "which", "while", "who",
    "whole", "whom", "whose", "why", "will", "with", "within", "without", "work", "would", "year",
    "years", "yes", "yesterday", "yet", "you", "young", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_phrase_outweighs_its_words() {
        let text = [
            "The political prisoners were released.",
            "Other political prisoners remain in Belarus, and the embassy will reopen.",
            "The embassy in Belarus was closed in 2022; it is the only embassy in Belarus.",
            "The emeutes and the emeutes and the emeutes went on.",
        ];
        let topics = topics(text.into_iter());
        let labels: Vec<&str> = topics.iter().map(|topic| topic.label.as_str()).collect();
        assert_eq!(labels, ["political prisoners", "Belarus", "embassy"]);
        let total: f64 = topics.iter().map(|topic| topic.weight).sum();
        assert!((total - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_phrase_that_occurs_once_is_not_a_topic() {
        assert!(topics(["A storm hit the coast."].into_iter()).is_empty());
    }
}
