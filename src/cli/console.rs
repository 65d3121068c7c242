//! Messages for people, on standard error. Standard output is for data.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::{Arc, OnceLock};

use clap::ValueEnum;
use indicatif::MultiProgress;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Global, hint};
use crate::article;
use crate::job::SkippedArticle;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
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
pub(super) enum LogFormat {
    Text,
    Json,
}

/// Field of a message for the option that helps.
const HINT: &str = "hint";

#[derive(Clone)]
pub(super) struct Console {
    level: Level,
    format: LogFormat,
    color: bool,
    /// Whether to colour what goes to standard output.
    pub output_color: bool,
    /// Characters of a line of standard output, where it is a terminal or `COLUMNS` says it.
    pub output_width: Option<usize>,
    /// Id of the run that the messages are about.
    run: Arc<OnceLock<String>>,
    /// Whether to show progress.
    pub progress: bool,
    /// Bars on the terminal; messages are printed above them.
    pub bars: MultiProgress,
}

impl Console {
    pub(super) fn new(global: &Global) -> Self {
        let level = match (global.quiet, global.verbose) {
            (true, _) => Level::Quiet,
            (_, true) => Level::Verbose,
            _ => Level::Normal,
        };
        let colors = |is_terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                is_terminal && !refused
            }
        };
        Self {
            level,
            format: global.log_format,
            color: colors(stderr().is_terminal()) && global.log_format == LogFormat::Text,
            output_color: colors(stdout().is_terminal()),
            output_width: output_width(),
            run: Arc::default(),
            progress: level > Level::Quiet && !global.no_progress,
            bars: MultiProgress::new(),
        }
    }

    /// For errors before the options are known.
    pub(super) fn plain() -> Self {
        Self {
            level: Level::Normal,
            format: LogFormat::Text,
            color: false,
            output_color: false,
            output_width: None,
            run: Arc::default(),
            progress: false,
            bars: MultiProgress::new(),
        }
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.level == Level::Verbose
    }

    /// Whether bars can be drawn.
    pub(super) fn has_bars(&self) -> bool {
        self.progress && self.format == LogFormat::Text && stderr().is_terminal()
    }

    /// Prints a message unless `--quiet`.
    pub(super) fn say(&self, message: impl Display) {
        self.record(Severity::Info, message, json!({}));
    }

    /// [`Self::say`]; `fields`, an object, say the same in JSON.
    pub(super) fn say_with(&self, message: impl Display, fields: Value) {
        self.record(Severity::Info, message, fields);
    }

    /// [`Self::say_with`] in JSON only, where the text has several lines.
    pub(super) fn json_only(&self, message: impl Display, fields: Value) {
        if self.format == LogFormat::Json {
            self.record(Severity::Info, message, fields);
        }
    }

    /// [`Self::say`] in text only.
    pub(super) fn text_only(&self, message: impl Display) {
        if self.format == LogFormat::Text {
            self.say(message);
        }
    }

    /// Prints a message with `--verbose`.
    pub(super) fn detail(&self, message: impl Display) {
        self.record(Severity::Debug, message, json!({}));
    }

    /// [`Self::say_with`], in text only with `--verbose`.
    pub(super) fn detail_with(&self, message: impl Display, fields: Value) {
        let severity = match self.format {
            LogFormat::Text => Severity::Debug,
            LogFormat::Json => Severity::Info,
        };
        self.record(severity, message, fields);
    }

    /// Prints a warning unless `--quiet`.
    pub(super) fn warn(&self, message: impl Display) {
        self.record(Severity::Warning, message, json!({}));
    }

    /// [`Self::warn`] with the option that helps against `problem`, if there is one.
    pub(super) fn warn_of(
        &self,
        problem: &(dyn std::error::Error + 'static),
        message: impl Display,
    ) {
        let fields = hint_field(hint::of_cause(problem));
        self.record(Severity::Warning, message, fields);
    }

    /// Prints an error with the option that helps against it, if there is one.
    pub(super) fn error(&self, error: &anyhow::Error) {
        let fields = hint_field(hint::of(error));
        self.record(Severity::Error, with_causes(error), fields);
    }

    /// [`Self::error`] for an article that was asked for by name and skipped.
    pub(super) fn skipped_error(&self, skipped: &SkippedArticle) {
        let message = format_args!("{}: {}", skipped.path, skipped.reason);
        let fields = hint_field(hint::of_skipped(&skipped.code).map(str::to_owned));
        self.record(Severity::Error, message, fields);
    }

    /// [`Self::text_only`] with the options that would admit some of the skipped articles.
    pub(super) fn skip_hints(&self, skipped: &[SkippedArticle]) {
        for hint in hint::of_all_skipped(skipped) {
            self.text_only(format_args!("{} {hint}", self.hint_label()));
        }
    }

    /// Has every message in JSON name the run.
    pub(super) fn begin_run(&self, run: &str) {
        self.run.get_or_init(|| run.to_owned());
    }

    /// Reports panics as errors, each on one line, but for those that damaged files cause.
    pub(super) fn report_panics(&self) {
        let console = Self {
            level: Level::Normal,
            ..self.clone()
        };
        std::panic::set_hook(Box::new(move |panic| {
            if article::is_contained() {
                return;
            }
            console.record(
                Severity::Error,
                format_args!("a bug in precis: {panic}"),
                json!({}),
            );
        }));
    }

    pub(super) fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn hint_label(&self) -> String {
        self.paint("1;36", "hint:")
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// `fields` are part of the JSON; text only shows [`HINT`] of them, on a second line.
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
            (LogFormat::Text, label) => {
                let label = label.map_or_else(String::new, |label| format!("{label} "));
                let hint = fields.get(HINT).and_then(Value::as_str);
                let hint = hint.map_or_else(String::new, |hint| {
                    format!("\n{} {hint}", self.hint_label())
                });
                format!("{label}{message}{hint}")
            }
            (LogFormat::Json, _) => {
                let mut line = json!({
                    "time": Timestamp::now().to_string(),
                    "level": severity,
                    "message": message.to_string(),
                });
                if let Some(run) = self.run.get() {
                    line["run"] = run.as_str().into();
                }
                if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
                    line.extend(fields);
                }
                line.to_string()
            }
        };
        // The work goes on even if nobody reads standard error any more.
        self.bars.suspend(|| {
            let _ = writeln!(stderr(), "{line}");
        });
    }
}

