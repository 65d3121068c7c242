#!/usr/bin/env python3
"""Packs what `recipe.py PRESET --until encode` made into what the calls of a lease carry.

usage: pack.py WORK --out OUT [--call-mib 36.5] [--from-model FOLDER]

OUT/c1, OUT/c2 and so on: what the first, second, ... call carries. c1 has code, tokenizer, test sentences, the weights
to go on from, and the first shards; every shard is a random sample of all pairs, so that training starts on those of
c1 while the others travel.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
RECIPE = HERE.parent
sys.path.insert(0, str(RECIPE))
import shards  # noqa: E402

# What a lent machine needs, beside lease/remote and lease/{supervise,pieces}.py.
CODE = (
    "batches", "candidates", "export", "judge", "kernels", "network", "optimizer", "presets", "shards", "text", "train",
)  # fmt: skip
# Pairs whose size, packed, is measured.
PROBE = 60_000


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def gathered(folder: Path) -> tuple[shards.Columns, shards.Table]:
    found = [shards.read(path) for path in sorted(folder.glob("part-*.bin"))]
    if not found:
        raise SystemExit(f"there are no encoded pairs in {folder}: run recipe.py PRESET --until encode")
    columns = {name: np.concatenate([part[name] for part, _ in found]) for name in shards.COLUMNS}
    return columns, found[0][1]


def write(job: tuple[Path, shards.Columns, shards.Table]) -> tuple[Path, int]:
    path, columns, table = job
    return path, shards.write(path, columns, table, packed=True)


def pack(columns: shards.Columns, table: shards.Table, mib: float, out: Path) -> Iterator[tuple[Path, int]]:
    """Writes shards of at most `mib`, and yields them with their sizes."""
    order = np.random.default_rng(1).permutation(len(columns["corpus"]))
    probe = order[:PROBE]
    bytes_a_pair = shards.write(out / "probe", shards.cut(columns, probe), table, packed=True) / len(probe)
    (out / "probe").unlink()
    count = max(1, int(mib * 2**20 * 0.98 / bytes_a_pair))
    print(f"{len(order)} pairs, {bytes_a_pair * 1e6 / 2**20:.1f} MiB a million")
    parts = [order[first : first + count] for first in range(0, len(order), count)]
    jobs = ((out / f"part-{n:03}.bin", shards.cut(columns, part), table) for n, part in enumerate(parts))
    with ProcessPoolExecutor() as pool:
        yield from pool.map(write, jobs)


def carry_code(work: Path, tests: Path, first: Path) -> None:
    for name in CODE:
        shutil.copy(RECIPE / f"{name}.py", first)
    for path in (HERE / "supervise.py", HERE / "pieces.py", *(HERE / "remote").glob("*.sh")):
        shutil.copy(path, first)
    shutil.copy(work / "joint.spm", first)
    for side in ("fr", "en"):
        shutil.copy(tests / f"flores-dev.{side}", first)
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(work / "joint.spm"))
    ids = {pieces.id_to_piece(i): i for i in range(len(pieces))}
    (first / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")


def carry_start(model: Path, first: Path) -> None:
    import export

    start = first / "start"
    start.mkdir()
    shutil.copy(model / "config.json", start)
    export.write_packed(start / "weights8.xz", export.read_safetensors(model / "model.safetensors"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tests", type=Path, required=True, help="folder of flores-dev.fr and .en")
    parser.add_argument("--call-mib", type=float, default=36.5, help="what a call carries beside the repository")
    parser.add_argument("--shard-mib", type=float, default=4)
    parser.add_argument("--calls", type=int, default=8, help="carry no more than so many")
    parser.add_argument("--from-model", type=Path, help="a model folder to go on from")
    arguments = parser.parse_args()
    out, limit = arguments.out, arguments.call_mib * 2**20
    shutil.rmtree(out, ignore_errors=True)
    call = out / "c1"
    call.mkdir(parents=True)
    carry_code(arguments.work, arguments.tests, call)
    shard_mib = arguments.shard_mib
    if arguments.from_model:
        carry_start(arguments.from_model, call)
        shard_mib = min(shard_mib, 2.4)  # small shards fill what the start leaves
    number, left, unused = 1, limit - size_of(call), 0
    for path, size in pack(*gathered(arguments.work / "encoded"), shard_mib, out):
        if size > left:
            number, left = number + 1, limit
            call = out / f"c{number}"
        if number > arguments.calls:
            unused += 1
            path.unlink()
            continue
        call.mkdir(exist_ok=True)
        path.rename(call / path.name)
        left -= size
    for folder in sorted(out.glob("c*")):
        count = len(list(folder.glob("part-*")))
        print(f"{folder}: {size_of(folder) / 2**20:.1f} MiB, {count} shards")
    if not any((out / "c1").glob("part-*")):
        print("c1 has no room for a shard: training will wait for those of c2")
    if unused:
        print(f"{unused} shards did not fit", file=sys.stderr)


if __name__ == "__main__":
    os.umask(0o022)
    main()
