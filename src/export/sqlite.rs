//! The tables as a SQLite database, with indexes and full-text search.

use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::tables::{Kind, Row, TABLES, Table, TableId, Value};
use super::{ExportError, Sink};
use crate::TOOL;
use crate::job::Replacement;

/// Marks databases of precis, as the header of the file has it: `prec`.
const APPLICATION_ID: u32 = u32::from_be_bytes(*b"prec");
/// Raise it when a table or column is renamed or removed. `PRAGMA user_version` says it.
const LAYOUT: u32 = 1;

/// Texts are indexed without accents. The texts themselves are in the tables.
const FULL_TEXT: &str = "
CREATE VIRTUAL TABLE articles_fts USING fts5(
    headline, title, abstract,
    content='articles', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
INSERT INTO articles_fts(articles_fts) VALUES ('rebuild');
INSERT INTO articles_fts(articles_fts) VALUES ('optimize');
CREATE VIRTUAL TABLE sentences_fts USING fts5(
    text, source,
    content='sentences', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
INSERT INTO sentences_fts(sentences_fts) VALUES ('rebuild');
INSERT INTO sentences_fts(sentences_fts) VALUES ('optimize');
";

/// Indexes beside those of [`Table`]s by their articles.
const INDEXES: &str = "
CREATE INDEX articles_by_date ON articles(date);
CREATE INDEX events_by_day ON events(first_day);
CREATE INDEX mentions_by_entity ON mentions(entity);
CREATE INDEX entities_by_name ON entities(name);
";

pub(super) struct Sqlite {
    /// What is written; takes its place at the end.
    file: Replacement,
    connection: Connection,
    /// A statement for each table.
    inserts: Vec<String>,
    path: PathBuf,
}

impl Sqlite {
    pub(super) fn create(path: &Path) -> Result<Self, ExportError> {
        for suffix in ["-journal", "-wal"] {
            let mut beside = path.as_os_str().to_owned();
            beside.push(suffix);
            if Path::new(&beside).exists() {
                return Err(ExportError::Taken {
                    path: path.to_owned(),
                    reason: format!(
                        "a program is writing to it, or was killed while it did ({} is there)",
                        Path::new(&beside).display()
                    ),
                });
            }
        }
        let file = Replacement::create(path).map_err(|error| ExportError::write(path, error))?;
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(file.temporary_path())?;
            // Until it takes its place, nobody reads it, and nothing of it has to survive.
            connection.execute_batch(&format!(
                "PRAGMA page_size = 4096;
                 PRAGMA journal_mode = OFF;
                 PRAGMA synchronous = OFF;
                 PRAGMA locking_mode = EXCLUSIVE;
                 PRAGMA cache_size = -16000;
                 PRAGMA application_id = {APPLICATION_ID};
                 PRAGMA user_version = {LAYOUT};
                 BEGIN;"
            ))?;
            for table in &TABLES {
                connection.execute_batch(&definition(table))?;
            }
            connection.execute_batch("CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);")?;
            connection.execute("INSERT INTO meta VALUES ('tool', ?)", [TOOL])?;
            Ok(connection)
        };
        Ok(Self {
            connection: open().map_err(|error| failed(path, error))?,
            inserts: TABLES.iter().map(insert).collect(),
            path: path.to_owned(),
            file,
        })
    }
}

impl Sink for Sqlite {
    fn write(&mut self, rows: &[(TableId, Row)]) -> Result<(), ExportError> {
        let write = || -> rusqlite::Result<()> {
            for rows in rows.chunk_by(|a, b| a.0 == b.0) {
                let insert = &self.inserts[rows[0].0 as usize];
                let mut statement = self.connection.prepare(insert)?;
                for (_, row) in rows {
                    statement.execute(params_from_iter(row))?;
                }
            }
            Ok(())
        };
        write().map_err(|error| failed(&self.path, error))
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        let Self {
            file,
            connection,
            path,
            ..
        } = *self;
        let complete = || -> rusqlite::Result<()> {
            for table in TABLES.iter().filter(|table| has_article(table)) {
                let columns = match has_sentence(table) {
                    true => "article, sentence",
                    false => "article",
                };
                let name = table.name;
                connection.execute_batch(&format!(
                    "CREATE INDEX {name}_by_article ON {name}({columns});"
                ))?;
            }
            connection.execute_batch(INDEXES)?;
            connection.execute_batch(FULL_TEXT)?;
            connection.execute_batch("COMMIT;")
        };
        complete().map_err(|error| failed(&path, error))?;
        let closed = connection.close().map_err(|(_, error)| error);
        closed.map_err(|error| failed(&path, error))?;
        file.replace()
            .map_err(|error| ExportError::write(&path, error))
    }
}

/// Whether a file that begins with `head` is a database of precis.
pub(super) fn is_ours(head: &[u8]) -> bool {
    head.starts_with(b"SQLite format 3\0")
        && head.get(68..72) == Some(&APPLICATION_ID.to_be_bytes()[..])
}

fn failed(path: &Path, error: rusqlite::Error) -> ExportError {
    ExportError::write(path, std::io::Error::other(error))
}

fn has_article(table: &Table) -> bool {
    table.columns.iter().any(|column| column.name == "article")
}

fn has_sentence(table: &Table) -> bool {
    table.columns.iter().any(|column| column.name == "sentence")
}

/// The statement that creates a table. Rows that the full-text search leads to have a number that stays
/// theirs.
fn definition(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| {
        let kind = match column.kind {
            Kind::Text | Kind::Date => "TEXT",
            Kind::Integer | Kind::Boolean => "INTEGER",
            Kind::Real => "REAL",
        };
        let required = if column.is_required { " NOT NULL" } else { "" };
        format!("{} {kind}{required}", column.name)
    });
    let id = match table.name {
        "articles" | "sentences" => Some("id INTEGER PRIMARY KEY".to_owned()),
        _ => None,
    };
    let columns: Vec<String> = id.into_iter().chain(columns).collect();
    format!(
        "CREATE TABLE {}(\n  {});",
        table.name,
        columns.join(",\n  ")
    )
}

fn insert(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let marks = vec!["?"; names.len()].join(", ");
    format!(
        "INSERT INTO {}({}) VALUES ({marks})",
        table.name,
        names.join(", ")
    )
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let borrowed = |value| Ok(ToSqlOutput::Borrowed(value));
        match self {
            Self::Null => borrowed(ValueRef::Null),
            Self::Text(text) => borrowed(ValueRef::Text(text.as_bytes())),
            Self::Date(date) => Ok(ToSqlOutput::from(date.to_string())),
            Self::Integer(number) => borrowed(ValueRef::Integer(*number)),
            Self::Real(number) => borrowed(ValueRef::Real(*number)),
            Self::Boolean(truth) => borrowed(ValueRef::Integer((*truth).into())),
        }
    }
}
