#!/usr/bin/env python3
"""Compares precis with other programs that run MarianMT models on the processor.

    python3 -m venv .venv && .venv/bin/pip install -r scripts/bench_peers.requirements.txt
    cargo build --release --examples --bins
    .venv/bin/python scripts/bench_peers.py --source FILE.fr --reference FILE.en

Peers: precis (f32, int8), CTranslate2 (f32, int8), transformers on PyTorch (f32, bf16), candle's
own Marian model (f32, greedy only). All translate the same sentences, as precis reads them, with
the same model and beam, on two threads. First each peer's best batching and switches are found by
trying; then the peers run one after the other, round by round, so that a busy moment of the machine
meets all of them. Prints Markdown; docs/benchmarks.md says what is measured and how.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench_peers.peers import ISA, ROOT, Peer, Result, Settings, Task, all_peers
from bench_peers.report import bleu, machine, markdown, versions

# Settings that take so many times the best so far are not tried a second time.
HOPELESS = 1.5
# Some switches are slower by an order of magnitude, so few sentences have to do for those.
SWITCH_SENTENCES = 24


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--source", type=Path, required=True, metavar="FILE", help="French, a sentence a line")
    add("--reference", type=Path, metavar="FILE", help="the same in English")
    add("--no-bleu", action="store_true", help="give no BLEU, as for random weights")
    add("--model", type=Path, default=ROOT / "models" / "fr-en-tiny", metavar="DIR")
    add("--precis", type=Path, default=ROOT / "target" / "release" / "precis", metavar="FILE")
    add(
        "--normalize",
        type=Path,
        default=ROOT / "target" / "release" / "examples" / "normalize",
        metavar="FILE",
        help="the example that gives text as precis's network reads it",
    )
    add("--sentences", type=int, default=1000, metavar="N", help="how many at the most")
    add("--scan-sentences", type=int, default=400, metavar="N", help="for finding settings")
    add("--settings", type=Path, metavar="FILE", help="take settings from an earlier --json FILE")
    add("--beam", type=int, nargs="+", default=[1, 4], metavar="N")
    add("--rounds", type=int, default=5, metavar="N")
    add("--isa", choices=ISA, default="native", help="keep all peers to these instructions")
    add("--peers", metavar="A,B", help="only these peers")
    add("--json", type=Path, metavar="FILE", help="write every run's numbers")
    arguments = parser.parse_args()
    if not arguments.no_bleu and not arguments.reference:
        parser.error("give --reference FILE or --no-bleu")
    return arguments


def tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def first_lines(path: Path, count: int) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[:count]


def normalized(binary: Path, lines: list[str]) -> list[str]:
    told = subprocess.run(
        [binary], input="\n".join(lines) + "\n", capture_output=True, encoding="utf-8", check=True
    )
    return told.stdout.splitlines()


def choose(names: str | None, peers: dict[str, Peer]) -> list[Peer]:
    wanted = names.split(",") if names else list(peers)
    if unknown := set(wanted) - set(peers):
        raise SystemExit(f"no such peer: {', '.join(unknown)}; there are {', '.join(peers)}")
    return [peers[name] for name in wanted]


def best(peer: Peer, task: Task, beam: int, candidates: list[Settings]) -> Settings:
    if len(candidates) == 1:
        return candidates[0]
    found, least = candidates[0], float("inf")
    for settings in candidates:
        seconds = peer.run(task, beam, settings).seconds
        if seconds < HOPELESS * least:
            seconds = min(seconds, peer.run(task, beam, settings).seconds)
        tell(f"  {peer.name}, beam {beam}, {settings}: {seconds:.2f} s")
        if seconds < least:
            found, least = settings, seconds
    return found


def find_settings(peer: Peer, task: Task, beam: int) -> Settings:
    """Finds the best switches with the first way of batching, then the best way of batching with them."""
    batches = peer.batches()
    switches = [Settings(batches[0], environment) for environment in peer.environments()]
    environment = best(peer, task.part(SWITCH_SENTENCES), beam, switches).environment
    return best(peer, task, beam, [Settings(batch, environment) for batch in batches])


def earlier_settings(path: Path, beam: int) -> dict[str, Settings]:
    found = json.loads(path.read_text(encoding="utf-8"))["settings"][str(beam)]
    return {name: Settings(**settings) for name, settings in found.items()}


def compare(
    peers: list[Peer], settings: dict[str, Settings], task: Task, beam: int, rounds: int
) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Returns the numbers of every run and the translations of each peer."""
    entries: list[dict[str, Any]] = []
    translations: dict[str, list[str]] = {}
    for number in range(rounds):
        first = number % len(peers)
        for peer in peers[first:] + peers[:first]:
            load = os.getloadavg()[0]
            result = peer.run(task, beam, settings[peer.name])
            tell(f"  round {number + 1}, {peer.name}, beam {beam}: {result.seconds:.2f} s")
            translations[peer.name] = result.translations
            entries.append(entry(peer, task, beam, number, load, result))
    return entries, translations


def entry(
    peer: Peer, task: Task, beam: int, number: int, load: float, result: Result
) -> dict[str, Any]:
    numbers = {key: value for key, value in asdict(result).items() if key != "translations"}
    place = {"peer": peer.name, "beam": beam, "round": number + 1, "load": load}
    return place | numbers | {"source_tokens": sum(task.lengths)}


def main() -> None:
    arguments = parse()
    lines = first_lines(arguments.source, arguments.sentences)
    task = Task.of(arguments.model, normalized(arguments.normalize, lines), arguments.isa)
    scan = task.part(arguments.scan_sentences)
    data: dict[str, Any] = {
        "machine": machine(),
        "versions": versions(arguments.precis),
        "isa": arguments.isa,
        "model": arguments.model.name,
        "sentences": len(task.sentences),
        "source_tokens": sum(task.lengths),
        "settings": {},
        "rounds": [],
        "bleu": {},
    }
    with tempfile.TemporaryDirectory() as scratch:
        peers = choose(
            arguments.peers, all_peers(arguments.precis, arguments.model, Path(scratch))
        )
        for peer in peers:
            peer.prepare(task)
        translations: dict[int, dict[str, list[str]]] = {}
        for beam in arguments.beam:
            able = [peer for peer in peers if peer.beams is None or beam in peer.beams]
            if arguments.settings:
                settings = earlier_settings(arguments.settings, beam)
            else:
                settings = {peer.name: find_settings(peer, scan, beam) for peer in able}
            entries, translations[beam] = compare(able, settings, task, beam, arguments.rounds)
            data["settings"][str(beam)] = {
                peer.name: asdict(settings[peer.name]) for peer in able
            }
            data["rounds"] += entries
    # Only now, because what this process holds counts in the memory of those that it starts.
    if not arguments.no_bleu:
        reference = first_lines(arguments.reference, arguments.sentences)
        data["bleu"] = {str(beam): bleu(texts, reference) for beam, texts in translations.items()}
    if arguments.json:
        arguments.json.write_text(json.dumps(data, indent=1), encoding="utf-8")
    print(markdown(data))


if __name__ == "__main__":
    main()
