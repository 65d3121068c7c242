//! A loaded model that translates many texts at once.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::{Defect, Progress, TranslateError, Translation, defect, entry, guard};
use crate::cache::{CacheError, Key, KeyBuilder, Store};
use crate::fault;
use french::text::{NORMALIZER_VERSION, for_network, split_long};
use seq2seq::decode::{Engine, Input, Output, Settings};
use seq2seq::model::{ModelError, ModelFolder, Shortlist, Weights};
use seq2seq::nn::{Cpu, Device, NetworkError, Numeric};
use seq2seq::tokenizer::Tokenizer;

/// Longest piece of text that goes through the network at once, in tokens. Models know positions up
/// to 512, but were trained on single sentences and drop clauses of longer ones.
const LONGEST_PIECE: usize = 192;
/// Translations that are saved together.
const SAVED_TOGETHER: usize = 32;

#[derive(Clone, Debug)]
pub struct Options {
    /// Beams; what the model's authors chose where absent.
    pub beam: Option<usize>,
    /// What the network runs on.
    pub device: Device,
    /// Arithmetic of the network; the device's default where absent.
    pub numeric: Option<Numeric>,
    /// Kernels for what runs on the processor.
    pub cpu: Cpu,
    /// Language of the texts, for models that read several; French where absent.
    pub source: Option<String>,
    /// Look for each sentence's words in the model's lexical shortlist alone.
    pub shortlist: bool,
    /// Threads; one batch each where the network runs on the processor.
    pub workers: usize,
    /// Decode a translation that fails its checks a second time with other settings.
    pub retry: bool,
}

impl Default for Options {
    /// What the model's authors chose, on all cores of the processor.
    fn default() -> Self {
        Self {
            beam: None,
            device: Device::Cpu,
            numeric: None,
            cpu: Cpu::best(),
            source: None,
            shortlist: false,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            retry: true,
        }
    }
}

impl Options {
    /// The arithmetic asked for, or the device's default.
    ///
    /// # Errors
    /// If the device has no such arithmetic, or is a GPU and this build has no code for one.
    pub fn numeric(&self) -> Result<Numeric, TranslateError> {
        let device = self.device;
        if !device.is_supported() {
            return Err(TranslateError::NoCuda { device });
        }
        let numerics = device.numerics();
        let numeric = self.numeric.unwrap_or(numerics[0]);
        if !numerics.contains(&numeric) {
            let names: Vec<&str> = numerics.iter().map(|numeric| numeric.as_str()).collect();
            return Err(TranslateError::Numeric {
                device,
                numeric: numeric.as_str(),
                known: names.join(", "),
            });
        }
        Ok(numeric)
    }
}

/// What became of texts.
#[derive(Debug)]
pub struct Translated {
    /// In the order of the texts; none for those that a stop came before.
    pub translations: Vec<Option<Translation>>,
    /// What made the cache fail, from when on nothing was read from it or kept in it.
    pub cache_error: Option<CacheError>,
}

impl Translated {
    /// # Errors
    /// [`TranslateError::Interrupted`] if some are not there.
    pub fn all(self) -> Result<Vec<Translation>, TranslateError> {
        let all: Option<Vec<Translation>> = self.translations.into_iter().collect();
        all.ok_or(TranslateError::Interrupted)
    }
}

/// A piece of text that would go through the network, if it is not in the cache.
#[derive(Clone, Debug)]
pub struct Untranslated {
    pub text: String,
    /// Its key in the cache.
    pub key: Key,
    pub is_cached: bool,
    pub tokens: usize,
}

/// A model with its settings. Shared by all threads; weights are in memory once.
pub struct Translator {
    name: String,
    digest: String,
    engine: Engine,
    tokenizer: Tokenizer,
    /// Token of the language of the texts, for models that read several.
    source: Option<u32>,
    settings: Settings,
    retry: Option<Settings>,
    /// See [`Self::arithmetic`].
    arithmetic: String,
    longest_piece: usize,
    longest_output: usize,
    workers: rayon::ThreadPool,
    /// Everything that a translation depends on, but for the text and the processor.
    identity: String,
    /// The part of the cache key that all texts share.
    key: KeyBuilder,
}

