//! Terms: French words whose English is known, such as the names of an article.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use french::facts::place_in_english;
use french::text::{folded_words, whole_places, without_accents, word_ranges, word_slices};
use seq2seq::model::ModelFolder;
use seq2seq::tokenizer::Tokenizer;
use serde::Deserialize;

use super::TranslateError;
use super::spelling::spelt;
use crate::lexicon;

/// What a term is, for what stands in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TermKind {
    Person,
    Organisation,
    Place,
    /// An office, institution or fixed expression, in any case, whose English has synonyms: its longest
    /// or last word is enough.
    Office,
    /// A common word or phrase, in any case.
    Word,
}

/// A French term and the English that a translation has to have for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    pub french: String,
    pub english: String,
    pub kind: TermKind,
}

impl Term {
    /// Whether the English is spelt otherwise than the French.
    pub(super) fn differs(&self) -> bool {
        self.french != self.english
    }

    /// Whether a text has the English: names may be short forms.
    fn is_in(&self, named: &Named) -> bool {
        match self.kind {
            TermKind::Word => named.has_phrase(&self.english),
            _ => named.has(&self.english),
        }
    }
}

/// The terms of an article.
#[derive(Debug, Default)]
pub struct Terms {
    /// Each with its French words, folded.
    terms: Vec<(Vec<String>, Term)>,
    /// Indices of the terms by their first word, the longest first.
    by_first_word: HashMap<String, Vec<usize>>,
    /// Terms of all articles, which are looked for where these are not found.
    common: Option<&'static Terms>,
}

/// A term in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Found {
    pub range: Range<usize>,
    pub term: Term,
}

impl Terms {
    /// Of terms with the same French the first one counts.
    pub fn new(terms: impl IntoIterator<Item = Term>) -> Self {
        let mut new = Self::default();
        let mut seen = HashSet::new();
        for term in terms {
            let words = folded_words(&term.french);
            let Some(first) = words.first() else { continue };
            if seen.insert(words.clone()) {
                let same = new.by_first_word.entry(first.clone()).or_default();
                same.push(new.terms.len());
                new.terms.push((words, term));
            }
        }
        for same in new.by_first_word.values_mut() {
            same.sort_by_key(|&index| Reverse(new.terms[index].0.len()));
        }
        new
    }

    /// Looks for the terms of `common` too.
    #[must_use]
    pub fn with(mut self, common: &'static Self) -> Self {
        self.common = Some(common);
        self
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.common.is_none_or(Self::is_empty)
    }

    /// The longest of the terms that begin with the first of `words`, and how many words it has.
    fn longest(
        &self,
        words: &[(Range<usize>, String)],
        is_capital: bool,
    ) -> Option<(&Term, usize)> {
        let candidates = self.by_first_word.get(&words.first()?.1);
        let mut fitting = candidates.into_iter().flatten().filter_map(|&index| {
            let (wanted, term) = &self.terms[index];
            let here = words.get(..wanted.len())?;
            let is_same = here.iter().map(|(_, word)| word).eq(wanted)
                && (is_capital || matches!(term.kind, TermKind::Office | TermKind::Word));
            is_same.then_some((term, wanted.len()))
        });
        let own = fitting.next();
        own.or_else(|| self.common?.longest(words, is_capital))
    }

    /// The English of a term, if `french` is one.
    pub(crate) fn english(&self, french: &str) -> Option<String> {
        let wanted = folded_words(french);
        let candidates = self.by_first_word.get(wanted.first()?)?;
        let terms = candidates.iter().map(|&index| &self.terms[index]);
        let mut same = terms.filter(|(words, _)| *words == wanted);
        same.next().map(|(_, term)| term.english.clone())
    }

    /// The common word or phrase that `words` begin with, and how many words it has.
    pub(crate) fn word<'s>(&'s self, words: &[&str]) -> Option<(&'s str, usize)> {
        let at = |word: &&str| (0..word.len(), folded(word));
        let words: Vec<(Range<usize>, String)> = words.iter().map(at).collect();
        let (term, length) = self.longest(&words, false)?;
        (term.kind == TermKind::Word).then_some((term.english.as_str(), length))
    }

    /// Returns the terms of `source`, as written there, that `english` lacks.
    pub(crate) fn lost(&self, source: &str, english: &str) -> Vec<String> {
        let found = self.find(source);
        let lost = lost(&found, english).into_iter();
        lost.map(|found| source[found.range.clone()].to_owned())
            .collect()
    }

    /// Returns the French of the terms in `source`, each with whether `english` has its English.
    pub(crate) fn kept(&self, source: &str, english: &str) -> Vec<(String, bool)> {
        let named = Named::in_text(english);
        let found = self.find(source).into_iter();
        found
            .map(|found| (found.term.is_in(&named), found.term.french))
            .map(|(is_kept, french)| (french, is_kept))
            .collect()
    }

    /// Finds the terms in `text`, in order. Case and accents may differ, but a name begins with a
    /// capital, and no term is within another.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        if self.is_empty() {
            return Vec::new();
        }
        let words: Vec<(Range<usize>, String)> = word_ranges(text)
            .map(|range| (range.clone(), folded(&text[range])))
            .collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let is_capital = text[words[at].0.clone()].starts_with(char::is_uppercase);
            if let Some((term, length)) = self.longest(&words[at..], is_capital) {
                found.push(Found {
                    range: words[at].0.start..words[at + length - 1].0.end,
                    term: term.clone(),
                });
                at += length;
            } else {
                at += 1;
            }
        }
        found
    }
}

