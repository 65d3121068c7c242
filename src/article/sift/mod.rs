//! What of an article's paragraphs is no text of it, in every format: lines of the site, what stands
//! between title and text, and what stands there twice.

mod comments;
mod notes;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use french::text::{ByteSpan, Paragraph, ParagraphKind};
use memchr::memmem::Finder;

use super::Article;
use super::about::LeftOut;
use super::clutter::{Effect, Reason, clutter, folded};
use super::date::{HeadLine, Role, head_line, is_names};
use super::error::SkipReason;
use super::html::unescaped;
use notes::{Notes, notes};

/// Paragraphs near the beginning that may stand between title and text.
const HEAD: usize = 15;
/// Letters of the shortest text that counts once if it stands there twice.
const REPEATED: usize = 40;
/// Letters of the shortest and the longest pull quote.
const QUOTED: std::ops::RangeInclusive<usize> = 20..=200;
/// Bytes of texts that are compared by their letters alone.
const SHORT: usize = 260;
/// How far a pull quote stands from what it repeats, in paragraphs.
const NEAR: usize = 10;

/// Leaves out what is not the article.
pub(super) fn sift(mut article: Article) -> Result<Article, SkipReason> {
    if let Some(title) = article.title.take() {
        article.title = Some(title_alone(&unescaped(&title), &mut article));
    }
    let body = std::mem::take(&mut article.body);
    let paragraphs = std::mem::take(&mut article.paragraphs);
    let texts: Vec<&str> = paragraphs.iter().map(|p| p.span.slice(&body)).collect();
    let kinds = paragraphs.iter().map(|p| p.kind).collect();
    let title = article.title.as_deref().unwrap_or_default();
    let mut verdicts = Sieve::new(&texts, kinds, title).judge(&mut article);
    let notes = notes_of(&texts, &paragraphs, &mut verdicts);
    if verdicts.iter().all(Option::is_some) {
        return Err(SkipReason::NoArticle);
    }
    take_out(&mut article, body, paragraphs, &verdicts, notes.as_ref());
    let end = article
        .paragraphs
        .last()
        .map(|p| p.span.slice(&article.body));
    let is_cut = end.is_some_and(|text| {
        ["[…]", "[...]", "(...)", "(…)"]
            .iter()
            .any(|mark| text.trim_end().ends_with(mark))
    });
    article.about.truncated |= is_cut;
    Ok(article)
}

/// `title` without names and dates behind it, which are noted in `article`.
fn title_alone(title: &str, article: &mut Article) -> String {
    const SEPARATORS: [char; 6] = ['|', '·', '-', '–', '—', '•'];
    let blanks = title.match_indices(' ');
    let places = blanks.filter_map(|(at, _)| {
        let (before, after) = title[at + 1..].split_once(' ')?;
        let is_before = |separator: &char| before == separator.encode_utf8(&mut [0; 4]);
        let separator = SEPARATORS.iter().position(is_before)?;
        Some((separator, at, after))
    });
    let mut places: Vec<(usize, usize, &str)> = places.collect();
    places.sort_unstable();
    for (_, at, after) in places {
        let Some(line) = head_line(after) else {
            continue;
        };
        let said = line.date.is_some_and(|(_, role)| role != Role::Bare);
        if article.date.is_none() && line.date.is_some() {
            article.date = line.date.map(|(date, _)| date);
            article.about.date_from = Some("title");
        }
        if said || line.author.is_some() {
            article.about.author = article.about.author.take().or(line.author);
            return title[..at].trim_end().to_owned();
        }
    }
    title.to_owned()
}

/// The notes at the end of what has no verdict, which get one.
fn notes_of(
    texts: &[&str],
    paragraphs: &[Paragraph],
    verdicts: &mut [Option<Reason>],
) -> Option<Notes> {
    let kept: Vec<usize> = (0..texts.len())
        .filter(|&i| verdicts[i].is_none())
        .collect();
    let text: Vec<&str> = kept.iter().map(|&i| texts[i]).collect();
    let is_item = |i: usize| paragraphs[kept[i]].kind == ParagraphKind::ListItem;
    let notes = notes(&text, is_item)?;
    for &i in &kept[notes.from..] {
        verdicts[i] = Some(Reason::Note);
    }
    Some(notes)
}

