//! The clause of a translated sentence that a date or a figure stands in: what a row of a timeline or a
//! table says. It is always a part of the sentence as it stands, and the whole of it where cutting it
//! could change what it says.

use std::ops::Range;

use super::topics;
use super::trim::without_brackets;
use crate::lexicon;
use french::calendar::{Name, english_month, french_month, french_weekday};
use french::text::{
    Decimal, Locale, capitalised, english_number, english_scale, french_number, numerals,
    word_ranges,
};

/// Minimal number of words of a clause.
const FEWEST_WORDS: usize = 4;
/// Most words of a circumstance that only says when: `On 11 September 2025`.
const LONGEST_CIRCUMSTANCE: usize = 6;
/// Most words before a dash that say where and when an article was written.
const LONGEST_DATELINE: usize = 6;
/// Most words of a clause. Of longer ones the piece with the expression stands between ellipses.
const MOST_WORDS: usize = 45;
/// How likely an English word is the translation of a word of an expression, at least.
const LIKELY: f32 = 0.1;

/// The clause of `english` that says what the `french` expression of a date is about, without the
/// circumstance that is the date itself. `None` if the expression is not found in it, or more than once.
pub(super) fn of_date(french: &str, english: &str) -> Option<String> {
    let place = place(french, english, true)?;
    Some(around(english, place, true))
}

/// The clause of `english` that the figure stands in of which `french` is the expression.
pub(super) fn of_figure(french: &str, english: &str) -> Option<String> {
    let place = place(french, english, false)?;
    Some(around(english, place, false))
}

/// The noun that follows the number of a figure in `english`, in the place of which the `french`
/// expression stands: `cancellations` in `1,900 cancellations in a day`.
pub(super) fn noun_of_figure(french: &str, english: &str) -> Option<String> {
    let place = place(french, english, false)?;
    let rest = english.get(place.end..)?;
    let mut nouns: Vec<&str> = Vec::new();
    for token in rest.split_whitespace() {
        let word = token.trim_end_matches(|c: char| !c.is_alphanumeric());
        let is_noun = word.chars().count() > 2
            && word.chars().all(char::is_alphabetic)
            && word.starts_with(char::is_lowercase)
            && !topics::is_stop_word(word)
            && !is_verb(word)
            && (lexicon::is_common(word) || lexicon::is_english(word));
        if is_noun {
            nouns.push(word);
        }
        if !is_noun || word.len() < token.len() {
            break;
        }
    }
    // More words than a noun and what qualifies it are a sentence.
    let is_plural = nouns.last().is_some_and(|noun| noun.ends_with('s'));
    (is_plural && nouns.len() <= 2).then(|| nouns.join(" "))
}

/// A word of a French expression, by what is the same in English.
enum Word {
    Number(Decimal),
    Month(i8),
    Weekday(&'static Name),
    Other(String),
}

impl Word {
    /// Those of an expression, of a date if `is_date`. Where it has numbers, months or weekdays, these are
    /// enough to find it.
    fn of(french: &str, is_date: bool) -> Vec<Self> {
        let numbers = numerals(french, Locale::French);
        let mut words: Vec<Self> = (numbers.iter())
            .map(|numeral| Self::Number(numeral.value.clone()))
            .collect();
        let lower: Vec<String> = word_ranges(french)
            .map(|range| french[range].to_lowercase())
            .collect();
        let mut spelt: Vec<u64> = Vec::new();
        let mut at_number = false;
        let mut others = Vec::new();
        let has_content = lower
            .iter()
            .any(|word| !french::facts::is_function_word(word));
        for (at, word) in lower.iter().enumerate() {
            let number = Some(word)
                .filter(|word| !matches!(word.as_str(), "un" | "une" | "et"))
                .filter(|_| numbers.is_empty())
                .and_then(|_| french_number(&lower[at..]));
            if let Some(number) = number {
                // The words after its first belong to it.
                if !at_number {
                    spelt.push(number);
                }
                at_number = true;
                continue;
            }
            at_number = false;
            if let Some(month) = french_month(word).filter(|_| is_date) {
                words.push(Self::Month(month));
            } else if let Some(day) = french_weekday(word).filter(|_| is_date) {
                let name = format!("{day:?}");
                words.extend(Name::from_english(&name).map(Self::Weekday));
            } else if word.chars().count() > 2
                && (!has_content || !french::facts::is_function_word(word))
            {
                others.push(Self::Other(word.clone()));
            }
        }
        let spelt = spelt.into_iter();
        words.extend(spelt.map(|number| Self::Number(Decimal::from(number as f64))));
        if words.is_empty() { others } else { words }
    }

