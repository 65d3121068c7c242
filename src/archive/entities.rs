//! People, organisations and places over all articles: one entry for one name, with every article and
//! sentence that has it.
//!
//! Entries are joined by the whole name. A surname alone belongs to the one person of that surname in the
//! same article, and to nobody elsewhere; an acronym belongs to the long form that some article gives
//! for it, as long as there is only one. What the user's aliases say goes before both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::aliases::{Aliases, folded};
use crate::summarize::{SentenceId, Summary};
use french::text::folded_words;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    Person,
    Organisation,
    Place,
}

/// A name with all that bears it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entity {
    pub kind: EntityKind,
    /// The form that most articles have.
    pub name: String,
    /// Other forms, English and French.
    pub aliases: Vec<String>,
    /// In the order of the articles' ids.
    pub statements: Vec<Statement>,
}

/// Where an article speaks of an entity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statement {
    /// Id of the article.
    pub article: String,
    pub sentences: Vec<SentenceId>,
    /// Role or description, in English.
    pub role: Option<String>,
}

/// Collects the names of summaries.
pub struct Entities<'a> {
    aliases: &'a Aliases,
    found: BTreeMap<Key, Found>,
    /// Long forms that articles give for acronyms.
    acronyms: BTreeMap<Key, BTreeSet<Key>>,
}

type Key = (EntityKind, String);

#[derive(Default)]
struct Found {
    /// How many articles have each form. That of the user's aliases counts most.
    forms: BTreeMap<String, usize>,
    statements: Vec<Statement>,
}

/// A name in one article.
pub(super) struct Mention<'a> {
    pub kind: EntityKind,
    pub name: &'a str,
    pub source_name: &'a str,
    role: Option<&'a str>,
    pub sentences: &'a [SentenceId],
}

impl<'a> Entities<'a> {
    pub fn new(aliases: &'a Aliases) -> Self {
        Self {
            aliases,
            found: BTreeMap::new(),
            acronyms: BTreeMap::new(),
        }
    }

    /// Adds the names of an article. Articles have to come in the order of their ids.
    pub fn add(&mut self, summary: &Summary) {
        let mentions = mentions(summary);
        let bearers = Bearers::new(&mentions);
        for mention in &mentions {
            let named = |mention: &Mention<'_>| {
                let named = self.aliases.name_of(mention.name);
                named.or_else(|| self.aliases.name_of(mention.source_name))
            };
            let (full, named) = match named(mention) {
                Some(name) => (mention, Some(name)),
                None => {
                    let full = bearers.of(mention, &mentions);
                    (full, named(full))
                }
            };
            let key = (full.kind, folded(named.unwrap_or(full.name)));
            if key.1.is_empty() {
                continue;
            }
            let found = self.found.entry(key.clone()).or_default();
            if let Some(name) = named {
                // Large enough to win, and not to overflow.
                *found.forms.entry(name.to_owned()).or_default() = usize::MAX / 2;
            }
            *found.forms.entry(mention.name.to_owned()).or_default() += 1;
            found
                .forms
                .entry(mention.source_name.to_owned())
                .or_default();
            found.mention(&summary.id, mention);
            if named.is_none()
                && let Some(long) = bearers.long_form(mention, &mentions, summary)
                && self.aliases.name_of(long.name).is_none()
            {
                let long = (long.kind, folded(long.name));
                self.acronyms.entry(key).or_default().insert(long);
            }
        }
    }

    /// Returns the entities by kind, those of most articles first.
    pub fn finish(mut self) -> Vec<Entity> {
        for (acronym, long) in std::mem::take(&mut self.acronyms) {
            // An acronym with several long forms is not known to be one of them.
            if let [long] = &Vec::from_iter(long)[..]
                && *long != acronym
                && let Some(short) = self.found.remove(&acronym)
            {
                self.found.entry(long.clone()).or_default().join(short);
            }
        }
        let mut entities: Vec<Entity> = self
            .found
            .into_iter()
            .map(|((kind, _), found)| found.entity(kind))
            .collect();
        entities.sort_by_cached_key(|it| {
            let most = std::cmp::Reverse(it.statements.len());
            (it.kind, most, folded(&it.name), it.name.clone())
        });
        entities
    }
}

impl Mention<'_> {
    /// The words of the name in both languages, folded; once if they are the same.
    fn forms(&self) -> Vec<Vec<String>> {
        let mut forms = vec![folded_words(self.name), folded_words(self.source_name)];
        forms.dedup();
        forms
    }
}

/// The people, organisations and places of an article.
pub(super) fn mentions(summary: &Summary) -> Vec<Mention<'_>> {
    let people = summary.people.iter().map(|it| Mention {
        kind: EntityKind::Person,
        name: &it.name,
        source_name: &it.source_name,
        role: it.role.as_deref(),
        sentences: &it.sentences,
    });
    let organisations = summary.organisations.iter().map(|it| Mention {
        kind: EntityKind::Organisation,
        name: &it.name,
        source_name: &it.source_name,
        role: it.description.as_deref(),
        sentences: &it.sentences,
    });
    let places = summary.places.iter().map(|it| Mention {
        kind: EntityKind::Place,
        name: &it.name,
        source_name: &it.source_name,
        role: None,
        sentences: &it.sentences,
    });
    people.chain(organisations).chain(places).collect()
}

