//! Options that choose and set up the translation engine, shared by several commands.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::builder::{BoolishValueParser, RangedU64ValueParser};
use clap::{Args, ValueEnum};

use super::console::Console;
use crate::cache::Store;
use crate::models::Registry;
use crate::pipeline::Pipeline;
use crate::summarize::{EXTRACTIVE, Extractive, Seq2Seq, Writer};
use crate::translate::{Options, Translator};
use seq2seq::model::ModelFolder;
use seq2seq::nn::{Cpu, Device, Numeric};

#[derive(Debug, Args)]
#[command(next_help_heading = "Engine options")]
pub(super) struct EngineArgs {
    /// Model: a name listed by `precis models list`, or the folder of an encoder–decoder (MarianMT,
    /// NLLB, M2M100, mBART-50) as downloaded from the Hugging Face hub
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
    #[arg(long, value_name = "TYPE", env = "PRECIS_NUMERIC")]
    pub numeric: Option<NumericArg>,
    /// Choose the words of each translation from the model's lexical shortlist only: beam search is
    /// almost twice as fast, and many translations differ in a word or two. Needs a
    /// shortlist.safetensors in the model folder; only on processors
    #[arg(long, env = "PRECIS_SHORTLIST", value_parser = BoolishValueParser::new())]
    pub shortlist: bool,
    /// Kernels: `amx`, `avx512` (with VNNI), `avx-vnni`, `avx2`, Arm's `i8mm` and `dotprod`, or
    /// `portable`; all give the same translations. Default: the fastest that this processor has
    #[arg(long, value_name = "NAME", env = "PRECIS_CPU")]
    pub cpu: Option<Cpu>,
    /// Number of threads, each of which translates its own batch. A GPU translates one batch at a
    /// time, and the threads do the rest. Default: one per processor core
    #[arg(long, value_name = "N", env = "PRECIS_WORKERS", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub workers: Option<usize>,
    /// Keep translations that fail their checks, instead of decoding them again with more beams and
    /// without repeated phrases
    #[arg(long, env = "PRECIS_NO_RETRY", value_parser = BoolishValueParser::new())]
    pub no_retry: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum NumericArg {
    F32,
    Int8,
    F16,
    Bf16,
}

impl From<NumericArg> for Numeric {
    fn from(argument: NumericArg) -> Self {
        match argument {
            NumericArg::F32 => Self::F32,
            NumericArg::Int8 => Self::Int8,
            NumericArg::F16 => Self::F16,
            NumericArg::Bf16 => Self::Bf16,
        }
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Summary options")]
pub(super) struct WriterArgs {
    /// Who writes the abstracts: `extractive` joins the most telling sentences of the translation;
    /// the name or folder of an English summarisation model (BART such as bart-large-cnn or
    /// distilbart-cnn, PEGASUS or T5) lets it write. Sentences that state what their sources do not
    /// are replaced either way
    #[arg(
        long,
        value_name = "extractive|NAME|DIR",
        env = "PRECIS_WRITER",
        default_value = EXTRACTIVE
    )]
    pub writer: String,
}

impl WriterArgs {
    /// Loads the writer for the processor: in f32 if asked for, else in int8.
    fn load(&self, engine: &EngineArgs, console: &Console) -> anyhow::Result<Box<dyn Writer>> {
        if self.writer == EXTRACTIVE {
            return Ok(Box::new(Extractive));
        }
        let dir = Registry::locate(Some(&self.writer)).ok();
        let Some(dir) = dir.filter(|dir| dir.is_dir()) else {
            bail!(
                "--writer {}: there is no such folder; name that of an English summarisation model (BART, PEGASUS or T5), or leave the option out",
                self.writer
            );
        };
        let folder = ModelFolder::open(&dir)?;
        // It runs on the processor, whatever translates.
        let numeric = match engine.numeric {
            Some(NumericArg::F32) => Numeric::F32,
            _ => Numeric::Int8,
        };
        let writer = Seq2Seq::load(&folder, numeric, engine.cpu.unwrap_or_else(Cpu::best))?;
        console.detail(format_args!("abstracts by {}", dir.display()));
        Ok(Box::new(writer))
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Cache options")]
pub(super) struct CacheFileArgs {
    /// Cache of translations, shared by all runs. Default: precis/cache.sqlite in the user's cache
    /// folder
    #[arg(long, value_name = "FILE", env = "PRECIS_CACHE")]
    pub cache: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Cache options")]
pub(super) struct UseCacheArgs {
    #[command(flatten)]
    pub file: CacheFileArgs,
    /// Translate everything anew and store nothing
    #[arg(long, env = "PRECIS_NO_CACHE", value_parser = BoolishValueParser::new())]
    pub no_cache: bool,
}

impl EngineArgs {
    /// [`Self::load`] for summaries, whose facts are read by rules for French.
    fn load_for_summaries(&self, console: &Console) -> anyhow::Result<Translator> {
        let translator = self.load(console)?;
        if !translator.reads_french() {
            bail!(
                "summaries are made of French articles alone, because facts are read from the French; leave --source out (`precis translate` takes other languages)"
            );
        }
        Ok(translator)
    }

    /// A pipeline without a cache.
    pub(super) fn pipeline(
        &self,
        writer: &WriterArgs,
        console: &Console,
    ) -> anyhow::Result<Pipeline> {
        let translator = self.load_for_summaries(console)?;
        let writer = writer.load(self, console)?;
        Ok(Pipeline::new(translator).with_writer(writer))
    }

    pub(super) fn load(&self, console: &Console) -> anyhow::Result<Translator> {
        let started = std::time::Instant::now();
        let dir = Registry::locate(self.model.as_deref())?;
        let folder = ModelFolder::open(&dir)?;
        let options = Options {
            beam: self.beam,
            device: self.device,
            numeric: self.numeric.map(Numeric::from),
            source: self.source.clone(),
            shortlist: self.shortlist,
            cpu: self.cpu.unwrap_or_else(Cpu::best),
            workers: self
                .workers
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
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

impl CacheFileArgs {
    /// The given file, else the one in the user's cache folder.
    pub(super) fn path(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = &self.cache {
            return Ok(path.clone());
        }
        let folder = |variable| {
            std::env::var_os(variable)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        let base = folder("XDG_CACHE_HOME")
            .or_else(|| Some(folder("HOME")?.join(".cache")))
            .or_else(|| folder("LOCALAPPDATA"))
            .context("there is no home folder for the cache: name a file with --cache, or use --no-cache")?;
        Ok(base.join("precis").join("cache.sqlite"))
    }

    /// Opens the store at [`Self::path`], which has to exist.
    pub(super) fn open_existing(&self, console: &Console) -> anyhow::Result<Store> {
        let path = self.path()?;
        if !path.is_file() {
            bail!("there is no cache at {}; a run makes it", path.display());
        }
        self.open(console)
    }

    pub(super) fn open(&self, console: &Console) -> anyhow::Result<Store> {
        let opened = Store::open(&self.path()?)?;
        if let Some(notice) = opened.notice {
            console.warn(notice);
        }
        Ok(opened.store)
    }
}

impl UseCacheArgs {
    pub(super) fn open(&self, console: &Console) -> anyhow::Result<Option<Store>> {
        if self.no_cache {
            return Ok(None);
        }
        self.file.open(console).map(Some)
    }

    /// [`Self::open`], but does not create a cache.
    pub(super) fn open_if_there(&self, console: &Console) -> anyhow::Result<Option<Store>> {
        if self.no_cache || !self.file.path()?.is_file() {
            return Ok(None);
        }
        self.open(console)
    }
}
