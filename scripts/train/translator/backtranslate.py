#!/usr/bin/env python3
"""Made-up French for English text: precis translates it with a model from English to French.

usage: backtranslate.py MODEL OUT TEXT... [--words N] [--tests FOLDER] [--precis FILE]

MODEL is what `recipe.py PRESET --reverse` made. TEXT are files of one English sentence a line, `<source>.en` or
`<source>.en.xz`, with their `MANIFEST.tsv`. Writes OUT/bt_<source>.tsv, French, tab, English, which the recipe takes as
one more source and marks, and their manifest.
It may be stopped at any moment and goes on where it was. Sennrich et al. 2016, "Improving Neural Machine Translation
Models with Monolingual Data".
"""

import argparse
import csv
import itertools
import lzma
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from recipe import ROOT, read_tests
from text import Cleaner, is_pair, normalise

# Sentences that are translated and written together.
CHUNK = 4000
WORDS = range(4, 60)


def sentences(path: Path, tests: Cleaner) -> Iterator[str]:
    """Yields the sentences of a file that are worth translating, each once."""
    opened = lzma.open if path.suffix == ".xz" else open
    seen = set()
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = normalise(line)
            if text.count(" ") in WORDS and text not in seen and text[-1] in '.!?"' and not tests.is_tested(text):
                seen.add(text)
                yield text


def translate(precis: str, model: Path, lines: list[str]) -> list[str]:
    """Greedy search in int8, no second attempts: their rules are for French."""
    command = [precis, "translate", "--no-split", "--no-cache", "--no-retry", "--beam", "1", "--quiet"]
    text = "\n".join(lines) + "\n"
    done = subprocess.run([*command, "--model", str(model)], input=text, stdout=subprocess.PIPE, text=True, check=True)
    translated = done.stdout.splitlines()
    if len(translated) != len(lines):
        raise SystemExit(f"{len(translated)} translations of {len(lines)} sentences")
    return translated


def manifest(folders: set[Path], out: Path) -> None:
    """Writes what is said of the texts under the names of what is made of them."""
    rows = []
    for path in sorted(folder / "MANIFEST.tsv" for folder in folders):
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                rows += csv.DictReader(file, delimiter="\t")
    with (out / "MANIFEST.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("source", "licence", "domain"))
        for row in rows:
            writer.writerow((f"bt_{row['source']}", row["licence"], f"{row['domain']}; made-up French"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--words", type=int, default=8_000_000, help="of all texts; of each in proportion to its size")
    parser.add_argument("--tests", type=Path, help="test sets, <name>.fr and .en; none of their lines is translated")
    parser.add_argument("--precis", default=str(ROOT / "target/release/precis"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    manifest({path.parent for path in arguments.texts}, arguments.out)
    tests = Cleaner(read_tests(arguments.tests))
    texts = {path: list(sentences(path, tests)) for path in arguments.texts}
    words = {path: sum(text.count(" ") + 1 for text in found) for path, found in texts.items()}
    share = min(1.0, arguments.words / sum(words.values()))
    began, translated = time.time(), 0
    for path, found in texts.items():
        out = arguments.out / f"bt_{path.name.split('.')[0]}.tsv"
        done = arguments.out / f"{out.stem}.done"  # how many sentences were translated
        first = int(done.read_text()) if done.exists() else 0
        for start in itertools.count(first, CHUNK):
            chunk = found[start : min(start + CHUNK, round(share * len(found)))]
            if not chunk:
                break
            with out.open("a", encoding="utf-8") as file:
                for french, english in zip(translate(arguments.precis, arguments.model, chunk), chunk, strict=True):
                    if is_pair(normalise(french), english):
                        file.write(f"{normalise(french)}\t{english}\n")
            done.write_text(str(start + len(chunk)))
            translated += sum(text.count(" ") + 1 for text in chunk)
            speed = translated / (time.time() - began)
            print(f"{out.name}: {start + len(chunk)} sentences, {speed:.0f} words/s", file=sys.stderr)


if __name__ == "__main__":
    main()
