//! The fields of a record: which of them hold title, date, text and id, and what their values say.
//! Shared by all formats that have named fields, front matter included.

mod text;

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::about::About;
use super::block::{self, Content};
use super::date::stated_in;
use super::error::SkipReason;
use text::{join, text_content};

pub(super) use text::clean_line;

/// Names of the fields of records. Where none is given, the usual French and English ones are
/// tried. A name with dots leads into objects, and into all members of an array or one of them:
/// `article.body`, `pages.text`, `pages.0.text`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldNames {
    pub id: Option<String>,
    pub title: Option<String>,
    pub date: Option<String>,
    pub text: Option<String>,
    /// Where the record is from, as its summary says. There is no usual name.
    #[serde(default)]
    pub path: Option<String>,
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
const AUTHOR: &[&str] = &[
    "author", "auteur", "authors", "auteurs", "byline", "creator",
];
const URL: &[&str] = &["url", "link", "lien", "permalink", "sourceurl", "uri"];
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
    "datemiseenligne",
    "datedemiseenligne",
    "misenligne",
    "misenlignele",
    "webpublicationdate",
    "dateissued",
    "issued",
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
    "contenthtml",
    "contenttext",
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
        || wanted(&names.path, &[])
}

/// Title, date and text of a record.
pub(super) fn content(
    fields: &Map<String, Value>,
    names: &FieldNames,
) -> Result<Content, SkipReason> {
    let record = Fields::new(fields);
    let found = record.find(names.text.as_deref(), TEXT);
    let text = match &found {
        Found::Some(value) => text_of(value, names)?,
        Found::Blank => return Err(SkipReason::Empty),
        Found::None => {
            let present = fields.keys().map(String::as_str);
            return Err(missing_text(present, fields, names));
        }
    };
    let (title, date) = record.head(names);
    let mut content = text_content(title, date, &text)?;
    let about = record.about(names);
    content.about.author = about.author;
    content.about.url = about.url;
    content.about.unread_date = about.unread_date.filter(|_| content.date.is_none());
    Ok(content)
}

/// Title and date of front matter, and what else it says of its article.
pub(super) fn head(fields: &Map<String, Value>) -> (Option<String>, Option<Date>, About) {
    let (record, names) = (Fields::new(fields), FieldNames::default());
    let (title, date) = record.head(&names);
    let mut about = record.about(&names);
    about.unread_date = about.unread_date.filter(|_| date.is_none());
    (title, date, about)
}

/// The id of a record, as it is written there.
pub(super) fn id(fields: &Map<String, Value>, names: &FieldNames) -> Option<String> {
    match Fields::new(fields).find(names.id.as_deref(), ID) {
        Found::Some(value) => scalar(&value),
        Found::None | Found::Blank => None,
    }
}

/// What a record says of where it is from, if the field for that has a name and a value.
pub(super) fn path(fields: &Map<String, Value>, names: &FieldNames) -> Option<String> {
    match Fields::new(fields).find(Some(names.path.as_deref()?), &[]) {
        Found::Some(value) => {
            scalar(&value).map(|path| path.split_whitespace().collect::<Vec<_>>().join(" "))
        }
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
        shown.push(
            match names
                .text
                .as_deref()
                .and_then(|path| dead_end(fields, name, path))
            {
                Some(end) => end,
                None => format!("`{name}`"),
            },
        );
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

/// Where the field `name` that a path begins with leads no further: `` `article`, which is null``.
fn dead_end(fields: &Map<String, Value>, name: &str, path: &str) -> Option<String> {
    let mut rest = path.strip_prefix(name)?.strip_prefix('.')?;
    let mut value = fields.get(name)?;
    while let Value::Object(inner) = value {
        let (step, after) = rest.split_once('.')?;
        (value, rest) = (inner.get(step)?, after);
    }
    let led = &path[..path.len() - rest.len() - 1];
    Some(match value {
        Value::Array(_) => format!("`{led}`, an array whose members lack `{rest}`"),
        _ => format!("`{led}`, which is {}", kind_of(value)),
    })
}

enum Found<'a> {
    None,
    /// The field is there, without a value.
    Blank,
    Some(Cow<'a, Value>),
}

/// The fields of a record, and their names as [`folded`] makes them.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    folded: Vec<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    fn new(fields: &'a Map<String, Value>) -> Self {
        Self {
            fields,
            folded: fields.keys().map(|name| folded(name)).collect(),
        }
    }

    fn head(&self, names: &FieldNames) -> (Option<String>, Option<Date>) {
        let title = match self.find(names.title.as_deref(), TITLE) {
            Found::Some(value) => scalar(&value).and_then(|title| clean_line(&title)),
            Found::None | Found::Blank => None,
        };
        let date = match names.date.as_deref() {
            Some(name) => self.named(name).and_then(|value| stated_in(&value)),
            // A `date` that says nothing hides no `published` beside it.
            None => self.usual(DATE).find_map(stated_in),
        };
        (title, date)
    }

    /// Author and address, and the date as it is written.
    fn about(&self, names: &FieldNames) -> About {
        let line = |names: &[&str]| match self.find(None, names) {
            Found::Some(value) => scalar(&value).and_then(|text| clean_line(&text)),
            Found::None | Found::Blank => None,
        };
        let author = AUTHOR
            .iter()
            .find_map(|name| names_in(self.by_folded(name)?));
        About {
            author: author.and_then(|names| clean_line(&names)),
            url: line(URL),
            unread_date: match self.find(names.date.as_deref(), DATE) {
                Found::Some(value) => scalar(&value),
                Found::None | Found::Blank => None,
            },
            ..About::default()
        }
    }

    /// The field of this name, or the first of the usual ones that has a value.
    fn find(&self, name: Option<&str>, usual: &[&str]) -> Found<'a> {
        let mut found = Found::None;
        let values: Vec<Cow<Value>> = match name {
            Some(name) => self.named(name).into_iter().collect(),
            None => self.usual(usual).map(Cow::Borrowed).collect(),
        };
        for value in values {
            if !is_blank(&value) {
                return Found::Some(value);
            }
            found = Found::Blank;
        }
        found
    }

    fn named(&self, name: &str) -> Option<Cow<'a, Value>> {
        let value = self.fields.get(name).map(Cow::Borrowed);
        let value = value.or_else(|| nested(self.fields, name));
        value.or_else(|| self.by_folded(&folded(name)).map(Cow::Borrowed))
    }

    /// The values of fields with usual names, the most telling first. Objects with fields of their
    /// own have to be asked for by name.
    fn usual(&self, names: &[&str]) -> impl Iterator<Item = &'a Value> {
        let values = names.iter().filter_map(|name| self.by_folded(name));
        values.filter(|value| !is_record(value))
    }

    fn by_folded(&self, name: &str) -> Option<&'a Value> {
        let at = self.folded.iter().position(|folded| *folded == name)?;
        self.fields.values().nth(at)
    }
}

