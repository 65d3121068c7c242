//! From an article to its summary: prepare, translate, compose. Runs, forecasts, single files and
//! users of the library all go through [`Pipeline`].

mod prepare;
mod refusal;

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

pub use prepare::prepare;
pub use refusal::{Refusal, contained};

use crate::TOOL;
use crate::article::Article;
use crate::cache::{CacheError, Session, Store};
use crate::fault;
use crate::glossary::Glossary;
use crate::memory::Memory;
use crate::summarize::{
    self, Brief, Document, Extractive, Length, Provenance, Stopped, Summary, TranslatorProvenance,
    TranslatorSettings, Writer,
};
use crate::translate::{
    Follow, Known, Origin, Progress, Text, TranslateError, Translation, Translator, Untranslated,
};
use french::text::is_english;

/// A translator, a writer of summaries and, if wanted, a cache. Shared by all threads.
pub struct Pipeline {
    translator: Translator,
    writer: Box<dyn Writer>,
    length: Length,
    cache: Option<Store>,
    limits: Limits,
    glossary: Glossary,
    memory: Memory,
    /// Why the cache is no longer used.
    cache_error: OnceLock<CacheError>,
}

/// Limits on articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Maximal number of sentences. Longer articles are refused.
    pub max_sentences: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_sentences: 10_000,
        }
    }
}

/// Why an article gets no summary.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    #[error("the article {0}")]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Translate(#[from] TranslateError),
}

impl From<Stopped> for PipelineError {
    fn from(_: Stopped) -> Self {
        Self::Translate(TranslateError::Interrupted)
    }
}

impl Pipeline {
    /// Creates a pipeline with extractive abstracts and no cache.
    pub fn new(translator: Translator) -> Self {
        Self {
            translator,
            writer: Box::new(Extractive),
            length: Length::default(),
            cache: None,
            limits: Limits::default(),
            glossary: Glossary::default(),
            memory: Memory::default(),
            cache_error: OnceLock::new(),
        }
    }

    /// Sets the writer of summaries.
    #[must_use]
    pub fn with_writer(mut self, writer: Box<dyn Writer>) -> Self {
        self.writer = writer;
        self
    }

    /// Sets how much a summary says.
    #[must_use]
    pub fn with_length(mut self, length: Length) -> Self {
        self.length = length;
        self
    }

    /// Sets the cache of translations.
    #[must_use]
    pub fn with_cache(mut self, cache: Option<Store>) -> Self {
        self.cache = cache;
        self
    }

    /// Sets the limits on articles.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the names and words whose English is given.
    #[must_use]
    pub fn with_glossary(mut self, glossary: Glossary) -> Self {
        self.glossary = glossary;
        self
    }

    /// Sets the sentences that people have translated.
    #[must_use]
    pub fn with_memory(mut self, memory: Memory) -> Self {
        self.memory = memory;
        self
    }

    pub fn glossary(&self) -> &Glossary {
        &self.glossary
    }

    /// Who writes the summaries.
    pub fn writer(&self) -> &dyn Writer {
        &*self.writer
    }

    pub fn translator(&self) -> &Translator {
        &self.translator
    }

    /// Returns the digest of everything that the summary of `article` depends on. A summary with
    /// the same fingerprint is up to date.
    pub fn fingerprint(&self, article: &Article) -> String {
        self.fingerprint_at(article, &article.path)
    }

