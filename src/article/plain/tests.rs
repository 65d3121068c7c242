use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use ParagraphKind::{Heading, ListItem, Text};

const LONG: &str = "Le conseil municipal a voté mardi soir la fermeture du vieux pont, qui ne supportait plus le passage des camions depuis l'hiver.";

#[test]
fn each_line_is_a_paragraph_and_the_line_above_a_blank_is_the_title() {
    let text = format!("Le vieux pont ferme ses portes\n\n{LONG}\n{LONG}\n");
    let content = read(&text);
    assert_eq!(
        content.title.as_deref(),
        Some("Le vieux pont ferme ses portes")
    );
    assert_eq!(content.parts(), [(Text, LONG), (Text, LONG)]);
}

#[test]
fn turns_of_a_conversation_are_text_and_dates_in_words_are_dates() {
    let content = read(
        "Le gardien\n\n— Tu viens ? demanda-t-il.\n— Pas tout de suite.\n— Je pars, dit-elle en prenant son manteau, et tant pis pour toi.\n",
    );
    assert!(content.parts().iter().all(|(kind, _)| *kind == Text));
    for line in [
        "Publié le quatorze mai deux mille vingt-quatre",
        "Verzac, le quatorze mai deux mille vingt-quatre",
        "Le 14 mai deux mille vingt-quatre",
    ] {
        let content = read(&format!("Le vieux pont ferme\n\n{line}\n\n{LONG}\n"));
        assert_eq!(content.date, Some(date(2024, 5, 14)), "{line}");
    }
}

#[test]
fn lines_wrapped_by_hand_are_joined() {
    let text = "Le vieux pont ferme\n\n\
        Le conseil municipal a voté mardi soir la fermeture du vieux pont,\n\
        qui ne supportait plus le passage des camions depuis l'hiver\n\
        dernier.\n\n\
        Les travaux doivent commencer au printemps. Ils dureront, selon la\n\
        mairie, de dix-huit à vingt mois.\n";
    let content = read(text);
    assert_eq!(content.title.as_deref(), Some("Le vieux pont ferme"));
    let found = content.parts();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].1.ends_with("dernier."));
    assert!(found[1].1.starts_with("Les travaux"));
}

#[test]
fn wrapped_paragraphs_without_blank_lines_end_at_their_short_line() {
    let text = "Le conseil municipal a voté mardi soir la fermeture du vieux pont,\r\n\
        qui ne supportait plus le passage des camions.\r\n\
        Les travaux doivent commencer au printemps. Ils dureront, selon la\r\n\
        mairie, de dix-huit à vingt mois, et coûteront trois millions et\r\n\
        demi d'euros à la ville.\r\n\
        - une passerelle sera posée pour les piétons et pour les cyclistes\r\n  \
          du quartier ;\r\n\
        - un bac passera les voitures.\r\n";
    let content = read(text);
    assert_eq!(content.title, None);
    let kinds: Vec<_> = content.parts().iter().map(|p| p.0).collect();
    assert_eq!(kinds, [Text, Text, ListItem, ListItem]);
}

#[test]
fn short_sentences_on_their_own_lines_are_not_joined() {
    let text = "La pluie a cessé vers midi sur toute la côte normande.\n\
        Les routes ont été rouvertes dans le courant de l'après-midi.\n\
        Aucun blessé n'est à déplorer, selon la préfecture du Calvados.";
    assert_eq!(read(text).paragraphs.len(), 3);
}

#[test]
fn lone_carriage_returns_and_unicode_separators_end_lines() {
    let text = format!("{LONG}\r{LONG}\u{2028}{LONG}\r\n{LONG}");
    assert_eq!(read(&text).paragraphs.len(), 4);
}

#[test]
fn a_date_under_the_title_is_the_date_and_not_text() {
    let text = format!("Le pont ferme\nPublié le 12 mars 2021 à 10h\n\n{LONG}");
    let content = read(&text);
    assert_eq!(content.title.as_deref(), Some("Le pont ferme"));
    assert_eq!(content.date, Some(date(2021, 3, 12)));
    assert_eq!(content.body, LONG);

    let text = format!("2021-03-12\nLe pont ferme\n\n{LONG}");
    let content = read(&text);
    assert_eq!(content.title.as_deref(), Some("Le pont ferme"));
    assert_eq!(content.date, Some(date(2021, 3, 12)));
}

