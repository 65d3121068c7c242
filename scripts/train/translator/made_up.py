"""Made-up names, tokens and short sentences: what has to be copied, or written by another convention.

Clean parallel text has few addresses, amounts, temperatures or foreign letters; articles are full of them.
"""

from random import Random

SYLLABLES = (
    "ba be bi bo bra ca chi co da de di dra el en fa fe ga gi go ha he hi i ja jo ka ke ki ko la le li lo lu ma me mi "
    "mo na ne ni no o pa pe po ra re ri ro ru sa se sha si so sta ta te ti to tra tu u va ve vi wa we ya yo za zi"
).split()
ENDINGS = ("", "", "n", "s", "r", "k", "ski", "vić", "ev", "sson", "ez", "ian", "oglu")
ACCENTED = {
    "a": "áàâäãåā", "e": "éèêëěē", "i": "íîïī", "o": "óôöõøō", "u": "úùûüū", "c": "çćč", "n": "ñńň", "s": "śšş",
    "z": "źžż", "l": "ł", "g": "ğ", "r": "ř", "y": "ý", "d": "đ", "t": "ț",
}  # fmt: skip
# How amounts end, in French and in English.
EUROS = (
    ("€", ""),
    ("€", ""),
    ("millions d'euros", " million"),
    ("M€", " million"),
    ("milliards d'euros", " billion"),
    ("Md€", " billion"),
)
TOP_LEVEL = ("fr", "com", "org", "net", "be", "ch", "eu", "info", "ca")

# Contexts of a token, in both languages.
MENTIONS = (
    ("Plus d'informations sur {}.", "More information at {}."),
    ("Contact: {}", "Contact: {}"),
    ("Écrivez à {}.", "Write to {}."),
    ("Voir {}", "See {}"),
    ("Renseignements au {}.", "Information on {}."),
    ("Source: {}", "Source: {}"),
    ("Le dossier {} a été clos.", "File {} has been closed."),
    ("Il faut joindre {} à la demande.", "{} must be attached to the application."),
    ("On peut s'inscrire sur {} jusqu'à mardi.", "You can register at {} until Tuesday."),
    ("Le compte {} a été suspendu.", "The account {} has been suspended."),
    ("Sous le mot-clé {}, des milliers de personnes ont témoigné.", "Under {}, thousands of people have testified."),
    ("La référence est {}.", "The reference is {}."),
)
# Short sentences of what newspapers count: `{}` is filled with the two spellings of one amount.
COUNTS = {
    "euros": (
        ("Le billet coûte {}.", "The ticket costs {}."),
        ("L'amende peut atteindre {}.", "The fine can reach {}."),
        ("Ils ont payé {} par personne.", "They paid {} per person."),
        ("Le budget s'élève à {}.", "The budget amounts to {}."),
        ("La perte est estimée à {}.", "The loss is estimated at {}."),
        ("Le loyer passe à {} par mois.", "The rent rises to {} a month."),
        ("Une aide de {} sera versée.", "Aid of {} will be paid."),
        ("Elle gagne {} par mois.", "She earns {} a month."),
    ),
    "degrees": (
        ("Il fait {} à {name}.", "It is {} in {name}."),
        ("La température a atteint {} mardi.", "The temperature reached {} on Tuesday."),
        ("On attend {} à l'ombre.", "{} is expected in the shade."),
    ),
    "share": (
        ("Le chômage a baissé de {}.", "Unemployment has fallen by {}."),
        ("Les prix ont augmenté de {} en un an.", "Prices rose by {} in a year."),
        ("{} des électeurs ont voté.", "{} of voters voted."),
        ("Le taux est de {}.", "The rate is {}."),
        ("La participation atteint {} à {name}.", "Turnout reached {} in {name}."),
    ),
    "number": (
        ("{} personnes ont été évacuées.", "{} people were evacuated."),
        ("Le village compte {} habitants.", "The village has {} inhabitants."),
        ("Ils étaient {} dans la rue, selon la police.", "There were {} of them in the street, according to police."),
        ("{} emplois sont menacés à {name}.", "{} jobs are threatened in {name}."),
        ("On a compté {} cas en une semaine.", "{} cases were counted in a week."),
    ),
    "time": (
        ("L'accident s'est produit vers {}.", "The accident happened at around {}."),
        ("La réunion commence à {}.", "The meeting starts at {}."),
        ("Le train part à {} de {name}.", "The train leaves {name} at {}."),
    ),
    "length": (
        ("L'épicentre se trouve à {} de {name}.", "The epicentre is {} from {name}."),
        ("La tour mesure {}.", "The tower is {} high."),
        ("Le bateau a parcouru {}.", "The boat covered {}."),
    ),
    "company": (
        ("{} a présenté ses résultats.", "{} presented its results."),
        ("Les salariés de {} sont en grève.", "Employees of {} are on strike."),
        ("{name} travaille chez {}.", "{name} works at {}."),
    ),
}


def word(random: Random) -> str:
    return "".join(random.choice(SYLLABLES) for _ in range(random.randint(1, 3)))


def name(random: Random) -> str:
    """Returns a name that nobody has; three in ten have letters that neither language has."""
    made = word(random) + random.choice(SYLLABLES) + random.choice(ENDINGS)
    if random.random() < 0.3:
        made = "".join(random.choice(ACCENTED[c]) if c in ACCENTED and random.random() < 0.25 else c for c in made)
    return made.capitalize()


