//! Undoes what a typesetter did to a text: words divided at the ends of lines, and page numbers.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::lexicon;

/// First parts of compounds that keep their hyphen: `arrière-petite-fille`.
const PREFIXES: &[&str] = &[
    "anti",
    "après",
    "arrière",
    "au",
    "auto",
    "avant",
    "celui",
    "celle",
    "ceux",
    "ci",
    "contre",
    "co",
    "demi",
    "ex",
    "extra",
    "franco",
    "grand",
    "grande",
    "haut",
    "hors",
    "inter",
    "là",
    "mi",
    "mini",
    "non",
    "nord",
    "nouveau",
    "outre",
    "ouest",
    "petit",
    "petite",
    "peut",
    "plus",
    "porte",
    "post",
    "pro",
    "quasi",
    "quatre",
    "rendez",
    "saint",
    "sainte",
    "sans",
    "semi",
    "sous",
    "sud",
    "super",
    "sur",
    "tiers",
    "ultra",
    "vice",
    "vingt",
    "soixante",
    "trente",
    "quarante",
    "cinquante",
    "est",
];
/// What stands after the hyphen of a verb or pronoun: `dit-il`, `lui-même`.
const CLITICS: &[&str] = &[
    "ce", "ci", "elle", "elles", "en", "il", "ils", "je", "la", "le", "les", "leur", "lui", "là",
    "moi", "même", "mêmes", "nous", "on", "t", "toi", "tu", "vous", "y",
];

/// Returns `text` with the words that were divided between lines whole, on the upper line, and
/// without lines that only number a page.
pub(super) fn undone(text: &str) -> Cow<'_, str> {
    let numbered = has_page_numbers(text);
    if !numbered && !text.lines().any(|line| divided(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n');
    let mut lines: Vec<&str> = lines
        .filter(|line| !(numbered && is_page_number(line)))
        .collect();
    let mut whole = String::with_capacity(text.len());
    let mut joins = 0;
    for at in 0..lines.len() {
        let line = lines[at];
        let joined = divided(line).and_then(|start| {
            let next = lines.get(at + 1)?;
            let end = next.trim_start();
            let word = end.split(char::is_whitespace).next()?;
            join(start, word).map(|joined| (joined, &end[word.len()..]))
        });
        match joined {
            Some((joined, rest)) => {
                joins += 1;
                whole.push_str(&joined);
                whole.push_str(&line[line.trim_end().len()..]);
                lines[at + 1] = rest.trim_start_matches([' ', '\t']);
            }
            None => whole.push_str(line),
        }
    }
    Cow::Owned(match joins {
        0..TYPESET => whole,
        _ => unbroken(&whole),
    })
}

/// Divided words from which on a text is typeset, so that its lines break anywhere.
const TYPESET: usize = 2;

/// Joins the lines of each paragraph, but for those of lists and dialogues.
fn unbroken(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_end();
        let opens = line.trim_start().starts_with(['-', '–', '—', '•', '*']);
        let goes_on = !joined.is_empty() && !joined.ends_with('\n');
        if line.trim().is_empty() {
            joined.push_str(if goes_on { "\n\n" } else { "" });
            continue;
        }
        joined.push_str(match (goes_on, opens) {
            (false, _) => "",
            (true, true) => "\n",
            (true, false) => " ",
        });
        joined.push_str(if goes_on && !opens {
            line.trim_start()
        } else {
            line
        });
    }
    joined.push('\n');
    joined
}

/// What stands at the end of a line that divides a word. Recognised print has `¬`.
pub(super) const HYPHENS: [char; 4] = ['-', '\u{2010}', '¬', '\u{AD}'];

/// A line without the hyphen at its end, if a word is divided there.
fn divided(line: &str) -> Option<&str> {
    let start = line.trim_end().strip_suffix(HYPHENS)?;
    start.ends_with(char::is_alphabetic).then_some(start)
}

