//! Searching the summaries of an output folder, as the page of all articles does: every word of the
//! query begins a word of the article, in any case and without accents. What is found in the headline
//! comes first, then what is found in names and the French title, the abstract, the key points, and the
//! texts.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::entities::{Mention, mentions};
use super::{Archive, EntityKind, Unreadable};
use crate::summarize::{Grade, SentenceId, Summary};

/// Most words of a query; each has a bit.
pub const MOST_WORDS: usize = 64;

/// What is looked for. Empty parts exclude nothing.
#[derive(Clone, Debug, Default)]
pub struct Query {
    words: Vec<String>,
    /// Words of one name each.
    person: Vec<String>,
    organisation: Vec<String>,
    place: Vec<String>,
    /// A year, month or day in ISO 8601.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Grades of articles; all if there is none.
    pub grades: Vec<Grade>,
}

/// Where an article has what is looked for, the best first. Of several words, the one that is in the
/// least place counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundIn {
    Headline,
    /// The name of a person, organisation or place, or the French title.
    Name,
    Abstract,
    KeyPoint,
    /// A sentence in either language.
    Text,
}

/// An article that is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub id: String,
    pub date: Option<String>,
    pub headline: String,
    pub title: Option<String>,
    pub grade: Grade,
    pub found_in: FoundIn,
    /// The sentence that has most of what is looked for, if one has any.
    pub passage: Option<Passage>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    pub sentence: SentenceId,
    pub language: &'static str,
    pub text: String,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The best, as many as were asked for.
    pub hits: Vec<Hit>,
    /// Number of all.
    pub all: usize,
    /// Number of articles that were looked through.
    pub searched: usize,
    pub unreadable: Vec<Unreadable>,
}

impl Query {
    /// Looks for the words of `text`. Returns `None` if there are more than [`MOST_WORDS`].
    pub fn new(text: &str) -> Option<Self> {
        let mut words = folded(text);
        words.sort_unstable();
        words.dedup();
        (words.len() <= MOST_WORDS).then(|| Self {
            words,
            ..Self::default()
        })
    }

    #[must_use]
    pub fn with_person(mut self, name: &str) -> Self {
        self.person = folded(name);
        self
    }

    #[must_use]
    pub fn with_organisation(mut self, name: &str) -> Self {
        self.organisation = folded(name);
        self
    }

    #[must_use]
    pub fn with_place(mut self, name: &str) -> Self {
        self.place = folded(name);
        self
    }

    /// Whether nothing is looked for, so that all articles are found.
    pub fn is_empty(&self) -> bool {
        let words = [&self.words, &self.person, &self.organisation, &self.place];
        words.iter().all(|words| words.is_empty())
            && self.from.is_none()
            && self.to.is_none()
            && self.grades.is_empty()
    }

    /// The words of `text` that are looked for, as byte ranges.
    pub fn marks(&self, text: &str) -> Vec<Range<usize>> {
        let wanted = [&self.words, &self.person, &self.organisation, &self.place];
        let mut marks = Vec::new();
        each_word(text, |word, range| {
            if wanted.iter().any(|words| begins_any(word, words)) {
                marks.push(range);
            }
        });
        marks
    }

    /// Returns `None` if the article lacks something that is looked for.
    fn find(&self, summary: &Summary) -> Option<Hit> {
        if !self.is_of_time(summary.source.date.as_deref())
            || !(self.grades.is_empty() || self.grades.contains(&summary.trust.grade))
        {
            return None;
        }
        let mentions = mentions(summary);
        let named = self.named(&mentions)?;
        let mut found = Words::default();
        let mut look = |found_in: FoundIn, texts: &mut dyn Iterator<Item = &str>| {
            // The best comes first.
            if found.all < self.all_words() {
                let here = texts.fold(0, |bits, text| bits | self.bits_in(text));
                found.add(found_in, here);
            }
        };
        look(FoundIn::Headline, &mut std::iter::once(&*summary.headline));
        let title = summary.source.title.as_deref();
        let names = mentions.iter().flat_map(|it| [it.name, it.source_name]);
        look(FoundIn::Name, &mut names.chain(title));
        look(
            FoundIn::Abstract,
            &mut std::iter::once(&*summary.abstract_.text),
        );
        let points = summary.key_points.iter();
        look(FoundIn::KeyPoint, &mut points.map(|it| it.text.as_str()));
        let sentences = summary.translation.sentences.iter();
        look(
            FoundIn::Text,
            &mut sentences.flat_map(|it| [it.text.as_str(), it.source.as_str()]),
        );
        if found.all != self.all_words() {
            return None;
        }
        Some(Hit {
            id: summary.id.clone(),
            date: summary.source.date.clone(),
            headline: summary.headline.clone(),
            title: summary.source.title.clone(),
            grade: summary.trust.grade,
            found_in: found.least,
            passage: self.passage(summary, named),
        })
    }

