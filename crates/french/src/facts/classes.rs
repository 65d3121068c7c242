//! Classes of words: closed ones such as articles, from `data/classes.tsv`, and those of the word lists
//! in `data`. Every token is looked up once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::rows;

/// A class of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// `le`, `la`, `l'`, `les`
    Definite,
    /// An article or a demonstrative; not the plurals `des` and `ces`.
    Determiner,
    /// Any word in the place of an article: `le`, `ses`, `plusieurs`.
    Article,
    /// `son`, `leur`
    Possessive,
    /// `de` or a form of it.
    Of,
    Preposition,
    /// A form of `avoir` or `être` in the third person, present or imperfect.
    Auxiliary,
    /// `il`, `elle`, `ils`, `elles`
    Pronoun,
    /// `qui`, `que`, `dont`
    Relative,
    /// `et`, `mais`
    Conjunction,
    Weekday,
    /// A month or its abbreviation.
    Month,
    /// A month of the Republican calendar.
    Republican,
    /// A word that dates relative to others are made of: `semaine`, `veille`.
    Time,
    /// A word that is never a name: `data/function_words.txt`.
    Function,
    /// A noun for people by function, trade or kin, maybe with a prefix or in the plural:
    /// `data/roles.txt`.
    Role,
    /// A noun that counts people: `data/people_nouns.txt`, or by its ending.
    People,
    /// A noun before the name of an organisation: `data/org_words.txt`.
    OrganisationNoun,
    /// The head of an institution's name: `data/org_heads.tsv`.
    InstitutionHead,
    /// A third person or past participle of a verb of saying: `data/attribution_verbs.tsv`.
    Speech,
    /// A present participle of a verb of saying: `soulignant`.
    SpeechParticiple,
    /// An infinitive of a verb of saying: `ajouter`.
    SpeechInfinitive,
    /// A verb that reports words only where the words follow: `a appelé « … »`.
    Announcing,
    /// A word, besides articles, that begins a subject.
    Subject,
    /// A word between a subject and its verb.
    BeforeVerb,
    /// A word between a mark and a verb whose subject stands behind it.
    BeforeInverted,
    /// A word that ends the noun phrase before it.
    PhraseEnd,
    /// A noun before the name of a thing: `porte-conteneurs`, `loi`.
    Thing,
    /// The noun of a body, a group or a writing whose words are quoted: `préfecture`.
    Speaking,
    /// The noun of a workshop or shop: `tannerie`.
    Firm,
    /// A noun right before the name of a firm: `société`.
    Company,
    /// What is named after its town: `festival`.
    Site,
    /// A building that may stand in a town or be someone's: `entrepôt`.
    Building,
    /// A trade that is a person's or a firm's: `le chimiste X`.
    Maker,
    /// The name of a people that does not end like one: `Bulgares`.
    Demonym,
    /// A participle or adjective before where someone is from: `originaire`.
    Origin,
    /// A noun for who someone is to someone else: `ami`, `avocat`.
    Tie,
    /// A noun for an office or tie that someone can have whom nobody has named: `maire`, `voisine`.
    Office,
    /// An adjective that makes another office of one: `général`.
    Rank,
    /// A member of a party, said by an adjective with an article: `le socialiste X`.
    Partisan,
    /// A number in digits, or a word with digits.
    Digits,
    /// A number in digits that can be a year of our era.
    Year,
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Classes(u64);

impl Classes {
    pub(super) const fn of(class: Class) -> Self {
        Self(1 << class as u64)
    }

    pub(super) const fn has(self, class: Class) -> bool {
        self.0 & Self::of(class).0 != 0
    }

    /// Whether the sets have a class in common.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Those that words of dates are in.
    pub(super) const fn of_dates(self) -> Self {
        const DATES: Classes = Classes::of(Class::Weekday)
            .and(Class::Month)
            .and(Class::Time);
        Self(self.0 & DATES.0)
    }

    pub(super) const fn and(self, class: Class) -> Self {
        Self(self.0 | Self::of(class).0)
    }

