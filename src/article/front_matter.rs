//! Front matter: the block of YAML, TOML or JSON at the head of a Markdown file.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

use super::about::About;
use super::fields;

/// Longer blocks are text between two rules.
const MAX_BYTES: usize = 64 << 10;
/// Nesting of values that are looked into.
const MAX_DEPTH: usize = 8;

/// What front matter says about its article.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FrontMatter {
    pub title: Option<String>,
    pub date: Option<Date>,
    pub about: About,
}

/// Splits a text with line ends `\n` into its front matter and the rest. A block that states
/// nothing by name is left in the text, since it is text between two rules.
pub(super) fn split(text: &str) -> (FrontMatter, &str) {
    let start = text.trim_start_matches(['\n', ' ', '\u{FEFF}']);
    let found = match start.as_bytes() {
        [b'-', b'-', b'-', ..] => fenced(start, &["---"], &["---", "..."])
            .and_then(|(block, rest)| Some((yaml(block)?, rest))),
        [b'+', b'+', b'+', ..] => {
            fenced(start, &["+++"], &["+++"]).and_then(|(block, rest)| Some((toml(block)?, rest)))
        }
        [b'{', ..] => json(start),
        _ => None,
    };
    let Some((keys, rest)) = found.filter(|(keys, _)| !keys.is_empty()) else {
        return (FrontMatter::default(), text);
    };
    let (title, date, about) = fields::head(&keys);
    (FrontMatter { title, date, about }, rest)
}

/// The lines between a fence on the first line and the next fence, and what comes after.
fn fenced<'a>(text: &'a str, open: &[&str], close: &[&str]) -> Option<(&'a str, &'a str)> {
    let (first, inner) = text.split_once('\n')?;
    if !open.contains(&first.trim_end()) {
        return None;
    }
    let mut at = 0;
    for line in inner.split_inclusive('\n') {
        if close.contains(&line.trim_end()) {
            return Some((&inner[..at], &inner[at + line.len()..]));
        }
        at += line.len();
        if at > MAX_BYTES {
            return None;
        }
    }
    None
}

fn yaml(block: &str) -> Option<Map<String, Value>> {
    yaml_mapping(block).or_else(|| yaml_mapping(&quoted(block)?))
}

/// The keys of the outermost mapping whose values are scalars or lists of scalars, as they are written.
fn yaml_mapping(block: &str) -> Option<Map<String, Value>> {
    let mut keys = Map::new();
    let mut depth = 0_usize;
    let mut in_list = false;
    // A key whose value comes next, and the members of the list that is its value.
    let mut open: Option<String> = None;
    let mut list: Vec<Value> = Vec::new();
    for event in Parser::new_from_str(block) {
        let (event, _) = event.ok()?;
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if depth == 0 && !matches!(event, Event::MappingStart(..)) {
                    return None;
                }
                if depth == 1 {
                    in_list = matches!(event, Event::SequenceStart(..));
                }
                depth += 1;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                if depth == 1 {
                    let members = std::mem::take(&mut list);
                    open = match open {
                        Some(key) if !members.is_empty() => {
                            keys.insert(key, Value::Array(members));
                            None
                        }
                        Some(_) => None,
                        // A mapping or a list was the key.
                        None => Some(String::new()),
                    };
                }
            }
            Event::Scalar(..) | Event::Alias(_) if depth == 0 => return None,
            Event::Scalar(text, style, ..) if depth == 1 => match open.take() {
                None => open = Some(text.into_owned()),
                Some(key) => {
                    let is_null = style == ScalarStyle::Plain
                        && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                    let value = match is_null {
                        true => Value::Null,
                        false => Value::String(text.into_owned()),
                    };
                    keys.insert(key, value);
                }
            },
            Event::Scalar(text, ..) if depth == 2 && in_list => {
                list.push(Value::String(text.into_owned()));
            }
            Event::Alias(_) if depth == 1 => {
                open = match open {
                    Some(_) => None,
                    None => Some(String::new()),
                };
            }
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Some(keys)
}

/// `block` with quotation marks round the values that people forget to quote, such as
/// `title: Piscine : la mairie ferme`. Returns `None` if it does not look like keys and values.
fn quoted(block: &str) -> Option<String> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^([\p{L}_][\p{L}\p{N}_ -]{0,39}?)\s?:(?:\s+(.*))?$")
            .expect("the pattern is valid")
    });
    let mut repaired = String::with_capacity(block.len() + 64);
    for line in block.lines() {
        let found = KEY.captures(line);
        let value = found
            .as_ref()
            .map(|found| found.get(2).map_or("", |v| v.as_str().trim()));
        let line: Cow<'_, str> = match (&found, value) {
            (Some(found), Some(value)) if is_plain(value) => {
                let value = value.replace('\\', r"\\").replace('"', "\\\"");
                format!("{}: \"{value}\"", &found[1]).into()
            }
            // The lines of a value, a list, a comment.
            (None, _) if !line.starts_with([' ', '\t', '-', '#']) && !line.is_empty() => {
                return None;
            }
            _ => line.into(),
        };
        repaired.push_str(&line);
        repaired.push('\n');
    }
    Some(repaired)
}

