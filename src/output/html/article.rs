//! The page of one article: what it says, and both texts side by side. It depends on the summary
//! alone, not on what else is in the corpus.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{NO_SCRIPTS, Page, grade_sign, grade_words, marker};
use crate::output::rows;
use crate::output::words::{
    flag_words, iso_date_words, outlet, part_words, short, why_replaced, why_unwritten,
};
use crate::summarize::{
    Flag, Flagged, Grade, Kept, Origin, Place, Quote, SentenceId, Summary, TranslatedSentence,
};
use french::text::whole_places;

const STYLE: &str = include_str!("article.css");

/// Writes the page of an article. Equal summaries give equal bytes.
pub fn to_html(summary: &Summary) -> String {
    let page = ArticlePage {
        summary,
        uses: uses(summary),
    };
    Page {
        title: &summary.headline,
        marker: marker(&summary.provenance.fingerprint),
        style: STYLE,
        policy: NO_SCRIPTS,
        body: page.body(),
    }
    .render()
}

/// Whether `page` is the page that this version writes for the summary with this fingerprint. Its
/// first 1,024 bytes are enough.
pub fn is_current(page: &[u8], fingerprint: &str) -> bool {
    super::has_marker(page, fingerprint)
}

/// A part of the summary that rests on a sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Abstract,
    /// Number of the key point, from 1.
    KeyPoint(usize),
}

/// What rests on each sentence.
fn uses(summary: &Summary) -> BTreeMap<usize, Vec<Use>> {
    let mut uses: BTreeMap<usize, Vec<Use>> = BTreeMap::new();
    let mut add = |evidence: &[SentenceId], what: Use| {
        for id in evidence {
            let all = uses.entry(id.0).or_default();
            if !all.contains(&what) {
                all.push(what);
            }
        }
    };
    add(&summary.abstract_.evidence, Use::Abstract);
    for (n, point) in rows::key_points(summary).into_iter().enumerate() {
        add(&point.evidence, Use::KeyPoint(n + 1));
    }
    uses
}

struct ArticlePage<'a> {
    summary: &'a Summary,
    uses: BTreeMap<usize, Vec<Use>>,
}

