//! Whether an English sentence says only what its evidence says: every number, date and name in it
//! has to occur, normalised, in the French sentences that it stands on.
//!
//! The comparison is with the French, not with its translation, so it holds for sentences that were
//! translated wrongly as for sentences that a model wrote.

use std::collections::HashSet;
use std::ops::Range;

use super::document::Document;
use super::schema::SentenceId;
use french::edtf::Edtf;
use french::text::{Locale, folded_words, numerals, without_accents, words};
use french::text::{french_number, roman_numeral};

/// What the sentences of an article can witness.
pub(super) struct Faithfulness {
    sentences: Vec<Witness>,
    title: Witness,
}

/// What one French text says, in the forms that are compared.
#[derive(Default)]
struct Witness {
    /// Canonical decimals.
    numbers: HashSet<String>,
    /// Words in lower case and without accents.
    words: HashSet<String>,
    /// Words of the English forms of its names, and their initials.
    names: HashSet<String>,
}

impl Faithfulness {
    pub(super) fn new(document: &Document) -> Self {
        let facts = &document.facts;
        let sentences = document.sentences.iter();
        let mut sentences: Vec<Witness> = sentences
            .map(|sentence| Witness::of(sentence.reading.text()))
            .collect();
        let mut title = Witness::of(document.source.title.as_deref().unwrap_or_default());
        let names = (facts.people.iter())
            .map(|person| (&person.name, &person.source_name, &person.mentions))
            .chain(
                facts
                    .organisations
                    .iter()
                    .map(|named| (&named.name, &named.source_name, &named.mentions)),
            )
            .chain(
                facts
                    .places
                    .iter()
                    .map(|place| (&place.name, &place.source_name, &place.mentions)),
            );
        for (english, french, mentions) in names {
            for mention in mentions {
                sentences[mention.sentence.0].add_name(english);
            }
            // The title is no sentence of the body: a name is in it if one of its words is.
            if folded_words(french)
                .iter()
                .any(|word| title.words.contains(word))
            {
                title.add_name(english);
            }
        }
        for figure in &facts.figures {
            sentences[figure.mention.sentence.0]
                .numbers
                .insert(decimal(figure.value));
        }
        for date in &facts.dates {
            // `hier` and `12/03/2020` are resolved: the English may say the day.
            let witness = &mut sentences[date.mention.sentence.0];
            for point in date.edtf.into_iter().flat_map(Edtf::points) {
                let year = point.known_year().filter(|year| *year >= 0);
                let numbers = [year, point.known_day().map(i16::from)];
                let numbers = numbers.into_iter().flatten();
                witness
                    .numbers
                    .extend(numbers.map(|number| number.to_string()));
                if let Some(month) = point.known_month() {
                    let (_, french) = CALENDAR[month as usize - 1];
                    witness.words.insert(french[0].to_owned());
                }
            }
            let time = date
                .time
                .iter()
                .flat_map(|time| numerals(time, Locale::English));
            witness
                .numbers
                .extend(time.map(|numeral| numeral.value.to_string()));
        }
        Self { sentences, title }
    }

    /// What `english` states that the `evidence` does not.
    pub(super) fn unsupported(&self, english: &str, evidence: &[SentenceId]) -> Vec<String> {
        let witnesses: Vec<&Witness> = evidence.iter().map(|&id| &self.sentences[id.0]).collect();
        unsupported(english, &witnesses)
    }

    /// What the translated title states that the title does not.
    pub(super) fn unsupported_by_title(&self, english: &str) -> Vec<String> {
        unsupported(english, &[&self.title])
    }
}

impl Witness {
    fn of(french: &str) -> Self {
        let mut numbers: HashSet<String> = numerals(french, Locale::French)
            .into_iter()
            .map(|numeral| numeral.value.to_string())
            .collect();
        let all = words(french);
        for at in 0..all.len() {
            numbers.extend(french_number(&all[at..]).map(|value| value.to_string()));
        }
        let roman = french.split(|c: char| !c.is_alphanumeric());
        numbers.extend(
            roman
                .filter_map(roman_numeral)
                .map(|value| value.to_string()),
        );
        Self {
            numbers,
            words: folded_words(french).into_iter().collect(),
            names: HashSet::new(),
        }
    }

