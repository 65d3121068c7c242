//! The words around a verb of saying: where its subject begins and ends.

use std::ops::Range;

use super::super::classes::{Class, classes};
use super::super::dates::tense;
use super::super::names::{is_adjectival, is_title};
use super::super::tokens::{Token, TokenKind, inverted};

/// Words that say who is speaking, in the middle or at the end of what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aside {
    /// The token of the mark before it.
    pub mark: usize,
    /// The token of its verb of saying.
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
            let mark = at - 1;
            if is_inverted_speech(tokens, at, end) {
                return Some(Aside { mark, verb: at });
            }
            // `s'insurge X`, `a expliqué X`
            let verb = (at..end)
                .find(|&at| !tokens[at].is_lower(Class::BeforeInverted))
                .filter(|verb| verb - at <= 2)?;
            // `à la demande de` is no speech; `? demande X` is.
            let speech = |token: &Token| token.says() || token.text == "demande";
            let spoken =
                verb + 1 < end && speech(&tokens[verb]) && starts_subject(&tokens[verb + 1]);
            spoken.then_some(Aside { mark, verb })
        })
}

/// Whether the token at `at` is a verb of saying with its pronoun behind it: `explique-t-il`, `a-t-elle
/// expliqué`, `fait-il valoir`.
pub(super) fn is_inverted_speech(tokens: &[Token], at: usize, end: usize) -> bool {
    /// Maximal number of tokens from `a-t-il` to its participle: `a-t-il aussi précisé`.
    const PARTICIPLE_REACH: usize = 3;
    // `a t-il ajouté`
    let split = matches!(tokens[at].text, "t-il" | "t-elle" | "t-on") && at > 0;
    let verb = match inverted(tokens[at].text) {
        Some((verb, _)) if verb != "t" => verb,
        _ if split => tokens[at - 1].text,
        _ => return false,
    };
    let mut next = tokens[at + 1..end.max(at + 1)]
        .iter()
        .take(PARTICIPLE_REACH);
    let bare = verb.trim_start_matches("s'");
    is_speech(bare)
        // `aimait-elle répéter`
        || (next.clone()).any(|token| token.is_lower(Class::SpeechInfinitive))
        || matches!(verb, "a" | "ont" | "avait" | "avaient" | "est" | "était")
            && next.any(|token| {
                token.says() || completes_speech(token.text) || token.text == "appris"
            })
        || is_causative(verb)
            && next
                .next()
                .is_some_and(|token| completes_speech(token.text))
}

/// Whether `word`, which is no token, is a verb of saying in lower case.
fn is_speech(word: &str) -> bool {
    classes(word).has(Class::Speech) || word == "demande"
}

/// `fait` in `fait valoir`, `laissé` in `laissé entendre`.
fn is_causative(word: &str) -> bool {
    word.starts_with("fait")
        || word.starts_with("fais")
        || word == "font"
        || word.starts_with("laiss")
}

/// `valoir` in `fait valoir`.
fn completes_speech(word: &str) -> bool {
    matches!(
        word,
        "valoir" | "savoir" | "remarquer" | "observer" | "entendre" | "comprendre"
    )
}

/// Whether the token at `at` is a verb of saying, not a noun with the same form: `annonce`, but not `une
/// annonce`; `fait valoir`.
pub(super) fn says(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    if completes_speech(token.text) {
        let before = &tokens[at.saturating_sub(2)..at];
        return before.iter().any(|token| is_causative(token.text));
    }
    token.says() && !is_noun_here(tokens, at) && !is_passive(tokens, at)
}

/// Whether the participle at `at` says what others have said of its subject: `a été accusé`, `est qualifiée`.
fn is_passive(tokens: &[Token], at: usize) -> bool {
    let mut before = tokens[..at].iter().rev();
    let nearest = before.by_ref().find(|token| !token.text.ends_with("ment"));
    let reflexive = before
        .next()
        .is_some_and(|token| matches!(token.text, "s'" | "se"));
    let be = nearest.is_some_and(|token| {
        matches!(
            token.text,
            "été" | "être" | "est" | "sont" | "était" | "étaient"
        )
    });
    be && !reflexive && tokens[at].text.ends_with(['é', 'e', 's', 'i', 'u', 't'])
}

