//! Text that went through a wrong decoder or a typesetter before it was saved: put right as it is read.

use std::borrow::Cow;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};
use oem_cp::code_table::DECODING_TABLE_CP850;

use super::scan::{self, is, within};

/// Times that a text may have been decoded wrongly.
const MOST_ROUNDS: usize = 3;

/// Returns `text` with UTF-8 that was taken for another encoding (`dÃ©cidÃ©`, `d√©cid√©`, `d├®cid├®`)
/// as it was meant, quotation marks and dashes of windows-1252 that were taken for control characters,
/// ligatures of two and three letters in letters, and without soft hyphens.
pub(super) fn repaired(text: Cow<'_, str>) -> Cow<'_, str> {
    if !scan::has(text.as_bytes(), may_be_wrong) {
        return text;
    }
    let mut text = text.into_owned();
    for round in 0..MOST_ROUNDS {
        match without_mojibake(&text) {
            Cow::Borrowed(_) if round == 0 => break,
            Cow::Borrowed(_) => {
                text = with_lost_blanks(&text);
                break;
            }
            Cow::Owned(better) => text = better,
        }
    }
    let text = match without_controls(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(plain) => plain,
    };
    let text = match without_typesetting(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(plain) => plain,
    };
    Cow::Owned(match without_note_numbers(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(plain) => plain,
    })
}

/// Whether three bytes of UTF-8 may begin what is put right here, as few do.
pub(super) fn may_be_wrong([first, second, third, _]: [u8; 4]) -> u8 {
    // Controls, a soft hyphen, `¹²³`; other raised digits; ligatures.
    let is_digit = within(second, 0xB2, 0xB3) | is(second, 0xB9);
    let is_control = within(second, 0x80, 0x9F);
    let latin = is(first, 0xC2) & (is_control | is(second, 0xAD) | is_digit);
    let raised = is(first, 0xE2) & is(second, 0x81);
    let ligature = is(first, 0xEF) & is(second, 0xAC);
    // `ÂÃÅâï`, which begin mojibake, before another character beyond ASCII.
    let begins = within(second, 0x82, 0x83) | is(second, 0x85);
    let begins = begins | is(second, 0xA2) | is(second, 0xAF);
    let begins = is(first, 0xC3) & begins & within(third, 0x80, 0xFF);
    // `√`, `├` and `┬`, which begin that of other encodings.
    let root = is(second, 0x88) & is(third, 0x9A);
    let line = is(second, 0x94) & (is(third, 0x9C) | is(third, 0xAC));
    latin | raised | ligature | begins | is(first, 0xE2) & (root | line)
}

/// Digits above the line.
const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/// Whether a raised number after `before` is an exponent, not the number of a note: `12 m²`, `10³`.
pub(super) fn takes_exponent(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let is_unit = word.chars().count() <= 3 && word.ends_with(char::is_alphabetic);
    is_unit || word == "10"
}

/// Without the raised numbers of notes, which would join the number before them: `14 200¹`.
fn without_note_numbers(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| RAISED.contains(c)) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut in_note = false;
    for c in text.chars() {
        let is_raised = RAISED.contains(c);
        // Only what follows a digit can be taken for a part of a number.
        in_note = is_raised
            && (in_note
                || plain.ends_with(|c: char| c.is_ascii_digit()) && !takes_exponent(&plain));
        if !in_note {
            plain.push(c);
        }
    }
    Cow::Owned(plain)
}

/// An encoding that UTF-8 is taken for.
struct WrongEncoding {
    /// What some characters of French begin with then.
    signs: &'static [char],
    byte: fn(char) -> Option<u8>,
}

const WRONG_ENCODINGS: [WrongEncoding; 3] = [
    WrongEncoding {
        signs: &['Ã', 'Â', 'â', 'Å', 'ï'],
        // The bytes that it does not use are controls, and all of these are in ISO 8859-1.
        byte: |c| match c {
            '\u{80}'..='\u{9F}' => u8::try_from(c).ok(),
            c => byte_in(WINDOWS_1252, c),
        },
    },
    WrongEncoding {
        signs: &['√'],
        byte: |c| byte_in(MACINTOSH, c),
    },
    WrongEncoding {
        signs: &['├', '┬'],
        byte: |c| {
            let place = DECODING_TABLE_CP850.iter().position(|other| *other == c)?;
            Some(0x80 + u8::try_from(place).ok()?)
        },
    },
];

