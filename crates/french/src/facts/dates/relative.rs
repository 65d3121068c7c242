//! Dates relative to the publication date, or to the last day the text named: `hier`, `mardi`,
//! `la semaine dernière`, `il y a trois ans`, `la veille`.
//!
//! Without a publication date they have no value.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use regex::Captures;

use super::super::classes::Class;
use super::direction::Direction;
use super::{DateContext, Reading, Rule, range, season};
use crate::calendar;
use crate::edtf::Edtf;
use crate::text::numbers::{french_approximation, french_cardinal, quantity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "weekday",
        needs: &[Class::Weekday],
        pattern: r"(?x)
            (?:^|(?P<lead>[\w']+)[\ ,(]+|[^\w'\ ][\ ,]*)
            (?P<w>(?P<this>ce\ )?(?P<name>{weekday})(?P<which>\ dernier|\ passé|\ prochain|\ en\ huit|\ en\ quinze)?{part}?)
            (?:$|[^\w-])",
        read: weekday,
        yes: &[
            ("a indiqué, mercredi, le procureur", "2019-10-30"),
            ("a gagné (2-1), mercredi, à Lyon", "2019-10-30"),
            ("« C'est fini », mercredi, au parc", "2019-10-30"),
            ("elle arrivera lundi", "2019-11-04"),
            ("arrivé mercredi des régions", "2019-10-30"),
            ("jeudi dernier", "2019-10-24"),
            ("jeudi prochain", "2019-11-07"),
            ("Ce vendredi, au parc", "2019-11-01"),
            ("lundi en huit", "2019-11-11"),
        ],
        no: &["chaque mardi", "le lundi", "du jeudi", "Vendredi saint"],
    },
    Rule {
        name: "night between two days",
        needs: &[Class::Weekday],
        pattern: r"\bnuit (?:de|du) (?P<w>(?P<name>{weekday}) (?:à|au) {weekday})\b",
        read: night,
        yes: &[
            ("la nuit de samedi à dimanche", "2019-10-26/2019-10-27"),
            (
                "Un incendie a éclaté dans la nuit de samedi à dimanche.",
                "2019-10-26/2019-10-27",
            ),
            (
                "Le métro roulera toute la nuit de samedi à dimanche.",
                "2019-11-02/2019-11-03",
            ),
            (
                "Un orage est attendu dans la nuit de samedi à dimanche.",
                "2019-11-02/2019-11-03",
            ),
        ],
        no: &["la nuit de samedi"],
    },
    Rule {
        name: "yesterday or tomorrow",
        needs: &[Class::Time],
        pattern: r"\b(?P<word>avant-hier|hier|après-demain|demain)(?: matin| soir| après-midi)?\b",
        read: near_day,
        yes: &[("hier soir", "2019-10-30"), ("après-demain", "2019-11-02")],
        no: &["un cahier"],
    },
    Rule {
        name: "today after a preposition",
        needs: &[Class::Time],
        pattern: r"\b(?:d'|dès |depuis |jusqu'à |partir d'|ce jour, )(?P<w>(?P<word>aujourd'hui))",
        read: near_day,
        yes: &[("dès aujourd'hui", "2019-10-31")],
        no: &["Aujourd'hui, rien ne va"],
    },
    Rule {
        name: "today with its time or weekday",
        needs: &[Class::Time],
        pattern: r"(?P<w>\b(?P<word>aujourd'hui))(?: à \d|, {weekday})",
        read: near_day,
        yes: &[
            ("aujourd'hui à 15 heures", "2019-10-31"),
            ("aujourd'hui, jeudi", "2019-10-31"),
        ],
        no: &["aujourd'hui à Paris"],
    },
    Rule {
        name: "part of today",
        needs: &[Class::Time],
        pattern: r"\b(?P<w>ce matin|ce midi|ce soir|cette nuit|cet après-midi)(?:$|[^\w-])",
        read: publication_day,
        yes: &[("ce matin", "2019-10-31"), ("cette nuit", "2019-10-31")],
        no: &["ce soir-là", "cette nuit-là"],
    },
    Rule {
        name: "time ago",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?:il\ y\ a|voici|voilà)\x20
            (?:
                environ\ |près\ de\ |plus\ de\ |moins\ de\ |à\ peine\ |exactement\ |tout\ juste\ |à\ peu\ près\x20
                |un\ peu\ plus\ de\ |un\ peu\ moins\ de\ |bientôt\ |presque\ |déjà\ |quelque\ |quasiment\ |plus\ d'|moins\ d'|près\ d'
                |un\ peu\ plus\ d'
            )?
            (?P<n>{count})\ (?:petits?\ |longues?\ |courtes?\ )?(?P<unit>ans|an|années|année|mois|semaines|semaine|jours|jour)\b
            (?:\ quasiment\ jour\ pour\ jour|\ jour\ pour\ jour)?",
        read: ago,
        yes: &[
            ("il y a près de trois ans", "2016"),
            ("il y a à peu près trois ans", "2016"),
            ("il y a un peu plus d'un an", "2018"),
            ("il y a 2 mois", "2019-08"),
            ("voici deux semaines", "2019-10-14/2019-10-20"),
            ("il y a 3 jours", "2019-10-28"),
        ],
        no: &["il y a quelques mois", "il y a trois hommes"],
    },
    Rule {
        name: "dozens of years ago",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?:il\ y\ a|voici|voilà)\x20
            (?:environ\ |près\ d'|plus\ d'|moins\ d')?
            une\ (?:bonne\ |petite\ )?(?P<n>\p{L}+aine)\ (?:d'|de\ )(?P<unit>années|mois|semaines|jours)\b",
        read: dozens_ago,
        yes: &[
            ("il y a une dizaine d'années", "2009"),
            ("voilà près d'une vingtaine d'années", "1999"),
        ],
        no: &[
            "il y a une semaine d'années",
            "il y a une dizaine de maires",
        ],
    },
    Rule {
        name: "day of this month",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b(?:le|du|dès\ le|depuis\ le|jusqu'au)\x20
            (?P<w>(?P<d>{day})\ (?:au\ (?:petit\ )?(?:matin|soir)|dans\ la\ (?:matinée|soirée|nuit)))\b",
        read: day_of_this_month,
        yes: &[
            ("Le pont a été fermé le 28 au soir", "2019-10-28"),
            ("Il rouvrira le 3 au matin", "2019-11-03"),
        ],
        no: &["le 3 mai au matin", "le 3 du matin", "le 42 au matin"],
    },
    Rule {
        name: "night of this month",
        needs: &[Class::Time],
        pattern: r"\bnuit du (?P<w>(?P<d>{day}) au (?P<d2>{day}))(?:$|[^\w ]|\x20(?P<next>\p{L}+|\d+))",
        read: night_of_this_month,
        yes: &[
            (
                "Il est mort dans la nuit du 28 au 29.",
                "2019-10-28/2019-10-29",
            ),
            ("la nuit du 28 au 29 dans", "2019-10-28/2019-10-29"),
        ],
        no: &["dans la nuit du 3 au 4 mai", "du 3 au 4."],
    },
    Rule {
        name: "time ahead",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<w>(?:dans|d'ici\ à|d'ici)\x20
                (?:environ\ |près\ de\ |un\ peu\ plus\ de\ |moins\ de\ |à\ peine\ |tout\ juste\ |quelque\ |moins\ d')?
                (?P<n>{count})\ (?P<unit>ans|an|années|année|mois|semaines|semaine|jours|jour))
            (?:$|[^\w-])",
        read: ahead,
        yes: &[
            ("dans deux ans", "2021"),
            ("d'ici cinq ans", "2024"),
            ("d'ici à trois mois", "2020-01"),
            ("dans dix jours", "2019-11-10"),
        ],
        no: &[
            "dans les trois semaines",
            "dans deux villes",
            "dans quelques jours",
        ],
    },
    Rule {
        name: "week-end beside this one",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b(?P<w>(?P<this>ce\ week-?end)|(?:le\ )?week-?end\ (?P<which>dernier|passé|prochain))(?:$|[^\w-])",
        read: weekend,
        yes: &[
            ("ce week-end", "2019-11-02/2019-11-03"),
            ("Il a gagné ce week-end", "2019-10-26/2019-10-27"),
            ("le week-end dernier", "2019-10-26/2019-10-27"),
            ("le week-end prochain", "2019-11-02/2019-11-03"),
        ],
        no: &["le week-end", "ce week-end-là"],
    },
    Rule {
        name: "year beside this one",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<w>
                (?:(?:début|fin)\ de\ )?
                l'(?:an|année)\ (?P<which>dernière|dernier|passée|passé|prochaine|prochain)
            )\b",
        read: shifted_year,
        yes: &[
            ("l'an passé", "2018"),
            ("début de l'année prochaine", "2020"),
        ],
        no: &["l'année scolaire"],
    },
    Rule {
        name: "this year",
        needs: &[Class::Time],
        pattern: r"\b(?P<w>cette année)(?:$|[^\w-])",
        read: shifted_year,
        yes: &[("cette année", "2019")],
        no: &["cette année-là"],
    },
    Rule {
        name: "part of this year",
        needs: &[Class::Time],
        pattern: r"\b(?P<w>(?:début|fin|milieu) de l'année)(?:$|[,.;:)]|\x20+(?P<next>\p{L}+|\d+)?)",
        read: edge_of_year,
        yes: &[
            ("la fin de l'année", "2019"),
            ("Depuis le début de l'année, 300 emplois", "2019"),
        ],
        no: &["fin de l'année 2018", "la fin de l'année scolaire"],
    },
    Rule {
        name: "month beside this one",
        needs: &[Class::Time],
        pattern: r"\b(?:le )?(?P<w>mois (?P<which>dernier|passé|prochain))\b",
        read: shifted_month,
        yes: &[
            ("le mois dernier", "2019-09"),
            ("le mois prochain", "2019-11"),
        ],
        no: &["le mois de juin"],
    },
    Rule {
        name: "this month",
        needs: &[Class::Time],
        pattern: r"\b(?P<w>ce mois-ci)\b",
        read: shifted_month,
        yes: &[("ce mois-ci", "2019-10")],
        no: &["ce mois"],
    },
    Rule {
        name: "week beside this one",
        needs: &[Class::Time],
        pattern: r"\b(?P<w>la semaine (?P<which>dernière|passée|prochaine))\b",
        read: shifted_week,
        yes: &[
            ("la semaine dernière", "2019-10-21/2019-10-27"),
            ("la semaine prochaine", "2019-11-04/2019-11-10"),
        ],
        no: &["la semaine de Noël"],
    },
    Rule {
        name: "season beside this one",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<w>
                l'(?P<season>été|automne|hiver)\ (?P<which>dernier|passé|prochain)
                |cet\ (?P<this>été|automne|hiver)
            )\b",
        read: shifted_season,
        yes: &[
            ("l'hiver dernier", "2018-24"),
            ("l'été prochain", "2020-22"),
            ("cet automne", "2019-23"),
        ],
        no: &["l'été"],
    },
];

