//! Which articles there are, how their outputs are named, and which of them are new.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::time::Duration;
use std::time::SystemTime;

use serde::Deserialize;

use super::{Shard, SkipReason, SkippedArticle};
use crate::article::{self, Article, ReadOptions, SourceFile, distinct_id};
use crate::output::{is_our_page, is_our_tool};
use crate::pipeline::{Refusal, contained};

/// Names that articles do not get, because the folder has pages of these names, or older versions
/// had a report.
const RESERVED: [&str; 4] = ["index", "people", "run", "timeline"];

/// Reads the articles of a corpus one by one and gives each a name of its own.
pub(super) struct Articles<'a> {
    files: std::slice::Iter<'a, SourceFile>,
    options: &'a ReadOptions,
    /// Files that were last changed before this are passed over.
    since: Option<SystemTime>,
    /// Articles of other shards are passed over.
    shard: Option<Shard>,
    /// Whether the file being read holds one article, which is of the shard.
    holds_one: bool,
    /// The file being read.
    current: Option<Current<'a>>,
    /// Number of files taken up so far.
    files_begun: usize,
    seen: Seen,
}

/// A place in a corpus: so many articles of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the file.
    pub file: usize,
    /// Number of its articles, and of the reasons for what gave none, before the place.
    pub articles: usize,
}

struct Current<'a> {
    file: &'a SourceFile,
    articles: article::Reading<'a>,
    /// Number of articles so far.
    read: usize,
    /// Whether all articles so far could be read.
    whole: bool,
}

/// What has been seen of a corpus.
#[derive(Default)]
pub(super) struct Seen {
    /// Names of articles, and names that no article may have.
    pub names: Names,
    /// Paths of files of which every article was read, as summaries name their source.
    pub whole: HashSet<String>,
    /// Number of records and files that were passed over once their kind was known, by kind.
    pub passed_over: BTreeMap<String, usize>,
}

/// A set of names, which are the same whatever their case, because some file systems ignore it. Keeps
/// digests: there may be very many.
#[derive(Default)]
pub(super) struct Names(HashSet<[u8; 16]>);

impl Names {
    /// Returns whether the name is new.
    pub(super) fn insert(&mut self, name: &str) -> bool {
        self.0.insert(Self::digest(name))
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains(&Self::digest(name))
    }

    fn digest(name: &str) -> [u8; 16] {
        let digest = blake3::hash(name.to_lowercase().as_bytes());
        *digest.as_bytes().first_chunk().expect("of 32 bytes")
    }
}

impl<'a> Articles<'a> {
    pub(super) fn new(
        files: &'a [SourceFile],
        options: &'a ReadOptions,
        since: Option<SystemTime>,
        shard: Option<Shard>,
    ) -> Self {
        Self {
            files: files.iter(),
            options,
            since,
            shard,
            holds_one: false,
            current: None,
            files_begun: 0,
            seen: Seen::default(),
        }
    }

    /// Where the next article is.
    pub(super) fn place(&self) -> Place {
        match &self.current {
            Some(current) => Place {
                file: self.files_begun - 1,
                articles: current.read,
            },
            None => Place {
                file: self.files_begun,
                articles: 0,
            },
        }
    }

    /// Passes over the next articles, which are those of a file.
    pub(super) fn pass(&mut self, articles: usize) {
        for _ in 0..articles {
            self.next_unnamed();
        }
    }

    /// Number of files that are over, and of the bytes read of the next.
    pub(super) fn files_and_bytes(&self) -> (usize, u64) {
        match &self.current {
            Some(current) => {
                let bytes = current.articles.bytes_read();
                (self.files_begun - 1, bytes.unwrap_or_default())
            }
            None => (self.files_begun, 0),
        }
    }

    /// The next article, for a look at it: it has the name that its source gives, and nothing of what was
    /// seen is kept.
    pub(super) fn next_unkept(&mut self) -> Option<Result<Article, SkippedArticle>> {
        loop {
            let article = self.next_unnamed()?;
            self.seen = Seen::default();
            if self.is_of_shard(&article) {
                return Some(article);
            }
        }
    }

    /// Returns what has been seen so far.
    pub(super) fn into_seen(self) -> Seen {
        self.seen
    }

    /// Reads the next article and names it after its source.
    fn next_unnamed(&mut self) -> Option<Result<Article, SkippedArticle>> {
        loop {
            if self.current.is_none() {
                let file = self.files.next()?;
                self.files_begun += 1;
                if self.since.is_some_and(|since| changed_before(file, since)) {
                    self.reserve(file);
                    continue;
                }
                if self.pass_over(file) {
                    continue;
                }
                self.current = Some(Current {
                    file,
                    articles: article::read(file, self.options),
                    read: 0,
                    whole: true,
                });
            }
            let Current {
                file,
                articles,
                read,
                whole,
            } = self.current.as_mut()?;
            let (file, path) = (*file, file.path.display().to_string());
            *read += 1;
            match contained(|| Ok::<_, Refusal>(articles.next())) {
                Ok(Some(Ok(article))) => return Some(Ok(article)),
                Ok(Some(Err(skipped))) => {
                    *whole = false;
                    self.reserve(file);
                    return Some(Err(skipped.into()));
                }
                Ok(None) => {
                    if *whole {
                        self.seen.whole.insert(path);
                    }
                    for (kind, count) in articles.passed_over() {
                        *self.seen.passed_over.entry(kind.clone()).or_default() += count;
                    }
                    self.current = None;
                }
                Err(panicked) => {
                    // The rest of this file cannot be trusted.
                    self.current = None;
                    self.reserve(file);
                    return Some(Err(SkippedArticle::new(path, panicked)));
                }
            }
        }
    }

