use proptest::prelude::*;
use prost::Message;

use super::proto::{self, ModelProto, ModelType, NormalizerSpec, PieceKind, TrainerSpec};
use super::{SentencePiece, SpmError};

const BPE: &[u8] = include_bytes!("../../../tests/fixtures/tokenizer/bpe.spm");
const UNIGRAM: &[u8] = include_bytes!("../../../tests/fixtures/tokenizer/unigram-bytes.spm");

/// A model of an unknown piece and the given pieces, without normalisation rules.
fn proto(kind: ModelType, pieces: &[(&str, f32, PieceKind)]) -> ModelProto {
    let unknown = ("<unk>", 0.0, PieceKind::Unknown);
    ModelProto {
        pieces: [unknown]
            .iter()
            .chain(pieces)
            .map(|&(piece, score, kind)| proto::SentencePiece {
                piece: piece.to_owned(),
                score,
                kind: Some(kind as i32),
            })
            .collect(),
        trainer_spec: Some(TrainerSpec {
            model_type: Some(kind as i32),
            ..TrainerSpec::default()
        }),
        normalizer_spec: Some(NormalizerSpec::default()),
        denormalizer_spec: None,
    }
}

fn read(proto: &ModelProto) -> Result<SentencePiece, SpmError> {
    SentencePiece::from_bytes(&proto.encode_to_vec())
}

fn model(kind: ModelType, pieces: &[(&str, f32, PieceKind)]) -> SentencePiece {
    read(&proto(kind, pieces)).unwrap()
}

fn split(model: &SentencePiece, text: &str) -> Vec<String> {
    model
        .encode(text)
        .pieces()
        .map(|piece| piece.text.to_owned())
        .collect()
}

/// A table with one rule, `a` → `bc`, in the layout of Darts-clone.
fn charsmap() -> Vec<u8> {
    let mut units = vec![0_u32; 512];
    // The root's children are at 256 ^ byte. The child of `a` has its value, the offset 0, at 256 ^ 1.
    units[0] = 256 << 10;
    let child = 256 ^ usize::from(b'a');
    units[child] = ((child as u32 ^ 257) << 10) | (1 << 8) | u32::from(b'a');
    units[257] = 1 << 31;
    let mut blob = 2048_u32.to_le_bytes().to_vec();
    blob.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    blob.extend(b"bc\0");
    blob
}

fn with_charsmap(charsmap: Vec<u8>) -> Result<SentencePiece, SpmError> {
    let mut proto = proto(ModelType::Unigram, &[("▁", -1.0, PieceKind::Normal)]);
    proto.normalizer_spec.as_mut().unwrap().precompiled_charsmap = charsmap;
    read(&proto)
}

#[test]
fn a_truncated_model_is_refused() {
    for file in [BPE, UNIGRAM] {
        assert!(SentencePiece::from_bytes(file).is_ok());
        for length in 0..file.len() {
            assert!(
                SentencePiece::from_bytes(&file[..length]).is_err(),
                "cut to {length} bytes"
            );
        }
    }
}

#[test]
fn pieces_that_contradict_each_other_are_refused() {
    fn refusal(pieces: &[(&str, f32, PieceKind)]) -> String {
        match read(&proto(ModelType::Unigram, pieces)) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("accepted"),
        }
    }
    fn normal(piece: &str) -> (&str, f32, PieceKind) {
        (piece, -1.0, PieceKind::Normal)
    }
    assert_eq!(
        refusal(&[normal("a"), normal("a")]),
        "its piece 2 is a duplicate"
    );
    assert_eq!(refusal(&[normal("")]), "its piece 1 is empty");
    assert_eq!(refusal(&[normal("a\0")]), "its piece 1 contains a NUL");
    assert_eq!(
        refusal(&[("a", f32::NAN, PieceKind::Normal)]),
        "its piece 1 has a score that is not a number"
    );
    assert_eq!(
        refusal(&[normal(&"a".repeat(8000))]),
        "its piece 1 is too long"
    );
    assert_eq!(
        refusal(&[("<?>", 0.0, PieceKind::Unknown)]),
        "its piece 1 is a second unknown piece"
    );
    assert_eq!(
        refusal(&[("<0x41>", 0.0, PieceKind::Byte)]),
        "its piece 1 is a byte piece, but the model has no byte fallback"
    );

    let mut bytes = proto(ModelType::Bpe, &[("<0x41>", 0.0, PieceKind::Byte)]);
    bytes.trainer_spec.as_mut().unwrap().byte_fallback = Some(true);
    assert!(matches!(read(&bytes), Err(SpmError::MissingBytes)));
    bytes.pieces.clear();
    assert!(matches!(read(&bytes), Err(SpmError::NoUnknown)));
    assert!(matches!(
        read(&proto(ModelType::Word, &[])),
        Err(SpmError::ModelType("WORD"))
    ));
}