/// Whether the word before makes the one at `at` a noun: `une annonce`, `en avance`.
pub(super) fn is_noun_here(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|at| &tokens[at]) else {
        return false;
    };
    // `il le répète`, `X l'affirme`: a pronoun.
    let pronoun = matches!(before.text, "le" | "la" | "les" | "l'")
        && at
            .checked_sub(2)
            .map(|at| &tokens[at])
            .is_some_and(|token| {
                token.is(Class::Pronoun)
                    || matches!(token.text, "qui" | "ne" | "on" | "nous" | "je")
                    || token.is_capitalised() && !token.is(Class::Function)
            });
    // `il en appelle à`
    if before.text == "en"
        && matches!(
            tokens[at].text,
            "appelle"
                | "appellent"
                | "appelait"
                | "convient"
                | "conviennent"
                | "doute"
                | "témoigne"
                | "sourit"
                | "rit"
        )
    {
        return false;
    }
    (before.is(Class::Article) || before.is(Class::Of)) && !pronoun
        || matches!(
            before.text,
            "en" | "par" | "sous" | "avec" | "sans" | "à" | "au" | "aux" | "grande" | "première"
        )
}

/// Whether nothing but auxiliaries and adverbs stands between the last comma or mark and the verb:
/// then its subject stands behind it.
pub(super) fn is_bare_verb(tokens: &[Token], start: usize, verb: usize) -> bool {
    tokens[start..verb]
        .iter()
        .rev()
        .take_while(|token| token.is_word())
        .all(|token| {
            token.text.ends_with("ment")
                || token.is_lower(Class::BeforeInverted)
                || is_causative(token.text)
        })
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
        // `a répondu au journal, qui l'interrogeait, le maire`
        if token.text == ","
            && tokens
                .get(at + 1)
                .is_some_and(|next| next.is_lower(Class::Relative))
        {
            let behind = (at + 2..tokens.len().min(at + 10)).find(|&at| tokens[at].text == ",");
            at = behind? + 1;
            continue;
        }
        if matches!(
            token.text,
            "." | ";" | ":" | "(" | "\"" | "«" | "“" | "que" | "qu'" | "qui" | "et" | "mais"
        ) {
            return None;
        }
        if token.is(Class::Preposition) {
            at = complement_end(tokens, at, &name_end);
        } else if is_date(tokens, at) {
            // `relève le 3 juin le journal`
            at += 2 + usize::from(
                tokens
                    .get(at + 2)
                    .is_some_and(|month| month.is(Class::Month)),
            );
        } else if starts_subject(token) {
            return Some(at);
        } else {
            at += 1;
            skipped += 1;
        }
    }
    None
}

/// Whether a date begins at `at`: `le 3 juin`, `ce mardi`.
fn is_date(tokens: &[Token], at: usize) -> bool {
    tokens[at].is(Class::Article)
        && tokens.get(at + 1).is_some_and(|next| {
            next.is(Class::Weekday) || next.is(Class::Month) || next.kind == TokenKind::Number
        })
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

/// Whether the token says that a source is named next: `selon`, `d'après`, `à en croire`, `de l'avis de`, `aux yeux de`.
pub(super) fn names_source(tokens: &[Token], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at].text);
    match tokens[at].text {
        "selon" | "Selon" => true,
        "après" => matches!(before(1), "d'" | "D'"),
        // `à en croire X`
        "croire" => before(1) == "en" && matches!(before(2), "à" | "À"),
        "de" | "du" | "des" | "d'" => {
            matches!(before(1), "avis" | "yeux" | "dires" | "propos" | "mots")
                && !matches!(before(2), "" | "en" | "ces" | "les")
        }
        _ => false,
    }
}

