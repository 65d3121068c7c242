//! Reads the people, organisations and places of an article, with one entry for each.
//!
//! `spot` finds names sentence by sentence, `evidence` and `weights` score them by the words around
//! them. This module merges the mentions of the whole article: those with the same words, and with
//! the help of `link` those that are short for another name.

mod clues;
mod compounds;
mod context;
mod english;
mod evidence;
mod institutions;
mod link;
mod roles;
mod sex;
mod spot;
mod weights;

use std::collections::{HashMap, HashSet};

use super::classes::Class;
use super::lexicon;
use super::tokens::{Token, TokenizedSentence, inverted};
use super::types::{DateMention, Mention, NamedOrganisation, NamedPerson, NamedPlace, PlaceKind};
use crate::text::numbers::french_cardinal;
use evidence::Evidence;
pub(super) use roles::is_adjectival;
pub(super) use sex::{Sex, is_title};
pub(super) use spot::is_demonym;
use spot::{Form, Spot, fold};
pub use weights::Features;
use weights::Points;

#[derive(Debug, Default)]
pub(super) struct Names {
    pub people: Vec<NamedPerson>,
    /// Of each of the people, where the text tells.
    pub sexes: Vec<Option<Sex>>,
    pub organisations: Vec<NamedOrganisation>,
    pub places: Vec<NamedPlace>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameKind {
    Person,
    Organisation,
    Place,
}

/// The role of a person, or what an organisation is, and the rule that read it.
#[derive(Debug)]
struct StatedRole {
    text: String,
    rule: &'static str,
}

/// All mentions with the same words.
#[derive(Debug, Default)]
struct Group {
    text: String,
    points: Points,
    mentions: Vec<Mention>,
    role: Option<StatedRole>,
    /// What decided its kind: a clue, a table, its form, or the weights.
    rule: Option<&'static str>,
    known: bool,
    /// Whether it is the department that is named after a sea.
    department: bool,
    /// By the titles before it, else by the article of its role, the first name, or the role.
    sex: Option<Sex>,
    /// Index of the group whose name this one is short for.
    short_for: Option<usize>,
    /// Of several people with this surname, the indices of those whom it can mean. Each mention means
    /// the one who was named last.
    can_mean: Vec<usize>,
}

/// One mention of a possible name.
struct Found {
    mention: Mention,
    text: String,
    evidence: Evidence,
    form: Form,
    /// Whether it is in a table.
    known: bool,
    /// The acronym that is introduced after it.
    acronym: Option<String>,
    /// By the title before it.
    title: Option<Sex>,
    /// Whether a thing bears the name: `le porte-conteneurs X`, `la loi X`.
    of_thing: bool,
    /// Whether it is the department that is named after a sea: `le préfet de la Manche`.
    department: bool,
}

/// The rule of names that only the weights decide.
const WEIGHTS: &str = "weights";

impl Found {
    /// What decides its kind, if not the weights.
    fn rule(&self) -> Option<&'static str> {
        match self.evidence.clue {
            Some(clue) => Some(clue.name),
            None if self.known => Some("table"),
            None => (self.form != Form::Run).then_some("form"),
        }
    }

    fn points(&self) -> Points {
        /// Log-odds of names whose kind a table or their form decides.
        const CERTAIN: f32 = 6.0;
        if let Some(features) = &self.evidence.features {
            let mut points = features.points();
            if let Some(clue) = self.evidence.clue {
                let clue = clue.points();
                points.person += clue.person;
                points.organisation += clue.organisation;
                points.place += clue.place;
            }
            return points;
        }
        let points = |of| if self.form == of { CERTAIN } else { -CERTAIN };
        Points {
            person: points(Form::Person),
            organisation: points(Form::Organisation),
            place: points(Form::Place),
        }
    }
}

