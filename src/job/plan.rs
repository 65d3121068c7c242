//! Which articles there are, under which names their outputs go, and which of them are new.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::SkippedArticle;
use super::prepare::contained;
use super::report::REPORT_FILE;
use crate::article::{self, Article, ReadOptions, SourceFile, distinct_id};

/// Articles one by one, each under a name of its own.
pub(super) struct Articles<'a> {
    files: std::slice::Iter<'a, SourceFile>,
    options: &'a ReadOptions,
    /// The file that is being read, and its articles.
    current: Option<(&'a SourceFile, Reader<'a>)>,
    /// Names given so far, in lower case: some file systems tell no other difference.
    taken: HashSet<String>,
}

type Reader<'a> = Box<dyn Iterator<Item = Result<Article, article::Skipped>> + Send + 'a>;

impl<'a> Articles<'a> {
    pub fn new(files: &'a [SourceFile], options: &'a ReadOptions) -> Self {
        let reserved = REPORT_FILE.trim_end_matches(".json").to_owned();
        Self {
            files: files.iter(),
            options,
            current: None,
            taken: HashSet::from([reserved]),
        }
    }

    /// The names given so far, in lower case.
    pub fn into_names(self) -> HashSet<String> {
        self.taken
    }

    /// The next article under the name that its source suggests.
    fn read(&mut self) -> Option<Result<Article, SkippedArticle>> {
        loop {
            if self.current.is_none() {
                let file = self.files.next()?;
                self.current = Some((file, article::read(file, self.options)));
            }
            let (file, reader) = self.current.as_mut()?;
            let path = file.path.display().to_string();
            match contained(&path, || Ok(reader.next())) {
                Ok(Some(article)) => return Some(article.map_err(Into::into)),
                Ok(None) => self.current = None,
                Err(panicked) => {
                    // What is left of this file cannot be trusted.
                    self.current = None;
                    return Some(Err(panicked));
                }
            }
        }
    }

    /// Gives the article a name that no other has.
    fn name(&mut self, mut article: Article) -> Result<Article, SkippedArticle> {
        if self.taken.insert(article.id.to_lowercase()) {
            return Ok(article);
        }
        article.id = distinct_id(&article.id, &article.path);
        if self.taken.insert(article.id.to_lowercase()) {
            return Ok(article);
        }
        Err(SkippedArticle {
            code: "duplicate".into(),
            reason: format!("has the same id `{}` as an article before it", article.id),
            path: article.path,
        })
    }
}

impl Iterator for Articles<'_> {
    type Item = Result<Article, SkippedArticle>;

    fn next(&mut self) -> Option<Self::Item> {
        let article = self.read()?;
        Some(article.and_then(|article| self.name(article)))
    }
}

/// Where the outputs of article `id` go.
pub(super) struct Outputs {
    pub json: PathBuf,
    pub markdown: PathBuf,
}

impl Outputs {
    pub fn new(out: &Path, id: &str) -> Self {
        Self {
            json: out.join(format!("{id}.json")),
            markdown: out.join(format!("{id}.md")),
        }
    }

    pub fn remove(&self) -> std::io::Result<()> {
        // The Markdown last: without the JSON it is no summary.
        std::fs::remove_file(&self.json)?;
        match std::fs::remove_file(&self.markdown) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether there is a whole summary made from the same article by the same means.
    pub fn are_up_to_date(&self, fingerprint: &str) -> bool {
        #[derive(Deserialize)]
        struct Summary {
            provenance: Provenance,
        }
        #[derive(Deserialize)]
        struct Provenance {
            fingerprint: String,
        }
        let read = || {
            let json = std::fs::read(&self.json).ok()?;
            serde_json::from_slice::<Summary>(&json).ok()
        };
        self.markdown.is_file() && read().is_some_and(|s| s.provenance.fingerprint == fingerprint)
    }
}