fn output_width() -> Option<usize> {
    let stated = std::env::var("COLUMNS").ok();
    let stated = stated.and_then(|columns| columns.parse().ok());
    let measured = || {
        let (width, _) = terminal_size::terminal_size_of(stdout())?;
        Some(usize::from(width.0))
    };
    stated.or_else(measured).filter(|width| *width > 0)
}

impl SkippedArticle {
    /// Its fields in a JSON log.
    pub(super) fn event(&self) -> Value {
        let mut event = json!({
            "event": "skipped",
            "path": self.path,
            "code": self.code,
            "reason": self.reason,
        });
        if let Some(hint) = hint::of_skipped(&self.code) {
            event[HINT] = hint.into();
        }
        event
    }
}

/// Fields of a message with `hint`, or none.
fn hint_field(hint: Option<String>) -> Value {
    match hint {
        Some(hint) => json!({ HINT: hint }),
        None => json!({}),
    }
}

/// The message with its causes. Many messages include their cause, which is not repeated then.
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
    fn causes_are_not_repeated() {
        let io = || std::io::Error::other("the disk is gone");
        let says_it = anyhow::Error::new(io()).context("cannot read x: the disk is gone");
        assert_eq!(with_causes(&says_it), "cannot read x: the disk is gone");
        let does_not = anyhow::Error::new(io()).context("cannot read x");
        assert_eq!(with_causes(&does_not), "cannot read x: the disk is gone");
    }
}
