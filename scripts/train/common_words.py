#!/usr/bin/env python3
"""The list of common English words (`src/common_words.txt.gz`): those that text writes with a small letter.

usage: common_words.py TEXT... [--out FILE]

TEXT is English, one sentence a line, or French, a tab and English, plain or .xz. A word counts where it does not open
a sentence. It is common if it is there LEAST times, and SHARE of these with a small letter: names are not, nor are
words that are used as names more often than not. The list is sorted, one word a line.
"""

import argparse
import gzip
import lzma
import re
from collections import Counter
from pathlib import Path

LEAST = 20
SHARE = 0.6

ROOT = Path(__file__).resolve().parents[2]
# A word after another one: the capital of what follows a full stop, a mark or a bracket may be due.
WORD = re.compile(r"(?<=[a-z,] )[A-Za-z][a-z]+(?![\w'’-])")


def count(path: Path, small: Counter, capital: Counter) -> None:
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            english = line.rstrip("\n").rpartition("\t")[2]
            words = WORD.findall(english)
            # Headings have capitals throughout.
            if 2 * sum(word[0].isupper() for word in words) > len(words):
                continue
            for word in words:
                (capital if word[0].isupper() else small)[word.lower()] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXT")
    parser.add_argument("--out", type=Path, default=ROOT / "src/common_words.txt.gz")
    arguments = parser.parse_args()
    small, capital = Counter(), Counter()
    for path in arguments.texts:
        count(path, small, capital)
    common = sorted(word for word, n in small.items() if n >= LEAST and n >= SHARE * (n + capital[word]))
    with gzip.GzipFile(arguments.out, "wb", mtime=0) as file:
        file.write("\n".join([*common, ""]).encode())
    print(f"{len(common)} words, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
