//! The network and the search against Hugging Face's `MarianMTModel.generate` on the included model: the
//! same tokens and scores. The reference is from `scripts/make_reference.py`.

use std::path::Path;

use seq2seq::decode::{Output, Settings, decode};
use seq2seq::model::{EarlyStopping, ModelFolder};
use seq2seq::nn::{Network, Numeric};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    text: String,
    ids: Vec<u32>,
    greedy: Found,
    beam4: Found,
}

#[derive(Deserialize)]
struct Found {
    ids: Vec<u32>,
    score: f32,
}

/// `max_length` of the reference.
const MAX_LENGTH: usize = 256;

fn references() -> Vec<Reference> {
    read_lines("tests/fixtures/reference.jsonl")
}

fn read_lines<T: serde::de::DeserializeOwned>(path: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(path).expect("the fixture is committed");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("one object a line"))
        .collect()
}

fn network(numeric: Numeric) -> (Network, Settings) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/fr-en-tiny");
    let folder = ModelFolder::open(&dir).expect("the model is committed");
    let network = Network::load(&folder, numeric).expect("the model fits its config");
    let settings = Settings::from_config(&folder.generation, &folder.config);
    (network, settings)
}

fn decode_all(network: &Network, settings: &Settings, sources: &[&[u32]]) -> Vec<Output> {
    decode(network, sources, MAX_LENGTH, settings).expect("processors do not fail")
}

fn agrees(beams: usize, found: impl Fn(&Reference) -> &Found) {
    let references = references();
    let (network, settings) = network(Numeric::F32);
    let settings = Settings {
        num_beams: beams,
        ..settings
    };
    let sources: Vec<&[u32]> = references.iter().map(|r| r.ids.as_slice()).collect();
    // A single batch, in which most rows end before the longest.
    for (reference, output) in references
        .iter()
        .zip(decode_all(&network, &settings, &sources))
    {
        let expected = found(reference);
        assert_eq!(output.ids, expected.ids, "{}", reference.text);
        assert!(
            (output.score - expected.score).abs() < 1e-4,
            "{}: score {} instead of {}",
            reference.text,
            output.score,
            expected.score
        );
    }
}

#[test]
fn greedy_search_matches_the_reference() {
    agrees(1, |reference| &reference.greedy);
}

#[test]
fn beam_search_matches_the_reference() {
    agrees(4, |reference| &reference.beam4);
}

/// Checks that ids and scores are bit-identical.
fn check_batch_independence(numeric: Numeric) {
    let references = references();
    let (network, settings) = network(numeric);
    let sources: Vec<&[u32]> = references.iter().map(|r| r.ids.as_slice()).collect();
    let together = decode_all(&network, &settings, &sources);
    let mut reversed: Vec<&[u32]> = sources.clone();
    reversed.reverse();
    let mut backwards = decode_all(&network, &settings, &reversed);
    backwards.reverse();
    assert!(together == backwards, "the order of the batch matters");
    for (source, expected) in sources.iter().zip(&together).step_by(5) {
        let single = decode_all(&network, &settings, &[source]);
        assert_eq!(&single[0].ids, &expected.ids);
        assert_eq!(single[0].score.to_bits(), expected.score.to_bits());
    }
}

#[test]
fn outputs_do_not_depend_on_the_batch_in_f32() {
    check_batch_independence(Numeric::F32);
}

#[test]
fn outputs_do_not_depend_on_the_batch_in_int8() {
    check_batch_independence(Numeric::Int8);
}

/// A folder like that of opus-mt-fr-en on the Hugging Face hub: PyTorch weights, and beam settings, a
/// banned `<pad>` and renormalised scores in `generation_config.json`. From
/// `scripts/make_marian_fixture.py`.
#[test]
fn generation_config_is_respected() {
    #[derive(Deserialize)]
    struct Case {
        ids: Vec<u32>,
        beam4: Found,
        penalised: Found,
        repetition: Found,
    }
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/marian-bin");
    let folder = ModelFolder::open(&dir).expect("the fixture is committed");
    let network = Network::load(&folder, Numeric::F32).expect("the weights fit the config");
    let own = Settings::from_config(&folder.generation, &folder.config);
    assert_eq!(own.num_beams, 4);
    let max_length = folder.generation.max_length.expect("it is set");
    let penalised = Settings {
        length_penalty: 0.6,
        no_repeat_ngram_size: 2,
        early_stopping: EarlyStopping::FirstFinished,
        ..own.clone()
    };
    let repetition = Settings {
        repetition_penalty: 1.3,
        length_penalty: 2.0,
        ..own.clone()
    };
    let cases: Vec<Case> = read_lines("tests/fixtures/marian-bin/reference.jsonl");
    let sources: Vec<&[u32]> = cases.iter().map(|case| case.ids.as_slice()).collect();
    let check = |settings: &Settings, expected: fn(&Case) -> &Found| {
        let outputs =
            decode(&network, &sources, max_length, settings).expect("processors do not fail");
        for (case, output) in cases.iter().zip(outputs) {
            let expected = expected(case);
            assert_eq!(output.ids, expected.ids, "{:?} {settings:?}", case.ids);
            assert!(
                (output.score - expected.score).abs() < 1e-4,
                "{:?} {settings:?}: {} instead of {}",
                case.ids,
                output.score,
                expected.score
            );
        }
    };
    check(&own, |case| &case.beam4);
    check(&penalised, |case| &case.penalised);
    check(&repetition, |case| &case.repetition);
}
