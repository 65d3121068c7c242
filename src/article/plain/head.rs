//! What stands above the text: menus, title, date, author.

use std::cell::OnceCell;

use french::text::ByteSpan;
use jiff::civil::Date;

use super::super::about::{About, LeftOut};
use super::super::clutter::{Reason, clutter};
use super::super::date::{HeadLine, Role, head_line, is_names, is_sign};
use super::{Line, TITLE_MAX, can_be_title, ended, ends_sentence, is_full};

/// Title, date and author above the body.
#[derive(Default)]
pub(super) struct Head {
    pub title: Option<String>,
    pub date: Option<(Date, Role)>,
    pub about: About,
    /// Number of lines that it takes.
    pub lines: usize,
}

/// A line, and what it says, which is found out once.
struct Told<'a> {
    text: &'a str,
    said: OnceCell<Option<HeadLine>>,
    clutter: OnceCell<Option<Reason>>,
}

impl<'a> Told<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            said: OnceCell::new(),
            clutter: OnceCell::new(),
        }
    }

    fn said(&self) -> Option<&HeadLine> {
        self.said.get_or_init(|| head_line(self.text)).as_ref()
    }

    fn clutter(&self) -> Option<Reason> {
        let find = || clutter(self.text).map(|(reason, _)| reason);
        *self.clutter.get_or_init(find)
    }

    fn is_dated(&self) -> bool {
        self.said().is_some_and(|line| line.date.is_some())
    }

    /// Whether it is no part of a title above it.
    fn is_apart(&self) -> bool {
        self.said().is_some() || self.clutter().is_some()
    }

    fn can_be_title(&self) -> bool {
        can_be_title(self.text) && !self.is_apart()
    }
}

/// Words of a line in capitals that may name a section of the site.
const SECTION_WORDS: usize = 4;

impl Head {
    pub(super) fn read(text: &str, lines: &[Line], wrapped: Option<usize>) -> Self {
        let texts: Vec<Told> = lines
            .iter()
            .map(|line| Told::new(line.span.slice(text)))
            .collect();
        let mut head = Self::default();
        head.pass_menu(&texts);
        head.pass_lines(&texts, false);
        let (rest, told) = (&lines[head.lines..], &texts[head.lines..]);
        if let Some(count) = title_lines(text, rest, told, wrapped) {
            let title: Vec<&str> = told[..count].iter().map(|line| line.text).collect();
            head.title = Some(title.join(" "));
            head.about.title_from = Some("first line");
            head.lines += count;
            head.pass_lines(&texts, true);
        }
        if head.lines >= lines.len() {
            // Nothing is below, so these lines are the text itself.
            return Self::default();
        }
        head.about.date_from = head.date.map(|_| "date line");
        head
    }

    /// Passes over the menu of the site, which some copy with the article.
    fn pass_menu(&mut self, lines: &[Told]) {
        /// Lines of the longest menu, and words of the longest line in it.
        const MENU: (usize, usize) = (12, 6);
        let short = lines.iter().take(MENU.0).take_while(|line| {
            line.text.split_whitespace().count() <= MENU.1 && !ends_sentence(line.text)
        });
        let is_title = |i: usize| lines.get(i).is_some_and(Told::can_be_title);
        let mut last = None;
        for (i, line) in short.enumerate() {
            let is_menu = line.clutter() == Some(Reason::Navigation) || is_path(line.text);
            let listed = i > 0 && last == Some(i - 1) && names_section(line.text);
            if (is_menu || listed) && is_title(i + 1) {
                last = Some(i);
            }
        }
        for line in lines.iter().take(last.map_or(0, |last| last + 1)) {
            self.leave_out(line.text, Reason::Navigation);
        }
        let in_capitals = |i: usize| lines.get(i).is_some_and(|line| names_section(line.text));
        while let Some(line) = lines.get(self.lines) {
            let i = self.lines;
            // The last line in capitals is the title if there is none below.
            let listed = is_title(i + 1)
                && in_capitals(i)
                && (in_capitals(i + 1) || i > 0 && in_capitals(i - 1));
            let reason = match line.clutter() {
                Some(Reason::Live | Reason::Byline | Reason::Copyright | Reason::Related) => break,
                Some(reason) => reason,
                None if listed => Reason::Navigation,
                None => break,
            };
            self.leave_out(line.text, reason);
        }
    }

