//! What is read as figures: an ordered table of rules, each with examples.

use super::super::classes::{Class, classes};
use super::super::tokens::Token;
use super::super::types::Qualifier;
use super::super::units::{TimeUnit, Unit};
use super::{Counted, Number, Reader, Reading, french_scale, scaled};

/// A form of figures.
pub(super) struct FigureRule {
    pub name: &'static str,
    /// What begins at a token, where a number may begin.
    pub read: fn(&Reader, usize, Option<&Number>) -> Option<Reading>,
    /// Texts, and the values read from each with their units.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    yes: &'static [(&'static str, &'static [(f64, &'static str)])],
    /// Texts from which the rule reads nothing.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    no: &'static [&'static str],
}

/// In order of precedence.
pub(super) const RULES: &[FigureRule] = &[
    FigureRule {
        name: "share",
        read: |reader, _, number| reader.share(number?),
        yes: &[
            ("trois Français sur quatre", &[(75.0, "%")]),
            ("un établissement sur cinq", &[(20.0, "%")]),
            ("6 Chiliens sur 10", &[(60.0, "%")]),
            ("trois de nos usines sur cinq", &[(60.0, "%")]),
            ("près d'un sur deux", &[(50.0, "%")]),
            ("deux habitants du bassin sur trois", &[(66.7, "%")]),
        ],
        no: &[
            "12 sièges sur 35",
            "trois pages sur la guerre",
            "24 heures sur 24",
            "un homme tire sur deux passants",
        ],
    },
    FigureRule {
        name: "fraction",
        read: |reader, at, number| reader.fraction(at, number),
        yes: &[
            ("les deux tiers des communes", &[(66.7, "%")]),
            ("les trois quarts des foyers", &[(75.0, "%")]),
            ("la moitié de l'effectif", &[(50.0, "%")]),
            ("plus d'un cinquième de sa valeur", &[(20.0, "%")]),
            ("un tiers de plus", &[(33.3, "%")]),
            ("un quart s'est abstenu", &[(25.0, "%")]),
            ("un quart de million d'euros", &[(250_000.0, "EUR")]),
            ("trois quarts d'un milliard de dollars", &[(75e7, "USD")]),
        ],
        no: &[
            "un quart d'heure",
            "le tiers payant",
            "la première moitié",
            "un cinquième homme",
            "un quart de finale",
        ],
    },
    FigureRule {
        name: "range",
        read: |reader, _, number| reader.range(number?),
        yes: &[
            (
                "entre 50 et 70 personnes",
                &[(50.0, "people"), (70.0, "people")],
            ),
            ("de 26 à 40 ans", &[(26.0, "years"), (40.0, "years")]),
            (
                "de 40 à 60 000 euros",
                &[(40_000.0, "EUR"), (60_000.0, "EUR")],
            ),
            ("7 à 8.000 euros", &[(7_000.0, "EUR"), (8_000.0, "EUR")]),
            ("4 à 5 millions d'euros", &[(4e6, "EUR"), (5e6, "EUR")]),
            ("de 12,5 à 14,2 milliards", &[(12.5e9, ""), (14.2e9, "")]),
            ("10 à 12 M de chiens", &[(10e6, "chiens"), (12e6, "chiens")]),
            ("de 70 à 50 km/h", &[(70.0, "km/h"), (50.0, "km/h")]),
            ("entre -5 et 2 °C", &[(-5.0, "°C"), (2.0, "°C")]),
            ("de -3 à -8 °C", &[(-3.0, "°C"), (-8.0, "°C")]),
        ],
        no: &["3 hommes et 4 femmes", "5 et 6 voitures"],
    },
    FigureRule {
        name: "range of times",
        read: |reader, _, number| reader.range_of_times(number?),
        yes: &[
            (
                "de trois semaines à un mois",
                &[(3.0, "weeks"), (1.0, "months")],
            ),
            ("de 6 mois à 1 an", &[(6.0, "months"), (1.0, "years")]),
        ],
        no: &["deux mois et un jour", "trois ans à Paris"],
    },
    FigureRule {
        name: "number",
        read: |reader, _, number| reader.plain(number?),
        yes: &[
            ("900 visiteurs", &[(900.0, "people")]),
            ("12,5 %", &[(12.5, "%")]),
            ("quarante-huit nouveaux foyers", &[(48.0, "foyers")]),
            ("les 60 dernières années", &[(60.0, "years")]),
            ("24 millions de Yéménites", &[(24e6, "people")]),
            ("un demi-million d'euros", &[(500_000.0, "EUR")]),
            ("un séisme de magnitude 4,1", &[(4.1, "magnitude")]),
            ("une magnitude de 5", &[(5.0, "magnitude")]),
            ("Le nombre de morts s'élève à 45.", &[(45.0, "people")]),
            ("Ils sont plus de 300 à avoir signé", &[(300.0, "people")]),
            (
                "évalue à 26 000 le nombre de demandes en attente",
                &[(26_000.0, "demandes")],
            ),
        ],
        no: &[
            "ce chiffre 10 seraient",
            "le deux",
            "quatre permettent",
            "10 permet",
            "en 2016 au-dessus",
        ],
    },
];

