//! Small articles that were once read wrong: words lost from sentences, notices of the site read as
//! text, dates of other things, titles that were not found.

use std::path::PathBuf;

use precis::article::{Article, ReadOptions, find, read};

use crate::common::{Sandbox, repository};

const DECISION: &str = "Le conseil municipal de Verzac a décidé lundi soir";
const COST: &str = "Les travaux coûteront 4,3 millions d'euros";
const CLUBS: &str = "Les clubs de natation devront s'entraîner à Lormeau";
const PROTEST: &str = "L'opposition dénonce un calendrier décidé sans concertation";

fn path(name: &str) -> PathBuf {
    repository().join("tests/fixtures/reading").join(name)
}

fn article(name: &str) -> Article {
    let found = find(&[path(name)], |_| false);
    let options = ReadOptions::default();
    let mut articles = found.files.iter().flat_map(|file| read(file, &options));
    let article = articles.next().expect("one article");
    article.unwrap_or_else(|skipped| panic!("{skipped}"))
}

/// Asserts that the paragraphs begin with `expected`, and that there are no others.
fn assert_text(name: &str, expected: &[&str]) -> Article {
    let article = article(name);
    let paragraphs: Vec<&str> = article
        .paragraphs
        .iter()
        .map(|p| p.span.slice(&article.body))
        .collect();
    let same = paragraphs.len() == expected.len()
        && paragraphs
            .iter()
            .zip(expected)
            .all(|(p, e)| p.starts_with(e));
    assert!(same, "{name}: {paragraphs:#?}");
    article
}

#[test]
fn no_words_are_lost_and_nothing_else_is_read() {
    let standfirst = "Trois cents enfants privés de cours de natation : la municipalité";
    assert_text(
        "01-chapo-h2.html",
        &[standfirst, DECISION, COST, CLUBS, PROTEST],
    );
    assert_text("02-drop-cap.html", &[DECISION, COST, CLUBS, PROTEST]);
    let warning = "Attention : L'opposition dénonce";
    assert_text(
        "02b-share-header-classes.html",
        &[DECISION, COST, CLUBS, warning],
    );
    for name in ["03-story-in-aside.html", "03b-story-in-aside-article.html"] {
        assert_text(name, &[DECISION, COST, CLUBS, PROTEST]);
    }
    assert_text(
        "25a-loose-text.html",
        &[
            "Premier point",
            DECISION,
            "Une navette",
            COST,
            CLUBS,
            "Et après",
            PROTEST,
        ],
    );
    assert_text("25b-layout-table.html", &[DECISION, COST, CLUBS]);
    assert_text(
        "25c-span-words.html",
        &[DECISION, "La vitesse est limitée", COST, CLUBS],
    );
    assert_text("28-clutter.html", &[DECISION, COST, CLUBS, PROTEST]);
    assert_text("30-pull-quote.html", &[DECISION, COST, CLUBS, PROTEST]);
    assert_text("32-many-articles.html", &[DECISION, COST, CLUBS]);
}

#[test]
fn tweets_are_read_without_their_signature() {
    let article = assert_text(
        "06-tweets.html",
        &[
            DECISION,
            "Onze mois sans bassin",
            COST,
            "Les travaux étaient prévus depuis 2019.",
            "Le budget est voté.",
            "La navette sera gratuite pour tous les licenciés.",
            CLUBS,
            PROTEST,
        ],
    );
    let tweet =
        "Honte à la mairie ! 😡🏊 #SauvonsLesTilleuls @clubverzac pic.twitter.com/aB3dE5fG7h";
    assert!(article.body.contains(tweet));
}

#[test]
fn live_blogs_are_read_without_hours_and_greetings() {
    assert_text(
        "23-live.html",
        &[
            "Le feu est éteint",
            "Les pompiers ont annoncé",
            "La préfète sur place",
            "La préfète est arrivée à 15 heures.",
            "Un incendie s’est déclaré vers 13h30",
        ],
    );
}

#[test]
fn a_text_that_the_page_does_not_show_is_read_from_its_metadata() {
    let article = assert_text("31-jsonld-body.html", &[DECISION, COST, CLUBS]);
    assert_eq!(article.date.unwrap().to_string(), "2024-03-12");
}