    const fn without(self, class: Class) -> Self {
        Self(self.0 & !Self::of(class).0)
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The classes of a word in lower case.
pub(super) fn classes(word: &str) -> Classes {
    let word = match word.len() > 2 {
        true => word.trim_end_matches('’'),
        false => word,
    };
    let listed = WORDS.get(word).copied().unwrap_or_default();
    let mut classes = listed;
    if has_people_ending(word) {
        classes = classes.and(Class::People);
    }
    if !classes.has(Class::Role) && is_role_form(word) {
        classes = classes.and(Class::Role);
    }
    classes
}

/// As [`classes`], of a word with any capitals.
pub(super) fn classes_of(word: &str) -> Classes {
    match word.chars().any(char::is_uppercase) {
        true => classes(&word.to_lowercase()),
        false => classes(word),
    }
}

static WORDS: LazyLock<HashMap<String, Classes>> = LazyLock::new(|| {
    let mut words: HashMap<String, Classes> = HashMap::new();
    let mut add = |word: String, class| {
        let classes = words.entry(word).or_default();
        *classes = classes.and(class);
    };
    for (class, list) in closed_classes() {
        list.split(' ').for_each(|word| add(word.to_owned(), class));
    }
    for (class, list) in WORD_LISTS {
        let listed = rows(list).flat_map(str::split_whitespace);
        listed.for_each(|word| add(word.to_lowercase(), *class));
    }
    // `l` is listed for `l'`.
    for word in rows(include_str!("data/function_words.txt")).flat_map(str::split_whitespace) {
        add(word.to_owned(), Class::Function);
        add(format!("{word}'"), Class::Function);
    }
    for row in rows(include_str!("data/org_heads.tsv")) {
        let head = row.split('\t').next().unwrap_or_default();
        add(head.to_owned(), Class::InstitutionHead);
    }
    for (kind, list) in verbs_of_saying() {
        for verb in list.split(' ') {
            match kind {
                "er" => {
                    let (forms, participle) = forms_of(verb);
                    forms.into_iter().for_each(|form| add(form, Class::Speech));
                    add(participle, Class::SpeechParticiple);
                    add(verb.to_owned(), Class::SpeechInfinitive);
                }
                "infinitive" => add(verb.to_owned(), Class::SpeechInfinitive),
                "form" => add(verb.to_owned(), Class::Speech),
                _ => {}
            }
        }
    }
    for (_, list) in verbs_of_saying().filter(|(kind, _)| *kind == "noun") {
        for noun in list.split(' ') {
            if let Some(classes) = words.get_mut(noun) {
                *classes = classes.without(Class::Speech);
            }
        }
    }
    words
});

const WORD_LISTS: &[(Class, &str)] = &[
    (Class::Role, include_str!("data/roles.txt")),
    (Class::People, include_str!("data/people_nouns.txt")),
    (Class::OrganisationNoun, include_str!("data/org_words.txt")),
];

/// The rows of `classes.tsv`: a class and its words.
fn closed_classes() -> impl Iterator<Item = (Class, &'static str)> {
    rows(include_str!("data/classes.tsv")).filter_map(|row| {
        let (name, list) = row.split_once('\t')?;
        Some((class_named(name)?, list))
    })
}

fn class_named(name: &str) -> Option<Class> {
    Some(match name {
        "definite" => Class::Definite,
        "determiner" => Class::Determiner,
        "article" => Class::Article,
        "possessive" => Class::Possessive,
        "of" => Class::Of,
        "preposition" => Class::Preposition,
        "auxiliary" => Class::Auxiliary,
        "pronoun" => Class::Pronoun,
        "relative" => Class::Relative,
        "conjunction" => Class::Conjunction,
        "demonym" => Class::Demonym,
        "partisan" => Class::Partisan,
        "office" => Class::Office,
        "origin" => Class::Origin,
        "tie" => Class::Tie,
        "rank" => Class::Rank,
        "weekday" => Class::Weekday,
        "month" => Class::Month,
        "republican" => Class::Republican,
        "time" => Class::Time,
        "speech_participle" => Class::SpeechParticiple,
        "announcing" => Class::Announcing,
        "subject" => Class::Subject,
        "before_verb" => Class::BeforeVerb,
        "before_inverted" => Class::BeforeInverted,
        "speaking" => Class::Speaking,
        "firm" => Class::Firm,
        "company" => Class::Company,
        "site" => Class::Site,
        "building" => Class::Building,
        "maker" => Class::Maker,
        "thing" => Class::Thing,
        "phrase_end" => Class::PhraseEnd,
        _ => return None,
    })
}

/// The rows of `attribution_verbs.tsv`: what they list, and the words.
fn verbs_of_saying() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(include_str!("data/attribution_verbs.tsv")).filter_map(|row| row.split_once('\t'))
}

/// The third persons and past participles of a verb in -er, and its present participle.
fn forms_of(infinitive: &str) -> (Vec<String>, String) {
    let stem = infinitive.trim_end_matches("er");
    // `annonçait`, `jugeait`
    let soft = match stem.as_bytes().last() {
        Some(b'c') => format!("{}ç", &stem[..stem.len() - 1]),
        Some(b'g') => format!("{stem}e"),
        _ => stem.to_owned(),
    };
    let stressed = stressed(stem);
    let mut forms: Vec<String> = ["e", "ent", "era", "eront"]
        .map(|ending| format!("{stressed}{ending}"))
        .into();
    forms.extend(["ait", "aient", "a"].map(|ending| format!("{soft}{ending}")));
    forms.extend(["èrent", "é", "ée", "és", "ées"].map(|ending| format!("{stem}{ending}")));
    (forms, format!("{soft}ant"))
}

/// The stem before an `e` that is not heard: `répèt` of `répéter`, `rappell` of `rappeler`, `balai` of
/// `balayer`.
fn stressed(stem: &str) -> String {
    let consonants = stem.len()
        - stem
            .trim_end_matches(|c: char| c.is_ascii_alphabetic() && !"aeiouy".contains(c))
            .len();
    let (head, tail) = stem.split_at(stem.len() - consonants);
    if stem.ends_with("ppel") || stem.ends_with("mmel") {
        return format!("{stem}l");
    }
    match (
        head.strip_suffix('y'),
        head.strip_suffix('é'),
        head.strip_suffix('e'),
    ) {
        (Some(head), ..) if consonants == 0 => format!("{head}i"),
        (_, Some(head), _) if consonants > 0 => format!("{head}è{tail}"),
        (_, _, Some(head)) if consonants == 1 => format!("{head}è{tail}"),
        _ => stem.to_owned(),
    }
}

fn has_people_ending(noun: &str) -> bool {
    const ENDINGS: [&str; 6] = ["istes", "iens", "iennes", "ologues", "trices", "logistes"];
    const EXCEPTIONS: [&str; 13] = [
        "pistes",
        "listes",
        "biens",
        "liens",
        "chiens",
        "chiennes",
        "éoliennes",
        "moyens",
        "moyennes",
        "entretiens",
        "soutiens",
        "matrices",
        "cicatrices",
    ];
    ENDINGS.iter().any(|ending| noun.ends_with(ending)) && !EXCEPTIONS.contains(&noun)
}

/// Whether the word is a role with a prefix or in the plural.
fn is_role_form(word: &str) -> bool {
    const PREFIXES: [&str; 5] = ["ex-", "vice-", "sous-", "haut-", "haute-"];
    let is_listed = |word: &str| {
        WORDS
            .get(word)
            .is_some_and(|classes| classes.has(Class::Role))
    };
    let bare = PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix));
    bare.is_some_and(is_listed)
        // `directrice-adjointe`, `expert-comptable`
        || word.split_once('-').is_some_and(|(first, second)| {
            is_listed(first) && !first.starts_with("saint") && second.len() > 3
        })
        // `ex-numéro deux`
        || word.starts_with("ex-") && word.len() > 6
        || bare
            .unwrap_or(word)
            .strip_suffix('s')
            .is_some_and(is_listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_class_with_words() {
        for row in rows(include_str!("data/classes.tsv")) {
            let (name, list) = row.split_once('\t').expect(row);
            assert!(class_named(name).is_some(), "{row}");
            assert!(list.split(' ').all(|word| !word.is_empty()), "{row}");
        }
    }

    #[test]
    fn words_are_in_their_classes() {
        for (word, class) in [
            ("l'", Class::Definite),
            ("l'", Class::Function),
            ("d'", Class::Of),
            ("juillet", Class::Month),
            ("ex-ministres", Class::Role),
            ("présidents", Class::Role),
            ("touristes", Class::People),
            ("ressortissants", Class::People),
            ("expliquaient", Class::Speech),
            ("annonçait", Class::Speech),
            ("jugeaient", Class::Speech),
            ("rappelle", Class::Speech),
            ("répète", Class::Speech),
            ("balaie", Class::Speech),
            ("déclara", Class::Speech),
            ("avertissait", Class::Speech),
            ("soulignant", Class::SpeechParticiple),
            ("avertissant", Class::SpeechParticiple),
        ] {
            assert!(classes(word).has(class), "{word}: {class:?}");
        }
        for (word, class) in [
            ("pistes", Class::People),
            ("moteurs", Class::People),
            ("mangeant", Class::SpeechParticiple),
            ("souligne", Class::SpeechParticiple),
            ("maison", Class::Role),
            ("note", Class::Speech),
        ] {
            assert!(!classes(word).has(class), "{word}: {class:?}");
        }
    }
}
