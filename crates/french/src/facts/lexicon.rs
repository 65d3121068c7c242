//! The tables of names in `data/`. Each is parsed once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::classes::{Class, classes, classes_of};
use super::names::Sex;
use super::types::PlaceKind;
use super::units::unit;
use crate::text::numbers::french_scale;

type WordSet = LazyLock<HashSet<&'static str>>;

/// The words of a table, without its comments.
fn words(table: &'static str) -> HashSet<&'static str> {
    rows(table).flat_map(str::split_whitespace).collect()
}

pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

/// The first two columns of a table.
fn pairs(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(table).filter_map(|row| {
        let mut columns = row.split('\t');
        Some((columns.next()?, columns.next()?))
    })
}

static FIRST_NAMES: LazyLock<HashMap<&str, Option<Sex>>> = LazyLock::new(|| {
    let lists = pairs(include_str!("data/first_names.tsv"));
    lists
        .flat_map(|(sex, names)| {
            let sex = match sex {
                "f" => Some(Sex::Female),
                "m" => Some(Sex::Male),
                _ => None,
            };
            names.split(' ').map(move |name| (name, sex))
        })
        .collect()
});
static ORG_SUFFIXES: WordSet = LazyLock::new(|| words(include_str!("data/org_suffixes.txt")));
static NOT_ACRONYMS: WordSet = LazyLock::new(|| words(include_str!("data/acronyms_not_names.txt")));
static ORG_HEADS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| pairs(include_str!("data/org_heads.tsv")).collect());
static EPITHETS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lists = pairs(include_str!("data/epithets.tsv"));
    lists
        .flat_map(|(nouns, roles)| nouns.split(' ').map(move |noun| (noun, roles)))
        .collect()
});
static PEOPLE: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| pairs(include_str!("data/people.tsv")).collect());

/// An organisation known by name.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownOrganisation {
    pub english: &'static str,
    pub acronym: Option<&'static str>,
}

static ORGANISATIONS: LazyLock<HashMap<String, KnownOrganisation>> = LazyLock::new(|| {
    rows(include_str!("data/organisations.tsv"))
        .filter_map(|row| {
            let mut columns = row.split('\t');
            let (french, english) = (columns.next()?, columns.next()?);
            let acronym = columns.next().filter(|acronym| !acronym.is_empty());
            Some((caseless(french), KnownOrganisation { english, acronym }))
        })
        .collect()
});

/// The key of a name: in lower case if it has several words, because their capitals vary (`La
/// France insoumise`, `La France Insoumise`). A single word keeps its case, with or without an
/// article: `Le Monde` is a name, `Le monde` is not.
fn caseless(name: &str) -> String {
    let bare = ["Le ", "La ", "Les ", "The "]
        .iter()
        .find_map(|article| name.strip_prefix(article));
    if bare.unwrap_or(name).contains(' ') {
        name.to_lowercase()
    } else {
        name.to_owned()
    }
}

static PLACES: LazyLock<HashMap<&str, (&str, PlaceKind)>> = LazyLock::new(|| {
    // The hand-written table comes last and overrides the generated one.
    [
        include_str!("data/cldr.tsv"),
        include_str!("data/places.tsv"),
    ]
    .into_iter()
    .flat_map(rows)
    .filter_map(|row| {
        let mut columns = row.split('\t');
        let (french, english) = (columns.next()?, columns.next()?);
        let kind = match columns.next()? {
            "continent" => PlaceKind::Continent,
            "country" => PlaceKind::Country,
            "region" => PlaceKind::Region,
            "city" => PlaceKind::City,
            _ => PlaceKind::Other,
        };
        Some((french, (english, kind)))
    })
    .collect()
});

/// Whether the word is in the table of function words, ignoring case and an apostrophe at its end.
pub fn is_function_word(word: &str) -> bool {
    classes_of(word).has(Class::Function)
}

/// Whether the word is a first name, or two joined by a hyphen.
pub(super) fn is_first_name(word: &str) -> bool {
    let is_listed = |name| FIRST_NAMES.contains_key(name);
    is_listed(word)
        || (word.split_once('-'))
            .is_some_and(|(first, second)| is_listed(first) && is_listed(second))
}

