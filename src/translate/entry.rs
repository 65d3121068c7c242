//! A translation as the cache holds it: one line of JSON.

use serde::{Deserialize, Serialize};

use super::{Flag, Translation};

/// Part of the cache key: raised when the layout below changes, a value means something else, or the
/// network rounds differently.
pub(super) const VERSION: u32 = 3;

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
    serde_json::to_vec(&line).expect("strings and finite numbers are JSON")
}

/// `None` for bytes of another layout: the sentence is translated anew.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Translation> {
    let line: Line = serde_json::from_slice(bytes).ok()?;
    Some(Translation {
        text: line.text,
        score: line.score,
        flags: line.flags,
    })
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
        };
        assert_eq!(
            from_bytes(&to_bytes(&translation)).as_ref(),
            Some(&translation)
        );
    }

    #[test]
    fn foreign_bytes_are_no_translation() {
        assert_eq!(from_bytes(b""), None);
        assert_eq!(from_bytes(b"{\"text\":1}"), None);
        assert_eq!(from_bytes(b"no JSON"), None);
    }
}
