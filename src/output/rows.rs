//! The rows of a page's timeline, figures and places, each said once, whatever the page is written in.

use french::edtf::Edtf;

use super::words::{count_words, date_words, quantity};
use crate::summarize::{Event, Figure, KeyPoint, Place, PlaceKind, SentenceId, Summary};

/// The key points that are not in the abstract word for word. An article of one sentence has no other.
pub(super) fn key_points(summary: &Summary) -> Vec<&KeyPoint> {
    let points = summary.key_points.iter();
    points
        .filter(|point| !summary.abstract_.text.contains(point.text.trim()))
        .collect()
}

/// The English title, where the headline does not say it.
pub(super) fn title(summary: &Summary) -> Option<&str> {
    let plain = |text: &str| {
        text.trim_end_matches(['.', ',', ';', ':', ' '])
            .to_lowercase()
    };
    let title = summary.translation.title.as_deref()?;
    (plain(title) != plain(&summary.headline)).then_some(title)
}

/// The title as the source has it, unless it is the headline.
pub(super) fn original_title(summary: &Summary) -> Option<&str> {
    let title = summary.source.title.as_deref()?;
    (title != summary.headline).then_some(title)
}

/// What happened, with the dates that the article gives for it.
pub(super) struct TimelineRow<'a> {
    pub(super) events: Vec<(Edtf, &'a Event)>,
}

impl<'a> TimelineRow<'a> {
    /// `20 July 2023, 12:00`
    pub(super) fn when(&self) -> String {
        let dates = self.events.iter().map(|(date, event)| {
            let time = event.time.iter().map(String::as_str);
            std::iter::once(date_words(*date).as_str())
                .chain(time)
                .collect::<Vec<_>>()
                .join(", ")
        });
        dates.collect::<Vec<_>>().join("; ")
    }

    pub(super) fn text(&self) -> &'a str {
        &self.events[0].1.text
    }

    pub(super) fn sentence(&self) -> SentenceId {
        self.events[0].1.sentence
    }

    /// The expressions of the source.
    pub(super) fn as_written(&self) -> String {
        let written = self.events.iter().map(|(_, event)| &*event.as_written);
        written.collect::<Vec<_>>().join("; ")
    }
}

/// The events that have a date, in its order. What is said of several dates has one row.
pub(super) fn timeline(summary: &Summary) -> Vec<TimelineRow<'_>> {
    let events = summary.events.iter();
    let mut events: Vec<(Edtf, &Event)> = events
        .filter_map(|event| Some((event.date?, event)))
        .collect();
    events.sort_by_key(|(date, _)| date.sort_key());
    let mut rows: Vec<TimelineRow<'_>> = Vec::new();
    for (date, event) in events {
        let same = rows
            .iter_mut()
            .find(|row| row.sentence() == event.sentence && row.text() == event.text);
        match same {
            Some(row) => row.events.push((date, event)),
            None => rows.push(TimelineRow {
                events: vec![(date, event)],
            }),
        }
    }
    rows
}

/// The figures of one clause, or of one that goes on with another.
pub(super) struct FigureRow<'a> {
    pub(super) figures: Vec<&'a Figure>,
}

impl<'a> FigureRow<'a> {
    /// `52 political prisoners; 14 foreign nationals`
    pub(super) fn quantities(&self) -> String {
        let quantities = self.figures.iter().map(|figure| match named(figure) {
            Some(what) => count_words(figure, what),
            None => quantity(figure),
        });
        quantities.collect::<Vec<_>>().join("; ")
    }

    /// The clause that states them, of the translation: the longest, which has the others in it.
    pub(super) fn clause(&self) -> Option<&'a str> {
        let clauses = self.figures.iter().filter_map(|it| it.text.as_deref());
        clauses.max_by_key(|clause| clause.len())
    }

    /// What is counted, where the quantity does not say it.
    pub(super) fn what(&self) -> Option<&'a str> {
        let figure = self.figures[0];
        figure.what.as_deref().filter(|_| named(figure).is_none())
    }

    pub(super) fn sentence(&self) -> SentenceId {
        self.figures[0].sentence
    }

    /// The expressions of the source.
    pub(super) fn as_written(&self) -> String {
        // `900 à 3 400 euros` has the `3 400 euros` that follow.
        let mut written: Vec<&str> = Vec::new();
        for figure in &self.figures {
            if !written
                .iter()
                .any(|before| before.ends_with(&*figure.as_written))
            {
                written.push(&figure.as_written);
            }
        }
        written.join("; ")
    }
}

