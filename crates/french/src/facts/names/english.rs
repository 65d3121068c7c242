//! English forms of names: from the tables, by the pattern of an institution, and for Slavic
//! names from the French to the English transliteration.

use super::super::lexicon;
use super::super::types::PlaceKind;
use crate::text::capitalised;

/// The person's name as English writes it.
pub(super) fn person(name: &str) -> String {
    if let Some(english) = lexicon::person(name) {
        return english.to_owned();
    }
    let words: Vec<&str> = name.split(' ').map(given_name).collect();
    if !words.iter().any(|word| is_slavic(word)) {
        return words.join(" ");
    }
    words
        .iter()
        .map(|word| match *word {
            "Alexandre" => "Alexander".to_owned(),
            "Serge" => "Sergei".to_owned(),
            "Michel" | "Mikhaïl" => "Mikhail".to_owned(),
            word => transliterate(word),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// The English transliteration of a given name; other words as they are.
fn given_name(word: &str) -> &str {
    const NAMES: [(&str, &str); 31] = [
        ("Moustafa", "Mustafa"),
        ("Mouammar", "Muammar"),
        ("Moqtada", "Muqtada"),
        ("Fouad", "Fuad"),
        ("Massoud", "Masoud"),
        ("Ihssan", "Ihsan"),
        ("Ismaïl", "Ismail"),
        ("Oussama", "Osama"),
        ("Youssouf", "Yusuf"),
        ("Haïder", "Haider"),
        ("Bachar", "Bashar"),
        ("Rached", "Rashed"),
        ("Iouri", "Yuri"),
        ("Youri", "Yuri"),
        ("Ioulia", "Yulia"),
        ("Sergueï", "Sergei"),
        ("Andreï", "Andrei"),
        ("Alexeï", "Alexei"),
        ("Nikolaï", "Nikolai"),
        ("Mikhaïl", "Mikhail"),
        ("Dmitri", "Dmitry"),
        ("Evgueni", "Yevgeny"),
        ("Guennadi", "Gennady"),
        ("Grigori", "Grigory"),
        ("Anatoli", "Anatoly"),
        ("Vassili", "Vasily"),
        ("Viatcheslav", "Vyacheslav"),
        ("Ilia", "Ilya"),
        ("Valeri", "Valery"),
        ("Vitali", "Vitaly"),
        ("Arkadi", "Arkady"),
    ];
    let known = NAMES.iter().find(|(french, _)| *french == word);
    known.map_or(word, |(_, english)| english)
}

/// Whether the word has an ending or a cluster that only French transliterations of Slavic names
/// have.
fn is_slavic(word: &str) -> bool {
    const ENDINGS: [&str; 15] = [
        "enko", "ovitch", "evitch", "itch", "kevitch", "tchev", "chev", "tchenko", "ïev",
        "oukhine", "ouline", "outine", "tchouk", "ouk", "kovski",
    ];
    const CLUSTERS: [&str; 4] = ["tch", "chtch", "khr", "jn"];
    /// Endings of English names with such a cluster: `Pritchard`, `Mitchell`.
    const ENGLISH: [&str; 16] = [
        "ell", "er", "cock", "ard", "ins", "inson", "ings", "ie", "ley", "ford", "man", "worth",
        "ton", "field", "ens", "um",
    ];
    let word = word.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    // `Tchouaméni` is of Cameroon.
    let african =
        || word.starts_with("tch") && !ends(&["ov", "ev", "ova", "eva", "aïa", "ïs", "ski"]);
    let cluster = || CLUSTERS.iter().any(|cluster| word.contains(cluster));
    word.chars().count() > 4 && (ends(&ENDINGS) || cluster() && !ends(&ENGLISH) && !african())
}

fn transliterate(word: &str) -> String {
    const RULES: [(&str, &str); 14] = [
        ("chtch", "shch"),
        ("tch", "ch"),
        ("ch", "sh"),
        ("ou", "u"),
        ("ï", "i"),
        ("é", "e"),
        ("ë", "e"),
        ("guei", "gei"),
        ("gui", "gi"),
        ("gue", "ge"),
        ("ski", "sky"),
        ("ine", "in"),
        ("j", "zh"),
        ("iou", "yu"),
    ];
    /// Rules for the end of a word only.
    const FINAL: [&str; 2] = ["ski", "ine"];
    let lower = word.to_lowercase();
    let mut out = String::with_capacity(word.len());
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let rule = RULES.iter().find(|(french, _)| {
            rest.starts_with(french) && (!FINAL.contains(french) || rest == *french)
        });
        match rule {
            Some((french, english)) => {
                out.push_str(english);
                rest = &rest[french.len()..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    if word.starts_with(char::is_uppercase) {
        capitalised(&out)
    } else {
        out
    }
}

/// The organisation's name as English has it; a name without an English form stays as it is.
pub(super) fn organisation(name: &str) -> String {
    if let Some(known) = lexicon::organisation(name) {
        return known.english.to_owned();
    }
    let Some((head, rest)) = name.split_once(' ') else {
        return name.to_owned();
    };
    if let Some(english) = institution(name) {
        return english;
    }
    let pattern = lexicon::org_head_pattern(&head.to_lowercase());
    let of = ["de la ", "de l'", "des ", "du ", "de ", "d'"]
        .iter()
        .find_map(|of| rest.strip_prefix(of));
    match (pattern, of) {
        (Some(pattern), Some(of)) => match DOMAINS.iter().find(|(french, _)| *french == of) {
            Some((_, english)) => pattern.replace("%s", english),
            None => match lexicon::place(of) {
                Some((place, _)) => pattern.replace("%s", place),
                None => name.to_owned(),
            },
        },
        _ => name.to_owned(),
    }
}

/// The English of an institution by its head: `cour d'appel de Lyon`, `lycée Victor-Hugo`.
fn institution(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let (head, pattern) = INSTITUTIONS.iter().find(|(head, _)| {
        lower
            .strip_prefix(head)
            .is_some_and(|rest| rest.starts_with(' '))
    })?;
    let rest = name.get(head.len() + 1..)?;
    let of = ["de la ", "de l'", "des ", "du ", "de ", "d'"]
        .iter()
        .find_map(|of| rest.strip_prefix(of));
    let complement = match of {
        // `de La Rochelle`, `du Mans`
        Some(of) => match lexicon::place(of).or_else(|| lexicon::contracted_place(of)) {
            Some((place, _)) => place,
            None => of,
        },
        None => rest,
    };
    // `l'école du XIe` is of no name.
    let is_name = complement.starts_with(char::is_uppercase) && !super::is_roman(complement);
    is_name.then(|| pattern.replace("%s", complement))
}

/// Heads of institutions, the longer before the shorter, with the pattern of their English.
const INSTITUTIONS: [(&str, &str); 34] = [
    ("tribunal correctionnel", "%s criminal court"),
    ("tribunal judiciaire", "%s judicial court"),
    ("tribunal administratif", "%s administrative court"),
    ("tribunal de commerce", "%s commercial court"),
    ("tribunal de grande instance", "%s high court"),
    ("tribunal", "%s court"),
    (
        "cour administrative d'appel",
        "%s administrative court of appeal",
    ),
    ("cour d'appel", "%s court of appeal"),
    ("cour d'assises", "%s assize court"),
    (
        "chambre régionale des comptes",
        "%s regional court of auditors",
    ),
    ("chambre de commerce", "%s chamber of commerce"),
    ("chambre d'agriculture", "%s chamber of agriculture"),
    ("agence régionale de santé", "%s regional health agency"),
    ("conseil départemental", "%s departmental council"),
    ("conseil régional", "%s regional council"),
    ("conseil municipal", "%s town council"),
    ("centre hospitalier universitaire", "%s university hospital"),
    ("centre hospitalier", "%s hospital"),
    ("préfecture", "%s prefecture"),
    ("rectorat", "%s education authority"),
    ("mairie", "%s town hall"),
    ("commissariat", "%s police station"),
    ("chu", "%s university hospital"),
    ("hôpital", "%s hospital"),
    ("clinique", "%s clinic"),
    ("lycée", "%s high school"),
    ("collège", "%s middle school"),
    ("école", "%s school"),
    ("syndicat", "%s"),
    ("institut", "%s"),
    ("association", "%s"),
    ("collectif", "%s"),
    ("mutuelle", "%s"),
    ("société", "%s"),
];

/// The domains of ministries, in French and in English.
const DOMAINS: [(&str, &str); 24] = [
    ("Intérieur", "the Interior"),
    ("Défense", "Defence"),
    ("Justice", "Justice"),
    ("Santé", "Health"),
    ("santé", "Health"),
    ("Affaires étrangères", "Foreign Affairs"),
    ("Affaires", "Foreign Affairs"),
    ("Économie", "the Economy"),
    ("Economie", "the Economy"),
    ("Finances", "Finance"),
    ("Travail", "Labour"),
    ("Culture", "Culture"),
    ("Agriculture", "Agriculture"),
    ("Transports", "Transport"),
    ("Environnement", "the Environment"),
    ("Écologie", "Ecology"),
    ("Ecologie", "Ecology"),
    ("Éducation nationale", "National Education"),
    ("Éducation", "Education"),
    ("Education nationale", "National Education"),
    ("Sports", "Sports"),
    ("Armées", "the Armed Forces"),
    ("Pétrole", "Oil"),
    ("Commerce", "Trade"),
];

/// The place's name as English has it, and what kind of place it is.
pub(super) fn place(name: &str) -> (String, PlaceKind) {
    if let Some((english, kind)) = lexicon::place(name).or_else(|| lexicon::contracted_place(name))
    {
        return (english.to_owned(), kind);
    }
    let Some((head, rest)) = name.split_once(' ') else {
        return (name.to_owned(), PlaceKind::City);
    };
    let of = ["de la ", "de l'", "des ", "du ", "de ", "d'"]
        .iter()
        .find_map(|of| rest.strip_prefix(of));
    let inner =
        |of: &str| lexicon::place(of).map_or(of.to_owned(), |(english, _)| english.to_owned());
    match (head.to_lowercase().as_str(), of) {
        ("comté", Some(of)) => (format!("{} County", inner(of)), PlaceKind::Region),
        ("etat" | "état", Some(of)) => (inner(of), PlaceKind::Region),
        ("province", Some(of)) => (format!("{} Province", inner(of)), PlaceKind::Region),
        ("désert", Some(of)) => (format!("{} Desert", inner(of)), PlaceKind::Other),
        ("vallée", Some(of)) => (format!("{} Valley", inner(of)), PlaceKind::Other),
        ("île" | "ile", Some(of)) if lexicon::place(of).is_some() => {
            (inner(of), PlaceKind::Region)
        }
        ("île" | "ile", Some(of)) => (format!("{} Island", inner(of)), PlaceKind::Region),
        ("îles", _) => (
            format!("{} Islands", inner(of.unwrap_or(rest))),
            PlaceKind::Region,
        ),
        ("lac", _) => (
            format!("Lake {}", inner(of.unwrap_or(rest))),
            PlaceKind::Other,
        ),
        ("mont", _) => (
            format!("Mount {}", inner(of.unwrap_or(rest))),
            PlaceKind::Other,
        ),
        ("golfe", Some(of)) => (format!("Gulf of {}", inner(of)), PlaceKind::Other),
        ("baie", Some(of)) => (format!("Bay of {}", inner(of)), PlaceKind::Other),
        ("détroit", Some(of)) => (format!("Strait of {}", inner(of)), PlaceKind::Other),
        _ if rest.contains(' ') => (name.to_owned(), PlaceKind::Other),
        _ => (name.to_owned(), PlaceKind::City),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slavic_names_lose_their_french_spelling_and_french_names_keep_it() {
        assert_eq!(person("Alexandre Loukachenko"), "Alexander Lukashenko");
        assert_eq!(person("Mikola Statkevitch"), "Mikola Statkevich");
        assert_eq!(person("Petro Porochenko"), "Petro Poroshenko");
        assert_eq!(person("Loukachenko"), "Lukashenko");
        assert_eq!(person("Anton Tchekhov"), "Anton Chekhov");
        assert_eq!(person("Megan Pritchard"), "Megan Pritchard");
        assert_eq!(person("Stephen Hutchinson"), "Stephen Hutchinson");
        assert_eq!(person("Aurélien Tchouaméni"), "Aurélien Tchouaméni");
        assert_eq!(person("Édouard Philippe"), "Édouard Philippe");
        assert_eq!(person("Michel Rouche"), "Michel Rouche");
        assert_eq!(person("Fouad Hussein"), "Fuad Hussein");
    }

    #[test]
    fn institutions_and_landscapes_follow_their_pattern() {
        assert_eq!(
            organisation("ministère de l'Intérieur"),
            "Ministry of the Interior"
        );
        assert_eq!(organisation("OTAN"), "NATO");
        for (french, english) in [
            ("tribunal correctionnel de Vesoul", "Vesoul criminal court"),
            ("cour d'assises du Mans", "Le Mans assize court"),
            ("lycée Victor-Hugo", "Victor-Hugo high school"),
            ("syndicat Alliance", "Alliance"),
            ("école du XIe", "école du XIe"),
            (
                "association des maires de France",
                "association des maires de France",
            ),
        ] {
            assert_eq!(organisation(french), english);
        }
        assert_eq!(organisation("Basra Oil Company"), "Basra Oil Company");
        assert_eq!(
            place("comté de Leflore"),
            ("Leflore County".to_owned(), PlaceKind::Region)
        );
        assert_eq!(
            place("Etat du Mississippi"),
            ("Mississippi".to_owned(), PlaceKind::Region)
        );
    }
}
