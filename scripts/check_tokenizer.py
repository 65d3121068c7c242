#!/usr/bin/env python3
"""Compares the tokenizers of precis with the ones they stand for, text by text.

    cargo build -p seq2seq --example tokenize
    pip install sentencepiece transformers
    scripts/check_tokenizer.py models/fr-en-tiny models/fr-en-tiny/source.spm --texts TEXTS…

A model folder is compared with the MarianTokenizer of transformers, a .spm file with Google's
sentencepiece. TEXTS are files of lines: plain, .jsonl (every string in it) or .tsv, also .xz.
`--variants CORPUS` also trains models of every kind on CORPUS and compares those. Exits with 1 if
anything differs.
"""

import argparse
import itertools
import json
import lzma
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import sentencepiece

from make_tokenizer_fixtures import ROOT, mark_unused, message, nasty_texts, train

VARIANTS = {
    "unigram": dict(model_type="unigram"),
    "unigram-nfkc-cf": dict(model_type="unigram", normalization_rule_name="nfkc_cf"),
    "unigram-bytes": dict(model_type="unigram", normalization_rule_name="nfkc", byte_fallback=True),
    "unigram-symbols": dict(model_type="unigram", user_defined_symbols=["ss", "sson", "é", "de la"]),
    "unigram-suffix": dict(model_type="unigram", treat_whitespace_as_suffix=True),
    "unigram-spaces": dict(model_type="unigram", remove_extra_whitespaces=False),
    "unigram-no-prefix": dict(model_type="unigram", add_dummy_prefix=False),
    "bpe": dict(model_type="bpe"),
    "bpe-nmt-nfkc-cf": dict(model_type="bpe", normalization_rule_name="nmt_nfkc_cf"),
    "bpe-bytes": dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity"),
    "bpe-symbols": dict(model_type="bpe", user_defined_symbols=["ss", "sson", "é", "de la"]),
    "bpe-suffix": dict(model_type="bpe", treat_whitespace_as_suffix=True),
    "bpe-spaces": dict(
        model_type="bpe", remove_extra_whitespaces=False, add_dummy_prefix=False, byte_fallback=True
    ),
}


def strings(value):
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def texts_of(path: Path, limit: int) -> list[str]:
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as lines:
        lines = (line.rstrip("\n") for line in lines)
        if path.suffix == ".jsonl":
            lines = (text for line in lines for text in strings(json.loads(line)))
        elif ".tsv" in path.suffixes:
            lines = (field for line in lines for field in line.split("\t"))
        return list(itertools.islice(lines, limit))


def ours(binary: Path, model: Path, texts: list[str]) -> list[dict]:
    given = "".join(json.dumps(text) + "\n" for text in texts)
    run = subprocess.run([binary, model], input=given, capture_output=True, text=True, encoding="utf-8", check=True)
    return [json.loads(line) for line in run.stdout.split("\n")[:-1]]


def sentencepiece_side(path: Path):
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))

    def describe(text: str) -> dict:
        pieces, ids = model.encode(text, out_type=str), model.encode(text)
        return {
            "normalized": model.normalize(text),
            "pieces": pieces,
            "ids": ids,
            "decoded": model.decode(ids),
            "decoded_pieces": model.decode_pieces(pieces),
        }

    return describe


def marian_side(path: Path):
    from transformers import MarianTokenizer

    # What crates/seq2seq/src/tokenizer/marian.rs does otherwise on purpose is left out of the comparison: special
    # tokens spelt out in a text are text, and so is a leading >>…<< that is not in the vocabulary.
    tokenizer = MarianTokenizer.from_pretrained(path, split_special_tokens=True, model_max_length=10**9)

    def describe(text: str) -> dict | None:
        code, _ = tokenizer.remove_language_code(text)
        if code and code[0] not in tokenizer.encoder:
            return None
        ids = tokenizer(text)["input_ids"]
        return {"ids": ids, "decoded": tokenizer.batch_decode([ids], skip_special_tokens=True)[0]}

    return describe


def compare(binary: Path, path: Path, texts: list[str], quiet: bool = False) -> int:
    describe = marian_side(path) if path.is_dir() else sentencepiece_side(path)
    different = compared = 0
    for text, got in zip(texts, ours(binary, path, texts), strict=True):
        expected = describe(text)
        if expected is None:
            continue
        compared += 1
        if got != expected:
            different += 1
            if different <= 5:
                print(f"  {text!r:.200}")
                for key in (key for key in expected if got[key] != expected[key]):
                    print(f"    {key}: {expected[key]!r:.400}\n      ours: {got[key]!r:.400}")
    if not quiet:
        print(f"{path}: {different} of {compared} texts differ", flush=True)
    return different


