//! Names of institutions and landscapes that are phrases: a head noun, its adjectives and its
//! complements.

use super::super::classes::Class;
use super::super::lexicon;
use super::super::tokens::starts_upper;
use super::sex::is_title;
use super::spot::{Form, Spot, Spotter, fold};

impl Spotter<'_> {
    /// `ministère de l'Intérieur`, `Organisation mondiale de la santé (OMS)`.
    pub(super) fn institution(&self, at: usize) -> Option<Spot> {
        let head = &self.tokens[at];
        if head.is_lower(Class::Firm) && self.adjacent(at + 1) && self.names_at(at + 1) {
            return Some(Spot {
                tokens: at..self.run_end(at + 1),
                form: Form::Organisation,
                known: false,
                initial: false,
            });
        }
        let upper = starts_upper(head.text);
        // `la cour d'honneur du Palais`
        if head.text == "cour" && self.word(at + 2) == "honneur" {
            return None;
        }
        let opens = upper && self.opens(at);
        // `la brigade de répression du banditisme (BRB)`
        if head.is(Class::InstitutionHead)
            && !opens
            && let Some(end) = self
                .acronym_after(at)
                .filter(|&end| upper || end > at + 2 && self.spells(at, end))
        {
            return Some(Spot {
                tokens: at..end,
                form: Form::Organisation,
                known: false,
                initial: false,
            });
        }
        if !head.is(Class::InstitutionHead) || (!upper && GENERIC_HEADS.contains(&head.text)) {
            return None;
        }
        let mut end = at + 1;
        let mut named = false;
        // Adjectives, and capitals that stand beside the head.
        let after_person = NAMED_AFTER.contains(&&*head.text.to_lowercase());
        let names_at = |end: usize| self.names_at(end) || after_person && self.capitalised(end);
        while self.adjacent(end) && (names_at(end) || is_adjective(self.word(end))) {
            // `association caritative Britannique`
            named |= self.capitalised(end) && !is_adjective(&self.word(end).to_lowercase());
            end += 1;
        }
        // `l'association Rivières nettes`
        if named && end == at + 2 && self.word(end - 1).ends_with('s') {
            end += usize::from(self.is_plural_adjective(end));
        }
        let with_adjective = end > at + 1;
        // The complements in lower case belong to a head in lower case only if one with a capital follows:
        // `chambre régionale des comptes d'Occitanie`.
        let mut next = end;
        for _ in 0..COMPLEMENTS {
            let Some((after, capital)) = self.complement(next) else {
                break;
            };
            next = after;
            if capital || upper {
                named |= capital;
                end = next;
            }
            if capital && !upper {
                // The assembly is named in `la commission des lois de l'Assemblée`.
                if self.is_known_organisation(next) {
                    return None;
                }
                // `association des Nageurs du Blavet`
                if self.word(next - 1).ends_with('s')
                    && lexicon::place(self.word(next - 1)).is_none()
                    && let Some((after, true)) = self.complement(next)
                {
                    end = after;
                }
                break;
            }
        }
        let proper = named || (upper && !opens && (with_adjective || end > at + 1));
        proper.then_some(Spot {
            tokens: at..end,
            form: Form::Organisation,
            known: false,
            initial: opens && !named,
        })
    }

    /// Whether the acronym in brackets at `end` is made of the letters of the name that begins at `at`.
    fn spells(&self, at: usize, end: usize) -> bool {
        let name = &self.text[self.tokens[at].start..self.tokens[end - 1].end()];
        is_made_of(self.word(end + 1), name)
    }

    /// Whether the token is a capitalised word of a name, no title and not the first name of a person.
    fn names_at(&self, at: usize) -> bool {
        let person = || lexicon::is_first_name(self.word(at)) && self.capitalised(at + 1);
        self.capitalised(at) && !is_title(&self.tokens[at]) && !person()
    }

    /// Whether a known organisation ends before the token `end`.
    fn is_known_organisation(&self, end: usize) -> bool {
        (1..=4.min(end)).any(|length| {
            let first = &self.tokens[end - length];
            let name = &self.text[first.start..self.tokens[end - 1].end()];
            first.is_capitalised() && lexicon::organisation(name).is_some()
        })
    }

    /// Whether the token is a word in lower case that agrees with a plural before it.
    fn is_plural_adjective(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            token.is_word()
                && token.text.ends_with('s')
                && token.text.len() > 4
                && token.text.starts_with(char::is_lowercase)
                && !token.is(Class::Function)
        })
    }

    /// The complement at `at` (`de la santé`, `de l'Intérieur`, `pour les réfugiés`): the index after
    /// it, and whether it has a capital.
    fn complement(&self, at: usize) -> Option<(usize, bool)> {
        let mut next = at;
        // `chambre de commerce et d'industrie`
        if self.word(at) == "et" && self.is(at + 1, Class::Of) {
            next += 1;
        }
        if !(self.is(next, Class::Of) || self.word(next) == "pour") {
            return None;
        }
        next += 1;
        if self.is(next, Class::Definite) {
            next += 1;
        }
        if self.names_at(next) && !lexicon::is_first_name(self.word(next)) {
            let mut end = next + 1;
            // `des Nations unies`
            if let Some(known) = self.known(next) {
                end = known.tokens.end;
            }
            while self.adjacent(end)
                && self.names_at(end)
                && !lexicon::is_first_name(self.word(end))
            {
                end += 1;
            }
            // `ministère algérien des Affaires étrangères`
            if FIELDS.contains(&self.word(end - 1)) && self.is_plural_adjective(end) {
                end += 1;
            }
            return Some((end, true));
        }
        let noun = self.tokens.get(next)?;
        let fits = noun.is_word()
            && noun.text.chars().count() > 3
            && noun.text.starts_with(char::is_lowercase)
            && (noun.is(Class::People) || !lexicon::is_function_word(noun.text))
            && !["er", "ir", "re"]
                .iter()
                .any(|infinitive| noun.text.ends_with(infinitive) && self.word(at) == "de");
        let mut end = next + 1;
        while fits && end < next + 3 && is_adjective(self.word(end)) {
            end += 1;
        }
        fits.then_some((end, false))
    }

    /// The end of the name that starts at `at` if an acronym in brackets follows it that starts with
    /// the same letter: `Organisation mondiale de la santé (OMS)`.
    fn acronym_after(&self, at: usize) -> Option<usize> {
        let limit = (at + 14).min(self.tokens.len());
        let open = (at + 2..limit)
            .take_while(|index| {
                let token = &self.tokens[*index];
                token.is_word() || matches!(token.text, "(" | "-" | "&")
            })
            .find(|index| self.word(*index) == "(")?;
        let acronym = self.tokens.get(open + 1)?;
        let initial = self.word(at).chars().next()?;
        let name = &self.text[self.tokens[at].start..self.tokens[open - 1].end()];
        let fits = acronym.is_capitalised()
            && self.word(open + 2) == ")"
            && acronym.text.chars().next().map(fold) == Some(fold(initial))
            && (acronym.text.chars().filter(|c| c.is_uppercase()).count() >= 2
                || is_made_of(acronym.text, name));
        fits.then_some(open)
    }

    /// `comté de Leflore`, `désert des Mojaves`, `Etat du Mississippi`.
    pub(super) fn landscape(&self, at: usize) -> Option<Spot> {
        let head = self.word(at).to_lowercase();
        if !LANDSCAPES.contains(&head.as_str()) {
            return None;
        }
        let mut next = at + 1;
        if self.is(next, Class::Of) {
            next += 1;
        }
        if self.is(next, Class::Definite) {
            next += 1;
        }
        // `le chef de l'Etat François Hollande`
        if !self.capitalised(next)
            || lexicon::is_first_name(self.word(next))
            || matches!(head.as_str(), "etat" | "état") && next == at + 1
        {
            return None;
        }
        let mut end = next + 1;
        while self.adjacent(end) && self.capitalised(end) {
            end += 1;
        }
        Some(Spot {
            tokens: at..end,
            form: Form::Place,
            known: false,
            initial: false,
        })
    }
}

