//! Checks of a translation that need nothing but the two texts. Neural translation fails in few
//! ways: it loops, stops early, copies its source or drops a number.

use super::forms::{lost_signs, lost_tokens};
use super::terms::{self, Found};
use super::units::changed_units;
use super::{Defect, SourceLanguage};
use french::text::{added_numerals, lost_digits, lost_numerals, words};

/// Part of the cache key. Raise it when the checks below flag other translations, or others are chosen among
/// the hypotheses of a search.
pub(super) const VERSION: u32 = 5;

/// Number of copies in a row, for phrases of one word, two words and so on, from which they count
/// as a loop. People repeat single words too ("very, very, very").
const COPIES: [usize; 6] = [5, 4, 3, 3, 3, 3];
/// Minimal number of source words for the checks of length and copying.
const FEW_WORDS: usize = 6;

/// Returns what is wrong with `english` as a translation of `source`, in the order of [`Defect`].
/// `terms` are those of the source.
/// `cut_off` says whether the network stopped at the maximal length. Of languages other than French
/// only the digits of numbers are compared, since each writes them differently.
pub(super) fn check(
    language: SourceLanguage,
    source: &str,
    terms: &[Found],
    english: &str,
    cut_off: bool,
) -> Vec<Defect> {
    let (source_words, english_words) = (words(source), words(english));
    let mut defects = Vec::new();
    if has_loop(&english_words) && !has_loop(&source_words) {
        defects.push(Defect::Repeated);
    }
    if is_copied(&source_words, &english_words) {
        defects.push(Defect::Untranslated);
    }
    if source_words.len() >= FEW_WORDS && english_words.len() * 3 < source_words.len() {
        defects.push(Defect::TooShort);
    }
    if cut_off || english_words.len() > 2 * source_words.len() + FEW_WORDS {
        defects.push(Defect::TooLong);
    }
    let lost_numbers = match language {
        SourceLanguage::French => lost_numerals(source, english),
        SourceLanguage::Other => lost_digits(source, english),
    };
    let is_other = language == SourceLanguage::French
        && !(added_numerals(source, english).is_empty()
            && changed_units(source, english).is_empty());
    if !lost_numbers.is_empty() || is_other {
        defects.push(Defect::NumberLost);
    }
    if !lost_tokens(source, english).is_empty() {
        defects.push(Defect::TokenLost);
    }
    if !terms::lost(terms, english).is_empty() {
        defects.push(Defect::NameLost);
    }
    if !lost_signs(source, english).is_empty() {
        defects.push(Defect::SignLost);
    }
    defects
}

/// Whether a phrase of up to six words is repeated several times in a row.
fn has_loop(words: &[String]) -> bool {
    COPIES.iter().zip(1..).any(|(&copies, size)| {
        // A loop of period `size` shows as a run of words equal to the one `size` before.
        let needed = size * (copies - 1);
        let mut run = 0;
        words.iter().skip(size).zip(words).any(|(word, before)| {
            run = if word == before { run + 1 } else { 0 };
            run >= needed
        })
    })
}

