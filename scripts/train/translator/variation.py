"""Pairs varied: what articles have and clean pairs lack.

French is varied in what it says (names, amounts, addresses, terms) and in how it is printed (marks, case).
"""

import random
import re
from collections.abc import Iterator

import made_up
from alignment import Pair
from terms import Annotator
from text import normalise

NAME = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][a-zà-ÿ]{3,}(?![\w'-])")
EUROS = re.compile(r"(\d[\d ]*(?:,\d+)?) (millions? |milliards? )?(?:d')?euros?\b")
EUR = re.compile(r"(?:EUR|€) ?(\d[\d,.]*)( million| billion)?|(\d[\d,.]*)( million| billion)? euros?\b")


class Variation:
    """Adds what articles have and clean pairs lack: other marks and case, neighbours in one, unknown names, amounts,
    addresses."""

    SHARE_OF_MARKS = 0.1
    SHARE_OF_CASE = 0.03
    SHARE_OF_JOINED = 0.06
    SHARE_OF_NAMES = 0.1
    SHARE_OF_EUROS = 0.6
    SHARE_OF_TOKENS = 0.03
    SHARE_OF_COUNTS = 0.02
    SHARE_OF_BRACKETS = 0.006
    # Of the pairs that are tried: four in ten have a term whose English is sure.
    SHARE_OF_TERMS = 0.25

    def __init__(self, names: list[str], annotator: Annotator, seed: int):
        self.random = random.Random(seed)
        self.names, self.annotator = names, annotator

    def vary(self, pairs: list[Pair]) -> Iterator[Pair]:
        """Yields all pairs in order, some of them varied."""
        for pair in self.join(pairs):
            for change in (self.rename, self.pay, self.mention, self.count, self.bracket):
                pair = change(*pair)
            annotated = self.annotator.annotate(*pair) if self.chance(self.SHARE_OF_TERMS) else None
            yield annotated or self.recase(*self.remark(*pair))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def join(self, pairs: list[Pair]) -> Iterator[Pair]:
        """Makes one of two, rarely three, neighbours: sentences of articles are not found without mistakes."""
        held: list[Pair] = []
        for pair in pairs:
            held.append(pair)
            short = sum(len(french) for french, _ in held) < 250
            if len(held) == 3 or not short or not self.chance(self.SHARE_OF_JOINED):
                yield joined(held)
                held = []
        if held:
            yield joined(held)

    def remark(self, french: str, english: str) -> Pair:
        """Returns French as it is printed, for programs that give the model such text."""
        if self.chance(self.SHARE_OF_MARKS):
            parts = french.split('"')
            if len(parts) % 2:
                french = parts[0] + "".join(
                    ("«\u00a0" if index % 2 == 0 else "\u00a0»") + part for index, part in enumerate(parts[1:])
                )
            french = re.sub(r"(?<=\w)([:;!?])(?=\s|$)", "\u00a0\\1", french.replace("'", "’"))
        return french, english

    def recase(self, french: str, english: str) -> Pair:
        if self.chance(self.SHARE_OF_CASE):
            match self.random.randrange(3):
                case 0:
                    return french.upper(), english.upper()
                case 1:
                    return french.title(), english
                case _:
                    return french.lower(), english
        return french, english

    def rename(self, french: str, english: str) -> Pair:
        """Replaces a name that both sides spell alike by another one in both: names are copied."""
        if self.names and self.chance(self.SHARE_OF_NAMES):
            for name in NAME.findall(french):
                if len(re.findall(rf"\b{name}\b", english)) == len(re.findall(rf"\b{name}\b", french)) == 1:
                    other = self.name()
                    return french.replace(name, other), english.replace(name, other)
        return french, english

    def name(self) -> str:
        return made_up.name(self.random) if self.chance(0.5) else self.random.choice(self.names)

    def pay(self, french: str, english: str) -> Pair:
        """Writes an amount in euros as newspapers do: 12 €, 3,5 M€; in English €12, €3.5 million."""
        here, there = EUROS.findall(french), EUR.findall(english)
        if not (len(here) == len(there) == 1 and self.chance(self.SHARE_OF_EUROS)):
            return french, english
        amount, scale = here[0]
        forms = [f"{amount} {scale}€"]
        if scale:
            forms.append(f"{amount} {'Md' if scale.startswith('milliard') else 'M'}€")
        before, before_scale, after, after_scale = there[0]
        french = EUROS.sub(self.random.choice(forms), french)
        return french, EUR.sub(f"€{before or after}{before_scale or after_scale}", english)

    def mention(self, french: str, english: str) -> Pair:
        """Adds an address, a number or a code, to be copied."""
        if not self.chance(self.SHARE_OF_TOKENS):
            return french, english
        token = made_up.token(self.random)
        if french.endswith(".") and english.endswith(".") and self.chance(0.7):
            ours, theirs = self.random.choice(made_up.MENTIONS)
            return self.beside(french, english, ours.format(token), theirs.format(token))
        return f"{french.rstrip('.')} ({token}).", f"{english.rstrip('.')} ({token})."

    def count(self, french: str, english: str) -> Pair:
        """Adds a short sentence with an amount."""
        if french.endswith(".") and english.endswith(".") and self.chance(self.SHARE_OF_COUNTS):
            return self.beside(french, english, *made_up.sentence(self.random))
        return french, english

    def beside(self, french: str, english: str, ours: str, theirs: str) -> Pair:
        """Returns the made-up sentence alone, or before or after the pair."""
        match self.random.randrange(4):
            case 0:
                pair = f"{french} {ours}", f"{english} {theirs}"
            case 1:
                pair = f"{ours} {french}", f"{theirs} {english}"
            case _:
                pair = ours, theirs
        return normalise(pair[0]), pair[1]

    def bracket(self, french: str, english: str) -> Pair:
        """Adds the brackets of an editor at the beginning or the end."""
        if not self.chance(self.SHARE_OF_BRACKETS):
            return french, english
        brackets = made_up.brackets(self.random)
        if self.chance(0.5):
            return f"{brackets} {french}", f"{brackets} {english}"
        return f"{french} {brackets}", f"{english} {brackets}"


def joined(pairs: list[Pair]) -> Pair:
    return " ".join(french for french, _ in pairs), " ".join(english for _, english in pairs)


def shared_names(pairs: Iterator[Pair]) -> list[str]:
    """Names that both sides of some pair spell alike."""
    names = set()
    for french, english in pairs:
        names.update(name for name in NAME.findall(french) if name in english)
    return sorted(names)
