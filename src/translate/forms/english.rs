//! The form that English has for numbers, amounts, temperatures and hours, where a translation of
//! French has another.
//!
//! Only what the French states is written anew: nothing is changed that it does not have.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use french::calendar::{MONTHS, WEEKDAYS};
use french::text::{
    ByteSpan, Locale, capitalised, numerals, verbatim, without_accents, word_ranges, words,
};
use regex::{Captures, Regex, Replacer};

use crate::lexicon;

static GROUPED: LazyLock<Regex> = LazyLock::new(|| form(r"\b(\d{1,3})((?:,? \d{3})+)\b"));
/// A decimal comma. Three digits after it may be thousands.
static DECIMAL: LazyLock<Regex> = LazyLock::new(|| form(r"\b\d+,(?:\d{1,2}|\d{4,})\b"));
static EUROS_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    form(
        r"(?i)\b(\d[\d,]*(?:\.\d+)?)( (?:thousand|million|billion|trillion))? ?(?:euros?\b|EUR\b|€)",
    )
});
static EUROS_BEFORE: LazyLock<Regex> = LazyLock::new(|| form(r"(?:\bEUR|€) ?(\d)"));
static DEGREES: LazyLock<Regex> =
    LazyLock::new(|| form(r"(\d) ?(?:° ?C\b|degrees(?: C(?:elsius)?)?\b)"));
static PER_CENT: LazyLock<Regex> = LazyLock::new(|| form(r"(\d) %"));
static FRENCH_HOUR: LazyLock<Regex> = LazyLock::new(|| {
    form(
        r"(?i)\b([01]?\d|2[0-4]) ?(?:h|heures?|:)(?: ?([0-5]\d))?\b(?: (?:du (matin|soir)|de l'(après-midi)))?",
    )
});
/// An hour as French writes it, after a word before which a time of day stands.
static LEFT_HOUR: LazyLock<Regex> = LazyLock::new(|| {
    form(
        r"(?i)\b(at|after|around|before|between|by|from|and|since|to|towards?|until) ([01]?\d|2[0-4]) ?(?:h ?([0-5]\d)?|hours)\b( (?:of|in) the (?:morning|afternoon|evening)\b)?",
    )
});
static ORDINAL: LazyLock<Regex> = LazyLock::new(|| form(r"\b(\d*)([123])(?:th|e|ème|eme)\b"));
static REGNAL: LazyLock<Regex> = LazyLock::new(|| form(r"\b(\p{Lu}\p{L}+) I(?:er|re)\b"));
static ENGLISH_HOUR: LazyLock<Regex> =
    LazyLock::new(|| form(r"(?i)\b(\d{1,2})(?:[.:h]([0-5]\d))? ?(a\.m\.|p\.m\.|am\b|pm\b)"));

fn form(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file")
}

/// Returns `english`, a translation of `french`, with its numbers, amounts and hours in English form.
pub(in super::super) fn english_form(french: &str, english: &str) -> String {
    let text = opened(french, bracketed(french, words_left(french, english)));
    if !french.contains(|c: char| c.is_ascii_digit()) {
        return text;
    }
    let mut text = with_points(french, &grouped(french, &text));
    if french.contains('€') || french.to_lowercase().contains("euro") {
        text = replaced(&EUROS_AFTER, text, "€$1$2");
        text = replaced(&EUROS_BEFORE, text, "€$1");
    }
    if french.contains("°C") || french.contains("° C") {
        text = replaced(&DEGREES, text, "$1°C");
    }
    text = replaced(&PER_CENT, text, "$1%");
    text = ordinals(text);
    let stated = french_hours(french);
    if stated.is_empty() {
        return text;
    }
    hours(&stated, &hours_left(&stated, &text))
}

/// Number words that translations leave in French, with their English. Those that are English words
/// too are not among them.
const LEFT: &[(&str, &str)] = &[
    ("deux", "two"),
    ("trois", "three"),
    ("quatre", "four"),
    ("cinq", "five"),
    ("huit", "eight"),
    ("neuf", "nine"),
    ("dix", "ten"),
    ("onze", "eleven"),
    ("douze", "twelve"),
    ("treize", "thirteen"),
    ("quatorze", "fourteen"),
    ("quinze", "fifteen"),
    ("vingt", "twenty"),
    ("trente", "thirty"),
    ("quarante", "forty"),
    ("cinquante", "fifty"),
    ("soixante", "sixty"),
];

