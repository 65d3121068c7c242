"""Encoded pairs in memory, and weighted batches of them, of about the same length within each."""

import math
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

EOS = 0
# Pairs that are sorted by length together.
CHUNK = 400_000


class Pairs:
    """Streams of token ids (uint16), each sentence closed by `</s>`, and where every sentence begins and ends."""

    def __init__(self, folder: Path, weights: dict[str, float]):
        self.weights = {name: weight for name, weight in weights.items() if (folder / f"{name}.npz").exists()}
        files = [np.load(folder / f"{name}.npz") for name in self.weights]
        if not files:
            raise SystemExit(f"there are no encoded pairs of {', '.join(weights)} in {folder}")
        self.streams, self.lengths, self.starts = {}, {}, {}
        for side in ("french", "english"):
            self.streams[side] = np.concatenate([file[side] for file in files])
            self.lengths[side] = np.concatenate([file[f"{side}_lengths"] for file in files]).astype(np.int64)
            self.starts[side] = np.cumsum(self.lengths[side]) - self.lengths[side]
        self.kinds = np.concatenate([np.full(len(f["french_lengths"]), kind) for kind, f in enumerate(files)])

    def __len__(self) -> int:
        return len(self.kinds)

    def epoch(self, rng: np.random.Generator, tokens: int) -> Iterator[np.ndarray]:
        """Yields one weighted pass: indices of pairs that, padded, have at most `tokens` tokens a side."""
        chosen = []
        for kind, weight in enumerate(self.weights.values()):
            own = np.where(self.kinds == kind)[0]
            passes = [rng.permutation(own) for _ in range(math.ceil(weight))]
            chosen.append(np.concatenate(passes)[: round(len(own) * weight)])
        order = rng.permutation(np.concatenate(chosen))
        for first in range(0, len(order), CHUNK):
            yield from self.batches(order[first : first + CHUNK], rng, tokens)

    def batches(self, pairs: np.ndarray, rng: np.random.Generator, tokens: int) -> list[np.ndarray]:
        jitter = rng.integers(0, 3, (2, len(pairs)))
        french, english = self.lengths["french"][pairs] + jitter[0], self.lengths["english"][pairs] + jitter[1]
        pairs = pairs[np.lexsort((french, english))]
        widths = np.maximum(self.lengths["french"][pairs], self.lengths["english"][pairs])
        batches, first, width = [], 0, 0
        for index, own in enumerate(widths):
            width = max(width, own)
            if width * (index - first + 1) > tokens and index > first:
                batches.append(pairs[first:index])
                first, width = index, own
        batches.append(pairs[first:])
        return [batches[index] for index in rng.permutation(len(batches))]

    def arrays(self, batch: np.ndarray, pad: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Source, decoder input and target, [rows, width]; the decoder begins with `pad`."""

        def gather(side: str) -> np.ndarray:
            starts, lengths = self.starts[side][batch], self.lengths[side][batch]
            columns = np.arange(lengths.max())[None]
            there = columns < lengths[:, None]
            places = np.where(there, starts[:, None] + columns, 0)
            return np.where(there, self.streams[side][places].astype(np.int64), pad)

        target = gather("english")
        shifted = np.full_like(target, pad)
        shifted[:, 1:] = target[:, :-1]
        return gather("french"), shifted, target


def ahead(make: Callable[[], Iterator], depth: int = 16) -> Iterator:
    """Yields what `make` yields, made in a thread up to `depth` items ahead."""
    items: queue.Queue = queue.Queue(depth)

    def work() -> None:
        try:
            for item in make():
                items.put((item, None))
            items.put((None, StopIteration()))
        except BaseException as error:  # handed to whoever asks
            items.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    while True:
        item, error = items.get()
        if isinstance(error, StopIteration):
            return
        if error:
            raise error
        yield item