pub(super) fn read(sentences: &[TokenizedSentence], dates: &[DateMention]) -> Names {
    let mut groups: Vec<Group> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut acronyms: Vec<(String, String)> = Vec::new();
    for found in find(sentences, dates) {
        if let Some(acronym) = found.acronym.clone() {
            acronyms.push((acronym, found.text.clone()));
        }
        // Case varies in names of several words (`Jean de La Malaize`) but tells single words apart.
        let mut key = if found.text.contains(' ') {
            found.text.to_lowercase()
        } else {
            found.text.clone()
        };
        // `la Manche` is a department and a sea, `la Vienne` a department and `Vienne` a city.
        if found.department {
            key.push_str(" (department)");
        }
        // `M. Roy` and `Mme Roy` are two people.
        if let Some(sex) = found.title
            && !found.text.contains(' ')
        {
            key = format!("{key} {sex:?}");
        }
        let at = *index.entry(key).or_insert_with(|| {
            groups.push(Group {
                text: found.text.clone(),
                sex: found.title,
                department: found.department,
                ..Group::default()
            });
            groups.len() - 1
        });
        let rule = found.rule();
        let group = &mut groups[at];
        if !found.of_thing {
            group.points += found.points();
        }
        group.known |= found.known;
        group.sex = group.sex.or(found.title).or(found
            .evidence
            .role
            .as_ref()
            .and_then(|role| role.sex));
        group.mentions.push(found.mention);
        group.rule = group.rule.or(rule);
        let stated = found.evidence.role.map(|role| StatedRole {
            text: role.text,
            rule: role.rule.name,
        });
        group.role = group.role.take().or(stated);
    }
    for group in &mut groups {
        let role = group.role.as_ref().map(|role| role.text.as_str());
        let by_name = group.sex.or_else(|| sex::of_name(&group.text));
        group.sex = by_name.or_else(|| sex::of_role(role?));
    }
    taken_up_as_firms(sentences, &mut groups);
    link::link(&mut groups, &index, &acronyms);
    let mut names = collect(groups);
    roles::taken_up(sentences, &mut names);
    names
}

/// Tells the firms and bodies that the next sentence takes up: `Pour Bloom, c'est trop. L'association saisira la
/// justice.`
fn taken_up_as_firms(sentences: &[TokenizedSentence], groups: &mut [Group]) {
    /// Log-odds of what the next sentence says.
    const SAID: f32 = 6.0;
    for pair in sentences.windows(2) {
        let [before, sentence] = pair else { continue };
        let [article, noun, ..] = &sentence.tokens[..] else {
            continue;
        };
        let body = matches!(article.text, "Le" | "La" | "L'") && noun.is_lower(Class::Company);
        if !body || before.paragraph != sentence.paragraph {
            continue;
        }
        let named = |group: &&mut Group| {
            !group.known
                && group.rule.is_none()
                && group.role.is_none()
                && !group.text.contains(' ')
                && !lexicon::is_first_name(&group.text)
                && group.mentions.iter().any(|it| it.sentence == before.id)
        };
        let mut fitting = groups.iter_mut().filter(named);
        if let (Some(group), None) = (fitting.next(), fitting.next()) {
            group.points.organisation += SAID;
            group.points.person -= SAID;
            group.points.place -= SAID;
            group.rule = Some("taken up by the next sentence");
        }
    }
}

/// Possible names with their features, for fitting the weights.
pub(super) fn candidates(
    sentences: &[TokenizedSentence],
    dates: &[DateMention],
) -> Vec<(Mention, Features)> {
    let found = find(sentences, dates).into_iter();
    found
        .filter_map(|found| Some((found.mention, found.evidence.features?)))
        .collect()
}

fn find(sentences: &[TokenizedSentence], dates: &[DateMention]) -> Vec<Found> {
    let lower = lower_case_words(sentences);
    let mut all = Vec::new();
    let mut dates = dates.iter().peekable();
    for sentence in sentences {
        let own_dates: Vec<_> = std::iter::from_fn(|| {
            dates
                .next_if(|date| date.mention.sentence == sentence.id)
                .map(|date| date.mention.range.clone())
        })
        .collect();
        let spots = spot::spot(sentence, &lower);
        for (at, spot) in spots.iter().enumerate() {
            let tokens = &sentence.tokens[spot.tokens.clone()];
            let range = tokens[0].start..tokens[tokens.len() - 1].end();
            let dated = own_dates
                .iter()
                .any(|date| date.start < range.end && range.start < date.end);
            if dated || is_former(sentence, spot) || is_no_name(sentence, spot, &lower) {
                continue;
            }
            let text = text_of(sentence, spot, spots.get(at + 1));
            if text.chars().filter(|c| c.is_alphabetic()).count() < 2 {
                continue;
            }
            all.push(Found {
                mention: Mention {
                    sentence: sentence.id,
                    range,
                },
                text,
                evidence: evidence::gather(sentence, spot),
                form: spot.form,
                known: spot.known,
                acronym: acronym_after(sentence, spot),
                title: title_before(sentence, spot),
                of_thing: is_of_thing(sentence, spot),
                department: is_department(sentence, spot),
            });
            all.extend(place_within(sentence, spot));
        }
    }
    all
}

