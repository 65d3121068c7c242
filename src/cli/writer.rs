//! The option that chooses the writer of abstracts.

use anyhow::Context;
use clap::Args;

use super::console::Console;
use super::engine::{EngineArgs, warn_of_ignored};
use crate::models::Registry;
use crate::summarize::{EXTRACTIVE, Extractive, Seq2Seq, Writer};
use seq2seq::model::ModelFolder;
use seq2seq::nn::{Cpu, Numeric};

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
    /// Loads the writer, which runs on the processor: in f32 with `--numeric f32`, otherwise in
    /// int8.
    pub(super) fn load(
        &self,
        engine: &EngineArgs,
        console: &Console,
    ) -> anyhow::Result<Box<dyn Writer>> {
        if self.writer == EXTRACTIVE {
            return Ok(Box::new(Extractive));
        }
        let dir = Registry::locate(Some(&self.writer)).with_context(|| {
            format!(
                "--writer {} is neither `{EXTRACTIVE}` nor a model that summarises English (BART, \
                 PEGASUS or T5)",
                self.writer
            )
        })?;
        let folder = ModelFolder::open(&dir)?;
        warn_of_ignored(&folder, console);
        let numeric = match engine.numeric {
            Some(Numeric::F32) => Numeric::F32,
            _ => Numeric::Int8,
        };
        let writer = Seq2Seq::load(&folder, numeric, engine.cpu.unwrap_or_else(Cpu::best))?;
        console.detail(format_args!("abstracts by {}", dir.display()));
        Ok(Box::new(writer))
    }
}
