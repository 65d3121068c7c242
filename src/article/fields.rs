//! The fields of a record: which of them hold title, date, text and id, and what their values say.
//! Shared by all formats that have named fields, front matter included.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::block::{Block, Content, assemble, collapse};
use super::error::SkipReason;
use super::stated_date::stated_date;
use super::{html, plain};

/// Names of the fields of records. Where none is given, the usual French and English ones are
/// tried. A name with dots leads into objects: `article.body`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldNames {
    pub id: Option<String>,
    pub title: Option<String>,
    pub date: Option<String>,
    pub text: Option<String>,
}

/// The usual names, as [`folded`] makes them, the most telling first.
const ID: &[&str] = &[
    "id",
    "uid",
    "uuid",
    "guid",
    "identifiant",
    "articleid",
    "idarticle",
    "docid",
];
const TITLE: &[&str] = &["title", "titre", "headline", "titrearticle", "articletitle"];
const DATE: &[&str] = &[
    "date",
    "datepublication",
    "datedepublication",
    "publicationdate",
    "datepublished",
    "datepublish",
    "publishdate",
    "published",
    "publie",
    "publiele",
    "publishedat",
    "publishedon",
    "publishedtime",
    "pubdate",
    "dateparution",
    "datedeparution",
    "parution",
    "createdat",
    "created",
    "timestamp",
];
const TEXT: &[&str] = &[
    "text",
    "texte",
    "body",
    "content",
    "contenu",
    "maintext",
    "corps",
    "articletext",
    "articlebody",
    "fulltext",
    "bodytext",
    "textbody",
    "plaintext",
    "textearticle",
    "texteintegral",
    "cleantext",
    "article",
    "document",
];

/// Fields named in the message about a record without a text.
const SHOWN: usize = 20;

/// Whether a table with columns of these names has one for the text.
pub(super) fn has_text_column<'a>(
    mut columns: impl Iterator<Item = &'a str>,
    names: &FieldNames,
) -> bool {
    match &names.text {
        Some(name) => {
            let (root, name) = (name.split('.').next().unwrap_or(name), name);
            columns.any(|column| column == name || column == root || folded(column) == folded(name))
        }
        None => columns.any(|column| TEXT.contains(&&*folded(column))),
    }
}

/// Whether a column of this name may be asked for by [`content`] or [`id`].
pub(super) fn is_wanted(column: &str, names: &FieldNames) -> bool {
    let wanted = |name: &Option<String>, usual: &[&str]| match name {
        Some(name) => {
            let root = name.split('.').next().unwrap_or(name);
            column == name || column == root || folded(column) == folded(name)
        }
        None => usual.contains(&&*folded(column)),
    };
    wanted(&names.id, ID)
        || wanted(&names.title, TITLE)
        || wanted(&names.date, DATE)
        || wanted(&names.text, TEXT)
}

/// Title, date and text of a record.
pub(super) fn content(
    fields: &Map<String, Value>,
    names: &FieldNames,
) -> Result<Content, SkipReason> {
    let text = match find(fields, names.text.as_deref(), TEXT) {
        Found::Some(value) => text_of(value, names)?,
        Found::Blank => return Err(SkipReason::Empty),
        Found::None => {
            return Err(missing_text(
                fields.keys().map(String::as_str),
                fields,
                names,
            ));
        }
    };
    let (title, date) = head(fields, names);
    text_content(title, date, &text)
}

/// Title and date of a record or of front matter.
pub(super) fn head(
    fields: &Map<String, Value>,
    names: &FieldNames,
) -> (Option<String>, Option<Date>) {
    let title = match find(fields, names.title.as_deref(), TITLE) {
        Found::Some(value) => scalar(value).and_then(|title| clean_line(&title)),
        _ => None,
    };
    (title, date(fields, names))
}

fn date(fields: &Map<String, Value>, names: &FieldNames) -> Option<Date> {
    if names.date.is_some() {
        return match find(fields, names.date.as_deref(), DATE) {
            Found::Some(value) => stated_date(value),
            _ => None,
        };
    }
    // A `date` that says nothing hides no `published` beside it.
    DATE.iter()
        .filter_map(|name| match find(fields, None, &[name]) {
            Found::Some(value) => Some(value),
            _ => None,
        })
        .find_map(stated_date)
}

