"""What a model folder scores: tests, texts that have to come through unaltered, annotated terms, names of articles."""

import json
import subprocess
import tempfile
from pathlib import Path

import sacrebleu
import sentencepiece
import torch

import survival
import terms
from alignment import Lexicon
from export import read_safetensors, shape_of
from judge import translations
from network import Marian
from text import normalise


class Measure:
    def __init__(self, precis: str, model: Path, most: int | None = None, languages: tuple[str, str] = ("fr", "en")):
        """`most`: sentences of a test, and made-up ones; all if `None`."""
        self.precis, self.model, self.most, self.languages = precis, model, most, languages

    def translate(self, lines: list[str]) -> list[str]:
        """Translations with the settings of the scores: beam 4, int8, lines not split."""
        command = [self.precis, "translate", "--no-split", "--no-cache", "--beam", "4", "--model", str(self.model)]
        text = "\n".join(lines) + "\n"
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        translated = done.stdout.splitlines()
        assert len(translated) == len(lines)
        return translated

    def lines(self, path: Path) -> list[str]:
        return path.read_text(encoding="utf-8").splitlines()[: self.most]

    def test(self, name: Path) -> dict[str, dict]:
        """BLEU and chrF of a test, `name.fr` and `name.en`."""
        source, target = (self.lines(name.with_suffix(f".{language}")) for language in self.languages)
        translated = self.translate(source)
        found = {}
        for metric in (sacrebleu.metrics.BLEU(), sacrebleu.metrics.CHRF()):
            score = metric.corpus_score(translated, [target])
            found[score.name] = {"score": round(score.score, 2), "signature": str(metric.get_signature())}
        return found

    def unaltered(self) -> dict[str, float]:
        """Shares of made-up sentences whose token, and whose signs, come through."""
        samples = {"tokens": survival.tokens(self.most or 500), "signs": survival.signs(self.most or 200)}
        return {kind: round(survival.unaltered(found, self.translate), 3) for kind, found in samples.items()}

    def obeyed(self, name: Path, lexicon: Path, count: int = 300) -> dict[str, float]:
        """Shares of annotated terms that are in the greedy translation: with the English of the reference, and with
        another."""
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(self.model / "source.spm"))
        network = Marian(shape_of(self.model), torch.device("cpu"), torch.float32)
        network.load(network.from_hugging_face(read_safetensors(self.model / "model.safetensors")))
        network.training = False
        words = Lexicon.load(lexicon)
        sides = (self.lines(name.with_suffix(f".{side}")) for side in ("fr", "en"))
        french, english = ([normalise(line) for line in side] for side in sides)
        found = {}
        for kind, replaced in (("right", 0.0), ("wrong", 1.0)):
            annotator = terms.Annotator(words, [], seed=4)
            annotator.SHARE_REPLACED, annotator.SHARE_NOISED, annotator.SHARE_OF_NOUNS = replaced, 0.0, 0.0
            pairs = [annotator.annotate(*pair) for pair in zip(french, english, strict=True)]
            annotated = [pair[0] for pair in pairs if pair][:count]
            sources = [[*terms.encode(text, pieces.encode, pieces.piece_to_id), 0] for text in annotated]
            translated = [pieces.decode(ids) for ids in translations(network, sources)]
            kept = [term in out for text, out in zip(annotated, translated, strict=True) for term in terms.wanted(text)]
            found[kind] = round(sum(kept) / max(1, len(kept)), 3)
        return found

    def names(self, articles: Path) -> dict[str, int]:
        """Names of every tenth article that precis finds in its translation, as its summaries count them."""
        files = sorted(articles.glob("*.txt"))[::10][: self.most]
        counts = {"kept": 0, "of": 0}
        with tempfile.TemporaryDirectory() as folder:
            command = [self.precis, "run", *map(str, files), "--out", folder, "--no-cache", "--quiet"]
            subprocess.run([*command, "--model", str(self.model)], capture_output=True, check=True)
            for path in Path(folder).glob("*.json"):
                checks = json.loads(path.read_text(encoding="utf-8")).get("checks")
                for key in counts:
                    counts[key] += checks["names"][key] if checks else 0
        return counts
