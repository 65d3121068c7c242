//! Numbers that name or order something instead of measuring it: times of day, ordinals, scores,
//! models, articles of laws, streets.

use super::super::lexicon::is_function_word;
use super::super::tokens::TokenKind;
use super::super::units::unit;
use super::{Number, Reader};

impl Reader<'_> {
    /// Whether the number names or orders something instead of measuring it.
    pub(super) fn is_label(&self, number: &Number) -> bool {
        number.digits && RULES.iter().any(|holds| holds(self, number))
    }
}

type LabelRule = fn(&Reader, &Number) -> bool;

/// If any of these rules holds, the number is a label.
const RULES: [LabelRule; 7] = [
    is_glued_to_next,
    is_glued_to_previous,
    follows_name,
    follows_label,
    is_time_of_day,
    is_street_number,
    opens_name,
];

/// `15H41`, `11e`, `20h`, `3-0`, `8/10`, but not `5km` or `12-13 ans`.
fn is_glued_to_next(reader: &Reader, number: &Number) -> bool {
    let glued_at = |at: usize| reader.tokens.get(at).filter(|token| !token.spaced);
    glued_at(number.end).is_some_and(|next| {
        let separates = matches!(next.text, "-" | "–" | "/" | ":" | "'" | "’" | "+" | "*")
            && glued_at(number.end + 1).is_some();
        next.is_word() && reader.unit_at(number.end).is_none()
            || separates && reader.interval(number).is_none()
    })
}

/// `AF/447`, `#5`, but not `$4`, `(4)` or `l'4`.
fn is_glued_to_previous(reader: &Reader, number: &Number) -> bool {
    let Some(previous) = reader.token_before(number) else {
        return false;
    };
    let opens = matches!(previous.text, "(" | "«" | "\"" | "“" | "'" | "[");
    let signs = matches!(previous.text, "$" | "£" | "€" | "-" | "–" | ".");
    !reader.tokens[number.first].spaced && !opens && !signs && !previous.text.ends_with('\'')
}

/// `Europe 1`, `Falcon 9`, but not `Les 400 kg` or `Samsung 5 %`.
fn follows_name(reader: &Reader, number: &Number) -> bool {
    let follows = reader.token_before(number).is_some_and(|previous| {
        previous.is_capitalised()
            && !is_function_word(previous.text)
            && previous.end() + 1 == reader.tokens[number.first].start
    });
    follows
        && (reader.counted(number.end).unit.is_none()
            || reader.word(number.end).starts_with(char::is_uppercase))
}

/// `article 49`, `n° 5`, `art. 6`.
fn follows_label(reader: &Reader, number: &Number) -> bool {
    let before = reader.before(number.first, 1);
    LABELS.contains(&before.as_str()) || before == "." && reader.before(number.first, 2) == "art"
}

/// `à 20 heures`, `20 h`, `20 heures 30`, but not `pendant 20 heures`.
fn is_time_of_day(reader: &Reader, number: &Number) -> bool {
    let hour = reader.word(number.end).to_lowercase();
    matches!(hour.as_str(), "h" | "heures" | "heure")
        && number.value <= 24.0
        && (hour == "h"
            || BEFORE_TIMES.contains(&reader.before(number.first, 1).as_str())
            || reader
                .tokens
                .get(number.end + 1)
                .is_some_and(|minutes| minutes.kind == TokenKind::Number))
}

/// `12 rue de Nemours`, `12, rue de Nemours`.
fn is_street_number(reader: &Reader, number: &Number) -> bool {
    let after = reader.word(number.end).to_lowercase();
    STREETS.contains(&after.as_str())
        || after == "," && STREETS.contains(&reader.word(number.end + 1))
}

/// `20 Minutes`, but not `20 Français` or `20 GW`.
fn opens_name(reader: &Reader, number: &Number) -> bool {
    reader
        .tokens
        .get(number.end)
        .is_some_and(|next| next.is_capitalised() && unit(next.text).is_none())
        && !reader.is_demonym(number.end)
}

/// Words before times of day.
const BEFORE_TIMES: [&str; 9] = [
    "à", "vers", "dès", "avant", "après", "depuis", "jusqu'à", "jusqu'", "de",
];

const STREETS: [&str; 7] = [
    "rue",
    "avenue",
    "boulevard",
    "place",
    "quai",
    "allée",
    "impasse",
];

/// Words and marks that turn the number after them into a name.
const LABELS: [&str; 37] = [
    "article",
    "articles",
    "numéro",
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
    "a",
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
];

#[cfg(test)]
mod tests {
    use super::super::super::tokens::TokenizedSentence;
    use super::*;

    /// Whether the rule holds for the first number in digits.
    fn holds(rule: LabelRule, text: &str) -> bool {
        let sentence = TokenizedSentence::alone(text);
        let reader = Reader {
            sentence: &sentence,
            tokens: &sentence.tokens,
        };
        let mut numbers = (0..sentence.tokens.len()).filter_map(|at| reader.number(at));
        let number = numbers.find(|number| number.digits);
        rule(&reader, &number.expect("a number"))
    }

    #[test]
    fn each_rule_knows_its_labels_and_leaves_figures_alone() {
        let cases: [(LabelRule, &[&str], &[&str]); RULES.len()] = [
            (
                is_glued_to_next,
                &["à 15H41", "le 11e arrondissement", "battu 6-4", "noté 8/10"],
                &["long de 5km", "âgés de 12-13 ans", "le 3 mai"],
            ),
            (
                is_glued_to_previous,
                &["le vol AF/447", "le groupe #5"],
                &["coûte $300", "les gagnants (300)", "l'300", "300 morts"],
            ),
            (
                follows_name,
                &["la radio Europe 1", "une fusée Falcon 9"],
                &["Les 400 kg", "Samsung 5 %", "les 400"],
            ),
            (
                follows_label,
                &[
                    "l'article 49",
                    "le numéro 2",
                    "selon l'art. 6",
                    "la page 12",
                ],
                &["les 49 autres"],
            ),
            (
                is_time_of_day,
                &["vers 20 heures", "20 h", "le 20 heures 30"],
                &["pendant 20 heures", "de 48 heures"],
            ),
            (
                is_street_number,
                &["au 12 rue de Nemours", "au 12, rue de Nemours"],
                &["12 rues"],
            ),
            (
                opens_name,
                &["le site 20 Minutes"],
                &["20 Français", "20 GW", "20 minutes", "20"],
            ),
        ];
        for (rule, labels, figures) in cases {
            for text in labels {
                assert!(holds(rule, text), "{text}");
            }
            for text in figures {
                assert!(!holds(rule, text), "{text}");
            }
        }
    }
}
