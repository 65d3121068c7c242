#!/usr/bin/env python3
"""Fits the weights by which sentences are chosen, on articles with human abstracts.

    zstd -dc train.jsonl.zst > train.jsonl
    cargo run --release --example salience -- train.jsonl --features > train.features
    scripts/train/salience.py train.jsonl train.features

The articles have `id`, `title`, `document` and `summary`. Writes `weights.tsv` and `words.tsv` in
`src/summarize/salience/`; build again for them to take effect. Takes numpy and one minute.

Two estimates are fitted: for each distinct word of an article, whether its abstract has it
(logistic regression), and for each sentence, which share of its words and pairs of words the
abstract has (ridge regression, weighted by length).
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
from rouge import common, tokens

OUT = Path(__file__).parents[2] / "src/summarize/salience"
# Words in fewer articles than this are not listed.
RARE = 40
RIDGE = 10.0


def habit(in_abstract, in_article):
    """How often abstracts use a word that the article has, shrunk towards rarely."""
    return np.log((in_abstract + 0.5) / (in_article + 5.0))


def logistic(x, y, rounds=12):
    """Weights and bias by Newton's method."""
    x = np.hstack([x, np.ones((len(x), 1), np.float32)])
    weights = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (y - p) - weights
        hessian = (x * (p * (1 - p)).astype(np.float32)[:, None]).T @ x
        weights += np.linalg.solve(hessian + np.eye(len(weights)), gradient)
    return weights[:-1], weights[-1]


def ridge(x, y, w):
    """Weights and bias of a weighted least-squares fit of standardised columns."""
    mean, deviation = x.mean(0), x.std(0) + 1e-9
    z = np.hstack([(x - mean) / deviation, np.ones((len(x), 1))])
    zw = z * w[:, None]
    weights = np.linalg.solve(zw.T @ z + RIDGE * np.eye(z.shape[1]), zw.T @ y)
    scaled = weights[:-1] / deviation
    return scaled, weights[-1] - scaled @ mean


def main():
    articles, features = sys.argv[1:3]
    with open(articles, encoding="utf-8") as lines:
        abstracts = {article["id"]: tokens(article["summary"]) for article in map(json.loads, lines)}

    in_article, in_abstract = Counter(), Counter()
    word_rows, word_texts, word_hits = [], [], []
    rows, shares, lengths = [], [], []
    with open(features, encoding="utf-8") as lines:
        names = json.loads(next(lines))
        for line in lines:
            article = json.loads(line)
            abstract = abstracts[article["id"]]
            own = set(abstract)
            texts = [word for word, _ in article["words"]]
            hits = [word in own for word in texts]
            in_article.update(texts)
            in_abstract.update(word for word, hit in zip(texts, hits, strict=True) if hit)
            word_texts.extend(texts)
            word_hits.extend(hits)
            word_rows.append(np.array([values for _, values in article["words"]], np.float32))
            for text, (_, length, values) in zip(article["sentences"], article["features"], strict=True):
                if length:
                    words = tokens(text)
                    shared = common(words, abstract) + common(words, abstract, 2)
                    rows.append(values)
                    shares.append(shared / length)
                    lengths.append(length)

    x, y = np.concatenate(word_rows), np.array(word_hits, np.float32)
    # A word's habit is counted in all articles but the one at hand.
    others = habit(
        np.array([in_abstract[word] for word in word_texts]) - y,
        np.array([in_article[word] for word in word_texts]) - 1,
    )
    unknown = habit(0, 0)
    rare = np.array([in_article[word] < RARE for word in word_texts])
    others[rare] = unknown
    content = x[:, names["word"].index("content")]
    x[:, names["word"].index("habit")] = content * others
    x[:, names["word"].index("f_habit")] = (1 - content) * others
    word_weights, word_bias = logistic(x, y)
    weights, bias = ridge(np.array(rows), np.array(shares), np.array(lengths, float))

    with open(OUT / "weights.tsv", "w", encoding="utf-8") as out:
        out.write("# Weights of features, made by scripts/train/salience.py.\n")
        out.write(f"word.bias\t{word_bias:.4f}\nword.unknown\t{unknown:.2f}\n")
        for name, weight in zip(names["word"], word_weights, strict=True):
            out.write(f"word.{name}\t{weight:.4f}\n")
        out.write(f"sentence.bias\t{bias:.4f}\n")
        for name, weight in zip(names["sentence"], weights, strict=True):
            out.write(f"sentence.{name}\t{weight:.4f}\n")
    with open(OUT / "words.tsv", "w", encoding="utf-8") as out:
        out.write("# How often abstracts use a word that the article has, as logarithms; made by\n")
        out.write("# scripts/train/salience.py from counts over OrangeSum (CC BY-SA 4.0).\n")
        for word, count in sorted(in_article.items()):
            value = habit(in_abstract[word], count)
            if count >= RARE and abs(value - unknown) >= 0.1:
                out.write(f"{word}\t{value:.1f}\n")


if __name__ == "__main__":
    main()