impl Reader<'_> {
    /// `trois Français sur quatre`: a share of all, in percent.
    fn share(&self, part: &Number) -> Option<Reading> {
        /// Tokens between the parts, at most: `deux habitants du bassin sur trois`.
        const REACH: usize = 6;
        /// Wholes that make a share; others count what there is: `12 sièges sur 35`.
        const WHOLES: [f64; 10] = [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 100.0];
        let on = (part.end..part.end + REACH)
            .take_while(|&at| self.tokens.get(at).is_some_and(Token::is_word))
            .find(|&at| self.word(at) == "sur")?;
        let whole = self.number(on + 1)?;
        let nouns = &self.tokens[part.end..on];
        let is_verb = |word: &str| super::super::dates::tense(word).is_some();
        let clause = nouns.iter().any(|token| {
            token.is_lower(Class::Auxiliary)
                || token.is_lower(Class::Relative)
                || token.is(Class::Pronoun)
                || is_verb(token.text)
        });
        // `un homme tire sur deux passants`
        let counts = self.counted(whole.end).unit.is_some()
            && whole.digits == part.digits
            && !matches!(self.word(whole.end), "en" | "a" | "est" | "ont" | "sont");
        let time = matches!(self.unit_at(part.end), Some((Unit::Time(_), _)));
        let share = part.value.fract() == 0.0
            && part.value < whole.value
            && WHOLES.contains(&whole.value)
            && !part.approximate;
        if !share || clause || counts || time || whole.large || part.large {
            return None;
        }
        let counted = Counted {
            unit: Some(Unit::Percent),
            noun: None,
            end: whole.end,
        };
        let qualifier = self.qualifier(part, &counted);
        let mut figure = self.figure(part, counted, qualifier);
        figure.value = percent(part.value, whole.value);
        Some(Reading {
            figures: vec![figure],
            end: whole.end,
        })
    }

    /// The scale and the end of `de million`, `d'un milliard` behind a fraction.
    fn scale_of_fraction(&self, at: usize) -> Option<(u64, usize)> {
        let of = self.is(at, Class::Of);
        let at = at + 1 + usize::from(self.word(at + 1) == "un");
        let scale = french_scale(self.word(at)).filter(|scale| *scale > 1_000)?;
        (of && !self.word(at).ends_with('s')).then_some((scale, at + 1))
    }

    /// `les deux tiers`, `la moitié de`, in percent; `un quart de million`.
    fn fraction(&self, at: usize, number: Option<&Number>) -> Option<Reading> {
        let half = self.word(at) == "moitié"
            && matches!(self.before(at, 1).as_str(), "la" | "de")
            && (self.is(at + 1, Class::Of) || self.word(at + 1) == "moins");
        let (part, end) = match number {
            _ if half => (1.0, at + 1),
            Some(number) if number.value <= 4.0 && !number.approximate => {
                (number.value, number.end + 1)
            }
            // `le tiers des communes`
            _ if matches!(self.word(at), "tiers" | "quart")
                && self.before(at, 1) == "le"
                && self.is(at + 1, Class::Of) =>
            {
                (1.0, at + 1)
            }
            _ => return None,
        };
        let whole = parts_of_whole(self.word(end - 1))?;
        // A fraction is of something, or more or less; others are ordinals: `un cinquième homme`.
        let next = self.word(end);
        let of = self.is(end, Class::Of)
            && !matches!(
                self.word(end + 1),
                "heure" | "heures" | "finale" | "tour" | "siècle" | "page"
            );
        let ends = next.is_empty()
            || !self.tokens[end].is_word()
            || matches!(
                next,
                "en" | "sont"
                    | "ont"
                    | "environ"
                    | "seulement"
                    | "est"
                    | "a"
                    | "et"
                    | "ou"
                    | "s'"
                    | "se"
                    | "n'"
                    | "ne"
                    | "avait"
                    | "avaient"
                    | "était"
                    | "étaient"
            );
        if part >= whole || !(of || ends) || whole > 4.0 && !of {
            return None;
        }
        let first = number.map_or(at, |number| number.first);
        if let Some((scale, end)) = self.scale_of_fraction(end) {
            return self.plain(&Number {
                value: scaled(part / whole, scale),
                first,
                end,
                digits: false,
                approximate: false,
                large: true,
            });
        }
        let number = Number {
            value: percent(part, whole),
            first,
            end,
            digits: false,
            approximate: false,
            large: false,
        };
        let counted = Counted {
            unit: Some(Unit::Percent),
            noun: None,
            end,
        };
        let qualifier = self.qualifier(&number, &counted);
        Some(Reading {
            figures: vec![self.figure(&number, counted, qualifier)],
            end,
        })
    }

    /// `trois semaines à un mois`, `de 6 mois à 1 an`: a range of times, each in its own unit.
    fn range_of_times(&self, low: &Number) -> Option<Reading> {
        let is_time = |unit: &Option<Unit>| matches!(unit, Some(Unit::Time(_)));
        let short = self.counted(low.end);
        let joins = matches!(self.word(short.end), "à" | "et")
            && (self.word(short.end) == "à" || self.before(low.first, 1) == "entre");
        if !joins || !is_time(&short.unit) {
            return None;
        }
        let article = matches!(self.word(short.end + 1), "un" | "une");
        let high = match article {
            true => Number {
                value: 1.0,
                first: short.end + 1,
                end: short.end + 2,
                digits: false,
                approximate: false,
                large: false,
            },
            false => self.number(short.end + 1)?,
        };
        let long = self.counted(high.end);
        if long.unit == short.unit || !is_time(&long.unit) {
            return None;
        }
        let end = long.end;
        Some(Reading {
            figures: vec![
                self.figure(low, short, Some(Qualifier::AtLeast)),
                self.figure(&high, long, Some(Qualifier::AtMost)),
            ],
            end,
        })
    }

    /// `entre 50 et 70 personnes`, `de 26 à 40 ans`, `12-13 ans`: a range in one unit.
    pub(super) fn range(&self, low: &Number) -> Option<Reading> {
        // The first number may have its own unit: `de 10 % à 20 %`.
        let own = self.unit_at(low.end);
        let joint = own.as_ref().map_or(low.end, |(_, end)| *end);
        let sign = |at: usize| matches!(self.word(at), "-" | "−" | "–" | "+" | "moins");
        let signed_low = low.first.checked_sub(1).is_some_and(sign);
        let before = self.before(low.first, 1 + usize::from(signed_low));
        let range = match self.word(joint) {
            // `âgés de 22 et 23 ans`
            "et" => before == "entre" || own.is_none(),
            "à" | "-" | "–" => true,
            "ou" => low.digits && own.is_none(),
            _ => false,
        };
        if !range {
            return None;
        }
        let signed_high = sign(joint + 1);
        let high = self.number(joint + 1 + usize::from(signed_high))?;
        if high.digits != low.digits || high.approximate {
            return None;
        }
        let mut counted = self.counted(high.end);
        // `de 12,5 à 14,2 milliards`
        let unit = counted.unit.clone();
        if unit.is_none() && !high.large {
            return None;
        }
        let measures = unit.as_ref().is_none_or(Unit::measures);
        let own_differs = own.is_some_and(|(own, _)| Some(own) != unit);
        // `4 à 5 millions`, `40 à 60 000 euros`: the scale is of both.
        let thousands = scaled(low.value, 1000);
        let value = if low.value < 1000.0 && high.large && !low.large {
            scaled(low.value, self.scale_of(&high))
        } else if low.value < 1000.0
            && high.value >= if low.value < 10.0 { 2_000.0 } else { 10_000.0 }
            && thousands < high.value
            && high.value < 10.0 * thousands
            && high.value % 1000.0 == 0.0
        {
            thousands
        } else {
            low.value
        };
        // `abaissée de 70 à 50 km/h`
        let each = self.word(joint) == "et" && before != "entre";
        if each && !measures {
            return None;
        }
        let signed = signed_low || signed_high;
        let falls = value > high.value && before == "de" && measures;
        if own_differs
            || value >= high.value && !falls && !signed
            || unit == Some(Unit::Time(TimeUnit::Hours)) && before == "de"
        {
            return None;
        }
        // A rise from one value to another is no range.
        let moved = low.first >= 2
            && before == "de"
            && (2..=MOVE_REACH).any(|back| {
                let word = self.before(low.first, back);
                MOVES.iter().any(|stem| word.starts_with(stem)) && !word.starts_with("passag")
            });
        let (at_least, at_most) = match moved || falls || each || self.word(joint) == "ou" {
            true => (None, None),
            false => (Some(Qualifier::AtLeast), Some(Qualifier::AtMost)),
        };
        let end = counted.end;
        let noun = counted.noun.clone();
        counted.end = end;
        let low = Number { value, ..*low };
        let first = Counted { unit, noun, end };
        Some(Reading {
            figures: vec![
                self.figure(&low, first, at_least),
                self.figure(&high, counted, at_most),
            ],
            end,
        })
    }

    /// The product of the `milliers` and `millions` in the number.
    fn scale_of(&self, number: &Number) -> u64 {
        self.tokens[number.first..number.end]
            .iter()
            .enumerate()
            .filter_map(|(index, token)| {
                french_scale(token.text).or_else(|| self.scale_symbol(number.first + index))
            })
            .fold(1, u64::saturating_mul)
    }

    /// One number with what it counts.
    fn plain(&self, number: &Number) -> Option<Reading> {
        // `une trentaine embauchés` counts who was counted before.
        let counted = match number.approximate && !matches!(self.word(number.end), "de" | "d'") {
            true => Counted {
                end: number.end,
                ..Counted::default()
            },
            false => self.counted(number.end),
        };
        let qualifier = self
            .qualifier(number, &counted)
            .or_else(|| self.shared_limit(number));
        if !self.matters(number, &counted, qualifier) {
            return None;
        }
        let end = number.end.max(counted.end);
        let figure = self.figure(number, counted, qualifier);
        // What nothing says what it counts is worth nothing, but for sums.
        if figure.unit.is_none() && !number.large {
            return None;
        }
        Some(Reading {
            figures: vec![figure],
            end,
        })
    }

    /// `jusqu'à 3 ans et 45 000 euros`: the limit holds for both.
    fn shared_limit(&self, number: &Number) -> Option<Qualifier> {
        let before = self.found.last();
        let before = before.filter(|before| before.qualifier == Some(Qualifier::AtMost))?;
        let end = self
            .tokens
            .partition_point(|token| token.start < before.mention.range.end);
        let between = self.tokens.get(end..number.first)?;
        let joined = (1..=3).contains(&between.len())
            && between
                .iter()
                .all(|token| token.is_word() && !token.is_capitalised())
            && self.word(number.first - 1) == "et";
        joined.then_some(Qualifier::AtMost)
    }

    /// Whether the number is worth reporting.
    fn matters(&self, number: &Number, counted: &Counted, qualifier: Option<Qualifier>) -> bool {
        let unit = counted.unit.as_ref();
        let before = self.before(number.first, 1);
        if number.digits {
            let bare = unit.is_none();
            // A bare year was not found to be a date; a small bare number says nothing.
            return !bare
                || number.large
                || qualifier.is_some()
                || number.value.fract() != 0.0
                || self.is_compared(number)
                || self.quantity_before(number).is_some()
                || self.is_of_whole(number)
                || self.takes_up(number)
                || self.in_number_of(number).is_some()
                || self.is_number_of_people(number)
                || self.were(number)
                || (number.value >= 100.0 && !self.may_be_year(number));
        }
        // `deux heures et demie`
        if number.approximate || number.large || unit.is_some() && self.is_half(counted.end) {
            return true;
        }
        let measured = counted.noun.is_none() && unit.is_some();
        let casualty = |noun: &str| {
            classes(noun).has(Class::People) && CASUALTIES.iter().any(|stem| noun.starts_with(stem))
        };
        if number.value <= 1.0 {
            return counted.noun.as_deref().is_some_and(casualty);
        }
        // `les deux hommes` were counted before.
        let known = DEFINITE.contains(&before.as_str()) && number.value < 10.0;
        // Years are mostly ages.
        let duration = number.value < 3.0
            && matches!(unit, Some(Unit::Time(unit)) if *unit != TimeUnit::Years);
        if unit
            .and_then(Unit::french_noun)
            .is_some_and(|noun| COUNTING_NOTHING.contains(&noun))
        {
            return false;
        }
        let others = self.word(number.end) == "autres";
        if unit.is_none() && number.value >= 3.0 && self.takes_up(number) {
            return true;
        }
        unit == Some(&Unit::People) && !known
            || others && self.understood(number).0.is_some()
            || measured && !duration
            || measured && qualifier.is_some()
            || number.value >= 2.0 && unit.is_some() && !known && !duration
            || unit.is_none() && number.value >= 10.0 && self.is_compared(number)
            || unit.is_none() && self.is_part(number)
    }
}

