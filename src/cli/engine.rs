//! Options that choose and set up the translation engine, shared by several commands.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use clap::builder::{
    BoolishValueParser, PossibleValuesParser, RangedU64ValueParser, TypedValueParser,
};

use super::console::Console;
use crate::glossary::Glossary;
use crate::memory::Memory;
use crate::models::Registry;
use crate::translate::{Options, Translator};
use seq2seq::model::ModelFolder;
use seq2seq::nn::{Cpu, Device, Numeric};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Engine options")]
pub(super) struct EngineArgs {
    /// Model that translates
    ///
    /// A name listed by `precis models list`, or the folder of an encoder–decoder (MarianMT, NLLB,
    /// M2M100, mBART-50) as downloaded from the Hugging Face hub
    #[arg(long, value_name = "NAME|DIR", env = "PRECIS_MODEL")]
    pub model: Option<String>,
    /// Language of the texts, for models that read several: `fr`, or the model's own name for it
    /// such as `fra_Latn`. Default: French
    #[arg(long, value_name = "LANGUAGE", env = "PRECIS_SOURCE")]
    pub source: Option<String>,
    /// Number of beams of the search: more are slower and slightly better, 1 is greedy search.
    /// Default: as set by the model, else 4
    #[arg(long, value_name = "N", env = "PRECIS_BEAM", value_parser = RangedU64ValueParser::<usize>::new().range(1..=64))]
    pub beam: Option<usize>,
    /// Device for the network: `cpu`, or an NVIDIA GPU by its number, such as `cuda:0`, which needs
    /// a precis that was built with `--features cuda`
    #[arg(
        long,
        value_name = "DEVICE",
        env = "PRECIS_DEVICE",
        default_value = "cpu"
    )]
    pub device: Device,
    /// Arithmetic. On processors: `int8`, the default, is about three times as fast, in less
    /// memory; `f32` is the reference; translations are equally good. On GPUs: `f16` is the
    /// default; `bf16` has more range and less precision; `f32`
    #[arg(long, value_name = "TYPE", env = "PRECIS_NUMERIC", value_parser = numeric())]
    pub numeric: Option<Numeric>,
    /// Choose the words of each translation from the model's lexical shortlist only, which makes the
    /// search up to twice as fast; `--shortlist=false` searches all words. Translations that fail
    /// their checks are decoded again with all words either way. Default: on processors, where the
    /// model folder has a shortlist.safetensors
    #[arg(long, value_name = "BOOL", env = "PRECIS_SHORTLIST", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub shortlist: Option<bool>,
    /// Kernels: `amx`, `avx512` (with VNNI), `avx-vnni`, `avx2`, Arm's `i8mm` and `dotprod`, or
    /// `portable`; all give the same translations. Default: the fastest that this processor has
    #[arg(long, value_name = "NAME", env = "PRECIS_CPU")]
    pub cpu: Option<Cpu>,
    /// Number of threads, each of which translates its own batch. A GPU translates one batch at a
    /// time, and the threads do the rest. Default: one per processor core
    #[arg(long, value_name = "N", env = "PRECIS_WORKERS", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub workers: Option<usize>,
    /// Names and words with the English that translations have to have for them
    ///
    /// A file of one entry a line: French, tab, English and, if wanted, tab and kind (person,
    /// organisation, place, word)
    #[arg(long, value_name = "FILE", env = "PRECIS_GLOSSARY")]
    pub glossary: Option<PathBuf>,
    /// Sentences that people have translated, which are taken as they are: a translation memory in
    /// TMX, French and English
    #[arg(long, value_name = "FILE", env = "PRECIS_MEMORY")]
    pub memory: Option<PathBuf>,
    /// Keep translations that fail their checks, instead of decoding them again with more beams and
    /// without repeated phrases
    #[arg(long, env = "PRECIS_NO_RETRY", value_parser = BoolishValueParser::new())]
    pub no_retry: bool,
}

/// Says which of the decoding settings of `folder` have no effect.
pub(super) fn warn_of_ignored(folder: &ModelFolder, console: &Console) {
    let ignored = &folder.generation.ignored;
    if !ignored.is_empty() {
        console.warn(format_args!(
            "{}: the settings of generation ask for what precis does not do, and have no effect: {}",
            folder.name,
            ignored.join(", ")
        ));
    }
}

/// Parses an arithmetic. Help and errors list the possible ones.
fn numeric() -> impl TypedValueParser<Value = Numeric> {
    PossibleValuesParser::new(Numeric::ALL.map(Numeric::as_str))
        .try_map(|name| name.parse::<Numeric>())
}

impl EngineArgs {
    /// [`Self::load`] for summaries, whose facts are read by rules for French.
    pub(super) fn load_for_summaries(&self, console: &Console) -> anyhow::Result<Translator> {
        let translator = self.load(console)?;
        if !translator.reads_french() {
            bail!(
                "summaries are made of French articles only, because facts are read from the French; leave --source out (`precis translate` takes other languages)"
            );
        }
        Ok(translator)
    }

    /// Reads the glossary, which is empty if there is none.
    pub(super) fn glossary(&self) -> anyhow::Result<Glossary> {
        let glossary = self.glossary.as_deref().map(Glossary::read).transpose()?;
        Ok(glossary.unwrap_or_default())
    }

    /// Reads the translation memory, which is empty if there is none.
    pub(super) fn memory(&self) -> anyhow::Result<Memory> {
        let memory = self.memory.as_deref().map(Memory::read).transpose()?;
        Ok(memory.unwrap_or_default())
    }

    pub(super) fn load(&self, console: &Console) -> anyhow::Result<Translator> {
        let started = std::time::Instant::now();
        let dir = Registry::locate(self.model.as_deref())?;
        let folder = ModelFolder::open(&dir)?;
        warn_of_ignored(&folder, console);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if let Some(workers) = self.workers.filter(|workers| *workers > cores) {
            console.warn(format_args!(
                "{workers} workers share {cores} processor cores: more than one for each core take more \
                 memory and more time; leave --workers out"
            ));
        }
        let options = Options {
            beam: self.beam,
            device: self.device,
            numeric: self.numeric,
            source: self.source.clone(),
            shortlist: self.shortlist,
            cpu: self.cpu.unwrap_or_else(Cpu::best),
            workers: self.workers.unwrap_or(cores),
            retry: !self.no_retry,
        };
        let translator = Translator::load(&folder, &options)?;
        console.detail(format_args!(
            "model {} from {} in {:.2} s: {}, beam {}, {} workers",
            translator.name(),
            dir.display(),
            started.elapsed().as_secs_f64(),
            translator.numeric_path(),
            translator.beam(),
            translator.workers().current_num_threads(),
        ));
        Ok(translator)
    }
}