impl Translator {
    /// # Errors
    /// If the folder is incomplete, damaged, or holds a model that cannot be run, or the device
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
        let mut settings = Settings::from_config(&folder.generation, &folder.config);
        let source = source_token(&tokenizer, folder, options.source.as_deref())?;
        if source.is_some() {
            settings.forced_bos_token_id = Some(language_token(&tokenizer, folder, "en")?);
        }
        if let Some(beam) = options.beam {
            settings.num_beams = beam;
        }
        // A second try looks at all words, whatever the first one was told.
        let retry = options.retry.then(|| Settings {
            num_beams: (2 * settings.num_beams).max(4),
            no_repeat_ngram_size: match settings.no_repeat_ngram_size {
                0 => 4,
                size => size.min(4),
            },
            ..settings.clone()
        });
        for id in [settings.forced_bos_token_id, settings.forced_eos_token_id] {
            folder.config.check_target_token(&folder.dir, id)?;
        }
        if options.shortlist {
            if options.device != Device::Cpu {
                return Err(TranslateError::ShortlistOnGpu);
            }
            let vocabulary = folder.config.target_vocab_size();
            settings.shortlist = Some(Arc::new(Shortlist::read(&folder.dir, vocabulary)?));
        }
        let positions = folder.config.max_position_embeddings;
        let longest_output = folder
            .generation
            .max_length
            .unwrap_or(positions)
            .min(positions);
        let longest_piece = LONGEST_PIECE.min(positions);
        let workers = rayon::ThreadPoolBuilder::new()
            .num_threads(options.workers)
            .thread_name(|index| format!("worker-{index}"))
            .build()
            .map_err(|source| TranslateError::Workers {
                workers: options.workers,
                source,
            })?;
        let arithmetic = engine.arithmetic(numeric);
        let identity = format!(
            "{digest} {arithmetic} {source:?} {settings:?} {retry:?} {longest_piece} {longest_output} {NORMALIZER_VERSION} {} {}",
            guard::VERSION,
            entry::VERSION,
        );
        let key = KeyBuilder::new().part("translation", identity.as_bytes());
        Ok(Self {
            name: folder.name.clone(),
            digest,
            engine,
            tokenizer,
            source,
            settings,
            retry,
            arithmetic,
            longest_piece,
            longest_output,
            workers,
            identity,
            key,
        })
    }

    /// Name of the model.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// blake3 of the model's files, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Names all that a translation depends on, but for the text and the processor: model,
    /// arithmetic, settings, versions of the code.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Whether the texts are French, as far as the model is told.
    pub fn reads_french(&self) -> bool {
        self.source == self.source.and(self.tokenizer.language("fr"))
    }

    pub fn beam(&self) -> usize {
        self.settings.num_beams
    }

    /// The arithmetic as far as results depend on it: `f32` or `int8` on processors, `f16-cuda` and
    /// the like on GPUs, which round otherwise.
    pub fn arithmetic(&self) -> &str {
        &self.arithmetic
    }

    /// The arithmetic and, on processors, the kernels that it runs on. Results do not depend on the
    /// kernels.
    pub fn numeric_path(&self) -> String {
        let kernels = self.engine.kernels();
        [Some(&*self.arithmetic), kernels]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("-")
    }

    /// Threads that translate, or do what is left to the processor.
    pub fn workers(&self) -> &rayon::ThreadPool {
        &self.workers
    }

    /// Translates `texts`; the result stands in their order. A text longer than the network takes
    /// is cut at clause boundaries, never shortened. Each translation depends on its text alone.
    ///
    /// `progress` is called from the workers as work gets done.
    ///
    /// Once `stop` is set, what has been decoded is kept, and nothing more is begun. A text over which
    /// the network breaks down gets [`Defect::Failed`]; a cache that fails is done without.
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
        let memory = Memory {
            cache,
            error: Mutex::new(None),
        };
        let mut found = memory.get(&keys);
        let missing: Vec<usize> = (0..pieces.len()).filter(|&i| found[i].is_none()).collect();
        progress(Progress {
            cached: pieces.len() - missing.len(),
            ..Progress::default()
        });

        let missing_texts: Vec<&str> = missing.iter().map(|&index| pieces[index]).collect();
        let save = |batch: &[(usize, Translation)]| {
            let batch = batch.iter();
            memory.put(batch.map(|(index, translation)| (keys[missing[*index]], translation)));
        };
        let translated = self.run(&missing_texts, stop, &save, progress)?;
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
            cache_error: memory.error.into_inner().unwrap_or_else(|p| p.into_inner()),
        })
    }

    /// The pieces of `texts`, and whether the cache has them.
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

    /// The text as the network reads it, in pieces that are not too long for it.
    fn pieces(&self, text: &str) -> Vec<String> {
        let text = for_network(text);
        let fits = |piece: &str| self.encode(piece).len() <= self.longest_piece;
        if fits(&text) {
            return vec![text];
        }
        split_long(&text, fits)
            .into_iter()
            .map(|span| span.slice(&text).trim().to_owned())
            .collect()
    }

    /// The ids of a piece; none of one over which the tokenizer breaks down.
    fn encode(&self, piece: &str) -> Vec<u32> {
        let encode = || self.tokenizer.encode(piece, self.source);
        catch_unwind(AssertUnwindSafe(encode)).unwrap_or_default()
    }

    fn key(&self, piece: &str) -> Key {
        self.key.clone().part("text", piece.as_bytes()).finish()
    }

    /// Translates pieces that are all different, the longest first, on all workers.
    fn run(
        &self,
        pieces: &[&str],
        stop: &AtomicBool,
        save: &Save<'_>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Option<Translation>>, TranslateError> {
        let ids: Vec<Vec<u32>> = self
            .workers
            .install(|| pieces.par_iter().map(|piece| self.encode(piece)).collect());
        let mut order: Vec<usize> = (0..pieces.len())
            .filter(|&index| !ids[index].is_empty())
            .collect();
        order.sort_by_key(|&index| std::cmp::Reverse(ids[index].len()));
        let taken = AtomicUsize::new(0);
        let stream = || {
            let mut stream = Stream {
                translator: self,
                pieces,
                ids: &ids,
                stop,
                save,
                progress,
                translated: Vec::new(),
                saved: 0,
                work: Progress::default(),
                doubtful: Vec::new(),
            };
            stream.run(|| order.get(taken.fetch_add(1, Ordering::Relaxed)).copied())?;
            Ok(stream.translated)
        };
        let streams: Vec<Result<_, TranslateError>> = if self.engine.wants_one_stream() {
            vec![self.workers.install(stream)]
        } else {
            self.workers.broadcast(|_| stream())
        };
        progress(Progress {
            failed: pieces.len() - order.len(),
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

    fn read_output(&self, source: &str, max_length: usize, output: Output) -> Translation {
        let text = if source.is_empty() {
            String::new()
        } else {
            self.tokenizer.decode(&output.ids).trim().to_owned()
        };
        let cut_off = output.ids.len() + 1 >= max_length;
        let mut defects = guard::check(source, &text, cut_off);
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

/// The token that texts in the language `code` begin with; none for models of one language.
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

/// The cache, as long as it does what it should.
struct Memory<'a> {
    cache: Option<&'a Store>,
    error: Mutex<Option<CacheError>>,
}

impl Memory<'_> {
    fn get(&self, keys: &[Key]) -> Vec<Option<Translation>> {
        let found = self.with(|cache| cache.get_many(keys));
        match found {
            Some(found) => found
                .into_iter()
                .map(|value| entry::from_bytes(&value?))
                .collect(),
            None => vec![None; keys.len()],
        }
    }

    /// Failures are not kept: another day may bring a translation.
    fn put<'t>(&self, translations: impl Iterator<Item = (Key, &'t Translation)>) {
        let entries: Vec<_> = translations
            .filter(|(_, translation)| !translation.has_failed())
            .map(|(key, translation)| (key, entry::to_bytes(translation)))
            .collect();
        if !entries.is_empty() {
            self.with(|cache| cache.put_many(&entries));
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Store) -> Result<T, CacheError>) -> Option<T> {
        let cache = self.cache?;
        // Locked for the check alone: threads write at the same time.
        if self.error().is_some() {
            return None;
        }
        match work(cache) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error().get_or_insert(error);
                None
            }
        }
    }

    fn error(&self) -> MutexGuard<'_, Option<CacheError>> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts translations, each with the index of its piece, into the cache.