impl Reader<'_> {
    /// Whether a number can be a year: `1 500` cannot.
    fn may_be_year(&self, number: &Number) -> bool {
        let text = self.tokens[number.first].text;
        (1500.0..2100.0).contains(&number.value) && text.len() == 4
    }
}

/// To one decimal.
fn percent(part: f64, whole: f64) -> f64 {
    (1000.0 * part / whole).round() / 10.0
}

/// Prefixes of verbs for a change from one value to another: `passé de 2 à 3 millions`.
const MOVES: [&str; 9] = [
    "pass", "augment", "baiss", "grimp", "bond", "chut", "mont", "recul", "tomb",
];

/// Most words back from a number to the verb of its change: `passée en un an de 900 à 3 400 euros`.
const MOVE_REACH: usize = 5;

/// Prefixes of nouns for victims, whose number is reported even if it is 1.
const CASUALTIES: [&str; 4] = ["mort", "bless", "tué", "disparu"];

/// Words before a number of things that the text has counted already.
const DEFINITE: [&str; 7] = ["les", "ces", "des", "aux", "l'", "tous", "toutes"];

/// Nouns after a number that count nothing: `deux fois`, `à trois reprises`.
const COUNTING_NOTHING: [&str; 5] = ["fois", "reprises", "côtés", "choses", "titres"];

