//! `precis man`: manual pages and completion scripts, as packages install them.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Exit, command, help};

/// Where each shell looks for completions below `share`, and the name of the file there.
const COMPLETIONS: [(Shell, &str); 3] = [
    (Shell::Bash, "bash-completion/completions/precis"),
    (Shell::Fish, "fish/vendor_completions.d/precis.fish"),
    (Shell::Zsh, "zsh/site-functions/_precis"),
];

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Folder that gets `man/man1` and the folders of the shells, as /usr/share has them
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(arguments: &ManArgs) -> anyhow::Result<Exit> {
    let pages = arguments.out.join("man/man1");
    let cannot = || format!("cannot write to {}", arguments.out.display());
    fs::create_dir_all(&pages).with_context(cannot)?;
    let whole = help::without_variables(Cli::command());
    clap_mangen::generate_to(whole, &pages).with_context(cannot)?;
    for (shell, path) in COMPLETIONS {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command(), "precis", &mut script);
        let path = arguments.out.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&path)).with_context(cannot)?;
        fs::write(&path, script).with_context(cannot)?;
    }
    Ok(Exit::Done)
}