impl ArticlePage<'_> {
    fn body(&self) -> Markup {
        html! {
            a.skip href="#summary" { "Skip to the summary" }
            header.bar {
                nav aria-label="Site" { a href="index.html" { "All articles" } }
                p { "Machine translation from French, with its evidence" }
            }
            main #summary {
                article {
                    (self.head())
                    div.columns {
                        div.story {
                            (self.key_points())
                            (self.quotes())
                            (self.timeline())
                        }
                        div.facts {
                            (self.people())
                            (self.organisations())
                            (self.places())
                            (self.figures())
                        }
                    }
                    (self.text())
                }
            }
            footer.foot { (self.provenance()) }
        }
    }

    fn head(&self) -> Markup {
        let summary = self.summary;
        let source = &summary.source;
        html! {
            header.head {
                p.kicker {
                    @if let Some(date) = &source.date {
                        time datetime=(date) { (iso_date_words(date)) }
                    }
                    @let outlet = outlet(source);
                    @if !outlet.is_empty() { span { (outlet) } }
                    @if let Some(author) = &source.author { span lang="fr" { (author) } }
                }
                h1 { (summary.headline) }
                @if let Some(title) = rows::original_title(summary) { p.original lang="fr" { (title) } }
                @if source.truncated {
                    p.cut {
                        "Only the beginning of the article was at hand; the rest is for subscribers."
                    }
                }
                @if !summary.abstract_.text.is_empty() {
                    p.abstract #abstract {
                        (summary.abstract_.text) (self.marks(&summary.abstract_.evidence))
                    }
                }
                (self.trust())
            }
        }
    }

    /// The grade as a word; what it rests on when it is opened.
    fn trust(&self) -> Markup {
        let trust = self.summary.trust;
        let checks = &self.summary.checks;
        let kept = |what: &str, Kept { kept, of }: Kept| {
            html! { @if of > 0 { li { (kept) " of " (of) " " (what) " kept" } } }
        };
        let meaning = match trust.grade {
            Grade::Good => {
                "The statements on this page rest on sentences that read as well translated."
            }
            Grade::Check => {
                "Something on this page may be missing or wrong: compare with the French."
            }
            Grade::Bad => {
                "The translation probably says something else somewhere: read the French."
            }
        };
        html! {
            details.trust {
                summary { "Translation: " (grade_words(trust.grade)) }
                div.why {
                    p {
                        (meaning) " Marks: " (grade_words(Grade::Check)) ", a detail may be missing or wrong; "
                        (grade_words(Grade::Bad)) ", it is likely to say something else."
                    }
                    ul {
                        li {
                            (trust.good) " sentences good, " (trust.check) " to check, "
                            (trust.bad) " bad"
                        }
                        (kept("numbers", checks.numbers))
                        (kept("dates", checks.dates))
                        (kept("names", checks.names))
                        @for note in &self.summary.source.notes { li { (note) } }
                        @if let Some(words) = why_unwritten(self.summary) { li { (words) } }
                    }
                    @if !checks.replaced.is_empty() {
                        p { "Left out of the summary:" }
                        ul {
                            @for left in &checks.replaced {
                                li {
                                    "from " (part_words(left.part)) ", “" (left.text) "”"
                                    (self.marks(&left.evidence)) ": " (why_replaced(left))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn key_points(&self) -> Markup {
        let points = rows::key_points(self.summary);
        html! {
            @if !points.is_empty() {
                section aria-labelledby="key-points" {
                    h2 #key-points { "Key points" }
                    ol.points {
                        @for (n, point) in points.iter().enumerate() {
                            li id={ "k" (n + 1) } {
                                p { (point.text) (self.doubt(&point.evidence)) }
                                details.evidence {
                                    summary {
                                        "Evidence"
                                        span.unseen { " for key point " (n + 1) }
                                    }
                                    @for id in &point.evidence { (self.pair(*id)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// A sentence in both languages, as evidence.
    fn pair(&self, id: SentenceId) -> Markup {
        html! {
            @if let Some(sentence) = self.sentence(id) {
                div.pair {
                    p lang="en" { (self.english(sentence)) }
                    p lang="fr" { (self.french(sentence)) }
                    p.where { a href={ "#s" (id) } { "Sentence " (id) " in the article" } }
                }
            }
        }
    }

    fn quotes(&self) -> Markup {
        let quotes = &self.summary.quotes;
        let quote = |quote: &Quote| {
            html! {
                figure.quote {
                    blockquote { p { "“" (quote.text) "”" } p lang="fr" { "« " (quote.source_text) " »" } }
                    figcaption {
                        @match &quote.speaker {
                            Some(speaker) => (speaker),
                            None => "Speaker not named",
                        }
                        (self.marks(&[quote.sentence]))
                    }
                }
            }
        };
        html! {
            @if !quotes.is_empty() {
                section aria-labelledby="quotes" {
                    h2 #quotes { "Quotes" }
                    @for it in quotes { (quote(it)) }
                }
            }
        }
    }

    fn people(&self) -> Markup {
        let people = self.summary.people.iter();
        self.names(
            "people",
            "People",
            people.map(|it| Name {
                english: &it.name,
                french: &it.source_name,
                about: it.role.as_deref(),
                sentences: &it.sentences,
            }),
        )
    }

    fn organisations(&self) -> Markup {
        let organisations = self.summary.organisations.iter();
        self.names(
            "organisations",
            "Organisations",
            organisations.map(|it| Name {
                english: &it.name,
                french: &it.source_name,
                about: it.description.as_deref(),
                sentences: &it.sentences,
            }),
        )
    }

    fn places(&self) -> Markup {
        let rows = rows::places(self.summary);
        let name = |it: &Place| {
            html! {
                span {
                    (it.name)
                    @if it.source_name != it.name { " " i lang="fr" { (it.source_name) } }
                    (self.links(&it.sentences))
                }
            }
        };
        html! {
            @if !rows.is_empty() {
                section aria-labelledby="places" {
                    h2 #places { "Places" }
                    ul.names {
                        @for (kind, places) in &rows {
                            li.bare {
                                @if let Some(kind) = kind { span.about { (kind) ": " } }
                                @for (n, place) in places.iter().enumerate() {
                                    @if n > 0 { ", " }
                                    (name(place))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Those of whom more is said than their name have a line each; the others share one.
    fn names<'a>(&self, id: &str, heading: &str, names: impl Iterator<Item = Name<'a>>) -> Markup {
        let (told, bare): (Vec<_>, Vec<_>) = names.partition(|it| it.about.is_some());
        html! {
            @if !told.is_empty() || !bare.is_empty() {
                section aria-labelledby=(id) {
                    h2 id=(id) { (heading) }
                    ul.names {
                        @for it in &told {
                            li {
                                b { (it.english) }
                                @if it.french != it.english { " " i lang="fr" { (it.french) } }
                                @if let Some(about) = it.about { span.about { ", " (about) } }
                                (self.links(it.sentences))
                            }
                        }
                        @if !bare.is_empty() {
                            li.bare {
                                @for (n, it) in bare.iter().enumerate() {
                                    @if n > 0 { ", " }
                                    span {
                                        (it.english)
                                        @if it.french != it.english { " " i lang="fr" { (it.french) } }
                                        (self.links(it.sentences))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn figures(&self) -> Markup {
        let rows = rows::figures(self.summary);
        html! {
            @if !rows.is_empty() {
                section aria-labelledby="figures" {
                    h2 #figures { "Figures" }
                    ul.names {
                        @for row in &rows {
                            li {
                                b { (row.quantities()) }
                                " " i lang="fr" { (row.as_written()) }
                                @if let Some(clause) = row.clause() {
                                    span.clause { (clause) (self.marks(&[row.sentence()])) }
                                } @else {
                                    @if let Some(what) = row.what() { span.about { ", " (what) } }
                                    (self.links(&[row.sentence()]))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn timeline(&self) -> Markup {
        let rows = rows::timeline(self.summary);
        html! {
            @if !rows.is_empty() {
                section aria-labelledby="timeline" {
                    h2 #timeline { "Timeline" }
                    ol.timeline {
                        @for row in &rows {
                            li {
                                b.when { (row.when()) }
                                p { (row.text()) (self.marks(&[row.sentence()])) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn text(&self) -> Markup {
        let sentences = &self.summary.translation.sentences;
        let mut last = None;
        html! {
            @if !sentences.is_empty() {
                section.text aria-labelledby="article" {
                    h2 #article { "The article, sentence by sentence" }
                    fieldset.languages {
                        legend.unseen { "Show" }
                        @for (id, label, checked) in [
                            ("both", "Both", true),
                            ("only-en", "English", false),
                            ("only-fr", "French", false),
                        ] {
                            input type="radio" name="languages" id=(id) checked[checked];
                            label for=(id) { (label) }
                        }
                    }
                    @for sentence in sentences {
                        @let begins = last.replace(sentence.paragraph) != Some(sentence.paragraph);
                        (self.row(sentence, begins))
                    }
                }
            }
        }
    }

    fn row(&self, sentence: &TranslatedSentence, begins_paragraph: bool) -> Markup {
        let id = sentence.id;
        let origin = match sentence.origin {
            Origin::Model => None,
            Origin::Memory => Some("from the translation memory"),
            Origin::Source => Some("in English in the source"),
        };
        let uses = self.uses.get(&id.0).map_or(&[][..], Vec::as_slice);
        let class = match (begins_paragraph, uses.is_empty()) {
            (true, true) => "row begins",
            (true, false) => "row begins used",
            (false, true) => "row",
            (false, false) => "row used",
        };
        html! {
            div class=(class) id={ "s" (id) } tabindex="-1" {
                div.number {
                    a href={ "#s" (id) } { span.unseen { "Sentence " } (id) }
                    @if sentence.grade != Grade::Good { " " (grade_sign(sentence.grade)) }
                }
                p.en lang="en" { (self.english(sentence)) }
                p.fr lang="fr" { (self.french(sentence)) }
                div.side {
                    (self.doubts(sentence))
                    @if let Some(origin) = origin { span { (origin) } " " }
                    @for one in uses {
                        @match one {
                            Use::Abstract => a href="#abstract" { "abstract" },
                            Use::KeyPoint(n) => a href={ "#k" (n) } { "key point " (n) },
                        }
                        " "
                    }
                }
            }
        }
    }

    /// What was found in the translation of a sentence, when it is opened.
    fn doubts(&self, sentence: &TranslatedSentence) -> Markup {
        let flagged: Vec<&Flagged> = self.flagged(sentence.id).collect();
        html! {
            @if !flagged.is_empty() {
                details.doubt {
                    summary { "what to check" }
                    ul {
                        @for it in flagged {
                            li {
                                (flag_words(it.flag))
                                @if !it.detail.is_empty() {
                                    ": " @if is_english(it.flag) { (it.detail) }
                                    @else { span lang="fr" { (it.detail) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn english(&self, sentence: &TranslatedSentence) -> Markup {
        let doubtful = self.flagged(sentence.id).filter(|it| is_english(it.flag));
        // What of several words is doubtful is listed with commas.
        let words = doubtful.flat_map(|it| it.detail.split(", "));
        match sentence.text.is_empty() {
            true => html! { em { "No translation" } },
            false => marked(&sentence.text, words),
        }
    }

    fn french(&self, sentence: &TranslatedSentence) -> Markup {
        let lost = self.flagged(sentence.id).filter(|it| !is_english(it.flag));
        marked(&sentence.source, lost.map(|it| it.detail.as_str()))
    }

    fn flagged(&self, id: SentenceId) -> impl Iterator<Item = &Flagged> {
        // They are in the order of their sentences.
        let all = &self.summary.checks.flagged;
        let own = all[all.partition_point(|it| it.sentence < id)..].iter();
        own.take_while(move |it| it.sentence == id)
    }

    fn sentence(&self, id: SentenceId) -> Option<&TranslatedSentence> {
        let sentences = &self.summary.translation.sentences;
        sentences.get(id.0).filter(|sentence| sentence.id == id)
    }

    /// Links to the sentences that a statement rests on, each with its grade if that is not good.
    fn marks(&self, sentences: &[SentenceId]) -> Markup {
        html! { (self.links(sentences)) (self.doubt(sentences)) }
    }

    fn links(&self, sentences: &[SentenceId]) -> Markup {
        html! {
            @for id in sentences {
                @if self.sentence(*id).is_some() {
                    " " a.mark href={ "#s" (id) } { span.unseen { "sentence " } (id) }
                }
            }
        }
    }

    /// The worst grade of the sentences that a statement rests on, if it is not good.
    fn doubt(&self, sentences: &[SentenceId]) -> Markup {
        let grades = sentences.iter().filter_map(|id| self.sentence(*id));
        let worst = grades.map(|sentence| sentence.grade).max();
        html! {
            @if let Some(grade) = worst.filter(|grade| *grade != Grade::Good) {
                " " (grade_sign(grade))
            }
        }
    }

    fn provenance(&self) -> Markup {
        let summary = self.summary;
        let made = &summary.provenance;
        let translator = &made.translator;
        let writer = &made.writer;
        html! {
            p {
                "Made by " (made.tool) " · translated by " (translator.model) " ("
                (short(&translator.digest)) "), beam " (translator.settings.beam) ", "
                (translator.settings.numeric) " · abstract: " (writer.model)
                @if let Some(digest) = &writer.digest { " (" (short(digest)) ")" }
            }
            p {
                "Source: " (summary.source.path)
                @if let Some(url) = &summary.source.url { " · " (url) }
                " · " (short(&summary.source.digest))
            }
            p {
                "The same as data: "
                a href={ (super::address(&summary.id)) ".json" } { (summary.id) ".json" }
            }
        }
    }
}

struct Name<'a> {
    english: &'a str,
    french: &'a str,
    about: Option<&'a str>,
    sentences: &'a [SentenceId],
}

/// Whether the detail of a flag is of the English; of the others it is of the French.
fn is_english(flag: Flag) -> bool {
    flag == Flag::Unsupported
}

/// `text` with those of `words` marked that stand in it.
fn marked<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Markup {
    let mut ranges: Vec<(usize, usize)> = words
        .filter(|word| !word.is_empty())
        .flat_map(|word| {
            let places = whole_places(text, word);
            places.into_iter().map(|start| (start, start + word.len()))
        })
        .collect();
    ranges.sort_unstable();
    let mut parts = Vec::new();
    let mut at = 0;
    for (start, end) in ranges {
        if start >= at {
            parts.push((&text[at..start], &text[start..end]));
            at = end;
        }
    }
    html! {
        @for (plain, doubtful) in parts { (plain) mark { (doubtful) } }
        (text[at..])
    }
}
