//! Pages of many articles: the index, people and organisations, the timeline.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{NO_SCRIPTS, OWN_SCRIPTS, Page, address, grade_words, marker};
use crate::archive::{Changed, Changes, Edited, FigureChange};
use crate::output::marker::MADE_BY;
use crate::output::words::{changed_sentences, date_words, iso_date_words, outlet};
use crate::summarize::{Grade, SentenceId, Summary};
use french::edtf::Edtf;

const STYLE: &str = include_str!("lists.css");
const SCRIPT: &str = include_str!("index.js");

/// What the index says of an article.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub reference: Reference,
    pub title: Option<String>,
    pub abstract_: String,
    pub sentences: usize,
    pub grade: Grade,
    pub language: String,
    pub people: Vec<String>,
    pub organisations: Vec<String>,
    pub places: Vec<String>,
}

/// What rows are sorted by.
pub(crate) type RowOrder = (std::cmp::Reverse<Option<String>>, String);

/// An article as other pages name it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    pub id: String,
    pub date: Option<String>,
    pub headline: String,
    pub outlet: String,
}

impl Row {
    pub(crate) fn of(summary: &Summary) -> Self {
        // Both forms of a name are found.
        let names = |name: &str, source_name: &str| match name == source_name {
            true => name.to_owned(),
            false => format!("{name} / {source_name}"),
        };
        let source = &summary.source;
        Self {
            reference: Reference {
                id: summary.id.clone(),
                date: source.date.clone(),
                headline: summary.headline.clone(),
                outlet: outlet(source),
            },
            title: source.title.clone(),
            abstract_: summary.abstract_.text.clone(),
            sentences: source.sentences,
            grade: summary.trust.grade,
            language: source.language.clone(),
            people: summary
                .people
                .iter()
                .map(|it| names(&it.name, &it.source_name))
                .collect(),
            organisations: (summary.organisations.iter())
                .map(|it| names(&it.name, &it.source_name))
                .collect(),
            places: summary
                .places
                .iter()
                .map(|it| names(&it.name, &it.source_name))
                .collect(),
        }
    }

    /// Newest first; those without a date last.
    pub(crate) fn order(&self) -> RowOrder {
        let Reference { id, date, .. } = &self.reference;
        (std::cmp::Reverse(date.clone()), id.clone())
    }

    /// The row as `index.js` reads it.
    pub(crate) fn data(&self) -> String {
        let Reference {
            id,
            date,
            headline,
            outlet,
        } = &self.reference;
        let names = (&self.people, &self.organisations, &self.places);
        let row = (
            id,
            date,
            headline,
            &self.title,
            outlet,
            self.sentences,
            self.grade.word(),
            &self.abstract_,
            names,
        );
        serde_json::to_string(&row).expect("texts and numbers are JSON")
    }
}

/// Whether `page` is an index that this version wrote. Its first 1,024 bytes are enough.
pub(crate) fn is_index_current(page: &[u8]) -> bool {
    super::has_marker(page, "")
}

/// A script that hands JSON to `index.js`, by `function`.
pub(crate) fn index_data(function: &str, json: &str) -> String {
    // As a string, which browsers read faster than an expression.
    let quoted = serde_json::to_string(json).expect("a text is JSON");
    let mut script = format!("// {MADE_BY}{}\nprecis.{function}(", crate::TOOL);
    for c in quoted.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                script += &format!("\\u{:04x}", u32::from(c));
            }
            c => script.push(c),
        }
    }
    script + ");\n"
}

/// The script of the index, as a file of its own.
pub(crate) fn index_script() -> String {
    format!("// {MADE_BY}{}\n{SCRIPT}", crate::TOOL)
}

/// What the start page shows.
pub(crate) struct IndexPage<'a> {
    /// The newest articles, as many as are shown without a script.
    pub rows: &'a [Row],
    pub articles: usize,
    pub grades: BTreeMap<Grade, usize>,
    /// Number of scripts with rows.
    pub shards: usize,
    /// Path and reason of inputs without a summary.
    pub skipped: Vec<(&'a str, &'a str)>,
    pub changes: &'a Changes,
    /// For each article of a story, how many others it has.
    pub copies: &'a BTreeMap<&'a str, usize>,
    /// Whether there is a report of a run.
    pub has_report: bool,
}

