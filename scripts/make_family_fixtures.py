"""Makes crates/seq2seq/tests/fixtures/families/<name>: for each family of encoder-decoder networks a tiny random
checkpoint in the shape of a folder of the Hugging Face hub, with what Hugging Face's network and
its generate make of a few inputs (reference.jsonl). No tokenizer: inputs are ids.

usage: make_family_fixtures.py [NAME ...]
needs: pip install torch transformers

A line of reference.jsonl:
  ids          the input in the family's form, end token and language token included
  decoder_ids  start token and random tokens     } of the first inputs only
  logits       one row for each of decoder_ids   }
  greedy       no settings but max_length 40
  beam4        4 beams, length_penalty 1.3, no_repeat_ngram_size 3, early_stopping false, and
               forced_bos_token_id: the folder's own, or FORCED_BOS where it has none
  own          as generation_config.json says
Each result has the ids without the start token, and the score: of beam search sequences_scores, else
the mean log-probability of the ids after all processing of the scores.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GenerationConfig,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    MBartConfig,
    MBartForConditionalGeneration,
    PegasusConfig,
    PegasusForConditionalGeneration,
    T5Config,
    T5ForConditionalGeneration,
)

OUT = Path(__file__).resolve().parent.parent / "crates/seq2seq/tests/fixtures/families"
MAX_LENGTH = 40
FORCED_BOS = 5
# Content tokens of the inputs; 1 gives the shortest input there is.
LENGTHS = (1, 4, 7, 12, 20, 31)
WITH_LOGITS = 2
DECODER_LENGTH = 5
FAIRSEQ = dict(bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2)


def family(network, config, generation, prefix, first, seed, end_wish):
    return dict(
        network=network, config=config, generation=generation, prefix=prefix, first=first, seed=seed, end_wish=end_wish
    )


# Layers, heads and widths differ so that a mix-up of encoder and decoder shows. Keys of older
# versions of transformers are kept where the hub's folders have them.
FAMILIES = {
    # Helsinki-NLP/opus-mt-tc-big-*
    "marian-untied": family(
        MarianMTModel,
        MarianConfig(
            vocab_size=170,
            decoder_vocab_size=170,
            max_position_embeddings=1024,
            encoder_layers=1,
            decoder_layers=1,
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            d_model=32,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            activation_function="relu",
            scale_embedding=True,
            share_encoder_decoder_embeddings=True,
            tie_word_embeddings=False,
            static_position_embeddings=True,
            normalize_before=False,
            normalize_embedding=False,
            add_bias_logits=False,
            add_final_layer_norm=False,
            pad_token_id=169,
            eos_token_id=0,
            bos_token_id=0,
            decoder_start_token_id=169,
            forced_eos_token_id=0,
        ),
        dict(
            num_beams=4,
            max_length=MAX_LENGTH,
            bad_words_ids=[[169]],
            renormalize_logits=True,
            forced_eos_token_id=0,
            pad_token_id=169,
            eos_token_id=0,
            bos_token_id=0,
            decoder_start_token_id=169,
        ),
        prefix=[],
        first=2,
        seed=11,
        end_wish=2.6,
    ),
    # facebook/bart-large-cnn
    "bart": family(
        BartForConditionalGeneration,
        BartConfig(
            vocab_size=160,
            max_position_embeddings=48,
            encoder_layers=2,
            decoder_layers=1,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            d_model=32,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            activation_function="gelu",
            scale_embedding=False,
            normalize_before=False,
            normalize_embedding=True,
            static_position_embeddings=False,
            add_bias_logits=False,
            add_final_layer_norm=False,
            forced_bos_token_id=0,
            forced_eos_token_id=2,
            **FAIRSEQ,
        ),
        dict(
            num_beams=4,
            length_penalty=2.0,
            min_length=12,
            max_length=MAX_LENGTH,
            no_repeat_ngram_size=3,
            early_stopping=True,
            forced_bos_token_id=0,
            forced_eos_token_id=2,
            **FAIRSEQ,
        ),
        prefix=[0],
        first=3,
        seed=12,
        end_wish=3.2,
    ),
    # facebook/mbart-large-50-many-to-one-mmt
    "mbart": family(
        MBartForConditionalGeneration,
        MBartConfig(
            vocab_size=160,
            max_position_embeddings=48,
            encoder_layers=1,
            decoder_layers=2,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            d_model=32,
            encoder_attention_heads=4,
            decoder_attention_heads=2,
            activation_function="gelu",
            scale_embedding=True,
            normalize_before=True,
            normalize_embedding=True,
            static_position_embeddings=False,
            add_bias_logits=False,
            add_final_layer_norm=True,
            forced_eos_token_id=2,
            tokenizer_class="MBart50Tokenizer",
            **FAIRSEQ,
        ),
        dict(
            num_beams=5,
            max_length=MAX_LENGTH,
            early_stopping=True,
            forced_bos_token_id=153,
            forced_eos_token_id=2,
            **FAIRSEQ,
        ),
        prefix=[157],
        first=4,
        seed=13,
        end_wish=2.0,
    ),
    # google/pegasus-cnn_dailymail
    "pegasus": family(
        PegasusForConditionalGeneration,
        PegasusConfig(
            vocab_size=170,
            max_position_embeddings=64,
            encoder_layers=1,
            decoder_layers=1,
            encoder_ffn_dim=64,
            decoder_ffn_dim=32,
            d_model=32,
            encoder_attention_heads=2,
            decoder_attention_heads=4,
            activation_function="relu",
            scale_embedding=True,
            normalize_before=True,
            normalize_embedding=False,
            static_position_embeddings=True,
            add_bias_logits=False,
            add_final_layer_norm=True,
            extra_pos_embeddings=1,
            bos_token_id=0,
            pad_token_id=0,
            eos_token_id=1,
            decoder_start_token_id=0,
            forced_eos_token_id=1,
        ),
        dict(
            num_beams=8,
            length_penalty=0.8,
            min_length=8,
            max_length=MAX_LENGTH,
            bos_token_id=0,
            pad_token_id=0,
            eos_token_id=1,
            decoder_start_token_id=0,
            forced_eos_token_id=1,
        ),
        prefix=[],
        first=2,
        seed=14,
        end_wish=4.2,
    ),
    # facebook/m2m100_418M
    "m2m100": family(
        M2M100ForConditionalGeneration,
        M2M100Config(
            vocab_size=170,
            max_position_embeddings=1024,
            encoder_layers=1,
            decoder_layers=1,
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            d_model=32,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            activation_function="relu",
            scale_embedding=True,
            normalize_before=True,
            **FAIRSEQ,
        ),
        dict(num_beams=5, max_length=MAX_LENGTH, early_stopping=True, forced_bos_token_id=162, **FAIRSEQ),
        prefix=[165],
        first=4,
        seed=15,
        end_wish=1.0,
    ),
    # facebook/nllb-200-distilled-600M
    "nllb": family(
        M2M100ForConditionalGeneration,
        M2M100Config(
            vocab_size=180,
            max_position_embeddings=1024,
            encoder_layers=2,
            decoder_layers=1,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            d_model=32,
            encoder_attention_heads=2,
            decoder_attention_heads=4,
            activation_function="relu",
            scale_embedding=True,
            max_length=MAX_LENGTH,
            tokenizer_class="NllbTokenizer",
            **FAIRSEQ,
        ),
        dict(max_length=MAX_LENGTH, forced_bos_token_id=171, **FAIRSEQ),
        prefix=[173],
        first=4,
        seed=16,
        end_wish=1.0,
    ),
}


# T5 as it first was (t5-small), and its version 1.1 (google/flan-t5-*): gated, with an output matrix of its own. Few
# buckets and a short distance, so that the inputs reach beyond it.
T5 = dict(
    vocab_size=160,
    d_model=32,
    d_ff=64,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=20,
    n_positions=64,
    pad_token_id=0,
    eos_token_id=1,
    decoder_start_token_id=0,
)
T5_GENERATION = dict(max_length=MAX_LENGTH, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)
FAMILIES |= {
    "t5": family(
        T5ForConditionalGeneration,
        T5Config(d_kv=8, num_layers=2, num_decoder_layers=1, num_heads=4, feed_forward_proj="relu", **T5),
        dict(
            num_beams=4, length_penalty=2.0, min_length=10, no_repeat_ngram_size=3, early_stopping=True, **T5_GENERATION
        ),
        prefix=[],
        first=3,
        seed=24,
        end_wish=1.0,
    ),
    "flan-t5": family(
        T5ForConditionalGeneration,
        T5Config(
            d_kv=16, num_layers=2, num_decoder_layers=2, num_heads=3, feed_forward_proj="gated-gelu",
            tie_word_embeddings=False, **T5,
        ),
        dict(num_beams=3, **T5_GENERATION),
        prefix=[],
        first=3,
        seed=25,
        end_wish=1.4,
    ),
}


@torch.no_grad()
def randomise(network, end_wish: float) -> None:
    """Gives every learnt parameter random values, so that a mistake with any of them shows in the
    results, and so that outputs end now and then."""
    config = network.config
    if config.model_type == "t5":
        if not config.scale_decoder_outputs:  # transformers 5 ties them all the same
            network.lm_head.weight = torch.nn.Parameter(torch.empty_like(network.shared.weight))
    elif not config.tie_word_embeddings:  # transformers 5 then ties nothing at all
        network.model.encoder.embed_tokens = network.model.decoder.embed_tokens = network.model.shared
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:  # sinusoidal positions
            continue
        if "norm" in name and name.endswith("weight"):
            parameter.normal_(mean=1.0, std=0.2)
        elif "relative_attention_bias" in name:
            parameter.normal_(std=1.0)
        elif name.endswith((".q.weight", ".k.weight")):
            parameter.normal_(std=0.2)  # products are not scaled
        elif "q_proj.weight" in name or "k_proj.weight" in name:
            parameter.normal_(std=0.5)  # else attention is nearly even, and outputs repeat themselves
        elif name.endswith("bias"):
            parameter.normal_(std=0.15)
        elif "embed" in name or "shared" in name or "lm_head" in name:
            parameter.normal_(std=0.3)
        else:
            # Large beside the embeddings, or a network with tied ones says its last word again.
            parameter.normal_(std=0.45)
    if config.model_type == "t5":  # nothing is added anywhere, so that outputs end by chance alone
        output = network.lm_head.weight
        output[config.eos_token_id] *= end_wish
        # Trained networks do not write padding: seeds are chosen so that these do not.
        output[config.pad_token_id] = 0.0
    elif hasattr(network, "final_logits_bias"):
        network.final_logits_bias.normal_(std=0.5)
        network.final_logits_bias[0, config.eos_token_id] = end_wish
        # Trained networks do not write padding.
        network.final_logits_bias[0, config.pad_token_id] = -9.0
    else:
        # Positions of these networks count only what is no padding, so it must not be written.
        network.model.shared.weight[config.pad_token_id] = 0.0
        network.model.decoder.layer_norm.bias += end_wish * network.lm_head.weight[config.eos_token_id]


def generate(network, ids, generation: GenerationConfig) -> dict:
    network.generation_config = generation
    found = network.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        generation_config=generation,
        return_dict_in_generate=True,
        output_scores=True,
    )
    out = found.sequences[0, 1:].tolist()
    if generation.num_beams == 1:
        logs = [scores[0].log_softmax(-1) for scores in found.scores]
        assert len(logs) == len(out)
        score = sum(float(log[id]) for log, id in zip(logs, out, strict=True)) / len(out)
    else:
        score = float(found.sequences_scores[0])
    return {"ids": out, "score": round(score, 6)}


@torch.no_grad()
def make(name: str) -> None:
    made = FAMILIES[name]
    torch.manual_seed(made["seed"])
    config = made["config"]
    network = made["network"](config).eval()
    randomise(network, made["end_wish"])
    own = GenerationConfig(**made["generation"])
    if own.num_beams is None:
        own.num_beams = 1
    start = dict(
        max_length=MAX_LENGTH,
        early_stopping=False,
        eos_token_id=config.eos_token_id,
        pad_token_id=config.pad_token_id,
        bos_token_id=getattr(config, "bos_token_id", None),
        decoder_start_token_id=config.decoder_start_token_id,
    )
    greedy = GenerationConfig(num_beams=1, **start)
    forced = FORCED_BOS if own.forced_bos_token_id is None else own.forced_bos_token_id
    beam4 = GenerationConfig(
        num_beams=4, length_penalty=1.3, no_repeat_ngram_size=3, forced_bos_token_id=forced, **start
    )

    # Content tokens: those below all special ones at the end of the vocabulary.
    specials = [*made["prefix"], own.forced_bos_token_id, config.pad_token_id, config.vocab_size]
    last = min(id for id in specials if id and id > 9)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "reference.jsonl", "w", encoding="utf-8") as file:
        for index, length in enumerate(LENGTHS):
            content = torch.randint(made["first"], last, (length,)).tolist()
            ids = made["prefix"] + content + [config.eos_token_id]
            entry = {"ids": ids}
            if index < WITH_LOGITS:
                random = torch.randint(made["first"], last, (DECODER_LENGTH - 1,)).tolist()
                entry["decoder_ids"] = [config.decoder_start_token_id, *random]
                logits = network(
                    input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([entry["decoder_ids"]])
                ).logits[0]
                entry["logits"] = [[round(value, 6) for value in row] for row in logits.tolist()]
            entry |= {
                "greedy": generate(network, ids, greedy),
                "beam4": generate(network, ids, beam4),
                "own": generate(network, ids, own),
            }
            results = [(key, entry[key]) for key in ("greedy", "beam4", "own")]
            print(name, *((key, len(one["ids"]), len(set(one["ids"])), one["score"]) for key, one in results))
            file.write(json.dumps(entry, separators=(",", ":")) + "\n")
    network.generation_config = GenerationConfig(**made["generation"])
    state = network.state_dict()
    if config.model_type == "t5":
        config.tie_word_embeddings = config.scale_decoder_outputs  # as the hub has it
        del config.scale_decoder_outputs
        for side in ("encoder", "decoder"):
            del state[f"{side}.embed_tokens.weight"]
        if config.tie_word_embeddings:
            del state["lm_head.weight"]
    elif not config.tie_word_embeddings:
        # As files of the hub have it: one table of both languages, and the output matrix.
        del state["model.encoder.embed_tokens.weight"], state["model.decoder.embed_tokens.weight"]
    network.save_pretrained(folder, state_dict=state)
    (folder / "model.safetensors").chmod(0o644)


if __name__ == "__main__":
    for name in sys.argv[1:] or FAMILIES:
        make(name)
