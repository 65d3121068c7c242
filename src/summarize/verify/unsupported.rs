//! What an English text states that the French does not: each number, date and name in it has to
//! occur, normalised, in the French sentences that it stands on.

use std::ops::Range;

use super::content::Content;
use super::english::{is_no_name, opens_sentence, without_clitic};
use crate::lexicon;
use french::calendar::Name;
use french::text::{
    Decimal, Locale, Numeral, english_number, english_scale, folded_words, french_scale_stems,
    numerals, without_accents, words,
};

/// The numbers and words of `english` that none of `contents` says.
pub(super) fn unsupported(english: &str, contents: &[&Content]) -> Vec<String> {
    let statement = Statement {
        text: english,
        words: super::english::words(english),
        numerals: numerals(english, Locale::English),
        contents,
    };
    let numerals = statement.numerals.iter();
    let numerals = numerals
        .filter(|numeral| !statement.supports_numeral(numeral))
        .map(|numeral| &english[numeral.range.clone()]);
    let words = (0..statement.words.len()).filter_map(|at| {
        let word = without_clitic(statement.word(at));
        (!statement.supports_word(at, word)).then_some(word)
    });
    let mut missing: Vec<String> = numerals.chain(words).map(str::to_owned).collect();
    missing.dedup();
    missing
}

/// An English text, and what the French says.
struct Statement<'a> {
    text: &'a str,
    words: Vec<Range<usize>>,
    numerals: Vec<Numeral>,
    contents: &'a [&'a Content],
}

impl<'a> Statement<'a> {
    fn any(&self, says: impl Fn(&Content) -> bool) -> bool {
        self.contents.iter().any(|content| says(content))
    }

    fn has(&self, value: &Decimal) -> bool {
        self.any(|content| content.numbers.contains(value))
    }

    /// Whether the French has `value` times the scale at word `at`: `two hundred` and `2.5 million`
    /// may be `200` and `2 500 000`.
    fn has_multiple(&self, value: &Decimal, at: usize) -> bool {
        english_scale(self.word(at)).is_some_and(|scale| self.has(&value.times(scale)))
    }

