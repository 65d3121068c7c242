"""What the peers need to know of a MarianMT folder: its tokenizer and how long outputs are."""

import json
from collections.abc import Sequence
from pathlib import Path

from sentencepiece import SentencePieceProcessor

END = "</s>"


class Tokenizer:
    """Gives the pieces and ids of transformers' MarianTokenizer, without its overhead."""

    def __init__(self, folder: Path) -> None:
        self.source = SentencePieceProcessor(model_file=str(folder / "source.spm"))
        self.target = SentencePieceProcessor(model_file=str(folder / "target.spm"))
        self.ids: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self.words = {index: word for word, index in self.ids.items()}
        self.unknown = self.ids["<unk>"]
        self.end = self.ids[END]

    def pieces(self, text: str) -> list[str]:
        return [*self.source.encode(text, out_type=str), END]

    def encode(self, text: str) -> list[int]:
        return [self.ids.get(piece, self.unknown) for piece in self.pieces(text)]

    def decode_pieces(self, pieces: Sequence[str]) -> str:
        return self.target.decode_pieces(list(pieces)).replace("▁", " ").strip()

    def decode(self, ids: Sequence[int]) -> str:
        return self.decode_pieces([self.words[index] for index in ids if index != self.end])

    def target_tokens(self, text: str) -> int:
        return len(self.target.encode(text, out_type=str)) + 1


def fixed_length(folder: Path) -> int | None:
    """Tokens that every output has, end token included, where the folder leaves no choice (see
    scripts/make_random_marian.py). The start token counts in its `min_length` and `max_length`."""
    generation = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    shortest, longest = generation.get("min_length"), generation.get("max_length")
    return shortest if shortest and longest == shortest + 1 else None
