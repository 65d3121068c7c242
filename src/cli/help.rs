//! What help shows: with `-h` the options that are used most, with `--help` all of them.

use clap::Command;

/// Options of long lists that `-h` shows.
const SHORT: [&str; 20] = [
    "cache",
    "config",
    "dry-run",
    "glossary",
    "help",
    "in-flight",
    "limit",
    "metrics",
    "model",
    "no-cache",
    "out",
    "prune",
    "quiet",
    "shard",
    "since",
    "time-limit-per-article",
    "verbose",
    "version",
    "workers",
    "writer",
];
/// A command with at most so many options of its own is shown whole.
const FEW: usize = 8;

/// Leaves the variables of the environment out, whose names follow from those of the options.
pub(super) fn without_variables(command: Command) -> Command {
    let command = command.mut_args(|arg| arg.hide_env(true));
    command.mut_subcommands(without_variables)
}

/// Has `-h` show less than `--help`.
pub(super) fn shortened(command: Command) -> Command {
    let own = command.get_arguments().filter(|arg| !arg.is_global_set());
    let shows_all = own.count() <= FEW;
    let command = command.mut_args(|arg| {
        let is_rare = arg.get_long().is_some_and(|name| !SHORT.contains(&name));
        let is_hidden = is_rare && (arg.is_global_set() || !shows_all);
        arg.hide_short_help(is_hidden)
    });
    let command = match command.get_after_help().map(ToString::to_string) {
        Some(text) => {
            let (examples, _) = text.split_once("\n\n").unwrap_or((&text, ""));
            let short = format!("{examples}\n\n--help has all options, and more about them.");
            command.after_help(short).after_long_help(text)
        }
        None => command,
    };
    command.mut_subcommands(shortened)
}
