//! A translation as the cache holds it: one line of JSON.

use seq2seq::decode::Certainty;
use serde::{Deserialize, Serialize};

use super::{Defect, Origin, Translation};

/// Part of the cache key. Raise it when the layout below or the meaning of a value changes, or the
/// network rounds differently.
pub(super) const VERSION: u32 = 4;

#[derive(Serialize, Deserialize)]
struct Line {
    text: String,
    score: f32,
    /// Of the token that the model was least sure of, and how many it doubted.
    least: f32,
    doubtful: u32,
    #[serde(rename = "flags")]
    defects: Vec<Defect>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    repaired: Vec<String>,
}

pub(super) fn to_bytes(translation: &Translation) -> Vec<u8> {
    let line = Line {
        text: translation.text.clone(),
        score: translation.score,
        least: translation.certainty.least,
        doubtful: translation.certainty.doubtful,
        defects: translation.defects.clone(),
        repaired: translation.repaired.clone(),
    };
    serde_json::to_vec(&line).expect("strings and finite numbers are JSON")
}

/// Returns `None` for bytes of another layout, whose sentence is translated again.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Translation> {
    let line: Line = serde_json::from_slice(bytes).ok()?;
    Some(Translation {
        text: line.text,
        score: line.score,
        certainty: Certainty {
            least: line.least,
            doubtful: line.doubtful,
        },
        defects: line.defects,
        repaired: line.repaired,
        origin: Origin::Model,
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
            certainty: Certainty {
                least: -2.345_678_9,
                doubtful: 3,
            },
            defects: vec![Defect::NumberLost],
            repaired: vec!["Pékin".to_owned()],
            origin: Origin::Model,
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
            4,
            "b08a0b1761a1cb5c0aa6f2f57b0f8a2a53cce6b59bdfc167005327bcec18f5ce",
        );
        let mut digest = blake3::Hasher::new();
        digest.update(&to_bytes(&Translation {
            text: "\u{fffd} \"é\"\n".to_owned(),
            score: -0.312_345_67,
            certainty: Certainty::default(),
            defects: vec![Defect::Repeated, Defect::NumberLost, Defect::Failed],
            repaired: Vec::new(),
            origin: Origin::Model,
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