/// The English for a French word, in lower case, that is left in a translation: a number, month or
/// weekday. Mars is a planet too.
fn left(word: &str) -> Option<&'static str> {
    let dates = MONTHS.iter().chain(&WEEKDAYS);
    let mut dates = dates.filter(|name| name.french != "mars");
    let date = dates
        .find(|name| name.french == word)
        .map(|name| name.english);
    let number = || {
        LEFT.iter()
            .find(|(left, _)| *left == word)
            .map(|(_, said)| *said)
    };
    date.or_else(number)
}

/// Writes the English for words that are left in French, as `french` has them, but not within names:
/// `Le Vingt`.
fn words_left(french: &str, english: &str) -> String {
    // The network may leave out the accents of a word that it copies: `heritier`.
    let french_words: HashMap<String, String> = words(french)
        .into_iter()
        .map(|word| (without_accents(&word), word))
        .collect();
    let ranges: Vec<Range<usize>> = word_ranges(english).collect();
    let copied = |at: usize| {
        let word = without_accents(&english[ranges[at].clone()].to_lowercase());
        french_words.get(&word)
    };
    let is_capital = |at: usize| english[ranges[at].clone()].starts_with(char::is_uppercase);
    // `La France insoumise`: copied words after a name belong to it.
    let is_of_name = |at: usize| {
        let mut before = (1..at).rev().take_while(|&before| copied(before).is_some());
        before.any(is_capital)
    };
    let tokens = LazyCell::new(|| verbatim(english));
    let is_of_token = |range: &Range<usize>| {
        let span = ByteSpan::new(range.start, range.end);
        tokens.iter().any(|token| token.span.overlaps(span))
    };
    let mut text = english.to_owned();
    for (at, range) in ranges.iter().enumerate().rev() {
        let word = &english[range.clone()];
        let lower = word.to_lowercase();
        let Some(copied) = copied(at) else {
            continue;
        };
        let common = || {
            let english = lexicon::likeliest(copied).filter(|_| !lexicon::is_english(&lower))?;
            (!is_of_name(at) && !is_of_token(range)).then_some(english)
        };
        let Some(said) = left(copied).or_else(common) else {
            continue;
        };
        let is_capital = is_capital(at);
        let opens = at == 0
            || english[..range.start]
                .trim_end()
                .ends_with(['.', '!', '?', '"', ':']);
        let is_name = is_capital && !opens && !said.starts_with(char::is_uppercase);
        if is_name {
            continue;
        }
        let said = match is_capital {
            true => capitalised(said),
            false => said.to_owned(),
        };
        text.replace_range(range.clone(), &said);
    }
    replaced(&REGNAL, text, "$1 I")
}

/// Begins with a capital if the French does: `journalist Ihar Losik said`, but not `iPhone`.
fn opened(french: &str, english: String) -> String {
    let mut letters = english.chars();
    let is_small = letters.next().is_some_and(char::is_lowercase)
        && !letters.next().is_some_and(char::is_uppercase);
    match is_small && french.starts_with(char::is_uppercase) {
        true => capitalised(&english),
        false => english,
    }
}

/// Opens the bracket of an editor's insertion that a translation only closes: `He mayor] said`.
fn bracketed(french: &str, english: String) -> String {
    let count = |text: &str, mark: char| text.matches(mark).count();
    let is_lost = count(french, '[') == 1 && count(french, ']') == 1;
    let mut text = english;
    if is_lost
        && count(&text, '[') == 0
        && let Some(end) = text.find(']').filter(|_| count(&text, ']') == 1)
    {
        let start = text[..end].rfind(' ').map_or(0, |blank| blank + 1);
        text.insert(start, '[');
    }
    text
}

/// `41th` → `41st`
fn ordinals(text: String) -> String {
    let write = |found: &Captures| {
        let ending = match &found[2] {
            _ if found[1].ends_with('1') => "th",
            "1" => "st",
            "2" => "nd",
            _ => "rd",
        };
        format!("{}{}{ending}", &found[1], &found[2])
    };
    replaced(&ORDINAL, text, write)
}

/// Writes times of day that are left in French form, such as `16H33`, in English form, if they are
/// `stated`, in minutes of the day.
fn hours_left(stated: &[u32], english: &str) -> String {
    let write = |found: &Captures| {
        let written = found[0].to_owned();
        let (Ok(hour), minutes) = (found[2].parse::<u32>(), found.get(3)) else {
            return written;
        };
        let minutes = minutes.map_or("", |minutes| minutes.as_str());
        let time = hour % 24 * 60 + minutes.parse::<u32>().unwrap_or(0);
        let is_lasting = english[found.get(0).map_or(0, |all| all.end())..].starts_with(" of ");
        if !stated.contains(&time) || is_lasting {
            return written;
        }
        let half = if time >= 720 { "p.m." } else { "a.m." };
        let hour = match hour % 12 {
            0 => 12,
            hour => hour,
        };
        let minutes = match minutes {
            "" | "00" => String::new(),
            minutes => format!(":{minutes}"),
        };
        format!("{} {hour}{minutes} {half}", &found[1])
    };
    LEFT_HOUR.replace_all(english, write).into_owned()
}

