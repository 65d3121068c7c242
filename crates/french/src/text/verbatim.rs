//! Tokens that nobody translates: addresses, handles, telephone numbers, codes, emoji, markup, and
//! what is quoted in English.

use std::sync::OnceLock;

use regex::Regex;

use super::{ByteSpan, is_english};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerbatimKind {
    /// `<b>`, `&nbsp;`: markup that was left in the text.
    Markup,
    /// `redaction@exemple.fr`
    Email,
    /// `https://exemple.fr/a?b=1`, `www.exemple.fr`, `exemple.fr/dons`
    Url,
    /// `rapport_2024.pdf`
    FileName,
    /// `@exemple`
    Handle,
    /// `#MeToo`
    Hashtag,
    /// `FR76 3000 6000 0112 3456 7890 189`
    Iban,
    /// `01 23 45 67 89`, `+33 1 23 45 67 89`
    Phone,
    /// `AB-123-CD`, `AF447`, `Az7-Qr9_tt`, `2024/117`
    Code,
    /// One or more of them without a blank between.
    Emoji,
    /// `[...]`: where someone left something out.
    Omission,
    /// `We will not give up` within quotation marks.
    English,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verbatim {
    /// What it is.
    pub kind: VerbatimKind,
    /// Its bytes in the text.
    pub span: ByteSpan,
}

/// What the tokens of a kind look like.
///
/// Expressions with classes of letters take milliseconds to compile and a megabyte to keep, so each is
/// compiled when the first text may have its tokens.
struct Form {
    kind: VerbatimKind,
    /// The first group is the token. What may not precede it is matched as well, since the expressions have
    /// no lookbehind.
    expression: &'static str,
    /// Whether a text has the characters that every such token has.
    may_be_in: fn(&str) -> bool,
    compiled: OnceLock<Regex>,
}

impl Form {
    const fn new(
        kind: VerbatimKind,
        expression: &'static str,
        may_be_in: fn(&str) -> bool,
    ) -> Self {
        Self {
            kind,
            expression,
            may_be_in,
            compiled: OnceLock::new(),
        }
    }

    fn regex(&self) -> &Regex {
        let compile = || Regex::new(self.expression).expect("a valid expression");
        self.compiled.get_or_init(compile)
    }
}

/// The forms of all kinds. Where two meet, that which stands first here wins.
static FORMS: [Form; 13] = [
    Form::new(
        VerbatimKind::English,
        r#"(?:« ?|“|")([^«»“”"]+?)(?: ?»|”|")"#,
        |text| text.contains(['«', '“', '"']),
    ),
    Form::new(
        VerbatimKind::Markup,
        r"(</?[A-Za-z][^<>]{0,80}>|&(?:[a-z]{2,8}|#\d{1,6});)",
        |text| text.contains(['<', '&']),
    ),
    Form::new(
        VerbatimKind::Email,
        r"(?:^|[^\w.+@-])([\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
        |text| text.contains('@'),
    ),
    Form::new(
        VerbatimKind::Url,
        r#"(?:^|[^\w@./-])((?:(?i:https?|ftp)://|www\.)[^\s<>"«»]+)"#,
        |text| text.contains("://") || text.contains("www."),
    ),
    Form::new(
        VerbatimKind::FileName,
        r"(?:^|[^\w./-])([\w-]+\.(?i:pdf|docx?|xlsx?|pptx?|odt|csv|txt|jpe?g|png|gif|zip|mp[34]|xml|json|html?))(?:$|[^\w])",
        has_point_before_letter,
    ),
    Form::new(
        VerbatimKind::Url,
        r#"(?:^|[^\w@./-])((?:[a-z0-9][a-z0-9-]*\.)+(?:fr|com|org|net|info|eu|be|ch|ca|lu|de|uk|es|it|io|tv|re|ma|tn|dz|sn|ci|int|gov|paris|bzh)(?:/[^\s<>"«»]*)?)(?:$|[^\w@-])"#,
        has_point_before_letter,
    ),
    Form::new(VerbatimKind::Handle, r"(?:^|[^\w@./])(@\w+)", |text| {
        text.contains('@')
    }),
    Form::new(
        VerbatimKind::Hashtag,
        r"(?:^|[^\w&#/])(#\d*[\p{L}_][\w]*)",
        |text| text.contains('#'),
    ),
    Form::new(
        VerbatimKind::Iban,
        r"(?:^|[^\w])([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?:$|[^\w])",
        |text| {
            let mut capitals = text.as_bytes().windows(2);
            capitals.any(|pair| pair.iter().all(u8::is_ascii_uppercase)) && has_digits(text, 2)
        },
    ),
    Form::new(
        VerbatimKind::Phone,
        r"(?:^|[^\w+.,/-])((?:(?:\+|00)\d{1,3}[ .-]?(?:\(0\)[ .-]?)?\d(?:[ .-]?\d){6,11})|0\d(?:[ .-]?\d\d){4})(?:$|[^\w])",
        |text| text.contains(['+', '0']) && has_digits(text, 8),
    ),
    Form::new(
        VerbatimKind::Code,
        r"(?:^|[^\w./@#-])([A-Za-z0-9]+(?:[-_/.][A-Za-z0-9]+)*)",
        |text| text.contains(|c: char| c.is_ascii_digit()),
    ),
    Form::new(
        VerbatimKind::Omission,
        r"(\[ ?(?:\.\.\.|…) ?\]|\((?:\.\.\.|…)\))",
        |text| text.contains("...") || text.contains('…'),
    ),
    Form::new(
        VerbatimKind::Emoji,
        "([\u{1F000}-\u{1FAFF}\u{2600}-\u{27BF}\u{2B00}-\u{2BFF}\u{FE0F}\u{20E3}\u{E0020}-\u{E007F}]+)",
        |text| text.contains(|c: char| c >= '\u{20E3}'),
    ),
];

fn has_point_before_letter(text: &str) -> bool {
    let mut pairs = text.as_bytes().windows(2);
    pairs.any(|pair| pair[0] == b'.' && pair[1].is_ascii_alphabetic())
}

/// Whether so many digits, of any script, are in a text.
fn has_digits(text: &str, count: usize) -> bool {
    text.chars()
        .filter(|c| c.is_numeric())
        .nth(count - 1)
        .is_some()
}

/// Returns the tokens of `text` that no translation changes, in order.
pub fn verbatim(text: &str) -> Vec<Verbatim> {
    let mut found: Vec<Verbatim> = Vec::new();
    for form in FORMS.iter().filter(|form| (form.may_be_in)(text)) {
        let mut from = 0;
        while let Some(groups) = form.regex().captures_at(text, from) {
            let token = groups.get(1).expect("every form has the group");
            // The character after a token may precede the next one.
            from = token.end().max(from + 1);
            while !text.is_char_boundary(from) {
                from += 1;
            }
            let span = trimmed(text, token.start(), token.end());
            let is_taken = found.iter().any(|other| span.overlaps(other.span));
            if is_token(form.kind, span.slice(text)) && !is_taken {
                found.push(Verbatim {
                    kind: form.kind,
                    span,
                });
            }
            if from >= text.len() {
                break;
            }
        }
    }
    found.sort_by_key(|token| token.span.start);
    found
}

/// Leaves out the punctuation at the end, which belongs to the sentence, and a bracket that was not
/// opened within.
fn trimmed(text: &str, start: usize, end: usize) -> ByteSpan {
    let mut token = &text[start..end];
    while let Some(last) = token.chars().next_back() {
        let closes = |open: char| token.matches(open).count() < token.matches(last).count();
        let is_outside = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '"' => {
                !token.ends_with(';') || !token.starts_with('&')
            }
            ')' => closes('('),
            ']' => closes('['),
            _ => false,
        };
        if !is_outside {
            break;
        }
        token = &token[..token.len() - last.len_utf8()];
    }
    ByteSpan::new(start, start + token.len())
}

