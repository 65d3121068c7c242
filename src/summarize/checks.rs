//! What the translation kept of the source's numbers, dates and names. Nothing is repaired here:
//! what is missing is counted, flagged and said.

use std::collections::HashSet;

use super::document::Document;
use super::schema::{Checks, Flag, Flagged, Kept, SentenceId};
use crate::translate::{Defect, Translation};
use french::facts::Mention;
use french::text::{Locale, folded_words, lost_numerals, numerals, words};

/// Compares each sentence with its translation.
pub(super) fn check(document: &Document, translations: &[Translation]) -> Checks {
    let mut numbers = Kept::default();
    let mut flagged = Vec::new();
    let sentences = document.sentences.iter().zip(translations).enumerate();
    for (sentence, (french, english)) in sentences {
        let reading = french.reading.text();
        let lost = lost_numerals(reading, &english.text);
        let of = numerals(reading, Locale::French).len();
        numbers.of += of;
        numbers.kept += of.saturating_sub(lost.len());
        flagged.extend(english.defects.iter().map(|&defect| Flagged {
            sentence: SentenceId(sentence),
            flag: defect.into(),
            detail: match defect {
                Defect::NumberLost => lost.join(", "),
                _ => String::new(),
            },
        }));
    }

    let texts: Vec<Folded> = translations.iter().map(|t| Folded::new(&t.text)).collect();
    let mut dates = Kept::default();
    for date in &document.facts.dates {
        let written = document.reading(&date.mention);
        let sentence = date.mention.sentence;
        let Some(kept) = keeps_date(written, &translations[sentence.0].text) else {
            continue;
        };
        dates.count(kept);
        if !kept {
            flagged.push(Flagged {
                sentence,
                flag: Flag::DateLost,
                detail: written.to_owned(),
            });
        }
    }

    let mut names = Kept::default();
    for (name, source_name, mentions) in all_names(document) {
        let mut last = None;
        for mention in mentions {
            let sentence = mention.sentence;
            // A name is looked for once in a sentence.
            if last.replace(sentence) == Some(sentence) {
                continue;
            }
            let written = document.reading(mention);
            let kept = [name, written, source_name]
                .iter()
                .any(|form| texts[sentence.0].names(form));
            names.count(kept);
            if !kept {
                flagged.push(Flagged {
                    sentence,
                    flag: Flag::NameLost,
                    detail: written.to_owned(),
                });
            }
        }
    }
    sort(&mut flagged);
    Checks {
        numbers,
        dates,
        names,
        flagged,
        replaced: Vec::new(),
    }
}

/// By sentence, each flag once.
fn sort(flagged: &mut Vec<Flagged>) {
    flagged.sort_by(|a, b| (a.sentence, a.flag, &a.detail).cmp(&(b.sentence, b.flag, &b.detail)));
    flagged.dedup();
}

impl Checks {
    /// Flags sentences, each with what is wrong with it.
    pub(super) fn flag(&mut self, flags: impl IntoIterator<Item = Flagged>) {
        self.flagged.extend(flags);
        sort(&mut self.flagged);
    }
}

impl Kept {
    fn count(&mut self, kept: bool) {
        self.of += 1;
        self.kept += usize::from(kept);
    }
}

type Name<'a> = (&'a str, &'a str, &'a [Mention]);

fn all_names(document: &Document) -> Vec<Name<'_>> {
    let facts = &document.facts;
    let people = (facts.people.iter()).map(|n| (&*n.name, &*n.source_name, &*n.mentions));
    let organisations =
        (facts.organisations.iter()).map(|n| (&*n.name, &*n.source_name, &*n.mentions));
    let places = (facts.places.iter()).map(|n| (&*n.name, &*n.source_name, &*n.mentions));
    people.chain(organisations).chain(places).collect()
}

/// Whether `english` has the month and the numbers of a date as written in French; `None` for
/// expressions with neither ("hier", "la semaine dernière"), which have no single rendering.
fn keeps_date(french: &str, english: &str) -> Option<bool> {
    const MONTHS: [(&str, &str); 12] = [
        ("janv", "january"),
        ("févr", "february"),
        ("mars", "march"),
        ("avr", "april"),
        ("mai", "may"),
        ("juin", "june"),
        ("juil", "july"),
        ("août", "august"),
        ("sept", "september"),
        ("oct", "october"),
        ("nov", "november"),
        ("déc", "december"),
    ];
    let (source, target) = (words(french), words(english));
    let months: Vec<&str> = source
        .iter()
        .filter_map(|word| MONTHS.iter().find(|(french, _)| word.starts_with(french)))
        .map(|(_, english)| *english)
        .collect();
    let has_number = !numerals(french, Locale::French).is_empty();
    if months.is_empty() && !has_number {
        return None;
    }
    let says = |word: &String, month: &str| {
        word == month || (word.len() >= 3 && word.len() <= 4 && month.starts_with(word.as_str()))
    };
    let months_kept = months
        .iter()
        .all(|month| target.iter().any(|word| says(word, month)));
    Some(months_kept && lost_numerals(french, english).is_empty())
}

/// The words of a text without case and accents, for looking names up.
struct Folded(HashSet<String>);

impl Folded {
    fn new(text: &str) -> Self {
        Self(folded_words(text).into_iter().collect())
    }

    /// Whether the text has the longest or the last word of `name`: short forms are as good as full
    /// ones.
    fn names(&self, name: &str) -> bool {
        let words = folded_words(name);
        let longest = words.iter().max_by_key(|word| word.chars().count());
        let last = words.iter().rfind(|word| word.chars().count() > 2);
        [longest, last]
            .into_iter()
            .flatten()
            .any(|word| self.0.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_kept_with_its_month_and_numbers() {
        assert_eq!(
            keeps_date("11 septembre 2025", "On 11 September 2025 it was"),
            Some(true)
        );
        assert_eq!(
            keeps_date("11 septembre 2025", "In September 2025 it was"),
            Some(false)
        );
        assert_eq!(
            keeps_date("11 septembre 2025", "On 11 October 2025"),
            Some(false)
        );
        assert_eq!(keeps_date("3 mars", "3 people went to market"), Some(false));
        assert_eq!(keeps_date("hier", "yesterday"), None);
    }

    #[test]
    fn a_name_is_kept_in_any_of_its_forms() {
        let text = Folded::new("President Macron met Fidel Castro in Orléans.");
        assert!(text.names("Emmanuel Macron"));
        assert!(text.names("ORLEANS"));
        assert!(!text.names("Angela Merkel"));
        assert!(
            !Folded::new("Hundreds under the rain").names("UN"),
            "not inside a word"
        );
    }
}
