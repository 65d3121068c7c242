use proptest::prelude::*;

use super::*;
use crate::text::ParagraphKind;

/// Asserts that the text is split exactly where `marked` has a `|`.
#[track_caller]
fn check(marked: &str) {
    // A bar marks a boundary with the blank after it, if any.
    let text = marked.replace('|', "");
    let expected: Vec<&str> = marked.split('|').map(str::trim).collect();
    let found: Vec<&str> = sentences(&text)
        .into_iter()
        .map(|s| s.slice(&text))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn quotations_are_split_inside_and_keep_their_marks() {
    check("« Il part.| Elle reste. »| Le soir, « tout va bien ! »| Puis rien.");
    check("\"Il part.| Elle reste.\"| Le soir, \"non ?\"| Puis rien.");
    check("« Où vas-tu ? » demande Paul.| « Ici ! », dit-il.");
    check("\"Stop !\", a-t-il crié.| \"Il est tard.\" a-t-elle dit.| Fin.");
    check("Il a dit : \"Je pars.| \"Elle reste.| Lui aussi.");
    check("\"Il part. \"| Le reste suit.");
    check("Il part.| \"Je viens\", dit-elle.| 'Moi aussi.'| Fin.");
    check("Il a lu “Oui.”| Elle a lu « Non. ».| Fin.");
}

#[test]
fn abbreviations_and_initials_do_not_end_sentences() {
    check("M. Dupont, MM. Kim et Li, Mme. Le Pen, Dr. Michael Ryan et St. John sont là.| Fin.");
    check("Le prof. Morel, qui fut prof.| Le soir, il chante.");
    check("Selon J. K. Rowling, J.-P. Dupont, George W. Bush et J. Le Goff, non.| Fin.");
    check(
        "Le vin, p. ex. le rouge, c.-à-d. Le Bon Vin, cf. Paul, n°. 5, p. 12, art. 3, vol. 2.| Fin.",
    );
    check("Né en 12 av. J.-C. à Rome, env. 20 ans, tél. 01 02 03, bd. Foch, éd. Gallimard.| Fin.");
    check(
        "Voir l'art. L. 121-3 du code, l'adj. au maire, la Sté. Générale et Ph. Martinez.| Le prix : 3 € env.| La \
         vente a lieu.",
    );
    check("Des pommes, etc. et des poires, etc.| Le reste suit.| En 27 av. J.-C.| Octave règne.");
    check(
        "L'O.N.U. Femmes agit.| Il vit aux U.S.| Le reste suit.| C'est le plan B.| Les autres attendent.",
    );
    check("Warner Inc. a dit non.| C'est chez Warner Inc.| Le cours baisse.| No. 5 est un parfum.");
    check("Il étudie l'art.| Le musée ferme à 18 h.| Les autres aussi.");
}

#[test]
fn numbers_addresses_and_omissions_are_kept_whole() {
    check("Il y en a 2,5 ou 1.200 ou 1 200 à 20.30 ou 14h30.| Les 3.5 % restent.| 12 sont là.");
    check(
        "Voir https://www.exemple.fr/Page.Le?Q=1.A et jean.Dupont@exemple.fr ou www.Exemple.Fr.| Fin.",
    );
    check("« Le contexte [...] Samsung (...) et (…) Apple » est dit.| (...) Le reste suit.");
    check("Il hésite... puis part.| Il hésite…| Elle part.| Vraiment ?!| Oui ! !| Non.");
    check("Il vient (enfin ! Quelle joie. Oui.) ce soir.| (Il part. |Elle reste.)| Fin.");
    check("C'est fini.[12]| Le reste suit.| eBay dit non.| l'après commence.");
}

#[test]
fn headings_glued_to_their_text_are_sentences() {
    check("Enquête en cours|Les enquêteurs cherchent.|Le reste suit.| Il reste 200 €.|Une fois.");
    check(
        "Le vote aura lieu.| - Tensions à Paris -|Le président part.| - Que faire ? -|\"Rien\", dit-il.",
    );
    check("UN PROGRAMME INTENSIF|Pour retrouver la forme.| En Saône-et-Loire|Plusieurs blessés.");
    check("Le Rassemblement du PCF-Paris et l'ADNmt.");
    check("Il est à Fréjus|Le maire aussi.| À suivre sur TF1.|C'est tout.");
    check("YouTube, iPhone, McDonald's, LaREM, BlaBlaCar, LinkedIn, #balanceTonPorc et macOS.");
    check("Lille, Roubaix etTourcoing, LaFerrari, S.A.R.L.Dupont et Windows 3.Beta.");
}

#[test]
fn line_breaks_and_bullets_within_a_paragraph() {
    check("Une phrase qui\ncontinue à la ligne.| Une\nautre.");
    check("TITRE EN CAPITALES|\nLe texte commence ici.");
    check("LE TITRE EST\nSUR DEUX LIGNES.");
    check("1. Le premier point.| 2. Le second point.| a. Le dernier.");
    check("Il faut :| • du pain| • du vin");
    check("— Tu viens ?| — Non.| – Bon, dit-il.| - Oui.");
    check("L'avion -- un Boeing -- est tombé.| LE PRÉSIDENT PART.| M. DUPONT RESTE.");
}

#[test]
fn segments_carry_their_paragraph() {
    let body = "Titre\n\nUn. Deux.\n\n  \n";
    let paragraph = |start, end, kind| Paragraph {
        span: ByteSpan::new(start, end),
        kind,
    };
    let paragraphs = [
        paragraph(0, 5, ParagraphKind::Heading),
        paragraph(7, 16, ParagraphKind::Text),
        paragraph(18, 20, ParagraphKind::Text),
    ];
    let found: Vec<_> = segment(body, &paragraphs)
        .iter()
        .map(|s| (s.paragraph, s.span.slice(body)))
        .collect();
    assert_eq!(found, [(0, "Titre"), (1, "Un."), (1, "Deux.")]);
}

#[test]
fn long_paragraphs_take_linear_time() {
    for unit in [
        "(a ", "\"a\". ", "- ", "! ", "a\n", "A.a", ". ", "aA", "[1", "'' ", "... ", "\n", "!» ",
    ] {
        let text = unit.repeat(30_000);
        let start = std::time::Instant::now();
        sentences(&text);
        // A second on a machine with nothing else to do; minutes if each part is compared with all others.
        assert!(start.elapsed().as_secs() < 30, "{unit:?}");
    }
}

proptest! {
    #[test]
    fn every_character_is_in_one_sentence(
        text in "([A-Ca-céÉ.!?…\"«»'’()\\[\\]•\\- \u{a0}\n0-2@:]|M\\. |Le |\\PC){0,150}"
    ) {
        let mut end = 0;
        for span in sentences(&text) {
            prop_assert!(span.start >= end && !span.is_empty());
            prop_assert!(text[end..span.start].trim().is_empty());
            prop_assert_eq!(span.slice(&text), span.slice(&text).trim());
            end = span.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }

    #[test]
    fn single_sentence_is_not_split(text in "[a-c]{1,8}( [a-c]{1,5}){0,6}[.!?]") {
        prop_assert_eq!(sentences(&text), vec![ByteSpan::new(0, text.len())]);
    }
}