/// The line `start` with the rest of its last word, `end`. `None` if that is no rest of a word.
fn join(start: &str, end: &str) -> Option<String> {
    let first = end.chars().next()?;
    if !first.is_alphabetic() {
        return None;
    }
    let head = start
        .rsplit(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default();
    let tail: String = end.chars().take_while(|c| c.is_alphabetic()).collect();
    let (head, tail) = (head.to_lowercase(), tail.to_lowercase());
    let is_compound = first.is_uppercase()
        || CLITICS.contains(&tail.as_str())
        || !lexicon::is_french(&format!("{head}{tail}"))
            && (PREFIXES.contains(&head.as_str()) || are_words(&head, &tail));
    let hyphen = if is_compound { "-" } else { "" };
    Some(format!("{start}{hyphen}{end}"))
}

/// Whether both parts are words by themselves, as in `porte-parole`, not syllables.
fn are_words(head: &str, tail: &str) -> bool {
    let is_word = |part: &str| part.chars().count() > 3 && lexicon::is_french(part);
    is_word(head) && is_word(tail)
}

/// Whether lines number pages: one that nothing else can be, or several numbers that rise.
fn has_page_numbers(text: &str) -> bool {
    let numbers = text.lines().filter(|line| is_page_number(line));
    let is_plain = |line: &&str| line.trim().bytes().all(|b| b.is_ascii_digit());
    let (plain, marked): (Vec<&str>, Vec<&str>) = numbers.partition(is_plain);
    let values: Vec<u32> = plain
        .iter()
        .filter_map(|line| line.trim().parse().ok())
        .collect();
    let rises = values.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    values.is_empty() && !marked.is_empty() || values.len() > 1 && rises
}

/// `— 14 —`, `Page 3 sur 12`, `3/12`, `14`
fn is_page_number(line: &str) -> bool {
    /// Bytes of the longest, with room for blanks.
    const LONGEST: usize = 80;
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?i:[-–—]\s*[0-9]{1,4}\s*[-–—]|pages?\s+[0-9]{1,4}(?:\s*(?:sur|/|de)\s*[0-9]{1,4})?|p\.\s*[0-9]{1,4}|[0-9]{1,3}\s*/\s*[0-9]{1,3}|[0-9]{1,4})$")
            .expect("the pattern is valid")
    });
    let line = line.trim();
    let has_digit = || line.bytes().any(|byte| byte.is_ascii_digit());
    line.len() <= LONGEST && has_digit() && NUMBER.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::undone;

    #[test]
    fn divided_words_are_whole_and_compounds_keep_their_hyphen() {
        for (text, wanted) in [
            (
                "Le conseil a dé-\ncidé de fermer.",
                "Le conseil a décidé\nde fermer.",
            ),
            ("le bassin, ou-\nvert en 1974", "le bassin, ouvert\nen 1974"),
            ("au prin¬\ntemps .", "au printemps\n."),
            ("l'arrière-\npetite-fille", "l'arrière-petite-fille\n"),
            ("Mme Saint-\nAubin, qui", "Mme Saint-Aubin,\nqui"),
            ("le porte-\nparole du maire", "le porte-parole\ndu maire"),
            ("a-t-\nil dit", "a-t-il\ndit"),
            ("4,3 mil-\nlions d'euros", "4,3 millions\nd'euros"),
            ("une liste :\n- un\n- deux", "une liste :\n- un\n- deux"),
            ("de 2010-\n2011, puis", "de 2010-\n2011, puis"),
        ] {
            assert_eq!(undone(text).trim_end(), wanted.trim_end(), "{text}");
        }
    }

    #[test]
    fn lines_of_typeset_text_are_joined() {
        let text = "ONZE MOIS\n\nLe conseil a dé-\ncidé de fermer la pis-\ncine de Verzac.\nElle rouvrira.\n\n- un\n- deux\n";
        assert_eq!(
            undone(text),
            "ONZE MOIS\n\nLe conseil a décidé de fermer la piscine de Verzac. Elle rouvrira.\n\n- un\n- deux\n"
        );
    }

    #[test]
    fn page_numbers_go_and_other_numbers_stay() {
        assert_eq!(undone("Un nageur .\n— 14 —\nDeux."), "Un nageur .\nDeux.");
        // Digits of other scripts.
        assert_eq!(undone("\u{1FBF0}0\n"), "\u{1FBF0}0\n");
        assert_eq!(undone("Un.\n3\nDeux.\n4\nTrois."), "Un.\nDeux.\nTrois.");
        assert_eq!(undone("Un.\nPage 2 sur 9\nDeux."), "Un.\nDeux.");
        for text in ["Le score :\n14\n", "Total\n12\n40\n"] {
            assert_eq!(undone(text), text);
        }
    }
}
