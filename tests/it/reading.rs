//! Small articles that were once read wrong: words lost from sentences, notices of the site read as
//! text, dates of other things, titles that were not found.

use std::path::PathBuf;

use french::text::{Paragraph, ParagraphKind, segment};
use precis::article::{Article, ReadOptions, Reason, find, read};

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

/// What is read of a file of this name.
fn read_as(name: &str, content: &str) -> Article {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("writable");
    let found = find(&[path], |_| false);
    let options = ReadOptions::default();
    let mut articles = found.files.iter().flat_map(|file| read(file, &options));
    let article = articles.next().expect("one article");
    article.unwrap_or_else(|skipped| panic!("{skipped}"))
}

fn paragraphs(article: &Article) -> Vec<&str> {
    let paragraphs = article.paragraphs.iter();
    paragraphs.map(|p| p.span.slice(&article.body)).collect()
}

/// Why the first block that begins like this was left out.
fn reason(article: &Article, begins: &str) -> Option<Reason> {
    let mut left_out = article.about.left_out.iter();
    left_out
        .find(|left| left.text.starts_with(begins))
        .map(|left| left.reason)
}

const RULING: &str = "Le tribunal administratif de Rennes a suspendu vendredi l'arrêté qui interdisait la pêche à pied.";
const WAITING: &str = "Les pêcheurs amateurs réclamaient depuis des semaines la réouverture des plages, fermées en janvier.";
const APPEAL: &str =
    "La préfecture a annoncé qu'elle ferait appel de cette décision devant la cour de Nantes.";

#[test]
fn stanzas_are_paragraphs_and_no_line_of_verse_is_a_heading() {
    let stanza = "Le soir descend sans bruit sur l'étang de Verzac,\nLes roseaux ont plié sous le vent de septembre\nEt la barque, là-bas, qu'un vieil homme amarra,\nDérive lentement dans une lueur d'ambre.";
    let article = read_as(
        "a.txt",
        &format!("L'Étang\n\n{stanza}\n\n{stanza} Nul n'y vient.\n"),
    );
    assert_eq!(article.title.as_deref(), Some("L'Étang"));
    assert_eq!(article.paragraphs.len(), 2);
    assert_eq!(paragraphs(&article)[0], stanza);
    assert_eq!(segment(&article.body, &article.paragraphs).len(), 3);
    let song = "Sur le quai de Verzac\nLes bateaux dorment encore\nEt la lune s'en va\nQuand revient le jour d'or";
    for text in [
        format!("La Chanson du quai\n\n{song}\n\nRefrain\n{song} dehors\n"),
        format!("{RULING}\n\nUn chanteur a improvisé :\n\n{song}\n\n{WAITING}\n"),
    ] {
        let article = read_as("a.txt", &text);
        let is_text = |p: &Paragraph| p.kind == ParagraphKind::Text;
        assert!(article.paragraphs.iter().all(is_text), "{article:#?}");
        assert!(paragraphs(&article).contains(&"Et la lune s'en va"));
    }
}

#[test]
fn comments_that_nothing_announces_are_left_out() {
    let comment =
        "Enfin une bonne nouvelle, on va pouvoir retourner aux coques avec les enfants cet été !";
    for comments in [
        format!("Marie33 • il y a 3 heures\n{comment}\n12 J'aime\nRépondre\nSignaler"),
        format!("Marie33\n07/06/2024 à 19:12\n{comment}\nRépondre\nSignaler un abus"),
        format!("Marie dit :\n8 juin 2024 à 9 h 12\n{comment}\nRépondre"),
        format!(
            "Marie33 il y a 2 jours\n{comment}\nLoup, il y a 1 heure\nEt la pollution, qui en parle dans cette affaire ?"
        ),
        format!("Super fan\nMarie Roux\n{comment}\nJ'aime · Répondre · 4 h\nLoup\nNon.\nRépondre"),
    ] {
        let text = format!("La pêche reprend\n\n{RULING}\n{WAITING}\n{APPEAL}\n\n{comments}\n");
        let article = read_as("a.txt", &text);
        assert_eq!(
            paragraphs(&article),
            [RULING, WAITING, APPEAL],
            "{comments}"
        );
        assert_eq!(
            reason(&article, comment),
            Some(Reason::Comments),
            "{comments}"
        );
    }
    let page = format!(
        "<main><h1>La pêche reprend</h1><p>{RULING}</p><p>{WAITING}</p><p>{APPEAL}</p></main>\
         <div class=zone-x><div><b>Marie33</b> • <i>il y a 3 heures</i><p>{comment}</p><span>12 J'aime</span> \
         <a href=#>Répondre</a> <a href=#>Signaler</a></div></div>"
    );
    assert_eq!(
        paragraphs(&read_as("a.html", &page)),
        [RULING, WAITING, APPEAL]
    );
    let text = format!(
        "{RULING}\n\nMarie Le Bris dit :\n{WAITING}\n\nIl y a 3 heures encore, rien.\n\n{APPEAL}\n"
    );
    assert_eq!(read_as("a.txt", &text).paragraphs.len(), 5);
}

