//! A summary as a page for an editor: what the article says, and where.
//!
//! Sentences are numbered from 0, as in the JSON; a number in brackets links to its sentence in the
//! translation at the end of the page. Sections without content are left out. The page is also fit to
//! be read as it is.

use crate::summarize::{
    Flag, Flagged, Grade, Kept, Origin, Quote, SentenceId, Summary, TranslatedSentence, Trust,
};

use super::escape::{block, inline};
use super::marker::MADE_BY;
use super::rows;
use super::words::{flag_words, part_words, short, why_replaced, why_unwritten};

/// Confidence from which on the language of an article is beyond doubt.
const SURE: f64 = 0.9;

/// Writes a Markdown page (CommonMark with tables) that ends with a newline.
///
/// Texts are escaped, so that none of them acts as Markdown or HTML. The only HTML on the page are
/// the empty anchors that the sentence numbers link to.
pub fn to_markdown(summary: &Summary) -> String {
    let blocks = [
        Some(format!("# {}", inline(&summary.headline))),
        Some(about(summary)),
        title(summary),
        origin(summary),
        topics(summary),
        cut_off(summary),
        abstract_(summary),
        key_points(summary),
        people(summary),
        organisations(summary),
        places(summary),
        events(summary),
        figures(summary),
        quotes(summary),
        warnings(summary),
        translation(summary),
        Some(format!("---\n\n{}", provenance(summary))),
        targets(summary),
    ];
    let mut page = blocks
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n\n");
    page.push('\n');
    page
}

fn about(summary: &Summary) -> String {
    let source = &summary.source;
    let mut facts = vec![block(&source.path)];
    facts.extend(source.date.as_deref().map(inline));
    // Summaries are of French articles; only a doubt is worth a word.
    if source.language_confidence < SURE {
        facts.push(format!(
            "{} ({:.0}%)",
            inline(&source.language),
            source.language_confidence * 100.0
        ));
    }
    facts.push(match source.sentences {
        1 => "1 sentence".to_owned(),
        n => format!("{n} sentences"),
    });
    facts.push(trust(summary));
    facts.join(" · ")
}

fn topics(summary: &Summary) -> Option<String> {
    let labels = summary.topics.iter().map(|topic| inline(&topic.label));
    let labels: Vec<String> = labels.collect();
    (!labels.is_empty()).then(|| format!("Topics: {}", labels.join(" · ")))
}

/// `translation: check (12 sentences good, 5 to check, 1 bad)`
fn trust(summary: &Summary) -> String {
    let Trust {
        grade,
        good,
        check,
        bad,
    } = summary.trust;
    format!(
        "translation: {} ({good} good, {check} to check, {bad} bad)",
        grade.word()
    )
}

fn title(summary: &Summary) -> Option<String> {
    let french = format!("« {} »", inline(rows::original_title(summary)?));
    Some(match rows::title(summary) {
        Some(english) => format!("Title: {} ({french})", inline(english)),
        None => format!("Title: {french}"),
    })
}