    /// Whether an English word, no number, says it.
    fn is_said(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        match self {
            Self::Number(_) => false,
            Self::Month(month) => {
                word.starts_with(char::is_uppercase) && english_month(word) == Some(*month)
            }
            Self::Weekday(name) => lower.trim_end_matches('s') == name.english.to_lowercase(),
            Self::Other(french) => {
                lexicon::translations(french).any(|it| it.forward >= LIKELY && it.english == lower)
            }
        }
    }

    /// Where it stands in `english`.
    fn places(&self, english: &str) -> Vec<Range<usize>> {
        let Self::Number(value) = self else {
            let words = word_ranges(english);
            return words
                .filter(|range| self.is_said(&english[range.clone()]))
                .collect();
        };
        let numerals = numerals(english, Locale::English).into_iter();
        let digits = numerals.filter(|it| it.value == *value).map(|it| it.range);
        let spelt = spelt_numbers(english);
        let spelt = spelt
            .filter(|(number, _)| Decimal::from(*number as f64) == *value)
            .map(|(_, range)| range);
        digits.chain(spelt).collect()
    }
}

/// The numbers in words of an English text: `seven`, `twenty-two`, `two hundred`, `a hundred`.
fn spelt_numbers(english: &str) -> impl Iterator<Item = (u64, Range<usize>)> {
    let words: Vec<Range<usize>> = spaced_words(english).collect();
    let lower = |at: usize| {
        words
            .get(at)
            .map(|range| english[range.clone()].to_lowercase())
    };
    let numbers: Vec<(u64, Range<usize>)> = (0..words.len())
        .filter_map(|at| {
            let word = lower(at)?;
            let is_article = matches!(word.as_str(), "a" | "one");
            let number = match english_number(&word) {
                Some(number) => number,
                None if is_article => 1,
                None => return None,
            };
            let next = lower(at + 1);
            match next.as_deref().and_then(english_scale) {
                Some(scale) => Some((
                    number.saturating_mul(scale),
                    words[at].start..words[at + 1].end,
                )),
                None => (!is_article).then(|| (number, words[at].clone())),
            }
        })
        .collect();
    numbers.into_iter()
}

/// What stands between spaces, without the marks around it.
fn spaced_words(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_whitespace().filter_map(|token| {
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        let bare = token.trim_start_matches(|c: char| !c.is_alphanumeric());
        let start = start + token.len() - bare.len();
        let bare = bare.trim_end_matches(|c: char| !c.is_alphanumeric());
        (!bare.is_empty()).then(|| start..start + bare.len())
    })
}

/// Where `english` says what the French expression does: the shortest part that has all of its numbers,
/// months and weekdays, else two in three of its other words. `None` if there is none, or more than one.
fn place(french: &str, english: &str, is_date: bool) -> Option<Range<usize>> {
    let words = Word::of(french, is_date);
    let is_sure = !matches!(words.first()?, Word::Other(_));
    let mut all: Vec<Vec<Range<usize>>> = words.iter().map(|word| word.places(english)).collect();
    if !is_sure {
        all.retain(|places| !places.is_empty());
        // `last` alone is no `la semaine dernière`.
        if all.len() * 3 < words.len() * 2 {
            return None;
        }
    }
    let first = all.first()?;
    // What is nearest to each place of the first word.
    let spans = first.iter().map(|start| {
        all.iter().try_fold(start.clone(), |span, places| {
            let near =
                |place: &&Range<usize>| place.end.max(span.end) - place.start.min(span.start);
            let place = places.iter().min_by_key(near)?;
            Some(span.start.min(place.start)..span.end.max(place.end))
        })
    });
    let spans: Vec<Range<usize>> = spans.collect::<Option<_>>()?;
    let shortest = spans.iter().map(ExactSizeIterator::len).min()?;
    let mut best = spans.into_iter().filter(|span| span.len() == shortest);
    let only = best.next()?;
    best.all(|other| other == only).then_some(only)
}

/// A piece of a sentence between two boundaries.
struct Piece<'a> {
    range: Range<usize>,
    text: &'a str,
    /// The mark that stands before it, a space before a second predicate.
    after: char,
}