#[test]
fn notes_below_the_text_are_no_part_of_it_and_are_shown() {
    for (name, text) in [
        (
            "a.txt",
            "La pêche reprend\n\nLe tribunal[1] a tranché vendredi à Rennes, après des semaines.\n\nLe préfet [2] fera appel devant la cour de Nantes.\n\n[1] Voir l'ordonnance.\n[2] Voir Le Courrier.\n",
        ),
        (
            "a.txt",
            "La pêche reprend\n\nLe tribunal (1) a tranché vendredi à Rennes, après des semaines.\n\nLe préfet (2) fera appel devant la cour de Nantes.\n\nNotes\n\n(1) Voir l'ordonnance.\n\n(2) Voir Le Courrier.\n",
        ),
        (
            "a.txt",
            "La pêche reprend\n\nLe tribunal a tranché vendredi à Rennes, après des semaines.\n\nLe préfet fera appel devant la cour de Nantes.\n\n1. Voir l'ordonnance.\n2. Voir Le Courrier, p. 12.\n",
        ),
        (
            "a.txt",
            "La pêche reprend\n\nLe tribunal¹ a tranché vendredi à Rennes, après des semaines.\n\nLe préfet² fera appel devant la cour de Nantes.\n\n¹ Voir l'ordonnance.\n² Voir Le Courrier.\n",
        ),
        (
            "a.txt",
            "La pêche reprend\n\nLe tribunal* a tranché vendredi à Rennes, après des semaines.\n\nLe préfet fera appel devant la cour de Nantes.\n\n* Voir l'ordonnance.\n",
        ),
        (
            "a.md",
            "# La pêche reprend\n\nLe tribunal[^1] a tranché vendredi à Rennes, après des semaines.\n\nLe préfet fera appel devant la cour de Nantes.\n\n[^1]: Voir l'ordonnance.\n",
        ),
        (
            "a.html",
            "<h1>La pêche reprend</h1><p>Le tribunal<a href='#n1'>[1]</a> a tranché vendredi à Rennes, après des semaines.</p><p>Le préfet fera appel devant la cour de Nantes.</p><section class=footnotes><ol><li id=n1>Voir l'ordonnance. <a href='#r1'>↩</a></li></ol></section>",
        ),
    ] {
        let article = read_as(name, text);
        let expected = [
            "Le tribunal a tranché vendredi à Rennes, après des semaines.",
            "Le préfet fera appel devant la cour de Nantes.",
        ];
        assert_eq!(paragraphs(&article), expected, "{text}");
        let mut left_out = article.about.left_out.iter();
        assert!(
            left_out.any(|left| left.text.contains("Voir l'ordonnance.")),
            "{text}"
        );
    }
    let list = format!(
        "{RULING}\n\nCe que dit le jugement :\n\n1. L'arrêté est suspendu.\n2. L'État versera 1 500 euros.\n"
    );
    assert_eq!(read_as("a.txt", &list).paragraphs.len(), 4);
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.txt",
        format!("{RULING}\n\n{WAITING}\n\n[1] Voir l'ordonnance.\n"),
    );
    let run = sandbox.precis(&["read", "a.txt"]).assert().code(0);
    let shown = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(shown.contains("[a note] [1] Voir l'ordonnance."), "{shown}");
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
