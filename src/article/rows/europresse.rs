//! Europresse: the HTML that the press archive exports, one file with up to a thousand articles of
//! many papers.

use std::sync::LazyLock;

use dom_query::Document;
use encoding_rs::Encoding;
use jiff::civil::Date;
use regex::bytes::Regex;

use super::super::about::LeftOut;
use super::super::block::{Block, Content, assemble};
use super::super::clutter::Reason;
use super::super::date::{date_line, stated};
use super::super::decode;
use super::super::error::SkipReason;
use super::super::fields::clean_line;
use super::super::html;
use super::elements::Elements;
use super::stream::{self, Stream};
use super::{Failed, Parts, Record};
use french::text::ParagraphKind;

/// Whether a page that begins like this is an export.
pub(super) fn is_export(head: &[u8]) -> bool {
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"class\s*=\s*["'][^"'<>]{0,200}\b(?:DocPublicationName|publiC-lblNodoc|titreArticleVisu|rdp__articletitle|docOcurrContainer)\b"#,
        )
        .expect("the pattern is valid")
    });
    MARK.is_match(head) && OPEN.is_match(head)
}

static OPEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)<article[\s>]").expect("the pattern is valid"));
static CLOSE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)</article\s{0,20}>").expect("the pattern is valid"));

/// The articles of an export, in order.
pub(super) struct Export {
    elements: Elements,
    declared: Option<&'static Encoding>,
    /// Number of the article read last, from 1.
    number: usize,
}

