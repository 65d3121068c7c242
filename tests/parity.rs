//! The network and its search against Hugging Face's `MarianMTModel.generate` on the shipped test
//! model: same tokens, same scores. The reference is made by `scripts/make_reference.py`.

use std::path::Path;

use precis::decode::{Input, Output, Settings, decode};
use precis::model::ModelFolder;
use precis::nn::{Network, Numeric};
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

/// As the reference was made.
const MAX_LENGTH: usize = 256;

fn references() -> Vec<Reference> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reference.jsonl");
    let text = std::fs::read_to_string(path).expect("the fixture is committed");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("one object a line"))
        .collect()
}

fn network(numeric: Numeric) -> (Network, Settings) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fr-en-tiny");
    let folder = ModelFolder::open(&dir).expect("the model is committed");
    let network = Network::load(&folder, numeric).expect("the model fits its config");
    let settings = Settings::of_model(&folder.generation, &network);
    (network, settings)
}

fn decode_all(network: &Network, settings: &Settings, sources: &[&[u32]]) -> Vec<Output> {
    let inputs: Vec<Input<'_>> = sources
        .iter()
        .map(|ids| Input {
            ids,
            max_length: MAX_LENGTH,
        })
        .collect();
    decode(network, &inputs, settings).expect("the batch decodes")
}

fn agrees(beams: usize, found: impl Fn(&Reference) -> &Found) {
    let references = references();
    let (network, settings) = network(Numeric::F32);
    let settings = Settings {
        num_beams: beams,
        ..settings
    };
    let sources: Vec<&[u32]> = references.iter().map(|r| r.ids.as_slice()).collect();
    // One batch of all: most rows end before the longest.
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
fn greedy_search_gives_the_tokens_and_scores_of_the_reference() {
    agrees(1, |reference| &reference.greedy);
}

#[test]
fn beam_search_gives_the_tokens_and_scores_of_the_reference() {
    agrees(4, |reference| &reference.beam4);
}

/// Ids, scores and sentence vectors, bit for bit.
fn does_not_depend_on_the_batch(numeric: Numeric) {
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
        let alone = decode_all(&network, &settings, &[source]);
        assert_eq!(&alone[0].ids, &expected.ids);
        assert_eq!(alone[0].score.to_bits(), expected.score.to_bits());
        assert!(
            alone[0].vector == expected.vector,
            "the vector depends on the batch"
        );
    }
}

#[test]
fn a_sentence_alone_and_in_a_batch_is_the_same_in_f32() {
    does_not_depend_on_the_batch(Numeric::F32);
}

#[test]
fn a_sentence_alone_and_in_a_batch_is_the_same_in_int8() {
    does_not_depend_on_the_batch(Numeric::Int8);
}