/// Where the noun phrase that begins at `from` ends.
pub(super) fn phrase_end(tokens: &[Token], from: usize) -> usize {
    /// Maximal length of a phrase in tokens.
    const LONGEST: usize = 14;
    let mut end = from + 1;
    while end < tokens.len() && end < from + LONGEST {
        let token = &tokens[end];
        let text = token.text;
        let title = text == "." && is_title(&tokens[end - 1]);
        // `le député La République en marche (LREM) de l'Aude Alain Péréa`
        if text == "(" && tokens.get(end + 2).is_some_and(|close| close.text == ")") {
            end += 3;
            continue;
        }
        let mark =
            !token.is_word() && token.kind != TokenKind::Number && !matches!(text, "-" | "&" | "/");
        let within_name = token.is_capitalised() && tokens[end - 1].is_capitalised();
        // `le metteur en scène`, `le rédacteur en chef`
        if text == "en"
            && tokens[end - 1].is_lower(Class::Role)
            && (tokens.get(end + 1)).is_some_and(|next| matches!(next.text, "scène" | "chef"))
        {
            end += 2;
            continue;
        }
        let ends = mark
            || token.is_lower(Class::PhraseEnd) && !within_name
            || token.is_lower(Class::Auxiliary)
            || token.is(Class::Pronoun)
            || matches!(
                text,
                "se" | "s'"
                    | "ne"
                    | "n'"
                    | "tandis"
                    | "alors"
                    | "lorsque"
                    | "quand"
                    | "si"
                    | "pendant"
            )
            || token.is(Class::Weekday)
            || is_infinitive_after_of(tokens, end)
            || is_present(tokens, from, end)
            || is_participle(token)
            || tense(text).is_some() && !is_noun_here(tokens, end)
            || says(tokens, end) && !tokens[end - 1].is_capitalised()
            || says(tokens, end) && text.ends_with('e');
        if ends && !title {
            break;
        }
        end += 1;
    }
    let mut end = end.min(tokens.len());
    // Nothing ends with an article or a preposition.
    while end > from + 1
        && (tokens[end - 1].is_lower(Class::Article)
            || tokens[end - 1].is_lower(Class::Preposition)
            || tokens[end - 1].is_lower(Class::Conjunction))
    {
        end -= 1;
    }
    end
}

/// Whether the token at `at`, right behind the noun of a person, is a verb in the present that no list knows: `le
/// retraité hésite`, `une caissière baisse les yeux`, `la spécialiste botte en touche`; but not `le maire
/// écologiste`.
fn is_present(tokens: &[Token], from: usize, at: usize) -> bool {
    let [article, noun, word] = &tokens[from..=at] else {
        return false;
    };
    let plain = word.is_word()
        && word.text.starts_with(char::is_lowercase)
        && word.text.chars().count() > 3
        && !word.text.ends_with(['é', 's', 'x'])
        && !word.text.ends_with("ée")
        && !is_adjectival(word.text)
        && ![
            Class::Demonym,
            Class::Partisan,
            Class::Function,
            Class::Role,
        ]
        .into_iter()
        .any(|class| word.is(class));
    if !article.is(Class::Article) || !noun.is_lower(Class::Role) || !plain {
        return false;
    }
    let next = tokens.get(at + 1);
    let object = next.is_some_and(|next| {
        next.text == "en" || next.is_lower(Class::Article) && !next.is(Class::Of)
    });
    let man = matches!(article.text, "le" | "Le" | "un" | "Un");
    let adjective = matches!(
        word.text,
        "célèbre" | "jeune" | "intérimaire" | "démissionnaire" | "slave" | "maritime" | "honoraire"
    );
    object || man && word.text.ends_with('e') && !adjective
}

/// Whether an infinitive with its `de` begins at `at`: `de faire`.
fn is_infinitive_after_of(tokens: &[Token], at: usize) -> bool {
    let of = matches!(tokens[at].text, "de" | "d'");
    of && tokens.get(at + 1).is_some_and(|next| {
        next.text.len() > 4
            && next.text.starts_with(char::is_lowercase)
            && ["er", "ir", "ire"]
                .iter()
                .any(|ending| next.text.ends_with(ending))
            && !next.is(Class::Role)
            && !next.is(Class::People)
    })
}

/// The first token of the clause that the token `at` stands in. What is `quoted` is part of its clause.
pub(super) fn clause_start(tokens: &[Token], at: usize, quoted: impl Fn(usize) -> bool) -> usize {
    let ends = |index: &usize| {
        matches!(tokens[*index].text, "." | ";" | ":" | "•" | "–" | "—") && !quoted(*index)
            // `M. Roy`
            && !(tokens[*index].text == "." && *index > 0 && is_title(&tokens[*index - 1]))
    };
    let start = (0..at).rev().find(ends).map_or(0, |end| end + 1);
    contrast_start(tokens, at, quoted).map_or(start, |contrast| start.max(contrast))
}

