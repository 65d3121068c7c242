"""One process of a Python peer. Reads requests and writes replies, one JSON value a line.

usage: python -m bench_peers.worker ctranslate2|torch MODEL_DIR BEAM TYPE [CONVERTED_DIR]

A request holds "texts" and, for CTranslate2, "max_batch_size" and "batch_type"; the texts of a
request to PyTorch are one batch. A reply holds a pair for each text: its translation, and how many
tokens that has, end token included.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_peers.marian import Tokenizer, fixed_length

Reply = list[tuple[str, int]]


def ctranslate2_engine(folder: Path, beam: int, kind: str, converted: str) -> Callable[..., Reply]:
    import ctranslate2

    tokenizer = Tokenizer(folder)
    translator = ctranslate2.Translator(
        converted, device="cpu", compute_type=kind, inter_threads=2, intra_threads=1
    )
    length = fixed_length(folder)
    limits = {} if length is None else dict(min_decoding_length=length, max_decoding_length=length)

    def translate(texts: list[str], use_vmap: bool, **batch: Any) -> Reply:
        results = translator.translate_batch(
            [tokenizer.pieces(text) for text in texts],
            beam_size=beam,
            use_vmap=use_vmap,
            return_end_token=True,
            **batch,
            **limits,
        )
        found = [result.hypotheses[0] for result in results]
        return [
            (tokenizer.decode_pieces([piece for piece in pieces if piece != "</s>"]), len(pieces))
            for pieces in found
        ]

    return translate


def torch_engine(folder: Path, beam: int, kind: str) -> Callable[..., Reply]:
    import torch
    from transformers import MarianMTModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    tokenizer = Tokenizer(folder)
    network = MarianMTModel.from_pretrained(folder, dtype=getattr(torch, kind)).eval()
    pad = network.config.pad_token_id
    fixed = fixed_length(folder) is not None

    def translate(texts: list[str]) -> Reply:
        rows = [tokenizer.encode(text) for text in texts]
        longest = max(map(len, rows))
        padded = torch.tensor([row + [pad] * (longest - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        # The longest output that precis allows.
        limit = {} if fixed else {"max_length": 2 * longest + 32}
        with torch.inference_mode():
            found = network.generate(
                input_ids=padded, attention_mask=mask, num_beams=beam, do_sample=False, **limit
            )
        return [read(row) for row in found[:, 1:].tolist()]

    def read(row: list[int]) -> tuple[str, int]:
        length = row.index(tokenizer.end) + 1 if tokenizer.end in row else len(row)
        return tokenizer.decode(row[:length]), length

    return translate


ENGINES = {"ctranslate2": ctranslate2_engine, "torch": torch_engine}


def main() -> None:
    engine, folder, beam, *rest = sys.argv[1:]
    translate = ENGINES[engine](Path(folder), int(beam), *rest)
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        print(json.dumps(translate(**request)), flush=True)


if __name__ == "__main__":
    main()
