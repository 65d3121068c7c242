//! Reads dates as EDTF. `absolute` has the rules for dates, partial dates and intervals, `relative`
//! those for expressions relative to the publication date.
//!
//! The year of a date without one follows from the publication date and the tense of the words
//! around it. Dates that the text does not fix are kept without a value. `times` adds times of day
//! to the days beside them.

mod absolute;
mod direction;
mod parts;
mod relative;
mod since;
mod times;

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::classes::{Class, Classes};
use super::tokens::TokenizedSentence;
use super::types::{DateMention, Mention};
use crate::calendar;
use crate::edtf::{Edtf, Season};
use direction::Direction;
pub(super) use direction::tense;
use since::Since;

/// The sentence of a date, and when it was published.
pub(super) struct DateContext<'a> {
    pub sentence: &'a TokenizedSentence<'a>,
    pub published: Option<Date>,
}

impl DateContext<'_> {
    pub(super) fn direction(&self, at: usize) -> Option<Direction> {
        direction::at(&self.sentence.tokens, at)
    }

    /// The year that words such as `l'an prochain` name right before the byte `at`.
    pub(super) fn year_before(&self, at: usize) -> Option<i16> {
        /// Bytes from those words to a date of that year.
        const REACH: usize = 60;
        let tokens = &self.sentence.tokens;
        let end = tokens.partition_point(|token| token.start < at);
        let named = tokens[..end].windows(2).rev().find_map(|window| {
            let [unit, which] = window else { return None };
            let step = match which.text.to_lowercase().as_str() {
                "prochain" | "prochaine" => 1,
                "dernier" | "dernière" | "passé" | "passée" => -1,
                _ => return None,
            };
            let near = at - which.end() <= REACH;
            (matches!(unit.text, "an" | "année") && near).then_some(step)
        })?;
        Some(self.published?.year() + named)
    }

    /// Whether one of the four tokens before the byte `at` is a year: `en 2010, 2011 et 2012`.
    pub(super) fn follows_year(&self, at: usize) -> bool {
        let tokens = &self.sentence.tokens;
        let here = tokens.partition_point(|token| token.start < at);
        tokens[here.saturating_sub(4)..here].iter().any(|token| {
            token.text.len() == 4
                && token
                    .text
                    .parse()
                    .is_ok_and(|year: u16| (1000..=2100).contains(&year))
        })
    }
}

/// A date as one rule reads it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub range: Range<usize>,
    /// `None` if the text does not fix it.
    pub edtf: Option<Edtf>,
    /// Where it is from the last date that the text named before.
    pub since: Option<Since>,
    /// Month and day, or month, if the text gives no year: that of a date beside it counts.
    pub without_year: Option<(i8, Option<i8>)>,
    /// The name of the rule.
    pub rule: &'static str,
}

impl Reading {
    pub(super) fn day(range: Range<usize>, day: Option<Date>) -> Self {
        Self::new(range, day.map(Edtf::day))
    }

    pub(super) fn new(range: Range<usize>, edtf: Option<Edtf>) -> Self {
        Self {
            range,
            edtf,
            since: None,
            without_year: None,
            rule: "",
        }
    }

    pub(super) fn since(range: Range<usize>, since: Since) -> Self {
        Self {
            since: Some(since),
            ..Self::new(range, None)
        }
    }

    /// A day, or a month, that is written without its year: `date` is what the publication date makes of
    /// it.
    pub(super) fn without_year(
        range: Range<usize>,
        date: Option<Edtf>,
        month: i8,
        day: Option<i8>,
    ) -> Self {
        let of_a_year = || match day {
            Some(day) => Edtf::day_of_a_year(month, day),
            None => Edtf::month_of_a_year(month),
        };
        Self {
            without_year: Some((month, day)),
            ..Self::new(range, date.or_else(of_a_year))
        }
    }
}

pub(super) type Read = fn(&Captures, &DateContext) -> Option<Reading>;

/// A pattern, what its matches mean, and examples.
pub(super) struct Rule {
    pub name: &'static str,
    /// Sentences without a word of one of these classes are not searched.
    pub needs: &'static [Class],
    /// A regular expression that ignores case, in which `{day}`, `{month}`, `{year}`, `{weekday}`,
    /// `{part}`, `{edge}`, `{count}` and `{of_month}` stand for their written forms. The group `w` marks
    /// the date; without it the whole match is the date. The next match begins behind it.
    pub pattern: &'static str,
    /// Returns `None` if the match is no date after all.
    pub read: Read,
    /// Texts, and the only value that the rule reads from each if it is published on Thursday
    /// 31 October 2019. The value is empty for a date that is not fixed.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub yes: &'static [(&'static str, &'static str)],
    /// Texts that look alike, from which the rule reads nothing.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub no: &'static [&'static str],
}

