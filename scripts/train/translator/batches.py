"""Encoded pairs on the device, and the plan of batches that all have one source length.

Token streams and offsets lie on the device; a batch is made there from a slice of a planned order, with no copy and no
wait. As the rows of a batch have the same source length and are sorted by target length, there is no padding on the
source side, so no mask in any attention, and some three per cent of padding on the target side. Shards that arrive
later join at the next plan.
"""

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import shards


@dataclass(frozen=True)
class Batch:
    # Indices of pairs, on the device.
    pairs: Tensor
    source_length: int
    target_length: int
    # Target tokens, without padding.
    tokens: int


class Pairs:
    def __init__(self, folder: Path, device: torch.device, pad: int, say: Callable[[dict], None]):
        self.folder, self.device, self.pad, self.say = folder, device, pad, say
        self.seen: set[Path] = set()
        new = lambda kind: torch.zeros(0, dtype=kind, device=device)  # noqa: E731
        self.source, self.target = new(torch.int32), new(torch.int32)
        self.source_starts, self.target_starts = new(torch.int64), new(torch.int64)
        self.target_lengths_there = new(torch.int64)
        self.source_lengths, self.target_lengths = np.zeros(0, np.int16), np.zeros(0, np.int16)
        # How likely a pair is met in a pass of the main and of the last part.
        self.main, self.last = np.zeros(0, np.float32), np.zeros(0, np.float32)

    def refresh(self) -> int:
        """Loads the shards that are new, and returns how many."""
        new = [path for path in sorted(self.folder.glob("part-*.bin")) if path not in self.seen]
        with ThreadPoolExecutor(min(12, os.cpu_count() or 1)) as pool:
            found = [shard for shard in pool.map(self.load, new) if shard]
        self.seen.update(new)
        for columns, table in found:
            self.add(columns, np.array([row[1:] for row in table], np.float32)[columns["corpus"]])
        return len(found)

    def load(self, path: Path) -> tuple[shards.Columns, shards.Table] | None:
        try:
            return shards.read(path)
        except Exception as error:  # one that is broken is left out
            self.say({"broken": path.name, "error": f"{type(error).__name__}: {error}"})
            return None

    def add(self, columns: shards.Columns, likely: np.ndarray) -> None:
        """What is there keeps its number: plans that are under way stay right."""
        there = lambda array: torch.from_numpy(array).to(self.device)  # noqa: E731
        for side in ("source", "target"):
            ids, lengths = columns[side].astype(np.int32), columns[f"{side}_lengths"].astype(np.int64)
            starts = there(np.cumsum(lengths) - lengths) + len(getattr(self, side))
            setattr(self, f"{side}_starts", torch.cat([getattr(self, f"{side}_starts"), starts]))
            setattr(self, side, torch.cat([getattr(self, side), there(ids)]))
            old = getattr(self, f"{side}_lengths")
            setattr(self, f"{side}_lengths", np.concatenate([old, lengths.astype(np.int16)]))
        lengths = columns["target_lengths"].astype(np.int64)
        self.target_lengths_there = torch.cat([self.target_lengths_there, there(lengths)])
        self.main = np.concatenate([self.main, likely[:, 0]])
        self.last = np.concatenate([self.last, likely[:, 1]])

    def __len__(self) -> int:
        return len(self.source_lengths)

    def tensors(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Source [rows, source length], decoder input and target [rows, target length], int64."""
        places = torch.arange(max(batch.source_length, batch.target_length), device=self.device)
        rows = batch.pairs
        source = self.source[self.source_starts[rows][:, None] + places[: batch.source_length]].long()
        places = places[: batch.target_length]
        there = places < self.target_lengths_there[rows][:, None]
        at = torch.where(there, self.target_starts[rows][:, None] + places, 0)
        target = torch.where(there, self.target[at].long(), self.pad)
        shifted = torch.nn.functional.pad(target[:, :-1], (1, 0), value=self.pad)
        return source, shifted, target


# First and last place in an order of pairs, lengths of source and target, target tokens.
Cut = tuple[int, int, int, int, int]


def plan(
    pairs: np.ndarray, source: np.ndarray, target: np.ndarray, tokens: int, rng: np.random.Generator
) -> tuple[np.ndarray, list[Cut], np.ndarray]:
    """Returns an order of pairs, its batches of one source length, and the odd pairs that are left."""
    source, target = source[pairs], target[pairs]
    order = np.lexsort((target + rng.integers(0, 2, len(pairs)), source))
    pairs, source, target = pairs[order], source[order], target[order]
    edges = np.flatnonzero(np.diff(source)) + 1
    total = np.concatenate([[0], np.cumsum(target, dtype=np.int64)])
    batches: list[Cut] = []
    left = []
    for first, last in zip(np.concatenate([[0], edges]), np.concatenate([edges, [len(pairs)]]), strict=True):
        if last <= first:
            continue
        length, at = int(source[first]), int(first)
        step = 8 if length > 24 else 32
        while at < last:
            count = max(1, tokens // max(length, int(target[at]) + 1))
            count = max(1, tokens // max(length, int(target[at : min(at + count, last)].max())))
            count = min(count, int(last) - at)
            if count >= step:
                count -= count % step
            elif last - first >= step or count < 4:  # the odd ones of a length wait for others
                left.append(pairs[at : at + count])
                at += count
                continue
            longest = int(target[at : at + count].max())
            batches.append((at, at + count, length, longest, int(total[at + count] - total[at])))
            at += count
    return pairs, batches, np.concatenate(left) if left else np.zeros(0, np.int64)


class Planner:
    """Plans ahead in a thread, and gives the batches one after the other."""

    # From this part of the time on the sources have their last weights.
    LAST = 0.6
    # Odd pairs that may wait.
    MOST_LEFT = 50_000

    def __init__(
        self,
        pairs: Pairs,
        tokens: int,
        seed: list[int],
        progress: Callable[[], float],
        short: tuple[int, int],
        chunk: int,
    ):
        """`short`: pieces of a side, and target tokens in all, of a beginning of short sentences."""
        self.pairs, self.tokens, self.progress, self.chunk = pairs, tokens, progress, chunk
        self.rng = np.random.default_rng(seed)
        self.short, self.short_tokens = short
        self.ready: list[tuple[Tensor, list[Cut]]] = []
        self.lock, self.error = threading.Condition(), None
        threading.Thread(target=self.work, daemon=True).start()

    def beginning(self) -> np.ndarray:
        pairs = self.pairs
        short = (pairs.source_lengths <= self.short) & (pairs.target_lengths <= self.short) & (pairs.main > 0)
        chosen = self.rng.permutation(np.flatnonzero(short))
        tokens = np.cumsum(pairs.target_lengths[chosen], dtype=np.int64)
        return chosen[: int(np.searchsorted(tokens, self.short_tokens))]

    def chunks(self) -> Iterator[np.ndarray]:
        """Yields random pairs of weighted passes."""
        if self.short_tokens:
            yield self.beginning()
        while True:
            likely = self.pairs.last if self.progress() > self.LAST else self.pairs.main
            chosen = np.flatnonzero(self.rng.random(len(likely), dtype=np.float32) < likely)
            chosen = self.rng.permutation(chosen)
            # Small while shards arrive; large ones have fewer odd batches and less padding.
            chunk = self.chunk if self.progress() < 0.35 else 4 * self.chunk
            first = 0
            while first < len(chosen):
                part = chosen[first : first + chunk if len(chosen) - first > 1.3 * chunk else None]
                first += len(part)
                yield part
                if self.pairs.refresh():
                    break

    def work(self) -> None:
        try:
            rest = np.zeros(0, np.int64)
            for chosen in self.chunks():
                source, target = self.pairs.source_lengths, self.pairs.target_lengths
                order, batches, rest = plan(np.concatenate([chosen, rest]), source, target, self.tokens, self.rng)
                if len(rest) > self.MOST_LEFT:
                    rest = rest[:0]
                if batches:
                    batches = [batches[i] for i in self.rng.permutation(len(batches))]
                    self.put(torch.from_numpy(order).to(self.pairs.device), batches)
        except BaseException:
            with self.lock:
                self.error = traceback.format_exc()
                self.lock.notify_all()

    def put(self, order: Tensor, batches: list[Cut]) -> None:
        with self.lock:
            while len(self.ready) > 1:
                self.lock.wait()
            self.ready.append((order, batches))
            self.lock.notify_all()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            with self.lock:
                while not self.ready and not self.error:
                    self.lock.wait()
                if not self.ready:
                    raise RuntimeError(f"the planner failed: {self.error}")
                order, batches = self.ready.pop(0)
                self.lock.notify_all()
            for first, last, source_length, target_length, tokens in batches:
                yield Batch(order[first:last], source_length, target_length, tokens)
