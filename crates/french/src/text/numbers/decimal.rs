//! The value of a number.

use std::fmt;

/// A number in canonical decimal form: a point, no grouping, no leading or trailing zeros (`1200`,
/// `2.5`). Equal numbers are equal values, however they were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    /// The number with these ASCII digits before and after the point; both may be empty.
    pub(super) fn new(integer: &str, fraction: &str) -> Self {
        let integer = integer.trim_start_matches('0');
        let integer = if integer.is_empty() { "0" } else { integer };
        Self(match fraction.trim_end_matches('0') {
            "" => integer.to_owned(),
            fraction => format!("{integer}.{fraction}"),
        })
    }

    /// The digits, with a point before the decimals.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest floating-point number.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Returns `None` if the number has decimals or is 2³² or more.
    pub(super) fn to_u32(&self) -> Option<u32> {
        self.0.parse().ok()
    }

    /// The number times `scale`, a power of ten. Exact, where `8.2 * 1e6` is 8199999.999999999.
    pub fn times(&self, scale: u64) -> Self {
        let zeros = scale.ilog10() as usize;
        let (integer, fraction) = self.0.split_once('.').unwrap_or((&self.0, ""));
        let moved = fraction.len().min(zeros);
        let padding = "0".repeat(zeros - moved);
        Self::new(
            &format!("{integer}{}{padding}", &fraction[..moved]),
            &fraction[moved..],
        )
    }
}

impl From<u64> for Decimal {
    fn from(value: u64) -> Self {
        Self(value.to_string())
    }
}

impl From<f64> for Decimal {
    /// The shortest decimal that is read as `value`.
    fn from(value: f64) -> Self {
        Self(value.to_string())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_values() {
        assert_eq!(Decimal::new("007", "50"), Decimal::from(7.5));
        assert_eq!(Decimal::new("", ""), Decimal::from(0_u64));
        assert_eq!(Decimal::new("1200", "00"), Decimal::from(1200_u64));
    }

    #[test]
    fn a_scale_moves_the_point() {
        let times = |integer, fraction, scale| Decimal::new(integer, fraction).times(scale);
        assert_eq!(times("2", "5", 1_000_000).as_str(), "2500000");
        assert_eq!(times("0", "12345", 1_000).as_str(), "123.45");
        assert_eq!(times("8", "2", 1).as_str(), "8.2");
    }
}
