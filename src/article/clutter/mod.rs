//! Lines that are no part of an article, known by their words: consent, offers, newsletters,
//! advertisements, related links, comments, buttons. One table for all formats: `table.tsv`.
//!
//! A line is taken for one of these only if all of its sentences are. What the article itself says
//! about subscriptions or cookies says something else as well.

use std::sync::LazyLock;

use french::text::without_accents;
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

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

struct Row {
    reason: Reason,
    effect: Effect,
}

struct Table {
    rows: Vec<Row>,
    /// The pattern of each row.
    patterns: RegexSet,
    /// All of them: finds most lines out at their first word.
    any: Regex,
}

/// Memory for the states of the patterns. With less, they are matched a hundred times slower.
const STATES: usize = 48 << 20;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (mut rows, mut patterns) = (Vec::new(), Vec::new());
    for line in include_str!("table.tsv").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (row, pattern) = row_of(line).expect("the table is valid");
        patterns.push(format!("^(?:{})$", pattern.replace('@', "[^.!?]*")));
        rows.push(row);
    }
    // On bytes, because the classes of characters are those of ASCII.
    let any = RegexBuilder::new(&patterns.join("|"))
        .unicode(false)
        .dfa_size_limit(STATES)
        .build()
        .expect("the table is valid");
    let patterns = RegexSetBuilder::new(patterns)
        .unicode(false)
        .dfa_size_limit(STATES)
        .build()
        .expect("the table is valid");
    Table {
        rows,
        patterns,
        any,
    }
});

fn row_of(line: &str) -> Option<(Row, &str)> {
    let mut columns = line.splitn(3, '\t');
    let (reason, effect, pattern) = (columns.next()?, columns.next()?, columns.next()?);
    let reason = Reason::NAMES.iter().find(|(name, _)| *name == reason)?.1;
    let effect = match effect {
        "line" => Effect::Line,
        "rest" => Effect::Rest,
        "end" => Effect::End,
        "last" => Effect::Last,
        "cut" => Effect::Cut,
        _ => return None,
    };
    Some((Row { reason, effect }, pattern))
}

/// Longer lines are prose.
const LONGEST: usize = 500;
/// Longer lines are prose unless they have one of the words of such lines.
const LONG: usize = 110;

/// Words, or parts of them, of long lines that are no part of an article. Finds most prose out.
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
    if line.len() > LONGEST || line.len() > LONG && !TELLING.is_match(line.as_bytes()) {
        return None;
    }
    static TEASER: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new(
            r"^\W*(?:a )?(?:re)?(?:lire|voir|ecouter) ?(?:aussi(?-u:\b)|egalement(?-u:\b)|:|\|)",
        )
        .expect("the pattern is valid")
    });
    if is_caption(line) {
        return Some((Reason::Copyright, Effect::Line));
    }
    let is_sentence = line.trim_end().ends_with('.');
    let line = folded(line);
    if line.len() < 200 && !is_sentence && TEASER.is_match(&line) {
        let is_label = row(&line).is_some_and(|(_, effect)| effect == Effect::Rest);
        let effect = if is_label { Effect::Rest } else { Effect::Line };
        return Some((Reason::Related, effect));
    }
    if let Some(found) = row(&line) {
        return Some(found);
    }
    // A menu on one line.
    let is_short = line.len() < 150;
    let mut words = line
        .split([' ', '|', '/', '>', '›'])
        .filter(|word| !word.is_empty());
    let is_section = |word: &str| matches!(row(word), Some((Reason::Navigation, _)));
    if is_short && words.clone().count() > 2 && words.all(is_section) {
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

/// Whether `line` ends with who took a photograph: `La piscine, le 3 mars. (B. MOURIER / AFP)`.
fn is_caption(line: &str) -> bool {
    static CREDIT: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new(
            r"(?x)
            \([^()\p{Ll}]{0,40}/[^()\p{Ll}]{2,40}\)\s*$
            | ©\s?[^©.!?]{2,60}$
            | (?:[|–—(-]|[.!?])\s(?:Photos?|PHOTOS?|Crédits?|CRÉDITS?)(?:\sd'archives?|\sARCHIVES?)?\s?:?\s\p{Lu}[^.!?]{1,50}$",
        )
        .expect("the pattern is valid")
    });
    let line = line.trim_end();
    let signs = ["©", "hoto", "HOTO", "rédit", "RÉDIT"];
    let has_sign =
        line.ends_with(')') && line.contains('/') || signs.iter().any(|sign| line.contains(sign));
    line.len() < 350 && has_sign && CREDIT.is_match(line)
}

fn row(part: &str) -> Option<(Reason, Effect)> {
    // Words in quotation marks are somebody's.
    let part = part.trim_matches(|c: char| !is_word(c) && !matches!(c, '«' | '"' | '“'));
    let table = &*TABLE;
    if !table.any.is_match(part.as_bytes()) {
        return None;
    }
    let rows = table.patterns.matches(part.as_bytes()).into_iter();
    // Of several with the same effect, the first.
    let row = rows
        .map(|i| &table.rows[i])
        .rev()
        .max_by_key(|row| row.effect)?;
    Some((row.reason, row.effect))
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
    let mut folded = String::with_capacity(line.len());
    for c in line.trim().chars() {
        match c {
            ' ' if folded.ends_with(' ') => {}
            ' '..='~' => folded.push(c.to_ascii_lowercase()),
            'à' | 'â' | 'À' | 'Â' => folded.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => folded.push('e'),
            'î' | 'ï' | 'Î' | 'Ï' => folded.push('i'),
            'ô' | 'Ô' => folded.push('o'),
            'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => folded.push('u'),
            'ç' | 'Ç' => folded.push('c'),
            '\u{2019}' => folded.push('\''),
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}' => {}
            c if c.is_whitespace() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c if !c.is_alphabetic() && !is_combining_mark(c) => folded.push(c),
            c => {
                let plain = without_accents(c.encode_utf8(&mut [0; 4]));
                folded.extend(plain.chars().flat_map(char::to_lowercase));
            }
        }
    }
    folded
}

#[cfg(test)]
mod tests;
