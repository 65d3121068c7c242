//! The lines between title and text, which say when an article was published and by whom:
//! `Par Jeanne Morel, publié le 12 mars 2021 à 10h | Temps de lecture : 3 min`.

use std::sync::{LazyLock, OnceLock};

use french::calendar;
use jiff::civil::Date;
use regex::{Regex, RegexSet};

use super::{DATE, date_of, in_figures, plain};

/// What a date is said to be. Of several in a line, the first of the least counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Published,
    /// Nothing says what.
    Bare,
    Updated,
}

/// What such a line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeadLine {
    pub date: Option<(Date, Role)>,
    pub author: Option<String>,
    /// Whether it names an agency or the editors.
    pub agency: bool,
}

/// Longer lines are prose; what the patterns allow fits with room to spare.
const LONGEST: usize = 240;
/// More parts are a list.
const MOST_PARTS: usize = 10;

/// What a part of a line may be, in the order in which it is asked.
#[derive(Clone, Copy)]
enum Part {
    Date,
    Updated,
    /// A day without a year, of which something says what it is.
    Day,
    Reading,
    Time,
    Agency,
    Author,
    /// What the author is, and where: `envoyée spéciale à Tunis`.
    Post,
    Name,
}

impl Part {
    const ALL: [Self; 9] = [
        Self::Date,
        Self::Updated,
        Self::Day,
        Self::Reading,
        Self::Time,
        Self::Agency,
        Self::Author,
        Self::Post,
        Self::Name,
    ];

    /// Which parts `rest` may begin with. Asked first, because most lines have a part that is none of
    /// these.
    fn of(rest: &str) -> impl Fn(Self) -> bool {
        static ALL: LazyLock<RegexSet> = LazyLock::new(|| {
            // For what begins with a name, its first word is enough.
            let (word, _) = word_and_names();
            let patterns = Part::ALL.map(|part| of_plain(&part.pattern(&word)));
            RegexSet::new(patterns).expect("the patterns are valid")
        });
        let matched = ALL.matches(rest);
        move |part| matched.matched(part as usize)
    }