/// Gives `article` its body and paragraphs, without those that have a verdict and without the
/// numbers of `notes`.
fn take_out(
    article: &mut Article,
    old: String,
    paragraphs: Vec<Paragraph>,
    verdicts: &[Option<Reason>],
    notes: Option<&Notes>,
) {
    if verdicts.iter().all(Option::is_none) {
        (article.body, article.paragraphs) = (old, paragraphs);
        return;
    }
    // The end of the last paragraph that stays, in the old body.
    let mut end = None;
    for (i, (paragraph, verdict)) in paragraphs.iter().zip(verdicts).enumerate() {
        let text = paragraph.span.slice(&old);
        if let Some(reason) = *verdict {
            let text = text.to_owned();
            article.about.left_out.push(LeftOut { text, reason });
            continue;
        }
        let between = match end {
            None => "",
            // Line ends as they were, unless something was between them.
            Some(end) if i > 0 && verdicts[i - 1].is_none() => &old[end..paragraph.span.start],
            Some(_) => "\n",
        };
        let text = match notes {
            Some(notes) => Cow::Owned(notes.without_references(text)),
            None => Cow::Borrowed(text),
        };
        article.body.push_str(between);
        let start = article.body.len();
        article.body.push_str(&text);
        article.paragraphs.push(Paragraph {
            span: ByteSpan::new(start, article.body.len()),
            kind: paragraph.kind,
        });
        end = Some(paragraph.span.end);
    }
}

struct Sieve<'a> {
    texts: &'a [&'a str],
    kinds: Vec<ParagraphKind>,
    /// What the words of each say, if it is a line of the site.
    found: Vec<Option<(Reason, Effect)>>,
    /// What each says of author and date, if it says nothing else.
    lines: Vec<Option<HeadLine>>,
    prose: Vec<bool>,
    /// Bytes of prose above each.
    above: Vec<usize>,
    is_live: bool,
}

