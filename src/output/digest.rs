//! A digest of what is new: as Markdown, and as a page that mail programs show.
//!
//! Mail programs know no style sheets and no scripts: the page has blocks, each with its own style, and
//! nothing that it would have to fetch.

use std::collections::HashMap;
use std::hash::BuildHasher;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use super::atom::{FeedEntry, to_atom};
use super::escape::{block, inline};
use super::html::without_controls;
use super::links::Links;
use super::marker::MADE_BY;
use super::rows;
use super::words::{changed_sentences, count, flag_words, iso_date_words, outlet};
use crate::TOOL;
use crate::archive::{ChangedArticle, Digest, FigureChange, NewStory};
use crate::summarize::{Flag, Grade, SentenceId, Source, Summary};

/// Most lines of an article.
const LINES: usize = 5;
/// Most characters of a line, but for the last word.
const LINE: usize = 600;
/// Most characters of a French sentence that has changed.
const QUOTED: usize = 200;

/// What a digest says.
pub struct DigestPage<'a> {
    pub digest: &'a Digest,
    /// When the first and the last of its nights ended.
    pub nights: Option<(Timestamp, Timestamp)>,
    /// Path and reason of what the last run skipped.
    pub skipped: Vec<(&'a str, &'a str)>,
    /// What is wrong with the last run.
    pub problem: Option<&'a str>,
    pub links: &'a Links,
}

/// An article in a few lines.
struct Item {
    headline: String,
    page: String,
    /// After the headline.
    lines: Vec<Line>,
}

enum Line {
    /// Date, source and grade.
    About(String),
    Text(String),
    /// A statement, and the sentence that it rests on.
    Point(String, Option<String>),
    /// Headlines of other articles with their pages, and how many more there are.
    Others(Vec<(String, String)>, String),
    /// Words of the source before and after.
    French(Option<String>, Option<String>),
}