fn shift(date: Date, span: Span) -> Option<Date> {
    date.checked_add(span).ok()
}

/// Days from the last `name` to `from`, 0 when `from` is one.
fn days_since(from: Date, name: Weekday) -> i64 {
    i64::from(from.weekday().to_monday_zero_offset() - name.to_monday_zero_offset()).rem_euclid(7)
}

fn nearest_weekday(published: Date, name: Weekday, direction: Direction) -> Option<Date> {
    let back = days_since(published, name);
    match direction {
        Direction::Past => shift(published, (-back).days()),
        Direction::Future => shift(published, ((7 - back) % 7).days()),
    }
}

fn weekday(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let lead = captures
        .name("lead")
        .map_or("", |lead| lead.as_str())
        .to_lowercase();
    // Recurring days (`chaque lundi`, `du lundi au vendredi`) are no dates.
    if matches!(
        lead.as_str(),
        "le" | "chaque" | "un" | "les" | "au" | "du" | "tous"
    ) {
        return None;
    }
    let after = context.sentence.text[range.end..].trim_start();
    // Nor are feasts: `Vendredi saint`, `Mardi gras`.
    let feast = [
        "saint",
        "gras",
        "noir",
        "des Rameaux",
        "de Pâques",
        "de Pentecôte",
    ];
    if feast.iter().any(|word| after.starts_with(word)) {
        return None;
    }
    let name = calendar::french_weekday(&captures["name"])?;
    let which = captures.name("which").map(|which| which.as_str().trim());
    let day = context.published.and_then(|published| match which {
        Some("prochain") => nearest_weekday(shift(published, 1.day())?, name, Direction::Future),
        // In the week after the next such day, or the one after that.
        Some(which @ ("en huit" | "en quinze")) => {
            let next = nearest_weekday(shift(published, 1.day())?, name, Direction::Future)?;
            shift(
                next,
                if which == "en huit" {
                    7.days()
                } else {
                    14.days()
                },
            )
        }
        Some(_) => nearest_weekday(shift(published, (-1).days())?, name, Direction::Past),
        None => {
            // `ce vendredi` is of this week.
            let this = match captures.name("this") {
                Some(_) => Direction::Future,
                None => Direction::Past,
            };
            let direction = context.direction(range.start).unwrap_or(this);
            nearest_weekday(published, name, direction)
        }
    });
    Some(Reading::day(range, day))
}