/// The id of a record, as it is written there.
pub(super) fn id(fields: &Map<String, Value>, names: &FieldNames) -> Option<String> {
    match find(fields, names.id.as_deref(), ID) {
        Found::Some(value) => scalar(value),
        Found::None | Found::Blank => None,
    }
}

/// The reason for a record, or for a whole table, whose fields hold no text.
pub(super) fn missing_text<'a>(
    present: impl Iterator<Item = &'a str>,
    fields: &Map<String, Value>,
    names: &FieldNames,
) -> SkipReason {
    let mut shown = Vec::new();
    for name in present {
        shown.push(format!("`{name}`"));
        if let Some(Value::Object(inner)) = fields.get(name) {
            shown.extend(inner.keys().map(|key| format!("`{name}.{key}`")));
        }
        if shown.len() > SHOWN {
            break;
        }
    }
    shown.truncate(SHOWN);
    SkipReason::MissingField {
        field: names.text.clone().unwrap_or_else(|| "text".to_owned()),
        present: match shown.is_empty() {
            true => "no fields".to_owned(),
            false => shown.join(", "),
        },
    }
}

enum Found<'a> {
    None,
    /// The field is there, without a value.
    Blank,
    Some(&'a Value),
}

fn find<'a>(fields: &'a Map<String, Value>, name: Option<&str>, usual: &[&str]) -> Found<'a> {
    let mut found = Found::None;
    let mut look = |value: &'a Value| match is_blank(value) {
        true => {
            found = Found::Blank;
            false
        }
        false => {
            found = Found::Some(value);
            true
        }
    };
    match name {
        Some(name) => {
            let value = fields.get(name).or_else(|| nested(fields, name));
            let value = value.or_else(|| by_folded(fields, &folded(name)));
            value.map(look);
        }
        None => {
            let keys: Vec<String> = fields.keys().map(|key| folded(key)).collect();
            usual.iter().any(|name| {
                let at = keys.iter().position(|key| key == name);
                at.and_then(|at| fields.values().nth(at))
                    .filter(|value| !is_record(value))
                    .is_some_and(&mut look)
            });
        }
    }
    found
}

/// The value at a path such as `article.paragraphs.0`.
fn nested<'a>(fields: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut steps = path.split('.');
    let first = fields.get(steps.next()?)?;
    steps.try_fold(first, |value, step| match value {
        Value::Object(inner) => inner.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn by_folded<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut fields = fields.iter();
    fields.find_map(|(key, value)| (folded(key) == name).then_some(value))
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.chars().all(super::block::is_blank),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(inner) => inner.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a value is a record of its own, whose fields have to be asked for by name.
fn is_record(value: &Value) -> bool {
    matches!(value, Value::Object(inner) if !inner.is_empty())
        && scalar(value).is_none()
        && stated_date(value).is_none()
}

/// A name without case, accents and separators: `Date de publication` is `datedepublication`.
fn folded(name: &str) -> String {
    name.nfd()
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Members under which exports keep the text of a field that is an object: WordPress, Atom in JSON,
/// XML in JSON, MongoDB.
const INNER: [&str; 7] = [
    "rendered", "text", "content", "value", "#text", "$t", "$oid",
];

/// A value as one string.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(inner) => INNER
            .iter()
            .find_map(|name| inner.get(*name)?.as_str().map(str::to_owned)),
        Value::Array(items) => items.iter().find_map(scalar),
        Value::Null | Value::Bool(_) => None,
    }
}

/// The text that a field holds: a string, an object around one, or an array of paragraphs.
fn text_of(value: &Value, names: &FieldNames) -> Result<String, SkipReason> {
    let text = match value {
        Value::Array(items) => {
            let parts: Option<Vec<String>> = items
                .iter()
                .filter(|item| !is_blank(item))
                .map(|item| match item {
                    Value::String(_) | Value::Object(_) => scalar(item),
                    _ => None,
                })
                .collect();
            parts.map(join)
        }
        Value::String(_) | Value::Object(_) => scalar(value),
        _ => None,
    };
    text.ok_or_else(|| {
        let (field, kind) = (names.text.as_deref().unwrap_or("text"), kind_of(value));
        SkipReason::BadRow(format!(
            "its field `{field}` is {kind}, neither a string nor an array of strings"
        ))
    })
}

/// Joins paragraphs so that each stays one, also if only some of them are HTML.
fn join(parts: Vec<String>) -> String {
    if !parts.iter().any(|part| BLOCK_TAG.is_match(part)) {
        return parts.join("\n\n");
    }
    let parts = parts.iter().map(|part| match BLOCK_TAG.is_match(part) {
        true => part.clone(),
        false => format!("<p>{part}</p>"),
    });
    parts.collect()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array of other things",
        Value::Object(_) => "an object",
    }
}

