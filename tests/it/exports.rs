//! `precis export`: the same tables as a database, CSV and Parquet.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::common::{FLOOD, HOSTILE, Sandbox, oldest_summary, summary};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use precis::archive::Aliases;
use precis::export::{ExportError, ExportFormat, export as export_to};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;

/// Tables by their names: columns, then rows, every value as CSV has it.
type Tables = BTreeMap<String, Vec<Vec<String>>>;

fn read_sqlite(path: &Path) -> Tables {
    let database = Connection::open(path).expect("a database");
    let check: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check");
    assert_eq!(check, "ok");
    let mut tables = Tables::new();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'
                 AND name NOT LIKE '%\\_fts%' ESCAPE '\\' AND name <> 'meta'";
    let mut names = database.prepare(names).expect("a query");
    let names = names.query_map([], |row| row.get(0)).expect("rows");
    for name in names {
        let name: String = name.expect("a name");
        let columns: Vec<(String, String)> = database
            .prepare("SELECT name, type FROM pragma_table_info(?) WHERE name <> 'id'")
            .expect("a query")
            .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("rows")
            .map(|row| row.expect("a row"))
            .collect();
        let (columns, kinds): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let select = format!("SELECT {} FROM {name}", columns.join(", "));
        let mut select = database.prepare(&select).expect("a query");
        let rows = select
            .query_map([], |row| {
                let cell = |n: usize| {
                    Ok(match row.get(n)? {
                        Value::Null => String::new(),
                        Value::Integer(truth) if columns[n] == "truncated" => {
                            (truth == 1).to_string()
                        }
                        Value::Integer(number) => number.to_string(),
                        Value::Real(number) => number.to_string(),
                        Value::Text(text) => text,
                        Value::Blob(_) => panic!("{name} has bytes"),
                    })
                };
                (0..kinds.len()).map(cell).collect()
            })
            .expect("rows");
        let rows: Vec<_> = rows.map(|row| row.expect("a row")).collect();
        tables.insert(name, [vec![columns.clone()], rows].concat());
    }
    tables
}

fn read_csv(folder: &Path) -> Tables {
    let mut tables = Tables::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let bytes = fs::read(&path).expect("readable");
        let rest = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let name = path.file_stem().expect("a name").to_string_lossy();
        tables.insert(name.into_owned(), records(rest));
    }
    tables
}

/// The records of a file by the grammar of RFC 4180, which it has to keep to.
fn records(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let (mut records, mut record) = (Vec::new(), Vec::new());
    let mut rest = text;
    while !rest.is_empty() {
        let mut field = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (part, after) = quoted.split_once('"').expect("the end of a field");
                field += part;
                quoted = after;
                match quoted.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        quoted = after;
                    }
                    None => break,
                }
            }
            rest = quoted;
        } else {
            let end = rest.find([',', '\r', '\n']).expect("the end of a field");
            field += &rest[..end];
            assert!(!field.contains('"'), "{field}");
            rest = &rest[end..];
        }
        record.push(field);
        rest = match rest.strip_prefix(',') {
            Some(after) => after,
            None => {
                records.push(std::mem::take(&mut record));
                rest.strip_prefix("\r\n").expect("CR LF")
            }
        };
    }
    let width = records[0].len();
    assert!(records.iter().all(|record| record.len() == width));
    records
}

fn read_parquet(folder: &Path) -> Tables {
    let mut tables = Tables::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let file = fs::File::open(&path).expect("readable");
        let reader = SerializedFileReader::new(file).expect("Parquet");
        let metadata = reader.metadata().file_metadata();
        assert_eq!(metadata.created_by(), Some(precis::TOOL));
        let columns = metadata.schema().get_fields().iter();
        let mut rows = vec![columns.map(|it| it.name().to_owned()).collect::<Vec<_>>()];
        for row in reader.get_row_iter(None).expect("rows") {
            let row = row.expect("a row");
            let cells = row.get_column_iter().map(|(_, field)| match field {
                Field::Null => String::new(),
                Field::Str(text) => text.clone(),
                Field::Bool(truth) => truth.to_string(),
                Field::Long(number) => number.to_string(),
                Field::Double(number) => number.to_string(),
                Field::Date(days) => {
                    let epoch = jiff::civil::date(1970, 1, 1);
                    let day = epoch.checked_add(jiff::Span::new().days(*days));
                    day.expect("a day").to_string()
                }
                other => panic!("{other:?}"),
            });
            rows.push(cells.collect());
        }
        let name = path.file_stem().expect("a name").to_string_lossy();
        tables.insert(name.into_owned(), rows);
    }
    tables
}

