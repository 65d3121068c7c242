//! A translation as the cache holds it: one line of JSON, then the sentence vector byte by byte.

use serde::{Deserialize, Serialize};

use super::{Flag, Translation};

/// Part of the cache key: raised when the layout below changes or a value means something else.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Line {
    text: String,
    score: f32,
    flags: Vec<Flag>,
}

pub(super) fn to_bytes(translation: &Translation) -> Vec<u8> {
    let line = Line {
        text: translation.text.clone(),
        score: translation.score,
        flags: translation.flags.clone(),
    };
    let mut bytes = serde_json::to_vec(&line).expect("strings and finite numbers are JSON");
    // JSON escapes line breaks, so the first one ends the line.
    bytes.push(b'\n');
    bytes.extend(translation.vector.iter().map(|value| value.cast_unsigned()));
    bytes
}

/// `None` for bytes of another layout: the sentence is translated anew.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Translation> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let line: Line = serde_json::from_slice(&bytes[..end]).ok()?;
    Some(Translation {
        text: line.text,
        score: line.score,
        flags: line.flags,
        vector: bytes[end + 1..]
            .iter()
            .map(|value| value.cast_signed())
            .collect(),
    })
}

/// The direction of `vector` in 8-bit steps, the largest component at ±127.
pub(super) fn quantize(vector: &[f32]) -> Vec<i8> {
    let largest = vector
        .iter()
        .fold(f32::MIN_POSITIVE, |max, value| max.max(value.abs()));
    vector
        .iter()
        .map(|value| (value / largest * 127.0).round() as i8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translation_comes_back_as_it_was() {
        let translation = Translation {
            text: "Two\nlines, and \"quotes\".".to_owned(),
            score: -0.312_345_67,
            flags: vec![Flag::NumberLost],
            vector: quantize(&[0.5, -0.25, 0.0, 0.1]),
        };
        assert_eq!(
            from_bytes(&to_bytes(&translation)).as_ref(),
            Some(&translation)
        );
        assert_eq!(translation.vector, [127, -64, 0, 25]);
    }

    #[test]
    fn foreign_bytes_are_no_translation() {
        assert_eq!(from_bytes(b""), None);
        assert_eq!(from_bytes(b"{\"text\":1}\nabc"), None);
        assert_eq!(from_bytes(b"no line break"), None);
    }
}