fn night(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let name = calendar::french_weekday(&captures["name"])?;
    let range = range(captures);
    let first = context
        .published
        .and_then(|published| match context.direction(range.start) {
            Some(Direction::Future) => nearest_weekday(published, name, Direction::Future),
            _ => nearest_weekday(shift(published, (-1).days())?, name, Direction::Past),
        });
    let edtf = first.and_then(|first| Edtf::day(first).until(Edtf::day(shift(first, 1.day())?)));
    Some(Reading::new(range, edtf))
}

fn near_day(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let days = match captures["word"].to_lowercase().as_str() {
        "avant-hier" => -2,
        "hier" => -1,
        "demain" => 1,
        "après-demain" => 2,
        _ => 0,
    };
    let day = context
        .published
        .and_then(|published| shift(published, days.days()));
    Some(Reading::day(range(captures), day))
}

fn publication_day(captures: &Captures, context: &DateContext) -> Option<Reading> {
    Some(Reading::day(range(captures), context.published))
}

/// A number before a unit of time, in digits or in words.
pub(super) const COUNT: &str = r"(?:\d+|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt(?:-\p{L}+)*|trente(?:-\p{L}+)*|quarante(?:-\p{L}+)*|cinquante(?:-\p{L}+)*|soixante(?:-\p{L}+)*|quatre-vingts?(?:-\p{L}+)*|cent|dix-\p{L}+)";

