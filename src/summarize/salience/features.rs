//! Features of words and sentences: where they are, how often the article returns to them, whether
//! the title has them, which facts they state.
//!
//! Everything here takes time proportional to the length of the article.

use std::collections::{HashMap, HashSet};

use super::super::document::Document;
use french::facts::is_function_word;
use french::text::ParagraphKind;
use french::text::{word_slices, words};

/// The features of a word, in the order of `Word::values`. Those with the prefix `f_` are of
/// function words, the others of content words.
pub const WORD: [&str; 21] = [
    "content",
    "count",
    "stem_count",
    "article_length",
    "inverse_first",
    "log_first",
    "in_lead",
    "in_title",
    "title_count",
    "title_stem",
    "no_title",
    "share",
    "length",
    "capital",
    "digits",
    "short",
    "f_count",
    "f_share",
    "f_in_title",
    "habit",
    "f_habit",
];

/// The features of a sentence, in the order of `SentenceFeatures::values`.
pub const SENTENCE: [&str; 20] = [
    "position",
    "early",
    "opens_paragraph",
    "content_words",
    "up_to_7_words",
    "up_to_13_words",
    "centrality",
    "recurrence",
    "mean_recurrence",
    "fresh",
    "title",
    "title_first",
    "dates",
    "figures",
    "people",
    "places",
    "quoted",
    "reports",
    "first_or_second_person",
    "pronoun_opens",
];

/// An article's distinct words and its sentences.
pub struct Features {
    pub words: Vec<Word>,
    pub sentences: Vec<SentenceFeatures>,
}

pub struct Word {
    pub text: String,
    pub values: [f64; WORD.len()],
}

pub struct SentenceFeatures {
    /// Indices of its distinct words, in ascending order.
    pub words: Vec<usize>,
    /// Number of its words, including repeated ones.
    pub length: usize,
    pub values: [f64; SENTENCE.len()],
}

/// A distinct word while the article is being read.
struct Entry {
    text: String,
    stem: usize,
    function: bool,
    /// Number of sentences that have it.
    count: usize,
    /// The first sentence that has it.
    first: usize,
    /// Whether it has a capital within a sentence.
    capital: bool,
}

/// Computes the features of `document`. `habit` returns how often abstracts use a word in general.
pub(super) fn read(document: &Document, habit: impl Fn(&str) -> f64) -> Features {
    let mut ids: HashMap<String, usize> = HashMap::new();
    let mut stems: HashMap<String, usize> = HashMap::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut sentences = Vec::with_capacity(document.sentences.len());
    for (index, sentence) in document.sentences.iter().enumerate() {
        let reading = sentence.reading.text();
        let all = words(reading);
        let mut own = Vec::with_capacity(all.len());
        for word in &all {
            let id = *ids.entry(word.clone()).or_insert_with(|| {
                let stems_so_far = stems.len();
                let stem = *stems.entry(stem(word).to_owned()).or_insert(stems_so_far);
                entries.push(Entry {
                    text: word.clone(),
                    stem,
                    function: is_function_word(word),
                    count: 0,
                    first: index,
                    capital: false,
                });
                entries.len() - 1
            });
            own.push(id);
        }
        own.sort_unstable();
        own.dedup();
        own.iter().for_each(|&id| entries[id].count += 1);
        for name in capitalised(reading) {
            if let Some(&id) = ids.get(&name.to_lowercase()) {
                entries[id].capital = true;
            }
        }
        sentences.push((own, all.len()));
    }
    let title = Title::new(document.source.title.as_deref());
    let stem_counts = stem_counts(&sentences, &entries, stems.len());
    let values = sentence_values(document, &sentences, &entries, &title);
    Features {
        words: entries
            .iter()
            .map(|entry| Word {
                values: word_values(entry, &stem_counts, sentences.len(), &title, &habit),
                text: entry.text.clone(),
            })
            .collect(),
        sentences: sentences
            .into_iter()
            .zip(values)
            .map(|((words, length), values)| SentenceFeatures {
                words,
                length,
                values,
            })
            .collect(),
    }
}

/// Returns the first five letters of a word, so that its forms are equal.
fn stem(word: &str) -> &str {
    let end = word
        .char_indices()
        .nth(5)
        .map_or(word.len(), |(end, _)| end);
    &word[..end]
}

