//! English for the noun phrases of an article that stand by themselves, such as roles and what is
//! counted, from tables of common words. A network that is given two words without a sentence makes
//! things up.

mod beside;

use std::collections::HashMap;
use std::sync::LazyLock;

use french::text::without_accents;

use crate::lexicon;
use crate::translate::Terms;
pub(super) use beside::{counted_beside, is_translation};

/// Words of a phrase that the tables are asked about.
const MOST_WORDS: usize = 16;

/// Returns the English of a French noun phrase, or `None` if it has another form or a word that is
/// not in the tables. Names have the English of `names`, or stay as they are. `is_many` says that there
/// are several of it, even if the French has the form of the singular.
pub(super) fn english(phrase: &str, is_many: bool, names: &Terms) -> Option<String> {
    let tokens = tokens(phrase);
    if tokens.len() > MOST_WORDS {
        return None;
    }
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        is_many,
        names,
    };
    parser.skip(&["le", "la", "l'", "les", "un", "une"]);
    let english = parser.phrase()?;
    (parser.at == tokens.len()).then_some(english)
}

/// The ministers and ministries of the fields in the tables, with their English.
pub(super) fn ministries() -> impl Iterator<Item = (String, String)> {
    let fields = TABLES.nouns.values().flatten().filter(|noun| noun.is_field);
    fields.flat_map(|field| {
        let french = field.words.join(" ").replace("' ", "'");
        let words = field.singular.split(' ').map(|word| match word {
            "the" | "of" | "and" | "with" | "for" => word.to_owned(),
            word => french::text::capitalised(word),
        });
        let english = words.collect::<Vec<_>>().join(" ");
        ["de l'", "de la ", "du ", "des "]
            .into_iter()
            .flat_map(move |of| {
                let offices = [("ministre", "Minister"), ("ministère", "Ministry")];
                let (french, english) = (french.clone(), english.clone());
                offices.map(|(office, said)| {
                    (
                        format!("{office} {of}{french}"),
                        format!("{said} of {english}"),
                    )
                })
            })
    })
}

/// Whether the tables have an English word as an adjective.
pub(super) fn is_adjective(english: &str) -> bool {
    TABLES
        .adjectives
        .values()
        .any(|(_, adjective)| *adjective == english)
}

/// Whether `english` can be the translation of a French phrase: it has no French words but names,
/// and no words that nobody writes.
pub(super) fn is_english(english: &str, french: &str) -> bool {
    let is_word = |word: &str| {
        let is_name = word.starts_with(char::is_uppercase) && french.contains(word);
        is_name || lexicon::is_english(&word.to_lowercase())
    };
    let mut words = english.split(|c: char| !c.is_alphabetic());
    words.all(|word| word.chars().count() < 3 || is_word(word))
}

/// A word in the tables, with its French words in lower case.
struct Noun {
    words: Vec<String>,
    /// Whether the French is written with a capital: a field such as `Intérieur`.
    is_field: bool,
    singular: &'static str,
    /// `None` for nouns that are not counted, which have no article either.
    plural: Option<String>,
}

struct Tables {
    /// By their first word, without accents, the longest first: capitals often lack theirs.
    nouns: HashMap<String, Vec<Noun>>,
    /// By the word, without accents.
    adjectives: HashMap<String, (&'static str, &'static str)>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let rows = |table: &'static str| {
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split('\t').collect::<Vec<_>>())
    };
    let mut nouns: HashMap<String, Vec<Noun>> = HashMap::new();
    for row in rows(include_str!("words.tsv")) {
        let (french, english) = (row[0], row[1]);
        let words: Vec<String> = tokens(&french.to_lowercase())
            .into_iter()
            .map(str::to_owned)
            .collect();
        let noun = Noun {
            is_field: french.starts_with(char::is_uppercase),
            singular: english,
            plural: match row.get(2) {
                Some(&"-") => None,
                Some(plural) => Some((*plural).to_owned()),
                None => Some(plural_of(english)),
            },
            words,
        };
        let key = without_accents(&noun.words[0]);
        nouns.entry(key).or_default().push(noun);
    }
    for same in nouns.values_mut() {
        same.sort_by_key(|noun| std::cmp::Reverse(noun.words.len()));
    }
    Tables {
        nouns,
        adjectives: rows(include_str!("adjectives.tsv"))
            .map(|row| (without_accents(row[0]), (row[0], row[1])))
            .collect(),
    }
});