    /// Reserves the name of a file that is not read this time, so that no other article takes it.
    fn reserve(&mut self, file: &SourceFile) {
        if !file.holds_rows() {
            self.seen.names.insert(&file.id);
        }
    }

    /// Gives the article a name that no other article has.
    fn name(&mut self, mut article: Article) -> Result<Article, SkippedArticle> {
        match self.free_name(&article.id, &article.path) {
            Some(id) => {
                self.seen.names.insert(&id);
                article.id = id;
                Ok(article)
            }
            None => {
                let id = distinct_id(&article.id, &article.path);
                let reason = SkipReason::Duplicate { id };
                Err(SkippedArticle::new(article.path, reason))
            }
        }
    }

    /// `id`, or the one made from it for the article at `path` if another article has that.
    fn free_name(&self, id: &str, path: &str) -> Option<String> {
        let is_reserved = |id: &str| RESERVED.contains(&id.to_lowercase().as_str());
        let is_free = |id: &String| !is_reserved(id) && !self.seen.names.contains(id);
        let other = || Some(distinct_id(id, path)).filter(is_free);
        Some(id.to_owned()).filter(is_free).or_else(other)
    }

    /// Passes over a file that is known, before it is read, to hold one article of another shard: of
    /// a large corpus most do. Returns whether it did.
    fn pass_over(&mut self, file: &SourceFile) -> bool {
        let Some(shard) = self.shard else {
            return false;
        };
        self.holds_one = article::holds_one(file);
        if !self.holds_one {
            return false;
        }
        let path = file.path.display().to_string();
        let name = self.free_name(&file.id, &path);
        if shard.has(name.as_ref().unwrap_or(&path)) {
            return false;
        }
        // The article gets its name, as if it had been read.
        if let Some(name) = name {
            self.seen.names.insert(&name);
        }
        true
    }

    /// Whether what the present file gave belongs to the shard.
    fn is_of_shard(&self, article: &Result<Article, SkippedArticle>) -> bool {
        let has = |shard: Shard| match article {
            _ if self.holds_one => true,
            Ok(article) => shard.has(&article.id),
            Err(skipped) => shard.has(&skipped.path),
        };
        self.shard.is_none_or(has)
    }
}

impl Iterator for Articles<'_> {
    type Item = Result<Article, SkippedArticle>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let article = self.next_unnamed()?;
            let article = article.and_then(|article| self.name(article));
            if self.is_of_shard(&article) {
                return Some(article);
            }
        }
    }
}

/// Whether the content and the name of the file were last changed before `time`. Returns `false` if
/// the file system does not say, so that the file is read and the error reported.
pub(super) fn changed_before(file: &SourceFile, time: SystemTime) -> bool {
    let Ok(metadata) = std::fs::metadata(&file.path) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Renaming a file, or copying it with its times, keeps the time of its content.
        let renamed = Duration::from_secs(metadata.ctime().try_into().unwrap_or(0));
        let nanos = Duration::from_nanos(metadata.ctime_nsec().try_into().unwrap_or(0));
        if SystemTime::UNIX_EPOCH + renamed + nanos >= time {
            return false;
        }
    }
    metadata.modified().is_ok_and(|modified| modified < time)
}

/// The fields by which a JSON file written by precis is recognised: a summary or a report.
#[derive(Deserialize)]
pub(super) struct Header {
    tool: Option<String>,
    pub source: Option<SourceHeader>,
    provenance: Option<ProvenanceHeader>,
}

#[derive(Deserialize)]
pub(super) struct SourceHeader {
    pub path: String,
    pub digest: String,
}

#[derive(Deserialize)]
struct ProvenanceHeader {
    tool: String,
    fingerprint: String,
}

impl Header {
    /// Reads the header of the file at `path`. Returns `None` if there is no such file, or precis
    /// did not write it.
    pub(super) fn read(path: &Path) -> Option<Self> {
        Self::parse(&std::fs::read(path).ok()?)
    }

    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let header: Self = serde_json::from_slice(json).ok()?;
        header.is_ours().then_some(header)
    }

    /// Whether it is that of a report.
    pub(super) fn is_report(&self) -> bool {
        self.tool.is_some() && self.source.is_none()
    }

    /// Whether precis wrote the file.
    pub(super) fn is_ours(&self) -> bool {
        let provenance = self.provenance.as_ref();
        let tool = self.tool.as_ref().or(provenance.map(|made| &made.tool));
        tool.is_some_and(|tool| is_our_tool(tool))
    }
}