impl Piece<'_> {
    fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split_whitespace()
    }

    /// Its first word in lower case.
    fn first(&self) -> String {
        let word = self.words().next().unwrap_or_default();
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
    }

    fn begins_with(&self, words: &[&str]) -> bool {
        words.contains(&self.first().as_str())
    }

    fn has(&self, wanted: &[&str]) -> bool {
        self.words().any(|word| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            wanted.contains(&word.to_lowercase().as_str())
        })
    }

    /// Whether it only joins the sentence to the one before.
    fn is_connective(&self) -> bool {
        CONNECTIVES.contains(&self.text.to_lowercase().as_str())
    }

    /// Whether something in it may be what the sentence asserts.
    fn has_verb(&self) -> bool {
        self.words().skip(1).any(is_verb)
    }

    /// Whether it begins with a verb, as after an apposition: `, suspended the hiring`.
    fn begins_verb(&self) -> bool {
        self.words().next().is_some_and(is_verb)
    }

    /// Whether it begins like what a statement can go without: a relative clause, a participle, a
    /// circumstance. Others may go on with a list.
    fn begins_adjunct(&self) -> bool {
        let first = self.first();
        let is_number =
            first.starts_with(|c: char| c.is_ascii_digit()) || english_number(&first).is_some();
        let is_amount = is_number && !self.has(&["and", "or"]);
        ADJUNCTS.contains(&first.as_str())
            || is_amount
            || first.len() > 5 && first.ends_with("ing")
            || self.begins_verb()
            || first == "and" && (self.begins_subject(1) && self.has_verb())
    }

    /// Whether it begins like a subject: with an article, a pronoun, a name or a number.
    fn begins_subject(&self, skip: usize) -> bool {
        let Some(word) = self.words().nth(skip) else {
            return false;
        };
        let lower = word.to_lowercase();
        SUBJECTS.contains(&lower.as_str()) || word.starts_with(char::is_uppercase)
    }
}

/// Whether a word may be a finite verb, as far as its form tells.
pub(super) fn is_verb(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let lower = word.to_lowercase();
    VERBS.contains(&lower.as_str()) || lower.len() > 4 && lower.ends_with("ed") && word == lower
}

/// Whether a translation may be more than a name of something: whether it has a verb.
pub(super) fn asserts(english: &str) -> bool {
    english.split_whitespace().skip(1).any(is_verb)
}

/// What an adjunct begins with.
#[rustfmt::skip]
const ADJUNCTS: &[&str] = &[
    "who", "which", "whose", "where", "when", "while", "whereas", "because", "as", "so", "since",
    "ever", "until", "before", "after", "during", "following", "in", "at", "on", "by", "for",
    "from", "with", "under", "over", "within", "among", "despite", "thanks", "due", "including",
    "such", "especially", "notably", "namely", "mainly", "then", "also", "even", "compared", "up",
    "down", "far", "more", "less", "almost", "nearly", "about", "around", "half",
];

/// What opens a clause that depends on another.
const SUBORDINATORS: [&str; 11] = [
    "that", "whether", "if", "when", "who", "which", "whose", "because", "while", "whereas",
    "although",
];

/// Leading pieces that only join a sentence to the one before.
const CONNECTIVES: [&str; 12] = [
    "however",
    "moreover",
    "furthermore",
    "indeed",
    "meanwhile",
    "finally",
    "besides",
    "also",
    "then",
    "thus",
    "in addition",
    "in fact",
];

