//! From files to articles: finding them, decoding their bytes, reading their formats.
//! Knows nothing about models.
//!
//! [`find`] lists the files, [`read`] gives the articles of one of them. An input without an
//! article is a [`Skipped`] with its reason; no error here ends a run.

mod about;
mod block;
mod clutter;
mod date;
mod date_from;
mod decode;
mod error;
mod fields;
mod find;
mod front_matter;
mod glued;
mod html;
mod id;
mod markdown;
mod plain;
mod repair;
mod rows;
mod scan;
mod sift;
mod source;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use block::Content;
use french::text::Paragraph;

pub use about::{About, LeftOut};
pub use clutter::Reason;
pub use date_from::DateFrom;
pub use error::{SkipReason, Skipped};
pub use fields::FieldNames;
pub(crate) use find::tidied;
pub use find::{Compression, Format, Found, SourceFile, find};
pub use id::distinct_id;
pub use rows::{Line, is_contained};

/// One article as read from its source, before any language processing.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    /// Name of the outputs: unique within a run, safe as a file name.
    pub id: String,
    /// The source, as the user wrote the path; for a record of a collection `file#record`.
    pub path: String,
    /// blake3 of the bytes of the source (in a collection, of the record), in hexadecimal.
    pub digest: String,
    /// IANA media type of the format it was read as, such as `text/html`.
    pub media_type: &'static str,
    /// WHATWG name of the character encoding it was decoded from, such as `UTF-8`.
    pub encoding: &'static str,
    pub title: Option<String>,
    /// Publication date, if the source states one.
    pub date: Option<Date>,
    /// The text without title and markup. All spans refer to this string.
    pub body: String,
    /// In order, without overlaps; together they hold every non-blank character of `body`.
    pub paragraphs: Vec<Paragraph>,
    pub about: About,
}

impl Article {
    /// The article of `file`, or of its record `number`, under the id of the file.
    fn new(
        content: Content,
        file: &SourceFile,
        number: Option<usize>,
        digest: blake3::Hash,
        encoding: &'static str,
    ) -> Result<Self, SkipReason> {
        let Content {
            title,
            date,
            body,
            paragraphs,
            about,
        } = content;
        if paragraphs.is_empty() {
            return Err(SkipReason::Empty);
        }
        Ok(Self {
            id: file.id.clone(),
            path: file.record_path(number),
            digest: digest.to_hex().to_string(),
            media_type: file.format.media_type(),
            encoding,
            title,
            date,
            body,
            paragraphs,
            about,
        })
    }
}

/// How files are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOptions {
    /// Maximal size of the source of one article (a file, or a record of a collection), decompressed,
    /// in bytes.
    pub max_bytes: u64,
    /// Names of the fields of records.
    pub fields: FieldNames,
    /// Where the date of articles that state none comes from.
    #[serde(default)]
    pub date_from: Option<DateFrom>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_bytes: 10 << 20,
            fields: FieldNames::default(),
            date_from: None,
        }
    }
}

/// Whether `file` holds one article, which has the file's id if it can be read, rather than one per
/// record. Only some formats have to be looked into for that.
pub fn holds_one(file: &SourceFile) -> bool {
    match file.format {
        Format::Plain | Format::Markdown | Format::Xhtml => true,
        Format::Html => !rows::is_export(file),
        _ => false,
    }
}

/// Reads the articles of `file`, one or one per record, lazily.
pub fn read<'a>(file: &'a SourceFile, options: &'a ReadOptions) -> Reading<'a> {
    Reading {
        file,
        options,
        state: State::Closed,
    }
}

/// The articles of a file, and the reasons for what gives none.
pub struct Reading<'a> {
    file: &'a SourceFile,
    options: &'a ReadOptions,
    state: State<'a>,
}

enum State<'a> {
    /// Not opened yet.
    Closed,
    Rows(Box<rows::Rows<'a>>),
    Ended,
}

impl Reading<'_> {
    /// Number of bytes of the file that have been read so far, a little ahead of its articles. `None`
    /// if the file is read at once or in another order than from its beginning to its end.
    pub fn bytes_read(&self) -> Option<u64> {
        match &self.state {
            State::Rows(rows) => rows.bytes_read(),
            State::Closed | State::Ended => None,
        }
    }

    /// Number of files or records read so far that were passed over because of their kind, such as
    /// pictures in a web archive, by kind.
    pub fn passed_over(&self) -> &BTreeMap<String, usize> {
        static NOTHING: BTreeMap<String, usize> = BTreeMap::new();
        match &self.state {
            State::Rows(rows) => &rows.passed_over,
            State::Closed | State::Ended => &NOTHING,
        }
    }
}

impl Iterator for Reading<'_> {
    type Item = Result<Article, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        let article = self.next_whole()?;
        Some(article.and_then(|article| self.finished(article)))
    }
}

impl Reading<'_> {
    /// The next article with all that its source has beside it.
    fn next_whole(&mut self) -> Option<Result<Article, Skipped>> {
        let (file, options) = (self.file, self.options);
        if let State::Closed = self.state {
            self.state = State::Ended;
            let one = match holds_one(file) {
                true => Some(read_one(file, options)),
                false => match rows::Rows::open(file, options) {
                    Ok(rows) => {
                        self.state = State::Rows(Box::new(rows));
                        None
                    }
                    Err(reason) => Some(Err(reason)),
                },
            };
            if let Some(result) = one {
                return Some(result.map_err(|reason| file.skipped(reason)));
            }
        }
        match &mut self.state {
            State::Rows(rows) => rows.next(),
            State::Closed | State::Ended => None,
        }
    }

    fn finished(&self, article: Article) -> Result<Article, Skipped> {
        let path = article.path.clone();
        let finished = finished(article, &self.file.path, self.options);
        finished.map_err(|reason| Skipped { path, reason })
    }
}

