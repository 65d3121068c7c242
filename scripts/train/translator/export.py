#!/usr/bin/env python3
"""A network as a MarianMT folder and back, without transformers; and the check against Hugging Face's own network.

usage: export.py CHECKPOINT TOKENIZER FOLDER [average|last]   a checkpoint of train.py as a folder
       export.py --check FOLDER                              compares its logits with those of MarianMTModel
"""

import json
import lzma
import shutil
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from network import Marian, Shape

TOLERANCE = 1e-3
NUMBERS = {"F16": np.float16, "F32": np.float32}


def config_of(shape: Shape) -> dict:
    """`config.json` of `MarianMTModel`."""
    sides = {}
    for side, layers in (("encoder", shape.encoder_layers), ("decoder", shape.decoder_layers)):
        sides |= {
            f"{side}_attention_heads": shape.heads,
            f"{side}_ffn_dim": shape.inner,
            f"{side}_layerdrop": 0.0,
            f"{side}_layers": layers,
        }
    return sides | {
        "activation_dropout": 0.0,
        "activation_function": "swish",
        "architectures": ["MarianMTModel"],
        "attention_dropout": 0.0,
        "bos_token_id": None,
        "d_model": shape.width,
        "decoder_start_token_id": shape.pad,
        "decoder_vocab_size": shape.vocabulary,
        "dropout": 0.1,
        "dtype": "float16",
        "eos_token_id": 0,
        "forced_eos_token_id": 0,
        "init_std": 0.02,
        "is_decoder": False,
        "is_encoder_decoder": True,
        "max_position_embeddings": shape.positions,
        "model_type": "marian",
        "pad_token_id": shape.pad,
        "scale_embedding": True,
        "share_encoder_decoder_embeddings": True,
        "static_position_embeddings": True,
        "tie_word_embeddings": True,
        "use_cache": True,
        "vocab_size": shape.vocabulary,
    }


def generation_of(shape: Shape) -> dict:
    return {
        "bad_words_ids": [[shape.pad]],
        "decoder_start_token_id": shape.pad,
        "eos_token_id": 0,
        "forced_eos_token_id": 0,
        "max_length": 256,
        "num_beams": 4,
        "pad_token_id": shape.pad,
    }