    /// Whether a day is within the time asked for. Years and months have all of their days.
    fn is_of_time(&self, date: Option<&str>) -> bool {
        let is_after = |from: &String| date.is_some_and(|date| date >= from.as_str());
        let is_before = |to: &String| {
            date.is_some_and(|date| date.get(..to.len()).unwrap_or(date) <= to.as_str())
        };
        self.from.as_ref().is_none_or(is_after) && self.to.as_ref().is_none_or(is_before)
    }

    /// The first sentence with each of the names that are asked for. Returns `None` if a name is not
    /// there.
    fn named(&self, mentions: &[Mention<'_>]) -> Option<Vec<SentenceId>> {
        let wanted = [
            (EntityKind::Person, &self.person),
            (EntityKind::Organisation, &self.organisation),
            (EntityKind::Place, &self.place),
        ];
        let mut sentences = Vec::new();
        for (kind, wanted) in wanted.into_iter().filter(|(_, words)| !words.is_empty()) {
            let bears = |mention: &&Mention<'_>| {
                let mut words = folded(mention.name);
                words.extend(folded(mention.source_name));
                let has = |part: &String| words.iter().any(|word| word.starts_with(part));
                mention.kind == kind && wanted.iter().all(has)
            };
            let bearer = mentions.iter().find(bears)?;
            sentences.extend(bearer.sentences.first());
        }
        Some(sentences)
    }

    /// The sentence with most of the words, in English if that has as many of them as the French; else
    /// one that has a name that was asked for.
    fn passage(&self, summary: &Summary, named: Vec<SentenceId>) -> Option<Passage> {
        let sentences = &summary.translation.sentences;
        let count = |text: &str| self.bits_in(text).count_ones();
        let best = sentences
            .iter()
            .map(|it| (count(&it.text), count(&it.source), it))
            .filter(|(english, french, _)| english + french > 0)
            .max_by_key(|(english, french, it)| (*english.max(french), Reverse(it.id)));
        let passage = |id, language, text: &str| Passage {
            sentence: id,
            language,
            text: text.to_owned(),
        };
        match best {
            Some((english, french, it)) if english >= french => {
                Some(passage(it.id, "en", &it.text))
            }
            Some((_, _, it)) => Some(passage(it.id, "fr", &it.source)),
            None => {
                let it = sentences.get(named.first()?.0)?;
                match it.text.is_empty() {
                    true => Some(passage(it.id, "fr", &it.source)),
                    false => Some(passage(it.id, "en", &it.text)),
                }
            }
        }
    }

    /// A bit for each word.
    fn all_words(&self) -> u64 {
        u64::MAX
            .checked_shr((MOST_WORDS - self.words.len()) as u32)
            .unwrap_or_default()
    }

    /// The bits of the words that begin a word of `text`.
    fn bits_in(&self, text: &str) -> u64 {
        let mut bits = 0;
        if !self.words.is_empty() {
            each_word(text, |word, _| {
                for (n, wanted) in self.words.iter().enumerate() {
                    bits |= u64::from(word.starts_with(wanted)) << n;
                }
            });
        }
        bits
    }
}

/// Which words have been found, and where.
struct Words {
    all: u64,
    least: FoundIn,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            all: 0,
            least: FoundIn::Headline,
        }
    }
}

impl Words {
    fn add(&mut self, found_in: FoundIn, bits: u64) {
        if bits & !self.all != 0 {
            self.least = found_in;
        }
        self.all |= bits;
    }
}

/// The best `most` of the articles that have what is looked for, the newest of equal ones first, and
/// those without a date last.
pub fn search(archive: &Archive, query: &Query, most: usize) -> Found {
    let mut found = Found::default();
    let mut best = BTreeMap::new();
    archive.each(
        |summary| query.find(&summary),
        |hit| {
            let hit = match hit {
                Ok(hit) => hit,
                Err(unreadable) => return found.unreadable.push(unreadable),
            };
            found.searched += 1;
            let Some(hit) = hit else {
                return;
            };
            found.all += 1;
            best.insert(
                (hit.found_in, Reverse(hit.date.clone()), hit.id.clone()),
                hit,
            );
            if best.len() > most {
                best.pop_last();
            }
        },
    );
    found.hits = best.into_values().collect();
    found
}

fn begins_any(word: &str, beginnings: &[String]) -> bool {
    beginnings
        .iter()
        .any(|beginning| word.starts_with(beginning))
}

/// The words of `text`, as they are compared.
fn folded(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, |word, _| words.push(word.to_owned()));
    words
}

