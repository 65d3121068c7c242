//! Dates relative to the last one that the text named: `la veille`, `deux ans plus tard`, `le dimanche
//! suivant`.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use regex::Captures;

use super::super::classes::Class;
use super::relative::{count, week_of};
use super::{DateContext, Reading, Rule, range};
use crate::calendar;
use crate::edtf::Edtf;

/// A unit of time that dates are apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::facts) enum Step {
    Day,
    Week,
    Month,
    Year,
}

/// Where a date is from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::facts) enum Since {
    /// So many units later, or earlier if negative.
    Later(i64, Step),
    /// The next such weekday.
    Next(Weekday),
}

impl Since {
    /// The date that is so from the last of the dates `named` that is exact enough. What is earlier is earlier
    /// than a date that is over.
    pub(super) fn date_after(self, named: &[Edtf], published: Option<Date>) -> Option<Edtf> {
        /// Dates to look back over.
        const REACH: usize = 5;
        let earlier = matches!(self, Self::Later(count, _) if count < 0);
        let year = published.map_or(i16::MAX, Date::year);
        let mut last = named.iter().rev().take(REACH);
        last.find_map(|last| {
            let ahead = earlier && last.first_year().is_some_and(|named| named > year);
            if ahead { None } else { self.date(*last) }
        })
    }

    /// The date that is so from `last`, as exactly as the unit tells and `last` allows.
    pub(super) fn date(self, last: Edtf) -> Option<Edtf> {
        let end = last.points().last()?;
        let day = last.as_day().or_else(|| {
            let (year, month, day) = (end.known_year()?, end.known_month()?, end.known_day()?);
            Date::new(year, month, day).ok()
        });
        match self {
            Self::Next(weekday) => {
                let day = day?.checked_add(1.day()).ok()?;
                let ahead = weekday.to_monday_zero_offset() - day.weekday().to_monday_zero_offset();
                let ahead = i64::from(ahead).rem_euclid(7);
                day.checked_add(ahead.days()).ok().map(Edtf::day)
            }
            Self::Later(count, Step::Day) => day?
                .checked_add(Span::new().try_days(count).ok()?)
                .ok()
                .map(Edtf::day),
            Self::Later(count, Step::Week) => {
                week_of(day?.checked_add(Span::new().try_weeks(count).ok()?).ok()?)
            }
            Self::Later(count, Step::Month) => {
                let first = Date::new(end.known_year()?, end.known_month()?, 1).ok()?;
                let month = first
                    .checked_add(Span::new().try_months(count).ok()?)
                    .ok()?;
                Some(Edtf::month_of(month))
            }
            Self::Later(count, Step::Year) => {
                Edtf::year(i16::try_from(i64::from(end.known_year()?) + count).ok()?)
            }
        }
    }
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "day beside the last one named",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<w>(?P<word>
                le\ même\ jour|ce\ même\ jour|ce\ jour-là|le\ jour\ même|l'avant-veille|la\ veille\ au\ soir|la\ veille
                |le\ surlendemain|le\ lendemain(?:\ matin|\ soir)?
            ))\b
            (?:\ (?P<of>de|du|des|d'))?",
        read: day_beside,
        yes: &[("Le même jour", ""), ("le surlendemain", "")],
        no: &["la veille de la finale", "le lendemain du vote"],
    },
    Rule {
        name: "later or earlier than the last one named",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<w>
                (?P<n>{count})\ (?P<unit>ans|an|années|année|mois|semaines|semaine|jours|jour)\ 
                (?P<way>plus\ tard|après|plus\ tôt|auparavant|avant)
            )
            (?:$|(?P<comma>,)|[\ .;:!?)»])",
        read: later,
        yes: &[
            ("Deux ans plus tard, il est parti", ""),
            ("Dix jours plus tard.", ""),
            ("un an plus tôt", ""),
            ("trois mois après, il est revenu", ""),
        ],
        no: &[
            "deux ans après sa mort",
            "deux hommes plus tard",
            "deux ans avant de partir",
            "le même chat huit ans après ?",
        ],
    },
    Rule {
        name: "unit beside the last one named",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<w>(?:la|le|l')\ ?(?P<unit>semaine|mois|année|an)\ (?P<way>suivante|suivant|précédente|précédent|d'après|d'avant))
            (?:$|[^\w])",
        read: unit_beside,
        yes: &[("la semaine suivante", ""), ("l'année précédente", "")],
        no: &["le jour suivant la mort", "la semaine prochaine"],
    },
    Rule {
        name: "weekday after the last one named",
        needs: &[Class::Weekday],
        pattern: r"\b(?P<w>le (?P<name>{weekday}) suivant)\b",
        read: next_weekday,
        yes: &[("le dimanche suivant", "")],
        no: &["le dimanche", "dimanche prochain"],
    },
];

fn day_beside(captures: &Captures, _: &DateContext) -> Option<Reading> {
    // `la veille de la finale` is relative to an event without a date.
    if captures.name("of").is_some() {
        return None;
    }
    let word = captures["word"].to_lowercase();
    let days = match word.as_str() {
        "le surlendemain" => 2,
        "l'avant-veille" => -2,
        "la veille" | "la veille au soir" => -1,
        word if word.starts_with("le lendemain") => 1,
        _ => 0,
    };
    Some(Reading::since(
        range(captures),
        Since::Later(days, Step::Day),
    ))
}

/// The unit with this name, in the singular or plural.
fn step(unit: &str) -> Step {
    match unit.to_lowercase().trim_end_matches('s') {
        "an" | "année" => Step::Year,
        "moi" => Step::Month,
        "semaine" => Step::Week,
        _ => Step::Day,
    }
}

fn later(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let way = captures["way"].to_lowercase();
    // `deux ans après sa mort` is relative to an event.
    let bare = matches!(way.as_str(), "après" | "avant");
    if bare && captures.name("comma").is_none() {
        return None;
    }
    let count = count(&captures["n"])?;
    let count = if matches!(way.as_str(), "plus tard" | "après") {
        count
    } else {
        -count
    };
    Some(Reading::since(
        range(captures),
        Since::Later(count, step(&captures["unit"])),
    ))
}

fn unit_beside(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let forward = matches!(
        captures["way"].to_lowercase().as_str(),
        "suivante" | "suivant" | "d'après"
    );
    let count = if forward { 1 } else { -1 };
    Some(Reading::since(
        range(captures),
        Since::Later(count, step(&captures["unit"])),
    ))
}

fn next_weekday(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let weekday = calendar::french_weekday(&captures["name"])?;
    Some(Reading::since(range(captures), Since::Next(weekday)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_exact_as_their_unit() {
        use Step::{Day, Month, Week, Year};
        for (last, since, expected) in [
            ("2010-05-12", Since::Later(2, Year), Some("2012")),
            ("2019-06-03", Since::Later(10, Day), Some("2019-06-13")),
            (
                "2019-06-03",
                Since::Later(1, Week),
                Some("2019-06-10/2019-06-16"),
            ),
            ("2019-06", Since::Later(-1, Month), Some("2019-05")),
            ("2019", Since::Later(-1, Year), Some("2018")),
            ("2019", Since::Later(1, Day), None),
            (
                "2019-06-03",
                Since::Next(Weekday::Sunday),
                Some("2019-06-09"),
            ),
        ] {
            let date = since
                .date(last.parse().unwrap())
                .map(|date| date.to_string());
            assert_eq!(date.as_deref(), expected, "{last} {since:?}");
        }
    }
}
