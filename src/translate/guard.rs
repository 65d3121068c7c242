//! Checks on a translation that need nothing but the two texts. Neural translation fails in few
//! ways, and loudly: it loops, stops early, copies its source or drops a number.

use super::Flag;
use crate::text::{lost_numerals, words};

/// Part of the cache key: raised when the checks below flag other translations.
pub(super) const VERSION: u32 = 1;

/// Copies of a phrase in a row that are no longer language. Single words are repeated in earnest
/// ("very, very, very").
const COPIES: [usize; 6] = [5, 4, 3, 3, 3, 3];
/// Fewer words say nothing about length or copying.
const FEW_WORDS: usize = 6;

/// What is wrong with `english` as a translation of `french`, in the order of [`Flag`].
pub(super) fn check(french: &str, english: &str, cut_off: bool) -> Vec<Flag> {
    let (source, target) = (words(french), words(english));
    let mut flags = Vec::new();
    if has_loop(&target) && !has_loop(&source) {
        flags.push(Flag::Repeated);
    }
    if is_copied(&source, &target) {
        flags.push(Flag::Untranslated);
    }
    if source.len() >= FEW_WORDS && target.len() * 3 < source.len() {
        flags.push(Flag::TooShort);
    }
    if cut_off || target.len() > 2 * source.len() + FEW_WORDS {
        flags.push(Flag::TooLong);
    }
    if !lost_numerals(french, english).is_empty() {
        flags.push(Flag::NumberLost);
    }
    flags
}

/// Whether some phrase of up to six words stands several times in a row.
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

/// Whether nearly all words of the source, in order, are those of the translation.
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

    #[test]
    fn a_loop_is_found_whatever_its_length() {
        let french = "Le ministre a annoncé la fermeture de trois usines dans la région.";
        for english in [
            "The minister announced the the the the the closing of three factories.",
            "The minister said that the minister said that the minister said that three.",
            "The closing of the plants, of the plants, of the plants, of the plants, three.",
        ] {
            assert!(
                check(french, english, false).contains(&Flag::Repeated),
                "{english}"
            );
        }
        let fine = "The minister announced the closure of three factories in the region.";
        assert_eq!(check(french, fine, false), []);
    }

    #[test]
    fn repetition_of_the_source_is_not_blamed_on_the_translation() {
        let french = "Non, non, non, non, non, non, a-t-il répondu aux journalistes.";
        let english = "No, no, no, no, no, no, he told journalists.";
        assert_eq!(check(french, english, false), []);
    }

    #[test]
    fn a_copied_source_is_flagged_but_not_a_list_of_names() {
        let french = "Les députés ont voté la loi de finances dans la nuit.";
        assert_eq!(check(french, french, false), [Flag::Untranslated]);
        assert_eq!(
            check("Emmanuel Macron, Paris", "Emmanuel Macron, Paris", false),
            []
        );
    }

    #[test]
    fn lengths_out_of_proportion_are_flagged() {
        let french =
            "Les secouristes ont retrouvé les deux alpinistes disparus depuis trois jours.";
        assert!(check(french, "Rescuers.", false).contains(&Flag::TooShort));
        let endless = "The two climbers were found by a team which had been looking for them, and \
                       which then also found several others, who had not been reported as missing.";
        assert!(check("Deux alpinistes retrouvés.", endless, false).contains(&Flag::TooLong));
        assert!(check(french, "Rescuers found the two climbers", true).contains(&Flag::TooLong));
    }
}
