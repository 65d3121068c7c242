#!/usr/bin/env python3
"""Makes the lexical shortlist of a MarianMT model: for each source piece, the target pieces that
may translate it, so that a decoder need not score the whole vocabulary (as Marian and Bergamot do).

    pip install numpy safetensors sentencepiece
    scripts/make_shortlist.py models/fr-en-tiny models/fr-en-tiny/shortlist.safetensors DATA.tsv.xz…
    scripts/make_shortlist.py MODEL_DIR OUT DATA… --check sentences.fr translations.en

DATA has one pair a line, French TAB English, plain or .xz; `--per-file` lines are drawn from each.
What is learned from it comes under the licences of these texts. MODEL_DIR holds source.spm,
target.spm and a vocab.json for both languages. `--check` reports how large the lists of the given
sentences are and how much of their translations they cover; it takes no part in the making.

Method: lexical probabilities t(target | source) by IBM model 1 (Brown et al. 1993, "The Mathematics
of Statistical Machine Translation", Computational Linguistics 19(2)) between the pieces of both
sides, </s> being the empty word. A source piece gets its likeliest targets, itself, for what is
copied, and pieces spelt alike, because names are often cut differently on both sides. The most
frequent target pieces, of all and of those inside words, and all single ASCII characters are in
every list.

The result has the I32 tensors `common` [c], `offsets` [source vocabulary + 1] and `targets` [n]:
targets[offsets[s]..offsets[s + 1]], sorted and without those in `common`, belong to source piece s.
"""

import argparse
import json
import lzma
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

import numpy as np
import sentencepiece
from safetensors.numpy import save_file

FORMAT = "precis-shortlist-1"
END, UNKNOWN = "</s>", "<unk>"
# Longer sentences align badly.
MAX_PIECES = 100
# Cells of the alignment matrices that are worked on at once.
CHUNK = 24_000_000
# Letters that two pieces must share from the start to be spelt alike.
SHARED = 3

INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
PUNCTUATION = str.maketrans(
    {**dict.fromkeys("“”„‟″", '"'), **dict.fromkeys("‘’‚‛‹›´`′ʼ", "'"), **dict.fromkeys("‐‑‒–−", "-")}
    | {"…": "...", "—": " - ", "―": " - "}
)


def normalize(text: str) -> str:
    """What a model is given for `text`: as `Normalized::for_model`, except for rare characters."""
    text = unicodedata.normalize("NFC", INVISIBLE.sub("", text)).translate(PUNCTUATION)
    text = re.sub(r"«\s*|\s*»|''", '"', text)
    text = re.sub(r"\s+([:;!?])", r"\1", text)
    text = re.sub(r"(?<=[0-9])\s+%", "%", text)
    return " ".join(text.split())


class Vocabulary:
    """The pieces of a model and its two tokenizers."""

    def __init__(self, folder: Path):
        self.ids: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self.pieces = {number: piece for piece, number in self.ids.items()}
        self.size = max(self.pieces) + 1
        self.end = self.ids[END]
        self.special = {i for piece, i in self.ids.items() if re.fullmatch("<.+>", piece)}
        self._source, self._target = (
            sentencepiece.SentencePieceProcessor(model_file=str(folder / name))
            for name in ("source.spm", "target.spm")
        )

    def source(self, text: str) -> list[int]:
        return [*self._encode(self._source, text), self.end]

    def target(self, text: str) -> list[int]:
        return self._encode(self._target, text)

    def _encode(self, tokenizer: sentencepiece.SentencePieceProcessor, text: str) -> list[int]:
        unknown = self.ids[UNKNOWN]
        pieces = tokenizer.encode(normalize(text), out_type=str)
        return [self.ids.get(piece, unknown) for piece in pieces]


@dataclass
class Lists:
    """Lists of ids, one after the other."""

    ids: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, lists: list[list[int]]) -> "Lists":
        lengths = np.fromiter(map(len, lists), np.int64, len(lists))
        ids = np.fromiter((i for ids in lists for i in ids), np.int32, lengths.sum())
        return cls(ids, np.concatenate([[0], lengths.cumsum()]))

    def __getitem__(self, i: int) -> np.ndarray:
        return self.ids[self.offsets[i] : self.offsets[i + 1]]


def read_pairs(path: Path, limit: int, draw: random.Random) -> list[list[str]]:
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        lines = file.readlines()
    chosen = draw.sample(lines, limit) if len(lines) > limit else lines
    pairs = (line.rstrip("\n").split("\t") for line in chosen)
    return [pair for pair in pairs if len(pair) == 2]


