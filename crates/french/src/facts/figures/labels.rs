//! Numbers that name or order something instead of measuring it: times of day, ordinals, scores,
//! models, articles of laws, streets, telephone numbers. A table of rules, each with examples.

use super::super::classes::Class;
use super::super::tokens::TokenKind;
use super::super::units::{TimeUnit, Unit, unit};
use super::{Number, Reader};

impl Reader<'_> {
    /// Whether the number names or orders something instead of measuring it.
    pub(super) fn is_label(&self, number: &Number) -> bool {
        number.digits && RULES.iter().any(|rule| (rule.holds)(self, number))
    }
}

/// A form of numbers that are labels.
struct LabelRule {
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    name: &'static str,
    holds: fn(&Reader, &Number) -> bool,
    /// Texts in which the first number in digits is a label.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    yes: &'static [&'static str],
    /// Texts in which it is none.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    no: &'static [&'static str],
}

/// If any of these rules holds, the number is a label.
const RULES: &[LabelRule] = &[
    LabelRule {
        name: "glued to the next",
        holds: is_glued_to_next,
        yes: &["à 15H41", "le 11e arrondissement", "battu 6-4", "noté 8/10"],
        no: &[
            "long de 5km",
            "âgés de 12-13 ans",
            "le 3 mai",
            "une perte de 3M€",
        ],
    },
    LabelRule {
        name: "glued to the one before",
        holds: is_glued_to_previous,
        yes: &["le vol AF/447", "le groupe #5"],
        no: &[
            "coûte $300",
            "les gagnants (300)",
            "l'300",
            "300 morts",
            "un gain de +3 %",
        ],
    },
    LabelRule {
        name: "after a name",
        holds: follows_name,
        yes: &["la radio Europe 1", "une fusée Falcon 9"],
        no: &["Les 400 kg", "chez Samsung 5 % de hausse"],
    },
    LabelRule {
        name: "after a noun",
        holds: follows_label,
        yes: &[
            "l'article 49",
            "art. 6",
            "la chambre 12",
            "le décret n° 2020",
            "la salle 7",
            "au kilomètre 11",
            "sur l'A 6",
        ],
        no: &[
            "les 49 articles",
            "une classe de 25 élèves",
            "Le groupe a 400 salariés",
        ],
    },
    LabelRule {
        name: "time of day",
        holds: is_time_of_day,
        yes: &[
            "à 20 heures",
            "lundi, 20 h",
            "vers 20 heures 30",
            "(22 heures à Paris)",
            "15 heures, heure locale",
        ],
        no: &["pendant 20 heures", "depuis 48 heures"],
    },
    LabelRule {
        name: "street",
        holds: is_street_number,
        yes: &[
            "12 rue de Nemours",
            "12, rue de Nemours",
            "au 73 bis de l'avenue",
        ],
        no: &["12 rues", "73 bistrots"],
    },
    LabelRule {
        name: "race",
        holds: |reader, number| {
            matches!(reader.before(number.first, 1).as_str(), "le" | "du" | "au")
                && number.value > 1.0
                && matches!(
                    reader.word(number.end),
                    "mètres" | "m" | "km" | "kilomètres" | "haies" | "nages"
                )
        },
        yes: &["couru le 400 mètres", "sur la ligne du 10 km"],
        no: &["les 400 mètres", "à 400 mètres", "le 400"],
    },
    LabelRule {
        name: "name that begins with a number",
        holds: opens_name,
        yes: &["20 Minutes", "60 Millions de consommateurs"],
        no: &["20 Français", "20 GW"],
    },
    LabelRule {
        name: "telephone number",
        holds: is_telephone_number,
        yes: &[
            "au 01 23 45 67 89",
            "appelez le 0 800 25 52 00",
            "composer le 3919.",
            "appeler le 17 ou",
        ],
        no: &["le 1 000 mètres", "les 400 blessés", "le 20 personnes"],
    },
];