/// Returns the words that begin with a capital, except for the first of the sentence.
fn capitalised(text: &str) -> impl Iterator<Item = &str> {
    word_slices(text)
        .skip(1)
        .filter(|word| word.starts_with(char::is_uppercase))
}

struct Title {
    words: HashSet<String>,
    stems: HashSet<String>,
    /// Number of content words.
    content: f64,
}

impl Title {
    fn new(title: Option<&str>) -> Self {
        let words: HashSet<String> = words(title.unwrap_or_default()).into_iter().collect();
        let content = words.iter().filter(|word| !is_function_word(word));
        Self {
            content: content.count() as f64,
            stems: (words.iter())
                .filter(|word| word.chars().count() > 4)
                .map(|word| stem(word).to_owned())
                .collect(),
            words,
        }
    }
}

/// Returns the number of sentences that have each stem.
fn stem_counts(sentences: &[(Vec<usize>, usize)], entries: &[Entry], stems: usize) -> Vec<usize> {
    let mut counts = vec![0; stems];
    for (own, _) in sentences {
        let mut stems: Vec<usize> = own.iter().map(|&id| entries[id].stem).collect();
        stems.sort_unstable();
        stems.dedup();
        stems.iter().for_each(|&stem| counts[stem] += 1);
    }
    counts
}

fn word_values(
    word: &Entry,
    stem_counts: &[usize],
    sentences: usize,
    title: &Title,
    habit: &impl Fn(&str) -> f64,
) -> [f64; WORD.len()] {
    let flag = |value: bool| f64::from(u8::from(value));
    let ln = |value: usize| libm::log(value as f64);
    let (content, function) = (flag(!word.function), flag(word.function));
    let share = word.count as f64 / sentences as f64;
    let in_title = flag(title.words.contains(&word.text));
    let letters = word.text.chars().count();
    let habit = habit(&word.text);
    [
        content,
        content * ln(word.count),
        content * ln(stem_counts[word.stem]),
        content * ln(sentences),
        content / (1.0 + word.first as f64),
        content * ln(1 + word.first),
        content * flag(word.first == 0),
        content * in_title,
        content * in_title * ln(word.count),
        content * flag(title.stems.contains(stem(&word.text))),
        content * flag(title.words.is_empty()),
        content * share,
        content * letters.min(12) as f64 / 12.0,
        content * flag(word.capital),
        flag(word.text.chars().all(|c| c.is_ascii_digit())),
        flag(letters <= 2),
        function * ln(word.count),
        function * share,
        function * in_title,
        content * habit,
        function * habit,
    ]
}

fn sentence_values(
    document: &Document,
    sentences: &[(Vec<usize>, usize)],
    entries: &[Entry],
    title: &Title,
) -> Vec<[f64; SENTENCE.len()]> {
    let content: Vec<Vec<usize>> = sentences
        .iter()
        .map(|(own, _)| {
            let own = own.iter().copied();
            own.filter(|&id| !entries[id].function && entries[id].text.chars().count() > 2)
                .collect()
        })
        .collect();
    let centrality = centrality(&content, entries.len());
    let carried = Carried::new(document);
    let others = (sentences.len().max(2) - 1) as f64;
    let mut seen = vec![false; entries.len()];
    let mut rank = 0usize;
    let mut paragraph = None;
    let mut values = Vec::with_capacity(sentences.len());
    for (index, sentence) in document.sentences.iter().enumerate() {
        let flag = |value: bool| f64::from(u8::from(value));
        let (length, own) = (sentences[index].1, &content[index]);
        let count = own.len().max(1) as f64;
        let recurrence: usize = own.iter().map(|&id| entries[id].count - 1).sum();
        let recurrence = recurrence as f64 / others;
        let fresh = own
            .iter()
            .filter(|&&id| !std::mem::replace(&mut seen[id], true));
        let fresh = fresh.count() as f64 / count;
        let in_title = own
            .iter()
            .filter(|&&id| title.words.contains(&entries[id].text));
        let in_title = in_title.count() as f64 / (count * title.content.max(1.0)).sqrt();
        let opens_paragraph = paragraph.replace(sentence.paragraph) != Some(sentence.paragraph);
        let all = words(sentence.reading.text());
        let facts = carried.0[index];
        values.push([
            index as f64 / others,
            libm::exp(-(rank as f64) / 5.0),
            flag(opens_paragraph),
            own.len() as f64 / 30.0,
            flag(length < 8),
            flag((8..14).contains(&length)),
            centrality[index],
            recurrence,
            recurrence / count,
            fresh,
            in_title,
            in_title * flag(rank == 0),
            facts.dates.min(2) as f64,
            facts.figures.min(3) as f64,
            facts.people.min(3) as f64,
            facts.places.min(3) as f64,
            flag(facts.quoted),
            flag(reports(&all)),
            flag(speaks(&all)),
            flag(pronoun_opens(&all)),
        ]);
        rank += usize::from(sentence.kind != ParagraphKind::Heading);
    }
    values
}