def compare_random_models(binary: Path, count: int) -> int:
    """Makes models of made-up pieces of every type with few distinct scores: the ties and collisions
    of user-defined and unused pieces that trained models seldom show."""
    different = 0
    normal, unknown, user_defined, unused = 1, 2, 4, 5
    for seed, kind in itertools.product(range(count), [1, 2]):  # UNIGRAM and BPE
        rng = random.Random(seed)
        pieces = {"".join(rng.choices("abé▁", k=rng.randint(1, 6))) for _ in range(40)}
        model = message(1, message(1, b"<unk>") + b"\x18" + bytes([unknown]))
        for piece in sorted(pieces):
            score = rng.choice([-1.0, -2.0, -2.5, -3.0, -0.1, 0.3, rng.uniform(-9, 0)])
            of_type = rng.choice([normal] * 3 + [user_defined, unused])
            model += message(
                1, message(1, piece.encode()) + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([of_type])
            )
        model += message(2, b"\x18" + bytes([kind])) + message(3, b"")
        with tempfile.NamedTemporaryFile(suffix=".spm") as file:
            file.write(model)
            file.flush()
            texts = ["".join(rng.choices("aabbé  x", k=rng.randint(1, 40))) for _ in range(300)]
            different += compare(binary, Path(file.name), texts, quiet=True)
    print(f"{2 * count} random models: {different} of {600 * count} texts differ", flush=True)
    return different


def make_marian_folder(folder: Path, source: Path, target: Path, separate: bool) -> Path:
    """Makes a Marian folder whose vocabulary is reordered, lacks some pieces, and has language
    tokens."""
    folder.mkdir()
    vocabularies = []
    for name, path in [("source.spm", source), ("target.spm", target)]:
        (folder / name).write_bytes(path.read_bytes())
        reader = sentencepiece.SentencePieceProcessor(model_file=str(path))
        vocabularies.append([reader.id_to_piece(i) for i in range(reader.get_piece_size()) if i % 7 != 6])
    names = ["vocab.json"]
    if separate:
        names.append("target_vocab.json")
    else:
        vocabularies = [vocabularies[0] + vocabularies[1]]
    for name, pieces in zip(names, vocabularies, strict=True):
        pieces = sorted({*pieces, "</s>", "<unk>", ">>fra<<", ">>a b<<"} - {"<pad>"})
        random.Random(0).shuffle(pieces)
        vocabulary = {piece: index for index, piece in enumerate([*pieces, "<pad>"])}
        if separate:  # special tokens have the same ids on both sides, as in published folders
            for index, special in enumerate(["</s>", "<unk>", "<pad>"]):
                other = next(piece for piece, i in vocabulary.items() if i == index)
                vocabulary[other], vocabulary[special] = vocabulary[special], index
        (folder / name).write_text(json.dumps(vocabulary))
    config = {"separate_vocabs": separate, "clean_up_tokenization_spaces": separate}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def compare_variants(binary: Path, corpus: Path, texts: list[str]) -> int:
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, settings in VARIANTS.items():
            model = train(corpus, vocab_size=2000, character_coverage=0.999, **settings)
            reader = sentencepiece.SentencePieceProcessor(model_proto=model)
            for suffix, made in [("", model), ("-unused", mark_unused(model, reader, every=4))]:
                path = folder / f"{name}{suffix}.spm"
                path.write_bytes(made)
                different += compare(binary, path, texts)
        for separate in (False, True):
            name = "marian-separate" if separate else "marian-shared"
            marian = make_marian_folder(folder / name, folder / "unigram.spm", folder / "bpe.spm", separate)
            coded = [code + text for text, code in zip(texts, itertools.cycle([">>fra<< ", ">>a b<<", "", ""]))]
            different += compare(binary, marian, coded)
    return different


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, help=".spm files and Marian folders")
    parser.add_argument("--texts", nargs="*", type=Path, default=[], help="files of texts")
    parser.add_argument("--limit", type=int, default=20_000, help="texts taken of each file")
    parser.add_argument("--nasty", type=int, default=10_000, help="generated texts")
    parser.add_argument("--seed", type=int, default=7, help="of the generated texts")
    parser.add_argument("--variants", type=Path, help="train models of every kind on this text")
    parser.add_argument("--random-models", type=int, default=60, help="made-up models of each kind")
    parser.add_argument("--binary", type=Path, default=ROOT / "target/debug/examples/tokenize")
    args = parser.parse_args()

    texts = nasty_texts(args.seed, args.nasty) + [
        # Long words without a space, up to the longest that the reference takes in bearable time.
        "".join(random.Random(args.seed + n).choices("abcdefghijklmnopqrstuvwxyzé0", k=n)) for n in (1000, 20_000)
    ]
    for path in args.texts:
        texts += texts_of(path, args.limit)
    different = sum(compare(args.binary, path, texts) for path in args.models)
    different += compare_random_models(args.binary, args.random_models)
    if args.variants:
        different += compare_variants(args.binary, args.variants, texts)
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