/// `15H41`, `11e`, `20h`, `3-0`, `8/10`, but not `5km` or `12-13 ans`.
fn is_glued_to_next(reader: &Reader, number: &Number) -> bool {
    let glued_at = |at: usize| reader.tokens.get(at).filter(|token| !token.spaced);
    glued_at(number.end).is_some_and(|next| {
        let separates = matches!(next.text, "-" | "–" | "/" | ":" | "'" | "’" | "+" | "*")
            && glued_at(number.end + 1).is_some();
        next.is_word() && reader.unit_at(number.end).is_none()
            || separates && reader.range(number).is_none()
    })
}

/// `AF/447`, `#5`, but not `$4`, `(4)` or `l'4`.
fn is_glued_to_previous(reader: &Reader, number: &Number) -> bool {
    let Some(previous) = reader.token_before(number) else {
        return false;
    };
    let opens = matches!(previous.text, "(" | "«" | "\"" | "“" | "'" | "[");
    let signs = matches!(previous.text, "$" | "£" | "€" | "-" | "–" | "−" | ".")
        || previous.text == "+" && previous.spaced;
    !reader.tokens[number.first].spaced && !opens && !signs && !previous.text.ends_with('\'')
}

/// `Europe 1`, `Falcon 9`, but not `Les 400 kg` or `Samsung 5 %`.
fn follows_name(reader: &Reader, number: &Number) -> bool {
    let follows = reader.token_before(number).is_some_and(|previous| {
        previous.is_capitalised()
            && !previous.is(Class::Function)
            && previous.end() + 1 == reader.tokens[number.first].start
    });
    follows
        && (reader.counted(number.end).unit.is_none()
            || reader.word(number.end).starts_with(char::is_uppercase))
}

/// `article 49`, `n° 5`, `art. 6`, `salle 7`.
fn follows_label(reader: &Reader, number: &Number) -> bool {
    let before = reader.before(number.first, 1);
    // The motorway `A 6`; `il a 400 salariés` is none.
    let motorway = before == "a" && reader.word(number.first - 1) == "A";
    LABELS.contains(&before.as_str())
        || motorway
        || before == "." && reader.before(number.first, 2) == "art"
        || NUMBERED.contains(&before.as_str()) && reader.counted(number.end).unit.is_none()
}

/// `à 20 heures`, `20 h`, `20 heures 30`, `(22 heures à Paris)`, but not `pendant 20 heures`.
fn is_time_of_day(reader: &Reader, number: &Number) -> bool {
    /// Words after the hours of a clock.
    const CLOCK: [&str; 6] = ["GMT", "UTC", "précises", "pile", "tapantes", "locales"];
    let hour = reader.word(number.end).to_lowercase();
    let word = |at: usize| reader.word(number.end + at);
    let clock = CLOCK.contains(&word(1))
        || word(1) == "du" && matches!(word(2), "matin" | "soir")
        || word(1) == "de" && word(2) == "l'" && word(3) == "après-midi"
        || word(1) == "," && word(2) == "heure" && word(3) == "locale"
        || word(1) == "heure" && word(2) == "locale"
        || reader.before(number.first, 1) == "(" && word(1) == "à";
    matches!(hour.as_str(), "h" | "heures" | "heure")
        && number.value <= 24.0
        && (hour == "h"
            || clock
            || BEFORE_TIMES.contains(&reader.before(number.first, 1).as_str())
            || reader
                .tokens
                .get(number.end + 1)
                .is_some_and(|minutes| minutes.kind == TokenKind::Number))
}

/// `12 rue de Nemours`, `12, rue de Nemours`, `73 bis`.
fn is_street_number(reader: &Reader, number: &Number) -> bool {
    let after = reader.word(number.end).to_lowercase();
    STREETS.contains(&after.as_str())
        || matches!(after.as_str(), "bis" | "ter" | "quater")
        || after == "," && STREETS.contains(&reader.word(number.end + 1))
        || after == "de"
            && reader.is(number.end + 1, Class::Definite)
            && STREETS.contains(&reader.word(number.end + 2))
}

