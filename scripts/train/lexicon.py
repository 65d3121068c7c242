#!/usr/bin/env python3
"""The table of word translations that checks use (`src/lexicon.tsv.gz`), learnt from aligned text.

usage: lexicon.py WORK/lexicon.json [--out FILE]

WORK is the folder of a run of the translator's recipe, which learns the probabilities by IBM model 1 in both
directions. A line of the table is a French word in lower case, a tab, and its English words, each with two digits: how
likely it is given the French, and the French given it (10 times the square root of the probability).
"""

import argparse
import gzip
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "translator"))
from alignment import Lexicon  # noqa: E402

# Probabilities below are left out; more translations of a word too.
LEAST = 0.05
MOST = 8


def digit(probability: float) -> int:
    return min(9, int(10 * probability**0.5))


def table(lexicon: Lexicon) -> str:
    both: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for french, translations in lexicon.english.items():
        for english, chance in translations.items():
            both[french].setdefault(english, [0, 0])[0] = chance
    for english, translations in lexicon.french.items():
        for french, chance in translations.items():
            both[french].setdefault(english, [0, 0])[1] = chance
    lines = []
    for french, translations in sorted(both.items()):
        kept = [pair for pair in translations.items() if pair[0].isalpha() and max(pair[1]) >= LEAST]
        kept.sort(key=lambda pair: (-max(pair[1]), pair[0]))
        if french.isalpha() and any(english != french for english, _ in kept):
            words = (f"{english}{digit(there)}{digit(back)}" for english, (there, back) in kept[:MOST])
            lines.append(f"{french}\t{' '.join(words)}\n")
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lexicon", type=Path)
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "src/lexicon.tsv.gz")
    arguments = parser.parse_args()
    text = table(Lexicon.load(arguments.lexicon))
    arguments.out.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{text.count(chr(10))} words, {arguments.out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
