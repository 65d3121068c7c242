//! Checks what is expected of a case.

use std::fmt::Debug;

use super::case::{Case, Date, Figure, Kind, Not, Person, Quote};
use super::reading::{self, Reading};
use super::words::{common_words, contains, folded, overlap, words};

/// Whether one expectation holds.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The case and what is expected: `04-nuit: date 2 janvier`.
    pub(crate) expectation: String,
    /// What was found instead.
    pub(crate) failure: Option<String>,
}

impl Case {
    /// Checks every expectation.
    pub(crate) fn check(&self) -> Vec<Outcome> {
        let paragraphs = self.paragraphs.iter().map(String::as_str);
        let mut check = Check {
            case: self,
            reading: &Reading::of(paragraphs, self.date.as_deref()),
            outcomes: Vec::new(),
        };
        check.sentences();
        self.dates.iter().for_each(|date| check.date(date));
        self.figures.iter().for_each(|figure| check.figure(figure));
        self.people.iter().for_each(|person| check.person(person));
        self.quotes.iter().for_each(|quote| check.quote(quote));
        check.places();
        check.organisations();
        check.only();
        check.not(&self.not);
        check.outcomes
    }
}

struct Check<'a> {
    case: &'a Case,
    reading: &'a Reading,
    outcomes: Vec<Outcome>,
}

