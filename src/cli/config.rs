//! `precis.toml`: a default for any option, under the option's long name.
//!
//! ```toml
//! out = "summaries"
//! beam = 8
//! quiet = true
//! paths = ["news", "archive/2024.jsonl"]
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, Command};
use toml::de::{DeTable, DeValue};

const FILE: &str = "precis.toml";
/// Options that belong to one invocation and cannot be in the file.
const EXCLUDED: [&str; 3] = ["help", "version", "config"];
/// Commands that ask something else each time, and what of their options is the same for all.
const QUESTIONS: [&str; 3] = ["digest", "export", "search"];
const LASTING: [&str; 3] = ["aliases", "base_url", "out"];
/// Positional arguments that have a name in the file.
const POSITIONAL: [&str; 2] = ["paths", "out"];
/// How much a name has to be like another one to be a slip of it.
const SIMILAR: f64 = 0.75;

/// The options file that was read.
pub(super) struct OptionsFile {
    path: PathBuf,
    /// The line of each option in it.
    lines: BTreeMap<String, usize>,
}

impl OptionsFile {
    /// Reads the file of the options that `--config` or `PRECIS_CONFIG` names, else `precis.toml` if
    /// there is one, and makes its values defaults of `command`, so that they are checked like typed
    /// values, and the command line and the environment override them.
    ///
    /// # Errors
    /// If it cannot be read, or says something else than options.
    pub(super) fn apply(
        command: Command,
        arguments: &[OsString],
    ) -> anyhow::Result<(Command, Option<Self>)> {
        let Some(path) = named(arguments) else {
            return Ok((command, None));
        };
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the options file {}", path.display()))?;
        let (command, file) = Self::parse(command, path, &text)?;
        Ok((command, Some(file)))
    }

    /// [`Self::apply`] for the file at `path` with this text.
    fn parse(command: Command, path: PathBuf, text: &str) -> anyhow::Result<(Command, Self)> {
        let line = |span: Range<usize>| text[..span.start].matches('\n').count() + 1;
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let line = line(error.span().unwrap_or_default());
                bail!("{}:{line}: {}", path.display(), error.message());
            }
        };
        let names = names(&command);
        let mut values = BTreeMap::new();
        let mut lines = BTreeMap::new();
        let mut problems = Vec::new();
        for (key, value) in &table {
            let line = line(key.span());
            match option(key.get_ref(), value.get_ref(), &names) {
                Ok(texts) => {
                    values.insert(key.get_ref().to_string(), texts);
                    lines.insert(key.get_ref().to_string(), line);
                }
                Err(problem) => problems.push((line, problem)),
            }
        }
        if !problems.is_empty() {
            problems.sort();
            let problems = problems.into_iter();
            let problems =
                problems.map(|(line, problem)| format!("{}:{line}: {problem}", path.display()));
            bail!("{}", problems.collect::<Vec<_>>().join("\n"));
        }
        Ok((with_defaults(command, &values), Self { path, lines }))
    }

    /// Where the file sets the option, as `precis.toml:3`.
    pub(super) fn place(&self, option: &str) -> Option<String> {
        let line = self.lines.get(option)?;
        Some(format!("{}:{line}", self.path.display()))
    }
}

/// The file named by `--config` or `PRECIS_CONFIG`, else `precis.toml` if there is one.
fn named(arguments: &[OsString]) -> Option<PathBuf> {
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

/// The name of an argument of a command in the file, if it can be there.
fn name<'a>(command: &str, arg: &'a Arg) -> Option<&'a str> {
    let id = arg.get_id().as_str();
    let name = arg.get_long();
    let name = name.or_else(|| POSITIONAL.contains(&id).then_some(id))?;
    let is_lasting = arg.is_global_set() || LASTING.contains(&id);
    let is_taken = !EXCLUDED.contains(&id) && (is_lasting || !QUESTIONS.contains(&command));
    is_taken.then_some(name)
}

/// The names of all options of `command` and its subcommands.
fn names(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments();
    let own = own.filter_map(|arg| name(command.get_name(), arg));
    let below = command.get_subcommands().flat_map(names);
    own.map(str::to_owned).chain(below).collect()
}