/// The value of what [`COUNT`] matches.
pub(super) fn count(written: &str) -> Option<i64> {
    let written = written.to_lowercase();
    match quantity(&written) {
        Some(value) => Some(value as i64),
        None => french_cardinal([written.as_str()])?.0.try_into().ok(),
    }
}

fn ago(captures: &Captures, context: &DateContext) -> Option<Reading> {
    away(captures, context, -count(&captures["n"])?)
}

fn dozens_ago(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let dozens = french_approximation(&captures["n"].to_lowercase())?;
    away(captures, context, -i64::try_from(dozens).ok()?)
}

/// The nearest day of this number in the direction of the tense.
fn nearest_day(captures: &Captures, context: &DateContext, at: usize) -> Option<Date> {
    let day: i8 = captures["d"].trim_end_matches("er").parse().ok()?;
    let published = context.published?;
    let of = |months: i64| {
        let month = shift(published.first_of_month(), months.months())?;
        Date::new(month.year(), month.month(), day).ok()
    };
    let (this, direction) = (of(0), context.direction(at));
    match direction {
        Some(Direction::Future) => this.filter(|day| *day >= published).or_else(|| of(1)),
        _ => this.filter(|day| *day <= published).or_else(|| of(-1)),
    }
}

fn day_of_this_month(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let day = nearest_day(captures, context, range.start);
    Some(Reading::day(range, day))
}

fn night_of_this_month(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let next = captures.name("next").map_or("", |next| next.as_str());
    let dated = calendar::french_month(next).is_some() || next.starts_with(char::is_numeric);
    if dated {
        return None;
    }
    let range = range(captures);
    let first = nearest_day(captures, context, range.start);
    let night = first.and_then(|first| Edtf::day(first).until(Edtf::day(shift(first, 1.day())?)));
    Some(Reading::new(range, night))
}

fn ahead(captures: &Captures, context: &DateContext) -> Option<Reading> {
    away(captures, context, count(&captures["n"])?)
}