impl Rule {
    fn regex(&self) -> Regex {
        let pattern = self
            .pattern
            .replace("{of_month}", parts::OF_MONTH)
            .replace("{count}", relative::COUNT)
            .replace("{day}", r"(?:1er|[12]\d|3[01]|0?[1-9])")
            .replace("{month}", &calendar::french_month_pattern(r"\."))
            .replace("{year}", r"(?:1\d{3}|20\d\d|2100)")
            .replace("{weekday}", &calendar::french_weekday_pattern())
            .replace("{part}", r"(?:\ matin|\ midi|\ après-midi|\ soir|\ nuit)")
            .replace("{edge}", r"(?:début\ |fin\ |mi-|courant\ )");
        Regex::new(&format!("(?i){pattern}"))
            .unwrap_or_else(|error| panic!("the rule `{}`: {error}", self.name))
    }
}

/// A rule whose pattern is compiled.
struct Compiled {
    rule: &'static Rule,
    needs: Classes,
    pattern: Regex,
}

impl Compiled {
    fn new(rule: &'static Rule) -> Self {
        let needs = rule.needs.iter().copied().map(Classes::of);
        Self {
            rule,
            needs: needs.fold(Classes::default(), Classes::union),
            pattern: rule.regex(),
        }
    }

    /// What the rule reads from one sentence, left to right.
    fn readings(&self, context: &DateContext) -> Vec<Reading> {
        if !context.sentence.classes.meets(self.needs) {
            return Vec::new();
        }
        let mut readings = Vec::new();
        let mut at = 0;
        while let Some(captures) = self.pattern.captures_at(context.sentence.text, at) {
            let found = range(&captures);
            let whole = captures.get(0).map_or(found.end, |whole| whole.end());
            let reading = (self.rule.read)(&captures, context);
            at = match reading {
                Some(_) => found.end.max(at + 1),
                None => whole.max(at + 1),
            };
            while !context.sentence.text.is_char_boundary(at) {
                at += 1;
            }
            readings.extend(reading.map(|mut reading| {
                reading.rule = self.rule.name;
                reading
            }));
        }
        readings
    }
}

static RULES: LazyLock<Vec<Compiled>> = LazyLock::new(|| {
    let rules = absolute::RULES
        .iter()
        .chain(parts::RULES)
        .chain(relative::RULES);
    rules.chain(since::RULES).map(Compiled::new).collect()
});

pub(super) fn read(sentences: &[TokenizedSentence], published: Option<Date>) -> Vec<DateMention> {
    let mut mentions = Vec::new();
    let mut named: Vec<Edtf> = Vec::new();
    for sentence in sentences {
        let context = DateContext {
            sentence,
            published,
        };
        let mut readings: Vec<Reading> = RULES
            .iter()
            .flat_map(|rule| rule.readings(&context))
            .collect();
        // Of readings that overlap, the first wins; of those that begin together, the longest.
        readings.sort_by_key(|reading| (reading.range.start, usize::MAX - reading.range.end));
        let mut end = 0;
        readings.retain(|reading| {
            let apart = reading.range.start >= end;
            end = end.max(reading.range.end);
            apart
        });
        share_years(sentence.text, &mut readings);
        for mut reading in readings {
            if let Some(since) = reading.since {
                reading.edtf = since.date_after(&named, published);
            }
            named.extend(reading.edtf);
            mentions.push(DateMention {
                mention: Mention {
                    sentence: sentence.id,
                    range: reading.range,
                },
                edtf: reading.edtf,
                rule: reading.rule,
                time: None,
            });
        }
        let own = mentions.partition_point(|date| date.mention.sentence < sentence.id);
        times::add(sentence.text, &mut mentions[own..]);
    }
    mentions
}

