//! What French texts say, in the forms that English is compared with.

use std::collections::HashSet;

use super::super::document::{Document, names};
use crate::lexicon;
use crate::translate::stem;
use french::calendar::Name;
use french::edtf::Edtf;
use french::facts::{DateMention, place_in_english};
use french::text::{
    Decimal, Locale, folded_words, french_number, numerals, roman_numeral, without_accents,
    word_ranges, word_slices, words,
};

/// What one French text says.
#[derive(Default)]
pub(super) struct Content {
    pub numbers: HashSet<Decimal>,
    /// In lower case and without accents.
    words: HashSet<String>,
    /// Those that have a capital within a sentence.
    capitals: Vec<String>,
    /// Words of the English forms of its names, and their initials.
    names: HashSet<String>,
    /// What its words are likely to be in English.
    translations: HashSet<&'static str>,
}

/// Likeliness, in either direction, from which on an English word may stand for a French one.
const LIKELY: f32 = 0.05;

/// French words that say a number which English may spell out: `premier semestre`, the first six
/// months.
const IMPLIED: &[(&str, &[u32])] = &[
    ("bicentenaire", &[200]),
    ("centenaire", &[100]),
    ("couple", &[2]),
    ("decennie", &[10]),
    ("decennies", &[10]),
    ("double", &[2]),
    ("duo", &[2]),
    ("jumeaux", &[2]),
    ("midi", &[12]),
    ("millenaire", &[1000]),
    ("minuit", &[12]),
    ("paire", &[2]),
    ("quart", &[15]),
    ("quinze", &[2]),
    ("quinzaine", &[2, 15]),
    ("semestre", &[6]),
    ("semestriel", &[6]),
    ("siecle", &[100]),
    ("trimestre", &[3]),
    ("trimestriel", &[3]),
    ("trio", &[3]),
    ("triple", &[3]),
];

impl Content {
    pub(super) fn of(french: &str) -> Self {
        let digits = numerals(french, Locale::French).into_iter();
        let mut numbers: HashSet<Decimal> = digits.map(|numeral| numeral.value).collect();
        let all = words(french);
        let spelled = (0..all.len()).filter_map(|at| french_number(&all[at..]));
        numbers.extend(spelled.map(Decimal::from));
        let roman = word_slices(french).filter_map(roman_numeral);
        numbers.extend(roman.map(|value| Decimal::from(u64::from(value))));
        let raised = [('²', 2_u64), ('³', 3)].into_iter();
        let raised = raised.filter(|(mark, _)| french.contains(*mark));
        numbers.extend(raised.map(|(_, value)| Decimal::from(value)));
        // `les années 70 et 80`
        let after = all.split(|word| word == "années").skip(1);
        let decades = after.flat_map(|words| {
            let joined = words
                .iter()
                .filter(|word| !["et", "ou", "puis"].contains(&&***word));
            joined.map_while(|word| word.parse::<u64>().ok().filter(|year| *year < 100))
        });
        numbers.extend(decades.map(|year| Decimal::from(1900 + year)));
        let words: HashSet<String> = folded_words(french).into_iter().collect();
        let implied = IMPLIED.iter().filter(|(word, _)| words.contains(*word));
        let implied = implied.flat_map(|(_, values)| *values);
        numbers.extend(implied.map(|&value| Decimal::from(u64::from(value))));
        let translations = all.iter().flat_map(|word| lexicon::translations(word));
        let likely = translations.filter(|it| it.forward.max(it.backward) >= LIKELY);
        let mut content = Self {
            numbers,
            words,
            capitals: capitals(french),
            names: HashSet::new(),
            translations: likely.map(|translation| translation.english).collect(),
        };
        // Whatever they are part of: l'hôpital de Saragosse.
        let places = word_slices(french).filter_map(place_in_english);
        places.for_each(|english| content.add_name(english));
        content
    }

    pub(super) fn add_name(&mut self, english: &str) {
        let initials: String = english
            .split_whitespace()
            .filter_map(|word| word.chars().next().filter(|c| c.is_uppercase()))
            .collect();
        self.names.insert(initials.to_lowercase());
        self.names.extend(folded_words(english));
    }

