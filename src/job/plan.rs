//! Which articles there are, under which names their outputs go, and which of them are new.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::SkippedArticle;
use super::report::REPORT_FILE;
use crate::article::{self, Article, ReadOptions, SourceFile, distinct_id};

/// Articles one by one, each under a name of its own.
pub(super) struct Articles<'a> {
    inner: Box<dyn Iterator<Item = Result<Article, article::Skipped>> + 'a>,
    /// Names given so far, in lower case: some file systems tell no other difference.
    taken: HashSet<String>,
}

impl<'a> Articles<'a> {
    pub fn new(files: &'a [SourceFile], options: &'a ReadOptions) -> Self {
        let reserved = REPORT_FILE.trim_end_matches(".json").to_owned();
        Self {
            inner: Box::new(files.iter().flat_map(|file| article::read(file, options))),
            taken: HashSet::from([reserved]),
        }
    }
}

impl Iterator for Articles<'_> {
    type Item = Result<Article, SkippedArticle>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut article = match self.inner.next()? {
            Ok(article) => article,
            Err(skipped) => return Some(Err(skipped.into())),
        };
        if !self.taken.insert(article.id.to_lowercase()) {
            article.id = distinct_id(&article.id, &article.path);
            if !self.taken.insert(article.id.to_lowercase()) {
                return Some(Err(SkippedArticle {
                    code: "duplicate",
                    reason: format!("has the same id `{}` as an article before it", article.id),
                    path: article.path,
                }));
            }
        }
        Some(Ok(article))
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