/// Mean cosine of each sentence's content words with those of the others, in relation to the
/// article's average (degree centrality; Erkan and Radev 2004).
fn centrality(content: &[Vec<usize>], words: usize) -> Vec<f64> {
    // The sum of a sentence's similarities to all sentences is its similarity to their sum.
    let unit = |own: &Vec<usize>| 1.0 / (own.len().max(1) as f64).sqrt();
    let mut sum = vec![0.0; words];
    for own in content {
        own.iter().for_each(|&id| sum[id] += unit(own));
    }
    let degrees: Vec<f64> = content
        .iter()
        .map(|own| {
            let all: f64 = own.iter().map(|&id| sum[id] * unit(own)).sum();
            // Without the sentence itself.
            all - if own.is_empty() { 0.0 } else { 1.0 }
        })
        .collect();
    let mean = degrees.iter().sum::<f64>() / degrees.len().max(1) as f64;
    degrees
        .iter()
        .map(|degree| degree / mean.max(1e-9))
        .collect()
}

/// The facts that each sentence states.
struct Carried(Vec<Counts>);

#[derive(Clone, Copy, Default)]
struct Counts {
    dates: usize,
    figures: usize,
    people: usize,
    places: usize,
    quoted: bool,
}

impl Carried {
    fn new(document: &Document) -> Self {
        let facts = &document.facts;
        let mut counts = vec![Counts::default(); document.sentences.len()];
        for date in &facts.dates {
            counts[date.mention.sentence.0].dates += 1;
        }
        for figure in &facts.figures {
            counts[figure.mention.sentence.0].figures += 1;
        }
        for mention in facts.people.iter().flat_map(|person| &person.mentions) {
            counts[mention.sentence.0].people += 1;
        }
        for mention in facts.places.iter().flat_map(|place| &place.mentions) {
            counts[mention.sentence.0].places += 1;
        }
        for quote in &facts.quotes {
            counts[quote.mention.sentence.0..=quote.last_sentence.0]
                .iter_mut()
                .for_each(|counts| counts.quoted = true);
        }
        Self(counts)
    }
}

/// Whether the sentence reports speech: `a déclaré`, `selon`.
fn reports(words: &[String]) -> bool {
    const VERBS: [&str; 20] = [
        "déclaré",
        "dit",
        "affirmé",
        "expliqué",
        "ajouté",
        "indiqué",
        "précisé",
        "annoncé",
        "estimé",
        "souligné",
        "selon",
        "ajoute",
        "explique",
        "précise",
        "indique",
        "poursuit",
        "estime",
        "affirme",
        "souligne",
        "raconte",
    ];
    words.iter().any(|word| VERBS.contains(&word.as_str()))
}

/// Whether the sentence is in the first or second person.
fn speaks(words: &[String]) -> bool {
    const PRONOUNS: [&str; 9] = [
        "je", "j", "nous", "vous", "mon", "ma", "notre", "votre", "mes",
    ];
    words.iter().any(|word| PRONOUNS.contains(&word.as_str()))
}

/// Whether the sentence begins with a word that refers to something before it.
fn pronoun_opens(words: &[String]) -> bool {
    const OPENERS: [&str; 30] = [
        "il", "elle", "ils", "elles", "ce", "c", "cet", "cette", "ces", "celui", "celle", "lui",
        "on", "cela", "ça", "mais", "et", "or", "car", "donc", "je", "nous", "ainsi", "son", "sa",
        "ses", "leur", "leurs", "ceux", "celles",
    ];
    words
        .first()
        .is_some_and(|word| OPENERS.contains(&word.as_str()))
}
