//! What a French article states: dates, figures, names and quotations, each with the place in the
//! sentences it was read from.
//!
//! Facts are read from the source, before any translation, because translation changes names and
//! numbers. Everything here is rules over the words and small tables of names; nothing is resolved
//! that the text and the publication date do not fix, and nothing is translated but names that have
//! an English form. Salience and English wording are decided elsewhere.

mod dates;
mod figures;
mod lexicon;
mod names;
mod numerals;
mod quotes;
mod tokens;

use std::ops::Range;

use jiff::civil::Date;

use super::schema::{PlaceKind, Qualifier};
pub use lexicon::{is_function_word, is_unit_symbol};
pub use names::Features as NameFeatures;
use tokens::{Token, tokenize};

/// One sentence in its reading form (`Normalized::for_reading`): NFC, every space a plain space,
/// every apostrophe `'`, no soft hyphens or zero-width characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceSentence<'a> {
    pub id: usize,
    /// Index of its paragraph: what is named in one paragraph can be meant in it, not in the next.
    pub paragraph: usize,
    pub text: &'a str,
}

/// Where a name stands: the sentence's id and the bytes of its text.
pub type Mention = (usize, Range<usize>);

/// Everything read from one article. Dates, figures and quotations are in the order of the text,
/// names in the order of their first mention. All ranges are bytes of the sentence's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub dates: Vec<DateMention>,
    pub figures: Vec<FigureMention>,
    pub people: Vec<NamedPerson>,
    pub organisations: Vec<NamedOrganisation>,
    pub places: Vec<NamedPlace>,
    pub quotes: Vec<Quotation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateMention {
    pub sentence: usize,
    pub range: Range<usize>,
    /// EDTF level 1 date, season or interval; `None` for an expression that the text does not fix.
    pub edtf: Option<String>,
    /// Local time of day that goes with it, `HH:MM`.
    pub time: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FigureMention {
    pub sentence: usize,
    /// From the number to the end of what it counts, without the qualifier.
    pub range: Range<usize>,
    pub value: f64,
    /// ISO 4217 code, `%`, a unit symbol, `years`, `people`, or the French noun counted.
    pub unit: Option<String>,
    pub qualifier: Option<Qualifier>,
    /// The French noun phrase counted, such as `prisonniers politiques`.
    pub counted: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPerson {
    /// In its English form.
    pub name: String,
    /// The longest form in the text, without titles.
    pub source_name: String,
    /// In French, from the title before the name or the apposition after it.
    pub role: Option<String>,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedOrganisation {
    /// In its English form where it has one.
    pub name: String,
    /// The longest form in the text.
    pub source_name: String,
    /// In French, from the word before the name or the apposition after it.
    pub description: Option<String>,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPlace {
    /// In its English form.
    pub name: String,
    pub source_name: String,
    pub kind: PlaceKind,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// The sentence in which it begins.
    pub sentence: usize,
    /// The sentence in which it ends.
    pub last_sentence: usize,
    /// Its part in the first sentence, without the marks.
    pub range: Range<usize>,
    /// The whole quotation without the marks; sentences are joined by one space.
    pub text: String,
    /// As named in the text: a full name where it has one, else the description used.
    pub speaker: Option<String>,
}

/// A sentence with its words.
struct Sentence<'a> {
    id: usize,
    paragraph: usize,
    text: &'a str,
    tokens: Vec<Token<'a>>,
}

/// Reads the facts of one article from its sentences, in order. `published` resolves relative
/// dates; without it they have no EDTF form.
pub fn read(sentences: &[SourceSentence], published: Option<Date>) -> Facts {
    let sentences = tokenized(sentences);
    let dates = dates::read(&sentences, published);
    let figures = figures::read(&sentences, &dates);
    let names = names::read(&sentences, &dates);
    let quotes = quotes::read(&sentences, &names);
    Facts {
        dates,
        figures,
        people: names.people,
        organisations: names.organisations,
        places: names.places,
        quotes,
    }
}

/// The value of the French number that `words`, in lower case, begin with: `vingt`, `cinq`;
/// `quarantaine`; `milliers`.
pub fn french_number(words: &[String]) -> Option<f64> {
    let approximate = numerals::approximate(words.first()?.trim_end_matches('s'));
    let spelled = || numerals::spelled(words.iter().map(String::as_str));
    approximate.or_else(|| spelled().map(|(value, _)| value))
}

/// The value of a Roman numeral, also as an ordinal: `XXIe`.
pub fn roman_numeral(word: &str) -> Option<u16> {
    dates::roman(word.trim_end_matches(['e', 'è', 'm', 'r']))
}

/// What may be names in `sentences`, each with the features that it is weighed by: what the
/// weights are fitted on.
pub fn name_candidates(sentences: &[SourceSentence]) -> Vec<(Mention, NameFeatures)> {
    let sentences = tokenized(sentences);
    let dates = dates::read(&sentences, None);
    names::candidates(&sentences, &dates)
}

fn tokenized<'a>(sentences: &[SourceSentence<'a>]) -> Vec<Sentence<'a>> {
    sentences
        .iter()
        .map(|sentence| Sentence {
            id: sentence.id,
            paragraph: sentence.paragraph,
            text: sentence.text,
            tokens: tokenize(sentence.text),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The facts of one paragraph, without a date of publication.
    pub fn facts(sentences: &[&str]) -> Facts {
        facts_of(sentences, None)
    }

    /// The facts of one paragraph.
    pub fn facts_of(sentences: &[&str], published: Option<Date>) -> Facts {
        let sentences: Vec<SourceSentence> = sentences
            .iter()
            .enumerate()
            .map(|(id, text)| SourceSentence {
                id,
                paragraph: 0,
                text,
            })
            .collect();
        read(&sentences, published)
    }

    proptest! {
        /// Whatever the text, every range lies on characters of its sentence and is not empty.
        #[test]
        fn ranges_are_parts_of_their_sentence(
            texts in prop::collection::vec(
                "([A-Za-zéÉ]{1,8}|le|M\\.|Paris|ONU|Marie|\"|«|»|“|\\(|\\)|,|a dit|en 2010|3|mardi|1 200|%|d'|\\.| ){0,20}",
                0..5,
            ),
            spaced in any::<bool>(),
        ) {
            let texts: Vec<String> =
                texts.iter().map(|text| if spaced { text.replace(',', " , ") } else { text.clone() }).collect();
            let sentences: Vec<SourceSentence> = texts
                .iter()
                .enumerate()
                .map(|(id, text)| SourceSentence { id, paragraph: id / 2, text })
                .collect();
            let facts = read(&sentences, Some(jiff::civil::date(2020, 6, 11)));
            let dates = facts.dates.iter().map(|date| (date.sentence, date.range.clone()));
            let figures = facts.figures.iter().map(|figure| (figure.sentence, figure.range.clone()));
            let quotes = facts.quotes.iter().map(|quote| (quote.sentence, quote.range.clone()));
            let names = facts.people.iter().flat_map(|person| person.mentions.clone())
                .chain(facts.organisations.iter().flat_map(|found| found.mentions.clone()))
                .chain(facts.places.iter().flat_map(|place| place.mentions.clone()));
            for (sentence, range) in dates.chain(figures).chain(names).chain(quotes) {
                prop_assert!(!range.is_empty());
                prop_assert!(texts[sentence].get(range).is_some());
            }
        }
    }
}
