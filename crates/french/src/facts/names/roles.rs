//! The role of a person: the words before the name, or those after it. A table of rules, each with examples
//! of what it reads and of what it must not.

use std::ops::Range;

use super::super::classes::Class;
use super::super::lexicon;
use super::super::tokens::{Token, TokenKind, TokenizedSentence};
use super::super::types::NamedPerson;
use super::Names;
use super::context::NameContext;
use super::sex::{self, Sex, is_title};

/// A place where a role can stand.
pub(super) struct RoleRule {
    pub name: &'static str,
    /// The tokens of the role.
    read: fn(&NameContext) -> Option<Range<usize>>,
    /// Texts that name `Jean Roy`, and his role.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    yes: &'static [(&'static str, &'static str)],
    /// Texts from which the rule reads no role of his.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    no: &'static [&'static str],
}

/// A role where it stands.
pub(super) struct Role {
    pub rule: &'static RoleRule,
    pub text: String,
    /// As the article before it tells.
    pub sex: Option<Sex>,
}

/// In order of precedence.
pub(super) const RULES: &[RoleRule] = &[
    RoleRule {
        name: "before the name",
        read: |name| name.role_before(),
        yes: &[
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
                "Le maire (DVG) de Verlac, Jean Roy",
                "maire (DVG) de Verlac",
            ),
            (
                "La ministre du Travail était alors Jean Roy",
                "ministre du Travail",
            ),
            ("Son premier adjoint, M. Jean Roy, part", "premier adjoint"),
            (
                "L'avocat de la famille, Me Jean Roy, part",
                "avocat de la famille",
            ),
            ("L'ex-conseiller Jean Roy part", "ex-conseiller"),
            ("Le chef des pompiers Jean Roy part", "chef des pompiers"),
            (
                "La directrice de cabinet du préfet, Jean Roy, part",
                "directrice de cabinet du préfet",
            ),
            (
                "Le chercheur en cybersécurité Jean Roy part",
                "chercheur en cybersécurité",
            ),
            (
                "La présidente du parc naturel, Jean Roy, part",
                "présidente du parc naturel",
            ),
            ("L'insoumis Jean Roy part", "insoumis"),
            ("Maire de Lyon depuis 2014, Jean Roy part", "maire de Lyon"),
            ("L'acteur de 54 ans Jean Roy part", "acteur"),
            (
                "L'ancienne gloire du basket Jean Roy part",
                "ancienne gloire du basket",
            ),
            (
                "Le cofondateur et directeur du club, Jean Roy, part",
                "cofondateur et directeur du club",
            ),
            ("Le député socialiste Jean Roy part", "député socialiste"),
            ("Le garde des Sceaux, Jean Roy, part", "garde des Sceaux"),
            (
                "Le délégué général pour l'armement, Jean Roy, part",
                "délégué général pour l'armement",
            ),
            (
                "Le prix Nobel de chimie Jean Roy part",
                "prix Nobel de chimie",
            ),
            (
                "La mère de la victime, Jean Roy, pleure",
                "mère de la victime",
            ),
            (
                "L'avocat d'Anne Morel, Me Jean Roy, part",
                "avocat d'Anne Morel",
            ),
            (
                "Ancien ministre du Travail, Jean Roy part",
                "ancien ministre du Travail",
            ),
            (
                "Ex-numéro deux du parti, Jean Roy part",
                "ex-numéro deux du parti",
            ),
        ],
        no: &[
            "Jean Roy",
            "Le ministre et Jean Roy",
            "Le ministre de Jean Roy",
            "Les ministres, Jean Roy",
            "Le ministre a dit : Jean Roy",
            "Le ministre accuse Jean Roy",
            "L'avocat de l'ex-femme ajoute que Jean Roy part",
            "Le fondateur du site Jean Roy",
            "« C'est bien », juge Jean Roy",
            "Le Parti socialiste Jean Roy",
            "Le fondateur de la banque Anne Morel, Jean Roy",
            "Il a dit aux journalistes, Jean Roy",
        ],
    },
    RoleRule {
        name: "apposition",
        read: |name| name.apposition(),
        yes: &[
            (
                "Jean Roy, analyste à la banque, part",
                "analyste à la banque",
            ),
            (
                "Jean Roy, 21 ans, un ancien avocat qui part",
                "ancien avocat",
            ),
            ("Jean Roy, actuelle ministre", "actuelle ministre"),
            ("Jean Roy, leur avocat, était absent", "avocat"),
            ("Jean Roy, alors maire de Lyon, part", "maire de Lyon"),
            ("Jean Roy, membre du bureau, part", "membre du bureau"),
            ("Jean Roy, maire (PS) de Lyon, part", "maire (PS) de Lyon"),
            (
                "Pour Jean Roy, quadruple médaillé, c'est",
                "quadruple médaillé",
            ),
            (
                "Jean Roy, défenseur de M. Morel, part",
                "défenseur de M. Morel",
            ),
            (
                "Jean Roy, ancien soudeur à l'arsenal, part",
                "ancien soudeur à l'arsenal",
            ),
            (
                "Jean Roy, actuellement à la tête de la banque, part",
                "à la tête de la banque",
            ),
        ],
        no: &[
            "Jean Roy",
            "Jean Roy,",
            "Jean Roy, 21 ans,",
            "Jean Roy, une maison",
            "Jean Roy, le ministre avait besoin",
            "Jean Roy, ancien",
        ],
    },
    RoleRule {
        name: "in brackets",
        read: |name| name.role_in_brackets(),
        yes: &[("Jean Roy (président du club) part", "président du club")],
        no: &["Jean Roy (PS)", "Jean Roy (le 3 mai) part", "Jean Roy"],
    },
    RoleRule {
        name: "copula",
        read: |name| name.complement_of_copula(),
        yes: &[
            (
                "Jean Roy est le patron de la banque.",
                "patron de la banque",
            ),
            ("Jean Roy est maire de Lyon depuis 2014.", "maire de Lyon"),
            (
                "Jean Roy avait été gardien du phare jusqu'en 1911.",
                "gardien du phare",
            ),
            (
                "Jean Roy fut le chauffeur de la maison.",
                "chauffeur de la maison",
            ),
        ],
        no: &[
            "Jean Roy est ministre",
            "Jean Roy est la victime",
            "Jean Roy a été nommé mardi directeur de l'hôpital",
            "Jean Roy a été blessé",
        ],
    },
    RoleRule {
        name: "appointed",
        read: |name| name.appointed(),
        yes: &[
            (
                "Jean Roy a été nommé mardi directeur de l'hôpital.",
                "directeur de l'hôpital",
            ),
            ("Jean Roy, élu maire de Lyon en 2020, part", "maire de Lyon"),
            (
                "Jean Roy vient d'être désigné président du club.",
                "président du club",
            ),
            (
                "Jean Roy est devenu président du club.",
                "président du club",
            ),
            (
                "Jean Roy devient lundi président du club.",
                "président du club",
            ),
            (
                "Nommé mardi à la tête du club, Jean Roy part",
                "à la tête du club",
            ),
        ],
        no: &[
            "Jean Roy a été élu en mars avec 54 % des voix",
            "Jean Roy a été nommé par le ministre",
            "Jean Roy a nommé Anne Morel directrice",
        ],
    },
];

