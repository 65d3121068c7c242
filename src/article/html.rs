//! HTML: the article of a page, without menus, banners, related links and scripts.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};
use jiff::civil::Date;
use regex::Regex;

use super::ParagraphKind;
use super::block::{Block, Content, assemble, collapse};
use super::date::{date_line, iso_date};
use super::error::SkipReason;

/// A page with more elements is a listing or an attack; its text is read without looking for the
/// article in it, which takes time that grows faster than the page.
const MAX_ELEMENTS: usize = 50_000;
const CLUTTER: &str = "nav, aside, footer, form, dialog, [role=navigation], [role=banner], \
    [role=dialog], [role=complementary], [role=contentinfo], [aria-modal=true], \
    [id*=cookie], [class*=cookie], [id*=consent], [class*=consent]";

/// Elements nested so deep are no page that people wrote. Parsing takes time in the square of the
/// depth: 45 ms at 2000, 3.4 s at 20,000.
const MAX_NESTING: usize = 4_000;
/// Beyond, the text is read without looking for the article in it: that too takes time in the
/// square of the depth, 2 s at 2000.
const MAX_ARTICLE_NESTING: usize = 256;

/// Reads a page.
pub(super) fn read(html: &str) -> Result<Content, SkipReason> {
    let document = parse(html)?;
    let title = title(&document);
    let date = date(&document);
    document.select(CLUTTER).remove();
    let Walk { blocks, depth, .. } = walk(&document);
    let article = (depth <= MAX_ARTICLE_NESTING)
        .then(|| main_blocks(document))
        .flatten()
        .filter(|article| !article.is_empty());
    Ok(assemble(title, date, article.unwrap_or(blocks)))
}

fn parse(html: &str) -> Result<Document, SkipReason> {
    if unclosed_blocks(html) > MAX_NESTING {
        return Err(SkipReason::TooDeep { limit: MAX_NESTING });
    }
    Ok(Document::from(html))
}

/// How deep the elements nest that the parser looks for an open paragraph above, as far as the tags
/// alone tell.
fn unclosed_blocks(html: &str) -> usize {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)<(/?)(?:address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figcaption|figure|footer|form|header|hgroup|main|menu|nav|ol|pre|search|section|summary|ul)\b")
            .expect("the pattern is valid")
    });
    let (mut open, mut most) = (0_usize, 0);
    for tag in TAG.captures_iter(html) {
        open = match tag[1].is_empty() {
            true => open + 1,
            false => open.saturating_sub(1),
        };
        most = most.max(open);
    }
    most
}

/// Reads a page that is XML: there any element may close itself, which to the HTML parser leaves it
/// open and swallows what follows.
pub(super) fn read_xhtml(xhtml: &str) -> Result<Content, SkipReason> {
    static CLOSED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"<(script|style|title|iframe|textarea|noscript|a|b|i|em|p|div|span)(\s[^<>]*)?/>",
        )
        .expect("the pattern is valid")
    });
    read(&CLOSED.replace_all(xhtml, "<$1$2></$1>"))
}

/// The blocks of a fragment, all of them.
pub(super) fn blocks(html: &str) -> Result<Vec<Block>, SkipReason> {
    Ok(walk(&parse(html)?).blocks)
}

fn main_blocks(document: Document) -> Option<Vec<Block>> {
    let config = Config {
        max_elements_to_parse: MAX_ELEMENTS,
        ..Config::default()
    };
    let article = Readability::with_document(document, None, Some(config))
        .ok()?
        .parse()
        .ok()?;
    Some(walk(&Document::from(article.content)).blocks)
}

fn walk(document: &Document) -> Walk {
    let mut walk = Walk::default();
    walk.run(document.body().unwrap_or_else(|| document.root()));
    walk
}

/// Where in the page the walk is.
#[derive(Clone, Copy, Default)]
struct Place {
    depth: usize,
    /// Of the heading around it, or 0.
    level: u8,
    in_item: bool,
    in_link: bool,
}

