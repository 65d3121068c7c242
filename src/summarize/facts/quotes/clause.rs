//! The words around a verb of speech: where its subject begins and ends.

use std::ops::Range;

use super::super::lexicon::{is_attribution, is_function_word};
use super::super::tokens::Token;

/// Verbs that report words only where the words follow, and participles: `tout en saluant « … »`.
pub fn announces(word: &str) -> bool {
    matches!(
        word,
        "appelé" | "appelle" | "publié" | "juge" | "jugé" | "cite" | "demandé" | "critiqué"
    ) || word
        .strip_suffix("issant")
        .map(|stem| format!("{stem}it"))
        .or_else(|| word.strip_suffix("ant").map(|stem| format!("{stem}e")))
        .is_some_and(|verb| is_attribution(&verb))
}

/// Verb and pronoun of `explique-t-il`, `a-t-elle`, `estime-t-on`.
pub fn inverted(word: &str) -> Option<(&str, &str)> {
    [
        "-t-il", "-t-elle", "-t-ils", "-il", "-elle", "-ils", "-elles", "-t-on",
    ]
    .iter()
    .find_map(|pronoun| word.strip_suffix(pronoun).map(|verb| (verb, *pronoun)))
}

/// Whether nothing but auxiliaries and adverbs stands between the last comma or mark and the verb:
/// then its subject stands behind it.
pub fn is_bare_verb(tokens: &[Token], start: usize, verb: usize) -> bool {
    tokens[start..verb]
        .iter()
        .rev()
        .take_while(|token| token.is_word())
        .all(|token| {
            token.text.ends_with("ment")
                || matches!(
                    token.text,
                    "a" | "ont"
                        | "avait"
                        | "avaient"
                        | "s'"
                        | "est"
                        | "se"
                        | "sont"
                        | "lui"
                        | "leur"
                        | "ainsi"
                        | "aussi"
                        | "aussitôt"
                        | "encore"
                        | "déjà"
                        | "ensuite"
                        | "d'"
                        | "ailleurs"
                        | "alors"
                        | "pour"
                        | "sa"
                        | "part"
                        | "toutefois"
                        | "enfin"
                        | "quant"
                        | "à"
                        | "elle"
                        | "l'"
                        | "comme"
                        | "cependant"
                        | "pourtant"
                        | "en"
                        | "y"
                        | "été"
                        | "n'"
                        | "nous"
                )
        })
}

/// A determiner, a title or a capital begins a subject.
pub fn starts_subject(token: &Token) -> bool {
    token.is_word()
        && (token.is_capitalised() && !is_function_word(token.text)
            || matches!(token.text, "M" | "MM" | "Mme" | "Dr" | "Pr" | "Me" | "Mgr")
            || matches!(
                token.text.to_lowercase().as_str(),
                "le" | "la"
                    | "l'"
                    | "les"
                    | "un"
                    | "une"
                    | "ce"
                    | "cet"
                    | "cette"
                    | "son"
                    | "sa"
                    | "des"
                    | "lui"
                    | "elle"
                    | "il"
                    | "ses"
                    | "leur"
                    | "notre"
                    | "plusieurs"
            ))
}

/// Where the noun phrase that begins at `from` ends.
pub fn clause_end(tokens: &[Token], from: usize) -> usize {
    let mut end = from + 1;
    while end < tokens.len() && end < from + 14 {
        let text = tokens[end].text;
        let ends = matches!(
            text,
            "," | "."
                | ";"
                | ":"
                | "("
                | "\""
                | "«"
                | "»"
                | "“"
                | "”"
                | "!"
                | "?"
                | "qui"
                | "que"
                | "dont"
                | "où"
                | "à"
                | "dans"
                | "sur"
                | "lors"
                | "après"
                | "en"
                | "devant"
                | "auprès"
                | "mais"
                | "au"
                | "aux"
                | "ajoutant"
                | "précisant"
                | "avant"
                | "pour"
                | "–"
        );
        let title = text == "."
            && matches!(
                tokens[end - 1].text,
                "M" | "MM" | "Dr" | "Pr" | "Me" | "Mgr"
            );
        if ends && !title {
            break;
        }
        end += 1;
    }
    end
}

/// Bytes of the noun phrase before the verb: from the last determiner that opens a clause.
pub fn subject_before(tokens: &[Token], from: usize, verb: usize) -> Option<Range<usize>> {
    let comma = tokens[from..verb.max(from + 1) - 1]
        .iter()
        .rposition(|token| token.text == ",");
    let start = comma.map_or(from, |comma| from + comma + 1);
    let mut end = verb;
    while end > start
        && matches!(
            tokens[end - 1].text,
            "a" | "ont"
                | "avait"
                | "avaient"
                | "s'"
                | "est"
                | "y"
                | "en"
                | "cependant"
                | "aussi"
                | "également"
                | "été"
                | "notamment"
                | "ainsi"
                | "l'"
                | "lui"
                | "leur"
                | ","
                | "n'"
                | "ne"
        )
    {
        end -= 1;
    }
    (start < end && tokens.get(start).is_some_and(starts_subject))
        .then(|| tokens[start].start..tokens[end - 1].end())
}