/// The date so many units from the publication.
fn away(captures: &Captures, context: &DateContext, count: i64) -> Option<Reading> {
    // `huit jours` are a week, `quinze jours` two.
    let count = match (captures["unit"].trim_end_matches('s'), count) {
        ("jour", 8 | -8) => count.signum() * 7,
        ("jour", 15 | -15) => count.signum() * 14,
        _ => count,
    };
    let edtf =
        context
            .published
            .and_then(|published| match captures["unit"].trim_end_matches('s') {
                "an" | "année" => {
                    Edtf::year(shift(published, Span::new().try_years(count).ok()?)?.year())
                }
                "moi" => shift(published, Span::new().try_months(count).ok()?).map(Edtf::month_of),
                "semaine" => week_of(shift(published, Span::new().try_weeks(count).ok()?)?),
                _ => shift(published, Span::new().try_days(count).ok()?).map(Edtf::day),
            });
    Some(Reading::new(range(captures), edtf))
}

fn weekend(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let edtf = context.published.and_then(|published| {
        let which = captures.name("which").map(|which| which.as_str());
        let past = match which {
            Some("prochain") => false,
            Some(_) => true,
            None => context.direction(range.start) == Some(Direction::Past),
        };
        let saturday = match past {
            // The one that is going on is `ce week-end`.
            true if which.is_none() => {
                nearest_weekday(published, Weekday::Saturday, Direction::Past)?
            }
            true => nearest_weekday(
                shift(published, (-2).days())?,
                Weekday::Saturday,
                Direction::Past,
            )?,
            false if which.is_none() => {
                let sunday = nearest_weekday(published, Weekday::Sunday, Direction::Future)?;
                shift(sunday, (-1).days())?
            }
            false => nearest_weekday(
                shift(published, 1.day())?,
                Weekday::Saturday,
                Direction::Future,
            )?,
        };
        Edtf::day(saturday).until(Edtf::day(shift(saturday, 1.day())?))
    });
    Some(Reading::new(range, edtf))
}

/// From the Monday to the Sunday of its week.
pub(super) fn week_of(date: Date) -> Option<Edtf> {
    let monday = shift(date, (-days_since(date, Weekday::Monday)).days())?;
    Edtf::day(monday).until(Edtf::day(shift(monday, 6.days())?))
}

/// -1, 0 or 1 for `dernier`, no word, `prochain`.
fn step(captures: &Captures) -> i16 {
    match captures.name("which").map(|which| which.as_str()) {
        None => 0,
        Some(which) if which.starts_with("prochain") => 1,
        Some(_) => -1,
    }
}

fn shifted_year(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let edtf = context
        .published
        .and_then(|published| Edtf::year(published.year() + step(captures)));
    Some(Reading::new(range(captures), edtf))
}

fn edge_of_year(captures: &Captures, context: &DateContext) -> Option<Reading> {
    // Other rules read `fin de l'année 2019` and `début de l'année prochaine`.
    let next = captures.name("next").map_or("", |next| next.as_str());
    if next.starts_with(|c: char| c.is_ascii_digit())
        || next.starts_with("prochain")
        || next.starts_with("derni")
        || next.starts_with("passé")
        || next == "scolaire"
    {
        return None;
    }
    Some(Reading::new(
        range(captures),
        context.published.and_then(|date| Edtf::year(date.year())),
    ))
}

fn shifted_month(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let edtf = context
        .published
        .and_then(|date| shift(date, i64::from(step(captures)).months()))
        .map(Edtf::month_of);
    Some(Reading::new(range(captures), edtf))
}

fn shifted_week(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let edtf = context
        .published
        .and_then(|date| week_of(shift(date, i64::from(step(captures)).weeks())?));
    Some(Reading::new(range(captures), edtf))
}

fn shifted_season(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let name = captures
        .name("season")
        .or_else(|| captures.name("this"))?
        .as_str();
    let season = season(name)?;
    let first_month = season.first_month();
    let edtf = context.published.and_then(|published| {
        let year = published.year();
        let begun = published.month() >= first_month;
        let year = match step(captures) {
            0 => year,
            // `dernier` is the last one that is over, `prochain` the next one to begin.
            -1 if begun && published.month() < first_month + 3 => year - 1,
            -1 => year - i16::from(!begun),
            _ => year + i16::from(begun),
        };
        Edtf::season(year, season)
    });
    Some(Reading::new(range(captures), edtf))
}