/// Whether a value is on one line, without quotation marks, brackets or signs that mean more to
/// YAML.
fn is_plain(value: &str) -> bool {
    let marked = value.starts_with(['|', '>', '[', '{', '#', '&', '!']);
    let is_quoted = ['"', '\'']
        .iter()
        .any(|&quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote));
    !value.is_empty() && !marked && !is_quoted
}

fn toml(block: &str) -> Option<Map<String, Value>> {
    let table: toml::Table = block.parse().ok()?;
    match json_of_toml(toml::Value::Table(table), 0) {
        Value::Object(keys) => Some(keys),
        _ => None,
    }
}

fn json_of_toml(value: toml::Value, depth: usize) -> Value {
    match value {
        _ if depth > MAX_DEPTH => Value::Null,
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => {
            let items = items.into_iter().map(|item| json_of_toml(item, depth + 1));
            Value::Array(items.collect())
        }
        toml::Value::Table(table) => {
            let entries = table.into_iter();
            Value::Object(
                entries
                    .map(|(key, value)| (key, json_of_toml(value, depth + 1)))
                    .collect(),
            )
        }
    }
}

/// An object that the text begins with, on lines of its own.
fn json(text: &str) -> Option<(Map<String, Value>, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    let keys = values.next()?.ok()?;
    let rest = &text[values.byte_offset()..];
    let (after, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    after.trim().is_empty().then_some((keys, rest))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Option<String>, Option<Date>, &str) {
        let (FrontMatter { title, date, .. }, rest) = split(text);
        (title, date, rest)
    }

    #[test]
    fn lists_of_authors_are_read() {
        for list in ["[A. Roux, \"B. Morel\"]", "\n  - A. Roux\n  - B. Morel"] {
            let text = format!("---\nauteurs: {list}\ntitre: Le pont\n---\nUn.");
            let (front, _) = split(&text);
            assert_eq!(front.title.as_deref(), Some("Le pont"));
            assert_eq!(front.about.author.as_deref(), Some("A. Roux, B. Morel"));
        }
    }

    #[test]
    fn yaml_is_read_as_people_write_it() {
        let day = Some(date(2024, 3, 12));
        for (block, title) in [
            (
                "title: \"Un \\\"pont\\\" ferme\" # note\ndate: 2024-03-12",
                "Un \"pont\" ferme",
            ),
            ("title: 'L''été'\ndate: 2024-03-12T07:30:00Z", "L'été"),
            (
                "Title: >\n  Un pont\n  ferme\npublishDate: 12 mars 2024",
                "Un pont ferme",
            ),
            (
                "titre: Piscine : on ferme\ntags:\n- a\npublié le: 12/03/2024",
                "Piscine : on ferme",
            ),
            (
                "title: « Non » : dit-il\nauteur: \"A\"\ndate: 2024-03-12 07:30:00",
                "« Non » : dit-il",
            ),
            (
                "title: @pont *ferme*\nPublication-Date: 2024-03-12",
                "@pont *ferme*",
            ),
            (
                "title: 1984\npubDate: Tue, 12 Mar 2024 07:30:00 +0100",
                "1984",
            ),
        ] {
            let text = format!("---\n{block}\n---\nDu texte.");
            assert_eq!(
                read(&text),
                (Some(title.to_owned()), day, "Du texte."),
                "{block}"
            );
        }
    }

    #[test]
    fn toml_and_json_are_read() {
        let expected = (
            Some("Un \"pont\"".to_owned()),
            Some(date(2024, 3, 12)),
            "\nTexte.",
        );
        let toml = "+++\ntitle = \"Un \\\"pont\\\"\" # note\ndate = 2024-03-12T07:30:00+01:00\n[params]\nx = 1\n+++\n\nTexte.";
        assert_eq!(read(toml), expected);
        let json = "{\n \"titre\": \"Un \\\"pont\\\"\",\n \"date\": \"2024-03-12\"\n}\n\nTexte.";
        assert_eq!(read(json), expected);
    }

    #[test]
    fn text_is_no_front_matter() {
        for text in [
            "---\nDu texte entre deux filets.\n---\nSuite.",
            "---\n---\nSuite.",
            "---\nUn : deux\nTrois sans clé\n---\n",
            "---\ntitle: x",
            "+++\nDu texte.\n+++\n",
            "{Du texte.}",
            "{} reste",
            "Du texte.",
            "",
        ] {
            assert_eq!(read(text), (None, None, text));
        }
    }

    #[test]
    fn aliases_do_not_multiply() {
        let mut bomb = "---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..30 {
            let last = format!("*a{},", i - 1).repeat(9);
            bomb += &format!("a{i}: &a{i} [{last}]\n");
        }
        let text = bomb + "---\nDu texte.";
        assert_eq!(read(&text).0, None);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_text_is_lost(block in "[a-zé:\\-\\[\\]{}&*!|>'\"#%@`=, \n\t]{0,80}") {
            for fence in ["---", "+++"] {
                let text = format!("{fence}\n{block}\n{fence}\nFin.");
                prop_assert!(split(&text).1.ends_with("Fin."));
            }
            let text = format!("{{{block}}}\nFin.");
            prop_assert!(split(&text).1.ends_with("Fin."));
        }
    }
}