    /// Adds the day, month and time that a date is resolved to: the English of `hier` and
    /// `12/03/2020` may say them.
    fn add_date(&mut self, date: &DateMention) {
        for point in date.edtf.into_iter().flat_map(Edtf::points) {
            let year = point.known_year().and_then(|year| u64::try_from(year).ok());
            let day = point.known_day().and_then(|day| u64::try_from(day).ok());
            let numbers = [year, day];
            self.numbers
                .extend(numbers.into_iter().flatten().map(Decimal::from));
            let month = point.known_month().and_then(Name::of_month);
            self.words
                .extend(month.and_then(|month| month.folded_french().next()));
        }
        let time = date.time.iter();
        let time = time.flat_map(|time| numerals(time, Locale::English));
        self.numbers.extend(time.map(|numeral| numeral.value));
    }

    /// Whether `english`, words of a translation without accents and in lower case, has nothing for one of the
    /// words with a capital.
    pub(super) fn loses_a_capital(&self, english: &[String]) -> bool {
        let is_kept = |capital: &String| {
            let mut translations = lexicon::translations(capital);
            let place = place_in_english(capital)
                .map(folded_words)
                .unwrap_or_default();
            english
                .iter()
                .any(|word| word == capital || are_alike(word, capital) || place.contains(word))
                || translations.any(|it| {
                    let meant = stem(it.english);
                    english.iter().any(|word| stem(word) == meant)
                })
        };
        !self.capitals.iter().all(is_kept)
    }

    /// Whether one of its words begins with `stem`.
    pub(super) fn has_stem(&self, stem: &str) -> bool {
        self.words.iter().any(|word| word.starts_with(stem))
    }

    /// Whether it says the month or weekday, in full or abbreviated.
    pub(super) fn has_date_name(&self, name: &Name) -> bool {
        name.folded_french().any(|form| self.words.contains(&form))
    }

    /// Whether the name is in it, in its English form or in a French one that is nearly the same, or
    /// translates a word of it.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.contains(name)
            || self.words.contains(name)
            || self.translations.contains(name)
            || self.words.iter().any(|word| are_alike(word, name))
            || {
                let name = stem(name);
                self.translations
                    .iter()
                    .any(|english| stem(english) == name)
            }
    }
}

/// Whether one word may be a form of the other: `parliament` and `parlement`.
fn are_alike(word: &str, name: &str) -> bool {
    let same = word.bytes().zip(name.bytes()).take_while(|(a, b)| a == b);
    let common = same.count();
    let shorter = word.len().min(name.len());
    common >= 4 && 10 * common >= 7 * word.len().max(name.len())
        || common == shorter && shorter >= 6
}

/// The words of three letters or more that have a capital and do not open a sentence, folded.
fn capitals(french: &str) -> Vec<String> {
    let ranges = word_ranges(french).skip(1).filter(|range| {
        let word = &french[range.clone()];
        let before = french[..range.start].trim_end_matches([' ', '\u{a0}']);
        word.starts_with(char::is_uppercase)
            && word.chars().count() >= 3
            && !before.ends_with(['.', '!', '?', ':', '"', '“', '«'])
    });
    ranges
        .map(|range| without_accents(&french[range]).to_lowercase())
        .collect()
}

/// The contents of each sentence of `document`, and of its title.
pub(super) fn contents(document: &Document) -> (Vec<Content>, Content) {
    let sentences = document.sentences.iter();
    let mut sentences: Vec<Content> = sentences
        .map(|sentence| Content::of(sentence.reading.text()))
        .collect();
    let mut title = Content::of(document.source.title.as_deref().unwrap_or_default());
    for name in names(&document.facts) {
        for mention in name.mentions {
            sentences[mention.sentence.0].add_name(name.english);
        }
        // The title has no sentence id; a name is in it if one of the name's words is.
        let words = folded_words(name.french);
        if words.iter().any(|word| title.words.contains(word)) {
            title.add_name(name.english);
        }
    }
    for figure in &document.facts.figures {
        let value = Decimal::from(figure.value);
        sentences[figure.mention.sentence.0].numbers.insert(value);
    }
    for date in &document.facts.dates {
        sentences[date.mention.sentence.0].add_date(date);
    }
    (sentences, title)
}
