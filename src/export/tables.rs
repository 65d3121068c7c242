//! The tables that an archive has as a database: their columns, and their rows from summaries. Every
//! form of export has the same; `docs/data.md` describes each column.

use french::edtf::Edtf;
use jiff::civil::Date;
use serde::Serialize;

use crate::archive::{Entity, Story};
use crate::output::outlet;
use crate::summarize::{Flag, SentenceId, Summary};

/// A table of the export.
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
}

pub(super) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether every row has a value.
    pub is_required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A day of the years 1 to 9999.
    Date,
    Integer,
    Real,
    Boolean,
}

/// What stands in a row under a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Text(String),
    Date(Date),
    Integer(i64),
    Real(f64),
    Boolean(bool),
}

pub(super) type Row = Vec<Value>;

/// The position of a table in [`TABLES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableId {
    Articles,
    KeyPoints,
    Sentences,
    Events,
    Figures,
    Quotes,
    Topics,
    Checks,
    Replaced,
    Entities,
    Mentions,
    Stories,
}

const fn required(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        is_required: true,
    }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        is_required: false,
    }
}

const ARTICLE: Column = required("article", Kind::Text);
const SENTENCE: Column = required("sentence", Kind::Integer);
/// The first sentence of the evidence, where there may be none.
const FIRST_SENTENCE: Column = optional("sentence", Kind::Integer);
/// All of the evidence.
const EVIDENCE: Column = required("evidence", Kind::Text);

/// All tables, in the order of [`TableId`].
pub(super) const TABLES: [Table; 12] = [
    Table {
        name: "articles",
        columns: &[
            ARTICLE,
            optional("date", Kind::Date),
            required("headline", Kind::Text),
            optional("title", Kind::Text),
            optional("title_en", Kind::Text),
            required("abstract", Kind::Text),
            FIRST_SENTENCE,
            EVIDENCE,
            required("outlet", Kind::Text),
            optional("author", Kind::Text),
            optional("url", Kind::Text),
            required("path", Kind::Text),
            required("language", Kind::Text),
            required("truncated", Kind::Boolean),
            required("grade", Kind::Text),
            required("sentences", Kind::Integer),
            required("sentences_good", Kind::Integer),
            required("sentences_check", Kind::Integer),
            required("sentences_bad", Kind::Integer),
            required("numbers", Kind::Integer),
            required("numbers_kept", Kind::Integer),
            required("dates", Kind::Integer),
            required("dates_kept", Kind::Integer),
            required("names", Kind::Integer),
            required("names_kept", Kind::Integer),
            required("writer", Kind::Text),
            required("model", Kind::Text),
            required("digest", Kind::Text),
            required("tool", Kind::Text),
        ],
    },
    Table {
        name: "key_points",
        columns: &[
            ARTICLE,
            FIRST_SENTENCE,
            required("number", Kind::Integer),
            required("text", Kind::Text),
            required("salience", Kind::Real),
            EVIDENCE,
        ],
    },
    Table {
        name: "sentences",
        columns: &[
            ARTICLE,
            SENTENCE,
            required("paragraph", Kind::Integer),
            required("text", Kind::Text),
            required("source", Kind::Text),
            required("origin", Kind::Text),
            required("grade", Kind::Text),
            required("trust", Kind::Real),
            required("flags", Kind::Text),
        ],
    },
    Table {
        name: "events",
        columns: &[
            ARTICLE,
            SENTENCE,
            optional("date", Kind::Text),
            optional("first_day", Kind::Date),
            optional("last_day", Kind::Date),
            optional("time", Kind::Text),
            required("text", Kind::Text),
            required("as_written", Kind::Text),
        ],
    },
    Table {
        name: "figures",
        columns: &[
            ARTICLE,
            SENTENCE,
            required("value", Kind::Real),
            optional("unit", Kind::Text),
            optional("qualifier", Kind::Text),
            optional("what", Kind::Text),
            required("as_written", Kind::Text),
            optional("upper", Kind::Real),
            optional("text", Kind::Text),
        ],
    },
    Table {
        name: "quotes",
        columns: &[
            ARTICLE,
            SENTENCE,
            optional("speaker", Kind::Text),
            required("text", Kind::Text),
            required("source", Kind::Text),
        ],
    },
    Table {
        name: "topics",
        columns: &[
            ARTICLE,
            required("label", Kind::Text),
            required("weight", Kind::Real),
        ],
    },
    Table {
        name: "checks",
        columns: &[
            ARTICLE,
            SENTENCE,
            required("flag", Kind::Text),
            required("detail", Kind::Text),
        ],
    },
    Table {
        name: "replaced",
        columns: &[
            ARTICLE,
            FIRST_SENTENCE,
            required("part", Kind::Text),
            required("text", Kind::Text),
            required("unsupported", Kind::Text),
            required("lost", Kind::Text),
            EVIDENCE,
        ],
    },
    Table {
        name: "entities",
        columns: &[
            required("entity", Kind::Integer),
            required("kind", Kind::Text),
            required("name", Kind::Text),
            required("aliases", Kind::Text),
            required("articles", Kind::Integer),
        ],
    },
    Table {
        name: "mentions",
        columns: &[
            ARTICLE,
            SENTENCE,
            required("entity", Kind::Integer),
            required("kind", Kind::Text),
            required("name", Kind::Text),
            optional("role", Kind::Text),
        ],
    },
    Table {
        name: "stories",
        columns: &[
            ARTICLE,
            required("story", Kind::Integer),
            required("position", Kind::Integer),
        ],
    },
];

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        // A database's own functions, and readers of CSV, take it for the end of the text.
        Self::Text(text.replace('\0', "\u{fffd}"))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<SentenceId> for Value {
    fn from(sentence: SentenceId) -> Self {
        Self::from(sentence.0)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        match date.year() {
            1.. => Self::Date(date),
            // Few programs know such days.
            _ => Self::Null,
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The name or names that a value has in the JSON of a summary.
fn json_name(value: &impl Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Value::Text(name),
        Ok(other) => Value::from(other.to_string()),
        Err(_) => Value::Null,
    }
}

fn first(evidence: &[SentenceId]) -> Value {
    evidence.first().copied().into()
}

/// Numbers of sentences as a list in JSON, which databases read.
fn list(evidence: &[SentenceId]) -> Value {
    json_name(&evidence)
}

macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$(Value::from($value)),*] };
}

