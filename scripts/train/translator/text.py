"""Pairs of sentences as text: normalised, cleaned, and checked against the test sets.

`normalise` gives what `Normalized::for_model` of precis gives (crates/french/src/text/normalize.rs),
because that is what the model will be given.
"""

import hashlib
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
WORDS = re.compile(r"\w+")
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


def unquoted(text: str) -> str:
    """`text` without the quoting of CSV files: a field in quotes whose own quotes are doubled."""
    if len(text) > 2 and text[0] == text[-1] == '"' and '""' in text:
        text = text[1:-1]
    return text.replace('""', '"')


def sequences(text: str) -> Iterator[str]:
    """Yields every eight words in a row, in lower case."""
    words = WORDS.findall(text.lower())
    for first in range(len(words) - 7):
        yield " ".join(words[first : first + 8])


class Cleaner:
    """Cleans pairs and keeps out those that share a sentence, or eight words in a row, with a test set."""

    def __init__(self, tests: list[str]):
        lines = [normalise(line) for line in tests if line.strip()]
        self.lines = frozenset(map(digest, lines))
        self.sequences = frozenset(found for line in lines for found in sequences(line))
        self.met_tests = 0

    def clean(self, pairs: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for pair in pairs:
            french, english = (normalise(TAG.sub(" ", unquoted(text))) for text in pair)
            if not is_pair(french, english):
                continue
            if self.is_tested(french) or self.is_tested(english):
                self.met_tests += 1
            else:
                yield french, english

    def is_tested(self, text: str) -> bool:
        return digest(text) in self.lines or not self.sequences.isdisjoint(sequences(text))
