#!/usr/bin/env python3
"""Makes a MarianMT folder of a full-size model's shape with random weights, to measure speed and
memory when no such model is available.

    pip install -r scripts/bench_peers.requirements.txt
    scripts/make_random_marian.py OUT --shape opus

The shape `opus` is that of opus-mt-fr-en. The tokenizer is that of models/fr-en-tiny, its vocabulary
filled up with pieces that no text has. generation_config.json leaves no choice of length: every
output has --tokens tokens (end token included), so that all engines do the same work. Keep that
below 33: precis cuts outputs that exceed the source twice and by 32 tokens.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from transformers import GenerationConfig, MarianConfig, MarianMTModel

TOKENIZER = Path(__file__).resolve().parent.parent / "models" / "fr-en-tiny"
SHAPES = {
    "opus": dict(
        vocab_size=59514,
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        max_position_embeddings=512,
    ),
}


def vocabulary(size: int) -> dict[str, int]:
    """The vocabulary of the shipped model, filled up to `size`, with <pad> last as in OPUS-MT."""
    ids = json.loads((TOKENIZER / "vocab.json").read_text(encoding="utf-8"))
    words = [word for word in sorted(ids, key=ids.get) if word != "<pad>"]
    words += [f"▁zz{number}" for number in range(len(words), size - 1)]
    return {word: index for index, word in enumerate([*words, "<pad>"])}


def network(shape: dict[str, int], seed: int) -> MarianMTModel:
    torch.manual_seed(seed)
    pad = shape["vocab_size"] - 1
    config = MarianConfig(
        **shape,
        decoder_vocab_size=shape["vocab_size"],
        activation_function="swish",
        scale_embedding=True,
        static_position_embeddings=True,
        share_encoder_decoder_embeddings=True,
        tie_word_embeddings=True,
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        bos_token_id=None,
        forced_eos_token_id=0,
    )
    return MarianMTModel(config)


def generation(pad: int, tokens: int) -> GenerationConfig:
    """Lengths count the start token; the last token is forced to be the end token."""
    return GenerationConfig(
        min_length=tokens,
        max_length=tokens + 1,
        num_beams=4,
        bad_words_ids=[[pad]],
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        forced_eos_token_id=0,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--shape", choices=SHAPES, default="opus")
    parser.add_argument("--tokens", type=int, default=32, help="length of every output")
    parser.add_argument("--dtype", choices=["float16", "float32"], default="float32")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    shape = SHAPES[arguments.shape]
    model = network(shape, arguments.seed).to(getattr(torch, arguments.dtype))
    model.generation_config = generation(shape["vocab_size"] - 1, arguments.tokens)
    model.save_pretrained(arguments.out)
    for name in ("source.spm", "target.spm", "tokenizer_config.json"):
        shutil.copy(TOKENIZER / name, arguments.out / name)
    words = json.dumps(vocabulary(shape["vocab_size"]), ensure_ascii=False)
    (arguments.out / "vocab.json").write_text(words, encoding="utf-8")


if __name__ == "__main__":
    main()