/// The rows of one summary, each with its table.
pub(super) fn rows(summary: &Summary) -> Vec<(TableId, Row)> {
    let mut rows = vec![(TableId::Articles, article(summary))];
    let id = summary.id.as_str();
    for (n, point) in summary.key_points.iter().enumerate() {
        let row = row![
            id,
            first(&point.evidence),
            n + 1,
            point.text.as_str(),
            point.salience,
            list(&point.evidence)
        ];
        rows.push((TableId::KeyPoints, row));
    }
    for it in &summary.translation.sentences {
        let row = row![
            id,
            it.id,
            it.paragraph,
            it.text.as_str(),
            it.source.as_str(),
            json_name(&it.origin),
            it.grade.word(),
            it.trust,
            json_name(&it.flags.iter().map(|flag| flag.name()).collect::<Vec<_>>())
        ];
        rows.push((TableId::Sentences, row));
    }
    facts(summary, &mut rows);
    checks(summary, &mut rows);
    rows
}

fn article(summary: &Summary) -> Row {
    let (source, trust, checks) = (&summary.source, &summary.trust, &summary.checks);
    let day = source.date.as_deref().and_then(|date| date.get(..10));
    let evidence = &summary.abstract_.evidence;
    row![
        summary.id.as_str(),
        day.and_then(|day| day.parse::<Date>().ok()),
        summary.headline.as_str(),
        source.title.as_deref(),
        summary.translation.title.as_deref(),
        summary.abstract_.text.as_str(),
        first(evidence),
        list(evidence),
        outlet(source),
        source.author.as_deref(),
        source.url.as_deref(),
        source.path.as_str(),
        source.language.as_str(),
        source.truncated,
        trust.grade.word(),
        source.sentences,
        trust.good,
        trust.check,
        trust.bad,
        checks.numbers.of,
        checks.numbers.kept,
        checks.dates.of,
        checks.dates.kept,
        checks.names.of,
        checks.names.kept,
        summary.provenance.writer.model.as_str(),
        summary.provenance.translator.model.as_str(),
        source.digest.as_str(),
        summary.provenance.tool.as_str(),
    ]
}

