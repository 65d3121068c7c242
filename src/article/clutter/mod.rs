//! Lines that are no part of an article, known by their words: consent, offers, newsletters,
//! advertisements, related links, comments, buttons. One table for all formats: `table.tsv`.
//!
//! A line is taken for one of these only if all of its sentences are. What the article itself says
//! about subscriptions or cookies says something else as well.

mod caption;
mod table;

use std::sync::LazyLock;

use french::text::without_accents;
use regex::bytes::Regex;
use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

use caption::is_caption;
use table::{Begins, begins, may_be_hinted, row};

/// Why a block is left out of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// About cookies and consent.
    Consent,
    /// What only subscribers may read.
    Paywall,
    /// Subscriptions, gifts, sales.
    Offer,
    Newsletter,
    Advertisement,
    /// Leads to other articles.
    Related,
    /// Buttons: share, print, save.
    Share,
    /// Comments of readers.
    Comments,
    /// Numbered, at the end of the article.
    Note,
    /// Rights, and who took the photograph.
    Copyright,
    /// Greetings and hours of a live blog.
    Live,
    /// Menus and headings of sections of the site.
    Navigation,
    /// Says who wrote the article, and when.
    Byline,
    /// Repeats the title.
    Title,
    /// Stands there twice.
    Repeated,
    /// Repeats the words of a paragraph in large letters.
    PullQuote,
    /// Outside of the article on the page.
    Outside,
}

impl Reason {
    const NAMES: [(&str, Self); 12] = [
        ("consent", Self::Consent),
        ("paywall", Self::Paywall),
        ("offer", Self::Offer),
        ("newsletter", Self::Newsletter),
        ("advertisement", Self::Advertisement),
        ("related", Self::Related),
        ("share", Self::Share),
        ("comments", Self::Comments),
        ("copyright", Self::Copyright),
        ("live", Self::Live),
        ("navigation", Self::Navigation),
        ("byline", Self::Byline),
    ];

    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Consent => "cookies and consent",
            Self::Paywall => "for subscribers only",
            Self::Offer => "an offer",
            Self::Newsletter => "a newsletter",
            Self::Advertisement => "an advertisement",
            Self::Related => "leads to other articles",
            Self::Share => "a button",
            Self::Comments => "comments",
            Self::Note => "a note",
            Self::Copyright => "rights and sources",
            Self::Live => "greetings and hours of a live blog",
            Self::Navigation => "a menu",
            Self::Byline => "who wrote it, and when",
            Self::Title => "repeats the title",
            Self::Repeated => "stands there twice",
            Self::PullQuote => "repeats words of a paragraph",
            Self::Outside => "outside of the article",
        }
    }
}

/// What such a line says of those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Line,
    /// The labels below it belong to it.
    Rest,
    /// All below it belongs to it, if it stands low.
    End,
    /// The article is cut off if it stands below all of the text.
    Last,
    /// The article is cut off.
    Cut,
}

/// Longer lines are prose.
const LONGEST: usize = 500;
/// Longer lines are no menus.
const LONGEST_MENU: usize = 150;
/// Longer lines do not lead to another article.
const LONGEST_TEASER: usize = 200;
/// Longer lines are prose unless they have one of the words of such lines.
const LONG: usize = 110;
/// Of longer lines, the beginning is looked at first, this many bytes.
const BEGINNING: usize = 48;

/// Words, or parts of them, of long lines that are no part of an article.
static TELLING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "cookie|traceur|partenaires|ublicit|ewsletter|bonn|ettre d|onsent|appareil|article|droits|\
         confidentialit|personnel|nscri|application|©|engagement|soutien|actualit|mail|direct|\
         hoto|HOTO|rédit|/|\\||·|•|>|offre|€|naviga|site|don |dons |compte|avaScript|info|@",
    )
    .expect("the pattern is valid")
});

/// What `line` is if it is no part of an article.
pub(super) fn clutter(line: &str) -> Option<(Reason, Effect)> {
    if line.len() > LONGEST
        || line.len() > BEGINNING && !may_be_clutter(line)
        || line.len() > LONG && !TELLING.is_match(line.as_bytes())
    {
        return None;
    }
    if is_caption(line) {
        return Some((Reason::Copyright, Effect::Line));
    }
    let is_sentence = line.trim_end().ends_with('.');
    let line = folded(line);
    if line.len() < LONGEST_TEASER && !is_sentence && is_teaser(&line) {
        let is_label = row(&line).is_some_and(|(_, effect)| effect == Effect::Rest);
        let effect = if is_label { Effect::Rest } else { Effect::Line };
        return Some((Reason::Related, effect));
    }
    if let Some(found) = row(&line) {
        return Some(found);
    }
    let is_short = line.len() < LONGEST_MENU;
    if is_short && words(&line).nth(2).is_some() && words(&line).all(is_section) {
        return Some((Reason::Navigation, Effect::Line));
    }
    let mut strongest: Option<(Reason, Effect)> = None;
    for part in parts(&line) {
        let (reason, effect) = row(part)?;
        if strongest.is_none_or(|(_, other)| effect > other) {
            strongest = Some((reason, effect));
        }
    }
    strongest
}

