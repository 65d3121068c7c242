//! The option that chooses the writer of summaries.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::console::Console;
use super::engine::EngineArgs;
use crate::models::Registry;
use crate::summarize::{EXTRACTIVE, Extractive, LanguageModel, Seq2Seq, Writer, WriterError};
use seq2seq::model::{ModelError, ModelFolder};
use seq2seq::nn::{Cpu, Numeric};

#[derive(Debug, Args)]
#[command(next_help_heading = "Summary options")]
pub(super) struct WriterArgs {
    /// Who writes the summaries: `extractive` joins the most telling sentences of the translation;
    /// the name or folder of an English summarisation model (BART such as bart-large-cnn or
    /// distilbart-cnn, PEGASUS or T5) lets it write the abstract; a GGUF file, or a folder with one,
    /// of a language model that follows instructions (Qwen2.5, Qwen3, SmolLM2) lets it write headline,
    /// abstract and key points, in a minute or more for each article. Sentences that state what their
    /// sources do not are replaced in all cases
    #[arg(
        long,
        value_name = "extractive|NAME|DIR|FILE.gguf",
        env = "PRECIS_WRITER",
        default_value = EXTRACTIVE
    )]
    pub writer: String,
}

impl WriterArgs {
    /// Loads the writer, which runs on the processor. A summarisation model runs in f32 with
    /// `--numeric f32`, otherwise in int8; a language model as its file has it.
    pub(super) fn load(
        &self,
        engine: &EngineArgs,
        console: &Console,
    ) -> anyhow::Result<Box<dyn Writer>> {
        if self.writer == EXTRACTIVE {
            return Ok(Box::new(Extractive));
        }
        let Some(path) = self.path() else {
            bail!(
                "--writer {}: there is no such file or folder; name that of an English summarisation model (BART, PEGASUS or T5) or of a language model (GGUF), or leave the option out",
                self.writer
            );
        };
        let writer: Box<dyn Writer> = match is_language_model(&path) {
            true => Box::new(LanguageModel::load(&path).map_err(WriterError::from)?),
            false => {
                let numeric = match engine.numeric {
                    Some(Numeric::F32) => Numeric::F32,
                    _ => Numeric::Int8,
                };
                let folder = ModelFolder::open(&path)?;
                let cpu = engine.cpu.unwrap_or_else(Cpu::best);
                Box::new(Seq2Seq::load(&folder, numeric, cpu)?)
            }
        };
        console.detail(format_args!("summaries by {}", path.display()));
        Ok(writer)
    }

    fn path(&self) -> Option<PathBuf> {
        let path = PathBuf::from(&self.writer);
        if path.is_file() || is_language_model(&path) {
            return Some(path);
        }
        let dir = Registry::locate(Some(&self.writer)).ok()?;
        dir.is_dir().then_some(dir)
    }
}

/// Whether `path` is a file, or a folder with a GGUF file that is not an encoder–decoder's.
fn is_language_model(path: &Path) -> bool {
    if path.is_file() {
        return true;
    }
    let is_gguf = |name: PathBuf| {
        name.extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("gguf"))
    };
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let has_gguf = entries.into_iter().any(|entry| is_gguf(entry.path()));
    let is_other = || {
        let folder = ModelFolder::open(path);
        matches!(
            folder,
            Err(ModelError::MissingFile { .. } | ModelError::Architecture { .. })
        )
    };
    has_gguf && is_other()
}