    fn regex(self) -> &'static Regex {
        static REGEXES: [OnceLock<Regex>; 9] = [const { OnceLock::new() }; 9];
        REGEXES[self as usize].get_or_init(|| {
            let (_, names) = word_and_names();
            let pattern = of_plain(&self.pattern(&names));
            Regex::new(&pattern).expect("the pattern is valid")
        })
    }

    /// The pattern of a part that begins a line, `names` being that of several.
    fn pattern(self, names: &str) -> String {
        let time = r"(?:\d{1,2}\s?[hH:]\s?(?:\d{2})?(?::\d{2}(?:\.\d+)?)?\s*(?i:z|utc|gmt|cest|cet|[+-]\d{2}:?\d{2}|\(?heure\ de\ paris\)?)?)";
        let published = r"(?:publi[ée]e?|parue?|post[ée]e?|cré[ée]e?|diffus[ée]e?|mise?\s+en\s+ligne|date(?:\s+de\s+(?:publication|parution))?)";
        let updated = r"(?:modifi[ée]e?|actualis[ée]e?|(?:derni[èe]re\s+)?mise?\s+[àa]\s+jour|derni[èe]re\s+modification|m[àa]j)";
        let weekday = format!(
            r"(?:{}|(?:lun|mar|mer|jeu|ven|sam|dim)\.)",
            calendar::french_weekday_pattern()
        );
        let date = &*DATE;
        let agency = r"(?:AFP|AP|ATS|APS|ANSA|EFE|DPA|Belga|BELGA|Reuters|REUTERS|Bloomberg|Keystone-ATS|Associated\ Press|Agence\ France[- ]Presse|La\ Presse\ canadienne|[Aa]gences?|(?:[Ll]a\ |LA\ )?(?:[Rr]édaction|RÉDACTION))";
        match self {
            Self::Date => format!(
                r"^(?i)(?:(?:cet\s+)?article\s+)?(?:(?:a\s+été\s+)?(?:(?P<published>{published})|(?P<updated>{updated}))(?:\s+(?:dans|sur)\s+[^\d,|]{{1,40}})??)?\s*:?\s*(?:(?:le|du|ce)(?-u:\b))?\s*:?\s*(?:{weekday},?\s+)?(?:{date})(?:(?:\s*(?:,|à|a|-|–|—|\||·)\s*|\s+|t){time})?"
            ),
            Self::Updated => {
                format!(r"^(?i){updated}\s*:?\s*(?:(?:à|a|le|hier|aujourd'hui)\s+){{0,2}}{time}")
            }
            Self::Day => format!(
                r"^(?i)(?:{published}|{updated})\s*:?\s*(?:(?:le|ce)\s+)?(?:{weekday},?\s+)?\d{{1,2}}(?:er)?\s+{}(?:\s*(?:,|à|a|-|–|\||·)?\s*{time})?",
                super::month_pattern()
            ),
            Self::Reading => r"^(?i)(?:(?:temps|durée)\s+(?:estimé\s+|moyen\s+)?de\s+lecture\s*:?\s*(?:(?:environ\s+|~\s*|<\s*)?\d+\s*(?:min(?:utes?|s)?|mn|')\.?)?|(?:lecture|lire)\s*:?\s*\d+\s*(?:min(?:utes?|s)?|mn)\.?|\d+\s*(?:min(?:utes?|s)?|mn)\.?(?:\s+de\s+lecture)?)".to_owned(),
            Self::Time => format!(r"^(?i)(?:à\s+)?{time}"),
            Self::Agency => format!(
                r"^(?:(?i:source|avec|et|par|texte|d'après)\s*:?\s+)?(?:(?i:l'))?{agency}(?:\s*(?:/|,|et|avec|-)\s*{agency})*(?:\s+avec\s+{names})?"
            ),
            Self::Author => format!(
                r"^(?i:par\s*:?|(?:propos\s+)?recueillis?\s+par|textes?\s*:|(?:un\s+)?article\s+de|(?:écrit|rédigé|publié|signé|posté|mis\s+en\s+ligne)e?\s+par|traduit\s+(?:de\s+l'\w+\s+|du\s+\w+\s+)?par|auteur\s*:|de\s+nos?t?r?e?\s+(?:envoyée?s?|correspondante?s?)(?:\s+spécia\w+)?(?:\s+(?:à|au|aux|en)\s+[\p{{L}}-]+)?,?(?:\s+par)?)\s+(?P<names>{names})"
            ),
            Self::Post => r"^(?i:(?:notre\s+)?(?:envoyée?s?\s+spécia\w+|correspondante?s?(?:\s+permanente?s?)?)(?:\s+(?:à|au|aux|en|dans)\s+(?:(?:le|la|les)\s+|l')?[\p{L}'-]+(?:\s+\([\p{L}' -]+\))?)?)".to_owned(),
            Self::Name => format!(r"^{names}"),
        }
    }
}

/// A pattern for lines in which all blanks are plain spaces: the classes of Unicode take long to
/// compile.
fn of_plain(pattern: &str) -> String {
    pattern.replace(r"\s", r"\x20").replace(r"\d", "[0-9]")
}

/// The patterns of a word of a name, and of names.
fn word_and_names() -> (String, String) {
    // Of French and its neighbours, for the same reason.
    let (upper, letter) = (r"[A-ZÀ-ÖØ-ÞŒŠŽ]", r"[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽž'-]");
    let word = format!(r"(?:{upper}\.(?:-?{upper}\.)*|{upper}{letter}*)");
    let name = format!(
        r"(?:{word}(?:\s+(?:(?:de|du|des|la|le|van|von|der|den|el|al|ben)\s+){{0,2}}(?:d')?{word}){{0,4}})"
    );
    let names = format!(r"{name}(?:(?:\s*[,&]|\s+et)\s+{name}){{0,4}}");
    (word, names)
}

/// Reads a line of which every part is a date, an hour, a name or a reading time. `None` if it says
/// anything else.
pub(crate) fn head_line(line: &str) -> Option<HeadLine> {
    let line = line.trim();
    // Most lines are sentences: longer than a list of names, without a figure, or with words that
    // have a verb beside them.
    let is_long = line.len() > 60;
    let is_sentence = || {
        let ends = line.ends_with(['.', ',', ':', '»', '"']);
        ends && !line.bytes().any(|b| b.is_ascii_digit()) || PROSE.is_match(line)
    };
    if line.len() > LONGEST || is_long && is_sentence() {
        return None;
    }
    let line = plain(line);
    let line = in_figures(&line);
    let is_mark = |c: char| c == ' ' || ",;.|·•/()[]*_–—-".contains(c) || is_sign(c);
    let mut rest = line.trim_start_matches(is_mark);
    let mut parts = Parts::default();
    for _ in 0..MOST_PARTS {
        let length = parts.take(rest)?;
        let length = rest[..length].trim_end().len();
        let after = &rest[length..];
        // `12 mars 2021` is no part of `12 mars 20213`, nor `AP` of `APRES`.
        if after.starts_with(char::is_alphanumeric) {
            return None;
        }
        rest = after.trim_start_matches(is_mark);
        let joined = rest.strip_prefix("et ").or(rest.strip_prefix("avec "));
        rest = joined.filter(|_| parts.has_names()).unwrap_or(rest);
        if rest.is_empty() {
            return parts.said();
        }
    }
    None
}

