//! Words beside a name that decide what it is, whatever else speaks for it: `la société X`, `X, filiale
//! de`, `à X (Jura)`. A table of rules, each with examples. The weights of the fitted model know what names
//! it has seen; these rules are for names that nobody has seen before.

use std::ops::Range;

use super::super::classes::{Class, classes};
use super::super::lexicon;
use super::super::tokens::TokenKind;
use super::context::NameContext;
use super::roles::is_adjectival;
use super::spot::is_demonym;
use super::weights::Points;
use super::{NameKind, in_title_case, sex};

/// Words beside a name, and the kind that it is by them.
pub(super) struct Clue {
    pub name: &'static str,
    kind: NameKind,
    holds: fn(&NameContext) -> bool,
    /// Texts in which `Xan`, or `Nadia`, is of this kind.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    yes: &'static [&'static str],
    /// Texts in which nothing says so.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    no: &'static [&'static str],
}

/// Log-odds that a clue adds to its kind, and those that it takes from the others.
const FOR: f32 = 6.0;
const AGAINST: f32 = 4.0;

/// The first that holds counts.
const CLUES: &[Clue] = &[
    Clue {
        name: "title",
        kind: NameKind::Person,
        holds: |name| {
            let stop = usize::from(name.before(1) == ".");
            sex::title(name.before(1 + stop)).is_some()
        },
        yes: &["selon M Xan, la", "M. Xan part", "Mme Xan,", "le Pr Xan a"],
        no: &["selon Xan, la", "C'est tout. Xan part"],
    },
    Clue {
        name: "words of English",
        kind: NameKind::Organisation,
        holds: |name| {
            let name = name.name();
            name.len() > 2
                && name[1..name.len() - 1]
                    .iter()
                    .any(|word| matches!(word.text, "the" | "of" | "and" | "for" | "against"))
        },
        yes: &["le groupe Xan of the Moon", "avec Xan Against the Sea"],
        no: &["avec Xan Roy", "avec Xan and"],
    },
    Clue {
        name: "someone of a country",
        kind: NameKind::Person,
        holds: |name| {
            let country = name.spot.start.checked_sub(1).is_some_and(|at| {
                name.tokens[at].is_capitalised() && is_demonym(name.tokens[at].text)
            });
            country
                && name.name().len() > 1
                && matches!(
                    name.before(2),
                    "le" | "la" | "l'" | "Le" | "La" | "L'" | "du" | "au"
                )
        },
        yes: &["devance le Japonais Xan Roy", "L'Italienne Xan Roy part"],
        no: &[
            "le Japonais Xan",
            "l'italien Xan Roy",
            "Les Italiens Xan Roy",
        ],
    },
    Clue {
        name: "member of a party",
        kind: NameKind::Person,
        holds: |name| {
            let party = name.in_brackets().is_some_and(|inside| {
                inside.len() >= 2 && inside.chars().all(|c| c.is_uppercase() || c == '-')
            });
            party && name.is_before(1, Class::Role)
        },
        yes: &["le syndicaliste Xan Roy (FO)", "la députée Xan (LR)"],
        no: &["le groupe Xan (LR)", "le maire Xan (Jura)", "le maire Xan"],
    },
    Clue {
        name: "first name with an age or role",
        kind: NameKind::Person,
        holds: |name| {
            let alone = matches!(name.name(), [only] if lexicon::is_first_name(only.text));
            let at = name.spot.end + 1 + usize::from(name.is(name.spot.end + 1, Class::Article));
            let aged = name.word(at + 1) == "ans";
            alone
                && name.after(1) == ","
                && (aged || name.is(at, Class::Role) && !name.word(at).ends_with('s'))
        },
        yes: &[
            "Nadia, 28 ans,",
            "soupire Nadia, la mère",
            "Nadia, infirmière,",
        ],
        no: &[
            "Xan, 28 ans",
            "Xan, la maire",
            "Nadia, 28 élèves",
            "Nadia, les élèves",
        ],
    },
    Clue {
        name: "place in brackets",
        kind: NameKind::Place,
        holds: |name| name.is_placed_in_brackets(),
        yes: &[
            "un incendie à Xan (Corrèze)",
            "Xan (29) attend",
            "à Xan (Haute-Saône), il part",
        ],
        no: &["à Xan (Jean)", "à Xan, il part", "le député Xan (Paris)"],
    },
    Clue {
        name: "place behind a comma",
        kind: NameKind::Place,
        holds: |name| name.is_placed_by_comma(),
        yes: &[
            "À Xan, en Moselle, le feu",
            "à Xan, dans la Creuse",
            "à Xan, près de Lyon",
            "à Xan, une commune du Jura",
            "au lycée professionnel de Xan, dans le Tarn,",
        ],
        no: &[
            "à Xan, en colère",
            "à Xan, le maire",
            "Xan, en Moselle depuis lundi",
        ],
    },
    Clue {
        name: "dateline",
        kind: NameKind::Place,
        holds: |name| name.is_dateline(),
        yes: &[
            "XAN (Reuters) - Le pont",
            "XAN, 3 mars (AFP) – Le pont",
            "XAN (correspondance) – Le pont",
            "Xan (AFP) — Le pont",
            "XAN (correspondance) – La sénatrice",
        ],
        no: &["XAN (CGT), syndicat", "Le XAN (AFP) – ", "Xan – le pont"],
    },
    Clue {
        name: "site of a town",
        kind: NameKind::Place,
        holds: |name| name.is_of_site(),
        yes: &[
            "le festival de Xan",
            "la gare de Xan",
            "le maire des Xans",
            "un entrepôt des Xans",
            "les habitants d'Xan",
            "la coopérative laitière de Xan",
        ],
        no: &[
            "le festival Xan",
            "la gare de M. Xan",
            "l'avenir des Xans",
            "les amis de Xan",
        ],
    },
    Clue {
        name: "word of places",
        kind: NameKind::Place,
        holds: |name| {
            const LEADS: [&str; 12] = [
                "Kfar", "Beit", "Deir", "Oued", "Wadi", "Aïn", "Tell", "Port", "Fort", "Las",
                "Los", "Djebel",
            ];
            const ENDS: [&str; 14] = [
                "Harbour", "Harbor", "Bay", "River", "Island", "Beach", "Valley", "Creek", "Lake",
                "County", "Street", "Square", "Avenue", "Springs",
            ];
            let [first, .., last] = name.name() else {
                return false;
            };
            let someone = name.is_full_name() || name.is_before(1, Class::Role);
            !someone && (LEADS.contains(&first.text) || ENDS.contains(&last.text))
        },
        yes: &["vers Xan Harbour", "à Kfar Xan"],
        no: &["Harbour a gagné", "l'acteur Xan Lake", "Xan Roy"],
    },
    Clue {
        name: "legal form",
        kind: NameKind::Organisation,
        holds: |name| name.has_legal_form(),
        yes: &["l'allemand Xan AG a", "Xan SAS", "sur Xan-TV"],
        no: &["Xan", "Xan Roy"],
    },
    Clue {
        name: "firm announced",
        kind: NameKind::Organisation,
        holds: |name| name.is_announced_firm(),
        yes: &[
            "la société Xan a",
            "le groupe énergétique Xan",
            "la start-up lyonnaise Xan",
            "le chimiste Xan",
            "l'usine Xan de Lyon",
            "les sociétés Ardo, Xan et Belm",
            "deux concurrents, Xan et Belm,",
            "le cabinet d'audit Xan",
            "Le bailleur social, Xan Habitat, assure",
            "le studio lyonnais Xan",
            "l'association Nadia Up",
            "son parti, le Xan",
        ],
        no: &[
            "la société de Xan",
            "le maire Xan",
            "le groupe à Xan",
            "la station Xan",
        ],
    },
    Clue {
        name: "firm of a country",
        kind: NameKind::Organisation,
        holds: |name| {
            let adjective = name.before(1);
            let origin = adjective.starts_with(char::is_lowercase)
                && (is_demonym(adjective) && is_adjectival(adjective)
                    || name.is_before(1, Class::Demonym));
            origin
                && name.is_single_unknown()
                && matches!(name.before(2), "le" | "l'" | "du" | "au" | "Le" | "L'")
        },
        yes: &[
            "celle du taïwanais Xan",
            "L'allemand Xan va",
            "le suédois Xan",
        ],
        no: &[
            "le maire allemand Xan",
            "le Suédois Xan",
            "le socialiste Xan",
        ],
    },
    Clue {
        name: "firm by apposition",
        kind: NameKind::Organisation,
        holds: |name| name.is_apposed_firm(),
        yes: &[
            "Xan, filiale de Nordis,",
            "Xan, spécialiste des batteries,",
            "Xan, une société de Lyon,",
            "Xan, le numéro un du secteur,",
            "Xan, qui emploie 30 personnes",
        ],
        no: &["Xan, une maison", "Xan, le maire", "Xan, qui part"],
    },
    Clue {
        name: "part of a firm",
        kind: NameKind::Organisation,
        holds: |name| name.is_owner(),
        yes: &[
            "le rachat de Xan",
            "la filiale française de Xan",
            "les salariés de Xan",
            "la PDG de Xan",
            "le directeur général de Xan",
            "la fondatrice de Xan",
            "la reprise d'Ardo par Xan",
        ],
        no: &[
            "le départ de Xan",
            "le maire de Xan",
            "les habitants de Xan",
            "l'usine de Xan",
        ],
    },
    Clue {
        name: "maker of a work",
        kind: NameKind::Organisation,
        holds: |name| name.is_maker_of_work(),
        yes: &[
            "un film distribué par Xan en salles",
            "un livre paru chez Xan",
            "des masques fabriqués par Xan",
        ],
        no: &["élu par Xan", "un film produit par Nadia", "un film de Xan"],
    },
    Clue {
        name: "body of someone",
        kind: NameKind::Organisation,
        holds: |name| name.is_body_of_someone(),
        yes: &["soupire Paul Roy, de Xan.", "dit Paul Roy, du Xan."],
        no: &[
            "Il part, de Xan",
            "Nadia Roy, de Saint-Xan",
            "Nadia, de Xan",
        ],
    },
    Clue {
        name: "home of someone",
        kind: NameKind::Place,
        holds: |name| name.is_home(),
        yes: &[
            "originaire de Xan, il",
            "Parti de Xan jeudi",
            "un garagiste de Xan a",
            "une infirmière de Xan",
            "Xan-sur-Mer attend",
        ],
        no: &[
            "l'avocat de Xan",
            "parti avec Xan",
            "un ami de Nadia",
            "Xan-Marie part",
        ],
    },
    Clue {
        name: "listed with organisations",
        kind: NameKind::Organisation,
        holds: |name| {
            name.is_single_unknown()
                && name.is_listed_with(|it| lexicon::organisation(it).is_some())
        },
        yes: &["Renault, Xan et la SNCF", "Xan et Airbus", "la SNCF et Xan"],
        no: &["Renault a Xan", "Renault, dont Xan", "Paris et Xan"],
    },
    Clue {
        name: "listed with places",
        kind: NameKind::Place,
        holds: |name| {
            let governed = |word| matches!(word, "à" | "À" | "de" | "entre" | "d'");
            name.is_single_unknown()
                && governed(name.before(3))
                && name.before(1) == "et"
                && lexicon::place(name.before(2)).is_some()
        },
        yes: &["à Lyon et Xan", "entre Lyon et Xan"],
        no: &["Lyon et Xan", "à Jean et Xan", "à Lyon, Xan"],
    },
    Clue {
        name: "chez",
        kind: NameKind::Organisation,
        holds: |name| {
            let first = name
                .name()
                .first()
                .is_some_and(|it| lexicon::is_first_name(it.text));
            !first && matches!(name.before(1), "chez" | "Chez")
        },
        yes: &[
            "chez Xan, on attend",
            "Chez Xan, on attend",
            "Chez Xan Systèmes, on attend",
        ],
        no: &["à Xan", "chez M. Xan", "chez Nadia"],
    },
    Clue {
        name: "deeds of a firm",
        kind: NameKind::Organisation,
        holds: |name| name.acts_as_firm(),
        yes: &[
            "Xan emploie 300 personnes",
            "Xan a été rachetée par Nordis",
            "Xan va supprimer 30 postes",
            "Xan supprime 30 emplois",
        ],
        no: &["Xan a été élue", "Xan va supprimer la taxe", "Xan arrive"],
    },
];

