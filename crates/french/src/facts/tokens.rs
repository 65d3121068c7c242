//! Words, numbers and marks of a sentence in its reading form. Not the tokens of a model.

use super::classes::{Class, Classes, classes_of};
use super::types::{SentenceId, SourceSentence};
use crate::text::numbers::length_in_reading;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Letters, with the hyphens, digits and apostrophes inside them; an elided article is a word
    /// of its own and keeps its apostrophe: `l'`.
    Word,
    /// Digits as written, with thousands separators and decimals.
    Number,
    /// One character of anything else.
    Mark,
}

/// A word, number or mark where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    /// The byte of the sentence at which it begins.
    pub start: usize,
    pub kind: TokenKind,
    /// Whether it opens its sentence or follows white space.
    pub spaced: bool,
    /// Of the word in lower case, or of the number.
    pub classes: Classes,
}

impl Token<'_> {
    /// The byte after its last.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is_word(&self) -> bool {
        self.kind == TokenKind::Word
    }

    /// Whether the word, in lower case, is in the class.
    pub(super) fn is(&self, class: Class) -> bool {
        self.classes.has(class)
    }

    /// Whether the word is in the class and does not begin with a capital.
    pub(super) fn is_lower(&self, class: Class) -> bool {
        self.is(class) && !starts_upper(self.text)
    }

    /// Whether it is a verb of saying, in lower case: `Rappelle` opens an imperative.
    pub(super) fn says(&self) -> bool {
        self.is_lower(Class::Speech)
    }

    /// A word that starts with a capital, or has one after a hyphen: `al-Kazimi`.
    pub(super) fn is_capitalised(&self) -> bool {
        self.is_word()
            && (starts_upper(self.text)
                || self
                    .text
                    .split_once('-')
                    .is_some_and(|(first, rest)| first.len() <= 3 && starts_upper(rest)))
    }

    /// At least two letters, all of them capitals: `OTAN`, `G20`, `AC-130`.
    pub(super) fn is_all_caps(&self) -> bool {
        self.is_word()
            && self.text.chars().filter(|c| c.is_alphabetic()).count() >= 2
            && self.text.chars().all(|c| !c.is_lowercase())
    }
}

/// A sentence with its words.
pub(super) struct TokenizedSentence<'a> {
    pub id: SentenceId,
    pub paragraph: usize,
    pub text: &'a str,
    pub tokens: Vec<Token<'a>>,
    /// The classes of all its tokens.
    pub classes: Classes,
}

impl<'a> TokenizedSentence<'a> {
    pub(super) fn new(sentence: SourceSentence<'a>) -> Self {
        let SourceSentence {
            id,
            paragraph,
            text,
        } = sentence;
        let tokens = tokenize(text);
        let classes = tokens.iter().map(|token| token.classes);
        Self {
            id,
            paragraph,
            text,
            classes: classes.fold(Classes::default(), Classes::union),
            tokens,
        }
    }

    /// A sentence by itself.
    #[cfg(test)]
    pub(super) fn alone(text: &'a str) -> Self {
        Self::new(SourceSentence {
            id: SentenceId(0),
            paragraph: 0,
            text,
        })
    }
}

pub(super) fn tokenized<'a>(sentences: &[SourceSentence<'a>]) -> Vec<TokenizedSentence<'a>> {
    sentences
        .iter()
        .copied()
        .map(TokenizedSentence::new)
        .collect()
}

fn classes_of_word(word: &str) -> Classes {
    let mut classes = classes_of(word);
    // `mi-juin`, `ce jour-là`
    if word.contains('-') {
        let parts = word.split('-').map(|part| classes_of(part).of_dates());
        classes = parts.fold(classes, Classes::union);
    }
    // `mi-2010`
    match word.contains(|c: char| c.is_ascii_digit()) {
        true => classes.and(Class::Digits),
        false => classes,
    }
}

fn classes_of_number(digits: &str) -> Classes {
    let is_year = |year: u16| digits.len() == 4 && (1000..=2100).contains(&year);
    let classes = Classes::of(Class::Digits);
    match digits.parse().is_ok_and(is_year) {
        true => classes.and(Class::Year),
        false => classes,
    }
}

