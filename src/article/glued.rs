//! Words that lost the blank between them where their source had italics:
//! `reprendLes Précieuses ridiculesdans le bassin`, `<i>Tartuffe</i>samedi`.

use std::borrow::Cow;

use super::scan::{self, is, within};
use crate::lexicon;

/// Words of the longest title in italics.
const LONGEST: usize = 8;

/// Words that stand beside anything, names included.
const FUNCTION_WORDS: &[&str] = &[
    "a", "au", "aux", "avait", "avec", "chez", "dans", "de", "des", "du", "en", "est", "et", "la",
    "le", "les", "mais", "ne", "ont", "ou", "où", "par", "pour", "que", "qui", "sa", "se", "sera",
    "ses", "son", "sont", "sous", "sur", "un", "une", "y", "à", "était",
];

/// Returns `text` with blanks round what stood in italics. One glued word may be a name such as
/// `deLorean`, or a heading before its text: only where something is glued at both ends has a text
/// lost its blanks.
pub(super) fn parted(text: &str) -> Cow<'_, str> {
    let at = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let mut places = Vec::new();
    let mut starts = Vec::new();
    let mut rest = 0;
    while let Some(place) = next_capital(text.as_bytes(), rest) {
        let before = text[..place].trim_end_matches(|c: char| !c.is_whitespace());
        let from_word = &text[before.len()..];
        let end = from_word.find(char::is_whitespace);
        let (word, after) = from_word.split_at(end.unwrap_or(from_word.len()));
        rest = at(after);
        let Some(capital) = glued_start(word) else {
            continue;
        };
        let start = at(word) + capital;
        let line = after.split('\n').next().unwrap_or_default();
        let inner = [&word[capital..]]
            .into_iter()
            .chain(line.split_whitespace());
        let mut last = false;
        let mut inner = inner.take(LONGEST).take_while(|word| {
            let goes_on = !last;
            last = word.ends_with(['.', '!', '?', '…']);
            goes_on
        });
        let end = inner.find_map(|word| Some(at(word) + glued_end(word)?));
        match end {
            Some(end) => places.extend([start, end]),
            None => starts.push(start),
        }
    }
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.extend(starts);
    places.sort_unstable();
    places.dedup();
    let mut parted = String::with_capacity(text.len() + places.len());
    let mut rest = 0;
    for at in places {
        parted.push_str(&text[rest..at]);
        parted.push(' ');
        rest = at;
    }
    parted.push_str(&text[rest..]);
    Cow::Owned(parted)
}

/// Whether a blank is lost between two parts of a sentence, the second of which is another element.
pub(super) fn is_lost_between(before: &str, after: &str) -> bool {
    let may_be_letter =
        |byte: Option<u8>| byte.is_some_and(|b| !b.is_ascii() || b.is_ascii_alphabetic());
    if !may_be_letter(before.bytes().next_back()) || !may_be_letter(after.bytes().next()) {
        return false;
    }
    let head = before.trim_end_matches(char::is_alphabetic);
    let left = &before[head.len()..];
    let tail = after.trim_start_matches(char::is_alphabetic);
    let right = &after[..after.len() - tail.len()];
    if left.is_empty() || right.is_empty() || head.ends_with(['@', '#', '/', '.', '_']) {
        return false;
    }
    // `Photo<span>Mourier</span>`, `de<i>L'Étang</i>`
    let mut letters = after.chars();
    let opens = letters.next().is_some_and(char::is_uppercase)
        && letters
            .next()
            .is_some_and(|c| c.is_lowercase() || matches!(c, '\'' | '\u{2019}'));
    // A name beside a word: `<i>Tartuffe</i>samedi`.
    let is_name = left.starts_with(char::is_uppercase) && left.chars().nth(3).is_some();
    let follows_name = || {
        let is_word = right.chars().nth(3).is_some() && lexicon::is_french(right);
        is_name && is_word && !lexicon::is_french(&format!("{left}{right}").to_lowercase())
    };
    opens && left.ends_with(char::is_lowercase)
        || follows_name()
        || !tail.starts_with(['@', '/', '_']) && are_words(left, right)
}

/// Where from `from` on a capital follows a small letter, as in few words.
fn next_capital(bytes: &[u8], from: usize) -> Option<usize> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    if from < 2 && is_glued([0, byte(0), byte(1), byte(2)]) != 0 {
        return Some(1);
    }
    Some(scan::find(bytes, from.saturating_sub(2), is_glued)? + 2)
}

/// Whether of four bytes the second ends a small letter and the third begins a capital.
fn is_glued([before, small, capital, after]: [u8; 4]) -> u8 {
    // `É` is C3 89, `é` C3 A9, `œ` C5 93.
    let is_small = within(small, b'a', b'z')
        | is(before, 0xC3) & within(small, 0x9F, 0xBF)
        | within(before, 0xC4, 0xC5) & within(small, 0x80, 0xBF);
    let is_capital = within(capital, b'A', b'Z') | is(capital, 0xC3) & within(after, 0x80, 0x9E);
    is_small & is_capital
}

