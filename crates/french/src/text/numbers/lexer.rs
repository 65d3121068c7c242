//! Numbers in digits: which digits and marks belong together.

use super::{Decimal, Locale};

/// From here on, `f64` no longer holds each integer, and no figure of the news is meant.
const TOO_LARGE: f64 = 1e15;

/// The marks that may stand between the digits of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// French text of any form. Groups follow white space, an apostrophe or a point; decimals
    /// follow a comma, or a point where they cannot be a group.
    French,
    /// English text of any form. Groups follow white space, an apostrophe or a comma; decimals
    /// follow a point.
    English,
    /// French text in its reading form, in which groups follow a plain space, an apostrophe or a point; decimals
    /// follow a comma or a point. Only what follows the number is looked at, groups may follow a
    /// zero (`0 800 123 456`), and clock times of English are not known.
    Reading,
}

/// The digits of one number, as written.
#[derive(Debug)]
pub(super) struct Digits<'a> {
    /// With the marks between the digits.
    pub text: &'a str,
    /// Length of the part of `text` before the decimal mark.
    integer: usize,
    grouping: Option<char>,
    decimal: Option<char>,
}

impl<'a> Digits<'a> {
    /// Reads the number that starts with the digit at byte `start` of `text`.
    pub(super) fn at(text: &'a str, start: usize, notation: Notation) -> Self {
        let first = digits(&text[start..]);
        let mut end = start + first.len();
        let mut grouping = None;
        if first.len() <= 3 && (notation == Notation::Reading || !first.starts_with('0')) {
            while let Some((mark, group)) = separated_digits(&text[end..])
                && group.len() == 3
                && notation.groups(mark)
                && grouping.is_none_or(|grouping| grouping == mark)
            {
                grouping = Some(mark);
                end += mark.len_utf8() + group.len();
            }
        }
        let integer = end - start;
        let mut decimal = None;
        if let Some((mark, decimals)) = separated_digits(&text[end..])
            && notation.has_decimals(grouping, mark, decimals)
        {
            let after = &text[end + mark.len_utf8() + decimals.len()..];
            if !notation.goes_on(&text[..start], (mark, decimals), after) {
                decimal = Some(mark);
                end += mark.len_utf8() + decimals.len();
            }
        }
        Self {
            text: &text[start..end],
            integer,
            grouping,
            decimal,
        }
    }

    pub(super) fn value(&self) -> Decimal {
        let (integer, fraction) = self.text.split_at(self.integer);
        let fraction = self
            .decimal
            .map_or(fraction, |mark| &fraction[mark.len_utf8()..]);
        if self.grouping.is_none() {
            return Decimal::new(integer, fraction);
        }
        let integer: String = integer.chars().filter(char::is_ascii_digit).collect();
        Decimal::new(&integer, fraction)
    }
}

impl Notation {
    pub(super) fn of(locale: Locale) -> Self {
        match locale {
            Locale::French => Self::French,
            Locale::English => Self::English,
        }
    }

    /// Whether three digits after `mark` are a group.
    fn groups(self, mark: char) -> bool {
        match self {
            Self::French => mark.is_whitespace() || matches!(mark, '\'' | '’' | '.'),
            Self::English => mark.is_whitespace() || matches!(mark, '\'' | '’' | ','),
            Self::Reading => matches!(mark, ' ' | '.' | '\''),
        }
    }

    /// Whether `decimals`, which follow the last group and `mark`, may be decimals.
    fn has_decimals(self, grouping: Option<char>, mark: char, decimals: &str) -> bool {
        match self {
            // French news also uses a decimal point; three digits after it are a group.
            Self::French => mark == ',' || mark == '.' && grouping.is_none() && decimals.len() != 3,
            Self::English => mark == '.',
            Self::Reading => matches!(mark, ',' | '.'),
        }
    }

    /// Whether the mark and digits before `after` are not decimals but a part of a list, a date, a
    /// score or a time of day.
    fn goes_on(self, before: &str, (mark, decimals): (char, &str), after: &str) -> bool {
        let next = separated_digits(after).map(|(mark, _)| mark);
        if self == Self::Reading {
            return next == Some('.');
        }
        let list = next == Some(mark)
            || before
                .strip_suffix(mark)
                .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
        list || mark == '.' && decimals.len() == 2 && is_half_day(after)
    }
}

/// Length in bytes of the number that starts with the first byte of `text`, a digit of French text
/// in its reading form: `1 200`, `15.000`, `1 425,67`, `2,5`, `6.4`.
pub(crate) fn length_in_reading(text: &str) -> usize {
    Digits::at(text, 0, Notation::Reading).text.len()
}

/// The value of `text`, one number of French text in its reading form. Returns `None` if `text` is
/// anything else, its points contradict each other (`1.200.50`), or the value is 10¹⁵ or more.
pub(crate) fn quantity(text: &str) -> Option<f64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = Digits::at(text, 0, Notation::Reading);
    if digits.text.len() < text.len() {
        return None;
    }
    let value = match (digits.grouping, digits.decimal) {
        (Some('.'), Some('.')) => return None,
        // No group follows a zero: `0.125`.
        (Some('.'), _) if text.starts_with('0') => text.parse().ok()?,
        _ => digits.value().to_f64(),
    };
    (value < TOO_LARGE).then_some(value)
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

/// The first character of `text` and the digits after it.
pub(super) fn separated_digits(text: &str) -> Option<(char, &str)> {
    let mark = text.chars().next()?;
    let run = digits(&text[mark.len_utf8()..]);
    (!run.is_empty()).then_some((mark, run))
}

/// Whether `after`, the text after a time, begins with `am` or `pm`.
fn is_half_day(after: &str) -> bool {
    let after = after.trim_start().as_bytes();
    ["am", "pm", "a.m", "p.m"].iter().any(|mark| {
        after
            .get(..mark.len())
            .is_some_and(|a| a.eq_ignore_ascii_case(mark.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_before_three_digits_is_a_thousands_separator() {
        assert_eq!(quantity("15.000"), Some(15000.0));
        assert_eq!(quantity("1 425,67"), Some(1425.67));
        assert_eq!(quantity("6.4"), Some(6.4));
        assert_eq!(quantity("0.125"), Some(0.125));
    }

    #[test]
    fn a_quantity_is_one_whole_number() {
        for text in [
            "",
            "x",
            "5 x",
            "1.200.50",
            "0.125.300",
            "1 000 000 000 000 000",
        ] {
            assert_eq!(quantity(text), None, "{text}");
        }
    }
}