pub(super) fn starts_upper(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase)
}

/// Verb and pronoun of `explique-t-il`, `a-t-elle`, `faut-il`, `rappelons-le`.
pub(super) fn inverted(word: &str) -> Option<(&str, &str)> {
    const PRONOUNS: [&str; 17] = [
        "-t-il", "-t-elle", "-t-ils", "-t-elles", "-t-on", "-il", "-elle", "-ils", "-elles", "-on",
        "-je", "-tu", "-nous", "-vous", "-ce", "-moi", "-le",
    ];
    let pronoun = PRONOUNS.iter().find(|pronoun| word.ends_with(*pronoun))?;
    Some((word.strip_suffix(pronoun)?, pronoun))
}

/// Words that lose their last vowel before another: `l'`, `jusqu'`.
const ELISIONS: [&str; 13] = [
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu",
];

pub(super) fn tokenize(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let rest = &text[at..];
        let (length, kind) = if first.is_ascii_digit() {
            (length_in_reading(rest), TokenKind::Number)
        } else if first.is_alphanumeric() {
            (word_length(rest), TokenKind::Word)
        } else {
            (first.len_utf8(), TokenKind::Mark)
        };
        let word = &rest[..length];
        tokens.push(Token {
            text: word,
            start: at,
            kind,
            spaced: text[..at]
                .chars()
                .next_back()
                .is_none_or(char::is_whitespace),
            classes: match kind {
                TokenKind::Word => classes_of_word(word),
                TokenKind::Number => classes_of_number(word),
                TokenKind::Mark => Classes::default(),
            },
        });
        at += length;
    }
    tokens
}

fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_alphanumeric() {
            continue;
        }
        let joins = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        match c {
            '-' | '‑' if joins => {}
            '\'' if joins => {
                let before = &text[..at];
                // `N'Golo` and `D'Artagnan` are one word: only a following lower-case word shows
                // that an upper-case elision opens a sentence.
                if ELISIONS.contains(&before.to_lowercase().as_str()) {
                    return at + 1;
                }
            }
            '\'' if ELISIONS.contains(&text[..at].to_lowercase().as_str()) => return at + 1,
            _ => return at,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokenize(text).iter().map(|token| token.text).collect()
    }

    #[test]
    fn elided_articles_are_words_but_inner_apostrophes_are_not() {
        assert_eq!(
            texts("L'Irak d'aujourd'hui, qu'O'Connor"),
            ["L'", "Irak", "d'", "aujourd'hui", ",", "qu'", "O'Connor"]
        );
    }

    #[test]
    fn numbers_keep_thousands_and_decimals_and_nothing_else() {
        assert_eq!(texts("1 425,67 €"), ["1 425,67", "€"]);
        assert_eq!(texts("15.000 à 20.000."), ["15.000", "à", "20.000", "."]);
        assert_eq!(texts("en 2010 300 morts"), ["en", "2010", "300", "morts"]);
        assert_eq!(texts("le 3."), ["le", "3", "."]);
        assert_eq!(
            texts("15H41 le 11e KC-130"),
            ["15", "H41", "le", "11", "e", "KC-130"]
        );
    }

    #[test]
    fn inverted_verbs_are_cut_from_their_pronouns() {
        assert_eq!(inverted("explique-t-il"), Some(("explique", "-t-il")));
        assert_eq!(inverted("dit-elle"), Some(("dit", "-elle")));
        assert_eq!(inverted("estime-t-on"), Some(("estime", "-t-on")));
        assert_eq!(inverted("Faut-il"), Some(("Faut", "-il")));
        assert_eq!(inverted("persil"), None);
    }

    proptest! {
        #[test]
        fn tokens_hold_every_character_but_space(text in "[ \\-a-zA-Zé0-9,.'«»l]{0,60}") {
            let kept: String = tokenize(&text).iter().map(|t| &text[t.start..t.end()]).collect();
            let without = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(without(&kept), without(&text));
        }
    }
}