/// Author and address.
fn origin(summary: &Summary) -> Option<String> {
    let source = &summary.source;
    let author = source.author.as_deref();
    let author = author.map(|author| format!("Author: {}", inline(author)));
    let url = source
        .url
        .as_deref()
        .map(|url| format!("Address: {}", inline(url)));
    let parts: Vec<String> = author.into_iter().chain(url).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn cut_off(summary: &Summary) -> Option<String> {
    let truncated = summary.source.truncated;
    truncated.then(|| {
        "⚠ The article is cut off: the source holds only its beginning, the rest is for subscribers."
            .to_owned()
    })
}

fn abstract_(summary: &Summary) -> Option<String> {
    let text = block(&summary.abstract_.text);
    let line = format!("{text}{}", marks(summary, &summary.abstract_.evidence));
    section("Abstract", (!text.is_empty()).then_some(line))
}

fn key_points(summary: &Summary) -> Option<String> {
    let points = rows::key_points(summary).into_iter();
    section(
        "Key points",
        points.map(|point| {
            format!(
                "- {}{}",
                block(&point.text),
                marks(summary, &point.evidence)
            )
        }),
    )
}

fn people(summary: &Summary) -> Option<String> {
    let people = summary.people.iter();
    let people =
        people.map(|p| Entry::new(&p.name, &p.source_name, p.role.as_deref(), &p.sentences));
    section("People", entries(people))
}

fn organisations(summary: &Summary) -> Option<String> {
    let organisations = summary.organisations.iter();
    let organisations = organisations.map(|o| {
        Entry::new(
            &o.name,
            &o.source_name,
            o.description.as_deref(),
            &o.sentences,
        )
    });
    section("Organisations", entries(organisations))
}

fn places(summary: &Summary) -> Option<String> {
    let lines = rows::places(summary).into_iter().map(|(kind, places)| {
        let places = places.into_iter();
        let places = places.map(|p| Entry::new(&p.name, &p.source_name, None, &p.sentences).text);
        let places = places.collect::<Vec<_>>().join(" · ");
        match kind {
            Some(kind) => format!("- {kind}: {places}"),
            None => format!("- {places}"),
        }
    });
    section("Places", lines)
}

/// A name in a list.
struct Entry {
    /// `**Lukashenko** (Loukachenko), president of Belarus ([1], [2])`
    text: String,
    /// Whether nothing is said of it.
    is_bare: bool,
}

impl Entry {
    fn new(name: &str, source_name: &str, role: Option<&str>, sentences: &[SentenceId]) -> Self {
        let mut text = format!("**{}**", inline(name));
        if source_name != name {
            text += &format!(" ({})", inline(source_name));
        }
        if let Some(role) = role {
            text += &format!(", {}", inline(role));
        }
        Self {
            text: text + &links(sentences),
            is_bare: role.is_none(),
        }
    }
}

/// A line for each name of which something is said, and one for all others.
fn entries(all: impl Iterator<Item = Entry>) -> Vec<String> {
    let (bare, said): (Vec<Entry>, Vec<Entry>) = all.partition(|entry| entry.is_bare);
    let bare: Vec<String> = bare.into_iter().map(|entry| entry.text).collect();
    let bare = (!bare.is_empty()).then(|| bare.join(" · "));
    let said = said.into_iter().map(|entry| entry.text);
    said.chain(bare).map(|line| format!("- {line}")).collect()
}

fn events(summary: &Summary) -> Option<String> {
    let rows = rows::timeline(summary).into_iter().map(|it| {
        row([
            inline(&it.when()),
            inline(it.text()) + &marks(summary, &[it.sentence()]),
            inline(&it.as_written()),
        ])
    });
    section("Timeline", table(["Date", "Event", "As written"], rows))
}

fn figures(summary: &Summary) -> Option<String> {
    let rows = rows::figures(summary).into_iter().map(|it| {
        row([
            inline(&it.quantities()),
            match it.clause() {
                Some(clause) => inline(clause) + &marks(summary, &[it.sentence()]),
                None => inline(it.what().unwrap_or("–")) + &links(&[it.sentence()]),
            },
            inline(&it.as_written()),
        ])
    });
    section("Figures", table(["Figure", "What", "As written"], rows))
}

fn quotes(summary: &Summary) -> Option<String> {
    let quotes = summary
        .quotes
        .iter()
        .map(|it| quote(summary, it))
        .collect::<Vec<_>>();
    section("Quotes", (!quotes.is_empty()).then(|| quotes.join("\n\n")))
}

fn quote(summary: &Summary, quote: &Quote) -> String {
    let speaker = quote
        .speaker
        .as_deref()
        .map_or("not named".to_owned(), inline);
    format!(
        "> “{}”\n>\n> « {} »\n>\n> — {speaker}{}",
        inline(&quote.text),
        inline(&quote.source_text),
        marks(summary, &[quote.sentence])
    )
}

fn warnings(summary: &Summary) -> Option<String> {
    let checks = &summary.checks;
    // Those that are flagged one by one are not counted as well.
    let is_flagged = |flag| checks.flagged.iter().any(|it| it.flag == flag);
    let counts = [
        ("number", checks.numbers, Flag::NumberLost),
        ("date", checks.dates, Flag::DateLost),
        ("name", checks.names, Flag::NameLost),
    ];
    let counts = counts.into_iter().filter(|(.., flag)| !is_flagged(*flag));
    let lost = counts.filter_map(|(what, Kept { kept, of }, _)| {
        let lost = of.checked_sub(kept).filter(|&lost| lost > 0)?;
        let (s, are) = if lost == 1 { ("", "is") } else { ("s", "are") };
        Some(format!(
            "- {lost} {what}{s} of the {of} in the source {are} missing from the translation."
        ))
    });
    // What was left out for it says it, too.
    let is_told = |it: &&Flagged| {
        it.flag == Flag::Unsupported
            && (checks.replaced.iter()).any(|left| {
                left.evidence == [it.sentence] && left.unsupported.join(", ") == it.detail
            })
    };
    let flagged = checks
        .flagged
        .iter()
        .filter(|it| !is_told(it))
        .map(|flagged| {
            let detail = match inline(&flagged.detail) {
                detail if detail.is_empty() => detail,
                detail => format!(": {detail}"),
            };
            let mark = mark(summary, flagged.sentence);
            format!("- Sentence {mark}: {}{detail}", flag_words(flagged.flag))
        });
    let replaced = checks.replaced.iter().map(|replaced| {
        format!(
            "- Left out of the {}: “{}”{}: {}",
            part_words(replaced.part),
            inline(&replaced.text),
            marks(summary, &replaced.evidence),
            inline(&why_replaced(replaced)),
        )
    });
    let unwritten = why_unwritten(summary).map(|words| format!("- {}", inline(&words)));
    let notes = summary.source.notes.iter();
    let notes = notes.map(|note| format!("- {}", inline(note)));
    section(
        "Warnings",
        notes
            .chain(lost)
            .chain(unwritten)
            .chain(flagged)
            .chain(replaced),
    )
}

fn translation(summary: &Summary) -> Option<String> {
    let mut paragraph = None;
    let pairs = summary.translation.sentences.iter().map(|sentence| {
        let begins = paragraph.replace(sentence.paragraph) != Some(sentence.paragraph);
        pair(sentence, begins)
    });
    let pairs: Vec<String> = pairs.collect();
    section(
        "Translation",
        (!pairs.is_empty()).then(|| pairs.join("\n\n")),
    )
}

/// A sentence in English, and below it in French. The first one of a paragraph is marked with a pilcrow, a
/// flagged one with a warning sign, and one that no model has translated with where it is from.
fn pair(sentence: &TranslatedSentence, begins_paragraph: bool) -> String {
    let id = sentence.id;
    let pilcrow = if begins_paragraph { "¶ " } else { "" };
    let sign = if sentence.flags.is_empty() {
        ""
    } else {
        " ⚠"
    };
    let origin = match sentence.origin {
        Origin::Model => "",
        Origin::Memory => " from the translation memory",
        Origin::Source => " in English",
    };
    format!(
        "<a id=\"s{id}\"></a>{pilcrow}**{id}**{}{origin}{sign} · {}\n\n> {}",
        grade(Some(sentence)),
        inline(&sentence.text),
        block(&sentence.source),
    )
}

/// Where the numbers of sentences lead: reference links leave the text readable as it is.
fn targets(summary: &Summary) -> Option<String> {
    let sentences = summary.translation.sentences.iter();
    let targets = sentences.map(|sentence| {
        let id = sentence.id;
        match sentence.grade {
            Grade::Good => format!("[{id}]: #s{id}"),
            _ => format!("[{id}]: #s{id}\n[{id}{}]: #s{id}", grade(Some(sentence))),
        }
    });
    let targets: Vec<String> = targets.collect();
    (!targets.is_empty()).then(|| targets.join("\n"))
}

fn provenance(summary: &Summary) -> String {
    let made = &summary.provenance;
    let translator = &made.translator;
    let writer = match &made.writer.digest {
        Some(digest) => format!(
            "{} ({})",
            inline(&made.writer.model),
            inline(&short(digest))
        ),
        None => inline(&made.writer.model),
    };
    format!(
        "{MADE_BY}{} · translated by {} ({}), beam {}, {} · abstract: {writer} · source {} · schema {}",
        inline(&made.tool),
        inline(&translator.model),
        inline(&short(&translator.digest)),
        translator.settings.beam,
        inline(&translator.settings.numeric),
        inline(&short(&summary.source.digest)),
        inline(&summary.schema_version),
    )
}

/// Links to the sentences that a name or a figure is read from: the French, whatever the translation is
/// worth.
fn links(sentences: &[SentenceId]) -> String {
    in_brackets(sentences.iter().map(|id| format!("[{id}]")))
}

/// Links to the sentences that a statement rests on, with the grades of those that are to be checked.
fn marks(summary: &Summary, sentences: &[SentenceId]) -> String {
    in_brackets(sentences.iter().map(|&id| mark(summary, id)))
}

/// ` ([3], [5 check])`
fn in_brackets(marks: impl Iterator<Item = String>) -> String {
    let marks: Vec<String> = marks.collect();
    match &marks[..] {
        [] => String::new(),
        marks => format!(" ({})", marks.join(", ")),
    }
}

/// `[3]`, or `[3 check]`
fn mark(summary: &Summary, id: SentenceId) -> String {
    let sentence = summary.translation.sentences.get(id.0);
    format!("[{id}{}]", grade(sentence))
}

/// A blank and the grade of a sentence, nothing if that is good.
fn grade(sentence: Option<&TranslatedSentence>) -> String {
    match sentence.map_or(Grade::Good, |sentence| sentence.grade) {
        Grade::Good => String::new(),
        grade => format!(" {}", grade.word()),
    }
}

fn section(heading: &str, lines: impl IntoIterator<Item = String>) -> Option<String> {
    let lines: Vec<_> = lines.into_iter().collect();
    (!lines.is_empty()).then(|| format!("## {heading}\n\n{}", lines.join("\n")))
}

/// Returns `None` if there are no rows.
fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = String>,
) -> impl Iterator<Item = String> {
    let mut rows = rows.peekable();
    let head = rows.peek().map(|_| {
        [
            row(header.map(str::to_owned)),
            row(["---"; N].map(str::to_owned)),
        ]
    });
    head.into_iter().flatten().chain(rows)
}

