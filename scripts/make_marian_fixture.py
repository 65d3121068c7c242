"""Makes crates/seq2seq/tests/fixtures/marian-bin: a tiny random MarianMT folder in the shape of opus-mt-fr-en as the
hub holds it (PyTorch weights, beam settings and a forbidden <pad> in generation_config.json,
renormalised scores), with the outputs of Hugging Face's generate.

usage: make_marian_fixture.py SPM_FILE OUT_DIR
needs: pip install torch transformers sentencepiece
"""

import json
import shutil
import sys
from pathlib import Path

import sentencepiece
import torch
from transformers import GenerationConfig, MarianConfig, MarianMTModel

spm_file, out = sys.argv[1:]
pieces = sentencepiece.SentencePieceProcessor(model_file=spm_file)
# As in OPUS-MT: </s> first, <unk> second, <pad> last, the order of the .spm not kept.
names = sorted(map(pieces.id_to_piece, range(pieces.get_piece_size())))
words = ["</s>", "<unk>", *(name for name in names if name not in ("<unk>", "<s>", "</s>")), "<pad>"]
pad = len(words) - 1

torch.manual_seed(7)
config = MarianConfig(
    vocab_size=len(words),
    decoder_vocab_size=len(words),
    d_model=32,
    encoder_layers=2,
    decoder_layers=2,
    encoder_ffn_dim=64,
    decoder_ffn_dim=64,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    activation_function="swish",
    max_position_embeddings=64,
    scale_embedding=True,
    static_position_embeddings=True,
    pad_token_id=pad,
    eos_token_id=0,
    bos_token_id=0,
    decoder_start_token_id=pad,
    forced_eos_token_id=0,
)
network = MarianMTModel(config).eval()
with torch.no_grad():
    for name, parameter in network.named_parameters():
        if "norm" not in name and "positions" not in name:
            parameter.normal_(std=0.3)
    network.final_logits_bias.normal_(std=0.5)
    network.final_logits_bias[0, 0] = 7.0
generation = GenerationConfig(
    num_beams=4,
    max_length=40,
    bad_words_ids=[[pad]],
    renormalize_logits=True,
    forced_eos_token_id=0,
    pad_token_id=pad,
    eos_token_id=0,
    decoder_start_token_id=pad,
)

Path(out).mkdir(parents=True, exist_ok=True)
torch.save(network.state_dict(), f"{out}/pytorch_model.bin")
config.save_pretrained(out)
generation.save_pretrained(out)
for name in ("source.spm", "target.spm"):
    shutil.copy(spm_file, f"{out}/{name}")
with open(f"{out}/vocab.json", "w", encoding="utf-8") as file:
    json.dump({word: i for i, word in enumerate(words)}, file, ensure_ascii=False)

with open(f"{out}/reference.jsonl", "w", encoding="utf-8") as file, torch.no_grad():
    for length in (1, 3, 7, 12, 20, 33):
        ids = torch.randint(2, pad, (1, length)).tolist()[0] + [0]
        entry = {"ids": ids}
        for name, settings in (
            ("beam4", {}),
            ("penalised", {"length_penalty": 0.6, "no_repeat_ngram_size": 2, "early_stopping": True}),
            ("repetition", {"repetition_penalty": 1.3, "length_penalty": 2.0}),
        ):
            found = network.generate(
                torch.tensor([ids]),
                generation_config=generation,
                return_dict_in_generate=True,
                output_scores=True,
                **settings,
            )
            entry[name] = {
                "ids": found.sequences[0, 1:].tolist(),
                "score": round(float(found.sequences_scores[0]), 6),
            }
        file.write(json.dumps(entry) + "\n")
