"""Compares translations by precis with those of Hugging Face's MarianMTModel.generate.

usage: compare_reference.py MODEL_DIR SOURCE PRECIS_OUTPUT [--beams N] [--english FILE]
needs: pip install torch transformers sentencepiece sacrebleu

SOURCE holds one sentence a line as the network reads it (`cargo run -p french --example normalize`),
PRECIS_OUTPUT what `precis translate --no-split --numeric f32 --beam N` made of it. Prints the share
of equal lines, the others, and with --english BLEU and chrF of both.
"""

import argparse

import sacrebleu
import torch
from transformers import MarianMTModel, MarianTokenizer

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("source")
parser.add_argument("output")
parser.add_argument("--beams", type=int, default=4)
parser.add_argument("--english")
args = parser.parse_args()


def lines(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


tokenizer = MarianTokenizer.from_pretrained(args.model)
network = MarianMTModel.from_pretrained(args.model, dtype=torch.float32).eval()
pad = network.config.pad_token_id
source, ours = lines(args.source), lines(args.output)
assert len(source) == len(ours), (len(source), len(ours))
theirs = [""] * len(source)
order = sorted(range(len(source)), key=lambda i: len(source[i]))
with torch.no_grad():
    for start in range(0, len(order), 16):
        batch = order[start : start + 16]
        inputs = tokenizer([source[i] for i in batch], return_tensors="pt", padding=True)
        ids = network.generate(
            **inputs, num_beams=args.beams, do_sample=False, max_length=512, bad_words_ids=[[pad]]
        )
        for i, text in zip(batch, tokenizer.batch_decode(ids, skip_special_tokens=True), strict=True):
            theirs[i] = text.strip()

different = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a.strip() != b]
print(f"{len(ours) - len(different)} of {len(ours)} equal ({100 - 100 * len(different) / len(ours):.2f} %)")
for i in different:
    print(f"\n{i + 1} source:    {source[i]}\n{i + 1} precis:    {ours[i]}\n{i + 1} reference: {theirs[i]}")
if args.english:
    english = lines(args.english)
    for name, text in (("precis", ours), ("reference", theirs)):
        for metric in (sacrebleu.metrics.BLEU(), sacrebleu.metrics.CHRF()):
            print(f"{name}: {metric.corpus_score(text, [english])}  {metric.get_signature()}")