/// Whether the letters of the acronym stand in the name in this order: `Ofast`, `Office antistupéfiants`.
pub(super) fn is_made_of(acronym: &str, name: &str) -> bool {
    let mut letters = name.chars().map(fold);
    (acronym.chars().map(fold)).all(|wanted| letters.any(|letter| letter == wanted))
}

/// What ministries are responsible for, in the plural, of which an adjective says more.
const FIELDS: [&str; 8] = [
    "Affaires",
    "Comptes",
    "Relations",
    "Travaux",
    "Finances",
    "Transports",
    "Anciens",
    "Solidarités",
];

/// Most complements of a head: `chambre des comptes d'Occitanie`.
const COMPLEMENTS: usize = 3;

/// Whether the word is an adjective in lower case, judged by its ending.
fn is_adjective(word: &str) -> bool {
    const ENDINGS: [&str; 26] = [
        "al", "ale", "aux", "ales", "ique", "iques", "ien", "ienne", "iens", "iennes", "éen",
        "éenne", "ais", "aise", "ois", "oise", "ain", "aine", "if", "ive", "aire", "aires", "iste",
        "istes", "el", "elle",
    ];
    const OTHERS: [&str; 20] = [
        "étudiante",
        "étudiant",
        "paysanne",
        "ouvrière",
        "suprême",
        "unie",
        "unies",
        "uni",
        "vert",
        "russe",
        "turc",
        "turque",
        "arabe",
        "suisse",
        "belge",
        "allemand",
        "allemande",
        "britannique",
        "agricole",
        "supérieur",
    ];
    word.chars().count() > 4
        && word.starts_with(char::is_lowercase)
        && !lexicon::is_function_word(word)
        && !lexicon::is_role(word)
        && (OTHERS.contains(&word) || ENDINGS.iter().any(|ending| word.ends_with(ending)))
        || word == "uni"
}