impl Check<'_> {
    fn expect(&mut self, what: impl AsRef<str>, holds: bool, found: impl Debug) {
        self.outcomes.push(Outcome {
            expectation: format!("{}: {}", self.case.name, what.as_ref()),
            failure: (!holds).then(|| format!("{found:?}")),
        });
    }

    fn sentences(&mut self) {
        if let Some(count) = self.case.sentences {
            let found = &self.reading.sentences;
            self.expect(format!("{count} sentences"), found.len() == count, found);
        }
    }

    fn date(&mut self, date: &Date) {
        let reading = self.reading;
        let found: Vec<_> = reading
            .dates
            .iter()
            .filter(|it| overlap(&it.as_written, &date.as_written))
            .collect();
        let holds = if found.is_empty() {
            accepts_none(&date.edtf)
        } else {
            found.iter().any(|it| is_date(it, &date.edtf))
        };
        self.expect(format!("date {}", date.as_written), holds, &found);
        if let Some(time) = &date.time {
            let holds = found.iter().any(|it| it.time.as_ref() == Some(time));
            self.expect(format!("time of {}", date.as_written), holds, &found);
        }
    }

    fn figure(&mut self, figure: &Figure) {
        let close = |found: f64, value: f64| (found - value).abs() < 0.006 * value.abs().max(1.0);
        let reading = self.reading;
        let found: Vec<_> = reading
            .figures
            .iter()
            .filter(|it| figure.value.iter().any(|value| close(it.value, *value)))
            .collect();
        let holds = match &figure.unit {
            None => !found.is_empty(),
            Some(units) => found.iter().any(|it| has_unit(it, units)),
        };
        self.expect(format!("figure {}", figure.value[0]), holds, &found);
    }

    /// A person is found once, under one name.
    fn person(&mut self, person: &Person) {
        let people = self.reading.people.iter();
        let found: Vec<_> = people.filter(|it| is_person(it, person)).collect();
        self.expect(format!("person {}", person.name), found.len() == 1, &found);
        if let Some(roles) = &person.role {
            let role = found.first().and_then(|it| it.role.as_deref());
            let holds = is_one_of(role, roles);
            self.expect(format!("role of {}", person.name), holds, role);
        }
    }

    fn quote(&mut self, quote: &Quote) {
        let expected = words(&quote.text);
        let reading = self.reading;
        let found: Vec<_> = reading
            .quotes
            .iter()
            .filter(|it| 4 * common_words(&expected, &words(&it.text)) >= 3 * expected.len())
            .collect();
        self.expect(
            format!("quote {}", quote.text),
            !found.is_empty(),
            &reading.quotes,
        );
        let holds = found
            .iter()
            .any(|it| is_one_of(it.speaker.as_deref(), &quote.speaker));
        self.expect(format!("speaker of {}", quote.text), holds, &found);
    }

    fn places(&mut self) {
        let found: Vec<_> = self.reading.places.iter().map(|it| &it.french).collect();
        for place in &self.case.places {
            let holds = found.iter().any(|it| overlap(it, place));
            self.expect(format!("place {place}"), holds, &found);
        }
    }

    fn organisations(&mut self) {
        let found = self.reading.organisations.iter();
        let found: Vec<_> = found.map(|it| it.french.replace('.', "")).collect();
        for organisation in &self.case.organisations {
            let holds = found.iter().any(|it| overlap(it, organisation));
            self.expect(format!("organisation {organisation}"), holds, &found);
        }
    }

    fn only(&mut self) {
        let Self { case, reading, .. } = *self;
        for kind in &case.only {
            match kind {
                Kind::Figures => {
                    let expected = |it: &&reading::Figure| {
                        case.figures
                            .iter()
                            .any(|figure| figure.value.contains(&it.value))
                    };
                    let others: Vec<_> =
                        reading.figures.iter().filter(|it| !expected(it)).collect();
                    self.expect("no other figures", others.is_empty(), &others);
                }
                Kind::People => {
                    let expected = |it: &&reading::Name| {
                        case.people.iter().any(|person| is_person(it, person))
                    };
                    let others: Vec<_> = reading.people.iter().filter(|it| !expected(it)).collect();
                    self.expect("no other people", others.is_empty(), &others);
                }
            }
        }
    }

    fn not(&mut self, not: &Not) {
        let Reading {
            dates,
            figures,
            people,
            places,
            organisations,
            quotes,
            ..
        } = self.reading;
        for date in &not.dates {
            let found = dates.iter().find(|it| it.as_written.contains(date));
            self.expect(format!("no date {date}"), found.is_none(), found);
        }
        for value in &not.figures {
            let found = figures.iter().find(|it| (it.value - value).abs() < 1e-9);
            self.expect(format!("no figure {value}"), found.is_none(), found);
        }
        for person in &not.people {
            let found = people
                .iter()
                .find(|it| folded(&it.french).contains(&folded(person)));
            self.expect(format!("no person {person}"), found.is_none(), found);
        }
        for (what, unwanted, found) in [
            ("place", &not.places, places),
            ("organisation", &not.organisations, organisations),
        ] {
            for name in unwanted {
                let found = found.iter().find(|it| folded(&it.french) == folded(name));
                self.expect(format!("no {what} {name}"), found.is_none(), found);
            }
        }
        for quote in &not.quotes {
            let found = quotes
                .iter()
                .find(|it| folded(&it.text).contains(&folded(quote)));
            self.expect(format!("no quote {quote}"), found.is_none(), found);
        }
    }
}

fn accepts_none(alternatives: &[String]) -> bool {
    alternatives.iter().any(String::is_empty)
}

/// Whether one of `alternatives` is in `text`, or stands for its absence.
fn is_one_of(text: Option<&str>, alternatives: &[String]) -> bool {
    let Some(text) = text.map(folded) else {
        return accepts_none(alternatives);
    };
    let mut named = alternatives.iter().filter(|it| !it.is_empty());
    named.any(|it| text.contains(&folded(it)))
}

fn is_date(found: &reading::Date, accepted: &[String]) -> bool {
    match found.edtf {
        None => accepts_none(accepted),
        Some(edtf) => accepted.iter().any(|it| it.parse() == Ok(edtf)),
    }
}

/// Whether the figure has one of the units, or counts one of them by its noun.
fn has_unit(found: &reading::Figure, units: &[String]) -> bool {
    let Some(unit) = &found.unit else {
        return accepts_none(units);
    };
    let counted = found.counted.as_deref().unwrap_or_default();
    units
        .iter()
        .any(|it| it == unit || contains(&found.as_written, it) || contains(counted, it))
}

fn is_person(found: &reading::Name, person: &Person) -> bool {
    contains(&found.french, &person.name) || contains(&found.english, &person.name)
}
