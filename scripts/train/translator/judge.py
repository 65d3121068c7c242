"""Loss of the network on test sentences, and its greedy translations of them."""

import math
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from network import Marian
from text import normalise

# Sentences that are translated together.
ROWS = 200
LONGEST = 200


class Judge:
    """Has the test sentences as ids; `translate` decodes them greedily, with no cache: the decoders are shallow."""

    def __init__(self, source: list[str], target: list[str], vocabulary: Path):
        import sentencepiece

        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
        self.wanted = target
        sides = ([normalise(line) for line in side] for side in (source, target))
        self.source, self.target = ([[*ids[:LONGEST], 0] for ids in self.pieces.encode(side)] for side in sides)

    @classmethod
    def of(
        cls, folder: Path, vocabulary: Path, lines: int | None = None, languages: tuple[str, str] = ("fr", "en")
    ) -> "Judge":
        """Reads `flores-dev.fr` and `flores-dev.en` of a folder."""
        sides = ((folder / f"flores-dev.{side}").read_text(encoding="utf-8").splitlines() for side in languages)
        return cls(*(side[:lines] for side in sides), vocabulary)

    def __call__(self, network: Marian, flat: Tensor, translate: bool) -> dict[str, float]:
        """Judges the weights `flat`: `loss` in nats a token, and with `translate` `bleu` and `chrf`."""
        with Weights(network, flat):
            found = {"loss": self.loss(network)}
            if translate and find_spec("sacrebleu"):
                import sacrebleu

                translated = [self.pieces.decode(ids) for ids in translations(network, self.source)]
                found["bleu"] = round(sacrebleu.corpus_bleu(translated, [self.wanted]).score, 2)
                found["chrf"] = round(sacrebleu.corpus_chrf(translated, [self.wanted]).score, 2)
            return found

    @torch.no_grad()
    def loss(self, network: Marian) -> float:
        total, count = 0.0, 0
        for rows in by_length(self.source):
            source, target = (padded([side[i] for i in rows], network) for side in (self.source, self.target))
            mask = (source != network.pad)[:, None, None, :]
            shifted = torch.nn.functional.pad(target[:, :-1], (1, 0), value=network.pad)
            logits = network.logits(network.decode(shifted, network.encode(source, mask), mask)).float()
            flat = logits.flatten(0, 1), target.flatten()
            total += float(torch.nn.functional.cross_entropy(*flat, ignore_index=network.pad, reduction="sum"))
            count += int((target != network.pad).sum())
        return round(total / count, 4)


class Weights:
    """Puts other weights into the network, without dropout, until the end of the block."""

    def __init__(self, network: Marian, flat: Tensor):
        self.network, self.flat = network, flat

    def __enter__(self) -> None:
        network = self.network
        network.training = False
        self.vectors = network.master[network.matrices :].clone()
        network.copy.copy_(self.flat[: network.matrices])
        network.master[network.matrices :].copy_(self.flat[network.matrices :])

    def __exit__(self, *_) -> None:
        network = self.network
        network.training = True
        network.master[network.matrices :].copy_(self.vectors)
        network.copy.copy_(network.master[: network.matrices])


def by_length(rows: list[list[int]]) -> list[list[int]]:
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    return [order[first : first + ROWS] for first in range(0, len(order), ROWS)]


def padded(rows: list[list[int]], network: Marian) -> Tensor:
    out = torch.full((len(rows), max(map(len, rows))), network.pad, dtype=torch.int64)
    for number, row in enumerate(rows):
        out[number, : len(row)] = torch.tensor(row)
    return out.to(network.device)


@torch.no_grad()
def translations(network: Marian, sources: list[list[int]]) -> list[list[int]]:
    """Ids of greedy translations of sources that end in `</s>`, without theirs."""
    found: list[list[int]] = [[] for _ in sources]
    for rows in by_length(sources):
        source = padded([sources[i] for i in rows], network)
        mask = (source != network.pad)[:, None, None, :]
        memory = network.encode(source, mask)
        out = torch.full((len(rows), 1), network.pad, dtype=torch.int64, device=network.device)
        done = torch.zeros(len(rows), dtype=torch.bool, device=network.device)
        for step in range(min(int(source.shape[1] * 1.4) + 8, 250)):
            logits = network.logits(network.decode(out, memory, mask)[:, -1]).float()
            logits[:, network.pad] = -math.inf
            best = torch.where(done, 0, logits.argmax(1))
            out = torch.cat([out, best[:, None]], 1)
            done |= best == 0
            if step % 8 == 7 and bool(done.all()):
                break
        for i, ids in zip(rows, out[:, 1:].tolist(), strict=True):
            found[i] = ids[: ids.index(0)] if 0 in ids else ids
    return found