def write_json(path: Path, content: dict, indent: int | None = 2) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def export(
    shape: Shape, tensors: dict[str, Tensor], tokenizer: Path, folder: Path, languages: tuple[str, str] = ("fr", "en")
) -> None:
    """Writes the tensors of a `MarianMTModel`, in half precision, and the tokenizer into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", tensors)
    write_json(folder / "config.json", config_of(shape))
    write_json(folder / "generation_config.json", generation_of(shape))
    ids = {**piece_ids(tokenizer), "<pad>": shape.pad}
    assert len(ids) == shape.vocabulary, f"{len(ids)} pieces for {shape.vocabulary} rows"
    write_json(folder / "vocab.json", ids, indent=None)
    settings = {
        "source_lang": languages[0],
        "target_lang": languages[1],
        "model_max_length": shape.positions,
        "separate_vocabs": False,
        "tokenizer_class": "MarianTokenizer",
    }
    write_json(folder / "tokenizer_config.json", settings, indent=None)
    # The other way no terms are learnt.
    hints = {"terms": "inline"} if languages == ("fr", "en") else {"source": languages[0]}
    write_json(folder / "precis.json", hints)
    for name in ("source.spm", "target.spm"):
        shutil.copy(tokenizer, folder / name)


def piece_ids(tokenizer: Path) -> dict[str, int]:
    """Ids of the pieces; from `vocab.json` beside the tokenizer, if it is there, which needs no sentencepiece."""
    made = tokenizer.with_name("vocab.json")
    if made.exists():
        return json.loads(made.read_text(encoding="utf-8"))
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer))
    return {pieces.id_to_piece(i): i for i in range(len(pieces))}


def write_safetensors(path: Path, tensors: dict[str, Tensor]) -> None:
    header: dict = {"__metadata__": {"format": "pt"}}
    body, at = [], 0
    for name, tensor in sorted(tensors.items()):
        blob = tensor.to(torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + len(blob)]}
        body.append(blob)
        at += len(blob)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(body))


def read_safetensors(path: Path) -> dict[str, Tensor]:
    blob = path.read_bytes()
    (size,) = struct.unpack_from("<Q", blob)
    header, body = json.loads(blob[8 : 8 + size]), blob[8 + size :]
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            numbers = np.frombuffer(body[first:last], NUMBERS[entry["dtype"]]).astype(np.float32)
            tensors[name] = torch.from_numpy(numbers.reshape(entry["shape"]))
    return tensors


def write_packed(path: Path, tensors: dict[str, Tensor]) -> None:
    """Rows of matrices in 8 bits, each with its scale; vectors in half precision. The error, under a per cent, is gone
    after the first steps of a training."""
    header, body = {}, []
    for name, tensor in tensors.items():
        x = tensor.float().numpy()
        if x.ndim == 2 and x.shape[0] > 1:
            scale = np.abs(x).max(1) / 127 + 1e-12
            body += [scale.astype(np.float32).tobytes(), np.round(x / scale[:, None]).astype(np.int8).tobytes()]
        else:
            body.append(x.astype(np.float16).tobytes())
        header[name] = list(x.shape)
    head = json.dumps(header).encode()
    with lzma.open(path, "wb", preset=2) as file:
        file.write(struct.pack("<I", len(head)) + head + b"".join(body))


def read_packed(path: Path) -> dict[str, Tensor]:
    with lzma.open(path) as file:
        blob = file.read()
    (size,) = struct.unpack_from("<I", blob)
    header, at = json.loads(blob[4 : 4 + size]), 4 + size

    def take(kind: type, count: int) -> np.ndarray:
        nonlocal at
        found = np.frombuffer(blob, kind, count, at)
        at += found.nbytes
        return found.astype(np.float32)

    tensors = {}
    for name, shape in header.items():
        if len(shape) == 2 and shape[0] > 1:
            scale = take(np.float32, shape[0])
            tensors[name] = torch.from_numpy(take(np.int8, shape[0] * shape[1]).reshape(shape) * scale[:, None])
        else:
            tensors[name] = torch.from_numpy(take(np.float16, int(np.prod(shape))).reshape(shape))
    return tensors


def read_start(folder: Path) -> tuple[Shape, dict[str, Tensor]]:
    """Shape and tensors of a model folder, whose weights may be packed."""
    packed = folder / "weights8.xz"
    tensors = read_packed(packed) if packed.exists() else read_safetensors(folder / "model.safetensors")
    return shape_of(folder), tensors


def shape_of(folder: Path) -> Shape:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return Shape(
        vocabulary=config["vocab_size"],
        width=config["d_model"],
        inner=config["encoder_ffn_dim"],
        heads=config["encoder_attention_heads"],
        encoder_layers=config["encoder_layers"],
        decoder_layers=config["decoder_layers"],
        positions=config["max_position_embeddings"],
    )


@torch.no_grad()
def check(folder: Path) -> float:
    """Returns the largest difference of logits between `MarianMTModel` and the network here."""
    from transformers import MarianMTModel

    theirs = MarianMTModel.from_pretrained(folder, dtype=torch.float32).eval()
    shape = shape_of(folder)
    network = Marian(shape, torch.device("cpu"), torch.float32)
    network.load(network.from_hugging_face(read_safetensors(folder / "model.safetensors")))
    network.training = False
    source = torch.randint(8, shape.pad, (3, 11))
    source[1, 7:] = shape.pad
    shifted = torch.randint(8, shape.pad, (3, 9))
    shifted[:, 0] = shape.pad
    there = source != shape.pad
    mask = there[:, None, None, :]
    own = network.logits(network.decode(shifted, network.encode(source, mask), mask))
    plain = network.logits(network.decode(shifted[:1], network.encode(source[:1])))  # as trained: no mask
    found = theirs(input_ids=source, attention_mask=there.long(), decoder_input_ids=shifted).logits
    difference = max(float((own - found).abs().max()), float((plain - own[:1]).abs().max()))
    assert difference < TOLERANCE, f"the exported network differs by {difference}"
    return difference


def export_checkpoint(checkpoint: Path, tokenizer: Path, folder: Path, use: str = "average") -> None:
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = Marian(Shape(**state["shape"]), torch.device("cpu"), torch.float32)
    export(network.shape, network.to_hugging_face(state["master" if use == "last" else "average"]), tokenizer, folder)
    said = {name: state[name] for name in ("step", "tokens", "spent")}
    write_json(folder / "training.json", {**said, "device": "cuda", "weights": use})


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        print(f"largest difference to MarianMTModel: {check(Path(sys.argv[2])):.2e}")
    else:
        export_checkpoint(*map(Path, sys.argv[1:4]), *sys.argv[4:5])
