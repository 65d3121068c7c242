//! Parquet: tables of data sets, one group of rows after the other. Only the columns of title, date,
//! text and id are read.

use std::cell::Cell;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::{ReaderIter, TreeBuilder};
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type};
use serde_json::{Map, Value};

use super::super::date::date_of_day;
use super::super::decode;
use super::super::error::SkipReason;
use super::super::fields::{self, FieldNames};
use super::super::repair::repaired;
use super::{Failed, Parts, Record};

/// Rows of a column decoded at a time.
const BATCH: usize = 64;
/// What a column may unpack to within a group of rows: this much, and this many times its size.
const FREE: i64 = 1 << 30;
const TIMES: u64 = 400;
const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// The rows of a table, in order.
pub(super) struct Table {
    reader: SerializedFileReader<File>,
    columns: SchemaDescPtr,
    max_bytes: u64,
    /// The group to read next.
    group: usize,
    /// The rows of the group being read.
    rows: Option<ReaderIter>,
    /// Number of the row read last, from 1.
    number: usize,
}

impl Table {
    pub(super) fn open(file: File, max_bytes: u64, names: &FieldNames) -> Result<Self, SkipReason> {
        let reader = contained(|| SerializedFileReader::new(file))?;
        let schema = reader.metadata().file_metadata().schema();
        let columns = schema.get_fields();
        let present = || columns.iter().map(|column| column.name());
        if !fields::has_text_column(present(), names) {
            return Err(fields::missing_text(present(), &Map::new(), names));
        }
        let wanted = columns
            .iter()
            .filter(|column| fields::is_wanted(column.name(), names));
        let wanted = Type::group_type_builder(schema.name()).with_fields(wanted.cloned().collect());
        let columns = contained(|| wanted.build())?;
        Ok(Self {
            columns: Arc::new(SchemaDescriptor::new(Arc::new(columns))),
            reader,
            max_bytes,
            group: 0,
            rows: None,
            number: 0,
        })
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, Failed>> {
        loop {
            let Some(rows) = &mut self.rows else {
                if self.group >= self.reader.num_row_groups() {
                    return None;
                }
                if let Err(reason) = self.open_group() {
                    let number = Some(self.number + 1);
                    return Some(Err(Failed { number, reason }));
                }
                continue;
            };
            let row = contained(|| rows.next().transpose());
            let number = Some(self.number + 1);
            match row {
                Ok(Some(row)) => {
                    self.number += 1;
                    let record = self.record(&row);
                    return Some(record.map_err(|reason| Failed { number, reason }));
                }
                Ok(None) => self.rows = None,
                Err(reason) => {
                    // Where the next row of the group begins is not known.
                    self.rows = None;
                    return Some(Err(Failed { number, reason }));
                }
            }
        }
    }

    fn open_group(&mut self) -> Result<(), SkipReason> {
        let index = self.group;
        self.group += 1;
        let groups = self.reader.metadata().row_groups();
        let before = groups[..index]
            .iter()
            .map(|group| usize::try_from(group.num_rows()).unwrap_or(0));
        self.number = before.fold(0, usize::saturating_add);
        let rows = groups[index].num_rows();
        let is_damaged = groups[index].columns().iter().any(|column| {
            let start = column
                .dictionary_page_offset()
                .unwrap_or(column.data_page_offset());
            start < 0 || column.compressed_size() < 0 || column.num_values() < rows
        });
        if is_damaged || rows < 0 {
            return Err(malformed("its directory is damaged".to_owned()));
        }
        let expands = groups[index].columns().iter().any(|column| {
            let (packed, unpacked) = (column.compressed_size(), column.uncompressed_size());
            unpacked > FREE && unpacked / TIMES as i64 > packed
        });
        if expands {
            return Err(SkipReason::Expands { times: TIMES });
        }
        let read = |column: &&ColumnChunkMetaData| {
            let root = column.column_path().parts().first();
            let mut wanted = self.columns.root_schema().get_fields().iter();
            wanted.any(|wanted| root.is_some_and(|root| root == wanted.name()))
        };
        let mut columns = groups[index].columns().iter().filter(read);
        if let Some(column) = columns.find(|column| column.compression() == Compression::LZO) {
            let name = column.column_path().string();
            return Err(malformed(format!(
                "its column `{name}` is packed by LZO, which is not read"
            )));
        }
        let rows = contained(|| {
            let group = self.reader.get_row_group(index)?;
            TreeBuilder::new()
                .with_batch_size(BATCH)
                .as_iter(Arc::clone(&self.columns), &*group)
        })?;
        self.rows = Some(rows);
        Ok(())
    }

    fn record(&self, row: &Row) -> Result<Record, SkipReason> {
        let fields = object(row);
        let bytes =
            serde_json::to_vec(&fields).map_err(|error| SkipReason::BadRow(error.to_string()))?;
        let max_bytes = self.max_bytes;
        if bytes.len() as u64 > max_bytes {
            return Err(SkipReason::TooLarge { max_bytes });
        }
        Ok(Record {
            number: Some(self.number),
            digest: blake3::hash(&bytes),
            encoding: "UTF-8",
            parts: Parts::Fields(fields),
        })
    }
}

fn object(row: &Row) -> Map<String, Value> {
    row.get_column_iter()
        .map(|(name, field)| (name.clone(), value(field)))
        .collect()
}

fn value(field: &Field) -> Value {
    let day = |days| date_of_day(days).map_or(Value::Null, |date| date.to_string().into());
    match field {
        Field::Str(text) => repaired(text.as_str().into()).into(),
        // Text without a mark that it is text.
        Field::Bytes(bytes) => {
            decode::decode(bytes.data(), None).map_or(Value::Null, |decoded| decoded.text.into())
        }
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Float(number) => (*number).into(),
        Field::Double(number) => (*number).into(),
        Field::Date(days) => day(i64::from(*days)),
        Field::TimestampMillis(time) => day(time.div_euclid(MILLISECONDS_PER_DAY)),
        Field::TimestampMicros(time) => day(time.div_euclid(1000 * MILLISECONDS_PER_DAY)),
        Field::Group(row) => Value::Object(object(row)),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        _ => Value::Null,
    }
}

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic in this thread is one that a damaged file has caused, becomes the reason for it,
/// and needs no report.
pub fn is_contained() -> bool {
    CONTAINED.get()
}

/// Runs `work`, in which damaged files may also cause a panic.
fn contained<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, SkipReason> {
    CONTAINED.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(false);
    let error = match done {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it is damaged".to_owned(),
    };
    Err(malformed(error))
}

fn malformed(error: String) -> SkipReason {
    SkipReason::Malformed {
        format: "Parquet",
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::civil::date;
    use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::super::super::{Article, ReadOptions, Skipped, SourceFile, read};
    use super::super::tests::codes;
    use super::*;

    const SCHEMA: &str = "message table {
        REQUIRED INT64 id;
        OPTIONAL BYTE_ARRAY titre (UTF8);
        REQUIRED BYTE_ARRAY texte (UTF8);
        REQUIRED INT64 date (TIMESTAMP_MILLIS);
        REQUIRED INT32 autre;
    }";

    fn strings(texts: &[&str]) -> Vec<ByteArray> {
        texts.iter().map(|&text| ByteArray::from(text)).collect()
    }

    /// A table of groups of two rows, the second of which has no title.
    fn table(groups: &[[&str; 2]], compression: Compression) -> Vec<u8> {
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
        for (n, texts) in groups.iter().enumerate() {
            let mut group = writer.next_row_group().unwrap();
            let first = 2 * n as i64 + 100;
            let time = 1_710_225_000_000;
            let mut column = group.next_column().unwrap().unwrap();
            let ids = [first, first + 1];
            column
                .typed::<Int64Type>()
                .write_batch(&ids, None, None)
                .unwrap();
            column.close().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            let titles = strings(&["Un titre"]);
            column
                .typed::<ByteArrayType>()
                .write_batch(&titles, Some(&[1, 0]), None)
                .unwrap();
            column.close().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            column
                .typed::<ByteArrayType>()
                .write_batch(&strings(texts), None, None)
                .unwrap();
            column.close().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            column
                .typed::<Int64Type>()
                .write_batch(&[time, time], None, None)
                .unwrap();
            column.close().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            column
                .typed::<Int32Type>()
                .write_batch(&[1, 2], None, None)
                .unwrap();
            column.close().unwrap();
            group.close().unwrap();
        }
        writer.close().unwrap();
        bytes
    }

    fn read_table(bytes: &[u8], options: &ReadOptions) -> Vec<Result<Article, Skipped>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        std::fs::write(&path, bytes).unwrap();
        let file = SourceFile::named(Path::new(&path)).unwrap();
        read(&file, options).collect()
    }