/// Institutions that are named after their town.
const MUNICIPAL: [&str; 14] = [
    "conseil municipal",
    "mairie",
    "centre hospitalier",
    "hôpital",
    "tribunal",
    "commissariat",
    "gendarmerie",
    "cour d'appel",
    "collège",
    "école",
    "lycée",
    "conseil de prud'hommes",
    "office de tourisme",
    "musée de",
];

/// The place that an institution is of: `Ajaccio` in `cour d'assises d'Ajaccio`.
fn place_within(sentence: &TokenizedSentence, spot: &Spot) -> Option<Found> {
    if spot.known || spot.form != Form::Organisation {
        return None;
    }
    let mut inner = (spot.tokens.start + 1..spot.tokens.end).rev();
    let of = inner.find(|&at| sentence.tokens[at].is(Class::Of))?;
    let place = Spot {
        tokens: of + 1..spot.tokens.end,
        form: Form::Place,
        known: true,
        initial: false,
    };
    if place.tokens.is_empty() {
        return None;
    }
    let text = sentence_text(sentence, &place);
    lexicon::place(text).map(drop).or_else(|| {
        let head = &sentence.text[sentence.tokens[spot.tokens.start].start..];
        let one = place.tokens.len() == 1
            && matches!(sentence.tokens[of].text, "de" | "d'")
            && sentence.tokens[of + 1].is_capitalised()
            && !sentence.tokens[of + 1].is_all_caps()
            && !lexicon::is_first_name(text);
        (one && MUNICIPAL
            .iter()
            .any(|it| head.to_lowercase().starts_with(it)))
        .then_some(())
    })?;
    let start = sentence.tokens[place.tokens.start].start;
    Some(Found {
        mention: Mention {
            sentence: sentence.id,
            range: start..start + text.len(),
        },
        text: text.to_owned(),
        evidence: Evidence::default(),
        form: Form::Place,
        known: true,
        acronym: None,
        title: None,
        of_thing: false,
        department: is_department(sentence, &place),
    })
}

/// The name as the article's other mentions have it: an acronym without its full stops, and a first name
/// with the surname that it shares with the `next` name: `Paul et Sylvie Roy`.
fn text_of(sentence: &TokenizedSentence, spot: &Spot, next: Option<&Spot>) -> String {
    let tokens = &sentence.tokens[spot.tokens.clone()];
    if spot::is_dotted(tokens) {
        let letters = tokens.iter().filter(|token| token.is_word());
        return letters.map(|token| token.text).collect();
    }
    let text = sentence_text(sentence, spot);
    if evidence::is_dateline(sentence, spot) && !text.contains(char::is_lowercase) {
        return in_title_case(text);
    }
    if let ([first], Some(next)) = (tokens, next)
        && next.tokens.start == spot.tokens.end + 1
        && sentence.tokens[spot.tokens.end].text == "et"
        && let [second, surname, ..] = &sentence.tokens[next.tokens.clone()]
        && lexicon::is_first_name(first.text)
        && lexicon::is_first_name(second.text)
    {
        let end = sentence.tokens[next.tokens.end - 1].end();
        return format!("{text} {}", &sentence.text[surname.start..end]);
    }
    // An initial keeps its full stop.
    let initial = tokens
        .iter()
        .rev()
        .nth(1)
        .is_some_and(|token| token.text.chars().count() == 1);
    match initial {
        true => text.to_owned(),
        false => text.trim_end_matches('.').to_owned(),
    }
}

