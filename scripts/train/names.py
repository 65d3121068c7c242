#!/usr/bin/env python3
"""Fits the weights by which names are told from other capitals and from each other.

    cargo build --release -p french --example names
    scripts/train/names.py target/release/examples/names \\
        winer_fr.train.spans.jsonl.zst:1 wikiner_fr.conll.zst:0.3 popcorn_fr.conll.zst:0.3

Files are texts with marked names, `{"text", "spans": [[start, end, kind]]}` a line, or CoNLL columns
(word, IOB2 tag; a blank line between sentences), each with the weight of its examples. Kinds other
than PER, LOC and ORG count as no name. Writes `crates/french/src/facts/data/name_weights.bin`; build
again for it to take effect. Takes PyTorch, the zstd command and half a minute.

A candidate is an example of the kind of the marked name that it shares more than half of its extent
with. The model is a multinomial logistic regression over hashed features; its table holds, for each
slot, the differences of the three kinds to none in steps of 1/24.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

OUT = Path(__file__).parents[2] / "crates/french/src/facts/data/name_weights.bin"
PLACES = 1 << 16
STEPS = 24
KINDS = {"PER": 1, "ORG": 2, "LOC": 3}
EPOCHS = 6
BATCH = 256
RATE = 0.02
DECAY = 2e-5
# Organisations are rarer in the annotated texts than in news of the day, and worth more.
WORTH = {2: 2.5}


def read(path):
    """Texts with marked names."""
    lines = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
    lines = lines.decode().split("\n")
    if ".spans." in path:
        for line in filter(None, lines):
            article = json.loads(line)
            yield article["text"], article["spans"]
        return
    rows = []
    for line in lines:
        if line.strip():
            rows.append(line.split("\t")[:2])
        elif rows:
            yield joined(rows)
            rows = []


def joined(rows):
    """A sentence from its words, with the spaces of ordinary text."""
    text, spans, quoted = "", [], False
    for word, tag in rows:
        tight = re.fullmatch(r"[.,)\]…%]|'.*|-.+", word) or (word == '"' and quoted)
        opened = text.endswith(("'", "’", "(", "[")) or (text.endswith('"') and quoted)
        if text and not tight and not opened:
            text += " "
        if word == '"':
            quoted = not quoted
        start = len(text)
        text += word
        if tag.startswith("B-"):
            spans.append([start, len(text), tag[2:]])
        elif tag.startswith("I-") and spans:
            spans[-1][1] = len(text)
    return text, spans


def label(start, end, spans):
    for first, last, kind in spans:
        common = min(end, last) - max(start, first)
        if 2 * common > max(end, last) - min(start, first):
            return KINDS.get(kind, 0)
    return 0


def examples(binary, path):
    marked = list(read(path))
    texts = "\n".join(json.dumps({"text": text}, ensure_ascii=False) for text, _ in marked)
    run = subprocess.run([binary], input=texts, capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    missed = total = 0
    for (_, spans), candidates in zip(marked, found, strict=True):
        for start, end, features in candidates:
            yield features, label(start, end, spans)
        for span in spans:
            if span[2] in KINDS:
                total += 1
                missed += not any(label(s, e, [span]) for s, e, _ in candidates)
    print(f"{path}: {missed} of {total} names are known or no candidates", file=sys.stderr)


def main():
    torch.manual_seed(1)
    torch.set_num_threads(2)
    features, labels, weights = [], [], []
    for argument in sys.argv[2:]:
        path, weight = argument.rsplit(":", 1)
        for slots, kind in examples(sys.argv[1], path):
            features.append(torch.tensor(slots))
            labels.append(kind)
            weights.append(float(weight) * WORTH.get(kind, 1.0))
    labels, weights = torch.tensor(labels), torch.tensor(weights)
    print(f"{len(labels)} candidates, by kind {torch.bincount(labels).tolist()}", file=sys.stderr)

    table = torch.nn.EmbeddingBag(PLACES, 4, mode="sum")
    torch.nn.init.zeros_(table.weight)
    optimizer = torch.optim.Adam(table.parameters(), lr=RATE, weight_decay=DECAY)
    batches = EPOCHS * (len(labels) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, batches)
    for epoch in range(EPOCHS):
        total = 0.0
        for chosen in torch.randperm(len(labels)).split(BATCH):
            bags = [features[i] for i in chosen.tolist()]
            # Features are left out at random, so that the name alone does not decide.
            bags = [bag[torch.rand(len(bag)) > 0.3] for bag in bags]
            offsets = torch.tensor([0] + [len(bag) for bag in bags[:-1]]).cumsum(0)
            logits = table(torch.cat(bags), offsets)
            losses = torch.nn.functional.cross_entropy(logits, labels[chosen], reduction="none")
            loss = (losses * weights[chosen]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(f"epoch {epoch + 1}: loss {total / len(labels):.4f}", file=sys.stderr)

    logits = table.weight.detach().numpy()
    odds = np.clip(np.rint((logits[:, 1:] - logits[:, :1]) * STEPS), -127, 127).astype(np.int8)
    OUT.write_bytes(odds.tobytes())


if __name__ == "__main__":
    main()
