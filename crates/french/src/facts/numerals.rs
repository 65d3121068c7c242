//! Numbers written in digits the French way, and numbers spelled out in French.

/// From here on whole numbers are no longer exact, and no figure of the news is meant.
const TOO_LARGE: f64 = 1e15;

/// Value of digits as written: `1 200`, `15.000`, `1 425,67`, `6.4`.
pub(super) fn digits(text: &str) -> Option<f64> {
    let compact: String = text.chars().filter(|c| *c != ' ').collect();
    let thousands = match compact.split_once('.') {
        Some((head, tail)) => {
            head.len() <= 3
                && !head.starts_with('0')
                && tail
                    .split(',')
                    .next()
                    .is_some_and(|whole| whole.split('.').all(|group| group.len() == 3))
        }
        None => false,
    };
    let plain = if thousands {
        compact.replace('.', "")
    } else {
        compact
    };
    let value: f64 = plain.replace(',', ".").parse().ok()?;
    (value < TOO_LARGE).then_some(value)
}

/// What a word multiplies the number before it by.
pub(super) fn scale(word: &str) -> Option<f64> {
    Some(match word {
        "mille" => 1e3,
        "million" | "millions" => 1e6,
        "milliard" | "milliards" => 1e9,
        "billion" | "billions" => 1e12,
        _ => return None,
    })
}

/// `dizaine`, `quarantaine`, `centaine`, `millier`: a number that is about this one.
pub(super) fn approximate(word: &str) -> Option<f64> {
    Some(match word {
        "dizaine" => 10.0,
        "douzaine" => 12.0,
        "quinzaine" => 15.0,
        "vingtaine" => 20.0,
        "trentaine" => 30.0,
        "quarantaine" => 40.0,
        "cinquantaine" => 50.0,
        "soixantaine" => 60.0,
        "centaine" => 100.0,
        "millier" => 1000.0,
        _ => return None,
    })
}

fn unit(word: &str) -> Option<f64> {
    const UNITS: [&str; 17] = [
        "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
        "onze", "douze", "treize", "quatorze", "quinze", "seize",
    ];
    if word == "une" {
        return Some(1.0);
    }
    UNITS
        .iter()
        .position(|unit| *unit == word)
        .map(|value| value as f64)
}

fn ten(word: &str) -> Option<f64> {
    Some(match word {
        "vingt" | "vingts" => 20.0,
        "trente" => 30.0,
        "quarante" => 40.0,
        "cinquante" => 50.0,
        "soixante" => 60.0,
        "septante" => 70.0,
        "huitante" | "octante" => 80.0,
        "nonante" => 90.0,
        _ => return None,
    })
}

/// Reads the number that `words` (in lower case) start with; its value and how many words it takes.
pub(super) fn spelled<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<(f64, usize)> {
    let mut number = Spelled::default();
    let mut taken = 0;
    let mut pending_and = false;
    for (index, word) in words.into_iter().enumerate() {
        if word == "et" && number.open_to_one() {
            pending_and = true;
            continue;
        }
        let before = number;
        let fits = word != "et"
            && word
                .split('-')
                .filter(|part| *part != "et")
                .all(|part| number.push(part));
        if !fits || (pending_and && !matches!(word, "un" | "une" | "onze")) {
            number = before;
            break;
        }
        pending_and = false;
        taken = index + 1;
    }
    (taken > 0).then(|| (number.value(), taken))
}

#[derive(Clone, Copy, Default)]
struct Spelled {
    /// Thousands and more, closed.
    total: f64,
    /// Below a thousand, still growing.
    current: Option<f64>,
    last: f64,
}

impl Spelled {
    fn value(self) -> f64 {
        self.total + self.current.unwrap_or(0.0)
    }

    fn open_to_one(self) -> bool {
        matches!(self.last as u32, 20 | 30 | 40 | 50 | 60)
    }

    /// Adds one more word; false when it does not continue the number.
    fn push(&mut self, word: &str) -> bool {
        let current = self.current.unwrap_or(0.0);
        let below_hundred = current % 100.0;
        if let Some(scale) = scale(word) {
            let started = self.current.is_some() || self.total > 0.0;
            if (!started && scale > 1e3) || (self.total > 0.0 && scale > self.total) {
                return false;
            }
            self.total += self.current.unwrap_or(1.0) * scale;
            self.current = None;
            self.last = scale;
            return true;
        }
        let next = match word {
            "cent" | "cents" if current < 10.0 => current.max(1.0) * 100.0,
            "cent" | "cents" => return false,
            "vingt" | "vingts" if below_hundred == 4.0 => current + 76.0,
            _ => match (ten(word), unit(word)) {
                (Some(ten), _) if below_hundred == 0.0 => current + ten,
                (_, Some(unit)) if below_hundred == 0.0 => current + unit,
                (_, Some(unit)) if below_hundred == 10.0 && (7.0..10.0).contains(&unit) => {
                    current + unit
                }
                (_, Some(unit)) if matches!(below_hundred as u32, 60 | 80) && unit > 0.0 => {
                    current + unit
                }
                // soixante-dix-sept, quatre-vingt-dix-neuf
                (_, Some(unit))
                    if matches!(below_hundred as u32, 70 | 90) && self.last == 10.0
                        || (below_hundred % 10.0 == 0.0 && below_hundred >= 20.0)
                            && (1.0..10.0).contains(&unit) =>
                {
                    current + unit
                }
                _ => return false,
            },
        };
        self.last = unit(word).or_else(|| ten(word)).unwrap_or(100.0);
        if word.starts_with("vingt") && below_hundred == 4.0 {
            self.last = 80.0;
        }
        self.current = Some(next);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<(f64, usize)> {
        spelled(text.split(' '))
    }

    #[test]
    fn spelled_numbers_have_their_value() {
        for (text, expected) in [
            ("seize", 16.0),
            ("vingt et un", 21.0),
            ("vingt-deux", 22.0),
            ("dix-sept", 17.0),
            ("soixante et onze", 71.0),
            ("soixante-dix-sept", 77.0),
            ("quatre-vingts", 80.0),
            ("quatre-vingt-dix-neuf", 99.0),
            ("cent vingt", 120.0),
            ("deux cents", 200.0),
            ("mille", 1000.0),
            ("trois mille deux cent cinquante", 3250.0),
            ("deux millions", 2e6),
            ("un milliard", 1e9),
        ] {
            assert_eq!(
                value(text),
                Some((expected, text.split(' ').count())),
                "{text}"
            );
        }
    }

    #[test]
    fn a_number_ends_where_the_next_one_begins() {
        assert_eq!(value("deux trois"), Some((2.0, 1)));
        assert_eq!(value("vingt et des"), Some((20.0, 1)));
        assert_eq!(value("millions de"), None);
        assert_eq!(value("personnes"), None);
    }

    #[test]
    fn a_dot_before_three_digits_is_a_thousands_separator() {
        assert_eq!(digits("15.000"), Some(15000.0));
        assert_eq!(digits("1 425,67"), Some(1425.67));
        assert_eq!(digits("6.4"), Some(6.4));
        assert_eq!(digits("0.125"), Some(0.125));
    }
}