/// The words of a menu on one line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split([' ', '|', '/', '>', '›']);
    words.filter(|word| !word.is_empty())
}

fn is_section(word: &str) -> bool {
    matches!(row(word), Some((Reason::Navigation, _)))
}

/// Whether a line may be such a line by its first words and its end. Finds nearly all prose out.
fn may_be_clutter(line: &str) -> bool {
    let is_menu = || {
        let first = folded(line.split_whitespace().next().unwrap_or_default());
        line.len() < 2 * LONGEST_MENU && words(&first).next().is_some_and(is_section)
    };
    let begins = match begins(line) {
        Begins::AsRow => true,
        Begins::WithWord => is_menu(),
        Begins::Otherwise => false,
    };
    begins || may_be_hinted(line) || may_be_teaser(line) || is_caption(line)
}

/// Whether a folded line leads to another article: `▶ a lire aussi : le pont ferme`.
fn is_teaser(line: &str) -> bool {
    static TEASER: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new(
            r"^\W*(?:a )?(?:re)?(?:lire|voir|ecouter) ?(?:aussi(?-u:\b)|egalement(?-u:\b)|:|\|)",
        )
        .expect("the pattern is valid")
    });
    TEASER.is_match(line)
}

/// Whether a line may be a teaser by its first letters.
fn may_be_teaser(line: &str) -> bool {
    let found = line.chars().filter(|c| c.is_alphanumeric());
    let mut letters = ['-'; 5];
    for (letter, c) in letters.iter_mut().zip(found) {
        *letter = plain(c).unwrap_or(c);
    }
    matches!(
        letters,
        ['a', 'l' | 'v' | 'e' | 'r', ..]
            | ['r', 'e', 'l' | 'v' | 'e', ..]
            | ['l', 'i', 'r', 'e', _]
            | ['v', 'o', 'i', 'r', _]
            | ['e', 'c', 'o', 'u', 't']
    )
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '©' | '(' | ')' | '€' | '+')
}

/// Sentences, and what stands between bars and dots.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let mut ends = rest.char_indices().filter(|&(at, c)| match c {
                '|' => true,
                '·' | '•' => rest[..at].ends_with(' '),
                '.' | '!' | '?' | '…' => rest[at + c.len_utf8()..].starts_with(' '),
                _ => false,
            });
            let (at, after) = ends
                .next()
                .map_or((rest.len(), rest.len()), |(at, c)| (at, at + c.len_utf8()));
            let part = &rest[..at];
            rest = &rest[after..];
            if part.contains(is_word) {
                return Some(part);
            }
        }
        None
    })
}

/// `line` in lower case without accents, with plain spaces and apostrophes.
pub(super) fn folded(line: &str) -> String {
    let line = line.trim();
    let mut folded = String::with_capacity(line.len());
    let mut after_blank = false;
    for c in line.chars() {
        if let Some(plain) = plain(c) {
            if plain != ' ' || !after_blank {
                folded.push(plain);
            }
            after_blank = plain == ' ';
        } else if !is_left_out(c) {
            let plain = without_accents(c.encode_utf8(&mut [0; 4]));
            let length = folded.len();
            folded.extend(plain.chars().flat_map(char::to_lowercase));
            after_blank &= folded.len() == length;
        }
    }
    folded
}

/// A character as [`folded`] has it, if that is one character that is easy to tell.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '!'..='~' => c.to_ascii_lowercase(),
        c if c.is_whitespace() => ' ',
        'à' | 'â' | 'À' | 'Â' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'î' | 'ï' | 'Î' | 'Ï' => 'i',
        'ô' | 'Ô' => 'o',
        'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ç' | 'Ç' => 'c',
        '\u{2019}' => '\'',
        c if is_left_out(c) || c.is_alphabetic() || is_combining_mark(c) => return None,
        c => c,
    })
}

/// Whether a folded line lacks the character, which has no width.
fn is_left_out(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests;