/// `LA ROCHELLE` as `La Rochelle`.
fn in_title_case(text: &str) -> String {
    let mut begins = true;
    let letters = text.chars().flat_map(|c| {
        let lower: Vec<char> = match begins {
            true => vec![c],
            false => c.to_lowercase().collect(),
        };
        begins = !c.is_alphabetic();
        lower
    });
    letters.collect()
}

/// The sex that the title before the name tells.
fn title_before(sentence: &TokenizedSentence, spot: &Spot) -> Option<Sex> {
    let before = &sentence.tokens[..spot.tokens.start];
    let title = match before {
        [.., title, stop] if stop.text == "." => title,
        [.., title] => title,
        [] => return None,
    };
    sex::title(title.text)?
}

/// Whether it is the name that a person who is named elsewhere was born with: `née Élisabeth Roy`.
fn is_former(sentence: &TokenizedSentence, spot: &Spot) -> bool {
    let before = sentence.tokens[..spot.tokens.start].last();
    before.is_some_and(|before| matches!(before.text, "né" | "née" | "Né" | "Née"))
}

/// Whether the noun right before the name says that a thing bears it, as ships, laws and storms do.
fn is_of_thing(sentence: &TokenizedSentence, spot: &Spot) -> bool {
    let (before, lead) = match &sentence.tokens[..spot.tokens.start] {
        [.., lead, before] => (Some(before), Some(lead)),
        [before] => (Some(before), None),
        [] => (None, None),
    };
    // `», tempête Capucine`: a verb.
    let is_verb = lead.is_some_and(|lead| lead.text == ",");
    let bears = |noun: &Token| {
        // `un robot, baptisé Orphée`
        noun.is_lower(Class::Thing) && !is_verb
            || matches!(
                noun.text,
                "baptisé" | "baptisée" | "baptisés" | "baptisées" | "intitulé" | "intitulée"
            )
    };
    // `McDonnell Douglas MD-83`
    let model = sentence.tokens[spot.tokens.clone()]
        .last()
        .is_some_and(|last| {
            let letters = last.text.chars().filter(|c| c.is_alphabetic()).count();
            letters > 0 && last.text.contains(|c: char| c.is_ascii_digit())
        });
    !spot.known && (before.is_some_and(bears) || model && spot.form == Form::Run)
}

/// Whether `Manche` or `Vienne` is the department: `le préfet de la Manche`, `Coutances (Manche)`, `dans la
/// Vienne`.
fn is_department(sentence: &TokenizedSentence, spot: &Spot) -> bool {
    const OFFICES: [&str; 22] = [
        "préfet",
        "préfète",
        "préfecture",
        "sous-préfet",
        "sous-préfète",
        "département",
        "départemental",
        "départementale",
        "député",
        "députée",
        "sénateur",
        "sénatrice",
        "pompiers",
        "sapeurs-pompiers",
        "gendarmes",
        "gendarmerie",
        "maires",
        "agriculteurs",
        "agriculture",
        "habitants",
        "FDSEA",
        "conseillère",
    ];
    let text = sentence_text(sentence, spot);
    let article = spot
        .tokens
        .start
        .checked_sub(1)
        .map(|at| sentence.tokens[at].text);
    // `la Vienne`, but `Vienne` in Austria
    if text == "Vienne" {
        return matches!(article, Some("la" | "La" | "("));
    }
    if text != "Manche" {
        return false;
    }
    let before = |back: usize| {
        let at = spot.tokens.start.checked_sub(back);
        at.map_or("", |at| sentence.tokens[at].text)
    };
    let maritime = sentence.tokens[..spot.tokens.start].iter().rev().take(5);
    match before(1) {
        "(" | "en" => true,
        "la" if before(2) == "de" => {
            OFFICES.contains(&before(3)) && maritime.clone().all(|it| it.text != "maritime")
        }
        _ => false,
    }
}

