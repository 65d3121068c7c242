//! Names of organisations whose form tells where they end, though no table knows them: `Hector & Fils`, `Brest
//! Bretagne Handball`, `Le Courrier lorrain`. A table of forms, each with examples.

use super::super::classes::Class;
use super::super::lexicon;
use super::roles::is_adjectival;
use super::sex::is_title;
use super::spot::{Form, Spotter};

/// A form that names of organisations have.
struct Compound {
    #[cfg_attr(not(test), expect(dead_code, reason = "names examples in tests"))]
    name: &'static str,
    /// The token after the name that begins at a token with a capital.
    end: fn(&Spotter, usize) -> Option<usize>,
    /// Texts, and the name in them.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    yes: &'static [(&'static str, &'static str)],
    /// Texts without such a name.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    no: &'static [&'static str],
}

/// In order of precedence.
const COMPOUNDS: &[Compound] = &[
    Compound {
        name: "partners",
        end: |words, at| words.partners(at),
        yes: &[
            ("Il dirige Hector & Fils ici", "Hector & Fils"),
            ("Il dirige Bryan, Leduc & Cie ici", "Bryan, Leduc & Cie"),
        ],
        no: &["Hector et ses fils", "Bryan & le reste"],
    },
    Compound {
        name: "office of a region",
        end: |words, at| words.office_of_region(at),
        yes: &[
            ("Elle cite l'ARS Grand Est ici", "ARS Grand Est"),
            ("Elle cite la CAF Gironde ici", "CAF Gironde"),
        ],
        no: &["Elle cite l'ARS de Lyon", "Elle cite l'ARS Dupont"],
    },
    Compound {
        name: "branch of a union",
        end: |words, at| words.branch_of_union(at),
        yes: &[
            ("Elle cite l'Ufap-Unsa Justice ici", "Ufap-Unsa Justice"),
            ("Elle cite la CGT Santé ici", "CGT Santé"),
            ("Elle cite le Snesup-FSU ici", "Snesup-FSU"),
        ],
        no: &["Elle cite la CGT Lyon", "Il vit dans le Sud-Ouest"],
    },
    Compound {
        name: "club",
        end: |words, at| words.club(at),
        yes: &[
            (
                "Le Brest Bretagne Handball gagne",
                "Brest Bretagne Handball",
            ),
            ("Il joue au Xan Basket depuis", "Xan Basket"),
            ("Il quitte l'AS Xan pour", "AS Xan"),
            ("Il quitte le Paris 92 pour", "Paris 92"),
        ],
        no: &[
            "Le Handball gagne",
            "Il quitte Paris à 92 ans",
            "Paul Rugby",
        ],
    },
    Compound {
        name: "newspaper",
        end: |words, at| words.newspaper(at),
        yes: &[
            ("Il lit Le Courrier lorrain ici", "Le Courrier lorrain"),
            ("Il lit La Gazette de Xan ici", "La Gazette de Xan"),
        ],
        no: &["Il lit le courrier lorrain", "Il lit Le Courrier ici"],
    },
    Compound {
        name: "institution with an article",
        end: |words, at| words.with_article(at),
        yes: &[
            (
                "Il est produit par Les Films du Large hier",
                "Les Films du Large",
            ),
            (
                "Le Haut Conseil des finances est là",
                "Haut Conseil des finances",
            ),
        ],
        no: &["Les films du large", "Il dit : Les Films sont là"],
    },
];

/// Words that partners end the name of their firm with.
const PARTNERS: [&str; 8] = [
    "Fils",
    "Cie",
    "Co",
    "Associés",
    "Frères",
    "Filles",
    "Sons",
    "Partners",
];
/// Acronyms of offices that each region or department has one of.
const OFFICES: [&str; 12] = [
    "ARS", "CHU", "CHR", "CAF", "CCI", "CPAM", "DREAL", "Dreal", "SDIS", "Crous", "Urssaf", "FDSEA",
];
const UNIONS: [&str; 8] = [
    "CGT",
    "CFDT",
    "FO",
    "Unsa",
    "UNSA",
    "FSU",
    "SUD",
    "Solidaires",
];
/// Trades that a union has a branch for.
const BRANCHES: [&str; 16] = [
    "Santé",
    "Justice",
    "Police",
    "Rail",
    "Cheminots",
    "Pénitentiaire",
    "Commerce",
    "Énergie",
    "Transports",
    "Éducation",
    "Éduc'action",
    "Métallurgie",
    "Services",
    "Industrie",
    "Intérieur",
    "Territoriaux",
];
/// What the names of clubs begin with.
const CLUBS: [&str; 16] = [
    "AS", "AJ", "RC", "FC", "US", "SC", "OGC", "ASM", "CA", "ES", "EA", "SO", "JDA", "SLUC", "HBC",
    "BCM",
];
/// What the names of clubs end with.
const SPORTS: [&str; 20] = [
    "Handball",
    "Basket",
    "Basketball",
    "Volley",
    "Volley-Ball",
    "Rugby",
    "Football",
    "Foot",
    "Hockey",
    "Athlétisme",
    "Natation",
    "Cyclisme",
    "FC",
    "SC",
    "HB",
    "HSC",
    "BC",
    "RC",
    "VB",
    "AC",
];
/// Nouns that newspapers are called by.
const PAPERS: [&str; 22] = [
    "Courrier",
    "Journal",
    "Gazette",
    "Écho",
    "Éclaireur",
    "Dépêche",
    "Tribune",
    "Républicain",
    "Télégramme",
    "Dauphiné",
    "Voix",
    "Réveil",
    "Quotidien",
    "Éveil",
    "Messager",
    "Phare",
    "Moniteur",
    "Populaire",
    "Progrès",
    "Nouvelliste",
    "Est",
    "Républicaine",
];