fn facts(summary: &Summary, rows: &mut Vec<(TableId, Row)>) {
    let id = summary.id.as_str();
    for it in &summary.events {
        let row = row![
            id,
            it.sentence,
            it.date.map(|date| date.to_string()),
            it.date.and_then(Edtf::first_day),
            it.date.and_then(Edtf::last_day),
            it.time.as_deref(),
            it.text.as_str(),
            it.as_written.as_str()
        ];
        rows.push((TableId::Events, row));
    }
    for it in &summary.figures {
        let row = row![
            id,
            it.sentence,
            it.value,
            it.unit.as_deref(),
            it.qualifier.as_ref().map(json_name),
            it.what.as_deref(),
            it.as_written.as_str(),
            it.upper,
            it.text.as_deref()
        ];
        rows.push((TableId::Figures, row));
    }
    for it in &summary.quotes {
        let row = row![
            id,
            it.sentence,
            it.speaker.as_deref(),
            it.text.as_str(),
            it.source_text.as_str()
        ];
        rows.push((TableId::Quotes, row));
    }
    for it in &summary.topics {
        rows.push((TableId::Topics, row![id, it.label.as_str(), it.weight]));
    }
}

fn checks(summary: &Summary, rows: &mut Vec<(TableId, Row)>) {
    let id = summary.id.as_str();
    for it in &summary.checks.flagged {
        let row = row![id, it.sentence, Flag::name(it.flag), it.detail.as_str()];
        rows.push((TableId::Checks, row));
    }
    for it in &summary.checks.replaced {
        let row = row![
            id,
            first(&it.evidence),
            json_name(&it.part),
            it.text.as_str(),
            json_name(&it.unsupported),
            json_name(&it.lost),
            list(&it.evidence)
        ];
        rows.push((TableId::Replaced, row));
    }
}

/// The rows of the entity with this number: itself, and a mention for each sentence that has it.
pub(super) fn entity_rows(number: usize, entity: &Entity) -> Vec<(TableId, Row)> {
    let kind = || json_name(&entity.kind);
    let name = entity.name.as_str();
    let itself = row![
        number,
        kind(),
        name,
        json_name(&entity.aliases),
        entity.statements.len()
    ];
    let mut rows = vec![(TableId::Entities, itself)];
    for it in &entity.statements {
        rows.extend(it.sentences.iter().map(|&sentence| {
            let article = it.article.as_str();
            let row = row![article, sentence, number, kind(), name, it.role.as_deref()];
            (TableId::Mentions, row)
        }));
    }
    rows
}

/// The rows of the story with this number, the earliest article first.
pub(super) fn story_rows(number: usize, story: &Story) -> Vec<(TableId, Row)> {
    let rows = story.articles.iter().enumerate().map(|(n, article)| {
        let row = row![article.as_str(), number, n + 1];
        (TableId::Stories, row)
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Aliases, Entities};

    #[test]
    fn every_row_fits_its_table() {
        let mut summary: Summary =
            serde_json::from_str(include_str!("../../tests/fixtures/summary.json")).unwrap();
        summary.headline = "a\0b".to_owned();
        let aliases = Aliases::default();
        let mut entities = Entities::new(&aliases);
        entities.add(&summary);
        let story = Story {
            articles: vec!["a".to_owned(), "b".to_owned()],
        };
        let mut all = rows(&summary);
        for (n, entity) in entities.finish().iter().enumerate() {
            all.extend(entity_rows(n + 1, entity));
        }
        all.extend(story_rows(1, &story));
        for (id, row) in &all {
            let table = &TABLES[*id as usize];
            assert_eq!(row.len(), table.columns.len(), "{}", table.name);
            for (column, value) in table.columns.iter().zip(row) {
                let kind = match value {
                    Value::Null => {
                        assert!(!column.is_required, "{}.{}", table.name, column.name);
                        continue;
                    }
                    Value::Text(_) => Kind::Text,
                    Value::Date(_) => Kind::Date,
                    Value::Integer(_) => Kind::Integer,
                    Value::Real(_) => Kind::Real,
                    Value::Boolean(_) => Kind::Boolean,
                };
                assert_eq!(kind, column.kind, "{}.{}", table.name, column.name);
            }
        }
        let used = |table: &Table| {
            all.iter()
                .any(|(id, _)| TABLES[*id as usize].name == table.name)
        };
        assert!(TABLES.iter().all(used), "the fixture has rows for each");
        assert_eq!(all[0].1[2], Value::from("a\u{fffd}b"));
    }

    #[test]
    fn days_that_few_programs_know_are_left_out() {
        let day = |text: &str| Value::from(text.parse::<Edtf>().unwrap().first_day());
        assert_eq!(day("-0044-03-15"), Value::Null);
        assert_eq!(day("0044"), Value::Date(Date::constant(44, 1, 1)));
    }
}
