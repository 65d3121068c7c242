//! Signs and letters that a model has no piece for, said in what it has; and signs that a
//! translation lost.

use std::borrow::Cow;
use std::sync::LazyLock;

use french::text::{ByteSpan, without_accents};
use regex::{Captures, Regex};

/// Words for a sign after a number, and elsewhere.
const WORDS: [(char, &str, &str); 14] = [
    ('€', " euros", "euros"),
    ('$', " dollars", "dollars"),
    ('£', " livres", "livres"),
    ('¥', " yens", "yens"),
    ('°', " degrés", "degrés"),
    ('%', " pour cent", "pour cent"),
    ('‰', " pour mille", "pour mille"),
    ('²', " au carré", "2"),
    ('³', " au cube", "3"),
    ('½', " et demi", "un demi"),
    ('¼', " et quart", "un quart"),
    ('§', " article", "article"),
    ('±', " plus ou moins", "plus ou moins"),
    ('×', " x", "x"),
];
/// Signs that have another one for the same thing.
const ALIKE: [(char, &str); 12] = [
    ('&', "et"),
    ('[', "("),
    (']', ")"),
    ('{', "("),
    ('}', ")"),
    ('•', "-"),
    ('→', "-"),
    ('№', "n°"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('Œ', "Oe"),
    ('ß', "ss"),
];
/// Letters that no decomposition makes plain.
const LETTERS: [(char, &str); 14] = [
    ('ł', "l"),
    ('Ł', "L"),
    ('đ', "d"),
    ('Đ', "D"),
    ('ø', "o"),
    ('Ø', "O"),
    ('ı', "i"),
    ('ð', "d"),
    ('þ', "th"),
    ('ħ', "h"),
    ('ŋ', "n"),
    ('ə', "e"),
    ('ŧ', "t"),
    ('Æ', "Ae"),
];
/// Scales that are written as one letter before a sign of a currency: `3 M€`.
const SCALES: [(&str, &str); 4] = [
    ("Mds", " milliards"),
    ("Md", " milliards"),
    ("M", " millions"),
    ("k", " mille"),
];

static POINTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b\d{1,3}(?:\.\d{3})+\b").expect("a valid expression"));

/// Writes thousands with blanks for points: `10.000` → `10 000`. Networks take the points for those
/// of English.
pub(super) fn without_points(text: &str) -> Cow<'_, str> {
    POINTED.replace_all(text, |found: &Captures| {
        let all = found.get(0).expect("the whole match");
        let joins = |c: Option<char>| c.is_some_and(|c| ".,/-".contains(c));
        let before = text[..all.start()].chars().next_back();
        let mut after = text[all.end()..].chars();
        let is_part = joins(before)
            || joins(after.next()) && after.next().is_some_and(|c| c.is_ascii_digit());
        match is_part || found[0].starts_with('0') {
            true => found[0].to_owned(),
            false => found[0].replace('.', " "),
        }
    })
}

/// Returns `text` in signs that the model `knows`, leaving out what is within `kept`.
pub(super) fn sayable<'t>(
    text: &'t str,
    kept: &[ByteSpan],
    knows: &dyn Fn(char) -> bool,
) -> Cow<'t, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ,.;:!?'\"()-".contains(c);
    let is_kept = |at: usize| kept.iter().any(|span| span.start <= at && at < span.end);
    let is_unsayable = |(at, c): &(usize, char)| !is_plain(*c) && !is_kept(*at) && !knows(*c);
    if !text.char_indices().any(|found| is_unsayable(&found)) {
        return Cow::Borrowed(text);
    }
    let mut said = String::with_capacity(text.len() + 16);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !is_unsayable(&(at, c)) {
            said.push(c);
            continue;
        }
        let next = chars.peek().map(|&(_, next)| next);
        say(c, next, &mut said);
        // The C of °C, which the word for the sign stands for.
        if c == '°' && next == Some('C') && said.ends_with("degrés") {
            chars.next();
        }
    }
    Cow::Owned(said)
}

/// Writes `c`, which the model does not know, in words after `said`.
fn say(c: char, next: Option<char>, said: &mut String) {
    let before = said.trim_end().chars().next_back();
    if c == '°' && before == Some('n') {
        said.push_str("uméro");
    } else if let Some((_, after_number, alone)) = WORDS.iter().find(|(sign, ..)| *sign == c) {
        let scale = currency_scale(said).filter(|_| c == '€');
        if let Some((letter, word)) = scale {
            said.truncate(said.trim_end().len() - letter.len());
            said.truncate(said.trim_end().len());
            said.push_str(word);
            said.push_str(if word == " mille" { "" } else { " d'" });
            said.push_str(if word == " mille" { " euros" } else { "euros" });
        } else if before.is_some_and(|before| before.is_ascii_digit()) {
            said.truncate(said.trim_end().len());
            said.push_str(after_number);
        } else {
            said.push_str(alone);
        }
        if next.is_some_and(char::is_alphanumeric) && !(c == '°' && next == Some('C')) {
            said.push(' ');
        }
    } else if let Some((_, alike)) = ALIKE.iter().find(|(sign, _)| *sign == c) {
        said.push_str(alike);
    } else if let Some((_, letter)) = LETTERS.iter().find(|(sign, _)| *sign == c) {
        said.push_str(letter);
    } else {
        // A letter with accents; anything else stays, and is missed in the translation.
        said.push_str(&without_accents(&c.to_string()));
    }
}

