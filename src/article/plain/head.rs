//! What stands above the text: menus, title, date, author.

use french::text::ByteSpan;
use jiff::civil::Date;

use super::super::about::{About, LeftOut};
use super::super::clutter::{Reason, clutter};
use super::super::date::{Role, head_line, is_names};
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

/// Words of a line in capitals that may name a section of the site.
const SECTION_WORDS: usize = 4;

impl Head {
    pub(super) fn read(text: &str, lines: &[Line], wrapped: Option<usize>) -> Self {
        let texts: Vec<&str> = lines.iter().map(|line| line.span.slice(text)).collect();
        let mut head = Self::default();
        head.pass_menu(&texts);
        head.pass_lines(&texts, false);
        let title_lines = title_lines(text, &lines[head.lines..], wrapped);
        if let Some(count) = title_lines {
            head.title = Some(texts[head.lines..head.lines + count].join(" "));
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
    fn pass_menu(&mut self, texts: &[&str]) {
        /// Lines of the longest menu, and words of the longest line in it.
        const MENU: (usize, usize) = (12, 6);
        let short = texts
            .iter()
            .take(MENU.0)
            .take_while(|text| text.split_whitespace().count() <= MENU.1 && !ends_sentence(text));
        let is_menu = |text: &str| matches!(clutter(text), Some((Reason::Navigation, _)));
        let is_title =
            |i: usize| (texts.get(i)).is_some_and(|next| can_be_title(next) && !is_apart(next));
        let mut last = None;
        for (i, text) in short.enumerate() {
            let listed = i > 0 && last == Some(i - 1) && names_section(text);
            if (is_menu(text) || listed) && is_title(i + 1) {
                last = Some(i);
            }
        }
        for text in texts.iter().take(last.map_or(0, |last| last + 1)) {
            self.leave_out(text, Reason::Navigation);
        }
        let in_capitals = |i: usize| texts.get(i).is_some_and(|text| names_section(text));
        while let Some(text) = texts.get(self.lines) {
            let i = self.lines;
            // The last line in capitals is the title if there is none below.
            let above_title =
                (texts.get(i + 1)).is_some_and(|next| can_be_title(next) && !is_apart(next));
            let listed = above_title
                && in_capitals(i)
                && (in_capitals(i + 1) || i > 0 && in_capitals(i - 1));
            let reason = match clutter(text) {
                Some((Reason::Live | Reason::Byline | Reason::Copyright | Reason::Related, _)) => {
                    break;
                }
                Some((reason, _)) => reason,
                None if listed => Reason::Navigation,
                None => break,
            };
            self.leave_out(text, reason);
        }
    }

    /// Passes over lines that say who wrote the article and when, and over buttons between them.
    fn pass_lines(&mut self, texts: &[&str], below_title: bool) {
        while let Some(text) = texts.get(self.lines) {
            let next = texts.get(self.lines + 1);
            if let Some(line) = head_line(text) {
                let is_better = |date: (Date, Role)| self.date.is_none_or(|known| date.1 < known.1);
                if let Some(date) = line.date.filter(|date| is_better(*date)) {
                    self.date = Some(date);
                }
                self.about.author = self.about.author.take().or(line.author);
                self.leave_out(text, Reason::Byline);
            } else if below_title
                && clutter(text).is_none()
                && is_names(text)
                && next.is_some_and(|next| is_dated(next))
            {
                self.about.author.get_or_insert_with(|| (*text).to_owned());
                self.leave_out(text, Reason::Byline);
            } else if let Some((reason, _)) = clutter(text).filter(|_| below_title) {
                if matches!(reason, Reason::Live) {
                    break;
                }
                self.leave_out(text, reason);
            } else {
                break;
            }
        }
    }

    fn leave_out(&mut self, text: &str, reason: Reason) {
        let text = text.to_owned();
        self.about.left_out.push(LeftOut { text, reason });
        self.lines += 1;
    }
}

/// Whether a line in capitals is as short as the name of a section of a site.
fn names_section(text: &str) -> bool {
    text.chars().filter(|c| c.is_uppercase()).count() > 2
        && !text.chars().any(|c| c.is_lowercase() || c.is_ascii_digit())
        && text.split_whitespace().count() <= SECTION_WORDS
        && text.ends_with(char::is_alphabetic)
}

fn is_dated(text: &str) -> bool {
    head_line(text).is_some_and(|line| line.date.is_some())
}

/// Whether a line is no part of a title above it.
fn is_apart(text: &str) -> bool {
    head_line(text).is_some() || clutter(text).is_some()
}

/// Number of lines of the title, or `None` if the first lines are not clearly a title.
fn title_lines(text: &str, lines: &[Line], wrapped: Option<usize>) -> Option<usize> {
    let first = lines.first()?;
    let block = 1 + lines[1..]
        .iter()
        .take_while(|line| !line.after_blank)
        .count();
    let stands_alone = |count: usize| {
        let slice = |i: usize| lines.get(i).map(|line: &Line| line.span.slice(text));
        let by_name =
            || slice(count).is_some_and(is_names) && slice(count + 1).is_some_and(is_dated);
        lines
            .get(count)
            .is_some_and(|next| next.after_blank || is_apart(next.span.slice(text)) || by_name())
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
