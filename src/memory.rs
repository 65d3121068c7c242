//! Translation memories: sentences that people have translated, in TMX, the exchange format of
//! translation programs (Localization Industry Standards Association 2005, "TMX 1.4b").

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use french::text::Normalized;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::article::decoded_text;
use crate::translate::{Known, Origin};

/// Why a translation memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    #[error("cannot read the translation memory {path}: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}, line {line}: this is not TMX: {reason}")]
    Syntax {
        path: PathBuf,
        line: usize,
        reason: String,
    },
    #[error("{path} has no sentence in French and English; it has `tuv` elements in {languages}")]
    Languages { path: PathBuf, languages: String },
}

/// French sentences with the English that people have written for them.
#[derive(Debug, Default)]
pub struct Memory {
    /// By the normalised French.
    sentences: HashMap<String, String>,
    /// Everything that summaries depend on.
    identity: String,
}

impl Memory {
    /// Reads a TMX file. Of sentences with the same French the last one counts.
    ///
    /// # Errors
    /// If the file cannot be read, is not TMX, or has nothing in French and English.
    pub fn read(path: &Path) -> Result<Self, MemoryError> {
        let bytes = std::fs::read(path).map_err(|source| MemoryError::Read {
            path: path.to_owned(),
            source,
        })?;
        let syntax = |line, reason| MemoryError::Syntax {
            path: path.to_owned(),
            line,
            reason,
        };
        let text = decoded_text(&bytes).ok_or_else(|| syntax(1, "it is not text".to_owned()))?;
        let units = units(&text).map_err(|(at, reason)| {
            let before = text.get(..at).unwrap_or(&text);
            syntax(before.matches('\n').count() + 1, reason)
        })?;
        let mut sentences = HashMap::new();
        for unit in &units {
            if let (Some(french), Some(english)) = (unit.segment("fr"), unit.segment("en")) {
                sentences.insert(normalised(french), english.trim().to_owned());
            }
        }
        sentences.retain(|french, english| !french.is_empty() && !english.is_empty());
        if sentences.is_empty() {
            let mut languages: Vec<&str> = units.iter().flat_map(Unit::languages).collect();
            languages.sort_unstable();
            languages.dedup();
            return Err(MemoryError::Languages {
                path: path.to_owned(),
                languages: match languages.is_empty() {
                    true => "no language".to_owned(),
                    false => languages.join(", "),
                },
            });
        }
        Ok(Self {
            identity: blake3::hash(&bytes).to_hex().to_string(),
            sentences,
        })
    }

    /// The English of a sentence, if it is in the memory.
    pub(crate) fn english(&self, french: &str) -> Option<Known<'_>> {
        if self.sentences.is_empty() {
            return None;
        }
        let english = self.sentences.get(&normalised(french))?;
        Some(Known {
            english,
            origin: Origin::Memory,
        })
    }

    /// Everything that summaries depend on.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }
}

/// Spaces, quotation marks and the like do not tell sentences apart.
fn normalised(text: &str) -> String {
    Normalized::for_model(text).text().trim().to_owned()
}

/// A sentence in several languages: each code with its text.
#[derive(Debug, Default)]
struct Unit(Vec<(String, String)>);

impl Unit {
    /// The text in a language: `fr` is also `fr-CA`.
    fn segment(&self, language: &str) -> Option<&str> {
        let is_it = |code: &str| {
            let primary = code.split(['-', '_']).next().unwrap_or_default();
            primary.eq_ignore_ascii_case(language)
        };
        let found = self.0.iter().find(|(code, _)| is_it(code))?;
        Some(&found.1)
    }

    fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(code, _)| code.as_str())
    }
}

/// Returns the units of a TMX document. Errors are a byte and what is wrong there.
fn units(text: &str) -> Result<Vec<Unit>, (usize, String)> {
    let mut reader = Reader::from_str(text);
    let mut units = Vec::new();
    let mut unit = Unit::default();
    // The text of the segment that is open, and how deep in elements of other programs' markup.
    let mut segment: Option<String> = None;
    let mut markup = 0_usize;
    let mut is_tmx = false;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader
            .read_event()
            .map_err(|error| (at, error.to_string()))?;
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "tmx" => is_tmx = true,
                "tu" => unit = Unit::default(),
                "tuv" => unit.0.push((language(&tag), String::new())),
                "seg" => segment = Some(String::new()),
                name if segment.is_some() && is_markup(name) => markup += 1,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "tu" => units.push(std::mem::take(&mut unit)),
                "seg" => {
                    if let (Some(text), Some(last)) = (segment.take(), unit.0.last_mut()) {
                        last.1 = text;
                    }
                    markup = 0;
                }
                name if segment.is_some() && is_markup(name) => markup = markup.saturating_sub(1),
                _ => {}
            },
            Event::Text(text) => push(&mut segment, markup, &text.xml10_content()),
            Event::CData(text) => push(&mut segment, markup, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                push(&mut segment, markup, &character(&reference));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match is_tmx {
        true => Ok(units),
        false => Err((0, "it has no element `tmx`".to_owned())),
    }
}

/// Whether an element of a segment holds codes of the program that the text is from, not text.
fn is_markup(name: &str) -> bool {
    ["bpt", "ept", "it", "ph", "ut", "sub"].contains(&name)
}

fn push(segment: &mut Option<String>, markup: usize, text: &str) {
    if let Some(segment) = segment.as_mut().filter(|_| markup == 0) {
        segment.push_str(text);
    }
}

/// The language of a `tuv` element: `xml:lang`, or `lang` in older files.
fn language(tag: &BytesStart<'_>) -> String {
    let attributes = tag.attributes().flatten();
    let mut languages = attributes.filter(|a| a.key.local_name().as_ref() == "lang");
    let value = languages
        .next()
        .and_then(|a| a.normalized_value(XmlVersion::Implicit1_0).ok());
    value.map_or_else(String::new, std::borrow::Cow::into_owned)
}

/// What `&amp;`, `&#233;` and the like stand for; nothing for entities that are not defined.
fn character(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => resolve_predefined_entity(reference)
            .unwrap_or_default()
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Memory, MemoryError> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        Memory::read(file.path())
    }

    const TMX: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="fr"/><body>
<tu><tuv xml:lang="fr-FR"><seg>L’eau &amp; le <bpt i="1">&lt;b&gt;</bpt>feu<ept i="1">&lt;/b&gt;</ept>.</seg></tuv>
    <tuv xml:lang="de"><seg>Wasser und Feuer.</seg></tuv>
    <tuv xml:lang="EN_gb"><seg>Fire &#38; <hi>water</hi>.</seg></tuv></tu>
<tu><tuv xml:lang="fr"><seg>Seul.</seg></tuv></tu>
</body></tmx>"#;

    #[test]
    fn sentences_are_found_without_the_markup_of_other_programs() {
        let memory = read(TMX).expect("a memory");
        let english = |french| memory.english(french).map(|known| known.english);
        assert_eq!(english("L'eau & le feu."), Some("Fire & water."));
        assert_eq!(english("  L’eau &\u{a0}le  feu. "), Some("Fire & water."));
        assert_eq!(english("Seul."), None);
    }

    #[test]
    fn files_that_cannot_be_used_say_why() {
        for (text, said) in [
            ("<tmx><body>\n<tu></body></tmx>", "line 2"),
            ("<html></html>", "no element `tmx`"),
            (
                r#"<tmx><body><tu><tuv xml:lang="es"><seg>a</seg></tuv></tu></body></tmx>"#,
                "in es",
            ),
            ("<tmx></tmx>", "no language"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
