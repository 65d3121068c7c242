//! Options of all commands that make summaries.

use anyhow::Context;
use clap::Args;

use super::cache_file::UseCacheArgs;
use super::console::Console;
use super::engine::EngineArgs;
use super::reading::ReadArgs;
use super::writer::WriterArgs;
use crate::cache::Store;
use crate::job::{ModelTask, ModelUse};
use crate::models::{Credit, Registry};
use crate::pipeline::Pipeline;

#[derive(Clone, Debug, Args)]
pub(super) struct PipelineArgs {
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub engine: EngineArgs,
    #[command(flatten)]
    pub writer: WriterArgs,
    #[command(flatten)]
    pub cache: UseCacheArgs,
}

impl PipelineArgs {
    /// Loads the models, and opens the cache as `open` does.
    pub(super) fn load(
        &self,
        console: &Console,
        open: impl FnOnce(&UseCacheArgs, &Console) -> anyhow::Result<Option<Store>>,
    ) -> anyhow::Result<Pipeline> {
        let engine = &self.engine;
        let translator = engine.load_for_summaries(console)?;
        let writer = self.writer.load(engine, console)?;
        let pipeline = Pipeline::new(translator)
            .with_writer(writer)
            .with_length(self.writer.length)
            .with_glossary(engine.glossary()?)
            .with_memory(engine.memory()?)
            .with_limits(self.read.limits());
        let cache = open(&self.cache, console)?;
        Ok(pipeline.with_cache(cache))
    }

    /// The models of the pipeline that these options have loaded.
    pub(super) fn models(&self, pipeline: &Pipeline) -> anyhow::Result<Vec<ModelUse>> {
        let translator = pipeline.translator();
        let dir = Registry::locate(self.engine.model.as_deref())?;
        let mut models = vec![ModelUse {
            task: ModelTask::Translation,
            name: translator.name().to_owned(),
            digest: Some(format!("blake3:{}", translator.digest())),
            credit: Credit::of(&dir, Some(translator.digest())),
        }];
        if let Some(path) = self.writer.path()? {
            let writer = pipeline.writer().provenance();
            let dir = match path.is_file() {
                true => path.parent().context("a file lies in a folder")?,
                false => &path,
            };
            models.push(ModelUse {
                task: ModelTask::Summary,
                name: writer.model,
                credit: Credit::of(dir, None),
                digest: writer.digest,
            });
        }
        Ok(models)
    }
}
