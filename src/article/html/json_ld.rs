//! What a page says of its article in JSON-LD (schema.org), which is often not quite JSON.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::elements::Elements;

/// Deeper objects say nothing of the page.
const MAX_DEPTH: usize = 12;

/// The objects of a page that are its article, in order, and those that are the page itself.
#[derive(Default)]
pub(super) struct Articles {
    articles: Vec<Map<String, Value>>,
    pages: Vec<Map<String, Value>>,
}

impl Articles {
    pub(super) fn of(elements: &Elements) -> Self {
        let mut found = Self::default();
        let scripts = elements.named(&["script"]).filter(|script| {
            let kind = script.attr_or("type", "");
            kind.eq_ignore_ascii_case("application/ld+json")
        });
        for script in scripts {
            if let Some(json) = parse(&script.text()) {
                found.collect(json, MAX_DEPTH);
            }
        }
        found
    }

    /// The one with the title of the page first.
    pub(super) fn prefer(&mut self, title: &str) {
        let letters =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let title = letters(title);
        self.articles.sort_by_key(|object| {
            let headline = object.get("headline").or(object.get("name"));
            let headline = headline.and_then(Value::as_str).map(letters);
            headline.is_none_or(|headline| headline.is_empty() || !title.contains(&headline))
        });
    }

    /// The first value with this key.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.articles.iter().find_map(|object| object.get(key))
    }

    /// The first text with this key.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        let text = self
            .articles
            .iter()
            .find_map(|object| object.get(key)?.as_str())?;
        Some(text.trim()).filter(|text| !text.is_empty())
    }

    /// The first value with this key of an object that is the page.
    pub(super) fn of_page(&self, key: &str) -> Option<&Value> {
        self.pages.iter().find_map(|object| object.get(key))
    }

    /// Adds the articles of `json`. Objects within an article are its pictures, comments and
    /// neighbours.
    fn collect(&mut self, json: Value, depth: usize) {
        if depth == 0 {
            return;
        }
        match json {
            Value::Array(items) => {
                for item in items {
                    self.collect(item, depth - 1);
                }
            }
            Value::Object(mut object) if has_type(&object, is_article) => {
                object.retain(|_, value| !value.is_null());
                self.articles.push(object);
            }
            Value::Object(mut object) => {
                for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(value) = object.remove(key) {
                        self.collect(value, depth - 1);
                    }
                }
                if has_type(&object, |name| name == "WebPage") {
                    self.pages.push(object);
                }
            }
            _ => {}
        }
    }

    /// Names of the authors, joined.
    pub(super) fn author(&self) -> Option<String> {
        let mut names = Vec::new();
        names_in(self.value("author")?, &mut names);
        names.dedup();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

fn names_in(author: &Value, names: &mut Vec<String>) {
    match author {
        Value::String(name) if !name.trim().is_empty() && !name.contains("://") => {
            names.push(name.trim().to_owned());
        }
        Value::Array(authors) => authors.iter().for_each(|author| names_in(author, names)),
        Value::Object(author) => {
            if let Some(name) = author.get("name") {
                names_in(name, names);
            }
        }
        _ => {}
    }
}

fn has_type(object: &Map<String, Value>, is_kind: impl Fn(&str) -> bool) -> bool {
    let names = match object.get("@type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(name)) => vec![name.as_str()],
        _ => Vec::new(),
    };
    names
        .iter()
        .any(|name| is_kind(name.rsplit(['/', '#', ':']).next().unwrap_or(name)))
}

fn is_article(name: &str) -> bool {
    name.ends_with("Article") || name.ends_with("Posting") || name == "Report"
}

/// Reads JSON as pages write it: in comments, with commas too many and line ends in strings.
fn parse(text: &str) -> Option<Value> {
    static WRAPPING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?s)^\s*(?:(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?|<!--)|(?:(?://|/\*)?\s*\]\]>(?:\s*\*/)?|(?://)?\s*-->)\s*;?\s*$|;\s*$")
            .expect("the pattern is valid")
    });
    if let Ok(json) = serde_json::from_str(text) {
        return Some(json);
    }
    let text = WRAPPING.replace_all(text, "");
    serde_json::from_str(&mended(text.trim())).ok()
}

/// Escapes control characters in strings, and leaves out commas before a closing bracket.
fn mended(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        if in_string {
            match c {
                '\n' | '\r' | '\t' if !escaped => {
                    mended.push_str(if c == '\t' { "\\t" } else { "\\n" });
                    continue;
                }
                c if c.is_control() => continue,
                '"' if !escaped => in_string = false,
                _ => {}
            }
            escaped = c == '\\' && !escaped;
        } else {
            match c {
                '"' => in_string = true,
                '}' | ']' => {
                    let end = mended.trim_end().strip_suffix(',').map(str::len);
                    mended.truncate(end.unwrap_or(mended.len()));
                }
                _ => {}
            }
        }
        mended.push(c);
    }
    mended
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    use super::*;

    fn articles(json: &str) -> Articles {
        let page = format!("<script type='application/ld+json'>{json}</script>");
        Articles::of(&Elements::of(&Document::from(page)))
    }

    #[test]
    fn only_what_is_an_article_counts() {
        let found = articles(
            r#"{"@graph": [{"@type": "ImageObject", "datePublished": "2011-06-02"},
               {"@type": ["NewsArticle"], "datePublished": "2024-03-12",
                "comment": [{"@type": "Comment", "datePublished": "2024-03-13"}],
                "author": [{"@type": "Person", "name": "A. Roux"}, {"name": "B. Morel"}]}]}"#,
        );
        assert_eq!(found.text("datePublished"), Some("2024-03-12"));
        assert_eq!(found.author().as_deref(), Some("A. Roux, B. Morel"));
        let none = articles(
            r#"[{"@type": "WebPage", "datePublished": "2011-06-02"}, {"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "datePublished": "2011-06-02"}]}]"#,
        );
        assert_eq!(none.text("datePublished"), None);
    }

    #[test]
    fn the_one_with_the_title_of_the_page_comes_first() {
        let mut found = articles(
            r#"[{"@type": "Article", "headline": "Autre chose", "datePublished": "2011-06-02"},
                {"@type": "Article", "headline": "Le pont ferme", "datePublished": "2024-03-12"}]"#,
        );
        found.prefer("Le pont ferme | Courrier");
        assert_eq!(found.text("datePublished"), Some("2024-03-12"));
    }

    #[test]
    fn broken_json_is_mended() {
        for json in [
            "\n//<![CDATA[\n{\"@type\":\"NewsArticle\",\"headline\":\"Le\npont\",\"datePublished\":\"2024-03-12\",}\n//]]>\n",
            "/*<![CDATA[*/{\"@type\":\"NewsArticle\",\"datePublished\":\"2024-03-12\", } /*]]>*/",
            "<!--\n[{\"@type\":\"NewsArticle\",\"x\":\"a,}\\\"\tb\",\"datePublished\":\"2024-03-12\"},]\n-->",
            "{\"@type\":\"NewsArticle\",\"datePublished\":\"2024-03-12\"};",
        ] {
            assert_eq!(
                articles(json).text("datePublished"),
                Some("2024-03-12"),
                "{json}"
            );
        }
        assert_eq!(articles("{\"@type\":").text("datePublished"), None);
    }
}
