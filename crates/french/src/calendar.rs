//! Months and weekdays in French and English: the one table of their names, and what is looked up
//! in it.

use jiff::civil::Weekday;

use crate::text::without_accents;

/// What a month or a weekday is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// `February`.
    pub english: &'static str,
    /// In lower case: `février`.
    pub french: &'static str,
    /// French abbreviations without their dot: `févr`, `fév`.
    pub french_short: &'static [&'static str],
}

/// From January to December.
pub static MONTHS: [Name; 12] = [
    name("January", "janvier", &["janv"]),
    name("February", "février", &["févr", "fév"]),
    name("March", "mars", &[]),
    name("April", "avril", &["avr"]),
    name("May", "mai", &[]),
    name("June", "juin", &[]),
    name("July", "juillet", &["juil"]),
    name("August", "août", &[]),
    name("September", "septembre", &["sept"]),
    name("October", "octobre", &["oct"]),
    name("November", "novembre", &["nov"]),
    name("December", "décembre", &["déc"]),
];

/// From Monday to Sunday.
pub static WEEKDAYS: [Name; 7] = [
    name("Monday", "lundi", &[]),
    name("Tuesday", "mardi", &[]),
    name("Wednesday", "mercredi", &[]),
    name("Thursday", "jeudi", &[]),
    name("Friday", "vendredi", &[]),
    name("Saturday", "samedi", &[]),
    name("Sunday", "dimanche", &[]),
];

const fn name(
    english: &'static str,
    french: &'static str,
    french_short: &'static [&'static str],
) -> Name {
    Name {
        english,
        french,
        french_short,
    }
}

impl Name {
    /// The month with this number, January being 1.
    pub fn of_month(number: i8) -> Option<&'static Self> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        MONTHS.get(index)
    }

    /// The month or weekday with this English name, ignoring case.
    pub fn from_english(word: &str) -> Option<&'static Self> {
        let mut names = MONTHS.iter().chain(&WEEKDAYS);
        names.find(|name| name.english.eq_ignore_ascii_case(word))
    }

    /// The French name, its abbreviations and the plural of a weekday, in lower case and without
    /// accents: the forms that [`folded_words`](crate::text::folded_words) can return for it. A
    /// month has no plural: `mais` is no May.
    pub fn folded_french(&self) -> impl Iterator<Item = String> {
        let plural = (WEEKDAYS.contains(self)).then(|| format!("{}s", self.french));
        [self.french]
            .into_iter()
            .chain(self.french_short.iter().copied())
            .map(without_accents)
            .chain(plural)
    }

    /// Whether `word` is the French name or one of its abbreviations, with or without its dot,
    /// ignoring case and accents.
    fn is_french(&self, word: &str) -> bool {
        let word = without_accents(&word.to_lowercase());
        word == without_accents(self.french)
            || (self.french_short.iter())
                .any(|short| word.strip_suffix('.').unwrap_or(&word) == without_accents(short))
    }
}

/// The number of the month with this French name or abbreviation (`févr.`, `FEVRIER`), 1 to 12.
pub fn french_month(word: &str) -> Option<i8> {
    let index = MONTHS.iter().position(|name| name.is_french(word))?;
    i8::try_from(index + 1).ok()
}

/// The number of the month with this English name or abbreviation without its dot (`feb`, `Sept`),
/// 1 to 12.
pub fn english_month(word: &str) -> Option<i8> {
    let lower = word.to_lowercase();
    let index = MONTHS.iter().position(|name| {
        let english = name.english.to_lowercase();
        lower == english || lower == english[..3] || (lower == "sept" && english == "september")
    })?;
    i8::try_from(index + 1).ok()
}

/// Whether `word` is a weekday in English, maybe in the plural, ignoring case.
pub fn is_english_weekday(word: &str) -> bool {
    let day = word.strip_suffix('s').unwrap_or(word);
    (WEEKDAYS.iter()).any(|name| name.english.eq_ignore_ascii_case(day))
}