    #[test]
    fn rows_of_all_groups_become_articles() {
        for compression in [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::GZIP(Default::default()),
            Compression::ZSTD(Default::default()),
            Compression::BROTLI(Default::default()),
            Compression::LZ4,
            Compression::LZ4_RAW,
        ] {
            let groups = [
                ["Un.\nDeux.", "<p>Trois.</p><p>Quatre.</p>"],
                ["Cinq.", " "],
            ];
            let found = read_table(&table(&groups, compression), &ReadOptions::default());
            assert_eq!(codes(&found), ["read", "read", "read", "empty"]);
            let article = |n: usize| found[n].as_ref().unwrap();
            assert_eq!((&*article(0).id, &*article(0).body), ("100", "Un.\nDeux."));
            assert_eq!(article(0).title.as_deref(), Some("Un titre"));
            assert_eq!(article(0).date, Some(date(2024, 3, 12)));
            assert_eq!(
                (article(1).title.as_ref(), article(1).paragraphs.len()),
                (None, 2)
            );
            assert!(
                article(2).path.ends_with("a.parquet#3"),
                "{}",
                article(2).path
            );
            assert_eq!(article(2).media_type, "application/vnd.apache.parquet");
        }
    }

    #[test]
    fn a_codec_that_is_not_read_is_named() {
        let mut bytes = table(&[["Un.", "Deux."]], Compression::SNAPPY);
        // In the directory, its codec stands behind the name of a column.
        let directory = bytes.len() - 8;
        let codec = b"\x05texte\x15\x02";
        let at = bytes[..directory]
            .windows(codec.len())
            .rposition(|window| window == codec)
            .unwrap();
        bytes[at + codec.len() - 1] = 2 * 3;
        let found = read_table(&bytes, &ReadOptions::default());
        let reason = found[0].as_ref().unwrap_err().to_string();
        assert!(reason.contains("`texte` is packed by LZO"), "{reason}");
        assert!(reason.contains("convert it"), "{reason}");
    }