/// Tags that no plain text has by chance and that make paragraphs.
static BLOCK_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        </(?:p|div|li|ul|ol|h[1-6]|blockquote|section|article|figure|table|tr|td|body|html)\s*>
        | <br\s*/?> | <p(?:\s[^<>]*)?>",
    )
    .expect("the pattern is valid")
});
/// Tags that make none.
static INLINE_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)</?(?:a|abbr|b|cite|code|em|font|i|img|mark|q|s|small|span|strong|sub|sup|time|u)(?:\s[^<>]*)?/?>")
        .expect("the pattern is valid")
});

/// Title, date and text of an article whose text may be plain or HTML, whatever it is called.
pub(super) fn text_content(
    title: Option<String>,
    date: Option<Date>,
    text: &str,
) -> Result<Content, SkipReason> {
    static PAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b")
            .expect("the pattern is valid")
    });
    // HTML that was escaped once more.
    let unescaped = (!BLOCK_TAG.is_match(text) && text.contains("&lt;"))
        .then(|| decode_entities(text))
        .filter(|text| BLOCK_TAG.is_match(text));
    let text = unescaped.as_deref().unwrap_or(text);
    let content = if PAGE.is_match(text) {
        let page = html::read(text)?;
        Content {
            title: title.or(page.title),
            date: date.or(page.date),
            ..page
        }
    } else if BLOCK_TAG.is_match(text) {
        assemble(title, date, html_blocks(text)?)
    } else {
        let text = INLINE_TAG.replace_all(text, "");
        let content = plain::body_of(&decode_entities(&text));
        Content {
            title,
            date,
            ..content
        }
    };
    match content.paragraphs.is_empty() {
        true => Err(SkipReason::Empty),
        false => Ok(content),
    }
}

/// The blocks of HTML in which paragraphs may also be told by blank lines.
fn html_blocks(text: &str) -> Result<Vec<Block>, SkipReason> {
    static PARAGRAPH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)<(?:p|br|div)\b").expect("the pattern is valid"));
    static BLANK_LINE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\r?\n[ \t]*\r?\n").expect("the pattern is valid"));
    match PARAGRAPH.is_match(text) {
        true => html::blocks(text),
        false => html::blocks(&BLANK_LINE.replace_all(text, "<p>")),
    }
}

/// A title or another single line: entities decoded, tags removed.
pub(super) fn clean_line(text: &str) -> Option<String> {
    static TAG: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"</?[a-zA-Z][^<>]*>").expect("the pattern is valid"));
    // Twice, because feeds and exports escape titles that were escaped already.
    let text = decode_entities(&decode_entities(text));
    let line = collapse(&TAG.replace_all(&text, ""));
    (!line.is_empty()).then_some(line)
}

