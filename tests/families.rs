//! Every family of models against Hugging Face's implementation, on tiny random checkpoints that
//! `scripts/make_family_fixtures.py` makes: the same logits, tokens and scores, alone and in batches,
//! and the same bits on every set of kernels.

use std::path::PathBuf;

use precis::decode::{Output, Settings, decode};
use precis::model::{EarlyStopping, ModelFolder};
use precis::nn::{Cpu, Decoding, Network, Numeric};
use proptest::prelude::*;
use serde::Deserialize;

const FAMILIES: [&str; 6] = [
    "marian-untied",
    "bart",
    "mbart",
    "pegasus",
    "m2m100",
    "nllb",
];

/// First token of the script's beam search where a folder forces none.
const FORCED_BOS: u32 = 5;
/// Beams of `generate` where a folder does not say.
const BEAMS_OF_GENERATE: usize = 1;

#[derive(Deserialize)]
struct Reference {
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

struct Fixture {
    folder: ModelFolder,
    references: Vec<Reference>,
}

impl Fixture {
    fn open(family: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/families")
            .join(family);
        let folder = ModelFolder::open(&dir).expect("the fixture is committed");
        let lines = std::fs::read_to_string(dir.join("reference.jsonl")).expect("so is this");
        let references = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("one object a line"));
        Self {
            references: references.collect(),
            folder,
        }
    }

    fn network(&self, numeric: Numeric, cpu: Cpu) -> Network {
        Network::load_for(&self.folder, numeric, cpu).expect("the weights fit the config")
    }

    fn sources(&self) -> Vec<&[u32]> {
        let ids = self.references.iter().map(|reference| &*reference.ids);
        ids.collect()
    }

    fn decode(&self, network: &Network, settings: &Settings, sources: &[&[u32]]) -> Vec<Output> {
        let longest = self.folder.generation.max_length.expect("it is set");
        decode(network, sources, longest, settings)
    }

    fn own_settings(&self, network: &Network) -> Settings {
        let settings = Settings::of_model(&self.folder.generation, network);
        Settings {
            num_beams: self
                .folder
                .generation
                .num_beams
                .unwrap_or(BEAMS_OF_GENERATE),
            ..settings
        }
    }

    /// As the references `greedy` and `beam4` were made: by settings of the script's own.
    fn settings(&self, network: &Network, beams: usize) -> Settings {
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
            ..self.own_settings(network)
        }
    }
}

#[test]
fn logits_are_those_of_the_reference() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        let network = fixture.network(Numeric::F32, Cpu::best());
        let mut compared = 0;
        for reference in &fixture.references {
            let (Some(tokens), Some(expected)) = (&reference.decoder_ids, &reference.logits) else {
                continue;
            };
            let mut decoding = Decoding::new(&network);
            let source = network.encode(&[&reference.ids]).remove(0);
            decoding.add(source, None);
            for (token, expected) in tokens.iter().zip(expected) {
                decoding.step(&[*token], |_, logits, _| {
                    assert_eq!(logits.len(), expected.len());
                    for (logit, expected) in logits.iter().zip(expected) {
                        let difference = (logit - expected).abs();
                        assert!(difference < 1e-4, "{family}: {logit} instead of {expected}");
                    }
                    compared += logits.len();
                });
                decoding.select(&[0]);
            }
        }
        assert!(compared > 1000, "{family}");
    }
}

#[test]
fn outputs_are_those_of_generate() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        let network = fixture.network(Numeric::F32, Cpu::best());
        let check = |name: &str, settings: &Settings, expected: fn(&Reference) -> &Found| {
            let outputs = fixture.decode(&network, settings, &fixture.sources());
            for (reference, output) in fixture.references.iter().zip(outputs) {
                let expected = expected(reference);
                let ids = &reference.ids;
                assert_eq!(output.ids, expected.ids, "{family}, {name}, {ids:?}");
                let difference = (output.score - expected.score).abs();
                assert!(difference < 1e-4, "{family}, {name}: {}", output.score);
            }
        };
        check("greedy", &fixture.settings(&network, 1), |r| &r.greedy);
        check("beam 4", &fixture.settings(&network, 4), |r| &r.beam4);
        check("own", &fixture.own_settings(&network), |r| &r.own);
    }
}

fn bits(output: &Output) -> (Vec<u32>, u32, Vec<u32>) {
    let vector = output.vector.iter().map(|value| value.to_bits());
    (output.ids.clone(), output.score.to_bits(), vector.collect())
}

#[test]
fn every_set_of_kernels_gives_the_same_bits() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        for numeric in [Numeric::F32, Numeric::Int8] {
            let run = |cpu| {
                let network = fixture.network(numeric, cpu);
                let settings = fixture.settings(&network, 4);
                let outputs = fixture.decode(&network, &settings, &fixture.sources());
                outputs.iter().map(bits).collect::<Vec<_>>()
            };
            let best = run(Cpu::best());
            for cpu in Cpu::available() {
                assert!(run(cpu) == best, "{family} {numeric:?} on {cpu}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    /// More sentences than run at the same time, so that some join as others leave.
    #[test]
    fn an_output_does_not_depend_on_its_neighbours(
        family in 0..FAMILIES.len(),
        int8: bool,
        beams in 1usize..6,
        lengths in proptest::collection::vec((1usize..48, 0u32..1000), 1..60),
        probe in 0usize..60,
    ) {
        let fixture = Fixture::open(FAMILIES[family]);
        let numeric = if int8 { Numeric::Int8 } else { Numeric::F32 };
        let network = fixture.network(numeric, Cpu::best());
        let settings = fixture.settings(&network, beams);
        let vocabulary = network.config().vocab_size as u32;
        let sequences: Vec<Vec<u32>> = lengths
            .iter()
            .map(|&(length, seed)| {
                let token = |place: usize| (seed * 31 + place as u32 * 17 * (seed % 7 + 1)) % vocabulary;
                (0..length).map(token).collect()
            })
            .collect();
        let sources: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
        let together = fixture.decode(&network, &settings, &sources);
        let probe = probe % sources.len();
        let alone = fixture.decode(&network, &settings, &sources[probe..=probe]);
        prop_assert_eq!(bits(&alone[0]), bits(&together[probe]));
    }
}
