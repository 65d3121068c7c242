#!/usr/bin/env python3
"""Makes crates/seq2seq/tests/fixtures/tokenizer: small SentencePiece models and, for texts of all sorts, what
Google's sentencepiece makes of them (crates/seq2seq/tests/it/tokenizer.rs checks that seq2seq makes the same).

    pip install sentencepiece && scripts/make_tokenizer_fixtures.py

Run it again only if the texts or the models are to change, and read the difference.
"""

import io
import json
import random
import struct
import unicodedata
from pathlib import Path

import sentencepiece

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "crates" / "seq2seq" / "tests" / "fixtures" / "tokenizer"
UNUSED = 5


def train(corpus: Path, **settings) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus.read_text(encoding="utf-8").splitlines()),
        model_writer=model,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
        **settings,
    )
    return model.getvalue()


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def message(field: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def mark_unused(model: bytes, model_reader, every: int) -> bytes:
    """Gives every n-th ordinary piece of several characters the type UNUSED, as
    `spm_encode --vocabulary` does. Pieces come first in the file, as field 1 of the message."""
    out, at = b"", 0
    for index in range(model_reader.get_piece_size()):
        piece = model_reader.id_to_piece(index)
        content = message(1, piece.encode()) + b"\x15" + struct.pack("<f", model_reader.get_score(index))
        entry = message(1, content)
        if not model.startswith(entry, at):  # of another type than NORMAL: copied as it is
            entry = model[at : at + 2 + model[at + 1]]
            out += entry
        elif len(piece) > 2 and index % every == 0:
            out += message(1, content + b"\x18" + bytes([UNUSED]))
        else:
            out += entry
        at += len(entry)
    return out + model[at:]


def models() -> dict[str, bytes]:
    corpus = ROOT / "corpus" / "belarus.txt"
    symbols = ["États-Unis", "<date>", "ss", "sson"]
    bpe = train(
        corpus,
        model_type="bpe",
        vocab_size=400,
        normalization_rule_name="identity",
        user_defined_symbols=symbols,
        control_symbols=["<hl>"],
    )
    reader = sentencepiece.SentencePieceProcessor(model_proto=bpe)
    return {
        "bpe": mark_unused(bpe, reader, every=5),
        "unigram-bytes": train(
            corpus,
            model_type="unigram",
            vocab_size=600,
            normalization_rule_name="identity",
            byte_fallback=True,
            user_defined_symbols=symbols,
            control_symbols=["<hl>"],
        ),
        "bpe-suffix": train(
            corpus,
            model_type="bpe",
            vocab_size=500,
            normalization_rule_name="identity",
            byte_fallback=True,
            remove_extra_whitespaces=False,
            treat_whitespace_as_suffix=True,
        ),
    }


def nasty_texts(seed: int, count: int) -> list[str]:
    """Returns texts that break tokenizers; the same seed gives the same texts."""
    rng = random.Random(seed)
    alphabets = [
        "abcdeéèàçœ'-., ",
        "e\u0301a\u0300c\u0327n\u0303 oO\u0308\u0323\u0307",  # decomposed, and in odd order
        "0123456789,. \u00a0\u202f%€",
        "👩\u200d👩👧\u200d👦🏽🇫🇷🇧🇾❤\ufe0f ",
        "Беларусь Лукашэнка їў ",
        "한국어 각\u1100\u1161\u11a8 日本語ｶﾞ ﾊﾟ漢字、。",
        "ﬁﬀ①½²㎏Ⅷ…«»“”’–—\u00ad\u200b\ufeff ",
        " \t\u00a0\u2003\u3000\u2009\u2581\u1680\u2028",
        "".join(chr(c) for c in range(1, 0x20)) + "\x7f\x80\x85\x9f ab",
        "ሰላም שלום مرحبا ไทย ᚠᚢᚦ 𐎠𒀀𝔸 ꦄ ",
        "</s><unk><pad><hl><0x41>▁>>fra<<",
    ]
    texts = []
    for index in range(count):
        alphabet = alphabets[index % len(alphabets)]
        if rng.random() < 0.4:
            alphabet += rng.choice(alphabets)
        length = rng.choice([1, 2, 3, 8, 25, 60])
        parts = rng.choices(alphabet, k=length)
        if rng.random() < 0.2:
            parts += [
                chr(rng.choice([rng.randrange(1, 0xD800), rng.randrange(0xE000, 0x110000)])) for _ in range(length)
            ]
            rng.shuffle(parts)
        texts.append("".join(parts))
    return texts


OWN_TEXTS = [
    *"""\
Le président a reçu mercredi les représentants de l'opposition à Minsk.
« Nous n'avons rien demandé », a déclaré Mme Durand, 47 ans, devant la presse.
Le chiffre d'affaires a progressé de 3,5 % à 1 200 millions d'euros en 2024.
M. Lefèvre (Parti du centre) s'est abstenu ; ses collègues, non.
Qu'est-ce que c'est que ça ? Aujourd'hui, l'œuvre coûte 12 €.
LES PRISONNIERS LIBÉRÉS SONT ARRIVÉS À VILNIUS
Rendez-vous le 1er mars à 20h30, 14 bis rue de l'Église, 75011 Paris.
Écrivez à redaction@exemple.fr ou voyez https://exemple.fr/a?b=c&d=%20#e.
The president received the opposition's representatives in Minsk on Wednesday.
"We asked for nothing," Ms Durand, 47, told reporters.
Revenue rose 3.5% to 1,200 million euros in 2024; it's their best year.
He didn't say who'd been freed, nor why they'd waited.
Tom & Jerry's <b>bold</b> text -- with dashes --- and ... dots.
anticonstitutionnellement hexakosioihexekontahexaphobie
Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft
x² + y² = z², π ≈ 3,14159, ∑ n⁻¹ = ∞
Île-de-France, Haïti, Noël, maïs, aiguë, cœur, Ÿ, Æ
  deux  espaces   au début et à la fin\u0020\u0020
\u00a0insécable\u202ffine\u2009et\u3000pleine\u00a0
tabulation\tet retour\rchariot
a\u00adb\u200bc\u200dd\ufeffe
100 000 000,00 12/09/2025 11h 3e 2ᵉ n° 5 № 6
🙂 👍🏽 👩‍👩‍👧‍👦 🇫🇷 ❤️ ☕️ 1️⃣
中文 日本語 한국어 العربية עברית हिन्दी ไทย Ελληνικά Русский ქართული
</s> <unk> <pad> <s> <hl> <sum> >>fra<< ▁ ▁a
""".splitlines(),
    "",
    " ",
    "\u3000",
    "\u00a0 \t",
    "a" * 300,
    "é" * 200,
    "🙂" * 60,
    " a" * 100,
]


def describe(model, text: str) -> dict:
    ids = model.encode(text)
    described = {"ids": ids, "decoded": model.decode(ids)}
    if model.unk_id() in ids:  # else the pieces follow from the ids
        described["pieces"] = model.encode(text, out_type=str)
    return described


def main() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name, model in models().items():
        (FIXTURES / f"{name}.spm").write_bytes(model)
    paths = {"fr-en-tiny": ROOT / "models" / "fr-en-tiny" / "source.spm"}
    paths |= {path.stem: path for path in sorted(FIXTURES.glob("*.spm"))}
    readers = {
        name: sentencepiece.SentencePieceProcessor(model_file=str(path)) for name, path in paths.items()
    }
    decomposed = [unicodedata.normalize("NFD", text) for text in OWN_TEXTS[:20]]
    with open(FIXTURES / "lines.jsonl", "w", encoding="utf-8", newline="\n") as out:
        for text in OWN_TEXTS + decomposed + nasty_texts(seed=1, count=240):
            line = {"text": text} | {name: describe(model, text) for name, model in readers.items()}
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
