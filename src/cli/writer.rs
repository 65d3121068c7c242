//! The option that chooses the writer of summaries.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::console::Console;
use super::engine::{EngineArgs, warn_of_ignored};
use crate::models::{Registry, is_language_model};
use crate::summarize::{
    EXTRACTIVE, Extractive, LanguageModel, Length, Seq2Seq, Writer, WriterError,
};
use seq2seq::model::ModelFolder;
use seq2seq::nn::{Cpu, Numeric};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Summary options")]
pub(super) struct WriterArgs {
    /// Who writes the summaries
    ///
    /// `extractive` joins the most telling sentences of the translation; the name or folder of an
    /// English summarisation model (BART such as bart-large-cnn or distilbart-cnn, PEGASUS or T5) lets
    /// it write the abstract; a GGUF file, or a folder with one, of a language model that follows
    /// instructions (Qwen2.5, Qwen3, SmolLM2) lets it write headline, abstract and key points, in a
    /// minute or more for each article. Sentences that state what their sources do not are replaced in
    /// all cases
    #[arg(
        long,
        value_name = "extractive|NAME|DIR|FILE.gguf",
        env = "PRECIS_WRITER",
        default_value = EXTRACTIVE
    )]
    pub writer: String,
    /// How much a summary says: 2, 3 or 5 sentences of abstract, and up to 3, 6 or 12 key points
    #[arg(
        long,
        value_name = "LENGTH",
        env = "PRECIS_LENGTH",
        default_value_t,
        value_parser = length()
    )]
    pub length: Length,
}

/// Parses a length. Help and errors list the possible ones.
fn length() -> impl TypedValueParser<Value = Length> {
    let by_name = |name: String| Length::ALL.into_iter().find(|length| length.name() == name);
    PossibleValuesParser::new(Length::ALL.map(Length::name))
        .map(move |name| by_name(name).expect("a possible value"))
}

impl WriterArgs {
    /// Loads the writer, which runs on the processor. A summarisation model runs in f32 with
    /// `--numeric f32`, otherwise in int8; a language model as its file has it.
    pub(super) fn load(
        &self,
        engine: &EngineArgs,
        console: &Console,
    ) -> anyhow::Result<Box<dyn Writer>> {
        let Some(path) = self.path()? else {
            return Ok(Box::new(Extractive));
        };
        let writer: Box<dyn Writer> = if path.is_file() || is_language_model(&path) {
            Box::new(LanguageModel::load(&path).map_err(WriterError::from)?)
        } else {
            let folder = ModelFolder::open(&path)?;
            warn_of_ignored(&folder, console);
            let numeric = match engine.numeric {
                Some(Numeric::F32) => Numeric::F32,
                _ => Numeric::Int8,
            };
            let cpu = engine.cpu.unwrap_or_else(Cpu::best);
            Box::new(Seq2Seq::load(&folder, numeric, cpu)?)
        };
        console.detail(format_args!("summaries by {}", path.display()));
        Ok(writer)
    }

    /// The file or folder of the model, if there is one.
    pub(super) fn path(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.writer == EXTRACTIVE {
            return Ok(None);
        }
        let path = PathBuf::from(&self.writer);
        if path.is_file() {
            return Ok(Some(path));
        }
        let located = Registry::locate(Some(&self.writer)).with_context(|| {
            format!(
                "--writer {} is neither `{EXTRACTIVE}` nor a model that summarises English (BART, \
                 PEGASUS, T5, or a language model in GGUF)",
                self.writer
            )
        });
        located.map(Some)
    }
}
