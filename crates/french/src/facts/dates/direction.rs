//! Whether the words around a date are about the past or the future, which decides which Tuesday
//! `mardi` is.

use super::super::tokens::Token;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::facts) enum Direction {
    Past,
    Future,
}

/// Number of tokens examined on each side.
const REACH: usize = 60;

/// The tense of the verb nearest to the byte `at`. Returns `None` if no verb is near.
pub(super) fn at(tokens: &[Token], at: usize) -> Option<Direction> {
    let here = tokens.partition_point(|token| token.start < at);
    let from = here.saturating_sub(REACH);
    tokens[from..(here + REACH).min(tokens.len())]
        .iter()
        .enumerate()
        .filter_map(|(index, token)| {
            let index = from + index;
            let tense = if token.is_word() {
                tense(token.text)
            } else {
                None
            }?;
            // A verb after the date belongs to it less often than one before it.
            let distance = if index < here {
                2 * (here - index)
            } else {
                2 * (index - here) + 3
            };
            Some((distance, tense))
        })
        .min_by_key(|(distance, tense)| (*distance, *tense == Direction::Past))
        .map(|(_, tense)| tense)
}

/// The tense that a verb tells by its form. Returns `None` for the present and for other words.
pub(in crate::facts) fn tense(word: &str) -> Option<Direction> {
    const FUTURE: [&str; 18] = [
        "doit",
        "doivent",
        "devrait",
        "devraient",
        "va",
        "vont",
        "vais",
        "prévu",
        "prévue",
        "prévus",
        "prévues",
        "attendu",
        "attendue",
        "attendus",
        "attendues",
        "d'ici",
        "pourrait",
        "pourraient",
    ];
    const FUTURE_STEMS: [&str; 5] = ["programmé", "reporté", "repoussé", "décalé", "ajourné"];
    const FUTURE_ENDINGS: [&str; 3] = ["ra", "ront", "rons"];
    const NOT_FUTURE: [&str; 8] = [
        "opéra", "caméra", "extra", "ultra", "choléra", "environs", "larrons", "front",
    ];
    const PAST: [&str; 18] = [
        "a", "ont", "ai", "avons", "avait", "avaient", "est", "sont", "était", "étaient", "été",
        "fut", "furent", "eut", "eurent", "ayant", "fit", "vit",
    ];
    const NOT_PAST: [&str; 9] = [
        "fait", "lait", "souhait", "trait", "retrait", "portrait", "extrait", "attrait", "parfait",
    ];
    if !word.starts_with(char::is_lowercase) {
        return None;
    }
    let future = FUTURE.contains(&word)
        || FUTURE_STEMS.iter().any(|stem| word.starts_with(stem))
        || (word.len() >= 4
            && FUTURE_ENDINGS.iter().any(|ending| word.ends_with(ending))
            && !NOT_FUTURE.contains(&word));
    let past = PAST.contains(&word)
        || (word.len() >= 5
            && (word.ends_with("ait") || word.ends_with("aient"))
            && !word.ends_with("rait")
            && !word.ends_with("raient")
            && !NOT_PAST.contains(&word));
    match (future, past) {
        (true, _) => Some(Direction::Future),
        (_, true) => Some(Direction::Past),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tokens::tokenize;
    use super::*;

    fn of(text: &str, date: &str) -> Option<Direction> {
        at(&tokenize(text), text.find(date).unwrap())
    }

    #[test]
    fn the_nearest_verb_decides() {
        let text = "Il a annoncé mardi que le procès, repoussé, s'ouvrira le 28 janvier";
        assert_eq!(of(text, "mardi"), Some(Direction::Past));
        assert_eq!(of(text, "28 janvier"), Some(Direction::Future));
    }

    #[test]
    fn nouns_that_look_like_verbs_say_nothing() {
        assert_eq!(of("À l'opéra, un portrait, mardi", "mardi"), None);
    }
}
