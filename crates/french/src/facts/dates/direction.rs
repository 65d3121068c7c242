//! Whether the words around a date are about the past or the future, which decides which Tuesday
//! `mardi` is: the tense of the clause that holds it.

use super::super::classes::{Class, classes};
use super::super::tokens::{Token, inverted};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::facts) enum Direction {
    Past,
    Future,
}

/// Tokens before a date that a participle can be away: `un scrutin marqué dimanche`.
const PARTICIPLE_REACH: usize = 3;

/// Tokens of a clause that says who reports what stands before it: `, annonce mardi la préfecture de Lyon`.
const REPORT: usize = 12;

/// The tense of the clause in which the byte `at` stands, else of the clauses beside it. Returns `None` if
/// no verb tells.
pub(super) fn at(tokens: &[Token], at: usize) -> Option<Direction> {
    let here = tokens.partition_point(|token| token.start < at);
    if let Some(direction) = by_lead(tokens, here) {
        return Some(direction);
    }
    let (mut from, mut to) = clause(tokens, here);
    if let Some(direction) = nearest(tokens, from, to, here) {
        return Some(direction);
    }
    // `a-t-il dit mardi`, `annonce mardi la préfecture`
    let reporting = |at: usize| {
        let verb = inverted(tokens[at].text).map(|(verb, _)| verb);
        tokens[at].says()
            || verb
                .is_some_and(|verb| matches!(verb, "a" | "ont") || classes(verb).has(Class::Speech))
    };
    let beside = here.saturating_sub(2).max(from)..here;
    let told = beside.clone().any(reporting) && to - from <= REPORT;
    if told {
        return Some(Direction::Past);
    }
    let reach = here.saturating_sub(PARTICIPLE_REACH).max(from)..here;
    if reach.into_iter().any(|at| is_participle(tokens, at)) {
        return Some(Direction::Past);
    }
    // The clause before it, or the next one where there is none.
    loop {
        if from > 0 {
            let end = from - 1;
            from = clause_from(tokens, end);
            if let Some(direction) = nearest(tokens, from, end, here) {
                return Some(direction);
            }
        } else if to < tokens.len() {
            let start = to + 1;
            to = clause_to(tokens, start);
            if let Some(direction) = nearest(tokens, start.min(to), to, here) {
                return Some(direction);
            }
        } else {
            break;
        }
    }
    // `« dès lundi »`
    let begins = here.checked_sub(1).is_some_and(|at| {
        matches!(tokens[at].text, "dès" | "Dès")
            || tokens[at].is(Class::Of)
                && at > 0
                && matches!(tokens[at - 1].text, "partir" | "compter")
    });
    begins.then_some(Direction::Future)
}

/// What the words right before the date tell: `jusqu'à vendredi`, `dès lundi`.
fn by_lead(tokens: &[Token], here: usize) -> Option<Direction> {
    let word = |back: usize| here.checked_sub(back).map_or("", |at| tokens[at].text);
    let (from, to) = clause(tokens, here);
    let past = || {
        tokens[from..to].iter().any(|token| {
            matches!(token.text, "avait" | "avaient" | "était" | "étaient")
                || matches!(tense(token.text), Some(Direction::Past)) && token.text.ends_with("ait")
        })
    };
    let (one, two) = (word(1).to_lowercase(), word(2).to_lowercase());
    let until = matches!(
        one.as_str(),
        "jusqu'à" | "jusqu'au" | "jusqu'en" | "d'ici" | "ici"
    ) || matches!(two.as_str(), "jusqu'" | "jusqu'à" | "d'ici" | "ici")
        && matches!(one.as_str(), "au" | "à" | "en" | "le");
    if until && !past() {
        return Some(Direction::Future);
    }
    let called =
        matches!(one.as_str(), "pour") && tokens[from..here].iter().any(|token| calls(token.text));
    called.then_some(Direction::Future)
}