/// The weekday with this French name, ignoring case.
pub fn french_weekday(word: &str) -> Option<Weekday> {
    let index = WEEKDAYS.iter().position(|name| name.is_french(word))?;
    Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

/// A regular expression for the French months in lower case, with or without accents. `dot` is the
/// expression for what ends an abbreviation, such as `\.` where the dot is required and `\.?` where
/// it is not.
pub fn french_month_pattern(dot: &str) -> String {
    let forms = MONTHS.iter().flat_map(|name| {
        let short = name
            .french_short
            .iter()
            .map(move |short| format!("{short}{dot}"));
        std::iter::once(name.french.to_owned()).chain(short)
    });
    let forms: Vec<String> = forms
        .map(|form| form.replace('é', "[ée]").replace('û', "[ûu]"))
        .collect();
    format!("(?:{})", forms.join("|"))
}

/// A regular expression for the French weekdays in lower case.
pub fn french_weekday_pattern() -> String {
    format!("(?:{})", WEEKDAYS.map(|name| name.french).join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_months_are_known_by_name_and_abbreviation() {
        for (word, month) in [
            ("janvier", 1),
            ("Février", 2),
            ("FEVRIER", 2),
            ("févr.", 2),
            ("fév", 2),
            ("aout", 8),
            ("sept.", 9),
            ("décembre", 12),
        ] {
            assert_eq!(french_month(word), Some(month), "{word}");
        }
        for word in [
            "",
            ".",
            "mar",
            "mars.",
            "maire",
            "décennie",
            "marseille",
            "may",
        ] {
            assert_eq!(french_month(word), None, "{word}");
        }
    }

    #[test]
    fn english_months_are_known_by_name_and_abbreviation() {
        for (word, month) in [
            ("January", 1),
            ("may", 5),
            ("aug", 8),
            ("Sept", 9),
            ("dec", 12),
        ] {
            assert_eq!(english_month(word), Some(month), "{word}");
        }
        for word in ["", "ma", "marc", "septe", "mai"] {
            assert_eq!(english_month(word), None, "{word}");
        }
    }

    #[test]
    fn weekdays_are_known_by_name() {
        assert_eq!(french_weekday("Lundi"), Some(Weekday::Monday));
        assert_eq!(french_weekday("dimanche"), Some(Weekday::Sunday));
        assert_eq!(french_weekday("lundis"), None);
        assert_eq!(Name::from_english("sunday"), Some(&WEEKDAYS[6]));
    }

    #[test]
    fn the_folded_forms_of_a_name_have_no_accents() {
        let forms: Vec<String> = MONTHS[1].folded_french().collect();
        assert_eq!(forms, ["fevrier", "fevr", "fev"]);
        let forms: Vec<String> = MONTHS[4].folded_french().collect();
        assert_eq!(forms, ["mai"]);
        let forms: Vec<String> = WEEKDAYS[0].folded_french().collect();
        assert_eq!(forms, ["lundi", "lundis"]);
    }

    #[test]
    fn months_have_numbers_from_1_to_12() {
        assert_eq!(Name::of_month(1), Some(&MONTHS[0]));
        assert_eq!(Name::of_month(12), Some(&MONTHS[11]));
        assert_eq!(Name::of_month(0), None);
        assert_eq!(Name::of_month(13), None);
        assert_eq!(Name::of_month(-1), None);
    }

    #[test]
    fn the_pattern_matches_what_the_lookup_knows() {
        let pattern = regex::Regex::new(&format!("^{}$", french_month_pattern(r"\."))).unwrap();
        for name in MONTHS {
            assert!(pattern.is_match(name.french) && french_month(name.french).is_some());
            for short in name.french_short {
                assert!(pattern.is_match(&format!("{short}.")) && french_month(short).is_some());
                assert!(!pattern.is_match(short));
            }
        }
        assert!(pattern.is_match("fevrier") && pattern.is_match("aout"));
    }
}