/// Words that no part of such a line has.
static PROSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(" est | une | qui | que | pour | sont | ont | pas | plus | ses | sa | son | cette | il | elle | mais | avait ")
        .expect("the pattern is valid")
});

/// The parts of a line so far.
#[derive(Default)]
struct Parts<'a> {
    dates: Vec<(Role, Date)>,
    /// Names after « par » and the like.
    authors: Vec<&'a str>,
    /// Names without it.
    names: Vec<&'a str>,
    /// Whether something else says that it is such a line.
    says: bool,
    agency: bool,
}

impl<'a> Parts<'a> {
    /// Takes the part that `rest` begins with. Returns its length.
    fn take(&mut self, rest: &'a str) -> Option<usize> {
        let is = Part::of(rest);
        let length = |part: Part| Some(part.regex().find(rest)?.len());
        if is(Part::Date)
            && let Some(found) = Part::Date.regex().captures(rest)
        {
            let role = match (found.name("published"), found.name("updated")) {
                (Some(_), _) => Role::Published,
                (_, Some(_)) => Role::Updated,
                _ => Role::Bare,
            };
            self.dates.push((role, date_of(&found)?));
            return Some(found.get(0)?.len());
        }
        if is(Part::Updated) {
            return length(Part::Updated);
        }
        if is(Part::Day) || is(Part::Reading) {
            self.says = true;
            return length(if is(Part::Day) {
                Part::Day
            } else {
                Part::Reading
            });
        }
        if is(Part::Time) && !self.dates.is_empty() {
            return length(Part::Time);
        }
        if is(Part::Agency) {
            self.agency = true;
            return length(Part::Agency);
        }
        if is(Part::Author)
            && let Some(found) = Part::Author.regex().captures(rest)
        {
            let names = found.name("names")?;
            let name = before_verb(names.as_str());
            self.authors.push(name);
            return Some(names.start() + name.len());
        }
        if is(Part::Post) && self.has_names() {
            return length(Part::Post);
        }
        if !is(Part::Name) {
            return None;
        }
        let name = before_verb(Part::Name.regex().find(rest)?.as_str());
        self.names.push(name);
        Some(name.len())
    }

    fn has_names(&self) -> bool {
        !self.authors.is_empty() || !self.names.is_empty()
    }

    /// What the whole line says. A name alone says nothing; two names without anything may be the
    /// words of a title.
    fn said(mut self) -> Option<HeadLine> {
        let is_name = |name: &&str| {
            let articles = ["La ", "Le ", "Les ", "L'"];
            name.contains(' ') && !articles.iter().any(|article| name.starts_with(article))
        };
        let named = match self.names.len() {
            0 => true,
            1 => self.agency || !self.dates.is_empty() && self.names.iter().all(is_name),
            _ => false,
        };
        let says = self.says || self.agency || !self.dates.is_empty() || !self.authors.is_empty();
        if !named || !says {
            return None;
        }
        self.dates.sort_by_key(|(role, _)| *role);
        let name = self.names.first().filter(|name| is_name(name));
        let author = self.authors.first().or(name);
        Some(HeadLine {
            date: self.dates.first().map(|&(role, date)| (date, role)),
            author: author.map(|name| name.trim_end_matches(['.', ' ', '-']).to_owned()),
            agency: self.agency,
        })
    }
}

/// Arrows, symbols and emoji, and blanks between them.
pub(crate) fn is_sign(c: char) -> bool {
    c.is_whitespace() || c >= '\u{2190}' && !c.is_alphanumeric()
}

/// Whether `line` consists of names alone, as far as capitals tell.
pub(crate) fn is_names(line: &str) -> bool {
    let line = plain(line.trim_start_matches(is_sign).trim_end());
    let found = Part::Name.regex().find(&line);
    found.is_some_and(|found| found.end() == line.len()) && line.len() <= 80
}