/// Whether the word is of a verb that sets a day to come: `convoqué pour mardi`.
fn calls(word: &str) -> bool {
    const STEMS: [&str; 8] = [
        "convoqu", "appel", "prévu", "prévoi", "fix", "programm", "invit", "annonc",
    ];
    STEMS.iter().any(|stem| word.starts_with(stem))
}

/// The tokens of the clause that the token `here` stands in.
fn clause(tokens: &[Token], here: usize) -> (usize, usize) {
    (clause_from(tokens, here), clause_to(tokens, here))
}

fn clause_from(tokens: &[Token], here: usize) -> usize {
    (0..here.min(tokens.len()))
        .rev()
        .find(|&at| ends_clause(&tokens[at]))
        .map_or(0, |at| at + 1)
}

fn clause_to(tokens: &[Token], here: usize) -> usize {
    (here..tokens.len())
        .find(|&at| ends_clause(&tokens[at]))
        .unwrap_or(tokens.len())
}

fn ends_clause(token: &Token) -> bool {
    matches!(
        token.text,
        "," | ";" | ":" | "(" | ")" | "«" | "»" | "“" | "”" | "\"" | "–" | "—"
    ) || token.is_lower(Class::Relative)
        || matches!(
            token.text,
            "mais" | "car" | "lorsque" | "quand" | "tandis" | "alors"
        )
}

/// The tense of the verb nearest to the token `here` among those from `from` to `to`.
fn nearest(tokens: &[Token], from: usize, to: usize, here: usize) -> Option<Direction> {
    let found = (from..to).filter_map(|index| {
        let tense = tense_at(tokens, index)?;
        // A verb after the date belongs to it less often than one before it.
        let distance = if index < here {
            2 * (here - index)
        } else {
            2 * (index - here) + 3
        };
        Some((distance, tense))
    });
    let found = found.min_by_key(|(distance, tense)| (*distance, *tense == Direction::Past));
    found.map(|(_, tense)| tense)
}

/// The tense of the token, as a verb where it stands.
fn tense_at(tokens: &[Token], at: usize) -> Option<Direction> {
    let token = &tokens[at];
    let before = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at].text);
    if !token.is_word() {
        return None;
    }
    // `il y a` states no past.
    if before(1) == "y" && matches!(token.text, "a" | "avait") {
        return None;
    }
    // `ont appelé à une grève jeudi`
    if token.text.starts_with("appel")
        && tokens
            .get(at + 1)
            .is_some_and(|next| matches!(next.text, "à" | "au"))
    {
        return Some(Direction::Future);
    }
    // The future of `je`, `tu`, `nous` and `vous`: their endings are those of other words, too.
    let subject = |pronoun: &str| (1..=3).any(|back| before(back).to_lowercase() == pronoun);
    let person = [
        ("rai", "je"),
        ("rai", "j'"),
        ("ras", "tu"),
        ("rons", "nous"),
        ("rez", "vous"),
    ];
    if person
        .iter()
        .any(|(ending, pronoun)| token.text.ends_with(ending) && subject(pronoun))
    {
        return Some(Direction::Future);
    }
    let article = token_before(tokens, at)
        .is_some_and(|before| before.is(Class::Article) && before.text != "l'");
    tense(token.text).filter(|_| !article)
}

fn token_before<'a, 't>(tokens: &'a [Token<'t>], at: usize) -> Option<&'a Token<'t>> {
    at.checked_sub(1).map(|at| &tokens[at])
}

/// Whether the token is a past participle in `é`, maybe as an adjective; a noun has an article.
fn is_participle(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    // `Les travaux, engagés fin novembre, …`
    let noun = token_before(tokens, at).is_none_or(|before| {
        before.is(Class::Article)
            || before.is(Class::Preposition)
            || !before.is_word() && before.text != ","
    });
    token.is_word()
        && !noun
        && token.text.chars().count() > 4
        && token.text.starts_with(char::is_lowercase)
        && ["é", "ée", "és", "ées"]
            .iter()
            .any(|ending| token.text.ends_with(ending))
}