/// Gives dates without a year that of a date beside them: `le 3 mai et le 5 juin 2019`.
fn share_years(text: &str, readings: &mut [Reading]) {
    /// Bytes between dates that share a year: ` et le `, `, puis en `.
    const BETWEEN: usize = 12;
    let beside: Vec<Option<i16>> = readings
        .iter()
        .map(|reading| reading.edtf?.first_year())
        .collect();
    for at in 0..readings.len() {
        let Some((month, day)) = readings[at].without_year else {
            continue;
        };
        let joined = |first: usize, second: usize| {
            let between = text.get(readings[first].range.end..readings[second].range.start);
            between.is_some_and(|between| {
                between.len() <= BETWEEN && !between.contains(['.', ';', '('])
            })
        };
        let stated = |other: usize| {
            let has_year =
                readings[other].without_year.is_none() && readings[other].since.is_none();
            has_year.then_some(beside[other]).flatten()
        };
        // The year that is stated behind the next date, or before.
        let next = (at + 1 < readings.len() && joined(at, at + 1))
            .then(|| stated(at + 1))
            .flatten();
        let next = next.filter(|_| {
            readings[at + 1]
                .edtf
                .is_some_and(|edtf| edtf.sort_key().1 > 0)
        });
        let next_month = readings
            .get(at + 1)
            .and_then(|next| next.edtf)
            .map_or(0, |edtf| edtf.sort_key().1);
        let next = next.map(|year| year - i16::from(month > next_month));
        let before = at.checked_sub(1).and_then(|before| {
            let whole_year = readings[before].rule.starts_with("year") && joined(before, at);
            whole_year.then(|| stated(before)).flatten()
        });
        let Some(year) = next.or(before) else {
            continue;
        };
        readings[at].edtf = match day {
            Some(day) => Date::new(year, month, day).ok().map(Edtf::day),
            None => Edtf::month(year, month),
        };
    }
}

/// The byte range of the group `w`, or of the whole match if there is none.
pub(super) fn range(captures: &Captures) -> Range<usize> {
    captures
        .name("w")
        .or_else(|| captures.get(0))
        .map_or(0..0, |found| found.range())
}

pub(super) fn number<T: std::str::FromStr>(captures: &Captures, group: &str) -> Option<T> {
    captures
        .name(group)?
        .as_str()
        .trim_end_matches("er")
        .parse()
        .ok()
}

