//! Parts of months and of years, and several days or months of one: `la deuxième quinzaine de juillet`, `le
//! premier mercredi du mois prochain`, `entre mai et octobre 2018`, `les 5, 6 et 7 mai`.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::Captures;

use super::super::classes::Class;
use super::absolute::{place, place_month};
use super::direction::Direction;
use super::{DateContext, Reading, Rule, number, range, season};
use crate::calendar;
use crate::edtf::Edtf;
use crate::text::numbers::roman;

/// `de juillet`, `d'août 2023`, `du mois prochain`, `de ce mois`.
pub(super) const OF_MONTH: &str = r"(?:de\ |d'|du\ mois\ de\ |du\ mois\ d'|du\ )(?:(?P<m>{month})(?:\ (?P<y>{year})|\ (?P<which>dernier|prochain))?|(?P<mois>mois)(?:\ (?P<mwhich>dernier|prochain))?|(?P<this>ce\ mois(?:-ci)?))";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "two months of one year",
        needs: &[Class::Month],
        pattern: r"(?x)
            \b(?P<w>
                (?:entre\ |de\ |d')(?P<m1>{month})\ (?:et|à)\ (?P<m2>{month})(?:\ (?P<y>{year}))?
            )(?:$|[^\w'.]|\.)",
        read: months,
        yes: &[
            ("Entre mai et octobre 2018", "2018-05/2018-10"),
            ("Il pleuvra d'août à décembre", "2020-08/2020-12"),
            ("de novembre à février 2019", "2018-11/2019-02"),
        ],
        no: &["entre mai 2018 et juin 2019", "de mai et juin, rien"],
    },
    Rule {
        name: "several days of one month",
        needs: &[Class::Month],
        pattern: r"(?x)
            \b(?P<w>(?P<d1>{day})(?P<more>(?:,\ (?:le\ )?{day})+)\ et\ (?:le\ )?(?P<d2>{day})\ (?P<m>{month})(?:\ (?P<y>{year}))?)
            (?:$|[^\w])",
        read: days,
        yes: &[("les 5, 6 et 7 mai 2020", "2020-05-05/2020-05-07")],
        no: &["les 5, 12 et 19 mai 2020", "les 5, 6 et 7 maires"],
    },
    Rule {
        name: "one of several days of a month",
        needs: &[Class::Month],
        pattern: r"(?x)
            \b(?P<w>(?P<d>{day}))(?P<rest>(?:,\ (?:le\ )?{day})*\ et\ (?:le\ )?{day})\ (?P<m>{month})(?:\ (?P<y>{year}))?
            (?:$|[^\w])",
        read: one_of_days,
        yes: &[("les 3 et 24 mai 2020", "2020-05-03")],
        no: &["les 3 et 4 mai 2020", "les 3 et 24 maires"],
    },
    Rule {
        name: "fortnight of a month",
        needs: &[Class::Time],
        pattern: r"(?x)\b(?P<w>(?P<n>première|1re|deuxième|seconde|2e)\ quinzaine\ {of_month})(?:$|[^\w])",
        read: fortnight,
        yes: &[
            (
                "la deuxième quinzaine de juillet 2020",
                "2020-07-16/2020-07-31",
            ),
            (
                "la première quinzaine du mois prochain",
                "2019-11-01/2019-11-15",
            ),
        ],
        no: &["une quinzaine de jours", "la troisième quinzaine de mai"],
    },
    Rule {
        name: "week of a month",
        needs: &[Class::Time],
        pattern: r"(?x)\b(?P<w>(?P<n>première|1re|deuxième|2e|troisième|3e|dernière)\ semaine\ {of_month})(?:$|[^\w])",
        read: week,
        yes: &[
            ("la dernière semaine d'août 2023", "2023-08-25/2023-08-31"),
            ("la première semaine d'avril 2020", "2020-04-01/2020-04-07"),
        ],
        no: &["la semaine d'avril", "la dernière semaine de grève"],
    },
    Rule {
        name: "weekday of a month",
        needs: &[Class::Weekday],
        pattern: r"(?x)
            \b(?P<w>(?:le\ )?(?P<n>premier|1er|deuxième|second|2e|troisième|3e|quatrième|4e|dernier)\ (?P<name>{weekday})\ {of_month})
            (?:$|[^\w])",
        read: weekday_of_month,
        yes: &[
            ("le premier mercredi du mois prochain", "2019-11-06"),
            ("le dernier dimanche de mars 2020", "2020-03-29"),
            ("le deuxième lundi d'octobre 2018", "2018-10-08"),
        ],
        no: &["le premier mercredi", "le cinquième lundi de mai"],
    },
    Rule {
        name: "week-end of a month",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b(?P<w>(?:le\ )?(?P<n>premier|1er|deuxième|second|2e|troisième|3e|quatrième|4e|dernier)\ week-?end\ {of_month})
            (?:$|[^\w])",
        read: weekend_of_month,
        yes: &[(
            "le premier week-end de septembre 2020",
            "2020-09-05/2020-09-06",
        )],
        no: &["le premier week-end", "le week-end de septembre"],
    },
    Rule {
        name: "edge of a month",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b(?P<w>
                (?:d'ici\ (?:à\ )?)?(?:la\ )?(?:fin|début|milieu|mi-temps)\ (?:{of_month})
                |(?:d'ici\ (?:à\ )?)(?:la\ )?fin\ {month}
            )(?:$|[^\w])",
        read: edge_of_month,
        yes: &[
            ("d'ici la fin du mois", "2019-10"),
            ("à la fin du mois prochain", "2019-11"),
            ("à la fin du mois de mai 2020", "2020-05"),
            ("au début de ce mois", "2019-10"),
        ],
        no: &["la fin du monde", "le début de la mairie"],
    },
    Rule {
        name: "month of a year beside this one",
        needs: &[Class::Month],
        pattern: r"(?x)
            \b(?P<w>
                (?P<m>{month})\ de\ (?:l'(?:an|année)\ (?P<which>dernière|dernier|passée|passé|prochaine|prochain)|cette\ année)
            )\b",
        read: month_of_shifted_year,
        yes: &[
            ("en juillet de l'an dernier", "2018-07"),
            ("en mars de l'année prochaine", "2020-03"),
            ("en mars de cette année", "2019-03"),
        ],
        no: &["en mars de l'année scolaire"],
    },
    Rule {
        name: "quarter or half of an unstated year",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b(?P<w>(?P<n>premier|1er|deuxième|second|2e|troisième|3e|quatrième|4e)\ (?P<unit>trimestre|semestre))
            (?:$|[\ ,.;:)»](?P<rest>de\ \d|\d|de\ l'(?:an|année))?)",
        read: part_of_unstated_year,
        yes: &[
            ("Il y aura plus dès le premier semestre", "2020-01/2020-06"),
            ("Il a baissé au troisième trimestre", "2019-07/2019-09"),
        ],
        no: &[
            "au troisième trimestre 2019",
            "au troisième semestre",
            "le premier semestre de 2018",
        ],
    },
    Rule {
        name: "season beside this one, after `au`",
        needs: &[Class::Time],
        pattern: r"\b(?P<w>(?:au|le|ce) (?P<season>printemps)(?P<which> dernier| passé| prochain)?)(?:$|[^\w])",
        read: spring,
        yes: &[
            ("au printemps dernier", "2019-21"),
            ("au printemps prochain", "2020-21"),
            ("ce printemps", "2019-21"),
        ],
        no: &[
            "au printemps 2018",
            "le printemps des poètes",
            "au printemps",
        ],
    },
    Rule {
        name: "day of the Republican calendar",
        needs: &[Class::Republican],
        pattern: r"(?x)
            \b(?P<w>(?P<d>1er|[12]?\d|30)\ (?P<rm>vendémiaire|brumaire|frimaire|nivôse|pluviôse|ventôse|germinal|floréal|prairial|messidor|thermidor|fructidor)\ an\ (?P<n>[IVX]+|\d{1,2}))\b",
        read: republican,
        yes: &[
            ("le 18 floréal an II", "1794-05-07"),
            ("le 18 brumaire an VIII", "1799-11-09"),
        ],
        no: &["le 18 brumaire", "le 18 brumaire an XX"],
    },
];

/// Year and month of the groups of [`OF_MONTH`].
fn of_month(captures: &Captures, context: &DateContext) -> Option<(i16, i8)> {
    let published = context.published;
    let whole = |date: Date| (date.year(), date.month());
    if captures.name("this").is_some() {
        return published.map(whole);
    }
    if captures.name("mois").is_some() {
        let step = match captures.name("mwhich").map(|which| which.as_str()) {
            Some("prochain") => 1,
            Some(_) => -1,
            None => 0,
        };
        return published?.checked_add(step.months()).ok().map(whole);
    }
    let month = calendar::french_month(captures.name("m")?.as_str())?;
    if let Some(year) = number(captures, "y") {
        return Some((year, month));
    }
    let direction = match captures.name("which").map(|which| which.as_str()) {
        Some("prochain") => Some(Direction::Future),
        Some(_) => Some(Direction::Past),
        None => context.direction(range(captures).start),
    };
    place_month(context, range(captures).start, direction, month).map(whole)
}

fn interval(first: Date, last: Date) -> Option<Edtf> {
    Edtf::day(first).until(Edtf::day(last))
}

fn last_of_month(year: i16, month: i8) -> Option<Date> {
    Some(Date::new(year, month, 1).ok()?.last_of_month())
}

fn months(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let month = |group: &str| calendar::french_month(captures.name(group)?.as_str());
    let (first, last) = (month("m1")?, month("m2")?);
    // `de mai et juin` is no span.
    let text = &context.sentence.text[range.clone()];
    if text.contains(" et ") && !text.to_lowercase().starts_with("entre") {
        return None;
    }
    let year = number(captures, "y").or_else(|| {
        let direction = context.direction(range.start);
        // What is to come begins later, what is over has ended.
        Some(match direction {
            Some(Direction::Future) => {
                place_month(context, range.start, direction, first)?.year()
                    + i16::from(first > last)
            }
            _ => place_month(context, range.start, direction, last)?.year(),
        })
    });
    let edtf = match year {
        Some(year) => {
            Edtf::month(year - i16::from(first > last), first)?.until(Edtf::month(year, last)?)
        }
        None => Edtf::month_of_a_year(first)?.until(Edtf::month_of_a_year(last)?),
    };
    Some(Reading::new(range, edtf))
}

/// The day of the month with the year that is stated or follows from the publication.
fn day_in(captures: &Captures, context: &DateContext, month: i8, day: i8) -> Option<Date> {
    match number(captures, "y") {
        Some(year) => Date::new(year, month, day).ok(),
        None => {
            let at = range(captures).start;
            place(context, at, context.direction(at), |year| {
                Date::new(year, month, day).ok()
            })
        }
    }
}

fn days(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let month = calendar::french_month(&captures["m"])?;
    let (first, last): (i8, i8) = (number(captures, "d1")?, number(captures, "d2")?);
    let between = captures["more"].matches(',').count();
    // Days in a row are one span, others are dates each.
    if usize::try_from(last - first).ok()? != between + 1 {
        return None;
    }
    let end = day_in(captures, context, month, last);
    let edtf = match end {
        Some(end) => interval(Date::new(end.year(), month, first).ok()?, end),
        None => Edtf::day_of_a_year(month, first)?.until(Edtf::day_of_a_year(month, last)?),
    };
    Some(Reading::new(range, edtf))
}

fn one_of_days(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let month = calendar::french_month(&captures["m"])?;
    let day: i8 = number(captures, "d")?;
    // `les 3 et 4 mai` is one span.
    let next = captures["rest"].trim_start_matches([',', ' ', 'e', 't', 'l']);
    let next: i8 = next
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()?;
    if next <= day + 1 {
        return None;
    }
    match day_in(captures, context, month, day) {
        Some(date) => Some(Reading::day(range, Some(date))),
        None => Some(Reading::without_year(range, None, month, Some(day))),
    }
}

/// 0 for the first, -1 for the last one.
fn ordinal(word: &str) -> Option<i8> {
    Some(match word.to_lowercase().as_str() {
        "premier" | "première" | "1er" | "1re" => 0,
        "deuxième" | "second" | "seconde" | "2e" => 1,
        "troisième" | "3e" => 2,
        "quatrième" | "4e" => 3,
        "dernier" | "dernière" => -1,
        _ => return None,
    })
}

fn fortnight(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let second = ordinal(&captures["n"])? > 0;
    let edtf = of_month(captures, context).and_then(|(year, month)| match second {
        true => interval(
            Date::new(year, month, 16).ok()?,
            last_of_month(year, month)?,
        ),
        false => interval(
            Date::new(year, month, 1).ok()?,
            Date::new(year, month, 15).ok()?,
        ),
    });
    Some(Reading::new(range(captures), edtf))
}

fn week(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let ordinal = ordinal(&captures["n"])?;
    let edtf = of_month(captures, context).and_then(|(year, month)| {
        let first = match ordinal {
            -1 => last_of_month(year, month)?.checked_sub(6.days()).ok()?,
            weeks => Date::new(year, month, 1 + 7 * weeks).ok()?,
        };
        interval(first, first.checked_add(6.days()).ok()?)
    });
    Some(Reading::new(range(captures), edtf))
}

/// The weekday of the month that an ordinal counts.
fn nth_weekday((year, month): (i16, i8), weekday: Weekday, ordinal: i8) -> Option<Date> {
    let date = Date::new(year, month, 1).ok()?;
    let nth = if ordinal < 0 { -1 } else { ordinal + 1 };
    date.nth_weekday_of_month(nth, weekday).ok()
}

fn weekday_of_month(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let (ordinal, weekday) = (
        ordinal(&captures["n"])?,
        calendar::french_weekday(&captures["name"])?,
    );
    let day = of_month(captures, context).and_then(|month| nth_weekday(month, weekday, ordinal));
    Some(Reading::day(range(captures), day))
}

fn weekend_of_month(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let ordinal = ordinal(&captures["n"])?;
    let edtf = of_month(captures, context).and_then(|month| {
        let saturday = nth_weekday(month, Weekday::Saturday, ordinal)?;
        interval(saturday, saturday.checked_add(1.day()).ok()?)
    });
    Some(Reading::new(range(captures), edtf))
}

fn edge_of_month(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let month = of_month(captures, context);
    // Without `mois` and without a year it is read as a month.
    captures
        .name("mois")
        .or(captures.name("this"))
        .or(captures.name("y"))?;
    let edtf = month.and_then(|(year, month)| Edtf::month(year, month));
    Some(Reading::new(range(captures), edtf))
}

fn month_of_shifted_year(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let step = match captures.name("which").map(|which| which.as_str()) {
        None => 0,
        Some(which) if which.starts_with("prochain") => 1,
        Some(_) => -1,
    };
    let month = calendar::french_month(&captures["m"])?;
    let edtf = context
        .published
        .and_then(|published| Edtf::month(published.year() + step, month));
    Some(Reading::new(range(captures), edtf))
}

fn part_of_unstated_year(captures: &Captures, context: &DateContext) -> Option<Reading> {
    if captures.name("rest").is_some() {
        return None;
    }
    let index = ordinal(&captures["n"])?;
    let length = if captures["unit"].starts_with("tri") {
        3
    } else {
        6
    };
    if (index + 1) * length > 12 {
        return None;
    }
    let range = range(captures);
    let direction = context.direction(range.start);
    let first = index * length + 1;
    let year = context.published.and_then(|published| {
        let months = (published.year() - 1..=published.year() + 1).map(|year| (year, first));
        let over = |(year, month): &(i16, i8)| {
            last_of_month(*year, month + length - 1).is_some_and(|last| last < published)
        };
        let begun = |(year, month): &(i16, i8)| {
            Date::new(*year, *month, 1).is_ok_and(|first| first <= published)
        };
        match direction {
            Some(Direction::Past) => months.filter(over).max(),
            _ => months.filter(|month| !begun(month) || !over(month)).min(),
        }
    });
    let edtf = year.and_then(|(year, first)| {
        Edtf::month(year, first)?.until(Edtf::month(year, first + length - 1)?)
    });
    Some(Reading::new(range, edtf))
}

fn spring(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let text = context.sentence.text;
    let this = text[range.clone()].to_lowercase().starts_with("ce");
    let which = captures.name("which").map(|which| which.as_str().trim());
    let season = season(&captures["season"])?;
    let edtf = context.published.and_then(|published| {
        let begun = published.month() >= season.first_month();
        let over = published.month() >= season.first_month() + 3;
        let year = match which {
            Some("prochain") => published.year() + i16::from(begun),
            Some(_) => published.year() - i16::from(!over),
            None => published.year(),
        };
        Edtf::season(year, season)
    });
    (this || which.is_some()).then(|| Reading::new(range, edtf))
}

fn republican(captures: &Captures, _: &DateContext) -> Option<Reading> {
    /// The days of September on which the years I to XIV began, from 1792.
    const BEGINNINGS: [i8; 14] = [22, 22, 22, 23, 22, 22, 22, 23, 23, 23, 23, 24, 23, 23];
    const MONTHS: [&str; 12] = [
        "vendémiaire",
        "brumaire",
        "frimaire",
        "nivôse",
        "pluviôse",
        "ventôse",
        "germinal",
        "floréal",
        "prairial",
        "messidor",
        "thermidor",
        "fructidor",
    ];
    let day: i64 = number(captures, "d")?;
    let month = captures["rm"].to_lowercase();
    let month = MONTHS.iter().position(|name| *name == month)?;
    let year = &captures["n"];
    let year = year.parse().ok().or_else(|| roman(year))?;
    let index = usize::from(year).checked_sub(1)?;
    let first = Date::new(
        1792 + i16::try_from(index).ok()?,
        9,
        *BEGINNINGS.get(index)?,
    )
    .ok()?;
    let date = first
        .checked_add((30 * month as i64 + day - 1).days())
        .ok()?;
    Some(Reading::day(range(captures), Some(date)))
}