def domain(random: Random) -> str:
    second = f"-{word(random)}" if random.random() < 0.5 else ""
    return f"{word(random)}{second}.{random.choice(TOP_LEVEL)}"


def code(random: Random) -> str:
    """Letters and digits of no meaning: a flight, a road, a file number, a plate."""
    letters = "".join(random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(random.randint(1, 3)))
    digits = str(random.randint(1, 10 ** random.randint(1, 5)))
    return random.choice(
        (
            f"{letters}{digits}",
            f"{letters}-{digits}",
            f"{letters} {digits}",
            f"n° {digits}",
            f"{random.randint(1990, 2030)}/{digits}",
            f"{letters}{digits}-{random.choice('ABCDEFX')}{random.randint(1, 99)}",
            f"{random.randint(1, 99)}-{digits}",
        )
    )


def address(random: Random) -> str:
    parts = [random.choice((word(random), code(random).lower(), str(random.randint(1, 2030)))) for _ in range(4)]
    path = "".join("/" + part.replace(" ", "-").replace("°", "") for part in parts[: random.randrange(5)])
    ending = random.choice(("", "", "/", ".html", f"?id={random.randint(1, 9999)}")) if path else ""
    return f"{random.choice(('https://', 'http://', 'https://www.', ''))}{domain(random)}{path}{ending}"


def phone(random: Random) -> str:
    groups = [f"{random.randrange(100):02}" for _ in range(4)]
    match random.randrange(4):
        case 0:
            return f"+33 {random.randint(1, 9)} " + " ".join(groups)
        case 1:
            return f"0{random.randint(1, 9)}." + ".".join(groups)
        case _:
            return f"0{random.randint(1, 9)} " + " ".join(groups)


def token(random: Random) -> str:
    """Returns what nobody translates: an address, a handle, a telephone number, a code, a file name."""
    match random.randrange(10):
        case 0 | 1:
            return address(random)
        case 2:
            return f"www.{domain(random)}"
        case 3 | 4:
            return f"{word(random)}{random.choice('._-')}{word(random)}@{domain(random)}"
        case 5:
            ending = random.choice(("", str(random.randint(1, 99)), f"_{word(random)}"))
            return f"@{random.choice((word(random), name(random)))}{ending}"
        case 6:
            ending = random.choice(("", word(random).capitalize(), str(random.randint(1, 2030))))
            return f"#{word(random).capitalize()}{ending}"
        case 7:
            return phone(random)
        case 8:
            return code(random)
        case _:
            kind = random.choice(("pdf", "docx", "csv", "txt", "jpg", "zip"))
            return f"{word(random)}{random.choice('_-')}{word(random)}.{kind}"


def number(random: Random) -> tuple[str, str]:
    """Returns a number as the two languages group and point it."""
    value = random.randint(1, 10 ** random.randint(1, 6))
    if random.random() < 0.3:
        tenths = random.randint(1, 9)
        value %= 1000
        return f"{value},{tenths}", f"{value}.{tenths}"
    english = f"{value:,}" if value >= 1000 else str(value)
    return english.replace(",", " "), english


def count(kind: str, random: Random) -> tuple[str, str]:
    """Returns an amount of `kind`, a key of `COUNTS`, in French and in English."""
    french, english = number(random)
    match kind:
        case "euros":
            if random.random() < 0.3:
                cents = f"{random.randint(1, 99):02}"
                units = random.randint(1, 999)
                return f"{units},{cents} €", f"€{units}.{cents}"
            unit, scale = random.choice(EUROS)
            return f"{french} {unit}", f"€{english}{scale}"
        case "degrees":
            value, space = random.randint(-20, 49), random.choice(("", " "))
            if random.random() < 0.3:
                return f"{value}{space}°", f"{value}°"
            return f"{value}{space}°C", f"{value} °C"
        case "share":
            sign = random.choice(("", "", "", "+", "-"))
            whole = random.randint(0, 100)
            tenths = random.choice(("", f",{random.randint(1, 9)}"))
            return f"{sign}{whole}{tenths} %", f"{sign}{whole}{tenths.replace(',', '.')}%"
        case "time":
            hour, minute = random.randint(6, 23), random.randint(1, 59)
            if random.random() < 0.3:
                return f"{hour} heures" if random.random() < 0.5 else f"{hour}h", f"{hour}:00"
            return f"{hour}{random.choice(('h', ' h '))}{minute:02}", f"{hour}:{minute:02}"
        case "length":
            unit = random.choice((("km", "km"), ("mètres", "metres"), ("kilomètres", "kilometres"), ("m", "m")))
            return f"{french} {unit[0]}", f"{english} {unit[1]}"
        case "company":
            made = random.choice(("{} & {}", "{}&{}", "{} + {}", "{} & Cie")).format(name(random), name(random))
            return made, made.replace("Cie", "Co")
        case _:
            return french, english


def sentence(random: Random) -> tuple[str, str]:
    """Returns a short sentence with an amount, in French and in English."""
    kind = random.choice(tuple(COUNTS))
    here, there = random.choice(COUNTS[kind])
    french, english = count(kind, random)
    made = name(random)
    return here.format(french, name=made), there.format(english, name=made)


def brackets(random: Random) -> str:
    """Returns what editors put into a quotation."""
    inner = random.choice(("...", "...", "sic", str(random.randint(1, 99)), name(random), code(random)))
    return f"[{inner}]"