/// Where a capital follows a French word in small letters: at `Les` in `reprendLes`.
fn glued_start(word: &str) -> Option<usize> {
    let word_start = word.len() - word.trim_start_matches(|c: char| !c.is_alphabetic()).len();
    let capital = word_start + word[word_start..].find(|c: char| !c.is_lowercase())?;
    let (left, right) = (&word[word_start..capital], &word[capital..]);
    let mut letters = right.chars();
    let opens = letters.next().is_some_and(char::is_uppercase)
        && letters
            .next()
            .is_some_and(|c| c.is_lowercase() || matches!(c, '\'' | '\u{2019}'));
    let is_word = left.chars().nth(1).is_some() && lexicon::is_french(left);
    (opens && is_word).then_some(capital)
}

/// Where a word in small letters follows another without a blank: at `dans` in `ridiculesdans`.
fn glued_end(word: &str) -> Option<usize> {
    let is_mark = |c: char| matches!(c, '\'' | '\u{2019}' | '-');
    let begin = word.len() - word.rsplit(is_mark).next().unwrap_or_default().len();
    let begin = word[begin..]
        .find(char::is_alphabetic)
        .map(|at| begin + at)?;
    let length = word[begin..].find(|c: char| !c.is_alphabetic());
    let core = &word[begin..length.map_or(word.len(), |length| begin + length)];
    let mut places = core.char_indices().skip(3).map(|(at, _)| at);
    let at = places.find(|&at| ends_at(&core[..at], &core[at..]))?;
    Some(begin + at)
}

/// Words that no name ends with, and words that few others do.
const AFTER_NAMES: &[&str] = &[
    "avait", "avec", "chez", "dans", "pour", "qui", "sous", "sur", "à", "était",
];
const AFTER_WORDS: &[&str] = &[
    "au", "aux", "du", "est", "mais", "ont", "par", "que", "sera", "sont",
];

/// Whether `word` lost its blank after `head`: `Emmanuelle` and `viaduc` are single words, known or not.
fn ends_at(head: &str, word: &str) -> bool {
    let is_name = head.starts_with(char::is_uppercase) && AFTER_NAMES.contains(&word);
    let long = |word: &str| word.chars().nth(4).is_some();
    let is_usual = AFTER_NAMES.contains(&word) || AFTER_WORDS.contains(&word);
    let is_small = || !word.contains(char::is_uppercase) && long(word);
    if !is_name && !(long(head) && (is_usual || is_small())) {
        return false;
    }
    let head = head.to_lowercase();
    let is_word = || lexicon::is_french(&head) && (is_usual || lexicon::is_french(word));
    (is_name || is_word()) && !lexicon::is_french(&format!("{head}{word}"))
}

/// Whether both are words and what they make together is none.
fn are_words(left: &str, right: &str) -> bool {
    let is_function = FUNCTION_WORDS.contains(&right);
    if right.contains(char::is_uppercase) || !is_function && right.chars().count() < 3 {
        return false;
    }
    let length = left.chars().count();
    let is_name = || is_function && length > 2 && left.starts_with(char::is_uppercase);
    let lower = left.to_lowercase();
    !lexicon::is_french(&format!("{lower}{right}"))
        && (is_name() || length > 2 && lexicon::is_french(&lower))
        && (is_function || lexicon::is_french(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_come_back_round_what_stood_in_italics() {
        for (text, wanted) in [
            (
                "La troupe reprendLes Précieuses ridiculesdans le bassin, samedi.",
                "La troupe reprend Les Précieuses ridicules dans le bassin, samedi.",
            ),
            (
                "Ils ont préféréAntigoneà toute autre pièce, né auxPays-Bas.",
                "Ils ont préféré Antigone à toute autre pièce, né aux Pays-Bas.",
            ),
            (
                "Une idée trouvée dansLe Mondedu 3 mars.",
                "Une idée trouvée dans Le Monde du 3 mars.",
            ),
        ] {
            assert_eq!(parted(text), wanted);
        }
    }

    #[test]
    fn names_and_glued_headings_stay() {
        for text in [
            "Sur YouTube, BlaBlaCar et deLorean se vendent bien dans le monde.",
            "La fin du chantierLe maire a promis une navette.",
            "Plus cher que l'an passéLe maire Emmanuelle Pécresse a vu le viaduc en dentelle.",
            "Les élèves de McDonald ont vu l'iPhone de SNCFConnect.",
        ] {
            assert_eq!(parted(text), text);
        }
    }

    #[test]
    fn words_of_two_elements_are_parted_and_parts_of_one_are_not() {
        for (before, after) in [
            ("repris", "Tartuffe"),
            ("repris Tartuffe", "samedi soir"),
            ("Le Misanthrope", "à Brest"),
            ("la salle était", "comble"),
            ("l'auteure de", "L'Étang"),
        ] {
            assert!(is_lost_between(before, after), "{before}|{after}");
        }
        for (before, after) in [
            ("L", "e conseil"),
            ("les Rafale", "s"),
            ("la con", "stitution"),
            ("l'", "élue"),
            ("au XX", "e siècle"),
            ("M", "me Morel"),
            ("@club", "verzac"),
            ("la ré", "élection"),
        ] {
            assert!(!is_lost_between(before, after), "{before}|{after}");
        }
    }
}
