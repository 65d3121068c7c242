"""Made-up sentences with what has to come through a translation unaltered, and how much of it does.

The sentences are of no template that is learnt from (made_up.py).
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import made_up
from text import normalise

SIGNS = "€°@#&[]%+"
# Contexts of a token.
MENTIONS = (
    "Le ministère renvoie vers {} pour les détails.",
    "D'après {}, la situation s'est améliorée depuis lundi.",
    "Les témoins peuvent appeler la gendarmerie ou consulter {}.",
    "Dans un message publié par {}, l'entreprise présente ses excuses.",
    "Le document, enregistré sous {}, a été transmis au tribunal.",
    "La vidéo a été retirée mardi ({}), a précisé la chaîne.",
    "Les inscriptions se font à l'adresse {} avant le 12 mars.",
    "« Retenez bien {} », a insisté l'avocate.",
    "L'enquête porte sur {}, dont personne ne connaît l'origine.",
    "Trois habitants ont signalé {} aux autorités avant l'incendie.",
)
# Contexts of a sign: `{n}` a number, `{w}` and `{v}` names.
SIGNED = (
    "Le repas revient à {n} € pour les familles de {w}.",
    "À {w}, chaque habitant paie {n} € de taxes.",
    "La mairie a débloqué {n} € pour l'école.",
    "Le thermomètre affichait {n} °C dans les rues de {w}.",
    "Il ne faut pas dépasser {n} °C, prévient le médecin.",
    "Les lecteurs peuvent écrire à {w}@{v}.fr jusqu'à vendredi.",
    "La journaliste a répondu à @{w} dans la soirée.",
    "Le slogan #{w} s'est répandu en quelques heures.",
    "Le cabinet {w} & {v} défend les familles.",
    "La marque {w} & {v} ferme trois magasins.",
    "« Il [le maire] n'a rien dit », regrette {w}.",
    "« Nous avons perdu [...] notre maison », raconte {w}.",
    "Le parti de {w} a obtenu {n} % des voix.",
    "{n} % des enfants de {w} ne vont pas à l'école.",
    "La fréquentation a progressé de +{n} % cette année.",
    "Le numéro +33 6 12 34 56 {n} est ouvert à tous.",
)


@dataclass(frozen=True)
class Sample:
    french: str
    # Texts that the translation has to contain.
    wanted: tuple[str, ...]


def tokens(count: int, seed: int = 2_000_000) -> list[Sample]:
    """Sentences with an address, a code, a handle or a number."""
    rng = random.Random(seed)
    samples = []
    for _ in range(count):
        token = made_up.token(rng)
        samples.append(Sample(rng.choice(MENTIONS).format(token), (normalise(token),)))
    return samples


def signs(count: int, seed: int = 3_000_000) -> list[Sample]:
    """Sentences with one or more of `SIGNS`."""
    rng = random.Random(seed)
    samples = []
    for number in range(count):
        template = SIGNED[number % len(SIGNED)]
        french = template.format(n=rng.randint(10, 99), w=made_up.name(rng), v=made_up.word(rng))
        samples.append(Sample(french, tuple(c for c in french if c in SIGNS)))
    return samples


def unaltered(samples: Sequence[Sample], translate: Callable[[list[str]], list[str]]) -> float:
    """Returns the share of the samples whose translation has each wanted text as often as it is wanted."""
    translated = translate([sample.french for sample in samples])
    whole = lambda text, english: len(re.findall(re.escape(text), english))  # noqa: E731
    good = (
        all(whole(text, english) >= sample.wanted.count(text) for text in sample.wanted)
        for sample, english in zip(samples, translated, strict=True)
    )
    return sum(good) / len(samples)