impl<'a> Sieve<'a> {
    fn new(texts: &'a [&'a str], kinds: Vec<ParagraphKind>, title: &str) -> Self {
        let found: Vec<_> = texts.iter().map(|text| clutter(text)).collect();
        let lines: Vec<_> = texts.iter().map(|text| head_line(text)).collect();
        let prose: Vec<bool> = (0..texts.len())
            .map(|i| found[i].is_none() && lines[i].is_none() && is_prose(texts[i]))
            .collect();
        let above = texts.iter().zip(&prose).scan(0, |sum, (text, prose)| {
            let above = *sum;
            *sum += if *prose { text.len() } else { 0 };
            Some(above)
        });
        let above: Vec<usize> = above.collect();
        let is_hour = |i: &usize| {
            matches!(found[*i], Some((Reason::Live, _)))
                && texts[*i].starts_with(|c: char| c.is_ascii_digit())
        };
        let hours = (0..texts.len()).filter(is_hour).count();
        let title = folded(title);
        let mut words = title.split(|c: char| !c.is_alphanumeric());
        let is_live = hours > 1 || words.any(|word| word == "direct" || word == "live");
        Self {
            texts,
            kinds,
            found,
            lines,
            prose,
            above,
            is_live,
        }
    }

    /// Why each paragraph is left out, if it is. What they say of the article is noted in it.
    fn judge(self, article: &mut Article) -> Vec<Option<Reason>> {
        let mut verdicts = vec![None; self.texts.len()];
        let first = self.prose.iter().position(|prose| *prose);
        let last = self.prose.iter().rposition(|prose| *prose);
        self.head(first.unwrap_or(0), article, &mut verdicts);
        if let Some(from) = comments::beginning(self.texts, &self.prose, self.is_live) {
            verdicts[from..].fill(Some(Reason::Comments));
        }
        let mut all_gone = false;
        for i in 0..self.texts.len() {
            let Some((reason, effect)) = self.found[i] else {
                if verdicts[i].is_none() {
                    verdicts[i] = self.byline(i, article);
                }
                continue;
            };
            let within = first.is_some_and(|first| first < i) && last.is_some_and(|last| i < last);
            let is_heading = self.kinds[i] == ParagraphKind::Heading;
            let stays = match reason {
                Reason::Live => !self.is_live,
                // Words such as « Culture » and « Partager » can be headings of the article.
                Reason::Navigation | Reason::Share => within && is_heading,
                _ => false,
            };
            if stays {
                continue;
            }
            // What is below a line that went with another above it goes with that one.
            let is_below = verdicts[i].is_some();
            verdicts[i].get_or_insert(reason);
            let takes_more = match effect {
                Effect::Line | Effect::Last => false,
                Effect::Rest | Effect::Cut => !is_below,
                Effect::End => !all_gone,
            };
            if takes_more {
                self.below(i, reason, effect, &mut verdicts);
                all_gone |= effect == Effect::End && self.is_low(i);
            }
            let is_last = last.is_some_and(|last| i > last);
            article.about.truncated |= effect == Effect::Cut || effect == Effect::Last && is_last;
        }
        self.repeated(article.title.as_deref(), &mut verdicts);
        verdicts
    }

    /// Judges what stands above the first sentence.
    fn head(&self, first: usize, article: &mut Article, verdicts: &mut [Option<Reason>]) {
        let title = Lettered::new(article.title.as_deref().unwrap_or_default());
        let mut dated: Option<Role> = None;
        for (i, verdict) in verdicts.iter_mut().enumerate().take(HEAD.min(first + 1)) {
            let text = self.texts[i];
            if text.len() <= SHORT && title.is_repeated_in(text) {
                *verdict = Some(Reason::Title);
                continue;
            }
            if i >= first {
                break;
            }
            let Some(line) = self.lines[i].clone() else {
                continue;
            };
            *verdict = Some(Reason::Byline);
            if let Some((date, role)) = line.date {
                let is_better = dated.is_some_and(|dated| role < dated);
                if article.date.is_none() || is_better {
                    article.date = Some(date);
                    article.about.date_from = Some("date line");
                    dated = Some(role);
                }
            }
            if article.about.author.is_none() {
                article.about.author = line.author;
            }
        }
    }

    /// A line that says who wrote the article, wherever it stands.
    fn byline(&self, i: usize, article: &mut Article) -> Option<Reason> {
        let line = self.lines[i].clone()?;
        let dated = line.date.is_some_and(|(_, role)| role != Role::Bare);
        if line.author.is_none() && !line.agency && !dated && line.date.is_some() {
            return None;
        }
        if self.kinds[i] == ParagraphKind::Heading && !line.agency && line.author.is_none() {
            return None;
        }
        if article.about.author.is_none() {
            article.about.author = line.author;
        }
        if let (None, Some((date, _))) = (article.date, line.date) {
            article.date = Some(date);
            article.about.date_from = Some("date line");
        }
        Some(Reason::Byline)
    }

    /// Judges what stands below a line that says what it is.
    fn below(&self, i: usize, reason: Reason, effect: Effect, verdicts: &mut [Option<Reason>]) {
        let all_goes = effect == Effect::End && self.is_low(i);
        for (j, verdict) in verdicts.iter_mut().enumerate().skip(i + 1) {
            if self.prose[j] && !all_goes {
                break;
            }
            let own = self.found[j].map_or(reason, |(own, _)| own);
            verdict.get_or_insert(own);
        }
    }

    /// Whether most of the text stands above a line.
    fn is_low(&self, i: usize) -> bool {
        let last = self.texts.len() - 1;
        let all = self.above[last]
            + if self.prose[last] {
                self.texts[last].len()
            } else {
                0
            };
        self.above[i] * 2 >= all
    }

    /// Pull quotes are short, or in quotation marks, or end without a full stop. Headings that quote
    /// the text are headings, but for those in quotation marks.
    fn may_be_pull_quote(&self, i: usize) -> bool {
        let text = self.texts[i];
        text.starts_with(['«', '"', '“'])
            || self.kinds[i] == ParagraphKind::Text && (text.len() < 120 || !is_prose(text))
    }

    /// Judges what stands there twice: whole paragraphs, the title, and words of a paragraph that
    /// are set apart from it.
    fn repeated(&self, title: Option<&str>, verdicts: &mut [Option<Reason>]) {
        let letters = Letters::of(self.texts);
        let title = [title.unwrap_or_default()];
        let signs: Vec<u64> = self.texts.iter().map(|text| sign(text)).collect();
        let (of_title, title) = (sign(title[0]), Letters::of(&title));
        // Hardly any text has paragraphs that may be the same.
        let twice = twice(&signs);
        let mut seen = HashSet::new();
        for i in 0..self.texts.len() {
            if verdicts[i].is_some() {
                continue;
            }
            let is_long = self.texts[i].len() > SHORT;
            let is_title = || {
                signs[i] == of_title && title.get(0).len() >= 15 && letters.get(i) == title.get(0)
            };
            let mut is_repeated = || {
                twice.binary_search(&signs[i]).is_ok()
                    && match is_long {
                        // Long paragraphs that stand twice are the same to the letter.
                        true => !seen.insert(self.texts[i]),
                        false => letters.get(i).len() >= REPEATED && !seen.insert(letters.get(i)),
                    }
            };
            if !is_long && is_title() {
                verdicts[i] = Some(Reason::Title);
            } else if is_repeated() {
                verdicts[i] = Some(Reason::Repeated);
            } else if !is_long && self.is_pull_quote(i, &letters, verdicts) {
                verdicts[i] = Some(Reason::PullQuote);
                // Below it may stand whose words they are.
                let below = self.texts.get(i + 1);
                if below.is_some_and(|text| names_speaker(text)) {
                    verdicts[i + 1].get_or_insert(Reason::PullQuote);
                }
            }
        }
    }

    /// Whether a paragraph near it has the words of a short one.
    fn is_pull_quote(&self, i: usize, letters: &Letters, verdicts: &[Option<Reason>]) -> bool {
        let text = self.texts[i];
        if text.len() < *QUOTED.start() || !self.may_be_pull_quote(i) {
            return false;
        }
        let near = i.saturating_sub(NEAR)..(i + NEAR + 1).min(self.texts.len());
        let mut near = near.filter(|&j| j != i && verdicts[j].is_none());
        // Nearly no text has the longest words, so that few have to be compared letter by letter.
        let words = long_runs(text).map(Finder::new);
        let may_hold = |j: usize| {
            let other = self.texts[j].as_bytes();
            words.iter().all(|word| word.find(other).is_some())
        };
        let holds = |j: usize| {
            let (own, other) = (letters.get(i), letters.get(j));
            QUOTED.contains(&own.len()) && other.len() > own.len() && other.contains(own)
        };
        near.any(|j| may_hold(j) && holds(j))
    }
}