fn export(sandbox: &Sandbox, format: &str, to: &str, more: &[&str]) -> assert_cmd::assert::Assert {
    let arguments = [&["export", format, "out", "--out", to], more].concat();
    sandbox.precis(&arguments).assert()
}

fn column(table: &[Vec<String>], name: &str) -> Vec<String> {
    let at = table[0].iter().position(|it| it == name).expect("a column");
    table[1..].iter().map(|row| row[at].clone()).collect()
}

/// Articles with all that summaries may say.
fn write_articles(sandbox: &Sandbox) {
    summary(sandbox, "a", json!({}));
    let evil = format!("=HYPERLINK(\"http://x\")\r\n{HOSTILE},;\t'\u{202e}\u{2028} é œ 漢 \0 end");
    let quotes = json!([{ "speaker": evil, "text": "+1", "source_text": "-1", "sentence": 2 }]);
    let source = json!({ "date": null, "title": evil, "author": evil, "truncated": true });
    summary(
        sandbox,
        "b é\"c",
        json!({ "headline": evil, "quotes": quotes, "source": source, "topics": [] }),
    );
    summary(
        sandbox,
        "empty",
        json!({ "headline": "", "abstract": { "text": "", "evidence": [] }, "key_points": [],
            "people": [], "organisations": [], "places": [], "events": [], "figures": [],
            "quotes": [], "topics": [], "translation": { "title": null, "sentences": [] },
            "checks": { "flagged": [], "replaced": [] }, "source": { "date": "someday" } }),
    );
}

#[test]
fn every_form_has_the_same_tables() {
    let sandbox = Sandbox::new();
    write_articles(&sandbox);
    export(&sandbox, "sqlite", "all.sqlite", &[])
        .code(0)
        .stderr(contains("3 articles in all.sqlite"));
    export(&sandbox, "csv", "csv", &["--raw"]).code(0);
    export(&sandbox, "parquet", "parquet", &[]).code(0);
    let tables = read_sqlite(&sandbox.path("all.sqlite"));
    assert_eq!(tables.len(), 12);
    let csv = read_csv(&sandbox.path("csv"));
    let parquet = read_parquet(&sandbox.path("parquet"));
    for (name, table) in &tables {
        assert_eq!(&csv[name], table, "{name} as CSV");
        assert_eq!(&parquet[name], table, "{name} as Parquet");
    }
    assert_eq!(
        column(&tables["articles"], "article"),
        ["a", "b é\"c", "empty"]
    );
    assert_eq!(column(&tables["articles"], "date"), ["2025-03-04", "", ""]);
    assert_eq!(
        column(&tables["articles"], "evidence"),
        ["[0,1]", "[0,1]", "[]"]
    );
    // Two articles with one text are one story, and their names one entity each.
    assert_eq!(column(&tables["stories"], "article"), ["a", "b é\"c"]);
    let people = column(&tables["mentions"], "name");
    assert_eq!(people.iter().filter(|it| *it == "Claire Martin").count(), 2);
    // Every fact has the sentence that is its evidence.
    let sentences = &tables["sentences"];
    let places: Vec<_> = column(sentences, "article")
        .into_iter()
        .zip(column(sentences, "sentence"))
        .collect();
    for name in ["events", "figures", "quotes", "mentions", "checks"] {
        let table = &tables[name];
        assert!(table.len() > 1, "{name}");
        let own = column(table, "article")
            .into_iter()
            .zip(column(table, "sentence"));
        for place in own {
            assert!(places.contains(&place), "{name}: {place:?}");
        }
    }
    let days = column(&tables["events"], "first_day");
    assert_eq!(&days[..4], ["2025-03-03", "2025-02-01", "", "2019-12-01"]);
    assert_eq!(column(&tables["quotes"], "text")[1], "+1");
    assert!(column(&tables["articles"], "headline")[1].ends_with("漢 \u{fffd} end"));
}

#[test]
fn exports_of_the_same_summaries_have_the_same_bytes() {
    let sandbox = Sandbox::new();
    sandbox.write_floods(6);
    sandbox.precis(&["run", "news"]).assert().code(0);
    for (format, name) in [
        ("sqlite", "x.sqlite"),
        ("csv", "csv"),
        ("parquet", "parquet"),
    ] {
        let bytes = |to: &str| -> Vec<(String, Vec<u8>)> {
            export(&sandbox, format, to, &[]).code(0);
            let path = sandbox.path(to);
            if path.is_file() {
                return vec![(String::new(), fs::read(path).expect("readable"))];
            }
            let names = sandbox.names(to).into_iter();
            names
                .map(|name| {
                    let bytes = fs::read(path.join(&name)).expect("readable");
                    (name, bytes)
                })
                .collect()
        };
        let first = bytes(name);
        // Over the one before, and elsewhere.
        assert!(bytes(name) == first, "{format}");
        assert!(bytes(&format!("other-{name}")) == first, "{format}");
    }
    // Nothing is left beside them.
    let hidden = fs::read_dir(sandbox.path("")).expect("a folder").flatten();
    let hidden = hidden.filter(|it| it.file_name().to_string_lossy().starts_with(".precis"));
    assert_eq!(hidden.count(), 0);
}