/// Returns the scale at the end of `said` that a sign of a currency belongs to.
fn currency_scale(said: &str) -> Option<(&'static str, &'static str)> {
    let said = said.trim_end();
    SCALES.into_iter().find(|(letter, _)| {
        said.strip_suffix(letter)
            .is_some_and(|before| before.trim_end().ends_with(|c: char| c.is_ascii_digit()))
    })
}

/// Signs that carry meaning, with the words that an English text may have instead.
const MEANT: [(char, &[&str]); 8] = [
    ('€', &["€", "euro", "eur"]),
    ('$', &["$", "dollar", "usd"]),
    ('£', &["£", "pound", "gbp", "sterling"]),
    ('°', &["°", "degree", "no.", "number", "n°", "no "]),
    ('%', &["%", "per cent", "percent", "pct"]),
    ('&', &["&", "and"]),
    ('[', &["[", "(", "..."]),
    ('§', &["§", "section", "article", "paragraph"]),
];

/// Returns the signs of `source` that `english` has in no form.
pub(crate) fn lost_signs(source: &str, english: &str) -> Vec<char> {
    if source.is_ascii() && !source.contains(['$', '%', '&', '[']) {
        return Vec::new();
    }
    let english = english.to_lowercase();
    let meant = MEANT.iter().filter(|(sign, _)| source.contains(*sign));
    meant
        .filter(|(_, forms)| !forms.iter().any(|form| english.contains(form)))
        .map(|(sign, _)| *sign)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says `text` for a model that has no piece for any sign but letters of French.
    fn said(text: &str) -> String {
        let knows = |c: char| "éèêàçâîôûùëïüÉÈÀÇ/".contains(c);
        sayable(text, &[], &knows).into_owned()
    }

    #[test]
    fn points_between_thousands_are_blanks() {
        for (text, wanted) in [
            (
                "10.000 euros et 1.200.000 habitants.",
                "10 000 euros et 1 200 000 habitants.",
            ),
            ("3.7 secondes, 12.05.2024, 0.125 et 192.168.100.1", ""),
        ] {
            let wanted = if wanted.is_empty() { text } else { wanted };
            assert_eq!(without_points(text), wanted);
        }
    }

    #[test]
    fn signs_are_said_in_words() {
        for (text, wanted) in [
            ("Le billet coûte 12 €.", "Le billet coûte 12 euros."),
            ("15,50€ et 3€/jour", "15,50 euros et 3 euros/jour"),
            (
                "La facture atteint 3 M€.",
                "La facture atteint 3 millions d'euros.",
            ),
            (
                "soit 2,4 Md€ ou 5k€",
                "soit 2,4 milliards d'euros ou 5 mille euros",
            ),
            (
                "Il fait 39 °C à Bron, 40° à Lyon.",
                "Il fait 39 degrés à Bron, 40 degrés à Lyon.",
            ),
            (
                "le dossier n° 3 et 50% des voix",
                "le dossier numéro 3 et 50 pour cent des voix",
            ),
            ("Dupont & Fils [le père]", "Dupont et Fils (le père)"),
            ("Wałęsa à Łódź, Čapek, 20 m²", "Walesa à Lodz, Capek, 20 m2"),
        ] {
            let said = said(text);
            assert_eq!(said, wanted, "{text}");
        }
    }

    #[test]
    fn what_the_model_knows_or_a_token_has_stays() {
        let all = |_: char| true;
        assert!(matches!(
            sayable("12 € & 39 °C", &[], &all),
            Cow::Borrowed(_)
        ));
        let none = |_: char| false;
        let text = "a_b@c.fr coûte";
        assert_eq!(
            sayable(text, &[ByteSpan::new(0, 8)], &none),
            "a_b@c.fr coute"
        );
    }

    #[test]
    fn a_sign_is_lost_if_no_form_of_it_is_there() {
        assert_eq!(lost_signs("12 € à 39 °C", "12 at 39 C"), ['€', '°']);
        assert_eq!(lost_signs("12 € à 39 °C", "EUR 12 at 39 degrees"), []);
        assert_eq!(lost_signs("50 % des voix", "50 per cent of the vote"), []);
        assert_eq!(lost_signs("Rien du tout", "Nothing"), []);
    }
}
