"""Aligned text as it is found, cleaned, varied and encoded, in as many processes as there are processors."""

import itertools
import json
import lzma
import math
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sentencepiece

import shards
import terms
from alignment import Lexicon, Pair
from text import Cleaner, digest
from variation import Variation

EOS = 0
# Pieces of a sentence that is learnt from: the network is asked for no more at a time.
LONGEST = 158
# Pairs of a job.
BLOCK = 20_000
# Pairs of a shard.
SHARD = 200_000


@dataclass(frozen=True)
class Weight:
    """How often a pair is met in a pass of the main and of the last part of the training."""

    main: float = 1.0
    last: float = 1.0
    # A piece before the French, as for made-up French, `<r4>`.
    tag: str | None = None
    # How often a pair is encoded at least: 1 where passes are many, so that each takes another share of a source.
    least: float = 0.0

    @property
    def most(self) -> float:
        return max(self.main, self.last, self.least)


def weights(path: Path, names: list[str], least: float) -> dict[str, Weight]:
    """Reads `weights.json`; a source that is not named is met once. Made-up French is marked."""
    found = json.loads(path.read_text(encoding="utf-8"))
    settings = {}
    for name in names:
        one = found.get(name, {})
        main = one.get("main", 1.0)
        tag = "<r4>" if name.startswith("bt_") else None
        settings[name] = Weight(main, one.get("last", main), tag, least)
    return settings


def sources(folders: list[Path]) -> dict[str, Path]:
    """Returns the files `<source>.tsv` and `<source>.tsv.xz` of some folders, the plain one where both are there."""
    found = {}
    for folder in folders:
        for pattern in ("*.tsv.xz", "*.tsv"):
            found.update({path.name.split(".tsv")[0]: path for path in sorted(folder.glob(pattern))})
    found.pop("MANIFEST", None)
    return dict(sorted(found.items()))


def lines_of(path: Path) -> Iterator[Pair]:
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            pair = line.rstrip("\n").split("\t")
            if len(pair) == 2:
                yield pair[0], pair[1]


def blocks(pairs: Iterator[Pair], most: int | None = None) -> Iterator[list[Pair]]:
    pairs = itertools.islice(pairs, most)
    while block := list(itertools.islice(pairs, BLOCK)):
        yield block


class Cleaning:
    """What a process needs to clean a block."""

    def __init__(self, tests: list[str]):
        self.tests = tests

    def begin(self) -> None:
        self.cleaner = Cleaner(self.tests)

    def __call__(self, job: tuple[str, list[Pair]]) -> tuple[str, list[Pair], int]:
        name, block = job
        self.cleaner.met_tests = 0
        return name, list(self.cleaner.clean(iter(block))), self.cleaner.met_tests


@dataclass
class Encoding:
    """What a process needs to vary and encode a block."""

    vocabulary: Path
    lexicon_path: Path
    names: list[str]
    # From English to French, without terms.
    reverse: bool = False

    def begin(self) -> None:
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(self.vocabulary))
        self.lexicon = Lexicon.load(self.lexicon_path)

    def __call__(self, job: tuple[list[Pair], Weight, int, int]) -> shards.Columns:
        block, weight, corpus, seed = job
        rng = random.Random(seed)
        variation = Variation(self.names, terms.Annotator(self.lexicon, self.names, seed), seed)
        if self.reverse:
            variation.SHARE_OF_TERMS = 0
        sides: dict[str, list[list[int]]] = {"source": [], "target": []}
        for copy in range(math.ceil(weight.most)):
            share = min(1.0, weight.most - copy)
            taken = [pair for pair in block if share == 1 or rng.random() < share]
            for french, english in variation.vary(taken):
                source, target = self.encode(french, english, weight.tag)
                if 0 < len(source) <= LONGEST and 0 < len(target) <= LONGEST:
                    sides["source"].append([*source, EOS])
                    sides["target"].append([*target, EOS])
        columns = {"corpus": np.full(len(sides["source"]), corpus, np.uint8)}
        for side, rows in sides.items():
            columns[side] = np.array([id for row in rows for id in row], np.uint16)
            columns[f"{side}_lengths"] = np.array([len(row) for row in rows], np.uint8)
        return columns

    def encode(self, french: str, english: str, tag: str | None) -> tuple[list[int], list[int]]:
        """Returns the ids of source and target."""
        mark = [self.pieces.piece_to_id(tag)] if tag else []
        given = mark + terms.encode(french, self.pieces.encode, self.pieces.piece_to_id)
        wanted = self.pieces.encode(english)
        return (wanted, given) if self.reverse else (given, wanted)


# What this process does, set when it begins.
process: dict = {}


def begin(work) -> None:
    work.begin()
    process["work"] = work


def call(job):
    return process["work"](job)


def ahead(work, jobs: Iterator) -> Iterator:
    """Yields the results of `work` for every job, in order, reading jobs no further ahead than needed."""
    with ProcessPoolExecutor(initializer=begin, initargs=(work,)) as pool:
        waiting = []
        for job in jobs:
            waiting.append(pool.submit(call, job))
            if len(waiting) > 6:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def prepare(files: dict[str, Path], tests: list[str], most: int | None, out: Path) -> dict[str, dict[str, int]]:
    """Writes the clean pairs of every source that were not met before; returns how many, and how many met a test."""
    seen: set[bytes] = set()
    jobs = ((name, block) for name, path in files.items() for block in blocks(lines_of(path), most))
    counts = {name: {"pairs": 0, "of_tests": 0} for name in files}
    for name, clean, of_tests in ahead(Cleaning(tests), jobs):
        counts[name]["of_tests"] += of_tests
        with (out / f"{name}.tsv").open("a", encoding="utf-8") as file:
            for french, english in clean:
                key = digest(f"{french}\t{english}")
                if key not in seen:
                    seen.add(key)
                    file.write(f"{french}\t{english}\n")
                    counts[name]["pairs"] += 1
    return counts


def encode(
    files: dict[str, Path], settings: dict[str, Weight], encoding: Encoding, out: Path
) -> dict[str, dict[str, int]]:
    """Writes shards, each a random sample of all pairs; returns pairs and target tokens of every source."""
    names = list(files)
    jobs = (
        (block, settings[name], corpus, 1_000 * corpus + number)
        for corpus, name in enumerate(names)
        if settings[name].most > 0
        for number, block in enumerate(blocks(lines_of(files[name])))
    )
    parts = list(ahead(encoding, jobs))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in shards.COLUMNS}
    table = [(name, w.main / max(w.most, 1e-9), w.last / max(w.most, 1e-9)) for name, w in settings.items()]
    order = np.random.default_rng(1).permutation(len(columns["corpus"]))
    for number, first in enumerate(range(0, len(order), SHARD)):
        part = shards.cut(columns, order[first : first + SHARD])
        shards.write(out / f"part-{number:03}.bin", part, table)
    pairs = np.bincount(columns["corpus"], minlength=len(names))
    tokens = np.bincount(columns["corpus"], columns["target_lengths"], len(names))
    return {name: {"pairs": int(pairs[i]), "target_tokens": int(tokens[i])} for i, name in enumerate(names)}
