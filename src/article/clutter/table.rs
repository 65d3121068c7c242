//! The table of lines: which of its patterns a part of a line matches.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind, PatternSet};

use super::{Effect, Reason, is_word, plain};

#[derive(Clone, Copy)]
struct Row {
    reason: Reason,
    effect: Effect,
}

struct Table {
    /// Those whose patterns begin with words of their own, in order.
    rows: Vec<Row>,
    /// Their patterns, which most lines fail at their first word.
    patterns: DFA,
    /// The others.
    hinted: Vec<Hinted>,
    /// All their hints of more than a byte, as they may be written, and those of one.
    hints: Regex,
    bytes: Vec<u8>,
}

/// A row whose pattern may begin with any words, and what it has to contain.
struct Hinted {
    row: Row,
    hints: Vec<Finder<'static>>,
    pattern: Regex,
}

impl Hinted {
    fn is_match(&self, part: &str) -> bool {
        let part = part.as_bytes();
        let mut hints = self.hints.iter();
        hints.any(|hint| hint.find(part).is_some()) && self.pattern.is_match(part)
    }
}

/// Memory for the states of the patterns. With less, they are matched a hundred times slower.
const STATES: usize = 48 << 20;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (mut rows, mut patterns, mut hinted) = (Vec::new(), Vec::new(), Vec::new());
    let lines = include_str!("table.tsv").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (row, hints, pattern) = row_of(line).expect("the table is valid");
        let Some(hints) = hints else {
            rows.push(row);
            patterns.push(pattern);
            continue;
        };
        hinted.push(Hinted {
            row,
            hints: hints.split('|').map(Finder::new).collect(),
            pattern: bytes(&pattern),
        });
    }
    let hints = hinted.iter().flat_map(|hinted| &hinted.hints);
    let hints = hints.filter_map(|hint| std::str::from_utf8(hint.needle()).ok());
    let (single, hints): (Vec<&str>, Vec<&str>) = hints.partition(|hint| hint.len() == 1);
    let hints = hints.iter().flat_map(|hint| {
        let capital = hint[..1].to_uppercase() + &hint[1..];
        [(*hint).to_owned(), capital, hint.to_uppercase()]
    });
    let hints: Vec<String> = hints.map(|hint| regex::escape(&hint)).collect();
    Table {
        rows,
        patterns: automaton(&patterns),
        hints: bytes(&hints.join("|")),
        bytes: single.iter().flat_map(|hint| hint.bytes()).collect(),
        hinted,
    }
});

/// Room to match [`Table::patterns`].
struct Room {
    cache: Cache,
    matched: PatternSet,
}

static ROOM: LazyLock<Pool<Room>> = LazyLock::new(|| {
    Pool::new(|| Room {
        cache: TABLE.patterns.create_cache(),
        matched: PatternSet::new(TABLE.patterns.pattern_len()),
    })
});

/// On bytes, because the classes of characters are those of ASCII.
fn bytes(pattern: &str) -> Regex {
    let mut builder = RegexBuilder::new(pattern);
    builder.unicode(false).build().expect("the table is valid")
}

fn automaton(patterns: &[String]) -> DFA {
    let all = DFA::config().match_kind(MatchKind::All);
    DFA::builder()
        .configure(all.cache_capacity(STATES))
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .thompson(thompson::Config::new().utf8(false))
        .build_many(patterns)
        .expect("the table is valid")
}

/// A row, the hints that stand before its pattern, and the pattern.
fn row_of(line: &'static str) -> Option<(Row, Option<&'static str>, String)> {
    let mut columns = line.splitn(3, '\t');
    let (reason, effect, pattern) = (columns.next()?, columns.next()?, columns.next()?);
    let (hints, pattern) = match pattern.strip_prefix('{') {
        Some(rest) => rest
            .split_once("} ")
            .map(|(hints, rest)| (Some(hints), rest))?,
        None => (None, pattern),
    };
    let pattern = format!("^(?:{})$", pattern.replace('@', "[^.!?]*"));
    let reason = Reason::NAMES.iter().find(|(name, _)| *name == reason)?.1;
    let effect = match effect {
        "line" => Effect::Line,
        "rest" => Effect::Rest,
        "end" => Effect::End,
        "last" => Effect::Last,
        "cut" => Effect::Cut,
        _ => return None,
    };
    Some((Row { reason, effect }, hints, pattern))
}