/// Adjectives that belong to the role they stand before, whether the role stands before the name or
/// after it.
const QUALIFIERS: [&str; 18] = [
    "double",
    "triple",
    "quadruple",
    "quintuple",
    "ancien",
    "ancienne",
    "ex",
    "jeune",
    "nouveau",
    "nouvelle",
    "premier",
    "première",
    "Premier",
    "Première",
    "vice",
    "célèbre",
    "futur",
    "future",
];

/// Qualifiers after which any noun is a role.
const FORMER: [&str; 3] = ["ancien", "ancienne", "ex"];

/// Participles of verbs that give someone an office.
const APPOINTED: [&str; 14] = [
    "nommé",
    "nommée",
    "élu",
    "élue",
    "réélu",
    "réélue",
    "désigné",
    "désignée",
    "promu",
    "promue",
    "sacré",
    "sacrée",
    "intronisé",
    "intronisée",
];

/// Tokens to look back over for the noun of a role, at most.
const REACH_BEFORE: usize = 12;
/// Tokens of an apposition, at most.
const LONGEST_APPOSITION: usize = 18;
/// Tokens of a role that a comma separates from the name, at most.
const LONGEST_BEFORE_COMMA: usize = 10;
/// Tokens in brackets within a role, at most.
const LONGEST_BRACKET: usize = 4;
/// Tokens between a name and the participle that gives an office, and between that and the office.
const APPOINTMENT_REACH: usize = 5;