/// The value at a path such as `article.paragraphs.0`. Where an array is met without a number, the
/// values in all of its members, in one array.
fn nested<'a>(fields: &'a Map<String, Value>, path: &str) -> Option<Cow<'a, Value>> {
    let (first, rest) = path.split_once('.')?;
    value_at(fields.get(first)?, rest)
}

fn value_at<'a>(value: &'a Value, path: &str) -> Option<Cow<'a, Value>> {
    let (step, rest) = match path.split_once('.') {
        Some((step, rest)) => (step, Some(rest)),
        None => (path, None),
    };
    let inner = match value {
        Value::Object(inner) => inner.get(step)?,
        Value::Array(items) => match step.parse::<usize>() {
            Ok(number) => items.get(number)?,
            Err(_) => return in_all(items, path),
        },
        _ => return None,
    };
    match rest {
        Some(rest) => value_at(inner, rest),
        None => Some(Cow::Borrowed(inner)),
    }
}

/// The values at a path in each of `items`. An array without members has none, and lacks none.
fn in_all<'a>(items: &'a [Value], path: &str) -> Option<Cow<'a, Value>> {
    let mut found = Vec::new();
    for value in items.iter().filter_map(|item| value_at(item, path)) {
        match value.into_owned() {
            Value::Array(inner) => found.extend(inner),
            value => found.push(value),
        }
    }
    (items.is_empty() || !found.is_empty()).then_some(Cow::Owned(Value::Array(found)))
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.chars().all(block::is_blank),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(inner) => inner.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a value is a record of its own, whose fields have to be asked for by name.
fn is_record(value: &Value) -> bool {
    matches!(value, Value::Object(inner) if !inner.is_empty())
        && scalar(value).is_none()
        && stated_in(value).is_none()
}

/// A name without case, accents and separators: `Date de publication` is `datedepublication`.
fn folded(name: &str) -> Cow<'_, str> {
    let is_folded = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.bytes().all(is_folded) {
        return Cow::Borrowed(name);
    }
    if name.is_ascii() {
        let kept = name.chars().filter(char::is_ascii_alphanumeric);
        return kept.map(|c| c.to_ascii_lowercase()).collect();
    }
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

/// The names in a value: a string, an object with a name, or several of them.
fn names_in(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => {
            let names: Vec<String> = items.iter().filter_map(names_in).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        Value::Object(inner) => scalar(inner.get("name").unwrap_or(value)),
        _ => scalar(value),
    }
}

/// The text that a field holds: a string, an object around one, or an array of paragraphs.
fn text_of<'a>(value: &'a Value, names: &FieldNames) -> Result<Cow<'a, str>, SkipReason> {
    let text = match value {
        Value::String(text) if !text.trim().is_empty() => Some(Cow::Borrowed(text.as_str())),
        Value::Array(items) => {
            let parts: Option<Vec<String>> = items
                .iter()
                .filter(|item| !is_blank(item) && !is_without_text(item))
                .map(|item| match item {
                    Value::String(_) | Value::Object(_) => scalar(item),
                    _ => None,
                })
                .collect();
            let parts = parts.filter(|parts| !parts.is_empty());
            parts.map(|parts| join(parts).into())
        }
        Value::Object(_) => scalar(value).map(Cow::Owned),
        _ => None,
    };
    text.ok_or_else(|| {
        let (field, kind) = (names.text.as_deref().unwrap_or("text"), kind_of(value));
        SkipReason::BadRow(format!(
            "its field `{field}` is {kind}, neither a string nor an array of strings"
        ))
    })
}

/// Whether a member of an array of blocks is a picture or the like: an object in which no string has
/// several words.
fn is_without_text(value: &Value) -> bool {
    let has_words = |value: &Value| {
        let words = value.as_str().map(|text| text.split_whitespace().count());
        words.is_some_and(|words| words > 3)
    };
    let inner = value.as_object();
    inner.is_some_and(|inner| scalar(value).is_none() && !inner.values().any(has_words))
}

fn kind_of(value: &Value) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Object(_) => "an object",
        Value::Array(items) => {
            let is_text = |item: &&Value| item.is_string() || item.is_null();
            return match items.iter().find(|item| !is_text(item)) {
                Some(other) => format!("an array that holds {}", kind_of(other)),
                None => "an array without text".to_owned(),
            };
        }
    };
    kind.to_owned()
}

#[cfg(test)]
mod tests;
