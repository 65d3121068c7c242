//! What a French article states: dates, figures, names and quotations, each with the place in the
//! sentences it was read from.
//!
//! Facts are read from the source, before any translation, because translation changes names and
//! numbers. Everything here is rules over the words and small tables of names; nothing is resolved
//! that the text and the publication date do not fix, and nothing is translated but names that have
//! an English form. Salience and English wording are decided elsewhere.

mod classes;
mod dates;
mod figures;
mod kinds;
mod lexicon;
mod names;
mod quotes;
mod tokens;
mod types;
mod units;

use jiff::civil::Date;

pub use lexicon::{is_function_word, place_in_english};
pub use names::Features as NameFeatures;
use tokens::tokenized;
pub use types::*;
pub use units::{TimeUnit, Unit};

/// Reads the facts of one article from its sentences, in order of their ids. `published` resolves relative
/// dates; without it they have no EDTF form.
pub fn read(sentences: &[SourceSentence], published: Option<Date>) -> Facts {
    let sentences = tokenized(sentences);
    let kinds = kinds::kinds(&sentences);
    let mut dates = dates::read(&sentences, published);
    let mut figures = figures::read(&sentences, &dates);
    let names = names::read(&sentences, &dates);
    let mut quotes = quotes::read(&sentences, &names);
    let at = |mention: &Mention| sentences.partition_point(|it| it.id < mention.sentence);
    let states = |mention: &Mention| kinds[at(mention)] == SentenceKind::Statement;
    dates.retain(|date| states(&date.mention));
    figures.retain(|figure| states(&figure.mention));
    quotes.retain(|quote| match kinds[at(&quote.mention)] {
        SentenceKind::Statement => true,
        // `Le maire a dit : « Non. » Que lui répondez-vous ?`
        SentenceKind::Interviewer => quotes::is_attributed(quote),
        // `– Tu viens ?`
        SentenceKind::Question => {
            let is_line = sentences[at(&quote.mention)].text.starts_with(['–', '—']);
            is_line || quotes::is_attributed(quote)
        }
        SentenceKind::Note | SentenceKind::Link | SentenceKind::Greeting => false,
    });
    Facts {
        kinds,
        dates,
        figures,
        people: names.people,
        organisations: names.organisations,
        places: names.places,
        quotes,
    }
}

/// What may be names in `sentences`, each with the features that it is weighed by: what the
/// weights are fitted on.
pub fn name_candidates(sentences: &[SourceSentence]) -> Vec<(Mention, NameFeatures)> {
    let sentences = tokenized(sentences);
    let dates = dates::read(&sentences, None);
    names::candidates(&sentences, &dates)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The facts of one paragraph, without a date of publication.
    pub(in crate::facts) fn facts(sentences: &[&str]) -> Facts {
        facts_of(sentences, None)
    }

    /// The facts of one paragraph.
    pub(in crate::facts) fn facts_of(sentences: &[&str], published: Option<Date>) -> Facts {
        let sentences: Vec<SourceSentence> = sentences
            .iter()
            .enumerate()
            .map(|(id, text)| SourceSentence {
                id: SentenceId(id),
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
                .map(|(id, text)| SourceSentence { id: SentenceId(id), paragraph: id / 2, text })
                .collect();
            let facts = read(&sentences, Some(jiff::civil::date(2020, 6, 11)));
            let dates = facts.dates.iter().map(|date| &date.mention);
            let figures = facts.figures.iter().map(|figure| &figure.mention);
            let quotes = facts.quotes.iter().map(|quote| &quote.mention);
            let names = facts.people.iter().flat_map(|person| &person.mentions)
                .chain(facts.organisations.iter().flat_map(|found| &found.mentions))
                .chain(facts.places.iter().flat_map(|place| &place.mentions));
            for mention in dates.chain(figures).chain(names).chain(quotes) {
                prop_assert!(!mention.range.is_empty());
                prop_assert!(texts[mention.sentence.0].get(mention.range.clone()).is_some());
            }
        }
    }
}