    fn add_name(&mut self, english: &str) {
        let initials: String = english
            .split_whitespace()
            .filter_map(|word| word.chars().next().filter(|c| c.is_uppercase()))
            .collect();
        self.names.insert(initials.to_lowercase());
        self.names.extend(folded_words(english));
    }

    /// Whether one of its words begins with `stem`.
    fn has_stem(&self, stem: &str) -> bool {
        self.words.iter().any(|word| word.starts_with(stem))
    }

    /// Whether the name is in it, in its English form or in a French one that is nearly the same.
    fn names(&self, name: &str) -> bool {
        let alike = |word: &String| {
            let common = word
                .bytes()
                .zip(name.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            common >= 4 && 10 * common >= 7 * word.len().max(name.len())
        };
        self.names.contains(name) || self.words.contains(name) || self.words.iter().any(alike)
    }
}

fn unsupported(english: &str, witnesses: &[&Witness]) -> Vec<String> {
    let any = |says: &dyn Fn(&Witness) -> bool| witnesses.iter().any(|witness| says(witness));
    let mut missing = Vec::new();
    let tokens = tokens(english);
    let has = |value: f64| any(&|witness| witness.numbers.contains(&decimal(value)));
    // `two hundred` and `2.5 million` may be `200` and `2 500 000`.
    let multiplied = |value: f64, at: usize| {
        let next = tokens.get(at).map_or("", |range| &english[range.clone()]);
        scale(next).is_some_and(|(factor, _)| has(value * factor))
    };
    let numbers = numerals(english, Locale::English);
    for numeral in &numbers {
        let written = &english[numeral.range.clone()];
        // `20.000` copied as it was written; `20 h` is 8 p.m.
        let copied = numerals(written, Locale::French);
        let after = english[numeral.range.end..].trim_start();
        let afternoon = after.starts_with("p.m") || after.starts_with("pm");
        let value = numeral.value.to_f64();
        let next = tokens.partition_point(|range| range.start < numeral.range.end);
        let said = any(&|witness| witness.numbers.contains(numeral.value.as_str()))
            || any(&|witness| {
                (copied.iter()).all(|copied| witness.numbers.contains(copied.value.as_str()))
            })
            || afternoon && value < 12.0 && has(value + 12.0)
            || multiplied(value, next);
        if !said {
            missing.push(written.to_owned());
        }
    }
    for (at, range) in tokens.iter().enumerate() {
        let word = without_clitic(&english[range.clone()]);
        let opens = at == 0 || opens_sentence(&english[..range.start]);
        let lower = word.to_lowercase();
        if let Some(value) = number_word(&lower) {
            if !has(value) && !multiplied(value, at + 1) {
                missing.push(word.to_owned());
            }
        } else if let Some((factor, french)) = scale(&lower) {
            // The number right before it, in digits or in a word.
            let digits = numbers.iter().rev().find(|numeral| {
                let between = english.get(numeral.range.end..range.start);
                between.is_some_and(|between| between.trim().is_empty())
            });
            let value = match digits {
                Some(numeral) => Some(numeral.value.to_f64()),
                None => at.checked_sub(1).and_then(|before| {
                    number_word(&english[tokens[before].clone()].to_lowercase())
                }),
            };
            let whole = value.is_some_and(|value| has(value * factor));
            if !whole && !any(&|witness| french.iter().any(|stem| witness.has_stem(stem))) {
                missing.push(word.to_owned());
            }
        } else if !word.starts_with(char::is_uppercase) {
            continue;
        } else if let Some((_, french)) = CALENDAR.iter().find(|(name, _)| *name == word) {
            // `May` and `March` also begin sentences.
            let numbered = |at: Option<&Range<usize>>| {
                at.is_some_and(|range| {
                    english[range.clone()].starts_with(|c: char| c.is_ascii_digit())
                })
            };
            let dated = !opens || numbered(tokens.get(at + 1));
            let said = any(&|witness| french.iter().any(|word| witness.words.contains(*word)));
            if dated && !said {
                missing.push(word.to_owned());
            }
        } else if !opens && !is_no_name(word) {
            // `L'Oréal`, `Al-Assad`, `Covid-19`: by what of them is a word.
            let name = without_accents(&lower);
            let parts = words(&name)
                .into_iter()
                .filter(|part| part.chars().count() > 2 && part.contains(char::is_alphabetic));
            let said = any(&|witness| witness.names(&name))
                || parts
                    .clone()
                    .all(|part| any(&|witness| witness.names(&part)));
            if !said {
                missing.push(word.to_owned());
            }
        }
    }
    missing.dedup();
    missing
}

/// Words, with the hyphens and apostrophes inside them, and numbers.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric()
            || start.is_some()
                && matches!(c, '-' | '\'' | '’')
                && text[at + c.len_utf8()..].starts_with(char::is_alphanumeric);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(begin), false) => {
                tokens.push(begin..at);
                start = None;
            }
            _ => {}
        }
    }
    tokens
}