/// Calls `visit` with each run of letters and digits of `text` in lower case, without accents and
/// ligatures, and where it stands.
fn each_word(text: &str, mut visit: impl FnMut(&str, Range<usize>)) {
    let mut word = String::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if c.is_ascii_alphanumeric() {
            if word.is_empty() {
                start = at;
            }
            word.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            if word.is_empty() {
                start = at;
            }
            fold(c, &mut word);
        } else if !word.is_empty() && !is_accent(c) {
            visit(&word, start..at);
            word.clear();
        }
    }
    if !word.is_empty() {
        visit(&word, start..text.len());
    }
}

/// Whether `c` is an accent that stands apart from its letter.
fn is_accent(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

fn fold(c: char, word: &mut String) {
    match c {
        'œ' | 'Œ' => word.push_str("oe"),
        'æ' | 'Æ' => word.push_str("ae"),
        c => {
            let letters = std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c));
            word.extend(letters.flat_map(char::to_lowercase));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture() -> Summary {
        serde_json::from_str(include_str!("../../tests/fixtures/summary.json")).unwrap()
    }

    fn query(text: &str) -> Query {
        Query::new(text).unwrap()
    }

    #[test]
    fn words_are_compared_without_case_accents_and_ligatures() {
        let words = folded("L’ÉTÉ, à Nœux-les-Mines : 1\u{202f}200 e\u{301}te\u{301} ‘Ægir’…");
        assert_eq!(
            words,
            [
                "l", "ete", "a", "noeux", "les", "mines", "1", "200", "ete", "aegir"
            ]
        );
        let text = "Le cœur, l'e\u{301}te\u{301}.";
        let marked = |text: &str, words: &str| -> Vec<String> {
            let marks = query(words).marks(text).into_iter();
            marks.map(|range| text[range].to_owned()).collect()
        };
        assert_eq!(marked(text, "coeur ETE"), ["cœur", "e\u{301}te\u{301}"]);
        assert_eq!(
            marked("Vaccins, vaccination", "vaccin"),
            ["Vaccins", "vaccination"]
        );
        assert!(marked("événement", "nement").is_empty(), "beginnings alone");
    }

    #[test]
    fn every_word_has_to_be_there_and_the_least_place_counts() {
        let summary = fixture();
        let place = |text: &str| query(text).find(&summary).map(|hit| hit.found_in);
        assert_eq!(place("marseille"), Some(FoundIn::Headline));
        assert_eq!(place("port martin"), Some(FoundIn::Name));
        assert_eq!(place("rouvre"), Some(FoundIn::Name), "the French title");
        assert_eq!(place("port dockers"), Some(FoundIn::Abstract));
        assert_eq!(place("port nothing"), None);
        assert_eq!(place(""), Some(FoundIn::Headline));
        let many: Vec<String> = (0..MOST_WORDS).map(|n| format!("mot{n}")).collect();
        assert_eq!(place(&many.join(" ")), None);
        assert!(Query::new(&(many.join(" ") + " un")).is_none());
    }

    #[test]
    fn the_sentence_with_most_of_the_words_is_shown() {
        let mut summary = fixture();
        let texts = [
            ("Le port a rouvert.", "The port reopened."),
            (
                "La grève a coûté cher au port.",
                "The strike was expensive.",
            ),
        ];
        for (sentence, (french, english)) in summary.translation.sentences.iter_mut().zip(texts) {
            (sentence.source, sentence.text) = (french.to_owned(), english.to_owned());
        }
        summary.translation.sentences.truncate(2);
        let passage = |query: Query| query.find(&summary).and_then(|hit| hit.passage);
        let english = passage(query("port")).unwrap();
        assert_eq!((english.sentence.0, english.language), (0, "en"));
        // Both words are in the French alone.
        let french = passage(query("port greve")).unwrap();
        assert_eq!((french.sentence.0, french.language), (1, "fr"));
        // Without words, where the name is.
        summary.people[0].sentences = vec![SentenceId(1)];
        let passage = |query: Query| query.find(&summary).and_then(|hit| hit.passage);
        let named = passage(query("").with_person("MARTIN claire")).unwrap();
        assert_eq!(named.sentence.0, 1);
        assert_eq!(passage(query("")), None);
        assert_eq!(query("").with_person("Martine").find(&summary), None);
    }

    #[test]
    fn years_and_months_have_all_of_their_days() {
        for (from, to, expected) in [
            (Some("2025"), None, true),
            (Some("2025-03"), Some("2025-03"), true),
            (Some("2025-03-04"), Some("2025-03-04"), true),
            (Some("2025-03-05"), None, false),
            (None, Some("2025-03-03"), false),
            (None, Some("2025"), true),
            (None, Some("2024"), false),
        ] {
            let mut query = query("");
            (query.from, query.to) = (from.map(str::to_owned), to.map(str::to_owned));
            assert_eq!(
                query.is_of_time(Some("2025-03-04")),
                expected,
                "{from:?} {to:?}"
            );
            assert!(!query.is_of_time(None), "{from:?} {to:?}");
        }
        assert!(query("").is_of_time(None));
    }
}
