#!/usr/bin/env python3
"""Makes crates/french/src/facts/data/cldr.tsv: French and English names of territories and cities.

    npm pack cldr-localenames-full cldr-dates-full   # then unpack each archive
    scripts/make_names.py LOCALENAMES_PACKAGE DATES_PACKAGE

Takes from Unicode CLDR the names of countries, continents and their parts, and the exemplar
cities of the time zones. The data are under the Unicode licence, which is copied beside them.
"""

import json
import shutil
import sys
from pathlib import Path

DATA = Path(__file__).parent.parent / "crates/french/src/facts/data"
HEAD = """\
# French name, English name, kind. Made by scripts/make_names.py from Unicode CLDR {version}
# (territories and exemplar cities); do not edit. Copyright Unicode, Inc., LICENSE-unicode.txt.
"""
CONTINENTS = {"002", "003", "005", "009", "019", "142", "150"}
# Groupings and codes that are no places, and a place that is our planet.
NOT_PLACES = {"001", "EU", "EZ", "UN", "UN-alt-short", "XA", "XB", "ZZ", "QO"}
# Zones of antiquated or administrative names that no article uses.
NOT_CITIES = {"Etc", "GMT", "UTC"}


def plain(name):
    """The form that the reader of facts sees: one apostrophe, no-break spaces as spaces."""
    return name.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")


def load(package, locale, file):
    text = (Path(package) / "main" / locale / file).read_text(encoding="utf-8")
    return json.loads(text)["main"][locale]


def territories(package):
    french, english = (
        load(package, locale, "territories.json")["localeDisplayNames"]["territories"]
        for locale in ("fr", "en")
    )
    for code, name in french.items():
        base = code.split("-alt-")[0]
        if code in NOT_PLACES or "(" in name or name.endswith("."):
            continue
        if base in CONTINENTS:
            kind = "continent"
        elif base.isdigit():
            kind = "other"
        else:
            kind = "country"
        name = name.removeprefix("R.A.S. chinoise de ")
        other = english.get(code, english[base]).replace(" SAR China", "").replace(" & ", " and ")
        yield plain(name), plain(other), kind


def zones(tree, path=()):
    """Every zone's exemplar city, by the identifier of the zone."""
    for key, value in tree.items():
        if not isinstance(value, dict):
            continue
        if "exemplarCity" in value:
            yield (*path, key), value["exemplarCity"]
        elif key not in NOT_CITIES:
            yield from zones(value, (*path, key))


def cities(package):
    # Names equal to the zone's identifier are left out of a locale; Russian has nearly all zones.
    french, english, every = (
        dict(zones(load(package, locale, "timeZoneNames.json")["dates"]["timeZoneNames"]["zone"]))
        for locale in ("fr", "en", "ru")
    )
    for zone in sorted(every | french):
        default = zone[-1].replace("_", " ")
        name = french.get(zone, default)
        if zone[0] in ("Etc", "Antarctica") or "[" in name or "(" in name:
            continue
        yield plain(name), plain(english.get(zone, default)), "city"


def main():
    localenames, dates = sys.argv[1:]
    version = json.loads((Path(localenames) / "package.json").read_text())["version"]
    rows = {}
    for french, english, kind in [*territories(localenames), *cities(dates)]:
        rows.setdefault(french, (french, english, kind))
    with open(DATA / "cldr.tsv", "w", encoding="utf-8") as out:
        out.write(HEAD.format(version=version))
        out.writelines("\t".join(rows[name]) + "\n" for name in sorted(rows))
    shutil.copy(Path(localenames) / "LICENSE", DATA / "LICENSE-unicode.txt")


if __name__ == "__main__":
    main()