/// The season with this French name.
fn season(name: &str) -> Option<Season> {
    match name.to_lowercase().as_str() {
        "printemps" => Some(Season::Spring),
        "été" => Some(Season::Summer),
        "automne" => Some(Season::Autumn),
        "hiver" => Some(Season::Winter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn dates(text: &str, published: Option<Date>) -> Vec<(String, Option<String>)> {
        read(&[TokenizedSentence::alone(text)], published)
            .into_iter()
            .map(|found| {
                let edtf = found.edtf.map(|edtf| edtf.to_string());
                (text[found.mention.range].to_owned(), edtf)
            })
            .collect()
    }

    /// The values found in a text published on Thursday 31 October 2019.
    fn values(text: &str) -> Vec<String> {
        dates(text, Some(date(2019, 10, 31)))
            .into_iter()
            .map(|(_, edtf)| edtf.unwrap_or_default())
            .collect()
    }

    #[test]
    fn every_rule_reads_its_examples() {
        for compiled in &*RULES {
            let rule = compiled.rule;
            let values = |text| -> Vec<String> {
                let sentence = TokenizedSentence::alone(text);
                let context = DateContext {
                    sentence: &sentence,
                    published: Some(date(2019, 10, 31)),
                };
                (compiled.readings(&context))
                    .into_iter()
                    .map(|reading| reading.edtf.map_or(String::new(), |edtf| edtf.to_string()))
                    .collect()
            };
            assert!(!rule.yes.is_empty() && !rule.no.is_empty(), "{}", rule.name);
            for (text, value) in rule.yes {
                assert_eq!(values(text), [*value], "{}: {text}", rule.name);
            }
            for text in rule.no {
                assert_eq!(values(text), [""; 0], "{}: {text}", rule.name);
            }
        }
    }

    #[test]
    fn absolute_dates_have_the_precision_that_is_written() {
        for (text, expected) in [
            ("Le 11 septembre 2025, il", "2025-09-11"),
            ("dès le 1er juillet 2012.", "2012-07-01"),
            ("paru le 3/4/2021", "2021-04-03"),
            ("en septembre 2024", "2024-09"),
            ("la présidentielle de 2010", "2010"),
            ("(2010)", "2010"),
            ("depuis décembre 2021", "2021-12"),
            ("les années 1990", "199X"),
            ("les années 90", "199X"),
            ("au XIXe siècle", "18XX"),
            ("en 52 av. J.-C.", "-0051"),
            ("l'été 2020", "2020-22"),
            ("au second trimestre 2021", "2021-04/2021-06"),
            ("entre 2015 et 2018", "2015/2018"),
            ("de 2015 à 2018", "2015/2018"),
            ("du 3 au 5 mai 2020", "2020-05-03/2020-05-05"),
            ("du 30 décembre au 2 janvier 2020", "2019-12-30/2020-01-02"),
        ] {
            assert_eq!(values(text), [expected], "{text}");
        }
    }

    #[test]
    fn numbers_that_could_be_years_are_not_without_evidence() {
        for text in [
            "une amende de 1500 euros",
            "de 2000 personnes",
            "il a vendu 2010 billets",
            "un total de 1 200",
        ] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_day_without_its_year_follows_the_tense() {
        assert_eq!(values("Ils seront jugés le 28 janvier"), ["2020-01-28"]);
        assert_eq!(values("Il a été arrêté le 28 janvier"), ["2019-01-28"]);
        assert_eq!(values("Il a démissionné en décembre"), ["2018-12"]);
        // Nobody leaves out the year of a day that is eleven months away.
        assert_eq!(
            values("Il a présenté le salon (4 au 14 décembre)"),
            ["2019-12-04/2019-12-14"]
        );
    }

    #[test]
    fn without_a_verb_the_nearest_date_is_meant() {
        assert_eq!(
            values("(13,3% en septembre contre 3,5% en juillet)"),
            ["2019-09", "2019-07"]
        );
    }

    #[test]
    fn a_weekday_decides_the_year_of_its_day() {
        assert_eq!(
            values("Elle devrait, dimanche 21 juillet, être émise"),
            ["2019-07-21"]
        );
    }

    #[test]
    fn relative_dates_are_resolved_against_the_publication_date() {
        for (text, expected) in [
            ("Il a annoncé hier", "2019-10-30"),
            ("a indiqué, mercredi, le procureur", "2019-10-30"),
            ("ce jeudi matin, il a parlé", "2019-10-31"),
            ("elle arrivera lundi", "2019-11-04"),
            ("jeudi dernier", "2019-10-24"),
            ("l'an passé", "2018"),
            ("la semaine dernière", "2019-10-21/2019-10-27"),
            ("il y a trois ans", "2016"),
            ("il y a 2 mois", "2019-08"),
            ("le mois dernier", "2019-09"),
        ] {
            assert_eq!(values(text), [expected], "{text}");
        }
    }

    #[test]
    fn nothing_is_guessed_without_a_publication_date() {
        assert_eq!(
            dates("Il est parti mardi", None),
            [("mardi".to_owned(), None)]
        );
        assert_eq!(
            dates("le 28 janvier", None),
            [("28 janvier".to_owned(), Some("XXXX-01-28".to_owned()))]
        );
        assert_eq!(
            dates("Il est parti en septembre", None),
            [("septembre".to_owned(), Some("XXXX-09".to_owned()))]
        );
    }

    #[test]
    fn the_day_before_is_the_day_before_the_last_day_named() {
        assert_eq!(
            values("Il est né le 3 juin 2012. Le même jour, puis la veille"),
            ["2012-06-03", "2012-06-03", "2012-06-02"]
        );
    }

    #[test]
    fn what_is_later_is_later_than_the_last_date_named() {
        assert_eq!(
            values(
                "Vendu le 12 mai 2010, il a fait faillite deux ans plus tard, puis l'année suivante"
            ),
            ["2010-05-12", "2012", "2013"]
        );
        assert_eq!(
            values("Le 3 juin 2019, il est parti ; dix jours plus tard, il revint"),
            ["2019-06-03", "2019-06-13"]
        );
    }

    #[test]
    fn dates_share_the_year_of_those_beside_them() {
        assert_eq!(
            values("le 3 mai et le 5 juin 2018"),
            ["2018-05-03", "2018-06-05"]
        );
        assert_eq!(
            values("le 30 décembre et le 5 janvier 2018"),
            ["2017-12-30", "2018-01-05"]
        );
        assert_eq!(
            values("Il rouvrira l'an prochain, dans la première semaine d'avril"),
            ["2020", "2020-04-01/2020-04-07"]
        );
        assert_eq!(
            values("Il rouvrira l'an prochain, en avril"),
            ["2020", "2020-04"]
        );
        assert_eq!(
            dates("le 3 mai et le 5 juin 2018", None)
                .into_iter()
                .filter_map(|it| it.1)
                .collect::<Vec<_>>(),
            ["2018-05-03", "2018-06-05"]
        );
    }

    #[test]
    fn recurring_days_are_no_dates() {
        assert_eq!(values("ouvert du lundi au vendredi"), [""; 0]);
        assert_eq!(values("chaque mardi, le Vendredi saint"), [""; 0]);
    }
}