/// The first token of the clause of contrast that the token `at` stands in: `X a cédé, alors que Y s'y
/// refuse`.
pub(super) fn contrast_start(
    tokens: &[Token],
    at: usize,
    quoted: impl Fn(usize) -> bool,
) -> Option<usize> {
    let opens = |&index: &usize| {
        let contrasts = matches!(tokens[index].text, "tandis" | "alors")
            && matches!(tokens[index + 1].text, "que" | "qu'")
            || tokens[index].text == "quand" && tokens[index - 1].text == ",";
        contrasts && !quoted(index)
    };
    let opener = (1..at.saturating_sub(1)).rev().find(opens)?;
    Some(opener + 1 + usize::from(tokens[opener].text != "quand"))
}

/// The subject of a verb that it stands before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// `il`, at this token.
    Pronoun(usize),
    /// `qui`, at this token.
    Relative(usize),
    /// A noun phrase or a name.
    Phrase(Range<usize>),
}

/// What can be the subject of the verb at the token `verb` and stands before it in the clause from the token
/// `from` on, the likeliest first. `skip` are tokens that are no part of the clause, such as quoted ones;
/// `is_name` tells the tokens at which a name begins.
pub(super) fn subjects_before(
    tokens: &[Token],
    from: usize,
    verb: usize,
    skip: &impl Fn(usize) -> bool,
    is_name: &impl Fn(usize) -> bool,
) -> Vec<Subject> {
    let mut end = group_start(tokens, from, verb);
    // `Il a félicité les finalistes et souhaité « … »`: the subject of the first verb.
    while end > from && is_joining(&tokens[end - 1]) {
        let first = (from..end - 1).find(|&at| !skip(at) && is_verb(tokens, at));
        let start = first.map(|first| group_start(tokens, from, first));
        match start.filter(|&start| start < end) {
            Some(start) => end = start,
            None => return Vec::new(),
        }
    }
    // `une accusation que le maire réfute`
    if let Some(own) = subject_of_relative(tokens, from, end, skip, is_name) {
        return vec![own];
    }
    // A pronoun right before the verb, or a relative one.
    if let Some(token) = tokens[from..end].last() {
        if token.is(Class::Pronoun) {
            return vec![Subject::Pronoun(end - 1)];
        }
        if token.text == "qui" {
            return vec![Subject::Relative(end - 1)];
        }
    }
    let is_comma = |at: usize| tokens[at].text == "," && !skip(at);
    let (mut likely, mut unlikely) = (Vec::new(), Vec::new());
    let mut start = from;
    while start < end {
        let stop = (start..end).find(|&at| is_comma(at)).unwrap_or(end);
        if let Some(subject) = subject_in(tokens, start..stop, skip, is_name) {
            // A clause with its own verb has its own subject.
            let own_verb = match &subject {
                Subject::Phrase(phrase) => (phrase.end..stop)
                    .any(|at| !skip(at) && (is_verb(tokens, at) || is_participle(&tokens[at]))),
                _ => true,
            };
            match own_verb && stop < end {
                false => likely.push(subject),
                true => unlikely.push(subject),
            }
        }
        start = stop + 1;
    }
    likely.extend(unlikely.into_iter().rev());
    likely
}

/// The subject of a relative clause that stands between `que` and its verb, which begins at `end`.
fn subject_of_relative(
    tokens: &[Token],
    from: usize,
    end: usize,
    skip: &impl Fn(usize) -> bool,
    is_name: &impl Fn(usize) -> bool,
) -> Option<Subject> {
    let is_object = |&at: &usize| matches!(tokens[at].text, "que" | "qu'" | "dont") && !skip(at);
    let relative = (from..end).rev().find(is_object)?;
    match subject_in(tokens, relative + 1..end, skip, is_name)? {
        Subject::Phrase(phrase) if phrase.end == end => Some(Subject::Phrase(phrase)),
        _ => None,
    }
}

/// Whether the token is a present participle: `étant`.
fn is_participle(token: &Token) -> bool {
    token.is(Class::SpeechParticiple) || matches!(token.text, "étant" | "ayant")
}

