use jiff::civil::date;

use super::*;
use crate::article::about::About;
use crate::article::plain;

const FIRST: &str = "Le conseil municipal a voté mardi soir la fermeture du vieux pont, qui ne supportait plus le passage des camions.";
const SECOND: &str = "Les travaux doivent commencer au printemps. « Nous n'avions plus le choix, la pile menaçait de céder », dit la maire.";
const THIRD: &str =
    "Un bac passera les voitures, et une passerelle sera posée pour les piétons et les cyclistes.";

fn article(title: &str, lines: &[&str]) -> Article {
    let content = plain::body_of(&lines.join("\n"));
    Article {
        id: "a".into(),
        path: "a.txt".into(),
        digest: String::new(),
        media_type: "text/plain",
        encoding: "UTF-8",
        title: Some(title.to_owned()),
        date: None,
        body: content.body,
        paragraphs: content.paragraphs,
        about: About::default(),
    }
}

fn lines(article: &Article) -> Vec<&str> {
    let paragraphs = article.paragraphs.iter();
    paragraphs.map(|p| p.span.slice(&article.body)).collect()
}

fn sifted(title: &str, lines: &[&str]) -> Article {
    sift(article(title, lines)).unwrap()
}

#[test]
fn the_head_is_read_and_left_out() {
    let found = sifted(
        "VIDEO. Le vieux pont ferme &quot;pour de bon&quot;",
        &[
            "Le vieux pont ferme \"pour de bon\"",
            "Par Basile Mourier",
            "Publié le 12 mars 2024 à 07h30, modifié à 11h02 | Temps de lecture : 3 min.",
            "Article réservé aux abonnés",
            "Offrir l'article | Partager",
            FIRST,
            SECOND,
        ],
    );
    assert_eq!(lines(&found), [FIRST, SECOND]);
    assert_eq!(found.body, format!("{FIRST}\n{SECOND}"));
    assert_eq!(found.date, Some(date(2024, 3, 12)));
    assert_eq!(found.about.author.as_deref(), Some("Basile Mourier"));
    assert_eq!(
        found.title.as_deref(),
        Some("VIDEO. Le vieux pont ferme \"pour de bon\"")
    );
    assert!(!found.about.truncated);
}

#[test]
fn names_and_dates_are_no_part_of_the_title() {
    let found = sifted(
        "Le pont ferme | Par Basile Mourier | Publié le 12 mars 2024",
        &[FIRST],
    );
    assert_eq!(found.title.as_deref(), Some("Le pont ferme"));
    assert_eq!(found.date, Some(date(2024, 3, 12)));
    assert_eq!(found.about.author.as_deref(), Some("Basile Mourier"));
    let dated = sifted("Les prix au 12 mars 2024 - Le point", &[FIRST]);
    assert_eq!(
        dated.title.as_deref(),
        Some("Les prix au 12 mars 2024 - Le point")
    );
}

#[test]
fn a_cut_off_article_says_so() {
    for end in [
        "Il vous reste 80.68% de cet article à lire. La suite est réservée aux abonnés.",
        "Cet article est réservé aux abonnés.",
        "Lire la suite",
    ] {
        let found = sifted("Pont", &[FIRST, SECOND, end, "Déjà abonné ? Se connecter"]);
        assert_eq!(lines(&found), [FIRST, SECOND], "{end}");
        assert!(found.about.truncated, "{end}");
    }
    let cut = format!("{THIRD} Les commerçants […]");
    assert!(sifted("Pont", &[FIRST, &cut]).about.truncated);
}

#[test]
fn what_follows_the_article_goes_with_its_heading() {
    let found = sifted(
        "Pont",
        &[
            FIRST,
            "À lire aussi",
            "À Lormeau, un bac tout neuf",
            SECOND,
            "Sur le même thème",
            "Natation : les clubs en crise",
            "CONTENUS SPONSORISÉS",
            "Les meilleures chaussures pour marcher toute la journée sont là, voici lesquelles.",
        ],
    );
    assert_eq!(lines(&found), [FIRST, SECOND]);
    let found = sifted(
        "Pont",
        &[
            FIRST,
            SECOND,
            "Commentaires (2)",
            "jean33",
            "C'est une honte, on paie et on attend depuis dix ans !",
        ],
    );
    assert_eq!(lines(&found), [FIRST, SECOND]);
}

#[test]
fn what_stands_twice_counts_once() {
    let found = sifted(
        "Pont",
        &[
            FIRST,
            SECOND,
            "« Nous n'avions plus le choix, la pile menaçait de céder »",
            "Odile Ferrand, maire",
            THIRD,
            FIRST,
            "Oui.",
            "Oui.",
        ],
    );
    assert_eq!(lines(&found), [FIRST, SECOND, THIRD, "Oui.", "Oui."]);
    let reasons: Vec<_> = found.about.left_out.iter().map(|l| l.reason).collect();
    assert_eq!(
        reasons,
        [Reason::PullQuote, Reason::PullQuote, Reason::Repeated]
    );
}

#[test]
fn hours_and_greetings_go_from_live_blogs_only() {
    let live = [
        "16:05",
        FIRST,
        "14h02",
        SECOND,
        "Bonjour à tous",
        "Merci de votre fidélité.",
    ];
    assert_eq!(lines(&sifted("Le pont", &live)), [FIRST, SECOND]);
    let letter = ["Bonjour à tous !", FIRST, SECOND];
    assert_eq!(lines(&sifted("Le pont", &letter)), letter);
}

#[test]
fn a_page_of_notices_is_no_article() {
    let notices = article("Pont", &["Mentions légales", "Tout accepter"]);
    assert_eq!(sift(notices).unwrap_err().code(), "no_article");
}

#[test]
fn headings_dates_and_names_of_the_story_stay() {
    let story = [
        FIRST,
        "Culture",
        SECOND,
        "12 mars 2024",
        THIRD,
        "Basile Mourier",
        "Il n'a pas répondu.",
    ];
    let found = sifted("Pont", &story);
    assert_eq!(lines(&found), story);
}