/// A word without case and accents.
pub(super) fn folded(word: &str) -> String {
    without_accents(word).to_lowercase()
}

/// The words of a text without case and accents, for looking names up.
pub(crate) struct Named(Vec<String>);

impl Named {
    pub(crate) fn in_text(text: &str) -> Self {
        Self(folded_words(text))
    }

    /// Whether the text has the words of `phrase` in a row.
    fn has_phrase(&self, phrase: &str) -> bool {
        let words = folded_words(phrase);
        !words.is_empty() && self.0.windows(words.len()).any(|window| window == words)
    }

    /// Whether the text has the longest or the last word of `name`: short forms are as good as full
    /// ones.
    pub(crate) fn has(&self, name: &str) -> bool {
        let words = folded_words(name);
        let longest = words.iter().max_by_key(|word| word.chars().count());
        let last = words.iter().rfind(|word| word.chars().count() > 2);
        [longest, last]
            .into_iter()
            .flatten()
            .any(|word| self.0.contains(word))
    }
}

impl Named {
    /// Whether the text has the initials of `name`: EU for European Union.
    pub(crate) fn has_initials(&self, name: &str) -> bool {
        let words = name.split([' ', '-']);
        let initials = words.filter_map(|word| word.chars().next().filter(|c| c.is_uppercase()));
        let initials: String = initials.flat_map(char::to_lowercase).collect();
        initials.chars().count() > 1 && self.0.contains(&initials)
    }

    /// Whether the text has a translation of each word of a French name: Saragossa's university
    /// hospital.
    pub(crate) fn has_words_of(&self, french: &str) -> bool {
        let has = |word: &str| self.0.iter().any(|own| own == word);
        let is_there = |word: &str| {
            let lower = word.to_lowercase();
            let mut translations = lexicon::translations(&lower);
            has(&folded(word))
                || place_in_english(word).is_some_and(|english| self.has_phrase(english))
                || translations.any(|translation| has(&folded(translation.english)))
        };
        let mut words = word_slices(french)
            .filter(|word| word.chars().count() > 3)
            .peekable();
        words.peek().is_some() && words.all(is_there)
    }
}

/// What a model folder says about itself to precis.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hints {
    /// `inline` if the model follows annotated terms.
    terms: Option<String>,
    /// Language of the texts, ISO 639-1: French if it is not said.
    pub(super) source: Option<String>,
}

const SYMBOLS: [&str; 3] = ["<r1>", "<r2>", "<r3>"];

impl Hints {
    /// # Errors
    /// If the folder has a `precis.json` that is damaged.
    pub(super) fn read(dir: &Path) -> Result<Self, TranslateError> {
        let path = dir.join(ModelFolder::HINTS);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(missing) if missing.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(unreadable) => return Err(Self::error(dir, unreadable.to_string())),
        };
        serde_json::from_str(&text).map_err(|damaged| Self::error(dir, damaged.to_string()))
    }

    fn error(dir: &Path, reason: String) -> TranslateError {
        TranslateError::Hints {
            path: dir.join(ModelFolder::HINTS),
            reason,
        }
    }

    /// Returns the ids of the marks of annotated terms, or `None` if the model of `dir` does not know
    /// them.
    ///
    /// # Errors
    /// If the vocabulary lacks the marks that the model is said to know.
    pub(super) fn annotation(
        &self,
        dir: &Path,
        tokenizer: &Tokenizer,
    ) -> Result<Option<[u32; 3]>, TranslateError> {
        match self.terms.as_deref() {
            None => Ok(None),
            Some("inline") => match SYMBOLS.map(|symbol| tokenizer.symbol(symbol)) {
                [Some(open), Some(middle), Some(close)] => Ok(Some([open, middle, close])),
                _ => Err(Self::error(
                    dir,
                    "the vocabulary lacks <r1>, <r2> or <r3>".to_owned(),
                )),
            },
            Some(other) => Err(Self::error(
                dir,
                format!("`terms` is \"inline\" or not there, not \"{other}\""),
            )),
        }
    }
}