/// Whether at least four in five words of the source are the same, in order, in the translation.
fn is_copied(source: &[String], target: &[String]) -> bool {
    if source.len() < FEW_WORDS {
        return false;
    }
    let same = source.iter().zip(target).filter(|(a, b)| a == b).count();
    same * 10 >= source.len() * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(french: &str, english: &str, cut_off: bool) -> Vec<Defect> {
        super::check(SourceLanguage::French, french, &[], english, cut_off)
    }

    #[test]
    fn loops_of_any_length_are_found() {
        let french = "Le ministre a annoncé la fermeture de trois usines dans la région.";
        for english in [
            "The minister announced the the the the the closing of three factories.",
            "The minister said that the minister said that the minister said that three.",
            "The closing of the plants, of the plants, of the plants, of the plants, three.",
        ] {
            assert!(
                check(french, english, false).contains(&Defect::Repeated),
                "{english}"
            );
        }
        let fine = "The minister announced the closure of three factories in the region.";
        assert_eq!(check(french, fine, false), []);
    }

    #[test]
    fn repetition_in_the_source_is_not_flagged() {
        let french = "Non, non, non, non, non, non, a-t-il répondu aux journalistes.";
        let english = "No, no, no, no, no, no, he told journalists.";
        assert_eq!(check(french, english, false), []);
    }

    #[test]
    fn a_copied_source_is_flagged_unless_it_is_short() {
        let french = "Les députés ont voté la loi de finances dans la nuit.";
        assert_eq!(check(french, french, false), [Defect::Untranslated]);
        assert_eq!(
            check("Emmanuel Macron, Paris", "Emmanuel Macron, Paris", false),
            []
        );
    }

    #[test]
    fn translations_much_shorter_or_longer_are_flagged() {
        let french =
            "Les secouristes ont retrouvé les deux alpinistes disparus depuis trois jours.";
        assert!(check(french, "Rescuers.", false).contains(&Defect::TooShort));
        let endless = "The two climbers were found by a team which had been looking for them, and \
                       which then also found several others, who had not been reported as missing.";
        assert!(check("Deux alpinistes retrouvés.", endless, false).contains(&Defect::TooLong));
        assert!(check(french, "Rescuers found the two climbers", true).contains(&Defect::TooLong));
    }

    #[test]
    fn numbers_are_read_as_the_language_writes_them() {
        let lost = |language, source, english| super::check(language, source, &[], english, false);
        let (french, other) = (SourceLanguage::French, SourceLanguage::Other);
        assert_eq!(
            lost(french, "12.5.2024", "It rained."),
            [Defect::NumberLost]
        );
        assert_eq!(lost(other, "12.5.2024", "It rained."), []);
        assert_eq!(lost(other, "Es waren 1.250.", "It was 1,250."), []);
        assert_eq!(
            lost(other, "Es waren 1.250.", "It was."),
            [Defect::NumberLost]
        );
    }

    #[test]
    fn numbers_that_the_source_lacks_are_flagged() {
        let french = "Il est soupçonné d'avoir détourné plus d'un quart de million d'euros.";
        let found = |english| check(french, english, false);
        assert_eq!(
            found("He is suspected of diverting over EUR 15 million."),
            [Defect::NumberLost]
        );
        assert_eq!(
            found("He is suspected of diverting over a quarter of a million euros."),
            []
        );
    }

    /// What the checks find in the recorded translations of the example corpus, as they are and
    /// damaged in the ways that networks damage them.
    #[test]
    fn version_is_raised_when_the_checks_change() {
        const RECORDED: (u32, &str) = (
            5,
            "7fb4fc902b723f097d6aaa22295639bb1b160ec20cbb01d8aef095dc5ee61d8c",
        );
        let mut digest = blake3::Hasher::new();
        for line in include_str!("../../tests/fixtures/golden/translations.jsonl").lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let text = |key: &str| line[key].as_str().expect("a text").to_owned();
            let (french, english) = (text("french"), text("english"));
            let words: Vec<&str> = english.split(' ').collect();
            let half = words[..words.len() / 2].join(" ");
            for damaged in [
                english.clone(),
                half.clone(),
                french.clone(),
                format!("{half} {half} {half} {half} {half}"),
                english.replace(|c: char| c.is_ascii_digit(), ""),
                english.replace(|c: char| c.is_ascii_digit(), "7"),
            ] {
                let defects = check(&french, &damaged, false);
                digest.update(&serde_json::to_vec(&defects).expect("JSON"));
            }
        }
        assert_eq!(
            (VERSION, digest.finalize().to_hex().as_str()),
            RECORDED,
            "the checks flag other translations: raise `translate::guard::VERSION`, so that cached \
             flags are not taken for flags of these checks, and record it here with this digest"
        );
    }
}
