//! Dates that need no other date, and those that lack only their year: `3 mai 2012`, `mai 2012`,
//! `en 2012`, `le 3 mai`, `XIXe siècle`, `entre 2015 et 2018`.

use jiff::civil::{Date, Weekday};
use regex::Captures;

use super::super::classes::Class;
use super::super::lexicon;
use super::super::tokens::TokenKind;
use super::direction::Direction;
use super::{DateContext, Reading, Rule, number, range, season};
use crate::calendar;
use crate::edtf::Edtf;
use crate::text::numbers::{french_cardinal, roman};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "interval of days",
        needs: &[Class::Month],
        pattern: r"(?x)
            \b(?P<between>entre\ les?\ )?
            (?P<w>
                (?P<d1>{day})(?:\ (?P<m1>{month}))?(?:\ (?P<y1>{year}))?
                (?P<sep>\ au\ |\ et\ le\ |\ et\ |-)
                (?:{weekday}\ )?
                (?P<d2>{day})\ (?P<m2>{month})(?:\ (?P<y2>{year}))?
            )(?:$|[^\w])",
        read: day_interval,
        yes: &[
            ("du 3 au 5 mai 2020", "2020-05-03/2020-05-05"),
            ("entre le 3 et le 24 mai 2020", "2020-05-03/2020-05-24"),
            ("entre les 10 et 16 mai 2020", "2020-05-10/2020-05-16"),
            ("du 30 décembre au 2 janvier 2020", "2019-12-30/2020-01-02"),
        ],
        no: &["les 3 et 24 mai 2020", "du 5 au 10 maires"],
    },
    Rule {
        name: "day",
        needs: &[Class::Month],
        pattern: r"(?x)
            \b
            (?P<w>
                (?:(?:ce\ )?(?P<name>{weekday}){part}?\ )?
                (?P<d>{day})[\ -](?P<m>{month})(?:\ (?P<y>{year})|\ ['’]?(?P<yy>\d\d))?
            )
            (?:$|[^\w.]|\.)",
        read: day,
        yes: &[
            ("le 1er juillet 2012.", "2012-07-01"),
            ("le 12 avr. 2012", "2012-04-12"),
            ("dimanche 21 juillet", "2019-07-21"),
            ("le 18 juin 89", "1989-06-18"),
            ("le 18 juin '44", "1944-06-18"),
            ("le défilé du 11-Novembre", "2019-11-11"),
            ("le 18 juin prochain", "2020-06-18"),
            ("Rendez-vous le 18 décembre dernier", "2018-12-18"),
            ("le 18 juin 24 personnes sont mortes", "2019-06-18"),
        ],
        no: &["le 31 février 2020", "les 3 maires"],
    },
    Rule {
        name: "numeric day",
        needs: &[Class::Digits],
        pattern: r"\b(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4}|\d\d)\b",
        read: numeric_day,
        yes: &[
            ("paru le 3/4/2021", "2021-04-03"),
            ("le 03.04.98", "1998-04-03"),
        ],
        no: &["le 13/13/2021", "une note de 12/20"],
    },
    Rule {
        name: "ISO day",
        needs: &[Class::Digits],
        pattern: r"\b(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)\b",
        read: numeric_day,
        yes: &[("2021-04-03", "2021-04-03")],
        no: &["2021-13-03"],
    },
    Rule {
        name: "month of a year",
        needs: &[Class::Month],
        pattern: r"\b(?P<w>{edge}?(?P<m>{month}) (?:(?P<y>{year})|['’]?(?P<yy>[3-9]\d)))\b",
        read: month_of_year,
        yes: &[
            ("en septembre 2024", "2024-09"),
            ("fin mai 2012", "2012-05"),
            ("agrandie en juillet 98,", "1998-07"),
            ("Mai 68", "1968-05"),
        ],
        no: &["en mai", "mars 20000", "en mai 98 personnes"],
    },
    Rule {
        name: "month without its year",
        needs: &[Class::Month],
        pattern: r"(?x)
            \b
            (?:
                (?:
                    en|dès|depuis|courant|fin|début|jusqu'en|d'ici|avant|après|à\ partir\ de|pour|entre|de|et
                    |à
                )\x20
                |au\ mois\ de\ |au\ mois\ d'|du\ mois\ de\ |du\ mois\ d'|mois\ d'|mi-|d'
            )
            (?P<w>(?P<m>{month})(?P<which>\ dernier|\ passé|\ prochain)?)
            (?:$|[^\w'.]|\.)",
        read: bare_month,
        yes: &[
            ("Il part en juin", "2019-06"),
            ("en juin prochain", "2020-06"),
            ("au mois d'août dernier", "2019-08"),
            ("Il rouvrira d'ici juin", "2020-06"),
            ("chaque année en juin", ""),
        ],
        no: &["la planète de Mars", "en maire"],
    },
    Rule {
        name: "years from one to another",
        needs: &[Class::Year],
        pattern: r"\b(?P<lead>entre|de|depuis) (?P<w>(?P<y1>{year}) (?:et|à) (?P<y2>{year}))\b",
        read: years,
        yes: &[
            ("entre 2015 et 2018", "2015/2018"),
            ("de 2015 à 2018", "2015/2018"),
        ],
        no: &["de 2018 à 2015", "entre 1000 et 2000 euros"],
    },
    Rule {
        name: "years joined by a dash",
        needs: &[Class::Year],
        pattern: r"\b(?P<w>(?P<y1>{year})[-–/](?P<y2>{year}))\b",
        read: years,
        yes: &[("la saison 2015-2016", "2015/2016")],
        no: &["2016-2015"],
    },
    Rule {
        name: "year after a word",
        needs: &[Class::Year],
        pattern: r"(?x)
            \b
            (?P<lead>
                en|de|depuis|dès|avant|après|jusqu'en|jusqu'à|fin|début|vers|à|et|ou|l'année|l'an|année|les
                |printemps|saison|d'ici|ici\ à|pour|que|contre|janvier|millésime|horizon|courant|budget|édition
                |exercice|législatives|municipales|présidentielle|européennes|cuvée|campagne|rentrée|Noël
                |promotion
            )\x20
            (?P<y>{year})\b",
        read: year,
        yes: &[
            ("la présidentielle de 2010", "2010"),
            ("l'an 1200", "1200"),
            ("élu en 2010 maire", "2010"),
        ],
        no: &[
            "une amende de 1500 euros",
            "de 2000 personnes",
            "de 1200",
            "et 2012",
        ],
    },
    Rule {
        name: "year in a series",
        needs: &[Class::Year],
        pattern: r"(?P<lead>,) (?P<y>{year})\b",
        read: year,
        yes: &[("en 2010, 2011 et 2012", "2011")],
        no: &["ils étaient là, 2011 en tout", "en 2010, 2011 personnes"],
    },
    Rule {
        name: "year after an elision",
        needs: &[Class::Digits],
        pattern: r"\b(?P<lead>d'|mi-)(?P<y>{year})\b",
        read: year,
        yes: &[("mi-2010", "2010")],
        no: &["mi-1200", "d'2000 euros"],
    },
    Rule {
        name: "year in brackets",
        needs: &[Class::Year],
        pattern: r"\((?:\p{L}+(?:\s\p{L}+)?, )?(?P<y>{year})\)",
        read: year,
        yes: &[("un film (2010)", "2010"), ("(Le Seuil, 2010)", "2010")],
        no: &["(2010 euros)"],
    },
    Rule {
        name: "year before Christ",
        needs: &[Class::Digits],
        pattern: r"(?x)
            \b
            (?P<w>
                (?P<n>\d{1,4})\ (?:av\.|avant)\ (?:J\.?-?C\.?|Jésus-Christ|notre\ ère)
            )",
        read: before_christ,
        yes: &[
            ("en 52 av. J.-C.", "-0051"),
            ("en 1 avant notre ère", "0000"),
        ],
        no: &["52 avant midi", "0 av. J.-C."],
    },
    Rule {
        name: "decade",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<w>années\x20
                (?P<n>
                    (?:1\d|20)?\d0|trente|quarante|cinquante|soixante-dix|soixante|quatre-vingt-dix
                    |quatre-vingts?
                )
            )\b",
        read: decade,
        yes: &[
            ("les années 1990", "199X"),
            ("les années 90", "199X"),
            ("les années trente", "193X"),
            ("les années 10", ""),
        ],
        no: &["les années 95"],
    },
    Rule {
        name: "century",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<n>[IVX]+|\d{1,2})(?:e|ème|ᵉ|er)\ siècle
            (?P<bc>\ (?:av\.|avant)\ (?:J\.?-?C\.?|Jésus-Christ|notre\ ère))?",
        read: century,
        yes: &[
            ("au XIXe siècle", "18XX"),
            ("au IIe siècle avant notre ère", "-01XX"),
        ],
        no: &["au XXXe siècle"],
    },
    Rule {
        name: "season of a year",
        needs: &[Class::Time],
        pattern: r"\b(?P<season>printemps|été|automne|hiver) (?P<y>{year})\b",
        read: season_of_year,
        yes: &[("l'été 2020", "2020-22")],
        no: &["l'été dernier"],
    },
    Rule {
        name: "quarter or half of a year",
        needs: &[Class::Time],
        pattern: r"(?x)
            \b
            (?P<n>premier|1er|deuxième|second|2e|troisième|3e|quatrième|4e)\x20
            (?P<unit>trimestre|semestre)(?:\ de)?\ (?P<y>{year})\b",
        read: part_of_year,
        yes: &[
            ("au second trimestre 2021", "2021-04/2021-06"),
            ("le 1er semestre 2021", "2021-01/2021-06"),
        ],
        no: &["au troisième semestre 2021"],
    },
];

fn month(captures: &Captures, group: &str) -> Option<i8> {
    calendar::french_month(captures.name(group)?.as_str())
}

/// Chooses the year of a date at the byte `at` that is written without one: the year that words before it
/// name, else by `direction` the last such date up to the publication or the next one from it; the nearest
/// one if there is no direction.
pub(super) fn place(
    context: &DateContext,
    at: usize,
    direction: Option<Direction>,
    in_year: impl Fn(i16) -> Option<Date>,
) -> Option<Date> {
    if let Some(year) = context.year_before(at) {
        return in_year(year);
    }
    let published = context.published?;
    nearest(published, published, direction, in_year)
}

/// The last date up to `until`, the next one from `from` or that nearest to it.
fn nearest(
    from: Date,
    until: Date,
    direction: Option<Direction>,
    in_year: impl Fn(i16) -> Option<Date>,
) -> Option<Date> {
    let candidates = (-1..=1).filter_map(|offset| in_year(until.year() + offset));
    match direction {
        Some(Direction::Past) => candidates.filter(|date| *date <= until).max(),
        Some(Direction::Future) => candidates.filter(|date| *date >= from).min(),
        None => candidates.min_by_key(|date| date.duration_since(from).abs()),
    }
}

/// Whether the date is so far from the publication that writers give its year. If a direction leads there, it
/// belongs to another verb.
fn is_far(date: Date, context: &DateContext) -> bool {
    const FAR: i32 = 300;
    let days = |published: Date| (date - published).get_days().abs();
    context
        .published
        .is_some_and(|published| days(published) > FAR)
}

/// Like [`place`], for a day, and the nearest day if the direction leads too far.
fn place_day(
    context: &DateContext,
    at: usize,
    direction: Option<Direction>,
    in_year: impl Fn(i16) -> Option<Date> + Copy,
) -> Option<Date> {
    let date = place(context, at, direction, in_year)?;
    if is_far(date, context) && context.year_before(at).is_none() {
        place(context, at, None, in_year)
    } else {
        Some(date)
    }
}

fn day(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let mut range = range(captures);
    let (day, month) = (number(captures, "d")?, month(captures, "m")?);
    let stated = match short_year(captures, context) {
        Some(year) => Some(year),
        None => {
            // `le 18 juin 24 personnes`: the number is not of the date.
            if let Some(short) = captures.name("yy") {
                range.end = short.start().saturating_sub(1);
            }
            number(captures, "y")
        }
    };
    let Some(year) = stated else {
        return day_without_year(captures, context, range, (month, day));
    };
    let date = Date::new(year, month, day).ok()?;
    Some(Reading::day(range, Some(date)))
}

fn day_without_year(
    captures: &Captures,
    context: &DateContext,
    range: std::ops::Range<usize>,
    (month, day): (i8, i8),
) -> Option<Reading> {
    // A weekday fits one of the years around.
    let weekday = captures
        .name("name")
        .and_then(|name| calendar::french_weekday(name.as_str()));
    let in_year = |year, weekday: Option<Weekday>| {
        let date = Date::new(year, month, day).ok()?;
        weekday
            .is_none_or(|weekday| date.weekday() == weekday)
            .then_some(date)
    };
    // `le 11 novembre prochain`
    let behind = context.sentence.text[range.end..].trim_start();
    let stated = if behind.starts_with("prochain") {
        Some(Direction::Future)
    } else if behind.starts_with("dernier") || behind.starts_with("passé") {
        Some(Direction::Past)
    } else {
        None
    };
    let direction = context.direction(range.start).filter(|_| weekday.is_none());
    let date = stated.and_then(|stated| {
        place(context, range.start, Some(stated), |year| {
            in_year(year, weekday)
        })
    });
    let date = date
        .or_else(|| {
            place_day(context, range.start, direction, |year| {
                in_year(year, weekday)
            })
        })
        .or_else(|| place(context, range.start, None, |year| in_year(year, None)));
    Edtf::day_of_a_year(month, day)?;
    Some(Reading::without_year(
        range,
        date.map(Edtf::day),
        month,
        Some(day),
    ))
}

/// The year of two digits in the group `yy`: the last one of them that is not far ahead of the publication.
/// Returns `None` if the number counts something: `le 18 juin 24 personnes`.
fn short_year(captures: &Captures, context: &DateContext) -> Option<i16> {
    let written = captures.name("yy")?;
    let tokens = &context.sentence.tokens;
    let next = tokens.partition_point(|token| token.start < written.end());
    let counts = tokens.get(next).is_some_and(|token| {
        lexicon::is_counted(token.text)
            || matches!(token.text, "%" | "€" | "$" | "°")
            || token.kind == TokenKind::Number
            || token.is_word()
                && token.text.ends_with(['s', 'x'])
                && token.text.starts_with(char::is_lowercase)
                && !token.is(Class::Function)
    });
    let whole = tokens.iter().any(|token| {
        token.end() == written.end()
            && token.text.ends_with(written.as_str())
            && token.text.len() <= 3
    });
    let year = two_digits(written.as_str().parse().ok()?, context.published);
    (whole && !counts).then_some(year)
}

/// The year that two digits mean: the last one that is not more than ten years after the publication.
/// Without a date of publication, years from 70 are of the last century, as in POSIX.
fn two_digits(digits: i16, published: Option<Date>) -> i16 {
    let latest = published.map_or(2069, |date| date.year() + 10);
    let century = latest - latest.rem_euclid(100);
    match century + digits <= latest {
        true => century + digits,
        false => century - 100 + digits,
    }
}

fn day_interval(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let (d1, d2): (i8, i8) = (number(captures, "d1")?, number(captures, "d2")?);
    let m2 = month(captures, "m2")?;
    let m1 = month(captures, "m1").unwrap_or(m2);
    let separator = &captures["sep"];
    // `les 3 et 24 mai` are two dates, `les 3 et 4 mai` and `entre le 3 et le 24 mai` one span.
    if separator.contains("et") && captures.name("between").is_none() && (m1, d1 + 1) != (m2, d2) {
        return None;
    }
    let end = match number(captures, "y2") {
        Some(year) => Date::new(year, m2, d2).ok(),
        None => place_day(
            context,
            range.start,
            context.direction(range.start),
            |year| Date::new(year, m2, d2).ok(),
        ),
    };
    let edtf = end.and_then(|end| {
        let year = number(captures, "y1").unwrap_or(end.year() - i16::from(m1 > m2));
        let start = Date::new(year, m1, d1).ok()?;
        (start < end).then(|| Edtf::day(start).until(Edtf::day(end)))?
    });
    let of_a_year = || Edtf::day_of_a_year(m1, d1)?.until(Edtf::day_of_a_year(m2, d2)?);
    Some(Reading::new(range, edtf.or_else(of_a_year)))
}

fn numeric_day(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let year: i16 = number(captures, "y")?;
    let year = match captures["y"].len() {
        2 => two_digits(year, context.published),
        _ => year,
    };
    let date = Date::new(year, number(captures, "m")?, number(captures, "d")?).ok()?;
    Some(Reading::day(range(captures), Some(date)))
}

fn month_of_year(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let year = number(captures, "y").or_else(|| short_year(captures, context))?;
    let edtf = Edtf::month(year, month(captures, "m")?)?;
    Some(Reading::new(range(captures), Some(edtf)))
}

fn bare_month(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    if captures["m"].starts_with(char::is_uppercase) {
        return None;
    }
    let month = month(captures, "m")?;
    let direction = match captures.name("which").map(|which| which.as_str().trim()) {
        Some("prochain") => Some(Direction::Future),
        Some(_) => Some(Direction::Past),
        None => context.direction(range.start),
    };
    let recurring = [
        "chaque année",
        "tous les ans",
        "habituellement",
        "traditionnellement",
    ]
    .iter()
    .any(|words| context.sentence.text.contains(words));
    if recurring {
        return Some(Reading::new(range, None));
    }
    let stated = captures.name("which").is_some();
    let date = place_month(context, range.start, direction, month)
        .filter(|date| stated || direction == Some(Direction::Past) || !is_far(*date, context))
        .or_else(|| place_month(context, range.start, None, month));
    Some(Reading::without_year(
        range,
        date.map(Edtf::month_of),
        month,
        None,
    ))
}

/// [`place`], for a month: what is to come can begin with the month of the publication.
pub(super) fn place_month(
    context: &DateContext,
    at: usize,
    direction: Option<Direction>,
    month: i8,
) -> Option<Date> {
    let in_year = |year| Date::new(year, month, 1).ok();
    if let Some(year) = context.year_before(at) {
        return in_year(year);
    }
    let published = context.published?;
    nearest(published.first_of_month(), published, direction, in_year)
}

fn year(captures: &Captures, context: &DateContext) -> Option<Reading> {
    /// Words after which any number of four digits without a unit is a year.
    const STRONG: [&str; 12] = [
        "ici à",
        "horizon",
        "en",
        "depuis",
        "dès",
        "jusqu'en",
        "l'année",
        "l'an",
        "année",
        "printemps",
        "fin",
        "début",
    ];
    let written = captures.name("y")?;
    let lead = captures
        .name("lead")
        .map(|lead| lead.as_str().to_lowercase());
    let tokens = &context.sentence.tokens;
    let next = tokens.partition_point(|token| token.start < written.end());
    let counts = tokens
        .get(next)
        .filter(|token| token.is_word() || token.text == "%")
        .is_some_and(|token| {
            // `élu en 2020 maire`
            lexicon::is_counted(token.text) && (!token.is(Class::Role) || token.text.ends_with('s'))
                || (token.text.ends_with(['s', 'x'])
                    && token.text.starts_with(char::is_lowercase)
                    && !lexicon::is_function_word(token.text))
        })
        || tokens
            .get(next)
            .is_some_and(|token| matches!(token.text, "€" | "$" | "%" | "°"));
    let strong = lead.as_deref().is_none_or(|lead| STRONG.contains(&lead));
    let value: i16 = written.as_str().parse().ok()?;
    // `2010 300` is one number; `mi-2010` is one word.
    let alone = tokens.iter().any(|token| {
        token.end() == written.end()
            && (token.start == written.start() || lead.as_deref() == Some("mi-"))
    });
    // `et 2012` needs a year before it.
    let series = matches!(
        lead.as_deref(),
        Some("et" | "ou" | "les" | "que" | "contre" | "pour" | ",")
    );
    let after_year = !series
        || context.follows_year(written.start())
        || lead.as_deref() == Some("pour") && (1900..=2100).contains(&value);
    let plausible = strong || (1500..=2100).contains(&value);
    (alone && !counts && after_year && plausible)
        .then(|| Reading::new(written.range(), Edtf::year(value)))
}

fn years(captures: &Captures, context: &DateContext) -> Option<Reading> {
    let range = range(captures);
    let (first, last) = (number(captures, "y1")?, number(captures, "y2")?);
    let next = context
        .sentence
        .tokens
        .iter()
        .find(|token| token.start >= range.end);
    let counts = next.is_some_and(|token| lexicon::is_counted(token.text));
    let edtf = Edtf::year(first)?.until(Edtf::year(last)?);
    (first < last && !counts).then(|| Reading::new(range, edtf))
}

fn before_christ(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let year: i16 = number(captures, "n").filter(|year| *year > 0)?;
    // EDTF has a year 0, which is 1 BC.
    Some(Reading::new(range(captures), Edtf::year(1 - year)))
}

fn decade(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let written = &captures["n"];
    let year = match written.parse::<u64>() {
        Ok(year) => year,
        Err(_) => french_cardinal([written])?.0,
    };
    let decade = match year {
        // `les années 10` are of this century or the last: not fixed.
        0..20 => return Some(Reading::new(range(captures), None)),
        20..100 => 190 + year / 10,
        _ => year / 10,
    };
    let decade = u16::try_from(decade).ok()?;
    Some(Reading::new(range(captures), Edtf::decade(decade)))
}

fn century(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let written = &captures["n"];
    let century = written.parse().ok().or_else(|| roman(written))?;
    if !(1..=21).contains(&century) {
        return None;
    }
    let hundreds = u8::try_from(century - 1).ok()?;
    let edtf = match captures.name("bc") {
        Some(_) => Edtf::century_before_christ(hundreds),
        None => Edtf::century(hundreds),
    };
    Some(Reading::new(range(captures), edtf))
}

fn season_of_year(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let edtf = Edtf::season(number(captures, "y")?, season(&captures["season"])?);
    Some(Reading::new(range(captures), edtf))
}

fn part_of_year(captures: &Captures, _: &DateContext) -> Option<Reading> {
    let year: i16 = number(captures, "y")?;
    let index = match captures["n"].to_lowercase().as_str() {
        "premier" | "1er" => 0,
        "deuxième" | "second" | "2e" => 1,
        "troisième" | "3e" => 2,
        _ => 3,
    };
    let months = if captures["unit"].starts_with("tri") {
        3
    } else {
        6
    };
    let (first, last) = (index * months + 1, (index + 1) * months);
    let edtf = Edtf::month(year, first)?.until(Edtf::month(year, last)?);
    Some(Reading::new(range(captures), edtf))
}