#[test]
fn a_table_of_rules_that_points_outside_itself_is_refused() {
    assert_eq!(with_charsmap(charsmap()).unwrap().normalize("xaé"), "▁xbcé");
    let unit = |index: usize| 4 + 4 * index..8 + 4 * index;
    for (index, value) in [
        (257, (1_u32 << 31) | 3),             // a replacement after the last
        (257, u32::MAX),                      // … and far after
        (257, 0),                             // a rule without replacement
        (0, 1024 << 10),                      // children outside
        (0, (1 << 9) | (0x3F_FFFF << 10)),    // … and far outside
        (300, (1 << 8) | (512 << 10) | 0x61), // a value outside
    ] {
        let mut damaged = charsmap();
        damaged[unit(index)].copy_from_slice(&value.to_le_bytes());
        let refused = with_charsmap(damaged);
        assert!(
            matches!(refused, Err(SpmError::Charsmap(_))),
            "unit {index}: {value:#x}"
        );
    }
    let sound = charsmap();
    for length in 1..sound.len() {
        assert!(
            with_charsmap(sound[..length].to_vec()).is_err(),
            "cut to {length} bytes"
        );
    }
}

#[test]
fn control_symbols_and_bytes_are_not_found_in_text() {
    for file in [BPE, UNIGRAM] {
        let model = SentencePiece::from_bytes(file).unwrap();
        for symbol in ["<s>", "</s>", "<unk>", "<hl>", "<0x41>"] {
            let id = model.vocabulary.id(symbol);
            let found = model
                .encode(symbol)
                .pieces()
                .any(|piece| piece.id == id && piece.text == symbol);
            assert!(!found, "{symbol}");
        }
    }
}

#[test]
fn user_defined_symbols_are_found_before_better_pieces() {
    for kind in [ModelType::Unigram, ModelType::Bpe] {
        let pieces = ["▁", "a", "b", "c", "ab", "bc"].map(|piece| (piece, -1.0, PieceKind::Normal));
        let symbol = [("bc", -1.0, PieceKind::UserDefined)];
        let model = model(kind, &[&pieces[..5], &symbol].concat());
        assert_eq!(split(&model, "abc"), ["▁", "a", "bc"], "{kind:?}");
    }
}

#[test]
fn unused_pieces_are_split_again() {
    let pieces = |kind| {
        [
            ("▁", -9.0, PieceKind::Normal),
            ("a", -9.0, PieceKind::Normal),
            ("b", -9.0, PieceKind::Normal),
            ("ab", -1.0, kind),
            ("abb", -2.0, kind),
        ]
    };
    for kind in [ModelType::Unigram, ModelType::Bpe] {
        assert_eq!(
            split(&model(kind, &pieces(PieceKind::Normal)), "abb"),
            ["▁", "abb"]
        );
        assert_eq!(
            split(&model(kind, &pieces(PieceKind::Unused)), "abb"),
            ["▁", "a", "b", "b"]
        );
    }
}

