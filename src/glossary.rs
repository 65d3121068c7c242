//! Glossaries: names and words with the English that translations have to have for them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use french::text::folded_words;
use serde::{Deserialize, Serialize};

use crate::translate::{Term, TermKind, Terms, Translation};

/// Why a glossary cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GlossaryError {
    #[error("cannot read the glossary {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}, line {line}: {reason}")]
    Line {
        path: PathBuf,
        line: usize,
        reason: String,
    },
}

/// The entries of a glossary, in the order of the file.
#[derive(Debug, Default)]
pub struct Glossary {
    terms: Vec<Term>,
    /// Indices of the entries by their French words, folded.
    by_words: HashMap<Vec<String>, usize>,
    /// Finds them in texts.
    finder: Terms,
    /// Everything that summaries depend on.
    identity: String,
}

impl Glossary {
    /// Reads a file of one entry a line: French, tab, English and, if wanted, tab and kind (`person`,
    /// `organisation`, `place` or `word`, which it is if nothing is said). Blank lines and those that
    /// begin with `#` are passed over. An entry without English is kept as it is.
    ///
    /// # Errors
    /// If the file cannot be read, or a line is not an entry or contradicts one before.
    pub fn read(path: &Path) -> Result<Self, GlossaryError> {
        let text = std::fs::read_to_string(path).map_err(|source| GlossaryError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|(line, reason)| GlossaryError::Line {
            path: path.to_owned(),
            line,
            reason,
        })
    }

    /// [`read`](Self::read) for the content of a file. Errors are a line, counted from 1, and what is
    /// wrong with it.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut terms: Vec<Term> = Vec::new();
        let mut lines: Vec<usize> = Vec::new();
        let mut by_words: HashMap<Vec<String>, usize> = HashMap::new();
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        for (line, content) in (1..).zip(text.lines()) {
            if content.trim().is_empty() || content.starts_with('#') {
                continue;
            }
            let term = entry(content).map_err(|reason| (line, reason))?;
            let words = folded_words(&term.french);
            if let Some(before) = by_words.insert(words, terms.len()) {
                let before = lines[before];
                let reason = format!("line {before} has an entry for the same French");
                return Err((line, reason));
            }
            terms.push(term);
            lines.push(line);
        }
        let entry = |term: &Term| format!("{}\t{}\t{:?}\n", term.french, term.english, term.kind);
        Ok(Self {
            identity: terms.iter().map(entry).collect(),
            finder: Terms::new(terms.iter().cloned()),
            by_words,
            terms,
        })
    }

    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The English of a name as it is written in French, if there is an entry for it.
    pub(crate) fn english(&self, french: &str) -> Option<&str> {
        let index = self.by_words.get(&folded_words(french))?;
        Some(&self.terms[*index].english)
    }

    /// Everything that summaries depend on.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// Finds the entries in texts.
    pub(crate) fn finder(&self) -> &Terms {
        &self.finder
    }

    /// The entries, none of which was met yet.
    pub(crate) fn uses(&self) -> Vec<GlossaryUse> {
        self.terms.iter().map(GlossaryUse::new).collect()
    }

    /// Adds to `uses` how often the entries are in `text`, and what became of them in its translation.
    pub(crate) fn count(&self, text: &str, translation: &Translation, uses: &mut [GlossaryUse]) {
        for (french, is_there) in self.finder.kept(text, &translation.text) {
            let Some(&index) = self.by_words.get(&folded_words(&french)) else {
                continue;
            };
            let entry = &mut uses[index];
            entry.found += 1;
            if !is_there {
                entry.failed += 1;
            } else if translation.repaired.contains(&french) {
                entry.repaired += 1;
            } else {
                entry.kept += 1;
            }
        }
    }
}

/// How often an entry was found in the French, and what became of it in the English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlossaryUse {
    pub french: String,
    pub english: String,
    pub found: usize,
    /// The network wrote the English.
    pub kept: usize,
    /// It was put in afterwards, or by a second attempt.
    #[serde(default)]
    pub repaired: usize,
    /// The translation lacks it.
    #[serde(default)]
    pub failed: usize,
}

impl GlossaryUse {
    /// French and English.
    pub(crate) fn entry(&self) -> (&str, &str) {
        (&self.french, &self.english)
    }

    /// Adds the counts of `other`, which is of the same entry.
    pub(crate) fn add(&mut self, other: &Self) {
        self.found += other.found;
        self.kept += other.kept;
        self.repaired += other.repaired;
        self.failed += other.failed;
    }

    fn new(term: &Term) -> Self {
        Self {
            french: term.french.clone(),
            english: term.english.clone(),
            found: 0,
            kept: 0,
            repaired: 0,
            failed: 0,
        }
    }
}

fn entry(line: &str) -> Result<Term, String> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let (french, english, kind) = match columns[..] {
        [french] => (french, french, "word"),
        [french, english] => (french, english, "word"),
        [french, english, kind] => (french, english, kind),
        _ => return Err("there are more than three columns: French, English, kind".to_owned()),
    };
    if folded_words(french).is_empty() {
        return Err("the first column has to be French words".to_owned());
    }
    let kind = match kind {
        "person" => TermKind::Person,
        "organisation" => TermKind::Organisation,
        "place" => TermKind::Place,
        "word" | "" => TermKind::Word,
        other => {
            return Err(format!(
                "`{other}` is no kind; there are person, organisation, place and word"
            ));
        }
    };
    let english = if english.is_empty() { french } else { english };
    Ok(Term {
        french: french.to_owned(),
        english: english.to_owned(),
        kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_with_their_kinds() {
        let text = "\u{FEFF}# names\nPékin\tBeijing\tplace\n\npréfet\tprefect\nHalle aux grains\n";
        let glossary = Glossary::parse(text).expect("entries");
        let entries: Vec<(&str, &str, TermKind)> = glossary
            .terms()
            .iter()
            .map(|term| (&*term.french, &*term.english, term.kind))
            .collect();
        assert_eq!(
            entries,
            [
                ("Pékin", "Beijing", TermKind::Place),
                ("préfet", "prefect", TermKind::Word),
                ("Halle aux grains", "Halle aux grains", TermKind::Word),
            ]
        );
        assert_eq!(glossary.english("PEKIN"), Some("Beijing"));
        assert_eq!(glossary.english("Paris"), None);
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        for (text, line, reason) in [
            ("a\tb\tc\td", 1, "more than three columns"),
            ("\n\tx", 2, "French words"),
            ("a\tb\tcity", 1, "`city` is no kind"),
            ("Pékin\tBeijing\n# x\nPEKIN\tPeking", 3, "line 1"),
        ] {
            let error = Glossary::parse(text).expect_err(text);
            assert_eq!(error.0, line, "{text}");
            assert!(error.1.contains(reason), "{}", error.1);
        }
    }
}