type Save<'a> = dyn Fn(&[(usize, Translation)]) + Sync + 'a;

/// What one worker translates.
struct Stream<'a> {
    translator: &'a Translator,
    pieces: &'a [&'a str],
    /// Tokens of each piece.
    ids: &'a [Vec<u32>],
    stop: &'a AtomicBool,
    save: &'a Save<'a>,
    progress: &'a (dyn Fn(Progress) + Sync),
    /// Pieces by their index.
    translated: Vec<(usize, Translation)>,
    /// How many of these are in the cache.
    saved: usize,
    /// Work not yet reported.
    work: Progress,
    /// Translations that failed their checks.
    doubtful: Vec<(usize, Translation)>,
}

/// The network broke down over some of these.
struct Broken {
    unfinished: BTreeSet<usize>,
}

impl Stream<'_> {
    /// Translates the pieces that `next` names, and saves and reports them.
    fn run(&mut self, next: impl FnMut() -> Option<usize>) -> Result<(), TranslateError> {
        let decoded = self.decode_and_retry(next);
        self.flush();
        Ok(decoded?)
    }

    /// Translates the pieces that `next` names, then once more, with other settings, what failed
    /// its checks.
    fn decode_and_retry(
        &mut self,
        mut next: impl FnMut() -> Option<usize>,
    ) -> Result<(), NetworkError> {
        let retry = self.translator.retry.as_ref();
        self.decode(
            &mut next,
            &self.translator.settings,
            |stream, index, translation| {
                let is_doubtful = !translation.defects.is_empty() && !translation.has_failed();
                if retry.is_some() && is_doubtful {
                    stream.doubtful.push((index, translation));
                } else {
                    stream.keep(index, translation);
                }
            },
        )?;
        let Some(settings) = retry else { return Ok(()) };
        let first: HashMap<usize, Translation> = self.doubtful.drain(..).collect();
        let mut again: Vec<usize> = first.keys().copied().collect();
        again.sort_by_key(|&index| (std::cmp::Reverse(self.ids[index].len()), index));
        self.work.retried = again.len();
        let mut again = again.into_iter();
        self.decode(&mut || again.next(), settings, |stream, index, second| {
            let first = &first[&index];
            let better = defect::severity(&second.defects) < defect::severity(&first.defects);
            let better = better && !second.has_failed();
            stream.keep(index, if better { second } else { first.clone() });
        })
    }

    /// Decodes the pieces that `next` names. Should the network break down, what was being decoded is
    /// tried again piece by piece, and the one at fault goes without a translation.
    fn decode(
        &mut self,
        next: &mut dyn FnMut() -> Option<usize>,
        settings: &Settings,
        mut take: impl FnMut(&mut Self, usize, Translation),
    ) -> Result<(), NetworkError> {
        while let Err(Broken { unfinished }) = self.try_decode(next, settings, &mut take)? {
            for index in unfinished {
                let mut alone = std::iter::once(index);
                let decoded = self.try_decode(&mut || alone.next(), settings, &mut take)?;
                if decoded.is_err() {
                    take(self, index, Translation::failed());
                }
            }
        }
        Ok(())
    }

    fn try_decode(
        &mut self,
        next: &mut dyn FnMut() -> Option<usize>,
        settings: &Settings,
        take: &mut dyn FnMut(&mut Self, usize, Translation),
    ) -> Result<Result<(), Broken>, NetworkError> {
        let Self {
            translator,
            pieces,
            ids,
            stop,
            ..
        } = *self;
        let stopped = || stop.load(Ordering::Relaxed);
        let max_length = |index: usize| {
            // Real translations are shorter; loops are cut here, to be flagged and tried again.
            (2 * ids[index].len() + 32).min(translator.longest_output)
        };
        let input = |index: usize| Input {
            key: index,
            ids: &ids[index],
            max_length: max_length(index),
        };
        let unfinished = RefCell::new(BTreeSet::new());
        let decode = || {
            translator.engine.decode_stream(
                settings,
                || {
                    let index = if stopped() { None } else { next() }?;
                    unfinished.borrow_mut().insert(index);
                    Some(input(index))
                },
                |index, output| {
                    fault::panic_at("decode", pieces[index]);
                    self.work.source_tokens += ids[index].len();
                    self.work.target_tokens += output.ids.len();
                    let translation =
                        translator.read_output(pieces[index], max_length(index), output);
                    take(self, index, translation);
                    unfinished.borrow_mut().remove(&index);
                },
                || !stopped(),
            )
        };
        match catch_unwind(AssertUnwindSafe(decode)) {
            Ok(decoded) => decoded.map(Ok),
            Err(_) => Ok(Err(Broken {
                unfinished: unfinished.into_inner(),
            })),
        }
    }

    fn keep(&mut self, index: usize, translation: Translation) {
        if translation.has_failed() {
            self.work.failed += 1;
        } else {
            self.work.translated += 1;
        }
        self.translated.push((index, translation));
        if self.translated.len() - self.saved >= SAVED_TOGETHER {
            self.flush();
        }
    }

    /// Saves and reports what is new.
    fn flush(&mut self) {
        (self.save)(&self.translated[self.saved..]);
        self.saved = self.translated.len();
        (self.progress)(std::mem::take(&mut self.work));
    }
}
