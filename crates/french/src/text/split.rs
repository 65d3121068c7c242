//! Cuts a text that is too long for a model into pieces that fit, where a reader would pause. The
//! text has been split into sentences before: see `segment`.

use super::ByteSpan;
use super::segment::trimmed;

/// Words that open a clause: a cut before one leaves two readable halves.
const CONJUNCTIONS: &[&str] = &[
    "afin", "alors", "après", "avant", "car", "comme", "dont", "donc", "et", "lorsque", "mais",
    "ni", "or", "ou", "où", "parce", "pendant", "pour", "puis", "puisque", "quand", "que", "qui",
    "si", "tandis",
];

/// Splits `text` into pieces that `fits` accepts, in order and without blanks at their ends. A text
/// that does not fit is cut at the strongest pause near the middle, and each half treated the same.
/// Every non-blank character is in exactly one piece. A single character is a piece even if `fits`
/// refuses it.
pub fn split_long(text: &str, mut fits: impl FnMut(&str) -> bool) -> Vec<ByteSpan> {
    let mut pieces = Vec::new();
    let mut rest: Vec<ByteSpan> = trimmed(text, 0, text.len()).into_iter().collect();
    while let Some(span) = rest.pop() {
        let piece = span.slice(text);
        match (!fits(piece)).then(|| cut(piece)).flatten() {
            Some(at) => {
                rest.extend(trimmed(text, span.start + at, span.end));
                rest.extend(trimmed(text, span.start, span.start + at));
            }
            None => pieces.push(span),
        }
    }
    pieces
}

/// Strength of a pause, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pause {
    /// Between any two characters.
    Character,
    /// Between two digit groups of a number.
    Digits,
    Blank,
    Conjunction,
    Comma,
    Clause,
    Sentence,
}

/// Where to cut: at the strongest pause in the middle half of `piece`, of several the one nearest
/// to the middle. Cuts outside of the middle half only if that has no blank.
fn cut(piece: &str) -> Option<usize> {
    let middle = piece.len() / 2;
    piece
        .char_indices()
        .skip(1)
        .map(|(at, c)| (at, pause(&piece[..at], &piece[at..], c)))
        .max_by_key(|&(at, pause)| {
            let distance = at.abs_diff(middle);
            let central = distance <= piece.len() / 4;
            let rank = if central || pause < Pause::Blank {
                pause
            } else {
                Pause::Blank
            };
            (rank, central, pause, std::cmp::Reverse(distance))
        })
        .map(|(at, _)| at)
}

/// The pause between two parts of a text; `after` starts with `c`.
fn pause(before: &str, after: &str, c: char) -> Pause {
    if !c.is_whitespace() {
        return Pause::Character;
    }
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let next = after.trim_start();
    if digit(before.chars().next_back()) && digit(next.chars().next()) {
        return Pause::Digits;
    }
    // A blank before one of ; : ! ? » belongs to the mark.
    if next.starts_with([';', ':', '!', '?', '»', '%']) || before.ends_with('«') {
        return Pause::Character;
    }
    let end = before.trim_end_matches(['"', '»', '”', ')', ']', '\u{a0}', '\u{202f}', ' ']);
    match end.chars().next_back() {
        Some('.' | '!' | '?' | '…') => return Pause::Sentence,
        Some(';' | ':') => return Pause::Clause,
        Some(',' | '–' | '—') => return Pause::Comma,
        _ => {}
    }
    let word = next
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    if next.starts_with(['–', '—', '(', '[']) || CONJUNCTIONS.contains(&word) {
        Pause::Conjunction
    } else {
        Pause::Blank
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str, most: usize) -> Vec<&str> {
        split_long(text, |piece| piece.chars().count() <= most)
            .into_iter()
            .map(|span| span.slice(text))
            .collect()
    }

    #[test]
    fn text_that_fits_is_not_cut() {
        assert_eq!(pieces(" Le chat dort. ", 20), ["Le chat dort."]);
        assert!(pieces("  ", 20).is_empty());
    }

    #[test]
    fn cuts_are_at_the_strongest_pause_near_the_middle() {
        assert_eq!(
            pieces(
                "Le chat, gris, dort au soleil ; le chien, noir, garde la maison.",
                40
            ),
            [
                "Le chat, gris, dort au soleil ;",
                "le chien, noir, garde la maison."
            ]
        );
        assert_eq!(
            pieces("Le président a parlé longtemps et la foule a applaudi", 40),
            ["Le président a parlé longtemps", "et la foule a applaudi"]
        );
    }

    #[test]
    fn pauses_near_the_ends_are_ignored() {
        let text = "Oui ; le président de la République a parlé longtemps devant la foule";
        assert!(pieces(text, 40).iter().all(|piece| piece.len() > 20));
    }

    #[test]
    fn numbers_and_marks_are_kept_whole() {
        for piece in pieces("aaaa bbbb 1 200 000 personnes cccc dddd", 20) {
            assert!(
                !piece.starts_with("200") && !piece.starts_with("000"),
                "{piece}"
            );
        }
        assert_eq!(pieces("2,5 milliards", 10), ["2,5", "milliards"]);
        assert_eq!(
            pieces("aaaa aaaa a ! bbbb bbbb", 14),
            ["aaaa aaaa a !", "bbbb bbbb"]
        );
    }

    #[test]
    fn overlong_word_is_cut() {
        assert_eq!(pieces("éééééééé", 3).concat(), "éééééééé");
        assert_eq!(pieces("abc", 0), ["a", "b", "c"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_all_fits(text in "([a-zé,;: .\"«»\u{a0}1-9]|\\PC){0,120}", most in 1usize..30) {
            let spans = split_long(&text, |piece| piece.chars().count() <= most);
            let mut end = 0;
            for span in &spans {
                prop_assert!(text[end..span.start].trim().is_empty());
                prop_assert!(span.slice(&text).chars().count() <= most && !span.is_empty());
                end = span.end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }
    }
}