fn row<const N: usize>(cells: [String; N]) -> String {
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};
    use serde_json::Value;

    use super::*;
    use crate::summarize::{Flag, Flagged};

    fn fixture() -> Summary {
        serde_json::from_str(include_str!("../../tests/fixtures/summary.json")).unwrap()
    }

    fn events_of(page: &str) -> Vec<Event<'_>> {
        Parser::new_ext(page, Options::all() - Options::ENABLE_SMART_PUNCTUATION).collect()
    }

    #[test]
    fn a_page_reads_well() {
        insta::assert_snapshot!(to_markdown(&fixture()));
    }

    #[test]
    fn empty_sections_are_left_out() {
        let mut summary = fixture();
        summary.abstract_.text.clear();
        summary.source.title = None;
        summary.source.date = None;
        summary.key_points.clear();
        summary.people.clear();
        summary.organisations.clear();
        summary.places.clear();
        summary.events.clear();
        summary.figures.clear();
        summary.quotes.clear();
        summary.topics.clear();
        summary.checks.names.of = summary.checks.names.kept;
        summary.checks.flagged.clear();
        summary.checks.replaced.clear();
        summary.translation.sentences.clear();
        insta::assert_snapshot!(to_markdown(&summary), @r"
        # Port of Marseille reopens after twelve-day strike

        corpus/port-de-marseille.txt · 5 sentences · translation: bad (3 good, 1 to check, 1 bad)

        ---

        Made by precis 0.1.0 · translated by fr-en-tiny (blake3:fedcba987654…), beam 4, int8 · abstract: extractive · source blake3:0f1e2d3c4b5a… · schema 1.2
        ");
    }

    #[test]
    fn where_the_article_is_from_and_what_it_lacks_is_said() {
        let mut summary = fixture();
        summary.source.author = Some("Basile *Mourier*".into());
        summary.source.url = Some("https://verzac.example/a_b".into());
        summary.source.truncated = true;
        summary.source.notes = vec!["The source gives the date “mardi”.".into()];
        let page = to_markdown(&summary);
        for line in [
            "Author: Basile \\*Mourier\\* · Address: ",
            "⚠ The article is cut off",
            "## Warnings\n\n- The source gives the date “mardi”.",
        ] {
            assert!(page.contains(line), "{line}\n{page}");
        }
    }

    #[test]
    fn every_mark_links_to_a_sentence() {
        let page = to_markdown(&fixture());
        let marks: Vec<_> = events_of(&page)
            .into_iter()
            .filter_map(|event| match event {
                Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url),
                _ => None,
            })
            .collect();
        assert!(marks.len() > 10);
        for mark in marks {
            let anchor = format!("<a id=\"{}\"></a>", &mark[1..]);
            assert_eq!(page.matches(&anchor).count(), 1, "{mark}");
        }
    }

    #[test]
    fn every_flag_is_put_into_words() {
        use Flag::*;
        let mut summary = fixture();
        summary.checks.flagged = [
            Repeated,
            Untranslated,
            TooShort,
            TooLong,
            NumberLost,
            DateLost,
            NameLost,
        ]
        .map(|flag| Flagged {
            sentence: SentenceId(0),
            flag,
            detail: String::new(),
        })
        .to_vec();
        summary.checks.numbers = Kept { kept: 3, of: 5 };
        let page = to_markdown(&summary);
        let (_, warnings) = page.split_once("## Warnings\n\n").unwrap();
        let (warnings, _) = warnings.split_once("\n\n").unwrap();
        insta::assert_snapshot!(warnings, @r"
        - Sentence [0]: the translation repeats itself
        - Sentence [0]: it was left in French
        - Sentence [0]: the translation is much shorter than the source; something may be missing
        - Sentence [0]: the translation is much longer than the source; something may be added
        - Sentence [0]: a number is missing from the translation, or is another one
        - Sentence [0]: a date is missing from the translation
        - Sentence [0]: a name is missing from the translation
        - Left out of the key points: “The line was closed for 14 months.” ([2 check]): the source does not say 14
        ");
    }

    /// Adds `text` to both ends of every text of a summary, except for enumerations and dates.
    fn taint(value: &mut Value, text: &str) {
        match value {
            Value::String(own) => *own = format!("{text}{own}{text}"),
            Value::Array(items) => items.iter_mut().for_each(|item| taint(item, text)),
            Value::Object(fields) => fields
                .iter_mut()
                .filter(|(key, _)| {
                    ![
                        "kind",
                        "qualifier",
                        "flag",
                        "flags",
                        "part",
                        "date",
                        "origin",
                        "grade",
                    ]
                    .contains(&key.as_str())
                })
                .for_each(|(_, field)| taint(field, text)),
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// A hostile article changes the words of its page but never the structure.
        #[test]
        fn no_text_changes_the_structure_of_the_page(
            text in "[-+*_#>|<&;:!~=$^`\\\\\\[\\](){}%@'\"/.,0-9a \n\r\té]{0,16}"
        ) {
            let structure = |text: &str| -> Vec<String> {
                let mut summary = fixture();
                // With the same text at its ends a sentence is no longer a part of the abstract.
                summary.abstract_.text = "Work goes on.".to_owned();
                let mut value = serde_json::to_value(summary).unwrap();
                taint(&mut value, text);
                let summary: Summary = serde_json::from_value(value).unwrap();
                events_of(&to_markdown(&summary))
                    .into_iter()
                    .filter(|event| !matches!(event, Event::Text(_)))
                    .map(|event| format!("{event:?}"))
                    .collect()
            };
            prop_assert_eq!(structure(&text), structure(""));
        }
    }
}
