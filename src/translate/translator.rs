//! A loaded model that translates many texts at once.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::cached::CacheSession;
use super::identity::Identity;
use super::stream::{self, Shared};
use super::{Defect, Options, Progress, SourceLanguage, TranslateError, Translation, guard};
use crate::cache::{CacheError, Key, KeyBuilder, Store};
use crate::fault;
use french::text::{Normalized, for_network, split_long};
use seq2seq::decode::{Engine, Output, Settings};
use seq2seq::model::{ModelError, ModelFolder, Shortlist, Weights};
use seq2seq::nn::{Device, Numeric};
use seq2seq::tokenizer::Tokenizer;

/// Maximal number of tokens of a piece of text. Models know positions up to 512, but were trained
/// on single sentences and drop clauses of longer ones.
const LONGEST_PIECE: usize = 192;

/// The result of [`Translator::translate`].
#[derive(Debug)]
pub struct Translated {
    /// In the order of the texts. `None` for those that were not translated before the stop.
    pub translations: Vec<Option<Translation>>,
    /// Why the cache failed. From then on it was neither read nor written.
    pub cache_error: Option<CacheError>,
}

impl Translated {
    /// Returns all translations.
    ///
    /// # Errors
    /// [`TranslateError::Interrupted`] if some are missing.
    pub fn all(self) -> Result<Vec<Translation>, TranslateError> {
        let all: Option<Vec<Translation>> = self.translations.into_iter().collect();
        all.ok_or(TranslateError::Interrupted)
    }
}

/// A piece of text that would go through the network, unless it is in the cache.
#[derive(Clone, Debug)]
pub struct Untranslated {
    pub text: String,
    /// Its key in the cache.
    pub key: Key,
    pub is_cached: bool,
    pub tokens: usize,
}

/// A model with its settings. All threads share it, and the weights are in memory once.
pub struct Translator {
    name: String,
    digest: String,
    pub(super) engine: Engine,
    tokenizer: Tokenizer,
    language: SourceLanguage,
    /// Token of the language of the texts, for models that read several.
    source: Option<u32>,
    pub(super) settings: Settings,
    /// Settings of the second attempt.
    pub(super) retry: Option<Settings>,
    /// See [`Self::arithmetic`].
    arithmetic: String,
    longest_piece: usize,
    pub(super) longest_output: usize,
    workers: rayon::ThreadPool,
    /// The part of the cache key that all texts share.
    key: KeyBuilder,
    /// See [`Self::identity`].
    identity: String,
}

impl Translator {
    /// Loads the model of `folder`.
    ///
    /// # Errors
    /// If the folder is incomplete or damaged, holds a model that does not translate, or the device
    /// cannot run it.
    pub fn load(folder: &ModelFolder, options: &Options) -> Result<Self, TranslateError> {
        let numeric = options.numeric()?;
        Self::with_engine(folder, options, numeric, || {
            fault::point("model-read").map_err(|source| ModelError::Io {
                path: Weights::file(&folder.dir),
                source,
            })?;
            let engine = Engine::load(folder, options.device, numeric, options.cpu)?;
            Ok(engine)
        })
    }

    /// [`Self::load`] with the network that `engine` loads.
    pub(super) fn with_engine(
        folder: &ModelFolder,
        options: &Options,
        numeric: Numeric,
        engine: impl FnOnce() -> Result<Engine, TranslateError>,
    ) -> Result<Self, TranslateError> {
        if folder.config.architecture.summarizes() {
            return Err(TranslateError::Summarizes {
                model: folder.name.clone(),
                family: folder.config.architecture.to_string(),
            });
        }
        let tokenizer = Tokenizer::load(&folder.dir, folder.config.architecture.tokenizer())?;
        (folder.config).check_vocabulary(&folder.dir, tokenizer.vocab_size())?;
        let engine = engine()?;
        let digest = ModelFolder::digest(&folder.dir)?;
        let source = source_token(&tokenizer, folder, options.source.as_deref())?;
        let settings = search_settings(&tokenizer, folder, source, options)?;
        let retry = options.retry.then(|| retry_settings(&settings));
        let positions = folder.config.max_position_embeddings;
        let longest_piece = LONGEST_PIECE.min(positions);
        let longest_output = folder.generation.max_length.unwrap_or(positions);
        let longest_output = longest_output.min(positions);
        let workers = rayon::ThreadPoolBuilder::new()
            .num_threads(options.workers)
            .thread_name(|index| format!("worker-{index}"))
            .build()
            .map_err(|source| TranslateError::Workers {
                workers: options.workers,
                source,
            })?;
        let arithmetic = engine.arithmetic(numeric);
        let identity = Identity {
            model: &digest,
            arithmetic: &arithmetic,
            source,
            search: &settings,
            retry: retry.as_ref(),
            longest_piece,
            longest_output,
        };
        let key = identity.key();
        Ok(Self {
            name: folder.name.clone(),
            digest,
            engine,
            language: match source {
                Some(token) if tokenizer.language("fr") != Some(token) => SourceLanguage::Other,
                _ => SourceLanguage::French,
            },
            tokenizer,
            source,
            settings,
            retry,
            arithmetic,
            longest_piece,
            longest_output,
            workers,
            identity: key.finish().to_string(),
            key,
        })
    }

