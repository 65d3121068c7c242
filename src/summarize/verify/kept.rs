//! Which numbers, dates and names of the French its translation kept.

use super::super::document::{Document, DocumentSentence, names};
use super::super::schema::{Flag, Flagged, Kept, SentenceId};
use crate::translate::{Defect, Named, Origin, TermKind, Translation, lost_signs, lost_tokens};
use french::calendar::{english_month, french_month, french_weekday, is_english_weekday};
use french::text::{Locale, added_numerals, lost_numerals, numerals, words};

impl Kept {
    fn count(&mut self, kept: bool) {
        self.of += 1;
        self.kept += usize::from(kept);
    }
}

/// Counts the numbers, and flags the defects that the translator found.
pub(super) fn numbers(
    sentences: &[DocumentSentence],
    translations: &[Translation],
    flagged: &mut Vec<Flagged>,
) -> Kept {
    let mut numbers = Kept::default();
    for (sentence, (french, english)) in sentences.iter().zip(translations).enumerate() {
        if english.origin != Origin::Model {
            continue;
        }
        let reading = french.reading.text();
        let lost = lost_numerals(reading, &english.text);
        let of = numerals(reading, Locale::French).len();
        numbers.of += of;
        numbers.kept += of.saturating_sub(lost.len());
        // Lost names are flagged one by one, with those that the translator did not know.
        let defects = english.defects.iter();
        let defects = defects.filter(|&&defect| defect != Defect::NameLost);
        flagged.extend(defects.map(|&defect| Flagged {
            sentence: SentenceId(sentence),
            flag: defect.into(),
            detail: match defect {
                Defect::NumberLost if lost.is_empty() => {
                    added_numerals(reading, &english.text).join(", ")
                }
                Defect::NumberLost => lost.join(", "),
                Defect::TokenLost => lost_tokens(reading, &english.text).join(", "),
                Defect::SignLost => lost_signs(reading, &english.text).into_iter().collect(),
                _ => String::new(),
            },
        }));
    }
    numbers
}

/// Counts the dates that have a month or a number, and flags those that were lost.
pub(super) fn dates(
    document: &Document,
    translations: &[Translation],
    flagged: &mut Vec<Flagged>,
) -> Kept {
    let mut dates = Kept::default();
    for date in &document.facts.dates {
        let written = document.reading(&date.mention);
        let sentence = date.mention.sentence;
        if translations[sentence.0].origin != Origin::Model {
            continue;
        }
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
    dates
}

/// Counts the names, each once in a sentence, and flags those that were lost.
pub(super) fn named(
    document: &Document,
    translations: &[Translation],
    flagged: &mut Vec<Flagged>,
) -> Kept {
    let texts: Vec<Named> = translations
        .iter()
        .map(|t| Named::in_text(&t.text))
        .collect();
    let mut kept_names = Kept::default();
    for name in names(&document.facts) {
        let mut last = None;
        for mention in name.mentions {
            let sentence = mention.sentence;
            let is_translated = translations[sentence.0].origin == Origin::Model;
            if last.replace(sentence) == Some(sentence) || !is_translated {
                continue;
            }
            let written = document.reading(mention);
            let text = &texts[sentence.0];
            let kept = [name.english, written, name.french]
                .iter()
                .any(|form| text.has(form))
                || text.has_initials(name.english)
                || name.kind != TermKind::Person && text.has_words_of(written);
            kept_names.count(kept);
            if !kept {
                flagged.push(Flagged {
                    sentence,
                    flag: Flag::NameLost,
                    detail: written.to_owned(),
                });
            }
        }
    }
    kept_names
}

/// Whether `english` has the month and the numbers of a date as written in French. Returns `None`
/// for expressions with neither ("hier", "la semaine dernière"), which have no single rendering.
fn keeps_date(french: &str, english: &str) -> Option<bool> {
    let months: Vec<i8> = words(french)
        .iter()
        .filter_map(|word| french_month(word))
        .collect();
    let has_number = !numerals(french, Locale::French).is_empty();
    let has_weekday = words(french)
        .iter()
        .any(|word| french_weekday(word).is_some());
    if months.is_empty() && !has_number && !has_weekday {
        return None;
    }
    if has_weekday && !words(english).iter().any(|word| is_english_weekday(word)) {
        return Some(false);
    }
    let said: Vec<i8> = words(english)
        .iter()
        .filter_map(|word| english_month(word))
        .collect();
    let months_kept = months.iter().all(|month| said.contains(month));
    Some(months_kept && lost_numerals(french, english).is_empty())
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
        assert_eq!(keeps_date("samedi", "On Saturday"), Some(true));
        assert_eq!(keeps_date("samedi midi", "This afternoon"), Some(false));
        assert_eq!(
            keeps_date("12 fév. et 3 aout", "12 Feb and 3 August"),
            Some(true)
        );
    }

    #[test]
    fn names_of_institutions_are_kept_in_other_words() {
        let text = Named::in_text(
            "He left Zaragoza's university hospital for the EU, said the Minister of Ecology.",
        );
        assert!(text.has_words_of("hôpital universitaire de Saragosse"));
        assert!(text.has_words_of("Écologie"));
        assert!(text.has_initials("European Union"));
        assert!(!text.has_words_of("hôpital Georges-Pompidou"));
        assert!(!text.has_initials("United Nations"));
    }

    #[test]
    fn a_name_is_kept_in_any_of_its_forms() {
        let text = Named::in_text("President Macron met Fidel Castro in Orléans.");
        assert!(text.has("Emmanuel Macron"));
        assert!(text.has("ORLEANS"));
        assert!(!text.has("Angela Merkel"));
        assert!(
            !Named::in_text("Hundreds under the rain").has("UN"),
            "not inside a word"
        );
    }
}