const SUBJECTS: [&str; 24] = [
    "the", "a", "an", "this", "these", "those", "his", "her", "its", "their", "our", "he", "she",
    "it", "they", "we", "some", "many", "several", "most", "all", "both", "each", "no",
];

#[rustfmt::skip]
const VERBS: &[&str] = &[
    "is", "are", "was", "were", "has", "have", "had", "will", "would", "shall", "should", "can",
    "could", "may", "might", "must", "does", "did", "do", "said", "says", "told", "took", "takes",
    "made", "makes", "went", "goes", "came", "comes", "gave", "gives", "got", "left", "found",
    "finds", "won", "wins", "lost", "loses", "began", "begins", "rose", "rises", "fell", "falls",
    "became", "becomes", "held", "holds", "met", "meets", "led", "leads", "put", "set", "ran",
    "runs", "saw", "sees", "kept", "keeps", "paid", "pays", "sent", "spent", "bought", "sold",
    "brought", "hit", "cost", "costs", "wants", "remains", "opens", "closes", "shows", "knew",
    "thought", "felt", "wrote", "spoke", "stood", "grew", "drew", "broke", "chose", "drove",
];

/// What a piece begins with that limits or denies what was said before it, or says whose words it is.
#[rustfmt::skip]
const LIMITS: &[&str] = &[
    "according", "said", "says", "told", "announced", "announces", "explained", "explains", "added",
    "adds", "stated", "indicated", "reported", "if", "unless", "except", "provided", "but", "yet",
    "however", "although", "though", "not", "without", "or", "nor",
];

/// What makes all after it depend on it: someone's words, or a condition.
#[rustfmt::skip]
const GOVERNS: &[&str] = &[
    "that", "whether", "if", "unless", "said", "says", "told", "according", "announced", "believes",
    "estimates", "claims", "fears", "hopes", "not", "never", "no",
];

/// What a leading piece begins with that only says when or where.
const CIRCUMSTANCES: [&str; 12] = [
    "on",
    "in",
    "at",
    "during",
    "since",
    "last",
    "from",
    "built",
    "however",
    "moreover",
    "finally",
    "meanwhile",
];

/// A sentence without what says where and when it was written: `Lyon, March 6, 2024 - `.
pub(super) fn without_dateline(sentence: &str) -> &str {
    let pieces = pieces(sentence);
    let statement = (1..pieces.len()).find(|&at| is_dateline(&pieces[..=at]));
    let Some(statement) = statement else {
        return sentence;
    };
    let before = &sentence[..pieces[statement].range.start];
    let mut words = before.split_whitespace();
    let has_month = words.any(|word| Name::from_english(word.trim_matches(',')).is_some());
    match has_month && before.contains(|c: char| c.is_ascii_digit()) {
        true => &sentence[pieces[statement].range.start..],
        false => sentence,
    }
}

/// Cuts `sentence` to the clause around `place`.
fn around(sentence: &str, place: Range<usize>, is_date: bool) -> String {
    let pieces = pieces(sentence);
    let holds = |piece: &Piece<'_>| piece.range.start < place.end && place.start < piece.range.end;
    let Some(first) = pieces.iter().position(holds) else {
        return finished(sentence);
    };
    let last = pieces.iter().rposition(holds).unwrap_or(first);
    let mut start = start_of(&pieces, first);
    let mut end = last;
    // `On 11 September 2025,` says no more than the date beside it; `Since 2019,` does.
    let is_circumstance = is_date
        && (first, last) == (start, start)
        && start + 1 < pieces.len()
        && pieces[start].begins_with(&["on", "in", "at", "last", "this"])
        && !pieces[start].has_verb()
        && pieces[start].words().count() <= LONGEST_CIRCUMSTANCE
        && pieces[start + 1].after == ',';
    let is_dateline = pieces.len() > last + 1 && is_dateline(&pieces[..last + 2]);
    if is_circumstance || is_dateline {
        start = last + 1;
        end = start;
    }
    while start < first && pieces[start].is_connective() {
        start += 1;
    }
    while end + 1 < pieces.len() && !ends(&pieces[start..=end], &pieces[end + 1..]) {
        end += 1;
    }
    let clause = &sentence[pieces[start].range.start..pieces[end].range.end];
    let words = clause.split_whitespace().count();
    if words < FEWEST_WORDS || !has_all_marks(clause) {
        return finished(sentence);
    }
    let piece = &sentence[pieces[first].range.start..pieces[last].range.end];
    if words > MOST_WORDS
        && piece.split_whitespace().count() >= FEWEST_WORDS
        && has_all_marks(piece)
    {
        return format!("… {} …", bare(piece));
    }
    let depth = |text: &str| text.matches('(').count() > text.matches(')').count();
    let plain = match depth(&sentence[..place.start]) {
        true => None,
        false => without_brackets(clause),
    };
    finished(&plain.unwrap_or_else(|| clause.to_owned()))
}

