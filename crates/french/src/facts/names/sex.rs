//! Whether a person is a woman or a man, as far as titles, first names and the forms of roles tell: which
//! of two people a surname means, and whom `elle` can mean.

use super::super::lexicon;
use super::super::tokens::Token;

/// What French grammar makes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::facts) enum Sex {
    Female,
    Male,
}

/// Titles before names, with the sex they tell.
const TITLES: [(&str, Option<Sex>); 16] = [
    ("M", Some(Sex::Male)),
    ("MM", Some(Sex::Male)),
    ("Mr", Some(Sex::Male)),
    ("Mgr", Some(Sex::Male)),
    ("Monsieur", Some(Sex::Male)),
    ("Mme", Some(Sex::Female)),
    ("Mmes", Some(Sex::Female)),
    ("Mlle", Some(Sex::Female)),
    ("Mlles", Some(Sex::Female)),
    ("Madame", Some(Sex::Female)),
    ("Dr", None),
    ("Pr", None),
    ("Dre", Some(Sex::Female)),
    ("Pre", Some(Sex::Female)),
    ("Me", None),
    ("Mes", None),
];

/// The title that `word` is: the inner value is the sex it tells, if it does.
pub(in crate::facts) fn title(word: &str) -> Option<Option<Sex>> {
    let found = TITLES.iter().find(|(title, _)| *title == word)?;
    Some(found.1)
}

/// Whether the token is a title before a name: `M.`, `Mme`, `Me`.
pub(in crate::facts) fn is_title(token: &Token) -> bool {
    title(token.text).is_some()
}

/// The sex of a person with this full name, by the first name.
pub(super) fn of_name(name: &str) -> Option<Sex> {
    let first = name.split(' ').next()?;
    name.contains(' ')
        .then(|| lexicon::sex_of_first_name(first))?
}

/// The sex that the article before a role tells: `la ministre`.
pub(super) fn of_article(article: &str) -> Option<Sex> {
    match article.to_lowercase().as_str() {
        "la" | "une" | "cette" | "sa" | "ma" | "ta" => Some(Sex::Female),
        "le" | "un" | "ce" | "cet" | "du" | "au" => Some(Sex::Male),
        _ => None,
    }
}

/// The sex that a role tells by its form: `directrice`, `ancien avocat`.
pub(super) fn of_role(role: &str) -> Option<Sex> {
    role.split([' ', '\'', '-']).take(3).find_map(of_word)
}

/// The sex that a noun for a person, or an adjective before it, tells by its ending.
fn of_word(word: &str) -> Option<Sex> {
    const FEMALE: [&str; 14] = [
        "trice",
        "euse",
        "ière",
        "ienne",
        "cheffe",
        "elle",
        "esse",
        "ancienne",
        "première",
        "fille",
        "sœur",
        "soeur",
        "mère",
        "femme",
    ];
    const MALE: [&str; 10] = [
        "teur", "eur", "ier", "ien", "chef", "ancien", "premier", "fils", "mari", "homme",
    ];
    /// Nouns whose feminine adds an `e`, or that are feminine by themselves.
    const WITH_E: [&str; 7] = ["ée", "ante", "ente", "ate", "ande", "oise", "ère"];
    const WITHOUT_E: [&str; 6] = ["é", "ant", "ent", "and", "ois", "er"];
    let word = word.to_lowercase();
    if matches!(&*word, "père" | "frère" | "confrère") {
        return Some(Sex::Male);
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if ends(&FEMALE) || ends(&WITH_E) || matches!(word.as_str(), "avocate" | "épouse" | "veuve") {
        return Some(Sex::Female);
    }
    (ends(&MALE) || ends(&WITHOUT_E) || matches!(word.as_str(), "avocat" | "époux" | "veuf"))
        .then_some(Sex::Male)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_roles_tell_the_sex() {
        assert_eq!(of_name("Jeanne Roy"), Some(Sex::Female));
        assert_eq!(of_name("Jean-Marc Roy"), Some(Sex::Male));
        assert_eq!(of_name("Camille Roy"), None);
        assert_eq!(of_name("Roy"), None);
        assert_eq!(of_article("la"), Some(Sex::Female));
        assert_eq!(of_article("l'"), None);
        for (role, sex) in [
            ("ancienne ministre", Some(Sex::Female)),
            ("directrice générale", Some(Sex::Female)),
            ("directeur général", Some(Sex::Male)),
            ("avocate de la famille", Some(Sex::Female)),
            ("père de la victime", Some(Sex::Male)),
            ("porte-parole", None),
            ("maire de Lyon", None),
        ] {
            assert_eq!(of_role(role), sex, "{role}");
        }
    }
}
