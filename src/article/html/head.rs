//! Metadata of a page: title, author, address.

use dom_query::NodeRef;
use serde_json::Value;

use super::super::block::collapse;
use super::elements::{Elements, has_word};
use super::json_ld::Articles;
use super::unescaped;

/// The title of the article and where it came from: the one for sharing, else the only heading of
/// level 1, else that of the metadata, else the window title; without the name of the site.
pub(super) fn title(elements: &Elements, articles: &Articles) -> Option<(String, &'static str)> {
    let text = |text: &str| Some(unescaped(&collapse(text))).filter(|text| !text.is_empty());
    let meta = |name: &str| text(&elements.first("meta", "property", name)?.attr("content")?);
    let headings: Vec<String> = elements
        .named(&["h1"])
        .filter_map(|heading| text(&heading.text()))
        .collect();
    let is_within = |heading: &NodeRef| {
        let mut around = heading.ancestors_it(None);
        around.any(|around| around.has_name("article") || around.has_name("main"))
    };
    let heading = match headings.as_slice() {
        [only] => titled_below(elements, only).or_else(|| Some(only.clone())),
        _ => {
            let mut headings = elements.named(&["h1"]);
            headings
                .find(is_within)
                .and_then(|heading| text(&heading.text()))
        }
    };
    let headline = || text(articles.text("headline")?);
    let window = || text(&elements.named(&["title"]).next()?.text());
    let (title, from) = (meta("og:title").map(|title| (title, "og:title")))
        .or_else(|| Some((heading.clone()?, "h1")))
        .or_else(|| Some((headline()?, "JSON-LD")))
        .or_else(|| Some((window()?, "title")))?;
    let site = meta("og:site_name");
    Some((without_site(&title, &headings, site.as_deref()), from))
}

/// The heading of level 2 that is the title of the window, if the one of level 1 is the name of the
/// site.
fn titled_below(elements: &Elements, heading: &str) -> Option<String> {
    let letters = |text: &str| -> String {
        let text = text.chars().filter(|c| c.is_alphanumeric());
        text.flat_map(char::to_lowercase).collect()
    };
    let window = letters(&elements.named(&["title"]).next()?.text());
    let mut below = elements.named(&["h2"]).map(|h2| collapse(&h2.text()));
    (!window.contains(&letters(heading)))
        .then(|| below.find(|text| text.len() > 10 && window.starts_with(&letters(text))))
        .flatten()
}

const SITE_SEPARATORS: [&str; 7] = [" | ", " - ", " – ", " — ", " :: ", " · ", " • "];

fn without_site(title: &str, headings: &[String], site: Option<&str>) -> String {
    let last = SITE_SEPARATORS
        .iter()
        .filter_map(|separator| Some((title.rfind(separator)?, *separator)))
        .max();
    let Some((at, separator)) = last else {
        return title.to_owned();
    };
    let (left, right) = (title[..at].trim_end(), &title[at + separator.len()..]);
    let words = |text: &str| text.split_whitespace().count();
    let is_site = site.is_some_and(|site| site.eq_ignore_ascii_case(right))
        || headings.iter().any(|heading| heading == left)
        || headings.iter().all(|heading| heading != title)
            && words(right) <= 4
            && words(left) >= words(right)
            && (separator == " | "
                || words(right) <= 3
                    && words(left) >= 2 * words(right)
                    && right.starts_with(char::is_uppercase));
    if is_site {
        left.to_owned()
    } else {
        title.to_owned()
    }
}

/// The authors that the page names.
pub(super) fn author(elements: &Elements, articles: &Articles) -> Option<String> {
    let name = |text: &str| {
        let text = unescaped(&collapse(text));
        let is_name = !text.is_empty() && text.chars().count() <= 120 && !text.contains("://");
        is_name.then_some(text)
    };
    let meta = |attribute: &str, value: &str| {
        name(&elements.first("meta", attribute, value)?.attr("content")?)
    };
    let shown = || {
        // Within a paragraph of the text, it is the profile of somebody else.
        let is_byline = |node: &NodeRef| {
            let mut around = node
                .ancestors_it(None)
                .filter(|around| around.has_name("p"));
            around
                .next()
                .is_none_or(|around| around.text().trim().len() <= 150)
        };
        let is_author = |node: &NodeRef| {
            has_word(node, "rel", "author") || has_word(node, "itemprop", "author")
        };
        let first = elements.all().filter(is_author).find(is_byline)?.text();
        name(&first)
    };
    (articles.author().and_then(|author| name(&author)))
        .or_else(|| meta("name", "author"))
        .or_else(|| meta("property", "article:author"))
        .or_else(shown)
        .map(
            |name| match name.strip_prefix("Par ").or(name.strip_prefix("par ")) {
                Some(rest) => rest.trim_start().to_owned(),
                None => name,
            },
        )
}

/// The address that the page gives itself.
pub(super) fn url(elements: &Elements, articles: &Articles) -> Option<String> {
    let canonical = || elements.first("link", "rel", "canonical")?.attr("href");
    let shared = || {
        elements
            .first("meta", "property", "og:url")?
            .attr("content")
    };
    let object = || match articles.value("mainEntityOfPage")? {
        Value::String(url) => Some(url.clone()),
        Value::Object(page) => Some(page.get("@id")?.as_str()?.to_owned()),
        _ => None,
    };
    let found = [
        canonical().map(|url| url.to_string()),
        shared().map(|url| url.to_string()),
        articles.text("url").map(str::to_owned),
        object(),
    ];
    let mut urls = found.into_iter().flatten().map(|url| url.trim().to_owned());
    urls.find(|url| {
        let is_web = url.starts_with("http://") || url.starts_with("https://");
        is_web && !url.contains(char::is_whitespace) && url.len() <= 2_000
    })
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    use super::*;

    #[test]
    fn the_name_of_the_site_is_no_title() {
        let page =
            "<title>Le pont ferme | Courrier</title><h1>Le Courrier</h1><h2>Le pont ferme</h2>";
        let document = Document::from(page);
        let found = title(&Elements::of(&document), &Articles::default());
        assert_eq!(found, Some(("Le pont ferme".to_owned(), "h1")));
        let page = "<title>Pont</title><h1>Le pont ferme</h1><h2>Les faits</h2>";
        let document = Document::from(page);
        let found = title(&Elements::of(&document), &Articles::default());
        assert_eq!(found, Some(("Le pont ferme".to_owned(), "h1")));
    }

    #[test]
    fn site_names_leave_the_title_and_other_words_do_not() {
        let cut = |title: &str, headings: &[&str], site: Option<&str>| {
            let headings: Vec<_> = headings.iter().map(|h| (*h).to_owned()).collect();
            without_site(title, &headings, site)
        };
        assert_eq!(cut("Le pont ferme | Le Monde", &[], None), "Le pont ferme");
        assert_eq!(
            cut(
                "Belfort : le marché de Noël ouvre - Est Républicain",
                &[],
                None
            ),
            "Belfort : le marché de Noël ouvre"
        );
        assert_eq!(
            cut("Le pont - le-courrier.fr", &["Le pont"], None),
            "Le pont"
        );
        assert_eq!(cut("Le pont – Ouest", &[], Some("ouest")), "Le pont");
        for title in [
            "Ligue 1 - Lens bat Lyon",
            "Le PS - une histoire française",
            "Un pont",
        ] {
            assert_eq!(cut(title, &[], None), title);
        }
        assert_eq!(
            cut("Le débat | Acte II", &["Le débat | Acte II"], None),
            "Le débat | Acte II"
        );
    }
}