/// Whether what was `kept` of a sentence says something without the pieces that `follow`.
fn ends(kept: &[Piece<'_>], follow: &[Piece<'_>]) -> bool {
    let next = &follow[0];
    let is_joined = |at: usize, piece: &Piece<'_>| piece.begins_verb() && at > 0;
    let asserts = kept
        .iter()
        .enumerate()
        .any(|(at, piece)| piece.has_verb() || is_joined(at, piece));
    // `recommended that a box …, pointed out that when …`
    let text: Vec<String> = kept
        .iter()
        .flat_map(Piece::words)
        .map(str::to_lowercase)
        .collect();
    let opened = text
        .iter()
        .rposition(|word| SUBORDINATORS.contains(&word.as_str()));
    let is_left_open = opened.is_some_and(|at| {
        let nested = at > 0 && text[at - 1] == "that";
        nested || !text[at + 1..].iter().any(|word| is_verb(word))
    });
    // `to have transmitted, in September, this recommendation`
    let is_interrupted = next.begins_with(&CIRCUMSTANCES)
        && !next.has_verb()
        && follow
            .get(1)
            .is_some_and(|then| then.begins_subject(0) && !then.has_verb());
    let is_boundary = next.after != ',' || next.begins_adjunct();
    let is_joined_on = kept.len() > 1 && kept.last().is_some_and(Piece::is_connective);
    asserts
        && !is_joined_on
        && !is_left_open
        && !is_interrupted
        && is_boundary
        && !next.begins_with(LIMITS)
}

