//! Metadata of a page: title and date of publication.

use dom_query::Document;
use jiff::civil::Date;

use super::super::block::collapse;
use super::super::date::{date_line, iso_date};

/// The title of the article: the one for sharing, else the only heading of level 1, else the window
/// title; without the name of the site.
pub(super) fn title(document: &Document) -> Option<String> {
    let text = |text: &str| Some(collapse(text)).filter(|text| !text.is_empty());
    let meta = |selector: &str| text(&document.select(selector).attr("content")?);
    let headings: Vec<String> = document
        .select("h1")
        .iter()
        .filter_map(|heading| text(&heading.text()))
        .collect();
    let heading = match headings.as_slice() {
        [only] => Some(only.clone()),
        _ => document
            .select("article h1, main h1")
            .iter()
            .next()
            .and_then(|heading| text(&heading.text())),
    };
    let title = meta(r#"meta[property="og:title"]"#)
        .or_else(|| heading.clone())
        .or_else(|| text(&document.select("title").iter().next()?.text()))?;
    let site = meta(r#"meta[property="og:site_name"]"#);
    Some(without_site(&title, &headings, site.as_deref()))
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

/// The date of publication: from the metadata, else from what the page shows.
pub(super) fn date(document: &Document) -> Option<Date> {
    let parse = |text: &str| iso_date(text).or_else(|| date_line(text));
    let attribute = |selector: &str, name: &str| {
        document
            .select(selector)
            .iter()
            .find_map(|node| parse(&node.attr(name)?))
    };
    attribute(
        r#"meta[property="article:published_time"], meta[property="og:article:published_time"]"#,
        "content",
    )
    .or_else(|| {
        document
            .select(r#"script[type="application/ld+json"]"#)
            .iter()
            .find_map(|script| {
                let json = serde_json::from_str(&script.text()).ok()?;
                parse(published(&json)?)
            })
    })
    .or_else(|| attribute("meta[itemprop=datePublished]", "content"))
    .or_else(|| attribute("time[itemprop=datePublished], time[pubdate]", "datetime"))
    .or_else(|| {
        document.select("meta[name]").iter().find_map(|meta| {
            let name = meta.attr("name")?.to_lowercase();
            let known = matches!(
                name.as_str(),
                "date"
                    | "pubdate"
                    | "publishdate"
                    | "publish-date"
                    | "publication_date"
                    | "dc.date"
                    | "dc.date.issued"
                    | "dcterms.created"
                    | "dcterms.date"
                    | "article:published_time"
                    | "datepublished"
            );
            known.then(|| parse(&meta.attr("content")?))?
        })
    })
    .or_else(|| attribute("article time[datetime], main time[datetime]", "datetime"))
    .or_else(|| attribute("time[datetime]", "datetime"))
}

/// The first `datePublished` of a JSON-LD block, at whatever depth. The parser limits the depth.
fn published(json: &serde_json::Value) -> Option<&str> {
    use serde_json::Value;
    match json {
        Value::Array(items) => items.iter().find_map(published),
        Value::Object(map) => match map.get("datePublished") {
            Some(Value::String(date)) => Some(date),
            _ => map.values().find_map(published),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn dates_are_found_wherever_pages_put_them() {
        for head in [
            "<meta property='article:published_time' content='2021-03-12T10:00:00Z'><meta name=date content='1999-01-01'>",
            r#"<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"@type": "NewsArticle", "datePublished": "2021-03-12"}]}</script>"#,
            "<meta itemprop=datePublished content='2021-03-12'>",
            "<meta name='DC.date.issued' content='2021-03-12'>",
        ] {
            let document = Document::from(head);
            let expected = Some(jiff::civil::date(2021, 3, 12));
            assert_eq!(date(&document), expected, "{head}");
        }
    }
}
