//! `precis search`: articles of an output folder.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::console::Console;
use super::{Exit, archive};
use crate::archive::{Archive, Found, Hit, MOST_WORDS, Query, search};
use crate::output::{count, one_line};
use crate::summarize::Grade;

const AFTER_HELP: &str = "\
Examples:
  precis search vaccin
  precis search 'port strike' --place Marseille --from 2025-01 --to 2025-03
  precis search '' --person Buzyn --grade good --limit 5 summaries
  precis search vaccin --format json | jq -r '.articles[].page'

Each word begins a word of the article, in any case and without accents: in the headline, names and
French title, abstract, key points, or either text, which is also the order of what is found. A name
has to have all words of its filter.

Exit codes: 0 done, whether or not something is found; 1 failed; 2 wrong usage; 3 done, but some
summaries cannot be read.";

/// Narrowest lines that a sentence is broken into.
const NARROWEST: usize = 20;
/// Characters of a sentence that a terminal shows on each side of the first word that is looked for.
const AROUND: usize = 160;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SearchArgs {
    /// Words, each of which begins a word of the article; '' for the filters alone
    #[arg(value_name = "WORDS")]
    words: String,
    /// Output folder of a run
    #[arg(value_name = "DIR", env = "PRECIS_OUT", default_value = "out")]
    out: PathBuf,
    /// Only articles with a person of this name
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only articles with an organisation of this name
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// Only articles with a place of this name
    #[arg(long, value_name = "NAME")]
    place: Option<String>,
    /// Only articles of this day, month or year (2025-01-31, 2025-01, 2025) or later
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    from: Option<String>,
    /// Only articles of this day, month or year or earlier
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    to: Option<String>,
    /// Only articles whose translation has one of these grades
    #[arg(long, value_name = "GRADE", value_delimiter = ',')]
    grade: Vec<GradeChoice>,
    /// Show at most so many articles
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    limit: usize,
    /// How to print what is found
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GradeChoice {
    Good,
    Check,
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// A day, month or year as it begins dates in ISO 8601.
fn parse_day(text: &str) -> Result<String, String> {
    let rest = match text.len() {
        4 => "-01-01",
        7 => "-01",
        _ => "",
    };
    let day: Result<jiff::civil::Date, _> = format!("{text}{rest}").parse();
    match day {
        Ok(_) if [4, 7, 10].contains(&text.len()) => Ok(text.to_owned()),
        _ => Err("not a day, month or year such as 2025-01-31, 2025-01 or 2025".to_owned()),
    }
}

pub(super) fn run(arguments: &SearchArgs, console: &Console) -> anyhow::Result<Exit> {
    let query = match query(arguments) {
        Ok(query) => query,
        Err(error) => {
            console.error(&error);
            return Ok(Exit::Usage);
        }
    };
    let out = &arguments.out;
    archive::look(out, console)?;
    let summaries = Archive::open(out)?;
    let found = search(&summaries, &query, arguments.limit);
    if found.searched == 0 && found.unreadable.is_empty() {
        bail!(
            "there is no summary in {}; name the output folder of a run",
            out.display()
        );
    }
    match arguments.format {
        Format::Text => write_text(&found, &query, out, console)?,
        Format::Json => write_json(&found, &query, arguments)?,
    }
    say_counts(&found, console);
    Ok(archive::warn_of(&found.unreadable, console))
}

fn query(arguments: &SearchArgs) -> anyhow::Result<Query> {
    let has_word = |text: &str| text.contains(char::is_alphanumeric);
    let names = [
        ("--person", &arguments.person),
        ("--organisation", &arguments.organisation),
        ("--place", &arguments.place),
    ];
    for (option, name) in names {
        if name.as_deref().is_some_and(|name| !has_word(name)) {
            bail!("{option} has neither a letter nor a digit");
        }
    }
    if !arguments.words.trim().is_empty() && !has_word(&arguments.words) {
        bail!("the words to search for have neither a letter nor a digit");
    }
    let Some(mut query) = Query::new(&arguments.words) else {
        bail!("a search takes at most {MOST_WORDS} words");
    };
    let [person, organisation, place] = names.map(|(_, name)| name.as_deref().unwrap_or_default());
    query = query
        .with_person(person)
        .with_organisation(organisation)
        .with_place(place);
    query.from.clone_from(&arguments.from);
    query.to.clone_from(&arguments.to);
    let grades = arguments.grade.iter().map(|grade| match grade {
        GradeChoice::Good => Grade::Good,
        GradeChoice::Check => Grade::Check,
        GradeChoice::Bad => Grade::Bad,
    });
    query.grades = grades.collect();
    Ok(query)
}

fn say_counts(found: &Found, console: &Console) {
    let all = count(found.searched, "article", "articles");
    console.say(match (found.all, found.hits.len()) {
        (0, _) => format!("Nothing found in {all}."),
        (found, shown) if found == shown => format!("{found} of {all}."),
        (found, shown) => format!("{found} of {all}; the best {shown} are shown."),
    });
}

fn write_text(found: &Found, query: &Query, out: &Path, console: &Console) -> std::io::Result<()> {
    let mut to = stdout().lock();
    for (n, hit) in found.hits.iter().enumerate() {
        if n > 0 {
            writeln!(to)?;
        }
        let day = hit
            .date
            .as_deref()
            .map_or("no date", |date| date.get(..10).unwrap_or(date));
        let head = format!(
            "{}  {}  {}",
            one_line(day),
            hit.grade.word(),
            one_line(&hit.id)
        );
        writeln!(to, "{head}")?;
        writeln!(to, "{}", shown(&hit.headline, query, console))?;
        if let Some(passage) = &hit.passage {
            writeln!(to, "{}", shown(&passage.text, query, console))?;
        }
        writeln!(to, "  {}", one_line(&page(hit, out)))?;
    }
    Ok(())
}

/// A text with the words that are looked for marked, broken into lines that fit the terminal.
fn shown(text: &str, query: &Query, console: &Console) -> String {
    let text = one_line(text);
    let width = console.output_width;
    let text = match width {
        Some(_) => excerpt(&text, query),
        None => text,
    };
    let (open, close) = match console.output_color {
        true => ("\x1b[1;33m", "\x1b[0m"),
        false => ("*", "*"),
    };
    let mut marked = String::new();
    let mut end = 0;
    for mark in query.marks(&text) {
        marked += &text[end..mark.start];
        marked += &[open, &text[mark.clone()], close].concat();
        end = mark.end;
    }
    marked += &text[end..];
    match width {
        Some(width) => broken(&marked, width.max(NARROWEST) - 2),
        None => format!("  {marked}"),
    }
}

/// What stands around the first word that is looked for, if the text is long.
fn excerpt(text: &str, query: &Query) -> String {
    let first = query.marks(text).first().map_or(0, |mark| mark.start);
    let before = text[..first].char_indices().rev().nth(AROUND - 1);
    let start = before.map_or(0, |(at, _)| at);
    let start = match start {
        0 => 0,
        start => text[start..first]
            .find(' ')
            .map_or(start, |blank| start + blank + 1),
    };
    let after = text[first..].char_indices().nth(AROUND);
    let end = after.map_or(text.len(), |(at, _)| first + at);
    let end = match end == text.len() {
        true => end,
        false => text[first..end]
            .rfind(' ')
            .map_or(end, |blank| first + blank),
    };
    let ellipsis = |cut: bool| if cut { "…" } else { "" };
    format!(
        "{}{}{}",
        ellipsis(start > 0),
        &text[start..end],
        ellipsis(end < text.len())
    )
}

/// `text` in lines of at most `width` characters, as far as its words allow, each with two blanks before
/// it. Signs for colours have no width.
fn broken(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split(' ') {
        let own = visible(word);
        if length > 0 && length + 1 + own > width {
            lines.push(String::new());
            length = 0;
        }
        let line = lines.last_mut().expect("there is one");
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += own;
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// Number of characters that a terminal shows.
fn visible(word: &str) -> usize {
    let mut shown = 0;
    let mut is_sign = false;
    for c in word.chars() {
        match c {
            '\x1b' => is_sign = true,
            'm' if is_sign => is_sign = false,
            _ if is_sign => {}
            _ => shown += 1,
        }
    }
    shown
}

/// The file to open, at the sentence that is shown if it has places.
fn page(hit: &Hit, out: &Path) -> String {
    let html = out.join(format!("{}.html", hit.id));
    match &hit.passage {
        _ if !html.is_file() => out.join(format!("{}.md", hit.id)).display().to_string(),
        Some(passage) => format!("{}#s{}", html.display(), passage.sentence),
        None => html.display().to_string(),
    }
}

fn write_json(found: &Found, query: &Query, arguments: &SearchArgs) -> std::io::Result<()> {
    let articles = found.hits.iter().map(|hit| {
        let passage = hit.passage.as_ref().map(|passage| {
            json!({
                "sentence": passage.sentence,
                "language": passage.language,
                "text": passage.text,
                "marks": marks(&passage.text, query),
            })
        });
        json!({
            "id": hit.id,
            "date": hit.date,
            "headline": hit.headline,
            "title": hit.title,
            "grade": hit.grade,
            "found_in": hit.found_in,
            "passage": passage,
            "page": page(hit, &arguments.out),
        })
    });
    let result = json!({
        "words": arguments.words,
        "searched": found.searched,
        "found": found.all,
        "articles": articles.collect::<Vec<Value>>(),
    });
    let mut json = serde_json::to_vec_pretty(&result)?;
    json.push(b'\n');
    stdout().write_all(&json)
}

/// Where the words that are looked for stand, in Unicode characters.
fn marks(text: &str, query: &Query) -> Vec<[usize; 2]> {
    let at = |byte: usize| text[..byte].chars().count();
    let marks = query.marks(text).into_iter();
    marks.map(|mark| [at(mark.start), at(mark.end)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_and_years_are_taken() {
        for text in ["2025", "2025-01", "2025-12-31"] {
            assert_eq!(parse_day(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "25",
            "2025-13",
            "2025-02-30",
            "2025-1",
            "2025-01-01T10:00",
            "été!",
        ] {
            assert!(parse_day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lines_fit_as_far_as_words_allow() {
        assert_eq!(broken("one two three", 7), "  one two\n  three");
        assert_eq!(broken("Überraschung da", 5), "  Überraschung\n  da");
        assert_eq!(
            broken("\x1b[1;33mone\x1b[0m two", 7),
            "  \x1b[1;33mone\x1b[0m two"
        );
    }

    #[test]
    fn an_excerpt_is_cut_between_words() {
        let query = Query::new("vaccin").unwrap();
        let text = format!("{}vaccin {}", "é mot ".repeat(100), "suite é ".repeat(100));
        let cut = excerpt(&text, &query);
        assert!(cut.starts_with('…') && cut.ends_with('…'), "{cut}");
        assert!(cut.contains(" vaccin suite"), "{cut}");
        assert!(cut.chars().count() < 2 * AROUND + 4);
        assert_eq!(excerpt("un vaccin", &query), "un vaccin");
        let one_word = "x".repeat(1000);
        assert!(excerpt(&one_word, &query).ends_with('…'));
    }
}