    /// [`Self::fingerprint`] as if the article were at `path`.
    pub(crate) fn fingerprint_at(&self, article: &Article, path: &str) -> String {
        let date = article.date.map(|date| date.to_string());
        let about = &article.about;
        let notes = about.notes.join("\n");
        let parts = [
            TOOL,
            summarize::SCHEMA_VERSION,
            &article.id,
            path,
            &article.digest,
            article.title.as_deref().unwrap_or_default(),
            &date.unwrap_or_default(),
            about.author.as_deref().unwrap_or_default(),
            about.url.as_deref().unwrap_or_default(),
            if about.truncated { "truncated" } else { "" },
            &notes,
            &article.body,
            self.translator.identity(),
            self.writer.identity(),
            self.length.name(),
            self.glossary.identity(),
            self.memory.identity(),
        ];
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&summarize::VERSION.to_le_bytes());
        format!("blake3:{}", hasher.finalize().to_hex())
    }

    /// Splits an article into sentences and reads its facts.
    ///
    /// # Errors
    /// If the article is clearly in another language, is empty, or exceeds the limits.
    pub fn prepare(&self, article: &Article) -> Result<Document, Refusal> {
        contained(|| {
            fault::strike("prepare", &article.body);
            prepare(article, &self.limits, &self.glossary)
        })
    }

    /// Translates documents together. Returns for each the translations of its [`Document::texts`],
    /// or `None` if the work was stopped before it was complete. `progress` is called from several
    /// threads. Once `stop` is set, no further text is begun. A cache that fails is not used any
    /// more: see [`Self::cache_error`].
    ///
    /// # Errors
    /// If the device that the network runs on fails.
    pub fn translate(
        &self,
        documents: &[&Document],
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Option<Vec<Translation>>>, TranslateError> {
        let translated: Vec<OnceLock<_>> = vec![OnceLock::new(); documents.len()];
        let done = |index: usize, translations| {
            translated[index].get_or_init(|| translations);
            ControlFlow::Continue(())
        };
        let follow = Follow {
            stop,
            progress,
            done: &done,
        };
        self.translate_each(documents, &follow)?;
        Ok(translated.into_iter().map(OnceLock::into_inner).collect())
    }

    /// [`Self::translate`] that hands each document's translations over as soon as they are complete.
    ///
    /// # Errors
    /// If the device that the network runs on fails.
    pub fn translate_each(
        &self,
        documents: &[&Document],
        follow: &Follow<'_>,
    ) -> Result<(), TranslateError> {
        documents.iter().for_each(|it| strike("translate", it));
        let texts: Vec<Vec<Text<'_>>> = documents
            .iter()
            .map(|document| self.texts(document))
            .collect();
        let texts: Vec<&[Text<'_>]> = texts.iter().map(Vec::as_slice).collect();
        let cache = self.working_cache();
        let failed = self.translator.translate_groups(&texts, cache, follow)?;
        if let Some(error) = failed {
            self.cache_error.get_or_init(|| error);
        }
        Ok(())
    }

    /// Returns the pieces of a document that would go through the network, each with whether the
    /// cache has it.
    ///
    /// # Errors
    /// If the cache cannot be read.
    pub fn look_up(&self, document: &Document) -> Result<Vec<Untranslated>, CacheError> {
        self.translator
            .look_up(&self.texts(document), self.working_cache())
    }

    /// The texts of a document, with its names.
    fn texts<'a>(&'a self, document: &'a Document) -> Vec<Text<'a>> {
        let terms = Some(&document.terms);
        let texts = document.texts().into_iter();
        texts
            .map(|text| Text {
                text,
                terms,
                known: known(text, &self.memory),
            })
            .collect()
    }

    /// Composes the summary of a document from its translations. `fingerprint` is the fingerprint
    /// of its article. Returns `None` if `stop` was set before the writer was done.
    ///
    /// # Errors
    /// [`Refusal::Internal`] if the document makes the code panic.
    pub fn compose(
        &self,
        document: &Document,
        translations: &[Translation],
        fingerprint: &str,
        stop: &AtomicBool,
    ) -> Result<Option<Summary>, Refusal> {
        // A summary with a gap must not count as up to date, since the next run may fill the gap.
        let fingerprint = match translations.iter().any(Translation::has_failed) {
            true => format!("{fingerprint} incomplete"),
            false => fingerprint.to_owned(),
        };
        let answers = Session::new(self.working_cache());
        let summary = contained(|| {
            strike("compose", document);
            let provenance = self.provenance(fingerprint);
            let brief = Brief {
                writer: &*self.writer,
                length: self.length,
            };
            let summary =
                summarize::compose(document, translations, brief, provenance, &answers, stop);
            Ok(summary.ok())
        });
        if let Some(error) = answers.into_error() {
            self.cache_error.get_or_init(|| error);
        }
        summary
    }

    /// Takes one article through all steps.
    ///
    /// # Errors
    /// If the article is refused, the device fails, or `stop` is set:
    /// [`TranslateError::Interrupted`].
    pub fn summarize(
        &self,
        article: &Article,
        stop: &AtomicBool,
    ) -> Result<Summary, PipelineError> {
        let document = self.prepare(article)?;
        let mut translations = self.translate(&[&document], stop, &|_| {})?;
        let translations = translations.pop().flatten().ok_or(Stopped)?;
        let fingerprint = self.fingerprint(article);
        let summary = self.compose(&document, &translations, &fingerprint, stop)?;
        Ok(summary.ok_or(Stopped)?)
    }

    /// Returns why the cache is no longer used, or `None` if it works or there is none.
    pub fn cache_error(&self) -> Option<&CacheError> {
        self.cache_error.get()
    }

    fn working_cache(&self) -> Option<&Store> {
        self.cache.as_ref().filter(|_| self.cache_error().is_none())
    }

    fn provenance(&self, fingerprint: String) -> Provenance {
        let translator = &self.translator;
        Provenance {
            tool: TOOL.to_owned(),
            fingerprint,
            translator: TranslatorProvenance {
                model: translator.name().to_owned(),
                digest: format!("blake3:{}", translator.digest()),
                settings: TranslatorSettings {
                    beam: translator.beam(),
                    numeric: translator.arithmetic().to_owned(),
                },
            },
            writer: self.writer.provenance(),
        }
    }
}

/// The fault point `name` for a document.
fn strike(name: &str, document: &Document) {
    let sentences = document.sentences.iter();
    sentences.for_each(|sentence| fault::strike(name, &sentence.source));
}

/// The English of a text in French that nothing has to translate: it is in the memory, or in English.
pub(crate) fn known<'a>(text: &'a str, memory: &'a Memory) -> Option<Known<'a>> {
    let is_source = || {
        is_english(text).then_some(Known {
            english: text,
            origin: Origin::Source,
        })
    };
    memory.english(text).or_else(is_source)
}
