//! Finds the extents of possible names in a sentence: names from the tables, the phrases in
//! `institutions`, and runs of capitalised words. The kind of a run is left to `evidence`.

use std::collections::HashSet;
use std::ops::Range;

use super::super::classes::{Class, classes_of};
use super::super::lexicon;
use super::super::tokens::{Token, TokenKind, TokenizedSentence, starts_upper};
use super::sex::is_title;

/// The kind of a name, as far as its extent decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By a table, or by the form of the phrase.
    Organisation,
    Place,
    Person,
    /// Capitalised words, which can name anything.
    Run,
}

#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// Range of tokens of the sentence.
    pub tokens: Range<usize>,
    pub form: Form,
    /// Whether a table knows the name.
    pub known: bool,
    /// Whether its first capital can be that of the start of a sentence or quotation.
    pub initial: bool,
}

/// Spots the names of one sentence, left to right. `lower` holds the words that the article writes
/// in lower case.
pub(super) fn spot(sentence: &TokenizedSentence, lower: &HashSet<&str>) -> Vec<Spot> {
    let spotter = Spotter::new(sentence, lower);
    let mut spots = Vec::new();
    let mut at = 0;
    while at < sentence.tokens.len() {
        match spotter.at(at) {
            Some(spot) => {
                at = spot.tokens.end.max(at + 1);
                if !spot.tokens.is_empty() {
                    spots.push(spot);
                }
            }
            None => at += 1,
        }
    }
    spots
}

/// The words of one sentence.
pub(super) struct Spotter<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token<'a>],
    lower: &'a HashSet<&'a str>,
}

impl<'a> Spotter<'a> {
    pub(super) fn new(sentence: &'a TokenizedSentence<'a>, lower: &'a HashSet<&'a str>) -> Self {
        Self {
            text: sentence.text,
            tokens: &sentence.tokens,
            lower,
        }
    }

    pub(super) fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    /// Whether the token is in the class and in lower case.
    pub(super) fn is(&self, at: usize, class: Class) -> bool {
        (self.tokens.get(at)).is_some_and(|token| token.is_lower(class))
    }

    pub(super) fn capitalised(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(Token::is_capitalised)
    }

    /// Whether the token stands next to the one before it, with at most one space.
    pub(super) fn adjacent(&self, at: usize) -> bool {
        at > 0 && at < self.tokens.len() && self.tokens[at].start - self.tokens[at - 1].end() <= 1
    }