impl DigestPage<'_> {
    fn title(&self) -> String {
        let day = |time: Timestamp| iso_date_words(&time.to_string());
        match self.nights {
            None => "What is new".to_owned(),
            Some((first, last)) if day(first) == day(last) => format!("What is new: {}", day(last)),
            Some((first, last)) => format!("What is new: {} – {}", day(first), day(last)),
        }
    }

    /// All in a line.
    fn counts(&self) -> String {
        let digest = self.digest;
        if digest.is_empty() {
            return "Nothing is new.".to_owned();
        }
        let mut parts = Vec::new();
        if digest.articles > 0 {
            let doubtful = match digest.bad {
                0 => String::new(),
                bad => format!(" ({bad} doubtful)"),
            };
            let articles = count(digest.articles, "new article", "new articles");
            parts.push(articles + &doubtful);
        }
        let changed = digest.changed.len() + digest.changed_left_out;
        if changed > 0 {
            parts.push(format!("{changed} changed"));
        }
        if !digest.removed.is_empty() {
            parts.push(format!("{} gone", digest.removed.len()));
        }
        format!("{}.", parts.join(", "))
    }

    fn skipped(&self) -> Option<String> {
        const SHOWN: usize = 3;
        let all = &self.skipped;
        if all.is_empty() {
            return None;
        }
        let shown = all.iter().take(SHOWN);
        let shown: Vec<String> = shown
            .map(|(path, reason)| format!("{path} ({})", cut(reason, QUOTED)))
            .collect();
        let more = match all.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let inputs = count(all.len(), "input", "inputs");
        Some(format!("Skipped: {inputs}: {}{more}.", shown.join("; ")))
    }

    fn left_out(&self) -> Option<String> {
        let digest = self.digest;
        let stories = (digest.stories_left_out > 0)
            .then(|| count(digest.stories_left_out, "more story", "more stories"));
        let changed = (digest.changed_left_out > 0)
            .then(|| format!("{} more changed", digest.changed_left_out));
        let parts: Vec<String> = stories.into_iter().chain(changed).collect();
        (!parts.is_empty()).then(|| format!("Left out: {}.", parts.join(", ")))
    }

    fn gone(&self) -> Option<String> {
        const SHOWN: usize = 5;
        let all = &self.digest.removed;
        let shown = all.iter().take(SHOWN);
        let shown: Vec<String> = shown.map(|it| cut(&it.headline, QUOTED)).collect();
        let more = match all.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        (!all.is_empty()).then(|| format!("Gone: {}{more}.", shown.join("; ")))
    }

    /// Headings, each with the articles below it.
    fn sections(&self) -> Vec<(&'static str, Vec<Item>)> {
        let stories = self.digest.stories.iter();
        let is_bad = |story: &&NewStory| story.summary.trust.grade == Grade::Bad;
        let (bad, good): (Vec<_>, Vec<_>) = stories.partition(is_bad);
        let items = |stories: Vec<&NewStory>| {
            let items = stories.into_iter().map(|story| self.story(story));
            items.collect::<Vec<_>>()
        };
        let changed = self.digest.changed.iter().map(|it| self.changed(it));
        let sections = [
            ("New", items(good)),
            ("Changed", changed.collect()),
            ("New, but doubtful", items(bad)),
        ];
        let sections = sections.into_iter();
        sections.filter(|(_, items)| !items.is_empty()).collect()
    }

    fn story(&self, story: &NewStory) -> Item {
        let summary = &story.summary;
        let mut lines = vec![about(&summary.source, summary.trust.grade)];
        if summary.trust.grade == Grade::Bad {
            lines.push(Line::Text(why_bad(story)));
        }
        // Of a short article, headline, abstract and key point may be the same sentence.
        let words = |text: &str| text.trim_end_matches('.').to_owned();
        let abstract_ = &summary.abstract_.text;
        if !words(&summary.headline).starts_with(&words(abstract_)) {
            lines.push(Line::Text(cut(abstract_, LINE)));
        }
        let others = self.others(story);
        // The headline is the first.
        let room = LINES - 1 - lines.len() - usize::from(others.is_some());
        let points = rows::key_points(summary).into_iter();
        let points = points.take(room).map(|point| {
            let evidence = point.evidence.first();
            let evidence = evidence.map(|&it| self.links.sentence(&summary.id, it));
            Line::Point(cut(&point.text, LINE), evidence)
        });
        lines.extend(points);
        lines.extend(others);
        self.item(&summary.headline, &summary.id, lines)
    }

    fn others(&self, story: &NewStory) -> Option<Line> {
        if story.others.is_empty() && story.more == 0 {
            return None;
        }
        let others = story.others.iter().map(|other| {
            let outlet = outlet(&other.source);
            let from = match outlet.is_empty() {
                true => String::new(),
                false => format!(" ({outlet})"),
            };
            let headline = cut(&other.headline, QUOTED);
            (headline + &from, self.links.page(&other.id))
        });
        let more = match story.more {
            0 => String::new(),
            more => format!("{more} more"),
        };
        Some(Line::Others(others.collect(), more))
    }

    fn changed(&self, it: &ChangedArticle) -> Item {
        let (summary, change) = (&it.summary, &it.change);
        let sentences = changed_sentences(change);
        let mut lines = vec![match about(&summary.source, summary.trust.grade) {
            Line::About(about) if !about.is_empty() => {
                Line::About(format!("{about} · {sentences}"))
            }
            _ => Line::About(sentences),
        }];
        lines.extend(change.figures.iter().map(|figure| {
            let sentence = figure.sentence;
            let page = sentence.map(|it: SentenceId| self.links.sentence(&change.id, it));
            Line::Point(figure_words(figure), page)
        }));
        let french = |before: Option<&str>, after: Option<&str>| {
            let cut = |text: Option<&str>| text.map(|text| cut(text, QUOTED));
            Line::French(cut(before), cut(after))
        };
        if let Some((before, after)) = &change.title {
            lines.push(french(before.as_deref(), after.as_deref()));
        }
        let edited = change.edited.iter();
        lines.extend(edited.map(|it| french(Some(&it.before), Some(&it.after))));
        let removed = change.removed.iter();
        lines.extend(removed.map(|before| french(Some(before), None)));
        lines.truncate(LINES - 1);
        self.item(&change.headline, &change.id, lines)
    }

    fn item(&self, headline: &str, id: &str, lines: Vec<Line>) -> Item {
        Item {
            headline: cut(headline, LINE),
            page: self.links.page(id),
            lines,
        }
    }

    /// Markdown that is also fit to be read as it is.
    pub fn to_markdown(&self) -> String {
        let mut page = format!(
            "# {}\n\n{}\n",
            inline(&self.title()),
            inline(&self.counts())
        );
        let mut paragraph = |text: &str| page += &format!("\n{}\n", block(text));
        if let Some(problem) = self.problem {
            paragraph(&format!("Note: {problem}."));
        }
        for (heading, items) in self.sections() {
            page += &format!("\n## {heading}\n");
            for item in items {
                page += &markdown_of(&item);
            }
        }
        let ends = [self.left_out(), self.gone(), self.skipped()];
        for text in ends.into_iter().flatten() {
            page += &format!("\n{}\n", block(&text));
        }
        if let Some(index) = self.links.index() {
            page += &format!("\n[All articles]({index})\n");
        }
        page + &format!("\n{MADE_BY}{TOOL}\n")
    }

    /// A feed, in which each article has been as it is since its night of `when`.
    pub fn to_atom<S: BuildHasher>(&self, when: &HashMap<String, Timestamp, S>) -> String {
        let entry =
            |summary: &Summary| FeedEntry::new(summary, when.get(&summary.id).copied(), self.links);
        let new = self.digest.stories.iter().map(|it| entry(&it.summary));
        let changed = self.digest.changed.iter().map(|it| {
            let change = self.changed(it);
            entry(&it.summary).beginning_with(html! {
                p { b { "Changed" } }
                @for line in &change.lines { (html_line(line)) }
            })
        });
        to_atom(&new.chain(changed).collect::<Vec<_>>(), self.links)
    }

    /// A page in one piece.
    pub fn to_html(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(super::html::NO_SCRIPTS);
                    title { (self.title()) }
                }
                body style="margin:0;padding:16px" {
                    div style=(BODY) {
                        h1 style="font-size:22px;line-height:28px;margin:0 0 4px" { (self.title()) }
                        p style=(PARAGRAPH) { (self.counts()) }
                        @if let Some(problem) = self.problem {
                            p style=(PARAGRAPH) { b { "Note: " } (problem) "." }
                        }
                        @for (heading, items) in self.sections() {
                            h2 style=(HEADING) { (heading) }
                            @for item in items { (html_of(&item)) }
                        }
                        div style="margin:24px 0 0;border-top:1px solid #cccccc;padding:12px 0 0" {
                            @for text in [self.left_out(), self.gone(), self.skipped()].into_iter().flatten() {
                                p style=(PARAGRAPH) { (text) }
                            }
                            @if let Some(index) = self.links.index() {
                                p style=(PARAGRAPH) { a href=(index) style=(LINK) { "All articles" } }
                            }
                            p style=(SMALL) {
                                "Machine translation from French. " (MADE_BY) (TOOL)
                            }
                        }
                    }
                }
            }
        };
        let mut page = without_controls(&page.into_string());
        page.push('\n');
        page
    }
}

