"""A vocabulary made from the training text, and how it is put under a trained network.

A piece that the training text lacks stays as random as it began, and a character that is in no piece is lost in
translation: every piece of a vocabulary is seen, and every Latin letter and common sign has one.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor

from alignment import Pair
from corpus import EOS

# Control symbols, which no text spells. `<r1>` to `<r3>` mark terms, `<r4>` made-up French; the others are kept free.
SYMBOLS = ["<hl>", "<sum>", "<r1>", "<r2>", "<r3>", "<r4>"]
# Letters and signs that NFKC makes others of.
COMPOSED = frozenset("¨ª\u00ad¯²³´¸¹º¼½¾ĲĳĿŀŉſ")
REQUIRED = (
    "".join(map(chr, range(0x21, 0x7F)))
    + "".join(chr(c) for c in range(0xA1, 0x180) if chr(c) not in COMPOSED)
    + "șțȘȚơưƠƯəḥṣṭḍ€₹‰†•→←≥≤≠∞√–—“”‘’«»№"
)
# A piece that was seen less often in the text of a trained network says next to nothing.
LEAST_SEEN = 200


def learn(texts: Iterator[str], size: int, out: Path) -> None:
    """Trains a Unigram model of `size` ids for both languages, the last of which is left to `<pad>`."""
    unfinished = out.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=texts,
            model_writer=file,
            model_type="unigram",
            vocab_size=size - 1,
            hard_vocab_limit=size > 8000,
            normalization_rule_name="nmt_nfkc",
            split_digits=True,
            character_coverage=0.9999,
            required_chars=REQUIRED,
            input_sentence_size=700_000,
            shuffle_input_sentence=True,
            max_sentence_length=2000,
            eos_id=EOS,
            unk_id=1,
            bos_id=-1,
            pad_id=-1,
            control_symbols=SYMBOLS,
            minloglevel=1,
        )
    unfinished.rename(out)


def seen(vocabulary: Path, pairs: list[Pair]) -> dict[str, int]:
    """How often each piece of a vocabulary is in the pairs."""
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    counts = Counter(id for pair in pairs for ids in pieces.encode(list(pair)) for id in ids)
    return {pieces.id_to_piece(id): count for id, count in counts.items()}


def transplant(
    rows: Tensor, bias: Tensor, old: Path, new: Path, seen: dict[str, int] | None = None
) -> tuple[Tensor, Tensor]:
    """Returns embeddings [pieces, width] and biases [pieces] of a new vocabulary from those of an old one.

    Rows of a piece that both have are copied; others are the mean of the pieces that the old vocabulary cuts them into,
    a little smaller; a piece that it does not know starts at random. `seen` tells how often the network met each old
    piece: rows of rare ones are not copied.
    """
    before, after = (sentencepiece.SentencePieceProcessor(model_file=str(path)) for path in (old, new))
    known = {before.id_to_piece(i): i for i in range(len(before))}
    unknown = before.unk_id()
    generator = torch.Generator().manual_seed(1)
    new_rows = torch.zeros(len(after) + 1, rows.shape[1])
    new_bias = torch.full((len(after) + 1,), float(bias[:-1].median()))
    for i in range(len(after)):
        piece = after.id_to_piece(i)
        if piece in known and (after.is_control(i) or seen is None or seen.get(piece, 0) >= LEAST_SEEN):
            new_rows[i], new_bias[i] = rows[known[piece]], bias[known[piece]]
            continue
        parts = [part for part in before.encode(piece.replace("▁", " ")) if part != unknown]
        noise = torch.randn(rows.shape[1], generator=generator)
        new_rows[i] = rows[parts].mean(0) * 0.8 + noise * 0.01 if parts else noise * 0.04
    return new_rows, new_bias
