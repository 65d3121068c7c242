//! The date of publication of a page: what it states of its article, never what it states of a
//! picture, of a comment, or of another article.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};
use jiff::civil::Date;
use serde_json::Value;

use super::super::date::{Role, stated, stated_in};

use super::elements::{Elements, has_word};
use super::json_ld::Articles;
use super::names::{is_named, is_named_apart};

/// What a page states about when it was published.
#[derive(Default)]
pub(super) struct Published {
    pub date: Option<(Date, Role)>,
    /// Where the date came from.
    pub from: Option<&'static str>,
    /// A statement that is no date.
    pub not_understood: Option<String>,
}

impl Published {
    /// Takes a statement if nothing before it was understood.
    fn state(&mut self, text: Option<&str>, from: &'static str) {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = text.filter(|_| self.date.is_none()) {
            self.take(stated(text), text, from);
        }
    }

    fn take(&mut self, date: Option<Date>, text: &str, from: &'static str) {
        match date {
            Some(date) => {
                self.date = Some((date, Role::Published));
                self.from = Some(from);
            }
            None => {
                let text = text.chars().take(80).collect();
                self.not_understood.get_or_insert(text);
            }
        }
    }
}

/// Names of `meta` elements for the date.
const NAMES: [&str; 17] = [
    "article:published_time",
    "citation_publication_date",
    "date",
    "datepublished",
    "dc.date",
    "dc.date.created",
    "dc.date.issued",
    "dc.date.publication",
    "dcterms.created",
    "dcterms.date",
    "dcterms.issued",
    "parsely-pub-date",
    "pubdate",
    "publication_date",
    "publish-date",
    "publishdate",
    "sailthru.date",
];

/// Elements of a kind that are looked at. Those of the article stand near the beginning.
const MOST: usize = 100;

pub(super) fn published(elements: &Elements, articles: &Articles) -> Published {
    let places = Places::of(elements);
    let mut found = Published::default();
    for meta in elements.named(&["meta"]) {
        let property = meta.attr_or("property", "").to_lowercase();
        if matches!(
            &*property,
            "article:published_time"
                | "og:article:published_time"
                | "og:published_time"
                | "og:pubdate"
        ) {
            found.state(meta.attr("content").as_deref(), "article:published_time");
        }
    }
    for key in ["datePublished", "dateCreated"] {
        match articles.value(key) {
            _ if found.date.is_some() => {}
            Some(Value::String(text)) => found.state(Some(text), "JSON-LD"),
            Some(value) => found.take(stated_in(value), &value.to_string(), "JSON-LD"),
            None => {}
        }
    }
    let states = |node: &NodeRef| has_word(node, "itemprop", "datePublished");
    for node in elements.all().filter(states).take(MOST) {
        if places.of_the_article(&node) {
            let text = node.attr("content").or_else(|| node.attr("datetime"));
            let text = text.unwrap_or_else(|| node.text());
            found.state(Some(&text), "datePublished");
        }
    }
    let times = elements.named(&["time"]);
    for node in times.filter(|time| time.has_attr("pubdate")).take(MOST) {
        if places.of_the_article(&node) {
            found.state(node.attr("datetime").as_deref(), "time");
        }
    }
    for meta in elements.named(&["meta"]) {
        let name = meta.attr_or("name", "").to_lowercase();
        if NAMES.contains(&&*name) {
            found.state(meta.attr("content").as_deref(), "meta");
        }
    }
    if let Some(value) = articles
        .of_page("datePublished")
        .filter(|_| found.date.is_none())
    {
        found.take(stated_in(value), &value.to_string(), "JSON-LD");
    }
    if found.date.is_none() {
        found.date = own_time(elements, &places);
        found.from = found.date.map(|_| "time");
    }
    found
}

/// The day of the `time` element that best says when the article was published.
fn own_time(elements: &Elements, places: &Places) -> Option<(Date, Role)> {
    let mut after_title = false;
    let mut best: Option<((Role, bool), Date)> = None;
    for node in elements.named(&["h1", "time"]).take(MOST) {
        if node.has_name("h1") {
            after_title = true;
            continue;
        }
        if !places.of_the_article(&node) {
            continue;
        }
        let text = node.attr("datetime").filter(|text| !text.trim().is_empty());
        let date = text
            .and_then(|text| stated(&text))
            .or_else(|| stated(&node.text()));
        let Some(date) = date else { continue };
        let rank = (role(&node), !after_title);
        if best.is_none_or(|(other, _)| rank < other) {
            best = Some((rank, date));
        }
    }
    best.map(|((role, _), date)| (date, role))
}

/// What the words before a `time` element say that it is.
fn role(time: &NodeRef) -> Role {
    let named = format!(
        "{} {}",
        time.attr_or("class", ""),
        time.attr_or("itemprop", "")
    );
    let named = named.to_lowercase();
    if ["modif", "update", "maj"]
        .iter()
        .any(|word| named.contains(word))
    {
        return Role::Updated;
    }
    if ["publi", "created"].iter().any(|word| named.contains(word)) {
        return Role::Published;
    }
    let own = time.text().trim().to_lowercase();
    for around in time.ancestors_it(Some(2)) {
        let text = around.text().to_lowercase();
        if text.len() > 300 {
            break;
        }
        let before = match text.find(&own) {
            Some(at) if !own.is_empty() => &text[..at],
            _ => &text[..],
        };
        let last = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
        let published = last(&["publi", "mis en ligne", "mise en ligne", "paru"]);
        let updated = last(&[
            "modifi",
            "mis à jour",
            "mise à jour",
            "actualis",
            "màj",
            "maj ",
        ]);
        match (published, updated) {
            (None, None) => {}
            (published, updated) if published > updated => return Role::Published,
            _ => return Role::Updated,
        }
    }
    Role::Bare
}