const BODY: &str = "max-width:640px;margin:0 auto;\
     font-family:Georgia,'Times New Roman',serif;font-size:16px;line-height:24px";
const HEADING: &str = "font-size:18px;line-height:24px;margin:24px 0 8px;\
     border-bottom:1px solid #cccccc";
const ITEM: &str = "margin:0 0 20px";
const HEADLINE: &str = "font-size:17px;line-height:24px;margin:0;font-weight:bold";
const PARAGRAPH: &str = "margin:4px 0 0";
const SMALL: &str = "margin:4px 0 0;font-size:14px;line-height:20px;color:#595959";
const POINT: &str = "margin:4px 0 0;padding:0 0 0 12px;border-left:3px solid #cccccc";
const LINK: &str = "color:#0b57d0";

fn html_of(item: &Item) -> Markup {
    html! {
        div style=(ITEM) {
            h3 style=(HEADLINE) { a href=(item.page) style=(LINK) { (item.headline) } }
            @for line in &item.lines { (html_line(line)) }
        }
    }
}

fn html_line(line: &Line) -> Markup {
    html! {
        @match line {
            Line::About(text) => p style=(SMALL) { (text) },
            Line::Text(text) => p style=(PARAGRAPH) { (text) },
            Line::Point(text, page) => p style=(POINT) {
                (text)
                @if let Some(page) = page { " " a href=(page) style=(LINK) { "source" } }
            },
            Line::Others(others, more) => p style=(SMALL) {
                "Same story: "
                @for (n, (headline, page)) in others.iter().enumerate() {
                    @if n > 0 { "; " }
                    a href=(page) style=(LINK) { (headline) }
                }
                @if !more.is_empty() {
                    @if !others.is_empty() { "; " }
                    (more)
                }
            },
            Line::French(before, after) => p style=(POINT) lang="fr" {
                @if let Some(before) = before { del { (before) } }
                @if before.is_some() && after.is_some() { " " }
                @if let Some(after) = after { ins { (after) } }
            },
        }
    }
}