/// Sentences in which the only person named can be meant by the role that the next one begins with.
const TAKEN_UP_IN: usize = 3;

/// Gives people the role by which the text takes them up: `Jean Roy a parlé. Le ministre part.`
pub(super) fn taken_up(sentences: &[TokenizedSentence], names: &mut Names) {
    for (at, sentence) in sentences.iter().enumerate().skip(1) {
        let Some(role) = subject_role(&sentence.tokens) else {
            continue;
        };
        let noun = sentence.tokens[role].text;
        let only_in = |back: usize| {
            let near = sentences[at.saturating_sub(back)].id..sentence.id;
            let mut named = (0..names.people.len()).filter(|&person| {
                let mentions = names.people[person].mentions.iter();
                mentions
                    .map(|mention| mention.sentence)
                    .any(|id| near.contains(&id))
            });
            named.next().filter(|_| named.next().is_none())
        };
        let Some(person) = only_in(TAKEN_UP_IN).or_else(|| only_in(1)) else {
            continue;
        };
        let known = |person: &NamedPerson| {
            person
                .role
                .as_deref()
                .is_some_and(|role| role.contains(noun))
        };
        let article = sex::of_article(sentence.tokens[role - 1].text).or_else(|| {
            sex::of_article(&sentence.tokens[role.saturating_sub(2)].text.to_lowercase())
        });
        let sexes = (names.sexes[person], article.or(sex::of_role(noun)));
        let fits = !matches!(sexes, (Some(own), Some(said)) if own != said);
        if fits && names.people[person].role.is_none() && !names.people.iter().any(known) {
            names.people[person].role = Some(noun.to_owned());
            names.people[person].role_rule = Some("taken up");
        }
    }
}

/// The token of a role with its article that is the subject of a sentence and is not said of anyone else: `Le
/// ministre part`, `Au journal, la réalisatrice raconte`.
fn subject_role(tokens: &[Token]) -> Option<usize> {
    // `», confie ce vigneron`, `Cette infirmière de formation`
    let points = |at: &usize| {
        matches!(
            tokens[*at].text,
            "Ce" | "Cet" | "Cette" | "ce" | "cet" | "cette"
        )
    };
    let demonstrative = (0..tokens.len().saturating_sub(1)).filter(points);
    let is_role = |token: &Token| token.is_lower(Class::Role) && !token.text.ends_with('s');
    // `», explique l'agriculteur.`
    let speaks = (2..tokens.len().saturating_sub(2)).filter(|&at| {
        matches!(tokens[at].text, "le" | "la" | "l'")
            && tokens[at - 1].says()
            && tokens[at - 2].text == ","
            && !tokens[at + 2].is_word()
    });
    let mut taken_up = demonstrative.chain(speaks).map(|article| article + 1);
    if let Some(role) = taken_up.find(|&at| is_role(&tokens[at])) {
        return Some(role);
    }
    let is_article = |at: usize| matches!(tokens[at].text, "Le" | "La" | "L'" | "le" | "la" | "l'");
    let start = (0..tokens.len().min(LONGEST_LEAD))
        .find(|&at| is_article(at) && (at == 0 || tokens[at - 1].text == ","))?;
    // `L'ancienne altiste`, `la nouvelle maire`
    let qualified = tokens.get(start + 1)?;
    let former = FORMER.contains(&qualified.text);
    let noun = start + 1 + usize::from(former || QUALIFIERS.contains(&qualified.text));
    let role = tokens.get(noun)?;
    let is_person = role.is_lower(Class::Role)
        || former
            && role.is_word()
            && role.text.starts_with(char::is_lowercase)
            && is_adjectival(role.text);
    // `la députée macroniste part`
    let adjective = tokens.get(noun + 1)?;
    let verb = tokens.get(noun + 1 + usize::from(is_adjectival(adjective.text)))?;
    // `Le président ukrainien, qui a reporté`
    let apart = verb.text == ","
        && tokens
            .get(noun + 2 + usize::from(is_adjectival(adjective.text)))
            .is_some_and(|it| it.text == "qui");
    let is_verb = apart
        || verb.is_word()
            && verb.text.starts_with(char::is_lowercase)
            && !verb.is(Class::Of)
            && !verb.is(Class::Relative)
            && !verb.is(Class::Conjunction);
    (is_person && !role.text.ends_with('s') && is_verb).then_some(noun)
}