/// The regular plural of an English noun, of its last word.
fn plural_of(noun: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    match noun.strip_suffix('y') {
        Some(stem) if !ends(&["ay", "ey", "oy", "uy"]) => format!("{stem}ies"),
        _ if ends(&["s", "x", "z", "ch", "sh"]) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// The words of a phrase, articles and prepositions that are elided among them, and its commas.
fn tokens(phrase: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in phrase.split_whitespace() {
        let mut rest = word;
        while let Some(at) = rest.find(['\'', '’']).filter(|at| *at <= 2) {
            let mark = rest[at..].chars().next().map_or(1, char::len_utf8);
            tokens.push(&rest[..at + mark]);
            rest = &rest[at + mark..];
        }
        let bare = rest.trim_end_matches(',');
        tokens.extend(
            [bare, &rest[bare.len()..]]
                .into_iter()
                .filter(|t| !t.is_empty()),
        );
    }
    tokens
}

/// Endings of plurals and feminines, without accents, each with that of the masculine singular.
#[rustfmt::skip]
const ENDINGS: &[(&str, &str)] = &[
        ("", ""),
        ("s", ""),
        ("x", ""),
        ("e", ""),
        ("es", ""),
        ("aux", "al"),
        ("ale", "al"),
        ("ales", "al"),
        ("aux", "ail"),
        ("elle", "el"),
        ("elles", "el"),
        ("enne", "en"),
        ("ennes", "en"),
        ("onne", "on"),
        ("onnes", "on"),
        ("ive", "if"),
        ("ives", "if"),
        ("euse", "eux"),
        ("euses", "eux"),
        ("ere", "er"),
        ("eres", "er"),
        ("ete", "et"),
        ("anche", "anc"),
        ("anches", "anc"),
        ("belle", "beau"),
        ("belles", "beau"),
        ("nouvelle", "nouveau"),
        ("nouvelles", "nouveau"),
        ("vieille", "vieux"),
        ("vieilles", "vieux"),
        ("longue", "long"),
        ("longues", "long"),
        ("publique", "public"),
        ("publiques", "public"),
        ("turque", "turc"),
        ("turques", "turc"),
        ("grecque", "grec"),
];

/// What `word`, in lower case, may be a form of, itself first; without accents.
fn lemmas(word: &str) -> impl Iterator<Item = String> {
    let word = without_accents(word);
    ENDINGS.iter().filter_map(move |(ending, of_lemma)| {
        let stem = word.strip_suffix(ending)?;
        Some(format!("{stem}{of_lemma}"))
    })
}

/// Whether `word` is a form of `lemma`, accents aside where it has none.
fn is_form(word: &str, lemma: &str) -> bool {
    let plain = without_accents(lemma);
    lemmas(word).any(|known| known == plain) && (word.is_ascii() || agree_in_accents(word, lemma))
}

/// Whether two words have the same accents as far as they are the same word.
fn agree_in_accents(word: &str, lemma: &str) -> bool {
    let pairs = word.chars().zip(lemma.chars());
    let mut same = pairs
        .take_while(|(a, b)| without_accents(&a.to_string()) == without_accents(&b.to_string()));
    same.all(|(a, b)| a == b || matches!((a, b), ('è', 'e')))
}

fn is_plural(word: &str, lemma: &str) -> bool {
    word != lemma && (word.ends_with(['s', 'x']))
}

/// What a name may stand after: the Aragon region, the LREM group.
const GROUPS: [&str; 12] = [
    "agency",
    "association",
    "club",
    "company",
    "federation",
    "foundation",
    "group",
    "party",
    "region",
    "team",
    "union",
    "university",
];

struct Parser<'a> {
    tokens: &'a [&'a str],
    at: usize,
    is_many: bool,
    names: &'a Terms,
}

/// What a noun phrase is, for what stands before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counted,
    Mass,
    Name,
    Acronym,
}

/// What is known of what a phrase stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Head,
    /// Of a minister: what they are responsible for.
    Minister,
    Other,
}

