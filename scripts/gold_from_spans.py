#!/usr/bin/env python3
"""Makes annotated articles, as in `crates/french/gold`, from texts with marked names (`{"id",
"text", "spans": [[start, end, "PER" | "LOC" | "ORG" | …]]}` a line, such as WiNER's).

    zstd -dc winer_fr.dev.spans.jsonl.zst | scripts/gold_from_spans.py > winer.jsonl
    cargo run -p french --example gold -- winer.jsonl

A name is listed once for an article; shorter forms of it are other forms of the same. Other kinds of
names are optional.
"""

import json
import sys

KINDS = {"PER": "people", "LOC": "places", "ORG": "organisations"}


def entries(forms):
    """One entry for each name, the longest form first."""
    found = []
    for form in sorted(forms, key=lambda form: (-len(form.split()), form)):
        words = form.lower().split()
        longer = next((e for e in found if set(words) <= set(e["fr"].lower().split())), None)
        if longer:
            longer["alt_fr"].append(form)
        else:
            found.append({"fr": form, "alt_fr": []})
    return found


def main():
    for line in sys.stdin:
        article = json.loads(line)
        forms = {}
        for start, end, kind in article["spans"]:
            form = " ".join(article["text"][start:end].split())
            forms.setdefault(KINDS.get(kind, "other"), set()).add(form)
        gold = {"id": article["id"], "text": article["text"], "date": article.get("date")}
        gold |= {kind: entries(forms.get(kind, ())) for kind in KINDS.values()}
        other = entries(forms.get("other", ()))
        gold["optional"] = dict.fromkeys(KINDS.values(), other)
        print(json.dumps(gold, ensure_ascii=False))


if __name__ == "__main__":
    main()
