//! A loaded model that translates many texts at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{Flag, Progress, TranslateError, Translation, entry, guard};
use crate::cache::{Key, KeyBuilder, Store};
use crate::decode::{Input, Output, Settings, batches, decode};
use crate::model::ModelFolder;
use crate::nn::{Network, Numeric};
use crate::text::{NORMALIZER_VERSION, for_network, split_long};
use crate::tokenizer::Tokenizer;

/// Longest piece of text that goes through the network at once, in tokens. Models know positions up
/// to 512, but were trained on single sentences and drop clauses of longer ones.
const LONGEST_PIECE: usize = 192;
/// Source tokens of a batch, padding counted.
const BATCH_TOKENS: usize = 1024;

#[derive(Clone, Debug)]
pub struct Options {
    /// Beams; what the model's authors chose where absent.
    pub beam: Option<usize>,
    pub numeric: Numeric,
    /// Threads; one batch each.
    pub workers: usize,
    /// Decode a translation that fails its checks a second time with other settings.
    pub retry: bool,
}

/// A model with its settings. Shared by all threads; weights are in memory once.
pub struct Translator {
    name: String,
    digest: String,
    network: Network,
    tokenizer: Tokenizer,
    settings: Settings,
    retry: Option<Settings>,
    numeric: Numeric,
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
    /// If the folder is incomplete, damaged, or holds a model that cannot be run.
    pub fn load(folder: &ModelFolder, options: &Options) -> Result<Self, TranslateError> {
        let tokenizer = Tokenizer::load(&folder.dir, &folder.config.model_type)?;
        if tokenizer.vocab_size() > folder.config.vocab_size {
            return Err(TranslateError::Vocabulary {
                dir: folder.dir.display().to_string(),
                vocabulary: tokenizer.vocab_size(),
                config: folder.config.vocab_size,
            });
        }
        let network = Network::load(folder, options.numeric)?;
        let digest = ModelFolder::digest(&folder.dir)?;
        let mut settings = Settings::of_model(&folder.generation, &network);
        if let Some(beam) = options.beam {
            settings.num_beams = beam;
        }
        let retry = options.retry.then(|| Settings {
            num_beams: (2 * settings.num_beams).max(4),
            no_repeat_ngram_size: 4,
            ..settings.clone()
        });
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
        let identity = format!(
            "{digest} {} {settings:?} {retry:?} {longest_piece} {longest_output} {NORMALIZER_VERSION} {} {}",
            options.numeric.as_str(),
            guard::VERSION,
            entry::VERSION,
        );
        let key = KeyBuilder::new()
            .part("translation", identity.as_bytes())
            .part("path", options.numeric.path().as_bytes());
        Ok(Self {
            name: folder.name.clone(),
            digest,
            network,
            tokenizer,
            settings,
            retry,
            numeric: options.numeric,
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

    pub fn beam(&self) -> usize {
        self.settings.num_beams
    }

    pub fn numeric(&self) -> Numeric {
        self.numeric
    }

    /// Threads that translate.
    pub fn workers(&self) -> &rayon::ThreadPool {
        &self.workers
    }

    /// Translates `texts`; the result stands in their order. A text longer than the network takes
    /// is cut at clause boundaries, never shortened. Each translation depends on its text alone.
    ///
    /// `progress` is called from the workers as work gets done.
    ///
    /// # Errors
    /// [`TranslateError::Interrupted`] once `stop` is set, with all finished batches in the cache.
    pub fn translate(
        &self,
        texts: &[&str],
        cache: Option<&Store>,
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Translation>, TranslateError> {
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
        let mut found: Vec<Option<Translation>> = match cache {
            Some(cache) => cache
                .get_many(&keys)?
                .into_iter()
                .map(|value| entry::from_bytes(&value?))
                .collect(),
            None => vec![None; pieces.len()],
        };
        let missing: Vec<usize> = (0..pieces.len()).filter(|&i| found[i].is_none()).collect();
        progress(Progress {
            cached: pieces.len() - missing.len(),
            ..Progress::default()
        });

        let missing_texts: Vec<&str> = missing.iter().map(|&index| pieces[index]).collect();
        let save = |index: usize, translation: &Translation| {
            (keys[missing[index]], entry::to_bytes(translation))
        };
        let translated = self.run(
            &missing_texts,
            stop,
            |batch, translations| {
                let Some(cache) = cache else { return Ok(()) };
                let pairs = batch.iter().zip(translations);
                let entries: Vec<_> = pairs
                    .map(|(&index, translation)| save(index, translation))
                    .collect();
                cache.put_many(&entries)
            },
            progress,
        )?;
        for (index, translation) in missing.into_iter().zip(translated) {
            found[index] = Some(translation);
        }

        let piece = |piece: &String| {
            found[index_of[piece.as_str()]]
                .clone()
                .expect("all were found")
        };
        Ok(texts
            .iter()
            .map(|pieces| join(pieces.iter().map(piece).collect()))
            .collect())
    }

    /// The text as the network reads it, in pieces that are not too long for it.
    fn pieces(&self, text: &str) -> Vec<String> {
        let text = for_network(text);
        let fits = |piece: &str| self.tokenizer.encode(piece, None).len() <= self.longest_piece;
        if fits(&text) {
            return vec![text];
        }
        split_long(&text, fits)
            .into_iter()
            .map(|span| span.slice(&text).trim().to_owned())
            .collect()
    }

    fn key(&self, piece: &str) -> Key {
        self.key.clone().part("text", piece.as_bytes()).finish()
    }

    /// Translates pieces that are all different, in batches of similar length on all workers.
    /// `done` receives the indices and translations of each batch.
    fn run(
        &self,
        pieces: &[&str],
        stop: &AtomicBool,
        done: impl Fn(&[usize], &[Translation]) -> Result<(), crate::cache::CacheError> + Sync,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Translation>, TranslateError> {
        self.workers.install(|| {
            let ids: Vec<Vec<u32>> = pieces
                .par_iter()
                .map(|piece| self.tokenizer.encode(piece, None))
                .collect();
            let mut order: Vec<usize> = (0..pieces.len()).collect();
            order.sort_by_key(|&index| std::cmp::Reverse(ids[index].len()));
            let lengths: Vec<usize> = order.iter().map(|&index| ids[index].len()).collect();

            let translated: Vec<Vec<(usize, Translation)>> = batches(&lengths, BATCH_TOKENS)
                .into_par_iter()
                .with_max_len(1)
                .map(|batch| {
                    if stop.load(Ordering::Relaxed) {
                        return Err(TranslateError::Interrupted);
                    }
                    let batch = &order[batch];
                    let inputs: Vec<(&str, &[u32])> = batch
                        .iter()
                        .map(|&index| (pieces[index], ids[index].as_slice()))
                        .collect();
                    let (translations, work) = self.translate_batch(&inputs)?;
                    done(batch, &translations)?;
                    progress(work);
                    Ok(batch.iter().copied().zip(translations).collect())
                })
                .collect::<Result<_, TranslateError>>()?;

            let mut translations: Vec<Option<Translation>> = vec![None; pieces.len()];
            for (index, translation) in translated.into_iter().flatten() {
                translations[index] = Some(translation);
            }
            Ok(translations.into_iter().flatten().collect())
        })
    }

    /// Translates one batch of (text, ids); what fails its checks is decoded once more.
    fn translate_batch(
        &self,
        inputs: &[(&str, &[u32])],
    ) -> Result<(Vec<Translation>, Progress), TranslateError> {
        let mut work = Progress {
            translated: inputs.len(),
            ..Progress::default()
        };
        let mut translations = self.decode(inputs, &self.settings, &mut work)?;
        let Some(settings) = &self.retry else {
            return Ok((translations, work));
        };
        let failed: Vec<usize> = (0..inputs.len())
            .filter(|&index| !translations[index].flags.is_empty())
            .collect();
        if failed.is_empty() {
            return Ok((translations, work));
        }
        work.retried = failed.len();
        let again: Vec<_> = failed.iter().map(|&index| inputs[index]).collect();
        for (index, second) in failed
            .into_iter()
            .zip(self.decode(&again, settings, &mut work)?)
        {
            let first = &mut translations[index];
            if severity(&second.flags) < severity(&first.flags) {
                *first = second;
            }
        }
        Ok((translations, work))
    }

    fn decode(
        &self,
        inputs: &[(&str, &[u32])],
        settings: &Settings,
        work: &mut Progress,
    ) -> Result<Vec<Translation>, TranslateError> {
        // Nothing to say about nothing: the empty sentence is its end token alone.
        let sequences: Vec<Input<'_>> = inputs
            .iter()
            .map(|(_, ids)| Input {
                ids,
                // Real translations are shorter; loops are cut here, to be flagged and tried again.
                max_length: (2 * ids.len() + 32).min(self.longest_output),
            })
            .collect();
        let outputs = decode(&self.network, &sequences, settings)?;
        work.source_tokens += sequences.iter().map(|input| input.ids.len()).sum::<usize>();
        work.target_tokens += outputs.iter().map(|output| output.ids.len()).sum::<usize>();
        Ok(inputs
            .iter()
            .zip(sequences)
            .zip(outputs)
            .map(|(((text, _), input), output)| self.read_output(text, input.max_length, output))
            .collect())
    }

    fn read_output(&self, source: &str, max_length: usize, output: Output) -> Translation {
        let text = if source.is_empty() {
            String::new()
        } else {
            self.tokenizer.decode(&output.ids).trim().to_owned()
        };
        let cut_off = output.ids.len() + 1 >= max_length;
        let mut flags = guard::check(source, &text, cut_off);
        if output.ids.contains(&self.tokenizer.unk()) {
            flags.push(Flag::UnknownWord);
            flags.sort_unstable();
        }
        Translation {
            flags,
            text,
            score: output.score,
            vector: entry::quantize(&output.vector),
        }
    }
}

/// A lost number or word is better than a translation that is none.
fn severity(flags: &[Flag]) -> usize {
    let weight = |flag: &Flag| match flag {
        Flag::NumberLost | Flag::UnknownWord => 1,
        _ => 3,
    };
    flags.iter().map(weight).sum()
}

/// One translation of consecutive pieces.
fn join(mut pieces: Vec<Translation>) -> Translation {
    if pieces.len() == 1
        && let Some(only) = pieces.pop()
    {
        return only;
    }
    let count = pieces.len().max(1) as f32;
    let width = pieces.first().map_or(0, |piece| piece.vector.len());
    let mut sum = vec![0.0f32; width];
    for piece in &pieces {
        for (sum, value) in sum.iter_mut().zip(&piece.vector) {
            *sum += f32::from(*value);
        }
    }
    let mut flags: Vec<Flag> = pieces
        .iter()
        .flat_map(|piece| piece.flags.clone())
        .collect();
    flags.sort_unstable();
    flags.dedup();
    let texts: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
    Translation {
        text: texts.join(" "),
        score: pieces.iter().map(|piece| piece.score).sum::<f32>() / count,
        flags,
        vector: entry::quantize(&sum),
    }
}
