//! Topics: repeated phrases of content words in the English text (after Rose et al. 2010,
//! "Automatic keyword extraction from individual documents").

use std::collections::{HashMap, HashSet};

use super::clauses;
use super::phrases;
use super::schema::Topic;
use crate::lexicon;
use french::calendar;

const MOST_TOPICS: usize = 6;
/// Maximal number of words of a topic.
const LONGEST: usize = 3;
/// How often a phrase, and a single word, which says less, have to occur.
const LEAST_PHRASE: usize = 2;
const LEAST_WORD: usize = 3;
/// In how many sentences.
const LEAST_SENTENCES: usize = 2;

/// Returns the topics with the share of each, in descending order: phrases that the text repeats, and
/// single words that it repeats and the title has. Names are no topics: they have lists of their own.
pub(super) fn topics<'a>(
    sentences: impl Iterator<Item = &'a str>,
    title: Option<&str>,
) -> Vec<Topic> {
    let mut counts: HashMap<String, Count> = HashMap::new();
    for sentence in sentences {
        let mut said: HashSet<String> = HashSet::new();
        for run in content_runs(sentence) {
            for size in 1..=LONGEST.min(run.words.len()) {
                for (at, phrase) in run.words.windows(size).enumerate() {
                    let lower: Vec<String> =
                        phrase.iter().map(|word| word.to_lowercase()).collect();
                    let phrase_of_run = lower.join(" ");
                    let is_new = said.insert(phrase_of_run.clone());
                    let count = counts.entry(phrase_of_run).or_default();
                    count.times += 1;
                    count.sentences += usize::from(is_new);
                    count.ends_run |= at + size == run.words.len() && !run.goes_on;
                    count.is_verb |= at == 0 && run.follows_subject;
                    // The first word of a sentence has a capital whatever it is.
                    let written = &phrase[usize::from(at == 0 && run.opens && size > 1)..];
                    count.is_name |= written
                        .iter()
                        .any(|word| word.starts_with(char::is_uppercase))
                        && !(at == 0 && run.opens && size == 1);
                }
            }
        }
    }
    let title: HashSet<String> = (title.into_iter())
        .flat_map(content_runs)
        .flat_map(|run| run.words)
        .map(|word| word.to_lowercase())
        .collect();
    // A phrase weighs its number of words times its number of occurrences.
    let weight = |phrase: &str, count: usize| count * (1 + phrase.matches(' ').count());
    let mut repeated: Vec<(String, usize)> = counts
        .into_iter()
        .filter(|(phrase, count)| {
            let is_phrase = phrase.contains(' ');
            let is_told = is_phrase || title.contains(phrase) && !WEAK.contains(&phrase.as_str());
            let least = if is_phrase { LEAST_PHRASE } else { LEAST_WORD };
            count.times >= least
                && count.sentences >= LEAST_SENTENCES
                && is_told
                && count.is_noun(phrase)
        })
        .map(|(phrase, count)| {
            let weight = weight(&phrase, count.times);
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
        .map(|(label, weight)| Topic {
            label,
            weight: crate::rounded(weight as f64 / total as f64),
        })
        .collect()
}

/// Whether an English word, in lower case, is one that no topic consists of.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
}

/// How a phrase occurs.
#[derive(Default)]
struct Count {
    times: usize,
    /// Number of sentences that have it.
    sentences: usize,
    /// Whether it once stands at the end of a run, as a noun does and an adjective does not.
    ends_run: bool,
    /// Whether its first word once stands where a verb does: `you sell luxury`.
    is_verb: bool,
    /// Whether a word of it is written with a capital.
    is_name: bool,
}

impl Count {
    /// Whether it reads as a noun with what qualifies it.
    fn is_noun(&self, phrase: &str) -> bool {
        let last = phrase.rsplit(' ').next().unwrap_or_default();
        let is_form = ["ed", "ly", "ing"]
            .iter()
            .any(|ending| last.ends_with(ending))
            && !NOUNS_IN_ING.contains(&last)
            || clauses::is_verb(last);
        let is_adjective = !phrase.contains(' ') && phrases::is_adjective(phrase);
        self.ends_run && !self.is_verb && !self.is_name && !is_form && !is_adjective
    }
}

/// A run of content words.
struct Run {
    words: Vec<String>,
    /// Whether it begins its sentence.
    opens: bool,
    /// Whether a pronoun or an auxiliary stands before it, so that its first word is a verb.
    follows_subject: bool,
    /// Whether a noun too weak for a topic follows, which its last word qualifies: `a happy man`.
    goes_on: bool,
}

/// Returns the longest runs of content words that are English or names, as written.
fn content_runs(sentence: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut is_open = false;
    let mut before = String::new();
    for (at, token) in sentence.split_whitespace().enumerate() {
        let word = token
            .trim_matches(|c: char| !c.is_alphanumeric())
            .trim_end_matches("'s");
        let lower = word.to_lowercase();
        let is_content = word.chars().count() > 2
            && word.chars().all(|c| c.is_alphabetic() || c == '-')
            && !STOP_WORDS.contains(&lower.as_str())
            && (word.starts_with(char::is_uppercase) || lexicon::is_english(&lower))
            && calendar::Name::from_english(&lower).is_none();
        if is_content {
            if !is_open {
                runs.push(Run {
                    words: Vec::new(),
                    opens: at == 0,
                    follows_subject: BEFORE_VERBS.contains(&before.as_str()),
                    goes_on: false,
                });
            }
            if let Some(run) = runs.last_mut() {
                run.words.push(word.to_owned());
            }
        } else if is_open && let Some(run) = runs.last_mut() {
            run.goes_on = WEAK_NOUNS.contains(&lower.as_str());
        }
        is_open = is_content && !token.ends_with([',', '.', ';', ':', '!', '?', ')', '"']);
        before = lower;
    }
    runs
}

/// Nouns among the stop words.
const WEAK_NOUNS: [&str; 17] = [
    "day", "days", "end", "man", "month", "months", "ones", "part", "people", "place", "thing",
    "things", "time", "times", "way", "week", "weeks",
];

/// Words after which a verb stands.
const BEFORE_VERBS: [&str; 20] = [
    "i", "you", "he", "she", "it", "we", "they", "who", "not", "don't", "doesn't", "didn't", "can",
    "could", "may", "might", "must", "should", "will", "would",
];

/// Words that end like a form of a verb and are none.
const NOUNS_IN_ING: [&str; 10] = [
    "building", "evening", "funding", "hearing", "housing", "king", "meeting", "morning", "ruling",
    "training",
];

/// Words that a text and its title may repeat without being about them.
#[rustfmt::skip]
const WEAK: &[&str] = &[
    "afternoon", "area", "body", "case", "country", "evening", "face", "family", "hand", "head",
    "home", "hour", "house", "life", "line", "men", "minute", "minutes", "moment", "morning",
    "night", "number", "page", "person", "point", "question", "result", "return", "road", "side",
    "state", "story", "summer", "text", "town", "winter", "woman", "women", "word", "world",
];

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

    fn labels(text: &[&str], title: &str) -> Vec<String> {
        let topics = topics(text.iter().copied(), Some(title));
        let total: f64 = topics.iter().map(|topic| topic.weight).sum();
        assert!(topics.is_empty() || (total - 1.0).abs() < 0.01);
        topics.into_iter().map(|topic| topic.label).collect()
    }

    #[test]
    fn topics_are_repeated_phrases_and_words_of_the_title() {
        let text = [
            "The political prisoners were released.",
            "Political prisoners remain in Belarus, and the embassy will reopen.",
            "The embassy in Belarus was closed in 2022; it is the only embassy in Belarus.",
            "The emeutes and the emeutes and the emeutes went on.",
            "A happy man, a happy wife, a happy house.",
        ];
        let title = "Happy end for prisoners of Belarus as the embassy opens";
        assert_eq!(labels(&text, title), ["political prisoners", "embassy"]);
    }

    #[test]
    fn weak_words_verbs_and_names_are_no_topics() {
        for (sentence, title) in [
            (
                "It was a night, and what a night, in the night.",
                "A night of storms",
            ),
            ("You do not sell luxury, you sell luxury.", "Luxury"),
            (
                "The Labour Confederation met the Labour Confederation.",
                "Labour",
            ),
            ("The storm hit the coast.", "The storm"),
            ("A tuna sold, one sold, all sold.", "Sold"),
            ("It burned, and it burned, and all burned.", "Burned"),
        ] {
            assert!(labels(&[sentence], title).is_empty(), "{sentence}");
        }
    }
}
