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
import dataclasses
import json
import lzma
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import sacrebleu
import sentencepiece

from batches import EOS, Pairs
from card import EXAMPLES
from card import write as write_card
from network import Shape
from text import Cleaner, Variation, shared_names
from train import Plan, Trainer, append_to

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SEED = 1
# Control symbols that no text spells, kept free for later tasks.
SYMBOLS = ["<hl>", "<sum>", "<r1>", "<r2>", "<r3>", "<r4>"]
# Pieces of a sentence that is learnt from: the network is asked for no more at a time.
LONGEST = 158


STEPS = ("prepare", "tokenizer", "encode", "train", "export", "evaluate", "card")


@dataclasses.dataclass(frozen=True)
class Preset:
    name: str
    shape: Shape
    plan: Plan
    # Sources that are used, of each at most so many pairs; all of all where it is not said.
    only: tuple[str, ...] = ()
    most: int | None = None


PRESETS = {
    "smoke": Preset(
        "fr-en-smoke",
        Shape(vocabulary=1000, width=64, inner=128, encoder_layers=1, decoder_layers=1),
        Plan(minutes=0.5, tokens=1024, warmup=50, checkpoint_minutes=0.2),
        only=("cds_blog", "ud_pud_news_wiki"),
        most=1000,
    ),
    "tiny": Preset("fr-en-tiny", Shape(), Plan(minutes=140, rate=7e-4, candidates=True)),
    "small": Preset(
        "fr-en-small",
        Shape(width=512, inner=2048, heads=8, encoder_layers=6, dropout=0.1),
        Plan(minutes=21, tokens=32768, rate=8e-4, warmup=1500, checkpoint_minutes=3),
    ),
}


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            pair = line.rstrip("\n").split("\t")
            if len(pair) == 2:
                yield pair[0], pair[1]


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
        weights = json.loads((HERE / "weights.json").read_text())
        files = {path.name.split(".tsv")[0]: path for path in arguments.data.glob("*.tsv*")}
        self.sources = {name: files[name] for name in weights if name in files}
        if not self.sources:
            raise SystemExit(f"there is none of {', '.join(weights)} (.tsv or .tsv.xz) in {arguments.data}")
        self.weights = {name: weights[name] for name in self.sources}
        if preset.only:
            self.sources = {name: path for name, path in self.sources.items() if name in preset.only}
            self.weights = {name: weights[name] for name in self.sources}

    def run(self) -> None:
        for name in STEPS:
            getattr(self, name)()
            if name == self.arguments.until:
                return

    def fresh(self, made: Path) -> bool:
        if made.exists():
            print(f"{made} is there", file=sys.stderr)
        return not made.exists()

    def prepare(self) -> None:
        folder = self.work / "clean"
        if not self.fresh(folder):
            return
        unfinished = self.work / "clean.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        cleaner = Cleaner(read_tests(self.arguments.tests))
        for name, path in self.sources.items():
            count = 0
            with (unfinished / f"{name}.tsv").open("w", encoding="utf-8") as file:
                for french, english in cleaner.clean(lines_of(path)):
                    file.write(f"{french}\t{english}\n")
                    count += 1
                    if count == self.preset.most:
                        break
            self.log({"prepared": name, "pairs": count})
        self.log({"of_tests": cleaner.met_tests})
        unfinished.rename(folder)

    def pairs_of(self, name: str) -> list[tuple[str, str]]:
        return list(lines_of(self.work / "clean" / f"{name}.tsv"))

    def tokenizer(self) -> None:
        model = self.work / "joint.spm"
        if not self.fresh(model):
            return
        if self.arguments.tokenizer:
            shutil.copy(self.arguments.tokenizer, model)
            return
        sentences = (text for name in self.sources for pair in self.pairs_of(name) for text in pair)
        with (self.work / "joint.unfinished").open("wb") as file:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=sentences,
                model_writer=file,
                model_type="unigram",
                vocab_size=self.preset.shape.vocabulary - 1,
                hard_vocab_limit=self.preset.name != "fr-en-smoke",
                normalization_rule_name="nmt_nfkc",
                split_digits=True,
                character_coverage=0.9999,
                input_sentence_size=2_000_000,
                shuffle_input_sentence=True,
                eos_id=EOS,
                unk_id=1,
                bos_id=-1,
                pad_id=-1,
                control_symbols=SYMBOLS,
                minloglevel=1,
            )
        (self.work / "joint.unfinished").rename(model)

    def encode(self) -> None:
        folder = self.work / "encoded"
        if not self.fresh(folder):
            return
        unfinished = self.work / "encoded.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(self.work / "joint.spm"))
        names = shared_names(pair for name in self.sources for pair in self.pairs_of(name)[:200_000])
        for seed, name in enumerate(self.sources):
            pairs = list(Variation(names, SEED + seed).vary(self.pairs_of(name)))
            french, english = (pieces.encode([pair[side] for pair in pairs]) for side in (0, 1))
            kept = [i for i in range(len(pairs)) if 0 < len(french[i]) <= LONGEST and 0 < len(english[i]) <= LONGEST]
            arrays = {}
            for side, ids in (("french", french), ("english", english)):
                arrays[side] = np.array([id for i in kept for id in (*ids[i], EOS)], np.uint16)
                arrays[f"{side}_lengths"] = np.array([len(ids[i]) + 1 for i in kept], np.uint8)
            np.savez(unfinished / f"{name}.npz", **arrays)
            self.log({"encoded": name, "pairs": len(kept), "english_tokens": len(arrays["english"])})
        unfinished.rename(folder)

    def shape(self) -> Shape:
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(self.work / "joint.spm"))
        return dataclasses.replace(self.preset.shape, vocabulary=len(pieces) + 1)

    def trainer(self) -> Trainer:
        from export import read

        pairs = Pairs(self.work / "encoded", self.weights)
        plan = self.preset.plan
        if self.arguments.minutes:
            plan = dataclasses.replace(plan, minutes=self.arguments.minutes)
        shape, weights = self.shape(), None
        if self.arguments.from_model:
            shape, weights = read(self.arguments.from_model)
        trainer = Trainer(shape, pairs, plan, self.work / "run")
        if not trainer.resume() and weights:
            trainer.begin_with(weights)
        return trainer

    def train(self) -> None:
        trainer = self.trainer()
        if trainer.minutes >= trainer.plan.minutes:
            print("the training is over", file=sys.stderr)
            return
        millions = sum(p.numel() for p in trainer.parameters) / 1e6
        self.log({"parameters_in_millions": round(millions, 1), "pairs": len(trainer.pairs), "device": trainer.device})
        trainer.run(self.log)

    def export(self) -> None:
        from export import export

        folder = self.work / "model"
        if not self.fresh(folder):
            return
        unfinished = self.work / "model.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        export(self.trainer().averaged(), self.work / "joint.spm", unfinished)
        for path in unfinished.iterdir():
            path.chmod(0o644)
        unfinished.rename(folder)

    def evaluate(self) -> None:
        scores = self.work / "scores.json"
        if self.arguments.tests is None or not self.fresh(scores):
            return
        french, english = (
            (self.arguments.tests / f"flores-dev.{side}").read_text(encoding="utf-8").splitlines()
            for side in ("fr", "en")
        )
        if self.preset.most:
            french, english = french[:50], english[:50]
        translated = self.translate(french)
        found = {}
        for metric in (sacrebleu.metrics.BLEU(), sacrebleu.metrics.CHRF()):
            score = metric.corpus_score(translated, [english])
            found[score.name] = {"score": round(score.score, 2), "signature": str(metric.get_signature())}
        pairs = zip(EXAMPLES, self.translate(EXAMPLES), strict=True)
        examples = [{"french": french, "english": english} for french, english in pairs]
        scores.write_text(json.dumps({"scores": found, "examples": examples}, ensure_ascii=False, indent=1))
        self.log({name: score["score"] for name, score in found.items()})

    def translate(self, lines: Sequence[str]) -> list[str]:
        command = [self.arguments.precis, "translate", "--no-split", "--no-cache", "--beam", "4"]
        command += ["--model", str(self.work / "model")]
        text = "\n".join(lines) + "\n"
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        translated = done.stdout.splitlines()
        assert len(translated) == len(lines)
        return translated

    def card(self) -> None:
        log = [json.loads(line) for line in (self.work / "log.jsonl").read_text(encoding="utf-8").splitlines()]
        trainer = self.trainer()
        began_as = self.arguments.from_model and self.arguments.from_model.name
        write_card(self.preset.name, began_as, trainer, log, self.arguments.data / "MANIFEST.tsv", self.work)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("--data", type=Path, required=True, help="<source>.tsv or .tsv.xz: French, tab, English")
    parser.add_argument("--work", type=Path, required=True, help="what is made, and where a stopped run goes on")
    parser.add_argument("--tests", type=Path, help="test sets, <name>.fr and .en; none of their lines is learnt from")
    parser.add_argument("--tokenizer", type=Path, help="a SentencePiece model to use instead of training one")
    parser.add_argument("--from-model", type=Path, help="a model folder of this recipe to go on from")
    parser.add_argument("--minutes", type=float, help="time of the training")
    parser.add_argument("--until", choices=STEPS, help="the last step to do")
    parser.add_argument("--precis", default=str(ROOT / "target/release/precis"), help="what evaluates the model")
    arguments = parser.parse_args()
    Recipe(PRESETS[arguments.preset], arguments).run()


if __name__ == "__main__":
    main()