impl Export {
    pub(super) fn new(stream: Stream<'static>, max_bytes: u64) -> Self {
        Self {
            declared: decode::declared_in_html(&stream.head),
            elements: Elements::new(stream, &OPEN, &CLOSE, max_bytes),
            number: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Result<Record, Failed>> {
        let element = self.elements.next()?;
        self.number += 1;
        let number = Some(self.number);
        let record = element.and_then(|bytes| {
            let decoded = stream::decoded(&bytes, self.elements.utf16(), self.declared)?;
            let (content, id) = article(&decoded.text)?;
            Ok(Record {
                number,
                digest: blake3::hash(&bytes),
                encoding: decoded.encoding,
                parts: Parts::Content { content, id },
            })
        });
        Some(record.map_err(|reason| Failed { number, reason }))
    }
}

/// What one `article` element says, and the number of the document.
fn article(markup: &str) -> Result<(Content, Option<String>), SkipReason> {
    let document = Document::from(markup);
    let line = |selector: &str| {
        let found = document.select(selector);
        let first = found.iter().next()?;
        clean_line(&first.text())
    };
    let title = line(".rdp__articletitle")
        .or_else(|| line(".titreArticle p.titreArticleVisu"))
        .or_else(|| line(".titreArticleVisu"))
        .or_else(|| line(".titreArticle"));
    let id = line(".publiC-lblNodoc");
    let date = id.as_deref().and_then(date_of_id).or_else(|| {
        let header = document.select(".DocHeader");
        header
            .iter()
            .find_map(|header| date_of_header(&header.text()))
    });
    let subtitle = line(".rdp__subtitle");
    let mut blocks: Vec<Block> = subtitle
        .and_then(|text| Block::new(&text, ParagraphKind::Text, 0))
        .into_iter()
        .collect();
    for selector in [".docOcurrContainer", ".DocText"] {
        let found = document.select(selector);
        if let Some(text) = found.iter().next() {
            blocks.extend(html::blocks(&text.inner_html())?);
            break;
        }
    }
    let mut left_out = Vec::new();
    while let Some(block) = blocks.pop_if(|block| is_note(&block.text)) {
        let (text, reason) = (block.text, Reason::Byline);
        left_out.push(LeftOut { text, reason });
    }
    let mut content = assemble(title, date, blocks);
    content.about.left_out.extend(left_out);
    let author = line(".sm-margin-bottomNews").or_else(|| line(".docAuthors"));
    content.about.author = author.filter(|names| names.chars().count() <= 120);
    Ok((content, id))
}

/// Whether a block below the text holds the address of its author: `Note(s) : jmorel@verzac.example`.
fn is_note(text: &str) -> bool {
    let rest = ["Note(s)", "Notes", "Note"]
        .iter()
        .find_map(|word| text.strip_prefix(word));
    let rest = rest
        .unwrap_or(text)
        .trim_start_matches([' ', '\u{a0}', ':', '.']);
    let is_address = rest.contains('@') && !rest.contains(char::is_whitespace);
    rest.is_empty() || is_address
}

/// The date in a number such as `news·20240312·LM·1234`.
fn date_of_id(id: &str) -> Option<Date> {
    let day = id
        .split(|c: char| !c.is_ascii_digit())
        .find(|part| part.len() == 8)?;
    stated(day)
}

/// The date in a line such as `Économie, mardi 12 mars 2024 - 07:30, p. 5`.
fn date_of_header(header: &str) -> Option<Date> {
    let lines = header
        .lines()
        .flat_map(|line| [line].into_iter().chain(line.split([',', '•', '|'])));
    let parts = lines.flat_map(|line| [line].into_iter().chain(line.split(" - ")));
    let mut parts = parts.map(str::trim);
    parts.find_map(|part| date_line(part).or_else(|| stated(part)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::super::{Article, Format, ReadOptions, Skipped, SourceFile, read};
    use super::super::tests::codes;

    fn article(header: &str, title: &str, id: &str, text: &str) -> String {
        format!(
            "<article>\n<header><div class=\"rdp__DocPublicationName\"><span class=\"DocPublicationName\">Le Courrier</span></div>\
             <span class=\"DocHeader\">{header}</span>\
             <div class=\"titreArticle\"><p class=\"sm-margin-TopNews titreArticleVisu rdp__articletitle\">{title}</p></div>\
             <p class=\"sm-margin-bottomNews\">Jeanne Morel</p></header>\n\
             <section><div class=\"DocText clearfix\"><div class=\"docOcurrContainer\">{text}</div></div></section>\
             <footer><div class=\"publiC-lblNodoc\">{id}</div><p>© 2024 Le Courrier. Tous droits réservés.</p></footer>\n</article>\n"
        )
    }

    fn export(articles: &[String]) -> String {
        let style = "p { color: black }".repeat(500);
        format!(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><style>{style}</style></head><body>{}</body></html>",
            articles.concat()
        )
    }

    fn read_page(page: &str, options: &ReadOptions) -> Vec<Result<Article, Skipped>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.HTML");
        std::fs::write(&path, page).unwrap();
        let file = SourceFile::named(&path).unwrap();
        assert_eq!(file.format, Format::Html);
        read(&file, options).collect()
    }

    #[test]
    fn each_article_of_an_export_is_one() {
        let page = export(&[
            article(
                "Économie, mardi 12 mars 2024 1240 mots, p. 5",
                "Le <mark>pont</mark> ferme",
                "news·20240312·LC·0x12",
                "<p>Le pont a fermé.</p><p>Il rouvrira.</p>",
            ),
            article(
                "Politique, mercredi 13 mars 2024 - 07:30",
                "Le budget",
                "",
                "Voté. <br><br>Enfin.<p>Note(s) :</p><p>jmorel@courrier.example</p>",
            ),
            article("Sans date", "Rien", "news·20240314·LC·3", " "),
        ]);
        let found = read_page(&page, &ReadOptions::default());
        assert_eq!(codes(&found), ["read", "read", "empty"]);
        let first = found[0].as_ref().unwrap();
        assert_eq!(first.title.as_deref(), Some("Le pont ferme"));
        assert_eq!(
            (first.date, &*first.id),
            (Some(date(2024, 3, 12)), "news-20240312-LC-0x12")
        );
        assert_eq!(first.body, "Le pont a fermé.\nIl rouvrira.");
        assert_eq!(first.about.author.as_deref(), Some("Jeanne Morel"));
        let second = found[1].as_ref().unwrap();
        assert_eq!(
            (second.date, &*second.id),
            (Some(date(2024, 3, 13)), "export-2")
        );
        assert!(second.path.ends_with("export.HTML#2"), "{}", second.path);
        assert_eq!(second.body, "Voté.\nEnfin.");
    }

    #[test]
    fn export_may_be_larger_than_one_article() {
        let text = format!("<p>{}</p>", "Le pont a fermé. ".repeat(20));
        let articles: Vec<String> = (0..50)
            .map(|n| {
                article(
                    "mardi 12 mars 2024",
                    "Pont",
                    &format!("news·20240312·LC·{n}"),
                    &text,
                )
            })
            .collect();
        let options = ReadOptions {
            max_bytes: 12_000,
            ..ReadOptions::default()
        };
        assert_eq!(
            read_page(&export(&articles), &options)
                .iter()
                .flatten()
                .count(),
            50
        );
    }

    #[test]
    fn other_pages_are_pages() {
        let page = "<html><body><article class='x'><h1>Pont</h1><p>Le pont a fermé.</p></article></body></html>";
        let found = read_page(page, &ReadOptions::default());
        assert!(found[0].as_ref().unwrap().path.ends_with("export.HTML"));
    }
}
