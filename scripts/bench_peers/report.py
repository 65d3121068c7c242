"""The machine, the versions and the results of a comparison, as Markdown."""

import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from .peers import CANDLE

FLAGS = ["avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16"]
LIBRARIES = ["ctranslate2", "torch", "transformers", "sentencepiece", "numpy", "sacrebleu"]
REFERENCES = ["precis-int8", "precis-f32"]

Round = dict[str, Any]


def machine() -> dict[str, Any]:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    fields = dict(re.findall(r"^(\S[^\t:]*?)\s*: (.*)$", text, re.MULTILINE))
    flags = fields.get("flags", "").split()
    return {
        "cpu": fields.get("model name", "unknown"),
        "family": fields.get("cpu family"),
        "model": fields.get("model"),
        "cores": len(re.findall(r"^processor\s*:", text, re.MULTILINE)),
        "flags": [flag for flag in FLAGS if flag in flags],
        "kernel": platform.release(),
    }


def versions(binary: Path) -> dict[str, str]:
    told = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    manifest = (CANDLE / "Cargo.toml").read_text(encoding="utf-8")
    candle = re.search(r'candle-transformers = \{ version = "=([^"]+)"', manifest)
    return {
        "precis": told.stdout.split()[-1],
        "candle": candle[1],
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def bleu(translations: dict[str, list[str]], reference: list[str]) -> dict[str, float]:
    import sacrebleu

    return {
        name: sacrebleu.corpus_bleu(texts, [reference]).score
        for name, texts in translations.items()
    }


def speeds(rounds: list[Round], key: str) -> list[float]:
    return [entry[key] / entry["seconds"] for entry in rounds]


def ratio(ours: list[Round], theirs: list[Round]) -> float:
    """Ratio of our speed to the peer's: the median over rounds, each round compared with itself."""
    pairs = zip(speeds(ours, "target_tokens"), speeds(theirs, "target_tokens"), strict=True)
    return median(our / their for our, their in pairs)


def row(name: str, peers: dict[str, list[Round]], score: float | None) -> list[str]:
    rounds = peers[name]
    target = speeds(rounds, "target_tokens")
    memory = median(entry["memory"] for entry in rounds)
    cells = [
        name,
        f"{median(target):.0f} ({min(target):.0f}–{max(target):.0f})",
        f"{median(speeds(rounds, 'source_tokens')):.0f}",
        f"{median(entry['seconds'] for entry in rounds):.2f}",
        f"{median(entry['wall'] for entry in rounds):.2f}",
    ]
    cells += [f"{ratio(peers[own], rounds):.2f}" if own in peers else "" for own in REFERENCES]
    cells.append(f"{memory:.0f}")
    for own in REFERENCES:
        ours = peers.get(own)
        cells.append(f"{memory / median(entry['memory'] for entry in ours):.2f}" if ours else "")
    return [*cells, "" if score is None else f"{score:.1f}"]


HEAD = [
    "peer",
    "target tokens/s (min–max)",
    "source tokens/s",
    "s",
    "s with load",
    "precis int8 is × as fast",
    "precis f32 is × as fast",
    "memory MiB",
    "× memory of precis int8",
    "× memory of precis f32",
    "BLEU",
]


def table(rounds: list[Round], scores: dict[str, float]) -> list[str]:
    peers: dict[str, list[Round]] = {}
    for entry in rounds:
        peers.setdefault(entry["peer"], []).append(entry)
    rows = [HEAD, ["---"] + ["--:"] * (len(HEAD) - 1)]
    rows += [row(name, peers, scores.get(name)) for name in peers]
    return [f"| {' | '.join(cells)} |" for cells in rows]


def markdown(data: dict[str, Any]) -> str:
    host = data["machine"]
    lines = [
        f"- processor: {host['cpu']} (family {host['family']}, model {host['model']}), "
        f"{host['cores']} cores; {', '.join(host['flags'])}; instructions: {data['isa']}",
        "- versions: " + ", ".join(f"{name} {number}" for name, number in data["versions"].items()),
        f"- {data['sentences']} sentences, {data['source_tokens']} source tokens, "
        f"model {data['model']}",
        "- load of the machine before a run (1 minute, own load included): "
        f"{min(entry['load'] for entry in data['rounds']):.1f}–"
        f"{max(entry['load'] for entry in data['rounds']):.1f}",
    ]
    for beam, settings in data["settings"].items():
        lines += ["", f"Beam {beam}"]
        rounds = [entry for entry in data["rounds"] if entry["beam"] == int(beam)]
        lines += ["", *table(rounds, data["bleu"].get(beam, {})), ""]
        chosen = {name: found["batch"] | found["environment"] for name, found in settings.items()}
        for name, pairs in chosen.items():
            if pairs:
                lines.append(f"- {name}: " + ", ".join(f"{k}={v}" for k, v in pairs.items()))
    return "\n".join(lines)