def read_corpus(
    paths: list[Path], limit: int, vocabulary: Vocabulary
) -> tuple[Lists, Lists, np.ndarray]:
    """The different pieces of each sentence, French and English, and how often each target piece
    occurs in all."""
    draw = random.Random(1)
    french, english = [], []
    frequency = [0] * vocabulary.size
    for path in paths:
        for source, target in read_pairs(path, limit, draw):
            source_ids, target_ids = vocabulary.source(source), vocabulary.target(target)
            if not target_ids or max(len(source_ids), len(target_ids)) > MAX_PIECES:
                continue
            french.append(sorted(set(source_ids)))
            english.append(sorted(set(target_ids)))
            for number in target_ids:
                frequency[number] += 1
    return Lists.of(french), Lists.of(english), np.array(frequency)


def cells(french: Lists, english: Lists, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """In chunks, for each English piece of each sentence the pairs with all French pieces of it, as
    source * size + target, and for each English piece the number of its pairs."""
    width = np.diff(french.offsets)
    sentence = np.repeat(np.arange(len(width)), np.diff(english.offsets))
    ends = width[sentence].cumsum()
    cuts = np.searchsorted(ends, np.arange(CHUNK, ends[-1], CHUNK))
    for part in np.split(np.arange(len(sentence)), cuts):
        lengths = width[sentence[part]]
        starts = lengths.cumsum() - lengths
        at = np.arange(lengths.sum()) + np.repeat(french.offsets[sentence[part]] - starts, lengths)
        yield french.ids[at] * np.int64(size) + np.repeat(english.ids[part], lengths), lengths


def frequent_pairs(french: Lists, english: Lists, size: int, least: int) -> np.ndarray:
    """The pairs that occur in at least `least` sentences, sorted."""
    pairs, counts = np.empty(0, np.int64), np.empty(0, np.int32)
    for keys, _ in cells(french, english, size):
        new, times = np.unique(keys, return_counts=True)
        known = np.searchsorted(pairs, new)
        known[known == len(pairs)] = 0
        old = pairs[known] == new if len(pairs) else np.zeros(len(new), bool)
        counts[known[old]] += times[old].astype(np.int32)
        at = np.searchsorted(pairs, new[~old])
        pairs = np.insert(pairs, at, new[~old])
        counts = np.insert(counts, at, times[~old])
    return pairs[counts >= least]


def alignments(
    french: Lists, english: Lists, size: int, pairs: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """`cells` with indices into `pairs`, without the pairs that are not in it, and where the pairs of
    each English piece start."""
    result = []
    for keys, lengths in cells(french, english, size):
        different, inverse = np.unique(keys, return_inverse=True)
        places = np.searchsorted(pairs, different)
        places[places == len(pairs)] = 0
        kept = (pairs[places] == different)[inverse]
        index = places[inverse]
        left = np.add.reduceat(kept, lengths.cumsum() - lengths, dtype=np.int64)
        left = left[left > 0]
        result.append((index[kept].astype(np.int32), left.astype(np.int16)))
    return result


def model_1(
    chunks: list[tuple[np.ndarray, np.ndarray]], rows: np.ndarray, iterations: int
) -> np.ndarray:
    """t(target | source) of each pair, whose source pieces `rows` are."""
    probability = np.ones(len(rows), np.float32)
    for _ in range(iterations):
        expected = np.zeros(len(rows))
        for index, lengths in chunks:
            share = probability[index]
            sums = np.add.reduceat(share, lengths.cumsum(dtype=np.int64) - lengths)
            share /= np.repeat(sums, lengths)
            expected += np.bincount(index, share, len(rows))
        totals = np.bincount(rows, expected)
        probability = (expected / np.maximum(totals[rows], 1e-30)).astype(np.float32)
    return probability


def likeliest(
    pairs: np.ndarray, probability: np.ndarray, size: int, per_token: int, least: float
) -> list[set[int]]:
    """Returns, for each source piece, its `per_token` likeliest targets of at least probability `least`."""
    kept = probability >= least
    rows, targets = np.divmod(pairs[kept], size)
    order = np.lexsort((-probability[kept], rows))
    rows, targets = rows[order], targets[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    lists: list[set[int]] = [set() for _ in range(size)]
    for row, target in zip(rows[rank < per_token], targets[rank < per_token], strict=True):
        lists[row].add(int(target))
    return lists


def folded(piece: str) -> str:
    """`piece` in lower case and without accents."""
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", piece.lower()))


def spelt_alike(vocabulary: Vocabulary, frequency: np.ndarray, limit: int) -> list[list[int]]:
    """Returns, for each piece, up to `limit` English pieces that begin with the same letters: those that
    share most of them first, then the most frequent."""
    forms = {number: folded(piece) for number, piece in vocabulary.pieces.items()}
    groups: dict[str, list[int]] = {}
    for number, form in forms.items():
        start = form[: SHARED + form.startswith("▁")]
        if start.strip("▁").isalpha() and len(start.strip("▁")) == SHARED:
            groups.setdefault(start, []).append(number)
    lists: list[list[int]] = [[] for _ in range(vocabulary.size)]
    for group in groups.values():
        english = sorted((i for i in group if frequency[i]), key=lambda i: -frequency[i])
        for number in group:
            shared = {i: len(commonprefix([forms[number], forms[i]])) for i in english}
            lists[number] = sorted(english, key=lambda i: -shared[i])[:limit]
    return lists


def single_character(piece: str) -> bool:
    character = piece.removeprefix("▁")
    return character.isascii() and len(character) <= 1


def common_pieces(
    vocabulary: Vocabulary, frequency: np.ndarray, count: int, inner: int
) -> set[int]:
    """</s>, the `count` most frequent pieces, the `inner` most frequent of those that begin no word
    (rare words are cut in unforeseen ways) and those of a single ASCII character."""
    single = {number for piece, number in vocabulary.ids.items() if single_character(piece)}
    order = [i for i in np.argsort(-frequency, kind="stable").tolist() if frequency[i]]
    order = [i for i in order if i not in vocabulary.special]
    within = [i for i in order if not vocabulary.pieces[i].startswith("▁")]
    return {vocabulary.end, *single, *order[:count], *within[:inner]}


def shortlist(
    vocabulary: Vocabulary, common: set[int], translations: list[set[int]], alike: list[list[int]]
) -> Lists:
    """The targets of each source piece."""
    lists = ({i, *found, *like} for i, (found, like) in enumerate(zip(translations, alike, strict=True)))
    return Lists.of([sorted(ids - common - vocabulary.special) for ids in lists])


def coverage(
    vocabulary: Vocabulary, common: set[int], targets: Lists, french: list[str], english: list[str]
) -> str:
    """Prints the report of `--check`."""
    sizes, found, pieces, whole = 0, 0, 0, 0
    for source, translation in zip(french, english, strict=True):
        listed = common.union(*(targets[i].tolist() for i in set(vocabulary.source(source))))
        wanted = vocabulary.target(translation)
        covered = sum(i in listed for i in wanted)
        sizes, found, pieces = sizes + len(listed), found + covered, pieces + len(wanted)
        whole += covered == len(wanted)
    return (
        f"{sizes / len(french):.0f} pieces a sentence, {found / pieces:.2%} of the pieces covered, "
        f"{whole / len(french):.2%} of the sentences wholly"
    )


def read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--per-file", type=int, default=100_000, help="pairs drawn from each file")
    parser.add_argument("--per-token", type=int, default=70, help="most targets by probability")
    parser.add_argument("--common", type=int, default=250, help="most frequent targets, in all lists")
    parser.add_argument("--inner", type=int, default=700, help="most frequent inside words, likewise")
    parser.add_argument("--alike", type=int, default=5, help="most targets by spelling")
    parser.add_argument("--least-probability", type=float, default=1e-3)
    parser.add_argument("--least-sentences", type=int, default=2, help="that a pair occurs in")
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--check", type=Path, nargs=2, metavar=("FRENCH", "ENGLISH"))
    return parser.parse_args()


def main() -> None:
    args = arguments()
    vocabulary = Vocabulary(args.model)
    size = vocabulary.size
    french, english, frequency = read_corpus(args.data, args.per_file, vocabulary)
    pairs = frequent_pairs(french, english, size, args.least_sentences)
    rows = (pairs // size).astype(np.int32)
    probability = model_1(alignments(french, english, size, pairs), rows, args.iterations)

    common = common_pieces(vocabulary, frequency, args.common, args.inner)
    targets = shortlist(
        vocabulary,
        common,
        likeliest(pairs, probability, size, args.per_token, args.least_probability),
        spelt_alike(vocabulary, frequency, args.alike),
    )
    tensors = {
        "common": np.array(sorted(common), np.int32),
        "offsets": targets.offsets.astype(np.int32),
        "targets": targets.ids,
    }
    names = " ".join(dict.fromkeys(path.name.split(".")[0] for path in args.data))
    metadata = {"format": FORMAT, "sources": names, "per_token": str(args.per_token)}
    save_file(tensors, args.out, metadata)
    print(f"{len(french.offsets) - 1} pairs, {args.out.stat().st_size} bytes")
    if args.check:
        print(coverage(vocabulary, common, targets, *map(read_lines, args.check)))


if __name__ == "__main__":
    main()