/// What a figure counts, where that says all that its unit says: `political prisoners` for people.
fn named(figure: &Figure) -> Option<&str> {
    let what = figure.what.as_deref()?;
    let unit = figure.unit.as_deref();
    let is_said = unit.is_none_or(|unit| unit == "people" || what.ends_with(unit));
    is_said.then_some(what)
}

/// The figures that say something, those of one clause in a row. A bare number says nothing.
pub(super) fn figures(summary: &Summary) -> Vec<FigureRow<'_>> {
    let figures = summary.quantities();
    let telling = figures.filter(|figure| figure.unit.is_some() || figure.what.is_some());
    let mut rows: Vec<FigureRow<'_>> = Vec::new();
    for figure in telling {
        let same = rows.last_mut().filter(|row| {
            row.sentence() == figure.sentence
                && (row.clause().zip(figure.text.as_deref()))
                    .is_some_and(|(one, other)| one.contains(other) || other.contains(one))
        });
        match same {
            Some(row) => row.figures.push(figure),
            None => rows.push(FigureRow {
                figures: vec![figure],
            }),
        }
    }
    rows
}

/// The places by their kind, the largest first; those of no kind last.
pub(super) fn places(summary: &Summary) -> Vec<(Option<&'static str>, Vec<&Place>)> {
    const KINDS: [(PlaceKind, Option<&str>); 5] = [
        (PlaceKind::Continent, Some("Continents")),
        (PlaceKind::Country, Some("Countries")),
        (PlaceKind::Region, Some("Regions")),
        (PlaceKind::City, Some("Cities")),
        (PlaceKind::Other, None),
    ];
    let of = |kind| summary.places.iter().filter(move |it| it.kind == kind);
    let rows = KINDS.map(|(kind, label)| (label, of(kind).collect::<Vec<_>>()));
    let rows = rows.into_iter();
    rows.filter(|(_, places)| !places.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use french::facts::Qualifier;

    fn fixture() -> Summary {
        serde_json::from_str(include_str!("../../tests/fixtures/summary.json")).unwrap()
    }

    #[test]
    fn one_clause_has_one_row() {
        let mut summary = fixture();
        let mut event = summary.events.remove(0);
        event.text = "Schools will stay closed".to_owned();
        event.time = None;
        let days = ["2025-03-05", "2025-03-04"];
        summary.events = days
            .map(|day| Event {
                date: day.parse().ok(),
                as_written: day.to_owned(),
                ..event.clone()
            })
            .to_vec();
        summary.events.push(Event {
            date: None,
            ..event
        });
        let rows = timeline(&summary);
        let [row] = &rows[..] else {
            panic!("{} rows", rows.len())
        };
        assert_eq!(row.when(), "4 March 2025; 5 March 2025");
        assert_eq!(row.as_written(), "2025-03-04; 2025-03-05");
    }

    #[test]
    fn figures_of_one_clause_are_named_by_what_they_count() {
        let mut summary = fixture();
        let figure = |value, unit: Option<&str>, what: Option<&str>, text: &str| Figure {
            value,
            unit: unit.map(str::to_owned),
            what: what.map(str::to_owned),
            text: Some(text.to_owned()),
            qualifier: None,
            upper: None,
            ..summary.figures[0].clone()
        };
        summary.figures = vec![
            figure(52.0, Some("people"), Some("prisoners"), "It freed 52"),
            figure(14.0, Some("people"), None, "It freed 52"),
            figure(3.0, Some("%"), None, "It freed 52, which is 3%"),
            figure(7.0, None, None, "It freed 52"),
            figure(3e6, Some("EUR"), Some("aid"), "It gave €3 million"),
        ];
        let rows = figures(&summary);
        let said: Vec<(String, Option<&str>)> = rows
            .iter()
            .map(|row| (row.quantities(), row.clause()))
            .collect();
        let expected = [
            ("52 prisoners; 14 people; 3%", "It freed 52, which is 3%"),
            ("EUR 3 million", "It gave €3 million"),
        ];
        let expected = expected.map(|(quantities, text)| (quantities.to_owned(), Some(text)));
        assert_eq!(said, expected);
    }

    #[test]
    fn a_range_is_one_row() {
        let mut summary = fixture();
        let end = |value, upper, qualifier| Figure {
            value,
            upper,
            unit: Some("%".to_owned()),
            what: None,
            qualifier: Some(qualifier),
            ..summary.figures[0].clone()
        };
        summary.figures = vec![
            end(10.0, Some(15.0), Qualifier::AtLeast),
            end(15.0, None, Qualifier::AtMost),
        ];
        let rows = figures(&summary);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].quantities(), "10–15%");
    }
}
