//! A translation as the cache holds it: one line of JSON.

use serde::{Deserialize, Serialize};

use super::{Defect, Translation};

/// Part of the cache key. Raise it when the layout below or the meaning of a value changes, or the
/// network rounds differently.
pub(super) const VERSION: u32 = 3;

#[derive(Serialize, Deserialize)]
struct Line {
    text: String,
    score: f32,
    #[serde(rename = "flags")]
    defects: Vec<Defect>,
}

pub(super) fn to_bytes(translation: &Translation) -> Vec<u8> {
    let line = Line {
        text: translation.text.clone(),
        score: translation.score,
        defects: translation.defects.clone(),
    };
    serde_json::to_vec(&line).expect("strings and finite numbers are JSON")
}

/// Returns `None` for bytes of another layout, whose sentence is translated again.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Translation> {
    let line: Line = serde_json::from_slice(bytes).ok()?;
    Some(Translation {
        text: line.text,
        score: line.score,
        defects: line.defects,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::translate::{Options, Text, Translated, Translator};
    use seq2seq::model::ModelFolder;
    use seq2seq::nn::Numeric;

    #[test]
    fn a_translation_survives_the_round_trip() {
        let translation = Translation {
            text: "Two\nlines, and \"quotes\".".to_owned(),
            score: -0.312_345_67,
            defects: vec![Defect::NumberLost],
        };
        assert_eq!(
            from_bytes(&to_bytes(&translation)).as_ref(),
            Some(&translation)
        );
    }

    #[test]
    fn other_bytes_are_not_read_as_a_translation() {
        assert_eq!(from_bytes(b""), None);
        assert_eq!(from_bytes(b"{\"text\":1}"), None);
        assert_eq!(from_bytes(b"no JSON"), None);
    }

    /// Digests the bytes of entries, among them translations by a network whose weights never
    /// change.
    #[test]
    fn version_is_raised_when_entries_or_arithmetic_change() {
        const RECORDED: (u32, &str) = (
            3,
            "cbddcc29bc27e093e7c35795d17d5186d270fa242f55b4e838e19e294f9f6162",
        );
        let mut digest = blake3::Hasher::new();
        digest.update(&to_bytes(&Translation {
            text: "\u{fffd} \"é\"\n".to_owned(),
            score: -0.312_345_67,
            defects: vec![Defect::Repeated, Defect::NumberLost, Defect::Failed],
        }));
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/seq2seq/tests/fixtures/marian-bin");
        let folder = ModelFolder::open(&folder).expect("the fixture is complete");
        for numeric in [Numeric::F32, Numeric::Int8] {
            let options = Options {
                numeric: Some(numeric),
                ..Options::default()
            };
            let translator = Translator::load(&folder, &options).expect("a model that can be run");
            let stop = AtomicBool::new(false);
            let texts = [
                "Le chat dort.",
                "Trois écoles ont fermé hier, dit-on, à Lyon.",
            ];
            let translated = translator.translate(&texts.map(Text::from), None, &stop, &|_| {});
            for translation in translated.and_then(Translated::all).expect("translations") {
                digest.update(&to_bytes(&translation));
            }
        }
        assert_eq!(
            (VERSION, digest.finalize().to_hex().as_str()),
            RECORDED,
            "cache entries have another layout, or the network rounds differently: raise \
             `translate::entry::VERSION`, and record it here with this digest"
        );
    }
}
