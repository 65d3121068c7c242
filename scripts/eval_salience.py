#!/usr/bin/env python3
"""Scores the choice of sentences by ROUGE against human abstracts.

    zstd -dc valid.jsonl.zst > valid.jsonl
    cargo run --release --example salience -- valid.jsonl > valid.chosen
    scripts/eval_salience.py valid.jsonl valid.chosen

The articles have `id`, `document` and `summary`. Beside the two sentences that precis chooses stand
the first two (lead-2) and the two most central by LexRank (Erkan and Radev 2004, cosines of TF-IDF,
damping 0.85). The range is a bootstrap interval of 95 % of the gain in ROUGE-1 over lead-2.
"""

import json
import math
import random
import sys
from collections import Counter

from rouge import rouge, tokens


def lexrank(sentences, frequency, articles):
    counts = [Counter(tokens(text)) for text in sentences]
    vectors = [
        {w: c * math.log((articles + 1) / (frequency[w] + 1)) for w, c in count.items()}
        for count in counts
    ]
    norms = [math.sqrt(sum(v * v for v in vector.values())) or 1.0 for vector in vectors]
    n = len(vectors)
    similar = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            dot = sum(v * vectors[j].get(w, 0.0) for w, v in vectors[i].items())
            similar[i][j] = similar[j][i] = dot / (norms[i] * norms[j])
    sums = [sum(row) or 1.0 for row in similar]
    rank = [1.0 / n] * n
    for _ in range(50):
        rank = [
            0.15 / n + 0.85 * sum(similar[j][i] / sums[j] * rank[j] for j in range(n))
            for i in range(n)
        ]
    return sorted(range(n), key=lambda i: -rank[i])[:2]


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        abstracts = {article["id"]: article["summary"] for article in map(json.loads, lines)}
    with open(sys.argv[2], encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    frequency = Counter(
        word for article in articles for word in set(tokens(" ".join(article["sentences"])))
    )
    ways = {
        "lead-2": lambda article: [0, 1][: len(article["sentences"])],
        "LexRank": lambda article: lexrank(article["sentences"], frequency, len(articles)),
        "precis": lambda article: article["chosen"],
    }
    scores = {}
    for name, choose in ways.items():
        scores[name] = [
            rouge(
                " ".join(article["sentences"][i] for i in sorted(choose(article))),
                abstracts[article["id"]],
            )
            for article in articles
        ]
        means = [100 * sum(column) / len(articles) for column in zip(*scores[name], strict=True)]
        print(f"{name:8}  ROUGE-1 {means[0]:.2f}  ROUGE-2 {means[1]:.2f}  ROUGE-L {means[2]:.2f}")
    gains = [100 * (own[0] - lead[0]) for own, lead in zip(scores["precis"], scores["lead-2"], strict=True)]
    random.seed(1)
    means = sorted(
        sum(random.choices(gains, k=len(gains))) / len(gains) for _ in range(1000)
    )
    print(f"gain over lead-2 in ROUGE-1: {means[25]:.2f} to {means[974]:.2f}, {len(articles)} articles")


if __name__ == "__main__":
    main()
