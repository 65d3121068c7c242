//! Every architecture against Hugging Face's implementation, on tiny random checkpoints from
//! `scripts/make_family_fixtures.py`: the same logits, tokens and scores, in batches of any size, and the
//! same bits with all kernels.

use proptest::prelude::*;
use seq2seq::decode::{Output, Settings, decode};
use seq2seq::model::{ModelFolder, quantize};
use seq2seq::nn::{Cpu, Network, Numeric};
use serde::Deserialize;

use crate::fixture::{FAMILIES, Fixture};

fn network(fixture: &Fixture, numeric: Numeric, cpu: Cpu) -> Network {
    Network::load_for(&fixture.folder, numeric, cpu).expect("the weights fit the config")
}

#[test]
fn logits_match_the_reference() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        fixture.check_logits(&network(&fixture, Numeric::F32, Cpu::best()), 1e-4);
    }
}

#[test]
fn outputs_match_generate() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        fixture.check_outputs(&network(&fixture, Numeric::F32, Cpu::best()));
    }
}

/// A line of constrained.jsonl, from `scripts/make_constrained_fixture.py`.
#[derive(Deserialize)]
struct Constrained {
    settings: serde_json::Value,
    /// For each source the ids without the start token.
    outputs: Vec<Vec<u32>>,
}

#[test]
fn settings_that_most_folders_lack_are_those_of_generate() {
    for family in ["bart", "pegasus"] {
        let fixture = Fixture::open(family);
        let network = network(&fixture, Numeric::F32, Cpu::best());
        let dir = &fixture.folder.dir;
        let lines = std::fs::read_to_string(dir.join("constrained.jsonl")).expect("committed");
        let copy = tempfile::tempdir().expect("a folder");
        for name in ["config.json", "model.safetensors"] {
            std::fs::copy(dir.join(name), copy.path().join(name)).expect("a copy");
        }
        for line in lines.lines() {
            let Constrained { settings, outputs } = serde_json::from_str(line).expect("JSON");
            let path = copy.path().join("generation_config.json");
            std::fs::write(path, settings.to_string()).expect("written");
            let folder = ModelFolder::open(copy.path()).expect("it is complete");
            let longest = folder.generation.max_length.expect("it is set");
            let search = Settings::from_config(&folder.generation, &folder.config);
            let found = decode(&network, &fixture.sources(), longest, &search);
            let found = found.expect("processors do not fail");
            let found: Vec<Vec<u32>> = found.into_iter().map(|output| output.ids).collect();
            assert_eq!(found, outputs, "{family}: {settings}");
        }
    }
}

#[test]
fn settings_that_have_no_effect_are_named() {
    let dir = Fixture::open("bart").folder.dir;
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["config.json", "model.safetensors"] {
        std::fs::copy(dir.join(name), copy.path().join(name)).expect("a copy");
    }
    let ignored = |settings: &str| {
        let path = copy.path().join("generation_config.json");
        std::fs::write(path, settings).expect("written");
        let folder = ModelFolder::open(copy.path()).expect("it is complete");
        folder.generation.ignored
    };
    let neutral = r#"{"do_sample": false, "num_beam_groups": 1, "diversity_penalty": 0.0,
        "force_words_ids": null, "guidance_scale": 1, "sequence_bias": []}"#;
    assert_eq!(ignored(neutral), [""; 0]);
    let asking = r#"{"do_sample": true, "num_beam_groups": 2, "force_words_ids": [[5]]}"#;
    assert_eq!(
        ignored(asking),
        ["do_sample", "force_words_ids", "num_beam_groups"]
    );
}

#[test]
fn half_precision_is_refused_on_the_cpu() {
    for numeric in [Numeric::F16, Numeric::Bf16] {
        let folder = &Fixture::open(FAMILIES[0]).folder;
        let refused = Network::load(folder, numeric).map(drop);
        let message = refused.expect_err("it is for GPUs only").to_string();
        assert!(message.contains("cpu"), "{message}");
    }
}

fn bits(output: &Output) -> (Vec<u32>, u32) {
    (output.ids.clone(), output.score.to_bits())
}

#[test]
fn all_kernels_give_the_same_bits() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        for numeric in [Numeric::F32, Numeric::Int8] {
            let run = |cpu| {
                let network = network(&fixture, numeric, cpu);
                let settings = fixture.settings(4);
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

#[test]
fn a_quantised_folder_gives_the_outputs_of_the_original_in_int8() {
    let scratch = tempfile::tempdir().expect("a folder");
    for family in FAMILIES {
        let mut fixture = Fixture::open(family);
        let int8 = |fixture: &Fixture| {
            let network = network(fixture, Numeric::Int8, Cpu::best());
            let outputs = fixture.decode(&network, &fixture.settings(4), &fixture.sources());
            outputs.iter().map(bits).collect::<Vec<_>>()
        };
        let original = int8(&fixture);
        let quantised = scratch.path().join(family);
        quantize(&fixture.folder.dir, &quantised).expect("a new folder");
        fixture.folder = ModelFolder::open(&quantised).expect("it is complete");
        assert!(int8(&fixture) == original, "{family}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    /// More sentences than are decoded at once, so that sentences join and leave.
    #[test]
    fn an_output_does_not_depend_on_its_batch(
        family in 0..FAMILIES.len(),
        int8: bool,
        beams in 1usize..6,
        lengths in proptest::collection::vec((1usize..48, 0u32..1000), 1..60),
        probe in 0usize..60,
    ) {
        let fixture = Fixture::open(FAMILIES[family]);
        let numeric = if int8 { Numeric::Int8 } else { Numeric::F32 };
        let network = network(&fixture, numeric, Cpu::best());
        let settings = fixture.settings(beams);
        let vocabulary = network.config().vocab_size as u32;
        let sequences: Vec<Vec<u32>> = lengths
            .iter()
            .map(|&(length, seed)| {
                let token = |index: usize| (seed * 31 + index as u32 * 17 * (seed % 7 + 1)) % vocabulary;
                (0..length).map(token).collect()
            })
            .collect();
        let sources: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
        let together = fixture.decode(&network, &settings, &sources);
        let probe = probe % sources.len();
        let single = fixture.decode(&network, &settings, &sources[probe..=probe]);
        prop_assert_eq!(bits(&single[0]), bits(&together[probe]));
    }
}