    /// Name of the model.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// blake3 digest of the model's files, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Digest of everything that a translation depends on except for the text: model, arithmetic,
    /// settings, versions of the code.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Whether the texts are taken for French. A model of one language is not asked which.
    pub fn reads_french(&self) -> bool {
        self.language == SourceLanguage::French
    }

    /// Number of beams.
    pub fn beam(&self) -> usize {
        self.settings.num_beams
    }

    /// The arithmetic, as far as results depend on it: `f32` or `int8` on processors, `f16-cuda`
    /// and the like on GPUs, which round differently.
    pub fn arithmetic(&self) -> &str {
        &self.arithmetic
    }

    /// The arithmetic and, on processors, the kernels it runs on. Results do not depend on the
    /// kernels.
    pub fn numeric_path(&self) -> String {
        let kernels = self.engine.kernels();
        [Some(&*self.arithmetic), kernels]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("-")
    }

    /// The threads that translate. With a GPU, they do the rest of the work.
    pub fn workers(&self) -> &rayon::ThreadPool {
        &self.workers
    }

    /// Translates `texts`. A text that is too long for the network is split at clause boundaries,
    /// never shortened. Each translation depends on its text only.
    ///
    /// `progress` is called from the workers.
    ///
    /// Once `stop` is set, no further text is begun, and finished translations are kept. A text
    /// over which the network panics gets [`Defect::Failed`]. If the cache fails, the work goes on
    /// without it.
    ///
    /// # Errors
    /// If the device that the network runs on fails.
    pub fn translate(
        &self,
        texts: &[&str],
        cache: Option<&Store>,
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Translated, TranslateError> {
        let texts: Vec<Vec<String>> = self
            .workers
            .install(|| texts.par_iter().map(|text| self.pieces(text)).collect());
        let mut index_of: HashMap<&str, usize> = HashMap::new();
        let mut pieces: Vec<&str> = Vec::new();
        for piece in texts.iter().flatten() {
            index_of.entry(piece).or_insert_with(|| {
                pieces.push(piece);
                pieces.len() - 1
            });
        }

        let keys: Vec<Key> = pieces.iter().map(|piece| self.key(piece)).collect();
        let cache = CacheSession::new(cache);
        let mut found = cache.get(&keys);
        let missing: Vec<usize> = (0..pieces.len()).filter(|&i| found[i].is_none()).collect();
        progress(Progress {
            cached: pieces.len() - missing.len(),
            ..Progress::default()
        });

        let missing_pieces: Vec<&str> = missing.iter().map(|&index| pieces[index]).collect();
        let missing_keys: Vec<Key> = missing.iter().map(|&index| keys[index]).collect();
        let translated = self.translate_missing(&Shared {
            translator: self,
            pieces: &missing_pieces,
            keys: &missing_keys,
            ids: &self.encode_all(&missing_pieces),
            cache: &cache,
            stop,
            progress,
        })?;
        for (index, translation) in missing.iter().zip(translated) {
            found[*index] = translation;
        }

        let piece = |piece: &String| found[index_of[piece.as_str()]].clone();
        let text = |pieces: &Vec<String>| {
            let pieces: Option<Vec<Translation>> = pieces.iter().map(piece).collect();
            pieces.map(Translation::join)
        };
        let translations = texts.iter().map(text).collect();
        Ok(Translated {
            translations,
            cache_error: cache.into_error(),
        })
    }

    /// Returns the pieces of `texts`, each with whether the cache has it.
    ///
    /// # Errors
    /// If the cache cannot be read.
    pub fn look_up(
        &self,
        texts: &[&str],
        cache: Option<&Store>,
    ) -> Result<Vec<Untranslated>, CacheError> {
        let pieces: Vec<String> = texts.iter().flat_map(|text| self.pieces(text)).collect();
        let keys: Vec<Key> = pieces.iter().map(|piece| self.key(piece)).collect();
        let found = match cache {
            Some(cache) => cache.get_many(&keys)?,
            None => vec![None; keys.len()],
        };
        let pieces = pieces.into_iter().zip(keys).zip(found);
        Ok(pieces
            .map(|((text, key), found)| Untranslated {
                is_cached: found.is_some(),
                tokens: self.encode(&text).len(),
                text,
                key,
            })
            .collect())
    }

    /// Returns the text as the network is given it, in pieces that are short enough for it.
    fn pieces(&self, text: &str) -> Vec<String> {
        let text = match self.language {
            SourceLanguage::French => for_network(text),
            SourceLanguage::Other => Normalized::for_model(text).text().to_owned(),
        };
        let fits = |piece: &str| self.encode(piece).len() <= self.longest_piece;
        if fits(&text) {
            return vec![text];
        }
        split_long(&text, fits)
            .into_iter()
            .map(|span| span.slice(&text).trim().to_owned())
            .collect()
    }

    /// Returns the ids of a piece, which are empty if the tokenizer panics.
    fn encode(&self, piece: &str) -> Vec<u32> {
        let encode = || self.tokenizer.encode(piece, self.source);
        catch_unwind(AssertUnwindSafe(encode)).unwrap_or_default()
    }

    fn encode_all(&self, pieces: &[&str]) -> Vec<Vec<u32>> {
        self.workers
            .install(|| pieces.par_iter().map(|piece| self.encode(piece)).collect())
    }

    fn key(&self, piece: &str) -> Key {
        self.key.clone().part("text", piece.as_bytes()).finish()
    }

    /// Translates the pieces of `shared`, the longest first, on all workers. Returns the
    /// translations in their order, `None` for those that were not translated before the stop.
    fn translate_missing(
        &self,
        shared: &Shared<'_>,
    ) -> Result<Vec<Option<Translation>>, TranslateError> {
        let ids = shared.ids;
        let mut order: Vec<usize> = (0..ids.len())
            .filter(|&index| !ids[index].is_empty())
            .collect();
        order.sort_by_key(|&index| Reverse(ids[index].len()));
        let taken = AtomicUsize::new(0);
        let next = || order.get(taken.fetch_add(1, Ordering::Relaxed)).copied();
        let streams = if self.engine.wants_one_stream() {
            vec![self.workers.install(|| stream::translate(shared, next))]
        } else {
            self.workers.broadcast(|_| stream::translate(shared, next))
        };
        (shared.progress)(Progress {
            failed: ids.len() - order.len(),
            ..Progress::default()
        });
        let failed = |ids: &Vec<u32>| ids.is_empty().then(Translation::failed);
        let mut translations: Vec<Option<Translation>> = ids.iter().map(failed).collect();
        for stream in streams {
            for (index, translation) in stream? {
                translations[index] = Some(translation);
            }
        }
        Ok(translations)
    }

    pub(super) fn read_output(
        &self,
        source: &str,
        max_length: usize,
        output: Output,
    ) -> Translation {
        let text = if source.is_empty() {
            String::new()
        } else {
            self.tokenizer.decode(&output.ids).trim().to_owned()
        };
        let cut_off = output.ids.len() + 1 >= max_length;
        let mut defects = guard::check(self.language, source, &text, cut_off);
        if output.ids.contains(&self.tokenizer.unk()) {
            defects.push(Defect::UnknownWord);
            defects.sort_unstable();
        }
        Translation {
            defects,
            text,
            score: output.score,
        }
    }
}

/// The settings of the model's authors with those of `options`.
fn search_settings(
    tokenizer: &Tokenizer,
    folder: &ModelFolder,
    source: Option<u32>,
    options: &Options,
) -> Result<Settings, TranslateError> {
    let (config, dir) = (&folder.config, &folder.dir);
    let mut settings = Settings::from_config(&folder.generation, config);
    if source.is_some() {
        settings.forced_bos_token_id = Some(language_token(tokenizer, folder, "en")?);
    }
    if let Some(beam) = options.beam {
        settings.num_beams = beam;
    }
    for id in [settings.forced_bos_token_id, settings.forced_eos_token_id] {
        config.check_target_token(dir, id)?;
    }
    if options.shortlist {
        if options.device != Device::Cpu {
            return Err(TranslateError::ShortlistOnGpu);
        }
        let shortlist = Shortlist::read(dir, config.target_vocab_size())?;
        settings.shortlist = Some(Arc::new(shortlist));
    }
    Ok(settings)
}

/// The settings for translations that failed their checks: more beams, no repeated phrases, all
/// words.
fn retry_settings(settings: &Settings) -> Settings {
    Settings {
        num_beams: (2 * settings.num_beams).max(4),
        no_repeat_ngram_size: match settings.no_repeat_ngram_size {
            0 => 4,
            size => size.min(4),
        },
        shortlist: None,
        ..settings.clone()
    }
}

/// Returns the token that texts in the language `code` begin with, or `None` if the model reads one
/// language.
fn source_token(
    tokenizer: &Tokenizer,
    folder: &ModelFolder,
    code: Option<&str>,
) -> Result<Option<u32>, TranslateError> {
    if tokenizer.source_is_needed() {
        language_token(tokenizer, folder, code.unwrap_or("fr")).map(Some)
    } else if let Some(code) = code {
        Err(TranslateError::OneLanguage {
            model: folder.name.clone(),
            code: code.to_owned(),
        })
    } else {
        Ok(None)
    }
}

fn language_token(
    tokenizer: &Tokenizer,
    folder: &ModelFolder,
    code: &str,
) -> Result<u32, TranslateError> {
    tokenizer.language(code).ok_or_else(|| {
        let known: Vec<&str> = tokenizer.languages().map(|(token, _)| token).collect();
        TranslateError::Language {
            model: folder.name.clone(),
            code: code.to_owned(),
            known: known.join(", "),
        }
    })
}