/// A number that texts with the same letters share, and few others: of long texts, those that are the
/// same.
fn sign(text: &str) -> u64 {
    if text.len() > SHORT {
        let (first, last) = (text.as_bytes().first_chunk(), text.as_bytes().last_chunk());
        let [first, last] =
            [first, last].map(|bytes| u64::from_le_bytes(*bytes.unwrap_or(&[0; 8])));
        return first ^ last.rotate_left(32) ^ text.len() as u64;
    }
    // The small letters from a to z at both ends.
    let letter = |byte: u8| byte.is_ascii_alphabetic().then_some(u64::from(byte & 0x1F));
    let joined = |sign: u64, letter: u64| sign << 5 | letter;
    let first = text.bytes().filter_map(letter).take(6).fold(0, joined);
    let last = text
        .bytes()
        .rev()
        .filter_map(letter)
        .take(6)
        .fold(0, joined);
    first << 32 | last
}

/// The signs that stand there more than once, in order.
fn twice(signs: &[u64]) -> Vec<u64> {
    let mut signs = signs.to_vec();
    signs.sort_unstable();
    let mut twice: Vec<u64> = signs
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
        .collect();
    twice.dedup();
    twice
}

/// The letters of some texts, each found when it is asked for.
struct Letters<'a> {
    texts: &'a [&'a str],
    known: Vec<OnceCell<String>>,
}

