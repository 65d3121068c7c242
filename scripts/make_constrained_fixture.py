"""Makes crates/seq2seq/tests/fixtures/families/FAMILY/constrained.jsonl: what Hugging Face's generate makes
of the inputs of reference.jsonl there with settings that most folders do not have.

usage: make_constrained_fixture.py
needs: pip install torch transformers

Each line has settings, as a generation_config.json, and outputs: for each input the ids without the
start token.
"""

import json
from pathlib import Path

import torch
from transformers import BartForConditionalGeneration, GenerationConfig, PegasusForConditionalGeneration

FAMILIES = Path(__file__).resolve().parent.parent / "crates/seq2seq/tests/fixtures/families"
FORCED = 5
NETWORKS = {"bart": BartForConditionalGeneration, "pegasus": PegasusForConditionalGeneration}


def all_settings(end, plain):
    """Settings by which `plain`, greedy outputs without constraints, change. `end` is the usual end token."""
    tokens = {token for ids in plain for token in ids} - {end, FORCED}
    often = sorted(tokens, key=lambda token: (-sum(ids.count(token) for ids in plain), token))
    tokens = {"decoder_start_token_id": 31}
    ends = {"eos_token_id": [end, *often[2:5]], "min_new_tokens": 3, "max_new_tokens": 12}
    source = {"encoder_no_repeat_ngram_size": 1, "no_repeat_ngram_size": 2, "max_new_tokens": 10}
    banned = {"suppress_tokens": often[:2], "begin_suppress_tokens": often[2:20], "max_length": 12}
    forced = {"forced_bos_token_id": FORCED, **banned}
    for settings in (ends, source, banned, forced, {**tokens, **ends}, {**tokens, **banned, **ends}):
        for beams in (1, 4):
            yield {**settings, "num_beams": beams}


def generate(model, config, ids, settings):
    defaults = {name: config[name] for name in ("eos_token_id", "pad_token_id", "decoder_start_token_id")}
    # Written by hand in the folder's own file, and not wanted here.
    model.generation_config = GenerationConfig(**{**defaults, **settings})
    with torch.no_grad():
        return model.generate(torch.tensor([ids]))[0].tolist()[1:]


def main():
    for name, network in NETWORKS.items():
        folder = FAMILIES / name
        config = json.loads((folder / "config.json").read_text())
        model = network.from_pretrained(folder).eval()
        references = [json.loads(line) for line in (folder / "reference.jsonl").read_text().splitlines()]
        plain = [generate(model, config, reference["ids"], {"max_length": 40}) for reference in references]
        expected = [reference["greedy"]["ids"] for reference in references]
        assert plain == expected, f"{name}: this is not the network of reference.jsonl"
        lines = []
        for settings in all_settings(config["eos_token_id"], plain):
            outputs = [generate(model, config, reference["ids"], settings) for reference in references]
            lines.append({"settings": settings, "outputs": outputs})
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / "constrained.jsonl").write_text(text)


if __name__ == "__main__":
    main()
