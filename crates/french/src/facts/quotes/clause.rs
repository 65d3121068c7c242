//! The words around a verb of speech: where its subject begins and ends.

use std::ops::Range;

use super::super::classes::{Class, classes};
use super::super::names::is_title;
use super::super::tokens::{Token, inverted};

/// Words that say who is speaking, in the middle or at the end of what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aside {
    /// The token of the mark before it.
    pub mark: usize,
    /// The token of its verb of speech.
    pub verb: usize,
}

impl Aside {
    /// The byte at which the words before it end: before a comma, behind another mark.
    pub(super) fn end_of_words(&self, tokens: &[Token]) -> usize {
        let mark = &tokens[self.mark];
        if mark.text == "," {
            mark.start
        } else {
            mark.end()
        }
    }
}

/// The first aside among the tokens from `start` to `end`: `, explique X`, `? a-t-il demandé`.
pub(super) fn aside(tokens: &[Token], start: usize, end: usize) -> Option<Aside> {
    let end = end.min(tokens.len());
    (start + 1..end)
        .filter(|at| matches!(tokens[at - 1].text, "," | "?" | "!" | "…"))
        .find_map(|at| {
            let text = tokens[at].text;
            let mark = at - 1;
            if let Some((verb, _)) = inverted(text) {
                // `explique-t-il`; `a-t-il expliqué`
                let asked = matches!(verb, "a" | "avait" | "est")
                    && tokens[at + 1..end].iter().take(3).any(Token::says);
                return (asked || is_speech(verb)).then_some(Aside { mark, verb: at });
            }
            let verb = at + usize::from(matches!(text, "a" | "avait"));
            // `à la demande de` is no speech; `? demande X` is.
            let speech = |token: &Token| token.says() || token.text == "demande";
            let spoken =
                verb + 1 < end && speech(&tokens[verb]) && starts_subject(&tokens[verb + 1]);
            spoken.then_some(Aside { mark, verb })
        })
}

/// Whether `word`, which is no token, is a verb of saying in lower case.
pub(super) fn is_speech(word: &str) -> bool {
    classes(word).has(Class::Speech)
}

/// Whether nothing but auxiliaries and adverbs stands between the last comma or mark and the verb:
/// then its subject stands behind it.
pub(super) fn is_bare_verb(tokens: &[Token], start: usize, verb: usize) -> bool {
    tokens[start..verb]
        .iter()
        .rev()
        .take_while(|token| token.is_word())
        .all(|token| token.text.ends_with("ment") || token.is_lower(Class::BeforeInverted))
}

/// Whether the token can begin a subject: a determiner, a title or a capitalised word.
pub(super) fn starts_subject(token: &Token) -> bool {
    token.is_word()
        && (token.is_capitalised() && !token.is(Class::Function)
            || is_title(token)
            || token.is(Class::Article)
            || token.is(Class::Subject))
}

/// Where the subject of an inverted verb begins: `le procureur` in `a indiqué, mercredi, à la presse
/// le procureur`. `name_end` says where a name that begins at a token ends.
pub(super) fn subject_after(
    tokens: &[Token],
    verb: usize,
    name_end: impl Fn(usize) -> Option<usize>,
) -> Option<usize> {
    /// Maximal number of tokens to search.
    const REACH: usize = 24;
    /// Maximal number of words before the subject, complements aside.
    const SKIPPED: usize = 6;
    let mut at = verb + 1;
    let mut skipped = 0;
    while at < tokens.len().min(verb + REACH) && skipped <= SKIPPED {
        let token = &tokens[at];
        if matches!(
            token.text,
            "." | ";" | ":" | "(" | "\"" | "«" | "“" | "que" | "qu'" | "qui" | "et" | "mais"
        ) {
            return None;
        }
        if token.is(Class::Preposition) {
            at = complement_end(tokens, at, &name_end);
        } else if starts_subject(token) {
            return Some(at);
        } else {
            at += 1;
            skipped += 1;
        }
    }
    None
}

/// Where the complement that the preposition at `at` begins ends.
fn complement_end(
    tokens: &[Token],
    at: usize,
    name_end: &impl Fn(usize) -> Option<usize>,
) -> usize {
    let mut at = at;
    while tokens
        .get(at)
        .is_some_and(|token| token.is(Class::Preposition) || token.is_lower(Class::Article))
    {
        at += 1;
    }
    if let Some(end) = name_end(at) {
        return end;
    }
    // The noun and the adjectives after it.
    at += 1;
    while tokens.get(at).is_some_and(|token| {
        token.is_word()
            && token.text.starts_with(char::is_lowercase)
            && !starts_subject(token)
            && !token.is(Class::Preposition)
            && !matches!(token.text, "que" | "qu'" | "qui" | "et" | "mais")
    }) {
        at += 1;
    }
    at
}