impl<'a> Letters<'a> {
    fn of(texts: &'a [&'a str]) -> Self {
        let known = vec![OnceCell::new(); texts.len()];
        Self { texts, known }
    }

    fn get(&self, i: usize) -> &str {
        self.known[i].get_or_init(|| letters(self.texts[i]))
    }
}

/// Whether a line is a name, with or without a role: `Odile Ferrand, maire de Verzac`.
fn names_speaker(text: &str) -> bool {
    let text = text.trim_start_matches(['—', '–', '-', ' ', '\u{a0}']);
    let name = text.split(',').next().unwrap_or(text);
    text.len() < 80 && name.contains(' ') && is_names(name) && !text.ends_with(['.', '!', '?', ':'])
}

/// The letters of a title, and its first and last one as it is written.
struct Lettered {
    letters: String,
    ends: [Option<char>; 2],
}

impl Lettered {
    fn new(title: &str) -> Self {
        Self {
            letters: letters(title),
            ends: ends(title),
        }
    }

    /// Whether a line is the title or most of it (`VIDEO. Le pont ferme` and `Le pont ferme`).
    fn is_repeated_in(&self, line: &str) -> bool {
        let same = |(own, other): (&Option<char>, &Option<char>)| own == other;
        if !self.ends.iter().zip(&ends(line)).any(same) {
            return false;
        }
        let (line, title) = (letters(line), self.letters.as_str());
        line.len() >= 8
            && (title.ends_with(&line) || title.starts_with(&line))
            && line.len() * 2 > title.len()
    }
}

/// The first and the last letter or digit of `text`, in lower case.
fn ends(text: &str) -> [Option<char>; 2] {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    [
        text.chars().find(|c| c.is_alphanumeric()).map(lower),
        text.chars().rfind(|c| c.is_alphanumeric()).map(lower),
    ]
}

/// Whether `text` reads as a sentence and not as a label.
fn is_prose(text: &str) -> bool {
    let ends = text
        .trim_end_matches(['»', '"', '”', ')', ' ', '\u{a0}', '\u{202f}'])
        .ends_with(['.', '!', '?', '…', ':', ';', ',']);
    text.len() > 160 || ends && text.len() > 40
}

/// The two longest runs of small letters from a to z near the beginning.
fn long_runs(text: &str) -> [&[u8]; 2] {
    const NEAR: usize = 64;
    let bytes = &text.as_bytes()[..text.len().min(NEAR)];
    let [mut longest, mut second]: [&[u8]; 2] = [b""; 2];
    for run in bytes.split(|byte| !byte.is_ascii_lowercase()) {
        if run.len() > longest.len() {
            (longest, second) = (run, longest);
        } else if run.len() > second.len() {
            second = run;
        }
    }
    [longest, second]
}

/// The letters and digits of `text` in lower case.
fn letters(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => letters.push(c.to_ascii_lowercase()),
            c if c.is_ascii() => {}
            'à'..='ö' | 'ø'..='ÿ' => letters.push(c),
            c if !c.is_ascii() && c.is_alphanumeric() => letters.extend(c.to_lowercase()),
            _ => {}
        }
    }
    letters
}

#[cfg(test)]
mod tests;
