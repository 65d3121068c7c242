"""The programs that are compared. Each translates a list of sentences anew, model and all."""

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .marian import Tokenizer, fixed_length
from .pool import Pool, wait_for

SCRIPTS = Path(__file__).resolve().parent.parent
ROOT = SCRIPTS.parent
CANDLE = SCRIPTS / "bench_peers" / "candle-marian"

SHORTLIST = "shortlist.safetensors"
# What would choose threads or kernels in our stead.
FOREIGN = re.compile("(OMP|MKL|OPENBLAS|CT2|ONEDNN|DNNL|ATEN|TORCH|KMP|RAYON|CANDLE|PRECIS|GOMP)_")
ONE_THREAD = dict(
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    RAYON_NUM_THREADS="1",
    CANDLE_NUM_THREADS="1",
    TOKENIZERS_PARALLELISM="false",
    TRANSFORMERS_VERBOSITY="error",
    HF_HUB_OFFLINE="1",
    PYTHONPATH=str(SCRIPTS),
)
AVX2 = dict(
    CT2_FORCE_CPU_ISA="AVX2",
    MKL_ENABLE_INSTRUCTIONS="AVX2",
    ONEDNN_MAX_CPU_ISA="AVX2",
    DNNL_MAX_CPU_ISA="AVX2",
    ATEN_CPU_CAPABILITY="avx2",
    PRECIS_CPU="avx2",
)
ISA: dict[str, dict[str, str]] = {
    "native": {},
    "avx2": AVX2,
    # AVX2 with the dot product of bytes, as Intel's laptops have it.
    "avx-vnni": AVX2
    | dict(
        ONEDNN_MAX_CPU_ISA="AVX2_VNNI",
        DNNL_MAX_CPU_ISA="AVX2_VNNI",
        PRECIS_CPU="avx-vnni",
    ),
}
RUST_TARGETS = {
    "native": ("native", ["--features", "avx512"]),
    "avx2": ("x86-64-v3", []),
    "avx-vnni": ("x86-64-v3", []),
}

TRANSLATED = re.compile(
    r"translated (?P<texts>\d+) texts in (?P<seconds>[\d.]+) s: "
    r"(?P<source>\d+) source tokens, (?P<target>\d+) target tokens"
)


@dataclass(frozen=True)
class Task:
    """What all peers translate."""

    model: Path
    sentences: list[str]
    # Tokens of each sentence, end token included.
    lengths: list[int]
    fixed_length: int | None
    isa: str

    @staticmethod
    def of(model: Path, sentences: list[str], isa: str) -> "Task":
        tokenizer = Tokenizer(model)
        lengths = [len(tokenizer.pieces(text)) for text in sentences]
        return Task(model, sentences, lengths, fixed_length(model), isa)

    def part(self, size: int) -> "Task":
        """Returns at most `size` sentences, spread evenly over the text."""
        step = max(1, len(self.sentences) // size)
        chosen = slice(0, step * size, step)
        sentences, lengths = self.sentences[chosen], self.lengths[chosen]
        return Task(self.model, sentences, lengths, self.fixed_length, self.isa)

    def longest_first(self) -> list[int]:
        return sorted(range(len(self.sentences)), key=lambda index: -self.lengths[index])

    def environment(self, extra: dict[str, str]) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        return own | ONE_THREAD | ISA[self.isa] | extra


@dataclass(frozen=True)
class Result:
    seconds: float
    wall: float
    target_tokens: int
    memory: float
    translations: list[str]


@dataclass(frozen=True)
class Settings:
    """Settings found by trial: how sentences are batched, and the library's switches."""

    batch: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(f"{key}={value}" for key, value in (self.batch | self.environment).items())


class Peer(ABC):
    name: str
    beams: tuple[int, ...] | None = None

    def prepare(self, task: Task) -> None:
        """Builds or converts what the first run needs."""

    def environments(self) -> list[dict[str, str]]:
        """Switches of the library that are worth trying."""
        return [{}]

    def batches(self) -> list[dict[str, Any]]:
        """Ways of batching that are worth trying; the switches are tried with the first."""
        return [{}]

    @abstractmethod
    def run(self, task: Task, beam: int, settings: Settings) -> Result: ...


class Precis(Peer):
    def __init__(self, name: str, binary: Path, numeric: str, shortlist: bool = False) -> None:
        self.name, self.binary, self.numeric = name, binary, numeric
        self.shortlist = shortlist

    def run(self, task: Task, beam: int, settings: Settings) -> Result:
        command = [str(self.binary), "translate", "--no-cache", "--no-retry", "--no-split"]
        command += ["--verbose", "--numeric", self.numeric, "--beam", str(beam), "--workers", "2"]
        command += ["--model", str(task.model), f"--shortlist={str(self.shortlist).lower()}"]
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8") as source,
            tempfile.TemporaryFile("w+", encoding="utf-8") as output,
            tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        ):
            source.writelines(text + "\n" for text in task.sentences)
            source.seek(0)
            started = time.monotonic()
            process = subprocess.Popen(
                command, env=task.environment({}), stdin=source, stdout=output, stderr=errors
            )
            memory, ended_well = wait_for(process)
            wall = time.monotonic() - started
            output.seek(0)
            errors.seek(0)
            translations, messages = output.read().splitlines(), errors.read()
        if not ended_well:
            raise SystemExit(f"{self.name} failed:\n{messages}")
        line = TRANSLATED.search(messages)
        if not line:
            return Result(wall, wall, self.count(task, translations), memory, translations)
        tokens = int(line["target"])
        if task.fixed_length is not None and tokens != task.fixed_length * len(translations):
            raise SystemExit(f"{self.name} has {tokens} tokens, not {task.fixed_length} a sentence")
        return Result(float(line["seconds"]), wall, tokens, memory, translations)

    @staticmethod
    def count(task: Task, translations: list[str]) -> int:
        """Counts target tokens, for programs that do not report them."""
        if task.fixed_length is not None:
            return task.fixed_length * len(translations)
        tokenizer = Tokenizer(task.model)
        return sum(tokenizer.target_tokens(text) for text in translations)