/// The subject that the tokens `segment`, which stand between commas, begin with.
fn subject_in(
    tokens: &[Token],
    segment: Range<usize>,
    skip: &impl Fn(usize) -> bool,
    is_name: &impl Fn(usize) -> bool,
) -> Option<Subject> {
    let mut at = segment.start;
    while at < segment.end && (skip(at) || is_opener(tokens, at)) {
        at += 1;
    }
    let token = tokens.get(at).filter(|_| at < segment.end)?;
    if token.is(Class::Pronoun) {
        return Some(Subject::Pronoun(at));
    }
    let starts = is_title(token) || is_name(at) || token.is(Class::Article) && !token.is(Class::Of);
    let dated = tokens[at..segment.end].iter().take(3).any(|token| {
        token.is(Class::Weekday) || token.is(Class::Month) || token.kind == TokenKind::Number
    }) || (tokens.get(at + 1)).is_some_and(|next| next.is(Class::Time));
    if !starts || dated && !is_name(at) {
        return None;
    }
    let end = phrase_end(tokens, at).min(segment.end);
    Some(Subject::Phrase(at..end))
}

/// Whether the token joins or introduces a clause and is no part of its subject: `Mais`, `Pourtant`.
fn is_opener(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    matches!(
        token.text,
        "–" | "—" | "-" | "•" | "»" | "”" | "\"" | "«" | "“"
    ) || token.is(Class::Conjunction)
        || token.is(Class::Function)
            && !token.is(Class::Article)
            && !token.is(Class::Pronoun)
            && !token.is(Class::Preposition)
            && !is_title(token)
            && !token.is_lower(Class::Role)
            && !matches!(
                token.text.to_lowercase().as_str(),
                "si" | "quand"
                    | "lorsque"
                    | "comme"
                    | "qui"
                    | "que"
                    | "dont"
                    | "où"
                    | "afin"
                    | "malgré"
                    | "selon"
                    | "interrogé"
                    | "interrogée"
                    | "lors"
            )
}

/// The first token of the group of the verb at `verb`: of `n'a pas dit`, `a d'abord fait valoir`.
fn group_start(tokens: &[Token], from: usize, verb: usize) -> usize {
    let mut start = verb;
    loop {
        let mut at = start;
        // A comment between commas: `a, mardi soir, annoncé`.
        if at > from && tokens[at - 1].text == "," {
            let open = (from..at - 1)
                .rev()
                .take(6)
                .find(|&at| tokens[at].text == ",");
            if let Some(open) = open
                && open > from
                && tokens[open - 1].is_lower(Class::Auxiliary)
            {
                at = open;
            }
        }
        while at > from {
            let token = &tokens[at - 1];
            let part = token.is_lower(Class::BeforeVerb)
                || is_causative(token.text)
                || token.is_word()
                    && token.text.ends_with("ment")
                    && token.text.len() > 6
                    && !is_noun_here(tokens, at - 1)
                || matches!(
                    token.text,
                    "pas"
                        | "jamais"
                        | "d'abord"
                        | "d'"
                        | "déjà"
                        | "encore"
                        | "toujours"
                        | "ensuite"
                        | "alors"
                        | "se"
                        | "sont"
                        | "toutefois"
                        | "pourtant"
                        | "d'ailleurs"
                        | "vient"
                        | "par"
                        | "ailleurs"
                        | "même"
                        | "bien"
                        | "de"
                        | "nous"
                        | "me"
                        | "m'"
                        | "aussitôt"
                        | "enfin"
                        | "tout"
                );
            // `de` belongs to `vient de`, `d'` to `d'abord`, `par` to `par ailleurs`.
            let lone = match token.text {
                "de" => at < 2 || tokens[at - 2].text != "vient",
                "d'" | "par" => !matches!(
                    tokens.get(at).map_or("", |next| next.text),
                    "abord" | "ailleurs"
                ),
                _ => false,
            };
            if !part || lone {
                break;
            }
            at -= 1;
        }
        if at == start {
            return start;
        }
        start = at;
    }
}

/// Whether a verb after the token has the subject of the verb before it.
fn is_joining(token: &Token) -> bool {
    matches!(
        token.text,
        "et" | "puis" | "mais" | "ou" | "voire" | "avant"
    )
}

