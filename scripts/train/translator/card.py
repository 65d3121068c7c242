"""The card of a model: what it was made from and how, what it scores, what it cannot do."""

import csv
import json
from pathlib import Path

from train import Trainer

# Of no test set, whose lines have no place in a card.
EXAMPLES = (
    "La maire de Brest a annoncé mardi la fermeture de deux écoles à la rentrée.",
    "Selon le ministère, 1 200 familles ont été évacuées après les inondations.",
    "« Nous ne céderons pas », a déclaré le président du syndicat devant l'usine.",
    "L'avocate a été libérée en décembre 2021 après trois ans de prison.",
    "Les prix de l'énergie ont augmenté de 3,5 % en un an, plus que prévu.",
    "Le procès s'ouvrira lundi à Lyon et doit durer jusqu'au 15 juin.",
)
LIMITS = """\
It renders plain news and parliamentary prose; rare names may be garbled, rare words copied or wrong, and clauses
of long sentences lost. Read the flags that precis sets."""


def write(name: str, began_as: str | None, trainer: Trainer, log: list[dict], manifest: Path, work: Path) -> None:
    shape = trainer.network.shape
    millions = sum(p.numel() for p in trainer.parameters) / 1e6
    pairs = {entry["prepared"]: entry["pairs"] for entry in log if "prepared" in entry}
    beginning = f"going on from {began_as}" if began_as else "from scratch"
    met = next((entry["of_tests"] for entry in reversed(log) if "of_tests" in entry), 0)
    lines = [
        f"# {name}",
        "",
        f"MarianMT, French to English. {shape.encoder_layers} encoder + {shape.decoder_layers} decoder layers, d_model "
        f"{shape.width}, FFN {shape.inner}, {shape.heads} heads, SiLU, tied embeddings, joint vocabulary "
        f"{shape.vocabulary:,}; {millions:.1f} M parameters, fp16. `<pad>` (id {shape.pad}) starts the decoder, embeds "
        "to zero and is never generated. Texts are normalised as precis does it.",
        "",
        "## Recipe",
        "",
        f"`scripts/train/translator/recipe.py`, {beginning}: {trainer.minutes:.0f} minutes of training on one "
        f"{'GPU' if trainer.device == 'cuda' else 'machine without a GPU'}, {trainer.step:,} steps, "
        f"{trainer.tokens / 1e6:.1f} M target tokens, label smoothing {trainer.plan.smoothing}, moving average of the "
        f"weights, seed {trainer.plan.seed}.",
        "",
        "## Data",
        "",
        "| source | weight | pairs | licence | what it is |",
        "|---|---|---|---|---|",
        *rows(pairs, trainer.pairs.weights, manifest),
        "",
        f"{met} pairs that share a line with a test set were left out.",
        "",
    ]
    scores = work / "scores.json"
    if scores.exists():
        lines += scored(json.loads(scores.read_text(encoding="utf-8")))
    lines += ["## Limits", "", LIMITS, ""]
    (work / "model" / "README.md").write_text("\n".join(lines), encoding="utf-8")


def rows(pairs: dict[str, int], weights: dict[str, float], manifest: Path) -> list[str]:
    known = {}
    if manifest.exists():
        with manifest.open(encoding="utf-8") as file:
            known = {row["source"]: row for row in csv.DictReader(file, delimiter="\t")}
    made = []
    for source, count in pairs.items():
        row = known.get(source) or known.get(source.rsplit(".", 1)[0]) or {}
        licence, domain = row.get("licence", "not said"), row.get("domain", "")
        made.append(f"| {source} | {weights.get(source, 0):g} | {count:,} | {licence} | {domain} |")
    return made


def scored(found: dict) -> list[str]:
    lines = ["## Scores on FLORES dev", "", "| metric | score | signature |", "|---|---|---|"]
    for metric, score in found["scores"].items():
        lines.append(f"| {metric} | {score['score']:.1f} | `{score['signature']}` |")
    lines += ["", "## Examples", ""]
    for example in found["examples"]:
        lines += [f"- {example['french']}", f"  → {example['english']}"]
    return [*lines, ""]