/// Words that occur in lower case. If they have a capital elsewhere, it is not that of a name.
fn lower_case_words<'a>(sentences: &[TokenizedSentence<'a>]) -> HashSet<&'a str> {
    sentences
        .iter()
        .flat_map(|sentence| &sentence.tokens)
        .filter(|token| token.is_word() && token.text.starts_with(char::is_lowercase))
        .map(|token| token.text)
        .collect()
}

/// Whether the capitals of the spot are no name: those of peoples, of acronyms of things, and of
/// words that the article also writes in lower case.
fn is_no_name(sentence: &TokenizedSentence, spot: &Spot, lower: &HashSet<&str>) -> bool {
    if spot.known || spot.form != Form::Run {
        return false;
    }
    // A line in capitals: `LE PARC EST FERMÉ`.
    if !sentence.text.chars().any(char::is_lowercase) {
        return true;
    }
    let tokens = &sentence.tokens[spot.tokens.clone()];
    let [only] = tokens else {
        return tokens
            .iter()
            .all(|token| lexicon::is_no_acronym(token.text) || !token.is_word())
            // `Ve République`
            || tokens[0].text.ends_with('e') && is_roman(tokens[0].text);
    };
    let before = spot
        .tokens
        .start
        .checked_sub(1)
        .map_or("", |at| sentence.tokens[at].text);
    let title = before == "." || sex::title(before).is_some();
    // `le 737 MAX`
    if only.is_all_caps() && before.bytes().all(|it| it.is_ascii_digit()) && !before.is_empty() {
        return true;
    }
    // `Faut-il`, `Rendez-vous`; `Quatre-vingts`
    if inverted(only.text).is_some() || french_cardinal([&*only.text.to_lowercase()]).is_some() {
        return true;
    }
    let letters = only.text.chars().filter(|c| c.is_alphabetic()).count();
    lexicon::is_no_acronym(only.text)
        || is_portfolio(sentence, spot.tokens.start)
        || lexicon::is_role(&only.text.to_lowercase())
        || letters < 2
        || is_roman(only.text)
        || (!title && is_people_name(before, only))
        || (!title && !only.is_all_caps() && lower.contains(only.text.to_lowercase().as_str()))
        || (!title && !only.is_all_caps() && lexicon::is_function_word(only.text))
}

/// Whether the word at `at` is the portfolio of a minister: `ministre de l'Intérieur`, `secrétaire
/// d'État au Budget`.
fn is_portfolio(sentence: &TokenizedSentence, at: usize) -> bool {
    const JOINING: [&str; 10] = ["de", "du", "des", "d'", "la", "le", "l'", "à", "au", "aux"];
    let before = sentence.tokens[..at].iter().rev();
    let mut before = before.skip_while(|token| JOINING.contains(&token.text));
    let office = before.next().map_or("", |token| token.text);
    matches!(office, "ministre" | "ministres" | "État" | "Etat") && at > 1
}

/// Whether the word is a Roman numeral or ordinal: `XIV`, `VIIe`.
fn is_roman(word: &str) -> bool {
    let word = ["er", "re", "e"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .unwrap_or(word);
    !word.is_empty() && word.chars().all(|c| matches!(c, 'I' | 'V' | 'X' | 'L'))
}

/// Whether the word is the name of a people, judged by its ending and the word before: `les
/// Français`, `un Kurde`, `l'Américain`.
fn is_people_name(before: &str, token: &Token) -> bool {
    let before = before.to_lowercase();
    // `Saint-Aubin-des-Landes`
    let town = token.text.starts_with("Saint") && token.text.contains('-');
    let ending = is_demonym(token.text) && !town;
    match before.as_str() {
        // No article: `à Arbois`.
        "à" => false,
        "un" | "une" => !token.is_all_caps(),
        "les" | "des" | "aux" | "ces" | "nos" | "deux" | "trois" | "plusieurs" | "certains"
        | "quelques" | "entre" | "et" => {
            ending
                || before != "et"
                    && before != "entre"
                    && before != "les"
                    && before != "des"
                    && before != "aux"
                    && token.text.ends_with('s')
        }
        "le" | "la" | "l'" | "du" | "au" | "ce" | "cet" | "cette" | "jeune" => ending,
        _ => ending && token.text.ends_with('s'),
    }
}

/// The acronym that is introduced in brackets after the name.
fn acronym_after(sentence: &TokenizedSentence, spot: &Spot) -> Option<String> {
    let at = spot.tokens.end;
    let [open, acronym, close] = sentence.tokens.get(at..at + 3)? else {
        return None;
    };
    let name = &sentence.tokens[spot.tokens.clone()];
    let initials = acronym.text.chars().filter(|c| c.is_uppercase()).count() >= 2;
    let first = name[0].text.chars().next().map(fold);
    let made_of = institutions::is_made_of(acronym.text, sentence_text(sentence, spot));
    let fits = open.text == "("
        && close.text == ")"
        && acronym.is_capitalised()
        && (initials && spot.form != Form::Run || made_of)
        && (name.len() > 1 || acronym.text.chars().next() == first)
        && lexicon::place(acronym.text).is_none();
    fits.then(|| acronym.text.to_owned())
}

fn sentence_text<'a>(sentence: &TokenizedSentence<'a>, spot: &Spot) -> &'a str {
    let tokens = &sentence.tokens[spot.tokens.clone()];
    &sentence.text[tokens[0].start..tokens[tokens.len() - 1].end()]
}