/// Whether there is a file at `path` that precis did not write.
pub(super) fn is_foreign(path: &Path) -> bool {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
    };
    let is_ours = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Header::parse(&bytes).is_some(),
        Some("jsonl") => {
            let first = bytes
                .split(|&byte| byte == b'\n')
                .next()
                .unwrap_or_default();
            first.is_empty() || Header::parse(first).is_some()
        }
        _ => is_our_page(&String::from_utf8_lossy(&bytes)),
    };
    !is_ours
}

/// The output files of an article.
pub(super) struct Outputs {
    pub json: PathBuf,
    pub markdown: PathBuf,
    pub html: PathBuf,
}

impl Outputs {
    pub(super) fn new(out: &Path, id: &str) -> Self {
        Self {
            json: out.join(format!("{id}.json")),
            markdown: out.join(format!("{id}.md")),
            html: out.join(format!("{id}.html")),
        }
    }

    /// Returns the output file that exists but was not written by precis, so that it must not be
    /// overwritten. Returns `None` if there is no such file. The page counts if there is to be one.
    pub(super) fn foreign(&self, html: bool) -> Option<&Path> {
        let page = html.then_some(&self.html);
        let mut files = [&self.json, &self.markdown].into_iter().chain(page);
        files.find(|path| is_foreign(path)).map(PathBuf::as_path)
    }

    pub(super) fn remove(&self) -> std::io::Result<()> {
        // The JSON goes last: as long as it exists, another run finds the summary.
        for page in [&self.html, &self.markdown] {
            if is_foreign(page) {
                continue;
            }
            match std::fs::remove_file(page) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        std::fs::remove_file(&self.json)
    }

    /// What has to be made of them for an article at `path`. `fingerprint` is that of the article as if
    /// it were at another path.
    pub(super) fn missing(self, path: &str, fingerprint: &dyn Fn(&str) -> String) -> ToMake {
        let header = self.markdown.is_file().then(|| Header::read(&self.json));
        let header = header.flatten();
        let made = header.and_then(|header| Some((header.source?.path, header.provenance?)));
        match made {
            Some((from, made)) if made.fingerprint == fingerprint(&from) => match from == path {
                true => ToMake::Nothing,
                false => ToMake::Path(self),
            },
            _ => ToMake::All(self),
        }
    }
}

/// What is missing of an article's outputs.
pub(super) enum ToMake {
    Nothing,
    /// Only the path of the article is another than the summary says: the corpus was moved, or its path
    /// was written in another way.
    Path(Outputs),
    All(Outputs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output;
    use crate::summarize::Summary;

    fn summary() -> Summary {
        serde_json::from_str(include_str!("../../tests/fixtures/summary.json")).unwrap()
    }

    fn write(outputs: &Outputs, json: &[u8], markdown: &str) {
        std::fs::write(&outputs.json, json).unwrap();
        std::fs::write(&outputs.markdown, markdown).unwrap();
    }

    #[test]
    fn written_outputs_are_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = Outputs::new(folder.path(), "a");
        assert_eq!(outputs.foreign(true), None, "nothing is there yet");
        let mut summary = summary();
        summary.provenance.tool = crate::TOOL.to_owned();
        let json = output::to_json(&summary).unwrap();
        write(&outputs, &json, &output::to_markdown(&summary));
        std::fs::write(&outputs.html, output::to_html(&summary)).unwrap();
        assert_eq!(outputs.foreign(true), None);
        let made = |path: &str, at: &dyn Fn(&str) -> String| match Outputs::new(folder.path(), "a")
            .missing(path, at)
        {
            ToMake::Nothing => "nothing",
            ToMake::Path(_) => "path",
            ToMake::All(_) => "all",
        };
        let here = summary.source.path.as_str();
        let fingerprint = |path: &str| match path == here {
            true => summary.provenance.fingerprint.clone(),
            false => "another".to_owned(),
        };
        assert_eq!(made(here, &fingerprint), "nothing");
        assert_eq!(made("elsewhere", &fingerprint), "path");
        assert_eq!(made(here, &|_| "another".to_owned()), "all");
    }

    #[test]
    fn files_of_others_are_foreign() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = Outputs::new(folder.path(), "a");
        let json = output::to_json(&summary()).unwrap();
        let markdown = output::to_markdown(&summary());
        write(&outputs, &json, "# Notes\n");
        assert_eq!(outputs.foreign(true), Some(outputs.markdown.as_path()));
        write(&outputs, b"{}", &markdown);
        assert_eq!(outputs.foreign(true), Some(outputs.json.as_path()));
        write(&outputs, &json, &markdown);
        std::fs::write(&outputs.html, "<p>Mine</p>").unwrap();
        assert_eq!(outputs.foreign(true), Some(outputs.html.as_path()));
        outputs.remove().unwrap();
        assert!(outputs.html.exists() && !outputs.markdown.exists());
    }
}
