"""Pairs of sentences as text: cleaned, checked against the test sets, and varied.

`normalise` gives what `Normalized::for_model` of precis gives (crates/french/src/text/normalize.rs),
because that is what the model will be given.
"""

import hashlib
import random
import re
import unicodedata
from collections.abc import Iterator

PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("“”„‟″「」", '"'),
        **dict.fromkeys("‘’‚‛‹›´`′ʼ", "'"),
        **dict.fromkeys("‐‑‒–−━", "-"),
        **dict.fromkeys("\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"),
        "《": "«", "》": "»", "―": "—", "…": "...", "，": ",", "、": ",", "。": ".", "：": ":", "；": ";",
        "！": "!", "？": "?", "（": "(", "）": ")", "％": "%",
    }
)  # fmt: skip
TAG = re.compile(r"<[^>]{1,80}>")
NUMBER = re.compile(r"\d+")
NAME = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][a-zà-ÿ]{3,}(?![\w'-])")
FRENCH = frozenset("le la les des de du un une et est dans pour que qui sur pas au aux par avec ce cette ne se".split())
ENGLISH = frozenset("the of and to in is that for it on with as this be are by not at from which have has was".split())

LONGEST = 700  # characters
MOST_WORDS = 130


def normalise(text: str) -> str:
    text = unicodedata.normalize("NFC", text).translate(PUNCTUATION)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"« ?", '"', text)
    text = re.sub(r" ?»", '"', text)
    text = re.sub(r" ?— ?", " - ", text).strip()
    text = re.sub(r" ([:;!?])", r"\1", text)
    return re.sub(r"(\d) %", r"\1%", text)


def is_pair(french: str, english: str) -> bool:
    """Whether two sentences can be translations of each other."""
    if not french or not english or french == english:
        return False
    if max(len(french), len(english)) > LONGEST or min(len(french), len(english)) < 2:
        return False
    ratio = len(french) / len(english)
    if not 0.25 < ratio < 4 or (len(french) + len(english) > 60 and not 0.55 < ratio < 2.2):
        return False
    for text in (french, english):
        if sum(map(str.isalpha, text)) < len(text) / 2 or text.count(" ") >= MOST_WORDS:
            return False
    for text, own, other in ((french, FRENCH, ENGLISH), (english, ENGLISH, FRENCH)):
        words = text.lower().split()
        if len(words) >= 8 and (not any(w in own for w in words) or sum(w in other for w in words) > 0.3 * len(words)):
            return False
    return abs(len(NUMBER.findall(french)) - len(NUMBER.findall(english))) <= 1


def digest(text: str) -> bytes:
    """Returns the same digest for texts that differ only in case and punctuation."""
    letters = "".join(c for c in text.lower() if c.isalnum())
    return hashlib.blake2b(letters.encode(), digest_size=8).digest()


class Cleaner:
    """Yields the pairs that are clean, new, and in no test set."""

    def __init__(self, tests: list[str]):
        self.tests = frozenset(digest(normalise(line)) for line in tests if line.strip())
        self.seen: set[bytes] = set()
        self.met_tests = 0

    def clean(self, pairs: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for french, english in pairs:
            french, english = (normalise(TAG.sub(" ", text)) for text in (french, english))
            if not is_pair(french, english):
                continue
            if digest(french) in self.tests or digest(english) in self.tests:
                self.met_tests += 1
                continue
            key = digest(f"{french}\t{english}")
            if key not in self.seen:
                self.seen.add(key)
                yield french, english


class Variation:
    """Adds what articles have and clean pairs lack: other marks and case, two sentences at once, unknown names."""

    SHARE_OF_MARKS = 0.1
    SHARE_OF_CASE = 0.03
    SHARE_OF_JOINED = 0.03
    SHARE_OF_NAMES = 0.05

    def __init__(self, names: list[str], seed: int):
        self.random = random.Random(seed)
        self.names = names

    def vary(self, pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yields all pairs in order, some of them varied."""
        previous = None
        for french, english in pairs:
            if previous and self.random.random() < self.SHARE_OF_JOINED:
                french, english = f"{previous[0]} {french}", f"{previous[1]} {english}"
                previous = None
            else:
                previous = (french, english)
            french, english = self.rename(french, english)
            yield self.recase(*self.remark(french, english))

    def remark(self, french: str, english: str) -> tuple[str, str]:
        """Returns French as it is printed, for programs that give the model such text."""
        if self.random.random() < self.SHARE_OF_MARKS:
            parts = french.split('"')
            if len(parts) % 2:
                french = parts[0] + "".join(
                    ("«\u00a0" if index % 2 == 0 else "\u00a0»") + part for index, part in enumerate(parts[1:])
                )
            french = re.sub(r"(?<=\w)([:;!?])(?=\s|$)", "\u00a0\\1", french.replace("'", "’"))
        return french, english

    def recase(self, french: str, english: str) -> tuple[str, str]:
        if self.random.random() < self.SHARE_OF_CASE:
            match self.random.randrange(3):
                case 0:
                    return french.upper(), english.upper()
                case 1:
                    return french.title(), english
                case _:
                    return french.lower(), english
        return french, english

    def rename(self, french: str, english: str) -> tuple[str, str]:
        """Replaces a name that both sides spell alike by another one in both: names are copied."""
        if self.names and self.random.random() < self.SHARE_OF_NAMES:
            for name in NAME.findall(french):
                if len(re.findall(rf"\b{name}\b", english)) == len(re.findall(rf"\b{name}\b", french)) == 1:
                    other = self.random.choice(self.names)
                    return french.replace(name, other), english.replace(name, other)
        return french, english


def shared_names(pairs: Iterator[tuple[str, str]]) -> list[str]:
    """Names that both sides of some pair spell alike."""
    names = set()
    for french, english in pairs:
        names.update(name for name in NAME.findall(french) if name in english)
    return sorted(names)
