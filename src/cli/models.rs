//! `precis models`: lists, fetches, describes, verifies and quantises models.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};

use super::Exit;
use super::console::Console;
use super::get;
use crate::models::{self, Lock, Registry, Task};
use seq2seq::model::{ModelFolder, quantize};
use seq2seq::nn::{Network, Numeric};
use seq2seq::tokenizer::Tokenizer;

#[derive(Debug, Args)]
pub(super) struct ModelsArgs {
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// List the models that are here and those that can be had
    List,
    /// Fetch a model from the Hugging Face hub. This alone of precis opens a connection
    Get(get::GetArgs),
    /// Show a model's shape, settings and digest
    Info {
        /// Name or folder. Default: the default model
        #[arg(value_name = "NAME|DIR")]
        model: Option<String>,
    },
    /// Check that models are whole: load all their files, and compare them with the digests that
    /// were stated or written down when they were fetched
    Verify {
        /// Names or folders. Default: all that are installed
        #[arg(value_name = "NAME|DIR")]
        models: Vec<String>,
    },
    /// Write a model with 8-bit integer weights: a quarter of the size in f32, faster to load, and
    /// with the same translations as the original in int8
    Quantize {
        /// Name or folder
        #[arg(value_name = "NAME|DIR")]
        model: String,
        /// Folder to create
        #[arg(value_name = "DIR")]
        to: PathBuf,
    },
}

pub(super) fn run(arguments: &ModelsArgs, console: &Console) -> anyhow::Result<Exit> {
    match &arguments.command {
        ModelsCommand::List => list(&Registry::find(), console),
        ModelsCommand::Get(arguments) => get::run(arguments, console),
        ModelsCommand::Info { model } => info(&Registry::locate(model.as_deref())?),
        ModelsCommand::Quantize { model, to } => {
            quantize(&Registry::locate(Some(model))?, to)?;
            Ok(Exit::Done)
        }
        ModelsCommand::Verify { models } => verify(&Registry::find(), models, console),
    }
}

fn list(registry: &Registry, console: &Console) -> anyhow::Result<Exit> {
    let installed = registry.installed();
    let mut out = stdout().lock();
    for (name, model) in &registry.known {
        let default = if *name == registry.default {
            " (default)"
        } else {
            ""
        };
        let task = match &model.task {
            Task::Translation(languages) => languages,
            Task::Summary => "summary",
        };
        let state = if installed.contains_key(name) {
            "here"
        } else {
            "absent"
        };
        writeln!(
            out,
            "{name}{default}\t{task}\t{state}\t{} MB\t{}\t{}",
            model.megabytes, model.licence, model.description
        )?;
    }
    for (name, dir) in &installed {
        if !registry.known.contains_key(name) {
            let lock = Lock::read(dir).ok().flatten();
            let (licence, origin) = match lock {
                Some(lock) => (
                    lock.licence,
                    format!("{} at {}", lock.repository, lock.commit),
                ),
                None => ("-".to_owned(), dir.display().to_string()),
            };
            writeln!(out, "{name}\t-\there\t-\t{licence}\t{origin}")?;
        }
    }
    drop(out);
    console.text_only(format_args!(
        "Models are looked for in: {}",
        registry.places()
    ));
    console.text_only("An absent model is fetched with: precis models get NAME");
    Ok(Exit::Done)
}

fn info(dir: &Path) -> anyhow::Result<Exit> {
    let folder = ModelFolder::open(dir)?;
    let (config, generation) = (&folder.config, &folder.generation);
    let mut out = stdout().lock();
    writeln!(out, "name: {}", folder.name)?;
    writeln!(out, "folder: {}", dir.display())?;
    writeln!(out, "digest: blake3:{}", ModelFolder::digest(dir)?)?;
    if let Some(lock) = Lock::read(dir)? {
        writeln!(out, "origin: {} at {}", lock.repository, lock.commit)?;
        writeln!(out, "licence: {}, by {}", lock.licence, lock.attribution)?;
    }
    writeln!(
        out,
        "network: {}, {} + {} layers, width {}, feed-forward {} / {}, {} / {} heads, {:?}",
        config.architecture,
        config.encoder_layers,
        config.decoder_layers,
        config.d_model,
        config.encoder_ffn_dim,
        config.decoder_ffn_dim,
        config.encoder_attention_heads,
        config.decoder_attention_heads,
        config.activation_function,
    )?;
    writeln!(
        out,
        "vocabulary: {} / {}, positions: {}",
        config.vocab_size,
        config.target_vocab_size(),
        config.max_position_embeddings
    )?;
    writeln!(
        out,
        "generation: beams {}, length penalty {}, early stopping {:?}, forbidden {:?}",
        generation
            .num_beams
            .map_or("not set".to_owned(), |beams| beams.to_string()),
        generation.length_penalty,
        generation.early_stopping,
        generation.bad_words_ids,
    )?;
    if !generation.ignored.is_empty() {
        let ignored = generation.ignored.join(", ");
        writeln!(out, "not supported and without effect: {ignored}")?;
    }
    for file in ModelFolder::files(dir) {
        let bytes = std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
        writeln!(out, "file: {} ({bytes} bytes)", file.display())?;
    }
    Ok(Exit::Done)
}

fn verify(registry: &Registry, models: &[String], console: &Console) -> anyhow::Result<Exit> {
    let models: Vec<String> = if models.is_empty() {
        registry.installed().into_keys().collect()
    } else {
        models.to_vec()
    };
    if models.is_empty() {
        bail!("there is no model in {}", registry.places());
    }
    let mut failed = 0;
    for model in &models {
        match verify_one(registry, model) {
            Ok(what) => writeln!(stdout(), "{model}: {what}")?,
            Err(error) => {
                failed += 1;
                console.error(&error.context(model.clone()));
            }
        }
    }
    Ok(if failed == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn verify_one(registry: &Registry, model: &str) -> anyhow::Result<String> {
    let dir: PathBuf = registry.resolve(Some(model))?;
    let lock = Lock::read(&dir)?;
    if let Some(lock) = &lock {
        lock.check(&dir)?;
    }
    load_all(&dir)?;
    if let Some(lock) = lock {
        return Ok(format!(
            "whole, {} files as fetched from {} at {}",
            lock.files.len(),
            lock.repository,
            lock.commit
        ));
    }
    // A folder of the same name elsewhere is another model.
    let known = registry
        .known
        .get(model)
        .and_then(|known| known.digest.as_ref());
    let Some(known) = known else {
        return Ok("whole (no digest to compare with)".to_owned());
    };
    let digest = ModelFolder::digest(&dir)?;
    if *known != digest {
        bail!(
            "the files are not those that precis was released with: their digest is {digest}, \
             the list of models says {known}; get the folder again, or use it by its path if you \
             replaced the model"
        );
    }
    Ok("whole, digest as listed".to_owned())
}

fn load_all(dir: &Path) -> anyhow::Result<()> {
    if models::is_language_model(dir) {
        causal::Model::open(dir)?;
        return Ok(());
    }
    let folder = ModelFolder::open(dir)?;
    Tokenizer::load(dir, folder.config.architecture.tokenizer())?;
    Network::load(&folder, Numeric::F32)?;
    Ok(())
}
