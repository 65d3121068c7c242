"""Files of encoded pairs: token ids, lengths, and the corpus that each pair is from.

Packed, 16-bit ids take 7.3 bits a token: what of xz's settings is best for them was measured.
"""

import json
import lzma
import struct
from pathlib import Path

import numpy as np

IDS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 26, "lc": 0, "lp": 1, "pb": 1}]
LENGTHS = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
# Ids and lengths of both sides, each sentence with its `</s>`, and the index of the corpus in `table`.
COLUMNS = {"source": "<u2", "target": "<u2", "source_lengths": "u1", "target_lengths": "u1", "corpus": "u1"}

Columns = dict[str, np.ndarray]
# For each corpus its name, and how likely a pair is met in the main and in the last part of the training.
Table = list[tuple[str, float, float]]


def write(path: Path, columns: Columns, table: Table, packed: bool = False) -> int:
    """Writes a shard and returns its size in bytes."""
    blobs = []
    for name, kind in COLUMNS.items():
        blob = np.ascontiguousarray(columns[name], kind).tobytes()
        filters = IDS if kind == "<u2" else LENGTHS
        blobs.append(lzma.compress(blob, format=lzma.FORMAT_XZ, filters=filters) if packed else blob)
    header = json.dumps({"sizes": [len(blob) for blob in blobs], "packed": packed, "table": table}).encode()
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(struct.pack("<I", len(header)) + header + b"".join(blobs))
    unfinished.rename(path)
    return path.stat().st_size


def read(path: Path) -> tuple[Columns, Table]:
    """Raises an error for a file that is not whole."""
    with path.open("rb") as file:
        header = json.loads(file.read(struct.unpack("<I", file.read(4))[0]))
        blobs = [file.read(size) for size in header["sizes"]]
    if header["packed"]:
        blobs = [lzma.decompress(blob) for blob in blobs]
    columns = {name: np.frombuffer(blob, kind) for (name, kind), blob in zip(COLUMNS.items(), blobs, strict=True)}
    pairs = len(columns["corpus"])
    for side in ("source", "target"):
        lengths = columns[f"{side}_lengths"]
        if len(lengths) != pairs or lengths.sum(dtype=np.int64) != len(columns[side]):
            raise ValueError(f"{path} is not whole")
    return columns, header["table"]


def cut(columns: Columns, chosen: np.ndarray) -> Columns:
    """Returns the columns of the chosen pairs, in that order."""
    new = {name: columns[name][chosen] for name in ("source_lengths", "target_lengths", "corpus")}
    for side in ("source", "target"):
        lengths = columns[f"{side}_lengths"].astype(np.int64)
        starts, lengths = (np.cumsum(lengths) - lengths)[chosen], lengths[chosen]
        places = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
        new[side] = columns[side][places]
    return new
