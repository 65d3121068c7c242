//! `docs/data.md`: its examples are run, and its tables are those that are exported. An example whose
//! program is not installed is passed over, and the output says so; those for SQLite always run. `PYTHON`
//! names another Python, such as that of an environment with duckdb, pandas and pyarrow.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::common::{FLOOD, Sandbox, repository};
use rusqlite::Connection;
use rusqlite::types::Value;

/// An example of the page: what it is for, and its text.
struct Example {
    kind: String,
    text: String,
}

fn page() -> String {
    let page = std::fs::read_to_string(repository().join("docs/data.md"));
    page.expect("committed")
}

/// The blocks of code that say for which program they are: ```` ```sql duckdb ````.
fn examples(program: &str) -> Vec<Example> {
    let page = page();
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else {
            continue;
        };
        let (_, kind) = info
            .split_once(' ')
            .expect("it says for which program it is");
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        examples.push(Example {
            kind: kind.to_owned(),
            text: text.join("\n"),
        });
    }
    let known = ["jq", "sqlite", "duckdb", "pandas"];
    assert!(examples.iter().all(|it| known.contains(&it.kind.as_str())));
    examples.retain(|it| it.kind == program);
    assert!(examples.len() >= 3, "{program}");
    examples
}

/// A folder with summaries and all that the page takes for granted.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("news/2021-03-04-crue.txt", FLOOD);
    // The same story in another paper.
    sandbox.write("news/2021-03-05-crue.txt", FLOOD);
    sandbox.write(
        "news/2025-01-10-port.txt",
        "Le port de Marseille a rouvert lundi, a annoncé la présidente de la région, Claire Martin, \
         devant le préfet Jean Dupont. « Nous avons perdu 30 millions d'euros », a déclaré Claire \
         Martin. La grève avait commencé en février 2024.\n",
    );
    let run = ["run", "news", "--date-from", "filename"];
    sandbox.precis(&run).assert().code(0);
    let exports = [
        ["export", "sqlite", "out", "--out", "news.sqlite"],
        ["export", "parquet", "out", "--out", "tables"],
    ];
    for export in exports {
        sandbox.precis(&export).assert().code(0);
    }
    sandbox
}

/// Runs an example. Returns what it prints.
#[track_caller]
fn run(mut command: Command, example: &Example, sandbox: &Sandbox) -> String {
    // `precis` and what it takes from the environment.
    let binary = Path::new(env!("CARGO_BIN_EXE_precis"));
    let mut path = binary.parent().expect("a folder").as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = command
        .current_dir(sandbox.path(""))
        .env("PATH", path)
        .env_remove("PRECIS_OUT")
        .output()
        .expect("it can be started");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{error}", example.text);
    text
}

/// Whether a program can be started and ends well.
fn is_there(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    let is_there = output.is_ok_and(|output| output.status.success());
    if !is_there {
        println!("passed over: `{program} {}` fails", arguments.join(" "));
    }
    is_there
}

#[test]
#[cfg(unix)]
fn the_examples_for_jq_run() {
    if !is_there("jq", &["--version"]) {
        return;
    }
    let sandbox = sandbox();
    for example in examples("jq") {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &example.text]);
        let text = run(shell, &example, &sandbox);
        // Not every sentence has to be bad.
        let may_be_empty = example.text.contains("== \"bad\"");
        assert!(may_be_empty || !text.trim().is_empty(), "{}", example.text);
    }
}