/// `20 Minutes`, but not `20 Français` or `20 GW`.
fn opens_name(reader: &Reader, number: &Number) -> bool {
    reader
        .tokens
        .get(number.end)
        .is_some_and(|next| next.is_capitalised() && unit(next.text).is_none())
        && !reader.is_demonym(number.end)
}

/// `01 23 45 67 89`, `le 3919`, `le 17`.
fn is_telephone_number(reader: &Reader, number: &Number) -> bool {
    let is_pair = |at: usize| {
        (reader.tokens.get(at)).is_some_and(|token| {
            token.kind == TokenKind::Number && matches!(token.text.len(), 2 | 3)
        })
    };
    let text = reader.tokens[number.first].text;
    let leads = text.starts_with('0') && !text.contains([',', '.']) && text.len() > 1;
    if leads && is_pair(number.end) {
        return true;
    }
    // The pairs that follow.
    let first = (0..number.first)
        .rev()
        .take(5)
        .take_while(|&at| reader.tokens[at].kind == TokenKind::Number);
    if is_pair(number.first)
        && first
            .last()
            .is_some_and(|at| reader.tokens[at].text.starts_with('0'))
    {
        return true;
    }
    let singular = matches!(reader.before(number.first, 1).as_str(), "le" | "au");
    let whole = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 4;
    let counted = reader.counted(number.end);
    let times = matches!(counted.unit, Some(Unit::Time(TimeUnit::Hours)));
    singular && whole && counted.unit.is_none() && !times && !reader.is(number.end, Class::Month)
}

/// Words before times of day.
const BEFORE_TIMES: [&str; 9] = [
    "à", "vers", "dès", "avant", "après", "depuis", "jusqu'à", "jusqu'", "de",
];

const STREETS: [&str; 10] = [
    "rue",
    "avenue",
    "boulevard",
    "place",
    "quai",
    "allée",
    "impasse",
    "chemin",
    "cours",
    "route",
];

/// Words and marks that turn the number after them into a name.
const LABELS: [&str; 51] = [
    "article",
    "articles",
    "numéro",
    "numéros",
    "n°",
    "no",
    "no.",
    "°",
    "º",
    "#",
    "page",
    "pages",
    "chapitre",
    "tome",
    "volume",
    "vol",
    "classe",
    "niveau",
    "groupe",
    "phase",
    "étape",
    "catégorie",
    "chaîne",
    "ligne",
    "route",
    "rn",
    "rd",
    "porte",
    "acte",
    "épisode",
    "saison",
    "chambre",
    "terminal",
    "mach",
    "top",
    "covid",
    "matricule",
    "salle",
    "décret",
    "loi",
    "directive",
    "résolution",
    "règlement",
    "alinéa",
    "annexe",
    "dossier",
    "dossard",
    "parcelle",
    "appartement",
    "bâtiment",
    "amendement",
];

/// Nouns that the number after them numbers, unless it counts something.
const NUMBERED: [&str; 14] = [
    "kilomètre",
    "bus",
    "tram",
    "tramway",
    "métro",
    "quai",
    "voie",
    "piste",
    "box",
    "cellule",
    "zone",
    "secteur",
    "version",
    "lot",
];

#[cfg(test)]
mod tests {
    use super::super::super::tokens::TokenizedSentence;
    use super::*;

    #[test]
    fn each_rule_knows_its_labels_and_leaves_figures_alone() {
        for rule in RULES {
            assert!(!rule.yes.is_empty() && !rule.no.is_empty(), "{}", rule.name);
            let holds = |text: &str| {
                let sentence = TokenizedSentence::alone(text);
                let reader = Reader::of(&sentence);
                let mut numbers = (0..sentence.tokens.len()).filter_map(|at| reader.number(at));
                let number = numbers.find(|number| number.digits);
                (rule.holds)(&reader, &number.expect("a number"))
            };
            for text in rule.yes {
                assert!(holds(text), "{}: {text}", rule.name);
            }
            for text in rule.no {
                assert!(!holds(text), "{}: {text}", rule.name);
            }
        }
    }
}