impl Spotter<'_> {
    /// The end of the name that begins at `at` if it has one of the forms.
    pub(super) fn compound_end(&self, at: usize) -> Option<usize> {
        let begins =
            self.capitalised(at) && !(self.tokens[at].is(Class::Function) && self.opens(at));
        if !begins {
            return None;
        }
        COMPOUNDS
            .iter()
            .find_map(|compound| (compound.end)(self, at))
    }

    /// `Hector & Fils`, `Bryan, Leduc & Cie`
    fn partners(&self, at: usize) -> Option<usize> {
        let mut end = at;
        loop {
            if !self.capitalised(end) {
                return None;
            }
            end += 1;
            match self.word(end) {
                "&" if PARTNERS.contains(&self.word(end + 1)) => return Some(end + 2),
                "," | "&" => end += 1,
                _ => {}
            }
            if end > at + 6 {
                return None;
            }
        }
    }

    /// `ARS Grand Est`
    fn office_of_region(&self, at: usize) -> Option<usize> {
        if !OFFICES.contains(&self.word(at)) || !self.capitalised(at + 1) {
            return None;
        }
        let place = self.known(at + 1)?;
        (place.form == Form::Place).then_some(place.tokens.end)
    }

    /// `Ufap-Unsa Justice`, `CGT Santé`, `Snesup-FSU`
    fn branch_of_union(&self, at: usize) -> Option<usize> {
        let word = self.word(at);
        let union = word.split('-').any(|part| UNIONS.contains(&part));
        let branch = BRANCHES.contains(&self.word(at + 1));
        (union && (branch || word.contains('-'))).then_some(at + 1 + usize::from(branch))
    }

    /// `Brest Bretagne Handball`, `AS Montluçon`, `Paris 92`
    fn club(&self, at: usize) -> Option<usize> {
        let word = self.word(at);
        let mut end = at + 1;
        while self.capitalised(end) && self.adjacent(end) && !is_title(&self.tokens[end]) {
            end += 1;
        }
        if CLUBS.contains(&word) && end == at + 2 && !self.tokens[at + 1].is_all_caps() {
            return Some(end);
        }
        let number = self.word(end);
        let department = number.len() == 2
            && number.bytes().all(|it| it.is_ascii_digit())
            && self.adjacent(end)
            && matches!(self.word(at.wrapping_sub(1)), "le" | "Le");
        if department && end == at + 1 && lexicon::place(word).is_some() {
            return Some(end + 1);
        }
        let sport = end > at + 1 && SPORTS.contains(&self.word(end - 1));
        (sport && !lexicon::is_first_name(word)).then_some(end)
    }

    /// `Le Courrier lorrain`, `La Gazette de Xan`
    fn newspaper(&self, at: usize) -> Option<usize> {
        let article = matches!(self.word(at), "Le" | "La" | "L'" | "Les");
        if !article || !PAPERS.contains(&self.word(at + 1)) {
            return None;
        }
        let word = self.word(at + 2);
        let adjective = self.adjacent(at + 2)
            && word.starts_with(char::is_lowercase)
            && (is_adjectival(word) || matches!(word, "libre" | "libéré" | "picard"));
        if adjective {
            return Some(at + 3);
        }
        let of = self.is(at + 2, Class::Of);
        let town = at + 3 + usize::from(self.is(at + 3, Class::Definite));
        (of && self.capitalised(town)).then(|| self.run_end(town))
    }

    /// `Les Films du Large`, `Haut Conseil des finances`
    fn with_article(&self, at: usize) -> Option<usize> {
        let great = matches!(self.word(at), "Haut" | "Haute" | "Grand" | "Grande");
        let article = great || matches!(self.word(at), "Le" | "La" | "Les") && !self.opens(at);
        if !article || !self.capitalised(at + 1) || self.known(at).is_some() {
            return None;
        }
        let institution = self.institution(at + 1)?;
        (institution.tokens.len() > 1).then_some(institution.tokens.end)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::super::tokens::TokenizedSentence;
    use super::*;

    #[test]
    fn every_form_reads_its_examples() {
        for compound in COMPOUNDS {
            assert!(!compound.yes.is_empty() && !compound.no.is_empty());
            let read = |text: &'static str| {
                let sentence = TokenizedSentence::alone(text);
                let lower = HashSet::new();
                let spotter = Spotter::new(&sentence, &lower);
                let tokens = &sentence.tokens;
                let mut found = (0..tokens.len()).filter_map(|at| {
                    let begins = tokens[at].is_capitalised()
                        && !(tokens[at].is(Class::Function) && spotter.opens(at));
                    let end = begins.then(|| (compound.end)(&spotter, at))??;
                    Some(&text[tokens[at].start..tokens[end - 1].end()])
                });
                found.next()
            };
            for (text, name) in compound.yes {
                assert_eq!(read(text), Some(*name), "{}: {text}", compound.name);
            }
            for text in compound.no {
                assert_eq!(read(text), None, "{}: {text}", compound.name);
            }
        }
    }
}