/// Tokens before the subject of a sentence, at most.
const LONGEST_LEAD: usize = 12;

impl NameContext<'_> {
    /// The role of the person who is named.
    pub(super) fn role(&self) -> Option<Role> {
        RULES.iter().find_map(|rule| {
            let tokens = (rule.read)(self)?;
            let text =
                &self.text[self.tokens[tokens.start].start..self.tokens[tokens.end - 1].end()];
            let article = (tokens.start.checked_sub(1)).map_or("", |before| self.word(before));
            // `Ancien ministre, Jean Roy`
            let text = match tokens.start {
                0 => uncapitalised(text),
                _ => text.to_owned(),
            };
            Some(Role {
                rule,
                sex: sex::of_article(article),
                text,
            })
        })
    }

    /// The role that ends where the name starts: `ministre de l'Intérieur` in `le ministre de
    /// l'Intérieur Christophe Castaner`. A title, a comma, a copula or an acronym in brackets may stand
    /// between them.
    fn role_before(&self) -> Option<Range<usize>> {
        let (end, follows_comma) = self.end_of_role();
        if end == 0 {
            return None;
        }
        // `le ministre et X`, `le président de X` name two; `le fondateur du site X` names no person.
        let last = &self.tokens[end - 1];
        let names_other = !follows_comma && last.is_lower(Class::OrganisationNoun);
        if is_linking(last) || names_other {
            return None;
        }
        let mut noun = self.role_noun(end)?;
        // `La mère de la victime, X`
        if follows_comma && let Some(outer) = self.outer_role(noun) {
            noun = outer;
        }
        if follows_comma && end - noun > LONGEST_BEFORE_COMMA {
            return None;
        }
        Some(self.first_of_role(noun)..end)
    }

    /// The index after the last word that can be part of a role before the name, and whether a comma
    /// follows it.
    fn end_of_role(&self) -> (usize, bool) {
        let word = |end: usize, back: usize| end.checked_sub(back).map_or("", |at| self.word(at));
        let mut end = self.spot.start;
        // `M. Bruno d'Arzac`
        if word(end, 1) == "." && end >= 2 && is_title(&self.tokens[end - 2]) {
            end -= 2;
        } else if end >= 1 && is_title(&self.tokens[end - 1]) {
            end -= 1;
        }
        // `la ministre du Travail était alors Muriel Pénicaud`
        let adverb = usize::from(matches!(word(end, 1), "alors" | "toujours" | "désormais"));
        if matches!(word(end, 1 + adverb), "est" | "était" | "reste" | "devient") {
            end -= 1 + adverb;
        }
        let comma = word(end, 1) == ",";
        if comma {
            end -= 1;
        }
        // `Maire de Lyon depuis 2014, X`
        if comma
            && let Some(since) = (end.saturating_sub(4)..end).find(|&at| self.word(at) == "depuis")
        {
            end = since;
        }
        // `l'acteur de 54 ans X`
        if word(end, 1) == "ans" && word(end, 3) == "de" {
            end -= 3;
        }
        // `directeur général du Travail (DGT), Yves Struillou`
        if end >= 3 && self.tokens[end - 1].text == ")" && self.tokens[end - 3].text == "(" {
            end -= 3;
        }
        (end, comma)
    }

    /// The index of the noun that the role which ends at `end` is about: `ministre`.
    fn role_noun(&self, end: usize) -> Option<usize> {
        let mut index = end;
        let from = end.saturating_sub(REACH_BEFORE);
        while index > from {
            index -= 1;
            let token = &self.tokens[index];
            // `la maire (DVG) de Verlac, X`
            if token.text == ")" {
                let bracket = &self.tokens[index.saturating_sub(LONGEST_BRACKET)..index];
                let open = bracket.iter().rposition(|token| token.text == "(")?;
                index = index.saturating_sub(LONGEST_BRACKET) + open;
                continue;
            }
            if !token.is_word() {
                return None;
            }
            // `aux ministres, X`
            let several = token.text.ends_with('s') && token.text != "fils";
            // `», juge X`
            let verb = matches!(token.text, "juge" | "critique" | "guide")
                && index > 0
                && self.word(index - 1) == ",";
            if token.is(Class::Role) && !several && !verb {
                return Some(index);
            }
            let previous = index.checked_sub(1).map(|at| &self.tokens[at]);
            // `l'ancienne gloire du club X`
            let former = previous.is_some_and(|it| FORMER.contains(&it.text));
            if former && token.text.starts_with(char::is_lowercase) && !several {
                return Some(index);
            }
            // `l'insoumis X`, but not `le Parti socialiste`
            if token.is_lower(Class::Partisan)
                && previous.is_some_and(|it| it.is(Class::Determiner))
            {
                return Some(index);
            }
            // `le garde des Sceaux, X`
            if token.text == "Sceaux" && self.word(index.wrapping_sub(2)) == "garde" {
                return Some(index - 2);
            }
            // `le prix Nobel de chimie X`
            if token.text == "Nobel"
                && self
                    .word(index.wrapping_sub(1))
                    .eq_ignore_ascii_case("prix")
            {
                return Some(index - 1);
            }
            // `le fondateur de la banque Anne Morel, X`
            let person = lexicon::is_first_name(token.text)
                && index + 1 < end
                && self.tokens[index + 1].is_capitalised()
                && !(end < self.spot.start
                    && matches!(self.word(index.wrapping_sub(1)), "de" | "d'"));
            // `la cheffe des pompiers X`
            let governed = self.is(index.wrapping_sub(1), Class::Of);
            if token.says()
                || person
                || several && token.is(Class::Role) && !governed
                || !self.continues_role(index)
            {
                return None;
            }
        }
        None
    }

    /// The noun of the role that the one at `noun` is a complement of: `veuve` in `la veuve du cinéaste`.
    fn outer_role(&self, noun: usize) -> Option<usize> {
        let article = usize::from(self.is(noun.checked_sub(1)?, Class::Definite));
        let of = noun.checked_sub(1 + article)?;
        let mut outer = of.checked_sub(1)?;
        if is_adjectival(self.word(outer)) || self.word(outer).ends_with('é') {
            outer = outer.checked_sub(1)?;
        }
        // `directrice de cabinet du préfet`
        if !self.is(outer, Class::Role) && self.is(outer.wrapping_sub(1), Class::Of) {
            outer = outer.checked_sub(2)?;
        }
        let before = outer.checked_sub(1)?;
        let several = self.word(outer).ends_with('s') && self.word(outer) != "fils";
        let fits = self.is(of, Class::Of)
            && self.is(outer, Class::Role)
            && !several
            && self.tokens[before].is(Class::Article);
        fits.then_some(outer)
    }

    /// Whether the word at `index` can stand between the noun of a role and the name.
    fn continues_role(&self, index: usize) -> bool {
        let token = &self.tokens[index];
        let previous = index.checked_sub(1).map(|index| &self.tokens[index]);
        // `ex-numéro deux`
        let ranks = previous.is_some_and(|previous| previous.text.ends_with("numéro"));
        is_linking(token)
            || ranks && matches!(token.text, "un" | "deux" | "trois")
            || matches!(token.text, "général" | "générale" | "adjoint" | "adjointe")
            || token.is_capitalised()
            || is_adjectival(token.text)
            || previous.is_some_and(|previous| {
                // `président bélarus`, `Parti démocrate`
                let adjective = token.text.starts_with(char::is_lowercase)
                    && !token.is(Class::Function)
                    && (previous.is_lower(Class::Role) || index > 1 && previous.is_capitalised());
                adjective
                    || previous.is_lower(Class::Of)
                    || matches!(
                        previous.text,
                        "la" | "l'" | "le" | "aux" | "au" | "en" | "à"
                    )
            })
    }

    /// The index of the first word of the role with this noun: `ancien`, `vice`, `secrétaire` in
    /// `secrétaire général`.
    fn first_of_role(&self, noun: usize) -> usize {
        let mut first = noun;
        if first > 0 && self.is(first - 1, Class::Role) {
            first -= 1;
        }
        // `cofondateur et directeur`
        if first > 2
            && self.word(first - 1) == "et"
            && self.is(first - 2, Class::Role)
            && self.tokens[first - 3].is(Class::Article)
        {
            first -= 2;
        }
        let qualifies =
            |word: &str| QUALIFIERS.contains(&word) || matches!(word, "Ancien" | "Ancienne");
        while first > 0 && qualifies(self.word(first - 1)) {
            first -= 1;
        }
        first
    }

    /// `, analyste à la banque,` after the name; `, leur avocat`; `, à la tête de la banque`.
    fn apposition(&self) -> Option<Range<usize>> {
        if self.after(1) != "," {
            return None;
        }
        let start = self.start_of_apposition(self.spot.end + 1);
        self.role_from(start)
    }

    /// `(président du club)` after the name
    fn role_in_brackets(&self) -> Option<Range<usize>> {
        let opens = self.after(1) == "(" && self.is_after(2, Class::Role);
        opens.then(|| self.role_from(self.spot.end + 1))?
    }

    /// `est le patron de la banque`
    fn complement_of_copula(&self) -> Option<Range<usize>> {
        // `avait été gardien du phare`, `fut ministre du Travail`
        let was = match (self.after(1), self.after(2)) {
            ("a" | "avait", "été") => Some(self.spot.end + 1),
            ("fut", _) => Some(self.spot.end),
            _ => None,
        };
        if let Some(verb) = was {
            let office = self.office_behind(verb)?;
            let article = usize::from(self.is(verb + 1, Class::Determiner));
            return (office.start == verb + 1 + article && office.len() > 1).then_some(office);
        }
        let copula = matches!(self.after(1), "est" | "était");
        // `est maire de Lyon depuis 2014`
        if copula && self.is_after(2, Class::Role) && self.is_after(3, Class::Of) {
            return self.office_behind(self.spot.end);
        }
        let copula = copula && self.is_after(2, Class::Determiner);
        let start = self.spot.end + 2;
        // `est la victime`, `est le premier`
        let bare = self.is(start, Class::People) && !self.is(start, Class::Role);
        let start = copula.then_some(start)?;
        let role = self.role_from(start)?;
        (!bare && role.len() > 1).then_some(role)
    }

    /// `a été nommé mardi directeur de l'hôpital`, `, élue maire de Lyon,`
    fn appointed(&self) -> Option<Range<usize>> {
        let from = self.spot.end;
        if let Some(office) = self.appointed_before() {
            return Some(office);
        }
        let becomes = |at: usize| matches!(self.word(at), "devient" | "deviendra" | "redevient");
        let became = |at: usize| {
            matches!(
                self.word(at),
                "devenu" | "devenue" | "redevenu" | "redevenue"
            )
        };
        if becomes(from) || matches!(self.word(from), "est" | "était") && became(from + 1) {
            return self.office_behind(from + usize::from(became(from + 1)));
        }
        let passive = ["été", "est", "être", "sera", ","];
        let participle = (from + 1..from + 1 + APPOINTMENT_REACH)
            .take_while(|&at| at == from || !self.is(at, Class::Relative))
            .find(|&at| APPOINTED.contains(&self.word(at)))?;
        if !passive.contains(&self.word(participle - 1)) {
            return None;
        }
        self.office_behind(participle)
    }

    /// `Nommée mardi à la tête du club, X`
    fn appointed_before(&self) -> Option<Range<usize>> {
        let lower = self.tokens.first()?.text.to_lowercase();
        let comma = self.spot.start.checked_sub(1)?;
        if !APPOINTED.contains(&lower.as_str()) || self.word(comma) != "," {
            return None;
        }
        let office = self.office_behind(0)?;
        (office.end <= comma).then_some(office)
    }

    /// The office that stands behind the verb at the token `verb`.
    fn office_behind(&self, verb: usize) -> Option<Range<usize>> {
        let reach = verb + 1..self.tokens.len().min(verb + 1 + APPOINTMENT_REACH);
        let office = reach
            .take_while(|&at| {
                self.tokens[at].is_word() && self.word(at) != "par"
                    || self.tokens[at].kind == TokenKind::Number
            })
            .find(|&at| self.is(at, Class::Role) || self.heads_at(at))?;
        let end = (office + 1..self.tokens.len().min(office + LONGEST_APPOSITION)).find(|&at| {
            let token = &self.tokens[at];
            ends_apposition(token)
                || token.is(Class::Weekday)
                || token.is_lower(Class::Auxiliary)
                || matches!(
                    token.text,
                    "en" | "depuis"
                        | "lors"
                        | "après"
                        | "avec"
                        | "par"
                        | "pour"
                        | "jusqu'"
                        | "jusqu'en"
                        | "pendant"
                        | "durant"
                        | "entre"
                )
        });
        Some(office..end.unwrap_or(office + 1).max(office + 1))
    }

    /// Whether `à la tête de` begins at `at`.
    fn heads_at(&self, at: usize) -> bool {
        ["à", "la", "tête"]
            .iter()
            .zip(at..)
            .all(|(word, at)| self.word(at) == *word)
            && self.is(at + 3, Class::Of)
    }

    /// The role that begins at the token `start` and goes on to the next mark, if one does.
    fn role_from(&self, start: usize) -> Option<Range<usize>> {
        let qualifies = |word| QUALIFIERS.contains(&word) || matches!(word, "actuel" | "actuelle");
        let mut noun = start;
        while qualifies(self.word(noun)) {
            noun += 1;
        }
        let former = (start..noun).any(|at| FORMER.contains(&self.word(at)));
        let token = self.tokens.get(noun)?;
        let in_charge = token.text == "en" && self.word(noun + 1) == "charge"
            || token.text == "membre" && self.is(noun + 1, Class::Of);
        let is_office = token.is(Class::Role)
            || in_charge
            || self.heads_at(noun)
            || former && token.is_word() && !token.is(Class::Function);
        if !is_office {
            return None;
        }
        let limit = self.tokens.len().min(noun + LONGEST_APPOSITION);
        let end = (noun + 1..limit).find(|&at| {
            // `défenseur de M. Roy`
            let of_title =
                self.word(at) == "." && self.word(at - 1) == "M" && self.is(at - 2, Class::Of);
            // `maire (PS) de Lyon`
            let of_party = match self.word(at) {
                "(" => self.word(at + 2) == ")" && self.is(at + 3, Class::Of),
                ")" => self.word(at - 2) == "(" && self.is(at + 1, Class::Of),
                _ => false,
            };
            ends_apposition(&self.tokens[at]) && !of_title && !of_party
        });
        let end = end.unwrap_or(limit);
        // `X, le chanteur avait besoin` is a clause, not an apposition.
        let is_clause =
            (self.tokens[start..end].iter()).any(|token| token.is_lower(Class::Auxiliary));
        (!is_clause).then_some(start..end)
    }

    /// The index of the first word of an apposition that begins at `start`, after an age, an adverb and a
    /// determiner: `animatrice` in `21 ans, une animatrice`.
    fn start_of_apposition(&self, start: usize) -> usize {
        let mut start = start;
        let number = self.tokens.get(start);
        if number.is_some_and(|token| token.kind == TokenKind::Number)
            && self.word(start + 2) == ","
        {
            start += 3;
        }
        let adverb = matches!(
            self.word(start),
            "lui-même" | "elle-même" | "alors" | "aussi" | "désormais" | "toujours"
        );
        if adverb || self.word(start).ends_with("ment") {
            start += 1;
        }
        if self.is(start, Class::Article) {
            start += 1;
        }
        start
    }
}

