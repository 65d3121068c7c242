//! The references of the network on the CPU (`families.rs`), for the network on tensors.

use seq2seq::model::ModelError;
use seq2seq::nn::tensor::{Device, Network};
use seq2seq::nn::{self, Cpu, Numeric};

use crate::fixture::{FAMILIES, Fixture};

fn network(fixture: &Fixture, numeric: Numeric) -> Network {
    Network::load(&fixture.folder, numeric, Device::Cpu, Cpu::best()).expect("the weights fit")
}

#[test]
fn logits_match_the_reference() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        fixture.check_logits(&network(&fixture, Numeric::F32), 1e-4);
    }
}

#[test]
fn outputs_match_generate() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        fixture.check_outputs(&network(&fixture, Numeric::F32));
    }
}

/// Logits reach 12. The largest differences measured on x86 are 0.028 in F16 and 0.50 in BF16. On Arm,
/// where sums are in F16 too, it is 0.065 in F16.
#[test]
fn half_precision_is_close_to_the_reference() {
    let tolerance = if cfg!(target_arch = "aarch64") {
        0.1
    } else {
        0.05
    };
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        fixture.check_logits(&network(&fixture, Numeric::F16), tolerance);
        fixture.check_logits(&network(&fixture, Numeric::Bf16), 0.75);
    }
}

#[test]
fn eight_bits_are_refused() {
    let folder = &Fixture::open(FAMILIES[0]).folder;
    let refused = Network::load(folder, Numeric::Int8, Device::Cpu, Cpu::best());
    assert!(matches!(refused, Err(ModelError::Numeric { .. })));
}

/// More sentences than are decoded at once, of very different lengths, so that sentences join and leave
/// and batches are padded.
#[test]
fn outputs_in_a_large_batch_match_the_cpu_backend() {
    for family in FAMILIES {
        let fixture = Fixture::open(family);
        let tensors = network(&fixture, Numeric::F32);
        let kernels = nn::Network::load(&fixture.folder, Numeric::F32).expect("the weights fit");
        let vocabulary = fixture.folder.config.vocab_size as u32;
        let sequences: Vec<Vec<u32>> = (0..150u32)
            .map(|seed| {
                let length = 1 + seed * seed % 47;
                let token = |place| (seed * 31 + place * 17 * (seed % 7 + 1)) % vocabulary;
                (0..length).map(token).collect()
            })
            .collect();
        let sources: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
        for beams in [1, 4] {
            let settings = fixture.settings(beams);
            let found = fixture.decode(&tensors, &settings, &sources);
            let expected = fixture.decode(&kernels, &settings, &sources);
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.ids, expected.ids, "{family}");
                assert!((found.score - expected.score).abs() < 1e-4, "{family}");
            }
        }
    }
}