    /// Whether the token starts a sentence or quotation, where every word has a capital.
    pub(super) fn opens(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return true;
        };
        let before = &self.tokens[before];
        match before.text {
            // Not after an initial or a title.
            "." => {
                let shortened = self.word(at.saturating_sub(2));
                shortened.chars().count() != 1 && !matches!(shortened, "Mme" | "Dr" | "Pr")
            }
            "-" => before.spaced,
            "!" | "?" | "…" | "«" | "“" | "\"" | ":" | "•" | "–" | "—" | "*" => true,
            _ => false,
        }
    }

    /// The end of the acronym with full stops that begins at `at`: `O.T.A.N.`
    fn dotted_end(&self, at: usize) -> Option<usize> {
        let letter = |at: usize| {
            let token = self.tokens.get(at)?;
            (token.is_word() && token.is_capitalised() && token.text.chars().count() == 1)
                .then_some(token)
        };
        letter(at)?;
        let mut end = at + 1;
        while self.word(end) == "." && letter(end + 1).is_some_and(|next| !next.spaced) {
            end += 2;
        }
        // `J.F. Kennedy` has two letters, too.
        let is_known = || {
            let letters: String = self.tokens[at..end]
                .iter()
                .step_by(2)
                .map(|token| token.text)
                .collect();
            end == at + 3 && self.word(end) == "." && lexicon::organisation(&letters).is_some()
        };
        (end > at + 3 || is_known()).then(|| end + usize::from(self.word(end) == "."))
    }

    fn at(&self, at: usize) -> Option<Spot> {
        let token = &self.tokens[at];
        if let Some(end) = self.dotted_end(at) {
            let letters = self.tokens[at..end].iter().step_by(2);
            let letters: String = letters.map(|token| token.text).collect();
            return Some(Spot {
                tokens: at..end,
                // `la R.D.C.`
                form: match lexicon::place(&letters) {
                    Some(_) => Form::Place,
                    None => Form::Organisation,
                },
                known: false,
                initial: false,
            });
        }
        // `15H41`, and the title in `M. Rush`.
        let glued = at > 0 && !token.spaced && self.tokens[at - 1].kind == TokenKind::Number;
        if !token.is_word() || glued || is_title(token) {
            return None;
        }
        if let Some(end) = self.compound_end(at) {
            return Some(Spot {
                tokens: at..end,
                form: Form::Organisation,
                known: false,
                initial: false,
            });
        }
        // A function word at the start of a sentence belongs to no run: `Selon Samsung`.
        if token.is(Class::Function) && self.opens(at) && !self.is_calendar_name(at) {
            return self.known(at);
        }
        self.known(at)
            .or_else(|| self.institution(at))
            .or_else(|| self.landscape(at))
            .or_else(|| token.is_capitalised().then(|| self.run(at)))
    }

    /// The longest name in the tables that starts at `at`.
    pub(super) fn known(&self, at: usize) -> Option<Spot> {
        const LOWER_STARTS: [&str; 10] = [
            "beIN",
            "mer",
            "océan",
            "golfe",
            "bande",
            "mont",
            "pape",
            "détroit",
            "canal",
            "franceinfo",
        ];
        let first = &self.tokens[at];
        let opens = self.opens(at);
        if !(first.is_capitalised() || LOWER_STARTS.contains(&first.text)) {
            return None;
        }
        // `du Mans` is of Le Mans.
        let before = at.checked_sub(1).map_or("", |index| self.word(index));
        let limit = (at + 12).min(self.tokens.len());
        let (end, form) = (at + 1..=limit).rev().find_map(|end| {
            let text = &self.text[first.start..self.tokens[end - 1].end()];
            let form = if lexicon::organisation(text).is_some() {
                Form::Organisation
            } else if lexicon::place(text).is_some()
                || matches!(before, "du" | "au") && lexicon::contracted_place(text).is_some()
            {
                Form::Place
            } else if lexicon::person(text).is_some() {
                Form::Person
            } else {
                return None;
            };
            Some((end, form))
        })?;
        // `Paris Hilton` and `Orange Bank` are not the city and the company.
        let goes_on = self.adjacent(end)
            && self.capitalised(end)
            && !lexicon::is_first_name(self.word(end))
            && !self.tokens[end].is_all_caps()
            && end - at == 1
            && !first.is_all_caps()
            && self.known(end).is_none();
        // A first name that is also a city: `Florence Parly`.
        let person = end - at == 1 && lexicon::is_first_name(first.text) && self.capitalised(end);
        // `Nord` and `Total` are also words.
        let word = end - at == 1
            && !first.is_all_caps()
            && (opens || form == Form::Place && AMBIGUOUS.contains(&first.text))
            && (self.lower.contains(first.text.to_lowercase().as_str())
                || AMBIGUOUS.contains(&first.text));
        let listed = || form == Form::Organisation && self.is_listed(at);
        // `M. Gourdon`
        let stop = usize::from(before == ".");
        let titled = form == Form::Place
            && at > stop
            && is_title(&self.tokens[at - 1 - stop])
            && end - at == 1;
        if titled {
            return None;
        }
        if goes_on || person || word && !self.is_located(at) && !listed() {
            return None;
        }
        Some(Spot {
            tokens: at..end,
            form,
            known: true,
            initial: false,
        })
    }

    /// Whether the words before can stand before a place: `dans le Nord`, `en Manche`.
    fn is_located(&self, at: usize) -> bool {
        let back = |n: usize| at.checked_sub(n).map_or("", |index| self.word(index));
        match back(1) {
            "en" | "du" | "chez" | "(" => true,
            "le" | "la" | "l'" | "les" => {
                matches!(back(2), "dans" | "groupe" | "de" | "département")
            }
            _ => false,
        }
    }

    /// Whether an organisation of the tables stands beside the word in a list: `Orange et La Poste`.
    fn is_listed(&self, at: usize) -> bool {
        let joins = |at: usize| matches!(self.word(at), "et" | "," | "ou");
        let known = |range: Range<usize>| {
            let tokens = self.tokens.get(range).filter(|tokens| !tokens.is_empty());
            tokens.is_some_and(|tokens| {
                let text = &self.text[tokens[0].start..tokens[tokens.len() - 1].end()];
                tokens[0].is_capitalised() && lexicon::organisation(text).is_some()
            })
        };
        let behind = at + 2;
        let after = joins(at + 1) && (1..=4).any(|length| known(behind..behind + length));
        let before = at >= 2
            && joins(at - 1)
            && (1..=4).any(|length| at > length && known(at - 1 - length..at - 1));
        after || before
    }

    /// The capitalised words from `at` and the particles between them. Empty if the word at `at` has
    /// its capital only because it starts a sentence.
    fn run(&self, at: usize) -> Spot {
        let mut first = at;
        let opens = self.opens(at);
        let mut end = self.run_end(at);
        if opens {
            // `Selon Samsung` is `Samsung`.
            while first < end && self.is_plain_opener(first) {
                first += 1;
            }
        } else if lexicon::is_function_word(self.word(first))
            && !self.is_calendar_name(first)
            && end > first + 1
            && !matches!(
                self.word(first),
                "Le" | "La" | "Les" | "The" | "L'" | "De" | "Du"
            )
        {
            first += 1;
        }
        // `le député LFI Adrien Quatennens`: a party and its member.
        if end > first + 2
            && self.tokens[first].is_all_caps()
            && lexicon::is_first_name(self.word(first + 1))
        {
            end = first + 1;
        }
        // `le ministre de l'Intérieur Christophe Castaner`: the person begins at the first name.
        let of = at.checked_sub(1).map_or("", |index| self.word(index));
        if matches!(
            of,
            "de" | "du"
                | "des"
                | "d'"
                | "l'"
                | "le"
                | "la"
                | "les"
                | "aux"
                | "au"
                | "un"
                | "une"
                | "sur"
        ) && !lexicon::is_first_name(self.word(first))
            && let Some(name) =
                (first + 1..end).find(|index| lexicon::is_first_name(self.word(*index)))
            && name + 1 < end
        {
            end = name;
        }
        // `le commissaire au Commerce Valdis Prokop`
        if end >= first + 3
            && matches!(of, "à" | "au" | "aux" | "du" | "des" | "de" | "la" | "l'")
            && PORTFOLIOS.contains(&self.word(first))
        {
            first += 1;
        }
        // `le Hongrois Gabor Faldum`
        if end >= first + 3
            && matches!(of, "le" | "la" | "l'" | "les" | "du" | "au")
            && is_demonym(self.word(first))
        {
            first += 1;
        }
        while end > first
            && !self.tokens[end - 1].is_capitalised()
            && self.word(end - 1) != "."
            && self.tokens[end - 1].kind == TokenKind::Word
        {
            end -= 1;
        }
        // `ONG Peace Now`
        if end > first + 1 && lexicon::is_no_acronym(self.word(first)) {
            first += 1;
        }
        while first < end && !self.tokens[first].is_word() {
            first += 1;
        }
        let initial = opens && first == at;
        if first == at && end == at + 1 && lexicon::is_function_word(self.word(at)) {
            end = first;
        }
        Spot {
            tokens: first..end.max(first),
            form: Form::Run,
            known: false,
            initial,
        }
    }

    /// Whether a month or feast is a first name: `Mars Okoye`, `Noël Barrière`.
    fn is_calendar_name(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        (token.is(Class::Month) || matches!(token.text, "Noël" | "Pâques"))
            && token.is_capitalised()
            && self.capitalised(at + 1)
            && self.adjacent(at + 1)
            && !self.tokens[at + 1].is(Class::Function)
    }

    /// Whether the word is no name if it starts a sentence: a function word, a role, or one that the
    /// article also writes in lower case.
    fn is_plain_opener(&self, at: usize) -> bool {
        let word = self.word(at);
        let lowered = word.to_lowercase();
        if self.is_calendar_name(at) {
            return false;
        }
        // `Réparez les fuites`
        let commands = word.ends_with("ez")
            && (self.is(at + 1, Class::Article) || self.is(at + 1, Class::Preposition));
        commands
            || lexicon::is_function_word(word)
            || lexicon::is_role(&lowered)
            || self.tokens[at].is(Class::OrganisationNoun)
            || (self.lower.contains(lowered.as_str()) && !lexicon::is_first_name(word))
    }

    pub(super) fn run_end(&self, at: usize) -> usize {
        const PARTICLES: [&str; 26] = [
            "van", "von", "der", "den", "di", "da", "dos", "do", "del", "della", "ben", "bin",
            "ibn", "al", "el", "ould", "y", "zu", "ter", "ten", "of", "and", "the", "for", "&",
            "against",
        ];
        let mut end = at + 1;
        loop {
            if !self.adjacent(end) {
                return end;
            }
            let word = self.word(end);
            // Initials: `John F. Kennedy`, `J. Edgar Hoover`.
            let initial = word == "."
                && self.word(end - 1).chars().count() == 1
                && self.word(end - 1) != "M"
                && starts_upper(self.word(end - 1))
                && self.capitalised(end + 1);
            let elided = word.ends_with('\'') && self.tokens[end].is_word();
            if self.capitalised(end) && is_title(&self.tokens[end]) {
                return end;
            }
            if initial || (self.capitalised(end) && !elided) {
                end += 1;
                continue;
            }
            // `Mamadou S.`
            if word == "."
                && self.word(end - 1).chars().count() == 1
                && end == at + 2
                && lexicon::is_first_name(self.word(at))
            {
                return end + 1;
            }
            let mut next = end;
            while next < end + 3 && PARTICLES.contains(&self.word(next)) {
                next += 1;
            }
            // `Dominique de Villepin`, but not `Macron de Paris`.
            let introduced = at.checked_sub(1).is_some_and(|before| {
                self.is(before, Class::Role) || is_title(&self.tokens[before])
            });
            let first_name = lexicon::is_first_name(self.word(at));
            if next == end
                && end == at + 1
                && (introduced || first_name)
                && matches!(word, "de" | "du" | "d'" | "des" | "le")
            {
                next = end + 1 + usize::from(matches!(self.word(end + 1), "la" | "La"));
            }
            // `Charlotte de La Tour du Pin`
            let noble = self.word(at + 1) == "de" && matches!(self.word(at + 2), "la" | "La");
            if next == end && first_name && noble && matches!(word, "du" | "d'") {
                next = end + 1;
            }
            if next > end && self.capitalised(next) && self.adjacent(next) {
                end = next + 1;
            } else {
                return end;
            }
        }
    }
}

