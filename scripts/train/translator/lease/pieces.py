#!/usr/bin/env python3
"""A folder in pieces that fit through the door of a lent machine, and back.

usage: pieces.py split FOLDER OUT [MIB]   OUT/piece.00 and so on, of at most MIB (15.5)
       pieces.py join FOLDER PIECES...    back; checks the sum of every file

Half-precision numbers are split into their high bytes, which compress (sign, exponent and two bits: about 5.5 bits),
and their low bytes.
"""

import hashlib
import json
import os
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

PART = 4 << 20
MIB = 15.5


def squeezed(plane: bytes) -> tuple[str, list[bytes]]:
    parts = [plane[first : first + PART] for first in range(0, len(plane), PART)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # zlib lets other threads run
        packed = list(pool.map(lambda part: zlib.compress(part, 6), parts))
    return ("raw", [plane]) if sum(map(len, packed)) > 0.98 * len(plane) else ("zlib", packed)


def planes_of(path: Path, raw: bytes) -> list[bytes]:
    even = len(raw) - len(raw) % 2
    return [raw[1:even:2], raw[0:even:2], raw[even:]] if path.suffix == ".safetensors" else [raw]


def split(folder: Path, out: Path, mib: float = MIB) -> None:
    header, body = [], []
    for path in sorted(folder.iterdir()):
        raw = path.read_bytes()
        planes = [squeezed(plane) for plane in planes_of(path, raw)]
        sizes = [[kind, [len(part) for part in parts]] for kind, parts in planes]
        header.append({"name": path.name, "sha256": hashlib.sha256(raw).hexdigest(), "planes": sizes})
        body += [part for _, parts in planes for part in parts]
    head = json.dumps(header).encode()
    whole = struct.pack("<I", len(head)) + head + b"".join(body)
    out.mkdir(parents=True, exist_ok=True)
    step = int(mib * 2**20)
    firsts = range(0, len(whole), step)
    for number, first in enumerate(firsts):
        (out / f"piece.{number:02}").write_bytes(whole[first : first + step])
    print(f"{len(firsts)} pieces, {len(whole) / 2**20:.1f} MiB")


def join(folder: Path, pieces: list[Path]) -> None:
    whole = b"".join(path.read_bytes() for path in sorted(pieces, key=lambda path: path.name))
    (size,) = struct.unpack_from("<I", whole)
    header, at = json.loads(whole[4 : 4 + size]), 4 + size
    folder.mkdir(parents=True, exist_ok=True)
    for entry in header:
        planes = []
        for kind, sizes in entry["planes"]:
            plane = b""
            for size in sizes:
                part = whole[at : at + size]
                at += size
                plane += zlib.decompress(part) if kind == "zlib" else part
            planes.append(plane)
        raw = planes[0]
        if len(planes) == 3:
            numbers = np.empty(2 * len(planes[0]), np.uint8)
            numbers[1::2], numbers[0::2] = np.frombuffer(planes[0], np.uint8), np.frombuffer(planes[1], np.uint8)
            raw = numbers.tobytes() + planes[2]
        if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
            raise SystemExit(f"{entry['name']} is damaged")
        (folder / entry["name"]).write_bytes(raw)
    print(f"{folder}: {len(header)} files, sums right")


if __name__ == "__main__":
    if sys.argv[1] == "split":
        split(Path(sys.argv[2]), Path(sys.argv[3]), *(float(mib) for mib in sys.argv[4:5]))
    else:
        join(Path(sys.argv[2]), [Path(piece) for piece in sys.argv[3:]])
