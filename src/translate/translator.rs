//! A loaded model that translates many texts at once.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::cached::CacheSession;
use super::content::French;
use super::forms::{Given, MARKS, Plan, STYLES, english_form, is_probe_copied, probes};
use super::identity::Identity;
use super::stream::{self, Shared};
use super::terms::{self, Found, Hints, Terms};
use super::{
    Defect, Options, Origin, Progress, SourceLanguage, Text, TranslateError, Translation, guard,
};
use crate::cache::{CacheError, Key, KeyBuilder, Store};
use crate::fault;
use french::text::{Normalized, for_network, split_long};
use seq2seq::decode::{Engine, Input, Output, Settings};
use seq2seq::model::{ModelError, ModelFolder, Shortlist, Weights};
use seq2seq::nn::{Device, Numeric};
use seq2seq::tokenizer::Tokenizer;

/// Maximal number of tokens of a piece of text. Models know positions up to 512, but were trained
/// on single sentences and drop clauses of longer ones.
const LONGEST_PIECE: usize = 192;

/// Words from which on a piece is tried in parts if its translation fails its checks, and the
/// words of a part.
const LONG_PIECE: usize = 60;
const LONGEST_PART: usize = 40;

/// Pieces of a word from which on a model hardly knows it.
const PIECES_OF_RARE_WORDS: usize = 3;

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

/// A piece of text that is short enough for the network, with the terms in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Piece {
    pub text: String,
    pub terms: Vec<Found>,
}

impl Piece {
    fn new(text: String, terms: Option<&Terms>) -> Self {
        Self {
            terms: terms.map_or_else(Vec::new, |terms| terms.find(&text)),
            text,
        }
    }

    /// Whether networks are likely to drop clauses of it.
    pub(super) fn is_long(&self) -> bool {
        self.text.split_whitespace().count() > LONG_PIECE
    }
}