/// Heads of what bears the names of people: `université George Washington`.
const NAMED_AFTER: [&str; 12] = [
    "université",
    "lycée",
    "collège",
    "école",
    "hôpital",
    "institut",
    "fondation",
    "stade",
    "centre",
    "théâtre",
    "musée",
    "conservatoire",
];

/// Heads that make a name only if they have a capital.
const GENERIC_HEADS: [&str; 51] = [
    "métropole",
    "collectif",
    "comédie",
    "philharmonie",
    "ballet",
    "cinémathèque",
    "auberge",
    "maison",
    "films",
    "éditions",
    "laboratoires",
    "chantiers",
    "ateliers",
    "amis",
    "restos",
    "commissariat",
    "brigade",
    "groupe",
    "société",
    "compagnie",
    "mouvement",
    "front",
    "club",
    "union",
    "bureau",
    "centre",
    "service",
    "direction",
    "forces",
    "armée",
    "garde",
    "bourse",
    "caisse",
    "autorité",
    "alliance",
    "stade",
    "real",
    "racing",
    "olympique",
    "défenseur",
    "congrès",
    "office",
    "établissement",
    "secours",
    "réseau",
    "fonds",
    "ordre",
    "coordination",
    "inspection",
    "délégation",
    "assemblée",
];

/// Heads of the names of landscapes and districts, in lower case.
const LANDSCAPES: [&str; 24] = [
    "place",
    "esplanade",
    "comté",
    "désert",
    "vallée",
    "lac",
    "île",
    "îles",
    "ile",
    "massif",
    "forêt",
    "baie",
    "archipel",
    "péninsule",
    "presqu'île",
    "golfe",
    "détroit",
    "mont",
    "col",
    "cap",
    "etat",
    "état",
    "province",
    "plaine",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::super::tokens::TokenizedSentence;
    use super::super::spot::spot;
    use super::*;

    /// The names in `text` whose form decides that they are of this kind.
    fn names(text: &str, form: Form) -> Vec<String> {
        let sentence = TokenizedSentence::alone(text);
        spot(&sentence, &HashSet::new())
            .into_iter()
            .filter(|spot| spot.form == form && !spot.known)
            .map(|spot| {
                let tokens = &sentence.tokens[spot.tokens];
                text[tokens[0].start..tokens[tokens.len() - 1].end()].to_owned()
            })
            .collect()
    }

    #[test]
    fn institutions_have_a_head_and_a_complement_or_an_adjective() {
        for (text, name) in [
            (
                "Selon le ministère de l'Intérieur, il",
                "ministère de l'Intérieur",
            ),
            (
                "Il a vu le tribunal correctionnel de Vesoul hier",
                "tribunal correctionnel de Vesoul",
            ),
            (
                "Il cite le Conseil national de la bricole (CNB) ici",
                "Conseil national de la bricole",
            ),
            (
                "Elle dirige la Maison des femmes de Xan depuis",
                "Maison des femmes de Xan",
            ),
            (
                "Selon le ministère algérien des Affaires étrangères hier",
                "ministère algérien des Affaires étrangères",
            ),
            (
                "Il cite le Collectif des mères isolées ici",
                "Collectif des mères",
            ),
            (
                "Il préside l'association des Nageurs du Blavet depuis",
                "association des Nageurs du Blavet",
            ),
            (
                "Il préside la chambre de commerce et d'industrie du Xan depuis",
                "chambre de commerce et d'industrie du Xan",
            ),
            (
                "La brigade de répression du banditisme (BRB) enquête",
                "brigade de répression du banditisme",
            ),
        ] {
            assert_eq!(names(text, Form::Organisation), [name], "{text}");
        }
    }

    #[test]
    fn common_heads_without_a_capital_name_nothing() {
        for text in [
            "Il a vu le groupe de travail",
            "Il est au bureau de Marie",
            "Le tribunal a dit",
        ] {
            assert_eq!(names(text, Form::Organisation), [""; 0], "{text}");
        }
    }

    #[test]
    fn landscapes_have_a_name_with_a_capital() {
        for (text, name) in [
            ("Il vit dans le comté de Leflore depuis", "comté de Leflore"),
            ("Il vit près du lac Tana depuis", "lac Tana"),
        ] {
            assert_eq!(names(text, Form::Place), [name], "{text}");
        }
        for text in [
            "Le chef de l'Etat François Hollande",
            "Il vit près du lac de montagne",
        ] {
            assert_eq!(names(text, Form::Place), [""; 0], "{text}");
        }
    }
}
