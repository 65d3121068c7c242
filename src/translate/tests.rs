//! The translator with each implementation of the network.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use super::translator::shares;
use super::{Options, Progress, Text, TranslateError, Translated, Translator};
use seq2seq::decode::Engine;
use seq2seq::model::ModelFolder;
use seq2seq::nn::{Cpu, Device, Numeric, tensor};

fn options() -> Options {
    Options {
        beam: Some(2),
        device: Device::Cpu,
        numeric: Some(Numeric::F32),
        cpu: Cpu::best(),
        source: None,
        shortlist: None,
        workers: 2,
        retry: true,
    }
}

fn model() -> ModelFolder {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fr-en-tiny");
    ModelFolder::open(&dir).expect("the model is committed")
}

#[test]
fn tensors_translate_as_kernels_do_and_have_their_own_identity() {
    let texts = [
        "Le maire a annoncé la fermeture de trois écoles.",
        "Merci.",
        "« Nous n'avons rien vu », a déclaré hier Jean Dupont, 43 ans.",
        "",
        "Merci.",
    ];
    let folder = model();
    let translate = |translator: &Translator| {
        let work = Mutex::new(Progress::default());
        let report = |done| *work.lock().expect("no panic") += done;
        let stop = AtomicBool::new(false);
        let translated = translator.translate(&texts.map(Text::from), None, &stop, &report);
        let translations = translated.and_then(Translated::all);
        let work = work.into_inner().expect("no panic");
        (translations.expect("no failure"), work.translated)
    };
    let options = Options {
        shortlist: Some(false),
        ..options()
    };
    let kernels = Translator::load(&folder, &options).expect("a complete model");
    let tensors = Translator::with_engine(&folder, &options, Numeric::F32, || {
        let device = tensor::Device::Cpu;
        let network = tensor::Network::load(&folder, Numeric::F32, device, Cpu::best())?;
        Ok(Engine::Tensor(Box::new(network)))
    });
    let tensors = tensors.expect("a complete model");
    let (expected, count) = translate(&kernels);
    let (found, found_count) = translate(&tensors);
    assert_eq!(count, found_count);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.text, expected.text);
        assert_eq!(found.defects, expected.defects);
        assert!((found.score - expected.score).abs() < 1e-4);
    }
    assert_eq!(kernels.arithmetic(), "f32");
    assert_eq!(tensors.arithmetic(), "f32-cuda");
    assert_ne!(kernels.identity(), tensors.identity());
}

#[test]
fn an_unsupported_arithmetic_is_refused_with_the_supported_ones() {
    let on = |device, numeric| {
        let options = Options {
            device,
            numeric,
            ..options()
        };
        options.numeric()
    };
    assert!(matches!(on(Device::Cpu, None), Ok(Numeric::Int8)));
    let int8 = Some(Numeric::Int8);
    assert!(matches!(on(Device::Cpu, int8), Ok(Numeric::Int8)));
    for numeric in [Numeric::F16, Numeric::Bf16] {
        let refused = on(Device::Cpu, Some(numeric)).expect_err("an arithmetic for GPUs");
        let message = refused.to_string();
        assert!(message.contains("cpu does not compute"), "{message}");
        assert!(message.contains("int8, f32"), "{message}");
    }
    let gpu = Device::Cuda(0);
    if cfg!(feature = "cuda") {
        assert!(matches!(on(gpu, None), Ok(Numeric::F16)));
        assert!(on(gpu, int8).is_err());
    } else {
        let refused = on(gpu, None).expect_err("no GPU code");
        assert!(matches!(refused, TranslateError::NoCuda { .. }));
        assert!(refused.to_string().contains("feature `cuda`"));
    }
}

#[test]
fn long_pieces_that_lose_something_are_translated_in_parts() {
    // A list of numbers, of which a model loses some where it has to say all of them at once.
    let clause = |n: usize| {
        format!(
            "la commune numéro {n} a ouvert {} écoles et fermé {} rues",
            300 + 7 * n,
            500 + 11 * n
        )
    };
    let clauses: Vec<String> = (1..=9).map(clause).collect();
    let text = format!("Selon la préfecture, {}.", clauses.join(" ; "));
    let translate = |text: &str, retry: bool| {
        let options = Options { retry, ..options() };
        let translator = Translator::load(&model(), &options).expect("a complete model");
        let stop = AtomicBool::new(false);
        let translated = translator.translate(&[Text::from(text)], None, &stop, &|_| {});
        let mut translations = translated.and_then(Translated::all).expect("no failure");
        translations.pop().expect("one")
    };
    let lost = |english: &str| french::text::lost_numerals(&text, english).len();
    let (first, best) = (translate(&text, false), translate(&text, true));
    assert!(
        lost(&best.text) <= lost(&first.text),
        "{}\n{}",
        first.text,
        best.text
    );
    let parts = super::translator::parts_of(&text);
    assert!(parts.len() > 1 && parts.iter().all(|part| part.split(' ').count() <= 40));
    assert_eq!(parts.join(" "), text);
}

#[test]
fn shares_keep_the_order_and_are_small_at_both_ends() {
    let tokens = |piece: usize| 3 + piece * 7919 % 50;
    let count = |share: &[usize]| share.iter().map(|&piece| tokens(piece)).sum::<usize>();
    let cut = |pieces: usize, workers| shares((0..pieces).collect(), &tokens, workers, 256);
    let all = cut(3000, Some(2));
    let (first, last) = (&all[0], &all[all.len() - 1]);
    assert!((256..256 + 53).contains(&count(first)));
    assert!(count(last) < 256 + 53);
    let largest = all.iter().map(|share| count(share)).max();
    assert!(
        largest.is_some_and(|it| (8 * 256..8 * 256 + 53).contains(&it)),
        "{largest:?}"
    );
    // What comes first is translated first, the longest of a share before the others.
    for pair in all.windows(2) {
        assert!(pair[0].iter().max() < pair[1].iter().min());
    }
    for share in &all {
        assert!(share.is_sorted_by_key(|&piece| Reverse(tokens(piece))));
    }
    let mut pieces = all.concat();
    pieces.sort_unstable();
    assert!(pieces == (0..3000).collect::<Vec<_>>());
    // What is soon done is for as many workers as it is enough for.
    assert_eq!(cut(40, Some(8)).len(), 4);
    assert_eq!(cut(3000, None).len(), 1);
    assert!(cut(0, Some(2)).is_empty());
}
