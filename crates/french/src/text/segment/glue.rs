//! Sentences that begin without a blank before them: `fin.Le début`, and headings that news sites
//! glue to the text below them. The parent module decides on sentences after a blank.

use super::abbreviations::Stop;
use super::{LONGEST_HEADING, Scan, Start, abbreviations, first_word, opens};

/// Words that never end a sentence: a capital glued to one only lacks a blank.
const CANNOT_END: &[&str] = &[
    "au", "aux", "avec", "ce", "ces", "cette", "chez", "dans", "de", "des", "du", "en", "et", "la",
    "le", "les", "leur", "leurs", "mais", "ne", "nos", "notre", "ou", "où", "par", "pour", "que",
    "qui", "sa", "sans", "se", "selon", "ses", "son", "sous", "sur", "un", "une", "vers",
];

impl Scan<'_> {
    /// The end of a heading as agencies write it: `- Heading -Text`, or `- Heading - Text` if a
    /// sentence clearly opens.
    pub(super) fn heading_end(&self, at: usize) -> Option<usize> {
        let heading = self.sentence_to(at).trim();
        if !self.starts_with_dash() || heading.len() < 3 || heading.len() > LONGEST_HEADING {
            return None;
        }
        let blank_before = self.before(at).ends_with(char::is_whitespace);
        let rest = self.after(at + 1);
        let opens = match rest.chars().next()? {
            c if c.is_whitespace() => {
                matches!(opens(rest), Some(Start::Capital(word, after)) if abbreviations::is_opener(word, after))
            }
            c => c.is_uppercase() || c.is_ascii_digit() || matches!(c, '"' | '«' | '“'),
        };
        (blank_before && opens).then_some(at + 1)
    }

    /// Whether a sentence opens directly after a terminator and its closing marks: yes in
    /// `fin.Le début`, no in `S.A.R.L.`, `www.Exemple.fr` and `M.Dupont`.
    pub(super) fn follows_without_blank(
        &self,
        at: usize,
        end: usize,
        marks: &str,
        closed: bool,
    ) -> bool {
        let rest = self
            .after(end)
            .trim_start_matches(['"', '«', '“', '(', '\u{a0}']);
        let (word, after) = first_word(rest);
        let capitalised = word.starts_with(char::is_uppercase);
        if !capitalised || self.in_address(at) {
            return false;
        }
        let whole = !word.chars().skip(1).any(char::is_uppercase)
            && (word.chars().nth(1).is_some() || abbreviations::is_opener(word, after));
        if marks != "." || closed {
            return whole;
        }
        let sentence = self.sentence_to(at);
        let before = sentence.trim_end_matches(char::is_alphanumeric);
        let last = &sentence[before.len()..];
        match last.chars().next_back() {
            // It may be a version or a chess move: after a number, only a known opener counts.
            Some(c) if c.is_numeric() => abbreviations::is_opener(word, after),
            Some(_) => {
                whole
                    && last.chars().nth(1).is_some()
                    && !before.ends_with('.')
                    && abbreviations::stop_after(sentence) == Stop::Word
            }
            None => whole && !sentence.ends_with(|c: char| c.is_whitespace() || c == '.'),
        }
    }

    /// Whether the capital at `at` opens a sentence although there is no blank before it: a
    /// lower-case word is glued to a capitalised one, or any word to one that opens sentences.
    /// `YouTube`, `iPhone`, `McDonald`, `LaREM`, `BlaBlaCar` and `#BalanceTonPorc` are single
    /// words.
    pub(super) fn glued_start(&self, at: usize) -> bool {
        let before = self.sentence_to(at);
        let (word, after) = first_word(self.after(at));
        let opener = || abbreviations::may_open(word, after);
        if before.ends_with(['»', ')']) || before.ends_with('"') && !self.quoted {
            return opener();
        }
        let head = before.trim_end_matches(char::is_alphanumeric);
        let left = &before[head.len()..];
        let tied = |c: char| matches!(c, '@' | '#' | '/' | '_' | '.' | '&' | '=' | '\\');
        let is_simple = |word: &str| !word.chars().skip(1).any(char::is_uppercase);
        if left.is_empty()
            || head.ends_with(tied)
            || head.ends_with('-') && !opener()
            || after.starts_with(tied)
            || after.starts_with('-')
            || !is_simple(word)
            || self.in_address(at)
        {
            return false;
        }
        let long = |word: &str, n: usize| word.chars().nth(n - 1).is_some();
        if left.chars().all(char::is_lowercase) {
            long(left, 2) && !CANNOT_END.contains(&left) && (long(word, 2) || opener())
        } else if left.chars().all(|c| c.is_ascii_digit()) {
            long(word, 2) && opener()
        } else if left.chars().all(|c| c.is_uppercase() || c.is_ascii_digit()) {
            // A heading in capitals: `UN PROGRAMME INTENSIFPour retrouver`.
            long(left, 4) && long(word, 2) && opener()
        } else {
            let is_word = is_simple(left) && left.chars().all(char::is_alphabetic);
            long(left, 3) && is_word && word != "A" && opener()
        }
    }

    /// Whether the token around `at` is an e-mail or web address.
    fn in_address(&self, at: usize) -> bool {
        let before = self.sentence_to(at).rsplit(char::is_whitespace).next();
        let after = self.after(at).split(char::is_whitespace).next();
        [before, after]
            .into_iter()
            .flatten()
            .any(|part| part.contains('@') || part.contains("://") || part.starts_with("www"))
    }
}
