//! Tiny checkpoints of every architecture, with the logits and outputs of Hugging Face's implementation.
//! Both implementations of the network have to reproduce them.

use std::path::PathBuf;

use seq2seq::decode::{Output, Settings, decode};
use seq2seq::model::{EarlyStopping, ModelFolder};
use seq2seq::nn::{Backend, Decoder, Listed};
use serde::Deserialize;

pub(crate) const FAMILIES: [&str; 8] = [
    "marian-untied",
    "bart",
    "mbart",
    "pegasus",
    "m2m100",
    "nllb",
    "t5",
    "flan-t5",
];

/// The first token that the script forces in beam search if the folder forces none.
const FORCED_BOS: u32 = 5;
/// The default number of beams of `generate`.
const BEAMS_OF_GENERATE: usize = 1;

#[derive(Deserialize)]
pub(crate) struct Reference {
    ids: Vec<u32>,
    decoder_ids: Option<Vec<u32>>,
    logits: Option<Vec<Vec<f32>>>,
    greedy: Found,
    beam4: Found,
    own: Found,
}

#[derive(Deserialize)]
struct Found {
    ids: Vec<u32>,
    score: f32,
}

pub(crate) struct Fixture {
    family: &'static str,
    pub folder: ModelFolder,
    references: Vec<Reference>,
}

impl Fixture {
    pub(crate) fn open(family: &'static str) -> Self {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/families")
            .join(family);
        let folder = ModelFolder::open(&dir).expect("the fixture is committed");
        let lines = std::fs::read_to_string(dir.join("reference.jsonl"))
            .expect("the reference is committed");
        let references = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("one object a line"));
        Self {
            family,
            references: references.collect(),
            folder,
        }
    }

    pub(crate) fn sources(&self) -> Vec<&[u32]> {
        let ids = self.references.iter().map(|reference| &*reference.ids);
        ids.collect()
    }

    pub(crate) fn decode(
        &self,
        network: &impl Backend,
        settings: &Settings,
        sources: &[&[u32]],
    ) -> Vec<Output> {
        let longest = self.folder.generation.max_length.expect("it is set");
        decode(network, sources, longest, settings).expect("processors do not fail")
    }

    fn own_settings(&self) -> Settings {
        let generation = &self.folder.generation;
        Settings {
            num_beams: generation.num_beams.unwrap_or(BEAMS_OF_GENERATE),
            ..Settings::from_config(generation, &self.folder.config)
        }
    }

    /// The settings that the script used for the references `greedy` and `beam4`.
    pub(crate) fn settings(&self, beams: usize) -> Settings {
        let beam = beams > 1;
        let forced = self.folder.generation.forced_bos_token_id;
        Settings {
            num_beams: beams,
            length_penalty: if beam { 1.3 } else { 1.0 },
            no_repeat_ngram_size: if beam { 3 } else { 0 },
            forced_bos_token_id: beam.then_some(forced.unwrap_or(FORCED_BOS)),
            forced_eos_token_id: None,
            early_stopping: EarlyStopping::Heuristic,
            bad_words_ids: Vec::new(),
            min_length: 0,
            renormalize_logits: false,
            ..self.own_settings()
        }
    }

    /// Asserts that each logit is within `tolerance` of the reference.
    pub(crate) fn check_logits(&self, network: &impl Backend, tolerance: f32) {
        let family = self.family;
        let mut compared = 0;
        for reference in &self.references {
            let (Some(tokens), Some(expected)) = (&reference.decoder_ids, &reference.logits) else {
                continue;
            };
            let mut decoder = network.decoder(None);
            let source = network.encode(&[&reference.ids]).expect("no failure");
            source
                .into_iter()
                .for_each(|source| decoder.add(source, Vec::new()));
            for (token, expected) in tokens.iter().zip(expected) {
                let compare = |_, logits: &mut [f32], _: Option<Listed<'_>>| {
                    assert_eq!(logits.len(), expected.len());
                    for (logit, expected) in logits.iter().zip(expected) {
                        let close = (logit - expected).abs() < tolerance;
                        assert!(close, "{family}: {logit} instead of {expected}");
                    }
                    compared += logits.len();
                };
                decoder.step(&[*token], compare).expect("no failure");
                decoder.select(&[0]).expect("no failure");
            }
        }
        assert!(compared > 1000, "{family}");
    }

    /// Asserts that tokens equal those of the reference, and scores up to 10⁻⁴: with greedy search,
    /// with beams and with the settings of the folder.
    pub(crate) fn check_outputs(&self, network: &impl Backend) {
        let family = self.family;
        let check = |name: &str, settings: &Settings, expected: fn(&Reference) -> &Found| {
            let outputs = self.decode(network, settings, &self.sources());
            for (reference, output) in self.references.iter().zip(outputs) {
                let expected = expected(reference);
                let ids = &reference.ids;
                assert_eq!(output.ids, expected.ids, "{family}, {name}, {ids:?}");
                let difference = (output.score - expected.score).abs();
                assert!(difference < 1e-4, "{family}, {name}: {}", output.score);
            }
        };
        check("greedy", &self.settings(1), |r| &r.greedy);
        check("beam 4", &self.settings(4), |r| &r.beam4);
        check("own", &self.own_settings(), |r| &r.own);
    }
}
