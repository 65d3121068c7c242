//! The role of a person: the words before the name, or the apposition after it.

use super::super::classes::Class;
use super::super::lexicon;
use super::super::tokens::{Token, TokenKind};
use super::context::NameContext;

/// Adjectives that belong to the role they stand before, whether the role stands before the name or
/// after it.
const QUALIFIERS: [&str; 12] = [
    "ancien",
    "ancienne",
    "ex",
    "jeune",
    "nouveau",
    "nouvelle",
    "premier",
    "première",
    "Premier",
    "vice",
    "célèbre",
    "futur",
];

/// Tokens to look back over for the noun of a role, at most.
const REACH_BEFORE: usize = 12;
/// Tokens of an apposition, at most.
const LONGEST_APPOSITION: usize = 18;
/// Tokens of a role that a comma separates from the name, at most.
const LONGEST_BEFORE_COMMA: usize = 10;

impl NameContext<'_> {
    /// The role that ends where the name starts: `ministre de l'Intérieur` in `le ministre de
    /// l'Intérieur Christophe Castaner`. A comma, a copula or an acronym in brackets may stand
    /// between them.
    pub(super) fn role_before(&self) -> Option<String> {
        let end = self.end_of_role();
        if end == 0 {
            return None;
        }
        let noun = self.role_noun(end)?;
        // `le ministre et X`, `le président de X` name two.
        if is_linking(&self.tokens[end - 1]) {
            return None;
        }
        if self.follows_comma() && end - noun > LONGEST_BEFORE_COMMA {
            return None;
        }
        let first = self.first_of_role(noun);
        let text = &self.text[self.tokens[first].start..self.tokens[end - 1].end()];
        Some(text.to_owned())
    }

    /// `ministre de l'Intérieur, Gérald Darmanin`
    fn follows_comma(&self) -> bool {
        self.before(1) == ","
    }

    /// The index after the last word that can be part of a role before the name.
    fn end_of_role(&self) -> usize {
        let mut end = self.spot.start;
        // `la ministre du Travail était alors Muriel Pénicaud`
        let adverb = usize::from(matches!(self.before(1), "alors" | "toujours" | "désormais"));
        let copula = matches!(
            self.before(1 + adverb),
            "est" | "était" | "reste" | "devient"
        );
        if copula {
            end -= 1 + adverb;
        }
        if self.follows_comma() {
            end -= 1;
        }
        // `directeur général du Travail (DGT), Yves Struillou`
        let bracketed =
            end >= 3 && self.tokens[end - 1].text == ")" && self.tokens[end - 3].text == "(";
        if bracketed {
            end -= 3;
        }
        end
    }

    /// The index of the noun that the role which ends at `end` is about: `ministre`.
    fn role_noun(&self, end: usize) -> Option<usize> {
        for index in (end.saturating_sub(REACH_BEFORE)..end).rev() {
            let token = &self.tokens[index];
            if !token.is_word() {
                return None;
            }
            // `les ministres, X`
            let several = self.follows_comma() && token.text.ends_with('s') && token.text != "fils";
            if token.is(Class::Role) && !several {
                return Some(index);
            }
            let verb = token.says() && !token.is_capitalised();
            if verb || !self.continues_role(index) {
                return None;
            }
        }
        None
    }

    /// Whether the word at `index` can stand between the noun of a role and the name.
    fn continues_role(&self, index: usize) -> bool {
        let token = &self.tokens[index];
        let previous = index.checked_sub(1).map(|index| &self.tokens[index]);
        is_linking(token)
            || matches!(token.text, "général" | "générale" | "adjoint" | "adjointe")
            || token.is_capitalised()
            || is_adjectival(token.text)
            || previous.is_some_and(|previous| {
                // `président bélarus`, `Parti démocrate`
                let adjective = token.text.starts_with(char::is_lowercase)
                    && !lexicon::is_function_word(token.text)
                    && (previous.is_lower(Class::Role) || index > 1 && previous.is_capitalised());
                adjective
                    || previous.is_lower(Class::Of)
                    || matches!(previous.text, "la" | "l'" | "aux")
            })
    }

    /// The index of the first word of the role with this noun: `ancien`, `vice`, `secrétaire` in
    /// `secrétaire général`.
    fn first_of_role(&self, noun: usize) -> usize {
        let mut first = noun;
        if first > 0 && self.is(first - 1, Class::Role) {
            first -= 1;
        }
        let qualifies = |word| QUALIFIERS.contains(&word) || matches!(word, "Première" | "future");
        while first > 0 && qualifies(self.tokens[first - 1].text) {
            first -= 1;
        }
        first
    }

    /// `, analyste à la banque,` after the name; `est le patron de la banque`.
    pub(super) fn apposition_after(&self) -> Option<String> {
        let copula =
            matches!(self.after(1), "est" | "était") && self.is_after(2, Class::Determiner);
        if self.after(1) != "," && !copula {
            return None;
        }
        let start = self.start_of_apposition();
        let qualifies = |word| QUALIFIERS.contains(&word) || matches!(word, "actuel" | "actuelle");
        let mut noun = start;
        while qualifies(self.word(noun)) {
            noun += 1;
        }
        let in_charge = self.word(noun) == "en" && self.word(noun + 1) == "charge";
        let is_role = (self.tokens.get(noun)).is_some_and(|noun| noun.is(Class::Role));
        if !in_charge && !is_role {
            return None;
        }
        let limit = self.tokens.len().min(noun + LONGEST_APPOSITION);
        let end = (noun + 1..limit)
            .find(|index| ends_apposition(self.word(*index)))
            .unwrap_or(limit);
        let apposition = &self.tokens[start..end];
        // `X, le chanteur avait besoin` is a clause, not an apposition.
        if (apposition.iter()).any(|token| token.is_lower(Class::Auxiliary)) {
            return None;
        }
        Some(self.text[self.tokens[start].start..self.tokens[end - 1].end()].to_owned())
    }

    /// The index of the first word after the name's comma or copula, an age and a determiner:
    /// `animatrice` in `, 21 ans, une animatrice`.
    fn start_of_apposition(&self) -> usize {
        let mut start = self.spot.end + 1;
        let number = self.tokens.get(start);
        if number.is_some_and(|token| token.kind == TokenKind::Number)
            && self.word(start + 2) == ","
        {
            start += 3;
        }
        if self.is(start, Class::Determiner) {
            start += 1;
        }
        start
    }
}