/// Replaces the entities of HTML; what is none stays as it is.
fn decode_entities(text: &str) -> String {
    static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
            .expect("the pattern is valid")
    });
    let decoded = ENTITY.replace_all(text, |found: &regex::Captures<'_>| {
        let code =
            |group: usize, radix| u32::from_str_radix(found.get(group)?.as_str(), radix).ok();
        let number = code(1, 10).or_else(|| code(2, 16));
        let character = number.and_then(char::from_u32).filter(|&c| c != '\0');
        let named = found.get(3).map(|name| name.as_str());
        let named = named.and_then(quick_xml::escape::resolve_html5_entity);
        match (character, named) {
            (Some(c), _) => c.to_string(),
            (None, Some(text)) => text.to_owned(),
            (None, None) => found[0].to_owned(),
        }
    });
    decoded.into_owned()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(fields) => fields,
            other => panic!("{other} is no object"),
        }
    }

    fn read(value: Value) -> Result<Content, SkipReason> {
        content(&fields(value), &FieldNames::default())
    }

    fn texts(content: &Content) -> Vec<&str> {
        let paragraphs = content.paragraphs.iter();
        paragraphs.map(|p| p.span.slice(&content.body)).collect()
    }

    #[test]
    fn usual_names_are_found_whatever_their_spelling() {
        let content = read(json!({
            "Titre": "Un titre", "Date de publication": "12/03/2024", "TEXTE": "Du texte.",
        }))
        .unwrap();
        assert_eq!(content.title.as_deref(), Some("Un titre"));
        assert_eq!(content.date, Some(date(2024, 3, 12)));
        assert_eq!(content.body, "Du texte.");
        let rendered = read(json!({
            "title": {"rendered": "L&#8217;eau"}, "content": {"rendered": "<p>Un.</p><p>Deux.</p>"},
            "date": "hier", "published": "2024-03-12",
        }))
        .unwrap();
        assert_eq!(rendered.title.as_deref(), Some("L’eau"));
        assert_eq!(rendered.date, Some(date(2024, 3, 12)));
        assert_eq!(texts(&rendered), ["Un.", "Deux."]);
    }

    #[test]
    fn given_names_lead_into_objects_and_exclude_others() {
        let names = FieldNames {
            text: Some("article.parts.1".to_owned()),
            ..FieldNames::default()
        };
        let row = fields(json!({"text": "Non.", "article": {"parts": ["Un.", "Deux."]}}));
        assert_eq!(content(&row, &names).unwrap().body, "Deux.");
        let other = fields(json!({"text": "Non.", "article": {"body": "Oui."}}));
        let message = content(&other, &names).unwrap_err().to_string();
        assert!(message.contains("`article.parts.1`"), "{message}");
        assert!(message.contains("`article.body`"), "{message}");
        let dotted = fields(json!({"article.parts.1": "Oui."}));
        assert_eq!(content(&dotted, &names).unwrap().body, "Oui.");
    }

    #[test]
    fn paragraphs_of_an_array_are_joined() {
        let plain = read(json!({"text": ["Un.", "", {"text": "Deux."}]})).unwrap();
        assert_eq!(texts(&plain), ["Un.", "Deux."]);
        let mixed = read(json!({"text": ["Un &amp; deux.", "<p>Trois.</p>"]})).unwrap();
        assert_eq!(texts(&mixed), ["Un & deux.", "Trois."]);
        let odd = read(json!({"text": [1, 2]})).unwrap_err();
        assert_eq!(odd.code(), "bad_row");
    }

    #[test]
    fn html_is_recognised_and_text_that_only_looks_like_it_is_kept() {
        let html = "<h2>A</h2>\n\nUn <b>mot</b>.\n\nDeux&nbsp;!";
        assert_eq!(
            texts(&read(json!({"text": html})).unwrap()),
            ["A", "Un mot.", "Deux\u{a0}!"]
        );
        let twice = "&lt;p&gt;Un &amp;amp; deux.&lt;/p&gt;&lt;p&gt;Trois.&lt;/p&gt;";
        assert_eq!(
            texts(&read(json!({"text": twice})).unwrap()),
            ["Un & deux.", "Trois."]
        );
        let inline = "Un <em>mot</em>.\nDeux &eacute;t&eacute;s.";
        assert_eq!(
            texts(&read(json!({"text": inline})).unwrap()),
            ["Un mot.", "Deux étés."]
        );
        let plain = "Si a < b et b > c, R&D et &inconnu; restent.";
        assert_eq!(read(json!({"text": plain})).unwrap().body, plain);
        let page = "<!DOCTYPE html><html><head><title>Avis</title></head><body><p>Fermé.</p></body></html>";
        assert_eq!(
            read(json!({"text": page})).unwrap().title.as_deref(),
            Some("Avis")
        );
    }

    #[test]
    fn a_record_without_text_says_so() {
        for blank in [json!(null), json!("  "), json!([]), json!("<p> </p>")] {
            assert_eq!(read(json!({"text": blank})).unwrap_err().code(), "empty");
        }
        assert_eq!(read(json!({})).unwrap_err().code(), "missing_field");
        assert_eq!(
            read(json!({"text": null, "body": "Un."})).unwrap().body,
            "Un."
        );
    }
}