#[test]
fn what_stands_around_the_title_is_no_text() {
    for head in [
        "Le vieux pont ferme\nPar Basile Mourier\nPublié le 12 mars 2021 à 07h30, modifié le 13 mars 2021 à 11h02\nTemps de Lecture 3 min.\n\n",
        "Le vieux pont ferme\nPar Basile Mourier\nLe 12 mars 2021 à 07h30\n\n",
        "Le vieux pont ferme\n\nBasile Mourier, publié le 12/03/2021 à 7h30\n\n",
        "Le vieux pont ferme\nBasile Mourier\n12 mars 2021\n\n",
        "Le vieux pont ferme\n\nBasile Mourier\n\nMis à jour le 13/03/2021 | Publié le 12/03/2021\n",
        "ACCUEIL\nSPORTS\nVERZAC ET SA RÉGION\nLe vieux pont ferme\nPar Basile Mourier, le 12 mars 2021\n\n",
        "Le Petit Verzacois\nACTUALITÉS\nVERZAC\nLe vieux pont ferme\nPar Basile Mourier, le 12 mars 2021\n\n",
        "ACCUEIL ACTUALITÉS SPORTS\n\nLe vieux pont ferme\n\nPar Basile Mourier (avec AFP) - 12 mars 2021\n",
        "Accueil > Verzac > Transports\nLe vieux pont ferme\nArticle réservé aux abonnés\nPartager\nBasile Mourier - 12 mars 2021\n",
        "12 mars 2021\nPar Basile Mourier\nLe vieux pont ferme\n\n",
        "Le vieux pont ferme\n\n📅 12 mars 2021\n✍\u{FE0F} Basile Mourier\n\n",
        "Bretagne | Faits divers\n\nLe vieux pont ferme\n\nPar Basile Mourier\n12 mars 2021\n",
    ] {
        let text = format!("{head}{LONG}");
        let content = read(&text);
        assert_eq!(
            content.title.as_deref(),
            Some("Le vieux pont ferme"),
            "{head}"
        );
        assert_eq!(content.date, Some(date(2021, 3, 12)), "{head}");
        let author = content.about.author.as_deref();
        assert_eq!(author, Some("Basile Mourier"), "{head}");
        assert_eq!(content.body, LONG, "{head}");
    }
    let agency = format!("Le vieux pont ferme\nAFP\n12 mars 2021\n\n{LONG}");
    let content = read(&agency);
    assert_eq!(
        (content.date, content.body.as_str()),
        (Some(date(2021, 3, 12)), LONG)
    );
    for above in ["", "FAITS DIVERS\n", "ACCUEIL\nFAITS DIVERS\n"] {
        let capitals = format!("{above}LE VIEUX PONT FERME\n\n{LONG}");
        let content = read(&capitals);
        assert_eq!(
            content.title.as_deref(),
            Some("LE VIEUX PONT FERME"),
            "{above}"
        );
    }
}

#[test]
fn a_dateline_gives_the_date_and_stays_in_the_body() {
    let text = format!("PARIS, 12 mars 2021 (AFP) - {LONG}");
    let content = read(&text);
    assert_eq!(content.date, Some(date(2021, 3, 12)));
    assert_eq!(content.body, text);
}

#[test]
fn datelines_greetings_sentences_and_items_are_not_titles() {
    for first in [
        "Paris, le 12 mars 2021",
        "Bonjour à tous !",
        "Chers lecteurs,",
        "Madame, Monsieur",
        "Il pleut.",
        "- Un point",
        "Les faits :",
    ] {
        let content = read(&format!("{first}\n\n{LONG}"));
        assert_eq!(content.title, None, "{first}");
        assert!(content.body.starts_with(first), "{first}");
    }
}

#[test]
fn a_headline_right_above_the_text_is_the_title() {
    let content = read(&format!("Le vieux pont ferme\n{LONG}\n{LONG}"));
    assert_eq!(content.title.as_deref(), Some("Le vieux pont ferme"));
    let content = read(&format!("{LONG}\n{LONG}"));
    assert_eq!(content.title, None);
}