/// The byte of a character beyond ASCII in an encoding of single bytes.
fn byte_in(encoding: &'static Encoding, c: char) -> Option<u8> {
    let mut buffer = [0; 4];
    let (encoded, _, is_lossy) = encoding.encode(c.encode_utf8(&mut buffer));
    encoded.first().copied().filter(|_| !is_lossy)
}

/// Decodes the stretches of `text` that are UTF-8 read in another encoding. Ordinary French is none:
/// the bytes of `é` or `« ` alone are not UTF-8.
fn without_mojibake(text: &str) -> Cow<'_, str> {
    let wrong = WRONG_ENCODINGS.iter();
    let mut wrong = wrong.filter(|wrong| text.contains(wrong.signs));
    let better = wrong.find_map(|wrong| decoded_again(text, wrong));
    better.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn decoded_again(text: &str, wrong: &WrongEncoding) -> Option<String> {
    let mut better = String::with_capacity(text.len());
    let mut is_changed = false;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| !c.is_ascii()) {
        better.push_str(&rest[..start]);
        let stretch = &rest[start..];
        let end = stretch
            .find(|c: char| c.is_ascii())
            .unwrap_or(stretch.len());
        let (stretch, after) = stretch.split_at(end);
        let meant = meant(stretch, wrong);
        is_changed |= meant.is_some();
        better.push_str(meant.as_deref().unwrap_or(stretch));
        rest = after;
    }
    better.push_str(rest);
    is_changed.then_some(better)
}

/// What a stretch of characters beyond ASCII was before some of its UTF-8 was read in another
/// encoding. `None` if none was.
fn meant(stretch: &str, wrong: &WrongEncoding) -> Option<String> {
    let characters: Vec<char> = stretch.chars().collect();
    let mut meant = String::with_capacity(stretch.len());
    let mut at = 0;
    let mut is_changed = false;
    while at < characters.len() {
        // The characters of French take two or three bytes.
        let found = [2, 3].into_iter().find_map(|length| {
            let characters = characters.get(at..at + length)?.iter();
            let bytes: Vec<u8> = characters
                .map(|&c| (wrong.byte)(c))
                .collect::<Option<_>>()?;
            let mut decoded = std::str::from_utf8(&bytes).ok()?.chars();
            let only = decoded.next().filter(|_| decoded.next().is_none())?;
            is_expected(only).then_some((only, length))
        });
        let (character, length) = found.unwrap_or((characters[at], 1));
        is_changed |= found.is_some();
        meant.push(character);
        at += length;
    }
    is_changed.then_some(meant)
}

/// Whether text in a European language has the character.
fn is_expected(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{17F}' | '\u{2010}'..='\u{203A}' | '€' | '™' | '−' | 'ﬁ' | 'ﬂ')
}

/// With the characters that windows-1252 has where ISO 8859-1 has controls: `l\u{92}eau` is `l’eau`.
fn without_controls(text: &str) -> Cow<'_, str> {
    // A line end in itself.
    const NEXT_LINE: char = '\u{85}';
    let is_control = |c: char| matches!(c, '\u{80}'..='\u{9F}');
    if !text.contains(|c| is_control(c) && c != NEXT_LINE) {
        return Cow::Borrowed(text);
    }
    let meant = text.chars().map(|c| {
        let byte = u8::try_from(c).ok().filter(|_| is_control(c));
        byte.map_or(c, in_windows_1252)
    });
    Cow::Owned(meant.collect())
}