/// Whether all pieces but the last are where and when an article was written: `Lyon, March 6, 2024 - `.
fn is_dateline(pieces: &[Piece<'_>]) -> bool {
    let (last, before) = pieces.split_last().expect("a piece");
    let words = before.iter().flat_map(Piece::words).count();
    matches!(last.after, '-' | '–' | '—')
        && words <= LONGEST_DATELINE
        && !before.iter().any(Piece::has_verb)
}

/// The piece that the clause of the piece at `at` begins with.
fn start_of(pieces: &[Piece<'_>], at: usize) -> usize {
    let begins = |from: usize| {
        let piece = &pieces[from];
        let before = &pieces[..from];
        if is_dateline(&pieces[..=from]) {
            return true;
        }
        if before.iter().any(|piece| piece.has(GOVERNS)) {
            return false;
        }
        let asserts = pieces[from..=at].iter().any(Piece::has_verb);
        let is_main = piece.begins_subject(0)
            && before
                .iter()
                .all(|piece| piece.begins_with(&CIRCUMSTANCES) && !piece.has_verb());
        let is_apart = piece.after == ';' && piece.begins_subject(0);
        let is_joined = piece.begins_with(&["while", "whereas", "and"]) && piece.begins_subject(1);
        asserts && (is_main || is_apart || is_joined)
    };
    (1..=at).rev().find(|&from| begins(from)).unwrap_or(0)
}

/// A clause as it stands in a list: without what joins it to what was before, with a capital.
fn finished(text: &str) -> String {
    capitalised(bare(text))
}

fn bare(text: &str) -> &str {
    let text = text.trim_start_matches(['-', '–', '—', '•', ' ']);
    let text = text.trim_end_matches([';', ',', ':', ' ', '–', '—']);
    let text = ["while ", "whereas ", "and "]
        .iter()
        .find_map(|join| text.strip_prefix(join))
        .unwrap_or(text);
    match text.ends_with("..") || text.ends_with(".\"") {
        true => text,
        false => text.strip_suffix('.').unwrap_or(text),
    }
}

/// Whether quotation marks and brackets come in pairs.
fn has_all_marks(text: &str) -> bool {
    let count = |mark: char| text.matches(mark).count();
    // `'Two hundred people have left`
    let opening = text
        .split(' ')
        .filter(|word| word.starts_with('\''))
        .count();
    let closing = |word: &&str| word.trim_end_matches([',', '.', ';', ':']).ends_with('\'');
    if opening > text.split(' ').filter(closing).count() {
        return false;
    }
    count('"').is_multiple_of(2)
        && [('“', '”'), ('«', '»'), ('(', ')')]
            .iter()
            .all(|&(open, close)| count(open) == count(close))
}

/// Cuts a sentence at its commas, semicolons, colons and dashes, and before a second predicate (`and
/// should reach`), but not within quotation marks, brackets, numbers and dates.
fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let mut in_quotation = false;
    let mut depth = 0usize;
    for (at, c) in sentence.char_indices() {
        let after = &sentence[at + c.len_utf8()..];
        match c {
            '"' => in_quotation = !in_quotation,
            '“' | '«' | '(' | '[' => depth += 1,
            '”' | '»' | ')' | ']' => depth = depth.saturating_sub(1),
            _ if in_quotation || depth > 0 => {}
            ',' | ';' | ':' if after.starts_with(' ') && !is_in_date(&sentence[..at], after) => {
                cuts.push(at..at + 1);
            }
            '-' | '–' | '—' if after.starts_with(' ') && sentence[..at].ends_with(' ') => {
                cuts.push(at..at + c.len_utf8());
            }
            ' ' if opens_predicate(after) => cuts.push(at..at),
            _ => {}
        }
    }
    let marks = cuts
        .iter()
        .map(|cut| sentence[cut.clone()].chars().next().unwrap_or(' '));
    let marks = std::iter::once(' ').chain(marks);
    let starts = std::iter::once(0).chain(cuts.iter().map(|cut| cut.end));
    let ends = cuts.iter().map(|cut| cut.start).chain([sentence.len()]);
    let piece = |range: Range<usize>, mark: char| {
        let text = &sentence[range.clone()];
        let start = range.start + text.len() - text.trim_start().len();
        let range = start..start + text.trim().len();
        Piece {
            after: mark,
            text: text.trim(),
            range,
        }
    };
    starts
        .zip(ends)
        .zip(marks)
        .map(|((start, end), mark)| piece(start..end, mark))
        .filter(|piece| !piece.text.is_empty())
        .collect()
}

/// Whether the comma between the two belongs to a date: `July 15, 1996`.
fn is_in_date(before: &str, after: &str) -> bool {
    let year = after.trim_start().get(..4);
    before.ends_with(|c: char| c.is_ascii_digit())
        && year.is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a second verb follows: `and should reach 41°C`. Not `and has` within a list of nouns, since
/// what follows is a verb all the same.
fn opens_predicate(after: &str) -> bool {
    let joined = after
        .strip_prefix("and ")
        .or_else(|| after.strip_prefix("but "));
    let next = joined.and_then(|rest| rest.split(' ').next());
    const AUXILIARIES: [&str; 14] = [
        "is", "are", "was", "were", "has", "have", "had", "will", "would", "should", "could",
        "can", "may", "must",
    ];
    next.is_some_and(|word| AUXILIARIES.contains(&word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn date(french: &str, english: &str, expected: &str) {
        assert_eq!(of_date(french, english).as_deref(), Some(expected));
    }

    #[test]
    fn a_date_has_the_clause_that_it_stands_in() {
        let released = "On 11 September 2025, Belarus released 52 political prisoners, including 14 \
                        foreign nationals, in a significant diplomatic gesture.";
        date(
            "11 septembre 2025",
            released,
            "Belarus released 52 political prisoners",
        );
        let heat = "The thermometer exceeded 39°C on Monday in Bron and should reach 41°C tomorrow, \
                    for the first time since August 2003.";
        date(
            "lundi",
            heat,
            "The thermometer exceeded 39°C on Monday in Bron",
        );
        date(
            "demain",
            heat,
            "The thermometer exceeded 39°C on Monday in Bron and should reach 41°C tomorrow",
        );
        date(
            "2019",
            "Since 2019, sales prices have fallen by 12%, while the rents have risen by almost a fifth.",
            "Since 2019, sales prices have fallen by 12%",
        );
        date(
            "septembre 2024",
            "The number of political prisoners was estimated at around 1,200 in September 2024, \
             pointing out that the situation remains a concern.",
            "The number of political prisoners was estimated at around 1,200 in September 2024",
        );
        date(
            "décembre 2021",
            "The journalist Ihar Losik, who has been detained since December 2021 for incitement, \
             has also been released.",
            "The journalist Ihar Losik, who has been detained since December 2021 for incitement",
        );
        date(
            "6 mars 2024",
            "Charleville, March 6, 2024 - The manufacturer suspended the hiring of 620 employees, \
             three months before its opening.",
            "The manufacturer suspended the hiring of 620 employees",
        );
        date(
            "12 mai",
            "- public meeting on 12 May in Plouhinec;",
            "Public meeting on 12 May in Plouhinec",
        );
    }

    #[test]
    fn what_limits_a_statement_stays_with_it() {
        for (french, english) in [
            (
                "29 janvier",
                "If no crack is discovered, the filling will start on January 29th",
            ),
            (
                "3 mai",
                "The line was to open on 3 May, but the works are late",
            ),
            (
                "mars",
                "The plant will close in March, according to the union",
            ),
            (
                "2025",
                "He said that the plant would close, and the mill would open in 2025",
            ),
            (
                "2025",
                "It is not true, the mayor said, that the plant will close in 2025",
            ),
        ] {
            date(french, english, english);
        }
    }

    #[test]
    fn a_dateline_is_no_part_of_a_sentence() {
        for (sentence, expected) in [
            (
                "Lyon, March 6, 2024 - The maker closes.",
                "The maker closes.",
            ),
            ("Lyon, 6 March – It rains - again.", "It rains - again."),
            ("Ain - the dam - is old.", "Ain - the dam - is old."),
            (
                "The plant closes in March - for good.",
                "The plant closes in March - for good.",
            ),
            ("It rains.", "It rains."),
        ] {
            assert_eq!(without_dateline(sentence), expected);
        }
    }

    #[test]
    fn a_figure_has_its_clause() {
        for (french, english, expected) in [
            (
                "3,8 %",
                "The rent reached €13.40 in Bordeaux, 3.8% more than a year before, according to \
                 the observatory, which examined 11,842 leases.",
                "The rent reached €13.40 in Bordeaux, 3.8% more than a year before, according to \
                 the observatory",
            ),
            (
                "deux ans",
                "The union wants a rise over two years; the management was offering 2.5%.",
                "The union wants a rise over two years",
            ),
            (
                "2,5 %",
                "The union wants a rise over two years; the management was offering 2.5%.",
                "The management was offering 2.5%",
            ),
            (
                "1 200 euros",
                "It was paid €1,200, which he spent.",
                "It was paid €1,200",
            ),
            (
                "vingt-deux ans",
                "In Ain, the dam will be emptied for the first time in twenty-two years, on Monday.",
                "The dam will be emptied for the first time in twenty-two years",
            ),
            (
                "Neuf traversées sur dix",
                "Nine crossings out of ten would be cancelled between Marseille, Toulon and Bastia.",
                "Nine crossings out of ten would be cancelled between Marseille, Toulon and Bastia",
            ),
            (
                "deux cents salariés",
                "The plant, founded by an engineer, employed two hundred people, including her.",
                "The plant, founded by an engineer, employed two hundred people",
            ),
            (
                "620 salariés",
                "Lyon, 6 March - The maker, a subsidiary of Hansol, suspended the hiring of 620 \
                 workers, three months before it opens.",
                "The maker, a subsidiary of Hansol, suspended the hiring of 620 workers",
            ),
            (
                "50 masques",
                "The report recommended that a box of 50 masks, for a sick person, be stored.",
                "The report recommended that a box of 50 masks, for a sick person, be stored",
            ),
            (
                "deux cents personnes",
                "She is angry: 'Two hundred people left their work, for nothing.'",
                "She is angry: 'Two hundred people left their work, for nothing.'",
            ),
            (
                "15 à 25 %",
                "The Commission (in Brussels) is preparing new customs duties of 15% to 25% on cells.",
                "The Commission is preparing new customs duties of 15% to 25% on cells",
            ),
        ] {
            assert_eq!(of_figure(french, english).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_long_clause_is_cut_to_its_piece() {
        let long = format!(
            "{}, it has 12 old towers, and so on.",
            ["it was so"; 15].join(", or ")
        );
        assert_eq!(
            of_figure("12 tours", &long).unwrap(),
            "… it has 12 old towers …"
        );
    }

    #[test]
    fn a_figure_has_the_noun_of_its_sentence() {
        for (french, english, expected) in [
            (
                "1 900 annulations",
                "They recorded 1,900 cancellations in a day.",
                Some("cancellations"),
            ),
            (
                "52 détenus",
                "It freed 52 political prisoners.",
                Some("political prisoners"),
            ),
            ("2 700 inscrites", "They are 2,700 in the register.", None),
            ("3 %", "It rose by 3% last year.", None),
        ] {
            assert_eq!(
                noun_of_figure(french, english).as_deref(),
                expected,
                "{english}"
            );
        }
    }

    #[test]
    fn expressions_without_a_number_need_most_of_their_words() {
        let week = "Last week, the town had already banned fireworks, which was new.";
        date(
            "la semaine dernière",
            week,
            "The town had already banned fireworks",
        );
        let year = "It closed last year, because it rained, and it will open again.";
        assert_eq!(of_date("la semaine dernière", year), None);
    }

    #[test]
    fn what_is_lost_or_said_twice_has_no_place() {
        assert_eq!(
            of_date("3 mars", "It rained on Monday, and it was cold."),
            None
        );
        assert_eq!(
            of_date("lundi", "It opened on Monday, and it will close on Monday."),
            None
        );
    }

    #[test]
    fn a_clause_is_a_part_of_its_sentence() {
        let sentences = [
            "Twenty years, to the day, after the last departure, a night train left on Sunday evening.",
            "\"We will open in 2025, he said, and close in 2026.",
            "(2025)",
            "The dam – built in 1931 – was emptied in 2003, which was rare.",
            "Prices rose: 3% in March, 4% in April, 5% in May.",
            "é, 2025, ;",
        ];
        for sentence in sentences {
            for french in [
                "2025", "2026", "1931", "2003", "mars", "mai", "dimanche", "3 %",
            ] {
                let Some(clause) = of_date(french, sentence) else {
                    continue;
                };
                assert!(
                    sentence.to_lowercase().contains(&clause.to_lowercase()),
                    "{clause}"
                );
            }
        }
    }

    proptest! {
        /// Whatever the translation, its words are those of the sentence.
        #[test]
        fn any_text_has_its_own_words(
            text in "([a-zéÉ]{1,6}|2025|, |; | - |: |\"|'|“|\\(|\\)|and was |who |If |\\.|–|\\PC| ){0,30}",
        ) {
            if let Some(clause) = of_date("2025", &text) {
                let words = |text: &str| -> Vec<String> {
                    let words = text.split(|c: char| !c.is_alphanumeric());
                    words.map(str::to_lowercase).filter(|word| !word.is_empty()).collect()
                };
                let (whole, own) = (words(&text), words(&clause));
                prop_assert!(own.iter().all(|word| whole.contains(word)), "{clause}");
            }
            without_dateline(&text);
            noun_of_figure("2025", &text);
        }
    }
}
