//! Lines in capitals.

use std::borrow::Cow;

/// Minimal number of words: fewer may be acronyms or a name.
const FEWEST_WORDS: usize = 2;
/// Maximal number of letters of a word that is kept because it looks like an acronym.
const LONGEST_ACRONYM: usize = 4;

/// Puts `text` into ordinary case if all of it is in capitals: translation models have hardly seen
/// such lines, and many do not know accented capitals. Short words without a vowel, such as `SNCF`,
/// are kept.
pub(super) fn without_all_capitals(text: &str) -> Cow<'_, str> {
    let words = || {
        text.split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
    };
    let long = words()
        .filter(|word| word.chars().count() > LONGEST_ACRONYM)
        .count();
    if words().count() < FEWEST_WORDS || long == 0 || text.chars().any(char::is_lowercase) {
        return Cow::Borrowed(text);
    }
    let mut lowered = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c: char| !c.is_alphabetic()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphabetic());
        if is_acronym(word) {
            lowered.push_str(piece);
        } else {
            lowered.push_str(&piece.to_lowercase());
        }
    }
    Cow::Owned(capitalised(&lowered))
}

/// `text` with its first letter in upper case. A letter whose upper case is not read back as
/// the same letter, such as the `µ` of `µg`, stays as it is.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let upper = first.to_uppercase().to_string();
    if upper.to_lowercase() != first.to_lowercase().to_string() {
        return text.to_owned();
    }
    upper + letters.as_str()
}

/// Acronyms that could be read as words.
#[rustfmt::skip]
const READABLE_ACRONYMS: [&str; 20] = [
    "ONU", "OTAN", "UE", "USA", "UK", "OMS", "OMC", "FMI", "OIT", "EDF", "ENA", "AFP", "CAC", "CGT",
    "IA", "IRA", "ISS", "NASA", "RATP", "SAMU",
];

/// Whether `word` cannot be a French word because it has no vowel, or is one of the commonest
/// acronyms that could be.
fn is_acronym(word: &str) -> bool {
    READABLE_ACRONYMS.contains(&word)
        || (2..=LONGEST_ACRONYM).contains(&word.chars().count())
            && !word.chars().any(|c| "AEIOUYÀÂÉÈÊËÎÏÔÙÛ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_letter_gets_its_own_upper_case_or_none() {
        for (text, upper) in [
            ("été", "Été"),
            ("Lyon", "Lyon"),
            ("2025", "2025"),
            ("µg d'iode", "µg d'iode"),
            ("ß", "ß"),
            ("", ""),
        ] {
            assert_eq!(capitalised(text), upper);
        }
    }

    #[test]
    fn a_line_in_capitals_gets_ordinary_case_and_keeps_acronyms() {
        assert_eq!(
            without_all_capitals("CANICULE : LE RHÔNE PASSE EN VIGILANCE ROUGE"),
            "Canicule : le rhône passe en vigilance rouge"
        );
        assert_eq!(without_all_capitals("GRÈVE À LA SNCF"), "Grève à la SNCF");
        assert_eq!(
            without_all_capitals("L'ONU CONDAMNE L'ATTAQUE"),
            "L'ONU condamne l'attaque"
        );
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in [
            "La SNCF et la RATP",
            "ONU",
            "SNCF RATP",
            "14 h 30",
            "",
            "Le RHÔNE",
        ] {
            assert_eq!(without_all_capitals(text), text);
        }
    }
}