/// A word without `'s`, `'ve` and the like.
fn without_clitic(word: &str) -> &str {
    const CLITICS: [&str; 6] = ["s", "m", "ve", "ll", "d", "re"];
    match word.rsplit_once(['\'', '’']) {
        Some((bare, clitic)) if CLITICS.contains(&clitic) => bare,
        _ => word,
    }
}

/// Whether a capital is due after `before`.
fn opens_sentence(before: &str) -> bool {
    const SHORTENED: [&str; 10] = [
        "Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Gen", "Sen", "Gov", "Lt",
    ];
    let before = before.trim_end();
    // Not after a title or an initial.
    if let Some(rest) = before.strip_suffix('.') {
        let last = rest
            .rsplit(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        if SHORTENED.contains(&last) || last.chars().count() == 1 {
            return false;
        }
    }
    before.is_empty() || before.ends_with(['.', '!', '?', ':', '"', '“', '«', '(', '–', '—', '\''])
}

/// Capitalised words that name nothing that the evidence would have to say: titles, institutions,
/// peoples and languages.
fn is_no_name(word: &str) -> bool {
    const ENDINGS: [&str; 6] = ["ian", "ians", "ish", "ese", "ean", "eans"];
    word.chars().count() == 1
        || COMMON.contains(&word)
        || ENDINGS.iter().any(|ending| word.ends_with(ending))
}

fn decimal(value: f64) -> String {
    value.to_string()
}

/// The value of an English word for a number: `five`, `twenty-five`.
fn number_word(word: &str) -> Option<f64> {
    if let Some((tens, unit)) = word.split_once('-') {
        let (tens, unit) = (
            number_word(tens)?,
            number_word(unit).or((unit == "one").then_some(1.0))?,
        );
        return (tens >= 20.0 && unit < 10.0).then_some(tens + unit);
    }
    const WORDS: [(&str, f64); 26] = [
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("seven", 7.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("eleven", 11.0),
        ("twelve", 12.0),
        ("thirteen", 13.0),
        ("fourteen", 14.0),
        ("fifteen", 15.0),
        ("sixteen", 16.0),
        ("seventeen", 17.0),
        ("eighteen", 18.0),
        ("nineteen", 19.0),
        ("twenty", 20.0),
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("seventy", 70.0),
        ("eighty", 80.0),
        ("ninety", 90.0),
    ];
    let found = WORDS.iter().find(|(name, _)| *name == word);
    found.map(|(_, value)| *value)
}

/// An English scale, and what French words for it begin with.
fn scale(word: &str) -> Option<(f64, &'static [&'static str])> {
    Some(match word {
        "hundred" | "hundreds" => (1e2, &["cent"]),
        "thousand" | "thousands" => (1e3, &["mill"]),
        "million" | "millions" => (1e6, &["million"]),
        "billion" | "billions" => (1e9, &["milliard", "mds", "md", "mrd"]),
        "trillion" | "trillions" => (1e12, &["billion", "milliard"]),
        _ => return None,
    })
}

/// English names of months and days, and the French ones, without accents.
const CALENDAR: [(&str, &[&str]); 19] = [
    ("January", &["janvier", "janv"]),
    ("February", &["fevrier", "fevr"]),
    ("March", &["mars"]),
    ("April", &["avril", "avr"]),
    ("May", &["mai"]),
    ("June", &["juin"]),
    ("July", &["juillet", "juil"]),
    ("August", &["aout"]),
    ("September", &["septembre", "sept"]),
    ("October", &["octobre", "oct"]),
    ("November", &["novembre", "nov"]),
    ("December", &["decembre", "dec"]),
    ("Monday", &["lundi", "lundis"]),
    ("Tuesday", &["mardi", "mardis"]),
    ("Wednesday", &["mercredi", "mercredis"]),
    ("Thursday", &["jeudi", "jeudis"]),
    ("Friday", &["vendredi", "vendredis"]),
    ("Saturday", &["samedi", "samedis"]),
    ("Sunday", &["dimanche", "dimanches"]),
];

#[rustfmt::skip]
const COMMON: &[&str] = &[
    "US", "USA", "UK", "EU", "EUR", "USD", "GBP", "DNA", "VAT", "NGO", "NGOs", "MP", "MPs", "MEP",
    "MEPs", "CEO", "GDP", "HIV", "AIDS", "Governor", "Foundation", "Centre", "Center", "Group", "Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lady", "Lord", "Prof", "President", "Prime", "Minister",
    "Ministers", "Secretary", "State", "States", "Chancellor", "King", "Queen", "Prince", "Princess",
    "Pope", "Mayor", "General", "Colonel", "Captain", "Judge", "Attorney", "Prosecutor", "Director",
    "Interior", "Foreign", "Affairs", "Defence", "Defense", "Finance", "Economy", "Health", "Justice",
    "Education", "Labour", "Labor", "Culture", "Environment", "Transport", "Agriculture", "Ministry",
    "Parliament", "Senate", "Assembly", "National", "Council", "Court", "Supreme", "Constitution",
    "Constitutional", "Government", "Republic", "Union", "Commission", "Committee", "Department",
    "Office", "Agency", "Authority", "Court", "High", "Party", "Socialist", "Republican",
    "Republicans", "Democrat", "Democrats", "Democratic", "Conservative", "Communist", "Greens",
    "West", "East", "North", "South", "Western", "Eastern", "Northern", "Southern", "Central",
    "French", "German", "Germans", "Dutch", "Greek", "Greeks", "Swiss", "Czech", "Slovak", "Turk",
    "Turks", "Arab", "Arabs", "Arabic", "Thai", "Iraqi", "Israeli", "Israelis", "Pakistani",
    "Afghan", "Afghans", "Saudi", "Yemeni", "Qatari", "Kuwaiti", "Emirati", "Uzbek", "Kazakh",
    "Tajik", "American", "Americans", "African", "Africans", "Mexican", "Moroccan", "Catalan",
    "Basque", "Corsican", "Breton", "Kurd", "Kurds", "Serb", "Serbs", "Croat", "Dane", "Danes",
    "Finn", "Finns", "Swede", "Swedes", "Pole", "Poles", "Spaniard", "Spaniards", "Icelandic",
    "Filipino", "Jew", "Jews", "Muslim", "Muslims", "Catholic", "Catholics", "Protestant",
    "Islamic", "Islamist", "Christmas", "Easter", "Ramadan", "Internet", "Web", "God", "Earth",
    "Moon", "Mars", "Sun", "Bible", "Koran", "English", "Covid", "Olympic", "Olympics", "Games",
    "World", "War", "Cup", "League", "Mediterranean", "Atlantic", "Pacific", "Article", "Act",
    "Law", "Mount", "Lake", "River", "Sea", "Ocean", "Island", "Islands", "Street", "Avenue",
    "Square", "Airport", "University", "School", "Hospital", "Museum", "Church", "Chief", "Deputy",
    "Vice", "Special", "Representative", "Ambassador", "Commissioner", "Police", "Army", "Navy",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(english: &str, french: &str, names: &[&str]) -> Vec<String> {
        let mut witness = Witness::of(french);
        names.iter().for_each(|name| witness.add_name(name));
        unsupported(english, &[&witness])
    }

    #[test]
    fn what_the_evidence_says_is_supported() {
        let french = "Le 11 septembre 2025, le Bélarus a libéré 52 prisonniers, dont 2,5 millions \
                      d'euros et quatorze étrangers, selon Mikola Statkevitch et l'OTAN.";
        let english = "On 11 September 2025, Belarus released 52 prisoners, including 2.5 million \
                       euros and 14 foreigners, according to Mikola Statkevich and NATO.";
        assert_eq!(missing(english, french, &["Belarus", "NATO"]), [""; 0]);
    }

    #[test]
    fn numbers_months_and_names_of_its_own_are_found() {
        let french = "En mars, 52 prisonniers ont été libérés par Ihar Losik pour 3 millions.";
        let english = "In May, 53 prisoners were released by Iharik in Minsk for 3 billion.";
        assert_eq!(
            missing(english, french, &["Ihar Losik"]),
            ["53", "May", "Iharik", "Minsk", "billion"]
        );
    }

    #[test]
    fn spelt_numbers_and_initials_are_the_same_as_digits_and_names() {
        let french = "Trois personnes ont été vues par l'OMS à 20 heures.";
        assert_eq!(
            missing(
                "Doctors of the WHO saw 3 people at 8 p.m.",
                french,
                &["World Health Organization"]
            ),
            [""; 0]
        );
        assert_eq!(missing("He saw four people.", french, &[]), ["four"]);
    }

    #[test]
    fn a_month_is_not_supported_by_words_that_begin_like_it() {
        let french = "Mais le maire de Marseille a déclaré que la maison était fermée.";
        let english =
            "But the mayor of Marseille said on 3 May and in December that it was closed.";
        assert_eq!(missing(english, french, &[]), ["3", "May", "December"]);
    }

    #[test]
    fn numbers_are_the_same_in_words_and_in_digits() {
        let french = "Vingt-cinq blessés, 200 morts, 2 500 000 euros et soixante-dix blessés au XXIe siècle.";
        let english = "25 wounded, two hundred dead, 2.5 million euros and seventy wounded in the 21st century.";
        assert_eq!(missing(english, french, &[]), [""; 0]);
        let wrong = "twenty-six wounded, three hundred dead, 2.5 billion euros";
        assert_eq!(
            missing(wrong, french, &[]),
            ["2.5", "twenty-six", "three", "hundred", "billion"]
        );
        assert_eq!(
            missing("The development of 5 towns", "17 villes", &[]),
            ["5"]
        );
    }

    #[test]
    fn names_with_marks_inside_are_known_by_their_words() {
        let french = "L'Oréal, Bachar al-Assad, le Val-d'Oise et le Covid-19.";
        let english =
            "He said that L'Oréal's head, Bashar Al-Assad, Val-d'Oise and I'm in Covid-19.";
        assert_eq!(missing(english, french, &["Bashar al-Assad"]), [""; 0]);
        assert_eq!(
            missing("He met Mr. Dupont there.", "Il a vu M. Durand.", &[]),
            ["Dupont"]
        );
    }

    #[test]
    fn a_capital_that_is_due_is_no_name() {
        assert_eq!(
            missing("Yesterday it rained. Nobody came.", "Il a plu.", &[]),
            [""; 0]
        );
    }
}