enum Step<'a> {
    Enter(NodeRef<'a>, Place),
    /// The end of a block.
    Leave(Place),
    Text(&'static str, Place),
}

#[derive(Default)]
struct Walk {
    blocks: Vec<Block>,
    text: String,
    /// Bytes of `text` that are not within a link.
    unlinked: usize,
    /// Cells of the present row so far.
    cells: usize,
    /// Of the deepest element.
    depth: usize,
}

impl Walk {
    /// Depth first with a stack of its own: pages nest deeper than the thread's stack allows.
    fn run(&mut self, root: NodeRef) {
        let mut steps = vec![Step::Enter(root, Place::default())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(node, place) if node.is_text() => self.push(&node.text(), place),
                Step::Enter(node, place) => self.enter(node, place, &mut steps),
                Step::Leave(place) => self.flush(place),
                Step::Text(text, place) => self.push(text, place),
            }
        }
        self.flush(Place::default());
    }

    fn enter<'a>(&mut self, node: NodeRef<'a>, place: Place, steps: &mut Vec<Step<'a>>) {
        let name = node.node_name().unwrap_or_default();
        let name: &str = &name;
        if is_never_read(name)
            || node.has_attr("hidden")
            || node.attr("aria-hidden").as_deref() == Some("true")
        {
            return;
        }
        let mut inner = place;
        inner.depth += 1;
        self.depth = self.depth.max(inner.depth);
        match name {
            "br" => return self.line_break(place),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => inner.level = name.as_bytes()[1] - b'0',
            "li" | "dd" | "dt" | "tr" => inner.in_item = true,
            "a" => inner.in_link = true,
            "td" | "th" => {
                // A row reads as one line: `Rennes : 222 485 ; 3,5 %`.
                match self.cells {
                    0 => {}
                    1 => self.push(" : ", place),
                    _ => self.push(" ; ", place),
                }
                self.cells += 1;
            }
            "q" => {
                self.push("« ", place);
                steps.push(Step::Text(" »", place));
            }
            _ => {}
        }
        if is_block(name) {
            self.flush(place);
            self.cells = 0;
            steps.push(Step::Leave(inner));
        }
        steps.extend(
            node.children_it(true)
                .map(|child| Step::Enter(child, inner)),
        );
    }

    fn push(&mut self, text: &str, place: Place) {
        self.text.push_str(text);
        if !place.in_link {
            self.unlinked += text.trim().len();
        }
    }

    /// Pages break lines between paragraphs, and within addresses and poems.
    fn line_break(&mut self, place: Place) {
        if self
            .text
            .trim_end()
            .ends_with(['.', '!', '?', '…', '»', ':'])
        {
            self.flush(place);
        } else {
            self.text.push(' ');
        }
    }

    fn flush(&mut self, place: Place) {
        let only_link = std::mem::take(&mut self.unlinked) < 3;
        let kind = match place {
            Place { level: 1.., .. } => ParagraphKind::Heading,
            Place { in_item: true, .. } => ParagraphKind::ListItem,
            _ => ParagraphKind::Text,
        };
        let block = Block::new(&self.text, kind, place.level);
        self.text.clear();
        self.blocks
            .extend(block.filter(|block| !is_teaser(&block.text, only_link)));
    }
}

/// `À lire aussi : Le pont ferme` between two paragraphs.
fn is_teaser(text: &str, only_link: bool) -> bool {
    let text = text.to_lowercase();
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let verb = [
        "à lire",
        "lire",
        "à voir",
        "voir",
        "à écouter",
        "écouter",
        "à relire",
    ];
    let rest = verb.iter().find_map(|verb| text.strip_prefix(verb));
    let also = rest.is_some_and(|rest| {
        rest.trim_start().starts_with("aussi")
            || rest.trim_start().starts_with("également")
            || rest.trim_start().starts_with(':')
    });
    also && (only_link || text.len() < 200 && !text.ends_with('.'))
}

fn is_never_read(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "title"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "canvas"
            | "audio"
            | "video"
            | "button"
            | "select"
            | "textarea"
            | "input"
            | "nav"
            | "figcaption"
            | "rp"
            | "rt"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "aside"
            | "body"
            | "html"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "blockquote"
            | "pre"
            | "figure"
            | "table"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "hr"
            | "address"
            | "details"
            | "summary"
            | "form"
            | "fieldset"
            | "center"
    )
}