/// Which elements of a page hold its title, and which is its article.
struct Places {
    hold_title: HashSet<NodeId>,
    /// The first `article` element with a title, else the first.
    article: Option<NodeId>,
}

impl Places {
    fn of(elements: &Elements) -> Self {
        let mut hold_title = HashSet::new();
        for title in elements.named(&["h1"]).take(MOST) {
            for around in title.ancestors_it(None) {
                if !hold_title.insert(around.id) {
                    break;
                }
            }
        }
        let articles: Vec<NodeRef> = elements.named(&["article"]).take(MOST).collect();
        let with_title = articles
            .iter()
            .find(|article| hold_title.contains(&article.id));
        let article = with_title.or(articles.first()).map(|article| article.id);
        Self {
            hold_title,
            article,
        }
    }

    /// Whether what an element states is about the article of the page.
    fn of_the_article(&self, node: &NodeRef) -> bool {
        for around in node.ancestors_it(None) {
            let name = around.node_name().unwrap_or_default();
            let is_other = match &*name {
                "nav" | "footer" | "figure" | "figcaption" => true,
                "aside" | "section" | "div" | "ul" | "ol" | "li" => self.is_beside(&around),
                "article" => self.is_beside(&around) || self.is_another(&around),
                _ => false,
            };
            if is_other {
                return false;
            }
            if let Some(kind) = around
                .attr("itemtype")
                .filter(|_| node.has_attr("itemprop"))
            {
                let kind = kind.trim_end_matches('/');
                return ![
                    "Object",
                    "Comment",
                    "Person",
                    "Organization",
                    "Event",
                    "Review",
                ]
                .iter()
                .any(|end| kind.ends_with(end));
            }
        }
        true
    }

    /// Whether a container of its name stands beside an article and holds no title.
    fn is_beside(&self, node: &NodeRef) -> bool {
        const BESIDE: [&str; 9] = [
            "alerte", "bandeau", "breaking", "direct", "fil", "flash", "latest", "live", "sidebar",
        ];
        let is_list = node.has_name("aside")
            || is_named(node, |word| BESIDE.contains(&word))
            || is_named_apart(node);
        is_list && !self.hold_title.contains(&node.id)
    }

    /// Whether an `article` element is another than that of the page.
    fn is_another(&self, article: &NodeRef) -> bool {
        !self.hold_title.contains(&article.id) && self.article != Some(article.id)
    }
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    use super::*;

    fn date_of(page: &str) -> Option<Date> {
        let document = Document::from(page);
        let elements = Elements::of(&document);
        let found = published(&elements, &Articles::of(&elements));
        found.date.map(|(date, _)| date)
    }

    #[test]
    fn dates_are_found_wherever_pages_put_them() {
        for page in [
            "<meta property='article:published_time' content='2021-03-12T10:00:00Z'><meta name=date content='1999-01-01'>",
            "<meta property='article:published_time' content='12/03/2021 07:30:00'>",
            "<meta name=pubdate content='Fri, 12 Mar 2021 07:30:00 +0100'>",
            r#"<script type="application/ld+json">{"@graph": [{"@type": "ImageObject", "datePublished": "2011-06-02"}, {"@type": "NewsArticle", "datePublished": "2021-03-12"}]}</script>"#,
            r#"<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": 1615532400}</script>"#,
            "<meta itemprop=datePublished content='2021-03-12'>",
            "<meta name='DC.date.issued' content='2021-03-12'>",
            "<meta property='article:published_time' content='hier'><meta name=date content='2021-03-12'>",
        ] {
            assert_eq!(
                date_of(page),
                Some(jiff::civil::date(2021, 3, 12)),
                "{page}"
            );
        }
    }

    #[test]
    fn the_time_is_that_of_the_article() {
        for page in [
            "<div class=ticker><time datetime=2021-03-15>15 mars</time></div><article><h1>T</h1><time datetime=2021-03-12>12 mars</time></article>",
            "<ul class=flash><li><time datetime=2021-03-15>8h</time></ul><h1>T</h1><p><time datetime=2021-03-12>12 mars</time></p>",
            "<article><h1>T</h1><p>Mis à jour le <time datetime=2021-03-15>15 mars</time>, publié le <time datetime=2021-03-12>12 mars</time></p></article>",
            "<article><h1>T</h1><p>Publié le <time>12 mars 2021</time></p><p>Modifié le <time datetime=2021-03-15>15 mars</time></p></article>",
            "<article><h1>T</h1></article><article class=comment><time datetime=2021-03-15>15 mars</time></article><p><time datetime=2021-03-12>12 mars</time>",
            "<article><figure itemscope itemtype='https://schema.org/ImageObject'><meta itemprop=datePublished content=2011-06-02></figure><h1>T</h1><time datetime=2021-03-12></time></article>",
            "<article><h1>T</h1><div id=comments><time datetime=2021-03-15></time></div><time datetime=2021-03-12></time></article>",
        ] {
            assert_eq!(
                date_of(page),
                Some(jiff::civil::date(2021, 3, 12)),
                "{page}"
            );
        }
        assert_eq!(
            date_of("<h1>T</h1><aside><time datetime=2021-03-15></time></aside>"),
            None
        );
    }

    #[test]
    fn a_statement_that_is_no_date_is_kept() {
        let document = Document::from("<meta name=date content='13 ventôse'>");
        let elements = Elements::of(&document);
        let found = published(&elements, &Articles::of(&elements));
        assert_eq!(found.not_understood.as_deref(), Some("13 ventôse"));
    }
}