/// The pages of many articles lead to each other.
fn bar(current: &str) -> Markup {
    html! {
        header.bar {
            nav aria-label="Site" {
                @for (page, label) in [
                    ("index.html", "All articles"),
                    ("people.html", "People and organisations"),
                    ("timeline.html", "Timeline"),
                ] {
                    a href=(page) aria-current=[(page == current).then_some("page")] { (label) }
                }
            }
            p { "Machine translation from French, with its evidence" }
        }
    }
}

fn foot() -> Markup {
    html! { footer.foot { p { (MADE_BY) (crate::TOOL) } } }
}

impl IndexPage<'_> {
    pub(crate) fn render(&self) -> String {
        let body = html! {
            a.skip href="#articles" { "Skip to the articles" }
            (bar("index.html"))
            main {
                header.head {
                    h1 { "Articles" }
                    p.lead { (self.counts()) }
                }
                (self.form())
                p.count #count role="status" {
                    @if self.rows.len() < self.articles {
                        "The newest " (self.rows.len()) " of " (self.articles) "; "
                        "searching the others takes JavaScript."
                    }
                }
                (self.table())
                p { button.more #more type="button" hidden { "Show more" } }
                (self.changed())
                (self.skipped())
            }
            (foot())
            script src="index.js" {}
        };
        Page {
            title: "Articles",
            marker: marker(""),
            style: STYLE,
            policy: OWN_SCRIPTS,
            body,
        }
        .render()
    }

    fn counts(&self) -> Markup {
        let graded = |grade: Grade| self.grades.get(&grade).copied().unwrap_or_default();
        let (check, bad) = (graded(Grade::Check), graded(Grade::Bad));
        let new = if self.has_news() {
            self.changes.new.len()
        } else {
            0
        };
        html! {
            (self.articles) @if self.articles == 1 { " article" } @else { " articles" }
            @if new > 0 { " · " (new) " new" }
            @if !self.changes.changed.is_empty() {
                " · " a href="#changed" { (self.changes.changed.len()) " changed" }
            }
            @if check > 0 { " · " (check) " to check" }
            @if bad > 0 { " · " (bad) " bad" }
            @if !self.skipped.is_empty() {
                " · " a href="#skipped" { (self.skipped.len()) " skipped" }
            }
        }
    }

    /// Whether what is new stands out from the rest.
    fn has_news(&self) -> bool {
        self.changes.new.len() < self.articles
    }

    /// Filled in and shown by the script.
    fn form(&self) -> Markup {
        html! {
            form.search #search role="search" hidden data-shards=(self.shards) {
                div.query {
                    label for="q" { "Search" }
                    input #q name="q" type="search" autocomplete="off" spellcheck="false"
                        aria-describedby="q-help";
                    p.help #q-help {
                        "Beginnings of words, in headline, French title, abstract and names. "
                        kbd { "/" } " leads here."
                    }
                }
                div.filters {
                    div { label for="from" { "From" } input #from name="from" type="date"; }
                    div { label for="to" { "To" } input #to name="to" type="date"; }
                    div {
                        label for="source" { "Source" }
                        select #source name="source" { option value="" { "all" } }
                    }
                    @for (name, label) in [
                        ("person", "Person"),
                        ("organisation", "Organisation"),
                        ("place", "Place"),
                    ] {
                        div {
                            label for=(name) { (label) }
                            input id=(name) name=(name) list={ (name) "-names" } autocomplete="off";
                            datalist id={ (name) "-names" } {}
                        }
                    }
                    div {
                        label for="grade" { "Translation" }
                        select #grade name="grade" {
                            option value="" { "all" }
                            @for grade in [Grade::Good, Grade::Check, Grade::Bad] {
                                option value=(grade.word()) { (grade.word()) }
                            }
                        }
                    }
                }
                div.switches {
                    label { input name="new" type="checkbox" value="1"; " New since last night" }
                    label { input name="once" type="checkbox" value="1"; " Each story once" }
                    button #reset type="reset" { "Clear" }
                }
            }
        }
    }

    fn table(&self) -> Markup {
        html! {
            table #articles {
                caption.unseen { "Articles, the newest first" }
                thead {
                    tr {
                        th scope="col" data-key="date" { "Date" }
                        th scope="col" data-key="headline" { "Headline" }
                        th scope="col" data-key="source" { "Source" }
                        th scope="col" data-key="sentences" { "Sentences" }
                        th scope="col" data-key="grade" { "Translation" }
                    }
                }
                tbody #rows { @for row in self.rows { (self.row(row)) } }
            }
        }
    }

    fn row(&self, row: &Row) -> Markup {
        let it = &row.reference;
        let is_new = self.has_news() && self.changes.new.binary_search(&it.id).is_ok();
        let is_changed = self
            .changes
            .changed
            .iter()
            .any(|changed| changed.id == it.id);
        html! {
            tr {
                td.date {
                    @if let Some(date) = &it.date { time datetime=(date) { (short_date(date)) } }
                }
                th scope="row" {
                    a.headline href={ (address(&it.id)) ".html" } { (it.headline) }
                    @if is_new { " " span.tag { "new" } }
                    @if is_changed { " " span.tag { "changed" } }
                    @if let Some(title) = &row.title { span.original lang="fr" { (title) } }
                    @if let Some(others) = self.copies.get(it.id.as_str()) {
                        span.copies { (copies(*others)) }
                    }
                }
                td.source { (it.outlet) }
                td.number { (row.sentences) }
                td { (grade_words(row.grade)) }
            }
        }
    }

    fn changed(&self) -> Markup {
        let Changes {
            changed, removed, ..
        } = self.changes;
        html! {
            @if !changed.is_empty() || !removed.is_empty() {
                section aria-labelledby="changed" {
                    h2 #changed { "Changed since last night" }
                    ul.changes {
                        @for it in changed { (change(it)) }
                        @for it in removed { li { "Gone: " (it.headline) } }
                    }
                }
            }
        }
    }

    fn skipped(&self) -> Markup {
        html! {
            @if !self.skipped.is_empty() {
                section aria-labelledby="skipped" {
                    h2 #skipped { "Skipped" }
                    table.plain {
                        caption.unseen { "Inputs without a summary" }
                        thead { tr { th scope="col" { "Input" } th scope="col" { "Reason" } } }
                        tbody {
                            @for (path, reason) in &self.skipped {
                                tr { th scope="row" { (path) } td { (reason) } }
                            }
                        }
                    }
                }
            }
            section aria-labelledby="data" {
                h2 #data { "For programs" }
                p.data {
                    a href="summaries.jsonl" { "all summaries" } ", "
                    a href="run/entities.json" { "names" } ", "
                    a href="run/clusters.json" { "stories" } ", "
                    a href="feed.xml" { "feed" }
                    @if self.has_report { ", " a href="run/run.json" { "report of the run" } }
                }
            }
        }
    }
}