/// How many parts of a fraction make the whole: 3 for `tiers`.
fn parts_of_whole(noun: &str) -> Option<f64> {
    Some(match noun {
        "moitié" => 2.0,
        "tiers" => 3.0,
        "quart" | "quarts" => 4.0,
        "cinquième" | "cinquièmes" => 5.0,
        "sixième" | "sixièmes" => 6.0,
        "dixième" | "dixièmes" => 10.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::tokens::TokenizedSentence;
    use super::super::super::types::FigureMention;
    use super::*;

    #[test]
    fn every_rule_reads_its_examples() {
        for rule in RULES {
            assert!(!rule.yes.is_empty() && !rule.no.is_empty(), "{}", rule.name);
            let read = |text: &str| -> Vec<(f64, String)> {
                let sentence = TokenizedSentence::alone(text);
                let reader = Reader::of(&sentence);
                let found = (0..sentence.tokens.len()).find_map(|at| {
                    let number = reader.number(at);
                    (rule.read)(&reader, at, number.as_ref())
                });
                let figures = found.map_or(Vec::new(), |found| found.figures);
                let unit = |figure: &FigureMention| {
                    figure
                        .unit
                        .as_ref()
                        .map_or(String::new(), ToString::to_string)
                };
                figures
                    .iter()
                    .map(|figure| (figure.value, unit(figure)))
                    .collect()
            };
            for (text, expected) in rule.yes {
                let expected: Vec<_> = expected
                    .iter()
                    .map(|(value, unit)| (*value, (*unit).to_owned()))
                    .collect();
                assert_eq!(read(text), expected, "{}: {text}", rule.name);
            }
            for text in rule.no {
                assert_eq!(read(text), [], "{}: {text}", rule.name);
            }
        }
    }
}
