//! From bytes to text: detects the character encoding, and whether the bytes are text at all.

use std::borrow::Cow;
use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, ISO_8859_15, MACINTOSH, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};
use oem_cp::code_table::DECODING_TABLE_CP850;
use regex::bytes::Regex;

use super::error::SkipReason;
use super::repair::{may_be_wrong, repaired};
use super::scan::{self, is, within};

/// Bytes looked at to recognise UTF-16 without a byte order mark.
const SAMPLE: usize = 4096;
/// Browsers look for a declaration in the first 1024 bytes; pages with long comments need more.
const DECLARATION_WITHIN: usize = 4096;
/// Text has at most one control or replacement character per this many characters.
const TEXT_PER_JUNK: usize = 20;

/// The text and the name of its encoding: that of WHATWG, or `IBM850`.
#[derive(Debug)]
pub(super) struct Decoded {
    pub text: String,
    pub encoding: &'static str,
}

/// Chooses the encoding by, in this order: the byte order mark, the zero bytes of UTF-16, validity
/// as UTF-8, `declared`, and what French text in the encoding would look like. The mark is removed,
/// and text that was decoded wrongly before is put right.
pub(super) fn decode(
    bytes: &[u8],
    declared: Option<&'static Encoding>,
) -> Result<Decoded, SkipReason> {
    if let Some(text) = usual(bytes) {
        return Ok(Decoded {
            text: text.to_owned(),
            encoding: UTF_8.name(),
        });
    }
    let (marked, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Some(encoding), &bytes[length..]),
        None => (None, bytes),
    };
    let encoding = marked.or_else(|| unmarked_utf16(bytes));
    let encoding = encoding.unwrap_or_else(|| guess(bytes, declared));
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let decoded = Decoded {
        text: text.into_owned(),
        encoding: encoding.name(),
    };
    let decoded = match encoding.is_single_byte() {
        true => most_french(decoded, bytes),
        false => decoded,
    };
    check_is_text(&decoded.text)?;
    Ok(Decoded {
        text: repaired(decoded.text.into()).into_owned(),
        ..decoded
    })
}

/// Bytes that are UTF-8 without a mark and have nothing that is checked or put right, as most text.
pub(super) fn usual(bytes: &[u8]) -> Option<&str> {
    let may_be_other = |bytes| is_junk(bytes) | may_be_wrong(bytes);
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes)? {
        Cow::Borrowed(text) => Some(text).filter(|_| !scan::has(bytes, may_be_other)),
        Cow::Owned(_) => None,
    }
}

/// The text in the encodings of old Macintoshes and of DOS instead, where it is more French than as
/// `decoded`: detectors do not know these.
fn most_french(decoded: Decoded, bytes: &[u8]) -> Decoded {
    let macintosh = || {
        let (text, _) = MACINTOSH.decode_without_bom_handling(bytes);
        Decoded {
            text: text.into_owned(),
            encoding: MACINTOSH.name(),
        }
    };
    let dos = || {
        let character = |byte: &u8| match byte {
            0..0x80 => char::from(*byte),
            _ => DECODING_TABLE_CP850[usize::from(*byte - 0x80)],
        };
        Decoded {
            text: bytes.iter().map(character).collect(),
            encoding: "IBM850",
        }
    };
    let mut best = (frenchness(&decoded.text), decoded);
    // What reads well is not doubted.
    if best.0 >= 0 {
        return best.1;
    }
    for other in [macintosh(), dos()] {
        let score = frenchness(&other.text);
        if score > best.0 {
            best = (score, other);
        }
    }
    best.1
}

/// How many characters beyond ASCII are such as French has, less those that it has not.
fn frenchness(text: &str) -> i64 {
    const LETTERS: &str = "àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜ";
    const MARKS: &str = "«»“”‘’…–—•€£°§·©®™\u{a0}\u{202f}";
    let mut score = 0;
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_ascii() {
            // A capital within a word is as odd as a strange letter.
            let is_odd = c.is_uppercase() && before.is_lowercase();
            let is_french = LETTERS.contains(c) && !is_odd || MARKS.contains(c);
            score += if is_french { 1 } else { -2 };
        }
        before = c;
    }
    score
}

/// UTF-16 by its byte order mark or by its zero bytes.
pub(super) fn utf16(sample: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(sample) {
        Some((encoding, _)) => Some(encoding).filter(|&e| e != UTF_8),
        None => unmarked_utf16(&sample[..sample.len() / 2 * 2]),
    }
}

