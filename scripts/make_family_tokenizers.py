#!/usr/bin/env python3
"""Makes crates/seq2seq/tests/fixtures/family-tokenizers: for each family of networks the tokenizer files of a small
folder, and for texts of all sorts what the reference makes of them (lines.jsonl in each folder).

    pip install sentencepiece tokenizers transformers && scripts/make_family_tokenizers.py

A line has `text`, and for each way of reading the folder the `ids` and the text `decoded` from them:
  json   tokenizer.json, by transformers' own class
  files  the other files: for BART by transformers' class, which makes the same of them; for the
         families with a SentencePiece model by Google's sentencepiece and the families' own
         numbering of its pieces, as transformers 4 has in its tokenizers in Python ("slow").
         transformers 5 has such a class for M2M100 alone, and it is asserted to agree.
Left out are special tokens spelt out in a text: precis takes them for text, transformers does not.
"""

import io
import json
import shutil
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
import tokenizers
import transformers
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES as M2M100_LANGUAGES
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES as MBART50_LANGUAGES
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES as NLLB_LANGUAGES

from make_tokenizer_fixtures import OWN_TEXTS, nasty_texts

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "crates" / "seq2seq" / "tests" / "fixtures" / "family-tokenizers"
SPECIAL = {"<s>", "</s>", "<pad>", "<unk>", "<mask>", "<mask_1>", "<mask_2>"}
# A small part of the rules of nmt_nfkc, which are 240 kB: from code points, tab, to code points.
RULES = {
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " ", "\t": " ", "\r": " ", "\u200b": " ",
    "\ufb01": "fi", "²": "2", "…": "...", "\u00ad": "", "\x01": "", "\ufeff": "",
    "e\u0301": "é", "a\u0300": "à", "E\u0301": "É", "c\u0327": "ç", "e\u0302": "ê",
}  # fmt: skip


def texts() -> list[str]:
    own = [text for text in OWN_TEXTS if len(text) < 130 and not any(special in text for special in SPECIAL)]
    decomposed = [unicodedata.normalize("NFD", text) for text in own[:8]]
    nasty = [text for text in nasty_texts(seed=2, count=40) if not any(special in text for special in SPECIAL)]
    return own + decomposed + [text for text in nasty if len(text) < 60]


def corpus() -> list[str]:
    lines = []
    for file in sorted((ROOT / "corpus").glob("*.txt")):
        try:
            lines += file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # some are there to show other encodings
            continue
    return [line for line in lines if line.strip()]


def train(**settings) -> bytes:
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as rules:
        for source, target in RULES.items():
            codes = [" ".join(f"{ord(character):X}" for character in side) for side in (source, target)]
            rules.write("\t".join(codes) + "\n")
        rules.flush()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus()),
            model_writer=model,
            hard_vocab_limit=False,
            num_threads=1,
            minloglevel=2,
            normalization_rule_tsv=rules.name,
            **settings,
        )
    return model.getvalue()


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def save_fast(tokenizer, folder: Path) -> None:
    """Writes only tokenizer.json, without white space."""
    backend = json.loads(tokenizer.backend_tokenizer.to_str())
    write_json(folder / "tokenizer.json", backend)


def by_pieces(model, id_of, piece_of, prefix, specials):
    """The Python tokenizers of transformers 4."""

    def run(text: str) -> dict:
        ids = prefix + [id_of(piece) for piece in model.encode(text, out_type=str)] + [specials["</s>"]]
        pieces = [piece_of(id) for id in ids if id not in specials.values()]
        return {"ids": ids, "decoded": model.decode(pieces).strip()}

    return run