#[test]
fn spreadsheets_get_no_formulas_and_excel_its_mark() {
    let sandbox = Sandbox::new();
    write_articles(&sandbox);
    export(&sandbox, "csv", "csv", &["--bom"]).code(0);
    let tables = read_csv(&sandbox.path("csv"));
    for table in tables.values() {
        for cell in table.iter().flatten() {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(
                is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    assert!(column(&tables["articles"], "headline")[1].starts_with("'=HYPERLINK"));
    assert_eq!(column(&tables["quotes"], "text")[1], "'+1");
    let bytes = fs::read(sandbox.path("csv/articles.csv")).expect("readable");
    assert!(bytes.starts_with("\u{feff}article,date,".as_bytes()));
    // An export without the mark takes its place.
    export(&sandbox, "csv", "csv", &[]).code(0);
    assert!(
        sandbox
            .read("csv/articles.csv")
            .starts_with("article,date,")
    );
    export(&sandbox, "parquet", "tables", &["--raw"])
        .code(2)
        .stderr(contains("for CSV alone"));
}

#[test]
fn full_text_search_is_blind_to_accents() {
    let sandbox = Sandbox::new();
    sandbox.write("news/crue.txt", FLOOD);
    sandbox.precis(&["run", "news"]).assert().code(0);
    export(&sandbox, "sqlite", "all.sqlite", &[]).code(0);
    let database = Connection::open(sandbox.path("all.sqlite")).expect("a database");
    let count = |table: &str, words: &str| -> i64 {
        let query = format!("SELECT count(*) FROM {table} WHERE {table} MATCH ?");
        let count = database.query_row(&query, [words], |row| row.get(0));
        count.expect("a count")
    };
    for words in ["evacues", "ÉVACUÉS", "évacu*", "source : pompiers"] {
        assert_eq!(count("sentences_fts", words), 1, "{words}");
    }
    assert_eq!(count("sentences_fts", "evacu"), 0);
    assert_eq!(count("articles_fts", "3 March"), 1);
    for table in ["sentences_fts", "articles_fts"] {
        let check = format!("INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)");
        database
            .execute(&check, [])
            .expect("the index fits its texts");
    }
    let id: u32 = database
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .expect("an id");
    assert_eq!(id.to_be_bytes(), *b"prec");
}

#[test]
fn an_export_that_fails_leaves_what_was_there() {
    let sandbox = Sandbox::new();
    summary(&sandbox, "a", json!({}));
    export(&sandbox, "sqlite", "x.sqlite", &[]).code(0);
    export(&sandbox, "csv", "csv", &[]).code(0);
    let before = fs::read(sandbox.path("x.sqlite")).expect("readable");
    // A folder without summaries, and one whose summaries cannot be read.
    fs::create_dir(sandbox.path("empty")).expect("a folder");
    for (folder, problem) in [
        ("empty", "there is no summary in empty"),
        ("nowhere", "cannot read nowhere"),
    ] {
        sandbox
            .precis(&["export", "sqlite", folder, "--out", "x.sqlite"])
            .assert()
            .code(1)
            .stderr(contains(problem));
    }
    summary(&sandbox, "a", json!({ "figures": 7 }));
    export(&sandbox, "sqlite", "x.sqlite", &[])
        .code(1)
        .stderr(contains("out/a.json cannot be read"));
    assert!(fs::read(sandbox.path("x.sqlite")).expect("readable") == before);
    // One that cannot be read costs itself.
    summary(&sandbox, "b", json!({}));
    export(&sandbox, "csv", "csv", &[])
        .code(3)
        .stderr(contains("out/a.json cannot be read").and(contains("1 article in csv")));
    // A program that has the database open.
    sandbox.write("x.sqlite-journal", "x");
    export(&sandbox, "sqlite", "x.sqlite", &[])
        .code(1)
        .stderr(contains("a program is writing to it"));
    assert!(fs::read(sandbox.path("x.sqlite")).expect("readable") == before);
}

#[test]
fn files_of_others_are_not_replaced() {
    let sandbox = Sandbox::new();
    summary(&sandbox, "a", json!({}));
    let other = Connection::open(sandbox.path("other.sqlite")).expect("a database");
    other
        .execute_batch("CREATE TABLE mine(x)")
        .expect("a table");
    drop(other);
    sandbox.write("notes.txt", "mine");
    fs::create_dir(sandbox.path("folder")).expect("a folder");
    for to in ["other.sqlite", "notes.txt", "folder"] {
        export(&sandbox, "sqlite", to, &[])
            .code(1)
            .stderr(contains("is not replaced").and(contains(to)));
    }
    assert_eq!(sandbox.read("notes.txt"), "mine");
    sandbox.write("tables/events.csv", "day,event\r\n");
    sandbox.write("tables/events.parquet", "PAR1 mine PAR1");
    for format in ["csv", "parquet"] {
        export(&sandbox, format, "tables", &[])
            .code(1)
            .stderr(contains(format!("tables/events.{format} is not replaced")));
    }
    assert_eq!(sandbox.names("tables"), ["events.csv", "events.parquet"]);
    export(&sandbox, "csv", "notes.txt", &[]).code(1);
    // A file that is empty was made to be written.
    sandbox.write("new.sqlite", "");
    export(&sandbox, "sqlite", "new.sqlite", &[]).code(0);
}

#[test]
fn summaries_of_older_versions_have_rows() {
    let sandbox = Sandbox::new();
    oldest_summary(&sandbox, "a");
    export(&sandbox, "csv", "csv", &[]).code(0);
    let tables = read_csv(&sandbox.path("csv"));
    assert_eq!(column(&tables["articles"], "grade"), ["good"]);
    assert_eq!(column(&tables["articles"], "truncated"), ["false"]);
}

#[test]
fn names_that_a_user_joins_are_one_entity() {
    let sandbox = Sandbox::new();
    let organisation = |name: &str| json!([{ "name": name, "source_name": name, "description": null, "sentences": [3] }]);
    summary(
        &sandbox,
        "a",
        json!({ "organisations": organisation("UNP") }),
    );
    summary(
        &sandbox,
        "b",
        json!({ "organisations": organisation("Union des ports") }),
    );
    sandbox.write("names.tsv", "Ports\tUNP\tUnion des ports\n");
    export(&sandbox, "csv", "csv", &["--aliases", "names.tsv"]).code(0);
    let tables = read_csv(&sandbox.path("csv"));
    let names = column(&tables["entities"], "name");
    let articles = column(&tables["entities"], "articles");
    let at = names
        .iter()
        .position(|name| name == "Ports")
        .expect("joined");
    assert_eq!(articles[at], "2");
}

#[test]
fn an_export_that_is_interrupted_leaves_nothing() {
    let sandbox = Sandbox::new();
    write_articles(&sandbox);
    let stop = AtomicBool::new(true);
    let aliases = Aliases::default();
    let [out, to] = ["out", "tables"].map(|name| sandbox.path(name));
    for format in [ExportFormat::Sqlite, ExportFormat::Parquet] {
        let stopped = export_to(&out, &to, format, &aliases, &stop);
        assert!(matches!(stopped, Err(ExportError::Interrupted)));
        assert!(!to.exists() || fs::read_dir(&to).expect("a folder").next().is_none());
    }
}

#[cfg(feature = "faults")]
#[test]
fn a_disk_that_fails_leaves_what_was_there() {
    let sandbox = Sandbox::new();
    summary(&sandbox, "a", json!({}));
    for (format, to, probe) in [
        ("sqlite", "x.sqlite", "x.sqlite"),
        ("csv", "csv", "csv/figures.csv"),
        ("parquet", "parquet", "parquet/figures.parquet"),
    ] {
        summary(&sandbox, "a", json!({}));
        export(&sandbox, format, to, &[]).code(0);
        let before = fs::read(sandbox.path(probe)).expect("readable");
        summary(&sandbox, "a", json!({ "figures": [] }));
        for point in ["output-create", "output-sync", "output-rename"] {
            let failed = sandbox
                .precis(&["export", format, "out", "--out", to])
                .env("FAILPOINTS", format!("{point}=return(28)"))
                .assert()
                .code(1);
            failed.stderr(contains("No space left").and(contains(to)));
            let after = fs::read(sandbox.path(probe)).expect("readable");
            assert!(after == before, "{format}, {point}");
        }
        export(&sandbox, format, to, &[]).code(0);
        assert!(fs::read(sandbox.path(probe)).expect("readable") != before);
    }
}
