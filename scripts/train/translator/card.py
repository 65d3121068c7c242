"""The card of a model: what it was made from and how, what it scores, what it cannot do."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from network import Shape, layout
from train import Plan

# Of no test set, whose lines have no place in a card.
EXAMPLES = (
    "La maire de Brest a annoncé mardi la fermeture de deux écoles à la rentrée.",
    "Selon le ministère, 1 200 familles ont été évacuées après les inondations.",
    "« Nous ne céderons pas », a déclaré le président du syndicat devant l'usine.",
    "L'avocate a été libérée en décembre 2021 après trois ans de prison.",
    "Les prix de l'énergie ont augmenté de 3,5 % en un an, plus que prévu.",
    "Le procès s'ouvrira lundi à Lyon et doit durer jusqu'au 15 juin.",
    "Écrivez à redaction@exemple.fr, le billet coûte 15,50 €.",
)
LIMITS = """\
It renders plain news and parliamentary prose; rare names may be garbled, rare words copied or wrong, and clauses
of long sentences lost. Read the flags that precis sets."""


@dataclass(frozen=True)
class Card:
    name: str
    # The model that the training went on from.
    began_as: str | None
    plan: Plan
    # The last checkpoint, and what every step said.
    state: dict
    log: list[dict]

    def text(self, manifests: list[Path], scores: dict | None) -> str:
        parts = [f"# {self.name}", self.network(), "## Recipe", self.recipe(), "## Data", self.data(manifests)]
        if scores:
            parts += ["## Scores", scored(scores), "## Examples", examples(scores)]
        return "\n\n".join([*parts, "## Limits", LIMITS]) + "\n"

    def network(self) -> str:
        shape = Shape(**self.state["shape"])
        weights = (math.prod(size) for group in layout(shape).values() for _, size in group)
        return (
            f"MarianMT, French to English. {shape.encoder_layers} encoder + {shape.decoder_layers} decoder layers, "
            f"d_model {shape.width}, FFN {shape.inner}, {shape.heads} heads, SiLU, tied embeddings, joint vocabulary "
            f"{shape.vocabulary:,}; {sum(weights) / 1e6:.1f} M parameters, fp16. `<pad>` (id {shape.pad}) starts the "
            "decoder, embeds to zero and is never generated. Texts are normalised as precis does it. Terms can be "
            "given inline, `<r1>` French `<r2>` English `<r3>`, as `precis.json` says."
        )

    def recipe(self) -> str:
        beginning = f"going on from {self.began_as}" if self.began_as else "from scratch"
        said = [self.state, *self.log]
        device = next((entry["device"] for entry in said if "device" in entry), "cpu")
        machine = "one machine without a GPU" if device == "cpu" else "one GPU"
        averaged = "" if self.state.get("weights") == "last" else "moving average of the weights, "
        optimiser = "Muon for the matrices and AdamW for the rest" if self.plan.muon else "AdamW"
        return (
            f"`scripts/train/translator/recipe.py`, {beginning}: {self.state['spent'] / 60:.0f} minutes of training on "
            f"{machine}, {self.state['step']:,} steps, {self.state['tokens'] / 1e6:.1f} M target tokens, {optimiser}, "
            f"peak rate {self.plan.rate:g}, label smoothing {self.plan.smoothing:g}, {averaged}"
            f"seed {self.plan.seed}."
        )

    def data(self, manifests: list[Path]) -> str:
        known = {}
        for manifest in filter(Path.exists, manifests):
            with manifest.open(encoding="utf-8") as file:
                known |= {row["source"]: row for row in csv.DictReader(file, delimiter="\t")}
        clean = {entry["prepared"]: entry for entry in self.log if "prepared" in entry}
        lines = [
            "How often a pair is met in a pass of the main and of the last part of the training, and how many there",
            "are:",
            "",
            "| source | main | last | pairs | licence | what it is |",
            "|---|---|---|---|---|---|",
        ]
        for entry in (entry for entry in self.log if "encoded" in entry):
            source = entry["encoded"]
            row = known.get(source) or known.get(source.rsplit(".", 1)[0]) or {}
            licence, domain = row.get("licence", "not said"), row.get("domain", "")
            pairs = clean.get(source, entry)["pairs"]
            lines.append(f"| {source} | {entry['main']:g} | {entry['last']:g} | {pairs:,} | {licence} | {domain} |")
        met = sum(entry["of_tests"] for entry in clean.values())
        left_out = f"{met} pairs that share a sentence, or eight words in a row, with a test set were left out."
        return "\n".join([*lines, "", left_out])


def scored(scores: dict) -> str:
    lines = ["`precis translate --no-split --beam 4`, int8:", "", "| test | BLEU | chrF2 |", "|---|---|---|"]
    for test, found in scores["tests"].items():
        lines.append(f"| {test} | {found['BLEU']['score']:.1f} | {found['chrF2']['score']:.1f} |")
    signatures = next(iter(scores["tests"].values()))
    lines += ["", "Signatures " + " and ".join(f"`{found['signature']}`" for found in signatures.values()) + ".", ""]
    lines += ["| what comes through | share |", "|---|---|"]
    if "names" in scores:
        kept, of = scores["names"]["kept"], scores["names"]["of"]
        lines.append(f"| names of 60 news articles (`checks.names`) | {kept} of {of}, {kept / max(1, of):.0%} |")
    lines += [
        f"| an address, code, handle or number in 500 made-up sentences | {scores['unaltered']['tokens']:.1%} |",
        f"| € ° @ # & [ ] % + in 200 made-up sentences | {scores['unaltered']['signs']:.1%} |",
        f"| annotated terms of 300 news sentences, the English of the reference | {scores['obeyed']['right']:.1%} |",
        f"| the same with another name | {scores['obeyed']['wrong']:.1%} |",
    ]
    return "\n".join(lines)


def examples(scores: dict) -> str:
    return "\n".join(f"- {french}\n  → {english}" for french, english in scores["examples"].items())
