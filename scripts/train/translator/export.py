"""A network as a MarianMT folder, checked against Hugging Face's own implementation."""

import json
import shutil
from pathlib import Path

import sentencepiece
import torch
from safetensors.torch import load_file
from transformers import MarianConfig, MarianMTModel

from network import Marian, Shape

TOLERANCE = 1e-3


def config_of(shape: Shape) -> MarianConfig:
    return MarianConfig(
        vocab_size=shape.vocabulary,
        decoder_vocab_size=shape.vocabulary,
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_ffn_dim=shape.inner,
        decoder_ffn_dim=shape.inner,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        activation_function="swish",
        scale_embedding=True,
        static_position_embeddings=True,
        max_position_embeddings=shape.positions,
        share_encoder_decoder_embeddings=True,
        tie_word_embeddings=True,
        pad_token_id=shape.pad,
        decoder_start_token_id=shape.pad,
        eos_token_id=0,
        bos_token_id=None,
        forced_eos_token_id=0,
        num_beams=4,
        max_length=256,
        bad_words_ids=[[shape.pad]],
    )


@torch.no_grad()
def export(network: Marian, tokenizer: Path, folder: Path) -> None:
    """Writes `network`, in half precision, and its tokenizer into `folder`."""
    shape = network.shape
    theirs = MarianMTModel(config_of(shape)).eval()
    tensors = network.to_hugging_face()
    missing = theirs.load_state_dict(tensors, strict=False)
    assert not missing.unexpected_keys, missing.unexpected_keys
    theirs.tie_weights()
    network.load_hugging_face({**tensors})  # padding embeds to zero in both
    source = torch.randint(7, shape.pad, (3, 11))
    source[1, 7:] = shape.pad
    shifted = torch.randint(7, shape.pad, (3, 9))
    own = network.logits(network(source, shifted))
    found = theirs(input_ids=source, attention_mask=(source != shape.pad).long(), decoder_input_ids=shifted).logits
    difference = float((own - found).abs().max())
    assert difference < TOLERANCE, f"the exported network differs by {difference}"
    theirs.half().save_pretrained(folder)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer))
    vocabulary = {pieces.id_to_piece(id): id for id in range(len(pieces))} | {"<pad>": shape.pad}
    assert len(vocabulary) == shape.vocabulary, f"{len(vocabulary)} pieces for {shape.vocabulary} rows"
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    settings = {
        "source_lang": "fr",
        "target_lang": "en",
        "model_max_length": shape.positions,
        "separate_vocabs": False,
        "tokenizer_class": "MarianTokenizer",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings) + "\n", encoding="utf-8")
    for name in ("source.spm", "target.spm"):
        shutil.copy(tokenizer, folder / name)


def read(folder: Path) -> tuple[Shape, dict[str, torch.Tensor]]:
    """Shape and weights of a folder that `export` wrote."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        vocabulary=config["vocab_size"],
        width=config["d_model"],
        inner=config["encoder_ffn_dim"],
        heads=config["encoder_attention_heads"],
        encoder_layers=config["encoder_layers"],
        decoder_layers=config["decoder_layers"],
        positions=config["max_position_embeddings"],
    )
    return shape, load_file(folder / "model.safetensors")