/// Whether the token is a finite verb, as far as its form tells. `il y a` is none.
pub(super) fn is_verb(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    let existence = at > 0 && tokens[at - 1].text == "y";
    !existence
        && (token.is_lower(Class::Auxiliary)
            || says(tokens, at)
            || tense(token.text).is_some() && !is_noun_here(tokens, at))
}

#[cfg(test)]
mod tests {
    use super::super::super::tokens::tokenize;
    use super::*;

    #[test]
    fn asides_are_verbs_of_saying_with_their_subject_behind() {
        for (text, verb) in [
            (
                "Nous voulions, explique Anne Morel, le montrer.",
                Some("explique"),
            ),
            ("Nous voulions, s'insurge Anne Morel.", Some("insurge")),
            ("Qui sait ? a-t-il demandé.", Some("a-t-il")),
            ("Oui, répond-il, par le train.", Some("répond-il")),
            ("C'est bien, fait-il valoir, et juste.", Some("fait-il")),
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
    fn nouns_with_the_form_of_a_verb_say_nothing() {
        for (text, word, says_it) in [
            ("Anne Morel annonce sa venue", "annonce", true),
            ("Une annonce de Paul", "annonce", false),
            ("Anne le répète", "répète", true),
            ("Il a fait valoir son droit", "valoir", true),
            ("Il faut valoir mieux", "valoir", false),
        ] {
            let tokens = tokenize(text);
            let at = tokens.iter().position(|token| token.text == word).unwrap();
            assert_eq!(says(&tokens, at), says_it, "{text}");
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
            ("Laia tandis que", "Laia"),
            ("le préfet mardi", "le préfet"),
            ("le maire de la", "le maire"),
            ("le retraité hésite", "le retraité"),
            ("une caissière baisse les yeux", "une caissière"),
            ("la ministre botte en touche", "la ministre"),
            ("le maire écologiste", "le maire écologiste"),
            ("la ministre déléguée aux", "la ministre déléguée"),
        ] {
            let tokens = tokenize(text);
            let end = phrase_end(&tokens, 0);
            assert_eq!(&text[..tokens[end - 1].end()], phrase);
        }
    }

    #[test]
    fn subjects_stand_behind_complements() {
        let text = "a indiqué, mercredi, à la presse le procureur";
        let tokens = tokenize(text);
        let subject = subject_after(&tokens, 1, |_| None).expect("a subject");
        assert_eq!(tokens[subject].text, "le");
        assert_eq!(tokens[subject + 1].text, "procureur");
    }

    #[test]
    fn subjects_stand_before_their_verb() {
        for (text, verb, subject) in [
            (
                "Mardi, le procureur n'a pas dit",
                "dit",
                Some("le procureur"),
            ),
            (
                "Le préfet a, mardi soir, annoncé",
                "annoncé",
                Some("Le préfet"),
            ),
            (
                "Interrogé par la presse, le secrétaire du club, Paul, a dénoncé",
                "dénoncé",
                Some("le secrétaire du club"),
            ),
            (
                "La procureure de Laval, chargée de l'enquête, a indiqué",
                "indiqué",
                Some("La procureure de Laval"),
            ),
            (
                "Il a félicité les deux finalistes et souhaité",
                "souhaité",
                Some("Il"),
            ),
            (
                "La pluie tombait, le maire a déclaré",
                "déclaré",
                Some("le maire"),
            ),
            ("Selon le préfet, qui ajoute", "ajoute", Some("qui")),
            (
                "Pourtant, les proches ont vite annoncé",
                "annoncé",
                Some("les proches"),
            ),
            (
                "Cette hausse étant mal venue, la ministre a dit",
                "dit",
                Some("la ministre"),
            ),
            ("En février, a annoncé", "annoncé", None),
        ] {
            let tokens = tokenize(text);
            let verb = tokens.iter().rposition(|token| token.text == verb).unwrap();
            let mut found = subjects_before(&tokens, 0, verb, &|_| false, &|_| false).into_iter();
            let found = found.next();
            let range = found.map(|subject| match subject {
                Subject::Pronoun(at) | Subject::Relative(at) => at..at + 1,
                Subject::Phrase(range) => range,
            });
            let words =
                range.map(|range| &text[tokens[range.start].start..tokens[range.end - 1].end()]);
            assert_eq!(words, subject, "{text}");
        }
    }
}