/// The character that a byte is in windows-1252.
pub(super) fn in_windows_1252(byte: u8) -> char {
    let bytes = [byte];
    let (decoded, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
    decoded
        .chars()
        .next()
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// In a text that was decoded wrongly, `Ã ` is an `à` whose no-break space became a blank.
fn with_lost_blanks(text: &str) -> String {
    let mut better = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        if c != 'Ã' || !after.starts_with(' ') {
            better.push(c);
            continue;
        }
        let before = better.trim_end();
        let opens = before.is_empty() || before.ends_with(['.', '!', '?', '\n', '«', '"', ':']);
        better.push(if opens { 'À' } else { 'à' });
    }
    better
}

/// Without ligatures such as `ﬁ` and without soft hyphens.
fn without_typesetting(text: &str) -> Cow<'_, str> {
    const LIGATURES: [(char, &str); 7] = [
        ('ﬀ', "ff"),
        ('ﬁ', "fi"),
        ('ﬂ', "fl"),
        ('ﬃ', "ffi"),
        ('ﬄ', "ffl"),
        ('ﬅ', "st"),
        ('ﬆ', "st"),
    ];
    let is_typeset = |c: char| c == '\u{AD}' || ('ﬀ'..='ﬆ').contains(&c);
    if !text.contains(is_typeset) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c != '\u{AD}') {
        match LIGATURES.iter().find(|(ligature, _)| *ligature == c) {
            Some((_, letters)) => plain.push_str(letters),
            None => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn garbled(text: &str) -> String {
        let (garbled, _) = WINDOWS_1252.decode_without_bom_handling(text.as_bytes());
        garbled.into_owned()
    }

    #[test]
    fn utf8_that_was_taken_for_windows_1252_is_read_again() {
        let text = "Le cœur a dû être fermé à Nîmes, « dit-on » : 12 € l’élève… À l'Œuvre.";
        assert_eq!(repaired(garbled(text).into()), text);
        assert_eq!(repaired(garbled(&garbled(text)).into()), text, "twice");
        assert_eq!(
            repaired("Ã la rentrÃ©e, les Ã©lÃ¨ves iront Ã\u{a0} Lormeau.".into()),
            "À la rentrée, les élèves iront à Lormeau."
        );
    }

    #[test]
    fn text_that_is_right_in_part_stays_so() {
        assert_eq!(
            repaired("Très ancien, fermé à « Nîmes » ; rentrÃ©e.".into()),
            "Très ancien, fermé à « Nîmes » ; rentrée."
        );
        for text in [
            "São Paulo, MÃO, Ångström, « château », naïveté, Âge, AÏE",
            "«\u{a0}Déjà\u{a0}!\u{a0}»…",
        ] {
            assert_eq!(repaired(text.into()), text);
        }
    }

    #[test]
    fn utf8_that_was_taken_for_other_encodings_is_read_again() {
        let text = "Le cœur a dû être fermé à Nîmes, « dit-on » : 12 € l’élève… À l'Œuvre.";
        let bytes = text.as_bytes();
        let latin: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let (macintosh, _) = MACINTOSH.decode_without_bom_handling(bytes);
        let character = |byte: &u8| match byte {
            0..0x80 => char::from(*byte),
            _ => DECODING_TABLE_CP850[usize::from(*byte - 0x80)],
        };
        let dos: String = bytes.iter().map(character).collect();
        for garbled in [latin, macintosh.into_owned(), dos] {
            assert_eq!(repaired(garbled.as_str().into()), text, "{garbled}");
        }
        for text in ["x = √2 ou √x", "├── src\n│   └── main.rs", "un\u{85}deux"] {
            assert_eq!(repaired(text.into()), text);
        }
    }

    #[test]
    fn controls_are_the_punctuation_of_windows_1252() {
        assert_eq!(
            repaired("\u{93}L\u{92}eau\u{94} \u{96} 12\u{a0}\u{80}\u{85}".into()),
            "“L’eau” – 12\u{a0}€…"
        );
    }

    #[test]
    fn numbers_of_notes_go_and_exponents_stay() {
        assert_eq!(
            repaired("14 200¹ nageurs, 12 m², 10³ m³, Ca²⁺ et 1974¹²".into()),
            "14 200 nageurs, 12 m², 10³ m³, Ca²⁺ et 1974"
        );
    }

    #[test]
    fn ligatures_and_soft_hyphens_are_letters_and_nothing() {
        let text = "L'eﬀort est oﬃciellement ﬁnancé, le ﬂux suﬃt, la pis\u{AD}cine.";
        assert_eq!(
            repaired(text.into()),
            "L'effort est officiellement financé, le flux suffit, la piscine."
        );
    }

    proptest! {
        #[test]
        fn any_french_text_comes_back(
            text in "[a-zéèêàâçùûîïôœÉÀÇ«»’… ,.]{0,60}"
        ) {
            prop_assert_eq!(without_mojibake(&text), text.as_str());
            let again = garbled(&text);
            // A lone final letter may be one of the bytes that make no text.
            prop_assert_eq!(repaired(again.into()), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            repaired(text.into());
        }
    }
}
