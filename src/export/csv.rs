//! The tables as CSV (RFC 4180), a file for each.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use csv_core::{Terminator, WriteResult, WriterBuilder};

use super::tables::{Row, TABLES, Table, TableId, Value};
use super::{CsvStyle, ExportError, Sink};
use crate::job::AtomicFile;

const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) struct Csv {
    files: Vec<CsvFile>,
    style: CsvStyle,
}

struct CsvFile {
    path: PathBuf,
    file: AtomicFile,
    writer: csv_core::Writer,
}

impl Csv {
    pub(super) fn create(folder: &Path, style: CsvStyle) -> Result<Self, ExportError> {
        let files = TABLES.iter().map(|table| {
            let path = path(folder, table);
            let create = || -> io::Result<CsvFile> {
                let mut file = AtomicFile::create(&path)?;
                if style.byte_order_mark {
                    file.write_all(BYTE_ORDER_MARK.as_bytes())?;
                }
                let writer = WriterBuilder::new().terminator(Terminator::CRLF).build();
                let mut file = CsvFile {
                    path: path.clone(),
                    file,
                    writer,
                };
                file.record(table.columns.iter().map(|column| column.name.into()))?;
                Ok(file)
            };
            create().map_err(|error| ExportError::write(&path, error))
        });
        Ok(Self {
            files: files.collect::<Result<_, _>>()?,
            style,
        })
    }
}

pub(super) fn path(folder: &Path, table: &Table) -> PathBuf {
    folder.join(format!("{}.csv", table.name))
}

/// Whether a file that begins with `head` is such a table in some version.
pub(super) fn is_ours(head: &[u8]) -> bool {
    let head = head
        .strip_prefix(BYTE_ORDER_MARK.as_bytes())
        .unwrap_or(head);
    [&b"article,"[..], b"entity,"]
        .iter()
        .any(|first| head.starts_with(first))
}

impl Sink for Csv {
    fn write(&mut self, rows: &[(TableId, Row)]) -> Result<(), ExportError> {
        for (table, row) in rows {
            let file = &mut self.files[*table as usize];
            let cells = row.iter().map(|value| cell(value, self.style));
            file.record(cells)
                .map_err(|error| ExportError::write(&file.path, error))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        // All are whole before the first takes its place.
        let mut whole = Vec::new();
        for CsvFile { path, file, .. } in self.files {
            let file = file.finish();
            whole.push((
                file.map_err(|error| ExportError::write(&path, error))?,
                path,
            ));
        }
        for (file, path) in whole {
            file.replace()
                .map_err(|error| ExportError::write(&path, error))?;
        }
        Ok(())
    }
}

impl CsvFile {
    fn record<'a>(&mut self, cells: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
        for (n, cell) in cells.enumerate() {
            if n > 0 {
                self.write(csv_core::Writer::delimiter)?;
            }
            let mut rest = cell.as_bytes();
            self.write(|writer, buffer| {
                let (result, read, written) = writer.field(rest, buffer);
                rest = &rest[read..];
                (result, written)
            })?;
        }
        self.write(csv_core::Writer::terminator)
    }

    /// Writes what `step` gives, again and again until it has given all.
    fn write(
        &mut self,
        mut step: impl FnMut(&mut csv_core::Writer, &mut [u8]) -> (WriteResult, usize),
    ) -> io::Result<()> {
        let mut buffer = [0; 1024];
        loop {
            let (result, written) = step(&mut self.writer, &mut buffer);
            self.file.write_all(&buffer[..written])?;
            if result == WriteResult::InputEmpty {
                return Ok(());
            }
        }
    }
}

/// What stands for a value: nothing for none.
fn cell(value: &Value, style: CsvStyle) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::Text(text) if style.guarded => guarded(text),
        Value::Text(text) => text.into(),
        Value::Date(date) => date.to_string().into(),
        Value::Integer(number) => number.to_string().into(),
        Value::Real(number) => number.to_string().into(),
        Value::Boolean(truth) => truth.to_string().into(),
    }
}

/// Puts `'` before a text that a spreadsheet would take for a formula and carry out.
fn guarded(text: &str) -> Cow<'_, str> {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    match is_formula {
        true => format!("'{text}").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_spreadsheets_carry_out_are_guarded() {
        let style = CsvStyle {
            guarded: true,
            byte_order_mark: false,
        };
        let text = |text: &str| cell(&Value::from(text), style).into_owned();
        for (formula, expected) in [
            ("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+33 1", "'+33 1"),
            ("– Oui", "– Oui"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(text(formula), expected);
        }
        // Numbers are not texts.
        assert_eq!(cell(&Value::Real(-4.5), style), "-4.5");
    }

    #[test]
    fn tables_are_recognised_by_their_first_column() {
        for table in &TABLES {
            let first = table.columns[0].name;
            assert!(is_ours(format!("{first},x\r\n").as_bytes()), "{first}");
        }
        assert!(!is_ours(b"date,amount\n") && !is_ours(b"articles,n\n"));
    }
}
