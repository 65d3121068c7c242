//! What figures count or are measured in, and how French writes it.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use super::lexicon::rows;

/// What a figure counts or is measured in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// An ISO 4217 code, such as `EUR`.
    Currency(&'static str),
    /// Parts of a hundred.
    Percent,
    /// A length of time or an age.
    Time(TimeUnit),
    /// The symbol of any other unit, such as `km²` or `°C`, or its English name where it has no symbol.
    Measure(&'static str),
    /// Human beings, whatever noun they are counted by.
    People,
    /// The French noun counted, as written.
    Noun(String),
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TimeUnit {
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
}

impl Unit {
    /// The unit that [`as_str`](Self::as_str) spells `code`. Returns `None` if it is no unit that is
    /// known by itself: a [`Noun`](Self::Noun) can be any word.
    pub fn from_code(code: &str) -> Option<Self> {
        UNITS.by_code.get(code).cloned()
    }

    /// The unit as summaries spell it: a code, a symbol, an English plural, or the French noun.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Currency(code) => code,
            Self::Percent => "%",
            Self::Time(unit) => unit.as_str(),
            Self::Measure(symbol) => symbol,
            Self::People => "people",
            Self::Noun(noun) => noun,
        }
    }

    /// The French noun that has yet to be translated. Returns `None` for all other units, which
    /// read the same in English.
    pub fn french_noun(&self) -> Option<&str> {
        match self {
            Self::Noun(noun) => Some(noun),
            _ => None,
        }
    }

    /// Whether values are measured in it, rather than things or people counted.
    pub(super) fn measures(&self) -> bool {
        !matches!(self, Self::People | Self::Noun(_))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TimeUnit {
    const ALL: [Self; 7] = [
        Self::Years,
        Self::Months,
        Self::Weeks,
        Self::Days,
        Self::Hours,
        Self::Minutes,
        Self::Seconds,
    ];

    /// The English plural.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Years => "years",
            Self::Months => "months",
            Self::Weeks => "weeks",
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
            Self::Seconds => "seconds",
        }
    }
}

/// Returns the unit written as `words`, or `None`: `km/h` is one, `millions` is not.
pub(super) fn unit(words: &str) -> Option<Unit> {
    UNITS.by_french.get(words).cloned()
}

struct Units {
    by_french: HashMap<&'static str, Unit>,
    by_code: HashMap<&'static str, Unit>,
}

static UNITS: LazyLock<Units> = LazyLock::new(|| {
    let by_french: HashMap<&str, Unit> = table().collect();
    let codes = table().map(|(_, unit)| unit);
    let mut by_code: HashMap<&str, Unit> = codes
        .filter_map(|unit| match unit {
            Unit::Currency(code) | Unit::Measure(code) => Some((code, unit)),
            _ => None,
        })
        .collect();
    by_code.extend(TimeUnit::ALL.map(|unit| (unit.as_str(), Unit::Time(unit))));
    by_code.extend([("%", Unit::Percent), ("people", Unit::People)]);
    Units { by_french, by_code }
});

/// The rows of the table that can be read; the tests see to it that all can.
fn table() -> impl Iterator<Item = (&'static str, Unit)> {
    rows(include_str!("data/units.tsv")).filter_map(|row| {
        let mut columns = row.split('\t');
        let (french, code, kind) = (columns.next()?, columns.next()?, columns.next()?);
        let unit = match kind {
            "currency" => Unit::Currency(code),
            "percent" => Unit::Percent,
            "time" => {
                let mut all = TimeUnit::ALL.into_iter();
                Unit::Time(all.find(|unit| unit.as_str() == code)?)
            }
            "measure" => Unit::Measure(code),
            _ => return None,
        };
        Some((french, unit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_unit_that_is_spelled_like_its_code() {
        for row in rows(include_str!("data/units.tsv")) {
            let columns: Vec<&str> = row.split('\t').collect();
            let [french, code, kind] = columns[..] else {
                panic!("{row}");
            };
            let unit = unit(french).expect(row);
            assert_eq!(unit.as_str(), code, "{row}");
            assert_eq!(Unit::from_code(code), Some(unit.clone()), "{row}");
            if kind == "currency" {
                assert!(
                    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()),
                    "{row}"
                );
            }
        }
    }

    #[test]
    fn codes_are_told_from_words() {
        assert_eq!(Unit::from_code("CHF"), Some(Unit::Currency("CHF")));
        assert_eq!(Unit::from_code("%"), Some(Unit::Percent));
        assert_eq!(Unit::from_code("people"), Some(Unit::People));
        assert_eq!(Unit::from_code("weeks"), Some(Unit::Time(TimeUnit::Weeks)));
        for word in ["SUV", "semaines", "cars", ""] {
            assert_eq!(Unit::from_code(word), None, "{word}");
        }
    }
}