/// The encoding of bytes that are not UTF-16.
fn guess(bytes: &[u8], declared: Option<&'static Encoding>) -> &'static Encoding {
    if is_mostly_utf8(bytes) {
        return UTF_8;
    }
    if let Some(encoding) = declared.filter(|&e| e != UTF_8) {
        return encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(Some(b"fr"), Utf8Detection::Deny);
    if encoding == WINDOWS_1252 && looks_like_latin9(bytes) {
        return ISO_8859_15;
    }
    encoding
}

/// Nearly every second byte of French UTF-16 is zero, and always on the same side.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    memchr::memchr(0, sample)?;
    let pairs = sample.chunks_exact(2);
    let count = pairs.len();
    let (first, second) = pairs.fold((0, 0), |(first, second), pair| {
        (
            first + usize::from(pair[0] == 0),
            second + usize::from(pair[1] == 0),
        )
    });
    if count == 0 || bytes.len() % 2 == 1 {
        None
    } else if second * 10 >= count * 7 && first * 100 <= count {
        Some(UTF_16LE)
    } else if first * 10 >= count * 7 && second * 100 <= count {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether `bytes` are UTF-8, perhaps with a few bad bytes among many good sequences, as in a file
/// that was cut within a character or pasted together. Text in another encoding hardly ever
/// contains a valid multi-byte sequence of UTF-8.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    if std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good > 4 * bad
}

/// ISO 8859-15 has `€`, `Œ` and `œ` where windows-1252 has `¤`, `¼` and `½`, and no printable
/// character in the range where windows-1252 has its dashes and curly quotes.
fn looks_like_latin9(bytes: &[u8]) -> bool {
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    let has = bytes.iter().enumerate().any(|(i, byte)| match byte {
        0xA4 => true,
        0xBC | 0xBD => letter(i + 1) || (i > 0 && letter(i - 1)),
        _ => false,
    });
    has && !bytes.iter().any(|byte| (0x80..=0x9F).contains(byte))
}

/// Whether two bytes of UTF-8 may begin a control or replacement character.
fn is_junk([byte, next, ..]: [u8; 4]) -> u8 {
    let is_control = within(byte, 0, 0x08) | within(byte, 0x0B, 0x0C) | within(byte, 0x0E, 0x1F);
    let is_rare = is(byte, 0x7F) | is(byte, 0xEF);
    is_control | is_rare | is(byte, 0xC2) & within(next, 0x80, 0x9F)
}

fn check_is_text(text: &str) -> Result<(), SkipReason> {
    let (mut characters, mut control, mut replaced) = (0, 0, 0);
    for c in text.chars() {
        characters += 1;
        match c {
            '\0' => return Err(SkipReason::Binary("zero bytes")),
            '\t' | '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' => {}
            char::REPLACEMENT_CHARACTER => replaced += 1,
            c => control += usize::from(c.is_control()),
        }
    }
    if control * TEXT_PER_JUNK > characters {
        return Err(SkipReason::Binary("control characters"));
    }
    if replaced * TEXT_PER_JUNK > characters {
        return Err(SkipReason::Binary("bytes that are no characters"));
    }
    Ok(())
}

/// The encoding that an HTML page declares in `<meta charset>`, in `http-equiv` or in its XML
/// declaration.
pub(super) fn declared_in_html(bytes: &[u8]) -> Option<&'static Encoding> {
    static DECLARATION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?i-u)<(?:meta\b[^>]{0,500}?\bcharset|\?xml\b[^>]{0,200}?\bencoding)\s*=\s*["']?\s*([a-z0-9_:.-]+)"#,
        )
        .expect("the pattern is valid")
    });
    let head = &bytes[..bytes.len().min(DECLARATION_WITHIN)];
    let label = DECLARATION.captures(head)?.get(1)?.as_bytes();
    // The label was read as ASCII, so the page cannot be in UTF-16, whatever the label says.
    Encoding::for_label(label).filter(|&e| e != REPLACEMENT && e != UTF_16LE && e != UTF_16BE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "L’été dernier, à Nîmes, « tout était fermé » : près de 1 200 élèves…";

    fn utf16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    fn decoded(bytes: &[u8]) -> (String, &'static str) {
        let decoded = decode(bytes, None).unwrap();
        (decoded.text, decoded.encoding)
    }

    #[test]
    fn byte_order_marks_are_read_and_left_out() {
        let utf8 = format!("\u{FEFF}{TEXT}");
        assert_eq!(decoded(utf8.as_bytes()), (TEXT.into(), "UTF-8"));
        let le = utf16(&utf8, u16::to_le_bytes);
        assert_eq!(decoded(&le), (TEXT.into(), "UTF-16LE"));
        let be = utf16(&utf8, u16::to_be_bytes);
        assert_eq!(decoded(&be), (TEXT.into(), "UTF-16BE"));
    }

    #[test]
    fn utf16_without_a_mark_is_text() {
        assert_eq!(
            decoded(&utf16(TEXT, u16::to_le_bytes)),
            (TEXT.into(), "UTF-16LE")
        );
        assert_eq!(
            decoded(&utf16(TEXT, u16::to_be_bytes)),
            (TEXT.into(), "UTF-16BE")
        );
    }

    #[test]
    fn old_western_encodings_are_recognised() {
        let text = "Le cœur de la ville s’est arrêté : « Où êtes-vous ? » a demandé l’élue.";
        let (bytes, _, _) = WINDOWS_1252.encode(text);
        assert_eq!(decoded(&bytes), (text.into(), "windows-1252"));
        let text =
            "Le cœur de la ville s'est arrêté pour 12 €, a déclaré l'élue à la sœur du maire.";
        let (bytes, _, _) = ISO_8859_15.encode(text);
        assert_eq!(decoded(&bytes), (text.into(), "ISO-8859-15"));
    }

    #[test]
    fn encodings_of_old_macintoshes_and_of_dos_are_recognised() {
        let text = "Le conseil a décidé de fermer la piscine à partir d’avril : « c’était prévu ».";
        let bytes: Vec<u8> = text
            .chars()
            .map(|c| {
                (0..=255)
                    .find(|byte| MACINTOSH.decode_without_bom_handling(&[*byte]).0 == c.to_string())
                    .expect("in MacRoman")
            })
            .collect();
        assert_eq!(decoded(&bytes), (text.into(), "macintosh"));
        let text = "Le conseil a décidé de fermer la piscine à partir de Noël, où ça coûte.";
        let dos = |c: char| match u8::try_from(c) {
            Ok(byte) if c.is_ascii() => byte,
            _ => {
                let place = DECODING_TABLE_CP850.iter().position(|other| *other == c);
                0x80 + u8::try_from(place.expect("in the table")).expect("128 places")
            }
        };
        let bytes: Vec<u8> = text.chars().map(dos).collect();
        assert_eq!(decoded(&bytes), (text.into(), "IBM850"));
    }

    #[test]
    fn one_bad_byte_does_not_garble_the_whole_text() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.push(0xC3);
        assert_eq!(decoded(&bytes), (format!("{TEXT}\u{FFFD}"), "UTF-8"));
    }

    #[test]
    fn binary_data_is_refused() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0";
        let noise: Vec<u8> = (1..=255).cycle().take(2000).collect();
        for bytes in [&png[..], &noise, b"\x1f\x8b\x08\x00\x00"] {
            assert_eq!(decode(bytes, None).unwrap_err().code(), "binary");
        }
    }

    #[test]
    fn declared_encoding_is_used_unless_the_bytes_contradict_it() {
        let page =
            b"<html><head><META http-equiv='Content-Type' content='text/html; charset=iso-8859-1'>";
        assert_eq!(declared_in_html(page), Some(WINDOWS_1252));
        assert_eq!(declared_in_html(b"<meta charset=\"UTF-8\">"), Some(UTF_8));
        assert_eq!(declared_in_html(b"<meta charset=utf-16>"), None);
        assert_eq!(declared_in_html(b"<p>charset=utf-8"), None);
        let xml = b"<?xml version='1.0' encoding='ISO-8859-15'?>";
        assert_eq!(declared_in_html(xml), Some(ISO_8859_15));
        let lies = decode("déjà vu".as_bytes(), Some(WINDOWS_1252)).unwrap();
        assert_eq!(lies.text, "déjà vu");
        let short = decode(b"\xe9t\xe9", Some(WINDOWS_1252)).unwrap();
        assert_eq!(short.text, "été");
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Err(reason) = decode(&bytes, None) {
                prop_assert_eq!(reason.code(), "binary");
            }
        }
    }
}
