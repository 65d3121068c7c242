//! Names that a user says are one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use french::text::folded_words;

/// Names with their aliases, from a file of the user: a line for each name, its aliases after tabs.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    /// The name, by each of its folded forms.
    names: HashMap<String, String>,
}

/// Why a file of aliases cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AliasError {
    #[error("cannot read the aliases in {}: {source}", .path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{}:{line}: {problem}; a line is a name, a tab, and its aliases with tabs between them",
        .path.display()
    )]
    Line {
        path: PathBuf,
        /// From 1.
        line: usize,
        problem: String,
    },
}

impl Aliases {
    /// Reads a file of aliases. Empty lines and those that begin with `#` are comments.
    ///
    /// # Errors
    /// If it cannot be read, a line has no alias, or an alias belongs to two names.
    pub fn read(path: &Path) -> Result<Self, AliasError> {
        let text = std::fs::read_to_string(path).map_err(|source| AliasError::Io {
            path: path.to_owned(),
            source,
        })?;
        let mut aliases = Self::default();
        for (n, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            aliases.add(line).map_err(|problem| AliasError::Line {
                path: path.to_owned(),
                line: n + 1,
                problem,
            })?;
        }
        Ok(aliases)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let names: Vec<&str> = line
            .split('\t')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        let [name, _, ..] = names[..] else {
            return Err("there is no alias".to_owned());
        };
        for form in names {
            let folded = folded(form);
            if folded.is_empty() {
                return Err(format!("`{form}` has no letter"));
            }
            match self.names.insert(folded, name.to_owned()) {
                Some(other) if other != name => {
                    return Err(format!("`{form}` already belongs to `{other}`"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The name that `form` is an alias of, or is itself.
    pub(super) fn name_of(&self, form: &str) -> Option<&str> {
        self.names.get(&folded(form)).map(String::as_str)
    }
}

/// A name as it is compared: its words in lower case and without accents.
pub(super) fn folded(name: &str) -> String {
    folded_words(name).join(" ")
}