fn replaced(form: &Regex, text: String, with: impl Replacer) -> String {
    match form.replace_all(&text, with) {
        Cow::Borrowed(_) => text,
        Cow::Owned(new) => new,
    }
}

/// Writes thousands with commas, where the French has the same number.
fn grouped(french: &str, english: &str) -> String {
    let stated: Vec<String> = numerals(french, Locale::French)
        .iter()
        .map(|numeral| numeral.value.as_str().to_owned())
        .collect();
    let write = |found: &Captures| {
        let groups = found[2].replace([',', ' '], "");
        let number = format!("{}{groups}", &found[1]);
        if !stated.contains(&number) {
            return found[0].to_owned();
        }
        let groups = found[2].replace(", ", " ");
        format!("{}{}", &found[1], groups.replace(' ', ","))
    };
    GROUPED.replace_all(english, write).into_owned()
}

/// Writes decimals with a point that are left as the French has them: `65,28`.
fn with_points(french: &str, english: &str) -> String {
    let write = |found: &Captures| {
        let end = found.get(0).map_or(0, |all| all.end());
        let goes_on = english[end..].starts_with(',') && !english[end..].starts_with(", ");
        match french.contains(&found[0]) && !goes_on {
            true => found[0].replace(',', "."),
            false => found[0].to_owned(),
        }
    };
    DECIMAL.replace_all(english, write).into_owned()
}

/// The hours that a French text states, in minutes of the day. Hours count to 24 in French, unless it
/// says which half of the day they are in.
fn french_hours(french: &str) -> Vec<u32> {
    let hours = FRENCH_HOUR.captures_iter(french);
    hours
        .filter_map(|found| {
            let mut hour: u32 = found[1].parse().ok()?;
            let minutes: u32 = found.get(2).map_or(Some(0), |m| m.as_str().parse().ok())?;
            let is_evening = found
                .get(3)
                .is_some_and(|half| half.as_str().eq_ignore_ascii_case("soir"));
            if (is_evening || found.get(4).is_some()) && hour < 12 {
                hour += 12;
            }
            Some(hour % 24 * 60 + minutes)
        })
        .collect()
}

/// Corrects `a.m.` and `p.m.` by the hours that the French has `stated`.
fn hours(stated: &[u32], english: &str) -> String {
    let write = |found: &Captures| {
        let written = found[0].to_owned();
        let Ok(hour) = found[1].parse::<u32>() else {
            return written;
        };
        let minutes = found.get(2).map_or("", |minutes| minutes.as_str());
        let clock = hour % 12 * 60 + minutes.parse::<u32>().unwrap_or(0);
        let mut same = stated.iter().filter(|stated| *stated % 720 == clock);
        let Some(is_late) = same.next().map(|stated| *stated >= 720) else {
            return written;
        };
        // Both halves of the day are stated: what the translation says stands.
        let is_both = same.any(|stated| (*stated >= 720) != is_late);
        if is_both || said_half(&found[3], hour) == Some(is_late) {
            return written;
        }
        let hour = if hour > 12 { hour - 12 } else { hour };
        let colon = if minutes.is_empty() { "" } else { ":" };
        format!(
            "{hour}{colon}{minutes} {}",
            if is_late { "p.m." } else { "a.m." }
        )
    };
    ENGLISH_HOUR.replace_all(english, write).into_owned()
}

