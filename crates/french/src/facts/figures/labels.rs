//! Numbers that name or order something instead of measuring it: times of day, ordinals, scores,
//! models, articles of laws, streets.

use super::super::lexicon::is_function_word;
use super::super::tokens::Kind;
use super::super::units::unit;
use super::{Number, Reader};

impl Reader<'_> {
    /// Whether the number names or orders something instead of measuring it.
    pub(super) fn is_label(&self, number: &Number) -> bool {
        const LABELS: [&str; 33] = [
            "article",
            "articles",
            "numéro",
            "n°",
            "no",
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
        const STREETS: [&str; 7] = [
            "rue",
            "avenue",
            "boulevard",
            "place",
            "quai",
            "allée",
            "impasse",
        ];
        if !number.digits {
            return false;
        }
        let token = &self.tokens[number.first];
        let next = self.tokens.get(number.end);
        let glued_after = next.filter(|next| !next.spaced);
        // `15H41`, `11e`, `20h`, `3-0`, `8/10`, `A4`, and a unit is no label.
        if let Some(next) = glued_after {
            let symbol = self.unit_at(number.end).is_some();
            let separates = matches!(next.text, "-" | "–" | "/" | ":" | "'" | "’" | "+" | "*")
                && self
                    .tokens
                    .get(number.end + 1)
                    .is_some_and(|after| !after.spaced);
            if (next.is_word() && !symbol) || (separates && self.interval(number).is_none()) {
                return true;
            }
        }
        let previous = number.first.checked_sub(1).map(|index| &self.tokens[index]);
        let before = self.before(number.first, 1);
        if let Some(previous) = previous {
            let joined =
                !token.spaced && !matches!(previous.text, "(" | "«" | "\"" | "“" | "'" | "[");
            let elided = previous.text.ends_with('\'');
            if joined && !elided && !matches!(previous.text, "$" | "£" | "€" | "-" | "–" | ".")
            {
                return true;
            }
            // `Europe 1`, `Falcon 9`, but not `Les 400 kg` or `Samsung 5 %`.
            let name = previous.is_capitalised()
                && !is_function_word(previous.text)
                && previous.end() + 1 == token.start;
            let measured = self.counted(number.end);
            if name
                && (measured.unit.is_none()
                    || self.word(number.end).starts_with(char::is_uppercase))
            {
                return true;
            }
            if matches!(before.as_str(), "°" | "º" | "#" | "no.")
                || LABELS.contains(&before.as_str())
                || (before == "." && self.before(number.first, 2) == "art")
            {
                return true;
            }
        }
        let after = self.word(number.end).to_lowercase();
        // Times of day, street numbers, `20 Minutes`.
        let time = matches!(after.as_str(), "h" | "heures" | "heure")
            && number.value <= 24.0
            && (matches!(
                before.as_str(),
                "à" | "vers" | "dès" | "avant" | "après" | "depuis" | "jusqu'à" | "jusqu'" | "de"
            ) || self
                .tokens
                .get(number.end + 1)
                .is_some_and(|next| next.kind == Kind::Number)
                || after == "h");
        let street = STREETS.contains(&after.as_str())
            || (after == "," && STREETS.contains(&self.word(number.end + 1)));
        let name = next.is_some_and(|next| next.is_capitalised() && unit(next.text).is_none())
            && !self.is_demonym(number.end);
        time || street || name
    }
}