    /// The word `at`, or nothing after the last.
    fn word(&self, at: usize) -> &'a str {
        let range = self.words.get(at);
        range.map_or("", |range| &self.text[range.clone()])
    }

    fn supports_numeral(&self, numeral: &Numeral) -> bool {
        let Numeral { range, value } = numeral;
        // `20.000` copied as it was written; `20 h` is 8 p.m.
        let copied = numerals(&self.text[range.clone()], Locale::French);
        // `2:30 p.m.`
        let minutes = |c: char| c.is_ascii_digit() || [':', '.', ' '].contains(&c);
        let after = self.text[range.end..].trim_start_matches(minutes);
        let afternoon = after.starts_with("p.m") || after.starts_with("pm");
        let morning = after.starts_with("a.m") || after.starts_with("am");
        let next = self.words.partition_point(|word| word.start < range.end);
        let number = value.to_f64();
        // `18:00` for 18 h
        let is_full_hour = self.text[range.clone()] == *"00"
            && self.text[..range.start].ends_with([':', '.'])
            && number == 0.0;
        self.has(value)
            || is_full_hour
            || self.any(|content| {
                let mut copied = copied.iter();
                copied.all(|copied| content.numbers.contains(&copied.value))
            })
            || afternoon && number < 12.0 && self.has(&Decimal::from(number + 12.0))
            || morning && number == 12.0 && self.has(&Decimal::from(0.0))
            || self.has_multiple(value, next)
    }

    /// `word` is the one at `at` without its clitic.
    fn supports_word(&self, at: usize, word: &str) -> bool {
        let lower = word.to_lowercase();
        if let Some(value) = number(&lower) {
            return self.has(&value) || self.has_multiple(&value, at + 1);
        }
        if let Some(scale) = english_scale(&lower) {
            return self.supports_scale(at, scale);
        }
        if !word.starts_with(char::is_uppercase) {
            return true;
        }
        let start = self.words[at].start;
        let opens = at == 0 || opens_sentence(&self.text[..start]);
        let calendar = Name::from_english(word).filter(|name| name.english == word);
        if let Some(name) = calendar {
            // `May` and `March` also begin sentences.
            let numbered = (self.word(at + 1)).starts_with(|c: char| c.is_ascii_digit());
            return opens && !numbered || self.any(|content| content.has_date_name(name));
        }
        opens || is_no_name(word) || self.supports_name(&lower) || self.is_only_capitalised(&lower)
    }

    /// `Child Protection`: ordinary words with capitals, where they replace no name of the French.
    fn is_only_capitalised(&self, lower: &str) -> bool {
        lower.split('-').all(lexicon::is_common) && {
            let english = folded_words(self.text);
            !self.any(|content| content.loses_a_capital(&english))
        }
    }

    /// The scale is supported with the number before it, in digits or in a word, or by a French
    /// word for the scale.
    fn supports_scale(&self, at: usize, scale: u64) -> bool {
        let start = self.words[at].start;
        let digits = self.numerals.iter().rev().find(|numeral| {
            let between = self.text.get(numeral.range.end..start);
            between.is_some_and(|between| between.trim().is_empty())
        });
        let before = match digits {
            Some(numeral) => Some(numeral.value.clone()),
            None => at
                .checked_sub(1)
                .and_then(|before| number(&self.word(before).to_lowercase())),
        };
        before.is_some_and(|value| self.has(&value.times(scale)))
            || self.any(|content| {
                let mut stems = french_scale_stems(scale).iter();
                stems.any(|stem| content.has_stem(stem))
            })
    }

    /// `L'Oréal`, `Al-Assad`, `Covid-19`: by what of them is a word.
    fn supports_name(&self, lower: &str) -> bool {
        let name = without_accents(lower);
        self.any(|content| content.has_name(&name))
            || words(&name)
                .into_iter()
                .filter(|part| part.chars().count() > 2 && part.contains(char::is_alphabetic))
                .all(|part| self.any(|content| content.has_name(&part)))
    }
}