fn collect(mut groups: Vec<Group>) -> Names {
    // Merge short names into the full one.
    for at in 0..groups.len() {
        let mut long = at;
        for _ in 0..4 {
            match groups[long].short_for {
                Some(next) => long = next,
                None => break,
            }
        }
        if long == at {
            continue;
        }
        let short = std::mem::take(&mut groups[at]);
        let group = &mut groups[long];
        group.points.person += short.points.person.max(0.0);
        group.points.organisation += short.points.organisation.max(0.0);
        group.mentions.extend(short.mentions);
        group.role = group.role.take().or(short.role);
        group.rule = group.rule.or(short.rule);
    }
    share_out(&mut groups);
    for group in &mut groups {
        group.mentions.sort_by_key(Mention::start);
    }
    groups.retain(|group| !group.mentions.is_empty());
    groups.sort_by_key(|group| group.mentions[0].start());

    let mut names = Names::default();
    let mut known_places: HashMap<String, usize> = HashMap::new();
    let mut known_organisations: HashMap<String, usize> = HashMap::new();
    for group in groups {
        match group.kind() {
            Some(NameKind::Person) => {
                names.sexes.push(group.sex);
                names.people.push(NamedPerson {
                    name: english::person(&group.text),
                    source_name: group.text,
                    role_rule: group.role.as_ref().map(|role| role.rule),
                    role: group.role.map(|role| role.text),
                    rule: group.rule.unwrap_or(WEIGHTS),
                    mentions: group.mentions,
                });
            }
            Some(NameKind::Organisation) => {
                let name = english::organisation(&group.text);
                match known_organisations.get(&name) {
                    Some(&at) => merge(&mut names.organisations[at].mentions, group.mentions),
                    None => {
                        known_organisations.insert(name.clone(), names.organisations.len());
                        names.organisations.push(NamedOrganisation {
                            name,
                            source_name: group.text,
                            description: group.role.map(|role| role.text),
                            rule: group.rule.unwrap_or(WEIGHTS),
                            mentions: group.mentions,
                        });
                    }
                }
            }
            Some(NameKind::Place) => {
                let (name, kind) = match group.department {
                    true => (group.text.clone(), PlaceKind::Region),
                    false => english::place(&group.text),
                };
                match known_places.get(&name) {
                    Some(&at) => merge(&mut names.places[at].mentions, group.mentions),
                    None => {
                        known_places.insert(name.clone(), names.places.len());
                        names.places.push(NamedPlace {
                            name,
                            source_name: group.text,
                            kind,
                            rule: group.rule.unwrap_or(WEIGHTS),
                            mentions: group.mentions,
                        });
                    }
                }
            }
            None => {}
        }
    }
    names
}

