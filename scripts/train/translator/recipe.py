#!/usr/bin/env python3
"""The recipe of the shipped translator, from aligned text to a model folder with its card.

usage: recipe.py PRESET --data FOLDER --work FOLDER [options]

PRESET
  smoke   2,000 pairs, one minute: proves the whole way, translates nothing
  tiny    fr-en-tiny on the processor
  small   fr-en-small on a CUDA GPU

Steps, each done once and left where it is found: prepare (WORK/clean), tokenizer (WORK/joint.spm), encode
(WORK/encoded), train (WORK/run; may be stopped at any moment and goes on), export (WORK/model), evaluate
(WORK/scores.json), card (WORK/model/README.md). To do one again, delete what it made and what came after.
See README.md beside this file.
"""

import argparse
import contextlib
import dataclasses
import itertools
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor

import corpus
import vocabulary
from alignment import Lexicon, Pair
from card import EXAMPLES, Card
from export import check, export, read_safetensors, shape_of
from judge import Judge
from measure import Measure
from network import Marian, Shape
from presets import PRESETS, Preset
from train import Plan, Trainer, append_to
from variation import shared_names

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]

STEPS = ("prepare", "lexicon", "tokenizer", "encode", "train", "export", "evaluate", "card")


def read_tests(folder: Path | None) -> list[str]:
    if folder is None:
        print("no --tests: nothing is kept out of the training data", file=sys.stderr)
        return []
    lines = []
    for path in sorted([*folder.glob("*.fr"), *folder.glob("*.en")]):
        lines += path.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise SystemExit(f"there are no test sets (*.fr, *.en) in {folder}")
    return lines


