//! Messages for people, on standard error. Standard output is for data.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr};

use clap::ValueEnum;
use indicatif::MultiProgress;

use super::Global;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Quiet,
    Normal,
    Verbose,
}

pub struct Console {
    level: Level,
    color: bool,
    /// Whether to show how work goes on.
    pub progress: bool,
    /// Bars on the terminal; messages go above them.
    pub bars: MultiProgress,
}

impl Console {
    pub fn new(global: &Global) -> Self {
        let level = match (global.quiet, global.verbose) {
            (true, _) => Level::Quiet,
            (_, true) => Level::Verbose,
            _ => Level::Normal,
        };
        let color = match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                stderr().is_terminal() && !refused
            }
        };
        Self {
            level,
            color,
            progress: level > Level::Quiet && !global.no_progress,
            bars: MultiProgress::new(),
        }
    }

    /// For what goes wrong before the options are known.
    pub fn plain() -> Self {
        Self {
            level: Level::Normal,
            color: false,
            progress: false,
            bars: MultiProgress::new(),
        }
    }

    pub fn is_verbose(&self) -> bool {
        self.level == Level::Verbose
    }

    /// Unless `--quiet`.
    pub fn say(&self, message: impl Display) {
        if self.level >= Level::Normal {
            self.line(&message.to_string());
        }
    }

    /// With `--verbose`.
    pub fn detail(&self, message: impl Display) {
        if self.level >= Level::Verbose {
            self.line(&message.to_string());
        }
    }

    /// Unless `--quiet`.
    pub fn warn(&self, message: impl Display) {
        if self.level >= Level::Normal {
            self.line(&format!("{} {message}", self.paint("33", "warning:")));
        }
    }

    /// Always.
    pub fn error(&self, error: &anyhow::Error) {
        self.line(&format!(
            "{} {}",
            self.paint("1;31", "error:"),
            with_causes(error)
        ));
    }

    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn line(&self, text: &str) {
        // Nobody may be listening any more; the work goes on.
        self.bars.suspend(|| {
            let _ = writeln!(stderr(), "{text}");
        });
    }
}

/// The message with its causes, each said once: many messages hold their cause already.
fn with_causes(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message.push_str(": ");
            message.push_str(&cause);
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_said_once() {
        let io = || std::io::Error::other("the disk is gone");
        let says_it = anyhow::Error::new(io()).context("cannot read x: the disk is gone");
        assert_eq!(with_causes(&says_it), "cannot read x: the disk is gone");
        let does_not = anyhow::Error::new(io()).context("cannot read x");
        assert_eq!(with_causes(&does_not), "cannot read x: the disk is gone");
    }
}