/// Whether the tokens are an acronym with full stops: `O.T.A.N.`
pub(super) fn is_dotted(tokens: &[Token]) -> bool {
    let letter = |token: &Token| token.is_word() && token.text.chars().count() == 1;
    tokens.len() > 3
        && (tokens.iter().step_by(2)).all(letter)
        && (tokens.iter().skip(1).step_by(2)).all(|token| token.text == ".")
        && tokens[1..].iter().all(|token| !token.spaced)
}

/// The letter in upper case and without its accent, as in acronyms.
pub(super) fn fold(c: char) -> char {
    match c {
        'É' | 'È' | 'Ê' | 'é' | 'è' | 'ê' => 'E',
        'À' | 'Â' | 'à' | 'â' => 'A',
        'Î' | 'î' => 'I',
        'Ô' | 'ô' => 'O',
        'Ç' | 'ç' => 'C',
        c => c.to_uppercase().next().unwrap_or(c),
    }
}

/// Whether the word is the name of a people, by its ending or as one that is listed.
pub(crate) fn is_demonym(word: &str) -> bool {
    const ENDINGS: [&str; 23] = [
        "ais", "aise", "aises", "ain", "ains", "aine", "aines", "ien", "iens", "ienne", "iennes",
        "ois", "oise", "oises", "éen", "éens", "éenne", "éennes", "ands", "ols", "ques", "andes",
        "ique",
    ];
    ENDINGS.iter().any(|ending| word.ends_with(ending)) || classes_of(word).has(Class::Demonym)
}