/// With its first letter in lower case, unless it is an acronym.
fn uncapitalised(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// Words that join the parts of a role and do not end one.
fn is_linking(token: &Token) -> bool {
    token.is_lower(Class::Of)
        || token.is_lower(Class::Definite)
        || matches!(
            token.text,
            "à" | "au" | "aux" | "et" | "en" | "pour" | "plus"
        )
}

fn ends_apposition(token: &Token) -> bool {
    !token.is_word()
        && token.kind != TokenKind::Number
        && !matches!(token.text, "-" | "'" | "&" | "/")
        || matches!(token.text, "qui" | "que" | "dont" | "où")
        || APPOINTED.contains(&token.text)
}

/// An adjective of people or place, which may stand between a noun and the name it announces.
pub(in crate::facts) fn is_adjectival(word: &str) -> bool {
    const ENDINGS: [&str; 35] = [
        "cutif", "cutive", "ratif", "rative", "latif", "lative", "onnel", "onnelle", "turel",
        "turelle", "striel", "strielle", "ais", "aise", "ain", "aine", "ien", "ienne", "ois",
        "oise", "éen", "éenne", "and", "ande", "ique", "al", "ale", "aire", "iste", "eur", "euse",
        "ol", "ole", "que", "ière",
    ];
    const OTHERS: [&str; 8] = [
        "russe",
        "suisse",
        "belge",
        "arabe",
        "délégué",
        "déléguée",
        "d'État",
        "adjoint",
    ];
    word.chars().count() > 3
        && word.starts_with(char::is_lowercase)
        && (ENDINGS.iter().any(|ending| word.ends_with(ending)) || OTHERS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::super::tokens::tokenize;
    use super::*;

    #[test]
    fn every_rule_reads_its_examples() {
        for rule in RULES {
            assert!(!rule.yes.is_empty() && !rule.no.is_empty(), "{}", rule.name);
            let read = |text: &str| {
                let tokens = tokenize(text);
                let at = tokens
                    .iter()
                    .position(|token| token.text == "Jean")
                    .unwrap();
                let context = NameContext {
                    text,
                    tokens: &tokens,
                    spot: at..at + 2,
                };
                let role = (rule.read)(&context)?;
                let text = &text[tokens[role.start].start..tokens[role.end - 1].end()];
                Some(if role.start == 0 {
                    uncapitalised(text)
                } else {
                    text.to_owned()
                })
            };
            for (text, role) in rule.yes {
                assert_eq!(read(text).as_deref(), Some(*role), "{}: {text}", rule.name);
            }
            for text in rule.no {
                assert_eq!(read(text), None, "{}: {text}", rule.name);
            }
        }
    }
}