/// Whether what has the form of a token is one.
fn is_token(kind: VerbatimKind, token: &str) -> bool {
    match kind {
        VerbatimKind::Code => is_code(token),
        VerbatimKind::English => (12..=400).contains(&token.chars().count()) && is_english(token),
        _ => !token.is_empty(),
    }
}

/// Codes mix digits with capitals or low lines, or are a year and a number: not amounts (`12km`,
/// `3M`), times (`15h30`, `15H30`), ordinals (`1er`, `2e`), names of one word and a number (`Covid-19`), or
/// sizes (`4x4`).
fn is_code(token: &str) -> bool {
    let has = |test: fn(&char) -> bool| token.chars().any(|c| test(&c));
    if !has(char::is_ascii_digit) || is_time(token) {
        return false;
    }
    if let Some((year, number)) = token.split_once('/') {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if year.len() == 4 && digits(year) && !number.is_empty() && digits(number) {
            return true;
        }
    }
    let starts_with_digit = token.starts_with(|c: char| c.is_ascii_digit());
    let letters: Vec<char> = token.chars().filter(char::is_ascii_alphabetic).collect();
    let is_amount = starts_with_digit
        && token
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .len()
            == letters.len()
        && letters.len() <= 2;
    let word = token.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '/');
    let is_word = word.len() > 2 && word.chars().skip(1).all(|c| c.is_ascii_lowercase());
    let is_mixed = has(char::is_ascii_uppercase) || token.contains('_');
    is_mixed && !is_amount && !is_word
}