class Recipe:
    def __init__(self, preset: Preset, arguments: argparse.Namespace):
        self.preset, self.arguments = preset, arguments
        self.work: Path = arguments.work
        self.work.mkdir(parents=True, exist_ok=True)
        self.log = append_to(self.work / "log.jsonl")
        self.languages = ("en", "fr") if arguments.reverse else ("fr", "en")
        self.sources = corpus.sources(arguments.data)
        if preset.only:
            self.sources = {name: path for name, path in self.sources.items() if name in preset.only}
        if not self.sources:
            raise SystemExit(f"there is no <source>.tsv or .tsv.xz to use in {', '.join(map(str, arguments.data))}")

    def run(self) -> None:
        for name in STEPS:
            getattr(self, name)()
            if name == self.arguments.until:
                return

    def fresh(self, made: Path) -> bool:
        if made.exists():
            print(f"{made} is there", file=sys.stderr)
        return not made.exists()

    @contextlib.contextmanager
    def making(self, name: str) -> Iterator[Path | None]:
        """Gives a folder to fill, which gets its name when that is done; `None` if it is there."""
        folder = self.work / name
        if not self.fresh(folder):
            yield None
            return
        unfinished = self.work / f"{name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        yield unfinished
        unfinished.rename(folder)

    def prepare(self) -> None:
        with self.making("clean") as folder:
            if folder:
                counts = corpus.prepare(self.sources, read_tests(self.arguments.tests), self.preset.most, folder)
                for name, count in counts.items():
                    self.log({"prepared": name, **count})

    def clean(self) -> dict[str, Path]:
        return {path.stem: path for path in sorted((self.work / "clean").glob("*.tsv"))}

    def sample(self, most: int) -> list[Pair]:
        """The first pairs of every source, at most so many of each."""
        pairs = (itertools.islice(corpus.lines_of(path), most) for path in self.clean().values())
        return list(itertools.chain.from_iterable(pairs))

    def lexicon(self) -> None:
        path = self.work / "lexicon.json"
        if self.fresh(path):
            Lexicon.learn(self.sample(60_000)).save(path)

    def tokenizer(self) -> None:
        model = self.work / "joint.spm"
        if not self.fresh(model):
            return
        if self.arguments.tokenizer:
            shutil.copy(self.arguments.tokenizer, model)
            return
        vocabulary.learn((text for pair in self.sample(200_000) for text in pair), self.preset.shape.vocabulary, model)

    def encode(self) -> None:
        with self.making("encoded") as folder:
            if not folder:
                return
            files = self.clean()
            settings = corpus.weights(HERE / "weights.json", list(files), self.preset.encoded)
            names = shared_names(self.sample(30_000))
            tokenizer, lexicon = self.work / "joint.spm", self.work / "lexicon.json"
            encoding = corpus.Encoding(tokenizer, lexicon, names, self.arguments.reverse)
            for name, counts in corpus.encode(files, settings, encoding, folder).items():
                self.log({"encoded": name, **counts, "main": settings[name].main, "last": settings[name].last})

    def plan(self) -> Plan:
        plan = self.preset.plan
        if self.arguments.from_model:
            plan = self.preset.going_on(other_way=self.arguments.reverse)
        if self.arguments.minutes:
            plan = dataclasses.replace(plan, minutes=self.arguments.minutes)
        return plan

    def train(self) -> None:
        if not self.fresh(self.work / "model"):
            return
        tokenizer = self.work / "joint.spm"
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer))
        shape, tensors = dataclasses.replace(self.preset.shape, vocabulary=len(pieces) + 1), None
        if self.arguments.from_model:
            shape, tensors = self.start(self.arguments.from_model)
        tests = self.arguments.tests
        judge = Judge.of(tests, tokenizer, self.preset.judged, self.languages) if tests else None
        trainer = Trainer(self.plan(), shape, self.work / "encoded", self.work / "run", self.log, judge)
        if trainer.spent >= trainer.plan.minutes * 60:
            print("the training is over", file=sys.stderr)
            return
        if tensors and not trainer.state:
            trainer.begin_with(tensors)
        trainer.run()

    def start(self, folder: Path) -> tuple[Shape, dict[str, Tensor]]:
        """Shape and tensors of a model folder, under the vocabulary of the training text."""
        shape, tensors = shape_of(folder), read_safetensors(folder / "model.safetensors")
        old, new = folder / "source.spm", self.work / "joint.spm"
        if old.read_bytes() != new.read_bytes():
            seen = vocabulary.seen(old, self.sample(60_000))
            names = "model.shared.weight", "final_logits_bias"
            rows, bias = vocabulary.transplant(tensors[names[0]], tensors[names[1]][0], old, new, seen)
            tensors |= dict(zip(names, (rows, bias[None]), strict=True))
            shape = dataclasses.replace(shape, vocabulary=len(rows))
        return shape, tensors

    def state(self) -> dict:
        """The last checkpoint; or, for a model that came from a lease, what is said beside it of its training."""
        checkpoint = self.work / "run" / "last.pt"
        if checkpoint.exists():
            return torch.load(checkpoint, map_location="cpu", weights_only=True)
        model = self.work / "model"
        return json.loads((model / "training.json").read_text(encoding="utf-8")) | {
            "shape": dataclasses.asdict(shape_of(model)),
        }

    def export(self) -> None:
        with self.making("model") as folder:
            if not folder:
                return
            state = self.state()
            shape = Shape(**state["shape"])
            network = Marian(shape, torch.device("cpu"), torch.float32)
            export(shape, network.to_hugging_face(state["average"]), self.work / "joint.spm", folder, self.languages)
            self.log({"largest_difference_to_transformers": check(folder)})

    def evaluate(self) -> None:
        scores = self.work / "scores.json"
        if self.arguments.tests is None or not self.fresh(scores):
            return
        measure = Measure(self.arguments.precis, self.work / "model", self.preset.most, self.languages)
        found = {"tests": {name: measure.test(self.arguments.tests / name) for name in ("flores-dev", "news-dev")}}
        if not self.arguments.reverse:
            found["unaltered"] = measure.unaltered()
            found["obeyed"] = measure.obeyed(self.arguments.tests / "news-dev", self.work / "lexicon.json")
            found["examples"] = dict(zip(EXAMPLES, measure.translate(list(EXAMPLES)), strict=True))
            if self.arguments.articles:
                found["names"] = measure.names(self.arguments.articles)
        scores.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        self.log({key: value for key, value in found.items() if key != "examples"})

    def card(self) -> None:
        if self.arguments.reverse:
            return
        log = [json.loads(line) for line in (self.work / "log.jsonl").read_text(encoding="utf-8").splitlines()]
        began_as = self.arguments.from_model and self.arguments.from_model.name
        card = Card(self.preset.name, began_as, self.plan(), self.state(), log)
        manifests = [folder / "MANIFEST.tsv" for folder in self.arguments.data]
        scores = self.work / "scores.json"
        found = json.loads(scores.read_text(encoding="utf-8")) if scores.exists() else None
        (self.work / "model" / "README.md").write_text(card.text(manifests, found), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="folders of <source>.tsv or .tsv.xz: French, tab, English"
    )
    parser.add_argument("--work", type=Path, required=True, help="what is made, and where a stopped run goes on")
    parser.add_argument("--tests", type=Path, help="test sets, <name>.fr and .en; none of their lines is learnt from")
    parser.add_argument("--tokenizer", type=Path, help="a SentencePiece model to use instead of training one")
    parser.add_argument("--from-model", type=Path, help="a model folder of this recipe to go on from")
    parser.add_argument("--reverse", action="store_true", help="from English to French, for backtranslate.py; no card")
    parser.add_argument("--minutes", type=float, help="time of the training")
    parser.add_argument("--until", choices=STEPS, help="the last step to do")
    parser.add_argument("--articles", type=Path, help="French articles, of whose names the share is told that is kept")
    parser.add_argument("--precis", default=str(ROOT / "target/release/precis"), help="what evaluates the model")
    arguments = parser.parse_args()
    Recipe(PRESETS[arguments.preset], arguments).run()


if __name__ == "__main__":
    main()
