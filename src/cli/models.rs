//! `precis models`: lists, describes, verifies and quantises models.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};

use super::Exit;
use super::console::Console;
use crate::models::Registry;
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
    /// List the known models and whether they are installed
    List,
    /// Show a model's shape, settings and digest
    Info {
        /// Known name or folder. Default: the default model
        #[arg(value_name = "NAME|DIR")]
        model: Option<String>,
    },
    /// Load all files of models and compare their digests with the list
    Verify {
        /// Known names or folders. Default: all that are installed
        #[arg(value_name = "NAME|DIR")]
        models: Vec<String>,
    },
    /// Write a model with 8-bit integer weights: a quarter of the size in f32, faster to load, and
    /// with the same translations as the original in int8
    Quantize {
        /// Known name or folder
        #[arg(value_name = "NAME|DIR")]
        model: String,
        /// Folder to create
        #[arg(value_name = "DIR")]
        to: PathBuf,
    },
}

pub(super) fn run(arguments: &ModelsArgs, console: &Console) -> anyhow::Result<Exit> {
    match &arguments.command {
        ModelsCommand::List => list(&Registry::find()?),
        ModelsCommand::Info { model } => info(&Registry::locate(model.as_deref())?),
        ModelsCommand::Quantize { model, to } => {
            quantize(&Registry::locate(Some(model))?, to)?;
            Ok(Exit::Done)
        }
        ModelsCommand::Verify { models } => verify(&Registry::find()?, models, console),
    }
}

fn list(registry: &Registry) -> anyhow::Result<Exit> {
    let mut out = stdout().lock();
    for (name, model) in &registry.models {
        let state = if registry.folder(name).is_dir() {
            "here"
        } else {
            "absent"
        };
        let default = if *name == registry.default {
            " (default)"
        } else {
            ""
        };
        writeln!(
            out,
            "{name}{default}\t{}-{}\t{state}\t{}\t{}",
            model.source, model.target, model.licence, model.description
        )?;
    }
    Ok(Exit::Done)
}

fn info(dir: &Path) -> anyhow::Result<Exit> {
    let folder = ModelFolder::open(dir)?;
    let (config, generation) = (&folder.config, &folder.generation);
    let mut out = stdout().lock();
    writeln!(out, "name: {}", folder.name)?;
    writeln!(out, "folder: {}", dir.display())?;
    writeln!(out, "digest: blake3:{}", ModelFolder::digest(dir)?)?;
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
    for file in ModelFolder::files(dir) {
        let bytes = std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
        writeln!(out, "file: {} ({bytes} bytes)", file.display())?;
    }
    Ok(Exit::Done)
}

fn verify(registry: &Registry, models: &[String], console: &Console) -> anyhow::Result<Exit> {
    let here = || {
        let known = registry
            .models
            .keys()
            .filter(|name| registry.folder(name).is_dir());
        known.cloned().collect()
    };
    let models: Vec<String> = if models.is_empty() {
        here()
    } else {
        models.to_vec()
    };
    if models.is_empty() {
        bail!("there is no model in {}", registry.dir.display());
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

fn verify_one(registry: &Registry, model: &str) -> anyhow::Result<&'static str> {
    let dir: PathBuf = registry.resolve(Some(model))?;
    let folder = ModelFolder::open(&dir)?;
    Tokenizer::load(&dir, folder.config.architecture.tokenizer())?;
    Network::load(&folder, Numeric::F32)?;
    let digest = ModelFolder::digest(&dir)?;
    match registry
        .models
        .get(model)
        .and_then(|known| known.digest.as_ref())
    {
        None => Ok("whole (no digest to compare with)"),
        Some(known) if *known == digest => Ok("whole, digest as listed"),
        Some(known) => bail!(
            "the files are not those listed: their digest is {digest}, models.toml says {known}; \
             fetch the folder again, or correct the list if you replaced the model"
        ),
    }
}