/// The article's title: the page's own for sharing, else its only heading of level 1, else the
/// window title; without the name of the site.
fn title(document: &Document) -> Option<String> {
    let text = |text: &str| Some(collapse(text)).filter(|text| !text.is_empty());
    let meta = |selector: &str| text(&document.select(selector).attr("content")?);
    let headings: Vec<String> = document
        .select("h1")
        .iter()
        .filter_map(|heading| text(&heading.text()))
        .collect();
    let heading = match headings.as_slice() {
        [only] => Some(only.clone()),
        _ => document
            .select("article h1, main h1")
            .iter()
            .next()
            .and_then(|heading| text(&heading.text())),
    };
    let title = meta(r#"meta[property="og:title"]"#)
        .or_else(|| heading.clone())
        .or_else(|| text(&document.select("title").iter().next()?.text()))?;
    let site = meta(r#"meta[property="og:site_name"]"#);
    Some(without_site(&title, &headings, site.as_deref()))
}

const SITE_SEPARATORS: [&str; 7] = [" | ", " - ", " – ", " — ", " :: ", " · ", " • "];

fn without_site(title: &str, headings: &[String], site: Option<&str>) -> String {
    let last = SITE_SEPARATORS
        .iter()
        .filter_map(|separator| Some((title.rfind(separator)?, *separator)))
        .max();
    let Some((at, separator)) = last else {
        return title.to_owned();
    };
    let (left, right) = (title[..at].trim_end(), &title[at + separator.len()..]);
    let words = |text: &str| text.split_whitespace().count();
    let is_site = site.is_some_and(|site| site.eq_ignore_ascii_case(right))
        || headings.iter().any(|heading| heading == left)
        || headings.iter().all(|heading| heading != title)
            && words(right) <= 4
            && words(left) >= words(right)
            && (separator == " | "
                || words(right) <= 3
                    && words(left) >= 2 * words(right)
                    && right.starts_with(char::is_uppercase));
    if is_site {
        left.to_owned()
    } else {
        title.to_owned()
    }
}

/// When the article was published, in the order of trust: its own metadata, then what the page
/// shows.
fn date(document: &Document) -> Option<Date> {
    let parse = |text: &str| iso_date(text).or_else(|| date_line(text));
    let attribute = |selector: &str, name: &str| {
        document
            .select(selector)
            .iter()
            .find_map(|node| parse(&node.attr(name)?))
    };
    attribute(
        r#"meta[property="article:published_time"], meta[property="og:article:published_time"]"#,
        "content",
    )
    .or_else(|| {
        document
            .select(r#"script[type="application/ld+json"]"#)
            .iter()
            .find_map(|script| {
                let json = serde_json::from_str(&script.text()).ok()?;
                parse(published(&json)?)
            })
    })
    .or_else(|| attribute("meta[itemprop=datePublished]", "content"))
    .or_else(|| attribute("time[itemprop=datePublished], time[pubdate]", "datetime"))
    .or_else(|| {
        document.select("meta[name]").iter().find_map(|meta| {
            let name = meta.attr("name")?.to_lowercase();
            let known = matches!(
                name.as_str(),
                "date"
                    | "pubdate"
                    | "publishdate"
                    | "publish-date"
                    | "publication_date"
                    | "dc.date"
                    | "dc.date.issued"
                    | "dcterms.created"
                    | "dcterms.date"
                    | "article:published_time"
                    | "datepublished"
            );
            known.then(|| parse(&meta.attr("content")?))?
        })
    })
    .or_else(|| attribute("article time[datetime], main time[datetime]", "datetime"))
    .or_else(|| attribute("time[datetime]", "datetime"))
}

/// The first `datePublished` of a JSON-LD block, at whatever depth. The parser limits the depth.
fn published(json: &serde_json::Value) -> Option<&str> {
    use serde_json::Value;
    match json {
        Value::Array(items) => items.iter().find_map(published),
        Value::Object(map) => match map.get("datePublished") {
            Some(Value::String(date)) => Some(date),
            _ => map.values().find_map(published),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use ParagraphKind::{Heading, ListItem, Text};

    const FIRST: &str = "Le conseil municipal a voté mardi soir la fermeture du vieux pont, qui ne supportait plus le passage des camions depuis l'hiver, à l'issue de trois heures de débat.";
    const SECOND: &str = "Les travaux doivent commencer au printemps, et dureront selon la mairie de dix-huit à vingt mois, pour un coût de trois millions d'euros, dont la moitié payée par la région.";

    fn page(head: &str, article: &str) -> String {
        format!(
            "<!DOCTYPE html><html lang=fr><head>{head}<style>p {{ color: red }}</style></head><body>\
             <div id='cookie-banner'><p>Nous utilisons des cookies, pour mesurer l'audience, et pour autre chose.</p><button>Accepter</button></div>\
             <nav><ul><li><a href='/'>Accueil</a></li><li><a href='/sport'>Sport</a></li></ul></nav>\
             <main><article>{article}</article></main>\
             <aside><h2>Les plus lus</h2><a href='/x'>Un autre article</a></aside>\
             <footer><p>Mentions légales, tous droits réservés</p></footer>\
             <script>var a = \"<p>non</p>\";</script></body></html>"
        )
    }

    fn paragraphs(content: &Content) -> Vec<(ParagraphKind, &str)> {
        content
            .paragraphs
            .iter()
            .map(|p| (p.kind, p.span.slice(&content.body)))
            .collect()
    }

    fn page_of(html: &str) -> Content {
        read(html).unwrap()
    }

    fn blocks_of(html: &str) -> Vec<Block> {
        blocks(html).unwrap()
    }

    #[test]
    fn the_article_is_read_and_what_surrounds_it_is_not() {
        let content = page_of(&page(
            "<title>Le vieux pont ferme | Le Courrier</title>",
            &format!(
                "<h1>Le vieux pont ferme</h1><p>Publié le <time datetime='2021-03-12T18:00:00+01:00'>12 mars 2021</time></p>\
                 <p>{FIRST}</p><h2>Un chantier de vingt mois</h2><p>{SECOND}</p>\
                 <ul><li>un bac&nbsp;;</li><li>une passerelle</li></ul>\
                 <p>À lire aussi : <a href='/y'>Le bac fait son retour</a></p>\
                 <figure><img src=a.jpg><figcaption>Photo AFP</figcaption></figure><p>{FIRST}</p>"
            ),
        ));
        assert_eq!(content.title.as_deref(), Some("Le vieux pont ferme"));
        assert_eq!(content.date, Some(date(2021, 3, 12)));
        assert_eq!(
            paragraphs(&content),
            [
                (Text, FIRST),
                (Heading, "Un chantier de vingt mois"),
                (Text, SECOND),
                (ListItem, "un bac\u{a0};"),
                (ListItem, "une passerelle"),
                (Text, FIRST),
            ]
        );
    }

    #[test]
    fn inline_markup_entities_and_quotes_make_one_text() {
        let found = blocks_of(
            "<p>L&rsquo;<b>élu</b>e a <q>dit</q>\n non&nbsp;: 1&#8239;200&euro;<script>x</script></p>",
        );
        assert_eq!(found[0].text, "L’élue a « dit » non\u{a0}: 1\u{202f}200€");
    }

    #[test]
    fn table_rows_and_line_breaks_are_read_as_lines() {
        let found = blocks_of(
            "<table><tr><th>Ville</th><th>Habitants</th></tr><tr><td>Rennes</td><td>222 485</td></tr></table>\
             <p>Un.<br>Deux<br/>trois.<br><br>Quatre</p>",
        );
        let texts: Vec<_> = found.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Ville : Habitants",
                "Rennes : 222 485",
                "Un.",
                "Deux trois.",
                "Quatre"
            ]
        );
    }

    #[test]
    fn a_page_without_an_article_gives_its_text() {
        let content = page_of("<title>Avis</title><nav>Menu</nav><div>Le bureau est fermé.</div>");
        assert_eq!(content.title.as_deref(), Some("Avis"));
        assert_eq!(content.body, "Le bureau est fermé.");
        assert!(page_of("").paragraphs.is_empty());
        assert!(
            page_of("<html><body><script>x()</script></body></html>")
                .paragraphs
                .is_empty()
        );
    }

    #[test]
    fn site_names_leave_the_title_and_other_words_do_not() {
        let cut = |title: &str, headings: &[&str], site: Option<&str>| {
            let headings: Vec<_> = headings.iter().map(|h| (*h).to_owned()).collect();
            without_site(title, &headings, site)
        };
        assert_eq!(cut("Le pont ferme | Le Monde", &[], None), "Le pont ferme");
        assert_eq!(
            cut(
                "Belfort : le marché de Noël ouvre - Est Républicain",
                &[],
                None
            ),
            "Belfort : le marché de Noël ouvre"
        );
        assert_eq!(
            cut("Le pont - le-courrier.fr", &["Le pont"], None),
            "Le pont"
        );
        assert_eq!(cut("Le pont – Ouest", &[], Some("ouest")), "Le pont");
        for title in [
            "Ligue 1 - Lens bat Lyon",
            "Le PS - une histoire française",
            "Un pont",
        ] {
            assert_eq!(cut(title, &[], None), title);
        }
        assert_eq!(
            cut("Le débat | Acte II", &["Le débat | Acte II"], None),
            "Le débat | Acte II"
        );
    }

    #[test]
    fn dates_are_found_wherever_pages_put_them() {
        for head in [
            "<meta property='article:published_time' content='2021-03-12T10:00:00Z'><meta name=date content='1999-01-01'>",
            r#"<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"@type": "NewsArticle", "datePublished": "2021-03-12"}]}</script>"#,
            "<meta itemprop=datePublished content='2021-03-12'>",
            "<meta name='DC.date.issued' content='2021-03-12'>",
        ] {
            let content = page_of(&page(head, &format!("<p>{FIRST}</p><p>{SECOND}</p>")));
            assert_eq!(content.date, Some(date(2021, 3, 12)), "{head}");
        }
    }

    #[test]
    fn a_self_closing_script_does_not_swallow_a_page_that_is_xml() {
        let page = "<?xml version='1.0'?><html><head><script src='a.js'/></head><body><p>Du texte.</p></body></html>";
        assert_eq!(read_xhtml(page).unwrap().body, "Du texte.");
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let deep = "<div>".repeat(1_500) + &"<b>".repeat(50_000) + "Du texte.";
        assert_eq!(page_of(&deep).body, "Du texte.");
        let deeper = "<div>".repeat(100_000) + "Du texte.";
        assert_eq!(read(&deeper).unwrap_err().code(), "too_deep");
    }
}