/// Gives each mention of a surname that several people have to the one who was named last before it.
fn share_out(groups: &mut [Group]) {
    for at in 0..groups.len() {
        let people = std::mem::take(&mut groups[at].can_mean);
        if people.is_empty() {
            continue;
        }
        for mention in std::mem::take(&mut groups[at].mentions) {
            let last_named = |person: &usize| {
                let named = groups[*person].mentions.iter().map(Mention::start);
                named.filter(|named| *named < mention.start()).max()
            };
            let person = people.iter().copied().max_by_key(last_named);
            groups[person.unwrap_or(people[0])].mentions.push(mention);
        }
    }
}

fn merge(mentions: &mut Vec<Mention>, more: Vec<Mention>) {
    mentions.extend(more);
    mentions.sort_by_key(Mention::start);
}

impl Group {
    fn kind(&self) -> Option<NameKind> {
        let Points {
            person,
            organisation,
            place,
        } = self.points;
        let (points, kind) = [
            (person, NameKind::Person),
            (place, NameKind::Place),
            (organisation, NameKind::Organisation),
        ]
        .into_iter()
        .fold((f32::MIN, NameKind::Person), |best, next| {
            if next.0 > best.0 { next } else { best }
        });
        (points > 0.0).then_some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;

    fn people(sentences: &[&str]) -> Vec<String> {
        facts(sentences)
            .people
            .into_iter()
            .map(|person| person.source_name)
            .collect()
    }

    fn organisations(sentences: &[&str]) -> Vec<String> {
        facts(sentences)
            .organisations
            .into_iter()
            .map(|found| found.source_name)
            .collect()
    }

    fn places(sentences: &[&str]) -> Vec<String> {
        facts(sentences)
            .places
            .into_iter()
            .map(|place| place.name)
            .collect()
    }

    #[test]
    fn the_next_sentence_tells_a_body() {
        let found = organisations(&[
            "Pour Bloom, c'est la fin.",
            "L'association saisira la justice.",
        ]);
        assert_eq!(found, ["Bloom"]);
        assert_eq!(
            organisations(&["Anne a vu Bloom.", "Le vent souffle."]),
            [""; 0]
        );
    }

    #[test]
    fn offices_tell_a_department_from_its_sea() {
        for (text, wanted) in [
            ("Le préfet de la Manche a parlé.", "Manche"),
            ("Un incendie à Xan (Manche) a fait deux morts.", "Manche"),
            ("Un navire a coulé hier dans la Manche.", "English Channel"),
            ("Le maire habite dans la Vienne depuis 2014.", "Vienne"),
            ("Les négociations ont repris à Vienne.", "Vienna"),
            (
                "Le préfet maritime de la Manche a parlé.",
                "English Channel",
            ),
        ] {
            assert!(places(&[text]).contains(&wanted.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_surname_is_the_person_named_in_full() {
        let found = facts(&[
            "Le président Alexandre Loukachenko a parlé.",
            "M. Loukachenko a répondu, puis Loukachenko est parti.",
        ]);
        assert_eq!(found.people.len(), 1);
        assert_eq!(found.people[0].name, "Alexander Lukashenko");
        assert_eq!(found.people[0].mentions.len(), 3);
    }

    #[test]
    fn roles_stand_before_the_name_or_after_it() {
        let found = facts(&[
            "Le ministre de l'Intérieur Christophe Castaner a parlé à John Coale, représentant spécial du président.",
        ]);
        let roles: Vec<_> = found
            .people
            .iter()
            .map(|person| person.role.as_deref())
            .collect();
        assert_eq!(
            roles,
            [
                Some("ministre de l'Intérieur"),
                Some("représentant spécial du président")
            ]
        );
    }

    #[test]
    fn an_acronym_is_what_it_was_introduced_for() {
        let found = facts(&[
            "L'Organisation mondiale de la santé (OMS) s'inquiète.",
            "Selon l'OMS, il faut agir.",
        ]);
        assert_eq!(found.organisations.len(), 1);
        assert_eq!(found.organisations[0].name, "World Health Organization");
        assert_eq!(found.organisations[0].mentions.len(), 3);
    }

    #[test]
    fn a_capital_at_the_start_of_a_sentence_is_no_evidence() {
        assert_eq!(
            people(&["Rappelons les faits.", "Interrogé hier, il nie."]),
            [""; 0]
        );
        assert_eq!(
            organisations(&["Actuellement, rien ne va.", "Libération des otages."]),
            [""; 0]
        );
    }

    #[test]
    fn peoples_are_no_names() {
        let found = facts(&["Entre Américains et Iraniens, un Kurde et les Français hésitent."]);
        assert!(
            found.people.is_empty() && found.organisations.is_empty() && found.places.is_empty()
        );
    }

    #[test]
    fn places_are_known_or_placed_by_the_words_around_them() {
        assert_eq!(
            places(&[
                "Il vit à Fougerolles (Haute-Saône), loin de Londres, des États-Unis et du comté de Leflore."
            ]),
            [
                "Fougerolles",
                "Haute-Saône",
                "London",
                "United States",
                "Leflore County"
            ]
        );
    }

    #[test]
    fn organisations_are_known_by_head_words_and_suffixes() {
        assert_eq!(
            organisations(&[
                "La Basra Oil Company, le tribunal correctionnel de Vesoul et le quotidien The Age en parlent."
            ]),
            [
                "Basra Oil Company",
                "tribunal correctionnel de Vesoul",
                "The Age"
            ]
        );
    }

    #[test]
    fn a_party_and_its_member_are_two_names() {
        let found = facts(&["Le député LFI Adrien Quatennens a répondu au maire LR."]);
        assert_eq!(found.people[0].source_name, "Adrien Quatennens");
        assert_eq!(found.people[0].role.as_deref(), Some("député LFI"));
    }

    #[test]
    fn capitals_of_an_organisation_of_several_words_may_vary() {
        let found = facts(&["La France Insoumise et le Secours catholique ont protesté."]);
        let names: Vec<_> = found
            .organisations
            .iter()
            .map(|o| o.name.as_str())
            .collect();
        assert_eq!(names, ["La France Insoumise", "Secours Catholique"]);
    }

    #[test]
    fn one_telling_mention_is_enough() {
        assert_eq!(
            organisations(&[
                "Les sanctions visent la compagnie aérienne nationale bélarusse, Belavia.",
                "Cette mesure permet à Belavia de continuer."
            ]),
            ["Belavia"]
        );
    }

    #[test]
    fn a_line_of_capitals_names_what_the_tables_know() {
        let found = facts(&["LE PARC EST FERMÉ", "L'ONU RESTE OUVERTE À PARIS"]);
        assert!(found.people.is_empty(), "{:?}", found.people);
        let names: Vec<_> = (found.organisations.iter())
            .map(|found| found.source_name.as_str())
            .collect();
        assert_eq!(names, ["ONU"]);
    }

    #[test]
    fn what_a_minister_is_of_is_no_name() {
        let found =
            facts(&["Le ministre de l'Intérieur et la secrétaire d'État au Budget sont là."]);
        assert!(found.organisations.is_empty() && found.places.is_empty());
    }

    #[test]
    fn roles_stand_before_brackets_after_copulas_and_of_parties() {
        let found = facts(&[
            "Le président du Parti démocrate, Matteo Orfini, a parlé.",
            "Le directeur général du Travail (DGT), Yves Struillou, aussi.",
            "La ministre du Travail était alors Muriel Pénicaud.",
            "Une rencontre avec le président bélarus, Alexandre Loukachenko.",
            "On connaît le cas d'Anthony Smith, cet inspecteur du travail.",
        ]);
        let roles: Vec<_> = (found.people.iter())
            .map(|person| (person.source_name.as_str(), person.role.as_deref()))
            .collect();
        assert_eq!(
            roles,
            [
                ("Matteo Orfini", Some("président du Parti démocrate")),
                ("Yves Struillou", Some("directeur général du Travail")),
                ("Muriel Pénicaud", Some("ministre du Travail")),
                ("Alexandre Loukachenko", Some("président bélarus")),
                ("Anthony Smith", Some("inspecteur du travail")),
            ]
        );
    }

    #[test]
    fn a_person_and_a_city_can_share_a_word() {
        let found = facts(&["Florence Parly est allée à Florence."]);
        assert_eq!(found.people[0].source_name, "Florence Parly");
    }
}