/// The value of an English number word: `five`, `twenty-five`. `one` is mostly a pronoun.
fn number(lower: &str) -> Option<Decimal> {
    let value = english_number(lower).filter(|value| *value >= 2)?;
    Some(Decimal::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(english: &str, french: &str, names: &[&str]) -> Vec<String> {
        let mut content = Content::of(french);
        names.iter().for_each(|name| content.add_name(name));
        unsupported(english, &[&content])
    }

    #[test]
    fn what_the_evidence_says_is_supported() {
        let french = "Le 11 septembre 2025, le Bélarus a libéré 52 prisonniers, dont 2,5 millions \
                      d'euros et quatorze étrangers, selon Mikola Statkevitch et l'OTAN.";
        let english = "On 11 September 2025, Belarus released 52 prisoners, including 2.5 million \
                       euros and 14 foreigners, according to Mikola Statkevich and NATO.";
        assert_eq!(missing(english, french, &["Belarus", "NATO"]), [""; 0]);
    }

    #[test]
    fn numbers_months_and_names_of_its_own_are_found() {
        let french = "En mars, 52 prisonniers ont été libérés par Ihar Losik pour 3 millions.";
        let english = "In May, 53 prisoners were released by Iharik in Minsk for 3 billion.";
        assert_eq!(
            missing(english, french, &["Ihar Losik"]),
            ["53", "May", "Iharik", "Minsk", "billion"]
        );
    }

    #[test]
    fn spelt_numbers_and_initials_are_the_same_as_digits_and_names() {
        let french = "Trois personnes ont été vues par l'OMS à 20 heures.";
        assert_eq!(
            missing(
                "Doctors of the WHO saw 3 people at 8 p.m.",
                french,
                &["World Health Organization"]
            ),
            [""; 0]
        );
        assert_eq!(missing("He saw four people.", french, &[]), ["four"]);
    }

    #[test]
    fn a_month_is_not_supported_by_words_that_begin_like_it() {
        let french = "Mais le maire de Marseille a déclaré que la maison était fermée.";
        let english =
            "But the mayor of Marseille said on 3 May and in December that it was closed.";
        assert_eq!(missing(english, french, &[]), ["3", "May", "December"]);
    }

    #[test]
    fn numbers_are_the_same_in_words_and_in_digits() {
        let french = "Vingt-cinq blessés, 200 morts, 2 500 000 euros et soixante-dix blessés au XXIe siècle.";
        let english = "25 wounded, two hundred dead, 2.5 million euros and seventy wounded in the 21st century.";
        assert_eq!(missing(english, french, &[]), [""; 0]);
        assert_eq!(
            missing("8.2 million euros", "8 200 000 euros", &[]),
            [""; 0]
        );
        let wrong = "twenty-six wounded, three hundred dead, 2.5 billion euros";
        assert_eq!(
            missing(wrong, french, &[]),
            ["2.5", "twenty-six", "three", "hundred", "billion"]
        );
        assert_eq!(
            missing("The development of 5 towns", "17 villes", &[]),
            ["5"]
        );
    }

    #[test]
    fn times_of_day_are_the_same_in_both_forms() {
        let french = "Alertés vers 14H30, les secours sont arrivés à 19h05.";
        let english = "Alerted at around 2:30 p.m., rescuers arrived at 7.05 pm.";
        assert_eq!(missing(english, french, &[]), [""; 0]);
        let wrong = "Alerted at around 3:30 p.m., rescuers arrived at 7:05 p.m.";
        assert_eq!(missing(wrong, french, &[]), ["3"]);
    }

    #[test]
    fn names_with_marks_inside_are_known_by_their_words() {
        let french = "L'Oréal, Bachar al-Assad, le Val-d'Oise et le Covid-19.";
        let english =
            "He said that L'Oréal's head, Bashar Al-Assad, Val-d'Oise and I'm in Covid-19.";
        assert_eq!(missing(english, french, &["Bashar al-Assad"]), [""; 0]);
        assert_eq!(
            missing("He met Mr. Dupont there.", "Il a vu M. Durand.", &[]),
            ["Dupont"]
        );
    }

    #[test]
    fn common_words_with_capitals_are_no_inventions() {
        let french = "La baie de Somme, le bassin de la Seine et les écoles du Royaume-Uni, au premier \
                      semestre, sur 12 m², à 18h, dans les années 70, à l'hôpital de Saragosse.";
        let english = "The Bay of Somme, the Seine Basin and United Kingdom Schools, in the first six \
                       months, over 12 m2, at 18:00, in the 1970s, at Zaragoza hospital.";
        assert_eq!(missing(english, french, &[]), [""; 0]);
        let french = "La secrétaire d'État chargée de la protection de l'enfance, Zoé Durand.";
        let english = "The Secretary of State for Child Protection, Zoé Durand.";
        assert_eq!(missing(english, french, &[]), [""; 0]);
        let french = "Le groupe de travail, rapporte L'Union.";
        assert_eq!(
            missing(
                "He saw the Working Group, The Union says.",
                french,
                &["L'Union"]
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_common_word_that_replaces_a_name_is_found() {
        for (french, english, wanted) in [
            (
                "Il a vu la Mirage GT.",
                "He saw the GT Migration.",
                "Migration",
            ),
            (
                "La ville de Marseille a voté.",
                "The city of Sport voted.",
                "Sport",
            ),
        ] {
            assert_eq!(missing(english, french, &[]), [wanted]);
        }
    }

    #[test]
    fn a_capital_that_is_due_is_no_name() {
        assert_eq!(
            missing("Yesterday it rained. Nobody came.", "Il a plu.", &[]),
            [""; 0]
        );
    }
}
