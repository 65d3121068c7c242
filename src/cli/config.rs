//! `precis.toml`: a default for any option, under the option's long name.
//!
//! ```toml
//! out = "summaries"
//! beam = 8
//! quiet = true
//! paths = ["news", "archive/2024.jsonl"]
//! ```

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, Command};
use toml::Value;

const FILE: &str = "precis.toml";
/// Not for the file: they belong to one invocation.
const EXCLUDED: [&str; 3] = ["help", "version", "config"];

/// `command` with the values of the options file as defaults, so that they are checked like typed
/// ones and give way to the command line and the environment.
pub fn with_file_defaults(command: Command, arguments: &[OsString]) -> anyhow::Result<Command> {
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

/// The file named by `--config` or `PRECIS_CONFIG`, else `precis.toml` where there is one.
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
    let matches = |arg: &Arg| {
        let id = arg.get_id().as_str();
        !EXCLUDED.contains(&id)
            && (arg.get_long() == Some(key) || (arg.is_positional() && id == key))
    };
    let mut known: Vec<String> = Vec::new();
    let mut used = false;
    let mut apply = |command: Command| -> Command {
        let ids: Vec<String> = command
            .get_arguments()
            .filter(|arg| {
                let name = arg.get_long().unwrap_or_else(|| arg.get_id().as_str());
                known.push(name.to_owned());
                matches(arg)
            })
            .map(|arg| arg.get_id().to_string())
            .collect();
        used |= !ids.is_empty();
        ids.into_iter().fold(command, |command, id| {
            command.mut_arg(id, |arg| with_default(arg, values))
        })
    };
    let mut command = apply(command);
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    for name in names {
        command = command.mut_subcommand(name, &mut apply);
    }
    if !used {
        known.retain(|name| !EXCLUDED.contains(&name.as_str()));
        known.sort();
        known.dedup();
        bail!(
            "{}: there is no option `{key}`; known are: {}",
            path.display(),
            known.join(", ")
        );
    }
    Ok(command)
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
