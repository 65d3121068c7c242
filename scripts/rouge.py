"""ROUGE (Lin 2004) between two texts: F1 of common words, pairs of words, and the longest common
subsequence. Words are runs of letters and digits in lower case, accents kept, no stemming."""

import re
from collections import Counter


def tokens(text):
    return re.findall(r"[^\W_]+", text.lower())


def ngrams(words, n):
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def common(a, b, n=1):
    """Counts the n-grams that two lists of words share."""
    return sum((ngrams(a, n) & ngrams(b, n)).values())


def longest_common_subsequence(a, b):
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def f1(shared, length, reference):
    return 2 * shared / (length + reference) if shared else 0.0


def rouge(candidate, reference):
    """Returns ROUGE-1, ROUGE-2 and ROUGE-L."""
    a, b = tokens(candidate), tokens(reference)
    return (
        f1(common(a, b), len(a), len(b)),
        f1(common(a, b, 2), max(len(a) - 1, 0), max(len(b) - 1, 0)),
        f1(longest_common_subsequence(a, b), len(a), len(b)),
    )