/// As `index.js` says it.
fn copies(others: usize) -> String {
    match others {
        1 => "same story in 1 other article".to_owned(),
        n => format!("same story in {n} other articles"),
    }
}

/// The day, as it sorts.
fn short_date(date: &str) -> &str {
    date.get(..10).unwrap_or(date)
}

fn change(it: &Changed) -> Markup {
    let page = format!("{}.html", address(&it.id));
    let link = |sentence: SentenceId| format!("{page}#s{sentence}");
    html! {
        li {
            a.headline href=(page) { (it.headline) }
            @if !it.figures.is_empty() {
                ul.figures {
                    @for figure in &it.figures { li { (figure_change(figure, &link)) } }
                }
            }
            details {
                summary { (changed_sentences(it)) }
                @if let Some((before, after)) = &it.title {
                    p lang="fr" {
                        @if let Some(before) = before { del { (before) } " " }
                        @if let Some(after) = after { ins { (after) } }
                    }
                }
                @for Edited { before, after, sentence } in &it.edited {
                    p lang="fr" {
                        del { (before) } " " ins { (after) } " "
                        a href=(link(*sentence)) { span.unseen lang="en" { "sentence " } (sentence) }
                    }
                }
                @if !it.added.is_empty() {
                    p {
                        "Added: "
                        @for sentence in &it.added {
                            a href=(link(*sentence)) { "sentence " (sentence) } " "
                        }
                    }
                }
                @for before in &it.removed { p lang="fr" { del { (before) } } }
            }
        }
    }
}

fn figure_change(figure: &FigureChange, link: &dyn Fn(SentenceId) -> String) -> Markup {
    html! {
        @match (&figure.before, &figure.after) {
            (Some(before), Some(after)) => {
                b lang="fr" { (before) } " is now " b lang="fr" { (after) }
            }
            (None, Some(after)) => { "added: " b lang="fr" { (after) } }
            (Some(before), None) => { "gone: " b lang="fr" { (before) } }
            (None, None) => {}
        }
        @if let Some(what) = &figure.what { " (" (what) ")" }
        @if let Some(sentence) = figure.sentence {
            " " a href=(link(sentence)) { span.unseen { "sentence " } (sentence) }
        }
    }
}

