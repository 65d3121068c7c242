//! A loaded model that translates many texts at once.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::cached::CacheSession;
use super::content::French;
use super::forms::{Given, MARKS, Plan, STYLES, english_form, is_probe_copied, probes};
use super::gather::Gathering;
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

/// Largest share of a worker, in multiples of what a network decodes together.
const LARGEST_SHARE: usize = 8;

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

/// What follows a translation, and may end it. Its functions are called from the workers.
pub struct Follow<'a> {
    /// Once it is set, no further text is begun, and finished translations are kept.
    pub stop: &'a AtomicBool,
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Receives each group that is complete, with its index. If it breaks, no further text is begun.
    pub done: &'a (dyn Fn(usize, Vec<Translation>) -> ControlFlow<()> + Sync),
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
    /// Tokens of the text as it stands, none if the tokenizer panicked.
    ids: Vec<u32>,
}

impl Piece {
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
        engine: impl FnOnce() -> Result<Engine, TranslateError> + Send,
    ) -> Result<Self, TranslateError> {
        if folder.config.architecture.summarizes() {
            return Err(TranslateError::Summarizes {
                model: folder.name.clone(),
                family: folder.config.architecture.to_string(),
            });
        }
        let tokenizer = || Tokenizer::load(&folder.dir, folder.config.architecture.tokenizer());
        let digest = || ModelFolder::digest(&folder.dir);
        let (engine, (tokenizer, digest)) = rayon::join(engine, || {
            rayon::join(tokenizer, || {
                warm_up();
                digest()
            })
        });
        let tokenizer = tokenizer?;
        (folder.config).check_vocabulary(&folder.dir, tokenizer.vocab_size())?;
        let (engine, digest) = (engine?, digest?);
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

    /// Translates `texts`: [`Self::translate_groups`] without groups.
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
        let groups: Vec<&[Text<'_>]> = texts.chunks(1).collect();
        let translations: Vec<OnceLock<Translation>> = vec![OnceLock::new(); texts.len()];
        let done = |index: usize, group: Vec<Translation>| {
            for translation in group {
                translations[index].get_or_init(|| translation);
            }
            ControlFlow::Continue(())
        };
        let follow = Follow {
            stop,
            progress,
            done: &done,
        };
        let cache_error = self.translate_groups(&groups, cache, &follow)?;
        let translations = translations.into_iter().map(OnceLock::into_inner);
        Ok(Translated {
            translations: translations.collect(),
            cache_error,
        })
    }

    /// Translates groups of texts, such as articles, about in their order, and hands each group over
    /// as soon as its last text is translated. A text that is too long for the network is split at
    /// clause boundaries, never shortened. Each translation depends on its text only.
    ///
    /// A text over which the network panics gets [`Defect::Failed`]. If the cache fails, the work goes
    /// on without it; the result is why it failed.
    ///
    /// # Errors
    /// If the device that the network runs on fails.
    pub fn translate_groups(
        &self,
        groups: &[&[Text<'_>]],
        cache: Option<&Store>,
        follow: &Follow<'_>,
    ) -> Result<Option<CacheError>, TranslateError> {
        let pieces_of: Vec<Vec<Vec<Piece>>> = self.workers.install(|| {
            let groups = groups.par_iter();
            groups
                .map(|texts| texts.iter().map(|text| self.pieces(*text)).collect())
                .collect()
        });
        let mut index_of: HashMap<&Piece, usize> = HashMap::new();
        let mut pieces: Vec<&Piece> = Vec::new();
        for piece in pieces_of.iter().flatten().flatten() {
            index_of.entry(piece).or_insert_with(|| {
                pieces.push(piece);
                pieces.len() - 1
            });
        }

        let keys: Vec<Key> = pieces.iter().map(|piece| self.key(piece)).collect();
        let cache = CacheSession::new(cache);
        let found = cache.get(&keys);
        let missing: Vec<usize> = (0..pieces.len()).filter(|&i| found[i].is_none()).collect();
        let missing_pieces: Vec<&Piece> = missing.iter().map(|&index| pieces[index]).collect();
        let missing_keys: Vec<Key> = missing.iter().map(|&index| keys[index]).collect();
        let prepared = self.prepare_all(&missing_pieces);
        (follow.progress)(Progress {
            cached: pieces.len() - missing.len(),
            expected_tokens: prepared.iter().map(|piece| piece.ids.len()).sum(),
            ..Progress::default()
        });

        let piece = |piece: &Piece| index_of[piece];
        let gathering = Gathering::new(groups, &pieces_of, &piece, found, follow);
        // One stream is not to wait for what is done with the translations.
        let waits = self.engine.wants_one_stream();
        let later = Mutex::new(Vec::new());
        let settled = |index: usize, translation| {
            let complete = gathering.settle(missing[index], translation);
            match waits {
                true => (later.lock().unwrap_or_else(PoisonError::into_inner)).extend(complete),
                false => complete
                    .into_iter()
                    .for_each(|group| gathering.hand_over(group)),
            }
        };
        let hand_over = |complete: Vec<usize>| {
            let complete = complete.into_par_iter();
            (self.workers).install(|| complete.for_each(|group| gathering.hand_over(group)));
        };
        hand_over(gathering.complete());
        let translated = self.translate_missing(&Shared {
            translator: self,
            pieces: &missing_pieces,
            keys: &missing_keys,
            prepared: &prepared,
            cache: &cache,
            stop: follow.stop,
            halted: &gathering.halted,
            progress: follow.progress,
            settled: &settled,
        });
        hand_over(later.into_inner().unwrap_or_else(PoisonError::into_inner));
        translated.map(|()| cache.into_error())
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
                tokens: piece.ids.len(),
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
        let whole = self.piece(text, terms);
        if whole.ids.len() <= self.longest_piece {
            return vec![whole];
        }
        let fits = |piece: &str| self.encode(piece).len() <= self.longest_piece;
        split_long(&whole.text, fits)
            .into_iter()
            .map(|span| self.piece(span.slice(&whole.text).trim().to_owned(), terms))
            .collect()
    }

    fn piece(&self, text: String, terms: Option<&Terms>) -> Piece {
        Piece {
            terms: terms.map_or_else(Vec::new, |terms| terms.find(&text)),
            ids: self.encode(&text),
            text,
        }
    }

    /// Cuts a long piece where a reader would pause.
    pub(super) fn parts(&self, piece: &Piece) -> Vec<Piece> {
        let terms = Terms::new(piece.terms.iter().map(|found| found.term.clone()));
        let parts = parts_of(&piece.text).into_iter();
        parts
            .map(|part| self.piece(part.to_owned(), Some(&terms)))
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
        let is_as_it_stands = given.text == piece.text && !given.text.contains(MARKS);
        let ids = match is_as_it_stands {
            true => piece.ids.clone(),
            false => self.encode_given(&given.text),
        };
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

    /// Translates the pieces of `shared` on all workers, share by share.
    fn translate_missing(&self, shared: &Shared<'_>) -> Result<(), TranslateError> {
        let tokens = |index: usize| shared.prepared[index].ids.len();
        let (known, unknown): (Vec<usize>, Vec<usize>) =
            (0..shared.prepared.len()).partition(|&index| tokens(index) > 0);
        for &index in &unknown {
            (shared.settled)(index, Translation::failed());
        }
        (shared.progress)(Progress {
            failed: unknown.len(),
            ..Progress::default()
        });
        let one_stream = self.engine.wants_one_stream();
        let workers = match one_stream {
            true => None,
            false => Some(self.workers.current_num_threads()),
        };
        let shares = shares(
            known,
            &tokens,
            workers,
            self.engine.running_tokens(self.settings.num_beams),
        );
        let taken = AtomicUsize::new(0);
        let next = || {
            let share = shares.get(taken.fetch_add(1, Ordering::Relaxed))?;
            Some(share.as_slice())
        };
        let streams = if one_stream {
            vec![self.workers.install(|| stream::translate(shared, next))]
        } else {
            self.workers.broadcast(|_| stream::translate(shared, next))
        };
        streams.into_iter().try_for_each(|stream| Ok(stream?))
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

/// Cuts `pieces` into shares, each for one worker, which keep their order; within a share the longest
/// come first, because what ends last is short then. The first shares are as small as a network wants
/// to be busy (`running` tokens), so that something is done soon; they grow, because a share ends with
/// fewer sentences than can be decoded together, up to [`LARGEST_SHARE`] times that; and towards the end
/// they are small again, so that no worker waits long for the others. Without `workers` there is one
/// share.
pub(super) fn shares(
    pieces: Vec<usize>,
    tokens: &dyn Fn(usize) -> usize,
    workers: Option<usize>,
    running: usize,
) -> Vec<Vec<usize>> {
    let mut left: usize = pieces.iter().map(|&piece| tokens(piece)).sum();
    let mut shares: Vec<Vec<usize>> = Vec::new();
    let (mut room, mut grown) = (0, 0);
    for piece in pieces {
        if room == 0 {
            room = match workers {
                None => usize::MAX,
                Some(workers) => {
                    grown = (grown + running.div_ceil(workers)).min(LARGEST_SHARE * running);
                    grown.min(left / (2 * workers)).max(running)
                }
            };
            shares.push(Vec::new());
        }
        let tokens = tokens(piece);
        room = room.saturating_sub(tokens);
        left -= tokens;
        shares.last_mut().expect("one has been begun").push(piece);
    }
    for share in &mut shares {
        share.sort_by_key(|&piece| (Reverse(tokens(piece)), piece));
    }
    shares
}

/// The parts of a long text, which end where a reader would pause.
pub(super) fn parts_of(text: &str) -> Vec<&str> {
    let fits = |part: &str| part.split_whitespace().count() <= LONGEST_PART;
    let parts = split_long(text, fits).into_iter();
    parts.map(|part| part.slice(text)).collect()
}

/// Reads the tables and compiles the expressions of the forms and checks, which the first sentences would
/// otherwise wait for.
fn warm_up() {
    const FRENCH: &str =
        "À 8 h 30, « une heure plus tôt », Rémi a payé 1 500,50 € au XXe siècle : 5 % à 10 °C.";
    const ENGLISH: &str =
        "At 8.30 am, “an hour before”, Renni paid 1,500.50 euro in the XX century: 5 % at 10 ° C.";
    let english = terms::repaired(&[], FRENCH, english_form(FRENCH, ENGLISH));
    guard::check(SourceLanguage::French, FRENCH, &[], &english, false);
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
    let on_cpu = options.device == Device::Cpu;
    let usable = || on_cpu && Shortlist::is_in(dir);
    if options.shortlist.unwrap_or_else(usable) {
        if !on_cpu {
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
