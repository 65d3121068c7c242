use jiff::civil::date;

use super::*;
use ParagraphKind::{Heading, ListItem, Text};
use french::text::ParagraphKind;

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

fn page_of(html: &str) -> Content {
    read(html).unwrap()
}

#[test]
fn tag_left_open_in_noscript_swallows_nothing() {
    let content = page_of(&page(
        "<noscript><div></noscript>",
        &format!("<noscript><p>Activez JavaScript.</noscript><p>{FIRST}</p><p>{SECOND}</p>"),
    ));
    assert_eq!(content.parts(), [(Text, FIRST), (Text, SECOND)]);
    let written = "<script>document.write('<noscript>' + image + '<\\/noscript>')</script>";
    let content = page_of(&page(
        "<!-- <noscript> -->",
        &format!("<p>{FIRST}</p>{written}<p>{SECOND}</p><noscript>x</noscript>"),
    ));
    assert_eq!(content.parts(), [(Text, FIRST), (Text, SECOND)]);
}

#[test]
fn article_is_read_without_its_surroundings() {
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
        content.parts(),
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
fn page_without_an_article_gives_its_text() {
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
fn no_name_takes_words_out_of_a_sentence() {
    for name in [
        "ad-break",
        "-ad-",
        "banner",
        "breadcrumbs",
        "comment",
        "community",
        "cookie",
        "extra",
        "footer",
        "gdpr",
        "header",
        "legends",
        "menu",
        "related",
        "remark",
        "rss",
        "share",
        "sidebar",
        "skyscraper",
        "social",
        "sponsor",
        "pager",
        "popup",
        "author",
        "byline",
    ] {
        for tag in ["span", "b", "em", "a href='/x'", "mark", "time"] {
            let end = tag.split(' ').next().unwrap();
            let marked = SECOND.replace(
                "dix-huit",
                &format!("<{tag} class='{name}' id='{name}'>dix-huit</{end}>"),
            );
            let opening = FIRST.replacen('L', &format!("<{tag} class='{name}'>L</{end}>"), 1);
            let content = page_of(&page(
                "",
                &format!("<h1>Pont</h1><p class='{name}'>{opening}</p><p>{marked}</p>"),
            ));
            let found = content.parts();
            assert_eq!(found, [(Text, FIRST), (Text, SECOND)], "{tag} {name}");
        }
    }
}

#[test]
fn an_aside_with_text_is_read_and_one_with_links_is_not() {
    let facts = "<aside class='encadre'><h3>Repères</h3><p>1974 : ouverture du pont.</p><p>2019 : premiers relevés.</p></aside>";
    let links = "<aside><h2>Les plus lus</h2><ul><li><a href='/a'>Le bac fait son retour</a></li></ul></aside>";
    let content = page_of(&page(
        "",
        &format!("<h1>Pont</h1><p>{FIRST}</p>{facts}<p>{SECOND}</p>{links}"),
    ));
    assert_eq!(
        content.parts(),
        [
            (Text, FIRST),
            (Heading, "Repères"),
            (Text, "1974 : ouverture du pont."),
            (Text, "2019 : premiers relevés."),
            (Text, SECOND),
        ]
    );
    let story = format!(
        "<html><body><div class=gdpr><p>Vos données.</p></div><aside><h2>Pont</h2><p>{FIRST}</p><p>{SECOND}</p></aside></body></html>"
    );
    let content = page_of(&story);
    assert!(content.body.contains(FIRST) && content.body.contains(SECOND));
}

#[test]
fn page_marked_as_a_banner_is_kept() {
    let marked = page("", &format!("<h1>Pont</h1><p>{FIRST}</p><p>{SECOND}</p>")).replace(
        "<body>",
        "<body class='cookie-consent-shown'><form><div id='consent'>",
    );
    assert_eq!(page_of(&marked).parts(), [(Text, FIRST), (Text, SECOND)]);
}

#[test]
fn self_closing_script_does_not_swallow_an_xml_page() {
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
