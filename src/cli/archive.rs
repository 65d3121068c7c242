//! What commands that read an output folder have in common.

use std::path::Path;

use anyhow::Context;

use super::Exit;
use super::console::Console;
use crate::archive::Unreadable;
use crate::job::OutputLock;

/// Fails with a remedy if `out` cannot be read, and says so if a run is writing to it.
pub(super) fn look(out: &Path, console: &Console) -> anyhow::Result<()> {
    let cannot = || {
        format!(
            "cannot read {}: name the output folder of a run",
            out.display()
        )
    };
    std::fs::read_dir(out).with_context(cannot)?;
    let lock = OutputLock::look(out).with_context(cannot)?;
    if lock.is_some_and(|lock| lock.held) {
        console.warn(format_args!(
            "a run is writing to {}: what it has not done yet is missing",
            out.display()
        ));
    }
    Ok(())
}

/// Warns of summaries that could not be read. Returns how the command ends because of them.
pub(super) fn warn_of(unreadable: &[Unreadable], console: &Console) -> Exit {
    for unreadable in unreadable {
        console.warn(unreadable);
    }
    match unreadable.is_empty() {
        true => Exit::Done,
        false => Exit::Skipped,
    }
}
