//! Messages for people, on standard error. Standard output is for data.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr};

use clap::ValueEnum;
use indicatif::MultiProgress;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::Global;
use crate::job::SkippedArticle;

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

/// How much a message matters; in JSON its `level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Debug,
    Info,
    Warning,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

pub struct Console {
    level: Level,
    format: LogFormat,
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
            format: global.log_format,
            color: color && global.log_format == LogFormat::Text,
            progress: level > Level::Quiet && !global.no_progress,
            bars: MultiProgress::new(),
        }
    }

    /// For what goes wrong before the options are known.
    pub fn plain() -> Self {
        Self {
            level: Level::Normal,
            format: LogFormat::Text,
            color: false,
            progress: false,
            bars: MultiProgress::new(),
        }
    }

    pub fn is_verbose(&self) -> bool {
        self.level == Level::Verbose
    }

    /// Whether bars can be drawn.
    pub fn has_bars(&self) -> bool {
        self.progress && self.format == LogFormat::Text && stderr().is_terminal()
    }

    /// Unless `--quiet`.
    pub fn say(&self, message: impl Display) {
        self.record(Severity::Info, message, json!({}));
    }

    /// Unless `--quiet`. `fields`: the same for programs, an object.
    pub fn say_with(&self, message: impl Display, fields: Value) {
        self.record(Severity::Info, message, fields);
    }

    /// Unless `--quiet`; in JSON alone, where text takes several lines.
    pub fn json_only(&self, message: impl Display, fields: Value) {
        if self.format == LogFormat::Json {
            self.record(Severity::Info, message, fields);
        }
    }

    /// Unless `--quiet`; in text alone.
    pub fn text_only(&self, message: impl Display) {
        if self.format == LogFormat::Text {
            self.say(message);
        }
    }

    /// With `--verbose`.
    pub fn detail(&self, message: impl Display) {
        self.record(Severity::Debug, message, json!({}));
    }

    /// With `--verbose`, and always in JSON. `fields` as for [`Self::say_with`].
    pub fn detail_with(&self, message: impl Display, fields: Value) {
        let severity = match self.format {
            LogFormat::Text => Severity::Debug,
            LogFormat::Json => Severity::Info,
        };
        self.record(severity, message, fields);
    }

    /// Unless `--quiet`.
    pub fn warn(&self, message: impl Display) {
        self.record(Severity::Warning, message, json!({}));
    }

    /// Always.
    pub fn error(&self, error: &anyhow::Error) {
        self.record(Severity::Error, with_causes(error), json!({}));
    }

    /// Has panics written like everything else: what is contained is said once, in a line of its own.
    pub fn take_panics(&self) {
        let (format, color) = (self.format, self.color);
        let bars = self.bars.clone();
        std::panic::set_hook(Box::new(move |panic| {
            let console = Self {
                level: Level::Normal,
                format,
                color,
                progress: false,
                bars: bars.clone(),
            };
            console.record(
                Severity::Error,
                format_args!("a bug in precis: {panic}"),
                json!({}),
            );
        }));
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

    fn record(&self, severity: Severity, message: impl Display, fields: Value) {
        let (needed, label) = match severity {
            Severity::Debug => (Level::Verbose, None),
            Severity::Info => (Level::Normal, None),
            Severity::Warning => (Level::Normal, Some(self.paint("33", "warning:"))),
            Severity::Error => (Level::Quiet, Some(self.paint("1;31", "error:"))),
        };
        if self.level < needed {
            return;
        }
        let line = match (self.format, label) {
            (LogFormat::Text, Some(label)) => format!("{label} {message}"),
            (LogFormat::Text, None) => message.to_string(),
            (LogFormat::Json, _) => {
                let mut line = json!({
                    "time": Timestamp::now().to_string(),
                    "level": severity,
                    "message": message.to_string(),
                });
                if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
                    line.extend(fields);
                }
                line.to_string()
            }
        };
        // Nobody may be listening any more; the work goes on.
        self.bars.suspend(|| {
            let _ = writeln!(stderr(), "{line}");
        });
    }
}

impl SkippedArticle {
    /// What a log in JSON says of it.
    pub(super) fn event(&self) -> Value {
        json!({
            "event": "skipped",
            "path": self.path,
            "code": self.code,
            "reason": self.reason,
        })
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
