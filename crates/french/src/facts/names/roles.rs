//! What a person is, in the words before the name or the apposition after it.

use super::super::lexicon;
use super::super::tokens::Kind;
use super::context::Context;

impl Context<'_> {
    /// `le ministre de l'Intérieur` in `le ministre de l'Intérieur Christophe Castaner`.
    pub(super) fn role_before(&self) -> Option<String> {
        let mut start = self.spot.start;
        // `la ministre du Travail était alors Muriel Pénicaud`
        let adverb = usize::from(matches!(self.before(1), "alors" | "toujours" | "désormais"));
        let copula = matches!(
            self.before(1 + adverb),
            "est" | "était" | "reste" | "devient"
        );
        if copula {
            start -= 1 + adverb;
        }
        // `ministre de l'Intérieur, Gérald Darmanin`
        let comma = self.before(1) == ",";
        if comma {
            start -= 1;
        }
        // `directeur général du Travail (DGT), Yves Struillou`
        let bracketed =
            start >= 3 && self.tokens[start - 1].text == ")" && self.tokens[start - 3].text == "(";
        if bracketed {
            start -= 3;
        }
        if start == 0 {
            return None;
        }
        let floor = start.saturating_sub(12);
        let mut role = None;
        for index in (floor..start).rev() {
            let token = &self.tokens[index];
            if !token.is_word() {
                break;
            }
            let lowered = token.text.to_lowercase();
            let several = comma && lowered.ends_with('s') && lowered != "fils";
            if lexicon::is_role(&lowered) && !several {
                role = Some(index);
                break;
            }
            let joins = matches!(
                token.text,
                "de" | "du"
                    | "des"
                    | "d'"
                    | "la"
                    | "le"
                    | "l'"
                    | "les"
                    | "à"
                    | "aux"
                    | "et"
                    | "en"
                    | "général"
                    | "générale"
                    | "adjoint"
                    | "adjointe"
                    | "au"
            ) || token.is_capitalised()
                || is_adjectival(token.text)
                // `président bélarus`
                || (index > 0
                    && token.text.starts_with(char::is_lowercase)
                    && !lexicon::is_function_word(token.text)
                    && (lexicon::is_role(self.tokens[index - 1].text)
                        // `Parti démocrate`
                        || index > 1 && self.tokens[index - 1].is_capitalised()))
                || (index > 0
                    && matches!(
                        self.tokens[index - 1].text,
                        "de" | "d'" | "des" | "du" | "la" | "l'" | "aux"
                    ));
            if !joins || (lexicon::is_attribution(token.text) && !token.is_capitalised()) {
                break;
            }
        }
        let role = role?;
        let mut first = role;
        // `secrétaire général`
        if first > 0 && lexicon::is_role(self.tokens[first - 1].text) {
            first -= 1;
        }
        while first > 0
            && matches!(
                self.tokens[first - 1].text,
                "ancien"
                    | "ancienne"
                    | "Premier"
                    | "Première"
                    | "premier"
                    | "première"
                    | "vice"
                    | "ex"
                    | "jeune"
                    | "futur"
                    | "future"
                    | "nouveau"
                    | "nouvelle"
                    | "célèbre"
            )
        {
            first -= 1;
        }
        // `le ministre et Untel`, `le président de Untel` name two; a role ends where the name starts.
        let last = self.tokens[start - 1].text;
        if matches!(
            last,
            "et" | "à"
                | "au"
                | "aux"
                | "en"
                | "de"
                | "du"
                | "des"
                | "d'"
                | "le"
                | "la"
                | "les"
                | "l'"
        ) {
            return None;
        }
        if comma && role + 1 < start && self.tokens[role..start].len() > 10 {
            return None;
        }
        let text = &self.text[self.tokens[first].start..self.tokens[start - 1].end()];
        Some(text.to_owned())
    }

    /// `, analyste à la banque,` after the name; `est le patron de la banque`.
    pub(super) fn apposition_after(&self) -> Option<String> {
        const DETERMINERS: [&str; 9] = ["le", "la", "l'", "un", "une", "les", "ce", "cet", "cette"];
        let copula =
            matches!(self.after(1), "est" | "était") && DETERMINERS.contains(&self.after(2));
        if self.after(1) != "," && !copula {
            return None;
        }
        let mut index = self.spot.end + 1;
        // Age first: `, 21 ans, animatrice`.
        if self
            .tokens
            .get(index)
            .is_some_and(|token| token.kind == Kind::Number)
            && self
                .tokens
                .get(index + 2)
                .is_some_and(|token| token.text == ",")
        {
            index += 3;
        }
        if self
            .tokens
            .get(index)
            .is_some_and(|token| DETERMINERS.contains(&token.text))
        {
            index += 1;
        }
        let start = index;
        let skip = |text: &str| {
            matches!(
                text,
                "ancien"
                    | "ancienne"
                    | "ex"
                    | "jeune"
                    | "nouveau"
                    | "nouvelle"
                    | "premier"
                    | "première"
                    | "vice"
                    | "Premier"
                    | "célèbre"
                    | "futur"
                    | "actuel"
                    | "actuelle"
            )
        };
        while self.tokens.get(index).is_some_and(|token| skip(token.text)) {
            index += 1;
        }
        let head = self.tokens.get(index)?;
        let in_charge = head.text == "en"
            && self
                .tokens
                .get(index + 1)
                .is_some_and(|token| token.text == "charge");
        if !in_charge && !lexicon::is_role(&head.text.to_lowercase()) {
            return None;
        }
        let mut end = index + 1;
        while end < self.tokens.len() && end < index + 18 {
            let token = &self.tokens[end];
            if matches!(
                token.text,
                "," | "."
                    | ";"
                    | ":"
                    | "("
                    | ")"
                    | "\""
                    | "«"
                    | "»"
                    | "!"
                    | "?"
                    | "qui"
                    | "que"
                    | "dont"
                    | "où"
                    | "–"
                    | "—"
            ) {
                break;
            }
            end += 1;
        }
        // `X, le chanteur avait besoin` is a clause, not an apposition.
        let clause = self.tokens[start..end].iter().any(|token| {
            matches!(
                token.text,
                "a" | "ont" | "avait" | "avaient" | "est" | "sont" | "était" | "étaient"
            )
        });
        (!clause)
            .then(|| self.text[self.tokens[start].start..self.tokens[end - 1].end()].to_owned())
    }
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