#[test]
fn a_title_alone_is_the_text() {
    let content = read("Le vieux pont ferme\n");
    assert_eq!(content.title, None);
    assert_eq!(content.body, "Le vieux pont ferme");
}

#[test]
fn headings_lists_and_dialogue_are_told_apart() {
    let text = format!(
        "{LONG}\nUn chantier de dix mois\n{LONG}\n- Silence des autorités -\n{LONG}\n\
         ÇA NE PASSE PLUS !\n{LONG}\n• un bac\n1. une passerelle\n- un pont\n{LONG}\n\
         — Qui paiera ?\n— La région, répond l'élue.\n{LONG}\n(avec AFP)"
    );
    let content = read(&text);
    let kinds: Vec<_> = content.parts().iter().map(|p| p.0).collect();
    assert_eq!(
        kinds,
        [
            Text, Heading, Text, Heading, Text, Heading, Text, ListItem, ListItem, ListItem, Text,
            Text, Text, Text, Text
        ]
    );
}

#[test]
fn a_heading_glued_to_its_paragraph_is_detached() {
    let text = format!(
        "{LONG}\n- Silence -La branche locale accuse.\n{LONG}\n- \"Le pire\" - Depuis, rien."
    );
    assert_eq!(
        read(&text).parts(),
        [
            (Text, LONG),
            (Heading, "- Silence -"),
            (Text, "La branche locale accuse."),
            (Text, LONG),
            (Heading, "- \"Le pire\" -"),
            (Text, "Depuis, rien."),
        ]
    );
    let list = read("- Lundi - Pluie\n- Mardi - Soleil");
    assert_eq!(
        list.parts(),
        [
            (ListItem, "- Lundi - Pluie"),
            (ListItem, "- Mardi - Soleil")
        ]
    );
}

#[test]
fn invisible_characters_are_not_a_paragraph() {
    let content = read(&format!("{LONG}\n\u{200B}\u{FEFF}\n\u{a0}{LONG}\u{a0}\n"));
    assert_eq!(content.parts(), [(Text, LONG), (Text, LONG)]);
    assert!(read(" \n\u{200B}\r\n\t").paragraphs.is_empty());
}

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just(LONG.to_owned()),
        Just("Le vieux pont".to_owned()),
        Just("- un point ;".to_owned()),
        Just("- Silence - Un".to_owned()),
        Just("12 mars 2021".to_owned()),
        "[a-zé «».:?\u{a0}\u{200b}-]{0,90}",
        any::<String>(),
    ];
    let end = prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n", "\u{2028}", "\n \n"]);
    prop::collection::vec((line, end), 0..12)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

fn visible(text: &str) -> String {
    text.chars().filter(|&c| !is_blank(c)).collect()
}

proptest! {
    #[test]
    fn every_visible_character_is_in_exactly_one_paragraph(text in text()) {
        let content = read(&text);
        let mut end = 0;
        let mut joined = String::new();
        for paragraph in &content.paragraphs {
            prop_assert!(paragraph.span.start >= end);
            end = paragraph.span.end;
            let slice = paragraph.span.slice(&content.body);
            prop_assert!(!slice.is_empty());
            prop_assert_eq!(slice.trim_matches(is_blank), slice);
            joined.push_str(&visible(slice));
        }
        prop_assert_eq!(joined, visible(&content.body));
    }

    /// But for hyphens, because words that lines break are joined.
    #[test]
    fn only_title_and_lines_around_it_leave_the_body(text in text()) {
        let visible = |text: &str| visible(text).replace(typeset::HYPHENS, "");
        let content = read(&text);
        let rest = visible(&text).len() - visible(&content.body).len();
        let title = content.title.as_deref().map_or(0, |title| visible(title).len());
        let around = content.about.left_out.iter();
        let around: usize = around.map(|left| visible(&left.text).len()).sum();
        prop_assert_eq!(rest, title + around);
        prop_assert!(visible(&text).ends_with(&visible(&content.body)));
    }
}
