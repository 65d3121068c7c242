#!/usr/bin/env python3
"""Scores fact extraction against gold annotations.

    cargo build --example facts
    scripts/eval_facts.py GOLD.jsonl target/debug/examples/facts [--errors]

GOLD has one article a line: text, date, and lists of people, organisations, places, dates, figures
and quotes, or some of them; `optional` holds items that count neither when found nor when missed, `alt_fr` and
`iso_alt` other forms that are right. An item is found when its form and its value agree:

- names: one form contains the other, word for word; `english` is the share of found names whose
  English form is the gold one, `role` that of people whose role shares a word with `role_fr`;
- dates: the expressions overlap and the EDTF values are equal; an interval also finds its two ends;
- figures: value and unit agree (any noun agrees with any noun), a figure found twice counts once; `qualifier` is the share right;
- sentences: their ends agree (`sentences_fr`);
- quotes: three quarters of the words in common; `speaker` is the share of found quotations whose
  speaker shares a word with the gold one.
"""

import itertools
import json
import re
import subprocess
import sys
import unicodedata

KINDS = ["dates", "figures", "people", "places", "organisations", "quotes"]
SYMBOLS = {"%", "people", "years", "km", "km/h", "kg", "°C", "ha", "tonnes", "hours", "m"}


def words(text):
    text = unicodedata.normalize("NFKD", (text or "").lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.findall(r"\w+", text)


def content(text):
    """Words that carry the meaning of a role."""
    return {word for word in words(text) if len(word) > 3}


def contains(long, short):
    long, short = words(long), words(short)
    return bool(short) and any(
        long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1)
    )


def same_name(found, gold):
    forms = [gold["fr"], *gold.get("alt_fr", [])]
    if len(words(gold["fr"])) > 1 and gold.get("person"):
        forms.append(words(gold["fr"])[-1])
    return any(contains(found["fr"], form) or contains(form, found["fr"]) for form in forms) or any(
        contains(mention, form) for form in forms for mention in found["mentions"]
    )


def same_date(found, gold):
    written = contains(found["as_written"], gold["as_written"]) or contains(
        gold["as_written"], found["as_written"]
    )
    values = {gold["iso"], *gold.get("iso_alt", [])}
    ends = set((found["iso"] or "").split("/"))
    return written and (found["iso"] in values or bool(ends & values) or gold["iso"] is None)


def is_symbol(unit):
    return unit in SYMBOLS or bool(re.fullmatch("[A-Z]{3}", unit or ""))


def same_figure(found, gold):
    unit, expected = found["unit"], gold["unit"]
    units = unit == expected or not (is_symbol(unit) or is_symbol(expected))
    return units and abs(found["value"] - gold["value"]) < 1e-6


def same_quote(found, gold):
    a, b = words(found["text_fr"]), words(gold["text_fr"])
    common = sum(min(a.count(w), b.count(w)) for w in set(a))
    return common >= 0.75 * max(len(a), len(b), 1)


def ends(sentences):
    """Where sentences end, in letters and digits from the beginning of the text."""
    counts = (sum(map(str.isalnum, sentence)) for sentence in sentences)
    return set(itertools.accumulate(counts))


SAME = {"dates": same_date, "figures": same_figure, "quotes": same_quote}


def pair(found, gold, same):
    """Matches one to one; what is left of both."""
    gold, pairs, left = list(gold), [], []
    for item in found:
        match = next((other for other in gold if same(item, other)), None)
        if match is None:
            left.append(item)
        else:
            gold.remove(match)
            pairs.append((item, match))
    return pairs, left, gold


def unlisted(found, kind):
    """One entry for each wording of a date: the gold lists them once."""
    if kind != "dates":
        return found
    return list({item["as_written"]: item for item in reversed(found)}.values())[::-1]


def main():
    path, binary = sys.argv[1:3]
    lines = open(path, encoding="utf-8").read().splitlines()
    articles = [json.loads(line) for line in lines]
    run = subprocess.run(
        [binary], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    results = [json.loads(line) for line in run.stdout.splitlines()]
    extras = {"english": [], "role": [], "qualifier": [], "speaker": []}
    for kind in (kind for kind in KINDS if kind in articles[0]):
        hits = misses = extra = 0
        same = SAME.get(kind, same_name)
        for article, result in zip(articles, results, strict=True):
            gold = [dict(item, person=kind == "people") for item in article[kind]]
            found = unlisted(result[kind], kind)
            pairs, left, missed = pair(found, gold, same)
            # An interval finds both of its ends, a repeated figure the one it repeats.
            if kind == "dates":
                missed = [g for g in missed if not any(same(f, g) for f, _ in pairs)]
            optional = (article.get("optional") or {}).get(kind, [])
            left = [f for f in left if not any(same(f, o) for o in optional)]
            if kind in ("people", "places", "organisations", "figures"):
                left = [f for f in left if not any(same(f, g) for g in gold)]
            hits, misses, extra = hits + len(pairs), misses + len(missed), extra + len(left)
            for f, g in pairs:
                if "en" in g:
                    extras["english"].append((f["en"] == g["en"], f["en"], g["en"]))
                if kind == "people" and "role_fr" in g:
                    got, want = content(f["role"]), content(g["role_fr"])
                    right = bool(got & want) or got == want
                    extras["role"].append((right, (f["fr"], f["role"]), g["role_fr"]))
                if kind == "figures":
                    extras["qualifier"].append(
                        (f["qualifier"] == g["qualifier"], (f["as_written"], f["qualifier"]), g)
                    )
                if kind == "quotes":
                    got, want = set(words(f["speaker_fr"])), set(words(g["speaker_fr"]))
                    right = bool(got & want - {"le", "la", "l", "m", "de"}) or got == want
                    extras["speaker"].append((right, f["speaker_fr"], g["speaker_fr"]))
            if "--errors" in sys.argv:
                for sign, items in (("missed", missed), ("extra", left)):
                    for item in items:
                        print(f"{kind:14}{sign:8}{article.get('id', '')}  {json.dumps(item, ensure_ascii=False)}")
        precision = hits / (hits + extra) if hits + extra else 1.0
        recall = hits / (hits + misses) if hits + misses else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        print(f"{kind:14} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  ({hits} of {hits + misses}, {extra} extra)")
    if "sentences_fr" in articles[0]:
        found = [ends(result["sentences"]) for result in results]
        gold = [ends(article["sentences_fr"]) for article in articles]
        hits = sum(len(f & g) for f, g in zip(found, gold))
        f1 = 2 * hits / (sum(map(len, found)) + sum(map(len, gold)))
        print(f"{'sentences':14} F1 {f1:.3f}  ({hits} of {sum(map(len, gold))} ends)")
    for name, values in extras.items():
        if values:
            right = sum(value[0] for value in values)
            print(f"{name:14} {right / len(values):.3f}  ({right} of {len(values)})")
            if "--errors" in sys.argv:
                for value in values:
                    if not value[0]:
                        print(f"{'':14} wrong {value[1:]}")


if __name__ == "__main__":
    main()
