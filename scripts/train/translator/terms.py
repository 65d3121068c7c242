"""Terms inline: a French term with the English that is wanted for it, `<r1> French <r2> English <r3>`.

Soft constraints by annotation of the source (Dinu et al. 2019, "Training Neural Machine Translation to Apply
Terminology Constraints"). The marks are control symbols, which no text can spell. Each stretch between two marks is
encoded on its own.
"""

import random
import re
from collections.abc import Callable, Iterator

import made_up
from alignment import Lexicon, Pair, folded, name_spans, noun_spans

# In text the marks are characters of private use; `encode` makes them the symbols of the vocabulary.
MARKS = {"\ue001": "<r1>", "\ue002": "<r2>", "\ue003": "<r3>"}
OPEN, MIDDLE, CLOSE = MARKS
STRETCH = re.compile(f"([{OPEN}{MIDDLE}{CLOSE}])")


class Annotator:
    """Annotates the terms of pairs, some of them with another English form, which is put into the reference too."""

    SHARE_REPLACED = 0.5
    SHARE_NOISED = 0.15
    SHARE_OF_NOUNS = 0.15
    MOST_TERMS = 3

    def __init__(self, lexicon: Lexicon, names: list[str], seed: int):
        self.lexicon, self.names, self.random = lexicon, names, random.Random(seed)

    def annotate(self, french: str, english: str) -> Pair | None:
        """Returns the pair with one to three terms annotated, or `None` if it has none whose English is sure."""
        nouns = self.random.random() < self.SHARE_OF_NOUNS
        found = (noun_spans if nouns else name_spans)(self.lexicon, french, english)
        count = min(len(found), self.random.choice((1, 1, 2, self.MOST_TERMS)))
        if not count:
            return None
        replace = self.other_noun if nouns else self.other_name
        chosen = self.random.sample(found, count)
        ours, theirs = [], []
        for span in chosen:
            here, there = french[slice(*span.french)], english[slice(*span.english)]
            chance = self.random.random()
            if chance < self.SHARE_REPLACED:
                there = replace(here, there)
            elif chance < self.SHARE_REPLACED + self.SHARE_NOISED:
                here = self.noised(here)
            ours.append((span.french, f"{OPEN}{here}{MIDDLE}{there}{CLOSE}"))
            theirs.append((span.english, there))
        return substituted(french, ours), substituted(english, theirs)

    def other_name(self, _french: str, _english: str) -> str:
        if self.random.random() < 0.1:
            return made_up.code(self.random)
        parts = self.random.choice((1, 2, 2, 3))
        return " ".join(self.one_name() for _ in range(parts))

    def one_name(self) -> str:
        if self.names and self.random.random() < 0.5:
            return self.random.choice(self.names)
        return made_up.name(self.random)

    def other_noun(self, french: str, english: str) -> str:
        """Returns another translation of the word, of the same number if English shows it."""
        key = french.lower()
        others = (word for word in self.lexicon.english.get(key, {}) if self.lexicon.likeness(key, word) > 0.1)
        fitting = [word for word in others if word != english and word.endswith("s") == english.endswith("s")]
        return self.random.choice(sorted(fitting)) if fitting else english

    def noised(self, text: str) -> str:
        match self.random.randrange(4):
            case 0:
                return text.upper()
            case 1:
                return text.lower()
            case 2:
                bare = folded(text)
                return (
                    text
                    if len(bare) != len(text)
                    else "".join(plain.upper() if c.isupper() else plain for c, plain in zip(text, bare, strict=True))
                )
            case _:
                at = self.random.randrange(len(text))
                return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]


def substituted(text: str, changes: list[tuple[tuple[int, int], str]]) -> str:
    for (start, end), new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def stretches(text: str) -> Iterator[str]:
    """Yields the marks of an annotated text and the texts between them, without blanks at their ends."""
    for part in STRETCH.split(text):
        part = part.strip()
        if part:
            yield part


def encode(text: str, encode_text: Callable[[str], list[int]], id_of: Callable[[str], int]) -> list[int]:
    """Returns the ids of a text, annotated or not."""
    ids: list[int] = []
    for part in stretches(text):
        ids += [id_of(MARKS[part])] if part in MARKS else encode_text(part)
    return ids


def wanted(text: str) -> list[str]:
    """Returns the English of the terms of an annotated text."""
    return re.findall(f"{MIDDLE}([^{CLOSE}]*){CLOSE}", text)