/// What the row says that `part`, a part of a folded line, matches as a whole. Of several, the one
/// with the strongest effect, of these the first.
pub(super) fn row(part: &str) -> Option<(Reason, Effect)> {
    let part = part
        .trim_end_matches(is_margin)
        .trim_start_matches(is_margin);
    let (table, mut room) = (&*TABLE, ROOM.get());
    let Room { cache, matched } = &mut *room;
    matched.clear();
    let input = Input::new(part).anchored(Anchored::Yes);
    // It gives up on nothing, having no limit but its memory, which it clears.
    let searched = table
        .patterns
        .try_which_overlapping_matches(cache, &input, matched);
    debug_assert!(searched.is_ok(), "{searched:?}");
    let is_hinted = |hinted: &&Hinted| hinted.is_match(part);
    if matched.is_empty() && !table.hinted.iter().any(|hinted| is_hinted(&hinted)) {
        return None;
    }
    let found = matched.iter().map(|pattern| table.rows[pattern.as_usize()]);
    let hinted = table.hinted.iter().filter(is_hinted);
    let rows: Vec<Row> = found.chain(hinted.map(|hinted| hinted.row)).collect();
    let row = rows.iter().rev().max_by_key(|row| row.effect)?;
    Some((row.reason, row.effect))
}

/// What does not count at the ends of a part. Words in quotation marks are somebody's.
fn is_margin(c: char) -> bool {
    !is_word(c) && !matches!(c, '«' | '"' | '“')
}

/// How a line begins.
pub(super) enum Begins {
    /// So that it, or its first part, may have a row.
    AsRow,
    /// With a word that may have one.
    WithWord,
    Otherwise,
}

/// How a line that is not folded begins. Most prose is told by a few letters.
pub(super) fn begins(line: &str) -> Begins {
    /// Characters after which the line is looked at as a whole.
    const MOST: usize = 48;
    let (patterns, mut room) = (&TABLE.patterns, ROOM.get());
    let cache = &mut room.cache;
    let input = Input::new("").anchored(Anchored::Yes);
    let Ok(mut state) = patterns.start_state_forward(cache, &input) else {
        return Begins::AsRow;
    };
    let line = line.trim_start_matches(is_margin);
    let (mut before, mut has_word) = ('a', false);
    for (at, c) in line.char_indices().take(MOST) {
        let Some(plain) = plain(c) else {
            return Begins::AsRow;
        };
        has_word |= plain == ' ';
        if plain == ' ' && before == ' ' {
            continue;
        }
        before = plain;
        for &byte in plain.encode_utf8(&mut [0; 4]).as_bytes() {
            match patterns.next_state(cache, state, byte) {
                Ok(next) if next.is_dead() => {
                    // The part may have ended there, or before the blank there.
                    let mut rest = line[at..].chars();
                    let read = line[..at].chars().chain(rest.by_ref().take(2));
                    let is_mark = |c| matches!(c, '.' | '!' | '?' | '…' | '|' | '·' | '•');
                    return match has_word {
                        _ if read.into_iter().any(is_mark) => Begins::AsRow,
                        true => Begins::WithWord,
                        false => Begins::Otherwise,
                    };
                }
                Ok(next) => state = next,
                Err(_) => return Begins::AsRow,
            }
        }
    }
    Begins::AsRow
}

/// Whether a line that is not folded may match a pattern that begins with any words.
pub(super) fn may_be_hinted(line: &str) -> bool {
    /// What may stand before a hint, in words and in bytes.
    const BEFORE: (usize, usize) = (12, 80);
    let mut blanks = memchr::memchr_iter(b' ', line.as_bytes());
    let words = blanks.nth(BEFORE.0).unwrap_or(line.len());
    let beginning = &line.as_bytes()[..words.max(BEFORE.1).min(line.len())];
    let has = |byte: &u8| memchr::memchr(*byte, beginning).is_some();
    TABLE.bytes.iter().any(has) || TABLE.hints.is_match(beginning)
}