/// Words that join the parts of a role and do not end one.
fn is_linking(token: &Token) -> bool {
    token.is_lower(Class::Of)
        || token.is_lower(Class::Definite)
        || matches!(token.text, "à" | "au" | "aux" | "et" | "en")
}

fn ends_apposition(word: &str) -> bool {
    matches!(
        word,
        "," | "." | ";" | ":" | "(" | ")" | "\"" | "«" | "»" | "!" | "?" | "–" | "—"
    ) || matches!(word, "qui" | "que" | "dont" | "où")
}

/// An adjective of people or place, which may stand between a noun and the name it announces.
pub(super) fn is_adjectival(word: &str) -> bool {
    const ENDINGS: [&str; 22] = [
        "ais", "aise", "ain", "aine", "ien", "ienne", "ois", "oise", "éen", "éenne", "and", "ande",
        "ique", "al", "ale", "aire", "iste", "eur", "euse", "ol", "ole", "que",
    ];
    word.chars().count() > 3
        && word.starts_with(char::is_lowercase)
        && (ENDINGS.iter().any(|ending| word.ends_with(ending))
            || matches!(
                word,
                "russe"
                    | "suisse"
                    | "belge"
                    | "arabe"
                    | "délégué"
                    | "déléguée"
                    | "d'État"
                    | "adjoint"
            ))
}

#[cfg(test)]
mod tests {
    use super::super::super::tokens::tokenize;
    use super::*;

    /// What is read of the role of `name` before and after it.
    fn roles(text: &str, name: &str) -> (Option<String>, Option<String>) {
        let tokens = tokenize(text);
        let at = text.find(name).unwrap();
        let position = |byte| tokens.iter().position(|token| token.start >= byte);
        let end = position(at + name.len()).unwrap_or(tokens.len());
        let context = NameContext {
            text,
            tokens: &tokens,
            spot: position(at).unwrap()..end,
        };
        (context.role_before(), context.apposition_after())
    }

    #[test]
    fn a_role_ends_where_the_name_starts() {
        for (text, role) in [
            (
                "Le ministre de l'Intérieur Jean Roy part",
                "ministre de l'Intérieur",
            ),
            (
                "L'ancien président bélarus Jean Roy part",
                "ancien président bélarus",
            ),
            (
                "Le secrétaire général de la mairie, Jean Roy,",
                "secrétaire général de la mairie",
            ),
            (
                "Le directeur général du Travail (DGT), Jean Roy",
                "directeur général du Travail",
            ),
            (
                "La ministre du Travail était alors Jean Roy",
                "ministre du Travail",
            ),
        ] {
            assert_eq!(roles(text, "Jean Roy").0.as_deref(), Some(role), "{text}");
        }
    }

    #[test]
    fn a_role_of_somebody_else_is_none() {
        for text in [
            "Jean Roy",
            "Le ministre et Jean Roy",
            "Le ministre de Jean Roy",
            "Les ministres, Jean Roy",
            "Le ministre a dit : Jean Roy",
            "Le ministre accuse Jean Roy",
        ] {
            assert_eq!(roles(text, "Jean Roy").0, None, "{text}");
        }
    }

    #[test]
    fn an_apposition_starts_with_a_role() {
        for (text, role) in [
            (
                "Jean Roy, analyste à la banque, part",
                "analyste à la banque",
            ),
            (
                "Jean Roy, 21 ans, un ancien avocat qui part",
                "ancien avocat",
            ),
            (
                "Jean Roy est le patron de la banque.",
                "patron de la banque",
            ),
            ("Jean Roy, actuelle ministre", "actuelle ministre"),
        ] {
            assert_eq!(roles(text, "Jean Roy").1.as_deref(), Some(role), "{text}");
        }
        for text in [
            "Jean Roy",
            "Jean Roy,",
            "Jean Roy, 21 ans,",
            "Jean Roy, une maison",
            "Jean Roy est ministre",
            "Jean Roy, le ministre avait besoin",
        ] {
            assert_eq!(roles(text, "Jean Roy").1, None, "{text}");
        }
    }
}