/// `names` without the word that begins the next part: `Jeanne Morel Publié`.
fn before_verb(names: &str) -> &str {
    let verbs = [
        "Publi", "Mis ", "Mise ", "Modifi", "Actualis", "Paru", "Post",
    ];
    let at = names.match_indices(' ').find(|(at, _)| {
        let after = &names[at + 1..];
        let begins = |verb: &&str| after.starts_with(*verb) || after == verb.trim_end();
        // The date behind it is no name.
        let is_day = |word: &str| word.ends_with("di") || word == "Dimanche";
        verbs.iter().any(begins) || after == "Le" || after.strip_prefix("Le ").is_some_and(is_day)
    });
    at.map_or(names, |(at, _)| &names[..at])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    type Case<'a> = (&'a str, Option<Date>, Option<&'a str>);

    fn check(cases: &[Case<'_>]) {
        for (line, expected, author) in cases {
            let found = head_line(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(found.date.map(|(date, _)| date), *expected, "{line}");
            assert_eq!(found.author.as_deref(), *author, "{line}");
        }
    }

    #[test]
    fn dates_names_and_reading_times_are_told_apart() {
        let day = Some(date(2024, 3, 12));
        check(&[
            ("Par Basile Mourier", None, Some("Basile Mourier")),
            (
                "Par Basile Mourier et Jeanne Roux",
                None,
                Some("Basile Mourier et Jeanne Roux"),
            ),
            (
                "Basile Mourier, publié le 12/03/2024 à 7h30",
                day,
                Some("Basile Mourier"),
            ),
            (
                "Par Basile Mourier, le 12 mars 2024",
                day,
                Some("Basile Mourier"),
            ),
            (
                "Publié le 12 mars 2024 à 07h30, modifié à 11h02 | Temps de lecture : 3 min.",
                day,
                None,
            ),
            (
                "Publié le 12/03/2024 à 07h30 par Basile Mourier. Mis à jour le 15/03/2024 à 18h00",
                day,
                Some("Basile Mourier"),
            ),
            (
                "Mis à jour le 15 mars 2024 · Publié le 12 mars 2024",
                day,
                None,
            ),
            ("Temps de Lecture 3 min.", None, None),
            ("Le Petit Verzacois avec AFP", None, None),
            ("(avec AFP)", None, None),
            ("AFP", None, None),
            ("Le Courrier avec AFP, 12 mars 2024", day, None),
            (
                "Propos recueillis par Anne de La Tour",
                None,
                Some("Anne de La Tour"),
            ),
            (
                "Par Anne-Lise d'Aubigné (avec AFP)",
                None,
                Some("Anne-Lise d'Aubigné"),
            ),
            (
                "Par B. Mourier Publié le 12 mars 2024",
                day,
                Some("B. Mourier"),
            ),
            (
                "📅 12 mars 2024 ✍\u{FE0F} Anne Roux",
                day,
                Some("Anne Roux"),
            ),
        ]);
    }

    #[test]
    fn writers_are_told_from_where_they_are_and_what_surrounds_them() {
        let day = Some(date(2024, 3, 12));
        check(&[
            ("Par Anne Le Bris", None, Some("Anne Le Bris")),
            (
                "Par Anne Le Bris, envoyée spéciale à Saint-Malo (Ille-et-Vilaine)",
                None,
                Some("Anne Le Bris"),
            ),
            (
                "De notre correspondante à Rennes, Anne Le Bris",
                None,
                Some("Anne Le Bris"),
            ),
            (
                "Par Basile Mourier Le 12 mars 2024",
                day,
                Some("Basile Mourier"),
            ),
            (
                "12 mars 2024 | 07h30 | Basile Mourier",
                day,
                Some("Basile Mourier"),
            ),
        ]);
    }

    #[test]
    fn days_without_a_year_are_no_text_either() {
        let line = "Modifié le 15 mars Publié le mardi 12 mars à 7h30";
        assert_eq!(head_line(line), Some(HeadLine::default()));
        assert_eq!(head_line("12 mars"), None);
    }

    #[test]
    fn lines_that_say_more_are_text() {
        for line in [
            "Le 12 mars 2024, le maire a démissionné.",
            "Par endroits, la neige tient.",
            "Par Toutatis !",
            "Basile Mourier",
            "Odile Ferrand, maire de Verzac",
            "Un train par heure",
            "Le Havre, Rouen",
            "La Rochelle, le 12 mars 2024",
            "Paris, le 12 mars 2024",
            "Après la pluie",
            "",
            "- -",
        ] {
            assert_eq!(head_line(line), None, "{line}");
        }
    }
}