/// The mentions of an article, by what tells which of them are one.
struct Bearers {
    /// People by the last word of their names, each with all of its words.
    people: HashMap<String, Vec<(usize, Vec<String>)>>,
    /// Organisations of several words.
    long: Vec<usize>,
}

impl Bearers {
    fn new(mentions: &[Mention<'_>]) -> Self {
        let mut people: HashMap<String, Vec<(usize, Vec<String>)>> = HashMap::new();
        let mut long = Vec::new();
        for (n, mention) in mentions.iter().enumerate() {
            match mention.kind {
                EntityKind::Person => {
                    for words in mention.forms() {
                        if let Some(last) = words.last() {
                            people.entry(last.clone()).or_default().push((n, words));
                        }
                    }
                }
                EntityKind::Organisation => {
                    if folded_words(mention.source_name).len() > 1 {
                        long.push(n);
                    }
                }
                EntityKind::Place => {}
            }
        }
        Self { people, long }
    }

    /// The person whose surname `mention` is, if exactly one in the article has it; else `mention`.
    fn of<'m, 'a>(&self, mention: &'m Mention<'a>, all: &'m [Mention<'a>]) -> &'m Mention<'a> {
        if mention.kind != EntityKind::Person {
            return mention;
        }
        let mut full = BTreeSet::new();
        for surname in mention.forms() {
            let same = surname.last().and_then(|last| self.people.get(last));
            let longer = same
                .into_iter()
                .flatten()
                .filter(|(_, name)| name.len() > surname.len() && name.ends_with(&surname));
            full.extend(longer.map(|(n, _)| *n));
        }
        match Vec::from_iter(full)[..] {
            [one] => &all[one],
            _ => mention,
        }
    }

    /// The long form of an acronym in the same article: right beside it in brackets, or with the same
    /// initials. Returns `None` if there are several.
    fn long_form<'m, 'a>(
        &self,
        mention: &Mention<'a>,
        all: &'m [Mention<'a>],
        summary: &Summary,
    ) -> Option<&'m Mention<'a>> {
        let acronym = mention.source_name;
        let is_acronym =
            (2..=8).contains(&acronym.chars().count()) && acronym.chars().all(char::is_uppercase);
        if mention.kind != EntityKind::Organisation || !is_acronym {
            return None;
        }
        let sentences = &summary.translation.sentences;
        let is_beside = |long: &Mention<'_>| {
            let beside = [
                format!("{} ({acronym}", long.source_name),
                format!("{acronym} ({}", long.source_name),
            ];
            let shared = mention
                .sentences
                .iter()
                .filter(|id| long.sentences.contains(id));
            shared
                .filter_map(|id| sentences.get(id.0))
                .any(|it| beside.iter().any(|text| it.source.contains(text)))
        };
        let long = self.long.iter().map(|&n| &all[n]);
        let mut long = long.filter(|it| has_initials(it.source_name, acronym) || is_beside(it));
        match (long.next(), long.next()) {
            (Some(long), None) => Some(long),
            _ => None,
        }
    }
}

/// Whether the words of `long` begin with the letters of `acronym`; one word may have none.
fn has_initials(long: &str, acronym: &str) -> bool {
    const SMALL: [&str; 14] = [
        "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour",
    ];
    let words = folded_words(long);
    let initials: Vec<char> = words
        .iter()
        .filter(|word| !SMALL.contains(&word.as_str()))
        .filter_map(|word| word.chars().next())
        .collect();
    let letters: Vec<char> = folded_words(acronym).concat().chars().collect();
    let mut rest = initials.iter();
    initials.first() == letters.first()
        && initials.len() <= letters.len() + 1
        && letters
            .iter()
            .all(|letter| rest.any(|initial| initial == letter))
}

impl Found {
    fn mention(&mut self, article: &str, mention: &Mention<'_>) {
        match self.statements.last_mut() {
            Some(last) if last.article == article => {
                last.sentences.extend(mention.sentences);
                last.sentences.sort_unstable();
                last.sentences.dedup();
                if last.role.is_none() {
                    last.role = mention.role.map(str::to_owned);
                }
            }
            _ => self.statements.push(Statement {
                article: article.to_owned(),
                sentences: mention.sentences.to_vec(),
                role: mention.role.map(str::to_owned),
            }),
        }
    }

    /// Takes the statements of an acronym. Its forms stay aliases, whatever their number.
    fn join(&mut self, acronym: Self) {
        for form in acronym.forms.into_keys() {
            self.forms.entry(form).or_default();
        }
        for statement in acronym.statements {
            let at = self
                .statements
                .binary_search_by(|own| own.article.cmp(&statement.article));
            match at {
                Ok(at) => {
                    let own = &mut self.statements[at];
                    own.sentences.extend(statement.sentences);
                    own.sentences.sort_unstable();
                    own.sentences.dedup();
                    own.role = own.role.take().or(statement.role);
                }
                Err(at) => self.statements.insert(at, statement),
            }
        }
    }

    fn entity(self, kind: EntityKind) -> Entity {
        let best = self.forms.iter().max_by(|(a, m), (b, n)| {
            let longest = a.chars().count().cmp(&b.chars().count());
            m.cmp(n).then(longest).then_with(|| b.cmp(a))
        });
        let name = best.map(|(name, _)| name.clone()).unwrap_or_default();
        Entity {
            kind,
            aliases: self
                .forms
                .into_keys()
                .filter(|form| *form != name)
                .collect(),
            name,
            statements: self.statements,
        }
    }
}
