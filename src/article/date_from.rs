//! Where the date of an article is taken from if the article states none.

use std::path::Path;
use std::time::UNIX_EPOCH;

use jiff::civil::Date;
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::Article;
use super::date::{day_in_france, found_in, stated};

/// Where the date of an article comes from if the article states none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateFrom {
    /// The name of its file: `2024-03-12-piscine.html`.
    Filename,
    /// When its file was written last, as a day in France.
    Modified,
    /// What this regular expression finds in the path of its file, else in the beginning of its
    /// text; of an expression with groups, the first.
    Pattern(String),
}

/// Characters of a text in which a pattern is looked for.
const BEGINNING: usize = 2_000;

impl DateFrom {
    /// Reads `filename`, `modified` or a regular expression.
    ///
    /// # Errors
    /// If the expression is invalid.
    pub fn parse(text: &str) -> Result<Self, regex::Error> {
        match text {
            "filename" => Ok(Self::Filename),
            "modified" => Ok(Self::Modified),
            _ => Regex::new(text).map(|_| Self::Pattern(text.to_owned())),
        }
    }

    /// Gives `article`, which was read from the file at `path`, its date if it has none.
    pub(super) fn fill(&self, article: &mut Article, path: &Path) {
        if article.date.is_none() {
            article.date = self.date(article, path);
            if article.date.is_some() {
                article.about.date_from = Some(match self {
                    Self::Filename => "file name",
                    Self::Modified => "time of the file",
                    Self::Pattern(_) => "pattern for dates",
                });
            }
        }
    }

    fn date(&self, article: &Article, path: &Path) -> Option<Date> {
        match self {
            Self::Filename => found_in(&path.file_name()?.to_string_lossy()),
            Self::Modified => {
                let written = path.metadata().ok()?.modified().ok()?;
                let seconds = written.duration_since(UNIX_EPOCH).ok()?.as_secs();
                day_in_france(i64::try_from(seconds).ok()?)
            }
            Self::Pattern(pattern) => {
                let pattern = Regex::new(pattern).ok()?;
                let beginning: String = article.body.chars().take(BEGINNING).collect();
                [article.path.as_str(), &beginning].iter().find_map(|text| {
                    let found = pattern.captures(text)?;
                    let found = found.get(1).or(found.get(0))?.as_str();
                    stated(found).or_else(|| found_in(found))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{ReadOptions, find, read};
    use super::*;

    #[test]
    fn the_date_comes_from_where_it_is_said_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lm.2024-03-12-piscine.txt");
        std::fs::write(&path, "Il pleut. Numéro du 14 avril 2023, page 3.").unwrap();
        let found = find(std::slice::from_ref(&path), |_| false);
        let date_of = |text: &str| {
            let options = ReadOptions {
                date_from: Some(DateFrom::parse(text).unwrap()),
                ..ReadOptions::default()
            };
            let article = read(&found.files[0], &options).next().unwrap().unwrap();
            article.date
        };
        assert_eq!(date_of("filename"), Some(date(2024, 3, 12)));
        assert_eq!(date_of("Numéro du ([^,]+)"), Some(date(2023, 4, 14)));
        assert_eq!(date_of(r"\d{4}-\d\d-\d\d"), Some(date(2024, 3, 12)));
        assert_eq!(date_of("absent"), None);
        assert!(date_of("modified").unwrap() > date(2020, 1, 1));
        assert!(DateFrom::parse("(").is_err());
    }

    #[test]
    fn a_stated_date_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("2024-03-12.txt");
        std::fs::write(&path, "PARIS, 14 avril 2023 (AFP) - Il pleut.").unwrap();
        let found = find(&[path], |_| false);
        let options = ReadOptions {
            date_from: Some(DateFrom::Filename),
            ..ReadOptions::default()
        };
        let article = read(&found.files[0], &options).next().unwrap().unwrap();
        assert_eq!(article.date, Some(date(2023, 4, 14)));
    }
}
