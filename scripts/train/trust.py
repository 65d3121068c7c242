#!/usr/bin/env python3
"""Fits the weights by which translated sentences are graded good, check or bad.

    precis run ARTICLES --out OUT --no-cache
    cargo run --release --example trust -- OUT > features.tsv
    scripts/train/trust.py features.tsv labels.tsv

`labels.tsv` has what a person has found, one line for each judged sentence: summary, sentence, `g`, `c` or `b`. Prints
the two lines of weights for `src/summarize/trust.rs`, and, by cross-validation, how often each grade is right. Takes
numpy.
"""

import sys

import numpy as np

FOLDS = 10
RIDGE = 1.0


def logistic(x, y, rounds=25):
    """Weights by Newton's method; the first column is the constant, which is not shrunk."""
    weights = np.zeros(x.shape[1])
    ridge = np.full(x.shape[1], RIDGE)
    ridge[0] = 1e-3
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (chance - y) + ridge * weights
        hessian = (x * (chance * (1 - chance))[:, None]).T @ x + np.diag(ridge)
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def chance(x, weights):
    return 1 / (1 + np.exp(-x @ weights))


def grades(not_good, bad, least_not_good, least_bad):
    return np.where(bad >= least_bad, "b", np.where(not_good >= least_not_good, "c", "g"))


def main():
    features = {}
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            summary, sentence, *values = line.rstrip("\n").split("\t")
            features[summary, sentence] = [float(value) for value in values]
    rows, labels = [], []
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            summary, sentence, label = line.rstrip("\n").split("\t")[:3]
            if (summary, sentence) in features:
                rows.append(features[summary, sentence])
                labels.append(label)
    x, labels = np.array(rows), np.array(labels)
    print(f"{len(x)} sentences: {', '.join(f'{label} {(labels == label).sum()}' for label in 'gcb')}")
    fold = np.random.default_rng(1).permutation(len(x)) % FOLDS
    not_good, bad = np.zeros(len(x)), np.zeros(len(x))
    for part in range(FOLDS):
        seen, kept = fold != part, fold == part
        not_good[kept] = chance(x[kept], logistic(x[seen], labels[seen] != "g"))
        bad[kept] = chance(x[kept], logistic(x[seen], labels[seen] == "b"))
    for name, score, truth in (("not good", not_good, labels != "g"), ("bad", bad, labels == "b")):
        pairs = (score[truth][:, None] > score[~truth][None]).mean()
        print(f"{name}: area under the curve {pairs:.3f}")
    for least_not_good in (0.4, 0.5, 0.6, 0.7):
        for least_bad in (0.35, 0.4, 0.5):
            given = grades(not_good, bad, least_not_good, least_bad)
            counts = {grade: [((given == grade) & (labels == label)).sum() for label in "gcb"] for grade in "gcb"}
            print(f"{least_not_good} {least_bad}: grade: how many are good, check, bad: {counts}")
    for name, truth in (("NOT_GOOD", labels != "g"), ("BAD", labels == "b")):
        print(name, ", ".join(f"{weight:.3f}" for weight in logistic(x, truth)))


if __name__ == "__main__":
    main()