class CTranslate2(Peer):
    def __init__(self, name: str, kind: str, scratch: Path, vocabulary_map: bool = False) -> None:
        self.name, self.kind, self.vocabulary_map = name, kind, vocabulary_map
        self.converted = scratch / name

    def prepare(self, task: Task) -> None:
        converter = [str(Path(sys.executable).with_name("ct2-transformers-converter"))]
        converter += ["--model", str(task.model), "--output_dir", str(self.converted)]
        converter += ["--quantization", self.kind]
        subprocess.run(converter, env=task.environment({}), check=True, stdout=sys.stderr)
        if self.vocabulary_map:
            write_vocabulary_map(task.model, self.converted / "vmap.txt")

    def environments(self) -> list[dict[str, str]]:
        return [
            {"CT2_USE_MKL": "0"},
            {"CT2_USE_MKL": "1"},
            {"CT2_USE_MKL": "1", "CT2_PACKED_GEMM": "1"},
        ]

    def batches(self) -> list[dict[str, Any]]:
        sizes = [("tokens", size) for size in (1024, 512, 2048, 4096)]
        sizes += [("examples", size) for size in (16, 32, 64)]
        return [{"batch_type": kind, "max_batch_size": size} for kind, size in sizes]

    def run(self, task: Task, beam: int, settings: Settings) -> Result:
        command = worker("ctranslate2", task, beam, self.kind, str(self.converted))
        options = settings.batch | {"use_vmap": self.vocabulary_map}
        request = {"texts": task.sentences} | options
        warm_up = {"texts": task.sentences[:8]} | options
        started = time.monotonic()
        pool: Pool = Pool(
            command, task.environment(settings.environment), 1, json.dumps, json.loads
        )
        pool.warm_up(warm_up)
        (replies,), seconds = pool.answer([request])
        memory = pool.close()
        wall = time.monotonic() - started
        return result(task, replies, range(len(replies)), seconds, wall, memory)


class Torch(Peer):
    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind

    def batches(self) -> list[dict[str, Any]]:
        return [{"sentences": size} for size in (16, 8, 32, 64)]

    def run(self, task: Task, beam: int, settings: Settings) -> Result:
        order = task.longest_first()
        size = settings.batch["sentences"]
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        requests = [{"texts": [task.sentences[index] for index in batch]} for batch in batches]
        command = worker("torch", task, beam, self.kind)
        started = time.monotonic()
        pool: Pool = Pool(
            command, task.environment(settings.environment), 2, json.dumps, json.loads
        )
        pool.warm_up({"texts": task.sentences[:8]})
        replies, seconds = pool.answer(requests)
        memory = pool.close()
        wall = time.monotonic() - started
        return result(task, itertools.chain(*replies), order, seconds, wall, memory)


