use super::*;
use Reason::*;

const KNOWN: &[(&str, Reason)] = &[
    (
        "Nous et nos 214 partenaires stockons des informations sur votre appareil afin de mesurer l'audience, de proposer des publicités personnalisées et d'améliorer nos services.",
        Consent,
    ),
    (
        "Ce site utilise des cookies pour mesurer l’audience.",
        Consent,
    ),
    (
        "En poursuivant votre navigation, vous acceptez l'utilisation de cookies.",
        Consent,
    ),
    ("Tout accepter", Consent),
    ("Vous pouvez à tout moment modifier vos choix.", Consent),
    ("Article réservé aux abonnés", Paywall),
    (
        "Vous avez lu 35 % de cet article. La suite est réservée à nos abonnés.",
        Paywall,
    ),
    ("Commenter (12)", Comments),
    (
        "L’article Le pont ferme est apparu en premier sur Le Courrier.",
        Related,
    ),
    ("Cet article est réservé à nos abonnés.", Paywall),
    (
        "Il vous reste 71.4% de cet article à lire. La suite est réservée aux abonnés.",
        Paywall,
    ),
    (
        "La suite de cet article est réservée à nos abonnés",
        Paywall,
    ),
    (
        "Vous pouvez lire Le Courrier sur un seul appareil à la fois",
        Paywall,
    ),
    ("Ce message s’affichera sur l’autre appareil.", Paywall),
    ("Déjà abonné ? Se connecter", Paywall),
    ("Déjà abonné·e ? Connectez-vous", Paywall),
    ("Pour lire la suite, abonnez-vous", Paywall),
    ("Vous avez déjà un compte ? Connexion", Paywall),
    (
        "Abonnez-vous à partir de 1 € le premier mois, puis 9,99 € par mois, sans engagement.",
        Offer,
    ),
    ("À partir de 1 €/mois, sans engagement", Offer),
    ("Découvrir nos offres", Offer),
    (
        "Offrir l'article | Partager | Ajouter à vos sélections",
        Share,
    ),
    ("Partager sur Facebook", Share),
    (
        "Inscrivez-vous à notre newsletter pour recevoir chaque matin l'essentiel de l'actualité.",
        Newsletter,
    ),
    (
        "Retrouvez toute l'actualité de Verzac sur notre application mobile.",
        Newsletter,
    ),
    ("Suivez-nous sur Facebook", Newsletter),
    ("La suite après cette publicité", Advertisement),
    ("[Publicité]", Advertisement),
    ("PUBLICITE", Advertisement),
    ("CONTENUS SPONSORISÉS", Advertisement),
    ("CHAUSSURES-CONFORT.EXAMPLE", Advertisement),
    ("Sur le même thème", Related),
    ("À LIRE AUSSI", Related),
    ("Lire notre enquête : la piscine en péril", Related),
    ("Lire aussi : Natation, les clubs en crise", Related),
    ("▶ À lire également « Que faire de la piscine ? »", Related),
    ("Les plus lus", Related),
    ("bur/abc/def", Copyright),
    ("Mots-clés : piscine, Verzac", Related),
    ("Commentaires (12)", Comments),
    ("3 commentaires", Comments),
    ("Laisser un commentaire", Comments),
    ("© Le Petit Verzacois", Copyright),
    ("Tous droits réservés.", Copyright),
    ("Crédit photo : Basile Mourier", Copyright),
    ("16:05", Live),
    ("14h02", Live),
    ("Bonjour à tous", Live),
    ("Bienvenue dans ce direct. Merci de votre fidélité.", Live),
    (
        "— Collectif Bassin (@bassinpourtous) March 12, 2024",
        Byline,
    ),
    ("Photo Mourier", Copyright),
    (
        "La piscine des Tilleuls, le 3 mars. (BASILE MOURIER / HANS LUCAS)",
        Copyright,
    ),
    ("La piscine, en 2019. © Basile Mourier", Copyright),
    (
        "La piscine ferme pour onze mois. | PHOTO : ARCHIVES LE COURRIER",
        Copyright,
    ),
    ("ACCUEIL ACTUALITÉS SPORTS", Navigation),
    ("Accueil > Sports > Natation", Navigation),
    ("ACTUALITÉS", Navigation),
    (
        "Mentions légales et politique de confidentialité de la société éditrice.",
        Navigation,
    ),
];

fn reason(line: &str) -> Option<Reason> {
    clutter(line).map(|(reason, _)| reason)
}

#[test]
fn lines_of_sites_are_known() {
    for (line, expected) in KNOWN {
        assert_eq!(reason(line), Some(*expected), "{line}");
    }
}

#[test]
fn sentences_of_a_story_are_not_lines_of_a_site() {
    for line in [
        "Le groupe utilise des cookies pour suivre les internautes, a jugé la CNIL.",
        "« Abonnez-vous », lance le vendeur de journaux aux passants.",
        "Il vous reste du pain ?",
        "La suite du procès est prévue lundi.",
        "Le journal compte 12 000 abonnés. Il en perd chaque année.",
        "L'abonnement coûtera 9,99 € par mois dès septembre.",
        "Partager le pain avec ses voisins, voilà son idée.",
        "Les commentaires du ministre ont fait réagir.",
        "La publicité pour l'alcool sera interdite.",
        "La suite après la pause.",
        "À 16h05, les pompiers étaient là.",
        "Bonjour la facture !",
        "Voir Naples",
        "Lire aussi les notes prend du temps.",
        "Le Monde a reproduit la photo de l'AFP.",
        "Accepter la défaite n'est pas son genre.",
        "Le direct du droit l'a envoyé au tapis.",
        "Nous respectons la décision du juge.",
        "Merci à tous les bénévoles pour leur travail.",
        "Le match a été arrêté (score : 3/2).",
        "La photo Mourier a fait le tour du monde.",
        "Facebook a fermé son antenne.",
        "La newsletter du maire ne part plus.",
        "Les dons ont permis de payer le toit.",
        "",
        "…",
    ] {
        assert_eq!(reason(line), None, "{line}");
    }
}