/// Returns the French of the terms whose English `after` has and `before` has not.
pub(super) fn put_right(found: &[Found], before: &str, after: &str) -> Vec<String> {
    if found.is_empty() {
        return Vec::new();
    }
    let [before, after] = [before, after].map(Named::in_text);
    let is_new = |term: &Term| term.is_in(&after) && !term.is_in(&before);
    let terms = found.iter().map(|found| &found.term);
    let mut right: Vec<String> = (terms.filter(|term| is_new(term)))
        .map(|term| term.french.clone())
        .collect();
    right.dedup();
    right
}

/// Returns those of `found` that `english` has neither in English nor as written.
pub(super) fn lost<'f>(found: &'f [Found], english: &str) -> Vec<&'f Found> {
    if found.is_empty() {
        return Vec::new();
    }
    let named = Named::in_text(english);
    found
        .iter()
        .filter(|found| {
            let is_name = found.term.kind != TermKind::Word;
            let is_french = is_name && named.has(&found.term.french);
            !found.term.is_in(&named) && !is_french
        })
        .collect()
}

/// Returns `english` with the terms in their English form where it has the French one, and with the
/// names that it misspells spelt right. `source` is what it translates.
pub(super) fn repaired(found: &[Found], source: &str, english: String) -> String {
    let mut text = english;
    for Found { term, .. } in found {
        text = in_english(term, text);
    }
    spelt(found, source, text)
}

/// Writes the English words of a term for French ones that differ.
fn in_english(term: &Term, text: String) -> String {
    if !term.differs() {
        return text;
    }
    let text = replace_words(&text, &term.french, &term.english);
    let (french, english) = (words_of(&term.french), words_of(&term.english));
    // The words of other names have another order in English: République tchèque.
    if term.kind != TermKind::Person || french.len() != english.len() {
        return text;
    }
    let pairs = french.iter().zip(&english).filter(|(f, e)| f != e);
    pairs.fold(text, |text, (french, english)| {
        replace_words(&text, french, english)
    })
}

fn words_of(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

/// Replaces `from` where it stands as whole words.
fn replace_words(text: &str, from: &str, to: &str) -> String {
    let mut new = text.to_owned();
    for place in whole_places(text, from).into_iter().rev() {
        new.replace_range(place..place + from.len(), to);
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(french: &str, english: &str) -> Term {
        Term {
            french: french.to_owned(),
            english: english.to_owned(),
            kind: TermKind::Person,
        }
    }

    fn terms() -> Terms {
        Terms::new([
            term("Loukachenko", "Lukashenko"),
            term("Alexandre Loukachenko", "Alexander Lukashenko"),
            term("Pékin", "Beijing"),
            term("Nicolle", "Nicolle"),
        ])
    }

    #[test]
    fn the_longest_term_is_found_whatever_its_accents() {
        let text = "À Pekin, ALEXANDRE LOUKACHENKO et Nicolle, nicolle, Nicolles.";
        let found: Vec<(&str, String)> = terms()
            .find(text)
            .into_iter()
            .map(|found| (&text[found.range], found.term.english))
            .collect();
        let wanted = [
            ("Pekin", "Beijing"),
            ("ALEXANDRE LOUKACHENKO", "Alexander Lukashenko"),
            ("Nicolle", "Nicolle"),
        ];
        assert_eq!(
            found,
            wanted.map(|(french, english)| (french, english.to_owned()))
        );
    }

    #[test]
    fn french_forms_and_misspellings_are_put_right() {
        let source = "Loukachenko a vu Nicolle à Pékin.";
        let found = terms().find(source);
        for (english, wanted) in [
            (
                "Loukachenko saw Nicolle in Pékin.",
                "Lukashenko saw Nicolle in Beijing.",
            ),
            (
                "Lukashenka saw Nicole in Beijing.",
                "Lukashenko saw Nicolle in Beijing.",
            ),
            ("He saw Paris.", "He saw Paris."),
        ] {
            assert_eq!(repaired(&found, source, english.to_owned()), wanted);
        }
    }

    #[test]
    fn a_lost_term_has_neither_form_in_the_english() {
        let found = terms().find("Loukachenko a vu Nicolle à Pékin.");
        let lost = |english| -> Vec<String> {
            let lost = lost(&found, english);
            lost.iter().map(|found| found.term.french.clone()).collect()
        };
        assert_eq!(lost("Lukashenko saw Nicolle in Beijing."), [""; 0]);
        assert_eq!(lost("He saw them in Pekin."), ["Loukachenko", "Nicolle"]);
    }
}