impl Clue {
    pub(super) fn points(&self) -> Points {
        let points = |kind| if self.kind == kind { FOR } else { -AGAINST };
        Points {
            person: points(NameKind::Person),
            organisation: points(NameKind::Organisation),
            place: points(NameKind::Place),
        }
    }
}

impl NameContext<'_> {
    /// What the words beside the name decide.
    pub(super) fn clue(&self) -> Option<&'static Clue> {
        CLUES.iter().find(|clue| (clue.holds)(self))
    }

    /// One word that is no first name.
    fn is_single_unknown(&self) -> bool {
        matches!(self.name(), [only] if !lexicon::is_first_name(only.text))
    }

    /// Whether the name can be someone's: it begins with a first name and goes on.
    fn is_full_name(&self) -> bool {
        self.name().len() > 1 && lexicon::is_first_name(self.name()[0].text)
    }

    /// `Xan (Corrèze)`, `Xan (29)`
    fn is_placed_in_brackets(&self) -> bool {
        if self.is_full_name() || self.is_before(1, Class::Role) {
            return false;
        }
        let Some(inside) = self.in_brackets() else {
            return false;
        };
        let number = inside.len() <= 3 && inside.parse::<u16>().is_ok_and(|it| it >= 1);
        let is_department =
            matches!(inside, "2A" | "2B") || number && (inside.len() > 1) && !self.is_aged();
        is_department || lexicon::place(inside).is_some()
    }

    /// `Jean (29)` gives an age.
    fn is_aged(&self) -> bool {
        lexicon::is_first_name(self.name()[0].text)
    }

    /// `à Xan, en Moselle`, `à Xan, près de`
    fn is_placed_by_comma(&self) -> bool {
        let of = matches!(self.before(1), "de" | "d'")
            && self.is_single_unknown()
            && !self.is_before(2, Class::Company)
            && self.word(self.spot.end + 1) == "dans";
        if !of && !matches!(self.before(1), "à" | "À") || self.after(1) != "," {
            return false;
        }
        let at = self.spot.end + 1;
        let place_at = |at: usize| {
            (1..=4).any(|length| {
                let (Some(first), Some(last)) =
                    (self.tokens.get(at), self.tokens.get(at + length - 1))
                else {
                    return false;
                };
                first.is_capitalised()
                    && lexicon::place(&self.text[first.start..last.end()]).is_some()
            })
        };
        match self.word(at) {
            "en" => place_at(at + 1),
            "dans" => place_at(at + 1) || self.is(at + 1, Class::Definite) && place_at(at + 2),
            "près" | "non" => true,
            "une" | "petite" | "commune" | "ville" | "village" | "un" => (at..at + 3).any(|at| {
                matches!(
                    self.word(at),
                    "commune"
                        | "ville"
                        | "village"
                        | "bourg"
                        | "hameau"
                        | "sous-préfecture"
                        | "bourgade"
                        | "cité"
                        | "localité"
                )
            }),
            _ => false,
        }
    }

    /// `LYON (Reuters) -`, `LYON, 3 mars (AFP) –`
    pub(super) fn is_dateline(&self) -> bool {
        if self.spot.start != 0 {
            return false;
        }
        // `NOUMÉA – Des heurts`
        let name = self.name();
        if name
            .iter()
            .all(|token| token.is_all_caps() || !token.is_word())
            && matches!(self.after(1), "-" | "–" | "—")
            && self
                .tokens
                .get(self.spot.end)
                .is_some_and(|dash| dash.spaced)
        {
            let text = &self.text[name[0].start..name[name.len() - 1].end()];
            return lexicon::place(&in_title_case(text)).is_some();
        }
        let opening = (self.spot.end..self.spot.end + 6).find(|&at| self.word(at) == "(");
        let Some(open) = opening else {
            return false;
        };
        let dated = self.tokens[self.spot.end..open].iter().all(|token| {
            token.text == ","
                || token.kind == TokenKind::Number
                || token.is(Class::Month)
                || token.is(Class::Weekday)
                || matches!(token.text, "le" | "er")
        });
        let close = (open + 1..open + 5).find(|&at| self.word(at) == ")");
        dated
            && close.is_some_and(|close| {
                let inside = &self.tokens[open + 1];
                let agency = inside.is_capitalised()
                    || ["correspond", "envoyé"]
                        .iter()
                        .any(|stem| inside.text.starts_with(stem));
                open + 1 < close && agency && matches!(self.word(close + 1), "-" | "–" | "—")
            })
    }

    /// `Nadia Roy, de Xan`
    fn is_body_of_someone(&self) -> bool {
        let Some(comma) = self.spot.start.checked_sub(2) else {
            return false;
        };
        let someone = comma >= 2
            && self.tokens[comma - 1].is_capitalised()
            && lexicon::is_first_name(self.word(comma - 2));
        matches!(self.before(1), "de" | "d'" | "du")
            && self.word(comma) == ","
            && someone
            && self.is_single_unknown()
            && !self.name()[0].text.contains('-')
    }

    /// `distribué par Xan`, `paru chez Xan`
    fn is_maker_of_work(&self) -> bool {
        const MADE: [&str; 16] = [
            "produit",
            "distribué",
            "édité",
            "publié",
            "fabriqué",
            "commercialisé",
            "exploité",
            "détenu",
            "contrôlé",
            "géré",
            "développé",
            "conçu",
            "racheté",
            "construit",
            "paru",
            "assemblé",
        ];
        let participle = self.before(2).trim_end_matches('s').trim_end_matches('e');
        matches!(self.before(1), "par" | "chez")
            && MADE.contains(&participle)
            && self.is_single_unknown()
    }

    /// `originaire de Xan`, `un garagiste de Xan`, `Xan-sur-Mer`
    fn is_home(&self) -> bool {
        let [only] = self.name() else {
            return false;
        };
        let parts: Vec<&str> = only.text.split('-').collect();
        let joined = parts.len() >= 3
            && parts[1..parts.len() - 1].iter().any(|it| {
                matches!(
                    *it,
                    "sur"
                        | "sous"
                        | "en"
                        | "de"
                        | "la"
                        | "le"
                        | "les"
                        | "lès"
                        | "du"
                        | "des"
                        | "aux"
                )
            });
        if joined {
            return true;
        }
        let origin = classes(&self.before(2).to_lowercase()).has(Class::Origin);
        let someone = self.is_before(2, Class::Role)
            && !self.is_before(2, Class::Speech)
            && matches!(self.before(3), "un" | "une" | "Un" | "Une")
            && !self.is_before(2, Class::Tie);
        matches!(self.before(1), "de" | "d'") && self.is_single_unknown() && (origin || someone)
    }

    /// `le festival de Xan`, `un entrepôt des Xans`
    fn is_of_site(&self) -> bool {
        let several = matches!(self.before(1), "des" | "aux");
        let ends = self
            .name()
            .last()
            .is_some_and(|last| last.text.ends_with(['s', 'x']));
        let governed = matches!(self.before(1), "de" | "d'") || several && ends;
        let adjective = is_adjectival(self.before(2)) && !self.is_before(2, Class::Site);
        let noun = 2 + usize::from(adjective);
        let site =
            self.is_before(noun, Class::Site) || several && self.is_before(2, Class::Building);
        governed && site && !self.is_full_name()
    }

    /// `Xan AG`, `Xan-TV`
    fn has_legal_form(&self) -> bool {
        const FORMS: [&str; 17] = [
            "SA", "SAS", "SASU", "SARL", "EURL", "SCOP", "Scop", "AG", "GmbH", "Inc", "Ltd",
            "Limited", "LLC", "SpA", "NV", "BV", "plc",
        ];
        let Some(last) = self.name().last() else {
            return false;
        };
        self.name().len() > 1 && FORMS.contains(&last.text) || last.text.ends_with("-TV")
    }

    /// `la société Xan`, `le groupe énergétique Xan`
    fn is_announced_firm(&self) -> bool {
        // `l'association Rose Up`
        const BEARERS: [&str; 9] = [
            "association",
            "société",
            "entreprise",
            "collectif",
            "ONG",
            "studio",
            "cabinet",
            "start-up",
            "fondation",
        ];
        if self.is_full_name() {
            return BEARERS.contains(&self.before(1));
        }
        let mut back = 1;
        let names_firm = self.is_before(1, Class::Maker) || self.is_before(1, Class::Company);
        if is_adjectival(self.before(1)) && !names_firm {
            back = 2;
        }
        let single = self.is_single_unknown();
        // `Le bailleur social, Xan Habitat, assure`
        let apposed = self.before(1) == ","
            && self.after(1) == ","
            && is_adjectival(self.before(2))
            && self.is_before(3, Class::Company);
        if apposed {
            return true;
        }
        let announces = |back| {
            self.is_before(back, Class::Company) || single && self.is_before(back, Class::Maker)
        };
        // `le cabinet d'audit Xan`
        let field = self.is_before(2, Class::Of)
            && self.is_before(3, Class::Company)
            && self.before(1).starts_with(char::is_lowercase)
            && !self.is_before(1, Class::Role);
        announces(back) || field || self.is_listed_firm() || self.is_firm_behind_comma()
    }

    /// `les sociétés Ardo, Xan et Belm`, `deux concurrents, Xan et Belm`
    fn is_listed_firm(&self) -> bool {
        let mut at = self.spot.start;
        while at > 0
            && (self.tokens[at - 1].is_capitalised() || matches!(self.word(at - 1), "," | "et"))
        {
            at -= 1;
        }
        let Some(noun) = at.checked_sub(1).map(|at| &self.tokens[at]) else {
            return false;
        };
        let singular = noun.text.strip_suffix('s').unwrap_or_default();
        let class = classes(singular);
        noun.is_word() && (class.has(Class::Company) || class.has(Class::Maker))
    }

    /// `son parti, le Xan`, `sa filiale, Xan`
    fn is_firm_behind_comma(&self) -> bool {
        let article = usize::from(matches!(self.before(1), "le" | "la" | "les" | "l'"));
        self.before(1 + article) == ","
            && self.is_before(2 + article, Class::Company)
            && (article > 0 || self.is_single_unknown())
    }

    /// `Xan, filiale de`, `Xan, une société`, `Xan, qui emploie`
    fn is_apposed_firm(&self) -> bool {
        let governed = matches!(self.before(1), "de" | "d'" | "à");
        if self.after(1) != "," || self.is_full_name() || governed {
            return false;
        }
        let mut at = self.spot.end + 1;
        if self.word(at) == "qui" {
            return matches!(
                self.word(at + 1),
                "emploie" | "employait" | "commercialise" | "fabrique" | "exploite"
            );
        }
        if self.is(at, Class::Article) {
            at += 1;
        }
        if matches!(
            self.word(at),
            "jeune" | "petite" | "grande" | "ancienne" | "première" | "autre"
        ) {
            at += 1;
        }
        let maker = self.is_single_unknown()
            && matches!(
                self.word(at),
                "spécialiste" | "concurrent" | "concurrente" | "pionnier"
            );
        maker
            || matches!(self.word(at), "numéro" | "leader" | "propriété" | "géant")
            || self.is(at, Class::Company)
    }

    /// `le rachat de Xan`, `la filiale française de Xan`
    fn is_owner(&self) -> bool {
        const PARTS: [&str; 33] = [
            "ancien",
            "anciens",
            "analystes",
            "analyste",
            "économistes",
            "stratégistes",
            "dockers",
            "rachat",
            "filiale",
            "filiales",
            "salariés",
            "salariées",
            "actionnaires",
            "actionnaire",
            "PDG",
            "patron",
            "patronne",
            "fondateur",
            "fondatrice",
            "cofondateur",
            "cofondatrice",
            "clients",
            "faillite",
            "concurrent",
            "concurrents",
            "reprise",
            "repreneur",
            "repreneurs",
            "dirigeants",
            "sous-traitants",
            "cession",
            "actions",
            "succursale",
        ];
        let part = |back| PARTS.contains(&self.before(back));
        let directs = || {
            matches!(self.before(2), "général" | "générale")
                && matches!(self.before(3), "directeur" | "directrice")
        };
        // `la reprise d'Ardo par Xan`
        let deal = |back| {
            let word = self.before(back);
            ["rachat", "reprise", "rachet", "repris", "absorb"]
                .iter()
                .any(|stem| word.starts_with(stem))
        };
        if self.before(1) == "par" && !self.is_full_name() && self.is_single_unknown() {
            return (2..=5).any(deal);
        }
        let governed = matches!(self.before(1), "de" | "d'");
        governed
            && !self.is_full_name()
            && (part(2) || directs() || is_adjectival(self.before(2)) && part(3))
    }

    /// Whether a name that the table knows stands beside it in a list, maybe behind an article.
    fn is_listed_with(&self, is_known: impl Fn(&str) -> bool) -> bool {
        let joins = |word: &str| matches!(word, "et" | "," | "ou");
        let text = |range: Range<usize>| {
            let tokens = self.tokens.get(range).filter(|tokens| !tokens.is_empty())?;
            let text = &self.text[tokens[0].start..tokens[tokens.len() - 1].end()];
            tokens[0].is_capitalised().then_some(text)
        };
        let from = self.spot.end + 1 + usize::from(self.is(self.spot.end + 1, Class::Definite));
        let to = self.spot.start.saturating_sub(1);
        let after = joins(self.after(1))
            && (1..=3).any(|length| text(from..from + length).is_some_and(&is_known));
        after
            || joins(self.before(1))
                && (1..=3.min(to)).any(|length| text(to - length..to).is_some_and(&is_known))
    }

    /// `Xan emploie 300 personnes`, `Xan a été rachetée`
    fn acts_as_firm(&self) -> bool {
        if self.is_full_name() || self.is_before(1, Class::Role) {
            return false;
        }
        let jobs = |from: usize| {
            (from..from + 5).any(|at| matches!(self.word(at), "postes" | "emplois" | "salariés"))
        };
        match self.after(1) {
            "emploie" | "employait" | "emploiera" | "commercialise" => true,
            "supprime" | "supprimera" | "crée" | "créera" | "licencie" | "compte" => {
                jobs(self.spot.end + 1)
            }
            "va" | "veut" | "prévoit" => {
                matches!(self.after(2), "supprimer" | "licencier" | "créer" | "de")
                    && jobs(self.spot.end + 2)
            }
            "a" | "avait" => {
                let verb = if self.after(2) == "été" { 3 } else { 2 };
                let passive = verb == 3
                    && ["rachet", "reprise", "revendu", "cédé", "liquidé"]
                        .iter()
                        .any(|stem| self.after(verb).starts_with(stem));
                passive
                    || matches!(self.after(verb), "supprimé" | "licencié" | "créé")
                        && jobs(self.spot.end + verb)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tokens::{Token, tokenize};
    use super::*;

    #[test]
    fn every_clue_tells_its_examples() {
        for clue in CLUES {
            assert!(!clue.yes.is_empty() && !clue.no.is_empty(), "{}", clue.name);
            let holds = |text: &str| {
                let tokens = tokenize(text);
                let is_name = |word: &str| {
                    matches!(word, "Nadia" | "Kfar" | "Harbour")
                        || word.to_lowercase().starts_with("xan")
                };
                let start = tokens.iter().position(|token| is_name(token.text)).unwrap();
                let rest = tokens[start + 1..].iter();
                let joins = |token: &&Token| {
                    matches!(token.text, "the" | "of" | "and" | "for") || token.is_capitalised()
                };
                let more = rest
                    .take_while(|token| joins(token) && token.spaced)
                    .count();
                (clue.holds)(&NameContext {
                    text,
                    tokens: &tokens,
                    spot: start..start + 1 + more,
                })
            };
            for text in clue.yes {
                assert!(holds(text), "{}: {text}", clue.name);
            }
            for text in clue.no {
                assert!(!holds(text), "{}: {text}", clue.name);
            }
        }
    }
}
