//! `precis translate`: standard input to standard output, line by line.

use std::io::{BufRead, BufWriter, Write, stdin, stdout};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::cache_file::UseCacheArgs;
use super::console::Console;
use super::engine::EngineArgs;
use super::{Exit, signals};
use crate::pipeline::known;
use crate::translate::{Progress, Text};
use french::text::sentences;

/// Number of lines translated together: enough to fill batches of similar length.
const CHUNK: usize = 2048;

const AFTER_HELP: &str = "\
Examples:
  precis translate < text.fr > text.en
  echo 'Bonjour tout le monde.' | precis translate --beam 1
  precis translate --no-split < sentences.fr > sentences.en

Every input line gives one output line; blank lines stay blank.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct TranslateArgs {
    /// Treat each line as one sentence
    #[arg(long, env = "PRECIS_NO_SPLIT", value_parser = BoolishValueParser::new())]
    no_split: bool,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    cache: UseCacheArgs,
}

pub(super) fn run(arguments: &TranslateArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = signals::stop_on_signal(console)?;
    let translator = arguments.engine.load(console)?;
    let glossary = arguments.engine.glossary()?;
    let memory = arguments.engine.memory()?;
    let mut cache = arguments.cache.open(console)?;
    let mut input = stdin().lock();
    let mut output = BufWriter::new(stdout().lock());
    let mut undecodable = 0;
    let work = Mutex::new(Progress::default());
    let (mut texts, mut seconds) = (0, 0.0);
    loop {
        let lines = signals::while_waiting(|| read_lines(&mut input, &mut undecodable))?;
        if lines.is_empty() {
            break;
        }
        let parts: Vec<Vec<&str>> = lines
            .iter()
            .map(|line| match line.trim() {
                "" => Vec::new(),
                line if arguments.no_split => vec![line],
                line => sentences(line)
                    .into_iter()
                    .map(|span| span.slice(line))
                    .collect(),
            })
            .collect();
        let started = Instant::now();
        let report = |done| *work.lock().unwrap_or_else(PoisonError::into_inner) += done;
        let sentence = |text| Text {
            text,
            terms: Some(glossary.finder()),
            known: match translator.reads_french() {
                true => known(text, &memory),
                false => None,
            },
        };
        let sentences: Vec<Text<'_>> = parts.iter().flatten().copied().map(sentence).collect();
        let translated = translator.translate(&sentences, cache.as_ref(), stop, &report)?;
        if let Some(error) = &translated.cache_error {
            console.warn_of(error, error);
            cache = None;
        }
        let translations = translated.all()?;
        texts += translations.len();
        seconds += started.elapsed().as_secs_f64();
        let mut translations = translations.into_iter();
        for parts in &parts {
            let texts: Vec<String> = translations
                .by_ref()
                .take(parts.len())
                .map(|t| t.text)
                .collect();
            writeln!(output, "{}", texts.join(" "))?;
        }
        output.flush()?;
    }
    let work = work.into_inner().unwrap_or_else(PoisonError::into_inner);
    console.detail(format_args!(
        "translated {texts} texts in {seconds:.3} s: {} source tokens, {} target tokens, {} from the cache",
        work.source_tokens, work.target_tokens, work.cached
    ));
    if undecodable > 0 {
        console.warn(format_args!(
            "{undecodable} lines are not valid UTF-8; what could not be read was replaced"
        ));
    }
    Ok(Exit::Done)
}

/// Reads the next lines, without their ends. Returns no lines at the end of the input.
fn read_lines(input: &mut impl BufRead, undecodable: &mut usize) -> std::io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut bytes = Vec::new();
    while lines.len() < CHUNK {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let line = String::from_utf8_lossy(&bytes);
        *undecodable += usize::from(matches!(line, std::borrow::Cow::Owned(_)));
        lines.push(line.trim_end_matches(['\n', '\r']).to_owned());
    }
    Ok(lines)
}