def by_transformers(tokenizer):
    def run(text: str) -> dict:
        ids = tokenizer(text).input_ids
        return {"ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)}

    return run


def fairseq(model, languages, source):
    """One before each piece of the model, and four of its own instead of its three."""
    specials = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    specials |= {code: len(model) + 1 + index for index, code in enumerate(languages)}
    specials["<mask>"] = len(model) + 1 + len(languages)

    def id_of(piece):
        id = model.piece_to_id(piece)
        return id + 1 if id else 3

    return by_pieces(model, id_of, lambda id: model.id_to_piece(id - 1), [specials[source]], specials)


def write_lines(folder: Path, ways: dict) -> None:
    differing = 0
    with open(folder / "lines.jsonl", "w", encoding="utf-8", newline="\n") as out:
        for text in texts():
            line = {"text": text} | {name: way(text) for name, way in ways.items()}
            if line.get("json") == line.get("files"):
                # What both give is written once.
                line["both"] = line.pop("json")
                del line["files"]
            elif "json" in line and "files" in line:
                differing += 1
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{folder.name}: {len(texts())} lines, json and files differ in {differing}")


def fresh(name: str) -> Path:
    folder = FIXTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def make_bart() -> None:
    folder = fresh("bart")
    trained = tokenizers.ByteLevelBPETokenizer()
    trained.train_from_iterator(
        corpus(), vocab_size=400, min_frequency=2, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False
    )
    trained.save_model(str(folder))
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    vocabulary["<mask>"] = len(vocabulary)
    write_json(folder / "vocab.json", vocabulary)
    tokenizer = transformers.BartTokenizer.from_pretrained(folder)
    save_fast(tokenizer, folder)
    write_lines(folder, {"json": by_transformers(tokenizer), "files": by_transformers(tokenizer)})


def as_on_the_hub(folder: Path, languages, source: str):
    """Gives NLLB's tokenizer.json the languages that folders of the hub have in it, and that
    transformers 5 leaves out when it makes the file of a SentencePiece model."""
    backend = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    mask = backend["added_tokens"].pop()
    assert mask["content"] == "<mask>" and mask["id"] == len(backend["model"]["vocab"])
    for token in [*languages, "<mask>"]:
        lstrip = token == "<mask>"
        new = mask | {"id": mask["id"], "content": token, "lstrip": lstrip, "normalized": lstrip}
        backend["added_tokens"].append(new)
        mask["id"] += 1
    # What a folder's file may also ask for, and precis must not do.
    backend["truncation"] = {"direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 0}
    backend["padding"] = {
        "strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": None,
        "pad_id": 1, "pad_type_id": 0, "pad_token": "<pad>",
    }  # fmt: skip
    backend["post_processor"] = None
    write_json(folder / "tokenizer.json", backend)
    reader = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    reader.no_truncation()
    reader.no_padding()
    prefix, end = reader.token_to_id(source), reader.token_to_id("</s>")

    def run(text: str) -> dict:
        ids = [prefix, *reader.encode(text).ids, end]
        return {"ids": ids, "decoded": reader.decode(ids, skip_special_tokens=True)}

    return run


def make_fairseq(name: str, model: bytes, languages, source: str, kind) -> None:
    folder = fresh(name)
    (folder / "sentencepiece.bpe.model").write_bytes(model)
    reader = sentencepiece.SentencePieceProcessor(model_proto=model)
    tokenizer = kind.from_pretrained(folder, src_lang=source)
    save_fast(tokenizer, folder)
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": kind.__name__})
    by_json = by_transformers(tokenizer) if name == "mbart50" else as_on_the_hub(folder, languages, source)
    write_lines(folder, {"json": by_json, "files": fairseq(reader, languages, source)})


def make_pegasus(model: bytes) -> None:
    folder = fresh("pegasus")
    (folder / "spiece.model").write_bytes(model)
    reader = sentencepiece.SentencePieceProcessor(model_proto=model)
    tokenizer = transformers.PegasusTokenizer.from_pretrained(folder)
    save_fast(tokenizer, folder)
    specials = {"<pad>": 0, "</s>": 1, "<mask_1>": 2, "<mask_2>": 3}
    specials |= {f"<unk_{index}>": index + 2 for index in range(2, 103)}
    specials["<unk>"] = 105
    files = by_pieces(
        reader, lambda piece: reader.piece_to_id(piece) + 103, lambda id: reader.id_to_piece(id - 103), [], specials
    )
    write_lines(folder, {"json": by_transformers(tokenizer), "files": files})


def make_t5(model: bytes) -> None:
    folder = fresh("t5")
    (folder / "spiece.model").write_bytes(model)
    reader = sentencepiece.SentencePieceProcessor(model_proto=model)
    tokenizer = transformers.T5Tokenizer.from_pretrained(folder)
    save_fast(tokenizer, folder)
    specials = {"<pad>": 0, "</s>": 1, "<unk>": 2}
    specials |= {f"<extra_id_{index}>": len(reader) + 99 - index for index in range(100)}
    files = by_pieces(reader, reader.piece_to_id, reader.id_to_piece, [], specials)
    write_lines(folder, {"json": by_transformers(tokenizer), "files": files})


def make_m2m100(model: bytes) -> None:
    folder = fresh("m2m100")
    (folder / "sentencepiece.bpe.model").write_bytes(model)
    reader = sentencepiece.SentencePieceProcessor(model_proto=model)
    # As in fairseq's dictionaries, the order is not the model's, and some of its pieces are missing.
    pieces = [reader.id_to_piece(id) for id in range(3, len(reader))]
    pieces = [piece for index, piece in enumerate(reversed(pieces)) if index % 40 != 7]
    vocabulary = {piece: id for id, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *pieces])}
    write_json(folder / "vocab.json", vocabulary)
    specials = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    specials |= {code: len(vocabulary) + index for index, code in enumerate(M2M100_LANGUAGES["m2m100"])}
    by_id = {id: piece for piece, id in vocabulary.items()}
    files = by_pieces(reader, lambda piece: vocabulary.get(piece, 3), by_id.get, [specials["fr"]], specials)
    slow = by_transformers(transformers.M2M100Tokenizer.from_pretrained(folder, src_lang="fr"))
    for text in texts():
        # Without a list of special tokens in the folder, transformers 5 does not skip the language's.
        found = slow(text)
        assert found | {"decoded": found["decoded"].removeprefix("__fr__").strip()} == files(text), text
    write_lines(folder, {"files": files})


def main() -> None:
    fairseq_ids = dict(unk_id=0, bos_id=1, eos_id=2, pad_id=-1)
    unigram = train(model_type="unigram", vocab_size=300, **fairseq_ids)
    bpe = train(model_type="bpe", vocab_size=330, **fairseq_ids)
    make_bart()
    make_fairseq("mbart50", unigram, MBART50_LANGUAGES, "fr_XX", transformers.MBart50Tokenizer)
    make_fairseq("nllb", bpe, NLLB_LANGUAGES, "fra_Latn", transformers.NllbTokenizer)
    padded = train(model_type="unigram", vocab_size=300, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    make_pegasus(padded)
    make_t5(padded)
    make_m2m100(bpe)


if __name__ == "__main__":
    main()