/// `15H30`, `8H`
fn is_time(token: &str) -> bool {
    let part = |digits: &str, most: u32| {
        digits.len() <= 2 && digits.parse::<u32>().is_ok_and(|number| number <= most)
    };
    let parts = token.split_once(['h', 'H']);
    parts.is_some_and(|(hour, minutes)| {
        part(hour, 24) && (minutes.is_empty() || minutes.len() == 2 && part(minutes, 59))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use VerbatimKind::*;

    fn found(text: &str) -> Vec<(VerbatimKind, &str)> {
        verbatim(text)
            .iter()
            .map(|token| (token.kind, token.span.slice(text)))
            .collect()
    }

    #[test]
    fn every_kind_is_found_without_the_punctuation_beside_it() {
        for (text, wanted) in [
            (
                "Écrivez à redaction@exemple.fr.",
                vec![(Email, "redaction@exemple.fr")],
            ),
            (
                "Voir https://exemple.fr/a?b=1&c=2, puis (www.exemple.org).",
                vec![
                    (Url, "https://exemple.fr/a?b=1&c=2"),
                    (Url, "www.exemple.org"),
                ],
            ),
            (
                "Sur exemple.fr/dons, exemple.com et service-public.gouv.fr.",
                vec![
                    (Url, "exemple.fr/dons"),
                    (Url, "exemple.com"),
                    (Url, "service-public.gouv.fr"),
                ],
            ),
            (
                "Page https://fr.exemple.org/wiki/Var_(fleuve)!",
                vec![(Url, "https://fr.exemple.org/wiki/Var_(fleuve)")],
            ),
            (
                "Le fichier rapport_2024.pdf a fuité.",
                vec![(FileName, "rapport_2024.pdf")],
            ),
            (
                "@exemple et @autre_2 sous #MeToo, #8mars et #2024.",
                vec![
                    (Handle, "@exemple"),
                    (Handle, "@autre_2"),
                    (Hashtag, "#MeToo"),
                    (Hashtag, "#8mars"),
                ],
            ),
            (
                "IBAN FR76 3000 6000 0112 3456 7890 189.",
                vec![(Iban, "FR76 3000 6000 0112 3456 7890 189")],
            ),
            (
                "Appelez le 01 23 45 67 89, le 06.12.34.56.78 ou le +33 1 23 45 67 89.",
                vec![
                    (Phone, "01 23 45 67 89"),
                    (Phone, "06.12.34.56.78"),
                    (Phone, "+33 1 23 45 67 89"),
                ],
            ),
            (
                "Le vol AF447, la plaque AB-123-CD, le dossier 2024/117 et Az7-Qr9_tt.",
                vec![
                    (Code, "AF447"),
                    (Code, "AB-123-CD"),
                    (Code, "2024/117"),
                    (Code, "Az7-Qr9_tt"),
                ],
            ),
            (
                "Il a dit: « We are not going to give up », puis \"nous verrons bien\".",
                vec![(English, "We are not going to give up")],
            ),
            ("Bravo 👏🏽 à tous ❤️!", vec![(Emoji, "👏🏽"), (Emoji, "❤️")]),
            (
                "Nous avons [...] perdu (…) notre maison",
                vec![(Omission, "[...]"), (Omission, "(…)")],
            ),
            (
                "Un <b>mot</b> &amp; un autre",
                vec![(Markup, "<b>"), (Markup, "</b>"), (Markup, "&amp;")],
            ),
        ] {
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn ordinary_text_has_none() {
        for text in [
            "Le 1er mai à 15h30, de 8H à 15H30, 12km plus loin, au 2e étage, 3M d'euros pour la Covid-19.",
            "Le 12/03/2024, 1,5 million de personnes et 9 100 spectateurs, de 1914-1918.",
            "M. Dupont a dit non.Le maire aussi. L'U.R.S.S. et l'O.N.U.",
            "Un quart, 50 %, 12 €, « oui »... et/ou non: J.-C. 4x4",
            "Le G de la fin, un prix de 1.500 euros, 10.000 habitants.",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn neighbours_are_both_found() {
        assert_eq!(
            found("@a @b @c"),
            [(Handle, "@a"), (Handle, "@b"), (Handle, "@c")]
        );
        assert_eq!(found("a@b.fr,c@d.fr").len(), 2);
        assert_eq!(found("ééé@").len(), 0);
    }

    /// A token of each kind.
    fn token() -> impl Strategy<Value = String> {
        let word = "[a-z]{2,9}";
        let domain = (word, "(-[a-z]{2,5})?", "(fr|com|org|be|ch|info)")
            .prop_map(|(a, b, top)| format!("{a}{b}.{top}"));
        let email = ("[a-z]{1,8}[._-]?[a-z0-9]{1,5}", domain.clone())
            .prop_map(|(name, domain)| format!("{name}@{domain}"));
        let url = (
            "(https?://|www\\.|https://www\\.)",
            domain,
            "(/[a-zA-Z0-9_-]{1,8}){0,3}",
        )
            .prop_map(|(start, domain, path)| format!("{start}{domain}{path}"));
        prop_oneof![
            email,
            url,
            "@[a-zA-Z0-9_]{3,12}",
            "#[A-Z][a-z]{2,8}[A-Z]?[a-z0-9]{0,5}",
            "0[1-9]( [0-9]{2}){4}",
            "\\+33 [1-9]( [0-9]{2}){4}",
            "[A-Z]{2}-[0-9]{3}-[A-Z]{2}",
            "[A-Z]{2}[0-9]{2,4}",
            "20[0-9]{2}/[0-9]{2,5}",
            "[a-z]{3,8}_[a-z0-9]{2,6}\\.(pdf|csv|jpg)",
            "FR76( [0-9]{4}){5} [0-9]{3}",
            "(😀|👏🏽|⚽|🇫🇷)",
        ]
    }

    proptest! {
        #[test]
        fn tokens_are_found_in_whatever_stands_around_them(
            before in "[a-zéèà' ]{0,30}",
            (open, close) in prop_oneof![
                Just(("", "")), Just(("(", ")")), Just(("« ", " »")), Just(("\"", "\"")), Just(("", ",")),
                Just(("", ".")), Just(("", " ?")), Just(("", ":")), Just(("", "...")),
            ],
            after in "[a-zéèà' ]{0,30}",
            token in token(),
        ) {
            let text = format!("{before} {open}{token}{close} {after}");
            let found = found(&text);
            prop_assert!(
                found.iter().any(|(_, found)| *found == token),
                "{token:?} in {text:?}: {found:?}"
            );
        }

        #[test]
        fn texts_without_the_characters_of_a_form_have_no_token_of_it(
            parts in proptest::collection::vec(
                prop_oneof![
                    token(),
                    "[a-zA-Z0-9.,/@#+_&;<>«»\"()\\[\\]… ☀€-]{1,12}",
                    ".{0,8}",
                ],
                0..4,
            ),
        ) {
            let text = parts.concat();
            for form in FORMS.iter().filter(|form| !(form.may_be_in)(&text)) {
                for groups in form.regex().captures_iter(&text) {
                    let token = groups.get(1).expect("every form has the group").as_str();
                    prop_assert!(!is_token(form.kind, token), "{token:?} in {text:?}");
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            for token in verbatim(&text) {
                prop_assert!(!token.span.slice(&text).is_empty());
            }
        }
    }
}