#[test]
fn equal_bpe_scores_merge_from_the_left() {
    // The score of the first piece of a trained model is −0.
    let normal = |piece, score| (piece, score, PieceKind::Normal);
    let pieces = [
        normal("a", -5.0),
        normal("aa", -0.0),
        normal("ab", 0.0),
        normal("▁", -5.0),
    ];
    assert_eq!(
        split(&model(ModelType::Bpe, &pieces), "aaab"),
        ["▁", "aa", "ab"]
    );
    assert_eq!(
        split(&model(ModelType::Bpe, &pieces), "aab"),
        ["▁", "aa", "b"]
    );
}

#[test]
fn adjacent_unknown_characters_are_one_piece() {
    let model = model(ModelType::Unigram, &[("▁", -1.0, PieceKind::Normal)]);
    assert_eq!(split(&model, "漢字 é"), ["▁", "漢字", "▁", "é"]);
    assert_eq!(model.decode(&[1, 0, 1, 0]), " ⁇   ⁇ ");
}

#[test]
fn bytes_that_form_no_character_decode_to_replacement_characters() {
    let model = SentencePiece::from_bytes(UNIGRAM).unwrap();
    let text = |bytes: &[&str]| model.decode_pieces(bytes.iter().copied());
    assert_eq!(text(&["<0xE6>", "<0xBC>", "<0xA2>", "<0x41>"]), "漢A");
    assert_eq!(text(&["<0xE6>", "<0xBC>", "▁a"]), "\u{FFFD}\u{FFFD} a");
}

#[test]
fn the_pieces_of_a_word_do_not_depend_on_its_position() {
    let normal = |piece, score| (piece, score, PieceKind::Normal);
    let pieces = [
        normal("r", -4.831141),
        normal("op", -7.92535),
        normal("ro", -7.1846585),
        normal("p", -5.5701075),
    ];
    let mut proto = proto(ModelType::Unigram, &pieces);
    proto.normalizer_spec.as_mut().unwrap().add_dummy_prefix = Some(false);
    let model = read(&proto).unwrap();
    assert_eq!(split(&model, "rop"), ["ro", "p"]);
    // The sum falls below −100,000 at the 7,841st word. If it were not rebased to zero, it would be too
    // coarse to distinguish the two segmentations of many of the following words.
    let far = split(&model, &"rop".repeat(10_000));
    assert!(far[2 * 7_900..].chunks(2).all(|word| word == ["ro", "p"]));
}

#[test]
fn a_megabyte_without_spaces_is_split() {
    let letters = b"abcdeilmnoprstu";
    let text: String = (0..1_usize << 20)
        .map(|n| char::from(letters[n * n % 251 % letters.len()]))
        .collect();
    for file in [BPE, UNIGRAM] {
        let model = SentencePiece::from_bytes(file).unwrap();
        let ids: Vec<u32> = model.encode(&text).ids().collect();
        assert!(ids.len() < text.len(), "nothing was merged");
        assert!(
            !ids.iter().any(|&id| model.is_unknown(id)),
            "the test's letters are unknown"
        );
        assert_eq!(model.decode(&ids), text);
    }
}

proptest! {
    #[test]
    fn damage_to_a_model_never_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        text in "[a-zé ▁漢\u{301}]{0,40}",
    ) {
        let mut ruled = proto(ModelType::Bpe, &[("▁", -1.0, PieceKind::Normal)]);
        ruled.normalizer_spec.as_mut().unwrap().precompiled_charsmap = charsmap();
        for file in [BPE, UNIGRAM, &ruled.encode_to_vec()] {
            let mut file = file.to_vec();
            for (index, byte) in &damage {
                let index = index.index(file.len());
                file[index] = *byte;
            }
            if let Ok(model) = SentencePiece::from_bytes(&file) {
                let ids: Vec<u32> = model.encode(&text).ids().collect();
                model.decode(&ids);
            }
        }
    }

    #[test]
    fn any_bytes_are_a_model_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = SentencePiece::from_bytes(&bytes);
    }
}