/// Whether the token says that a source is named next: `selon`, `d'après`.
pub(super) fn names_source(tokens: &[Token], at: usize) -> bool {
    match tokens[at].text {
        "selon" | "Selon" => true,
        "après" => at > 0 && matches!(tokens[at - 1].text, "d'" | "D'"),
        _ => false,
    }
}

/// Where the noun phrase that begins at `from` ends.
pub(super) fn clause_end(tokens: &[Token], from: usize) -> usize {
    let mut end = from + 1;
    while end < tokens.len() && end < from + LONGEST_PHRASE {
        let text = tokens[end].text;
        let ends = PHRASE_ENDS.contains(&text) || tokens[end].is_lower(Class::PhraseEnd);
        let title = text == "." && is_title(&tokens[end - 1]);
        // `le député La République en marche (LREM) de l'Aude Alain Péréa`
        if text == "(" && tokens.get(end + 2).is_some_and(|close| close.text == ")") {
            end += 3;
            continue;
        }
        if ends && !title {
            break;
        }
        end += 1;
    }
    end.min(tokens.len())
}

/// The first token of the clause, or of the quotation, that the token `at` stands in.
pub(super) fn clause_start(tokens: &[Token], at: usize) -> usize {
    let ends = |token: &Token| CLAUSE_ENDS.contains(&token.text);
    tokens[..at].iter().rposition(ends).map_or(0, |end| end + 1)
}

/// Bytes of the noun phrase before the verb: from the last determiner that opens a clause.
pub(super) fn subject_before(tokens: &[Token], from: usize, verb: usize) -> Option<Range<usize>> {
    let comma = tokens[from..verb.max(from + 1) - 1]
        .iter()
        .rposition(|token| token.text == ",");
    let start = comma.map_or(from, |comma| from + comma + 1);
    let mut end = verb;
    while end > start
        && (tokens[end - 1].text == "," || tokens[end - 1].is_lower(Class::BeforeVerb))
    {
        end -= 1;
    }
    (start < end && tokens.get(start).is_some_and(starts_subject))
        .then(|| tokens[start].start..tokens[end - 1].end())
}

/// Maximal length of a subject in tokens.
const LONGEST_PHRASE: usize = 14;

/// Marks that end the noun phrase before them.
const PHRASE_ENDS: [&str; 13] = [
    ",", ".", ";", ":", "(", "\"", "«", "»", "“", "”", "!", "?", "–",
];

/// Marks that end a clause.
const CLAUSE_ENDS: [&str; 8] = [".", ";", ":", "\"", "«", "»", "”", "•"];

#[cfg(test)]
mod tests {
    use super::super::super::tokens::tokenize;
    use super::*;

    #[test]
    fn asides_are_verbs_of_speech_with_their_subject_behind() {
        for (text, verb) in [
            (
                "Nous voulions, explique Anne Morel, le montrer.",
                Some("explique"),
            ),
            ("Qui sait ? a-t-il demandé.", Some("a-t-il")),
            ("Oui, répond-il, par le train.", Some("répond-il")),
            ("Vous partez ? demande Anne Morel.", Some("demande")),
            ("Bien, à la demande de Paul.", None),
            ("Oui, explique.", None),
        ] {
            let tokens = tokenize(text);
            let found = aside(&tokens, 0, tokens.len());
            assert_eq!(found.map(|aside| tokens[aside.verb].text), verb, "{text}");
        }
    }

    #[test]
    fn noun_phrases_end_before_the_next_clause() {
        for (text, phrase) in [
            ("le préfet, qui ajoute", "le préfet"),
            ("M. Paul Durand dans un entretien", "M. Paul Durand"),
            (
                "la députée Anne Morel (LREM) de l'Aude, hier",
                "la députée Anne Morel (LREM) de l'Aude",
            ),
            ("la maire", "la maire"),
        ] {
            let tokens = tokenize(text);
            let end = clause_end(&tokens, 0);
            assert_eq!(&text[..tokens[end - 1].end()], phrase);
        }
    }

    #[test]
    fn subjects_stand_behind_complements_or_before_auxiliaries() {
        let text = "a indiqué, mercredi, à la presse le procureur";
        let tokens = tokenize(text);
        let subject = subject_after(&tokens, 1, |_| None).expect("a subject");
        assert_eq!(tokens[subject].text, "le");
        assert_eq!(tokens[subject + 1].text, "procureur");

        let text = "Mardi, le procureur n'a pas";
        let tokens = tokenize(text);
        let verb = tokens.iter().position(|token| token.text == "pas");
        let subject = subject_before(&tokens, 0, verb.expect("the word"));
        assert_eq!(&text[subject.expect("a subject")], "le procureur");
    }
}