/// An item of a list, whose lines end with the two blanks that keep them apart.
fn markdown_of(item: &Item) -> String {
    let linked = |text: &str, page: &str| format!("[{}]({page})", inline(text));
    let mut lines = vec![format!("- **{}**", linked(&item.headline, &item.page))];
    lines.extend(item.lines.iter().map(|line| match line {
        Line::About(text) | Line::Text(text) => block(text),
        Line::Point(text, Some(page)) => format!("– {} [source]({page})", inline(text)),
        Line::Point(text, None) => format!("– {}", inline(text)),
        Line::Others(others, more) => {
            let others = others.iter().map(|(headline, page)| linked(headline, page));
            let more = Some(more.clone()).filter(|more| !more.is_empty());
            let all: Vec<String> = others.chain(more).collect();
            format!("Same story: {}", all.join("; "))
        }
        Line::French(before, after) => {
            let quoted = |text: &String| format!("« {} »", inline(text));
            match (before, after) {
                (Some(before), Some(after)) => {
                    format!("– {} is now {}", quoted(before), quoted(after))
                }
                (Some(before), None) => format!("– gone: {}", quoted(before)),
                (None, Some(after)) => format!("– added: {}", quoted(after)),
                (None, None) => "– the title".to_owned(),
            }
        }
    }));
    format!("\n{}\n", lines.join("  \n  "))
}

fn about(source: &Source, grade: Grade) -> Line {
    let date = source.date.as_deref().map(iso_date_words);
    let outlet = Some(outlet(source)).filter(|outlet| !outlet.is_empty());
    let grade = (grade != Grade::Good).then(|| format!("translation: {}", grade.word()));
    let parts = [date, outlet, grade];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Line::About(parts.join(" · "))
}

/// What is wrong with an article whose translation is bad.
fn why_bad(story: &NewStory) -> String {
    let summary = &story.summary;
    let trust = summary.trust;
    let all = trust.good + trust.check + trust.bad;
    let mut flags: Vec<(usize, Flag)> = Vec::new();
    for it in &summary.checks.flagged {
        match flags.iter_mut().find(|(_, flag)| *flag == it.flag) {
            Some((count, _)) => *count += 1,
            None => flags.push((1, it.flag)),
        }
    }
    flags.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let flags: Vec<&str> = flags.iter().take(2).map(|it| flag_words(it.1)).collect();
    let flags = match flags.is_empty() {
        true => String::new(),
        false => format!(": {}", flags.join("; ")),
    };
    format!(
        "Doubtful: of {} {} bad, {} to check{flags}",
        count(all, "sentence", "sentences"),
        trust.bad,
        trust.check
    )
}

/// `120 communes is now 150 communes (municipalities)`
fn figure_words(figure: &FigureChange) -> String {
    let change = match (&figure.before, &figure.after) {
        (Some(before), Some(after)) => format!("{before} is now {after}"),
        (None, Some(after)) => format!("added: {after}"),
        (Some(before), None) => format!("gone: {before}"),
        (None, None) => String::new(),
    };
    match &figure.what {
        Some(what) => format!("{change} ({what})"),
        None => change,
    }
}

/// The beginning of a text, up to a word's end.
fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let end = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    format!("{}…", text[..end].trim_end())
}