#[test]
fn the_examples_for_sqlite_run() {
    let sandbox = sandbox();
    let database = Connection::open(sandbox.path("news.sqlite")).expect("exported");
    let mut found = BTreeMap::new();
    for example in examples("sqlite") {
        let mut statement = database.prepare(&example.text).expect(&example.text);
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|n| row.get(n))
                .collect::<Result<Vec<Value>, _>>()
        });
        let rows: Result<Vec<_>, _> = rows.expect(&example.text).collect();
        let rows = rows.expect(&example.text);
        assert!(!rows.is_empty(), "{}", example.text);
        let title = example.text.lines().next().unwrap_or_default().to_owned();
        found.insert(title, rows);
    }
    // What they say is what the articles do.
    let first = |title: &str| {
        let mut rows = found.iter().filter(|(it, _)| it.contains(title));
        let (_, rows) = rows.next().expect("an example of this title");
        (rows.len(), rows[0].clone())
    };
    let (_, row) = first("spring of 2021");
    assert_eq!(row[0], Value::Text("2021-03-03".to_owned()));
    let spring = found.iter().find(|(title, _)| title.contains("spring"));
    let (_, spring) = spring.expect("an example of this title");
    let is_first =
        |row: &Vec<Value>| matches!(&row[2], Value::Text(it) if it.starts_with("2021-03-04"));
    assert!(spring.iter().all(is_first), "each story once: {spring:?}");
    let (_, row) = first("Figures");
    assert_eq!(row[0], Value::Real(30_000_000.0));
    let (_, row) = first("Who is named");
    let name = |name: &str| Value::Text(name.to_owned());
    assert_eq!(
        (&row[0], &row[1]),
        (&name("Serge Grouard"), &Value::Integer(2))
    );
    let (count, row) = first("Full-text");
    assert_eq!(count, 2);
    let Value::Text(source) = &row[3] else {
        panic!("{row:?}")
    };
    assert!(
        source.contains("évacués"),
        "accents do not matter: {source}"
    );
}

#[test]
#[cfg(unix)]
fn the_examples_for_duckdb_and_pandas_run() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let duckdb = is_there(&python, &["-c", "import duckdb"]);
    let pandas = is_there(&python, &["-c", "import pandas, pyarrow"]);
    if !duckdb && !pandas {
        return;
    }
    let sandbox = sandbox();
    let python = |code: &str| {
        let mut command = Command::new(&python);
        command.args(["-c", code]);
        command
    };
    for example in examples("duckdb").iter().filter(|_| duckdb) {
        let code = format!(
            "import duckdb\nprint(duckdb.sql({:?}).fetchall())",
            example.text
        );
        let text = run(python(&code), example, &sandbox);
        assert!(!matches!(text.trim(), "" | "[]"), "{}", example.text);
    }
    for example in examples("pandas").iter().filter(|_| pandas) {
        let text = run(python(&example.text), example, &sandbox);
        assert!(!text.trim().is_empty() && !text.contains("Empty"), "{text}");
    }
}

/// The tables and columns that the page describes, and whether each column may be empty.
fn described() -> BTreeMap<String, Vec<(String, bool)>> {
    let mut tables: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    let mut table = None;
    for line in page().lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            table = Some(heading.to_owned());
        } else if line.starts_with("## ") {
            table = None;
        }
        let Some(table) = &table else {
            continue;
        };
        if let Some((name, rest)) = line.strip_prefix("| `").and_then(|it| it.split_once('`')) {
            let kind = rest.split('|').nth(1).expect("a type").trim();
            let columns = tables.entry(table.clone()).or_default();
            columns.push((name.to_owned(), kind.ends_with('?')));
        }
    }
    tables
}

#[test]
fn the_tables_are_as_the_page_describes_them() {
    let sandbox = sandbox();
    let database = Connection::open(sandbox.path("news.sqlite")).expect("exported");
    let mut tables: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    let names = "SELECT m.name, c.name, c.\"notnull\" FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
                 WHERE m.type = 'table' AND m.name NOT LIKE '%\\_fts%' ESCAPE '\\'
                   AND m.name NOT LIKE 'sqlite%' AND m.name <> 'meta' AND c.name <> 'id'";
    let mut statement = database.prepare(names).expect("a query");
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    });
    for row in rows.expect("rows") {
        let (table, column, required): (String, String, bool) = row.expect("a row");
        tables.entry(table).or_default().push((column, !required));
    }
    assert_eq!(described(), tables);
}
