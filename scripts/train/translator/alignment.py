"""A lexicon of word translations, learnt by IBM model 1 in both directions, and spans of a pair that mean the same.

IBM model 1: Brown et al. 1993, "The Mathematics of Statistical Machine Translation", Computational Linguistics 19(2).
"""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import make_shortlist
from make_shortlist import Lists, alignments, frequent_pairs, likeliest, model_1

# `text` in lower case and without accents.
folded = cache(make_shortlist.folded)

# French and English.
Pair = tuple[str, str]

WORD = re.compile(r"[^\W_]+")
# Words that join the parts of a name: Charles de Gaulle, Université de Lyon.
PARTICLES = frozenset("de du des d la le les l et von van der den ben bin ibn al el da do dos di".split())
MOST_WORDS = 60
LEAST_COUNT = 3


@dataclass(frozen=True)
class Word:
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        return self.text.lower()

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


@dataclass(frozen=True)
class Span:
    """Characters of the French and of the English sentence that mean the same."""

    french: tuple[int, int]
    english: tuple[int, int]


def words(text: str) -> list[Word]:
    return [Word(found[0], found.start(), found.end()) for found in WORD.finditer(text)]


class Lexicon:
    """Probabilities of translations of words in lower case: `english[f][e]` is t(e | f), `french[e][f]` is t(f | e)."""

    def __init__(
        self, english: dict[str, dict[str, float]], french: dict[str, dict[str, float]], proper: Sequence[str]
    ):
        self.english, self.french = english, french
        # French words that within a sentence are mostly written with a capital.
        self.proper = frozenset(proper)

    @classmethod
    def learn(cls, pairs: Sequence[Pair], seed: int = 1, most: int = 200_000) -> "Lexicon":
        pairs = random.Random(seed).sample(pairs, most) if len(pairs) > most else pairs
        texts = [(words(french), words(english)) for french, english in pairs]
        texts = [pair for pair in texts if 0 < len(pair[0]) <= MOST_WORDS and 0 < len(pair[1]) <= MOST_WORDS]
        counts = Counter(word.key for pair in texts for side in pair for word in side)
        kept = [word for word, count in counts.items() if count >= LEAST_COUNT]
        ids = {word: number for number, word in enumerate(kept)}
        known = [tuple(sorted({ids[word.key] for word in side if word.key in ids}) for side in pair) for pair in texts]
        sides = [Lists.of(side) for side in zip(*(pair for pair in known if all(pair)), strict=True)]
        tables = [cls.table(*ordered, kept) for ordered in (sides, sides[::-1])]
        inner = Counter((word.key, word.capital) for french, _ in texts for word in french[1:])
        proper = [word for word in kept if inner[word, True] > 2 * inner[word, False]]
        return cls(*tables, proper)

    @staticmethod
    def table(given: Lists, wanted: Lists, names: list[str]) -> dict[str, dict[str, float]]:
        size = len(names)
        pairs = frequent_pairs(given, wanted, size, 2)
        rows = (pairs // size).astype(np.int32)
        probability = model_1(alignments(given, wanted, size, pairs), rows, 5)
        best = likeliest(pairs, probability, size, 8, 0.02)
        chance = dict(zip(pairs.tolist(), probability.tolist(), strict=True))
        return {
            names[row]: {names[to]: round(chance[row * size + to], 3) for to in found}
            for row, found in enumerate(best)
            if found
        }

    def save(self, path: Path) -> None:
        content = {"english": self.english, "french": self.french, "proper": sorted(self.proper)}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def likeness(self, french: str, english: str) -> float:
        """Returns how well two words in lower case translate each other, from 0 to 1, by the weaker direction."""
        there = self.english.get(french, {}).get(english, 0.0)
        return min(there, self.french.get(english, {}).get(french, 0.0))

    def links(self, french: list[Word], english: list[Word], least: float = 0.1) -> dict[int, int]:
        """Returns for French words the English word that each is likest to and that is likest to it."""
        n, m = len(french), len(english)
        if not n or not m:
            return {}
        keys, forms = ([make(word.text) for word in english] for make in (str.lower, folded))
        scores = np.zeros((n, m))
        for i, word in enumerate(french):
            translations, form = self.english.get(word.key, {}), folded(word.text)
            for j, key in enumerate(keys):
                if forms[j] == form:
                    scores[i, j] = 1
                elif key in translations:
                    scores[i, j] = self.likeness(word.key, key)
        # Of equal words those at about the same place.
        scores -= 0.05 * np.abs(np.arange(n)[:, None] / n - np.arange(m)[None] / m)
        best, back = scores.argmax(1), scores.argmax(0)
        return {i: int(j) for i, j in enumerate(best) if scores[i, j] >= least and back[j] == i}


def is_name(lexicon: Lexicon, french: list[Word], at: int) -> bool:
    word = french[at]
    if not word.capital or (len(word.text) == 1 and word.key in PARTICLES):
        return False
    return at > 0 or word.key in lexicon.proper


def names(lexicon: Lexicon, text: str, french: list[Word]) -> list[range]:
    """Returns the runs of capitalised words of a French sentence, with the particles between them."""
    found, first = [], 0
    while first < len(french):
        if not is_name(lexicon, french, first):
            first += 1
            continue
        last = first
        for at in range(first + 1, min(first + 6, len(french))):
            gap = text[french[at - 1].end : french[at].start]
            if gap not in (" ", "-", "'"):
                break
            if is_name(lexicon, french, at):
                last = at
            elif french[at].key not in PARTICLES:
                break
        found.append(range(first, last + 1))
        first = last + 1
    return found


def span(text: str, french: list[Word], english: list[Word], chosen: range, links: dict[int, int]) -> Span | None:
    """Returns the English words that the French words of `chosen` are linked to, if no other French word is."""
    content = [i for i in chosen if french[i].key not in PARTICLES]
    if not content or any(i not in links for i in content):
        return None
    there = sorted(links[i] for i in content)
    low, high = there[0], there[-1]
    others = {j for i, j in links.items() if i not in chosen}
    if high - low + 1 > len(there) + 2 or others & set(range(low, high + 1)):
        return None
    inner = text[english[low].start : english[high].end]
    if re.search(r"[,;:.!?()]", inner):
        return None
    ours = french[chosen[0]].start, french[chosen[-1]].end
    return Span(ours, (english[low].start, english[high].end))


def name_spans(lexicon: Lexicon, french: str, english: str) -> list[Span]:
    """Returns the names of a French sentence whose English form is sure."""
    here, there = words(french), words(english)
    if len(here) > MOST_WORDS or len(there) > MOST_WORDS:
        return []
    links = lexicon.links(here, there)
    found = (span(english, here, there, chosen, links) for chosen in names(lexicon, french, here))
    return [one for one in found if one and english[one.english[0]].isupper()]


def noun_spans(lexicon: Lexicon, french: str, english: str) -> list[Span]:
    """Returns words in lower case, of five letters or more, whose translation is sure."""
    here, there = words(french), words(english)
    if len(here) > MOST_WORDS or len(there) > MOST_WORDS:
        return []
    links = lexicon.links(here, there, least=0.3)
    return [
        Span((here[i].start, here[i].end), (there[j].start, there[j].end))
        for i, j in links.items()
        if here[i].text.islower() and len(here[i].text) >= 5 and there[j].text.islower()
    ]