/// The tense that a verb tells by its form. Returns `None` for the present and for other words.
pub(in crate::facts) fn tense(word: &str) -> Option<Direction> {
    const FUTURE: [&str; 20] = [
        "doit",
        "doivent",
        "devrait",
        "devraient",
        "va",
        "vont",
        "vais",
        "allons",
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
        "prévoit",
    ];
    const FUTURE_STEMS: [&str; 7] = [
        "fixé",
        "programmé",
        "reporté",
        "repoussé",
        "décalé",
        "ajourné",
        "convoqué",
    ];
    const FUTURE_ENDINGS: [&str; 2] = ["ra", "ront"];
    const NOT_FUTURE: [&str; 9] = [
        "opéra", "caméra", "extra", "ultra", "choléra", "front", "affront", "agora", "contra",
    ];
    const PAST: [&str; 20] = [
        "a", "ont", "ai", "avons", "avait", "avaient", "est", "sont", "était", "étaient", "été",
        "fut", "furent", "eut", "eurent", "ayant", "fit", "vit", "suis", "avez",
    ];
    const NOT_PAST: [&str; 12] = [
        "fait", "lait", "souhait", "trait", "retrait", "portrait", "extrait", "attrait", "parfait",
        "forfait", "bienfait", "méfait",
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
            && !NOT_PAST.contains(&word))
        || word.len() >= 7 && word.ends_with("èrent");
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
    fn the_clause_of_the_date_decides() {
        use Direction::{Future, Past};
        for (text, date, direction) in [
            (
                "Il a annoncé mardi que le procès, repoussé, s'ouvrira le 28 janvier",
                "mardi",
                Some(Past),
            ),
            (
                "Il a annoncé mardi que le procès, repoussé, s'ouvrira le 28 janvier",
                "28 janvier",
                Some(Future),
            ),
            (
                "Le procès s'ouvrira lundi, a annoncé le parquet",
                "lundi",
                Some(Future),
            ),
            (
                "Ils s'affronteront bientôt, au terme d'un scrutin marqué dimanche par des heurts",
                "dimanche",
                Some(Past),
            ),
            (
                "Mardi, les coureurs bénéficieront d'un repos",
                "Mardi",
                Some(Future),
            ),
            (
                "Ils se reposeront, avant de s'élancer mercredi",
                "mercredi",
                Some(Future),
            ),
            ("a indiqué, mercredi, le procureur", "mercredi", Some(Past)),
            (
                "La SNCF a interrompu les trains jusqu'à vendredi",
                "vendredi",
                Some(Future),
            ),
            (
                "La route avait été fermée jusqu'à vendredi",
                "vendredi",
                Some(Past),
            ),
            (
                "Les syndicats ont appelé à une grève jeudi",
                "jeudi",
                Some(Future),
            ),
            (
                "Le pont rouvrira en mai, a-t-il dit mardi",
                "mardi",
                Some(Past),
            ),
            (
                "Le pont rouvrira en mai, annonce mardi la préfecture",
                "mardi",
                Some(Past),
            ),
            (
                "Les travaux, engagés lundi, s'achèveront",
                "lundi",
                Some(Past),
            ),
            ("Nous partirons lundi", "lundi", Some(Future)),
            ("Je reviendrai lundi", "lundi", Some(Future)),
            ("Il promet un numéro « dès lundi »", "lundi", Some(Future)),
            ("La fête est fixée au 3 mai", "3 mai", Some(Future)),
            ("Il veut organiser la rentrée lundi", "lundi", None),
            ("Il promet un numéro lundi", "lundi", None),
        ] {
            assert_eq!(of(text, date), direction, "{text}");
        }
    }

    #[test]
    fn nouns_that_look_like_verbs_say_nothing() {
        assert_eq!(of("À l'opéra, un portrait, mardi", "mardi"), None);
        assert_eq!(of("Les citrons et les environs, mardi", "mardi"), None);
    }
}