#[test]
fn a_page_that_a_script_fills_is_skipped_with_the_reason() {
    let sandbox = Sandbox::new();
    let page = "<title>La piscine ferme</title><div id=root></div><noscript>Activez JavaScript.</noscript>\
                <div><p>Mentions légales et politique de confidentialité.</p></div>";
    sandbox.write("a.html", page);
    let run = sandbox.precis(&["read", "a.html"]).assert().code(1);
    let error = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(error.contains("holds no article"), "{error}");
}

#[test]
fn title_date_and_author_are_found_above_the_text() {
    for name in [
        "04-paywall.html",
        "04b-paywall.txt",
        "04d-title-byline.txt",
        "04e-title-date-byline.txt",
    ] {
        let article = article(name);
        let title = article.title.as_deref();
        assert_eq!(
            title,
            Some("La piscine des Tilleuls ferme pour onze mois"),
            "{name}"
        );
        assert_eq!(article.date.unwrap().to_string(), "2024-03-12", "{name}");
        assert_eq!(article.about.truncated, name.contains("paywall"), "{name}");
        let author = article.about.author.as_deref();
        assert_eq!(
            author,
            name.ends_with("txt").then_some("Basile Mourier"),
            "{name}"
        );
    }
    assert_text("04-paywall.html", &[DECISION, COST, CLUBS]);
    assert_text("04b-paywall.txt", &[DECISION, COST, CLUBS]);
    let article = assert_text("09-title-dup.html", &[DECISION, COST, CLUBS, PROTEST]);
    let title = "VIDEO. Piscine fermée : \"On n'a plus rien\", déplorent les clubs de Verzac";
    assert_eq!(article.title.as_deref(), Some(title));
}

#[test]
fn dates_are_those_of_the_article() {
    for name in [
        "08a-date-jsonld-image-first.html",
        "08b-date-jsonld-broken.html",
        "08e-date-forms.html",
        "08f-date-rfc.html",
    ] {
        let article = assert_text(name, &[DECISION, COST, CLUBS]);
        assert_eq!(article.date.unwrap().to_string(), "2024-03-12", "{name}");
    }
}

#[test]
fn what_is_read_can_be_shown() {
    let sandbox = Sandbox::new();
    let file = path("04-paywall.html").display().to_string();
    let run = sandbox.precis(&["read", &file]).assert().code(0);
    let shown = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    for line in [
        "Title    La piscine des Tilleuls ferme pour onze mois  (from: h1)",
        "Date     2024-03-12  (from: article:published_time)",
        "Cut off  the rest is for subscribers",
        "[for subscribers only] Déjà abonné ? Se connecter",
        "[an offer] Abonnez-vous à partir de 1 €",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

#[test]
fn the_summary_says_what_was_found_and_what_was_not() {
    let sandbox = Sandbox::new();
    let page = "<title>La piscine ferme</title><meta name=author content='Basile Mourier'>\
                <meta name=date content='13 ventôse'><link rel=canonical href='https://verzac.example/piscine'>\
                <p>Le conseil municipal a décidé lundi de fermer la piscine.</p><p>Cet article est réservé aux abonnés.</p>";
    sandbox.write("a.html", page);
    let run = sandbox.precis(&["summarize", "a.html"]).assert().code(0);
    let json: serde_json::Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    let source = &json["source"];
    assert_eq!(source["author"], "Basile Mourier");
    assert_eq!(source["url"], "https://verzac.example/piscine");
    assert_eq!(source["truncated"], true);
    let note = source["notes"][0].as_str().unwrap();
    assert!(note.contains("“13 ventôse”"), "{note}");
}

#[test]
fn articles_without_a_date_can_take_it_from_their_file_name() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "2024-03-12-piscine.txt",
        "Le conseil municipal a décidé de fermer la piscine.\n",
    );
    let arguments = ["read", "2024-03-12-piscine.txt", "--date-from", "filename"];
    let run = sandbox.precis(&arguments).assert().code(0);
    let shown = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(shown.contains("2024-03-12  (from: file name)"), "{shown}");
    let wrong = sandbox
        .precis(&["read", "a.txt", "--date-from", "("])
        .assert();
    wrong.code(2);
}