/// The values of an option of the file, or what is wrong with it.
fn option(key: &str, value: &DeValue<'_>, names: &BTreeSet<String>) -> Result<Vec<String>, String> {
    if let DeValue::Table(_) = value {
        return Err(format!(
            "`{key}` is a section, and the file has none: an option holds for every command that has it"
        ));
    }
    if !names.contains(key) {
        let scored = names.iter().map(|name| (strsim::jaro(key, name), name));
        let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
        return Err(match best {
            Some((score, name)) if score > SIMILAR => {
                format!("there is no option `{key}`; did you mean `{name}`?")
            }
            _ => format!("there is no option `{key}`; `precis run --help` lists the options"),
        });
    }
    texts(value).ok_or_else(|| {
        format!("`{key}` has to be a string, number, boolean, date or a list of them")
    })
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    Some(match value {
        DeValue::String(text) => vec![text.to_string()],
        DeValue::Integer(number) => {
            vec![
                i64::from_str_radix(number.as_str(), number.radix())
                    .ok()?
                    .to_string(),
            ]
        }
        DeValue::Float(number) => vec![number.as_str().to_owned()],
        DeValue::Boolean(truth) => vec![truth.to_string()],
        DeValue::Datetime(time) => vec![time.to_string()],
        DeValue::Array(values) => {
            let values = values.iter().map(|value| texts(value.get_ref()));
            values.collect::<Option<Vec<_>>>()?.concat()
        }
        DeValue::Table(_) => return None,
    })
}

/// Sets the defaults in `command` and its subcommands where they have the option.
fn with_defaults(command: Command, values: &BTreeMap<String, Vec<String>>) -> Command {
    let of = command.get_name().to_owned();
    let command = command.mut_args(
        |arg| match name(&of, &arg).and_then(|name| values.get(name)) {
            Some(values) => with_default(arg, values),
            None => arg,
        },
    );
    command.mut_subcommands(|command| with_defaults(command, values))
}

fn with_default(arg: Arg, values: &[String]) -> Arg {
    if matches!(arg.get_action(), ArgAction::Append) || arg.is_positional() {
        arg.default_values(values).required(false)
    } else {
        arg.default_value(values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The example file with every option set, and the value that it gives each.
    fn example() -> (String, BTreeMap<String, Vec<String>>) {
        let text = include_str!("../../docs/precis.toml");
        let is_option = |line: &&str| {
            let name = line.strip_prefix("# ").and_then(|it| it.split_once(" = "));
            name.is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        };
        let options = text.lines().filter(is_option);
        let text: String = options.map(|line| format!("{}\n", &line[2..])).collect();
        let table = DeTable::parse(&text).expect("valid TOML").into_inner();
        let values = table.iter().map(|(key, value)| {
            let values = texts(value.get_ref()).expect("values of options");
            (key.get_ref().to_string(), values)
        });
        (text.clone(), values.collect())
    }

    #[test]
    fn the_example_has_every_option_of_a_run_with_its_default() {
        let (_, values) = example();
        let mut command = super::super::command();
        command.build();
        let run = command.find_subcommand("run").expect("there is one");
        let options: BTreeMap<&str, &Arg> = run
            .get_arguments()
            .filter_map(|arg| Some((name("run", arg)?, arg)))
            .collect();
        let given: BTreeSet<&str> = values.keys().map(String::as_str).collect();
        let expected: BTreeSet<&str> = options.keys().copied().collect();
        assert_eq!(given, expected);
        for (name, arg) in options {
            let defaults = arg.get_default_values().iter();
            let defaults: Vec<_> = defaults.map(|it| it.to_string_lossy()).collect();
            if arg.get_action().takes_values() && !defaults.is_empty() {
                assert_eq!(values[name], defaults, "{name}");
            }
        }
    }

    #[test]
    fn every_option_of_the_example_is_understood() {
        let (text, _) = example();
        for line in text.lines() {
            let command = super::super::command();
            let (command, file) = OptionsFile::parse(command, "example".into(), line)
                .unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(file.lines.len(), 1);
            let parsed = command.try_get_matches_from(["precis", "run"]);
            parsed.unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn every_problem_has_its_line() {
        let text = "beam = 8\nbaem = 3\nout = {a = 1}\n\nkeep_reports = 2\nzzz = 1\npaths = [{a = 1}]\n[run]\nbeam = 3\n";
        let parsed = OptionsFile::parse(super::super::command(), "p.toml".into(), text);
        let Err(error) = parsed else {
            panic!("understood");
        };
        let error = error.to_string();
        let lines: Vec<&str> = error.lines().collect();
        let expected = [
            "p.toml:2: there is no option `baem`; did you mean `beam`?",
            "p.toml:3: `out` is a section",
            "p.toml:5: there is no option `keep_reports`; did you mean `keep-reports`?",
            "p.toml:6: there is no option `zzz`; `precis run --help`",
            "p.toml:7: `paths` has to be a string",
            "p.toml:8: `run` is a section",
        ];
        assert_eq!(lines.len(), expected.len(), "{error}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected), "{line}");
        }
        let parsed =
            OptionsFile::parse(super::super::command(), "p.toml".into(), "a = 1\nb = \"\n");
        let Err(error) = parsed else {
            panic!("understood");
        };
        assert!(error.to_string().starts_with("p.toml:2: "), "{error}");
    }
}
