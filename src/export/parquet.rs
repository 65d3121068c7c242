//! The tables as Parquet, a file for each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::tables::{Column, Kind, Row, TABLES, Table, TableId, Value};
use super::{ExportError, Sink};
use crate::TOOL;
use crate::job::AtomicFile;

/// Bytes of the rows that are in memory until they are written as a group.
const GROUP_BYTES: usize = 4 << 20;

pub(super) struct Parquet {
    files: Vec<ParquetFile>,
}

struct ParquetFile {
    path: PathBuf,
    writer: SerializedFileWriter<AtomicFile>,
    columns: Vec<Cells>,
    /// Of the rows in `columns`.
    bytes: usize,
}

/// Values of a column that are not written yet, and for each row whether it has one.
struct Cells {
    values: Values,
    /// `None` for a column that every row has.
    levels: Option<Vec<i16>>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Days(Vec<i32>),
    Integers(Vec<i64>),
    Reals(Vec<f64>),
    Booleans(Vec<bool>),
}

impl Parquet {
    pub(super) fn create(folder: &Path) -> Result<Self, ExportError> {
        let files = TABLES.iter().map(|table| {
            let path = path(folder, table);
            let create = || -> Result<ParquetFile, ParquetError> {
                let schema = Arc::new(parse_message_type(&schema(table))?);
                let level = ZstdLevel::try_new(3)?;
                let properties = WriterProperties::builder()
                    .set_created_by(TOOL.to_owned())
                    .set_compression(Compression::ZSTD(level))
                    .build();
                let file = AtomicFile::create(&path)?;
                Ok(ParquetFile {
                    path: path.clone(),
                    writer: SerializedFileWriter::new(file, schema, Arc::new(properties))?,
                    columns: table.columns.iter().map(Cells::new).collect(),
                    bytes: 0,
                })
            };
            create().map_err(|error| failed(&path, error))
        });
        let files = files.collect::<Result<_, _>>()?;
        Ok(Self { files })
    }
}

pub(super) fn path(folder: &Path, table: &Table) -> PathBuf {
    folder.join(format!("{}.parquet", table.name))
}

/// Whether a file that ends with `tail` was written by precis.
pub(super) fn is_ours(tail: &[u8]) -> bool {
    let Some(directory) = tail.strip_suffix(b"PAR1") else {
        return false;
    };
    // It is the last thing that the directory states.
    let name = b"precis ";
    directory.windows(name.len()).any(|bytes| bytes == name)
}

fn failed(path: &Path, error: ParquetError) -> ExportError {
    ExportError::write(path, std::io::Error::other(error))
}

fn schema(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| {
        let repetition = match column.is_required {
            true => "REQUIRED",
            false => "OPTIONAL",
        };
        let name = column.name;
        match column.kind {
            Kind::Text => format!("{repetition} BYTE_ARRAY {name} (UTF8);"),
            Kind::Date => format!("{repetition} INT32 {name} (DATE);"),
            Kind::Integer => format!("{repetition} INT64 {name};"),
            Kind::Real => format!("{repetition} DOUBLE {name};"),
            Kind::Boolean => format!("{repetition} BOOLEAN {name};"),
        }
    });
    let columns: Vec<String> = columns.collect();
    format!("message {} {{ {} }}", table.name, columns.join(" "))
}

impl Sink for Parquet {
    fn write(&mut self, rows: &[(TableId, Row)]) -> Result<(), ExportError> {
        for (table, row) in rows {
            let file = &mut self.files[*table as usize];
            for (cells, value) in file.columns.iter_mut().zip(row) {
                cells.push(value);
                file.bytes += match value {
                    Value::Text(text) => text.len() + size_of::<ByteArray>(),
                    _ => size_of::<f64>(),
                };
            }
            if file.bytes >= GROUP_BYTES {
                let written = file.flush();
                written.map_err(|error| failed(&file.path, error))?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        let mut whole = Vec::new();
        for mut file in self.files {
            let path = file.path.clone();
            file.flush().map_err(|error| failed(&path, error))?;
            let written = file.writer.into_inner();
            let written = written.map_err(|error| failed(&path, error))?;
            let written = written.finish();
            whole.push((
                written.map_err(|error| ExportError::write(&path, error))?,
                path,
            ));
        }
        // All are whole before the first takes its place.
        for (file, path) in whole {
            file.replace()
                .map_err(|error| ExportError::write(&path, error))?;
        }
        Ok(())
    }
}

impl ParquetFile {
    /// Writes the rows that there are as a group.
    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.bytes == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for cells in &mut self.columns {
            cells.write(&mut group)?;
        }
        group.close()?;
        self.bytes = 0;
        Ok(())
    }
}

impl Cells {
    fn new(column: &Column) -> Self {
        let values = match column.kind {
            Kind::Text => Values::Texts(Vec::new()),
            Kind::Date => Values::Days(Vec::new()),
            Kind::Integer => Values::Integers(Vec::new()),
            Kind::Real => Values::Reals(Vec::new()),
            Kind::Boolean => Values::Booleans(Vec::new()),
        };
        Self {
            values,
            levels: (!column.is_required).then(Vec::new),
        }
    }

    fn push(&mut self, value: &Value) {
        match (&mut self.values, value) {
            (Values::Texts(all), Value::Text(text)) => all.push(ByteArray::from(text.as_str())),
            (Values::Days(all), Value::Date(date)) => all.push(days(*date)),
            (Values::Integers(all), Value::Integer(number)) => all.push(*number),
            (Values::Reals(all), Value::Real(number)) => all.push(*number),
            (Values::Booleans(all), Value::Boolean(truth)) => all.push(*truth),
            _ => {}
        }
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(*value != Value::Null));
        }
    }

    /// Writes the next column of `group`.
    fn write(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, AtomicFile>,
    ) -> Result<(), ParquetError> {
        let levels = self.levels.as_mut().map(std::mem::take);
        let levels = levels.as_deref();
        match &mut self.values {
            Values::Texts(all) => column::<ByteArrayType>(group, all, levels),
            Values::Days(all) => column::<Int32Type>(group, all, levels),
            Values::Integers(all) => column::<Int64Type>(group, all, levels),
            Values::Reals(all) => column::<DoubleType>(group, all, levels),
            Values::Booleans(all) => column::<BoolType>(group, all, levels),
        }
    }
}

/// Writes `values` as the next column of `group`, and empties them.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, AtomicFile>,
    values: &mut Vec<T::T>,
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| ParquetError::General("there is no column".into()))?;
    column
        .typed::<T>()
        .write_batch(&std::mem::take(values), levels, None)?;
    column.close()
}

/// Days since 1970.
fn days(date: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    epoch.until(date).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (day, expected) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2025-03-04", 20_151),
            ("0001-01-01", -719_162),
        ] {
            assert_eq!(days(day.parse().unwrap()), expected, "{day}");
        }
    }

    #[test]
    fn every_table_has_a_schema() {
        for table in &TABLES {
            assert!(parse_message_type(&schema(table)).is_ok(), "{}", table.name);
        }
    }
}