/// Which half of the day an English text says that an hour is in: `true` for the second one. `None`
/// for what is wrong in any case, such as `17 p.m.`
fn said_half(half: &str, hour: u32) -> Option<bool> {
    (hour <= 12).then(|| half.to_lowercase().starts_with('p'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_amounts_have_their_english_form() {
        for (french, english, wanted) in [
            (
                "environ 1 200 personnes",
                "about 1 200 people",
                "about 1,200 people",
            ),
            ("9 100 spectateurs", "9, 100 spectators", "9,100 spectators"),
            ("72 969 058 €", "EUR 72 969 058", "€72,969,058"),
            (
                "celui du Brésil (72,69), de 1,2345 et de 1,250",
                "that of Brazil (72,69), of 1,2345 and of 1,250",
                "that of Brazil (72.69), of 1.2345 and of 1,250",
            ),
            ("12 €", "12 euros", "€12"),
            ("12 €", "EUR 12", "€12"),
            ("3 M€", "3 million euros", "€3 million"),
            ("2,4 milliards d'euros", "2.4 billion euros", "€2.4 billion"),
            ("15,50 €", "15.50 €.", "€15.50."),
            ("Il fait 39 °C", "It is 39 degrees C", "It is 39°C"),
            ("Il fait 39 °C", "It is 39 °C here", "It is 39°C here"),
            ("Il fait 39 °C", "It is 39 degrees.", "It is 39°C."),
            ("50 % des voix", "50 % of the vote", "50% of the vote"),
        ] {
            assert_eq!(english_form(french, english), wanted, "{french}");
        }
    }

    #[test]
    fn what_the_french_does_not_state_stays() {
        for (french, english) in [
            (
                "les saisons 2019 et 200 matchs",
                "the seasons 2019 200 matches",
            ),
            ("12 personnes", "12 euros"),
            ("Rien", "5 p.m."),
            ("Il est 17 heures", "It is 5 p.m."),
            ("à 5 heures et à 17 heures", "at 5 a.m. and at 5 p.m."),
        ] {
            assert_eq!(english_form(french, english), english, "{french}");
        }
    }

    #[test]
    fn what_was_left_in_french_is_put_into_english() {
        for (french, english, wanted) in [
            ("Huit mois après", "Huit months later", "Eight months later"),
            ("a annoncé samedi", "announced samedi", "announced Saturday"),
            (
                "Samedi 8 février",
                "Samedi 8 February",
                "Saturday 8 February",
            ),
            ("Juan Carlos Ier", "Juan Carlos Ier", "Juan Carlos I"),
            (
                "le 41ème président",
                "the 41th president",
                "the 41st president",
            ),
            ("le 11e étage", "the 11th floor", "the 11th floor"),
            ("à 16H33", "at 16H33,", "at 4:33 p.m.,"),
            (
                "peu après 15 heures",
                "shortly after 15 hours",
                "shortly after 3 p.m.",
            ),
            ("à 0h30", "at 00H30", "at 12:30 a.m."),
            (
                "peu après 5 heures du matin,",
                "shortly after 5 hours of the morning,",
                "shortly after 5 a.m.,",
            ),
            (
                "un orage et l'espace aérien",
                "a orage and the space aerien",
                "a storm and the space air",
            ),
            (
                "le groupe Les Émeutes et La France émeutes",
                "the group Les Émeutes and La France émeutes",
                "the group Les Émeutes and La France émeutes",
            ),
            (
                "à emeutes@exemple.fr, des émeutes",
                "to emeutes@exemple.fr, of émeutes",
                "to emeutes@exemple.fr, of riots",
            ),
            (
                "après 15 heures de route",
                "after 15 hours of driving",
                "after 15 hours of driving",
            ),
            ("le train Paris-Vingt", "the Vingt train", "the Vingt train"),
            ("Rien", "Samedi", "Samedi"),
            ("rien", "samedi", "samedi"),
            ("Le maire parle", "mayor speaks", "Mayor speaks"),
            ("L'iPhone est là", "iPhone is here", "iPhone is here"),
            ("Il [le maire] a dit", "He mayor] said", "He [mayor] said"),
            (
                "Il [le maire] a dit",
                "He [the mayor] said",
                "He [the mayor] said",
            ),
        ] {
            assert_eq!(english_form(french, english), wanted, "{french}");
        }
    }

    #[test]
    fn hours_are_in_the_half_of_the_day_that_the_french_says() {
        for (french, english, wanted) in [
            ("à 5 heures du matin", "at 5 p.m.,", "at 5 a.m.,"),
            ("à 9h15", "at 9.15 p.m.", "at 9:15 a.m."),
            ("à 9 h 15", "at 9:15pm", "at 9:15 a.m."),
            ("vers 17h30", "at around 5.30 a.m.", "at around 5:30 p.m."),
            ("vers 17 heures", "around 17 p.m.", "around 5 p.m."),
            ("dès 8h", "from 8 p.m.", "from 8 a.m."),
            ("à 8 heures du soir", "at 8 a.m.", "at 8 p.m."),
            ("à 3 heures de l'après-midi", "at 3 am", "at 3 p.m."),
            (
                "à minuit et 0h30",
                "at midnight and 12:30 p.m.",
                "at midnight and 12:30 a.m.",
            ),
        ] {
            assert_eq!(english_form(french, english), wanted, "{french}");
        }
    }
}