    /// Passes over lines that say who wrote the article and when, and over buttons between them.
    fn pass_lines(&mut self, lines: &[Told], below_title: bool) {
        while let Some(line) = lines.get(self.lines) {
            let next = lines.get(self.lines + 1);
            let above = self.lines.checked_sub(1).and_then(|above| lines.get(above));
            let names_author = || {
                let above_text = next.is_some_and(|next| ends_sentence(next.text));
                let is_below = above.is_some_and(Told::is_dated) && above_text;
                let is_above = next.is_some_and(Told::is_dated);
                is_names(line.text) && (is_above || is_below && line.text.contains(' '))
            };
            let reason = if let Some(said) = line.said() {
                let is_better = |date: (Date, Role)| self.date.is_none_or(|known| date.1 < known.1);
                if let Some(date) = said.date.filter(|date| is_better(*date)) {
                    self.date = Some(date);
                }
                self.about.author = self.about.author.take().or_else(|| said.author.clone());
                Reason::Byline
            } else if !below_title {
                break;
            } else if let Some(reason) = line.clutter() {
                reason
            } else if names_author() {
                let author = || line.text.trim_start_matches(is_sign).to_owned();
                self.about.author.get_or_insert_with(author);
                Reason::Byline
            } else {
                break;
            };
            if reason == Reason::Live {
                break;
            }
            self.leave_out(line.text, reason);
        }
    }

    fn leave_out(&mut self, text: &str, reason: Reason) {
        let text = text.to_owned();
        self.about.left_out.push(LeftOut { text, reason });
        self.lines += 1;
    }
}

/// Whether a line is the path of sections that leads to the article: `Bretagne | Environnement`.
fn is_path(text: &str) -> bool {
    let mut parts = text.split(['|', '>', '›']);
    let is_section = |part: &str| (1..=2).contains(&part.split_whitespace().count());
    text.contains(['|', '>', '›']) && !ends_sentence(text) && parts.all(is_section)
}

/// Whether a line in capitals is as short as the name of a section of a site.
fn names_section(text: &str) -> bool {
    text.chars().filter(|c| c.is_uppercase()).count() > 2
        && !text.chars().any(|c| c.is_lowercase() || c.is_ascii_digit())
        && text.split_whitespace().count() <= SECTION_WORDS
        && text.ends_with(char::is_alphabetic)
}

/// Number of lines of the title, or `None` if the first lines are not clearly a title.
fn title_lines(text: &str, lines: &[Line], told: &[Told], wrapped: Option<usize>) -> Option<usize> {
    let first = lines.first()?;
    let block = 1 + lines[1..]
        .iter()
        .take_while(|line| !line.after_blank)
        .count();
    let stands_alone = |count: usize| {
        let is_name = || is_names(told[count].text);
        let by_name = || told.get(count + 1).is_some_and(Told::is_dated) && is_name();
        lines
            .get(count)
            .is_some_and(|next| next.after_blank || told[count].is_apart() || by_name())
    };
    if stands_alone(1) {
        return can_be_title(first.span.slice(text)).then_some(1);
    }
    let next = lines.get(1)?;
    match wrapped {
        Some(_) if block <= 3 && stands_alone(block) => {
            let span = ByteSpan::new(first.span.start, lines[block - 1].span.end);
            can_be_title(span.slice(text)).then_some(block)
        }
        Some(column) => (!is_full(text, first, next, column)
            && ended(text, first, next, column)
            && can_be_title(first.span.slice(text)))
        .then_some(1),
        // Without a blank line, only the contrast tells: a short line without a full stop above a
        // long one with a full stop.
        None => (first.width <= TITLE_MAX
            && next.width >= 2 * first.width
            && ends_sentence(next.span.slice(text))
            && can_be_title(first.span.slice(text)))
        .then_some(1),
    }
}