/// A piece as it goes through the network.
pub(super) struct Prepared {
    pub given: Given,
    /// Tokens of what is given, none if the tokenizer panicked.
    pub ids: Vec<u32>,
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
    /// See [`Self::style`].
    styles: OnceLock<[usize; STYLES]>,
    /// Ids of the marks of an annotated term, if the model has learnt to follow them.
    annotation: Option<[u32; 3]>,
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
        let hints = Hints::read(&folder.dir)?;
        Ok(Self {
            name: folder.name.clone(),
            digest,
            engine,
            language: match (source, hints.source.as_deref()) {
                (Some(token), _) if tokenizer.language("fr") != Some(token) => {
                    SourceLanguage::Other
                }
                (None, Some(other)) if other != "fr" => SourceLanguage::Other,
                _ => SourceLanguage::French,
            },
            annotation: hints.annotation(&folder.dir, &tokenizer)?,
            styles: OnceLock::new(),
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
        texts: &[Text<'_>],
        cache: Option<&Store>,
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Translated, TranslateError> {
        let pieces_of: Vec<Vec<Piece>> = self
            .workers
            .install(|| texts.par_iter().map(|text| self.pieces(*text)).collect());
        let mut index_of: HashMap<&Piece, usize> = HashMap::new();
        let mut pieces: Vec<&Piece> = Vec::new();
        for piece in pieces_of.iter().flatten() {
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

        let missing_pieces: Vec<&Piece> = missing.iter().map(|&index| pieces[index]).collect();
        let missing_keys: Vec<Key> = missing.iter().map(|&index| keys[index]).collect();
        let translated = self.translate_missing(&Shared {
            translator: self,
            pieces: &missing_pieces,
            keys: &missing_keys,
            prepared: &self.prepare_all(&missing_pieces),
            cache: &cache,
            stop,
            progress,
        })?;
        for (index, translation) in missing.iter().zip(translated) {
            found[*index] = translation;
        }

        let piece = |piece: &Piece| found[index_of[piece]].clone();
        let text = |(text, pieces): (&Text<'_>, &Vec<Piece>)| {
            if let Some(known) = text.known {
                return Some(Translation::known(known));
            }
            let pieces: Option<Vec<Translation>> = pieces.iter().map(piece).collect();
            pieces.map(|pieces| Translation::join(pieces, " "))
        };
        let translations = texts.iter().zip(&pieces_of).map(text).collect();
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
        texts: &[Text<'_>],
        cache: Option<&Store>,
    ) -> Result<Vec<Untranslated>, CacheError> {
        let pieces: Vec<Piece> = texts.iter().flat_map(|text| self.pieces(*text)).collect();
        let keys: Vec<Key> = pieces.iter().map(|piece| self.key(piece)).collect();
        let found = match cache {
            Some(cache) => cache.get_many(&keys)?,
            None => vec![None; keys.len()],
        };
        let pieces = pieces.into_iter().zip(keys).zip(found);
        Ok(pieces
            .map(|((piece, key), found)| Untranslated {
                is_cached: found.is_some(),
                tokens: self.encode(&piece.text).len(),
                text: piece.text,
                key,
            })
            .collect())
    }

    /// Returns the normalised text in pieces that are short enough for the network; none of a text
    /// whose English is known.
    fn pieces(&self, text: Text<'_>) -> Vec<Piece> {
        if text.known.is_some() {
            return Vec::new();
        }
        let terms = text.terms;
        let text = match self.language {
            SourceLanguage::French => for_network(text.text),
            SourceLanguage::Other => Normalized::for_model(text.text).text().to_owned(),
        };
        let piece = |text: String| Piece::new(text, terms);
        let fits = |piece: &str| self.encode(piece).len() <= self.longest_piece;
        if fits(&text) {
            return vec![piece(text)];
        }
        split_long(&text, fits)
            .into_iter()
            .map(|span| piece(span.slice(&text).trim().to_owned()))
            .collect()
    }

    /// Cuts a long piece where a reader would pause.
    pub(super) fn parts(&self, piece: &Piece) -> Vec<Piece> {
        let terms = Terms::new(piece.terms.iter().map(|found| found.term.clone()));
        let parts = parts_of(&piece.text).into_iter();
        parts
            .map(|part| Piece::new(part.to_owned(), Some(&terms)))
            .collect()
    }

    /// The translation of a piece that was translated in `parts`.
    pub(super) fn joined(&self, piece: &Piece, parts: Vec<Translation>) -> Translation {
        let mut joined = Translation::join(parts, " ");
        let whole = guard::check(
            self.language,
            &piece.text,
            &piece.terms,
            &joined.text,
            false,
        );
        joined.defects.extend(whole);
        joined.defects.sort_unstable();
        joined.defects.dedup();
        joined
    }

    /// Returns the ids of a piece, which are empty if the tokenizer panics.
    fn encode(&self, piece: &str) -> Vec<u32> {
        let encode = || self.tokenizer.encode(piece, self.source);
        catch_unwind(AssertUnwindSafe(encode)).unwrap_or_default()
    }

    /// Returns a piece as it goes through the network at first. If the model has learnt to follow
    /// annotations, terms whose English differs and names that it hardly knows have one.
    pub(super) fn prepare(&self, piece: &Piece) -> Prepared {
        let mut plan = Plan::default();
        if self.annotation.is_some() {
            let wanted = piece
                .terms
                .iter()
                .filter(|found| self.wants_annotation(found));
            plan.annotated = wanted.cloned().collect();
        }
        self.planned(piece, &plan)
    }

    /// Returns a piece as it goes through the network after a translation that was not good. Tokens
    /// and terms that `translation` lost go out in another form, which depends on the `round`.
    pub(super) fn prepare_again(
        &self,
        piece: &Piece,
        translation: &Translation,
        round: usize,
    ) -> Prepared {
        let mut plan = Plan {
            style: self.style(round),
            tokens: translation.defects.contains(&Defect::TokenLost),
            ..Plan::default()
        };
        let annotates = self.annotation.is_some() && round == 0;
        let lost = terms::lost(&piece.terms, &translation.text);
        for found in &piece.terms {
            let is_lost = lost.contains(&found);
            if annotates && (is_lost || self.wants_annotation(found)) {
                plan.annotated.push(found.clone());
            } else if is_lost {
                plan.replaced.push(found.clone());
            }
        }
        self.planned(piece, &plan)
    }

    /// The kind of stand-ins for a round of attempts. The model is asked once which it copies most
    /// reliably.
    fn style(&self, round: usize) -> usize {
        let ask = || {
            let styles = catch_unwind(AssertUnwindSafe(|| self.styles_by_copies()));
            styles.unwrap_or_else(|_| std::array::from_fn(|style| style))
        };
        self.styles.get_or_init(ask)[round % STYLES]
    }

    /// The kinds of stand-ins, those that the model copies most often first.
    fn styles_by_copies(&self) -> [usize; STYLES] {
        let probes: Vec<(usize, Given)> = (0..STYLES)
            .flat_map(|style| probes(style).into_iter().map(move |given| (style, given)))
            .collect();
        let ids: Vec<Vec<u32>> = (probes.iter())
            .map(|(_, given)| self.encode_given(&given.text))
            .collect();
        let mut copies = [0; STYLES];
        let mut next = (0..probes.len()).filter(|&key| ids[key].len() <= self.longest_piece);
        let decoded = self.engine.decode_stream(
            &self.settings,
            || {
                let key = next.next()?;
                Some(Input {
                    key,
                    ids: &ids[key],
                    max_length: (2 * ids[key].len() + 16).min(self.longest_output),
                })
            },
            |key, outputs| {
                let (style, given) = &probes[key];
                let english = given.restore(self.tokenizer.decode(&outputs[0].ids));
                copies[*style] += usize::from(is_probe_copied(&english));
            },
            || true,
        );
        let mut styles = std::array::from_fn(|style| style);
        // A device that fails says so at the next text.
        if decoded.is_ok() {
            styles.sort_by_key(|&style| Reverse(copies[style]));
        }
        styles
    }

    /// Whether a term is spelt otherwise in English or is made of many pieces, as rare names are.
    fn wants_annotation(&self, found: &Found) -> bool {
        let name = &found.term.french;
        let pieces = self.encode(name).len().saturating_sub(1);
        found.term.differs() || pieces > PIECES_OF_RARE_WORDS * name.split(' ').count()
    }

    fn planned(&self, piece: &Piece, plan: &Plan) -> Prepared {
        let knows = |c: char| c.is_ascii_alphanumeric() || self.knows(c);
        let given = Given::new(&piece.text, plan, &knows);
        let ids = self.encode_given(&given.text);
        Prepared { given, ids }
    }

    /// Returns the ids of a text in which terms may be annotated. Each stretch between two marks is
    /// encoded on its own.
    fn encode_given(&self, text: &str) -> Vec<u32> {
        let Some(marks) = self.annotation.filter(|_| text.contains(MARKS)) else {
            return self.encode(text);
        };
        let mut ids = Vec::new();
        for stretch in text.split_inclusive(MARKS) {
            let mark = MARKS.iter().position(|mark| stretch.ends_with(*mark));
            let stretch = stretch.trim_end_matches(MARKS).trim();
            if !stretch.is_empty() {
                let own = self.encode(stretch);
                ids.extend(own.into_iter().filter(|id| *id != self.tokenizer.eos()));
            }
            ids.extend(mark.map(|mark| marks[mark]));
        }
        ids.push(self.tokenizer.eos());
        ids
    }

    fn prepare_all(&self, pieces: &[&Piece]) -> Vec<Prepared> {
        let prepare = |piece: &&Piece| self.prepare(piece);
        self.workers
            .install(|| pieces.par_iter().map(prepare).collect())
    }

    /// Whether the model has a piece for `c`.
    fn knows(&self, c: char) -> bool {
        let mut buffer = [0; 4];
        let ids = self.encode(c.encode_utf8(&mut buffer));
        !ids.contains(&self.tokenizer.unk())
    }

    fn key(&self, piece: &Piece) -> Key {
        let mut key = self.key.clone().part("text", piece.text.as_bytes());
        for Found { range, term } in &piece.terms {
            key = key
                .part("term", range.start.to_string().as_bytes())
                .part("english", term.english.as_bytes());
        }
        key.finish()
    }

    /// Translates the pieces of `shared`, the longest first, on all workers. Returns the
    /// translations in their order, `None` for those that were not translated before the stop.
    fn translate_missing(
        &self,
        shared: &Shared<'_>,
    ) -> Result<Vec<Option<Translation>>, TranslateError> {
        let prepared = shared.prepared;
        let mut order: Vec<usize> = (0..prepared.len())
            .filter(|&index| !prepared[index].ids.is_empty())
            .collect();
        order.sort_by_key(|&index| Reverse(prepared[index].ids.len()));
        let taken = AtomicUsize::new(0);
        let next = || order.get(taken.fetch_add(1, Ordering::Relaxed)).copied();
        let streams = if self.engine.wants_one_stream() {
            vec![self.workers.install(|| stream::translate(shared, next))]
        } else {
            self.workers.broadcast(|_| stream::translate(shared, next))
        };
        (shared.progress)(Progress {
            failed: prepared.len() - order.len(),
            ..Progress::default()
        });
        let failed = |piece: &Prepared| piece.ids.is_empty().then(Translation::failed);
        let mut translations: Vec<Option<Translation>> = prepared.iter().map(failed).collect();
        for stream in streams {
            for (index, translation) in stream? {
                translations[index] = Some(translation);
            }
        }
        Ok(translations)
    }

    /// Chooses among what the network made of a piece, which was `given` to it: the one with the
    /// mildest defects, and of those the one that the network thinks most likely, less what
    /// its words leave out of the French or add to it.
    ///
    /// # Panics
    /// If there are no `outputs`.
    pub(super) fn choose(
        &self,
        piece: &Piece,
        given: &Given,
        max_length: usize,
        outputs: &[Output],
    ) -> Translation {
        let read = |output: &Output| self.read_output(piece, given, max_length, output);
        let first = read(&outputs[0]);
        if self.language != SourceLanguage::French || outputs.len() == 1 {
            return first;
        }
        let french = French::of(&piece.text);
        let mut best = (french.rank(&first), first);
        // It has no defects and no stray words, and no other is likelier.
        if best.0 == (0, -f64::from(best.1.score)) {
            return best.1;
        }
        for output in &outputs[1..] {
            let other = read(output);
            let rank = french.rank(&other);
            if rank < best.0 {
                best = (rank, other);
            }
        }
        best.1
    }

    /// Reads what the network made of a piece, which was `given` to it.
    fn read_output(
        &self,
        piece: &Piece,
        given: &Given,
        max_length: usize,
        output: &Output,
    ) -> Translation {
        let source = piece.text.as_str();
        let mut repaired = Vec::new();
        let text = if source.is_empty() {
            String::new()
        } else {
            let text = self.tokenizer.decode(&output.ids).trim().to_owned();
            let text = given.restore(text);
            match self.language {
                SourceLanguage::French => {
                    let text = english_form(source, &text);
                    let right = terms::repaired(&piece.terms, source, text.clone());
                    repaired = terms::put_right(&piece.terms, &text, &right);
                    right
                }
                SourceLanguage::Other => text,
            }
        };
        let cut_off = output.ids.len() + 1 >= max_length;
        let mut defects = guard::check(self.language, source, &piece.terms, &text, cut_off);
        if output.ids.contains(&self.tokenizer.unk()) {
            defects.push(Defect::UnknownWord);
            defects.sort_unstable();
        }
        Translation {
            defects,
            text,
            score: output.score,
            certainty: output.certainty,
            repaired,
            origin: Origin::Model,
        }
    }
}

/// The parts of a long text, which end where a reader would pause.
pub(super) fn parts_of(text: &str) -> Vec<&str> {
    let fits = |part: &str| part.split_whitespace().count() <= LONGEST_PART;
    let parts = split_long(text, fits).into_iter();
    parts.map(|part| part.slice(text)).collect()
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
    config.check_target_tokens(dir, settings.bounds())?;
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
