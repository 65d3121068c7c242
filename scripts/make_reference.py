"""Makes the reference that crates/seq2seq/tests/it/parity.rs compares with: ids and scores of Hugging
Face's MarianMTModel.

usage: make_reference.py MODEL_DIR SENTENCES.txt OUT.jsonl [--lines N]
needs: pip install torch transformers sentencepiece

SENTENCES.txt holds one source sentence a line, normalised as precis does
(`cargo run --example sentences -- corpus`). Each output line has the text, its ids, and for greedy
and beam 4 search the generated ids (without the start token) and the score.
"""

import argparse
import json

import torch
from transformers import MarianMTModel, MarianTokenizer

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("sentences")
parser.add_argument("out")
parser.add_argument("--lines", type=int, default=50)
args = parser.parse_args()

torch.set_num_threads(2)
tokenizer = MarianTokenizer.from_pretrained(args.model)
network = MarianMTModel.from_pretrained(args.model, dtype=torch.float32).eval()
pad = network.config.pad_token_id
with open(args.sentences, encoding="utf-8") as file:
    lines = [line.rstrip("\n") for line in file if line.strip()][: args.lines]
with open(args.out, "w", encoding="utf-8") as out, torch.no_grad():
    for text in lines:
        inputs = tokenizer(text, return_tensors="pt")
        entry = {"text": text, "ids": inputs.input_ids[0].tolist()}
        for name, beams in (("greedy", 1), ("beam4", 4)):
            found = network.generate(
                **inputs,
                num_beams=beams,
                do_sample=False,
                max_length=256,
                bad_words_ids=[[pad]],
                return_dict_in_generate=True,
                output_scores=True,
            )
            ids = found.sequences[0, 1:].tolist()
            if beams == 1:
                logs = [s[0].log_softmax(-1) for s in found.scores]
                score = sum(float(s[i]) for s, i in zip(logs, ids, strict=True)) / len(ids)
            else:
                score = float(found.sequences_scores[0])
            entry[name] = {"ids": ids, "score": round(score, 6)}
        entry["english"] = tokenizer.decode(entry["beam4"]["ids"], skip_special_tokens=True)
        out.write(json.dumps(entry, ensure_ascii=False) + "\n")