/// Reads a record in a line of JSON that is in no file; `line` has no line end. Where the record
/// does not say where it is from, its id stands for that.
pub fn read_line(line: &[u8], options: &ReadOptions) -> Line {
    let Line { id, article } = Line::read(line, options);
    Line {
        id,
        article: article.and_then(|article| finished(article, Path::new(""), options)),
    }
}

/// Leaves out what is no text of an article, such as notices of the site, and dates those that
/// state no date. `file` is the file that it was read from.
fn finished(article: Article, file: &Path, options: &ReadOptions) -> Result<Article, SkipReason> {
    let mut article = sift::sift(article)?;
    if let Some(date_from) = &options.date_from {
        date_from.fill(&mut article, file);
    }
    if let (None, Some(text)) = (article.date, &article.about.unread_date) {
        article.about.notes.push(not_understood(text));
    }
    Ok(article)
}

fn read_one(file: &SourceFile, options: &ReadOptions) -> Result<Article, SkipReason> {
    let max = options.max_bytes;
    let raw = source::read_all(source::open(&file.path)?, max, SkipReason::Unreadable)?;
    let unpacked = source::decompress(&raw[..], file.compression);
    let bytes = source::read_all(unpacked, max, SkipReason::Damaged)?;
    let declared = match file.format {
        Format::Html | Format::Xhtml => decode::declared_in_html(&bytes),
        _ => None,
    };
    let decoded = decode::decode(&bytes, declared)?;
    let content = match file.format {
        Format::Html => html::read(&decoded.text)?,
        Format::Xhtml => html::read_xhtml(&decoded.text)?,
        Format::Markdown => markdown::read(&decoded.text)?,
        _ => plain::read(&decoded.text),
    };
    Article::new(content, file, None, blake3::hash(&raw), decoded.encoding)
}

/// Returns the text of a file in whatever encoding, or `None` if it is none.
pub(crate) fn decoded_text(bytes: &[u8]) -> Option<String> {
    decode::decode(bytes, None).ok().map(|decoded| decoded.text)
}

/// The note on a date that a source states and nothing reads.
fn not_understood(date: &str) -> String {
    let date: String = date.chars().take(80).collect();
    format!("The source gives the date “{date}”, which is not understood.")
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::PathBuf;

    use flate2::write::GzEncoder;
    use jiff::civil::date;

    use super::*;

    fn read_all(path: &Path) -> Vec<Result<Article, Skipped>> {
        let found = find(&[path.to_owned()], |_| false);
        assert!(found.skipped.is_empty(), "{:?}", found.skipped);
        let options = ReadOptions::default();
        let read = |file| read(file, &options).collect::<Vec<_>>();
        found.files.iter().flat_map(read).collect()
    }

    #[test]
    fn every_example_article_is_read() {
        let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let articles: Vec<_> = read_all(&corpus).into_iter().map(Result::unwrap).collect();
        for article in &articles {
            assert!(article.paragraphs.len() >= 4, "{}", article.id);
            assert!(!article.body.contains('\u{FFFD}'), "{}", article.id);
        }
        let seen = |id: &str| {
            let article = articles.iter().find(|article| article.id == id).unwrap();
            (article.encoding, article.title.is_some(), article.date)
        };
        assert_eq!(seen("belarus"), ("UTF-8", false, None));
        assert_eq!(seen("fouilles-narbonne"), ("windows-1252", true, None));
        let heat = Some(date(2023, 7, 19));
        assert_eq!(seen("canicule-lyon"), ("UTF-16LE", true, heat));
        let rents = Some(date(2024, 9, 2));
        assert_eq!(seen("loyers-bordeaux"), ("UTF-8", true, rents));
        let train = Some(date(2023, 12, 11));
        assert_eq!(seen("train-de-nuit"), ("UTF-8", true, train));
    }

    #[test]
    fn digest_is_of_the_bytes_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all("Il pleut.".as_bytes()).unwrap();
        let packed = encoder.finish().unwrap();
        let path = folder.path().join("a.txt.gz");
        std::fs::write(&path, &packed).unwrap();
        let article = read_all(&path).remove(0).unwrap();
        assert_eq!(article.digest, blake3::hash(&packed).to_hex().as_str());
        assert_eq!(article.body, "Il pleut.");
    }

    #[test]
    fn empty_or_vanished_file_is_skipped_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content, code) in [
            ("a.txt", &b" \r\n"[..], "empty"),
            ("b.md", b"![photo](p.jpg)\n", "empty"),
            ("c.txt", b"%PDF-1.4\0\0", "binary"),
            ("d.txt.gz", b"Du texte.", "damaged"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let skipped = read_all(&path).remove(0).unwrap_err();
            assert_eq!(skipped.reason.code(), code);
            assert_eq!(skipped.path, path.display().to_string());
        }
        let found = find(&[folder.path().join("a.txt")], |_| false);
        folder.close().unwrap();
        let gone = read(&found.files[0], &ReadOptions::default())
            .next()
            .unwrap();
        assert_eq!(gone.unwrap_err().reason.code(), "not_found");
    }
}