/// What ministers and commissioners are responsible for, in one word.
const PORTFOLIOS: [&str; 28] = [
    "Intérieur",
    "Justice",
    "Défense",
    "Armées",
    "Économie",
    "Economie",
    "Finances",
    "Budget",
    "Commerce",
    "Industrie",
    "Travail",
    "Emploi",
    "Santé",
    "Culture",
    "Agriculture",
    "Transports",
    "Environnement",
    "Écologie",
    "Ecologie",
    "Énergie",
    "Energie",
    "Éducation",
    "Education",
    "Sports",
    "Numérique",
    "Logement",
    "Concurrence",
    "Élargissement",
];

/// Names in the tables that are also common words or verbs.
const AMBIGUOUS: [&str; 34] = [
    "Nord",
    "Vire",
    "Lure",
    "Total",
    "Orange",
    "Lot",
    "Cher",
    "Tours",
    "Manche",
    "Tigre",
    "Var",
    "Golfe",
    "Seine",
    "Champagne",
    "Canton",
    "Grenade",
    "Valence",
    "Loire",
    "Somme",
    "Terre",
    "Landes",
    "Creuse",
    "Center",
    "Ford",
    "Vinci",
    "Ain",
    "Libération",
    "Casino",
    "Marvel",
    "Vox",
    "Suez",
    "Réunion",
    "Guardian",
    "Solidaires",
];