/// People and organisations with what is said of them.
pub(crate) struct PeoplePage {
    pub people: Vec<PersonEntry>,
    pub organisations: Vec<PersonEntry>,
    /// Names that are not on the page.
    pub left_out: usize,
}

pub(crate) struct PersonEntry {
    pub name: String,
    pub aliases: Vec<String>,
    pub roles: Vec<String>,
    pub articles: usize,
    /// The newest, as many as are shown.
    pub statements: Vec<Said>,
}

/// A sentence of an article, in English.
pub(crate) struct Said {
    pub article: Reference,
    pub sentence: SentenceId,
    pub text: String,
    pub grade: Grade,
}

impl PeoplePage {
    pub(crate) fn render(&self) -> String {
        let body = html! {
            a.skip href="#people" { "Skip to the names" }
            (bar("people.html"))
            main {
                header.head {
                    h1 { "People and organisations" }
                    p.lead {
                        "Those in most articles first, with the newest of what is said of them."
                        @if self.left_out > 0 {
                            " Another " (self.left_out) " names are found by the search of "
                            a href="index.html" { "all articles" } " and in "
                            a href="run/entities.json" { "the data" } "."
                        }
                    }
                }
                (entries("people", "People", &self.people))
                (entries("organisations", "Organisations", &self.organisations))
            }
            (foot())
        };
        Page {
            title: "People and organisations",
            marker: marker(""),
            style: STYLE,
            policy: NO_SCRIPTS,
            body,
        }
        .render()
    }
}

fn entries(id: &str, heading: &str, entries: &[PersonEntry]) -> Markup {
    html! {
        @if !entries.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (heading) }
                @for it in entries {
                    details.entry {
                        summary {
                            b { (it.name) }
                            @if !it.roles.is_empty() { span.roles { (it.roles.join("; ")) } }
                            span.articles {
                                (it.articles) @if it.articles == 1 { " article" } @else { " articles" }
                            }
                        }
                        @if !it.aliases.is_empty() {
                            p.aliases { "also " i lang="fr" { (it.aliases.join(", ")) } }
                        }
                        ul.said { @for said in &it.statements { li { (said_by(said)) } } }
                        @let articles = distinct_articles(&it.statements);
                        @if it.articles > articles {
                            p.aliases { "and in " (it.articles - articles) " more" }
                        }
                    }
                }
            }
        }
    }
}

fn distinct_articles(statements: &[Said]) -> usize {
    let ids: std::collections::BTreeSet<&str> =
        statements.iter().map(|it| it.article.id.as_str()).collect();
    ids.len()
}

fn said_by(said: &Said) -> Markup {
    let it = &said.article;
    html! {
        p {
            (said.text)
            @if said.grade != Grade::Good { " " (grade_words(said.grade)) }
        }
        p.from {
            a href={ (address(&it.id)) ".html#s" (said.sentence) } { (it.headline) }
            @if let Some(date) = &it.date { " · " (iso_date_words(date)) }
            @if !it.outlet.is_empty() { " · " (it.outlet) }
        }
    }
}

/// Dated statements of all articles.
pub(crate) struct TimelinePage {
    /// The latest first.
    pub days: Vec<TimelineDay>,
    /// Dates that are not on the page.
    pub left_out: usize,
}

/// What is said of a day, month or year.
pub(crate) struct TimelineDay {
    pub date: Edtf,
    pub statements: Vec<Said>,
    /// Statements that are not on the page.
    pub left_out: usize,
}

impl TimelinePage {
    pub(crate) fn render(&self) -> String {
        let body = html! {
            a.skip href="#dates" { "Skip to the dates" }
            (bar("timeline.html"))
            main {
                header.head {
                    h1 { "Timeline" }
                    p.lead {
                        "What the articles date, the latest first."
                        @if self.left_out > 0 { " " (self.left_out) " earlier dates are left out." }
                    }
                }
                div #dates {
                    @for day in &self.days {
                        section.day {
                            h2 { (date_words(day.date)) }
                            ul.said {
                                @for said in &day.statements { li { (said_by(said)) } }
                            }
                            @if day.left_out > 0 { p.aliases { "and " (day.left_out) " more" } }
                        }
                    }
                }
            }
            (foot())
        };
        Page {
            title: "Timeline",
            marker: marker(""),
            style: STYLE,
            policy: NO_SCRIPTS,
            body,
        }
        .render()
    }
}