class Candle(Peer):
    name = "candle"
    beams = (1,)

    def prepare(self, task: Task) -> None:
        processor, features = RUST_TARGETS[task.isa]
        target = ROOT / "target" / f"candle-marian-{task.isa}"
        command = ["cargo", "build", "--release", "--manifest-path", str(CANDLE / "Cargo.toml")]
        command += ["--target-dir", str(target), *features]
        environment = os.environ | {"RUSTFLAGS": f"-C target-cpu={processor}"}
        subprocess.run(command, env=environment, check=True, stdout=sys.stderr)
        self.binary = target / "release" / "candle-marian"

    def run(self, task: Task, beam: int, settings: Settings) -> Result:
        order = task.longest_first()
        tokenizer = Tokenizer(task.model)

        def write(text: str) -> str:
            return " ".join(map(str, tokenizer.encode(text)))

        def read(line: str) -> tuple[str, int]:
            ids = [int(word) for word in line.split()]
            return tokenizer.decode(ids), len(ids)

        started = time.monotonic()
        pool: Pool = Pool(
            [str(self.binary), str(task.model)], task.environment({}), 2, write, read
        )
        pool.warm_up(task.sentences[0])
        replies, seconds = pool.answer([task.sentences[index] for index in order])
        memory = pool.close()
        wall = time.monotonic() - started
        return result(task, replies, order, seconds, wall, memory)


def worker(engine: str, task: Task, beam: int, *rest: str) -> list[str]:
    module = [sys.executable, "-m", "bench_peers.worker"]
    return [*module, engine, str(task.model), str(beam), *rest]


def result(task, replies, order, seconds: float, wall: float, memory: float) -> Result:
    """Puts replies that arrived in `order` back into the order of the sentences."""
    placed = dict(zip(order, replies, strict=True))
    translations = [placed[index][0] for index in range(len(placed))]
    counts = [placed[index][1] for index in range(len(placed))]
    if task.fixed_length is not None and set(counts) != {task.fixed_length}:
        raise SystemExit(f"outputs have {sorted(set(counts))} tokens, not {task.fixed_length}")
    return Result(seconds, wall, sum(counts), memory, translations)


def integers(path: Path) -> dict[str, array]:
    """The I32 tensors of a file, read without libraries, whose memory would count as the peers'."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    ranges = {name: tensor["data_offsets"] for name, tensor in header.items()}
    return {name: array("i", data[start + a : start + b]) for name, (a, b) in ranges.items()}


def write_vocabulary_map(model: Path, path: Path) -> None:
    """Writes the model's shortlist in the form of CTranslate2: a source piece, a tab, its target pieces.
    The first line, of no piece, has those of every sentence."""
    pieces = {number: piece for piece, number in json.loads((model / "vocab.json").read_text()).items()}
    tensors = integers(model / SHORTLIST)
    offsets, targets = tensors["offsets"], tensors["targets"]
    lines = [("", tensors["common"])]
    lines += [(pieces[n], targets[offsets[n] : offsets[n + 1]]) for n in sorted(pieces)]
    text = "".join(f"{source}\t{' '.join(pieces[int(it)] for it in its)}\n" for source, its in lines)
    path.write_text(text, encoding="utf-8")


def all_peers(binary: Path, model: Path, scratch: Path) -> dict[str, Peer]:
    peers: list[Peer] = [
        Precis("precis-f32", binary, "f32"),
        Precis("precis-int8", binary, "int8"),
        CTranslate2("ctranslate2-f32", "float32", scratch),
        CTranslate2("ctranslate2-int8", "int8", scratch),
        Torch("torch-f32", "float32"),
        Torch("torch-bf16", "bfloat16"),
        Candle(),
    ]
    if (model / SHORTLIST).is_file():
        peers.insert(2, Precis("precis-int8-shortlist", binary, "int8", shortlist=True))
        peers.insert(5, CTranslate2("ctranslate2-int8-map", "int8", scratch, vocabulary_map=True))
    return {peer.name: peer for peer in peers}