/// Whether the first name, or the first of two joined by a hyphen, is that of a woman or a man; `None` if
/// it is not known or can be either.
pub(super) fn sex_of_first_name(name: &str) -> Option<Sex> {
    let first = name.split('-').next().unwrap_or(name);
    *FIRST_NAMES.get(name).or_else(|| FIRST_NAMES.get(first))?
}

/// Whether the word (in lower case) names a person by function, trade or kin.
pub(super) fn is_role(word: &str) -> bool {
    classes(word).has(Class::Role)
}

/// Whether the noun can take up someone with the role: `le magistrat` a `procureure de Lyon`. `None` if it
/// is no epithet of people whose role is another word.
pub(super) fn takes_up(noun: &str, role: &str) -> Option<bool> {
    let stems = EPITHETS.get(noun)?;
    let role = role.to_lowercase();
    let mut words = role.split(|c: char| !c.is_alphabetic() && c != '-');
    let any = *stems == "*";
    Some(any || words.any(|word| stems.split(' ').any(|stem| word.starts_with(stem))))
}

/// The sex that the form of an epithet tells, if it has two: `élu` and `élue`.
pub(super) fn sex_of_epithet(noun: &str) -> Option<Sex> {
    let is_listed = |noun: &str| EPITHETS.contains_key(noun);
    match noun.strip_suffix('e') {
        Some(man) if is_listed(man) => Some(Sex::Female),
        _ => is_listed(&format!("{noun}e")).then_some(Sex::Male),
    }
}

pub(super) fn is_org_suffix(word: &str) -> bool {
    ORG_SUFFIXES.contains(word)
}

/// The English pattern for an institution with this head, where one is regular.
pub(super) fn org_head_pattern(head: &str) -> Option<&'static str> {
    ORG_HEADS
        .get(head)
        .copied()
        .filter(|pattern| !pattern.is_empty())
}

pub(super) fn is_no_acronym(word: &str) -> bool {
    NOT_ACRONYMS.contains(word)
}

/// Whether a number before this word or symbol is a quantity and not a year.
pub(super) fn is_counted(word: &str) -> bool {
    unit(word).is_some() || french_scale(word).is_some() || classes(word).has(Class::People)
}

pub(super) fn person(name: &str) -> Option<&'static str> {
    PEOPLE.get(name).copied()
}

pub(super) fn organisation(name: &str) -> Option<KnownOrganisation> {
    ORGANISATIONS.get(&caseless(name)).copied()
}

pub(super) fn place(name: &str) -> Option<(&'static str, PlaceKind)> {
    PLACES.get(name).copied()
}

/// The place whose article merged with `du` or `au`: `Mans` for `Le Mans`.
pub(super) fn contracted_place(name: &str) -> Option<(&'static str, PlaceKind)> {
    place(&format!("Le {name}"))
}

/// The English of a place that is known by its French name.
pub fn place_in_english(french: &str) -> Option<&'static str> {
    Some(PLACES.get(french)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_whole() {
        for table in [
            include_str!("data/cldr.tsv"),
            include_str!("data/places.tsv"),
            include_str!("data/organisations.tsv"),
        ] {
            for row in rows(table) {
                assert_eq!(row.split('\t').count(), 3, "{row}");
            }
        }
        for row in rows(include_str!("data/epithets.tsv")) {
            assert_eq!(row.split('\t').count(), 2, "{row}");
        }
        for row in rows(include_str!("data/people.tsv")) {
            assert_eq!(row.split('\t').count(), 2, "{row}");
        }
    }

    #[test]
    fn epithets_take_up_roles() {
        assert_eq!(takes_up("magistrate", "procureure de Lyon"), Some(true));
        assert_eq!(takes_up("magistrat", "maire de Lyon"), Some(false));
        assert_eq!(takes_up("quinquagénaire", "maire"), Some(true));
        assert_eq!(takes_up("maison", "maire"), None);
        assert_eq!(sex_of_epithet("élu"), Some(Sex::Male));
        assert_eq!(sex_of_epithet("élue"), Some(Sex::Female));
        assert_eq!(sex_of_epithet("artiste"), None);
    }

    #[test]
    fn hand_written_places_win_over_generated_ones() {
        assert_eq!(place("Kiev"), Some(("Kyiv", PlaceKind::City)));
        assert_eq!(place("Irak"), Some(("Iraq", PlaceKind::Country)));
    }
}