    #[test]
    fn row_over_the_limit_costs_that_row() {
        let long = "x".repeat(1000);
        let options = ReadOptions {
            max_bytes: 500,
            ..ReadOptions::default()
        };
        let found = read_table(&table(&[[&long, "Un."]], Compression::SNAPPY), &options);
        assert_eq!(codes(&found), ["too_large", "read"]);
    }

    #[test]
    fn table_without_a_text_column_gives_one_reason() {
        let options = ReadOptions {
            fields: FieldNames {
                text: Some("corps".to_owned()),
                ..FieldNames::default()
            },
            ..ReadOptions::default()
        };
        let found = read_table(&table(&[["Un.", "Deux."]], Compression::SNAPPY), &options);
        assert_eq!(codes(&found), ["missing_field"]);
        assert!(
            found[0]
                .as_ref()
                .unwrap_err()
                .to_string()
                .contains("`texte`")
        );
    }

    #[test]
    fn damaged_tables_give_reasons() {
        let whole = table(
            &[["Un.", "Deux."], ["Trois.", "Quatre."]],
            Compression::SNAPPY,
        );
        for length in [0, 3, 12, whole.len() / 2, whole.len() - 1] {
            let found = read_table(&whole[..length], &ReadOptions::default());
            assert_eq!(codes(&found), ["malformed"], "{length}");
        }
        for at in 4..whole.len() - 8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            assert!(
                read_table(&damaged, &ReadOptions::default()).len() <= 1000,
                "{at}"
            );
        }
    }
}
