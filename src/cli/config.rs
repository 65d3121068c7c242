//! `precis.toml`: a default for any option, under the option's long name.
//!
//! ```toml
//! out = "summaries"
//! beam = 8
//! quiet = true
//! paths = ["news", "archive/2024.jsonl"]
//! ```

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, Command};
use toml::Value;

const FILE: &str = "precis.toml";
/// Options that belong to one invocation and cannot be in the file.
const EXCLUDED: [&str; 3] = ["help", "version", "config"];
/// Commands that ask something else each time, and what of their options is the same for all.
const QUESTIONS: [&str; 3] = ["digest", "export", "search"];
const LASTING: [&str; 3] = ["aliases", "base_url", "out"];
/// Positional arguments that have a name in the file.
const POSITIONAL: [&str; 2] = ["paths", "out"];

/// Makes the values of the options file defaults of `command`, so that they are checked like typed
/// values, and the command line and the environment override them.
pub(super) fn with_file_defaults(
    command: Command,
    arguments: &[OsString],
) -> anyhow::Result<Command> {
    let Some(path) = file(arguments) else {
        return Ok(command);
    };
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read the options file {}", path.display()))?;
    let table: toml::Table = text
        .parse()
        .with_context(|| format!("{} is not valid TOML", path.display()))?;
    table
        .into_iter()
        .try_fold(command, |command, (key, value)| {
            let values = texts(&value).with_context(|| {
                format!(
                    "{}: `{key}` has to be a string, number, boolean or a list of them",
                    path.display()
                )
            })?;
            set_default(command, &key, &values, &path)
        })
}

/// The file named by `--config` or `PRECIS_CONFIG`, else `precis.toml` if there is one.
fn file(arguments: &[OsString]) -> Option<PathBuf> {
    let mut arguments = arguments.iter().skip(1).map(|a| a.to_string_lossy());
    while let Some(argument) = arguments.next() {
        if argument == "--config" {
            return arguments.next().map(|path| PathBuf::from(path.as_ref()));
        }
        if let Some(path) = argument.strip_prefix("--config=") {
            return Some(PathBuf::from(path));
        }
        if argument == "--" {
            break;
        }
    }
    let named = std::env::var_os("PRECIS_CONFIG").filter(|path| !path.is_empty());
    let default = || Some(PathBuf::from(FILE)).filter(|path| path.is_file());
    named.map(PathBuf::from).or_else(default)
}

fn set_default(
    command: Command,
    key: &str,
    values: &[String],
    path: &Path,
) -> anyhow::Result<Command> {
    let mut known = BTreeSet::new();
    let mut used = false;
    let command = set_below(command, key, values, &mut known, &mut used);
    if !used {
        let known: Vec<String> = known.into_iter().collect();
        bail!(
            "{}: there is no option `{key}`; known are: {}",
            path.display(),
            known.join(", ")
        );
    }
    Ok(command)
}

/// Sets the default in `command` and its subcommands where they have the option.
fn set_below(
    command: Command,
    key: &str,
    values: &[String],
    known: &mut BTreeSet<String>,
    used: &mut bool,
) -> Command {
    let named: Vec<(String, String)> = command
        .get_arguments()
        .filter_map(|arg| {
            let id = arg.get_id().to_string();
            let name = arg.get_long().map(str::to_owned);
            let name = name.or_else(|| POSITIONAL.contains(&id.as_str()).then(|| id.clone()))?;
            let is_question = QUESTIONS.contains(&command.get_name());
            let is_lasting = arg.is_global_set() || LASTING.contains(&id.as_str());
            let is_taken = !EXCLUDED.contains(&id.as_str()) && (is_lasting || !is_question);
            is_taken.then_some((name, id))
        })
        .collect();
    known.extend(named.iter().map(|(name, _)| name.clone()));
    let ids = named.into_iter().filter(|(name, _)| name == key);
    let mut command = ids.fold(command, |command, (_, id)| {
        *used = true;
        command.mut_arg(id, |arg| with_default(arg, values))
    });
    let below: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    for name in below {
        command =
            command.mut_subcommand(name, |command| set_below(command, key, values, known, used));
    }
    command
}

fn with_default(arg: Arg, values: &[String]) -> Arg {
    if matches!(arg.get_action(), ArgAction::Append) || arg.is_positional() {
        arg.default_values(values).required(false)
    } else {
        arg.default_value(values.join(","))
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    Some(match value {
        Value::String(text) => vec![text.clone()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Float(number) => vec![number.to_string()],
        Value::Boolean(truth) => vec![truth.to_string()],
        Value::Array(values) => values
            .iter()
            .map(texts)
            .collect::<Option<Vec<_>>>()?
            .concat(),
        Value::Datetime(_) | Value::Table(_) => return None,
    })
}
