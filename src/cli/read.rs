//! `precis read`: what is read from files, and what is left out of them and why. Needs no model.

use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::console::Console;
use super::reading::ReadArgs;
use crate::article::{self, Article, LeftOut};
use crate::job::{SkippedArticle, is_output_folder};
use french::text::ParagraphKind;

const AFTER_HELP: &str = "\
Examples:
  precis read article.html
  precis read news.jsonl --field-text body

Shows title and date with where each came from, the paragraphs that are read, and the blocks that
are left out, each with the reason.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ReadCommandArgs {
    /// Files with one article, or one per line (.jsonl), or folders
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(arguments: &ReadCommandArgs, console: &Console) -> anyhow::Result<Exit> {
    let found = article::find(&arguments.files, is_output_folder);
    let options = arguments.read.options();
    let mut skipped: Vec<SkippedArticle> = found.skipped.into_iter().map(Into::into).collect();
    let mut read = 0;
    let mut output = stdout().lock();
    let files = found.files.iter();
    for article in files.flat_map(|file| article::read(file, &options)) {
        match article {
            Ok(article) => {
                if read > 0 {
                    writeln!(output)?;
                }
                output.write_all(explained(&article).as_bytes())?;
                read += 1;
            }
            Err(reason) => skipped.push(reason.into()),
        }
    }
    output.flush()?;
    for skipped in &skipped {
        console.skipped_error(skipped);
    }
    Ok(match (read, skipped.is_empty()) {
        (_, true) => Exit::Done,
        (0, false) => Exit::Failed,
        (_, false) => Exit::Skipped,
    })
}

fn explained(article: &Article) -> String {
    let about = &article.about;
    let mut text = String::new();
    let mut line = |name: &str, value: Option<&str>, from: Option<&str>| {
        let from = from.filter(|_| value.is_some());
        let from = from.map(|from| format!("  (from: {from})"));
        let (value, from) = (value.unwrap_or("none"), from.unwrap_or_default());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name:<9}{}{from}", shown(value));
    };
    let date = article.date.map(|date| date.to_string());
    line("Source", Some(&article.path), None);
    line("Format", Some(article.media_type), Some(article.encoding));
    line("Title", article.title.as_deref(), about.title_from);
    line("Date", date.as_deref(), about.date_from);
    line("Author", about.author.as_deref(), None);
    line("Address", about.url.as_deref(), None);
    if about.truncated {
        line("Cut off", Some("the rest is for subscribers"), None);
    }
    for note in &about.notes {
        line("Note", Some(note), None);
    }
    text.push_str("\nRead:\n");
    for paragraph in &article.paragraphs {
        let kind = match paragraph.kind {
            ParagraphKind::Heading => "# ",
            ParagraphKind::ListItem => "- ",
            ParagraphKind::Text => "",
        };
        let _ = writeln!(
            text,
            "  {kind}{}",
            shown(paragraph.span.slice(&article.body))
        );
    }
    if !about.left_out.is_empty() {
        text.push_str("\nLeft out:\n");
    }
    for LeftOut { text: left, reason } in &about.left_out {
        let _ = writeln!(text, "  [{}] {}", reason.words(), shown(left));
    }
    text
}

/// `text` on one line, without characters that a terminal acts on.
fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    line.chars().filter(|c| !c.is_control()).collect()
}