impl Parser<'_> {
    fn lower(&self, at: usize) -> String {
        let token = self.tokens.get(at).copied().unwrap_or_default();
        token.replace('’', "'").to_lowercase()
    }

    fn skip(&mut self, words: &[&str]) -> bool {
        let is_there = words.contains(&self.lower(self.at).as_str());
        self.at += usize::from(is_there);
        is_there
    }

    /// A noun phrase with those that depend on it.
    fn phrase(&mut self) -> Option<String> {
        let first = self.lower(self.at);
        let (mut english, _) = self.noun_phrase(Context::Head)?;
        let represents = ["député", "sénat", "eurodéputé"];
        let is_elected = represents.iter().any(|stem| first.starts_with(stem));
        let mut is_minister = first.starts_with("ministre")
            || first.starts_with("secrétaire")
            || first.starts_with("ministère");
        while self.at < self.tokens.len() {
            if self.skip(&[","]) {
                self.skip(&["le", "la", "l'"]);
                let (next, _) = self.noun_phrase(match is_minister {
                    true => Context::Minister,
                    false => Context::Head,
                })?;
                english += &format!(", {next}");
                continue;
            }
            if self.skip(&["et"]) {
                self.skip(&["de", "des", "du", "d'"]);
                self.skip(&["la", "le", "l'", "les"]);
                let (next, _) = self.noun_phrase(match is_minister {
                    true => Context::Minister,
                    false => Context::Other,
                })?;
                english += &format!(" and {next}");
                continue;
            }
            let (preposition, has_article) = self.preposition()?;
            let context = match is_minister {
                true => Context::Minister,
                false => Context::Other,
            };
            let (next, kind) = self.noun_phrase(context)?;
            is_minister &= preposition == "of" || preposition == "for";
            let preposition = match (preposition, kind) {
                ("of", Kind::Name) if is_elected => "for",
                ("at", Kind::Name) => "in",
                (preposition, _) => preposition,
            };
            let preposition = match (preposition, kind) {
                ("at", Kind::Mass) => "for",
                (preposition, _) => preposition,
            };
            let article = match kind {
                Kind::Counted | Kind::Acronym if has_article && !next.starts_with("the ") => "the ",
                _ => "",
            };
            english += &format!(" {preposition} {article}{next}");
        }
        Some(english)
    }

    /// The English of a preposition, and whether an article stands with it.
    fn preposition(&mut self) -> Option<(&'static str, bool)> {
        if matches!(
            self.lower(self.at).as_str(),
            "chargé" | "chargée" | "délégué" | "déléguée"
        ) {
            self.at += 1;
            self.preposition()?;
            return Some(("for", false));
        }
        let word = self.lower(self.at);
        self.at += 1;
        let (english, has_article) = match word.as_str() {
            "de" | "d'" => ("of", false),
            "du" => ("of", true),
            // `des ressources humaines`, of human resources.
            "des" => ("of", false),
            "à" => ("at", false),
            "au" | "aux" => ("at", true),
            "en" => ("in", false),
            "dans" => ("in", false),
            "pour" => ("for", false),
            "chez" => ("at", false),
            "contre" => ("against", false),
            "sur" => ("on", false),
            "sous" => ("under", false),
            "avec" => ("with", false),
            "auprès" => {
                let (_, has_article) = self.preposition()?;
                return Some(("to", has_article));
            }
            _ => return None,
        };
        let own = self.skip(&["la", "l'", "le", "les", "l’"]);
        let indefinite = self.skip(&["un", "une"]);
        Some((english, (has_article || own) && !indefinite))
    }

    /// A noun with its adjectives, or a name.
    fn noun_phrase(&mut self, context: Context) -> Option<(String, Kind)> {
        let mut before: Vec<&str> = Vec::new();
        if self.lower(self.at).starts_with("ex-") {
            return None;
        }
        while self.noun(context).is_none()
            && let Some(adjective) = self.adjective()
        {
            before.push(match adjective {
                "small" if context == Context::Head => "little",
                adjective => adjective,
            });
            self.at += 1;
        }
        let Some((noun, kind, length)) = self.noun(context) else {
            let name = self.name()?;
            return before.is_empty().then_some(name);
        };
        self.at += length;
        let mut after: Vec<&str> = Vec::new();
        while let Some(adjective) = self.adjective() {
            after.push(adjective);
            self.at += 1;
        }
        let mut words = before;
        words.extend(after.into_iter().rev());
        words.push(&noun);
        let mut english = words.join(" ");
        if context == Context::Other
            && GROUPS.contains(&noun.as_str())
            && let Some((name, _)) = self.name()
        {
            english = format!("{name} {english}");
        }
        Some((english, kind))
    }

    /// The noun that begins here, in its number, with the number of its words.
    fn noun(&self, context: Context) -> Option<(String, Kind, usize)> {
        // What the user has given goes first.
        if let Some((english, length)) = self.names.word(&self.tokens[self.at..]) {
            return Some((english.to_owned(), Kind::Counted, length));
        }
        let first = self.lower(self.at);
        let mut fitting: Vec<&Noun> = lemmas(&first)
            .filter_map(|lemma| TABLES.nouns.get(&lemma))
            .flatten()
            .filter(|noun| {
                let mut words = noun.words.iter().enumerate();
                words.all(|(i, word)| is_form(&self.lower(self.at + i), word))
            })
            .collect();
        let wants_field = context == Context::Minister;
        // Of several nouns the longest, then the one whose form it is exactly.
        fitting.sort_by_key(|noun| {
            (
                std::cmp::Reverse(noun.words.len()),
                noun.is_field != wants_field,
                noun.words[0] != first,
            )
        });
        if let Some(noun) = fitting.first() {
            let is_counted = self.is_many && context == Context::Head;
            let is_plural = is_counted || is_plural(&first, &noun.words[0]);
            let (english, kind) = match &noun.plural {
                None => (noun.singular.to_owned(), Kind::Mass),
                Some(plural) if is_plural => (plural.clone(), Kind::Counted),
                Some(_) => (noun.singular.to_owned(), Kind::Counted),
            };
            return Some((english, kind, noun.words.len()));
        }
        let is_common =
            first.chars().all(char::is_lowercase) && self.tokens[self.at..].first()? == &first;
        let english = is_common.then(|| lexicon::sure(&first)).flatten()?;
        Some((english.to_owned(), Kind::Counted, 1))
    }

    fn adjective(&self) -> Option<&'static str> {
        let token = self.tokens.get(self.at)?;
        let word = self.lower(self.at);
        if !token.starts_with(char::is_lowercase) {
            return None;
        }
        let mut known = lemmas(&word).filter_map(|lemma| TABLES.adjectives.get(&lemma));
        let known = known.find(|(lemma, _)| is_form(&word, lemma));
        Some(known?.1)
    }

    /// A name: words with capitals in a row.
    fn name(&mut self) -> Option<(String, Kind)> {
        let is_part =
            |token: &&&str| token.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let length = self.tokens[self.at..].iter().take_while(is_part).count();
        if length == 0 {
            return None;
        }
        let words = &self.tokens[self.at..self.at + length];
        self.at += length;
        let french = words.join(" ");
        let is_acronym = french.chars().all(char::is_uppercase);
        let english = self.names.english(&french).unwrap_or(french);
        let kind = match is_acronym {
            true => Kind::Acronym,
            false => Kind::Name,
        };
        Some((english, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::{Term, TermKind};

    fn said(phrase: &str, is_many: bool) -> Option<String> {
        let names = Terms::new([Term {
            french: "Bélarus".to_owned(),
            english: "Belarus".to_owned(),
            kind: TermKind::Place,
        }]);
        english(phrase, is_many, &names)
    }

    #[test]
    fn roles_are_said_in_english() {
        for (french, wanted) in [
            ("ministre de l'Intérieur", "minister of the interior"),
            ("préfet du Var", "prefect of Var"),
            ("président du Bélarus", "president of Belarus"),
            ("président bélarusse", "Belarusian president"),
            ("présidente géorgienne", "Georgian president"),
            (
                "ministre sud-coréen de la Défense",
                "South Korean minister of defence",
            ),
            (
                "l'ancien président de la région Aragon",
                "former president of the Aragon region",
            ),
            (
                "secrétaire d'État chargé du Numérique",
                "secretary of state for digital affairs",
            ),
            ("député de Seine-Saint-Denis", "MP for Seine-Saint-Denis"),
            (
                "secrétaire générale de la CGT",
                "secretary-general of the CGT",
            ),
            ("directeur de l'hôpital", "director of the hospital"),
            (
                "maire socialiste de Marseille",
                "socialist mayor of Marseille",
            ),
        ] {
            assert_eq!(said(french, false).as_deref(), Some(wanted), "{french}");
        }
    }

    #[test]
    fn words_of_the_glossary_go_first() {
        let names = Terms::new([Term {
            french: "préfet".to_owned(),
            english: "state representative".to_owned(),
            kind: TermKind::Word,
        }]);
        let said = english("ancien préfet du Var", false, &names);
        assert_eq!(said.as_deref(), Some("former state representative of Var"));
    }

    #[test]
    fn what_is_counted_keeps_its_number() {
        for (french, wanted) in [
            ("élèves", "pupils"),
            ("petites filles", "little girls"),
            ("soldats israéliens", "Israeli soldiers"),
            ("frappes aériennes", "air strikes"),
            ("journaux", "newspapers"),
            ("secrétaires d'État", "secretaries of state"),
            ("voix", "votes"),
            ("pays", "countries"),
        ] {
            assert_eq!(said(french, true).as_deref(), Some(wanted), "{french}");
        }
        assert_eq!(said("pays", false).as_deref(), Some("country"));
    }

    #[test]
    fn phrases_with_unknown_words_are_left_to_the_model() {
        for french in ["qui dort", "zorglub du Var", "maire, mais aussi député"] {
            assert_eq!(said(french, false), None, "{french}");
        }
    }

    #[test]
    fn made_up_and_french_words_are_no_english() {
        assert!(is_english("Mayor of Marseille", "maire de Marseille"));
        assert!(!is_english("Lrents", "loyers"));
        assert!(!is_english("new élèves", "nouveaux élèves"));
    }
}
